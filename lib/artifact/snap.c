/* SPDX-License-Identifier: Apache-2.0 */
/* Metadata of one path, read without opening it. */
#include <picket/snap.h>
#include "snap_priv.h"

#include <picket/limits.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

const char *pk_kind_name(enum pk_kind k)
{
	static const char *const names[] = {"file", "dir", "link", "fifo", "socket", "char", "block"};

	return (size_t)k < PK_LEN(names) ? names[k] : "file";
}

static void forget_xattrs(struct pk_snap *s)
{
	for (size_t i = 0; i < s->xattrs_n; i++) {
		free(s->xattrs[i].name);
		free(s->xattrs[i].value);
	}
	s->xattrs_n = 0;
	s->xattrs_cut = false;
}

void pk_snap_done(struct pk_snap *s)
{
	forget_xattrs(s);
	free(s->xattrs);
	pk_buf_done(&s->path);
	pk_buf_done(&s->target);
	*s = (struct pk_snap){0};
}

static struct pk_time moment(struct statx_timestamp t) { return (struct pk_time){t.tv_sec, t.tv_nsec}; }

static bool kind_of(unsigned mode, enum pk_kind *ret)
{
	switch (mode & S_IFMT) {
	case S_IFREG: *ret = PK_KIND_FILE; return true;
	case S_IFDIR: *ret = PK_KIND_DIR; return true;
	case S_IFLNK: *ret = PK_KIND_LINK; return true;
	case S_IFIFO: *ret = PK_KIND_FIFO; return true;
	case S_IFSOCK: *ret = PK_KIND_SOCKET; return true;
	case S_IFCHR: *ret = PK_KIND_CHAR; return true;
	case S_IFBLK: *ret = PK_KIND_BLOCK; return true;
	default: return false;
	}
}

static const struct {
	uint64_t attr;
	unsigned flag;
} attributes[] = {
	{STATX_ATTR_IMMUTABLE, PK_SNAP_IMMUTABLE}, {STATX_ATTR_APPEND, PK_SNAP_APPEND},
	{STATX_ATTR_NODUMP, PK_SNAP_NODUMP},       {STATX_ATTR_COMPRESSED, PK_SNAP_COMPRESSED},
	{STATX_ATTR_ENCRYPTED, PK_SNAP_ENCRYPTED}, {STATX_ATTR_VERITY, PK_SNAP_VERITY},
};

static int fill_stat(struct pk_snap *s, const struct statx *x, const struct pk_facts *facts, struct pk_err *err)
{
	if (!kind_of(x->stx_mode, &s->kind))
		return pk_fail(err, PK_EFORMAT, 0, "'%s' is of no known kind (mode %o)", s->path.p, x->stx_mode);
	s->mode = x->stx_mode & 07777;
	s->uid = x->stx_uid;
	s->gid = x->stx_gid;
	s->user = facts ? pk_facts_user(facts, s->uid) : NULL;
	s->group = facts ? pk_facts_group(facts, s->gid) : NULL;
	s->size = x->stx_size;
	s->blocks = x->stx_blocks;
	s->dev = makedev(x->stx_dev_major, x->stx_dev_minor);
	s->rdev = makedev(x->stx_rdev_major, x->stx_rdev_minor);
	s->ino = x->stx_ino;
	s->nlink = x->stx_nlink;
	s->mtime = moment(x->stx_mtime);
	s->atime = moment(x->stx_atime);
	s->ctime = moment(x->stx_ctime);
	s->btime = moment(x->stx_btime);
	s->mnt_id = x->stx_mnt_id;
	s->has = (x->stx_mask & STATX_ATIME ? PK_SNAP_ATIME : 0u) | (x->stx_mask & STATX_BTIME ? PK_SNAP_BTIME : 0u) |
		 (x->stx_mask & STATX_MNT_ID ? PK_SNAP_MNT_ID : 0u);
	s->flags = 0;
	for (size_t i = 0; i < PK_LEN(attributes); i++)
		if (x->stx_attributes & attributes[i].attr)
			s->flags |= attributes[i].flag;
	return 0;
}

static int read_target(struct pk_snap *s, int fd, struct pk_err *err)
{
	size_t want = PK_MIN(PK_MAX(s->size + 1, (uint64_t)256), (uint64_t)PATH_MAX);

	for (;; want *= 2) {
		char *at = pk_buf_room(&s->target, want);
		ssize_t n = at ? readlinkat(fd, "", at, want) : -1;

		if (!at)
			return pk_fail_oom(err);
		if (n < 0)
			return pk_fail(err, PK_ESYS, errno, "cannot read the link '%s'", s->path.p);
		if ((size_t)n < want || want >= (size_t)PATH_MAX) {
			s->target.n = (size_t)n;
			s->target.p[n] = 0;
			s->has |= PK_SNAP_TARGET;
			return 0;
		}
	}
}

/* --- extended attributes --------------------------------------------------------------------------- */

/* By /proc/self/fd, which reaches any kind of object behind an O_PATH descriptor, links included. */
static ssize_t list_names(const char *self, struct pk_buf *ret)
{
	ssize_t n = listxattr(self, NULL, 0);
	char *at;

	if (n <= 0)
		return n;
	at = pk_buf_room(ret, (size_t)n);
	return at ? listxattr(self, at, (size_t)n) : -1;
}

static int add_xattr(struct pk_snap *s, const char *self, const char *name, size_t *left, struct pk_err *err)
{
	pk_autofree uint8_t *value = NULL;
	struct pk_xattr *x;
	size_t size = strlen(name);
	ssize_t n;

	if (s->xattrs_n == PK_MAX_XATTRS || size > *left) {
		s->xattrs_cut = true;
		return 0;
	}
	*left -= size;
	n = getxattr(self, name, NULL, 0);
	if (n < 0 && (errno == ENODATA || errno == ENOTSUP))
		return 0;
	if (n >= 0 && (size_t)n <= PK_MAX_XATTR_VALUE && (size_t)n <= *left) {
		value = malloc((size_t)n + 1);
		if (!value)
			return pk_fail_oom(err);
		n = getxattr(self, name, value, (size_t)n + 1);
		*left -= n > 0 ? (size_t)n : 0;
	}
	if (!pk_grow(&s->xattrs, &s->xattrs_cap, s->xattrs_n + 1, sizeof(*s->xattrs)))
		return pk_fail_oom(err);
	x = &s->xattrs[s->xattrs_n];
	*x = (struct pk_xattr){.name = pk_str_dup(pk_str(name)), .size = n > 0 ? (size_t)n : 0};
	if (!x->name)
		return pk_fail_oom(err);
	x->value = n >= 0 ? pk_steal(&value) : NULL;
	s->xattrs_n++;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct pk_xattr *)a)->name, ((const struct pk_xattr *)b)->name);
}

static int read_xattrs(struct pk_snap *s, int fd, struct pk_err *err)
{
	size_t left = PK_MAX_XATTR_BYTES;
	PK_AUTO(pk_buf) names = {0};
	char self[40];
	ssize_t n;

	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	n = list_names(self, &names);
	if (names.oom)
		return pk_fail_oom(err);
	if (n < 0) {
		s->xattrs_cut = errno != ENOTSUP;
		return 0;
	}
	for (const char *name = names.p; n > 0 && name < names.p + n; name += strlen(name) + 1)
		if (add_xattr(s, self, name, &left, err) < 0)
			return -1;
	if (s->xattrs_n)
		qsort(s->xattrs, s->xattrs_n, sizeof(*s->xattrs), by_name);
	return 0;
}

/* --- reading --------------------------------------------------------------------------------------- */

int snap_of_fd(struct pk_snap *s, int fd, const struct pk_facts *facts, int opts, struct pk_err *err)
{
	struct statx x;

	forget_xattrs(s);
	pk_buf_reset(&s->target);
	if (statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID, &x) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot stat '%s'", s->path.p);
	if (fill_stat(s, &x, facts, err) < 0)
		return -1;
	if (s->kind == PK_KIND_LINK && read_target(s, fd, err) < 0)
		return -1;
	return opts & PK_SNAP_NO_XATTRS ? 0 : read_xattrs(s, fd, err);
}

int pk_snap_readat(struct pk_snap *s, int dirfd, const char *name, struct pk_str path, const struct pk_facts *facts,
		   int opts, struct pk_err *err)
{
	pk_autoclose int fd = -1;

	pk_buf_reset(&s->path);
	pk_buf_put_str(&s->path, path);
	if (pk_buf_check(&s->path, err) < 0)
		return -1;
	/* O_PATH without O_DIRECTORY: nothing is opened, no automount is triggered */
	fd = openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot stat '%s'", s->path.p);
	return snap_of_fd(s, fd, facts, opts, err);
}

int pk_snap_read(struct pk_snap *s, const struct pk_root *root, struct pk_str path, const struct pk_facts *facts,
		 int opts, struct pk_err *err)
{
	PK_AUTO(pk_buf) name = {0};
	pk_autoclose int fd = -1;

	if (pk_root_resolve(root, path, &name, err) < 0)
		return -1;
	pk_buf_reset(&s->path);
	pk_buf_put_str(&s->path, pk_buf_str(&name));
	if (pk_buf_check(&s->path, err) < 0 ||
	    pk_root_openat(root, pk_buf_str(&s->path), O_PATH, PK_PATH_NOFOLLOW, &fd, err) < 0)
		return -1;
	return snap_of_fd(s, fd, facts, opts, err);
}

void snap_inode_flags(struct pk_snap *s, int fd)
{
	static const struct {
		long inode;
		unsigned flag;
	} map[] = {
		{FS_IMMUTABLE_FL, PK_SNAP_IMMUTABLE}, {FS_APPEND_FL, PK_SNAP_APPEND},
		{FS_NODUMP_FL, PK_SNAP_NODUMP},       {FS_COMPR_FL, PK_SNAP_COMPRESSED},
		{FS_ENCRYPT_FL, PK_SNAP_ENCRYPTED},   {FS_VERITY_FL, PK_SNAP_VERITY},
		{FS_NOATIME_FL, PK_SNAP_NOATIME},     {FS_UNRM_FL, PK_SNAP_UNDELETE},
		{FS_SECRM_FL, PK_SNAP_SECRM},         {FS_NOCOW_FL, PK_SNAP_NOCOW},
		{FS_CASEFOLD_FL, PK_SNAP_CASEFOLD},
	};
	int flags = 0; /* the kernel writes an int, whatever the macro's type says */

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		return;
	s->has |= PK_SNAP_INODE_FLAGS;
	for (size_t i = 0; i < PK_LEN(map); i++)
		if ((unsigned)flags & (unsigned)map[i].inode)
			s->flags |= map[i].flag;
}
