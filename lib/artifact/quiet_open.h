/* SPDX-License-Identifier: Apache-2.0 */
/** Opening for reading without leaving a trace where the kernel allows that. */
#ifndef PICKET_ARTIFACT_QUIET_OPEN_H
#define PICKET_ARTIFACT_QUIET_OPEN_H

#include <picket/mem.h>

/** openat with O_RDONLY|O_NOFOLLOW|O_NONBLOCK|O_NOCTTY|O_CLOEXEC|O_NOATIME and `more` flags; without O_NOATIME
 * when that is refused, and *ret_noatime tells (may be NULL). -1 with errno. */
int quiet_openat(int dirfd, const char *name, int more, bool *ret_noatime);
/** Opens what an O_PATH descriptor names, a regular file or folder, in the same manner; by /proc/self/fd, so
 * that it is that very object. */
int quiet_reopen(int path_fd, int *ret_fd);

#endif
