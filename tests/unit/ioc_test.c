/* SPDX-License-Identifier: Apache-2.0 */
#include "../../lib/scan/iocset.h"
#include "../t.h"

#include <picket/limits.h>
#include <picket/scan.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* --- addresses ---------------------------------------------------------------------------------------- */

TEST(addresses_are_read_strictly_and_written_one_way)
{
	static const struct {
		const char *text, *written; /* NULL: refused */
		int prefix;
	} cases[] = {
		{"1.2.3.4", "1.2.3.4", 128},
		{"255.255.255.255", "255.255.255.255", 128},
		{"1.2.3", NULL, 0},
		{"1.2.3.256", NULL, 0},
		{"1.2.3.04", NULL, 0},
		{"1.2.3.4.5", NULL, 0},
		{"", NULL, 0},
		{".", NULL, 0},
		{"10.1.2.3/8", "10.0.0.0", 104},
		{"10.1.2.3/33", NULL, 0},
		{"1.2.3.4/", NULL, 0},
		{"2001:db8::1", "2001:db8::1", 128},
		{"2001:DB8:0:0:0:0:0:1", "2001:db8::1", 128},
		{"::", "::", 128},
		{"::1", "::1", 128},
		{"1::", "1::", 128},
		{"fe80::1:0:0:1", "fe80::1:0:0:1", 128},
		{"::ffff:1.2.3.4", "1.2.3.4", 128},
		{"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", 128},
		{"1:2:3:4:5:6:7", NULL, 0},
		{"1:2:3:4:5:6:7:8:9", NULL, 0},
		{"1::2::3", NULL, 0},
		{":1", NULL, 0},
		{"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0", 128},
		{"12345::", NULL, 0},
		{"g::", NULL, 0},
		{":::", NULL, 0},
		{"2001:db8::/32", "2001:db8::", 32},
		{"2001:db8:ffff::/33", "2001:db8:8000::", 33},
		{"::1/129", NULL, 0},
	};

	for (size_t i = 0; i < PK_LEN(cases); i++) {
		struct pk_ioc_net net;
		PK_AUTO(pk_buf) b = {0};
		bool good = pk_ioc_net_parse(pk_str(cases[i].text), true, &net);

		CHECK_INT(good, cases[i].written != NULL);
		if (!good || !cases[i].written)
			continue;
		pk_ioc_net_put(&b, &net);
		CHECK_STR(pk_buf_str(&b), pk_str(cases[i].written));
		CHECK_INT(net.prefix, cases[i].prefix);
	}
}

/* --- sorting ------------------------------------------------------------------------------------------ */

static uint64_t rnd(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static void sort_and_search(size_t n, unsigned spread)
{
	enum { SIZE = 20, KEY = 16 };
	pk_autofree uint8_t *v = malloc(n * SIZE + 1);
	uint64_t x = 88172645463325252u + n, sum = 0, after = 0;

	for (size_t i = 0; i < n; i++) {
		memset(v + i * SIZE, 0, SIZE);
		for (unsigned k = KEY - spread; k < KEY; k++)
			v[i * SIZE + k] = (uint8_t)rnd(&x);
		memcpy(v + i * SIZE + KEY, &(uint32_t){(uint32_t)i}, 4);
		sum += i * (v[i * SIZE + KEY - 1] + 1u);
	}
	CHECK(pk_ioc_sort(v, n, SIZE, KEY));
	for (size_t i = 0; i < n; i++) {
		uint32_t number;

		memcpy(&number, v + i * SIZE + KEY, 4);
		after += number * (v[i * SIZE + KEY - 1] + 1u);
		if (i > 0 && memcmp(v + (i - 1) * SIZE, v + i * SIZE, KEY) > 0) {
			CHECK(false);
			return;
		}
	}
	CHECK(sum == after); /* records stayed whole */
	for (size_t i = 0; i < n; i += 97) {
		size_t at = pk_ioc_lower_bound(v, n, SIZE, v + i * SIZE, KEY);

		CHECK(at <= i && memcmp(v + at * SIZE, v + i * SIZE, KEY) == 0);
		CHECK(at == 0 || memcmp(v + (at - 1) * SIZE, v + i * SIZE, KEY) < 0);
	}
}

TEST(tables_are_sorted_whatever_is_in_them)
{
	static const size_t sizes[] = {0, 1, 2, 3, 25, 511, 512, 513, 20000};

	for (size_t i = 0; i < PK_LEN(sizes); i++) {
		sort_and_search(sizes[i], 16);
		sort_and_search(sizes[i], 1); /* all in one bucket, many of them equal */
	}
}

/* --- whole sets --------------------------------------------------------------------------------------- */

#define MD5_ABC "900150983cd24fb0d6963f7d28e17f72"
#define SHA1_ABC "a9993e364706816aba3e25717850c26c9cd0d89d"
#define SHA256_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

/* What came of questions, as one line each: "ID KIND WHERE INDICATOR SCORE DATA\n" */
struct heard {
	struct pk_buf text;
	uint64_t answers, last;
};

static int on_answer(void *ctx, const struct pk_ioc_answer *a, struct pk_err *err)
{
	struct heard *h = ctx;

	(void)err;
	h->answers++;
	CHECK_INT(a->id, h->last + 1);
	h->last = a->id;
	for (size_t i = 0; i < a->hit_count; i++) {
		const struct pk_ioc_hit *x = &a->hits[i];

		pk_buf_putf(&h->text, "%d %s %.*s %.*s %d [%.*s]\n", (int)a->id, pk_ioc_rule(x->kind) + 4,
			    PK_STR_ARG(x->where), PK_STR_ARG(x->indicator), x->score == PK_IOC_NO_SCORE ? -1 : x->score,
			    PK_STR_ARG(x->data));
	}
	if (a->more)
		pk_buf_putf(&h->text, "%d more\n", (int)a->id);
	if (a->why)
		pk_buf_putf(&h->text, "%d %s\n", (int)a->id, a->why);
	return 0;
}

struct fixture {
	struct pk_ioc_files files;
	struct pk_ioc *ioc;
	struct heard heard;
};

static void setup(struct fixture *f, const char *name, const char *text)
{
	struct pk_ioc_params p = {.files = &f->files, .load_seconds = 60};

	*f = (struct fixture){0};
	OK(pk_ioc_files_add(&f->files, name, pk_str(text), &err));
	OK(pk_ioc_new(&p, &f->ioc, &err));
	pk_ioc_listen(f->ioc, on_answer, &f->heard);
}

static void teardown(struct fixture *f)
{
	pk_ioc_free(f->ioc);
	pk_ioc_files_done(&f->files);
	pk_buf_done(&f->heard.text);
}

static void expect_problem(const struct fixture *f, uint64_t line, const char *part)
{
	size_t n;
	const struct pk_ioc_problem *p = pk_ioc_problems(f->ioc, &n);

	for (size_t i = 0; i < n; i++)
		if (p[i].line == line && memmem(p[i].text.p, p[i].text.n, part, strlen(part)))
			return;
	printf("# no problem in line %d with '%s'\n", (int)line, part);
	for (size_t i = 0; i < n; i++)
		printf("#   line %d: %.*s\n", (int)p[i].line, PK_STR_ARG(p[i].text));
	CHECK(false);
}

TEST(hash_lists_in_all_their_forms)
{
	struct fixture f;
	struct pk_hashes h;
	struct pk_ioc_hit hits[PK_IOC_MAX_HASH_HITS];
	uint64_t hashes, others;
	size_t n;

	setup(&f, "x-hash-iocs.txt",
	      "\xef\xbb\xbf# Case 7\r\n" MD5_ABC "\r\n"
	      "\n"
	      "A9993E364706816ABA3E25717850C26C9CD0D89D;80;upper case; with more\n" SHA256_ABC
	      ";only words\n" SHA256_ABC "  name of it\n" SHA256_ABC " *binary\n"
	      "SHA256 (a (b).txt) = " SHA256_ABC "\n"
	      "d41d8cd98f00b204e9800998ecf8427g;bad\n"
	      "d41d8cd98f00b204e9800998ecf8427e00\n"
	      "00000000000000000000000000000000,-50,csv");
	pk_ioc_counts(f.ioc, &hashes, &others);
	CHECK_INT(hashes, 7);
	CHECK_INT(others, 0);
	CHECK_INT(pk_ioc_needs(f.ioc), 7);
	expect_problem(&f, 9, "is no hash");
	expect_problem(&f, 10, "34 hex digits");
	CHECK(pk_ioc_is_incomplete(f.ioc));
	pk_hash_all("abc", 3, &h);
	n = pk_ioc_find_hash(f.ioc, &h, 7, hits);
	CHECK_INT(n, 6);
	CHECK_STR(hits[0].where, PK_STR("md5"));
	CHECK_STR(hits[0].indicator, PK_STR(MD5_ABC));
	CHECK_STR(hits[0].description, PK_STR("Case 7"));
	CHECK_STR(hits[0].set, PK_STR("x-hash-iocs.txt"));
	CHECK_INT(hits[0].score, PK_IOC_NO_SCORE);
	CHECK_STR(hits[1].where, PK_STR("sha1"));
	CHECK_STR(hits[1].description, PK_STR("upper case; with more"));
	CHECK_INT(hits[1].score, 80);
	CHECK_INT(pk_ioc_find_hash(f.ioc, &h, PK_HASH_SHA1, hits), 1);
	CHECK_INT(pk_ioc_find_digest(f.ioc, h.sha256, 32, hits), 4);
	CHECK_INT(pk_ioc_find_digest(f.ioc, (uint8_t[16]){0}, 16, hits), 1);
	CHECK_INT(hits[0].score, -50);
	CHECK_STR(hits[0].description, PK_STR("csv"));
	h.md5[3] ^= 1;
	CHECK_INT(pk_ioc_find_hash(f.ioc, &h, PK_HASH_MD5, hits), 0);
	teardown(&f);
}

struct in_row {
	struct pk_buf where;
	int left; /* hits that are taken */
};

static int take_in_row(void *ctx, const struct pk_ioc_hit *h, struct pk_err *why)
{
	struct in_row *r = ctx;

	pk_buf_put_str(&r->where, h->where);
	pk_buf_put_c(&r->where, ' ');
	return r->left-- > 0 ? 0 : pk_fail(why, PK_ELIMIT, 0, "enough");
}

TEST(hashes_in_a_row_of_a_table)
{
	static const struct {
		const char *row, *where;
	} rows[] = {
		{"{\"path\":\"/x\",\"md5\":\"" MD5_ABC "\",\"size\":3,\"sha256\":\"" SHA256_ABC "\"}", "md5 sha256 "},
		{"{\"cmdline\":\"x \\\"y\\\":\\\"" MD5_ABC "\"}", ""},
		{"{\"a\":\"" MD5_ABC "0\",\"b\":\"" MD5_ABC, ""},
		{"{\"" MD5_ABC "\":1}", ""},
		{":\"" MD5_ABC "\"", ""},
		{"", ""},
	};
	struct fixture f;

	setup(&f, "hash.txt", MD5_ABC "\n" SHA256_ABC "\n");
	for (size_t i = 0; i < PK_LEN(rows); i++) {
		struct in_row r = {.left = 9};

		OK(pk_ioc_find_row(f.ioc, pk_str(rows[i].row), take_in_row, &r, &err));
		CHECK_STR(pk_buf_str(&r.where), pk_str(rows[i].where));
		pk_buf_done(&r.where);
	}
	struct in_row r = {.left = 0};
	FAILS(PK_ELIMIT, pk_ioc_find_row(f.ioc, pk_str(rows[0].row), take_in_row, &r, &err));
	CHECK_STR(pk_buf_str(&r.where), PK_STR("md5 "));
	pk_buf_done(&r.where);
	teardown(&f);
}

TEST(trusted_hashes_are_known_good)
{
	struct fixture f;
	struct pk_hashes h;
	struct pk_ioc_hit hits[PK_IOC_MAX_HASH_HITS];

	setup(&f, "my-trusted-hashes.txt", MD5_ABC "\n");
	pk_hash_all("abc", 3, &h);
	CHECK_INT(pk_ioc_find_hash(f.ioc, &h, 7, hits), 1);
	CHECK(hits[0].known_good);
	teardown(&f);
	setup(&f, "untrusted-hashes.txt", MD5_ABC "\n");
	CHECK_INT(pk_ioc_find_hash(f.ioc, &h, 7, hits), 1);
	CHECK(!hits[0].known_good);
	teardown(&f);
}

TEST(names_in_the_form_of_signature_base)
{
	struct fixture f;
	static const char *const paths[] = {
		"/mnt/c/Windows/System32/evil.exe", /* 1 */
		"C:\\Windows\\System32\\evil.exe",  /* 2 */
		"/var/tmp/EVIL.EXE",                /* 3: case counts */
		"/opt/Tool.SH",                     /* 4: (?i) */
		"/home/a/keygen.exe",               /* 5 */
		"/home/good/keygen.exe",            /* 6: excepted */
		"/tmp/abcdefgh.bin",                /* 7: class and count */
		"/tmp/abc.bin",                     /* 8 */
		"/dev/shm/.x",                      /* 9: slash in the source */
		"/tmp/end.c/x",                     /* 10: $ is the end */
		"/tmp/end.c",                       /* 11 */
	};

	setup(&f, "filename-iocs.txt",
	      "# Regin\n"
	      "\\\\System32\\\\evil\\.exe;80\n"
	      "(?i)\\\\tool\\.sh$;60\n"
	      "\\\\keygen\\.exe$;70;\\\\good\\\\\n"
	      "(?:tmp|TMP)\\\\[^\\\\]{5,}\\.bin$;50\n"
	      "^/dev/shm/\\.;90\n"
	      "\\\\end\\.c$\n"
	      "(?<!x)y\\.exe;40\n"
	      "broken(;40\n"
	      "x;y\n");
	for (size_t i = 0; i < PK_LEN(paths); i++)
		OK(pk_ioc_ask(f.ioc, i + 1, PK_IOC_PATH, pk_str(paths[i]), &err));
	OK(pk_ioc_flush(f.ioc, &err));
	CHECK_INT(f.heard.answers, PK_LEN(paths));
	CHECK_STR(pk_buf_str(&f.heard.text),
		  PK_STR("1 filename path \\\\System32\\\\evil\\.exe 80 [/System32/evil.exe]\n"
			 "2 filename path \\\\System32\\\\evil\\.exe 80 [\\System32\\evil.exe]\n"
			 "4 filename path (?i)\\\\tool\\.sh$ 60 [/Tool.SH]\n"
			 "5 filename path \\\\keygen\\.exe$ 70 [/keygen.exe]\n"
			 "7 filename path (?:tmp|TMP)\\\\[^\\\\]{5,}\\.bin$ 50 [tmp/abcdefgh.bin]\n"
			 "9 filename path ^/dev/shm/\\. 90 [/dev/shm/.]\n"
			 "11 filename path \\\\end\\.c$ -1 [/end.c]\n"));
	expect_problem(&f, 8, "YARA does not take");
	expect_problem(&f, 9, "YARA does not take");
	expect_problem(&f, 10, "is no score");
	teardown(&f);
}

/* What stands alone where: the same for texts and for contents. */
static const struct {
	const char *text;
	int indicator; /* -1: none */
} places[] = {
	{"http://evil.com/x", 0},
	{"evil.com", 0},
	{"sub.evil.com.", 0},
	{"mail@EVIL.com, ", 0},
	{"notevil.com", -1},
	{"not-evil.com", -1},
	{"x_evil.com", -1},
	{"evil.com.au", -1},
	{"evil.community", -1},
	{"evil.com-x", -1},
	{"(evil.com)", 0},
	{"evil.com:443", 0},
	{"not-evil.com evil.com", 0},
	{"evil.com.\n", 0},
	{"10.0.0.1", 1},
	{"110.0.0.1", -1},
	{"10.0.0.15", -1},
	{"110.0.0.15", -1},
	{"1.10.0.0.1", -1},
	{"10.0.0.1.5", -1},
	{"to 10.0.0.1.", 1},
	{"tcp:10.0.0.1:80", 1},
	{"::ffff:10.0.0.1", 1},
	{"v10.0.0.1", -1},
	{"45.9.148.7 x", 2},
	{"45.9.151.200", 2},
	{"45.9.152.1", -1},
	{"145.9.148.7", -1},
	{"45.9.148.7.1", -1},
	{"[2001:db8::5]:443", 3},
	{"2001:DB8::5", 3},
	{"2001:db8::55", -1},
	{"GET http://bad.example/gate.php?id=1", 4},
	{"http://bad.example/gate.phpx", -1},
	{"run sekurlsa::logonpasswords", 5},
	{"SEKURLSA::logonpasswords", -1},
};
static const char *const place_kinds[] = {"domain", "address", "network", "address", "url", "keyword"};
static const char place_sets[] =
	"evil[.]com;80;C2 of case 7\n10.0.0.1;;\n45.9.148.0/22;60\n2001:0db8:0::5\nhxxp://bad.example/gate.php\n";

static void setup_places(struct fixture *f)
{
	struct pk_ioc_params p = {.files = &f->files, .load_seconds = 60};

	*f = (struct fixture){0};
	OK(pk_ioc_files_add(&f->files, "c2-iocs.txt", pk_str(place_sets), &err));
	OK(pk_ioc_files_add(&f->files, "keywords.txt", PK_STR("sekurlsa::logonpasswords;75\nabc\n"), &err));
	OK(pk_ioc_new(&p, &f->ioc, &err));
	pk_ioc_listen(f->ioc, on_answer, &f->heard);
}

TEST(texts_are_compared_as_an_analyst_would)
{
	struct fixture f;
	struct pk_str rest, line;

	setup_places(&f);
	expect_problem(&f, 2, "too short");
	for (size_t i = 0; i < PK_LEN(places); i++)
		OK(pk_ioc_ask(f.ioc, i + 1, PK_IOC_PATH, pk_str(places[i].text), &err));
	OK(pk_ioc_flush(f.ioc, &err));
	rest = pk_buf_str(&f.heard.text);
	for (size_t i = 0; i < PK_LEN(places); i++) {
		PK_AUTO(pk_buf) want = {0};

		if (places[i].indicator < 0)
			continue;
		pk_buf_putf(&want, "%zu %s path ", i + 1, place_kinds[places[i].indicator]);
		if (!pk_str_line(&rest, &line) || !pk_str_starts(line, pk_buf_str(&want))) {
			printf("# '%s': %.*s\n", places[i].text, PK_STR_ARG(line));
			CHECK(false);
			break;
		}
	}
	CHECK(!pk_str_line(&rest, &line) || line.n == 0);
	teardown(&f);
}

TEST(contents_are_compared_the_same_way)
{
	struct fixture f;
	PK_AUTO(pk_rules) rules = {0};
	PK_AUTO(pk_slots) slots = {0};
	PK_AUTOPTR(pk_scanpool) pool = NULL;
	struct pk_scanpool_params p = {.rules = &rules, .slots = &slots, .children = 1};

	setup_places(&f);
	OK(pk_ioc_rules(f.ioc, &rules, &err));
	CHECK_INT(rules.n, 2);
	OK(pk_slots_init(&slots, 2, &err));
	OK(pk_scanpool_new(&p, &pool, &err));
	OK(pk_scanpool_ready(pool, &err));
	CHECK_INT(pk_scanpool_rules(pool)->broken_count, 0);
	CHECK_INT(pk_scanpool_rules(pool)->rule_count, 6);
	for (int wide = 0; wide < 2; wide++) {
		for (size_t i = 0; i < PK_LEN(places); i++) {
			PK_AUTOPTR(pk_scan_result) r = NULL;
			struct pk_scan_item item = {.id = i, .fd = -1};
			PK_AUTO(pk_buf) name = {0};

			for (const char *c = places[i].text; *c; c++) {
				slots.base[item.length++] = (uint8_t)*c;
				if (wide)
					slots.base[item.length++] = 0;
			}
			OK(pk_scanpool_offer(pool, &item, &err));
			OK(pk_scanpool_wait(pool, i, &r, &err));
			if (places[i].indicator >= 0)
				pk_buf_putf(&name, "ioc:%s", place_kinds[places[i].indicator]);
			/* in UTF-16 only letters and digits are looked at */
			if (wide && places[i].indicator < 0)
				continue;
			if (r->hit_count != (places[i].indicator >= 0) ||
			    (r->hit_count &&
			     strcmp(pk_scanpool_rules(pool)->rules[r->hits[0].rule].name, name.p) != 0)) {
				printf("# '%s' (wide %d): %zu hits, expected '%s'\n", places[i].text, wide,
				       r->hit_count, name.p ? name.p : "");
				CHECK(false);
			}
		}
	}
	teardown(&f);
}

TEST(rows_are_compared_by_column)
{
	struct fixture f;
	static const char *const rows[] = {
		"{\"pid\":\"7\",\"remote_address\":\"45.9.149.1\",\"local_address\":\"192.168.1.1\"}",
		"{\"remote_address\":\"::ffff:45.9.151.255\"}",
		"{\"remote_address\":\"45.9.152.1\"}",
		"{\"cmdline\":\"curl -s evil.com/x\",\"name\":\"curl\"}",
		"{\"a\":\"evil\",\"b\":\"com\"}", /* never across columns */
		"{\"cmdline_b64\":\"/2V2aWwuY29tIA==\"}",
		"{\"address\":\"2001:db8:0:0::5\"}",
		"[1]",
		"{",
		"{\"path\":\"/opt/evil.com\",\"size\":5}",
	};

	setup_places(&f);
	for (size_t i = 0; i < PK_LEN(rows); i++)
		OK(pk_ioc_ask(f.ioc, i + 1, PK_IOC_ROW, pk_str(rows[i]), &err));
	OK(pk_ioc_flush(f.ioc, &err));
	CHECK_INT(f.heard.answers, PK_LEN(rows));
	CHECK_STR(pk_buf_str(&f.heard.text), PK_STR("1 network remote_address 45.9.148.0/22 60 [45.9.149.1]\n"
						    "2 network remote_address 45.9.148.0/22 60 [::ffff:45.9.151.255]\n"
						    "4 domain cmdline evil.com 80 [evil.com]\n"
						    "6 domain cmdline evil.com 80 [evil.com]\n"
						    "7 address address 2001:db8::5 -1 [2001:db8:0:0::5]\n"
						    "8 it is no row of a table\n9 it is no row of a table\n"
						    "10 domain path evil.com 80 [evil.com]\n"));
	teardown(&f);
}

TEST(many_questions_are_answered_in_order)
{
	struct fixture f;
	PK_AUTO(pk_buf) big = {0};

	setup_places(&f);
	for (uint64_t i = 1; i <= 3000; i++) {
		PK_AUTO(pk_buf) path = {0};

		pk_buf_putf(&path, "/tmp/%d/evil.com", (int)i);
		OK(pk_ioc_ask(f.ioc, i, PK_IOC_PATH, pk_buf_str(&path), &err));
	}
	for (int i = 0; i < 1 << 20; i++)
		pk_buf_puts(&big, "abc");
	OK(pk_ioc_ask(f.ioc, 3001, PK_IOC_PATH, pk_buf_str(&big), &err));
	big.n = 1 << 20;
	OK(pk_ioc_ask(f.ioc, 3002, PK_IOC_PATH, pk_buf_str(&big), &err));
	OK(pk_ioc_flush(f.ioc, &err));
	CHECK_INT(f.heard.answers, 3002);
	CHECK(memmem(f.heard.text.p, f.heard.text.n, "3000 domain path evil.com", 25) != NULL);
	CHECK(memmem(f.heard.text.p, f.heard.text.n, "3001 too long", 13) != NULL);
	CHECK(memmem(f.heard.text.p, f.heard.text.n, "3002 ", 5) == NULL);
	teardown(&f);
}

/* The parent of a process that has not ended, by /proc/PID/stat; 0: none. */
static pid_t parent_of(const char *pid)
{
	char path[300], text[512], state = 'Z';
	int ppid = 0;
	FILE *f = NULL;
	size_t n = 0;
	const char *after = NULL;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	if (!(f = fopen(path, "r")))
		return 0;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	after = strrchr(text, ')');
	return after && sscanf(after + 1, " %c %d", &state, &ppid) == 2 && state != 'Z' ? ppid : 0;
}

/* The child of a process, or 0. */
static pid_t child_of(pid_t parent)
{
	DIR *proc = opendir("/proc");
	struct dirent *e = NULL;
	pid_t found = 0;

	while (parent > 0 && !found && proc && (e = readdir(proc)) != NULL)
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && parent_of(e->d_name) == parent)
			found = (pid_t)strtol(e->d_name, NULL, 10);
	if (proc)
		closedir(proc);
	return found;
}

TEST(a_worker_that_dies_costs_nothing_but_its_batch_again)
{
	struct fixture f;
	pid_t server, worker, next = 0;

	setup_places(&f);
	server = child_of(getpid());
	for (int i = 0; i < 500 && next == 0; i++) { /* the one that sent the report ends first */
		usleep(10000);
		next = child_of(server);
	}
	worker = next;
	CHECK(server > 0 && worker > 0);
	if (server > 0 && worker > 0) {
		OK(pk_ioc_ask(f.ioc, 1, PK_IOC_PATH, PK_STR("/tmp/evil.com"), &err));
		OK(pk_ioc_ask(f.ioc, 2, PK_IOC_PATH, PK_STR("/tmp/nothing"), &err));
		kill(worker, SIGKILL);
		OK(pk_ioc_flush(f.ioc, &err));
		OK(pk_ioc_ask(f.ioc, 3, PK_IOC_PATH, PK_STR("/tmp/10.0.0.1"), &err));
		OK(pk_ioc_flush(f.ioc, &err));
		CHECK_INT(f.heard.answers, 3);
		CHECK_STR(pk_buf_str(&f.heard.text), PK_STR("1 domain path evil.com 80 [evil.com]\n"
							    "3 address path 10.0.0.1 -1 [10.0.0.1]\n"));
		/* and when all of it is gone, that is told for every question */
		worker = child_of(server);
		CHECK(worker > 0);
		kill(server, SIGSTOP); /* it cannot start another */
		if (worker > 0)
			kill(worker, SIGKILL);
		kill(server, SIGKILL);
		pk_buf_reset(&f.heard.text);
		OK(pk_ioc_ask(f.ioc, 4, PK_IOC_PATH, PK_STR("/tmp/evil.com"), &err));
		OK(pk_ioc_flush(f.ioc, &err));
		CHECK_STR(pk_buf_str(&f.heard.text), PK_STR("4 lost\n"));
		CHECK(pk_ioc_is_incomplete(f.ioc));
	}
	teardown(&f);
}

/* --- JSON --------------------------------------------------------------------------------------------- */

TEST(stix_of_the_simple_kinds)
{
	struct fixture f;
	struct pk_hashes h;
	struct pk_ioc_hit hits[PK_IOC_MAX_HASH_HITS];
	uint64_t hashes, others;
	size_t n;

#define I(pattern) \
	"{\"type\":\"indicator\",\"id\":\"indicator--1\",\"name\":\"N\",\"pattern_type\":\"stix\",\"pattern\":" \
	"\"" pattern "\"}"
	setup(&f, "x.json",
	      "{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":["
	      "{\"type\":\"malware\",\"name\":\"x\"}," I(
		      "[file:hashes.'SHA-256' = '" SHA256_ABC
		      "']") "," I("[file:hashes.MD5 = '" MD5_ABC "' OR file:hashes.'SHA-1'='" SHA1_ABC
				  "']") "," I("[file:name = 'ev\\\\'il.exe'] OR "
					      "[domain-name:value='bad.example']") "," I("[ipv4-addr:value IN "
											 "('198.51.100.7', "
											 "'203.0.113.0/24')]") "," I("["
														     "u"
														     "r"
														     "l"
														     ":"
														     "v"
														     "a"
														     "l"
														     "u"
														     "e"
														     " "
														     "="
														     " "
														     "'"
														     "h"
														     "t"
														     "t"
														     "p"
														     ":"
														     "/"
														     "/"
														     "b"
														     "a"
														     "d"
														     "."
														     "e"
														     "x"
														     "a"
														     "m"
														     "p"
														     "l"
														     "e"
														     "/"
														     "x"
														     "'"
														     "]") "," I("[process:command_line = 'nc -e /bin/sh']") "," I("[file:name = 'a.exe' AND file:size = 7]") "," I("[file:name = 'aaa.exe'] FOLLOWEDBY [file:name = 'bbb.exe']") "," I("[file:size > 7]") "," I("[file:name LIKE 'a%']") "," I("[file:hashes.MD5 = 'zz']") "," I("[") ","
																																																      "{\"type\":\"indicator\",\"id\":\"i2\",\"pattern_type\":\"yara\",\"pattern\":\"rule x {}\"},"
																																																      "{\"type\":\"indicator\",\"id\":\"i3\",\"revoked\":true,\"pattern\":\"[file:name = 'ccc.exe']\"}"
																																																      "]}");
	pk_ioc_counts(f.ioc, &hashes, &others);
	CHECK_INT(hashes, 3);
	CHECK_INT(others, 6);
	CHECK_INT(pk_ioc_sets(f.ioc, &n)[0].not_evaluated, 8);
	CHECK_INT(pk_ioc_sets(f.ioc, &n)[0].indicators, 9);
	expect_problem(&f, 0, "FOLLOWEDBY");
	expect_problem(&f, 0, "another language");
	expect_problem(&f, 0, "revoked");
	pk_hash_all("abc", 3, &h);
	CHECK_INT(pk_ioc_find_hash(f.ioc, &h, 7, hits), 3);
	CHECK_STR(hits[0].description, PK_STR("N"));
	OK(pk_ioc_ask(f.ioc, 1, PK_IOC_PATH, PK_STR("/tmp/EV'il.exe"), &err));
	OK(pk_ioc_ask(f.ioc, 2, PK_IOC_PATH, PK_STR("/tmp/dev'il.exe"), &err));
	OK(pk_ioc_ask(f.ioc, 3, PK_IOC_ROW, PK_STR("{\"cmdline\":\"nc -e /bin/sh\",\"a\":\"203.0.113.9\"}"), &err));
	OK(pk_ioc_flush(f.ioc, &err));
	CHECK_STR(pk_buf_str(&f.heard.text), PK_STR("1 filename path ev'il.exe -1 [/EV'il.exe]\n"
						    "3 network a 203.0.113.0/24 -1 [203.0.113.9]\n"
						    "3 command cmdline nc -e /bin/sh -1 [nc -e /bin/sh]\n"));
	teardown(&f);
}

TEST(misp_events)
{
	struct fixture f;
	struct pk_hashes h;
	struct pk_ioc_hit hits[PK_IOC_MAX_HASH_HITS];
	uint64_t hashes, others;
	size_t n;

#define A(type, value) "{\"type\":\"" type "\",\"value\":\"" value "\",\"to_ids\":true,\"comment\":\"c\"}"
	setup(&f, "event.json",
	      "{\"response\":[{\"Event\":{\"info\":\"OSINT\",\"Attribute\":[" A("md5", MD5_ABC) "," A("filename|sha256", "a.exe|" SHA256_ABC) "," A(
		      "ip-dst|port",
		      "198.51.100.7|443") "," A("domain|ip",
						"bad.example|198.51.100."
						"8") "," A("hostname",
							   "c2.bad."
							   "example") "," A("yara",
									    "rule x") "," A("sha1",
											    "zz") ",{\"type\":"
												  "\"comment\","
												  "\"value\":"
												  "\"x\",\"to_"
												  "ids\":false}"
												  "],"
												  "\"Object\":["
												  "{\"Attribute"
												  "\":[" A(
													  "fil"
													  "ena"
													  "me",
													  "%TE"
													  "MP%"
													  "\\"
													  "\\e"
													  "vil"
													  ".ex"
													  "e") "," A("u"
														     "r"
														     "l",
														     "h"
														     "t"
														     "t"
														     "p"
														     ":"
														     "/"
														     "/"
														     "b"
														     "a"
														     "d"
														     "."
														     "e"
														     "x"
														     "a"
														     "m"
														     "p"
														     "l"
														     "e"
														     "/") "]}]}}]}");
	pk_ioc_counts(f.ioc, &hashes, &others);
	CHECK_INT(hashes, 2);
	CHECK_INT(others, 6);
	CHECK_INT(pk_ioc_sets(f.ioc, &n)[0].not_evaluated, 2);
	expect_problem(&f, 0, "of type 'yara'");
	expect_problem(&f, 0, "to_ids");
	pk_hash_all("abc", 3, &h);
	CHECK_INT(pk_ioc_find_hash(f.ioc, &h, 7, hits), 2);
	CHECK_STR(hits[0].description, PK_STR("OSINT: c"));
	CHECK_STR(hits[1].description, PK_STR("OSINT: c: a.exe"));
	OK(pk_ioc_ask(f.ioc, 1, PK_IOC_PATH, PK_STR("C:\\Users\\a\\AppData\\Evil.exe"), &err));
	OK(pk_ioc_flush(f.ioc, &err));
	CHECK_STR(pk_buf_str(&f.heard.text), PK_STR("1 filename path %TEMP%\\evil.exe -1 [\\Evil.exe]\n"));
	teardown(&f);
}

/* --- which kind --------------------------------------------------------------------------------------- */

TEST(the_kind_of_a_set_is_told_or_asked_for)
{
	static const struct {
		const char *name, *text;
		int hashes, others;
		const char *problem;
	} cases[] = {
		{"case22.txt", "# x\n" MD5_ABC ";x\n" SHA1_ABC "\n", 2, 0, NULL},
		{"case22.txt", "evil.com\n1.2.3.4;80;x\n5.6.0.0/16\n", 0, 3, NULL},
		{"case22.txt", "evil.com\nfoo\n", 0, 0, "into the file's name"},
		{"case22.txt", "evil.exe;60\nbad.dll\n", 0, 0, "into the file's name"},
		{"case22.txt", "", 0, 0, NULL},
		{"case22.txt", "{\"a\":1}", 0, 0, "neither a STIX 2 bundle nor a MISP event"},
		{"case22.json", "{\"a\":", 0, 0, "not valid JSON"},
		{"x-pipes.txt", "\\\\.\\pipe\\x\n", 0, 0, "named pipes are not looked for"},
		{"x-hashes.txt",
		 "\xff\xfe"
		 "d\0"
		 "4\0",
		 0, 0, "UTF-16"},
		{"my_C2_list.csv", "evil.com,80,desc\n127.0.0.1\n1.0.0.0/4\nlocalhost\n", 0, 1, "is on every host"},
		{"x-md5.txt", "d41d8cd98f00b204e9800998ecf8427e\n" MD5_ABC "\n", 1, 0, NULL},
		{"sub/keywords.txt", "Invoke-Mimikatz\n", 0, 1, NULL},
		{"keywords/case.txt", "evil.com\n", 0, 1, NULL},
	};

	for (size_t i = 0; i < PK_LEN(cases); i++) {
		struct fixture f;
		uint64_t hashes, others;

		setup(&f, cases[i].name, cases[i].text);
		pk_ioc_counts(f.ioc, &hashes, &others);
		CHECK_INT(hashes, cases[i].hashes);
		CHECK_INT(others, cases[i].others);
		CHECK_INT(pk_ioc_is_incomplete(f.ioc), cases[i].problem != NULL);
		if (cases[i].problem)
			expect_problem(&f, strcmp(cases[i].problem, "is on every host") == 0 ? 2 : 0, cases[i].problem);
		teardown(&f);
	}
}

TEST(long_lines_cost_themselves)
{
	struct fixture f;
	PK_AUTO(pk_buf) text = {0};
	uint64_t hashes, others;

	for (int i = 0; i < 300000; i++)
		pk_buf_put_c(&text, 'a');
	pk_buf_puts(&text, "\n" MD5_ABC "\n");
	setup(&f, "hash.txt", text.p);
	pk_ioc_counts(f.ioc, &hashes, &others);
	CHECK_INT(hashes, 1);
	expect_problem(&f, 1, "a line of more than");
	teardown(&f);
}

/* --- scores ------------------------------------------------------------------------------------------- */

TEST(scores_add_up_as_documented)
{
	CHECK_INT(pk_score_total((int32_t[]){75}, 1), 75);
	CHECK_INT(pk_score_total((int32_t[]){40, 75}, 2), 80);
	CHECK_INT(pk_score_total((int32_t[]){100, 100}, 2), 100);
	CHECK_INT(pk_score_total((int32_t[]){75, -80}, 2), 0);
	CHECK_INT(pk_score_total((int32_t[]){75, -30}, 2), 45);
	CHECK_INT(pk_score_total(NULL, 0), 0);
	CHECK_STR(pk_str(pk_score_level(80)), PK_STR("alert"));
	CHECK_STR(pk_str(pk_score_level(60)), PK_STR("warning"));
	CHECK_STR(pk_str(pk_score_level(40)), PK_STR("notice"));
	CHECK_STR(pk_str(pk_score_level(39)), PK_STR("info"));
}

RUN_TESTS(T(addresses_are_read_strictly_and_written_one_way), T(tables_are_sorted_whatever_is_in_them),
	  T(hash_lists_in_all_their_forms), T(hashes_in_a_row_of_a_table), T(trusted_hashes_are_known_good),
	  T(names_in_the_form_of_signature_base), T(texts_are_compared_as_an_analyst_would),
	  T(contents_are_compared_the_same_way), T(rows_are_compared_by_column),
	  T(many_questions_are_answered_in_order), T(a_worker_that_dies_costs_nothing_but_its_batch_again),
	  T(stix_of_the_simple_kinds), T(misp_events), T(the_kind_of_a_set_is_told_or_asked_for),
	  T(long_lines_cost_themselves), T(scores_add_up_as_documented))
