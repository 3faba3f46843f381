/* SPDX-License-Identifier: Apache-2.0 */
/* Opens the content of a described file without being fooled, and maps where it has data. */
#include <picket/snap.h>
#include "quiet_open.h"
#include "snap_priv.h"

#include <picket/limits.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define MAX_LOOKS (64u * PK_MAX_EXTENTS)

static int check_kind(const struct pk_snap *s, struct pk_err *err)
{
	if (s->kind == PK_KIND_FILE)
		return 0;
	return pk_fail(err, PK_EFORMAT, 0, "'%s' is a %s, which is not opened", s->path.p, pk_kind_name(s->kind));
}

/* What was opened must be what was described. */
static int accept(struct pk_snap *s, int fd, bool noatime, int *ret_fd, struct pk_err *err)
{
	pk_autoclose int mine = fd;
	struct stat st;

	if (fstat(mine, &st) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot stat '%s'", s->path.p);
	if (!S_ISREG(st.st_mode) || st.st_dev != s->dev || st.st_ino != s->ino)
		return pk_fail(err, PK_EFORMAT, 0, "replaced: '%s' is no longer what was described", s->path.p);
	if (!noatime)
		s->flags |= PK_SNAP_ATIME_CHANGED;
	snap_inode_flags(s, mine);
	*ret_fd = pk_steal_fd(&mine);
	return 0;
}

int pk_snap_openat(struct pk_snap *s, int dirfd, const char *name, int *ret_fd, struct pk_err *err)
{
	bool noatime = true;
	int fd;

	if (check_kind(s, err) < 0)
		return -1;
	fd = quiet_openat(dirfd, name, 0, &noatime);
	if (fd < 0 && errno == ELOOP)
		return pk_fail(err, PK_EFORMAT, 0, "replaced: '%s' is now a link", s->path.p);
	if (fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open '%s'", s->path.p);
	return accept(s, fd, noatime, ret_fd, err);
}

int pk_snap_open(struct pk_snap *s, const struct pk_root *root, int *ret_fd, struct pk_err *err)
{
	struct pk_str path = pk_buf_str(&s->path);
	struct pk_err why = {0};
	bool noatime = true;
	int fd = -1;

	if (check_kind(s, err) < 0)
		return -1;
	if (pk_root_openat(root, path, O_RDONLY | O_NOATIME, PK_PATH_NOFOLLOW, &fd, &why) < 0 && why.sys == EPERM) {
		noatime = false;
		why = (struct pk_err){0};
		(void)!pk_root_openat(root, path, O_RDONLY, PK_PATH_NOFOLLOW, &fd, &why);
	}
	if (fd < 0 && why.sys == ELOOP)
		return pk_fail(err, PK_EFORMAT, 0, "replaced: '%s' is now a link", s->path.p);
	if (fd < 0) {
		if (err)
			*err = why;
		return -1;
	}
	return accept(s, fd, noatime, ret_fd, err);
}

int pk_snap_compare(const struct pk_snap *s, int fd, unsigned *ret_changes, struct pk_err *err)
{
	unsigned changes = 0;
	struct statx x;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &x) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot stat '%s'", s->path.p);
	if (x.stx_size > s->size)
		changes |= PK_SNAP_GREW;
	if (x.stx_size < s->size)
		changes |= PK_SNAP_SHRANK;
	if (x.stx_mtime.tv_sec != s->mtime.sec || x.stx_mtime.tv_nsec != s->mtime.nsec ||
	    x.stx_ctime.tv_sec != s->ctime.sec || x.stx_ctime.tv_nsec != s->ctime.nsec)
		changes |= PK_SNAP_CHANGED;
	*ret_changes = changes;
	return 0;
}

bool pk_snap_is_pseudo(int fd)
{
	static const uint64_t types[] = {
		PROC_SUPER_MAGIC,    SYSFS_MAGIC,
		DEBUGFS_MAGIC,       TRACEFS_MAGIC,
		SECURITYFS_MAGIC,    CGROUP_SUPER_MAGIC,
		CGROUP2_SUPER_MAGIC, BPF_FS_MAGIC,
		EFIVARFS_MAGIC,      SELINUX_MAGIC,
		SMACK_MAGIC,         PSTOREFS_MAGIC,
		BINFMTFS_MAGIC,      0x62656570 /* configfs */,
	};
	struct statfs sf;

	if (fstatfs(fd, &sf) < 0)
		return false;
	for (size_t i = 0; i < PK_LEN(types); i++)
		if ((uint64_t)(uint32_t)sf.f_type == types[i])
			return true;
	return false;
}

/* --- where the data is ----------------------------------------------------------------------------- */

void pk_extents_done(struct pk_extents *e)
{
	free(e->v);
	*e = (struct pk_extents){0};
}

/* Joins each pair of neighbours: half as many ranges, none of the data lost. */
static void coarsen(struct pk_extents *e)
{
	size_t n = 0;

	e->stored = 0;
	for (size_t i = 0; i < e->n; i += 2) {
		struct pk_extent x = e->v[i];

		if (i + 1 < e->n)
			x.len = e->v[i + 1].off + e->v[i + 1].len - x.off;
		e->stored += x.len;
		e->v[n++] = x;
	}
	e->n = n;
}

static int add(struct pk_extents *e, uint64_t off, uint64_t len, struct pk_err *err)
{
	if (e->n == PK_MAX_EXTENTS)
		coarsen(e);
	if (!pk_grow(&e->v, &e->cap, e->n + 1, sizeof(*e->v)))
		return pk_fail_oom(err);
	e->v[e->n++] = (struct pk_extent){off, len};
	e->stored += len;
	return 0;
}

static int map(int fd, uint64_t size, struct pk_extents *e, struct pk_err *err)
{
	unsigned ranges = 0;

	for (uint64_t at = 0; at < size;) {
		off_t data = lseek(fd, (off_t)at, SEEK_DATA), hole;

		if (ranges++ > MAX_LOOKS) /* a file system that never comes to an end: the rest counts as data */
			return add(e, at, size - at, err);
		if (data < 0 && errno == ENXIO)
			return 0; /* nothing but a hole up to the end */
		if (data < 0 && (errno == EINVAL || errno == ENOTSUP) && at == 0)
			return add(e, 0, size, err);
		hole = data < 0 ? -1 : lseek(fd, data, SEEK_HOLE);
		if (data < 0 || (hole < 0 && errno != ENXIO))
			return pk_fail(err, PK_ESYS, errno, "cannot find the holes");
		if ((uint64_t)data >= size)
			return 0;
		if (hole < 0 || (uint64_t)hole > size)
			hole = (off_t)size;
		if (hole <= data || (uint64_t)data < at) /* changed under us: the rest counts as data */
			return add(e, at, size - at, err);
		if (add(e, (uint64_t)data, (uint64_t)(hole - data), err) < 0)
			return -1;
		at = (uint64_t)hole;
	}
	return 0;
}

int pk_snap_extents(int fd, uint64_t size, struct pk_extents *ret, struct pk_err *err)
{
	PK_AUTO(pk_extents) e = {0};

	if (size > INT64_MAX)
		return pk_fail(err, PK_EFORMAT, 0, "a size of %llu is past any file", (unsigned long long)size);
	if (map(fd, size, &e, err) < 0)
		return -1;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot go back to the start");
	pk_extents_done(ret);
	*ret = e;
	e = (struct pk_extents){0};
	return 0;
}
