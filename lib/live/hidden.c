/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that the listing of /proc does not show: those that answer to kill(pid, 0) or are members of a
 * control group. */
#include "live.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#define MAX_CGROUP_DEPTH 32
#define MAX_PID 4194304u /* the kernel's own limit */

static bool answers(uint64_t pid) { return kill((pid_t)pid, 0) == 0 || errno == EPERM; }

static int ask_kernel(uint64_t pid_max, const struct live_keys *listed, struct live_keys *ret, struct pk_err *err)
{
	size_t at = 0;

	for (uint64_t id = 1; id <= pid_max; id++) {
		while (at < listed->n && listed->v[at] < id)
			at++;
		if (at < listed->n && listed->v[at] == id)
			continue;
		if (answers(id) && live_keys_add(ret, id, err) < 0)
			return -1;
	}
	return 0;
}

static int walk_cgroups(int dir, unsigned depth, struct live_keys *ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_strv) names = {0};
	struct pk_str rest, line;
	uint64_t pid;
	bool cut;

	if (live_read_at(dir, "cgroup.procs", PK_LIVE_MAX_FILE, &text, &cut) == 0) {
		rest = pk_buf_str(&text);
		while (pk_str_line(&rest, &line))
			if (pk_str_u64(line, MAX_PID, &pid) && pid && live_keys_add(ret, pid, err) < 0)
				return -1;
	}
	if (depth >= MAX_CGROUP_DEPTH || live_list(dir, &names) != 0)
		return 0;
	for (size_t i = 0; i < names.n; i++) {
		pk_autoclose int sub = openat(dir, names.v[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (sub >= 0 && walk_cgroups(sub, depth + 1, ret, err) < 0)
			return -1;
	}
	return 0;
}

/* A thread, not a process: it answers to kill too, and has an unlisted folder by design. */
static bool is_thread(const struct pk_live_ctx *ctx, uint64_t id)
{
	PK_AUTO(pk_buf) b = {0};
	pk_autoclose int dir = -1;
	struct pk_str v;
	uint64_t tgid;
	bool cut;

	return live_pid_dir(ctx, id, &dir) == 0 && live_read_at(dir, "status", PK_LIVE_MAX_VALUE, &b, &cut) == 0 &&
	       live_field(pk_buf_str(&b), PK_STR("Tgid"), ':', &v) && live_u64(v, &tgid) && tgid != id;
}

int live_find_hidden(const struct pk_live_ctx *ctx, struct live_keys *ret, struct pk_err *err)
{
	PK_AUTO(live_keys) before = {0};
	PK_AUTO(live_keys) after = {0};
	PK_AUTO(live_keys) found = {0};
	PK_AUTO(pk_buf) b = {0};
	pk_autoclose int cgroups = -1;
	uint64_t pid_max;

	if (!live_u64(live_line_at(ctx->proc_fd, "sys/kernel/pid_max", &b), &pid_max) || pid_max > MAX_PID)
		pid_max = MAX_PID;
	if (live_pids_of(ctx->proc_fd, &before, err) < 0 || ask_kernel(pid_max, &before, &found, err) < 0)
		return -1;
	cgroups = ctx->sys_fd < 0 ? -1 : openat(ctx->sys_fd, "fs/cgroup", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroups >= 0 && walk_cgroups(cgroups, 0, &found, err) < 0)
		return -1;
	live_keys_sort(&found);
	if (live_pids_of(ctx->proc_fd, &after, err) < 0)
		return -1;
	for (size_t i = 0; i < found.n; i++) {
		uint64_t id = found.v[i];

		if (live_keys_has(&before, id) || live_keys_has(&after, id) || is_thread(ctx, id) || !answers(id))
			continue;
		if (live_keys_add(ret, id, err) < 0)
			return -1;
	}
	return 0;
}
