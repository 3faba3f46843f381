/* SPDX-License-Identifier: Apache-2.0 */
/* Table `ld_preload`: libraries forced into programs, by file and by the environment of processes. */
#include "live.h"
#include "tables.h"

static const struct pk_live_column columns[] = {
	{"source", PK_LIVE_TEXT, "file, or process"},
	{"pid", PK_LIVE_BIGINT, "process, where the source is one"},
	{"variable", PK_LIVE_TEXT, "LD_PRELOAD, LD_AUDIT, LD_LIBRARY_PATH..., where the source is a process"},
	{"value", PK_LIVE_TEXT, "what it says"},
	{0},
};

static int file_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, const char *path, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str rest, line;

	if (!live_text_root(ctx, out, pk_str(path), &b))
		return 0;
	rest = pk_buf_str(&b);
	while (rest.n && pk_str_line(&rest, &line)) {
		line = pk_str_trim(line);
		if (!line.n || line.p[0] == '#')
			continue;
		live_row(out);
		pk_json_kz(&out->json, "source", path);
		live_kbytes(out, "value", line);
		if (live_emit(out, err) < 0)
			return -1;
	}
	return 0;
}

/* Variables by which the dynamic linker, or a language's runtime, loads more than the program asks for. */
static bool interesting(struct pk_str key)
{
	static const char *const names[] = {"LD_PRELOAD",   "LD_AUDIT",          "LD_LIBRARY_PATH", "LD_PROFILE_OUTPUT",
					    "GCONV_PATH",   "BASH_ENV",          "PROMPT_COMMAND",  "PERL5OPT",
					    "PERL5LIB",     "PYTHONSTARTUP",     "PYTHONPATH",      "PYTHONHOME",
					    "NODE_OPTIONS", "JAVA_TOOL_OPTIONS", "RUBYOPT",         "GLIBC_TUNABLES"};

	for (size_t i = 0; i < PK_LEN(names); i++)
		if (pk_str_eq(key, pk_str(names[i])))
			return true;
	return false;
}

static int one(const struct pk_live_ctx *ctx, struct pk_live_out *out, uint64_t pid, bool careful, void *arg,
	       struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	pk_autoclose int dir = -1;
	struct pk_str rest, value, key;
	bool cut;
	int e = careful ? ENOENT : live_pid_dir(ctx, pid, &dir);

	(void)arg;
	if (e == 0)
		e = live_read_at(dir, "environ", PK_LIVE_MAX_FILE, &b, &cut);
	if (e && !live_vanished(e))
		pk_live_note(out, "process %llu: environ: %s", (unsigned long long)pid, strerror(e));
	rest = pk_buf_str(&b);
	while (e == 0 && rest.n && pk_str_split(&rest, 0, &value)) {
		if (!pk_str_split(&value, '=', &key) || !value.p || !interesting(key))
			continue;
		live_row(out);
		pk_json_kz(&out->json, "source", "process");
		pk_json_kuint(&out->json, "pid", pid);
		live_kbytes(out, "variable", key);
		live_kbytes(out, "value", value);
		if (live_emit(out, err) < 0)
			return -1;
	}
	return 0;
}

static int rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	PK_AUTO(live_keys) pids = {0};
	struct live_guard g = {.what = "process", .each = one};

	if (file_rows(ctx, out, "/etc/ld.so.preload", err) < 0)
		return -1;
	if (ctx->proc_fd < 0)
		return 0;
	if (live_pids(ctx, &pids, err) < 0)
		return -1;
	g.keys = pids.v;
	g.n = pids.n;
	return live_guard_run(ctx, out, &g, err);
}

const struct pk_live_table live_ld_preload = {
	.name = "ld_preload",
	.doc = "libraries and start-up code forced into programs, by file and by the environment of processes",
	.columns = columns,
	.rows = rows,
};
