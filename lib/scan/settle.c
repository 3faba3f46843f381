/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors and signals of a process that parses. */
#include "settle.h"

#include <fcntl.h>
#include <picket/str.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_FDS 4

static void settle_fds(const int *fds, size_t n)
{
	int null = open("/dev/null", O_RDWR), first = 3 + (int)n, moved[MAX_FDS];

	/* first out of each other's way */
	for (size_t i = 0; i < n; i++)
		if (n > MAX_FDS || (moved[i] = fcntl(fds[i], F_DUPFD, first)) < 0)
			_exit(1);
	for (int fd = 0; fd <= 2; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			close(fd);
	for (size_t i = 0; i < n; i++)
		if (dup2(moved[i], 3 + (int)i) < 0)
			_exit(1);
	if (syscall(SYS_close_range, (unsigned)first, ~0u, 0u) < 0)
		for (int fd = first; fd < 65536; fd++)
			close(fd);
}

static void settle_signals(void)
{
	static const int ignored[] = {SIGINT, SIGQUIT, SIGHUP, SIGPIPE, SIGTSTP};
	static const int usual[] = {SIGTERM, SIGBUS, SIGSEGV};
	sigset_t none;

	for (size_t i = 0; i < PK_LEN(ignored); i++)
		signal(ignored[i], SIG_IGN);
	for (size_t i = 0; i < PK_LEN(usual); i++)
		signal(usual[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

void pk_settle(const int *fds, size_t n)
{
	settle_signals();
	settle_fds(fds, n);
}
