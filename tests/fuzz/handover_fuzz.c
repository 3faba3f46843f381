/* SPDX-License-Identifier: Apache-2.0 */
/* Handover records: one text for each meaning. */
#include <picket/share.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk_str text = pk_str_n(data, size);
	PK_AUTO(pk_handover) h = {0};
	PK_AUTO(pk_buf) b = {0};

	if (pk_handover_parse(text, &h, NULL) < 0)
		return 0;
	pk_buf_put_handover(&b, &h);
	if (!pk_str_eq(text, pk_buf_str(&b)))
		__builtin_trap();
	return 0;
}
