/* SPDX-License-Identifier: Apache-2.0 */
/* What every tool does first: the process that an unknown parent started, made our own. */
#include <picket/sandbox.h>
#include <picket/str.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NR_CLOSE_RANGE 436
#define CLOEXEC_RANGE (1u << 2)
#define MAX_FD 4096 /* looked at where the kernel has no close_range */

/* The only variables that may say anything to a tool; man pages name them. */
static const char *const kept[] = {"HOME", "XDG_CONFIG_HOME",  "XDG_CACHE_HOME", "NO_COLOR",
				   "TERM", "SOURCE_DATE_EPOCH"};

/* A closed descriptor 0 to 2 would be taken by the first file opened: evidence on standard error. */
static void fill_standard_fds(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) != fd)
			_exit(PK_EXIT_FAILED);
}

/* Without allocating: a variable lost for want of memory would silently mean another roster. */
static void clear_environment(void)
{
	static char *left[PK_LEN(kept) + 1];
	size_t n = 0;

	for (size_t i = 0; i < PK_LEN(kept); i++) {
		size_t len = strlen(kept[i]);

		for (char **e = environ; e && *e; e++) {
			if (strncmp(*e, kept[i], len) == 0 && (*e)[len] == '=') {
				left[n++] = *e;
				break;
			}
		}
	}
	environ = left;
}

void pk_process_harden(void)
{
	struct rlimit none = {0, 0};

	fill_standard_fds();
	(void)setrlimit(RLIMIT_CORE, &none);
#ifndef PK_SANITIZED
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
	if (syscall(NR_CLOSE_RANGE, 3u, ~0u, CLOEXEC_RANGE) < 0)
		for (int fd = 3; fd < MAX_FD; fd++)
			(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a parent's limit on file sizes is an error like a full disk */
	umask(077);
	clear_environment();
}
