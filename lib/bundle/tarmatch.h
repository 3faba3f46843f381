/* SPDX-License-Identifier: Apache-2.0 */
/* What a bundle's records say of its contents, held against the contents that the tar has. Private to lib/bundle.
 *
 * Members below data/ come first, then the records that describe them: each record of a content is that of the oldest
 * member that has none yet, and says where it is, how long, and its hash; the first path to name a content gives its
 * member's name. */
#ifndef PICKET_BUNDLE_TARMATCH_H
#define PICKET_BUNDLE_TARMATCH_H

#include "format.h"
#include "reclinks.h"
#include "sumbeside.h"

#include <picket/hash.h>
#include <picket/record.h>

/* Zero-initialise, then begin. The walk reads the fields down to index_n; the others are the matcher's own. */
struct pk_matcher {
	enum pk_bag_kind kind; /* set by the walk, before the first member */
	struct pk_sums *sums;  /* of the members, in order: the walk puts their bytes */
	uint64_t leaves;       /* records so far */
	size_t contents;       /* that are described */
	uint64_t members;      /* below data/ */
	/* what manifest-sha256.txt, and the index behind its segments, must be */
	struct pk_sha256 manifest, index;
	uint64_t manifest_n, index_n; /* their bytes */

	struct pending *pending; /* from pending_from on */
	size_t pending_from, pending_n, pending_cap;
	struct pk_links links;
};
/** hasher as of pk_sums_new. */
PK_NODISCARD int pk_matcher_begin(struct pk_matcher *m, struct pk_workers *hasher, struct pk_err *err);
void pk_matcher_done(struct pk_matcher *m);
/** A member below data/, whose bytes come next; the name is copied. */
PK_NODISCARD int pk_matcher_member(struct pk_matcher *m, struct pk_str name, const struct pk_place *at,
				   struct pk_err *err);
/** How many lines that member has; of a table's, after its bytes. unfinished: and what follows them is none. */
void pk_matcher_lines(struct pk_matcher *m, uint64_t lines, bool unfinished);
/** The lines of a segment, which come next of all records. */
PK_NODISCARD int pk_matcher_records(struct pk_matcher *m, struct pk_str text, struct pk_err *err);
/** After the last segment: nothing is left undescribed or without a name. */
PK_NODISCARD int pk_matcher_end(const struct pk_matcher *m, struct pk_err *err);

#endif
