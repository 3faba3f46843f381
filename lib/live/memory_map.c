/* SPDX-License-Identifier: Apache-2.0 */
/* Tables `process_memory_map`, `process_envs` and `process_namespaces`. */
#include "sockets.h"
#include "tables.h"

#include <fcntl.h>

typedef int each_fn(const struct pk_live_ctx *, struct pk_live_out *, uint64_t, bool, void *, struct pk_err *);

static int for_each_process(const struct pk_live_ctx *ctx, struct pk_live_out *out, each_fn *each, struct pk_err *err)
{
	PK_AUTO(live_keys) pids = {0};
	struct live_guard g = {.what = "process", .each = each};

	if (live_pids(ctx, &pids, err) < 0)
		return -1;
	g.keys = pids.v;
	g.n = pids.n;
	return live_guard_run(ctx, out, &g, err);
}

/* Reads PID/NAME. False: nothing to show, noted where it should be. */
static bool read_of(const struct pk_live_ctx *ctx, struct pk_live_out *out, uint64_t pid, const char *name, size_t max,
		    struct pk_buf *b)
{
	pk_autoclose int dir = -1;
	bool cut = false;
	int e = live_pid_dir(ctx, pid, &dir);

	if (e == 0)
		e = live_read_at(dir, name, max, b, &cut);
	if (e && !live_vanished(e))
		pk_live_note(out, "process %llu: %s: %s", (unsigned long long)pid, name, strerror(e));
	if (cut)
		pk_live_note(out, "process %llu: %s: larger than %zu bytes, the rest was not read",
			     (unsigned long long)pid, name, max);
	return e == 0;
}

/* --- process_memory_map ----------------------------------------------------------------------------------- */

static const struct pk_live_column map_columns[] = {
	{"pid", PK_LIVE_INTEGER, "process id"},
	{"start", PK_LIVE_TEXT, "first address, 0x"},
	{"end", PK_LIVE_TEXT, "address behind the last, 0x"},
	{"permissions", PK_LIVE_TEXT, "r, w, x, and p private or s shared"},
	{"offset", PK_LIVE_BIGINT, "offset in the file"},
	{"device", PK_LIVE_TEXT, "device of the file, major:minor in hexadecimal"},
	{"inode", PK_LIVE_INTEGER, "inode of the file"},
	{"path", PK_LIVE_TEXT, "file, or [heap], [stack]... as the kernel writes it (a newline is \\012)"},
	{"pseudo", PK_LIVE_INTEGER, "1: no file"},
	{"deleted", PK_LIVE_INTEGER, "1: the file's name is gone"},
	{0},
};

static int map_row(struct pk_live_out *out, uint64_t pid, const struct live_map *m, struct pk_err *err)
{
	struct pk_str path = m->path, gone = PK_STR(" (deleted)");
	struct pk_json *j = live_row(out);
	bool deleted = pk_str_ends(path, gone) && m->inode;
	char address[24];

	if (deleted)
		path.n -= gone.n;
	pk_json_kuint(j, "pid", pid);
	(void)snprintf(address, sizeof(address), "0x%016llx", (unsigned long long)m->start);
	pk_json_kz(j, "start", address);
	(void)snprintf(address, sizeof(address), "0x%016llx", (unsigned long long)m->end);
	pk_json_kz(j, "end", address);
	live_kbytes(out, "permissions", m->permissions);
	pk_json_kuint(j, "offset", m->offset & INT64_MAX);
	live_kbytes(out, "device", m->device);
	pk_json_kuint(j, "inode", m->inode & INT64_MAX);
	live_kopt(out, "path", path);
	pk_json_kint(j, "pseudo", m->inode == 0);
	if (deleted)
		pk_json_kint(j, "deleted", 1);
	return live_emit(out, err);
}

static int maps_of(const struct pk_live_ctx *ctx, struct pk_live_out *out, uint64_t pid, bool careful, void *arg,
		   struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str rest, line;
	struct live_map m;
	unsigned odd = 0;

	(void)arg;
	if (careful || !read_of(ctx, out, pid, "maps", PK_LIVE_MAX_FILE, &b))
		return 0;
	rest = pk_buf_str(&b);
	while (rest.n && pk_str_line(&rest, &line)) {
		if (!live_parse_map(line, &m))
			odd++;
		else if (map_row(out, pid, &m, err) < 0)
			return -1;
	}
	if (odd)
		pk_live_note(out, "process %llu: %u lines of its maps are not understood", (unsigned long long)pid,
			     odd);
	return 0;
}

static int map_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	return for_each_process(ctx, out, maps_of, err);
}

const struct pk_live_table live_process_memory_map = {
	.name = "process_memory_map",
	.doc = "what is mapped into the memory of every process",
	.columns = map_columns,
	.host_only = true,
	.rows = map_rows,
};

/* --- process_envs ------------------------------------------------------------------------------------------ */

static const struct pk_live_column env_columns[] = {
	{"pid", PK_LIVE_INTEGER, "process id"},
	{"key", PK_LIVE_TEXT, "name of the variable; whole text where there is no '='"},
	{"value", PK_LIVE_TEXT, "value"},
	{0},
};

static int envs_of(const struct pk_live_ctx *ctx, struct pk_live_out *out, uint64_t pid, bool careful, void *arg,
		   struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str rest, value, key;

	(void)arg;
	if (careful || !read_of(ctx, out, pid, "environ", PK_LIVE_MAX_FILE, &b) || !b.n)
		return 0;
	rest = pk_buf_str(&b);
	while (pk_str_split(&rest, 0, &value)) {
		struct pk_json *j;

		if (!value.n)
			continue; /* what follows the last NUL, or a list overwritten by the process */
		(void)pk_str_split(&value, '=', &key);
		j = live_row(out);
		pk_json_kuint(j, "pid", pid);
		live_kbytes(out, "key", key);
		if (value.p)
			live_kbytes(out, "value", value);
		if (live_emit(out, err) < 0)
			return -1;
	}
	return 0;
}

static int env_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	return for_each_process(ctx, out, envs_of, err);
}

const struct pk_live_table live_process_envs = {
	.name = "process_envs",
	.doc = "environment of every process; it often holds secrets",
	.columns = env_columns,
	.host_only = true,
	.on_request = true,
	.rows = env_rows,
};

/* --- process_namespaces -------------------------------------------------------------------------------------- */

static const struct pk_live_column ns_columns[] = {
	{"pid", PK_LIVE_INTEGER, "process id"},
	{"cgroup_namespace", PK_LIVE_TEXT, "inode of the namespace"},
	{"ipc_namespace", PK_LIVE_TEXT, "inode of the namespace"},
	{"mnt_namespace", PK_LIVE_TEXT, "inode of the namespace"},
	{"net_namespace", PK_LIVE_TEXT, "inode of the namespace"},
	{"pid_namespace", PK_LIVE_TEXT, "inode of the namespace"},
	{"user_namespace", PK_LIVE_TEXT, "inode of the namespace"},
	{"uts_namespace", PK_LIVE_TEXT, "inode of the namespace"},
	{"time_namespace", PK_LIVE_TEXT, "inode of the namespace"},
	{0},
};

static int namespaces_of(const struct pk_live_ctx *ctx, struct pk_live_out *out, uint64_t pid, bool careful, void *arg,
			 struct pk_err *err)
{
	static const char *const kinds[] = {"cgroup", "ipc", "mnt", "net", "pid", "user", "uts", "time"};
	PK_AUTO(pk_buf) b = {0};
	pk_autoclose int dir = -1;
	unsigned denied = 0, found = 0;
	uint64_t inode;

	(void)careful;
	(void)arg;
	if (live_pid_dir(ctx, pid, &dir) != 0)
		return 0;
	pk_json_kuint(live_row(out), "pid", pid);
	for (size_t i = 0; i < PK_LEN(kinds); i++) {
		char path[32], key[32], prefix[32];
		int e;

		(void)snprintf(path, sizeof(path), "ns/%s", kinds[i]);
		(void)snprintf(key, sizeof(key), "%s_namespace", kinds[i]);
		(void)snprintf(prefix, sizeof(prefix), "%s:", kinds[i]);
		pk_buf_reset(&b);
		e = live_readlink_at(dir, path, &b);
		denied += e && !live_vanished(e);
		if (e || !live_bracket_number(pk_buf_str(&b), prefix, &inode))
			continue;
		found++;
		pk_json_kdec(&out->json, key, inode);
	}
	if (denied)
		pk_live_note(out, "process %llu: its namespaces cannot be read", (unsigned long long)pid);
	return found ? live_emit(out, err) : 0;
}

static int ns_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	return for_each_process(ctx, out, namespaces_of, err);
}

const struct pk_live_table live_process_namespaces = {
	.name = "process_namespaces",
	.doc = "the namespaces of every process: who lives in which container",
	.columns = ns_columns,
	.host_only = true,
	.rows = ns_rows,
};
