/* SPDX-License-Identifier: Apache-2.0 */
/** The names of a folder in bytewise order, in bounded memory: a folder that does not fit is read again for each
 * batch of names that come after the last one given. */
#ifndef PICKET_ARTIFACT_LISTING_H
#define PICKET_ARTIFACT_LISTING_H

#include <picket/str.h>

/** Zero-initialise; `budget` bytes of names are kept (0: 4 MiB). */
struct listing {
	struct pk_buf names; /* d_type byte, name, NUL; one after the other */
	uint32_t *at;        /* offsets into names, sorted */
	size_t n, cap, next;
	struct pk_buf last; /* the last name given: where to go on */
	bool begun, more;   /* more: names after those in the batch exist */
	size_t budget;
	size_t odd; /* names that no file system should give (empty, or with a slash): left out */
};
void listing_done(struct listing *l);
/** 1 and a name (valid until the next call), 0 at the end, -1 with err. `fd` is an open folder; d_type as in
 * readdir. */
PK_NODISCARD int listing_next(struct listing *l, int fd, const char **ret_name, uint8_t *ret_dtype, struct pk_err *err);
/** Forgets the batch to free its memory; the next call reads on after the last name. */
void listing_drop(struct listing *l);
/** Bytes held. */
size_t listing_memory(const struct listing *l);

#endif
