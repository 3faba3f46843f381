/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of picket-scan share. */
#ifndef PICKET_TOOLS_SCAN_H
#define PICKET_TOOLS_SCAN_H

#include <picket/scantree.h>

#define MAX_REASONS 24

/** Counts by the word that says why. */
struct reasons {
	const char *why[MAX_REASONS];
	uint64_t count[MAX_REASONS];
	size_t n;
};
void reasons_add(struct reasons *r, const char *why);

struct report {
	bool json, strings;
	const struct pk_ruleset *set;
	uint64_t started_ns;
	uint64_t scanned, bytes, hits, files_hit, skipped, failed, not_evaluated;
	uint64_t incomplete; /* of the skipped: those that keep the scan from being complete */
	struct reasons skipped_by, failed_by;
	struct pk_buf out;
};
/** For pk_scantree_params.file. */
int report_file(void *ctx, const struct pk_scantree_file *file, struct pk_err *err);
/** Broken files of rules: warnings, and objects. */
PK_NODISCARD int report_problems(struct report *r, struct pk_err *err);
PK_NODISCARD int report_summary(struct report *r, struct pk_err *err);
bool report_is_complete(const struct report *r);
void report_done(struct report *r);

#endif
