/* SPDX-License-Identifier: Apache-2.0 */
/* Files below one folder, named by hostile bytes, complete or not there. Private to lib/bundle. */
#ifndef PICKET_BUNDLE_PLACE_H
#define PICKET_BUNDLE_PLACE_H

#include <picket/str.h>
#include <picket/time.h>

struct pk_range {
	uint64_t off, len;
};
struct pk_target {
	int dir;                       /* the folder */
	const char *name;              /* its name, the caller's */
	bool made, keep;               /* the folder is new; something in it is to stay */
	int fd;                        /* of the file being written */
	uint64_t at;                   /* stored bytes written */
	const struct pk_range *extent; /* where they go; NULL: one after the other */
	size_t extents, extent_now;
	uint64_t extent_at;
	bool has_part;
	char *part;    /* its name, for a signal that ends the process */
	bool no_holes; /* its whole size is more than the file system allows: the stored bytes, one after the other */
};
#define PK_TARGET_INIT \
	{ \
		.dir = -1, .fd = -1 \
	}
/** Says in a folder that not everything is there: put there first, taken away last by pk_extract_complete. */
#define PK_TARGET_MARKER "INCOMPLETE"
/** Makes the folder (0700) with its marker; it must not exist or be empty. `dir` must outlive t. */
PK_NODISCARD int pk_target_open(struct pk_target *t, const char *dir, struct pk_err *err);
/** Of a folder with nothing in it that is to stay, the marker goes, and the folder when it is new. */
void pk_target_done(struct pk_target *t);
/** size: of the whole file, with its holes; see no_holes. */
PK_NODISCARD int pk_target_begin(struct pk_target *t, const struct pk_range *extent, size_t extents, uint64_t size,
				 struct pk_err *err);
PK_NODISCARD int pk_target_write(struct pk_target *t, struct pk_str bytes, struct pk_err *err);
/** Gives the file its size, time and name: `path`, or where that cannot be, `member`; *ret_where is one of the two. */
PK_NODISCARD int pk_target_finish(struct pk_target *t, const char *path, const char *member, uint64_t size,
				  const struct pk_time *mtime, const char **ret_where, struct pk_err *err);
/** One more name for a file made before. */
PK_NODISCARD int pk_target_link(struct pk_target *t, const char *from, const char *to, struct pk_err *err);

#endif
