/* SPDX-License-Identifier: Apache-2.0 */
/* Party files: one text for each meaning. */
#include <picket/roster.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTO(pk_party) v = {0};
	PK_AUTO(pk_buf) b = {0};

	if (pk_party_parse(pk_str_n(data, size), &v, NULL) < 0)
		return 0;
	pk_buf_put_party(&b, &v);
	if (!pk_str_eq(pk_str_n(data, size), pk_buf_str(&b)))
		__builtin_trap();
	return 0;
}
