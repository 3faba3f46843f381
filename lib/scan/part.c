/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts rules out of source text where no file of a class can set them off. Stock yara runs every rule on every file,
 * and fills in the whole of the module pe for each; most of the time goes into rules for another kind of file. */
#include "part.h"

#include <stdlib.h>

struct piece {
	size_t start, end; /* in the text */
	struct pk_str name;
	size_t strings_start, strings_end; /* what stands between "strings:" and "condition:" */
	size_t cond_first, cond_end;       /* tokens of the condition */
	bool is_private, is_global, is_import;
	bool keep, trigger, referenced, uses_pe, names_sets;
};
struct source {
	struct pk_lextoken *t;
	size_t n, cap;
	struct piece *p;
	size_t piece_count, piece_cap;
	const char *text;
};

static void source_done(struct source *s)
{
	free(s->t);
	free(s->p);
}

static size_t offset(const struct source *s, size_t token) { return (size_t)(s->t[token].s.p - s->text); }

static uint64_t line_of(const struct source *s, const struct piece *p)
{
	uint64_t line = 1;

	for (size_t i = 0; i < p->start; i++)
		line += s->text[i] == '\n';
	return line;
}

static size_t end_offset(const struct source *s, size_t token) { return offset(s, token) + s->t[token].s.n; }

static bool is(const struct source *s, size_t token, const char *word)
{
	return token < s->n && pk_lex_is(&s->t[token], word);
}

static bool tokenize(struct source *s, struct pk_str text)
{
	struct pk_lex lex = pk_lex(text);

	s->text = text.p;
	for (;;) {
		struct pk_lextoken t = pk_lex_next(&lex);

		if (t.type == PK_LEX_END)
			return lex.at >= lex.n;
		if (!pk_grow(&s->t, &s->cap, s->n + 1, sizeof(*s->t)))
			return false;
		s->t[s->n++] = t;
	}
}

/* One rule from token *at on; false when it is not understood. */
static bool read_rule(const struct source *s, size_t *at, struct piece *p)
{
	size_t i = *at;

	p->start = offset(s, i);
	for (; is(s, i, "private") || is(s, i, "global"); i++) {
		p->is_private |= is(s, i, "private");
		p->is_global |= is(s, i, "global");
	}
	if (!is(s, i, "rule") || i + 1 >= s->n || s->t[i + 1].type != PK_LEX_WORD)
		return false;
	p->name = s->t[i + 1].s;
	for (i += 2; i < s->n && !is(s, i, "{"); i++)
		;
	for (; i < s->n && !(is(s, i, "condition") && is(s, i + 1, ":")); i++)
		if (is(s, i, "strings") && is(s, i + 1, ":") && p->strings_start == 0)
			p->strings_start = end_offset(s, i + 1);
	if (i + 1 >= s->n)
		return false;
	if (p->strings_start > 0)
		p->strings_end = offset(s, i);
	p->cond_first = i + 2;
	for (i += 2; i < s->n && !is(s, i, "}"); i++) {
		p->uses_pe |= is(s, i, "pe");
		/* a set of rules by their names' beginnings */
		if (s->t[i].type == PK_LEX_WORD && is(s, i + 1, "*") && (is(s, i + 2, ")") || is(s, i + 2, ",")))
			p->names_sets = true;
	}
	if (i >= s->n || i == p->cond_first)
		return false;
	p->cond_end = i;
	p->end = end_offset(s, i);
	*at = i + 1;
	return true;
}

static bool read_pieces(struct source *s)
{
	for (size_t at = 0; at < s->n;) {
		struct piece p = {0};

		if (is(s, at, "import") && at + 1 < s->n && s->t[at + 1].type == PK_LEX_TEXT) {
			p = (struct piece){.start = offset(s, at),
					   .end = end_offset(s, at + 1),
					   .is_import = true,
					   .name = pk_lex_inner(&s->t[at + 1])};
			at += 2;
		} else if (!read_rule(s, &at, &p)) {
			return false; /* includes end here, too */
		}
		if (!pk_grow(&s->p, &s->piece_cap, s->piece_count + 1, sizeof(*s->p)))
			return false;
		s->p[s->piece_count++] = p;
	}
	return true;
}

/* A kept rule needs those that it names, whatever they are. */
static int by_name(const void *a, const void *b)
{
	const struct piece *const *x = a, *const *y = b;

	return pk_str_cmp((*x)->name, (*y)->name);
}

static bool keep_named(struct source *s)
{
	pk_autofree struct piece **sorted = calloc(s->piece_count + 1, sizeof(struct piece *));
	size_t n = 0;

	if (!sorted)
		return false;
	for (size_t i = 0; i < s->piece_count; i++)
		if (!s->p[i].is_import)
			sorted[n++] = &s->p[i];
	if (n > 0)
		qsort(sorted, n, sizeof(struct piece *), by_name);
	/* a rule can only name an earlier one: going backwards, what is kept is settled before it is looked at */
	for (size_t i = s->piece_count; i > 0; i--) {
		struct piece *p = &s->p[i - 1];

		for (size_t k = p->cond_first; !p->is_import && k < p->cond_end; k++) {
			struct piece key = {.name = s->t[k].s}, *pkey = &key, **hit = NULL;

			if (s->t[k].type != PK_LEX_WORD || n == 0)
				continue;
			hit = bsearch(&pkey, sorted, n, sizeof(struct piece *), by_name);
			if (!hit)
				continue;
			(*hit)->referenced = true;
			if (p->keep && !p->trigger)
				(*hit)->keep = true;
		}
	}
	return true;
}

/* A trigger cannot stand for a rule that others name. Which are named is known only after a first round. */
static bool decide(struct source *s, const struct pk_cond_class *cls)
{
	struct pk_cond_class no_strings = *cls;

	no_strings.no_strings = true;
	for (size_t i = 0; i < s->piece_count; i++) {
		struct piece *p = &s->p[i];

		if (p->names_sets)
			return false;
		if (!p->is_import)
			p->keep = p->is_global ||
				  pk_cond_may_hold(s->t + p->cond_first, p->cond_end - p->cond_first, cls);
	}
	if (!keep_named(s))
		return false;
	for (size_t i = 0; i < s->piece_count; i++) {
		struct piece *p = &s->p[i];

		p->trigger = !p->is_import && p->keep && p->uses_pe && cls->not_mz && !p->is_private && !p->is_global &&
			     !p->referenced && p->strings_start > 0 &&
			     !pk_cond_may_hold(s->t + p->cond_first, p->cond_end - p->cond_first, &no_strings);
	}
	return true;
}

static bool module_is_used(const struct source *s, struct pk_str module)
{
	for (size_t i = 0; i < s->piece_count; i++) {
		const struct piece *p = &s->p[i];

		for (size_t k = p->cond_first; !p->is_import && p->keep && !p->trigger && k < p->cond_end; k++)
			if (s->t[k].type == PK_LEX_WORD && pk_str_eq(s->t[k].s, module))
				return true;
	}
	return false;
}

static void put_text(struct pk_buf *b, const struct source *s, size_t start, size_t end)
{
	pk_buf_put(b, s->text + start, end - start);
	pk_buf_put_c(b, '\n');
}

static int put_pieces(struct pk_buf *b, const struct source *s, const char *ns, struct pk_strv *triggers,
		      size_t *left_out, struct pk_err *err)
{
	for (size_t i = 0; i < s->piece_count; i++) {
		const struct piece *p = &s->p[i];

		if (p->is_import) {
			if (module_is_used(s, p->name))
				put_text(b, s, p->start, p->end);
			else
				++*left_out;
		} else if (p->trigger) {
			PK_AUTO(pk_buf) name = {0};

			pk_buf_putf(&name, "%s\n", ns);
			pk_buf_put_str(&name, p->name);
			if (pk_buf_check(&name, err) < 0 || pk_strv_add(triggers, pk_buf_str(&name), err) < 0)
				return -1;
			pk_buf_puts(b, "rule ");
			pk_buf_put_str(b, p->name);
			pk_buf_puts(b, " { strings:");
			put_text(b, s, p->strings_start, p->strings_end);
			pk_buf_puts(b, "condition: any of them }\n");
		} else if (p->keep) {
			put_text(b, s, p->start, p->end);
		} else {
			++*left_out;
		}
	}
	return pk_buf_check(b, err);
}

static int reduce_source(const struct pk_rule_source *from, const struct pk_cond_class *cls, struct pk_rules *ret,
			 struct pk_strv *triggers, size_t *left_out, struct pk_err *err)
{
	struct source s = {0};
	PK_AUTO(pk_buf) b = {0};
	struct pk_str text = pk_str_n(from->text, from->n);
	int r = 0;

	if (tokenize(&s, text) && read_pieces(&s) && decide(&s, cls))
		r = put_pieces(&b, &s, from->ns, triggers, left_out, err);
	else
		pk_buf_put_str(&b, text);
	source_done(&s);
	if (r < 0 || pk_buf_check(&b, err) < 0)
		return -1;
	return pk_rules_add(ret, from->ns, from->name, b.p ? pk_buf_str(&b) : PK_STR(""), err);
}

int pk_part_reduce(const struct pk_rules *rules, const bool *skip, const struct pk_cond_class *cls,
		   struct pk_rules *ret, struct pk_strv *ret_triggers, size_t *ret_left_out, struct pk_err *err)
{
	*ret_left_out = 0;
	for (size_t i = 0; i < rules->n; i++) {
		const struct pk_rule_source *s = &rules->v[i];

		if (s->include_only) {
			/* still included by others, as it is */
			if (pk_rules_add(ret, s->ns, s->name, pk_str_n(s->text, s->n), err) < 0)
				return -1;
			ret->v[ret->n - 1].include_only = true;
		} else if (!skip[i] && reduce_source(s, cls, ret, ret_triggers, ret_left_out, err) < 0) {
			return -1;
		}
	}
	return 0;
}

/* --- who names whom ---------------------------------------------------------------------------------------- */

/* True when the condition names this rule, or a set that has it. */
static bool names_rule(const struct source *s, const struct piece *p, struct pk_str rule)
{
	for (size_t k = p->cond_first; k < p->cond_end; k++)
		if (s->t[k].type == PK_LEX_WORD &&
		    (pk_str_eq(s->t[k].s, rule) || (is(s, k + 1, "*") && pk_str_starts(rule, s->t[k].s))))
			return true;
	return false;
}

static bool names_marked(const struct source *s, const struct piece *p, const char *const *names, const bool *marked,
			 size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (marked[i] && names_rule(s, p, pk_str(names[i])))
			return true;
	return false;
}

bool pk_part_dependents(struct pk_str text, const char *const *names, size_t n, bool *marked)
{
	struct source s = {0};
	bool understood = tokenize(&s, text) && read_pieces(&s);
	size_t k = 0;

	/* both lists are in the order of the text; a rule can only name an earlier one */
	for (size_t i = 0; understood && i < s.piece_count; i++) {
		const struct piece *p = &s.p[i];

		if (p->is_import)
			continue;
		while (k < n && !pk_str_eq(p->name, pk_str(names[k])))
			k++;
		if (k >= n)
			break;
		if (!marked[k])
			marked[k] = names_marked(&s, p, names, marked, k);
	}
	source_done(&s);
	return understood;
}

static bool uses_word(const struct source *s, const struct piece *p, struct pk_str word)
{
	for (size_t k = p->cond_first; k < p->cond_end; k++)
		if (s->t[k].type == PK_LEX_WORD && pk_str_eq(s->t[k].s, word))
			return true;
	return false;
}

/* Marks the rules that fall with a module; false when a global rule is among them, or there is no memory. */
static bool mark_users(const struct source *s, struct pk_str module, bool *gone)
{
	pk_autofree const struct piece **dropped = calloc(s->piece_count + 1, sizeof(struct piece *));
	size_t n = 0;

	for (size_t i = 0; dropped && i < s->piece_count; i++) {
		const struct piece *p = &s->p[i];

		if (p->is_import) {
			gone[i] = pk_str_eq(p->name, module);
			continue;
		}
		gone[i] = uses_word(s, p, module);
		for (size_t k = 0; k < n && !gone[i]; k++)
			gone[i] = names_rule(s, p, dropped[k]->name);
		if (!gone[i])
			continue;
		if (p->is_global)
			return false;
		dropped[n++] = p;
	}
	return dropped != NULL;
}

bool pk_part_without(struct pk_str text, struct pk_str module, struct pk_buf *ret,
		     void (*dropped)(void *, struct pk_str, uint64_t), void *ctx)
{
	struct source s = {0};
	bool understood = tokenize(&s, text) && read_pieces(&s);
	pk_autofree bool *gone = calloc(s.piece_count + 1, sizeof(*gone));
	size_t at = 0;

	understood = understood && gone && mark_users(&s, module, gone);
	for (size_t i = 0; understood && i < s.piece_count; i++) {
		const struct piece *p = &s.p[i];

		if (!gone[i])
			continue;
		pk_buf_put(ret, text.p + at, p->start - at);
		/* what stays keeps its lines */
		for (at = p->start; at < p->end; at++)
			if (text.p[at] == '\n')
				pk_buf_put_c(ret, '\n');
		if (!p->is_import)
			dropped(ctx, p->name, line_of(&s, p));
	}
	pk_buf_put(ret, text.p + at, text.n - at);
	source_done(&s);
	return understood && !ret->oom;
}
