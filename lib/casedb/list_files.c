/* SPDX-License-Identifier: Apache-2.0 */
/* Listings of single things found on hosts: paths, outcomes, hits, rows of live tables. */
#include "casequery.h"

#define SQL_TAGS(target) "(SELECT group_concat(t.tag, ',') FROM tag t WHERE t.target = " target ")"
#define SQL_FILE_TARGET "'file:' || lower(hex(b.id)) || '/' || f.leaf"
#define SQL_SHA_TARGET(x) "'sha256:' || lower(hex(" x ".sha256))"

static const char sql_files[] = "SELECT " PK_SQL_REF(
	"f.leaf") ", h.name, f.outcome, f.why, f.kind, f.mode, coalesce(f.user, f.uid), f.uid, f.gid,"
		  " f.size, f.mt, f.mt_ns, f.at, f.at_ns, f.ct, f.ct_ns, f.bt, f.bt_ns, f.sha256, f.via,"
		  " (SELECT group_concat(DISTINCT t.tag) FROM tag t WHERE t.target IN (" SQL_FILE_TARGET
		  ", " SQL_SHA_TARGET(
			  "f") ")),"
			       " " PK_SQL_TRUST ", f.path, f.path_raw, " PK_SQL_LABEL
			       " FROM file f JOIN bundle b ON b.no = f.bundle JOIN host h ON h.no = f.host WHERE 1";

static const char sql_hits[] = "SELECT " PK_SQL_REF(
	"x.leaf") ", x.id, x.severity, x.rule, x.namespace, x.description, h.name, x.sha256,"
		  " f.mt, f.mt_ns, x.meta, x.strings,"
		  " (SELECT group_concat(DISTINCT t.tag) FROM tag t WHERE t.target IN ('hit:' || lower(hex(b.id)) || "
		  "'/' || x.leaf, " SQL_FILE_TARGET ", " SQL_SHA_TARGET("x") ")), " PK_SQL_TRUST ", " PK_SQL_REF(
			  "f.leaf") ", f.path, f.path_raw, " PK_SQL_LABEL
				    " FROM hit x JOIN bundle b ON b.no = x.bundle JOIN host h ON h.no = x.host"
				    " LEFT JOIN file f ON f.no IN (SELECT g.no FROM file g WHERE g.bundle = x.bundle "
				    "AND g.content = x.of"
				    "  UNION ALL SELECT g.no FROM file g WHERE g.bundle = x.bundle AND g.leaf = x.of) "
				    "WHERE 1";

/* total(): what records say of sizes may be more than 64 bits hold, and the cast stops at the most. */
static const char sql_outcomes[] = "SELECT h.name, f.outcome, pk_reason(f.why) AS reason, count(*), iif(count(f.size), "
				   "CAST(total(f.size) AS INTEGER), NULL),"
				   " f.path, f.path_raw"
				   " FROM file f JOIN bundle b ON b.no = f.bundle JOIN host h ON h.no = f.host WHERE 1";

static const char sql_live[] = "SELECT h.name, l.tbl, " PK_SQL_TRUST ", l.row, " PK_SQL_LABEL
			       " FROM live l JOIN bundle b ON b.no = l.bundle JOIN host h ON h.no = l.host WHERE 1";

static void put_equal(struct pk_query *q, const char *expr, const char *v)
{
	if (!v)
		return;
	pk_query_puts(q, " AND ");
	pk_query_puts(q, expr);
	pk_query_puts(q, " = ");
	pk_query_text(q, pk_str(v));
}

static void put_glob(struct pk_query *q, const char *expr, const char *pattern)
{
	if (!pattern)
		return;
	pk_query_puts(q, " AND ");
	pk_query_puts(q, expr);
	pk_query_puts(q, " GLOB ");
	pk_query_text(q, pk_str(pattern));
}

static void put_times(struct pk_query *q, const struct pk_case_filter *f)
{
	if (f->from) {
		pk_query_puts(q, " AND (f.mt, f.mt_ns) >= (");
		pk_query_int(q, f->from->sec);
		pk_query_puts(q, ", ");
		pk_query_int(q, f->from->nsec);
		pk_query_puts(q, ")");
	}
	if (f->to) {
		pk_query_puts(q, " AND (f.mt, f.mt_ns) < (");
		pk_query_int(q, f->to->sec);
		pk_query_puts(q, ", ");
		pk_query_int(q, f->to->nsec);
		pk_query_puts(q, ")");
	}
}

static void put_tag(struct pk_query *q, const char *targets, const char *tag)
{
	if (!tag)
		return;
	pk_query_puts(q, " AND EXISTS (SELECT 1 FROM tag t WHERE t.target IN (");
	pk_query_puts(q, targets);
	pk_query_puts(q, ") AND t.tag = ");
	pk_query_text(q, pk_str(tag));
	pk_query_puts(q, ")");
}

#define SQL_HIT_TARGET "'hit:' || lower(hex(b.id)) || '/' || x.leaf"

static int put_common(struct pk_query *q, struct pk_case *c, const char *host, const struct pk_case_filter *f,
		      struct pk_err *err)
{
	if (pk_query_host(q, c, host, f->host, err) < 0)
		return -1;
	return f->bundle ? pk_query_hex_prefix(q, "b.id", f->bundle, err) : 0;
}

/* Only one hash beginning fits a query's bounds; a bundle's is then compared as text. */
static int put_hashes(struct pk_query *q, const char *expr, const struct pk_case_filter *f, struct pk_err *err)
{
	if (!f->sha256)
		return 0;
	if (f->bundle)
		return pk_fail(err, PK_EUSAGE, 0, "name a bundle or a hash, not both");
	return pk_query_hex_prefix(q, expr, f->sha256, err);
}

int pk_list_files(struct pk_case *c, enum pk_list which, const struct pk_case_filter *f, struct pk_row_sink sink,
		  struct pk_err *err)
{
	PK_AUTO(pk_query) q = {0};

	switch (which) {
	case PK_LIST_FILES:
		pk_query_puts(&q, sql_files);
		if (put_common(&q, c, "f.host", f, err) < 0 || put_hashes(&q, "f.sha256", f, err) < 0 ||
		    pk_query_chosen(&q, c, "f.bundle, f.leaf", f->query, err) < 0)
			return -1;
		put_glob(&q, "f.path", f->path);
		put_equal(&q, "f.outcome", f->outcome);
		put_equal(&q, "f.kind", f->kind);
		if (f->artifact) {
			pk_query_puts(&q, " AND instr(',' || f.via || ',', ',' || ");
			pk_query_text(&q, pk_str(f->artifact));
			pk_query_puts(&q, " || ',') > 0");
		}
		put_times(&q, f);
		put_tag(&q, SQL_FILE_TARGET ", " SQL_SHA_TARGET("f"), f->tag);
		pk_query_puts(&q, " ORDER BY f.no");
		break;
	case PK_LIST_HITS:
		pk_query_puts(&q, sql_hits);
		if (put_common(&q, c, "x.host", f, err) < 0 || put_hashes(&q, "x.sha256", f, err) < 0 ||
		    pk_query_chosen(&q, c, "x.bundle, x.leaf", f->query, err) < 0)
			return -1;
		put_glob(&q, "x.rule", f->rule);
		put_glob(&q, "f.path", f->path);
		put_tag(&q, SQL_HIT_TARGET ", " SQL_FILE_TARGET ", " SQL_SHA_TARGET("x"), f->tag);
		put_tag(&q, SQL_HIT_TARGET, f->own_tag);
		pk_query_puts(&q, " ORDER BY CASE lower(x.severity) WHEN 'critical' THEN 0 WHEN 'high' THEN 1 "
				  "WHEN 'medium' THEN 2 WHEN 'low' THEN 3 ELSE 4 END, x.rule, h.name, f.path");
		break;
	case PK_LIST_OUTCOMES:
		pk_query_puts(&q, sql_outcomes);
		if (put_common(&q, c, "f.host", f, err) < 0)
			return -1;
		put_equal(&q, "f.outcome", f->outcome);
		if (f->not_taken)
			pk_query_puts(&q, " AND f.outcome NOT IN ('taken', 'metadata')");
		pk_query_puts(&q, " GROUP BY f.host, f.outcome, reason ORDER BY h.name, f.outcome, count(*) DESC");
		break;
	default:
		pk_query_puts(&q, sql_live);
		if (put_common(&q, c, "l.host", f, err) < 0)
			return -1;
		put_equal(&q, "l.tbl", f->table);
		pk_query_puts(&q, " ORDER BY l.no");
		break;
	}
	pk_query_limit(&q, f->limit);
	return pk_query_run(&q, c, which, sink, err);
}
