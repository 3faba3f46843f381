/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of rules, conditions over classes of files, and rule files cut down to a class: hostile rules as text. */
#include "../../lib/scan/part.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_TOKENS 4096

static void ignore(void *ctx, struct pk_str rule, uint64_t line) { (void)ctx, (void)rule, (void)line; }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pk_lextoken tokens[MAX_TOKENS];
	static const struct pk_cond_class classes[] = {
		{0}, {.not_mz = true}, {.size_min = 1 << 20}, {.no_strings = true}, {.not_mz = true, .size_min = 5000}};
	struct pk_str text = pk_str_n(data, size);
	struct pk_lex lex = pk_lex(text);
	PK_AUTO(pk_rules) rules = {0};
	PK_AUTO(pk_buf) without = {0};
	static const char *const names[] = {"one", "two"};
	bool marked[2] = {true, false}, skip = false;
	size_t n = 0, at = 0;

	for (struct pk_lextoken t = pk_lex_next(&lex); t.type != PK_LEX_END; t = pk_lex_next(&lex)) {
		if (t.s.n == 0 || t.s.p < text.p + at || t.s.p + t.s.n > text.p + text.n)
			abort(); /* tokens move on, inside the text */
		at = (size_t)(t.s.p - text.p) + t.s.n;
		if (n < MAX_TOKENS)
			tokens[n++] = t;
	}
	for (size_t i = 0; i < PK_LEN(classes); i++)
		(void)pk_cond_may_hold(tokens, n, &classes[i]);
	(void)pk_part_dependents(text, names, PK_LEN(names), marked);
	(void)pk_part_without(text, PK_STR("pe"), &without, ignore, NULL);
	if (pk_str_find(text, 0) != text.n || pk_rules_add(&rules, "fuzz", "fuzz.yar", text, NULL) < 0)
		return 0;
	for (size_t i = 0; i < PK_LEN(classes); i++) {
		PK_AUTO(pk_rules) reduced = {0};
		PK_AUTO(pk_strv) triggers = {0};
		size_t left_out = 0;

		(void)!pk_part_reduce(&rules, &skip, &classes[i], &reduced, &triggers, &left_out, NULL);
	}
	return 0;
}
