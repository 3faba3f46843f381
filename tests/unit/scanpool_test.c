/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"
#include <picket/io.h>
#include <picket/limits.h>
#include <picket/scan.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static const char basic[] =
	"import \"hash\"\n"
	"private rule hidden { condition: true }\n"
	"rule hello : greeting polite { meta: author = \"x\" score = 75 hash = \"a\" hash = \"b\" good = true\n"
	"  strings: $a = \"hello\" $b = { 77 6f 72 [1-2] 64 } condition: $a and (#b >= 0) and hidden }\n"
	"rule named { condition: filename == \"a.PHP\" and filepath == \"/var/www\" and extension == \".php\" }\n"
	"rule empty { condition: filesize == 0 }\n"
	"rule hashed { condition: hash.md5(4, 5) == \"5d41402abc4b2a76b9719d911017c592\" }\n"
	"rule entry { condition: entrypoint >= 0 }\n";

struct fixture {
	struct pk_rules rules;
	struct pk_slots slots;
	struct pk_scanpool *pool;
};

static void setup(struct fixture *f, const char *text, unsigned timeout, size_t children)
{
	struct pk_scanpool_params p = {.rules = &f->rules,
				       .slots = &f->slots,
				       .children = children,
				       .timeout_seconds = timeout,
				       .max_scan = 64 << 20};

	*f = (struct fixture){0};
	OK(pk_rules_add(&f->rules, NULL, "basic.yar", pk_str(text), &err));
	OK(pk_slots_init(&f->slots, 2, &err));
	OK(pk_scanpool_new(&p, &f->pool, &err));
}

static void teardown(struct fixture *f)
{
	pk_scanpool_free(f->pool);
	pk_slots_done(&f->slots);
	pk_rules_done(&f->rules);
}

static void offer(struct fixture *f, uint64_t id, const char *text, size_t n, uint64_t at, struct pk_scan_externals ext)
{
	struct pk_scan_item item = {.id = id, .fd = -1, .offset = at, .length = n, .ext = ext};

	memcpy(f->slots.base + at, text, n);
	OK(pk_scanpool_offer(f->pool, &item, &err));
}

static bool hit(const struct fixture *f, const struct pk_scan_result *r, const char *rule)
{
	const struct pk_ruleset *set = pk_scanpool_rules(f->pool);

	for (size_t i = 0; r && i < r->hit_count; i++)
		if (strcmp(set->rules[r->hits[i].rule].name, rule) == 0)
			return true;
	return false;
}

TEST(hits_come_back)
{
	struct fixture f;
	PK_AUTOPTR(pk_scan_result) a = NULL;
	PK_AUTOPTR(pk_scan_result) b = NULL;
	PK_AUTO(pk_buf) lower = {0};
	PK_AUTO(pk_buf) out = {0};
	struct pk_json j = {.out = &out};
	struct pk_scan_externals ext = {0};

	setup(&f, basic, 10, 2);
	pk_scan_externals_path(&ext, PK_STR("/var/www/a.PHP"), &lower);
	offer(&f, 7, "say hello word, word!", 21, 100, ext);
	offer(&f, 8, "", 0, 0, (struct pk_scan_externals){0});
	OK(pk_scanpool_wait(f.pool, 8, &b, &err));
	OK(pk_scanpool_wait(f.pool, 7, &a, &err));
	CHECK(a && a->id == 7 && a->verdict == PK_SCAN_SCANNED);
	CHECK(hit(&f, a, "hello") && hit(&f, a, "named") && hit(&f, a, "hashed") && !hit(&f, a, "hidden") &&
	      !hit(&f, a, "empty"));
	CHECK(b && hit(&f, b, "empty") && b->hit_count == 1);
	CHECK_INT(pk_scanpool_rules(f.pool)->rule_count, 6);
	if (a && a->hit_count > 0) {
		pk_json_begin(&j, '{');
		pk_scan_hit_put_json(&j, pk_scanpool_rules(f.pool), &a->hits[0]);
		pk_json_end(&j, '}');
		OK(pk_json_check(&j, &err));
		CHECK_STR(pk_buf_str(&out),
			  PK_STR("{\"rule\":\"hello\",\"namespace\":\"basic.yar\",\"tags\":[\"greeting\",\"polite\"],"
				 "\"meta\":{\"author\":\"x\",\"score\":75,\"hash\":[\"a\",\"b\"],\"good\":true},"
				 "\"strings\":[{\"name\":\"$a\",\"offset\":4,\"length\":5,\"data\":\"hello\"}]}"));
	}
	FAILS(PK_EINTERNAL, pk_scanpool_wait(f.pool, 7, &a, &err));
	teardown(&f);
}

TEST(many_items_each_get_their_own_answer)
{
	struct fixture f;
	size_t hits = 0, answers = 0;

	setup(&f, basic, 10, 3);
	for (uint64_t i = 0; i < 5000; i++)
		offer(&f, i, i % 7 == 0 ? "hello" : "jello", 5, (i % 1000) * 8, (struct pk_scan_externals){0});
	for (;;) {
		PK_AUTOPTR(pk_scan_result) r = NULL;

		OK(pk_scanpool_next(f.pool, true, &r, &err));
		if (!r)
			break;
		answers++;
		hits += hit(&f, r, "hello");
	}
	CHECK_INT(answers, 5000);
	CHECK(hits > 0);
	teardown(&f);
}

static int temp_file(const char *bytes, size_t n)
{
	int fd = memfd_create("scan", MFD_CLOEXEC);

	OK(pk_write_full(fd, bytes, n, &err));
	return fd;
}

TEST(descriptors_are_mapped)
{
	struct fixture f;
	PK_AUTOPTR(pk_scan_result) a = NULL;
	PK_AUTOPTR(pk_scan_result) b = NULL;
	PK_AUTOPTR(pk_scan_result) c = NULL;
	int good = temp_file("hello", 5), shrunk = temp_file("x", 1);
	struct pk_scan_item item = {.id = 1, .fd = good, .length = 5};

	setup(&f, basic, 10, 2);
	OK(pk_scanpool_offer(f.pool, &item, &err));
	/* longer than the file is: reading the second page is a bus error */
	item = (struct pk_scan_item){.id = 2, .fd = shrunk, .length = 100000};
	OK(pk_scanpool_offer(f.pool, &item, &err));
	item = (struct pk_scan_item){.id = 3, .fd = good, .length = 128 << 20};
	OK(pk_scanpool_offer(f.pool, &item, &err));
	close(good);
	close(shrunk);
	OK(pk_scanpool_wait(f.pool, 1, &a, &err));
	CHECK(hit(&f, a, "hello"));
	OK(pk_scanpool_wait(f.pool, 2, &b, &err));
	CHECK(b && b->verdict == PK_SCAN_FAILED && strcmp(b->why, "changed") == 0);
	OK(pk_scanpool_wait(f.pool, 3, &c, &err));
	CHECK(c && c->verdict == PK_SCAN_SKIPPED && strcmp(c->why, "too-large") == 0);
	teardown(&f);
}

TEST(a_slow_rule_ends)
{
	struct fixture f;
	PK_AUTOPTR(pk_scan_result) a = NULL;
	PK_AUTOPTR(pk_scan_result) b = NULL;

	setup(&f,
	      "rule slow { condition: filesize == 3 and for all i in (1..100000000000) : (i > 0) }\n"
	      "rule quick { condition: true }",
	      1, 1);
	offer(&f, 1, "abc", 3, 0, (struct pk_scan_externals){0});
	offer(&f, 2, "abcd", 4, 8, (struct pk_scan_externals){0});
	OK(pk_scanpool_wait(f.pool, 1, &a, &err));
	OK(pk_scanpool_wait(f.pool, 2, &b, &err));
	CHECK(b && hit(&f, b, "quick") && b->note_count == 0);
	CHECK(a && (a->verdict == PK_SCAN_FAILED || a->note_count > 0));
	teardown(&f);
}

TEST(broken_files_cost_themselves)
{
	PK_AUTO(pk_rules) rules = {0};
	PK_AUTOPTR(pk_scanpool) pool = NULL;
	PK_AUTOPTR(pk_scanpool) strict = NULL;
	struct pk_scanpool_params p = {.rules = &rules, .children = 1};
	const struct pk_ruleset *set = NULL;

	OK(pk_rules_add(&rules, NULL, "a.yar", PK_STR("rule a { condition: true }"), &err));
	OK(pk_rules_add(&rules, NULL, "b.yar", PK_STR("\n\nrule b { condition: $x }"), &err));
	OK(pk_rules_add(&rules, NULL, "m.yar", PK_STR("import \"magic\"\nrule m { condition: magic.type() == \"x\" }"),
			&err));
	OK(pk_rules_add(&rules, NULL, "d.yar", PK_STR("import /* */ \"cuckoo\" rule d { condition: true }"), &err));
	OK(pk_rules_add(&rules, NULL, "i.yar", PK_STR("include \"/etc/passwd\""), &err));
	OK(pk_rules_add(&rules, NULL, "e.yar", PK_STR("include \"a.yar\" rule e { condition: a }"), &err));
	OK(pk_scanpool_new(&p, &pool, &err));
	OK(pk_scanpool_ready(pool, &err));
	set = pk_scanpool_rules(pool);
	CHECK_INT(set->rule_count, 4);
	CHECK_INT(set->broken_count, 2);
	CHECK_INT(set->refused_count, 1);
	CHECK_INT(set->source_count, 6);
	for (size_t i = 0; i < set->problem_count; i++) {
		if (strcmp(set->problems[i].name, "b.yar") == 0)
			CHECK_INT(set->problems[i].line, 3);
		if (strcmp(set->problems[i].name, "m.yar") == 0)
			CHECK(strstr(set->problems[i].text, "magic") && set->problems[i].line == 2);
	}
	p.strict = true;
	OK(pk_scanpool_new(&p, &strict, &err));
	FAILS(PK_EUSAGE, pk_scanpool_ready(strict, &err));
	FAILS(PK_EUSAGE, pk_scanpool_ready(strict, &err));
}

TEST(externals_are_as_documented)
{
	struct pk_scan_externals e = {0};
	PK_AUTO(pk_buf) lower = {0};

	pk_scan_externals_path(&e, PK_STR("/x"), &lower);
	CHECK_STR(e.filename, PK_STR("x"));
	CHECK_STR(e.filepath, PK_STR("/"));
	CHECK_STR(e.extension, PK_STR(""));
	pk_scan_externals_path(&e, PK_STR("a/b/.C.ExE"), &lower);
	CHECK_STR(e.filename, PK_STR(".C.ExE"));
	CHECK_STR(e.filepath, PK_STR("a/b"));
	CHECK_STR(e.extension, PK_STR(".exe"));
	CHECK_STR(pk_str(pk_scan_filetype("MZ", 2)), PK_STR("EXE"));
	CHECK_STR(pk_str(pk_scan_filetype("M", 1)), PK_STR("UNKNOWN"));
	CHECK_STR(pk_str(pk_scan_filetype("", 0)), PK_STR("UNKNOWN"));
}

TEST(metadata_becomes_externals)
{
	static const struct {
		uint32_t mode;
		const char *want;
	} modes[] = {{0100644, "-rw-r--r--"}, {0104755, "-rwsr-xr-x"}, {0104655, "-rwSr-xr-x"}, {0102715, "-rwx--sr-x"},
		     {041777, "drwxrwxrwt"},  {041776, "drwxrwxrwT"},  {0120777, "lrwxrwxrwx"}, {0, "?---------"}};
	const struct pk_scan_hostvars host = {.timezone = "Asia/Tokyo", .now = {200000, 500000000}};
	struct pk_scan_meta meta = {
		.uid = 7, .gid = 4294967295u, .group = "wheel", .has_btime = true, .btime = {113600, 500000000}};
	struct pk_scan_externals e = {0};
	struct pk_scan_metatext text;

	for (size_t i = 0; i < PK_LEN(modes); i++) {
		meta.mode = modes[i].mode;
		pk_scan_externals_meta(&e, &meta, &host, &text);
		CHECK_STR(e.permissions, pk_str(modes[i].want));
		CHECK_INT(e.filemode, modes[i].mode);
	}
	CHECK_STR(e.owner, PK_STR("7"));
	CHECK_STR(e.group, PK_STR("wheel"));
	CHECK_STR(e.timezone, PK_STR("Asia/Tokyo"));
	CHECK_STR(e.language, PK_STR(""));
	CHECK(e.has_age && e.age == 1.0);
	meta.group = NULL;
	meta.has_btime = false;
	pk_scan_externals_meta(&e, &meta, &host, &text);
	CHECK_STR(e.group, PK_STR("4294967295"));
	CHECK(!e.has_age);
	/* a clock that goes backwards */
	meta.has_btime = true;
	meta.btime = (struct pk_time){286400, 500000000};
	pk_scan_externals_meta(&e, &meta, &host, &text);
	CHECK(e.age == -1.0);
	pk_scan_externals_meta(&e, &meta, NULL, &text);
	CHECK(!e.has_age);
}

TEST(every_external_arrives)
{
	static const char rules[] =
		"rule texts { condition: filename == \"1\" and filepath == \"2\" and extension == \"3\" and filetype "
		"== \"4\" and "
		"owner == \"5\" and group == \"6\" and permissions == \"7\" and timezone == \"8\" and language == "
		"\"9\" and "
		"unpack_parent == \"10\" and unpack_source == \"11\" }\n"
		"rule numbers { condition: filemode == 33188 and osversion == 19045 and age > 1.4 and age < 1.6 }\n"
		"rule nothing { condition: filemode == 0 and osversion == 0 and not defined age and timezone == \"\" "
		"}\n";
	const struct pk_scan_externals e = {PK_STR("1"),        PK_STR("2"),     PK_STR("3"),  PK_STR("4"),
					    PK_STR("5"),        PK_STR("6"),     PK_STR("7"),  PK_STR("8"),
					    PK_STR("9"),        PK_STR("10"),    PK_STR("11"), .filemode = 33188,
					    .osversion = 19045, .has_age = true, .age = 1.5};
	struct fixture f;
	PK_AUTOPTR(pk_scan_result) a = NULL;
	PK_AUTOPTR(pk_scan_result) b = NULL;

	setup(&f, rules, 10, 1);
	offer(&f, 1, "x", 1, 0, e);
	offer(&f, 2, "x", 1, 8, (struct pk_scan_externals){0});
	OK(pk_scanpool_wait(f.pool, 1, &a, &err));
	OK(pk_scanpool_wait(f.pool, 2, &b, &err));
	CHECK(hit(&f, a, "texts") && hit(&f, a, "numbers") && !hit(&f, a, "nothing"));
	CHECK(!hit(&f, b, "texts") && !hit(&f, b, "numbers") && hit(&f, b, "nothing"));
	teardown(&f);
}

RUN_TESTS(T(hits_come_back), T(many_items_each_get_their_own_answer), T(descriptors_are_mapped), T(a_slow_rule_ends),
	  T(broken_files_cost_themselves), T(externals_are_as_documented), T(metadata_becomes_externals),
	  T(every_external_arrives))
