/* SPDX-License-Identifier: Apache-2.0 */
/* Files that change under the reader, that are given no bytes, that have several names: each outcome, flag and reason. */
#include <picket/bundle.h>
#include <picket/store.h>

#include <sys/wait.h>

#include "../t.h"
#include "../tree.h"

static struct pk_age_recipients to;
static struct pk_age_identities *ids;
static volatile sig_atomic_t stop;

/* A bundle in the making, of a tree's files. */
struct made {
	struct tree tree;
	struct pk_root root;
	struct pk_seal *seal;
	struct pk_store *store;
	struct pk_snap snap;
	struct pk_buf records; /* lines of 'c', once it is finished */
	struct pk_hashes hashes;
	unsigned told;
};

static void made_done(struct made *m)
{
	pk_store_free(m->store);
	pk_seal_free(m->seal);
	pk_snap_done(&m->snap);
	pk_root_done(&m->root);
	pk_buf_done(&m->records);
	tree_done(&m->tree);
}

static int on_hashes(void *ctx, const struct pk_hashes *h, struct pk_err *err)
{
	struct made *m = ctx;

	(void)err;
	m->hashes = *h;
	m->told++;
	return 0;
}

static void make(struct made *m)
{
	struct pk_seal_params p = {.to = &to, .terms = PK_STR("terms\n")};
	struct pk_store_params s = {.stop = &stop, .hashes = on_hashes, .ctx = m};
	PK_AUTO(pk_buf) path = {0};

	m->tree = tree_new();
	pk_buf_putf(&path, "%s/b.age", m->tree.dir);
	p.path = path.p;
	OK(pk_root_open(&m->root, m->tree.dir, &err));
	OK(pk_seal_new(&p, &m->seal, &err));
	s.seal = m->seal;
	OK(pk_store_new(&s, &m->store, &err));
}

static void look(struct made *m, const char *path)
{
	OK(pk_snap_read(&m->snap, &m->root, pk_str(path), NULL, 0, &err));
}

static struct pk_store_file file(struct made *m)
{
	return (struct pk_store_file){.snap = &m->snap, .root = &m->root, .max = UINT64_MAX, .left = UINT64_MAX};
}

/* Stores what was looked at, and puts its record. */
static struct pk_store_result store(struct made *m, const struct pk_store_file *f)
{
	struct pk_store_result r = {0};
	PK_AUTO(pk_buf) b = {0};
	struct pk_json j = {.out = &b};

	OK(pk_store_file(m->store, f, &r, &err));
	pk_json_begin(&j, '{');
	pk_snap_put_json(&j, &m->snap);
	pk_json_kz(&j, "outcome", pk_outcome_name(r.outcome));
	if (r.why[0])
		pk_json_kz(&j, "why", r.why);
	if (r.leaf != PK_LEAF_NONE)
		pk_json_kuint(&j, "c", r.leaf);
	pk_json_end(&j, '}');
	OK(pk_seal_put(m->seal, 'm', pk_str_n(b.p + 1, b.n - 2), NULL, &err));
	return r;
}

static struct pk_store_result store_now(struct made *m, const char *path)
{
	struct pk_store_file f;

	look(m, path);
	f = file(m);
	return store(m, &f);
}

static int keep_contents(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	(void)err;
	if (r->type == 'c') {
		pk_buf_put_str(ctx, r->fields);
		pk_buf_put_c(ctx, '\n');
	}
	return 0;
}

/* Verifies what came of it. */
static void finish(struct made *m)
{
	const struct pk_bundle_events ev = {.ctx = &m->records, .record = keep_contents};
	PK_AUTOPTR(pk_bundle) b = NULL;
	struct pk_seal_summary sum;
	PK_AUTO(pk_buf) path = {0};

	pk_buf_putf(&path, "%s/b.age", m->tree.dir);
	OK(pk_seal_finish(m->seal, &sum, &err));
	OK(pk_bundle_open(path.p, ids, false, &b, &err));
	if (b)
		OK(pk_bundle_verify(b, NULL, &ev, &err));
}

/* Is the text in the record of content `n`? */
static bool record_has(const struct made *m, size_t n, const char *text)
{
	struct pk_str rest = pk_buf_str(&m->records), line = {0};

	for (size_t i = 0; i <= n; i++)
		if (!pk_str_split(&rest, '\n', &line))
			return false;
	return memmem(line.p, line.n, text, strlen(text)) != NULL;
}

static void append(struct made *m, const char *path, const char *text)
{
	pk_autoclose int fd = openat(m->tree.fd, path, O_WRONLY | O_APPEND | O_CLOEXEC);

	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

static void cut(struct made *m, const char *path, off_t size)
{
	pk_autoclose int fd = openat(m->tree.fd, path, O_WRONLY | O_CLOEXEC);

	CHECK(ftruncate(fd, size) == 0);
}

TEST(a_whole_file_is_taken_and_its_links_share_it)
{
	PK_AUTO(made) m = {0};
	struct pk_store_result r, again;

	make(&m);
	tree_file(&m.tree, "a", "0123456789");
	CHECK(linkat(m.tree.fd, "a", m.tree.fd, "b", 0) == 0);
	r = store_now(&m, "/a");
	CHECK(r.outcome == PK_TAKEN && !r.why[0] && r.leaf != PK_LEAF_NONE && r.bytes == 10 && !r.again);
	again = store_now(&m, "/b");
	CHECK(again.outcome == PK_TAKEN && !again.why[0] && again.leaf == r.leaf && again.bytes == 0 && again.again);
	finish(&m);
	CHECK(record_has(&m, 0, "\"size\":10,") && !record_has(&m, 0, "flags") && !record_has(&m, 1, "size"));
}

TEST(one_that_grew_is_taken_up_to_its_size)
{
	PK_AUTO(made) m = {0};
	struct pk_store_file f;
	struct pk_store_result r, again;

	make(&m);
	tree_file(&m.tree, "log", "0123456789");
	CHECK(linkat(m.tree.fd, "log", m.tree.fd, "log2", 0) == 0);
	look(&m, "/log");
	append(&m, "log", "more");
	f = file(&m);
	r = store(&m, &f);
	CHECK(r.outcome == PK_TAKEN && !r.why[0] && r.bytes == 10);
	again = store_now(&m, "/log2");
	CHECK(again.again && again.leaf == r.leaf);
	finish(&m);
	CHECK(record_has(&m, 0, "\"flags\":[\"grew\",\"changed\"]") && !record_has(&m, 0, "padded"));
}

TEST(one_that_shrank_is_partial_and_read_again_under_its_next_name)
{
	PK_AUTO(made) m = {0};
	struct pk_store_file f;
	struct pk_store_result r, again;

	make(&m);
	tree_file(&m.tree, "a", "0123456789");
	CHECK(linkat(m.tree.fd, "a", m.tree.fd, "b", 0) == 0);
	look(&m, "/a");
	cut(&m, "a", 3);
	f = file(&m);
	r = store(&m, &f);
	CHECK_INT(r.outcome, PK_PARTIAL);
	CHECK_STR(pk_str(r.why), PK_STR("shrank while it was read; read 3 of 10 bytes, the rest is zeros"));
	again = store_now(&m, "/b");
	CHECK(again.outcome == PK_TAKEN && !again.again && again.leaf != r.leaf && again.bytes == 3);
	finish(&m);
	CHECK(record_has(&m, 0, "\"padded\":7,") && record_has(&m, 0, "\"flags\":[\"shrank\",\"changed\"]"));
	CHECK(record_has(&m, 1, "\"size\":3,") && !record_has(&m, 1, "flags"));
}

TEST(one_that_changed_in_place_is_partial)
{
	static const struct timespec times[2] = {{1, 0}, {1, 0}};
	PK_AUTO(made) m = {0};
	struct pk_store_result r;
	struct pk_store_file f;

	make(&m);
	tree_file(&m.tree, "a", "0123456789");
	look(&m, "/a");
	tree_file(&m.tree, "a", "9876543210");
	CHECK(utimensat(m.tree.fd, "a", times, 0) == 0);
	f = file(&m);
	r = store(&m, &f);
	CHECK_INT(r.outcome, PK_PARTIAL);
	CHECK_STR(pk_str(r.why), PK_STR("changed while it was read"));
	finish(&m);
	CHECK(record_has(&m, 0, "\"flags\":[\"changed\"]"));
}

TEST(a_sparse_file_costs_its_data)
{
	PK_AUTO(made) m = {0};
	struct pk_store_result r;

	make(&m);
	tree_file(&m.tree, "s", "head");
	cut(&m, "s", 100 << 20);
	r = store_now(&m, "/s");
	CHECK(r.outcome == PK_TAKEN && r.bytes >= 4 && r.bytes <= 1 << 20);
	finish(&m);
	CHECK(record_has(&m, 0, "\"logical\":104857600,"));
	/* (printf head; head -c 104857596 /dev/zero) | sha256sum */
	CHECK(record_has(&m, 0,
			 "\"sha256_logical\":\"324f0e88cef75b591f91bd220f2ecd21a4180f3c95f07e80df57eba13c2aee0d\""));
	CHECK_INT(m.told, 0);
}

TEST(limits_cut_and_leave_out)
{
	PK_AUTO(made) m = {0};
	struct pk_store_result r;
	struct pk_store_file f;

	make(&m);
	tree_file(&m.tree, "a", "0123456789");
	tree_file(&m.tree, "empty", "");
	look(&m, "/a");
	f = file(&m);
	f.hash_kinds = PK_HASH_MD5;
	f.max = 4;
	r = store(&m, &f);
	CHECK(r.outcome == PK_PARTIAL && r.limited && r.bytes == 4 && r.unhashed);
	CHECK_STR(pk_str(r.why), PK_STR("limit: the first 4 bytes"));
	f.max = UINT64_MAX;
	f.left = 0;
	r = store(&m, &f);
	CHECK(r.outcome == PK_SKIPPED && r.limited && r.leaf == PK_LEAF_NONE && r.why[0]);
	look(&m, "/empty");
	r = store(&m, &f);
	CHECK(r.outcome == PK_TAKEN && !r.limited && r.leaf != PK_LEAF_NONE);
	finish(&m);
}

TEST(hashes_are_told_of_whole_files)
{
	PK_AUTO(made) m = {0};
	struct pk_store_result r;
	struct pk_store_file f;
	struct pk_hashes want;

	make(&m);
	tree_file(&m.tree, "a", "0123456789");
	look(&m, "/a");
	f = file(&m);
	f.hash_kinds = PK_HASH_ALL;
	r = store(&m, &f);
	pk_hash_all("0123456789", 10, &want);
	CHECK(m.told == 1 && memcmp(&m.hashes, &want, sizeof(want)) == 0 && !r.unhashed);
	tree_file(&m.tree, "b", "0123456789");
	look(&m, "/b");
	cut(&m, "b", 3);
	r = store(&m, &f);
	CHECK(m.told == 1 && r.unhashed);
	finish(&m);
}

TEST(a_signal_cuts_the_file_at_hand)
{
	PK_AUTO(made) m = {0};
	struct pk_store_result r;

	make(&m);
	tree_file(&m.tree, "a", "0123456789");
	stop = SIGHUP;
	r = store_now(&m, "/a");
	stop = 0;
	CHECK(r.outcome == PK_PARTIAL && r.stopped);
	CHECK(pk_str_starts(pk_str(r.why), PK_STR("stopped")));
	finish(&m);
	CHECK(record_has(&m, 0, "\"padded\":10,"));
}

TEST(the_bundle_being_written_is_skipped)
{
	PK_AUTO(made) m = {0};
	struct pk_store_result r;
	struct pk_store_file f;
	struct stat st;

	make(&m);
	tree_file(&m.tree, "a", "0123456789");
	look(&m, "/a");
	CHECK(!pk_store_is_output(m.store, &m.snap));
	CHECK(fstat(pk_seal_fd(m.seal), &st) == 0);
	m.snap.dev = st.st_dev;
	m.snap.ino = st.st_ino;
	f = file(&m);
	CHECK(pk_store_is_output(m.store, &m.snap));
	OK(pk_store_file(m.store, &f, &r, &err));
	CHECK(r.outcome == PK_SKIPPED && r.leaf == PK_LEAF_NONE && r.why[0]);
}

TEST(pseudo_files_are_read_to_their_end_or_skipped)
{
	PK_AUTO(made) m = {0};
	PK_AUTO(pk_root) host = {.fd = -1};
	pk_autoclose int self = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct pk_store_file f = {.snap = &m.snap, .root = &host, .max = UINT64_MAX, .left = UINT64_MAX};
	struct pk_store_result r;

	make(&m);
	OK(pk_root_open(&host, "/", &err));
	OK(pk_snap_read(&m.snap, &host, PK_STR("/proc/version"), NULL, 0, &err));
	r = store(&m, &f);
	CHECK(r.outcome == PK_TAKEN && r.bytes > 10 && !r.why[0]);
	OK(pk_snap_read(&m.snap, &host, PK_STR("/proc/cpuinfo"), NULL, 0, &err));
	f.max = 5;
	r = store(&m, &f);
	CHECK(r.outcome == PK_PARTIAL && r.bytes == 5 && r.limited);
	/* at offset 0 of a process there is nothing: EIO, for anybody */
	f = (struct pk_store_file){
		.snap = &m.snap, .dirfd = self, .name = "mem", .max = UINT64_MAX, .left = UINT64_MAX};
	OK(pk_snap_readat(&m.snap, self, "mem", PK_STR("/proc/self/mem"), NULL, 0, &err));
	r = store(&m, &f);
	CHECK(r.outcome == PK_SKIPPED && r.leaf == PK_LEAF_NONE && r.why[0]);
	finish(&m);
}

/* For others than root: in a child, a file of mode 0 is denied to its owner, a switch of proc has nothing for anybody. */
static int store_as_nobody(struct made *m, const struct pk_root *host)
{
	struct pk_store_file f = {.snap = &m->snap, .root = host, .max = UINT64_MAX, .left = UINT64_MAX};
	struct pk_store_result r;
	struct pk_err err;

	if (geteuid() == 0 && (fchmodat(m->tree.fd, "a", 0, 0) < 0 || fchmodat(m->tree.fd, ".", 0755, 0) < 0 ||
			       setgid(65534) < 0 || setuid(65534) < 0))
		return 2;
	if (pk_snap_read(&m->snap, host, PK_STR("/proc/self/clear_refs"), NULL, 0, &err) < 0)
		return 3;
	if (pk_store_file(m->store, &f, &r, &err) < 0 || r.outcome != PK_SKIPPED)
		return 4;
	f.root = NULL;
	f.dirfd = m->tree.fd;
	f.name = "a";
	if (pk_snap_readat(&m->snap, f.dirfd, "a", PK_STR("/a"), NULL, 0, &err) < 0 ||
	    pk_store_file(m->store, &f, &r, &err) < 0)
		return 5;
	return r.outcome == PK_DENIED && r.why[0] ? 0 : 6;
}

TEST(what_nobody_may_read_is_denied_but_for_switches)
{
	PK_AUTO(made) m = {0};
	PK_AUTO(pk_root) host = {.fd = -1};
	int status = 0;
	pid_t pid;

	make(&m);
	OK(pk_root_open(&host, "/", &err));
	tree_file(&m.tree, "a", "0123456789");
	CHECK(fchmodat(m.tree.fd, "a", 0, 0) == 0);
	pid = fork();
	if (pid == 0)
		_exit(store_as_nobody(&m, &host));
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	CHECK_INT(WEXITSTATUS(status), 0);
}

int main(void)
{
	static const struct t_case cases[] = {
		T(a_whole_file_is_taken_and_its_links_share_it),
		T(one_that_grew_is_taken_up_to_its_size),
		T(one_that_shrank_is_partial_and_read_again_under_its_next_name),
		T(one_that_changed_in_place_is_partial),
		T(a_sparse_file_costs_its_data),
		T(limits_cut_and_leave_out),
		T(hashes_are_told_of_whole_files),
		T(a_signal_cuts_the_file_at_hand),
		T(the_bundle_being_written_is_skipped),
		T(pseudo_files_are_read_to_their_end_or_skipped),
		T(what_nobody_may_read_is_denied_but_for_switches),
	};
	PK_AUTO(pk_secret) secret = {0};
	PK_AUTO(pk_buf) recipient = {0};
	struct pk_err err = {0};
	uint8_t pub[32];

	if (pk_crypto_init(&err) < 0 || pk_age_identity_generate(&secret, pub, &err) < 0 ||
	    pk_age_identities_new(&ids, &err) < 0 ||
	    pk_age_identities_add(ids, pk_str_n(secret.p, secret.n), &err) < 0) {
		printf("Bail out! %s\n", err.msg);
		return 1;
	}
	pk_buf_put_age_recipient(&recipient, pub);
	if (pk_age_recipients_add(&to, pk_buf_str(&recipient), &err) < 0) {
		printf("Bail out! %s\n", err.msg);
		return 1;
	}
	t_run_cases(cases, PK_LEN(cases));
	pk_age_recipients_done(&to);
	pk_age_identities_free(ids);
	return t_end();
}
