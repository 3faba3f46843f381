/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's own view of processes, past whatever is mounted over /proc. */
#include <picket/io.h>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define FSCONFIG_CREATE 6 /* FSCONFIG_CMD_CREATE */

int pk_proc_fresh(void)
{
	pk_autoclose int fs = (int)syscall(SYS_fsopen, "proc", 1u /* FSOPEN_CLOEXEC */);

	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_CREATE, NULL, NULL, 0) < 0)
		return -1;
	return (int)syscall(SYS_fsmount, fs, 1u /* FSMOUNT_CLOEXEC */, 0x2 | 0x4 | 0x8 /* nosuid, nodev, noexec */);
}

int pk_proc_open(void)
{
	int fd = pk_proc_fresh();
	struct statfs sf;

	if (fd >= 0)
		return fd;
	fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && (fstatfs(fd, &sf) < 0 || sf.f_type != PROC_SUPER_MAGIC)) {
		close(fd);
		return -1;
	}
	return fd;
}
