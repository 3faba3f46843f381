/* SPDX-License-Identifier: Apache-2.0 */
/* Table `processes`: every process, also those that hide. */
#include "parse.h"
#include "tables.h"

#include <fcntl.h>
#include <unistd.h>

#define PF_KTHREAD 0x00200000u

static const struct pk_live_column columns[] = {
	{"pid", PK_LIVE_BIGINT, "process id"},
	{"name", PK_LIVE_TEXT, "the name the process gives itself (comm)"},
	{"path", PK_LIVE_TEXT, "executable, without the kernel's ' (deleted)'"},
	{"cmdline", PK_LIVE_TEXT, "arguments, joined by blanks"},
	{"state", PK_LIVE_TEXT, "state letter of the kernel"},
	{"cwd", PK_LIVE_TEXT, "working directory"},
	{"root", PK_LIVE_TEXT, "root directory"},
	{"uid", PK_LIVE_BIGINT, "real user"},
	{"gid", PK_LIVE_BIGINT, "real group"},
	{"euid", PK_LIVE_BIGINT, "effective user"},
	{"egid", PK_LIVE_BIGINT, "effective group"},
	{"suid", PK_LIVE_BIGINT, "saved user"},
	{"sgid", PK_LIVE_BIGINT, "saved group"},
	{"on_disk", PK_LIVE_INTEGER, "1: the executable has a name; 0: deleted or never had one; -1: unknown"},
	{"resident_size", PK_LIVE_BIGINT, "resident memory in bytes"},
	{"total_size", PK_LIVE_BIGINT, "virtual memory in bytes"},
	{"user_time", PK_LIVE_BIGINT, "CPU time in user mode, milliseconds"},
	{"system_time", PK_LIVE_BIGINT, "CPU time in the kernel, milliseconds"},
	{"disk_bytes_read", PK_LIVE_BIGINT, "bytes read from storage"},
	{"disk_bytes_written", PK_LIVE_BIGINT, "bytes written to storage"},
	{"start_time", PK_LIVE_BIGINT, "seconds since the epoch, by the kernel's idea of when it booted"},
	{"parent", PK_LIVE_BIGINT, "parent's process id"},
	{"pgroup", PK_LIVE_BIGINT, "process group"},
	{"threads", PK_LIVE_INTEGER, "number of threads"},
	{"nice", PK_LIVE_INTEGER, "nice value"},
	{"cgroup_path", PK_LIVE_TEXT, "control group (the unified one, or systemd's)"},
	{"cmdline_raw", PK_LIVE_TEXT, "arguments as stored, where joining by blanks loses something"},
	{"exe_device", PK_LIVE_TEXT, "device of the executable"},
	{"exe_inode", PK_LIVE_TEXT, "inode of the executable"},
	{"session", PK_LIVE_BIGINT, "session id"},
	{"tty", PK_LIVE_TEXT, "controlling terminal"},
	{"start_ticks", PK_LIVE_BIGINT, "start in clock ticks since boot: with pid, the identity of a process"},
	{"kernel_thread", PK_LIVE_INTEGER, "1: the kernel says that it is a thread of its own"},
	{"login_uid", PK_LIVE_BIGINT, "user of the login it stems from; absent when from none"},
	{"session_id", PK_LIVE_BIGINT, "audit session; absent when in none"},
	{"tracer_pid", PK_LIVE_BIGINT, "process that traces it, 0 for none"},
	{"groups", PK_LIVE_TEXT, "supplementary groups"},
	{"namespace_pids", PK_LIVE_TEXT, "its process ids from our namespace inwards"},
	{"cap_inheritable", PK_LIVE_TEXT, "capabilities, hexadecimal"},
	{"cap_permitted", PK_LIVE_TEXT, "capabilities, hexadecimal"},
	{"cap_effective", PK_LIVE_TEXT, "capabilities, hexadecimal"},
	{"cap_bounding", PK_LIVE_TEXT, "capabilities, hexadecimal"},
	{"cap_ambient", PK_LIVE_TEXT, "capabilities, hexadecimal"},
	{"no_new_privs", PK_LIVE_INTEGER, "1: cannot gain rights by execve"},
	{"seccomp", PK_LIVE_INTEGER, "0 none, 1 strict, 2 filter"},
	{"security_label", PK_LIVE_TEXT, "label of the security module"},
	{"wchan", PK_LIVE_TEXT, "kernel function it sleeps in"},
	{"hidden", PK_LIVE_TEXT,
	 "how it hides: unlisted (in no listing of /proc), mounted_over (something is mounted "
	 "over its folder), no_entry (known to the kernel, without a folder)"},
	{0},
};

struct env {
	int64_t boot_time;
	uint64_t ticks, page;
	const struct live_keys *mounted; /* what the host's own /proc lists, when ours is another one */
};

static void put_link(struct pk_live_out *out, int dir, const char *name, const char *key, struct pk_buf *denied)
{
	PK_AUTO(pk_buf) b = {0};
	int e = live_readlink_at(dir, name, &b);

	if (e == 0)
		live_kbytes(out, key, pk_buf_str(&b));
	else if (!live_vanished(e))
		pk_buf_putf(denied, "%s%s (%s)", denied->n ? ", " : "", name, strerror(e));
}

static bool put_exe(struct pk_live_out *out, int dir, bool careful, struct stat *st, bool *ret_deleted,
		    struct pk_buf *denied)
{
	PK_AUTO(pk_buf) b = {0};
	PK_AUTO(pk_buf) whole = {0};
	struct pk_str path, gone = PK_STR(" (deleted)");
	int e = live_readlink_at(dir, "exe", &b);
	struct stat literal;

	if (e && !live_vanished(e))
		pk_buf_putf(denied, "%sexe (%s)", denied->n ? ", " : "", strerror(e));
	if (e)
		return false;
	path = pk_buf_str(&b);
	*st = (struct stat){0};
	if (!careful && fstatat(dir, "exe", st, 0) < 0)
		*st = (struct stat){0};
	*ret_deleted = pk_str_ends(path, gone);
	if (*ret_deleted && st->st_ino) {
		/* a file may really be called "x (deleted)" */
		pk_buf_puts(&whole, "root");
		pk_buf_put_str(&whole, path);
		if (!whole.oom && fstatat(dir, whole.p, &literal, AT_SYMLINK_NOFOLLOW) == 0 &&
		    literal.st_ino == st->st_ino && literal.st_dev == st->st_dev)
			*ret_deleted = false;
	}
	if (*ret_deleted)
		path.n -= gone.n;
	live_kbytes(out, "path", path);
	return true;
}

static void put_cmdline(struct pk_live_out *out, int dir, struct pk_buf *ret_raw)
{
	PK_AUTO(pk_buf) joined = {0};
	bool cut = false, loses = false;
	struct pk_str s;

	if (live_read_at(dir, "cmdline", PK_LIVE_MAX_VALUE, ret_raw, &cut) != 0)
		return;
	s = pk_buf_str(ret_raw);
	if (s.n && s.p[s.n - 1] == 0)
		s.n--;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		loses |= c == ' ' || c == '\t' || c == '\n' || (c == 0 && (i == 0 || s.p[i - 1] == 0));
		pk_buf_put_c(&joined, c ? c : ' ');
	}
	live_kbytes(out, "cmdline", pk_buf_str(&joined));
	if (cut)
		pk_live_note(out, "a command line is longer than %u bytes and was cut", PK_LIVE_MAX_VALUE);
	if (!loses && !cut)
		pk_buf_reset(ret_raw);
}

/* "Uid:\t0\t0\t0\t0": real, effective, saved, file system; likewise "Gid:" */
static void put_ids(struct pk_json *j, struct pk_str status)
{
	static const char *const keys[3][2] = {{"uid", "gid"}, {"euid", "egid"}, {"suid", "sgid"}};
	struct pk_str u = {0}, g = {0}, w;
	uint64_t id;

	(void)live_field(status, PK_STR("Uid"), ':', &u);
	(void)live_field(status, PK_STR("Gid"), ':', &g);
	for (size_t i = 0; i < 3; i++) {
		if (live_word(&u, &w) && live_u64(w, &id) && id <= UINT32_MAX)
			pk_json_kuint(j, keys[i][0], id);
		if (live_word(&g, &w) && live_u64(w, &id) && id <= UINT32_MAX)
			pk_json_kuint(j, keys[i][1], id);
	}
}

static void put_status_text(struct pk_live_out *out, struct pk_str status, const char *field, const char *key)
{
	struct pk_str v;

	if (live_field(status, pk_str(field), ':', &v))
		live_kopt(out, key, v);
}

static void put_status_uint(struct pk_json *j, struct pk_str status, const char *field, const char *key)
{
	struct pk_str v;
	uint64_t n;

	if (live_field(status, pk_str(field), ':', &v) && live_u64(v, &n) && n <= INT64_MAX)
		pk_json_kuint(j, key, n);
}

static void put_io(struct pk_json *j, int dir, struct pk_buf *b)
{
	bool cut;

	pk_buf_reset(b);
	if (live_read_at(dir, "io", PK_LIVE_MAX_VALUE, b, &cut) != 0)
		return;
	put_status_uint(j, pk_buf_str(b), "read_bytes", "disk_bytes_read");
	put_status_uint(j, pk_buf_str(b), "write_bytes", "disk_bytes_written");
}

static void put_cgroup(struct pk_live_out *out, int dir, struct pk_buf *b)
{
	struct pk_str rest, line, best = {0};
	bool cut;

	pk_buf_reset(b);
	if (live_read_at(dir, "cgroup", PK_LIVE_MAX_VALUE, b, &cut) != 0)
		return;
	rest = pk_buf_str(b);
	while (pk_str_line(&rest, &line)) {
		struct pk_str path = line, number, controllers;

		if (!pk_str_split(&path, ':', &number) || !path.p || !pk_str_split(&path, ':', &controllers) || !path.p)
			continue;
		if (!best.p || pk_str_eq(controllers, PK_STR("name=systemd")) ||
		    (!controllers.n && !pk_str_eq(path, PK_STR("/"))))
			best = path;
	}
	live_kopt(out, "cgroup_path", best);
}

static void put_tty(struct pk_json *j, int64_t tty_nr)
{
	unsigned major = ((unsigned)tty_nr >> 8) & 0xfff,
		 minor = ((unsigned)tty_nr & 0xff) | (((unsigned)tty_nr >> 12) & 0xfff00);
	PK_AUTO(pk_buf) b = {0};

	if (!tty_nr)
		return;
	if (major >= 136 && major <= 143)
		pk_buf_putf(&b, "pts/%u", (major - 136) * 256 + minor);
	else if (major == 4)
		pk_buf_putf(&b, minor < 64 ? "tty%u" : "ttyS%u", minor < 64 ? minor : minor - 64);
	else
		pk_buf_putf(&b, "%u:%u", major, minor);
	pk_json_kstr(j, "tty", pk_buf_str(&b));
}

static void put_audit_id(struct pk_json *j, int dir, const char *name, const char *key, struct pk_buf *b)
{
	uint64_t v;

	if (live_u64(live_line_at(dir, name, b), &v) && v < UINT32_MAX)
		pk_json_kuint(j, key, v);
}

static const char *how_hidden(const struct pk_live_ctx *ctx, const struct env *env, uint64_t pid, int dir)
{
	struct stat mine, its;

	for (size_t i = 0; i < ctx->hidden_n; i++)
		if (ctx->hidden[i] == pid)
			return "unlisted";
	if (fstat(ctx->proc_fd, &mine) == 0 && fstat(dir, &its) == 0 && mine.st_dev != its.st_dev)
		return "mounted_over";
	if (env->mounted && ctx->mounted_proc_fd >= 0 && fstat(ctx->mounted_proc_fd, &mine) == 0) {
		char name[24];

		(void)snprintf(name, sizeof(name), "%llu", (unsigned long long)pid);
		if (fstatat(ctx->mounted_proc_fd, name, &its, AT_SYMLINK_NOFOLLOW) == 0 && mine.st_dev != its.st_dev)
			return "mounted_over";
	}
	return NULL;
}

static int one(const struct pk_live_ctx *ctx, struct pk_live_out *out, uint64_t pid, bool careful, void *arg,
	       struct pk_err *err)
{
	const struct env *env = arg;
	PK_AUTO(pk_buf) stat_text = {0};
	PK_AUTO(pk_buf) status_text = {0};
	PK_AUTO(pk_buf) denied = {0};
	PK_AUTO(pk_buf) raw = {0};
	PK_AUTO(pk_buf) tmp = {0};
	pk_autoclose int dir = -1;
	struct live_stat s = {0};
	struct pk_str status;
	struct pk_json *j;
	struct stat exe = {0};
	bool cut, deleted = false, has_exe;
	const char *hidden;
	int e = live_pid_dir(ctx, pid, &dir);

	if (e == 0)
		e = live_read_at(dir, "stat", PK_LIVE_MAX_VALUE, &stat_text, &cut);
	hidden = e == 0 ? how_hidden(ctx, env, pid, dir) : NULL;
	for (size_t i = 0; e && i < ctx->hidden_n; i++)
		if (ctx->hidden[i] == pid)
			hidden = "no_entry";
	if (e && !hidden) {
		if (!live_vanished(e))
			pk_live_note(out, "process %llu: %s", (unsigned long long)pid, strerror(e));
		return 0;
	}
	j = live_row(out);
	pk_json_kuint(j, "pid", pid);
	if (e) {
		pk_json_kz(j, "hidden", hidden);
		return live_emit(out, err);
	}
	if (!live_parse_stat(pk_buf_str(&stat_text), &s))
		pk_live_note(out, "process %llu: its stat file is not understood", (unsigned long long)pid);
	if (live_read_at(dir, "status", PK_LIVE_MAX_VALUE, &status_text, &cut) != 0)
		pk_buf_reset(&status_text);
	status = pk_buf_str(&status_text);
	live_kbytes(out, "name", s.comm);
	has_exe = put_exe(out, dir, careful, &exe, &deleted, &denied);
	if (!careful)
		put_cmdline(out, dir, &raw);
	if (s.state)
		pk_json_kstr(j, "state", pk_str_n(&s.state, 1));
	put_link(out, dir, "cwd", "cwd", &denied);
	put_link(out, dir, "root", "root", &denied);
	put_ids(j, status);
	pk_json_kint(j, "on_disk", !has_exe ? -1 : !deleted);
	pk_json_kuint(j, "resident_size", s.rss_pages * env->page & INT64_MAX);
	pk_json_kuint(j, "total_size", s.vsize & INT64_MAX);
	pk_json_kuint(j, "user_time", s.utime / env->ticks * 1000 + s.utime % env->ticks * 1000 / env->ticks);
	pk_json_kuint(j, "system_time", s.stime / env->ticks * 1000 + s.stime % env->ticks * 1000 / env->ticks);
	put_io(j, dir, &tmp);
	if (env->boot_time)
		pk_json_kint(j, "start_time", env->boot_time + (int64_t)(s.start_ticks / env->ticks));
	pk_json_kint(j, "parent", s.parent);
	pk_json_kint(j, "pgroup", s.pgroup);
	pk_json_kint(j, "threads", s.threads);
	pk_json_kint(j, "nice", s.nice);
	put_cgroup(out, dir, &tmp);
	live_kopt(out, "cmdline_raw", pk_buf_str(&raw));
	if (exe.st_ino) {
		pk_json_kdec(j, "exe_device", exe.st_dev);
		pk_json_kdec(j, "exe_inode", exe.st_ino);
	}
	pk_json_kint(j, "session", s.session);
	put_tty(j, s.tty_nr);
	pk_json_kuint(j, "start_ticks", s.start_ticks & INT64_MAX);
	pk_json_kint(j, "kernel_thread", (s.flags & PF_KTHREAD) != 0);
	put_audit_id(j, dir, "loginuid", "login_uid", &tmp);
	put_audit_id(j, dir, "sessionid", "session_id", &tmp);
	put_status_uint(j, status, "TracerPid", "tracer_pid");
	put_status_text(out, status, "Groups", "groups");
	put_status_text(out, status, "NSpid", "namespace_pids");
	put_status_text(out, status, "CapInh", "cap_inheritable");
	put_status_text(out, status, "CapPrm", "cap_permitted");
	put_status_text(out, status, "CapEff", "cap_effective");
	put_status_text(out, status, "CapBnd", "cap_bounding");
	put_status_text(out, status, "CapAmb", "cap_ambient");
	put_status_uint(j, status, "NoNewPrivs", "no_new_privs");
	put_status_uint(j, status, "Seccomp", "seccomp");
	live_kopt(out, "security_label", live_line_at(dir, "attr/current", &tmp));
	live_kopt(out, "wchan", live_line_at(dir, "wchan", &tmp));
	if (hidden)
		pk_json_kz(j, "hidden", hidden);
	if (denied.n)
		pk_live_note(out, "process %llu: not read: %.*s", (unsigned long long)pid,
			     PK_STR_ARG(pk_buf_str(&denied)));
	return live_emit(out, err);
}

static int rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	PK_AUTO(live_keys) pids = {0};
	PK_AUTO(live_keys) mounted = {0};
	struct env env = {.boot_time = live_boot_time(ctx),
			  .ticks = (uint64_t)sysconf(_SC_CLK_TCK),
			  .page = (uint64_t)sysconf(_SC_PAGESIZE)};
	struct live_guard g = {.what = "process", .each = one, .arg = &env};

	if (live_pids(ctx, &pids, err) < 0)
		return -1;
	if (ctx->mounted_proc_fd >= 0 && live_pids_of(ctx->mounted_proc_fd, &mounted, NULL) == 0)
		env.mounted = &mounted;
	g.keys = pids.v;
	g.n = pids.n;
	return live_guard_run(ctx, out, &g, err);
}

const struct pk_live_table live_processes = {
	.name = "processes",
	.doc = "every process, with its rights, its origin and whether it hides",
	.columns = columns,
	.host_only = true,
	.rows = rows,
};
