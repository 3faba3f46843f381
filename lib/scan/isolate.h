/* SPDX-License-Identifier: Apache-2.0 */
/* Scanning in spite of single rules that fail: they are found and left out, all others are evaluated.
 *
 * One rule that runs out of time or of regex fibers makes libyara give up the whole scan. Then the scan is repeated
 * without that rule and without those that name it. Where libyara does not say which rule it was, ever smaller
 * beginnings of the list of rules are tried: a rule can only name earlier ones, so that each beginning is whole. */
#ifndef PICKET_SCAN_ISOLATE_H
#define PICKET_SCAN_ISOLATE_H

#include "compile.h"

struct pk_isolate;
/** For one set of compiled rules, whose flags are used up (a scan child's own copy). All of it is borrowed. */
struct pk_isolate *pk_isolate_new(const struct pk_rules *sources, YR_RULES *rules, uint64_t timeout_ns);

struct pk_isolate_run {
	YR_SCANNER *scanner; /* of these rules */
	/** Forgets what was reported so far and scans once; a libyara error code. */
	int (*scan)(void *ctx);
	void *ctx;
};
/** Scans once, and when that fails as often as it takes, but for no longer than three times the time limit and a bit. Hits
 * are those reported since the last call of `scan`. 0: all rules but the noted ones were evaluated. Otherwise the error
 * of libyara; what was reported then is true, but not all. */
int pk_isolate_scan(struct pk_isolate *iso, const struct pk_isolate_run *run);
/** After a scan: the rules that were not evaluated; *at begins at 0. False: no further one. */
bool pk_isolate_next(const struct pk_isolate *iso, uint32_t *at, uint32_t *ret_rule, uint8_t *ret_why);

#endif
