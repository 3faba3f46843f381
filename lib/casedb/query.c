/* SPDX-License-Identifier: Apache-2.0 */
/* Queries put together from fixed fragments and bound values. */
#include "list.h"

#include <stdlib.h>

void pk_query_done(struct pk_query *q)
{
	pk_buf_done(&q->sql);
	pk_buf_done(&q->lo);
	pk_buf_done(&q->hi);
	pk_buf_done(&q->chosen);
	*q = (struct pk_query){0};
}

void pk_query_puts(struct pk_query *q, const char *fragment) { pk_buf_puts(&q->sql, fragment); }

static void put_bind(struct pk_query *q)
{
	if (q->n >= PK_QUERY_BINDS)
		q->sql.oom = true;
	else
		pk_buf_putf(&q->sql, "?%d", ++q->n);
}

void pk_query_text(struct pk_query *q, struct pk_str v)
{
	put_bind(q);
	if (!q->sql.oom)
		q->bind[q->n - 1].s = v;
}

void pk_query_int(struct pk_query *q, int64_t v)
{
	put_bind(q);
	if (q->sql.oom)
		return;
	q->bind[q->n - 1].is_int = true;
	q->bind[q->n - 1].i = v;
}

void pk_query_blob(struct pk_query *q, const void *p, size_t n)
{
	pk_query_text(q, pk_str_n(p, n));
	if (!q->sql.oom)
		q->bind[q->n - 1].is_blob = true;
}

int pk_query_prepare(struct pk_query *q, struct pk_case *c, struct pk_stmt *st, struct pk_err *err)
{
	if (pk_buf_check(&q->sql, err) < 0 || pk_stmt_init(st, c, q->sql.p, err) < 0)
		return -1;
	/* copied: a statement may outlive its query */
	for (int i = 0; i < q->n && st->rc == SQLITE_OK; i++) {
		struct pk_str v = q->bind[i].s;

		if (q->bind[i].is_int)
			st->rc = sqlite3_bind_int64(st->s, i + 1, q->bind[i].i);
		else if (q->bind[i].is_blob)
			st->rc = sqlite3_bind_blob64(st->s, i + 1, v.p, v.n, SQLITE_TRANSIENT);
		else
			st->rc = sqlite3_bind_text64(st->s, i + 1, v.p, v.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	}
	return 0;
}

static int hex_digit(char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	if (ch >= 'a' && ch <= 'f')
		return ch - 'a' + 10;
	if (ch >= 'A' && ch <= 'F')
		return ch - 'A' + 10;
	return -1;
}

int pk_query_hex_prefix(struct pk_query *q, const char *expr, const char *hex, struct pk_err *err)
{
	size_t n = strlen(hex);
	bool past = true;

	if (n < 4 || n > 128)
		return pk_fail(err, PK_EUSAGE, 0, "'%s' is no hash or id: at least 4 hex digits of it are needed", hex);
	for (size_t i = 0; i < n; i += 2) {
		int hi = hex_digit(hex[i]), lo = i + 1 < n ? hex_digit(hex[i + 1]) : 0;

		if (hi < 0 || lo < 0)
			return pk_fail(err, PK_EUSAGE, 0,
				       "'%s' is no hash or id: at least 4 hex digits of it are needed", hex);
		pk_buf_put_c(&q->lo, (char)(hi << 4 | lo));
		pk_buf_put_c(&q->hi, (char)(hi << 4 | (i + 1 < n ? lo : 15)));
	}
	if (pk_buf_check(&q->lo, err) < 0 || pk_buf_check(&q->hi, err) < 0)
		return -1;
	/* hi becomes the next larger beginning */
	for (size_t i = q->hi.n; past && i-- > 0;) {
		q->hi.p[i] = (char)((uint8_t)q->hi.p[i] + 1);
		past = q->hi.p[i] == 0;
	}
	pk_query_puts(q, " AND ");
	pk_query_puts(q, expr);
	pk_query_puts(q, " >= ");
	pk_query_blob(q, q->lo.p, q->lo.n);
	if (!past) {
		pk_query_puts(q, " AND ");
		pk_query_puts(q, expr);
		pk_query_puts(q, " < ");
		pk_query_blob(q, q->hi.p, q->hi.n);
	}
	return 0;
}

int pk_query_host(struct pk_query *q, struct pk_case *c, const char *expr, const char *host, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	if (!host)
		return 0;
	if (pk_stmt_init(&st, c,
			 "SELECT no FROM host WHERE name = ?1 OR (length(?1) >= 8 AND "
			 "substr(lower(hex(id)), 1, length(?1)) = ?1)",
			 err) < 0)
		return -1;
	pk_stmt_z(&st, 1, host);
	pk_query_puts(q, " AND ");
	pk_query_puts(q, expr);
	pk_query_puts(q, " IN (");
	for (bool first = true; (r = pk_stmt_step(&st, err)) == 1; first = false)
		pk_buf_putf(&q->sql, "%s%lld", first ? "" : ",", (long long)pk_stmt_col_int(&st, 0));
	if (r < 0)
		return -1;
	if (q->sql.n && q->sql.p[q->sql.n - 1] == '(')
		return pk_fail(err, PK_EUSAGE, 0, "no host '%s' in this case: see 'picket-case hosts'", host);
	pk_query_puts(q, ")");
	return 0;
}

void pk_query_limit(struct pk_query *q, uint64_t limit)
{
	if (!limit)
		return;
	pk_query_puts(q, " LIMIT ");
	pk_query_int(q, (int64_t)PK_MIN(limit, (uint64_t)INT64_MAX));
}

void pk_query_cells(struct pk_stmt *st, const struct pk_listing *l, struct pk_cell *cells)
{
	int at = 0;

	for (size_t i = 0; i < l->n; i++) {
		struct pk_cell *cell = &cells[i];

		*cell = (struct pk_cell){.null = pk_stmt_col_null(st, at)};
		switch (l->columns[i].type) {
		case PK_CELL_INT:
		case PK_CELL_BOOL: cell->i = pk_stmt_col_int(st, at++); break;
		case PK_CELL_TIME:
			if (sqlite3_column_type(st->s, at) == SQLITE_TEXT) {
				cell->null = !pk_time_parse(pk_stmt_col(st, at), &cell->t);
			} else {
				cell->t.sec = pk_stmt_col_int(st, at);
				cell->t.nsec = (uint32_t)pk_stmt_col_int(st, at + 1) % 1000000000u;
			}
			at += 2;
			break;
		case PK_CELL_BYTES:
			cell->s = pk_stmt_col(st, pk_stmt_col_null(st, at + 1) ? at : at + 1);
			at += 2;
			break;
		default: cell->s = pk_stmt_col(st, at++); break;
		}
	}
}

int pk_query_run(struct pk_query *q, struct pk_case *c, enum pk_list which, struct pk_row_sink sink, struct pk_err *err)
{
	const struct pk_listing *l = pk_case_listing(which);
	struct pk_cell cells[PK_LIST_MAX_COLUMNS];
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	if (pk_query_prepare(q, c, &st, err) < 0)
		return -1;
	while ((r = pk_stmt_step(&st, err)) == 1) {
		int rc = 0;

		pk_query_cells(&st, l, cells);
		rc = sink.row(sink.ctx, cells, err);
		if (rc)
			return rc == PK_LIST_STOP ? 0 : -1;
	}
	return r;
}
