/* SPDX-License-Identifier: Apache-2.0 */
/* zstd frames and the seek table: no more comes out than was said, and a table is written back the same. */
#include "../../lib/bundle/format.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pk_frame_opener *opener;
	static uint8_t *plain;
	struct pk_seek_entry *e = NULL;
	size_t packed = 0, n = 0, entries = 0, padding = 0;

	if (!opener && (pk_frame_opener_new(&opener, NULL) < 0 || !(plain = malloc(PK_FRAME_MAX))))
		__builtin_trap();
	if (pk_frame_measure(data, size, &packed, &n, NULL) == 0 && packed) {
		size_t got = 0;

		if (packed > size || n == 0 || n > PK_FRAME_MAX)
			__builtin_trap();
		if (pk_frame_unpack(opener, data, packed, plain, &got, NULL) == 0 && got != n)
			__builtin_trap();
	}
	if (pk_seek_parse(data, size, &e, &entries, &padding, NULL) == 0) {
		PK_AUTO(pk_buf) again = {0};

		pk_buf_put_seek_table(&again, e, entries + padding);
		if (!pk_str_eq(pk_buf_str(&again), pk_str_n(data, size)))
			__builtin_trap();
		free(e);
	}
	return 0;
}
