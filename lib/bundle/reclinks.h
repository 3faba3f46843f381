/* SPDX-License-Identifier: Apache-2.0 */
/* What records say of each other: contents and the paths that name them, lists and what continues them. Private to
 * lib/bundle.
 *
 * For whoever reads all records in order: the walk, which has the members' names from the tar, and the reading of the
 * log alone, where the first path to name a content gives its member's name. */
#ifndef PICKET_BUNDLE_RECLINKS_H
#define PICKET_BUNDLE_RECLINKS_H

#include "format.h"
#include "nameset.h"

#include <picket/record.h>

/* Zero-initialise. */
struct pk_links {
	bool is_share;
	struct pk_nameset names; /* its key, and for its owner to use */

	struct pk_known *known; /* contents, by leaf */
	size_t known_n, known_cap;
	struct pk_sparse *sparse;
	size_t sparse_n, sparse_cap;
	size_t unfinished; /* of them: ranges are still to come */
	uint8_t *lists;    /* a bit for each record: a path whose list of artefacts may go on */
	size_t lists_n, lists_cap;
};
void pk_links_done(struct pk_links *l);
/** The next record, which was checked. member: of a content, its name as the tar has it; NULL where that is not read. */
PK_NODISCARD int pk_links_take(struct pk_links *l, const struct pk_record *r, const char *member, struct pk_err *err);
/** After the last one: each content has a path, and all of its ranges. */
PK_NODISCARD int pk_links_end(const struct pk_links *l, struct pk_err *err);

#endif
