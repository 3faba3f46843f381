/* SPDX-License-Identifier: Apache-2.0 */
/** Inside lib/casedb: what a check finds, said and counted. */
#ifndef PICKET_CASEDB_FINDINGS_H
#define PICKET_CASEDB_FINDINGS_H

#include <picket/case.h>

struct pk_findings {
	const struct pk_check_sink *sink;
	uint64_t bad;
	uint64_t told;
};
#define PK_MAX_TOLD 1000u /* findings; a hostile log has millions, and the rest are counted only */
/** bad: a fault; otherwise a remark. Hostile text in it is made safe. */
void pk_finding(struct pk_findings *f, bool bad, const char *fmt, ...) PK_PRINTF(3, 4);

#endif
