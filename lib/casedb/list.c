/* SPDX-License-Identifier: Apache-2.0 */
/* The listings of a case: their columns, and the simple ones' queries. */
#include "list.h"

#include <stdlib.h>

#define COLUMNS(...) \
	(const struct pk_column[]) { __VA_ARGS__ }
#define LISTING(type_, ...) \
	{ \
		.type = (type_), .columns = COLUMNS(__VA_ARGS__), \
		.n = sizeof(COLUMNS(__VA_ARGS__)) / sizeof(struct pk_column) \
	}

static const struct pk_listing listings[PK_LIST_N] = {
	[PK_LIST_HOSTS] = LISTING(
		"host", {"id", "ID", PK_CELL_HEX}, {"name", "HOST", PK_CELL_TEXT}, {"os", "OS", PK_CELL_TEXT},
		{"bundles", "BUNDLES", PK_CELL_INT}, {"files", "FILES", PK_CELL_INT}, {"taken", "TAKEN", PK_CELL_INT},
		{"hits", "HITS", PK_CELL_INT}, {"rows", "LIVE ROWS", PK_CELL_INT}, {"last", "COLLECTED", PK_CELL_TIME},
		{"trust", "TRUST", PK_CELL_TEXT}, {"facts", NULL, PK_CELL_JSON}),
	[PK_LIST_BUNDLES] = LISTING(
		"bundle", {"id", "BUNDLE", PK_CELL_HEX}, {"host", "HOST", PK_CELL_TEXT},
		{"trust", "TRUST", PK_CELL_TEXT}, {"label", "LABEL", PK_CELL_TEXT},
		{"mission", "MISSION", PK_CELL_TEXT}, {"issuer", "ISSUER", PK_CELL_TEXT}, {"part", NULL, PK_CELL_INT},
		{"records", "RECORDS", PK_CELL_INT}, {"size", "BYTES", PK_CELL_INT},
		{"started", "COLLECTED", PK_CELL_TIME}, {"first_intake", "FIRST INTAKE", PK_CELL_TIME},
		{"signed", NULL, PK_CELL_BOOL}, {"complete", NULL, PK_CELL_BOOL}, {"verdict", NULL, PK_CELL_TEXT},
		{"accepted", "ACCEPTED", PK_CELL_TEXT}, {"ticket", NULL, PK_CELL_TEXT}, {"profile", NULL, PK_CELL_TEXT},
		{"root", NULL, PK_CELL_HEX}, {"digest", NULL, PK_CELL_HEX}, {"place", "PLACE", PK_CELL_TEXT}),
	[PK_LIST_QUARANTINE] = LISTING("quarantine", {"digest", "FILE", PK_CELL_HEX}, {"state", "STATE", PK_CELL_TEXT},
				       {"verdict", "VERDICT", PK_CELL_TEXT}, {"why", "WHY", PK_CELL_TEXT},
				       {"size", "BYTES", PK_CELL_INT}, {"first_intake", "FIRST INTAKE", PK_CELL_TIME},
				       {"source", "CAME AS", PK_CELL_TEXT}, {"bundle", NULL, PK_CELL_HEX},
				       {"place", "PLACE", PK_CELL_TEXT}, {"label", NULL, PK_CELL_TEXT}),
	[PK_LIST_FILES] = LISTING(
		"file", {"ref", "REF", PK_CELL_TEXT}, {"host", "HOST", PK_CELL_TEXT},
		{"outcome", "OUTCOME", PK_CELL_TEXT}, {"why", NULL, PK_CELL_TEXT}, {"kind", "KIND", PK_CELL_TEXT},
		{"mode", "MODE", PK_CELL_INT}, {"user", "USER", PK_CELL_TEXT}, {"uid", NULL, PK_CELL_INT},
		{"gid", NULL, PK_CELL_INT}, {"size", "SIZE", PK_CELL_INT}, {"mtime", "MODIFIED", PK_CELL_TIME},
		{"atime", NULL, PK_CELL_TIME}, {"ctime", NULL, PK_CELL_TIME}, {"btime", NULL, PK_CELL_TIME},
		{"sha256", "SHA256", PK_CELL_HEX}, {"via", NULL, PK_CELL_TEXT}, {"tags", "TAGS", PK_CELL_TEXT},
		{"trust", "TRUST", PK_CELL_TEXT}, {"path", "PATH", PK_CELL_BYTES}, {"label", NULL, PK_CELL_TEXT}),
	[PK_LIST_OUTCOMES] = LISTING("outcome", {"host", "HOST", PK_CELL_TEXT}, {"outcome", "OUTCOME", PK_CELL_TEXT},
				     {"why", "WHY", PK_CELL_TEXT}, {"files", "PATHS", PK_CELL_INT},
				     {"bytes", "BYTES", PK_CELL_INT}, {"example", "FOR EXAMPLE", PK_CELL_BYTES}),
	[PK_LIST_HITS] = LISTING(
		"hit", {"ref", "REF", PK_CELL_TEXT}, {"id", NULL, PK_CELL_HEX}, {"severity", "SEVERITY", PK_CELL_TEXT},
		{"rule", "RULE", PK_CELL_TEXT}, {"namespace", NULL, PK_CELL_TEXT}, {"description", NULL, PK_CELL_TEXT},
		{"host", "HOST", PK_CELL_TEXT}, {"sha256", "SHA256", PK_CELL_HEX}, {"mtime", "MODIFIED", PK_CELL_TIME},
		{"meta", NULL, PK_CELL_JSON}, {"strings", NULL, PK_CELL_JSON}, {"tags", "TAGS", PK_CELL_TEXT},
		{"trust", "TRUST", PK_CELL_TEXT}, {"file", NULL, PK_CELL_TEXT}, {"path", "PATH", PK_CELL_BYTES},
		{"label", NULL, PK_CELL_TEXT}),
	[PK_LIST_RULES] = LISTING("rule", {"rule", "RULE", PK_CELL_TEXT}, {"namespace", NULL, PK_CELL_TEXT},
				  {"severity", "SEVERITY", PK_CELL_TEXT}, {"hits", "HITS", PK_CELL_INT},
				  {"hosts", "HOSTS", PK_CELL_INT}, {"contents", "CONTENTS", PK_CELL_INT},
				  {"description", "DESCRIPTION", PK_CELL_TEXT}, {"meta", NULL, PK_CELL_JSON}),
	[PK_LIST_SEARCH] = LISTING("match", {"in", "IN", PK_CELL_TEXT}, {"host", "HOST", PK_CELL_TEXT},
				   {"ref", "REF", PK_CELL_TEXT}, {"trust", "TRUST", PK_CELL_TEXT},
				   {"text", "TEXT", PK_CELL_BYTES}, {"row", NULL, PK_CELL_JSON},
				   {"label", NULL, PK_CELL_TEXT}),
	[PK_LIST_TIMELINE] = LISTING("moment", {"time", "TIME", PK_CELL_TIME}, {"host", "HOST", PK_CELL_TEXT},
				     {"source", "SOURCE", PK_CELL_TEXT}, {"what", "WHAT", PK_CELL_TEXT},
				     {"ref", NULL, PK_CELL_TEXT}, {"trust", "TRUST", PK_CELL_TEXT},
				     {"text", "TEXT", PK_CELL_BYTES}, {"label", NULL, PK_CELL_TEXT}),
	[PK_LIST_STACK] = LISTING("stack", {"hosts", "HOSTS", PK_CELL_INT}, {"of", "OF", PK_CELL_INT},
				  {"files", "FILES", PK_CELL_INT}, {"sha256", "SHA256", PK_CELL_HEX},
				  {"hits", "HITS", PK_CELL_INT}, {"on", "ON", PK_CELL_TEXT},
				  {"trust", "TRUST", PK_CELL_TEXT}, {"path", "PATH", PK_CELL_BYTES}),
	[PK_LIST_STACK_LIVE] = LISTING("stack", {"hosts", "HOSTS", PK_CELL_INT}, {"of", "OF", PK_CELL_INT},
				       {"rows", "ROWS", PK_CELL_INT}, {"on", "ON", PK_CELL_TEXT},
				       {"trust", "TRUST", PK_CELL_TEXT}, {"value", "VALUE", PK_CELL_TEXT}),
	[PK_LIST_LIVE] = LISTING("row", {"host", "HOST", PK_CELL_TEXT}, {"table", "TABLE", PK_CELL_TEXT},
				 {"trust", "TRUST", PK_CELL_TEXT}, {"row", "ROW", PK_CELL_JSON},
				 {"label", NULL, PK_CELL_TEXT}),
	[PK_LIST_TAGS] = LISTING("tag", {"tag", "TAG", PK_CELL_TEXT}, {"target", NULL, PK_CELL_TEXT},
				 {"author", "BY", PK_CELL_TEXT}, {"time", "WHEN", PK_CELL_TIME},
				 {"host", "HOST", PK_CELL_TEXT}, {"what", "ON", PK_CELL_TEXT}),
	[PK_LIST_NOTES] = LISTING("note", {"time", "WHEN", PK_CELL_TIME}, {"author", "BY", PK_CELL_TEXT},
				  {"target", NULL, PK_CELL_TEXT}, {"host", "HOST", PK_CELL_TEXT},
				  {"what", "ON", PK_CELL_TEXT}, {"text", "NOTE", PK_CELL_TEXT}),
	[PK_LIST_CUSTODY] = LISTING("custody", {"seq", "NO", PK_CELL_INT}, {"time", "WHEN", PK_CELL_TIME},
				    {"actor", "BY", PK_CELL_TEXT}, {"action", "ACTION", PK_CELL_TEXT},
				    {"object", "OBJECT", PK_CELL_TEXT}, {"place", NULL, PK_CELL_TEXT},
				    {"reason", "REASON", PK_CELL_TEXT}, {"details", "DETAILS", PK_CELL_TEXT},
				    {"leaf", NULL, PK_CELL_HEX}, {"line", NULL, PK_CELL_JSON}),
	[PK_LIST_RUN] = LISTING("run", {"ref", NULL, PK_CELL_TEXT}, {"host", "HOST", PK_CELL_TEXT},
				{"event", "EVENT", PK_CELL_TEXT}, {"count", "TIMES", PK_CELL_INT},
				{"why", "WHY", PK_CELL_TEXT}, {"example", "FOR EXAMPLE", PK_CELL_JSON}),
};

const struct pk_listing *pk_case_listing(enum pk_list which) { return &listings[which]; }

static const char sql_hosts[] =
	"SELECT h.id, h.name, h.os, (SELECT count(*) FROM bundle b WHERE b.host = h.no),"
	" (SELECT count(*) FROM file f WHERE f.host = h.no),"
	" (SELECT count(*) FROM file f WHERE f.host = h.no AND f.outcome IN ('taken', 'partial')),"
	" (SELECT count(*) FROM hit x WHERE x.host = h.no),"
	" (SELECT count(*) FROM live l JOIN bundle b ON b.no = l.bundle WHERE b.host = h.no),"
	" (SELECT b.started FROM bundle b WHERE b.host = h.no ORDER BY CAST(b.started AS REAL) DESC LIMIT 1), NULL,"
	" (SELECT group_concat(DISTINCT " PK_SQL_TRUST ") FROM bundle b WHERE b.host = h.no), h.facts"
	" FROM host h WHERE 1";

static const char sql_bundles[] =
	"SELECT b.id, h.name, " PK_SQL_TRUST ", " PK_SQL_LABEL
	", b.mission, b.issuer, b.part, b.leaves, i.size, b.started, "
	"NULL,"
	" i.first_intake, NULL, b.is_signed, b.complete, i.verdict, i.accepted, b.ticket, b.profile, b.root, i.digest, "
	"i.place"
	" FROM bundle b JOIN host h ON h.no = b.host JOIN intake i ON i.no = b.intake WHERE 1";

static const char sql_quarantine[] =
	"SELECT i.digest, i.state, i.verdict, i.why, i.size, i.first_intake, NULL, i.source, i.bundle, i.place, NULL"
	" FROM intake i WHERE i.state <> 'imported' ORDER BY i.no";

static const char sql_tags[] =
	"SELECT t.tag, t.target, o.author, o.t, NULL, t.host, t.what FROM tag t JOIN op o ON o.seq = t.op"
	" ORDER BY t.tag, t.host, t.what";

static const char sql_notes[] = "SELECT o.t, NULL, o.author, n.target, n.host, n.what, n.body FROM note n JOIN op o ON "
				"o.seq = n.op ORDER BY o.seq";

static const char sql_rules[] =
	"SELECT x.rule, x.namespace, max(x.severity), count(*), count(DISTINCT x.host), count(DISTINCT x.sha256),"
	" max(x.description), max(x.meta) FROM hit x WHERE 1";

static const char sql_custody[] =
	"SELECT seq, line ->> '$.t', NULL, line ->> '$.actor', line ->> '$.action', line ->> '$.object',"
	" line ->> '$.place', line ->> '$.reason', (SELECT group_concat(key || '=' || value, ' ') FROM json_each(line)"
	"  WHERE key NOT IN ('v', 'seq', 't', 'team', 'actor', 'key', 'action', 'object', 'place', 'reason', 'tool',"
	"  'version', 'settings')), leaf, line"
	" FROM custody ORDER BY seq";

static const char sql_run[] = "SELECT " PK_SQL_REF(
	"r.leaf") ", h.name, coalesce(r.line ->> '$.event', r.type), count(*),"
		  " coalesce(pk_reason(r.line ->> '$.why'), ''), r.line FROM run r JOIN bundle b ON b.no = r.bundle "
		  "JOIN host h ON h.no = b.host"
		  " WHERE r.type IN ('e', 'u') AND r.more_of IS NULL";

static int list_simple(struct pk_case *c, enum pk_list which, const struct pk_case_filter *f, struct pk_row_sink sink,
		       struct pk_err *err)
{
	PK_AUTO(pk_query) q = {0};

	switch (which) {
	case PK_LIST_HOSTS:
		pk_query_puts(&q, sql_hosts);
		if (pk_query_host(&q, c, "h.no", f->host, err) < 0)
			return -1;
		pk_query_puts(&q, " ORDER BY h.name, h.id");
		break;
	case PK_LIST_BUNDLES:
		pk_query_puts(&q, sql_bundles);
		if (pk_query_host(&q, c, "b.host", f->host, err) < 0)
			return -1;
		pk_query_puts(&q, " ORDER BY h.name, i.no");
		break;
	case PK_LIST_QUARANTINE: pk_query_puts(&q, sql_quarantine); break;
	case PK_LIST_RULES:
		pk_query_puts(&q, sql_rules);
		if (pk_query_host(&q, c, "x.host", f->host, err) < 0)
			return -1;
		pk_query_puts(
			&q, " GROUP BY x.rule, x.namespace ORDER BY CASE lower(max(x.severity)) WHEN 'critical' THEN 0 "
			    "WHEN 'high' THEN 1 WHEN 'medium' THEN 2 WHEN 'low' THEN 3 ELSE 4 END, 1, 2");
		break;
	case PK_LIST_TAGS: pk_query_puts(&q, sql_tags); break;
	case PK_LIST_NOTES: pk_query_puts(&q, sql_notes); break;
	case PK_LIST_CUSTODY: pk_query_puts(&q, sql_custody); break;
	default:
		pk_query_puts(&q, sql_run);
		if (pk_query_host(&q, c, "b.host", f->host, err) < 0 ||
		    (f->bundle && pk_query_hex_prefix(&q, "b.id", f->bundle, err) < 0))
			return -1;
		pk_query_puts(&q, " GROUP BY h.no, 3, 5 ORDER BY 2, 3, 4 DESC");
		break;
	}
	pk_query_limit(&q, f->limit);
	return pk_query_run(&q, c, which, sink, err);
}

int pk_case_list(struct pk_case *c, enum pk_list which, const struct pk_case_filter *f, struct pk_row_sink sink,
		 struct pk_err *err)
{
	static const struct pk_case_filter all;

	if (!f)
		f = &all;
	switch (which) {
	case PK_LIST_FILES:
	case PK_LIST_OUTCOMES:
	case PK_LIST_HITS:
	case PK_LIST_LIVE: return pk_list_files(c, which, f, sink, err);
	case PK_LIST_STACK:
	case PK_LIST_STACK_LIVE: return pk_list_stack(c, which, f, sink, err);
	case PK_LIST_SEARCH: return pk_list_search(c, f, sink, err);
	case PK_LIST_TIMELINE: return pk_list_timeline(c, f, sink, err);
	default: return list_simple(c, which, f, sink, err);
	}
}
