/* SPDX-License-Identifier: Apache-2.0 */
/* Which mounts a walk goes into: local ones, each tree once. */
#include "mount_priv.h"

#include <stdarg.h>
#include <stdlib.h>

static const char *const local_types[] = {
	"ext2",     "ext3",    "ext4",    "xfs",   "btrfs",    "zfs",    "bcachefs", "f2fs",    "jfs",   "reiserfs",
	"reiser4",  "nilfs2",  "ufs",     "hfs",   "hfsplus",  "apfs",   "vfat",     "msdos",   "exfat", "ntfs",
	"ntfs3",    "fuseblk", "iso9660", "udf",   "squashfs", "erofs",  "cramfs",   "romfs",   "jffs2", "ubifs",
	"yaffs",    "yaffs2",  "minix",   "tmpfs", "ramfs",    "rootfs", "devtmpfs", "overlay", "aufs",  "unionfs",
	"ecryptfs", "qnx4",    "qnx6",    "bfs",   "affs",     "efs",
};
static const char *const pseudo_types[] = {
	"proc",      "sysfs",      "cgroup",    "cgroup2", "cpuset",     "devpts",     "mqueue",     "debugfs",
	"tracefs",   "securityfs", "configfs",  "fusectl", "pstore",     "efivarfs",   "bpf",        "binfmt_misc",
	"hugetlbfs", "rpc_pipefs", "nfsd",      "autofs",  "selinuxfs",  "smackfs",    "apparmorfs", "nsfs",
	"sockfs",    "pipefs",     "bdev",      "resctrl", "functionfs", "gadgetfs",   "dax",        "binder",
	"pidfs",     "sysvipc",    "ipathfs",   "usbfs",   "xenfs",      "openpromfs", "spufs",      "oprofilefs",
	"devfs",     "rpc_pipefs", "secretmem", "drm",
};

static bool listed(struct pk_str type, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (pk_str_eq(type, pk_str(list[i])))
			return true;
	return false;
}

/* Whatever is not known to be harmless counts as network: it may hang. */
enum pk_mountkind pk_mount_kind(struct pk_str type)
{
	if (listed(type, local_types, PK_LEN(local_types)))
		return PK_MOUNT_LOCAL;
	if (listed(type, pseudo_types, PK_LEN(pseudo_types)))
		return PK_MOUNT_PSEUDO;
	return PK_MOUNT_NETWORK;
}

static int PK_PRINTF(3, 4) refuse(struct pk_mount *m, struct pk_err *err, const char *fmt, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	m->cross = false;
	m->why = pk_str_dup(pk_str(text));
	return m->why ? 0 : pk_fail_oom(err);
}

static int by_type(struct pk_mount *m, const struct pk_mount_opts *opts, struct pk_err *err)
{
	struct pk_str type = pk_str(m->type);

	m->cross = true;
	if (m->kind == PK_MOUNT_NETWORK && !pk_str_starts(type, PK_STR("fuse")) &&
	    pk_str_starts(pk_str(m->source), PK_STR("/dev/")))
		m->kind = PK_MOUNT_LOCAL; /* a type we have not heard of, on a device of this host */
	if (m->is_own)
		return 0;
	if (!m->visible)
		return refuse(m, err, "hidden under another mount");
	if (m->kind == PK_MOUNT_PSEUDO)
		return refuse(m, err, "pseudo file system %s", m->type);
	if (m->kind == PK_MOUNT_NETWORK && !(opts && opts->network))
		return refuse(m, err, "network or FUSE file system %s", m->type);
	return 0;
}

/* Where `tree` of a file system is seen through mount a, or false when a does not show it or hides it. */
static bool seen_through(const struct pk_mounts *m, const struct pk_mount *a, const char *tree, struct pk_buf *ret)
{
	struct pk_str t = pk_str(tree), top = pk_str(a->tree);
	size_t cut = top.n == 1 ? 0 : top.n;

	if (!path_is_below(t, top))
		return false;
	pk_buf_puts(ret, strcmp(a->point, "/") == 0 ? "" : a->point);
	if (t.n > 1)
		pk_buf_put(ret, t.p + cut, t.n - cut);
	if (!ret->n)
		pk_buf_put_c(ret, '/');
	for (size_t i = 0; i < m->n; i++) {
		const struct pk_mount *c = &m->v[i];
		struct pk_str point = pk_str(c->point);

		/* something mounted between a's point and there covers it */
		if (c != a && c->visible && point.n > strlen(a->point) && path_is_below(pk_buf_str(ret), point))
			return false;
	}
	return !ret->oom;
}

static int drop_repeats(struct pk_mounts *m, struct pk_mount *c, struct pk_err *err)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct pk_mount *a = &m->v[i];
		PK_AUTO(pk_buf) place = {0};

		if (a == c || !a->cross || !a->decided || a->major != c->major || a->minor != c->minor)
			continue;
		if (seen_through(m, a, c->tree, &place))
			return refuse(c, err, "same tree as '%s'", place.p);
	}
	return 0;
}

/* An overlay whose upper folder is walked itself shows nothing new. */
static int drop_overlay(const struct pk_mounts *m, struct pk_mount *c, struct pk_err *err)
{
	struct pk_str rest = pk_str(c->super_options), opt;

	if (strcmp(c->type, "overlay") != 0)
		return 0;
	while (pk_str_split(&rest, ',', &opt)) {
		const struct pk_mount *on = NULL;
		struct pk_str upper;

		if (!pk_str_starts(opt, PK_STR("upperdir=/")))
			continue;
		upper = pk_str_n(opt.p + 9, opt.n - 9);
		for (size_t i = 0; i < m->n; i++) {
			const struct pk_mount *a = &m->v[i];

			if (a->visible && path_is_below(upper, pk_str(a->point)) &&
			    (!on || strlen(a->point) >= strlen(on->point)))
				on = a;
		}
		if (on && on != c && on->cross && on->kind == PK_MOUNT_LOCAL)
			return refuse(c, err, "overlay, its upper folder '%.*s' is walked", PK_STR_ARG(upper));
	}
	return 0;
}

static int by_tree_length(const void *a, const void *b)
{
	const struct pk_mount *x = *(struct pk_mount *const *)a, *y = *(struct pk_mount *const *)b;
	size_t nx = strlen(x->tree), ny = strlen(y->tree);

	if (x->is_own != y->is_own)
		return x->is_own ? -1 : 1;
	if (nx != ny)
		return nx < ny ? -1 : 1;
	return (x > y) - (x < y); /* the older mount keeps the tree */
}

int mounts_decide(struct pk_mounts *m, const struct pk_mount_opts *opts, struct pk_err *err)
{
	pk_autofree struct pk_mount **order = calloc(m->n + 1, sizeof(struct pk_mount *));

	if (!order)
		return pk_fail_oom(err);
	for (size_t i = 0; i < m->n; i++) {
		order[i] = &m->v[i];
		if (by_type(&m->v[i], opts, err) < 0)
			return -1;
	}
	if (m->n)
		qsort(order, m->n, sizeof(*order), by_tree_length);
	for (size_t i = 0; i < m->n; i++) {
		struct pk_mount *c = order[i];

		if (c->cross && !c->is_own && c->kind == PK_MOUNT_LOCAL && drop_repeats(m, c, err) < 0)
			return -1;
		c->decided = true;
	}
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].cross && !m->v[i].is_own && drop_overlay(m, &m->v[i], err) < 0)
			return -1;
	return 0;
}
