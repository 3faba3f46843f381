/* SPDX-License-Identifier: Apache-2.0 */
/* Compiling, inside the zygote only. */
#ifndef PICKET_SCAN_COMPILE_H
#define PICKET_SCAN_COMPILE_H

#include "atoms.h"
#include "scan-internal.h"

/** The external variables; the order is that of the wire: texts, then numbers, each 8 bytes. */
#define PK_SCAN_TEXTS 11
#define PK_SCAN_EXTERNALS 14
struct pk_scan_variable {
	const char *name;
	enum { PK_SCAN_TEXT, PK_SCAN_INTEGER, PK_SCAN_FLOAT } type;
};
extern const struct pk_scan_variable pk_scan_variables[PK_SCAN_EXTERNALS];

/** The rules for one class of files. */
struct pk_subset {
	YR_RULES *rules;        /* NULL: there is none, take the next more general one */
	struct pk_atoms *atoms; /* of these rules; NULL: none can be had, or they were not loaded for scanning */
	uint32_t *index;        /* by rule of the part: its index in the full set */
	bool *trigger;          /* by rule of the part: its hit means that the file must be scanned with the full set */
};
struct pk_compiled {
	YR_RULES *full;
	struct pk_atoms *atoms; /* of the full set, as above */
	bool *broken;           /* by source */
	size_t source_count;
	struct pk_subset subset[PK_SCAN_CLASSES]; /* that of class 0 is never there */
};
/** Compiles every source that compiles and appends the report (see rulereport.c) to `report`. A set without any
 * rule is no failure here. */
PK_NODISCARD int pk_scan_compile(const struct pk_rules *rules, struct pk_compiled *ret, struct pk_buf *report,
				 struct pk_err *err);
/** Compiles the rules for a class. It stays empty where that would be of no use. */
void pk_scan_compile_part(const struct pk_rules *rules, unsigned cls, struct pk_compiled *c);

/* --- compiledbytes.c: from one process to another, and into the cache --------------------------------- */

/** Appends the full set, or a part. */
PK_NODISCARD int pk_compiled_put(struct pk_buf *b, const struct pk_compiled *c, unsigned cls, struct pk_err *err);
/** Takes over what pk_compiled_put gave. These bytes are code to libyara: only from where nobody else writes. */
PK_NODISCARD int pk_compiled_get(struct pk_str bytes, unsigned cls, struct pk_compiled *c, struct pk_err *err);

#endif
