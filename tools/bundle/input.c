/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs for plain age files have in common: their input, and their threads. */
#include "verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
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

/* Pipes and terminals may be both; what is kept on a disk, under whatever name, is not. */
static bool is_same(const struct stat *a, const struct stat *b)
{
	if (S_ISBLK(a->st_mode) && S_ISBLK(b->st_mode) && a->st_rdev == b->st_rdev)
		return true;
	return (S_ISREG(a->st_mode) || S_ISBLK(a->st_mode)) && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static int check_input(const char *output, const struct stat *out, const char *path, int fd, struct pk_err *err)
{
	struct stat in;

	/* what cannot be looked at, opening says */
	if ((path ? stat(path, &in) : fstat(fd, &in)) < 0 || !is_same(out, &in))
		return 0;
	if (path)
		return pk_fail(err, PK_EUSAGE, 0, "'%s' is read, and the output '%s' is the same file: write elsewhere",
			       path, output);
	return pk_fail(err, PK_EUSAGE, 0,
		       "descriptor %d is read, and the output '%s' is the same file: write elsewhere", fd, output);
}

int bundle_check_output(const char *output, int argc, char **argv, int passphrase_fd, const struct pk_strv *keys,
			struct pk_err *err)
{
	struct stat out;

	if (!output || strcmp(output, "-") == 0 || stat(output, &out) < 0)
		return 0;
	if (check_input(output, &out, argc && strcmp(argv[0], "-") != 0 ? argv[0] : NULL, STDIN_FILENO, err) < 0 ||
	    (passphrase_fd >= 0 && check_input(output, &out, NULL, passphrase_fd, err) < 0))
		return -1;
	for (size_t i = 0; i < keys->n; i++)
		if (check_input(output, &out, strcmp(keys->v[i], "-") ? keys->v[i] : NULL, STDIN_FILENO, err) < 0)
			return -1;
	return 0;
}

#define MAX_THREADS 4u /* more than reading and writing can feed */

struct pk_workers *bundle_workers(void)
{
	struct pk_workers *w = NULL;
	unsigned n = PK_MIN(pk_cpu_count(), MAX_THREADS);

	return n > 1 && pk_workers_new(n, 2 * MAX_THREADS, &w, NULL) == 0 ? w : NULL;
}
