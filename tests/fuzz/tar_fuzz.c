/* SPDX-License-Identifier: Apache-2.0 */
/* Tar headers: what is accepted is exactly what would have been written. */
#include <picket/tar.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTO(pk_buf) again = {0};
	struct pk_tar_header h;

	if (pk_tar_parse(data, size, &h, NULL) < 0 || h.header_bytes == 0)
		return 0;
	if (h.header_bytes > size)
		__builtin_trap();
	pk_tar_put_header(&again, pk_str(h.name), h.size);
	if (again.n != h.header_bytes || memcmp(again.p, data, again.n) != 0)
		__builtin_trap();
	return 0;
}
