/* SPDX-License-Identifier: Apache-2.0 */
/* Labels against the golden tables, release records, and who may sign them. */
#include "../t.h"
#include "../parties.h"

#include <picket/bundle.h>
#include <picket/release.h>

#include "label_golden.h"

TEST(labels_combine_as_the_table_says)
{
	for (size_t i = 0; i < PK_LEN(golden_labels); i++) {
		PK_AUTO(pk_label) a = {0}, b = {0}, ab = {0}, ba = {0};
		PK_AUTO(pk_buf) text = {0};

		OK(pk_label_parse(pk_str(golden_labels[i].a), &a, &err));
		OK(pk_label_parse(pk_str(golden_labels[i].b), &b, &err));
		OK(pk_label_combine(&a, &b, &ab, &err));
		OK(pk_label_combine(&b, &a, &ba, &err));
		CHECK(pk_label_eq(&ab, &ba));
		pk_buf_put_label(&text, &ab);
		CHECK_STR(pk_buf_str(&text), pk_str(golden_labels[i].both));
	}
	CHECK_INT(PK_LEN(golden_labels), 351);
}

TEST(originators_and_caveats_combine_as_the_table_says)
{
	for (size_t i = 0; i < PK_LEN(golden_words); i++) {
		PK_AUTO(pk_label) a = {.tlp = PK_TLP_GREEN}, b = {.tlp = PK_TLP_GREEN}, ab = {0}, want = {0};

		OK(pk_label_set_originator(&a, pk_str(golden_words[i].a), &err));
		OK(pk_label_set_originator(&b, pk_str(golden_words[i].b), &err));
		OK(pk_label_set_caveats(&a, pk_str(golden_words[i].b), &err));
		OK(pk_label_set_caveats(&b, pk_str(golden_words[i].a), &err));
		want.tlp = PK_TLP_GREEN;
		OK(pk_label_set_originator(&want, pk_str(golden_words[i].both), &err));
		OK(pk_label_set_caveats(&want, pk_str(golden_words[i].both), &err));
		OK(pk_label_combine(&a, &b, &ab, &err));
		CHECK(pk_label_eq(&ab, &want));
		pk_label_done(&want);
	}
}

/* --- release ------------------------------------------------------------------------------------------ */

static const struct {
	const char *name, *org, *nation;
} people[] = {
	{"lead", "CPT-7", "USA"}, {"mate", "CPT-7", "USA"}, {"usaf", "AFCYBER", "USA"},
	{"jpn", "JGSDF", "JPN"},  {"phl", "AFP", "PHL"},    {"esp", "MCCE", "ESP"},
};
#define PEOPLE PK_LEN(people)

static struct actor actors[PEOPLE];
static struct pk_roster roster;
static const struct pk_time now = {.sec = 1800000000};

static void make_roster(void)
{
	for (size_t i = 0; i < PEOPLE; i++) {
		actors[i] = actor_new(people[i].name, people[i].nation, true);
		free(actors[i].party.org);
		actors[i].party.org = pk_str_dup(pk_str(people[i].org));
		OK(pk_roster_add(&roster, &actors[i].party, &err));
	}
}

static void free_roster(void)
{
	for (size_t i = 0; i < PEOPLE; i++)
		actor_done(&actors[i]);
	pk_roster_done(&roster);
}

static char judge(const struct pk_releasing *q, const struct pk_party *to)
{
	PK_AUTO(pk_strv) beyond = {0};
	struct pk_err err = {0};

	if (pk_release_judge(q, &to->recipients, &beyond, &err) < 0)
		return err.kind == PK_EUSAGE ? 'n' : '?';
	return beyond.n ? 'b' : 'y';
}

TEST(release_is_as_the_table_says)
{
	PK_AUTO(pk_strv) released = {0};

	OK(pk_strv_add(&released, PK_STR("jpn"), &err));
	OK(pk_strv_add(&released, PK_STR("JGSDF"), &err));
	for (size_t i = 0; i < PK_LEN(golden_release); i++) {
		PK_AUTO(pk_label) label = {0};
		char got[6 * PEOPLE + 1] = "";
		size_t n = 0;

		OK(pk_label_parse(pk_str(golden_release[i].label), &label, &err));
		OK(pk_label_set_originator(&label, pk_str(golden_release[i].originator), &err));
		OK(pk_label_set_caveats(&label, pk_str(golden_release[i].caveats), &err));
		for (size_t to = 0; to < PEOPLE; to++) {
			for (int known = 0; known < 2; known++) {
				PK_AUTO(pk_strv) hashes = {0};
				char hash[65];

				pk_recipient_hash(pk_str(actors[to].party.recipients.v[0]), hash);
				OK(pk_strv_add(&hashes, pk_str(hash), &err));
				for (int grant = 0; grant < 3; grant++) {
					const struct pk_releasing q = {
						.label = &label,
						.issuer = pk_roster_find(&roster, golden_release[i].issuer),
						.actor = pk_roster_find(&roster, "lead"),
						.roster = &roster,
						.known = known ? &hashes : NULL,
						.at = now,
						.overridden = grant == 1,
						.released = grant == 2 ? &released : NULL,
					};

					got[n++] = judge(&q, pk_roster_find(&roster, people[to].name));
				}
			}
		}
		if (!pk_str_eq(pk_str(got), pk_str(golden_release[i].verdicts)))
			printf("# %s, originator '%s', caveats '%s', issuer %s\n", golden_release[i].label,
			       golden_release[i].originator, golden_release[i].caveats, golden_release[i].issuer);
		CHECK_STR(pk_str(got), pk_str(golden_release[i].verdicts));
	}
	CHECK_INT(PK_LEN(golden_release), 672);
}

/* --- records ------------------------------------------------------------------------------------------- */

static const struct pk_ticket ticket = {.terms_sha256 = {1, 2, 3}, .sha256 = {7, 8}};
static const uint8_t bundle[16] = {4, 5, 6};
static const struct pk_release_of whole = {.ticket = &ticket, .bundle = bundle};

static PK_NODISCARD int make(const struct actor *a, const struct actor *b, const char *reason,
			     struct pk_release_set *ret, struct pk_err *err)
{
	PK_AUTO(pk_strv) hashes = {0};
	char hash[65];

	pk_recipient_hash(pk_str(actors[5].party.recipients.v[0]), hash);
	if (pk_strv_add(&hashes, pk_str(hash), err) < 0)
		return -1;
	return pk_release_make(&whole, &hashes, reason, &a->sign, b ? &b->sign : NULL, &roster, now, ret, err);
}

TEST(an_override_takes_two)
{
	PK_AUTO(pk_release_set) s = {0};
	PK_AUTO(pk_release_set) t = {0};
	struct pk_release_set no = {0};

	FAILS(PK_EUSAGE, make(&actors[0], &actors[0], "why", &no, &err));
	FAILS(PK_EUSAGE, make(&actors[0], &actors[1], "", &no, &err));
	FAILS(PK_EUSAGE, make(&actors[0], &actors[1], "two\nlines", &no, &err));
	/* whom it lets in */
	FAILS(PK_EUSAGE, make(&actors[0], &actors[5], "why", &no, &err));
	OK(make(&actors[0], &actors[1], "the ally has the fix", &s, &err));
	OK(pk_release_check_text(pk_buf_str(&s.text), pk_buf_str(&s.sig), pk_buf_str(&s.second_sig), &roster, now, &t,
				 &err));
	CHECK_STR(pk_str(t.release.second), PK_STR("mate"));
	/* one signature twice, the two exchanged, one missing, one of a third */
	FAILS(PK_ECRYPTO, pk_release_check_text(pk_buf_str(&s.text), pk_buf_str(&s.sig), pk_buf_str(&s.sig), &roster,
						now, &no, &err));
	FAILS(PK_ECRYPTO, pk_release_check_text(pk_buf_str(&s.text), pk_buf_str(&s.second_sig), pk_buf_str(&s.sig),
						&roster, now, &no, &err));
	FAILS(PK_ECRYPTO, pk_release_check_text(pk_buf_str(&s.text), pk_buf_str(&s.sig), (struct pk_str){0}, &roster,
						now, &no, &err));
	for (size_t i = 0; i < s.text.n; i++) {
		s.text.p[i] ^= 1;
		CHECK(pk_release_check_text(pk_buf_str(&s.text), pk_buf_str(&s.sig), pk_buf_str(&s.second_sig), &roster,
					    now, &no, NULL) < 0);
		s.text.p[i] ^= 1;
	}
}

/* What such a release would be if somebody signed it nevertheless. */
TEST(a_second_person_is_not_let_in)
{
	PK_AUTO(pk_release_set) s = {0};
	PK_AUTO(pk_buf) text = {0}, sig = {0}, second_sig = {0};
	struct pk_release_set no = {0};
	struct pk_err why = {0};

	OK(make(&actors[0], &actors[1], "why", &s, &err));
	free(s.release.second);
	s.release.second = pk_str_dup(pk_str(actors[5].party.name));
	pk_buf_put_release(&text, &s.release);
	OK(pk_minisign_sign_bytes(&actors[0].sign, pk_buf_str(&text), "picket-release", &sig, &err));
	OK(pk_minisign_sign_bytes(&actors[5].sign, pk_buf_str(&text), "picket-release", &second_sig, &err));
	CHECK(pk_release_check_text(pk_buf_str(&text), pk_buf_str(&sig), pk_buf_str(&second_sig), &roster, now, &no,
				    &why) < 0);
	CHECK_INT(why.kind, PK_ECRYPTO);
	CHECK(strstr(why.msg, "is the second person of an override that lets") != NULL);
}

TEST(signer_and_second_are_two_parties)
{
	PK_AUTO(pk_release_set) s = {0};
	PK_AUTO(pk_release) r = {0};
	PK_AUTO(pk_buf) text = {0};
	struct pk_release no = {0};
	struct pk_err why = {0};

	OK(make(&actors[0], &actors[1], "why", &s, &err));
	OK(pk_release_parse(pk_buf_str(&s.text), &r, &err));
	free(s.release.second);
	s.release.second = pk_str_dup(pk_str(s.release.signer));
	pk_buf_put_release(&text, &s.release);
	CHECK(pk_release_parse(pk_buf_str(&text), &no, &why) < 0);
	CHECK_INT(why.kind, PK_EFORMAT);
	CHECK(strstr(why.msg, "signer and second are the same party") != NULL);
}

TEST(an_originator_releases_alone_and_only_what_is_named)
{
	PK_AUTO(pk_release_set) s = {0};
	PK_AUTO(pk_strv) released = {0};
	const uint8_t other[16] = {9};
	const struct pk_ticket terms = {.terms_sha256 = {9}, .sha256 = {7, 8}};
	const struct pk_release_of other_terms = {.ticket = &terms, .bundle = bundle};
	const struct pk_release_of other_bundle = {.ticket = &ticket, .bundle = other};
	const struct pk_strv *named = &actors[5].party.recipients;

	OK(make(&actors[3], NULL, "cleared for Spain", &s, &err));
	CHECK(s.release.by_originator && !s.release.second);
	OK(pk_release_covers(&s.release, &whole, named, &roster, &released, &err));
	CHECK_INT(released.n, 2);
	FAILS(PK_EUSAGE, pk_release_covers(&s.release, &other_terms, named, &roster, &released, &err));
	FAILS(PK_EUSAGE, pk_release_covers(&s.release, &other_bundle, named, &roster, &released, &err));
	FAILS(PK_ECRYPTO, pk_release_is_for(&s.release, &other_terms, &err));
	FAILS(PK_ECRYPTO, pk_release_is_for(&s.release, &other_bundle, &err));
	OK(pk_release_is_for(&s.release, &whole, &err));
	FAILS(PK_EUSAGE, pk_release_covers(&s.release, &whole, &actors[4].party.recipients, &roster, &released, &err));
}

/* Who knows the terms can have them signed into a ticket of their own, for a bundle of the same id. */
TEST(a_release_is_of_one_ticket)
{
	const struct pk_strv *named = &actors[5].party.recipients;
	const struct actor *const issuers[] = {&actors[4], &actors[0]};
	PK_AUTO(pk_ticket_kit) kit = {0};
	PK_AUTO(pk_release_set) release = {0}, override = {0};
	PK_AUTO(pk_strv) hashes = {0}, released = {0};
	PK_AUTO(pk_terms) t = {0};
	struct pk_time till = {.sec = now.sec + 60};
	struct pk_release_of of = {.ticket = &kit.ticket, .bundle = bundle};
	struct pk_err why = {0};
	char hash[65];

	pk_recipient_hash(pk_str(named->v[0]), hash);
	OK(pk_strv_add(&hashes, pk_str(hash), &err));
	OK(pk_terms_make("m", &(struct pk_label){.tlp = PK_TLP_AMBER}, named, "p", &t, &err));
	OK(pk_ticket_issue(&actors[0].sign, &t, now, till, true, &kit, &err));
	OK(pk_release_make(&of, &hashes, "why", &actors[3].sign, NULL, &roster, now, &release, &err));
	OK(pk_release_make(&of, &hashes, "why", &actors[0].sign, &actors[1].sign, &roster, now, &override, &err));
	OK(pk_release_is_for(&release.release, &of, &err));
	OK(pk_release_is_for(&override.release, &of, &err));
	for (size_t i = 0; i < PK_LEN(issuers); i++) {
		PK_AUTO(pk_ticket_kit) forged = {0};

		OK(pk_ticket_issue(&issuers[i]->sign, &t, now, till, true, &forged, &err));
		CHECK(memcmp(forged.ticket.terms_sha256, kit.ticket.terms_sha256, 32) == 0);
		of.ticket = &forged.ticket;
		CHECK(pk_release_is_for(&release.release, &of, &why) < 0);
		CHECK_STR(pk_str(why.msg), PK_STR("the release of 'jpn' is of other material: another ticket's"));
		CHECK(pk_release_is_for(&override.release, &of, &why) < 0);
		CHECK_STR(pk_str(why.msg), PK_STR("the override of 'lead' is of other material: another ticket's"));
		FAILS(PK_EUSAGE, pk_release_covers(&release.release, &of, named, &roster, &released, &err));
	}
}

TEST(a_record_without_a_ticket_is_refused)
{
	PK_AUTO(pk_release_set) s = {0};
	PK_AUTO(pk_buf) text = {0};
	struct pk_release no = {0};
	struct pk_err why = {0};
	struct pk_str rest, line;

	OK(make(&actors[3], NULL, "why", &s, &err));
	for (rest = pk_buf_str(&s.text); pk_str_line(&rest, &line);)
		if (!pk_str_starts(line, PK_STR("ticket-sha256: ")))
			pk_buf_putf(&text, "%.*s\n", PK_STR_ARG(line));
	CHECK(pk_release_parse(pk_buf_str(&text), &no, &why) < 0);
	CHECK_INT(why.kind, PK_EFORMAT);
	CHECK(strstr(why.msg, "it says nothing of the ticket, and must be signed anew") != NULL);
}

/* What a tool may seal into a bundle's log: an override by two parties, of whom none or the first issued the ticket, or a
 * release by one. `originator`: of the material; NULL: its issuer. */
static void try_record(const char *originator, const struct actor *by, const struct actor *second, bool is_signed,
		       const char *want)
{
	PK_AUTO(pk_ticket_kit) kit = {0};
	PK_AUTO(pk_terms) t = {.mission = pk_str_dup(PK_STR("m")), .profile = pk_str_dup(PK_STR("p"))};
	PK_AUTO(pk_release_set) s = {0}, got = {0};
	PK_AUTO(pk_strv) hashes = {0};
	PK_AUTO(pk_buf) line = {0};
	struct pk_json j = {.out = &line};
	struct pk_json_value *record = NULL;
	struct pk_err why = {0};
	char hash[65];
	bool there = false;
	int r;

	pk_recipient_hash(pk_str(actors[5].party.recipients.v[0]), hash);
	OK(pk_strv_add(&hashes, pk_str(hash), &err));
	OK(pk_strv_add(&t.recipient_hashes, pk_str(hash), &err));
	if (originator)
		OK(pk_label_set_originator(&t.label, pk_str(originator), &err));
	OK(pk_ticket_issue(&actors[0].sign, &t, now, (struct pk_time){.sec = now.sec + 60}, true, &kit, &err));
	OK(pk_release_make(&(struct pk_release_of){.ticket = &kit.ticket, .bundle = bundle}, &hashes, "why", &by->sign,
			   second ? &second->sign : NULL, &roster, now, &s, &err));
	pk_json_begin(&j, '{');
	pk_json_put_release(&j, &s);
	pk_json_end(&j, '}');
	OK(pk_json_parse(pk_buf_str(&line), &record, &err));
	struct pk_bundle_info info = {.is_signed = is_signed, .terms = &t, .terms_text = pk_buf_str(&kit.terms_text)};

	memcpy(info.id, bundle, sizeof(bundle));
	if (is_signed) {
		info.ticket = &kit.ticket;
		info.ticket_text = pk_buf_str(&kit.ticket_text);
		info.ticket_sig = pk_buf_str(&kit.ticket_sig);
	}
	r = pk_release_from_record(record, &info, &roster, now, &there, &got, &why);
	CHECK(there);
	CHECK(want ? r < 0 && why.kind == PK_ECRYPTO && strstr(why.msg, want) : r == 0);
	pk_json_value_free(record);
}

TEST(a_sealed_override_is_the_issuers)
{
	try_record(NULL, &actors[0], &actors[1], true, NULL);
	try_record(NULL, &actors[1], &actors[2], true, "the override is of 'mate', and 'lead' issued the ticket");
	try_record(NULL, &actors[1], &actors[0], true, "the override is of 'mate', and 'lead' issued the ticket");
	try_record(NULL, &actors[0], &actors[1], false, "the override of 'lead' is under no ticket");
}

TEST(a_sealed_release_is_an_originators_and_an_override_of_ones_own)
{
	try_record("lead", &actors[0], &actors[1], true, NULL);
	try_record("CPT-7", &actors[0], &actors[2], true, NULL);
	try_record("jpn", &actors[0], &actors[1], true,
		   "the override of 'lead' is of what 'jpn' is an originator of, who alone releases it");
	try_record("jpn,lead", &actors[0], &actors[1], true, "is of what 'jpn' is an originator of");
	try_record("stranger", &actors[0], &actors[1], true, "is of what 'stranger' is an originator of");
	try_record("jpn", &actors[3], NULL, true, NULL);
	try_record("jpn,lead", &actors[3], NULL, true, NULL);
	try_record("JGSDF", &actors[3], NULL, true, NULL);
	try_record("jpn", &actors[4], NULL, true, "the release is of 'phl', who is no originator of it");
	try_record("jpn", &actors[0], NULL, true, "the release is of 'lead', who is no originator of it");
	try_record(NULL, &actors[3], NULL, true, "the release is of 'jpn', who is no originator of it");
	try_record(NULL, &actors[0], NULL, true, "nobody else is an originator: an override takes two");
}

TEST(without_all_releases_nobody_goes_beyond_the_label)
{
	PK_AUTO(pk_label) label = {.tlp = PK_TLP_RED};
	PK_AUTO(pk_strv) released = {0};
	struct pk_releasing q = {.label = &label,
				 .issuer = pk_roster_find(&roster, "lead"),
				 .actor = pk_roster_find(&roster, "phl"),
				 .roster = &roster,
				 .released = &released,
				 .at = now};

	CHECK_STR(pk_release_missing(&q), PK_STR("lead"));
	q.actor = q.issuer;
	CHECK_INT(pk_release_missing(&q).n, 0);
	OK(pk_label_set_originator(&label, PK_STR("jpn,phl"), &err));
	CHECK_STR(pk_release_missing(&q), PK_STR("jpn"));
	OK(pk_strv_add(&released, PK_STR("jpn"), &err));
	CHECK_STR(pk_release_missing(&q), PK_STR("phl"));
	OK(pk_strv_add(&released, PK_STR("phl"), &err));
	CHECK_INT(pk_release_missing(&q).n, 0);
}

TEST(setup) { make_roster(); }

TEST(teardown) { free_roster(); }

RUN_TESTS(T(setup), T(labels_combine_as_the_table_says), T(originators_and_caveats_combine_as_the_table_says),
	  T(release_is_as_the_table_says), T(an_override_takes_two), T(a_second_person_is_not_let_in),
	  T(signer_and_second_are_two_parties), T(an_originator_releases_alone_and_only_what_is_named),
	  T(a_release_is_of_one_ticket), T(a_record_without_a_ticket_is_refused), T(a_sealed_override_is_the_issuers),
	  T(a_sealed_release_is_an_originators_and_an_override_of_ones_own),
	  T(without_all_releases_nobody_goes_beyond_the_label), T(teardown))
