/* SPDX-License-Identifier: Apache-2.0 */
/* A seccomp filter that knows what a parser needs and kills the process for anything else. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#endif

/* the same number on every machine; the build machine's headers may not have them */
#define NR_CLONE3 435
#define NR_CLOSE_RANGE 436
#define NR_LANDLOCK_CREATE_RULESET 444
#define NR_LANDLOCK_RESTRICT_SELF 446

#define MAX_CODE 512
#define DATA(field) ((uint32_t)offsetof(struct seccomp_data, field))
/* the low half of an argument: both of our machines are little-endian */
#define ARG(n) (DATA(args) + 8u * (n))

struct code {
	struct sock_filter f[MAX_CODE];
	unsigned short n;
};

static void put(struct code *c, uint16_t op, uint8_t jt, uint8_t jf, uint32_t k)
{
	c->f[c->n++] = (struct sock_filter){op, jt, jf, k};
}

static void ret(struct code *c, uint32_t what) { put(c, BPF_RET | BPF_K, 0, 0, what); }

static void load(struct code *c, uint32_t offset) { put(c, BPF_LD | BPF_W | BPF_ABS, 0, 0, offset); }

/* The number is in the accumulator before and after each of these. */

static void allow(struct code *c, long nr)
{
	put(c, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (uint32_t)nr);
	ret(c, SECCOMP_RET_ALLOW);
}

static void answer(struct code *c, long nr, uint32_t error)
{
	put(c, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (uint32_t)nr);
	ret(c, SECCOMP_RET_ERRNO | error);
}

/* Allowed when none of `bits` is set in argument n. */
static void allow_without(struct code *c, long nr, unsigned n, uint32_t bits)
{
	put(c, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, (uint32_t)nr);
	load(c, ARG(n));
	put(c, BPF_JMP | BPF_JSET | BPF_K, 1, 0, bits);
	ret(c, SECCOMP_RET_ALLOW);
	load(c, DATA(nr));
}

/* Allowed when (argument n & mask) is exactly value. */
static void allow_masked(struct code *c, long nr, unsigned n, uint32_t mask, uint32_t value)
{
	put(c, BPF_JMP | BPF_JEQ | BPF_K, 0, 5, (uint32_t)nr);
	load(c, ARG(n));
	put(c, BPF_ALU | BPF_AND | BPF_K, 0, 0, mask);
	put(c, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, value);
	ret(c, SECCOMP_RET_ALLOW);
	load(c, DATA(nr));
}

static void allow_arg(struct code *c, long nr, unsigned n, uint32_t value)
{
	allow_masked(c, nr, n, UINT32_MAX, value);
}

/* What a child that parses needs: its descriptors, its heap, its own clock and death. No path is ever named, but
 * that fstat is newfstatat with an empty one. */
static const long parser_calls[] = {
	__NR_read,         __NR_readv,           __NR_pread64,
	__NR_preadv,       __NR_write,           __NR_writev,
	__NR_close,        __NR_fstat,           __NR_lseek,
	__NR_brk,          __NR_munmap,          __NR_mremap,
	__NR_madvise,      __NR_rt_sigreturn,    __NR_rt_sigprocmask,
	__NR_rt_sigaction, __NR_sigaltstack,     __NR_exit,
	__NR_exit_group,   __NR_futex,           __NR_restart_syscall,
	__NR_nanosleep,    __NR_clock_nanosleep, __NR_clock_gettime,
	__NR_clock_getres, __NR_gettimeofday,    __NR_ppoll,
	__NR_recvmsg,      __NR_recvfrom,        __NR_sendmsg,
	__NR_sendto,       __NR_getrandom,       __NR_sched_yield,
	__NR_getpid,       __NR_gettid,          __NR_getrusage,
	__NR_fadvise64,    __NR_setitimer,       __NR_sysinfo, /* qsort asks how much memory there is */
#ifdef __NR_poll
	__NR_poll,
#endif
#ifdef __NR_time
	__NR_time,
#endif
#ifdef __NR_alarm
	__NR_alarm,
#endif
};

/* What a zygote needs besides: to fork, to feed and to bury children that will enter a sandbox of their own. */
static const long zygote_calls[] = {
	__NR_wait4,
	__NR_waitid,
	__NR_pipe2,
	__NR_dup,
	__NR_dup3,
	__NR_set_robust_list,
	__NR_set_tid_address,
	NR_LANDLOCK_CREATE_RULESET,
	NR_LANDLOCK_RESTRICT_SELF,
	NR_CLOSE_RANGE,
	__NR_getppid,
#ifdef __NR_dup2
	__NR_dup2,
#endif
};

static void put_parser(struct code *c)
{
	for (size_t i = 0; i < PK_LEN(parser_calls); i++)
		allow(c, parser_calls[i]);
	allow_without(c, __NR_mmap, 2, PROT_EXEC);
#ifdef __NR_newfstatat
	allow_masked(c, __NR_newfstatat, 3, AT_EMPTY_PATH, AT_EMPTY_PATH);
#endif
	allow_arg(c, __NR_fcntl, 1, F_GETFL);
	allow_arg(c, __NR_fcntl, 1, F_GETFD);
	allow_arg(c, __NR_tgkill, 2, SIGABRT); /* abort() */
	allow_arg(c, __NR_prctl, 0, PR_GET_SECCOMP);
	answer(c, __NR_ioctl, ENOTTY); /* stdio asks whether it has a terminal */
}

static void put_zygote(struct code *c)
{
	for (size_t i = 0; i < PK_LEN(zygote_calls); i++)
		allow(c, zygote_calls[i]);
	/* fork and nothing else: the flags must be the signal, the thread id bookkeeping of the C library, and that
	 * the new process is the pool's child, not the zygote's */
	allow_without(c, __NR_clone, 0, ~(uint32_t)(0xff | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | CLONE_PARENT));
	answer(c, NR_CLONE3, ENOSYS);
#ifdef __NR_fork
	allow(c, __NR_fork);
#endif
	allow_without(c, __NR_mprotect, 2, PROT_EXEC); /* a child makes the slots read-only */
	allow_arg(c, __NR_socketpair, 0, 1 /* AF_UNIX */);
	allow_arg(c, __NR_fcntl, 1, F_SETFD);
	allow_arg(c, __NR_fcntl, 1, F_SETFL);
	allow_arg(c, __NR_kill, 1, SIGKILL);
	allow_arg(c, __NR_prlimit64, 0, 0);
	allow_arg(c, __NR_seccomp, 0, SECCOMP_SET_MODE_FILTER);
	allow_arg(c, __NR_prctl, 0, PR_SET_NO_NEW_PRIVS);
	allow_arg(c, __NR_prctl, 0, PR_SET_PDEATHSIG);
	allow_arg(c, __NR_prctl, 0, PR_SET_DUMPABLE);
	allow_arg(c, __NR_prctl, 0, PR_SET_NAME);
}

int pk_seccomp_enter(bool may_fork, bool threads, struct pk_err *err)
{
	struct code c = {.n = 0};

	load(&c, DATA(arch));
	put(&c, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, ARCH);
	ret(&c, SECCOMP_RET_KILL_PROCESS);
	load(&c, DATA(nr));
#ifdef __x86_64__
	put(&c, BPF_JMP | BPF_JGE | BPF_K, 0, 1, 0x40000000u); /* the x32 numbers */
	ret(&c, SECCOMP_RET_KILL_PROCESS);
#endif
	put_parser(&c);
	if (may_fork)
		put_zygote(&c);
	ret(&c, SECCOMP_RET_KILL_PROCESS);

	struct sock_fprog prog = {c.n, c.f};

	long r = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, threads ? SECCOMP_FILTER_FLAG_TSYNC : 0u, &prog);

	if (r == 0)
		return 1;
	if (r > 0)
		return pk_fail(err, PK_ESYS, EBUSY, "a thread cannot enter seccomp");
	if (errno == ENOSYS || errno == EINVAL)
		return 0;
	return pk_fail(err, PK_ESYS, errno, "cannot enter seccomp");
}
