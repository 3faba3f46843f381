/* SPDX-License-Identifier: Apache-2.0 */
/* mountinfo, in which others choose the names: the first line is the prefix, the rest the text. */
#include <picket/mount.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTO(pk_mounts) m = {0};
	struct pk_str text = pk_str_n(data, size), prefix;
	size_t bad = 0;

	if (!pk_str_line(&text, &prefix) || !prefix.n || prefix.p[0] != '/' || memchr(prefix.p, 0, prefix.n) ||
	    (prefix.n > 1 && prefix.p[prefix.n - 1] == '/'))
		return 0;
	if (pk_mounts_parse(&m, text, prefix, NULL, &bad, NULL) < 0)
		return 0;
	for (size_t i = 0; i < m.n; i++) {
		const struct pk_mount *hit;

		if (m.v[i].point[0] != '/' || m.v[i].cross != !m.v[i].why)
			__builtin_trap();
		hit = pk_mounts_of(&m, pk_str(m.v[i].point));
		if (hit && !hit->visible)
			__builtin_trap();
	}
	return 0;
}
