/* SPDX-License-Identifier: Apache-2.0 */
/* The seek table of zstd's seekable format: one skippable frame after the last frame of data. */
#include "padding.h"

#define FOOTER_MAGIC 0x8F92EAB1u

static void put_le32(struct pk_buf *b, uint32_t v)
{
	uint8_t p[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};

	pk_buf_put(b, p, sizeof(p));
}

void pk_buf_put_seek_table(struct pk_buf *b, const struct pk_seek_entry *e, size_t n)
{
	put_le32(b, PK_SKIPPABLE_MAGIC);
	put_le32(b, (uint32_t)(8 * n + PK_SEEK_FOOTER));
	for (size_t i = 0; i < n; i++) {
		put_le32(b, e[i].packed);
		put_le32(b, e[i].plain);
	}
	put_le32(b, (uint32_t)n);
	pk_buf_put_c(b, 0); /* descriptor: no checksums, reserved bits 0 */
	put_le32(b, FOOTER_MAGIC);
}

int pk_seek_footer(const uint8_t p[PK_SEEK_FOOTER], uint32_t *ret_frames, struct pk_err *err)
{
	struct pk_cur c = pk_cur(p, PK_SEEK_FOOTER);
	uint32_t n = pk_rd_le32(&c);
	uint8_t flags = pk_rd_u8(&c);

	if (pk_rd_le32(&c) != FOOTER_MAGIC || flags != 0)
		return pk_fail(err, PK_EFORMAT, 0, "no seek table at the end");
	if (n == 0 || n > PK_MAX_FRAMES)
		return pk_fail(err, PK_ELIMIT, 0, "seek table of %u frames, allowed are 1 to %u", n, PK_MAX_FRAMES);
	*ret_frames = n;
	return 0;
}

/* Padding has no plain bytes, and only padding comes after it. */
static bool entry_ok(const struct pk_seek_entry *e, bool after_padding)
{
	if (e->plain == 0)
		return pk_padding_size_ok(e->packed);
	return !after_padding && e->packed != 0 && e->plain <= PK_FRAME_MAX;
}

int pk_seek_parse(const void *p, size_t n, struct pk_seek_entry **ret, size_t *ret_n, size_t *ret_padding,
		  struct pk_err *err)
{
	struct pk_cur c = pk_cur(p, n);
	pk_autofree struct pk_seek_entry *e = NULL;
	uint32_t frames = 0, padding = 0;

	if (n < 8 + PK_SEEK_FOOTER || pk_seek_footer((const uint8_t *)p + n - PK_SEEK_FOOTER, &frames, err) < 0)
		return n < 8 + PK_SEEK_FOOTER ? pk_fail(err, PK_EFORMAT, 0, "seek table is cut") : -1;
	if (pk_seek_size(frames) != n || pk_rd_le32(&c) != PK_SKIPPABLE_MAGIC || pk_rd_le32(&c) != n - 8)
		return pk_fail(err, PK_EFORMAT, 0, "seek table has another length than it says");
	e = calloc(frames, sizeof(*e));
	if (!e)
		return pk_fail_oom(err);
	for (uint32_t i = 0; i < frames; i++) {
		e[i].packed = pk_rd_le32(&c);
		e[i].plain = pk_rd_le32(&c);
		if (!entry_ok(&e[i], padding > 0))
			return pk_fail(err, PK_EFORMAT, 0, "seek table: frame %u cannot be", i);
		padding += e[i].plain == 0;
	}
	if (padding == frames)
		return pk_fail(err, PK_EFORMAT, 0, "seek table of padding alone");
	*ret = pk_steal(&e);
	*ret_n = frames - padding;
	*ret_padding = padding;
	return 0;
}
