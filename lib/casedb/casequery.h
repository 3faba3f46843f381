/* SPDX-License-Identifier: Apache-2.0 */
/** Inside lib/casedb: choosing by SQL. */
#ifndef PICKET_CASEDB_CASEQUERY_H
#define PICKET_CASEDB_CASEQUERY_H

#include "list.h"

/** " AND (PAIR) IN (what the query returned)"; pair: columns for bundle.no and leaf. Nothing when sql is NULL. */
PK_NODISCARD int pk_query_chosen(struct pk_query *q, struct pk_case *c, const char *pair, const char *sql,
				 struct pk_err *err);

#endif
