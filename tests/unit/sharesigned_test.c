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

/* The sharer, who collected it too, and the second person: whoever is revoked now signed nothing, whatever the times say;
 * validity is asked as of the ticket's end. */
TEST(who_is_revoked_now_signed_nothing)
{
	static const char *const who[] = {"phl", "usa"};
	const struct pk_time today = now;
	struct pk_party *p = NULL;
	const char *said = NULL;

	for (size_t i = 0; i < PK_LEN(who); i++) {
		p = party_of(who[i]);
		now.sec = today.sec + 7200;
		p->revoked = today.sec + 9000;
		CHECK(judge(shared) == NULL);
		for (int64_t at = 5400; at > 0; at -= 3600) {
			p->revoked = today.sec + at;
			said = judge(shared);
			CHECK(said && strstr(said, "was revoked") &&
			      strstr(said, i ? "not releasable: " : "revoked: "));
		}
		now = today;
		CHECK(judge(shared) == NULL);
		p->revoked = 0;
		now.sec = today.sec + 7200;
		p->valid_to = today.sec + 5400;
		CHECK(judge(shared) == NULL);
		p->valid_to = today.sec + 1800;
		said = judge(shared);
		CHECK(said && strstr(said, "was valid until"));
		p->valid_to = 0;
		now = today;
	}
	/* whom it was handed to, whenever that was */
	p = party_of("jpn");
	p->revoked = today.sec + 1800;
	CHECK(judge(shared) == NULL);
	now.sec = today.sec + 7200;
	said = judge(shared);
	CHECK(said && strstr(said, "not releasable: ") && strstr(said, "'jpn' was revoked"));
	p->revoked = today.sec - 1;
	said = judge(shared);
	CHECK(said && strstr(said, "was revoked"));
	p->revoked = 0;
	now = today;
}

TEST(beyond_the_label_with_what_two_persons_signed)
{
	struct model m = {0};
	struct pk_ticket ticket;
	uint8_t bundle[16];
	struct overriding o = {&ticket, bundle, to_jpn.v[0], &phl, &usa, false, 0, NULL, 0};
	size_t n = 0, i = 0, tried = 0;

	read_model(&m);
	ticket = pk_bundle_sources(m.b, &n)->ticket;
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
	ticket.terms_sha256[0] ^= 1;
	EXPECT({.override = &o}, "the override of 'phl' is of other material: another ticket's");
	ticket.terms_sha256[0] ^= 1;
	ticket.sha256[0] ^= 1;
	EXPECT({.override = &o}, "the override of 'phl' is of other material: another ticket's");
	ticket.sha256[0] ^= 1;
	bundle[0] ^= 1;
	EXPECT({.override = &o}, "the override of 'phl' is of other material");
	bundle[0] ^= 1;
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
	struct pk_ticket ticket;
	uint8_t bundle[16];
	struct overriding o = {&ticket, bundle, to_jpn.v[0], &phl, &usa, false, 0, NULL, 0};
	struct pk_str rest, line;
	size_t n = 0;

	/* signed for one file, used for all of them */
	make_share(&little, few);
	shared = few;
	read_model(&of_little);
	shared = all;
	read_model(&m);
	ticket = pk_bundle_sources(m.b, &n)->ticket;
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
	struct pk_ticket ticket;
	uint8_t bundle[16];
	struct overriding o = {&ticket, bundle, to_jpn.v[0], &phl, &usa, false, 0, NULL, 0};
	const struct pk_handed *h = NULL;
	const struct pk_release_set *r = NULL;
	PK_AUTO(pk_release_set) other = {0};
	PK_AUTO(pk_strv) to = {0};
	PK_AUTO(pk_buf) mine = {0}, strange = {0};
	ACTOR stranger = actor_new("lone", "USA", true);
	char hash[65];
	size_t n = 0, i = 0;

	read_model(&m);
	ticket = pk_bundle_sources(m.b, &n)->ticket;
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
	/* by nobody's key, in the name of a party that has one */
	for (int k = 0; k < 2; k++) {
		pk_buf_reset(&mine);
		OK(pk_minisign_sign_bytes(&stranger.sign, pk_buf_str(&r->text), "picket-release", &mine, &err));
		set_text(&m, k ? second : sig, pk_buf_str(&mine));
		EXPECT({.override = &o}, k ? "altered: the signature of an earlier release by 'usa' does not fit"
					   : "altered: the signature of an earlier release by 'phl' does not fit");
		set_text(&m, k ? second : sig, pk_buf_str(k ? &r->second_sig : &r->sig));
	}
	/* of somebody whom the roster does not have it is not proven */
	pk_buf_put_str(&strange, pk_buf_str(&r->text));
	memcpy((char *)memmem(strange.p, strange.n, "\nsecond: usa\n", 13) + 9, "xyz", 3);
	set_text(&m, first, pk_buf_str(&strange));
	pk_buf_reset(&mine);
	OK(pk_minisign_sign_bytes(&phl.sign, pk_buf_str(&strange), "picket-release", &mine, &err));
	set_text(&m, sig, pk_buf_str(&mine));
	pk_buf_reset(&mine);
	OK(pk_minisign_sign_bytes(&stranger.sign, pk_buf_str(&strange), "picket-release", &mine, &err));
	set_text(&m, second, pk_buf_str(&mine));
	EXPECT({.override = &o}, NULL);
	CHECK_INT(unknown_releases, 1);
	/* an override of somebody else than who handed it over */
	pk_recipient_hash(pk_str(to_jpn.v[0]), hash);
	OK(pk_strv_add(&to, pk_str(hash), &err));
	OK(pk_release_make(&(struct pk_release_of){&ticket, bundle, pk_buf_str(&h->text)}, &to, "urgent", &usa.sign,
			   &phl.sign, &roster, now, &other, &err));
	set_text(&m, first, pk_buf_str(&other.text));
	set_text(&m, sig, pk_buf_str(&other.sig));
	set_text(&m, second, pk_buf_str(&other.second_sig));
	EXPECT({.override = &o}, "altered: an earlier override by 'usa' has another signer than its handover");
	pk_release_set_done(&other);
	/* rightly signed, for another handover; of other material */
	for (int k = 0; k < 4; k++) {
		ticket.terms_sha256[0] ^= k == 1;
		bundle[0] ^= k == 2;
		ticket.sha256[0] ^= k == 3;
		OK(pk_release_make(&(struct pk_release_of){&ticket, bundle,
							   k ? pk_buf_str(&h->text) : PK_STR("picket-handover: 1\n")},
				   &to, "urgent", &phl.sign, &usa.sign, &roster, now, &other, &err));
		ticket.terms_sha256[0] ^= k == 1;
		bundle[0] ^= k == 2;
		ticket.sha256[0] ^= k == 3;
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

/* What another originator released is of one ticket: who knows its terms can have them signed anew, and say whatever they
 * like under the id of the bundle that was released. */
TEST(a_release_is_not_for_what_another_ticket_collected)
{
	pk_autofree char *bundle = collected, *share = shared;
	PK_AUTO(pk_release_set) release = {0};
	PK_AUTO(pk_strv) to = {0};
	PK_AUTO(pk_buf) first = {0}, line = {0}, id = {0};
	PK_AUTOPTR(pk_bundle) b = NULL;
	struct pk_ticket_kit forged = {0};
	struct model m = {0}, honest = {0};
	struct pk_time till = {.sec = now.sec + 3600};
	char hash[65];

	narrowed = "PHL,USA";
	originator = "usa";
	collected = in_dir("usa.age");
	shared = in_dir("usa-share.age");
	collect();
	OK(pk_bundle_open(collected, phl_ids, false, &b, &err));
	pk_recipient_hash(pk_str(to_jpn.v[0]), hash);
	OK(pk_strv_add(&to, pk_str(hash), &err));
	OK(pk_release_make(
		&(struct pk_release_of){.ticket = pk_bundle_info(b)->ticket, .bundle = pk_bundle_info(b)->id}, &to,
		"urgent", &usa.sign, NULL, &roster, now, &release, &err));
	beyond = (struct pk_share_params){.releases = &release, .releases_n = 1};
	make_share(&everything, shared);
	CHECK(judge(shared) == NULL);
	/* the same label in what the liar seals */
	read_model(&honest);
	expect(&honest, &(struct lies){0}, NULL, __LINE__);
	OK(pk_bundle_open(shared, jpn_ids, false, &m.b, &err));
	OK(pk_ticket_issue(&phl.sign, pk_bundle_info(b)->terms, now, till, true, &forged, &err));
	CHECK(memcmp(forged.ticket.terms_sha256, pk_bundle_info(b)->ticket->terms_sha256, 32) == 0);
	first_record_under(&m, &forged.ticket, &first);
	add_log(&m, &forged, pk_buf_str(&first), forged.ticket.sha256);
	pk_buf_put_hex(&id, pk_bundle_info(b)->id, 16);
	pk_buf_putf(&line, "%s 1\n", id.p);
	EXPECT({.lines = line.p}, "may not be released to 'jpn' (JPN)");
	insert(&m, 4, "release-0000.txt.minisig", pk_buf_str(&release.sig));
	insert(&m, 4, "release-0000.txt", pk_buf_str(&release.text));
	EXPECT({.lines = line.p}, "not releasable: part of bundle ");
	EXPECT({.lines = line.p}, "the release of 'usa' is of other material: another ticket's");
	model_done(&m);
	model_done(&honest);
	pk_ticket_kit_done(&forged);
	free(collected);
	free(shared);
	collected = pk_steal(&bundle);
	shared = pk_steal(&share);
	narrowed = "JPN,PHL,USA";
	originator = "phl";
	beyond = (struct pk_share_params){0};
}

/* Who could not have said so is not believed even where nobody asked: the reader is within the label. */
TEST(releases_of_who_has_nothing_to_say)
{
	pk_autofree char *bundle = collected, *share = shared;
	PK_AUTO(pk_strv) to = {0};
	struct pk_ticket ticket;
	uint8_t id[16];
	struct overriding o = {&ticket, id, to_jpn.v[0], &phl, &usa, false, 0, NULL, 0};
	const struct actor *const who[] = {&phl, &usa};
	struct model m = {0};
	char hash[65];
	size_t n = 0, i = 0;

	originator = "usa";
	collected = in_dir("others.age");
	shared = in_dir("others-share.age");
	collect();
	make_share(&everything, shared);
	read_model(&m);
	ticket = pk_bundle_sources(m.b, &n)->ticket;
	memcpy(id, pk_bundle_sources(m.b, &n)->id, 16);
	i = find(&m, "checkpoint") + 1;
	for (size_t k = 3; k-- > 0;)
		insert(&m, i, override_files[k], PK_STR(""));
	EXPECT({.override = &o}, "not releasable: part of bundle ");
	EXPECT({.override = &o}, "the override of 'phl' is of what 'usa' is an originator of");
	pk_buf_done(&m.v[i + 2].name);
	pk_buf_done(&m.v[i + 2].text);
	memmove(&m.v[i + 2], &m.v[i + 3], (m.n - i - 3) * sizeof(m.v[0]));
	m.n--;
	pk_recipient_hash(pk_str(to_jpn.v[0]), hash);
	OK(pk_strv_add(&to, pk_str(hash), &err));
	for (size_t k = 0; k < PK_LEN(who); k++) {
		PK_AUTO(pk_release_set) r = {0};

		OK(pk_release_make(&(struct pk_release_of){.ticket = &ticket, .bundle = id}, &to, "urgent",
				   &who[k]->sign, NULL, &roster, now, &r, &err));
		set_text(&m, override_files[0], pk_buf_str(&r.text));
		set_text(&m, override_files[1], pk_buf_str(&r.sig));
		EXPECT({0}, k ? NULL : "the release is of 'phl', who is no originator of it");
	}
	model_done(&m);
	free(collected);
	free(shared);
	collected = pk_steal(&bundle);
	shared = pk_steal(&share);
	originator = "phl";
}

/* What was collected for post-quantum readers alone goes to no classic one, whoever seals it. */
TEST(no_classic_reader_of_what_is_post_quantum)
{
	ACTOR quantum = actor_new("quantum", "PHL", false);
	PK_AUTO(pk_secret) line = {0};
	PK_AUTO(pk_buf) rec = {0}, lines = {0}, hash = {0};
	uint8_t pub[PK_AGE_HYBRID_KEY];
	char hex[65];

	OK(pk_age_hybrid_identity_generate(&line, pub, &err));
	pk_buf_put_age_hybrid_recipient(&rec, pub);
	OK(pk_strv_add(&quantum.party.recipients, pk_buf_str(&rec), &err));
	OK(pk_roster_add(&roster, &quantum.party, &err));
	pk_recipient_hash(pk_buf_str(&rec), hex);
	pk_buf_putf(&hash, "[\"%s\"]", hex);
	for (size_t i = 0; i < 4; i++) {
		bool no_host = i & 1, is_quantum = i & 2;
		char *v[] = {rec.p};
		const struct pk_strv to = strv_of(v);
		struct pk_ticket_kit kit = kit_of(&phl, is_quantum ? &to : &to_phl, narrowed, "");
		PK_AUTO(pk_buf) first = {0};
		struct model m = {0};
		size_t n = 0;

		OK(pk_bundle_open(shared, jpn_ids, false, &m.b, &err));
		first_record_under(&m, &kit.ticket, &first);
		if (is_quantum)
			set_field(&first, "to", hash.p);
		add_log_of(&m, &kit, pk_buf_str(&first), kit.ticket.sha256, PK_STR(LINE_1("")), 'm', no_host);
		pk_buf_reset(&lines);
		pk_buf_put_hex(&lines, pk_bundle_sources(m.b, &n)->id, 16);
		pk_buf_puts(&lines, " 1\n");
		EXPECT({.lines = lines.p}, is_quantum ? "not releasable: part of bundle " : NULL);
		EXPECT({.lines = lines.p}, is_quantum ? "it was collected for post-quantum readers, and 'age1" : NULL);
		model_done(&m);
		pk_ticket_kit_done(&kit);
	}
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
	CHECK_STR(pk_buf_str(&m.v[4].name), PK_STR("0.tlog-proof"));
	model_done(&m);
	write_beside(collected, ".receipt", pk_buf_str(&old));
	free(shared);
	shared = in_dir("held.age");
	make_share(&(struct pk_share_pick){.paths = {any, 1, 1}, .no_receipt = true}, shared);
	read_model(&m);
	CHECK_STR(pk_buf_str(&m.v[4].name), PK_STR("0.tlog-proof"));
	model_done(&m);
	unlink_beside(collected, ".receipt");
	unlink_beside(collected, ".receipt.minisig");
	actor_done(&stranger);
	free(shared);
	shared = pk_steal(&first);
}

/* What PHL collected, with a receipt of `attests` beside it, shared by JPN; what pk_share_write says, NULL: nothing. */
static const char *share_by_jpn(const struct actor *attests, const char *path)
{
	char stem[] = "jpn";
	const struct pk_keys keys = {.stem = stem, .sign = jpn.sign};
	const struct pk_share_params p = {.keys = &keys, .recipients = &to_jpn, .valid_s = 3600, .path = path};
	PK_AUTO(pk_share_summary) sum = {0};
	PK_AUTO(pk_buf) text = {0}, sig = {0};
	PK_AUTOPTR(pk_bundle) b = NULL;
	PK_AUTOPTR(pk_share) s = NULL;
	static struct pk_err why;
	int r = 0;

	if (attests) {
		put_receipt(collected, attests, PK_TRUST_OK, &text, &sig);
		write_beside(collected, ".receipt", pk_buf_str(&text));
		write_beside(collected, ".receipt.minisig", pk_buf_str(&sig));
	}
	why = (struct pk_err){0};
	OK(pk_bundle_open(collected, phl_ids, false, &b, &err));
	OK(pk_share_new(&roster, now, &s, &err));
	r = pk_share_add(s, b, NULL, &everything, NULL, &why);
	if (r == 0)
		OK(pk_share_prepare(s, NULL, &err));
	if (r == 0)
		r = pk_share_write(s, &p, &sum, &why);
	unlink_beside(collected, ".receipt");
	unlink_beside(collected, ".receipt.minisig");
	CHECK(r == 0 || why.kind == PK_ECRYPTO);
	return r < 0 ? why.msg : NULL;
}

/* A revoked issuer's key makes new evidence of any date. What others had before is known to be older. */
TEST(what_a_revoked_issuer_collected)
{
	static const struct {
		const struct actor *attests;
		bool counts, older; /* for the trust in it; to prove that it is from before */
	} cases[] = {{NULL, false, false}, {&jpn, false, false}, {&phl, true, false}, {&usa, true, true}};
	const struct pk_time today = now;
	struct pk_party *collector = party_of("phl");
	const char *said = NULL;

	for (size_t i = 0; i < PK_LEN(cases); i++) {
		pk_autofree char *path = NULL, *late = NULL;
		char name[40];

		snprintf(name, sizeof(name), "revoked%zu.age", i);
		path = in_dir(name);
		snprintf(name, sizeof(name), "late%zu.age", i);
		late = in_dir(name);
		CHECK(share_by_jpn(cases[i].attests, path) == NULL);
		CHECK(judge(path) == NULL && countersigned == cases[i].counts);
		CHECK_INT(own_receipt, cases[i].attests == &jpn);
		now.sec = today.sec + 7200; /* its ticket ended after 3600 */
		CHECK(judge(path) == NULL);
		collector->revoked = today.sec + 5400;
		said = judge(path);
		CHECK(cases[i].older ? !said : said && strstr(said, "revoked: part of bundle "));
		/* neither when its ticket was still valid then, nor when the receipt is later, or its signer revoked as well */
		collector->revoked = today.sec + 1800;
		said = judge(path);
		CHECK(said && strstr(said, "revoked: part of bundle "));
		collector->revoked = today.sec;
		said = judge(path);
		CHECK(said && strstr(said, "revoked: part of bundle "));
		collector->revoked = today.sec + 5400;
		party_of("usa")->revoked = today.sec + 7000;
		said = judge(path);
		CHECK(said && strstr(said, "revoked: part of bundle "));
		party_of("usa")->revoked = 0;
		/* and the sharer itself lets none out that nobody would take */
		now = today;
		collector->revoked = 0;
		if (cases[i].attests) {
			PK_AUTO(pk_buf) text = {0}, sig = {0};

			put_receipt(collected, cases[i].attests, PK_TRUST_OK, &text, &sig);
			write_beside(collected, ".receipt", pk_buf_str(&text));
			write_beside(collected, ".receipt.minisig", pk_buf_str(&sig));
		}
		now.sec = today.sec + 7200;
		collector->revoked = today.sec + 5400;
		said = share_by_jpn(NULL, late);
		CHECK(cases[i].older ? !said : said && strstr(said, "is not shared: revoked: party 'phl' was revoked"));
		collector->revoked = 0;
		now = today;
	}
}

/* The name that an earlier sharer gives itself, and its key. */
TEST(earlier_handovers_and_their_names)
{
	struct actor stranger = actor_new("lone", "USA", true);
	char usa_name[] = "usa", nobody[] = "xyz";
	struct model m = {0};
	const struct pk_handed *h = NULL;
	PK_AUTO(pk_buf) text = {0}, sig = {0}, id = {0};
	size_t i = 0, at = 0, n = 0;

	make_share(&everything, shared);
	read_model(&m);
	h = pk_bundle_handover(m.b);
	i = find(&m, "checkpoint") + 1;
	insert(&m, i, "handover-0000.txt.minisig", pk_buf_str(&h->sig));
	insert(&m, i, "handover-0000.txt", pk_buf_str(&h->text));
	EXPECT({0}, NULL);
	CHECK_STR(pk_str(way), PK_STR("phl"));
	/* another's name */
	OK(pk_handover_sign(&usa.sign, pk_buf_str(&h->text), h->says.share, &sig, &err));
	set_text(&m, "handover-0000.txt.minisig", pk_buf_str(&sig));
	EXPECT({0}, "altered: an earlier handover names 'phl' and is signed by 'usa'");
	/* a key that the roster does not have */
	pk_buf_reset(&sig);
	OK(pk_handover_sign(&stranger.sign, pk_buf_str(&h->text), h->says.share, &sig, &err));
	set_text(&m, "handover-0000.txt.minisig", pk_buf_str(&sig));
	EXPECT({0}, NULL);
	CHECK_STR(pk_str(way), PK_STR("'phl', by a key that the roster does not have"));
	/* a party that has another name here: the key says who it is */
	pk_buf_put_str(&text, pk_buf_str(&h->text));
	at = (size_t)((char *)memmem(text.p, text.n, "\nby: phl\n", 9) - text.p) + 5;
	memcpy(text.p + at, nobody, 3);
	pk_buf_reset(&sig);
	OK(pk_handover_sign(&phl.sign, pk_buf_str(&text), h->says.share, &sig, &err));
	set_text(&m, "handover-0000.txt", pk_buf_str(&text));
	set_text(&m, "handover-0000.txt.minisig", pk_buf_str(&sig));
	EXPECT({0}, NULL);
	CHECK_STR(pk_str(way), PK_STR("phl"));
	/* the same of this share's own, which is the next one's earlier */
	EXPECT({.by = usa_name}, "altered: the handover record names 'usa' and is signed by 'phl'");
	EXPECT({.by = nobody}, NULL);
	/* one by which what was collected came as a share */
	pk_buf_reset(&id);
	pk_buf_put_hex(&id, pk_bundle_sources(m.b, &n)->id, 16);
	memcpy((char *)memmem(text.p, text.n, "\nshare: ", 8) + 8, id.p, 32);
	pk_buf_reset(&sig);
	OK(pk_handover_sign(&phl.sign, pk_buf_str(&text), pk_bundle_sources(m.b, &n)->id, &sig, &err));
	set_text(&m, "handover-0000.txt", pk_buf_str(&text));
	set_text(&m, "handover-0000.txt.minisig", pk_buf_str(&sig));
	EXPECT({0}, "an earlier handover is of this share or of a bundle that it is part of");
	model_done(&m);
	actor_done(&stranger);
}

/* The time of a handover is the sharer's word: it is not before what it hands over. */
TEST(times_of_handovers)
{
	const struct lies later = {.early = 1800, .handed = -60};
	struct model m = {0};

	read_model(&m);
	EXPECT({.handed = -1}, "altered: the handover record is of 20");
	EXPECT({.handed = -1}, "and the ticket of the share is valid only from ");
	EXPECT({.early = 1800}, NULL);
	expect(&m, &later, "and the ticket of bundle ", __LINE__);
	model_done(&m);
}

TEST(tear_down) { tear_down_shares(); }

RUN_TESTS(T(set_up), T(set_up_beyond), T(who_is_revoked_now_signed_nothing),
	  T(beyond_the_label_with_what_two_persons_signed), T(an_override_is_for_one_share),
	  T(releases_of_earlier_handovers), T(tear_down_beyond), T(a_release_is_not_for_what_another_ticket_collected),
	  T(releases_of_who_has_nothing_to_say), T(receipts), T(what_a_revoked_issuer_collected),
	  T(earlier_handovers_and_their_names), T(times_of_handovers), T(no_classic_reader_of_what_is_post_quantum),
	  T(tear_down))
