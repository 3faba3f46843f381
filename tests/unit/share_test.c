/* SPDX-License-Identifier: Apache-2.0 */
/* Shares, and a sharer who lies: one with valid keys who alters what is shared before sealing it. Nothing but the proofs
 * and the rules of meta/shares stand against that. */
#include <picket/seal.h>
#include <picket/share.h>
#include <picket/tlogproof.h>

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "../t.h"
#include "../parties.h"
#include "../tree.h"

static struct tree tmp;
static struct actor phl, jpn, usa;
static struct pk_age_identities *phl_ids, *jpn_ids;
static struct pk_strv to_phl, to_jpn;
static struct pk_roster roster;
static struct pk_time now;
static char *collected, *shared;
static const char *narrowed = "JPN,PHL,USA";                  /* of what is collected */
static struct pk_share_params beyond;                         /* what make_share goes beyond it by */
static char altered[] = "/dev/shm/picket-share-XXXXXX/a.age"; /* hundreds of files: where syncing costs nothing */
#define ALTERED_DIR 28

static char *in_dir(const char *name)
{
	PK_AUTO(pk_buf) b = {0};

	pk_buf_putf(&b, "%s/%s", tmp.dir, name);
	return pk_buf_take(&b);
}

static struct actor party(const char *name, const char *nation, struct pk_age_identities **ret_ids, struct pk_strv *to)
{
	struct actor a = actor_new(name, nation, true);
	PK_AUTO(pk_secret) line = {0};
	PK_AUTO(pk_buf) rec = {0};
	uint8_t pub[32];

	OK(pk_age_identity_generate(&line, pub, &err));
	pk_buf_put_age_recipient(&rec, pub);
	pk_strv_done(&a.party.recipients);
	a.party.recipients = (struct pk_strv){0};
	OK(pk_strv_add(&a.party.recipients, pk_buf_str(&rec), &err));
	if (to)
		OK(pk_strv_add(to, pk_buf_str(&rec), &err));
	if (ret_ids) {
		OK(pk_age_identities_new(ret_ids, &err));
		OK(pk_age_identities_add(*ret_ids, pk_str_n(line.p, line.n), &err));
	}
	OK(pk_roster_add(&roster, &a.party, &err));
	return a;
}

static struct pk_ticket_kit kit_of(const struct actor *issuer, const struct pk_strv *to, const char *rel_to,
				   const char *caveats)
{
	PK_AUTO(pk_label) label = {.tlp = PK_TLP_AMBER};
	PK_AUTO(pk_terms) terms = {0};
	struct pk_ticket_kit kit = {0};
	struct pk_time till = {.sec = now.sec + 3600};

	OK(pk_label_set_rel_to(&label, pk_str(rel_to), &err));
	OK(pk_label_set_caveats(&label, pk_str(caveats), &err));
	OK(pk_label_set_originator(&label, PK_STR("phl"), &err));
	OK(pk_terms_make("HARBOR", &label, to, "triage", &terms, &err));
	OK(pk_ticket_issue(&issuer->sign, &terms, now, till, true, &kit, &err));
	return kit;
}

/* --- the evidence ---------------------------------------------------------------------------------------- */

static void label_json(const struct pk_label *l, struct pk_buf *b)
{
	struct pk_json j = {.out = b};

	pk_json_begin(&j, '{');
	pk_json_put_label(&j, l);
	pk_json_end(&j, '}');
}

static void put_content(struct pk_seal *s, struct pk_str bytes)
{
	while (bytes.n) {
		void *to = NULL;
		size_t n = 0;

		OK(pk_seal_space(s, &to, &n, &err));
		n = PK_MIN(n, bytes.n);
		memcpy(to, bytes.p, n);
		OK(pk_seal_filled(s, n, &err));
		bytes = pk_str_n(bytes.p + n, bytes.n - n);
	}
}

static uint64_t put_file(struct pk_seal *s, const char *path, const char *bytes)
{
	PK_AUTO(pk_buf) member = {0}, fields = {0};
	struct pk_content c = {.size = strlen(bytes), .fd = -1, .path = pk_str(path)};
	uint64_t leaf = 0;

	pk_buf_put_member_name(&member, "data/root/", pk_str(path));
	c.member = pk_buf_str(&member);
	OK(pk_seal_content_begin(s, &c, &err));
	put_content(s, pk_str(bytes));
	OK(pk_seal_content_end(s, (struct pk_str){0}, &leaf, &err));
	pk_buf_putf(&fields,
		    "\"path\":\"%s\",\"kind\":\"file\",\"size\":%zu,\"outcome\":\"taken\",\"c\":%" PRIu64
		    ",\"via\":[\"Logs\"]",
		    path, strlen(bytes), leaf);
	OK(pk_seal_put(s, 'm', pk_buf_str(&fields), NULL, &err));
	return leaf;
}

static void collect(void)
{
	struct pk_ticket_kit kit = kit_of(&phl, &to_phl, narrowed, "");
	PK_AUTO(pk_age_recipients) to = {0};
	PK_AUTO(pk_buf) label = {0}, hit = {0};
	PK_AUTOPTR(pk_seal) s = NULL;
	struct pk_seal_summary sum = {0};
	struct pk_seal_params p = {.path = collected,
				   .to = &to,
				   .ticket = &kit,
				   .terms = pk_buf_str(&kit.terms_text),
				   .host = PK_STR("{\"hostname\":\"web01\",\"machine_id\":\"abc\"}")};
	uint64_t evil = 0;

	label_json(&kit.terms.label, &label);
	p.label = pk_buf_str(&label);
	OK(pk_age_recipients_add(&to, pk_str(to_phl.v[0]), &err));
	OK(pk_seal_new(&p, &s, &err));
	put_file(s, "/var/log/auth.log", "root logged in\n");
	evil = put_file(s, "/tmp/evil", "EVIL\n");
	put_file(s, "/etc/secret", "do not share\n");
	OK(pk_seal_put(s, 'm', PK_STR("\"path\":\"/etc/link\",\"kind\":\"link\",\"outcome\":\"metadata\""), NULL,
		       &err));
	pk_buf_putf(&hit, "\"rule\":\"Evil\",\"namespace\":\"n\",\"of\":%" PRIu64, evil);
	OK(pk_seal_put(s, 'h', pk_buf_str(&hit), NULL, &err));
	OK(pk_seal_live(s, "processes", PK_STR("{\"pid\":\"1\"}\n"), 1, NULL, &err));
	put_file(s, "/srv/a", "x");
	OK(pk_seal_finish(s, &sum, &err));
	pk_ticket_kit_done(&kit);
}

static void make_share(const struct pk_share_pick *pick, const char *path)
{
	char stem[] = "phl";
	const struct pk_keys keys = {.stem = stem, .sign = phl.sign};
	const struct pk_share_params p = {.keys = &keys,
					  .recipients = &to_jpn,
					  .reason = "as agreed",
					  .override_reason = beyond.override_reason,
					  .second = beyond.second,
					  .valid_s = 3600,
					  .path = path};
	PK_AUTO(pk_share_summary) sum = {0};
	PK_AUTOPTR(pk_bundle) b = NULL;
	PK_AUTOPTR(pk_share) s = NULL;

	OK(pk_bundle_open(collected, phl_ids, false, &b, &err));
	OK(pk_share_new(&roster, now, &s, &err));
	OK(pk_share_add(s, b, NULL, pick, NULL, &err));
	OK(pk_share_prepare(s, &err));
	OK(pk_share_write(s, &p, &sum, &err));
}

TEST(set_up)
{
	now.sec = pk_time_now().sec;
	tmp = tree_new();
	altered[ALTERED_DIR] = '\0';
	if (mkdtemp(altered)) {
		altered[ALTERED_DIR] = '/';
	} else { /* no /dev/shm: slower */
		snprintf(altered, sizeof(altered), "%s/a.age", tmp.dir);
	}
	OK(pk_crypto_init(&err));
	collected = in_dir("c.age");
	shared = in_dir("s.age");
	phl = party("phl", "PHL", &phl_ids, &to_phl);
	jpn = party("jpn", "JPN", &jpn_ids, &to_jpn);
	usa = party("usa", "USA", NULL, NULL);
	collect();
}

/* --- the share as a list of parts, which can be altered and sealed again ------------------------------------- */

struct piece {
	char type;                      /* of a record; 0: a member below meta/shares/ */
	struct pk_buf name, text, data; /* member's name; member's text or the record's fields; content */
};
struct model {
	struct piece v[64];
	size_t n;
	struct pk_bundle *b;
};

static struct piece *add(struct model *m, char type, const char *name, struct pk_str text)
{
	struct piece *p = &m->v[m->n++];

	*p = (struct piece){.type = type};
	pk_buf_puts(&p->name, name);
	pk_buf_put_str(&p->text, text);
	return p;
}

static int on_proof(void *ctx, const struct pk_share_source *of, const struct pk_record *r, struct pk_str proof,
		    struct pk_err *err)
{
	char name[40];

	(void)of, (void)err;
	snprintf(name, sizeof(name), "%" PRIu64 ".tlog-proof", r->leaf);
	add(ctx, 0, name, proof);
	return 0;
}

/* Fields as pk_seal_put wants them; of a content, without its place. */
static int on_record(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	struct pk_str f = pk_str_n(r->fields.p + 1, r->fields.n - 2);
	const char *sha = NULL;

	(void)err;
	if (r->leaf == 0)
		return 0;
	if ((r->type == 'c' || r->type == 'l') && (sha = memmem(f.p, f.n, "\"sha256\":\"", 10)))
		f = pk_str_n(sha + 76, f.n - (size_t)(sha - f.p) - 76);
	add(ctx, r->type, "", f);
	return 0;
}

static void read_model(struct model *m)
{
	const struct pk_bundle_events events = {.ctx = m, .record = on_record, .proof = on_proof};
	const struct pk_share_source *s = NULL;
	uint64_t leaf = 0;
	size_t n = 0;

	OK(pk_bundle_open(shared, jpn_ids, false, &m->b, &err));
	s = pk_bundle_sources(m->b, &n);
	CHECK_INT(n, 1);
	add(m, 0, "ticket.txt", pk_buf_str(&s->ticket_text));
	add(m, 0, "ticket.txt.minisig", pk_buf_str(&s->ticket_sig));
	if (s->terms_text.n)
		add(m, 0, "terms.txt", pk_buf_str(&s->terms_text));
	add(m, 0, "checkpoint", pk_buf_str(&s->checkpoint));
	if (s->receipt_text.n) {
		add(m, 0, "receipt.txt", pk_buf_str(&s->receipt_text));
		add(m, 0, "receipt.txt.minisig", pk_buf_str(&s->receipt_sig));
		add(m, 0, "outer.minisig", pk_buf_str(&s->outer_sig));
	}
	if (s->releases) {
		add(m, 0, "release-0000.txt", pk_buf_str(&s->release[0].text));
		add(m, 0, "release-0000.txt.minisig", pk_buf_str(&s->release[0].sig));
		add(m, 0, "release-0000.txt.second.minisig", pk_buf_str(&s->release[0].second_sig));
	}
	OK(pk_bundle_verify(m->b, NULL, &events, &err));
	for (size_t i = 0; i < m->n; i++) {
		struct piece *p = &m->v[i];

		if (!p->type)
			continue;
		leaf++;
		if (p->type == 'c' || p->type == 'l')
			OK(pk_bundle_cat(m->b, leaf, pk_sink_buf(&p->data), &err));
	}
}

static void model_done(struct model *m)
{
	for (size_t i = 0; i < m->n; i++) {
		pk_buf_done(&m->v[i].name);
		pk_buf_done(&m->v[i].text);
		pk_buf_done(&m->v[i].data);
	}
	pk_bundle_free(m->b);
	*m = (struct model){0};
}

/* An override that is signed when the share is sealed again. */
struct overriding {
	const uint8_t *terms;
	const char *recipient;
	const struct actor *signer, *second;
	bool whole;       /* for a whole bundle */
	size_t other;     /* of another handover record: the one that differs in this line */
	const char *flip; /* in the member of this name, */
	size_t at;        /* the byte here is another */
};

/* What the liar writes besides; NULL and 0: the truth. */
struct lies {
	const struct overriding *override;
	const char *rel_to;   /* of the share's label */
	const char *handover; /* text of the whole handover record */
	bool records_off;     /* one more in the handover record */
	bool to_nobody;       /* another reader in the handover record */
	bool other_signer;    /* the handover record, signed by somebody else */
	bool no_handover, no_handover_sig, twice;
};

static char *member_of(const struct model *m, size_t i, const char *id)
{
	const char *at = memmem(m->v[i].text.p, m->v[i].text.n, "\"member\":\"", 10);
	PK_AUTO(pk_buf) b = {0}, c = {0};
	uint64_t leaf = 0;

	if (at) {
		struct pk_str rest = pk_str_n(at + 10, m->v[i].text.n - (size_t)(at + 10 - m->v[i].text.p));

		return pk_str_dup(pk_str_n(rest.p, pk_str_find(rest, '"')));
	}
	for (size_t k = 0; k <= i; k++)
		leaf += m->v[k].type != 0;
	pk_buf_putf(&c, "\"c\":%" PRIu64 ",", leaf);
	for (size_t k = 0; k < m->n; k++) {
		const char *p = m->v[k].type == 'm' ? memmem(m->v[k].text.p, m->v[k].text.n, "\"path\":\"", 8) : NULL;

		if (!p || !memmem(m->v[k].text.p, m->v[k].text.n, c.p, c.n))
			continue;
		p += 9; /* without its slash */
		pk_buf_putf(&b, "data/%s/root/%.*s", id, (int)(strchr(p, '"') - p), p);
		return pk_buf_take(&b);
	}
	pk_buf_putf(&b, "data/%s/root/lost", id);
	return pk_buf_take(&b);
}

static int put_piece(struct pk_seal *s, const struct model *m, size_t i, const char *id, struct pk_err *err)
{
	const struct piece *p = &m->v[i];
	pk_autofree char *member = NULL;
	struct pk_content c = {.fd = -1, .size = p->data.n, .type = p->type};
	PK_AUTO(pk_buf) name = {0};

	if (!p->type) {
		if (p->name.n && p->name.p[0] == '/')
			pk_buf_putf(&name, "meta/shares%s", p->name.p);
		else
			pk_buf_putf(&name, "meta/shares/%s/%s", id, p->name.p);
		return pk_seal_share_member(s, pk_buf_str(&name), pk_buf_str(&p->text), err);
	}
	if (p->type != 'c' && p->type != 'l')
		return pk_seal_put(s, p->type, pk_buf_str(&p->text), NULL, err);
	member = member_of(m, i, id);
	c.member = pk_str(member);
	if (pk_seal_content_begin(s, &c, err) < 0)
		return -1;
	put_content(s, pk_buf_str(&p->data));
	return pk_seal_content_end(s, pk_buf_str(&p->text), NULL, err);
}

static void write_handover(const struct pk_seal *s, const struct model *m, const struct lies *l,
			   const struct pk_ticket_kit *kit, struct pk_buf *ret)
{
	struct pk_handover h = pk_bundle_handover(m->b)->says;
	static char nobody[65] = "00000000000000000000000000000000000000000000000000000000000000aa", *list[] = {nobody};

	pk_seal_id(s, h.share);
	h.label = kit->terms.label;
	h.records += l->records_off;
	if (l->to_nobody)
		h.to = (struct pk_strv){list, 1, 1};
	if (l->handover)
		pk_buf_puts(ret, l->handover);
	else
		pk_buf_put_handover(ret, &h);
}

static int put_handover(struct pk_seal *s, struct pk_str text, const struct lies *l, struct pk_err *err)
{
	PK_AUTO(pk_buf) sig = {0};
	uint8_t id[16];

	if (l->no_handover)
		return 0;
	pk_seal_id(s, id);
	if (pk_handover_sign(l->other_signer ? &usa.sign : &phl.sign, text, id, &sig, err) < 0)
		return -1;
	for (int i = 0; i <= l->twice; i++)
		if (pk_seal_share_member(s, PK_STR("meta/shares/handover.txt"), text, err) < 0 ||
		    (!l->no_handover_sig &&
		     pk_seal_share_member(s, PK_STR("meta/shares/handover.txt.minisig"), pk_buf_str(&sig), err) < 0))
			return -1;
	return 0;
}

static size_t find(const struct model *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (!m->v[i].type && strcmp(m->v[i].name.p, name) == 0)
			return i;
	printf("# no '%s'\n", name);
	t_failed_here++;
	return 0;
}

static void set_text(struct model *m, const char *name, struct pk_str text)
{
	struct pk_buf *b = &m->v[find(m, name)].text;

	pk_buf_reset(b);
	pk_buf_put_str(b, text);
}

/* The same handover record but for the last character of one line; false when it has no such line. */
static bool other_line(struct pk_str text, size_t line, struct pk_buf *ret)
{
	struct pk_str rest = text, one = {0};

	pk_buf_put_str(ret, text);
	for (size_t i = 0; i < line; i++)
		if (!pk_str_split(&rest, '\n', &one) || !one.n)
			return false;
	ret->p[one.p + one.n - 1 - text.p] ^= 1;
	return true;
}

/* An override in its place, rightly signed. */
static void set_override(struct model *m, const struct overriding *o, struct pk_str handover)
{
	PK_AUTO(pk_release_set) r = {0};
	PK_AUTO(pk_strv) to = {0};
	PK_AUTO(pk_buf) other = {0};
	char hash[65];

	pk_recipient_hash(pk_str(o->recipient), hash);
	OK(pk_strv_add(&to, pk_str(hash), &err));
	if (o->whole)
		handover.n = 0;
	if (o->other) {
		CHECK(other_line(handover, o->other, &other));
		handover = pk_buf_str(&other);
	}
	OK(pk_release_make(o->terms, &to, "urgent", &o->signer->sign, &o->second->sign, handover, &roster, now, &r,
			   &err));
	set_text(m, "release-0000.txt", pk_buf_str(&r.text));
	set_text(m, "release-0000.txt.minisig", pk_buf_str(&r.sig));
	set_text(m, "release-0000.txt.second.minisig", pk_buf_str(&r.second_sig));
	if (o->flip)
		m->v[find(m, o->flip)].text.p[o->at] ^= 1;
}

static int reseal(struct model *m, const struct lies *l, const char *path, struct pk_err *err)
{
	struct pk_ticket_kit kit = kit_of(&phl, &to_jpn, l->rel_to ? l->rel_to : narrowed, "");
	PK_AUTO(pk_age_recipients) to = {0};
	PK_AUTO(pk_buf) label = {0}, id = {0}, handover = {0};
	PK_AUTOPTR(pk_seal) s = NULL;
	struct pk_seal_summary sum = {0};
	struct pk_seal_params p = {.path = path,
				   .to = &to,
				   .ticket = &kit,
				   .terms = pk_buf_str(&kit.terms_text),
				   .share = true,
				   .threads = 1};
	size_t n = 0, i = 0;
	int r = 0;

	label_json(&kit.terms.label, &label);
	p.label = pk_buf_str(&label);
	pk_buf_put_hex(&id, pk_bundle_sources(m->b, &n)->id, 16);
	r = pk_age_recipients_add(&to, pk_str(to_jpn.v[0]), err);
	if (r == 0)
		r = pk_seal_new(&p, &s, err);
	if (r == 0)
		write_handover(s, m, l, &kit, &handover);
	if (r == 0 && l->override)
		set_override(m, l->override, pk_buf_str(&handover));
	for (; r == 0 && i < m->n && !m->v[i].type; i++)
		r = put_piece(s, m, i, id.p, err);
	if (r == 0)
		r = put_handover(s, pk_buf_str(&handover), l, err);
	for (; r == 0 && i < m->n; i++)
		r = put_piece(s, m, i, id.p, err);
	if (r == 0)
		r = pk_seal_finish(s, &sum, err);
	pk_ticket_kit_done(&kit);
	return r;
}

static bool countersigned; /* what was judged last */
static char receipt_why[200];

/* How far an altered share gets: the message that stopped it, or NULL when all believed it. */
static const char *judge(const char *path)
{
	static struct pk_err why;
	static char said[400];
	PK_AUTO(pk_share_judgement) j = {0};
	PK_AUTOPTR(pk_bundle) b = NULL;
	const struct pk_bundle_events none = {0};

	why = (struct pk_err){0};
	countersigned = false;
	if (pk_bundle_open(path, jpn_ids, false, &b, &why) < 0 || pk_bundle_verify(b, NULL, &none, &why) < 0) {
		CHECK(why.kind == PK_EFORMAT || why.kind == PK_ECRYPTO || why.kind == PK_ELIMIT);
		return why.msg;
	}
	OK(pk_share_judge(b, &roster, now, &j, &err));
	countersigned = j.source[0].countersigned;
	snprintf(receipt_why, sizeof(receipt_why), "%s", j.source[0].receipt_why ? j.source[0].receipt_why : "");
	if (j.status == PK_TRUST_OK)
		return NULL;
	snprintf(said, sizeof(said), "%s: %s", pk_trust_name(j.status), j.why);
	return said;
}

static const char *try_it(struct model *m, const struct lies *l)
{
	const char *path = altered;
	static const char *const suffixes[] = {"", ".minisig", ".ticket", ".ticket.minisig"};
	struct pk_err why = {0};
	const char *said = "could not even be sealed";

	if (reseal(m, l, path, &why) == 0)
		said = judge(path);
	for (size_t i = 0; i < PK_LEN(suffixes); i++) {
		PK_AUTO(pk_buf) b = {0};

		pk_buf_putf(&b, "%s%s", path, suffixes[i]);
		unlink(b.p);
	}
	return said;
}

static char star[] = "*";
static char *any[] = {star};
static struct pk_strv strv_of(char **v) { return (struct pk_strv){v, 1, 1}; }

/* --- tests --------------------------------------------------------------------------------------------------- */

TEST(the_model_sealed_again_is_believed)
{
	char logs[] = "/var/*", evil[] = "Ev*", table[] = "proc*", *p[] = {logs}, *h[] = {evil}, *t[] = {table};
	const struct pk_share_pick pick = {.paths = strv_of(p), .hits = strv_of(h), .tables = strv_of(t)};
	struct model m = {0};
	const char *said = NULL;

	make_share(&pick, shared);
	read_model(&m);
	/* ticket, its signature, checkpoint; proofs of leaf 0 and 6 records; these */
	CHECK_INT(m.n, 3 + 7 + 6);
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
		CHECK(said && strstr(said, "is not what its proof is of"));
	}
	model_done(&m);
}

static void swap(struct model *m, size_t a, size_t b)
{
	struct piece p = m->v[a];

	m->v[a] = m->v[b];
	m->v[b] = p;
}

static void expect(struct model *m, const struct lies *l, const char *want, int line)
{
	const char *said = try_it(m, l);

	if (want ? said && strstr(said, want) : !said)
		return;
	printf("# line %d: '%s', not '%s'\n", line, said ? said : "believed", want ? want : "believed");
	t_failed_here++;
}
#define EXPECT(l, want) expect(&m, &(struct lies)l, want, __LINE__)

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

	/* both of the other's: then the proofs have another checkpoint */
	i = find(&m, "ticket.txt");
	keep = m.v[i];
	m.v[i].text = (struct pk_buf){0};
	pk_buf_put_str(&m.v[i].text, pk_bundle_info(b)->ticket_text);
	EXPECT({0}, "the note is not signed by 'ticket-");
	pk_buf_done(&m.v[i].text);
	m.v[i] = keep;

	/* a proof under another record's name */
	i = find(&m, "0.tlog-proof");
	k = i + 1;
	keep = m.v[k];
	m.v[k].text = m.v[i].text;
	EXPECT({0}, "the proof is of record 0");
	m.v[k] = keep;

	/* terms beside leaf 0 */
	i = find(&m, "checkpoint");
	memmove(&m.v[i + 1], &m.v[i], (m.n - i) * sizeof(keep));
	m.n++;
	m.v[i] = (struct piece){0};
	pk_buf_puts(&m.v[i].name, "terms.txt");
	pk_buf_puts(&m.v[i].text, "picket-terms: 1\n");
	EXPECT({0}, "the terms are not those of the ticket");
	pk_bundle_free(pk_steal(&b));
	OK(pk_bundle_open(collected, phl_ids, false, &b, &err));
	pk_buf_reset(&m.v[i].text);
	pk_buf_put_str(&m.v[i].text, pk_bundle_info(b)->terms_text);
	EXPECT({0}, "its label must be proven by record 0 or by the terms");
	pk_buf_reset(&m.v[i].name);
	pk_buf_puts(&m.v[i].name, "more.txt");
	EXPECT({0}, "is out of place");
	pk_buf_reset(&m.v[i].name);
	pk_buf_puts(&m.v[i].name, "/../x");
	EXPECT({0}, "");
	model_done(&m);
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

TEST(beyond_the_label_with_what_two_persons_signed)
{
	struct model m = {0};
	uint8_t terms[32];
	struct overriding o = {terms, to_jpn.v[0], &phl, &usa, false, 0, NULL, 0};
	size_t n = 0, i = 0, tried = 0;

	read_model(&m);
	memcpy(terms, pk_bundle_sources(m.b, &n)->ticket.terms_sha256, 32);
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
	EXPECT({.override = &o}, "the override is of other material");
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
	uint8_t terms[32];
	struct overriding o = {terms, to_jpn.v[0], &phl, &usa, false, 0, NULL, 0};
	struct pk_str rest, line;
	size_t n = 0;

	/* signed for one file, used for all of them */
	make_share(&little, few);
	shared = few;
	read_model(&of_little);
	shared = all;
	read_model(&m);
	memcpy(terms, pk_bundle_sources(m.b, &n)->ticket.terms_sha256, 32);
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
	uint8_t terms[32];
	struct overriding o = {terms, to_jpn.v[0], &phl, &usa, false, 0, NULL, 0};
	const struct pk_handed *h = NULL;
	const struct pk_release_set *r = NULL;
	PK_AUTO(pk_release_set) other = {0};
	PK_AUTO(pk_strv) to = {0};
	char hash[65];
	size_t n = 0, i = 0;

	read_model(&m);
	memcpy(terms, pk_bundle_sources(m.b, &n)->ticket.terms_sha256, 32);
	h = pk_bundle_handover(m.b);
	r = &pk_bundle_sources(m.b, &n)->release[0];
	i = find(&m, "checkpoint") + 1;
	insert(&m, i, second, pk_buf_str(&r->second_sig));
	insert(&m, i, sig, pk_buf_str(&r->sig));
	insert(&m, i, first, pk_buf_str(&r->text));
	insert(&m, i, "handover-0000.txt.minisig", pk_buf_str(&h->sig));
	insert(&m, i, "handover-0000.txt", pk_buf_str(&h->text));
	EXPECT({.override = &o}, NULL);
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
	for (int k = 0; k < 2; k++) {
		terms[0] ^= k == 1;
		OK(pk_release_make(terms, &to, "urgent", &phl.sign, &usa.sign,
				   k ? pk_buf_str(&h->text) : PK_STR("picket-handover: 1\n"), &roster, now, &other,
				   &err));
		terms[0] ^= k == 1;
		set_text(&m, first, pk_buf_str(&other.text));
		set_text(&m, sig, pk_buf_str(&other.sig));
		set_text(&m, second, pk_buf_str(&other.second_sig));
		EXPECT({.override = &o}, k ? "the release is of other material"
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

TEST(tear_down)
{
	actor_done(&phl);
	actor_done(&jpn);
	actor_done(&usa);
	pk_age_identities_free(phl_ids);
	pk_age_identities_free(jpn_ids);
	pk_strv_done(&to_phl);
	pk_strv_done(&to_jpn);
	pk_roster_done(&roster);
	if (altered[1] == 'd') {
		altered[ALTERED_DIR] = '\0';
		rmdir(altered);
	}
	free(collected);
	free(shared);
	tree_done(&tmp);
}

RUN_TESTS(T(set_up), T(the_model_sealed_again_is_believed), T(what_is_not_shared_is_not_there),
	  T(every_flipped_bit_below_meta_shares_is_refused), T(every_altered_record_is_refused),
	  T(an_altered_content_is_refused), T(lies_of_the_handover_record), T(pieces_left_out_added_and_moved),
	  T(texts_of_other_bundles), T(a_record_without_proof_is_refused),
	  T(metadata_without_content_and_content_without_path), T(set_up_beyond),
	  T(beyond_the_label_with_what_two_persons_signed), T(an_override_is_for_one_share),
	  T(releases_of_earlier_handovers), T(tear_down_beyond), T(receipts), T(tear_down))
