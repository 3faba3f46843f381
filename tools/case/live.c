/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case live: rows of live tables, as the collector wrote them. */
#include "verbs.h"

#include <picket/live.h>

static const struct pk_opt opts[] = {
	{0, "table", PK_OPT_STR, &case_o.table, "TABLE", "only this table", NULL},
	CASE_OPT_HOST,
	CASE_OPT_BUNDLE,
	CASE_OPT_LIMIT,
	CASE_OPT_JSON,
	PK_OPT_END,
};

static int run(int argc, char **argv, struct pk_err *err)
{
	struct pk_case_filter f = {0};
	struct pk_time from, to;

	(void)argc;
	if (case_filter(&f, &from, &to, err) < 0)
		return -1;
	f.table_exists = f.table && pk_live_is_table(f.table);
	return case_print(argv[0], PK_LIST_LIVE, &f, err);
}

const struct pk_verb case_live = {
	.name = "live",
	.operands = "CASE",
	.summary = "rows of live tables",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
