/* SPDX-License-Identifier: Apache-2.0 */
/** Which of the items that collectors for Linux are expected to take are covered, and by what: the table
 * rules/artifacts/coverage.tsv, one line an item:
 *
 *     NUMBER <tab> NAME <tab> CODE <tab> HOW
 *
 * CODE: N native, F file, D on-disk database, S local socket, B host binary. HOW: comma-separated names of
 * artefacts and of live tables ("table:processes"), "walk" (the metadata of every path), or "no: REASON",
 * or both: "table:mounts; partly: REASON". */
#ifndef PICKET_COVERAGE_H
#define PICKET_COVERAGE_H

#include <picket/definition.h>

enum pk_covered { PK_COVERED_NO, PK_COVERED_PARTLY, PK_COVERED_YES };
struct pk_coverage_item {
	unsigned number;
	struct pk_str name;
	char code;
	enum pk_covered covered;
	struct pk_str how;    /* the names, without the reason */
	struct pk_str reason; /* why not, or why only partly; empty when covered */
};
/** Calls `item` for each line of the built-in table, in order. Strings live as long as the program. */
PK_NODISCARD int pk_coverage_each(int (*item)(void *ctx, const struct pk_coverage_item *i, struct pk_err *err),
				  void *ctx, struct pk_err *err);
/** The same for any text; PK_EFORMAT names the line. */
PK_NODISCARD int pk_coverage_parse(struct pk_str text,
				   int (*item)(void *ctx, const struct pk_coverage_item *i, struct pk_err *err),
				   void *ctx, struct pk_err *err);

#endif
