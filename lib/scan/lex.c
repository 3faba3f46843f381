/* SPDX-License-Identifier: Apache-2.0 */
/* Splits YARA source into tokens. It must never see fewer tokens than libyara's lexer does, nor others: what it
 * does not understand ends the token stream, and the caller then treats the file as not understood. */
#include "lex.h"

struct pk_lex pk_lex(struct pk_str text) { return (struct pk_lex){text.p, text.n, 0, 1, false}; }

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static char peek(const struct pk_lex *x, size_t ahead) { return x->at + ahead < x->n ? x->p[x->at + ahead] : '\0'; }

/* Moves over n bytes that may hold newlines. */
static void skip(struct pk_lex *x, size_t n)
{
	for (; n > 0 && x->at < x->n; n--)
		x->line += x->p[x->at++] == '\n';
}

/* False when a comment does not end. */
static bool skip_space(struct pk_lex *x)
{
	for (;;) {
		char c = peek(x, 0);

		if (x->at >= x->n)
			return true;
		if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			skip(x, 1);
		} else if (c == '/' && peek(x, 1) == '/') {
			while (x->at < x->n && peek(x, 0) != '\n')
				x->at++;
		} else if (c == '/' && peek(x, 1) == '*') {
			skip(x, 2);
			while (x->at < x->n && !(peek(x, 0) == '*' && peek(x, 1) == '/'))
				skip(x, 1);
			if (x->at >= x->n)
				return false;
			skip(x, 2);
		} else {
			return true;
		}
	}
}

/* Length of a quoted token that starts at x->at and ends with `end`; 0 when it does not end. Neither strings
 * nor regular expressions may hold a newline. */
static size_t quoted(const struct pk_lex *x, char end)
{
	for (size_t i = x->at + 1; i < x->n; i++) {
		if (x->p[i] == '\\')
			i++;
		else if (x->p[i] == '\n')
			return 0;
		else if (x->p[i] == end)
			return i + 1 - x->at;
	}
	return 0;
}

/* Length of a hex string; comments may stand in it. */
static size_t hex_length(const struct pk_lex *x)
{
	struct pk_lex y = *x;

	skip(&y, 1);
	while (y.at < y.n) {
		if (!skip_space(&y) || y.at >= y.n)
			return 0;
		if (peek(&y, 0) == '}')
			return y.at + 1 - x->at;
		skip(&y, 1);
	}
	return 0;
}

static size_t token_length(struct pk_lex *x, enum pk_lextype *ret_type)
{
	static const char *const doubles[] = {"..", "<=", ">=", "==", "!=", "<<", ">>"};
	char c = peek(x, 0);
	size_t n = 1;

	if (c == '"') {
		*ret_type = PK_LEX_TEXT;
		return quoted(x, '"');
	}
	if (c == '/') {
		*ret_type = PK_LEX_REGEX;
		n = quoted(x, '/');
		while (n > 0 && (peek(x, n) == 'i' || peek(x, n) == 's'))
			n++;
		return n;
	}
	if (c == '{' && x->after_equals) {
		*ret_type = PK_LEX_HEX;
		return hex_length(x);
	}
	if (c == '$' || c == '#' || c == '@' || (c == '!' && peek(x, 1) != '=')) {
		*ret_type = PK_LEX_STRING;
		while (is_word(peek(x, n)))
			n++;
		return n + (c == '$' && peek(x, n) == '*');
	}
	if (c >= '0' && c <= '9') {
		*ret_type = PK_LEX_NUMBER;
		while (is_word(peek(x, n)) || (peek(x, n) == '.' && peek(x, n + 1) >= '0' && peek(x, n + 1) <= '9'))
			n++;
		return n;
	}
	if (is_word(c)) {
		*ret_type = PK_LEX_WORD;
		while (is_word(peek(x, n)))
			n++;
		return n;
	}
	*ret_type = PK_LEX_PUNCT;
	for (size_t i = 0; i < PK_LEN(doubles); i++)
		if (c == doubles[i][0] && peek(x, 1) == doubles[i][1])
			return 2;
	return (unsigned char)c > ' ' && (unsigned char)c < 0x7f ? 1 : 0;
}

struct pk_lextoken pk_lex_next(struct pk_lex *x)
{
	struct pk_lextoken t = {PK_LEX_END, {"", 0}, 0};
	size_t n = 0;

	if (!skip_space(x) || x->at >= x->n) {
		x->at = x->n;
		t.line = x->line;
		return t;
	}
	t.line = x->line;
	n = token_length(x, &t.type);
	if (n == 0) {
		x->at = x->n;
		return (struct pk_lextoken){PK_LEX_END, {"", 0}, t.line};
	}
	t.s = pk_str_n(x->p + x->at, n);
	skip(x, n);
	x->after_equals = t.type == PK_LEX_PUNCT && t.s.n == 1 && t.s.p[0] == '=';
	return t;
}

bool pk_lex_is(const struct pk_lextoken *t, const char *word)
{
	return t->type != PK_LEX_TEXT && pk_str_eq(t->s, pk_str(word));
}

struct pk_str pk_lex_inner(const struct pk_lextoken *t) { return pk_str_n(t->s.p + 1, t->s.n - 2); }
