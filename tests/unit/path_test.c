/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"
#include "../tree.h"
#include <picket/io.h>
#include <picket/limits.h>
#include <picket/path.h>

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static void make_tree(struct tree *t)
{
	tree_file(t, "run/lock", "lock");
	tree_file(t, "etc/passwd", "inside");
	tree_dirs(t, "var/log");
	tree_link(t, "var/run", "/run");
	tree_link(t, "var/log/up", "../../../../../etc/passwd");
	tree_link(t, "var/log/abs", "/etc/passwd");
	tree_link(t, "var/log/dangling", "/etc/nothing");
	tree_link(t, "var/log/loop", "loop");
	tree_link(t, "a", "b");
	tree_link(t, "b", "a");
	tree_link(t, "chain1", "chain2/");
	tree_link(t, "chain2", "./chain3//");
	tree_link(t, "chain3", "var/../var/run/.");
}

/* What a path is: "dir", or the file's text, or the errno's name. */
static void answer(const struct pk_root *r, const char *path, int flags, struct pk_buf *ret)
{
	struct pk_err why = {0};
	pk_autoclose int fd = -1;
	struct stat st;

	if (pk_root_openat(r, pk_str(path), flags, flags & O_NOFOLLOW ? PK_PATH_NOFOLLOW : 0, &fd, &why) < 0) {
		pk_buf_puts(ret, strerrorname_np(why.sys));
		return;
	}
	if (fstat(fd, &st) < 0)
		abort();
	pk_buf_putf(ret, "%llx:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	if (S_ISREG(st.st_mode) && !(flags & O_PATH))
		OK(pk_read_all(fd, 4096, ret, &err));
}

static const char *const paths[] = {
	"",
	"/",
	"///",
	".",
	"..",
	"../..",
	"etc",
	"/etc",
	"etc/",
	"etc/passwd",
	"etc//passwd",
	"etc/./passwd",
	"etc/passwd/",
	"etc/passwd/.",
	"etc/passwd/..",
	"../etc/passwd",
	"/../../etc/passwd",
	"var/run",
	"var/run/",
	"var/run/lock",
	"var/run/../etc/passwd",
	"var/run/..",
	"var/log/up",
	"var/log/abs",
	"var/log/dangling",
	"var/log/loop",
	"var/log/loop/x",
	"a",
	"b/",
	"chain1",
	"chain1/lock",
	"chain2",
	"chain3/lock",
	"nothing",
	"nothing/x",
	"var/log/up/x",
	"var/log/abs/",
	"etc/..",
	"var/log/../run/lock",
};

static void compare(const struct pk_root *fast, const struct pk_root *slow)
{
	static const int flags[] = {O_RDONLY,
				    O_RDONLY | O_NOFOLLOW,
				    O_PATH,
				    O_PATH | O_NOFOLLOW,
				    O_RDONLY | O_DIRECTORY,
				    O_PATH | O_DIRECTORY,
				    O_PATH | O_DIRECTORY | O_NOFOLLOW};

	for (size_t i = 0; i < PK_LEN(paths); i++)
		for (size_t f = 0; f < PK_LEN(flags); f++) {
			PK_AUTO(pk_buf) a = {0};
			PK_AUTO(pk_buf) b = {0};

			answer(fast, paths[i], flags[f], &a);
			answer(slow, paths[i], flags[f], &b);
			if (!pk_str_eq(pk_buf_str(&a), pk_buf_str(&b)))
				printf("# '%s' with flags %o:\n", paths[i], (unsigned)flags[f]);
			CHECK_STR(pk_buf_str(&b), pk_buf_str(&a));
		}
}

TEST(both_ways_give_the_same_answers)
{
	TREE t = tree_new();
	PK_AUTO(pk_root) fast = {.fd = -1};
	PK_AUTO(pk_root) slow = {.fd = -1};

	make_tree(&t);
	OK(pk_root_open(&fast, t.dir, &err));
	OK(pk_root_open(&slow, t.dir, &err));
	if (fast.no_openat2)
		printf("# this kernel has no openat2: compared with itself\n");
	slow.no_openat2 = true;
	compare(&fast, &slow);
	CHECK(!fast.is_host);
}

TEST(nothing_leads_out)
{
	TREE t = tree_new();
	PK_AUTO(pk_root) r = {.fd = -1};

	make_tree(&t);
	OK(pk_root_open(&r, t.dir, &err));
	for (int slow = 0; slow < 2; slow++) {
		PK_AUTO(pk_buf) b = {0};
		pk_autoclose int fd = -1;

		r.no_openat2 = slow;
		OK(pk_root_openat(&r, PK_STR("var/log/up"), O_RDONLY, 0, &fd, &err));
		OK(pk_read_all(fd, 100, &b, &err));
		CHECK_STR(pk_buf_str(&b), PK_STR("inside"));
		FAILS(PK_EFORMAT, pk_root_openat(&r, PK_STR("etc\0x"), O_RDONLY, 0, &fd, &err));
		FAILS(PK_EINTERNAL, pk_root_openat(&r, PK_STR("new"), O_RDWR | O_CREAT, 0, &fd, &err));
	}
}

TEST(magic_links_of_proc_are_refused)
{
	static const struct {
		const char *path;
		int err;
	} cases[] = {
		{"proc/self/root", ELOOP}, {"proc/self/root/etc", ELOOP},
		{"proc/self/cwd", ELOOP},  {"proc/self/exe", ELOOP},
		{"proc/self/fd/0", ELOOP}, {"proc/thread-self/ns/mnt", ELOOP},
		{"proc/self/status", 0},   {"proc/mounts", 0},
		{"proc/net/dev", 0},       {"proc/sys/kernel/ostype", 0},
	};
	PK_AUTO(pk_root) r = {.fd = -1};

	OK(pk_root_open(&r, "/", &err));
	CHECK(r.is_host);
	for (int slow = 0; slow < 2; slow++)
		for (size_t i = 0; i < PK_LEN(cases); i++) {
			pk_autoclose int fd = -1;
			struct pk_err err = {0};

			r.no_openat2 = slow;
			(void)!pk_root_openat(&r, pk_str(cases[i].path), O_RDONLY, 0, &fd, &err);
			if (err.sys != cases[i].err)
				printf("# %s, slow %d: %s\n", cases[i].path, slow, err.msg);
			CHECK_INT(err.sys, cases[i].err);
		}
}

TEST(names_are_resolved)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"", "/"},
		{"/", "/"},
		{"..", "/"},
		{"etc/../etc/./passwd", "/etc/passwd"},
		{"var/run", "/var/run"},
		{"/var/run/lock", "/run/lock"},
		{"var/run/", "/run"},
		{"chain1/lock", "/run/lock"},
		{"var/log/up", "/var/log/up"},
		{"var/log/dangling", "/var/log/dangling"},
		{"chain1/..", "/"},
	};
	TREE t = tree_new();
	PK_AUTO(pk_root) r = {.fd = -1};
	PK_AUTO(pk_buf) b = {0};

	make_tree(&t);
	OK(pk_root_open(&r, t.dir, &err));
	for (size_t i = 0; i < PK_LEN(cases); i++) {
		pk_buf_reset(&b);
		OK(pk_root_resolve(&r, pk_str(cases[i].in), &b, &err));
		CHECK_STR(pk_buf_str(&b), pk_str(cases[i].out));
	}
	FAILS(PK_ESYS, pk_root_resolve(&r, PK_STR("nothing/x"), &b, &err));
	FAILS(PK_ESYS, pk_root_resolve(&r, PK_STR("a/x"), &b, &err));
}

TEST(paths_may_be_longer_than_path_max)
{
	TREE t = tree_new();
	PK_AUTO(pk_root) r = {.fd = -1};
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_buf) got = {0};
	char name[201];
	int fd = dup(t.fd);

	memset(name, 'd', 200);
	name[200] = 0;
	while (path.n < 9000) {
		int sub;

		CHECK(mkdirat(fd, name, 0755) == 0);
		sub = openat(fd, name, O_PATH | O_CLOEXEC);
		close(fd);
		fd = sub;
		pk_buf_putf(&path, "/%s", name);
	}
	CHECK(symlinkat("/etc", fd, "out") == 0);
	close(fd);
	OK(pk_root_open(&r, t.dir, &err));
	OK(pk_root_resolve(&r, pk_buf_str(&path), &got, &err));
	CHECK_STR(pk_buf_str(&got), pk_buf_str(&path));
	for (int slow = 0; slow < 2; slow++) {
		pk_autoclose int deep = -1;

		r.no_openat2 = slow;
		OK(pk_root_openat(&r, pk_buf_str(&path), O_RDONLY | O_DIRECTORY, 0, &deep, &err));
		CHECK(faccessat(deep, "out", F_OK, AT_SYMLINK_NOFOLLOW) == 0);
	}
}

static bool no_var_run(const void *ctx, struct pk_str dir)
{
	CHECK_STR(pk_str(ctx), PK_STR("ctx"));
	return !pk_str_eq(dir, PK_STR("/run"));
}

TEST(steps_can_be_refused_before_they_are_taken)
{
	TREE t = tree_new();
	PK_AUTO(pk_root) r = {.fd = -1};
	struct pk_err why = {0};
	int fd = -1;

	make_tree(&t);
	OK(pk_root_open(&r, t.dir, &err));
	r.may_enter = no_var_run;
	r.may_enter_ctx = "ctx";
	CHECK_INT(pk_root_openat(&r, PK_STR("var/run/lock"), O_RDONLY, 0, &fd, &why), -1);
	CHECK_INT(why.sys, EREMOTE);
	CHECK_INT(pk_root_openat(&r, PK_STR("run"), O_PATH, 0, &fd, &why), -1);
	CHECK_INT(why.sys, EREMOTE);
	OK(pk_root_openat(&r, PK_STR("var/run"), O_PATH, PK_PATH_NOFOLLOW, &fd, &err));
	close(fd);
}

/* An old kernel: openat2 answers ENOSYS. */
static int without_openat2(void)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {PK_LEN(f), f};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0);
}

TEST(an_old_kernel_is_noticed)
{
	TREE t = tree_new();
	PK_AUTO(pk_root) fast = {.fd = -1};
	int status = 0;
	pid_t pid;

	make_tree(&t);
	OK(pk_root_open(&fast, t.dir, &err));
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		PK_AUTO(pk_root) r = {.fd = -1};

		if (without_openat2() < 0)
			_exit(77);
		t_failed_here = 0;
		OK(pk_root_open(&r, t.dir, &err));
		CHECK(r.no_openat2);
		for (size_t i = 0; i < PK_LEN(paths); i++) {
			PK_AUTO(pk_buf) b = {0};

			answer(&r, paths[i], O_RDONLY, &b);
			CHECK(b.n && !strstr(b.p, "ENOSYS"));
		}
		fflush(stdout);
		_exit(t_failed_here ? 1 : 0);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		printf("# no seccomp here: not tried\n");
	else
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

RUN_TESTS(T(both_ways_give_the_same_answers), T(nothing_leads_out), T(magic_links_of_proc_are_refused),
	  T(names_are_resolved), T(paths_may_be_longer_than_path_max), T(steps_can_be_refused_before_they_are_taken),
	  T(an_old_kernel_is_noticed))
