/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into a dynamic tool: makes the system fail at a chosen place. The environment says where:
 *   FAULT_ALLOC=N   the Nth allocation and all after it fail (N+ : only that one, written "N,one")
 *   FAULT_SHORT=1   every read returns at most 7 bytes
 *   FAULT_FULL=N    after N bytes written to regular files, writes fail with ENOSPC
 *   FAULT_PIPE=N    after N bytes written to pipes, writes fail with EPIPE
 *   FAULT_COUNT=FD  at exit, the number of allocations is written to descriptor FD
 * The tool clears its environment; it is read before main. */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static long alloc_at = -1, full_at = -1, pipe_at = -1;
static bool alloc_one, short_reads;
static int count_fd = -1;
static long allocs, full_bytes, pipe_bytes;
static bool ready;

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);

static long number(const char *name)
{
	const char *v = getenv(name);

	return v ? strtol(v, NULL, 10) : -1;
}

__attribute__((constructor)) static void start(void)
{
	const char *a = getenv("FAULT_ALLOC");

	alloc_at = number("FAULT_ALLOC");
	alloc_one = a && strstr(a, ",one");
	short_reads = getenv("FAULT_SHORT") != NULL;
	full_at = number("FAULT_FULL");
	pipe_at = number("FAULT_PIPE");
	count_fd = (int)number("FAULT_COUNT");
	ready = true;
}

__attribute__((destructor)) static void end(void)
{
	char text[32];
	int n;

	if (count_fd < 0)
		return;
	n = snprintf(text, sizeof(text), "%ld\n", allocs);
	if (write(count_fd, text, (size_t)n) < 0)
		return;
}

static bool alloc_fails(void)
{
	long n;

	if (!ready)
		return false;
	n = __atomic_add_fetch(&allocs, 1, __ATOMIC_RELAXED);
	if (alloc_at < 0 || (alloc_one ? n != alloc_at : n < alloc_at))
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t n) { return alloc_fails() ? NULL : __libc_malloc(n); }

void *calloc(size_t n, size_t size) { return alloc_fails() ? NULL : __libc_calloc(n, size); }

void *realloc(void *p, size_t n) { return alloc_fails() ? NULL : __libc_realloc(p, n); }

static size_t shorter(size_t n) { return short_reads && n > 7 ? 7 : n; }

#define REAL(name) \
	({ \
		static __typeof__(&name) real; \
		if (!real) \
			real = (__typeof__(&name))dlsym(RTLD_NEXT, #name); \
		real; \
	})

ssize_t read(int fd, void *p, size_t n) { return REAL(read)(fd, p, shorter(n)); }
ssize_t pread(int fd, void *p, size_t n, off_t at) { return REAL(pread)(fd, p, shorter(n), at); }
ssize_t pread64(int fd, void *p, size_t n, off64_t at) { return REAL(pread64)(fd, p, shorter(n), at); }

/* How many of n bytes may be written; 0 sets errno. */
static size_t room(int fd, size_t n)
{
	struct stat st;
	long at, *done;
	int error;

	if (fd == 2 || fd == count_fd || fstat(fd, &st) < 0)
		return n;
	if (S_ISREG(st.st_mode))
		at = full_at, done = &full_bytes, error = ENOSPC;
	else if (S_ISFIFO(st.st_mode))
		at = pipe_at, done = &pipe_bytes, error = EPIPE;
	else
		return n;
	if (at < 0)
		return n;
	long left = at - __atomic_fetch_add(done, (long)n, __ATOMIC_RELAXED);

	if (left <= 0) {
		errno = error;
		return 0;
	}
	return (size_t)left < n ? (size_t)left : n;
}

ssize_t write(int fd, const void *p, size_t n)
{
	size_t may = room(fd, n);

	return n && !may ? -1 : REAL(write)(fd, p, may);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	size_t may = room(fd, n);

	return n && !may ? -1 : REAL(pwrite)(fd, p, may, at);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	size_t may = room(fd, n);

	return n && !may ? -1 : REAL(pwrite64)(fd, p, may, at);
}
