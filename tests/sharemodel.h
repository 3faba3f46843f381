/* SPDX-License-Identifier: Apache-2.0 */
/** A sharer who lies: one with valid keys, who takes a share apart, alters it, and seals it again. For the tests of shares;
 * set_up_shares comes first, tear_down_shares last. */
#ifndef PICKET_TESTS_SHAREMODEL_H
#define PICKET_TESTS_SHAREMODEL_H

#include <picket/seal.h>
#include <picket/share.h>
#include <picket/tlogproof.h>

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "t.h"
#include "parties.h"
#include "tree.h"

static struct tree tmp;
static struct actor phl, jpn, usa;
static struct pk_age_identities *phl_ids, *jpn_ids;
static struct pk_strv to_phl, to_jpn;
static struct pk_roster roster;
static struct pk_time now;
static char *collected, *shared;
static const char *narrowed = "JPN,PHL,USA"; /* of what is collected */
static const char *originator = "phl";
static struct pk_share_params beyond;                         /* what make_share goes beyond it by */
static char altered[] = "/dev/shm/picket-share-XXXXXX/a.age"; /* hundreds of files: where syncing costs nothing */
#define ALTERED_DIR 28

static inline char *in_dir(const char *name)
{
	PK_AUTO(pk_buf) b = {0};

	pk_buf_putf(&b, "%s/%s", tmp.dir, name);
	return pk_buf_take(&b);
}

static inline struct actor party(const char *name, const char *nation, struct pk_age_identities **ret_ids,
				 struct pk_strv *to)
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

static inline struct pk_ticket_kit kit_of(const struct actor *issuer, const struct pk_strv *to, const char *rel_to,
					  const char *caveats)
{
	PK_AUTO(pk_label) label = {.tlp = PK_TLP_AMBER};
	PK_AUTO(pk_terms) terms = {0};
	struct pk_ticket_kit kit = {0};
	struct pk_time till = {.sec = now.sec + 3600};

	OK(pk_label_set_rel_to(&label, pk_str(rel_to), &err));
	OK(pk_label_set_caveats(&label, pk_str(caveats), &err));
	OK(pk_label_set_originator(&label, pk_str(originator), &err));
	OK(pk_terms_make("HARBOR", &label, to, "triage", &terms, &err));
	OK(pk_ticket_issue(&issuer->sign, &terms, now, till, true, &kit, &err));
	return kit;
}

/* --- the evidence ---------------------------------------------------------------------------------------- */

static inline void label_json(const struct pk_label *l, struct pk_buf *b)
{
	struct pk_json j = {.out = b};

	pk_json_begin(&j, '{');
	pk_json_put_label(&j, l);
	pk_json_end(&j, '}');
}

static inline void put_content(struct pk_seal *s, struct pk_str bytes)
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

static inline uint64_t put_file(struct pk_seal *s, const char *path, const char *bytes)
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

static inline void collect(void)
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

static inline void make_share(const struct pk_share_pick *pick, const char *path)
{
	char stem[] = "phl";
	const struct pk_keys keys = {.stem = stem, .sign = phl.sign};
	const struct pk_share_params p = {.keys = &keys,
					  .recipients = &to_jpn,
					  .reason = "as agreed",
					  .override_reason = beyond.override_reason,
					  .second = beyond.second,
					  .releases = beyond.releases,
					  .releases_n = beyond.releases_n,
					  .valid_s = 3600,
					  .path = path};
	PK_AUTO(pk_share_summary) sum = {0};
	PK_AUTOPTR(pk_bundle) b = NULL;
	PK_AUTOPTR(pk_share) s = NULL;

	OK(pk_bundle_open(collected, phl_ids, false, &b, &err));
	OK(pk_share_new(&roster, now, &s, &err));
	OK(pk_share_add(s, b, NULL, pick, NULL, &err));
	OK(pk_share_prepare(s, NULL, &err));
	OK(pk_share_write(s, &p, &sum, &err));
}

static inline void set_up_shares(void)
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

static inline struct piece *add(struct model *m, char type, const char *name, struct pk_str text)
{
	struct piece *p = &m->v[m->n++];

	*p = (struct piece){.type = type};
	pk_buf_puts(&p->name, name);
	pk_buf_put_str(&p->text, text);
	return p;
}

static inline int on_proof(void *ctx, const struct pk_share_source *of, const struct pk_record *r, struct pk_str proof,
			   struct pk_err *err)
{
	char name[40];

	(void)of, (void)err;
	snprintf(name, sizeof(name), "%" PRIu64 ".tlog-proof", r->leaf);
	add(ctx, 0, name, proof);
	return 0;
}

/* Fields as pk_seal_put wants them; of a content, without its place. */
static inline int on_record(void *ctx, const struct pk_record *r, struct pk_err *err)
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

static inline void read_model(struct model *m)
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
	if (s->label_text.n)
		add(m, 0, "label.txt", pk_buf_str(&s->label_text));
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
		if (s->release[0].release.second)
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

static inline void model_done(struct model *m)
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
	const struct pk_ticket *ticket; /* what it is of */
	const uint8_t *bundle;
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
	char *by;             /* in the handover record */
	int64_t handed;       /* seconds later in the handover record */
	int64_t early;        /* seconds by which the share's ticket is older */
	const char *lines;    /* "ID LEAF" of its records in the handover record */
	bool records_off;     /* one more in the handover record */
	bool to_nobody;       /* another reader in the handover record */
	bool other_signer;    /* the handover record, signed by somebody else */
	bool no_handover, no_handover_sig, twice;
	bool host;                       /* in record 0 */
	const struct pk_ticket_kit *kit; /* the share's, else a new one for one use */
};

static inline char *member_of(const struct model *m, size_t i, const char *id)
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

static inline int put_piece(struct pk_seal *s, const struct model *m, size_t i, const char *id, struct pk_err *err)
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

static inline void write_handover(const struct pk_seal *s, const struct model *m, const struct lies *l,
				  const struct pk_ticket_kit *kit, struct pk_buf *ret)
{
	struct pk_handover h = pk_bundle_handover(m->b)->says;
	static char nobody[65] = "00000000000000000000000000000000000000000000000000000000000000aa", *list[] = {nobody};

	pk_seal_id(s, h.share);
	h.label = kit->terms.label;
	if (l->lines) {
		h.records = 0;
		for (const char *p = l->lines; *p; p++)
			h.records += *p == '\n';
		pk_sha256(l->lines, strlen(l->lines), h.records_sha256);
	}
	h.records += l->records_off;
	h.time.sec += l->handed;
	h.by = l->by ? l->by : h.by;
	if (l->to_nobody)
		h.to = (struct pk_strv){list, 1, 1};
	if (l->handover)
		pk_buf_puts(ret, l->handover);
	else
		pk_buf_put_handover(ret, &h);
}

static inline int put_handover(struct pk_seal *s, struct pk_str text, const struct lies *l, struct pk_err *err)
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

static inline size_t find(const struct model *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (!m->v[i].type && strcmp(m->v[i].name.p, name) == 0)
			return i;
	printf("# no '%s'\n", name);
	t_failed_here++;
	return 0;
}

static inline void set_text(struct model *m, const char *name, struct pk_str text)
{
	struct pk_buf *b = &m->v[find(m, name)].text;

	pk_buf_reset(b);
	pk_buf_put_str(b, text);
}

/* The same handover record but for the last character of one line; false when it has no such line. */
static inline bool other_line(struct pk_str text, size_t line, struct pk_buf *ret)
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
static inline void set_override(struct model *m, const struct overriding *o, struct pk_str handover)
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
	OK(pk_release_make(&(struct pk_release_of){.ticket = o->ticket, .bundle = o->bundle, .handover = handover}, &to,
			   "urgent", &o->signer->sign, &o->second->sign, &roster, now, &r, &err));
	set_text(m, "release-0000.txt", pk_buf_str(&r.text));
	set_text(m, "release-0000.txt.minisig", pk_buf_str(&r.sig));
	set_text(m, "release-0000.txt.second.minisig", pk_buf_str(&r.second_sig));
	if (o->flip)
		m->v[find(m, o->flip)].text.p[o->at] ^= 1;
}

static inline struct pk_ticket_kit own_kit(const struct lies *l)
{
	struct pk_ticket_kit kit = {0};

	now.sec -= l->early;
	kit = kit_of(&phl, &to_jpn, l->rel_to ? l->rel_to : narrowed, "");
	now.sec += l->early;
	return kit;
}

static inline int reseal(struct model *m, const struct lies *l, const char *path, struct pk_err *err)
{
	struct pk_ticket_kit own = {0};
	const struct pk_ticket_kit *kit = l->kit ? l->kit : &own;
	PK_AUTO(pk_age_recipients) to = {0};
	PK_AUTO(pk_buf) label = {0}, id = {0}, handover = {0};
	PK_AUTOPTR(pk_seal) s = NULL;
	struct pk_seal_summary sum = {0};
	struct pk_seal_params p = {.path = path, .to = &to, .ticket = kit, .share = true, .threads = 1};
	size_t n = 0, i = 0;
	int r = 0;

	if (!l->kit)
		own = own_kit(l);
	p.terms = pk_buf_str(&kit->terms_text);
	label_json(&kit->terms.label, &label);
	p.label = pk_buf_str(&label);
	if (l->host)
		p.host = PK_STR("{\"hostname\":\"h\"}");
	pk_buf_put_hex(&id, pk_bundle_sources(m->b, &n)->id, 16);
	r = pk_age_recipients_add(&to, pk_str(to_jpn.v[0]), err);
	if (r == 0)
		r = pk_seal_new(&p, &s, err);
	if (r == 0)
		write_handover(s, m, l, kit, &handover);
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
	pk_ticket_kit_done(&own);
	return r;
}

static bool countersigned, own_receipt; /* what was judged last */
static uint64_t unknown_releases;
static char receipt_why[200], way[200];

/* How far an altered share gets: the message that stopped it, or NULL when all believed it. */
static inline const char *judge(const char *path)
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
	own_receipt = j.source[0].own_receipt;
	unknown_releases = j.unknown_releases;
	snprintf(way, sizeof(way), "%s", j.source[0].by_way_of.n ? j.source[0].by_way_of.v[0] : "");
	snprintf(receipt_why, sizeof(receipt_why), "%s", j.source[0].receipt_why ? j.source[0].receipt_why : "");
	if (j.status == PK_TRUST_OK)
		return NULL;
	snprintf(said, sizeof(said), "%s: %s", pk_trust_name(j.status), j.why);
	return said;
}

static inline const char *try_it(struct model *m, const struct lies *l)
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
static inline struct pk_strv strv_of(char **v) { return (struct pk_strv){v, 1, 1}; }

static inline void swap(struct model *m, size_t a, size_t b)
{
	struct piece p = m->v[a];

	m->v[a] = m->v[b];
	m->v[b] = p;
}

static inline void expect(struct model *m, const struct lies *l, const char *want, int line)
{
	const char *said = try_it(m, l);

	if (want ? said && strstr(said, want) : !said)
		return;
	printf("# line %d: '%s', not '%s'\n", line, said ? said : "believed", want ? want : "believed");
	t_failed_here++;
}
#define EXPECT(l, want) expect(&m, &(struct lies)l, want, __LINE__)

/* --- a log of somebody else's under the id of what is shared ----------------------------------------------- */

static inline void set_field(struct pk_buf *line, const char *key, const char *value)
{
	PK_AUTO(pk_buf) k = {0}, b = {0};
	const char *at = NULL, *end = NULL;

	pk_buf_putf(&k, "\"%s\":", key);
	at = memmem(line->p, line->n, k.p, k.n);
	CHECK(at != NULL);
	if (!at)
		return;
	at += k.n;
	end = at + pk_str_find(pk_str_n(at, line->n - (size_t)(at - line->p)), ',');
	pk_buf_put(&b, line->p, (size_t)(at - line->p));
	pk_buf_puts(&b, value);
	pk_buf_put(&b, end, line->n - (size_t)(end - line->p));
	pk_buf_reset(line);
	pk_buf_put_str(line, pk_buf_str(&b));
}

static inline void set_hex(struct pk_buf *line, const char *key, const uint8_t *bytes, size_t n)
{
	PK_AUTO(pk_buf) hex = {0};

	pk_buf_puts(&hex, "\"");
	pk_buf_put_hex(&hex, bytes, n);
	pk_buf_puts(&hex, "\"");
	set_field(line, key, hex.p);
}

/* Record 0 of what is shared, under another ticket. */
static inline void first_record_under(const struct model *m, const struct pk_ticket *t, struct pk_buf *ret)
{
	size_t n = 0;

	pk_buf_put_str(ret, pk_buf_str(&pk_bundle_sources(m->b, &n)->first_record));
	set_hex(ret, "ticket", t->id, 16);
	set_hex(ret, "ticket_sha256", t->sha256, 32);
}

#define LINE_1(more) \
	"{\"t\":\"m\",\"i\":1,\"salt\":\"00112233445566778899aabbccddeeff\"," more \
	"\"path\":\"/a\",\"outcome\":\"absent\"}"

/* Into an empty model: a log of these two records under the id of what is shared, with its ticket and the note of its one
 * segment, which names the ticket of this hash. no_host: record 0 is kept back. What repeats record 1 is of `type`. */
static inline void add_log_of(struct model *m, const struct pk_ticket_kit *kit, struct pk_str first,
			      const uint8_t ticket[32], struct pk_str second, char type, bool no_host)
{
	PK_AUTO(pk_buf) id = {0}, text = {0}, note = {0}, own = {0}, label = {0};
	uint8_t tree[65] = {1}, root[32];
	size_t n = 0;

	pk_merkle_leaf(first, tree + 1);
	pk_merkle_leaf(second, tree + 33);
	pk_sha256(tree, sizeof(tree), root);
	pk_buf_put_hex(&id, pk_bundle_sources(m->b, &n)->id, 16);
	pk_buf_putf(&text, "picket/%s\n2\n", id.p);
	pk_buf_put_base64(&text, root, 32, true);
	pk_buf_puts(&text, "\nticket ");
	pk_buf_put_hex(&text, ticket, 32);
	pk_buf_puts(&text, "\nsegment 0\nfirst 0\n");
	OK(pk_note_sign(&kit->note, pk_buf_str(&text), &note, &err));
	pk_buf_put_label_of_terms(&label, &kit->terms);
	add(m, 0, "ticket.txt", pk_buf_str(&kit->ticket_text));
	add(m, 0, "ticket.txt.minisig", pk_buf_str(&kit->ticket_sig));
	add(m, 0, no_host ? "terms.txt" : "label.txt", pk_buf_str(no_host ? &kit->terms_text : &label));
	add(m, 0, "checkpoint", pk_buf_str(&note));
	for (size_t i = no_host; i < 2; i++) {
		PK_AUTO(pk_tlog_proof) p = {.index = i, .checkpoint = pk_buf_str(&note)};
		PK_AUTO(pk_buf) proof = {0};

		pk_buf_put_str(&p.extra, i ? second : first);
		pk_buf_put(&p.path, tree + (i ? 1 : 33), 32);
		pk_buf_put_tlog_proof(&proof, &p);
		add(m, 0, i ? "1.tlog-proof" : "0.tlog-proof", pk_buf_str(&proof));
	}
	pk_buf_putf(&own, "\"src\":[\"%s\",1],\"path\":\"/a\",\"outcome\":\"absent\"", id.p);
	add(m, type, "", pk_buf_str(&own));
}

static inline void add_log(struct model *m, const struct pk_ticket_kit *kit, struct pk_str first,
			   const uint8_t ticket[32])
{
	add_log_of(m, kit, first, ticket, PK_STR(LINE_1("")), 'm', false);
}

static inline void tear_down_shares(void)
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

#endif
