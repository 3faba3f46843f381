/* SPDX-License-Identifier: Apache-2.0 */
/* Padding: to which sizes, and by which frames; the seek table that names them. */
#include "../../lib/bundle/padding.h"

#include "../t.h"

TEST(few_sizes)
{
	static const struct {
		uint64_t n, to;
	} is[] = {
		{1, 65536},
		{65536, 65536},
		{65537, 131072},
		{2000000, 2031616},
		{(2u << 20) + 1, (2u << 20) + (2u << 16)},
		{1ull << 40, 1ull << 40},
		{(1ull << 40) + 1, (1ull << 40) + (1ull << 36)},
		{(1ull << 41) - 1, 1ull << 41},
	};

	for (size_t i = 0; i < PK_LEN(is); i++)
		CHECK_INT(pk_padded(is[i].n, PK_PAD_BYTES), is[i].to);
	CHECK_INT(pk_padded(1, PK_PAD_RECORDS), 64);
	CHECK_INT(pk_padded(2049, PK_PAD_RECORDS), 2176);
	for (uint64_t n = 1; n < 1ull << 45; n += n / 3 + 1) {
		uint64_t to = pk_padded(n, PK_PAD_BYTES), within = pk_padded_within(n, PK_PAD_BYTES);

		CHECK(to >= n && (to - n < PK_PAD_BYTES || to - n <= n / 16));
		CHECK_INT(pk_padded(to, PK_PAD_BYTES), to);
		CHECK(within <= n && (n < PK_PAD_BYTES || within));
		CHECK(!within || pk_padded(within, PK_PAD_BYTES) == within);
	}
}

/* The frames and their entries come to exactly what was missing, whatever that is. */
static void check_frames(uint64_t n)
{
	uint64_t left = pk_padding_size(n);

	CHECK_INT(pk_padded(n + left, PK_PAD_BYTES), n + left);
	while (left) {
		uint32_t packed = pk_padding_next(left);

		if (!pk_padding_size_ok(packed) || packed + PK_SEEK_ENTRY > left) {
			CHECK(!"a frame that cannot be");
			return;
		}
		left -= packed + PK_SEEK_ENTRY;
	}
}

TEST(frames_make_it_up)
{
	static const uint64_t near[] = {65536, 131072, 1u << 21, 1u << 26, 1u << 27, 1u << 28, 1ull << 33};

	for (size_t i = 0; i < PK_LEN(near); i++)
		for (uint64_t n = near[i] - 40; n < near[i] + 40; n++)
			check_frames(n);
	/* gaps about one, two and more whole frames */
	for (uint64_t k = 1; k < 5; k++)
		for (uint64_t d = 0; d < 60; d++)
			check_frames((1ull << 33) - k * (PK_FRAME_MAX + PK_PADDING_HEAD + PK_SEEK_ENTRY) - 30 + d);
}

static int parse(const struct pk_seek_entry *e, size_t n, size_t *ret_frames, size_t *ret_padding, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_seek_entry *got = NULL;
	int r;

	pk_buf_put_seek_table(&b, e, n);
	r = pk_seek_parse(b.p, b.n, &got, ret_frames, ret_padding, err);
	free(got);
	return r;
}

TEST(the_table_has_padding_last)
{
	static const struct pk_seek_entry good[] = {{100, 5}, {200, PK_FRAME_MAX}, {8, 0}, {PK_FRAME_MAX + 8, 0}},
					  amidst[] = {{100, 5}, {8, 0}, {100, 5}}, alone[] = {{8, 0}},
					  small[] = {{100, 5}, {7, 0}}, large[] = {{100, 5}, {PK_FRAME_MAX + 9, 0}};
	size_t frames = 0, padding = 0;

	OK(parse(good, PK_LEN(good), &frames, &padding, &err));
	CHECK_INT(frames, 2);
	CHECK_INT(padding, 2);
	FAILS(PK_EFORMAT, parse(amidst, PK_LEN(amidst), &frames, &padding, &err));
	FAILS(PK_EFORMAT, parse(alone, PK_LEN(alone), &frames, &padding, &err));
	FAILS(PK_EFORMAT, parse(small, PK_LEN(small), &frames, &padding, &err));
	FAILS(PK_EFORMAT, parse(large, PK_LEN(large), &frames, &padding, &err));
}

RUN_TESTS(T(few_sizes), T(frames_make_it_up), T(the_table_has_padding_last))
