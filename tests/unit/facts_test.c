/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"
#include "../tree.h"
#include <picket/limits.h>
#include <picket/facts.h>
#include <picket/io.h>
#include <picket/mount.h>

#include <errno.h>

TEST(passwd_is_read_line_by_line)
{
	PK_AUTO(pk_facts) f = {0};
	size_t bad = 0;

	OK(pk_facts_parse_passwd(&f,
				 PK_STR("root:x:0:0:root:/root:/bin/sh\n# c\n\n+::::::\nbroken\nx:y:-1:0::/:\n"
					"t:x:4294967295:1:::\nn:x:1:1:a\0b:/:\nm:x:1:1:::/:extra\nlast:x:2:3::/l:"),
				 &bad, &err));
	CHECK_INT(f.users_n, 3);
	CHECK_INT(bad, 4);
	CHECK_STR(pk_str(f.users[0].shell), PK_STR("/bin/sh"));
	CHECK_INT(f.users[1].uid, 4294967295u);
	CHECK_STR(pk_str(f.users[2].home), PK_STR("/l"));
}

TEST(os_release_is_unquoted)
{
	PK_AUTO(pk_facts) f = {0};

	OK(pk_facts_parse_os_release(
		&f, PK_STR("NAME=\"A \\\"B\\\"\"\nID=x\nID='de b'\nVERSION_ID=\"12\n=\nPRETTY_NAME="), &err));
	CHECK_STR(pk_str(f.os_name), PK_STR("A \"B\""));
	CHECK_STR(pk_str(f.os_id), PK_STR("de b"));
	CHECK_STR(pk_str(f.os_version_id), PK_STR("12"));
	CHECK_STR(pk_str(f.os_pretty_name), PK_STR(""));
	CHECK(!f.os_version);
}

TEST(facts_come_from_the_root)
{
	TREE t = tree_new();
	PK_AUTO(pk_root) r = {.fd = -1};
	PK_AUTO(pk_facts) f = {0};
	static const struct {
		const char *path, *user;
		bool is_system;
	} homes[] = {
		{"/", "sys", true},          {"/data/eve", "eve", false},
		{"/home/bob", "bob", false}, {"/home/left over", "left over", false},
		{"/root", "root", false},    {"/usr/games", "games", true},
	};

	tree_file(&t, "etc/passwd",
		  "root:x:0:0::/root:/bin/sh\nsys:x:3:3::/:\nbob:x:1000:1000::/home/bob:\n"
		  "bob2:x:1000:1000::/home/../home/bob/:\neve:x:1001:1001::/home/eve:\n"
		  "games:x:5:60::/usr/games:\nno:x:6:6::/nonexistent:\nrel:x:7:7::home:\n");
	tree_file(&t, "etc/group", "root:x:0:\nusers:x:1000:bob\n");
	tree_file(&t, "usr/lib/os-release", "ID=debian\n");
	tree_link(&t, "etc/os-release", "/usr/lib/os-release");
	tree_file(&t, "etc/hostname", "# comment\nweb01\n");
	tree_file(&t, "var/lib/dbus/machine-id", "0123\n");
	tree_link(&t, "etc/localtime", "/usr/share/zoneinfo/Asia/Tokyo");
	tree_dirs(&t, "root");
	tree_dirs(&t, "home/bob");
	tree_dirs(&t, "home/left over");
	tree_dirs(&t, "data/eve");
	tree_dirs(&t, "usr/games");
	tree_link(&t, "home/eve", "/data/eve");
	tree_file(&t, "home/file", "");
	OK(pk_root_open(&r, t.dir, &err));
	OK(pk_facts_read(&f, &r, &err));
	CHECK_STR(pk_str(f.hostname), PK_STR("web01"));
	CHECK_STR(pk_str(f.machine_id), PK_STR("0123"));
	CHECK_STR(pk_str(f.os_id), PK_STR("debian"));
	CHECK_STR(pk_str(f.timezone), PK_STR("Asia/Tokyo"));
	CHECK(!f.kernel && !f.boot_id && !f.dmi_uuid && !f.root_uuid);
	CHECK_STR(pk_str(pk_facts_user(&f, 1000)), PK_STR("bob"));
	CHECK(!pk_facts_user(&f, 999) && !pk_facts_group(&f, 999));
	CHECK_STR(pk_str(pk_facts_group(&f, 1000)), PK_STR("users"));
	CHECK_INT(f.notes.n, 0);
	CHECK_INT(f.homes_n, PK_LEN(homes));
	for (size_t i = 0; i < PK_LEN(homes) && i < f.homes_n; i++) {
		CHECK_STR(pk_str(f.homes[i].path), pk_str(homes[i].path));
		CHECK_STR(pk_str(f.homes[i].user), pk_str(homes[i].user));
		CHECK_INT(f.homes[i].is_system, homes[i].is_system);
	}
}

TEST(facts_are_cut)
{
	TREE t = tree_new();
	PK_AUTO(pk_root) r = {.fd = -1};
	PK_AUTO(pk_facts) f = {0};
	size_t cut = 0;
	char text[5000];

	memset(text, 'n', sizeof(text));
	text[sizeof(text) - 1] = 0;
	tree_file(&t, "etc/hostname", text);
	OK(pk_root_open(&r, t.dir, &err));
	OK(pk_facts_read(&f, &r, &err));
	CHECK_INT(f.hostname ? strlen(f.hostname) : 0, PK_MAX_FACT_TEXT);
	for (size_t i = 0; i < f.notes.n; i++)
		cut += strstr(f.notes.v[i], "was cut") != NULL;
	CHECK_INT(cut, 1);
}

TEST(hostile_fact_files_do_not_hang)
{
	TREE t = tree_new();
	PK_AUTO(pk_root) r = {.fd = -1};
	PK_AUTO(pk_facts) f = {0};

	tree_fifo(&t, "etc/passwd");
	tree_dirs(&t, "etc/group");
	tree_link(&t, "etc/hostname", "hostname");
	OK(pk_root_open(&r, t.dir, &err));
	OK(pk_facts_read(&f, &r, &err));
	CHECK_INT(f.users_n, 0);
	CHECK_INT(f.notes.n, 4); /* passwd, group, hostname (a loop), and no os-release anywhere */
	for (size_t i = 0; i < f.notes.n && f.notes.n != 4; i++)
		printf("# %s\n", f.notes.v[i]);
}

/* --- mounts ---------------------------------------------------------------------------------------- */

static const char host[] =
	"1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
	"2 1 0:5 / /proc rw - proc proc rw\n"
	"3 1 0:6 / /mnt/nfs rw - nfs4 srv:/x rw\n"
	"4 1 8:2 / /home rw - xfs /dev/sda2 rw\n"
	"5 1 8:1 /var/lib/x /srv/bind rw - ext4 /dev/sda1 rw\n"
	"6 4 0:7 / /home/bob/remote rw - fuse.sshfs bob@h:/ rw\n"
	"7 1 8:3 / /mnt/a\\040b rw master:1 shared:2 - ext4 /dev/sda3 rw\n"
	"8 1 8:3 / /mnt/again rw - ext4 /dev/sda3 rw\n"
	"9 1 8:4 / /over rw - ext4 /dev/sda4 rw\n"
	"10 9 8:5 / /over rw - ext4 /dev/sda5 rw\n"
	"11 1 0:8 / /auto rw - autofs systemd-1 rw\n"
	"12 1 0:9 / /new rw - newfs /dev/sda9 rw\n"
	"13 1 0:10 / /strange rw - strangefs strange rw\n"
	"14 1 0:11 / /var/lib/docker/o/m rw - overlay overlay rw,lowerdir=/l,upperdir=/var/lib/docker/o/u,workdir=/w\n"
	"15 1 0:12 /@home /btr rw - btrfs /dev/sdb rw\n"
	"16 1 0:12 /@ /btr2 rw - btrfs /dev/sdb rw\n"
	"17 1 8:1 /var/lib/y /y rw - ext4 /dev/sda1 rw\n"
	"18 1 8:6 / /var/lib/y rw - ext4 /dev/sda6 rw\n"
	"broken line\n"
	"19 1 x:y / /z rw - ext4 /dev/z rw\n";

TEST(mounts_are_decided_from_text)
{
	static const struct {
		const char *point;
		bool cross;
		const char *why;
	} t[] = {
		{"/", true, NULL},
		{"/proc", false, "pseudo file system proc"},
		{"/mnt/nfs", false, "network or FUSE file system nfs4"},
		{"/home", true, NULL},
		{"/srv/bind", false, "same tree as '/var/lib/x'"},
		{"/home/bob/remote", false, "network or FUSE file system fuse.sshfs"},
		{"/mnt/a b", true, NULL},
		{"/mnt/again", false, "same tree as '/mnt/a b'"},
		{"/over", true, NULL},
		{"/auto", false, "pseudo file system autofs"},
		{"/new", true, NULL},
		{"/strange", false, "network or FUSE file system strangefs"},
		{"/var/lib/docker/o/m", false, "overlay, its upper folder '/var/lib/docker/o/u' is walked"},
		{"/btr", true, NULL},
		{"/btr2", true, NULL},
		{"/y", true, NULL},
		{"/var/lib/y", true, NULL},
	};
	PK_AUTO(pk_mounts) m = {0};
	size_t bad = 0;

	OK(pk_mounts_parse(&m, pk_str(host), PK_STR("/"), NULL, &bad, &err));
	CHECK_INT(bad, 2);
	CHECK_INT(m.n, 18);
	for (size_t i = 0; i < PK_LEN(t); i++) {
		const struct pk_mount *p = pk_mounts_point(&m, pk_str(t[i].point));

		if (!p || p->cross != t[i].cross)
			printf("# %s\n", t[i].point);
		CHECK(p && p->cross == t[i].cross);
		if (p)
			CHECK_STR(pk_str(p->why), pk_str(t[i].why));
	}
	CHECK_INT(pk_mounts_point(&m, PK_STR("/over"))->id, 10);
	CHECK_INT(pk_mounts_of(&m, PK_STR("/home/bob/remote/x"))->id, 6);
	CHECK_INT(pk_mounts_of(&m, PK_STR("/home/bobby"))->id, 4);
	CHECK_INT(pk_mounts_of(&m, PK_STR("/"))->id, 1);
}

/* A container host has mounts by the thousand, on one point too; a list made up by another may go in a circle. */
TEST(stacked_mounts_show_the_uppermost)
{
	enum { STACK = 15000 };
	PK_AUTO(pk_mounts) m = {0};
	PK_AUTO(pk_mounts) over = {0};
	PK_AUTO(pk_mounts) circle = {0};
	PK_AUTO(pk_buf) text = {0};

	pk_buf_puts(&text, "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n");
	for (int i = 2; i < STACK; i++)
		pk_buf_putf(&text, "%d %d 0:%d / /s rw - tmpfs t rw\n", i, i - 1, i);
	OK(pk_buf_check(&text, &err));
	OK(pk_mounts_parse(&m, pk_buf_str(&text), PK_STR("/"), NULL, NULL, &err));
	CHECK_INT(m.n, STACK - 1);
	CHECK_INT(pk_mounts_point(&m, PK_STR("/s"))->id, STACK - 1);
	/* what was mounted below a folder before that folder was mounted over is hidden; what is on the cover is not */
	OK(pk_mounts_parse(&over,
			   PK_STR("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
				  "2 1 8:2 / /a/b rw - ext4 /dev/sda2 rw\n"
				  "3 1 8:3 / /a rw - ext4 /dev/sda3 rw\n"
				  "4 3 8:4 / /a/c rw - ext4 /dev/sda4 rw\n"
				  "5 2 8:5 / /a/b/d rw - ext4 /dev/sda5 rw\n"),
			   PK_STR("/"), NULL, NULL, &err));
	CHECK_INT(over.n, 5);
	CHECK(!pk_mounts_point(&over, PK_STR("/a/b")) && !pk_mounts_point(&over, PK_STR("/a/b/d")));
	CHECK_INT(pk_mounts_of(&over, PK_STR("/a/b/d/x"))->id, 3);
	CHECK_INT(pk_mounts_of(&over, PK_STR("/a/c/x"))->id, 4);
	OK(pk_mounts_parse(&circle,
			   PK_STR("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
				  "2 1 8:2 / /a rw - ext4 /dev/sda2 rw\n"
				  "3 2 8:3 / /a rw - ext4 /dev/sda3 rw\n"
				  "2 3 8:4 / /a rw - ext4 /dev/sda4 rw\n"),
			   PK_STR("/"), NULL, NULL, &err));
	CHECK_INT(circle.n, 4);
}

TEST(an_image_is_a_root_of_its_own)
{
	static const char text[] = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
				   "2 1 7:0 / /mnt/img ro - ext4 /dev/loop0 ro\n"
				   "3 2 7:1 / /mnt/img/home ro - ext4 /dev/loop1 ro\n"
				   "4 2 0:5 / /mnt/img/proc ro - proc proc ro\n"
				   "5 1 0:6 / /mnt/image2 ro - nfs srv:/ ro\n";
	PK_AUTO(pk_mounts) m = {0};
	PK_AUTO(pk_mounts) n = {0};
	PK_AUTO(pk_mounts) sub = {0};

	OK(pk_mounts_parse(&m, pk_str(text), PK_STR("/mnt/img"), NULL, NULL, &err));
	CHECK_INT(m.n, 3);
	CHECK_INT(pk_mounts_point(&m, PK_STR("/"))->id, 2);
	CHECK(pk_mounts_point(&m, PK_STR("/home"))->cross);
	CHECK(!pk_mounts_point(&m, PK_STR("/proc"))->cross);
	/* whoever names a network file system as the root wants it */
	OK(pk_mounts_parse(&n, pk_str(text), PK_STR("/mnt/image2"), NULL, NULL, &err));
	CHECK(n.n == 1 && n.v[0].cross);
	OK(pk_mounts_parse(&sub, pk_str(text), PK_STR("/srv/root"), NULL, NULL, &err));
	CHECK_INT(sub.n, 1);
	CHECK_STR(pk_str(sub.v[0].tree), PK_STR("/srv/root"));
}

TEST(the_guard_keeps_off_the_network)
{
	TREE t = tree_new();
	PK_AUTO(pk_root) r = {.fd = -1};
	PK_AUTO(pk_mounts) m = {0};
	PK_AUTO(pk_mounts) all = {0};
	PK_AUTO(pk_buf) b = {0};
	struct pk_err why = {0};

	tree_dirs(&t, "mnt/nfs/x");
	tree_link(&t, "link", "/mnt/nfs/x");
	OK(pk_root_open(&r, t.dir, &err));
	OK(pk_mounts_parse(&m, pk_str(host), PK_STR("/"), NULL, NULL, &err));
	pk_mounts_guard(&m, &r);
	CHECK_INT(pk_root_resolve(&r, PK_STR("/link/"), &b, &why), -1);
	CHECK_INT(why.sys, EREMOTE);
	OK(pk_mounts_parse(&all, pk_str(host), PK_STR("/"), &(struct pk_mount_opts){.network = true}, NULL, &err));
	CHECK(pk_mounts_point(&all, PK_STR("/mnt/nfs"))->cross);
	pk_mounts_guard(&all, &r);
	OK(pk_root_resolve(&r, PK_STR("/link/"), &b, &err));
}

TEST(this_hosts_mounts_are_read)
{
	PK_AUTO(pk_root) r = {.fd = -1};
	PK_AUTO(pk_mounts) m = {0};
	const struct pk_mount *proc, *top;
	PK_AUTO(pk_buf) text = {0};

	OK(pk_root_open(&r, "/", &err));
	OK(pk_mounts_read(&m, &r, NULL, &err));
	top = pk_mounts_point(&m, PK_STR("/"));
	/* in a chroot that is no mount of its own, the kernel does not tell of the one above */
	OK(pk_read_path("/proc/self/mountinfo", PK_MAX_FACT_FILE, &text, &err));
	CHECK(text.p && (top ? top->cross : !strstr(text.p, " / r")));
	proc = pk_mounts_of(&m, PK_STR("/proc/self/status"));
	CHECK(proc && proc->kind == PK_MOUNT_PSEUDO && !proc->cross);
}

TEST(language)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"LANG=en_US.UTF-8\n", "en-US"},
		{"#LANG=x\nLANG=\"ja_JP.UTF-8\"\nLC_ALL=C\n", "ja-JP"},
		{"LANG='de_DE@euro'\n", "de-DE"},
		{"LANG=C.UTF-8", "C"},
		{"LANG=a_A\nLANG=b_B\n", "b-B"},
		{"LANGUAGE=en\nLANG=\n", NULL},
		{"LANG=\"\"\n", NULL},
		{"", NULL},
	};

	for (size_t i = 0; i < PK_LEN(cases); i++) {
		pk_autofree char *got = NULL;

		OK(pk_facts_parse_language(&got, pk_str(cases[i].text), &err));
		CHECK(got ? cases[i].want && strcmp(got, cases[i].want) == 0 : !cases[i].want);
	}
}

RUN_TESTS(T(language), T(facts_are_cut), T(passwd_is_read_line_by_line), T(os_release_is_unquoted),
	  T(facts_come_from_the_root), T(hostile_fact_files_do_not_hang), T(mounts_are_decided_from_text),
	  T(stacked_mounts_show_the_uppermost), T(an_image_is_a_root_of_its_own), T(the_guard_keeps_off_the_network),
	  T(this_hosts_mounts_are_read))
