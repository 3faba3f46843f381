/* SPDX-License-Identifier: Apache-2.0 */
/* Release records: one text for each meaning, and nobody's signature is taken. */
#include <picket/release.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pk_roster nobody = {0};
	PK_AUTO(pk_release) v = {0};
	PK_AUTO(pk_release_set) s = {0};
	PK_AUTO(pk_buf) b = {0};
	struct pk_str text = pk_str_n(data, size);

	if (pk_release_check_text(text, text, text, &nobody, (struct pk_time){1800000000, 0}, &s, NULL) == 0)
		__builtin_trap();
	if (pk_release_parse(text, &v, NULL) < 0)
		return 0;
	pk_buf_put_release(&b, &v);
	if (!pk_str_eq(text, pk_buf_str(&b)))
		__builtin_trap();
	return 0;
}
