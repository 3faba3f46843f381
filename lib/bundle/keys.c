/* SPDX-License-Identifier: Apache-2.0 */
/* A station's own files: where they are, and the key files of a signer. */
#include <picket/age.h>
#include <picket/msg.h>
#include <picket/roster.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_KEY_FILE 16384
#define SUFFIX ".signkey"

int pk_station_path(const char *what, struct pk_buf *ret, struct pk_err *err)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	/* a relative XDG_CONFIG_HOME is invalid and to be ignored */
	if (xdg && xdg[0] == '/')
		pk_buf_putf(ret, "%s/picket/%s", xdg, what);
	else if (home && home[0])
		pk_buf_putf(ret, "%s/.config/picket/%s", home, what);
	else
		return pk_fail(err, PK_EUSAGE, 0, "neither XDG_CONFIG_HOME nor HOME is set: say where with --roster");
	return pk_buf_check(ret, err);
}

void pk_keys_done(struct pk_keys *k)
{
	free(k->stem);
	pk_minisign_key_done(&k->sign);
	pk_note_key_done(&k->note);
	pk_note_key_done(&k->cosign);
	pk_party_done(&k->party);
	*k = (struct pk_keys){0};
}

static PK_NODISCARD int find_stem(const char *signer, const char *keys_dir, char **ret, struct pk_err *err)
{
	struct pk_str s = pk_str(signer);
	const char *const dirs[] = {".", keys_dir};

	if (pk_str_ends(s, PK_STR(SUFFIX)))
		s.n -= sizeof(SUFFIX) - 1;
	else if (!strchr(signer, '/'))
		for (size_t i = 0; i < PK_LEN(dirs) && dirs[i]; i++) {
			PK_AUTO(pk_buf) path = {0};

			pk_buf_putf(&path, "%s/%s" SUFFIX, dirs[i], signer);
			if (pk_buf_check(&path, err) < 0)
				return -1;
			if (access(path.p, F_OK) == 0) {
				*ret = pk_str_dup(pk_str_n(path.p, path.n - (sizeof(SUFFIX) - 1)));
				return *ret ? 0 : pk_fail_oom(err);
			}
		}
	if (!strchr(signer, '/') && !pk_str_ends(pk_str(signer), PK_STR(SUFFIX)))
		return pk_fail(err, PK_EUSAGE, 0, "no signing key '%s" SUFFIX "' in '.'%s%s%s", signer,
			       keys_dir ? " or '" : "", keys_dir ? keys_dir : "", keys_dir ? "'" : "");
	*ret = pk_str_dup(s);
	return *ret ? 0 : pk_fail_oom(err);
}

/* stem + suffix; *ret_there false and no error when it is optional and missing. */
static PK_NODISCARD int sibling(const char *stem, const char *suffix, struct pk_buf *ret, bool *ret_there,
				struct pk_err *err)
{
	pk_buf_reset(ret);
	pk_buf_putf(ret, "%s%s", stem, suffix);
	if (pk_buf_check(ret, err) < 0)
		return -1;
	*ret_there = access(ret->p, F_OK) == 0;
	return 0;
}

/* A note key of a party with a passphrase is kept as an age file under that same passphrase. */
static PK_NODISCARD int unseal(const char *path, const struct pk_secret *pass, struct pk_secret *ret,
			       struct pk_err *err)
{
	PK_AUTOPTR(pk_age_identities) ids = NULL;
	PK_AUTOPTR(pk_age_reader) reader = NULL;
	PK_AUTO(pk_secret) text = {0};
	pk_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t n = 0, got = 1;

	if (fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open '%s'", path);
	if (pk_secret_new(&text, MAX_KEY_FILE, err) < 0 || pk_age_identities_new(&ids, err) < 0 ||
	    pk_age_identities_add_passphrase(ids, pk_str_n(pass->p, pass->n), err) < 0 ||
	    pk_age_reader_new(fd, ids, NULL, &reader, err) < 0)
		return -1;
	while (got && n < text.n) {
		if (pk_age_read(reader, text.p + n, text.n - n, &got, err) < 0)
			return -1;
		n += got;
	}
	return pk_secret_copy(ret, text.p, n, err);
}

static PK_NODISCARD int load_note(struct pk_keys *k, struct pk_note_key *key, enum pk_note_alg alg, const char *path,
				  struct pk_secret *pass, int passphrase_fd, struct pk_err *err)
{
	PK_AUTO(pk_secret) text = {0}, clear = {0};
	bool loose = false;

	if (pk_secret_read_path(&text, path, MAX_KEY_FILE, &loose, err) < 0)
		return -1;
	k->loose |= loose;
	if (!pk_str_starts(pk_str_n(text.p, text.n), PK_STR("age-encryption.org/")))
		return pk_note_key_parse(key, alg, pk_str_n(text.p, text.n), err);
	if (!pass->p && pk_secret_ask(pass, "Passphrase of the note key: ", false, passphrase_fd, err) < 0)
		return -1;
	if (unseal(path, pass, &clear, err) < 0)
		return -1;
	return pk_note_key_parse(key, alg, pk_str_n(clear.p, clear.n), err);
}

/* All files of one stem belong to one party. */
static PK_NODISCARD int check_party(const struct pk_keys *k, const char *path, struct pk_err *err)
{
	const struct pk_party *p = &k->party;

	if (!p->has_sign || !pk_minisign_pub_eq(&p->sign, &k->sign.pub))
		return pk_fail(err, PK_EFORMAT, 0, "'%s' is not the party of '%s" SUFFIX "'", path, k->stem);
	if (k->has_note && (!p->has_note || memcmp(&p->note.key, &k->note.pub.key, sizeof(p->note.key)) != 0))
		return pk_fail(err, PK_EFORMAT, 0, "'%s' is not the party of '%s.notekey'", path, k->stem);
	if (k->has_cosign && (!p->has_cosign || memcmp(&p->cosign.key, &k->cosign.pub.key, sizeof(p->cosign.key)) != 0))
		return pk_fail(err, PK_EFORMAT, 0, "'%s' is not the party of '%s.cosignkey'", path, k->stem);
	return 0;
}

static PK_NODISCARD int load(const char *signer, const char *keys_dir, int passphrase_fd, struct pk_keys *ret,
			     struct pk_err *err)
{
	PK_AUTO(pk_keys) k = {0};
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_secret) text = {0}, pass = {0};
	bool there = false;
	struct pk_str s;

	if (find_stem(signer, keys_dir, &k.stem, err) < 0 || sibling(k.stem, SUFFIX, &path, &there, err) < 0)
		return -1;
	if (pk_secret_read_path(&text, path.p, MAX_KEY_FILE, &k.loose, err) < 0)
		return -1;
	s = pk_str_n(text.p, text.n);
	if (pk_minisign_key_is_locked(s) &&
	    pk_secret_ask(&pass, "Passphrase of the signing key: ", false, passphrase_fd, err) < 0)
		return -1;
	if (pk_minisign_key_open(&k.sign, s, pass.p ? &pass : NULL, err) < 0)
		return pk_wrap(err, "%s", path.p);
	if (sibling(k.stem, ".notekey", &path, &k.has_note, err) < 0)
		return -1;
	if (k.has_note && load_note(&k, &k.note, PK_NOTE_SIGN, path.p, &pass, passphrase_fd, err) < 0)
		return pk_wrap(err, "%s", path.p);
	if (sibling(k.stem, ".cosignkey", &path, &k.has_cosign, err) < 0)
		return -1;
	if (k.has_cosign && load_note(&k, &k.cosign, PK_NOTE_COSIGN, path.p, &pass, passphrase_fd, err) < 0)
		return pk_wrap(err, "%s", path.p);
	if (sibling(k.stem, ".party", &path, &k.has_party, err) < 0)
		return -1;
	if (k.has_party && (pk_party_read(path.p, &k.party, err) < 0 || check_party(&k, path.p, err) < 0))
		return -1;
	*ret = k;
	k = (struct pk_keys){0};
	return 0;
}

int pk_station_keys(const char *signer, int passphrase_fd, const struct pk_events *ev, struct pk_keys *ret,
		    struct pk_err *err)
{
	PK_AUTO(pk_buf) dir = {0};
	struct pk_err why = {0};
	bool has_dir = pk_station_path("keys", &dir, &why) == 0;

	if (!has_dir && why.kind != PK_EUSAGE) {
		if (err)
			*err = why;
		return -1;
	}
	if (load(signer, has_dir ? dir.p : NULL, passphrase_fd, ret, err) < 0)
		return -1;
	if (ret->loose)
		pk_event_warn(ev, "others can read the secret keys '%s.*': chmod 600", ret->stem);
	return 0;
}
