/* SPDX-License-Identifier: Apache-2.0 */
/* Table `kernel_info`: the running kernel, how it was started, and what taints or locks it. */
#include "live.h"
#include "tables.h"

#include <sys/utsname.h>

static const struct pk_live_column columns[] = {
	{"version", PK_LIVE_TEXT, "release, as uname -r"},
	{"arguments", PK_LIVE_TEXT, "command line, without image and root"},
	{"path", PK_LIVE_TEXT, "BOOT_IMAGE of the command line"},
	{"device", PK_LIVE_TEXT, "root of the command line"},
	{"build", PK_LIVE_TEXT, "build text, as uname -v"},
	{"compiled_by", PK_LIVE_TEXT, "/proc/version"},
	{"tainted", PK_LIVE_BIGINT, "taint bits"},
	{"taint_flags", PK_LIVE_TEXT,
	 "taint letters: P proprietary, F forced load, O out-of-tree, E unsigned module, "
	 "D died before, W warned before, ..."},
	{"modules_disabled", PK_LIVE_INTEGER, "1: no module can be loaded any more"},
	{"lockdown", PK_LIVE_TEXT, "lockdown mode"},
	{"security_modules", PK_LIVE_TEXT, "active security modules"},
	{"kptr_restrict", PK_LIVE_INTEGER, "2: no kernel addresses for anyone, which leaves gaps in other tables"},
	{"dmesg_restrict", PK_LIVE_INTEGER, "kernel setting"},
	{"ptrace_scope", PK_LIVE_INTEGER, "yama's setting; 3: no process memory for anyone"},
	{"unprivileged_bpf_disabled", PK_LIVE_INTEGER, "kernel setting"},
	{"ftrace_enabled", PK_LIVE_INTEGER, "function tracing, on which many rootkits hook"},
	{"core_pattern", PK_LIVE_TEXT, "where core dumps go; '|' starts a program as root"},
	{"modprobe", PK_LIVE_TEXT, "program the kernel starts as root to load modules"},
	{"hotplug", PK_LIVE_TEXT, "program the kernel starts as root for device events"},
	{"secure_boot", PK_LIVE_INTEGER, "1: firmware enforces signatures; absent without EFI"},
	{0},
};

/* The kernel's own letters, bit 0 first. */
static const char taint_letters[] = "PFSRMBUDAWCIOELKXTN";

static void put_arguments(struct pk_live_out *out, struct pk_str line)
{
	PK_AUTO(pk_buf) args = {0};
	struct pk_str w, image = {0}, root = {0};

	while (live_word(&line, &w)) {
		if (pk_str_starts(w, PK_STR("BOOT_IMAGE=")) && !image.p) {
			image = pk_str_n(w.p + 11, w.n - 11);
			continue;
		}
		if (pk_str_starts(w, PK_STR("root=")) && !root.p) {
			root = pk_str_n(w.p + 5, w.n - 5);
			continue;
		}
		if (args.n)
			pk_buf_put_c(&args, ' ');
		pk_buf_put_str(&args, w);
	}
	live_kbytes(out, "arguments", pk_buf_str(&args));
	live_kopt(out, "path", image);
	live_kopt(out, "device", root);
}

static void put_taint(const struct pk_live_ctx *ctx, struct pk_live_out *out)
{
	PK_AUTO(pk_buf) b = {0};
	PK_AUTO(pk_buf) letters = {0};
	uint64_t v;

	if (!live_u64(live_line_at(ctx->proc_fd, "sys/kernel/tainted", &b), &v) || v > INT64_MAX)
		return;
	for (unsigned i = 0; i < 63; i++)
		if (v >> i & 1)
			pk_buf_put_c(&letters, i < sizeof(taint_letters) - 1 ? taint_letters[i] : '?');
	pk_json_kuint(&out->json, "tainted", v);
	live_kopt(out, "taint_flags", pk_buf_str(&letters));
}

static void put_setting(const struct pk_live_ctx *ctx, struct pk_live_out *out, const char *key, const char *path)
{
	PK_AUTO(pk_buf) b = {0};
	int64_t v;

	if (live_i64(live_line_at(ctx->proc_fd, path, &b), &v))
		pk_json_kint(&out->json, key, v);
}

/* "none [integrity] confidentiality" */
static struct pk_str bracketed(struct pk_str s)
{
	size_t open = pk_str_find(s, '['), close = pk_str_find(s, ']');

	return open < close && close < s.n ? pk_str_n(s.p + open + 1, close - open - 1) : pk_str_n(NULL, 0);
}

static int rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	struct utsname un = {0};
	struct pk_str s;

	live_row(out);
	if (ctx->live && uname(&un) == 0)
		live_kbytes(out, "version", pk_str(un.release));
	else
		live_kopt(out, "version", live_line_at(ctx->proc_fd, "sys/kernel/osrelease", &b));
	put_arguments(out, live_line_at(ctx->proc_fd, "cmdline", &b));
	live_kopt(out, "build", live_line_at(ctx->proc_fd, "sys/kernel/version", &b));
	live_kopt(out, "compiled_by", live_line_at(ctx->proc_fd, "version", &b));
	put_taint(ctx, out);
	put_setting(ctx, out, "modules_disabled", "sys/kernel/modules_disabled");
	live_kopt(out, "lockdown", bracketed(live_line_at(ctx->sys_fd, "kernel/security/lockdown", &b)));
	live_kopt(out, "security_modules", live_line_at(ctx->sys_fd, "kernel/security/lsm", &b));
	put_setting(ctx, out, "kptr_restrict", "sys/kernel/kptr_restrict");
	put_setting(ctx, out, "dmesg_restrict", "sys/kernel/dmesg_restrict");
	put_setting(ctx, out, "ptrace_scope", "sys/kernel/yama/ptrace_scope");
	put_setting(ctx, out, "unprivileged_bpf_disabled", "sys/kernel/unprivileged_bpf_disabled");
	put_setting(ctx, out, "ftrace_enabled", "sys/kernel/ftrace_enabled");
	live_kopt(out, "core_pattern", live_line_at(ctx->proc_fd, "sys/kernel/core_pattern", &b));
	live_kopt(out, "modprobe", live_line_at(ctx->proc_fd, "sys/kernel/modprobe", &b));
	live_kopt(out, "hotplug", live_line_at(ctx->proc_fd, "sys/kernel/hotplug", &b));
	s = live_line_at(ctx->sys_fd, "firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", &b);
	if (s.n == 5)
		pk_json_kint(&out->json, "secure_boot", s.p[4] == 1);
	return live_emit(out, err);
}

const struct pk_live_table live_kernel_info = {
	.name = "kernel_info",
	.doc = "the running kernel, how it was started, what taints it and what it forbids",
	.columns = columns,
	.host_only = true,
	.rows = rows,
};
