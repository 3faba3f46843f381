/* SPDX-License-Identifier: Apache-2.0 */
/** What a rule's author may want to do better: slow strings, repetition without a bound, conditions that are too
 * general or look at every file, missing meta. By the text alone; whether a rule compiles is the engine's to say. */
#ifndef PICKET_RULELINT_H
#define PICKET_RULELINT_H

#include <picket/rules.h>

struct pk_lint_finding {
	struct pk_str source, rule; /* rule may be empty */
	uint64_t line;
	const char *what; /* "not-understood", "meta", "slow-string", "unbounded", "no-guard", "too-general" */
	struct pk_str text;
};
/** Calls `found` for each finding, in the order of the rules; -1 from there ends it with err. */
PK_NODISCARD int pk_rules_lint(const struct pk_rules *rules,
			       int (*found)(void *ctx, const struct pk_lint_finding *f, struct pk_err *err), void *ctx,
			       struct pk_err *err);

/** Calls `each` with every rule of a source, and the source with this rule alone and what it needs: imports, includes,
 * global rules, rules that it names. What is not understood ends it quietly. */
PK_NODISCARD int pk_rules_each_alone(struct pk_str text,
				     int (*each)(void *ctx, struct pk_str rule, struct pk_str text, struct pk_err *err),
				     void *ctx, struct pk_err *err);

#endif
