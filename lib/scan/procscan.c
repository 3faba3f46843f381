/* SPDX-License-Identifier: Apache-2.0 */
/* Brings readers of processes and scan children together, and gives every process one outcome, in order. */
#include "procmaps.h"
#include "procread.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <picket/io.h>
#include <picket/limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_LANES 64
#define END_MS 2000 /* for a reader that was ended */

/* A process whose outcome is not reported yet. */
struct waiting {
	struct pk_procinfo info;
	bool known, named;
	enum pk_scan_verdict verdict;
	const char *why;
	char detail[160];
	struct pk_scan_result *result;
	char *maps;
	size_t maps_n;
};
/* One at a time: a reader, its window, and what it leaves. */
struct lane {
	bool busy;
	uint64_t number; /* of the process, as the caller gave them */
	pid_t reader;
	int socket; /* the scanner's end, until the scanner has it */
	int maps_fd;
	struct pk_procshared *shared;
	uint64_t window;
};
struct pk_procscan {
	struct pk_procscan_params p;
	struct lane lanes[MAX_LANES];
	size_t lane_count;
	struct waiting **waiting; /* numbers first, first + 1, ... */
	size_t n, cap;
	uint64_t first;
	struct pk_buf lower;
};

/* --- life --------------------------------------------------------------------------------------------- */

int pk_procscan_new(const struct pk_procscan_params *params, struct pk_procscan **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_procscan) ps = calloc(1, sizeof(*ps));
	size_t lanes = PK_MIN(params->slots->count / PK_PROCSCAN_SLOTS, (size_t)MAX_LANES);

	_Static_assert(PK_PROCSCAN_SLOTS == PK_PROC_WINDOW_SLOTS, "the header promises the window's size");
	if (!ps)
		return pk_fail_oom(err);
	if (lanes == 0)
		return pk_fail(err, PK_EINTERNAL, 0, "too few slots to scan a process");
	ps->p = *params;
	for (; ps->lane_count < lanes; ps->lane_count++) {
		struct lane *l = &ps->lanes[ps->lane_count];
		void *shared = mmap(NULL, sizeof(*l->shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
				    0);

		if (shared == MAP_FAILED)
			return pk_fail_oom(err);
		*l = (struct lane){.socket = -1,
				   .maps_fd = -1,
				   .shared = shared,
				   .window = ps->lane_count * PK_PROCSCAN_SLOTS * (uint64_t)PK_SLOT_BYTES};
	}
	*ret = pk_steal(&ps);
	return 0;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* One that hangs in the kernel goes when the kernel lets it; we do not wait for that. */
static void end_reader(struct lane *l)
{
	const struct timespec ms = {0, 1000000};

	if (l->reader <= 0)
		return;
	for (int i = 0; i < END_MS; i++) {
		if (waitpid(l->reader, NULL, WNOHANG) != 0)
			break;
		/* its socket is closed, so it ends by itself, if it can */
		if (i == 50)
			kill(l->reader, SIGKILL);
		nanosleep(&ms, NULL);
	}
	l->reader = 0;
}

static void lane_reset(struct lane *l)
{
	close_fd(&l->socket);
	end_reader(l);
	close_fd(&l->maps_fd);
	l->busy = false;
}

static void waiting_free(struct waiting *w)
{
	pk_scan_result_free(w->result);
	free(w->maps);
	free(w);
}

void pk_procscan_free(struct pk_procscan *ps)
{
	if (!ps)
		return;
	for (size_t i = 0; i < ps->lane_count; i++) {
		if (ps->lanes[i].busy && ps->lanes[i].reader > 0)
			kill(ps->lanes[i].reader, SIGKILL);
		lane_reset(&ps->lanes[i]);
		munmap(ps->lanes[i].shared, sizeof(*ps->lanes[i].shared));
	}
	for (size_t i = 0; i < ps->n; i++)
		waiting_free(ps->waiting[i]);
	free(ps->waiting);
	pk_buf_done(&ps->lower);
	free(ps);
}

/* --- outcomes ----------------------------------------------------------------------------------------- */

static int report(struct pk_procscan *ps, struct pk_err *err)
{
	size_t done = 0;
	int ret = 0;

	for (; done < ps->n && ps->waiting[done]->known && ret == 0; done++) {
		struct waiting *w = ps->waiting[done];
		const struct pk_procscan_process p = {
			.info = &w->info,
			.verdict = w->verdict,
			.why = w->why,
			.detail = w->detail,
			.result = w->result,
			.maps = pk_str_n(w->maps, w->maps_n),
		};

		ret = ps->p.process(ps->p.ctx, &p, err);
		waiting_free(w);
	}
	ps->n -= done;
	ps->first += done;
	memmove(ps->waiting, ps->waiting + done, ps->n * sizeof(ps->waiting[0]));
	if (done > 0)
		pk_event_progress(ps->p.events, "processes scanned", ps->first, 0);
	return ret;
}

static void settle(struct waiting *w, enum pk_scan_verdict verdict, const char *why, const char *detail)
{
	w->known = true;
	w->verdict = verdict;
	w->why = why;
	(void)snprintf(w->detail, sizeof(w->detail), "%s", detail);
}

static void keep_maps(const struct lane *l, struct waiting *w)
{
	PK_AUTO(pk_buf) b = {0};

	if (lseek(l->maps_fd, 0, SEEK_SET) < 0 || pk_read_all(l->maps_fd, PK_PROCSCAN_MAX_MAPS, &b, NULL) < 0)
		return;
	w->maps_n = b.n;
	w->maps = pk_buf_take(&b);
}

/* What the reader says of itself; false: all went well. */
static bool reader_failed(const struct lane *l, struct waiting *w)
{
	const struct pk_procshared *sh = l->shared;
	bool ended;

	if (!sh->why)
		return false;
	/* one that nobody asked for by its number, and of which nothing was seen, is simply no more */
	ended = strcmp(sh->why, "vanished") == 0 && !w->named && !sh->restarted &&
		(!w->result || sh->info.bytes + sh->info.bytes_deleted == 0);
	settle(w, sh->skipped || ended ? PK_SCAN_SKIPPED : PK_SCAN_FAILED, sh->why, sh->sys ? strerror(sh->sys) : "");
	return true;
}

/* Its reader is no more, though nobody ended it. */
static bool is_dead(struct lane *l)
{
	if (l->reader <= 0 || waitpid(l->reader, NULL, WNOHANG) == 0)
		return false;
	l->reader = 0;
	return true;
}

/* The lane is done with its process; result is NULL when no scanner ever had it. */
static void finish_lane(struct pk_procscan *ps, struct lane *l, struct pk_scan_result *result, const char *why)
{
	struct waiting *w = ps->waiting[l->number - ps->first];

	w->result = result;
	if (result && result->hit_count > 0)
		keep_maps(l, w);
	if (reader_failed(l, w))
		;
	else if (result && result->verdict != PK_SCAN_SCANNED)
		settle(w, result->verdict, result->why, result->detail);
	else if (!result || !l->shared->complete)
		settle(w, PK_SCAN_FAILED, is_dead(l) ? "crashed" : why, "");
	else
		settle(w, PK_SCAN_SCANNED, NULL, "");
	w->info = l->shared->info;
	lane_reset(l);
}

static int collect(struct pk_procscan *ps, bool block, struct pk_err *err)
{
	struct pk_scan_result *r = NULL;

	do {
		if (pk_scanpool_next(ps->p.pool, block, &r, err) < 0)
			return -1;
		if (r && r->id < ps->lane_count && ps->lanes[r->id].busy)
			finish_lane(ps, &ps->lanes[r->id], r, "stalled");
		else
			pk_scan_result_free(r);
		block = false;
	} while (r);
	return report(ps, err);
}

int pk_procscan_finish(struct pk_procscan *ps, struct pk_err *err)
{
	while (ps->n > 0)
		if (collect(ps, true, err) < 0)
			return -1;
	return 0;
}

/* --- one process -------------------------------------------------------------------------------------- */

static int start_reader(const struct pk_procscan *ps, struct lane *l, uint64_t pid, struct pk_err *err)
{
	const struct timeval stall = {.tv_sec = PK_PROC_STALL_SECONDS};
	struct pk_procread_params p = {
		.pid = pid,
		.proc_fd = ps->p.proc_fd,
		.shared = l->shared,
		.slots = ps->p.slots->base,
		.window = l->window,
		.swapped = ps->p.swapped,
		.no_pagemap_scan = ps->p.no_pagemap_scan,
		.parent = getpid(),
	};
	int pair[2];

	*l->shared = (struct pk_procshared){.info = {.pid = pid}};
	l->maps_fd = memfd_create("maps", MFD_CLOEXEC);
	if (l->maps_fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot make room for the mappings of a process");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot make a socket for the reader of a process");
	l->socket = pair[0];
	p.socket = pair[1];
	p.maps_fd = l->maps_fd;
	(void)setsockopt(l->socket, SOL_SOCKET, SO_RCVTIMEO, &stall, sizeof(stall));
	l->reader = fork();
	if (l->reader == 0)
		pk_procread_main(&p);
	close(pair[1]);
	if (l->reader < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot fork the reader of a process");
	return 0;
}

/* Waits for the byte that says that info is there. NULL, or why it does not come. */
static const char *await_info(const struct lane *l)
{
	struct pollfd w = {.fd = l->socket, .events = POLLIN};
	char byte;
	int n;

	do
		n = poll(&w, 1, PK_PROC_STALL_SECONDS * 1000);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		return "stalled";
	return recv(l->socket, &byte, 1, MSG_DONTWAIT) == 1 ? NULL : "crashed";
}

/* THOR's variables are those of the executable. */
static int offer(struct pk_procscan *ps, struct lane *l, struct pk_err *err)
{
	const struct pk_procinfo *info = &l->shared->info;
	const struct pk_scan_meta meta = {
		.mode = info->exe_stat.st_mode,
		.uid = info->exe_stat.st_uid,
		.gid = info->exe_stat.st_gid,
		.owner = ps->p.owner ? ps->p.owner(ps->p.ctx, info->exe_stat.st_uid) : NULL,
		.group = ps->p.group ? ps->p.group(ps->p.ctx, info->exe_stat.st_gid) : NULL,
		.has_btime = info->has_exe_btime,
		.btime = info->exe_btime,
	};
	struct pk_scan_metatext text;
	struct pk_scan_item item = {
		.id = (uint64_t)(l - ps->lanes),
		.fd = l->socket,
		.offset = l->window,
		.length = PK_PROCSCAN_SLOTS * (uint64_t)PK_SLOT_BYTES,
		.memory = true,
	};

	pk_scan_externals_path(&item.ext, pk_str(info->exe), &ps->lower);
	if (info->has_exe)
		pk_scan_externals_meta(&item.ext, &meta, ps->p.host, &text);
	item.ext.filetype = pk_str(info->filetype);
	if (pk_scanpool_offer(ps->p.pool, &item, err) < 0)
		return -1;
	close_fd(&l->socket);
	return 0;
}

static int free_lane(struct pk_procscan *ps, struct lane **ret, struct pk_err *err)
{
	for (;;) {
		for (size_t i = 0; i < ps->lane_count; i++) {
			if (ps->lanes[i].busy)
				continue;
			*ret = &ps->lanes[i];
			return 0;
		}
		if (collect(ps, true, err) < 0)
			return -1;
	}
}

int pk_procscan_pid(struct pk_procscan *ps, uint64_t pid, bool named, struct pk_err *err)
{
	struct lane *l = NULL;
	struct waiting *w = NULL;
	const char *why = NULL;

	if (free_lane(ps, &l, err) < 0)
		return -1;
	w = calloc(1, sizeof(*w));
	if (!w || !pk_grow(&ps->waiting, &ps->cap, ps->n + 1, sizeof(*ps->waiting))) {
		free(w);
		return pk_fail_oom(err);
	}
	w->named = named;
	w->info.pid = pid;
	l->number = ps->first + ps->n;
	ps->waiting[ps->n++] = w;
	if (start_reader(ps, l, pid, err) < 0) {
		lane_reset(l);
		settle(w, PK_SCAN_FAILED, "unreadable", "");
		return -1;
	}
	l->busy = true;
	why = await_info(l);
	if (why || l->shared->why) {
		finish_lane(ps, l, NULL, why);
		return report(ps, err);
	}
	if (offer(ps, l, err) < 0)
		return -1;
	return collect(ps, false, err);
}

bool pk_procscan_mapping(const struct pk_procscan_process *p, uint64_t address, struct pk_procmapping *ret)
{
	return pk_procmaps_find(p->maps, address, ret);
}

/* --- the list ----------------------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int pk_procscan_list(int proc_fd, uint64_t **ret, size_t *ret_n, struct pk_err *err)
{
	pk_autofree uint64_t *pids = NULL;
	size_t n = 0, cap = 0;
	int fd = openat(proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e = NULL;
	bool good = true;
	int why = errno;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return pk_fail(err, PK_ESYS, why, "cannot list the processes");
	}
	for (errno = 0; good && (e = readdir(dir)) != NULL;) {
		uint64_t pid;

		if (!pk_str_u64(pk_str(e->d_name), INT32_MAX, &pid) || pid == 0)
			continue;
		good = pk_grow(&pids, &cap, n + 1, sizeof(*pids));
		if (good)
			pids[n++] = pid;
	}
	why = errno;
	closedir(dir);
	if (!good)
		return pk_fail_oom(err);
	if (why)
		return pk_fail(err, PK_ESYS, why, "cannot list the processes");
	if (n > 0)
		qsort(pids, n, sizeof(*pids), by_number);
	*ret = pk_steal(&pids);
	*ret_n = n;
	return 0;
}
