/* SPDX-License-Identifier: Apache-2.0 */
/* What a roster makes of a share: who collected, who released, and whether the labels permit it. */
#include "sharejudge.h"
#include "signer.h"

#include <picket/age.h>
#include <picket/hash.h>
#include <picket/json.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void pk_share_judgement_done(struct pk_share_judgement *j)
{
	for (size_t i = 0; i < j->n; i++) {
		free(j->source[i].why);
		free(j->source[i].issuer);
		free(j->source[i].nation);
		free(j->source[i].receipt_why);
		free(j->source[i].part_why);
		pk_strv_done(&j->source[i].by_way_of);
		free(j->source[i].unproven);
	}
	free(j->source);
	free(j->why);
	free(j->sharer);
	free(j->nation);
	pk_label_done(&j->label);
	*j = (struct pk_share_judgement){0};
}

/* At its last valid moment, if that is past: which its signer chose. */
static int check_ticket(const struct pk_ticket *t, struct pk_str text, struct pk_str sig,
			const struct pk_roster *roster, struct pk_time now, enum pk_trust_status *ret,
			const struct pk_party **ret_issuer, struct pk_err *err)
{
	struct pk_time at = pk_time_cmp(t->not_after, now) < 0 ? t->not_after : now;

	return pk_ticket_check(text, sig, roster, at, ret, ret_issuer, err);
}

static bool is_revoked(const struct pk_party *p, struct pk_time now) { return p->revoked && now.sec >= p->revoked; }

/* Whoever has a revoked key can put any time into a ticket. */
static void revoke(const struct pk_party *issuer, struct pk_time now, enum pk_trust_status *status, struct pk_err *err)
{
	if ((*status == PK_TRUST_OK || *status == PK_TRUST_EXPIRED) && is_revoked(issuer, now) &&
	    pk_party_check(issuer, now, err) < 0)
		*status = PK_TRUST_REVOKED;
}

/* Somebody who gains nothing by it had the bundle before its issuer was revoked. */
static bool is_older(const struct pk_receipt *held, const struct pk_party *issuer, const char *sharer)
{
	return held && held->time < issuer->revoked && strcmp(held->signer, issuer->name) != 0 &&
	       (!sharer || strcmp(held->signer, sharer) != 0);
}

int pk_source_check(const struct pk_share_source *s, const struct pk_receipt *held, const char *sharer,
		    const struct pk_roster *roster, struct pk_time now, enum pk_trust_status *ret,
		    const struct pk_party **ret_issuer, struct pk_err *err)
{
	const struct pk_party *p = NULL;

	if (check_ticket(&s->ticket, pk_buf_str(&s->ticket_text), pk_buf_str(&s->ticket_sig), roster, now, ret, &p,
			 err) < 0)
		return -1;
	if (p && !is_older(held, p, sharer))
		revoke(p, now, ret, err);
	*ret_issuer = p;
	return 0;
}

int pk_source_label(const struct pk_share_source *s, struct pk_label *ret, struct pk_err *err)
{
	struct pk_label l = {0};

	if (pk_label_copy(&s->label, &l, err) < 0)
		return -1;
	for (size_t i = 0; i < s->earlier_n; i++) {
		struct pk_label both = {0};

		if (pk_label_combine(&l, &s->earlier[i].says.label, &both, err) < 0) {
			pk_label_done(&l);
			return -1;
		}
		pk_label_done(&l);
		l = both;
	}
	*ret = l;
	return 0;
}

int pk_label_within(const struct pk_label *l, const struct pk_label *limit, bool *ret, struct pk_err *err)
{
	PK_AUTO(pk_label) both = {0};

	if (pk_label_combine(l, limit, &both, err) < 0)
		return -1;
	*ret = pk_label_eq(&both, l);
	return 0;
}

/* The first verdict that is not OK stays. */
static int say(struct pk_share_judgement *j, enum pk_trust_status s, struct pk_err *err, const char *fmt, ...)
	PK_PRINTF(4, 5);
static int say(struct pk_share_judgement *j, enum pk_trust_status s, struct pk_err *err, const char *fmt, ...)
{
	char msg[512];
	va_list ap;

	if (j->status != PK_TRUST_OK)
		return 0;
	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	j->status = s;
	j->why = pk_str_dup(pk_str(msg));
	return j->why ? 0 : pk_fail_oom(err);
}

static int add_label(struct pk_share_judgement *j, const struct pk_label *l, bool first, struct pk_err *err)
{
	struct pk_label both = {0};

	if ((first ? pk_label_copy(l, &both, err) : pk_label_combine(&j->label, l, &both, err)) < 0)
		return -1;
	pk_label_done(&j->label);
	j->label = both;
	return 0;
}

/* Whose signature of something earlier it is; *ret NULL: that of nobody whom the roster has. */
static int find_earlier(struct pk_share_judgement *j, const char *what, struct pk_str text, struct pk_str sigtext,
			const char *name, const struct pk_roster *roster, const struct pk_party **ret,
			bool *ret_unknown, struct pk_err *err)
{
	struct pk_minisign_sig sig = {0};
	struct pk_blake2b h;
	uint8_t digest[64];
	bool named = false;

	pk_blake2b_init(&h);
	pk_blake2b_put(&h, text.p, text.n);
	pk_blake2b_end(&h, digest);
	if (pk_minisign_sig_parse(sigtext, &sig, err) < 0 || pk_signer_find(digest, &sig, roster, ret, &named, err) < 0)
		return -1;
	*ret_unknown = *ret_unknown || (!*ret && !named);
	if (named && !*ret)
		return say(j, PK_TRUST_ALTERED, err, "the signature of %s by '%s' does not fit", what, name);
	return 0;
}

/* A release names its signers, and no others: where the roster has a key of the party named, only that one signs. */
static int judge_earlier_sig(struct pk_share_judgement *j, const struct pk_release_set *x, struct pk_str sig,
			     const char *name, const struct pk_roster *roster, bool *ret_unknown, struct pk_err *err)
{
	static const char what[] = "an earlier release";
	const struct pk_party *p = NULL, *named = pk_roster_find(roster, name);

	if (find_earlier(j, what, pk_buf_str(&x->text), sig, name, roster, &p, ret_unknown, err) < 0)
		return -1;
	if (p ? strcmp(p->name, name) != 0 : named && named->has_sign)
		return say(j, PK_TRUST_ALTERED, err, "the signature of %s by '%s' does not fit", what, name);
	return 0;
}

/* An override is of whoever handed it over. */
static int judge_earlier_release(struct pk_share_judgement *j, const struct pk_handed *h,
				 const struct pk_release_set *x, const struct pk_roster *roster, bool *ret_unknown,
				 struct pk_err *err)
{
	struct pk_minisign_sig by = {0}, sig = {0};

	if (judge_earlier_sig(j, x, pk_buf_str(&x->sig), x->release.signer, roster, ret_unknown, err) < 0 ||
	    (x->release.second &&
	     judge_earlier_sig(j, x, pk_buf_str(&x->second_sig), x->release.second, roster, ret_unknown, err) < 0) ||
	    pk_minisign_sig_parse(pk_buf_str(&h->sig), &by, err) < 0 ||
	    pk_minisign_sig_parse(pk_buf_str(&x->sig), &sig, err) < 0)
		return -1;
	if (x->release.by_originator || memcmp(by.keynum, sig.keynum, sizeof(by.keynum)) == 0)
		return 0;
	return say(j, PK_TRUST_ALTERED, err, "an earlier override by '%s' has another signer than its handover",
		   x->release.signer);
}

/* Two rosters may name one party differently: a name that here is another party's is a lie. */
static int judge_name(struct pk_share_judgement *j, const char *what, const char *by, const struct pk_party *signer,
		      const struct pk_roster *roster, struct pk_err *err)
{
	if (strcmp(signer->name, by) == 0 || !pk_roster_find(roster, by))
		return 0;
	return say(j, PK_TRUST_ALTERED, err, "%s names '%s' and is signed by '%s'", what, by, signer->name);
}

static int add_hand(struct pk_share_opinion *o, const struct pk_party *signer, const char *by, struct pk_err *err)
{
	PK_AUTO(pk_buf) who = {0};

	if (signer)
		pk_buf_puts(&who, signer->name);
	else
		pk_buf_putf(&who, "'%s', by a key that the roster does not have", by);
	return pk_buf_check(&who, err) < 0 ? -1 : pk_strv_add(&o->by_way_of, pk_buf_str(&who), err);
}

static int judge_earlier(struct pk_share_judgement *j, struct pk_share_opinion *o, const struct pk_handed *r,
			 const struct pk_roster *roster, struct pk_err *err)
{
	static const char what[] = "an earlier handover";
	const struct pk_party *p = NULL;
	bool unknown = false;

	if (find_earlier(j, what, pk_buf_str(&r->text), pk_buf_str(&r->sig), r->says.by, roster, &p, &unknown, err) <
		    0 ||
	    (p && judge_name(j, what, r->says.by, p, roster, err) < 0) || add_hand(o, p, r->says.by, err) < 0)
		return -1;
	j->unknown_handovers += unknown;
	for (size_t i = 0; i < r->releases; i++) {
		bool *unproven = NULL;

		if (!pk_grow(&o->unproven, &o->unproven_cap, o->earlier_releases + 1, sizeof(*o->unproven)))
			return pk_fail_oom(err);
		unproven = &o->unproven[o->earlier_releases++];
		*unproven = false;
		if (judge_earlier_release(j, r, &r->release[i], roster, unproven, err) < 0)
			return -1;
		j->unknown_releases += *unproven;
	}
	return 0;
}

/* by: NULL for a release of this share, whose signatures are the share's verdict. */
static void put_release(struct pk_json *j, const struct pk_share_source *s, const char *by, bool unproven,
			const struct pk_release_set *set)
{
	const struct pk_release *r = &set->release;
	uint8_t sum[32];

	pk_sha256(set->text.p, set->text.n, sum);
	pk_json_begin(j, '{');
	if (by)
		pk_json_kz(j, "by", by);
	pk_json_khex(j, "bundle", s->id, 16);
	pk_json_kz(j, "basis", r->by_originator ? "originator" : "override");
	pk_json_kz(j, "signer", r->signer);
	if (r->second)
		pk_json_kz(j, "second", r->second);
	pk_json_kz(j, "reason", r->reason);
	pk_json_khex(j, "sha256", sum, sizeof(sum));
	if (by)
		pk_json_kbool(j, "proven", !unproven);
	pk_json_end(j, '}');
}

void pk_json_put_source_releases(struct pk_json *j, const struct pk_share_source *s)
{
	for (size_t i = 0; i < s->releases; i++)
		put_release(j, s, NULL, false, &s->release[i]);
}

void pk_json_put_earlier_releases(struct pk_json *j, const struct pk_share_source *s, const struct pk_share_opinion *o)
{
	size_t n = 0;

	for (size_t i = 0; i < s->earlier_n; i++)
		for (size_t k = 0; k < s->earlier[i].releases; k++, n++)
			put_release(j, s, o->by_way_of.v[i], o->unproven[n], &s->earlier[i].release[k]);
}

/* What is asked of each source: who shared it `q.at`, for whom. Its signers stand as they do `at` the moment that the
 * share's ticket is judged, and nobody may be revoked `now`. */
struct asking {
	struct pk_releasing q;
	struct pk_time at, now;
	struct pk_str handover;
	struct pk_strv readers;
};

static void asking_done(struct asking *a) { pk_strv_done(&a->readers); }

static int check_signers(const struct pk_release *r, const struct asking *a, struct pk_err *err)
{
	const char *const who[] = {r->signer, r->second};

	for (size_t i = 0; i < PK_LEN(who); i++) {
		const struct pk_party *p = who[i] ? pk_roster_find(a->q.roster, who[i]) : NULL;

		if (p && is_revoked(p, a->now) && pk_party_check(p, a->now, err) < 0)
			return pk_wrap(err, "the %s", r->by_originator ? "release" : "override");
	}
	return 0;
}

/* One release record: signed as it says, of this source; an originator's joins *ret_released, an override is the
 * sharer's and *ret_named are those whom it lets in. */
static int take_release(const struct pk_release_set *r, const struct pk_share_source *s, const struct asking *a,
			struct pk_strv *ret_released, const struct pk_strv **ret_named, struct pk_err *err)
{
	const struct pk_release_of of = {.ticket = &s->ticket, .bundle = s->id, .handover = a->handover};
	PK_AUTO(pk_release_set) held = {0};

	if (pk_release_check_text(pk_buf_str(&r->text), pk_buf_str(&r->sig), pk_buf_str(&r->second_sig), a->q.roster,
				  a->at, &held, err) < 0 ||
	    check_signers(&held.release, a, err) < 0)
		return -1;
	if (held.release.by_originator)
		return pk_release_covers(&held.release, &of, &a->readers, a->q.roster, ret_released, err);
	if (strcmp(held.release.signer, a->q.actor->name) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "the override is of '%s', and '%s' shares", held.release.signer,
			       a->q.actor->name);
	if (pk_release_is_for(&held.release, &of, err) < 0)
		return -1;
	if (*ret_named)
		return pk_fail(err, PK_EFORMAT, 0, "two overrides of one source: one names all whom it lets in");
	*ret_named = &r->release.recipient_hashes;
	return 0;
}

/* Who may say so is the label's to answer, whether anybody needs it or not: an override is for what is nobody else's, and a
 * release is its originators'. */
static int check_basis(const struct pk_release *r, const struct asking *a, const struct pk_label *label,
		       struct pk_err *err)
{
	struct pk_releasing q = a->q;

	q.label = label;
	return pk_release_has_basis(&q, r, err);
}

static int any_classic(const struct pk_strv *recipients, const char **ret, struct pk_err *err)
{
	*ret = NULL;
	for (size_t i = 0; i < recipients->n && !*ret; i++) {
		bool hybrid = false;

		if (pk_age_recipient_check(pk_str(recipients->v[i]), &hybrid, err) < 0)
			return -1;
		if (!hybrid)
			*ret = recipients->v[i];
	}
	return 0;
}

/* A share is no safer than for its weakest reader. Of readers whom the roster does not have, the kind is not known. */
static int check_kinds(const struct pk_share_source *s, const struct asking *a, struct pk_err *err)
{
	PK_AUTO(pk_strv) first = {0};
	const char *classic = NULL, *one = NULL;
	uint64_t unknown = 0;

	if (pk_roster_find_readers(a->q.roster, &s->readers, &first, &unknown, err) < 0 ||
	    any_classic(&first, &classic, err) < 0 || any_classic(&a->readers, &one, err) < 0)
		return -1;
	if (!first.n || classic || !one)
		return 0;
	return pk_fail(err, PK_EUSAGE, 0,
		       "it was collected for post-quantum readers, and '%s' of '%s' is classic: nothing changes that",
		       one, pk_roster_find_recipient(a->q.roster, one)->name);
}

/* The time of the handover is the sharer's word: who has been revoked since is outside as well. */
static int check_readers(const struct asking *a, struct pk_err *err)
{
	for (size_t i = 0; i < a->readers.n; i++) {
		const struct pk_party *p = pk_roster_find_recipient(a->q.roster, a->readers.v[i]);

		if (p && is_revoked(p, a->now) && pk_party_check(p, a->now, err) < 0)
			return -1;
	}
	return 0;
}

/* The label's answer for these readers, and what releases change of it: the same question that the sharer asked. */
static int ask(const struct pk_share_source *s, const struct asking *a, const struct pk_label *label,
	       struct pk_err *err)
{
	PK_AUTO(pk_strv) released = {0}, beyond = {0};
	const struct pk_strv *named = NULL;
	struct pk_releasing q = a->q;

	for (size_t i = 0; i < s->releases; i++)
		if (take_release(&s->release[i], s, a, &released, &named, err) < 0 ||
		    check_basis(&s->release[i].release, a, label, err) < 0)
			return -1;
	if (!a->readers.n)
		return 0;
	if (check_kinds(s, a, err) < 0)
		return -1;
	q.label = label;
	q.known = &s->readers;
	q.released = &released;
	q.overridden = named && !released.n;
	if (check_readers(a, err) < 0 || pk_release_judge(&q, &a->readers, &beyond, err) < 0)
		return -1;
	for (size_t i = 0; q.overridden && i < beyond.n; i++)
		if (!pk_strv_has(named, beyond.v[i]))
			return pk_fail(err, PK_EUSAGE, 0, "the override does not name the reader %.16s...",
				       beyond.v[i]);
	return 0;
}

/* Would this source's label have let the sharer hand it to these readers, when it did? */
static int judge_readers(struct pk_share_judgement *j, const struct pk_share_source *s, const char *id,
			 const struct asking *a, struct pk_err *err)
{
	PK_AUTO(pk_label) label = {0};
	struct pk_err why = {0};

	if (pk_source_label(s, &label, err) < 0)
		return -1;
	if (ask(s, a, &label, &why) == 0)
		return 0;
	if (why.kind == PK_EUSAGE || why.kind == PK_ECRYPTO || why.kind == PK_EFORMAT)
		return say(j, PK_TRUST_UNRELEASED, err, "part of bundle %s: %s", id, why.msg);
	if (err)
		*err = why;
	return -1;
}

/* What does not hold proves nothing, and is said; the rest of the share does not depend on it. The sharer's own could
 * have been made for the occasion. */
static int judge_receipt(struct pk_share_opinion *o, const struct pk_share_source *s, const struct pk_party *sharer,
			 const struct pk_roster *roster, struct pk_time now, bool *ret_holds, struct pk_err *err)
{
	PK_AUTO(pk_receipt) held = {0};
	struct pk_err why = {0};

	if (!s->receipt_text.n)
		return 0;
	const struct pk_receipt_of file = {s->receipt.digest, 0, s->ticket.id, s->id};

	*ret_holds = pk_receipt_check(pk_buf_str(&s->receipt_text), pk_buf_str(&s->receipt_sig), &file, roster, now,
				      &held, &why) == 0;
	o->own_receipt = *ret_holds && sharer && strcmp(held.signer, sharer->name) == 0;
	o->countersigned = *ret_holds && !o->own_receipt;
	if (*ret_holds || (why.kind != PK_ESYS && (o->receipt_why = pk_str_dup(pk_str(why.msg)))))
		return 0;
	return pk_fail_oom(err);
}

struct id_text {
	char z[9];
};

static struct id_text id_of(const struct pk_share_source *s)
{
	struct id_text t;

	snprintf(t.z, sizeof(t.z), "%02x%02x%02x%02x", s->id[0], s->id[1], s->id[2], s->id[3]);
	return t;
}

/* *ret_issuer: of its ticket, if that is in order. */
static int judge_source(struct pk_share_judgement *j, size_t i, const struct pk_share_source *s,
			const struct pk_party *sharer, const struct pk_roster *roster, struct pk_time now,
			const struct pk_party **ret_issuer, struct pk_err *err)
{
	struct pk_share_opinion *o = &j->source[i];
	const struct pk_party *issuer = NULL;
	PK_AUTO(pk_label) label = {0};
	struct pk_err why = {0};
	bool holds = false;

	if (judge_receipt(o, s, sharer, roster, now, &holds, err) < 0)
		return -1;
	if (pk_source_check(s, holds ? &s->receipt : NULL, sharer ? sharer->name : NULL, roster, now, &o->status,
			    &issuer, &why) < 0) {
		if (err)
			*err = why;
		return -1;
	}
	if (issuer &&
	    (!(o->issuer = pk_str_dup(pk_str(issuer->name))) || !(o->nation = pk_str_dup(pk_str(issuer->nation)))))
		return pk_fail_oom(err);
	if (pk_source_label(s, &label, err) < 0 || add_label(j, &label, i == 0, err) < 0)
		return -1;
	for (size_t k = 0; k < s->earlier_n; k++)
		if (judge_earlier(j, o, &s->earlier[k], roster, err) < 0)
			return -1;
	if (o->status != PK_TRUST_OK) {
		if (!(o->why = pk_str_dup(pk_str(why.msg))))
			return pk_fail_oom(err);
		return say(j, o->status, err, "part of bundle %s: %s", id_of(s).z, why.msg);
	}
	*ret_issuer = issuer;
	return 0;
}

/* --- parts of one collection ---------------------------------------------------------------------------- */

/* What the others of its ticket make of one source. */
static int take_part_opinion(struct pk_share_judgement *j, size_t i, const struct pk_share_source *s,
			     const struct pk_parts *parts, struct pk_err *err)
{
	const struct pk_part *p = pk_parts_find(parts, s->id);
	struct pk_share_opinion *o = &j->source[i];
	PK_AUTO(pk_buf) why = {0};

	if (p->use == PK_PART_GOOD && !p->untold)
		return 0;
	if (pk_memory_ran_out()) /* no verdict may come of what could not be read */
		return pk_fail_oom(err);
	if (p->use == PK_PART_GOOD)
		pk_buf_puts(&why, "whether it continues the others under its ticket, which is for one use, or is a "
				  "replay of it: its record 0 was kept back");
	else
		pk_buf_put_part_why(&why, parts, p, "the share");
	if (pk_buf_check(&why, err) < 0)
		return -1;
	if (p->use != PK_PART_REPLAYED)
		return (o->part_why = pk_str_dup(pk_buf_str(&why))) ? 0 : pk_fail_oom(err);
	if (o->status != PK_TRUST_OK)
		return 0;
	o->status = PK_TRUST_REPLAYED;
	if (!(o->why = pk_str_dup(pk_buf_str(&why))))
		return pk_fail_oom(err);
	return say(j, PK_TRUST_REPLAYED, err, "part of bundle %s: %s", id_of(s).z, why.p);
}

/* A ticket for one use is of one collection: its parts continue each other. */
static int judge_parts(struct pk_share_judgement *j, const struct pk_share_source *s, size_t n, struct pk_err *err)
{
	for (size_t i = 0; i < n; i++) {
		PK_AUTO(pk_parts) parts = {0};
		bool done = !s[i].ticket.uses_one;

		for (size_t k = 0; k < i && !done; k++)
			done = memcmp(s[k].ticket.id, s[i].ticket.id, 16) == 0;
		for (size_t k = i; k < n && !done; k++) {
			struct pk_part *p = NULL;

			if (memcmp(s[k].ticket.id, s[i].ticket.id, 16) == 0 &&
			    (!(p = pk_parts_add(&parts, s[k].id, err)) || pk_part_take_source(p, &s[k], err) < 0))
				return -1;
		}
		if (parts.n < 2)
			continue;
		pk_parts_judge(&parts);
		for (size_t k = i; k < n; k++)
			if (memcmp(s[k].ticket.id, s[i].ticket.id, 16) == 0 &&
			    take_part_opinion(j, k, &s[k], &parts, err) < 0)
				return -1;
	}
	return 0;
}

/* The sharer is who issued the share's own ticket. */
static int judge_handover(struct pk_share_judgement *j, const struct pk_bundle *b, const struct pk_roster *roster,
			  struct pk_time now, const struct pk_party **ret, struct pk_err *err)
{
	const struct pk_handed *r = pk_bundle_handover(b);
	const struct pk_bundle_info *info = pk_bundle_info(b);
	enum pk_trust_status status = PK_TRUST_OK;
	const struct pk_party *p = NULL;
	struct pk_err why = {0};

	if (check_ticket(info->ticket, info->ticket_text, info->ticket_sig, roster, now, &status, &p, &why) < 0) {
		if (err)
			*err = why;
		return -1;
	}
	if (p)
		revoke(p, now, &status, &why);
	if (status != PK_TRUST_OK)
		return say(j, status, err, "the share: %s", why.msg);
	if (!(j->sharer = pk_str_dup(pk_str(p->name))) || !(j->nation = pk_str_dup(pk_str(p->nation))))
		return pk_fail_oom(err);
	*ret = p;
	if (pk_minisign_verify_bytes(&p->sign, pk_buf_str(&r->text), pk_buf_str(&r->sig), NULL, &why) < 0)
		return why.kind == PK_ESYS ? pk_fail_oom(err)
					   : say(j, PK_TRUST_ALTERED, err, "the handover record: %s", why.msg);
	return judge_name(j, "the handover record", r->says.by, p, roster, err);
}

/* Nothing is handed over before there is a ticket for it. */
static int judge_time(struct pk_share_judgement *j, struct pk_time handed, const struct pk_ticket *t, const char *whose,
		      struct pk_err *err)
{
	PK_AUTO(pk_buf) when = {0}, from = {0};

	if (handed.sec >= t->not_before.sec)
		return 0;
	pk_buf_put_rfc3339(&when, handed, 0);
	pk_buf_put_rfc3339(&from, t->not_before, 0);
	if (pk_buf_check(&when, err) < 0 || pk_buf_check(&from, err) < 0)
		return -1;
	return say(j, PK_TRUST_ALTERED, err, "the handover record is of %s, and the ticket of %s is valid only from %s",
		   when.p, whose, from.p);
}

static int judge_times(struct pk_share_judgement *j, const struct pk_bundle *b, const struct pk_share_source *s,
		       size_t n, struct pk_err *err)
{
	struct pk_time handed = pk_bundle_handover(b)->says.time;

	if (judge_time(j, handed, pk_bundle_info(b)->ticket, "the share", err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		char whose[32];

		snprintf(whose, sizeof(whose), "bundle %s", id_of(&s[i]).z);
		if (judge_time(j, handed, &s[i].ticket, whose, err) < 0)
			return -1;
	}
	return 0;
}

static int judge_label(struct pk_share_judgement *j, const struct pk_bundle *b, struct pk_err *err)
{
	const struct pk_label *own = &pk_bundle_info(b)->terms->label;
	PK_AUTO(pk_buf) want = {0}, have = {0};
	bool ok = false;

	if (pk_label_within(own, &j->label, &ok, err) < 0)
		return -1;
	if (ok)
		return 0;
	pk_buf_put_label_within(&want, &j->label, PK_LABEL_IN_ERROR);
	pk_buf_put_label_within(&have, own, PK_LABEL_IN_ERROR);
	if (pk_buf_check(&want, err) < 0 || pk_buf_check(&have, err) < 0)
		return -1;
	return say(j, PK_TRUST_UNRELEASED, err, "it is labelled %s, and what it is part of permits no more than %s",
		   have.p, want.p);
}

int pk_share_judge(const struct pk_bundle *b, const struct pk_roster *roster, struct pk_time now,
		   struct pk_share_judgement *ret, struct pk_err *err)
{
	PK_AUTO(pk_share_judgement) j = {.status = PK_TRUST_OK};
	pk_autofree const struct pk_party **issuer = NULL;
	const struct pk_handed *r = pk_bundle_handover(b);
	struct pk_time not_after = pk_bundle_info(b)->ticket->not_after;
	PK_AUTO(asking) a = {.q = {.roster = roster}, .now = now};
	size_t n = 0;
	const struct pk_share_source *s = pk_bundle_sources(b, &n);

	if (!s || !r)
		return pk_fail(err, PK_EINTERNAL, 0, "this is no share");
	if (!(j.source = calloc(n, sizeof(*j.source))) || !(issuer = calloc(n, sizeof(*issuer))))
		return pk_fail_oom(err);
	j.n = n;
	if (pk_roster_find_readers(roster, &r->says.to, &a.readers, &j.unknown_readers, err) < 0 ||
	    judge_handover(&j, b, roster, now, &a.q.actor, err) < 0)
		return -1;
	a.q.at = r->says.time;
	a.at = pk_time_cmp(not_after, now) < 0 ? not_after : now;
	a.handover = pk_buf_str(&r->text);
	for (size_t i = 0; i < n; i++)
		if (judge_source(&j, i, &s[i], a.q.actor, roster, now, &issuer[i], err) < 0)
			return -1;
	if (judge_times(&j, b, s, n, err) < 0 || judge_parts(&j, s, n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		a.q.issuer = issuer[i];
		if (a.q.actor && a.q.issuer && judge_readers(&j, &s[i], id_of(&s[i]).z, &a, err) < 0)
			return -1;
	}
	if (judge_label(&j, b, err) < 0)
		return -1;
	*ret = j;
	j = (struct pk_share_judgement){0};
	return 0;
}
