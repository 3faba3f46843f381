/* SPDX-License-Identifier: Apache-2.0 */
/* Terms: one text for each meaning. */
#include <picket/ticket.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTO(pk_terms) v = {0};
	PK_AUTO(pk_buf) b = {0};

	if (pk_terms_parse(pk_str_n(data, size), &v, NULL) < 0)
		return 0;
	pk_buf_put_terms(&b, &v);
	if (!pk_str_eq(pk_str_n(data, size), pk_buf_str(&b)))
		__builtin_trap();
	return 0;
}
