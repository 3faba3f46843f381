/* SPDX-License-Identifier: Apache-2.0 */
/* Live tables into the bundle: each in segments of bounded size, with notes of what could not be read. */
#include "collect_priv.h"

#include <picket/live.h>

#define SEGMENT_BYTES (1u << 20)
#define TABLE_SECONDS 120

struct table_run {
	struct run *run;
	const struct pk_live_table *table;
	struct pk_buf rows;
	uint64_t n;
	struct ioc_rows found; /* indicators in them */
	int failed;            /* a note could not be put: the error is kept for the next row */
	bool undone; /* the bundle did not take a row: that ends the run, all else is the table's own trouble */
	struct pk_strv notes;
};

static int flush(struct table_run *t, struct pk_err *err)
{
	uint64_t leaf;

	if (pk_buf_check(&t->rows, err) < 0 || ioc_flush(t->run, err) < 0 ||
	    pk_seal_live(t->run->seal, t->table->name, pk_buf_str(&t->rows), t->n, &leaf, err) < 0 ||
	    ioc_put_rows(t->run, &t->found, leaf, err) < 0) {
		t->undone = true;
		return -1;
	}
	t->run->sum->rows += t->n;
	t->n = 0;
	pk_buf_reset(&t->rows);
	return 0;
}

static int on_row(void *arg, struct pk_str line, struct pk_err *err)
{
	struct table_run *t = arg;

	if (check_stop(t->run, err) < 0)
		return -1;
	pk_buf_put_str(&t->rows, line);
	pk_buf_put_c(&t->rows, '\n');
	if (ioc_row(t->run, &t->found, line, t->n, err) < 0) {
		t->undone = true;
		return -1;
	}
	t->n++;
	return t->rows.n >= SEGMENT_BYTES ? flush(t, err) : 0;
}

static void on_note(void *arg, const char *text)
{
	struct table_run *t = arg;

	t->failed |= pk_strv_add(&t->notes, pk_str(text), NULL);
}

static int put_failure(struct run *run, const char *table, const struct pk_err *why, struct pk_err *err)
{
	run->sum->tables_failed++;
	pk_event_warn(run->p->events, "%s", why->msg);
	return put_event(run, "table-failed", table ? "table" : NULL, pk_str(table ? table : ""), why->msg, err);
}

static int take_table(struct run *run, const struct pk_live_ctx *ctx, const struct pk_live_table *table,
		      struct pk_err *err)
{
	struct table_run t = {.run = run, .table = table};
	struct pk_live_out out = {.row = on_row, .note = on_note, .arg = &t};
	struct pk_err own = {0};
	bool broken;
	int rc = 0;

	ioc_listen_rows(run, &t.found);
	broken = pk_live_run(table, ctx, &out, &own) < 0;

	if (t.undone) {
		rc = -1;
		if (err)
			*err = own;
	}
	if (rc == 0 && (!broken || t.n))
		rc = flush(&t, err); /* an empty table is recorded too: it was read and had no rows */
	if (rc == 0 && broken)
		rc = put_failure(run, table->name, &own, err);
	for (size_t i = 0; rc == 0 && i < t.notes.n; i++)
		rc = put_event(run, "table-note", "table", pk_str(table->name), t.notes.v[i], err);
	if (rc == 0 && t.failed)
		rc = pk_fail_oom(err);
	run->sum->tables++;
	run->sum->table_notes += out.notes;
	pk_live_out_done(&out);
	ioc_rows_done(&t.found);
	pk_buf_done(&t.rows);
	pk_strv_done(&t.notes);
	return rc < 0 ? pk_wrap(err, "table %s", table->name) : 0;
}

static bool is_wanted(const struct run *run, const struct pk_live_table *t)
{
	const struct pk_strv *only = run->p->tables;

	if (only && only->n)
		return pk_strv_has(only, t->name);
	return !t->on_request && (run->p->root->is_host || !t->host_only);
}

int take_live(struct run *run, struct pk_err *err)
{
	struct pk_live_ctx ctx = {0};
	struct pk_err own = {0};
	int rc = 0;

	if (pk_live_ctx_init(&ctx, run->p->root, &own) < 0)
		return put_failure(run, NULL, &own, err);
	for (size_t i = 0; rc == 0 && pk_live_tables[i]; i++) {
		if (!is_wanted(run, pk_live_tables[i]) || run->sum->stopped)
			continue;
		pk_event_progress(run->p->events, pk_live_tables[i]->name, run->sum->rows, 0);
		ctx.deadline_ns = pk_time_mono_ns() + TABLE_SECONDS * 1000000000ull;
		rc = take_table(run, &ctx, pk_live_tables[i], err);
	}
	pk_live_ctx_done(&ctx);
	return rc;
}
