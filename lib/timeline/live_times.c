/* SPDX-License-Identifier: Apache-2.0 */
/* Which columns of which live tables are moments: one table row each. */
#include <picket/timeline.h>

#include <jansson.h>

struct source {
	const char *table, *column, *what;
	const char *text[7]; /* columns whose values make the text */
};

static const struct source sources[] = {
	{"processes", "start_time", "process started", {"pid", "name", "path", "cmdline", "uid"}},
	{"processes", "started", "process started", {"pid", "name", "path", "cmdline", "uid"}},
	{"last", "time", "login record", {"username", "tty", "type_name", "host", "pid"}},
	{"last", "logout", "logout", {"username", "tty", "host", "pid"}},
	{"logged_in_users", "time", "logged in", {"user", "tty", "host", "pid"}},
	{"time", "booted", "system booted", {"boot_id"}},
	{"time", "realtime", "collection began", {"timezone"}},
	{"deb_packages", "install_time", "package installed", {"name", "version", "arch"}},
	{"shadow", "last_change", "password changed", {"username"}},
	{"shell_history", "time", "shell command", {"username", "command"}},
	{"sudoers", "mtime", "sudo rule changed", {"source", "header", "rule_details"}},
	{"authorized_keys", "mtime", "authorized_keys changed", {"user", "key_file", "comment"}},
	{"crontab", "mtime", "cron table changed", {"path", "command"}},
	{"systemd_units", "mtime", "unit file changed", {"id", "fragment_path", "source_path"}},
	{"suid_bin", "mtime", "set-id file modified", {"path", "username", "permissions"}},
	{"suid_bin", "ctime", "set-id file changed", {"path", "username", "permissions"}},
	{"kernel_modules", "loaded", "module loaded", {"name"}},
	{"hash", "mtime", "executable modified", {"path", "sha256"}},
};

bool pk_timeline_value(const struct json_t *row, const char *column, struct pk_time *ret)
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

/* "column=value" pairs, as far as they are there and not empty. */
static void put_text(struct pk_buf *b, const struct json_t *row, const char *const *columns, size_t n)
{
	for (size_t i = 0; i < n && columns[i]; i++) {
		const json_t *v = pk_json_get(row, columns[i]);

		if (json_is_string(v) && json_string_length(v))
			pk_buf_putf(b, "%s%s=%s", b->n ? " " : "", columns[i], json_string_value(v));
		else if (json_is_integer(v))
			pk_buf_putf(b, "%s%s=%lld", b->n ? " " : "", columns[i], (long long)json_integer_value(v));
	}
}

int pk_timeline_live(struct pk_str table, const struct json_t *row, struct pk_moment_sink sink, struct pk_err *err)
{
	for (size_t i = 0; i < PK_LEN(sources); i++) {
		const struct source *s = &sources[i];
		PK_AUTO(pk_buf) text = {0};
		struct pk_moment m = {.what = s->what};

		if (!pk_str_eq(table, pk_str(s->table)) || !pk_timeline_value(row, s->column, &m.t))
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
