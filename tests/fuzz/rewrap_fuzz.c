/* SPDX-License-Identifier: Apache-2.0 */
/* Records of rewraps: one text for each meaning, and nobody's signature is taken. */
#include <picket/rewrap.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pk_roster nobody = {0};
	const struct pk_ticket ticket = {0};
	const struct pk_party *signer = NULL;
	PK_AUTO(pk_rewrap) v = {0};
	PK_AUTO(pk_rewrap) w = {0};
	PK_AUTO(pk_buf) b = {0};
	struct pk_str text = pk_str_n(data, size);

	if (pk_rewrap_check(text, text, &ticket, &nobody, (struct pk_time){1800000000, 0}, NULL, &w, &signer, NULL) ==
	    0)
		__builtin_trap();
	if (pk_rewrap_parse(text, &v, NULL) < 0)
		return 0;
	pk_buf_put_rewrap(&b, &v);
	if (!pk_str_eq(text, pk_buf_str(&b)))
		__builtin_trap();
	return 0;
}
