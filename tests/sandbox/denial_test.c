/* SPDX-License-Identifier: Apache-2.0 */
/* Proof that the sandbox is on: each case does in a sandboxed child what a parser never may, and must die of it. */
#include "../t.h"
#include "../../lib/base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs f in a child inside the sandbox; the wait status. The child exits with what f returns. */
static int inside(const struct pk_sandbox *sb, int (*f)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid < 0)
		return -1;
	if (pid == 0) {
		unsigned level;

		if (pk_sandbox_enter(sb, &level, NULL) < 0)
			_exit(99);
		_exit(f());
	}
	waitpid(pid, &status, 0);
	return status;
}

static bool exited(int status, int code) { return WIFEXITED(status) && WEXITSTATUS(status) == code; }

static int do_open(void) { return open("/etc/passwd", O_RDONLY) < 0; }
static int do_open_missing(void) { return open("/nonexistent", O_RDONLY) < 0; }
static int do_create(void) { return open("sandbox-was-off", O_WRONLY | O_CREAT, 0600) < 0; }
static int do_stat(void)
{
	struct stat st;
	return stat("/etc/passwd", &st);
}
static int do_unlink(void) { return unlink("/nonexistent"); }
static int do_rename(void) { return rename("/nonexistent", "/nonexistent2"); }
static int do_mkdir(void) { return mkdir("sandbox-was-off", 0700); }
static int do_chmod(void) { return chmod("/nonexistent", 0700); }
static int do_readlink(void)
{
	char c;
	return (int)readlink("/proc/self/exe", &c, 1);
}
static int do_socket(void) { return socket(AF_INET, SOCK_STREAM, 0); }
static int do_unix_socket(void) { return socket(AF_UNIX, SOCK_STREAM, 0); }
static int do_exec(void)
{
	char *none[] = {NULL};
	return execve("/bin/true", none, none);
}
static int do_fork(void) { return (int)syscall(__NR_clone, SIGCHLD, 0, 0, 0, 0); }
static int do_clone3(void) { return (int)syscall(435, NULL, 0); }
static int do_ptrace(void) { return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL); }
static int do_vm_read(void) { return (int)syscall(__NR_process_vm_readv, 1, NULL, 0, NULL, 0, 0); }
static int do_kill(void) { return kill(1, 0); }
static int do_tgkill(void) { return (int)syscall(__NR_tgkill, getpid(), gettid(), SIGKILL); }
static int do_setuid(void) { return setuid(1); }
static int do_mount(void) { return (int)syscall(__NR_mount, "none", "/", "tmpfs", 0, NULL); }
static int do_chroot(void) { return chroot("/"); }
static int do_bpf(void) { return (int)syscall(__NR_bpf, 0, NULL, 0); }
static int do_io_uring(void) { return (int)syscall(425, 1, NULL); }
static int do_userfault(void) { return (int)syscall(__NR_userfaultfd, 0); }
static int do_memfd(void) { return (int)syscall(__NR_memfd_create, "x", 0); }
static int do_keyctl(void) { return (int)syscall(__NR_keyctl, 0, 0, 0, 0, 0); }
static int do_module(void) { return (int)syscall(__NR_init_module, NULL, 0, ""); }
static int do_prctl(void) { return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); }
static int do_seccomp(void) { return (int)syscall(__NR_seccomp, 1, 0, NULL); }
static int do_limits(void)
{
	struct rlimit r = {0, 0};
	return setrlimit(RLIMIT_CORE, &r);
}
static int do_mprotect(void)
{
	static _Alignas(4096) char page[4096];

	return mprotect(page, sizeof(page), PROT_READ);
}
static int do_mmap_exec(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}
#ifdef __x86_64__
static int do_x32(void) { return (int)syscall(0x40000000 + __NR_getpid); }
static int do_i386(void)
{
	long r;

	__asm__ volatile("int $0x80" : "=a"(r) : "a"(20L) : "memory", "r8", "r9", "r10", "r11"); /* getpid of i386 */
	return (int)r;
}
#endif

struct denied {
	const char *name;
	int (*f)(void);
};

static const struct denied by_parser[] = {
	{"open", do_open},
	{"open what is not there", do_open_missing},
	{"create", do_create},
	{"stat", do_stat},
	{"unlink", do_unlink},
	{"rename", do_rename},
	{"mkdir", do_mkdir},
	{"chmod", do_chmod},
	{"readlink", do_readlink},
	{"socket", do_socket},
	{"unix socket", do_unix_socket},
	{"exec", do_exec},
	{"fork", do_fork},
	{"clone3", do_clone3},
	{"ptrace", do_ptrace},
	{"process_vm_readv", do_vm_read},
	{"kill", do_kill},
	{"tgkill", do_tgkill},
	{"setuid", do_setuid},
	{"mount", do_mount},
	{"chroot", do_chroot},
	{"bpf", do_bpf},
	{"io_uring", do_io_uring},
	{"userfaultfd", do_userfault},
	{"memfd_create", do_memfd},
	{"keyctl", do_keyctl},
	{"init_module", do_module},
	{"prctl", do_prctl},
	{"seccomp", do_seccomp},
	{"setrlimit", do_limits},
	{"mprotect", do_mprotect},
	{"executable mmap", do_mmap_exec},
#ifdef __x86_64__
	{"x32 call", do_x32},
	{"i386 call", do_i386},
#endif
};

/* A zygote may fork, limit itself and make memory read-only, and nothing else of the above. */
static const struct denied by_zygote[] = {
	{"open", do_open},
	{"create", do_create},
	{"stat", do_stat},
	{"unlink", do_unlink},
	{"mkdir", do_mkdir},
	{"readlink", do_readlink},
	{"socket", do_socket},
	{"exec", do_exec},
	{"ptrace", do_ptrace},
	{"process_vm_readv", do_vm_read},
	{"kill with signal 0", do_kill},
	{"setuid", do_setuid},
	{"mount", do_mount},
	{"bpf", do_bpf},
	{"io_uring", do_io_uring},
	{"executable mmap", do_mmap_exec},
};

static void all_denied(const struct pk_sandbox *sb, const struct denied *d, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int status = inside(sb, d[i].f);

		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
			continue;
		t_failed_here++;
		printf("# '%s' is not denied: wait status 0x%x\n", d[i].name, (unsigned)status);
	}
}

TEST(a_parser_is_killed_for_anything_else)
{
	const struct pk_sandbox sb = {.need = PK_SANDBOX_REQUIRE};

	all_denied(&sb, by_parser, PK_LEN(by_parser));
}

TEST(a_zygote_is_killed_for_anything_else)
{
	const struct pk_sandbox sb = {.need = PK_SANDBOX_REQUIRE, .may_fork = true};

	all_denied(&sb, by_zygote, PK_LEN(by_zygote));
}

/* In the zygote: fork a child that enters the narrower sandbox and then tries to open a file. */
static int zygote(void)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return 1;
	if (pid == 0) {
		const struct pk_sandbox sb = {.need = PK_SANDBOX_REQUIRE, .memory_bytes = 64 << 20};
		unsigned level;

		if (do_mprotect() < 0 || pk_sandbox_enter(&sb, &level, NULL) < 0)
			_exit(2);
		_exit(do_fork() < 0 ? 3 : 4);
	}
	if (waitpid(pid, &status, 0) != pid)
		return 5;
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? 0 : 6;
}

TEST(a_zygote_forks_children_with_fewer_rights)
{
	const struct pk_sandbox sb = {.need = PK_SANDBOX_REQUIRE, .may_fork = true, .memory_bytes = 256 << 20};

	CHECK_INT(inside(&sb, zygote), 0);
}

static int eat_memory(void) { return malloc((size_t)512 << 20) ? 1 : 0; }

TEST(memory_is_limited)
{
	const struct pk_sandbox sb = {.need = PK_SANDBOX_REQUIRE, .memory_bytes = 64 << 20};

	CHECK(exited(inside(&sb, eat_memory), 0));
}

static int spin(void)
{
	volatile bool on = true;

	while (on)
		;
	return 0;
}

TEST(time_is_limited)
{
	const struct pk_sandbox sb = {.need = PK_SANDBOX_REQUIRE, .cpu_seconds = 1};
	int status = inside(&sb, spin);

	CHECK(WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL));
}

TEST(landlock_denies_by_itself)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || pk_landlock_deny_all(NULL) != 1)
			_exit(9);
		_exit(open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	CHECK(exited(status, 0));
}

static bool has_landlock(void) { return syscall(444, NULL, 0, 1u) >= 1; }

static bool has_seccomp(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 0 &&
	       (syscall(__NR_seccomp, 1 /* SET_MODE_FILTER */, 0, NULL) == 0 || errno == EFAULT);
}

int main(void)
{
	static const struct t_case seccomp[] = {
		T(a_parser_is_killed_for_anything_else),
		T(a_zygote_is_killed_for_anything_else),
		T(a_zygote_forks_children_with_fewer_rights),
		T(memory_is_limited),
		T(time_is_limited),
	};
	static const struct t_case landlock[] = {T(landlock_denies_by_itself)};
	const char *why = NULL;

#ifdef PK_SANITIZED
	why = "a sanitizer build has no seccomp filter";
#endif
	if (!why && !has_seccomp())
		why = "this kernel has no seccomp filters";
	for (size_t i = 0; why && i < PK_LEN(seccomp); i++)
		SKIP(why);
	if (!has_landlock())
		SKIP("this kernel has no Landlock");
	t_run_cases(seccomp, why ? 0 : PK_LEN(seccomp));
	t_run_cases(landlock, has_landlock() ? 1 : 0);
	return t_end();
}
