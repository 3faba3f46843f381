/* SPDX-License-Identifier: Apache-2.0 */
/** Members of a pax tar (POSIX.1-2008, pax interchange format), in the one form Picket writes: regular files,
 * uid and gid 0, no owner names, mtime 0, ASCII names. A name over 100 bytes or a size of 8 GiB or more goes into
 * an extended header ('x') before the member. The reader takes this form only: it writes the header again and
 * compares, so that there is exactly one tar for a list of members, and nothing can hide in a header. */
#ifndef PICKET_TAR_H
#define PICKET_TAR_H

#include <picket/str.h>

#define PK_TAR_BLOCK 512
#define PK_TAR_MAX_NAME 1100
#define PK_TAR_MAX_HEADER (5 * PK_TAR_BLOCK) /* most that one member's headers can take */
#define PK_TAR_END (2 * PK_TAR_BLOCK)        /* zero bytes that end a tar */

/** Appends the headers of one member. `name`: 1 to PK_TAR_MAX_NAME bytes of printable ASCII. */
void pk_tar_put_header(struct pk_buf *b, struct pk_str name, uint64_t size);
/** Zero bytes that follow a member's content. */
static inline size_t pk_tar_padding(uint64_t size) { return (size_t)(-size % PK_TAR_BLOCK); }

struct pk_tar_header {
	char name[PK_TAR_MAX_NAME + 1];
	uint64_t size;
	size_t header_bytes; /* what the headers took; 0: the end of the tar (zero blocks) */
};
/** Parses the headers at p (give PK_TAR_MAX_HEADER bytes, or all there is). PK_EFORMAT on anything that
 * pk_tar_put_header would not have written. */
PK_NODISCARD int pk_tar_parse(const uint8_t *p, size_t n, struct pk_tar_header *ret, struct pk_err *err);

#endif
