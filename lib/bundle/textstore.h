/* SPDX-License-Identifier: Apache-2.0 */
/* Much text in little memory: lines, kept in zstd blocks until they are needed again. Private to lib/bundle. */
#ifndef PICKET_BUNDLE_TEXTSTORE_H
#define PICKET_BUNDLE_TEXTSTORE_H

#include <picket/str.h>

struct pk_textblock {
	char *packed;
	size_t packed_n, plain_n;
};
/** Zero-initialise. */
struct pk_textstore {
	struct pk_buf tail; /* what is not packed yet */
	struct pk_textblock *block;
	size_t n, cap;
	uint64_t total; /* bytes put */
};
/** One line or several whole ones; a put is never split between blocks. *ret_block and *ret_off (may be NULL) say
 * where it begins. */
PK_NODISCARD int pk_textstore_put(struct pk_textstore *s, struct pk_str text, size_t *ret_block, size_t *ret_off,
				  struct pk_err *err);
/** Blocks are 0 to pk_textstore_blocks - 1, in order; *ret is good until the next call with the same scratch. */
size_t pk_textstore_blocks(const struct pk_textstore *s);
PK_NODISCARD int pk_textstore_get(const struct pk_textstore *s, size_t i, struct pk_buf *scratch, struct pk_err *err);
void pk_textstore_done(struct pk_textstore *s);

#endif
