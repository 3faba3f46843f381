/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a share: tickets, checkpoints and proofs, the handover record, contents, and records that repeat the proven
 * ones. */
#include "lines.h"
#include "shareout.h"

#include <picket/msg.h>
#include <picket/seal.h>
#include <picket/tlogproof.h>

#include <inttypes.h>
#include <stdlib.h>

/* --- birth and death ----------------------------------------------------------------------------------- */

static void shared_done(struct shared *v)
{
	free(v->line);
	free(v->proof);
	free(v->path);
}

static void out_source_done(struct out_source *o)
{
	pk_share_source_done(&o->is);
	pk_buf_done(&o->first);
	pk_strv_done(&o->overridden);
	for (size_t i = 0; i < o->n; i++)
		shared_done(&o->v[i]);
	free(o->v);
	pk_merkle_tree_done(&o->tree);
}

static void out_input_done(struct out_input *in)
{
	pk_child_done(&in->child);
	free(in->at);
	free(in->number);
	free(in->content);
	free(in->source);
}

int pk_share_new(const struct pk_roster *roster, struct pk_time now, struct pk_share **ret, struct pk_err *err)
{
	struct pk_share *s = calloc(1, sizeof(*s));

	if (!s)
		return pk_fail_oom(err);
	s->roster = roster;
	s->now = now;
	*ret = s;
	return 0;
}

void pk_share_free(struct pk_share *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		out_source_done(&s->source[i]);
	for (size_t i = 0; i < s->inputs; i++)
		out_input_done(&s->input[i]);
	free(s->source);
	free(s->input);
	free(s);
}

int pk_out_source(struct pk_share *s, const uint8_t id[16], bool *ret_new, struct out_source **ret, struct pk_err *err)
{
	*ret_new = false;
	for (size_t i = 0; i < s->n; i++)
		if (memcmp(s->source[i].is.id, id, 16) == 0) {
			*ret = &s->source[i];
			return 0;
		}
	if (!pk_grow(&s->source, &s->cap, s->n + 1, sizeof(*s->source)))
		return pk_fail_oom(err);
	*ret = &s->source[s->n++];
	**ret = (struct out_source){0};
	memcpy((*ret)->is.id, id, 16);
	*ret_new = true;
	return 0;
}

void pk_share_summary_done(struct pk_share_summary *s)
{
	pk_buf_done(&s->path);
	pk_buf_done(&s->label);
	pk_buf_done(&s->handover);
	*s = (struct pk_share_summary){0};
}

void pk_json_put_share(struct pk_json *j, const struct pk_share_summary *s)
{
	pk_json_begin(j, '{');
	pk_json_kz(j, "type", "share");
	pk_json_kuint(j, "v", 1);
	pk_json_kbytes(j, "file", pk_buf_str(&s->path));
	pk_json_khex(j, "id", s->id, 16);
	pk_json_kuint(j, "bundles", s->sources);
	pk_json_kuint(j, "records", s->records);
	pk_json_kuint(j, "contents", s->contents);
	pk_json_kstr(j, "label", pk_buf_str(&s->label));
	pk_json_end(j, '}');
}

size_t pk_share_sources(const struct pk_share *s) { return s->n; }

const struct pk_share_source *pk_share_source_at(const struct pk_share *s, size_t i) { return &s->source[i].is; }

/* --- getting ready --------------------------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
	const struct out_source *x = a, *y = b;

	return memcmp(x->is.id, y->is.id, 16);
}

static struct shared *find(const struct out_source *o, uint64_t leaf)
{
	return pk_leaf_find(o->v, o->n, sizeof(*o->v), leaf);
}

/* The first path that names a content gives it its member's name. */
static int name_content(struct out_source *o, const struct shared *m, struct pk_err *err)
{
	struct shared *c = m->ref[PK_SHARE_REF_C] == PK_LEAF_NONE ? NULL : find(o, m->ref[PK_SHARE_REF_C]);
	struct pk_record r = {0};
	PK_AUTO(pk_buf) path = {0};

	if (m->type != 'm' || !c || c->path)
		return 0;
	if (pk_record_parse(pk_str_n(m->line, m->line_n), m->leaf, &r, err) < 0)
		return -1;
	if (!pk_json_get_bytes(r.json, "path", &path)) {
		pk_record_done(&r);
		return path.oom ? pk_fail_oom(err)
				: pk_fail(err, PK_EFORMAT, 0, "record %" PRIu64 " has no path", m->leaf);
	}
	pk_record_done(&r);
	c->path_n = path.n;
	return (c->path = pk_buf_take(&path)) ? 0 : pk_fail_oom(err);
}

static int list_contents(struct pk_share *s, struct out_input *in, size_t number, struct pk_err *err)
{
	size_t all = 0;

	for (size_t i = 0; i < s->n; i++)
		all += s->source[i].n;
	in->at = calloc(all + 1, sizeof(*in->at));
	in->number = calloc(all + 1, sizeof(*in->number));
	in->content = calloc(all + 1, sizeof(*in->content));
	in->source = calloc(all + 1, sizeof(*in->source));
	if (!in->at || !in->number || !in->content || !in->source)
		return pk_fail_oom(err);
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->source[i].n; k++) {
			struct shared *v = &s->source[i].v[k];

			if (!v->has_place || v->input != number)
				continue;
			in->at[in->n] = v->at;
			in->number[in->n] = in->n;
			in->content[in->n] = v;
			in->source[in->n++] = &s->source[i];
		}
	return 0;
}

static int job(void *arg, struct pk_age_file *age, const struct pk_teller *t, struct pk_err *err)
{
	const struct out_input *in = arg;

	return in->bundle->rescued ? pk_parse_rescue_places(age, in->at, in->number, in->n, t, err)
				   : pk_parse_places(age, in->at, in->number, in->n, t, err);
}

int pk_share_prepare(struct pk_share *s, const struct pk_events *ev, struct pk_err *err)
{
	qsort(s->source, s->n, sizeof(*s->source), by_id);
	if (pk_out_check_parts(s, ev, err) < 0)
		return -1;
	for (size_t i = 0; i < s->n; i++) {
		struct out_source *o = &s->source[i];

		o->is.records = 0;
		for (size_t k = 0; k < o->n; k++) {
			o->is.records += o->v[k].leaf != 0;
			o->is.contents += o->v[k].has_place;
			if (name_content(o, &o->v[k], err) < 0)
				return -1;
		}
		/* the label goes with leaf 0, or else with the terms */
		pk_buf_reset(o->n && o->v[0].leaf == 0 ? &o->is.terms_text : &o->is.label_text);
		if (!o->is.terms_text.n && !o->is.label_text.n)
			return pk_fail(err, PK_EINTERNAL, 0, "a source without record 0 and without terms");
	}
	for (size_t i = 0; i < s->inputs; i++) {
		struct out_input *in = &s->input[i];

		if (list_contents(s, in, i, err) < 0 ||
		    (in->n && pk_child_start(&in->child, in->bundle->age, job, in, err) < 0))
			return -1;
	}
	s->prepared = true;
	return 0;
}

bool pk_share_has(const struct pk_share *s, const struct pk_share_ref *ref)
{
	for (size_t i = 0; i < s->n; i++)
		if (memcmp(s->source[i].is.id, ref->bundle, 16) == 0)
			return find(&s->source[i], ref->leaf) != NULL;
	return false;
}

bool pk_share_left_out(const struct pk_share *s) { return s->left_out > 0; }

bool pk_share_is_empty(const struct pk_share *s) { return s->records == 0; }

/* --- the sharer ---------------------------------------------------------------------------------------------- */

static int find_sharer(const struct pk_share *s, const struct pk_keys *keys, const struct pk_party **ret,
		       struct pk_err *err)
{
	const struct pk_party *p = pk_roster_find_signer(s->roster, &keys->sign.pub);

	if (!p || !p->issuer)
		return pk_fail(err, PK_EUSAGE, 0, "'%s' %s: import would refuse the share", keys->stem,
			       p ? "may not issue tickets" : "is not in the roster");
	*ret = p;
	return pk_party_check(p, s->now, err);
}

/* --- meta/shares/ -------------------------------------------------------------------------------------------- */

struct writing {
	struct pk_share *share;
	struct pk_seal *seal;
	/* contents as they come */
	struct out_input *in;
	size_t now; /* in->n: none */
	struct pk_checked checked;
	uint64_t bytes, all_bytes;
	const struct pk_events *ev;
};

static int put_member(struct writing *w, const struct pk_share_source *s, const char *name, struct pk_str data,
		      struct pk_err *err)
{
	PK_AUTO(pk_buf) full = {0};

	pk_buf_puts(&full, PK_SHARES);
	if (s) {
		pk_buf_put_hex(&full, s->id, 16);
		pk_buf_put_c(&full, '/');
	}
	pk_buf_puts(&full, name);
	if (pk_buf_check(&full, err) < 0)
		return -1;
	return pk_seal_share_member(w->seal, pk_buf_str(&full), data, err);
}

static int put_proof(struct writing *w, struct out_source *o, const struct shared *v, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	char name[40];

	snprintf(name, sizeof(name), "%" PRIu64 ".tlog-proof", v->leaf);
	if (v->proof)
		return put_member(w, &o->is, name, pk_str_n(v->proof, v->proof_n), err);
	{
		PK_AUTO(pk_tlog_proof) p = {.index = v->leaf, .checkpoint = pk_buf_str(&o->is.checkpoint)};

		pk_buf_put(&p.extra, v->line, v->line_n);
		if (pk_merkle_tree_prove(&o->tree, v->leaf, &p.path, err) < 0 || pk_buf_check(&p.extra, err) < 0)
			return -1;
		pk_buf_put_tlog_proof(&text, &p);
	}
	if (pk_buf_check(&text, err) < 0)
		return -1;
	return put_member(w, &o->is, name, pk_buf_str(&text), err);
}

static int put_release(struct writing *w, const struct pk_share_source *s, size_t earlier, size_t number,
		       struct pk_err *err)
{
	const struct pk_release_set *r = earlier == PK_THIS_HANDOVER ? &s->release[number]
								     : &s->earlier[earlier].release[number];
	const struct pk_buf *file[PK_RELEASE_FILES] = {&r->text, &r->sig, &r->second_sig};

	for (size_t i = 0; i < PK_LEN(file) && (i < 2 || r->release.second); i++) {
		PK_AUTO(pk_buf) name = {0};

		pk_buf_put_release_name(&name, earlier, number, i);
		if (pk_buf_check(&name, err) < 0 || put_member(w, s, name.p, pk_buf_str(file[i]), err) < 0)
			return -1;
	}
	return 0;
}

static int put_earlier(struct writing *w, const struct pk_share_source *s, size_t i, struct pk_err *err)
{
	PK_AUTO(pk_buf) name = {0}, sig = {0};

	pk_buf_put_handover_name(&name, i, false);
	pk_buf_put_handover_name(&sig, i, true);
	if (pk_buf_check(&name, err) < 0 || pk_buf_check(&sig, err) < 0 ||
	    put_member(w, s, name.p, pk_buf_str(&s->earlier[i].text), err) < 0 ||
	    put_member(w, s, sig.p, pk_buf_str(&s->earlier[i].sig), err) < 0)
		return -1;
	for (size_t k = 0; k < s->earlier[i].releases; k++)
		if (put_release(w, s, i, k, err) < 0)
			return -1;
	return 0;
}

static int put_source(struct writing *w, struct out_source *o, struct pk_err *err)
{
	const struct pk_share_source *s = &o->is;

	if (put_member(w, s, "ticket.txt", pk_buf_str(&s->ticket_text), err) < 0 ||
	    put_member(w, s, "ticket.txt.minisig", pk_buf_str(&s->ticket_sig), err) < 0 ||
	    (s->label_text.n && put_member(w, s, "label.txt", pk_buf_str(&s->label_text), err) < 0) ||
	    (s->terms_text.n && put_member(w, s, "terms.txt", pk_buf_str(&s->terms_text), err) < 0) ||
	    put_member(w, s, "checkpoint", pk_buf_str(&s->checkpoint), err) < 0)
		return -1;
	if (s->receipt_text.n && (put_member(w, s, "receipt.txt", pk_buf_str(&s->receipt_text), err) < 0 ||
				  put_member(w, s, "receipt.txt.minisig", pk_buf_str(&s->receipt_sig), err) < 0 ||
				  put_member(w, s, "outer.minisig", pk_buf_str(&s->outer_sig), err) < 0))
		return -1;
	for (size_t i = 0; i < s->earlier_n; i++)
		if (put_earlier(w, s, i, err) < 0)
			return -1;
	for (size_t i = 0; i < s->releases; i++)
		if (put_release(w, s, PK_THIS_HANDOVER, i, err) < 0)
			return -1;
	for (size_t i = 0; i < o->n; i++)
		if (put_proof(w, o, &o->v[i], err) < 0)
			return -1;
	return 0;
}

/* A line for each record but 0 of each source, in the order of the proofs. */
static int count_records(const struct pk_share *s, uint64_t *ret_n, uint8_t ret_sha256[32], struct pk_err *err)
{
	struct pk_sha256 h;

	pk_sha256_init(&h);
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->source[i].n; k++) {
			PK_AUTO(pk_buf) line = {0};

			if (!s->source[i].v[k].leaf)
				continue;
			pk_buf_put_hex(&line, s->source[i].is.id, 16);
			pk_buf_putf(&line, " %" PRIu64 "\n", s->source[i].v[k].leaf);
			if (pk_buf_check(&line, err) < 0)
				return -1;
			pk_sha256_put(&h, line.p, line.n);
			++*ret_n;
		}
	pk_sha256_end(&h, ret_sha256);
	return 0;
}

static int write_handover(const struct pk_share *s, const struct pk_seal *seal, const struct pk_share_params *p,
			  const struct pk_ticket_kit *kit, const struct pk_party *sharer, struct pk_share_summary *sum,
			  struct pk_err *err)
{
	struct pk_handover h = {.by = sharer->name,
				.time = {.sec = s->now.sec},
				.label = kit->terms.label,
				.to = kit->terms.recipient_hashes,
				.reason = (char *)(uintptr_t)p->reason};

	pk_seal_id(seal, h.share);
	if (count_records(s, &h.records, h.records_sha256, err) < 0)
		return -1;
	sum->records = h.records;
	pk_buf_put_handover(&sum->handover, &h);
	return pk_buf_check(&sum->handover, err);
}

/* Two persons sign this share and no other: its id, its records, its readers and its label are in the handover record. */
static int sign_overrides(struct pk_share *s, const struct pk_share_params *p, struct pk_str handover,
			  struct pk_err *err)
{
	for (size_t i = 0; i < s->n; i++) {
		struct out_source *o = &s->source[i];

		if (!o->overridden.n)
			continue;
		if (!(o->is.release = calloc(1, sizeof(*o->is.release))))
			return pk_fail_oom(err);
		if (pk_release_make(
			    &(struct pk_release_of){.ticket = &o->is.ticket, .bundle = o->is.id, .handover = handover},
			    &o->overridden, p->override_reason, &p->keys->sign, p->second, s->roster, s->now,
			    &o->is.release[0], err) < 0)
			return -1;
		o->is.releases = 1;
	}
	return 0;
}

static int put_handover(struct writing *w, const struct pk_share_params *p, const struct pk_share_summary *sum,
			struct pk_err *err)
{
	PK_AUTO(pk_buf) sig = {0};
	uint8_t id[16];

	pk_seal_id(w->seal, id);
	if (pk_handover_sign(&p->keys->sign, pk_buf_str(&sum->handover), id, &sig, err) < 0 ||
	    put_member(w, NULL, "handover.txt", pk_buf_str(&sum->handover), err) < 0)
		return -1;
	return put_member(w, NULL, "handover.txt.minisig", pk_buf_str(&sig), err);
}

/* --- records and contents ---------------------------------------------------------------------------------------- */

static void put_src(struct pk_buf *b, const struct out_source *o, const struct shared *v)
{
	pk_buf_puts(b, "\"src\":[\"");
	pk_buf_put_hex(b, o->is.id, 16);
	pk_buf_putf(b, "\",%" PRIu64 "]", v->leaf);
}

static int put_carried(struct pk_buf *b, const struct shared *v, struct pk_err *err)
{
	PK_AUTO(pk_record) r = {0};

	if (pk_record_parse(pk_str_n(v->line, v->line_n), v->leaf, &r, err) < 0)
		return -1;
	return pk_share_put_carried(&r, b, err);
}

/* The share's record of anything but a content. */
static int put_record(struct writing *w, struct out_source *o, struct shared *v, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};

	put_src(&b, o, v);
	for (size_t i = 0; i < PK_SHARE_REFS; i++) {
		const struct shared *to = v->ref[i] == PK_LEAF_NONE ? NULL : find(o, v->ref[i]);

		if (to && to->own != PK_LEAF_NONE)
			pk_buf_putf(&b, ",\"%s\":%" PRIu64, pk_share_refs[i], to->own);
	}
	if (put_carried(&b, v, err) < 0)
		return -1;
	return pk_seal_put(w->seal, v->type, pk_buf_str(&b), &v->own, err);
}

static int put_own_member(const struct out_source *o, const struct shared *v, struct pk_buf *ret, bool *ret_named,
			  struct pk_err *err)
{
	PK_AUTO(pk_buf) plain = {0};
	PK_AUTO(pk_record) r = {0};
	struct pk_str member = {0};

	*ret_named = v->path != NULL;
	if (v->type == 'l') {
		if (pk_record_parse(pk_str_n(v->line, v->line_n), v->leaf, &r, err) < 0)
			return -1;
		if (!pk_json_get_str(r.json, "member", &member) || !pk_str_starts(member, PK_STR("data/")))
			return pk_fail(err, PK_EFORMAT, 0, "record %" PRIu64 " names no member", v->leaf);
		pk_buf_put_share_name(ret, o->is.id, member);
	} else if (v->path) {
		pk_buf_put_member_name(&plain, "data/root/", pk_str_n(v->path, v->path_n));
		if (pk_buf_check(&plain, err) < 0)
			return -1;
		pk_buf_put_share_name(ret, o->is.id, pk_buf_str(&plain));
	} else {
		pk_buf_put_content_name(ret, o->is.id, v->leaf);
	}
	return pk_buf_check(ret, err);
}

static int end_content(struct writing *w, struct pk_err *err)
{
	struct shared *v = NULL;
	struct out_source *o = NULL;
	PK_AUTO(pk_buf) b = {0}, member = {0};
	bool named = false;

	if (w->now == w->in->n)
		return 0;
	v = w->in->content[w->now];
	o = w->in->source[w->now];
	w->now = w->in->n;
	if (pk_checked_end(&w->checked, err) < 0)
		return pk_wrap(err, "'%s'", w->in->bundle->path);
	put_src(&b, o, v);
	if (put_own_member(o, v, &member, &named, err) < 0)
		return -1;
	if (v->type == 'l' || !named) {
		pk_buf_puts(&b, ",\"member\":\"");
		pk_buf_put_str(&b, pk_buf_str(&member));
		pk_buf_put_c(&b, '"');
	}
	if (put_carried(&b, v, err) < 0)
		return -1;
	return pk_seal_content_end(w->seal, pk_buf_str(&b), &v->own, err);
}

static int begin_content(struct writing *w, struct pk_str bytes, struct pk_err *err)
{
	PK_AUTO(pk_buf) member = {0};
	struct pk_content c = {.fd = -1};
	struct shared *v = NULL;
	uint64_t i = 0;
	bool named = false;

	if (end_content(w, err) < 0)
		return -1;
	if (bytes.n != sizeof(i))
		return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	memcpy(&i, bytes.p, sizeof(i));
	if (i >= w->in->n || w->in->content[i]->own != PK_LEAF_NONE)
		return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	v = w->in->content[i];
	if (put_own_member(w->in->source[i], v, &member, &named, err) < 0)
		return -1;
	c.member = pk_buf_str(&member);
	c.size = v->at.size;
	c.type = v->type;
	if (pk_seal_content_begin(w->seal, &c, err) < 0)
		return -1;
	w->now = (size_t)i;
	w->checked = (struct pk_checked){.size = v->at.size, .left = v->at.size};
	memcpy(w->checked.want, v->sum, 32);
	pk_sha256_init(&w->checked.hash);
	return 0;
}

static int put_bytes(struct writing *w, struct pk_str bytes, struct pk_err *err)
{
	if (w->now == w->in->n)
		return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	if (pk_checked_put(&w->checked, bytes, err) < 0)
		return -1;
	while (bytes.n) {
		void *to = NULL;
		size_t n = 0;

		if (pk_seal_space(w->seal, &to, &n, err) < 0)
			return -1;
		n = PK_MIN(n, bytes.n);
		memcpy(to, bytes.p, n);
		if (pk_seal_filled(w->seal, n, err) < 0)
			return -1;
		bytes = pk_str_n(bytes.p + n, bytes.n - n);
		w->bytes += n;
	}
	pk_event_progress(w->ev, "shared", w->bytes, w->all_bytes);
	return 0;
}

static int hear(void *ctx, enum pk_tell what, struct pk_str bytes, struct pk_err *err)
{
	if (what == PK_TELL_CONTENT)
		return begin_content(ctx, bytes, err);
	if (what == PK_TELL_DATA)
		return put_bytes(ctx, bytes, err);
	if (what == PK_TELL_LOST)
		return pk_fail(err, PK_EFORMAT, 0, "a content that could be read before is lost now");
	return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
}

static int put_contents(struct writing *w, struct out_input *in, struct pk_err *err)
{
	if (!in->n)
		return 0;
	w->in = in;
	w->now = in->n;
	if (pk_child_hear(&in->child, hear, w, err) < 0)
		return pk_wrap(err, "'%s'", in->bundle->path);
	if (end_content(w, err) < 0)
		return -1;
	for (size_t i = 0; i < in->n; i++)
		if (in->content[i]->own == PK_LEAF_NONE)
			return pk_fail(err, PK_EFORMAT, 0, "'%s': the parser left out contents", in->bundle->path);
	return 0;
}

static int put_all(struct writing *w, struct pk_err *err)
{
	struct pk_share *s = w->share;

	for (size_t i = 0; i < s->inputs; i++)
		for (size_t k = 0; k < s->input[i].n; k++)
			w->all_bytes += s->input[i].at[k].size;
	for (size_t i = 0; i < s->inputs; i++)
		if (put_contents(w, &s->input[i], err) < 0)
			return -1;
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->source[i].n; k++) {
			struct shared *v = &s->source[i].v[k];

			if (v->leaf && !v->has_place && put_record(w, &s->source[i], v, err) < 0)
				return -1;
		}
	return 0;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static int seal_all(struct pk_share *s, const struct pk_share_params *p, const struct pk_ticket_kit *kit,
		    const struct pk_party *sharer, struct pk_share_summary *ret, struct pk_err *err)
{
	PK_AUTO(pk_age_recipients) to = {0};
	PK_AUTO(pk_buf) label = {0}, mark = {0};
	PK_AUTOPTR(pk_seal) seal = NULL;
	struct pk_json j = {.out = &label};
	struct pk_seal_summary sum = {0};
	struct writing w = {.share = s, .ev = p->ev};
	struct pk_seal_params sp = {.path = p->path,
				    .dir = ".",
				    .to = &to,
				    .ticket = kit,
				    .terms = pk_buf_str(&kit->terms_text),
				    .tool = p->tool,
				    .share = true,
				    .part = 1,
				    .level = p->level,
				    .pad = p->pad,
				    .threads = p->threads};

	for (size_t i = 0; i < p->recipients->n; i++)
		if (pk_age_recipients_add(&to, pk_str(p->recipients->v[i]), err) < 0)
			return -1;
	pk_json_begin(&j, '{');
	pk_json_put_label(&j, &kit->terms.label);
	pk_json_end(&j, '}');
	if (pk_json_check(&j, err) < 0)
		return -1;
	sp.label = pk_buf_str(&label);
	/* who carries it must know how to treat it; whom it is for is nobody's business */
	if (kit->terms.label.tlp != PK_TLP_NONE) {
		pk_buf_putf(&mark, "TLP-%s", pk_tlp_name(kit->terms.label.tlp));
		if (pk_buf_check(&mark, err) < 0)
			return -1;
		sp.mark = mark.p;
	}
	if (pk_seal_new(&sp, &seal, err) < 0)
		return -1;
	w.seal = seal;
	if (write_handover(s, seal, p, kit, sharer, ret, err) < 0 ||
	    sign_overrides(s, p, pk_buf_str(&ret->handover), err) < 0)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		if (put_source(&w, &s->source[i], err) < 0)
			return -1;
	if (put_handover(&w, p, ret, err) < 0 || put_all(&w, err) < 0)
		return -1;
	pk_buf_puts(&ret->path, pk_seal_path(seal));
	if (!pk_buf_room(&ret->path, PK_SHARE_PATH_ROOM))
		return pk_fail_oom(err);
	if (pk_buf_check(&ret->path, err) < 0 || pk_seal_finish(seal, &sum, err) < 0)
		return -1;
	ret->sources = s->n;
	ret->contents = sum.contents;
	ret->bytes = sum.plain_bytes;
	ret->sealed_bytes = sum.sealed_bytes;
	memcpy(ret->id, sum.bundle_id, 16);
	return 0;
}

/* A share is no safer than for its weakest reader. */
static int check_kinds(const struct pk_share *s, const struct pk_strv *recipients, struct pk_err *err)
{
	for (size_t i = 0; s->hybrid && i < recipients->n; i++) {
		bool hybrid = false;

		if (pk_age_recipient_check(pk_str(recipients->v[i]), &hybrid, err) < 0)
			return -1;
		if (!hybrid)
			return pk_fail(err, PK_EUSAGE, 0,
				       "post-quantum and classic readers do not go together: those of '%s' are "
				       "post-quantum, and '%s' is classic",
				       s->hybrid->path, recipients->v[i]);
	}
	return 0;
}

int pk_share_write(struct pk_share *s, const struct pk_share_params *p, struct pk_share_summary *ret,
		   struct pk_err *err)
{
	PK_AUTO(pk_label) label = {0};
	PK_AUTO(pk_terms) terms = {0};
	PK_AUTO(pk_ticket_kit) kit = {0};
	PK_AUTO(pk_share_summary) sum = {0};
	const struct pk_party *sharer = NULL;
	struct pk_time till = {.sec = s->now.sec + p->valid_s};

	if (!s->prepared || !s->n)
		return pk_fail(err, PK_EINTERNAL, 0, "a share is written before it is prepared");
	if (p->reason && !pk_lines_text_ok(pk_str(p->reason), PK_MAX_HANDOVER_REASON))
		return pk_fail(err, PK_EUSAGE, 0, "a reason is one printable line of at most %d bytes",
			       PK_MAX_HANDOVER_REASON);
	if (check_kinds(s, p->recipients, err) < 0 || find_sharer(s, p->keys, &sharer, err) < 0 ||
	    pk_out_judge(s, p, sharer, &label, &sum, err) < 0 ||
	    pk_terms_make(p->mission ? p->mission : "share", &label, p->recipients, "share", &terms, err) < 0 ||
	    pk_ticket_issue(&p->keys->sign, &terms, s->now, till, true, &kit, err) < 0)
		return -1;
	pk_buf_put_label_shown(&sum.label, &label);
	if (pk_buf_check(&sum.label, err) < 0 || seal_all(s, p, &kit, sharer, &sum, err) < 0)
		return -1;
	*ret = sum;
	sum = (struct pk_share_summary){0};
	return 0;
}
