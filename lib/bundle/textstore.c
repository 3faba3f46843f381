/* SPDX-License-Identifier: Apache-2.0 */
/* Much text in little memory: lines, kept in zstd blocks until they are needed again. */
#include "textstore.h"

#include <zstd.h>

#define BLOCK (512u << 10)

static int pack_tail(struct pk_textstore *s, struct pk_err *err)
{
	size_t bound = ZSTD_compressBound(s->tail.n), n = 0;
	pk_autofree char *packed = malloc(bound);
	char *fit = NULL;

	if (!packed || !pk_grow(&s->block, &s->cap, s->n + 1, sizeof(*s->block)))
		return pk_fail_oom(err);
	n = ZSTD_compress(packed, bound, s->tail.p, s->tail.n, 1);
	if (ZSTD_isError(n))
		return pk_fail_oom(err);
	fit = realloc(packed, n);
	if (fit)
		packed = fit;
	s->block[s->n++] = (struct pk_textblock){pk_steal(&packed), n, s->tail.n};
	pk_buf_reset(&s->tail);
	return 0;
}

int pk_textstore_put(struct pk_textstore *s, struct pk_str text, size_t *ret_block, size_t *ret_off, struct pk_err *err)
{
	if (s->tail.n && s->tail.n + text.n > BLOCK && pack_tail(s, err) < 0)
		return -1;
	if (ret_block)
		*ret_block = s->n;
	if (ret_off)
		*ret_off = s->tail.n;
	pk_buf_put_str(&s->tail, text);
	s->total += text.n;
	return pk_buf_check(&s->tail, err);
}

size_t pk_textstore_blocks(const struct pk_textstore *s) { return s->n + (s->tail.n > 0); }

int pk_textstore_get(const struct pk_textstore *s, size_t i, struct pk_buf *scratch, struct pk_err *err)
{
	const struct pk_textblock *b = NULL;
	size_t n = 0;

	pk_buf_reset(scratch);
	if (i >= s->n) {
		pk_buf_put_str(scratch, pk_buf_str(&s->tail));
		return pk_buf_check(scratch, err);
	}
	b = &s->block[i];
	if (!pk_buf_room(scratch, b->plain_n))
		return pk_fail_oom(err);
	n = ZSTD_decompress(scratch->p, b->plain_n, b->packed, b->packed_n);
	if (ZSTD_isError(n) || n != b->plain_n)
		return pk_fail(err, PK_EINTERNAL, 0, "a packed block of text cannot be read back");
	scratch->n = n;
	return 0;
}

void pk_textstore_done(struct pk_textstore *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->block[i].packed);
	free(s->block);
	pk_buf_done(&s->tail);
	*s = (struct pk_textstore){0};
}
