/* SPDX-License-Identifier: Apache-2.0 */
/* Stacking: how many hosts have the same? What few have is where to look first. */
#include "list.h"

/* "on" names the hosts as long as they are few. */
#define SQL_ON "iif(count(DISTINCT f.host) <= 3, group_concat(DISTINCT h.name), min(h.name) || ' ...')"
/* of several, the least */
#define SQL_TRUST \
	"CASE WHEN max(b.trust = 'quarantined') THEN 'quarantined, accepted' WHEN max(b.trust = 'ticketed') THEN " \
	"'ticketed'" \
	" ELSE 'countersigned' END || iif(min(b.is_signed), '', ', unsigned') || iif(min(b.complete), '', ', " \
	"INCOMPLETE')"
#define SQL_HITS "(SELECT count(*) FROM hit x WHERE x.sha256 = f.sha256)"

static int stack_files(struct pk_query *q, struct pk_case *c, const struct pk_case_filter *f, struct pk_err *err)
{
	static const char *const group[] = {
		[PK_STACK_FILE] = " GROUP BY f.path, f.sha256",
		[PK_STACK_PATH] = " GROUP BY f.path",
		[PK_STACK_HASH] = " GROUP BY f.sha256",
	};
	static const char *const where[] = {
		[PK_STACK_FILE] = " WHERE f.sha256 IS NOT NULL",
		[PK_STACK_PATH] = " WHERE f.outcome NOT IN ('absent', 'vanished')",
		[PK_STACK_HASH] = " WHERE f.sha256 IS NOT NULL",
	};

	pk_query_puts(q, "SELECT count(DISTINCT f.host), (SELECT count(*) FROM host), count(*), ");
	pk_query_puts(q,
		      f->by == PK_STACK_PATH ? "iif(count(DISTINCT f.sha256) = 1, max(f.sha256), NULL)" : "f.sha256");
	pk_query_puts(q, ", " SQL_HITS ", " SQL_ON ", " SQL_TRUST ", f.path, f.path_raw"
			 " FROM file f JOIN bundle b ON b.no = f.bundle JOIN host h ON h.no = f.host");
	pk_query_puts(q, where[f->by]);
	if (pk_query_host(q, c, "f.host", f->host, err) < 0)
		return -1;
	if (f->path) {
		pk_query_puts(q, " AND f.path GLOB ");
		pk_query_text(q, pk_str(f->path));
	}
	pk_query_puts(q, group[f->by]);
	return 0;
}

static int stack_live(struct pk_query *q, struct pk_case *c, const struct pk_case_filter *f, struct pk_err *err)
{
	if (!f->table || !f->column)
		return pk_fail(err, PK_EUSAGE, 0, "stacking live tables needs a table and a column");
	for (const char *p = f->column; *p; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || *p == '_'))
			return pk_fail(err, PK_EUSAGE, 0, "'%s' is no column of a live table", f->column);
	pk_query_puts(q, "SELECT count(DISTINCT f.host), (SELECT count(*) FROM host), count(*), " SQL_ON ", " SQL_TRUST
			 ", f.row ->> ");
	pk_query_text(q, pk_str(f->column));
	pk_query_puts(
		q,
		" AS value FROM live f JOIN bundle b ON b.no = f.bundle JOIN host h ON h.no = f.host WHERE f.tbl = ");
	pk_query_text(q, pk_str(f->table));
	if (pk_query_host(q, c, "f.host", f->host, err) < 0)
		return -1;
	pk_query_puts(q, " GROUP BY value");
	return 0;
}

int pk_list_stack(struct pk_case *c, enum pk_list which, const struct pk_case_filter *f, struct pk_row_sink sink,
		  struct pk_err *err)
{
	PK_AUTO(pk_query) q = {0};

	if ((which == PK_LIST_STACK ? stack_files(&q, c, f, err) : stack_live(&q, c, f, err)) < 0)
		return -1;
	if (f->max_hosts) {
		pk_query_puts(&q, " HAVING count(DISTINCT f.host) <= ");
		pk_query_int(&q, (int64_t)PK_MIN(f->max_hosts, (uint64_t)INT64_MAX));
	}
	pk_query_puts(&q, which == PK_LIST_STACK ? " ORDER BY 1, f.path, f.sha256" : " ORDER BY 1, 3, value");
	pk_query_limit(&q, f->limit);
	return pk_query_run(&q, c, which, sink, err);
}
