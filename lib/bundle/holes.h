/* SPDX-License-Identifier: Apache-2.0 */
/* One content with holes: its ranges, out of the records, and its bytes at their places. Private to lib/bundle. */
#ifndef PICKET_BUNDLE_HOLES_H
#define PICKET_BUNDLE_HOLES_H

#include "format.h"
#include "place.h"
#include "sharein.h"

#include <picket/io.h>

/* What the records say of one content. Zero-initialise. */
struct pk_holes {
	uint64_t leaf, size, padded;
	const char *partial;
	bool found, sparse;
	struct pk_ranges ranges; /* .logical: of a sparse file, else size */
	struct pk_range *extent; /* of a sparse file */
	size_t extents, cap;
};
void pk_holes_done(struct pk_holes *h);
/* The content's own record. */
PK_NODISCARD int pk_holes_begin(struct pk_holes *h, const struct pk_record *r, struct pk_err *err);
/* Its ranges go on in records that follow. */
bool pk_holes_unfinished(const struct pk_holes *h);
/* The next records, from leaf `first` on: takes those that continue it, up to its last range. share: of a share, holds
 * them against what is proven; else NULL. */
PK_NODISCARD int pk_holes_more(struct pk_holes *h, struct pk_str records, uint64_t first, struct pk_sharein *share,
			       struct pk_err *err);

/* Stored bytes on their way to where they belong. */
struct pk_placing {
	const struct pk_filesink *to;
	const struct pk_range *extent; /* NULL: one after the other */
	size_t extents, now;
	uint64_t in, at, logical; /* in: bytes of the range; at: in the file */
};
PK_NODISCARD int pk_placing_put(struct pk_placing *p, struct pk_str bytes, struct pk_err *err);
/* The hole at the end. */
PK_NODISCARD int pk_placing_end(struct pk_placing *p, struct pk_err *err);

#endif
