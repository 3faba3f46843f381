/* SPDX-License-Identifier: Apache-2.0 */
/* Every table on the host the tests run on: rows keep to the declared columns, in order, with the declared types.
 * With the name of a table (and a root) as arguments it prints that table instead; with "--docs", the page. */
#include "../t.h"

#include <jansson.h>
#include <picket/io.h>
#include <picket/live.h>
#include <picket/time.h>
#include <unistd.h>

static int print_row(void *arg, struct pk_str line, struct pk_err *err)
{
	(void)arg;
	(void)err;
	printf("%.*s\n", (int)line.n, line.p);
	return 0;
}

static void print_note(void *arg, const char *text)
{
	(void)arg;
	fprintf(stderr, "note: %s\n", text);
}

static int dump(const char *name, const char *dir)
{
	const struct pk_live_table *t = pk_live_find(pk_str(name));
	struct pk_live_out out = {.row = print_row, .note = print_note};
	struct pk_live_ctx ctx;
	struct pk_root root;
	struct pk_err err = {0};
	int r = -1;

	if (!t)
		pk_fail(&err, PK_EUSAGE, 0, "no table '%s'", name);
	else if (pk_root_open(&root, dir, &err) == 0) {
		if (pk_live_ctx_init(&ctx, &root, &err) == 0) {
			uint64_t start = pk_time_mono_ns();

			r = pk_live_run(t, &ctx, &out, &err);
			fprintf(stderr, "%s: %llu rows, %llu notes, %llu ms\n", name, (unsigned long long)out.rows,
				(unsigned long long)out.notes,
				(unsigned long long)(pk_time_mono_ns() - start) / 1000000);
			pk_live_ctx_done(&ctx);
		}
		pk_root_done(&root);
	}
	pk_live_out_done(&out);
	if (r < 0)
		fprintf(stderr, "%s\n", err.msg);
	return r < 0;
}

/* --- what every row must be ---------------------------------------------------------------------------- */

static const struct pk_live_table *checked;

static size_t column_of(const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 0; checked->columns[i].name; i++) {
		size_t m = strlen(checked->columns[i].name);

		if (strncmp(checked->columns[i].name, key, m) == 0 && (n == m || strcmp(key + m, "_b64") == 0))
			if (n == m || checked->columns[i].type == PK_LIVE_TEXT)
				return i;
	}
	return SIZE_MAX;
}

static int check_row(void *arg, struct pk_str line, struct pk_err *err)
{
	size_t *bad = arg, last = 0;
	json_error_t e;
	json_t *row = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, &e), *value;
	const char *key;
	struct pk_time t;

	(void)err;
	if (!json_is_object(row)) {
		printf("# %s: not an object: %s\n", checked->name, e.text);
		++*bad;
		return 0;
	}
	json_object_foreach(row, key, value)
	{
		size_t c = column_of(key);
		bool ok = c != SIZE_MAX;

		if (ok && checked->columns[c].type == PK_LIVE_TIME)
			ok = json_is_string(value) && pk_time_parse(pk_str(json_string_value(value)), &t);
		else if (ok && checked->columns[c].type == PK_LIVE_TEXT)
			ok = json_is_string(value);
		else if (ok)
			ok = json_is_integer(value);
		if (!ok || (c != SIZE_MAX && c < last)) {
			printf("# %s: '%s' is not declared, of another type, or out of order\n", checked->name, key);
			++*bad;
		}
		last = c;
	}
	if (memchr(line.p, '\n', line.n))
		++*bad;
	json_decref(row);
	return 0;
}

static void check_note(void *arg, const char *text)
{
	(void)arg;
	printf("# %s: note: %s\n", checked->name, text);
}

static size_t run_all(const char *dir, uint64_t *rows_of)
{
	struct pk_live_ctx ctx;
	struct pk_root root;
	size_t bad = 0;

	OK(pk_root_open(&root, dir, &err));
	OK(pk_live_ctx_init(&ctx, &root, &err));
	for (size_t i = 0; pk_live_tables[i]; i++) {
		struct pk_live_out out = {.row = check_row, .note = check_note, .arg = &bad};

		checked = pk_live_tables[i];
		OK(pk_live_run(checked, &ctx, &out, &err));
		if (rows_of)
			rows_of[i] = out.rows;
		pk_live_out_done(&out);
	}
	pk_live_ctx_done(&ctx);
	pk_root_done(&root);
	return bad;
}

TEST(rows_of_this_host_keep_to_the_columns)
{
	static const char *const never_empty[] = {"time",        "uptime",      "processes", "process_open_files",
						  "kernel_info", "system_info", "os_version"};
	uint64_t rows[256] = {0};

	CHECK_INT(run_all("/", rows), 0);
	for (size_t i = 0; pk_live_tables[i]; i++)
		for (size_t k = 0; k < PK_LEN(never_empty); k++)
			if (strcmp(never_empty[k], pk_live_tables[i]->name) == 0)
				CHECK(rows[i] > 0);
}

TEST(an_empty_root_is_no_failure)
{
	char dir[] = "/tmp/picket-live-XXXXXX";

	CHECK(mkdtemp(dir) != NULL);
	CHECK_INT(run_all(dir, NULL), 0);
	rmdir(dir);
}

TEST(tables_are_well_formed)
{
	for (size_t i = 0; pk_live_tables[i]; i++) {
		const struct pk_live_table *t = pk_live_tables[i];

		CHECK(pk_live_find(pk_str(t->name)) == t);
		CHECK(pk_live_is_table(t->name));
		CHECK(t->doc && t->columns && t->columns[0].name && t->rows);
		for (const struct pk_live_column *c = t->columns; c->name; c++) {
			CHECK(c->doc && c->doc[0]);
			for (const struct pk_live_column *d = t->columns; d != c; d++)
				CHECK(strcmp(c->name, d->name) != 0);
		}
	}
	CHECK(pk_live_find(PK_STR("nothing")) == NULL);
	CHECK(!pk_live_is_table("nothing"));
}

/* To renew it: build/release/unit/live_host_test --docs >docs/live-tables.md */
TEST(the_page_of_tables_is_current)
{
	const char *top = getenv("TOP");
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_buf) page = {0};
	PK_AUTO(pk_buf) want = {0};

	pk_buf_putf(&path, "%s/docs/live-tables.md", top ? top : ".");
	OK(pk_buf_check(&path, &err));
	OK(pk_read_path(path.p, 4u << 20, &page, &err));
	pk_live_put_docs(&want);
	CHECK(pk_str_eq(pk_buf_str(&page), pk_buf_str(&want)));
}

int main(int argc, char **argv)
{
	static const struct t_case cases[] = {T(tables_are_well_formed), T(rows_of_this_host_keep_to_the_columns),
					      T(an_empty_root_is_no_failure), T(the_page_of_tables_is_current)};

	if (argc > 1 && strcmp(argv[1], "--docs") == 0) {
		PK_AUTO(pk_buf) b = {0};

		pk_live_put_docs(&b);
		return fwrite(b.p, 1, b.n, stdout) != b.n;
	}
	if (argc > 1)
		return dump(argv[1], argc > 2 ? argv[2] : "/");
	t_run_cases(cases, PK_LEN(cases));
	return t_end();
}
