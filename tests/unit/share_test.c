/* SPDX-License-Identifier: Apache-2.0 */
/* Shares, and a sharer who lies about records, contents, proofs and the handover. Nothing but the proofs and the rules of
 * meta/shares stand against that. */
#include "../sharemodel.h"

#include <picket/salvage.h>

TEST(set_up) { set_up_shares(); }

TEST(the_model_sealed_again_is_believed)
{
	char logs[] = "/var/*", evil[] = "Ev*", table[] = "proc*", *p[] = {logs}, *h[] = {evil}, *t[] = {table};
	const struct pk_share_pick pick = {.paths = strv_of(p), .hits = strv_of(h), .tables = strv_of(t)};
	struct model m = {0};
	const char *said = NULL;

	make_share(&pick, shared);
	read_model(&m);
	/* ticket, its signature, label, checkpoint; proofs of leaf 0 and 6 records; these */
	CHECK_INT(m.n, 4 + 7 + 6);
	said = try_it(&m, &(struct lies){0});
	if (said)
		printf("# %s\n", said);
	CHECK(said == NULL);
	model_done(&m);
}

TEST(what_is_not_shared_is_not_there)
{
	struct model m = {0};

	read_model(&m);
	for (size_t i = 0; i < m.n; i++) {
		PK_AUTO(pk_tlog_proof) p = {0};

		CHECK(!memmem(m.v[i].text.p, m.v[i].text.n, "/etc/secret", 11));
		if (m.v[i].type || !pk_str_ends(pk_buf_str(&m.v[i].name), PK_STR(".tlog-proof")))
			continue;
		OK(pk_tlog_proof_parse(pk_buf_str(&m.v[i].text), &p, &err));
		CHECK(!memmem(p.extra.p, p.extra.n, "/etc/secret", 11));
	}
	model_done(&m);
}

TEST(every_flipped_bit_below_meta_shares_is_refused)
{
	struct model m = {0};
	int tried = 0;

	read_model(&m);
	for (size_t i = 0; i < m.n && !m.v[i].type; i++) {
		struct pk_buf *t = &m.v[i].text;
		/* what minisign calls the untrusted comment is no part of any signature */
		size_t from = pk_str_ends(pk_buf_str(&m.v[i].name), PK_STR(".minisig"))
				      ? pk_str_find(pk_buf_str(t), '\n') + 1
				      : 0;

		for (size_t at = from + i % 5; at < t->n; at += 1 + t->n / 45) {
			char old = t->p[at];
			const char *said = NULL;

			t->p[at] ^= 1;
			said = try_it(&m, &(struct lies){0});
			t->p[at] = old;
			tried++;
			if (!said || (!strstr(said, "meta/shares/") && !strstr(said, "altered: ") &&
				      !strstr(said, "unknown issuer: ") && !strstr(said, "record"))) {
				printf("# '%s' byte %zu: %s\n", m.v[i].name.p, at, said ? said : NULL);
				t_failed_here++;
			}
		}
	}
	CHECK(tried > 350);
	model_done(&m);
}

TEST(every_altered_record_is_refused)
{
	struct model m = {0};
	int tried = 0;

	read_model(&m);
	for (size_t i = 0; i < m.n; i++) {
		struct pk_buf *t = &m.v[i].text;

		for (size_t at = 0; m.v[i].type && at < t->n; at += 3) {
			char old = t->p[at];
			const char *said = NULL;

			t->p[at] = old == 'x' ? 'y' : old == '1' ? '2' : old >= '0' && old <= '9' ? '1' : 'x';
			said = try_it(&m, &(struct lies){0});
			t->p[at] = old;
			tried++;
			if (!said) {
				printf("# record %zu byte %zu: believed\n", i, at);
				t_failed_here++;
			}
		}
	}
	CHECK(tried > 150);
	model_done(&m);
}

TEST(an_altered_content_is_refused)
{
	struct model m = {0};

	read_model(&m);
	for (size_t i = 0; i < m.n; i++) {
		const char *said = NULL;

		if (!m.v[i].data.n)
			continue;
		for (size_t at = 0; at < m.v[i].data.n; at += 4) {
			m.v[i].data.p[at] ^= 4;
			said = try_it(&m, &(struct lies){0});
			m.v[i].data.p[at] ^= 4;
			CHECK(said && strstr(said, "is not what its proof is of"));
		}
		m.v[i].data.n--;
		said = try_it(&m, &(struct lies){0});
		m.v[i].data.n++;
		/* a table's last line is no longer one */
		CHECK(said && (strstr(said, "is not what its proof is of") || strstr(said, " lines, and record ")));
	}
	model_done(&m);
}

TEST(lies_of_the_handover_record)
{
	struct model m = {0};

	read_model(&m);
	EXPECT({.no_handover = true}, "a share without its handover record");
	EXPECT({.no_handover_sig = true}, "a share without its handover record");
	EXPECT({.twice = true}, "is out of place");
	EXPECT({.records_off = true}, "the handover record is of another share");
	EXPECT({.to_nobody = true}, "the handover record is of another share");
	EXPECT({.other_signer = true}, "altered: the handover record");
	EXPECT({.handover = "picket-handover: 1\n"}, "'share' is missing");
	EXPECT({.rel_to = "AUS,JPN,PHL,USA"}, "not releasable: it is labelled TLP:AMBER REL TO AUS,JPN,PHL,USA");
	EXPECT({.rel_to = "PHL,USA"}, NULL);
	model_done(&m);
}

TEST(pieces_left_out_added_and_moved)
{
	struct model m = {0};
	size_t n = 0;

	read_model(&m);
	n = m.n;
	for (size_t i = 0; i < n; i++) { /* each one left out */
		struct piece gone = m.v[i];
		const char *said = NULL;

		memmove(&m.v[i], &m.v[i + 1], (n - i - 1) * sizeof(gone));
		m.n = n - 1;
		said = try_it(&m, &(struct lies){0});
		CHECK(said != NULL);
		if (gone.name.p && (strcmp(gone.name.p, "0.tlog-proof") == 0 || strcmp(gone.name.p, "label.txt") == 0))
			CHECK(said && strstr(said, "its label must be its issuer's: "));
		memmove(&m.v[i + 1], &m.v[i], (n - i - 1) * sizeof(gone));
		m.v[i] = gone;
		m.n = n;
	}
	for (size_t i = 0; i + 1 < n; i++) { /* each one and the next change places */
		const char *said = NULL;

		if (!m.v[i].type != !m.v[i + 1].type || m.v[i].type == 'h' || m.v[i + 1].type == 'h')
			continue;
		swap(&m, i, i + 1);
		said = try_it(&m, &(struct lies){0});
		swap(&m, i, i + 1);
		if (!said) {
			printf("# %zu and %zu changed places: believed\n", i, i + 1);
			t_failed_here += m.v[i].type == 0;
		}
	}
	for (size_t i = 0; i < n; i++) { /* each one twice */
		const char *said = NULL;

		if (!m.v[i].type)
			continue;
		m.v[m.n++] = m.v[i];
		said = try_it(&m, &(struct lies){0});
		m.n = n;
		CHECK(said != NULL);
	}
	model_done(&m);
}

TEST(texts_of_other_bundles)
{
	pk_autofree char *other = NULL, *mine = collected;
	PK_AUTOPTR(pk_bundle) b = NULL;
	PK_AUTO(pk_buf) label = {0}, mine_label = {0};
	struct model m = {0};
	struct piece keep = {0};
	size_t i = 0, k = 0;

	other = in_dir("other.age");
	collected = other;
	collect();
	collected = mine;
	mine = NULL;
	OK(pk_bundle_open(other, phl_ids, false, &b, &err));
	read_model(&m);
	i = find(&m, "checkpoint");
	keep = m.v[i];
	m.v[i].text = (struct pk_buf){0};
	pk_buf_put_str(&m.v[i].text, pk_bundle_info(b)->checkpoint);
	EXPECT({0}, "the note is not signed by 'ticket-");
	pk_buf_done(&m.v[i].text);
	m.v[i] = keep;

	/* ticket and label of the other's: then the proofs have another checkpoint */
	i = find(&m, "ticket.txt");
	keep = m.v[i];
	m.v[i].text = (struct pk_buf){0};
	pk_buf_put_str(&m.v[i].text, pk_bundle_info(b)->ticket_text);
	EXPECT({0}, "the label is not that of the ticket");
	pk_buf_put_str(&mine_label, pk_buf_str(&m.v[find(&m, "label.txt")].text));
	pk_buf_put_label_of_terms(&label, pk_bundle_info(b)->terms);
	set_text(&m, "label.txt", pk_buf_str(&label));
	EXPECT({0}, "the note is not signed by 'ticket-");
	pk_buf_done(&m.v[i].text);
	m.v[i] = keep;
	EXPECT({0}, "the label is not that of the ticket");
	set_text(&m, "label.txt", pk_buf_str(&mine_label));

	/* a proof under another record's name */
	i = find(&m, "0.tlog-proof");
	k = i + 1;
	keep = m.v[k];
	m.v[k].text = m.v[i].text;
	EXPECT({0}, "the proof is of record 0");
	m.v[k] = keep;

	/* terms beside leaf 0, with the label and in its place */
	i = find(&m, "checkpoint");
	memmove(&m.v[i + 1], &m.v[i], (m.n - i) * sizeof(keep));
	m.n++;
	m.v[i] = (struct piece){0};
	pk_buf_puts(&m.v[i].name, "terms.txt");
	pk_buf_puts(&m.v[i].text, "picket-terms: 1\n");
	EXPECT({0}, "member 'terms.txt' is out of place");
	i = find(&m, "label.txt");
	pk_buf_done(&m.v[i].name);
	pk_buf_done(&m.v[i].text);
	memmove(&m.v[i], &m.v[i + 1], (m.n - i - 1) * sizeof(keep));
	m.n--;
	EXPECT({0}, "the terms are not those of the ticket");
	pk_bundle_free(pk_steal(&b));
	OK(pk_bundle_open(collected, phl_ids, false, &b, &err));
	pk_buf_reset(&m.v[i].text);
	pk_buf_put_str(&m.v[i].text, pk_bundle_info(b)->terms_text);
	EXPECT({0}, "its label must be its issuer's: ");
	pk_buf_reset(&m.v[i].name);
	pk_buf_puts(&m.v[i].name, "more.txt");
	EXPECT({0}, "is out of place");
	pk_buf_reset(&m.v[i].name);
	pk_buf_puts(&m.v[i].name, "/../x");
	EXPECT({0}, "");
	model_done(&m);
}

TEST(sources_are_sorted)
{
	struct model m = {0};
	size_t i = 0;

	read_model(&m);
	while (!m.v[i].type)
		i++;
	memmove(&m.v[i + 1], &m.v[i], (m.n - i) * sizeof(m.v[0]));
	m.n++;
	m.v[i] = (struct piece){0};
	pk_buf_puts(&m.v[i].name, "/ffffffffffffffffffffffffffffffff/ticket.txt");
	pk_buf_put_str(&m.v[i].text, pk_buf_str(&m.v[find(&m, "ticket.txt")].text));
	EXPECT({0}, "a bundle of which nothing is here");
	pk_buf_reset(&m.v[i].name);
	pk_buf_puts(&m.v[i].name, "/00000000000000000000000000000000/ticket.txt");
	EXPECT({0}, "the bundles of a share are not sorted");
	model_done(&m);
}

/* How far a share gets whose collector signed a log of two records, of which the first lies about one field. */
static void lie_in_record_0(const char *key, const char *value, const char *want)
{
	struct pk_ticket_kit kit = kit_of(&phl, &to_phl, narrowed, "");
	PK_AUTO(pk_buf) first = {0};
	struct model m = {0};
	uint8_t sum[32];

	OK(pk_bundle_open(shared, jpn_ids, false, &m.b, &err));
	first_record_under(&m, &kit.ticket, &first);
	memcpy(sum, kit.ticket.sha256, 32);
	if (key && strcmp(key, "note") == 0) /* not in record 0: the note was signed under another ticket */
		sum[0] ^= 1;
	else if (key)
		set_field(&first, key, value);
	add_log(&m, &kit, pk_buf_str(&first), sum);
	expect(&m, &(struct lies){0}, want, __LINE__);
	model_done(&m);
	pk_ticket_kit_done(&kit);
}

#define HASH "\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\""
TEST(a_collector_who_lies_in_record_0)
{
	static const char other[] = "\"00112233445566778899aabbccddeeff\"", hash[] = HASH;

	/* without a lie it gets as far as the handover record, which is of the share that was taken apart */
	lie_in_record_0(NULL, NULL, "the handover record is of another share");
	lie_in_record_0("note", NULL, "note was signed under another ticket");
	lie_in_record_0("bundle", other, "record 0 is of another bundle");
	/* label and readers are the issuer's to say */
	lie_in_record_0("label", "{\"tlp\":\"CLEAR\"", "the label of record 0 is not that of the ticket");
	lie_in_record_0("to", "[" HASH "]", "the recipients of record 0 are not those of the ticket");
	lie_in_record_0("ticket", other, "record 0 is of another bundle");
	lie_in_record_0("ticket_sha256", hash, "record 0 is of another bundle");
	lie_in_record_0("signed", "false", "record 0 is of another bundle");
	lie_in_record_0("signed", "true,\"share\":true", "record 0 is of another bundle");
}

/* Who collected has the ticket's keys, and a sharer who was given them can make the label wide all over: but in the
 * ticket, which the issuer signed. */
TEST(a_collector_who_widens_the_label)
{
	static const char wide[] = "label: TLP:CLEAR\n";
	struct pk_ticket_kit kit = kit_of(&phl, &to_phl, narrowed, "");
	PK_AUTO(pk_buf) first = {0}, label = {0};
	struct model m = {0};
	size_t at = 0;

	OK(pk_bundle_open(shared, jpn_ids, false, &m.b, &err));
	first_record_under(&m, &kit.ticket, &first);
	set_field(&first, "label", "{\"tlp\":\"CLEAR\"");
	add_log(&m, &kit, pk_buf_str(&first), kit.ticket.sha256);
	EXPECT({.rel_to = "AUS,JPN,PHL,USA"}, "the label of record 0 is not that of the ticket");
	pk_buf_puts(&label, "picket-label: 1\n");
	pk_buf_puts(&label, wide);
	at = find(&m, "label.txt");
	pk_buf_puts(&label, strchr(m.v[at].text.p, '\n') + 1 + sizeof("label: TLP:AMBER REL TO JPN,PHL,USA\n") - 1);
	set_text(&m, "label.txt", pk_buf_str(&label));
	EXPECT({.rel_to = "AUS,JPN,PHL,USA"}, "the label is not that of the ticket");
	/* and none at all, as shares once were */
	pk_buf_done(&m.v[at].name);
	pk_buf_done(&m.v[at].text);
	memmove(&m.v[at], &m.v[at + 1], (m.n - at - 1) * sizeof(m.v[0]));
	m.n--;
	EXPECT({.rel_to = "AUS,JPN,PHL,USA"}, "its label must be its issuer's: label.txt and record 0, or the terms");
	model_done(&m);
	pk_ticket_kit_done(&kit);
}

TEST(a_record_without_proof_is_refused)
{
	struct model m = {0};

	read_model(&m);
	add(&m, 'm', "", PK_STR("\"path\":\"/etc/forged\",\"outcome\":\"absent\""));
	EXPECT({0}, "has no proof");
	pk_buf_reset(&m.v[m.n - 1].text);
	pk_buf_puts(&m.v[m.n - 1].text,
		    "\"src\":[\"00112233445566778899aabbccddeeff\",3],\"path\":\"/x\",\"outcome\":\"absent\"");
	EXPECT({0}, "has no proof");
	model_done(&m);
}

TEST(only_a_content_has_a_place)
{
	static const char *const place[] = {",\"frame\":1", ",\"off\":5", ",\"member\":\"data/x\""};
	struct model m = {0};
	size_t tried = 0;

	read_model(&m);
	for (size_t i = 0; i < m.n; i++) {
		struct pk_buf *text = &m.v[i].text;
		size_t n = text->n;

		for (size_t k = 0; k < PK_LEN(place) && m.v[i].type && !strchr("cl", m.v[i].type); k++) {
			pk_buf_puts(text, place[k]);
			/* or it is no member of the content that it names, which is seen first */
			EXPECT({0}, m.v[i].type == 'm' && k == 2 ? "a member" : "has the place of a content");
			text->p[text->n = n] = 0;
			tried++;
		}
	}
	CHECK(tried > 6);
	EXPECT({.host = true}, "record 0 is not of a share");
	model_done(&m);
}

TEST(metadata_without_content_and_content_without_path)
{
	pk_autofree char *first = shared;
	struct pk_share_pick pick = {.paths = strv_of(any), .no_content = true};
	struct model m = {0};

	shared = in_dir("metadata.age");
	make_share(&pick, shared);
	read_model(&m);
	for (size_t i = 0; i < m.n; i++) {
		CHECK(m.v[i].type != 'c');
		CHECK(!memmem(m.v[i].text.p, m.v[i].text.n, "sha256\"", 7));
	}
	EXPECT({0}, NULL);
	model_done(&m);
	free(shared);

	shared = in_dir("contents.age");
	pick = (struct pk_share_pick){.paths = strv_of(any), .no_path = true, .no_host = true};
	make_share(&pick, shared);
	read_model(&m);
	for (size_t i = 0; i < m.n; i++) {
		CHECK(m.v[i].type != 'm');
		CHECK(!memmem(m.v[i].text.p, m.v[i].text.n, "/tmp/evil", 9));
		CHECK(!memmem(m.v[i].text.p, m.v[i].text.n, "web01", 5));
	}
	EXPECT({0}, NULL);
	model_done(&m);
	free(shared);
	shared = pk_steal(&first);
}

/* --- salvage, which asks for no proof ------------------------------------------------------------------------ */

static void expect_not_salvaged(const char *path, struct pk_age_identities *ids, const char *what)
{
	static const struct pk_salvage_events quiet = {0};
	pk_autofree char *dir = in_dir("left");
	PK_AUTOPTR(pk_bundle) b = NULL;
	struct pk_salvage_sum sum = {0};
	struct pk_err why = {0};
	int r = pk_bundle_open(path, ids, true, &b, &why);

	if (r == 0)
		r = pk_bundle_salvage(b, &(struct pk_extract){.dir = dir}, &quiet, &sum, &why);
	if (r < 0 && why.kind == PK_EFORMAT && strstr(why.msg, "it is a share: ask its sender to make it again") &&
	    access(dir, F_OK) < 0)
		return;
	printf("# '%s': %s\n", what, r == 0 ? "salvaged" : why.msg);
	t_failed_here++;
}

static void flip_byte(const char *path, off_t at)
{
	FILE *f = fopen(path, "r+");
	int c = 0;

	CHECK(f && fseek(f, at, SEEK_SET) == 0 && (c = getc(f)) != EOF && fseek(f, at, SEEK_SET) == 0 &&
	      putc(c ^ 1, f) != EOF && fclose(f) == 0);
}

TEST(a_share_whose_proofs_do_not_hold_is_not_salvaged)
{
	pk_autofree char *path = in_dir("lying.age");
	struct model m = {0};
	size_t planted = 0;

	read_model(&m);
	while (planted + 1 < m.n && !m.v[planted].data.n)
		planted++;
	m.v[planted].data.p[0] ^= 1;
	for (size_t i = 0; i < m.n && !m.v[i].type; i++) {
		static const char *const suffix[] = {"", ".minisig", ".ticket", ".ticket.minisig"};
		PK_AUTO(pk_buf) whole = {0};

		pk_buf_put_str(&whole, pk_buf_str(&m.v[i].text));
		set_text(&m, m.v[i].name.p, PK_STR("garbage\n"));
		OK(reseal(&m, &(struct lies){0}, path, &err));
		set_text(&m, m.v[i].name.p, pk_buf_str(&whole));
		expect_not_salvaged(path, jpn_ids, m.v[i].name.p);
		for (size_t k = 0; k < PK_LEN(suffix); k++) {
			PK_AUTO(pk_buf) name = {0};

			pk_buf_putf(&name, "%s%s", path, suffix[k]);
			unlink(name.p);
		}
	}
	model_done(&m);
}

/* Even where damage took what says that it is one. */
TEST(records_of_a_share_are_not_salvaged_as_of_a_bundle)
{
	static char text[400001];
	pk_autofree char *path = in_dir("headless.age");
	struct pk_ticket_kit kit = kit_of(&phl, &to_phl, narrowed, "");
	PK_AUTO(pk_age_recipients) to = {0};
	PK_AUTO(pk_buf) label = {0};
	PK_AUTOPTR(pk_seal) s = NULL;
	struct pk_seal_summary sum = {0};
	struct pk_seal_params p = {.path = path, .to = &to, .ticket = &kit, .terms = pk_buf_str(&kit.terms_text)};
	uint32_t x = 1;

	for (size_t i = 0; i + 1 < sizeof(text); i++)
		text[i] = "0123456789abcdef"[(x = x * 1664525u + 1013904223u) >> 28];
	label_json(&kit.terms.label, &label);
	p.label = pk_buf_str(&label);
	OK(pk_age_recipients_add(&to, pk_str(to_phl.v[0]), &err));
	OK(pk_seal_new(&p, &s, &err));
	put_file(s, "/big", text);
	OK(pk_seal_put(s, 'm',
		       PK_STR("\"src\":[\"00112233445566778899aabbccddeeff\",1],\"path\":\"/a\","
			      "\"outcome\":\"absent\""),
		       NULL, &err));
	OK(pk_seal_finish(s, &sum, &err));
	flip_byte(path, 100000);
	expect_not_salvaged(path, phl_ids, "a content is damaged");
	flip_byte(path, 1000);
	expect_not_salvaged(path, phl_ids, "the head is damaged");
	pk_ticket_kit_done(&kit);
}

/* A share of somebody's own has a label of their own, and proofs like any log: what it repeats says so. */
TEST(a_share_is_no_source)
{
	static const char types[] = "mheu";

	for (size_t i = 0; i < 2 * (sizeof(types) - 1); i++) {
		struct pk_ticket_kit kit = kit_of(&phl, &to_phl, narrowed, "");
		bool no_host = i % 2;
		PK_AUTO(pk_buf) first = {0}, second = {0}, lines = {0};
		struct model m = {0};
		size_t n = 0;

		OK(pk_bundle_open(shared, jpn_ids, false, &m.b, &err));
		first_record_under(&m, &kit.ticket, &first);
		pk_buf_puts(&second, LINE_1("\"src\":[\"00112233445566778899aabbccddeeff\",5],"
					    "\"rule\":\"r\",\"namespace\":\"n\",\"event\":\"e\","));
		second.p[6] = types[i / 2];
		add_log_of(&m, &kit, pk_buf_str(&first), kit.ticket.sha256, pk_buf_str(&second), types[i / 2], no_host);
		pk_buf_put_hex(&lines, pk_bundle_sources(m.b, &n)->id, 16);
		pk_buf_puts(&lines, " 1\n");
		EXPECT({.lines = lines.p}, "record 1 is of a share: a source is a bundle that was collected");
		model_done(&m);
		pk_ticket_kit_done(&kit);
	}
}

static void cut(struct pk_buf *text, const char *from, const char *to)
{
	char *at = memmem(text->p, text->n, from, strlen(from)), *end = NULL;

	CHECK(at != NULL);
	if (!at)
		return;
	end = strstr(at + 1, to);
	memmove(at, end, text->n - (size_t)(end - text->p) + 1);
	text->n -= (size_t)(end - at);
}

/* What a hit is about and what a path's content is called are said where they are here. */
TEST(references_and_names_that_are_left_out)
{
	char hits[] = "Ev*", file[] = "/srv/a", *h[] = {hits}, *f[] = {file};
	pk_autofree char *first = shared;
	struct pk_share_pick pick = {.hits = strv_of(h)};
	PK_AUTO(pk_buf) member = {0};
	struct model m = {0};
	size_t i = 0, n = 0;

	shared = in_dir("hit.age");
	make_share(&pick, shared);
	read_model(&m);
	while (m.v[i].type != 'h')
		i++;
	cut(&m.v[i].text, ",\"of\":", ",");
	EXPECT({0}, "its 'of' leads elsewhere");
	model_done(&m);
	free(shared);

	shared = in_dir("one.age");
	pick = (struct pk_share_pick){.paths = strv_of(f)};
	make_share(&pick, shared);
	read_model(&m);
	EXPECT({0}, NULL);
	for (i = 0; m.v[i].type != 'c'; i++)
		continue;
	CHECK_INT(m.v[i + 1].type, 'm');
	pk_buf_puts(&member, ",\"member\":\"data/");
	pk_buf_put_hex(&member, pk_bundle_sources(m.b, &n)->id, 16);
	pk_buf_putf(&member, "/content/%s", strchr(m.v[i].text.p, ',') + 1);
	member.p[member.n - 1] = '"'; /* the bracket of src */
	pk_buf_put_str(&m.v[i].text, pk_buf_str(&member));
	EXPECT({0}, "names a member, and a path is here");
	/* nor does it help to tell the path first */
	swap(&m, i, i + 1);
	cut(&m.v[i].text, ",\"c\":", ",");
	EXPECT({0}, "comes before its content");
	model_done(&m);
	free(shared);
	shared = pk_steal(&first);
}

TEST(tear_down) { tear_down_shares(); }

RUN_TESTS(T(set_up), T(the_model_sealed_again_is_believed), T(what_is_not_shared_is_not_there),
	  T(every_flipped_bit_below_meta_shares_is_refused), T(every_altered_record_is_refused),
	  T(an_altered_content_is_refused), T(lies_of_the_handover_record), T(pieces_left_out_added_and_moved),
	  T(texts_of_other_bundles), T(sources_are_sorted), T(a_collector_who_lies_in_record_0),
	  T(a_collector_who_widens_the_label), T(a_record_without_proof_is_refused), T(only_a_content_has_a_place),
	  T(metadata_without_content_and_content_without_path), T(a_share_whose_proofs_do_not_hold_is_not_salvaged),
	  T(records_of_a_share_are_not_salvaged_as_of_a_bundle), T(a_share_is_no_source),
	  T(references_and_names_that_are_left_out), T(tear_down))
