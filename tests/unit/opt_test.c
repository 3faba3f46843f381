/* SPDX-License-Identifier: Apache-2.0 */
/* Each case runs a small tool in a child, so that exit code, output and messages are seen as a user sees them. */
#include "../t.h"
#include <picket/io.h>
#include <picket/msg.h>
#include <picket/opt.h>

#include <sys/wait.h>
#include <unistd.h>

static bool force;
static const char *out;
static struct pk_strv to;
static uint64_t count = 1, size;
static int color, fd = -1;

static int run_seal(int argc, char **argv, struct pk_err *err)
{
	(void)err;
	if (fd >= 0)
		printf("fd=%d ", fd);
	printf("seal force=%d out=%s to=%zu count=%llu size=%llu color=%d v=%d q=%d:", force, out ? out : "-", to.n,
	       (unsigned long long)count, (unsigned long long)size, color, pk_msg_verbose, pk_msg_quiet);
	for (int i = 0; i < argc; i++)
		printf(" %s", argv[i]);
	puts("");
	pk_strv_done(&to);
	return PK_EXIT_FOUND;
}

static int run_fail(int argc, char **argv, struct pk_err *err)
{
	(void)argc;
	return pk_fail(err, PK_ESYS, 2, "cannot open '%s'", argv[0]);
}

static const char *const colors[] = {"red", "green", NULL};
static const struct pk_opt seal_opts[] = {
	{'f', "force", PK_OPT_FLAG, &force, NULL, "go on", NULL},
	{'o', "output", PK_OPT_STR, &out, "FILE", "write to FILE", NULL},
	{'r', "to", PK_OPT_LIST, &to, "RECIPIENT", "who can open it", NULL},
	{0, "count", PK_OPT_U64, &count, "N", "how many", NULL},
	{0, "size", PK_OPT_SIZE, &size, "BYTES", "how large", NULL},
	{0, "fd", PK_OPT_FD, &fd, "N", "an open descriptor", NULL},
	{0, "color", PK_OPT_CHOICE, &color, "COLOR", "which one", colors},
	PK_OPT_END,
};
static const struct pk_opt common[] = {PK_COMMON_OPTS, PK_OPT_END};
static const struct pk_verb verbs[] = {
	{"seal", "[FILE...]", "seal files", seal_opts, 0, 3, run_seal},
	{"roster add", "FILE", "add a party", NULL, 1, 1, run_fail},
	{0},
};
static const struct pk_tool tool = {"picket-test", "test the options", verbs, common};
static const struct pk_verb plain[] = {{NULL, "FILE", NULL, seal_opts, 1, 1, run_seal}, {0}};
static const struct pk_tool plain_tool = {"picket-plain", "test without verbs", plain, common};

/* Runs "WORD WORD ..." and returns "CODE|stdout and stderr". */
static void run(const struct pk_tool *t, const char *words, struct pk_buf *ret)
{
	PK_AUTO(pk_strv) argv = {0};
	PK_AUTO(pk_buf) text = {0};
	struct pk_str rest = pk_str(words), word;
	int fds[2], status;
	pid_t pid;

	OK(pk_strv_add(&argv, pk_str(t->name), &err));
	while (rest.n && pk_str_split(&rest, ' ', &word))
		OK(pk_strv_add(&argv, word, &err));
	fflush(stdout);
	if (pipe(fds) < 0 || (pid = fork()) < 0) {
		CHECK(false /* pipe and fork */);
		return;
	}
	if (pid == 0) {
		int code;

		dup2(fds[1], 1);
		dup2(fds[1], 2);
		code = pk_tool_main(t, (int)argv.n, argv.v);
		_exit(code);
	}
	close(fds[1]);
	OK(pk_read_all(fds[0], 1 << 20, &text, &err));
	close(fds[0]);
	waitpid(pid, &status, 0);
	pk_buf_reset(ret);
	pk_buf_putf(ret, "%d|%.*s", WIFEXITED(status) ? WEXITSTATUS(status) : -1, (int)text.n, text.p);
}

TEST(parses)
{
	static const struct {
		const char *words, *want;
	} t[] = {
		{"seal", "1|seal force=0 out=- to=0 count=1 size=0 color=0 v=0 q=0:\n"},
		{"seal -fo X a -r r1 --to=r2 b", "1|seal force=1 out=X to=2 count=1 size=0 color=0 v=0 q=0: a b\n"},
		{"-vv seal -v -oX --count 7 --size=3K --color green",
		 "1|seal force=0 out=X to=0 count=7 size=3072 color=1 v=3 q=0:\n"},
		{"seal -- -f --", "1|seal force=0 out=- to=0 count=1 size=0 color=0 v=0 q=0: -f --\n"},
		{"seal --fd 1", "1|fd=1 seal force=0 out=- to=0 count=1 size=0 color=0 v=0 q=0:\n"},
		{"seal - -q", "1|seal force=0 out=- to=0 count=1 size=0 color=0 v=0 q=1: -\n"},
		{"--version", "0|picket-test " PK_VERSION "\n"},
		{"seal --version", "0|picket-test " PK_VERSION "\n"},
	};

	for (size_t i = 0; i < PK_LEN(t); i++) {
		PK_AUTO(pk_buf) got = {0};

		run(&tool, t[i].words, &got);
		CHECK_STR(pk_buf_str(&got), pk_str(t[i].want));
	}
}

TEST(refuses_with_a_hint)
{
	static const struct {
		const char *words, *want;
	} t[] = {
		{"", "2|picket-test: a verb is missing\ntry 'picket-test --help'\n"},
		{"open", "2|picket-test: there is no verb 'open'\ntry 'picket-test --help'\n"},
		{"roster", "2|picket-test: 'roster' needs a second word\ntry 'picket-test --help'\n"},
		{"roster rm", "2|picket-test: there is no 'roster rm'\ntry 'picket-test --help'\n"},
		{"seal --forc", "2|picket-test: unknown option '--forc'\ntry 'picket-test seal --help'\n"},
		{"seal -x", "2|picket-test: unknown option '-x'\ntry 'picket-test seal --help'\n"},
		{"seal -o a -o b", "2|picket-test: --output is given twice\ntry 'picket-test seal --help'\n"},
		{"seal -o", "2|picket-test: -o needs an argument FILE\ntry 'picket-test seal --help'\n"},
		{"seal --output", "2|picket-test: --output needs an argument FILE\ntry 'picket-test seal --help'\n"},
		{"seal --force=1", "2|picket-test: --force takes no argument\ntry 'picket-test seal --help'\n"},
		{"seal --count 1K", "2|picket-test: --count takes a number, not '1K'\ntry 'picket-test seal --help'\n"},
		{"seal --size 99999999999T", "2|picket-test: --size takes a number with an optional K, M, G or T, not "
					     "'99999999999T'\ntry 'picket-test seal --help'\n"},
		{"seal --fd 99", "2|picket-test: --fd: descriptor 99 is not open\ntry 'picket-test seal --help'\n"},
		{"seal --fd 4294967296", "2|picket-test: --fd: descriptor 4294967296 is not open\n"
					 "try 'picket-test seal --help'\n"},
		{"seal --fd 18446744073709551615", "2|picket-test: --fd: descriptor 18446744073709551615 is not open\n"
						   "try 'picket-test seal --help'\n"},
		{"seal --fd -1", "2|picket-test: --fd takes a number, not '-1'\ntry 'picket-test seal --help'\n"},
		{"seal --color blue", "2|picket-test: --color takes one of red, green, not 'blue'\n"
				      "try 'picket-test seal --help'\n"},
		{"seal a b c d", "2|picket-test: 'd' is one operand too many\ntry 'picket-test seal --help'\n"},
		{"roster add", "2|picket-test: an operand is missing: FILE\ntry 'picket-test roster add --help'\n"},
		{"--dump=html", "2|picket-test: --dump takes one of mdoc, bash, zsh, fish, json, not 'html'\n"
				"try 'picket-test --help'\n"},
		{"roster add a\033b", "4|picket-test: cannot open 'a\\x1bb': No such file or directory\n"},
	};

	for (size_t i = 0; i < PK_LEN(t); i++) {
		PK_AUTO(pk_buf) got = {0};

		run(&tool, t[i].words, &got);
		CHECK_STR(pk_buf_str(&got), pk_str(t[i].want));
	}
}

static bool has(const struct pk_buf *b, const char *z) { return memmem(b->p, b->n, z, strlen(z)) != NULL; }

TEST(help_names_every_option)
{
	PK_AUTO(pk_buf) got = {0};

	run(&tool, "seal --help", &got);
	CHECK(pk_str_starts(pk_buf_str(&got), PK_STR("0|usage: picket-test seal [options] [FILE...]\nseal files\n")));
	for (const struct pk_opt *o = seal_opts; o->name; o++)
		CHECK(has(&got, o->name) && has(&got, o->help));
	CHECK(has(&got, "--quiet") && has(&got, "--version") && has(&got, "red, green") && has(&got, "(may repeat)"));
	run(&tool, "--help", &got);
	CHECK(has(&got, "0|usage: picket-test VERB") && has(&got, "roster add") && has(&got, "add a party"));
	run(&plain_tool, "-h", &got);
	CHECK(has(&got, "usage: picket-plain [options] FILE\ntest without verbs\n"));
}

TEST(every_dump_names_every_option)
{
	static const char *const kinds[] = {"--dump=mdoc", "--dump=bash", "--dump=zsh", "--dump=fish", "--dump=json"};

	for (size_t k = 0; k < PK_LEN(kinds); k++) {
		PK_AUTO(pk_buf) got = {0};

		run(&tool, kinds[k], &got);
		CHECK(pk_str_starts(pk_buf_str(&got), PK_STR("0|")));
		for (const struct pk_opt *o = seal_opts; o->name; o++)
			CHECK(has(&got, o->name));
		run(&plain_tool, kinds[k], &got);
		CHECK(has(&got, "count") && has(&got, "verbose"));
	}
}

TEST(a_tool_without_verbs_takes_operands)
{
	PK_AUTO(pk_buf) got = {0};

	run(&plain_tool, "x --count=2", &got);
	CHECK_STR(pk_buf_str(&got), PK_STR("1|seal force=0 out=- to=0 count=2 size=0 color=0 v=0 q=0: x\n"));
}

RUN_TESTS(T(parses), T(refuses_with_a_hint), T(help_names_every_option), T(every_dump_names_every_option),
	  T(a_tool_without_verbs_takes_operands))
