/* SPDX-License-Identifier: Apache-2.0 */
/* wtmp, btmp and utmp files. */
#include "../../lib/live/parse.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk_str s = pk_str_n(data, size);
	size_t record = live_utmp_record_size(s);
	struct live_utmp u;

	for (size_t at = 0; at + record <= size; at += record)
		if (live_parse_utmp(pk_str_n(data + at, record), &u) &&
		    (u.user.n > 32 || u.host.n > 256 || u.time.nsec >= 1000000000))
			abort();
	return 0;
}
