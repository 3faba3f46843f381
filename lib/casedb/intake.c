/* SPDX-License-Identifier: Apache-2.0 */
/* Import: one bundle, one transaction; trust first, then the bundle, then what the case already holds. */
#include "intake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include <picket/limits.h>

static void pk_intake_done(struct pk_intake *job)
{
	pk_stage_done(&job->stage);
	pk_outer_done(&job->outer);
	pk_buf_done(&job->why);
	pk_buf_done(&job->untold);
	pk_buf_done(&job->old_place);
}

/* --- what is known of this very file ---------------------------------------------------------------- */

static int find_intake(struct pk_case *c, const uint8_t digest[64], struct pk_intake *job, char ret_state[16],
		       struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	struct pk_str state;
	int r = 0;

	ret_state[0] = 0;
	if (pk_stmt_init(&st, c,
			 "SELECT no, state, first_intake, coalesce(place, ''), bundle, verdict, why FROM intake "
			 "WHERE digest = ?1",
			 err) < 0)
		return -1;
	pk_stmt_blob(&st, 1, digest, 64);
	if ((r = pk_stmt_step(&st, err)) <= 0)
		return r;
	job->intake = pk_stmt_col_int(&st, 0);
	state = pk_stmt_col(&st, 1);
	snprintf(ret_state, 16, "%.*s", PK_STR_ARG(state));
	if (!pk_time_parse(pk_stmt_col(&st, 2), &job->first_intake))
		return pk_fail(err, PK_EFORMAT, 0, "the case's first intake time of this bundle is damaged");
	pk_buf_reset(&job->old_place);
	pk_buf_put_str(&job->old_place, pk_stmt_col(&st, 3));
	job->old_quarantined = strcmp(ret_state, "quarantined") == 0;
	snprintf(job->old_verdict, sizeof(job->old_verdict), "%.*s", PK_STR_ARG(pk_stmt_col(&st, 5)));
	if (pk_stmt_col(&st, 4).n == 16)
		memcpy(job->res->bundle, pk_stmt_col(&st, 4).p, 16);
	return pk_buf_check(&job->old_place, err);
}

/* A file of a size that never came in is new; only the others are hashed to find out. */
static int is_known(struct pk_intake *job, bool *ret, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	pk_autoclose int fd = open(job->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	uint8_t digest[64];
	char state[16];
	uint64_t size = 0;
	int r = 0;

	*ret = false;
	if (fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open '%s'", job->path);
	if (pk_file_size(fd, &size, err) < 0)
		return pk_wrap(err, "'%s'", job->path);
	if (pk_stmt_init(&st, job->c, "SELECT 1 FROM intake WHERE size = ?1", err) < 0)
		return -1;
	pk_stmt_int(&st, 1, (int64_t)PK_MIN(size, (uint64_t)INT64_MAX));
	if ((r = pk_stmt_step(&st, err)) <= 0)
		return r;
	if (pk_stage_digest(job->path, job->how->ev, digest, &size, err) < 0 ||
	    find_intake(job->c, digest, job, state, err) < 0)
		return -1;
	*ret = strcmp(state, "imported") == 0 || strcmp(state, "superseded") == 0;
	return 0;
}

/* --- trust ------------------------------------------------------------------------------------------ */

/* The ticket inside, at the first intake: for salvage, whose notes are signed by the ticket's key. */
static int judge_inner(struct pk_intake *job, const struct pk_bundle_info *info, enum pk_trust_status *ret,
		       struct pk_buf *ret_why, struct pk_err *err)
{
	const struct pk_roster empty = {0};
	const struct pk_party *issuer = NULL;
	struct pk_err why = {0};

	*ret = PK_TRUST_UNSIGNED;
	if (!info->is_signed) {
		pk_buf_puts(ret_why, "it is not signed");
		return pk_buf_check(ret_why, err);
	}
	if (pk_ticket_check(info->ticket_text, info->ticket_sig, job->how->roster ? job->how->roster : &empty,
			    job->first_intake, ret, &issuer, &why) < 0) {
		*err = why;
		return -1;
	}
	if (issuer && !job->outer.issuer && !(job->outer.issuer = pk_str_dup(pk_str(issuer->name))))
		return pk_fail_oom(err);
	if (*ret != PK_TRUST_OK)
		pk_buf_puts(ret_why, why.msg);
	return pk_buf_check(ret_why, err);
}

static int judge_outer(struct pk_intake *job, struct pk_err *err)
{
	static const struct pk_roster empty;
	if (pk_outer_check(job->stage.path, job->how->roster ? job->how->roster : &empty, job->first_intake,
			   &job->outer, err) < 0)
		return -1;
	if (job->outer.is_no_bundle) /* it was one when it was looked at first */
		return pk_fail(err, PK_EFORMAT, 0, "not an age file, and no ticket beside it: not taken in");
	job->status = job->outer.status;
	pk_job_put_named(&job->why, job, pk_str(job->outer.why ? job->outer.why : ""));
	if (job->status == PK_TRUST_UNSIGNED)
		pk_buf_puts(&job->why,
			    "; if its collection was interrupted, --salvage takes what its signed notes cover");
	if (job->status == PK_TRUST_ALTERED)
		pk_buf_puts(&job->why,
			    "; if it was cut or damaged on the way, --salvage takes what its signed notes cover");
	return pk_buf_check(&job->why, err);
}

/* --- the bundle itself ------------------------------------------------------------------------------ */

struct record_ctx {
	struct pk_intake *job;
	const struct pk_bundle_info *info;
	struct pk_rows *rows;
	bool failed_here; /* our own failure, not the bundle's */
};

static int on_record(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	struct record_ctx *rc = ctx;
	struct pk_err own = {0};

	if (pk_rows_record(rc->rows, r, &own) == 0 &&
	    (r->type != 'u' || pk_attest_record(rc->job, rc->info, r, &own) == 0))
		return 0;
	rc->failed_here = own.kind != PK_EFORMAT && own.kind != PK_ELIMIT;
	return pk_fail(err, own.kind, 0, "%s", own.msg);
}

static int fill_rows(struct pk_intake *job, struct pk_bundle *b, struct pk_rows *rows, bool *ret_own,
		     struct pk_err *err)
{
	struct record_ctx rc = {.job = job, .info = pk_bundle_info(b), .rows = rows};
	const struct pk_bundle_events events = {.ctx = &rc, .record = on_record, .ev = job->how->ev};
	const struct pk_outer *outer = job->outer.has_ticket ? &job->outer : NULL;

	*ret_own = true;
	if (pk_rows_begin(rows, job->c, pk_bundle_info(b)->id, job->intake, err) < 0)
		return -1;
	rows->salvage = job->salvaged;
	rows->ticket = pk_bundle_info(b)->ticket;
	*ret_own = false;
	if (pk_bundle_verify(b, outer, &events, err) < 0) {
		*ret_own = rc.failed_here;
		return -1;
	}
	for (size_t i = 0; i < rows->live_n; i++) {
		PK_AUTO(pk_buf) bytes = {0};

		if (pk_bundle_cat(b, rows->live[i].leaf, pk_sink_buf(&bytes), err) < 0)
			return pk_wrap(err, "live table '%s'", rows->live[i].table);
		if (pk_rows_live(rows, &rows->live[i], pk_buf_str(&bytes), err) < 0) {
			*ret_own = true;
			return -1;
		}
	}
	*ret_own = true;
	return pk_rows_finish(rows, err);
}

static int fill_bundle(struct pk_intake *job, const struct pk_bundle_info *info, struct pk_rows *rows,
		       bool countersigned, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	PK_AUTO(pk_buf) ticket = {0};
	PK_AUTO(pk_buf) now = {0};
	const char *trust = job->accepted ? "quarantined" : countersigned ? "countersigned" : "ticketed";

	pk_buf_put_time(&now, job->how->now);
	if (info->ticket)
		pk_buf_put_hex(&ticket, info->ticket->id, sizeof(info->ticket->id));
	if (pk_buf_check(&now, err) < 0 || pk_buf_check(&ticket, err) < 0)
		return -1;
	if (pk_stmt_init(
		    &st, job->c,
		    "UPDATE bundle SET trust = ?2, is_signed = ?3, complete = ?4, ticket = ?5,"
		    "ticket_once = ?6, issuer = ?7, mission = ?8, profile = ?9, tlp = ?10, rel_to = ?11, caveats = ?12,"
		    "originators = ?13, part = ?14, previous = ?15, previous_root = ?16, leaves = ?17, root = ?18,"
		    "checkpoint = ?19, first_record = ?20, started = ?21, imported = ?22 WHERE no = ?1",
		    err) < 0)
		return -1;
	pk_stmt_int(&st, 1, rows->bundle);
	pk_stmt_z(&st, 2, trust);
	pk_stmt_int(&st, 3, info->is_signed);
	pk_stmt_int(&st, 4, info->complete && !job->salvaged);
	if (ticket.n)
		pk_stmt_text(&st, 5, pk_buf_str(&ticket));
	pk_stmt_int(&st, 6, info->ticket && info->ticket->uses_one);
	if (job->outer.issuer)
		pk_stmt_z(&st, 7, job->outer.issuer);
	pk_stmt_z(&st, 8, info->terms && info->terms->mission ? info->terms->mission : "");
	pk_stmt_z(&st, 9, info->terms && info->terms->profile ? info->terms->profile : "");
	/* leaf 0's, which is proven to be the terms': that is what the ticket's hash covers */
	pk_label_columns_bind(&rows->label, &st, 10);
	pk_stmt_int(&st, 14, (int64_t)PK_MIN(rows->part, (uint64_t)INT64_MAX));
	if (rows->previous.n) {
		pk_stmt_blob(&st, 15, rows->previous.p, rows->previous.n);
		pk_stmt_blob(&st, 16, rows->previous_root.p, rows->previous_root.n);
	}
	pk_stmt_int(&st, 17, (int64_t)info->leaves);
	pk_stmt_blob(&st, 18, info->root, 32);
	pk_stmt_text(&st, 19, info->checkpoint.p ? info->checkpoint : PK_STR(""));
	pk_stmt_text(&st, 20, pk_buf_str(&rows->first_record));
	pk_stmt_text(&st, 21, rows->started.p ? pk_buf_str(&rows->started) : PK_STR(""));
	pk_stmt_text(&st, 22, pk_buf_str(&now));
	if (pk_stmt_run(&st, err) < 0)
		return -1;
	snprintf(job->res->trust, sizeof(job->res->trust), "%s", trust);
	job->res->complete = info->complete && !job->salvaged;
	job->res->files = rows->files;
	job->res->hits = rows->hits;
	job->res->rows = rows->rows;
	job->res->events = rows->events;
	PK_AUTO(pk_buf) host = {0};
	pk_buf_put_safe(&host, pk_buf_str(&rows->host_name));
	snprintf(job->res->host, sizeof(job->res->host), "%s", host.p ? host.p : "");
	return 0;
}

/* The place of a bundle that is taken in; a longer form of a known one stands beside it. */
static int place_of(const struct pk_bundle_info *info, const struct pk_known *known, struct pk_buf *ret,
		    struct pk_err *err)
{
	pk_buf_puts(ret, "bundles/");
	pk_buf_put_hex(ret, info->id, 16);
	if (known->found && !known->shared)
		pk_buf_putf(ret, "-%llu", (unsigned long long)info->leaves);
	pk_buf_puts(ret, ".age");
	return pk_buf_check(ret, err);
}

static int supersede(struct pk_intake *job, const struct pk_known *known, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};

	if (known->shared) { /* the shares stay what they are; a host that they did not name goes */
		if (pk_rows_remove(job->c, known->no, err) < 0)
			return -1;
		return pk_case_exec(job->c, "DELETE FROM host WHERE no NOT IN (SELECT host FROM bundle)", err);
	}
	if (pk_rows_remove(job->c, known->no, err) < 0 ||
	    pk_stmt_init(&st, job->c, "UPDATE intake SET state = 'superseded' WHERE no = ?1", err) < 0)
		return -1;
	pk_stmt_int(&st, 1, known->intake);
	return pk_stmt_run(&st, err);
}

/* Who has the ticket's key signed all of it, whatever else is wrong with them: nothing was lost on the way. */
static bool is_whole(const struct pk_intake *job)
{
	return job->outer.trusted_comment && job->outer.status != PK_TRUST_ALTERED;
}

/* Opens, or says why this is no bundle that can be taken. *ret is NULL when a verdict has been given. */
static int open_bundle(struct pk_intake *job, struct pk_bundle **ret, struct pk_err *err)
{
	struct pk_err why = {0};

	if (!job->how->ids)
		return pk_fail(err, PK_EUSAGE, 0, "an identity is needed to open '%s': give -i IDENTITY", job->path);
	if (pk_bundle_open(job->stage.path, job->how->ids, job->salvaged, ret, &why) == 0)
		return 0;
	if (why.code == PK_AGE_NO_MATCH || !pk_job_is_damage(&why))
		return pk_job_fail(job, &why, err);
	PK_AUTO(pk_buf) text = {0};
	if (is_whole(job)) {
		pk_job_put_named(&text, job, pk_str(why.msg));
		pk_buf_puts(&text, "; its signature holds over all of it: whoever signed it made it so");
		return pk_buf_check(&text, err) < 0 ? -1
						    : pk_job_quarantine(job, PK_TRUST_ALTERED, pk_buf_str(&text), err);
	}
	pk_buf_puts(&text, "cut or damaged: ");
	pk_job_put_named(&text, job, pk_str(why.msg));
	pk_buf_puts(&text, job->salvaged ? "; nothing of it can be salvaged"
					 : "; --salvage takes what its signed notes cover");
	return pk_buf_check(&text, err) < 0 ? -1 : pk_job_refuse(job, pk_buf_str(&text), err);
}

/* A bundle id that the case holds already. *ret_go: this one is the longer form, take it in its place. */
static int judge_known(struct pk_intake *job, struct pk_bundle *b, const struct pk_known *known, bool *ret_go,
		       struct pk_err *err)
{
	struct pk_prefix p = {.at = known->leaves};
	const struct pk_bundle_events events = {
		.ctx = &p, .record = pk_prefix_record, .lost_too = true, .ev = job->how->ev};
	const struct pk_bundle_info *info = pk_bundle_info(b);
	enum pk_relation relation = PK_SAME;
	PK_AUTO(pk_buf) text = {0};
	struct pk_err why = {0};

	*ret_go = false;
	if (pk_bundle_verify(b, job->outer.has_ticket ? &job->outer : NULL, &events, &why) < 0) {
		if (!pk_job_is_damage(&why))
			return pk_job_fail(job, &why, err);
		pk_job_put_named(&text, job, pk_str(why.msg));
		if (pk_buf_check(&text, err) < 0)
			return -1;
		return job->salvaged ? pk_job_refuse(job, pk_buf_str(&text), err)
				     : pk_job_quarantine(job, PK_TRUST_ALTERED, pk_buf_str(&text), err);
	}
	if (pk_known_compare(job, known, info, p.done ? p.root : NULL, &relation, err) < 0)
		return -1;
	/* the same records, but of the known one not all contents were left */
	if (relation == PK_SAME && !known->complete && info->complete)
		relation = PK_LONGER;
	switch (relation) {
	case PK_LONGER: *ret_go = true; return 0;
	case PK_CONTRADICTS:
		return pk_job_quarantine(
			job, PK_TRUST_EQUIVOCATION,
			PK_STR("the case holds another bundle of the same id whose records contradict these"), err);
	default:
		job->res->complete = known->complete;
		/* a rewrap of what is here: nothing new of the evidence, but who was let in is */
		if (job->outer.is_rewrapped && pk_attest_lines(job, err) < 0)
			return -1;
		/* what it waited for came, and another file with the same records was first */
		if (pk_job_waited(job) && pk_job_let_go(job, err) < 0)
			return -1;
		return pk_job_say(job, PK_IMPORT_KNOWN, "ok",
				  relation == PK_SAME ? PK_STR("its records are in the case already")
						      : PK_STR("the case holds more of this bundle already"));
	}
}

struct taking {
	struct pk_intake *job;
	struct pk_bundle *bundle;
	const struct pk_known *known;
};

static int take_in(void *ctx, struct pk_err *err)
{
	const struct taking *t = ctx;
	struct pk_intake *job = t->job;
	struct pk_bundle *b = t->bundle;
	const struct pk_known *known = t->known;
	const struct pk_bundle_info *info = pk_bundle_info(b);
	PK_AUTO(pk_rows) rows = {0};
	PK_AUTO(pk_buf) place = {0};
	struct pk_err why = {0};
	bool own = false, countersigned = false;

	if (place_of(info, known, &place, err) < 0 || (known->found && supersede(job, known, err) < 0))
		return -1;
	if (pk_buf_check(&job->untold, err) < 0 || pk_intake_put(job, "imported", pk_trust_name(job->status),
								 pk_job_reason(job).p, place.p, info->id, err) < 0)
		return -1;
	if (fill_rows(job, b, &rows, &own, &why) < 0)
		return pk_job_blame(job, own, &why, err);
	info = pk_bundle_info(b);
	job->proven = info->proven;
	job->lost_contents = info->lost_contents;
	if (job->lost_contents)
		pk_event_warn(job->how->ev, "%s: %llu contents are lost; their paths say so", job->path,
			      (unsigned long long)job->lost_contents);
	/* a receipt that came with a share counts for the log that it was a share of, and for none that goes on */
	countersigned = (known->countersigned && known->leaves == info->leaves) ||
			pk_attest_is_countersigned(&job->outer);
	if (fill_bundle(job, info, &rows, countersigned && !job->salvaged, err) < 0 ||
	    pk_job_line(job,
			job->salvaged   ? "salvage"
			: job->accepted ? "release"
					: "import",
			pk_trust_name(job->status), job->accepted ? pk_str(job->how->accept) : (struct pk_str){0},
			err) < 0 ||
	    pk_attest_lines(job, err) < 0 || pk_stage_place(&job->stage, place.p, err) < 0)
		return -1;
	snprintf(job->res->place, sizeof(job->res->place), "%s", place.p);
	return pk_job_say(job, PK_IMPORT_TAKEN, pk_trust_name(job->status), pk_job_reason(job));
}

/* What was not signed as a whole must be covered by notes of a good ticket, or a person answers for it. */
static int judge_salvage(struct pk_intake *job, const struct pk_bundle_info *info, bool *ret_go, struct pk_err *err)
{
	enum pk_trust_status ticket = PK_TRUST_OK;
	PK_AUTO(pk_buf) why = {0};

	*ret_go = true;
	if (!job->salvaged)
		return 0;
	if (judge_inner(job, info, &ticket, &why, err) < 0)
		return -1;
	if (ticket == PK_TRUST_OK)
		return 0;
	job->accepted = job->how->accept != NULL;
	if (job->accepted)
		return 0;
	*ret_go = false;
	return pk_job_quarantine(job, ticket, pk_buf_str(&why), err);
}

/* --- the order of things ---------------------------------------------------------------------------- */

/* May this file be opened at all? Gives the verdict when not. */
static int may_open(struct pk_intake *job, bool *ret, struct pk_err *err)
{
	*ret = true;
	if (job->status == PK_TRUST_OK)
		return 0;
	/* whether its ticket is good is seen inside */
	job->salvaged = job->how->salvage && (job->status == PK_TRUST_ALTERED || job->status == PK_TRUST_UNSIGNED);
	if (job->salvaged)
		return 0;
	if (job->how->accept) {
		job->accepted = true;
		return 0;
	}
	*ret = false;
	return pk_job_quarantine(job, job->status, pk_buf_str(&job->why), err);
}

/* With the terms known: was each rewrap of it its maker's to make? */
static int judge_rewraps(struct pk_intake *job, const struct pk_bundle *b, bool *ret_go, struct pk_err *err)
{
	*ret_go = true;
	if (job->status != PK_TRUST_OK)
		return 0;
	if (pk_bundle_judge_rewraps(b, &job->outer, job->how->roster, err) < 0)
		return -1;
	if (job->outer.status == PK_TRUST_OK)
		return 0;
	job->status = job->outer.status;
	pk_buf_reset(&job->why);
	pk_job_put_named(&job->why, job, pk_str(job->outer.why));
	return pk_buf_check(&job->why, err) < 0 ? -1 : may_open(job, ret_go, err);
}

/* An id is of one thing. */
static int judge_id(struct pk_intake *job, const struct pk_bundle_info *info, bool *ret_go, struct pk_err *err)
{
	uint64_t leaves = 0;
	uint8_t root[32];
	bool found = false;

	if (pk_known_share(job->c, info->id, &found, &leaves, root, err) < 0)
		return -1;
	*ret_go = !found;
	return found ? pk_job_quarantine(job, PK_TRUST_EQUIVOCATION,
					 PK_STR("the case holds a share of the same id, which this is not"), err)
		     : 0;
}

static int import_opened(struct pk_intake *job, struct pk_bundle *b, struct pk_err *err)
{
	const struct pk_bundle_info *info = pk_bundle_info(b);
	struct pk_known known = {0};
	PK_AUTO(pk_buf) use_why = {0};
	enum pk_part_use use = PK_PART_GOOD;
	enum pk_trust_status status = PK_TRUST_OK;
	bool go = true;
	int r = 0;

	memcpy(job->res->bundle, info->id, 16);
	r = judge_salvage(job, info, &go, err);
	if (r == 0 && go)
		r = judge_id(job, info, &go, err);
	if (r == 0 && go)
		r = pk_known_find(job->c, info->id, &known, err);
	if (r == 0 && known.found)
		r = judge_known(job, b, &known, &go, err);
	if (r == 0 && go)
		r = pk_known_use(job->c, info, &use, &use_why, err);
	status = use == PK_PART_WAITS ? PK_TRUST_WAITING : PK_TRUST_REPLAYED;
	if (r == 0 && use == PK_PART_WAITS && job->how->defer) {
		go = false;
		r = pk_job_say(job, PK_IMPORT_DEFERRED, pk_trust_name(status), pk_buf_str(&use_why));
	} else if (r == 0 && use != PK_PART_GOOD && job->how->accept) {
		/* whatever else was wrong with it stays said */
		pk_buf_puts(&job->why, job->accepted ? "; " : "");
		if (!job->accepted) {
			job->status = status;
			pk_buf_reset(&job->why);
		}
		pk_buf_put_str(&job->why, pk_buf_str(&use_why));
		job->accepted = true;
		use = PK_PART_GOOD;
		r = pk_buf_check(&job->why, err);
	} else if (r == 0 && use == PK_PART_GOOD) {
		pk_buf_put_str(&job->untold, pk_buf_str(&use_why));
	}
	if (r == 0 && go && use != PK_PART_GOOD)
		r = pk_job_quarantine(job, status, pk_buf_str(&use_why), err);
	else if (r == 0 && go)
		r = pk_job_take(job, take_in, &(struct taking){job, b, &known}, err);
	pk_buf_done(&known.place);
	return r;
}

static int import_staged(struct pk_intake *job, struct pk_err *err)
{
	PK_AUTOPTR(pk_bundle) b = NULL;
	char state[16];
	bool go = false;

	if (find_intake(job->c, job->stage.digest, job, state, err) < 0)
		return -1;
	if (!job->intake && pk_job_line(job, "receive", NULL, (struct pk_str){0}, err) < 0)
		return -1;
	if (judge_outer(job, err) < 0 || may_open(job, &go, err) < 0)
		return -1;
	if (!go)
		return 0;
	if (open_bundle(job, &b, err) < 0)
		return -1;
	if (!b)
		return 0;
	if (judge_rewraps(job, b, &go, err) < 0)
		return -1;
	if (!go)
		return 0;
	if (!pk_bundle_info(b)->is_share)
		return import_opened(job, b, err);
	if (job->salvaged)
		return pk_job_refuse(job, PK_STR("a share is taken whole or not at all: ask for it again"), err);
	return pk_share_import(job, b, err);
}

/* From the copy to the end of its transaction. What is left for later leaves no trace. */
static int import_copy(struct pk_intake *job, struct pk_case *tx, struct pk_err *err)
{
	if (import_staged(job, err) < 0)
		return -1;
	if (job->res->state == PK_IMPORT_DEFERRED)
		return 0;
	if (pk_case_commit(tx, err) < 0)
		return -1;
	/* what was in quarantine has its place among the bundles now */
	if (job->old_place.n && job->res->state == PK_IMPORT_TAKEN && strcmp(job->old_place.p, job->res->place) != 0)
		pk_stage_unlink(job->c, job->old_place.p);
	return 0;
}

int pk_case_import(struct pk_case *c, const char *path, const struct pk_import *how, struct pk_import_result *ret,
		   struct pk_err *err)
{
	PK_AUTO(pk_intake) job = {.c = c, .how = how, .path = path, .first_intake = how->now};
	struct pk_import_result res = {.complete = true};
	pk_autorollback struct pk_case *tx = c;
	bool known = false, is_no_bundle = false;

	job.res = &res;
	if (how->accept && (!how->accept[0] || !pk_str_is_visible(pk_str(how->accept))))
		return pk_fail(err, PK_EUSAGE, 0, "--accept needs a reason in words, on one line");
	if (pk_outer_peek(path, &is_no_bundle, err) < 0)
		return -1;
	if (is_no_bundle)
		return pk_fail(err, PK_EFORMAT, 0, "not an age file, and no ticket beside it: not taken in");
	if (pk_case_begin(tx, err) < 0)
		return -1;
	pk_stage_clean(c);
	if (is_known(&job, &known, err) < 0)
		return -1;
	if (known) {
		bool raised = false;

		if (pk_attest_late(&job, &raised, err) < 0 || (raised && pk_case_commit(tx, err) < 0))
			return -1;
		pk_job_say(&job, PK_IMPORT_KNOWN, "ok",
			   raised ? PK_STR("this file is in the case already; its receipt is new: countersigned")
				  : PK_STR("this file is in the case already"));
		snprintf(res.place, sizeof(res.place), "%s", job.old_place.p ? job.old_place.p : "");
		*ret = res;
		return 0;
	}
	job.intake = 0;
	job.old_quarantined = false;
	if (pk_stage_copy(&job.stage, c, path, how->ev, err) < 0 || import_copy(&job, tx, err) < 0)
		return -1;
	*ret = res;
	return 0;
}

int pk_intake_again(struct pk_case *c, const char *name, const char *place, const uint8_t digest[64],
		    const struct pk_import *how, struct pk_import_result *ret, struct pk_err *err)
{
	struct pk_import unnamed = *how;
	PK_AUTO(pk_intake) job = {.c = c, .how = &unnamed, .path = name, .first_intake = how->now};
	struct pk_import_result res = {.complete = true};
	pk_autorollback struct pk_case *tx = c;
	pk_autofree char *from = NULL;

	job.res = &res;
	unnamed.accept = NULL;
	unnamed.defer = false;
	unnamed.salvage = true; /* without it, what is cut or unsigned would have got another verdict than to wait */
	if (pk_case_begin(tx, err) < 0)
		return -1;
	pk_stage_clean(c);
	if (pk_case_path(c, place, &from, err) < 0 || pk_stage_copy(&job.stage, c, from, how->ev, err) < 0)
		return -1;
	if (memcmp(job.stage.digest, digest, sizeof(job.stage.digest)) != 0)
		return pk_fail(err, PK_EFORMAT, 0, "'%s' was changed since it came in", from);
	if (import_copy(&job, tx, err) < 0)
		return -1;
	res.waited = true;
	*ret = res;
	return 0;
}

/* --- the roster that is judged by -------------------------------------------------------------------- */

int pk_case_set_roster(struct pk_case *c, const char *path, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_buf) have = {0};
	PK_AUTO(pk_buf) known = {0};
	PK_AUTO(pk_buf) hex = {0};
	PK_AUTO(pk_buf) details = {0};
	pk_autofree char *copy = NULL;
	pk_autorollback struct pk_case *tx = c;
	struct pk_json j = {.out = &details};
	bool is_there = false, is_known = false;
	uint8_t sha[32];

	if (pk_case_path(c, "roster", &copy, err) < 0 || pk_read_path(path, PK_MAX_TEXT_FILE, &text, err) < 0 ||
	    pk_case_meta_get(c, "roster", &known, err) < 0)
		return -1;
	pk_sha256(text.p ? text.p : "", text.n, sha);
	pk_buf_put_hex(&hex, sha, sizeof(sha));
	pk_json_khex(&j, "sha256", sha, sizeof(sha));
	if (pk_buf_check(&hex, err) < 0 || pk_json_check(&j, err) < 0)
		return -1;
	/* the file alone does not tell: a process killed after writing it has not written its line */
	is_known = known.n && pk_str_eq(pk_buf_str(&known), pk_buf_str(&hex));
	is_there = pk_read_path(copy, PK_MAX_TEXT_FILE, &have, NULL) == 0 &&
		   pk_str_eq(pk_buf_str(&have), pk_buf_str(&text));
	if (is_known && is_there)
		return 0;
	if (pk_case_begin(tx, err) < 0)
		return -1;
	if (!is_known && (pk_case_meta_put(c, "roster", pk_buf_str(&hex), err) < 0 ||
			  pk_case_custody_put(c, "roster", "roster", pk_buf_str(&details), err) < 0))
		return -1;
	if (!is_there && pk_write_path(copy, 0, pk_buf_str(&text), err) < 0)
		return -1;
	return pk_case_commit(tx, err);
}
