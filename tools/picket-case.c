/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case: the case database. */
#include "case/verbs.h"

int main(int argc, char **argv)
{
	static const struct pk_opt common[] = {
		{0, "author", PK_OPT_STR, &case_author, "NAME",
		 "who acts, for custody and notes (default: the case's team)", NULL},
		PK_COMMON_OPTS,
		PK_OPT_END,
	};
	const struct pk_verb verbs[] = {
		case_init,   case_import,   case_hosts,   case_bundles, case_files,  case_hits,
		case_search, case_timeline, case_stack,   case_live,    case_tag,    case_note,
		case_cat,    case_share,    case_custody, case_check,   case_report, {0},
	};
	const struct pk_tool tool = {
		.name = "picket-case",
		.summary = "bring bundles into a case, ask it questions, report",
		.verbs = verbs,
		.common = common,
	};

	pk_case_set_settings(argc, argv);
	return pk_tool_main(&tool, argc, argv);
}
