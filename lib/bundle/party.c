/* SPDX-License-Identifier: Apache-2.0 */
/* Parties: the text file with the public halves of somebody's keys, and its fingerprint. */
#include "party.h"
#include "lines.h"

#include <picket/age.h>
#include <picket/hash.h>
#include <picket/limits.h>
#include <picket/roster.h>

#include <stdlib.h>

#define MAX_NAME 64
#define MAX_ORG 200
#define FINGERPRINT_BYTES 20

void pk_party_done(struct pk_party *p)
{
	free(p->name);
	free(p->org);
	free(p->nation);
	pk_strv_done(&p->recipients);
	*p = (struct pk_party){0};
}

int pk_party_copy(const struct pk_party *p, struct pk_party *ret, struct pk_err *err)
{
	PK_AUTO(pk_party) c = *p;

	c.recipients = (struct pk_strv){0};
	c.name = pk_str_dup(pk_str(p->name));
	c.org = pk_str_dup(pk_str(p->org));
	c.nation = pk_str_dup(pk_str(p->nation));
	if (!c.name || !c.org || !c.nation)
		return pk_fail_oom(err);
	for (size_t i = 0; i < p->recipients.n; i++)
		if (pk_strv_add(&c.recipients, pk_str(p->recipients.v[i]), err) < 0)
			return -1;
	*ret = c;
	c = (struct pk_party){0};
	return 0;
}

static bool is_alnum(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

bool pk_party_name_ok(struct pk_str s)
{
	if (s.n == 0 || s.n > MAX_NAME || !is_alnum(s.p[0]))
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!is_alnum(s.p[i]) && s.p[i] != '.' && s.p[i] != '_' && s.p[i] != '-')
			return false;
	return true;
}

size_t pk_party_keys(const struct pk_party *p, struct pk_party_key ret[PK_PARTY_KEYS])
{
	size_t n = 0;

	if (p->has_sign)
		ret[n++] = (struct pk_party_key){"signing key", p->sign.key};
	if (p->has_note)
		ret[n++] = (struct pk_party_key){"note key", p->note.key};
	if (p->has_cosign)
		ret[n++] = (struct pk_party_key){"cosignature key", p->cosign.key};
	return n;
}

/* --- reading ---------------------------------------------------------------------------------------- */

static PK_NODISCARD int dup_to(char **to, struct pk_str s, struct pk_err *err)
{
	*to = pk_str_dup(s);
	return *to ? 0 : pk_fail_oom(err);
}

static PK_NODISCARD int parse_who(struct pk_lines *l, struct pk_party *p, struct pk_err *err)
{
	struct pk_str s;

	if (pk_lines_take(l, "name", &s, err) < 0)
		return -1;
	if (!pk_party_name_ok(s))
		return pk_lines_bad(l, err, "'%.*s' is no party name (letters, digits, '.', '_', '-')", PK_STR_ARG(s));
	if (dup_to(&p->name, s, err) < 0 || pk_lines_take(l, "org", &s, err) < 0)
		return -1;
	if (!pk_lines_text_ok(s, MAX_ORG))
		return pk_lines_bad(l, err, "more than %d bytes of organisation", MAX_ORG);
	if (dup_to(&p->org, s, err) < 0 || pk_lines_take(l, "nation", &s, err) < 0)
		return -1;
	if (!pk_nation_is_known(s))
		return pk_lines_bad(l, err, "'%.*s' is no ISO 3166-1 alpha-3 code", PK_STR_ARG(s));
	return dup_to(&p->nation, s, err);
}

static PK_NODISCARD int parse_keys(struct pk_lines *l, struct pk_party *p, struct pk_err *err)
{
	struct pk_err why = {0};
	struct pk_str s;
	bool there = true;

	if (pk_lines_take(l, "recipient", &s, err) < 0)
		return -1;
	while (there) {
		if (pk_age_recipient_check(s, NULL, &why) < 0)
			return pk_lines_because(l, &why, err);
		if (p->recipients.n >= PK_PARTY_MAX_RECIPIENTS)
			return pk_lines_bad(l, err, "more than %d recipients", PK_PARTY_MAX_RECIPIENTS);
		if (pk_strv_add(&p->recipients, s, err) < 0 || pk_lines_maybe(l, "recipient", &there, &s, err) < 0)
			return -1;
	}
	if (pk_lines_maybe(l, "sign", &p->has_sign, &s, err) < 0)
		return -1;
	if (p->has_sign && pk_minisign_pub_parse(s, &p->sign, &why) < 0)
		return pk_lines_because(l, &why, err);
	if (pk_lines_maybe(l, "note", &p->has_note, &s, err) < 0)
		return -1;
	if (p->has_note && pk_note_pub_parse(s, PK_NOTE_SIGN, &p->note, &why) < 0)
		return pk_lines_because(l, &why, err);
	if (pk_lines_maybe(l, "cosign", &p->has_cosign, &s, err) < 0)
		return -1;
	if (p->has_cosign && pk_note_pub_parse(s, PK_NOTE_COSIGN, &p->cosign, &why) < 0)
		return pk_lines_because(l, &why, err);
	return 0;
}

/* A signature of one kind could be passed off as one of another. */
static PK_NODISCARD int check_keys(const struct pk_lines *l, const struct pk_party *p, struct pk_err *err)
{
	struct pk_party_key k[PK_PARTY_KEYS];
	size_t n = pk_party_keys(p, k);

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (memcmp(k[i].key, k[j].key, 32) == 0)
				return pk_lines_bad(l, err,
						    "the %s of party '%s' is its %s too: each needs a key of its own",
						    k[j].what, p->name, k[i].what);
	return 0;
}

static PK_NODISCARD int maybe_time(struct pk_lines *l, const char *key, int64_t *ret, struct pk_err *err)
{
	struct pk_str s;
	bool there = false;

	if (pk_lines_maybe(l, key, &there, &s, err) < 0)
		return -1;
	if (there && !pk_lines_time(s, ret))
		return pk_lines_bad(l, err, "'%.*s' is no time such as 2026-01-31T12:00:00Z", PK_STR_ARG(s));
	return 0;
}

int pk_party_parse_lines(struct pk_lines *l, struct pk_party *ret, struct pk_err *err)
{
	PK_AUTO(pk_party) p = {0};
	struct pk_str s;

	if (parse_who(l, &p, err) < 0 || parse_keys(l, &p, err) < 0 || check_keys(l, &p, err) < 0 ||
	    pk_lines_take(l, "issuer", &s, err) < 0)
		return -1;
	if (!pk_str_eq(s, PK_STR("yes")) && !pk_str_eq(s, PK_STR("no")))
		return pk_lines_bad(l, err, "'issuer' is yes or no");
	p.issuer = pk_str_eq(s, PK_STR("yes"));
	if (p.issuer && !p.has_sign)
		return pk_lines_bad(l, err, "an issuer needs a 'sign' key");
	if (maybe_time(l, "valid-from", &p.valid_from, err) < 0 || maybe_time(l, "valid-to", &p.valid_to, err) < 0)
		return -1;
	if (p.valid_from && p.valid_to && p.valid_from > p.valid_to)
		return pk_lines_bad(l, err, "party '%s' would never be valid: its validity ends before it begins",
				    p.name);
	if (maybe_time(l, "revoked", &p.revoked, err) < 0)
		return -1;
	*ret = p;
	p = (struct pk_party){0};
	return 0;
}

int pk_party_parse(struct pk_str text, struct pk_party *ret, struct pk_err *err)
{
	PK_AUTO(pk_party) p = {0};
	PK_AUTO(pk_buf) again = {0};
	struct pk_lines l;

	if (pk_lines_begin(&l, "picket-party", text, err) < 0 || pk_party_parse_lines(&l, &p, err) < 0 ||
	    pk_lines_end(&l, err) < 0)
		return -1;
	pk_buf_put_party(&again, &p);
	if (pk_lines_same("picket-party", text, &again, err) < 0)
		return -1;
	*ret = p;
	p = (struct pk_party){0};
	return 0;
}

int pk_party_read(const char *path, struct pk_party *ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};

	if (pk_read_path(path, PK_MAX_TEXT_FILE, &text, err) < 0)
		return -1;
	return pk_party_parse(pk_buf_str(&text), ret, err) < 0 ? pk_wrap(err, "%s", path) : 0;
}

/* --- writing ---------------------------------------------------------------------------------------- */

static void put_public_lines(struct pk_buf *b, const struct pk_party *p)
{
	pk_buf_putf(b, "name: %s\norg: %s\nnation: %s\n", p->name, p->org, p->nation);
	for (size_t i = 0; i < p->recipients.n; i++)
		pk_buf_putf(b, "recipient: %s\n", p->recipients.v[i]);
	if (p->has_sign) {
		pk_buf_puts(b, "sign: ");
		pk_buf_put_minisign_pub(b, &p->sign);
		pk_buf_put_c(b, '\n');
	}
	if (p->has_note) {
		pk_buf_puts(b, "note: ");
		pk_buf_put_note_pub(b, &p->note);
		pk_buf_put_c(b, '\n');
	}
	if (p->has_cosign) {
		pk_buf_puts(b, "cosign: ");
		pk_buf_put_note_pub(b, &p->cosign);
		pk_buf_put_c(b, '\n');
	}
}

void pk_buf_put_party_lines(struct pk_buf *b, const struct pk_party *p)
{
	put_public_lines(b, p);
	pk_buf_putf(b, "issuer: %s\n", p->issuer ? "yes" : "no");
	if (p->valid_from)
		pk_buf_put_line_time(b, "valid-from", p->valid_from);
	if (p->valid_to)
		pk_buf_put_line_time(b, "valid-to", p->valid_to);
	if (p->revoked)
		pk_buf_put_line_time(b, "revoked", p->revoked);
}

void pk_buf_put_party(struct pk_buf *b, const struct pk_party *p)
{
	pk_buf_puts(b, "picket-party: 1\n");
	pk_buf_put_party_lines(b, p);
}

void pk_buf_put_fingerprint(struct pk_buf *b, const struct pk_party *p)
{
	PK_AUTO(pk_buf) text = {0};
	uint8_t sum[PK_SHA256_SIZE];

	put_public_lines(&text, p);
	if (text.oom) {
		b->oom = true;
		return;
	}
	pk_sha256(text.p, text.n, sum);
	for (size_t i = 0; i < FINGERPRINT_BYTES; i += 2) {
		pk_buf_puts(b, i ? " " : "");
		pk_buf_put_hex(b, sum + i, 2);
	}
}

/* --- validity --------------------------------------------------------------------------------------- */

static int fail_since(struct pk_err *err, const struct pk_party *p, const char *what, int64_t when)
{
	PK_AUTO(pk_buf) t = {0};

	pk_buf_put_rfc3339(&t, (struct pk_time){.sec = when}, 0);
	return pk_fail(err, PK_ECRYPTO, 0, "party '%s' %s %s", p->name, what, t.p ? t.p : "");
}

int pk_party_check(const struct pk_party *p, struct pk_time at, struct pk_err *err)
{
	if (p->revoked && at.sec >= p->revoked)
		return fail_since(err, p, "was revoked at", p->revoked);
	if (p->valid_from && at.sec < p->valid_from)
		return fail_since(err, p, "is valid only from", p->valid_from);
	if (p->valid_to && at.sec > p->valid_to)
		return fail_since(err, p, "was valid until", p->valid_to);
	return 0;
}
