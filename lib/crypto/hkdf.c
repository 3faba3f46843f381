/* SPDX-License-Identifier: Apache-2.0 */
/* HKDF-SHA-256, which libsodium has only from 1.0.19. */
#include "hkdf.h"

#include <assert.h>
#include <sodium.h>

static void hmac_begin(crypto_auth_hmacsha256_state *st, struct pk_str key)
{
	static const uint8_t none[HKDF_HASH]; /* an empty key equals one of zeros; NULL is not allowed */

	crypto_auth_hmacsha256_init(st, key.n ? (const uint8_t *)key.p : none, key.n ? key.n : sizeof(none));
}

static void hmac_put(crypto_auth_hmacsha256_state *st, const void *p, size_t n)
{
	if (n)
		crypto_auth_hmacsha256_update(st, p, n);
}

void pk_hmac_sha256(uint8_t ret[HKDF_HASH], struct pk_str key, struct pk_str data)
{
	crypto_auth_hmacsha256_state st;

	hmac_begin(&st, key);
	hmac_put(&st, data.p, data.n);
	crypto_auth_hmacsha256_final(&st, ret);
	sodium_memzero(&st, sizeof(st));
}

void pk_hkdf_extract(uint8_t ret[HKDF_HASH], struct pk_str salt, struct pk_str ikm) { pk_hmac_sha256(ret, salt, ikm); }

void pk_hkdf_expand(uint8_t *ret, size_t n, const uint8_t prk[HKDF_HASH], struct pk_str info)
{
	crypto_auth_hmacsha256_state st;
	uint8_t t[HKDF_HASH];
	size_t have = 0;

	assert(n <= 255 * HKDF_HASH);
	for (uint8_t i = 1; n; i++) {
		size_t take = PK_MIN(n, sizeof(t));

		hmac_begin(&st, pk_str_n(prk, HKDF_HASH));
		hmac_put(&st, t, have);
		hmac_put(&st, info.p, info.n);
		hmac_put(&st, &i, 1);
		crypto_auth_hmacsha256_final(&st, t);
		have = sizeof(t);
		memcpy(ret, t, take);
		ret += take;
		n -= take;
	}
	sodium_memzero(t, sizeof(t));
	sodium_memzero(&st, sizeof(st));
}

void pk_hkdf(uint8_t *ret, size_t n, struct pk_str ikm, struct pk_str salt, struct pk_str info)
{
	uint8_t prk[HKDF_HASH];

	pk_hkdf_extract(prk, salt, ikm);
	pk_hkdf_expand(ret, n, prk, info);
	sodium_memzero(prk, sizeof(prk));
}
