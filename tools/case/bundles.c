/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case bundles: what was taken in, and what was not. */
#include "verbs.h"

#include <stdio.h>

static const struct pk_opt opts[] = {CASE_OPT_HOST, CASE_OPT_LIMIT, CASE_OPT_JSON, PK_OPT_END};

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTOPTR(pk_case) c = NULL;
	struct pk_case_filter f = {0};
	struct pk_time from, to;
	uint64_t taken = 0, not_taken = 0;

	(void)argc;
	if (case_filter(&f, &from, &to, err) < 0 || pk_case_open(argv[0], PK_CASE_READ, case_author, &c, err) < 0 ||
	    case_print_list(c, PK_LIST_BUNDLES, &f, &taken, err) < 0)
		return -1;
	/* what was not merged belongs to no host */
	if (!f.host && case_print_list(c, PK_LIST_QUARANTINE, &f, &not_taken, err) < 0)
		return -1;
	if (pk_stdout_done(err) < 0)
		return -1;
	if (!taken && !not_taken && !case_json)
		pk_msg_info("no bundles yet: 'picket-case import %s BUNDLE...' takes them in", argv[0]);
	return PK_EXIT_OK;
}

const struct pk_verb case_bundles = {
	.name = "bundles",
	.operands = "CASE",
	.summary = "list the bundles, and what is in quarantine",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
