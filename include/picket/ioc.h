/* SPDX-License-Identifier: Apache-2.0 */
/** Indicator sets (IOCs): hashes, file names, addresses, domains, URLs, keywords, command lines.
 *
 * pk_ioc_new forks one process, which parses the sets and compiles their regular expressions under the sandbox
 * (sets come from others: they are hostile input) and from then on compares texts with them: paths, and rows of
 * live tables. What is to be found in contents comes back as YARA rules for the scan pool (pk_ioc_rules), which
 * looks for it in its one pass; hashes are looked up by the caller's process in a sorted table. So no content is
 * read a second time for an indicator's sake.
 *
 * Formats, told apart by a word in the file's name, else by what is in it (docs/man/picket-scan.mdoc has all of it):
 *   hash         HASH, HASH;DESCRIPTION, HASH;SCORE;DESCRIPTION, what sha256sum prints
 *   filename     REGEX;SCORE[;FALSE-POSITIVE-REGEX], over the whole path; "\\" is either separator
 *   c2           domain, address, network or URL, each with optional ;SCORE;DESCRIPTION
 *   keyword      a text, with optional ;SCORE
 *   trusted      a hash list of what is known to be good
 *   *.json       STIX 2 bundle, MISP event
 *
 * All calls on one object come from one thread, and pk_ioc_new from the main thread, before any other thread or any
 * secret exists. */
#ifndef PICKET_IOC_H
#define PICKET_IOC_H

#include <picket/hash.h>
#include <picket/json.h>
#include <picket/msg.h>
#include <picket/rules.h>
#include <picket/sandbox.h>

#define PK_IOC_MAX_FILES 1000
#define PK_IOC_MAX_FILE ((uint64_t)8 << 30) /* one set: bytes */
#define PK_IOC_MAX_HASHES 100000000u        /* all sets together */
#define PK_IOC_MAX_INDICATORS 200000u       /* those that are no hashes, all sets together */
#define PK_IOC_MAX_LINE 65536               /* one line: bytes; longer ones are refused */
#define PK_IOC_MAX_TEXT (64u << 10)         /* description or indicator: bytes */
#define PK_IOC_MAX_HITS 64                  /* indicators in one text; more are cut and flagged */
#define PK_IOC_MAX_EXCERPT 64               /* bytes of matched text kept */

/* --- files ------------------------------------------------------------------------------------------ */

/** A growing list of sets; zero-initialise. */
struct pk_ioc_file {
	char *name; /* as hits name it; no two are the same */
	char *path; /* to be read from there; NULL: */
	char *data; /* the bytes themselves */
	size_t n;
};
struct pk_ioc_files {
	struct pk_ioc_file *v;
	size_t n, cap;
};
void pk_ioc_files_done(struct pk_ioc_files *files);
/** Appends a copy of one set. A name that is taken gets "#2", "#3" appended. */
PK_NODISCARD int pk_ioc_files_add(struct pk_ioc_files *files, const char *name, struct pk_str data, struct pk_err *err);
/** Appends a file, or every *.txt, *.csv, *.ioc and *.json beneath a folder (sorted bytewise, links not followed),
 * named by its path beneath the folder, or its last component. What cannot be opened is an error. */
PK_NODISCARD int pk_ioc_files_load(struct pk_ioc_files *files, const char *path, struct pk_err *err);

/* --- sets ------------------------------------------------------------------------------------------- */

enum pk_ioc_kind {
	PK_IOC_HASH,
	PK_IOC_FILENAME,
	PK_IOC_DOMAIN,
	PK_IOC_ADDRESS,
	PK_IOC_NETWORK,
	PK_IOC_URL,
	PK_IOC_KEYWORD,
	PK_IOC_COMMAND,
	PK_IOC_KINDS
};
/** The rule that a hit of this kind names: "ioc:hash", "ioc:filename", ... */
const char *pk_ioc_rule(enum pk_ioc_kind kind);

struct pk_ioc_set {
	struct pk_str name;
	uint64_t indicators;    /* taken from it */
	uint64_t not_evaluated; /* entries of it that are not looked for: each has a problem, or is counted in one */
	bool refused;           /* the whole file is not used */
};
/** Something of a set that is not used, or not as its author may think. */
struct pk_ioc_problem {
	struct pk_str set;
	uint64_t line; /* 0: the whole file, or a format without lines */
	struct pk_str text;
};

struct pk_ioc;
struct pk_ioc_params {
	const struct pk_ioc_files *files; /* borrowed until pk_ioc_new returns */
	enum pk_sandbox_need sandbox;
	unsigned load_seconds;          /* for all sets; 0: 300 */
	const struct pk_events *events; /* warnings; may be NULL */
};
/** Reads and parses everything. Fails when a file cannot be read or the parsing process dies; what is wrong inside a
 * set is a problem. */
PK_NODISCARD int pk_ioc_new(const struct pk_ioc_params *params, struct pk_ioc **ret, struct pk_err *err);
void pk_ioc_free(struct pk_ioc *ioc);
PK_DEFINE_AUTOPTR(pk_ioc)

/** Borrowed. */
const struct pk_ioc_set *pk_ioc_sets(const struct pk_ioc *ioc, size_t *ret_n);
const struct pk_ioc_problem *pk_ioc_problems(const struct pk_ioc *ioc, size_t *ret_n);
/** All hashes, all other indicators. */
void pk_ioc_counts(const struct pk_ioc *ioc, uint64_t *ret_hashes, uint64_t *ret_others);
/** True when a set is refused or an entry is not looked for: then "no hit" does not mean all of it. */
bool pk_ioc_is_incomplete(const struct pk_ioc *ioc);

/** Appends the YARA sources that look for the indicators in contents, one a set. A list without any rule gets one that
 * never hits, so that a scan pool for hashes and names alone can be had. */
PK_NODISCARD int pk_ioc_rules(const struct pk_ioc *ioc, struct pk_rules *rules, struct pk_err *err);

/* --- hits ------------------------------------------------------------------------------------------- */

#define PK_IOC_NO_SCORE INT32_MIN
/** All borrowed until the next call on the same object. */
struct pk_ioc_hit {
	enum pk_ioc_kind kind;
	struct pk_str set, indicator, description; /* any bytes */
	int32_t score;                             /* or PK_IOC_NO_SCORE */
	uint64_t line;                             /* in the set; 0: unknown */
	bool known_good;                           /* a hash of a trusted set */
	struct pk_str where;                       /* "md5", "sha1", "sha256", "path", or a table's column */
	uint64_t offset, length;
	struct pk_str data;                 /* at most PK_IOC_MAX_EXCERPT bytes of what matched */
	char hex[65];                       /* storage of a hash's text */
	char copy[PK_IOC_MAX_EXCERPT + 64]; /* storage of where and data, once kept */
};
/** Hits that outlive the call; zero-initialise. Sets, indicators and descriptions stay the object's. */
struct pk_ioc_hits {
	struct pk_ioc_hit *v;
	size_t n, cap;
};
void pk_ioc_hits_done(struct pk_ioc_hits *hits);
PK_NODISCARD int pk_ioc_hits_add(struct pk_ioc_hits *hits, const struct pk_ioc_hit *more, size_t n, struct pk_err *err);
/** Puts the fields of one hit into an open object, in the form of pk_scan_hit_put_json: "rule", "namespace" (the set),
 * "meta" (indicator, description, score, line), "strings" (one, where it was found). */
void pk_ioc_hit_put_json(struct pk_json *j, const struct pk_ioc_hit *hit);

/** Which hashes a content needs. */
unsigned pk_ioc_needs(const struct pk_ioc *ioc); /* bits of enum pk_hash_kind */
#define PK_IOC_MAX_HASH_HITS 16
/** Looks up one content; fills at most PK_IOC_MAX_HASH_HITS hits and returns how many. `have` says which hashes are
 * filled in. */
size_t pk_ioc_find_hash(const struct pk_ioc *ioc, const struct pk_hashes *hashes, unsigned have,
			struct pk_ioc_hit *hits);
/** The same for one hash of 16, 20 or 32 bytes. */
size_t pk_ioc_find_digest(const struct pk_ioc *ioc, const void *digest, size_t size, struct pk_ioc_hit *hits);
/** The same for every hash among the values of a row of a live table: calls `hit` for each that is found, with the
 * column as its `where`. -1 ends the call with err. */
PK_NODISCARD int pk_ioc_find_row(const struct pk_ioc *ioc, struct pk_str row,
				 int (*hit)(void *ctx, const struct pk_ioc_hit *h, struct pk_err *err), void *ctx,
				 struct pk_err *err);

/* --- texts ------------------------------------------------------------------------------------------ */

enum pk_ioc_what {
	PK_IOC_PATH, /* a path: file names, and everything else as a text */
	PK_IOC_ROW,  /* a row of a live table, a JSON object: its columns as paths, addresses, hashes and texts */
};
struct pk_ioc_answer {
	uint64_t id; /* the caller's */
	const struct pk_ioc_hit *hits;
	size_t hit_count;
	bool more;       /* hits were cut */
	const char *why; /* not compared, or not with everything: why; NULL: all is well */
};
/** Where answers go: exactly one for each question, in their order. -1 ends the call that led there with err. */
void pk_ioc_listen(struct pk_ioc *ioc, int (*answer)(void *ctx, const struct pk_ioc_answer *a, struct pk_err *err),
		   void *ctx);
/** True when there is anything to be found: hashes of known-good files are not. */
bool pk_ioc_seeks(const struct pk_ioc *ioc);
/** True when there is anything that a text is compared with. */
bool pk_ioc_has_texts(const struct pk_ioc *ioc);
/** True when there is anything that a row of a live table is compared with. */
bool pk_ioc_has_rows(const struct pk_ioc *ioc);
/** Queues one text (copied). Answers of earlier questions may be delivered during the call. */
PK_NODISCARD int pk_ioc_ask(struct pk_ioc *ioc, uint64_t id, enum pk_ioc_what what, struct pk_str text,
			    struct pk_err *err);
/** Delivers all answers that are missing. */
PK_NODISCARD int pk_ioc_flush(struct pk_ioc *ioc, struct pk_err *err);

/* --- scores ----------------------------------------------------------------------------------------- */

/** As THOR and LOKI use them: 0 to 100, what a hit without one is worth, and where the levels begin. */
#define PK_SCORE_DEFAULT 75
#define PK_SCORE_NOTICE 40
#define PK_SCORE_WARNING 60
#define PK_SCORE_ALERT 80
/** meta "score" of a rule; PK_IOC_NO_SCORE when it has none. */
int32_t pk_scan_rule_score(const struct pk_rule_info *rule);
/** Sums up what hit one thing: falling scores count less and less (the whole of the highest, half of the next, ...),
 * negative ones (rules for false positives) are then taken off. 0 to 100. Sorts the list. */
int32_t pk_score_total(int32_t *scores, size_t n);
/** "alert", "warning", "notice", "info" */
const char *pk_score_level(int32_t score);

#endif
