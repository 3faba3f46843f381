/* SPDX-License-Identifier: Apache-2.0 */
/* Which names were seen, in 16 bytes a name. Private to lib/bundle. */
#ifndef PICKET_BUNDLE_NAMESET_H
#define PICKET_BUNDLE_NAMESET_H

#include <picket/str.h>

/** Zero-initialise. Keeps 64 bits of a hash under a random key: two names that collide cannot be looked for. */
struct pk_nameset {
	uint64_t *slot; /* 0: empty */
	size_t n, cap;
	uint8_t key[16];
};
/** The name's 64 bits, never 0. */
uint64_t pk_nameset_hash(struct pk_nameset *s, struct pk_str name);
/** *ret_new false: it was there already. */
PK_NODISCARD int pk_nameset_add(struct pk_nameset *s, uint64_t hash, bool *ret_new, struct pk_err *err);
void pk_nameset_done(struct pk_nameset *s);

#endif
