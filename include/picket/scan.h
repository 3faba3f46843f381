/* SPDX-License-Identifier: Apache-2.0 */
/** Scanning with YARA rules, in children that hold no rights.
 *
 * pk_scanpool_new forks a zygote, which compiles the rules under the sandbox and from then on forks scan
 * children that share its pages. A child sees the slots read-only, gets work and descriptors over a socket and
 * answers over it; every answer is checked as hostile. A child that dies or hangs costs the one file it was at
 * and is forked again.
 *
 * All calls on one pool come from one thread, and pk_scanpool_new from the process's main thread, before any
 * other thread or any secret exists (children end when that thread does). */
#ifndef PICKET_SCAN_H
#define PICKET_SCAN_H

#include <picket/json.h>
#include <picket/msg.h>
#include <picket/rules.h>
#include <picket/sandbox.h>
#include <picket/slots.h>
#include <picket/time.h>

#define PK_SCAN_MAX_HITS 4096                   /* rules that hit one item; more are cut and flagged */
#define PK_SCAN_MAX_MATCHES 64                  /* matches kept of one hit; more are cut and flagged */
#define PK_SCAN_MAX_EXCERPT 64                  /* bytes of matched data kept */
#define PK_SCAN_MAX_DEFAULT (UINT64_C(1) << 30) /* one item, unless told otherwise: bytes */
#define PK_SCAN_MAX_NAMES 49152                 /* bytes of all externals of one item */

/* --- the pool --------------------------------------------------------------------------------------- */

struct pk_scanpool;

/** Whether files that many rules cannot hit are scanned with a part of the rules (the hits are the same). */
enum pk_scan_partition {
	PK_PARTITION_AUTO,   /* once there is enough to scan for compiling that part to pay */
	PK_PARTITION_ALWAYS, /* from the first file on */
	PK_PARTITION_NEVER,
};
struct pk_scanpool_params {
	const struct pk_rules *rules; /* borrowed until pk_scanpool_new returns */
	struct pk_slots *slots;       /* mapped before, borrowed for the pool's life; NULL: descriptors only */
	size_t children;              /* 0: one for each usable core */
	size_t queue;                 /* items offered and not yet answered, at most; 0: 256 */
	unsigned timeout_seconds;     /* for one item; 0: 60 */
	unsigned compile_seconds;     /* for all rules; 0: 300 */
	uint64_t max_scan;            /* larger items are skipped: bytes; 0: PK_SCAN_MAX_DEFAULT */
	enum pk_sandbox_need sandbox;
	enum pk_scan_partition partition;
	const char *cache;              /* folder in which compiled rules are kept for the next run, this user's alone.
					 * NULL: none, as it must be on a host that is not to be trusted */
	bool strict;                    /* any broken file fails pk_scanpool_ready */
	const struct pk_events *events; /* warnings: a child died, ...; may be NULL */
};
/** Forks the zygote and returns at once, while it compiles. No rules at all is PK_EUSAGE. */
PK_NODISCARD int pk_scanpool_new(const struct pk_scanpool_params *params, struct pk_scanpool **ret, struct pk_err *err);
/** Waits until the rules are compiled and the children run; every call below does that by itself first.
 * Fails when no rule is left, when the zygote died, or when `strict` and a file is broken (the message names
 * the first; pk_scanpool_rules then still gives the list). */
PK_NODISCARD int pk_scanpool_ready(struct pk_scanpool *pool, struct pk_err *err);
/** The compiled rules and the broken files; borrowed. Before pk_scanpool_ready it is empty. */
const struct pk_ruleset *pk_scanpool_rules(const struct pk_scanpool *pool);
/** Ends children and zygote, waits for them. */
void pk_scanpool_free(struct pk_scanpool *pool);
PK_DEFINE_AUTOPTR(pk_scanpool)

/* --- work ------------------------------------------------------------------------------------------- */

/** THOR's external variables (docs/externals.md); texts are any bytes but NUL, an empty slice is the empty string. What
 * is all zero is a file of which nothing is known. Fill with pk_scan_externals_path and pk_scan_externals_meta. */
struct pk_scan_externals {
	struct pk_str filename, filepath, extension, filetype, owner, group, permissions, timezone, language;
	struct pk_str unpack_parent, unpack_source;
	uint64_t filemode;  /* as st_mode: kind and permissions */
	uint64_t osversion; /* Windows' build number; 0 elsewhere */
	bool has_age;       /* else age is undefined in YARA's sense */
	double age;         /* days since the file was made */
};

/** Whether any rule's answer may depend on the path: then a file that has several names is to be scanned under each. */
bool pk_scan_names_paths(const struct pk_rules *rules);

struct pk_scan_item {
	uint64_t id;     /* the caller's; unique among the items not yet waited for */
	int fd;          /* >= 0: a regular file, mapped from offset 0 by the child; may be closed after the call.
			    -1: the bytes are in the slots */
	uint64_t offset; /* from the slots' base; the caller leaves the bytes alone until the answer */
	uint64_t length; /* bytes; for a descriptor its size now */
	bool memory;     /* the memory of a process (procscan.h does this): fd is the socket of its reader, which fills
			    offset and length of the slots block by block. Offsets of matches are then addresses */
	struct pk_scan_externals ext;
};

enum pk_scan_verdict {
	PK_SCAN_SCANNED,
	PK_SCAN_SKIPPED, /* on purpose: why says so */
	PK_SCAN_FAILED,
};
/** Reasons, stable words for records: "too-large" (skipped) · "timeout" "crashed" "changed" (the file shrank)
 * "unreadable" "memory" "names-too-long" "engine" (libyara's error, see detail) (failed) */
struct pk_scan_match {
	uint32_t string; /* index into pk_rule_info.strings */
	uint64_t offset, length;
	struct pk_str data; /* at most PK_SCAN_MAX_EXCERPT first bytes */
};
struct pk_scan_hit {
	uint32_t rule;                 /* index into pk_ruleset.rules */
	struct pk_scan_match *matches; /* by string, then by offset */
	size_t match_count;
	bool more; /* matches were cut */
};
/** A rule that was not fully evaluated on this item. */
struct pk_scan_note {
	uint32_t rule;
	const char *why; /* "timeout", "regex-fibers", "too-many-matches", "stack", "memory", "engine" */
};
struct pk_scan_result {
	uint64_t id;
	enum pk_scan_verdict verdict;
	const char *why;          /* NULL when scanned */
	char detail[96];          /* more for people, or "" */
	struct pk_scan_hit *hits; /* in the order of rules */
	size_t hit_count;
	bool more; /* hits were cut */
	struct pk_scan_note *notes;
	size_t note_count;
	void *store; /* private */
};
void pk_scan_result_free(struct pk_scan_result *result);
PK_DEFINE_AUTOPTR(pk_scan_result)

/** Queues one item; all of *item is copied but the bytes in the slots. When `queue` items are unanswered it
 * first waits for one of them. Fails only when the pool is lost (the zygote died). */
PK_NODISCARD int pk_scanpool_offer(struct pk_scanpool *pool, const struct pk_scan_item *item, struct pk_err *err);
/** Waits for the answer to one item and gives it to the caller. */
PK_NODISCARD int pk_scanpool_wait(struct pk_scanpool *pool, uint64_t id, struct pk_scan_result **ret,
				  struct pk_err *err);
/** Any answer that is there; with `block`, the next one to come. *ret is NULL when there is none (with
 * `block`: when nothing is under way). */
PK_NODISCARD int pk_scanpool_next(struct pk_scanpool *pool, bool block, struct pk_scan_result **ret,
				  struct pk_err *err);

/* --- externals -------------------------------------------------------------------------------------- */

/** Sets filename, filepath and extension from a path. The slices point into `path` and into `lower`, which the
 * caller keeps until the item is offered. */
void pk_scan_externals_path(struct pk_scan_externals *ext, struct pk_str path, struct pk_buf *lower);
/** What is known of the host that a file is from. The same values must be given whenever the file is scanned, on the
 * host or from a bundle. */
struct pk_scan_hostvars {
	const char *timezone, *language; /* or NULL */
	struct pk_time now;              /* from which ages are counted: when the scan, or the collection, began */
};
/** What is known of a file. */
struct pk_scan_meta {
	uint32_t mode; /* as st_mode */
	uint32_t uid, gid;
	const char *owner, *group; /* or NULL: then the number stands for the name */
	bool has_btime;
	struct pk_time btime;
};
struct pk_scan_metatext {
	char permissions[12], owner[12], group[12];
};
/** Sets owner, group, permissions, filemode and age, and with `host` (may be NULL) timezone and language. What the
 * slices point into, `text` and the names, the caller keeps until the item is offered. */
void pk_scan_externals_meta(struct pk_scan_externals *ext, const struct pk_scan_meta *meta,
			    const struct pk_scan_hostvars *host, struct pk_scan_metatext *text);
/** When the file was made; false where its file system does not say. */
bool pk_scan_btime(int fd, struct pk_time *ret);
/** A word for what the first bytes are ("EXE", "ELF", "ZIP", "PDF", ... ; "UNKNOWN"): THOR's and LOKI's words where
 * they have one. 512 bytes are enough. The table is in docs/externals.md. */
const char *pk_scan_filetype(const void *p, size_t n);

/* --- records ---------------------------------------------------------------------------------------- */

/** Puts the fields of one hit into an open object: "rule", "namespace", "tags" (when it has any), "meta" (an
 * object; a key that repeats has an array), "strings" (objects with "name", "offset", "length", and "data" or
 * "data_b64"), "more" (true, when strings were cut). At most 50 KiB. */
void pk_scan_hit_put_json(struct pk_json *j, const struct pk_ruleset *set, const struct pk_scan_hit *hit);
/** The same; `more` puts further fields into the object of each match. */
void pk_scan_hit_put_json_more(struct pk_json *j, const struct pk_ruleset *set, const struct pk_scan_hit *hit,
			       void (*more)(void *ctx, struct pk_json *j, const struct pk_scan_match *m), void *ctx);

#endif
