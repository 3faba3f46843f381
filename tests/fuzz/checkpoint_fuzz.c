/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints: what is read is written back the same. */
#include <picket/note.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_checkpoint c;

	if (pk_checkpoint_parse(pk_str_n(data, size), &c, NULL) < 0)
		return 0;
	pk_buf_put_checkpoint(&b, &c);
	if (!pk_str_eq(pk_str_n(data, size), pk_buf_str(&b)))
		__builtin_trap();
	return 0;
}
