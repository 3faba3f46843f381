/* SPDX-License-Identifier: Apache-2.0 */
/* --nice: a process that stands behind everything else; children inherit it. */
#include <picket/msg.h>
#include <picket/throttle.h>

#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* From linux/ioprio.h, which Debian 12 does not have for user space: the class "idle". */
#define IO_WHO_PROCESS 1
#define IO_IDLE (3 << 13)

void pk_priority_lower(void)
{
	if (setpriority(PRIO_PROCESS, 0, 19) < 0)
		pk_msg_warn("the priority for the processor is not lowered: %s", strerror(errno));
	if (syscall(SYS_ioprio_set, IO_WHO_PROCESS, 0, IO_IDLE) < 0)
		pk_msg_warn("the priority for disks is not lowered: %s", strerror(errno));
}
