/* SPDX-License-Identifier: Apache-2.0 */
/* Sorted names of folders of any size in bounded memory. */
#include "listing.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEFAULT_BUDGET ((size_t)4 << 20)

struct dirent64_raw { /* what getdents64 gives */
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

void listing_done(struct listing *l)
{
	pk_buf_done(&l->names);
	pk_buf_done(&l->last);
	free(l->at);
	*l = (struct listing){0};
}

size_t listing_memory(const struct listing *l) { return l->names.cap + l->cap * sizeof(*l->at); }

void listing_drop(struct listing *l)
{
	l->more |= l->next < l->n;
	pk_buf_done(&l->names);
	free(l->at);
	l->at = NULL;
	l->n = l->cap = l->next = 0;
}

static int by_name(const void *a, const void *b, void *names)
{
	const char *base = names;

	/* strcmp compares as unsigned bytes */
	return strcmp(base + *(const uint32_t *)a + 1, base + *(const uint32_t *)b + 1);
}

static void sort(struct listing *l)
{
	if (l->n)
		qsort_r(l->at, l->n, sizeof(*l->at), by_name, l->names.p);
}

/* Keeps the smallest names that fit the budget; says so in `more`. Returns the largest kept. */
static int cut(struct listing *l, struct pk_err *err)
{
	PK_AUTO(pk_buf) kept = {0};
	size_t n = 0;

	sort(l);
	for (; n < l->n; n++) {
		const char *e = l->names.p + l->at[n];
		size_t size = strlen(e + 1) + 2;

		if (n && kept.n + size > l->budget)
			break;
		l->at[n] = (uint32_t)kept.n;
		pk_buf_put(&kept, e, size);
	}
	if (pk_buf_check(&kept, err) < 0)
		return -1;
	l->more |= n < l->n;
	l->n = n;
	pk_buf_done(&l->names);
	l->names = kept;
	kept = (struct pk_buf){0};
	return 0;
}

static int take(struct listing *l, const struct dirent64_raw *e, const char *after, const struct pk_buf *below,
		struct pk_err *err)
{
	if (strcmp(e->name, ".") == 0 || strcmp(e->name, "..") == 0)
		return 0;
	if (!e->name[0] || strchr(e->name, '/')) {
		l->odd++;
		return 0;
	}
	if (after && strcmp(e->name, after) <= 0)
		return 0;
	if (below->n && strcmp(e->name, below->p) > 0) {
		l->more = true;
		return 0;
	}
	if (!pk_grow(&l->at, &l->cap, l->n + 1, sizeof(*l->at)))
		return pk_fail_oom(err);
	l->at[l->n++] = (uint32_t)l->names.n;
	pk_buf_put_c(&l->names, (char)e->type);
	pk_buf_put(&l->names, e->name, strlen(e->name) + 1);
	return pk_buf_check(&l->names, err);
}

static int fill(struct listing *l, int fd, struct pk_err *err)
{
	const char *after = l->begun ? l->last.p : NULL;
	PK_AUTO(pk_buf) below = {0}; /* once the budget is full: names beyond this are for a later batch */
	pk_autofree char *raw = malloc(65536);

	if (!raw)
		return pk_fail_oom(err);
	if (!l->budget)
		l->budget = DEFAULT_BUDGET;
	pk_buf_reset(&l->names);
	l->n = l->next = 0;
	l->more = false;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot list");
	for (;;) {
		long got = syscall(SYS_getdents64, fd, raw, 65536);

		if (got < 0)
			return pk_fail(err, PK_ESYS, errno, "cannot list");
		if (got == 0)
			break;
		for (long at = 0; at < got;) {
			const struct dirent64_raw *e = (const void *)(raw + at);

			at += e->reclen;
			if (take(l, e, after, &below, err) < 0)
				return -1;
			if (l->names.n < 2 * l->budget)
				continue;
			if (cut(l, err) < 0)
				return -1;
			pk_buf_reset(&below);
			pk_buf_puts(&below, l->names.p + l->at[l->n - 1] + 1);
			if (pk_buf_check(&below, err) < 0)
				return -1;
		}
	}
	if (l->names.n > l->budget)
		return cut(l, err);
	sort(l);
	return 0;
}

int listing_next(struct listing *l, int fd, const char **ret_name, uint8_t *ret_dtype, struct pk_err *err)
{
	const char *e;

	if (l->next == l->n && (!l->begun || l->more) && fill(l, fd, err) < 0)
		return -1;
	l->begun = true;
	if (l->next == l->n)
		return 0;
	e = l->names.p + l->at[l->next++];
	pk_buf_reset(&l->last);
	pk_buf_puts(&l->last, e + 1);
	if (pk_buf_check(&l->last, err) < 0)
		return -1;
	*ret_name = l->last.p;
	if (ret_dtype)
		*ret_dtype = (uint8_t)e[0];
	return 1;
}
