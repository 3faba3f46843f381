/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case share: part of the evidence of any of the case's bundles, sealed to others with its proofs. */
#include "verbs.h"

#include <picket/age.h>
#include <picket/collect.h>
#include <picket/json.h>
#include <picket/roster.h>
#include <picket/share.h>

#include <stdlib.h>

static struct pk_strv to, tags, paths, artifacts, hits, searches, queries, release_files;
static const char *roster_path, *signer, *output, *reason, *override, *second_name, *mission, *tlp, *rel_to, *caveats;
static const char *valid = "30d";
static bool pad, no_content, no_path, no_host, no_receipt;

static const struct pk_opt opts[] = {
	CASE_OPT_IDENTITY,
	CASE_OPT_PASSPHRASE_FD,
	{0, "roster", PK_OPT_STR, &roster_path, "FILE", "who is who (default: the station's roster)", NULL},
	{0, "to", PK_OPT_LIST, &to, "PARTY", "who gets it: a party, age1... or a file; needed", NULL},
	{0, "signer", PK_OPT_STR, &signer, "NAME", "who shares: a party that may issue tickets; needed", NULL},
	{0, "tag", PK_OPT_LIST, &tags, "TAG", "paths and hits that bear this tag, and their contents", NULL},
	{0, "path", PK_OPT_LIST, &paths, "PATTERN", "paths that match this shell pattern", NULL},
	{0, "artifact", PK_OPT_LIST, &artifacts, "NAME", "what this artefact asked for", NULL},
	{0, "hit", PK_OPT_LIST, &hits, "RULE", "hits of rules that match this pattern, and what they are about", NULL},
	{0, "search", PK_OPT_LIST, &searches, "TEXT", "paths that picket-case search finds", NULL},
	{0, "query", PK_OPT_LIST, &queries, "SQL",
	 "paths and hits that this SELECT ref FROM file, hit... returns; see SQL in the manual", NULL},
	CASE_OPT_HOST,
	{0, "no-content", PK_OPT_FLAG, &no_content, NULL, "metadata and hits without the contents", NULL},
	{0, "no-path", PK_OPT_FLAG, &no_path, NULL, "contents and hits without paths and other metadata", NULL},
	{0, "no-host", PK_OPT_FLAG, &no_host, NULL,
	 "keep the host's identity back; the mission's name and profile go along instead, to prove the label", NULL},
	{0, "no-receipt", PK_OPT_FLAG, &no_receipt, NULL, "keep back who attested the bundles, when and where", NULL},
	{0, "override", PK_OPT_STR, &override, "REASON",
	 "let it go beyond its label, for this reason; needs --second and is recorded, signed by both", NULL},
	{0, "second", PK_OPT_STR, &second_name, "NAME", "the second person who answers for --override", NULL},
	{0, "release", PK_OPT_LIST, &release_files, "FILE", "a release signed by an originator (picket-bundle release)",
	 NULL},
	{0, "reason", PK_OPT_STR, &reason, "TEXT", "why, for the handover record", NULL},
	{0, "mission", PK_OPT_STR, &mission, "NAME", "a mission's name for the share itself (default: share)", NULL},
	{0, "tlp", PK_OPT_STR, &tlp, "LABEL", "a stricter label than the material has", NULL},
	{0, "rel-to", PK_OPT_STR, &rel_to, "CODES", "fewer nations than the material's label names", NULL},
	{0, "caveats", PK_OPT_STR, &caveats, "WORDS", "further handling words in capitals, with commas", NULL},
	{0, "valid", PK_OPT_STR, &valid, "TIME", "how long the share may be on its way: 12h, 30d (default: 30d)", NULL},
	PK_OPT_PAD(&pad),
	{'o', "output", PK_OPT_STR, &output, "FILE",
	 "the share; its signature and ticket are written beside it (default: TICKET-BUNDLE.TLP-AMBER.age here)", NULL},
	CASE_OPT_JSON,
	PK_OPT_END,
};

struct job {
	struct pk_roster roster;
	struct pk_strv recipients;
	struct pk_label narrow;
	struct pk_release_set *release;
	size_t releases;
	struct pk_buf tool;
	int64_t valid_s;
};

static void job_done(struct job *j)
{
	pk_roster_done(&j->roster);
	pk_strv_done(&j->recipients);
	pk_label_done(&j->narrow);
	for (size_t i = 0; i < j->releases; i++)
		pk_release_set_done(&j->release[i]);
	free(j->release);
	pk_buf_done(&j->tool);
}

static int check_usage(struct job *j, struct pk_err *err)
{
	if (to.n == 0)
		return pk_fail(err, PK_EUSAGE, 0, "who gets it? give --to PARTY, age1... or a file");
	if (!signer)
		return pk_fail(err, PK_EUSAGE, 0, "who shares? give --signer NAME");
	if (!override != !second_name)
		return pk_fail(err, PK_EUSAGE, 0,
			       "--override REASON and --second NAME go together: two persons answer");
	if (tags.n + paths.n + artifacts.n + hits.n + searches.n + queries.n == 0 && !case_o.host)
		return pk_fail(err, PK_EUSAGE, 0,
			       "what of it? give --tag, --path, --artifact, --hit, --search, --query or --host");
	return pk_validity_parse(valid, &j->valid_s, err);
}

static int gather_parties(struct job *j, struct pk_err *err)
{
	bool has = false;

	if (pk_station_roster(roster_path, &j->roster, &has, NULL, err) < 0)
		return -1;
	if (!has)
		return pk_fail(err, PK_EUSAGE, 0, "there is no roster here to say who is who: give --roster FILE");
	for (size_t i = 0; i < to.n; i++)
		if (pk_roster_resolve(&j->roster, to.v[i], &j->recipients, err) < 0)
			return -1;
	pk_strv_uniq(&j->recipients);
	return 0;
}

static int read_releases(struct job *j, struct pk_err *err)
{
	if (!(j->release = calloc(release_files.n + 1, sizeof(*j->release))))
		return pk_fail_oom(err);
	for (; j->releases < release_files.n; j->releases++)
		if (pk_release_read(release_files.v[j->releases], &j->roster, pk_time_now(), &j->release[j->releases],
				    err) < 0)
			return -1;
	return 0;
}

static int print(const struct pk_share_summary *sum, struct pk_err *err)
{
	PK_AUTO(pk_buf) line = {0};
	struct pk_json j = {.out = &line};

	pk_msg_info("'%s': %llu records and %llu contents of %llu bundles, %s", sum->path.p,
		    (unsigned long long)sum->records, (unsigned long long)sum->contents,
		    (unsigned long long)sum->sources, sum->label.p);
	if (override && !sum->overridden)
		pk_msg_info("no override was needed, and none is recorded");
	if (!case_json)
		return 0;
	pk_json_put_share(&j, sum);
	return pk_json_check(&j, err) < 0 ? -1 : pk_stdout_line(&line, err);
}

/* What import would not take, and an honest receiver neither, is refused for that: also what is not as its records say. */
static int wrong(struct pk_err *err)
{
	if ((err->kind != PK_ECRYPTO && err->kind != PK_EFORMAT) || err->code == PK_AGE_NO_MATCH)
		return -1;
	if (pk_memory_ran_out()) /* no verdict may come of what could not be read */
		return pk_fail_oom(err);
	pk_msg_error(err);
	return PK_EXIT_FOUND;
}

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(job) j = {0};
	PK_AUTOPTR(pk_case) c = NULL;
	PK_AUTOPTR(pk_age_identities) ids = NULL;
	PK_AUTOPTR(pk_case_share) s = NULL;
	PK_AUTO(pk_keys) keys = {0}, second = {0};
	PK_AUTO(pk_share_summary) sum = {0};
	struct pk_json tool = {.out = &j.tool};
	const struct pk_case_pick pick = {.tags = &tags,
					  .paths = &paths,
					  .artifacts = &artifacts,
					  .hits = &hits,
					  .searches = &searches,
					  .queries = &queries,
					  .host = case_o.host,
					  .no_content = no_content,
					  .no_path = no_path,
					  .no_host = no_host,
					  .no_receipt = no_receipt};

	(void)argc;
	pk_collect_put_tool(&tool, "picket-case", PK_VERSION, NULL, 0, NULL);
	if (pk_json_check(&tool, err) < 0 || check_usage(&j, err) < 0 ||
	    pk_label_set_words(&j.narrow, tlp, rel_to, caveats, err) < 0 ||
	    pk_case_open(argv[0], PK_CASE_WRITE, case_author, &c, err) < 0 || gather_parties(&j, err) < 0 ||
	    read_releases(&j, err) < 0 || case_identities(&ids, err) < 0)
		return -1;
	if (pk_case_share_gather(c, &pick, ids, &j.roster, &pk_msg_events, &s, err) < 0)
		return wrong(err);
	if (pk_station_keys(signer, case_o.passphrase_fd, &pk_msg_events, &keys, err) < 0 ||
	    (override && pk_station_keys(second_name, case_o.passphrase_fd, &pk_msg_events, &second, err) < 0))
		return -1;
	const struct pk_share_params p = {.keys = &keys,
					  .recipients = &j.recipients,
					  .narrow = tlp || rel_to || caveats ? &j.narrow : NULL,
					  .reason = reason,
					  .override_reason = override,
					  .second = override ? &second.sign : NULL,
					  .releases = j.release,
					  .releases_n = j.releases,
					  .mission = mission,
					  .valid_s = j.valid_s,
					  .path = output,
					  .tool = pk_buf_str(&j.tool),
					  .pad = pad,
					  .ev = &pk_msg_events};

	if (pk_case_share_write(s, &p, &sum, err) < 0)
		return wrong(err);
	pk_msg_progress_done();
	if (print(&sum, err) < 0 || pk_stdout_done(err) < 0)
		return -1;
	return PK_EXIT_OK;
}

const struct pk_verb case_share = {
	.name = "share",
	.operands = "CASE",
	.summary = "seal part of the case's evidence to others, each record with the proof that it was collected",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
