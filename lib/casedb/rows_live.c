/* SPDX-License-Identifier: Apache-2.0 */
/* Live tables become rows and moments; the end of a bundle's import, and its removal. */
#include "rows.h"

#include <picket/timeline.h>

#define UNREADABLE_SHOWN 4096 /* bytes of a row that is no JSON */

struct moment_ctx {
	struct pk_rows *r;
	const char *table;
	int64_t live;
};

static int put_moment(void *ctx, const struct pk_moment *m, struct pk_err *err)
{
	struct moment_ctx *mc = ctx;
	struct pk_stmt *st = &mc->r->st_event;

	pk_stmt_int(st, 1, mc->r->bundle);
	pk_stmt_int(st, 2, mc->r->host);
	pk_stmt_int(st, 3, m->t.sec);
	pk_stmt_int(st, 4, m->t.nsec);
	pk_stmt_z(st, 5, mc->table);
	pk_stmt_z(st, 6, m->what);
	pk_stmt_text(st, 7, m->text);
	pk_stmt_int(st, 8, mc->live);
	mc->r->events++;
	return pk_stmt_run(st, err);
}

static int put_unreadable(struct pk_buf *b, struct pk_str line, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	struct pk_json j = {.out = b};

	pk_buf_put_lossy(&text, pk_str_n(line.p, PK_MIN(line.n, (size_t)UNREADABLE_SHOWN)));
	pk_json_begin(&j, '{');
	pk_json_kstr(&j, "unreadable", text.p ? pk_buf_str(&text) : PK_STR(""));
	pk_json_kuint(&j, "bytes", line.n);
	pk_json_end(&j, '}');
	return pk_json_check(&j, err);
}

int pk_rows_live(struct pk_rows *r, const struct pk_live_ref *ref, struct pk_str jsonl, struct pk_err *err)
{
	struct pk_str rest = jsonl, line;
	int64_t seq = 0;

	/* only a salvaged table gets here with a last line that has no end, and is no row */
	while (rest.n && rest.p[rest.n - 1] != '\n')
		rest.n--;
	while (rest.n && pk_str_line(&rest, &line)) {
		struct moment_ctx mc = {r, ref->table, 0};
		PK_AUTO(pk_buf) instead = {0};
		pk_autojson *row = NULL;

		/* a host may write what it likes: one bad row is kept as what it is, and costs nothing else */
		if (line.n > PK_CASE_LIVE_LINE || pk_json_parse(line, &row, NULL) < 0) {
			if (put_unreadable(&instead, line, err) < 0)
				return -1;
			line = pk_buf_str(&instead);
		}
		pk_stmt_int(&r->st_live, 1, r->bundle);
		pk_stmt_int(&r->st_live, 2, (int64_t)ref->leaf);
		pk_stmt_int(&r->st_live, 3, seq++);
		pk_stmt_int(&r->st_live, 4, r->host);
		pk_stmt_z(&r->st_live, 5, ref->table);
		pk_stmt_text(&r->st_live, 6, line);
		if (pk_stmt_run(&r->st_live, err) < 0)
			return -1;
		mc.live = sqlite3_last_insert_rowid(r->c->db);
		if (row && pk_timeline_live(pk_str(ref->table), row, (struct pk_moment_sink){put_moment, &mc}, err) < 0)
			return -1;
	}
	r->rows += (uint64_t)seq;
	return 0;
}

static int run_for(struct pk_case *c, const char *sql, int64_t bundle, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};

	if (pk_stmt_init(&st, c, sql, err) < 0)
		return -1;
	pk_stmt_int(&st, 1, bundle);
	return pk_stmt_run(&st, err);
}

static int run_all(struct pk_case *c, const char *const *sql, size_t n, int64_t bundle, struct pk_err *err)
{
	for (size_t i = 0; i < n; i++)
		if (run_for(c, sql[i], bundle, err) < 0)
			return -1;
	return 0;
}

int pk_rows_finish(struct pk_rows *r, struct pk_err *err)
{
	static const char *const sql[] = {
		"INSERT INTO ftext(rowid, path) SELECT no, path FROM file WHERE bundle = ?1 AND no > ?2 ORDER BY no",
		"INSERT INTO fname(rowid, name) SELECT no, name FROM file WHERE bundle = ?1 AND no > ?2 ORDER BY no",
		"INSERT INTO ltext(rowid, row) SELECT no, row FROM live WHERE bundle = ?1 AND no > ?2 ORDER BY no",
		"INSERT INTO etext(rowid, msg) SELECT no, msg FROM event WHERE bundle = ?1 AND no > ?2 ORDER BY no",
	};
	const int64_t after[] = {r->after_file, r->after_file, r->after_live, r->after_event};

	if (!r->has_first && !r->shared)
		return pk_fail(err, PK_EFORMAT, 0, "the record log is empty");
	for (size_t i = 0; i < PK_LEN(sql); i++) {
		PK_AUTO(pk_stmt) st = {0};

		if (pk_stmt_init(&st, r->c, sql[i], err) < 0)
			return -1;
		pk_stmt_int(&st, 1, r->bundle);
		pk_stmt_int(&st, 2, after[i]);
		if (pk_stmt_run(&st, err) < 0)
			return -1;
	}
	return 0;
}

int pk_rows_move(struct pk_rows *r, int64_t from, struct pk_err *err)
{
	static const char *const sql[] = {
		"UPDATE file SET host = ?2 WHERE bundle = ?1",
		"UPDATE hit SET host = ?2 WHERE bundle = ?1",
		"UPDATE live SET host = ?2 WHERE bundle = ?1",
		"UPDATE event SET host = ?2 WHERE bundle = ?1",
		"UPDATE ftime SET host = ?2 WHERE host = ?3 AND file IN (SELECT no FROM file WHERE bundle = ?1)",
	};

	for (size_t i = 0; i < PK_LEN(sql) && r->host != from; i++) {
		PK_AUTO(pk_stmt) st = {0};

		if (pk_stmt_init(&st, r->c, sql[i], err) < 0)
			return -1;
		pk_stmt_int(&st, 1, r->bundle);
		pk_stmt_int(&st, 2, r->host);
		if (i + 1 == PK_LEN(sql))
			pk_stmt_int(&st, 3, from);
		if (pk_stmt_run(&st, err) < 0)
			return -1;
	}
	return 0;
}

int pk_rows_join(struct pk_rows *r, struct pk_err *err)
{
	static const char *const sql[] = {
		"UPDATE file SET content = more ->> '$.c', sha256 = (SELECT k.sha256 FROM content k WHERE k.bundle = "
		"?1 "
		"AND k.leaf = file.more ->> '$.c') WHERE bundle = ?1 AND content IS NULL AND "
		"more ->> '$.c' IN (SELECT leaf FROM content WHERE bundle = ?1)",
		"UPDATE hit SET sha256 = (SELECT k.sha256 FROM content k WHERE k.bundle = ?1 AND k.leaf = hit.of) "
		"WHERE bundle = ?1 AND sha256 IS NULL AND of IN (SELECT leaf FROM content WHERE bundle = ?1)",
	};

	return run_all(r->c, sql, PK_LEN(sql), r->bundle, err);
}

int pk_rows_remove(struct pk_case *c, int64_t bundle, struct pk_err *err)
{
	static const char *const sql[] = {
		"INSERT INTO ftext(ftext, rowid, path) SELECT 'delete', no, path FROM file WHERE bundle = ?1",
		"INSERT INTO fname(fname, rowid, name) SELECT 'delete', no, name FROM file WHERE bundle = ?1",
		"INSERT INTO ltext(ltext, rowid, row) SELECT 'delete', no, row FROM live WHERE bundle = ?1",
		"INSERT INTO etext(etext, rowid, msg) SELECT 'delete', no, msg FROM event WHERE bundle = ?1",
		"DELETE FROM event WHERE bundle = ?1",
		("DELETE FROM ftime WHERE host = (SELECT host FROM bundle WHERE no = ?1) AND file IN "
		 "(SELECT no FROM file WHERE bundle = ?1)"),
		"DELETE FROM hit WHERE bundle = ?1",
		"DELETE FROM live WHERE bundle = ?1",
		"DELETE FROM file WHERE bundle = ?1",
		"DELETE FROM content WHERE bundle = ?1",
		"DELETE FROM run WHERE bundle = ?1",
		"DELETE FROM bundle WHERE no = ?1",
	};

	return run_all(c, sql, PK_LEN(sql), bundle, err);
}
