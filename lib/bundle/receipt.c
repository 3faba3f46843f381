/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts: what a clean station attests of a sealed file. */
#include "lines.h"
#include "signer.h"

#include <picket/bundle.h>
#include <picket/limits.h>

#include <stdlib.h>

#define MAX_WHERE 200
#define MAX_AHEAD (24 * 3600) /* seconds by which another station's clock may be ahead */

void pk_receipt_done(struct pk_receipt *r)
{
	free(r->place);
	free(r->person);
	free(r->signer);
	*r = (struct pk_receipt){0};
}

void pk_buf_put_receipt(struct pk_buf *b, const struct pk_receipt *r)
{
	pk_buf_puts(b, "picket-receipt: 1\nblake2b: ");
	pk_buf_put_hex(b, r->digest, sizeof(r->digest));
	pk_buf_putf(b, "\nsize: %llu\nverdict: %s\n", (unsigned long long)r->size, pk_trust_name(r->verdict));
	if (r->has_ticket) {
		pk_buf_puts(b, "ticket: ");
		pk_buf_put_hex(b, r->ticket, sizeof(r->ticket));
		pk_buf_put_c(b, '\n');
	}
	if (r->has_bundle) {
		pk_buf_puts(b, "bundle: ");
		pk_buf_put_hex(b, r->bundle, sizeof(r->bundle));
		pk_buf_put_c(b, '\n');
	}
	pk_buf_put_line_time(b, "time", r->time);
	pk_buf_putf(b, "place: %s\n", r->place);
	if (r->person)
		pk_buf_putf(b, "person: %s\n", r->person);
	pk_buf_putf(b, "signer: %s\n", r->signer);
}

/* --- reading ---------------------------------------------------------------------------------------- */

static PK_NODISCARD int parse_verdict(struct pk_lines *l, enum pk_trust_status *ret, struct pk_err *err)
{
	struct pk_str s;

	if (pk_lines_take(l, "verdict", &s, err) < 0)
		return -1;
	for (int i = PK_TRUST_OK; i <= PK_TRUST_EXPIRED; i++) {
		if (pk_str_eq(s, pk_str(pk_trust_name((enum pk_trust_status)i)))) {
			*ret = (enum pk_trust_status)i;
			return 0;
		}
	}
	return pk_lines_bad(l, err, "'%.*s' is no verdict", PK_STR_ARG(s));
}

static PK_NODISCARD int parse_id(struct pk_lines *l, const char *key, bool *ret_there, uint8_t ret[16],
				 struct pk_err *err)
{
	struct pk_str s;

	if (pk_lines_maybe(l, key, ret_there, &s, err) < 0)
		return -1;
	if (*ret_there && !pk_hex_decode(s, ret, 16))
		return pk_lines_bad(l, err, "an id is 32 hex digits");
	return 0;
}

static PK_NODISCARD int keep(struct pk_lines *l, struct pk_str s, char **ret, struct pk_err *err)
{
	if (!pk_lines_text_ok(s, MAX_WHERE))
		return pk_lines_bad(l, err, "more than %d bytes", MAX_WHERE);
	return (*ret = pk_str_dup(s)) ? 0 : pk_fail_oom(err);
}

static PK_NODISCARD int parse_file(struct pk_lines *l, struct pk_receipt *r, struct pk_err *err)
{
	struct pk_str s;

	if (pk_lines_take_hex(l, "blake2b", r->digest, sizeof(r->digest), err) < 0 ||
	    pk_lines_take(l, "size", &s, err) < 0)
		return -1;
	if (!pk_str_u64(s, INT64_MAX, &r->size))
		return pk_lines_bad(l, err, "'%.*s' is no size", PK_STR_ARG(s));
	if (parse_verdict(l, &r->verdict, err) < 0 || parse_id(l, "ticket", &r->has_ticket, r->ticket, err) < 0)
		return -1;
	return parse_id(l, "bundle", &r->has_bundle, r->bundle, err);
}

static PK_NODISCARD int parse_who(struct pk_lines *l, struct pk_receipt *r, struct pk_err *err)
{
	struct pk_str s;
	bool there = false;

	if (pk_lines_take_time(l, "time", &r->time, err) < 0 || pk_lines_take(l, "place", &s, err) < 0 ||
	    keep(l, s, &r->place, err) < 0 || pk_lines_maybe(l, "person", &there, &s, err) < 0 ||
	    (there && keep(l, s, &r->person, err) < 0))
		return -1;
	return pk_lines_take_name(l, "signer", &r->signer, err);
}

int pk_receipt_parse(struct pk_str text, struct pk_receipt *ret, struct pk_err *err)
{
	PK_AUTO(pk_receipt) r = {0};
	PK_AUTO(pk_buf) again = {0};
	struct pk_lines l;

	if (text.n > PK_MAX_TEXT_FILE)
		return pk_fail(err, PK_ELIMIT, 0, "receipt of %zu bytes (limit %u)", text.n, PK_MAX_TEXT_FILE);
	if (pk_lines_begin(&l, "picket-receipt", text, err) < 0 || parse_file(&l, &r, err) < 0 ||
	    parse_who(&l, &r, err) < 0 || pk_lines_end(&l, err) < 0)
		return -1;
	pk_buf_put_receipt(&again, &r);
	if (pk_lines_same("picket-receipt", text, &again, err) < 0)
		return -1;
	*ret = r;
	r = (struct pk_receipt){0};
	return 0;
}

/* --- making and checking ---------------------------------------------------------------------------- */

static PK_NODISCARD int fill(struct pk_receipt *r, const struct pk_outer *o, const char *place, const char *person,
			     const char *signer, struct pk_err *err)
{
	memcpy(r->digest, o->digest, sizeof(r->digest));
	r->verdict = o->status;
	r->has_ticket = o->has_ticket;
	memcpy(r->ticket, o->ticket.id, 16);
	r->has_bundle = o->has_bundle;
	memcpy(r->bundle, o->bundle, 16);
	r->place = pk_str_dup(pk_str(place));
	r->person = person ? pk_str_dup(pk_str(person)) : NULL;
	r->signer = pk_str_dup(pk_str(signer));
	return r->place && r->signer && (!person || r->person) ? 0 : pk_fail_oom(err);
}

int pk_receipt_make(const struct pk_outer *outer, uint64_t size, const char *place, const char *person,
		    const struct pk_minisign_key *signer, const struct pk_roster *roster, struct pk_time at,
		    struct pk_buf *ret_text, struct pk_buf *ret_sig, struct pk_err *err)
{
	const struct pk_party *p = pk_roster_find_signer(roster, &signer->pub);
	PK_AUTO(pk_receipt) r = {.size = size, .time = at.sec};
	PK_AUTO(pk_buf) comment = {0};

	if (!p)
		return pk_fail(err, PK_EUSAGE, 0, "the signer's key is nobody's in the roster: who would believe it?");
	if (pk_party_check(p, at, err) < 0) {
		if (err)
			err->kind = PK_EUSAGE;
		return -1;
	}
	if (!pk_lines_text_ok(pk_str(place), MAX_WHERE) || (person && !pk_lines_text_ok(pk_str(person), MAX_WHERE)))
		return pk_fail(err, PK_EUSAGE, 0, "place and person are one printable line each, of at most %d bytes",
			       MAX_WHERE);
	if (fill(&r, outer, place, person, p->name, err) < 0)
		return -1;
	pk_buf_put_receipt(ret_text, &r);
	pk_buf_puts(&comment, "picket-receipt blake2b:");
	pk_buf_put_hex(&comment, r.digest, sizeof(r.digest));
	if (pk_buf_check(ret_text, err) < 0 || pk_buf_check(&comment, err) < 0)
		return -1;
	return pk_minisign_sign_bytes(signer, pk_buf_str(ret_text), comment.p, ret_sig, err);
}

/* One that says something else of this file does not attest it. */
static PK_NODISCARD int check_file(const struct pk_receipt *r, const struct pk_receipt_of *file, struct pk_err *err)
{
	const char *other = NULL;

	if (memcmp(r->digest, file->digest, sizeof(r->digest)) != 0)
		other = "file";
	else if (r->has_bundle && file->bundle && memcmp(r->bundle, file->bundle, sizeof(r->bundle)) != 0)
		other = "bundle";
	else if (r->has_ticket && file->ticket && memcmp(r->ticket, file->ticket, sizeof(r->ticket)) != 0)
		other = "ticket";
	else if (file->size && r->size != file->size)
		other = "size";
	return other ? pk_fail(err, PK_ECRYPTO, 0, "the receipt of '%s' is of another %s", r->signer, other) : 0;
}

int pk_receipt_check(struct pk_str text, struct pk_str sig, const struct pk_receipt_of *file,
		     const struct pk_roster *roster, struct pk_time at, struct pk_receipt *ret, struct pk_err *err)
{
	PK_AUTO(pk_receipt) r = {0};
	const struct pk_party *p = NULL;

	if (pk_receipt_parse(text, &r, err) < 0 ||
	    pk_signer_check("the receipt", text, sig, roster, (struct pk_time){.sec = r.time}, &p, err) < 0)
		return -1;
	if (strcmp(p->name, r.signer) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "the receipt names '%s' and is signed by '%s'", r.signer, p->name);
	/* whoever has a revoked key can put any time into a receipt */
	if (p->revoked && at.sec >= p->revoked)
		return pk_fail(err, PK_ECRYPTO, 0, "the receipt is signed by '%s', which is revoked", p->name);
	if (r.time > at.sec + MAX_AHEAD)
		return pk_fail(err, PK_ECRYPTO, 0, "the receipt of '%s' is of a time that has not come", p->name);
	if (check_file(&r, file, err) < 0)
		return -1;
	*ret = r;
	r = (struct pk_receipt){0};
	return 0;
}
