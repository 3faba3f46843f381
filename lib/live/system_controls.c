/* SPDX-License-Identifier: Apache-2.0 */
/* Table `system_controls`: everything beneath /proc/sys. */
#include "live.h"
#include "tables.h"

#include <fcntl.h>
#include <unistd.h>

#define MAX_DEPTH 16

static const struct pk_live_column columns[] = {
	{"name", PK_LIVE_TEXT, "name with dots, as sysctl prints it"},
	{"subsystem", PK_LIVE_TEXT, "first part of the name"},
	{"current_value", PK_LIVE_TEXT, "value of the running kernel"},
	{"writable", PK_LIVE_INTEGER, "1: root may change it"},
	{0},
};

/* A file name may hold dots (net.ipv4.conf.eth0.100): sysctl writes them as slashes. */
static void put_part(struct pk_buf *b, const char *name)
{
	if (b->n)
		pk_buf_put_c(b, '.');
	for (; *name; name++)
		pk_buf_put_c(b, *name == '.' ? '/' : *name);
}

/* Old names of settings: reading them writes a complaint into the kernel's log. The new names say the same. */
static bool complains(const char *file)
{
	return strcmp(file, "base_reachable_time") == 0 || strcmp(file, "retrans_time") == 0;
}

struct walk {
	struct pk_live_out *out;
	struct pk_buf name, value;
	dev_t device; /* never into what is mounted beneath: binfmt_misc is an automount */
};

static int file_row(struct walk *w, int dir, const char *file, const struct stat *st, struct pk_err *err)
{
	struct pk_str value, name = pk_buf_str(&w->name);
	bool cut = false;
	int e;

	if (!(st->st_mode & 0444) || complains(file))
		return 0; /* a command, not a value */
	pk_buf_reset(&w->value);
	e = live_read_at(dir, file, PK_LIVE_MAX_VALUE, &w->value, &cut);
	if (e) {
		/* many say so by design: values of interfaces and of features that are off */
		if (e == EACCES || e == EPERM)
			pk_live_note(w->out, "%.*s: %s", PK_STR_ARG(name), strerror(e));
		return 0;
	}
	value = pk_buf_str(&w->value);
	if (value.n && value.p[value.n - 1] == '\n')
		value.n--;
	live_row(w->out);
	live_kbytes(w->out, "name", name);
	live_kbytes(w->out, "subsystem", pk_str_n(name.p, pk_str_find(name, '.')));
	live_kbytes(w->out, "current_value", value);
	pk_json_kint(&w->out->json, "writable", (st->st_mode & 0222) != 0);
	return live_emit(w->out, err);
}

static int walk(struct walk *w, int dir, unsigned depth, struct pk_err *err)
{
	PK_AUTO(pk_strv) names = {0};
	size_t before = w->name.n;

	if (depth > MAX_DEPTH || live_list(dir, &names) != 0)
		return 0;
	for (size_t i = 0; i < names.n; i++) {
		struct stat st;

		if (fstatat(dir, names.v[i], &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0 || st.st_dev != w->device)
			continue;
		put_part(&w->name, names.v[i]);
		if (pk_buf_check(&w->name, err) < 0)
			return -1;
		if (S_ISDIR(st.st_mode)) {
			pk_autoclose int sub = openat(dir, names.v[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

			if (sub >= 0 && walk(w, sub, depth + 1, err) < 0)
				return -1;
		} else if (S_ISREG(st.st_mode) && file_row(w, dir, names.v[i], &st, err) < 0) {
			return -1;
		}
		w->name.n = before;
	}
	return 0;
}

static int rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	pk_autoclose int dir = openat(ctx->proc_fd, "sys", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct walk w = {.out = out};
	struct stat st;
	int r = 0;

	if (dir < 0 || fstat(dir, &st) < 0) {
		pk_live_note(out, "/proc/sys: %s", strerror(errno));
	} else {
		w.device = st.st_dev;
		r = walk(&w, dir, 0, err);
	}
	pk_buf_done(&w.name);
	pk_buf_done(&w.value);
	return r;
}

const struct pk_live_table live_system_controls = {
	.name = "system_controls",
	.doc = "settings of the running kernel",
	.columns = columns,
	.host_only = true,
	.rows = rows,
};
