/* SPDX-License-Identifier: Apache-2.0 */
/** Paths beneath a root: nothing of a hostile tree can lead outside it.
 *
 * Uses openat2(RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS) where the kernel has it (5.6), and otherwise walks the
 * components itself with O_NOFOLLOW, resolving links (absolute ones from the root) up to 40 times; both give
 * the same answers and are tested against each other. Raw bytes, any length, NUL excluded. */
#ifndef PICKET_PATH_H
#define PICKET_PATH_H

#include <picket/str.h>

struct pk_root {
	int fd;          /* O_PATH|O_DIRECTORY of the root */
	char *name;      /* as given by the user, for messages */
	bool is_host;    /* the root is "/" itself: a live host */
	bool no_openat2; /* set when the kernel lacks it, or by tests */
	/** When set, asked for each folder on the way (inside the root, absolute, no links) before it is touched;
	 * false makes the call fail with EREMOTE. Paths are then always walked by component. */
	bool (*may_enter)(const void *ctx, struct pk_str dir);
	const void *may_enter_ctx;
};
PK_NODISCARD int pk_root_open(struct pk_root *r, const char *dir, struct pk_err *err);
void pk_root_done(struct pk_root *r);
/** Opens `path` (leading slashes ignored, links inside resolved within the root, ".." never above it) with
 * open(2) flags; O_CLOEXEC, O_NOCTTY and O_NONBLOCK are added. PK_PATH_NOFOLLOW: a link as last component is
 * not followed (use O_PATH to get it). *ret_fd is the caller's. ENOENT and the like come as err->sys. */
enum pk_path_flag { PK_PATH_NOFOLLOW = 1 };
PK_NODISCARD int pk_root_openat(const struct pk_root *r, struct pk_str path, int flags, int path_flags, int *ret_fd,
				struct pk_err *err);
/** The path with all links but the last component's resolved, "/"-rooted within the root, no "." or "..":
 * the one name under which an object is recorded. */
PK_NODISCARD int pk_root_resolve(const struct pk_root *r, struct pk_str path, struct pk_buf *ret, struct pk_err *err);
/** The same with the last component resolved too: where a link leads to, inside the root. */
PK_NODISCARD int pk_root_resolve_all(const struct pk_root *r, struct pk_str path, struct pk_buf *ret,
				     struct pk_err *err);

#endif
