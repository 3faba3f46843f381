/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of rule sources, and what compiling them gave. */
#include <picket/rules.h>

static void source_done(struct pk_rule_source *s)
{
	free(s->ns);
	free(s->name);
	free(s->text);
	free(s->problem);
}

void pk_rules_done(struct pk_rules *rules)
{
	for (size_t i = 0; i < rules->n; i++)
		source_done(&rules->v[i]);
	free(rules->v);
	*rules = (struct pk_rules){0};
}

static bool ns_taken(const struct pk_rules *rules, const char *ns)
{
	for (size_t i = 0; i < rules->n; i++)
		if (!rules->v[i].include_only && strcmp(rules->v[i].ns, ns) == 0)
			return true;
	return false;
}

/* A namespace that no other source has. */
static char *free_ns(const struct pk_rules *rules, const char *ns)
{
	PK_AUTO(pk_buf) b = {0};

	pk_buf_puts(&b, ns);
	for (unsigned i = 2; !b.oom && ns_taken(rules, b.p); i++) {
		pk_buf_reset(&b);
		pk_buf_putf(&b, "%s#%u", ns, i);
	}
	return pk_buf_take(&b);
}

int pk_rules_add(struct pk_rules *rules, const char *ns, const char *name, struct pk_str text, struct pk_err *err)
{
	struct pk_rule_source s = {0};

	for (size_t i = 0; i < rules->n; i++)
		if (strcmp(rules->v[i].name, name) == 0)
			return 0;
	if (rules->n >= PK_MAX_RULE_FILES)
		return pk_fail(err, PK_ELIMIT, 0, "more than %d files of rules", PK_MAX_RULE_FILES);
	if (!pk_grow(&rules->v, &rules->cap, rules->n + 1, sizeof(*rules->v)))
		return pk_fail_oom(err);
	s.ns = free_ns(rules, ns ? ns : name);
	s.name = pk_str_dup(pk_str(name));
	s.problem = NULL;
	if (memchr(text.p, '\0', text.n)) {
		s.problem = pk_str_dup(PK_STR("has a NUL byte: not a text file of rules"));
		text.n = 0;
	}
	s.text = pk_str_dup(text);
	s.n = text.n;
	if (!s.ns || !s.name || !s.text) {
		source_done(&s);
		return pk_fail_oom(err);
	}
	rules->v[rules->n++] = s;
	return 0;
}

void pk_ruleset_done(struct pk_ruleset *set)
{
	pk_arena_done(&set->store);
	*set = (struct pk_ruleset){0};
}
