/* SPDX-License-Identifier: Apache-2.0 */
/* Compiling, inside the zygote only. */
#ifndef PICKET_SCAN_COMPILE_H
#define PICKET_SCAN_COMPILE_H

#include <picket/rules.h>

#include <yara.h>

/** Names of the external variables; the order is that of the wire. */
#define PK_SCAN_EXTERNALS 5
extern const char *const pk_scan_external_names[PK_SCAN_EXTERNALS];

struct pk_compiled {
	YR_RULES *full;
};
/** Compiles every source that compiles and appends the report (see report.c) to `report`. A set without any
 * rule is no failure here. */
PK_NODISCARD int pk_scan_compile(const struct pk_rules *rules, struct pk_compiled *ret, struct pk_buf *report,
				 struct pk_err *err);

#endif
