/* SPDX-License-Identifier: Apache-2.0 */
/* Paths beneath a root: openat2 where the kernel has it. */
#include <picket/path.h>
#include "pathwalk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* openat2 refuses flags that mean nothing beside O_PATH, so both ways use only these there. */
#define O_PATH_MASK (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static int open_in_root(int dirfd, const char *path, int flags)
{
	struct open_how how = {.flags = (uint64_t)(unsigned)flags, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};

	return (int)syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
}

static bool is_slash(const char *dir) { return dir[0] == '/' && strspn(dir, "/") == strlen(dir); }

/* The same folder on the same mount: a bind mount of "/" elsewhere is not the live host's root. */
static bool same_as_slash(int fd)
{
	struct statx a, b;

	return statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &a) == 0 &&
	       statx(AT_FDCWD, "/", 0, STATX_INO | STATX_MNT_ID, &b) == 0 && a.stx_ino == b.stx_ino &&
	       a.stx_dev_major == b.stx_dev_major && a.stx_dev_minor == b.stx_dev_minor &&
	       (a.stx_mask & b.stx_mask & STATX_MNT_ID) && a.stx_mnt_id == b.stx_mnt_id;
}

int pk_root_open(struct pk_root *r, const char *dir, struct pk_err *err)
{
	pk_autofree char *name = pk_str_dup(pk_str(dir));
	pk_autoclose int fd = -1, probe = -1;

	if (!name)
		return pk_fail_oom(err);
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open the root '%s'", dir);
	probe = open_in_root(fd, ".", O_PATH | O_CLOEXEC);
	*r = (struct pk_root){
		.is_host = is_slash(dir) || same_as_slash(fd),
		.no_openat2 = probe < 0, /* an old kernel, or a container's filter that does not know it */
	};
	r->fd = pk_steal_fd(&fd);
	r->name = pk_steal(&name);
	return 0;
}

void pk_root_done(struct pk_root *r)
{
	if (r->name && r->fd >= 0)
		close(r->fd);
	free(r->name);
	*r = (struct pk_root){.fd = -1};
}

/* -1 with errno; EAGAIN means that the tree moved under the kernel's feet. */
static int fast_open(const struct pk_root *r, const char *path, int flags)
{
	for (int tries = 0; tries < 16; tries++) {
		int fd = open_in_root(r->fd, path, flags);

		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			return fd;
	}
	errno = EAGAIN;
	return -1;
}

int pk_root_openat(const struct pk_root *r, struct pk_str path, int flags, int path_flags, int *ret_fd,
		   struct pk_err *err)
{
	bool nofollow = path_flags & PK_PATH_NOFOLLOW || flags & O_NOFOLLOW;
	pk_autofree char *z = NULL;
	int fd = -1;

	if (flags & (O_CREAT | O_TRUNC) || (flags & O_TMPFILE) == O_TMPFILE)
		return pk_fail(err, PK_EINTERNAL, 0, "a root is only read");
	if (pk_str_find(path, 0) != path.n)
		return pk_fail(err, PK_EFORMAT, 0, "a path holds a NUL byte: '%.*s'", PK_STR_ARG(path));
	flags |= O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (nofollow ? O_NOFOLLOW : 0);
	if (flags & O_PATH)
		flags &= O_PATH_MASK;
	if (!r->no_openat2 && !r->may_enter) {
		struct pk_str rel = path;

		while (rel.n && rel.p[0] == '/')
			rel.p++, rel.n--;
		z = pk_str_dup(rel);
		if (!z)
			return pk_fail_oom(err);
		fd = fast_open(r, rel.n ? z : ".", flags);
		/* longer than PATH_MAX, or too lively a tree: by component */
		if (fd < 0 && errno != ENAMETOOLONG && errno != EAGAIN)
			return pk_fail(err, PK_ESYS, errno, "cannot open '%.*s'", PK_STR_ARG(path));
	}
	if (fd < 0)
		fd = pk_pathwalk(r, path, flags, NULL);
	if (fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open '%.*s'", PK_STR_ARG(path));
	*ret_fd = fd;
	return 0;
}

static int resolve(const struct pk_root *r, struct pk_str path, int flags, struct pk_buf *ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) name = {0};
	pk_autoclose int fd = -1;

	if (pk_str_find(path, 0) != path.n)
		return pk_fail(err, PK_EFORMAT, 0, "a path holds a NUL byte: '%.*s'", PK_STR_ARG(path));
	fd = pk_pathwalk(r, path, O_PATH | O_CLOEXEC | flags, &name);
	if (fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot resolve '%.*s'", PK_STR_ARG(path));
	pk_buf_put_str(ret, pk_buf_str(&name));
	return pk_buf_check(ret, err);
}

int pk_root_resolve(const struct pk_root *r, struct pk_str path, struct pk_buf *ret, struct pk_err *err)
{
	return resolve(r, path, O_NOFOLLOW, ret, err);
}

int pk_root_resolve_all(const struct pk_root *r, struct pk_str path, struct pk_buf *ret, struct pk_err *err)
{
	return resolve(r, path, 0, ret, err);
}
