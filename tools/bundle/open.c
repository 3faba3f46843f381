/* SPDX-License-Identifier: Apache-2.0 */
/* picket-bundle open: the contents as files below a new folder. */
#include "verbs.h"

static const char *dir;
static struct pk_strv only;
static bool member_names;

static const struct pk_opt opts[] = {
	BUNDLE_OPT_IDENTITY,
	BUNDLE_OPT_PASSPHRASE_FD,
	BUNDLE_OPT_ROSTER,
	{'o', "output", PK_OPT_STR, &dir, "DIR", "a new or empty folder for the files; needed", NULL},
	{'C', "directory", PK_OPT_STR, &dir, "DIR", "the same, as tar has it", NULL},
	{0, "only", PK_OPT_LIST, &only, "PATTERN", "only paths that match, such as '/etc/*'", NULL},
	{0, "member-names", PK_OPT_FLAG, &member_names, NULL, "keep the encoded names that the bundle has inside",
	 NULL},
	PK_OPT_END,
};

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTOPTR(pk_bundle) b = NULL;
	PK_AUTO(pk_roster) roster = {0};
	PK_AUTO(pk_outer) outer = {0};
	struct pk_extract x = {.dir = dir, .member_names = member_names, .only = only};
	uint64_t files = 0;
	bool has_roster = false;

	(void)argc;
	if (!dir)
		return pk_fail(err, PK_EUSAGE, 0, "where to? give -C DIR");
	if (pk_station_roster(bundle_roster, &roster, &has_roster, NULL, err) < 0 ||
	    pk_outer_check(argv[0], has_roster ? &roster : NULL, pk_time_now(), &outer, err) < 0)
		return -1;
	if (outer.status == PK_TRUST_ALTERED) {
		pk_fail(err, PK_ECRYPTO, 0,
			"'%s' is altered and is not opened: %s (picket-bundle salvage takes out what can be proven)",
			argv[0], outer.why);
		return bundle_answer(err);
	}
	if (bundle_open_bundle(argv[0], &b, err) < 0)
		return bundle_wrong(err);
	if (pk_bundle_match_outer(b, &outer, err) < 0)
		return bundle_wrong(err);
	if (pk_bundle_judge_rewraps(b, &outer, has_roster ? &roster : NULL, err) < 0)
		return -1;
	if (bundle_check_trust(b, argv[0], has_roster ? &roster : NULL, &outer, err) < 0)
		return bundle_answer(err);
	bundle_say_label(pk_bundle_info(b));
	if (pk_bundle_extract(b, &x, &pk_msg_events, &files, err) < 0)
		return bundle_wrong(err);
	pk_msg_progress_done();
	pk_msg_info("%llu files in '%s'", (unsigned long long)files, dir);
	return PK_EXIT_OK;
}

const struct pk_verb bundle_open = {
	.name = "open",
	.operands = "BUNDLE",
	.summary = "verify a bundle and put its contents into a new folder",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
