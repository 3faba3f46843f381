/* SPDX-License-Identifier: Apache-2.0 */
/* Table `hash`: every running executable, read through /proc/PID/exe, so that a deleted one is hashed too. */
#include "sockets.h"
#include "tables.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define HASH_TIMES 30u       /* longer than another item: one executable, from a slow disk */
#define MAX_PIDS_SHOWN 8000u /* of seven digits and a comma: what one value may hold */

static const struct pk_live_column columns[] = {
	{"path", PK_LIVE_TEXT, "executable, without the kernel's ' (deleted)'"},
	{"directory", PK_LIVE_TEXT, "folder of the path"},
	{"md5", PK_LIVE_TEXT, "digest"},
	{"sha1", PK_LIVE_TEXT, "digest"},
	{"sha256", PK_LIVE_TEXT, "digest"},
	{"size", PK_LIVE_BIGINT, "bytes"},
	{"deleted", PK_LIVE_INTEGER, "1: no name is left"},
	{"device", PK_LIVE_TEXT, "device number"},
	{"inode", PK_LIVE_TEXT, "inode number"},
	{"mode", PK_LIVE_TEXT, "permission bits, octal"},
	{"uid", PK_LIVE_BIGINT, "owner"},
	{"mtime", PK_LIVE_TIME, "last write"},
	{"ctime", PK_LIVE_TIME, "last change of the inode"},
	{"pids", PK_LIVE_TEXT, "processes that run it, by commas"},
	{0},
};

struct exe {
	uint64_t dev, ino, pid;
};
struct exes {
	struct exe *v;
	size_t n, cap;
};

static void exes_done(struct exes *e) { free(e->v); }

/* --- which there are ------------------------------------------------------------------------------------------- */

static int find_exe(const struct pk_live_ctx *ctx, struct pk_live_out *out, uint64_t pid, bool careful, void *arg,
		    struct pk_err *err)
{
	pk_autoclose int dir = -1;
	struct exe e = {.pid = pid};
	struct stat st;

	(void)arg;
	if (careful || live_pid_dir(ctx, pid, &dir) != 0)
		return 0;
	if (fstatat(dir, "exe", &st, 0) < 0) {
		if (!live_vanished(errno))
			pk_live_note(out, "process %llu: its executable: %s", (unsigned long long)pid, strerror(errno));
		return 0; /* a kernel thread has none */
	}
	e.dev = st.st_dev;
	e.ino = st.st_ino;
	return live_guard_send(out, pk_str_n(&e, sizeof(e)), err);
}

static int take_exe(void *arg, uint64_t pid, struct pk_str bytes, struct pk_err *err)
{
	struct exes *l = arg;

	(void)pid;
	if (bytes.n != sizeof(struct exe))
		return pk_fail(err, PK_EINTERNAL, 0, "wrong record of an executable");
	if (!pk_grow(&l->v, &l->cap, l->n + 1, sizeof(*l->v)))
		return pk_fail_oom(err);
	memcpy(&l->v[l->n++], bytes.p, sizeof(struct exe));
	return 0;
}

static int by_file(const void *a, const void *b)
{
	const struct exe *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

/* --- hashing one -------------------------------------------------------------------------------------------------- */

/* Mapped, never executable: in the child, which alone dies when the file shrinks meanwhile. */
static int hash_fd(int fd, const struct stat *st, struct pk_hashes *ret)
{
	void *p;

	if (st->st_size == 0) {
		pk_hash_all("", 0, ret);
		return 0;
	}
	p = mmap(NULL, (size_t)st->st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return errno;
	(void)madvise(p, (size_t)st->st_size, MADV_SEQUENTIAL);
	pk_hash_all(p, (size_t)st->st_size, ret);
	munmap(p, (size_t)st->st_size);
	return 0;
}

static void put_path(struct pk_live_out *out, int dir, const struct stat *st, bool *ret_deleted)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str path, gone = PK_STR(" (deleted)");
	size_t slash;

	if (live_readlink_at(dir, "exe", &b) != 0)
		return;
	path = pk_buf_str(&b);
	*ret_deleted = pk_str_ends(path, gone) && st->st_nlink == 0;
	if (*ret_deleted)
		path.n -= gone.n;
	live_kbytes(out, "path", path);
	for (slash = path.n; slash > 0 && path.p[slash - 1] != '/'; slash--)
		;
	live_kopt(out, "directory", pk_str_n(path.p, slash > 1 ? slash - 1 : slash));
}

static int open_exe(const struct pk_live_ctx *ctx, const struct exe *e, int *ret_dir, struct stat *st)
{
	int fd = -1;

	if (live_pid_dir(ctx, e->pid, ret_dir) != 0)
		return -1;
	fd = openat(*ret_dir, "exe", O_RDONLY | O_CLOEXEC | O_NOATIME);
	if (fd < 0 && errno == EPERM)
		fd = openat(*ret_dir, "exe", O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && (fstat(fd, st) < 0 || st->st_dev != e->dev || st->st_ino != e->ino || !S_ISREG(st->st_mode))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* A key is the place of an executable's first process in the sorted list. */
static int one(const struct pk_live_ctx *ctx, struct pk_live_out *out, uint64_t key, bool careful, void *arg,
	       struct pk_err *err)
{
	const struct exes *l = arg;
	PK_AUTO(pk_buf) pids = {0};
	pk_autoclose int dir = -1;
	pk_autoclose int fd = -1;
	struct pk_hashes h;
	struct stat st = {0};
	struct pk_json *j;
	bool deleted = false, hashed = false;
	size_t end = key, shown = 0;
	int e = 0;

	for (; end < l->n && l->v[end].dev == l->v[key].dev && l->v[end].ino == l->v[key].ino; end++) {
		if (shown++ < MAX_PIDS_SHOWN)
			pk_buf_putf(&pids, "%s%llu", pids.n ? "," : "", (unsigned long long)l->v[end].pid);
		if (fd < 0) {
			pk_cleanup_close(&dir);
			dir = -1;
			fd = open_exe(ctx, &l->v[end], &dir, &st);
		}
	}
	if (fd < 0)
		return 0; /* all of them have ended */
	if (shown > MAX_PIDS_SHOWN)
		pk_live_note(out, "process %llu and others: %zu run one executable, %u of them are named",
			     (unsigned long long)l->v[key].pid, shown, MAX_PIDS_SHOWN);
	if (ctx->hash_max_bytes && (uint64_t)st.st_size > ctx->hash_max_bytes)
		pk_live_note(out, "process %llu: its executable of %lld bytes is over the limit and was not hashed",
			     (unsigned long long)l->v[key].pid, (long long)st.st_size);
	else if (!careful) {
		e = hash_fd(fd, &st, &h);
		hashed = e == 0;
	}
	if (e)
		pk_live_note(out, "process %llu: its executable: %s", (unsigned long long)l->v[key].pid, strerror(e));
	j = live_row(out);
	put_path(out, dir, &st, &deleted);
	if (hashed) {
		pk_json_khex(j, "md5", h.md5, sizeof(h.md5));
		pk_json_khex(j, "sha1", h.sha1, sizeof(h.sha1));
		pk_json_khex(j, "sha256", h.sha256, sizeof(h.sha256));
	}
	pk_json_kint(j, "size", st.st_size);
	pk_json_kint(j, "deleted", deleted);
	pk_json_kdec(j, "device", st.st_dev);
	pk_json_kdec(j, "inode", st.st_ino);
	live_kmode(j, "mode", st.st_mode);
	pk_json_kuint(j, "uid", st.st_uid);
	pk_json_ktime(j, "mtime", (struct pk_time){st.st_mtim.tv_sec, (uint32_t)st.st_mtim.tv_nsec});
	pk_json_ktime(j, "ctime", (struct pk_time){st.st_ctim.tv_sec, (uint32_t)st.st_ctim.tv_nsec});
	live_kopt(out, "pids", pk_buf_str(&pids));
	return live_emit(out, err);
}

static int rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	PK_AUTO(exes) l = {0};
	PK_AUTO(live_keys) keys = {0};
	PK_AUTO(live_keys) pids = {0};
	struct live_guard find = {.what = "process", .each = find_exe, .data = take_exe, .arg = &l};
	struct live_guard hash = {
		.what = "executable number", .each = one, .arg = &l, .timeout_ms = HASH_TIMES * ctx->item_timeout_ms};

	if (live_pids(ctx, &pids, err) < 0)
		return -1;
	find.keys = pids.v;
	find.n = pids.n;
	if (live_guard_run(ctx, out, &find, err) < 0)
		return -1;
	if (l.n)
		qsort(l.v, l.n, sizeof(*l.v), by_file);
	for (size_t i = 0; i < l.n; i++)
		if ((i == 0 || l.v[i].dev != l.v[i - 1].dev || l.v[i].ino != l.v[i - 1].ino) &&
		    live_keys_add(&keys, i, err) < 0)
			return -1;
	hash.keys = keys.v;
	hash.n = keys.n;
	return live_guard_run(ctx, out, &hash, err);
}

const struct pk_live_table live_hash = {
	.name = "hash",
	.doc = "every running executable, also deleted ones, and who runs it",
	.columns = columns,
	.host_only = true,
	.rows = rows,
};
