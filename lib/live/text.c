/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of text: words, numbers, fields, addresses. */
#include "sockets.h"

#include <arpa/inet.h>

static bool blank(char c) { return c == ' ' || c == '\t'; }

bool live_word(struct pk_str *s, struct pk_str *ret)
{
	size_t i = 0, start;

	while (i < s->n && blank(s->p[i]))
		i++;
	start = i;
	while (i < s->n && !blank(s->p[i]))
		i++;
	if (i == start)
		return false;
	*ret = pk_str_n(s->p + start, i - start);
	*s = pk_str_n(s->p + i, s->n - i);
	return true;
}

bool live_u64(struct pk_str s, uint64_t *ret)
{
	uint64_t v = 0;

	if (!s.n)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' || __builtin_mul_overflow(v, (uint64_t)10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
			return false;
	}
	*ret = v;
	return true;
}

bool live_i64(struct pk_str s, int64_t *ret)
{
	bool minus = s.n && s.p[0] == '-';
	uint64_t v;

	if (minus)
		s = pk_str_n(s.p + 1, s.n - 1);
	if (!live_u64(s, &v) || v > (uint64_t)INT64_MAX)
		return false;
	*ret = minus ? -(int64_t)v : (int64_t)v;
	return true;
}

bool live_hex(struct pk_str s, uint64_t *ret)
{
	uint64_t v = 0;

	if (!s.n || s.n > 16)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		unsigned d;

		if (c >= '0' && c <= '9')
			d = (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			d = (unsigned)(c - 'a') + 10;
		else if (c >= 'A' && c <= 'F')
			d = (unsigned)(c - 'A') + 10;
		else
			return false;
		v = v << 4 | d;
	}
	*ret = v;
	return true;
}

bool live_field(struct pk_str text, struct pk_str key, char sep, struct pk_str *ret)
{
	struct pk_str line;

	while (pk_str_line(&text, &line)) {
		if (line.n > key.n && pk_str_starts(line, key) && line.p[key.n] == sep) {
			*ret = pk_str_trim(pk_str_n(line.p + key.n + 1, line.n - key.n - 1));
			return true;
		}
	}
	return false;
}

void live_put_addr(struct pk_buf *b, int family, const uint8_t *addr)
{
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(family, addr, text, sizeof(text)))
		pk_buf_puts(b, text);
}

bool live_bracket_number(struct pk_str s, const char *prefix, uint64_t *ret)
{
	size_t n = strlen(prefix);

	return pk_str_starts(s, pk_str(prefix)) && s.n > n + 2 && s.p[n] == '[' && s.p[s.n - 1] == ']' &&
	       live_u64(pk_str_n(s.p + n + 1, s.n - n - 2), ret);
}

void live_kmode(struct pk_json *j, const char *key, mode_t mode)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%04o", (unsigned)mode & 07777);
	pk_json_kz(j, key, text);
}
