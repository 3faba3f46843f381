/* SPDX-License-Identifier: Apache-2.0 */
/* Times as text: what is read is written back the same, and read again the same. */
#include <picket/time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_back(struct pk_time t)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_time back = {0};

	if (t.nsec >= 1000000000)
		__builtin_trap();
	pk_buf_put_time(&b, t);
	if (!pk_time_parse(pk_buf_str(&b), &back) || pk_time_cmp(t, back) != 0)
		__builtin_trap();
	pk_buf_reset(&b);
	pk_buf_put_rfc3339(&b, t, 9);
	if (b.p[0] != '@' && (!pk_time_parse_rfc3339(pk_buf_str(&b), &back) || pk_time_cmp(t, back) != 0))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk_str s = pk_str_n(data, size);
	struct pk_time t;
	int64_t seconds;

	if (pk_time_parse(s, &t))
		check_back(t);
	if (pk_time_parse_rfc3339(s, &t))
		check_back(t);
	if (pk_duration_parse(s, &seconds) && seconds < 0)
		__builtin_trap();
	return 0;
}
