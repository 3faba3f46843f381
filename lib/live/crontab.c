/* SPDX-License-Identifier: Apache-2.0 */
/* Table `crontab`: cron's jobs, system-wide and of users. */
#include "parse.h"
#include "tables.h"

#include <fcntl.h>

static const struct pk_live_column columns[] = {
	{"event", PK_LIVE_TEXT, "@reboot, @daily... instead of times"},
	{"minute", PK_LIVE_TEXT, "when"},
	{"hour", PK_LIVE_TEXT, "when"},
	{"day_of_month", PK_LIVE_TEXT, "when"},
	{"month", PK_LIVE_TEXT, "when"},
	{"day_of_week", PK_LIVE_TEXT, "when"},
	{"command", PK_LIVE_TEXT, "what"},
	{"path", PK_LIVE_TEXT, "the file that says so"},
	{"user", PK_LIVE_TEXT, "as whom"},
	{"variable", PK_LIVE_TEXT, "instead of a job: a variable for the jobs below it"},
	{"line", PK_LIVE_INTEGER, "line of the file"},
	{0},
};

static int file_rows(struct pk_live_out *out, struct pk_str text, struct pk_str path, struct pk_str owner,
		     struct pk_err *err)
{
	struct pk_str line;
	int64_t n = 0;

	while (text.n && pk_str_line(&text, &line)) {
		struct live_cron c;
		struct pk_str t = pk_str_trim(line);
		struct pk_json *j;

		n++;
		if (!live_parse_cron(line, owner.n == 0, &c)) {
			if (t.n && t.p[0] != '#')
				pk_live_note(out, "'%.*s': line %lld is not understood", PK_STR_ARG(path),
					     (long long)n);
			continue;
		}
		j = live_row(out);
		live_kopt(out, "event", c.event);
		live_kopt(out, "minute", c.minute);
		live_kopt(out, "hour", c.hour);
		live_kopt(out, "day_of_month", c.day_of_month);
		live_kopt(out, "month", c.month);
		live_kopt(out, "day_of_week", c.day_of_week);
		live_kopt(out, "command", c.command);
		live_kbytes(out, "path", path);
		if (!c.variable.n)
			live_kopt(out, "user", owner.n ? owner : c.user);
		live_kopt(out, "variable", c.variable);
		pk_json_kint(j, "line", n);
		if (live_emit(out, err) < 0)
			return -1;
	}
	return 0;
}

/* `owned`: each file is named after the user whose jobs it holds. */
static int folder_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_str folder, bool owned,
		       struct pk_err *err)
{
	PK_AUTO(pk_strv) names = {0};
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_buf) text = {0};
	pk_autoclose int dir = -1;
	int e = live_dir_root(ctx, folder, &dir);

	if (e == 0)
		e = live_list(dir, &names);
	if (e && e != ENOENT && e != ENOTDIR)
		pk_live_note(out, "'%.*s': %s", PK_STR_ARG(folder), strerror(e));
	for (size_t i = 0; i < names.n; i++) {
		struct pk_str name = pk_str(names.v[i]);
		struct stat st;

		if (fstatat(dir, names.v[i], &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
			continue;
		(void)live_join(&path, folder, name);
		if (live_text_root(ctx, out, pk_buf_str(&path), &text) &&
		    file_rows(out, pk_buf_str(&text), pk_buf_str(&path), owned ? name : PK_STR(""), err) < 0)
			return -1;
	}
	return 0;
}

static int rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};

	if (live_text_root(ctx, out, PK_STR("/etc/crontab"), &text) &&
	    file_rows(out, pk_buf_str(&text), PK_STR("/etc/crontab"), PK_STR(""), err) < 0)
		return -1;
	if (folder_rows(ctx, out, PK_STR("/etc/cron.d"), false, err) < 0)
		return -1;
	/* Debian's, Alpine's and Red Hat's, SUSE's */
	if (folder_rows(ctx, out, PK_STR("/var/spool/cron/crontabs"), true, err) < 0 ||
	    folder_rows(ctx, out, PK_STR("/var/spool/cron"), true, err) < 0)
		return -1;
	return folder_rows(ctx, out, PK_STR("/var/spool/cron/tabs"), true, err);
}

const struct pk_live_table live_crontab = {
	.name = "crontab",
	.doc = "cron's jobs, system-wide and of users",
	.columns = columns,
	.rows = rows,
};
