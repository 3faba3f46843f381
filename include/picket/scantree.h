/* SPDX-License-Identifier: Apache-2.0 */
/** Scanning files and trees with a pool: reads ahead into the slots, gives every path exactly one outcome, and
 * reports in the order of the walk, whatever the children's order.
 *
 * Folders are walked by descriptor, names sorted bytewise. Links inside a tree are not followed; FIFOs, sockets and
 * devices are not opened; mounts are crossed only as the caller says. */
#ifndef PICKET_SCANTREE_H
#define PICKET_SCANTREE_H

#include <picket/ioc.h>
#include <picket/scan.h>

#include <sys/stat.h>

/** What became of one path; all of it borrowed for the call. */
struct pk_scantree_file {
	struct pk_str
		path; /* the operand, and what is beneath it; of a member of an archive: the archive's path, "!/" and
				* its name; of what could not be unpacked of an archive: its path and "!/" */
	struct pk_str member;  /* the end of path that is a member's name; else empty */
	const struct stat *st; /* NULL when it could not be had, and for members */
	enum pk_scan_verdict verdict;
	const char *why;                     /* NULL when scanned; besides pk_scan_result's words: "link", "special",
				       "pseudo-filesystem", "network-filesystem", "mount" (skipped),
				       "vanished", "unreadable", "too-deep" (failed); with archives "encrypted",
				       "archive-format" (of a kind that is not read), and limits that were
				       reached: "archive-depth", "archive-bytes", "archive-entries",
				       "archive-ratio", "archive-time" (skipped), "archive-damaged",
				       "archive-crashed" (the unpacker died), "archive-memory",
				       "names-too-long" (failed). What came out of a member until then was
				       scanned all the same: there may be a result with hits */
	const char *detail;                  /* more for people, or "" */
	const struct pk_scan_result *result; /* NULL when it never came to the scanner, and for tables */
	const struct pk_ioc_hits *ioc;       /* indicators: its path's, whatever became of it, and its hash's */
	bool opened;                         /* as an archive: outcomes of what is in it follow, if any */
	const char *ioc_why;                 /* its path was not compared with all indicators: why; else NULL */
	const uint8_t *sha256;               /* of the bytes that were scanned: for files with hits; else NULL */
	uint64_t bytes;                      /* scanned */
	bool again;      /* told as of another path with the same content, which was scanned for both */
	const void *tag; /* of pk_scantree_content; else NULL */
};

/** Archives are unpacked: each in a process of its own that holds no right but to tell what is in it. Nothing is
 * written to a disk. Members are outcomes like files, after their archive's own. */
struct pk_scantree_unpack {
	unsigned depth;     /* archives in each other, at least 1 */
	uint64_t max_bytes; /* out of one file of the tree, together */
	uint64_t max_ns;    /* spent waiting for what comes out of one file */
	enum pk_sandbox_need sandbox;
};
#define PK_UNPACK_MAX_MEMBER (256u << 20) /* a larger member is "too-large": bytes */
#define PK_UNPACK_MAX_ENTRIES 100000u     /* out of one file of the tree */
#define PK_UNPACK_MAX_RATIO 200u          /* bytes out of one archive for each of its own, ... */
#define PK_UNPACK_RATIO_FROM (64u << 20)  /* ... once so many came out */

struct pk_scantree_params {
	struct pk_scanpool *pool;
	struct pk_slots *slots; /* the pool's */
	struct pk_ioc *ioc;     /* or NULL; the tree listens to it from now on */
	/** What the pool was made of: a content that is known to be the same (names of one file; sha256 of contents out
	 * of evidence) is then scanned once for all paths between which the rules cannot tell. NULL: each is. */
	const struct pk_rules *rules;
	const struct pk_scantree_unpack
		*unpack; /* NULL: archives are files like any others. Needs `depth` slots more */
	/** Called for each path once, in order. -1 ends the scan with err. */
	int (*file)(void *ctx, const struct pk_scantree_file *file, struct pk_err *err);
	/** NULL to go into a folder; else why not: one of the words above. `absolute` has no links. NULL: go. */
	const char *(*mount)(void *ctx, struct pk_str absolute);
	/** NULL to look at a file or folder; else why it is left out (skipped), a word of the caller's. Asked before it
	 * is opened; `absolute` has no links and may be empty. May be NULL. */
	const char *(*leave)(void *ctx, struct pk_str path, struct pk_str absolute, const struct stat *st);
	/** A user's and a group's name, or NULL. May be NULL. */
	const char *(*owner)(void *ctx, uint32_t uid);
	const char *(*group)(void *ctx, uint32_t gid);
	const struct pk_scan_hostvars *host; /* or NULL: nothing is known */
	void *ctx;
	const struct pk_events *events;
};

struct pk_scantree;
PK_NODISCARD int pk_scantree_new(const struct pk_scantree_params *params, struct pk_scantree **ret, struct pk_err *err);
/** One operand: a file or a folder; a link given here is followed. What cannot be read is an outcome, not an
 * error. */
PK_NODISCARD int pk_scantree_path(struct pk_scantree *tree, const char *path, struct pk_err *err);
/** A file out of evidence: its bytes, and what is recorded of it where it was found. */
struct pk_scantree_content {
	struct pk_str path;                  /* on its host, absolute */
	const struct stat *st;               /* kept for pk_scantree_file.st */
	const struct pk_scan_meta *meta;     /* NULL: nothing is known */
	const struct pk_scan_hostvars *host; /* of its host; or NULL */
	int fd;              /* >= 0: a file with all of it, taken over; -1: they are in memory (and copied): */
	struct pk_str bytes; /* at most PK_SLOT_BYTES */
	const uint8_t
		*sha256;     /* of all of it, holes included; NULL: not known, and it is scanned whatever came before */
	const char *partial; /* it is not all of the file, which is then failed, "partial": why, in words; or NULL */
	const void *tag;     /* for pk_scantree_file.tag, of what is in it too */
};
#define PK_SCANTREE_HELD (512u << 20) /* memory files that wait to be scanned, unless it is one: bytes */
/** Waits until a memory file of this size may be made for pk_scantree_content. */
PK_NODISCARD int pk_scantree_room(struct pk_scantree *tree, uint64_t size, struct pk_err *err);
PK_NODISCARD int pk_scantree_content(struct pk_scantree *tree, const struct pk_scantree_content *content,
				     struct pk_err *err);
/** The same of a file of `size` bytes whose content need not be had, since it was scanned before: *ret says so. Else
 * nothing is told. fd and bytes do not count. */
PK_NODISCARD int pk_scantree_again(struct pk_scantree *tree, const struct pk_scantree_content *what, uint64_t size,
				   bool *ret, struct pk_err *err);
/** The same of what has no content there: path, st and tag of it count. `why` is a word of the caller's, static. */
PK_NODISCARD int pk_scantree_outcome(struct pk_scantree *tree, const struct pk_scantree_content *what,
				     enum pk_scan_verdict verdict, const char *why, const char *detail,
				     struct pk_err *err);
/** A piece of a live table out of evidence: its rows (`bytes` of what, any size) are compared with indicators, not with
 * rules. Without indicators that rows are compared with nothing is done, and nothing told. */
PK_NODISCARD int pk_scantree_table(struct pk_scantree *tree, const struct pk_scantree_content *what,
				   struct pk_err *err);
/** Waits for everything that is under way. */
PK_NODISCARD int pk_scantree_finish(struct pk_scantree *tree, struct pk_err *err);
void pk_scantree_free(struct pk_scantree *tree);
PK_DEFINE_AUTOPTR(pk_scantree)

#endif
