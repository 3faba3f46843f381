/* SPDX-License-Identifier: Apache-2.0 */
/* Slices and cursors over bytes that someone else owns. */
#include <picket/str.h>

#include <stdlib.h>

bool pk_str_eq(struct pk_str a, struct pk_str b) { return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0); }

bool pk_str_starts(struct pk_str s, struct pk_str prefix)
{
	return s.n >= prefix.n && pk_str_eq((struct pk_str){s.p, prefix.n}, prefix);
}

bool pk_str_ends(struct pk_str s, struct pk_str suffix)
{
	return s.n >= suffix.n && pk_str_eq((struct pk_str){s.p + (s.n - suffix.n), suffix.n}, suffix);
}

bool pk_str_ends_nocase(struct pk_str s, struct pk_str suffix)
{
	if (s.n < suffix.n)
		return false;
	for (size_t i = 0; i < suffix.n; i++) {
		char c = s.p[s.n - suffix.n + i];

		if ((c >= 'A' && c <= 'Z' ? c | 0x20 : c) != suffix.p[i])
			return false;
	}
	return true;
}

int pk_str_cmp(struct pk_str a, struct pk_str b)
{
	size_t n = PK_MIN(a.n, b.n);
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : (a.n > b.n) - (a.n < b.n);
}

size_t pk_str_find(struct pk_str s, char c)
{
	const char *hit = s.n ? memchr(s.p, c, s.n) : NULL;

	return hit ? (size_t)(hit - s.p) : s.n;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

struct pk_str pk_str_trim(struct pk_str s)
{
	while (s.n && is_blank(s.p[0]))
		s.p++, s.n--;
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool pk_str_split(struct pk_str *rest, char sep, struct pk_str *ret)
{
	size_t at;

	if (!rest->p)
		return false;
	at = pk_str_find(*rest, sep);
	*ret = (struct pk_str){rest->p, at};
	if (at == rest->n)
		*rest = (struct pk_str){NULL, 0};
	else
		*rest = (struct pk_str){rest->p + at + 1, rest->n - at - 1};
	return true;
}

bool pk_str_line(struct pk_str *rest, struct pk_str *ret)
{
	if (rest->n == 0)
		return false;
	return pk_str_split(rest, '\n', ret);
}

char *pk_str_dup(struct pk_str s)
{
	char *z = malloc(s.n + 1);

	if (!z) {
		pk_memory_note_failure();
		return NULL;
	}
	if (s.n)
		memcpy(z, s.p, s.n);
	z[s.n] = 0;
	return z;
}

bool pk_str_u64(struct pk_str s, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;

	if (s.n == 0 || (s.n > 1 && s.p[0] == '0'))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
			return false;
	}
	if (v > max)
		return false;
	*ret = v;
	return true;
}

struct pk_cur pk_cur(const void *p, size_t n) { return (struct pk_cur){.p = p, .n = n}; }

struct pk_str pk_rd_bytes(struct pk_cur *c, size_t n)
{
	struct pk_str s = {NULL, 0};

	if (c->bad || n > c->n - c->at) {
		c->bad = true;
		return s;
	}
	s = pk_str_n(c->p + c->at, n);
	c->at += n;
	return s;
}

static uint64_t read_le(struct pk_cur *c, size_t n)
{
	struct pk_str s = pk_rd_bytes(c, n);
	uint64_t v = 0;

	for (size_t i = s.n; i-- > 0;)
		v = v << 8 | (uint8_t)s.p[i];
	return v;
}

uint8_t pk_rd_u8(struct pk_cur *c) { return (uint8_t)read_le(c, 1); }
uint16_t pk_rd_le16(struct pk_cur *c) { return (uint16_t)read_le(c, 2); }
uint32_t pk_rd_le32(struct pk_cur *c) { return (uint32_t)read_le(c, 4); }
uint64_t pk_rd_le64(struct pk_cur *c) { return read_le(c, 8); }
