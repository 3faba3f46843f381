/* SPDX-License-Identifier: Apache-2.0 */
/** A set of byte strings kept as 16-byte keyed hashes: paths that have their record, and contents by inode. */
#ifndef PICKET_COLLECT_SEEN_H
#define PICKET_COLLECT_SEEN_H

#include <picket/str.h>

/** Zero-initialise; the key is drawn at the first add, so that a host cannot make names collide. */
struct seen {
	struct seen_slot *slots;
	size_t n, cap;
	uint8_t key[16];
};
void seen_done(struct seen *s);
/** Adds it with a value (or finds it: *ret_new false, *value is what was stored first). */
PK_NODISCARD int seen_add(struct seen *s, struct pk_str bytes, uint64_t *value, bool *ret_new, struct pk_err *err);
/** The value that it was added with; false: it was not. */
bool seen_get(const struct seen *s, struct pk_str bytes, uint64_t *ret_value);
bool seen_has(const struct seen *s, struct pk_str bytes);

#endif
