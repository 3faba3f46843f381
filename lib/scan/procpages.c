/* SPDX-License-Identifier: Apache-2.0 */
/* Finds present pages without touching one. */
#include "procpages.h"

#include <errno.h>
#include <picket/mem.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Linux 6.7's <linux/fs.h>; the build machine's may be older. */
struct scan_region {
	uint64_t start, end, categories;
};
struct scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
#define SCAN_IOCTL _IOWR('f', 16, struct scan_arg)
#define IS_PRESENT (1u << 3)
#define IS_SWAPPED (1u << 4)
#define IS_PFNZERO (1u << 5)
#define IS_GUARD (1u << 8) /* 6.15 */

/* Bits of an entry of pagemap. */
#define PM_PRESENT ((uint64_t)1 << 63)
#define PM_SWAPPED ((uint64_t)1 << 62)
#define PM_GUARD ((uint64_t)1 << 58)
#define WALK_ENTRIES 8192u

void pk_procpages_reset(struct pk_procpages *p)
{
	p->from = p->to = 0;
	p->n = 0;
}

/* False: the table is full. */
static bool add(struct pk_procpages *p, uint64_t start, uint64_t end, bool swapped)
{
	struct pk_pagerun *last = p->n > 0 ? &p->runs[p->n - 1] : NULL;

	if (last && last->end == start && last->swapped == swapped) {
		last->end = end;
		return true;
	}
	if (p->n == PK_PAGERUNS)
		return false;
	p->runs[p->n++] = (struct pk_pagerun){start, end, swapped};
	return true;
}

static int by_ioctl(struct pk_procpages *p, uint64_t at, uint64_t end)
{
	struct scan_region v[PK_PAGERUNS];
	struct scan_arg a = {
		.size = sizeof(a),
		.start = at,
		.end = end,
		.vec = (uint64_t)(uintptr_t)v,
		.vec_len = PK_PAGERUNS,
		.category_anyof_mask = IS_PRESENT | IS_SWAPPED,
		.return_mask = IS_PRESENT | IS_SWAPPED | IS_PFNZERO | (p->no_guard ? 0 : IS_GUARD),
	};
	int n = ioctl(p->fd, SCAN_IOCTL, &a);

	if (n < 0 && errno == EINVAL && !p->no_guard) {
		p->no_guard = true;
		return by_ioctl(p, at, end);
	}
	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		if (v[i].categories & (IS_PFNZERO | IS_GUARD))
			continue;
		add(p, v[i].start, v[i].end, (v[i].categories & IS_PRESENT) == 0);
	}
	if (a.walk_end <= at)
		return -EIO;
	p->to = PK_MIN(a.walk_end, end);
	return 0;
}

static int by_walk(struct pk_procpages *p, uint64_t at, uint64_t end)
{
	uint64_t entries[WALK_ENTRIES];

	while (at < end) {
		size_t want = (size_t)PK_MIN((end - at) / p->page_bytes, (uint64_t)WALK_ENTRIES);
		ssize_t got = pread(p->fd, entries, want * 8, (off_t)(at / p->page_bytes * 8));

		if (got < 0)
			return -errno;
		if (got < 8) { /* behind what a process may have */
			at = end;
			break;
		}
		for (size_t i = 0; i < (size_t)got / 8; i++, at += p->page_bytes) {
			bool there = (entries[i] & (PM_PRESENT | PM_SWAPPED)) != 0 && (entries[i] & PM_GUARD) == 0;

			if (there && !add(p, at, at + p->page_bytes, (entries[i] & PM_PRESENT) == 0)) {
				p->to = at;
				return 0;
			}
		}
		/* enough to go on with */
		if (p->n > 0)
			break;
	}
	p->to = at;
	return 0;
}

/* Learns about what begins at `at`. */
static int learn(struct pk_procpages *p, uint64_t at, uint64_t end)
{
	int e = -ENOTTY;

	pk_procpages_reset(p);
	p->from = at;
	if (!p->no_ioctl)
		e = by_ioctl(p, at, end);
	if (e == -ENOTTY || e == -EINVAL || e == -ENOSYS) {
		p->no_ioctl = true;
		p->n = 0;
		e = by_walk(p, at, end);
	}
	return e;
}

int pk_procpages_next(struct pk_procpages *p, uint64_t at, uint64_t end, struct pk_pagerun *ret)
{
	while (at < end) {
		if (at < p->from || at >= p->to) {
			int e = learn(p, at, end);

			if (e)
				return e;
		}
		for (size_t i = 0; i < p->n; i++) {
			if (p->runs[i].end <= at)
				continue;
			if (p->runs[i].start >= end)
				return 0;
			*ret = p->runs[i];
			ret->start = PK_MAX(ret->start, at);
			ret->end = PK_MIN(ret->end, end);
			return 1;
		}
		at = p->to;
	}
	return 0;
}
