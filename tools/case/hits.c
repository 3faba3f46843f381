/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case hits: what rules found, the gravest first. */
#include "verbs.h"

static const char *rule;
static bool by_rule;

static const struct pk_opt opts[] = {
	CASE_OPT_HOST,
	CASE_OPT_BUNDLE,
	CASE_OPT_PATH,
	CASE_OPT_SHA256,
	CASE_OPT_TAG,
	CASE_OPT_QUERY,
	{0, "rule", PK_OPT_STR, &rule, "PATTERN", "only rules whose name matches this shell pattern", NULL},
	{0, "by-rule", PK_OPT_FLAG, &by_rule, NULL, "count by rule", NULL},
	CASE_OPT_LIMIT,
	CASE_OPT_JSON,
	PK_OPT_END,
};

static int run(int argc, char **argv, struct pk_err *err)
{
	struct pk_case_filter f = {.rule = rule};
	struct pk_time from, to;

	(void)argc;
	if (by_rule && case_o.query)
		return pk_fail(err, PK_EUSAGE, 0, "--query does not go with --by-rule");
	if (case_filter(&f, &from, &to, err) < 0)
		return -1;
	return case_print(argv[0], by_rule ? PK_LIST_RULES : PK_LIST_HITS, &f, err);
}

const struct pk_verb case_hits = {
	.name = "hits",
	.operands = "CASE",
	.summary = "list what rules found",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
