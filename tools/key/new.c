/* SPDX-License-Identifier: Apache-2.0 */
/* picket-key new: a party's key pairs in stock formats, its party file, and its entry in the roster. */
#include "verbs.h"

#include <picket/age.h>

#include <unistd.h>

static const char *org, *nation, *dir = ".";
static bool by_passphrase, post_quantum;
static int issuer;
static const char *const yes_no[] = {"yes", "no", NULL};

static const struct pk_opt opts[] = {
	{0, "org", PK_OPT_STR, &org, "TEXT", "the organisation it belongs to (default: NAME)", NULL},
	{0, "nation", PK_OPT_STR, &nation, "CODE", "its nation, as ISO 3166-1 alpha-3 (USA, JPN); needed", NULL},
	{0, "issuer", PK_OPT_CHOICE, &issuer, "WORD", "whether it may issue tickets (default: yes)", yes_no},
	{0, "post-quantum", PK_OPT_FLAG, &post_quantum, NULL,
	 "a recipient that quantum computers cannot open either; all recipients of a mission must be of one kind",
	 NULL},
	{0, "passphrase", PK_OPT_FLAG, &by_passphrase, NULL, "lock the secret keys with a passphrase", NULL},
	KEY_OPT_PASSPHRASE_FD,
	{'d', "dir", PK_OPT_STR, &dir, "FOLDER", "write the files here (default: .)", NULL},
	KEY_OPT_SIGNER("the roster's lead, to enter the new party into the roster at once"),
	KEY_OPT_JSON,
	PK_OPT_END,
};

enum file { IDENTITY, RECIPIENT, SIGNKEY, SIGNPUB, NOTEKEY, NOTEPUB, COSIGNKEY, PARTY };
static const char *const suffixes[] = {
	[IDENTITY] = ".identity", [RECIPIENT] = ".recipient", [SIGNKEY] = ".signkey",     [SIGNPUB] = ".signpub",
	[NOTEKEY] = ".notekey",   [NOTEPUB] = ".notepub",     [COSIGNKEY] = ".cosignkey", [PARTY] = ".party",
};

struct fresh {
	struct pk_party party;
	struct pk_secret identity; /* the whole text of the identity file */
	struct pk_minisign_key sign;
	struct pk_note_key note, cosign;
	struct pk_secret passphrase;
};

static void fresh_done(struct fresh *f)
{
	pk_party_done(&f->party);
	pk_secret_done(&f->identity);
	pk_minisign_key_done(&f->sign);
	pk_note_key_done(&f->note);
	pk_note_key_done(&f->cosign);
	pk_secret_done(&f->passphrase);
}

/* The files, in the order of suffixes; known before any key is drawn. */
static struct pk_buf path[PK_LEN(suffixes)];

static PK_NODISCARD int check_free(const char *name, struct pk_err *err)
{
	for (size_t i = 0; i < PK_LEN(suffixes); i++) {
		pk_buf_putf(&path[i], "%s/%s%s", dir, name, suffixes[i]);
		if (pk_buf_check(&path[i], err) < 0)
			return -1;
		/* no half of an old party may mix with a new one */
		if (access(path[i].p, F_OK) == 0)
			return pk_fail(err, PK_EUSAGE, 0, "'%s' exists already and is never overwritten", path[i].p);
	}
	return 0;
}

/* --- making ----------------------------------------------------------------------------------------- */

/* The identity file as age-keygen writes it. */
static PK_NODISCARD int make_identity(struct fresh *f, struct pk_err *err)
{
	PK_AUTO(pk_secret) line = {0};
	PK_AUTO(pk_buf) recipient = {0};
	PK_AUTO(pk_buf) head = {0};
	uint8_t pub[32], hybrid[PK_AGE_HYBRID_KEY];

	if (post_quantum) {
		if (pk_age_hybrid_identity_generate(&line, hybrid, err) < 0)
			return -1;
		pk_buf_put_age_hybrid_recipient(&recipient, hybrid);
	} else {
		if (pk_age_identity_generate(&line, pub, err) < 0)
			return -1;
		pk_buf_put_age_recipient(&recipient, pub);
	}
	pk_buf_puts(&head, "# created: ");
	pk_buf_put_rfc3339(&head, pk_time_now(), 0);
	pk_buf_putf(&head, "\n# public key: %s\n", recipient.p ? recipient.p : "");
	if (pk_buf_check(&recipient, err) < 0 || pk_buf_check(&head, err) < 0 ||
	    pk_secret_new(&f->identity, head.n + line.n + 1, err) < 0 ||
	    pk_strv_add(&f->party.recipients, pk_buf_str(&recipient), err) < 0)
		return -1;
	memcpy(f->identity.p, head.p, head.n);
	memcpy(f->identity.p + head.n, line.p, line.n);
	f->identity.p[head.n + line.n] = '\n';
	return 0;
}

static PK_NODISCARD int make(const char *name, struct fresh *f, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_party) check = {0};
	struct pk_party *p = &f->party;

	if (make_identity(f, err) < 0 || pk_minisign_generate(&f->sign, err) < 0 ||
	    pk_note_generate(&f->note, name, PK_NOTE_SIGN, err) < 0 ||
	    pk_note_generate(&f->cosign, name, PK_NOTE_COSIGN, err) < 0)
		return -1;
	p->name = pk_str_dup(pk_str(name));
	p->org = pk_str_dup(pk_str(org ? org : name));
	p->nation = pk_str_dup(pk_str(nation));
	if (!p->name || !p->org || !p->nation)
		return pk_fail_oom(err);
	p->sign = f->sign.pub;
	p->note = f->note.pub;
	p->cosign = f->cosign.pub;
	p->has_sign = p->has_note = p->has_cosign = true;
	p->issuer = issuer == 0;
	pk_buf_put_party(&text, p);
	if (pk_buf_check(&text, err) < 0)
		return -1;
	/* a name or organisation too long shows here */
	if (pk_party_parse(pk_buf_str(&text), &check, err) < 0) {
		if (err->kind == PK_EFORMAT)
			err->kind = PK_EUSAGE;
		return -1;
	}
	return 0;
}

/* --- writing ---------------------------------------------------------------------------------------- */

/* A secret text: as it is, or as an age file under the passphrase. */
static PK_NODISCARD int write_secret(const struct fresh *f, const struct pk_secret *text, const char *to_path,
				     struct pk_err *err)
{
	PK_AUTO(pk_age_recipients) to = {0};
	PK_AUTOPTR(pk_age_writer) w = NULL;
	PK_AUTO(pk_buf) sealed = {0};

	if (!f->passphrase.p)
		return pk_secret_write_path(text, to_path, err);
	if (pk_secret_copy(&to.passphrase, f->passphrase.p, f->passphrase.n, err) < 0 ||
	    pk_age_writer_new(&to, pk_sink_buf(&sealed), NULL, &w, err) < 0 ||
	    pk_age_write(w, text->p, text->n, err) < 0 || pk_age_writer_finish(w, err) < 0)
		return -1;
	return pk_write_path(to_path, PK_OUT_EXCL, pk_buf_str(&sealed), err);
}

static PK_NODISCARD int write_text(struct pk_buf *text, const char *to, struct pk_err *err)
{
	if (pk_buf_check(text, err) < 0)
		return -1;
	return pk_write_path(to, PK_OUT_EXCL | PK_OUT_PUBLIC, pk_buf_str(text), err);
}

static PK_NODISCARD int write_one(const struct fresh *f, enum file i, struct pk_err *err)
{
	PK_AUTO(pk_secret) note = {0};
	PK_AUTO(pk_buf) text = {0};

	switch (i) {
	case IDENTITY: return write_secret(f, &f->identity, path[i].p, err);
	case SIGNKEY: return pk_minisign_key_write(&f->sign, path[i].p, f->passphrase.p ? &f->passphrase : NULL, err);
	case NOTEKEY: return pk_note_key_text(&f->note, &note, err) < 0 ? -1 : write_secret(f, &note, path[i].p, err);
	case COSIGNKEY:
		return pk_note_key_text(&f->cosign, &note, err) < 0 ? -1 : write_secret(f, &note, path[i].p, err);
	case RECIPIENT: pk_buf_putf(&text, "%s\n", f->party.recipients.v[0]); break;
	case SIGNPUB: pk_buf_put_minisign_pubfile(&text, &f->sign.pub); break;
	case NOTEPUB:
		pk_buf_put_note_pub(&text, &f->note.pub);
		pk_buf_put_c(&text, '\n');
		break;
	case PARTY: pk_buf_put_party(&text, &f->party); break;
	}
	return write_text(&text, path[i].p, err);
}

/* --- the roster ------------------------------------------------------------------------------------- */

/* What is to happen to the roster is known before any file is written. *ret_signer NULL: nothing. */
static PK_NODISCARD int plan_roster(const struct fresh *f, const char *file, struct pk_roster *r, struct pk_keys *lead,
				    const struct pk_minisign_key **ret_signer, struct pk_err *err)
{
	bool there = false;

	if (pk_roster_load_any(file, r, &there, err) < 0)
		return -1;
	if (!there) {
		if (key_signer)
			return pk_fail(err, PK_EUSAGE, 0,
				       "there is no roster '%s' yet: its first party needs no --signer", file);
		*ret_signer = &f->sign;
	} else if (key_signer) {
		if (key_load_signer(lead, err) < 0)
			return -1;
		*ret_signer = &lead->sign;
	} else {
		return 0;
	}
	if (r->n && !pk_minisign_pub_eq(&r->party[0].sign, &(*ret_signer)->pub))
		return pk_fail(err, PK_EUSAGE, 0, "only its lead '%s' can change the roster", r->party[0].name);
	return pk_roster_add(r, &f->party, err);
}

static void say(const struct fresh *f, const struct pk_roster *r, const char *roster, bool entered)
{
	key_say_party(&f->party);
	pk_msg_info("give allies '%s'; keep the .identity, .signkey, .notekey and .cosignkey files secret",
		    path[PARTY].p);
	if (entered && r->n == 1)
		pk_msg_info("started the roster '%s', signed by '%s' and pinned", roster, f->party.name);
	else if (entered)
		pk_msg_info("entered into the roster '%s', version %llu", roster, (unsigned long long)r->version);
	else
		pk_msg_info("not in the roster yet: picket-key roster add %s --signer %s", path[PARTY].p,
			    r->party[0].name);
}

/* All files and the roster's new version, or nothing of it. */
static PK_NODISCARD int write_all(const struct fresh *f, struct pk_roster *r, const char *roster,
				  const struct pk_minisign_key *signer, struct pk_err *err)
{
	size_t n = 0;
	int w = 0;

	while (n < PK_LEN(suffixes) && (w = write_one(f, (enum file)n, err)) == 0)
		n++;
	if (w == 0 && signer)
		w = pk_roster_save(r, roster, signer, err);
	while (w < 0 && n > 0)
		(void)unlink(path[--n].p);
	return w;
}

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(fresh) f = {0};
	const struct pk_minisign_key *signer = NULL;
	PK_AUTO(pk_keys) lead = {0};
	PK_AUTO(pk_roster) r = {0};
	PK_AUTO(pk_buf) roster = {0};
	const char *name = argv[0];

	(void)argc;
	if (!pk_party_name_ok(pk_str(name)))
		return pk_fail(
			err, PK_EUSAGE, 0,
			"'%s' is no party name: up to 64 letters, digits, '.', '_', '-', not starting with a mark",
			name);
	if (!nation)
		return pk_fail(err, PK_EUSAGE, 0, "whose keys? give --nation CODE, such as JPN");
	if (!pk_nation_is_known(pk_str(nation)))
		return pk_fail(err, PK_EUSAGE, 0, "--nation takes an ISO 3166-1 alpha-3 code such as JPN, not '%s'",
			       nation);
	if (org && (!*org || pk_str_trim(pk_str(org)).n != strlen(org) || !pk_str_is_visible(pk_str(org))))
		return pk_fail(err, PK_EUSAGE, 0, "--org takes one line of printable text, not '%s'", org);
	if (check_free(name, err) < 0 || key_roster_path(&roster, err) < 0 || make(name, &f, err) < 0 ||
	    plan_roster(&f, roster.p, &r, &lead, &signer, err) < 0)
		return -1;
	if (key_passphrase_fd >= 0 && !by_passphrase && !key_signer)
		return pk_fail(err, PK_EUSAGE, 0, "--passphrase-fd needs --passphrase");
	if (by_passphrase &&
	    pk_secret_ask(&f.passphrase, "Passphrase for the new keys: ", true, key_passphrase_fd, err) < 0)
		return -1;
	if (write_all(&f, &r, roster.p, signer, err) < 0)
		return -1;
	say(&f, &r, roster.p, signer != NULL);
	return key_json && key_print_party_json(&f.party, err) < 0 ? -1 : PK_EXIT_OK;
}

const struct pk_verb key_new = {
	.name = "new",
	.operands = "NAME",
	.summary = "make a party's keys and its roster entry",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
