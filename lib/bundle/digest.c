/* SPDX-License-Identifier: Apache-2.0 */
/* The digests that outer signatures are over: here, or in a process of its own beside other work. */
#include "outer_int.h"

#include <picket/io.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define HASH_BYTES (64u << 10) /* stays in a core's cache until it is hashed */

int pk_digest_both(int fd, struct pk_str orig_header, uint64_t header_bytes, struct pk_two_digests *ret,
		   struct pk_err *err)
{
	pk_autofree uint8_t *p = malloc(HASH_BYTES);
	struct pk_blake2b file, original;
	uint64_t at = 0;
	size_t n = 0;

	if (!p)
		return pk_fail_oom(err);
	pk_blake2b_init(&file);
	pk_blake2b_init(&original);
	pk_blake2b_put(&original, orig_header.p, orig_header.n);
	do {
		size_t skip;

		if (pk_read_full(fd, p, HASH_BYTES, &n, err) < 0)
			return -1;
		pk_blake2b_put(&file, p, n);
		skip = (size_t)(header_bytes - PK_MIN(header_bytes, at));
		if (orig_header.n && skip < n)
			pk_blake2b_put(&original, p + skip, n - skip);
		at += n;
	} while (n == HASH_BYTES);
	pk_blake2b_end(&file, ret->file);
	pk_blake2b_end(&original, ret->original);
	if (!orig_header.n)
		memcpy(ret->original, ret->file, 64);
	ret->size = at;
	return 0;
}

/* What the process answers. */
struct answer {
	int rc;
	struct pk_err why;
	struct pk_two_digests digests;
};

static _Noreturn void child_main(int out, int fd, struct pk_str orig_header, uint64_t header_bytes)
{
	struct answer a = {0};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_IGN); /* the parent decides */
	(void)!nice(19);         /* it takes the pauses of the walk, which needs longer */
	a.rc = pk_digest_both(fd, orig_header, header_bytes, &a.digests, &a.why);
	_exit(pk_write_full(out, &a, sizeof(a), NULL) < 0);
}

void pk_digest_start(int fd, struct pk_str orig_header, uint64_t header_bytes, struct pk_digest_run *ret)
{
	int fds[2] = {-1, -1};

	*ret = (struct pk_digest_run){0};
	if (pipe2(fds, O_CLOEXEC) < 0)
		return;
	ret->pid = fork();
	if (ret->pid == 0) {
		close(fds[0]);
		child_main(fds[1], fd, orig_header, header_bytes);
	}
	close(fds[1]);
	if (ret->pid > 0) {
		ret->from = fds[0];
		return;
	}
	close(fds[0]);
	ret->pid = 0;
}

static void bury(struct pk_digest_run *run)
{
	close(run->from);
	while (waitpid(run->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*run = (struct pk_digest_run){0};
}

int pk_digest_end(struct pk_digest_run *run, int fd, struct pk_str orig_header, uint64_t header_bytes,
		  struct pk_two_digests *ret, struct pk_err *err)
{
	struct answer a = {0};
	size_t got = 0;
	int r;

	if (!run->pid)
		return pk_digest_both(fd, orig_header, header_bytes, ret, err);
	r = pk_read_full(run->from, &a, sizeof(a), &got, err);
	bury(run);
	if (r < 0)
		return -1;
	if (got != sizeof(a))
		return pk_fail(err, PK_ESYS, EPIPE, "the process that hashes died");
	if (a.rc < 0 && err)
		*err = a.why;
	*ret = a.digests;
	return a.rc;
}

void pk_digest_stop(struct pk_digest_run *run)
{
	if (!run->pid)
		return;
	kill(run->pid, SIGKILL);
	bury(run);
}
