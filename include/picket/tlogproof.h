/* SPDX-License-Identifier: Apache-2.0 */
/** Proofs that a record is in a signed tree, as text: C2SP tlog-proof (c2sp.org/tlog-proof, version 1).
 *
 *     c2sp.org/tlog-proof@v1
 *     extra BASE64              optional; ours is always the record itself
 *     index 17
 *     BASE64 of a node          one a line, from the leaf's sibling to the root's child
 *                               an empty line
 *     the log's checkpoint, verbatim, with its signatures */
#ifndef PICKET_TLOGPROOF_H
#define PICKET_TLOGPROOF_H

#include <picket/merkle.h>

#define PK_TLOG_PROOF_NODES 64

/** Zero-initialise. */
struct pk_tlog_proof {
	struct pk_buf extra; /* decoded; empty when there is none */
	uint64_t index;
	struct pk_buf path;       /* nodes of 32 bytes */
	struct pk_str checkpoint; /* a slice of the text that was parsed, or what is to be written */
};
void pk_tlog_proof_done(struct pk_tlog_proof *p);
/** One text for one meaning; *ret need not be initialised. The checkpoint is not looked into. PK_EFORMAT. */
PK_NODISCARD int pk_tlog_proof_parse(struct pk_str text, struct pk_tlog_proof *ret, struct pk_err *err);
void pk_buf_put_tlog_proof(struct pk_buf *b, const struct pk_tlog_proof *p);

#endif
