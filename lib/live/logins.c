/* SPDX-License-Identifier: Apache-2.0 */
/* Tables `last`, `last_failed`, `lastlog` and `logged_in_users`. */
#include "accounts.h"
#include "tables.h"

#include <fcntl.h>
#include <unistd.h>

#define LASTLOG_RECORD 292u      /* 32-bit time, line[32], host[256] */
#define LASTLOG_WIDE_RECORD 296u /* 64-bit time */

static const struct pk_live_column login_columns[] = {
	{"username", PK_LIVE_TEXT, "name"},
	{"tty", PK_LIVE_TEXT, "terminal"},
	{"pid", PK_LIVE_INTEGER, "process"},
	{"type", PK_LIVE_INTEGER, "utmp type"},
	{"type_name", PK_LIVE_TEXT, "boot_time, run_level, login, user, dead..."},
	{"time", PK_LIVE_INTEGER, "seconds since the epoch"},
	{"host", PK_LIVE_TEXT, "remote host, or the kernel of a boot"},
	{"address", PK_LIVE_TEXT, "remote address"},
	{"time_exact", PK_LIVE_TIME, "with microseconds"},
	{"session", PK_LIVE_BIGINT, "session id"},
	{"id", PK_LIVE_TEXT, "terminal's short id"},
	{"file", PK_LIVE_TEXT, "where the record is"},
	{"record", PK_LIVE_BIGINT, "its number in the file, from 0"},
	{0},
};

static int login_row(struct pk_live_out *out, const struct live_utmp *u, struct pk_str path, uint64_t record,
		     struct pk_err *err)
{
	PK_AUTO(pk_buf) addr = {0};
	struct pk_json *j = live_row(out);

	live_kbytes(out, "username", u->user);
	live_kbytes(out, "tty", u->line);
	pk_json_kint(j, "pid", u->pid);
	pk_json_kint(j, "type", u->type);
	pk_json_kz(j, "type_name", live_utmp_type_name(u->type));
	pk_json_kint(j, "time", u->time.sec);
	live_kbytes(out, "host", u->host);
	if (u->addr_family) {
		live_put_addr(&addr, u->addr_family, u->addr);
		pk_json_kstr(j, "address", pk_buf_str(&addr));
	}
	pk_json_ktime(j, "time_exact", u->time);
	pk_json_kint(j, "session", u->session);
	live_kopt(out, "id", u->id);
	live_kbytes(out, "file", path);
	pk_json_kuint(j, "record", record);
	return live_emit(out, err);
}

/* Empty records are skipped, broken ones counted: a wiped entry is either. */
static int login_file(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_str path, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str s;
	unsigned long odd = 0, empty = 0;
	size_t size;

	if (!live_text_root(ctx, out, path, &b))
		return 0;
	s = pk_buf_str(&b);
	size = live_utmp_record_size(s);
	for (size_t at = 0; at + size <= s.n; at += size) {
		struct live_utmp u;
		bool ok = live_parse_utmp(pk_str_n(s.p + at, size), &u);

		odd += !ok;
		empty += ok && u.type == 0;
		if (ok && u.type != 0 && login_row(out, &u, path, at / size, err) < 0)
			return -1;
	}
	if (odd)
		pk_live_note(out, "'%.*s': %lu records are not understood", PK_STR_ARG(path), odd);
	if (empty)
		pk_live_note(out, "'%.*s': %lu records are empty, as after a log cleaner", PK_STR_ARG(path), empty);
	if (s.n % size)
		pk_live_note(out, "'%.*s': %zu bytes after the last whole record", PK_STR_ARG(path), s.n % size);
	return 0;
}

/* NAME, NAME.1, NAME-20260101 and so on, of /var/log. */
static int login_files(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_str base, struct pk_err *err)
{
	PK_AUTO(pk_strv) names = {0};
	PK_AUTO(pk_buf) path = {0};
	pk_autoclose int dir = -1;

	if (live_dir_root(ctx, PK_STR("var/log"), &dir) != 0 || live_list(dir, &names) != 0)
		return 0;
	for (size_t i = 0; i < names.n; i++) {
		struct pk_str n = pk_str(names.v[i]);
		static const char *const packed[] = {".gz", ".xz", ".bz2", ".zst"};
		bool skip = false;

		if (!pk_str_starts(n, base) || (n.n > base.n && n.p[base.n] != '.' && n.p[base.n] != '-'))
			continue;
		for (size_t k = 0; k < PK_LEN(packed); k++)
			skip |= pk_str_ends(n, pk_str(packed[k]));
		(void)live_join(&path, PK_STR("/var/log"), n);
		if (skip)
			pk_live_note(out, "'%.*s' is compressed: not read here", PK_STR_ARG(pk_buf_str(&path)));
		else if (login_file(ctx, out, pk_buf_str(&path), err) < 0)
			return -1;
	}
	return 0;
}

static int last_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	return login_files(ctx, out, PK_STR("wtmp"), err);
}

const struct pk_live_table live_last = {
	.name = "last",
	.doc = "logins, logouts and boots, from wtmp and its rotated files",
	.columns = login_columns,
	.rows = last_rows,
};

static int failed_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	return login_files(ctx, out, PK_STR("btmp"), err);
}

const struct pk_live_table live_last_failed = {
	.name = "last_failed",
	.doc = "failed logins, from btmp and its rotated files",
	.columns = login_columns,
	.rows = failed_rows,
};

/* --- lastlog --------------------------------------------------------------------------------------------------- */

static const struct pk_live_column lastlog_columns[] = {
	{"uid", PK_LIVE_BIGINT, "user id: the record's place in the file"},
	{"username", PK_LIVE_TEXT, "name, where an account has this id"},
	{"time", PK_LIVE_INTEGER, "seconds since the epoch"},
	{"tty", PK_LIVE_TEXT, "terminal"},
	{"host", PK_LIVE_TEXT, "remote host"},
	{0},
};

static int lastlog_row(struct pk_live_out *out, const struct live_accounts *a, uint64_t uid, const char *record,
		       size_t size, struct pk_err *err)
{
	struct pk_cur c = pk_cur(record, size);
	int64_t t = size == LASTLOG_WIDE_RECORD ? (int64_t)pk_rd_le64(&c) : (int64_t)pk_rd_le32(&c);
	struct pk_str line = pk_rd_bytes(&c, 32), host = pk_rd_bytes(&c, 256);
	struct pk_json *j;

	line.n = pk_str_find(line, 0);
	host.n = pk_str_find(host, 0);
	if (!t && !line.n && !host.n)
		return 0;
	j = live_row(out);
	pk_json_kuint(j, "uid", uid);
	live_kopt(out, "username", live_accounts_name(a, uid));
	pk_json_kint(j, "time", t);
	live_kbytes(out, "tty", line);
	live_kbytes(out, "host", host);
	return live_emit(out, err);
}

/* The file is sparse and as long as the highest uid asks for: only its data is read. */
static int lastlog_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	PK_AUTO(live_accounts) a = {0};
	pk_autoclose int fd = -1;
	struct stat st;
	off_t at = 0;
	size_t size = LASTLOG_RECORD;
	uint64_t uid = 0, seen = 0;
	char record[LASTLOG_WIDE_RECORD];

	if (live_accounts_read(ctx, out, &a, err) < 0)
		return -1;
	if (pk_root_openat(ctx->root, PK_STR("var/log/lastlog"), O_RDONLY | O_NONBLOCK, 0, &fd, NULL) < 0 ||
	    fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	if (st.st_size % LASTLOG_RECORD && st.st_size % LASTLOG_WIDE_RECORD == 0)
		size = LASTLOG_WIDE_RECORD;
	while (at < st.st_size && seen++ < PK_LIVE_MAX_ITEMS && !live_expired(ctx)) {
		off_t data = lseek(fd, at, SEEK_DATA);
		size_t got;

		if (data < 0 && errno == ENXIO)
			break;
		if (data > at)
			uid = (uint64_t)data / size;
		at = (off_t)(uid * size);
		if (pk_pread_full(fd, record, size, (uint64_t)at, &got, NULL) < 0 || got < size)
			break;
		if (lastlog_row(out, &a, uid, record, size, err) < 0)
			return -1;
		uid++;
		at = (off_t)(uid * size);
	}
	return 0;
}

const struct pk_live_table live_lastlog = {
	.name = "lastlog",
	.doc = "last login of each user, from /var/log/lastlog",
	.columns = lastlog_columns,
	.rows = lastlog_rows,
};

/* --- logged_in_users ----------------------------------------------------------------------------------------------- */

static const struct pk_live_column session_columns[] = {
	{"type", PK_LIVE_TEXT, "user, login, boot_time, dead... of utmp; session of systemd"},
	{"user", PK_LIVE_TEXT, "name"},
	{"tty", PK_LIVE_TEXT, "terminal"},
	{"host", PK_LIVE_TEXT, "remote host"},
	{"time", PK_LIVE_BIGINT, "seconds since the epoch"},
	{"pid", PK_LIVE_INTEGER, "process"},
	{"address", PK_LIVE_TEXT, "remote address"},
	{"session", PK_LIVE_TEXT, "systemd's session id"},
	{"state", PK_LIVE_TEXT, "systemd: active, online, closing"},
	{"service", PK_LIVE_TEXT, "systemd: which service let the user in"},
	{"remote", PK_LIVE_INTEGER, "systemd: 1 for a remote session"},
	{"source", PK_LIVE_TEXT, "utmp or systemd"},
	{0},
};

static int utmp_sessions(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str s;
	size_t size;

	if (!live_text_root(ctx, out, PK_STR("run/utmp"), &b) && !live_text_root(ctx, out, PK_STR("var/run/utmp"), &b))
		return 0;
	s = pk_buf_str(&b);
	size = live_utmp_record_size(s);
	for (size_t at = 0; at + size <= s.n; at += size) {
		PK_AUTO(pk_buf) addr = {0};
		struct live_utmp u;
		struct pk_json *j;

		if (!live_parse_utmp(pk_str_n(s.p + at, size), &u) || u.type == 0)
			continue;
		j = live_row(out);
		pk_json_kz(j, "type", live_utmp_type_name(u.type));
		live_kbytes(out, "user", u.user);
		live_kbytes(out, "tty", u.line);
		live_kbytes(out, "host", u.host);
		pk_json_kint(j, "time", u.time.sec);
		pk_json_kint(j, "pid", u.pid);
		if (u.addr_family) {
			live_put_addr(&addr, u.addr_family, u.addr);
			pk_json_kstr(j, "address", pk_buf_str(&addr));
		}
		pk_json_kz(j, "source", "utmp");
		if (live_emit(out, err) < 0)
			return -1;
	}
	return 0;
}

static void put_field(struct pk_live_out *out, struct pk_str text, const char *field, const char *key)
{
	struct pk_str v;

	if (live_field(text, pk_str(field), '=', &v))
		live_kopt(out, key, v);
}

static void put_number(struct pk_json *j, struct pk_str text, const char *field, const char *key, uint64_t divide)
{
	struct pk_str v;
	uint64_t n;

	if (live_field(text, pk_str(field), '=', &v) && live_u64(v, &n) && n <= INT64_MAX)
		pk_json_kuint(j, key, n / divide);
}

static int systemd_sessions(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	PK_AUTO(pk_strv) names = {0};
	PK_AUTO(pk_buf) b = {0};
	pk_autoclose int dir = -1;

	if (live_dir_root(ctx, PK_STR("run/systemd/sessions"), &dir) != 0 || live_list(dir, &names) != 0)
		return 0;
	for (size_t i = 0; i < names.n; i++) {
		struct pk_str text;
		struct pk_json *j;
		bool cut;

		pk_buf_reset(&b);
		if (pk_str_ends(pk_str(names.v[i]), PK_STR(".ref")) ||
		    live_read_at(dir, names.v[i], PK_LIVE_MAX_VALUE, &b, &cut) != 0)
			continue;
		text = pk_buf_str(&b);
		j = live_row(out);
		pk_json_kz(j, "type", "session");
		put_field(out, text, "USER", "user");
		put_field(out, text, "TTY", "tty");
		put_field(out, text, "REMOTE_HOST", "host");
		put_number(j, text, "REALTIME", "time", 1000000);
		put_number(j, text, "LEADER", "pid", 1);
		live_kbytes(out, "session", pk_str(names.v[i]));
		put_field(out, text, "STATE", "state");
		put_field(out, text, "SERVICE", "service");
		put_number(j, text, "REMOTE", "remote", 1);
		pk_json_kz(j, "source", "systemd");
		if (live_emit(out, err) < 0)
			return -1;
	}
	return 0;
}

static int session_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	if (utmp_sessions(ctx, out, err) < 0)
		return -1;
	return systemd_sessions(ctx, out, err);
}

const struct pk_live_table live_logged_in_users = {
	.name = "logged_in_users",
	.doc = "who is logged in by utmp and by systemd; of an image, who was",
	.columns = session_columns,
	.rows = session_rows,
};
