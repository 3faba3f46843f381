/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts: one text for each meaning, and nobody's signature is taken. */
#include <picket/receipt.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pk_roster nobody = {0};
	const uint8_t digest[64] = {0};
	PK_AUTO(pk_receipt) v = {0};
	PK_AUTO(pk_receipt) w = {0};
	PK_AUTO(pk_buf) b = {0};
	struct pk_str text = pk_str_n(data, size);

	if (pk_receipt_check(text, text, &(struct pk_receipt_of){.digest = digest}, &nobody,
			     (struct pk_time){1800000000, 0}, &w, NULL) == 0)
		__builtin_trap();
	if (pk_receipt_parse(text, &v, NULL) < 0)
		return 0;
	pk_buf_put_receipt(&b, &v);
	if (!pk_str_eq(text, pk_buf_str(&b)))
		__builtin_trap();
	return 0;
}
