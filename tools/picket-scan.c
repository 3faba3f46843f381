/* SPDX-License-Identifier: Apache-2.0 */
/* picket-scan: scans files, trees, processes and sealed bundles with YARA rules. */
#include "scan/scan.h"

#include <picket/io.h>
#include <picket/limits.h>
#include <picket/opt.h>
#include <picket/throttle.h>
#include <picket/time.h>
#include <picket/worker.h>
#include <unistd.h>

#define MAX_ARCHIVE_DEPTH 16
#define LOAD_SECONDS 300u /* for rules, and for indicators */

static struct {
	struct pk_strv rules, ioc, pids, exclude, bundles, identities;
	bool strict, json, strings, network, processes, swapped;
	bool no_cache, paths, lint, profile, nice, archives;
	uint64_t threads, cpu, timeout, max_scan, min_score, archive_depth, archive_max;
	const char *since, *changed, *resume, *explain, *roster;
	int sandbox, partition, color, passphrase_fd;
} o = {.passphrase_fd = -1};

/* With --explain, --profile and --lint there is none. */
static bool scans_more_than_paths(void) { return o.pids.n > 0 || o.processes || o.bundles.n > 0; }

static const char *const sandbox_words[] = {"try", "require", "off", NULL};
static const enum pk_sandbox_need sandbox_needs[] = {PK_SANDBOX_TRY, PK_SANDBOX_REQUIRE, PK_SANDBOX_OFF};

static const char *const partition_words[] = {"auto", "always", "never", NULL};

enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
static const char *const color_words[] = {"auto", "always", "never", NULL};

static bool wants_color(void)
{
	const char *no = getenv("NO_COLOR");

	return o.color == COLOR_ALWAYS || (o.color == COLOR_AUTO && isatty(STDOUT_FILENO) && !(no && *no));
}

static int check_options(int argc, struct pk_err *err)
{
	uint64_t pid;

	if (o.rules.n == 0 && o.ioc.n == 0)
		return pk_fail(err, PK_EUSAGE, 0,
			       "no rules given: use --rules FILE or --rules FOLDER, or --ioc for indicators");
	if (o.min_score > 100)
		return pk_fail(err, PK_EUSAGE, 0, "--min-score takes at most 100");
	if (o.threads > 64)
		return pk_fail(err, PK_EUSAGE, 0, "--threads takes at most 64");
	if (o.cpu && (o.cpu < PK_THROTTLE_MIN || o.cpu > PK_THROTTLE_MAX))
		return pk_fail(err, PK_EUSAGE, 0, "--cpu takes %u to %u percent of one core", PK_THROTTLE_MIN,
			       PK_THROTTLE_MAX);
	if (o.timeout > 86400)
		return pk_fail(err, PK_EUSAGE, 0, "--timeout takes at most 86400 seconds");
	if (o.archive_depth > MAX_ARCHIVE_DEPTH)
		return pk_fail(err, PK_EUSAGE, 0, "--archive-depth takes at most %d", MAX_ARCHIVE_DEPTH);
	if (!o.archives && (o.archive_depth || o.archive_max))
		return pk_fail(err, PK_EUSAGE, 0, "--archive-depth and --archive-max go with --archives");
	if (o.profile && (argc == 0 || o.rules.n == 0))
		return pk_fail(err, PK_EUSAGE, 0, "--profile needs --rules and a PATH");
	if (o.profile && o.cpu)
		return pk_fail(err, PK_EUSAGE, 0, "--profile measures time, which --cpu stretches: give one of them");
	if (o.profile && (o.changed || o.resume || o.lint || o.explain || o.ioc.n > 0 || scans_more_than_paths()))
		return pk_fail(err, PK_EUSAGE, 0, "--profile is about rules and files only");
	if (o.explain && (argc == 0 || o.rules.n == 0))
		return pk_fail(err, PK_EUSAGE, 0, "--explain needs --rules and a FILE");
	if (o.explain && (o.changed || o.resume || o.lint || o.ioc.n > 0 || scans_more_than_paths()))
		return pk_fail(err, PK_EUSAGE, 0, "--explain is about one rule and files only");
	if (o.lint && (argc > 0 || scans_more_than_paths() || o.rules.n == 0))
		return pk_fail(err, PK_EUSAGE, 0, "--lint looks at --rules and scans nothing: give no PATH");
	if (argc == 0 && !scans_more_than_paths() && !o.lint)
		return pk_fail(err, PK_EUSAGE, 0, "nothing to scan: give a PATH, --pid, --processes or --bundle");
	if (o.bundles.n == 0 && (o.identities.n > 0 || o.roster || o.passphrase_fd >= 0))
		return pk_fail(err, PK_EUSAGE, 0, "-i, --passphrase-fd and --roster go with --bundle");
	if (o.changed && o.resume)
		return pk_fail(err, PK_EUSAGE, 0, "--changed goes on with a killed scan too: give it or --resume");
	if ((o.changed || o.resume) && argc == 0 && o.bundles.n == 0)
		return pk_fail(err, PK_EUSAGE, 0, "--changed and --resume are about files: give a PATH or --bundle");
	for (size_t i = 0; i < o.pids.n; i++)
		if (!pk_str_u64(pk_str(o.pids.v[i]), INT32_MAX, &pid) || pid == 0)
			return pk_fail(err, PK_EUSAGE, 0, "--pid '%s': not the number of a process", o.pids.v[i]);
	return 0;
}

static struct bundles bundles_asked_for(void)
{
	return (struct bundles){
		.files = &o.bundles,
		.identities = &o.identities,
		.roster = o.roster,
		.max_scan = o.max_scan ? o.max_scan : PK_SCAN_MAX_DEFAULT,
	};
}

/* More scanners than cores would only wait for each other. */
static size_t scanners(void)
{
	size_t n = o.threads ? (size_t)o.threads : (size_t)pk_cpu_count();

	return o.cpu ? PK_MIN(n, (size_t)(o.cpu + 99) / 100) : n;
}

/* How much longer things may take under --cpu, when all scanners and this process are at work. */
static unsigned patience(void)
{
	return o.cpu ? (unsigned)PK_MAX((100 * (scanners() + 1) + o.cpu - 1) / o.cpu, (uint64_t)1) : 1;
}

static unsigned archive_depth(void) { return o.archive_depth ? (unsigned)o.archive_depth : 3; }

static int scan_paths(const struct pk_rules *rules, struct pk_scanpool *pool, struct pk_slots *slots,
		      struct pk_ioc *ioc, struct host *h, const struct pk_age_identities *ids, int argc, char **argv,
		      struct pk_err *err)
{
	const struct bundles bundles = bundles_asked_for();
	const struct pk_scantree_unpack unpack = {
		.depth = archive_depth(),
		.max_bytes = o.archive_max ? o.archive_max : (uint64_t)4 << 30,
		.max_ns = (o.timeout ? o.timeout : 60) * patience() * UINT64_C(1000000000),
		.sandbox = sandbox_needs[o.sandbox],
	};
	const struct pk_scantree_params tp = {
		.pool = pool,
		.slots = slots,
		.file = host_on_file,
		.leave = host_on_leave,
		.mount = host_on_mount,
		.owner = host_on_owner,
		.group = host_on_group,
		.host = &h->vars,
		.ctx = h,
		.events = &pk_msg_events,
		.ioc = ioc,
		.rules = rules,
		.unpack = o.archives ? &unpack : NULL,
	};
	PK_AUTOPTR(pk_scantree) tree = NULL;

	if (pk_scantree_new(&tp, &tree, err) < 0)
		return -1;
	for (int i = 0; i < argc; i++)
		if (pk_scantree_path(tree, argv[i], err) < 0)
			return -1;
	if (o.bundles.n > 0 && scan_bundles(&bundles, ids, tree, h, err) < 0)
		return -1;
	return pk_scantree_finish(tree, err);
}

/* Where compiled rules are kept; empty when there is no place for them. */
static void put_cache_folder(struct pk_buf *b)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (cache && *cache == '/')
		pk_buf_putf(b, "%s/picket", cache);
	else if (home && *home == '/')
		pk_buf_putf(b, "%s/.cache/picket", home);
}

/* Reads the sets; what they look for in contents joins the rules. */
static int load_indicators(struct report *r, struct pk_rules *rules, struct pk_sha256 *state, struct pk_ioc **ret,
			   struct pk_err *err)
{
	PK_AUTO(pk_ioc_files) files = {0};
	const struct pk_ioc_params p = {.files = &files,
					.sandbox = sandbox_needs[o.sandbox],
					.load_seconds = LOAD_SECONDS * patience(),
					.events = &pk_msg_events};
	const struct pk_ioc_problem *problems = NULL;
	size_t n = 0;

	for (size_t i = 0; i < o.ioc.n; i++)
		if (pk_ioc_files_load(&files, o.ioc.v[i], err) < 0)
			return -1;
	if (o.ioc.n == 0)
		return 0;
	if (pk_ioc_new(&p, ret, err) < 0 || ((o.changed || o.resume) && keep_hash_indicators(&files, state, err) < 0))
		return -1;
	r->ioc = *ret;
	if (report_indicators(r, err) < 0)
		return -1;
	problems = pk_ioc_problems(*ret, &n);
	if (o.strict && pk_ioc_is_incomplete(*ret) && n > 0)
		return pk_fail(err, PK_EUSAGE, 0, "indicators '%.*s': %.*s", PK_STR_ARG(problems[0].set),
			       PK_STR_ARG(problems[0].text));
	if (o.rules.n == 0 && !pk_ioc_seeks(*ret))
		return pk_fail(err, PK_EUSAGE, 0,
			       pk_ioc_needs(*ret) ? "hashes that are known to be good are all that is given: give what "
						    "is to be found, by --ioc or --rules"
						  : "no indicator is left to look for");
	return pk_ioc_rules(*ret, rules, err);
}

/* Compiled as for a scan, since the compiler has the first word; without one rule that compiles there is still what
 * the text says. */
static int lint(const struct pk_rules *rules, struct report *r, struct pk_err *err)
{
	const struct pk_scanpool_params p = {
		.rules = rules, .children = 1, .sandbox = sandbox_needs[o.sandbox], .events = &pk_msg_events};
	PK_AUTOPTR(pk_scanpool) pool = NULL;
	struct pk_err why = {0};
	uint64_t findings = 0;

	if (pk_scanpool_new(&p, &pool, err) < 0)
		return -1;
	r->set = pk_scanpool_rules(pool);
	if (pk_scanpool_ready(pool, &why) < 0 && r->set->problem_count == 0) {
		*err = why;
		return -1;
	}
	if (lint_rules(rules, r, &findings, err) < 0 || pk_stdout_done(err) < 0)
		return -1;
	return findings > 0 ? PK_EXIT_FOUND : PK_EXIT_OK;
}

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(pk_buf) cache = {0};
	PK_AUTO(pk_rules) rules = {0};
	PK_AUTO(pk_slots) slots = {0};
	PK_AUTO(report)
	report = {.started_ns = pk_time_mono_ns(), .json = o.json, .strings = o.strings, .all_paths = o.paths};
	struct selection selection = {.exclude = &o.exclude};
	PK_AUTO(host) h = {.report = &report, .selection = &selection};
	PK_AUTOPTR(pk_ioc) ioc = NULL;
	PK_AUTOPTR(pk_scanpool) pool = NULL;
	PK_AUTOPTR(pk_scanstate) state = NULL;
	PK_AUTOPTR(pk_age_identities) ids = NULL;
	struct pk_sha256 state_id;
	const struct processes processes = {.pids = &o.pids,
					    .all = o.processes,
					    .swapped = o.swapped,
					    .patience = patience(),
					    .max_hash = o.max_scan ? o.max_scan : PK_SCAN_MAX_DEFAULT};
	bool any_process = o.processes || o.pids.n > 0;
	size_t children = scanners();
	struct pk_scanpool_params p = {
		.rules = &rules,
		.slots = &slots,
		.children = children,
		.timeout_seconds = (unsigned)(o.timeout ? o.timeout : 60) * patience(),
		.compile_seconds = LOAD_SECONDS * patience(),
		.max_scan = o.max_scan,
		.strict = o.strict,
		.sandbox = sandbox_needs[o.sandbox],
		.events = &pk_msg_events,
		.partition = (enum pk_scan_partition)o.partition,
	};

	if (check_options(argc, err) < 0 || (o.since && selection_since(&selection, o.since, err) < 0))
		return -1;
	if (o.nice)
		pk_priority_lower();
	if (o.cpu && pk_throttle_start((unsigned)o.cpu, err) < 0)
		return -1;
	report.color = wants_color();
	pk_sha256_init(&state_id);
	if (o.archives) /* what is known of files that were not opened does not do */
		pk_sha256_put(&state_id, "archives", 8);
	report.min_score = o.min_score;
	if (!o.no_cache)
		put_cache_folder(&cache);
	p.cache = cache.n > 0 ? cache.p : NULL;
	for (size_t i = 0; i < o.rules.n; i++)
		if (pk_rules_load_path(&rules, o.rules.v[i], err) < 0)
			return -1;
	if (o.lint)
		return lint(&rules, &report, err);
	if (o.explain || o.profile) {
		if (pk_slots_init(&slots, 4, err) < 0 || host_read(&h, o.network, err) < 0)
			return -1;
		if (o.profile)
			return profile_rules(&rules, &p, &h, argc, argv, err);
		return explain_rule(o.explain, &rules, &p, &h, argc, argv, err);
	}
	if (load_indicators(&report, &rules, &state_id, &ioc, err) < 0) {
		(void)!pk_stdout_done(NULL);
		return -1;
	}
	if (pk_slots_init(&slots,
			  (any_process ? PK_PROCSCAN_SLOTS : 2) * children + 2 + (o.archives ? archive_depth() : 0),
			  err) < 0 ||
	    pk_scanpool_new(&p, &pool, err) < 0)
		return -1;
	/* no child of the above has secrets; what they are opened with is asked for while rules are compiled */
	if (o.bundles.n > 0 &&
	    pk_age_identities_load(&o.identities, false, o.passphrase_fd, &pk_msg_events, &ids, err) < 0)
		return -1;
	report.set = pk_scanpool_rules(pool);
	report.name_bundles = o.bundles.n + (size_t)argc + any_process > 1;
	if (pk_scanpool_ready(pool, err) < 0) {
		if (report_problems(&report, NULL) == 0)
			(void)!pk_stdout_done(NULL);
		return -1;
	}
	if (report_problems(&report, err) < 0 || host_read(&h, o.network, err) < 0)
		return -1;
	if ((o.changed || o.resume) &&
	    keep_open(o.changed ? o.changed : o.resume, o.changed, &rules, &state_id, &report, &state, err) < 0)
		return -1;
	if (any_process && scan_processes(&processes, pool, &slots, ioc, &h, err) < 0)
		return -1;
	if ((argc > 0 || o.bundles.n > 0) && scan_paths(&rules, pool, &slots, ioc, &h, ids, argc, argv, err) < 0)
		return -1;
	pk_msg_progress_done();
	if (report_summary(&report, err) < 0 || pk_stdout_done(err) < 0 ||
	    (state && pk_scanstate_commit(state, err) < 0))
		return -1;
	return report.hits > 0 ? PK_EXIT_FOUND : report_is_complete(&report) ? PK_EXIT_OK : PK_EXIT_PARTIAL;
}

int main(int argc, char **argv)
{
	static const struct pk_opt opts[] = {
		{'r', "rules", PK_OPT_LIST, &o.rules, "FILE|FOLDER",
		 "YARA rules: a file, or all *.yar and *.yara beneath a folder", NULL},
		{0, "ioc", PK_OPT_LIST, &o.ioc, "FILE|FOLDER",
		 "indicators: hashes, names, C2, keywords, STIX or MISP JSON", NULL},
		{0, "min-score", PK_OPT_U64, &o.min_score, "N",
		 "tell hits only of files that score N (of 100) or more; the others are counted", NULL},
		{0, "strict", PK_OPT_FLAG, &o.strict, NULL,
		 "scan nothing when any file of rules or indicators is broken", NULL},
		{'p', "threads", PK_OPT_U64, &o.threads, "N", "scanners that run at once (default: one a core)", NULL},
		{0, "cpu", PK_OPT_U64, &o.cpu, "PERCENT",
		 "take at most this much of one core, all processes of the scan together: 50 is half a core, 200 two",
		 NULL},
		{0, "nice", PK_OPT_FLAG, &o.nice, NULL, "take processor and disk only when nobody else wants them",
		 NULL},
		{'a', "timeout", PK_OPT_U64, &o.timeout, "SECONDS", "give up on a file after this long (default: 60)",
		 NULL},
		{'z', "max-scan", PK_OPT_SIZE, &o.max_scan, "SIZE", "skip larger files (default: 1G)", NULL},
		{0, "exclude", PK_OPT_LIST, &o.exclude, "PATTERN",
		 "leave out files and folders of this name, or with a slash in it this path", NULL},
		{0, "since", PK_OPT_STR, &o.since, "TIME",
		 "scan files only that were modified or changed since: a date, a time (RFC 3339) or so long ago (7d)",
		 NULL},
		{0, "changed", PK_OPT_STR, &o.changed, "STATE",
		 "scan files only that changed since the scan that left this file, and tell its hits of the others",
		 NULL},
		{0, "resume", PK_OPT_STR, &o.resume, "STATE", "go on with a scan with this option that was killed",
		 NULL},
		{0, "archives", PK_OPT_FLAG, &o.archives, NULL,
		 "look into archives and compressed files: zip, tar, gz, xz, zstd, bz2, 7z, cpio, ar, rpm", NULL},
		{0, "archive-depth", PK_OPT_U64, &o.archive_depth, "N", "archives in each other (default: 3)", NULL},
		{0, "archive-max", PK_OPT_SIZE, &o.archive_max, "SIZE",
		 "take at most this much out of one file (default: 4G)", NULL},
		{0, "pid", PK_OPT_LIST, &o.pids, "PID",
		 "scan this process: its memory, and with --ioc its program, arguments and connections", NULL},
		{0, "processes", PK_OPT_FLAG, &o.processes, NULL, "the same of all processes", NULL},
		{0, "swapped", PK_OPT_FLAG, &o.swapped, NULL,
		 "read memory that is swapped out too, which brings it back into the process", NULL},
		{0, "bundle", PK_OPT_LIST, &o.bundles, "BUNDLE",
		 "scan what is in this sealed bundle, as it would be where it was collected", NULL},
		{'i', "identity", PK_OPT_LIST, &o.identities, "FILE",
		 "with --bundle: a file of identities, or - for standard input", NULL},
		{0, "passphrase-fd", PK_OPT_FD, &o.passphrase_fd, "N",
		 "with --bundle: read passphrases from descriptor N, one a line", NULL},
		{0, "roster", PK_OPT_STR, &o.roster, "FILE",
		 "with --bundle: who may sign (default: the station's roster)", NULL},
		{0, "network", PK_OPT_FLAG, &o.network, NULL, "go into network file systems too", NULL},
		{'s', "strings", PK_OPT_FLAG, &o.strings, NULL, "print the matched strings too", NULL},
		{0, "color", PK_OPT_CHOICE, &o.color, "WHEN", "colour in text (default: auto, on terminals)",
		 color_words},
		{0, "json", PK_OPT_FLAG, &o.json, NULL, "print JSON Lines", NULL},
		{0, "explain", PK_OPT_STR, &o.explain, "RULE",
		 "say why this rule hits a file or not: its strings, the parts of its condition", NULL},
		{0, "profile", PK_OPT_FLAG, &o.profile, NULL,
		 "say what files of rules cost on these files, and the single rules of the dearest", NULL},
		{0, "lint", PK_OPT_FLAG, &o.lint, NULL,
		 "scan nothing; say what authors of the rules may want to do better", NULL},
		{0, "paths", PK_OPT_FLAG, &o.paths, NULL,
		 "with --json, print an object for every path: scanned, skipped or failed", NULL},
		{0, "no-cache", PK_OPT_FLAG, &o.no_cache, NULL,
		 "neither keep compiled rules for the next run nor use those of earlier ones", NULL},
		{0, "partition", PK_OPT_CHOICE, &o.partition, "WHEN",
		 "when to leave out rules that cannot hit a file (default: auto)", partition_words},
		{0, "sandbox", PK_OPT_CHOICE, &o.sandbox, "NEED", "whether scanners must be confined (default: try)",
		 sandbox_words},
		PK_OPT_END,
	};
	static const struct pk_opt common[] = {PK_COMMON_OPTS, PK_OPT_END};
	static const struct pk_verb verbs[] = {
		{NULL, "[PATH...]", "scan files, folders, processes and bundles", opts, 0, -1, run},
		{0},
	};
	static const struct pk_tool tool = {
		.name = "picket-scan",
		.summary = "scan files, folders, processes and bundles with YARA rules and indicators",
		.verbs = verbs,
		.common = common,
	};

	return pk_tool_main(&tool, argc, argv);
}
