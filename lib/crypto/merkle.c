/* SPDX-License-Identifier: Apache-2.0 */
/* Merkle trees of RFC 6962: leaves, the frontier of a growing tree, and both kinds of proof. */
#include <picket/merkle.h>

#include <stdlib.h>

#define NODE PK_SHA256_SIZE
#define MAX_PROOF 64 /* nodes: the height of the largest tree */

void pk_merkle_leaf(struct pk_str data, uint8_t ret[32])
{
	struct pk_sha256 h;

	pk_sha256_init(&h);
	pk_sha256_put(&h, "\x00", 1);
	pk_sha256_put(&h, data.p, data.n);
	pk_sha256_end(&h, ret);
}

void pk_merkle_parent(const uint8_t l[32], const uint8_t r[32], uint8_t ret[32])
{
	uint8_t both[1 + 2 * NODE] = {0x01};

	memcpy(both + 1, l, NODE);
	memcpy(both + 1 + NODE, r, NODE);
	pk_sha256(both, sizeof(both), ret);
}

/* --- the frontier ----------------------------------------------------------------------------------- */

void pk_frontier_add(struct pk_frontier *f, const uint8_t leaf[32])
{
	uint8_t node[NODE];

	memcpy(node, leaf, NODE);
	/* as in counting: each trailing one bit is a complete subtree that the new node now closes */
	for (uint64_t carry = f->size; carry & 1; carry >>= 1)
		pk_merkle_parent(f->node[--f->n], node, node);
	memcpy(f->node[f->n++], node, NODE);
	f->size++;
}

void pk_frontier_root(const struct pk_frontier *f, uint8_t ret[32])
{
	uint8_t node[NODE];

	if (f->n == 0) {
		pk_sha256("", 0, ret);
		return;
	}
	memcpy(node, f->node[f->n - 1], NODE);
	for (unsigned i = f->n - 1; i-- > 0;)
		pk_merkle_parent(f->node[i], node, node);
	memcpy(ret, node, NODE);
}

/* --- making proofs ---------------------------------------------------------------------------------- */

static void range_root(const pk_node *leaves, uint64_t n, uint8_t ret[32])
{
	struct pk_frontier f = {0};

	for (uint64_t i = 0; i < n; i++)
		pk_frontier_add(&f, leaves[i]);
	pk_frontier_root(&f, ret);
}

/* The largest power of two smaller than n; n > 1. */
static uint64_t split_at(uint64_t n) { return 1ull << (63 - __builtin_clzll(n - 1)); }

/* A proof goes down from the root, but is written from the leaf up. */
struct path {
	pk_node node[MAX_PROOF];
	unsigned n;
};

static PK_NODISCARD int put_reversed(const struct path *p, struct pk_buf *ret, struct pk_err *err)
{
	for (unsigned i = p->n; i-- > 0;)
		pk_buf_put(ret, p->node[i], NODE);
	return pk_buf_check(ret, err);
}

int pk_merkle_inclusion(const pk_node *leaves, uint64_t size, uint64_t index, struct pk_buf *ret, struct pk_err *err)
{
	struct path path = {.n = 0};

	if (index >= size)
		return pk_fail(err, PK_EINTERNAL, 0, "no leaf %llu in a tree of %llu", (unsigned long long)index,
			       (unsigned long long)size);
	while (size > 1) {
		uint64_t k = split_at(size);

		if (index < k) {
			range_root(leaves + k, size - k, path.node[path.n++]);
			size = k;
		} else {
			range_root(leaves, k, path.node[path.n++]);
			leaves += k;
			index -= k;
			size -= k;
		}
	}
	return put_reversed(&path, ret, err);
}

int pk_merkle_consistency(const pk_node *leaves, uint64_t old_size, uint64_t size, struct pk_buf *ret,
			  struct pk_err *err)
{
	struct path path = {.n = 0};
	bool whole = true; /* the old tree is still this whole subtree: its root is known to the reader */

	if (old_size > size)
		return pk_fail(err, PK_EINTERNAL, 0, "a tree of %llu is no prefix of one of %llu",
			       (unsigned long long)old_size, (unsigned long long)size);
	if (old_size == 0)
		return 0;
	while (old_size != size) {
		uint64_t k = split_at(size);

		if (old_size <= k) {
			range_root(leaves + k, size - k, path.node[path.n++]);
			size = k;
		} else {
			range_root(leaves, k, path.node[path.n++]);
			leaves += k;
			old_size -= k;
			size -= k;
			whole = false;
		}
	}
	if (!whole)
		range_root(leaves, size, path.node[path.n++]);
	return put_reversed(&path, ret, err);
}

/* --- many proofs of one tree -------------------------------------------------------------------------- */

void pk_merkle_tree_done(struct pk_merkle_tree *t)
{
	for (size_t i = 0; i < PK_LEN(t->level); i++)
		free(t->level[i].v);
	*t = (struct pk_merkle_tree){0};
}

int pk_merkle_tree_add(struct pk_merkle_tree *t, const uint8_t leaf[32], struct pk_err *err)
{
	uint8_t node[NODE];

	memcpy(node, leaf, NODE);
	for (size_t i = 0; i < PK_LEN(t->level); i++) {
		if (!pk_grow(&t->level[i].v, &t->level[i].cap, t->level[i].n + 1, sizeof(*t->level[i].v)))
			return pk_fail_oom(err);
		memcpy(t->level[i].v[t->level[i].n++], node, NODE);
		if (t->level[i].n & 1)
			return 0;
		pk_merkle_parent(t->level[i].v[t->level[i].n - 2], node, node);
	}
	return 0;
}

/* The root of n leaves from `first` on, where first is a multiple of a power of two that is at least n: as
 * pk_frontier_root, from subtrees that are there already. */
static void subtree_root(const struct pk_merkle_tree *t, uint64_t first, uint64_t n, uint8_t ret[32])
{
	bool have = false;
	uint64_t end = first + n;

	for (unsigned i = 0; n >> i; i++) {
		if (!(n >> i & 1))
			continue;
		end -= 1ull << i; /* the smallest complete subtree is the last */
		if (have)
			pk_merkle_parent(t->level[i].v[end >> i], ret, ret);
		else
			memcpy(ret, t->level[i].v[end >> i], NODE);
		have = true;
	}
}

int pk_merkle_tree_prove(const struct pk_merkle_tree *t, uint64_t index, struct pk_buf *ret, struct pk_err *err)
{
	struct path path = {.n = 0};
	uint64_t first = 0, size = t->level[0].n;

	if (index >= size)
		return pk_fail(err, PK_EINTERNAL, 0, "no leaf %llu in a tree of %llu", (unsigned long long)index,
			       (unsigned long long)size);
	while (size > 1) {
		uint64_t k = split_at(size);

		if (index - first < k) {
			subtree_root(t, first + k, size - k, path.node[path.n++]);
			size = k;
		} else {
			subtree_root(t, first, k, path.node[path.n++]);
			first += k;
			size -= k;
		}
	}
	return put_reversed(&path, ret, err);
}

/* --- checking proofs (RFC 9162, sections 2.1.3.2 and 2.1.4.2) ------------------------------------------- */

static PK_NODISCARD int bad_proof(struct pk_err *err)
{
	return pk_fail(err, PK_ECRYPTO, 0, "the proof does not lead to the root");
}

int pk_merkle_verify_inclusion(const uint8_t leaf[32], uint64_t index, uint64_t size, const uint8_t root[32],
			       struct pk_str proof, struct pk_err *err)
{
	const uint8_t *p = (const uint8_t *)proof.p, *end = proof.n ? p + proof.n : p;
	uint64_t fn = index, sn = size - 1;
	uint8_t r[NODE];

	if (index >= size || proof.n % NODE || proof.n / NODE > MAX_PROOF)
		return bad_proof(err);
	memcpy(r, leaf, NODE);
	for (; p != end; p += NODE) {
		if (sn == 0)
			return bad_proof(err);
		if (fn & 1 || fn == sn) {
			pk_merkle_parent(p, r, r);
			for (; !(fn & 1) && fn; fn >>= 1)
				sn >>= 1;
		} else {
			pk_merkle_parent(r, p, r);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && memcmp(r, root, NODE) == 0 ? 0 : bad_proof(err);
}

int pk_merkle_verify_consistency(uint64_t old_size, const uint8_t old_root[32], uint64_t size, const uint8_t root[32],
				 struct pk_str proof, struct pk_err *err)
{
	const uint8_t *p = (const uint8_t *)proof.p, *end = proof.n ? p + proof.n : p;
	uint64_t fn = old_size - 1, sn = size - 1;
	uint8_t fr[NODE], sr[NODE];

	if (old_size > size || proof.n % NODE || proof.n / NODE > MAX_PROOF)
		return bad_proof(err);
	if (old_size == 0) { /* the empty tree is a prefix of every tree, but its root is fixed */
		pk_sha256("", 0, fr);
		return proof.n == 0 && memcmp(fr, old_root, NODE) == 0 && (size || memcmp(fr, root, NODE) == 0)
			       ? 0
			       : bad_proof(err);
	}
	if (old_size == size)
		return proof.n == 0 && memcmp(old_root, root, NODE) == 0 ? 0 : bad_proof(err);
	for (; fn & 1; fn >>= 1)
		sn >>= 1;
	if (fn == 0) { /* the old size is a power of two: its root is the first node, and is left out */
		memcpy(fr, old_root, NODE);
	} else {
		if (p == end)
			return bad_proof(err);
		memcpy(fr, p, NODE);
		p += NODE;
	}
	memcpy(sr, fr, NODE);
	for (; p != end; p += NODE) {
		if (sn == 0)
			return bad_proof(err);
		if (fn & 1 || fn == sn) {
			pk_merkle_parent(p, fr, fr);
			pk_merkle_parent(p, sr, sr);
			for (; !(fn & 1) && fn; fn >>= 1)
				sn >>= 1;
		} else {
			pk_merkle_parent(sr, p, sr);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && memcmp(fr, old_root, NODE) == 0 && memcmp(sr, root, NODE) == 0 ? 0 : bad_proof(err);
}
