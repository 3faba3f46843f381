/* SPDX-License-Identifier: Apache-2.0 */
/** Resolution of a path by component, for kernels without openat2, for paths longer than PATH_MAX, and where
 * each step must be asked for first. */
#ifndef PICKET_BASE_PATHWALK_H
#define PICKET_BASE_PATHWALK_H

#include <picket/path.h>

/** Opens `path` beneath the root with open(2) flags (O_NOFOLLOW speaks of the last component; all others are
 * resolved here). ret_name, if not NULL, gets the resolved path. Returns a descriptor, or -1 with errno. */
int pk_pathwalk(const struct pk_root *r, struct pk_str path, int flags, struct pk_buf *ret_name);

#endif
