/* SPDX-License-Identifier: Apache-2.0 */
/* picket-bundle share: part of bundles, sealed anew to others, each record with its proof. */
#include "verbs.h"

#include <picket/collect.h>
#include <picket/share.h>

#include <stdlib.h>

static struct pk_strv to, paths, artifacts, hits, tables, leaves;
static const char *signer, *output, *reason, *mission, *tlp, *rel_to, *caveats;
static const char *valid = "30d";
static bool no_content, no_path, no_host, no_receipt, salvage, pad;
static uint64_t level, threads;

static const struct pk_opt opts[] = {
	BUNDLE_OPT_IDENTITY,
	BUNDLE_OPT_PASSPHRASE_FD,
	BUNDLE_OPT_ROSTER,
	{0, "to", PK_OPT_LIST, &to, "PARTY", "who gets it: a party, age1... or a file; needed", NULL},
	{0, "signer", PK_OPT_STR, &signer, "NAME", "who shares: a party that may issue tickets; needed", NULL},
	{0, "path", PK_OPT_LIST, &paths, "PATTERN",
	 "paths that match this shell pattern, and their contents; * also matches /", NULL},
	{0, "artifact", PK_OPT_LIST, &artifacts, "NAME", "what this artefact asked for", NULL},
	{0, "hit", PK_OPT_LIST, &hits, "RULE", "hits of rules that match this pattern, and what they are about", NULL},
	{0, "table", PK_OPT_LIST, &tables, "NAME", "live tables that match this pattern", NULL},
	{0, "leaf", PK_OPT_LIST, &leaves, "N", "one record by its number in the bundle, as list --json has it", NULL},
	{0, "no-content", PK_OPT_FLAG, &no_content, NULL, "metadata and hits without the contents", NULL},
	{0, "no-path", PK_OPT_FLAG, &no_path, NULL, "contents and hits without paths and other metadata", NULL},
	{0, "no-host", PK_OPT_FLAG, &no_host, NULL,
	 "keep the host's identity back; the mission's name and profile go along instead, to prove the label", NULL},
	{0, "no-receipt", PK_OPT_FLAG, &no_receipt, NULL, "keep back who attested the bundles, when and where", NULL},
	{0, "salvage", PK_OPT_FLAG, &salvage, NULL,
	 "of a cut or damaged bundle: what comes before the first gap, marked INCOMPLETE", NULL},
	BUNDLE_OPT_OVERRIDE,
	BUNDLE_OPT_SECOND,
	BUNDLE_OPT_RELEASE,
	{0, "reason", PK_OPT_STR, &reason, "TEXT", "why, for the handover record", NULL},
	{0, "mission", PK_OPT_STR, &mission, "NAME", "a mission's name for the share itself (default: share)", NULL},
	{0, "tlp", PK_OPT_STR, &tlp, "LABEL", "a stricter label than the material has", NULL},
	{0, "rel-to", PK_OPT_STR, &rel_to, "CODES", "fewer nations than the material's label names", NULL},
	{0, "caveats", PK_OPT_STR, &caveats, "WORDS", "further handling words in capitals, with commas", NULL},
	{0, "valid", PK_OPT_STR, &valid, "TIME", "how long the share may be on its way: 12h, 30d (default: 30d)", NULL},
	{'o', "output", PK_OPT_STR, &output, "FILE",
	 "the share; its signature and ticket are written beside it (default: TICKET-BUNDLE.TLP-AMBER.age here)", NULL},
	PK_OPT_PAD(&pad),
	{0, "level", PK_OPT_U64, &level, "N", "how hard to compress, 1 to 19 (default: 2)", NULL},
	{0, "threads", PK_OPT_U64, &threads, "N", "how many threads compress (default: all cores)", NULL},
	BUNDLE_OPT_JSON,
	PK_OPT_END,
};

/* Everything that outlives the share. */
struct job {
	struct pk_roster roster;
	struct pk_strv recipients;
	struct pk_label narrow;
	struct bundle_releases releases;
	struct pk_bundle **bundle;
	size_t bundles;
	uint64_t *leaf;
	struct pk_buf tool;
	int64_t valid_s;
};

static void job_done(struct job *j)
{
	pk_roster_done(&j->roster);
	pk_strv_done(&j->recipients);
	pk_label_done(&j->narrow);
	bundle_releases_done(&j->releases);
	for (size_t i = 0; i < j->bundles; i++)
		pk_bundle_free(j->bundle[i]);
	free(j->bundle);
	free(j->leaf);
	pk_buf_done(&j->tool);
}

static int check_usage(struct job *j, struct pk_err *err)
{
	if (to.n == 0)
		return pk_fail(err, PK_EUSAGE, 0, "who gets it? give --to PARTY, age1... or a file");
	if (!signer)
		return pk_fail(err, PK_EUSAGE, 0, "who shares? give --signer NAME");
	if (paths.n + artifacts.n + hits.n + tables.n + leaves.n == 0)
		return pk_fail(
			err, PK_EUSAGE, 0,
			"what of it? give --path, --artifact, --hit, --table or --leaf (--path '*': everything)");
	if (no_content && no_path)
		return pk_fail(err, PK_EUSAGE, 0, "--no-content and --no-path leave little to share");
	if (level > 19 || threads > 64)
		return pk_fail(err, PK_EUSAGE, 0, "--level is at most 19, --threads at most 64");
	return pk_validity_parse(valid, &j->valid_s, err);
}

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int parse_leaves(struct job *j, struct pk_err *err)
{
	if (!(j->leaf = calloc(leaves.n + 1, sizeof(*j->leaf))))
		return pk_fail_oom(err);
	for (size_t i = 0; i < leaves.n; i++)
		if (!pk_str_u64(pk_str(leaves.v[i]), UINT64_MAX >> 1, &j->leaf[i]) || j->leaf[i] == 0)
			return pk_fail(err, PK_EUSAGE, 0, "--leaf takes a record's number from 1 on, not '%s'",
				       leaves.v[i]);
	qsort(j->leaf, leaves.n, sizeof(*j->leaf), by_number);
	return 0;
}

static int gather_parties(struct job *j, struct pk_err *err)
{
	if (bundle_need_roster(&j->roster, err) < 0)
		return -1;
	for (size_t i = 0; i < to.n; i++)
		if (pk_roster_resolve(&j->roster, to.v[i], &j->recipients, err) < 0)
			return -1;
	pk_strv_uniq(&j->recipients);
	return 0;
}

/* One input: trusted outside, opened, picked from. */
static int add_input(struct job *j, struct pk_share *s, const char *path, struct pk_time now, struct pk_err *err)
{
	const struct pk_share_pick pick = {.paths = paths,
					   .artifacts = artifacts,
					   .hits = hits,
					   .tables = tables,
					   .leaves = j->leaf,
					   .leaves_n = leaves.n,
					   .no_content = no_content,
					   .no_path = no_path,
					   .no_host = no_host,
					   .no_receipt = no_receipt};
	PK_AUTO(pk_outer) outer = {0};
	bool damaged = false;

	if (pk_outer_check(path, &j->roster, now, &outer, err) < 0)
		return -1;
	damaged = outer.status == PK_TRUST_UNSIGNED || outer.status == PK_TRUST_ALTERED;
	if (damaged && !salvage)
		return pk_fail(err, PK_ECRYPTO, 0, "'%s' is not shared: %s: %s%s", path, pk_trust_name(outer.status),
			       outer.why, outer.has_ticket ? "; --salvage takes what its signed notes cover" : "");
	/* an issuer who is revoked by now is pk_share_add's to judge, as of a case, where a receipt may be older than that */
	if (outer.status == PK_TRUST_REVOKED && !(outer.issuer && outer.receipt_holds))
		return pk_fail(err, PK_ECRYPTO, 0, "'%s' is not shared: %s: %s", path, pk_trust_name(outer.status),
			       outer.why);
	if (outer.status != PK_TRUST_OK && !damaged)
		pk_msg_warn("'%s': %s: %s", path, pk_trust_name(outer.status), outer.why);
	if ((damaged ? bundle_open_damaged(path, &j->bundle[j->bundles], err)
		     : bundle_open_bundle(path, &j->bundle[j->bundles], err)) < 0)
		return -1;
	j->bundles++;
	/* import would have kept such a rewrap in quarantine, too */
	if (!damaged && outer.status == PK_TRUST_OK &&
	    pk_bundle_judge_rewraps(j->bundle[j->bundles - 1], &outer, &j->roster, err) < 0)
		return -1;
	if (outer.status == PK_TRUST_UNRELEASED)
		return pk_fail(err, PK_ECRYPTO, 0, "'%s' is not shared: %s: %s", path, pk_trust_name(outer.status),
			       outer.why);
	return pk_share_add(s, j->bundle[j->bundles - 1], damaged ? NULL : &outer, &pick, &pk_msg_events, err);
}

static int load_keys(struct pk_keys *keys, struct pk_keys *second, bool *ret_second, struct pk_err *err)
{
	if (pk_station_keys(signer, bundle_passphrase_fd, &pk_msg_events, keys, err) < 0)
		return -1;
	return bundle_load_second(bundle_passphrase_fd, second, ret_second, err);
}

static int print(const struct pk_share_summary *sum, struct pk_err *err)
{
	PK_AUTO(pk_buf) line = {0};
	struct pk_json j = {.out = &line};

	pk_msg_info("'%s': %llu records and %llu contents of %llu bundles, %s", sum->path.p,
		    (unsigned long long)sum->records, (unsigned long long)sum->contents,
		    (unsigned long long)sum->sources, sum->label.p);
	if (bundle_override && !sum->overridden)
		pk_msg_info("no override was needed, and none is recorded");
	if (!bundle_json)
		return 0;
	pk_json_put_share(&j, sum);
	return pk_json_check(&j, err) < 0 ? -1 : pk_stdout_line(&line, err);
}

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(job) j = {0};
	PK_AUTOPTR(pk_share) s = NULL; /* goes before what it reads from */
	PK_AUTO(pk_keys) keys = {0}, second = {0};
	PK_AUTO(pk_share_summary) sum = {0};
	struct pk_time now = {.sec = pk_time_now().sec};
	struct pk_json tool = {.out = &j.tool};
	bool has_second = false;

	if (pk_crypto_init(err) < 0 || check_usage(&j, err) < 0 || parse_leaves(&j, err) < 0 ||
	    pk_label_set_words(&j.narrow, tlp, rel_to, caveats, err) < 0 || gather_parties(&j, err) < 0 ||
	    bundle_read_releases(&j.roster, now, &j.releases, err) < 0 || pk_share_new(&j.roster, now, &s, err) < 0)
		return -1;
	pk_collect_put_tool(&tool, "picket-bundle", PK_VERSION, NULL, 0, NULL);
	if (pk_json_check(&tool, err) < 0)
		return -1;
	if (!(j.bundle = calloc((size_t)argc, sizeof(*j.bundle))))
		return pk_fail_oom(err);
	for (int i = 0; i < argc; i++)
		if (add_input(&j, s, argv[i], now, err) < 0)
			return bundle_wrong(err);
	if (pk_share_prepare(s, &pk_msg_events, err) < 0)
		return bundle_wrong(err);
	if (load_keys(&keys, &second, &has_second, err) < 0)
		return -1;
	const struct pk_share_params p = {.keys = &keys,
					  .recipients = &j.recipients,
					  .narrow = tlp || rel_to || caveats ? &j.narrow : NULL,
					  .reason = reason,
					  .override_reason = bundle_override,
					  .second = has_second ? &second.sign : NULL,
					  .releases = j.releases.v,
					  .releases_n = j.releases.n,
					  .mission = mission,
					  .valid_s = j.valid_s,
					  .path = output,
					  .tool = pk_buf_str(&j.tool),
					  .pad = pad,
					  .level = (int)level,
					  .threads = (unsigned)threads,
					  .ev = &pk_msg_events};

	if (pk_share_write(s, &p, &sum, err) < 0)
		return bundle_wrong(err);
	pk_msg_progress_done();
	if (print(&sum, err) < 0 || pk_stdout_done(err) < 0)
		return -1;
	return PK_EXIT_OK;
}

const struct pk_verb bundle_share = {
	.name = "share",
	.operands = "BUNDLE...",
	.summary = "seal part of bundles to others, each record with the proof that it was collected",
	.opts = opts,
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};
