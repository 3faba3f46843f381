/* SPDX-License-Identifier: Apache-2.0 */
/* A ticket with all that belongs to it, as files and as texts in memory. */
#include <picket/limits.h>
#include <picket/msg.h>
#include <picket/ticket.h>

#include <unistd.h>

#define MAX_KEY_FILE 16384

void pk_ticket_kit_done(struct pk_ticket_kit *k)
{
	pk_terms_done(&k->terms);
	pk_buf_done(&k->ticket_text);
	pk_buf_done(&k->ticket_sig);
	pk_buf_done(&k->terms_text);
	pk_minisign_key_done(&k->sign);
	pk_note_key_done(&k->note);
	*k = (struct pk_ticket_kit){0};
}

static PK_NODISCARD int name_of(const char *stem, const char *suffix, struct pk_buf *ret, struct pk_err *err)
{
	pk_buf_reset(ret);
	pk_buf_putf(ret, "%s%s", stem, suffix);
	return pk_buf_check(ret, err);
}

/* The files of a kit, in the order they are written: the ticket last, so that it never stands without the rest. */
static const char *const suffixes[] = {".signkey", ".notekey", ".terms", ".ticket.minisig", ".ticket"};

static PK_NODISCARD int write_one(const struct pk_ticket_kit *k, size_t i, const char *path, struct pk_err *err)
{
	const struct pk_buf *text[] = {NULL, NULL, &k->terms_text, &k->ticket_sig, &k->ticket_text};

	if (i == 0)
		return pk_minisign_key_write(&k->sign, path, NULL, err);
	if (i == 1)
		return pk_note_key_write(&k->note, path, err);
	return pk_write_path(path, PK_OUT_EXCL, pk_buf_str(text[i]), err);
}

int pk_ticket_kit_write(const struct pk_ticket_kit *k, const char *stem, struct pk_err *err)
{
	struct pk_buf path[PK_LEN(suffixes)] = {{0}};
	size_t n = 0;
	int r = 0;

	/* all names first: what was written can then be taken back without memory */
	for (size_t i = 0; i < PK_LEN(suffixes) && r == 0; i++)
		r = name_of(stem, suffixes[i], &path[i], err);
	while (r == 0 && n < PK_LEN(suffixes) && (r = write_one(k, n, path[n].p, err)) == 0)
		n++;
	while (r < 0 && n > 0)
		(void)unlink(path[--n].p);
	for (size_t i = 0; i < PK_LEN(suffixes); i++)
		pk_buf_done(&path[i]);
	return r;
}

static PK_NODISCARD int keep(struct pk_buf *to, struct pk_str text, struct pk_err *err)
{
	pk_buf_put_str(to, text);
	return pk_buf_check(to, err);
}

int pk_ticket_kit_parse(struct pk_str ticket, struct pk_str ticket_sig, struct pk_str terms, struct pk_str signkey,
			struct pk_str notekey, struct pk_ticket_kit *ret, struct pk_err *err)
{
	PK_AUTO(pk_ticket_kit) k = {0};
	struct pk_minisign_sig sig;

	if (pk_ticket_parse(ticket, &k.ticket, err) < 0 || pk_minisign_sig_parse(ticket_sig, &sig, err) < 0 ||
	    pk_terms_parse(terms, &k.terms, err) < 0 || pk_ticket_check_terms(&k.ticket, terms, err) < 0 ||
	    pk_minisign_key_open(&k.sign, signkey, NULL, err) < 0 ||
	    pk_note_key_parse(&k.note, PK_NOTE_SIGN, notekey, err) < 0)
		return pk_wrap(err, "ticket");
	if (!pk_minisign_pub_eq(&k.sign.pub, &k.ticket.sign) ||
	    memcmp(k.note.pub.key, k.ticket.note.key, sizeof(k.note.pub.key)) != 0 ||
	    strcmp(k.note.pub.name, k.ticket.note.name) != 0)
		return pk_fail(err, PK_EFORMAT, 0, "ticket: its keys are not those that lie beside it");
	if (keep(&k.ticket_text, ticket, err) < 0 || keep(&k.ticket_sig, ticket_sig, err) < 0 ||
	    keep(&k.terms_text, terms, err) < 0)
		return -1;
	*ret = k;
	k = (struct pk_ticket_kit){0};
	return 0;
}

/* STEM may have been given as "STEM.ticket". */
static char *base_of(const char *stem)
{
	struct pk_str s = pk_str(stem);

	if (pk_str_ends(s, PK_STR(".ticket")))
		s.n -= 7;
	return pk_str_dup(s);
}

int pk_ticket_kit_read_terms(const char *stem, struct pk_terms *ret, struct pk_err *err)
{
	pk_autofree char *base = base_of(stem);
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_buf) text = {0};

	if (!base)
		return pk_fail_oom(err);
	if (name_of(base, ".terms", &path, err) < 0 || pk_read_path(path.p, PK_MAX_TEXT_FILE, &text, err) < 0)
		return -1;
	return pk_terms_parse(pk_buf_str(&text), ret, err) < 0 ? pk_wrap(err, "%s", path.p) : 0;
}

void pk_ticket_warn_validity(const struct pk_ticket *t, const struct pk_events *ev)
{
	struct pk_time now = pk_time_now();

	if (pk_time_cmp(now, t->not_before) < 0 || pk_time_cmp(now, t->not_after) > 0)
		pk_event_warn(ev, "by this host's clock the ticket is outside its validity; the station decides at "
				  "import");
}

int pk_ticket_kit_read(const char *stem, struct pk_ticket_kit *ret, bool *ret_loose, struct pk_err *err)
{
	static const char *const suffix[] = {".ticket", ".ticket.minisig", ".terms"};
	pk_autofree char *base = base_of(stem);
	PK_AUTO(pk_buf) ticket = {0};
	PK_AUTO(pk_buf) sig = {0};
	PK_AUTO(pk_buf) terms = {0};
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_secret) sign = {0}, note = {0};
	struct pk_buf *const text[] = {&ticket, &sig, &terms};
	bool loose = false, loose_note = false;

	if (!base)
		return pk_fail_oom(err);
	for (size_t i = 0; i < PK_LEN(suffix); i++)
		if (name_of(base, suffix[i], &path, err) < 0 ||
		    pk_read_path(path.p, PK_MAX_TEXT_FILE, text[i], err) < 0)
			return -1;
	if (name_of(base, ".signkey", &path, err) < 0 ||
	    pk_secret_read_path(&sign, path.p, MAX_KEY_FILE, &loose, err) < 0 ||
	    name_of(base, ".notekey", &path, err) < 0 ||
	    pk_secret_read_path(&note, path.p, MAX_KEY_FILE, &loose_note, err) < 0)
		return -1;
	if (pk_ticket_kit_parse(pk_buf_str(&ticket), pk_buf_str(&sig), pk_buf_str(&terms), pk_str_n(sign.p, sign.n),
				pk_str_n(note.p, note.n), ret, err) < 0)
		return pk_wrap(err, "%s", base);
	if (ret_loose)
		*ret_loose = loose || loose_note;
	return 0;
}
