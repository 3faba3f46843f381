/* SPDX-License-Identifier: Apache-2.0 */
/* --lint: what the authors of the rules may want to do better. */
#include "scan.h"

#include <inttypes.h>
#include <picket/rulelint.h>

struct linting {
	struct report *r;
	uint64_t findings;
};

static int put(struct linting *l, const struct pk_lint_finding *f, struct pk_err *err)
{
	struct pk_buf *out = &l->r->out;
	struct pk_json j = {.out = out};

	l->findings++;
	if (l->r->json) {
		report_begin(&j, "lint");
		pk_json_kbytes(&j, "path", f->source);
		pk_json_kuint(&j, "line", f->line);
		if (f->rule.n > 0)
			pk_json_kstr(&j, "rule", f->rule);
		pk_json_kz(&j, "what", f->what);
		pk_json_kbytes(&j, "text", f->text);
		report_end(&j);
		return report_flush(l->r, err);
	}
	pk_buf_put_safe(out, f->source);
	pk_buf_putf(out, ":%" PRIu64 ": ", f->line);
	if (f->rule.n > 0) {
		pk_buf_put_str(out, f->rule);
		pk_buf_puts(out, ": ");
	}
	pk_buf_putf(out, "%s: ", f->what);
	pk_buf_put_safe(out, f->text);
	pk_buf_put_c(out, '\n');
	return report_flush(l->r, err);
}

static int on_finding(void *ctx, const struct pk_lint_finding *f, struct pk_err *err) { return put(ctx, f, err); }

/* The compiler's own findings come first: what is broken, and what it finds slow. */
int lint_rules(const struct pk_rules *rules, struct report *r, uint64_t *ret_findings, struct pk_err *err)
{
	struct linting l = {.r = r};

	for (size_t i = 0; i < r->set->problem_count; i++) {
		const struct pk_rule_problem *p = &r->set->problems[i];
		const struct pk_lint_finding f = {.source = pk_str(p->name),
						  .line = p->line,
						  .what = p->is_warning ? "warning" : "error",
						  .text = pk_str(p->text)};

		if (put(&l, &f, err) < 0)
			return -1;
	}
	if (pk_rules_lint(rules, on_finding, &l, err) < 0)
		return -1;
	*ret_findings = l.findings;
	return 0;
}
