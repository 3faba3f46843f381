/* SPDX-License-Identifier: Apache-2.0 */
/* Files below one folder, named by hostile bytes, complete or not there. */
#include "place.h"

#include <picket/bundle.h>
#include <picket/io.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PART ".picket-unfinished"

static int check_empty(int fd, const char *dir, struct pk_err *err)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	size_t n = 0;

	if (!d) {
		int saved = errno;

		if (copy >= 0)
			close(copy);
		return pk_fail(err, PK_ESYS, saved, "cannot read '%s'", dir);
	}
	while (readdir(d))
		n++;
	closedir(d);
	return n <= 2 ? 0 : pk_fail(err, PK_EUSAGE, 0, "'%s' is not empty: give a new folder", dir);
}

static int put_marker(struct pk_target *t, struct pk_err *err)
{
	static const struct pk_str text = PK_STR(
		"This is not all of the bundle: what wrote here has not come to its end.\n");
	pk_autoclose int fd = openat(t->dir, PK_TARGET_MARKER, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
				     0600);

	if (fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot create '%s/%s'", t->name, PK_TARGET_MARKER);
	if (pk_write_full(fd, text.p, text.n, err) < 0)
		return pk_wrap(err, "'%s/%s'", t->name, PK_TARGET_MARKER);
	return 0;
}

int pk_target_open(struct pk_target *t, const char *dir, struct pk_err *err)
{
	PK_AUTO(pk_buf) part = {0};

	t->name = dir;
	pk_buf_putf(&part, "%s/%s", dir, PART);
	free(t->part);
	if (!(t->part = pk_buf_take(&part)))
		return pk_fail_oom(err);
	t->made = mkdir(dir, 0700) == 0;
	if (!t->made && errno != EEXIST)
		return pk_fail(err, PK_ESYS, errno, "cannot make '%s'", dir);
	t->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->dir < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open '%s'", dir);
	if (check_empty(t->dir, dir, err) < 0) {
		close(pk_steal_fd(&t->dir)); /* nothing in it is ours */
		return -1;
	}
	return put_marker(t, err);
}

int pk_extract_complete(const char *dir, struct pk_err *err)
{
	pk_autoclose int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || syncfs(fd) < 0 || unlinkat(fd, PK_TARGET_MARKER, 0) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot remove '%s/%s'", dir, PK_TARGET_MARKER);
	return 0;
}

static void drop_part(struct pk_target *t)
{
	if (t->fd >= 0)
		close(pk_steal_fd(&t->fd));
	if (t->has_part) {
		unlinkat(t->dir, PART, 0);
		pk_unfinished_drop(t->part);
	}
	t->has_part = false;
}

void pk_target_done(struct pk_target *t)
{
	drop_part(t);
	if (t->dir >= 0 && !t->keep) {
		unlinkat(t->dir, PK_TARGET_MARKER, 0);
		if (t->made)
			rmdir(t->name);
	}
	if (t->dir >= 0)
		close(t->dir);
	free(t->part);
	*t = (struct pk_target)PK_TARGET_INIT;
}

int pk_target_begin(struct pk_target *t, const struct pk_range *extent, size_t extents, uint64_t size,
		    struct pk_err *err)
{
	drop_part(t);
	pk_unfinished_add(t->part);
	t->fd = openat(t->dir, PART, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (t->fd < 0) {
		pk_unfinished_drop(t->part); /* leaves errno alone */
		return pk_fail(err, PK_ESYS, errno, "cannot create a file in '%s'", t->name);
	}
	t->has_part = true;
	t->at = 0;
	t->extent = extent;
	t->extents = extents;
	t->extent_now = 0;
	t->extent_at = 0;
	t->no_holes = false;
	if (extent && ftruncate(t->fd, (off_t)size) < 0) {
		if (errno != EFBIG && errno != EINVAL)
			return pk_fail(err, PK_ESYS, errno, "cannot create a file of %llu bytes in '%s'",
				       (unsigned long long)size, t->name);
		t->no_holes = true;
		t->extent = NULL;
	}
	return 0;
}

static int write_at(const struct pk_target *t, const char *p, size_t n, uint64_t off, struct pk_err *err)
{
	while (n) {
		ssize_t k = pwrite(t->fd, p, n, (off_t)off);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return pk_fail(err, PK_ESYS, k < 0 ? errno : EIO, "cannot write to '%s'", t->name);
		p += k;
		off += (uint64_t)k;
		n -= (size_t)k;
	}
	return 0;
}

int pk_target_write(struct pk_target *t, struct pk_str bytes, struct pk_err *err)
{
	while (bytes.n) {
		size_t n = bytes.n;
		uint64_t off = t->at;

		if (t->extent) {
			while (t->extent_now < t->extents && t->extent_at == t->extent[t->extent_now].len) {
				t->extent_now++;
				t->extent_at = 0;
			}
			if (t->extent_now == t->extents)
				return pk_fail(err, PK_EFORMAT, 0, "more bytes than the extents hold");
			n = (size_t)PK_MIN((uint64_t)n, t->extent[t->extent_now].len - t->extent_at);
			off = t->extent[t->extent_now].off + t->extent_at;
			t->extent_at += n;
		}
		if (write_at(t, bytes.p, n, off, err) < 0)
			return -1;
		t->at += n;
		bytes = pk_str_n(bytes.p + n, bytes.n - n);
	}
	return 0;
}

/* The folder that `path` lies in, made as needed, and the name in it. -1 with err->sys when it cannot be. */
static int open_parent(int dir, const char *path, int *ret_fd, const char **ret_name, struct pk_err *err)
{
	struct pk_str rest = pk_str(path), seg = {0};
	pk_autoclose int fd = fcntl(dir, F_DUPFD_CLOEXEC, 3);
	const char *last = strrchr(path, '/');

	last = last ? last + 1 : path;
	if (fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot use a folder");
	if (!*last || strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
		return pk_fail(err, PK_EFORMAT, 0, "'%s' is no file's name", path);
	while (pk_str_split(&rest, '/', &seg) && seg.p != last) {
		pk_autofree char *name = NULL;
		int next;

		if (!seg.n)
			continue;
		if (pk_str_eq(seg, PK_STR(".")) || pk_str_eq(seg, PK_STR("..")))
			return pk_fail(err, PK_EFORMAT, 0, "'%s' is no plain path", path);
		if (!(name = pk_str_dup(seg)))
			return pk_fail_oom(err);
		if (mkdirat(fd, name, 0700) < 0 && errno != EEXIST)
			return pk_fail(err, PK_ESYS, errno, "cannot make the folder of '%s'", path);
		next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return pk_fail(err, PK_ESYS, errno, "cannot open the folder of '%s'", path);
		close(fd);
		fd = next;
	}
	*ret_fd = pk_steal_fd(&fd);
	*ret_name = last;
	return 0;
}

static int give_name(struct pk_target *t, const char *path, struct pk_err *err)
{
	pk_autoclose int parent = -1;
	const char *name = NULL;

	if (open_parent(t->dir, path, &parent, &name, err) < 0)
		return -1;
	if (renameat2(t->dir, PART, parent, name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return pk_fail(err, PK_ESYS, errno, "cannot create '%s' in '%s'", path, t->name);
	/* a file system that cannot promise it: the folder was empty and is ours */
	if (faccessat(parent, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return pk_fail(err, PK_ESYS, EEXIST, "cannot create '%s' in '%s'", path, t->name);
	if (renameat(t->dir, PART, parent, name) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot create '%s' in '%s'", path, t->name);
	return 0;
}

/* What another name may mend; a full disk is not among it. */
static bool is_about_the_name(const struct pk_err *e)
{
	return e->kind == PK_EFORMAT || e->sys == ENAMETOOLONG || e->sys == EINVAL || e->sys == EILSEQ ||
	       e->sys == EEXIST || e->sys == ENOTDIR || e->sys == EISDIR || e->sys == ELOOP || e->sys == ENOENT;
}

int pk_target_finish(struct pk_target *t, const char *path, const char *member, uint64_t size,
		     const struct pk_time *mtime, const char **ret_where, struct pk_err *err)
{
	struct pk_err why = {0};
	const char *where = path;

	if (ftruncate(t->fd, (off_t)(t->no_holes ? t->at : size)) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot give '%s' in '%s' its size", path, t->name);
	if (mtime) {
		struct timespec both[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = mtime->sec, .tv_nsec = mtime->nsec}};

		(void)futimens(t->fd, both); /* a kindness; the record has it exactly */
	}
	if (close(pk_steal_fd(&t->fd)) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot write '%s' in '%s'", path, t->name);
	if (give_name(t, path, &why) < 0) {
		if (!is_about_the_name(&why)) {
			if (err)
				*err = why;
			return -1;
		}
		if (give_name(t, member, err) < 0)
			return -1;
		where = member;
	}
	pk_unfinished_drop(t->part);
	t->has_part = false;
	t->keep = true;
	*ret_where = where;
	return 0;
}

int pk_target_link(struct pk_target *t, const char *from, const char *to, struct pk_err *err)
{
	pk_autoclose int a = -1, b = -1;
	const char *from_name = NULL, *to_name = NULL;

	if (open_parent(t->dir, from, &a, &from_name, err) < 0 || open_parent(t->dir, to, &b, &to_name, err) < 0)
		return -1;
	if (linkat(a, from_name, b, to_name, 0) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot create '%s' in '%s'", to, t->name);
	return 0;
}
