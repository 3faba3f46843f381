/* SPDX-License-Identifier: Apache-2.0 */
/* Padding: few sizes instead of any, and frames of nothing that make up the difference. */
#include "padding.h"

#define COST (PK_PADDING_HEAD + PK_SEEK_ENTRY)          /* what an empty one adds, its entry included */
#define MOST (PK_PADDING_HEAD + (uint64_t)PK_FRAME_MAX) /* bytes of one */

/* The distance of sizes at n: a sixteenth of the power of two below it, but at least `least`. */
static uint64_t step_at(uint64_t n, uint64_t least)
{
	uint64_t step = least;

	while (step <= n >> 5)
		step <<= 1;
	return step;
}

uint64_t pk_padded(uint64_t n, uint64_t least)
{
	uint64_t step = step_at(n, least), over = n % step;

	return over ? n - over + step : n;
}

uint64_t pk_padded_within(uint64_t max, uint64_t least) { return max - max % step_at(max, least); }

uint64_t pk_padding_size(uint64_t n)
{
	uint64_t to = pk_padded(n, PK_PAD_BYTES);

	while (to - n > 0 && to - n < COST)
		to = pk_padded(to + 1, PK_PAD_BYTES);
	return to - n;
}

uint32_t pk_padding_next(uint64_t left)
{
	uint64_t n = PK_MIN(left, MOST + PK_SEEK_ENTRY);

	if (left - n > 0 && left - n < COST)
		n -= COST;
	return (uint32_t)(n - PK_SEEK_ENTRY);
}

void pk_padding_head(uint32_t packed, uint8_t ret[PK_PADDING_HEAD])
{
	const uint32_t word[] = {PK_PADDING_MAGIC, packed - PK_PADDING_HEAD};

	for (size_t i = 0; i < PK_PADDING_HEAD; i++)
		ret[i] = (uint8_t)(word[i / 4] >> (i % 4 * 8));
}

bool pk_padding_size_ok(uint32_t packed) { return packed >= PK_PADDING_HEAD && packed <= MOST; }
