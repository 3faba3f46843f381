/* SPDX-License-Identifier: Apache-2.0 */
/** A made tree in a temporary folder, for tests: everything by name relative to its root. */
#ifndef PICKET_TESTS_TREE_H
#define PICKET_TESTS_TREE_H

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct tree {
	char *dir;
	int fd;
};

static inline void tree_rm(int dirfd)
{
	DIR *d = fdopendir(dup(dirfd));
	struct dirent *e;

	if (!d)
		return;
	while ((e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd, e->d_name, 0) < 0) {
			int sub;

			(void)!fchmodat(dirfd, e->d_name, 0700, 0);
			sub = openat(dirfd, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			if (sub >= 0) {
				tree_rm(sub);
				close(sub);
			}
			(void)unlinkat(dirfd, e->d_name, AT_REMOVEDIR);
		}
	}
	closedir(d);
}

static inline void tree_done(struct tree *t)
{
	if (!t->dir)
		return;
	tree_rm(t->fd);
	close(t->fd);
	(void)rmdir(t->dir);
	free(t->dir);
}
#define TREE __attribute__((cleanup(tree_done))) struct tree

static inline struct tree tree_new(void)
{
	const char *tmp = getenv("TMPDIR");
	PK_AUTO(pk_buf) b = {0};
	struct tree t = {0};

	pk_buf_putf(&b, "%s/picket-test-XXXXXX", tmp ? tmp : "/tmp");
	t.dir = pk_buf_take(&b);
	if (!t.dir || !mkdtemp(t.dir))
		abort();
	t.fd = open(t.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t.fd < 0)
		abort();
	return t;
}

/* All folders of a path, the last part included. */
static inline void tree_dirs(struct tree *t, const char *path)
{
	pk_autofree char *z = pk_str_dup(pk_str(path));

	for (char *p = z; p && *p; p++)
		if (*p == '/' && p > z) {
			*p = 0;
			(void)mkdirat(t->fd, z, 0755);
			*p = '/';
		}
	(void)mkdirat(t->fd, z ? z : "", 0755);
}

static inline void tree_parent(struct tree *t, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash) {
		pk_autofree char *z = pk_str_dup(pk_str_n(path, (size_t)(slash - path)));

		tree_dirs(t, z ? z : "");
	}
}

static inline void tree_file(struct tree *t, const char *path, const char *text)
{
	int fd;

	tree_parent(t, path);
	fd = openat(t->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	close(fd);
}

static inline void tree_link(struct tree *t, const char *path, const char *target)
{
	tree_parent(t, path);
	if (symlinkat(target, t->fd, path) < 0)
		abort();
}

static inline void tree_fifo(struct tree *t, const char *path)
{
	tree_parent(t, path);
	if (mkfifoat(t->fd, path, 0600) < 0)
		abort();
}

#endif
