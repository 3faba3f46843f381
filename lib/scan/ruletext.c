/* SPDX-License-Identifier: Apache-2.0 */
/* Takes sources of rules apart into rules, and those into meta, strings and condition. */
#include "ruletext.h"

#include <picket/rulelint.h>
#include <stdlib.h>

void pk_ruletexts_done(struct pk_ruletexts *t)
{
	for (size_t i = 0; i < t->rule_count; i++)
		free(t->rules[i].strings);
	free(t->rules);
	free(t->tokens);
	*t = (struct pk_ruletexts){0};
}

bool pk_ruletexts_is(const struct pk_ruletexts *t, size_t token, const char *word)
{
	return token < t->token_count && pk_lex_is(&t->tokens[token], word);
}

static bool tokenize(struct pk_ruletexts *t)
{
	struct pk_lex lex = pk_lex(t->text);

	for (;;) {
		struct pk_lextoken token = pk_lex_next(&lex);

		if (token.type == PK_LEX_END)
			return lex.at >= lex.n;
		if (!pk_grow(&t->tokens, &t->token_cap, t->token_count + 1, sizeof(*t->tokens))) {
			t->oom = true;
			return false;
		}
		t->tokens[t->token_count++] = token;
	}
}

static bool is_heading(const struct pk_ruletexts *t, size_t i, const char *word)
{
	return pk_ruletexts_is(t, i, word) && pk_ruletexts_is(t, i + 1, ":");
}

/* $a = "value" modifiers (with their parentheses) */
static bool read_string(struct pk_ruletexts *t, struct pk_ruletext *r, size_t *at)
{
	size_t i = *at;
	struct pk_rulestring s = {.def = {i, 0}, .value = i + 2};

	if (t->tokens[i].type != PK_LEX_STRING || !pk_ruletexts_is(t, i + 1, "=") || i + 2 >= t->token_count)
		return false;
	s.name = t->tokens[i].s;
	for (i += 3; i < t->token_count && t->tokens[i].type != PK_LEX_STRING && !is_heading(t, i, "condition"); i++)
		;
	s.def.end = *at = i;
	if (!pk_grow(&r->strings, &r->string_cap, r->string_count + 1, sizeof(*r->strings))) {
		t->oom = true;
		return false;
	}
	r->strings[r->string_count++] = s;
	return true;
}

/* From "private", "global" or "rule" on; *at is then behind the closing brace. */
static bool read_rule(struct pk_ruletexts *t, size_t *at, struct pk_ruletext *r)
{
	size_t i = *at;

	r->all.first = i;
	for (; pk_ruletexts_is(t, i, "private") || pk_ruletexts_is(t, i, "global"); i++) {
		r->is_private |= pk_ruletexts_is(t, i, "private");
		r->is_global |= pk_ruletexts_is(t, i, "global");
	}
	if (!pk_ruletexts_is(t, i, "rule") || i + 1 >= t->token_count || t->tokens[i + 1].type != PK_LEX_WORD)
		return false;
	r->line = t->tokens[i].line;
	r->name = t->tokens[i + 1].s;
	while (i < t->token_count && !pk_ruletexts_is(t, i, "{"))
		i++;
	i++;
	if (is_heading(t, i, "meta")) {
		r->meta.first = i += 2;
		while (i < t->token_count && !is_heading(t, i, "strings") && !is_heading(t, i, "condition"))
			i++;
		r->meta.end = i;
	}
	if (is_heading(t, i, "strings"))
		for (i += 2; i < t->token_count && !is_heading(t, i, "condition");)
			if (!read_string(t, r, &i))
				return false;
	if (!is_heading(t, i, "condition"))
		return false;
	r->cond.first = i += 2;
	while (i < t->token_count && !pk_ruletexts_is(t, i, "}"))
		i++;
	if (i >= t->token_count || i == r->cond.first)
		return false;
	r->cond.end = i;
	r->all.end = *at = i + 1;
	return true;
}

bool pk_ruletexts_read(struct pk_ruletexts *t, struct pk_str text)
{
	t->text = text;
	if (!tokenize(t))
		return false;
	for (size_t i = 0; i < t->token_count;) {
		struct pk_ruletext r = {0};

		if (pk_ruletexts_is(t, i, "import") || pk_ruletexts_is(t, i, "include")) {
			i += 2;
			continue;
		}
		if (!read_rule(t, &i, &r) || !pk_grow(&t->rules, &t->rule_cap, t->rule_count + 1, sizeof(r))) {
			free(r.strings);
			return false;
		}
		t->rules[t->rule_count++] = r;
	}
	return true;
}

struct pk_str pk_ruletexts_slice(const struct pk_ruletexts *t, struct pk_ruletokens r)
{
	const struct pk_lextoken *last = NULL;

	if (r.first >= r.end || r.end > t->token_count)
		return pk_str_n(t->text.p, 0);
	last = &t->tokens[r.end - 1];
	return pk_str_n(t->tokens[r.first].s.p, (size_t)(last->s.p + last->s.n - t->tokens[r.first].s.p));
}

/* Whether there was anything between two tokens. */
static bool is_apart(const struct pk_ruletexts *t, size_t i)
{
	return t->tokens[i - 1].s.p + t->tokens[i - 1].s.n != t->tokens[i].s.p;
}

void pk_ruletexts_put(struct pk_buf *b, const struct pk_ruletexts *t, struct pk_ruletokens r)
{
	for (size_t i = r.first; i < r.end && i < t->token_count; i++) {
		if (i > r.first && is_apart(t, i))
			pk_buf_put_c(b, ' ');
		for (size_t k = 0; k < t->tokens[i].s.n; k++) {
			char c = t->tokens[i].s.p[k];

			pk_buf_put_c(b, c == '\n' || c == '\r' || c == '\t' ? ' ' : c);
		}
	}
}

bool pk_ruletexts_names(const struct pk_ruletexts *t, const struct pk_ruletext *rule, struct pk_str name)
{
	for (size_t k = rule->cond.first; k < rule->cond.end; k++)
		if (t->tokens[k].type == PK_LEX_WORD &&
		    (pk_str_eq(t->tokens[k].s, name) ||
		     (pk_ruletexts_is(t, k + 1, "*") && pk_str_starts(name, t->tokens[k].s))))
			return true;
	return false;
}

bool pk_ruletexts_only(struct pk_buf *b, const struct pk_ruletexts *t, size_t rule)
{
	pk_autofree bool *keep = calloc(t->rule_count + 1, sizeof(*keep));
	size_t at = 0;

	if (!keep)
		return false;
	/* a rule can only name an earlier one */
	for (size_t i = t->rule_count; i-- > 0;) {
		keep[i] = i == rule || t->rules[i].is_global;
		for (size_t k = i + 1; k < t->rule_count && !keep[i]; k++)
			keep[i] = keep[k] && pk_ruletexts_names(t, &t->rules[k], t->rules[i].name);
	}
	for (size_t i = 0; i < t->rule_count; i++) {
		struct pk_str text = pk_ruletexts_slice(t, t->rules[i].all);
		size_t start = (size_t)(text.p - t->text.p);

		if (keep[i])
			continue;
		pk_buf_put(b, t->text.p + at, start - at);
		at = start + text.n;
	}
	pk_buf_put(b, t->text.p + at, t->text.n - at);
	return !b->oom;
}

int pk_rules_each_alone(struct pk_str text,
			int (*each)(void *ctx, struct pk_str rule, struct pk_str text, struct pk_err *err), void *ctx,
			struct pk_err *err)
{
	PK_AUTO(pk_ruletexts) t = {0};

	(void)pk_ruletexts_read(&t, text);
	if (t.oom)
		return pk_fail_oom(err);
	for (size_t i = 0; i < t.rule_count; i++) {
		PK_AUTO(pk_buf) alone = {0};

		if (!pk_ruletexts_only(&alone, &t, i))
			return pk_fail_oom(err);
		if (each(ctx, t.rules[i].name, pk_buf_str(&alone), err) < 0)
			return -1;
	}
	return 0;
}
