/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case hosts: which hosts, and what is known of them. */
#include "verbs.h"

static const struct pk_opt opts[] = {CASE_OPT_HOST, CASE_OPT_LIMIT, CASE_OPT_JSON, PK_OPT_END};

static int run(int argc, char **argv, struct pk_err *err)
{
	struct pk_case_filter f = {0};
	struct pk_time from, to;

	(void)argc;
	if (case_filter(&f, &from, &to, err) < 0)
		return -1;
	return case_print(argv[0], PK_LIST_HOSTS, &f, err);
}

const struct pk_verb case_hosts = {
	.name = "hosts",
	.operands = "CASE",
	.summary = "list the hosts",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
