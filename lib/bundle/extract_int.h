/* SPDX-License-Identifier: Apache-2.0 */
/* Contents on their way out of a bundle: what is wanted, by proven records, and how it is written. Private to
 * lib/bundle. */
#ifndef PICKET_BUNDLE_EXTRACT_INT_H
#define PICKET_BUNDLE_EXTRACT_INT_H

#include "format.h"
#include "open_int.h"
#include "place.h"

/* One content to write, and the records that name it. */
struct pk_want {
	uint64_t leaf;
	struct pk_place at;
	uint8_t sum[32];
	uint64_t padded;         /* zeros at its end for what could not be read */
	struct pk_ranges ranges; /* .logical: of a sparse file, else at.size */
	struct pk_range *extent; /* of a sparse file */
	size_t extents, extents_cap;
	const char *broken; /* of a salvage: what its record lacks; static */
	char *path;         /* below the folder; the first path that names it */
	char *member;
	bool has_mtime, lost; /* lost: of a salvage */
	bool partial;         /* a path's record says so, or its own */
	bool asked;           /* a name of it fits x->only */
	struct pk_time mtime;
};

/* One more name for a content: a hard link. */
struct pk_also {
	size_t want;
	char *path;
};

struct pk_extraction {
	struct pk_bundle *b;
	const struct pk_extract *x;
	const struct pk_events *ev;
	struct pk_want *want;
	size_t n, cap;
	struct pk_also *also;
	size_t also_n, also_cap;
	struct pk_target target;
	size_t now; /* being written; n when none */
	struct pk_checked checked;
	uint64_t files, done_bytes, all_bytes;
	/* salvage: what cannot be had is told to `lost` instead of ending everything */
	bool *fits;        /* for each pattern of x->only: something does; NULL: nobody wants to know */
	bool salvage, dry; /* dry: nothing is written */
	int (*lost)(void *ctx, const struct pk_want *w, const char *why, struct pk_err *err);
	void *lost_ctx;
};

void pk_extraction_done(struct pk_extraction *x);
/* A name below the folder, as it is without member_names. */
bool pk_plan_fits(const struct pk_extraction *x, const char *path);
/* For a pk_bundle_events: takes one record into the plan. ctx is the extraction. */
PK_NODISCARD int pk_plan_record(void *ctx, const struct pk_record *r, struct pk_err *err);
/* The content of this leaf; NULL when it has none. */
struct pk_want *pk_plan_find(const struct pk_extraction *x, uint64_t leaf);
/* NULL when the content can be read by its records; else what they lack. Static. */
const char *pk_plan_lacks(const struct pk_want *w);
PK_NODISCARD int pk_plan_check(const struct pk_want *w, struct pk_err *err);

#endif
