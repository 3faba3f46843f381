/* SPDX-License-Identifier: Apache-2.0 */
/* Resolves a path one component at a time with O_NOFOLLOW, links and ".." handled here and not by the kernel. */
#include "pathwalk.h"
#include <picket/limits.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define STEP (O_PATH | O_NOFOLLOW | O_CLOEXEC)

struct steps {
	const struct pk_root *root;
	struct pk_buf rest; /* what is still to be resolved */
	size_t at;          /* from here */
	struct pk_buf done; /* "/a/b", or empty at the root */
	int fd;             /* the folder named by `done`; -1 at the root */
	unsigned links;
};

static void steps_done(struct steps *s)
{
	pk_buf_done(&s->rest);
	pk_buf_done(&s->done);
	pk_cleanup_close(&s->fd);
}

static int here(const struct steps *s) { return s->fd >= 0 ? s->fd : s->root->fd; }

static int fail(int e)
{
	errno = e;
	return -1;
}

static void move_to(struct steps *s, int fd)
{
	pk_cleanup_close(&s->fd);
	s->fd = fd;
}

/* Goes back to the root and down again along `done`, which holds no links: never by openat(".."), which would
 * lead out of the root when somebody moves the folder meanwhile. */
static int go_up(struct steps *s)
{
	size_t cut = s->done.n;
	struct pk_str rest, name;

	if (!cut)
		return 0;
	while (s->done.p[cut - 1] != '/')
		cut--;
	s->done.n = cut - 1;
	s->done.p[s->done.n] = 0;
	move_to(s, -1);
	rest = pk_buf_str(&s->done);
	if (!pk_str_split(&rest, '/', &name)) /* what is before the first slash */
		return 0;
	while (pk_str_split(&rest, '/', &name)) {
		pk_autofree char *z = pk_str_dup(name);
		int fd;

		if (!z)
			return fail(ENOMEM);
		fd = openat(here(s), z, STEP | O_DIRECTORY);
		if (fd < 0)
			return -1;
		move_to(s, fd);
	}
	return 0;
}

static bool is_number(struct pk_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

/* Links below /proc/PID lead to where the kernel says, not to where their text does ("magic links"); others in
 * proc (self, mounts, net) are ordinary. Climbs to proc's root to see in which part of it we are. */
static bool is_magic_link(const struct steps *s, int link_fd)
{
	pk_autoclose int fd = -1;
	struct pk_str done = pk_buf_str(&s->done);
	struct statfs sf;
	struct stat st;

	if (fstatfs(link_fd, &sf) < 0 || sf.f_type != PROC_SUPER_MAGIC)
		return false;
	fd = openat(here(s), ".", STEP);
	for (struct pk_str below = {NULL, 0};;) {
		size_t cut = done.n;
		int up;

		if (fd < 0 || fstat(fd, &st) < 0 || fstatfs(fd, &sf) < 0 || sf.f_type != PROC_SUPER_MAGIC)
			return true; /* a piece of proc mounted by itself: be strict */
		if (st.st_ino == 1)
			return is_number(below);
		while (cut && done.p[cut - 1] != '/')
			cut--;
		if (!cut)
			return true;
		below = pk_str_n(done.p + cut, done.n - cut);
		done.n = cut - 1;
		up = openat(fd, "..", STEP);
		pk_cleanup_close(&fd);
		fd = up;
	}
}

/* Puts a link's text in place of the component it stands for. */
static int follow(struct steps *s, int link_fd)
{
	char target[PATH_MAX];
	PK_AUTO(pk_buf) rest = {0};
	ssize_t n;

	if (++s->links > PK_MAX_LINKS || is_magic_link(s, link_fd))
		return fail(ELOOP);
	n = readlinkat(link_fd, "", target, sizeof(target));
	if (n < 0)
		return -1;
	if (n == 0)
		return fail(ENOENT);
	if ((size_t)n == sizeof(target))
		return fail(ENAMETOOLONG);
	pk_buf_put(&rest, target, (size_t)n);
	if (target[n - 1] == '/')
		pk_buf_put_c(&rest, '.');
	if (s->at < s->rest.n) {
		pk_buf_put_c(&rest, '/');
		pk_buf_put(&rest, s->rest.p + s->at, s->rest.n - s->at);
	}
	if (rest.oom)
		return fail(ENOMEM);
	if (rest.n > PK_MAX_PATH_BYTES)
		return fail(ENAMETOOLONG);
	if (target[0] == '/') {
		pk_buf_reset(&s->done);
		move_to(s, -1);
	}
	pk_buf_done(&s->rest);
	s->rest = rest;
	rest = (struct pk_buf){0};
	s->at = 0;
	return 0;
}

/* Opens `name` in the folder we are in for good, if it is still the object that was looked at. 1: look again. */
static int open_last(struct steps *s, const char *name, int flags, const struct stat *seen)
{
	struct stat st;
	int fd = openat(here(s), name, flags | O_NOFOLLOW);

	if (fd < 0)
		return errno == ELOOP && !S_ISLNK(seen->st_mode) ? -2 : -1;
	if (fstat(fd, &st) < 0 || st.st_dev != seen->st_dev || st.st_ino != seen->st_ino) {
		close(fd);
		return -2;
	}
	return fd;
}

static int open_here(struct steps *s, int flags) { return openat(here(s), ".", flags & ~O_NOFOLLOW); }

/* Cuts the next component out of `rest` (its slash becomes NUL); NULL at the end. */
static char *next_name(struct steps *s, bool *ret_last)
{
	char *name, *slash;

	while (s->at < s->rest.n && s->rest.p[s->at] == '/')
		s->at++;
	if (s->at == s->rest.n)
		return NULL;
	name = s->rest.p + s->at;
	slash = memchr(name, '/', s->rest.n - s->at);
	*ret_last = !slash;
	if (slash)
		*slash = 0;
	s->at = slash ? (size_t)(slash - s->rest.p) + 1 : s->rest.n;
	return name;
}

static int walk(struct steps *s, int flags)
{
	for (unsigned again = 0; again < 64;) {
		pk_autoclose int fd = -1;
		size_t done_n = s->done.n;
		bool last = true;
		struct stat st;
		char *name = next_name(s, &last);

		if (!name || strcmp(name, ".") == 0) {
			if (last)
				return open_here(s, flags);
			continue;
		}
		if (strcmp(name, "..") == 0) {
			if (go_up(s) < 0)
				return -1;
			if (last)
				return open_here(s, flags);
			continue;
		}
		pk_buf_put_c(&s->done, '/');
		pk_buf_puts(&s->done, name);
		if (s->done.oom)
			return fail(ENOMEM);
		if (s->done.n > PK_MAX_PATH_BYTES)
			return fail(ENAMETOOLONG);
		if (s->root->may_enter && !s->root->may_enter(s->root->may_enter_ctx, pk_buf_str(&s->done)))
			return fail(EREMOTE);
		fd = openat(here(s), name, STEP);
		if (fd < 0 || fstat(fd, &st) < 0)
			return -1;
		if (S_ISLNK(st.st_mode) && !(last && flags & O_NOFOLLOW)) {
			s->done.n = done_n;
			s->done.p[done_n] = 0;
			if (follow(s, fd) < 0)
				return -1;
			continue;
		}
		if (last) {
			int got = open_last(s, name, flags, &st);

			if (got != -2)
				return got;
			s->done.n = done_n; /* replaced while we looked: once more */
			s->done.p[done_n] = 0;
			s->at -= strlen(name);
			again++;
			continue;
		}
		if (!S_ISDIR(st.st_mode))
			return fail(ENOTDIR);
		move_to(s, pk_steal_fd(&fd));
	}
	return fail(EAGAIN);
}

int pk_pathwalk(const struct pk_root *r, struct pk_str path, int flags, struct pk_buf *ret_name)
{
	PK_AUTO(steps) s = {.root = r, .fd = -1};
	int fd;

	if (path.n > PK_MAX_PATH_BYTES)
		return fail(ENAMETOOLONG);
	pk_buf_put_str(&s.rest, path);
	if (path.n && path.p[path.n - 1] == '/')
		pk_buf_put_c(&s.rest, '.'); /* "link/" means the folder behind it, as in the kernel */
	pk_buf_put(&s.done, "", 0);
	if (s.rest.oom || s.done.oom)
		return fail(ENOMEM);
	fd = walk(&s, flags);
	if (fd >= 0 && ret_name) {
		pk_buf_put_str(ret_name, s.done.n ? pk_buf_str(&s.done) : PK_STR("/"));
		if (ret_name->oom) {
			close(fd);
			return fail(ENOMEM);
		}
	}
	return fd;
}
