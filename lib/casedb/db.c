/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite as the case uses it: prepared statements with sticky errors, transactions, messages in words. */
#include "db.h"

#include <stdlib.h>

int pk_case_fail(struct pk_case *c, int rc, struct pk_err *err)
{
	const char *what = c->db ? sqlite3_errmsg(c->db) : sqlite3_errstr(rc);

	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return pk_fail(err, PK_ESYS, 0,
			       "'%s' is being written by another process: one writer at a time, "
			       "try again when it is done",
			       c->dir);
	case SQLITE_FULL: return pk_fail(err, PK_ESYS, 0, "'%s': the disk is full", c->dir);
	case SQLITE_READONLY: return pk_fail(err, PK_ESYS, 0, "'%s' cannot be written", c->dir);
	case SQLITE_NOMEM: return pk_fail_oom(err);
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT: return pk_fail(err, PK_EFORMAT, 0, "'%s/case.db' is damaged: %s", c->dir, what);
	default: return pk_fail(err, PK_ESYS, 0, "'%s/case.db': %s", c->dir, what);
	}
}

void pk_stmt_done(struct pk_stmt *st)
{
	sqlite3_finalize(st->s);
	*st = (struct pk_stmt){0};
}

int pk_stmt_init(struct pk_stmt *st, struct pk_case *c, const char *sql, struct pk_err *err)
{
	int rc = SQLITE_OK;

	pk_stmt_done(st);
	*st = (struct pk_stmt){.c = c};
	rc = sqlite3_prepare_v3(c->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st->s, NULL);
	return rc == SQLITE_OK ? 0 : pk_case_fail(c, rc, err);
}

static void stick(struct pk_stmt *st, int rc)
{
	if (st->rc == SQLITE_OK)
		st->rc = rc;
}

void pk_stmt_int(struct pk_stmt *st, int i, int64_t v) { stick(st, sqlite3_bind_int64(st->s, i, v)); }

void pk_stmt_text(struct pk_stmt *st, int i, struct pk_str v)
{
	if (v.p)
		stick(st, sqlite3_bind_text64(st->s, i, v.p, v.n, SQLITE_STATIC, SQLITE_UTF8));
	else
		pk_stmt_null(st, i);
}

void pk_stmt_z(struct pk_stmt *st, int i, const char *v) { pk_stmt_text(st, i, pk_str(v)); }

void pk_stmt_blob(struct pk_stmt *st, int i, const void *p, size_t n)
{
	if (p)
		stick(st, sqlite3_bind_blob64(st->s, i, p, n, SQLITE_STATIC));
	else
		pk_stmt_null(st, i);
}

void pk_stmt_null(struct pk_stmt *st, int i) { stick(st, sqlite3_bind_null(st->s, i)); }

int pk_stmt_step(struct pk_stmt *st, struct pk_err *err)
{
	int rc = st->rc;

	if (rc == SQLITE_OK)
		rc = sqlite3_step(st->s);
	if (rc == SQLITE_ROW)
		return 1;
	if (rc == SQLITE_DONE)
		return 0;
	return pk_case_fail(st->c, rc, err);
}

void pk_stmt_reset(struct pk_stmt *st)
{
	sqlite3_reset(st->s);
	sqlite3_clear_bindings(st->s);
	st->rc = SQLITE_OK;
}

int pk_stmt_run(struct pk_stmt *st, struct pk_err *err)
{
	int r = pk_stmt_step(st, err);

	pk_stmt_reset(st);
	return r < 0 ? -1 : 0;
}

int64_t pk_stmt_col_int(struct pk_stmt *st, int i) { return sqlite3_column_int64(st->s, i); }

struct pk_str pk_stmt_col(struct pk_stmt *st, int i)
{
	const void *p = sqlite3_column_blob(st->s, i);

	/* nor has one that there was no memory for: no verdict may come of it */
	if (!p && sqlite3_errcode(sqlite3_db_handle(st->s)) == SQLITE_NOMEM)
		pk_memory_note_failure();
	/* an empty value has no pointer; only NULL may look like NULL */
	if (!p && !pk_stmt_col_null(st, i))
		p = "";
	return pk_str_n(p, (size_t)sqlite3_column_bytes(st->s, i));
}

bool pk_stmt_col_null(struct pk_stmt *st, int i) { return sqlite3_column_type(st->s, i) == SQLITE_NULL; }

int pk_case_exec(struct pk_case *c, const char *sql, struct pk_err *err)
{
	int rc = sqlite3_exec(c->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : pk_case_fail(c, rc, err);
}

int pk_case_int(struct pk_case *c, const char *sql, int64_t otherwise, int64_t *ret, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	int r = -1;

	if (pk_stmt_init(&st, c, sql, err) < 0 || (r = pk_stmt_step(&st, err)) < 0)
		return -1;
	*ret = r ? pk_stmt_col_int(&st, 0) : otherwise;
	return 0;
}

int pk_case_begin(struct pk_case *c, struct pk_err *err)
{
	if (!c->writable)
		return pk_fail(err, PK_ESYS, 0, "'%s' is open for reading only", c->dir);
	if (pk_case_exec(c, "BEGIN IMMEDIATE", err) < 0)
		return -1;
	c->in_tx = true;
	return 0;
}

int pk_case_commit(struct pk_case *c, struct pk_err *err)
{
	if (pk_case_exec(c, "COMMIT", err) < 0)
		return -1;
	c->in_tx = false;
	return 0;
}

void pk_case_rollback(struct pk_case *c)
{
	if (c->in_tx)
		sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
	c->in_tx = false;
}

void pk_cleanup_rollback(struct pk_case **c) { pk_case_rollback(*c); }

int pk_case_meta_get(struct pk_case *c, const char *key, struct pk_buf *ret, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	int r = -1;

	if (pk_stmt_init(&st, c, "SELECT value FROM meta WHERE key = ?1", err) < 0)
		return -1;
	pk_stmt_z(&st, 1, key);
	if ((r = pk_stmt_step(&st, err)) < 0)
		return -1;
	if (r)
		pk_buf_put_str(ret, pk_stmt_col(&st, 0));
	return pk_buf_check(ret, err);
}

int pk_case_meta_put(struct pk_case *c, const char *key, struct pk_str value, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};

	if (pk_stmt_init(&st, c,
			 "INSERT INTO meta(key, value) VALUES(?1, ?2) "
			 "ON CONFLICT(key) DO UPDATE SET value = excluded.value",
			 err) < 0)
		return -1;
	pk_stmt_z(&st, 1, key);
	pk_stmt_text(&st, 2, value);
	return pk_stmt_run(&st, err);
}

int pk_case_path(const struct pk_case *c, const char *place, char **ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};

	pk_buf_putf(&b, "%s/%s", c->dir, place);
	return (*ret = pk_buf_take(&b)) ? 0 : pk_fail_oom(err);
}

void pk_case_now(struct pk_buf *b) { pk_buf_put_time(b, pk_time_now()); }
