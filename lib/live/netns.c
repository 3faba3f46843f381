/* SPDX-License-Identifier: Apache-2.0 */
/* Network namespaces: which there are, and reading inside each. */
#include "sockets.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#define MAX_NETNS 65536u

void live_netnss_done(struct live_netnss *l)
{
	for (size_t i = 0; i < l->n; i++) {
		live_keys_done(&l->v[i].pids);
		free(l->v[i].path);
	}
	free(l->v);
	*l = (struct live_netnss){0};
}

static struct live_netns *netns_get(struct live_netnss *l, uint64_t inode, struct pk_err *err)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].inode == inode)
			return &l->v[i];
	if (l->n >= MAX_NETNS) {
		pk_fail(err, PK_ELIMIT, 0, "more than %u network namespaces", MAX_NETNS);
		return NULL;
	}
	if (!pk_grow(&l->v, &l->cap, l->n + 1, sizeof(*l->v))) {
		pk_fail_oom(err);
		return NULL;
	}
	l->v[l->n] = (struct live_netns){.inode = inode};
	return &l->v[l->n++];
}

static int by_inode(const void *a, const void *b)
{
	uint64_t x = ((const struct live_netns *)a)->inode, y = ((const struct live_netns *)b)->inode;

	return x < y ? -1 : x > y;
}

/* `ip netns add` mounts a namespace on a file; its root in mountinfo is "net:[inode]". */
static int add_mounted(const struct pk_live_ctx *ctx, struct live_netnss *l, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	PK_AUTO(pk_buf) path = {0};
	struct pk_str rest, line;
	struct live_mount m;
	uint64_t inode;
	bool cut;

	if (live_read_at(ctx->proc_fd, "self/mountinfo", PK_LIVE_MAX_FILE, &b, &cut) != 0)
		return 0;
	rest = pk_buf_str(&b);
	while (pk_str_line(&rest, &line)) {
		struct live_netns *ns;

		if (!live_parse_mount(line, &m) || !pk_str_eq(m.type, PK_STR("nsfs")) ||
		    !live_bracket_number(m.root, "net:", &inode))
			continue;
		ns = netns_get(l, inode, err);
		if (!ns)
			return -1;
		pk_buf_reset(&path);
		live_unescape(&path, m.path);
		if (!ns->path)
			ns->path = pk_str_dup(pk_buf_str(&path));
	}
	return 0;
}

static int find(const struct pk_live_ctx *ctx, struct live_netnss *ret, struct pk_err *err)
{
	PK_AUTO(live_keys) pids = {0};
	PK_AUTO(pk_buf) b = {0};
	uint64_t inode;

	if (live_pids(ctx, &pids, err) < 0)
		return -1;
	for (size_t i = 0; i < pids.n; i++) {
		pk_autoclose int dir = -1;
		struct live_netns *ns;

		pk_buf_reset(&b);
		if (live_pid_dir(ctx, pids.v[i], &dir) != 0 || live_readlink_at(dir, "ns/net", &b) != 0 ||
		    !live_bracket_number(pk_buf_str(&b), "net:", &inode))
			continue;
		ns = netns_get(ret, inode, err);
		if (!ns || live_keys_add(&ns->pids, pids.v[i], err) < 0)
			return -1;
	}
	if (ctx->live && !ctx->only && add_mounted(ctx, ret, err) < 0)
		return -1;
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_inode);
	return 0;
}

struct run {
	const struct live_netnss *all;
	const struct live_netns_job *job;
	uint64_t own; /* the namespace we started in */
	bool moved;   /* this child has left it */
};

/* Moves this child into the namespace. */
static bool enter(const struct pk_live_ctx *ctx, const struct live_netns *ns)
{
	struct stat st;

	if (!ctx->live)
		return false;
	for (size_t i = 0; i < ns->pids.n + (ns->path != NULL); i++) {
		pk_autoclose int dir = -1;
		pk_autoclose int fd = -1;

		if (i < ns->pids.n) {
			if (live_pid_dir(ctx, ns->pids.v[i], &dir) != 0)
				continue;
			fd = openat(dir, "ns/net", O_RDONLY | O_CLOEXEC);
		} else {
			fd = open(ns->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		}
		if (fd >= 0 && fstat(fd, &st) == 0 && st.st_ino == ns->inode && setns(fd, CLONE_NEWNET) == 0)
			return true;
	}
	return false;
}

static int one(const struct pk_live_ctx *ctx, struct pk_live_out *out, uint64_t inode, bool careful, void *arg,
	       struct pk_err *err)
{
	struct run *run = arg;
	const struct live_netns *ns = NULL;
	struct live_netns_at at = {.inode = inode, .net_fd = -1};
	pk_autoclose int net = -1;

	(void)careful;
	for (size_t i = 0; i < run->all->n; i++)
		if (run->all->v[i].inode == inode)
			ns = &run->all->v[i];
	if (!ns)
		return 0;
	at.inside = enter(ctx, ns);
	run->moved |= at.inside;
	at.inside |= ctx->live && inode == run->own && !run->moved;
	if (at.inside)
		net = openat(ctx->proc_fd, "self/net", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; net < 0 && i < ns->pids.n; i++) {
		pk_autoclose int dir = -1;

		if (live_pid_dir(ctx, ns->pids.v[i], &dir) == 0)
			net = openat(dir, "net", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	at.net_fd = net;
	if (!at.inside && net < 0) {
		pk_live_note(out, "network namespace %llu: cannot be entered", (unsigned long long)inode);
		return 0;
	}
	return run->job->each(ctx, out, &at, run->job->arg, err);
}

static int pass_data(void *arg, uint64_t inode, struct pk_str bytes, struct pk_err *err)
{
	const struct run *run = arg;

	return run->job->data ? run->job->data(run->job->arg, inode, bytes, err) : 0;
}

int live_netns_run(const struct pk_live_ctx *ctx, struct pk_live_out *out, const struct live_netns_job *job,
		   struct pk_err *err)
{
	PK_AUTO(live_netnss) all = {0};
	PK_AUTO(live_keys) keys = {0};
	PK_AUTO(pk_buf) b = {0};
	struct run run = {.all = &all, .job = job};
	struct live_guard g = {.what = "network namespace", .each = one, .data = pass_data, .arg = &run};

	if (find(ctx, &all, err) < 0)
		return -1;
	if (live_readlink_at(ctx->proc_fd, "self/ns/net", &b) == 0)
		(void)live_bracket_number(pk_buf_str(&b), "net:", &run.own);
	for (size_t i = 0; i < all.n; i++)
		if (live_keys_add(&keys, all.v[i].inode, err) < 0)
			return -1;
	g.keys = keys.v;
	g.n = keys.n;
	return live_guard_run(ctx, out, &g, err);
}
