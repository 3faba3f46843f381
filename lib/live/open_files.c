/* SPDX-License-Identifier: Apache-2.0 */
/* Table `process_open_files`, and who holds which socket. */
#include "sockets.h"
#include "tables.h"

#include <fcntl.h>
#include <unistd.h>

static const struct pk_live_column columns[] = {
	{"pid", PK_LIVE_BIGINT, "process id"},
	{"fd", PK_LIVE_BIGINT, "descriptor"},
	{"path", PK_LIVE_TEXT, "what it refers to, without the kernel's ' (deleted)'"},
	{"type", PK_LIVE_TEXT, "file, dir, char, block, fifo, socket or other"},
	{"deleted", PK_LIVE_INTEGER, "1: the name is gone"},
	{"device", PK_LIVE_TEXT, "device number"},
	{"inode", PK_LIVE_TEXT, "inode number"},
	{"size", PK_LIVE_BIGINT, "size in bytes, of files"},
	{"mode", PK_LIVE_TEXT, "permission bits, octal"},
	{"access", PK_LIVE_TEXT, "r, w or rw"},
	{"position", PK_LIVE_BIGINT, "offset"},
	{0},
};

const char *live_file_type(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return "file";
	case S_IFDIR: return "dir";
	case S_IFCHR: return "char";
	case S_IFBLK: return "block";
	case S_IFIFO: return "fifo";
	case S_IFLNK: return "link";
	case S_IFSOCK: return "socket";
	default: return "other";
	}
}

int live_list_numbers(int dirfd, struct live_keys *ret, struct pk_err *err)
{
	PK_AUTO(pk_strv) names = {0};
	uint64_t n;
	int e = live_list(dirfd, &names);

	for (size_t i = 0; i < names.n; i++)
		if (pk_str_u64(pk_str(names.v[i]), INT32_MAX, &n) && live_keys_add(ret, n, err) < 0)
			return -1;
	live_keys_sort(ret);
	return e ? pk_fail(err, PK_ESYS, e, "cannot list") : 0;
}

/* Opens PID/fd and lists it. False: there is nothing to list (said in a note when it matters). */
static bool list_fds(const struct pk_live_ctx *ctx, struct pk_live_out *out, uint64_t pid, int *ret_dir, int *ret_fds,
		     struct live_keys *ret)
{
	struct pk_err e = {0};
	int sys = live_pid_dir(ctx, pid, ret_dir);

	if (sys == 0) {
		*ret_fds = openat(*ret_dir, "fd", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		sys = *ret_fds < 0 ? errno : 0;
	}
	if (sys == 0 && live_list_numbers(*ret_fds, ret, &e) < 0)
		sys = e.sys ? e.sys : ENOMEM;
	if (sys && !live_vanished(sys))
		pk_live_note(out, "process %llu: its open files cannot be listed: %s", (unsigned long long)pid,
			     strerror(sys));
	return sys == 0 || ret->n;
}

static void put_fdinfo(struct pk_live_out *out, int dir, uint64_t fd, struct pk_buf *b)
{
	static const char *const access_names[] = {"r", "w", "rw", NULL};
	struct pk_str v;
	uint64_t pos, flags = 0;
	char name[40];
	bool cut;

	(void)snprintf(name, sizeof(name), "fdinfo/%llu", (unsigned long long)fd);
	pk_buf_reset(b);
	if (live_read_at(dir, name, PK_LIVE_MAX_VALUE, b, &cut) != 0)
		return;
	if (live_field(pk_buf_str(b), PK_STR("flags"), ':', &v) && v.n) {
		flags = (uint64_t)(v.p[v.n - 1] - '0') & 3;
		if (access_names[flags])
			pk_json_kz(&out->json, "access", access_names[flags]);
	}
	if (live_field(pk_buf_str(b), PK_STR("pos"), ':', &v) && live_u64(v, &pos) && pos <= INT64_MAX)
		pk_json_kuint(&out->json, "position", pos);
}

static void note_denied(struct pk_live_out *out, uint64_t pid, unsigned n)
{
	if (n)
		pk_live_note(out, "process %llu: what %u of its descriptors refer to cannot be read",
			     (unsigned long long)pid, n);
}

static int one(const struct pk_live_ctx *ctx, struct pk_live_out *out, uint64_t pid, bool careful, void *arg,
	       struct pk_err *err)
{
	PK_AUTO(live_keys) fds = {0};
	PK_AUTO(pk_buf) b = {0};
	pk_autoclose int dir = -1;
	pk_autoclose int fd_dir = -1;
	unsigned denied = 0;
	int e;

	(void)arg;
	if (!list_fds(ctx, out, pid, &dir, &fd_dir, &fds))
		return 0;
	for (size_t i = 0; i < fds.n; i++) {
		struct pk_str path, gone = PK_STR(" (deleted)");
		struct pk_json *j;
		struct stat st;
		bool have_stat, deleted;
		char name[24];

		(void)snprintf(name, sizeof(name), "%llu", (unsigned long long)fds.v[i]);
		pk_buf_reset(&b);
		e = live_readlink_at(fd_dir, name, &b);
		denied += e && !live_vanished(e);
		if (e)
			continue;
		path = pk_buf_str(&b);
		have_stat = !careful && fstatat(fd_dir, name, &st, 0) == 0;
		deleted = pk_str_ends(path, gone) && (!have_stat || st.st_nlink == 0);
		if (deleted)
			path.n -= gone.n;
		j = live_row(out);
		pk_json_kuint(j, "pid", pid);
		pk_json_kuint(j, "fd", fds.v[i]);
		live_kbytes(out, "path", path);
		if (have_stat)
			pk_json_kz(j, "type", live_file_type(st.st_mode));
		pk_json_kint(j, "deleted", deleted);
		if (have_stat) {
			pk_json_kdec(j, "device", st.st_dev);
			pk_json_kdec(j, "inode", st.st_ino);
			if (S_ISREG(st.st_mode))
				pk_json_kint(j, "size", st.st_size);
			live_kmode(j, "mode", st.st_mode);
		}
		put_fdinfo(out, dir, fds.v[i], &b);
		if (live_emit(out, err) < 0)
			return -1;
	}
	note_denied(out, pid, denied);
	return 0;
}

static int rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	PK_AUTO(live_keys) pids = {0};
	struct live_guard g = {.what = "process", .each = one};

	if (live_pids(ctx, &pids, err) < 0)
		return -1;
	g.keys = pids.v;
	g.n = pids.n;
	return live_guard_run(ctx, out, &g, err);
}

const struct pk_live_table live_process_open_files = {
	.name = "process_open_files",
	.doc = "what every descriptor of every process refers to",
	.columns = columns,
	.host_only = true,
	.rows = rows,
};

/* --- owners of sockets ------------------------------------------------------------------------------- */

void live_owners_done(struct live_owners *o)
{
	free(o->v);
	*o = (struct live_owners){0};
}

static int owners_of(const struct pk_live_ctx *ctx, struct pk_live_out *out, uint64_t pid, bool careful, void *arg,
		     struct pk_err *err)
{
	PK_AUTO(live_keys) fds = {0};
	PK_AUTO(pk_buf) b = {0};
	PK_AUTO(pk_buf) found = {0};
	pk_autoclose int dir = -1;
	pk_autoclose int fd_dir = -1;
	unsigned denied = 0;
	int e;

	(void)careful;
	(void)arg;
	if (!list_fds(ctx, out, pid, &dir, &fd_dir, &fds))
		return 0;
	for (size_t i = 0; i < fds.n; i++) {
		struct live_owner o = {.pid = pid, .fd = fds.v[i]};
		char name[24];

		(void)snprintf(name, sizeof(name), "%llu", (unsigned long long)fds.v[i]);
		pk_buf_reset(&b);
		e = live_readlink_at(fd_dir, name, &b);
		denied += e && !live_vanished(e);
		if (e || !live_bracket_number(pk_buf_str(&b), "socket:", &o.inode))
			continue;
		pk_buf_put(&found, &o, sizeof(o));
		if (found.n >= 32768) {
			if (live_guard_send(out, pk_buf_str(&found), err) < 0)
				return -1;
			pk_buf_reset(&found);
		}
	}
	note_denied(out, pid, denied);
	if (pk_buf_check(&found, err) < 0)
		return -1;
	return found.n ? live_guard_send(out, pk_buf_str(&found), err) : 0;
}

static int take_owners(void *arg, uint64_t pid, struct pk_str bytes, struct pk_err *err)
{
	struct live_owners *o = arg;
	size_t n = bytes.n / sizeof(struct live_owner);

	(void)pid;
	if (o->n + n > PK_LIVE_MAX_ITEMS)
		return pk_fail(err, PK_ELIMIT, 0, "more than %u sockets", PK_LIVE_MAX_ITEMS);
	if (!pk_grow(&o->v, &o->cap, o->n + n, sizeof(*o->v)))
		return pk_fail_oom(err);
	memcpy(o->v + o->n, bytes.p, n * sizeof(struct live_owner));
	o->n += n;
	return 0;
}

static int by_inode(const void *a, const void *b)
{
	const struct live_owner *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->fd < y->fd ? -1 : x->fd > y->fd;
}

int live_owners_collect(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct live_owners *ret,
			struct pk_err *err)
{
	PK_AUTO(live_keys) pids = {0};
	struct live_guard g = {.what = "process", .each = owners_of, .data = take_owners, .arg = ret};

	if (live_pids(ctx, &pids, err) < 0)
		return -1;
	g.keys = pids.v;
	g.n = pids.n;
	if (live_guard_run(ctx, out, &g, err) < 0)
		return -1;
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_inode);
	return 0;
}

size_t live_owners_find(const struct live_owners *o, uint64_t inode)
{
	size_t lo = 0, hi = o->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (o->v[mid].inode < inode)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}
