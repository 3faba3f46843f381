/* SPDX-License-Identifier: Apache-2.0 */
/* The text of rules taken apart: meta, strings, condition. For tools that help authors; the engine's own compiler has
 * the last word on what is a rule. */
#ifndef PICKET_SCAN_RULETEXT_H
#define PICKET_SCAN_RULETEXT_H

#include "lex.h"

/** A range of tokens. */
struct pk_ruletokens {
	size_t first, end;
};
struct pk_rulestring {
	struct pk_str name;       /* "$a", or "$" */
	size_t value;             /* its token: text, regex or hex */
	struct pk_ruletokens def; /* from the name to the last modifier */
};
struct pk_ruletext {
	struct pk_str name;
	uint64_t line;
	bool is_private, is_global;
	struct pk_ruletokens all;        /* "private global rule NAME ... }" */
	struct pk_ruletokens meta, cond; /* without their headings */
	struct pk_rulestring *strings;
	size_t string_count, string_cap;
};
/** One source; zero-initialise. */
struct pk_ruletexts {
	struct pk_str text; /* borrowed */
	struct pk_lextoken *tokens;
	struct pk_ruletext *rules;
	size_t token_count, token_cap, rule_count, rule_cap;
	bool oom;
};
void pk_ruletexts_done(struct pk_ruletexts *t);
/** Takes a source apart; false when it is not understood (or memory is out: oom), with the rules before that point. */
bool pk_ruletexts_read(struct pk_ruletexts *t, struct pk_str text);
bool pk_ruletexts_is(const struct pk_ruletexts *t, size_t token, const char *word);
/** The text of a range, as it stands there. */
struct pk_str pk_ruletexts_slice(const struct pk_ruletexts *t, struct pk_ruletokens r);
/** Appends it with one space between tokens, on one line. */
void pk_ruletexts_put(struct pk_buf *b, const struct pk_ruletexts *t, struct pk_ruletokens r);
/** True when a condition names a rule, by itself or by a set. */
bool pk_ruletexts_names(const struct pk_ruletexts *t, const struct pk_ruletext *rule, struct pk_str name);
/** Appends the source with this rule alone, and what it needs: imports, includes, global rules, rules that are named. */
bool pk_ruletexts_only(struct pk_buf *b, const struct pk_ruletexts *t, size_t rule);

#endif
