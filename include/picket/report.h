/* SPDX-License-Identifier: Apache-2.0 */
/** The report: one self-contained HTML page. It loads nothing, runs nothing, and prints well. */
#ifndef PICKET_REPORT_H
#define PICKET_REPORT_H

#include <picket/case.h>

struct pk_report_params {
	const char *title;  /* NULL: the case's name */
	struct pk_time now; /* printed on it */
	unsigned days;      /* that the chart shows, up to the last collection; 0: 30 */
	uint64_t max_rows;  /* of a table; 0: 500. What is left out is counted aloud */
};
/** Writes the page and its SHA-256. All text from hosts and people is escaped; the page's own policy forbids
 * scripts, frames and every network address. */
PK_NODISCARD int pk_report_html(struct pk_case *c, const struct pk_report_params *params, struct pk_sink sink,
				uint8_t ret_sha256[32], struct pk_err *err);

#endif
