/* SPDX-License-Identifier: Apache-2.0 */
/* picket-kit: bind a mission into one executable. */
#include "kit/verbs.h"

int main(int argc, char **argv)
{
	static const struct pk_opt common[] = {PK_COMMON_OPTS, PK_OPT_END};
	const struct pk_verb verbs[] = {
		kit_build,
		kit_show,
		{0},
	};
	const struct pk_tool tool = {
		.name = "picket-kit",
		.summary = "bind a mission into one executable",
		.verbs = verbs,
		.common = common,
	};

	return pk_tool_main(&tool, argc, argv);
}
