/* SPDX-License-Identifier: Apache-2.0 */
/* Compiling, inside the zygote only. */
#ifndef PICKET_SCAN_COMPILE_H
#define PICKET_SCAN_COMPILE_H

#include <picket/rules.h>

#include <yara.h>

/** Names of the external variables; the order is that of the wire. */
#define PK_SCAN_EXTERNALS 5
extern const char *const pk_scan_external_names[PK_SCAN_EXTERNALS];

/** A part of the rules that is enough for a class of files. */
struct pk_subset {
	YR_RULES *rules; /* NULL: there is none, take the full set */
	uint32_t *index; /* by rule of the part: its index in the full set */
	bool *trigger;   /* by rule of the part: its hit means that the file must be scanned with the full set */
};
#define PK_SUBSET_NOT_MZ 1 /* bits: the file does not begin with "MZ" */
#define PK_SUBSET_LARGE 2  /* it is larger than PK_SUBSET_LARGE_MIN */
#define PK_SUBSETS 4
#define PK_SUBSET_LARGE_MIN (10u << 20)

struct pk_compiled {
	YR_RULES *full;
	bool *broken;                        /* by source */
	struct pk_subset subset[PK_SUBSETS]; /* by bits; that of 0 is never there */
};
/** Compiles every source that compiles and appends the report (see report.c) to `report`. A set without any
 * rule is no failure here. */
PK_NODISCARD int pk_scan_compile(const struct pk_rules *rules, struct pk_compiled *ret, struct pk_buf *report,
				 struct pk_err *err);
/** Compiles the parts, as far as they are worth it. That takes as long again: a scan of a few files does without. */
void pk_scan_compile_parts(const struct pk_rules *rules, struct pk_compiled *c);

#endif
