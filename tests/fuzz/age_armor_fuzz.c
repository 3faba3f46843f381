/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an armored file: what comes out is what its canonical form decodes to. */
#include "../../lib/crypto/age_int.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_all(struct pk_str bytes, struct pk_buf *out, bool *ret_armored)
{
	PK_AUTO(age_source) src = {.fd = -1};
	struct pk_err err = {0};
	uint8_t piece[61];
	size_t got = 1;

	if (age_source_open_mem(&src, bytes, &err) < 0) {
		assert(err.code == PK_AGE_ARMOR);
		return -1;
	}
	*ret_armored = src.armored;
	while (got) {
		if (age_source_read(&src, piece, sizeof(piece), &got, &err) < 0) {
			assert(err.code == PK_AGE_ARMOR);
			return -1;
		}
		pk_buf_put(out, piece, got);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTO(pk_buf) out = {0};
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_buf) again = {0};
	bool armored = false;

	if (read_all(pk_str_n(data, size), &out, &armored) < 0)
		return 0;
	if (!armored) {
		assert(out.n == size && (size == 0 || memcmp(out.p, data, size) == 0));
		return 0;
	}
	pk_buf_puts(&text, "-----BEGIN AGE ENCRYPTED FILE-----\n");
	for (size_t at = 0; at < out.n; at += 48) {
		pk_buf_put_base64(&text, out.p + at, PK_MIN(out.n - at, (size_t)48), true);
		pk_buf_put_c(&text, '\n');
	}
	pk_buf_puts(&text, "-----END AGE ENCRYPTED FILE-----\n");
	assert(read_all(pk_buf_str(&text), &again, &armored) == 0 && armored);
	assert(pk_str_eq(pk_buf_str(&out), pk_buf_str(&again)));
	return 0;
}
