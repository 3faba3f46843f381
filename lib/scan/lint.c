/* SPDX-License-Identifier: Apache-2.0 */
/* Looks at rules as a reviewer does. */
#include "ruletext.h"

#include <inttypes.h>
#include <picket/rulelint.h>

#define ATOM 3u     /* the engine looks for up to four bytes in a row first; fewer than three are nearly everywhere */
#define SPECIFIC 6u /* a string of fewer says little alone */
#define NESTED 32u  /* groups in each other that are understood */

struct lint {
	int (*found)(void *ctx, const struct pk_lint_finding *f, struct pk_err *err);
	void *ctx;
	const struct pk_rule_source *source;
	const struct pk_ruletexts *t;
	const struct pk_ruletext *rule;
};

static int tell(const struct lint *l, uint64_t line, const char *what, const struct pk_buf *text, struct pk_err *err)
{
	struct pk_lint_finding f = {
		.source = pk_str(l->source->name), .line = line, .what = what, .text = pk_buf_str(text)};

	if (pk_buf_check(text, err) < 0)
		return -1;
	if (l->rule)
		f.rule = l->rule->name;
	return l->found(l->ctx, &f, err);
}

/* --- strings ------------------------------------------------------------------------------------------ */

/* One group, or the whole string: fixed bytes in a row that every match has. */
struct level {
	size_t run, longest; /* of the alternative at hand: at the end of it, the most */
	size_t least;        /* of the alternatives before, the fewest */
};

/* What a string is made of. */
struct shape {
	struct level levels[NESTED], *at;
	size_t group;   /* of the group that was closed last, until what follows says whether it may be left out */
	size_t longest; /* the result */
	bool unbounded; /* repeats without end */
};

static void shape_begin(struct shape *s)
{
	*s = (struct shape){.at = s->levels};
	s->at->least = SIZE_MAX;
}

static void settle_group(struct shape *s)
{
	s->at->longest = PK_MAX(s->at->longest, s->group);
	s->group = 0;
}

static void fixed(struct shape *s)
{
	settle_group(s);
	s->at->run++;
	s->at->longest = PK_MAX(s->at->longest, s->at->run);
}

static void open_end(struct shape *s)
{
	settle_group(s);
	s->at->run = 0;
}

static bool group_open(struct shape *s)
{
	open_end(s);
	if (s->at == &s->levels[NESTED - 1])
		return false;
	*++s->at = (struct level){.least = SIZE_MAX};
	return true;
}

static void group_next(struct shape *s)
{
	open_end(s);
	s->at->least = PK_MIN(s->at->least, s->at->longest);
	s->at->longest = 0;
}

static void group_close(struct shape *s)
{
	group_next(s);
	if (s->at > s->levels)
		s->group = s->at--->least;
}

/* false: nested too deeply, or not closed */
static bool shape_end(struct shape *s)
{
	group_next(s);
	s->longest = s->at->least;
	return s->at == s->levels;
}

/* The byte at *at, or an escape, of a text or a regular expression; false when it is a class of bytes. */
static bool escape(struct pk_str v, size_t *at)
{
	char c = *at + 1 < v.n ? v.p[*at + 1] : '\0';

	*at += c == 'x' ? 4 : 2;
	return !strchr("wWsSdDbB", c) || c == '\0';
}

static void shape_text(struct shape *s, struct pk_str v)
{
	for (size_t i = 0; i < v.n; fixed(s))
		if (v.p[i] == '\\')
			(void)escape(v, &i);
		else
			i++;
}

static bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/* A group opens, goes on or closes at c; false: nested too deeply. */
static bool group(struct shape *s, char c)
{
	if (c == '(')
		return group_open(s);
	if (c == '|')
		group_next(s);
	else
		group_close(s);
	return true;
}

static bool shape_hex(struct shape *s, struct pk_str v)
{
	for (size_t i = 0; i < v.n;) {
		char next = i + 1 < v.n ? v.p[i + 1] : '\0';

		if (v.p[i] == '/' && next == '/') {
			while (i < v.n && v.p[i] != '\n')
				i++;
		} else if (v.p[i] == '/' && next == '*') {
			for (i += 2; i + 1 < v.n && !(v.p[i] == '*' && v.p[i + 1] == '/'); i++)
				;
			i += 2;
		} else if (v.p[i] == '[') {
			size_t end = i;

			while (end < v.n && v.p[end] != ']')
				end++;
			while (end > i && v.p[end - 1] == ' ')
				end--;
			s->unbounded |= v.p[end - 1] == '-';
			i = end + 1;
			open_end(s);
		} else if (is_hex(v.p[i]) && is_hex(next)) {
			i += 2;
			fixed(s);
		} else if (is_hex(v.p[i]) || v.p[i] == '?') {
			i += 2;
			open_end(s);
		} else if (strchr("(|)", v.p[i])) {
			if (!group(s, v.p[i++]))
				return false;
		} else {
			if (v.p[i++] == '~')
				open_end(s);
		}
	}
	return true;
}

/* A quantifier at *at: how it changes what is before it. */
static void quantifier(struct shape *s, struct pk_str v, size_t *at, bool was_fixed)
{
	bool none = v.p[*at] == '*' || v.p[*at] == '?', endless = v.p[*at] == '*' || v.p[*at] == '+';

	if (v.p[*at] == '{') {
		none = *at + 1 < v.n && (v.p[*at + 1] == '0' || v.p[*at + 1] == ',');
		while (*at < v.n && v.p[*at] != '}')
			++*at;
		endless = v.p[*at - 1] == ',';
	}
	++*at;
	s->unbounded |= endless && !was_fixed;
	/* what may be left out, a byte or a group, is none */
	if (none && was_fixed && s->at->longest == s->at->run)
		s->at->longest--;
	if (none)
		s->group = 0;
	open_end(s);
}

static bool shape_regex(struct shape *s, struct pk_str v)
{
	bool was_fixed = false;

	for (size_t i = 0; i < v.n;) {
		char c = v.p[i];

		if (i > 0 && (strchr("*+?", c) || (c == '{' && i + 1 < v.n &&
						   (v.p[i + 1] == ',' || (v.p[i + 1] >= '0' && v.p[i + 1] <= '9'))))) {
			quantifier(s, v, &i, was_fixed);
			was_fixed = true; /* lazy marks say nothing more */
			continue;
		}
		was_fixed = false;
		if (c == '\\') {
			was_fixed = escape(v, &i);
			was_fixed ? fixed(s) : open_end(s);
		} else if (c == '[') {
			i += 1 + (i + 1 < v.n && v.p[i + 1] == '^');
			i += i < v.n && v.p[i] == ']'; /* at the beginning it is one of the class */
			for (; i < v.n && v.p[i] != ']'; i++)
				i += v.p[i] == '\\';
			i++;
			open_end(s);
		} else if (strchr("(|)", c)) {
			i++;
			if (!group(s, c))
				return false;
		} else {
			i++;
			was_fixed = !strchr(".^$", c);
			was_fixed ? fixed(s) : open_end(s);
		}
	}
	return true;
}

static bool shape_of(const struct pk_ruletexts *t, const struct pk_rulestring *s, struct shape *ret)
{
	struct pk_str v = t->tokens[s->value].s, inner = pk_str_n(v.p + 1, v.n - 2);

	shape_begin(ret);
	switch (t->tokens[s->value].type) {
	case PK_LEX_TEXT: shape_text(ret, inner); return shape_end(ret);
	case PK_LEX_HEX: return shape_hex(ret, inner) && shape_end(ret);
	case PK_LEX_REGEX:
		while (v.n > 1 && v.p[v.n - 1] != '/')
			v.n--;
		return shape_regex(ret, pk_str_n(v.p + 1, v.n - 2)) && shape_end(ret);
	default: return false;
	}
}

static int lint_strings(const struct lint *l, struct pk_err *err)
{
	for (size_t i = 0; i < l->rule->string_count; i++) {
		const struct pk_rulestring *s = &l->rule->strings[i];
		uint64_t line = l->t->tokens[s->def.first].line;
		PK_AUTO(pk_buf) text = {0};
		struct shape shape;

		if (!shape_of(l->t, s, &shape))
			continue;
		if (shape.longest < ATOM) {
			pk_buf_put_str(&text, s->name);
			pk_buf_putf(
				&text,
				" has no more than %zu fixed bytes in a row: with fewer than %u it is looked at nearly "
				"everywhere; lengthen it, or ask for it as a number (uint16(0) == ...)",
				shape.longest, ATOM);
			if (tell(l, line, "slow-string", &text, err) < 0)
				return -1;
		}
		if (shape.unbounded) {
			pk_buf_reset(&text);
			pk_buf_put_str(&text, s->name);
			pk_buf_puts(&text, " repeats without a bound: say how often at most ({0,80}, [0-80])");
			if (tell(l, line, "unbounded", &text, err) < 0)
				return -1;
		}
	}
	return 0;
}

/* --- the rest ------------------------------------------------------------------------------------------- */

static bool has_meta(const struct lint *l, const char *key)
{
	for (size_t i = l->rule->meta.first; i + 1 < l->rule->meta.end; i++)
		if (l->t->tokens[i].type == PK_LEX_WORD && pk_str_eq(l->t->tokens[i].s, pk_str(key)) &&
		    pk_ruletexts_is(l->t, i + 1, "="))
			return true;
	return false;
}

static int lint_meta(const struct lint *l, struct pk_err *err)
{
	static const char *const keys[] = {"author", "date", "description", "reference", "score"};
	PK_AUTO(pk_buf) text = {0};

	for (size_t i = 0; i < PK_LEN(keys); i++)
		if (!has_meta(l, keys[i]))
			pk_buf_putf(&text, "%s%s", text.n > 0 ? ", " : "meta lacks ", keys[i]);
	return text.n > 0 && !l->rule->is_private ? tell(l, l->rule->line, "meta", &text, err) : 0;
}

/* A word that asks about the file as a whole, so that the rule need not run on every one. */
static bool is_guard(const struct lint *l, size_t i)
{
	static const char *const words[] = {"filesize", "pe",       "elf",      "dotnet",      "macho",
					    "filename", "filepath", "filetype", "extension",   "at",
					    "owner",    "group",    "filemode", "permissions", "unpack_parent"};
	struct pk_str s = l->t->tokens[i].s;

	if (l->t->tokens[i].type != PK_LEX_WORD)
		return false;
	for (size_t k = 0; k < PK_LEN(words); k++)
		if (pk_str_eq(s, pk_str(words[k])))
			return true;
	if (pk_str_starts(s, PK_STR("uint")) || pk_str_starts(s, PK_STR("int")))
		return true;
	for (size_t k = 0; k < l->t->rule_count; k++) /* another rule, which may ask it */
		if (pk_str_eq(s, l->t->rules[k].name))
			return true;
	return false;
}

/* The whole condition is "any of them", "1 of them" or one string. */
static bool one_string_is_enough(const struct lint *l)
{
	size_t first = l->rule->cond.first, n = l->rule->cond.end - first;
	const struct pk_ruletexts *t = l->t;

	if (n == 1)
		return t->tokens[first].type == PK_LEX_STRING;
	return n == 3 && (pk_ruletexts_is(t, first, "any") || pk_ruletexts_is(t, first, "1")) &&
	       pk_ruletexts_is(t, first + 1, "of") && pk_ruletexts_is(t, first + 2, "them");
}

static int lint_condition(const struct lint *l, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	bool guarded = false;

	for (size_t i = l->rule->cond.first; i < l->rule->cond.end; i++)
		guarded |= is_guard(l, i);
	if (!guarded && l->rule->string_count == 0) {
		pk_buf_puts(&text, "it looks for nothing: neither a string nor a property of the file is asked for");
		return tell(l, l->rule->line, "too-general", &text, err);
	}
	for (size_t i = 0; i < l->rule->string_count && one_string_is_enough(l); i++) {
		struct shape shape;

		if (!shape_of(l->t, &l->rule->strings[i], &shape) || shape.longest >= SPECIFIC)
			continue;
		pk_buf_put_str(&text, l->rule->strings[i].name);
		pk_buf_putf(&text, " alone makes it hit, and has no more than %zu fixed bytes in a row", shape.longest);
		if (tell(l, l->rule->line, "too-general", &text, err) < 0)
			return -1;
		pk_buf_reset(&text);
	}
	if (guarded)
		return 0;
	pk_buf_reset(&text);
	pk_buf_puts(&text, "nothing narrows down the files: ask for filesize or the first bytes "
			   "(filesize < 1MB, uint32(0) == 0x464c457f)");
	return tell(l, l->rule->line, "no-guard", &text, err);
}

static int lint_source(struct lint l, struct pk_err *err)
{
	struct pk_str text = pk_str_n(l.source->text, l.source->n);
	PK_AUTO(pk_ruletexts) t = {0};
	PK_AUTO(pk_buf) why = {0};
	bool understood = pk_ruletexts_read(&t, text);

	l.t = &t;
	if (t.oom)
		return pk_fail_oom(err);
	for (size_t i = 0; i < t.rule_count; i++) {
		l.rule = &t.rules[i];
		if (lint_meta(&l, err) < 0 || lint_strings(&l, err) < 0 || lint_condition(&l, err) < 0)
			return -1;
	}
	l.rule = NULL;
	if (understood || l.source->problem)
		return 0;
	pk_buf_puts(&why, "from here on the text is no rule");
	return tell(&l, t.rule_count > 0 ? t.rules[t.rule_count - 1].line : 1, "not-understood", &why, err);
}

int pk_rules_lint(const struct pk_rules *rules,
		  int (*found)(void *ctx, const struct pk_lint_finding *f, struct pk_err *err), void *ctx,
		  struct pk_err *err)
{
	for (size_t i = 0; i < rules->n; i++) {
		const struct lint l = {.found = found, .ctx = ctx, .source = &rules->v[i]};

		if (lint_source(l, err) < 0)
			return -1;
	}
	return 0;
}
