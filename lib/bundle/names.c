/* SPDX-License-Identifier: Apache-2.0 */
/* The fixed texts of a bag, and which member names may stand below data/. */
#include "format.h"

void pk_buf_put_bag_info(struct pk_buf *b, const uint8_t id[16], bool is_signed)
{
	pk_buf_puts(b, "External-Identifier: ");
	pk_buf_put_hex(b, id, 16);
	pk_buf_puts(b, "\nExternal-Description: Picket evidence bundle, ");
	pk_buf_puts(b, is_signed ? "signed under a ticket (meta/ticket.txt)\n"
				 : "UNSIGNED: nothing proves where it comes from\n");
}

void pk_buf_put_origin(struct pk_buf *b, const uint8_t id[16])
{
	pk_buf_puts(b, "picket/");
	pk_buf_put_hex(b, id, 16);
}

bool pk_member_name_ok(struct pk_str name)
{
	struct pk_str rest = name, seg = {0};
	size_t depth = 0;

	if (name.n > PK_MAX_MEMBER_NAME || !pk_str_starts(name, PK_STR("data/")))
		return false;
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    !(c && strchr("._+@,:~-=/", c)))
			return false;
	}
	while (pk_str_split(&rest, '/', &seg)) {
		if (seg.n == 0 || pk_str_eq(seg, PK_STR(".")) || pk_str_eq(seg, PK_STR("..")))
			return false;
		depth++;
	}
	return depth >= 2;
}
