/* SPDX-License-Identifier: Apache-2.0 */
/* What others attest of a bundle that comes in: receipts, which raise trust, and rewraps; their custody lines. */
#include "intake.h"

#include <picket/hash.h>
#include <picket/limits.h>

#include <errno.h>
#include <unistd.h>

static int put_line(struct pk_intake *job, const char *action, struct pk_buf *details, struct pk_err *err)
{
	PK_AUTO(pk_buf) object = {0};

	pk_buf_puts(&object, "blake2b:");
	pk_buf_put_hex(&object, job->outer.digest, 64);
	if (pk_buf_check(&object, err) < 0 || pk_buf_check(details, err) < 0)
		return -1;
	return pk_case_custody_put(job->c, action, object.p, pk_buf_str(details), err);
}

static int put_receipt(struct pk_intake *job, struct pk_err *err)
{
	const struct pk_receipt *r = &job->outer.receipt;
	PK_AUTO(pk_buf) details = {0};
	PK_AUTO(pk_buf) time = {0};
	struct pk_json j = {.out = &details};

	pk_json_kz(&j, "verdict", job->outer.receipt_holds ? "holds" : "refused");
	if (!job->outer.receipt_holds) {
		pk_event_warn(job->how->ev, "%s: its receipt is not believed: %s", job->path, job->outer.receipt_why);
		pk_json_kz(&j, "why", job->outer.receipt_why);
	} else {
		pk_buf_put_time(&time, (struct pk_time){.sec = r->time});
		pk_json_kz(&j, "receipt_signer", r->signer);
		pk_json_kz(&j, "receipt_time", time.p);
		pk_json_kz(&j, "receipt_place", r->place);
		if (r->person)
			pk_json_kz(&j, "receipt_person", r->person);
		pk_json_kz(&j, "receipt_found", pk_trust_name(r->verdict));
		if (job->outer.receipt_is_early) {
			pk_event_warn(job->how->ev, "%s: its receipt is of a time before its ticket is valid",
				      job->path);
			pk_json_kbool(&j, "receipt_early", true);
		}
	}
	if (pk_json_check(&j, err) < 0)
		return -1;
	return put_line(job, "receipt", &details, err);
}

int pk_attest_lines(struct pk_intake *job, struct pk_err *err)
{
	if (job->outer.has_receipt && put_receipt(job, err) < 0)
		return -1;
	/* the oldest first, as it was done */
	for (size_t i = job->outer.rewraps.n; i > 0; i--) {
		PK_AUTO(pk_buf) details = {0};
		struct pk_json j = {.out = &details};

		pk_json_khex(&j, "original", job->outer.original, 64);
		pk_json_kz(&j, "what", job->outer.rewraps.v[i - 1]);
		if (pk_json_check(&j, err) < 0 || put_line(job, "rewrap", &details, err) < 0)
			return -1;
	}
	return 0;
}

bool pk_attest_is_countersigned(const struct pk_outer *outer)
{
	return outer->status == PK_TRUST_OK && outer->receipt_holds && outer->receipt.verdict == PK_TRUST_OK;
}

/* What the record claims is signed by two or it is refused: the line says which. */
int pk_attest_record(struct pk_intake *job, const struct pk_bundle_info *info, const struct pk_record *r,
		     struct pk_err *err)
{
	PK_AUTO(pk_release_set) s = {0};
	PK_AUTO(pk_buf) details = {0};
	struct pk_json j = {.out = &details};
	struct pk_err why = {0};
	bool there = false;
	int e = pk_release_from_record(r->json, info, job->how->roster, job->first_intake, &there, &s, &why);

	if (!there)
		return 0;
	if (why.kind == PK_ESYS) {
		*err = why;
		return -1;
	}
	pk_json_kz(&j, "verdict", e == 0 ? "holds" : "refused");
	pk_json_khex(&j, "bundle", info->id, sizeof(info->id));
	if (e < 0) {
		pk_event_warn(job->how->ev, "%s: the override it was sealed under is not believed: %s", job->path,
			      why.msg);
		pk_json_kz(&j, "why", why.msg);
	} else {
		if (s.release.second)
			pk_event_warn(job->how->ev,
				      "%s: it was sealed beyond its label, by override of '%s' and '%s': %s", job->path,
				      s.release.signer, s.release.second, s.release.reason);
		else
			pk_event_warn(job->how->ev,
				      "%s: it was sealed beyond its label, released by its originator '%s': %s",
				      job->path, s.release.signer, s.release.reason);
		pk_json_kz(&j, "signer", s.release.signer);
		if (s.release.second)
			pk_json_kz(&j, "second", s.release.second);
		pk_json_kz(&j, "override_reason", s.release.reason);
		pk_json_kuint(&j, "recipients", s.release.recipient_hashes.n);
	}
	if (pk_json_check(&j, err) < 0)
		return -1;
	return put_line(job, "override", &details, err);
}

/* --- a receipt that comes after its bundle ------------------------------------------------------------ */

static const char *const suffixes[] = {".receipt", ".receipt.minisig"};

static int keep_sidecar(struct pk_intake *job, const char *suffix, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	PK_AUTO(pk_buf) from = {0}, place = {0}, text = {0};
	pk_autofree char *to = NULL;
	uint8_t sum[32];

	pk_buf_putf(&from, "%s%s", job->path, suffix);
	pk_buf_putf(&place, "%s%s", job->old_place.p, suffix);
	if (pk_buf_check(&from, err) < 0 || pk_buf_check(&place, err) < 0 ||
	    pk_case_path(job->c, place.p, &to, err) < 0 || pk_read_beside(from.p, PK_MAX_TEXT_FILE, &text, err) < 0 ||
	    pk_write_path(to, 0, pk_buf_str(&text), err) < 0)
		return -1;
	pk_sha256(text.p ? text.p : "", text.n, sum);
	if (pk_stmt_init(&st, job->c, "INSERT OR REPLACE INTO sidecar(intake, suffix, sha256) VALUES(?1, ?2, ?3)",
			 err) < 0)
		return -1;
	pk_stmt_int(&st, 1, job->intake);
	pk_stmt_z(&st, 2, suffix);
	pk_stmt_blob(&st, 3, sum, sizeof(sum));
	return pk_stmt_run(&st, err);
}

/* Whether the bundle is in the case as ticketed, and its file came with no receipt. */
static int is_waiting(struct pk_intake *job, bool *ret, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	PK_AUTO(pk_buf) name = {0};

	pk_buf_putf(&name, "%s%s", job->path, suffixes[0]);
	*ret = false;
	if (pk_buf_check(&name, err) < 0)
		return -1;
	if (!job->old_place.n || access(name.p, F_OK) < 0)
		return 0;
	if (pk_stmt_init(&st, job->c, "SELECT 1 FROM bundle WHERE intake = ?1 AND trust = 'ticketed'", err) < 0)
		return -1;
	pk_stmt_int(&st, 1, job->intake);
	int r = pk_stmt_step(&st, err);

	*ret = r == 1;
	return r < 0 ? -1 : 0;
}

int pk_attest_late(struct pk_intake *job, bool *ret_raised, struct pk_err *err)
{
	const struct pk_roster nobody = {0};
	PK_AUTO(pk_stmt) st = {0};
	bool waiting = false;

	*ret_raised = false;
	if (is_waiting(job, &waiting, err) < 0 || !waiting)
		return waiting ? -1 : 0;
	if (pk_outer_check(job->path, job->how->roster ? job->how->roster : &nobody, job->how->now, &job->outer, err) <
	    0)
		return -1;
	if (!pk_attest_is_countersigned(&job->outer)) {
		pk_event_warn(job->how->ev, "%s: its receipt changes nothing: %s", job->path,
			      !job->outer.receipt_holds          ? job->outer.receipt_why
			      : job->outer.status != PK_TRUST_OK ? job->outer.why
								 : "it says that the bundle was not in order");
		return 0;
	}
	/* the receipt last: a case killed in between has a signature too many, which says nothing */
	for (size_t i = PK_LEN(suffixes); i > 0; i--)
		if (keep_sidecar(job, suffixes[i - 1], err) < 0)
			return -1;
	if (pk_stmt_init(&st, job->c, "UPDATE bundle SET trust = 'countersigned' WHERE intake = ?1", err) < 0)
		return -1;
	pk_stmt_int(&st, 1, job->intake);
	if (pk_stmt_run(&st, err) < 0 || put_receipt(job, err) < 0)
		return -1;
	*ret_raised = true;
	return 0;
}
