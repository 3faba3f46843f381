/* SPDX-License-Identifier: Apache-2.0 */
/* ML-KEM-768, close to the text of FIPS 203. Coefficients are kept below the modulus at all times; secrets are never
 * divided, compared by branches or used as indexes. */
#include "mlkem.h"
#include "keccak.h"

#include <sodium.h>

#define Q 3329
#define N 256
#define K 3
#define POLY_BYTES 384 /* 256 coefficients of 12 bits */
#define DU 10
#define DV 4

struct poly {
	uint16_t c[N];
};

/* 17 to the power of each seven-bit number with its bits reversed, modulo Q. */
static const uint16_t zeta[128] = {
	1,    1729, 2580, 3289, 2642, 630,  1897, 848,  1062, 1919, 193,  797,  2786, 3260, 569,  1746,
	296,  2447, 1339, 1476, 3046, 56,   2240, 1333, 1426, 2094, 535,  2882, 2393, 2879, 1974, 821,
	289,  331,  3253, 1756, 1197, 2304, 2277, 2055, 650,  1977, 2513, 632,  2865, 33,   1320, 1915,
	2319, 1435, 807,  452,  1438, 2868, 1534, 2402, 2647, 2617, 1481, 648,  2474, 3110, 1227, 910,
	17,   2761, 583,  2649, 1637, 723,  2288, 1100, 1409, 2662, 3281, 233,  756,  2156, 3015, 3050,
	1703, 1651, 2789, 1789, 1847, 952,  1461, 2687, 939,  2308, 2437, 2388, 733,  2337, 268,  641,
	1584, 2298, 2037, 3220, 375,  2549, 2090, 1645, 1063, 319,  2773, 757,  2099, 561,  2466, 2594,
	2804, 1092, 403,  1026, 1143, 2150, 2775, 886,  1722, 1212, 1874, 1029, 2110, 2935, 885,  2154,
};

/* --- arithmetic modulo Q ---------------------------------------------------------------------------------- */

/* v below 2 Q. */
static uint16_t below(uint32_t v)
{
	uint32_t less = v - Q;

	return (uint16_t)(less + (Q & (0u - (less >> 31))));
}

static uint16_t add(uint16_t a, uint16_t b) { return below((uint32_t)a + b); }
static uint16_t sub(uint16_t a, uint16_t b) { return below((uint32_t)a + Q - b); }

/* v below 2 (Q-1)^2: Barrett, with 5039 = 2^24 / Q. */
static uint16_t reduce(uint32_t v) { return below(v - (uint32_t)((uint64_t)v * 5039 >> 24) * Q); }

static uint16_t mul(uint16_t a, uint16_t b) { return reduce((uint32_t)a * b); }

static void poly_add(struct poly *a, const struct poly *b)
{
	for (int i = 0; i < N; i++)
		a->c[i] = add(a->c[i], b->c[i]);
}

static void ntt(struct poly *p)
{
	unsigned k = 1;

	for (unsigned len = 128; len >= 2; len /= 2)
		for (unsigned start = 0; start < N; start += 2 * len, k++)
			for (unsigned i = start; i < start + len; i++) {
				uint16_t t = mul(zeta[k], p->c[i + len]);

				p->c[i + len] = sub(p->c[i], t);
				p->c[i] = add(p->c[i], t);
			}
}

static void ntt_back(struct poly *p)
{
	unsigned k = 127;

	for (unsigned len = 2; len <= 128; len *= 2)
		for (unsigned start = 0; start < N; start += 2 * len, k--)
			for (unsigned i = start; i < start + len; i++) {
				uint16_t t = p->c[i];

				p->c[i] = add(t, p->c[i + len]);
				p->c[i + len] = mul(zeta[k], sub(p->c[i + len], t));
			}
	for (int i = 0; i < N; i++)
		p->c[i] = mul(p->c[i], 3303); /* 1/128 */
}

/* a gets a + x y; all three are transformed. */
static void poly_mul_add(struct poly *a, const struct poly *x, const struct poly *y)
{
	for (int i = 0; i < N; i += 4)
		for (int h = 0; h < 4; h += 2) {
			const uint16_t *p = x->c + i + h, *q = y->c + i + h;
			uint16_t z = h ? (uint16_t)(Q - zeta[64 + i / 4]) : zeta[64 + i / 4];

			a->c[i + h] = add(a->c[i + h], reduce((uint32_t)p[0] * q[0] + (uint32_t)mul(p[1], q[1]) * z));
			a->c[i + h + 1] = add(a->c[i + h + 1], reduce((uint32_t)p[0] * q[1] + (uint32_t)p[1] * q[0]));
		}
}

/* --- bytes and bits --------------------------------------------------------------------------------------- */

/* d bits a coefficient, the lowest first. */
static void put_bits(uint8_t *ret, const struct poly *p, unsigned d)
{
	uint32_t acc = 0;
	unsigned bits = 0;

	for (int i = 0; i < N; i++) {
		acc |= (uint32_t)p->c[i] << bits;
		for (bits += d; bits >= 8; bits -= 8, acc >>= 8)
			*ret++ = (uint8_t)acc;
	}
}

static void get_bits(struct poly *ret, const uint8_t *p, unsigned d)
{
	uint32_t acc = 0;
	unsigned bits = 0;

	for (int i = 0; i < N; i++) {
		for (; bits < d; bits += 8)
			acc |= (uint32_t)*p++ << bits;
		ret->c[i] = (uint16_t)(acc & ((1u << d) - 1));
		acc >>= d;
		bits -= d;
	}
}

/* round(2^d / Q * c), by multiplication: exact for every coefficient. */
static void compress(struct poly *p, unsigned d)
{
	for (int i = 0; i < N; i++) {
		uint64_t v = ((uint32_t)p->c[i] << d) + Q / 2;

		p->c[i] = (uint16_t)((d == DU ? v * 161271 >> 29 : v * 5040 >> 24) & ((1u << d) - 1));
	}
}

static void decompress(struct poly *p, unsigned d)
{
	for (int i = 0; i < N; i++)
		p->c[i] = (uint16_t)(((uint32_t)p->c[i] * Q + (1u << (d - 1))) >> d);
}

/* --- sampling --------------------------------------------------------------------------------------------- */

/* An entry of the public matrix; takes as long as its public seed says. */
static void sample_uniform(struct poly *ret, const uint8_t rho[32], uint8_t column, uint8_t row)
{
	struct keccak xof;
	uint8_t three[3], where[2] = {column, row};
	int n = 0;

	pk_shake128(&xof);
	pk_keccak_put(&xof, rho, 32);
	pk_keccak_put(&xof, where, 2);
	while (n < N) {
		uint16_t low, high;

		pk_keccak_get(&xof, three, 3);
		low = (uint16_t)(three[0] | (three[1] & 15) << 8);
		high = (uint16_t)(three[1] >> 4 | three[2] << 4);
		if (low < Q)
			ret->c[n++] = low;
		if (high < Q && n < N)
			ret->c[n++] = high;
	}
}

/* Small coefficients: the difference of two counts of two bits. */
static void sample_small(struct poly *ret, const uint8_t seed[32], uint8_t counter)
{
	struct keccak prf;
	uint8_t bytes[128];

	pk_shake256(&prf);
	pk_keccak_put(&prf, seed, 32);
	pk_keccak_put(&prf, &counter, 1);
	pk_keccak_get(&prf, bytes, sizeof(bytes));
	for (int i = 0; i < N; i++) {
		unsigned four = bytes[i / 2] >> i % 2 * 4;

		ret->c[i] = sub((uint16_t)((four & 1) + (four >> 1 & 1)),
				(uint16_t)((four >> 2 & 1) + (four >> 3 & 1)));
	}
	sodium_memzero(bytes, sizeof(bytes));
	sodium_memzero(&prf, sizeof(prf));
}

static void hash_h(uint8_t ret[32], const void *p, size_t n)
{
	struct keccak h;

	pk_sha3_256(&h);
	pk_keccak_put(&h, p, n);
	pk_keccak_get(&h, ret, 32);
}

/* Two halves of SHA3-512 of two inputs. */
static void hash_g(uint8_t ret[64], const void *a, size_t a_n, const void *b, size_t b_n)
{
	struct keccak g;

	pk_sha3_512(&g);
	pk_keccak_put(&g, a, a_n);
	pk_keccak_put(&g, b, b_n);
	pk_keccak_get(&g, ret, 64);
	sodium_memzero(&g, sizeof(g));
}

/* --- K-PKE ------------------------------------------------------------------------------------------------ */

static void pke_keys(uint8_t pub[MLKEM_PUBLIC], uint8_t secret[K * POLY_BYTES], const uint8_t d[32])
{
	static const uint8_t k = K;
	uint8_t g[64];
	struct poly s[K], t, a;

	hash_g(g, d, 32, &k, 1);
	for (uint8_t i = 0; i < K; i++) {
		sample_small(&s[i], g + 32, i);
		ntt(&s[i]);
		put_bits(secret + i * POLY_BYTES, &s[i], 12);
	}
	for (uint8_t i = 0; i < K; i++) {
		sample_small(&t, g + 32, (uint8_t)(K + i));
		ntt(&t);
		for (uint8_t j = 0; j < K; j++) {
			sample_uniform(&a, g, j, i);
			poly_mul_add(&t, &a, &s[j]);
		}
		put_bits(pub + i * POLY_BYTES, &t, 12);
	}
	memcpy(pub + K * POLY_BYTES, g, 32);
	sodium_memzero(s, sizeof(s));
	sodium_memzero(&t, sizeof(t));
	sodium_memzero(g, sizeof(g));
}

static void pke_seal(uint8_t ret[MLKEM_SEALED], const uint8_t pub[MLKEM_PUBLIC], const uint8_t m[32],
		     const uint8_t random[32])
{
	const uint8_t *rho = pub + K * POLY_BYTES;
	struct poly y[K], t, v = {{0}}, e;

	for (uint8_t i = 0; i < K; i++) {
		sample_small(&y[i], random, i);
		ntt(&y[i]);
	}
	for (uint8_t i = 0; i < K; i++) {
		struct poly u = {{0}};

		for (uint8_t j = 0; j < K; j++) {
			sample_uniform(&t, rho, i, j); /* transposed */
			poly_mul_add(&u, &t, &y[j]);
		}
		ntt_back(&u);
		sample_small(&e, random, (uint8_t)(K + i));
		poly_add(&u, &e);
		compress(&u, DU);
		put_bits(ret + i * N * DU / 8, &u, DU);
		get_bits(&t, pub + i * POLY_BYTES, 12);
		poly_mul_add(&v, &t, &y[i]);
	}
	ntt_back(&v);
	sample_small(&e, random, 2 * K);
	poly_add(&v, &e);
	get_bits(&t, m, 1);
	decompress(&t, 1);
	poly_add(&v, &t);
	compress(&v, DV);
	put_bits(ret + K * N * DU / 8, &v, DV);
	sodium_memzero(y, sizeof(y));
	sodium_memzero(&t, sizeof(t));
	sodium_memzero(&e, sizeof(e));
}

static void pke_open(uint8_t ret_m[32], const uint8_t sealed[MLKEM_SEALED], const uint8_t secret[K * POLY_BYTES])
{
	struct poly s, u, v, sum = {{0}};

	for (int i = 0; i < K; i++) {
		get_bits(&u, sealed + i * N * DU / 8, DU);
		decompress(&u, DU);
		ntt(&u);
		get_bits(&s, secret + i * POLY_BYTES, 12);
		poly_mul_add(&sum, &s, &u);
	}
	ntt_back(&sum);
	get_bits(&v, sealed + K * N * DU / 8, DV);
	decompress(&v, DV);
	for (int i = 0; i < N; i++)
		v.c[i] = sub(v.c[i], sum.c[i]);
	compress(&v, 1);
	put_bits(ret_m, &v, 1);
	sodium_memzero(&s, sizeof(s));
	sodium_memzero(&sum, sizeof(sum));
	sodium_memzero(&v, sizeof(v));
}

/* --- ML-KEM ----------------------------------------------------------------------------------------------- */

void pk_mlkem_keys(uint8_t ret_public[MLKEM_PUBLIC], uint8_t ret_secret[MLKEM_SECRET], const uint8_t seed[MLKEM_SEED])
{
	uint8_t *at = ret_secret + K * POLY_BYTES;

	pke_keys(ret_public, ret_secret, seed);
	memcpy(at, ret_public, MLKEM_PUBLIC);
	hash_h(at + MLKEM_PUBLIC, ret_public, MLKEM_PUBLIC);
	memcpy(at + MLKEM_PUBLIC + 32, seed + 32, 32);
}

bool pk_mlkem_check_public(const uint8_t pub[MLKEM_PUBLIC])
{
	struct poly t;

	for (int i = 0; i < K; i++) {
		get_bits(&t, pub + i * POLY_BYTES, 12);
		for (int k = 0; k < N; k++)
			if (t.c[k] >= Q)
				return false;
	}
	return true;
}

void pk_mlkem_seal(uint8_t ret_sealed[MLKEM_SEALED], uint8_t ret_shared[MLKEM_SHARED], const uint8_t pub[MLKEM_PUBLIC],
		   const uint8_t random[32])
{
	uint8_t h[32], g[64];

	hash_h(h, pub, MLKEM_PUBLIC);
	hash_g(g, random, 32, h, 32);
	pke_seal(ret_sealed, pub, random, g + 32);
	memcpy(ret_shared, g, 32);
	sodium_memzero(g, sizeof(g));
}

void pk_mlkem_open(uint8_t ret_shared[MLKEM_SHARED], const uint8_t sealed[MLKEM_SEALED],
		   const uint8_t secret[MLKEM_SECRET])
{
	const uint8_t *pub = secret + K * POLY_BYTES, *h = pub + MLKEM_PUBLIC, *z = h + 32;
	uint8_t m[32], g[64], again[MLKEM_SEALED], other[32], wrong;
	struct keccak j;

	pke_open(m, sealed, secret);
	hash_g(g, m, 32, h, 32);
	pke_seal(again, pub, m, g + 32);
	pk_shake256(&j);
	pk_keccak_put(&j, z, 32);
	pk_keccak_put(&j, sealed, MLKEM_SEALED);
	pk_keccak_get(&j, other, sizeof(other));
	wrong = (uint8_t)sodium_memcmp(again, sealed, MLKEM_SEALED); /* 0, or all ones */
	for (int i = 0; i < 32; i++)
		ret_shared[i] = (uint8_t)(g[i] ^ (wrong & (g[i] ^ other[i])));
	sodium_memzero(m, sizeof(m));
	sodium_memzero(g, sizeof(g));
	sodium_memzero(again, sizeof(again));
	sodium_memzero(other, sizeof(other));
	sodium_memzero(&j, sizeof(j));
}
