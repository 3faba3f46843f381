/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case files: every path that was looked at, and what became of it. */
#include "verbs.h"

static const char *const outcomes[] = {"taken",  "partial",  "metadata", "absent", "skipped",
				       "denied", "vanished", "failed",   NULL};
static const char *const kinds[] = {"file", "dir", "link", "fifo", "socket", "char", "block", NULL};
static int outcome = -1, kind = -1;
static bool summary, not_taken;

static const struct pk_opt opts[] = {
	CASE_OPT_HOST,
	CASE_OPT_BUNDLE,
	CASE_OPT_PATH,
	CASE_OPT_SHA256,
	CASE_OPT_TAG,
	CASE_OPT_QUERY,
	{0, "outcome", PK_OPT_CHOICE, &outcome, "OUTCOME", "only paths with this outcome", outcomes},
	{0, "kind", PK_OPT_CHOICE, &kind, "KIND", "only paths of this kind", kinds},
	CASE_OPT_FROM("modified at this time or later"),
	CASE_OPT_TO("modified before this time"),
	{0, "summary", PK_OPT_FLAG, &summary, NULL, "count by host, outcome and reason", NULL},
	{0, "not-taken", PK_OPT_FLAG, &not_taken, NULL, "with --summary: only what was asked for and not taken", NULL},
	CASE_OPT_LIMIT,
	CASE_OPT_JSON,
	PK_OPT_END,
};

static int run(int argc, char **argv, struct pk_err *err)
{
	struct pk_case_filter f = {.outcome = outcome < 0 ? NULL : outcomes[outcome],
				   .kind = kind < 0 ? NULL : kinds[kind],
				   .not_taken = not_taken};
	struct pk_time from, to;

	(void)argc;
	if (not_taken && !summary)
		return pk_fail(err, PK_EUSAGE, 0, "--not-taken goes with --summary");
	if (summary && case_o.query)
		return pk_fail(err, PK_EUSAGE, 0, "--query does not go with --summary");
	if (case_filter(&f, &from, &to, err) < 0)
		return -1;
	return case_print(argv[0], summary ? PK_LIST_OUTCOMES : PK_LIST_FILES, &f, err);
}

const struct pk_verb case_files = {
	.name = "files",
	.operands = "CASE",
	.summary = "list paths, and what became of each",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
