/* SPDX-License-Identifier: Apache-2.0 */
/* Table `suid_bin`: programs that run with the rights of others, by mode or by file capability. */
#include "accounts.h"
#include "sockets.h"
#include "tables.h"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#define MAX_DEPTH 24
#define MAX_WALKED 1000000u
#define MAX_HASHED (64u << 20)

static const struct pk_live_column columns[] = {
	{"path", PK_LIVE_TEXT, "the program"},
	{"username", PK_LIVE_TEXT, "owner, by the host's own passwd"},
	{"groupname", PK_LIVE_TEXT, "group, by the host's own group file"},
	{"permissions", PK_LIVE_TEXT, "S set-user-id, G set-group-id; absent where only capabilities make it special"},
	{"uid", PK_LIVE_BIGINT, "owner"},
	{"gid", PK_LIVE_BIGINT, "group"},
	{"mode", PK_LIVE_TEXT, "permission bits, octal"},
	{"size", PK_LIVE_BIGINT, "bytes"},
	{"inode", PK_LIVE_TEXT, "inode number"},
	{"links", PK_LIVE_BIGINT, "names it has"},
	{"mtime", PK_LIVE_TIME, "last write"},
	{"ctime", PK_LIVE_TIME, "last change of the inode"},
	{"sha256", PK_LIVE_TEXT, "of the contents, up to 64 MiB"},
	{"cap_permitted", PK_LIVE_TEXT, "file capabilities, hexadecimal"},
	{"cap_inheritable", PK_LIVE_TEXT, "file capabilities, hexadecimal"},
	{"cap_effective", PK_LIVE_INTEGER, "1: they are on from the start"},
	{0},
};

static const char *const folders[] = {
	"/bin", "/sbin", "/usr/bin",  "/usr/sbin",      "/usr/local/bin", "/usr/local/sbin", "/usr/lib", "/usr/libexec",
	"/lib", "/opt",  "/snap/bin", "/usr/local/lib", "/tmp",           "/var/tmp",        "/dev/shm"};

struct walk {
	const struct pk_live_ctx *ctx;
	struct pk_live_out *out;
	struct live_accounts accounts;
	struct live_remote remote;
	struct pk_buf groups;
	struct live_keys seen; /* folders begun, against the same one by two names */
	uint64_t walked;
	bool full;
};

static void walk_done(struct walk *w)
{
	live_accounts_done(&w->accounts);
	live_remote_done(&w->remote);
	pk_buf_done(&w->groups);
	live_keys_done(&w->seen);
}

struct caps {
	uint64_t permitted, inheritable;
	bool effective;
};

/* vfs_cap_data: magic, then permitted and inheritable, low and high words in turn. Read without opening the file,
 * so that nothing of it changes. */
static bool file_caps(int dir, const char *name, struct caps *ret)
{
	PK_AUTO(pk_buf) path = {0};
	uint8_t raw[32];
	struct pk_cur c;
	uint32_t magic;
	ssize_t n;

	pk_buf_putf(&path, "/proc/self/fd/%d/", dir);
	pk_buf_puts(&path, name);
	if (path.oom)
		return false;
	n = lgetxattr(path.p, "security.capability", raw, sizeof(raw));
	if (n < 12)
		return false;
	c = pk_cur(raw, (size_t)n);
	magic = pk_rd_le32(&c);
	ret->permitted = pk_rd_le32(&c);
	ret->inheritable = pk_rd_le32(&c);
	if (n >= 20) {
		ret->permitted |= (uint64_t)pk_rd_le32(&c) << 32;
		ret->inheritable |= (uint64_t)pk_rd_le32(&c) << 32;
	}
	ret->effective = magic & 1;
	return true;
}

static void put_sha256(struct pk_live_out *out, int dir, const char *name, const struct stat *st)
{
	PK_AUTO(pk_buf) b = {0};
	pk_autoclose int fd = -1;
	uint8_t digest[PK_SHA256_SIZE];

	if (st->st_size > MAX_HASHED)
		return;
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_NOATIME);
	if (fd < 0 && errno == EPERM)
		fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || pk_read_all(fd, MAX_HASHED, &b, NULL) < 0)
		return;
	pk_sha256(b.p, b.n, digest);
	pk_json_khex(&out->json, "sha256", digest, sizeof(digest));
}

static int file_row(struct walk *w, int dir, const char *name, struct pk_str path, const struct stat *st,
		    struct pk_err *err)
{
	struct caps caps = {0};
	bool special = st->st_mode & (S_ISUID | S_ISGID), has_caps = st->st_mode & 0111 && file_caps(dir, name, &caps);
	PK_AUTO(pk_buf) hex = {0};
	struct pk_json *j;

	if (!special && !has_caps)
		return 0;
	j = live_row(w->out);
	live_kbytes(w->out, "path", path);
	live_kopt(w->out, "username", live_accounts_name(&w->accounts, st->st_uid));
	live_kopt(w->out, "groupname", live_group_name(pk_buf_str(&w->groups), st->st_gid));
	if (special)
		pk_json_kz(j, "permissions", !(st->st_mode & S_ISGID) ? "S" : !(st->st_mode & S_ISUID) ? "G" : "SG");
	pk_json_kuint(j, "uid", st->st_uid);
	pk_json_kuint(j, "gid", st->st_gid);
	live_kmode(j, "mode", st->st_mode);
	pk_json_kint(j, "size", st->st_size);
	pk_json_kdec(j, "inode", st->st_ino);
	pk_json_kuint(j, "links", st->st_nlink);
	pk_json_ktime(j, "mtime", (struct pk_time){st->st_mtim.tv_sec, (uint32_t)st->st_mtim.tv_nsec});
	pk_json_ktime(j, "ctime", (struct pk_time){st->st_ctim.tv_sec, (uint32_t)st->st_ctim.tv_nsec});
	put_sha256(w->out, dir, name, st);
	if (has_caps) {
		pk_buf_putf(&hex, "%016llx", (unsigned long long)caps.permitted);
		pk_json_kstr(j, "cap_permitted", pk_buf_str(&hex));
		pk_buf_reset(&hex);
		pk_buf_putf(&hex, "%016llx", (unsigned long long)caps.inheritable);
		pk_json_kstr(j, "cap_inheritable", pk_buf_str(&hex));
		pk_json_kint(j, "cap_effective", caps.effective);
	}
	return live_emit(w->out, err);
}

static int walk(struct walk *w, int dir, struct pk_str folder, dev_t device, unsigned depth, struct pk_err *err)
{
	PK_AUTO(pk_strv) names = {0};
	PK_AUTO(pk_buf) path = {0};
	int e = live_list(dir, &names);

	if (e)
		pk_live_note(w->out, "'%.*s': %s", PK_STR_ARG(folder), strerror(e));
	for (size_t i = 0; i < names.n && !w->full; i++) {
		struct pk_str p = live_join(&path, folder, pk_str(names.v[i]));
		struct stat st;

		if (++w->walked > MAX_WALKED || live_expired(w->ctx)) {
			w->full = true;
			pk_live_note(w->out, "the walk for special programs stopped at '%.*s' after %llu entries",
				     PK_STR_ARG(p), (unsigned long long)w->walked);
			break;
		}
		if (live_is_remote(&w->remote, p) ||
		    fstatat(dir, names.v[i], &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
			continue;
		if (S_ISREG(st.st_mode) && file_row(w, dir, names.v[i], p, &st, err) < 0)
			return -1;
		if (S_ISDIR(st.st_mode) && st.st_dev == device && depth < MAX_DEPTH) {
			pk_autoclose int sub = openat(dir, names.v[i],
						      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NOATIME);

			if (sub < 0 && errno == EPERM)
				sub = openat(dir, names.v[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			if (sub >= 0 && walk(w, sub, p, device, depth + 1, err) < 0)
				return -1;
		}
	}
	return 0;
}

static int rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	PK_AUTO(walk) w = {.ctx = ctx, .out = out};
	bool cut;

	if (live_accounts_read(ctx, out, &w.accounts, err) < 0 || live_remote_find(ctx, &w.remote, err) < 0)
		return -1;
	if (live_read_root(ctx, PK_STR("etc/group"), PK_LIVE_MAX_FILE, &w.groups, &cut) != 0)
		pk_buf_reset(&w.groups);
	for (size_t i = 0; i < PK_LEN(folders) && !w.full; i++) {
		pk_autoclose int dir = -1;
		struct stat st;
		bool again = false;

		if (live_is_remote(&w.remote, pk_str(folders[i])) ||
		    live_dir_root(ctx, pk_str(folders[i]), &dir) != 0 || fstat(dir, &st) < 0)
			continue;
		for (size_t k = 0; k + 1 < w.seen.n; k += 2)
			again |= w.seen.v[k] == st.st_dev && w.seen.v[k + 1] == st.st_ino;
		if (again)
			continue;
		if (live_keys_add(&w.seen, st.st_dev, err) < 0 || live_keys_add(&w.seen, st.st_ino, err) < 0)
			return -1;
		if (walk(&w, dir, pk_str(folders[i]), st.st_dev, 0, err) < 0)
			return -1;
	}
	return 0;
}

const struct pk_live_table live_suid_bin = {
	.name = "suid_bin",
	.doc = "programs that run with the rights of others, by mode or by file capability, where programs are and "
	       "where "
	       "intruders put them",
	.columns = columns,
	.rows = rows,
};
