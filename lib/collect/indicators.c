/* SPDX-License-Identifier: Apache-2.0 */
/* Indicators in a collection: every path, every row of a live table and every content is compared with them on the
 * way, and what hits becomes records. */
#include "collect_priv.h"

#define MAX_NOT_COMPARED 1000 /* events of that; further ones are counted only */

/* --- records ------------------------------------------------------------------------------------------ */

static int put_ioc_hit(struct run *run, const struct pk_ioc_hit *hit, uint64_t of, uint64_t row, bool known_good,
		       struct pk_err *err)
{
	struct pk_json j = record_begin(run);
	uint64_t leaf;

	pk_ioc_hit_put_json(&j, hit);
	if (row != IOC_NO_ROW)
		pk_json_kuint(&j, "row", row);
	if (known_good)
		pk_json_kbool(&j, "known_good", true);
	pk_json_kuint(&j, "of", of);
	run->sum->hits++;
	return record_put(run, &j, 'h', &leaf, err);
}

static int put_not_compared(struct run *run, uint64_t of, uint64_t row, const char *why, struct pk_err *err)
{
	struct pk_json j;
	uint64_t leaf;

	if (run->sum->not_compared++ >= MAX_NOT_COMPARED)
		return 0;
	j = record_begin(run);
	pk_json_kz(&j, "event", "not-compared");
	if (row != IOC_NO_ROW)
		pk_json_kuint(&j, "row", row);
	pk_json_kuint(&j, "of", of);
	pk_json_kz(&j, "why", why);
	return record_put(run, &j, 'e', &leaf, err);
}

int ioc_put_sets(struct run *run, struct pk_err *err)
{
	const struct pk_ioc_set *sets;
	const struct pk_ioc_problem *problems;
	struct pk_json j;
	uint64_t leaf;
	size_t n;

	if (!run->p->ioc)
		return 0;
	sets = pk_ioc_sets(run->p->ioc, &n);
	for (size_t i = 0; i < n; i++) {
		j = record_begin(run);
		pk_json_kz(&j, "event", "indicators");
		pk_json_kbytes(&j, "set", sets[i].name);
		pk_json_kuint(&j, "taken", sets[i].indicators);
		pk_json_kuint(&j, "not_evaluated", sets[i].not_evaluated);
		pk_json_kbool(&j, "refused", sets[i].refused);
		if (record_put(run, &j, 'e', &leaf, err) < 0)
			return -1;
	}
	problems = pk_ioc_problems(run->p->ioc, &n);
	for (size_t i = 0; i < n; i++) {
		j = record_begin(run);
		pk_json_kz(&j, "event", "indicator-problem");
		pk_json_kbytes(&j, "set", problems[i].set);
		pk_json_kuint(&j, "line", problems[i].line);
		pk_json_kbytes(&j, "why", problems[i].text);
		if (record_put(run, &j, 'e', &leaf, err) < 0)
			return -1;
	}
	return 0;
}

/* --- contents ----------------------------------------------------------------------------------------- */

unsigned ioc_hash_kinds(const struct run *run) { return run->p->ioc ? pk_ioc_needs(run->p->ioc) : 0; }

int ioc_find_hash(struct run *run, const struct pk_hashes *hashes, struct pk_err *err)
{
	struct pk_ioc_hit found[PK_IOC_MAX_HASH_HITS];
	size_t n;

	ioc_forget_hash(run);
	n = pk_ioc_find_hash(run->p->ioc, hashes, pk_ioc_needs(run->p->ioc), found);
	for (size_t i = 0; i < n; i++) {
		run->known_good |= found[i].known_good;
		if (!found[i].known_good && pk_ioc_hits_add(&run->hash_hits, &found[i], 1, err) < 0)
			return -1;
	}
	return 0;
}

void ioc_forget_hash(struct run *run)
{
	run->hash_hits.n = 0;
	run->known_good = false;
}

int ioc_put_hash(struct run *run, uint64_t of, struct pk_err *err)
{
	for (size_t i = 0; i < run->hash_hits.n; i++)
		if (put_ioc_hit(run, &run->hash_hits.v[i], of, IOC_NO_ROW, run->known_good, err) < 0)
			return -1;
	ioc_forget_hash(run);
	return 0;
}

int ioc_put_unhashed(struct run *run, uint64_t of, const char *why, struct pk_err *err)
{
	return put_not_compared(run, of, IOC_NO_ROW, why, err);
}

/* --- paths -------------------------------------------------------------------------------------------- */

/* Answers to paths: the question's id is the leaf of the path's record. */
static int on_path(void *ctx, const struct pk_ioc_answer *a, struct pk_err *err)
{
	struct run *run = ctx;

	for (size_t i = 0; i < a->hit_count; i++)
		if (put_ioc_hit(run, &a->hits[i], a->id, IOC_NO_ROW, false, err) < 0)
			return -1;
	if (!a->why && !a->more)
		return 0;
	return put_not_compared(run, a->id, IOC_NO_ROW, a->why ? a->why : "more indicators hit than are kept", err);
}

void ioc_listen_paths(struct run *run)
{
	if (run->p->ioc)
		pk_ioc_listen(run->p->ioc, on_path, run);
}

int ioc_path(struct run *run, struct pk_str path, uint64_t leaf, struct pk_err *err)
{
	if (!run->p->ioc || !pk_ioc_has_texts(run->p->ioc))
		return 0;
	return pk_ioc_ask(run->p->ioc, leaf, PK_IOC_PATH, path, err);
}

int ioc_flush(struct run *run, struct pk_err *err) { return run->p->ioc ? pk_ioc_flush(run->p->ioc, err) : 0; }

/* --- rows --------------------------------------------------------------------------------------------- */

void ioc_rows_done(struct ioc_rows *rows)
{
	pk_ioc_hits_done(&rows->hits);
	free(rows->of);
	free(rows->missed);
	*rows = (struct ioc_rows){0};
}

static int keep(struct ioc_rows *rows, const struct pk_ioc_hit *hits, size_t n, uint64_t row, struct pk_err *err)
{
	if (n == 0)
		return 0;
	if (!pk_grow(&rows->of, &rows->of_cap, rows->hits.n + n, sizeof(*rows->of)))
		return pk_fail_oom(err);
	for (size_t i = 0; i < n; i++)
		rows->of[rows->hits.n + i] = row;
	return pk_ioc_hits_add(&rows->hits, hits, n, err);
}

static int on_row_answer(void *ctx, const struct pk_ioc_answer *a, struct pk_err *err)
{
	struct ioc_rows *rows = ctx;

	if (a->why || a->more) {
		if (!pk_grow(&rows->missed, &rows->missed_cap, rows->missed_n + 1, sizeof(*rows->missed)))
			return pk_fail_oom(err);
		rows->missed[rows->missed_n++] = (struct ioc_missed){
			a->id, a->why ? a->why : "more indicators hit than are kept"};
	}
	return keep(rows, a->hits, a->hit_count, a->id, err);
}

struct at_row {
	struct ioc_rows *rows;
	uint64_t row;
};

static int on_digest(void *ctx, const struct pk_ioc_hit *hit, struct pk_err *err)
{
	const struct at_row *at = ctx;

	return hit->known_good ? 0 : keep(at->rows, hit, 1, at->row, err);
}

void ioc_listen_rows(const struct run *run, struct ioc_rows *rows)
{
	if (run->p->ioc)
		pk_ioc_listen(run->p->ioc, on_row_answer, rows);
}

int ioc_row(const struct run *run, struct ioc_rows *rows, struct pk_str line, uint64_t row, struct pk_err *err)
{
	struct at_row at = {rows, row};

	if (!run->p->ioc)
		return 0;
	if (pk_ioc_find_row(run->p->ioc, line, on_digest, &at, err) < 0)
		return -1;
	if (!pk_ioc_has_texts(run->p->ioc))
		return 0;
	return pk_ioc_ask(run->p->ioc, row, PK_IOC_ROW, line, err);
}

int ioc_put_rows(struct run *run, struct ioc_rows *rows, uint64_t leaf, struct pk_err *err)
{
	for (size_t i = 0; i < rows->hits.n; i++)
		if (put_ioc_hit(run, &rows->hits.v[i], leaf, rows->of[i], false, err) < 0)
			return -1;
	for (size_t i = 0; i < rows->missed_n; i++)
		if (put_not_compared(run, leaf, rows->missed[i].row, rows->missed[i].why, err) < 0)
			return -1;
	rows->hits.n = rows->missed_n = 0;
	return 0;
}
