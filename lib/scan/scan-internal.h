/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of lib/scan share: the wire between pool, zygote and scan children.
 *
 * parent -> zygote  control socket (seqpacket): PK_SCAN_ASK_...
 * zygote -> parent  report pipe: the compiled rules, once; control socket: the pid of each child, and which part of
 *                   the rules is ready
 * parent -> child   one packet = one batch of items, with the descriptors of those that have one
 * child -> parent   packets; the pieces of one answer are joined until one says it is the last
 * All numbers are little-endian. */
#ifndef PICKET_SCAN_INTERNAL_H
#define PICKET_SCAN_INTERNAL_H

#include <picket/limits.h>
#include <picket/scan.h>

#define PK_SCAN_PACKET 65536u                /* one packet, at most */
#define PK_SCAN_BATCH 16u                    /* items of one packet, at most */
#define PK_SCAN_BATCH_BYTES (2u << 20)       /* their bytes, unless it is one item */
#define PK_SCAN_ANSWER_MAX (4u << 20)        /* the answers to one batch, at most */
#define PK_SCAN_ITEM_ANSWER_MAX (192u << 10) /* matches of one item are cut from here on */
#define PK_SCAN_REPORT_MAX (512u << 20)      /* the zygote's report */

/* To the zygote, two bytes: the letter and a class of files. */
#define PK_SCAN_ASK_FORK 'F'           /* with a socket: fork a child that has it */
#define PK_SCAN_ASK_PART 'P'           /* compile the rules for this class */
#define PK_SCAN_ASK_LOAD 'L'           /* with a sealed memory file: they are in there */
#define PK_SCAN_ASK_SAVE 'S'           /* with a pipe: write the compiled rules of this class into it */
#define PK_SCAN_PART_READY 0xffffff00u /* from the zygote, in place of a process number: plus the class */

/* Classes of files. Class 0 is scanned with all rules; each other one may have a part of the rules that is enough for
 * it, compiled once there is much to scan of it. */
#define PK_SCAN_CLASSES 6
#define PK_SCAN_MEDIUM (1u << 20) /* larger than this: bytes */
#define PK_SCAN_LARGE (10u << 20)
static inline unsigned pk_scan_class(bool is_mz, uint64_t length)
{
	return (length > PK_SCAN_LARGE ? 4u : length > PK_SCAN_MEDIUM ? 2u : 0u) + (is_mz ? 0u : 1u);
}
static inline bool pk_scan_is_mz(const void *p, uint64_t n) { return n >= 2 && memcmp(p, "MZ", 2) == 0; }

/* Where the bytes of an item are, on the wire. */
enum pk_scan_by {
	PK_SCAN_BY_SLOTS,
	PK_SCAN_BY_FD,     /* behind the next descriptor */
	PK_SCAN_BY_READER, /* the next descriptor is a socket to who has them */
};
#define PK_SCAN_ALIVE 2 /* first byte of a packet that says nothing else */

/* Outcomes on the wire; index into pk_scan_reasons. */
enum pk_scan_outcome {
	PK_OUTCOME_SCANNED,
	PK_OUTCOME_TIMEOUT,
	PK_OUTCOME_CHANGED,
	PK_OUTCOME_UNREADABLE,
	PK_OUTCOME_MEMORY,
	PK_OUTCOME_ENGINE,
	PK_OUTCOMES,
	/* never on the wire */
	PK_OUTCOME_CRASHED = PK_OUTCOMES,
	PK_OUTCOME_TOO_LARGE,
	PK_OUTCOME_NAMES,
};
/* What a problem with rules costs. */
enum pk_problem { PK_PROBLEM_FILE, PK_PROBLEM_WARNING, PK_PROBLEM_RULE, PK_PROBLEMS };

enum pk_scan_notewhy {
	PK_NOTE_TIMEOUT,
	PK_NOTE_FIBERS,
	PK_NOTE_MATCHES,
	PK_NOTE_STACK,
	PK_NOTE_MEMORY,
	PK_NOTE_ENGINE,
	PK_NOTES,
};

static inline void pk_put_u8(struct pk_buf *b, uint8_t v) { pk_buf_put(b, &v, 1); }
static inline void pk_put_u32(struct pk_buf *b, uint32_t v)
{
	uint8_t le[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};

	pk_buf_put(b, le, 4);
}
static inline void pk_put_u64(struct pk_buf *b, uint64_t v)
{
	pk_put_u32(b, (uint32_t)v);
	pk_put_u32(b, (uint32_t)(v >> 32));
}
static inline void pk_put_bytes(struct pk_buf *b, struct pk_str s)
{
	pk_put_u32(b, (uint32_t)s.n);
	pk_buf_put_str(b, s);
}
static inline struct pk_str pk_rd_counted(struct pk_cur *c)
{
	uint32_t n = pk_rd_le32(c);

	return pk_rd_bytes(c, n);
}

/* --- rulesload.c ------------------------------------------------------------------------------------- */

/** The source that `include "TEXT"` in the file named `from` means, or NULL. */
const struct pk_rule_source *pk_rules_find_include(const struct pk_rules *rules, const char *from,
						   struct pk_str include);

/* --- report.c: the zygote's report ------------------------------------------------------------------- */

/** Reads a report as hostile. */
PK_NODISCARD int pk_scan_report_parse(struct pk_str bytes, struct pk_ruleset *ret, struct pk_err *err);

/* --- answer.c: a child's answers --------------------------------------------------------------------- */

/** What an answer may speak of: an item that is at this child. False ends the parsing. */
struct pk_scan_asked {
	bool (*find)(void *ctx, uint64_t seq, uint64_t *ret_id, uint64_t *ret_length);
	void (*take)(void *ctx, uint64_t seq, struct pk_scan_result *result); /* owns result from then on */
	void *ctx;
};
/** Reads the answers to a batch as hostile: every index, offset, size and order is checked. Fails with
 * PK_EFORMAT at the first thing that no honest child sends; answers before it were taken. */
PK_NODISCARD int pk_scan_answer_parse(struct pk_str bytes, const struct pk_ruleset *set,
				      const struct pk_scan_asked *asked, struct pk_err *err);
/** A result without hits. */
struct pk_scan_result *pk_scan_result_new(uint64_t id, unsigned outcome, const char *detail);

/* --- zygote.c ---------------------------------------------------------------------------------------- */

struct pk_zygote_params {
	const struct pk_rules *rules;
	struct pk_slots *slots;
	unsigned timeout_seconds;
	enum pk_sandbox_need sandbox;
	uint64_t max_scan;
	struct pk_str compiled; /* the rules, compiled before and proven to be ours; n 0: compile them */
	bool keep;              /* what is compiled may be asked for, to be saved */
	int control, report;    /* descriptors of the zygote's side */
};
/** The zygote's whole life. */
_Noreturn void pk_zygote_main(const struct pk_zygote_params *p);

#endif
