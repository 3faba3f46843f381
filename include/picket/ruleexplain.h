/* SPDX-License-Identifier: Apache-2.0 */
/** Why a rule hits a file, or does not: its strings one by one, and its condition taken apart at and, or, not and
 * parentheses.
 *
 * The engine itself answers for each part: the rule's source is compiled with a helper rule for every string and for
 * every part of the condition and its negation. So nothing is guessed: modules, loops, other rules and external
 * variables count as they do in the rule, and a part of which neither it nor its negation holds is undefined. */
#ifndef PICKET_RULEEXPLAIN_H
#define PICKET_RULEEXPLAIN_H

#include <picket/scan.h>

#define PK_EXPLAIN_MAX_PARTS 64    /* of one condition; further ones are left out */
#define PK_EXPLAIN_MAX_STRINGS 512 /* of one rule */

enum pk_explain_value {
	PK_EXPLAIN_FALSE,
	PK_EXPLAIN_TRUE,
	PK_EXPLAIN_UNDEFINED,     /* in YARA's sense: counts as false in `and` and `or`, and `not` leaves it */
	PK_EXPLAIN_NOT_EVALUATED, /* out of time, or of another limit */
};
const char *pk_explain_value_name(enum pk_explain_value v); /* "false", "true", "undefined", "not evaluated" */
struct pk_explain_part {
	char *text;
	unsigned depth; /* 0: the whole condition, which is the first; parts follow what they are parts of */
	enum pk_explain_value value;
};
struct pk_explain_string {
	char *name; /* "$a", or "$" */
	enum pk_explain_value value;
	const struct pk_scan_hit *hit; /* its matches: of the result that was given; NULL when it was not found */
};
/** Zero-initialise. */
struct pk_explain {
	struct pk_explain_part parts[PK_EXPLAIN_MAX_PARTS];
	struct pk_explain_string *strings;
	size_t part_count, string_count;
	uint64_t line;        /* of the rule in its source */
	bool is_apart;        /* the condition was taken apart */
	bool global_is_false; /* a global rule of the same source does not hold, so that no rule of it hits */
};
void pk_explain_done(struct pk_explain *e);
/** Prepares the sources that answer for `rule` ("NAME", or "NAMESPACE:NAME" where several sources have it): *ret is for
 * a scan pool. Without `apart` the condition stays whole: for a source that does not compile otherwise. Fails with
 * PK_EUSAGE when there is no such rule or it is not the only one, PK_ELIMIT past the limits. */
PK_NODISCARD int pk_explain_prepare(const struct pk_rules *rules, const char *rule, bool apart, struct pk_explain *e,
				    struct pk_rules *ret, struct pk_err *err);
/** Fills in the values from what a scan with those sources gave. */
void pk_explain_take(struct pk_explain *e, const struct pk_ruleset *set, const struct pk_scan_result *result);

#endif
