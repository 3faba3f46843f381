/* SPDX-License-Identifier: Apache-2.0 */
/** A custody log by itself (docs/custody-format.md): lines, tree, proofs, what is wrong with it, exports for court.
 * Nothing here needs the case: an exported log, checkpoints that others kept and the roster are enough. */
#ifndef PICKET_CUSTODY_H
#define PICKET_CUSTODY_H

#include <picket/case.h>
#include <picket/merkle.h>
#include <picket/note.h>

struct pk_party;

#define PK_MAX_CUSTODY_LOG (256u << 20) /* bytes of an exported log */

/** Zero-initialise. */
struct pk_custody_log {
	struct pk_buf text; /* the lines, each with its LF: what an export holds */
	size_t *end;        /* offset behind each line's LF */
	pk_node *leaf;
	size_t n, cap, leaf_cap;
	struct pk_buf key; /* of a case: the note key that it knows, for lines that name none */
	size_t keyless;    /* as many of the first lines are known to name none */
	size_t cut;        /* bytes of the text behind the last LF: a line that does not end, and none of the n */
};
void pk_custody_log_done(struct pk_custody_log *log);
/** Line i without its LF. */
struct pk_str pk_custody_log_line(const struct pk_custody_log *log, size_t i);
/** Appends one line, without LF. It is not judged, whatever it holds: see pk_custody_check_lines. */
PK_NODISCARD int pk_custody_log_put(struct pk_custody_log *log, struct pk_str line, struct pk_err *err);
/** An exported log of at most PK_MAX_CUSTODY_LOG bytes, in which there is something. It is not judged either. */
PK_NODISCARD int pk_custody_log_parse(struct pk_str text, struct pk_custody_log *ret, struct pk_err *err);
/** "TEAM/case/ID", from the first line. */
PK_NODISCARD int pk_custody_origin(const struct pk_custody_log *log, struct pk_buf *ret, struct pk_err *err);
/** "NAME+HHHHHHHH" of the note key that alone signs the log's checkpoints: the first that a line names, else log->key;
 * nothing when there is neither. What was looked through is not looked through again. */
PK_NODISCARD int pk_custody_key(struct pk_custody_log *log, struct pk_buf *ret, struct pk_err *err);
/** Root of the first `size` lines, which must be there. */
void pk_custody_root(const struct pk_custody_log *log, uint64_t size, uint8_t ret[32]);

/** One line understood; strings are slices of json. Fields that may be null are empty then. */
struct pk_custody_entry {
	struct pk_json_value *json;
	uint64_t seq;
	struct pk_time t;
	struct pk_str team, actor, key, action, object, place, reason, tool, version, settings;
};
void pk_custody_entry_done(struct pk_custody_entry *e);
PK_NODISCARD int pk_custody_entry_parse(struct pk_str line, struct pk_custody_entry *ret, struct pk_err *err);
/** What else the line says, for people: "verdict=ok size=17". */
void pk_buf_put_custody_details(struct pk_buf *b, const struct pk_custody_entry *e);

/* --- checking: findings go to the sink; *bad counts faults ------------------------------------------ */

/** Order and form of the lines: dropped, doubled, reordered, empty and cut ones, and what is no custody line. */
PK_NODISCARD int pk_custody_check_lines(const struct pk_custody_log *log, const struct pk_check_sink *sink,
					uint64_t *bad, struct pk_err *err);
/** A checkpoint that somebody kept: is the log still the one that it was made of? Signed by a party of the roster
 * (NULL: signatures are not checked, and a remark says so) or a bare tree head, which its keeper answers for. One that
 * another key signed than the log's, or a party of another organisation than its team, is another's: it says nothing of
 * the log. A proof before it is checked when the lines are there. */
PK_NODISCARD int pk_custody_check_checkpoint(struct pk_custody_log *log, struct pk_str note,
					     const struct pk_roster *roster, const struct pk_check_sink *sink,
					     uint64_t *bad, struct pk_err *err);
/** The cosignatures on a checkpoint that the case keeps: those of the roster's parties that do not fit, or whose time
 * cannot be, are faults; the rest of the checkpoint is not asked. */
PK_NODISCARD int pk_custody_check_kept(const struct pk_custody_log *log, struct pk_str note,
				       const struct pk_roster *roster, const struct pk_check_sink *sink, uint64_t *bad,
				       struct pk_err *err);
/** The last line that a checkpoint covers: who saw the checkpoint saw it after that was written. */
struct pk_custody_last {
	uint64_t seq;
	struct pk_time t;
};
/** That of a checkpoint of so many lines; false: it is not there, or no custody line. */
bool pk_custody_last(const struct pk_custody_log *log, uint64_t size, struct pk_custody_last *ret);
/** An older export of the same log: what was dropped since, rewritten, put in another order? */
PK_NODISCARD int pk_custody_check_export(const struct pk_custody_log *log, const struct pk_custody_log *older,
					 const struct pk_check_sink *sink, uint64_t *bad, struct pk_err *err);

/** A checkpoint as it travels: the bare text, the signed note, or a note after the proof that it continues an older
 * one (the body of C2SP tlog-witness's add-checkpoint: "old N", hashes, an empty line, the note). Slices of text. */
struct pk_custody_note {
	struct pk_checkpoint cp;
	struct pk_str note; /* with its signatures; the bare text when there are none */
	bool is_signed;
	struct pk_err fault; /* kind other than 0: why it is no signed note, though it has an empty line as one does */
	bool has_proof;
	uint64_t old;        /* size that the proof begins at */
	struct pk_buf proof; /* nodes */
};
void pk_custody_note_done(struct pk_custody_note *n);
PK_NODISCARD int pk_custody_note_parse(struct pk_str text, struct pk_custody_note *ret, struct pk_err *err);
/** The lines before the note. */
PK_NODISCARD int pk_custody_put_proof(const struct pk_custody_log *log, uint64_t old, struct pk_buf *ret,
				      struct pk_err *err);
/** Does `newer` (with its proof) continue `older`? PK_ECRYPTO says how not. */
PK_NODISCARD int pk_custody_continues(const struct pk_custody_note *newer, const struct pk_checkpoint *older,
				      struct pk_err *err);
/** TEAM of "TEAM/case/ID"; empty: it is no custody log's. */
struct pk_str pk_custody_team(struct pk_str origin);
/** Whether the party's note key signed this note. */
PK_NODISCARD int pk_custody_signed(struct pk_str note, const struct pk_party *p, bool *ret, struct pk_err *err);
/** The party of the roster whose note key is "NAME+HHHHHHHH" and signed this note; NULL: none. */
PK_NODISCARD int pk_custody_signer(struct pk_str note, const struct pk_roster *roster, struct pk_str key,
				   const struct pk_party **ret, struct pk_err *err);
/** Whether the party cosigned it, and when first. PK_ECRYPTO: its cosignature does not fit, or is of a time that has not
 * come or before the last line (NULL: not known). Whether the party was valid then is not asked. */
PK_NODISCARD int pk_custody_seen(struct pk_str note, const struct pk_party *p, const struct pk_custody_last *last,
				 bool *ret, struct pk_time *ret_at, struct pk_err *err);
/** Names of the roster's parties that signed it (at least one, valid at that moment, else PK_ECRYPTO) and "NAME at TIME"
 * of those that cosigned it, with commas. A signature of theirs that does not fit, or a cosignature whose time cannot be
 * (see pk_custody_seen), is PK_ECRYPTO. Either may be NULL. */
PK_NODISCARD int pk_custody_who(struct pk_str note, const struct pk_roster *roster, struct pk_time at,
				const struct pk_custody_last *last, struct pk_buf *ret_signers,
				struct pk_buf *ret_cosigners, struct pk_err *err);
/** The note that is kept of a checkpoint (empty: none), with the cosignatures by parties of the roster that another note of
 * it has: see pk_note_merge. owner: whose log it is. */
PK_NODISCARD int pk_custody_merge(struct pk_str kept, struct pk_str note, const struct pk_party *owner,
				  const struct pk_roster *roster, struct pk_buf *ret, struct pk_err *err);

/* --- exports: the same of all this gives the same bytes ----------------------------------------------- */

/** What a document has beside the lines. Zero-initialise. label: of the case, as people are shown it; empty: of a log
 * alone none is known. faults: what checks found wrong with the log, in lines that are safe to print; without any, a log
 * that is not what it should be is PK_EFORMAT or PK_ELIMIT. */
struct pk_custody_with {
	struct pk_str label;
	struct pk_strv notes; /* checkpoints */
	struct pk_strv faults;
};
/** notes and faults. */
void pk_custody_with_done(struct pk_custody_with *with);
/** For people: label and faults, one paragraph a line, then the checkpoints as they are, and how to check them. */
PK_NODISCARD int pk_custody_put_text(const struct pk_custody_log *log, const struct pk_custody_with *with,
				     struct pk_buf *ret, struct pk_err *err);
/** CASE/UCO as JSON-LD: an InvestigativeAction and a ProvenanceRecord a line, an Annotation a fault; each object marked
 * with the label. */
PK_NODISCARD int pk_custody_put_uco(const struct pk_custody_log *log, const struct pk_custody_with *with,
				    struct pk_buf *ret, struct pk_err *err);

#endif
