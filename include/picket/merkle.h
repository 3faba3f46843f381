/* SPDX-License-Identifier: Apache-2.0 */
/** Merkle trees of RFC 6962 section 2 over SHA-256. */
#ifndef PICKET_MERKLE_H
#define PICKET_MERKLE_H

#include <picket/hash.h>

typedef uint8_t pk_node[32];

void pk_merkle_leaf(struct pk_str data, uint8_t ret[32]);                         /* SHA-256(0x00 | data) */
void pk_merkle_parent(const uint8_t l[32], const uint8_t r[32], uint8_t ret[32]); /* SHA-256(0x01 | l | r) */

/** A growing tree in constant memory: the frontier is the roots of the complete subtrees, largest first. */
struct pk_frontier {
	uint64_t size;
	pk_node node[64];
	unsigned n; /* = popcount(size) */
};
void pk_frontier_add(struct pk_frontier *f, const uint8_t leaf[32]);
void pk_frontier_root(const struct pk_frontier *f, uint8_t ret[32]); /* of the empty tree: SHA-256("") */

/** Proofs from all leaf hashes (32 bytes each). Each appends nodes of 32 bytes to ret. */
PK_NODISCARD int pk_merkle_inclusion(const pk_node *leaves, uint64_t size, uint64_t index, struct pk_buf *ret,
				     struct pk_err *err);
PK_NODISCARD int pk_merkle_consistency(const pk_node *leaves, uint64_t old_size, uint64_t size, struct pk_buf *ret,
				       struct pk_err *err);
/** All nodes of a tree, for many proofs at 64 bytes a leaf: leaves come one after the other, then proofs of any of
 * them. Zero-initialise. */
struct pk_merkle_tree {
	struct {
		pk_node *v; /* roots of complete subtrees of 2^i leaves */
		size_t n, cap;
	} level[64];
};
void pk_merkle_tree_done(struct pk_merkle_tree *t);
PK_NODISCARD int pk_merkle_tree_add(struct pk_merkle_tree *t, const uint8_t leaf[32], struct pk_err *err);
PK_NODISCARD int pk_merkle_tree_prove(const struct pk_merkle_tree *t, uint64_t index, struct pk_buf *ret,
				      struct pk_err *err);
/** PK_ECRYPTO when the proof does not lead from leaf to root. */
PK_NODISCARD int pk_merkle_verify_inclusion(const uint8_t leaf[32], uint64_t index, uint64_t size,
					    const uint8_t root[32], struct pk_str proof, struct pk_err *err);
PK_NODISCARD int pk_merkle_verify_consistency(uint64_t old_size, const uint8_t old_root[32], uint64_t size,
					      const uint8_t root[32], struct pk_str proof, struct pk_err *err);

#endif
