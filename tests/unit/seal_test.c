/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing and opening again: contents of all sizes around every border, records, tables, signed and unsigned. */
#include <picket/bundle.h>
#include <picket/seal.h>

#include <picket/limits.h>

#include "../t.h"
#include "../tree.h"

static struct tree tmp;
static struct pk_age_recipients to;
static struct pk_age_identities *ids;
static struct pk_ticket_kit kit;

static const uint64_t sizes[] = {
	0,
	1,
	511,
	512,
	513,
	1 << 20,
	4 << 20,
	(4 << 20) + 1,
	3000000,
	0,
	9000000,
	12345678,
	700,
	1048064,
	1024,
	/* headers and empty contents at the very end of a frame */
	4194304 - 1024,
	0,
	0,
	4194304 - 512,
	0,
	4194304 - 1536,
	20000000,
	5,
	4194304,
	2500000,
	100,
	7,
};

static uint8_t byte_of(uint64_t seed, uint64_t i)
{
	uint64_t x = (seed + 1) * 0x9e3779b97f4a7c15ull + (i >> 4) * 0xbf58476d1ce4e5b9ull;

	return (uint8_t)((x >> 29) ^ i);
}

static int fill(struct pk_seal *s, uint64_t n, uint64_t give, struct pk_err *err)
{
	for (uint64_t at = 0; at < give;) {
		void *p = NULL;
		size_t room = 0;

		if (pk_seal_space(s, &p, &room, err) < 0)
			return -1;
		room = (size_t)PK_MIN((uint64_t)room, give - at);
		for (size_t i = 0; i < room; i++)
			((uint8_t *)p)[i] = byte_of(n, at + i);
		if (pk_seal_filled(s, room, err) < 0)
			return -1;
		at += room;
	}
	return 0;
}

static int put_file(struct pk_seal *s, uint64_t n, uint64_t size, uint64_t give, bool look, struct pk_err *err)
{
	PK_AUTO(pk_buf) path = {0}, member = {0}, fields = {0};
	struct pk_content c = {.size = size, .fd = -1, .inspect = look};
	uint64_t leaf = 0;

	pk_buf_putf(&path, "/var/log/file %llu.bin", (unsigned long long)n);
	pk_buf_put_member_name(&member, "data/root/", pk_buf_str(&path));
	c.member = pk_buf_str(&member);
	c.path = pk_buf_str(&path);
	if (pk_seal_content_begin(s, &c, err) < 0 || fill(s, n, give, err) < 0 ||
	    pk_seal_content_end(s, (struct pk_str){0}, &leaf, err) < 0)
		return -1;
	pk_buf_putf(
		&fields,
		"\"path\":\"%s\",\"kind\":\"file\",\"size\":%llu,\"outcome\":\"taken\",\"member\":\"%s\",\"c\":%llu",
		path.p, (unsigned long long)size, member.p, (unsigned long long)leaf);
	return pk_seal_put(s, 'm', pk_buf_str(&fields), NULL, err);
}

static const char *in_dir(const char *name)
{
	static struct pk_buf b;

	pk_buf_reset(&b);
	pk_buf_putf(&b, "%s/%s", tmp.dir, name);
	return b.p;
}

static int seal_all(const char *path, bool is_signed, const struct pk_inspect *in, struct pk_seal_summary *sum,
		    struct pk_err *err)
{
	struct pk_seal_params p = {.path = path, .to = &to, .inspect = in, .terms = PK_STR("free text\n")};
	PK_AUTOPTR(pk_seal) s = NULL;

	if (is_signed) {
		p.ticket = &kit;
		p.terms = pk_buf_str(&kit.terms_text);
	}
	if (pk_seal_new(&p, &s, err) < 0)
		return -1;
	for (size_t i = 0; i < PK_LEN(sizes); i++)
		if (put_file(s, i, sizes[i], sizes[i], in != NULL, err) < 0)
			return -1;
	if (put_file(s, 1000, 5000000, 4000000, false, err) < 0 ||
	    pk_seal_live(s, "processes", PK_STR("{\"pid\":\"1\"}\n"), 1, NULL, err) < 0 ||
	    pk_seal_live(s, "processes", PK_STR("{\"pid\":\"2\"}\n"), 1, NULL, err) < 0)
		return -1;
	return pk_seal_finish(s, sum, err);
}

struct seen {
	uint64_t n, contents;
};

static int count(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	struct seen *s = ctx;

	if (r->leaf != s->n)
		return pk_fail(err, PK_EINTERNAL, 0, "leaf out of order");
	s->n++;
	s->contents += r->type == 'c';
	return 0;
}

static struct pk_time now(void) { return pk_time_now(); }

TEST(set_up)
{
	PK_AUTO(pk_secret) line = {0};
	PK_AUTO(pk_buf) rec = {0};
	PK_AUTO(pk_strv) recipients = {0};
	PK_AUTO(pk_label) label = {0};
	struct pk_minisign_key issuer = {0};
	struct pk_terms terms = {0};
	struct pk_time later = now();
	uint8_t pub[32];

	later.sec += 3600;
	tmp = tree_new();
	CHECK(tmp.dir != NULL);
	OK(pk_crypto_init(&err));
	OK(pk_age_identity_generate(&line, pub, &err));
	pk_buf_put_age_recipient(&rec, pub);
	OK(pk_age_recipients_add(&to, pk_buf_str(&rec), &err));
	OK(pk_age_identities_new(&ids, &err));
	OK(pk_age_identities_add(ids, pk_str_n(line.p, line.n), &err));
	OK(pk_strv_add(&recipients, pk_buf_str(&rec), &err));
	OK(pk_minisign_generate(&issuer, &err));
	OK(pk_terms_make("HARBOR", &label, &recipients, "triage", &terms, &err));
	OK(pk_ticket_issue(&issuer, &terms, now(), later, true, &kit, &err));
	pk_terms_done(&terms);
	pk_minisign_key_done(&issuer);
}

static void check_bundle(const char *path, bool is_signed, const struct pk_seal_summary *sum)
{
	PK_AUTOPTR(pk_bundle) b = NULL;
	struct pk_outer outer = {0};
	struct seen seen = {0};
	struct pk_bundle_events ev = {.ctx = &seen, .record = count};

	OK(pk_outer_check(path, NULL, now(), &outer, &err));
	CHECK_INT(outer.status, is_signed ? PK_TRUST_UNKNOWN_ISSUER : PK_TRUST_UNSIGNED);
	OK(pk_bundle_open(path, ids, false, &b, &err));
	if (!b)
		return;
	CHECK(pk_bundle_info(b)->is_signed == is_signed);
	CHECK_INT(pk_bundle_info(b)->leaves, sum->leaves);
	OK(pk_bundle_records(b, &ev, &err));
	CHECK_INT(seen.n, sum->leaves);
	CHECK_INT(seen.contents, PK_LEN(sizes) + 1);
	seen = (struct seen){0};
	OK(pk_bundle_verify(b, &outer, &ev, &err));
	CHECK_INT(seen.n, sum->leaves);
	CHECK(memcmp(pk_bundle_info(b)->root, sum->root, 32) == 0);
	pk_outer_done(&outer);
}

TEST(unsigned_bundle)
{
	PK_AUTO(pk_buf) path = {0};
	struct pk_seal_summary sum = {0};

	pk_buf_puts(&path, in_dir("u.age"));
	OK(seal_all(path.p, false, NULL, &sum, &err));
	check_bundle(path.p, false, &sum);
}

TEST(signed_bundle)
{
	PK_AUTO(pk_buf) path = {0};
	struct pk_seal_summary sum = {0};

	pk_buf_puts(&path, in_dir("s.age"));
	OK(seal_all(path.p, true, NULL, &sum, &err));
	check_bundle(path.p, true, &sum);
	FAILS(PK_EUSAGE, seal_all(path.p, true, NULL, &sum, &err)); /* never replaces */
}

/* --- cat --- */

struct leaves {
	uint64_t leaf[64];
	size_t n;
};

static int note_leaves(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	struct leaves *l = ctx;

	(void)err;
	if (r->type == 'c' && l->n < 64)
		l->leaf[l->n++] = r->leaf;
	return 0;
}

TEST(cat_every_content)
{
	PK_AUTOPTR(pk_bundle) b = NULL;
	struct leaves l = {0};
	struct pk_bundle_events ev = {.ctx = &l, .record = note_leaves};

	OK(pk_bundle_open(in_dir("s.age"), ids, false, &b, &err));
	if (!b)
		return;
	OK(pk_bundle_records(b, &ev, &err));
	CHECK_INT(l.n, PK_LEN(sizes) + 1);
	for (size_t i = 0; i < l.n && i < PK_LEN(sizes); i++) {
		PK_AUTO(pk_buf) got = {0};
		bool same = true;

		OK(pk_bundle_cat(b, l.leaf[i], pk_sink_buf(&got), &err));
		CHECK_INT(got.n, sizes[i]);
		for (size_t k = 0; k < got.n; k++)
			same &= (uint8_t)got.p[k] == byte_of(i, k);
		CHECK(same);
	}
	PK_AUTO(pk_buf) none = {0};

	FAILS(PK_EUSAGE, pk_bundle_cat(b, 99999, pk_sink_buf(&none), &err));
	FAILS(PK_EUSAGE, pk_bundle_cat(b, 0, pk_sink_buf(&none), &err)); /* leaf 0 is no content */
	CHECK_INT(none.n, 0);
}

/* --- extract --- */

TEST(extracts)
{
	PK_AUTOPTR(pk_bundle) b = NULL;
	PK_AUTO(pk_buf) out = {0}, one = {0}, got = {0};
	struct pk_extract x = {0};
	uint64_t files = 0;

	pk_buf_puts(&out, in_dir("out"));
	x.dir = out.p;
	OK(pk_bundle_open(in_dir("s.age"), ids, false, &b, &err));
	if (!b)
		return;
	OK(pk_bundle_extract(b, &x, NULL, &files, &err));
	CHECK_INT(files, PK_LEN(sizes) + 3);
	pk_buf_putf(&one, "%s/root/var/log/file 4.bin", out.p);
	OK(pk_read_path(one.p, 1 << 20, &got, &err));
	CHECK_INT(got.n, 513);
	CHECK((uint8_t)got.p[512] == byte_of(4, 512));
	FAILS(PK_EUSAGE, pk_bundle_extract(b, &x, NULL, &files, &err)); /* not empty */
}

/* --- inspection: every content in one piece, settled in order, before its memory goes --- */

struct look {
	struct {
		const uint8_t *data;
		uint64_t size;
		size_t n;
	} item[64];
	size_t offered, settled, wrong;
	size_t more; /* records besides the first, of 60,000 bytes, for the first content */
};

static int look_offer(void *ctx, const struct pk_inspect_item *it, struct pk_err *err)
{
	struct look *l = ctx;
	uint64_t n = 0;

	(void)err;
	if (!pk_str_starts(it->path, PK_STR("/var/log/file ")) ||
	    !pk_str_u64(pk_str_n(it->path.p + 14, it->path.n - 18), 100, &n) || it->id != l->offered) {
		l->wrong++;
		return 0;
	}
	l->item[l->offered].data = it->data;
	l->item[l->offered].size = it->size;
	l->item[l->offered++].n = (size_t)n;
	l->wrong += (it->size <= PK_SLOT_BYTES) != (it->data != NULL);
	return 0;
}

static int look_settle(void *ctx, struct pk_seal *s, uint64_t id, uint64_t of, struct pk_err *err)
{
	struct look *l = ctx;
	PK_AUTO(pk_buf) f = {0};

	l->wrong += id != l->settled++;
	for (uint64_t i = 0; l->item[id].data && i < l->item[id].size; i += 97)
		l->wrong += l->item[id].data[i] != byte_of(l->item[id].n, i);
	pk_buf_putf(&f, "\"rule\":\"r\",\"namespace\":\"n\",\"of\":%llu", (unsigned long long)of);
	if (pk_seal_put(s, 'h', pk_buf_str(&f), NULL, err) < 0)
		return -1;
	if (id > 0 || !l->more)
		return 0;
	pk_buf_puts(&f, ",\"note\":\"");
	for (size_t i = 0; i < 60000; i++)
		pk_buf_put_c(&f, (char)('a' + i % 26));
	pk_buf_put_c(&f, '"');
	for (size_t i = 0; i < l->more; i++)
		if (pk_seal_put(s, 'h', pk_buf_str(&f), NULL, err) < 0)
			return -1;
	return 0;
}

/* More records than one segment may have, while a member is being written: a host with many small files that all
 * hit. */
TEST(hits_may_outgrow_a_segment)
{
	struct look l = {.more = 1200};
	struct pk_inspect in = {&l, look_offer, look_settle};
	struct pk_seal_summary sum = {0};
	PK_AUTO(pk_buf) path = {0};

	pk_buf_puts(&path, in_dir("many.age"));
	OK(seal_all(path.p, true, &in, &sum, &err));
	CHECK(sum.leaves > 1200);
	check_bundle(path.p, true, &sum);
}

TEST(inspection_sees_every_byte)
{
	struct look l = {0};
	struct pk_inspect in = {&l, look_offer, look_settle};
	struct pk_seal_summary sum = {0};
	PK_AUTO(pk_buf) path = {0};

	pk_buf_puts(&path, in_dir("look.age"));
	OK(seal_all(path.p, true, &in, &sum, &err));
	CHECK_INT(l.offered, PK_LEN(sizes));
	CHECK_INT(l.settled, PK_LEN(sizes));
	CHECK_INT(l.wrong, 0);
	check_bundle(path.p, true, &sum);
}

TEST(limits_and_misuse)
{
	struct pk_seal_params p = {.path = in_dir("m.age"), .to = &to, .terms = PK_STR("x\n"), .max_bytes = 6 << 20};
	struct pk_content bad = {.member = PK_STR("data/root/../x"), .size = 1};
	PK_AUTOPTR(pk_seal) s = NULL;
	struct pk_seal_summary sum = {0};
	uint64_t leaf = 0;

	OK(pk_seal_new(&p, &s, &err));
	OK(put_file(s, 1, 1000, 1000, false, &err));
	FAILS(PK_EUSAGE, put_file(s, 1, 1000, 1000, false, &err)); /* twice */
	FAILS(PK_EINTERNAL, pk_seal_content_begin(s, &bad, &err));
	FAILS(PK_ELIMIT, put_file(s, 2, 8 << 20, 8 << 20, false, &err));
	FAILS(PK_EINTERNAL, pk_seal_content_end(s, (struct pk_str){0}, &leaf, &err));
	OK(put_file(s, 3, 2000, 2000, false, &err));
	OK(pk_seal_finish(s, &sum, &err)); /* the limit leaves it able to finish */
	CHECK_INT(sum.contents, 2);
}

/* What is padded keeps to the limit, too. */
TEST(padding_within_the_limit)
{
	struct pk_seal_params p = {
		.path = in_dir("padded.age"), .to = &to, .terms = PK_STR("x\n"), .max_bytes = 71200000, .pad = true};
	PK_AUTOPTR(pk_seal) s = NULL;
	struct pk_seal_summary sum = {0};
	struct pk_err why = {0};
	uint64_t i = 0;

	OK(pk_seal_new(&p, &s, &err));
	while (put_file(s, i, 200000, 200000, false, &why) == 0)
		i++;
	CHECK_INT(why.kind, PK_ELIMIT);
	OK(pk_seal_finish(s, &sum, &err));
	CHECK_INT(sum.contents, i);
	CHECK_INT(sum.leaves % 64, 0);
	CHECK(i > 3 && sum.sealed_bytes <= p.max_bytes);
}

TEST(unfinished_leaves_nothing)
{
	struct pk_seal_params p = {.path = in_dir("gone.age"), .to = &to, .terms = PK_STR("x\n")};
	struct pk_seal *s = NULL;
	struct stat st;

	OK(pk_seal_new(&p, &s, &err));
	OK(put_file(s, 1, 3000000, 3000000, false, &err));
	pk_seal_free(s);
	CHECK(stat(in_dir("gone.age"), &st) < 0);
}

TEST(a_table_ends_with_a_line)
{
	static const struct {
		const char *text, *want;
		uint64_t rows;
	} cases[] = {
		{"", NULL, 0},
		{"{}\n", NULL, 1},
		{"{\"pid\":666}", "does not end with a line", 0},
		{"{}\n{\"pid\":666}", "does not end with a line", 1},
		{"{}\n{\"pid\":666}", " has 1 lines, and record 1 says otherwise", 2},
	};

	for (size_t i = 0; i < PK_LEN(cases); i++) {
		struct pk_seal_params p = {.path = in_dir("table.age"), .to = &to, .terms = PK_STR("free text\n")};
		const struct pk_bundle_events none = {0};
		PK_AUTOPTR(pk_bundle) b = NULL;
		PK_AUTOPTR(pk_seal) s = NULL;
		struct pk_seal_summary sum = {0};
		struct pk_err why = {0};
		int r;

		OK(pk_seal_new(&p, &s, &err));
		OK(pk_seal_live(s, "processes", pk_str(cases[i].text), cases[i].rows, NULL, &err));
		OK(pk_seal_finish(s, &sum, &err));
		OK(pk_bundle_open(p.path, ids, false, &b, &err));
		r = pk_bundle_verify(b, NULL, &none, &why);
		CHECK(cases[i].want ? r < 0 && strstr(why.msg, cases[i].want) : r == 0);
		unlink(p.path);
	}
}

TEST(tear_down)
{
	pk_age_identities_free(ids);
	pk_age_recipients_done(&to);
	pk_ticket_kit_done(&kit);
	(void)in_dir("");
	tree_done(&tmp);
}

RUN_TESTS(T(set_up), T(unsigned_bundle), T(signed_bundle), T(cat_every_content), T(extracts),
	  T(inspection_sees_every_byte), T(hits_may_outgrow_a_segment), T(limits_and_misuse),
	  T(padding_within_the_limit), T(unfinished_leaves_nothing), T(a_table_ends_with_a_line), T(tear_down))
