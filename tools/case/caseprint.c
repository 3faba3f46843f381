/* SPDX-License-Identifier: Apache-2.0 */
/* Listings as JSON Lines or as columns; what the verbs of picket-case share. */
#include "verbs.h"

#include <picket/label.h>

#include <stdio.h>

#include <picket/age.h>
#include <picket/json.h>
#include <picket/roster.h>

bool case_json;
const char *case_author;
struct case_options case_o = {.limit = UINT64_MAX, .passphrase_fd = -1};

#define BLOCK_ROWS 20000 /* rows that are aligned together: memory stays bounded */
#define HEX_SHOWN 6
#define OBJECT_SHOWN 24

struct printer {
	const struct pk_listing *l;
	struct pk_buf label; /* of the whole case; empty: there is none */
	struct pk_table table;
	struct pk_buf line;
	uint64_t rows, in_block;
};

static int print_finding(bool bad, const char *text, struct pk_err *err)
{
	PK_AUTO(pk_buf) line = {0};
	struct pk_json j = {.out = &line};

	if (!case_json) {
		pk_buf_putf(&line, "%s: %s", bad ? "fault" : "note", text);
		return pk_stdout_line(&line, err);
	}
	pk_json_begin(&j, '{');
	pk_json_kz(&j, "type", "finding");
	pk_json_kint(&j, "v", 1);
	pk_json_kbool(&j, "fault", bad);
	pk_json_kz(&j, "text", text);
	pk_json_end(&j, '}');
	return pk_json_check(&j, err) < 0 ? -1 : pk_stdout_line(&line, err);
}

void case_print_finding(void *ctx, bool bad, const char *text)
{
	struct pk_err *first = ctx, why = {0};

	pk_msg_progress_done();
	if (print_finding(bad, text, &why) < 0 && !first->kind)
		*first = why;
}

static void put_value(struct pk_json *j, const struct pk_column *col, const struct pk_cell *cell)
{
	PK_AUTO(pk_buf) text = {0};

	if (col->type == PK_CELL_BYTES && !cell->null) {
		pk_json_kbytes(j, col->key, cell->s);
		return;
	}
	pk_json_key(j, col->key);
	if (cell->null) {
		pk_json_z(j, NULL);
		return;
	}
	switch (col->type) {
	case PK_CELL_INT: pk_json_int(j, cell->i); return;
	case PK_CELL_BOOL: pk_json_bool(j, cell->i != 0); return;
	case PK_CELL_TIME: pk_buf_put_time(&text, cell->t); break;
	case PK_CELL_HEX: pk_buf_put_hex(&text, cell->s.p, cell->s.n); break;
	case PK_CELL_JSON: pk_json_raw(j, cell->s); return;
	default: pk_buf_put_str(&text, cell->s);
	}
	pk_json_str(j, text.p ? pk_buf_str(&text) : PK_STR(""));
}

/* Of the row's bundle. A note that a search found is of no bundle and may be about any; what is in quarantine is not
 * known. */
static struct pk_str row_label(const struct printer *p, const struct pk_cell *cell)
{
	static const struct pk_str unknown;

	if (!cell->null)
		return cell->s;
	return strcmp(p->l->type, "quarantine") == 0 ? unknown : pk_buf_str(&p->label);
}

static int row_json(struct printer *p, const struct pk_cell *cells, struct pk_err *err)
{
	struct pk_json j = {.out = &p->line};
	struct pk_str label = pk_buf_str(&p->label); /* where a row is not of one bundle */

	pk_buf_reset(&p->line);
	pk_json_begin(&j, '{');
	pk_json_kz(&j, "type", p->l->type);
	pk_json_kint(&j, "v", 1);
	for (size_t i = 0; i < p->l->n; i++) {
		if (strcmp(p->l->columns[i].key, "label") == 0)
			label = row_label(p, &cells[i]);
		else
			put_value(&j, &p->l->columns[i], &cells[i]);
	}
	pk_json_key(&j, "label");
	if (label.n)
		pk_json_str(&j, label);
	else
		pk_json_z(&j, NULL);
	pk_json_end(&j, '}');
	if (pk_json_check(&j, err) < 0)
		return -1;
	return pk_stdout_line(&p->line, err);
}

static void put_cell(struct pk_table *t, const struct pk_column *col, const struct pk_cell *cell)
{
	PK_AUTO(pk_buf) text = {0};

	if (cell->null ||
	    (!cell->s.n && col->type != PK_CELL_INT && col->type != PK_CELL_BOOL && col->type != PK_CELL_TIME)) {
		pk_table_cell(t, PK_STR("-"));
		return;
	}
	switch (col->type) {
	case PK_CELL_INT:
		if (strcmp(col->key, "mode") == 0)
			pk_table_cellf(t, "%04o", (unsigned)cell->i & 07777);
		else
			pk_table_cellf(t, "%lld", (long long)cell->i);
		return;
	case PK_CELL_BOOL: pk_table_cellf(t, "%s", cell->i ? "yes" : "no"); return;
	case PK_CELL_TIME: pk_buf_put_rfc3339(&text, cell->t, 0); break;
	case PK_CELL_HEX: pk_buf_put_hex(&text, cell->s.p, PK_MIN(cell->s.n, (size_t)HEX_SHOWN)); break;
	default:
		/* a whole hash in the custody log is for machines */
		if (strcmp(col->key, "object") == 0 && cell->s.n > OBJECT_SHOWN)
			pk_table_cellf(t, "%.*s...", OBJECT_SHOWN, cell->s.p);
		else
			pk_table_cell(t, cell->s);
		return;
	}
	pk_table_cell(t, pk_buf_str(&text));
}

static void begin_table(struct printer *p)
{
	const char *headings[32];
	size_t n = 0;

	for (size_t i = 0; i < p->l->n; i++)
		if (p->l->columns[i].heading)
			headings[n++] = p->l->columns[i].heading;
	pk_table_done(&p->table);
	pk_table_begin(&p->table, headings, n);
	p->in_block = 0;
}

static const char *not_releasable(const struct pk_buf *label)
{
	return pk_str_starts(pk_buf_str(label), PK_STR("TLP:")) ? "" : ": not releasable";
}

/* Once, over all that is printed. */
static void print_label(const struct printer *p)
{
	static bool printed;

	if (!printed && p->label.n)
		printf("%s%s\n", p->label.p, not_releasable(&p->label));
	printed = true;
}

static int on_row(void *ctx, const struct pk_cell *cells, struct pk_err *err)
{
	struct printer *p = ctx;

	if (p->rows++ == 0 && !case_json)
		print_label(p);
	if (case_json)
		return row_json(p, cells, err);
	if (p->in_block++ == BLOCK_ROWS) {
		if (pk_table_print(&p->table, err) < 0)
			return -1;
		begin_table(p);
	}
	for (size_t i = 0; i < p->l->n; i++)
		if (p->l->columns[i].heading)
			put_cell(&p->table, &p->l->columns[i], &cells[i]);
	return 0;
}

int case_label(struct pk_case *c, bool as_line, struct pk_buf *ret, struct pk_err *err)
{
	PK_AUTO(pk_label) label = {0};
	bool any = false;

	if (pk_case_label(c, &label, &any, err) < 0)
		return -1;
	if (any)
		pk_buf_put_label_shown(ret, &label);
	if (any && as_line && pk_buf_check(ret, err) == 0)
		pk_buf_puts(ret, not_releasable(ret));
	return pk_buf_check(ret, err);
}

int case_put_label(struct pk_json *j, struct pk_case *c, struct pk_err *err)
{
	PK_AUTO(pk_buf) label = {0};

	if (case_label(c, false, &label, err) < 0)
		return -1;
	pk_json_kz(j, "label", label.n ? label.p : NULL);
	return 0;
}

int case_print_marked(struct pk_case *c, const char *type, const char *tag, const char *target, uint64_t n,
		      struct pk_err *err)
{
	PK_AUTO(pk_buf) line = {0};
	struct pk_json j = {.out = &line};

	pk_json_begin(&j, '{');
	pk_json_kz(&j, "type", type);
	pk_json_kint(&j, "v", 1);
	if (tag)
		pk_json_kz(&j, "tag", tag);
	pk_json_kbytes(&j, "target", pk_str(target));
	pk_json_kuint(&j, "marked", n);
	if (case_put_label(&j, c, err) < 0)
		return -1;
	pk_json_end(&j, '}');
	return pk_json_check(&j, err) < 0 ? -1 : pk_stdout_line(&line, err);
}

int case_print_list(struct pk_case *c, enum pk_list which, const struct pk_case_filter *f, uint64_t *ret_rows,
		    struct pk_err *err)
{
	struct printer p = {.l = pk_case_listing(which)};
	int r = 0;

	if (case_o.limit == 0)
		return pk_fail(err, PK_EUSAGE, 0, "--limit takes 1 or more");
	if (pk_case_filter_check(c, which, f, err) < 0 || case_label(c, false, &p.label, err) < 0)
		return -1;
	begin_table(&p);
	r = pk_case_list(c, which, f, (struct pk_row_sink){on_row, &p}, err);
	if (r == 0 && !case_json && p.rows)
		r = pk_table_print(&p.table, err);
	pk_table_done(&p.table);
	pk_buf_done(&p.line);
	pk_buf_done(&p.label);
	if (ret_rows)
		*ret_rows = p.rows;
	return r;
}

int case_say_label(struct pk_case *c, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};

	if (case_label(c, true, &b, err) < 0)
		return -1;
	if (b.n)
		pk_msg_info("%s", b.p);
	return 0;
}

int case_print(const char *dir, enum pk_list which, const struct pk_case_filter *f, struct pk_err *err)
{
	PK_AUTOPTR(pk_case) c = NULL;
	uint64_t rows = 0;

	if (pk_case_open(dir, PK_CASE_READ, case_author, &c, err) < 0 || case_print_list(c, which, f, &rows, err) < 0 ||
	    pk_stdout_done(err) < 0)
		return -1;
	if (!rows && !case_json)
		pk_msg_info("nothing to show");
	return PK_EXIT_OK;
}

static int parse_time(const char *option, const char *text, struct pk_time *ret, struct pk_err *err)
{
	if (pk_time_parse_rfc3339(pk_str(text), ret) || pk_time_parse(pk_str(text), ret))
		return 0;
	return pk_fail(err, PK_EUSAGE, 0, "--%s takes 2026-11-23, 2026-11-23T10:57:09Z or seconds since 1970, not '%s'",
		       option, text);
}

int case_filter(struct pk_case_filter *f, struct pk_time *from, struct pk_time *to, struct pk_err *err)
{
	f->host = case_o.host;
	f->bundle = case_o.bundle;
	f->path = case_o.path;
	f->sha256 = case_o.sha256;
	f->tag = case_o.tag;
	f->query = case_o.query;
	f->table = case_o.table;
	f->limit = case_o.limit;
	if (case_o.from) {
		if (parse_time("from", case_o.from, from, err) < 0)
			return -1;
		f->from = from;
	}
	if (case_o.to) {
		if (parse_time("to", case_o.to, to, err) < 0)
			return -1;
		f->to = to;
	}
	return 0;
}

int case_identities(struct pk_age_identities **ret, struct pk_err *err)
{
	if (!case_o.identities.n)
		return 0;
	return pk_age_identities_load(&case_o.identities, false, case_o.passphrase_fd, &pk_msg_events, ret, err);
}
