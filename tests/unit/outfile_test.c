/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"
#include <picket/io.h>

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char base[] = "/tmp/outfile_test.XXXXXX";
static char target[sizeof(base) + 8];

static int files(void)
{
	DIR *d = opendir(base);
	int n = -2;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

static void empty(void)
{
	DIR *d = opendir(base);
	const struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			(void)unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
}

TEST(prepare)
{
	CHECK(mkdtemp(base) != NULL);
	snprintf(target, sizeof(target), "%s/out", base);
}

static void own_handler(int sig) { _exit(sig == SIGTERM ? 7 : 8); }

/* A process that dies by the signal with two files open; how it ended. */
static int end_by(int sig, void (*before)(int))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		struct pk_outfile a = PK_OUTFILE_INIT, b = PK_OUTFILE_INIT;
		struct pk_err e = {0};

		signal(sig, before);
		if (pk_outfile_open(&a, target, 0, &e) < 0 || pk_outfile_open(&b, target, 0, &e) < 0 || files() != 2)
			_exit(1);
		raise(sig);
		pk_outfile_done(&a);
		pk_outfile_done(&b);
		_exit(2);
	}
	CHECK(pid > 0);
	waitpid(pid, &status, 0);
	return status;
}

TEST(a_signal_takes_what_is_unfinished)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

	for (size_t i = 0; i < PK_LEN(signals); i++) {
		int status = end_by(signals[i], SIG_DFL);

		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == signals[i]);
		CHECK_INT(files(), 0);
	}
}

TEST(who_ignores_it_or_has_a_handler_keeps_that)
{
	int status = end_by(SIGHUP, SIG_IGN);

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 2);
	CHECK_INT(files(), 0);
	status = end_by(SIGTERM, own_handler);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	CHECK_INT(files(), 2); /* as the tool with that handler has it */
	empty();
	CHECK_INT(files(), 0);
}

TEST(a_child_removes_nothing_of_its_parent)
{
	PK_AUTO(pk_outfile) o = PK_OUTFILE_INIT;
	int status = 0;
	pid_t pid;

	OK(pk_outfile_open(&o, target, 0, &err));
	pid = fork();
	if (pid == 0) {
		raise(SIGTERM);
		_exit(2);
	}
	CHECK(pid > 0);
	waitpid(pid, &status, 0);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	CHECK_INT(files(), 1);
	OK(pk_outfile_write(&o, "x", 1, &err));
	OK(pk_outfile_commit(&o, &err));
	CHECK_INT(files(), 1);
	CHECK_INT(unlink(target), 0);
}

TEST(a_hole_is_skipped_in_a_file_and_written_elsewhere)
{
	PK_AUTO(pk_outfile) o = PK_OUTFILE_INIT;
	struct stat st;
	char got[8] = "xxxxxxx";
	int fds[2];

	OK(pk_outfile_open(&o, target, 0, &err));
	OK(pk_outfile_write(&o, "a", 1, &err));
	OK(pk_outfile_hole(&o, (1u << 30) - 1, &err));
	OK(pk_outfile_write(&o, "b", 1, &err));
	OK(pk_outfile_hole(&o, 1u << 30, &err));
	CHECK_INT(o.size, (1u << 31) + 1);
	FAILS(PK_ESYS, pk_outfile_hole(&o, UINT64_MAX, &err));
	OK(pk_outfile_commit(&o, &err));
	CHECK_INT(stat(target, &st), 0);
	CHECK_INT(st.st_size, (int64_t)(1u << 31) + 1);
	CHECK(st.st_blocks < 1000);
	CHECK_INT(unlink(target), 0);

	CHECK_INT(pipe(fds), 0);
	struct pk_outfile p = {.fd = fds[1]};

	OK(pk_outfile_hole(&p, 3, &err));
	OK(pk_outfile_write(&p, "c", 1, &err));
	pk_outfile_done(&p);
	CHECK_INT(read(fds[0], got, sizeof(got)), 4);
	CHECK(memcmp(got, "\0\0\0c", 4) == 0);
	close(fds[0]);
}

TEST(clean_up)
{
	CHECK_INT(files(), 0);
	CHECK_INT(rmdir(base), 0);
}

RUN_TESTS(T(prepare), T(a_signal_takes_what_is_unfinished), T(who_ignores_it_or_has_a_handler_keeps_that),
	  T(a_child_removes_nothing_of_its_parent), T(a_hole_is_skipped_in_a_file_and_written_elsewhere), T(clean_up))
