/* SPDX-License-Identifier: Apache-2.0 */
/* Tables `bpf_programs`, `bpf_maps` and `bpf_links`: what is loaded into the kernel's eBPF machine, by bpf(2). */
#include "live.h"
#include "tables.h"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_OBJECTS 100000u
#define MAX_MAPS 1024u

static int bpf(int cmd, union bpf_attr *attr) { return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr)); }

/* Calls `each` with a descriptor for every id. */
static int each_object(const struct pk_live_ctx *ctx, struct pk_live_out *out, int next, int open_by_id,
		       int (*each)(const struct pk_live_ctx *, struct pk_live_out *, int, struct pk_err *),
		       struct pk_err *err)
{
	uint32_t id = 0;

	if (!ctx->live)
		return 0;
	for (unsigned i = 0; i < MAX_OBJECTS; i++) {
		union bpf_attr attr = {.start_id = id};
		pk_autoclose int fd = -1;

		if (bpf(next, &attr) < 0) {
			if (errno != ENOENT && errno != ENOSYS && errno != EINVAL)
				pk_live_note(out, "the kernel's eBPF objects cannot be listed: %s", strerror(errno));
			return 0;
		}
		id = attr.next_id;
		attr = (union bpf_attr){.prog_id = id};
		fd = bpf(open_by_id, &attr);
		if (fd < 0) {
			if (errno != ENOENT)
				pk_live_note(out, "eBPF object %u: %s", id, strerror(errno));
			continue;
		}
		if (each(ctx, out, fd, err) < 0)
			return -1;
	}
	return 0;
}

static bool info_of(int fd, void *info, uint32_t n)
{
	union bpf_attr attr = {.info = {.bpf_fd = (uint32_t)fd, .info_len = n, .info = (uint64_t)(uintptr_t)info}};

	return bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) == 0;
}

static void put_name(struct pk_live_out *out, const char *key, const char *name, size_t n)
{
	live_kopt(out, key, pk_str_n(name, pk_str_find(pk_str_n(name, n), 0)));
}

static const char *name_of(const char *const *names, size_t n, unsigned i) { return i < n ? names[i] : "other"; }

/* --- bpf_programs ---------------------------------------------------------------------------------------------- */

static const struct pk_live_column program_columns[] = {
	{"id", PK_LIVE_BIGINT, "id"},
	{"type", PK_LIVE_TEXT, "what it hooks: kprobe, tracing, xdp, socket_filter, cgroup_skb..."},
	{"name", PK_LIVE_TEXT, "name"},
	{"tag", PK_LIVE_TEXT, "the kernel's checksum of the program"},
	{"uid", PK_LIVE_BIGINT, "user that loaded it"},
	{"loaded", PK_LIVE_BIGINT, "seconds since the epoch, by the kernel's idea of when it booted"},
	{"xlated_size", PK_LIVE_BIGINT, "bytes of the checked program"},
	{"jited_size", PK_LIVE_BIGINT, "bytes of machine code; 0 where it is interpreted"},
	{"map_ids", PK_LIVE_TEXT, "maps it uses, by commas"},
	{"gpl", PK_LIVE_INTEGER, "1: says that its licence is compatible with the kernel's"},
	{"run_count", PK_LIVE_BIGINT, "how often it ran, where the kernel counts"},
	{0},
};

static const char *const program_types[] = {
	"unspec",
	"socket_filter",
	"kprobe",
	"sched_cls",
	"sched_act",
	"tracepoint",
	"xdp",
	"perf_event",
	"cgroup_skb",
	"cgroup_sock",
	"lwt_in",
	"lwt_out",
	"lwt_xmit",
	"sock_ops",
	"sk_skb",
	"cgroup_device",
	"sk_msg",
	"raw_tracepoint",
	"cgroup_sock_addr",
	"lwt_seg6local",
	"lirc_mode2",
	"sk_reuseport",
	"flow_dissector",
	"cgroup_sysctl",
	"raw_tracepoint_writable",
	"cgroup_sockopt",
	"tracing",
	"struct_ops",
	"ext",
	"lsm",
	"sk_lookup",
	"syscall",
	"netfilter",
};

static int program_row(const struct pk_live_ctx *ctx, struct pk_live_out *out, int fd, struct pk_err *err)
{
	uint32_t maps[MAX_MAPS] = {0};
	struct bpf_prog_info info = {.nr_map_ids = MAX_MAPS, .map_ids = (uint64_t)(uintptr_t)maps};
	PK_AUTO(pk_buf) ids = {0};
	struct pk_json *j;
	int64_t boot = live_boot_time(ctx);

	if (!info_of(fd, &info, sizeof(info)))
		return 0;
	for (uint32_t i = 0; i < info.nr_map_ids && i < MAX_MAPS; i++)
		pk_buf_putf(&ids, "%s%u", i ? "," : "", maps[i]);
	j = live_row(out);
	pk_json_kuint(j, "id", info.id);
	pk_json_kz(j, "type", name_of(program_types, PK_LEN(program_types), info.type));
	put_name(out, "name", info.name, sizeof(info.name));
	pk_json_khex(j, "tag", info.tag, sizeof(info.tag));
	pk_json_kuint(j, "uid", info.created_by_uid);
	if (boot)
		pk_json_kint(j, "loaded", boot + (int64_t)(info.load_time / 1000000000u));
	pk_json_kuint(j, "xlated_size", info.xlated_prog_len);
	pk_json_kuint(j, "jited_size", info.jited_prog_len);
	live_kopt(out, "map_ids", pk_buf_str(&ids));
	pk_json_kint(j, "gpl", info.gpl_compatible);
	pk_json_kuint(j, "run_count", info.run_cnt & INT64_MAX);
	return live_emit(out, err);
}

static int program_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	return each_object(ctx, out, BPF_PROG_GET_NEXT_ID, BPF_PROG_GET_FD_BY_ID, program_row, err);
}

const struct pk_live_table live_bpf_programs = {
	.name = "bpf_programs",
	.doc = "eBPF programs loaded into the kernel",
	.columns = program_columns,
	.host_only = true,
	.rows = program_rows,
};

/* --- bpf_maps --------------------------------------------------------------------------------------------------- */

static const struct pk_live_column map_columns[] = {
	{"id", PK_LIVE_BIGINT, "id"},
	{"type", PK_LIVE_INTEGER,
	 "the kernel's number of the kind: 1 hash, 2 array, 3 program array, 27 ring buffer..."},
	{"name", PK_LIVE_TEXT, "name"},
	{"key_size", PK_LIVE_BIGINT, "bytes"},
	{"value_size", PK_LIVE_BIGINT, "bytes"},
	{"max_entries", PK_LIVE_BIGINT, "most entries"},
	{0},
};

static int map_row(const struct pk_live_ctx *ctx, struct pk_live_out *out, int fd, struct pk_err *err)
{
	struct bpf_map_info info = {0};
	struct pk_json *j;

	(void)ctx;
	if (!info_of(fd, &info, sizeof(info)))
		return 0;
	j = live_row(out);
	pk_json_kuint(j, "id", info.id);
	pk_json_kuint(j, "type", info.type);
	put_name(out, "name", info.name, sizeof(info.name));
	pk_json_kuint(j, "key_size", info.key_size);
	pk_json_kuint(j, "value_size", info.value_size);
	pk_json_kuint(j, "max_entries", info.max_entries);
	return live_emit(out, err);
}

static int map_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	return each_object(ctx, out, BPF_MAP_GET_NEXT_ID, BPF_MAP_GET_FD_BY_ID, map_row, err);
}

const struct pk_live_table live_bpf_maps = {
	.name = "bpf_maps",
	.doc = "eBPF maps of the kernel; never their contents",
	.columns = map_columns,
	.host_only = true,
	.rows = map_rows,
};

/* --- bpf_links -------------------------------------------------------------------------------------------------- */

static const struct pk_live_column link_columns[] = {
	{"id", PK_LIVE_BIGINT, "id"},
	{"type", PK_LIVE_TEXT, "raw_tracepoint, tracing, cgroup, iter, netns, xdp, perf_event, kprobe_multi..."},
	{"program_id", PK_LIVE_BIGINT, "program it attaches"},
	{"cgroup_id", PK_LIVE_TEXT, "control group it is attached to"},
	{"net_namespace", PK_LIVE_TEXT, "network namespace it is attached to"},
	{"interface_index", PK_LIVE_INTEGER, "interface it is attached to"},
	{0},
};

static const char *const link_types[] = {
	"unspec",     "raw_tracepoint", "tracing",    "cgroup",    "iter", "netns",        "xdp",
	"perf_event", "kprobe_multi",   "struct_ops", "netfilter", "tcx",  "uprobe_multi", "netkit"};

static int link_row(const struct pk_live_ctx *ctx, struct pk_live_out *out, int fd, struct pk_err *err)
{
	struct bpf_link_info info = {0};
	struct pk_json *j;

	(void)ctx;
	if (!info_of(fd, &info, sizeof(info)))
		return 0;
	j = live_row(out);
	pk_json_kuint(j, "id", info.id);
	pk_json_kz(j, "type", name_of(link_types, PK_LEN(link_types), info.type));
	pk_json_kuint(j, "program_id", info.prog_id);
	if (info.type == BPF_LINK_TYPE_CGROUP)
		pk_json_kdec(j, "cgroup_id", info.cgroup.cgroup_id);
	if (info.type == BPF_LINK_TYPE_NETNS)
		pk_json_kdec(j, "net_namespace", info.netns.netns_ino);
	if (info.type == BPF_LINK_TYPE_XDP)
		pk_json_kuint(j, "interface_index", info.xdp.ifindex);
	return live_emit(out, err);
}

static int link_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	return each_object(ctx, out, BPF_LINK_GET_NEXT_ID, BPF_LINK_GET_FD_BY_ID, link_row, err);
}

const struct pk_live_table live_bpf_links = {
	.name = "bpf_links",
	.doc = "where eBPF programs are attached",
	.columns = link_columns,
	.host_only = true,
	.rows = link_rows,
};
