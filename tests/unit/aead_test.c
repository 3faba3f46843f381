/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 8439's keystream by another implementation: every length against libsodium, both ways. */
#include "../t.h"

#include "../../lib/crypto/aead.h"

#include <picket/secret.h>

#include <sodium.h>

static uint8_t plain[140000], ours[140000 + AEAD_TAG], theirs[140000 + AEAD_TAG], back[140000];

static void compare(size_t n)
{
	uint8_t nonce[AEAD_NONCE], key[AEAD_KEY];

	pk_random(nonce, sizeof(nonce));
	pk_random(key, sizeof(key));
	pk_aead_seal(ours, plain, n, nonce, key);
	crypto_aead_chacha20poly1305_ietf_encrypt(theirs, NULL, plain, n, NULL, 0, NULL, nonce, key);
	CHECK(memcmp(ours, theirs, n + AEAD_TAG) == 0);
	memset(back, 0xee, n + 1);
	CHECK(pk_aead_open(back, ours, n + AEAD_TAG, nonce, key));
	CHECK(memcmp(back, plain, n) == 0);
	CHECK(back[n] == 0xee);
	ours[n * 7 / 11] ^= 4;
	CHECK(!pk_aead_open(back, ours, n + AEAD_TAG, nonce, key));
	ours[n * 7 / 11] ^= 4;
	ours[n + AEAD_TAG - 1] ^= 0x80;
	CHECK(!pk_aead_open(back, ours, n + AEAD_TAG, nonce, key));
	nonce[11] ^= 1;
	CHECK(!pk_aead_open(back, theirs, n + AEAD_TAG, nonce, key));
}

TEST(every_length_agrees_with_libsodium)
{
	OK(pk_crypto_init(&err));
	pk_random(plain, sizeof(plain));
	for (size_t n = 0; n < 1100; n++)
		compare(n);
	for (size_t n = 16300; n < 16450; n++)
		compare(n);
	for (size_t n = 65400; n <= 65536; n++)
		compare(n);
	compare(131072);
	compare(139999);
}

TEST(nothing_is_released_before_the_tag)
{
	uint8_t nonce[AEAD_NONCE] = {1}, key[AEAD_KEY] = {2};

	pk_aead_seal(ours, plain, 1000, nonce, key);
	ours[999] ^= 1;
	memset(back, 0, sizeof(back));
	CHECK(!pk_aead_open(back, ours, 1000 + AEAD_TAG, nonce, key));
	CHECK(sodium_is_zero(back, 1000));
}

RUN_TESTS(T(every_length_agrees_with_libsodium), T(nothing_is_released_before_the_tag))
