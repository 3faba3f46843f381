/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"
#include "../tree.h"
#include <picket/limits.h>
#include <picket/time.h>
#include <picket/walk.h>

/* A plan made by hand, and what it led to, one line each. */
struct run {
	struct pk_plan plan;
	struct pk_buf found, missing;
	size_t n;
};

static void run_done(struct run *r)
{
	pk_plan_done(&r->plan);
	pk_buf_done(&r->found);
	pk_buf_done(&r->missing);
}
#define RUN __attribute__((cleanup(run_done))) struct run

static struct pk_request *want(struct run *r, enum pk_reqtype type, const char *pattern, const char *via)
{
	struct pk_request *q;
	struct pk_str rest = pk_str(pattern), seg;

	if (!pk_grow(&r->plan.requests, &r->plan.requests_cap, r->plan.requests_n + 1, sizeof(*r->plan.requests)))
		abort();
	q = &r->plan.requests[r->plan.requests_n++];
	*q = (struct pk_request){.type = type, .max_file = 100, .max_count = UINT64_MAX};
	q->pattern = pk_str_dup(pk_str(pattern));
	while (pk_str_split(&rest, '/', &seg)) {
		unsigned depth;

		if (pk_glob_is_star(seg, &depth))
			q->globstar = depth ? depth : 10;
	}
	OK(pk_strv_add(&q->via, pk_str(via), &err));
	return q;
}

static int on_found(void *ctx, const struct pk_found *f, struct pk_err *err)
{
	static const char types[] = "PDF";
	struct run *r = ctx;

	(void)err;
	r->n++;
	if (r->n > 1000)
		return 0;
	pk_buf_put_safe(&r->found, f->path);
	pk_buf_putf(&r->found, " %c%s", types[f->type], f->excluded ? " excluded" : "");
	for (size_t i = 0; i < f->via_n; i++)
		pk_buf_putf(&r->found, "%c%s", i ? ',' : ' ', f->via[i]);
	pk_buf_put_c(&r->found, '\n');
	return 0;
}

static int on_missing(void *ctx, const struct pk_request *q, struct pk_str path, enum pk_outcome o, const char *why,
		      struct pk_err *err)
{
	struct run *r = ctx;

	(void)q;
	(void)err;
	pk_buf_putf(&r->missing, "%s ", pk_outcome_name(o));
	pk_buf_put_safe(&r->missing, path);
	pk_buf_putf(&r->missing, "%s%s\n", why ? " " : "", why ? why : "");
	return 0;
}

static void expand(struct run *r, const struct tree *t, const struct pk_mounts *m)
{
	struct pk_expand_ops ops = {r, on_found, on_missing};
	PK_AUTO(pk_root) root = {.fd = -1};
	PK_AUTO(pk_facts) facts = {0};

	OK(pk_root_open(&root, t->dir, &err));
	if (m)
		pk_mounts_guard(m, &root);
	OK(pk_facts_read(&facts, &root, &err));
	OK(pk_plan_expand(&r->plan, &root, &facts, m, &ops, &err));
}

/* One pattern and all that it finds. */
static void check_one(const struct tree *t, const char *pattern, const char *found, const char *missing)
{
	RUN r = {0};

	want(&r, PK_REQ_FILE, pattern, "A");
	expand(&r, t, NULL);
	if (!pk_str_eq(pk_buf_str(&r.found), pk_str(found)))
		printf("# %s\n", pattern);
	CHECK_STR(pk_buf_str(&r.found), pk_str(found));
	CHECK_STR(pk_buf_str(&r.missing), pk_str(missing));
}

TEST(patterns_find_what_they_say)
{
	static const struct {
		const char *pattern, *found, *missing;
	} cases[] = {
		{"/etc/passwd", "/etc/passwd F A\n", ""},
		{"/etc/none", "", "absent /etc/none\n"},
		{"/none/*/x", "", "absent /none/*/x\n"},
		{"/", "/ F A\n", ""},
		{"/etc", "/etc F A\n", ""},
		{"/a/*", "/a/.dot F A\n/a/b F A\n/a/c.log F A\n/a/f F A\n", ""},
		{"/a/*.log", "/a/c.log F A\n", ""},
		{"/a/?", "/a/b F A\n/a/f F A\n", ""},
		{"/a/[b-e]*", "/a/b F A\n/a/c.log F A\n", ""},
		{"/*/f", "/a/f F A\n", ""},
		{"/a/**",
		 "/a/.dot F A\n/a/b F A\n/a/b/c F A\n/a/b/c/d F A\n/a/b/c/d/f F A\n/a/b/f F A\n/a/c.log F A\n"
		 "/a/f F A\n",
		 ""},
		{"/a/**1", "/a/.dot F A\n/a/b F A\n/a/c.log F A\n/a/f F A\n", ""},
		{"/a/**2", "/a/.dot F A\n/a/b F A\n/a/b/c F A\n/a/b/f F A\n/a/c.log F A\n/a/f F A\n", ""},
		{"/a/**/f", "/a/f F A\n/a/b/f F A\n/a/b/c/d/f F A\n", ""},
		{"/a/**1/f", "/a/f F A\n/a/b/f F A\n", ""},
		{"/a/**2/d", "/a/b/c/d F A\n", ""},
		{"/var/run/lock", "/run/lock F A\n", ""},
		{"/var/*/lock", "/run/lock F A\n", ""},
		{"/**3/lock", "/run/lock F A\n", ""},
		{"/var/log/up", "/var/log/up F A\n/etc/passwd F A\n", ""},
		{"/var/log/dangling", "/var/log/dangling F A\n", ""},
		{"/var/log/loop/x", "", "absent /var/log/loop/x\n"},
		{"/var/log/**", "/var/log/dangling F A\n/var/log/fifo F A\n/var/log/loop F A\n/var/log/up F A\n", ""},
		{"%%users.homedir%%/.x", "/home/bob/.x F A\n/root/.x F A\n", ""},
		{"%%users.homedir%%", "/ F A\n/home/bob F A\n/root F A\n", ""},
		{"%%users.homedir%%/**/.x", "/home/bob/.x F A\n/home/bob/sub/.x F A\n/root/.x F A\n", ""},
		{"/odd/n\nl", "/odd/n\\x0al F A\n", ""},
		{"/odd/*", "/odd/\\x1b F A\n/odd/n\\x0al F A\n/odd/sp  F A\n/odd/\\xff F A\n", ""},
	};
	TREE t = tree_new();

	tree_file(&t, "etc/passwd", "root:x:0:0::/root:\nsys:x:1:1::/:\nbob:x:2:2::/home/bob:\n");
	tree_file(&t, "a/b/c/d/f", "");
	tree_file(&t, "a/b/f", "");
	tree_file(&t, "a/f", "");
	tree_file(&t, "a/c.log", "");
	tree_file(&t, "a/.dot", "");
	tree_file(&t, "run/lock", "");
	tree_link(&t, "var/run", "/run");
	tree_link(&t, "var/log/up", "../../../../etc/passwd");
	tree_link(&t, "var/log/dangling", "/nowhere");
	tree_link(&t, "var/log/loop", "loop");
	tree_fifo(&t, "var/log/fifo");
	tree_file(&t, "home/bob/.x", "");
	tree_file(&t, "home/bob/sub/.x", "");
	tree_file(&t, "root/.x", "");
	tree_file(&t, "odd/n\nl", "");
	tree_file(&t, "odd/\033", "");
	tree_file(&t, "odd/\xff", "");
	tree_file(&t, "odd/sp ", "");
	for (size_t i = 0; i < PK_LEN(cases); i++)
		check_one(&t, cases[i].pattern, cases[i].found, cases[i].missing);
}

TEST(a_path_is_yielded_once_with_all_who_asked)
{
	TREE t = tree_new();
	RUN r = {0};
	struct pk_request *q;

	tree_file(&t, "run/utmp", "");
	tree_file(&t, "etc/shadow", "");
	tree_file(&t, "etc/x", "");
	tree_link(&t, "var/run", "/run");
	want(&r, PK_REQ_PATH, "/etc/x", "P");
	want(&r, PK_REQ_FILE, "/var/run/utmp", "Z");
	want(&r, PK_REQ_FILE, "/run/*", "B");
	q = want(&r, PK_REQ_FILE, "/etc/*", "Etc");
	OK(pk_strv_add(&q->exclude, PK_STR("/etc/shadow*"), &err));
	OK(pk_strv_add(&q->via, PK_STR("B"), &err));
	want(&r, PK_REQ_PATH, "/etc/shadow", "Meta");
	expand(&r, &t, NULL);
	CHECK_STR(pk_buf_str(&r.found),
		  PK_STR("/etc/x F B,Etc,P\n/run/utmp F B,Z\n/etc/shadow F excluded B,Etc,Meta\n"));
	pk_buf_reset(&r.found);
	want(&r, PK_REQ_FILE, "/etc/shadow", "Named");
	expand(&r, &t, NULL);
	CHECK(strstr(r.found.p, "/etc/shadow F B,Etc,Meta,Named\n"));
}

TEST(folders_are_listed_not_entered)
{
	TREE t = tree_new();
	RUN r = {0};

	tree_file(&t, "d/x/y", "");
	tree_file(&t, "d/z", "");
	want(&r, PK_REQ_DIRECTORY, "/d", "D");
	want(&r, PK_REQ_FILE, "/d/x", "F");
	expand(&r, &t, NULL);
	CHECK_STR(pk_buf_str(&r.found), PK_STR("/d D D\n/d/x F D,F\n/d/z D D\n"));
}

TEST(mounts_are_respected)
{
	static const char text[] = "1 0 8:1 / /r rw - ext4 /dev/a rw\n2 1 0:5 / /r/proc rw - proc proc rw\n"
				   "3 1 0:6 / /r/mnt/nfs rw - nfs4 s:/ rw\n4 1 8:1 /data /r/bind rw - ext4 /dev/a rw\n"
				   "5 1 0:7 / /r/auto rw - autofs x rw\n";
	TREE t = tree_new();
	PK_AUTO(pk_mounts) m = {0};
	RUN r = {0};

	tree_file(&t, "proc/1/x", "");
	tree_file(&t, "mnt/nfs/x", "");
	tree_file(&t, "mnt/disk/x", "");
	tree_file(&t, "bind/x", "");
	tree_file(&t, "auto/x", "");
	tree_link(&t, "link", "/mnt/nfs");
	OK(pk_mounts_parse(&m, pk_str(text), PK_STR("/r"), NULL, NULL, &err));
	want(&r, PK_REQ_FILE, "/mnt/*/x", "A");
	want(&r, PK_REQ_FILE, "/proc/*/x", "B");
	want(&r, PK_REQ_FILE, "/*/1/x", "C");
	want(&r, PK_REQ_FILE, "/bind/x", "D");
	want(&r, PK_REQ_FILE, "/link/x", "E");
	want(&r, PK_REQ_FILE, "/auto/x", "F");
	want(&r, PK_REQ_PATH, "/mnt/nfs", "G");
	expand(&r, &t, &m);
	/* what is mounted on an image's /proc is the system that we run on */
	CHECK_STR(pk_buf_str(&r.found), PK_STR("/mnt/disk/x F A\n/bind/x F D\n"));
	CHECK_STR(pk_buf_str(&r.missing),
		  PK_STR("skipped /mnt/nfs network or FUSE file system nfs4\n"
			 "skipped /proc pseudo file system proc\n"
			 "skipped /auto pseudo file system autofs\n" /* what * would have entered */
			 "skipped /link on a file system that is not touched\n"
			 "skipped /proc pseudo file system proc\n"
			 "skipped /link on a file system that is not touched\n"
			 "skipped /auto pseudo file system autofs\n"
			 "skipped /mnt/nfs network or FUSE file system nfs4\n"));
}

TEST(a_live_host_has_its_own_proc)
{
	static const char text[] = "1 0 8:1 / / rw - ext4 /dev/a rw\n2 1 0:5 / /proc rw - proc proc rw\n"
				   "3 1 0:6 / /nfs rw - nfs4 s:/ rw\n5 1 0:7 / /auto rw - autofs x rw\n";
	PK_AUTO(pk_mounts) m = {0};

	OK(pk_mounts_parse(&m, pk_str(text), PK_STR("/"), NULL, NULL, &err));
	CHECK(!pk_mounts_point(&m, PK_STR("/proc"))->never && !pk_mounts_point(&m, PK_STR("/proc"))->cross);
	CHECK(pk_mounts_point(&m, PK_STR("/nfs"))->never && pk_mounts_point(&m, PK_STR("/auto"))->never);
	CHECK(!pk_mounts_point(&m, PK_STR("/"))->never);
}

/* Cubic in its depth, this took hours. */
TEST(mounts_in_a_tower_are_decided)
{
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_mounts) m = {0};
	size_t visible = 0;

	pk_buf_puts(&text, "1 0 8:1 / / rw - ext4 /dev/a rw\n");
	for (unsigned i = 2; i < 10000; i++)
		pk_buf_putf(&text, "%u %u 0:%u / /tower rw - tmpfs t%u rw\n", i, i - 1, i, i);
	pk_buf_puts(&text, "10000 1 0:7 / /nfs rw - nfs4 s:/ rw\n");
	OK(pk_mounts_parse(&m, pk_buf_str(&text), PK_STR("/"), NULL, NULL, &err));
	CHECK(m.n == 10000 && !m.gap);
	for (size_t i = 0; i < m.n; i++)
		visible += m.v[i].visible;
	CHECK_INT(visible, 3);
	CHECK_STR(pk_str(pk_mounts_point(&m, PK_STR("/tower"))->source), PK_STR("t9999"));
	CHECK(pk_mounts_point(&m, PK_STR("/nfs"))->never);
}

TEST(too_many_mounts_are_a_gap)
{
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_mounts) m = {0};

	pk_buf_puts(&text, "1 0 8:1 / / rw - ext4 /dev/a rw\n");
	for (unsigned i = 2; i < 20003; i++)
		pk_buf_putf(&text, "%u 1 0:%u / /m%u rw - tmpfs t rw\n", i, i, i);
	OK(pk_mounts_parse(&m, pk_buf_str(&text), PK_STR("/"), NULL, NULL, &err));
	CHECK(m.n == 20000 && m.gap);
	CHECK(pk_mounts_point(&m, PK_STR("/m20000")) && !pk_mounts_point(&m, PK_STR("/m20001")));
}

TEST(too_many_are_told)
{
	TREE t = tree_new();
	RUN r = {0};

	for (char c = 'a'; c < 'h'; c++) {
		char name[] = {'d', '/', c, 0};

		tree_file(&t, name, "");
	}
	want(&r, PK_REQ_FILE, "/d/*", "A")->max_count = 3;
	want(&r, PK_REQ_FILE, "/d/**", "B")->max_count = 1;
	expand(&r, &t, NULL);
	CHECK_STR(pk_buf_str(&r.found), PK_STR("/d/a F A,B\n/d/b F A\n/d/c F A\n"));
	CHECK_STR(pk_buf_str(&r.missing), PK_STR("skipped /d/* more than 3 paths match, the rest is left out\n"
						 "skipped /d/** more than 1 paths match, the rest is left out\n"));
}

TEST(refused_folders_are_told)
{
	TREE t = tree_new();
	RUN r = {0};

	if (getuid() == 0 && seteuid(65534) < 0) {
		printf("# cannot give up rights: not tried\n");
		return;
	}
	(void)!seteuid(0);
	tree_file(&t, "d/x/y", "");
	CHECK(fchmod(t.fd, 0755) == 0);
	CHECK(fchmodat(t.fd, "d/x", 0, 0) == 0);
	(void)!seteuid(65534);
	want(&r, PK_REQ_FILE, "/d/*/*", "A");
	want(&r, PK_REQ_FILE, "/d/x/y", "B");
	expand(&r, &t, NULL);
	(void)!seteuid(0);
	CHECK_STR(pk_buf_str(&r.found), PK_STR(""));
	CHECK_STR(pk_buf_str(&r.missing), PK_STR("denied /d/x Permission denied\ndenied /d/x/y Permission denied\n"));
	(void)!fchmodat(t.fd, "d/x", 0700, 0);
}

TEST(our_triage_runs_on_this_host)
{
	PK_AUTO(pk_definitions) d = {0};
	PK_AUTO(pk_limits) l = {0};
	PK_AUTO(pk_root) root = {.fd = -1};
	PK_AUTO(pk_mounts) m = {0};
	PK_AUTO(pk_facts) f = {0};
	uint64_t start = pk_time_mono_ns();
	RUN r = {0};
	struct pk_expand_ops ops = {&r, on_found, NULL};

	OK(pk_definitions_load_builtin(&d, &err));
	OK(pk_limits_load_builtin(&l, &err));
	OK(pk_plan_build(&r.plan, &d, &l, &(struct pk_plan_opts){.profile = "minimal"}, &err));
	OK(pk_root_open(&root, "/", &err));
	OK(pk_mounts_read(&m, &root, NULL, &err));
	pk_mounts_guard(&m, &root);
	OK(pk_facts_read(&f, &root, &err));
	OK(pk_plan_expand(&r.plan, &root, &f, &m, &ops, &err));
	CHECK(r.n > 20);
	CHECK(strstr(r.found.p, "/etc/passwd F ") != NULL);
	printf("# %zu paths in %.2f s\n", r.n, (double)(pk_time_mono_ns() - start) / 1e9);
}

RUN_TESTS(T(patterns_find_what_they_say), T(a_path_is_yielded_once_with_all_who_asked),
	  T(folders_are_listed_not_entered), T(mounts_are_respected), T(a_live_host_has_its_own_proc),
	  T(mounts_in_a_tower_are_decided), T(too_many_mounts_are_a_gap), T(too_many_are_told),
	  T(refused_folders_are_told), T(our_triage_runs_on_this_host))
