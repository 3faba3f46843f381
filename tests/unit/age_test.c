/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"

#include <picket/age.h>
#include <picket/io.h>
#include <picket/worker.h>
#include <picket/secret.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static struct pk_age_identities *ids;
static struct pk_age_recipients to;

/* a file of n bytes, byte i being i * 7 / 3, sealed into b */
static uint8_t plain_at(size_t i) { return (uint8_t)(i * 7 / 3); }

static void keys(void)
{
	PK_AUTO(pk_secret) line = {0};
	PK_AUTO(pk_buf) text = {0};
	uint8_t pub[32] = {0};

	if (ids)
		return;
	OK(pk_age_identity_generate(&line, pub, &err));
	OK(pk_age_identities_new(&ids, &err));
	OK(pk_age_identities_add(ids, pk_str_n(line.p, line.n), &err));
	pk_buf_put_age_recipient(&text, pub);
	OK(pk_age_recipients_add(&to, pk_buf_str(&text), &err));
}

static struct pk_workers *workers; /* for what follows; NULL: none */

static void seal(struct pk_buf *b, size_t n, size_t step)
{
	PK_AUTOPTR(pk_age_writer) w = NULL;
	pk_autofree uint8_t *p = malloc(n + 1);

	for (size_t i = 0; i < n; i++)
		p[i] = plain_at(i);
	OK(pk_age_writer_new(&to, pk_sink_buf(b), workers, &w, &err));
	for (size_t at = 0; at < n; at += step)
		OK(pk_age_write(w, p + at, PK_MIN(step, n - at), &err));
	OK(pk_age_writer_finish(w, &err));
}

static int as_file(struct pk_str bytes)
{
	int fd = memfd_create("age", MFD_CLOEXEC);

	OK(pk_write_full(fd, bytes.p, bytes.n, &err));
	lseek(fd, 0, SEEK_SET);
	return fd;
}

/* Reads to the end; every byte given away must be right. Returns the code of the failure, 0 for none. */
static int drain(struct pk_str bytes, size_t step, size_t *ret_n)
{
	PK_AUTOPTR(pk_age_reader) r = NULL;
	pk_autofree uint8_t *p = malloc(step);
	pk_autoclose int fd = as_file(bytes);
	struct pk_err err = {0};
	size_t got = 1;

	*ret_n = 0;
	if (pk_age_reader_new(fd, ids, workers, &r, &err) < 0)
		return err.code;
	while (got) {
		if (pk_age_read(r, p, step, &got, &err) < 0) {
			CHECK(pk_age_read(r, p, step, &got, NULL) < 0);
			return err.code;
		}
		for (size_t i = 0; i < got; i++)
			if (p[i] != plain_at(*ret_n + i)) {
				CHECK(p[i] == plain_at(*ret_n + i));
				return -1;
			}
		*ret_n += got;
	}
	return 0;
}

static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 131071, 131072, 131073, 1048576, 1048577, 2500000};

TEST(what_is_sealed_opens)
{
	static const size_t steps[] = {1000, 65536, 65537, 3000000};

	keys();
	for (size_t i = 0; i < PK_LEN(sizes); i++)
		for (size_t k = 0; k < PK_LEN(steps); k++) {
			PK_AUTO(pk_buf) b = {0};
			size_t n;

			seal(&b, sizes[i], steps[k]);
			CHECK_INT(drain(pk_buf_str(&b), steps[PK_LEN(steps) - 1 - k], &n), 0);
			CHECK_INT(n, sizes[i]);
		}
}

TEST(a_cut_file_is_refused_in_order)
{
	PK_AUTO(pk_buf) b = {0};
	size_t n, header;

	keys();
	seal(&b, 140000, 140000);
	header = b.n - 140000 - 3 * 16;
	for (size_t cut = 0; cut < b.n; cut += cut < 400 ? 1 : 997) {
		int want = cut < header ? PK_AGE_HEADER : PK_AGE_PAYLOAD;

		CHECK_INT(drain(pk_str_n(b.p, cut), 100000, &n), want);
	}
	pk_buf_put_c(&b, 'x');
	CHECK_INT(drain(pk_buf_str(&b), 100000, &n), PK_AGE_PAYLOAD);
}

TEST(a_flipped_bit_is_refused)
{
	PK_AUTO(pk_buf) b = {0};
	size_t n;

	keys();
	seal(&b, 70000, 70000);
	for (size_t at = 0; at < b.n; at += at < 300 ? 1 : 331) {
		int code;

		b.p[at] = (char)(b.p[at] ^ 1 << at % 8);
		code = drain(pk_buf_str(&b), 70000, &n);
		CHECK(code >= PK_AGE_NO_MATCH && code <= PK_AGE_PAYLOAD);
		CHECK(n == 0 || n == 65536);
		b.p[at] = (char)(b.p[at] ^ 1 << at % 8);
	}
}

/* With threads, what a damaged file gives before it is refused, and how it is refused, is the same as without. */
TEST(threads_change_nothing)
{
	static const size_t large[] = {0, 1, 65536, 1048576, 1048577, 2097152, 5000000, 12 << 20};
	const size_t all = 20 * 65536, header_max = 1000;
	struct pk_workers *threads = NULL;
	PK_AUTO(pk_buf) b = {0};
	size_t n, m;

	keys();
	OK(pk_workers_new(3, 8, &threads, &err));
	for (size_t i = 0; i < 2 * PK_LEN(large); i++) {
		PK_AUTO(pk_buf) c = {0};

		workers = i % 2 ? threads : NULL;
		seal(&c, large[i / 2], 1500000);
		workers = i % 2 ? NULL : threads;
		CHECK_INT(drain(pk_buf_str(&c), 700000, &n), 0);
		CHECK_INT(n, large[i / 2]);
	}
	workers = NULL;
	seal(&b, all, all);
	for (size_t at = header_max; at < b.n; at += 21851) {
		int with, without;

		b.p[at] = (char)(b.p[at] ^ 4);
		without = drain(pk_buf_str(&b), 3000000, &m);
		workers = threads;
		with = drain(pk_buf_str(&b), 3000000, &n);
		CHECK(with == PK_AGE_PAYLOAD && without == with && n == m && n == (at - header_max) / 65552 * 65536);
		b.p[at] = (char)(b.p[at] ^ 4);
		with = drain(pk_str_n(b.p, at), 3000000, &n);
		workers = NULL;
		without = drain(pk_str_n(b.p, at), 3000000, &m);
		CHECK(with == PK_AGE_PAYLOAD && without == with && n == m);
	}
	pk_workers_free(threads);
}

/* From `skip` on, `first` bytes of it put by hand; as encrypt does it. */
static int seal_file(int fd, size_t skip, size_t first, struct pk_sink sink, size_t *ret_taken, struct pk_err *why)
{
	PK_AUTOPTR(pk_age_writer) w = NULL;
	static uint8_t some[3 << 20];
	size_t n = 0;

	*ret_taken = 0;
	OK(pk_age_writer_new(&to, sink, workers, &w, &err));
	lseek(fd, (off_t)skip, SEEK_SET);
	OK(pk_read_full(fd, some, first, &n, &err));
	if (pk_age_write(w, some, n, why) < 0)
		return -1;
	do {
		if (pk_age_writer_take(w, fd, "a file", &n, why) < 0)
			return -1;
		*ret_taken += n;
	} while (n);
	do {
		OK(pk_read_full(fd, some, sizeof(some), &n, &err));
		if (pk_age_write(w, some, n, why) < 0)
			return -1;
	} while (n);
	return pk_age_writer_finish(w, why);
}

TEST(a_file_is_sealed_as_its_bytes_are)
{
	static const size_t large[] = {0, 1, 1048576, 1048577, 2097152, 9 << 20, (9 << 20) + 70000};
	struct pk_workers *threads = NULL;

	keys();
	OK(pk_workers_new(3, 8, &threads, &err));
	for (size_t i = 0; i < 4 * PK_LEN(large); i++) {
		PK_AUTO(pk_buf) plain = {0}, b = {0};
		size_t skip = i & 1 ? 777 : 0, n = large[i / 4], got = 0, taken = 0;
		pk_autoclose int fd = -1;

		for (size_t k = 0; k < skip + n; k++)
			pk_buf_put_c(&plain, k < skip ? 'x' : (char)plain_at(k - skip));
		fd = as_file(pk_buf_str(&plain));
		workers = i & 2 ? threads : NULL;
		OK(seal_file(fd, skip, 0, pk_sink_buf(&b), &taken, &err));
		CHECK((taken > 0) == (n > 1048576));
		CHECK_INT(drain(pk_buf_str(&b), 700000, &got), 0);
		CHECK_INT(got, n);
		pk_buf_reset(&b);
		OK(seal_file(fd, skip, 5, pk_sink_buf(&b), &taken, &err));
		CHECK_INT(drain(pk_buf_str(&b), 700000, &got), 0);
		CHECK(got == n && taken == 0);
	}
	workers = NULL;
	pk_workers_free(threads);
}

/* Keeps the only thread until its pipe ends. */
struct keeper {
	struct pk_job job;
	int from;
};

static void keep_thread(struct pk_job *job, unsigned thread)
{
	char c;

	(void)thread;
	CHECK_INT(read(((struct keeper *)job)->from, &c, 1), 0);
}

TEST(a_file_that_gets_shorter_is_an_error)
{
	PK_AUTOPTR(pk_workers) one = NULL;
	PK_AUTOPTR(pk_age_writer) w = NULL;
	PK_AUTO(pk_buf) b = {0};
	pk_autoclose int fd = as_file(PK_STR(""));
	struct keeper keeper = {.job.run = keep_thread};
	int ends[2] = {-1, -1};
	struct pk_err why = {0};
	size_t n = 0;

	keys();
	OK(ftruncate(fd, 64 << 20));
	OK(pipe(ends));
	keeper.from = ends[0];
	OK(pk_workers_new(1, 8, &one, &err));
	pk_workers_submit(one, &keeper.job);
	OK(pk_age_writer_new(&to, pk_sink_buf(&b), one, &w, &err));
	OK(pk_age_writer_take(w, fd, "a file", &n, &err));
	CHECK(n > 0);
	OK(ftruncate(fd, (off_t)n - 1));
	close(ends[1]);
	CHECK_INT(pk_age_writer_finish(w, &why), -1);
	CHECK(why.kind == PK_ESYS && strstr(why.msg, "'a file' became shorter while it was read"));
	close(ends[0]);
}

TEST(random_reading_finds_every_byte)
{
	keys();
	for (size_t i = 0; i < PK_LEN(sizes); i++) {
		PK_AUTO(pk_buf) b = {0};
		PK_AUTOPTR(pk_age_file) f = NULL;
		pk_autoclose int fd = -1;
		uint8_t got[1000];

		seal(&b, sizes[i], 100000);
		fd = as_file(pk_buf_str(&b));
		OK(pk_age_file_open(fd, ids, false, &f, &err));
		if (!f)
			return;
		CHECK_INT(pk_age_file_size(f), sizes[i]);
		CHECK(!pk_age_file_is_cut(f));
		for (size_t at = 0; at < sizes[i]; at += 60001) {
			size_t n = PK_MIN(sizes[i] - at, sizeof(got));
			bool same = true;

			OK(pk_age_file_pread(f, got, n, at, &err));
			for (size_t k = 0; k < n; k++)
				same = same && got[k] == plain_at(at + k);
			CHECK(same);
		}
		FAILS(PK_EFORMAT, pk_age_file_pread(f, got, 1, sizes[i], &err));
		FAILS(PK_EFORMAT, pk_age_file_pread(f, got, 2, UINT64_MAX, &err));
	}
}

TEST(random_reading_of_a_cut_file)
{
	PK_AUTO(pk_buf) b = {0};
	size_t header;

	keys();
	seal(&b, 200000, 200000);
	header = b.n - 200000 - 4 * 16;
	for (size_t cut = header; cut < b.n; cut += 4099) {
		PK_AUTOPTR(pk_age_file) f = NULL;
		pk_autoclose int fd = as_file(pk_str_n(b.p, cut));
		uint64_t whole = (cut - header) / (65536 + 16) * 65536;
		uint8_t last = 0;

		FAILS(PK_ECRYPTO, pk_age_file_open(fd, ids, false, &f, &err));
		OK(pk_age_file_open(fd, ids, true, &f, &err));
		if (!f)
			return;
		CHECK(pk_age_file_is_cut(f));
		CHECK_INT(pk_age_file_size(f), whole);
		if (whole) {
			OK(pk_age_file_pread(f, &last, 1, whole - 1, &err));
			CHECK_INT(last, plain_at(whole - 1));
		}
	}
}

TEST(a_passphrase_opens)
{
	struct pk_age_recipients pass = {.work_factor = 4};
	PK_AUTOPTR(pk_age_identities) opener = NULL;
	PK_AUTOPTR(pk_age_writer) w = NULL;
	PK_AUTOPTR(pk_age_reader) r = NULL;
	PK_AUTO(pk_buf) b = {0};
	pk_autoclose int fd = -1;
	struct pk_err why = {0};
	char got[8] = "";
	size_t n = 0;

	OK(pk_secret_copy(&pass.passphrase, "open sesame", 11, &err));
	OK(pk_age_writer_new(&pass, pk_sink_buf(&b), NULL, &w, &err));
	OK(pk_age_write(w, "hello", 5, &err));
	OK(pk_age_writer_finish(w, &err));
	fd = as_file(pk_buf_str(&b));
	OK(pk_age_identities_new(&opener, &err));
	OK(pk_age_identities_add_passphrase(opener, PK_STR("wrong"), &err));
	CHECK(pk_age_reader_new(fd, opener, NULL, &r, &why) < 0 && why.code == PK_AGE_NO_MATCH);
	OK(pk_age_identities_add_passphrase(opener, PK_STR("open sesame"), &err));
	lseek(fd, 0, SEEK_SET);
	OK(pk_age_reader_new(fd, opener, NULL, &r, &err));
	if (r)
		OK(pk_age_read(r, got, sizeof(got), &n, &err));
	CHECK_STR(pk_str_n(got, n), PK_STR("hello"));
	pk_age_recipients_done(&pass);
}

TEST(recipients_say_what_is_wrong)
{
	static const struct {
		const char *text, *say;
	} t[] = {
		{"", "malformed"},
		{"age1", "malformed"},
		{"AGE1XYZ", "malformed"},
		{"ssh-ed25519 AAAA", "ssh"},
		{"age1yubikey1qwerty", "plugin"},
		{"age1pq1qwerty", "post-quantum"},
		{"age1pqqwerty", "malformed"},
		{"AGE-SECRET-KEY-1QQQ", "secret"},
		{"age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg", NULL},
		{"age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafq", "checksum"},
		{"age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafG", "case"},
		{"AGE1LGGYHQRW2NLHCXPRM67Z43RTA597AZN8GKNAWJEHU9D9DL0JQ3YQQVFAFG", "start"},
		{"age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg ", "character"},
	};

	for (size_t i = 0; i < PK_LEN(t); i++) {
		struct pk_err err = {0};
		uint8_t key[32];
		int r = pk_age_recipient_parse(pk_str(t[i].text), key, &err);

		CHECK_INT(r, t[i].say ? -1 : 0);
		CHECK(!t[i].say || strstr(err.msg, t[i].say));
	}
}

TEST(an_extended_header_has_every_reader_of_the_old_one)
{
	PK_AUTO(pk_buf) file = {0}, old = {0}, more = {0}, most = {0}, changed = {0};
	PK_AUTO(pk_age_recipients) two = {0};
	PK_AUTO(pk_secret) line = {0};
	pk_autoclose int fd = -1;
	size_t n = 9;

	keys();
	for (int i = 0; i < 2; i++) {
		PK_AUTO(pk_secret) other = {0};
		PK_AUTO(pk_buf) text = {0};
		uint8_t pub[32] = {0};

		OK(pk_age_identity_generate(&other, pub, &err));
		pk_buf_put_age_recipient(&text, pub);
		OK(pk_age_recipients_add(&two, pk_buf_str(&text), &err));
	}
	seal(&file, 10, 10);
	fd = as_file(pk_buf_str(&file));
	OK(pk_age_header_read(fd, &old, &err));
	OK(pk_age_header_extend(pk_buf_str(&old), ids, &two, &more, &err));
	OK(pk_age_header_extend(pk_buf_str(&more), ids, &two, &most, &err));
	OK(pk_age_header_extends(pk_buf_str(&old), pk_buf_str(&old), &n, &err));
	CHECK_INT(n, 0);
	OK(pk_age_header_extends(pk_buf_str(&most), pk_buf_str(&old), &n, &err));
	CHECK_INT(n, 4);
	FAILS(PK_EFORMAT, pk_age_header_extends(pk_buf_str(&old), pk_buf_str(&more), &n, &err));
	FAILS(PK_EFORMAT, pk_age_header_extends(PK_STR(""), pk_buf_str(&old), &n, &err));
	for (size_t at = 0; at < old.n; at++) { /* every byte of the old one counts, but for its MAC */
		pk_buf_reset(&changed);
		pk_buf_put_str(&changed, pk_buf_str(&more));
		changed.p[at] ^= 1;
		if (pk_age_header_extends(pk_buf_str(&changed), pk_buf_str(&old), &n, NULL) == 0)
			CHECK(at >= pk_str_find(pk_buf_str(&old), '-') && old.n - at <= 48);
	}
}

TEST(a_line_of_a_body_has_64_columns_at_most)
{
	static const struct {
		size_t columns;
		const char *end;
	} body[] = {{60, ""}, {64, "\n"}, {68, ""}, {68, "\n"}}; /* a line of 64 is not the last */
	size_t n = 9;

	for (size_t i = 0; i < PK_LEN(body); i++) {
		PK_AUTO(pk_buf) h = {0};

		pk_buf_puts(&h, "age-encryption.org/v1\n-> unknown x\n");
		for (size_t k = 0; k < body[i].columns; k++)
			pk_buf_put_c(&h, 'A');
		pk_buf_putf(&h, "\n%s--- ", body[i].end);
		for (size_t k = 0; k < 43; k++)
			pk_buf_put_c(&h, 'A');
		pk_buf_put_c(&h, '\n');
		CHECK_INT(pk_age_header_extends(pk_buf_str(&h), pk_buf_str(&h), &n, NULL), i < 2 ? 0 : -1);
	}
}

TEST(no_reader_is_added_where_one_is_of_another_kind)
{
	static const char a43[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	static const char *const stanza[] = {"unknown x", "scrypt AAAAAAAAAAAAAAAAAAAAAA 1"};

	keys();
	for (size_t i = 0; i < PK_LEN(stanza); i++) {
		PK_AUTO(pk_buf) h = {0}, out = {0};

		pk_buf_putf(&h, "age-encryption.org/v1\n-> %s\n%s\n--- %s\n", stanza[i], a43, a43);
		FAILS(PK_EUSAGE, pk_age_header_extend(pk_buf_str(&h), ids, &to, &out, &err));
	}
}

TEST(post_quantum_keys)
{
	struct pk_age_recipients pq = {0};
	PK_AUTOPTR(pk_age_identities) mine = NULL;
	PK_AUTO(pk_secret) line = {0};
	PK_AUTO(pk_secret) other = {0};
	PK_AUTO(pk_buf) text = {0};
	static uint8_t pub[PK_AGE_HYBRID_KEY];
	bool hybrid = false;

	keys();
	OK(pk_age_identities_new(&mine, &err));
	OK(pk_age_hybrid_identity_generate(&other, pub, &err));
	OK(pk_age_hybrid_identity_generate(&line, pub, &err));
	CHECK(pk_str_starts(pk_str_n(line.p, line.n), PK_STR("AGE-SECRET-KEY-PQ-1")));
	pk_buf_put_age_hybrid_recipient(&text, pub);
	OK(pk_age_recipient_check(pk_buf_str(&text), &hybrid, &err));
	CHECK(hybrid);
	OK(pk_age_recipients_add(&pq, pk_buf_str(&text), &err));
	CHECK_INT(pk_age_recipients_count(&pq), 1);
	for (int with_other = 1; with_other >= 0; with_other--) {
		struct pk_age_recipients classic = to;
		struct pk_age_identities *was = ids;
		PK_AUTO(pk_buf) b = {0};
		size_t n = 0;

		to = pq;
		seal(&b, 70000, 70000);
		to = classic;
		OK(pk_age_identities_add(mine, with_other ? pk_str_n(other.p, other.n) : pk_str_n(line.p, line.n),
					 &err));
		ids = mine;
		CHECK_INT(drain(pk_buf_str(&b), 70000, &n), with_other ? PK_AGE_NO_MATCH : 0);
		CHECK_INT(n, with_other ? 0 : 70000);
		ids = was;
	}
	text.p[text.n - 1] = text.p[text.n - 1] == 'q' ? 'p' : 'q';
	FAILS(PK_EFORMAT, pk_age_recipients_add(&pq, pk_buf_str(&text), &err));
	text.n = 0;
	pk_buf_put_age_recipient(&text, to.keys[0]);
	OK(pk_age_recipients_add(&pq, pk_buf_str(&text), &err));
	{
		PK_AUTOPTR(pk_age_writer) w = NULL;
		PK_AUTO(pk_buf) b = {0};

		FAILS(PK_EUSAGE, pk_age_writer_new(&pq, pk_sink_buf(&b), NULL, &w, &err)); /* mixed */
	}
	pk_age_recipients_done(&pq);
}

RUN_TESTS(T(what_is_sealed_opens), T(a_cut_file_is_refused_in_order), T(a_flipped_bit_is_refused),
	  T(threads_change_nothing), T(a_file_is_sealed_as_its_bytes_are), T(a_file_that_gets_shorter_is_an_error),
	  T(random_reading_finds_every_byte), T(random_reading_of_a_cut_file), T(a_passphrase_opens),
	  T(recipients_say_what_is_wrong), T(an_extended_header_has_every_reader_of_the_old_one),
	  T(a_line_of_a_body_has_64_columns_at_most), T(no_reader_is_added_where_one_is_of_another_kind),
	  T(post_quantum_keys))
