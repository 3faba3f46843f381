/* SPDX-License-Identifier: Apache-2.0 */
/** Inside lib/casedb: one import, and the questions it asks of what the case already holds. */
#ifndef PICKET_CASEDB_INTAKE_H
#define PICKET_CASEDB_INTAKE_H

#include "rows.h"
#include "stage.h"

#include <picket/bundle.h>
#include <picket/parts.h>

/* One file on its way into the case. */
struct pk_intake {
	struct pk_case *c;
	const struct pk_import *how;
	const char *path; /* as the user named it, or as it was named when it came in */
	struct pk_stage stage;
	struct pk_outer outer;
	struct pk_import_result *res;
	enum pk_trust_status status; /* the verdict so far */
	struct pk_buf why;
	struct pk_buf untold; /* of what is taken in: what cannot be told of it */
	struct pk_time first_intake;
	int64_t intake;          /* row, 0 when this file is new */
	struct pk_buf old_place; /* where it was kept until now */
	bool old_quarantined;
	char old_verdict[24];
	bool accepted; /* released by a person's reason */
	bool salvaged;
	uint64_t proven, lost_contents; /* of what was salvaged */
};

/** What the case holds under a bundle id. */
struct pk_known {
	bool found;
	bool shared;    /* parts of it, from shares */
	bool has_first; /* leaf 0 among them */
	int64_t host;
	int64_t no, intake;
	uint64_t leaves;
	uint8_t root[32];
	bool complete, countersigned;
	bool has_ticket;
	uint8_t ticket[16]; /* its id */
	struct pk_buf place;
};
/** Whether it was collected under another ticket than this one. */
bool pk_known_other_ticket(const struct pk_known *k, const struct pk_ticket *ticket);
PK_NODISCARD int pk_known_find(struct pk_case *c, const uint8_t id[16], struct pk_known *ret, struct pk_err *err);
/** The share of this id: size and root of its own log. */
PK_NODISCARD int pk_known_share(struct pk_case *c, const uint8_t id[16], bool *ret_found, uint64_t *ret_leaves,
				uint8_t ret_root[32], struct pk_err *err);
/** Whether a share in the case was sealed under this ticket. */
PK_NODISCARD int pk_known_share_under(struct pk_case *c, const struct pk_ticket *ticket, bool *ret, struct pk_err *err);
/** What the case holds under a ticket: parts that are in. *ret is added to. */
PK_NODISCARD int pk_known_parts(struct pk_case *c, const struct pk_ticket *ticket, struct pk_parts *ret,
				struct pk_err *err);
/** A one-use ticket's second bundle: replayed, unless both are parts of one chain; so is one after a share under it. A part whose neighbours are not
 * there yet waits for them. *ret_why gets the reason: which parts those are; of a good one, what cannot be told. */
PK_NODISCARD int pk_known_use(struct pk_case *c, const struct pk_bundle_info *info, enum pk_part_use *ret,
			      struct pk_buf *ret_why, struct pk_err *err);
/** The same of all bundles that a share is part of, each with the others of the share too: the worst. *ret_untold (or NULL)
 * gets what cannot be told. */
PK_NODISCARD int pk_known_share_use(struct pk_case *c, const struct pk_bundle *b, enum pk_part_use *ret,
				    struct pk_buf *ret_why, struct pk_buf *ret_untold, struct pk_err *err);
/** The root of a bundle's tree when it had `at` records: as pk_bundle_events.record, with lost_too. */
struct pk_prefix {
	struct pk_frontier tree;
	uint64_t at;
	uint8_t root[32];
	bool done;
};
PK_NODISCARD int pk_prefix_record(void *ctx, const struct pk_record *r, struct pk_err *err);
enum pk_relation { PK_SAME, PK_OLDER /* the new one is a beginning of the known one */, PK_LONGER, PK_CONTRADICTS };
/** How a verified bundle relates to the known one of the same id; `root_at` is the new tree's root at the known
 * one's size, when it is that long. */
PK_NODISCARD int pk_known_compare(struct pk_intake *job, const struct pk_known *known,
				  const struct pk_bundle_info *info, const uint8_t *root_at, enum pk_relation *ret,
				  struct pk_err *err);
/** Whether the known bundle (of more records than `size`), which the case has itself, had another root when it had so many records. */
PK_NODISCARD int pk_known_differs(struct pk_intake *job, const struct pk_known *known, uint64_t size,
				  const uint8_t root[32], bool *ret, struct pk_err *err);
/** Writes or updates the intake row of the job's file. state "imported" or "quarantined"... */
PK_NODISCARD int pk_intake_put(struct pk_intake *job, const char *state, const char *verdict, const char *why,
			       const char *place, const uint8_t *bundle_id, struct pk_err *err);

/* --- intakesay.c --- */

/** The fault is the bundle's, not ours. */
bool pk_job_is_damage(const struct pk_err *e);
/** Puts a text that may name the copy below quarantine/: people know the file by the name they gave. */
void pk_job_put_named(struct pk_buf *b, const struct pk_intake *job, struct pk_str text);
/** The same for an error on its way out. */
int pk_job_fail(const struct pk_intake *job, const struct pk_err *why, struct pk_err *err);
/** Why it was taken in although, or what cannot be told of what is in order. */
struct pk_str pk_job_reason(const struct pk_intake *job);
/** Whether it waited in quarantine for another part. */
bool pk_job_waited(const struct pk_intake *job);
/** What waited, and whose records came in another file: the file stays where it is, and is known now. */
PK_NODISCARD int pk_job_let_go(struct pk_intake *job, struct pk_err *err);
/** Always 0. */
int pk_job_say(struct pk_intake *job, enum pk_import_state state, const char *verdict, struct pk_str why);
/** Kept and listed, never merged. */
PK_NODISCARD int pk_job_quarantine(struct pk_intake *job, enum pk_trust_status status, struct pk_str why,
				   struct pk_err *err);
/** Not kept, but remembered: the first intake stays the first. */
PK_NODISCARD int pk_job_refuse(struct pk_intake *job, struct pk_str why, struct pk_err *err);
/** A failure while a bundle was read: 1 when it is the bundle's (job->why says what), else -1 with err set. */
PK_NODISCARD int pk_job_blame(struct pk_intake *job, bool own, const struct pk_err *why, struct pk_err *err);
/** One custody line about the file. verdict: or NULL. */
PK_NODISCARD int pk_job_line(struct pk_intake *job, const char *action, const char *verdict, struct pk_str reason,
			     struct pk_err *err);
/** That of its being taken in. */
PK_NODISCARD int pk_job_custody(struct pk_intake *job, struct pk_err *err);
/** Calls take inside a savepoint: its 1 undoes all that it did, and the file goes to quarantine as altered. */
PK_NODISCARD int pk_job_take(struct pk_intake *job, int (*take)(void *ctx, struct pk_err *err), void *ctx,
			     struct pk_err *err);

/* --- intake.c --- */

/** Judges a file again that is kept at `place`: like pk_case_import of it, under the name that it came by, if it is
 * still the file of that digest. Nobody named it now: how->accept is not for it. */
PK_NODISCARD int pk_intake_again(struct pk_case *c, const char *name, const char *place, const uint8_t digest[64],
				 const struct pk_import *how, struct pk_import_result *ret, struct pk_err *err);

/* --- intakeshare.c --- */

/** A share that opened: judged, and its parts taken in under the bundles that they are of. */
PK_NODISCARD int pk_share_import(struct pk_intake *job, struct pk_bundle *b, struct pk_err *err);

/* --- attest.c --- */

/** Custody lines for the receipt and the rewraps that job->outer knows of. */
PK_NODISCARD int pk_attest_lines(struct pk_intake *job, struct pk_err *err);
/** A record of type u: an override under which it was sealed becomes a custody line. */
PK_NODISCARD int pk_attest_record(struct pk_intake *job, const struct pk_bundle_info *info, const struct pk_record *r,
				  struct pk_err *err);
/** A receipt that holds, of a bundle that is in order, found in order: trust is "countersigned". */
bool pk_attest_is_countersigned(const struct pk_outer *outer);
/** A file that is in the case already comes again, now with a receipt: kept beside it, and trust rises. Inside a
 * transaction. */
PK_NODISCARD int pk_attest_late(struct pk_intake *job, bool *ret_raised, struct pk_err *err);

#endif
