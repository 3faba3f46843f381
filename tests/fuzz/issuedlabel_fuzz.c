/* SPDX-License-Identifier: Apache-2.0 */
/* What of the terms a share repeats: one text for each meaning. */
#include <picket/ticket.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTO(pk_issued_label) v = {0};
	PK_AUTO(pk_buf) b = {0};

	if (pk_issued_label_parse(pk_str_n(data, size), &v, NULL) < 0)
		return 0;
	pk_buf_put_issued_label(&b, &v);
	if (!pk_str_eq(pk_str_n(data, size), pk_buf_str(&b)))
		__builtin_trap();
	return 0;
}
