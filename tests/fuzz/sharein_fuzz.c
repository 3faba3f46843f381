/* SPDX-License-Identifier: Apache-2.0 */
/* What the parser child tells of a share: messages of any order and content, one after the other. Nothing that is not
 * signed is ever complete. The input is messages, each a length of two bytes (little endian) and so many bytes. */
#include "../../lib/bundle/sharein.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTOPTR(pk_sharein) s = NULL;
	const struct pk_terms terms = {0};
	const uint8_t id[16] = {0};
	size_t n = 0;

	if (pk_sharein_new(&s, NULL) < 0)
		return 0;
	while (size > 2) {
		size_t k = PK_MIN((size_t)(data[0] | data[1] << 8), size - 2);

		if (pk_sharein_take(s, pk_str_n(data + 2, k), NULL) < 0)
			break;
		data += 2 + k;
		size -= 2 + k;
	}
	if (pk_sharein_finish(s, id, &terms, NULL) == 0)
		__builtin_trap();
	(void)pk_sharein_sources(s, &n);
	return 0;
}
