/* SPDX-License-Identifier: Apache-2.0 */
/* Opening without changing access times. */
#include "quiet_open.h"

#include <errno.h>
#include <fcntl.h>

int quiet_openat(int dirfd, const char *name, int more, bool *ret_noatime)
{
	int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | more;
	int fd = openat(dirfd, name, flags | O_NOATIME);

	if (ret_noatime)
		*ret_noatime = fd >= 0;
	if (fd < 0 && errno == EPERM)
		fd = openat(dirfd, name, flags);
	return fd;
}

int quiet_reopen(int path_fd, int *ret_fd)
{
	int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, fd;
	char self[40];

	snprintf(self, sizeof(self), "/proc/self/fd/%d", path_fd);
	fd = open(self, flags | O_NOATIME);
	if (fd < 0 && errno == EPERM)
		fd = open(self, flags);
	if (fd < 0)
		return -1;
	*ret_fd = fd;
	return 0;
}
