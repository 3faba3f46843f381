/* SPDX-License-Identifier: Apache-2.0 */
#include "../../lib/scan/statelines.h"
#include "../t.h"

#include <fcntl.h>
#include <picket/io.h>
#include <unistd.h>

static char rule_name[] = "one", rule_ns[] = "r.yar", string_name[] = "$a";
static char *strings[] = {string_name};
static struct pk_rule_info rules[] = {{.name = rule_name, .ns = rule_ns, .strings = strings, .string_count = 1}};
static const struct pk_ruleset set = {.rules = rules, .rule_count = 1};
static const struct pk_ioc_hits no_ioc;
static const uint8_t id[PK_SCANSTATE_ID] = {1, 2, 3};

static struct pk_scan_match match = {.offset = 7, .length = 100, .data = {"he\xffo", 4}};
static struct pk_scan_hit hit = {.matches = &match, .match_count = 1, .more = true};
static struct pk_scan_result result = {.hits = &hit, .hit_count = 1};
static struct stat st = {.st_dev = 5,
			 .st_ino = 6,
			 .st_size = 7,
			 .st_mode = S_IFREG | 0644,
			 .st_mtim = {-1, 500000000},
			 .st_ctim = {1000, 5}};

static struct pk_scantree_file file_of(const char *path)
{
	return (struct pk_scantree_file){
		.path = pk_str(path), .st = &st, .result = &result, .ioc = &no_ioc, .bytes = 7};
}

TEST(a_line_comes_back_as_it_was)
{
	PK_AUTO(pk_buf) line = {0};
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_scanseen) seen = {0};
	struct pk_scantree_file f = file_of("a\"\\\n\xff");
	struct stat was;

	pk_scanseen_put_line(&line, &set, &f, (struct pk_time){9, 1});
	CHECK(line.n > 0 && line.p[line.n - 1] == '\n');
	CHECK(pk_scanseen_parse(pk_str_n(line.p, line.n - 1), &set, &path, &was, &seen));
	CHECK(pk_str_eq(pk_buf_str(&path), f.path));
	CHECK(was.st_dev == 5 && was.st_ino == 6 && was.st_size == 7 && was.st_mtim.tv_sec == -1 &&
	      was.st_mtim.tv_nsec == 500000000 && was.st_ctim.tv_nsec == 5);
	CHECK(seen.at.sec == 9 && seen.at.nsec == 1 && seen.bytes == 7 && !seen.has_sha256);
	CHECK_INT(seen.result.hit_count, 1);
	CHECK(seen.result.hits[0].more && seen.result.hits[0].matches[0].offset == 7);
	CHECK(pk_str_eq(seen.result.hits[0].matches[0].data, match.data));
}

TEST(a_line_with_any_byte_changed_is_none)
{
	PK_AUTO(pk_buf) line = {0};
	struct pk_scantree_file f = file_of("a");
	size_t taken = 0;

	pk_scanseen_put_line(&line, &set, &f, (struct pk_time){9, 1});
	for (size_t i = 0; i + 1 < line.n; i++) {
		line.p[i] ^= 1;
		taken += pk_scanseen_parse(pk_str_n(line.p, line.n - 1), &set, NULL, NULL, NULL);
		line.p[i] ^= 1;
	}
	CHECK_INT(taken, 0);
	CHECK(pk_scanseen_parse(pk_str_n(line.p, line.n - 1), &set, NULL, NULL, NULL));
}

TEST(a_line_of_another_rule_is_none)
{
	PK_AUTO(pk_buf) line = {0};
	struct pk_scantree_file f = file_of("a");
	struct pk_rule_info other = rules[0];
	char other_name[] = "two";

	pk_scanseen_put_line(&line, &set, &f, (struct pk_time){9, 1});
	other.name = other_name;
	CHECK(!pk_scanseen_parse(pk_str_n(line.p, line.n - 1), &(struct pk_ruleset){.rules = &other, .rule_count = 1},
				 NULL, NULL, NULL));
	other = rules[0];
	other.string_count = 0;
	CHECK(!pk_scanseen_parse(pk_str_n(line.p, line.n - 1), &(struct pk_ruleset){.rules = &other, .rule_count = 1},
				 NULL, NULL, NULL));
	CHECK(!pk_scanseen_parse(pk_str_n(line.p, line.n - 1), &(struct pk_ruleset){0}, NULL, NULL, NULL));
}

/* One scan that keeps one file. */
static bool is_kept(const struct pk_scantree_file *f)
{
	char folder[] = "/tmp/picket-state.XXXXXX";
	PK_AUTO(pk_buf) path = {0};
	bool known = false;

	CHECK(mkdtemp(folder) != NULL);
	pk_buf_putf(&path, "%s/S", folder);
	for (int round = 0; round < 2; round++) {
		PK_AUTOPTR(pk_scanstate) s = NULL;

		OK(pk_scanstate_open(path.p, true, id, &set, &s, &err));
		known = pk_scanstate_find(s, f->path, f->st, NULL);
		pk_scanstate_put(s, f);
		OK(pk_scanstate_commit(s, &err));
	}
	unlink(path.p);
	rmdir(folder);
	return known;
}

/* The same of a file that was changed a while before, once the clock did not go on meanwhile: a busy machine may take long. */
static bool is_kept_of_age(const struct pk_scantree_file *f, int64_t seconds, long ns)
{
	for (;;) {
		struct stat changed = *f->st;
		struct pk_scantree_file of = *f;
		struct pk_time now = pk_time_now();
		bool kept;

		changed.st_ctim = (struct timespec){now.sec - seconds, ns};
		of.st = &changed;
		kept = is_kept(&of);
		if (pk_time_now().sec == now.sec)
			return kept;
	}
}

TEST(only_what_was_scanned_whole_and_is_old_enough_is_kept)
{
	struct pk_scantree_file f = file_of("a");
	struct pk_scan_note note = {.why = "timeout"};
	struct pk_scan_result cut = result, noted = result;

	CHECK(is_kept(&f));
	f.verdict = PK_SCAN_FAILED;
	CHECK(!is_kept(&f));
	f = file_of("a");
	f.ioc_why = "no answer";
	CHECK(!is_kept(&f));
	f = file_of("a");
	cut.more = true;
	f.result = &cut;
	CHECK(!is_kept(&f));
	noted.notes = &note;
	noted.note_count = 1;
	f.result = &noted;
	CHECK(!is_kept(&f));
	f = file_of("a");
	CHECK(!is_kept_of_age(&f, -100, 1)); /* a clock that was set back */
	CHECK(!is_kept_of_age(&f, 1, 0));    /* a file system that may count seconds only */
	CHECK(is_kept_of_age(&f, 10, 0));
	CHECK(is_kept_of_age(&f, 1, 1));
}

RUN_TESTS(T(a_line_comes_back_as_it_was), T(a_line_with_any_byte_changed_is_none), T(a_line_of_another_rule_is_none),
	  T(only_what_was_scanned_whole_and_is_old_enough_is_kept))
