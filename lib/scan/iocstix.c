/* SPDX-License-Identifier: Apache-2.0 */
/* STIX 2 patterns of the simple kind: comparisons with one constant, joined by OR. Anything more says something about
 * several facts together, and would be wrong when only looked for in parts. */
#include "iocset.h"

struct scan {
	struct pk_str rest;
	const char *why; /* set: not understood */
};

static void skip_space(struct scan *s)
{
	while (s->rest.n > 0 && (*s->rest.p == ' ' || *s->rest.p == '\t' || *s->rest.p == '\n' || *s->rest.p == '\r'))
		s->rest = pk_str_n(s->rest.p + 1, s->rest.n - 1);
}

static bool take_char(struct scan *s, char c)
{
	skip_space(s);
	if (s->rest.n == 0 || *s->rest.p != c)
		return false;
	s->rest = pk_str_n(s->rest.p + 1, s->rest.n - 1);
	return true;
}

static bool is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static bool take_word(struct scan *s, const char *word)
{
	struct pk_str w = pk_str(word);

	skip_space(s);
	if (!pk_str_starts(s->rest, w) || (s->rest.n > w.n && is_word_byte(s->rest.p[w.n])))
		return false;
	s->rest = pk_str_n(s->rest.p + w.n, s->rest.n - w.n);
	return true;
}

/* 'text', with \' and \\ in it. */
static bool take_text(struct scan *s, struct pk_buf *ret)
{
	size_t i = 1;

	skip_space(s);
	if (s->rest.n == 0 || *s->rest.p != '\'')
		return false;
	pk_buf_reset(ret);
	for (; i < s->rest.n && s->rest.p[i] != '\''; i++) {
		if (s->rest.p[i] == '\\' && i + 1 < s->rest.n)
			i++;
		pk_buf_put_c(ret, s->rest.p[i]);
	}
	if (i >= s->rest.n || ret->oom)
		return false;
	s->rest = pk_str_n(s->rest.p + i + 1, s->rest.n - i - 1);
	return true;
}

/* file:hashes.'SHA-256', without the quotes. */
static void take_path(struct scan *s, struct pk_buf *ret)
{
	pk_buf_reset(ret);
	skip_space(s);
	while (s->rest.n > 0) {
		char c = *s->rest.p;

		if (c != '\'' && c != ':' && c != '.' && !is_word_byte(c))
			break;
		if (c != '\'')
			pk_buf_put_c(ret, c);
		s->rest = pk_str_n(s->rest.p + 1, s->rest.n - 1);
	}
}

enum target { NOTHING, MD5, SHA1, SHA256, NAME, C2, COMMAND };

static enum target target_of(const struct pk_buf *path)
{
	static const struct {
		const char *path;
		enum target target;
	} known[] = {
		{"file:hashes.MD5", MD5},
		{"file:hashes.SHA-1", SHA1},
		{"file:hashes.SHA1", SHA1},
		{"file:hashes.SHA-256", SHA256},
		{"file:hashes.SHA256", SHA256},
		{"artifact:hashes.MD5", MD5},
		{"artifact:hashes.SHA-1", SHA1},
		{"artifact:hashes.SHA-256", SHA256},
		{"file:name", NAME},
		{"ipv4-addr:value", C2},
		{"ipv6-addr:value", C2},
		{"domain-name:value", C2},
		{"url:value", C2},
		{"network-traffic:dst_ref.value", C2},
		{"network-traffic:src_ref.value", C2},
		{"process:command_line", COMMAND},
	};

	for (size_t i = 0; i < PK_LEN(known); i++)
		if (pk_str_eq(pk_buf_str(path), pk_str(known[i].path)))
			return known[i].target;
	return NOTHING;
}

/* With b NULL: only whether it can be. */
static bool add(struct pk_ioc_build *b, enum target target, struct pk_str value, const struct pk_ioc_about *about)
{
	size_t size = target == MD5 ? 16 : target == SHA1 ? 20 : 32;
	char lower[64];
	uint8_t hash[32];

	switch (target) {
	case MD5:
	case SHA1:
	case SHA256:
		if (value.n != 2 * size)
			return false;
		for (size_t i = 0; i < value.n; i++)
			lower[i] = (char)(value.p[i] >= 'A' && value.p[i] <= 'F' ? value.p[i] | 0x20 : value.p[i]);
		if (!pk_hex_decode(pk_str_n(lower, value.n), hash, size))
			return false;
		if (b)
			pk_ioc_build_hash(b, hash, size, false, about);
		return true;
	case NAME:
		if (b)
			pk_ioc_build_name(b, value, about);
		return value.n > 0;
	case C2:
		if (b)
			pk_ioc_build_c2(b, value, about);
		return pk_ioc_looks_c2(value);
	case COMMAND:
		if (b)
			pk_ioc_build_literal(b, PK_IOC_COMMAND, value, about);
		return value.n > 0;
	case NOTHING: break;
	}
	return false;
}

static bool value_of(struct scan *s, struct pk_ioc_build *b, enum target target, struct pk_buf *text,
		     const struct pk_ioc_about *about)
{
	if (!take_text(s, text)) {
		s->why = "a comparison with something else than a text";
		return false;
	}
	if (!add(b, target, pk_buf_str(text), about)) {
		s->why = "the value is not of the kind that its path says";
		return false;
	}
	return true;
}

static bool comparison(struct scan *s, struct pk_ioc_build *b, const struct pk_ioc_about *about)
{
	PK_AUTO(pk_buf) text = {0};
	enum target target;

	take_path(s, &text);
	target = text.oom ? NOTHING : target_of(&text);
	if (target == NOTHING) {
		s->why = "what it compares is not looked for";
		return false;
	}
	if (take_char(s, '=')) {
		(void)take_char(s, '='); /* some write two */
		return value_of(s, b, target, &text, about);
	}
	if (!take_word(s, "IN") || !take_char(s, '(')) {
		s->why = "only = and IN are understood";
		return false;
	}
	do
		if (!value_of(s, b, target, &text, about))
			return false;
	while (take_char(s, ','));
	if (!take_char(s, ')'))
		s->why = "a list without its end";
	return !s->why;
}

/* [ comparison OR comparison ] OR [ ... ] */
static bool pattern(struct scan *s, struct pk_ioc_build *b, const struct pk_ioc_about *about)
{
	do {
		size_t parentheses = 0;

		if (!take_char(s, '[')) {
			s->why = "only [ ] joined by OR are understood";
			return false;
		}
		while (take_char(s, '('))
			parentheses++;
		do
			if (!comparison(s, b, about))
				return false;
		while (take_word(s, "OR"));
		while (parentheses > 0 && take_char(s, ')'))
			parentheses--;
		if (parentheses > 0 || !take_char(s, ']')) {
			s->why = "only comparisons joined by OR are understood";
			return false;
		}
	} while (take_word(s, "OR"));
	skip_space(s);
	if (s->rest.n > 0)
		s->why = "only [ ] joined by OR are understood";
	return s->rest.n == 0;
}

bool pk_ioc_read_pattern(struct pk_ioc_build *b, struct pk_str text, const struct pk_ioc_about *about,
			 const char **ret_why)
{
	struct scan dry = {.rest = text}, real = {.rest = text};

	/* first the whole of it, so that nothing is taken from what is not understood */
	if (!pattern(&dry, NULL, about)) {
		*ret_why = dry.why;
		return false;
	}
	return pattern(&real, b, about);
}
