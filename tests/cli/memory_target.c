/* SPDX-License-Identifier: Apache-2.0 */
/* A process to be scanned: plants markers in its memory as its arguments say, prints its pid, and waits to be killed.
 * A marker is "PKMARK-" and a name; it is put together at run time, so that it is nowhere else. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096u
#define MIB ((size_t)1 << 20)

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void plant(char *to, const char *name)
{
	static const char *const volatile parts[] = {"PKM", "ARK-"};
	size_t at = 0;

	for (int i = 0; i < 2; i++)
		for (const char *c = parts[i]; *c; c++)
			to[at++] = *c;
	for (const char *c = name; *c; c++)
		to[at++] = *c;
}

static char *map(size_t bytes)
{
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		die("mmap");
	/* or a write would bring in two megabytes */
	madvise(p, bytes, MADV_NOHUGEPAGE);
	return p;
}

static char *map_file(int fd, size_t bytes, int flags)
{
	char *p = mmap(NULL, bytes, PROT_READ | (flags == MAP_SHARED ? PROT_WRITE : 0), flags, fd, 0);

	if (fd < 0 || p == MAP_FAILED)
		die("file");
	return p;
}

static void write_marker(int fd, size_t at, const char *name)
{
	char text[64] = "";

	plant(text, name);
	if (pwrite(fd, text, strlen(text), (off_t)at) != (ssize_t)strlen(text))
		die("write");
	memset(text, 0, sizeof(text));
	__asm__ volatile("" : : "r"(text) : "memory");
}

static void do_heap(void) { plant(malloc(100), "heap"); }

/* one that crosses the edge of two pages, one whose zeros lie in a page that is not there, both far from others */
static void do_edge(void)
{
	plant(map(64 * PAGE) + 31 * PAGE - 8, "edge");
	plant(map(64 * PAGE) + 31 * PAGE - strlen("PKMARK-zero"), "zero");
}

static void do_deleted(void)
{
	int fd = open("deleted-file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *p = NULL;

	write_marker(fd, 100, "deleted");
	write_marker(fd, 3 * MIB + 50, "untouched");
	p = map_file(fd, 4 * MIB, MAP_PRIVATE);
	unlink("deleted-file");
	posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
	(void)*(volatile char *)p;
	close(fd);
}

static void do_memfd(void)
{
	int fd = memfd_create("implant", 0);
	char *p = ftruncate(fd, PAGE) == 0 ? map_file(fd, PAGE, MAP_SHARED) : NULL;

	if (!p)
		die("memfd");
	plant(p + 100, "memfd");
	close(fd);
}

/* Shared memory that no page table has: written by the file, or written and then let go. */
static void let_go(char *p, size_t bytes, size_t at, const char *name)
{
	if (p == MAP_FAILED)
		die("mmap");
	plant(p + at, name);
	if (madvise(p, bytes, MADV_DONTNEED) < 0)
		die("madvise");
}

static void do_unread(void)
{
	int fd = memfd_create("unread", 0), other = memfd_create("code", 0);
	char *p = NULL;

	if (ftruncate(fd, MIB) < 0 || ftruncate(other, MIB) < 0)
		die("ftruncate");
	write_marker(fd, 6000, "shared");
	map_file(fd, MIB, MAP_PRIVATE);
	if (mmap(NULL, MIB, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED)
		die("mmap");
	write_marker(other, 6000, "code");
	if (mmap(NULL, MIB, PROT_READ | PROT_EXEC, MAP_SHARED, other, 0) == MAP_FAILED)
		die("mmap");
	close(fd);
	close(other);
	p = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	let_go(p, MIB, 700000, "anonymous");
	p = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	let_go(p, MIB, 800000, "titled");
	/* PR_SET_VMA_ANON_NAME; without effect before Linux 6.2 */
	prctl(0x53564d41, 0, p, MIB, "title");
	/* zeros behind it that are no page */
	p = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	let_go(p, 64 * PAGE, 32 * PAGE - strlen("PKMARK-zeros"), "zeros");
}

static void do_ipc(void)
{
	int id = shmget(IPC_PRIVATE, MIB, 0600 | IPC_CREAT), fd;
	char *p = shmat(id, NULL, 0), name[40];

	shmctl(id, IPC_RMID, NULL);
	let_go(p, MIB, 300000, "systemv");
	(void)snprintf(name, sizeof(name), "/picket-test-%d", (int)getpid());
	for (int i = 0; i < 2; i++) {
		fd = shm_open(name, O_RDWR | O_CREAT, 0600);
		if (fd < 0 || ftruncate(fd, MIB) < 0)
			die("shm_open");
		let_go(mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MIB, 500000, i ? "posix" : "gone");
		close(fd);
		if (i == 0)
			shm_unlink(name);
	}
}

/* deleted files that others can write to, too */
static void do_file(void)
{
	int fd = open("shared-file", O_RDWR | O_CREAT | O_TRUNC, 0600);

	write_marker(fd, 3 * MIB + 50, "file");
	map_file(fd, 4 * MIB, MAP_SHARED);
	unlink("shared-file");
	close(fd);
}

/* the ring of asynchronous input and output, which is a file of the kernel's */
static void do_ring(void)
{
	unsigned long ring = 0;

	if (syscall(SYS_io_setup, 128, &ring) < 0)
		die("io_setup");
	let_go((char *)ring, PAGE, 1000, "ring");
}

/* 64 GB of which two pages are there, and no page table has one */
static void do_vast(void)
{
	size_t bytes = (size_t)64 << 30;
	int fd = memfd_create("vast", 0);

	if (ftruncate(fd, (off_t)bytes) < 0)
		die("ftruncate");
	write_marker(fd, ((size_t)41 << 30) + PAGE - 6, "vast");
	if (mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0) == MAP_FAILED)
		die("mmap");
	close(fd);
}

static void do_sparse(void)
{
	char *p = map((size_t)64 << 30);

	plant(p + ((size_t)41 << 30) + 777, "sparse");
}

static void do_none(void)
{
	char *p = map(PAGE);

	plant(p + 9, "none");
	if (mprotect(p, PAGE, PROT_NONE) < 0)
		die("mprotect");
}

/* 40 MiB without a gap; wherever a window may end or begin, one marker after the other */
static void do_large(void)
{
	char *p = map(40 * MIB);
	size_t n = strlen("PKMARK-large");

	memset(p, 1, 40 * MIB);
	for (size_t i = 0; i < 200000; i++) {
		plant(p + 14 * MIB + i * n, "large");
		plant(p + 29 * MIB + i * n, "large");
	}
}

/* 40 MiB of one word */
static void do_words(void)
{
	char *p = map(40 * MIB);

	for (size_t i = 0; i < 40 * MIB / 9 * 9; i++)
		p[i] = "abcdefgh "[i % 9];
}

/* every sixth page of 32 MiB */
static void do_holes(void)
{
	char *p = map(32 * MIB);

	for (size_t i = 0; i < 32 * MIB / PAGE; i += 6)
		plant(p + i * PAGE + i % 4000, "holes");
}

/* the halves of a string with a gap, far apart, at such places in two blocks as if they were near */
static void do_halves(void)
{
	char *p = map(64 * PAGE);

	plant(p + 16 * PAGE + 10, "half1");
	plant(p + 40 * PAGE + 600, "half2");
}

static void *idle(void *arg)
{
	for (;;)
		pause();
	return arg;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} all[] = {{"heap", do_heap},     {"edge", do_edge},     {"deleted", do_deleted}, {"memfd", do_memfd},
		   {"sparse", do_sparse}, {"none", do_none},     {"large", do_large},     {"words", do_words},
		   {"holes", do_holes},   {"halves", do_halves}, {"unread", do_unread},   {"ipc", do_ipc},
		   {"file", do_file},     {"ring", do_ring},     {"vast", do_vast}};
	pthread_t thread;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 1; i < argc; i++) {
		int found = 0;

		for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
			if (strcmp(argv[i], all[k].name) != 0)
				continue;
			all[k].run();
			found = 1;
		}
		if (strcmp(argv[i], "thread") == 0)
			found = pthread_create(&thread, NULL, idle, NULL) == 0;
		if (!found)
			return 2;
	}
	printf("%d\n", (int)getpid());
	fflush(stdout);
	idle(NULL);
}
