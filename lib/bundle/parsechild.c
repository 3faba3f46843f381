/* SPDX-License-Identifier: Apache-2.0 */
/* The parser child: forked with the file key and a pipe, without rights, telling what it reads. */
#include "parsechild.h"
#include "sumbeside.h"

#include <picket/io.h>
#include <picket/sandbox.h>

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_MEMORY (1ull << 30)
#define PIPE_BYTES (1 << 20)
#define MAX_THREADS 4u
#define MAX_JOBS (PK_SUMS_TURNS + MAX_THREADS + 1) /* of a ring of frames */

struct message {
	uint32_t what, n;
};

/* --- the child --------------------------------------------------------------------------------------- */

static int pipe_tell(void *ctx, enum pk_tell what, struct pk_str bytes, struct pk_err *err)
{
	const int *fd = ctx;
	struct message m = {what, (uint32_t)bytes.n};

	if (bytes.n > PK_TELL_MAX)
		return pk_fail(err, PK_EINTERNAL, 0, "a message of %zu bytes", bytes.n);
	if (pk_write_full(*fd, &m, sizeof(m), err) < 0)
		return -1;
	return pk_write_full(*fd, bytes.p, bytes.n, err);
}

/* Without memory of its own: that there is none is one of the things it tells. */
static void tell_error(const struct pk_teller *t, const struct pk_err *e)
{
	struct {
		int32_t numbers[3];
		char msg[sizeof(e->msg)];
	} m = {{0}, ""};
	struct pk_err own = *e;
	size_t n;

	if (pk_memory_ran_out())
		pk_fail_oom(&own);
	m.numbers[0] = (int32_t)own.kind;
	m.numbers[1] = own.sys;
	m.numbers[2] = own.code;
	n = strnlen(own.msg, sizeof(m.msg));
	memcpy(m.msg, own.msg, n);
	(void)!t->tell(t->ctx, PK_TELL_ERROR, pk_str_n(&m, sizeof(m.numbers) + n), NULL);
}

static _Noreturn void child_main(int fd, struct pk_age_file *age, pk_parse_job job, void *arg)
{
	struct pk_teller t = {&fd, pipe_tell, NULL, NULL};
	const struct pk_sandbox sb = {.need = PK_SANDBOX_TRY, .memory_bytes = CHILD_MEMORY, .threads = true};
	struct pk_err err = {0};
	unsigned level = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN); /* the parent decides */
	/* before the sandbox, which allows no new ones, nor the mprotect that a heap of their own would grow by;
	 * without them it is slower */
	mallopt(M_ARENA_MAX, 1);
	if (pk_cpu_count() > 1) {
		(void)!pk_workers_new(PK_MIN(pk_cpu_count(), MAX_THREADS), MAX_JOBS, &t.workers, NULL);
		(void)!pk_workers_new(1, PK_SUMS_TURNS, &t.hasher, NULL);
	}
	if (pk_sandbox_enter(&sb, &level, &err) < 0 || job(arg, age, &t, &err) < 0) {
		tell_error(&t, &err);
		_exit(1);
	}
	(void)!t.tell(t.ctx, PK_TELL_DONE, (struct pk_str){0}, NULL);
	_exit(0);
}

/* --- the parent -------------------------------------------------------------------------------------- */

static int hear_error(struct pk_str b, struct pk_err *err)
{
	int32_t numbers[3];

	if (b.n < sizeof(numbers))
		return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	memcpy(numbers, b.p, sizeof(numbers));
	if (numbers[0] < PK_EUSAGE || numbers[0] > PK_EINTERNAL)
		numbers[0] = PK_EFORMAT;
	b = pk_str_n(b.p + sizeof(numbers), b.n - sizeof(numbers));
	/* the errno's text is in the message already */
	pk_fail_code(err, (enum pk_errkind)numbers[0], numbers[2], "%.*s", (int)PK_MIN(b.n, (size_t)500), b.p);
	if (err)
		err->sys = numbers[1];
	return -1;
}

/* 1: heard enough; 0: the child says it is done. */
static int listen_to(int fd, pk_hear hear, void *ctx, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};

	for (;;) {
		struct message m = {0};
		size_t got = 0;
		int r;

		if (pk_read_full(fd, &m, sizeof(m), &got, err) < 0)
			return -1;
		if (got != sizeof(m))
			return pk_fail(err, PK_ESYS, EPIPE, "the parser died");
		if (m.n > PK_TELL_MAX)
			return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
		pk_buf_reset(&b);
		if (!pk_buf_room(&b, m.n))
			return pk_fail_oom(err);
		if (pk_read_full(fd, b.p, m.n, &got, err) < 0)
			return -1;
		if (got != m.n)
			return pk_fail(err, PK_ESYS, EPIPE, "the parser died");
		b.n = got;
		b.p[got] = '\0';
		if (m.what == PK_TELL_DONE)
			return 0;
		if (m.what == PK_TELL_ERROR)
			return hear_error(pk_buf_str(&b), err);
		r = hear(ctx, (enum pk_tell)m.what, pk_buf_str(&b), err);
		if (r)
			return r;
	}
}

/* Ends the child and names the signal that a child died of by itself. */
static int bury(pid_t pid, int r, struct pk_err *err)
{
	int status = 0;
	pid_t w;

	if (r != 0)
		kill(pid, SIGKILL);
	do
		w = waitpid(pid, &status, 0);
	while (w < 0 && errno == EINTR);
	if (r < 0 && w == pid && WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
		return pk_fail(err, PK_EFORMAT, 0,
			       "the parser was killed by signal %d: the bundle is hostile or broken", WTERMSIG(status));
	if (r < 0 && pk_memory_ran_out()) /* what it told may have been understood wrongly here */
		return pk_fail_oom(err);
	return r < 0 ? -1 : 0;
}

int pk_child_start(struct pk_child *c, struct pk_age_file *age, pk_parse_job job, void *arg, struct pk_err *err)
{
	int fds[2] = {-1, -1};
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot make a pipe");
	(void)fcntl(fds[1], F_SETPIPE_SZ, PIPE_BYTES); /* only for speed */
	pid = fork();
	if (pid < 0) {
		int saved = errno;

		close(fds[0]);
		close(fds[1]);
		return pk_fail(err, PK_ESYS, saved, "cannot start the parser");
	}
	if (pid == 0) {
		close(fds[0]);
		child_main(fds[1], age, job, arg);
	}
	close(fds[1]);
	*c = (struct pk_child){pid, fds[0]};
	return 0;
}

int pk_child_hear(struct pk_child *c, pk_hear hear, void *ctx, struct pk_err *err)
{
	int r = listen_to(c->fd, hear, ctx, err), pid = c->pid;

	close(c->fd);
	*c = (struct pk_child){0};
	return bury(pid, r, err);
}

void pk_child_done(struct pk_child *c)
{
	if (!c->pid)
		return;
	close(c->fd);
	(void)bury(c->pid, 1, NULL);
	*c = (struct pk_child){0};
}

int pk_child_run(struct pk_age_file *age, pk_parse_job job, void *arg, pk_hear hear, void *ctx, struct pk_err *err)
{
	struct pk_child c = {0};

	return pk_child_start(&c, age, job, arg, err) < 0 ? -1 : pk_child_hear(&c, hear, ctx, err);
}
