/* SPDX-License-Identifier: Apache-2.0 */
/* Labels as text and as JSON: written back the same, and combining with itself changes nothing. */
#include <picket/json.h>
#include <picket/label.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTO(pk_label) l = {0}, both = {0};
	PK_AUTO(pk_buf) b = {0};
	pk_autojson *v = NULL;
	struct pk_str s = pk_str_n(data, size);

	if (pk_label_parse(s, &l, NULL) == 0) {
		pk_buf_put_label(&b, &l);
		if (!pk_str_eq(s, pk_buf_str(&b)))
			__builtin_trap();
	} else if (pk_json_parse(s, &v, NULL) < 0 || pk_label_from_json(v, &l, NULL) < 0) {
		return 0;
	}
	if (pk_label_combine(&l, &l, &both, NULL) < 0 || !pk_label_eq(&l, &both))
		__builtin_trap();
	return 0;
}
