/* SPDX-License-Identifier: Apache-2.0 */
/** Giving up rights: for the children that parse hostile bytes, and for whole tools.
 *
 * pk_process_harden at the start of every tool: no core dumps, not dumpable, close-on-exec for stray fds,
 * SIGPIPE ignored (a closed pipe is then a write error with a message), umask 077, environment cleared but for
 * HOME, XDG_CONFIG_HOME, XDG_CACHE_HOME, TERM and SOURCE_DATE_EPOCH. pk_tool_main calls it.
 * pk_sandbox_enter in a child that already holds all it needs: no_new_privs, rlimits, Landlock deny-all where
 * the kernel has it, seccomp allow list, kill otherwise. */
#ifndef PICKET_SANDBOX_H
#define PICKET_SANDBOX_H

#include <picket/str.h>

enum pk_sandbox_need { PK_SANDBOX_TRY, PK_SANDBOX_REQUIRE, PK_SANDBOX_OFF };
enum pk_sandbox_level { /* bits of what was reached */
			PK_SANDBOX_NNP = 1,
			PK_SANDBOX_RLIMITS = 2,
			PK_SANDBOX_LANDLOCK = 4,
			PK_SANDBOX_SECCOMP = 8,
};
struct pk_sandbox {
	enum pk_sandbox_need need;
	uint64_t memory_bytes; /* RLIMIT_AS above what is mapped now; 0: no limit */
	uint64_t cpu_seconds;  /* 0: no limit */
	bool may_fork;         /* the zygote of lib/scan: also fork, wait, kill, pipes, read-only mappings,
				  * and pk_sandbox_enter once more, without may_fork, in its children */
	bool threads;          /* there are threads already: seccomp binds them too (Landlock the caller only) */
};
/** TRY takes what the kernel has; REQUIRE fails without seccomp (Landlock is younger and always optional); OFF does
 * nothing. *ret_level gets the bits reached (also recorded in the bundle). Afterwards a path opened, a socket
 * made, memory made executable and the like end the process by SIGSYS; only open descriptors can be used.
 * Before it: open, map and mprotect all that is needed. Sanitizer builds reach no seccomp, whatever is needed,
 * and pk_buf_put_sandbox_level says so. */
PK_NODISCARD int pk_sandbox_enter(const struct pk_sandbox *sb, unsigned *ret_level, struct pk_err *err);
/** "no-new-privs, rlimits, landlock, seccomp" */
void pk_buf_put_sandbox_level(struct pk_buf *b, unsigned level);
/** For every tool's main, first of all. */
void pk_process_harden(void);

#endif
