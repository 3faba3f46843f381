/* SPDX-License-Identifier: Apache-2.0 */
/* STREAM: one chunk sealed or opened. */
#include "aead.h"
#include "age_int.h"

#include <sodium.h>

int age_stream_init(struct age_stream *st, const uint8_t key[AGE_FILE_KEY], const uint8_t nonce[AGE_NONCE],
		    struct pk_err *err)
{
	if (pk_secret_new(&st->key, 32, err) < 0)
		return -1;
	pk_hkdf(st->key.p, 32, pk_str_n(key, AGE_FILE_KEY), pk_str_n(nonce, AGE_NONCE), PK_STR("payload"));
	return 0;
}

void age_stream_done(struct age_stream *st) { pk_secret_done(&st->key); }

/* Eleven bytes of counter, big-endian, and the mark of the last chunk. */
static void chunk_nonce(uint8_t ret[AEAD_NONCE], uint64_t index, bool last)
{
	memset(ret, 0, AEAD_NONCE);
	for (int i = 10; i >= 3; i--, index >>= 8)
		ret[i] = (uint8_t)index;
	ret[11] = last;
}

void age_chunk_seal(const struct age_stream *st, uint64_t index, bool last, const void *p, size_t n, uint8_t *ret)
{
	uint8_t nonce[AEAD_NONCE];

	chunk_nonce(nonce, index, last);
	pk_aead_seal(ret, p, n, nonce, st->key.p);
}

bool age_chunk_open(const struct age_stream *st, uint64_t index, bool last, const uint8_t *p, size_t n, void *ret)
{
	uint8_t nonce[AEAD_NONCE];

	chunk_nonce(nonce, index, last);
	return pk_aead_open(ret, p, n, nonce, st->key.p);
}

void age_chunk_one_time_key(const struct age_stream *st, uint64_t index, uint8_t ret[32])
{
	uint8_t nonce[AEAD_NONCE];

	chunk_nonce(nonce, index, false);
	crypto_stream_chacha20_ietf(ret, 32, nonce, st->key.p);
}
