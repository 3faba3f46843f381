/* SPDX-License-Identifier: Apache-2.0 */
/* Starts the process that unpacks an archive, and hears it: what it says is hostile. */
#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <picket/time.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEAD 5u               /* bytes of a record's head */
#define PIPE_BYTES (1u << 20) /* so that both sides work at once */
#define READ_BYTES (256u << 10)
#define START_NS 60000000000ull

struct pk_unpack {
	pid_t pid;
	int fd;
	struct pk_buf in;
	size_t at;
	struct pk_unpack_order order;
	char text[96];
};

/* --- records ------------------------------------------------------------------------------------------ */

static bool parse_body(struct pk_cur *c, struct pk_unpack_event *e)
{
	switch (e->kind) {
	case 'M':
		e->flags = pk_rd_u8(c);
		e->mode = pk_rd_le32(c);
		break;
	case 'E':
	case 'Z': e->how = pk_rd_u8(c); break;
	case 'H':
	case 'D': break;
	default: return false;
	}
	if (c->bad || e->how >= PK_UNPACK_HOWS)
		return false;
	e->bytes = pk_rd_bytes(c, c->n - c->at);
	return !(e->kind == 'M' && memchr(e->bytes.p, '\0', e->bytes.n));
}

int pk_unpack_parse(struct pk_str stream, struct pk_unpack_event *ret)
{
	struct pk_cur head = pk_cur(stream.p, stream.n), body;
	struct pk_unpack_event e = {.kind = (char)pk_rd_u8(&head)};
	uint32_t n = pk_rd_le32(&head);

	if (head.bad)
		return 0;
	if (n > PK_UNPACK_CHUNK)
		return -1;
	if (stream.n - HEAD < n)
		return 0;
	body = pk_cur(stream.p + HEAD, n);
	if (!parse_body(&body, &e))
		return -1;
	*ret = e;
	return (int)(HEAD + n);
}

bool pk_unpack_in_order(struct pk_unpack_order *o, const struct pk_unpack_event *e)
{
	bool started = o->started, open = o->open;

	o->started = true;
	switch (e->kind) {
	case 'H': return !started;
	case 'M': o->open = true; return started && !open;
	case 'D': return open && e->bytes.n > 0;
	case 'E': o->open = false; return open;
	default: return started && !open;
	}
}

/* --- life --------------------------------------------------------------------------------------------- */

static int end_process(struct pk_unpack *u, bool kill_it)
{
	int status = 0;

	if (u->pid <= 1)
		return 0;
	if (kill_it)
		kill(u->pid, SIGKILL);
	while (waitpid(u->pid, &status, 0) < 0 && errno == EINTR)
		;
	u->pid = 0;
	return status;
}

void pk_unpack_free(struct pk_unpack *u)
{
	if (!u)
		return;
	if (u->fd >= 0)
		close(u->fd);
	end_process(u, true);
	pk_buf_done(&u->in);
	free(u);
}

/* Waits for bytes, at most *left_ns. 1: there are some; 0: it closed; -1: out of time. */
static int hear(struct pk_unpack *u, uint64_t *left_ns)
{
	uint64_t started = pk_time_mono_ns(), spent;
	struct pollfd w = {.fd = u->fd, .events = POLLIN};
	char *room = pk_buf_room(&u->in, READ_BYTES);
	ssize_t n = 0;
	int got;

	if (*left_ns == 0)
		return -1;
	do {
		got = poll(&w, 1, (int)PK_MIN(*left_ns / 1000000 + 1, (uint64_t)1000));
		if (got > 0)
			n = room ? read(u->fd, room, READ_BYTES) : 0;
		spent = pk_time_mono_ns() - started;
	} while (spent < *left_ns && (got == 0 || ((got < 0 || n < 0) && errno == EINTR)));
	*left_ns -= PK_MIN(spent, *left_ns);
	u->in.n += n > 0 ? (size_t)n : 0;
	return n > 0 ? 1 : *left_ns == 0 ? -1 : 0;
}

static void end_as(struct pk_unpack *u, enum pk_unpack_how how, struct pk_unpack_event *ret)
{
	*ret = (struct pk_unpack_event){.kind = 'Z', .how = (uint8_t)how, .bytes = pk_str(u->text)};
}

static void end_closed(struct pk_unpack *u, struct pk_unpack_event *ret)
{
	int status = end_process(u, false);
	enum pk_unpack_how how = PK_UNPACK_CRASHED;

	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		how = PK_UNPACK_TIME;
	if (WIFSIGNALED(status))
		(void)snprintf(u->text, sizeof(u->text), "unpacker killed by signal %d (%s)", WTERMSIG(status),
			       sigabbrev_np(WTERMSIG(status)));
	else
		(void)snprintf(u->text, sizeof(u->text), "unpacker ended with code %d", WEXITSTATUS(status));
	end_as(u, how, ret);
}

void pk_unpack_next(struct pk_unpack *u, uint64_t *left_ns, struct pk_unpack_event *ret)
{
	for (;;) {
		int n = pk_unpack_parse(pk_str_n(u->in.p + u->at, u->in.n - u->at), ret);
		int heard = 1;

		if (n > 0 && pk_unpack_in_order(&u->order, ret)) {
			u->at += (size_t)n;
			return;
		}
		if (n != 0) {
			(void)snprintf(u->text, sizeof(u->text), "unpacker gave a malformed answer");
			end_as(u, PK_UNPACK_CRASHED, ret);
			return;
		}
		memmove(u->in.p, u->in.p + u->at, u->in.n - u->at);
		u->in.n -= u->at;
		u->at = 0;
		heard = hear(u, left_ns);
		if (heard < 0)
			end_as(u, PK_UNPACK_TIME, ret);
		else if (heard == 0)
			end_closed(u, ret);
		if (heard <= 0)
			return;
	}
}

int pk_unpack_new(const struct pk_unpack_params *params, struct pk_unpack **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_unpack) u = calloc(1, sizeof(*u));
	struct pk_unpack_event first;
	uint64_t patience = START_NS;
	int ends[2], parent = getpid();

	if (!u)
		return pk_fail_oom(err);
	u->fd = -1;
	if (!pk_buf_room(&u->in, READ_BYTES))
		return pk_fail_oom(err);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot make a pipe for the unpacker");
	u->fd = ends[0];
	(void)fcntl(ends[0], F_SETPIPE_SZ, (int)PIPE_BYTES);
	u->pid = fork();
	if (u->pid == 0)
		pk_unpack_child_main(params, ends[1], parent);
	close(ends[1]);
	if (u->pid < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot fork the unpacker");
	pk_unpack_next(u, &patience, &first);
	if (first.kind != 'H')
		return pk_fail(err, PK_ESYS, 0, "the unpacker did not start: %s",
			       *u->text ? u->text : "it did not answer");
	*ret = pk_steal(&u);
	return 0;
}
