/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"
#include "../parties.h"
#include "../tree.h"

#include <picket/msg.h>

#include <errno.h>

static struct pk_str party_text(const struct pk_party *p, struct pk_buf *b)
{
	pk_buf_reset(b);
	pk_buf_put_party(b, p);
	return pk_buf_str(b);
}

TEST(party_text_comes_back)
{
	ACTOR a = actor_new("lead", "USA", true);
	PK_AUTO(pk_party) p = {0};
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_buf) again = {0};
	PK_AUTO(pk_buf) f1 = {0};
	PK_AUTO(pk_buf) f2 = {0};

	a.party.valid_from = 1767225600;
	OK(pk_party_parse(party_text(&a.party, &text), &p, &err));
	CHECK_STR(party_text(&p, &again), pk_buf_str(&text));
	pk_buf_put_fingerprint(&f1, &p);
	CHECK_INT(f1.n, 49);
	/* who the party is does not depend on what this roster thinks of it */
	p.issuer = false;
	p.revoked = 1767225601;
	pk_buf_put_fingerprint(&f2, &p);
	CHECK_STR(pk_buf_str(&f1), pk_buf_str(&f2));
	free(p.nation);
	p.nation = pk_str_dup(PK_STR("JPN"));
	pk_buf_reset(&f2);
	pk_buf_put_fingerprint(&f2, &p);
	CHECK(!pk_str_eq(pk_buf_str(&f1), pk_buf_str(&f2)));
}

/* Every line left out, doubled, or swapped with the next. */
TEST(party_lines_have_one_order)
{
	ACTOR a = actor_new("lead", "USA", true);
	PK_AUTO(pk_buf) text = {0};
	struct pk_str line[16], rest;
	size_t n = 0;

	rest = party_text(&a.party, &text);
	while (n < PK_LEN(line) && pk_str_line(&rest, &line[n]))
		n++;
	CHECK_INT(n, 9);
	for (size_t i = 0; i < n; i++) {
		for (int how = 0; how < 3; how++) {
			PK_AUTO(pk_buf) b = {0};
			PK_AUTO(pk_party) p = {0};
			struct pk_err err = {0};

			/* the note lines are optional; doubled recipients are two recipients; nothing follows the last */
			if ((how == 0 && (i == 6 || i == 7)) || (how == 1 && i == 4) || (how == 2 && i == n - 1))
				continue;
			for (size_t j = 0; j < n; j++) {
				size_t k = how == 2 && j == i ? i + 1 : how == 2 && j == i + 1 ? i : j;

				for (int times = j != i || how == 2 ? 1 : how == 0 ? 0 : 2; times > 0; times--) {
					pk_buf_put_str(&b, line[k]);
					pk_buf_put_c(&b, '\n');
				}
			}
			if (pk_party_parse(pk_buf_str(&b), &p, &err) == 0)
				printf("# accepted: line %zu, way %d\n", i + 1, how);
			CHECK_INT(err.kind, PK_EFORMAT);
		}
	}
}

TEST(party_values_are_checked)
{
	static const char *const bad[][2] = {
		{"picket-party: 1", "picket-party: 2"},
		{"name: lead", "name: le ad"},
		{"name: lead", "name: .lead"},
		{"org: Test Unit", "org: Test\tUnit"},
		{"org: Test Unit", "org: "},
		{"org: Test Unit", "org:  x"},
		{"nation: USA", "nation: XYZ"},
		{"recipient: age1", "recipient: age2"},
		{"sign: RW", "sign: RX"},
		{"issuer: yes", "issuer: maybe"},
		{"issuer: yes", "issuer: yes\nvalid-from: 2026-01-01"},
		{"issuer: yes", "issuer: yes\nvalid-from: 2026-01-01T00:00:00+00:00"},
		{"issuer: yes", "issuer: yes\nx: y"},
		{"issuer: yes",
		 "issuer: yes\nvalid-from: 2026-01-02T00:00:00Z\nvalid-to: 2026-01-01T23:59:59Z\nrevoked: "
		 "2026-01-01T00:00:00Z"},
		{"org: Test Unit", "org: Test \xe2\x80\xaeUnit"},
		{"issuer: yes\n", "issuer: yes"},
	};
	ACTOR a = actor_new("lead", "USA", true);
	PK_AUTO(pk_buf) text = {0};

	party_text(&a.party, &text);
	for (size_t i = 0; i < PK_LEN(bad); i++) {
		PK_AUTO(pk_buf) b = {0};
		PK_AUTO(pk_party) p = {0};
		const char *at = strstr(text.p, bad[i][0]);

		CHECK(at != NULL);
		if (!at)
			continue;
		pk_buf_put(&b, text.p, (size_t)(at - text.p));
		pk_buf_puts(&b, bad[i][1]);
		pk_buf_puts(&b, at + strlen(bad[i][0]));
		FAILS(PK_EFORMAT, pk_party_parse(pk_buf_str(&b), &p, &err));
	}
}

TEST(a_validity_may_be_one_second)
{
	ACTOR a = actor_new("lead", "USA", true);
	PK_AUTO(pk_party) p = {0};
	PK_AUTO(pk_buf) text = {0};

	a.party.valid_from = a.party.valid_to = 1767225600;
	OK(pk_party_parse(party_text(&a.party, &text), &p, &err));
	OK(pk_party_check(&p, (struct pk_time){.sec = 1767225600}, &err));
}

TEST(one_key_belongs_to_one_party)
{
	ACTOR a = actor_new("lead", "USA", true);
	ACTOR b = actor_new("jpn", "JPN", false);
	ACTOR c = actor_new("LEAD", "JPN", false);
	PK_AUTO(pk_roster) r = {0};

	OK(pk_roster_add(&r, &a.party, &err));
	OK(pk_roster_add(&r, &b.party, &err));
	FAILS(PK_EUSAGE, pk_roster_add(&r, &b.party, &err));
	FAILS(PK_EUSAGE, pk_roster_add(&r, &c.party, &err)); /* the same name but for its case */
	free(c.party.name);
	c.party.name = pk_str_dup(PK_STR("phl"));
	OK(pk_strv_add(&c.party.recipients, pk_str(b.party.recipients.v[0]), &err));
	FAILS(PK_EUSAGE, pk_roster_add(&r, &c.party, &err));
	CHECK(pk_roster_find(&r, "jpn") == &r.party[1]);
	CHECK(pk_roster_find_recipient(&r, b.party.recipients.v[0]) == &r.party[1]);
	CHECK(pk_roster_find_signer(&r, &a.sign.pub) == &r.party[0]);
	CHECK(!pk_roster_find(&r, "phl") && !pk_roster_find_signer(&r, &c.sign.pub));
	/* the lead's key stays */
	free(c.party.name);
	c.party.name = pk_str_dup(PK_STR("lead"));
	FAILS(PK_EUSAGE, pk_roster_change(&r, &c.party, &err));
}

static const uint8_t *key_of(const struct pk_party *p, int i)
{
	return i == 0 ? p->sign.key : i == 1 ? p->note.key : p->cosign.key;
}

static void set_key(struct pk_party *p, int i, const uint8_t key[32])
{
	if (i == 0)
		memcpy(p->sign.key, key, 32);
	else if (i == 1)
		p->note = note_of(key, p->name, PK_NOTE_SIGN);
	else
		p->cosign = note_of(key, p->name, PK_NOTE_COSIGN);
}

static const char *const key_names[] = {"signing key", "note key", "cosignature key"};

TEST(a_key_signs_one_kind_of_thing)
{
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < i; j++) {
			ACTOR a = actor_new("lead", "USA", true);
			PK_AUTO(pk_buf) text = {0};
			PK_AUTO(pk_party) p = {0};
			struct pk_err why = {0};

			set_key(&a.party, i, key_of(&a.party, j));
			CHECK(pk_party_parse(party_text(&a.party, &text), &p, &why) < 0 && why.kind == PK_EFORMAT);
			CHECK(strstr(why.msg, "'lead'") && strstr(why.msg, key_names[i]) &&
			      strstr(why.msg, key_names[j]));
		}
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 3; j++) {
			ACTOR a = actor_new("lead", "USA", true);
			ACTOR b = actor_new("jpn", "JPN", true);
			ACTOR c = actor_new("phl", "PHL", true);
			PK_AUTO(pk_roster) r = {0}, again = {0};
			PK_AUTO(pk_buf) text = {0};
			struct pk_err why = {0};

			set_key(&c.party, i, key_of(&b.party, j));
			OK(pk_roster_add(&r, &a.party, &err));
			OK(pk_roster_add(&r, &b.party, &err));
			CHECK(pk_roster_add(&r, &c.party, &why) < 0 && why.kind == PK_EUSAGE);
			CHECK(strstr(why.msg, "'jpn'") && strstr(why.msg, "'phl'") && strstr(why.msg, key_names[i]) &&
			      strstr(why.msg, key_names[j]));
			/* nor is a roster read that has such a pair */
			r.version = 1;
			r.time = (struct pk_time){.sec = 1800000000};
			pk_buf_put_roster(&text, &r);
			pk_buf_put_c(&text, '\n');
			{
				PK_AUTO(pk_buf) party = {0};
				struct pk_str lines = party_text(&c.party, &party), head;

				CHECK(pk_str_line(&lines, &head));
				pk_buf_put_str(&text, lines);
			}
			CHECK(pk_roster_parse(pk_buf_str(&text), &again, &why) < 0 && why.kind == PK_EFORMAT);
			CHECK(strstr(why.msg, "'jpn'") && strstr(why.msg, "'phl'"));
			/* and put in the place of one */
			free(c.party.name);
			c.party.name = pk_str_dup(PK_STR("lead"));
			c.party.sign = i == 0 ? c.party.sign : a.party.sign;
			FAILS(PK_EUSAGE, pk_roster_change(&r, &c.party, &err));
		}
}

TEST(nobody_joins_with_a_weak_recipient)
{
	static const uint8_t point[32] = {0}; /* of low order */
	ACTOR a = actor_new("lead", "USA", true);
	ACTOR b = actor_new("jpn", "JPN", true);
	PK_AUTO(pk_roster) r = {0}, again = {0};
	PK_AUTO(pk_secret) identity = {0};
	uint8_t hybrid[PK_AGE_HYBRID_KEY];
	PK_AUTO(pk_buf) weak = {0};
	PK_AUTO(pk_buf) weak_hybrid = {0};
	PK_AUTO(pk_buf) good_hybrid = {0};
	PK_AUTO(pk_buf) text = {0};
	struct pk_err why = {0};

	pk_buf_put_age_recipient(&weak, point);
	OK(pk_age_hybrid_identity_generate(&identity, hybrid, &err));
	pk_buf_put_age_hybrid_recipient(&good_hybrid, hybrid);
	memcpy(hybrid + sizeof(hybrid) - 32, point, 32);
	pk_buf_put_age_hybrid_recipient(&weak_hybrid, hybrid);
	CHECK(pk_age_recipient_is_weak(pk_buf_str(&weak)) && pk_age_recipient_is_weak(pk_buf_str(&weak_hybrid)));
	CHECK(!pk_age_recipient_is_weak(pk_buf_str(&good_hybrid)));
	CHECK(!pk_age_recipient_is_weak(pk_str(a.party.recipients.v[0])));
	OK(pk_roster_add(&r, &a.party, &err));
	OK(pk_roster_add(&r, &b.party, &err));
	OK(pk_strv_add(&b.party.recipients, pk_buf_str(&weak), &err));
	CHECK(pk_roster_change(&r, &b.party, &why) < 0 && why.kind == PK_EUSAGE && strstr(why.msg, "'jpn'"));
	free(b.party.name);
	b.party.name = pk_str_dup(PK_STR("phl"));
	FAILS(PK_EUSAGE, pk_roster_add(&r, &b.party, &err));
	/* who has one already can be read, and revoked */
	OK(pk_strv_add(&r.party[1].recipients, pk_buf_str(&weak), &err));
	r.version = 1;
	r.time = (struct pk_time){.sec = 1800000000};
	pk_buf_put_roster(&text, &r);
	OK(pk_roster_parse(pk_buf_str(&text), &again, &err));
	free(b.party.name);
	b.party.name = pk_str_dup(PK_STR("jpn"));
	b.party.revoked = 1700000000;
	OK(pk_roster_change(&again, &b.party, &err));
}

/* One case: the keys of the party that comes (those of the one that is revoked, by number), and what it says of itself. */
TEST(what_was_revoked_stays_revoked_with_any_of_its_keys)
{
	ACTOR a = actor_new("lead", "USA", true);
	ACTOR b = actor_new("esp", "ESP", true);
	PK_AUTO(pk_roster) r = {0};

	OK(pk_roster_add(&r, &a.party, &err));
	CHECK(!pk_roster_keep_revoked(&r, &b.party)); /* there is none */
	OK(pk_roster_add(&r, &b.party, &err));
	CHECK(!pk_roster_keep_revoked(&r, &b.party)); /* nor revoked */
	r.party[1].revoked = 1700000000;
	for (int kept = -1; kept < 4; kept++) {
		ACTOR c = actor_new("esp", "ESP", true);

		if (kept == 3)
			OK(pk_strv_add(&c.party.recipients, pk_str(b.party.recipients.v[0]), &err));
		else if (kept >= 0)
			set_key(&c.party, (kept + 1) % 3, key_of(&b.party, kept)); /* for another use, too */
		CHECK_INT(pk_roster_keep_revoked(&r, &c.party), kept >= 0);
		CHECK_INT(c.party.revoked, kept >= 0 ? 1700000000 : 0);
		c.party.revoked = 1600000000;
		CHECK(!pk_roster_keep_revoked(&r, &c.party));
		CHECK_INT(c.party.revoked, 1600000000);
		c.party.revoked = 1800000000;
		CHECK_INT(pk_roster_keep_revoked(&r, &c.party), kept >= 0);
		CHECK_INT(c.party.revoked, kept >= 0 ? 1700000000 : 1800000000);
	}
}

static void set_org(struct actor *a, const char *org)
{
	free(a->party.org);
	a->party.org = pk_str_dup(pk_str(org));
}

TEST(an_organisation_is_no_other_partys_name)
{
	ACTOR a = actor_new("lead", "USA", true);
	ACTOR b = actor_new("phl", "PHL", false);
	ACTOR c = actor_new("usx", "USA", false);
	PK_AUTO(pk_roster) r = {0}, again = {0};
	PK_AUTO(pk_buf) text = {0};
	struct pk_err why = {0};
	char *at;

	set_org(&c, "phl");
	OK(pk_roster_add(&r, &a.party, &err));
	OK(pk_roster_add(&r, &b.party, &err));
	CHECK(pk_roster_add(&r, &c.party, &why) < 0 && why.kind == PK_EUSAGE);
	CHECK(strstr(why.msg, "'usx'") && strstr(why.msg, "'phl'"));
	set_org(&c, "ORG");
	OK(pk_roster_add(&r, &c.party, &err));
	set_org(&c, "phl");
	FAILS(PK_EUSAGE, pk_roster_change(&r, &c.party, &err));
	/* the other way round: somebody is named as an organisation is */
	set_org(&b, "usx");
	FAILS(PK_EUSAGE, pk_roster_change(&r, &b.party, &err));
	/* nor is such a roster read */
	r.version = 1;
	r.time = (struct pk_time){.sec = 1800000000};
	pk_buf_put_roster(&text, &r);
	at = strstr(text.p, "org: ORG\n");
	CHECK(at);
	memcpy(at, "org: phl\n", 9);
	CHECK(pk_roster_parse(pk_buf_str(&text), &again, &why) < 0 && why.kind == PK_EFORMAT);
	CHECK(strstr(why.msg, "'usx'") && strstr(why.msg, "'phl'"));
	/* of one organisation they may be, and then the name is its party's alone */
	set_org(&b, "phl");
	OK(pk_roster_change(&r, &b.party, &err));
	OK(pk_roster_change(&r, &c.party, &err));
	CHECK(pk_roster_is_originator(&r, &b.party, PK_STR("phl")));
	CHECK(!pk_roster_is_originator(&r, &c.party, PK_STR("phl")));
	CHECK(pk_roster_is_originator(&r, &c.party, PK_STR("usx")));
	CHECK(pk_roster_is_originator(&r, &a.party, PK_STR("Test Unit")));
	CHECK(!pk_roster_is_originator(&r, &a.party, PK_STR("phl")));
}

static void count_warning(void *ctx, const char *text)
{
	CHECK(strstr(text, "originator 'JPN' is nobody in the roster"));
	++*(int *)ctx;
}

TEST(originators_that_are_nobody_are_said)
{
	static const struct {
		const char *originators;
		int warned;
	} t[] = {{NULL, 0}, {"lead", 0}, {"Test Unit", 0}, {"JPN", 1}, {"JPN,Test Unit,lead", 1}};
	ACTOR a = actor_new("lead", "USA", true);
	PK_AUTO(pk_roster) r = {0};

	OK(pk_roster_add(&r, &a.party, &err));
	for (size_t i = 0; i < PK_LEN(t); i++) {
		PK_AUTO(pk_label) l = {.tlp = PK_TLP_RED};
		int warned = 0;

		OK(pk_label_set_originator(&l, pk_str(t[i].originators), &err));
		pk_roster_warn_originators(&r, &l, &(struct pk_events){.ctx = &warned, .warn = count_warning});
		CHECK_INT(warned, t[i].warned);
	}
}

static void copy_file(const char *from, const char *to)
{
	PK_AUTO(pk_buf) b = {0};

	OK(pk_read_path(from, 1 << 20, &b, &err));
	OK(pk_write_path(to, 0, pk_buf_str(&b), &err));
}

struct files {
	struct pk_buf roster, sig, pin, next, old, old_sig;
};

static void files_done(struct files *f)
{
	pk_buf_done(&f->roster);
	pk_buf_done(&f->sig);
	pk_buf_done(&f->pin);
	pk_buf_done(&f->next);
	pk_buf_done(&f->old);
	pk_buf_done(&f->old_sig);
}

static struct files files_in(const char *dir)
{
	struct files f = {0};

	pk_buf_putf(&f.roster, "%s/deep/er/roster", dir);
	pk_buf_putf(&f.sig, "%s.minisig", f.roster.p);
	pk_buf_putf(&f.pin, "%s.pin", f.roster.p);
	pk_buf_putf(&f.next, "%s.minisig.new", f.roster.p);
	pk_buf_putf(&f.old, "%s/old", dir);
	pk_buf_putf(&f.old_sig, "%s/old.minisig", dir);
	return f;
}

TEST(rollback_and_other_keys_are_refused)
{
	ACTOR a = actor_new("lead", "USA", true);
	ACTOR b = actor_new("jpn", "JPN", true);
	TREE dir = tree_new();
	PK_AUTO(files) f = files_in(dir.dir);
	PK_AUTO(pk_roster) r = {0}, s = {0}, t = {0};
	const uint8_t id[16] = {1};

	FAILS(PK_ESYS, pk_roster_load(f.roster.p, &s, &err));
	OK(pk_roster_add(&r, &a.party, &err));
	OK(pk_roster_save(&r, f.roster.p, &a.sign, &err));
	CHECK_INT(r.version, 1);
	copy_file(f.roster.p, f.old.p);
	copy_file(f.sig.p, f.old_sig.p);
	OK(pk_roster_add(&r, &b.party, &err));
	FAILS(PK_EUSAGE, pk_roster_save(&r, f.roster.p, &b.sign, &err));
	OK(pk_roster_revoke_ticket(&r, id, &err));
	OK(pk_roster_save(&r, f.roster.p, &a.sign, &err));
	OK(pk_roster_load(f.roster.p, &s, &err));
	CHECK(s.version == 2 && s.n == 2 && s.revoked_tickets.n == 1);
	CHECK_STR(pk_buf_str(&s.text), pk_buf_str(&r.text));
	/* the old one, well signed */
	copy_file(f.old.p, f.roster.p);
	copy_file(f.old_sig.p, f.sig.p);
	FAILS(PK_ECRYPTO, pk_roster_load(f.roster.p, &t, &err));
	/* and saving on top of it never gives a version out twice */
	OK(pk_roster_parse(pk_str_n(r.text.p, r.text.n), &t, &err));
	t.version = 1;
	OK(pk_roster_save(&t, f.roster.p, &a.sign, &err));
	CHECK_INT(t.version, 3);
	/* a roster of somebody else */
	unlink(f.pin.p);
	FAILS(PK_EUSAGE, pk_roster_load(f.roster.p, &s, &err));
	FAILS(PK_ECRYPTO, pk_roster_pin(f.roster.p, NULL, PK_STR("another text"), false, &err));
	OK(pk_roster_pin(f.roster.p, NULL, pk_buf_str(&t.text), false, &err));
	pk_roster_done(&s);
	OK(pk_roster_add(&s, &b.party, &err));
	FAILS(PK_EUSAGE, pk_roster_save(&s, f.roster.p, &b.sign, &err));
}

TEST(a_cut_save_loses_nothing)
{
	ACTOR a = actor_new("lead", "USA", true);
	ACTOR b = actor_new("jpn", "JPN", true);
	TREE dir = tree_new();
	PK_AUTO(files) f = files_in(dir.dir);
	PK_AUTO(pk_roster) r = {0}, s = {0};

	OK(pk_roster_add(&r, &a.party, &err));
	OK(pk_roster_save(&r, f.roster.p, &a.sign, &err));
	copy_file(f.sig.p, f.old_sig.p);
	OK(pk_roster_add(&r, &b.party, &err));
	OK(pk_roster_save(&r, f.roster.p, &a.sign, &err));
	/* power went before the signature took its place */
	copy_file(f.sig.p, f.next.p);
	copy_file(f.old_sig.p, f.sig.p);
	OK(pk_roster_load(f.roster.p, &s, &err));
	CHECK_INT(s.version, 2);
	unlink(f.next.p);
	pk_roster_done(&s);
	FAILS(PK_ECRYPTO, pk_roster_load(f.roster.p, &s, &err));
}

TEST(no_version_follows_the_last)
{
	ACTOR a = actor_new("lead", "USA", true);
	TREE dir = tree_new();
	PK_AUTO(files) f = files_in(dir.dir);
	PK_AUTO(pk_roster) r = {0}, s = {0}, t = {0};

	OK(pk_roster_add(&r, &a.party, &err));
	r.version = INT64_MAX - 1;
	OK(pk_roster_save(&r, f.roster.p, &a.sign, &err));
	CHECK(r.version == INT64_MAX);
	OK(pk_roster_load(f.roster.p, &s, &err));
	CHECK(s.version == INT64_MAX);
	FAILS(PK_ELIMIT, pk_roster_save(&s, f.roster.p, &a.sign, &err));
	s.version = 1; /* the pin remembers */
	FAILS(PK_ELIMIT, pk_roster_save(&s, f.roster.p, &a.sign, &err));
	OK(pk_roster_load(f.roster.p, &t, &err));
	CHECK_STR(pk_buf_str(&t.text), pk_buf_str(&r.text));
}

TEST(every_changed_byte_of_a_roster_is_found)
{
	ACTOR a = actor_new("lead", "USA", true);
	PK_AUTO(pk_roster) r = {0};
	TREE dir = tree_new();
	PK_AUTO(files) f = files_in(dir.dir);

	OK(pk_roster_add(&r, &a.party, &err));
	OK(pk_roster_save(&r, f.roster.p, &a.sign, &err));
	for (size_t i = 0; i < r.text.n; i++) {
		PK_AUTO(pk_roster) s = {0};

		r.text.p[i] ^= 1;
		CHECK(pk_roster_verify(pk_buf_str(&r.text), pk_buf_str(&r.sig), &a.sign.pub, &s, NULL) < 0);
		r.text.p[i] ^= 1;
	}
}

TEST(release_follows_label_and_roster)
{
	static const struct {
		const char *label;
		const char *to;
		bool ok;
	} t[] = {
		{"TLP:AMBER REL TO JPN,USA", "lead", true},
		{"TLP:AMBER REL TO JPN,USA", "jpn", true},
		{"TLP:AMBER REL TO JPN,USA", "phl", false},
		{"TLP:AMBER REL TO JPN", "lead", false},
		{"TLP:AMBER", "lead", true},
		{"TLP:AMBER", "jpn", false},
		{"TLP:CLEAR", "jpn", false},
		{"unlabelled", "lead", true},
		{"unlabelled", "jpn", false},
		{"TLP:AMBER REL TO PHL", "gone", false},
		{"TLP:RED REL TO PHL", "phl", true},
	};
	ACTOR a = actor_new("lead", "USA", true);
	ACTOR b = actor_new("jpn", "JPN", true);
	ACTOR c = actor_new("phl", "PHL", true);
	ACTOR d = actor_new("gone", "PHL", true);
	ACTOR nobody = actor_new("nobody", "USA", true);
	PK_AUTO(pk_roster) r = {0};
	PK_AUTO(pk_label) any = {0};
	const struct pk_time now = {.sec = 1800000000};

	d.party.revoked = 1700000000;
	OK(pk_roster_add(&r, &a.party, &err));
	OK(pk_roster_add(&r, &b.party, &err));
	OK(pk_roster_add(&r, &c.party, &err));
	OK(pk_roster_add(&r, &d.party, &err));
	for (size_t i = 0; i < PK_LEN(t); i++) {
		PK_AUTO(pk_label) l = {0};
		PK_AUTO(pk_strv) to = {0};

		OK(pk_label_parse(pk_str(t[i].label), &l, &err));
		OK(pk_roster_resolve(&r, t[i].to, &to, &err));
		if (t[i].ok)
			OK(pk_release_check(&l, &a.party, &r, &to, now, &err));
		else
			FAILS(PK_EUSAGE, pk_release_check(&l, &a.party, &r, &to, now, &err));
	}
	OK(pk_label_parse(PK_STR("TLP:AMBER REL TO USA"), &any, &err));
	FAILS(PK_EUSAGE, pk_release_check(&any, &a.party, &r, &nobody.party.recipients, now, &err));
	FAILS(PK_EUSAGE, pk_release_check(&any, &a.party, &r, &(struct pk_strv){0}, now, &err));
}

TEST(to_means_name_key_or_file)
{
	ACTOR a = actor_new("lead", "USA", true);
	ACTOR b = actor_new("other", "USA", true);
	PK_AUTO(pk_roster) r = {0};
	PK_AUTO(pk_strv) to = {0};
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_buf) text = {0};
	TREE dir = tree_new();

	OK(pk_roster_add(&r, &a.party, &err));
	OK(pk_roster_resolve(&r, "lead", &to, &err));
	OK(pk_roster_resolve(NULL, b.party.recipients.v[0], &to, &err));
	CHECK_INT(to.n, 2);
	FAILS(PK_EUSAGE, pk_roster_resolve(NULL, "lead", &to, &err));
	pk_buf_putf(&path, "%s/r", dir.dir);
	pk_buf_putf(&text, "# a comment\n\n%s\r\n", b.party.recipients.v[0]);
	OK(pk_write_path(path.p, 0, pk_buf_str(&text), &err));
	pk_strv_done(&to);
	OK(pk_roster_resolve(NULL, path.p, &to, &err));
	CHECK_INT(to.n, 1);
	pk_buf_puts(&text, "garbage\n");
	OK(pk_write_path(path.p, 0, pk_buf_str(&text), &err));
	pk_strv_done(&to);
	CHECK(pk_roster_resolve(NULL, path.p, &to, NULL) < 0);
}

static void environment(const char *xdg_config_home, const char *home)
{
	if (xdg_config_home)
		CHECK(setenv("XDG_CONFIG_HOME", xdg_config_home, 1) == 0);
	else
		CHECK(unsetenv("XDG_CONFIG_HOME") == 0);
	CHECK((home ? setenv("HOME", home, 1) : unsetenv("HOME")) == 0);
}

TEST(station_paths_follow_the_environment)
{
	PK_AUTO(pk_buf) b = {0};

	environment("/x", "/h");
	OK(pk_station_path("roster", &b, &err));
	CHECK_STR(pk_buf_str(&b), PK_STR("/x/picket/roster"));
	pk_buf_reset(&b);
	environment("relative", "/h");
	OK(pk_station_path("keys", &b, &err));
	CHECK_STR(pk_buf_str(&b), PK_STR("/h/.config/picket/keys"));
	environment(NULL, "");
	FAILS(PK_EUSAGE, pk_station_path("keys", &b, &err));
}

TEST(a_station_may_have_no_roster)
{
	PK_AUTO(pk_roster) r = {0};
	PK_AUTO(pk_buf) path = {0};
	bool there = true;

	environment(NULL, NULL);
	OK(pk_station_roster(NULL, &r, &there, &path, &err));
	CHECK(!there && !path.n);
	environment("/nowhere", NULL);
	OK(pk_station_roster(NULL, &r, &there, &path, &err));
	CHECK(!there);
	CHECK_STR(pk_buf_str(&path), PK_STR("/nowhere/picket/roster"));
	FAILS(PK_ESYS, pk_station_roster("/nowhere/picket/roster", &r, &there, NULL, &err));
	CHECK(!there);
}

RUN_TESTS(T(party_text_comes_back), T(party_lines_have_one_order), T(party_values_are_checked),
	  T(one_key_belongs_to_one_party), T(an_organisation_is_no_other_partys_name), T(a_validity_may_be_one_second),
	  T(a_key_signs_one_kind_of_thing), T(nobody_joins_with_a_weak_recipient),
	  T(what_was_revoked_stays_revoked_with_any_of_its_keys), T(no_version_follows_the_last),
	  T(originators_that_are_nobody_are_said), T(rollback_and_other_keys_are_refused), T(a_cut_save_loses_nothing),
	  T(every_changed_byte_of_a_roster_is_found), T(release_follows_label_and_roster), T(to_means_name_key_or_file),
	  T(station_paths_follow_the_environment), T(a_station_may_have_no_roster))
