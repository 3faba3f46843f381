/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns against paths: bounded time, and a pattern without wildcards matches itself alone. */
#include <picket/plan.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk_str rest = pk_str_n(data, size), pattern, path;

	if (size > 4096 || !pk_str_split(&rest, '\n', &pattern) || !rest.p)
		return 0;
	path = rest;
	if (!pk_glob_is_magic(pattern) && pk_glob_match(pattern, path) != pk_str_eq(pattern, path))
		__builtin_trap();
	if (!pk_glob_match(PK_STR("*"), path))
		__builtin_trap();
	(void)pk_glob_match(pattern, path);
	/* the definitions' reader lets only one ** through */
	if (!memmem(pattern.p, pattern.n, "**", 2))
		(void)pk_glob_match_path(pattern, path, 10);
	return 0;
}
