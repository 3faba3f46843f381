/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"
#include "../parties.h"
#include "../tree.h"

#define START 1800000000
#define END 1802592000

static struct pk_ticket_kit issue(const struct actor *a, bool uses_one)
{
	PK_AUTO(pk_terms) terms = {0};
	PK_AUTO(pk_label) label = {.tlp = PK_TLP_AMBER};
	struct pk_ticket_kit k = {0};

	OK(pk_label_set_rel_to(&label, PK_STR("USA,JPN"), &err));
	OK(pk_label_set_originator(&label, PK_STR("CPT-7"), &err));
	OK(pk_label_set_caveats(&label, PK_STR("ORCON,LES"), &err));
	OK(pk_terms_make("HARBOR DAWN", &label, &a->party.recipients, "triage", &terms, &err));
	OK(pk_ticket_issue(&a->sign, &terms, (struct pk_time){START, 0}, (struct pk_time){END, 999}, uses_one, &k,
			   &err));
	return k;
}

TEST(a_ticket_and_its_terms_come_back)
{
	ACTOR a = actor_new("lead", "USA", true);
	PK_AUTO(pk_ticket_kit) k = issue(&a, true);
	PK_AUTO(pk_terms) terms = {0};
	struct pk_ticket t = {0};

	OK(pk_ticket_parse(pk_buf_str(&k.ticket_text), &t, &err));
	OK(pk_terms_parse(pk_buf_str(&k.terms_text), &terms, &err));
	CHECK(t.uses_one && t.not_before.sec == START && t.not_after.sec == END);
	CHECK(memcmp(t.id, k.ticket.id, sizeof(t.id)) == 0);
	CHECK_STR(pk_str(terms.mission), PK_STR("HARBOR DAWN"));
	CHECK_INT(terms.label.tlp, PK_TLP_AMBER);
	CHECK_INT(terms.label.caveats.n, 2);
	OK(pk_ticket_check_terms(&t, pk_buf_str(&k.terms_text), &err));
	FAILS(PK_ECRYPTO, pk_ticket_check_terms(&t, pk_buf_str(&k.ticket_text), &err));
	/* nothing in clear says who, where or what */
	CHECK(!strstr(k.ticket_text.p, "HARBOR") && !strstr(k.ticket_text.p, "lead") &&
	      !strstr(k.ticket_text.p, "AMBER"));
	CHECK(!strstr(k.ticket_sig.p, "lead"));
}

/* What of the terms a share repeats: label and readers, proven by the ticket, and no way to what is not told. */
TEST(its_label_can_be_shown_alone)
{
	ACTOR a = actor_new("lead", "USA", true);
	PK_AUTO(pk_ticket_kit) k = issue(&a, true);
	PK_AUTO(pk_issued_label) l = {0}, no = {0};
	PK_AUTO(pk_buf) text = {0}, hex = {0}, again = {0};
	struct pk_ticket t = k.ticket;
	struct pk_err why = {0};

	pk_buf_put_label_of_terms(&text, &k.terms);
	OK(pk_ticket_check_label(&t, pk_buf_str(&text), &err));
	OK(pk_issued_label_parse(pk_buf_str(&text), &l, &err));
	CHECK(pk_label_eq(&l.label, &k.terms.label));
	CHECK_INT(l.recipient_hashes.n, 1);
	CHECK_STR(pk_str(l.recipient_hashes.v[0]), pk_str(k.terms.recipient_hashes.v[0]));
	pk_buf_put_hex(&hex, k.terms.nonce, 16);
	CHECK(!strstr(text.p, "HARBOR") && !strstr(text.p, "triage") && !strstr(text.p, hex.p));
	/* every other text */
	for (size_t i = 0; i < text.n; i++) {
		text.p[i] ^= 1;
		FAILS(PK_ECRYPTO, pk_ticket_check_label(&t, pk_buf_str(&text), &err));
		text.p[i] ^= 1;
		FAILS(PK_EFORMAT, pk_issued_label_parse(pk_str_n(text.p, i), &no, &err));
	}
	/* a ticket whose label is not that of its terms says two things */
	t.label_sha256[31] ^= 1;
	CHECK(pk_ticket_check_terms(&t, pk_buf_str(&k.terms_text), &why) < 0);
	CHECK_INT(why.kind, PK_ECRYPTO);
	CHECK_STR(pk_str(why.msg), PK_STR("the ticket's label is not that of its terms"));
	pk_buf_put_issued_label(&again, &l);
	CHECK_STR(pk_buf_str(&again), pk_buf_str(&text));
}

/* Every line left out, doubled, or swapped with the next, in ticket and terms. */
static void check_order(struct pk_str text, bool ticket)
{
	struct pk_str line[16], rest = text;
	size_t n = 0;

	while (n < PK_LEN(line) && pk_str_line(&rest, &line[n]))
		n++;
	for (size_t i = 0; i < n; i++) {
		for (int how = 0; how < 3; how++) {
			PK_AUTO(pk_buf) b = {0};
			PK_AUTO(pk_terms) terms = {0};
			struct pk_ticket t = {0};

			if (how == 2 && i == n - 1)
				continue;
			if (!ticket && how == 0 && (i == 3 || i == 4)) /* originator and caveats may be missing */
				continue;
			for (size_t j = 0; j < n; j++) {
				size_t at = how == 2 && j == i ? i + 1 : how == 2 && j == i + 1 ? i : j;

				for (int times = j != i || how == 2 ? 1 : how == 0 ? 0 : 2; times > 0; times--) {
					pk_buf_put_str(&b, line[at]);
					pk_buf_put_c(&b, '\n');
				}
			}
			if (ticket)
				FAILS(PK_EFORMAT, pk_ticket_parse(pk_buf_str(&b), &t, &err));
			else
				FAILS(PK_EFORMAT, pk_terms_parse(pk_buf_str(&b), &terms, &err));
		}
	}
}

TEST(lines_have_one_order)
{
	ACTOR a = actor_new("lead", "USA", true);
	PK_AUTO(pk_ticket_kit) k = issue(&a, true);

	check_order(pk_buf_str(&k.ticket_text), true);
	check_order(pk_buf_str(&k.terms_text), false);
}

TEST(its_two_keys_are_two)
{
	ACTOR a = actor_new("lead", "USA", true);
	PK_AUTO(pk_ticket_kit) k = issue(&a, true);
	PK_AUTO(pk_buf) text = {0};
	struct pk_ticket t = {0};
	struct pk_err why = {0};

	k.ticket.note = note_of(k.ticket.sign.key, k.ticket.note.name, PK_NOTE_SIGN);
	pk_buf_put_ticket(&text, &k.ticket);
	CHECK(pk_ticket_parse(pk_buf_str(&text), &t, &why) < 0 && why.kind == PK_EFORMAT);
	CHECK(strstr(why.msg, "each needs a key of its own"));
}

static enum pk_trust_status judge(const struct pk_ticket_kit *k, const struct pk_roster *r, int64_t at,
				  const char *want_name)
{
	enum pk_trust_status s = PK_TRUST_OK;
	const struct pk_party *p = NULL;
	struct pk_err err = {0};

	CHECK_INT(pk_ticket_check(pk_buf_str(&k->ticket_text), pk_buf_str(&k->ticket_sig), r, (struct pk_time){at, 5},
				  &s, &p, &err),
		  0);
	CHECK_STR(pk_str(p ? p->name : "-"), pk_str(want_name));
	CHECK((s == PK_TRUST_OK) == (err.msg[0] == 0));
	return s;
}

TEST(the_roster_judges)
{
	ACTOR a = actor_new("lead", "USA", true);
	ACTOR b = actor_new("jpn", "JPN", true);
	ACTOR c = actor_new("phl", "PHL", false);
	ACTOR x = actor_new("nobody", "USA", true);
	PK_AUTO(pk_ticket_kit) k = issue(&a, true), kb = issue(&b, true), kc = issue(&c, true), kx = issue(&x, true);
	PK_AUTO(pk_roster) r = {0};

	b.party.revoked = START + 100;
	OK(pk_roster_add(&r, &a.party, &err));
	OK(pk_roster_add(&r, &b.party, &err));
	OK(pk_roster_add(&r, &c.party, &err));
	CHECK_INT(judge(&k, &r, START, "lead"), PK_TRUST_OK);
	CHECK_INT(judge(&k, &r, END, "lead"), PK_TRUST_OK);
	CHECK_INT(judge(&k, &r, START - 1, "lead"), PK_TRUST_EXPIRED);
	CHECK_INT(judge(&k, &r, END + 1, "lead"), PK_TRUST_EXPIRED);
	CHECK_INT(judge(&kb, &r, START + 99, "jpn"), PK_TRUST_OK);
	CHECK_INT(judge(&kb, &r, START + 100, "jpn"), PK_TRUST_REVOKED);
	CHECK_INT(judge(&kc, &r, START, "phl"), PK_TRUST_UNKNOWN_ISSUER);
	CHECK_INT(judge(&kx, &r, START, "-"), PK_TRUST_UNKNOWN_ISSUER);
	/* somebody who copied the lead's key number is still not the lead */
	memcpy(x.sign.pub.keynum, a.sign.pub.keynum, 8);
	pk_ticket_kit_done(&kx);
	kx = issue(&x, true);
	CHECK_INT(judge(&kx, &r, START, "-"), PK_TRUST_ALTERED);
	/* nor is whoever signs the lead's ticket anew, though trusted as much */
	pk_buf_reset(&kb.ticket_sig);
	OK(pk_minisign_sign_bytes(&b.sign, pk_buf_str(&k.ticket_text), "x", &kb.ticket_sig, &err));
	pk_buf_reset(&kb.ticket_text);
	pk_buf_put_str(&kb.ticket_text, pk_buf_str(&k.ticket_text));
	CHECK_INT(judge(&kb, &r, START, "-"), PK_TRUST_ALTERED);
	r.party[0].valid_from = START + 5;
	CHECK_INT(judge(&k, &r, START + 4, "lead"), PK_TRUST_EXPIRED);
	CHECK_INT(judge(&k, &r, START + 5, "lead"), PK_TRUST_OK);
	r.party[0].valid_from = 0;
	r.party[0].valid_to = START + 10;
	CHECK_INT(judge(&k, &r, START + 10, "lead"), PK_TRUST_OK);
	CHECK_INT(judge(&k, &r, START + 11, "lead"), PK_TRUST_EXPIRED);
	r.party[0].revoked = START + 20; /* not yet */
	CHECK_INT(judge(&k, &r, START + 11, "lead"), PK_TRUST_EXPIRED);
	r.party[0].revoked = r.party[0].valid_to = 0;
	OK(pk_roster_revoke_ticket(&r, k.ticket.id, &err));
	CHECK_INT(judge(&k, &r, START, "lead"), PK_TRUST_REVOKED);
}

TEST(its_keys_are_nobodys_in_the_roster)
{
	ACTOR a = actor_new("lead", "USA", true);
	ACTOR b = actor_new("mate", "USA", true);
	PK_AUTO(pk_ticket_kit) k = issue(&a, true);

	for (int i = 0; i < 4; i++) {
		struct actor *who = i & 1 ? &b : &a;
		struct pk_party as_it_was = who->party;
		PK_AUTO(pk_roster) r = {0};

		who->party.has_note = true;
		who->party.note = k.ticket.note;
		if (i & 2)
			memcpy(who->party.note.key, k.ticket.sign.key, 32);
		OK(pk_roster_add(&r, &a.party, &err));
		OK(pk_roster_add(&r, &b.party, &err));
		CHECK_INT(judge(&k, &r, START, "lead"), PK_TRUST_ALTERED);
		who->party = as_it_was;
	}
}

TEST(missing_and_altered_are_told_apart)
{
	ACTOR a = actor_new("lead", "USA", true);
	PK_AUTO(pk_ticket_kit) k = issue(&a, true);
	PK_AUTO(pk_roster) r = {0};
	const struct pk_time at = {START, 0};
	enum pk_trust_status s = PK_TRUST_OK;

	OK(pk_roster_add(&r, &a.party, &err));
	OK(pk_ticket_check((struct pk_str){0}, pk_buf_str(&k.ticket_sig), &r, at, &s, NULL, &err));
	CHECK_INT(s, PK_TRUST_UNSIGNED);
	OK(pk_ticket_check(pk_buf_str(&k.ticket_text), (struct pk_str){0}, &r, at, &s, NULL, &err));
	CHECK_INT(s, PK_TRUST_UNSIGNED);
	for (size_t i = 0; i < k.ticket_text.n; i++) {
		k.ticket_text.p[i] ^= 1;
		s = PK_TRUST_OK;
		OK(pk_ticket_check(pk_buf_str(&k.ticket_text), pk_buf_str(&k.ticket_sig), &r, at, &s, NULL, &err));
		CHECK_INT(s, PK_TRUST_ALTERED);
		k.ticket_text.p[i] ^= 1;
	}
	for (size_t i = 0; i <= PK_TRUST_WAITING; i++)
		CHECK(pk_trust_name((enum pk_trust_status)i)[0] && pk_trust_text((enum pk_trust_status)i)[0]);
}

TEST(files_come_back_and_are_never_overwritten)
{
	ACTOR a = actor_new("lead", "USA", true);
	PK_AUTO(pk_ticket_kit) k = issue(&a, false), other = issue(&a, false), again = {0}, swapped = {0};
	TREE dir = tree_new();
	PK_AUTO(pk_buf) stem = {0};
	PK_AUTO(pk_buf) file = {0};
	PK_AUTO(pk_secret) sign = {0}, note = {0};
	bool loose = true;

	pk_buf_putf(&stem, "%s/visit", dir.dir);
	pk_buf_putf(&file, "%s/visit.ticket", dir.dir);
	OK(pk_ticket_kit_write(&k, stem.p, &err));
	OK(pk_ticket_kit_read(file.p, &again, &loose, &err));
	CHECK(!loose && !again.ticket.uses_one);
	CHECK_STR(pk_buf_str(&again.ticket_text), pk_buf_str(&k.ticket_text));
	CHECK_STR(pk_buf_str(&again.terms_text), pk_buf_str(&k.terms_text));
	CHECK(memcmp(again.sign.sk.p, k.sign.sk.p, 64) == 0 && memcmp(again.note.sk.p, k.note.sk.p, 64) == 0);
	CHECK(pk_ticket_kit_write(&other, stem.p, NULL) < 0);
	/* keys of another ticket */
	OK(pk_minisign_key_text(&other.sign, &sign, &err));
	OK(pk_note_key_text(&k.note, &note, &err));
	FAILS(PK_EFORMAT,
	      pk_ticket_kit_parse(pk_buf_str(&k.ticket_text), pk_buf_str(&k.ticket_sig), pk_buf_str(&k.terms_text),
				  pk_str_n(sign.p, sign.n), pk_str_n(note.p, note.n), &swapped, &err));
	FAILS(PK_ECRYPTO,
	      pk_ticket_kit_parse(pk_buf_str(&k.ticket_text), pk_buf_str(&k.ticket_sig), pk_buf_str(&other.terms_text),
				  pk_str_n(sign.p, sign.n), pk_str_n(note.p, note.n), &swapped, &err));
}

TEST(terms_are_checked_when_made)
{
	ACTOR a = actor_new("lead", "USA", true);
	PK_AUTO(pk_terms) t = {0};
	PK_AUTO(pk_label) label = {0};
	struct pk_ticket_kit k = {0};

	FAILS(PK_EUSAGE, pk_terms_make("", &label, &a.party.recipients, "triage", &t, &err));
	FAILS(PK_EUSAGE, pk_terms_make("a\nb", &label, &a.party.recipients, "triage", &t, &err));
	FAILS(PK_EUSAGE, pk_terms_make("x", &label, &(struct pk_strv){0}, "triage", &t, &err));
	FAILS(PK_EUSAGE, pk_terms_make("x", &label, &a.party.recipients, "../x", &t, &err));
	OK(pk_terms_make("x", &label, &a.party.recipients, "triage", &t, &err));
	FAILS(PK_EUSAGE,
	      pk_ticket_issue(&a.sign, &t, (struct pk_time){END, 0}, (struct pk_time){START, 0}, true, &k, &err));
}

RUN_TESTS(T(a_ticket_and_its_terms_come_back), T(its_label_can_be_shown_alone), T(lines_have_one_order),
	  T(its_two_keys_are_two), T(the_roster_judges), T(its_keys_are_nobodys_in_the_roster),
	  T(missing_and_altered_are_told_apart), T(files_come_back_and_are_never_overwritten),
	  T(terms_are_checked_when_made))
