/* SPDX-License-Identifier: Apache-2.0 */
/* Sources of rules taken apart: every range lies inside the text, the parts of a rule are in their order, a rule cut
 * out alone is still that rule, and a review of anything ends. */
#include "../../lib/scan/ruletext.h"
#include <picket/ruleexplain.h>
#include <picket/rulelint.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int on_finding(void *ctx, const struct pk_lint_finding *f, struct pk_err *err)
{
	(void)err;
	++*(size_t *)ctx;
	return f->what && f->text.n > 0 ? 0 : -1;
}

static void check(const struct pk_ruletexts *t)
{
	for (size_t i = 0; i < t->rule_count; i++) {
		const struct pk_ruletext *r = &t->rules[i];
		struct pk_str all = pk_ruletexts_slice(t, r->all), cond = pk_ruletexts_slice(t, r->cond);
		PK_AUTO(pk_buf) only = {0};
		PK_AUTO(pk_ruletexts) again = {0};

		if (all.p < t->text.p || all.p + all.n > t->text.p + t->text.n || cond.p < all.p ||
		    cond.p + cond.n > all.p + all.n || cond.n == 0)
			abort();
		for (size_t k = 0; k < r->string_count; k++)
			if (r->strings[k].def.end > r->cond.first || r->strings[k].value >= r->strings[k].def.end)
				abort();
		if (i > 8)
			continue; /* quadratic */
		if (!pk_ruletexts_only(&only, t, i) || !pk_ruletexts_read(&again, pk_buf_str(&only)) ||
		    again.rule_count == 0 || again.rule_count > t->rule_count)
			abort();
	}
}

static void explain(const struct pk_rules *rules, struct pk_str name)
{
	PK_AUTO(pk_explain) e = {0};
	PK_AUTO(pk_rules) helpers = {0};
	pk_autofree char *z = pk_str_dup(name);

	if (!z || pk_explain_prepare(rules, z, true, &e, &helpers, NULL) < 0)
		return;
	if (helpers.n != 1 || e.part_count == 0 || e.part_count > PK_EXPLAIN_MAX_PARTS || e.parts[0].depth != 0)
		abort();
	for (size_t i = 1; i < e.part_count; i++)
		if (e.parts[i].depth == 0 || e.parts[i].depth > e.parts[i - 1].depth + 1)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTO(pk_ruletexts) t = {0};
	PK_AUTO(pk_rules) rules = {0};
	size_t findings = 0;

	if (size > 4096 || memchr(data, '\0', size))
		return 0;
	if (pk_ruletexts_read(&t, pk_str_n(data, size)))
		check(&t);
	if (pk_rules_add(&rules, "n", "f.yar", pk_str_n(data, size), NULL) < 0 ||
	    pk_rules_lint(&rules, on_finding, &findings, NULL) < 0)
		abort();
	for (size_t i = 0; i < t.rule_count && i < 4; i++)
		explain(&rules, t.rules[i].name);
	return 0;
}
