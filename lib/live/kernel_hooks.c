/* SPDX-License-Identifier: Apache-2.0 */
/* Tables `kernel_hooks` (what hooks into functions of the kernel and of programs) and `kernel_messages`. */
#include "live.h"
#include "tables.h"

#include <fcntl.h>
#include <unistd.h>

static const struct pk_live_column hook_columns[] = {
	{"kind", PK_LIVE_TEXT, "ftrace (a function is hooked), kprobe, uprobe, kprobe_blacklist..."},
	{"text", PK_LIVE_TEXT, "the kernel's own line"},
	{"source", PK_LIVE_TEXT, "file of tracefs or debugfs"},
	{0},
};

static const struct {
	const char *kind, *path;
} hook_files[] = {
	{"ftrace", "enabled_functions"},   {"kprobe", "kprobe_events"},   {"uprobe", "uprobe_events"},
	{"synthetic", "synthetic_events"}, {"dynamic", "dynamic_events"},
};

static int file_rows(struct pk_live_out *out, int dir, const char *kind, const char *file, const char *where,
		     struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str rest, line;
	bool cut = false;
	int e = live_read_at(dir, file, PK_LIVE_MAX_FILE, &b, &cut);

	if (e && e != ENOENT)
		pk_live_note(out, "%s/%s: %s", where, file, strerror(e));
	rest = pk_buf_str(&b);
	while (rest.n && pk_str_line(&rest, &line)) {
		char source[128];

		if (!pk_str_trim(line).n)
			continue;
		(void)snprintf(source, sizeof(source), "%s/%s", where, file);
		live_row(out);
		pk_json_kz(&out->json, "kind", kind);
		live_kbytes(out, "text", pk_str_trim(line));
		pk_json_kz(&out->json, "source", source);
		if (live_emit(out, err) < 0)
			return -1;
	}
	return 0;
}

static int hook_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	static const char *const tracefs[] = {"kernel/tracing", "kernel/debug/tracing"};
	bool found = false;

	for (size_t i = 0; ctx->sys_fd >= 0 && i < PK_LEN(tracefs) && !found; i++) {
		pk_autoclose int dir = openat(ctx->sys_fd, tracefs[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		char where[64];

		if (dir < 0 || faccessat(dir, "current_tracer", F_OK, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		found = true;
		(void)snprintf(where, sizeof(where), "/sys/%s", tracefs[i]);
		for (size_t k = 0; k < PK_LEN(hook_files); k++)
			if (file_rows(out, dir, hook_files[k].kind, hook_files[k].path, where, err) < 0)
				return -1;
	}
	if (!found)
		pk_live_note(out, "tracefs is not mounted: hooked functions cannot be listed");
	if (ctx->sys_fd >= 0) {
		pk_autoclose int dir = openat(ctx->sys_fd, "kernel/debug/kprobes", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (dir >= 0 && file_rows(out, dir, "kprobe_list", "list", "/sys/kernel/debug/kprobes", err) < 0)
			return -1;
	}
	return 0;
}

const struct pk_live_table live_kernel_hooks = {
	.name = "kernel_hooks",
	.doc = "functions of the kernel and of programs that are hooked by ftrace, kprobes and uprobes, as rootkits do",
	.columns = hook_columns,
	.host_only = true,
	.rows = hook_rows,
};

/* --- kernel_messages ----------------------------------------------------------------------------------------- */

#define MAX_MESSAGES 1000000u

static const struct pk_live_column message_columns[] = {
	{"sequence", PK_LIVE_BIGINT, "number of the message"},
	{"uptime_us", PK_LIVE_BIGINT, "microseconds since boot"},
	{"level", PK_LIVE_INTEGER, "0 emergency to 7 debug"},
	{"facility", PK_LIVE_INTEGER, "0 the kernel; others: written by programs into /dev/kmsg"},
	{"message", PK_LIVE_TEXT, "text; bytes as the kernel escapes them (\\xNN)"},
	{"fields", PK_LIVE_TEXT, "SUBSYSTEM=, DEVICE= and the like, by newlines"},
	{0},
};

/* "6,339,5140900,-;text\n KEY=value\n" */
static int message_row(struct pk_live_out *out, struct pk_str record, struct pk_err *err)
{
	struct pk_str text = record, head, f[3], fields;
	uint64_t level, sequence, us;
	struct pk_json *j;
	size_t end;

	if (!pk_str_split(&text, ';', &head) || !text.p)
		return 0;
	for (size_t i = 0; i < PK_LEN(f); i++)
		if (!pk_str_split(&head, ',', &f[i]))
			return 0;
	if (!live_u64(f[0], &level) || !live_u64(f[1], &sequence) || !live_u64(f[2], &us) || sequence > INT64_MAX ||
	    us > INT64_MAX)
		return 0;
	end = pk_str_find(text, '\n');
	fields = end < text.n ? pk_str_trim(pk_str_n(text.p + end, text.n - end)) : pk_str_n("", 0);
	j = live_row(out);
	pk_json_kuint(j, "sequence", sequence);
	pk_json_kuint(j, "uptime_us", us);
	pk_json_kuint(j, "level", level & 7);
	pk_json_kuint(j, "facility", level >> 3 & 0xffff);
	live_kbytes(out, "message", pk_str_n(text.p, end));
	live_kopt(out, "fields", fields);
	return live_emit(out, err);
}

static int message_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	char record[8192];
	pk_autoclose int fd = -1;

	if (!ctx->live)
		return 0;
	fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		pk_live_note(out, "/dev/kmsg: %s", strerror(errno));
		return 0;
	}
	for (unsigned i = 0; i < MAX_MESSAGES; i++) {
		ssize_t r = read(fd, record, sizeof(record));

		if (r < 0 && (errno == EINTR || errno == EPIPE))
			continue; /* overwritten while we read: go on with the oldest there is */
		if (r <= 0) {
			if (r < 0 && errno != EAGAIN)
				pk_live_note(out, "/dev/kmsg: %s", strerror(errno));
			return 0;
		}
		if (message_row(out, pk_str_n(record, (size_t)r), err) < 0)
			return -1;
	}
	return 0;
}

const struct pk_live_table live_kernel_messages = {
	.name = "kernel_messages",
	.doc = "the kernel's message buffer",
	.columns = message_columns,
	.host_only = true,
	.rows = message_rows,
};
