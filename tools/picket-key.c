/* SPDX-License-Identifier: Apache-2.0 */
/* picket-key: keys, tickets, signatures, and the roster of parties. */
#include "key/verbs.h"

int main(int argc, char **argv)
{
	static const struct pk_opt common[] = {
		{0, "roster", PK_OPT_STR, &key_roster, "FILE", "the roster, instead of the station's own", NULL},
		PK_COMMON_OPTS,
		PK_OPT_END,
	};
	const struct pk_verb verbs[] = {
		key_new,           key_show,
		key_ticket,        key_sign,
		key_verify,        key_roster_add,
		key_roster_list,   key_roster_verify,
		key_roster_pin,    key_roster_revoke,
		key_roster_diff,   key_roster_change,
		key_roster_update, {0},
	};
	const struct pk_tool tool = {
		.name = "picket-key",
		.summary = "make keys and tickets, sign and verify, keep the roster of parties",
		.verbs = verbs,
		.common = common,
	};

	return pk_tool_main(&tool, argc, argv);
}
