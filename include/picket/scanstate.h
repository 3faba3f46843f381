/* SPDX-License-Identifier: Apache-2.0 */
/** What a scan saw of each file, kept from one scan to the next.
 *
 * While a scan runs, each file that was scanned whole is a line appended to STATE.journal, with its hits; at the end
 * the journal becomes STATE. So the next scan can leave out what did not change since the last one that came to its
 * end (STATE), and a scan that was killed can go on (STATE.journal), with one and the same question: what is known of
 * this file as it is? What is known is only used when path, device, inode, size and both times are the same, and the
 * rules (any bytes that stand for them) are. A file that was changed shortly before or during the scan is not kept: a
 * later change might not show in its times.
 *
 * JSON Lines; docs/man/picket-scan.mdoc says what is in them. The file is the user's own: it must belong to him, and
 * nobody else may be able to write it. Lines that do not match their checksum are as good as missing. */
#ifndef PICKET_SCANSTATE_H
#define PICKET_SCANSTATE_H

#include <picket/hash.h>
#include <picket/scantree.h>

#define PK_SCANSTATE_MAX_LINE (1u << 20)  /* a file with longer hits is not kept */
#define PK_SCANSTATE_MAX_FILES (1u << 28) /* lines of one state */
#define PK_SCANSTATE_ID PK_SHA256_SIZE    /* bytes that stand for rules and indicators */

struct pk_scanstate;
/** Opens STATE.journal for writing, locked against another scan, and goes on with it if it is there and was made with
 * the same `id`; otherwise it is begun anew. With `changed`, STATE is read as well. `set` is borrowed for the state's
 * life. Made 0600. Fails when a file may be changed by others, is not a regular file or cannot be written. */
PK_NODISCARD int pk_scanstate_open(const char *path, bool changed, const uint8_t id[PK_SCANSTATE_ID],
				   const struct pk_ruleset *set, struct pk_scanstate **ret, struct pk_err *err);
/** Files known from the last complete scan (0 without `changed`), and from one that was killed. */
void pk_scanstate_counts(const struct pk_scanstate *s, uint64_t *ret_last, uint64_t *ret_killed);
/** True for the files of the state itself. */
bool pk_scanstate_is_own(const struct pk_scanstate *s, const struct stat *st);

/** What was seen of a file. */
struct pk_scanseen {
	struct pk_time at;            /* when it was scanned */
	struct pk_scan_result result; /* its hits; no notes: such files are not kept */
	struct pk_ioc_hits ioc;
	uint64_t bytes;
	bool has_sha256;
	uint8_t sha256[PK_SHA256_SIZE];
	struct pk_buf store; /* private */
};
void pk_scanseen_done(struct pk_scanseen *seen);
/** True when the file is known as it is; *ret (may be NULL; else zero-initialised, pk_scanseen_done) gets what was
 * seen. Without memory nothing is known. */
bool pk_scanstate_find(struct pk_scanstate *s, struct pk_str path, const struct stat *st, struct pk_scanseen *ret);
/** Keeps what became of a file, if it was scanned whole and is no archive that was opened. A failure to write is remembered for the end. */
void pk_scanstate_put(struct pk_scanstate *s, const struct pk_scantree_file *f);
/** Keeps what is known of a file that was found unchanged. */
void pk_scanstate_put_again(struct pk_scanstate *s, struct pk_str path);
/** The scan came to its end: the journal becomes STATE, on the disk. Fails with what was not written, if anything. */
PK_NODISCARD int pk_scanstate_commit(struct pk_scanstate *s, struct pk_err *err);
/** Without commit the journal stays, for a scan that goes on. */
void pk_scanstate_free(struct pk_scanstate *s);
PK_DEFINE_AUTOPTR(pk_scanstate)

/* --- lines, for tests -------------------------------------------------------------------------------- */

/** One file as a line, with its newline; nothing when it is too long or memory is out. */
void pk_scanseen_put_line(struct pk_buf *b, const struct pk_ruleset *set, const struct pk_scantree_file *f,
			  struct pk_time at);
/** Reads a line without its newline, hostile as it may be; false when anything in it is not as it must be. *ret_path
 * and *ret_st are what it is about; any pointer may be NULL. */
bool pk_scanseen_parse(struct pk_str line, const struct pk_ruleset *set, struct pk_buf *ret_path, struct stat *ret_st,
		       struct pk_scanseen *ret);

#endif
