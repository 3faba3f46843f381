/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"
#include "../tree.h"
#include <picket/limits.h>
#include <picket/snap.h>

#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>

static struct pk_root root_of(const struct tree *t)
{
	struct pk_root r = {.fd = -1};

	OK(pk_root_open(&r, t->dir, &err));
	return r;
}

static void touch(struct tree *t, const char *path, int64_t sec, long nsec)
{
	struct timespec ts[2] = {{sec, nsec}, {sec, nsec}};

	CHECK(utimensat(t->fd, path, ts, AT_SYMLINK_NOFOLLOW) == 0);
}

TEST(metadata_is_exact)
{
	TREE t = tree_new();
	PK_AUTO(pk_facts) facts = {0};
	PK_AUTO(pk_snap) s = {0};
	PK_AUTO(pk_buf) line = {0};
	struct pk_json j = {.out = &line};
	struct stat st;

	tree_file(&t, "etc/passwd", "alice:x:4242:4243::/:\n");
	tree_file(&t, "etc/group", "staff:x:4243:\n");
	tree_file(&t, "f", "hello");
	(void)!fchownat(t.fd, "f", 4242, 4243, 0);
	CHECK(fchmodat(t.fd, "f", 04755, 0) == 0);
	touch(&t, "f", -2, 500000000); /* half past two seconds before 1970 */
	CHECK(linkat(t.fd, "f", t.fd, "g", 0) == 0);
	PK_AUTO(pk_root) r = root_of(&t);

	OK(pk_facts_read(&facts, &r, &err));
	OK(pk_snap_read(&s, &r, PK_STR("etc/../f"), &facts, 0, &err));
	CHECK(fstatat(t.fd, "f", &st, 0) == 0);
	CHECK_STR(pk_buf_str(&s.path), PK_STR("/f"));
	CHECK_INT(s.kind, PK_KIND_FILE);
	CHECK_INT(s.mode, 04755);
	CHECK_INT(s.size, 5);
	CHECK_INT(s.nlink, 2);
	CHECK(s.dev == st.st_dev && s.ino == st.st_ino);
	CHECK_INT(s.mtime.sec, -2);
	CHECK_INT(s.mtime.nsec, 500000000);
	pk_json_begin(&j, '{');
	pk_snap_put_json(&j, &s);
	pk_json_end(&j, '}');
	OK(pk_json_check(&j, &err));
	CHECK(strstr(line.p, "\"path\":\"/f\",\"kind\":\"file\",\"mode\":2541,\"uid\":"));
	CHECK(strstr(line.p, "\"mtime\":\"-1.500000000\""));
	if (getuid() == 0) {
		CHECK_STR(pk_str(s.user), PK_STR("alice"));
		CHECK(strstr(line.p,
			     "\"uid\":4242,\"gid\":4243,\"user\":\"alice\",\"group\":\"staff\",\"size\":5,\"dev\":\""));
	}
}

TEST(links_and_odd_files_are_described_not_opened)
{
	TREE t = tree_new();
	PK_AUTO(pk_snap) s = {0};
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd = -1;

	tree_fifo(&t, "var/log/fifo");
	tree_link(&t, "link", "/etc/\xff/target");
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/sock", t.dir);
	CHECK(bind(sock, (struct sockaddr *)&sun, sizeof(sun)) == 0);
	close(sock);
	PK_AUTO(pk_root) r = root_of(&t);

	OK(pk_snap_read(&s, &r, PK_STR("var/log/fifo"), NULL, 0, &err));
	CHECK_INT(s.kind, PK_KIND_FIFO);
	FAILS(PK_EFORMAT, pk_snap_open(&s, &r, &fd, &err));
	FAILS(PK_EFORMAT, pk_snap_openat(&s, t.fd, "var/log/fifo", &fd, &err));
	CHECK_INT(fd, -1);
	OK(pk_snap_read(&s, &r, PK_STR("sock"), NULL, 0, &err));
	CHECK_INT(s.kind, PK_KIND_SOCKET);
	OK(pk_snap_read(&s, &r, PK_STR("link"), NULL, 0, &err));
	CHECK_INT(s.kind, PK_KIND_LINK);
	CHECK_STR(pk_buf_str(&s.target), PK_STR("/etc/\xff/target"));
	{
		PK_AUTO(pk_buf) line = {0};
		struct pk_json j = {.out = &line};

		pk_json_begin(&j, '{');
		pk_snap_put_json(&j, &s);
		pk_json_end(&j, '}');
		OK(pk_json_check(&j, &err));
		CHECK(strstr(line.p, "\"target_b64\":\"L2V0Yy//L3RhcmdldA==\""));
	}
	OK(pk_snap_read(&s, &r, PK_STR("."), NULL, 0, &err));
	CHECK_INT(s.kind, PK_KIND_DIR);
	CHECK_STR(pk_buf_str(&s.path), PK_STR("/"));
}

TEST(failures_have_outcomes)
{
	TREE t = tree_new();
	PK_AUTO(pk_snap) s = {0};
	struct pk_err why = {0};
	int fd = -1;

	tree_file(&t, "f", "one");
	tree_file(&t, "g", "two");
	PK_AUTO(pk_root) r = root_of(&t);

	CHECK_INT(pk_snap_read(&s, &r, PK_STR("nothing"), NULL, 0, &why), -1);
	CHECK_INT(pk_outcome_of(&why), PK_VANISHED);
	OK(pk_snap_read(&s, &r, PK_STR("f"), NULL, 0, &err));
	CHECK(renameat(t.fd, "g", t.fd, "f") == 0);
	CHECK_INT(pk_snap_open(&s, &r, &fd, &why), -1);
	CHECK_INT(pk_outcome_of(&why), PK_FAILED);
	CHECK(strstr(why.msg, "replaced") != NULL);
	CHECK(unlinkat(t.fd, "f", 0) == 0);
	CHECK_INT(pk_snap_open(&s, &r, &fd, &why), -1);
	CHECK_INT(pk_outcome_of(&why), PK_VANISHED);
	tree_link(&t, "f", "g");
	CHECK_INT(pk_snap_open(&s, &r, &fd, &why), -1);
	CHECK(strstr(why.msg, "replaced") != NULL);
	CHECK(unlinkat(t.fd, "f", 0) == 0);
	tree_fifo(&t, "f"); /* a FIFO put in a file's place must not hang us */
	CHECK_INT(pk_snap_open(&s, &r, &fd, &why), -1);
	CHECK(strstr(why.msg, "replaced") != NULL);
	CHECK_INT(fd, -1);
}

TEST(access_times_stay)
{
	TREE t = tree_new();
	PK_AUTO(pk_snap) s = {0};
	pk_autoclose int fd = -1;
	struct stat st;
	char c;

	tree_file(&t, "f", "x");
	touch(&t, "f", 1000, 7);
	PK_AUTO(pk_root) r = root_of(&t);

	OK(pk_snap_read(&s, &r, PK_STR("f"), NULL, 0, &err));
	OK(pk_snap_open(&s, &r, &fd, &err));
	CHECK(read(fd, &c, 1) == 1);
	CHECK(fstat(fd, &st) == 0 && st.st_atim.tv_sec == 1000 && st.st_atim.tv_nsec == 7);
	CHECK(!(s.flags & PK_SNAP_ATIME_CHANGED));
}

TEST(changes_while_reading_are_seen)
{
	static const struct {
		const char *more;
		off_t cut;
		unsigned want;
	} cases[] = {
		{NULL, -1, 0},
		{"more", -1, PK_SNAP_GREW | PK_SNAP_CHANGED},
		{NULL, 2, PK_SNAP_SHRANK | PK_SNAP_CHANGED},
	};

	for (size_t i = 0; i < PK_LEN(cases); i++) {
		TREE t = tree_new();
		PK_AUTO(pk_snap) s = {0};
		pk_autoclose int fd = -1;
		unsigned changes = 99;

		tree_file(&t, "f", "12345");
		touch(&t, "f", 1000, 7);
		PK_AUTO(pk_root) r = root_of(&t);

		OK(pk_snap_read(&s, &r, PK_STR("f"), NULL, 0, &err));
		OK(pk_snap_open(&s, &r, &fd, &err));
		if (cases[i].more) {
			int w = openat(t.fd, "f", O_WRONLY | O_APPEND | O_CLOEXEC);

			CHECK(write(w, cases[i].more, 4) == 4);
			close(w);
		}
		if (cases[i].cut >= 0) {
			PK_AUTO(pk_buf) p = {0};

			pk_buf_putf(&p, "%s/f", t.dir);
			CHECK(truncate(p.p, cases[i].cut) == 0);
		}
		OK(pk_snap_compare(&s, fd, &changes, &err));
		CHECK_INT(changes, cases[i].want);
	}
}

TEST(extended_attributes_within_limits)
{
	TREE t = tree_new();
	PK_AUTO(pk_snap) s = {0};
	static const char cap[] = "\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_buf) line = {0};
	struct pk_json j = {.out = &line};
	bool has_cap;

	tree_file(&t, "f", "x");
	pk_buf_putf(&path, "%s/f", t.dir);
	if (setxattr(path.p, "user.\xff", "v\0w", 3, 0) < 0) {
		printf("# no extended attributes here: not tried\n");
		return;
	}
	CHECK(setxattr(path.p, "user.empty", "", 0, 0) == 0);
	has_cap = setxattr(path.p, "security.capability", cap, 20, 0) == 0;
	PK_AUTO(pk_root) r = root_of(&t);

	OK(pk_snap_read(&s, &r, PK_STR("f"), NULL, 0, &err));
	CHECK_INT(s.xattrs_n, has_cap ? 3 : 2);
	pk_json_begin(&j, '{');
	pk_snap_put_json(&j, &s);
	pk_json_end(&j, '}');
	CHECK(strstr(line.p, "{\"name_b64\":\"dXNlci7/\",\"value_b64\":\"dgB3\"}"));
	CHECK(strstr(line.p, "{\"name\":\"user.empty\",\"value_b64\":\"\"}"));
	if (has_cap)
		CHECK(strstr(line.p, "\"xattrs\":[{\"name\":\"security.capability\",\"value_b64\":\"AQAAAgAgAAA"));
	OK(pk_snap_read(&s, &r, PK_STR("f"), NULL, PK_SNAP_NO_XATTRS, &err));
	CHECK_INT(s.xattrs_n, 0);
}

TEST(inode_flags_are_told)
{
	TREE t = tree_new();
	PK_AUTO(pk_snap) s = {0};
	pk_autoclose int fd = -1;
	int flags = 0, w;

	tree_file(&t, "f", "x");
	w = openat(t.fd, "f", O_RDONLY | O_CLOEXEC);
	if (ioctl(w, FS_IOC_GETFLAGS, &flags) < 0) {
		printf("# no inode flags here: not tried\n");
		close(w);
		return;
	}
	flags |= FS_NODUMP_FL | FS_NOATIME_FL;
	CHECK(ioctl(w, FS_IOC_SETFLAGS, &flags) == 0);
	close(w);
	PK_AUTO(pk_root) r = root_of(&t);

	OK(pk_snap_read(&s, &r, PK_STR("f"), NULL, 0, &err));
	OK(pk_snap_open(&s, &r, &fd, &err));
	CHECK(s.has & PK_SNAP_INODE_FLAGS);
	CHECK(s.flags & PK_SNAP_NODUMP && s.flags & PK_SNAP_NOATIME);
	CHECK(!(s.flags & PK_SNAP_IMMUTABLE));
}

TEST(sparse_files_are_mapped)
{
	TREE t = tree_new();
	PK_AUTO(pk_extents) e = {0};
	const uint64_t size = (uint64_t)2 << 40;
	pk_autoclose int fd = openat(t.fd, "sparse", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (ftruncate(fd, (off_t)size) < 0) {
		printf("# no 2 TiB files here: not tried\n");
		return;
	}
	CHECK(pwrite(fd, "abc", 3, 1 << 20) == 3);
	CHECK(pwrite(fd, "end", 3, (off_t)size - 3) == 3);
	OK(pk_snap_extents(fd, size, &e, &err));
	CHECK_INT(e.n, 2);
	CHECK(e.stored < 1 << 20);
	if (e.n == 2) {
		CHECK(e.v[0].off <= 1 << 20 && e.v[0].off + e.v[0].len >= (1 << 20) + 3);
		CHECK(e.v[1].off + e.v[1].len == size);
	}
	CHECK(lseek(fd, 0, SEEK_CUR) == 0);
	CHECK(ftruncate(fd, 0) == 0);
	OK(pk_snap_extents(fd, 0, &e, &err));
	CHECK_INT(e.n, 0);
	CHECK(ftruncate(fd, 1 << 20) == 0);
	OK(pk_snap_extents(fd, 1 << 20, &e, &err));
	CHECK_INT(e.stored, 0);
}

TEST(a_record_fits_its_line)
{
	uint8_t value[150];
	struct pk_xattr x[PK_MAX_XATTRS];
	PK_AUTO(pk_buf) out = {0};
	struct pk_json j = {.out = &out};
	struct pk_snap s = {.kind = PK_KIND_FILE, .xattrs = x, .xattrs_n = PK_LEN(x)};
	char name[41] = {0}, user[5000];
	struct pk_str all;

	memset(value, 7, sizeof(value));
	memset(name, 1, sizeof(name) - 1);
	memset(user, 'u', sizeof(user));
	user[sizeof(user) - 1] = 0;
	s.user = user;
	for (size_t i = 0; i < PK_LEN(x); i++)
		x[i] = (struct pk_xattr){name, value, sizeof(value)};
	for (size_t i = 0; i < PK_MAX_PATH_BYTES; i++)
		pk_buf_put_c(&s.path, (char)(i % 251 ? 0xff : '/'));
	pk_json_begin(&j, '{');
	pk_snap_put_json(&j, &s);
	pk_json_end(&j, '}');
	OK(pk_json_check(&j, &err));
	all = pk_buf_str(&out);
	CHECK(out.n < 50000);
	CHECK(memmem(all.p, all.n, "\"xattrs-cut\"", 12));
	CHECK(memmem(all.p, all.n, "\"xattrs\"", 8));
	CHECK(!memmem(all.p, all.n, "\"user\"", 6));
	pk_buf_done(&s.path);
}

TEST(long_lists_of_ranges_are_split)
{
	PK_AUTO(pk_extents) x = {0};
	uint64_t stored = 0, want = 0, sum = 0;
	size_t from = 0, lines = 0, seen = 0;
	bool more = true;

	for (size_t i = 0; i < 20000; i++) {
		CHECK(pk_grow(&x.v, &x.cap, x.n + 1, sizeof(*x.v)));
		x.v[x.n++] = (struct pk_extent){i << 40, 4096};
	}
	stored = want = 19999 * 4096 + 5; /* the last one is cut */
	while (more) {
		PK_AUTO(pk_buf) out = {0};
		pk_autojson *v = NULL;
		struct pk_json j = {.out = &out};

		pk_json_begin(&j, '{');
		more = pk_extents_put_json(&j, &x, &from, &stored);
		pk_json_end(&j, '}');
		OK(pk_json_parse(pk_buf_str(&out), &v, &err));
		CHECK(out.n < 50000);
		for (size_t i = 0; i < pk_json_count(pk_json_get(v, "extents")); i++) {
			uint64_t off = 1, len = 0;
			const struct pk_json_value *pair = pk_json_at(pk_json_get(v, "extents"), i);

			CHECK(pk_json_at_uint(pair, 0, &off) && pk_json_at_uint(pair, 1, &len));
			CHECK(off == (uint64_t)seen++ << 40);
			sum += len;
		}
		lines++;
	}
	CHECK_INT(seen, 20000);
	CHECK(sum == want);
	CHECK(lines > 5);
}

TEST(pseudo_files_are_recognised)
{
	pk_autoclose int proc = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	TREE t = tree_new();

	tree_file(&t, "f", "");
	pk_autoclose int plain = openat(t.fd, "f", O_RDONLY | O_CLOEXEC);

	CHECK(pk_snap_is_pseudo(proc));
	CHECK(!pk_snap_is_pseudo(plain));
}

RUN_TESTS(T(metadata_is_exact), T(links_and_odd_files_are_described_not_opened), T(failures_have_outcomes),
	  T(access_times_stay), T(changes_while_reading_are_seen), T(extended_attributes_within_limits),
	  T(inode_flags_are_told), T(sparse_files_are_mapped), T(a_record_fits_its_line),
	  T(long_lists_of_ranges_are_split), T(pseudo_files_are_recognised))
