/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case timeline: one timeline over all hosts. */
#include "verbs.h"

static const struct pk_opt opts[] = {
	CASE_OPT_HOST,
	CASE_OPT_BUNDLE,
	CASE_OPT_FROM("at this time or later"),
	CASE_OPT_TO("before this time"),
	{0, "source", PK_OPT_STR, &case_o.table, "SOURCE", "only this source: file, or the name of a live table", NULL},
	CASE_OPT_PATH,
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
	return case_print(argv[0], PK_LIST_TIMELINE, &f, err);
}

const struct pk_verb case_timeline = {
	.name = "timeline",
	.operands = "CASE",
	.summary = "file times and events of all hosts in one order",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
