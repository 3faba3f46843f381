/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"
#include "../tree.h"
#include <picket/limits.h>
#include <picket/time.h>
#include <picket/walk.h>

#include <errno.h>
#include <sys/resource.h>

/* What a walk or an expansion gave, one line each. */
struct log {
	struct pk_buf text;
	size_t n, metadata;
	const struct tree *tree;
};

static int log_entry(void *ctx, const struct pk_walk_entry *e, struct pk_err *err)
{
	struct log *l = ctx;

	(void)err;
	CHECK(!e->snap || pk_str_eq(pk_buf_str(&e->snap->path), e->path));
	CHECK((e->outcome == PK_METADATA) == (e->why == NULL));
	l->n++;
	l->metadata += e->outcome == PK_METADATA;
	if (l->n > 2000)
		return 0;
	pk_buf_put_safe(&l->text, e->path);
	pk_buf_putf(&l->text, "%s%s\n", e->why ? " " : "", e->why ? e->why : "");
	return 0;
}

static void walk(const struct tree *t, const struct pk_mounts *m, const struct pk_walk_opts *opts, struct log *l)
{
	PK_AUTO(pk_root) r = {.fd = -1};

	OK(pk_root_open(&r, t->dir, &err));
	OK(pk_walk_tree(&r, m, opts, log_entry, l, &err));
}

TEST(every_path_once_in_order)
{
	TREE t = tree_new();
	struct log l = {0};
	char name[256];

	memset(name, 'n', 255);
	name[255] = 0;
	tree_file(&t, "a/new\nline", "");
	tree_file(&t, "a/\033[31m", "");
	tree_file(&t, "a/\xff\xfe", "");
	tree_file(&t, "a/trailing ", "");
	tree_file(&t, "a-b", "");
	tree_file(&t, name, "");
	tree_fifo(&t, "var/log/fifo");
	tree_link(&t, "var/run", "/run");
	tree_link(&t, "var/self", ".");
	tree_link(&t, "dangling", "/nowhere");
	tree_dirs(&t, "run/x");
	walk(&t, NULL, NULL, &l);
	CHECK_INT(l.n, 16);
	CHECK_INT(l.metadata, 16);
	CHECK(l.text.n &&
	      strncmp(l.text.p, "/\n/a\n/a/\\x1b[31m\n/a/new\\x0aline\n/a/trailing \n/a/\\xff\\xfe\n/a-b\n", 60) == 0);
	CHECK(strstr(l.text.p, name) != NULL);
	CHECK(strstr(l.text.p, "/dangling\n/nnn") != NULL);
	CHECK(strstr(l.text.p, "/run\n/run/x\n/var\n/var/log\n/var/log/fifo\n/var/run\n/var/self\n") != NULL);
	pk_buf_done(&l.text);
}

TEST(trees_deeper_than_path_max)
{
	TREE t = tree_new();
	struct log l = {0};
	struct rlimit few, old;
	int fd = dup(t.fd);
	char name[101];

	memset(name, 'd', 100);
	name[100] = 0;
	for (int i = 0; i < 300; i++) { /* 30,300 bytes: past the limit of one path */
		int sub;

		CHECK(mkdirat(fd, name, 0755) == 0);
		sub = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (i % 100 == 50)
			CHECK(mkdirat(sub, "z", 0755) == 0); /* something to come back for */
		close(fd);
		fd = sub;
	}
	close(fd);
	CHECK(getrlimit(RLIMIT_NOFILE, &old) == 0);
	few = old;
	few.rlim_cur = 90;
	CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
	walk(&t, NULL, NULL, &l);
	CHECK(setrlimit(RLIMIT_NOFILE, &old) == 0);
	CHECK_INT(l.metadata, 1 + PK_MAX_PATH_BYTES / 101 + 2);
	CHECK_INT(l.n, l.metadata + 1);
	CHECK(strstr(l.text.p, "has a path longer than the limit of 24576 bytes\n"));
	pk_buf_done(&l.text);
}

static void make_many(int fd, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		char name[24];

		snprintf(name, sizeof(name), "f%07u", (i * 7919u) % n); /* not in order */
		if (mknodat(fd, name, S_IFREG | 0600, 0) < 0)
			abort();
	}
}

struct order {
	size_t n, wrong;
	char last[64];
};

static int check_order(void *ctx, const struct pk_walk_entry *e, struct pk_err *err)
{
	struct order *o = ctx;

	(void)err;
	o->n++;
	o->wrong += strcmp(e->name, ".") != 0 && strcmp(o->last, e->name) >= 0;
	if (strcmp(e->name, ".") != 0)
		snprintf(o->last, sizeof(o->last), "%s", e->name);
	return 0;
}

TEST(huge_folders_stay_sorted_in_little_memory)
{
	TREE t = tree_new();
	PK_AUTO(pk_root) r = {.fd = -1};
	const unsigned many = 100000;
	static const unsigned long memory[] = {0, 512 << 10};

	make_many(t.fd, many);
	OK(pk_root_open(&r, t.dir, &err));
	for (size_t i = 0; i < PK_LEN(memory); i++) {
		struct order o = {0};
		struct pk_walk_opts opts = {.snap_opts = PK_SNAP_NO_XATTRS, .max_memory = memory[i]};
		uint64_t start = pk_time_mono_ns();

		OK(pk_walk_tree(&r, NULL, &opts, check_order, &o, &err));
		CHECK_INT(o.n, many + 1);
		CHECK_INT(o.wrong, 0);
		printf("# %lu bytes: %.2f s\n", memory[i], (double)(pk_time_mono_ns() - start) / 1e9);
	}
}

TEST(memory_is_shared_by_all_levels)
{
	TREE t = tree_new();
	struct log l = {0};
	struct pk_walk_opts opts = {.max_memory = 4096};

	for (char a = 'a'; a < 'e'; a++)
		for (char b = 'a'; b < 'e'; b++)
			for (int c = 0; c < 20; c++) {
				char path[60];

				snprintf(path, sizeof(path), "dir-%c/dir-%c/file-with-a-long-name-%02d", a, b, c);
				tree_file(&t, path, "");
			}
	walk(&t, NULL, &opts, &l);
	CHECK_INT(l.metadata, 1 + 4 + 16 + 16 * 20);
	pk_buf_done(&l.text);
}

TEST(mounts_that_must_not_be_touched_are_not)
{
	static const char text[] = "1 0 8:1 / /r rw - ext4 /dev/a rw\n2 1 0:5 / /r/proc rw - proc proc rw\n"
				   "3 1 0:6 / /r/mnt/nfs rw - nfs4 s:/ rw\n4 1 8:1 /data /r/bind rw - ext4 /dev/a rw\n";
	TREE t = tree_new();
	PK_AUTO(pk_mounts) m = {0};
	struct log l = {0};

	tree_file(&t, "proc/1/status", "");
	tree_file(&t, "mnt/nfs/x", "");
	tree_file(&t, "mnt/y", "");
	tree_dirs(&t, "bind/z");
	tree_dirs(&t, "data");
	OK(pk_mounts_parse(&m, pk_str(text), PK_STR("/r"), NULL, NULL, &err));
	walk(&t, &m, NULL, &l);
	CHECK_STR(pk_buf_str(&l.text), PK_STR("/\n/bind same tree as '/data'\n/data\n/mnt\n"
					      "/mnt/nfs network or FUSE file system nfs4\n/mnt/y\n"
					      "/proc pseudo file system proc\n"));
	pk_buf_done(&l.text);
}

static bool skip_out(void *ctx, const struct pk_snap *s) { return pk_str_eq(pk_buf_str(&s->path), pk_str(ctx)); }

TEST(own_output_is_left_out)
{
	TREE t = tree_new();
	struct log l = {0};
	char out[] = "/out";
	struct pk_walk_opts opts = {.skip = skip_out, .skip_ctx = out};

	tree_file(&t, "out/x", "");
	tree_file(&t, "in", "");
	walk(&t, NULL, &opts, &l);
	CHECK_STR(pk_buf_str(&l.text), PK_STR("/\n/in\n/out left out by the collector\n"));
	pk_buf_done(&l.text);
}

TEST(a_start_below_the_root)
{
	TREE t = tree_new();
	struct log l = {0};
	struct pk_walk_opts opts = {.start = "link/"};

	tree_file(&t, "a/b/c", "");
	tree_link(&t, "link", "/a/b");
	walk(&t, NULL, &opts, &l);
	CHECK_STR(pk_buf_str(&l.text), PK_STR("/a/b\n/a/b/c\n"));
	pk_buf_done(&l.text);
}

static int vanish(void *ctx, const struct pk_walk_entry *e, struct pk_err *err)
{
	struct log *l = ctx;

	if (pk_str_eq(e->path, PK_STR("/a"))) {
		tree_rm(openat(l->tree->fd, "b", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
		CHECK(unlinkat(l->tree->fd, "b", AT_REMOVEDIR) == 0);
		CHECK(unlinkat(l->tree->fd, "c", 0) == 0);
	}
	return log_entry(ctx, e, err);
}

TEST(what_vanishes_is_an_outcome)
{
	TREE t = tree_new();
	PK_AUTO(pk_root) r = {.fd = -1};
	struct log l = {.tree = &t};

	tree_dirs(&t, "a");
	tree_file(&t, "b/x", "");
	tree_file(&t, "c", "");
	OK(pk_root_open(&r, t.dir, &err));
	OK(pk_walk_tree(&r, NULL, NULL, vanish, &l, &err));
	CHECK_STR(pk_buf_str(&l.text), PK_STR("/\n/a\n/b No such file or directory\n/c No such file or directory\n"));
	pk_buf_done(&l.text);
}

static int stop(void *ctx, const struct pk_walk_entry *e, struct pk_err *err)
{
	++*(size_t *)ctx;
	return e->path.n > 1 ? pk_fail(err, PK_ELIMIT, 0, "enough") : 0;
}

TEST(a_callback_can_stop_the_walk)
{
	TREE t = tree_new();
	PK_AUTO(pk_root) r = {.fd = -1};
	size_t n = 0;

	tree_file(&t, "a", "");
	tree_file(&t, "b", "");
	OK(pk_root_open(&r, t.dir, &err));
	FAILS(PK_ELIMIT, pk_walk_tree(&r, NULL, NULL, stop, &n, &err));
	CHECK_INT(n, 2);
}

RUN_TESTS(T(every_path_once_in_order), T(trees_deeper_than_path_max), T(huge_folders_stay_sorted_in_little_memory),
	  T(memory_is_shared_by_all_levels), T(mounts_that_must_not_be_touched_are_not), T(own_output_is_left_out),
	  T(a_start_below_the_root), T(what_vanishes_is_an_outcome), T(a_callback_can_stop_the_walk))
