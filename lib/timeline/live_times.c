/* SPDX-License-Identifier: Apache-2.0 */
/* Which columns of which live tables are moments: one table row each. */
#include <picket/timeline.h>

struct source {
	const char *table, *column;
	const char *otherwise; /* column to use where the first is not there; NULL: none */
	const char *what;
	const char *text[6]; /* columns whose values make the text */
};

static const struct source sources[] = {
	{"processes", "start_time", NULL, "process started", {"pid", "name", "path", "cmdline", "uid", "hidden"}},
	{"last", "time_exact", "time", "login record", {"type_name", "username", "tty", "host", "address", "pid"}},
	{"last_failed", "time_exact", "time", "failed login", {"username", "tty", "host", "address", "pid"}},
	{"lastlog", "time", NULL, "last login", {"username", "uid", "tty", "host"}},
	{"logged_in_users", "time", NULL, "logged in", {"user", "tty", "host", "pid"}},
	{"time", "booted", NULL, "system booted", {"clocksource"}},
	{"time", "realtime", NULL, "collection began", {"local_timezone"}},
	{"deb_packages", "list_mtime", NULL, "package installed", {"name", "version", "arch"}},
	{"hash", "mtime", NULL, "running program written", {"path", "sha256", "pids"}},
	{"hash", "ctime", NULL, "running program changed", {"path", "sha256", "pids"}},
	{"suid_bin", "mtime", NULL, "set-id program written", {"path", "username", "permissions"}},
	{"suid_bin", "ctime", NULL, "set-id program changed", {"path", "username", "permissions"}},
	{"systemd_units", "mtime", NULL, "unit file written", {"id", "fragment_path", "exec_start"}},
};

bool pk_timeline_value(const struct pk_json_value *row, const char *column, struct pk_time *ret)
{
	struct pk_time t = {0};
	struct pk_str s;
	int64_t i = 0;

	if (pk_json_get_str(row, column, &s)) {
		if (!pk_time_parse(s, &t))
			return false;
	} else if (pk_json_get_int(row, column, &i)) {
		t.sec = i;
	} else {
		return false;
	}
	if (t.sec == 0 && t.nsec == 0)
		return false;
	*ret = t;
	return true;
}

static void put_pair(struct pk_buf *b, const char *column, struct pk_str value)
{
	pk_buf_putf(b, "%s%s=", b->n ? " " : "", column);
	pk_buf_put_str(b, value);
}

/* "column=value" pairs, as far as they are there and not empty. */
static void put_text(struct pk_buf *b, const struct pk_json_value *row, const char *const *columns, size_t n)
{
	for (size_t i = 0; i < n && columns[i]; i++) {
		struct pk_str text = {0};
		int64_t number = 0;

		if (pk_json_get_str(row, columns[i], &text) && text.n)
			put_pair(b, columns[i], text);
		else if (pk_json_get_int(row, columns[i], &number))
			pk_buf_putf(b, "%s%s=%lld", b->n ? " " : "", columns[i], (long long)number);
	}
}

int pk_timeline_live(struct pk_str table, const struct pk_json_value *row, struct pk_moment_sink sink,
		     struct pk_err *err)
{
	for (size_t i = 0; i < PK_LEN(sources); i++) {
		const struct source *s = &sources[i];
		PK_AUTO(pk_buf) text = {0};
		struct pk_moment m = {.what = s->what};

		if (!pk_str_eq(table, pk_str(s->table)))
			continue;
		if (!pk_timeline_value(row, s->column, &m.t) &&
		    (!s->otherwise || !pk_timeline_value(row, s->otherwise, &m.t)))
			continue;
		pk_buf_puts(&text, "");
		put_text(&text, row, s->text, PK_LEN(s->text));
		if (pk_buf_check(&text, err) < 0)
			return -1;
		m.text = text.p ? pk_buf_str(&text) : PK_STR("");
		if (sink.put(sink.ctx, &m, err) < 0)
			return -1;
	}
	return 0;
}
