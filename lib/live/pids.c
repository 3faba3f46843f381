/* SPDX-License-Identifier: Apache-2.0 */
/* Which processes there are. */
#include "live.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

void live_keys_done(struct live_keys *k)
{
	free(k->v);
	*k = (struct live_keys){0};
}

int live_keys_add(struct live_keys *k, uint64_t v, struct pk_err *err)
{
	if (k->n >= PK_LIVE_MAX_ITEMS)
		return pk_fail(err, PK_ELIMIT, 0, "more than %u entries", PK_LIVE_MAX_ITEMS);
	if (!pk_grow(&k->v, &k->cap, k->n + 1, sizeof(*k->v)))
		return pk_fail_oom(err);
	k->v[k->n++] = v;
	return 0;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

void live_keys_sort(struct live_keys *k)
{
	size_t kept = 0;

	if (!k->n)
		return;
	qsort(k->v, k->n, sizeof(*k->v), by_value);
	for (size_t i = 0; i < k->n; i++)
		if (!kept || k->v[kept - 1] != k->v[i])
			k->v[kept++] = k->v[i];
	k->n = kept;
}

bool live_keys_has(const struct live_keys *k, uint64_t v)
{
	return k->n && bsearch(&v, k->v, k->n, sizeof(*k->v), by_value);
}

int live_pids_of(int proc_fd, struct live_keys *ret, struct pk_err *err)
{
	int fd = openat(proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	int res = 0;

	if (!d) {
		int e = errno;

		if (fd >= 0)
			close(fd);
		return pk_fail(err, PK_ESYS, e, "cannot list /proc");
	}
	for (struct dirent *de; res == 0 && (de = readdir(d));) {
		uint64_t pid;

		if (pk_str_u64(pk_str(de->d_name), INT32_MAX, &pid) && pid)
			res = live_keys_add(ret, pid, err);
	}
	closedir(d);
	live_keys_sort(ret);
	return res;
}

int live_pids(const struct pk_live_ctx *ctx, struct live_keys *ret, struct pk_err *err)
{
	const uint64_t *more = ctx->only ? ctx->only : ctx->hidden;
	size_t n = ctx->only ? ctx->only_n : ctx->hidden_n;

	if (!ctx->only && live_pids_of(ctx->proc_fd, ret, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (live_keys_add(ret, more[i], err) < 0)
			return -1;
	live_keys_sort(ret);
	return 0;
}

int live_pid_dir(const struct pk_live_ctx *ctx, uint64_t pid, int *ret_fd)
{
	char name[24];

	(void)snprintf(name, sizeof(name), "%llu", (unsigned long long)pid);
	*ret_fd = openat(ctx->proc_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return *ret_fd < 0 ? errno : 0;
}

int64_t live_boot_time(const struct pk_live_ctx *ctx)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str v;
	uint64_t t;
	bool cut;

	if (live_read_at(ctx->proc_fd, "stat", PK_LIVE_MAX_FILE, &b, &cut) != 0 ||
	    !live_field(pk_buf_str(&b), PK_STR("btime"), ' ', &v) || !live_u64(v, &t) || t > INT64_MAX)
		return 0;
	return (int64_t)t;
}
