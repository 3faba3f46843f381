/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case init: a new case. */
#include "verbs.h"

#include <picket/roster.h>

static const char *name, *team, *place, *reason, *party, *roster_path;

static const struct pk_opt opts[] = {
	{0, "name", PK_OPT_STR, &name, "NAME", "what the case is called (default: the folder's name)", NULL},
	{0, "team", PK_OPT_STR, &team, "TEAM", "who keeps it (default: the party's organisation, or local)", NULL},
	{0, "party", PK_OPT_STR, &party, "NAME", "the party of the roster whose note key signs its custody checkpoints",
	 NULL},
	{0, "place", PK_OPT_STR, &place, "TEXT", "where it is kept, for the custody log (default: this host's name)",
	 NULL},
	{0, "reason", PK_OPT_STR, &reason, "TEXT", "why it is kept, for the custody log: order, authority", NULL},
	{0, "roster", PK_OPT_STR, &roster_path, "FILE", "where the party is (default: the station's roster)", NULL},
	PK_OPT_END,
};

static int run(int argc, char **argv, struct pk_err *err)
{
	struct pk_case_params params = {.name = name, .team = team, .place = place, .reason = reason};
	PK_AUTO(pk_roster) roster = {0};
	const struct pk_party *p = NULL;
	bool has = false;

	(void)argc;
	if (party) {
		if (pk_station_roster(roster_path, &roster, &has, NULL, err) < 0)
			return -1;
		if (!(p = pk_roster_find(&roster, party)) || !p->has_note)
			return pk_fail(err, PK_EUSAGE, 0, "'%s' %s", party,
				       p ? "has no note key in the roster" : "is no party of the roster");
		params.key = &p->note;
		if (!team)
			params.team = p->org;
		else if (!p->org || strcmp(team, p->org) != 0)
			pk_msg_warn("--team '%s' is not the organisation of '%s' in the roster: allies will cosign no "
				    "checkpoint of this case",
				    team, party);
	}
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
