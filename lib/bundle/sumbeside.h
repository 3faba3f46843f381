/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 of one content after the other, hashed by a worker beside the walk that finds them, a few frames behind it.
 * Private to lib/bundle. */
#ifndef PICKET_BUNDLE_SUMBESIDE_H
#define PICKET_BUNDLE_SUMBESIDE_H

#include <picket/worker.h>

#define PK_SUMS_TURNS 4u /* a turn is a frame: so many are kept */

struct pk_sums;
/** The worker must be of one thread, which keeps the order, and take PK_SUMS_TURNS jobs. Without it (NULL) all is
 * hashed by the caller. */
PK_NODISCARD int pk_sums_new(struct pk_workers *worker, struct pk_sums **ret, struct pk_err *err);
/** Waits for the worker. */
void pk_sums_free(struct pk_sums *s);
PK_DEFINE_AUTOPTR(pk_sums)
/** More bytes of the content at hand. They must stay where they are until PK_SUMS_TURNS calls of pk_sums_turn() from
 * here have returned; without a worker until this returns. */
PK_NODISCARD int pk_sums_put(struct pk_sums *s, const void *p, size_t n, struct pk_err *err);
/** The content at hand ends. */
PK_NODISCARD int pk_sums_end(struct pk_sums *s, struct pk_err *err);
/** What was put since the last turn goes to the worker. */
PK_NODISCARD int pk_sums_turn(struct pk_sums *s, struct pk_err *err);
/** The sum of the oldest content that was ended and not yet taken; there must be one. */
PK_NODISCARD int pk_sums_take(struct pk_sums *s, uint8_t ret[32], struct pk_err *err);

#endif
