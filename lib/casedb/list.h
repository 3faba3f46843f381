/* SPDX-License-Identifier: Apache-2.0 */
/** Inside lib/casedb: one query from fixed fragments and bound values, its columns turned into cells. */
#ifndef PICKET_CASEDB_LIST_H
#define PICKET_CASEDB_LIST_H

#include "db.h"

#define PK_QUERY_BINDS 24

/** Fragments are constants of ours; everything from a user is bound, never pasted. */
struct pk_query {
	struct pk_buf sql;
	struct {
		bool is_blob, is_int;
		struct pk_str s;
		int64_t i;
	} bind[PK_QUERY_BINDS];
	int n;
	struct pk_buf lo, hi; /* bounds of a hash's beginning */
	struct pk_buf chosen; /* what another query returned, as JSON */
};
void pk_query_done(struct pk_query *q);
void pk_query_puts(struct pk_query *q, const char *fragment);
/** Puts "?N" for a bound value. */
void pk_query_text(struct pk_query *q, struct pk_str v);
void pk_query_int(struct pk_query *q, int64_t v);
void pk_query_blob(struct pk_query *q, const void *p, size_t n);
PK_NODISCARD int pk_query_prepare(struct pk_query *q, struct pk_case *c, struct pk_stmt *st, struct pk_err *err);
/** " AND EXPR >= lo AND EXPR < hi" for a hash that begins with these hex digits (at least 4). */
PK_NODISCARD int pk_query_hex_prefix(struct pk_query *q, const char *expr, const char *hex, struct pk_err *err);
/** " AND EXPR IN (hosts of that name or id)"; an unknown host is PK_EUSAGE. Nothing when host is NULL. */
PK_NODISCARD int pk_query_host(struct pk_query *q, struct pk_case *c, const char *expr, const char *host,
			       struct pk_err *err);
void pk_query_limit(struct pk_query *q, uint64_t limit);

/** Runs it: columns of the statement in the listing's order; TIME takes two (seconds, nanoseconds) or, when the
 * first is text, one more that is ignored; BYTES takes two (text, raw or NULL). */
PK_NODISCARD int pk_query_run(struct pk_query *q, struct pk_case *c, enum pk_list which, struct pk_row_sink sink,
			      struct pk_err *err);
/** The cells of the current row. cells has room for the listing's columns. */
void pk_query_cells(struct pk_stmt *st, const struct pk_listing *l, struct pk_cell *cells);

/** SQL for "ticketed", "quarantined, unsigned", "ticketed, INCOMPLETE" of bundle b; and of a reference. */
#define PK_SQL_TRUST \
	"b.trust || iif(b.trust = 'quarantined', ', accepted', '') || iif(b.is_signed, '', ', unsigned') ||" \
	" iif(b.complete, '', ', INCOMPLETE') || iif(b.shared, ', SHARED PART', '')"
/** And its label as people are shown it. */
#define PK_SQL_LABEL "pk_label(b.tlp, b.rel_to, b.caveats, b.originators)"
#define PK_SQL_REF(leaf) "lower(hex(substr(b.id, 1, 4))) || '/' || " leaf

PK_NODISCARD int pk_list_files(struct pk_case *c, enum pk_list which, const struct pk_case_filter *f,
			       struct pk_row_sink sink, struct pk_err *err);
PK_NODISCARD int pk_list_stack(struct pk_case *c, enum pk_list which, const struct pk_case_filter *f,
			       struct pk_row_sink sink, struct pk_err *err);
PK_NODISCARD int pk_list_search(struct pk_case *c, const struct pk_case_filter *f, struct pk_row_sink sink,
				struct pk_err *err);
PK_NODISCARD int pk_list_timeline(struct pk_case *c, const struct pk_case_filter *f, struct pk_row_sink sink,
				  struct pk_err *err);
#define PK_LIST_MAX_COLUMNS 24

#endif
