/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case stack: how many hosts have the same; the fewest first. */
#include "verbs.h"

static const char *const words[] = {"file", "path", "hash", NULL};
static bool rare;
static uint64_t max_hosts;
static int by;
static const char *column;

static const struct pk_opt opts[] = {
	{0, "rare", PK_OPT_FLAG, &rare, NULL, "only what one host has and no other", NULL},
	{0, "max-hosts", PK_OPT_U64, &max_hosts, "N", "only what at most N hosts have", NULL},
	{0, "by", PK_OPT_CHOICE, &by, "WHAT", "what must be the same: file (path and content), path or hash", words},
	{0, "table", PK_OPT_STR, &case_o.table, "TABLE", "stack a live table instead of files", NULL},
	{0, "column", PK_OPT_STR, &column, "COLUMN", "by this column of the live table", NULL},
	CASE_OPT_HOST,
	CASE_OPT_PATH,
	CASE_OPT_LIMIT,
	CASE_OPT_JSON,
	PK_OPT_END,
};

static int run(int argc, char **argv, struct pk_err *err)
{
	struct pk_case_filter f = {.by = (enum pk_stack_by)by, .max_hosts = max_hosts, .column = column};
	struct pk_time from, to;

	(void)argc;
	if (rare && max_hosts)
		return pk_fail(err, PK_EUSAGE, 0, "--rare is --max-hosts 1: give one of them");
	if (rare)
		f.max_hosts = 1;
	if (!case_o.table != !column)
		return pk_fail(err, PK_EUSAGE, 0, "--table and --column go together");
	if (case_filter(&f, &from, &to, err) < 0)
		return -1;
	return case_print(argv[0], case_o.table ? PK_LIST_STACK_LIVE : PK_LIST_STACK, &f, err);
}

const struct pk_verb case_stack = {
	.name = "stack",
	.operands = "CASE",
	.summary = "count on how many hosts the same is, the rarest first",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
