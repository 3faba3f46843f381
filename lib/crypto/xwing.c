/* SPDX-License-Identifier: Apache-2.0 */
/* X-Wing and the key schedule of HPKE (RFC 9180), base mode. */
#include "xwing.h"
#include "hkdf.h"
#include "keccak.h"

#include <sodium.h>

#define LABELLED_MAX 160 /* the longest input below is 17 + 10 + 65 bytes */

void pk_xwing_keys(uint8_t ret_public[XWING_PUBLIC], uint8_t ret_secret[XWING_SECRET], const uint8_t seed[XWING_SEED])
{
	uint8_t expanded[MLKEM_SEED + 32];
	struct keccak k;

	pk_shake256(&k);
	pk_keccak_put(&k, seed, XWING_SEED);
	pk_keccak_get(&k, expanded, sizeof(expanded));
	pk_mlkem_keys(ret_public, ret_secret, expanded);
	memcpy(ret_secret + MLKEM_SECRET, expanded + MLKEM_SEED, 32);
	crypto_scalarmult_base(ret_public + MLKEM_PUBLIC, ret_secret + MLKEM_SECRET);
	memcpy(ret_secret + MLKEM_SECRET + 32, ret_public + MLKEM_PUBLIC, 32);
	sodium_memzero(expanded, sizeof(expanded));
	sodium_memzero(&k, sizeof(k));
}

static void combine(uint8_t ret[32], const uint8_t m[32], const uint8_t x[32], const uint8_t sealed_x[32],
		    const uint8_t public_x[32])
{
	struct keccak k;

	pk_sha3_256(&k);
	pk_keccak_put(&k, m, 32);
	pk_keccak_put(&k, x, 32);
	pk_keccak_put(&k, sealed_x, 32);
	pk_keccak_put(&k, public_x, 32);
	pk_keccak_put(&k, "\\.//^\\", 6);
	pk_keccak_get(&k, ret, 32);
	sodium_memzero(&k, sizeof(k));
}

bool pk_xwing_seal(uint8_t ret_sealed[XWING_SEALED], uint8_t ret_shared[32], const uint8_t pub[XWING_PUBLIC])
{
	uint8_t random[64], m[32], x[32];
	bool good = pk_mlkem_check_public(pub);

	randombytes_buf(random, sizeof(random));
	pk_mlkem_seal(ret_sealed, m, pub, random);
	crypto_scalarmult_base(ret_sealed + MLKEM_SEALED, random + 32);
	good = good && crypto_scalarmult(x, random + 32, pub + MLKEM_PUBLIC) == 0;
	if (good)
		combine(ret_shared, m, x, ret_sealed + MLKEM_SEALED, pub + MLKEM_PUBLIC);
	sodium_memzero(random, sizeof(random));
	sodium_memzero(m, sizeof(m));
	sodium_memzero(x, sizeof(x));
	return good;
}

bool pk_xwing_open(uint8_t ret_shared[32], const uint8_t sealed[XWING_SEALED], const uint8_t secret[XWING_SECRET])
{
	const uint8_t *secret_x = secret + MLKEM_SECRET, *public_x = secret_x + 32;
	uint8_t m[32], x[32];

	if (crypto_scalarmult(x, secret_x, sealed + MLKEM_SEALED) != 0)
		return false;
	pk_mlkem_open(m, sealed, secret);
	combine(ret_shared, m, x, sealed + MLKEM_SEALED, public_x);
	sodium_memzero(m, sizeof(m));
	sodium_memzero(x, sizeof(x));
	return true;
}

/* "HPKE-v1", the suite (KEM 0x647a, KDF 1, AEAD 3), a label, bytes. */
static size_t labelled(uint8_t ret[LABELLED_MAX], struct pk_str label, struct pk_str bytes)
{
	static const uint8_t suite[10] = {'H', 'P', 'K', 'E', 0x64, 0x7a, 0, 1, 0, 3};
	size_t n = 0;

	memcpy(ret, "HPKE-v1", 7);
	n += 7;
	memcpy(ret + n, suite, sizeof(suite));
	n += sizeof(suite);
	memcpy(ret + n, label.p, label.n);
	n += label.n;
	if (bytes.n)
		memcpy(ret + n, bytes.p, bytes.n);
	return n + bytes.n;
}

static void labelled_extract(uint8_t ret[HKDF_HASH], struct pk_str salt, struct pk_str label, struct pk_str ikm)
{
	uint8_t text[LABELLED_MAX];
	size_t n = labelled(text, label, ikm);

	pk_hkdf_extract(ret, salt, pk_str_n(text, n));
}

static void labelled_expand(uint8_t *ret, uint8_t n, const uint8_t prk[HKDF_HASH], struct pk_str label,
			    struct pk_str info)
{
	uint8_t text[2 + LABELLED_MAX] = {0, n};
	size_t text_n = labelled(text + 2, label, info);

	pk_hkdf_expand(ret, n, prk, pk_str_n(text, 2 + text_n));
}

void pk_xwing_hpke(uint8_t ret_key[32], uint8_t ret_nonce[12], const uint8_t shared[32], struct pk_str info)
{
	uint8_t context[1 + 2 * HKDF_HASH] = {0}; /* the mode, then two hashes */
	uint8_t secret[HKDF_HASH];
	struct pk_str none = PK_STR("");

	labelled_extract(context + 1, none, PK_STR("psk_id_hash"), none);
	labelled_extract(context + 1 + HKDF_HASH, none, PK_STR("info_hash"), info);
	labelled_extract(secret, pk_str_n(shared, 32), PK_STR("secret"), none);
	labelled_expand(ret_key, 32, secret, PK_STR("key"), pk_str_n(context, sizeof(context)));
	labelled_expand(ret_nonce, 12, secret, PK_STR("base_nonce"), pk_str_n(context, sizeof(context)));
	sodium_memzero(secret, sizeof(secret));
}
