/* SPDX-License-Identifier: Apache-2.0 */
/* Archives: which files are some, the records of the process that unpacks them, its end, and its limit of time. */
#include "../t.h"

#include "../../lib/scan/unpack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <picket/limits.h>
#include <picket/scantree.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(guesses)
{
	static const struct {
		struct pk_str head;
		enum pk_unpack_guess guess;
	} cases[] = {
		{PK_STR("PK\x03\x04"), PK_UNPACK_YES},       {PK_STR("PK\x03"), PK_UNPACK_NO},
		{PK_STR("\x1f\x8b\x08"), PK_UNPACK_YES},     {PK_STR("\x1f\x8b\x07"), PK_UNPACK_NO},
		{PK_STR("\xc7\x71"), PK_UNPACK_MAYBE},       {PK_STR("Rar!\x1a\x07"), PK_UNPACK_FOREIGN},
		{PK_STR("BZh91AY&SY"), PK_UNPACK_YES},       {PK_STR("BZh is a text"), PK_UNPACK_NO},
		{PK_STR("!<arch>\n"), PK_UNPACK_YES},        {PK_STR("!<thin>\n"), PK_UNPACK_NO},
		{PK_STR("\xed\xab\xee\xdb"), PK_UNPACK_YES}, {PK_STR(""), PK_UNPACK_NO},
	};
	char tar[512] = "name", tail[2 * PK_UNPACK_TAIL] = "PK\x05\x06";

	for (size_t i = 0; i < PK_LEN(cases); i++)
		CHECK_INT(pk_unpack_guess(cases[i].head, PK_STR("")), cases[i].guess);
	/* the sum of "name" and eight spaces, in octal */
	memcpy(tar + 148, "001241\0 ", 8);
	CHECK_INT(pk_unpack_guess(pk_str_n(tar, 512), PK_STR("")), PK_UNPACK_YES);
	CHECK_INT(pk_unpack_guess(pk_str_n(tar, 511), PK_STR("")), PK_UNPACK_NO);
	tar[0]++;
	CHECK_INT(pk_unpack_guess(pk_str_n(tar, 512), PK_STR("")), PK_UNPACK_NO);
	/* a zip's end counts where a zip may end */
	CHECK_INT(pk_unpack_guess(PK_STR("MZ"), pk_str_n(tail, PK_UNPACK_TAIL)), PK_UNPACK_MAYBE);
	CHECK_INT(pk_unpack_guess(PK_STR("MZ"), pk_str_n(tail, PK_UNPACK_TAIL + 1)), PK_UNPACK_NO);
}

TEST(records)
{
	struct pk_unpack_event e = {0};
	static const struct {
		struct pk_str bytes;
		int want;
	} cases[] = {
		{PK_STR("H\0\0\0\0"), 5},
		{PK_STR("D\2\0\0\0xyz"), 7},
		{PK_STR("M\7\0\0\0\1\xed\x81\0\0ab"), 12},
		{PK_STR("Z\2\0\0\0\1x"), 7},
		{PK_STR(""), 0},
		{PK_STR("D\2\0\0"), 0},
		{PK_STR("D\2\0\0\0x"), 0},
		{PK_STR("X\0\0\0\0"), -1},                  /* no such record */
		{PK_STR("D\1\0\1\0"), -1},                  /* too long */
		{PK_STR("M\4\0\0\0\1\1\1\1"), -1},          /* no room for the mode */
		{PK_STR("M\7\0\0\0\1\xed\x81\0\0a\0"), -1}, /* a NUL in a name */
		{PK_STR("Z\0\0\0\0"), -1},                  /* how? */
		{PK_STR("E\1\0\0\0\5"), -1},                /* only a parent says that it crashed */
	};

	for (size_t i = 0; i < PK_LEN(cases); i++)
		CHECK_INT(pk_unpack_parse(cases[i].bytes, &e), cases[i].want);
	CHECK_INT(pk_unpack_parse(cases[2].bytes, &e), 12);
	CHECK_INT(e.flags, 1);
	CHECK_INT(e.mode, 0100755);
	CHECK_STR(e.bytes, PK_STR("ab"));
}

TEST(order)
{
	static const struct {
		const char *kinds; /* 'd': of no bytes */
		bool ok;
	} cases[] = {
		{"HZ", true},   {"HMDDEMEZ", true}, {"Z", false},    {"M", false},   {"HH", false},
		{"HMM", false}, {"HD", false},      {"HE", false},   {"HMZ", false}, {"HMEE", false},
		{"HMd", false}, {"HMH", false},     {"HMED", false},
	};

	for (size_t i = 0; i < PK_LEN(cases); i++) {
		struct pk_unpack_order o = {0};
		bool ok = true;

		for (const char *k = cases[i].kinds; *k; k++) {
			struct pk_unpack_event e = {.kind = *k == 'd' ? 'D' : *k, .bytes = {"x", *k == 'D'}};

			ok = pk_unpack_in_order(&o, &e) && ok;
		}
		CHECK_INT(ok, cases[i].ok);
	}
}

/* The number of this process's child; there is only one at a time. */
static pid_t a_child(void)
{
	char text[64] = {0};
	int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	return n > 0 ? (pid_t)strtol(text, NULL, 10) : 0;
}

/* A tar whose member is a hole of zeros: more than a pipe holds, so that the unpacker waits for us. */
static void long_tar(uint8_t *tar, size_t n)
{
	static const char size[] = "00010000000"; /* 2 MiB in octal */
	unsigned sum = 0;

	memset(tar, 0, n);
	memcpy(tar, "zeros", 5);
	memcpy(tar + 100, "0000644", 8);
	memcpy(tar + 124, size, 12);
	memcpy(tar + 136, "00000000000", 12);
	memset(tar + 148, ' ', 8);
	memcpy(tar + 257, "ustar\00000", 8);
	tar[156] = '0';
	for (size_t i = 0; i < 512; i++)
		sum += tar[i];
	(void)snprintf((char *)tar + 148, 8, "%06o", sum);
}

static struct pk_unpack *start_long(uint8_t *tar, size_t n)
{
	struct pk_unpack_params p = {.input = {.fd = -1, .p = tar, .n = n}, .cpu_seconds = 60};
	struct pk_unpack *u = NULL;

	long_tar(tar, n);
	OK(pk_unpack_new(&p, &u, &err));
	return u;
}

TEST(an_archive_is_read)
{
	static uint8_t tar[(2 << 20) + 2048];
	struct pk_unpack *u = start_long(tar, sizeof(tar));
	struct pk_unpack_event e = {0};
	uint64_t left = UINT64_MAX, bytes = 0;

	/* the unpacker has its own copy */
	memset(tar, 'x', sizeof(tar));
	pk_unpack_next(u, &left, &e);
	CHECK_INT(e.kind, 'M');
	CHECK_STR(e.bytes, PK_STR("zeros"));
	do {
		pk_unpack_next(u, &left, &e);
		if (e.kind == 'D')
			bytes += e.bytes.n;
	} while (e.kind == 'D');
	CHECK_INT(bytes, 2 << 20);
	CHECK(e.kind == 'E' && e.how == PK_UNPACK_WHOLE);
	pk_unpack_next(u, &left, &e);
	CHECK(e.kind == 'Z' && e.how == PK_UNPACK_WHOLE);
	pk_unpack_free(u);
	CHECK_INT(waitpid(-1, NULL, WNOHANG), -1);
}

TEST(an_unpacker_that_dies_is_told)
{
	static uint8_t tar[(2 << 20) + 2048];
	struct pk_unpack *u = start_long(tar, sizeof(tar));
	struct pk_unpack_event e = {0};
	uint64_t left = UINT64_MAX;

	CHECK(a_child() > 1);
	if (a_child() > 1)
		kill(a_child(), SIGKILL);
	while (e.kind != 'Z')
		pk_unpack_next(u, &left, &e);
	CHECK_INT(e.how, PK_UNPACK_CRASHED);
	CHECK_STR(e.bytes, PK_STR("unpacker killed by signal 9 (KILL)"));
	pk_unpack_free(u);
}

TEST(time_ends_it)
{
	static uint8_t tar[(2 << 20) + 2048];
	struct pk_unpack *u = start_long(tar, sizeof(tar));
	struct pk_unpack_event e = {0};
	uint64_t left = 1;

	while (e.kind != 'Z')
		pk_unpack_next(u, &left, &e);
	CHECK_INT(e.how, PK_UNPACK_TIME);
	CHECK_INT(left, 0);
	pk_unpack_free(u);
	CHECK_INT(waitpid(-1, NULL, WNOHANG), -1);
}

/* --- a tree with no time left ------------------------------------------------------------------------- */

static int add_outcome(void *ctx, const struct pk_scantree_file *f, struct pk_err *err)
{
	(void)err;
	pk_buf_putf(ctx, "%.*s %s\n", PK_STR_ARG(f->path), f->why ? f->why : "scanned");
	return 0;
}

TEST(a_tree_tells_that_time_was_up)
{
	static uint8_t tar[(2 << 20) + 2048];
	char path[] = "/tmp/picket-unpack.XXXXXX";
	int fd = mkstemp(path);
	PK_AUTO(pk_rules) rules = {0};
	PK_AUTO(pk_slots) slots = {0};
	PK_AUTO(pk_buf) got = {0};
	PK_AUTO(pk_buf) want = {0}, member = {0};
	PK_AUTOPTR(pk_scanpool) pool = NULL;
	PK_AUTOPTR(pk_scantree) tree = NULL;
	struct pk_scantree_unpack unpack = {.depth = 1, .max_bytes = 4 << 20, .max_ns = 1};
	struct pk_scanpool_params p = {.rules = &rules, .slots = &slots, .children = 1};

	OK(pk_rules_add(&rules, NULL, "r.yar", PK_STR("rule r { condition: false }"), &err));
	OK(pk_slots_init(&slots, 5, &err));
	OK(pk_scanpool_new(&p, &pool, &err));
	struct pk_scantree_params tp = {
		.pool = pool, .slots = &slots, .file = add_outcome, .ctx = &got, .unpack = &unpack};

	long_tar(tar, sizeof(tar));
	CHECK(write(fd, tar, sizeof(tar)) == (ssize_t)sizeof(tar));
	OK(pk_scantree_new(&tp, &tree, &err));
	OK(pk_scantree_path(tree, path, &err));
	unpack.max_ns = 60000000000;
	OK(pk_scantree_path(tree, path, &err));
	OK(pk_scantree_finish(tree, &err));
	/* a busy machine's unpacker may not come as far as naming its member in that time */
	pk_buf_putf(&member, "%s!/zeros archive-time\n", path);
	pk_buf_putf(&want, "%s scanned\n%s%s!/ archive-time\n%s scanned\n%s!/zeros scanned\n", path,
		    strstr(got.p, member.p) ? member.p : "", path, path, path);
	CHECK_STR(pk_buf_str(&got), pk_buf_str(&want));
	close(fd);
	unlink(path);
}

RUN_TESTS(T(guesses), T(records), T(order), T(an_archive_is_read), T(an_unpacker_that_dies_is_told), T(time_ends_it),
	  T(a_tree_tells_that_time_was_up))
