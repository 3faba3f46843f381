/* SPDX-License-Identifier: Apache-2.0 */
/* The fixed texts of a bag, and which member names may stand below data/. */
#include "format.h"

void pk_buf_put_bag_info(struct pk_buf *b, const uint8_t id[16], enum pk_bag_kind kind)
{
	static const char *const text[PK_BAG_KINDS] = {
		[PK_BAG_UNSIGNED] = "evidence bundle, UNSIGNED: nothing proves where it comes from\n",
		[PK_BAG_SIGNED] = "evidence bundle, signed under a ticket (meta/ticket.txt)\n",
		[PK_BAG_SHARE] = "share: part of other bundles, with proofs (meta/shares), signed under a ticket\n",
	};

	pk_buf_puts(b, "External-Identifier: ");
	pk_buf_put_hex(b, id, 16);
	pk_buf_puts(b, "\nExternal-Description: Picket ");
	pk_buf_puts(b, text[kind]);
}

void pk_buf_put_share_name(struct pk_buf *b, const uint8_t id[16], struct pk_str member)
{
	pk_buf_puts(b, "data/");
	pk_buf_put_hex(b, id, 16);
	pk_buf_put(b, member.p + 4, member.n - 4);
}

void pk_buf_put_content_name(struct pk_buf *b, const uint8_t id[16], uint64_t leaf)
{
	pk_buf_puts(b, "data/");
	pk_buf_put_hex(b, id, 16);
	pk_buf_putf(b, "/content/%llu", (unsigned long long)leaf);
}

/* *s without the prefix. */
static bool skip(struct pk_str *s, struct pk_str prefix)
{
	if (!pk_str_starts(*s, prefix))
		return false;
	*s = pk_str_n(s->p + prefix.n, s->n - prefix.n);
	return true;
}

bool pk_live_name_ok(struct pk_str name, const uint8_t *id, struct pk_str table)
{
	const struct pk_str end = PK_STR(".jsonl");
	uint8_t has[16];

	for (size_t i = 0; i < table.n; i++)
		if (!(table.p[i] >= 'a' && table.p[i] <= 'z') && !(table.p[i] >= '0' && table.p[i] <= '9') &&
		    table.p[i] != '_')
			return false;
	if (!table.n || !skip(&name, PK_STR("data/")))
		return false;
	if (id) {
		if (name.n < 32 || !pk_hex_decode(pk_str_n(name.p, 32), has, 16) || memcmp(has, id, 16) != 0 ||
		    !skip(&name, pk_str_n(name.p, 32)) || !skip(&name, PK_STR("/")))
			return false;
	}
	if (!skip(&name, PK_STR("live/")) || !skip(&name, table) || !skip(&name, PK_STR("-")) ||
	    !pk_str_ends(name, end) || name.n < 4 + end.n)
		return false;
	name.n -= end.n;
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] < '0' || name.p[i] > '9')
			return false;
	return name.n == 4 || name.p[0] != '0';
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
