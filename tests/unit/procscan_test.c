/* SPDX-License-Identifier: Apache-2.0 */
/* Scanning the memory of processes: the parsers, the finding of pages, and a whole scan of a child. */
#include "../t.h"

#include "../../lib/scan/procfile.h"
#include "../../lib/scan/procmaps.h"
#include "../../lib/scan/procpages.h"
#include "../../lib/scan/procread.h"
#include "../../lib/scan/procwire.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- parsers ------------------------------------------------------------------------------------------ */

TEST(maps_lines)
{
	static const char *const bad[] = {
		"",
		"7f00-7fff",
		"7f00 7fff r-xp 0 00:00 1 /x",
		"7f00-7f00 r-xp 0 00:00 1 /x",
		"7fff-7f00 r-xp 0 00:00 1",
		"7f00-7fff r-xpp 0 00:00 1",
		"7F00-7fff r-xp 0 00:00 1",
		"-7fff r-xp 0 00:00 1",
		"7f00-7fff r-xp 0 00:00 -1",
		"7f00-00000000000007fff r-xp 0 00:00 1",
		"7f00-7fff r-xp x 00:00 1",
	};
	struct pk_procmapping m = {0};

	CHECK(pk_procmaps_line(PK_STR("7f00-7fff r-xs 00001000 fe:01 262145   /opt/a b (deleted)"), &m));
	CHECK(m.start == 0x7f00 && m.end == 0x7fff && m.offset == 0x1000 && m.inode == 262145);
	CHECK_STR(pk_str(m.perms), PK_STR("r-xs"));
	CHECK_STR(m.path, PK_STR("/opt/a b (deleted)"));
	CHECK(pk_procmaps_line(PK_STR("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0"), &m));
	CHECK_INT(m.path.n, 0);
	for (size_t i = 0; i < PK_LEN(bad); i++)
		CHECK(!pk_procmaps_line(pk_str(bad[i]), &m));
}

TEST(an_address_has_its_mapping)
{
	struct pk_str text = PK_STR("1000-2000 r--p 0 00:00 0 a\nnonsense\n2000-3000 rw-p 0 00:00 0 b\n");
	struct pk_procmapping m = {0};

	CHECK(pk_procmaps_find(text, 0x1fff, &m) && pk_str_eq(m.path, PK_STR("a")));
	CHECK(pk_procmaps_find(text, 0x2000, &m) && pk_str_eq(m.path, PK_STR("b")));
	CHECK(!pk_procmaps_find(text, 0x3000, &m) && !pk_procmaps_find(text, 0xfff, &m));
}

static void add_start(void *ctx, uint64_t start)
{
	struct pk_buf *b = ctx;

	pk_buf_putf(b, "%llx ", (unsigned long long)start);
}

TEST(devices_are_known_by_their_flags)
{
	PK_AUTO(pk_buf) b = {0};

	/* a path may say anything */
	pk_procmaps_devices(PK_STR("1000-2000 rw-p 0 00:00 0 /dev/mem\nSize: 4 kB\nVmFlags: rd wr mr\n"
				   "2000-3000 rw-p 0 00:00 0 VmFlags: io\nVmFlags: rd ioo pfx\n"
				   "3000-4000 r--p 0 00:00 0 [vvar]\nVmFlags: rd mr pf io de dd\n"
				   "4000-5000 rw-s 0 00:05 7 /x\nVmFlags: rd io\n"),
			    add_start, &b);
	CHECK_STR(pk_buf_str(&b), PK_STR("3000 4000 "));
}

TEST(stat_and_status)
{
	static const char *const names[] = {"bash", "a) R 0 0 (b", "x\ny", ")", "((((", "", ") ) )"};
	struct pk_procstat s = {0};
	struct pk_procstatus u = {0};

	for (size_t i = 0; i < PK_LEN(names); i++) {
		PK_AUTO(pk_buf) b = {0};

		pk_buf_putf(&b, "42 (%s) S 17 42 42 0 -1 2097216 1 2\n", names[i]);
		CHECK(pk_procmaps_stat(pk_buf_str(&b), &s));
		CHECK_STR(s.comm, pk_str(names[i]));
		CHECK(s.state == 'S' && s.parent == 17 && (s.flags & PK_PROCSTAT_KTHREAD));
	}
	CHECK_INT(s.start_ticks, 0);
	CHECK(pk_procmaps_stat(PK_STR("9 (x) S 17 1 1 0 -1 64 10 11 12 13 14 15 16 17 18 19 20 21 4711 23 24"), &s));
	CHECK_INT(s.start_ticks, 4711);
	CHECK(!pk_procmaps_stat(PK_STR("42 x S 17"), &s) && !pk_procmaps_stat(PK_STR(""), &s));
	CHECK(!pk_procmaps_stat(PK_STR("42 (x) S 17 1 1 0 -1"), &s) &&
	      !pk_procmaps_stat(PK_STR("42 )x( S 17 1 1 0 -1 1"), &s));
	CHECK(pk_procmaps_status(PK_STR("Name:\tUid: 7\nUid:\t1000\t0\t0\t0\nGid:\t5\t6\t6\t6\nNSpid:\t99\t4\t1\n"),
				 &u));
	CHECK(u.uid == 1000 && u.euid == 0 && u.gid == 5 && u.inner_pid == 1);
	CHECK(!pk_procmaps_status(PK_STR("Uid:\t1000\n"), &u) && !pk_procmaps_status(PK_STR(""), &u));
}

/* --- pages -------------------------------------------------------------------------------------------- */

static void put_runs(struct pk_procpages *p, uint64_t start, uint64_t end, struct pk_buf *b)
{
	struct pk_pagerun run;
	uint64_t at = start, last = 0;

	/* neighbours are one, wherever a table ended */
	while (pk_procpages_next(p, at, end, &run) == 1) {
		if (last && run.start != last)
			pk_buf_putf(b, "-%llu ", (unsigned long long)((last - start) / p->page_bytes));
		if (run.start != last)
			pk_buf_putf(b, "%llu", (unsigned long long)((run.start - start) / p->page_bytes));
		at = last = run.end;
	}
	if (last)
		pk_buf_putf(b, "-%llu", (unsigned long long)((last - start) / p->page_bytes));
}

TEST(pages_are_found_both_ways)
{
	static struct pk_procpages p;
	size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = 20000;
	char *m = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t start = (uint64_t)(uintptr_t)m;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	CHECK(m != MAP_FAILED && fd >= 0);
	madvise(m, pages * page, MADV_NOHUGEPAGE);
	/* more runs than a table holds, then a long one up to the end */
	for (size_t i = 2; i < 9000; i += 3)
		m[i * page] = 1;
	for (size_t i = 12000; i < pages; i++)
		m[i * page] = 1;
	for (int way = 0; way < 2; way++) {
		PK_AUTO(pk_buf) b = {0};
		PK_AUTO(pk_buf) want = {0};
		struct pk_pagerun run;

		p = (struct pk_procpages){.fd = fd, .page_bytes = page, .no_ioctl = way == 1};
		for (size_t i = 2; i < 9000; i += 3)
			pk_buf_putf(&want, "%zu-%zu ", i, i + 1);
		pk_buf_putf(&want, "12000-%zu", pages);
		put_runs(&p, start, start + pages * page, &b);
		CHECK_STR(pk_buf_str(&b), pk_buf_str(&want));
		/* from the middle of a run, up to the middle of it */
		CHECK_INT(pk_procpages_next(&p, start + 13000 * page, start + 13001 * page, &run), 1);
		CHECK(run.start == start + 13000 * page && run.end == run.start + page && !run.swapped);
		CHECK_INT(pk_procpages_next(&p, start + 9 * page, start + 11 * page, &run), 0);
		CHECK_INT(pk_procpages_next(&p, start, start, &run), 0);
	}
	close(fd);
	munmap(m, pages * page);
}

TEST(data_of_files_is_found_both_ways)
{
	size_t bytes = (size_t)24 << 20, at = ((size_t)9 << 20) + 5;
	char *m = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	/* holes are told, and are not */
	int fds[] = {memfd_create("data", MFD_CLOEXEC), open("/proc/self/mem", O_RDONLY | O_CLOEXEC)};

	CHECK(m != MAP_FAILED && fds[0] >= 0 && fds[1] >= 0);
	CHECK(ftruncate(fds[0], (off_t)bytes) == 0 && pwrite(fds[0], "x", 1, (off_t)at) == 1);
	m[at] = 'x';
	for (int way = 0; way < 2; way++) {
		uint64_t from = way == 0 ? 0 : (uint64_t)(uintptr_t)m;
		struct pk_procfile f = {.fd = fds[way]};

		CHECK(pk_procfile_data(&f, from, from + bytes));
		CHECK(f.data > from && f.data <= from + at && f.hole > from + at);
		CHECK(f.hole - f.data <= 256 << 10);
		/* from the middle, and behind it */
		CHECK(pk_procfile_data(&f, from + at, from + bytes) && f.hole > from + at);
		CHECK(!pk_procfile_data(&f, f.hole, from + bytes));
		CHECK(!pk_procfile_data(&f, from, from + ((uint64_t)8 << 20)));
		pk_procfile_close(&f);
		CHECK_INT(f.fd, -1);
	}
	munmap(m, bytes);
}

TEST(only_regular_files_are_opened)
{
	struct pk_procfile f = {.fd = -1};
	struct pk_procmapping m = {.start = 0x1000, .end = 0x2000};
	char folder[] = "/tmp/picket-procfile-XXXXXX", path[80];
	int top, dir;

	CHECK(mkdtemp(folder) != NULL);
	top = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(top >= 0 && symlinkat("/proc/self", top, "self") == 0 && mkdirat(top, "1", 0700) == 0);
	dir = openat(top, "1", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(dir >= 0 && mkdirat(dir, "map_files", 0700) == 0);
	CHECK(symlinkat("/dev/null", dir, "map_files/1000-2000") == 0);
	pk_procfile_open(&f, dir, &m);
	CHECK(f.asked && f.fd == -1 && !f.denied);
	CHECK(!pk_procfile_data(&f, 0, 4096));
	CHECK(unlinkat(dir, "map_files/1000-2000", 0) == 0);
	CHECK(symlinkat("/proc/self/exe", dir, "map_files/1000-2000") == 0);
	pk_procfile_open(&f, dir, &m);
	CHECK(f.fd >= 0 && pk_procfile_data(&f, 0, 4096));
	pk_procfile_close(&f);
	(void)snprintf(path, sizeof(path), "%s/1/map_files/1000-2000", folder);
	CHECK(unlink(path) == 0 && unlinkat(dir, "map_files", AT_REMOVEDIR) == 0 && unlinkat(top, "self", 0) == 0);
	CHECK(unlinkat(top, "1", AT_REMOVEDIR) == 0 && rmdir(folder) == 0);
	close(dir);
	close(top);
}

/* --- a reader ----------------------------------------------------------------------------------------- */

static uint64_t ask(int socket, enum pk_proc_ask what)
{
	const struct pk_proc_question q = {.ask = what};
	struct pk_proc_answer a = {0};

	CHECK_INT(send(socket, &q, sizeof(q), 0), sizeof(q));
	CHECK_INT(recv(socket, &a, sizeof(a), 0), sizeof(a));
	return a.size;
}

/* A second child begins anew where a first one died: that bytes were seen is not forgotten. */
static void check_second_beginning(pid_t child, int proc)
{
	PK_AUTO(pk_slots) slots = {0};
	struct pk_procshared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
					    -1, 0);
	struct pk_procread_params p = {.pid = (uint64_t)child, .proc_fd = proc, .shared = shared, .parent = getpid()};
	int pair[2] = {-1, -1};
	char byte;
	pid_t reader;

	OK(pk_slots_init(&slots, PK_PROCSCAN_SLOTS, &err));
	CHECK(shared != MAP_FAILED && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
	p.slots = slots.base;
	p.maps_fd = memfd_create("maps", MFD_CLOEXEC);
	p.socket = pair[1];
	reader = fork();
	if (reader == 0)
		pk_procread_main(&p);
	close(pair[1]);
	CHECK_INT(recv(pair[0], &byte, 1, 0), 1);
	CHECK(!shared->why && ask(pair[0], PK_PROC_START) > 0 && !shared->restarted);
	CHECK(ask(pair[0], PK_PROC_NEXT) > 0 && !shared->restarted);
	CHECK(ask(pair[0], PK_PROC_START) > 0 && shared->restarted);
	close(pair[0]);
	CHECK(waitpid(reader, NULL, 0) == reader);
	munmap(shared, sizeof(*shared));
	close(p.maps_fd);
}

/* --- a scan ------------------------------------------------------------------------------------------- */

static const char rules_text[] =
	"rule near { strings: $a = /picket-N[E]AR/ condition: $a }\n"
	"rule far { strings: $a = /picket-F[A]R/ condition: #a == 12 }\n"
	"rule named { condition: filename != \"\" and filepath != \"\" and filetype == \"ELF\" and owner == \"me\" }\n"
	"rule absent { strings: $a = /picket-[N]/ $b = /picket-A[B]SENT/ condition: $a and $b }\n";

/* A child that has upper-case twins of what it says in its own code. Never returns. */
static _Noreturn void be_target(int ready)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), large = (size_t)33 << 20;
	char *m = mmap(NULL, (size_t)64 << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		       0);
	static const char text[] = "picket-near", other[] = "picket-far";

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	madvise(m, (size_t)64 << 30, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		m[((size_t)50 << 30) - 3 + i] = (char)(i < 7 ? text[i] : text[i] - 32);
	/* one run of 33 MiB, dense with one word */
	memset(m + page, 'x', large);
	for (size_t k = 0; k < 12; k++)
		for (size_t i = 0; i < sizeof(other) - 1; i++)
			m[page + k * (large / 12) + i] = (char)(i < 7 ? other[i] : other[i] - 32);
	(void)!write(ready, "", 1);
	for (;;)
		pause();
}

struct seen {
	struct pk_buf rules;
	const struct pk_ruleset *set;
	uint64_t bytes;
	int calls;
	enum pk_scan_verdict verdict;
	char why[32];
	bool mapped;
};

static int see(void *ctx, const struct pk_procscan_process *p, struct pk_err *err)
{
	struct seen *s = ctx;
	struct pk_procmapping map;

	(void)err;
	s->calls++;
	s->verdict = p->verdict;
	snprintf(s->why, sizeof(s->why), "%s", p->why ? p->why : "");
	s->bytes = p->info->bytes;
	s->mapped = true;
	for (size_t i = 0; p->result && i < p->result->hit_count; i++) {
		const struct pk_scan_hit *h = &p->result->hits[i];

		pk_buf_putf(&s->rules, "%s ", s->set->rules[h->rule].name);
		for (size_t k = 0; k < h->match_count; k++)
			s->mapped &= pk_procscan_mapping(p, h->matches[k].offset, &map);
	}
	return 0;
}

static const char *me(void *ctx, uint32_t uid)
{
	(void)ctx;
	(void)uid;
	return "me";
}

/* a walk of pagemap over the terabytes that a sanitizer reserves takes longer than a reader may be silent */
#ifdef PK_SANITIZED
#define WAYS 1
#else
#define WAYS 2
#endif

TEST(a_child_is_scanned_both_ways)
{
	PK_AUTO(pk_rules) rules = {0};
	PK_AUTO(pk_slots) slots = {0};
	PK_AUTOPTR(pk_scanpool) pool = NULL;
	struct pk_scanpool_params pp = {.rules = &rules, .slots = &slots, .children = 2};
	int ready[2], numbers[2], proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), status = 0;
	char byte;
	pid_t shell, child = 0;

	/* a child of a grandchild: our own children and theirs are the scanner's */
	CHECK(proc >= 0 && pipe(ready) == 0 && pipe(numbers) == 0);
	shell = fork();
	if (shell == 0) {
		if (fork() > 0)
			for (;;)
				pause();
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		child = fork();
		if (child == 0)
			be_target(ready[1]);
		(void)!write(numbers[1], &child, sizeof(child));
		for (;;)
			pause();
	}
	CHECK(read(numbers[0], &child, sizeof(child)) == sizeof(child) && read(ready[0], &byte, 1) == 1);
	check_second_beginning(child, proc);
	OK(pk_rules_add(&rules, NULL, "basic.yar", pk_str(rules_text), &err));
	OK(pk_slots_init(&slots, 2 * PK_PROCSCAN_SLOTS, &err));
	OK(pk_scanpool_new(&pp, &pool, &err));
	for (int way = 0; way < WAYS && pool; way++) {
		struct seen seen = {.set = pk_scanpool_rules(pool)};
		const struct pk_procscan_params p = {.pool = pool,
						     .slots = &slots,
						     .proc_fd = proc,
						     .process = see,
						     .owner = me,
						     .ctx = &seen,
						     .no_pagemap_scan = way == 1};
		PK_AUTOPTR(pk_procscan) ps = NULL;

		OK(pk_procscan_new(&p, &ps, &err));
		OK(pk_procscan_pid(ps, (uint64_t)child, true, &err));
		OK(pk_procscan_finish(ps, &err));
		CHECK_INT(seen.calls, 1);
		CHECK_INT(seen.verdict, PK_SCAN_SCANNED);
		CHECK_STR(pk_buf_str(&seen.rules), PK_STR("near far named "));
		CHECK(seen.mapped);
		CHECK(seen.bytes < 60 << 20);
		OK(pk_procscan_pid(ps, (uint64_t)getpid(), true, &err));
		OK(pk_procscan_pid(ps, 0x7ffffff0, true, &err));
		OK(pk_procscan_finish(ps, &err));
		CHECK_INT(seen.calls, 3);
		CHECK_STR(pk_str(seen.why), PK_STR("vanished"));
		pk_buf_done(&seen.rules);
	}
	kill(shell, SIGKILL);
	waitpid(shell, &status, 0);
	close(proc);
}

RUN_TESTS(T(maps_lines), T(an_address_has_its_mapping), T(devices_are_known_by_their_flags), T(stat_and_status),
	  T(pages_are_found_both_ways), T(data_of_files_is_found_both_ways), T(only_regular_files_are_opened),
	  T(a_child_is_scanned_both_ways))
