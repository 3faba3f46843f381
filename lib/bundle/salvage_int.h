/* SPDX-License-Identifier: Apache-2.0 */
/* What salvage does for the rest of lib/bundle. Private to lib/bundle. */
#ifndef PICKET_BUNDLE_SALVAGE_INT_H
#define PICKET_BUNDLE_SALVAGE_INT_H

#include "extract_int.h"
#include "holes.h"

#include <picket/salvage.h>

/* What is left of a bundle, once it was looked through. */
struct pk_left {
	struct pk_extraction plan;
	struct pk_extract x;
	uint64_t *lost; /* leaves of contents that cannot be had, sorted */
	size_t lost_n, lost_cap;
};
/* Fails: of a share nothing is taken that its proofs do not prove, and so nothing once they do not hold. */
PK_NODISCARD int pk_salvage_no_share(struct pk_err *err);
/* From now on the bundle is read as a damaged one. */
PK_NODISCARD int pk_salvage_begin(struct pk_bundle *b, const struct pk_events *ev, struct pk_err *err);
/* At opening: the first segment that can be proven, for leaf 0 and the bundle's id. PK_ECRYPTO: there is none. */
PK_NODISCARD int pk_salvage_first(struct pk_bundle *b, struct pk_err *err);
/* For pk_bundle_verify: hands out the proven records from leaf `from` on whose contents can be had (records of type c
 * and l whose contents cannot are left out). *ret_tree is of all records from leaf 0 on without a gap. */
PK_NODISCARD int pk_salvage_rest(struct pk_bundle *b, uint64_t from, const struct pk_bundle_events *events,
				 struct pk_frontier *ret_tree, struct pk_err *err);
/* pk_bundle_cat_file of a damaged bundle, or pk_bundle_cat: as_file false. */
PK_NODISCARD int pk_salvage_cat(struct pk_bundle *b, uint64_t leaf, const struct pk_filesink *to, bool as_file,
				struct pk_cat_sum *ret, struct pk_err *err);
/* Writes the plan (x->dry: only reads it) by a job of the caller's kind. */
PK_NODISCARD int pk_extraction_write(struct pk_extraction *x, struct pk_err *err);

#endif
