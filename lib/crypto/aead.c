/* SPDX-License-Identifier: Apache-2.0 */
/* ChaCha20-Poly1305 for payloads.
 *
 * Static builds call libcrypto's two primitives, which use the widest vectors the processor has: more than twice as
 * fast as libsodium 1.0.18. They have no public header, a shared libcrypto does not export them, and the public way
 * to them brings 4.9 MB of providers, hence the declarations here; the unit test compares every length with
 * libsodium, which the other builds use. */
#include "aead.h"

#include <sodium.h>

#if defined(PK_STATIC) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

#define BLOCK 64
#define PIECE 16384 /* small enough to be still in the first cache for the second primitive */
#define CTX_BYTES 512

void ChaCha20_ctr32(unsigned char *out, const unsigned char *in, size_t n, const unsigned key[8],
		    const unsigned counter[4]);
size_t Poly1305_ctx_size(void);
void Poly1305_Init(void *ctx, const unsigned char key[32]);
void Poly1305_Update(void *ctx, const unsigned char *p, size_t n);
void Poly1305_Final(void *ctx, unsigned char mac[16]);

struct state {
	unsigned key[8], counter[4];
	_Alignas(64) uint8_t poly[CTX_BYTES];
};

static void begin(struct state *st, const uint8_t *nonce, const uint8_t *key)
{
	uint8_t block[BLOCK] = {0};

	memcpy(st->key, key, sizeof(st->key));
	st->counter[0] = 0;
	memcpy(st->counter + 1, nonce, AEAD_NONCE);
	ChaCha20_ctr32(block, block, sizeof(block), st->key, st->counter);
	st->counter[0] = 1;
	Poly1305_Init(st->poly, block);
	sodium_memzero(block, sizeof(block));
}

static void cipher(struct state *st, uint8_t *out, const uint8_t *in, size_t n)
{
	ChaCha20_ctr32(out, in, n, st->key, st->counter);
	st->counter[0] += (unsigned)(n / BLOCK);
}

/* Padding and the two lengths, the first of them that of no additional data. */
static void finish(struct state *st, uint64_t n, uint8_t tag[AEAD_TAG])
{
	static const uint8_t zeros[16];
	uint64_t lengths[2] = {0, n};

	if (n % 16)
		Poly1305_Update(st->poly, zeros, 16 - n % 16);
	Poly1305_Update(st->poly, (const uint8_t *)lengths, sizeof(lengths));
	Poly1305_Final(st->poly, tag);
}

void pk_aead_seal(uint8_t *ret, const uint8_t *p, size_t n, const uint8_t nonce[AEAD_NONCE],
		  const uint8_t key[AEAD_KEY])
{
	struct state st;

	if (Poly1305_ctx_size() > CTX_BYTES) { /* not the libcrypto this was written for */
		crypto_aead_chacha20poly1305_ietf_encrypt(ret, NULL, p, n, NULL, 0, NULL, nonce, key);
		return;
	}
	begin(&st, nonce, key);
	for (size_t at = 0; at < n; at += PIECE) {
		size_t take = PK_MIN(n - at, (size_t)PIECE);

		cipher(&st, ret + at, p + at, take);
		Poly1305_Update(st.poly, ret + at, take);
	}
	finish(&st, n, ret + n);
	sodium_memzero(&st, sizeof(st));
}

bool pk_aead_open(uint8_t *ret, const uint8_t *p, size_t n, const uint8_t nonce[AEAD_NONCE],
		  const uint8_t key[AEAD_KEY])
{
	struct state st;
	uint8_t tag[AEAD_TAG];
	bool good;

	if (Poly1305_ctx_size() > CTX_BYTES)
		return crypto_aead_chacha20poly1305_ietf_decrypt(ret, NULL, NULL, p, n, NULL, 0, nonce, key) == 0;
	n -= AEAD_TAG;
	begin(&st, nonce, key);
	Poly1305_Update(st.poly, p, n);
	finish(&st, n, tag);
	good = sodium_memcmp(tag, p + n, sizeof(tag)) == 0;
	if (good && n)
		cipher(&st, ret, p, n);
	sodium_memzero(&st, sizeof(st));
	return good;
}

#else

void pk_aead_seal(uint8_t *ret, const uint8_t *p, size_t n, const uint8_t nonce[AEAD_NONCE],
		  const uint8_t key[AEAD_KEY])
{
	crypto_aead_chacha20poly1305_ietf_encrypt(ret, NULL, p, n, NULL, 0, NULL, nonce, key);
}

bool pk_aead_open(uint8_t *ret, const uint8_t *p, size_t n, const uint8_t nonce[AEAD_NONCE],
		  const uint8_t key[AEAD_KEY])
{
	return crypto_aead_chacha20poly1305_ietf_decrypt(ret, NULL, NULL, p, n, NULL, 0, nonce, key) == 0;
}

#endif
