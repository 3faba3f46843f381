/* SPDX-License-Identifier: Apache-2.0 */
/** Inside lib/casedb: a label as the columns tlp, rel_to, caveats and originators have it. */
#ifndef PICKET_CASEDB_LABELCOLUMNS_H
#define PICKET_CASEDB_LABELCOLUMNS_H

#include "db.h"

struct pk_label;
/** Lists with commas. Zero-initialise. */
struct pk_label_columns {
	struct pk_buf tlp, rel_to, caveats, originators;
};
void pk_label_columns_done(struct pk_label_columns *c);
/** Replaces what they are; NULL: unlabelled. */
PK_NODISCARD int pk_label_columns_set(struct pk_label_columns *c, const struct pk_label *label, struct pk_err *err);
/** The label that a row's four columns say, from the statement's column `at` on. *ret is zero-initialised. */
PK_NODISCARD int pk_label_columns_get(struct pk_stmt *st, int at, struct pk_label *ret, struct pk_err *err);
/** Binds them to four parameters, the first of them ?at. They were set, and live until the statement is run. */
void pk_label_columns_bind(const struct pk_label_columns *c, struct pk_stmt *st, int at);

#endif
