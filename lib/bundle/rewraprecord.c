/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a rewrap: who let whom in, under which authority; reading, writing and checking. */
#include "lines.h"
#include "signer.h"

#include <picket/limits.h>
#include <picket/rewrap.h>

#include <stdlib.h>

#define MAX_ADDED 512

static const char *const authority_names[] = {"label", "override", "originator"};

static void release_done(struct pk_rewrap_release *r)
{
	pk_buf_done(&r->text);
	pk_buf_done(&r->sig);
	pk_buf_done(&r->second_sig);
}

void pk_rewrap_done(struct pk_rewrap *r)
{
	pk_label_done(&r->label);
	pk_strv_done(&r->added);
	for (size_t i = 0; i < PK_LEN(r->release); i++)
		release_done(&r->release[i]);
	free(r->signer);
	pk_buf_done(&r->previous);
	pk_buf_done(&r->previous_sig);
	*r = (struct pk_rewrap){0};
}

/* --- writing ---------------------------------------------------------------------------------------- */

static void put_hex(struct pk_buf *b, const char *key, const void *p, size_t n)
{
	pk_buf_putf(b, "%s: ", key);
	pk_buf_put_hex(b, p, n);
	pk_buf_put_c(b, '\n');
}

static void put_base64(struct pk_buf *b, const char *key, const struct pk_buf *bytes)
{
	if (!bytes->n)
		return;
	pk_buf_putf(b, "%s: ", key);
	pk_buf_put_base64(b, bytes->p, bytes->n, true);
	pk_buf_put_c(b, '\n');
}

void pk_buf_put_rewrap(struct pk_buf *b, const struct pk_rewrap *r)
{
	pk_buf_puts(b, "picket-rewrap: 1\n");
	put_hex(b, "original", r->original, sizeof(r->original));
	put_hex(b, "from", r->from, sizeof(r->from));
	put_hex(b, "result", r->result, sizeof(r->result));
	pk_buf_putf(b, "payload-bytes: %llu\n", (unsigned long long)r->payload_bytes);
	put_hex(b, "bundle", r->bundle, sizeof(r->bundle));
	put_hex(b, "ticket", r->ticket, sizeof(r->ticket));
	pk_buf_puts(b, "label: ");
	pk_buf_put_label(b, &r->label);
	pk_buf_put_c(b, '\n');
	for (size_t i = 0; i < r->added.n; i++)
		pk_buf_putf(b, "added: %s\n", r->added.v[i]);
	pk_buf_putf(b, "authority: %s\n", authority_names[r->authority]);
	for (size_t i = 0; i < r->releases; i++) {
		put_base64(b, "release", &r->release[i].text);
		put_base64(b, "release-signature", &r->release[i].sig);
		put_base64(b, "release-second", &r->release[i].second_sig);
	}
	pk_buf_put_line_time(b, "time", r->time);
	pk_buf_putf(b, "signer: %s\n", r->signer);
	put_base64(b, "previous", &r->previous);
	put_base64(b, "previous-signature", &r->previous_sig);
}

void pk_buf_put_rewrap_comment(struct pk_buf *b, const struct pk_rewrap *r)
{
	pk_buf_puts(b, "picket rewrap ");
	pk_buf_put_hex(b, r->bundle, sizeof(r->bundle));
	pk_buf_puts(b, " orig=");
	pk_buf_put_hex(b, r->original, sizeof(r->original));
}

/* --- reading ---------------------------------------------------------------------------------------- */

static PK_NODISCARD int decode(struct pk_lines *l, struct pk_str s, struct pk_buf *ret, struct pk_err *err)
{
	if (pk_base64_decode(s, true, ret) && ret->n)
		return 0;
	return ret->oom ? pk_fail_oom(err) : pk_lines_bad(l, err, "not canonical base64");
}

static PK_NODISCARD int take_base64(struct pk_lines *l, const char *key, struct pk_buf *ret, struct pk_err *err)
{
	struct pk_str s;

	return pk_lines_take(l, key, &s, err) < 0 ? -1 : decode(l, s, ret, err);
}

static PK_NODISCARD int maybe_base64(struct pk_lines *l, const char *key, bool *ret_there, struct pk_buf *ret,
				     struct pk_err *err)
{
	struct pk_str s;

	if (pk_lines_maybe(l, key, ret_there, &s, err) < 0)
		return -1;
	return *ret_there ? decode(l, s, ret, err) : 0;
}

static bool added_ok(struct pk_str s)
{
	struct pk_str hash, party;
	uint8_t bytes[32];

	return pk_str_split(&s, ' ', &hash) && pk_hex_decode(hash, bytes, sizeof(bytes)) &&
	       pk_str_split(&s, ' ', &party) && pk_party_name_ok(party) && pk_nation_is_known(s);
}

static PK_NODISCARD int parse_added(struct pk_lines *l, struct pk_strv *ret, struct pk_err *err)
{
	struct pk_str s;
	bool there = true;

	if (pk_lines_take(l, "added", &s, err) < 0)
		return -1;
	while (there) {
		if (!added_ok(s))
			return pk_lines_bad(l, err, "not the hash, party and nation of a reader");
		if (ret->n >= MAX_ADDED)
			return pk_lines_bad(l, err, "more than %d readers", MAX_ADDED);
		if (pk_strv_add(ret, s, err) < 0 || pk_lines_maybe(l, "added", &there, &s, err) < 0)
			return -1;
	}
	pk_strv_uniq(ret); /* another order than sorted is found when the text is compared */
	return 0;
}

static PK_NODISCARD int parse_authority(struct pk_lines *l, struct pk_rewrap *r, struct pk_err *err)
{
	struct pk_str s;
	size_t i = 0;
	bool there = true, second = false;

	if (pk_lines_take(l, "authority", &s, err) < 0)
		return -1;
	while (i < PK_LEN(authority_names) && !pk_str_eq(s, pk_str(authority_names[i])))
		i++;
	if (i == PK_LEN(authority_names))
		return pk_lines_bad(l, err, "'%.*s' is no authority", PK_STR_ARG(s));
	r->authority = (enum pk_authority)i;
	while (there && r->releases < PK_REWRAP_MAX_RELEASES) {
		struct pk_rewrap_release *x = &r->release[r->releases];

		if (maybe_base64(l, "release", &there, &x->text, err) < 0)
			return -1;
		if (!there)
			break;
		r->releases++;
		if (take_base64(l, "release-signature", &x->sig, err) < 0 ||
		    maybe_base64(l, "release-second", &second, &x->second_sig, err) < 0)
			return -1;
	}
	if ((r->authority == PK_AUTHORITY_LABEL) != (r->releases == 0))
		return pk_lines_bad(l, err, "this authority and its releases do not go together");
	return 0;
}

static PK_NODISCARD int parse_head(struct pk_lines *l, struct pk_rewrap *r, struct pk_err *err)
{
	struct pk_err why = {0};
	struct pk_str s;

	if (pk_lines_take_hex(l, "original", r->original, 64, err) < 0 ||
	    pk_lines_take_hex(l, "from", r->from, 64, err) < 0 ||
	    pk_lines_take_hex(l, "result", r->result, 64, err) < 0 || pk_lines_take(l, "payload-bytes", &s, err) < 0)
		return -1;
	if (!pk_str_u64(s, INT64_MAX, &r->payload_bytes))
		return pk_lines_bad(l, err, "'%.*s' is no size", PK_STR_ARG(s));
	if (pk_lines_take_hex(l, "bundle", r->bundle, 16, err) < 0 ||
	    pk_lines_take_hex(l, "ticket", r->ticket, 16, err) < 0 || pk_lines_take(l, "label", &s, err) < 0)
		return -1;
	return pk_label_parse(s, &r->label, &why) < 0 ? pk_lines_because(l, &why, err) : 0;
}

static PK_NODISCARD int parse_who(struct pk_lines *l, struct pk_rewrap *r, struct pk_err *err)
{
	bool there = false;

	if (pk_lines_take_time(l, "time", &r->time, err) < 0 || pk_lines_take_name(l, "signer", &r->signer, err) < 0 ||
	    maybe_base64(l, "previous", &there, &r->previous, err) < 0 ||
	    (there && take_base64(l, "previous-signature", &r->previous_sig, err) < 0))
		return -1;
	if (there == (memcmp(r->from, r->original, sizeof(r->from)) == 0))
		return pk_lines_bad(l, err, "a record of an earlier rewrap is %s",
				    there ? "where none can be" : "missing");
	return 0;
}

int pk_rewrap_parse(struct pk_str text, struct pk_rewrap *ret, struct pk_err *err)
{
	PK_AUTO(pk_rewrap) r = {0};
	PK_AUTO(pk_buf) again = {0};
	struct pk_lines l;

	if (text.n > PK_MAX_TEXT_FILE)
		return pk_fail(err, PK_ELIMIT, 0, "rewrap record of %zu bytes (limit %u)", text.n, PK_MAX_TEXT_FILE);
	if (pk_lines_begin(&l, "picket-rewrap", text, err) < 0 || parse_head(&l, &r, err) < 0 ||
	    parse_added(&l, &r.added, err) < 0 || parse_authority(&l, &r, err) < 0 || parse_who(&l, &r, err) < 0 ||
	    pk_lines_end(&l, err) < 0)
		return -1;
	pk_buf_put_rewrap(&again, &r);
	if (pk_lines_same("picket-rewrap", text, &again, err) < 0)
		return -1;
	*ret = r;
	r = (struct pk_rewrap){0};
	return 0;
}

/* --- checking --------------------------------------------------------------------------------------- */

/* The line of the reader of this hash; NULL: the record does not let it in. */
static const char *find_added(const struct pk_rewrap *r, const char *hash)
{
	for (size_t i = 0; i < r->added.n; i++)
		if (strncmp(r->added.v[i], hash, 64) == 0)
			return r->added.v[i];
	return NULL;
}

/* What the roster has of a key that is let in is what the record says of it. */
static PK_NODISCARD int check_names(const struct pk_rewrap *r, const struct pk_roster *roster, struct pk_err *err)
{
	for (size_t i = 0; i < roster->n; i++) {
		const struct pk_party *p = &roster->party[i];

		for (size_t k = 0; k < p->recipients.n; k++) {
			const char *line;
			struct pk_str rest, party;
			char hash[65];

			pk_recipient_hash(pk_str(p->recipients.v[k]), hash);
			if (!(line = find_added(r, hash)))
				continue;
			rest = pk_str(line + 65);
			(void)pk_str_split(&rest, ' ', &party);
			if (!pk_str_eq(party, pk_str(p->name)) || !pk_str_eq(rest, pk_str(p->nation)))
				return pk_fail(err, PK_ECRYPTO, 0,
					       "its record calls a key of '%s' (%s) one of '%.*s' (%.*s)", p->name,
					       p->nation, PK_STR_ARG(party), PK_STR_ARG(rest));
		}
	}
	return 0;
}

/* Without a release nobody is outside of what the record says the label was. Where that names no nations, the issuer's is
 * asked for once it is known. */
static PK_NODISCARD int check_label(const struct pk_rewrap *r, struct pk_err *err)
{
	PK_AUTO(pk_buf) label = {0};

	if (r->authority != PK_AUTHORITY_LABEL || !r->label.rel_to.n)
		return 0;
	pk_buf_put_label_within(&label, &r->label, PK_LABEL_IN_ERROR);
	if (pk_buf_check(&label, err) < 0)
		return -1;
	for (size_t i = 0; i < r->added.n; i++) {
		const char *nation = strrchr(r->added.v[i], ' ') + 1;

		if (!pk_label_permits(&r->label, nation))
			return pk_fail(err, PK_ECRYPTO, 0, "its record lets in '%.*s' (%s) within its label, %s",
				       (int)(nation - r->added.v[i] - 66), r->added.v[i] + 65, nation, label.p);
	}
	return 0;
}

/* An override is the re-sealer's and for readers who are let in here; a release names all of them, and an override those
 * whose nation is outside the label. */
static PK_NODISCARD int check_readers(const struct pk_rewrap *r, const struct pk_release *x, struct pk_err *err)
{
	if (!x->by_originator && strcmp(x->signer, r->signer) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "the override is of '%s', and '%s' rewrapped it", x->signer,
			       r->signer);
	for (size_t i = 0; !x->by_originator && i < x->recipient_hashes.n; i++)
		if (!find_added(r, x->recipient_hashes.v[i]))
			return pk_fail(err, PK_ECRYPTO, 0, "the override of '%s' is for other readers", x->signer);
	for (size_t i = 0; i < r->added.n; i++) {
		const char *nation = strrchr(r->added.v[i], ' ') + 1;
		pk_autofree char *hash = pk_str_dup(pk_str_n(r->added.v[i], 64));

		if (!hash)
			return pk_fail_oom(err);
		if ((x->by_originator || (r->label.rel_to.n && !pk_label_permits(&r->label, nation))) &&
		    !pk_strv_has(&x->recipient_hashes, hash))
			return pk_fail(err, PK_ECRYPTO, 0, "the %s of '%s' does not name the reader %.16s...",
				       x->by_originator ? "release" : "override", x->signer, hash);
	}
	return 0;
}

/* Whoever has a revoked key can put any time into what it signs. */
static PK_NODISCARD int check_not_revoked(const char *what, const struct pk_party *p, struct pk_time at,
					  struct pk_err *err)
{
	if (p && p->revoked && at.sec >= p->revoked)
		return pk_fail_code(err, PK_ECRYPTO, PK_REWRAP_REVOKED, "the %s is signed by '%s', which is revoked",
				    what, p->name);
	return 0;
}

/* Of what was signed by whom is told first that it is revoked, whenever that was. */
static PK_NODISCARD int check_signer(const char *what, struct pk_str text, struct pk_str sig,
				     const struct pk_roster *roster, struct pk_time at, struct pk_err *err)
{
	const struct pk_party *p = NULL;
	PK_AUTO(pk_buf) the = {0};

	pk_buf_putf(&the, "the %s", what);
	if (pk_buf_check(&the, err) < 0 || pk_signer_of(the.p, text, sig, roster, &p, err) < 0)
		return -1;
	return check_not_revoked(what, p, at, err);
}

static PK_NODISCARD int check_releases(const struct pk_rewrap *r, const struct pk_ticket *ticket,
				       const struct pk_roster *roster, struct pk_time at, struct pk_err *err)
{
	for (size_t i = 0; i < r->releases; i++) {
		const struct pk_rewrap_release *x = &r->release[i];
		const struct pk_release_of of = {.ticket = ticket, .bundle = r->bundle};
		PK_AUTO(pk_release_set) s = {0};

		if (check_signer("release", pk_buf_str(&x->text), pk_buf_str(&x->sig), roster, at, err) < 0 ||
		    (x->second_sig.n &&
		     check_signer("override", pk_buf_str(&x->text), pk_buf_str(&x->second_sig), roster, at, err) < 0) ||
		    pk_release_check_text(pk_buf_str(&x->text), pk_buf_str(&x->sig), pk_buf_str(&x->second_sig), roster,
					  (struct pk_time){.sec = r->time}, &s, err) < 0)
			return -1;
		if (s.release.by_originator != (r->authority == PK_AUTHORITY_ORIGINATOR))
			return pk_fail(err, PK_ECRYPTO, 0, "the release of '%s' is not what the rewrap says it is",
				       s.release.signer);
		if (pk_release_is_for(&s.release, &of, err) < 0 || check_readers(r, &s.release, err) < 0)
			return -1;
	}
	return 0;
}

static PK_NODISCARD int check_one(struct pk_str text, struct pk_str sig, const struct pk_ticket *ticket,
				  const struct pk_roster *roster, struct pk_time at, struct pk_rewrap *ret,
				  const struct pk_party **ret_signer, struct pk_err *err)
{
	PK_AUTO(pk_rewrap) r = {0};
	const struct pk_party *p = NULL;

	if (pk_rewrap_parse(text, &r, err) < 0 ||
	    pk_signer_of("the record of the rewrap", text, sig, roster, &p, err) < 0)
		return -1;
	if (strcmp(p->name, r.signer) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "the record of the rewrap names '%s' and is signed by '%s'",
			       r.signer, p->name);
	if (check_not_revoked("rewrap", p, at, err) < 0)
		return -1;
	if (pk_party_check(p, (struct pk_time){.sec = r.time}, err) < 0)
		return pk_wrap(err, "the record of the rewrap");
	if (memcmp(r.ticket, ticket->id, 16) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "the record of the rewrap is of another ticket");
	if (check_names(&r, roster, err) < 0 || check_label(&r, err) < 0 ||
	    check_releases(&r, ticket, roster, at, err) < 0)
		return -1;
	*ret = r;
	r = (struct pk_rewrap){0};
	*ret_signer = p;
	return 0;
}

/* An earlier record leads to what this one began with, and is of the same bundle. */
static bool is_before(const struct pk_rewrap *older, const struct pk_rewrap *r)
{
	return memcmp(older->result, r->from, 64) == 0 && memcmp(older->original, r->original, 64) == 0 &&
	       memcmp(older->bundle, r->bundle, 16) == 0 && older->payload_bytes == r->payload_bytes;
}

int pk_rewrap_check(struct pk_str text, struct pk_str sig, const struct pk_ticket *ticket,
		    const struct pk_roster *roster, struct pk_time at, const struct pk_rewrap_seen *seen,
		    struct pk_rewrap *ret, const struct pk_party **ret_signer, struct pk_err *err)
{
	PK_AUTO(pk_rewrap) newest = {0}, now = {0};
	const struct pk_party *signer = NULL;

	for (unsigned depth = 1;; depth++) {
		PK_AUTO(pk_rewrap) older = {0};
		struct pk_rewrap *r = depth == 1 ? &newest : &now;
		const struct pk_party *p = NULL;

		if (depth > PK_REWRAP_MAX_CHAIN)
			return pk_fail(err, PK_ELIMIT, 0, "more than %d rewraps on each other", PK_REWRAP_MAX_CHAIN);
		if (depth > 1) {
			text = pk_buf_str(depth == 2 ? &newest.previous : &now.previous);
			sig = pk_buf_str(depth == 2 ? &newest.previous_sig : &now.previous_sig);
		}
		if (check_one(text, sig, ticket, roster, at, &older, &p, err) < 0)
			return depth > 1 ? pk_wrap(err, "an earlier rewrap") : -1;
		if (depth > 1 && !is_before(&older, depth == 2 ? &newest : &now))
			return pk_fail(err, PK_ECRYPTO, 0, "the records of the rewraps do not follow on each other");
		if (depth > 1 && !pk_label_eq(&older.label, depth == 2 ? &newest.label : &now.label))
			return pk_fail(err, PK_ECRYPTO, 0, "the records of its rewraps say different labels");
		signer = depth == 1 ? p : signer;
		pk_rewrap_done(r);
		*r = older;
		older = (struct pk_rewrap){0};
		if (seen && seen->each(seen->ctx, r, err) < 0)
			return -1;
		if (!r->previous.n)
			break;
	}
	*ret = newest;
	newest = (struct pk_rewrap){0};
	*ret_signer = signer;
	return 0;
}
