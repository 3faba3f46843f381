/* SPDX-License-Identifier: Apache-2.0 */
/** The two kernel mechanisms behind pk_sandbox_enter, one file each. */
#ifndef PICKET_BASE_SANDBOX_H
#define PICKET_BASE_SANDBOX_H

#include <picket/sandbox.h>

/** Denies every access of the file system, TCP, abstract sockets and signals to others, as far as the running
 * kernel knows them. 1 done, 0 the kernel has no Landlock, -1 it refused. */
int pk_landlock_deny_all(struct pk_err *err);
/** Installs the allow list. 1 done, 0 the kernel has no seccomp filters, -1 it refused. */
int pk_seccomp_enter(bool may_fork, bool threads, struct pk_err *err);

#endif
