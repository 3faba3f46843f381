/* SPDX-License-Identifier: Apache-2.0 */
/* The zygote: compiles the rules under the sandbox, then forks scan children on request. */
#include "child.h"
#include "scan-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <picket/io.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CONTROL 3
#define REPORT 4
#define MEMORY_BYTES (4ull << 30) /* address space beyond the largest mapped file */

/* Leaves descriptors 0 to 2 on /dev/null and the two that are ours. */
static void settle_fds(const struct pk_zygote_params *p)
{
	int control = fcntl(p->control, F_DUPFD, 5), report = fcntl(p->report, F_DUPFD, 5);
	int null = open("/dev/null", O_RDWR);

	if (control < 0 || report < 0)
		_exit(1);
	for (int fd = 0; fd <= 2; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			close(fd);
	if (dup2(control, CONTROL) < 0 || dup2(report, REPORT) < 0)
		_exit(1);
	if (syscall(SYS_close_range, 5u, ~0u, 0u) < 0)
		for (int fd = 5; fd < 65536; fd++)
			close(fd);
}

static void settle_signals(void)
{
	static const int ignored[] = {SIGINT, SIGQUIT, SIGHUP, SIGPIPE, SIGTSTP};
	sigset_t none;

	/* a key press at the terminal is the pool's business, which closes the sockets */
	for (size_t i = 0; i < PK_LEN(ignored); i++)
		signal(ignored[i], SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
	signal(SIGSEGV, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void give_up(const struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};

	pk_put_u8(&b, 1);
	pk_buf_puts(&b, err->msg);
	(void)!pk_write_full(REPORT, b.p, b.n, NULL);
	_exit(1);
}

/* Waits for the next request: 0 when the pool is gone. */
static char next_request(int *ret_fd)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
	char byte = 0;
	struct iovec v = {&byte, 1};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	struct cmsghdr *h = NULL;
	ssize_t n;

	do
		n = recvmsg(CONTROL, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n != 1 || byte != PK_SCAN_ASK_FORK)
		return n == 1 ? byte : 0;
	h = CMSG_FIRSTHDR(&m);
	if (!h || h->cmsg_type != SCM_RIGHTS || h->cmsg_len != CMSG_LEN(sizeof(int)))
		return 0;
	memcpy(ret_fd, CMSG_DATA(h), sizeof(*ret_fd));
	return byte;
}

static void answer(uint32_t value)
{
	uint8_t le[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24)};

	if (send(CONTROL, le, sizeof(le), MSG_NOSIGNAL) != sizeof(le))
		_exit(1);
}

/* The child is a sibling, so that the pool itself sees how it ends; no other call of this process needs the C
 * library to know about the fork. */
static void fork_child(const struct pk_zygote_params *p, const struct pk_compiled *compiled, int fd)
{
	long pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0) {
		struct pk_sandbox inner = {.need = p->sandbox};
		unsigned level = 0;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, "picket-scanner");
		close(CONTROL);
		if (pk_sandbox_enter(&inner, &level, NULL) < 0)
			_exit(1);
		pk_scan_child_main(fd, compiled, p->slots, p->timeout_seconds);
	}
	close(fd);
	answer(pid > 0 ? (uint32_t)pid : 0);
}

void pk_zygote_main(const struct pk_zygote_params *p)
{
	struct pk_sandbox box = {.need = p->sandbox, .may_fork = true};
	struct pk_compiled compiled = {0};
	struct pk_err err = {0};
	PK_AUTO(pk_buf) report = {0};
	unsigned level = 0;
	int fd = -1;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "picket-zygote");
	settle_signals();
	settle_fds(p);
	/* big blocks come and go with every item: keep them */
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	mallopt(M_TRIM_THRESHOLD, 256 << 20);
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if (yr_initialize() != ERROR_SUCCESS ||
	    yr_set_configuration_uint32(YR_CONFIG_MAX_MATCH_DATA, PK_SCAN_MAX_EXCERPT) != ERROR_SUCCESS) {
		pk_fail_oom(&err);
		give_up(&err);
	}
	if (p->slots && pk_slots_readonly(p->slots, &err) < 0)
		give_up(&err);
#ifndef PK_SANITIZED
	box.memory_bytes = MEMORY_BYTES + p->max_scan;
#endif
	if (pk_sandbox_enter(&box, &level, &err) < 0)
		give_up(&err);
	pk_put_u8(&report, 0);
	pk_put_u32(&report, level);
	if (pk_scan_compile(p->rules, &compiled, &report, &err) < 0)
		give_up(&err);
	if (pk_write_full(REPORT, report.p, report.n, NULL) < 0)
		_exit(1);
	close(REPORT);
	pk_buf_done(&report);
	malloc_trim(0);
	for (;;) {
		switch (next_request(&fd)) {
		case PK_SCAN_ASK_FORK: fork_child(p, &compiled, fd); break;
		case PK_SCAN_ASK_PARTS:
			pk_scan_compile_parts(p->rules, &compiled);
			malloc_trim(0);
			answer(PK_SCAN_PARTS_READY);
			break;
		default: _exit(0);
		}
	}
}
