/* SPDX-License-Identifier: Apache-2.0 */
/** Inside lib/report: text into HTML, numbers and badges, tables from listings. */
#ifndef PICKET_REPORT_HTML_H
#define PICKET_REPORT_HTML_H

#include <picket/report.h>

/** What everything that writes a part of the page gets. */
struct page {
	struct pk_case *c;
	const struct pk_report_params *p;
	struct pk_buf out;
	struct pk_case_totals totals;
	uint64_t max_rows;
	bool newest;             /* of a long table the last rows are shown, not the first */
	struct pk_time from, to; /* of the chart */
};

/** Text of anyone's: controls, bidirectional and invisible characters become \xNN, then & < > " ' are escaped.
 * Safe as text and inside a quoted attribute. */
void html_text(struct pk_buf *b, struct pk_str s);
void html_z(struct pk_buf *b, const char *z);
void html_number(struct pk_buf *b, uint64_t n); /* 1 234 567, with thin spaces */
void html_bytes(struct pk_buf *b, uint64_t n);  /* 1.5 MiB */
void html_time(struct pk_buf *b, struct pk_time t);

struct pk_label;
/** The label as a band; where: "top" or "bottom". */
void html_label(struct pk_buf *b, const struct pk_label *l, const char *where);
/** From the doctype to <body>, with the one style sheet. */
PK_NODISCARD int html_head(struct page *pg, const struct pk_label *label, const char *title, struct pk_err *err);

/** How a cell looks. */
enum html_look {
	LOOK_TEXT,
	LOOK_HOST,
	LOOK_MONO,
	LOOK_HASH,
	LOOK_TIME,
	LOOK_NUMBER,
	LOOK_BYTES,
	LOOK_SEVERITY,
	LOOK_TRUST,
	LOOK_OUTCOME,
	LOOK_TAGS,
	LOOK_SHORT,
	LOOK_OBJECT,
	LOOK_LABEL /* text that may be long */
};
struct html_column {
	const char *key, *heading; /* key of the listing's column */
	enum html_look look;
};
/** One table; `empty` is the sentence when there is no row, `more` names the command that shows the rest. *ret_rows
 * may be NULL. */
PK_NODISCARD int html_table(struct page *pg, enum pk_list which, const struct pk_case_filter *f,
			    const struct html_column *cols, size_t n, const char *empty, const char *more,
			    uint64_t *ret_rows, struct pk_err *err);
/** The cell of that key. */
const struct pk_cell *html_cell(enum pk_list which, const struct pk_cell *cells, const char *key);
void html_look_cell(struct pk_buf *b, const struct pk_cell *cell, enum html_look look);

/** The chart of moments and the lanes of hosts. */
PK_NODISCARD int html_chart(struct page *pg, struct pk_err *err);
/** Hosts with what became of their paths. */
PK_NODISCARD int html_hosts(struct page *pg, struct pk_err *err);

#endif
