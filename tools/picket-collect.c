/* SPDX-License-Identifier: Apache-2.0 */
/* picket-collect: from a live host or a mounted root straight into a sealed bundle. */
#include "collect/setup.h"

#include <picket/live.h>
#include <picket/opt.h>
#include <picket/sandbox.h>
#include <picket/throttle.h>

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct collect_opts collect_opts = {.passphrase_fd = -1};

static void set_output(struct pk_collect_params *p)
{
	struct stat st;

	if (!collect_opts.out)
		p->seal.dir = ".";
	else if (stat(collect_opts.out, &st) == 0 && S_ISDIR(st.st_mode))
		p->seal.dir = collect_opts.out;
	else
		p->seal.path = collect_opts.out;
}

static void print_json(const struct pk_collect_summary *s)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_json j = {.out = &b};

	pk_json_begin(&j, '{');
	pk_json_kz(&j, "type", "summary");
	pk_json_kint(&j, "v", 1);
	pk_json_kbytes(&j, "path", pk_str(s->path));
	pk_json_khex(&j, "bundle", s->seal.bundle_id, 16);
	pk_json_khex(&j, "root", s->seal.root, 32);
	for (int o = 0; o < (int)PK_LEN(s->outcomes); o++)
		pk_json_kuint(&j, pk_outcome_name((enum pk_outcome)o), s->outcomes[o]);
	pk_json_kuint(&j, "contents", s->contents);
	pk_json_kuint(&j, "bytes", s->content_bytes);
	pk_json_kuint(&j, "sealed_bytes", s->seal.sealed_bytes);
	pk_json_kuint(&j, "tables", s->tables);
	pk_json_kuint(&j, "rows", s->rows);
	pk_json_kuint(&j, "tables_failed", s->tables_failed);
	pk_json_kuint(&j, "scanned", s->scanned);
	pk_json_kuint(&j, "scan_skipped", s->scan_skipped);
	pk_json_kuint(&j, "scan_failed", s->scan_failed);
	pk_json_kuint(&j, "hits", s->hits);
	pk_json_kuint(&j, "not_compared", s->not_compared);
	pk_json_kuint(&j, "rules_missing", s->rules_missing);
	pk_json_kbool(&j, "is_partial", pk_collect_is_partial(s));
	pk_json_end(&j, '}');
	if (!b.oom)
		puts(b.p);
}

static void print_summary(const struct setup *s, const struct pk_collect_summary *sum)
{
	PK_AUTO(pk_buf) content = {0};
	PK_AUTO(pk_buf) sealed = {0};

	put_size(&content, sum->content_bytes);
	put_size(&sealed, sum->seal.sealed_bytes);
	if (content.oom || sealed.oom)
		return;
	pk_msg_info("%llu paths recorded; content of %llu files, %s; %llu rows of %llu live tables",
		    (unsigned long long)(sum->outcomes[PK_TAKEN] + sum->outcomes[PK_PARTIAL] +
					 sum->outcomes[PK_METADATA] + sum->outcomes[PK_SKIPPED] +
					 sum->outcomes[PK_DENIED] + sum->outcomes[PK_FAILED]),
		    (unsigned long long)sum->contents, content.p, (unsigned long long)sum->rows,
		    (unsigned long long)sum->tables);
	pk_msg_info("not there: %llu; partly: %llu; skipped: %llu; denied: %llu; vanished: %llu; failed: %llu",
		    (unsigned long long)sum->outcomes[PK_ABSENT], (unsigned long long)sum->outcomes[PK_PARTIAL],
		    (unsigned long long)sum->outcomes[PK_SKIPPED], (unsigned long long)sum->outcomes[PK_DENIED],
		    (unsigned long long)sum->outcomes[PK_VANISHED], (unsigned long long)sum->outcomes[PK_FAILED]);
	if (s->pool)
		pk_msg_info("scanned %llu contents: %llu hits; not scanned: %llu; failed: %llu",
			    (unsigned long long)sum->scanned, (unsigned long long)sum->hits,
			    (unsigned long long)sum->scan_skipped, (unsigned long long)sum->scan_failed);
	pk_msg_info("sealed: %s (%s)%s", sum->path, sealed.p,
		    s->has_ticket ? ", with its signature and ticket beside it" : ", UNSIGNED");
	if (pk_collect_is_partial(sum))
		pk_msg_info("some things could not be read; each is in the bundle with its reason%s",
			    geteuid() ? " (root reads more)" : "");
}

static volatile sig_atomic_t asked_to_stop;

static void on_stop(int sig) { asked_to_stop = sig; }

/* The first of each asks, a second one ends it at once; what was ignored (nohup) stays so. */
static void listen_for_stop(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

	for (size_t i = 0; i < PK_LEN(signals); i++) {
		struct sigaction sa = {.sa_handler = on_stop, .sa_flags = SA_RESTART | (int)SA_RESETHAND}, old;

		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			(void)sigaction(signals[i], &sa, NULL);
	}
}

static int collect(struct setup *s, int argc, char **argv, struct pk_err *err)
{
	struct pk_collect_summary sum = {0};
	struct pk_collect_params p;
	int code = PK_EXIT_OK;

	if (setup_scan(s, err) < 0 || setup_trust(s, err) < 0 || setup_rules(s, err) < 0 ||
	    setup_params(s, argc, argv, &p, err) < 0)
		return -1;
	set_output(&p);
	p.stop = &asked_to_stop;
	listen_for_stop();
	if (geteuid() != 0 && s->root.is_host)
		pk_msg_warn("not root: much of this host cannot be read");
	if (pk_collect_run(&p, &sum, err) < 0) {
		pk_msg_progress_done();
		return -1;
	}
	pk_msg_progress_done();
	print_summary(s, &sum);
	if (collect_opts.json)
		print_json(&sum);
	else if (!isatty(STDOUT_FILENO))
		printf("%s\n", sum.path);
	if (pk_stdout_done(err) < 0)
		code = -1;
	else if (pk_collect_is_partial(&sum))
		code = PK_EXIT_PARTIAL;
	pk_collect_summary_done(&sum);
	return code;
}

static char **full_argv;
static int full_argc;

static int check_tables(struct pk_err *err)
{
	for (size_t i = 0; i < collect_opts.tables.n; i++) {
		size_t k = 0;

		while (pk_live_tables[k] && strcmp(pk_live_tables[k]->name, collect_opts.tables.v[i]) != 0)
			k++;
		if (!pk_live_tables[k])
			return pk_fail(err, PK_EUSAGE, 0,
				       "no live table is called '%s' (--list tables prints all names)",
				       collect_opts.tables.v[i]);
	}
	return 0;
}

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(setup) s = {.self_fd = -1};

	(void)argc, (void)argv;
	if (collect_opts.list)
		return show_list(collect_opts.list, err);
	if (collect_opts.plan && collect_opts.json)
		return pk_fail(err, PK_EUSAGE, 0,
			       "--plan is for people: --json goes with a collection, --coverage and --list");
	if (collect_opts.nice)
		pk_priority_lower();
	if (check_tables(err) < 0 || setup_self(&s, err) < 0 || (!s.is_kit && setup_mission(&s, err) < 0) ||
	    setup_plan(&s, err) < 0)
		return -1;
	if (collect_opts.plan)
		return show_plan(&s, err);
	if (collect_opts.coverage)
		return show_coverage(&s, err);
	return collect(&s, full_argc, full_argv, err);
}

int main(int argc, char **argv)
{
	static const char *const sandbox_words[] = {"try", "require", "off", NULL};
	static const struct pk_opt opts[] = {
		{0, "plan", PK_OPT_FLAG, &collect_opts.plan, NULL,
		 "say in plain words what would be read and who can open it, and stop", NULL},
		{'o', "output", PK_OPT_STR, &collect_opts.out, "PATH",
		 "bundle to write, or a folder for one with an opaque name (default: here)", NULL},
		{0, "root", PK_OPT_STR, &collect_opts.root, "DIR", "collect from a mounted image instead of this host",
		 NULL},
		{0, "profile", PK_OPT_STR, &collect_opts.profile, "NAME",
		 "triage (default), minimal, full, or a group's name", NULL},
		{'a', "artifact", PK_OPT_LIST, &collect_opts.artefacts, "NAME",
		 "collect this artefact (alone: no profile)", NULL},
		{0, "definitions", PK_OPT_LIST, &collect_opts.definitions, "PATH",
		 "more artefact definitions, a YAML file or a folder of them", NULL},
		{0, "rules", PK_OPT_LIST, &collect_opts.rules, "PATH", "scan with these YARA rules, a file or a folder",
		 NULL},
		{0, "ioc", PK_OPT_LIST, &collect_opts.ioc, "PATH",
		 "compare with these indicator sets (hashes, names, C2, keywords, STIX or MISP JSON)", NULL},
		{0, "strict", PK_OPT_FLAG, &collect_opts.strict, NULL,
		 "refuse to start when a file of rules or indicators is broken", NULL},
		{0, "to", PK_OPT_LIST, &collect_opts.to, "READER", "a roster name, an age recipient or a file of them",
		 NULL},
		{0, "signer", PK_OPT_STR, &collect_opts.signer, "NAME",
		 "issue a ticket on the spot with this party's key", NULL},
		{0, "ticket", PK_OPT_STR, &collect_opts.ticket, "STEM",
		 "sign with a ticket made ahead by picket-key ticket", NULL},
		{0, "unsigned", PK_OPT_FLAG, &collect_opts.no_signature, NULL,
		 "do not sign; imports will quarantine it", NULL},
		{0, "mission", PK_OPT_STR, &collect_opts.mission, "NAME", "name of the mission, sealed in the terms",
		 NULL},
		{0, "tlp", PK_OPT_STR, &collect_opts.tlp, "LABEL", "CLEAR, GREEN, AMBER, AMBER+STRICT or RED", NULL},
		{0, "rel-to", PK_OPT_STR, &collect_opts.rel_to, "NATIONS", "ISO 3166 alpha-3 codes: USA,JPN,PHL", NULL},
		{0, "originator", PK_OPT_STR, &collect_opts.originator, "NAME",
		 "whose material it is (default: the issuer)", NULL},
		{0, "caveats", PK_OPT_STR, &collect_opts.caveats, "WORDS",
		 "further handling words in capitals, with commas", NULL},
		{0, "roster", PK_OPT_STR, &collect_opts.roster, "FILE", "roster of this station", NULL},
		{0, "passphrase-fd", PK_OPT_FD, &collect_opts.passphrase_fd, "N", "read passphrases from descriptor N",
		 NULL},
		{0, "max-file", PK_OPT_SIZE, &collect_opts.max_file, "SIZE",
		 "take at most the first SIZE bytes of a file", NULL},
		{0, "max-total", PK_OPT_SIZE, &collect_opts.max_total, "SIZE", "take at most SIZE bytes of content",
		 NULL},
		{0, "max-scan", PK_OPT_SIZE, &collect_opts.max_scan, "SIZE", "do not scan larger contents (recorded)",
		 NULL},
		{0, "globstar-default", PK_OPT_U64, &collect_opts.globstar, "N", "depth of a bare ** (default 10)",
		 NULL},
		{0, "table", PK_OPT_LIST, &collect_opts.tables, "NAME", "read this live table only", NULL},
		{0, "no-live", PK_OPT_FLAG, &collect_opts.no_live, NULL, "leave out live tables", NULL},
		{0, "walk", PK_OPT_FLAG, &collect_opts.walk, NULL,
		 "record the metadata of every path, whatever the profile", NULL},
		{0, "no-walk", PK_OPT_FLAG, &collect_opts.no_walk, NULL, "leave out the metadata walk", NULL},
		{0, "no-scan", PK_OPT_FLAG, &collect_opts.no_scan, NULL, "leave out scanning", NULL},
		{0, "network", PK_OPT_FLAG, &collect_opts.network, NULL, "go into network file systems too", NULL},
		PK_OPT_PAD(&collect_opts.pad),
		{0, "threads", PK_OPT_U64, &collect_opts.threads, "N", "use N cores (default: all)", NULL},
		{0, "nice", PK_OPT_FLAG, &collect_opts.nice, NULL,
		 "take processor and disk only when nobody else wants them", NULL},
		{0, "level", PK_OPT_U64, &collect_opts.level, "N", "zstd level (default 2)", NULL},
		{0, "sandbox", PK_OPT_CHOICE, &collect_opts.sandbox, "WORD",
		 "whether the scanners must be confined (default: try)", sandbox_words},
		{0, "coverage", PK_OPT_FLAG, &collect_opts.coverage, NULL,
		 "say item by item what this run would cover of what is expected on Linux, and stop", NULL},
		{0, "list", PK_OPT_STR, &collect_opts.list, "WHAT", "list artifacts, profiles or tables, and stop",
		 NULL},
		{0, "json", PK_OPT_FLAG, &collect_opts.json, NULL,
		 "print JSON Lines: the summary, or what --coverage and --list say", NULL},
		PK_OPT_END,
	};
	static const struct pk_opt common[] = {PK_COMMON_OPTS, PK_OPT_END};
	static const struct pk_verb verbs[] = {
		{.summary = "collect triage artefacts into a sealed bundle", .opts = opts, .run = run},
		{0},
	};
	static const struct pk_tool tool = {
		.name = "picket-collect",
		.summary = "collect triage artefacts into a sealed bundle",
		.verbs = verbs,
		.common = common,
	};

	full_argc = argc;
	full_argv = argv;
	return pk_tool_main(&tool, argc, argv);
}
