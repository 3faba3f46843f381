/* SPDX-License-Identifier: Apache-2.0 */
/* Choosing what of a bundle is shared: one pass that verifies and marks, one that gathers the marked records. */
#include "outer_int.h"
#include "shareout.h"

#include <picket/msg.h>

#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>

#define MAX_SEEN (1u << 28) /* records of one input: behind a gap, a number says nothing of how many there are */

/* What the first pass keeps of each of the input's records. */
struct seen {
	uint64_t ref[PK_SHARE_REFS]; /* in the input */
	struct pk_share_ref src;     /* where it was collected */
	char type;
	bool marked;
};

struct picking {
	struct pk_share *share;
	struct pk_bundle *bundle;
	const struct pk_share_pick *pick;
	const struct pk_events *ev;
	size_t input;
	struct seen *seen; /* by leaf */
	size_t n, cap;
	struct pk_merkle_tree tree;
	struct pk_share_ref *marked; /* sorted */
	size_t marked_n;
};

static void picking_done(struct picking *p)
{
	free(p->seen);
	free(p->marked);
	pk_merkle_tree_done(&p->tree);
}

static int by_ref(const void *a, const void *b)
{
	const struct pk_share_ref *x = a, *y = b;
	int c = memcmp(x->bundle, y->bundle, sizeof(x->bundle));

	return c ? c : x->leaf < y->leaf ? -1 : x->leaf > y->leaf;
}

static bool has_ref(const struct pk_share_ref *v, size_t n, const struct pk_share_ref *key)
{
	return n && bsearch(key, v, n, sizeof(*v), by_ref);
}

/* --- the first pass: marks ------------------------------------------------------------------------------ */

static bool matches(const struct pk_strv *patterns, const char *text)
{
	for (size_t i = 0; i < patterns->n; i++)
		if (fnmatch(patterns->v[i], text, 0) == 0)
			return true;
	return false;
}

static bool field_matches(const struct pk_strv *patterns, const struct pk_record *r, const char *key)
{
	PK_AUTO(pk_buf) text = {0};

	return patterns->n && pk_json_get_bytes(r->json, key, &text) && matches(patterns, text.p ? text.p : "");
}

static bool via_has(const struct pk_strv *names, const struct pk_record *r)
{
	const struct pk_json_value *via = pk_json_get(r->json, "via");

	for (size_t i = 0; names->n && i < pk_json_count(via); i++) {
		struct pk_str name = {0};

		for (size_t k = 0; pk_json_at_str(via, i, &name) && k < names->n; k++)
			if (pk_str_eq(name, pk_str(names->v[k])))
				return true;
	}
	return false;
}

static bool is_picked(const struct pk_share_pick *p, const struct pk_record *r, const struct pk_share_ref *src)
{
	for (size_t i = 0; i < p->leaves_n; i++)
		if (p->leaves[i] == r->leaf)
			return true;
	if (has_ref(p->refs, p->refs_n, src))
		return true;
	switch (r->type) {
	case 'm': return field_matches(&p->paths, r, "path") || via_has(&p->artifacts, r);
	case 'h': return field_matches(&p->hits, r, "rule");
	case 'l': return field_matches(&p->tables, r, "table");
	default: return false;
	}
}

static int see(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	struct picking *p = ctx;
	struct seen *e = NULL;
	uint8_t leaf[32];

	/* of a damaged bundle, records and contents may be lost */
	if (r->leaf < p->n || (r->leaf > p->n && !p->bundle->salvage))
		return pk_fail(err, PK_EINTERNAL, 0, "records out of order");
	if (r->leaf >= MAX_SEEN)
		return pk_fail(err, PK_EUSAGE, 0, "a record's number is above %u", MAX_SEEN);
	if (!pk_grow(&p->seen, &p->cap, r->leaf + 1, sizeof(*p->seen)))
		return pk_fail_oom(err);
	for (; p->n < r->leaf; p->n++)
		p->seen[p->n] = (struct seen){.ref = {PK_LEAF_NONE, PK_LEAF_NONE, PK_LEAF_NONE}};
	e = &p->seen[p->n++];
	*e = (struct seen){.type = r->type, .src.leaf = r->leaf};
	memcpy(e->src.bundle, p->bundle->info.id, 16);
	if (p->bundle->share)
		(void)pk_share_record_src(r->json, e->src.bundle, &e->src.leaf); /* leaf 0 has none */
	for (size_t i = 0; i < PK_SHARE_REFS; i++)
		if (!pk_json_get_uint(r->json, pk_share_refs[i], &e->ref[i]))
			e->ref[i] = PK_LEAF_NONE;
	e->marked = r->leaf != 0 && !pk_record_is_padding(r) && is_picked(p->pick, r, &e->src);
	if (p->bundle->share || p->bundle->salvage)
		return 0;
	pk_merkle_leaf(r->line, leaf);
	return pk_merkle_tree_add(&p->tree, leaf, err);
}

static bool mark(struct picking *p, uint64_t leaf)
{
	if (leaf >= p->n || leaf == 0 || p->seen[leaf].marked || !p->seen[leaf].type)
		return false;
	return p->seen[leaf].marked = true;
}

/* What belongs to what is marked: the record that it continues, a hit's object, then all names of a content that was asked for by itself, then the
 * contents of the paths that were asked for, and what continues a record. */
static void close_over(struct picking *p)
{
	bool more = true;

	for (size_t i = 0; i < p->n; i++)
		if (p->seen[i].marked)
			mark(p, p->seen[i].ref[PK_SHARE_REF_MORE]);
	for (size_t i = 0; i < p->n; i++)
		if (p->seen[i].marked && p->seen[i].type == 'h')
			mark(p, p->seen[i].ref[PK_SHARE_REF_OF]);
	for (size_t i = 0; i < p->n; i++)
		if (p->seen[i].type == 'm' && p->seen[i].ref[PK_SHARE_REF_C] < p->n &&
		    p->seen[p->seen[i].ref[PK_SHARE_REF_C]].marked)
			mark(p, i);
	for (size_t i = 0; i < p->n; i++)
		if (p->seen[i].type == 'm' && p->seen[i].marked)
			mark(p, p->seen[i].ref[PK_SHARE_REF_C]);
	while (more) {
		more = false;
		for (size_t i = 0; i < p->n; i++)
			if (p->seen[i].ref[PK_SHARE_REF_MORE] < p->n &&
			    p->seen[p->seen[i].ref[PK_SHARE_REF_MORE]].marked)
				more |= mark(p, i);
	}
	for (size_t i = 0; i < p->n; i++) {
		char t = p->seen[i].type;

		if ((p->pick->no_content && (t == 'c' || t == 'l')) || (p->pick->no_path && t == 'm'))
			p->seen[i].marked = false;
	}
}

/* Of a damaged bundle, what comes before the first gap is under the last note before it; what comes after is proven to
 * us by notes of its own, whose trees we have not all of. */
static int leave_out(struct picking *p, struct pk_err *err)
{
	const struct pk_bundle_info *info = &p->bundle->info;
	uint64_t n = 0, contents = 0;

	if (info->complete)
		return 0;
	if (!p->bundle->note.n || p->bundle->head_lost)
		return pk_fail(err, PK_ECRYPTO, 0,
			       "'%s' is damaged where it begins: nothing of it can be proven to others",
			       p->bundle->path);
	for (size_t i = 0; i < p->n; i++) {
		uint64_t c = p->seen[i].ref[PK_SHARE_REF_C];

		if (!p->seen[i].marked)
			continue;
		if (i >= info->leaves)
			p->seen[i].marked = false;
		n += i >= info->leaves;
		contents += i < info->leaves && p->seen[i].type == 'm' && c != PK_LEAF_NONE && !p->pick->no_content &&
			    (c >= p->n || !p->seen[c].type);
	}
	p->share->left_out += n + contents;
	if (n)
		pk_event_warn(p->ev,
			      "'%s': %" PRIu64
			      " records behind the damage cannot be proven to others: they are left out",
			      p->bundle->path, n);
	if (contents)
		pk_event_warn(p->ev, "'%s': %" PRIu64 " contents are lost: their paths go without them",
			      p->bundle->path, contents);
	return 0;
}

static int list_marked(struct picking *p, struct pk_err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += p->seen[i].marked;
	if (n == 0 && p->pick->optional)
		return 0;
	if (n == 0)
		return pk_fail(err, PK_EUSAGE, 0, "'%s': nothing in it is what was asked for", p->bundle->path);
	if (n > PK_MAX_SHARED - p->share->records)
		return pk_fail(err, PK_EUSAGE, 0, "more than %u records: make several shares", PK_MAX_SHARED);
	p->share->records += n;
	if (!(p->marked = calloc(n, sizeof(*p->marked))))
		return pk_fail_oom(err);
	for (size_t i = 0; i < p->n; i++)
		if (p->seen[i].marked)
			p->marked[p->marked_n++] = p->seen[i].src;
	qsort(p->marked, n, sizeof(*p->marked), by_ref);
	return 0;
}

/* --- sources -------------------------------------------------------------------------------------------- */

static int copy(struct pk_buf *to, struct pk_str from, struct pk_err *err)
{
	pk_buf_put_str(to, from);
	return pk_buf_check(to, err);
}

int pk_release_set_copy(struct pk_release_set *to, const struct pk_release_set *from, struct pk_err *err)
{
	if (copy(&to->text, pk_buf_str(&from->text), err) < 0 || copy(&to->sig, pk_buf_str(&from->sig), err) < 0 ||
	    copy(&to->second_sig, pk_buf_str(&from->second_sig), err) < 0)
		return -1;
	return pk_release_parse(pk_buf_str(&to->text), &to->release, err);
}

/* A handover on the way here, with what it went beyond the label of this source by; once. */
static int copy_handed(struct pk_share_source *to, const struct pk_handed *h, const struct pk_release_set *release,
		       size_t n, struct pk_err *err)
{
	struct pk_handed *more = NULL, *one = NULL;

	for (size_t i = 0; i < to->earlier_n; i++)
		if (pk_str_eq(pk_buf_str(&to->earlier[i].text), pk_buf_str(&h->text)))
			return 0;
	if (!(more = realloc(to->earlier, (to->earlier_n + 1) * sizeof(*more))))
		return pk_fail_oom(err);
	to->earlier = more;
	one = &more[to->earlier_n++];
	*one = (struct pk_handed){0};
	if (copy(&one->text, pk_buf_str(&h->text), err) < 0 || copy(&one->sig, pk_buf_str(&h->sig), err) < 0)
		return -1;
	if (n && !(one->release = calloc(n, sizeof(*one->release))))
		return pk_fail_oom(err);
	for (; one->releases < n; one->releases++)
		if (pk_release_set_copy(&one->release[one->releases], &release[one->releases], err) < 0) {
			one->releases++;
			return -1;
		}
	return pk_handover_parse(pk_buf_str(&one->text), &one->says, err);
}

static int judge(struct picking *p, struct out_source *o, struct pk_err *err)
{
	enum pk_trust_status status = PK_TRUST_OK;
	struct pk_err why = {0};

	/* a receipt that does not hold has been dropped */
	if (pk_source_check(&o->is, o->is.receipt_text.n ? &o->is.receipt : NULL, NULL, p->share->roster, p->share->now,
			    &status, &o->issuer, &why) < 0) {
		if (err)
			*err = why;
		return -1;
	}
	if (status == PK_TRUST_OK)
		return 0;
	return pk_fail(err, PK_ECRYPTO, 0, "'%s' is not shared: %s: %s", p->bundle->path, pk_trust_name(status),
		       why.msg);
}

static int same_log(const struct picking *p, const struct out_source *o, struct pk_str checkpoint, struct pk_err *err)
{
	if (pk_str_eq(pk_buf_str(&o->is.checkpoint), checkpoint))
		return 0;
	return pk_fail(err, PK_ECRYPTO, 0, "'%s': another input has a different log of the same bundle id",
		       p->bundle->path);
}

static void drop_receipt(struct pk_share_source *s)
{
	pk_buf_reset(&s->receipt_text);
	pk_buf_reset(&s->receipt_sig);
	pk_buf_reset(&s->outer_sig);
	pk_receipt_done(&s->receipt);
}

/* Only what the receiver can believe goes along. */
static int keep_receipt(struct picking *p, struct pk_share_source *s, struct pk_err *err)
{
	const struct pk_receipt_of file = {s->receipt.digest, 0, s->ticket.id, s->id};
	PK_AUTO(pk_receipt) held = {0};
	struct pk_err why = {0};

	if (pk_source_check_receipt(s, &why) == 0 &&
	    pk_receipt_check(pk_buf_str(&s->receipt_text), pk_buf_str(&s->receipt_sig), &file, p->share->roster,
			     p->share->now, &held, &why) == 0)
		return 0;
	if (why.kind == PK_ESYS) {
		*err = why;
		return -1;
	}
	pk_event_warn(p->ev, "'%s': its receipt does not go along: %s", p->bundle->path, why.msg);
	drop_receipt(s);
	return 0;
}

/* What a clean station attested of the file, with the collector's signature of that file. */
static int find_receipt(struct picking *p, struct pk_share_source *s, struct pk_err *err)
{
	const char *path = p->bundle->path;
	PK_AUTO(pk_buf) rewrap = {0};
	bool has = false, has_sig = false, is_rewrapped = false, has_outer = false;

	if (p->pick->no_receipt)
		return 0;
	if (pk_beside_read(path, PK_SIDE_RECEIPT, &s->receipt_text, &has, err) < 0 ||
	    pk_beside_read(path, PK_SIDE_RECEIPT_SIG, &s->receipt_sig, &has_sig, err) < 0 ||
	    pk_beside_read(path, PK_SIDE_REWRAP, &rewrap, &is_rewrapped, err) < 0 ||
	    pk_beside_read(path, is_rewrapped ? PK_SIDE_ORIG_SIG : PK_SIDE_SIG, &s->outer_sig, &has_outer, err) < 0)
		return -1;
	if (has)
		return keep_receipt(p, s, err);
	drop_receipt(s);
	return 0;
}

static int copy_receipt(struct picking *p, struct pk_share_source *to, const struct pk_share_source *from,
			struct pk_err *err)
{
	if (p->pick->no_receipt || !from->receipt_text.n)
		return 0;
	if (copy(&to->receipt_text, pk_buf_str(&from->receipt_text), err) < 0 ||
	    copy(&to->receipt_sig, pk_buf_str(&from->receipt_sig), err) < 0 ||
	    copy(&to->outer_sig, pk_buf_str(&from->outer_sig), err) < 0)
		return -1;
	return keep_receipt(p, to, err);
}

/* The input is the collected bundle itself. */
static int add_original(struct picking *p, struct pk_err *err)
{
	const struct pk_bundle_info *info = &p->bundle->info;
	struct pk_str checkpoint = info->complete ? info->checkpoint : pk_buf_str(&p->bundle->note);
	struct out_source *o = NULL;
	bool is_new = false;

	if (pk_out_source(p->share, info->id, &is_new, &o, err) < 0)
		return -1;
	if (!is_new && same_log(p, o, checkpoint, err) < 0)
		return -1;
	if (!o->first.n && copy(&o->first, info->first_record, err) < 0)
		return -1;
	if (!o->tree.level[0].n) {
		o->tree = p->tree;
		p->tree = (struct pk_merkle_tree){0};
	}
	if (p->pick->no_host && !o->is.terms_text.n && copy(&o->is.terms_text, info->terms_text, err) < 0)
		return -1;
	if (!o->is.label_text.n)
		pk_buf_put_label_of_terms(&o->is.label_text, info->terms);
	if (pk_buf_check(&o->is.label_text, err) < 0)
		return -1;
	if (!is_new)
		return o->is.receipt_text.n ? 0 : find_receipt(p, &o->is, err);
	o->is.ticket = *info->ticket;
	o->is.size = info->leaves;
	o->is.incomplete = !info->complete;
	memcpy(o->is.root, info->root, 32);
	if (copy(&o->is.ticket_text, info->ticket_text, err) < 0 ||
	    copy(&o->is.ticket_sig, info->ticket_sig, err) < 0 || copy(&o->is.checkpoint, checkpoint, err) < 0 ||
	    pk_label_copy(&info->terms->label, &o->is.label, err) < 0)
		return -1;
	for (size_t i = 0; i < info->terms->recipient_hashes.n; i++)
		if (pk_strv_add(&o->is.readers, pk_str(info->terms->recipient_hashes.v[i]), err) < 0)
			return -1;
	return find_receipt(p, &o->is, err) < 0 ? -1 : judge(p, o, err);
}

/* The input is a share, of this bundle among others. */
static int add_passed_on(struct picking *p, const struct pk_share_source *from, struct pk_err *err)
{
	struct out_source *o = NULL;
	bool is_new = false;

	if (pk_out_source(p->share, from->id, &is_new, &o, err) < 0)
		return -1;
	if (!is_new && same_log(p, o, pk_buf_str(&from->checkpoint), err) < 0)
		return -1;
	if (!o->first.n && copy(&o->first, pk_buf_str(&from->first_record), err) < 0)
		return -1;
	if (p->pick->no_host && from->first_record.n)
		return pk_fail(err, PK_EUSAGE, 0,
			       "'%s' came with the host's identity as the proof of its label: it cannot be kept back",
			       p->bundle->path);
	for (size_t i = 0; i < from->earlier_n; i++)
		if (copy_handed(&o->is, &from->earlier[i], from->earlier[i].release, from->earlier[i].releases, err) <
		    0)
			return -1;
	if (copy_handed(&o->is, pk_sharein_handover(p->bundle->share), from->release, from->releases, err) < 0)
		return -1;
	if (from->terms_text.n && !o->is.terms_text.n &&
	    copy(&o->is.terms_text, pk_buf_str(&from->terms_text), err) < 0)
		return -1;
	if (from->label_text.n && !o->is.label_text.n &&
	    copy(&o->is.label_text, pk_buf_str(&from->label_text), err) < 0)
		return -1;
	if (!is_new)
		return o->is.receipt_text.n ? 0 : copy_receipt(p, &o->is, from, err);
	o->is.ticket = from->ticket;
	o->is.size = from->size;
	o->is.incomplete = from->incomplete;
	memcpy(o->is.root, from->root, 32);
	if (copy(&o->is.ticket_text, pk_buf_str(&from->ticket_text), err) < 0 ||
	    copy(&o->is.ticket_sig, pk_buf_str(&from->ticket_sig), err) < 0 ||
	    copy(&o->is.checkpoint, pk_buf_str(&from->checkpoint), err) < 0 ||
	    pk_label_copy(&from->label, &o->is.label, err) < 0)
		return -1;
	for (size_t i = 0; i < from->readers.n; i++)
		if (pk_strv_add(&o->is.readers, pk_str(from->readers.v[i]), err) < 0)
			return -1;
	return copy_receipt(p, &o->is, from, err) < 0 ? -1 : judge(p, o, err);
}

static bool any_marked(const struct picking *p, const uint8_t id[16])
{
	for (size_t i = 0; i < p->marked_n; i++)
		if (memcmp(p->marked[i].bundle, id, 16) == 0)
			return true;
	return false;
}

static int add_sources(struct picking *p, struct pk_err *err)
{
	size_t n = 0;
	const struct pk_share_source *s = pk_bundle_sources(p->bundle, &n);

	if (!s)
		return add_original(p, err);
	for (size_t i = 0; i < n; i++)
		if (any_marked(p, s[i].id) && add_passed_on(p, &s[i], err) < 0)
			return -1;
	return 0;
}

/* --- the second pass: records ------------------------------------------------------------------------------ */

static int by_leaf(const void *a, const void *b)
{
	const struct shared *x = a, *y = b;

	return x->leaf < y->leaf ? -1 : x->leaf > y->leaf;
}

/* What earlier inputs brought is sorted up to `base`, and what this one brings is sorted from there on. */
static struct shared *find_shared(const struct out_source *o, uint64_t leaf)
{
	struct shared *v = pk_leaf_find(o->v, o->base, sizeof(*v), leaf);

	return v || o->n == o->base ? v : pk_leaf_find(o->v + o->base, o->n - o->base, sizeof(*v), leaf);
}

static struct out_source *find_out(struct picking *p, const uint8_t id[16])
{
	for (size_t i = 0; i < p->share->n; i++)
		if (memcmp(p->share->source[i].is.id, id, 16) == 0)
			return &p->share->source[i];
	return NULL;
}

/* A proven record into its source, once. */
static int keep(struct out_source *o, const struct pk_record *r, struct pk_str proof, struct pk_err *err)
{
	struct shared *v = NULL;

	if (find_shared(o, r->leaf))
		return 0;
	if (!pk_grow(&o->v, &o->cap, o->n + 1, sizeof(*o->v)))
		return pk_fail_oom(err);
	v = &o->v[o->n];
	*v = (struct shared){.leaf = r->leaf, .type = r->type, .own = PK_LEAF_NONE};
	for (size_t i = 0; i < PK_SHARE_REFS; i++)
		if (!pk_json_get_uint(r->json, pk_share_refs[i], &v->ref[i]))
			v->ref[i] = PK_LEAF_NONE;
	if (!(v->line = pk_str_dup(r->line)) || (proof.n && !(v->proof = pk_str_dup(proof)))) {
		free(v->line);
		return pk_fail_oom(err);
	}
	v->line_n = r->line.n;
	v->proof_n = proof.n;
	o->n++;
	return 0;
}

/* Where this input has the bytes of a content. */
static int keep_place(struct picking *p, struct out_source *o, const struct pk_share_ref *src,
		      const struct pk_record *r, struct pk_err *err)
{
	struct shared *v = find_shared(o, src->leaf);

	if (!v || v->has_place || (r->type != 'c' && r->type != 'l') || pk_json_get(r->json, "more_of"))
		return 0;
	if (!pk_json_get_uint(r->json, "frame", &v->at.frame) || !pk_json_get_uint(r->json, "off", &v->at.off) ||
	    !pk_json_get_uint(r->json, "size", &v->at.size) || !pk_json_get_hex(r->json, "sha256", v->sum, 32))
		return pk_fail(err, PK_EFORMAT, 0, "record %" PRIu64 " does not say where its content is", r->leaf);
	v->has_place = true;
	v->input = p->input;
	return 0;
}

static int gather(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	struct picking *p = ctx;
	const struct seen *e = r->leaf < p->n ? &p->seen[r->leaf] : NULL;
	struct out_source *o = NULL;

	if (!e || e->type != r->type)
		return pk_fail(err, PK_EFORMAT, 0, "'%s' changed while it was read", p->bundle->path);
	if (!e->marked && (r->leaf != 0 || p->bundle->share || p->pick->no_host))
		return 0;
	o = find_out(p, e->src.bundle);
	if (!p->bundle->share && keep(o, r, (struct pk_str){0}, err) < 0)
		return -1;
	return e->marked ? keep_place(p, o, &e->src, r, err) : 0;
}

static int gather_proof(void *ctx, const struct pk_share_source *of, const struct pk_record *r, struct pk_str proof,
			struct pk_err *err)
{
	struct picking *p = ctx;
	struct pk_share_ref key = {.leaf = r->leaf};
	struct out_source *o = find_out(p, of->id);

	memcpy(key.bundle, of->id, 16);
	if (!o || (r->leaf != 0 && !has_ref(p->marked, p->marked_n, &key)))
		return 0;
	return keep(o, r, proof, err);
}

static int gather_all(struct picking *p, const struct pk_events *ev, struct pk_err *err)
{
	const struct pk_bundle_events events = {.ctx = p, .record = gather, .proof = gather_proof, .ev = ev};

	for (size_t i = 0; i < p->share->n; i++)
		p->share->source[i].base = p->share->source[i].n;
	/* a share's proofs come with the whole of it only */
	if ((p->bundle->share ? pk_bundle_verify(p->bundle, NULL, &events, err)
			      : pk_bundle_records(p->bundle, &events, err)) < 0)
		return -1;
	for (size_t i = 0; i < p->share->n; i++)
		if (p->share->source[i].n)
			qsort(p->share->source[i].v, p->share->source[i].n, sizeof(struct shared), by_leaf);
	return 0;
}

/* --- one input ------------------------------------------------------------------------------------------------ */

static int check_input(const struct picking *p, struct pk_err *err)
{
	const struct pk_bundle_info *i = &p->bundle->info;

	if (!i->is_signed)
		return pk_fail(err, PK_ECRYPTO, 0, "'%s' is unsigned: nothing of it can be proven to others",
			       p->bundle->path);
	if (!i->complete && !p->bundle->salvage)
		return pk_fail(err, PK_EFORMAT, 0, "'%s' is damaged or cut: it has no checkpoint to prove by",
			       p->bundle->path);
	if (p->pick->no_content && p->pick->no_path)
		return pk_fail(err, PK_EUSAGE, 0, "without contents and without paths, little is left to share");
	return 0;
}

/* The tree of what was opened as damaged: from looking through it or, if it was whole after all, from its records. */
static int add_leaf(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	struct picking *p = ctx;
	uint8_t leaf[32];

	pk_merkle_leaf(r->line, leaf);
	return pk_merkle_tree_add(&p->tree, leaf, err);
}

static int whole_tree(struct picking *p, struct pk_err *err)
{
	const struct pk_bundle_events events = {.ctx = p, .record = add_leaf, .ev = p->ev};

	p->bundle->keep_tree = false;
	if (p->bundle->info.complete)
		return p->bundle->share ? 0 : pk_bundle_records(p->bundle, &events, err);
	p->tree = p->bundle->tree;
	p->bundle->tree = (struct pk_merkle_tree){0};
	return 0;
}

/* Import would have kept such a share in quarantine: it is not passed on either. */
static int check_share(const struct picking *p, struct pk_err *err)
{
	PK_AUTO(pk_share_judgement) j = {0};

	if (!p->bundle->share)
		return 0;
	if (pk_share_judge(p->bundle, p->share->roster, p->share->now, &j, err) < 0)
		return -1;
	if (j.status == PK_TRUST_OK)
		return 0;
	return pk_fail(err, PK_ECRYPTO, 0, "'%s' is not shared: %s: %s", p->bundle->path, pk_trust_name(j.status),
		       j.why);
}

/* What was kept from a future quantum computer stays so: who may read is asked when it is written. */
static int note_kind(const struct picking *p, struct pk_err *err)
{
	PK_AUTO(pk_buf) header = {0};
	bool hybrid = false;

	if (pk_age_header_read(p->bundle->fd, &header, err) < 0 ||
	    pk_age_header_is_hybrid(pk_buf_str(&header), &hybrid, err) < 0)
		return pk_wrap(err, "'%s'", p->bundle->path);
	if (hybrid)
		p->share->hybrid = p->bundle;
	return 0;
}

int pk_share_add(struct pk_share *s, struct pk_bundle *input, const struct pk_outer *outer,
		 const struct pk_share_pick *pick, const struct pk_events *ev, struct pk_err *err)
{
	PK_AUTO(picking) p = {.share = s, .bundle = input, .pick = pick, .ev = ev, .input = s->inputs};
	const struct pk_bundle_events events = {.ctx = &p, .record = see, .ev = ev};

	if (check_input(&p, err) < 0 || check_share(&p, err) < 0)
		return -1;
	if (!pk_grow(&s->input, &s->inputs_cap, s->inputs + 1, sizeof(*s->input)))
		return pk_fail_oom(err);
	s->input[s->inputs++] = (struct out_input){.bundle = input};
	input->keep_tree = input->salvage;
	if (pk_bundle_verify(input, outer, &events, err) < 0)
		return -1;
	if (input->salvage && whole_tree(&p, err) < 0)
		return -1;
	close_over(&p);
	if (leave_out(&p, err) < 0 || list_marked(&p, err) < 0)
		return -1;
	if (!p.marked_n)
		return 0;
	if (note_kind(&p, err) < 0 || add_sources(&p, err) < 0)
		return -1;
	return gather_all(&p, ev, err);
}
