/* SPDX-License-Identifier: Apache-2.0 */
/* Walks files and folders to be scanned: by descriptor, sorted, never out by a link. */
#include "feed.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define MAX_DEPTH 512 /* folders below the operand; each holds a descriptor */

struct walk {
	struct pk_scantree *t;
	struct pk_buf path;     /* as shown */
	struct pk_buf absolute; /* as the mount table knows it; empty when there is none */
};

static bool is_gone(int sys) { return sys == ENOENT || sys == ENOTDIR || sys == ESTALE; }

static int failed(const struct walk *w, const struct stat *st, int sys, struct pk_err *err)
{
	return pk_feed_outcome(w->t, pk_buf_str(&w->path), st, PK_SCAN_FAILED, is_gone(sys) ? "vanished" : "unreadable",
			       sys, err);
}

static int skipped(const struct walk *w, const struct stat *st, const char *why, struct pk_err *err)
{
	return pk_feed_outcome(w->t, pk_buf_str(&w->path), st, PK_SCAN_SKIPPED, why, 0, err);
}

/* Why the caller wants to have it left out; NULL: it does not. */
static const char *left_out(const struct walk *w, const struct stat *st)
{
	return w->t->p.leave ? w->t->p.leave(w->t->p.ctx, pk_buf_str(&w->path), pk_buf_str(&w->absolute), st) : NULL;
}

/* Opening must neither wait (FIFO), nor take a terminal, nor leave a trace where that can be avoided. */
static int open_quietly(int dirfd, const char *name, int flags)
{
	int fd;

	flags |= O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	fd = openat(dirfd, name, flags | O_NOATIME);
	return fd < 0 && errno == EPERM ? openat(dirfd, name, flags) : fd;
}

static int walk_folder(struct walk *w, int fd, const struct stat *st, unsigned depth, struct pk_err *err);

/* One name in a folder. The kind is looked at first, so that nothing but files and folders is ever opened. */
static int walk_entry(struct walk *w, int dirfd, const char *name, unsigned depth, struct pk_err *err)
{
	pk_autoclose int fd = -1;
	const char *left = NULL;
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
		return failed(w, NULL, errno, err);
	if (S_ISLNK(st.st_mode))
		return skipped(w, &st, "link", err);
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return skipped(w, &st, "special", err);
	left = left_out(w, &st);
	if (left)
		return skipped(w, &st, left, err);
	if (S_ISDIR(st.st_mode) && w->t->p.mount && w->absolute.n > 0) {
		const char *why = w->t->p.mount(w->t->p.ctx, pk_buf_str(&w->absolute));

		if (why)
			return skipped(w, &st, why, err);
	}
	fd = open_quietly(dirfd, name, O_NOFOLLOW);
	if (fd < 0)
		return failed(w, &st, errno, err);
	if (fstat(fd, &st) < 0)
		return failed(w, NULL, errno, err);
	if (S_ISDIR(st.st_mode))
		return walk_folder(w, pk_steal_fd(&fd), &st, depth + 1, err);
	if (!S_ISREG(st.st_mode))
		return skipped(w, &st, "special", err);
	return pk_feed_file(w->t, pk_buf_str(&w->path), &st, pk_steal_fd(&fd), err);
}

static void push(struct pk_buf *b, const char *name)
{
	if (b->n > 0 && b->p[b->n - 1] != '/')
		pk_buf_put_c(b, '/');
	pk_buf_puts(b, name);
}

static void pop(struct pk_buf *b, size_t n)
{
	b->n = n;
	b->p[n] = '\0';
}

/* Reads all names first: what is in a folder is decided at one moment. */
static int list_folder(int fd, struct pk_strv *names, int *ret_sys, struct pk_err *err)
{
	DIR *dir = fdopendir(fd);

	*ret_sys = 0;
	if (!dir) {
		*ret_sys = errno;
		close(fd);
		return 0;
	}
	for (;;) {
		struct dirent *e;

		errno = 0;
		e = readdir(dir);
		if (!e) {
			*ret_sys = errno;
			break;
		}
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (pk_strv_add(names, pk_str(e->d_name), err) < 0) {
			closedir(dir);
			return -1;
		}
	}
	closedir(dir);
	pk_strv_uniq(names);
	return 0;
}

/* Takes over fd. */
static int walk_folder(struct walk *w, int fd_, const struct stat *st, unsigned depth, struct pk_err *err)
{
	pk_autoclose int fd = fd_;
	PK_AUTO(pk_strv) names = {0};
	size_t shown = w->path.n, absolute = w->absolute.n;
	int sys = 0, copy;

	if (depth > MAX_DEPTH)
		return pk_feed_outcome(w->t, pk_buf_str(&w->path), st, PK_SCAN_FAILED, "too-deep", 0, err);
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (copy < 0)
		return failed(w, st, errno, err);
	if (list_folder(copy, &names, &sys, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		push(&w->path, names.v[i]);
		if (absolute > 0)
			push(&w->absolute, names.v[i]);
		if (w->path.oom || w->absolute.oom)
			return pk_fail_oom(err);
		if (walk_entry(w, fd, names.v[i], depth, err) < 0)
			return -1;
		pop(&w->path, shown);
		if (absolute > 0)
			pop(&w->absolute, absolute);
	}
	return sys ? failed(w, st, sys, err) : 0;
}

int pk_scantree_path(struct pk_scantree *t, const char *path, struct pk_err *err)
{
	PK_AUTO(pk_buf) shown = {0};
	pk_autofree char *real = NULL;
	const char *left = NULL;
	struct walk w;
	pk_autoclose int fd = -1;
	struct stat st;
	int ret;

	pk_buf_puts(&shown, path);
	while (shown.n > 1 && shown.p[shown.n - 1] == '/')
		shown.p[--shown.n] = '\0';
	if (shown.n == 0)
		return pk_fail(err, PK_EUSAGE, 0, "'' is not a path");
	w = (struct walk){.t = t, .path = shown};
	shown = (struct pk_buf){0};
	real = realpath(path, NULL);
	if (real)
		pk_buf_puts(&w.absolute, real);
	t->absolute = &w.absolute;
	if (stat(path, &st) < 0)
		ret = pk_feed_outcome(t, pk_buf_str(&w.path), NULL, PK_SCAN_FAILED, "unreadable", errno, err);
	else if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		ret = skipped(&w, &st, "special", err);
	else if ((left = left_out(&w, &st)) != NULL)
		ret = skipped(&w, &st, left, err);
	else if ((fd = open_quietly(AT_FDCWD, path, 0)) < 0 || fstat(fd, &st) < 0)
		ret = failed(&w, &st, errno, err);
	else if (S_ISREG(st.st_mode))
		ret = pk_feed_file(t, pk_buf_str(&w.path), &st, pk_steal_fd(&fd), err);
	else if (!S_ISDIR(st.st_mode))
		ret = skipped(&w, &st, "special", err);
	else
		ret = walk_folder(&w, pk_steal_fd(&fd), &st, 0, err);
	t->absolute = NULL;
	pk_buf_done(&w.path);
	pk_buf_done(&w.absolute);
	return ret;
}
