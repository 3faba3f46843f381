/* SPDX-License-Identifier: Apache-2.0 */
/* An opened payload as frames: in order, believing nothing, or at random by the seek table. Private to lib/bundle. */
#ifndef PICKET_BUNDLE_SOURCE_H
#define PICKET_BUNDLE_SOURCE_H

#include "format.h"

#include <picket/age.h>
#include <picket/worker.h>

/* --- in order: frames measure themselves, the seek table is compared at the end ---------------------- */

struct pk_frames;
/* With workers, frames are unpacked ahead; without, one at a time. The last `keep` frames that were given out, at least
 * one, stay. */
PK_NODISCARD int pk_frames_new(struct pk_age_file *age, struct pk_workers *workers, size_t keep, struct pk_frames **ret,
			       struct pk_err *err);
void pk_frames_free(struct pk_frames *f);
PK_DEFINE_AUTOPTR(pk_frames)
/** The next frame's plain bytes, good until the `keep`th call from now. *ret_n 0: all frames were read, and the seek
 * table after them says exactly that, and nothing follows it. */
PK_NODISCARD int pk_frames_next(struct pk_frames *f, const uint8_t **ret, size_t *ret_n, struct pk_err *err);
uint64_t pk_frames_read(const struct pk_frames *f); /* payload bytes read so far, for progress */

/* --- at random: by the seek table, a hint that frames must then bear out ------------------------------ */

struct pk_seeker;
PK_NODISCARD int pk_seeker_new(struct pk_age_file *age, struct pk_seeker **ret, struct pk_err *err);
void pk_seeker_free(struct pk_seeker *s);
PK_DEFINE_AUTOPTR(pk_seeker)
/** For salvage: by the seek table, or where that is lost, by the frames that can be found one after the other from the
 * beginning. What is lost fails when it is read. */
PK_NODISCARD int pk_seeker_rescue(struct pk_age_file *age, struct pk_seeker **ret, struct pk_err *err);
bool pk_seeker_has_table(const struct pk_seeker *s);
/** One frame's plain bytes, good until the next call, and where it is in the payload. On failure *ret_n is what it
 * should hold. */
PK_NODISCARD int pk_seeker_frame(struct pk_seeker *s, uint64_t no, const uint8_t **ret, size_t *ret_n,
				 struct pk_err *err);
uint64_t pk_seeker_frames(const struct pk_seeker *s);
/** The `at.size` bytes from there on, across frames, piece by piece. */
PK_NODISCARD int pk_seeker_read(struct pk_seeker *s, const struct pk_place *at, struct pk_sink sink,
				struct pk_err *err);
/** The same into a buffer (appended); more than max bytes is PK_ELIMIT. */
PK_NODISCARD int pk_seeker_read_buf(struct pk_seeker *s, const struct pk_place *at, uint64_t max, struct pk_buf *ret,
				    struct pk_err *err);

#endif
