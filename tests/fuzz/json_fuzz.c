/* SPDX-License-Identifier: Apache-2.0 */
/* JSON from anywhere: whatever is accepted can be read field by field without surprise. */
#include <picket/json.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const keys[] = {"a", "path", "size", "i", "t"};
	pk_autojson *v = NULL;

	if (pk_json_parse(pk_str_n(data, size), &v, NULL) < 0)
		return 0;
	for (size_t i = 0; i < PK_LEN(keys); i++) {
		PK_AUTO(pk_buf) raw = {0};
		uint8_t hash[32];
		struct pk_str s;
		uint64_t u;
		int64_t n;
		bool yes;

		if (pk_json_get_str(v, keys[i], &s) && !pk_str_is_utf8(s))
			__builtin_trap();
		if (pk_json_get_uint(v, keys[i], &u) && (!pk_json_get_int(v, keys[i], &n) || (uint64_t)n != u))
			__builtin_trap();
		(void)pk_json_get_bool(v, keys[i], &yes);
		(void)pk_json_get_hex(v, keys[i], hash, sizeof(hash));
		(void)pk_json_get_bytes(v, keys[i], &raw);
	}
	return 0;
}
