/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of picket-scan share. */
#ifndef PICKET_TOOLS_SCAN_H
#define PICKET_TOOLS_SCAN_H

#include <picket/bundle.h>
#include <picket/facts.h>
#include <picket/live.h>
#include <picket/mount.h>
#include <picket/procscan.h>
#include <picket/scanstate.h>

#define MAX_REASONS 24

/** Counts by the word that says why. */
struct reasons {
	const char *why[MAX_REASONS];
	uint64_t count[MAX_REASONS];
	size_t n;
};
void reasons_add(struct reasons *r, const char *why);

/** The bundle that a file is out of, and what is recorded of it: tag of a pk_scantree_file. */
struct recorded;

struct report {
	bool json, strings, all_paths, color;
	uint64_t min_score; /* of a file: below it its hits are counted only */
	const struct pk_ruleset *set;
	const struct pk_ioc *ioc;     /* or NULL */
	const struct pk_facts *names; /* of owners and groups */
	struct pk_scanstate *state;   /* or NULL */
	const struct pk_time *seen;   /* when what is being told was found, if not now */
	uint64_t started_ns;
	uint64_t unchanged; /* of the skipped: those that the state knows */
	uint64_t members;   /* of the scanned: in archives */
	uint64_t again;     /* of the scanned: with the content of another path, which was scanned for both */
	uint64_t scanned, bytes, hits, files_hit, skipped, failed, not_evaluated;
	uint64_t suppressed; /* hits that are not told: see struct judgement */
	uint64_t incomplete; /* of the skipped: those that keep the scan from being complete; processes read in part */
	bool with_processes; /* any were asked for */
	uint64_t processes, processes_hit, memory_bytes;
	bool name_bundles; /* in text, before paths: there is more than one thing to scan */
	uint64_t bundles, untrusted;
	struct reasons skipped_by, failed_by, suppressed_by;
	struct pk_buf out;
};
/** For pk_scantree_params.file. */
int report_file(void *ctx, const struct pk_scantree_file *file, struct pk_err *err);
/** Broken files of rules: warnings, and objects. */
PK_NODISCARD int report_problems(struct report *r, struct pk_err *err);
PK_NODISCARD int report_summary(struct report *r, struct pk_err *err);
bool report_is_complete(const struct report *r);
void report_done(struct report *r);
/** What of the sets is not used: warnings, and objects. */
PK_NODISCARD int report_indicators(struct report *r, struct pk_err *err);
/** Something of a live table could not be compared with indicators. */
void report_not_compared(struct report *r, const char *table, const char *why);

struct judgement {
	int32_t total;    /* 0 to 100 */
	uint64_t hits;    /* rules of negative score and known-good hashes are none */
	const char *why;  /* the hits are not told: "known-good", "false-positive", "score"; else NULL */
	struct pk_str by; /* the set or rule that says so, or empty */
};

/* --- hits.c: one hit, as text or as an object --------------------------------------------------------- */

void report_rule_hit(struct report *r, const struct pk_scantree_file *f, const struct pk_scan_hit *h,
		     const struct judgement *judged);
void report_ioc_hit(struct report *r, const struct pk_scantree_file *f, const struct pk_ioc_hit *h,
		    const struct judgement *judged);
/** "RULE NAME" and a line end; the rule in the colour of its level. */
void report_hit_line(struct report *r, const char *rule, struct pk_str name, const struct judgement *judged);
/** "SET:LINE: INDICATOR" and a line end, escaped. */
void report_indicator(struct report *r, const struct pk_ioc_hit *h);
/** "0xOFFSET:$STRING: EXCERPT", escaped, without line end. */
void report_match(struct report *r, const struct pk_rule_info *rule, const struct pk_scan_match *m);
/** Behind the last match: a line that says so when there are more than a hit keeps. */
void report_matches_end(struct report *r, const struct pk_scan_hit *h);

/* --- select.c: what is scanned of what is there --------------------------------------------------------- */

#define PK_LEFT_EXCLUDED "excluded"
#define PK_LEFT_OLDER "older"
#define PK_LEFT_UNCHANGED "unchanged"

struct selection {
	const struct pk_strv *exclude; /* patterns */
	bool has_since;
	struct pk_time since;
};
/** Reads --since: a moment (RFC 3339) or how long ago. */
PK_NODISCARD int selection_since(struct selection *s, const char *text, struct pk_err *err);
/** NULL to scan it; else why not. */
const char *selection_leaves(const struct selection *s, struct pk_str path, struct pk_str absolute,
			     const struct stat *st);

/* --- keep.c: from one scan to the next ------------------------------------------------------------------ */

/** Puts the contents of sets of indicators into a hash. */
PK_NODISCARD int keep_hash_indicators(const struct pk_ioc_files *files, struct pk_sha256 *h, struct pk_err *err);
/** Opens a state that is valid for these rules, and for what went into the hash. The report knows it from then on. */
PK_NODISCARD int keep_open(const char *path, bool changed, const struct pk_rules *rules, struct pk_sha256 *h,
			   struct report *r, struct pk_scanstate **ret, struct pk_err *err);
/** NULL to scan a file; else why not. */
const char *keep_leaves(const struct report *r, struct pk_str path, const struct stat *st);
/** The same of a file out of a bundle. */
const char *keep_leaves_recorded(const struct report *r, const struct recorded *p);
/** Keeps what became of a file, where it can be. */
void keep_put(struct report *r, const struct pk_scantree_file *f);
/** Tells the hits that an unchanged file had, and keeps them. */
PK_NODISCARD int keep_report(struct report *r, const struct pk_scantree_file *f, struct pk_err *err);

/* --- lint.c ------------------------------------------------------------------------------------------- */

/** Prints what is to be said of the rules, compiled as r->set or not. */
PK_NODISCARD int lint_rules(const struct pk_rules *rules, struct report *r, uint64_t *ret_findings, struct pk_err *err);

/* --- judge.c ------------------------------------------------------------------------------------------ */

PK_NODISCARD int judge(const struct report *r, const struct pk_scantree_file *f, struct judgement *ret,
		       struct pk_err *err);
/** The score of one hit; what has none of its own gets PK_SCORE_DEFAULT. */
int32_t judge_rule(const struct report *r, const struct pk_scan_hit *h);
int32_t judge_ioc(const struct pk_ioc_hit *h);

/* --- host.c ------------------------------------------------------------------------------------------- */

struct host {
	struct report *report;
	const struct selection *selection;
	struct explaining *explaining;   /* of explain.c, or NULL */
	struct counts *counts;           /* of profile.c, or NULL */
	const struct prociocs *prociocs; /* of processes, or NULL */
	struct pk_mounts mounts;
	struct pk_facts facts;
	struct pk_scan_hostvars vars;
};
PK_NODISCARD int host_read(struct host *h, bool network, struct pk_err *err);
void host_done(struct host *h);
/* For the callbacks of scans; ctx is the host. */
int host_on_file(void *ctx, const struct pk_scantree_file *file, struct pk_err *err);
const char *host_on_leave(void *ctx, struct pk_str path, struct pk_str absolute, const struct stat *st);
const char *host_on_mount(void *ctx, struct pk_str absolute);
const char *host_on_owner(void *ctx, uint32_t uid);
const char *host_on_group(void *ctx, uint32_t gid);

/* --- explain.c ---------------------------------------------------------------------------------------- */

/** Prints, for each file, why a rule hits it or not. Exit code, or -1. */
PK_NODISCARD int explain_rule(const char *rule, const struct pk_rules *rules, const struct pk_scanpool_params *params,
			      struct host *h, int argc, char **argv, struct pk_err *err);

/* --- profile.c ---------------------------------------------------------------------------------------- */

/** Prints what files of rules and their rules cost on the files given. Exit code, or -1. */
PK_NODISCARD int profile_rules(const struct pk_rules *rules, const struct pk_scanpool_params *params, struct host *h,
			       int argc, char **argv, struct pk_err *err);

/* --- procioc.c ---------------------------------------------------------------------------------------- */

/** Which connection it was; addresses are "" where there are none. */
struct prociocs_socket {
	char local_address[48], remote_address[48], state[16];
	uint64_t local_port, remote_port;
};
/** Where a hit was: in a column (the hit's `where`) of a live table. */
struct prociocs_place {
	const char *table;
	struct prociocs_socket socket; /* of process_open_sockets */
};
/** What indicators found in the live tables of one process. */
struct prociocs_of {
	uint64_t pid, start_ticks; /* 0: unknown */
	bool has_row;              /* in the table of processes, from which these are: */
	uint32_t uid;
	char *exe, *name; /* or NULL */
	struct pk_ioc_hits hits;
	struct prociocs_place *place; /* of each hit */
	size_t place_cap;
	const char *why; /* not compared, or not with everything: why; else NULL */
};
struct prociocs {
	struct prociocs_of *v; /* by pid */
	size_t n;
};
/** Compares the processes that `live` is about. What could not be read is told. */
PK_NODISCARD int prociocs_read(struct prociocs *x, const struct pk_live_ctx *live, struct pk_ioc *ioc, struct report *r,
			       struct pk_err *err);
void prociocs_done(struct prociocs *x);
const struct prociocs_of *prociocs_of(const struct prociocs *x, uint64_t pid); /* or NULL */
/** A hit of the executable's path or content: of a file, not of what its process does. */
bool prociocs_is_of_file(const struct prociocs_of *p, size_t hit);

/* --- procreport.c ------------------------------------------------------------------------------------- */

/** For pk_procscan_params.process; ctx is the host. */
int report_process(void *ctx, const struct pk_procscan_process *p, struct pk_err *err);

/* --- processes.c -------------------------------------------------------------------------------------- */

struct processes {
	const struct pk_strv *pids; /* as on the command line */
	bool all;                   /* every process of this host */
	bool swapped;
	uint64_t max_hash; /* larger executables are not hashed for indicators */
	unsigned patience; /* how many times longer than usual a process may block */
};
/** Compares processes with indicators (`ioc` may be NULL), and scans their memory. */
PK_NODISCARD int scan_processes(const struct processes *what, struct pk_scanpool *pool, struct pk_slots *slots,
				struct pk_ioc *ioc, struct host *h, struct pk_err *err);

/* --- recorded.c: paths out of a bundle's records ------------------------------------------------------- */

/** One bundle, or one of those that a share is part of. */
struct origin {
	uint8_t id[16];
	const char *file; /* as given */
	char *hostname, *timezone, *language;
	struct pk_scan_hostvars vars;
};
struct recorded {
	const struct origin *of;
	char *path, *user, *group, *why; /* or NULL */
	struct stat st;
	struct pk_scan_meta meta;
	enum pk_outcome outcome;
	uint64_t leaf; /* of its content, or PK_LEAF_NONE */
	bool has_sha256;
	uint8_t sha256[PK_SHA256_SIZE]; /* of all of its content */
	bool is_table;                  /* a piece of a live table */
	bool is_told;                   /* in the second pass */
	bool is_bare;                   /* its name is its content's, not that of a record of a path */
	size_t order;
};
void origin_done(struct origin *o);
/** Reads record 0; an empty one leaves everything unknown. */
PK_NODISCARD int origin_read(struct origin *o, struct pk_str first_record, struct pk_err *err);
void recorded_done(struct recorded *x);
/** Reads an 'm' record. */
PK_NODISCARD int recorded_read(struct recorded *x, const struct pk_record *r, struct pk_err *err);
/** What a path without content comes to; NULL: nothing, as for a folder or what is not there. */
const char *recorded_outcome(const struct recorded *x, enum pk_scan_verdict *ret);

/* --- bundle.c ----------------------------------------------------------------------------------------- */

struct bundles {
	const struct pk_strv *files, *identities; /* as on the command line */
	const char *roster;
	uint64_t max_scan;
};
/** Scans what is in sealed bundles. One that cannot be opened is an outcome. */
PK_NODISCARD int scan_bundles(const struct bundles *what, const struct pk_age_identities *ids, struct pk_scantree *tree,
			      struct host *h, struct pk_err *err);

/** Judges and prints all hits of a file. */
PK_NODISCARD int report_hits(struct report *r, const struct pk_scantree_file *f, struct pk_err *err);
/** The path as people see it, unescaped. */
void report_put_name(const struct report *r, struct pk_buf *b, const struct pk_scantree_file *f);
/** The path, and where it is out of a bundle that one's id, into an object. */
void report_put_path(struct pk_json *j, const struct pk_scantree_file *f);
/* of report.c, for it: begin and end an object in r->out, give r->out to standard output */
void report_begin(struct pk_json *j, const char *type);
void report_end(struct pk_json *j);
PK_NODISCARD int report_flush(struct report *r, struct pk_err *err);
/** By design nothing to scan was there. */
bool report_is_harmless(const char *why);
/** Hits that are judged not to be told. */
void report_suppressed(struct report *r, const struct pk_scantree_file *f, const struct judgement *judged);

#endif
