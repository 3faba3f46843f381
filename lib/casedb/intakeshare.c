/* SPDX-License-Identifier: Apache-2.0 */
/* Import of a share: its records become rows of the bundles that they were collected in. */
#include "intake.h"

#include <picket/share.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* A bundle that the share is part of, on its way into the tables. */
struct part {
	const struct pk_share_source *of;
	struct pk_known known;
	struct pk_rows rows;
	bool whole; /* the case holds all of it already */
};

struct parts {
	struct pk_intake *job;
	struct pk_bundle *bundle;
	struct pk_share_judgement judgement;
	struct part *v;
	size_t n;
	bool failed_here; /* our own failure, not the share's */
};

static void parts_done(struct parts *p)
{
	for (size_t i = 0; i < p->n; i++) {
		pk_rows_done(&p->v[i].rows);
		pk_buf_done(&p->v[i].known.place);
	}
	free(p->v);
	pk_share_judgement_done(&p->judgement);
}

static struct part *part_of(struct parts *p, const uint8_t id[16])
{
	for (size_t i = 0; i < p->n; i++)
		if (memcmp(p->v[i].of->id, id, 16) == 0)
			return &p->v[i];
	return NULL;
}

/* --- judging -------------------------------------------------------------------------------------------- */

/* What the case holds of the same bundle has another log. */
static int contradicts(struct parts *p, const struct part *v, bool *ret, struct pk_err *err)
{
	const struct pk_known *k = &v->known;

	*ret = false;
	if (pk_known_other_ticket(k, &v->of->ticket)) {
		*ret = true;
		return 0;
	}
	if (!k->found || (k->leaves == v->of->size && memcmp(k->root, v->of->root, 32) == 0))
		return 0;
	if (k->leaves == v->of->size) {
		*ret = true;
	} else if (!v->of->incomplete) { /* a cut copy may be the beginning */
		*ret = k->complete || k->leaves > v->of->size;
	} else if (k->complete && v->of->size > k->leaves) {
		*ret = true;
	} else if (!k->shared && v->of->size < k->leaves) { /* the case has the records to compare with */
		return pk_known_differs(p->job, k, v->of->size, v->of->root, ret, err);
	}
	return 0;
}

static int judge_part(struct parts *p, struct part *v, enum pk_trust_status *ret, struct pk_buf *why,
		      struct pk_err *err)
{
	bool other = false;

	if (pk_known_find(p->job->c, v->of->id, &v->known, err) < 0 || contradicts(p, v, &other, err) < 0)
		return -1;
	if (!other)
		return 0;
	*ret = PK_TRUST_EQUIVOCATION;
	pk_buf_puts(why, "the case holds bundle ");
	pk_buf_put_hex(why, v->of->id, 4);
	pk_buf_puts(why, pk_known_other_ticket(&v->known, &v->of->ticket)
				 ? " under another ticket"
				 : " with a log that contradicts the one that this is part of");
	return pk_buf_check(why, err);
}

/* The share's own ticket is for one share, and for nothing that was collected; this one is not in the case (judge_id). */
static int judge_ticket(struct parts *p, enum pk_trust_status *ret, struct pk_buf *why, struct pk_err *err)
{
	const struct pk_ticket *ticket = pk_bundle_info(p->bundle)->ticket;
	PK_AUTO(pk_parts) parts = {0};
	bool share = false, collected = false;

	if (!ticket->uses_one)
		return 0;
	if (pk_known_share_under(p->job->c, ticket, &share, err) < 0 ||
	    pk_known_parts(p->job->c, ticket, &parts, err) < 0)
		return -1;
	collected = parts.n != 0;
	for (size_t i = 0; i < p->n; i++)
		collected |= memcmp(p->v[i].of->ticket.id, ticket->id, sizeof(ticket->id)) == 0;
	if (!share && !collected)
		return 0;
	*ret = PK_TRUST_REPLAYED;
	pk_buf_putf(why, "its ticket is for one use and came with %s already", share ? "another share" : "a bundle");
	return pk_buf_check(why, err);
}

/* What is found in the case, of all sources. Contradicting logs before all else; who waits is in order otherwise. */
static int judge_sources(struct parts *p, enum pk_trust_status *ret, struct pk_buf *why, struct pk_err *err)
{
	enum pk_part_use use = PK_PART_GOOD;
	PK_AUTO(pk_buf) use_why = {0};

	for (size_t i = 0; i < p->n; i++) {
		enum pk_trust_status status = PK_TRUST_OK;
		PK_AUTO(pk_buf) w = {0};

		if (judge_part(p, &p->v[i], &status, &w, err) < 0)
			return -1;
		if (status == PK_TRUST_OK || *ret == PK_TRUST_EQUIVOCATION)
			continue;
		*ret = status;
		pk_buf_reset(why);
		pk_buf_put_str(why, pk_buf_str(&w));
	}
	if (pk_known_share_use(p->job->c, p->bundle, &use, &use_why, &p->job->untold, err) < 0)
		return -1;
	if ((use == PK_PART_REPLAYED && (*ret == PK_TRUST_OK || *ret == PK_TRUST_UNRELEASED)) ||
	    (use == PK_PART_WAITS && *ret == PK_TRUST_OK)) {
		*ret = use == PK_PART_WAITS ? PK_TRUST_WAITING : PK_TRUST_REPLAYED;
		pk_buf_reset(why);
		pk_buf_put_str(why, pk_buf_str(&use_why));
	}
	return pk_buf_check(why, err);
}

/* For which tickets' parts it is asked again: any may be what it waits for by then. */
static int put_waits(struct parts *p, struct pk_err *err)
{
	for (size_t i = 0; i < p->n; i++) {
		PK_AUTO(pk_stmt) st = {0};
		PK_AUTO(pk_buf) ticket = {0};

		pk_buf_put_hex(&ticket, p->v[i].of->ticket.id, 16);
		if (pk_buf_check(&ticket, err) < 0 ||
		    pk_stmt_init(&st, p->job->c, "INSERT OR IGNORE INTO waits(intake, ticket) VALUES(?1, ?2)", err) < 0)
			return -1;
		pk_stmt_int(&st, 1, p->job->intake);
		pk_stmt_text(&st, 2, pk_buf_str(&ticket));
		if (pk_stmt_run(&st, err) < 0)
			return -1;
	}
	return 0;
}

static int judge(struct parts *p, bool *ret_go, struct pk_err *err)
{
	static const struct pk_roster nobody;
	const struct pk_roster *roster = p->job->how->roster ? p->job->how->roster : &nobody;
	enum pk_trust_status status = PK_TRUST_OK;
	PK_AUTO(pk_buf) why = {0};

	*ret_go = false;
	if (pk_share_judge(p->bundle, roster, p->job->first_intake, &p->judgement, err) < 0)
		return -1;
	status = p->judgement.status;
	if (status != PK_TRUST_OK)
		pk_buf_puts(&why, p->judgement.why);
	else if (judge_ticket(p, &status, &why, err) < 0)
		return -1;
	if (pk_buf_check(&why, err) < 0 || judge_sources(p, &status, &why, err) < 0)
		return -1;
	if (status == PK_TRUST_WAITING && p->job->how->defer)
		return pk_job_say(p->job, PK_IMPORT_DEFERRED, pk_trust_name(status), pk_buf_str(&why));
	/* contradicting logs are kept apart whatever anybody says */
	if (status != PK_TRUST_OK && (!p->job->how->accept || status == PK_TRUST_EQUIVOCATION))
		return pk_job_quarantine(p->job, status, pk_buf_str(&why), err) < 0 ||
				       (status == PK_TRUST_WAITING && put_waits(p, err) < 0)
			       ? -1
			       : 0;
	if (status != PK_TRUST_OK) {
		p->job->accepted = true;
		p->job->status = status;
		pk_buf_reset(&p->job->why);
		pk_buf_put_str(&p->job->why, pk_buf_str(&why));
	}
	*ret_go = true;
	return pk_buf_check(&p->job->why, err);
}

/* --- rows ------------------------------------------------------------------------------------------------ */

static int on_proof(void *ctx, const struct pk_share_source *of, const struct pk_record *r, struct pk_str proof,
		    struct pk_err *err)
{
	struct parts *p = ctx;
	struct part *v = part_of(p, of->id);
	struct pk_err own = {0};

	(void)proof;
	if (!v || v->whole || pk_rows_shared(&v->rows, r, &own) == 0)
		return 0;
	p->failed_here = own.kind != PK_EFORMAT && own.kind != PK_ELIMIT;
	return pk_fail(err, own.kind, 0, "%s", own.msg);
}

static int put_place(struct parts *p, struct part *v, uint64_t leaf, uint64_t own, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};

	for (size_t i = 0; i < v->rows.live_n; i++)
		if (v->rows.live[i].leaf == leaf)
			v->rows.live[i].at = own;
	if (pk_stmt_init(&st, p->job->c,
			 "UPDATE content SET intake = ?3, at = ?4 WHERE bundle = ?1 AND leaf = ?2 AND intake IS NULL",
			 err) < 0)
		return -1;
	pk_stmt_int(&st, 1, v->rows.bundle);
	pk_stmt_int(&st, 2, (int64_t)leaf);
	pk_stmt_int(&st, 3, p->job->intake);
	pk_stmt_int(&st, 4, (int64_t)own);
	return pk_stmt_run(&st, err);
}

/* The share's own record of a content says where it is. */
static int on_record(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	struct parts *p = ctx;
	struct part *v = NULL;
	uint8_t id[16];
	uint64_t leaf = 0;

	if ((r->type != 'c' && r->type != 'l') || !pk_json_get(r->json, "frame") ||
	    !pk_share_record_src(r->json, id, &leaf) || !(v = part_of(p, id)) || v->whole)
		return 0;
	if (put_place(p, v, leaf, r->leaf, err) == 0)
		return 0;
	p->failed_here = true;
	return -1;
}

static int take_tables(struct parts *p, struct part *v, struct pk_err *err)
{
	for (size_t i = 0; i < v->rows.live_n; i++) {
		PK_AUTO(pk_buf) bytes = {0};

		if (pk_bundle_cat(p->bundle, v->rows.live[i].at, pk_sink_buf(&bytes), err) < 0)
			return pk_wrap(err, "live table '%s'", v->rows.live[i].table);
		if (pk_rows_live(&v->rows, &v->rows.live[i], pk_buf_str(&bytes), err) < 0) {
			p->failed_here = true;
			return -1;
		}
	}
	return 0;
}

/* What the case has of the log reaches as far as this share's. */
static bool knows_more(const struct part *v)
{
	return v->known.found && v->of->incomplete && (v->known.complete || v->known.leaves >= v->of->size);
}

static const char *trust_of(const struct parts *p, const struct pk_share_opinion *o)
{
	return p->job->accepted ? "quarantined" : o->countersigned ? "countersigned" : "ticketed";
}

/* Of what several shares brought, nobody can tell any more which label is whose: all of it bears the strictest of theirs. */
static int put_label(struct parts *p, struct part *v, struct pk_err *err)
{
	const struct pk_label *now = &pk_bundle_info(p->bundle)->terms->label;
	PK_AUTO(pk_stmt) st = {0};
	PK_AUTO(pk_label) before = {0}, both = {0};
	int r = 0;

	if (!v->known.found)
		return pk_label_columns_set(&v->rows.label, now, err);
	if (pk_stmt_init(&st, p->job->c, "SELECT tlp, rel_to, caveats, originators FROM bundle WHERE no = ?1", err) < 0)
		return -1;
	pk_stmt_int(&st, 1, v->rows.bundle);
	if ((r = pk_stmt_step(&st, err)) != 1)
		return r < 0 ? -1 : pk_fail(err, PK_EINTERNAL, 0, "the bundle's row is gone");
	if (pk_label_columns_get(&st, 0, &before, err) < 0 || pk_label_join(&before, now, &both, err) < 0)
		return -1;
	return pk_label_columns_set(&v->rows.label, &both, err);
}

static int fill_bundle(struct parts *p, struct part *v, const struct pk_share_opinion *o, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	PK_AUTO(pk_buf) ticket = {0}, now = {0}, started = {0};

	pk_buf_put_time(&now, p->job->how->now);
	pk_buf_put_hex(&ticket, v->of->ticket.id, 16);
	pk_buf_puts(&started, "");
	if (put_label(p, v, err) < 0 || pk_buf_check(&now, err) < 0 || pk_buf_check(&ticket, err) < 0 ||
	    pk_stmt_init(
		    &st, p->job->c,
		    "UPDATE bundle SET trust = iif(trust = 'countersigned' AND ?2 = 'ticketed', trust, ?2), "
		    "is_signed = 1, complete = iif(?16, complete, ?17), shared = 1, ticket = ?3, ticket_once = ?4, "
		    "issuer = ?5, tlp = ?6, rel_to = ?7, caveats = ?8, originators = ?9, leaves = iif(?16, leaves, "
		    "?10), "
		    "root = iif(?16, root, ?11), checkpoint = iif(?16, checkpoint, ?12), "
		    "first_record = iif(?13 = '', first_record, ?13), "
		    "started = iif(?14 = '', started, ?14), imported = ?15, part = coalesce(?18, part), "
		    "previous = coalesce(?19, previous), previous_root = coalesce(?20, previous_root) "
		    "WHERE no = ?1",
		    err) < 0)
		return -1;
	if (v->rows.started.n)
		pk_buf_put_str(&started, pk_buf_str(&v->rows.started));
	if (pk_buf_check(&started, err) < 0)
		return -1;
	pk_stmt_int(&st, 1, v->rows.bundle);
	pk_stmt_z(&st, 2, trust_of(p, o));
	pk_stmt_text(&st, 3, pk_buf_str(&ticket));
	pk_stmt_int(&st, 4, v->of->ticket.uses_one);
	if (o->issuer)
		pk_stmt_z(&st, 5, o->issuer);
	pk_label_columns_bind(&v->rows.label, &st, 6);
	pk_stmt_int(&st, 10, (int64_t)v->of->size);
	pk_stmt_blob(&st, 11, v->of->root, 32);
	pk_stmt_text(&st, 12, pk_buf_str(&v->of->checkpoint));
	pk_stmt_text(&st, 13, v->of->first_record.n ? pk_buf_str(&v->of->first_record) : PK_STR(""));
	pk_stmt_text(&st, 14, pk_buf_str(&started));
	pk_stmt_text(&st, 15, pk_buf_str(&now));
	pk_stmt_int(&st, 16, knows_more(v));
	pk_stmt_int(&st, 17, !v->of->incomplete);
	if (v->rows.first_record.n) /* else an earlier share said it, or none did */
		pk_stmt_int(&st, 18, (int64_t)PK_MIN(v->rows.part, (uint64_t)INT64_MAX));
	if (v->rows.previous.n) {
		pk_stmt_blob(&st, 19, v->rows.previous.p, v->rows.previous.n);
		pk_stmt_blob(&st, 20, v->rows.previous_root.p, v->rows.previous_root.n);
	}
	return pk_stmt_run(&st, err);
}

static int begin_parts(struct parts *p, struct pk_err *err)
{
	for (size_t i = 0; i < p->n; i++) {
		struct part *v = &p->v[i];

		v->whole = v->known.found && !v->known.shared;
		if (!v->whole && pk_rows_begin_shared(&v->rows, p->job->c, v->of->id, p->job->intake, v->known.no,
						      v->known.host, err) < 0)
			return -1;
		v->rows.has_first = v->known.found && v->known.has_first;
		v->rows.ticket = &v->of->ticket;
	}
	return 0;
}

static int end_parts(struct parts *p, struct pk_err *err)
{
	struct pk_import_result *res = p->job->res;

	for (size_t i = 0; i < p->n; i++) {
		struct part *v = &p->v[i];
		PK_AUTO(pk_buf) host = {0};

		if (v->whole)
			continue;
		pk_buf_put_safe(&host, pk_buf_str(&v->rows.host_name));
		if (host.n)
			snprintf(res->host, sizeof(res->host), "%s", host.p);
		if (pk_rows_join(&v->rows, err) < 0 || pk_rows_finish(&v->rows, err) < 0 ||
		    fill_bundle(p, v, &p->judgement.source[i], err) < 0)
			return -1;
		res->files += v->rows.files;
		res->hits += v->rows.hits;
		res->rows += v->rows.rows;
		res->events += v->rows.events;
	}
	return 0;
}

/* --- the share itself --------------------------------------------------------------------------------------- */

static int put_share(struct parts *p, struct pk_err *err)
{
	const struct pk_bundle_info *info = pk_bundle_info(p->bundle);
	const struct pk_handed *h = pk_bundle_handover(p->bundle);
	PK_AUTO(pk_stmt) st = {0};
	PK_AUTO(pk_label_columns) label = {0};
	PK_AUTO(pk_buf) ticket = {0}, when = {0};

	pk_buf_put_hex(&ticket, info->ticket->id, 16);
	pk_buf_put_time(&when, h->says.time);
	if (pk_buf_check(&ticket, err) < 0 || pk_buf_check(&when, err) < 0 ||
	    pk_label_columns_set(&label, &info->terms->label, err) < 0 ||
	    pk_stmt_init(&st, p->job->c,
			 "INSERT INTO share(id, intake, ticket, sharer, nation, t, reason, tlp, rel_to, caveats, "
			 "originators, "
			 "leaves, root, handover) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
			 err) < 0)
		return -1;
	pk_stmt_blob(&st, 1, info->id, 16);
	pk_stmt_int(&st, 2, p->job->intake);
	pk_stmt_text(&st, 3, pk_buf_str(&ticket));
	pk_stmt_z(&st, 4, p->judgement.sharer ? p->judgement.sharer : h->says.by);
	pk_stmt_z(&st, 5, p->judgement.nation ? p->judgement.nation : "");
	pk_stmt_text(&st, 6, pk_buf_str(&when));
	pk_stmt_z(&st, 7, h->says.reason ? h->says.reason : "");
	pk_label_columns_bind(&label, &st, 8);
	pk_stmt_int(&st, 12, (int64_t)info->leaves);
	pk_stmt_blob(&st, 13, info->root, sizeof(info->root));
	pk_stmt_text(&st, 14, pk_buf_str(&h->text));
	if (pk_stmt_run(&st, err) < 0)
		return -1;
	for (size_t i = 0; i < p->n; i++) {
		PK_AUTO(pk_stmt) part = {0};

		if (pk_stmt_init(&part, p->job->c,
				 "INSERT INTO share_part(share, bundle, records, contents) VALUES(?1, ?2, ?3, ?4)",
				 err) < 0)
			return -1;
		pk_stmt_blob(&part, 1, info->id, 16);
		pk_stmt_blob(&part, 2, p->v[i].of->id, 16);
		pk_stmt_int(&part, 3, (int64_t)p->v[i].of->records);
		pk_stmt_int(&part, 4, (int64_t)p->v[i].of->contents);
		if (pk_stmt_run(&part, err) < 0)
			return -1;
	}
	return 0;
}

/* Who attested the bundles that it is part of: those that hold. */
static void put_receipts(const struct parts *p, struct pk_json *j)
{
	bool any = false;

	for (size_t i = 0; i < p->n; i++)
		any = any || p->judgement.source[i].countersigned;
	if (!any)
		return;
	pk_json_key(j, "receipts");
	pk_json_begin(j, '[');
	for (size_t i = 0; i < p->n; i++) {
		const struct pk_receipt *r = &p->v[i].of->receipt;
		PK_AUTO(pk_buf) when = {0};

		if (!p->judgement.source[i].countersigned)
			continue;
		pk_buf_put_time(&when, (struct pk_time){.sec = r->time});
		pk_json_begin(j, '{');
		pk_json_khex(j, "bundle", p->v[i].of->id, 16);
		pk_json_kz(j, "signer", r->signer);
		pk_json_kstr(j, "time", pk_buf_str(&when));
		pk_json_kz(j, "place", r->place);
		if (r->person)
			pk_json_kz(j, "person", r->person);
		pk_json_end(j, '}');
	}
	pk_json_end(j, ']');
}

/* The other side of the sharer's line: from whom, what, under which label. */
static int custody(struct parts *p, struct pk_err *err)
{
	const struct pk_bundle_info *info = pk_bundle_info(p->bundle);
	const struct pk_handover *h = &pk_bundle_handover(p->bundle)->says;
	PK_AUTO(pk_buf) details = {0}, object = {0}, label = {0}, when = {0};
	struct pk_json j = {.out = &details};
	size_t releases = 0;

	pk_buf_puts(&object, "bundle:");
	pk_buf_put_hex(&object, info->id, 16);
	pk_buf_put_label_shown(&label, &info->terms->label);
	pk_buf_put_time(&when, h->time);
	pk_json_kz(&j, "share_by", p->judgement.sharer ? p->judgement.sharer : h->by);
	pk_json_kstr(&j, "share_time", pk_buf_str(&when));
	pk_json_kz(&j, "share_reason", h->reason);
	pk_json_kstr(&j, "label", pk_buf_str(&label));
	pk_json_key(&j, "parts");
	pk_json_begin(&j, '{');
	for (size_t i = 0; i < p->n; i++) {
		PK_AUTO(pk_buf) id = {0};

		pk_buf_put_hex(&id, p->v[i].of->id, 16);
		if (pk_buf_check(&id, err) < 0)
			return -1;
		pk_json_kuint(&j, id.p, p->v[i].of->records);
		releases += p->v[i].of->releases;
	}
	pk_json_end(&j, '}');
	if (releases && p->judgement.status == PK_TRUST_OK) { /* else they are not believed, as the trust line says */
		pk_json_key(&j, "releases");
		pk_json_begin(&j, '[');
		for (size_t i = 0; i < p->n; i++)
			pk_json_put_source_releases(&j, p->v[i].of);
		pk_json_end(&j, ']');
	}
	put_receipts(p, &j);
	if (pk_buf_check(&label, err) < 0 || pk_buf_check(&when, err) < 0 || pk_buf_check(&object, err) < 0 ||
	    pk_json_check(&j, err) < 0)
		return -1;
	return pk_case_custody_put(p->job->c, "receive", object.p, pk_buf_str(&details), err);
}

/* Who takes it in sees by whose word it came beyond a label. */
static void tell_releases(const struct parts *p)
{
	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < p->v[i].of->releases; k++) {
			const struct pk_release *r = &p->v[i].of->release[k].release;
			const uint8_t *id = p->v[i].of->id;

			pk_event_warn(
				p->job->how->ev,
				"%s: part of bundle %02x%02x%02x%02x came beyond its label, by %s of '%s'%s%s%s: %s",
				p->job->path, id[0], id[1], id[2], id[3], r->by_originator ? "the release" : "override",
				r->signer, r->second ? " and '" : "", r->second ? r->second : "", r->second ? "'" : "",
				r->reason);
		}
}

static int take_all(struct parts *p, struct pk_err *err)
{
	const struct pk_bundle_events events = {
		.ctx = p, .record = on_record, .proof = on_proof, .ev = p->job->how->ev};
	struct pk_err why = {0};

	if (begin_parts(p, err) < 0)
		return -1;
	if (pk_bundle_verify(p->bundle, p->job->outer.has_ticket ? &p->job->outer : NULL, &events, &why) < 0)
		return pk_job_blame(p->job, p->failed_here, &why, err);
	for (size_t i = 0; i < p->n; i++)
		if (take_tables(p, &p->v[i], &why) < 0)
			return pk_job_blame(p->job, p->failed_here, &why, err);
	return end_parts(p, err);
}

/* The lowest of its parts. */
static const char *trust_of_all(const struct parts *p)
{
	const char *all = trust_of(p, &p->judgement.source[0]);

	for (size_t i = 1; i < p->n; i++)
		if (!p->judgement.source[i].countersigned)
			all = trust_of(p, &p->judgement.source[i]);
	return all;
}

static int take(void *ctx, struct pk_err *err)
{
	struct parts *p = ctx;
	struct pk_intake *job = p->job;
	const struct pk_bundle_info *info = pk_bundle_info(p->bundle);
	PK_AUTO(pk_buf) place = {0};
	int r = 0;

	pk_buf_puts(&place, "bundles/");
	pk_buf_put_hex(&place, info->id, 16);
	pk_buf_puts(&place, ".age");
	if (pk_buf_check(&place, err) < 0 || pk_intake_put(job, "imported", pk_trust_name(job->status),
							   pk_job_reason(job).p, place.p, info->id, err) < 0)
		return -1;
	if ((r = take_all(p, err)) != 0)
		return r;
	if (put_share(p, err) < 0 || pk_job_custody(job, err) < 0 || custody(p, err) < 0 ||
	    pk_attest_lines(job, err) < 0 || pk_stage_place(&job->stage, place.p, err) < 0)
		return -1;
	snprintf(job->res->place, sizeof(job->res->place), "%s", place.p);
	snprintf(job->res->trust, sizeof(job->res->trust), "%s", trust_of_all(p));
	snprintf(job->res->sharer, sizeof(job->res->sharer), "%s", p->judgement.sharer ? p->judgement.sharer : "");
	job->res->parts = p->n;
	if (p->judgement.status == PK_TRUST_OK)
		tell_releases(p);
	return pk_job_say(job, PK_IMPORT_TAKEN, pk_trust_name(job->status), pk_job_reason(job));
}

/* What the case has under this id: the same share, or something else. *ret_go: nothing. */
static int judge_id(struct pk_intake *job, const struct pk_bundle_info *info, bool *ret_go, struct pk_err *err)
{
	struct pk_known bundle = {0};
	uint64_t leaves = 0;
	uint8_t root[32];
	bool found = false;
	int r = pk_known_share(job->c, info->id, &found, &leaves, root, err);

	*ret_go = false;
	if (r < 0)
		return -1;
	if (found && (leaves != info->leaves || memcmp(root, info->root, sizeof(root)) != 0))
		return pk_job_quarantine(job, PK_TRUST_EQUIVOCATION,
					 PK_STR("the case holds another share of the same id, with other records"),
					 err);
	if (found) {
		if (pk_job_waited(job) && pk_job_let_go(job, err) < 0)
			return -1;
		return pk_job_say(job, PK_IMPORT_KNOWN, "ok", PK_STR("this share is in the case already"));
	}
	r = pk_known_find(job->c, info->id, &bundle, err);
	pk_buf_done(&bundle.place);
	if (r < 0)
		return -1;
	if (bundle.found)
		return pk_job_quarantine(job, PK_TRUST_EQUIVOCATION,
					 PK_STR("the case holds a bundle of the same id, which is no share"), err);
	*ret_go = true;
	return 0;
}

int pk_share_import(struct pk_intake *job, struct pk_bundle *b, struct pk_err *err)
{
	PK_AUTO(parts) p = {.job = job, .bundle = b};
	size_t n = 0;
	const struct pk_share_source *s = pk_bundle_sources(b, &n);
	bool go = false;

	memcpy(job->res->bundle, pk_bundle_info(b)->id, 16);
	if (judge_id(job, pk_bundle_info(b), &go, err) < 0)
		return -1;
	if (!go)
		return 0;
	if (!(p.v = calloc(n, sizeof(*p.v))))
		return pk_fail_oom(err);
	for (p.n = 0; p.n < n; p.n++)
		p.v[p.n].of = &s[p.n];
	if (judge(&p, &go, err) < 0)
		return -1;
	return go ? pk_job_take(job, take, &p, err) : 0;
}
