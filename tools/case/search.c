/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case search: full text over paths, names, live tables, events and notes. */
#include "verbs.h"

static const struct pk_opt opts[] = {CASE_OPT_HOST, CASE_OPT_LIMIT, CASE_OPT_JSON, PK_OPT_END};

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	struct pk_case_filter f = {0};
	struct pk_time from, to;

	for (int i = 1; i < argc; i++) {
		pk_buf_puts(&text, i > 1 ? " " : "");
		pk_buf_puts(&text, argv[i]);
	}
	if (pk_buf_check(&text, err) < 0 || case_filter(&f, &from, &to, err) < 0)
		return -1;
	f.text = text.p;
	return case_print(argv[0], PK_LIST_SEARCH, &f, err);
}

const struct pk_verb case_search = {
	.name = "search",
	.operands = "CASE WORD...",
	.summary = "find words in paths, live tables and notes, and any part of a file's name",
	.opts = opts,
	.min_operands = 2,
	.max_operands = -1,
	.run = run,
};
