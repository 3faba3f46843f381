/* SPDX-License-Identifier: Apache-2.0 */
/* Records and live rows on their way into a case: proven to be signed, and still hostile. The input is lines of the
 * record log without their heads ("m,\"path\":..."), then an empty line and the rows of every live table. */
#include "../../lib/casedb/rows.h"

#include <picket/case.h>

#include "folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pk_case *begin(void)
{
	PK_AUTO(pk_buf) path = {0};
	struct pk_case *c = NULL;

	pk_buf_putf(&path, "%s/case", fuzz_folder());
	if (pk_case_init(path.p, &(struct pk_case_params){.team = "blue"}, "ann", NULL) < 0 ||
	    pk_case_open(path.p, PK_CASE_WRITE, "ann", &c, NULL) < 0)
		abort();
	return c;
}

static int64_t intake_of(struct pk_case *c)
{
	PK_AUTO(pk_stmt) st = {0};
	static const uint8_t digest[64] = {1};

	if (pk_stmt_init(&st, c,
			 "INSERT INTO intake(digest, state, verdict, why, place, size, source, first_intake) "
			 "VALUES(?1, 'imported', 'ok', '', 'bundles/1.age', 1, 'x.age', '1700000000.000000000') "
			 "RETURNING no",
			 NULL) < 0)
		abort();
	pk_stmt_blob(&st, 1, digest, 64);
	if (pk_stmt_step(&st, NULL) < 0)
		abort();
	return pk_stmt_col_int(&st, 0);
}

static int take_line(struct pk_rows *rows, uint64_t leaf, struct pk_str text)
{
	PK_AUTO(pk_buf) line = {0};
	struct pk_record r = {0};
	int ret;

	pk_buf_putf(&line, "{\"t\":\"%c\",\"i\":%llu,\"salt\":\"00000000000000000000000000000000\"",
		    text.n ? text.p[0] : '?', (unsigned long long)leaf);
	pk_buf_put(&line, text.p + (text.n > 0), text.n ? text.n - 1 : 0);
	pk_buf_put_c(&line, '}');
	if (pk_record_parse(pk_buf_str(&line), leaf, &r, NULL) < 0)
		return -1;
	ret = pk_rows_record(rows, &r, NULL);
	pk_record_done(&r);
	return ret;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pk_case *c;
	static const uint8_t id[16] = {1};
	struct pk_str rest = pk_str_n(data, size), line = {0};
	PK_AUTO(pk_rows) rows = {0};
	int ret = 0;

	if (!c)
		c = begin();
	if (pk_case_begin(c, NULL) < 0 || pk_rows_begin(&rows, c, id, intake_of(c), NULL) < 0)
		abort();
	for (uint64_t leaf = 0; ret == 0 && pk_str_line(&rest, &line) && line.n; leaf++)
		ret = take_line(&rows, leaf, line);
	for (size_t i = 0; ret == 0 && i < rows.live_n; i++)
		ret = pk_rows_live(&rows, &rows.live[i], rest, NULL);
	if (ret == 0)
		(void)!pk_rows_finish(&rows, NULL);
	pk_case_rollback(c);
	return 0;
}
