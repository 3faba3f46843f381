/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of a kit: compiled before anything is built, by the names and in the form that the host will compile. */
#include "verbs.h"

#include <picket/kit.h>
#include <picket/record.h>
#include <picket/scan.h>

/* Each source under the name that it has in a kit; the places in both lists are the same. */
static int rename_all(const struct pk_rules *given, struct pk_rules *ret, struct pk_err *err)
{
	const struct pk_rule_source *other = NULL;

	for (size_t i = 0; i < given->n; i++) {
		const struct pk_rule_source *s = &given->v[i];
		PK_AUTO(pk_buf) name = {0};

		if (s->problem)
			return pk_fail(err, PK_ESYS, 0, "rules '%s': %s", s->name, s->problem);
		pk_buf_put_member_name(&name, PK_KIT_RULES, pk_str(s->ns));
		if (pk_buf_check(&name, err) < 0)
			return -1;
		if (!pk_str_starts(pk_buf_str(&name), PK_STR(PK_KIT_RULES)))
			return pk_fail(err, PK_EUSAGE, 0, "rules '%s': the name is too long for a kit", s->name);
		if (pk_rules_add(ret, NULL, name.p + strlen(PK_KIT_RULES), pk_str_n(s->text, s->n), err) < 0)
			return -1;
		if (ret->n != i + 1)
			return pk_fail(err, PK_EUSAGE, 0, "rules '%s': another file has that name in the kit", s->name);
		ret->v[i].include_only = s->include_only;
	}
	other = pk_rules_other_include(given, ret);
	if (other)
		return pk_fail(err, PK_EUSAGE, 0,
			       "rules '%s': what it includes would be another file in the kit, as it has one folder of "
			       "rules: put all of them in one",
			       other->name);
	return 0;
}

/* The name as it was given. */
static const char *given_name(const struct pk_rules *given, const struct pk_rules *renamed, const char *name)
{
	for (size_t i = 0; i < renamed->n; i++)
		if (strcmp(renamed->v[i].name, name) == 0)
			return given->v[i].name;
	return name;
}

int kit_read_rules(const struct pk_strv *paths, bool strict, struct pk_rules *ret, struct pk_err *err)
{
	const struct pk_scanpool_params p = {.rules = ret, .children = 1, .events = &pk_msg_events};
	PK_AUTO(pk_rules) given = {0};
	PK_AUTOPTR(pk_scanpool) pool = NULL;
	const struct pk_ruleset *set;
	struct pk_err why = {0};
	size_t broken = 0;

	if (paths->n == 0)
		return 0;
	for (size_t i = 0; i < paths->n; i++)
		if (pk_rules_load_path(&given, paths->v[i], err) < 0)
			return -1;
	if (rename_all(&given, ret, err) < 0 || pk_scanpool_new(&p, &pool, err) < 0)
		return -1;
	set = pk_scanpool_rules(pool);
	if (pk_scanpool_ready(pool, &why) < 0 && (why.kind != PK_EUSAGE || set->problem_count == 0)) {
		*err = why;
		return -1;
	}
	for (size_t i = 0; i < set->problem_count; i++) {
		const struct pk_rule_problem *r = &set->problems[i];

		if (r->is_warning)
			continue;
		broken++;
		pk_msg_warn("rules '%s', line %llu: %s", given_name(&given, ret, r->name), (unsigned long long)r->line,
			    r->text);
	}
	if (set->rule_count == 0)
		return pk_fail(err, PK_EUSAGE, 0, "no rule is left for the kit: see above");
	if (broken && strict)
		return pk_fail(err, PK_EUSAGE, 0, "rules are broken: see above");
	if (broken)
		pk_msg_warn("what is broken is not scanned for: each run of this kit will say so and end with 3");
	return 0;
}
