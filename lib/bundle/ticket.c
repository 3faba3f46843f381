/* SPDX-License-Identifier: Apache-2.0 */
/* Tickets: their text, issuing them, and what import thinks of them. */
#include "lines.h"

#include <picket/hash.h>
#include <picket/limits.h>
#include <picket/ticket.h>

void pk_buf_put_ticket(struct pk_buf *b, const struct pk_ticket *t)
{
	pk_buf_puts(b, "picket-ticket: 1\nid: ");
	pk_buf_put_hex(b, t->id, sizeof(t->id));
	pk_buf_puts(b, "\nsign: ");
	pk_buf_put_minisign_pub(b, &t->sign);
	pk_buf_puts(b, "\nnote: ");
	pk_buf_put_note_pub(b, &t->note);
	pk_buf_put_c(b, '\n');
	pk_buf_put_line_time(b, "not-before", t->not_before.sec);
	pk_buf_put_line_time(b, "not-after", t->not_after.sec);
	pk_buf_putf(b, "uses: %s\nterms-sha256: ", t->uses_one ? "one" : "many");
	pk_buf_put_hex(b, t->terms_sha256, sizeof(t->terms_sha256));
	pk_buf_puts(b, "\nlabel-sha256: ");
	pk_buf_put_hex(b, t->label_sha256, sizeof(t->label_sha256));
	pk_buf_put_c(b, '\n');
}

/* Opaque: whoever finds the ticket on a host learns nothing from it. */
static void put_note_name(struct pk_buf *b, const struct pk_ticket *t)
{
	pk_buf_puts(b, "ticket-");
	pk_buf_put_hex(b, t->id, sizeof(t->id));
}

static PK_NODISCARD int parse_keys(struct pk_lines *l, struct pk_ticket *t, struct pk_err *err)
{
	struct pk_err why = {0};
	PK_AUTO(pk_buf) name = {0};
	struct pk_str s;

	if (pk_lines_take_hex(l, "id", t->id, sizeof(t->id), err) < 0 || pk_lines_take(l, "sign", &s, err) < 0)
		return -1;
	if (pk_minisign_pub_parse(s, &t->sign, &why) < 0)
		return pk_lines_because(l, &why, err);
	if (pk_lines_take(l, "note", &s, err) < 0)
		return -1;
	if (pk_note_pub_parse(s, PK_NOTE_SIGN, &t->note, &why) < 0)
		return pk_lines_because(l, &why, err);
	if (memcmp(t->sign.key, t->note.key, sizeof(t->sign.key)) == 0)
		return pk_lines_bad(l, err, "the note key is the signing key too: each needs a key of its own");
	put_note_name(&name, t);
	if (pk_buf_check(&name, err) < 0)
		return -1;
	return strcmp(name.p, t->note.name) == 0 ? 0 : pk_lines_bad(l, err, "the note key's name is not '%s'", name.p);
}

static PK_NODISCARD int parse_limits(struct pk_lines *l, struct pk_ticket *t, struct pk_err *err)
{
	struct pk_str s;

	if (pk_lines_take_time(l, "not-before", &t->not_before.sec, err) < 0 ||
	    pk_lines_take_time(l, "not-after", &t->not_after.sec, err) < 0)
		return -1;
	if (pk_time_cmp(t->not_before, t->not_after) > 0)
		return pk_lines_bad(l, err, "the validity ends before it begins");
	if (pk_lines_take(l, "uses", &s, err) < 0)
		return -1;
	if (!pk_str_eq(s, PK_STR("one")) && !pk_str_eq(s, PK_STR("many")))
		return pk_lines_bad(l, err, "'uses' is one or many");
	t->uses_one = pk_str_eq(s, PK_STR("one"));
	if (pk_lines_take_hex(l, "terms-sha256", t->terms_sha256, sizeof(t->terms_sha256), err) < 0)
		return -1;
	return pk_lines_take_hex(l, "label-sha256", t->label_sha256, sizeof(t->label_sha256), err);
}

int pk_ticket_parse(struct pk_str text, struct pk_ticket *ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) again = {0};
	struct pk_ticket t = {0};
	struct pk_lines l;

	if (pk_lines_begin(&l, "picket-ticket", text, err) < 0 || parse_keys(&l, &t, err) < 0 ||
	    parse_limits(&l, &t, err) < 0 || pk_lines_end(&l, err) < 0)
		return -1;
	pk_buf_put_ticket(&again, &t);
	if (pk_lines_same("picket-ticket", text, &again, err) < 0)
		return -1;
	pk_sha256(text.p, text.n, t.sha256);
	*ret = t;
	return 0;
}

/* --- issuing ---------------------------------------------------------------------------------------- */

#define MAX_VALIDITY_S (100ll * 366 * 86400)
#define YEAR_9999_S 253402300799ll /* its last second, the last that a ticket's text can say */

int pk_validity_parse(const char *text, int64_t *ret_seconds, struct pk_err *err)
{
	if (!pk_duration_parse(pk_str(text), ret_seconds) || *ret_seconds <= 0 || *ret_seconds > MAX_VALIDITY_S)
		return pk_fail(err, PK_EUSAGE, 0,
			       "--valid takes a duration such as 12h, 30d or 1y, of 100 years at most, not '%s'", text);
	return 0;
}

void pk_ticket_id(const struct pk_minisign_pub *issuer, const struct pk_minisign_pub *sign, uint8_t ret[16])
{
	static const char what[] = "picket-ticket issuer\n";
	uint8_t sum[PK_SHA256_SIZE];
	struct pk_sha256 h;

	pk_sha256_init(&h);
	pk_sha256_put(&h, what, sizeof(what) - 1);
	pk_sha256_put(&h, issuer->key, sizeof(issuer->key));
	pk_sha256_put(&h, sign->key, sizeof(sign->key));
	pk_sha256_end(&h, sum);
	memcpy(ret, sum, 16);
}

static PK_NODISCARD int hash_label(const struct pk_terms *t, uint8_t ret[32], struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};

	pk_buf_put_label_of_terms(&text, t);
	if (pk_buf_check(&text, err) < 0)
		return -1;
	pk_sha256(text.p, text.n, ret);
	return 0;
}

int pk_ticket_issue(const struct pk_minisign_key *issuer, const struct pk_terms *terms, struct pk_time not_before,
		    struct pk_time not_after, bool uses_one, struct pk_ticket_kit *ret, struct pk_err *err)
{
	PK_AUTO(pk_ticket_kit) k = {0};
	PK_AUTO(pk_buf) name = {0};

	if (not_before.sec <= 0 || not_after.sec < not_before.sec)
		return pk_fail(err, PK_EUSAGE, 0, "a ticket's validity cannot end before it begins");
	if (not_after.sec > YEAR_9999_S)
		return pk_fail(err, PK_EUSAGE, 0, "a ticket's validity cannot end after the year 9999");
	k.ticket.not_before.sec = not_before.sec;
	k.ticket.not_after.sec = not_after.sec;
	k.ticket.uses_one = uses_one;
	if (pk_minisign_generate(&k.sign, err) < 0)
		return -1;
	pk_ticket_id(&issuer->pub, &k.sign.pub, k.ticket.id);
	put_note_name(&name, &k.ticket);
	if (pk_buf_check(&name, err) < 0 || pk_note_generate(&k.note, name.p, PK_NOTE_SIGN, err) < 0)
		return -1;
	k.ticket.sign = k.sign.pub;
	k.ticket.note = k.note.pub;
	pk_buf_put_terms(&k.terms_text, terms);
	if (pk_buf_check(&k.terms_text, err) < 0 || pk_terms_parse(pk_buf_str(&k.terms_text), &k.terms, err) < 0)
		return -1;
	pk_sha256(k.terms_text.p, k.terms_text.n, k.ticket.terms_sha256);
	if (hash_label(&k.terms, k.ticket.label_sha256, err) < 0)
		return -1;
	pk_buf_put_ticket(&k.ticket_text, &k.ticket);
	pk_sha256(k.ticket_text.p, k.ticket_text.n, k.ticket.sha256);
	/* the comment is public too: it repeats the id, so that a signature is not taken for another ticket's */
	pk_buf_reset(&name);
	pk_buf_puts(&name, "picket-ticket id:");
	pk_buf_put_hex(&name, k.ticket.id, sizeof(k.ticket.id));
	if (pk_buf_check(&k.ticket_text, err) < 0 || pk_buf_check(&name, err) < 0 ||
	    pk_minisign_sign_bytes(issuer, pk_buf_str(&k.ticket_text), name.p, &k.ticket_sig, err) < 0)
		return -1;
	*ret = k;
	k = (struct pk_ticket_kit){0};
	return 0;
}

int pk_ticket_check_terms(const struct pk_ticket *t, struct pk_str terms, struct pk_err *err)
{
	PK_AUTO(pk_terms) said = {0};
	uint8_t sum[PK_SHA256_SIZE];

	pk_sha256(terms.p, terms.n, sum);
	if (memcmp(sum, t->terms_sha256, sizeof(sum)) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "the terms are not those of the ticket");
	if (pk_terms_parse(terms, &said, err) < 0 || hash_label(&said, sum, err) < 0)
		return -1;
	if (memcmp(sum, t->label_sha256, sizeof(sum)) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "the ticket's label is not that of its terms");
	return 0;
}

int pk_ticket_check_label(const struct pk_ticket *t, struct pk_str issued_label, struct pk_err *err)
{
	uint8_t sum[PK_SHA256_SIZE];

	pk_sha256(issued_label.p, issued_label.n, sum);
	if (memcmp(sum, t->label_sha256, sizeof(sum)) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "the label is not that of the ticket");
	return 0;
}
