/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 decoding and the question whether a character can safely be shown. */
#include "utf8.h"

size_t pk_utf8_next(struct pk_str s, uint32_t *ret_cp)
{
	static const uint32_t lowest[5] = {0, 0, 0x80, 0x800, 0x10000};
	const uint8_t *p = (const uint8_t *)s.p;
	uint32_t cp;
	size_t n;

	if (s.n == 0)
		return 0;
	if (p[0] < 0x80) {
		*ret_cp = p[0];
		return 1;
	}
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		n = 2, cp = p[0] & 0x1f;
	else if ((p[0] & 0xf0) == 0xe0)
		n = 3, cp = p[0] & 0x0f;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		n = 4, cp = p[0] & 0x07;
	else
		return 0;
	if (n > s.n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		cp = cp << 6 | (p[i] & 0x3f);
	}
	if (cp < lowest[n] || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return 0;
	*ret_cp = cp;
	return n;
}

bool pk_utf8_is_visible(uint32_t cp)
{
	static const struct {
		uint32_t from, to;
	} hidden[] = {
		{0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},       {0x34f, 0x34f},     {0x600, 0x605},
		{0x61c, 0x61c},   {0x6dd, 0x6dd},   {0x70f, 0x70f},     {0x115f, 0x1160},   {0x17b4, 0x17b5},
		{0x180b, 0x180f}, {0x200b, 0x200f}, {0x2028, 0x202e},   {0x2060, 0x206f},   {0x3164, 0x3164},
		{0xe000, 0xf8ff}, {0xfdd0, 0xfdef}, {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
		{0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0x10ffff},
	};

	for (size_t i = 0; i < PK_LEN(hidden); i++)
		if (cp >= hidden[i].from && cp <= hidden[i].to)
			return false;
	return (cp & 0xfffe) != 0xfffe;
}

bool pk_str_is_utf8(struct pk_str s)
{
	uint32_t cp;

	while (s.n) {
		size_t n = pk_utf8_next(s, &cp);

		if (!n)
			return false;
		s.p += n;
		s.n -= n;
	}
	return true;
}

bool pk_str_is_visible(struct pk_str s)
{
	uint32_t cp;

	while (s.n) {
		size_t n = pk_utf8_next(s, &cp);

		if (!n || !pk_utf8_is_visible(cp))
			return false;
		s.p += n;
		s.n -= n;
	}
	return true;
}

void pk_utf8_put_shown(struct pk_buf *b, struct pk_str s)
{
	while (s.n) {
		size_t n = pk_str_find(s, '\\');

		pk_buf_put_safe(b, (struct pk_str){s.p, n});
		if (n < s.n) {
			pk_buf_put_c(b, '\\');
			n++;
		}
		s.p += n;
		s.n -= n;
	}
}

size_t pk_utf8_columns(struct pk_str s)
{
	static const struct {
		uint32_t from, to, columns;
	} odd[] = {
		{0x300, 0x36f, 0},     {0x1100, 0x115f, 2},   {0x1ab0, 0x1aff, 0}, {0x1dc0, 0x1dff, 0},
		{0x20d0, 0x20ff, 0},   {0x2e80, 0xa4cf, 2},   {0xac00, 0xd7a3, 2}, {0xf900, 0xfaff, 2},
		{0xfe20, 0xfe2f, 0},   {0xfe30, 0xfe6f, 2},   {0xff00, 0xff60, 2}, {0xffe0, 0xffe6, 2},
		{0x1f300, 0x1faff, 2}, {0x20000, 0x3fffd, 2},
	};
	size_t columns = 0;

	while (s.n) {
		uint32_t cp = 0;
		size_t n = pk_utf8_next(s, &cp), width = 1;

		for (size_t i = 0; i < PK_LEN(odd); i++)
			if (cp >= odd[i].from && cp <= odd[i].to)
				width = odd[i].columns;
		columns += width;
		n = n ? n : 1;
		s.p += n;
		s.n -= n;
	}
	return columns;
}

bool pk_buf_put_lossy(struct pk_buf *b, struct pk_str s)
{
	bool replaced = false;
	size_t good = 0;

	while (good < s.n) {
		uint32_t cp = 0;
		size_t n = pk_utf8_next(pk_str_n(s.p + good, s.n - good), &cp);

		if (n && cp) {
			good += n;
			continue;
		}
		pk_buf_put(b, s.p, good);
		pk_buf_puts(b, "\xef\xbf\xbd");
		s = pk_str_n(s.p + good + 1, s.n - good - 1);
		good = 0;
		replaced = true;
	}
	pk_buf_put_str(b, s);
	return replaced;
}
