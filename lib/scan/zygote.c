/* SPDX-License-Identifier: Apache-2.0 */
/* The zygote: has the rules compiled under the sandbox, then forks scan children on request.
 *
 * Compiling is done by children of its own, which hand the result over as bytes. So it goes on beside the scanning, its
 * end costs nothing but rules, and no scan child inherits a heap in tatters: after compiling 5,800 rules in place, malloc
 * took a tenth of the time of every scan. */
#include "child.h"
#include "settle.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <picket/io.h>
#include <picket/throttle.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CONTROL 3 /* by pk_settle */
#define REPORT 4
#define MEMORY_BYTES (4ull << 30) /* address space beyond the largest mapped file */
#define READ_BYTES (256u << 10)

struct zygote {
	const struct pk_zygote_params *p;
	struct pk_compiled compiled;
	struct pk_buf report;
	struct {
		int fd; /* of the pipe from its compiler; 0: none */
		pid_t pid;
		struct pk_buf bytes; /* that came from it; kept until they are saved, if they may be */
	} part[PK_SCAN_CLASSES];
};

static _Noreturn void give_up(const struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};

	pk_put_u8(&b, 1);
	pk_buf_puts(&b, err->msg);
	(void)!pk_write_full(REPORT, b.p, b.n, NULL);
	_exit(1);
}

/* --- compiling ------------------------------------------------------------------------------------------ */

/* What a compiler process answers, or dies over: 1 and a message, or 0, the length of the report, it, and the rules. */
static _Noreturn void compile_all(const struct zygote *z, int fd)
{
	struct pk_compiled compiled = {0};
	PK_AUTO(pk_buf) report = {0};
	PK_AUTO(pk_buf) out = {0};
	struct pk_err err = {0};

	if (pk_scan_compile(z->p->rules, &compiled, &report, &err) == 0) {
		pk_put_u8(&out, 0);
		pk_put_u64(&out, report.n);
		pk_buf_put_str(&out, pk_buf_str(&report));
		if (pk_compiled_put(&out, &compiled, 0, &err) == 0)
			_exit(pk_write_full(fd, out.p, out.n, NULL) < 0);
	}
	pk_buf_reset(&out);
	pk_put_u8(&out, 1);
	pk_buf_puts(&out, err.msg);
	_exit(pk_write_full(fd, out.p, out.n, NULL) < 0);
}

static _Noreturn void compile_part(struct zygote *z, unsigned cls, int fd)
{
	PK_AUTO(pk_buf) out = {0};

	pk_scan_compile_part(z->p->rules, cls, &z->compiled);
	_exit(pk_compiled_put(&out, &z->compiled, cls, NULL) < 0 || pk_write_full(fd, out.p, out.n, NULL) < 0);
}

/* Forks a compiler of class cls; *ret_fd gets the end of its pipe to read from. */
static pid_t fork_compiler(struct zygote *z, unsigned cls, int *ret_fd)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, "picket-compiler");
		close(CONTROL);
		if (cls == 0)
			compile_all(z, ends[1]);
		compile_part(z, cls, ends[1]);
	}
	close(ends[1]);
	if (pid < 0)
		close(ends[0]);
	*ret_fd = pid < 0 ? -1 : ends[0];
	return pid;
}

/* Reads once; false at the end. */
static bool read_some(int fd, struct pk_buf *b)
{
	char *room = pk_buf_room(b, READ_BYTES);
	ssize_t n;

	if (!room)
		return false;
	do
		n = read(fd, room, READ_BYTES);
	while (n < 0 && errno == EINTR);
	b->n += n > 0 ? (size_t)n : 0;
	return n > 0;
}

static int how_it_ended(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

static int load_all(struct zygote *z, struct pk_err *err)
{
	struct pk_buf *bytes = &z->part[0].bytes;
	struct pk_cur in;
	struct pk_str rest;
	uint64_t n;
	int fd = -1, status;
	pid_t pid;

	if (z->p->compiled.n > 0)
		return pk_compiled_get(z->p->compiled, 0, &z->compiled, err);
	pid = fork_compiler(z, 0, &fd);
	if (pid < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot fork the rules' compiler");
	while (read_some(fd, bytes))
		;
	close(fd);
	status = how_it_ended(pid);
	if (status != 0 && WIFSIGNALED(status))
		return pk_fail(err, PK_EFORMAT, 0, "the rules could not be compiled: compiler killed by signal %d (%s)",
			       WTERMSIG(status), sigabbrev_np(WTERMSIG(status)));
	if (bytes->n > 1 && bytes->p[0] == 1)
		return pk_fail(err, PK_EFORMAT, 0, "%.*s", (int)PK_MIN(bytes->n - 1, (size_t)400), bytes->p + 1);
	in = pk_cur(bytes->p, bytes->n);
	(void)pk_rd_u8(&in);
	n = pk_rd_le64(&in);
	rest = pk_rd_bytes(&in, (size_t)n);
	if (in.bad)
		return pk_fail(err, PK_EFORMAT, 0,
			       "the rules could not be compiled: their compiler stopped with code %d",
			       WEXITSTATUS(status));
	pk_buf_put_str(&z->report, rest);
	memmove(bytes->p, bytes->p + in.at, in.n - in.at);
	bytes->n -= in.at;
	status = pk_compiled_get(pk_buf_str(bytes), 0, &z->compiled, err);
	if (!z->p->keep)
		pk_buf_done(bytes);
	return status;
}

static void start_part(struct zygote *z, unsigned cls)
{
	if (z->part[cls].fd == 0)
		z->part[cls].pid = fork_compiler(z, cls, &z->part[cls].fd);
	if (z->part[cls].fd < 0)
		z->part[cls].fd = 0; /* no loss: the full set does */
}

static void answer(uint32_t value);

static void end_part(struct zygote *z, unsigned cls)
{
	struct pk_buf *b = &z->part[cls].bytes;

	close(z->part[cls].fd);
	z->part[cls].fd = 0;
	if (how_it_ended(z->part[cls].pid) == 0)
		(void)!pk_compiled_get(pk_buf_str(b), cls, &z->compiled, NULL);
	else
		pk_buf_reset(b);
	if (!z->p->keep)
		pk_buf_done(b);
	malloc_trim(0);
	answer(PK_SCAN_PART_READY + cls);
}

/* A part from the cache: a memory file that nobody can change any more. */
static void load_part(struct zygote *z, unsigned cls, int fd)
{
	off_t n = lseek(fd, 0, SEEK_END);
	void *p = n > 0 ? mmap(NULL, (size_t)n, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;

	if (p != MAP_FAILED) {
		if (!z->compiled.subset[cls].rules)
			(void)!pk_compiled_get(pk_str_n(p, (size_t)n), cls, &z->compiled, NULL);
		munmap(p, (size_t)n);
	}
	close(fd);
	answer(PK_SCAN_PART_READY + cls);
}

static void save(struct zygote *z, unsigned cls, int fd)
{
	struct pk_buf *b = &z->part[cls].bytes;

	(void)!pk_write_full(fd, b->p, b->n, NULL);
	pk_buf_done(b);
	close(fd);
}

/* --- requests ------------------------------------------------------------------------------------------- */

struct request {
	char letter; /* 0: the pool is gone */
	unsigned cls;
	int fd; /* -1: none */
};

static struct request next_request(void)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
	uint8_t bytes[2] = {0};
	struct iovec v = {bytes, sizeof(bytes)};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	struct request r = {.fd = -1};
	struct cmsghdr *h = NULL;
	ssize_t n;

	do
		n = recvmsg(CONTROL, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n != sizeof(bytes) || bytes[1] >= PK_SCAN_CLASSES)
		return r;
	h = CMSG_FIRSTHDR(&m);
	if (h && h->cmsg_type == SCM_RIGHTS && h->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&r.fd, CMSG_DATA(h), sizeof(r.fd));
	r.letter = (char)bytes[0];
	r.cls = bytes[1];
	return r;
}

static void answer(uint32_t value)
{
	uint8_t le[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24)};

	if (send(CONTROL, le, sizeof(le), MSG_NOSIGNAL) != sizeof(le))
		_exit(1);
}

/* The child is a sibling, so that the pool itself sees how it ends; no other call of this process needs the C
 * library to know about the fork. */
static void fork_child(const struct zygote *z, int fd)
{
	long pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0) {
		const struct pk_scan_child_params child = {.fd = fd,
							   .rules = &z->compiled,
							   .sources = z->p->rules,
							   .slots = z->p->slots,
							   .timeout_seconds = z->p->timeout_seconds};
		struct pk_sandbox inner = {.need = z->p->sandbox};
		unsigned level = 0;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, "picket-scanner");
		pk_throttle_join();
		close(CONTROL);
		for (unsigned i = 0; i < PK_SCAN_CLASSES; i++)
			if (z->part[i].fd > 0)
				close(z->part[i].fd);
		if (pk_sandbox_enter(&inner, &level, NULL) < 0)
			_exit(1);
		pk_scan_child_main(&child);
	}
	close(fd);
	answer(pid > 0 ? (uint32_t)pid : 0);
}

static void do_request(struct zygote *z)
{
	struct request r = next_request();

	if (r.letter == PK_SCAN_ASK_FORK && r.fd >= 0)
		fork_child(z, r.fd);
	else if (r.letter == PK_SCAN_ASK_PART && r.fd < 0 && r.cls > 0)
		start_part(z, r.cls);
	else if (r.letter == PK_SCAN_ASK_LOAD && r.fd >= 0 && r.cls > 0)
		load_part(z, r.cls, r.fd);
	else if (r.letter == PK_SCAN_ASK_SAVE && r.fd >= 0)
		save(z, r.cls, r.fd);
	else
		_exit(0);
}

static _Noreturn void serve(struct zygote *z)
{
	for (;;) {
		struct pollfd w[PK_SCAN_CLASSES];

		/* class 0 is never compiled here: its place is the pool's */
		w[0] = (struct pollfd){.fd = CONTROL, .events = POLLIN};
		for (unsigned i = 1; i < PK_SCAN_CLASSES; i++)
			w[i] = (struct pollfd){.fd = z->part[i].fd > 0 ? z->part[i].fd : -1, .events = POLLIN};
		if (poll(w, PK_SCAN_CLASSES, -1) < 0)
			continue;
		for (unsigned i = 1; i < PK_SCAN_CLASSES; i++)
			if (w[i].revents != 0 && !read_some(z->part[i].fd, &z->part[i].bytes))
				end_part(z, i);
		if (w[0].revents != 0)
			do_request(z);
	}
}

/* The signature of a PE file has libyara ask for the local time, for which libc would open /etc/localtime, amidst a scan.
 * It is UTC for us (":", the one value for which glibc opens no file), so that hits are the same on every host. */
static bool know_time_zone(void)
{
	if (setenv("TZ", ":", 1) < 0)
		return false;
	tzset();
	return true;
}

void pk_zygote_main(const struct pk_zygote_params *p)
{
	static struct zygote z;
	struct pk_sandbox box = {.need = p->sandbox, .may_fork = true};
	const int fds[] = {p->control, p->report};
	struct pk_err err = {0};
	PK_AUTO(pk_buf) head = {0};
	unsigned level = 0;

	z.p = p;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "picket-zygote");
	pk_settle(fds, PK_LEN(fds));
	/* big blocks come and go with every item: keep them */
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	mallopt(M_TRIM_THRESHOLD, 256 << 20);
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	if (!know_time_zone() || yr_initialize() != ERROR_SUCCESS ||
	    yr_set_configuration_uint32(YR_CONFIG_MAX_MATCH_DATA, PK_SCAN_MAX_EXCERPT) != ERROR_SUCCESS) {
		pk_fail_oom(&err);
		give_up(&err);
	}
	if (p->slots && pk_slots_readonly(p->slots, &err) < 0)
		give_up(&err);
#ifndef PK_SANITIZED
	box.memory_bytes = MEMORY_BYTES + p->max_scan;
#endif
	if (pk_sandbox_enter(&box, &level, &err) < 0 || load_all(&z, &err) < 0)
		give_up(&err);
	pk_put_u8(&head, 0);
	pk_put_u32(&head, level);
	pk_buf_put_str(&head, pk_buf_str(&z.report));
	if (pk_write_full(REPORT, head.p, head.n, NULL) < 0)
		_exit(1);
	close(REPORT);
	pk_buf_done(&head);
	pk_buf_done(&z.report);
	malloc_trim(0);
	serve(&z);
}
