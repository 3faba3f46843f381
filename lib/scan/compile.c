/* SPDX-License-Identifier: Apache-2.0 */
/* Compiles rule sources with libyara; a source that fails costs itself alone. */
#include "compile.h"
#include "lex.h"
#include "part.h"

#define MAX_PROBLEMS 2000 /* messages kept; further ones are counted only */
#define MAX_PROBLEMS_OF_FILE 20
#define NO_MEMORY "not enough memory"

const struct pk_scan_variable pk_scan_variables[PK_SCAN_EXTERNALS] = {
	{"filename", PK_SCAN_TEXT},      {"filepath", PK_SCAN_TEXT},      {"extension", PK_SCAN_TEXT},
	{"filetype", PK_SCAN_TEXT},      {"owner", PK_SCAN_TEXT},         {"group", PK_SCAN_TEXT},
	{"permissions", PK_SCAN_TEXT},   {"timezone", PK_SCAN_TEXT},      {"language", PK_SCAN_TEXT},
	{"unpack_parent", PK_SCAN_TEXT}, {"unpack_source", PK_SCAN_TEXT}, {"filemode", PK_SCAN_INTEGER},
	{"osversion", PK_SCAN_INTEGER},  {"age", PK_SCAN_FLOAT},
};

struct compile {
	const struct pk_rules *rules;
	bool *broken; /* by source */
	struct pk_buf problems;
	uint32_t problem_count, refused; /* refused: rules taken out of files that are there */
	/* of the source being added */
	const struct pk_rule_source *source;
	unsigned messages;
	bool quiet; /* its messages were reported already */
};

static void put_problem(struct compile *c, const char *name, uint64_t line, const char *text, enum pk_problem kind)
{
	if (c->quiet || c->problem_count >= MAX_PROBLEMS || c->messages++ >= MAX_PROBLEMS_OF_FILE)
		return;
	pk_put_bytes(&c->problems, pk_str(name));
	pk_put_u64(&c->problems, line);
	pk_put_bytes(&c->problems, pk_str(text));
	pk_put_u8(&c->problems, (uint8_t)kind);
	c->problem_count++;
}

static void on_message(int level, const char *file, int line, const YR_RULE *rule, const char *text, void *ctx)
{
	static const char lost[] = "callback failed to provide include resource: ";
	struct compile *c = ctx;
	PK_AUTO(pk_buf) b = {0};

	if (!*text) /* its scanner of text ends like that */
		text = NO_MEMORY;
	/* libyara names included files only; they are shown with who included them */
	if (file)
		pk_buf_putf(&b, "in included '%s': ", file);
	if (rule && level == YARA_ERROR_LEVEL_WARNING)
		pk_buf_putf(&b, "rule '%s': ", rule->identifier);
	if (strncmp(text, lost, sizeof(lost) - 1) == 0)
		pk_buf_putf(&b, "it includes '%s', which is not there or not in the folder of these rules",
			    text + sizeof(lost) - 1);
	else
		pk_buf_puts(&b, text);
	put_problem(c, c->source->name, line > 0 ? (uint64_t)line : 0, b.oom ? text : b.p,
		    level == YARA_ERROR_LEVEL_ERROR ? PK_PROBLEM_FILE : PK_PROBLEM_WARNING);
}

/* Only other sources can be included; never a path of the host. */
static const char *on_include(const char *name, const char *from, const char *ns, void *ctx)
{
	struct compile *c = ctx;
	const struct pk_rule_source *s = NULL;

	(void)ns;
	if (from) {
		/* `from` is what its includer wrote, relative to the file that is compiled */
		const struct pk_rule_source *f = pk_rules_find_include(c->rules, c->source->name, pk_str(from));

		if (f)
			s = pk_rules_find_include(c->rules, f->name, pk_str(name));
	}
	if (!s)
		s = pk_rules_find_include(c->rules, c->source->name, pk_str(name));
	return s && !s->problem && !c->broken[s - c->rules->v] ? s->text : NULL;
}

/* --- modules that are refused -------------------------------------------------------------------------- */

/* They would read the host's files, or are never fed here and so would be silently false. */
static const struct refusal {
	const char *module, *why;
} refusals[] = {
	{"magic", "the module 'magic' would read the host's magic database"},
	{"cuckoo", "the module 'cuckoo' has no sandbox report to look at"},
};

/* The line of the import, or 0. */
static uint64_t imports(const struct pk_rule_source *s, const char *module)
{
	struct pk_lex lex = pk_lex(pk_str_n(s->text, s->n));
	bool after_import = false;

	if (!memmem(s->text, s->n, module, strlen(module)))
		return 0;
	for (struct pk_lextoken t = pk_lex_next(&lex); t.type != PK_LEX_END; t = pk_lex_next(&lex)) {
		if (after_import && t.type == PK_LEX_TEXT && pk_str_eq(pk_lex_inner(&t), pk_str(module)))
			return t.line;
		after_import = t.type == PK_LEX_WORD && pk_lex_is(&t, "import");
	}
	return 0;
}

struct refusing {
	struct compile *c;
	const struct refusal *r;
	const char *name;
};

static void rule_refused(void *ctx, struct pk_str rule, uint64_t line)
{
	const struct refusing *x = ctx;
	PK_AUTO(pk_buf) b = {0};

	pk_buf_putf(&b, "rule '%.*s' is left out: %s", PK_STR_ARG(rule), x->r->why);
	if (!b.oom)
		put_problem(x->c, x->name, line, b.p, PK_PROBLEM_RULE);
	x->c->refused++;
}

/* Takes the rules out that use such a module, or else refuses the file. */
static void refuse_modules(struct compile *c, struct pk_rule_source *s, bool *broken)
{
	for (size_t i = 0; i < PK_LEN(refusals); i++) {
		struct refusing x = {c, &refusals[i], s->name};
		uint64_t line = imports(s, refusals[i].module);
		PK_AUTO(pk_buf) text = {0};
		PK_AUTO(pk_buf) why = {0};

		if (line == 0)
			continue;
		if (pk_part_without(pk_str_n(s->text, s->n), pk_str(refusals[i].module), &text, rule_refused, &x)) {
			s->n = text.n;
			s->text = pk_buf_take(&text); /* lives as long as the compiler's process */
			continue;
		}
		pk_buf_putf(&why, "the file is refused: %s", refusals[i].why);
		if (!why.oom)
			put_problem(c, s->name, line, why.p, PK_PROBLEM_FILE);
		*broken = true;
	}
}

/* The sources as they are compiled: without what is refused. Parts of the rules are made of the same. */
static int prepare(struct compile *c, const struct pk_rules *from, struct pk_rules *ret, struct pk_err *err)
{
	ret->v = calloc(from->n + 1, sizeof(*ret->v));
	if (!ret->v)
		return pk_fail_oom(err);
	memcpy(ret->v, from->v, from->n * sizeof(*ret->v));
	ret->n = from->n;
	for (size_t i = 0; i < ret->n; i++) {
		struct pk_rule_source *s = &ret->v[i];

		c->messages = 0;
		if (s->problem) {
			put_problem(c, s->name, 0, s->problem, PK_PROBLEM_FILE);
			c->broken[i] = true;
		} else {
			refuse_modules(c, s, &c->broken[i]);
		}
	}
	c->rules = ret;
	return 0;
}

static int define(YR_COMPILER *yc, const struct pk_scan_variable *v)
{
	switch (v->type) {
	case PK_SCAN_INTEGER: return yr_compiler_define_integer_variable(yc, v->name, 0);
	case PK_SCAN_FLOAT: return yr_compiler_define_float_variable(yc, v->name, 0);
	default: return yr_compiler_define_string_variable(yc, v->name, "");
	}
}

static YR_COMPILER *new_compiler(struct compile *c)
{
	YR_COMPILER *yc = NULL;

	if (yr_compiler_create(&yc) != ERROR_SUCCESS)
		return NULL;
	yr_compiler_set_callback(yc, on_message, c);
	yr_compiler_set_include_callback(yc, on_include, NULL, c);
	for (size_t i = 0; i < PK_SCAN_EXTERNALS; i++) {
		if (define(yc, &pk_scan_variables[i]) != ERROR_SUCCESS) {
			yr_compiler_destroy(yc);
			return NULL;
		}
	}
	return yc;
}

static bool add_source(struct compile *c, YR_COMPILER *yc, size_t i)
{
	c->source = &c->rules->v[i];
	c->messages = 0;
	if (yr_compiler_add_string(yc, c->source->text, c->source->ns) == 0)
		return true;
	if (c->messages == 0) /* never broken without a word */
		put_problem(c, c->source->name, 0, NO_MEMORY, PK_PROBLEM_FILE);
	return false;
}

/* After an error a compiler can only be thrown away. So: all sources into one; at the first that fails, each of
 * the remaining ones on trial in a compiler of its own; then all good ones again. */
static YR_COMPILER *add_all(struct compile *c, struct pk_err *err)
{
	size_t first = 0;

	for (;;) {
		YR_COMPILER *yc = new_compiler(c);
		size_t i = 0;

		if (!yc) {
			pk_fail_oom(err);
			return NULL;
		}
		for (; i < c->rules->n; i++) {
			if (c->broken[i] || c->rules->v[i].include_only)
				continue;
			c->quiet = i < first; /* compiled before, so reported before */
			if (!add_source(c, yc, i))
				break;
		}
		if (i >= c->rules->n)
			return yc;
		c->broken[i] = true;
		yr_compiler_destroy(yc);
		for (first = PK_MAX(first, i + 1); first < c->rules->n; first++) {
			if (c->broken[first] || c->rules->v[first].include_only)
				continue;
			yc = new_compiler(c);
			if (!yc) {
				pk_fail_oom(err);
				return NULL;
			}
			c->quiet = false;
			c->broken[first] = !add_source(c, yc, first);
			yr_compiler_destroy(yc);
		}
	}
}

static void put_rule(struct pk_buf *b, const YR_RULE *r)
{
	const char *tag = NULL;
	const YR_META *m = NULL;
	const YR_STRING *s = NULL;
	size_t count_at;
	uint32_t n = 0;

	pk_put_bytes(b, pk_str(r->ns->name));
	pk_put_bytes(b, pk_str(r->identifier));
	pk_put_u8(b, (uint8_t)((RULE_IS_PRIVATE(r) ? 1 : 0) | (RULE_IS_GLOBAL(r) ? 2 : 0)));
	yr_rule_tags_foreach(r, tag) n++;
	pk_put_u32(b, n);
	yr_rule_tags_foreach(r, tag) pk_put_bytes(b, pk_str(tag));
	count_at = b->n;
	n = 0;
	pk_put_u32(b, 0);
	yr_rule_metas_foreach(r, m)
	{
		pk_put_bytes(b, pk_str(m->identifier));
		pk_put_u8(b, (uint8_t)m->type);
		pk_put_u64(b, (uint64_t)m->integer);
		pk_put_bytes(b, m->type == META_TYPE_STRING ? pk_str_n(m->string, strnlen(m->string, PK_MAX_META_TEXT))
							    : PK_STR(""));
		n++;
	}
	if (!b->oom) {
		struct pk_buf patch = {0};

		pk_put_u32(&patch, n);
		if (patch.n == 4)
			memcpy(b->p + count_at, patch.p, 4);
		pk_buf_done(&patch);
	}
	n = 0;
	yr_rule_strings_foreach(r, s) n++;
	pk_put_u32(b, n);
	yr_rule_strings_foreach(r, s) pk_put_bytes(b, pk_str(s->identifier));
}

static void put_report(struct pk_buf *b, const struct compile *c, const YR_RULES *set, uint32_t sources,
		       uint32_t broken)
{
	pk_put_u32(b, sources);
	pk_put_u32(b, broken);
	pk_put_u32(b, c->refused);
	pk_put_u32(b, c->problem_count);
	pk_buf_put_str(b, pk_buf_str(&c->problems));
	pk_put_u32(b, set->num_rules);
	for (uint32_t i = 0; i < set->num_rules; i++)
		put_rule(b, &set->rules_table[i]);
}

/* --- parts -------------------------------------------------------------------------------------------- */

static void drop_subset(struct pk_subset *sub)
{
	if (sub->rules)
		yr_rules_destroy(sub->rules);
	free(sub->index);
	free(sub->trigger);
	*sub = (struct pk_subset){0};
}

static bool is_trigger(const struct pk_strv *triggers, const YR_RULE *r)
{
	PK_AUTO(pk_buf) name = {0};

	if (triggers->n == 0)
		return false;
	pk_buf_putf(&name, "%s\n%s", r->ns->name, r->identifier);
	/* without memory: better scanned twice */
	return name.oom || pk_strv_has(triggers, name.p);
}

/* The rules of a part are those of the full set, in their order, with some left out. */
static bool map_subset(const YR_RULES *full, struct pk_subset *sub, const struct pk_strv *triggers)
{
	uint32_t k = 0;

	sub->index = calloc((size_t)sub->rules->num_rules + 1, sizeof(*sub->index));
	sub->trigger = calloc((size_t)sub->rules->num_rules + 1, sizeof(*sub->trigger));
	if (!sub->index || !sub->trigger)
		return false;
	for (uint32_t i = 0; i < sub->rules->num_rules; i++, k++) {
		const YR_RULE *r = &sub->rules->rules_table[i];

		while (k < full->num_rules && (strcmp(full->rules_table[k].identifier, r->identifier) != 0 ||
					       strcmp(full->rules_table[k].ns->name, r->ns->name) != 0))
			k++;
		if (k >= full->num_rules)
			return false;
		sub->index[i] = k;
		sub->trigger[i] = is_trigger(triggers, r);
	}
	return true;
}

/* A part that cannot be had is no loss: then a more general one does. */
void pk_scan_compile_part(const struct pk_rules *rules, unsigned n, struct pk_compiled *ret)
{
	const struct pk_cond_class cls = {
		.not_mz = (n & 1) != 0,
		.size_min = n >= 4   ? PK_SCAN_LARGE + 1
			    : n >= 2 ? PK_SCAN_MEDIUM + 1
				     : 0,
	};
	struct pk_subset *sub = &ret->subset[n];
	PK_AUTO(pk_rules) reduced = {0};
	PK_AUTO(pk_strv) triggers = {0};
	pk_autofree bool *broken = NULL;
	struct compile from = {.broken = ret->broken, .quiet = true}, c = {.rules = &reduced, .quiet = true};
	struct pk_rules prepared = {0};
	size_t left_out = 0;
	YR_COMPILER *yc = NULL;
	bool good = true;

	if (sub->rules || prepare(&from, rules, &prepared, NULL) < 0 ||
	    pk_part_reduce(&prepared, ret->broken, &cls, &reduced, &triggers, &left_out, NULL) < 0)
		return;
	if (left_out + triggers.n == 0 || (n >= 2 && left_out < ret->full->num_rules / 4))
		return;
	broken = calloc(reduced.n + 1, sizeof(*broken));
	yc = broken ? new_compiler(&c) : NULL;
	if (!yc)
		return;
	c.broken = broken;
	for (size_t i = 0; i < reduced.n && good; i++)
		good = reduced.v[i].include_only || add_source(&c, yc, i);
	if (good)
		good = yr_compiler_get_rules(yc, &sub->rules) == ERROR_SUCCESS && map_subset(ret->full, sub, &triggers);
	yr_compiler_destroy(yc);
	if (!good)
		drop_subset(sub);
}

int pk_scan_compile(const struct pk_rules *rules, struct pk_compiled *ret, struct pk_buf *report, struct pk_err *err)
{
	pk_autofree bool *broken = calloc(rules->n ? rules->n : 1, sizeof(*broken));
	struct compile c = {.rules = rules, .broken = broken};
	struct pk_rules prepared = {0};
	YR_COMPILER *yc = NULL;
	uint32_t sources = 0, failed = 0;
	int code = 0;

	if (!broken)
		return pk_fail_oom(err);
	if (prepare(&c, rules, &prepared, err) < 0)
		return -1;
	yc = add_all(&c, err);
	if (!yc) {
		pk_buf_done(&c.problems);
		return -1;
	}
	code = yr_compiler_get_rules(yc, &ret->full);
	yr_compiler_destroy(yc);
	for (size_t i = 0; i < rules->n; i++) {
		sources += !rules->v[i].include_only;
		failed += broken[i] && !rules->v[i].include_only;
	}
	if (code == ERROR_SUCCESS)
		put_report(report, &c, ret->full, sources, failed);
	ret->broken = pk_steal(&broken);
	ret->source_count = rules->n;
	if (c.problems.oom)
		code = ERROR_INSUFFICIENT_MEMORY;
	pk_buf_done(&c.problems);
	if (code == ERROR_INSUFFICIENT_MEMORY)
		return pk_fail_oom(err);
	if (code != ERROR_SUCCESS)
		return pk_fail(err, PK_EINTERNAL, 0, "cannot compile the rules: libyara error %d", code);
	return pk_buf_check(report, err);
}
