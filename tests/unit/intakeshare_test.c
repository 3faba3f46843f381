/* SPDX-License-Identifier: Apache-2.0 */
/* Import of shares that a liar made: whose ticket was used before, and whose sources contradict what the case holds. */
#include "../../lib/casedb/db.h"
#include "../sharemodel.h"

#include <picket/case.h>

#include <sodium.h>

TEST(set_up) { set_up_shares(); }

static struct pk_case *open_new(const char *name)
{
	pk_autofree char *dir = in_dir(name);
	struct pk_case *c = NULL;

	OK(pk_case_init(dir, &(struct pk_case_params){0}, NULL, &err));
	OK(pk_case_open(dir, PK_CASE_WRITE, "ann", &c, &err));
	return c;
}

static struct pk_import_result import(struct pk_case *c, const char *path, const char *accept)
{
	const struct pk_import how = {
		.ids = jpn_ids, .roster = &roster, .accept = accept, .salvage = false, .now = now};
	struct pk_import_result r = {.state = PK_IMPORT_REFUSED};

	OK(pk_case_import(c, path, &how, &r, &err));
	return r;
}

static int64_t count(struct pk_case *c, const char *sql)
{
	int64_t n = -1;

	OK(pk_case_int(c, sql, -1, &n, &err));
	return n;
}

/* --- the share's own ticket ------------------------------------------------------------------------------ */

static struct pk_ticket_kit share_kit(bool uses_one)
{
	struct pk_ticket_kit once = kit_of(&phl, &to_jpn, narrowed, ""), kit = {0};
	struct pk_time till = {.sec = now.sec + 3600};

	OK(pk_ticket_issue(&phl.sign, &once.terms, now, till, uses_one, &kit, &err));
	pk_ticket_kit_done(&once);
	return kit;
}

/* One share, sealed `n` times under one ticket (or under one each, without): n shares of different ids. */
static void seal_shares(const struct pk_ticket_kit *kit, char **paths, size_t n)
{
	struct model m = {0};
	const struct lies truth = {.kit = kit};

	read_model(&m);
	for (size_t i = 0; i < n; i++)
		OK(reseal(&m, &truth, paths[i], &err));
	model_done(&m);
}

TEST(its_ticket_is_for_one_share)
{
	static const struct {
		const char *name;
		bool own, once, replayed;
	} cases[] = {{"once", false, true, true}, {"many", false, false, false}, {"own", true, true, false}};
	const struct pk_share_pick all = {.paths = strv_of(any)};

	make_share(&all, shared);
	for (size_t i = 0; i < PK_LEN(cases); i++) {
		struct pk_ticket_kit kit = share_kit(cases[i].once);
		PK_AUTOPTR(pk_case) c = open_new(cases[i].name);
		PK_AUTO(pk_buf) a = {0}, b = {0};
		struct pk_import_result r;

		pk_buf_putf(&a, "%s/%s-a.age", tmp.dir, cases[i].name);
		pk_buf_putf(&b, "%s/%s-b.age", tmp.dir, cases[i].name);
		seal_shares(cases[i].own ? NULL : &kit, (char *[]){a.p, b.p}, 2);
		CHECK_INT(import(c, a.p, NULL).state, PK_IMPORT_TAKEN);
		/* the same one again is no other */
		CHECK_INT(import(c, a.p, NULL).state, PK_IMPORT_KNOWN);
		r = import(c, b.p, NULL);
		CHECK_INT(r.state, cases[i].replayed ? PK_IMPORT_QUARANTINED : PK_IMPORT_TAKEN);
		CHECK_STR(pk_str(r.verdict), pk_str(cases[i].replayed ? "replayed" : "ok"));
		CHECK_INT(r.alarm, cases[i].replayed);
		if (cases[i].replayed) {
			CHECK(strstr(r.why, "its ticket is for one use and came with another share already"));
			r = import(c, b.p, "sent twice, by telephone");
			CHECK_INT(r.state, PK_IMPORT_TAKEN);
			CHECK_STR(pk_str(r.trust), PK_STR("quarantined"));
		}
		CHECK_INT(count(c, "SELECT count(*) FROM share"), 2);
		CHECK_INT(count(c, "SELECT count(*) FROM bundle"), 1);
		pk_ticket_kit_done(&kit);
	}
}

/* --- sources that contradict what is here ------------------------------------------------------------------ */

/* Chance as an attacker would have it: what is drawn follows from a seed. */
static uint64_t drawn;

static const char *seeded_name(void) { return "seeded"; }
static uint32_t seeded_word(void)
{
	drawn = drawn * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(drawn >> 32);
}
static void seeded_bytes(void *const p, const size_t n)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)p)[i] = (uint8_t)(seeded_word() >> 8);
}
static struct randombytes_implementation seeded = {
	.implementation_name = seeded_name, .random = seeded_word, .buf = seeded_bytes};

/* A bundle of the one id that is readable to both, of `files` files. */
static void seal_twin(const struct pk_ticket_kit *kit, const char *path, unsigned files, const char *bytes)
{
	PK_AUTO(pk_age_recipients) to = {0};
	PK_AUTO(pk_buf) label = {0};
	PK_AUTOPTR(pk_seal) s = NULL;
	struct pk_seal_summary sum = {0};
	struct pk_seal_params p = {.path = path,
				   .to = &to,
				   .ticket = kit,
				   .terms = pk_buf_str(&kit->terms_text),
				   .host = PK_STR("{\"hostname\":\"web01\",\"machine_id\":\"abc\"}")};

	label_json(&kit->terms.label, &label);
	p.label = pk_buf_str(&label);
	OK(pk_age_recipients_add(&to, pk_str(to_phl.v[0]), &err));
	OK(pk_age_recipients_add(&to, pk_str(to_jpn.v[0]), &err));
	randombytes_set_implementation(&seeded);
	drawn = 44;
	OK(pk_seal_new(&p, &s, &err));
	for (unsigned i = 0; i < files; i++) {
		char name[16];

		snprintf(name, sizeof(name), "/tmp/%u", i);
		put_file(s, name, bytes);
	}
	OK(pk_seal_finish(s, &sum, &err));
	randombytes_set_implementation(&randombytes_sysrandom_implementation);
}

static void share_of(char *from, char *to)
{
	const struct pk_share_pick all = {.paths = strv_of(any)};
	char *was = collected;

	collected = from;
	make_share(&all, to);
	collected = was;
}

/* A host's root who has the ticket's keys makes two bundles of one id, and both are shared. */
TEST(sources_that_contradict)
{
	static const struct {
		const char *first, *second; /* letters of bundles; a capital one: itself, else a share of it */
		bool ok, cut;               /* as if the first had been cut where it ends */
	} cases[] = {
		{"a", "b", false, false}, {"A", "b", false, false}, {"a", "B", false, false}, /* of one length */
		{"a", "c", false, false}, {"c", "a", false, false}, {"A", "c", false, false},
		{"C", "a", false, false}, /* of another */
		{"a", "C", false, false}, {"c", "A", false, false}, {"A", "C", false, false},
		{"C", "A", false, false}, {"a", "A", true, false},  {"A", "a", true, false}, /* and of itself */
		{"C", "a", false, true},  {"A", "c", true, true},   {"A", "a", true, true},
		{"A", "C", true, true},   {"A", "D", false, true},  {"B", "D", true, true},
	};
	PK_AUTO(pk_strv) both = {0};
	struct pk_ticket_kit kit;

	OK(pk_strv_add(&both, pk_str(to_phl.v[0]), &err));
	OK(pk_strv_add(&both, pk_str(to_jpn.v[0]), &err));
	kit = kit_of(&phl, &both, narrowed, "");
	for (char x = 'a'; x <= 'd'; x++) {
		pk_autofree char *bundle = in_dir((char[]){(char)(x - 'a' + 'A'), 0}), *share = in_dir((char[]){x, 0});

		seal_twin(&kit, bundle, x >= 'c' ? 3 : 2, x == 'b' || x == 'd' ? "two" : "one");
		share_of(bundle, share);
	}
	for (size_t i = 0; i < PK_LEN(cases); i++) {
		pk_autofree char *first = in_dir(cases[i].first), *second = in_dir(cases[i].second);
		char name[32];
		struct pk_import_result r;
		PK_AUTOPTR(pk_case) c = NULL;

		snprintf(name, sizeof(name), "contradict%zu", i);
		c = open_new(name);
		CHECK_INT(import(c, first, NULL).state, PK_IMPORT_TAKEN);
		if (cases[i].cut)
			OK(pk_case_exec(c, "UPDATE bundle SET complete = 0", &err));
		r = import(c, second, NULL);
		if (cases[i].ok) {
			CHECK_INT(r.state, PK_IMPORT_TAKEN);
			continue;
		}
		/* no reason makes both true */
		for (unsigned k = 0; k < 2; k++) {
			if (r.state != PK_IMPORT_QUARANTINED || strcmp(r.verdict, "equivocation") != 0 || !r.alarm)
				printf("# %s, then %s: %s\n", cases[i].first, cases[i].second, r.verdict);
			CHECK_INT(r.state, PK_IMPORT_QUARANTINED);
			CHECK_STR(pk_str(r.verdict), PK_STR("equivocation"));
			CHECK(r.alarm);
			CHECK_INT(count(c, "SELECT count(*) FROM bundle"), 1);
			CHECK_INT(count(c, "SELECT count(*) FROM intake WHERE state = 'quarantined'"), 1);
			r = import(c, second, "they will both be right");
		}
	}
	pk_ticket_kit_done(&kit);
}

/* --- whole bundles ---------------------------------------------------------------------------------------- */

static char warned[600];

static void on_warning(void *ctx, const char *text)
{
	(void)ctx;
	snprintf(warned, sizeof(warned), "%s", text);
}

/* A bundle for jpn under this ticket; `released`: it goes beyond its label by a release of this party. */
static void seal_bundle(const struct pk_ticket_kit *kit, const struct actor *released, const char *path)
{
	PK_AUTO(pk_age_recipients) to = {0};
	PK_AUTO(pk_buf) label = {0}, line = {0};
	PK_AUTO(pk_strv) hashes = {0};
	PK_AUTO(pk_release_set) r = {0};
	PK_AUTOPTR(pk_seal) s = NULL;
	struct pk_seal_summary sum = {0};
	struct pk_json j = {.out = &line};
	struct pk_seal_params p = {.path = path, .to = &to, .ticket = kit, .terms = pk_buf_str(&kit->terms_text)};
	uint8_t id[16];
	char hash[65];

	label_json(&kit->terms.label, &label);
	p.label = pk_buf_str(&label);
	OK(pk_age_recipients_add(&to, pk_str(to_jpn.v[0]), &err));
	OK(pk_seal_new(&p, &s, &err));
	put_file(s, "/a", "a\n");
	if (released) {
		pk_seal_id(s, id);
		pk_recipient_hash(pk_str(to_jpn.v[0]), hash);
		OK(pk_strv_add(&hashes, pk_str(hash), &err));
		OK(pk_release_make(&(struct pk_release_of){.ticket = &kit->ticket, .bundle = id}, &hashes, "agreed",
				   &released->sign, NULL, &roster, now, &r, &err));
		pk_json_put_release(&j, &r);
		OK(pk_seal_put(s, 'u', pk_buf_str(&line), NULL, &err));
	}
	OK(pk_seal_finish(s, &sum, &err));
}

/* A ticket for one use is for a share or for what is collected. */
TEST(a_ticket_is_for_a_share_or_for_a_bundle)
{
	for (int once = 0; once < 2; once++) {
		struct pk_ticket_kit kit = share_kit(once);
		PK_AUTO(pk_buf) share = {0}, whole = {0};
		char *list[2];

		pk_buf_putf(&share, "%s/mixed-share%d.age", tmp.dir, once);
		pk_buf_putf(&whole, "%s/mixed-whole%d.age", tmp.dir, once);
		list[0] = share.p;
		seal_shares(&kit, list, 1);
		seal_bundle(&kit, NULL, whole.p);
		list[1] = whole.p;
		for (int turn = 0; turn < 2; turn++) {
			PK_AUTO(pk_buf) name = {0};
			PK_AUTOPTR(pk_case) c = NULL;
			struct pk_import_result r;

			pk_buf_putf(&name, "mixed%d%d", once, turn);
			c = open_new(name.p);
			r = import(c, list[turn], NULL);
			CHECK_INT(r.state, PK_IMPORT_TAKEN);
			r = import(c, list[!turn], NULL);
			CHECK_INT(r.state, once ? PK_IMPORT_QUARANTINED : PK_IMPORT_TAKEN);
			CHECK_STR(pk_str(r.verdict), once ? PK_STR("replayed") : PK_STR("ok"));
			CHECK(!once || (r.alarm && strstr(r.why, turn ? "came with a bundle already"
								      : "came with a share already")));
			r = import(c, list[!turn], "both are right");
			CHECK_INT(r.state, once ? PK_IMPORT_TAKEN : PK_IMPORT_KNOWN);
		}
		pk_ticket_kit_done(&kit);
	}
}

/* Its signature holds over all of it: nothing was cut, and nothing is to be salvaged. */
TEST(a_share_that_was_made_wrong_is_altered_and_kept)
{
	static const char *const what[] = {"ticket.txt", "label.txt", "checkpoint", "1.tlog-proof"};
	pk_autofree char *path = in_dir("wrong.age");
	PK_AUTOPTR(pk_case) c = open_new("wrong");
	struct model m = {0};

	read_model(&m);
	for (size_t i = 0; i < PK_LEN(what); i++) {
		static const char *const suffix[] = {"", ".minisig", ".ticket", ".ticket.minisig"};
		PK_AUTO(pk_buf) whole = {0};
		struct pk_import_result r;

		pk_buf_put_str(&whole, pk_buf_str(&m.v[find(&m, what[i])].text));
		set_text(&m, what[i], PK_STR("garbage\n"));
		OK(reseal(&m, &(struct lies){0}, path, &err));
		set_text(&m, what[i], pk_buf_str(&whole));
		r = import(c, path, "it must be right");
		CHECK_INT(r.state, PK_IMPORT_QUARANTINED);
		CHECK_STR(pk_str(r.verdict), PK_STR("altered"));
		CHECK(strstr(r.why, "; its signature holds over all of it: whoever signed it made it so") != NULL);
		CHECK(!strstr(r.why, "--salvage"));
		CHECK_INT(count(c, "SELECT count(*) FROM intake WHERE state = 'quarantined' AND verdict = 'altered'"),
			  (int64_t)i + 1);
		for (size_t k = 0; k < PK_LEN(suffix); k++) {
			PK_AUTO(pk_buf) name = {0};

			pk_buf_putf(&name, "%s%s", path, suffix[k]);
			unlink(name.p);
		}
	}
	model_done(&m);
}

TEST(a_sealed_release_is_said_to_be_one)
{
	static const struct pk_events ev = {.warn = on_warning};
	pk_autofree char *path = in_dir("released.age");
	PK_AUTOPTR(pk_case) c = open_new("released");
	struct pk_ticket_kit kit = {0};
	struct pk_import_result r = {0};

	originator = "usa";
	kit = kit_of(&phl, &to_jpn, "PHL,USA", "");
	originator = "phl";
	seal_bundle(&kit, &usa, path);
	OK(pk_case_import(c, path, &(struct pk_import){.ids = jpn_ids, .roster = &roster, .now = now, .ev = &ev}, &r,
			  &err));
	CHECK_INT(r.state, PK_IMPORT_TAKEN);
	CHECK(strstr(warned, "it was sealed beyond its label, released by its originator 'usa': agreed") != NULL);
	pk_ticket_kit_done(&kit);
}

TEST(tear_down) { tear_down_shares(); }

RUN_TESTS(T(set_up), T(its_ticket_is_for_one_share), T(sources_that_contradict),
	  T(a_ticket_is_for_a_share_or_for_a_bundle), T(a_share_that_was_made_wrong_is_altered_and_kept),
	  T(a_sealed_release_is_said_to_be_one), T(tear_down))
