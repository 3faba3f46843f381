/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the helper rules that answer for a rule's strings and for the parts of its condition, and reads the answers. */
#include "ruletext.h"

#include <picket/ruleexplain.h>

#define PREFIX "picket_explain_"
#define MAX_DEPTH 24

const char *pk_explain_value_name(enum pk_explain_value v)
{
	static const char *const names[] = {"false", "true", "undefined", "not evaluated"};

	return names[v];
}

void pk_explain_done(struct pk_explain *e)
{
	for (size_t i = 0; i < e->part_count; i++)
		free(e->parts[i].text);
	for (size_t i = 0; i < e->string_count; i++)
		free(e->strings[i].name);
	free(e->strings);
	*e = (struct pk_explain){0};
}

/* --- taking the condition apart --------------------------------------------------------------------------- */

struct cut {
	struct pk_explain *e;
	const struct pk_ruletexts *t;
	struct pk_ruletokens ranges[PK_EXPLAIN_MAX_PARTS];
	bool apart, oom;
};

static int step(const struct pk_ruletexts *t, size_t i)
{
	return (pk_ruletexts_is(t, i, "(") || pk_ruletexts_is(t, i, "[")) -
	       (pk_ruletexts_is(t, i, ")") || pk_ruletexts_is(t, i, "]"));
}

/* The next word outside of parentheses, or the end. */
static size_t find_outside(const struct pk_ruletexts *t, struct pk_ruletokens r, const char *word)
{
	int depth = 0;

	for (size_t i = r.first; i < r.end; i++) {
		depth += step(t, i);
		if (depth == 0 && pk_ruletexts_is(t, i, word))
			return i;
	}
	return r.end;
}

/* ( ... ) around all of it */
static bool is_enclosed(const struct pk_ruletexts *t, struct pk_ruletokens r)
{
	int depth = 0;

	if (r.end - r.first < 3 || !pk_ruletexts_is(t, r.first, "("))
		return false;
	for (size_t i = r.first; i < r.end; i++) {
		depth += step(t, i);
		if (depth == 0)
			return i == r.end - 1;
	}
	return false;
}

static void add_part(struct cut *c, struct pk_ruletokens r, unsigned depth);

static bool split(struct cut *c, struct pk_ruletokens r, const char *word, unsigned depth)
{
	size_t at = find_outside(c->t, r, word);

	if (at == r.end)
		return false;
	for (; at < r.end; at = find_outside(c->t, r, word)) {
		add_part(c, (struct pk_ruletokens){r.first, at}, depth);
		r.first = at + 1;
	}
	add_part(c, r, depth);
	return true;
}

static void add_part(struct cut *c, struct pk_ruletokens r, unsigned depth)
{
	PK_AUTO(pk_buf) text = {0};
	struct pk_explain_part *p = &c->e->parts[c->e->part_count];

	while (is_enclosed(c->t, r)) {
		r.first++;
		r.end--;
	}
	if (c->e->part_count == PK_EXPLAIN_MAX_PARTS || r.first >= r.end)
		return;
	pk_ruletexts_put(&text, c->t, r);
	c->ranges[c->e->part_count] = r;
	*p = (struct pk_explain_part){.text = pk_buf_take(&text), .depth = depth};
	c->oom |= !p->text;
	c->e->part_count++;
	if (!c->apart || depth >= MAX_DEPTH)
		return;
	if (split(c, r, "or", depth + 1) || split(c, r, "and", depth + 1))
		return;
	if (pk_ruletexts_is(c->t, r.first, "not"))
		add_part(c, (struct pk_ruletokens){r.first + 1, r.end}, depth + 1);
}

/* --- helper rules --------------------------------------------------------------------------------------- */

static bool asks_for_strings(const struct pk_ruletexts *t, struct pk_ruletokens r)
{
	for (size_t i = r.first; i < r.end; i++)
		if (t->tokens[i].type == PK_LEX_STRING || pk_ruletexts_is(t, i, "them"))
			return true;
	return false;
}

/* All strings are declared, and so all must be named. */
static void put_part(struct pk_buf *b, const struct pk_ruletexts *t, const struct pk_ruletext *rule,
		     struct pk_ruletokens r, char kind, size_t number)
{
	bool strings = rule->string_count > 0 && asks_for_strings(t, r);

	pk_buf_putf(b, "rule %s%c%zu {", PREFIX, kind, number);
	if (strings) {
		const struct pk_ruletokens all = {rule->strings[0].def.first,
						  rule->strings[rule->string_count - 1].def.end};

		pk_buf_puts(b, " strings: ");
		pk_buf_put_str(b, pk_ruletexts_slice(t, all));
		pk_buf_put_c(b, '\n'); /* a comment may be behind it */
	}
	pk_buf_puts(b, kind == 'n' ? " condition: not (" : " condition: (");
	pk_buf_put_str(b, pk_ruletexts_slice(t, r));
	pk_buf_puts(b, strings ? "\n) and (any of them or true) }\n" : "\n) }\n");
}

/* Private strings are not told of, and nameless ones cannot be asked for. */
static void put_string(struct pk_buf *b, const struct pk_ruletexts *t, const struct pk_rulestring *s, size_t number)
{
	pk_buf_putf(b, "rule %ss%zu { strings: $s = ", PREFIX, number);
	for (size_t i = s->value; i < s->def.end; i++) {
		if (i > s->value && pk_ruletexts_is(t, i, "private"))
			continue;
		pk_buf_put_str(b, t->tokens[i].s);
		pk_buf_put_c(b, i == s->value ? '\n' : ' ');
	}
	pk_buf_puts(b, " condition: $s }\n");
}

static int put_helpers(struct cut *c, const struct pk_ruletext *rule, struct pk_buf *b, struct pk_err *err)
{
	struct pk_explain *e = c->e;

	if (rule->string_count > PK_EXPLAIN_MAX_STRINGS)
		return pk_fail(err, PK_ELIMIT, 0, "the rule has more than %d strings", PK_EXPLAIN_MAX_STRINGS);
	e->strings = calloc(rule->string_count + 1, sizeof(*e->strings));
	if (!e->strings)
		return pk_fail_oom(err);
	for (; e->string_count < rule->string_count; e->string_count++) {
		const struct pk_rulestring *s = &rule->strings[e->string_count];

		e->strings[e->string_count].name = pk_str_dup(s->name);
		if (!e->strings[e->string_count].name)
			return pk_fail_oom(err);
		put_string(b, c->t, s, e->string_count);
	}
	add_part(c, rule->cond, 0);
	if (c->oom)
		return pk_fail_oom(err);
	for (size_t i = 0; i < e->part_count; i++) {
		put_part(b, c->t, rule, c->ranges[i], 'p', i);
		put_part(b, c->t, rule, c->ranges[i], 'n', i);
	}
	pk_buf_puts(b, "rule " PREFIX "t { condition: true }\n");
	return pk_buf_check(b, err);
}

/* --- which rule ------------------------------------------------------------------------------------------- */

/* The rule in this source; NULL when it has none. */
static const struct pk_ruletext *find_rule(struct pk_ruletexts *t, const struct pk_rule_source *s, struct pk_str name)
{
	(void)pk_ruletexts_read(t, pk_str_n(s->text, s->n));
	if (name.n > strlen(s->ns) && name.p[strlen(s->ns)] == ':' && pk_str_starts(name, pk_str(s->ns)))
		name = pk_str_n(name.p + strlen(s->ns) + 1, name.n - strlen(s->ns) - 1);
	for (size_t i = 0; i < t->rule_count; i++)
		if (pk_str_eq(t->rules[i].name, name))
			return &t->rules[i];
	return NULL;
}

/* One source, with helpers when it has the rule. */
static int prepare_source(const struct pk_rule_source *s, const char *rule, bool apart, struct pk_explain *e,
			  struct pk_rules *ret, const char **ret_ns, struct pk_err *err)
{
	PK_AUTO(pk_ruletexts) t = {0};
	const struct pk_ruletext *r = find_rule(&t, s, pk_str(rule));
	struct cut c = {.e = e, .t = &t, .apart = apart};
	PK_AUTO(pk_buf) text = {0};

	if (t.oom)
		return pk_fail_oom(err);
	if (!r)
		return 0;
	if (*ret_ns)
		return pk_fail(err, PK_EUSAGE, 0, "several sources have a rule '%s': say '%s:%s' or '%s:%s'", rule,
			       *ret_ns, rule, s->ns, rule);
	*ret_ns = s->ns;
	e->line = r->line;
	e->is_apart = apart;
	pk_buf_put(&text, s->text, s->n);
	pk_buf_put_c(&text, '\n');
	if (put_helpers(&c, r, &text, err) < 0)
		return -1;
	return pk_rules_add(ret, s->ns, s->name, pk_buf_str(&text), err);
}

int pk_explain_prepare(const struct pk_rules *rules, const char *rule, bool apart, struct pk_explain *e,
		       struct pk_rules *ret, struct pk_err *err)
{
	const char *ns = NULL;

	for (size_t i = 0; i < rules->n; i++) {
		const struct pk_rule_source *s = &rules->v[i];

		if (!s->include_only) {
			if (prepare_source(s, rule, apart, e, ret, &ns, err) < 0)
				return -1;
			continue;
		}
		if (pk_rules_add(ret, s->ns, s->name, pk_str_n(s->text, s->n), err) < 0)
			return -1;
		ret->v[ret->n - 1].include_only = true;
	}
	if (!ns)
		return pk_fail(err, PK_EUSAGE, 0, "no rule is named '%s'", rule);
	return 0;
}

/* --- answers ---------------------------------------------------------------------------------------------- */

/* "picket_explain_KN": K and N. */
static bool read_name(const char *name, char *ret_kind, size_t *ret_number)
{
	struct pk_str s = pk_str(name);
	uint64_t n = 0;

	if (!pk_str_starts(s, PK_STR(PREFIX)) || s.n == sizeof(PREFIX) - 1)
		return false;
	*ret_kind = s.p[sizeof(PREFIX) - 1];
	s = pk_str_n(s.p + sizeof(PREFIX), s.n - sizeof(PREFIX));
	if (*ret_kind != 't' && !pk_str_u64(s, PK_EXPLAIN_MAX_PARTS + PK_EXPLAIN_MAX_STRINGS, &n))
		return false;
	*ret_number = (size_t)n;
	return true;
}

static void take_hit(struct pk_explain *e, const struct pk_ruleset *set, const struct pk_scan_hit *h)
{
	char kind;
	size_t n;

	if (!read_name(set->rules[h->rule].name, &kind, &n))
		return;
	if (kind == 't')
		e->global_is_false = false;
	if (kind == 's' && n < e->string_count)
		e->strings[n] = (struct pk_explain_string){e->strings[n].name, PK_EXPLAIN_TRUE, h};
	if ((kind == 'p' || kind == 'n') && n < e->part_count)
		e->parts[n].value = kind == 'p' ? PK_EXPLAIN_TRUE : PK_EXPLAIN_FALSE;
}

void pk_explain_take(struct pk_explain *e, const struct pk_ruleset *set, const struct pk_scan_result *result)
{
	e->global_is_false = true;
	for (size_t i = 0; i < e->part_count; i++)
		e->parts[i].value = PK_EXPLAIN_UNDEFINED;
	for (size_t i = 0; i < e->string_count; i++)
		e->strings[i] = (struct pk_explain_string){e->strings[i].name, PK_EXPLAIN_FALSE, NULL};
	for (size_t i = 0; i < result->note_count; i++) {
		char kind;
		size_t n;

		if (!read_name(set->rules[result->notes[i].rule].name, &kind, &n))
			continue;
		if (kind == 's' && n < e->string_count)
			e->strings[n].value = PK_EXPLAIN_NOT_EVALUATED;
		if ((kind == 'p' || kind == 'n') && n < e->part_count)
			e->parts[n].value = PK_EXPLAIN_NOT_EVALUATED;
	}
	for (size_t i = 0; i < result->hit_count; i++)
		take_hit(e, set, &result->hits[i]);
}
