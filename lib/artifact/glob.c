/* SPDX-License-Identifier: Apache-2.0 */
/* Matching of path patterns: bytes, bounded time. */
#include <picket/limits.h>
#include <picket/plan.h>

bool pk_glob_is_magic(struct pk_str pattern)
{
	for (size_t i = 0; i < pattern.n; i++)
		if (pattern.p[i] == '*' || pattern.p[i] == '?' || pattern.p[i] == '[')
			return true;
	return false;
}

bool pk_glob_is_star(struct pk_str segment, unsigned *ret_depth)
{
	uint64_t n = 0;

	if (segment.n < 2 || memcmp(segment.p, "**", 2) != 0)
		return false;
	if (segment.n > 2 && (!pk_str_u64(pk_str_n(segment.p + 2, segment.n - 2), PK_MAX_GLOBSTAR, &n) || n == 0))
		return false;
	*ret_depth = (unsigned)n;
	return true;
}

/* A [...] at pattern[at]: -1 malformed, else whether c is in it; *ret_next is what follows. */
static int in_set(struct pk_str p, size_t at, uint8_t c, size_t *ret_next)
{
	size_t i = at + 1;
	bool negate = i < p.n && (p.p[i] == '!' || p.p[i] == '^'), hit = false;

	i += negate;
	for (bool first = true; i < p.n && (first || p.p[i] != ']'); first = false) {
		uint8_t from = (uint8_t)p.p[i], to = from;

		if (i + 2 < p.n && p.p[i + 1] == '-' && p.p[i + 2] != ']') {
			to = (uint8_t)p.p[i + 2];
			i += 2;
		}
		hit |= c >= from && c <= to;
		i++;
	}
	if (i >= p.n)
		return -1;
	*ret_next = i + 1;
	return hit != negate;
}

/* One step of the pattern against one byte: 0 no, else what to add to the pattern's position. */
static size_t match_one(struct pk_str p, size_t at, uint8_t c)
{
	size_t next = 0;

	if (p.p[at] == '?')
		return 1;
	if (p.p[at] == '[') {
		int in = in_set(p, at, c, &next);

		if (in >= 0)
			return in ? next - at : 0;
	}
	return (uint8_t)p.p[at] == c ? 1 : 0;
}

bool pk_glob_match(struct pk_str p, struct pk_str s)
{
	size_t i = 0, k = 0, star = SIZE_MAX, star_k = 0;

	while (k < s.n) {
		size_t step = 0;

		if (i < p.n && p.p[i] == '*') {
			star = i++;
			star_k = k;
			continue;
		}
		if (i < p.n)
			step = match_one(p, i, (uint8_t)s.p[k]);
		if (step) {
			i += step;
			k++;
		} else if (star != SIZE_MAX) { /* let the last * take one byte more */
			i = star + 1;
			k = ++star_k;
		} else {
			return false;
		}
	}
	while (i < p.n && p.p[i] == '*')
		i++;
	return i == p.n;
}

static bool next_segment(struct pk_str *rest, struct pk_str *ret)
{
	while (pk_str_split(rest, '/', ret))
		if (ret->n)
			return true;
	return false;
}

bool pk_glob_match_path(struct pk_str pattern, struct pk_str path, unsigned bare)
{
	struct pk_str seg, name, more = path;
	unsigned depth;

	for (;;) {
		if (!next_segment(&pattern, &seg))
			return !next_segment(&more, &name);
		if (pk_glob_is_star(seg, &depth))
			break;
		if (!next_segment(&more, &name) || !pk_glob_match(seg, name))
			return false;
	}
	depth = depth ? depth : bare;
	if (!pattern.p || !pattern.n) { /* in the last place: what is in 1 to N folders deep */
		size_t n = 0;

		while (next_segment(&more, &name))
			n++;
		return n >= 1 && n <= depth;
	}
	for (unsigned i = 0; i <= depth; i++) {
		if (pk_glob_match_path(pattern, more, bare))
			return true;
		if (!next_segment(&more, &name))
			return false;
	}
	return false;
}
