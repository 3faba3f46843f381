/* SPDX-License-Identifier: Apache-2.0 */
/* What the sandbox allows. What it denies is tests/sandbox. */
#include "../t.h"
#include <picket/json.h>
#include <picket/sandbox.h>

#include <sys/wait.h>
#include <unistd.h>

#define ALL_BUT_LANDLOCK (PK_SANDBOX_NNP | PK_SANDBOX_RLIMITS | PK_SANDBOX_SECCOMP)

/* A parser's life inside: memory, JSON, a pipe, exit. */
static int parser(const struct pk_sandbox *sb, int out)
{
	struct pk_json_value *v = NULL;
	unsigned level = 0;
	char *p;

	if (pk_sandbox_enter(sb, &level, NULL) < 0)
		return 10;
	p = malloc(1 << 20);
	if (!p)
		return 11;
	memset(p, 1, 1 << 20);
	free(p);
	if (pk_json_parse(PK_STR("{\"a\":[1,2]}"), &v, NULL) < 0)
		return 12;
	pk_json_value_free(v);
	if (write(out, &level, sizeof(level)) != sizeof(level))
		return 13;
	return 0;
}

static unsigned run(const struct pk_sandbox *sb, int *ret_status)
{
	unsigned level = 0;
	int fds[2];
	pid_t pid;

	if (pipe(fds) < 0 || (pid = fork()) < 0)
		return 0;
	if (pid == 0)
		_exit(parser(sb, fds[1]));
	close(fds[1]);
	if (read(fds[0], &level, sizeof(level)) != sizeof(level))
		level = 0;
	close(fds[0]);
	waitpid(pid, ret_status, 0);
	return level;
}

TEST(a_parser_works_inside)
{
	const struct pk_sandbox sb = {.need = PK_SANDBOX_REQUIRE, .memory_bytes = 64 << 20, .cpu_seconds = 5};
	int status = -1;
	unsigned level = run(&sb, &status);

	CHECK_INT(status, 0);
#ifdef PK_SANITIZED
	CHECK_INT(level & ALL_BUT_LANDLOCK, PK_SANDBOX_NNP | PK_SANDBOX_RLIMITS);
#else
	CHECK_INT(level & ALL_BUT_LANDLOCK, ALL_BUT_LANDLOCK);
#endif
}

TEST(off_is_off)
{
	const struct pk_sandbox sb = {.need = PK_SANDBOX_OFF};
	unsigned level = 7;

	OK(pk_sandbox_enter(&sb, &level, &err));
	CHECK_INT(level, 0);
}

TEST(levels_have_names)
{
	PK_AUTO(pk_buf) b = {0};

	pk_buf_put_sandbox_level(&b, PK_SANDBOX_NNP | PK_SANDBOX_SECCOMP);
	CHECK(pk_str_starts(pk_buf_str(&b), PK_STR("no-new-privs, seccomp")));
	pk_buf_reset(&b);
	pk_buf_put_sandbox_level(&b, 0);
	CHECK(pk_str_starts(pk_buf_str(&b), PK_STR("none")));
}

RUN_TESTS(T(a_parser_works_inside), T(off_is_off), T(levels_have_names))
