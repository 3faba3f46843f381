/* SPDX-License-Identifier: Apache-2.0 */
/* From plain bytes to sealed ones: frames are filled in shared memory by one thread, hashed and packed by a pool, and
 * written in order by a last one. Private to lib/bundle. */
#ifndef PICKET_BUNDLE_PIPELINE_H
#define PICKET_BUNDLE_PIPELINE_H

#include "format.h"

#include <picket/io.h>
#include <picket/slots.h>

/** SHA-256 of `size` bytes that pass through the pipeline, computed by the pool. */
struct pk_digest {
	struct pk_sha256 state;
	uint64_t size, filled, hashed;
	unsigned parts, parts_hashed; /* one a frame, hashed in order */
	_Atomic bool done;
	uint8_t sum[32]; /* once done */
};
void pk_digest_init(struct pk_digest *d, uint64_t size);

struct pk_pipeline;
/** sink gets the packed frames in order, from the writing thread. release (may be NULL) is called on the filling
 * thread before the memory of `frame` is used again. */
PK_NODISCARD int pk_pipeline_new(const struct pk_slots *slots, unsigned threads, int level, struct pk_sink sink,
				 int (*release)(void *ctx, uint64_t frame, struct pk_err *err), void *ctx,
				 struct pk_pipeline **ret, struct pk_err *err);
/** Stops all threads; what was not written stays unwritten. */
void pk_pipeline_free(struct pk_pipeline *p);

/** Room in the frame being filled: at least 1 byte. keep_whole: it must follow in memory on the bytes before, which
 * are of the same content (of at most PK_SLOT_BYTES). */
PK_NODISCARD int pk_pipeline_room(struct pk_pipeline *p, bool keep_whole, void **ret, size_t *ret_n,
				  struct pk_err *err);
/** n bytes of the room are filled; they count for d (may be NULL). A full frame goes to the pool. */
void pk_pipeline_filled(struct pk_pipeline *p, size_t n, struct pk_digest *d);
PK_NODISCARD int pk_pipeline_put(struct pk_pipeline *p, const void *data, size_t n, struct pk_digest *d,
				 struct pk_err *err);
/** The next byte starts a new frame, if the present one holds at least `min` bytes (and any at all). */
void pk_pipeline_cut(struct pk_pipeline *p, size_t min);
/** The next n bytes must lie in one piece in memory (n - PK_TAR_MAX_HEADER is at most PK_SLOT_BYTES): cuts if need be. */
void pk_pipeline_plan_whole(struct pk_pipeline *p, uint64_t n);
/** Where the next byte will be. */
void pk_pipeline_at(const struct pk_pipeline *p, uint64_t *ret_frame, uint64_t *ret_off);
/** Waits until d's bytes are hashed. They must all lie in frames that are closed (pk_pipeline_cut). */
PK_NODISCARD int pk_pipeline_wait(struct pk_pipeline *p, struct pk_digest *d, struct pk_err *err);
/** An upper bound of what the frames so far come to when packed; with `exact`, the ring is emptied first. Depends on
 * what was put, not on time. */
PK_NODISCARD int pk_pipeline_estimate(struct pk_pipeline *p, bool exact, uint64_t *ret, struct pk_err *err);
/** Cuts, waits until everything is written. The sink may then be used by the caller. */
PK_NODISCARD int pk_pipeline_finish(struct pk_pipeline *p, struct pk_err *err);
/** After finish: frames of padding, so that they and the seek table end at one of few sizes (padding.h). */
PK_NODISCARD int pk_pipeline_pad(struct pk_pipeline *p, struct pk_err *err);
/** After finish: the frames, for the seek table. */
const struct pk_seek_entry *pk_pipeline_frames(const struct pk_pipeline *p, size_t *ret_n);

#endif
