/* SPDX-License-Identifier: Apache-2.0 */
/* Pseudo files are read by a child that can be abandoned: some of them block for ever. */
#include "pseudo.h"

#include <picket/time.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child: only async-signal-safe calls, the parent has threads. */
static void __attribute__((noreturn)) copy_out(int from, int to)
{
	char block[4096];

	for (;;) {
		ssize_t n = read(from, block, sizeof(block));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			_exit(errno & 0xff ? errno & 0xff : 1);
		if (n == 0)
			_exit(0);
		for (ssize_t at = 0; at < n;) {
			ssize_t w = write(to, block + at, (size_t)(n - at));

			if (w < 0 && errno == EINTR)
				continue;
			if (w < 0)
				_exit(0); /* the parent has enough */
			at += w;
		}
	}
}

/* Reads the pipe until its end, the limit or the deadline. 0 with *ret_done false: the deadline. */
static int drain(int fd, size_t max, uint64_t deadline_ns, struct pk_buf *b, bool *ret_cut, bool *ret_done,
		 struct pk_err *err)
{
	size_t start = b->n;

	for (;;) {
		uint64_t now = pk_time_mono_ns();
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int wait_ms = now >= deadline_ns ? 0 : (int)((deadline_ns - now) / 1000000 + 1);
		int r = poll(&p, 1, wait_ms);
		char *at;
		ssize_t n;

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return pk_fail(err, PK_ESYS, errno, "cannot wait for a read");
		if (r == 0) {
			*ret_done = false;
			return 0;
		}
		if (!(at = pk_buf_room(b, 65536)))
			return pk_fail_oom(err);
		n = read(fd, at, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return pk_fail(err, PK_ESYS, errno, "cannot read");
		if (n == 0) {
			*ret_done = true;
			return 0;
		}
		b->n += (size_t)n;
		b->p[b->n] = 0;
		if (b->n - start > max) {
			b->n = start + max;
			b->p[b->n] = 0;
			*ret_cut = *ret_done = true;
			return 0;
		}
	}
}

int pseudo_read(int fd, size_t max, int timeout_ms, struct pk_buf *ret, bool *ret_cut, struct pk_err *err)
{
	pk_autoclose int in = -1;
	pk_autoclose int out = -1;
	int ends[2], status = 0, rc;
	bool cut = false, done = false;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot make a pipe");
	in = ends[0];
	out = ends[1];
	pid = fork();
	if (pid < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot start a reader");
	if (pid == 0)
		copy_out(fd, ends[1]);
	close(pk_steal_fd(&out));
	rc = drain(in, max, pk_time_mono_ns() + (uint64_t)timeout_ms * 1000000, ret, &cut, &done, err);
	close(pk_steal_fd(&in));
	if (rc < 0 || cut || !done)
		kill(pid, SIGKILL);
	/* a child in uninterruptible sleep cannot be reaped now; it goes with us */
	if (!done)
		waitpid(pid, &status, WNOHANG);
	else
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	*ret_cut = cut;
	if (rc < 0)
		return -1;
	if (!done)
		return pk_fail(err, PK_ESYS, ETIMEDOUT, "reading did not end in %d ms", timeout_ms);
	if (!cut && WIFEXITED(status) && WEXITSTATUS(status))
		return pk_fail(err, PK_ESYS, WEXITSTATUS(status), "cannot read");
	return 0;
}
