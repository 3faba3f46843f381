/* SPDX-License-Identifier: Apache-2.0 */
/** Shared memory between the process that reads evidence and the children that only look at it.
 *
 * A fixed number of slots of PK_SLOT_BYTES, mapped shared before anything is forked, so that a child can see
 * what the parent reads without a copy. Children call pk_slots_readonly first. */
#ifndef PICKET_SLOTS_H
#define PICKET_SLOTS_H

#include <picket/err.h>

struct pk_slots {
	uint8_t *base; /* count slots, one after the other */
	size_t count;
};
PK_NODISCARD int pk_slots_init(struct pk_slots *s, size_t count, struct pk_err *err);
void pk_slots_done(struct pk_slots *s);
/** In a child: the mapping becomes read-only for good (the sandbox then forbids mprotect). */
PK_NODISCARD int pk_slots_readonly(struct pk_slots *s, struct pk_err *err);

#endif
