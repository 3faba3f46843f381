/* SPDX-License-Identifier: Apache-2.0 */
/* Choosing by SQL: one SELECT of references over views of the case, on a connection that can do nothing else. */
#include "casequery.h"
#include "target.h"

#include <picket/json.h>
#include <picket/limits.h>

#include <stdio.h>

#define STEPS_A_CALL 100000
#define QUERY_CALLS (PK_MAX_QUERY_STEPS / STEPS_A_CALL)

/* Their columns are named as --json names them and documented in docs/man/picket-case.mdoc. The views are temporary, so
 * that what a query may rely on is not what the tables look like today. */
#define FILE_REF PK_SQL_REF("f.leaf") " AS ref"
#define HIT_REF PK_SQL_REF("x.leaf") " AS ref"
#define HIT_FILE PK_SQL_REF("f.leaf") " AS file"
#define TARGET_REF \
	"iif(o.target GLOB 'file:*' OR o.target GLOB 'hit:*', substr(o.target, instr(o.target, ':') + 1, 8) ||" \
	" substr(o.target, instr(o.target, '/')), NULL) AS ref"
#define BUNDLE_ID "lower(hex(b.id)) AS bundle"
#define HOST "h.name AS host, lower(hex(h.id)) AS host_id"
#define SHA256(of) "iif(" of " IS NULL, NULL, lower(hex(" of "))) AS sha256"
#define FILE_SHA256 SHA256("f.sha256")
#define HIT_SHA256 SHA256("x.sha256")
#define TRUST PK_SQL_TRUST " AS trust"
static const char *const views[] = {
	"CREATE TEMP VIEW host AS SELECT lower(hex(h.id)) AS id, h.name, h.os, h.facts FROM main.host h",

	"CREATE TEMP VIEW bundle AS SELECT lower(hex(b.id)) AS id, " HOST ", " TRUST ", b.tlp, b.rel_to, b.caveats,"
	" b.originators, b.mission, b.profile, b.issuer, b.part, b.leaves AS records FROM main.bundle b JOIN main.host "
	"h ON h.no = b.host",

	"CREATE TEMP VIEW file AS SELECT " FILE_REF ", " BUNDLE_ID ", " HOST ", f.outcome, f.why, f.kind, f.mode,"
	" f.user, f.uid, f.\"group\", f.gid, f.size, f.mt AS mtime, f.at AS atime, f.ct AS ctime, f.bt AS btime,"
	" " FILE_SHA256 ", f.via, f.name, f.path, " TRUST " FROM main.file f JOIN main.bundle b ON b.no = f.bundle"
	" JOIN main.host h ON h.no = f.host",

	"CREATE TEMP VIEW hit AS SELECT " HIT_REF ", " BUNDLE_ID ", " HOST ", x.severity, x.rule, x.namespace,"
	" x.description, " HIT_SHA256 ", x.meta, x.strings, " HIT_FILE ", f.path, " TRUST " FROM main.hit x"
	" JOIN main.bundle b ON b.no = x.bundle JOIN main.host h ON h.no = x.host LEFT JOIN main.file f ON f.no IN"
	" (SELECT g.no FROM main.file g WHERE g.bundle = x.bundle AND g.content = x.of"
	"  UNION ALL SELECT g.no FROM main.file g WHERE g.bundle = x.bundle AND g.leaf = x.of)",

	"CREATE TEMP VIEW tag AS SELECT t.tag, t.target, " TARGET_REF ", o.author, t.host, t.what FROM main.tag t"
	" JOIN main.op o ON o.seq = t.op",

	"CREATE TEMP VIEW note AS SELECT n.body AS text, n.target, " TARGET_REF ", o.author, n.host, n.what"
	" FROM main.note n JOIN main.op o ON o.seq = n.op",

	"CREATE TEMP VIEW live AS SELECT " BUNDLE_ID ", " HOST ", l.tbl AS \"table\", l.row FROM main.live l"
	" JOIN main.bundle b ON b.no = l.bundle JOIN main.host h ON h.no = l.host",

	"CREATE TEMP VIEW moment AS SELECT e.t AS time, " BUNDLE_ID ", " HOST ", e.src AS source, e.what,"
	" e.msg AS text, " FILE_REF " FROM main.event e JOIN main.bundle b ON b.no = e.bundle"
	" JOIN main.host h ON h.no = e.host LEFT JOIN main.file f ON f.no = e.file",
};
#define VIEWS_IN_WORDS "bundle, file, hit, host, live, moment, note, tag"

static const char *const view_names[] = {"bundle", "file", "hit", "host", "live", "moment", "note", "tag"};

/* What the views are made of, and what reads the JSON in them. */
static const char *const tables[] = {"bundle",    "event", "file", "hit", "host", "json_each",
				     "json_tree", "live",  "note", "op",  "tag"};
static const char *const functions[] = {
	"->",           "->>",        "abs",       "avg",        "char",        "coalesce",     "count",
	"cume_dist",    "date",       "datetime",  "dense_rank", "first_value", "format",       "glob",
	"group_concat", "hex",        "ifnull",    "iif",        "instr",       "json",         "json_array_length",
	"json_extract", "json_quote", "json_type", "json_valid", "julianday",   "lag",          "last_value",
	"lead",         "length",     "like",      "likelihood", "likely",      "lower",        "ltrim",
	"max",          "min",        "nth_value", "ntile",      "nullif",      "percent_rank", "printf",
	"quote",        "rank",       "replace",   "round",      "row_number",  "rtrim",        "sign",
	"strftime",     "substr",     "substring", "sum",        "time",        "total",        "trim",
	"typeof",       "unicode",    "unixepoch", "unlikely",   "upper"};

struct guard {
	char why[240]; /* what was refused first, in words; or empty */
	uint64_t calls;
	bool too_long;
};

static bool is_one_of(const char *word, const char *const *of, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(word, of[i]) == 0)
			return true;
	return false;
}

static int refuse(struct guard *g, const char *before, const char *what, const char *after)
{
	if (!g->why[0])
		snprintf(g->why, sizeof(g->why), "%s%.64s%s", before, what ? what : "", after);
	return SQLITE_DENY;
}

/* SQLite calls a common table expression a view as well: with one, a query can read main's tables as they are. They
 * hold no more than the views, and no other table is among them. */
static int authorize(void *ctx, int action, const char *a, const char *b, const char *db, const char *view)
{
	struct guard *g = ctx;

	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_RECURSIVE: return SQLITE_OK;
	case SQLITE_FUNCTION:
		if (is_one_of(b, functions, PK_LEN(functions)))
			return SQLITE_OK;
		return refuse(g, "the function ", b, "() is not for queries");
	case SQLITE_READ: {
		bool is_view = db && strcmp(db, "temp") == 0;
		/* no column: a table of a view that turned out to need none of its columns */
		bool by_view = view || !b[0] || strncmp(a, "json_", 5) == 0;

		if (is_view ? is_one_of(a, view_names, PK_LEN(view_names))
			    : by_view && is_one_of(a, tables, PK_LEN(tables)))
			return SQLITE_OK;
		return refuse(g, "'", a, "' is not for queries: what there is are " VIEWS_IN_WORDS);
	}
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
		if (strncmp(a, "sqlite_", 7) == 0)
			return refuse(g,
				      "it makes a table, or reads one that is not for queries: what there is "
				      "are " VIEWS_IN_WORDS,
				      NULL, "");
		return refuse(g, "it would change '", a, "': a query only reads");
	case SQLITE_ATTACH:
	case SQLITE_DETACH: return refuse(g, "it would open another database: a query reads this case only", NULL, "");
	case SQLITE_PRAGMA: return refuse(g, "PRAGMA ", a, " is not for queries");
	default: return refuse(g, "it does something else than read: a query is one SELECT", NULL, "");
	}
}

static int on_progress(void *ctx)
{
	struct guard *g = ctx;

	g->too_long = ++g->calls > QUERY_CALLS;
	return g->too_long;
}

static int query_fail(sqlite3 *db, int rc, const struct guard *g, struct pk_err *err)
{
	if (g->too_long)
		return pk_fail(err, PK_ELIMIT, 0,
			       "--query: given up after %llu million steps: make it simpler, or choose with --path, "
			       "--tag or --host",
			       PK_MAX_QUERY_STEPS / 1000000);
	if (g->why[0])
		return pk_fail(err, PK_EUSAGE, 0, "--query: %s", g->why);
	switch (rc & 0xff) {
	case SQLITE_NOMEM:
	case SQLITE_TOOBIG:
		return pk_fail(err, PK_ELIMIT, 0, "--query: it needs more than %u MiB of memory",
			       PK_MAX_QUERY_MEMORY >> 20);
	case SQLITE_ERROR:
		return pk_fail(err, PK_EUSAGE, 0, "--query: %s (what there is are " VIEWS_IN_WORDS ")",
			       sqlite3_errmsg(db));
	default: return pk_fail(err, PK_ESYS, 0, "--query: %s", sqlite3_errmsg(db));
	}
}

/* A connection of its own: what is set on it for a query does not have to be taken back. */
static int open_for_query(const struct pk_case *c, struct guard *g, struct pk_case **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_case) q = NULL;

	if (pk_case_open_again(c, &q, err) < 0)
		return -1;
	for (size_t i = 0; i < PK_LEN(views); i++)
		if (pk_case_exec(q, views[i], err) < 0)
			return -1;
	/* SQLite declares these two when they are first used, which looks like a change of the schema */
	if (pk_case_exec(q, "SELECT 1 FROM json_each('1'), json_tree('1'); PRAGMA query_only=ON", err) < 0)
		return -1;
	sqlite3_limit(q->db, SQLITE_LIMIT_SQL_LENGTH, PK_MAX_QUERY_BYTES);
	sqlite3_limit(q->db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000); /* matching takes time that is not counted */
	sqlite3_set_authorizer(q->db, authorize, g);
	sqlite3_progress_handler(q->db, STEPS_A_CALL, on_progress, g);
	*ret = pk_steal(&q);
	return 0;
}

static int prepare(sqlite3 *db, const char *sql, struct guard *g, sqlite3_stmt **ret, struct pk_err *err)
{
	const char *tail = NULL;
	sqlite3_stmt *more = NULL;
	int rc = SQLITE_OK;

	if (strlen(sql) > PK_MAX_QUERY_BYTES)
		return pk_fail(err, PK_ELIMIT, 0, "--query: %zu bytes: the limit is %u", strlen(sql),
			       PK_MAX_QUERY_BYTES);
	if ((rc = sqlite3_prepare_v2(db, sql, -1, ret, &tail)) != SQLITE_OK)
		return query_fail(db, rc, g, err);
	if (!*ret)
		return pk_fail(err, PK_EUSAGE, 0, "--query: there is no statement in it");
	rc = sqlite3_prepare_v2(db, tail, -1, &more, NULL); /* comments and spaces are none */
	sqlite3_finalize(more);
	if (rc != SQLITE_OK || more)
		return pk_fail(err, PK_EUSAGE, 0, "--query: one SELECT, and nothing behind it");
	if (!sqlite3_stmt_readonly(*ret))
		return pk_fail(err, PK_EUSAGE, 0, "--query: a query only reads");
	if (sqlite3_bind_parameter_count(*ret) > 0)
		return pk_fail(err, PK_EUSAGE, 0, "--query: it has parameters (%s): write the values themselves",
			       sqlite3_bind_parameter_name(*ret, 1) ? sqlite3_bind_parameter_name(*ret, 1) : "?");
	if (sqlite3_column_count(*ret) != 1 || sqlite3_stricmp(sqlite3_column_name(*ret, 0), "ref") != 0)
		return pk_fail(err, PK_EUSAGE, 0,
			       "--query: it must return one column, named ref, such as SELECT ref FROM file WHERE ...");
	return 0;
}

/* --- what it returns ----------------------------------------------------------------------------------- */

struct taker {
	struct pk_case *c;
	struct pk_stmt known; /* is there such a path or hit? */
	char bundle[33];      /* the last one looked up, */
	int64_t no;           /* and its row */
	uint64_t n;
	struct pk_json j;
};

static int find_bundle(struct taker *t, const char *bundle, struct pk_err *err)
{
	PK_AUTO(pk_query) q = {0};
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	if (strcmp(bundle, t->bundle) == 0)
		return 0;
	pk_query_puts(&q, "SELECT b.no FROM bundle b WHERE 1");
	if (pk_query_hex_prefix(&q, "b.id", bundle, err) < 0 || pk_query_prepare(&q, t->c, &st, err) < 0 ||
	    (r = pk_stmt_step(&st, err)) < 0)
		return -1;
	if (r != 1)
		return pk_fail(err, PK_EUSAGE, 0, "--query: the case has no bundle '%s'", bundle);
	t->no = pk_stmt_col_int(&st, 0);
	if ((r = pk_stmt_step(&st, err)) < 0)
		return -1;
	if (r == 1)
		return pk_fail(err, PK_EUSAGE, 0,
			       "--query: two bundles of the case begin with '%s': have it return bundle || '/' || "
			       "substr(ref, 10) AS ref",
			       bundle);
	memcpy(t->bundle, bundle, sizeof(t->bundle));
	return 0;
}

static int take(struct taker *t, sqlite3_stmt *row, struct pk_err *err)
{
	const char *text = (const char *)sqlite3_column_text(row, 0);
	char bundle[33] = "";
	int64_t leaf = 0;

	if (!text && sqlite3_column_type(row, 0) == SQLITE_NULL)
		return pk_fail(err, PK_EUSAGE, 0,
			       "--query: a row has no ref: if that is as it should be, add AND ref IS NOT NULL");
	if (!text)
		return pk_fail_oom(err);
	if (!pk_target_is_ref(text, bundle, &leaf))
		return pk_fail(err, PK_EUSAGE, 0, "--query: '%.80s' is no ref as listings print it (b41d09ee/17)",
			       text);
	if (t->n++ == PK_MAX_QUERY_REFS)
		return pk_fail(err, PK_ELIMIT, 0, "--query: more than %u rows", PK_MAX_QUERY_REFS);
	if (find_bundle(t, bundle, err) < 0)
		return -1;
	pk_stmt_int(&t->known, 1, t->no);
	pk_stmt_int(&t->known, 2, leaf);
	int r = pk_stmt_step(&t->known, err);
	pk_stmt_reset(&t->known);
	if (r < 0)
		return -1;
	if (r == 0)
		return pk_fail(err, PK_EUSAGE, 0, "--query: '%s' is no path and no hit of this case", text);
	pk_json_begin(&t->j, '[');
	pk_json_int(&t->j, t->no);
	pk_json_int(&t->j, leaf);
	pk_json_end(&t->j, ']');
	return 0;
}

static int take_all(struct taker *t, struct pk_case *q, const char *sql, struct guard *g, struct pk_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = SQLITE_ROW, r = prepare(q->db, sql, g, &st, err);

	pk_json_begin(&t->j, '[');
	while (r == 0 && (rc = sqlite3_step(st)) == SQLITE_ROW)
		r = take(t, st, err);
	if (r == 0 && rc != SQLITE_DONE)
		r = query_fail(q->db, rc, g, err);
	sqlite3_finalize(st);
	pk_json_end(&t->j, ']');
	return r < 0 ? -1 : pk_json_check(&t->j, err);
}

/* *ret: a JSON list of pairs, rows of bundle and leaf. */
static int run_query(struct pk_case *c, const char *sql, struct pk_buf *ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_case) q = NULL;
	struct guard g = {0};
	struct taker t = {.c = c, .j = {.out = ret}};
	sqlite3_int64 before = 0;
	int r = -1;

	if (open_for_query(c, &g, &q, err) < 0 ||
	    pk_stmt_init(&t.known, c,
			 "SELECT 1 FROM file WHERE bundle = ?1 AND leaf = ?2 UNION ALL"
			 " SELECT 1 FROM hit WHERE bundle = ?1 AND leaf = ?2",
			 err) < 0)
		return -1;
	before = sqlite3_hard_heap_limit64(sqlite3_memory_used() + PK_MAX_QUERY_MEMORY);
	r = take_all(&t, q, sql, &g, err);
	sqlite3_hard_heap_limit64(before);
	pk_stmt_done(&t.known);
	return r;
}

int pk_query_chosen(struct pk_query *q, struct pk_case *c, const char *pair, const char *sql, struct pk_err *err)
{
	if (!sql)
		return 0;
	if (run_query(c, sql, &q->chosen, err) < 0)
		return -1;
	pk_query_puts(q, " AND (");
	pk_query_puts(q, pair);
	pk_query_puts(q, ") IN (SELECT value ->> 0, value ->> 1 FROM json_each(");
	pk_query_text(q, pk_buf_str(&q->chosen));
	pk_query_puts(q, "))");
	return 0;
}
