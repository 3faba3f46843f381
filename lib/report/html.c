/* SPDX-License-Identifier: Apache-2.0 */
/* Text into HTML, and tables from listings. */
#include "html.h"

#include <inttypes.h>

#define OBJECT_SHOWN 28
#define LONG_SHOWN 280

void html_text(struct pk_buf *b, struct pk_str s)
{
	PK_AUTO(pk_buf) safe = {0};

	pk_buf_put_safe(&safe, s);
	b->oom = b->oom || safe.oom;
	for (size_t i = 0; i < safe.n; i++) {
		switch (safe.p[i]) {
		case '&': pk_buf_puts(b, "&amp;"); break;
		case '<': pk_buf_puts(b, "&lt;"); break;
		case '>': pk_buf_puts(b, "&gt;"); break;
		case '"': pk_buf_puts(b, "&quot;"); break;
		case '\'': pk_buf_puts(b, "&#39;"); break;
		default: pk_buf_put_c(b, safe.p[i]);
		}
	}
}

void html_z(struct pk_buf *b, const char *z) { html_text(b, pk_str(z ? z : "")); }

void html_number(struct pk_buf *b, uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			pk_buf_puts(b, "\xe2\x80\xaf"); /* narrow no-break space */
		pk_buf_put_c(b, digits[i]);
	}
}

void html_bytes(struct pk_buf *b, uint64_t n)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double v = (double)n;
	size_t u = 0;

	while (v >= 1024 && u + 1 < PK_LEN(units)) {
		v /= 1024;
		u++;
	}
	pk_buf_putf(b, u && v < 10 ? "%.1f\xc2\xa0%s" : "%.0f\xc2\xa0%s", v, units[u]);
}

/* RFC 3339 lets a blank stand for the T, which is easier on the eye. */
void html_time(struct pk_buf *b, struct pk_time t)
{
	size_t at = b->n;

	pk_buf_put_rfc3339(b, t, 0);
	if (!b->oom && b->n - at > 11 && b->p[at + 10] == 'T')
		b->p[at + 10] = ' ';
}

static void put_badge(struct pk_buf *b, const char *class, struct pk_str text)
{
	pk_buf_putf(b, "<span class=\"badge %s\">", class);
	html_text(b, text);
	pk_buf_puts(b, "</span>");
}

/* Severity words come from rules, which are anyone's: only known ones choose a class. */
static const char *severity_class(struct pk_str s)
{
	static const char *const known[] = {"critical", "high", "medium", "low"};

	for (size_t i = 0; i < PK_LEN(known); i++)
		if (s.n == strlen(known[i]) && strncasecmp(s.p, known[i], s.n) == 0)
			return known[i];
	return "";
}

static void put_trust(struct pk_buf *b, struct pk_str s)
{
	const char *class = "bad";

	/* a host is as well vouched for as the least of its bundles */
	if (pk_str_eq(s, PK_STR("ticketed")) || pk_str_eq(s, PK_STR("countersigned,ticketed")) ||
	    pk_str_eq(s, PK_STR("ticketed,countersigned")))
		class = "ticketed";
	else if (pk_str_eq(s, PK_STR("countersigned")))
		class = "countersigned";
	else if (pk_str_starts(s, PK_STR("ticketed")) || pk_str_starts(s, PK_STR("countersigned")))
		class = "warn";
	put_badge(b, class, s);
}

static const char *outcome_class(struct pk_str s)
{
	static const char *const grave[] = {"altered", "replayed", "equivocation", "revoked"};
	static const char *const open[] = {"unsigned", "expired", "unknown issuer", "damaged", "waiting"};

	for (size_t i = 0; i < PK_LEN(grave); i++)
		if (pk_str_eq(s, pk_str(grave[i])))
			return "bad";
	for (size_t i = 0; i < PK_LEN(open); i++)
		if (pk_str_eq(s, pk_str(open[i])))
			return "warn";
	if (pk_str_eq(s, PK_STR("denied")) || pk_str_eq(s, PK_STR("failed")))
		return "bad";
	if (pk_str_eq(s, PK_STR("skipped")) || pk_str_eq(s, PK_STR("partial")) || pk_str_eq(s, PK_STR("vanished")))
		return "warn";
	return "";
}

static void put_tags(struct pk_buf *b, struct pk_str s)
{
	struct pk_str rest = s, tag;

	while (rest.n && pk_str_split(&rest, ',', &tag)) {
		pk_buf_puts(b, "<span class=\"tag\">");
		html_text(b, tag);
		pk_buf_puts(b, "</span>");
	}
}

static const char *look_class(enum html_look look)
{
	static const char *const classes[] = {
		[LOOK_TEXT] = "",
		[LOOK_HOST] = "host",
		[LOOK_MONO] = "mono",
		[LOOK_HASH] = "mono short",
		[LOOK_TIME] = "time",
		[LOOK_NUMBER] = "num",
		[LOOK_BYTES] = "num",
		[LOOK_SEVERITY] = "",
		[LOOK_TRUST] = "",
		[LOOK_OUTCOME] = "",
		[LOOK_TAGS] = "",
		[LOOK_SHORT] = "short",
		[LOOK_OBJECT] = "mono short",
		[LOOK_LABEL] = "label",
	};

	return classes[look];
}

static void put_hash(struct pk_buf *b, struct pk_str s)
{
	PK_AUTO(pk_buf) hex = {0};

	pk_buf_put_hex(&hex, s.p, s.n);
	b->oom = b->oom || hex.oom;
	if (!hex.n)
		return;
	pk_buf_putf(b, "<span title=\"%s\">%.12s</span>", hex.p, hex.p);
}

/* A command line can be pages long: the rest of it is shown when a pointer rests on it. */
static void put_long(struct pk_buf *b, struct pk_str s)
{
	size_t n = PK_MIN(s.n, (size_t)LONG_SHOWN);

	while (n < s.n && n > LONG_SHOWN - 4 && ((uint8_t)s.p[n] & 0xc0) == 0x80)
		n--;
	if (n < s.n) {
		pk_buf_puts(b, "<bdi title=\"");
		html_text(b, s);
		pk_buf_puts(b, "\">");
	} else {
		pk_buf_puts(b, "<bdi>");
	}
	html_text(b, pk_str_n(s.p, n));
	pk_buf_puts(b, n < s.n ? "\xe2\x80\xa6</bdi>" : "</bdi>");
}

void html_look_cell(struct pk_buf *b, const struct pk_cell *cell, enum html_look look)
{
	bool number = look == LOOK_NUMBER || look == LOOK_BYTES, time = look == LOOK_TIME;

	if (!cell || cell->null || (!cell->s.n && !number && !time)) {
		pk_buf_puts(b, "<span class=\"empty\">\xe2\x80\x93</span>");
		return;
	}
	switch (look) {
	case LOOK_NUMBER: html_number(b, (uint64_t)PK_MAX(cell->i, (int64_t)0)); break;
	case LOOK_BYTES: html_bytes(b, (uint64_t)PK_MAX(cell->i, (int64_t)0)); break;
	case LOOK_TIME: html_time(b, cell->t); break;
	case LOOK_HASH: put_hash(b, cell->s); break;
	case LOOK_SEVERITY: put_badge(b, severity_class(cell->s), cell->s); break;
	case LOOK_TRUST: put_trust(b, cell->s); break;
	case LOOK_OUTCOME: put_badge(b, outcome_class(cell->s), cell->s); break;
	case LOOK_TAGS: put_tags(b, cell->s); break;
	case LOOK_OBJECT: /* a whole hash is for machines */
		pk_buf_puts(b, "<span title=\"");
		html_text(b, cell->s);
		pk_buf_puts(b, "\">");
		html_text(b, pk_str_n(cell->s.p, PK_MIN(cell->s.n, (size_t)OBJECT_SHOWN)));
		pk_buf_puts(b, cell->s.n > OBJECT_SHOWN ? "\xe2\x80\xa6</span>" : "</span>");
		break;
	default: put_long(b, cell->s);
	}
}

const struct pk_cell *html_cell(enum pk_list which, const struct pk_cell *cells, const char *key)
{
	const struct pk_listing *l = pk_case_listing(which);

	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->columns[i].key, key) == 0)
			return &cells[i];
	return NULL;
}

struct table {
	struct page *pg;
	enum pk_list which;
	const struct html_column *cols;
	size_t n;
	uint64_t rows, skip;
};

static int on_count(void *ctx, const struct pk_cell *cells, struct pk_err *err)
{
	struct table *t = ctx;

	(void)cells;
	(void)err;
	t->skip++;
	return 0;
}

static void put_head(struct table *t)
{
	struct pk_buf *b = &t->pg->out;

	pk_buf_puts(b, "<div class=\"wide\"><table><thead><tr>");
	for (size_t i = 0; i < t->n; i++) {
		bool num = t->cols[i].look == LOOK_NUMBER || t->cols[i].look == LOOK_BYTES;

		pk_buf_putf(b, num ? "<th class=\"num\">%s</th>" : "<th>%s</th>", t->cols[i].heading);
	}
	pk_buf_puts(b, "</tr></thead><tbody>\n");
}

static int on_row(void *ctx, const struct pk_cell *cells, struct pk_err *err)
{
	struct table *t = ctx;
	struct pk_buf *b = &t->pg->out;

	if (t->rows == 0)
		put_head(t);
	/* what is left out is counted aloud below */
	if (t->rows++ < t->skip || t->rows - t->skip > t->pg->max_rows)
		return 0;
	pk_buf_puts(b, "<tr>");
	for (size_t i = 0; i < t->n; i++) {
		const char *class = look_class(t->cols[i].look);

		if (*class)
			pk_buf_putf(b, "<td class=\"%s\">", class);
		else
			pk_buf_puts(b, "<td>");
		html_look_cell(b, html_cell(t->which, cells, t->cols[i].key), t->cols[i].look);
		pk_buf_puts(b, "</td>");
	}
	pk_buf_puts(b, "</tr>\n");
	return pk_buf_check(b, err);
}

int html_table(struct page *pg, enum pk_list which, const struct pk_case_filter *f, const struct html_column *cols,
	       size_t n, const char *empty, const char *more, uint64_t *ret_rows, struct pk_err *err)
{
	struct table t = {.pg = pg, .which = which, .cols = cols, .n = n};

	if (pg->newest) {
		if (pk_case_list(pg->c, which, f, (struct pk_row_sink){on_count, &t}, err) < 0)
			return -1;
		t.skip -= PK_MIN(t.skip, pg->max_rows);
	}
	if (pk_case_list(pg->c, which, f, (struct pk_row_sink){on_row, &t}, err) < 0)
		return -1;
	if (!t.rows) {
		pk_buf_putf(&pg->out, "<p class=\"empty\">%s</p>\n", empty);
	} else {
		pk_buf_puts(&pg->out, "</tbody></table></div>\n");
		if (t.rows > pg->max_rows) {
			pk_buf_puts(&pg->out, "<p class=\"more\">");
			html_number(&pg->out, t.rows - pg->max_rows);
			pk_buf_putf(&pg->out, " %s are not shown here: <code>%s</code> lists them all.</p>\n",
				    pg->newest ? "earlier ones" : "more", more);
		}
	}
	if (ret_rows)
		*ret_rows = t.rows;
	return 0;
}
