/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of YARA source, as far as finding imports, includes and the parts of a rule needs them. */
#ifndef PICKET_SCAN_LEX_H
#define PICKET_SCAN_LEX_H

#include <picket/str.h>

enum pk_lextype {
	PK_LEX_END,
	PK_LEX_WORD,   /* keyword or identifier */
	PK_LEX_NUMBER, /* with its KB or MB */
	PK_LEX_TEXT,   /* "..." with its quotes */
	PK_LEX_REGEX,  /* the slashes and the modifiers included */
	PK_LEX_HEX,    /* { ... } after '=' */
	PK_LEX_STRING, /* $a $a* #a @a !a */
	PK_LEX_PUNCT,  /* one operator */
};
struct pk_lextoken {
	enum pk_lextype type;
	struct pk_str s;
	uint64_t line;
};
struct pk_lex {
	const char *p;
	size_t n, at;
	uint64_t line;
	bool after_equals; /* a '{' now opens a hex string */
};
struct pk_lex pk_lex(struct pk_str text);
/** The next token; PK_LEX_END for good at the end, also where the text makes no sense. */
struct pk_lextoken pk_lex_next(struct pk_lex *lex);
bool pk_lex_is(const struct pk_lextoken *t, const char *word);
/** What is between the quotes of a PK_LEX_TEXT; escapes are left alone. */
struct pk_str pk_lex_inner(const struct pk_lextoken *t);

#endif
