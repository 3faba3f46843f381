/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the case has what a filter names: a word that was mistyped is no empty answer. */
#include "list.h"

/* `has` finds the word as ?1, `all` lists those that there are; in both ?2 is `of`, which may be NULL. */
static int check_word(struct pk_case *c, const char *has, const char *all, const char *what, const char *word,
		      const char *of, struct pk_err *err)
{
	PK_AUTO(pk_stmt) one = {0};
	PK_AUTO(pk_stmt) each = {0};
	PK_AUTO(pk_buf) words = {0};
	int r = 0;

	if (pk_stmt_init(&one, c, has, err) < 0)
		return -1;
	pk_stmt_z(&one, 1, word);
	if (of)
		pk_stmt_z(&one, 2, of);
	r = pk_stmt_step(&one, err);
	if (r != 0)
		return r < 0 ? -1 : 0;
	if (pk_stmt_init(&each, c, all, err) < 0)
		return -1;
	if (of)
		pk_stmt_z(&each, 2, of);
	while ((r = pk_stmt_step(&each, err)) == 1) {
		pk_buf_puts(&words, words.n ? ", " : "");
		pk_buf_put_str(&words, pk_stmt_col(&each, 0));
	}
	if (r < 0 || pk_buf_check(&words, err) < 0)
		return -1;
	return pk_fail(err, PK_EUSAGE, 0, "no %s '%s' in this case, which has %s", what, word,
		       words.n ? words.p : "none");
}

static int check_table(struct pk_case *c, const char *table, struct pk_err *err)
{
	return check_word(c, "SELECT 1 FROM live WHERE tbl = ?1 LIMIT 1", "SELECT DISTINCT tbl FROM live ORDER BY 1",
			  "live table", table, NULL, err);
}

/* A live table without moments is a source that has nothing to show. */
static int check_source(struct pk_case *c, const char *source, struct pk_err *err)
{
	return check_word(c,
			  "SELECT 1 WHERE ?1 = 'file' OR EXISTS (SELECT 1 FROM live WHERE tbl = ?1)"
			  " OR EXISTS (SELECT 1 FROM event WHERE src = ?1)",
			  "SELECT 'file' UNION SELECT DISTINCT src FROM event ORDER BY 1", "source", source, NULL, err);
}

static int check_column(struct pk_case *c, const char *table, const char *column, struct pk_err *err)
{
	PK_AUTO(pk_buf) what = {0};

	pk_buf_putf(&what, "row of the live table '%s' with a column", table);
	if (pk_buf_check(&what, err) < 0)
		return -1;
	return check_word(c, "SELECT 1 FROM live WHERE tbl = ?2 AND row -> ?1 IS NOT NULL LIMIT 1",
			  "SELECT DISTINCT j.key FROM live l, json_each(l.row) j WHERE l.tbl = ?2 ORDER BY 1", what.p,
			  column, table, err);
}

int pk_case_filter_check(struct pk_case *c, enum pk_list which, const struct pk_case_filter *f, struct pk_err *err)
{
	if (!f->table)
		return 0;
	if (which == PK_LIST_TIMELINE)
		return check_source(c, f->table, err);
	if (which != PK_LIST_LIVE && which != PK_LIST_STACK_LIVE)
		return 0;
	if (which == PK_LIST_LIVE && f->table_exists)
		return 0;
	if (check_table(c, f->table, err) < 0)
		return -1;
	return which == PK_LIST_STACK_LIVE && f->column ? check_column(c, f->table, f->column, err) : 0;
}
