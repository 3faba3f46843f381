/* SPDX-License-Identifier: Apache-2.0 */
/* Whole reads and writes, and sinks. */
#include <picket/io.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

int pk_read_full(int fd, void *p, size_t n, size_t *ret_n, struct pk_err *err)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = read(fd, (char *)p + got, PK_MIN(n - got, (size_t)1 << 30));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return pk_fail(err, PK_ESYS, errno, "cannot read");
		if (r == 0)
			break;
		got += (size_t)r;
	}
	*ret_n = got;
	return 0;
}

int pk_pread_full(int fd, void *p, size_t n, uint64_t off, size_t *ret_n, struct pk_err *err)
{
	size_t got = 0;

	if (off > INT64_MAX - n)
		return pk_fail(err, PK_EFORMAT, 0, "offset %llu is past any file", (unsigned long long)off);
	while (got < n) {
		ssize_t r = pread(fd, (char *)p + got, PK_MIN(n - got, (size_t)1 << 30), (off_t)(off + got));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return pk_fail(err, PK_ESYS, errno, "cannot read at offset %llu",
				       (unsigned long long)(off + got));
		if (r == 0)
			break;
		got += (size_t)r;
	}
	*ret_n = got;
	return 0;
}

int pk_write_full(int fd, const void *p, size_t n, struct pk_err *err)
{
	size_t put = 0;

	while (put < n) {
		ssize_t w = write(fd, (const char *)p + put, PK_MIN(n - put, (size_t)1 << 30));

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return pk_fail(err, PK_ESYS, errno, "cannot write");
		put += (size_t)w;
	}
	return 0;
}

int pk_read_all(int fd, size_t max, struct pk_buf *b, struct pk_err *err)
{
	size_t start = b->n, got;

	for (;;) {
		size_t left = max - (b->n - start);
		size_t want = PK_MIN(left + 1, (size_t)65536);
		void *at = pk_buf_room(b, want);

		if (!at)
			return pk_fail_oom(err);
		if (pk_read_full(fd, at, want, &got, err) < 0)
			return -1;
		if (got > left)
			return pk_fail(err, PK_ELIMIT, 0, "larger than the limit of %zu bytes", max);
		b->n += got;
		b->p[b->n] = 0;
		if (got < want)
			return 0;
	}
}

int pk_read_path(const char *path, size_t max, struct pk_buf *b, struct pk_err *err)
{
	pk_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open '%s'", path);
	if (pk_read_all(fd, max, b, err) < 0)
		return pk_wrap(err, "'%s'", path);
	return 0;
}

static int open_brought(const char *path, int more, int *ret_fd, struct pk_err *err)
{
	pk_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | more);
	struct stat st;

	if (fd < 0 && errno == ELOOP && more)
		return pk_fail(err, PK_EFORMAT, 0, "'%s' is a link, and is not followed", path);
	if (fd < 0 || fstat(fd, &st) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open '%s'", path);
	if (!S_ISREG(st.st_mode))
		return pk_fail(err, more ? PK_EFORMAT : PK_EUSAGE, 0, "'%s' is not a regular file", path);
	*ret_fd = pk_steal_fd(&fd);
	return 0;
}

int pk_open_brought(const char *path, int *ret_fd, struct pk_err *err) { return open_brought(path, 0, ret_fd, err); }

int pk_read_beside(const char *path, size_t max, struct pk_buf *b, struct pk_err *err)
{
	pk_autoclose int fd = -1;

	if (open_brought(path, O_NOFOLLOW, &fd, err) < 0)
		return -1;
	if (pk_read_all(fd, max, b, err) < 0)
		return pk_wrap(err, "'%s'", path);
	return 0;
}

int pk_seed(void *p, size_t n, struct pk_err *err)
{
	pk_autoclose int fd = -1;
	size_t got = 0;

	if (getrandom(p, n, 0) == (ssize_t)n)
		return 0;
	fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pk_read_full(fd, p, n, &got, err) < 0 || got < n)
		return pk_fail(err, PK_ESYS, errno, "cannot get random bytes");
	return 0;
}

int pk_file_size(int fd, uint64_t *ret, struct pk_err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot stat");
	if (!S_ISREG(st.st_mode))
		return pk_fail(err, PK_EFORMAT, 0, "not a regular file");
	*ret = (uint64_t)st.st_size;
	return 0;
}

static int sink_fd_write(void *ctx, const void *p, size_t n, struct pk_err *err)
{
	return pk_write_full(*(const int *)ctx, p, n, err);
}

struct pk_sink pk_sink_fd(const int *fd) { return (struct pk_sink){sink_fd_write, (void *)(uintptr_t)fd}; }

static int sink_buf_write(void *ctx, const void *p, size_t n, struct pk_err *err)
{
	pk_buf_put(ctx, p, n);
	return pk_buf_check(ctx, err);
}

struct pk_sink pk_sink_buf(struct pk_buf *b) { return (struct pk_sink){sink_buf_write, b}; }
