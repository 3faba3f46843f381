/* SPDX-License-Identifier: Apache-2.0 */
/* Giving up rights, step by step. */
#include "sandbox.h"
#include <picket/str.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef PK_SANITIZED
static const bool sanitized = true; /* its run time needs calls and memory that a parser does not */
#else
static const bool sanitized = false;
#endif

/* What the zygote had mapped; its children cannot look into /proc any more and have the same. */
static uint64_t mapped_bytes;

static uint64_t read_mapped(void)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str rest, pages;
	uint64_t n;
	pk_autoclose int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || pk_buf_room(&b, 256) == NULL)
		return 0;
	ssize_t got = read(fd, b.p, 255);

	if (got <= 0)
		return 0;
	rest = pk_str_n(b.p, (size_t)got);
	if (!pk_str_split(&rest, ' ', &pages) || !pk_str_u64(pages, UINT64_MAX / 65536, &n))
		return 0;
	return n * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Lowers both limits; one that is lower already stays. */
static int lower(int what, uint64_t limit, struct pk_err *err)
{
	struct rlimit r;

	if (getrlimit(what, &r) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot read a resource limit");
	r.rlim_max = PK_MIN(r.rlim_max, (rlim_t)limit);
	r.rlim_cur = PK_MIN(r.rlim_cur, r.rlim_max);
	if (setrlimit(what, &r) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot set a resource limit");
	return 0;
}

static int enter_limits(const struct pk_sandbox *sb, struct pk_err *err)
{
	if (lower(RLIMIT_CORE, 0, err) < 0 || lower(RLIMIT_FSIZE, 0, err) < 0)
		return -1;
	if (!sb->may_fork && lower(RLIMIT_NPROC, 0, err) < 0)
		return -1;
	if (sb->cpu_seconds && lower(RLIMIT_CPU, sb->cpu_seconds, err) < 0)
		return -1;
	if (!sb->memory_bytes || sanitized)
		return 0;
	if (!mapped_bytes)
		mapped_bytes = read_mapped();
	if (!mapped_bytes) /* no /proc here: a limit on the heap does the same for malloc */
		return lower(RLIMIT_DATA, sb->memory_bytes, err);
	return lower(RLIMIT_AS, mapped_bytes + sb->memory_bytes, err);
}

int pk_sandbox_enter(const struct pk_sandbox *sb, unsigned *ret_level, struct pk_err *err)
{
	unsigned level = 0;
	int r;

	if (sb->need == PK_SANDBOX_OFF) {
		*ret_level = 0;
		return 0;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot give up the right to new privileges");
	level |= PK_SANDBOX_NNP;
	if (enter_limits(sb, err) < 0)
		return -1;
	level |= PK_SANDBOX_RLIMITS;
	r = pk_landlock_deny_all(err);
	if (r < 0)
		return -1;
	level |= r ? PK_SANDBOX_LANDLOCK : 0;
	if (!sanitized) {
		r = pk_seccomp_enter(sb->may_fork, sb->threads, err);
		if (r < 0)
			return -1;
		level |= r ? PK_SANDBOX_SECCOMP : 0;
		if (!r && sb->need == PK_SANDBOX_REQUIRE)
			return pk_fail(err, PK_ESYS, ENOSYS, "this kernel has no seccomp filters");
	}
	*ret_level = level;
	return 0;
}

void pk_buf_put_sandbox_level(struct pk_buf *b, unsigned level)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {
		{PK_SANDBOX_NNP, "no-new-privs"},
		{PK_SANDBOX_RLIMITS, "rlimits"},
		{PK_SANDBOX_LANDLOCK, "landlock"},
		{PK_SANDBOX_SECCOMP, "seccomp"},
	};
	const char *sep = "";

	for (size_t i = 0; i < PK_LEN(names); i++) {
		if (!(level & names[i].bit))
			continue;
		pk_buf_putf(b, "%s%s", sep, names[i].name);
		sep = ", ";
	}
	if (!level)
		pk_buf_puts(b, "none");
	if (sanitized)
		pk_buf_puts(b, " (sanitizer build: no seccomp)");
}
