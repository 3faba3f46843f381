/* SPDX-License-Identifier: Apache-2.0 */
/* What a scan of memory reads of /proc/PID. The first byte says which file. */
#include "../../lib/scan/procmaps.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct pk_str s, struct pk_str text)
{
	if (s.n && (s.p < text.p || s.p + s.n > text.p + text.n))
		abort();
}

static void count(void *ctx, uint64_t start)
{
	size_t *n = ctx;

	(void)start;
	++*n;
}

static void try_maps(struct pk_str text)
{
	struct pk_str rest = text, line;
	struct pk_procmapping m, found;

	while (rest.n && pk_str_line(&rest, &line)) {
		if (!pk_procmaps_line(line, &m))
			continue;
		inside(m.path, text);
		if (m.start >= m.end || strlen(m.perms) != strnlen(m.perms, 4))
			abort();
		if (!pk_procmaps_find(text, m.end - 1, &found) || found.start > m.end - 1 || found.end < m.end)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk_str text = pk_str_n(data + 1, size > 0 ? size - 1 : 0);
	struct pk_procstat stat;
	struct pk_procstatus status;
	size_t n = 0;

	if (size == 0)
		return 0;
	if (data[0] == 'm') {
		/* finding is quadratic here */
		try_maps(pk_str_n(text.p, PK_MIN(text.n, (size_t)4096)));
	} else if (data[0] == 'd') {
		pk_procmaps_devices(text, count, &n);
		if (n > text.n)
			abort();
	} else if (data[0] == 's') {
		if (pk_procmaps_stat(text, &stat))
			inside(stat.comm, text);
	} else {
		(void)!pk_procmaps_status(text, &status);
	}
	return 0;
}
