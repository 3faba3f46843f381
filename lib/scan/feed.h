/* SPDX-License-Identifier: Apache-2.0 */
/* The half of pk_scantree that knows slots and answers: files go in, outcomes come out in order. */
#ifndef PICKET_SCAN_FEED_H
#define PICKET_SCAN_FEED_H

#include "unpack.h"

#include <picket/limits.h>
#include <picket/scantree.h>

#define PK_FEED_LARGE 64   /* large files under way: each holds two descriptors */
#define PK_FEED_AHEAD 1024 /* files between the first whose outcome is not known and the last one read */

struct pk_feed_entry {
	char *path;
	struct stat st;
	bool has_st, known;
	enum pk_scan_verdict verdict;
	const char *why;
	char detail[160];
	struct pk_scan_result *result; /* unless it is shared: see pk_feed_result */
	struct pk_feed_answer *answer; /* shared with others of the same content; else NULL */
	bool again;                    /* it is another's, whose content it has */
	bool has_content;              /* it is known which content it is before it is scanned: */
	uint8_t content[PK_SHA256_SIZE];
	int slot;                /* -1: none */
	uint64_t offset, length; /* in the slots, or of the file */
	int fd;                  /* a large file, kept until it is scanned; else -1 */
	uint64_t held;           /* bytes of it, if it is a memory file of ours */
	bool hashed;
	struct pk_hashes hashes; /* then: sha256, and what indicators need */
	size_t asked;            /* texts of it that are being compared with indicators: its path, or rows */
	struct pk_ioc_hits ioc;
	const char *ioc_why;
	bool opened;     /* as an archive */
	size_t member;   /* where in path the name of a member begins; 0: it is a file */
	const char *cut; /* once it is scanned, it is not scanned whole: why; else NULL */
	enum pk_scan_verdict cut_as;
	char cut_detail[128];
	const void *tag;
};
struct pk_feed_nest;
struct pk_feed_shared;
struct pk_scantree {
	struct pk_scantree_params p;
	struct pk_feed_entry *ring; /* PK_FEED_AHEAD of them; file number n is at n % PK_FEED_AHEAD */
	uint64_t first, next;       /* numbers */
	unsigned *slot_users;       /* by slot: entries that need its bytes */
	size_t slot;                /* the one being filled */
	size_t slot_used;           /* bytes of it */
	size_t large;               /* entries with a descriptor */
	uint64_t reported;
	struct pk_buf lower; /* what externals of one item point into */
	struct pk_scan_metatext metatext;
	const struct pk_buf
		*absolute;         /* the path at hand without links, for indicators; NULL or empty: as it is shown */
	struct pk_feed_nest *nest; /* the archive that is being unpacked; NULL: none */
	const struct pk_scan_meta *meta;     /* what is recorded of the file at hand; NULL: its descriptor says it */
	const struct pk_scan_hostvars *host; /* of the file at hand */
	const void *tag;                     /* likewise */
	struct pk_feed_shared *shared;       /* answers that may be told again; NULL: none yet */
	uint64_t held;                       /* bytes of memory files that are not scanned yet */
};
static inline struct pk_feed_entry *pk_feed_entry(const struct pk_scantree *t, uint64_t n)
{
	return &t->ring[n % PK_FEED_AHEAD];
}

/** A path that is not scanned. */
PK_NODISCARD int pk_feed_outcome(struct pk_scantree *t, struct pk_str path, const struct stat *st,
				 enum pk_scan_verdict verdict, const char *why, int sys, struct pk_err *err);
/** A regular file, open; takes over fd. */
PK_NODISCARD int pk_feed_file(struct pk_scantree *t, struct pk_str path, const struct stat *st, int fd,
			      struct pk_err *err);

/* --- for feedunpack.c --------------------------------------------------------------------------------- */

/** A file's or a member's bytes, which are in memory (and copied) or, with fd >= 0, in a file; takes over fd. */
struct pk_feed_content {
	struct pk_str path;
	size_t member;
	int fd;
	struct pk_str bytes;
	uint64_t size; /* with fd */
	uint32_t mode; /* as st_mode; 0: not known. Of a file (member 0): */
	const struct stat *st;
	const uint8_t *sha256; /* of all of it; or NULL */
	const char *cut;       /* as in the entry */
	enum pk_scan_verdict cut_as;
	const char *cut_detail;
};
PK_NODISCARD int pk_feed_content(struct pk_scantree *t, const struct pk_feed_content *c, struct pk_err *err);
/** pk_feed_outcome for what belongs to an archive. */
PK_NODISCARD int pk_feed_member_outcome(struct pk_scantree *t, struct pk_str path, size_t member,
					enum pk_scan_verdict verdict, const char *why, const char *detail,
					struct pk_err *err);

/* --- feedunpack.c: archives --------------------------------------------------------------------------- */

/** An archive that is going to be unpacked. */
struct pk_feed_archive {
	struct pk_unpack *unpack; /* NULL: it is none, or why says why not */
	enum pk_scan_verdict verdict;
	const char *why; /* an outcome of its contents; NULL: none */
	char detail[96];
	bool maybe; /* that it turns out to be none is no failure */
	char *path;
	const char *type; /* pk_scan_filetype's word */
	uint64_t size;
};
void pk_feed_archive_done(struct pk_feed_archive *a);
/** Looks at the bytes of a new entry, of which `first` are the first, and starts unpacking them where they are an archive.
 * A sealed file (age) has contents that nobody looks into, whether or not archives are unpacked. */
PK_NODISCARD int pk_feed_archive_begin(struct pk_scantree *t, struct pk_feed_entry *e, struct pk_str first,
				       struct pk_feed_archive *ret, struct pk_err *err);
/** Feeds what is in it. */
PK_NODISCARD int pk_feed_archive_run(struct pk_scantree *t, struct pk_feed_archive *a, struct pk_err *err);
/** Sets the variables of a member. */
void pk_feed_member_externals(struct pk_scantree *t, const struct pk_feed_entry *e, struct pk_scan_externals *ext);

/* --- feedshare.c: each content once ------------------------------------------------------------------- */

/** Whether the entry need not be scanned, since the same content is or was, under the same values of all variables that
 * the rules name. */
PK_NODISCARD int pk_feed_share(struct pk_scantree *t, struct pk_feed_entry *e, struct pk_scan_externals *ext, bool *ret,
			       struct pk_err *err);
/** The answer that a file of this content and these variables would get, when that is there and says all that scanning it
 * would; else NULL. */
PK_NODISCARD int pk_feed_known(struct pk_scantree *t, const uint8_t content[PK_SHA256_SIZE], uint64_t length,
			       struct pk_scan_externals *ext, struct pk_feed_answer **ret, struct pk_err *err);
/** The entry gets that answer. */
void pk_feed_tell_again(struct pk_feed_entry *e, struct pk_feed_answer *a);
/** The entry was scanned, and hashed where need be. */
void pk_feed_answered(struct pk_scantree *t, struct pk_feed_entry *e);
/** Settles an entry that waits for another's answer, once that is there. */
PK_NODISCARD int pk_feed_settle_again(const struct pk_scantree *t, struct pk_feed_entry *e, struct pk_err *err);
const struct pk_scan_result *pk_feed_result(const struct pk_feed_entry *e); /* or NULL */
void pk_feed_answer_done(struct pk_feed_entry *e);
void pk_feed_shared_free(struct pk_feed_shared *s);
/* of feed.c, for it */
void pk_feed_outcome_is(struct pk_feed_entry *e, enum pk_scan_verdict verdict, const char *why, const char *detail);

/* --- feedioc.c: indicators ---------------------------------------------------------------------------- */

void pk_feed_ioc_listen(struct pk_scantree *t);
/** Has the path of entry number n compared. */
PK_NODISCARD int pk_feed_ioc_ask(struct pk_scantree *t, uint64_t n, struct pk_err *err);
/** Has rows, JSON objects a line, compared for entry number n. */
PK_NODISCARD int pk_feed_ioc_rows(struct pk_scantree *t, uint64_t n, struct pk_str rows, struct pk_err *err);
/** Hashes an entry whose bytes are still there, when indicators or hits want it, and looks its hashes up. */
PK_NODISCARD int pk_feed_hash(const struct pk_scantree *t, struct pk_feed_entry *e, bool has_hits, struct pk_err *err);
/** Looks its hashes up. */
PK_NODISCARD int pk_feed_look_up(const struct pk_scantree *t, struct pk_feed_entry *e, struct pk_err *err);

#endif
