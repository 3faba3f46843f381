/* SPDX-License-Identifier: Apache-2.0 */
/* Where has a chunk moved to? Every byte of a stretch of the file tried as its beginning, at the price of one.
 *
 * The tag of ChaCha20-Poly1305 is a polynomial over the chunk's blocks of 16 bytes, evaluated at a key r of the chunk's
 * number. Sixteen bytes further on it is the same polynomial but for one block that leaves and one that comes, so that
 * three multiplications tell each tag. What fits is then opened like any other chunk: this only says where to try. */
#include "age_int.h"

#include <picket/str.h>

#include <sodium.h>

#define BLOCKS (PK_AGE_CHUNK / 16)
#define M44 0xfffffffffffull
#define M42 0x3ffffffffffull

/* Modulo 2^130 - 5, in limbs of 44, 44 and 42 bits. */
struct num {
	uint64_t l[3];
};
typedef unsigned __int128 wide;

static struct num times(struct num a, struct num b)
{
	uint64_t s1 = b.l[1] * 20, s2 = b.l[2] * 20, c;
	wide d0 = (wide)a.l[0] * b.l[0] + (wide)a.l[1] * s2 + (wide)a.l[2] * s1;
	wide d1 = (wide)a.l[0] * b.l[1] + (wide)a.l[1] * b.l[0] + (wide)a.l[2] * s2;
	wide d2 = (wide)a.l[0] * b.l[2] + (wide)a.l[1] * b.l[1] + (wide)a.l[2] * b.l[0];
	struct num r;

	c = (uint64_t)(d0 >> 44);
	r.l[0] = (uint64_t)d0 & M44;
	d1 += c;
	c = (uint64_t)(d1 >> 44);
	r.l[1] = (uint64_t)d1 & M44;
	d2 += c;
	c = (uint64_t)(d2 >> 42);
	r.l[2] = (uint64_t)d2 & M42;
	r.l[0] += c * 5;
	r.l[1] += r.l[0] >> 44;
	r.l[0] &= M44;
	return r;
}

static struct num carried(struct num a)
{
	a.l[1] += a.l[0] >> 44;
	a.l[0] &= M44;
	a.l[2] += a.l[1] >> 44;
	a.l[1] &= M44;
	a.l[0] += (a.l[2] >> 42) * 5;
	a.l[2] &= M42;
	a.l[1] += a.l[0] >> 44;
	a.l[0] &= M44;
	return a;
}

static struct num plus(struct num a, struct num b)
{
	return carried((struct num){{a.l[0] + b.l[0], a.l[1] + b.l[1], a.l[2] + b.l[2]}});
}

static struct num minus(struct num a, struct num b)
{
	/* twice the modulus first: no limb goes below zero */
	return carried(
		(struct num){{a.l[0] + 2 * (M44 - 4) - b.l[0], a.l[1] + 2 * M44 - b.l[1], a.l[2] + 2 * M42 - b.l[2]}});
}

static struct num from_bytes(const uint8_t p[16], uint64_t top)
{
	struct pk_cur c = pk_cur(p, 16);
	uint64_t a = pk_rd_le64(&c), b = pk_rd_le64(&c);

	return (struct num){{a & M44, (a >> 44 | b << 20) & M44, b >> 24 | top << 40}};
}

static struct num block(const uint8_t p[16]) { return from_bytes(p, 1); }

/* The lowest 128 bits of what is less than the modulus. */
static void lowest(struct num a, uint64_t ret[2])
{
	struct num b;
	uint64_t over;

	a = carried(carried(a));
	b = (struct num){{a.l[0] + 5, a.l[1], a.l[2]}}; /* a - (2^130 - 5), if that carries beyond 130 bits */
	b.l[1] += b.l[0] >> 44;
	b.l[2] += b.l[1] >> 44;
	over = b.l[2] >> 42;
	if (over)
		a = (struct num){{b.l[0] & M44, b.l[1] & M44, b.l[2] & M42}};
	ret[0] = a.l[0] | a.l[1] << 44;
	ret[1] = a.l[1] >> 20 | a.l[2] << 24;
}

struct key {
	struct num r, r_n;  /* r to the number of blocks */
	struct num lengths; /* the last block: no additional data, PK_AGE_CHUNK bytes */
	uint64_t s[2];
};

static void make_key(struct key *k, const struct age_stream *st, uint64_t index)
{
	static const uint8_t lengths[16] = {[8] = 0, [9] = 0, [10] = 1}; /* 65536, little-endian */
	uint8_t one_time[32] = {0};
	struct pk_cur c = pk_cur(one_time + 16, 16);

	age_chunk_one_time_key(st, index, one_time);
	for (size_t i = 3; i < 16; i += 4)
		one_time[i] &= 15;
	for (size_t i = 4; i < 16; i += 4)
		one_time[i] &= 252;
	k->r = from_bytes(one_time, 0);
	k->r_n = (struct num){{1, 0, 0}};
	for (size_t i = 0; i < BLOCKS; i++)
		k->r_n = times(k->r_n, k->r);
	k->lengths = block(lengths);
	k->s[0] = pk_rd_le64(&c);
	k->s[1] = pk_rd_le64(&c);
	sodium_memzero(one_time, sizeof(one_time));
}

/* sum: of the blocks, each times r to the number of blocks after it. */
static bool fits(const struct key *k, struct num sum, const uint8_t tag[16])
{
	struct pk_cur c = pk_cur(tag, 16);
	uint64_t have[2], low, high;

	lowest(times(plus(times(sum, k->r), k->lengths), k->r), have);
	low = have[0] + k->s[0];
	high = have[1] + k->s[1] + (low < have[0]);
	return low == pk_rd_le64(&c) && high == pk_rd_le64(&c);
}

bool age_chunk_find(const struct age_stream *st, uint64_t index, const uint8_t *p, size_t n, size_t *ret_at)
{
	struct key k;
	bool found = false;

	if (n < AGE_SEALED_CHUNK)
		return false;
	make_key(&k, st, index);
	for (size_t phase = 0; phase < 16 && phase + AGE_SEALED_CHUNK <= n; phase++) {
		struct num sum = {{0, 0, 0}};

		for (size_t i = 0; i < BLOCKS; i++)
			sum = plus(times(sum, k.r), block(p + phase + 16 * i));
		for (size_t at = phase; at + AGE_SEALED_CHUNK <= n; at += 16) {
			if (fits(&k, sum, p + at + PK_AGE_CHUNK) && (!found || at < *ret_at)) {
				found = true;
				*ret_at = at;
			}
			if (at + 16 + PK_AGE_CHUNK <= n)
				sum = minus(plus(times(sum, k.r), block(p + at + PK_AGE_CHUNK)),
					    times(block(p + at), k.r_n));
		}
	}
	sodium_memzero(&k, sizeof(k));
	return found;
}
