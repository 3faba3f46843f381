/* SPDX-License-Identifier: Apache-2.0 */
/* Who a process is and what it has mapped, for the reader of its memory. */
#include "procmaps.h"
#include "procread.h"

#include <errno.h>
#include <fcntl.h>
#include <picket/io.h>
#include <unistd.h>

#define SMALL_FILE (64u << 10)
#define SMAPS_MAX (512u << 20)

static bool give_up(struct pk_procread *r, const char *why, int sys, bool skipped)
{
	r->sh->why = why;
	r->sh->sys = sys;
	r->sh->skipped = skipped;
	return false;
}

/* The word for an error from /proc/PID or the process's memory. */
static bool cannot(struct pk_procread *r, int sys)
{
	if (sys == ENOENT || sys == ESRCH)
		return give_up(r, "vanished", 0, false);
	return give_up(r, sys == EACCES || sys == EPERM ? "denied" : "unreadable", sys, false);
}

/* 0 or an errno. More than max bytes are left out, and said in *ret_cut. */
static int read_at(int dir, const char *name, size_t max, struct pk_buf *b, bool *ret_cut)
{
	pk_autoclose int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return errno;
	*ret_cut = false;
	for (;;) {
		char *room = pk_buf_room(b, 65536);
		ssize_t n;

		if (!room)
			return ENOMEM;
		n = read(fd, room, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0)
			return 0;
		b->n += (size_t)n;
		if (b->n > max) {
			b->n = max;
			*ret_cut = true;
			return 0;
		}
	}
}

static bool other_ns(const struct pk_procread *r, const char *name)
{
	PK_AUTO(pk_buf) path = {0};
	char ours[64] = "", theirs[64] = "";

	pk_buf_putf(&path, "self/ns/%s", name);
	if (path.oom || readlinkat(r->p->proc_fd, path.p, ours, sizeof(ours) - 1) < 0)
		return false;
	pk_buf_reset(&path);
	pk_buf_putf(&path, "ns/%s", name);
	return !path.oom && readlinkat(r->dir, path.p, theirs, sizeof(theirs) - 1) > 0 && strcmp(ours, theirs) != 0;
}

/* Opens nothing that could wait: the kernel has the executable open already. */
static void read_exe(struct pk_procread *r)
{
	static const char gone[] = " (deleted)";
	struct pk_procinfo *info = &r->sh->info;
	ssize_t n = readlinkat(r->dir, "exe", info->exe, sizeof(info->exe) - 1);
	pk_autoclose int fd = -1;
	char head[512];
	size_t got = 0;

	info->exe[n > 0 ? n : 0] = '\0';
	fd = openat(r->dir, "exe", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &info->exe_stat) < 0 || !S_ISREG(info->exe_stat.st_mode)) {
		info->exe_stat = (struct stat){0};
		return;
	}
	info->has_exe = true;
	info->has_exe_btime = pk_scan_btime(fd, &info->exe_btime);
	info->exe_deleted = info->exe_stat.st_nlink == 0;
	if (info->exe_deleted && n > (ssize_t)sizeof(gone) - 1 && strcmp(info->exe + n - (sizeof(gone) - 1), gone) == 0)
		info->exe[n - (ssize_t)(sizeof(gone) - 1)] = '\0';
	if (pk_pread_full(fd, head, sizeof(head), 0, &got, NULL) < 0)
		got = 0;
	(void)snprintf(info->filetype, sizeof(info->filetype), "%s", pk_scan_filetype(head, got));
}

static void read_status(struct pk_procread *r)
{
	struct pk_procinfo *info = &r->sh->info;
	PK_AUTO(pk_buf) b = {0};
	struct pk_procstatus s = {0};
	bool cut;

	if (read_at(r->dir, "status", SMALL_FILE, &b, &cut) != 0 || !pk_procmaps_status(pk_buf_str(&b), &s))
		return;
	info->uid = s.uid;
	info->euid = s.euid;
	info->gid = s.gid;
	info->inner_pid = s.inner_pid;
}

/* Its pages are in no file that a scan of files comes to. By the path alone: the inode of a System V segment is its
 * number, which may be 0. */
static bool is_lone(const struct pk_procmapping *m)
{
	return (pk_str_starts(m->path, PK_STR("/")) && pk_str_ends(m->path, PK_STR(" (deleted)"))) ||
	       pk_str_starts(m->path, PK_STR("/dev/shm/")) || pk_str_starts(m->path, PK_STR("[anon_shmem:"));
}

static bool read_maps(struct pk_procread *r)
{
	struct pk_procinfo *info = &r->sh->info;
	struct pk_str text, line;
	int e = read_at(r->dir, "maps", PK_PROCSCAN_MAX_MAPS, &r->maps_text, &info->maps_cut);

	if (e)
		return cannot(r, e);
	text = pk_buf_str(&r->maps_text);
	(void)!pk_write_full(r->p->maps_fd, text.p, text.n, NULL);
	while (pk_str_line(&text, &line)) {
		struct pk_procmap m = {0};

		if (!pk_procmaps_line(line, &m.m)) {
			info->maps_cut = true; /* the last one of a text that was cut; no other fails */
			continue;
		}
		m.lone = is_lone(&m.m);
		if (!pk_grow(&r->maps, &r->map_cap, r->map_count + 1, sizeof(*r->maps)))
			return cannot(r, ENOMEM);
		r->maps[r->map_count++] = m;
		info->maps++;
	}
	return true;
}

static void mark_device(void *ctx, uint64_t start)
{
	struct pk_procread *r = ctx;
	size_t low = 0, high = r->map_count;

	/* maps come in order of their addresses */
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (r->maps[mid].m.start < start)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < r->map_count && r->maps[low].m.start == start)
		r->maps[low].device = true;
}

void pk_procinfo_devices(struct pk_procread *r)
{
	PK_AUTO(pk_buf) smaps = {0};
	bool cut = false;

	if (r->asked_devices)
		return;
	r->asked_devices = true;
	if (read_at(r->dir, "smaps", SMAPS_MAX, &smaps, &cut) != 0 || cut)
		return;
	for (size_t i = 0; i < r->map_count; i++)
		r->maps[i].device = false;
	pk_procmaps_devices(pk_buf_str(&smaps), mark_device, r);
	r->knows_devices = true;
}

/* A device by its path, unless the kernel says that it is none. */
static void look_for_devices(struct pk_procread *r)
{
	bool any = false;

	for (size_t i = 0; i < r->map_count; i++) {
		struct pk_procmap *m = &r->maps[i];

		m->device = pk_str_starts(m->m.path, PK_STR("[vvar")) ||
			    (pk_str_starts(m->m.path, PK_STR("/dev/")) &&
			     !pk_str_starts(m->m.path, PK_STR("/dev/shm/")) &&
			     !pk_str_starts(m->m.path, PK_STR("/dev/zero")));
		any |= m->device;
	}
	if (any)
		pk_procinfo_devices(r);
}

/* The scanner, its children, and theirs: the processes that compare texts and that compile rules hold what is looked
 * for. */
static bool is_own(const struct pk_procread *r, uint64_t parent)
{
	uint64_t own = (uint64_t)r->p->parent;
	struct pk_procstat of_parent = {0};
	PK_AUTO(pk_buf) b = {0};
	char name[40];
	bool cut;

	if (r->p->pid == own || parent == own)
		return true;
	(void)snprintf(name, sizeof(name), "%llu/stat", (unsigned long long)parent);
	return parent > 1 && read_at(r->p->proc_fd, name, SMALL_FILE, &b, &cut) == 0 &&
	       pk_procmaps_stat(pk_buf_str(&b), &of_parent) && of_parent.parent == own;
}

bool pk_procinfo_read(struct pk_procread *r)
{
	struct pk_procinfo *info = &r->sh->info;
	PK_AUTO(pk_buf) b = {0};
	struct pk_procstat stat = {0};
	char name[24];
	bool cut;
	int e;

	(void)snprintf(name, sizeof(name), "%llu", (unsigned long long)r->p->pid);
	r->dir = openat(r->p->proc_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->dir < 0)
		return cannot(r, errno);
	e = read_at(r->dir, "stat", SMALL_FILE, &b, &cut);
	if (e)
		return cannot(r, e);
	if (!pk_procmaps_stat(pk_buf_str(&b), &stat))
		return cannot(r, EIO);
	(void)snprintf(info->comm, sizeof(info->comm), "%.*s", (int)PK_MIN(stat.comm.n, sizeof(info->comm) - 1),
		       stat.comm.p);
	info->parent = stat.parent;
	info->start_ticks = stat.start_ticks;
	read_status(r);
	info->other_pid_ns = other_ns(r, "pid");
	info->other_mount_ns = other_ns(r, "mnt");
	if (is_own(r, stat.parent))
		return give_up(r, "own", 0, true);
	if (stat.flags & PK_PROCSTAT_KTHREAD)
		return give_up(r, "kernel-thread", 0, true);
	if (stat.state == 'Z' || stat.state == 'X')
		return give_up(r, "zombie", 0, true);
	read_exe(r);
	r->mem = openat(r->dir, "mem", O_RDONLY | O_CLOEXEC);
	if (!read_maps(r))
		return false;
	if (r->map_count == 0)
		return give_up(r, "vanished", 0, false);
	look_for_devices(r);
	return true;
}
