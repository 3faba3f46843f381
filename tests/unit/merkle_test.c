/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"
#include "merkle_vectors.h"

#include <picket/merkle.h>

#define MAX 130

static pk_node leaf[MAX];

static void make_leaves(void)
{
	for (unsigned i = 0; i < MAX; i++) {
		char text[32];

		snprintf(text, sizeof(text), "leaf %u", i);
		pk_merkle_leaf(pk_str(text), leaf[i]);
	}
}

static void root_of(uint64_t n, uint8_t ret[32])
{
	struct pk_frontier f = {0};

	for (uint64_t i = 0; i < n; i++)
		pk_frontier_add(&f, leaf[i]);
	CHECK_INT(f.n, __builtin_popcountll(n));
	pk_frontier_root(&f, ret);
}

static void check_hex(const void *p, size_t n, const char *want)
{
	PK_AUTO(pk_buf) hex = {0};

	pk_buf_put_hex(&hex, p, n);
	CHECK_STR(pk_buf_str(&hex), pk_str(want));
}

/* The leaves that certificate transparency's own tests use; their roots are widely published. */
TEST(published_roots)
{
	static const struct {
		const char *p;
		size_t n;
	} data[] = {
		{"", 0},
		{"\x00", 1},
		{"\x10", 1},
		{"\x20\x21", 2},
		{"\x30\x31", 2},
		{"\x40\x41\x42\x43", 4},
		{"\x50\x51\x52\x53\x54\x55\x56\x57", 8},
		{"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16},
	};
	struct pk_frontier f = {0};
	uint8_t node[32];

	pk_frontier_root(&f, node);
	check_hex(node, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	for (size_t i = 0; i < PK_LEN(data); i++) {
		pk_merkle_leaf(pk_str_n(data[i].p, data[i].n), node);
		pk_frontier_add(&f, node);
		if (i == 0) {
			pk_frontier_root(&f, node);
			check_hex(node, 32, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
		}
	}
	pk_frontier_root(&f, node);
	check_hex(node, 32, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

TEST(vectors_of_the_recursive_definition)
{
	uint8_t root[32];

	make_leaves();
	for (size_t i = 0; i < PK_LEN(vector_roots); i++) {
		root_of(vector_roots[i].size, root);
		check_hex(root, 32, vector_roots[i].root);
	}
	for (size_t i = 0; i < PK_LEN(vector_inclusion); i++) {
		PK_AUTO(pk_buf) proof = {0};

		OK(pk_merkle_inclusion((const pk_node *)leaf, vector_inclusion[i].size, vector_inclusion[i].index,
				       &proof, &err));
		check_hex(proof.p, proof.n, vector_inclusion[i].proof);
	}
	for (size_t i = 0; i < PK_LEN(vector_consistency); i++) {
		PK_AUTO(pk_buf) proof = {0};

		OK(pk_merkle_consistency((const pk_node *)leaf, vector_consistency[i].old_size,
					 vector_consistency[i].size, &proof, &err));
		check_hex(proof.p, proof.n, vector_consistency[i].proof);
	}
}

/* Every single-bit lie in index, size, proof or root must be found. */
static void check_inclusion_lies(uint64_t i, uint64_t n, const uint8_t root[32], struct pk_buf *proof)
{
	struct pk_str p = pk_buf_str(proof);
	uint8_t other[32];

	FAILS(PK_ECRYPTO, pk_merkle_verify_inclusion(leaf[i], i + 1, n, root, p, &err));
	FAILS(PK_ECRYPTO, pk_merkle_verify_inclusion(leaf[i], n, n, root, p, &err));
	FAILS(PK_ECRYPTO, pk_merkle_verify_inclusion(leaf[(i + 1) % MAX], i, n, root, p, &err));
	memcpy(other, root, 32);
	other[31] ^= 1;
	FAILS(PK_ECRYPTO, pk_merkle_verify_inclusion(leaf[i], i, n, other, p, &err));
	if (proof->n) {
		FAILS(PK_ECRYPTO, pk_merkle_verify_inclusion(leaf[i], i, n, root, pk_str_n(p.p, p.n - 32), &err));
		FAILS(PK_ECRYPTO, pk_merkle_verify_inclusion(leaf[i], i, n, root, pk_str_n(p.p, p.n - 1), &err));
		proof->p[p.n / 2] ^= 1;
		FAILS(PK_ECRYPTO, pk_merkle_verify_inclusion(leaf[i], i, n, root, p, &err));
		proof->p[p.n / 2] ^= 1;
	}
	pk_buf_put(proof, root, 32);
	FAILS(PK_ECRYPTO, pk_merkle_verify_inclusion(leaf[i], i, n, root, pk_buf_str(proof), &err));
}

TEST(every_inclusion_proof_verifies_and_no_other)
{
	make_leaves();
	for (uint64_t n = 1; n <= 40; n++) {
		uint8_t root[32];

		root_of(n, root);
		for (uint64_t i = 0; i < n; i++) {
			PK_AUTO(pk_buf) proof = {0};

			OK(pk_merkle_inclusion((const pk_node *)leaf, n, i, &proof, &err));
			OK(pk_merkle_verify_inclusion(leaf[i], i, n, root, pk_buf_str(&proof), &err));
			check_inclusion_lies(i, n, root, &proof);
		}
	}
	FAILS(PK_EINTERNAL, pk_merkle_inclusion((const pk_node *)leaf, 4, 4, &(struct pk_buf){0}, &err));
	FAILS(PK_ECRYPTO, pk_merkle_verify_inclusion(leaf[0], 0, 0, leaf[0], (struct pk_str){0}, &err));
}

TEST(a_whole_tree_gives_the_same_proofs)
{
	PK_AUTO(pk_merkle_tree) t = {0};

	make_leaves();
	for (uint64_t n = 1; n <= 70; n++) {
		OK(pk_merkle_tree_add(&t, leaf[n - 1], &err));
		for (uint64_t i = 0; i < n; i++) {
			PK_AUTO(pk_buf) want = {0}, got = {0};

			OK(pk_merkle_inclusion((const pk_node *)leaf, n, i, &want, &err));
			OK(pk_merkle_tree_prove(&t, i, &got, &err));
			CHECK(pk_str_eq(pk_buf_str(&want), pk_buf_str(&got)));
		}
	}
	FAILS(PK_EINTERNAL, pk_merkle_tree_prove(&t, 70, &(struct pk_buf){0}, &err));
}

TEST(every_consistency_proof_verifies_and_no_other)
{
	make_leaves();
	for (uint64_t n = 0; n <= 40; n++) {
		uint8_t root[32], old[32];

		root_of(n, root);
		for (uint64_t m = 0; m <= n; m++) {
			PK_AUTO(pk_buf) proof = {0};

			root_of(m, old);
			OK(pk_merkle_consistency((const pk_node *)leaf, m, n, &proof, &err));
			OK(pk_merkle_verify_consistency(m, old, n, root, pk_buf_str(&proof), &err));
			old[0] ^= 1;
			FAILS(PK_ECRYPTO, pk_merkle_verify_consistency(m, old, n, root, pk_buf_str(&proof), &err));
			old[0] ^= 1;
			pk_buf_put(&proof, root, 32);
			FAILS(PK_ECRYPTO, pk_merkle_verify_consistency(m, old, n, root, pk_buf_str(&proof), &err));
			if (m && m < n) {
				root[5] ^= 1;
				FAILS(PK_ECRYPTO, pk_merkle_verify_consistency(m, old, n, root,
									       pk_str_n(proof.p, proof.n - 32), &err));
				root[5] ^= 1;
			}
		}
		FAILS(PK_ECRYPTO, pk_merkle_verify_consistency(n + 1, root, n, root, (struct pk_str){0}, &err));
	}
}

RUN_TESTS(T(published_roots), T(vectors_of_the_recursive_definition), T(every_inclusion_proof_verifies_and_no_other),
	  T(a_whole_tree_gives_the_same_proofs), T(every_consistency_proof_verifies_and_no_other))
