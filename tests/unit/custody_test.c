/* SPDX-License-Identifier: Apache-2.0 */
/* Whose a checkpoint is: made by the log's team, by another party of the roster, by nobody. */
#include "../../lib/casedb/db.h"
#include "../t.h"
#include "../tree.h"

#include <picket/custody.h>
#include <picket/roster.h>

#define LEAD 0
#define PHL 1
#define ALLY 2

static struct tree tmp;
static struct pk_roster roster;
static struct pk_note_key note_key[3], ally, ally2;

static void set_up_party(size_t i, const char *name, const char *org)
{
	PK_AUTO(pk_minisign_key) sign = {0};
	struct pk_party p = {.name = pk_str_dup(pk_str(name)),
			     .org = pk_str_dup(pk_str(org)),
			     .nation = pk_str_dup(PK_STR("USA")),
			     .has_note = true};

	OK(pk_note_generate(&note_key[i], name, PK_NOTE_SIGN, &err));
	OK(pk_minisign_generate(&sign, &err));
	p.note = note_key[i].pub;
	p.sign = sign.pub;
	p.has_sign = true;
	if (i == ALLY) {
		OK(pk_note_generate(&ally, name, PK_NOTE_COSIGN, &err));
		p.cosign = ally.pub;
		p.has_cosign = true;
	}
	OK(pk_roster_add(&roster, &p, &err));
	pk_party_done(&p);
}

static const struct pk_check_sink no_sink;

TEST(set_up)
{
	OK(pk_crypto_init(&err));
	tmp = tree_new();
	CHECK(setenv("XDG_CONFIG_HOME", tmp.dir, 1) == 0); /* where a station remembers what it cosigned */
	set_up_party(LEAD, "lead", "CPT-7");
	set_up_party(PHL, "phl", "PHL");
	set_up_party(ALLY, "jpn", "JPN");
	OK(pk_note_generate(&ally2, "phl", PK_NOTE_COSIGN, &err));
}

static struct pk_case *open_new(const char *name, const char *team, const struct pk_note_pub *key)
{
	PK_AUTO(pk_buf) dir = {0};
	struct pk_case *c = NULL;

	pk_buf_putf(&dir, "%s/%s", tmp.dir, name);
	OK(pk_case_init(dir.p, &(struct pk_case_params){.team = team, .key = key, .place = "x"}, "ann", &err));
	OK(pk_case_open(dir.p, PK_CASE_WRITE, "ann", &c, &err));
	return c;
}

/* A checkpoint of that log, of its first lines, as a party would sign it; flip: with another root. */
static void forge(const struct pk_custody_log *log, uint64_t size, bool flip, const struct pk_note_key *key,
		  struct pk_buf *ret)
{
	struct pk_checkpoint cp = {.size = size};
	PK_AUTO(pk_buf) origin = {0};
	PK_AUTO(pk_buf) text = {0};

	OK(pk_custody_origin(log, &origin, &err));
	cp.origin = pk_buf_str(&origin);
	pk_custody_root(log, size, cp.root);
	cp.root[0] ^= flip;
	pk_buf_put_checkpoint(&text, &cp);
	pk_buf_reset(ret);
	OK(pk_note_sign(key, pk_buf_str(&text), ret, &err));
}

static void on_finding(void *ctx, bool bad, const char *text)
{
	pk_buf_putf(ctx, "%s %s\n", bad ? "bad" : "note", text);
}

static uint64_t check(struct pk_custody_log *log, const struct pk_buf *note, bool has_roster, struct pk_buf *said)
{
	struct pk_check_sink sink = {.finding = on_finding, .ctx = said};
	uint64_t bad = 0;

	pk_buf_reset(said);
	OK(pk_custody_check_checkpoint(log, pk_buf_str(note), has_roster ? &roster : NULL, &sink, &bad, &err));
	return bad;
}

static bool has(const struct pk_buf *b, const char *z) { return b->p && strstr(b->p, z) != NULL; }

TEST(the_team_of_an_origin)
{
	CHECK_STR(pk_custody_team(PK_STR("CPT-7/case/00ff")), PK_STR("CPT-7"));
	CHECK_STR(pk_custody_team(PK_STR("a/case/b/case/00ff")), PK_STR("a/case/b"));
	CHECK_STR(pk_custody_team(PK_STR("/case/00ff")), PK_STR(""));
	CHECK_STR(pk_custody_team(PK_STR("CPT-7")), PK_STR(""));
	CHECK_STR(pk_custody_team(PK_STR("")), PK_STR(""));
}

TEST(the_key_is_that_of_the_first_line_that_names_one)
{
	PK_AUTOPTR(pk_case) c = open_new("keys", "CPT-7", &note_key[LEAD].pub);
	PK_AUTO(pk_custody_log) of_case = {0}, log = {0};
	PK_AUTO(pk_buf) key = {0};

	OK(pk_case_custody_log(c, &of_case, &err));
	OK(pk_custody_log_put(&log, PK_STR("no custody line"), &err));
	OK(pk_custody_key(&log, &key, &err));
	CHECK_INT(key.n, 0);
	OK(pk_custody_log_put(&log, pk_custody_log_line(&of_case, 0), &err));
	OK(pk_custody_log_put(&log, PK_STR("no custody line either"), &err));
	for (int again = 0; again < 2; again++) {
		pk_buf_reset(&key);
		OK(pk_custody_key(&log, &key, &err));
		CHECK(pk_str_starts(pk_buf_str(&key), PK_STR("lead+")));
		CHECK_INT(log.keyless, 1);
	}
}

TEST(a_checkpoint_of_another_key_is_anothers)
{
	PK_AUTOPTR(pk_case) c = open_new("checks", "CPT-7", &note_key[LEAD].pub);
	PK_AUTO(pk_custody_log) log = {0};
	PK_AUTO(pk_buf) key = {0};
	PK_AUTO(pk_buf) note = {0};
	PK_AUTO(pk_buf) said = {0};

	OK(pk_case_custody_log(c, &log, &err));
	OK(pk_custody_key(&log, &key, &err));
	CHECK(pk_str_starts(pk_buf_str(&key), PK_STR("lead+")));
	forge(&log, 1, false, &note_key[LEAD], &note);
	CHECK_INT(check(&log, &note, true, &said), 0);
	CHECK_INT(check(&log, &note, false, &said), 0);
	for (int flip = 0; flip < 2; flip++) {
		forge(&log, 1, flip, &note_key[PHL], &note);
		CHECK_INT(check(&log, &note, true, &said), 1);
		CHECK(has(&said, "bad the checkpoint is signed by 'phl', and the log's key is lead+"));
		CHECK(!has(&said, "rewritten"));
		CHECK_INT(check(&log, &note, false, &said), 1);
		CHECK(has(&said, "bad the checkpoint is not signed by the log's key lead+"));
	}
	/* a signature line of the log's key that does not fit is none */
	forge(&log, 1, true, &note_key[LEAD], &said);
	forge(&log, 1, false, &note_key[PHL], &note);
	pk_buf_put_str(&note, pk_str(strstr(said.p, "\n\n") + 2));
	CHECK_INT(check(&log, &note, true, &said), 1);
	CHECK(has(&said, "signature by 'lead' does not fit"));
	/* a second signature takes nothing away */
	forge(&log, 1, false, &note_key[PHL], &said);
	forge(&log, 1, false, &note_key[LEAD], &note);
	pk_buf_put_str(&note, pk_str(strstr(said.p, "\n\n") + 2));
	CHECK_INT(check(&log, &note, true, &said), 0);
}

TEST(a_key_of_another_team)
{
	PK_AUTOPTR(pk_case) c = open_new("posing", "CPT-7", &note_key[PHL].pub);
	PK_AUTOPTR(pk_case) unknown = open_new("unknown", "nobody", &note_key[PHL].pub);
	PK_AUTOPTR(pk_case) keyless = open_new("keyless", "CPT-7", NULL);
	PK_AUTO(pk_custody_log) log = {0}, log2 = {0}, log3 = {0};
	PK_AUTO(pk_buf) note = {0};
	PK_AUTO(pk_buf) said = {0};

	OK(pk_case_custody_log(c, &log, &err));
	forge(&log, 1, false, &note_key[PHL], &note);
	CHECK_INT(check(&log, &note, true, &said), 1);
	CHECK(has(&said, "signed by 'phl' of 'PHL', and the log is that of 'CPT-7': it is another's"));
	OK(pk_case_custody_log(unknown, &log2, &err));
	forge(&log2, 1, false, &note_key[PHL], &note);
	CHECK_INT(check(&log2, &note, true, &said), 0);
	CHECK(has(&said, "note no party of the roster is of 'nobody'"));
	OK(pk_case_custody_log(keyless, &log3, &err));
	forge(&log3, 1, false, &note_key[PHL], &note);
	CHECK_INT(check(&log3, &note, true, &said), 0);
	CHECK(has(&said, "note the log's lines name no key: whether the checkpoint is its team's own was not checked"));
}

static int64_t count(struct pk_case *c, const char *sql)
{
	int64_t n = -1;

	OK(pk_case_int(c, sql, 0, &n, &err));
	return n;
}

TEST(what_is_cosigned)
{
	PK_AUTOPTR(pk_case) c = open_new("log", "CPT-7", &note_key[LEAD].pub);
	PK_AUTOPTR(pk_case) theirs = open_new("theirs", "JPN", &note_key[ALLY].pub);
	PK_AUTO(pk_custody_log) log = {0};
	PK_AUTO(pk_buf) note = {0}, seen = {0}, bare = {0}, next = {0};

	OK(pk_case_custody_log(c, &log, &err));
	for (int flip = 0; flip < 2; flip++) {
		forge(&log, 1, flip, &note_key[PHL], &note);
		FAILS(PK_ECRYPTO, pk_case_custody_cosign(theirs, pk_buf_str(&note), &ally, &roster, NULL, &seen, &err));
	}
	OK(pk_note_sign(&note_key[LEAD], PK_STR("elsewhere\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"), &bare,
			&err));
	FAILS(PK_ECRYPTO, pk_case_custody_cosign(theirs, pk_buf_str(&bare), &ally, &roster, NULL, &seen, &err));
	/* of no lines, and of more than a case can hold */
	forge(&log, 0, false, &note_key[LEAD], &note);
	FAILS(PK_EFORMAT, pk_case_custody_cosign(theirs, pk_buf_str(&note), &ally, &roster, NULL, &seen, &err));
	forge(&log, (uint64_t)INT64_MAX + 1, false, &note_key[LEAD], &note);
	FAILS(PK_EFORMAT, pk_case_custody_cosign(theirs, pk_buf_str(&note), &ally, &roster, NULL, &seen, &err));
	CHECK_INT(count(theirs, "SELECT count(*) FROM cosigned"), 0);
	CHECK_INT(count(theirs, "SELECT count(*) FROM custody"), 1);
	CHECK_INT(seen.n, 0);
	OK(pk_case_custody_checkpoint(c, &note_key[LEAD], (struct pk_str){0}, &no_sink, &next, &err));
	OK(pk_case_custody_cosign(theirs, pk_buf_str(&next), &ally, &roster, NULL, &seen, &err));
	CHECK_INT(count(theirs, "SELECT count(*) FROM cosigned"), 1);
	/* the party has another key now; the log has the one it had */
	struct pk_party p = {0};
	struct pk_note_key newer = {0};
	OK(pk_party_copy(&roster.party[LEAD], &p, &err));
	OK(pk_note_generate(&newer, "lead", PK_NOTE_SIGN, &err));
	roster.party[LEAD].note = newer.pub;
	forge(&log, 1, false, &newer, &note);
	pk_buf_reset(&seen);
	FAILS(PK_ECRYPTO, pk_case_custody_cosign(theirs, pk_buf_str(&note), &ally, &roster, NULL, &seen, &err));
	roster.party[LEAD].note = p.note;
	CHECK_INT(count(theirs, "SELECT count(*) FROM custody"), 2);
	OK(pk_case_custody_cosign(theirs, pk_buf_str(&next), &ally, &roster, NULL, &seen, &err));
	pk_note_key_done(&newer);
	pk_party_done(&p);
}

TEST(what_is_a_receipt)
{
	PK_AUTOPTR(pk_case) c = open_new("own", "CPT-7", &note_key[LEAD].pub);
	PK_AUTOPTR(pk_case) keyless = open_new("other", "CPT-7", NULL);
	PK_AUTO(pk_custody_log) log = {0}, log2 = {0};
	PK_AUTO(pk_buf) note = {0}, seen = {0}, more = {0}, both = {0};
	int64_t bytes = 0;

	/* an older ally cosigned whatever a party of its roster had signed */
	OK(pk_case_custody_log(c, &log, &err));
	forge(&log, 1, false, &note_key[PHL], &note);
	OK(pk_note_cosign(&ally, pk_buf_str(&note), pk_time_now(), &seen, &err));
	FAILS(PK_ECRYPTO, pk_case_custody_receipt(c, pk_buf_str(&seen), &roster, &err));
	OK(pk_case_custody_log(keyless, &log2, &err));
	forge(&log2, 1, false, &note_key[LEAD], &note);
	pk_buf_reset(&seen);
	OK(pk_note_cosign(&ally, pk_buf_str(&note), pk_time_now(), &seen, &err));
	FAILS(PK_ECRYPTO, pk_case_custody_receipt(keyless, pk_buf_str(&seen), &roster, &err));
	CHECK_INT(count(keyless, "SELECT count(*) FROM head"), 0);
	CHECK_INT(count(c, "SELECT count(*) FROM head"), 0);
	CHECK_INT(count(c, "SELECT count(*) FROM custody"), 1);
	forge(&log, 1, false, &note_key[LEAD], &note);
	pk_buf_reset(&seen);
	OK(pk_note_cosign(&ally, pk_buf_str(&note), pk_time_now(), &seen, &err));
	OK(pk_case_custody_receipt(c, pk_buf_str(&seen), &roster, &err));
	CHECK_INT(count(c, "SELECT count(*) FROM head"), 1);
	CHECK_INT(count(c, "SELECT count(*) FROM custody"), 2);
	/* another party's signature is none of the log's, and the cosignature is there already */
	bytes = count(c, "SELECT length(note) FROM head");
	forge(&log, 1, false, &note_key[PHL], &more);
	pk_buf_put_str(&note, pk_str(strstr(more.p, "\n\n") + 2));
	OK(pk_note_cosign(&ally, pk_buf_str(&note), pk_time_now(), &both, &err));
	OK(pk_case_custody_receipt(c, pk_buf_str(&both), &roster, &err));
	CHECK_INT(count(c, "SELECT length(note) FROM head"), bytes);
	OK(pk_case_custody_receipt(c, pk_buf_str(&seen), &roster, &err));
	CHECK_INT(count(c, "SELECT length(note) FROM head"), bytes);
	CHECK_INT(count(c, "SELECT count(*) FROM custody"), 4);
	/* the log's key is nobody's in the roster: its signature cannot be told from none */
	roster.party[LEAD].has_note = false;
	FAILS(PK_ECRYPTO, pk_case_custody_receipt(c, pk_buf_str(&both), &roster, &err));
	roster.party[LEAD].has_note = true;
	CHECK_INT(count(c, "SELECT count(*) FROM custody"), 4);
}

/* The note with that cosignature; *ret_line is its line. */
static void cosign(const struct pk_note_key *key, int64_t at, const struct pk_buf *note, struct pk_buf *ret,
		   struct pk_str *ret_line)
{
	pk_buf_reset(ret);
	OK(pk_note_cosign(key, pk_buf_str(note), (struct pk_time){.sec = at}, ret, &err));
	*ret_line = pk_str_n(ret->p + note->n, ret->n - note->n);
}

static void expect(struct pk_buf *got, const struct pk_buf *note, struct pk_str one, struct pk_str two)
{
	PK_AUTO(pk_buf) want = {0};

	pk_buf_put_str(&want, pk_buf_str(note));
	pk_buf_put_str(&want, one);
	pk_buf_put_str(&want, two);
	CHECK_STR(pk_buf_str(got), pk_buf_str(&want));
	pk_buf_reset(got);
}

TEST(notes_are_merged)
{
	const struct pk_note_pub *pub[] = {&note_key[LEAD].pub, &ally.pub, &ally2.pub};
	const struct pk_str none = {0}, junk = PK_STR("\xe2\x80\x94 zzz AAAAAAAA\n");
	PK_AUTO(pk_buf) note = {0}, seen = {0}, seen2 = {0}, late = {0}, mixed = {0}, got = {0}, other = {0};
	struct pk_str line, line2, later;
	struct pk_time at;

	OK(pk_note_sign(&note_key[LEAD], PK_STR("a/case/b\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"), &note,
			&err));
	OK(pk_note_sign(&note_key[LEAD], PK_STR("a/case/b\n2\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"), &other,
			&err));
	cosign(&ally, 1000, &note, &seen, &line);
	cosign(&ally, 2000, &note, &late, &later);
	cosign(&ally2, 1500, &note, &seen2, &line2);
	/* both stay, in the order in which they came */
	OK(pk_note_merge(none, pk_buf_str(&seen), pub, 3, &got, &err));
	expect(&got, &note, line, none);
	OK(pk_note_merge(pk_buf_str(&note), pk_buf_str(&seen), pub, 3, &got, &err));
	expect(&got, &note, line, none);
	OK(pk_note_merge(pk_buf_str(&seen), pk_buf_str(&seen2), pub, 3, &got, &err));
	expect(&got, &note, line, line2);
	OK(pk_note_merge(pk_buf_str(&seen2), pk_buf_str(&seen), pub, 3, &got, &err));
	expect(&got, &note, line2, line);
	/* one of each key: that which was taken first, and of two in one note, the earlier */
	OK(pk_note_merge(pk_buf_str(&late), pk_buf_str(&seen), pub, 3, &got, &err));
	expect(&got, &note, later, none);
	pk_buf_put_str(&mixed, pk_buf_str(&late));
	pk_buf_put_str(&mixed, line);
	OK(pk_note_merge(none, pk_buf_str(&mixed), pub, 3, &got, &err));
	expect(&got, &note, line, none);
	OK(pk_note_cosigned(&ally.pub, pk_buf_str(&mixed), &at, &err));
	CHECK_INT(at.sec, 1000);
	/* whoever is not known: of the kept note alone, and never for one that does not fit */
	pk_buf_reset(&mixed);
	pk_buf_put_str(&mixed, pk_buf_str(&seen));
	pk_buf_put_str(&mixed, junk);
	OK(pk_note_merge(pk_buf_str(&note), pk_buf_str(&mixed), pub, 3, &got, &err));
	expect(&got, &note, line, none);
	OK(pk_note_merge(pk_buf_str(&mixed), pk_buf_str(&note), pub, 3, &got, &err));
	expect(&got, &note, line, junk);
	OK(pk_note_merge(pk_buf_str(&seen2), pk_buf_str(&seen), pub, 2, &got, &err));
	expect(&got, &note, line2, line);
	OK(pk_note_merge(pk_buf_str(&seen), pk_buf_str(&seen2), pub, 2, &got, &err));
	expect(&got, &note, line, none);
	pk_buf_reset(&mixed);
	pk_buf_put_str(&mixed, pk_buf_str(&seen));
	mixed.p[note.n + line.n - 10] = mixed.p[note.n + line.n - 10] == 'A' ? 'B' : 'A';
	OK(pk_note_merge(pk_buf_str(&mixed), pk_buf_str(&late), pub, 3, &got, &err));
	expect(&got, &note, later, none);
	/* another text, no signature of the log's, no note */
	FAILS(PK_ECRYPTO, pk_note_merge(pk_buf_str(&other), pk_buf_str(&seen), pub, 3, &got, &err));
	FAILS(PK_ECRYPTO, pk_note_merge(none, pk_buf_str(&seen), pub + 1, 2, &got, &err));
	FAILS(PK_EFORMAT, pk_note_merge(none, PK_STR("text\n"), pub, 3, &got, &err));
	FAILS(PK_EFORMAT, pk_note_merge(PK_STR("text\n"), pk_buf_str(&seen), pub, 3, &got, &err));
	CHECK_INT(got.n, 0);
}

TEST(no_checkpoint_of_a_log_that_does_not_check)
{
	PK_AUTOPTR(pk_case) c = open_new("dropped", "CPT-7", NULL);
	PK_AUTO(pk_buf) note = {0};

	OK(pk_case_custody_add(c, &(struct pk_custody_act){.action = "copy", .object = "x", .reason = PK_STR("y")},
			       &err));
	OK(pk_case_custody_checkpoint(c, NULL, (struct pk_str){0}, &no_sink, &note, &err));
	OK(pk_case_exec(c, "DROP TRIGGER custody_delete; DELETE FROM custody WHERE seq = 1", &err));
	pk_buf_reset(&note);
	FAILS(PK_ECRYPTO, pk_case_custody_checkpoint(c, &note_key[LEAD], (struct pk_str){0}, &no_sink, &note, &err));
	FAILS(PK_ECRYPTO, pk_case_custody_checkpoint(c, NULL, (struct pk_str){0}, &no_sink, &note, &err));
	CHECK_INT(note.n, 0);
	CHECK_INT(count(c, "SELECT count(*) FROM head"), 1);
	CHECK_INT(count(c, "SELECT count(*) FROM meta WHERE key = 'key'"), 0);
	/* nor is it taken for the key that signs */
	OK(pk_case_exec(c, "DELETE FROM head", &err));
	OK(pk_case_custody_checkpoint(c, &note_key[PHL], (struct pk_str){0}, &no_sink, &note, &err));
}

/* The log's lines with their times in January 2021. */
static void of_2021(const struct pk_custody_log *log, struct pk_custody_log *ret)
{
	for (size_t i = 0; i < log->n; i++) {
		PK_AUTO(pk_buf) line = {0};
		char *t = NULL;

		pk_buf_put_str(&line, pk_custody_log_line(log, i));
		OK(pk_buf_check(&line, &err));
		t = strstr(line.p, "\"t\":\"");
		CHECK(t != NULL);
		memcpy(t + 5, "1609", 4);
		OK(pk_custody_log_put(ret, pk_buf_str(&line), &err));
	}
}

TEST(a_signer_counts_as_it_stood_when_the_last_line_was_written)
{
	PK_AUTOPTR(pk_case) c = open_new("of_old", "CPT-7", &note_key[LEAD].pub);
	struct pk_party *lead = &roster.party[LEAD];
	PK_AUTO(pk_custody_log) now = {0}, log = {0};
	PK_AUTO(pk_buf) note = {0}, said = {0};
	const int64_t before = 1577836800, after = 1640995200; /* 2020 and 2022 */

	OK(pk_case_custody_log(c, &now, &err));
	of_2021(&now, &log);
	forge(&log, 1, false, &note_key[LEAD], &note);
	lead->revoked = after;
	CHECK_INT(check(&log, &note, true, &said), 0);
	lead->revoked = before;
	CHECK_INT(check(&log, &note, true, &said), 1);
	CHECK(has(&said, "party 'lead' was revoked at 2020-01-01T00:00:00Z"));
	lead->revoked = 0;
	lead->valid_to = after;
	CHECK_INT(check(&log, &note, true, &said), 0);
	lead->valid_to = before;
	CHECK_INT(check(&log, &note, true, &said), 1);
	CHECK(has(&said, "party 'lead' was valid until 2020-01-01T00:00:00Z"));
	lead->valid_to = 0;
}

TEST(when_a_cosignature_can_be_of)
{
	PK_AUTOPTR(pk_case) c = open_new("seen", "CPT-7", &note_key[LEAD].pub);
	PK_AUTO(pk_custody_log) log = {0};
	PK_AUTO(pk_buf) note = {0}, seen = {0}, said = {0};
	const int64_t now = pk_time_now().sec;
	const struct {
		int64_t at;
		const char *fault;
	} cases[] = {
		{now, NULL},
		{now - 240, NULL}, /* a clock that is behind, or ahead */
		{now + 86000, NULL},
		{now - 400, "seen by 'jpn' at "},
		{0, "seen by 'jpn' at 1970-01-01T00:00:00Z, before custody line 0 was written"},
		{now + 90000, "a time that has not come"},
		{INT64_MAX, "a time that has not come"},
	};

	OK(pk_case_custody_log(c, &log, &err));
	forge(&log, 1, false, &note_key[LEAD], &note);
	for (size_t i = 0; i < PK_LEN(cases); i++) {
		struct pk_check_sink sink = {.finding = on_finding, .ctx = &said};
		int64_t lines = count(c, "SELECT count(*) FROM custody");
		uint64_t bad = 0;

		pk_buf_reset(&seen);
		OK(pk_note_cosign(&ally, pk_buf_str(&note), (struct pk_time){.sec = cases[i].at}, &seen, &err));
		CHECK_INT(check(&log, &seen, true, &said), cases[i].fault != NULL);
		CHECK(!cases[i].fault || has(&said, cases[i].fault));
		pk_buf_reset(&said);
		OK(pk_custody_check_kept(&log, pk_buf_str(&seen), &roster, &sink, &bad, &err));
		CHECK_INT(bad, cases[i].fault != NULL);
		CHECK(!cases[i].fault || has(&said, cases[i].fault));
		if (!cases[i].fault) {
			OK(pk_case_custody_receipt(c, pk_buf_str(&seen), &roster, &err));
			continue;
		}
		FAILS(PK_ECRYPTO, pk_case_custody_receipt(c, pk_buf_str(&seen), &roster, &err));
		CHECK_INT(count(c, "SELECT count(*) FROM custody"), lines);
	}
	/* of lines that are not there, only the future is known */
	forge(&log, 0, false, &note_key[LEAD], &note);
	pk_buf_reset(&seen);
	OK(pk_note_cosign(&ally, pk_buf_str(&note), (struct pk_time){.sec = 0}, &seen, &err));
	CHECK_INT(check(&log, &seen, true, &said), 0);
}

/* As an export has none, and JSON takes no notice of it. */
TEST(a_line_break_inside_a_line)
{
	PK_AUTOPTR(pk_case) c = open_new("broken", "CPT-7", NULL);
	PK_AUTO(pk_custody_log) whole = {0}, log = {0};
	PK_AUTO(pk_custody_entry) e = {0};
	PK_AUTO(pk_buf) line = {0}, said = {0};
	struct pk_check_sink sink = {.finding = on_finding, .ctx = &said};
	uint64_t bad = 0;

	OK(pk_case_custody_log(c, &whole, &err));
	OK(pk_custody_check_lines(&whole, &sink, &bad, &err));
	CHECK_INT(bad, 0);
	pk_buf_puts(&line, "{\n");
	pk_buf_put_str(&line, pk_str_n(pk_custody_log_line(&whole, 0).p + 1, pk_custody_log_line(&whole, 0).n - 1));
	OK(pk_custody_entry_parse(pk_buf_str(&line), &e, &err));
	OK(pk_custody_log_put(&log, pk_buf_str(&line), &err));
	OK(pk_custody_check_lines(&log, &sink, &bad, &err));
	CHECK_INT(bad, 1);
	CHECK(has(&said, "bad line 1 of the log holds a line break"));
	bad = 0;
	OK(pk_custody_check_export(&whole, &log, &sink, &bad, &err));
	CHECK_INT(bad, 1);
	CHECK(has(&said, "bad line 1 of the export holds a line break"));
}

TEST(clean_up)
{
	for (size_t i = 0; i < PK_LEN(note_key); i++)
		pk_note_key_done(&note_key[i]);
	pk_note_key_done(&ally);
	pk_note_key_done(&ally2);
	pk_roster_done(&roster);
	tree_done(&tmp);
}

RUN_TESTS(T(set_up), T(the_team_of_an_origin), T(the_key_is_that_of_the_first_line_that_names_one),
	  T(a_checkpoint_of_another_key_is_anothers), T(a_key_of_another_team), T(what_is_cosigned),
	  T(what_is_a_receipt), T(notes_are_merged), T(no_checkpoint_of_a_log_that_does_not_check),
	  T(a_signer_counts_as_it_stood_when_the_last_line_was_written), T(when_a_cosignature_can_be_of),
	  T(a_line_break_inside_a_line), T(clean_up))
