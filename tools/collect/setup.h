/* SPDX-License-Identifier: Apache-2.0 */
/** picket-collect's inputs: the mission of a kit, or the same from options. */
#ifndef PICKET_TOOLS_COLLECT_SETUP_H
#define PICKET_TOOLS_COLLECT_SETUP_H

#include <picket/collect.h>
#include <picket/kit.h>
#include <picket/mission.h>

/** What the command line said. */
struct collect_opts {
	const char *root, *profile, *mission, *signer, *ticket, *tlp, *rel_to, *originator, *caveats, *out, *roster,
		*list;
	struct pk_strv artefacts, definitions, rules, ioc, to, tables;
	bool no_signature; /* --unsigned */
	bool plan, coverage, no_live, no_walk, walk, no_scan, strict, network, nice, pad, json;
	uint64_t max_file, max_total, max_scan, threads, level, globstar;
	int sandbox, passphrase_fd; /* -1: not given */
};
extern struct collect_opts collect_opts;

/** Everything a run needs, in the order it must come to be: rules and zygote before secrets and threads. */
struct setup {
	int self_fd;
	bool is_kit;
	struct pk_kit kit;
	uint8_t self_sha256[32];
	struct pk_mission mission;
	struct pk_rules rules;
	struct pk_ioc_files ioc_files;
	struct pk_ioc *ioc; /* or NULL */
	struct pk_definitions definitions;
	struct pk_limits limits;
	struct pk_plan plan;
	struct pk_root root;
	struct pk_facts facts;
	struct pk_mounts mounts;
	struct pk_slots slots;
	struct pk_scanpool *pool;
	struct pk_age_recipients to;
	struct pk_ticket_kit ticket;
	bool has_ticket;
	struct pk_terms terms;
	struct pk_buf terms_text, label_json, tool_json;
};
void setup_done(struct setup *s);
/** The executable itself: is it a kit, is it whole, which mission. */
PK_NODISCARD int setup_self(struct setup *s, struct pk_err *err);
/** Without a kit: the mission that the options describe (names and readers; keys come in setup_trust). */
PK_NODISCARD int setup_mission(struct setup *s, struct pk_err *err);
/** Definitions, limits, root, facts, mounts, plan. */
PK_NODISCARD int setup_plan(struct setup *s, struct pk_err *err);
/** Rules, slots and the zygote. */
PK_NODISCARD int setup_scan(struct setup *s, struct pk_err *err);
/** indicators.c: a file of a kit, for pk_kit_each; then all sets, which join the rules. */
PK_NODISCARD int setup_kit_indicators(void *ctx, struct pk_str name, struct pk_str data, struct pk_err *err);
PK_NODISCARD int setup_indicators(struct setup *s, struct pk_err *err);
/** Recipients, terms, ticket. Secrets are in memory from here on. */
PK_NODISCARD int setup_trust(struct setup *s, struct pk_err *err);
/** Rules that were given here and leave nothing to scan with are an error, for whoever gave them to mend; in a kit they
 * are not, its collection goes on. With --strict any that is broken is. */
PK_NODISCARD int setup_rules(struct setup *s, struct pk_err *err);
/** Fills what pk_collect_run takes. */
PK_NODISCARD int setup_params(struct setup *s, int argc, char **argv, struct pk_collect_params *ret,
			      struct pk_err *err);

/* show.c: what --plan, --coverage and --list print; exit codes */
int show_plan(struct setup *s, struct pk_err *err);
int show_coverage(struct setup *s, struct pk_err *err);
int show_list(const char *what, struct pk_err *err);
/** "1.4 GiB" */
void put_size(struct pk_buf *b, uint64_t bytes);

#endif
