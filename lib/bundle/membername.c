/* SPDX-License-Identifier: Apache-2.0 */
/* Raw paths as ASCII member names: injective, and safe in tar, in manifests and on any file system. */
#include <picket/hash.h>
#include <picket/record.h>

#define MAX_SEGMENT 200 /* encoded bytes of one path component */
#define CUT_SEGMENT 100
#define MAX_NAME 1000 /* encoded bytes of a whole path, prefix not counted */

static bool is_plain(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       (c && strchr("._+@,:~-", c));
}

static void put_escape(struct pk_buf *b, unsigned char c)
{
	static const char hex[] = "0123456789ABCDEF";

	pk_buf_put_c(b, '=');
	pk_buf_put_c(b, hex[c >> 4]);
	pk_buf_put_c(b, hex[c & 15]);
}

static void put_sha256(struct pk_buf *b, struct pk_str s)
{
	uint8_t sum[PK_SHA256_SIZE];

	pk_sha256(s.p, s.n, sum);
	pk_buf_put_hex(b, sum, sizeof(sum));
}

static void put_segment(struct pk_buf *b, struct pk_str seg)
{
	bool dots = pk_str_eq(seg, PK_STR(".")) || pk_str_eq(seg, PK_STR(".."));
	size_t start = b->n, cut = 0;

	for (size_t i = 0; i < seg.n; i++) {
		unsigned char c = (unsigned char)seg.p[i];

		if (is_plain(c) && !dots)
			pk_buf_put_c(b, (char)c);
		else
			put_escape(b, c);
		if (b->n - start <= CUT_SEGMENT)
			cut = b->n - start;
	}
	if (b->n - start <= MAX_SEGMENT || b->oom)
		return;
	b->n = start + cut;
	pk_buf_puts(b, "==");
	put_sha256(b, seg);
}

void pk_buf_put_member_name(struct pk_buf *b, const char *prefix, struct pk_str raw_path)
{
	size_t start = b->n, body = 0;
	struct pk_str rest = raw_path, seg = {0};

	pk_buf_puts(b, prefix);
	body = b->n;
	while (pk_str_split(&rest, '/', &seg)) {
		if (seg.n == 0) /* leading, doubled and trailing slashes name nothing */
			continue;
		if (b->n > body)
			pk_buf_put_c(b, '/');
		put_segment(b, seg);
		if (b->oom)
			return;
	}
	if (b->n - body <= MAX_NAME && b->n > body)
		return;
	b->n = start;
	pk_buf_puts(b, "data/long/");
	put_sha256(b, raw_path);
}
