/* SPDX-License-Identifier: Apache-2.0 */
/* The digests that outer signatures are over: here, or in a process of its own beside other work. */
#include "outer_int.h"

#include <picket/io.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HASH_BYTES (64u << 10) /* stays in a core's cache until it is hashed */
#define MAP_BYTES (8u << 20)

struct hashing {
	struct pk_blake2b file, original;
	struct pk_str orig_header;
	uint64_t header_bytes, at;
};

static struct hashing begin(struct pk_str orig_header, uint64_t header_bytes)
{
	struct hashing h = {.orig_header = orig_header, .header_bytes = header_bytes};

	pk_blake2b_init(&h.file);
	pk_blake2b_init(&h.original);
	pk_blake2b_put(&h.original, orig_header.p, orig_header.n);
	return h;
}

static void put(struct hashing *h, const uint8_t *p, size_t n)
{
	size_t skip = (size_t)PK_MIN(h->header_bytes - PK_MIN(h->header_bytes, h->at), (uint64_t)n);

	pk_blake2b_put(&h->file, p, n);
	if (h->orig_header.n && skip < n)
		pk_blake2b_put(&h->original, p + skip, n - skip);
	h->at += n;
}

static void end(struct hashing *h, struct pk_two_digests *ret)
{
	pk_blake2b_end(&h->file, ret->file);
	pk_blake2b_end(&h->original, ret->original);
	if (!h->orig_header.n)
		memcpy(ret->original, ret->file, 64);
	ret->size = h->at;
}

int pk_digest_both(int fd, struct pk_str orig_header, uint64_t header_bytes, struct pk_two_digests *ret,
		   struct pk_err *err)
{
	struct hashing h = begin(orig_header, header_bytes);
	pk_autofree uint8_t *p = malloc(HASH_BYTES);
	size_t n = 0;

	if (!p)
		return pk_fail_oom(err);
	do {
		if (pk_read_full(fd, p, HASH_BYTES, &n, err) < 0)
			return -1;
		put(&h, p, n);
	} while (n == HASH_BYTES);
	end(&h, ret);
	return 0;
}

/* The same without a copy of each byte. Only where a signal may end the process: a file that gets shorter sends one. */
static bool map_both(int fd, struct pk_str orig_header, uint64_t header_bytes, struct pk_two_digests *ret)
{
	struct hashing h = begin(orig_header, header_bytes);
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	while (h.at < (uint64_t)st.st_size) {
		size_t n = (size_t)PK_MIN((uint64_t)st.st_size - h.at, (uint64_t)MAP_BYTES);
		void *p = mmap(NULL, n, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, (off_t)h.at);

		if (p == MAP_FAILED)
			return false;
		put(&h, p, n);
		munmap(p, n);
	}
	end(&h, ret);
	return true;
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
	if (!map_both(fd, orig_header, header_bytes, &a.digests))
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
	if (got != sizeof(a)) /* it died: whoever reads hears why the file cannot be read */
		return pk_digest_both(fd, orig_header, header_bytes, ret, err);
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
