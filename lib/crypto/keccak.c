/* SPDX-License-Identifier: Apache-2.0 */
/* Keccak-f[1600] and the sponge around it: no library of Debian 12 has it without 4.9 MB of providers. */
#include "keccak.h"

#include <assert.h>

#define ROUNDS 24

static const uint64_t round_constant[ROUNDS] = {
	0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b,
	0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088,
	0x0000000080008009, 0x000000008000000a, 0x000000008000808b, 0x800000000000008b, 0x8000000000008089,
	0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
	0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};
/* Where lane 1 moves to, then where that one's goes, and so on; and by how much each is turned on its way. */
static const uint8_t to[ROUNDS] = {10, 7,  11, 17, 18, 3, 5,  16, 8,  21, 24, 4,
				   15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,  1};
static const uint8_t turn[ROUNDS] = {1,  3,  6,  10, 15, 21, 28, 36, 45, 55, 2,  14,
				     27, 41, 56, 8,  25, 43, 62, 18, 39, 61, 20, 44};

static uint64_t rotate(uint64_t v, unsigned n) { return v << n | v >> (64 - n); /* n is never 0 */ }

static void permute(uint64_t a[25])
{
	for (int r = 0; r < ROUNDS; r++) {
		uint64_t c[5], carried = a[1];

		for (int x = 0; x < 5; x++)
			c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
		for (int x = 0; x < 5; x++) {
			uint64_t d = c[(x + 4) % 5] ^ rotate(c[(x + 1) % 5], 1);

			for (int y = 0; y < 25; y += 5)
				a[x + y] ^= d;
		}
		carried = a[1];
		for (int i = 0; i < ROUNDS; i++) {
			uint64_t here = a[to[i]];

			a[to[i]] = rotate(carried, turn[i]);
			carried = here;
		}
		for (int y = 0; y < 25; y += 5) {
			memcpy(c, a + y, sizeof(c));
			for (int x = 0; x < 5; x++)
				a[x + y] = c[x] ^ (~c[(x + 1) % 5] & c[(x + 2) % 5]);
		}
		a[0] ^= round_constant[r];
	}
}

static void begin(struct keccak *k, size_t rate, uint8_t suffix)
{
	*k = (struct keccak){.rate = rate, .suffix = suffix};
}

void pk_sha3_256(struct keccak *k) { begin(k, 136, 0x06); }
void pk_sha3_512(struct keccak *k) { begin(k, 72, 0x06); }
void pk_shake128(struct keccak *k) { begin(k, 168, 0x1f); }
void pk_shake256(struct keccak *k) { begin(k, 136, 0x1f); }

static void mix(struct keccak *k, size_t at, uint8_t byte) { k->lane[at / 8] ^= (uint64_t)byte << at % 8 * 8; }

void pk_keccak_put(struct keccak *k, const void *p, size_t n)
{
	const uint8_t *u = p;

	assert(!k->squeezing);
	for (size_t i = 0; i < n; i++) {
		mix(k, k->at++, u[i]);
		if (k->at == k->rate) {
			permute(k->lane);
			k->at = 0;
		}
	}
}

void pk_keccak_get(struct keccak *k, void *ret, size_t n)
{
	uint8_t *u = ret;

	if (!k->squeezing) {
		mix(k, k->at, k->suffix);
		mix(k, k->rate - 1, 0x80);
		k->at = k->rate;
		k->squeezing = true;
	}
	for (size_t i = 0; i < n; i++) {
		if (k->at == k->rate) {
			permute(k->lane);
			k->at = 0;
		}
		u[i] = (uint8_t)(k->lane[k->at / 8] >> k->at % 8 * 8);
		k->at++;
	}
}
