/* SPDX-License-Identifier: Apache-2.0 */
/* The station's memory of what it cosigned: what a line is added to remembers that line, and no more than whole ones. */
#include "../../lib/casedb/cosigned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char line[] =
		"a+01020304 9223372036854775807 "
		"0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20 k+01020304 T/case/1\n";
	const struct pk_str key = PK_STR("a+01020304"), origin = PK_STR("T/case/1");
	struct pk_cosigned m = PK_COSIGNED_INIT, again = PK_COSIGNED_INIT;
	PK_AUTO(pk_buf) longer = {0};
	size_t end = 0;

	if (pk_cosigned_find(pk_str_n(data, size), key, origin, &m, &end, NULL) < 0)
		goto out;
	if (end > size || (end && data[end - 1] != '\n') || (m.there && (!m.size || m.size > INT64_MAX)))
		__builtin_trap();
	pk_buf_put(&longer, data, end);
	pk_buf_puts(&longer, line);
	if (pk_cosigned_find(pk_buf_str(&longer), key, origin, &again, &end, NULL) < 0 || end != longer.n ||
	    !again.there || again.size != INT64_MAX ||
	    again.root[0] != (m.there && m.size == INT64_MAX ? m.root[0] : 1))
		__builtin_trap();
out:
	pk_cosigned_done(&m);
	pk_cosigned_done(&again);
	return 0;
}
