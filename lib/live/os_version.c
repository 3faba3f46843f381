/* SPDX-License-Identifier: Apache-2.0 */
/* Table `os_version`: the distribution, from its os-release file. */
#include "live.h"
#include "tables.h"

#include <sys/utsname.h>

static const struct pk_live_column columns[] = {
	{"name", PK_LIVE_TEXT, "NAME"},
	{"version", PK_LIVE_TEXT, "VERSION"},
	{"major", PK_LIVE_INTEGER, "first number of VERSION_ID"},
	{"minor", PK_LIVE_INTEGER, "second number of VERSION_ID"},
	{"patch", PK_LIVE_INTEGER, "third number of VERSION_ID"},
	{"build", PK_LIVE_TEXT, "BUILD_ID"},
	{"platform", PK_LIVE_TEXT, "ID"},
	{"platform_like", PK_LIVE_TEXT, "ID_LIKE"},
	{"codename", PK_LIVE_TEXT, "VERSION_CODENAME"},
	{"arch", PK_LIVE_TEXT, "machine architecture of the running kernel"},
	{"pretty_name", PK_LIVE_TEXT, "PRETTY_NAME"},
	{"variant", PK_LIVE_TEXT, "VARIANT"},
	{"debian_version", PK_LIVE_TEXT, "/etc/debian_version"},
	{0},
};

/* The value of a shell assignment: quotes taken off, backslash escapes undone. */
static void unquote(struct pk_str s, struct pk_buf *b)
{
	char quote = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (quote == 0 && (s.p[i] == '"' || s.p[i] == '\''))
			quote = s.p[i];
		else if (s.p[i] == quote)
			quote = 0;
		else if (s.p[i] == '\\' && quote != '\'' && i + 1 < s.n)
			pk_buf_put_c(b, s.p[++i]);
		else
			pk_buf_put_c(b, s.p[i]);
	}
}

static void put(struct pk_live_out *out, struct pk_str text, const char *key, const char *column)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str v;

	if (!live_field(text, pk_str(key), '=', &v))
		return;
	unquote(v, &b);
	live_kopt(out, column, pk_buf_str(&b));
}

static void put_numbers(struct pk_live_out *out, struct pk_str text)
{
	static const char *const columns3[] = {"major", "minor", "patch"};
	PK_AUTO(pk_buf) b = {0};
	struct pk_str v, rest, piece;
	uint64_t n;

	if (!live_field(text, PK_STR("VERSION_ID"), '=', &v))
		return;
	unquote(v, &b);
	rest = pk_buf_str(&b);
	for (size_t i = 0; i < 3 && pk_str_split(&rest, '.', &piece); i++) {
		if (!live_u64(piece, &n) || n > INT32_MAX)
			return;
		pk_json_kuint(&out->json, columns3[i], n);
	}
}

static int rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	PK_AUTO(pk_buf) deb = {0};
	struct utsname un;
	struct pk_str text;
	bool cut;

	if (!live_text_root(ctx, out, PK_STR("etc/os-release"), &b) &&
	    !live_text_root(ctx, out, PK_STR("usr/lib/os-release"), &b))
		pk_live_note(out, "there is no etc/os-release and no usr/lib/os-release");
	text = pk_buf_str(&b);
	live_row(out);
	put(out, text, "NAME", "name");
	put(out, text, "VERSION", "version");
	put_numbers(out, text);
	put(out, text, "BUILD_ID", "build");
	put(out, text, "ID", "platform");
	put(out, text, "ID_LIKE", "platform_like");
	put(out, text, "VERSION_CODENAME", "codename");
	if (ctx->live && uname(&un) == 0)
		pk_json_kz(&out->json, "arch", un.machine);
	put(out, text, "PRETTY_NAME", "pretty_name");
	put(out, text, "VARIANT", "variant");
	if (live_read_root(ctx, PK_STR("etc/debian_version"), 4096, &deb, &cut) == 0)
		live_kopt(out, "debian_version", pk_str_trim(pk_buf_str(&deb)));
	return live_emit(out, err);
}

const struct pk_live_table live_os_version = {
	.name = "os_version",
	.doc = "the distribution",
	.columns = columns,
	.rows = rows,
};
