/* SPDX-License-Identifier: Apache-2.0 */
/* An opened bundle, on the side that judges. Private to lib/bundle. */
#ifndef PICKET_BUNDLE_OPEN_INT_H
#define PICKET_BUNDLE_OPEN_INT_H

#include "parsechild.h"
#include "sharein.h"

#include <picket/bundle.h>

struct pk_left; /* salvage_int.h */
void pk_left_free(struct pk_left *l);

struct pk_bundle {
	char *path;
	int fd;
	struct pk_age_file *age;
	bool salvage;
	struct pk_bundle_info info;
	struct pk_ticket ticket;
	struct pk_terms terms;
	struct pk_buf terms_text, ticket_text, ticket_sig, checkpoint, first_record;
	struct pk_final final; /* what the checkpoint says, signature checked */
	bool has_final;
	struct pk_sharein *share; /* when it is one */
	/* salvage */
	bool rescued;    /* `age` is what is left of the file */
	bool head_lost;  /* terms and ticket inside are lost: the ticket is the one beside the bundle */
	bool id_unknown; /* and no note has named the bundle yet */
	struct pk_left *left;
	bool keep_tree;             /* for proofs: while it is looked through, */
	struct pk_merkle_tree tree; /* the hashes of the records from leaf 0 on without a gap, */
	struct pk_buf note;         /* and the note behind the last of them */
};

/* Proves segments one after the other against the ticket's note key. Zero-initialise but for `bundle`. */
struct pk_prover {
	struct pk_bundle *bundle;
	struct pk_frontier tree;
	uint64_t segments;
	struct pk_buf records; /* of the segment whose note comes next */
	bool has_records;
};
void pk_prover_done(struct pk_prover *p);
/** A message of RECORDS or NOTE. A note proves the records before it: *ret_proven says so, p->records are then
 * good until the next message, and *ret_first is their first leaf. `alone`: the segment need not follow on the last
 * one. */
PK_NODISCARD int pk_prove_segment(struct pk_prover *p, enum pk_tell what, struct pk_str bytes, bool alone,
				  bool *ret_proven, uint64_t *ret_first, struct pk_err *err);
/** Checks the signature over a checkpoint and parses it. */
PK_NODISCARD int pk_prove_checkpoint(const struct pk_bundle *b, struct pk_str note, struct pk_final *ret,
				     struct pk_err *err);
/** After the last segment: the tree is the checkpoint's. */
PK_NODISCARD int pk_prove_final(const struct pk_prover *p, const struct pk_final *f, struct pk_err *err);
/** Leaf 0 belongs to this bundle, terms and ticket. */
PK_NODISCARD int pk_prove_first_record(const struct pk_bundle *b, struct pk_str line, struct pk_err *err);

/** Of a share: each of these records repeats one that is proven. */
PK_NODISCARD int pk_match_shared(const struct pk_bundle *b, struct pk_str records, uint64_t first, struct pk_err *err);

/** The same for the first line of these records of a bundle whose head may be lost: then it is held against the ticket. */
PK_NODISCARD int pk_prove_first_record_left(const struct pk_bundle *b, struct pk_str records, struct pk_err *err);

/** Calls events->record (if any) for each line, until it has seen enough (1). No record gets out that is not as the
 * format has it: *ret_refused is then its leaf, else PK_LEAF_NONE. */
PK_NODISCARD int pk_bundle_hand_out(const struct pk_bundle_events *events, struct pk_str records, uint64_t first,
				    uint64_t *ret_refused, struct pk_err *err);

/** Hashes what comes and compares at the end. */
struct pk_checked {
	struct pk_sha256 hash;
	uint64_t size, left;
	uint8_t want[32];
};
PK_NODISCARD int pk_checked_init(struct pk_checked *c, const struct pk_record *r, struct pk_err *err);
PK_NODISCARD int pk_checked_put(struct pk_checked *c, struct pk_str bytes, struct pk_err *err);
PK_NODISCARD int pk_checked_end(struct pk_checked *c, struct pk_err *err);

#endif
