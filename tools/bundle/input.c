/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs for plain age files have in common: their input, and their threads. */
#include "verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int bundle_open_input(int argc, char **argv, const char **ret_name, int *ret_fd, struct pk_err *err)
{
	bool is_stdin = argc == 0 || strcmp(argv[0], "-") == 0;
	int fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(argv[0], O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return is_stdin ? pk_fail(err, PK_ESYS, errno, "cannot use standard input")
				: pk_fail(err, PK_ESYS, errno, "cannot open '%s'", argv[0]);
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	*ret_name = is_stdin ? "standard input" : argv[0];
	*ret_fd = fd;
	return 0;
}

#define MAX_THREADS 4u /* more than reading and writing can feed */

struct pk_workers *bundle_workers(void)
{
	struct pk_workers *w = NULL;
	unsigned n = PK_MIN(pk_cpu_count(), MAX_THREADS);

	return n > 1 && pk_workers_new(n, 2 * MAX_THREADS, &w, NULL) == 0 ? w : NULL;
}
