/* SPDX-License-Identifier: Apache-2.0 */
/* Hex and base64 (RFC 4648), strict in reading. */
#include <picket/str.h>

static const char b64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void pk_buf_put_hex(struct pk_buf *b, const void *p, size_t n)
{
	static const char digit[] = "0123456789abcdef";
	const uint8_t *u = p;

	for (size_t i = 0; i < n; i++) {
		char two[2] = {digit[u[i] >> 4], digit[u[i] & 15]};

		pk_buf_put(b, two, 2);
	}
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool pk_hex_decode(struct pk_str s, void *ret, size_t n)
{
	uint8_t *u = ret;

	if (s.n / 2 != n || s.n % 2)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = hex_value(s.p[2 * i]), low = hex_value(s.p[2 * i + 1]);

		if ((high | low) < 0)
			return false;
		u[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

void pk_buf_put_base64(struct pk_buf *b, const void *p, size_t n, bool pad)
{
	const uint8_t *u = p;

	for (; n >= 3; u += 3, n -= 3) {
		char four[4] = {b64[u[0] >> 2], b64[(u[0] & 3) << 4 | u[1] >> 4], b64[(u[1] & 15) << 2 | u[2] >> 6],
				b64[u[2] & 63]};

		pk_buf_put(b, four, 4);
	}
	if (n == 1) {
		char two[2] = {b64[u[0] >> 2], b64[(u[0] & 3) << 4]};

		pk_buf_put(b, two, 2);
		pk_buf_puts(b, pad ? "==" : "");
	} else if (n == 2) {
		char three[3] = {b64[u[0] >> 2], b64[(u[0] & 3) << 4 | u[1] >> 4], b64[(u[1] & 15) << 2]};

		pk_buf_put(b, three, 3);
		pk_buf_puts(b, pad ? "=" : "");
	}
}

static int b64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Writes at most (s.n * 3 + 3) / 4 bytes; out NULL: none. */
static bool decode(struct pk_str s, bool pad, uint8_t *out, size_t *ret_n)
{
	uint32_t acc = 0;
	unsigned bits = 0;
	size_t n = 0;

	if (pad) {
		if (s.n % 4)
			return false;
		for (int i = 0; i < 2 && s.n && s.p[s.n - 1] == '='; i++)
			s.n--;
	}
	if (s.n % 4 == 1)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int v = b64_value(s.p[i]);

		if (v < 0)
			return false;
		acc = acc << 6 | (uint32_t)v;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			if (out)
				out[n] = (uint8_t)(acc >> bits);
			n++;
		}
	}
	if (acc & ((1u << bits) - 1))
		return false;
	*ret_n = n;
	return true;
}

bool pk_base64_ok(struct pk_str s)
{
	size_t n = 0;

	return decode(s, true, NULL, &n);
}

bool pk_base64_decode(struct pk_str s, bool pad, struct pk_buf *b)
{
	uint8_t *out = pk_buf_room(b, s.n / 4 * 3 + 3);
	size_t n;

	if (!out)
		return false;
	if (!decode(s, pad, out, &n)) {
		b->p[b->n] = 0;
		return false;
	}
	b->n += n;
	b->p[b->n] = 0;
	return true;
}

bool pk_base64_decode_n(struct pk_str s, bool pad, void *ret, size_t n)
{
	size_t tail = n % 3, equals = pad && tail ? 3 - tail : 0, got = 0;

	/* as many characters and '=' as n bytes take, so that no more can come out */
	if (s.n != n / 3 * 4 + (tail ? tail + 1 : 0) + equals)
		return false;
	for (size_t i = 1; i <= 2 && i <= s.n; i++)
		if ((s.p[s.n - i] == '=') != (i <= equals))
			return false;
	return decode(s, pad, ret, &got) && got == n;
}
