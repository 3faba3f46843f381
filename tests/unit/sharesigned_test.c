/* SPDX-License-Identifier: Apache-2.0 */
/* Shares, and a sharer who lies about what others signed: overrides, releases on the way, receipts. */
#include "../sharemodel.h"

TEST(set_up) { set_up_shares(); }

static const char *const override_files[] = {"release-0000.txt", "release-0000.txt.minisig",
					     "release-0000.txt.second.minisig"};

/* What follows is of a bundle that is not for JPN by its label, shared with it by override. */
static char *wide, *within;
static const struct pk_share_pick everything = {.paths = {any, 1, 1}};

TEST(set_up_beyond)
{
	narrowed = "PHL,USA";
	wide = collected;
	within = shared;
	collected = in_dir("narrow.age");
	shared = in_dir("beyond.age");
	collect();
	beyond = (struct pk_share_params){.override_reason = "urgent", .second = &usa.sign};
	make_share(&everything, shared);
	CHECK(judge(shared) == NULL);
}

static struct pk_party *party_of(const char *name)
{
	size_t i = 0;

	while (i + 1 < roster.n && strcmp(roster.party[i].name, name) != 0)
		i++;
	CHECK(strcmp(roster.party[i].name, name) == 0);
	return &roster.party[i];
}

/* The sharer, who collected it too, and the second person: as they stand now, or stood when the ticket ended. */
TEST(who_signed_is_judged_no_later_than_its_tickets_end)
{
	static const char *const who[] = {"phl", "usa"};
	const struct pk_time today = now;
	struct pk_party *p = NULL;
	const char *said = NULL;

	for (size_t i = 0; i < PK_LEN(who); i++) {
		p = party_of(who[i]);
		now.sec = today.sec + 7200;
		p->revoked = today.sec + 5400;
		CHECK(judge(shared) == NULL);
		p->revoked = today.sec + 1800;
		said = judge(shared);
		CHECK(said && strstr(said, "was revoked"));
		now = today;
		CHECK(judge(shared) == NULL);
		p->revoked = 0;
	}
	/* whom it was handed to, when it was */
	p = party_of("jpn");
	p->revoked = today.sec + 1800;
	now.sec = today.sec + 7200;
	CHECK(judge(shared) == NULL);
	p->revoked = today.sec - 1;
	said = judge(shared);
	CHECK(said && strstr(said, "was revoked"));
	p->revoked = 0;
	now = today;
}

TEST(beyond_the_label_with_what_two_persons_signed)
{
	struct model m = {0};
	uint8_t terms[32], bundle[16];
	struct overriding o = {terms, bundle, to_jpn.v[0], &phl, &usa, false, 0, NULL, 0};
	size_t n = 0, i = 0, tried = 0;

	read_model(&m);
	memcpy(terms, pk_bundle_sources(m.b, &n)->ticket.terms_sha256, 32);
	memcpy(bundle, pk_bundle_sources(m.b, &n)->id, 16);
	EXPECT({.override = &o}, NULL);
	for (size_t f = 0; f < PK_LEN(override_files); f++) {
		const struct pk_buf *t = &m.v[find(&m, override_files[f])].text;

		o.flip = override_files[f];
		for (o.at = f ? pk_str_find(pk_buf_str(t), '\n') + 1 : 0; o.at < t->n; o.at += 7, tried++) {
			const char *said = try_it(&m, &(struct lies){.override = &o});

			if (!said || (!strstr(said, "meta/shares/") && !strstr(said, "not releasable: "))) {
				printf("# '%s' byte %zu: %s\n", o.flip, o.at, said ? said : "believed");
				t_failed_here++;
			}
		}
	}
	CHECK(tried > 90);
	o.flip = NULL;
	o.recipient = to_phl.v[0];
	EXPECT({.override = &o}, "the override does not name the reader ");
	o.recipient = to_jpn.v[0];
	o.signer = &usa, o.second = &phl;
	EXPECT({.override = &o}, "the override is of 'usa', and 'phl' shares");
	o.signer = &phl, o.second = &usa;
	terms[0] ^= 1;
	EXPECT({.override = &o}, "the override of 'phl' is of other material");
	terms[0] ^= 1;
	bundle[0] ^= 1;
	EXPECT({.override = &o}, "the override of 'phl' is of other material");
	bundle[0] ^= 1;
	terms[0] ^= 1;
	terms[0] ^= 1;
	EXPECT({.override = &o}, NULL);
	/* the first person's signature twice: one person */
	set_text(&m, override_files[2], pk_buf_str(&m.v[find(&m, override_files[1])].text));
	EXPECT({0}, "not releasable: part of bundle ");
	/* without the second signature, and without any of it */
	i = find(&m, override_files[0]);
	for (size_t k = 0; k < 3; k++) {
		pk_buf_done(&m.v[i + 2 - k].name);
		pk_buf_done(&m.v[i + 2 - k].text);
		memmove(&m.v[i + 2 - k], &m.v[i + 3 - k], (m.n - (i + 3 - k)) * sizeof(m.v[0]));
		m.n--;
		EXPECT({0}, k < 2 ? "is out of place" : "may not be released to 'jpn' (JPN)");
	}
	model_done(&m);
}

/* Two persons signed one share. What they signed does not let another go out: with other records, other readers, another
 * label, at another time; nor does what they signed for the whole bundle. */
TEST(an_override_is_for_one_share)
{
	char logs[] = "/var/*", *p[] = {logs};
	const struct pk_share_pick little = {.paths = strv_of(p)};
	pk_autofree char *all = shared, *few = in_dir("few.age");
	struct model m = {0}, of_little = {0};
	uint8_t terms[32], bundle[16];
	struct overriding o = {terms, bundle, to_jpn.v[0], &phl, &usa, false, 0, NULL, 0};
	struct pk_str rest, line;
	size_t n = 0;

	/* signed for one file, used for all of them */
	make_share(&little, few);
	shared = few;
	read_model(&of_little);
	shared = all;
	read_model(&m);
	memcpy(terms, pk_bundle_sources(m.b, &n)->ticket.terms_sha256, 32);
	memcpy(bundle, pk_bundle_sources(m.b, &n)->id, 16);
	for (size_t f = 0; f < PK_LEN(override_files); f++)
		set_text(&m, override_files[f], pk_buf_str(&of_little.v[find(&of_little, override_files[f])].text));
	EXPECT({0}, "the override of 'phl' is for another share, not for this share");
	o.whole = true;
	EXPECT({.override = &o}, "the override of 'phl' is for the whole bundle, not for this share");
	o.whole = false;
	/* signed for a share that differs in one line of its handover record */
	rest = pk_buf_str(&pk_bundle_handover(m.b)->text);
	for (o.other = 1; pk_str_split(&rest, '\n', &line) && line.n; o.other++)
		EXPECT({.override = &o}, "the override of 'phl' is for another share, not for this share");
	CHECK(o.other > 9); /* version, share, by, time, label, originator, to, records, their hash, reason */
	o.other = 0;
	EXPECT({.override = &o}, NULL);
	model_done(&m);
	model_done(&of_little);
	shared = pk_steal(&all);
}

static void insert(struct model *m, size_t at, const char *name, struct pk_str text)
{
	memmove(&m->v[at + 1], &m->v[at], (m->n - at) * sizeof(m->v[0]));
	m->n++;
	m->v[at] = (struct piece){0};
	pk_buf_puts(&m->v[at].name, name);
	pk_buf_put_str(&m->v[at].text, text);
}

/* What an earlier handover went beyond the label by goes along with it. */
TEST(releases_of_earlier_handovers)
{
	static const char first[] = "handover-0000.release-0000.txt", sig[] = "handover-0000.release-0000.txt.minisig",
			  second[] = "handover-0000.release-0000.txt.second.minisig";
	struct model m = {0};
	uint8_t terms[32], bundle[16];
	struct overriding o = {terms, bundle, to_jpn.v[0], &phl, &usa, false, 0, NULL, 0};
	const struct pk_handed *h = NULL;
	const struct pk_release_set *r = NULL;
	PK_AUTO(pk_release_set) other = {0};
	PK_AUTO(pk_strv) to = {0};
	PK_AUTO(pk_buf) mine = {0};
	char hash[65];
	size_t n = 0, i = 0;

	read_model(&m);
	memcpy(terms, pk_bundle_sources(m.b, &n)->ticket.terms_sha256, 32);
	memcpy(bundle, pk_bundle_sources(m.b, &n)->id, 16);
	h = pk_bundle_handover(m.b);
	r = &pk_bundle_sources(m.b, &n)->release[0];
	i = find(&m, "checkpoint") + 1;
	insert(&m, i, second, pk_buf_str(&r->second_sig));
	insert(&m, i, sig, pk_buf_str(&r->sig));
	insert(&m, i, first, pk_buf_str(&r->text));
	insert(&m, i, "handover-0000.txt.minisig", pk_buf_str(&h->sig));
	insert(&m, i, "handover-0000.txt", pk_buf_str(&h->text));
	EXPECT({.override = &o}, NULL);
	/* another issuer's signature under the ticket of what is shared: the origin stays the one's who issued it */
	OK(pk_minisign_sign_bytes(&usa.sign, pk_buf_str(&pk_bundle_sources(m.b, &n)->ticket_text), "x", &mine, &err));
	set_text(&m, "ticket.txt.minisig", pk_buf_str(&mine));
	EXPECT({.override = &o}, "the ticket is signed by another key than its issuer's");
	set_text(&m, "ticket.txt.minisig", pk_buf_str(&pk_bundle_sources(m.b, &n)->ticket_sig));
	/* signatures: exchanged, of somebody else, of another text */
	set_text(&m, sig, pk_buf_str(&r->second_sig));
	EXPECT({.override = &o}, "altered: the signature of an earlier release by 'phl' does not fit");
	set_text(&m, sig, pk_buf_str(&h->sig));
	EXPECT({.override = &o}, "altered: the signature of an earlier release by 'phl' does not fit");
	set_text(&m, sig, PK_STR("nonsense"));
	EXPECT({.override = &o}, "meta/shares/");
	set_text(&m, sig, pk_buf_str(&r->sig));
	set_text(&m, second, pk_buf_str(&r->sig));
	EXPECT({.override = &o}, "altered: the signature of an earlier release by 'usa' does not fit");
	set_text(&m, second, pk_buf_str(&r->second_sig));
	/* rightly signed, for another handover; of other material */
	pk_recipient_hash(pk_str(to_jpn.v[0]), hash);
	OK(pk_strv_add(&to, pk_str(hash), &err));
	for (int k = 0; k < 3; k++) {
		terms[0] ^= k == 1;
		bundle[0] ^= k == 2;
		OK(pk_release_make(&(struct pk_release_of){terms, bundle,
							   k ? pk_buf_str(&h->text) : PK_STR("picket-handover: 1\n")},
				   &to, "urgent", &phl.sign, &usa.sign, &roster, now, &other, &err));
		terms[0] ^= k == 1;
		bundle[0] ^= k == 2;
		set_text(&m, first, pk_buf_str(&other.text));
		set_text(&m, sig, pk_buf_str(&other.sig));
		set_text(&m, second, pk_buf_str(&other.second_sig));
		EXPECT({.override = &o}, k ? "the override of 'phl' is of other material"
					   : "the override of 'phl' is for another share, not for this share");
		pk_release_set_done(&other);
	}
	set_text(&m, first, pk_buf_str(&r->text));
	set_text(&m, sig, pk_buf_str(&r->sig));
	set_text(&m, second, pk_buf_str(&r->second_sig));
	/* it does not stand for the release that this share needs */
	i = find(&m, override_files[0]);
	for (size_t k = 0; k < 3; k++) {
		pk_buf_done(&m.v[i].name);
		pk_buf_done(&m.v[i].text);
		memmove(&m.v[i], &m.v[i + 1], (m.n - i - 1) * sizeof(m.v[0]));
		m.n--;
	}
	EXPECT({0}, "may not be released to 'jpn' (JPN)");
	/* places */
	swap(&m, find(&m, first), find(&m, sig));
	EXPECT({0}, "is out of place");
	swap(&m, find(&m, first), find(&m, sig));
	swap(&m, find(&m, first), find(&m, "handover-0000.txt.minisig"));
	EXPECT({0}, "is out of place");
	model_done(&m);
}

TEST(tear_down_beyond)
{
	free(collected);
	free(shared);
	collected = wide;
	shared = within;
	wide = within = NULL;
	narrowed = "JPN,PHL,USA";
	beyond = (struct pk_share_params){0};
}

/* A receipt beside a bundle, by `signer`. */
static void put_receipt(const char *path, const struct actor *signer, enum pk_trust_status verdict,
			struct pk_buf *ret_text, struct pk_buf *ret_sig)
{
	PK_AUTO(pk_outer) outer = {0};

	OK(pk_outer_check(path, &roster, now, &outer, &err));
	CHECK(outer.status == PK_TRUST_OK);
	outer.status = verdict;
	OK(pk_receipt_make(&outer, outer.size, "lab 3", "R. Cruz", &signer->sign, &roster, now, ret_text, ret_sig,
			   &err));
}

static void write_beside(const char *path, const char *suffix, struct pk_str text)
{
	PK_AUTO(pk_buf) name = {0};

	pk_buf_putf(&name, "%s%s", path, suffix);
	OK(pk_write_path(name.p, 0, text, &err));
}

static void unlink_beside(const char *path, const char *suffix)
{
	PK_AUTO(pk_buf) name = {0};

	pk_buf_putf(&name, "%s%s", path, suffix);
	unlink(name.p);
}

/* The receipt of a file goes along with the file's outer signature, whose comment ties it to the log. */
TEST(receipts)
{
	static const char *const files[] = {"receipt.txt", "receipt.txt.minisig", "outer.minisig"};
	pk_autofree char *first = shared, *other = in_dir("elsewhere.age"), *mine = collected;
	PK_AUTO(pk_buf) text = {0}, sig = {0}, outer = {0}, name = {0}, old = {0};
	struct actor stranger = actor_new("lone", "USA", true);
	PK_AUTO(pk_receipt) r = {0};
	struct model m = {0};
	size_t tried = 0;

	put_receipt(collected, &usa, PK_TRUST_OK, &text, &sig);
	write_beside(collected, ".receipt", pk_buf_str(&text));
	write_beside(collected, ".receipt.minisig", pk_buf_str(&sig));
	shared = in_dir("receipted.age");
	make_share(&everything, shared);
	CHECK(judge(shared) == NULL && countersigned);
	read_model(&m);
	EXPECT({0}, NULL);
	CHECK(countersigned);
	for (size_t f = 0; f < PK_LEN(files); f++) {
		struct pk_buf *t = &m.v[find(&m, files[f])].text;

		for (size_t at = f ? pk_str_find(pk_buf_str(t), '\n') + 1 : 0; at < t->n; at += 5, tried++) {
			const char *said = NULL;

			t->p[at] ^= 1;
			said = try_it(&m, &(struct lies){0});
			t->p[at] ^= 1;
			if (countersigned || (said && !strstr(said, "meta/shares/"))) {
				printf("# '%s' byte %zu: %s\n", files[f], at, said ? said : "believed");
				t_failed_here++;
			}
		}
	}
	CHECK(tried > 180);
	/* rightly signed: as found altered; by nobody of the roster */
	pk_buf_put_str(&old, pk_buf_str(&text));
	pk_buf_reset(&text), pk_buf_reset(&sig);
	put_receipt(collected, &usa, PK_TRUST_ALTERED, &text, &sig);
	set_text(&m, files[0], pk_buf_str(&text));
	set_text(&m, files[1], pk_buf_str(&sig));
	EXPECT({0}, "the receipt is of another bundle, or of one that was not in order");
	/* of this file and of another bundle; of none */
	OK(pk_receipt_parse(pk_buf_str(&old), &r, &err));
	for (int has = 1; has >= 0; has--) {
		r.bundle[0] ^= (uint8_t)has;
		r.has_bundle = has;
		pk_buf_reset(&text), pk_buf_reset(&sig);
		pk_buf_put_receipt(&text, &r);
		OK(pk_minisign_sign_bytes(&usa.sign, pk_buf_str(&text), "x", &sig, &err));
		set_text(&m, files[0], pk_buf_str(&text));
		set_text(&m, files[1], pk_buf_str(&sig));
		EXPECT({0}, "the receipt is of another bundle, or of one that was not in order");
	}
	set_text(&m, files[0], pk_buf_str(&old));
	pk_buf_reset(&sig);
	OK(pk_minisign_sign_bytes(&stranger.sign, pk_buf_str(&old), "x", &sig, &err));
	set_text(&m, files[1], pk_buf_str(&sig));
	EXPECT({0}, NULL);
	CHECK(!countersigned && strstr(receipt_why, "which nobody in the roster has"));
	/* of another bundle of the same team, with that one's outer signature */
	collected = other;
	collect();
	pk_buf_reset(&text), pk_buf_reset(&sig);
	put_receipt(collected, &usa, PK_TRUST_OK, &text, &sig);
	collected = mine;
	mine = NULL;
	set_text(&m, files[0], pk_buf_str(&text));
	set_text(&m, files[1], pk_buf_str(&sig));
	EXPECT({0}, "the receipt is of another file");
	pk_buf_putf(&name, "%s.minisig", other);
	OK(pk_read_path(name.p, 10000, &outer, &err));
	set_text(&m, files[2], pk_buf_str(&outer));
	EXPECT({0}, "the receipt is of another file");
	model_done(&m);
	/* what no receiver could believe does not go along; nor what is held back */
	write_beside(collected, ".receipt", pk_buf_str(&text));
	free(shared);
	shared = in_dir("unreceipted.age");
	make_share(&everything, shared);
	read_model(&m);
	CHECK_STR(pk_buf_str(&m.v[3].name), PK_STR("0.tlog-proof"));
	model_done(&m);
	write_beside(collected, ".receipt", pk_buf_str(&old));
	free(shared);
	shared = in_dir("held.age");
	make_share(&(struct pk_share_pick){.paths = {any, 1, 1}, .no_receipt = true}, shared);
	read_model(&m);
	CHECK_STR(pk_buf_str(&m.v[3].name), PK_STR("0.tlog-proof"));
	model_done(&m);
	unlink_beside(collected, ".receipt");
	unlink_beside(collected, ".receipt.minisig");
	actor_done(&stranger);
	free(shared);
	shared = pk_steal(&first);
}

TEST(tear_down) { tear_down_shares(); }

RUN_TESTS(T(set_up), T(set_up_beyond), T(who_signed_is_judged_no_later_than_its_tickets_end),
	  T(beyond_the_label_with_what_two_persons_signed), T(an_override_is_for_one_share),
	  T(releases_of_earlier_handovers), T(tear_down_beyond), T(receipts), T(tear_down))
