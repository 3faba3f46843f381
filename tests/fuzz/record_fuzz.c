/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of the record log, and member names made of any path: what is accepted says what it is. */
#include <picket/record.h>

#include "../../lib/bundle/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void name(struct pk_str path)
{
	PK_AUTO(pk_buf) b = {0};

	pk_buf_put_member_name(&b, "data/root/", path);
	if (b.oom || b.n > 1010 || !pk_member_name_ok(pk_buf_str(&b)))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk_str line = pk_str_n(data, size);
	struct pk_record r = {0};
	PK_AUTO(pk_buf) raw = {0};

	if (pk_str_find(line, 0) == line.n)
		name(line);
	for (uint64_t leaf = 0; leaf < 3; leaf++) {
		if (pk_record_parse(line, leaf, &r, NULL) < 0)
			continue;
		if (r.leaf != leaf || !strchr("bmclheu", r.type) || r.fields.n > line.n ||
		    r.fields.p + r.fields.n != line.p + line.n)
			__builtin_trap();
		if (pk_json_get_bytes(r.json, "path", &raw) && pk_str_find(pk_buf_str(&raw), 0) == raw.n)
			name(pk_buf_str(&raw));
		pk_record_done(&r);
	}
	return 0;
}
