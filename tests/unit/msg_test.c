/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"
#include <picket/io.h>
#include <picket/msg.h>

#include <sys/wait.h>
#include <unistd.h>

/* What `say` writes to standard output and standard error in a child. */
static void capture(void (*say)(void), struct pk_buf *ret)
{
	int fds[2], status;
	pid_t pid;

	fflush(stdout);
	if (pipe(fds) < 0 || (pid = fork()) < 0) {
		CHECK(false /* pipe and fork */);
		return;
	}
	if (pid == 0) {
		dup2(fds[1], 1);
		dup2(fds[1], 2);
		say();
		fflush(stdout);
		_exit(0);
	}
	close(fds[1]);
	OK(pk_read_all(fds[0], 1 << 20, ret, &err));
	close(fds[0]);
	waitpid(pid, &status, 0);
}

static void say_messages(void)
{
	struct pk_err err = {0};

	pk_msg_tool = "picket-test";
	pk_fail(&err, PK_ESYS, 2, "cannot open '%s'", "a\033\\b");
	pk_msg_error(&err);
	pk_msg_warn("%s, really '%s'", err.msg, "\xff\nx");
	pk_msg_info("hello");
	pk_msg_detail("not said");
	pk_msg_verbose = 1;
	pk_msg_detail("said");
	pk_msg_progress("not on a pipe");
	pk_event_warn(&pk_msg_events, "from '%s'", "\033");
	pk_event_warn(NULL, "nobody hears");
	pk_event_progress(&pk_msg_events, "reading", 1, 2);
	pk_msg_quiet = true;
	pk_msg_warn("quiet");
	pk_msg_info("quiet");
	pk_msg_error(&err);
}

TEST(messages_are_one_safe_line)
{
	PK_AUTO(pk_buf) got = {0};

	capture(say_messages, &got);
	CHECK_STR(pk_buf_str(&got), PK_STR("picket-test: cannot open 'a\\x1b\\\\b': No such file or directory\n"
					   "picket-test: warning: cannot open 'a\\x1b\\\\b': No such file or "
					   "directory, really '\\xff\\x0ax'\n"
					   "picket-test: hello\npicket-test: said\npicket-test: warning: from '\\x1b'\n"
					   "picket-test: cannot open 'a\\x1b\\\\b': No such file or directory\n"));
}

static void say_table(void)
{
	static const char *const headings[] = {"NAME", "SIZE", "WHY"};
	PK_AUTO(pk_table) t = {0};

	pk_table_begin(&t, headings, 3);
	pk_table_cell(&t, PK_STR("a\nb"));
	pk_table_cellf(&t, "%d", 5);
	pk_table_cell(&t, PK_STR(""));
	pk_table_cell(&t, PK_STR("\xe6\x97\xa5\xe6\x9c\xac"));
	pk_table_cellf(&t, "%d", 12345);
	pk_table_cell(&t, PK_STR("because"));
	if (pk_table_print(&t, NULL) < 0)
		puts("failed");
}

static void say_empty_table(void)
{
	static const char *const headings[] = {"NAME"};
	PK_AUTO(pk_table) t = {0};

	pk_table_begin(&t, headings, 1);
	if (pk_table_print(&t, NULL) < 0)
		puts("failed");
}

TEST(tables_are_aligned_and_safe)
{
	PK_AUTO(pk_buf) got = {0};

	capture(say_table, &got);
	CHECK_STR(pk_buf_str(&got), PK_STR("NAME     SIZE  WHY\n"
					   "a\\x0ab      5  \n"
					   "\xe6\x97\xa5\xe6\x9c\xac    12345  because\n"));
	pk_buf_reset(&got);
	capture(say_empty_table, &got);
	CHECK_INT(got.n, 0);
}

static void full_disk(void)
{
	struct pk_err err = {0};

	if (!freopen("/dev/full", "w", stdout))
		_exit(9);
	puts("lost");
	if (pk_stdout_done(&err) < 0)
		(void)!write(2, err.msg, strlen(err.msg));
}

TEST(a_full_disk_is_an_error)
{
	PK_AUTO(pk_buf) got = {0};

	capture(full_disk, &got);
	CHECK_STR(pk_buf_str(&got), PK_STR("cannot write to standard output: No space left on device"));
}

RUN_TESTS(T(messages_are_one_safe_line), T(tables_are_aligned_and_safe), T(a_full_disk_is_an_error))
