/* SPDX-License-Identifier: Apache-2.0 */
/* Table `mounts`: every mount of every mount namespace; sizes of local file systems only. */
#include "sockets.h"
#include "tables.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const struct pk_live_column columns[] = {
	{"device", PK_LIVE_TEXT, "what is mounted"},
	{"path", PK_LIVE_TEXT, "where"},
	{"type", PK_LIVE_TEXT, "file system"},
	{"blocks_size", PK_LIVE_BIGINT, "block size in bytes; this and the next only of local file systems we see"},
	{"blocks", PK_LIVE_BIGINT, "blocks"},
	{"blocks_free", PK_LIVE_BIGINT, "free blocks"},
	{"blocks_available", PK_LIVE_BIGINT, "free blocks for ordinary users"},
	{"inodes", PK_LIVE_BIGINT, "inodes"},
	{"inodes_free", PK_LIVE_BIGINT, "free inodes"},
	{"flags", PK_LIVE_TEXT, "options of the mount"},
	{"super_options", PK_LIVE_TEXT, "options of the file system"},
	{"mount_id", PK_LIVE_BIGINT, "id of the mount"},
	{"parent_id", PK_LIVE_BIGINT, "id of the mount it is on"},
	{"device_number", PK_LIVE_TEXT, "major:minor"},
	{"root", PK_LIVE_TEXT, "which folder of the file system is mounted"},
	{"propagation", PK_LIVE_TEXT, "shared, master..."},
	{"mnt_namespace", PK_LIVE_TEXT, "inode of the mount namespace"},
	{"own_namespace", PK_LIVE_INTEGER, "1: the collector's own"},
	{"over_process", PK_LIVE_BIGINT, "the mount covers the /proc folder of this process"},
	{0},
};

static bool local_type(struct pk_str t)
{
	static const char *const local[] = {"ext2",    "ext3",     "ext4",     "xfs",     "btrfs",   "f2fs",
					    "jfs",     "reiserfs", "vfat",     "exfat",   "ntfs",    "ntfs3",
					    "iso9660", "udf",      "squashfs", "erofs",   "overlay", "tmpfs",
					    "ramfs",   "devtmpfs", "zfs",      "bcachefs"};

	for (size_t i = 0; i < PK_LEN(local); i++)
		if (pk_str_eq(t, pk_str(local[i])))
			return true;
	return false;
}

/* Sizes, when the path leads to this very mount and nothing is mounted over it. */
static void put_sizes(const struct pk_live_ctx *ctx, struct pk_json *j, struct pk_str path, uint64_t mount_id)
{
	pk_autofree char *z = pk_str_dup(path);
	pk_autoclose int fd = -1;
	struct statvfs s;
	struct statx sx;

	if (!z)
		return;
	fd = openat(ctx->root->fd, z[1] ? z + 1 : ".", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, 0x1000 /* STATX_MNT_ID */, &sx) < 0 ||
	    !(sx.stx_mask & 0x1000) || sx.stx_mnt_id != mount_id || fstatvfs(fd, &s) < 0)
		return;
	pk_json_kuint(j, "blocks_size", s.f_frsize);
	pk_json_kuint(j, "blocks", s.f_blocks & INT64_MAX);
	pk_json_kuint(j, "blocks_free", s.f_bfree & INT64_MAX);
	pk_json_kuint(j, "blocks_available", s.f_bavail & INT64_MAX);
	pk_json_kuint(j, "inodes", s.f_files & INT64_MAX);
	pk_json_kuint(j, "inodes_free", s.f_ffree & INT64_MAX);
}

static bool over_process(struct pk_str path, uint64_t *ret)
{
	struct pk_str prefix = PK_STR("/proc/");

	return pk_str_starts(path, prefix) &&
	       pk_str_u64(pk_str_n(path.p + prefix.n, path.n - prefix.n), INT32_MAX, ret);
}

static int row(const struct pk_live_ctx *ctx, struct pk_live_out *out, const struct live_mount *m, uint64_t ns,
	       bool own, bool careful, struct pk_err *err)
{
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_buf) b = {0};
	struct pk_json *j = live_row(out);
	uint64_t pid;

	live_unescape(&b, m->source);
	live_kbytes(out, "device", pk_buf_str(&b));
	live_unescape(&path, m->path);
	live_kbytes(out, "path", pk_buf_str(&path));
	live_kbytes(out, "type", m->type);
	if (own && !careful && ctx->live && path.n && local_type(m->type))
		put_sizes(ctx, j, pk_buf_str(&path), m->id);
	live_kbytes(out, "flags", m->options);
	pk_buf_reset(&b);
	live_unescape(&b, m->super_options);
	live_kopt(out, "super_options", pk_buf_str(&b));
	pk_json_kuint(j, "mount_id", m->id & INT64_MAX);
	pk_json_kuint(j, "parent_id", m->parent & INT64_MAX);
	live_kbytes(out, "device_number", m->device_number);
	pk_buf_reset(&b);
	live_unescape(&b, m->root);
	live_kbytes(out, "root", pk_buf_str(&b));
	live_kopt(out, "propagation", m->optional);
	pk_json_kdec(j, "mnt_namespace", ns);
	pk_json_kint(j, "own_namespace", own);
	if (over_process(pk_buf_str(&path), &pid))
		pk_json_kuint(j, "over_process", pid);
	return live_emit(out, err);
}

/* A key is the pid by which a namespace is read. */
static int one(const struct pk_live_ctx *ctx, struct pk_live_out *out, uint64_t pid, bool careful, void *arg,
	       struct pk_err *err)
{
	uint64_t own = *(uint64_t *)arg, ns = 0;
	PK_AUTO(pk_buf) b = {0};
	pk_autoclose int dir = -1;
	struct pk_str rest, line;
	struct live_mount m;
	unsigned odd = 0;
	bool cut;
	int e = live_pid_dir(ctx, pid, &dir);

	if (e == 0 && live_readlink_at(dir, "ns/mnt", &b) == 0)
		(void)live_bracket_number(pk_buf_str(&b), "mnt:", &ns);
	pk_buf_reset(&b);
	if (e == 0)
		e = live_read_at(dir, "mountinfo", PK_LIVE_MAX_FILE, &b, &cut);
	if (e && !live_vanished(e))
		pk_live_note(out, "process %llu: mountinfo: %s", (unsigned long long)pid, strerror(e));
	rest = pk_buf_str(&b);
	while (e == 0 && rest.n && pk_str_line(&rest, &line)) {
		if (!live_parse_mount(line, &m))
			odd++;
		else if (row(ctx, out, &m, ns, ns == own, careful, err) < 0)
			return -1;
	}
	if (odd)
		pk_live_note(out, "process %llu: %u lines of mountinfo are not understood", (unsigned long long)pid,
			     odd);
	return 0;
}

/* The lowest pid of each namespace. */
static int representatives(const struct pk_live_ctx *ctx, struct live_keys *ret, struct pk_err *err)
{
	PK_AUTO(live_keys) pids = {0};
	PK_AUTO(live_keys) seen = {0};
	PK_AUTO(pk_buf) b = {0};
	uint64_t ns;

	if (live_pids(ctx, &pids, err) < 0)
		return -1;
	for (size_t i = 0; i < pids.n; i++) {
		pk_autoclose int dir = -1;
		bool known = false;

		pk_buf_reset(&b);
		if (live_pid_dir(ctx, pids.v[i], &dir) != 0 || live_readlink_at(dir, "ns/mnt", &b) != 0 ||
		    !live_bracket_number(pk_buf_str(&b), "mnt:", &ns))
			continue;
		for (size_t k = 0; k < seen.n; k++)
			known |= seen.v[k] == ns;
		if (!known && (live_keys_add(&seen, ns, err) < 0 || live_keys_add(ret, pids.v[i], err) < 0))
			return -1;
	}
	return 0;
}

static int rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	PK_AUTO(live_keys) pids = {0};
	PK_AUTO(pk_buf) b = {0};
	uint64_t own = 0;
	struct live_guard g = {.what = "mounts seen by process", .each = one, .arg = &own};

	if (live_readlink_at(ctx->proc_fd, "self/ns/mnt", &b) == 0)
		(void)live_bracket_number(pk_buf_str(&b), "mnt:", &own);
	if (representatives(ctx, &pids, err) < 0)
		return -1;
	g.keys = pids.v;
	g.n = pids.n;
	return live_guard_run(ctx, out, &g, err);
}

const struct pk_live_table live_mounts = {
	.name = "mounts",
	.doc = "every mount of every mount namespace",
	.columns = columns,
	.host_only = true,
	.rows = rows,
};
