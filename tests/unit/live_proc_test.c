/* SPDX-License-Identifier: Apache-2.0 */
/* The tables on made-up trees: hostile names, missing files, readers that hang, images. */
#include "../t.h"
#include "../tree.h"

#include "../../lib/live/live.h"
#include <picket/io.h>
#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>

struct seen {
	struct pk_buf rows, notes;
	uint64_t n;
};

static void seen_done(struct seen *s)
{
	pk_buf_done(&s->rows);
	pk_buf_done(&s->notes);
}
#define SEEN __attribute__((cleanup(seen_done))) struct seen

static int take_row(void *arg, struct pk_str line, struct pk_err *err)
{
	struct seen *s = arg;

	(void)err;
	pk_buf_put_str(&s->rows, line);
	pk_buf_put_c(&s->rows, '\n');
	s->n++;
	return 0;
}

static void take_note(void *arg, const char *text)
{
	struct seen *s = arg;

	pk_buf_puts(&s->notes, text);
	pk_buf_put_c(&s->notes, '\n');
}

/* Runs a table; `proc` and `sys` are folders of the tree, or NULL. `only` as in the context. */
static void run_only(struct tree *t, const char *proc, const char *sys, const char *table, const uint64_t *only,
		     size_t only_n, struct seen *ret)
{
	struct pk_live_out out = {.row = take_row, .note = take_note, .arg = ret};
	struct pk_live_ctx ctx = {.proc_fd = -1, .mounted_proc_fd = -1, .sys_fd = -1, .item_timeout_ms = 300};
	struct pk_root root;

	ctx.only = only;
	ctx.only_n = only_n;

	OK(pk_root_open(&root, t->dir, &err));
	ctx.root = &root;
	if (proc)
		ctx.proc_fd = openat(t->fd, proc, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (sys)
		ctx.sys_fd = openat(t->fd, sys, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	OK(pk_live_run(pk_live_find(pk_str(table)), &ctx, &out, &err));
	CHECK_INT(out.rows, ret->n);
	pk_live_out_done(&out);
	pk_live_ctx_done(&ctx);
	pk_root_done(&root);
}

static void run(struct tree *t, const char *proc, const char *sys, const char *table, struct seen *ret)
{
	run_only(t, proc, sys, table, NULL, 0, ret);
}

static bool has(const struct pk_buf *b, const char *text) { return b->n && strstr(b->p, text) != NULL; }

#define STAT_TAIL " S 1 2 3 34816 5 4194560 7 8 9 10 250 50 13 14 20 -5 3 0 12345 67108864 300 99\n"

static void make_process(struct tree *t, const char *pid, const char *name)
{
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_buf) text = {0};

	pk_buf_putf(&path, "proc/%s/stat", pid);
	pk_buf_putf(&text, "%s (%s)" STAT_TAIL, pid, name);
	tree_file(t, path.p, text.p);
	pk_buf_reset(&path);
	pk_buf_putf(&path, "proc/%s/status", pid);
	tree_file(t, path.p,
		  "Name:\tx\nTgid:\t1\nUid:\t1000\t0\t0\t0\nGid:\t5\t6\t7\t8\nTracerPid:\t0\nCapEff:"
		  "\t000001ffffffffff\n");
}

TEST(processes_of_a_made_up_proc)
{
	TREE t = tree_new();
	SEEN s = {0};

	tree_file(&t, "proc/stat", "cpu 1 2\nbtime 1700000000\n");
	make_process(&t, "10", "a) R (b\ny");
	tree_link(&t, "proc/10/exe", "/usr/bin/x (deleted)");
	tree_link(&t, "proc/10/cwd", "/tmp/ \n");
	tree_file(&t, "proc/10/loginuid", "4294967295");
	make_process(&t, "9", "nine");
	tree_file(&t, "proc/9/cgroup", "12:cpu:/a\n0::/system.slice/x.service\n");
	make_process(&t, "0012", "leading zeros are no pid");
	tree_file(&t, "proc/11/stat", "");        /* empty */
	tree_dirs(&t, "proc/13");                 /* vanished: nothing in it */
	tree_file(&t, "proc/14/stat", "garbage"); /* not understood */
	tree_fifo(&t, "proc/10/io");              /* would block for ever */
	tree_file(&t, "proc/99999999999/stat", "");
	run(&t, "proc", NULL, "processes", &s);
	CHECK_INT(s.n, 4);
	CHECK(s.rows.p == strstr(s.rows.p, "{\"pid\":9,\"name\":\"nine\""));
	CHECK(has(&s.rows, "{\"pid\":10,\"name\":\"a) R (b\\ny\",\"path\":\"/usr/bin/x\""));
	CHECK(has(&s.rows, "\"cwd\":\"/tmp/ \\n\""));
	CHECK(has(&s.rows, "\"uid\":1000,\"gid\":5,\"euid\":0,\"egid\":6,\"suid\":0,\"sgid\":7,\"on_disk\":0"));
	CHECK(has(&s.rows, "\"start_time\":1700000123"));
	CHECK(has(&s.rows, "\"cgroup_path\":\"/system.slice/x.service\""));
	CHECK(has(&s.rows, "\"tty\":\"pts/0\""));
	CHECK(!has(&s.rows, "login_uid"));
	CHECK(!has(&s.rows, "leading"));
	CHECK(has(&s.notes, "process 11: its stat file is not understood"));
	CHECK(has(&s.notes, "process 14: its stat file is not understood"));
	CHECK(!has(&s.notes, "process 13"));
}

TEST(command_lines_lose_nothing)
{
	TREE t = tree_new();
	SEEN s = {0};
	int fd;

	make_process(&t, "1", "x");
	make_process(&t, "2", "y");
	tree_file(&t, "proc/1/cmdline", "");
	fd = openat(t.fd, "proc/1/cmdline", O_WRONLY | O_TRUNC);
	CHECK(write(fd, "sh\0-c\0a b\0", 10) == 10);
	close(fd);
	tree_file(&t, "proc/2/cmdline", "");
	fd = openat(t.fd, "proc/2/cmdline", O_WRONLY | O_TRUNC);
	CHECK(write(fd, "sh\0-l\0", 6) == 6);
	close(fd);
	run(&t, "proc", NULL, "processes", &s);
	CHECK(has(&s.rows, "\"cmdline\":\"sh -c a b\""));
	CHECK(has(&s.rows, "\"cmdline_raw_b64\":\"c2gALWMAYSBiAA==\""));
	CHECK(has(&s.rows, "\"cmdline\":\"sh -l\""));
	CHECK(strstr(s.rows.p, "cmdline_raw") == strstr(s.rows.p, "cmdline_raw_b64"));
	CHECK(strstr(strstr(s.rows.p, "cmdline_raw") + 1, "cmdline_raw") == NULL);
}

TEST(huge_values_are_cut_and_said)
{
	TREE t = tree_new();
	SEEN s = {0};
	PK_AUTO(pk_buf) big = {0};

	make_process(&t, "1", "x");
	for (size_t i = 0; i < PK_LIVE_MAX_VALUE + 100; i++)
		pk_buf_put_c(&big, 'A');
	tree_file(&t, "proc/1/cmdline", big.p);
	run(&t, "proc", NULL, "processes", &s);
	CHECK_INT(s.n, 1);
	CHECK(s.rows.n < 3 * PK_LIVE_MAX_VALUE);
	CHECK(has(&s.notes, "command line is longer than 65536 bytes"));
}

TEST(sockets_of_a_made_up_proc)
{
	TREE t = tree_new();
	SEEN s = {0};
	SEEN ports = {0};

	make_process(&t, "7", "srv");
	tree_link(&t, "proc/7/ns/net", "net:[4026531992]");
	tree_link(&t, "proc/7/fd/3", "socket:[4711]");
	tree_link(&t, "proc/7/fd/4", "socket:[99]");
	tree_link(&t, "proc/7/fd/5", "socket:[x]");
	tree_link(&t, "proc/7/fd/6", "/socket:[4711]");
	tree_file(
		&t, "proc/7/net/tcp",
		"  sl  local_address rem_address   st\n"
		"   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 "
		"100\n"
		"   1: 0100007F:0016 0100007F:9999 06 00000000:00000000 00:00000000 00000000     0        0 0 1 0 100\n"
		"broken line\n");
	tree_file(&t, "proc/7/net/unix",
		  "Num       RefCount Protocol Flags    Type St Inode Path\n"
		  "0000000000000000: 00000002 00000000 00010000 0001 01 55 @abstract\n");
	run(&t, "proc", NULL, "process_open_sockets", &s);
	CHECK_INT(s.n, 4);
	CHECK(s.rows.p ==
	      strstr(s.rows.p,
		     "{\"pid\":7,\"fd\":3,\"socket\":4711,\"family\":2,\"protocol\":6,\"local_address\":\"0.0.0.0\""));
	CHECK(has(&s.rows, "{\"pid\":7,\"fd\":4,\"socket\":99}")); /* of a family we cannot list: still said */
	CHECK(has(&s.rows, "\"state\":\"TIME_WAIT\",\"net_namespace\":\"4026531992\""));
	CHECK(has(&s.rows, "\"path\":\"@abstract\",\"state\":\"LISTEN\""));
	CHECK(has(&s.notes, "'net/tcp': 1 lines are not understood"));
	run(&t, "proc", NULL, "listening_ports", &ports);
	CHECK_INT(ports.n, 2);
	CHECK(has(
		&ports.rows,
		"{\"pid\":7,\"port\":22,\"protocol\":6,\"family\":2,\"address\":\"0.0.0.0\",\"fd\":3,\"socket\":4711"));
}

TEST(some_processes_only)
{
	static const uint64_t only[] = {7, 12, 4711}, none[] = {0};
	TREE t = tree_new();
	SEEN s = {0};
	SEEN sockets = {0};
	SEEN nobody = {0};

	make_process(&t, "7", "seven");
	make_process(&t, "8", "eight");
	make_process(&t, "12", "twelve");
	tree_link(&t, "proc/7/ns/net", "net:[4026531992]");
	tree_link(&t, "proc/7/fd/3", "socket:[55]");
	tree_link(&t, "proc/8/ns/net", "net:[4026531993]");
	tree_link(&t, "proc/8/fd/3", "socket:[56]");
	for (int i = 0; i < 2; i++)
		tree_file(&t, i == 0 ? "proc/7/net/tcp" : "proc/8/net/tcp",
			  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
			  "   0: 0100007F:1F90 0708090A:01BB 01 00000000:00000000 00:00000000 00000000 1000 0 55 1\n"
			  "   1: 0100007F:1F91 0708090A:01BB 01 00000000:00000000 00:00000000 00000000 1000 0 57 1\n");
	run_only(&t, "proc", NULL, "processes", only, PK_LEN(only), &s);
	CHECK_INT(s.n, 2); /* there is no 4711, and nothing is said of it */
	CHECK(has(&s.rows, "\"seven\"") && has(&s.rows, "\"twelve\"") && s.notes.n == 0);
	run_only(&t, "proc", NULL, "process_open_sockets", only, PK_LEN(only), &sockets);
	CHECK_INT(sockets.n, 1); /* neither the other process's nor the one that nobody holds */
	CHECK(has(&sockets.rows, "\"remote_address\":\"10.9.8.7\"") && has(&sockets.rows, "\"remote_port\":443"));
	run_only(&t, "proc", NULL, "processes", none, 0, &nobody);
	CHECK_INT(nobody.n, 0);
}

TEST(modules_that_hide)
{
	TREE t = tree_new();
	SEEN s = {0};

	tree_file(&t, "proc/modules",
		  "ext4 995328 1 - Live 0xffffffffc0600000\njbd2 188416 1 ext4, Live 0xffffffffc0500000 (OE)\n");
	tree_file(&t, "proc/kallsyms",
		  "ffffffffc0600000 t a\t[ext4]\nffffffffc0700000 t hook\t[ghost]\nffffffff81000000 T _text\n"
		  "ffffffffc0900000 t p\t[bpf]\n");
	tree_file(&t, "sys/module/ext4/initstate", "live\n");
	tree_file(&t, "sys/module/ext4/refcnt", "1\n");
	tree_file(&t, "sys/module/jbd2/initstate", "live\n");
	tree_file(&t, "sys/module/shy/initstate", "live\n");
	tree_file(&t, "sys/module/kernel/parameters/x", "1\n"); /* built in */
	run(&t, "proc", "sys", "kernel_modules", &s);
	CHECK_INT(s.n, 4);
	CHECK(has(&s.rows, "{\"name\":\"ext4\",\"size\":995328,\"used_by\":\"-\",\"status\":\"Live\""));
	CHECK(has(&s.rows, "{\"name\":\"ghost\",\"in_proc\":0,\"in_sysfs\":0,\"in_kallsyms\":1,\"hidden\":1}"));
	CHECK(has(&s.rows, "{\"name\":\"shy\",\"in_proc\":0,\"in_sysfs\":1,\"in_kallsyms\":0,\"hidden\":1}"));
	CHECK(has(&s.rows, "\"used_by\":\"ext4\""));
}

/* --- an image ------------------------------------------------------------------------------------------------ */

TEST(an_image_without_a_host)
{
	TREE t = tree_new();
	SEEN users = {0};
	SEEN keys = {0};
	SEEN units = {0};
	SEEN cron = {0};
	SEEN os = {0};

	tree_file(&t, "etc/passwd",
		  "root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/sh\nbad line\n"
		  "toor::0:0::/root:/bin/sh\nlast:x:2:2:n\xff:/:/x");
	tree_file(&t, "root/.ssh/authorized_keys",
		  "from=\"10.0.0.1\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== root@c2\n");
	tree_file(&t, "etc/ssh/sshd_config", "Port 22\nauthorizedkeysfile .ssh/authorized_keys /etc/keys/%u\n");
	tree_file(&t, "etc/keys/alice", "ssh-rsa QUFB\n");
	tree_link(&t, "home/bob/.ssh", "/etc");
	tree_file(&t, "etc/systemd/system/evil.service",
		  "[Service]\nExecStart=/tmp/x\n[Install]\nWantedBy=multi-user.target\n");
	tree_link(&t, "etc/systemd/system/multi-user.target.wants/evil.service", "/etc/systemd/system/evil.service");
	tree_link(&t, "etc/systemd/system/apt.service", "/dev/null");
	tree_file(&t, "etc/systemd/system/ssh.service.d/x.conf", "[Service]\nExecStartPre=/tmp/y\n");
	tree_fifo(&t, "etc/systemd/system/fifo.service");
	tree_file(&t, "home/carol/.config/systemd/user/c.timer", "[Timer]\nOnCalendar=daily\n");
	tree_file(&t, "var/spool/cron/crontabs/alice", "@reboot /tmp/z\n");
	tree_fifo(&t, "etc/cron.d/fifo");
	tree_link(&t, "etc/os-release", "/usr/lib/os-release"); /* absolute: stays inside */
	tree_file(&t, "usr/lib/os-release", "NAME=\"De\\\"b\"\nVERSION_ID='12.4'\nID=debian\n");
	run(&t, NULL, NULL, "users", &users);
	CHECK_INT(users.n, 4);
	CHECK(has(&users.notes, "etc/passwd: line 3 is not understood: 'bad line'"));
	CHECK(has(&users.rows, "\"username\":\"toor\",\"description\":\"\",\"directory\":\"/root\",\"shell\":\"/bin/"
			       "sh\",\"password_field\":\"empty\",\"line\":4"));
	CHECK(has(&users.rows, "\"description_b64\":\"bv8=\""));
	run(&t, NULL, NULL, "authorized_keys", &keys);
	CHECK_INT(keys.n, 2);
	CHECK(has(&keys.rows, "\"options\":\"from=\\\"10.0.0.1\\\"\",\"comment\":\"root@c2\",\"key_file\":\"/root/.ssh/"
			      "authorized_keys\",\"username\":\"root\",\"fingerprint\":\"SHA256:"));
	CHECK(has(&keys.rows, "\"key_file\":\"/etc/keys/alice\",\"username\":\"alice\""));
	run(&t, NULL, NULL, "systemd_units", &units);
	CHECK_INT(units.n, 5);
	CHECK(has(&units.rows, "{\"id\":\"apt.service\",\"load_state\":\"masked\""));
	CHECK(has(&units.rows, "\"enabled\":1,\"exec_start\":\"/tmp/x\""));
	CHECK(has(&units.rows, "{\"id\":\"ssh.service\",\"load_state\":\"loaded\",\"fragment_path\":\"/etc/systemd/"
			       "system/ssh.service.d/x.conf\",\"scope\":\"system\",\"drop_in\":1"));
	CHECK(has(&units.rows, "\"scope\":\"user\",\"enabled\":0,\"trigger\":\"OnCalendar=daily\""));
	run(&t, NULL, NULL, "crontab", &cron);
	CHECK_INT(cron.n, 1);
	CHECK(has(&cron.rows, "{\"event\":\"@reboot\",\"command\":\"/tmp/z\",\"path\":\"/var/spool/cron/crontabs/"
			      "alice\",\"user\":\"alice\",\"line\":1}"));
	CHECK(has(&cron.notes, "/etc/cron.d/fifo"));
	run(&t, NULL, NULL, "os_version", &os);
	CHECK(has(&os.rows, "{\"name\":\"De\\\"b\",\"major\":12,\"minor\":4,\"platform\":\"debian\"}"));
}

TEST(containers_and_small_files_of_an_image)
{
	TREE t = tree_new();
	SEEN docker = {0};
	SEEN sudo = {0};
	SEEN apt = {0};
	SEEN preload = {0};

	tree_file(&t, "var/lib/docker/containers/abc/config.v2.json",
		  "{\"ID\":\"abc\",\"Name\":\"/web\",\"Path\":\"sh\",\"Args\":[\"-c\",\"x "
		  "y\"],\"State\":{\"Running\":true,\"Pid\":77},"
		  "\"Config\":{\"Image\":\"alpine\",\"Cmd\":[\"sh\",7]}}");
	tree_file(&t, "var/lib/docker/containers/abc/hostconfig.json",
		  "{\"Privileged\":true,\"Binds\":[\"/:/host\"],\"CapAdd\":[\"SYS_ADMIN\"],\"PidMode\":\"host\"}");
	tree_file(&t, "var/lib/docker/containers/bad/config.v2.json", "{\"ID\":");
	tree_link(&t, "var/lib/docker/containers/out/config.v2.json", "/etc/sudoers");
	tree_file(&t, "etc/sudoers",
		  "# comment\nDefaults env_reset\nroot ALL=(ALL) \\\n  ALL\n#1000 ALL=NOPASSWD: ALL\n@includedir "
		  "/etc/sudoers.d\n");
	tree_file(&t, "etc/sudoers.d/x", "%wheel ALL=(ALL) ALL");
	tree_file(&t, "etc/apt/sources.list", "deb [trusted=yes] http://203.0.113.5/ ./ # no\nbroken\ndeb [unclosed\n");
	tree_file(&t, "etc/apt/sources.list.d/a.sources",
		  "Types: deb\nURIs: http://a\nSuites: b\nEnabled: no\nSigned-By:\n -----BEGIN\n");
	tree_file(&t, "etc/ld.so.preload", "/lib/evil.so\n");
	run(&t, NULL, NULL, "docker_containers", &docker);
	CHECK_INT(docker.n, 1);
	CHECK(has(&docker.rows, "{\"id\":\"abc\",\"name\":\"/"
				"web\",\"image\":\"alpine\",\"command\":\"sh\",\"state\":\"running\",\"pid\":77,"
				"\"path\":\"sh\",\"privileged\":1,\"arguments\":\"-c\\nx y\",\"binds\":\"/:/host\""));
	CHECK(has(&docker.notes, "containers/bad/config.v2.json'"));
	CHECK(has(&docker.notes, "containers/out/config.v2.json'"));
	run(&t, NULL, NULL, "sudoers", &sudo);
	CHECK_INT(sudo.n, 5);
	CHECK(has(&sudo.rows,
		  "{\"source\":\"/etc/sudoers\",\"header\":\"root\",\"rule_details\":\"ALL=(ALL)   ALL\"}"));
	CHECK(has(&sudo.rows, "\"header\":\"#1000\""));
	CHECK(has(&sudo.rows, "{\"source\":\"/etc/sudoers.d/x\",\"header\":\"%wheel\""));
	run(&t, NULL, NULL, "apt_sources", &apt);
	CHECK_INT(apt.n, 2);
	CHECK(has(&apt.rows, "\"base_uri\":\"http://203.0.113.5/\",\"release\":\"./"
			     "\",\"type\":\"deb\",\"options\":\"trusted=yes\",\"enabled\":1"));
	CHECK(has(&apt.rows, "\"options\":\"Signed-By: -----BEGIN\",\"enabled\":0"));
	run(&t, NULL, NULL, "ld_preload", &preload);
	CHECK_STR(pk_buf_str(&preload.rows),
		  PK_STR("{\"source\":\"/etc/ld.so.preload\",\"value\":\"/lib/evil.so\"}\n"));
}

/* "wtmp" with one login, one wiped record, and what a rotation leaves. */
TEST(logins_of_an_image)
{
	TREE t = tree_new();
	SEEN s = {0};
	SEEN lastlog = {0};
	char record[384 * 2] = {0};
	int fd;

	record[0] = 7;
	record[4] = 42;
	memcpy(record + 8, "pts/0", 5);
	memcpy(record + 44, "alice", 5);
	memcpy(record + 340, "\x00\xf1\x53\x65", 4);
	tree_dirs(&t, "var/log");
	tree_file(&t, "var/log/wtmp", "");
	fd = openat(t.fd, "var/log/wtmp", O_WRONLY);
	CHECK(write(fd, record, sizeof(record)) == (ssize_t)sizeof(record) && write(fd, "tail", 4) == 4);
	close(fd);
	tree_file(&t, "var/log/wtmp.1.gz", "x");
	tree_file(&t, "var/log/wtmpdb", "not one of them");
	tree_file(&t, "etc/passwd", "big:x:1000000000:0:::\n");
	tree_file(&t, "var/log/lastlog", "");
	fd = openat(t.fd, "var/log/lastlog", O_WRONLY);
	CHECK(pwrite(fd, record + 340, 292, 1000000000ll * 292) == 292); /* sparse: 292 GB */
	close(fd);
	run(&t, NULL, NULL, "last", &s);
	CHECK_INT(s.n, 1);
	CHECK(has(&s.rows, "{\"username\":\"alice\",\"tty\":\"pts/"
			   "0\",\"pid\":42,\"type\":7,\"type_name\":\"user\",\"time\":1700000000"));
	CHECK(has(&s.notes, "'/var/log/wtmp': 1 records are empty"));
	CHECK(has(&s.notes, "'/var/log/wtmp': 4 bytes after the last whole record"));
	CHECK(has(&s.notes, "'/var/log/wtmp.1.gz' is compressed"));
	run(&t, NULL, NULL, "lastlog", &lastlog);
	CHECK_INT(lastlog.n, 1);
	CHECK(has(&lastlog.rows, "{\"uid\":1000000000,\"username\":\"big\",\"time\":1700000000"));
}

TEST(special_programs_of_an_image)
{
	TREE t = tree_new();
	SEEN s = {0};

	tree_file(&t, "etc/passwd", "own:x:4242:4242:::\n");
	tree_file(&t, "usr/bin/su", "x");
	tree_file(&t, "usr/bin/ls", "x");
	tree_link(&t, "bin", "usr/bin"); /* the same folder again */
	tree_link(&t, "usr/bin/out", "/etc/passwd");
	CHECK(fchmodat(t.fd, "usr/bin/su", 06755, 0) == 0);
	run(&t, NULL, NULL, "suid_bin", &s);
	CHECK_INT(s.n, 1);
	CHECK(has(&s.rows, "\"permissions\":\"SG\""));
	CHECK(has(&s.rows, "\"sha256\":\"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\""));
}

/* --- what hangs --------------------------------------------------------------------------------------------------- */

static int sleepy(const struct pk_live_ctx *ctx, struct pk_live_out *out, uint64_t key, bool careful, void *arg,
		  struct pk_err *err)
{
	const int *how = arg;

	(void)ctx;
	if (key == 3 && *how == 'd')
		raise(SIGKILL);
	if (key == 3 && *how == 'f')
		return pk_fail(err, PK_EINTERNAL, 0, "three");
	if (key == 3 && *how == 'p') {
		pk_json_kz(live_row(out), "part", "of 3");
		if (live_emit(out, err) < 0)
			return -1;
	}
	while (key == 3 && (*how == 'h' || *how == 'p' || (*how == 'c' && !careful)))
		pause();
	pk_json_kuint(live_row(out), "key", key);
	return live_emit(out, err);
}

static int guard(int how, struct seen *ret, struct pk_err *err)
{
	static const uint64_t keys[] = {1, 2, 3, 4};
	struct pk_live_out out = {.row = take_row, .note = take_note, .arg = ret};
	struct pk_live_ctx ctx = {.proc_fd = -1, .mounted_proc_fd = -1, .sys_fd = -1, .item_timeout_ms = 1000};
	struct live_guard g = {.what = "item", .keys = keys, .n = 4, .each = sleepy, .arg = &how};
	int r = live_guard_run(&ctx, &out, &g, err);

	pk_live_out_done(&out);
	return r;
}

TEST(what_hangs_is_given_up_and_said)
{
	SEEN careful = {0};
	SEEN hangs = {0};
	SEEN part = {0};
	SEEN dies = {0};
	SEEN fails = {0};

	OK(guard('c', &careful, &err));
	CHECK_STR(pk_buf_str(&careful.rows), PK_STR("{\"key\":1}\n{\"key\":2}\n{\"key\":3}\n{\"key\":4}\n"));
	CHECK_STR(pk_buf_str(&careful.notes), PK_STR("item 3: reading it hangs, read only in part\n"));
	OK(guard('h', &hangs, &err));
	CHECK_STR(pk_buf_str(&hangs.rows), PK_STR("{\"key\":1}\n{\"key\":2}\n{\"key\":4}\n"));
	CHECK(has(&hangs.notes, "item 3: reading it hangs, nothing of it was read\n"));
	OK(guard('p', &part, &err)); /* no second try: nothing twice */
	CHECK_STR(pk_buf_str(&part.rows), PK_STR("{\"key\":1}\n{\"key\":2}\n{\"part\":\"of 3\"}\n{\"key\":4}\n"));
	CHECK_STR(pk_buf_str(&part.notes), PK_STR("item 3: reading it hangs, the rest of it was not read\n"));
	OK(guard('d', &dies, &err));
	CHECK_STR(pk_buf_str(&dies.rows), PK_STR("{\"key\":1}\n{\"key\":2}\n{\"key\":4}\n"));
	CHECK_STR(pk_buf_str(&dies.notes), PK_STR("item 3: its reader died, nothing of it was read\n"));
	FAILS(PK_ESYS, guard('f', &fails, &err));
	CHECK(waitpid(-1, NULL, WNOHANG) < 0); /* no child is left */
}

/* --- this host ------------------------------------------------------------------------------------------------------- */

TEST(a_child_of_ours_is_seen)
{
	struct pk_live_ctx ctx;
	struct pk_root root;
	SEEN s = {0};
	struct pk_live_out out = {.row = take_row, .note = take_note, .arg = &s};
	char want[64];
	int p[2];
	pid_t child;

	CHECK(pipe(p) == 0);
	child = fork();
	if (child == 0) {
		char c;

		close(p[1]);
		_exit(read(p[0], &c, 1) < 0);
	}
	close(p[0]);
	OK(pk_root_open(&root, "/", &err));
	OK(pk_live_ctx_init(&ctx, &root, &err));
	CHECK_INT(ctx.hidden_n, 0);
	OK(pk_live_run(pk_live_find(PK_STR("processes")), &ctx, &out, &err));
	(void)snprintf(want, sizeof(want), "{\"pid\":%d,\"name\":\"live_proc_test\"", (int)child);
	CHECK(has(&s.rows, want));
	CHECK(!has(&s.rows, "\"hidden\""));
	close(p[1]);
	waitpid(child, NULL, 0);
	pk_live_out_done(&out);
	pk_live_ctx_done(&ctx);
	pk_root_done(&root);
}

static void on_host(const char *table, struct seen *ret)
{
	struct pk_live_out out = {.row = take_row, .note = take_note, .arg = ret};
	struct pk_live_ctx ctx;
	struct pk_root root;

	OK(pk_root_open(&root, "/", &err));
	OK(pk_live_ctx_init(&ctx, &root, &err));
	OK(pk_live_run(pk_live_find(pk_str(table)), &ctx, &out, &err));
	pk_live_out_done(&out);
	pk_live_ctx_done(&ctx);
	pk_root_done(&root);
}

/* In a mount namespace of its own: an empty folder over /proc/PID, as intruders do. 0 seen, 1 not, 77 not allowed. */
static int hide_and_look(pid_t victim)
{
	PK_AUTO(pk_buf) at = {0};
	TREE t = tree_new();
	SEEN s = {0};
	char want[64];
	bool seen;

	pk_buf_putf(&at, "/proc/%d", (int)victim);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(t.dir, at.p, NULL, MS_BIND, NULL) < 0)
		return 77;
	on_host("processes", &s);
	(void)umount(at.p);
	(void)snprintf(want, sizeof(want), "{\"pid\":%d,", (int)victim);
	seen = has(&s.rows, want) && has(&s.rows, "\"hidden\":\"mounted_over\"");
	return !seen;
}

TEST(a_mount_over_a_process_does_not_hide_it)
{
	int status = -1;
	pid_t victim = fork(), child;

	if (victim == 0) {
		pause();
		_exit(0);
	}
	child = fork();
	if (child == 0)
		_exit(hide_and_look(victim));
	waitpid(child, &status, 0);
	kill(victim, SIGKILL);
	waitpid(victim, NULL, 0);
	CHECK(WIFEXITED(status));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		printf("# not allowed to mount here\n");
	else
		CHECK_INT(WEXITSTATUS(status), 0);
}

/* Output of a command of this machine; false when it is not there. */
static bool output_of(const char *const *argv, struct pk_buf *ret)
{
	int p[2], status = -1;
	pid_t pid;
	bool ok;

	if (pipe(p) < 0)
		return false;
	pid = fork();
	if (pid == 0) {
		dup2(p[1], 1);
		close(p[0]);
		close(p[1]);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(p[1]);
	ok = pk_read_all(p[0], 16u << 20, ret, NULL) == 0;
	close(p[0]);
	waitpid(pid, &status, 0);
	return ok && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool has_line(struct pk_str text, struct pk_str want)
{
	struct pk_str line;

	while (text.n && pk_str_line(&text, &line))
		if (pk_str_eq(pk_str_trim(line), want))
			return true;
	return false;
}

/* What ps lists before and after must be among ours. */
TEST(every_process_of_ps_is_there)
{
	static const char *const ps[] = {"ps", "-eo", "pid=", NULL};
	PK_AUTO(pk_buf) before = {0};
	PK_AUTO(pk_buf) after = {0};
	struct pk_str rest, line;
	SEEN s = {0};

	if (!output_of(ps, &before)) {
		printf("# there is no ps here\n");
		return;
	}
	on_host("processes", &s);
	CHECK(output_of(ps, &after));
	rest = pk_buf_str(&before);
	while (rest.n && pk_str_line(&rest, &line)) {
		struct pk_str pid = pk_str_trim(line);
		PK_AUTO(pk_buf) want = {0};

		pk_buf_putf(&want, "{\"pid\":%.*s,", PK_STR_ARG(pid));
		if (has_line(pk_buf_str(&after), pid) && !has(&s.rows, want.p)) {
			printf("# process %.*s\n", PK_STR_ARG(pid));
			CHECK(false);
		}
	}
}

/* Returns 0: the smallest program there is. */
TEST(a_bpf_program_of_ours_is_seen)
{
	struct bpf_insn code[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
			       .insn_cnt = PK_LEN(code),
			       .insns = (uint64_t)(uintptr_t)code,
			       .license = (uint64_t)(uintptr_t) "GPL",
			       .prog_name = "picket_test"};
	pk_autoclose int fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	SEEN s = {0};

	if (fd < 0) {
		printf("# no eBPF here\n");
		return;
	}
	on_host("bpf_programs", &s);
	CHECK(has(&s.rows, "\"type\":\"socket_filter\",\"name\":\"picket_test\""));
}

/* "LISTEN 0 128 0.0.0.0:22 0.0.0.0:*" */
TEST(every_listener_of_ss_is_there)
{
	static const char *const ss[] = {"ss", "-Htln4", NULL};
	PK_AUTO(pk_buf) before = {0};
	PK_AUTO(pk_buf) after = {0};
	struct pk_str rest, line;
	SEEN s = {0};

	if (!output_of(ss, &before)) {
		printf("# there is no ss here\n");
		return;
	}
	on_host("listening_ports", &s);
	CHECK(output_of(ss, &after));
	rest = pk_buf_str(&before);
	while (rest.n && pk_str_line(&rest, &line)) {
		PK_AUTO(pk_buf) want = {0};
		struct pk_str w = {0}, port = {0};
		bool stayed = has_line(pk_buf_str(&after), pk_str_trim(line));

		for (int i = 0; i < 4; i++)
			CHECK(live_word(&line, &w));
		while (pk_str_split(&w, ':', &port))
			;
		pk_buf_putf(&want, "\"port\":%.*s,\"protocol\":6", PK_STR_ARG(port));
		if (stayed && !has(&s.rows, want.p)) {
			printf("# port %.*s\n", PK_STR_ARG(port));
			CHECK(false);
		}
	}
}

RUN_TESTS(T(processes_of_a_made_up_proc), T(command_lines_lose_nothing), T(huge_values_are_cut_and_said),
	  T(sockets_of_a_made_up_proc), T(some_processes_only), T(modules_that_hide), T(an_image_without_a_host),
	  T(containers_and_small_files_of_an_image), T(logins_of_an_image), T(special_programs_of_an_image),
	  T(what_hangs_is_given_up_and_said), T(a_child_of_ours_is_seen), T(a_mount_over_a_process_does_not_hide_it),
	  T(every_process_of_ps_is_there), T(every_listener_of_ss_is_there), T(a_bpf_program_of_ours_is_seen))
