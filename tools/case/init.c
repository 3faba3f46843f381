/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case init: a new case. */
#include "verbs.h"

static const char *name, *team;

static const struct pk_opt opts[] = {
	{0, "name", PK_OPT_STR, &name, "NAME", "what the case is called (default: the folder's name)", NULL},
	{0, "team", PK_OPT_STR, &team, "TEAM", "who keeps it (default: local)", NULL},
	PK_OPT_END,
};

static int run(int argc, char **argv, struct pk_err *err)
{
	const struct pk_case_params params = {.name = name, .team = team};

	(void)argc;
	if (pk_case_init(argv[0], &params, case_author, err) < 0)
		return -1;
	pk_msg_info("made the case '%s'", argv[0]);
	return PK_EXIT_OK;
}

const struct pk_verb case_init = {
	.name = "init",
	.operands = "CASE",
	.summary = "make a new case in a new folder",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
