/* SPDX-License-Identifier: Apache-2.0 */
/** Inside lib/casedb: what people point at. */
#ifndef PICKET_CASEDB_TARGET_H
#define PICKET_CASEDB_TARGET_H

#include "list.h"

/** One thing: its id for operations ("file:BUNDLE/LEAF", "hit:BUNDLE/LEAF", "host:ID", "bundle:ID",
 * "sha256:HEX"), and what it is in words. */
struct pk_target {
	char *id, *host, *what;
};
struct pk_targets {
	struct pk_target *v;
	size_t n, cap;
};
void pk_targets_done(struct pk_targets *t);
/** Finds what `text` names (see pk_case_tag); nothing found is PK_EUSAGE. */
PK_NODISCARD int pk_targets_find(struct pk_targets *t, struct pk_case *c, const char *text, const char *host,
				 struct pk_err *err);
/** Splits "b41d09ee/17"; false when it is no reference. */
bool pk_target_is_ref(const char *text, char ret_bundle[33], int64_t *ret_leaf);

#endif
