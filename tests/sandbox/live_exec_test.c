/* SPDX-License-Identifier: Apache-2.0 */
/* The live tables run nothing of the host and map nothing of it executable: all of them under strace. */
#include "../t.h"

#include <picket/io.h>
#include <picket/live.h>
#include <sys/wait.h>
#include <unistd.h>

static int drop(void *arg, struct pk_str line, struct pk_err *err)
{
	(void)arg;
	(void)line;
	(void)err;
	return 0;
}

/* What is traced. */
static int all_tables(void)
{
	struct pk_live_ctx ctx;
	struct pk_root root;

	if (pk_root_open(&root, "/", NULL) < 0 || pk_live_ctx_init(&ctx, &root, NULL) < 0)
		return 3;
	for (size_t i = 0; pk_live_tables[i]; i++) {
		struct pk_live_out out = {.row = drop};

		if (pk_live_run(pk_live_tables[i], &ctx, &out, NULL) < 0)
			return 4;
		pk_live_out_done(&out);
	}
	pk_live_ctx_done(&ctx);
	pk_root_done(&root);
	return 0;
}

static int trace(const char *log)
{
	PK_AUTO(pk_buf) me = {0};
	int status = -1;
	pid_t pid;

	pk_buf_putf(&me, "/proc/%d/exe", (int)getpid());
	if (me.oom)
		return -1;
	pid = fork();
	if (pid == 0) {
		execlp("strace", "strace", "-f", "--seccomp-bpf", "-o", log, "-e",
		       "trace=execve,execveat,mmap,mprotect,open,openat,openat2", me.p, "--run", (char *)NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void judge(struct pk_str log)
{
	static const char *const never[] = {"nsswitch.conf\"", "gconv-modules\"", "gconv-modules.cache",
					    "locale-archive",  "ld.so.cache",     "openssl.cnf",
					    "libnss_",         "libc.so.6\""};
	unsigned execs = 0, executable_maps = 0, made_executable = 0, host_files = 0, seen = 0;
	struct pk_str line;

	while (log.n && pk_str_line(&log, &line)) {
		pk_autofree char *z = pk_str_dup(line);
		const char *call = z;

		if (!z)
			abort();
		while (*call && *call != ' ')
			call++;
		while (*call == ' ')
			call++;
		seen++;
		execs += strncmp(call, "execve", 6) == 0;
		if (strncmp(call, "mmap(", 5) == 0 && strstr(call, "PROT_EXEC")) {
			executable_maps++;
			printf("# %s\n", call);
		}
		if (strncmp(call, "mprotect(", 9) == 0 && strstr(call, "PROT_EXEC")) {
			made_executable++;
			printf("# %s\n", call);
		}
		if (strncmp(call, "open", 4) == 0)
			for (size_t i = 0; i < PK_LEN(never); i++)
				if (strstr(call, never[i]) && !strstr(call, "O_PATH")) {
					host_files++;
					printf("# %s\n", call);
				}
	}
	CHECK(seen > 1000);  /* the trace is one */
	CHECK_INT(execs, 1); /* strace's own, that starts us */
	CHECK_INT(executable_maps, 0);
	CHECK_INT(made_executable, 0);
	CHECK_INT(host_files, 0);
}

static struct pk_buf traced;
static int traced_exit;

TEST(nothing_of_the_host_runs)
{
	CHECK_INT(traced_exit, 0);
	judge(pk_buf_str(&traced));
}

int main(int argc, char **argv)
{
	static const struct t_case cases[] = {T(nothing_of_the_host_runs)};
	char log[] = "/tmp/picket-strace-XXXXXX";
	pk_autoclose int fd = -1;

	if (argc > 1 && strcmp(argv[1], "--run") == 0)
		return all_tables();
	fd = mkstemp(log);
	if (fd < 0)
		return 1;
	traced_exit = trace(log);
	if (traced_exit == 127) {
		SKIP("strace is not there");
	} else {
		if (pk_read_all(fd, 1u << 30, &traced, NULL) < 0)
			traced_exit = -1;
		t_run_cases(cases, PK_LEN(cases));
	}
	unlink(log);
	pk_buf_done(&traced);
	return t_end();
}
