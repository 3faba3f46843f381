/* SPDX-License-Identifier: Apache-2.0 */
/* Identities: secret keys and passphrases, files of them, and which of them opens a header. */
#include "age_int.h"
#include "bech32.h"

#include <picket/limits.h>
#include <picket/msg.h>

#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

static const char x25519_hrp[] = "AGE-SECRET-KEY-";
static const char hybrid_hrp[] = "AGE-SECRET-KEY-PQ-";

struct key {
	enum age_kind kind; /* AGE_X25519 or AGE_HYBRID */
	struct pk_secret secret;
	uint8_t pub[32]; /* of X25519 alone; a hybrid secret holds its own */
};

struct pk_age_identities {
	struct key *keys;
	size_t n, cap;
	struct pk_secret *passes;
	size_t n_passes, cap_passes;
	bool prompt;
	int prompt_fd;
};

int pk_age_identities_new(struct pk_age_identities **ret, struct pk_err *err)
{
	struct pk_age_identities *ids;

	if (pk_crypto_init(err) < 0)
		return -1;
	ids = calloc(1, sizeof(*ids));
	if (!ids)
		return pk_fail_oom(err);
	*ret = ids;
	return 0;
}

void pk_age_identities_free(struct pk_age_identities *ids)
{
	if (!ids)
		return;
	for (size_t i = 0; i < ids->n; i++)
		pk_secret_done(&ids->keys[i].secret);
	for (size_t i = 0; i < ids->n_passes; i++)
		pk_secret_done(&ids->passes[i]);
	free(ids->keys);
	free(ids->passes);
	free(ids);
}

static int decode_x25519(struct key *k, struct pk_str text, struct pk_err *err)
{
	if (pk_secret_new(&k->secret, 32, err) < 0)
		return -1;
	if (pk_bech32_decode(text, PK_STR(x25519_hrp), k->secret.p, 32, err) < 0)
		return pk_wrap(err, "malformed identity");
	crypto_scalarmult_base(k->pub, k->secret.p);
	return 0;
}

static int decode_hybrid(struct key *k, struct pk_str text, struct pk_err *err)
{
	PK_AUTO(pk_secret) seed = {0};
	uint8_t pub[XWING_PUBLIC];

	if (pk_secret_new(&k->secret, XWING_SECRET, err) < 0 || pk_secret_new(&seed, XWING_SEED, err) < 0)
		return -1;
	if (pk_bech32_decode(text, PK_STR(hybrid_hrp), seed.p, XWING_SEED, err) < 0)
		return pk_wrap(err, "malformed identity");
	pk_xwing_keys(pub, k->secret.p, seed.p);
	return 0;
}

int pk_age_identities_add(struct pk_age_identities *ids, struct pk_str text, struct pk_err *err)
{
	struct key k = {.kind = pk_str_starts(text, PK_STR("AGE-SECRET-KEY-PQ-1")) ? AGE_HYBRID : AGE_X25519};

	if (pk_str_starts(text, PK_STR("AGE-PLUGIN-")))
		return pk_fail(err, PK_EFORMAT, 0, "a plugin's identity, which is not supported");
	if (pk_str_starts(text, PK_STR("age1")))
		return pk_fail(err, PK_EFORMAT, 0, "this is a recipient: the identity that belongs to it is needed");
	if (!pk_grow(&ids->keys, &ids->cap, ids->n + 1, sizeof(*ids->keys)))
		return pk_fail_oom(err);
	if ((k.kind == AGE_HYBRID ? decode_hybrid : decode_x25519)(&k, text, err) < 0) {
		pk_secret_done(&k.secret);
		return -1;
	}
	ids->keys[ids->n++] = k;
	return 0;
}

int pk_age_identities_add_passphrase(struct pk_age_identities *ids, struct pk_str pass, struct pk_err *err)
{
	if (!pk_grow(&ids->passes, &ids->cap_passes, ids->n_passes + 1, sizeof(*ids->passes)))
		return pk_fail_oom(err);
	ids->passes[ids->n_passes] = (struct pk_secret){0};
	if (pk_secret_copy(&ids->passes[ids->n_passes], pass.p, pass.n, err) < 0)
		return -1;
	ids->n_passes++;
	return 0;
}

void pk_age_identities_prompt(struct pk_age_identities *ids, int passphrase_fd)
{
	ids->prompt = true;
	ids->prompt_fd = passphrase_fd;
}

static int add_lines(struct pk_age_identities *ids, struct pk_str text, struct pk_err *err)
{
	struct pk_str line;
	size_t before = ids->n, number = 0;

	if (pk_str_starts(text, PK_STR("-----BEGIN ")))
		return pk_fail(err, PK_EFORMAT, 0,
			       "a key of another program, which is not supported: use an age identity");
	while (pk_str_line(&text, &line)) {
		number++;
		line = pk_str_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (pk_age_identities_add(ids, line, err) < 0)
			return pk_wrap(err, "line %zu", number);
	}
	if (ids->n == before)
		return pk_fail(err, PK_EFORMAT, 0, "holds no identity");
	return 0;
}

/* A passphrase is asked for only where one can help. */
static int check_sealed(struct pk_str sealed, struct pk_err *err)
{
	PK_AUTO(age_source) src = {.fd = -1};
	PK_AUTO(age_header) h = {0};

	if (age_source_open_mem(&src, sealed, err) < 0 || age_header_read(&h, &src, err) < 0)
		return -1;
	if (h.stanzas[0].kind != AGE_SCRYPT)
		return pk_fail(err, PK_EFORMAT, 0,
			       "an age file that is sealed to a key, not by a passphrase: open it first, with "
			       "'picket-bundle decrypt'");
	return 0;
}

/* An identity file that is itself an age file. */
static int add_sealed(struct pk_age_identities *ids, const char *path, struct pk_str sealed, int passphrase_fd,
		      struct pk_err *err)
{
	PK_AUTOPTR(pk_age_identities) opener = NULL;
	PK_AUTOPTR(pk_age_reader) reader = NULL;
	PK_AUTO(pk_secret) plain = {0};
	PK_AUTO(pk_secret) pass = {0};
	PK_AUTO(pk_buf) prompt = {0};
	size_t have = 0, got = 0;

	pk_buf_puts(&prompt, "Passphrase for '");
	pk_buf_put_safe(&prompt, pk_str(path));
	pk_buf_puts(&prompt, "': ");
	if (check_sealed(sealed, err) < 0 || pk_buf_check(&prompt, err) < 0 ||
	    pk_age_identities_new(&opener, err) < 0 || pk_secret_ask(&pass, prompt.p, false, passphrase_fd, err) < 0 ||
	    pk_age_identities_add_passphrase(opener, pk_str_n(pass.p, pass.n), err) < 0 ||
	    age_reader_new_mem(sealed, opener, &reader, err) < 0 || pk_secret_new(&plain, sealed.n, err) < 0)
		return -1;
	do { /* plain bytes are always fewer than sealed ones */
		if (pk_age_read(reader, plain.p + have, plain.n - have, &got, err) < 0)
			return -1;
		have += got;
	} while (got);
	return add_lines(ids, pk_str_n(plain.p, have), err);
}

static bool is_stdin(const char *path) { return strcmp(path, "-") == 0; }

int pk_age_identities_add_file(struct pk_age_identities *ids, const char *path, int passphrase_fd,
			       const struct pk_events *ev, struct pk_err *err)
{
	PK_AUTO(pk_secret) file = {0};
	struct pk_str text;
	bool loose = false, sealed;
	int r;

	if (is_stdin(path)) {
		if (pk_secret_read_fd(&file, STDIN_FILENO, PK_MAX_TEXT_FILE, &loose, err) < 0)
			return pk_wrap(err, "identities from standard input");
		path = "standard input";
	} else if (pk_secret_read_path(&file, path, PK_MAX_TEXT_FILE, &loose, err) < 0) {
		return -1;
	}
	text = pk_str_n(file.p, file.n);
	sealed = pk_str_starts(text, PK_STR("age-encryption.org/")) ||
		 pk_str_starts(pk_str_trim(text), PK_STR("-----BEGIN AGE "));
	if (loose && !sealed && ev)
		pk_event_warn(ev, "others can read the identity file '%s': chmod 600 it", path);
	r = sealed ? add_sealed(ids, path, text, passphrase_fd, err) : add_lines(ids, text, err);
	if (r < 0) {
		pk_wrap(err, "identity '%s'", path);
		if (err)
			err->code = 0;
	}
	return r;
}

/* It can be read once. */
static int check_stdin(const struct pk_strv *files, int passphrase_fd, struct pk_err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < files->n; i++)
		n += is_stdin(files->v[i]);
	if (n > 1)
		return pk_fail(err, PK_EUSAGE, 0, "-i - is given twice");
	if (n && passphrase_fd == STDIN_FILENO)
		return pk_fail(err, PK_EUSAGE, 0, "-i - and --passphrase-fd 0 do not go together");
	return 0;
}

int pk_age_identities_load(const struct pk_strv *files, bool ask, int passphrase_fd, const struct pk_events *ev,
			   struct pk_age_identities **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_age_identities) ids = NULL;

	if (check_stdin(files, passphrase_fd, err) < 0 || pk_age_identities_new(&ids, err) < 0)
		return -1;
	for (size_t i = 0; i < files->n; i++)
		if (pk_age_identities_add_file(ids, files->v[i], passphrase_fd, ev, err) < 0)
			return -1;
	if (ask || !files->n || passphrase_fd >= 0)
		pk_age_identities_prompt(ids, passphrase_fd);
	*ret = pk_steal(&ids);
	return 0;
}

static int encode(struct pk_secret *ret, struct pk_str hrp, const struct pk_secret *secret, struct pk_err *err)
{
	if (pk_secret_new(ret, pk_bech32_length(hrp.n, secret->n), err) < 0)
		return -1;
	pk_bech32_encode((char *)ret->p, hrp, secret->p, secret->n);
	return 0;
}

int pk_age_identity_generate(struct pk_secret *ret_line, uint8_t ret_pub[32], struct pk_err *err)
{
	PK_AUTO(pk_secret) key = {0};

	if (pk_secret_new(&key, 32, err) < 0)
		return -1;
	randombytes_buf(key.p, key.n);
	if (encode(ret_line, PK_STR(x25519_hrp), &key, err) < 0)
		return -1;
	crypto_scalarmult_base(ret_pub, key.p);
	return 0;
}

int pk_age_hybrid_identity_generate(struct pk_secret *ret_line, uint8_t ret_pub[PK_AGE_HYBRID_KEY], struct pk_err *err)
{
	PK_AUTO(pk_secret) seed = {0};
	PK_AUTO(pk_secret) secret = {0};

	if (pk_secret_new(&seed, XWING_SEED, err) < 0 || pk_secret_new(&secret, XWING_SECRET, err) < 0)
		return -1;
	randombytes_buf(seed.p, seed.n);
	if (encode(ret_line, PK_STR(hybrid_hrp), &seed, err) < 0)
		return -1;
	pk_xwing_keys(ret_pub, secret.p, seed.p);
	return 0;
}

static int unwrap(const struct key *k, const struct age_stanza *st, bool *ret_match, uint8_t ret_key[AGE_FILE_KEY],
		  struct pk_err *err)
{
	if (k->kind != st->kind)
		return 0;
	if (k->kind == AGE_HYBRID)
		return age_unwrap_hybrid(st, k->secret.p, ret_match, ret_key, err);
	return age_unwrap_x25519(st, k->secret.p, k->pub, ret_match, ret_key, err);
}

static int unwrap_scrypt(const struct pk_age_identities *ids, const struct age_stanza *st, bool *ret_match,
			 uint8_t ret_key[AGE_FILE_KEY], struct pk_err *err)
{
	PK_AUTO(pk_secret) asked = {0};

	for (size_t i = 0; i < ids->n_passes && !*ret_match; i++)
		if (age_unwrap_scrypt(st, &ids->passes[i], ret_match, ret_key, err) < 0)
			return -1;
	if (*ret_match || !ids->prompt)
		return 0;
	if (pk_secret_ask(&asked, "Passphrase: ", false, ids->prompt_fd, err) < 0)
		return pk_wrap(err, "sealed by a passphrase");
	return age_unwrap_scrypt(st, &asked, ret_match, ret_key, err);
}

bool age_identities_passphrase(const struct pk_age_identities *ids) { return ids->n_passes || ids->prompt; }

int age_identities_unwrap(const struct pk_age_identities *ids, const struct age_header *h, bool *ret_match,
			  uint8_t ret_key[AGE_FILE_KEY], struct pk_err *err)
{
	*ret_match = false;
	if (h->stanzas[0].kind == AGE_SCRYPT) /* it is alone */
		return unwrap_scrypt(ids, &h->stanzas[0], ret_match, ret_key, err);
	for (size_t i = 0; i < ids->n; i++)
		for (size_t k = 0; k < h->n; k++) {
			if (unwrap(&ids->keys[i], &h->stanzas[k], ret_match, ret_key, err) < 0)
				return -1;
			if (*ret_match)
				return 0;
		}
	return 0;
}
