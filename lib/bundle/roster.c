/* SPDX-License-Identifier: Apache-2.0 */
/* The roster's text: parsing, writing, looking up and changing; no files. */
#include "lines.h"
#include "party.h"

#include <picket/age.h>
#include <picket/limits.h>
#include <picket/msg.h>
#include <picket/roster.h>
#include <picket/ticket.h>

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#define MAX_PARTIES 1000
#define MAX_REVOKED 10000

void pk_roster_done(struct pk_roster *r)
{
	for (size_t i = 0; i < r->n; i++)
		pk_party_done(&r->party[i]);
	free(r->party);
	pk_strv_done(&r->revoked_tickets);
	pk_buf_done(&r->text);
	pk_buf_done(&r->sig);
	*r = (struct pk_roster){0};
}

/* --- lookup ----------------------------------------------------------------------------------------- */

static struct pk_party *find(const struct pk_roster *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->party[i].name, name) == 0)
			return &r->party[i];
	return NULL;
}

const struct pk_party *pk_roster_find(const struct pk_roster *r, const char *name) { return find(r, name); }

bool pk_roster_is_originator(const struct pk_roster *r, const struct pk_party *p, struct pk_str originator)
{
	for (size_t i = 0; i < r->n; i++)
		if (pk_str_eq(pk_str(r->party[i].name), originator))
			return strcmp(r->party[i].name, p->name) == 0;
	return pk_str_eq(pk_str(p->org), originator);
}

void pk_roster_warn_originators(const struct pk_roster *r, const struct pk_label *l, const struct pk_events *ev)
{
	struct pk_str rest = pk_str(l->originator), one;

	while (l->originator && pk_str_split(&rest, ',', &one)) {
		bool known = false;

		for (size_t i = 0; i < r->n && !known; i++)
			known = pk_roster_is_originator(r, &r->party[i], one);
		if (!known)
			pk_event_warn(ev,
				      "originator '%.*s' is nobody in the roster: no nation of its own keeps the "
				      "material from others, and nobody can sign its release (a party's name or "
				      "organisation would be somebody)",
				      PK_STR_ARG(one));
	}
}

const struct pk_party *pk_roster_find_signer(const struct pk_roster *r, const struct pk_minisign_pub *pub)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->party[i].has_sign && pk_minisign_pub_eq(&r->party[i].sign, pub))
			return &r->party[i];
	return NULL;
}

const struct pk_party *pk_roster_find_recipient(const struct pk_roster *r, const char *recipient)
{
	for (size_t i = 0; i < r->n; i++)
		if (pk_strv_has(&r->party[i].recipients, recipient))
			return &r->party[i];
	return NULL;
}

const struct pk_party *pk_roster_find_hash(const struct pk_roster *r, const char *hash)
{
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->party[i].recipients.n; k++) {
			char its[65];

			pk_recipient_hash(pk_str(r->party[i].recipients.v[k]), its);
			if (strcmp(its, hash) == 0)
				return &r->party[i];
		}
	return NULL;
}

int pk_roster_find_readers(const struct pk_roster *r, const struct pk_strv *hashes, struct pk_strv *ret,
			   uint64_t *ret_unknown, struct pk_err *err)
{
	PK_AUTO(pk_strv) found = {0};

	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->party[i].recipients.n; k++) {
			const char *recipient = r->party[i].recipients.v[k];
			char hex[65];

			pk_recipient_hash(pk_str(recipient), hex);
			if (!pk_strv_has(hashes, hex))
				continue;
			if (pk_strv_add(&found, pk_str(hex), err) < 0 || pk_strv_add(ret, pk_str(recipient), err) < 0)
				return -1;
		}
	pk_strv_uniq(&found);
	*ret_unknown = hashes->n - found.n;
	return 0;
}

/* --- changes ---------------------------------------------------------------------------------------- */

/* Whether two parties share a key, and what it is of each: then "whose is it" has no answer. Keys that sign are one
 * another's whatever they sign: a signature of one kind could be passed off as one of another. */
static bool share_key(const struct pk_party *a, const struct pk_party *b, const char **ret_of_a, const char **ret_of_b)
{
	struct pk_party_key ka[PK_PARTY_KEYS], kb[PK_PARTY_KEYS];
	size_t na = pk_party_keys(a, ka), nb = pk_party_keys(b, kb);

	*ret_of_a = *ret_of_b = "recipient";
	for (size_t i = 0; i < a->recipients.n; i++)
		if (pk_strv_has(&b->recipients, a->recipients.v[i]))
			return true;
	for (size_t i = 0; i < na; i++)
		for (size_t j = 0; j < nb; j++)
			if (memcmp(ka[i].key, kb[j].key, 32) == 0) {
				*ret_of_a = ka[i].what;
				*ret_of_b = kb[j].what;
				return true;
			}
	*ret_of_a = *ret_of_b = "signing key's number";
	return a->has_sign && b->has_sign && memcmp(a->sign.keynum, b->sign.keynum, sizeof(a->sign.keynum)) == 0;
}

/* An originator is a party's name or its organisation's: one that is another party's name would have its word. */
static PK_NODISCARD int check_org(const struct pk_party *a, const struct pk_party *b, struct pk_err *err)
{
	if (strcmp(a->org, b->name) != 0 || strcmp(a->org, b->org) == 0)
		return 0;
	return pk_fail(
		err, PK_EUSAGE, 0,
		"the organisation of party '%s' has the name of party '%s', which is of another one: who of them "
		"would be originator?",
		a->name, b->name);
}

/* p against everybody but the party at `self`. Names that differ in case only would be taken for each other. */
static PK_NODISCARD int check_unique(const struct pk_roster *r, const struct pk_party *p, size_t self,
				     struct pk_err *err)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct pk_party *other = &r->party[i];
		const char *of_other = NULL, *of_p = NULL;

		if (i == self)
			continue;
		if (strcasecmp(other->name, p->name) == 0)
			return pk_fail(err, PK_EUSAGE, 0, "the roster has a party '%s' already", other->name);
		if (share_key(other, p, &of_other, &of_p))
			return strcmp(of_other, of_p) == 0
				       ? pk_fail(err, PK_EUSAGE, 0, "parties '%s' and '%s' have the same %s",
						 other->name, p->name, of_p)
				       : pk_fail(err, PK_EUSAGE, 0,
						 "the %s of party '%s' is the %s of party '%s': each needs a key of "
						 "its own",
						 of_other, other->name, of_p, p->name);
		if (check_org(p, other, err) < 0 || check_org(other, p, err) < 0)
			return -1;
	}
	return 0;
}

/* Takes *p over. */
static PK_NODISCARD int append(struct pk_roster *r, struct pk_party *p, struct pk_err *err)
{
	if (r->n >= MAX_PARTIES)
		return pk_fail(err, PK_ELIMIT, 0, "more than %d parties in one roster", MAX_PARTIES);
	if (check_unique(r, p, SIZE_MAX, err) < 0)
		return -1;
	if (!pk_grow(&r->party, &r->cap, r->n + 1, sizeof(*r->party)))
		return pk_fail_oom(err);
	r->party[r->n++] = *p;
	*p = (struct pk_party){0};
	return 0;
}

/* Nothing can be sealed to a weak key. Of those that the roster has already it is not asked: sealing does. */
static PK_NODISCARD int check_recipients(const struct pk_party *p, const struct pk_party *old, struct pk_err *err)
{
	for (size_t i = 0; i < p->recipients.n; i++)
		if (!(old && pk_strv_has(&old->recipients, p->recipients.v[i])) &&
		    pk_age_recipient_is_weak(pk_str(p->recipients.v[i])))
			return pk_fail(err, PK_EUSAGE, 0,
				       "a recipient of party '%s' is a weak key (a point of low order), which nothing "
				       "can be sealed to: '%.20s...'",
				       p->name, p->recipients.v[i]);
	return 0;
}

int pk_roster_add(struct pk_roster *r, const struct pk_party *p, struct pk_err *err)
{
	PK_AUTO(pk_party) c = {0};

	if (check_recipients(p, NULL, err) < 0)
		return -1;
	if (r->n == 0 && !p->has_sign)
		return pk_fail(err, PK_EUSAGE, 0, "the first party signs the roster, but '%s' has no signing key",
			       p->name);
	return pk_party_copy(p, &c, err) < 0 ? -1 : append(r, &c, err);
}

bool pk_roster_keep_revoked(const struct pk_roster *r, struct pk_party *p)
{
	const struct pk_party *old = find(r, p->name);
	const char *of_old = NULL, *of_p = NULL;

	if (!old || !old->revoked || (p->revoked && p->revoked <= old->revoked) || !share_key(old, p, &of_old, &of_p))
		return false;
	p->revoked = old->revoked;
	return true;
}

int pk_roster_change(struct pk_roster *r, const struct pk_party *p, struct pk_err *err)
{
	PK_AUTO(pk_party) c = {0};
	struct pk_party *old = find(r, p->name), swap;

	if (!old)
		return pk_fail(err, PK_EUSAGE, 0, "the roster has no party '%s'", p->name);
	if (old == r->party && (!p->has_sign || !pk_minisign_pub_eq(&old->sign, &p->sign)))
		return pk_fail(err, PK_EUSAGE, 0, "the lead's signing key is pinned and cannot change");
	if (check_recipients(p, old, err) < 0 || check_unique(r, p, (size_t)(old - r->party), err) < 0 ||
	    pk_party_copy(p, &c, err) < 0)
		return -1;
	swap = *old;
	*old = c;
	c = swap;
	return 0;
}

int pk_roster_revoke_ticket(struct pk_roster *r, const uint8_t id[16], struct pk_err *err)
{
	PK_AUTO(pk_buf) hex = {0};

	pk_buf_put_hex(&hex, id, 16);
	if (pk_buf_check(&hex, err) < 0)
		return -1;
	if (pk_strv_has(&r->revoked_tickets, hex.p))
		return 0;
	if (r->revoked_tickets.n >= MAX_REVOKED)
		return pk_fail(err, PK_ELIMIT, 0, "more than %d revoked tickets", MAX_REVOKED);
	if (pk_strv_add(&r->revoked_tickets, pk_buf_str(&hex), err) < 0)
		return -1;
	pk_strv_uniq(&r->revoked_tickets);
	return 0;
}

/* --- text ------------------------------------------------------------------------------------------- */

void pk_buf_put_roster(struct pk_buf *b, const struct pk_roster *r)
{
	pk_buf_putf(b, "picket-roster: 1\nversion: %llu\n", (unsigned long long)r->version);
	pk_buf_put_line_time(b, "time", r->time.sec);
	for (size_t i = 0; i < r->revoked_tickets.n; i++)
		pk_buf_putf(b, "revoked-ticket: %s\n", r->revoked_tickets.v[i]);
	for (size_t i = 0; i < r->n; i++) {
		pk_buf_put_c(b, '\n');
		pk_buf_put_party_lines(b, &r->party[i]);
	}
}

static PK_NODISCARD int parse_head(struct pk_lines *l, struct pk_roster *r, struct pk_err *err)
{
	struct pk_str s;
	uint8_t id[16];
	bool there = true;

	if (pk_lines_take(l, "version", &s, err) < 0)
		return -1;
	if (!pk_str_u64(s, INT64_MAX, &r->version) || r->version == 0)
		return pk_lines_bad(l, err, "'%.*s' is no version number", PK_STR_ARG(s));
	if (pk_lines_take_time(l, "time", &r->time.sec, err) < 0)
		return -1;
	while (pk_lines_maybe(l, "revoked-ticket", &there, &s, err) == 0) {
		if (!there)
			return 0;
		if (!pk_hex_decode(s, id, sizeof(id)))
			return pk_lines_bad(l, err, "a ticket id is 32 hex digits");
		if (r->revoked_tickets.n >= MAX_REVOKED)
			return pk_lines_bad(l, err, "more than %d revoked tickets", MAX_REVOKED);
		if (pk_strv_add(&r->revoked_tickets, s, err) < 0)
			return -1;
	}
	return -1;
}

int pk_roster_parse(struct pk_str text, struct pk_roster *ret, struct pk_err *err)
{
	PK_AUTO(pk_roster) r = {0};
	PK_AUTO(pk_buf) again = {0};
	struct pk_lines l;

	if (text.n > PK_MAX_TEXT_FILE)
		return pk_fail(err, PK_ELIMIT, 0, "roster of %zu bytes (limit %u)", text.n, PK_MAX_TEXT_FILE);
	if (pk_lines_begin(&l, "picket-roster", text, err) < 0 || parse_head(&l, &r, err) < 0)
		return -1;
	pk_strv_uniq(&r.revoked_tickets);
	while (pk_lines_blank(&l)) {
		PK_AUTO(pk_party) p = {0};
		struct pk_err why = {0};

		if (pk_party_parse_lines(&l, &p, err) < 0)
			return -1;
		if (append(&r, &p, &why) < 0)
			return pk_lines_because(&l, &why, err);
	}
	if (pk_lines_end(&l, err) < 0)
		return -1;
	if (r.n == 0 || !r.party[0].has_sign)
		return pk_fail(err, PK_EFORMAT, 0, "picket-roster: its first party must have a signing key");
	pk_buf_put_roster(&again, &r);
	if (pk_lines_same("picket-roster", text, &again, err) < 0)
		return -1;
	pk_buf_put_str(&r.text, text);
	if (pk_buf_check(&r.text, err) < 0)
		return -1;
	*ret = r;
	r = (struct pk_roster){0};
	return 0;
}

int pk_roster_verify(struct pk_str text, struct pk_str sig, const struct pk_minisign_pub *lead, struct pk_roster *ret,
		     struct pk_err *err)
{
	PK_AUTO(pk_roster) r = {0};

	if (pk_minisign_verify_bytes(lead, text, sig, NULL, err) < 0 || pk_roster_parse(text, &r, err) < 0)
		return -1;
	if (!pk_minisign_pub_eq(&r.party[0].sign, lead))
		return pk_fail(err, PK_ECRYPTO, 0, "the roster's first party is not who signed it");
	pk_buf_put_str(&r.sig, sig);
	if (pk_buf_check(&r.sig, err) < 0)
		return -1;
	*ret = r;
	r = (struct pk_roster){0};
	return 0;
}

/* --- whom `--to` means ------------------------------------------------------------------------------ */

static PK_NODISCARD int add_recipient(struct pk_strv *l, struct pk_str s, struct pk_err *err)
{
	pk_autofree char *z = NULL;

	if (pk_age_recipient_check(s, NULL, err) < 0)
		return -1;
	if (!(z = pk_str_dup(s)))
		return pk_fail_oom(err);
	return pk_strv_has(l, z) ? 0 : pk_strv_add(l, s, err);
}

static PK_NODISCARD int add_file(const char *path, struct pk_strv *ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	struct pk_str rest, line;
	size_t before = ret->n;
	unsigned no = 0;

	if (pk_read_path(path, PK_MAX_TEXT_FILE, &text, err) < 0)
		return -1;
	for (rest = pk_buf_str(&text); pk_str_line(&rest, &line);) {
		no++;
		line = pk_str_trim(line);
		if (line.n && line.p[0] != '#' && add_recipient(ret, line, err) < 0)
			return pk_wrap(err, "%s, line %u", path, no);
	}
	return ret->n > before ? 0 : pk_fail(err, PK_EUSAGE, 0, "'%s' holds no new recipient", path);
}

int pk_roster_resolve(const struct pk_roster *r, const char *to, struct pk_strv *ret, struct pk_err *err)
{
	const struct pk_party *p = r ? find(r, to) : NULL;
	struct pk_err why = {0};

	if (p) {
		for (size_t i = 0; i < p->recipients.n; i++)
			if (add_recipient(ret, pk_str(p->recipients.v[i]), err) < 0)
				return -1;
		return 0;
	}
	if (pk_str_starts(pk_str(to), PK_STR("age1")) && strchr(to, '/') == NULL)
		return add_recipient(ret, pk_str(to), err);
	if (add_file(to, ret, &why) == 0)
		return 0;
	if (why.kind == PK_ESYS && why.sys == ENOENT)
		return pk_fail(err, PK_EUSAGE, 0, "'%s' is no party of the roster, no 'age1...' and no file", to);
	if (err)
		*err = why;
	return -1;
}
