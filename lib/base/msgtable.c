/* SPDX-License-Identifier: Apache-2.0 */
/* Aligned columns for people. */
#include <picket/msg.h>
#include "utf8.h"

#include <errno.h>
#include <stdarg.h>

#define GAP 2 /* spaces between columns */

void pk_table_done(struct pk_table *t)
{
	pk_buf_done(&t->cells);
	*t = (struct pk_table){0};
}

void pk_table_cell(struct pk_table *t, struct pk_str text)
{
	pk_buf_put_safe(&t->cells, text);
	pk_buf_put_c(&t->cells, 0);
	t->n++;
}

void pk_table_cellf(struct pk_table *t, const char *fmt, ...)
{
	pk_autofree char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		text = NULL;
		t->cells.oom = true;
		return;
	}
	pk_table_cell(t, pk_str_n(text, (size_t)n));
}

void pk_table_begin(struct pk_table *t, const char *const *headings, size_t columns)
{
	t->columns = columns;
	for (size_t i = 0; i < columns; i++)
		pk_table_cell(t, pk_str(headings[i]));
}

static bool is_number(struct pk_str s)
{
	if (s.n == 0 || s.p[0] < '0' || s.p[0] > '9')
		return s.n == 0 || (s.n == 1 && s.p[0] == '-');
	for (size_t i = 0; i < s.n; i++)
		if (!strchr("0123456789.,%KMGT", s.p[i]))
			return false;
	return true;
}

struct column {
	size_t width;
	bool numbers;
};

static void measure(const struct pk_table *t, struct column *col)
{
	const char *p = t->cells.p;

	for (size_t i = 0; i < t->columns; i++)
		col[i].numbers = true;
	for (size_t i = 0; i < t->n; i++) {
		struct column *c = &col[i % t->columns];
		struct pk_str s = pk_str(p);

		c->width = PK_MAX(c->width, pk_utf8_columns(s));
		if (i >= t->columns && !is_number(s))
			c->numbers = false;
		p += s.n + 1;
	}
}

static void put_spaces(struct pk_buf *b, size_t n)
{
	while (n--)
		pk_buf_put_c(b, ' ');
}

int pk_table_print(struct pk_table *t, struct pk_err *err)
{
	pk_autofree struct column *col = calloc(t->columns ? t->columns : 1, sizeof(*col));
	PK_AUTO(pk_buf) line = {0};
	const char *p = t->cells.p;

	if (!col || t->cells.oom)
		return pk_fail_oom(err);
	if (t->columns == 0 || t->n <= t->columns)
		return 0;
	measure(t, col);
	for (size_t i = 0; i < t->n; i++) {
		const struct column *c = &col[i % t->columns];
		bool last = (i + 1) % t->columns == 0;
		struct pk_str s = pk_str(p);
		size_t pad = c->width - pk_utf8_columns(s);

		if (c->numbers)
			put_spaces(&line, pad);
		pk_buf_put_str(&line, s);
		if (!last)
			put_spaces(&line, (c->numbers ? 0 : pad) + GAP);
		p += s.n + 1;
		if (!last)
			continue;
		pk_buf_put_c(&line, '\n');
		if (pk_buf_check(&line, err) < 0)
			return -1;
		if (fwrite(line.p, 1, line.n, stdout) != line.n)
			return pk_fail(err, PK_ESYS, errno, "cannot write to standard output");
		pk_buf_reset(&line);
	}
	return 0;
}
