/* SPDX-License-Identifier: Apache-2.0 */
/* Small files of /proc, /sys and of the root: bounded, never through a link, never blocking on a FIFO. */
#include "live.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#define READ_FLAGS (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

static int read_fd(int fd, size_t max, struct pk_buf *b, bool *ret_cut)
{
	size_t start = b->n;

	*ret_cut = false;
	for (;;) {
		size_t left = max - (b->n - start);
		size_t want = PK_MIN(left + 1, (size_t)65536);
		char *at = pk_buf_room(b, want);
		ssize_t r;

		if (!at)
			return ENOMEM;
		r = read(fd, at, want);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return errno;
		if ((size_t)r > left) {
			r = (ssize_t)left;
			*ret_cut = true;
		}
		b->n += (size_t)r;
		b->p[b->n] = 0;
		if (r == 0 || *ret_cut)
			return 0;
	}
}

/* Opening a FIFO or a device does something to it: only what is a regular file is opened. */
static int must_be_file(const struct stat *st)
{
	return S_ISREG(st->st_mode) ? 0 : S_ISDIR(st->st_mode) ? EISDIR : S_ISLNK(st->st_mode) ? ELOOP : EINVAL;
}

int live_read_at(int dirfd, const char *name, size_t max, struct pk_buf *b, bool *ret_cut)
{
	pk_autoclose int fd = -1;
	struct stat st;
	int e = fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ? errno : must_be_file(&st);

	if (e)
		return e;
	fd = openat(dirfd, name, READ_FLAGS | O_NOATIME);
	if (fd < 0 && errno == EPERM)
		fd = openat(dirfd, name, READ_FLAGS);
	if (fd < 0 || fstat(fd, &st) < 0)
		return errno;
	e = must_be_file(&st);
	return e ? e : read_fd(fd, max, b, ret_cut);
}

struct pk_str live_line_at(int dirfd, const char *name, struct pk_buf *b)
{
	struct pk_str s;
	bool cut;

	pk_buf_reset(b);
	if (dirfd < 0 || live_read_at(dirfd, name, PK_LIVE_MAX_VALUE, b, &cut) != 0)
		pk_buf_reset(b);
	s = pk_buf_str(b);
	if (s.n && s.p[s.n - 1] == '\n')
		s.n--;
	return s;
}

int live_readlink_at(int dirfd, const char *name, struct pk_buf *b)
{
	for (size_t size = 256; size <= PK_LIVE_MAX_VALUE; size *= 4) {
		char *at = pk_buf_room(b, size);
		ssize_t r;

		if (!at)
			return ENOMEM;
		r = readlinkat(dirfd, name, at, size);
		if (r < 0)
			return errno;
		if ((size_t)r < size) {
			b->n += (size_t)r;
			b->p[b->n] = 0;
			return 0;
		}
	}
	return ENAMETOOLONG;
}

int live_read_root(const struct pk_live_ctx *ctx, struct pk_str path, size_t max, struct pk_buf *b, bool *ret_cut)
{
	pk_autoclose int look = -1;
	pk_autoclose int fd = -1;
	struct pk_err err = {0};
	struct stat st;
	int e;

	if (pk_root_openat(ctx->root, path, O_PATH, 0, &look, &err) < 0)
		return err.sys ? err.sys : EINVAL;
	if (fstat(look, &st) < 0)
		return errno;
	e = must_be_file(&st);
	if (e)
		return e;
	if (pk_root_openat(ctx->root, path, O_RDONLY | O_NOATIME, 0, &fd, &err) < 0 &&
	    (err.sys != EPERM || pk_root_openat(ctx->root, path, O_RDONLY, 0, &fd, &err) < 0))
		return err.sys ? err.sys : EINVAL;
	if (fstat(fd, &st) < 0)
		return errno;
	e = must_be_file(&st);
	return e ? e : read_fd(fd, max, b, ret_cut);
}

int live_dir_root(const struct pk_live_ctx *ctx, struct pk_str path, int *ret_fd)
{
	struct pk_err e = {0};

	if (pk_root_openat(ctx->root, path, O_RDONLY | O_DIRECTORY, 0, ret_fd, &e) < 0)
		return e.sys ? e.sys : EINVAL;
	return 0;
}

bool live_text_root(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_str path, struct pk_buf *b)
{
	bool cut = false;
	int e;

	pk_buf_reset(b);
	e = live_read_root(ctx, path, PK_LIVE_MAX_FILE, b, &cut);
	if (e == ENOENT || e == ENOTDIR)
		return false;
	if (e) {
		pk_live_note(out, "cannot read '%.*s': %s", PK_STR_ARG(path), strerror(e));
		return false;
	}
	if (cut)
		pk_live_note(out, "'%.*s' is larger than %u bytes: the rest was not read", PK_STR_ARG(path),
			     PK_LIVE_MAX_FILE);
	return true;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

int live_list(int dirfd, struct pk_strv *ret)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	int e = 0;

	if (!d) {
		e = errno;
		if (fd >= 0)
			close(fd);
		return e;
	}
	for (;;) {
		struct dirent *de;

		errno = 0;
		de = readdir(d);
		if (!de) {
			e = errno;
			break;
		}
		if (strcmp(de->d_name, ".") == 0 || strcmp(de->d_name, "..") == 0)
			continue;
		if (ret->n >= PK_LIVE_MAX_ITEMS || pk_strv_add(ret, pk_str(de->d_name), NULL) < 0) {
			e = ENOMEM;
			break;
		}
	}
	closedir(d);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_name);
	return e;
}

struct pk_str live_join(struct pk_buf *b, struct pk_str dir, struct pk_str name)
{
	pk_buf_reset(b);
	pk_buf_put_str(b, dir);
	if (!dir.n || dir.p[dir.n - 1] != '/')
		pk_buf_put_c(b, '/');
	pk_buf_put_str(b, name);
	return pk_buf_str(b);
}
