/* SPDX-License-Identifier: Apache-2.0 */
/* Answers a scan child's questions for blocks of a process's memory. */
#include "procread.h"
#include "procfile.h"
#include "procmaps.h"
#include "procpages.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <picket/limits.h>
#include <picket/throttle.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define WINDOW (PK_PROC_WINDOW_SLOTS * (uint64_t)PK_SLOT_BYTES)

struct reader {
	struct pk_procread r;
	struct pk_procpages pages, again; /* again: to look once more */
	uint64_t page;                    /* bytes of one */
	uint8_t *window;
	/* where the next block is looked for */
	size_t map;
	uint64_t at;             /* address in it */
	bool in_map;             /* at counts; else the mapping's start */
	bool mid_run;            /* at continues a run: nothing goes before it */
	uint64_t held, held_end; /* the window holds these bytes */
	struct pk_procfile file;
	struct pk_procblock *blocks; /* all so far */
	size_t block_count, block_cap;
	bool counting; /* this is the first time for these bytes */
	bool gone;     /* the process, or its memory */
};

static struct pk_procinfo *info_of(const struct reader *x) { return &x->r.sh->info; }

/* --- bytes -------------------------------------------------------------------------------------------- */

/* Its memory is no more: it ended, or executed another program. */
static void is_gone(struct reader *x)
{
	char byte;
	pk_autoclose int fd = openat(x->r.dir, "stat", O_RDONLY | O_CLOEXEC);

	x->gone = true;
	x->r.sh->why = fd >= 0 && read(fd, &byte, 1) == 1 ? "changed" : "vanished";
}

/* Like pk_procpages_next, for a process that may be no more. */
static int next_pages(struct reader *x, struct pk_procpages *pages, uint64_t at, uint64_t end, struct pk_pagerun *ret)
{
	int n = x->gone ? 0 : pk_procpages_next(pages, at, end, ret);

	if (n == -ESRCH) {
		is_gone(x);
	} else if (n < 0) {
		x->gone = true;
		x->r.sh->why = "unreadable";
		x->r.sh->sys = -n;
	}
	return n;
}

/* The table of its pages stays open, and is empty then. */
static bool is_alive(struct reader *x)
{
	uint64_t entry;

	return pread(x->pages.fd, &entry, sizeof(entry), (off_t)(x->r.maps[0].m.start / x->page * sizeof(entry))) ==
	       sizeof(entry);
}

/* One page that process_vm_readv would not give: without the right to read it is memory still, and /proc/PID/mem gives
 * it. Never a device's: reading those may do things. */
static bool read_by_mem(struct reader *x, size_t map, uint64_t address, uint8_t *to)
{
	ssize_t n;

	pk_procinfo_devices(&x->r);
	if (x->r.mem < 0 || !x->r.knows_devices || x->r.maps[map].device)
		return false;
	n = pread(x->r.mem, to, x->page, (off_t)address);
	if (n == 0)
		is_gone(x);
	return n == (ssize_t)x->page;
}

/* A page that was given back meanwhile is no page that could not be read. */
static bool is_still_there(struct reader *x, uint64_t address)
{
	struct pk_pagerun run;

	pk_procpages_reset(&x->again);
	return next_pages(x, &x->again, address, address + x->page, &run) != 0;
}

/* Present pages [start, end). */
static void read_pages(struct reader *x, size_t map, uint64_t start, uint64_t end, uint8_t *to)
{
	while (start < end && !x->gone) {
		struct iovec local = {to, end - start}, remote = {(void *)(uintptr_t)start, end - start};
		ssize_t n = process_vm_readv((pid_t)x->r.p->pid, &local, 1, &remote, 1, 0);

		if (n > 0) {
			/* part of a page means that the next one failed */
			n -= n % (ssize_t)x->page;
			start += (uint64_t)n;
			to += n;
			if (x->counting)
				info_of(x)->bytes += (uint64_t)n;
			if (n > 0)
				continue;
		} else if (n < 0 && errno == ESRCH) {
			is_gone(x);
			return;
		}
		if (read_by_mem(x, map, start, to)) {
			if (x->counting)
				info_of(x)->bytes += x->page;
		} else {
			memset(to, 0, x->page);
			if (x->counting && !x->r.maps[map].device && is_still_there(x, start))
				info_of(x)->bytes_unreadable += x->page;
		}
		start += x->page;
		to += x->page;
	}
}

/* The file of a lone mapping, or -1. */
static int file_of(struct reader *x, size_t map)
{
	const struct pk_procmap *m = &x->r.maps[map];

	if (!m->lone)
		return -1;
	if (!x->file.asked || x->file.start != m->m.start)
		pk_procfile_open(&x->file, x->r.dir, &m->m);
	info_of(x)->no_map_files |= x->file.denied;
	return x->file.fd;
}

/* The kernel's own file, which nobody can open: its few pages are read through the process. */
static bool is_aio_ring(const struct pk_procmap *m) { return pk_str_eq(m->m.path, PK_STR("/[aio] (deleted)")); }

/* Absent pages: zeros, but in a lone mapping what the file has (a hole in it stays one). */
static void fill_gap(struct reader *x, size_t map, uint64_t start, uint64_t end, uint8_t *to)
{
	const struct pk_procmap *m = &x->r.maps[map];
	uint64_t off = start - m->m.start + m->m.offset;
	size_t done = 0, n = end - start;
	int fd = file_of(x, map);
	ssize_t got = 1;

	if (fd < 0 && is_aio_ring(m)) {
		read_pages(x, map, start, end, to);
		return;
	}
	while (fd >= 0 && done < n && got > 0) {
		got = pread(fd, to + done, n - done, (off_t)(off + done));
		if (got > 0)
			done += (size_t)got;
	}
	memset(to + done, 0, n - done);
	if (!x->counting)
		return;
	info_of(x)->bytes_deleted += done;
	if (got < 0)
		info_of(x)->bytes_unreadable += n - done;
}

static uint64_t page_down(const struct reader *x, uint64_t address) { return address - address % x->page; }

/* All bytes of [start, end), from a page's edge, into the window. */
static void fill(struct reader *x, size_t map, uint64_t start, uint64_t end)
{
	uint64_t at = start;
	struct pk_pagerun run;

	while (at < end && !x->gone && next_pages(x, &x->pages, at, end, &run) == 1) {
		fill_gap(x, map, at, run.start, x->window + (at - start));
		if (run.swapped && !x->r.p->swapped) {
			memset(x->window + (run.start - start), 0, run.end - run.start);
			if (x->counting)
				info_of(x)->bytes_swapped += run.end - run.start;
		} else {
			read_pages(x, map, run.start, run.end, x->window + (run.start - start));
		}
		at = run.end;
	}
	if (at < end)
		fill_gap(x, map, at, end, x->window + (at - start));
}

/* The same where the block goes on with what the window holds: those bytes stay as they were seen. */
static void fill_behind(struct reader *x, size_t map, uint64_t start, uint64_t end)
{
	uint64_t kept = x->mid_run && start >= x->held && start < x->held_end ? PK_MIN(x->held_end, end) - start : 0;
	uint8_t *window = x->window;

	if (kept > 0)
		memmove(window, window + (start - x->held), kept);
	x->window += kept;
	fill(x, map, start + kept, end);
	x->window = window;
	x->held = start;
	x->held_end = end;
}

/* --- edges -------------------------------------------------------------------------------------------- */

static bool is_word(uint8_t c) { return isalnum(c) || c == '_'; }

/* How well it goes unnoticed by a rule when a piece begins, or ends, before p[i]: 2: zeros around it; 1: no word is
 * cut, of ASCII or UTF-16; 0: it may matter. */
static int edge_quality(const uint8_t *p, size_t i, bool begins)
{
	static const uint8_t zeros[8];

	if (memcmp(p + i - 4, zeros, 8) == 0)
		return 2;
	return begins ? !is_word(p[i - 1]) && !(p[i - 1] == 0 && is_word(p[i - 2])) : !is_word(p[i]);
}

/* The best place for an edge in [from, to), the later the better. */
static size_t find_edge(const uint8_t *p, size_t from, size_t to, bool begins)
{
	size_t best = to;
	int quality = 0;

	for (size_t i = to; i > from && quality < 2; i--) {
		int q = edge_quality(p, i - 1, begins);

		if (q > quality) {
			quality = q;
			best = i - 1;
		}
	}
	return best;
}

/* --- blocks ------------------------------------------------------------------------------------------- */

static bool is_kernels(const struct pk_procmap *m)
{
	return m->m.start >= (uint64_t)1 << 63 || pk_str_eq(m->m.path, PK_STR("[vsyscall]"));
}

/* Absent pages of it, but for a file's bytes, read as zeros. */
static bool has_zeros(struct reader *x)
{
	const struct pk_procmap *m = &x->r.maps[x->map];

	return m->lone ? file_of(x, x->map) >= 0 : m->m.inode == 0;
}

/* The next run that is to be read. */
static bool next_run(struct reader *x, uint64_t at, uint64_t end, struct pk_pagerun *ret)
{
	for (; next_pages(x, &x->pages, at, end, ret) == 1; at = ret->end)
		if (!ret->swapped || x->r.p->swapped)
			return true;
	return false;
}

/* Swapped pages that are in no block. */
static void count_swapped(struct reader *x, uint64_t at, uint64_t end)
{
	struct pk_pagerun run;

	for (; !x->r.p->swapped && next_pages(x, &x->pages, at, end, &run) == 1; at = run.end)
		if (run.swapped)
			info_of(x)->bytes_swapped += run.end - run.start;
}

/* A lone mapping's pages are all there, but for holes. */
static bool whole_map(struct reader *x, uint64_t at, struct pk_pagerun *ret)
{
	const struct pk_procmap *m = &x->r.maps[x->map];
	uint64_t off, end;

	if (!m->lone)
		return false;
	ret->swapped = false;
	if (file_of(x, x->map) < 0) {
		*ret = (struct pk_pagerun){.start = at, .end = m->m.end};
		return at < m->m.end && is_aio_ring(m);
	}
	if (at >= m->m.end || !pk_size_add(m->m.offset, m->m.end - m->m.start, &end) || end > INT64_MAX)
		return false;
	off = at - m->m.start + m->m.offset;
	if (!pk_procfile_data(&x->file, off, end))
		return false;
	ret->start = page_down(x, PK_MAX(x->file.data, off) - m->m.offset + m->m.start);
	ret->end = PK_MIN(page_down(x, PK_MIN(x->file.hole, end) - m->m.offset + m->m.start + x->page - 1), m->m.end);
	return ret->start < m->m.end;
}

/* The run to be scanned that begins at or behind `at`: present pages, or those of its file, whichever is first. */
static bool find_run(struct reader *x, uint64_t at, bool count, struct pk_pagerun *ret)
{
	const struct pk_procmap *m = &x->r.maps[x->map];
	struct pk_pagerun file;
	bool found = next_run(x, at, m->m.end, ret);

	if (whole_map(x, at, &file) &&
	    (!found || file.start < ret->start || (file.start == ret->start && file.end > ret->end))) {
		*ret = file;
		found = true;
	}
	if (count)
		count_swapped(x, at, found ? ret->start : m->m.end);
	return found;
}

/* What of the run's surroundings belongs to it: neighbours, and pages of zeros. *end grows. True: it goes on behind. */
static bool extend(struct reader *x, uint64_t limit, uint64_t *end)
{
	uint64_t near = has_zeros(x) ? 2 * x->page : 0;
	struct pk_pagerun run;

	while (*end < limit && find_run(x, *end, false, &run) && run.start <= *end + near) {
		/* a swapped page in between is not known to be zeros */
		if (run.start > *end) {
			struct pk_pagerun gap;

			if (next_pages(x, &x->pages, *end, run.start, &gap) != 0)
				break;
		}
		*end = run.end;
	}
	if (*end > limit) {
		*end = limit;
		return true;
	}
	if (*end == limit)
		return find_run(x, *end, false, &run) && run.start == *end;
	return false;
}

/* A page at `page` that is absent and reads as zeros. */
static bool is_zero_page(struct reader *x, uint64_t page)
{
	const struct pk_procmap *m = &x->r.maps[x->map];
	struct pk_pagerun run;
	struct stat st;

	if (!has_zeros(x) || page < m->m.start || page >= m->m.end ||
	    next_pages(x, &x->pages, page, page + x->page, &run) != 0)
		return false;
	/* a hole of the file, and not behind its end */
	return !m->lone || ((!whole_map(x, page, &run) || run.start > page) && fstat(x->file.fd, &st) == 0 &&
			    page - m->m.start + m->m.offset < (uint64_t)st.st_size);
}

/* Goes to the next mapping that may have blocks. */
static bool next_map(struct reader *x)
{
	for (; x->map < x->r.map_count; x->map++) {
		struct pk_procmap *m = &x->r.maps[x->map];

		if (m->device)
			info_of(x)->maps_device++;
		else if (is_kernels(m))
			info_of(x)->maps_kernel++;
		else
			return true;
	}
	return false;
}

/* Enters the mapping. False: there is nothing to be had of it. */
static bool enter_map(struct reader *x)
{
	struct pk_procmap *m = &x->r.maps[x->map];
	uint64_t at = m->m.start;
	struct pk_pagerun run;

	x->at = m->m.start;
	x->mid_run = false;
	pk_procpages_reset(&x->pages);
	if (!m->lone || file_of(x, x->map) >= 0 || is_aio_ring(m))
		return true;
	/* what its absent pages hold cannot be known, unless it is a driver's */
	pk_procinfo_devices(&x->r);
	info_of(x)->maps_device += m->device;
	if (m->device)
		return false;
	for (; at < m->m.end; at = run.end) {
		if (next_pages(x, &x->pages, at, m->m.end, &run) != 1)
			run.start = run.end = m->m.end;
		info_of(x)->bytes_unreadable += run.start - at;
	}
	return true;
}

/* The next block's place; its bytes are in the window then. */
static bool next_block(struct reader *x, struct pk_proc_answer *ret)
{
	uint64_t start, end, first, base;
	struct pk_pagerun run;
	bool cut;

	for (;; x->map++, x->in_map = false) {
		if (x->gone || !next_map(x))
			return false;
		if (!x->in_map && !enter_map(x))
			continue;
		if (find_run(x, page_down(x, x->at), true, &run))
			break;
		info_of(x)->maps_not_present += !x->in_map;
	}
	x->mid_run &= run.start <= x->at;
	base = start = x->mid_run ? x->at : run.start;
	if (!x->mid_run && is_zero_page(x, start - x->page))
		base = start -= x->page;
	first = page_down(x, start);
	end = run.end;
	if (end > first + WINDOW) {
		end = first + WINDOW;
		cut = true;
	} else {
		cut = extend(x, first + WINDOW, &end);
	}
	if (!cut && end < first + WINDOW && is_zero_page(x, end))
		end += x->page;
	x->counting = true;
	fill_behind(x, x->map, first, end);
	info_of(x)->maps_scanned += !x->in_map;
	x->in_map = true;
	x->mid_run = cut;
	x->at = end;
	if (cut) {
		size_t n = end - first;

		x->at = first + find_edge(x->window, n - PK_PROC_OVERLAP - PK_PROC_SLACK, n - PK_PROC_OVERLAP, true);
		end = first + find_edge(x->window, n - PK_PROC_SLACK, n - 8, false);
	}
	if (!pk_grow(&x->blocks, &x->block_cap, x->block_count + 1, sizeof(*x->blocks))) {
		x->gone = true; /* for us: the rest cannot be told */
		x->r.sh->sys = ENOMEM;
		x->r.sh->why = "unreadable";
		return false;
	}
	x->blocks[x->block_count++] = (struct pk_procblock){base, end - base, x->map};
	ret->base = base;
	ret->size = end - base;
	ret->offset = x->r.p->window + (base - first);
	return !x->gone;
}

static bool same_block(struct reader *x, uint32_t index, struct pk_proc_answer *ret)
{
	const struct pk_procblock *b = index < x->block_count ? &x->blocks[index] : NULL;
	uint64_t first, last;

	if (!b || x->gone)
		return false;
	first = page_down(x, b->base);
	last = page_down(x, b->base + b->size + x->page - 1);
	x->counting = false;
	x->held = x->held_end = 0;
	pk_procfile_close(&x->file);
	pk_procpages_reset(&x->pages);
	fill(x, b->map, first, PK_MIN(last, first + WINDOW));
	pk_procpages_reset(&x->pages);
	*ret = (struct pk_proc_answer){.base = b->base, .size = b->size, .offset = x->r.p->window + (b->base - first)};
	return !x->gone;
}

/* --- life --------------------------------------------------------------------------------------------- */

/* From the beginning: a child before this one may have died on the way. */
static void restart(struct reader *x)
{
	struct pk_procinfo *info = info_of(x);

	x->r.sh->restarted |= x->block_count > 0;
	x->map = 0;
	x->in_map = x->mid_run = false;
	x->held = x->held_end = 0;
	x->block_count = 0;
	pk_procfile_close(&x->file);
	pk_procpages_reset(&x->pages);
	info->maps_scanned = info->maps_device = info->maps_kernel = info->maps_not_present = 0;
	info->bytes = info->bytes_unreadable = info->bytes_swapped = info->bytes_deleted = 0;
}

static void answer(struct reader *x, const struct pk_proc_question *q)
{
	struct pk_proc_answer a = {0};

	if (q->ask == PK_PROC_START)
		restart(x);
	if (q->ask == PK_PROC_AGAIN) {
		if (!same_block(x, q->index, &a))
			a = (struct pk_proc_answer){0};
	} else if (!next_block(x, &a)) {
		a = (struct pk_proc_answer){0};
		if (!x->gone && !is_alive(x))
			is_gone(x);
		x->r.sh->complete = !x->gone;
	}
	a.tag = q->tag;
	if (send(x->r.p->socket, &a, sizeof(a), MSG_NOSIGNAL) != sizeof(a) && errno != EPIPE)
		_exit(1);
}

/* Keeps what is ours; anything else would keep other children from seeing their ends. */
static void settle(const struct pk_procread_params *p)
{
	int keep[3] = {p->proc_fd, p->socket, p->maps_fd};
	int top = PK_MAX(PK_MAX(keep[0], keep[1]), keep[2]);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != p->parent)
		_exit(1);
	prctl(PR_SET_NAME, "picket-reader");
	for (int fd = 3; fd <= top; fd++)
		if (fd != keep[0] && fd != keep[1] && fd != keep[2])
			close(fd);
	if (syscall(SYS_close_range, (unsigned)top + 1, ~0u, 0u) < 0)
		for (int fd = top + 1; fd < 65536; fd++)
			close(fd);
}

void pk_procread_main(const struct pk_procread_params *params)
{
	static struct reader x;
	struct pk_proc_question q;

	settle(params);
	x = (struct reader){.r = {.p = params, .sh = params->shared, .dir = -1, .mem = -1},
			    .page = (uint64_t)sysconf(_SC_PAGESIZE),
			    .file.fd = -1,
			    .window = params->slots + params->window};
	if (pk_procinfo_read(&x.r)) {
		x.pages.page_bytes = x.page;
		x.pages.no_ioctl = params->no_pagemap_scan;
		x.pages.fd = openat(x.r.dir, "pagemap", O_RDONLY | O_CLOEXEC);
		if (x.pages.fd < 0) {
			bool gone = errno == ENOENT || errno == ESRCH;

			x.r.sh->sys = gone ? 0 : errno;
			x.r.sh->why = gone ? "vanished" : errno == EACCES || errno == EPERM ? "denied" : "unreadable";
		}
	}
	x.again = x.pages;
	if (send(params->socket, "", 1, MSG_NOSIGNAL) != 1 || params->shared->why)
		_exit(0);
	for (;;) {
		ssize_t n = recv(params->socket, &q, sizeof(q), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			pk_throttle_pause();
			_exit(0);
		}
		if (n == sizeof(q))
			answer(&x, &q);
	}
}
