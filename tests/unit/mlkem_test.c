/* SPDX-License-Identifier: Apache-2.0 */
/* Keccak against the examples of FIPS 202 and ML-KEM-768 against ten thousand accumulated vectors. */
#include "../t.h"

#include "../../lib/crypto/keccak.h"
#include "../../lib/crypto/mlkem.h"

#include <sodium.h>

static void hex(struct pk_buf *b, const void *p, size_t n)
{
	pk_buf_reset(b);
	pk_buf_put_hex(b, p, n);
}

TEST(keccak_of_known_messages)
{
	static const struct {
		void (*begin)(struct keccak *k);
		const char *text, *want;
	} t[] = {
		{pk_sha3_256, "", "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"},
		{pk_sha3_256, "abc", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"},
		{pk_sha3_512, "",
		 "a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a6"
		 "15b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26"},
		{pk_sha3_512, "abc",
		 "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
		 "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0"},
		{pk_shake128, "", "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26"},
		{pk_shake256, "", "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f"},
	};

	for (size_t i = 0; i < PK_LEN(t); i++) {
		PK_AUTO(pk_buf) got = {0};
		struct keccak k;
		uint8_t out[64];
		size_t n = strlen(t[i].want) / 2;

		t[i].begin(&k);
		for (size_t at = 0; at < strlen(t[i].text); at++)
			pk_keccak_put(&k, t[i].text + at, 1);
		pk_keccak_get(&k, out, n / 2);
		pk_keccak_get(&k, out + n / 2, n - n / 2);
		hex(&got, out, n);
		CHECK_STR(pk_buf_str(&got), pk_str(t[i].want));
	}
}

/* A SHAKE128 of nothing gives seeds, messages and random ciphertexts; a second one takes what comes of them. The two
 * sums are those of the same procedure in the standard library of Go (crypto/mlkem, TestAccumulated). */
TEST(ten_thousand_accumulated_vectors)
{
	static uint8_t seed[MLKEM_SEED], pub[MLKEM_PUBLIC], secret[MLKEM_SECRET], m[32], sealed[MLKEM_SEALED];
	uint8_t shared[32], opened[32], sum[32];
	PK_AUTO(pk_buf) text = {0};
	struct keccak in, out;

	pk_shake128(&in);
	pk_shake128(&out);
	for (int i = 1; i <= 10000; i++) {
		pk_keccak_get(&in, seed, sizeof(seed));
		pk_mlkem_keys(pub, secret, seed);
		pk_keccak_put(&out, pub, sizeof(pub));
		pk_keccak_get(&in, m, sizeof(m));
		pk_mlkem_seal(sealed, shared, pub, m);
		pk_keccak_put(&out, sealed, sizeof(sealed));
		pk_keccak_put(&out, shared, sizeof(shared));
		pk_mlkem_open(opened, sealed, secret);
		if (memcmp(opened, shared, 32) != 0) {
			CHECK(memcmp(opened, shared, 32) == 0);
			return;
		}
		pk_keccak_get(&in, sealed, sizeof(sealed));
		pk_mlkem_open(opened, sealed, secret);
		pk_keccak_put(&out, opened, sizeof(opened));
		if (i == 100) {
			struct keccak so_far = out;

			pk_keccak_get(&so_far, sum, sizeof(sum));
			hex(&text, sum, sizeof(sum));
			CHECK_STR(pk_buf_str(&text),
				  PK_STR("1114b1b6699ed191734fa339376afa7e285c9e6acf6ff0177d346696ce564415"));
#ifdef PK_SANITIZED
			return; /* the rest takes too long */
#endif
		}
	}
	pk_keccak_get(&out, sum, sizeof(sum));
	hex(&text, sum, sizeof(sum));
	CHECK_STR(pk_buf_str(&text), PK_STR("8a518cc63da366322a8e7a818c7a0d63483cb3528d34a4cf42f35d5ad73f22fc"));
}

TEST(a_public_key_with_a_coefficient_too_large)
{
	static uint8_t seed[MLKEM_SEED], pub[MLKEM_PUBLIC], secret[MLKEM_SECRET];

	pk_mlkem_keys(pub, secret, seed);
	CHECK(pk_mlkem_check_public(pub));
	for (size_t i = 0; i < 1152; i += 3) { /* two coefficients in three bytes */
		uint8_t was[3];

		memcpy(was, pub + i, 3);
		pub[i] = 0x01; /* 3329 is 0xd01 */
		pub[i + 1] = (uint8_t)((pub[i + 1] & 0xf0) | 0x0d);
		CHECK(!pk_mlkem_check_public(pub));
		pub[i] = 0x00;
		pub[i + 1] = (uint8_t)(0x10 | 0x0d);
		pub[i + 2] = 0xd0;
		CHECK(!pk_mlkem_check_public(pub));
		pub[i + 1] = 0x0d;
		CHECK(pk_mlkem_check_public(pub));
		memcpy(pub + i, was, 3);
	}
	CHECK(pk_mlkem_check_public(pub));
}

RUN_TESTS(T(keccak_of_known_messages), T(ten_thousand_accumulated_vectors),
	  T(a_public_key_with_a_coefficient_too_large))
