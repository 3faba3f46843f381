/* SPDX-License-Identifier: Apache-2.0 */
/* Trust: what the roster makes of a ticket at the moment of first intake. */
#include "party.h"
#include "signer.h"

#include <picket/ticket.h>

static const struct {
	const char *name, *text;
} words[] = {
	[PK_TRUST_OK] = {"ok", "signed under a valid ticket of an issuer in the roster"},
	[PK_TRUST_UNSIGNED] = {"unsigned", "no signature or no ticket: anybody could have made this bundle"},
	[PK_TRUST_ALTERED] = {"altered", "a signature does not fit, or inside and outside differ: do not use it"},
	[PK_TRUST_UNKNOWN_ISSUER] =
		{"unknown issuer", "the ticket's signer may not issue here: add its party to the roster if it should"},
	[PK_TRUST_REVOKED] = {"revoked", "the issuer or this ticket was revoked before the bundle arrived"},
	[PK_TRUST_EXPIRED] = {"expired", "the bundle arrived outside the validity of its ticket or issuer"},
	[PK_TRUST_REPLAYED] = {"replayed", "ALARM: a ticket for one use came back with a second bundle"},
	[PK_TRUST_EQUIVOCATION] = {"equivocation",
				   "ALARM: one bundle id, two contents that contradict each other, both signed"},
	[PK_TRUST_UNRELEASED] = {"not releasable", "the label does not permit this share or rewrap"},
	[PK_TRUST_WAITING] = {"waiting", "a part of a collection: what joins it to the other parts is not here yet"},
};

const char *pk_trust_name(enum pk_trust_status s) { return (size_t)s < PK_LEN(words) ? words[s].name : "unknown"; }

const char *pk_trust_text(enum pk_trust_status s) { return (size_t)s < PK_LEN(words) ? words[s].text : "unknown"; }

struct verdict {
	enum pk_trust_status status;
	const struct pk_party *issuer;
};

static int say(struct verdict *v, enum pk_trust_status s, const struct pk_party *issuer)
{
	*v = (struct verdict){s, issuer};
	return 0;
}

static int fail_time(struct pk_err *err, const char *what, struct pk_time when)
{
	PK_AUTO(pk_buf) t = {0};

	pk_buf_put_rfc3339(&t, when, 0);
	return pk_fail(err, PK_ECRYPTO, 0, "the ticket %s %s", what, t.p ? t.p : "");
}

/* The signature holds: may this issuer, with this ticket, at this moment? */
static PK_NODISCARD int judge(const struct pk_ticket *t, const struct pk_party *p, const struct pk_roster *roster,
			      struct pk_time at, struct verdict *v, struct pk_err *err)
{
	const struct pk_time second = {.sec = at.sec};
	PK_AUTO(pk_buf) id = {0};

	pk_buf_put_hex(&id, t->id, sizeof(t->id));
	if (pk_buf_check(&id, err) < 0)
		return -1;
	if (pk_strv_has(&roster->revoked_tickets, id.p)) {
		pk_fail(err, PK_ECRYPTO, 0, "ticket '%s' was revoked", id.p);
		return say(v, PK_TRUST_REVOKED, p);
	}
	if (pk_party_check(p, at, err) < 0)
		return say(v, p->revoked && at.sec >= p->revoked ? PK_TRUST_REVOKED : PK_TRUST_EXPIRED, p);
	if (pk_time_cmp(second, t->not_before) < 0) {
		fail_time(err, "is valid only from", t->not_before);
		return say(v, PK_TRUST_EXPIRED, p);
	}
	if (pk_time_cmp(second, t->not_after) > 0) {
		fail_time(err, "was valid until", t->not_after);
		return say(v, PK_TRUST_EXPIRED, p);
	}
	return say(v, PK_TRUST_OK, p);
}

/* A key that signs something else could have signed what only passes for the ticket's. */
static bool has_key_of(const struct pk_ticket *t, const struct pk_roster *roster, struct pk_err *err)
{
	for (size_t i = 0; i < roster->n; i++) {
		struct pk_party_key keys[PK_PARTY_KEYS];
		size_t n = pk_party_keys(&roster->party[i], keys);

		for (size_t k = 0; k < n; k++) {
			bool is_sign = memcmp(keys[k].key, t->sign.key, 32) == 0;

			if (!is_sign && memcmp(keys[k].key, t->note.key, 32) != 0)
				continue;
			pk_fail(err, PK_ECRYPTO, 0,
				"the ticket's %s key is the %s of '%s': each needs a key of its own",
				is_sign ? "signing" : "note", keys[k].what, roster->party[i].name);
			return true;
		}
	}
	return false;
}

static PK_NODISCARD int check(struct pk_str ticket, struct pk_str sigtext, const struct pk_roster *roster,
			      struct pk_time at, struct verdict *v, struct pk_err *err)
{
	const struct pk_party *p = NULL;
	struct pk_minisign_sig sig;
	struct pk_ticket t;
	uint8_t digest[64], id[16];
	bool named = false;

	if (ticket.n == 0 || sigtext.n == 0) {
		pk_fail(err, PK_ECRYPTO, 0, ticket.n ? "the ticket is not signed" : "there is no ticket");
		return say(v, PK_TRUST_UNSIGNED, NULL);
	}
	if (pk_minisign_sig_parse(sigtext, &sig, err) < 0) {
		pk_wrap(err, "the ticket's signature");
		return say(v, PK_TRUST_ALTERED, NULL);
	}
	pk_blake2b(ticket.p, ticket.n, digest);
	if (pk_signer_find(digest, &sig, roster, &p, &named, err) < 0)
		return -1;
	if (!p && named) { /* a party has that key's number, and another key */
		pk_fail(err, PK_ECRYPTO, 0, "the ticket's signature does not fit");
		return say(v, PK_TRUST_ALTERED, NULL);
	}
	if (!p) {
		struct pk_cur c = pk_cur(sig.keynum, sizeof(sig.keynum));

		pk_fail(err, PK_ECRYPTO, 0, "the ticket is signed by key %016llX, which nobody in the roster has",
			(unsigned long long)pk_rd_le64(&c));
		return say(v, PK_TRUST_UNKNOWN_ISSUER, NULL);
	}
	if (pk_ticket_parse(ticket, &t, err) < 0)
		return say(v, PK_TRUST_ALTERED, p);
	pk_ticket_id(&p->sign, &t.sign, id);
	if (memcmp(id, t.id, sizeof(id)) != 0) { /* not of whoever issued it: it is not told as somebody's */
		pk_fail(err, PK_ECRYPTO, 0, "the ticket is signed by another key than its issuer's, that of '%s'",
			p->name);
		return say(v, PK_TRUST_ALTERED, NULL);
	}
	if (has_key_of(&t, roster, err))
		return say(v, PK_TRUST_ALTERED, p);
	if (!p->issuer) {
		pk_fail(err, PK_ECRYPTO, 0, "party '%s' of the roster may not issue tickets", p->name);
		return say(v, PK_TRUST_UNKNOWN_ISSUER, p);
	}
	return judge(&t, p, roster, at, v, err);
}

int pk_ticket_check(struct pk_str ticket, struct pk_str sig, const struct pk_roster *roster, struct pk_time at,
		    enum pk_trust_status *ret_status, const struct pk_party **ret_issuer, struct pk_err *err)
{
	struct verdict v = {PK_TRUST_ALTERED, NULL};
	struct pk_err why = {0};

	if (check(ticket, sig, roster, at, &v, &why) < 0) {
		if (err)
			*err = why;
		return -1;
	}
	if (v.status != PK_TRUST_OK && pk_memory_ran_out())
		return pk_fail_oom(err);
	if (v.status != PK_TRUST_OK && err)
		*err = why;
	*ret_status = v.status;
	if (ret_issuer)
		*ret_issuer = v.issuer;
	return 0;
}
