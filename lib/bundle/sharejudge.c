/* SPDX-License-Identifier: Apache-2.0 */
/* What a roster makes of a share: who collected, who released, and whether the labels permit it. */
#include "sharejudge.h"
#include "signer.h"

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
	}
	free(j->source);
	free(j->why);
	free(j->sharer);
	free(j->nation);
	pk_label_done(&j->label);
	*j = (struct pk_share_judgement){0};
}

int pk_source_check(const struct pk_ticket *t, struct pk_str text, struct pk_str sig, const struct pk_roster *roster,
		    struct pk_time now, enum pk_trust_status *ret, const struct pk_party **ret_issuer,
		    struct pk_err *err)
{
	struct pk_time at = pk_time_cmp(t->not_after, now) < 0 ? t->not_after : now;

	return pk_ticket_check(text, sig, roster, at, ret, ret_issuer, err);
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

/* Recipients of the roster that the handover names by hash; how many are nobody's. */
static int find_readers(const struct pk_roster *roster, const struct pk_strv *hashes, struct pk_strv *ret,
			uint64_t *ret_unknown, struct pk_err *err)
{
	PK_AUTO(pk_strv) found = {0};

	for (size_t i = 0; i < roster->n; i++)
		for (size_t k = 0; k < roster->party[i].recipients.n; k++) {
			const char *recipient = roster->party[i].recipients.v[k];
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

static int add_label(struct pk_share_judgement *j, const struct pk_label *l, bool first, struct pk_err *err)
{
	struct pk_label both = {0};

	if ((first ? pk_label_copy(l, &both, err) : pk_label_combine(&j->label, l, &both, err)) < 0)
		return -1;
	pk_label_done(&j->label);
	j->label = both;
	return 0;
}

/* Whose signature of something earlier it is: of `name`, where the roster has the key; else that is counted. */
static int judge_earlier_sig(struct pk_share_judgement *j, const char *what, struct pk_str text, struct pk_str sigtext,
			     const char *name, bool must_be, const struct pk_roster *roster, bool *ret_unknown,
			     struct pk_err *err)
{
	struct pk_minisign_sig sig = {0};
	const struct pk_party *p = NULL;
	struct pk_blake2b h;
	uint8_t digest[64];
	bool named = false;

	pk_blake2b_init(&h);
	pk_blake2b_put(&h, text.p, text.n);
	pk_blake2b_end(&h, digest);
	if (pk_minisign_sig_parse(sigtext, &sig, err) < 0 || pk_signer_find(digest, &sig, roster, &p, &named, err) < 0)
		return -1;
	*ret_unknown = *ret_unknown || (!p && !named);
	if ((named && !p) || (p && must_be && strcmp(p->name, name) != 0))
		return say(j, PK_TRUST_ALTERED, err, "the signature of %s by '%s' does not fit", what, name);
	return 0;
}

static int judge_earlier(struct pk_share_judgement *j, const struct pk_handed *r, const struct pk_roster *roster,
			 struct pk_err *err)
{
	bool unknown = false;

	if (judge_earlier_sig(j, "an earlier handover", pk_buf_str(&r->text), pk_buf_str(&r->sig), r->says.by, false,
			      roster, &unknown, err) < 0)
		return -1;
	for (size_t i = 0; i < r->releases; i++) {
		const struct pk_release_set *x = &r->release[i];

		if (judge_earlier_sig(j, "an earlier release", pk_buf_str(&x->text), pk_buf_str(&x->sig),
				      x->release.signer, true, roster, &unknown, err) < 0 ||
		    (x->release.second &&
		     judge_earlier_sig(j, "an earlier release", pk_buf_str(&x->text), pk_buf_str(&x->second_sig),
				       x->release.second, true, roster, &unknown, err) < 0))
			return -1;
	}
	j->unknown_handovers += unknown;
	return 0;
}

static void put_release(struct pk_json *j, const struct pk_share_source *s, const char *by,
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
	pk_json_end(j, '}');
}

void pk_json_put_source_releases(struct pk_json *j, const struct pk_share_source *s)
{
	for (size_t i = 0; i < s->releases; i++)
		put_release(j, s, NULL, &s->release[i]);
}

void pk_json_put_earlier_releases(struct pk_json *j, const struct pk_share_source *s)
{
	for (size_t i = 0; i < s->earlier_n; i++)
		for (size_t k = 0; k < s->earlier[i].releases; k++)
			put_release(j, s, s->earlier[i].says.by, &s->earlier[i].release[k]);
}

/* One release record: signed as it says, of this source; an originator's joins *ret_released, an override is the
 * sharer's and *ret_named are those whom it lets in. */
static int take_release(const struct pk_release_set *r, const struct pk_share_source *s, const struct pk_releasing *q,
			struct pk_time at, struct pk_str handover, const struct pk_strv *readers,
			struct pk_strv *ret_released, const struct pk_strv **ret_named, struct pk_err *err)
{
	const struct pk_release_of of = {.terms_sha256 = s->ticket.terms_sha256, .bundle = s->id, .handover = handover};
	PK_AUTO(pk_release_set) held = {0};

	if (pk_release_check_text(pk_buf_str(&r->text), pk_buf_str(&r->sig), pk_buf_str(&r->second_sig), q->roster, at,
				  &held, err) < 0)
		return -1;
	if (held.release.by_originator)
		return pk_release_covers(&held.release, &of, readers, q->roster, ret_released, err);
	if (strcmp(held.release.signer, q->actor->name) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "the override is of '%s', and '%s' shares", held.release.signer,
			       q->actor->name);
	if (pk_release_is_for(&held.release, &of, err) < 0)
		return -1;
	*ret_named = &r->release.recipient_hashes;
	return 0;
}

/* The label's answer for these readers, and what releases change of it: the same question that the sharer asked. */
static int ask(const struct pk_share_source *s, struct pk_releasing q, struct pk_time at, struct pk_str handover,
	       const struct pk_strv *readers, struct pk_err *err)
{
	PK_AUTO(pk_strv) released = {0}, beyond = {0};
	const struct pk_strv *named = NULL;

	for (size_t i = 0; i < s->releases; i++)
		if (take_release(&s->release[i], s, &q, at, handover, readers, &released, &named, err) < 0)
			return -1;
	if (!readers->n)
		return 0;
	q.released = &released;
	q.overridden = named && !released.n;
	if (pk_release_judge(&q, readers, &beyond, err) < 0)
		return -1;
	for (size_t i = 0; q.overridden && i < beyond.n; i++)
		if (!pk_strv_has(named, beyond.v[i]))
			return pk_fail(err, PK_EUSAGE, 0, "the override does not name the reader %.16s...",
				       beyond.v[i]);
	return 0;
}

/* Would this source's label have let the sharer hand it to these readers, when it did? Who signed a release is judged
 * `at` the moment that the sharer is. */
static int judge_readers(struct pk_share_judgement *j, const struct pk_share_source *s, const char *id,
			 struct pk_releasing q, struct pk_time at, struct pk_str handover,
			 const struct pk_strv *readers, struct pk_err *err)
{
	PK_AUTO(pk_label) label = {0};
	struct pk_err why = {0};

	if (pk_source_label(s, &label, err) < 0)
		return -1;
	q.label = &label;
	q.known = &s->readers;
	if (ask(s, q, at, handover, readers, &why) == 0)
		return 0;
	if (why.kind == PK_EUSAGE || why.kind == PK_ECRYPTO || why.kind == PK_EFORMAT)
		return say(j, PK_TRUST_UNRELEASED, err, "part of bundle %s: %s", id, why.msg);
	if (err)
		*err = why;
	return -1;
}

/* What does not hold proves nothing, and is said; the rest of the share does not depend on it. */
static int judge_receipt(struct pk_share_opinion *o, const struct pk_share_source *s, const struct pk_roster *roster,
			 struct pk_time now, struct pk_err *err)
{
	PK_AUTO(pk_receipt) held = {0};
	struct pk_err why = {0};

	if (!s->receipt_text.n)
		return 0;
	const struct pk_receipt_of file = {s->receipt.digest, 0, s->ticket.id, s->id};

	o->countersigned = pk_receipt_check(pk_buf_str(&s->receipt_text), pk_buf_str(&s->receipt_sig), &file, roster,
					    now, &held, &why) == 0;
	if (o->countersigned || (why.kind != PK_ESYS && (o->receipt_why = pk_str_dup(pk_str(why.msg)))))
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
			const struct pk_roster *roster, struct pk_time now, const struct pk_party **ret_issuer,
			struct pk_err *err)
{
	struct pk_share_opinion *o = &j->source[i];
	const struct pk_party *issuer = NULL;
	PK_AUTO(pk_label) label = {0};
	struct pk_err why = {0};

	if (pk_source_check(&s->ticket, pk_buf_str(&s->ticket_text), pk_buf_str(&s->ticket_sig), roster, now,
			    &o->status, &issuer, &why) < 0) {
		if (err)
			*err = why;
		return -1;
	}
	if (issuer &&
	    (!(o->issuer = pk_str_dup(pk_str(issuer->name))) || !(o->nation = pk_str_dup(pk_str(issuer->nation)))))
		return pk_fail_oom(err);
	if (judge_receipt(o, s, roster, now, err) < 0 || pk_source_label(s, &label, err) < 0 ||
	    add_label(j, &label, i == 0, err) < 0)
		return -1;
	for (size_t k = 0; k < s->earlier_n; k++)
		if (judge_earlier(j, &s->earlier[k], roster, err) < 0)
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

	if (pk_source_check(info->ticket, info->ticket_text, info->ticket_sig, roster, now, &status, &p, &why) < 0) {
		if (err)
			*err = why;
		return -1;
	}
	if (status != PK_TRUST_OK)
		return say(j, status, err, "the share: %s", why.msg);
	if (!(j->sharer = pk_str_dup(pk_str(p->name))) || !(j->nation = pk_str_dup(pk_str(p->nation))))
		return pk_fail_oom(err);
	*ret = p;
	if (pk_minisign_verify_bytes(&p->sign, pk_buf_str(&r->text), pk_buf_str(&r->sig), NULL, &why) < 0)
		return why.kind == PK_ESYS ? pk_fail_oom(err)
					   : say(j, PK_TRUST_ALTERED, err, "the handover record: %s", why.msg);
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
	PK_AUTO(pk_strv) readers = {0};
	struct pk_releasing q = {.roster = roster};
	struct pk_time not_after = pk_bundle_info(b)->ticket->not_after, at;
	size_t n = 0;
	const struct pk_share_source *s = pk_bundle_sources(b, &n);

	if (!s || !r)
		return pk_fail(err, PK_EINTERNAL, 0, "this is no share");
	if (!(j.source = calloc(n, sizeof(*j.source))) || !(issuer = calloc(n, sizeof(*issuer))))
		return pk_fail_oom(err);
	j.n = n;
	if (find_readers(roster, &r->says.to, &readers, &j.unknown_readers, err) < 0 ||
	    judge_handover(&j, b, roster, now, &q.actor, err) < 0)
		return -1;
	q.at = r->says.time;
	at = pk_time_cmp(not_after, now) < 0 ? not_after : now;
	for (size_t i = 0; i < n; i++)
		if (judge_source(&j, i, &s[i], roster, now, &issuer[i], err) < 0)
			return -1;
	if (judge_parts(&j, s, n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		q.issuer = issuer[i];
		if (q.actor && q.issuer &&
		    judge_readers(&j, &s[i], id_of(&s[i]).z, q, at, pk_buf_str(&r->text), &readers, err) < 0)
			return -1;
	}
	if (judge_label(&j, b, err) < 0)
		return -1;
	*ret = j;
	j = (struct pk_share_judgement){0};
	return 0;
}
