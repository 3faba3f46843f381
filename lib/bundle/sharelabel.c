/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a share may go to: the labels of its sources, releases, overrides, and what the sharer narrows. */
#include "shareout.h"

#include <stdlib.h>

/* --- each source ------------------------------------------------------------------------------------------- */

static bool is_of(const struct pk_release_set *r, const struct pk_share_source *s)
{
	return memcmp(r->release.ticket_sha256, s->ticket.sha256, 32) == 0 && memcmp(r->release.bundle, s->id, 16) == 0;
}

static bool has_release(const struct pk_share_source *s, const struct pk_release_set *r)
{
	for (size_t i = 0; i < s->releases; i++)
		if (pk_str_eq(pk_buf_str(&s->release[i].text), pk_buf_str(&r->text)))
			return true;
	return false;
}

/* A release that counts for this source, into the source; it goes along only if it is needed. One of somebody else than an
 * originator changes nothing, and does not. */
static int use_release(const struct pk_share *s, const struct pk_release_set *r, struct pk_share_source *to,
		       const struct pk_share_params *p, const struct pk_releasing *q, struct pk_strv *ret_released,
		       struct pk_err *err)
{
	const struct pk_release_of of = {.ticket = &to->ticket, .bundle = to->id};
	struct pk_release_set *more = NULL;

	if (pk_release_covers(&r->release, &of, p->recipients, s->roster, ret_released, err) < 0)
		return -1;
	if (has_release(to, r) || pk_release_has_basis(q, &r->release, NULL) < 0)
		return 0;
	if (to->releases == PK_MAX_SHARE_RELEASES)
		return pk_fail(err, PK_EUSAGE, 0, "more than %u releases", PK_MAX_SHARE_RELEASES);
	if (!(more = realloc(to->release, (to->releases + 1) * sizeof(*more))))
		return pk_fail_oom(err);
	to->release = more;
	more = &more[to->releases++];
	*more = (struct pk_release_set){0};
	return pk_release_set_copy(more, r, err);
}

/* An originator's release that came with the material holds for whom it names, whoever hands it to them. */
static int use_carried(const struct pk_share *s, struct pk_share_source *to, const struct pk_share_params *p,
		       const struct pk_releasing *q, struct pk_strv *ret_released, struct pk_err *err)
{
	for (size_t i = 0; i < to->earlier_n; i++)
		for (size_t k = 0; k < to->earlier[i].releases; k++) {
			const struct pk_release_set *r = &to->earlier[i].release[k];
			PK_AUTO(pk_release_set) held = {0};
			struct pk_err why = {0};

			if (!r->release.by_originator)
				continue;
			if ((pk_release_check_text(pk_buf_str(&r->text), pk_buf_str(&r->sig), (struct pk_str){0},
						   s->roster, s->now, &held, &why) < 0 ||
			     use_release(s, &held, to, p, q, ret_released, &why) < 0) &&
			    why.kind == PK_ESYS) {
				*err = why;
				return -1;
			}
		}
	return 0;
}

static void drop_releases(struct pk_share_source *s)
{
	while (s->releases)
		pk_release_set_done(&s->release[--s->releases]);
}

/* Its issuer again, now that the sharer is known: whose own receipt does not prove that it is from before a revocation. */
static int check_issuer(const struct pk_share *s, const struct pk_party *actor, const struct out_source *o,
			struct pk_err *err)
{
	const struct pk_receipt *held = o->is.receipt_text.n ? &o->is.receipt : NULL;
	enum pk_trust_status status = PK_TRUST_OK;
	const struct pk_party *issuer = NULL;
	PK_AUTO(pk_buf) id = {0};
	struct pk_err why = {0};

	if (pk_source_check(&o->is, held, actor->name, s->roster, s->now, &status, &issuer, &why) < 0) {
		if (err)
			*err = why;
		return -1;
	}
	if (status == PK_TRUST_OK)
		return 0;
	pk_buf_put_hex(&id, o->is.id, 4);
	return pk_buf_check(&id, err) < 0 ? -1
					  : pk_fail(err, PK_ECRYPTO, 0, "bundle %s is not shared: %s: %s", id.p,
						    pk_trust_name(status), why.msg);
}

/* May this source go to them all? Adds to *ret_beyond those whom its label alone does not allow. */
static int judge_source(struct pk_share *s, const struct pk_share_params *p, const struct pk_party *actor,
			struct out_source *o, const struct pk_label *label, struct pk_share_summary *sum,
			struct pk_strv *ret_beyond, struct pk_err *err)
{
	PK_AUTO(pk_strv) released = {0}, beyond = {0};
	struct pk_releasing q = {.label = label,
				 .issuer = o->issuer,
				 .actor = actor,
				 .roster = s->roster,
				 .known = &o->is.readers,
				 .at = s->now,
				 .released = &released};

	for (size_t i = 0; i < p->releases_n; i++)
		if (is_of(&p->releases[i], &o->is) &&
		    use_release(s, &p->releases[i], &o->is, p, &q, &released, err) < 0)
			return -1;
	if (use_carried(s, &o->is, p, &q, &released, err) < 0)
		return -1;
	q.overridden = p->second && !released.n;
	if (pk_release_judge(&q, p->recipients, &beyond, err) < 0)
		return -1;
	if (!beyond.n) {
		drop_releases(&o->is);
		return 0;
	}
	sum->overridden += q.overridden;
	sum->released += !q.overridden;
	for (size_t i = 0; i < beyond.n; i++)
		if (pk_strv_add(ret_beyond, pk_str(beyond.v[i]), err) < 0 ||
		    (q.overridden && pk_strv_add(&o->overridden, pk_str(beyond.v[i]), err) < 0))
			return -1;
	return 0;
}

static int check_releases(const struct pk_share *s, const struct pk_share_params *p, struct pk_err *err)
{
	for (size_t i = 0; i < p->releases_n; i++) {
		bool found = false;

		for (size_t k = 0; k < s->n; k++)
			found |= is_of(&p->releases[i], &s->source[k].is);
		if (!found)
			return pk_fail(err, PK_EUSAGE, 0, "the release of '%s' is of other material",
				       p->releases[i].release.signer);
	}
	return 0;
}

/* Each source by its own label: what the strictest of all would allow is not enough where it has no REL TO. */
static int judge_sources(struct pk_share *s, const struct pk_share_params *p, const struct pk_party *actor,
			 struct pk_label *ret, struct pk_share_summary *sum, struct pk_strv *ret_beyond,
			 struct pk_err *err)
{
	PK_AUTO(pk_label) all = {0};

	if (check_releases(s, p, err) < 0)
		return -1;
	for (size_t i = 0; i < s->n; i++) {
		PK_AUTO(pk_label) label = {0};
		struct pk_label both = {0};

		if (check_issuer(s, actor, &s->source[i], err) < 0 ||
		    pk_source_label(&s->source[i].is, &label, err) < 0 ||
		    judge_source(s, p, actor, &s->source[i], &label, sum, ret_beyond, err) < 0 ||
		    (i ? pk_label_combine(&all, &label, &both, err) : pk_label_copy(&label, &both, err)) < 0)
			return -1;
		pk_label_done(&all);
		all = both;
	}
	*ret = all;
	all = (struct pk_label){0};
	return 0;
}

/* --- all together ------------------------------------------------------------------------------------------ */

static int narrowed(const struct pk_label *all, const struct pk_label *by, struct pk_label *ret, struct pk_err *err)
{
	PK_AUTO(pk_label) limit = {0};

	if (!by)
		return pk_label_copy(all, ret, err);
	if (pk_label_copy(by, &limit, err) < 0)
		return -1;
	if (by->tlp == PK_TLP_NONE) /* not said */
		limit.tlp = all->tlp;
	for (size_t i = 0; by->rel_to.n == 0 && i < all->rel_to.n; i++)
		if (pk_strv_add(&limit.rel_to, pk_str(all->rel_to.v[i]), err) < 0)
			return -1;
	return pk_label_combine(all, &limit, ret, err);
}

static bool is_narrowed_out(const struct pk_share *s, const struct pk_label *narrow, const char *recipient)
{
	const struct pk_party *to = pk_roster_find_recipient(s->roster, recipient);

	return narrow && narrow->rel_to.n && !(to && pk_label_permits(narrow, to->nation));
}

/* All of them together, and what the sharer narrows: is every reader's nation still inside? Whom more than the label let
 * in (`beyond`) is outside of it already; what the sharer narrows binds them too. */
static int judge_together(const struct pk_share *s, const struct pk_share_params *p, const struct pk_party *actor,
			  const struct pk_label *all, const struct pk_strv *beyond, struct pk_label *ret,
			  struct pk_err *err)
{
	PK_AUTO(pk_strv) readers = {0}, within = {0};
	struct pk_label label = {0};
	const struct pk_releasing q = {
		.label = &label, .issuer = actor, .actor = actor, .roster = s->roster, .known = &readers, .at = s->now};

	if (narrowed(all, p->narrow, &label, err) < 0)
		return -1;
	for (size_t i = 0; i < p->recipients->n; i++) {
		char hex[65];

		pk_recipient_hash(pk_str(p->recipients->v[i]), hex);
		if (pk_strv_add(&readers, pk_str(hex), err) < 0 ||
		    ((!pk_strv_has(beyond, hex) || is_narrowed_out(s, p->narrow, p->recipients->v[i])) &&
		     pk_strv_add(&within, pk_str(p->recipients->v[i]), err) < 0)) {
			pk_label_done(&label);
			return -1;
		}
	}
	if (within.n && pk_release_judge(&q, &within, NULL, err) < 0) {
		pk_label_done(&label);
		return -1;
	}
	*ret = label;
	return 0;
}

int pk_out_judge(struct pk_share *s, const struct pk_share_params *p, const struct pk_party *actor,
		 struct pk_label *ret, struct pk_share_summary *sum, struct pk_err *err)
{
	PK_AUTO(pk_label) all = {0};
	PK_AUTO(pk_strv) beyond = {0};

	return judge_sources(s, p, actor, &all, sum, &beyond, err) < 0
		       ? -1
		       : judge_together(s, p, actor, &all, &beyond, ret, err);
}

/* --- parts of one collection ---------------------------------------------------------------------------- */

/* What was collected under the ticket of one source; as receivers see it, or as the inputs have it. */
static int list_parts(const struct pk_share *s, size_t of, bool as_seen, struct pk_parts *ret, struct pk_err *err)
{
	const uint8_t *ticket = s->source[of].is.ticket.id;

	for (size_t i = of; i < s->n; i++) {
		const struct out_source *o = &s->source[i];
		bool has_first = o->n && o->v[0].leaf == 0;
		struct pk_part *p = NULL;

		if (memcmp(o->is.ticket.id, ticket, 16) != 0)
			continue;
		if (!(p = pk_parts_add(ret, o->is.id, err)) ||
		    pk_part_read(p, !as_seen || has_first ? pk_buf_str(&o->first) : PK_STR(""), err) < 0)
			return -1;
		p->complete = !o->is.incomplete;
		memcpy(p->root, o->is.root, sizeof(p->root));
	}
	pk_parts_judge(ret);
	return 0;
}

static int check_collection(const struct pk_share *s, size_t of, const struct pk_events *ev, struct pk_err *err)
{
	PK_AUTO(pk_parts) own = {0}, seen = {0};
	const struct pk_part *worst = NULL;
	PK_AUTO(pk_buf) why = {0};

	if (list_parts(s, of, false, &own, err) < 0 || list_parts(s, of, true, &seen, err) < 0)
		return -1;
	worst = pk_parts_worst(&own);
	if (worst->use == PK_PART_REPLAYED) {
		pk_buf_puts(&why, "bundle ");
		pk_buf_put_hex(&why, worst->id, 4);
		pk_buf_puts(&why, " is not shared with the others: replayed: ");
		pk_buf_put_part_why(&why, &own, worst, "the share");
		return pk_buf_check(&why, err) < 0 ? -1 : pk_fail(err, PK_ECRYPTO, 0, "%s", why.p);
	}
	worst = pk_parts_worst(&seen);
	pk_buf_puts(&why, "the share goes to quarantine where nothing joins its parts: bundle ");
	pk_buf_put_hex(&why, worst->id, 4);
	pk_buf_puts(&why, " is ");
	pk_buf_put_part_why(&why, &seen, worst, "the share");
	if (worst->use != PK_PART_WAITS)
		pk_buf_reset(&why);
	if (why.n && pk_buf_check(&why, err) == 0)
		pk_event_warn(ev, "%s; one record of each part between them is enough", why.p);
	pk_buf_reset(&why);
	pk_buf_put_parts_untold(&why, &seen);
	if (pk_buf_check(&why, err) < 0)
		return -1;
	if (why.n)
		pk_event_warn(ev, "who gets the share is told: %s", why.p);
	return 0;
}

int pk_out_check_parts(const struct pk_share *s, const struct pk_events *ev, struct pk_err *err)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct pk_ticket *t = &s->source[i].is.ticket;
		bool done = !t->uses_one;

		for (size_t k = 0; k < i && !done; k++)
			done = memcmp(s->source[k].is.ticket.id, t->id, 16) == 0;
		if (!done && check_collection(s, i, ev, err) < 0)
			return -1;
	}
	return 0;
}
