/* SPDX-License-Identifier: Apache-2.0 */
/* What an import says of a file: its verdict, its custody line, and where it is kept. */
#include "intake.h"

#include <stdio.h>
#include <stdlib.h>

bool pk_job_is_damage(const struct pk_err *e)
{
	return e->kind == PK_EFORMAT || e->kind == PK_ECRYPTO || e->kind == PK_ELIMIT;
}

void pk_job_put_named(struct pk_buf *b, const struct pk_intake *job, struct pk_str text)
{
	PK_AUTO(pk_buf) copy = {0};
	PK_AUTO(pk_buf) given = {0};

	pk_buf_put_safe(&copy, pk_str(job->stage.path ? job->stage.path : ""));
	pk_buf_put_safe(&given, pk_str(job->path));
	for (size_t i = 0; i < text.n;) {
		if (copy.n && text.n - i >= copy.n && memcmp(text.p + i, copy.p, copy.n) == 0) {
			pk_buf_put_str(b, pk_buf_str(&given));
			i += copy.n;
		} else {
			pk_buf_put_c(b, text.p[i++]);
		}
	}
	b->oom = b->oom || copy.oom || given.oom;
}

int pk_job_fail(const struct pk_intake *job, const struct pk_err *why, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	int code = why->code;

	pk_job_put_named(&text, job, pk_str(why->msg));
	if (pk_buf_check(&text, err) < 0)
		return -1;
	/* its message is safe to print already, and escaping twice would show */
	(void)pk_fail(err, why->kind, 0, "-");
	if (err) {
		err->sys = why->sys;
		err->code = code;
		snprintf(err->msg, sizeof(err->msg), "%s", text.p ? text.p : "");
	}
	return -1;
}

/* --- verdicts --------------------------------------------------------------------------------------- */

int pk_job_say(struct pk_intake *job, enum pk_import_state state, const char *verdict, struct pk_str why)
{
	job->res->state = state;
	snprintf(job->res->verdict, sizeof(job->res->verdict), "%s", verdict);
	snprintf(job->res->why, sizeof(job->res->why), "%.*s", PK_STR_ARG(why));
	return 0;
}

struct pk_str pk_job_reason(const struct pk_intake *job)
{
	const struct pk_buf *why = job->status == PK_TRUST_OK ? &job->untold : &job->why;

	return why->n ? pk_buf_str(why) : PK_STR("");
}

bool pk_job_waited(const struct pk_intake *job)
{
	return job->old_quarantined && strcmp(job->old_verdict, pk_trust_name(PK_TRUST_WAITING)) == 0;
}

int pk_job_let_go(struct pk_intake *job, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};

	if (pk_stmt_init(&st, job->c, "UPDATE intake SET state = 'superseded', verdict = 'ok', why = '' WHERE no = ?1",
			 err) < 0)
		return -1;
	pk_stmt_int(&st, 1, job->intake);
	return pk_stmt_run(&st, err);
}

int pk_job_line(struct pk_intake *job, const char *action, const char *verdict, struct pk_str reason,
		struct pk_err *err)
{
	PK_AUTO(pk_buf) details = {0};
	PK_AUTO(pk_buf) object = {0};
	PK_AUTO(pk_buf) source = {0};
	struct pk_json j = {.out = &details};
	static const uint8_t none[16];

	pk_buf_puts(&object, "blake2b:");
	pk_buf_put_hex(&object, job->stage.digest, 64);
	pk_buf_put_lossy(&source, pk_str(job->path));
	if (verdict)
		pk_json_kz(&j, "verdict", verdict);
	if (memcmp(job->res->bundle, none, 16) != 0)
		pk_json_khex(&j, "bundle", job->res->bundle, 16);
	pk_json_kstr(&j, "source", source.p ? pk_buf_str(&source) : PK_STR(""));
	pk_json_kuint(&j, "size", job->stage.size);
	if (job->salvaged && job->proven) {
		pk_json_kuint(&j, "proven", job->proven);
		pk_json_kuint(&j, "lost_contents", job->lost_contents);
	}
	if (pk_json_check(&j, err) < 0 || pk_buf_check(&object, err) < 0)
		return -1;
	return pk_case_custody_act(
		job->c,
		&(struct pk_custody_act){
			.action = action, .object = object.p, .reason = reason, .details = pk_buf_str(&details)},
		err);
}

int pk_job_quarantine(struct pk_intake *job, enum pk_trust_status status, struct pk_str why, struct pk_err *err)
{
	PK_AUTO(pk_buf) place = {0};
	PK_AUTO(pk_buf) text = {0};
	static const uint8_t none[16];
	const char *verdict = pk_trust_name(status);
	bool is_new = !job->old_quarantined || strcmp(job->old_verdict, verdict) != 0;

	pk_buf_puts(&place, "quarantine/");
	pk_buf_put_hex(&place, job->stage.digest, 16);
	pk_buf_puts(&place, ".age");
	pk_buf_put_lossy(&text, why);
	pk_buf_puts(&text, "");
	if (pk_buf_check(&place, err) < 0 || pk_buf_check(&text, err) < 0)
		return -1;
	job->accepted = false;
	if (pk_intake_put(job, "quarantined", verdict, text.p ? text.p : "", place.p,
			  memcmp(job->res->bundle, none, 16) ? job->res->bundle : NULL, err) < 0)
		return -1;
	/* coming again with the same verdict is nothing new */
	if (is_new && pk_job_line(job, "quarantine", verdict, why, err) < 0)
		return -1;
	if (pk_stage_place(&job->stage, place.p, err) < 0)
		return -1;
	snprintf(job->res->place, sizeof(job->res->place), "%s", place.p);
	job->res->alarm = status == PK_TRUST_REPLAYED || status == PK_TRUST_EQUIVOCATION;
	snprintf(job->res->trust, sizeof(job->res->trust), "quarantined");
	return pk_job_say(job, PK_IMPORT_QUARANTINED, verdict, why);
}

int pk_job_refuse(struct pk_intake *job, struct pk_str why, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};

	pk_buf_put_lossy(&text, why);
	if (pk_buf_check(&text, err) < 0)
		return -1;
	job->accepted = false;
	if (!job->old_quarantined && pk_intake_put(job, "refused", "damaged", text.p, NULL, NULL, err) < 0)
		return -1;
	return pk_job_say(job, PK_IMPORT_REFUSED, "damaged", why);
}

int pk_job_blame(struct pk_intake *job, bool own, const struct pk_err *why, struct pk_err *err)
{
	if (own || !pk_job_is_damage(why))
		return pk_job_fail(job, why, err);
	/* The verdict is given by the caller, once these rows are gone. */
	pk_buf_reset(&job->why);
	pk_job_put_named(&job->why, job, pk_str(why->msg));
	job->status = PK_TRUST_ALTERED;
	return pk_buf_check(&job->why, err) < 0 ? -1 : 1;
}

int pk_job_custody(struct pk_intake *job, struct pk_err *err)
{
	return pk_job_line(job, job->accepted ? "release" : "import", pk_trust_name(job->status),
			   job->accepted ? pk_str(job->how->accept) : (struct pk_str){0}, err);
}

int pk_job_take(struct pk_intake *job, int (*take)(void *ctx, struct pk_err *err), void *ctx, struct pk_err *err)
{
	int r = pk_case_exec(job->c, "SAVEPOINT take", err);

	if (r == 0)
		r = take(ctx, err);
	if (r == 0)
		return pk_case_exec(job->c, "RELEASE take", err);
	if (r < 0)
		return -1;
	/* what it holds is not what it should be: nothing of it stays */
	job->intake = job->old_quarantined ? job->intake : 0;
	if (pk_case_exec(job->c, "ROLLBACK TO take; RELEASE take", err) < 0)
		return -1;
	return job->salvaged ? pk_job_refuse(job, pk_buf_str(&job->why), err)
			     : pk_job_quarantine(job, PK_TRUST_ALTERED, pk_buf_str(&job->why), err);
}
