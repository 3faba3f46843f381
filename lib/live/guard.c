/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what may block for ever: a forked child reads item after item, and is given up when it hangs.
 *
 * /proc/PID/{cmdline,environ,maps} wait for the lock of a process's memory, statvfs for a dead file server. The
 * child sends frames through a pipe: type, 32-bit length, bytes. When nothing comes for the time one item may
 * take, the child is killed (it dies when the kernel lets it), and a new one goes on: first with the same item,
 * carefully, then with the next. */
#include "live.h"

#include <fcntl.h>
#include <picket/throttle.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_FRAME (PK_LIVE_MAX_LINE + 64)
#define MAX_ABANDONED 64

struct child {
	pid_t pid;
	int fd;
	struct pk_buf in; /* bytes of unfinished frames */
};

struct progress {
	size_t at;    /* the item being read */
	bool careful; /* for the second time */
	bool begun;   /* something of it has been delivered: no second try */
};

/* --- the child --------------------------------------------------------------------------------------- */

static int put_frame(int fd, char type, struct pk_str bytes, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	uint32_t n = (uint32_t)bytes.n;

	pk_buf_put_c(&b, type);
	pk_buf_put(&b, &n, sizeof(n));
	pk_buf_put_str(&b, bytes);
	if (pk_buf_check(&b, err) < 0)
		return -1;
	return pk_write_full(fd, b.p, b.n, err);
}

static int child_row(void *arg, struct pk_str line, struct pk_err *err)
{
	return put_frame(*(int *)arg, 'r', line, err);
}

static void child_note(void *arg, const char *text)
{
	if (put_frame(*(int *)arg, 'n', pk_str(text), NULL) < 0)
		_exit(1);
}

int live_guard_send(struct pk_live_out *out, struct pk_str bytes, struct pk_err *err)
{
	return put_frame(*(int *)out->arg, 'd', bytes, err);
}

/* A child that never dies must not keep the collector's pipes and files open. */
static void keep_only(const int *keep, size_t n)
{
	int from = 3;

	for (;;) {
		int next = -1;

		for (size_t i = 0; i < n; i++)
			if (keep[i] >= from && (next < 0 || keep[i] < next))
				next = keep[i];
		if (next < 0) {
			syscall(SYS_close_range, from, ~0u, 0);
			return;
		}
		if (next > from)
			syscall(SYS_close_range, from, next - 1, 0);
		from = next + 1;
	}
}

static _Noreturn void child_main(const struct pk_live_ctx *ctx, const struct live_guard *g, size_t from, bool careful,
				 int fd)
{
	const int keep[] = {fd, ctx->proc_fd, ctx->mounted_proc_fd, ctx->sys_fd, ctx->root ? ctx->root->fd : -1};
	struct pk_live_out out = {.row = child_row, .note = child_note, .arg = &fd};
	struct pk_err err = {0};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	keep_only(keep, PK_LEN(keep));
	for (size_t i = from; i < g->n; i++) {
		if (g->each(ctx, &out, g->keys[i], careful, g->arg, &err) < 0) {
			if (put_frame(fd, 'f', pk_str(err.msg), NULL) < 0)
				_exit(1);
			_exit(2);
		}
		if (put_frame(fd, 'e', PK_STR(""), NULL) < 0)
			_exit(1);
		careful = false;
	}
	pk_throttle_pause();
	_exit(0);
}

/* --- the parent -------------------------------------------------------------------------------------- */

static int start(const struct pk_live_ctx *ctx, const struct live_guard *g, size_t from, bool careful, struct child *c,
		 struct pk_err *err)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot make a pipe");
	c->pid = fork();
	if (c->pid == 0) {
		close(p[0]);
		child_main(ctx, g, from, careful, p[1]);
	}
	close(p[1]);
	if (c->pid < 0) {
		close(p[0]);
		return pk_fail(err, PK_ESYS, errno, "cannot fork");
	}
	c->fd = p[0];
	pk_buf_reset(&c->in);
	return 0;
}

/* False: it did not die at once, and is left to the kernel. */
static bool stop(struct child *c)
{
	close(c->fd);
	c->fd = -1;
	kill(c->pid, SIGKILL);
	for (int i = 0; i < 50; i++) {
		if (waitpid(c->pid, NULL, WNOHANG) != 0)
			return true;
		poll(NULL, 0, 1);
	}
	return false;
}

static int take_frame(struct pk_live_out *out, const struct live_guard *g, struct progress *at, char type,
		      struct pk_str bytes, struct pk_err *err)
{
	switch (type) {
	case 'r':
		at->begun = true;
		out->rows++;
		return out->row(out->arg, bytes, err);
	case 'n': pk_live_note(out, "%.*s", PK_STR_ARG(bytes)); return 0;
	case 'd': at->begun = true; return g->data ? g->data(g->arg, g->keys[at->at], bytes, err) : 0;
	case 'e': *at = (struct progress){.at = at->at + 1}; return 0;
	default: return pk_fail(err, PK_ESYS, 0, "%.*s", PK_STR_ARG(bytes));
	}
}

/* All complete frames in the buffer. */
static int take_frames(struct pk_live_out *out, const struct live_guard *g, struct child *c, struct progress *at,
		       struct pk_err *err)
{
	size_t done = 0;

	while (c->in.n - done >= 5) {
		uint32_t n;

		memcpy(&n, c->in.p + done + 1, sizeof(n));
		if (n > MAX_FRAME || at->at >= g->n)
			return pk_fail(err, PK_EINTERNAL, 0, "reader of a %s sent a frame of %u bytes", g->what, n);
		if (c->in.n - done - 5 < n)
			break;
		if (take_frame(out, g, at, c->in.p[done], pk_str_n(c->in.p + done + 5, n), err) < 0)
			return -1;
		done += 5 + n;
	}
	memmove(c->in.p, c->in.p + done, c->in.n - done);
	c->in.n -= done;
	return 0;
}

enum outcome { FINISHED, HUNG, DIED, FAILED };

static enum outcome listen_to(const struct pk_live_ctx *ctx, struct pk_live_out *out, const struct live_guard *g,
			      struct child *c, struct progress *at, struct pk_err *err)
{
	unsigned timeout_ms = g->timeout_ms ? g->timeout_ms : ctx->item_timeout_ms;

	while (at->at < g->n) {
		struct pollfd p = {.fd = c->fd, .events = POLLIN};
		int ready = poll(&p, 1, (int)PK_MIN(timeout_ms, (unsigned)INT32_MAX));
		char *room;
		ssize_t r;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return HUNG;
		room = pk_buf_room(&c->in, 65536);
		if (!room) {
			pk_fail_oom(err);
			return FAILED;
		}
		r = read(c->fd, room, 65536);
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return DIED;
		c->in.n += (size_t)r;
		if (take_frames(out, g, c, at, err) < 0)
			return FAILED;
		if (live_expired(ctx))
			return FINISHED;
	}
	return FINISHED;
}

/* The child hung or died at an item: says so, and decides how to go on. */
static void give_up(struct pk_live_out *out, const struct live_guard *g, enum outcome o, struct progress *at)
{
	unsigned long long key = g->keys[at->at];

	if (o == HUNG && !at->careful && !at->begun) {
		pk_live_note(out, "%s %llu: reading it hangs, read only in part", g->what, key);
		at->careful = true;
		return;
	}
	pk_live_note(out, "%s %llu: %s, %s", g->what, key, o == HUNG ? "reading it hangs" : "its reader died",
		     at->begun ? "the rest of it was not read" : "nothing of it was read");
	*at = (struct progress){.at = at->at + 1};
}

int live_guard_run(const struct pk_live_ctx *ctx, struct pk_live_out *out, const struct live_guard *g,
		   struct pk_err *err)
{
	pid_t abandoned[MAX_ABANDONED];
	struct progress at = {0};
	enum outcome o = FINISHED;
	size_t left = 0;

	while (at.at < g->n && o != FAILED && !live_expired(ctx) && left < MAX_ABANDONED) {
		struct child c = {.fd = -1};

		o = FAILED;
		if (start(ctx, g, at.at, at.careful, &c, err) == 0) {
			o = listen_to(ctx, out, g, &c, &at, err);
			if (!stop(&c))
				abandoned[left++] = c.pid;
		}
		pk_buf_done(&c.in);
		if (o == HUNG || o == DIED)
			give_up(out, g, o, &at);
	}
	for (size_t i = 0; i < left; i++)
		(void)waitpid(abandoned[i], NULL, WNOHANG);
	if (o == FAILED)
		return pk_wrap(err, "%s", g->what);
	if (at.at < g->n)
		pk_live_note(out, "%s: %zu of %zu left out: %s", g->what, g->n - at.at, g->n,
			     left == MAX_ABANDONED ? "too many of them hang" : "the time for this table is over");
	return 0;
}
