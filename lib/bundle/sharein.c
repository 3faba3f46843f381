/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a share: tickets, checkpoints, proofs, and the records that repeat what they prove. */
#include "sharein_int.h"

#include <picket/note.h>
#include <picket/tlogproof.h>

#include <inttypes.h>
#include <stdlib.h>

#define MAX_SOURCES 10000u
#define MAX_EARLIER 100u

void pk_handed_done(struct pk_handed *r)
{
	pk_buf_done(&r->text);
	pk_buf_done(&r->sig);
	pk_handover_done(&r->says);
	for (size_t i = 0; i < r->releases; i++)
		pk_release_set_done(&r->release[i]);
	free(r->release);
	*r = (struct pk_handed){0};
}

void pk_share_source_done(struct pk_share_source *s)
{
	pk_buf_done(&s->ticket_text);
	pk_buf_done(&s->ticket_sig);
	pk_buf_done(&s->checkpoint);
	pk_buf_done(&s->label_text);
	pk_buf_done(&s->terms_text);
	pk_buf_done(&s->first_record);
	pk_label_done(&s->label);
	pk_buf_done(&s->receipt_text);
	pk_buf_done(&s->receipt_sig);
	pk_buf_done(&s->outer_sig);
	pk_receipt_done(&s->receipt);
	pk_strv_done(&s->readers);
	for (size_t i = 0; i < s->earlier_n; i++)
		pk_handed_done(&s->earlier[i]);
	free(s->earlier);
	for (size_t i = 0; i < s->releases; i++)
		pk_release_set_done(&s->release[i]);
	free(s->release);
}

int pk_sharein_new(struct pk_sharein **ret, struct pk_err *err)
{
	struct pk_sharein *s = calloc(1, sizeof(*s));

	if (!s)
		return pk_fail_oom(err);
	pk_sha256_init(&s->heard);
	pk_sha256_init(&s->order);
	*ret = s;
	return 0;
}

void pk_sharein_free(struct pk_sharein *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++) {
		pk_share_source_done(&s->source[i]);
		free(s->part[i].v);
	}
	free(s->source);
	free(s->part);
	pk_handed_done(&s->handover);
	free(s);
}

const struct pk_share_source *pk_sharein_sources(const struct pk_sharein *s, size_t *ret_n)
{
	*ret_n = s->n;
	return s->source;
}

int pk_part_take_source(struct pk_part *p, const struct pk_share_source *s, struct pk_err *err)
{
	if (p->whole)
		return 0;
	if (!s->incomplete) {
		p->complete = true;
		memcpy(p->root, s->root, sizeof(p->root));
	}
	return s->first_record.n ? pk_part_read(p, pk_buf_str(&s->first_record), err) : 0;
}

const struct pk_handed *pk_sharein_handover(const struct pk_sharein *s) { return &s->handover; }

/* --- members ------------------------------------------------------------------------------------------- */

static int misplaced(struct pk_str name, struct pk_err *err)
{
	return pk_fail(err, PK_EFORMAT, 0, "member '%.*s' is out of place", PK_STR_ARG(name));
}

static int keep(struct pk_buf *to, struct pk_str bytes, struct pk_err *err)
{
	pk_buf_put_str(to, bytes);
	return pk_buf_check(to, err);
}

static int take_ticket(struct pk_share_source *s, struct pk_str bytes, struct pk_err *err)
{
	if (keep(&s->ticket_text, bytes, err) < 0)
		return -1;
	return pk_ticket_parse(bytes, &s->ticket, err);
}

static int take_issued(struct pk_share_source *s, const struct pk_label *label, const struct pk_strv *readers,
		       struct pk_err *err)
{
	for (size_t i = 0; i < readers->n; i++)
		if (pk_strv_add(&s->readers, pk_str(readers->v[i]), err) < 0)
			return -1;
	return pk_label_copy(label, &s->label, err);
}

static int take_terms(struct pk_share_source *s, struct pk_str bytes, struct pk_err *err)
{
	PK_AUTO(pk_terms) t = {0};

	if (pk_ticket_check_terms(&s->ticket, bytes, err) < 0 || pk_terms_parse(bytes, &t, err) < 0 ||
	    keep(&s->terms_text, bytes, err) < 0)
		return -1;
	return take_issued(s, &t.label, &t.recipient_hashes, err);
}

/* What the issuer said of them is all that is believed: record 0 is signed by who collected. */
static int take_label(struct pk_share_source *s, struct pk_str bytes, struct pk_err *err)
{
	PK_AUTO(pk_issued_label) l = {0};

	if (pk_ticket_check_label(&s->ticket, bytes, err) < 0 || pk_issued_label_parse(bytes, &l, err) < 0 ||
	    keep(&s->label_text, bytes, err) < 0)
		return -1;
	return take_issued(s, &l.label, &l.recipient_hashes, err);
}

static int take_checkpoint(struct pk_share_source *s, struct pk_str bytes, struct pk_err *err)
{
	struct pk_str text = {0};
	struct pk_final f = {0};
	struct pk_segment_note n = {0};
	uint8_t ticket[32];
	const struct pk_note_of of = {s->id, ticket};

	pk_sha256(s->ticket_text.p, s->ticket_text.n, ticket);
	if (pk_note_verify(&s->ticket.note, bytes, &text, err) < 0 || keep(&s->checkpoint, bytes, err) < 0)
		return -1;
	/* of a bundle that was cut or damaged there is the note of its last segment before that */
	if (pk_segment_note_parse(text, &of, &n, NULL) == 0) {
		s->incomplete = true;
		s->size = n.size;
		memcpy(s->root, n.root, 32);
		return 0;
	}
	if (pk_final_parse(text, &of, &f, err) < 0)
		return -1;
	s->size = f.size;
	memcpy(s->root, f.root, 32);
	return 0;
}

int pk_source_check_receipt(struct pk_share_source *s, struct pk_err *err)
{
	struct pk_minisign_sig sig = {0};
	struct pk_sealed_as as = {0};

	pk_receipt_done(&s->receipt);
	if (pk_receipt_parse(pk_buf_str(&s->receipt_text), &s->receipt, err) < 0 ||
	    pk_minisign_sig_parse(pk_buf_str(&s->outer_sig), &sig, err) < 0)
		return -1;
	/* the outer signature is over the hash that the receipt has, and its comment names the log */
	if (pk_minisign_verify(&s->ticket.sign, s->receipt.digest, &sig, err) < 0)
		return pk_wrap(err, "the receipt is of another file");
	if (!pk_trusted_comment_parse(sig.trusted, &as) || memcmp(as.bundle, s->id, 16) != 0 ||
	    memcmp(as.ticket, s->ticket.id, 16) != 0 || as.leaves != s->size || memcmp(as.root, s->root, 32) != 0 ||
	    !s->receipt.has_bundle || memcmp(s->receipt.bundle, s->id, 16) != 0 || s->receipt.verdict != PK_TRUST_OK)
		return pk_fail(err, PK_ECRYPTO, 0, "the receipt is of another bundle, or of one that was not in order");
	return 0;
}

static int not_one_label(struct pk_err *err)
{
	return pk_fail(err, PK_EFORMAT, 0,
		       "its label must be its issuer's: label.txt and record 0, or the terms and no record 0");
}

static bool same_list(const struct pk_strv *a, const struct pk_strv *b)
{
	for (size_t i = 0; i < a->n && i < b->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return a->n == b->n;
}

/* Who collected has the key that signed record 0, and does not say who may have what was collected. */
static int check_first_label(const struct pk_share_source *s, const struct pk_record *r, struct pk_err *err)
{
	const struct pk_json_value *to = pk_json_get(r->json, "to");
	PK_AUTO(pk_label) label = {0};
	PK_AUTO(pk_strv) readers = {0};
	struct pk_str hash = {0};
	uint8_t bytes[32];

	if (pk_json_get(r->json, "label") && pk_label_from_json(pk_json_get(r->json, "label"), &label, err) < 0)
		return pk_wrap(err, "record 0");
	for (size_t i = 0; i < pk_json_count(to); i++)
		if (!pk_json_at_str(to, i, &hash) || !pk_hex_decode(hash, bytes, sizeof(bytes)))
			return pk_fail(err, PK_EFORMAT, 0, "record 0: its recipients cannot be read");
		else if (pk_strv_add(&readers, hash, err) < 0)
			return -1;
	pk_strv_uniq(&readers);
	if (!pk_label_eq(&label, &s->label))
		return pk_fail(err, PK_ECRYPTO, 0, "the label of record 0 is not that of the ticket");
	if (!same_list(&readers, &s->readers))
		return pk_fail(err, PK_ECRYPTO, 0, "the recipients of record 0 are not those of the ticket");
	return 0;
}

/* Leaf 0 ties the bundle's id to the ticket. */
static int take_first(struct pk_share_source *s, const struct pk_record *r, struct pk_err *err)
{
	uint8_t id[16], got[32], want[32];
	bool is_signed = false;

	if (r->type != 'b')
		return pk_fail(err, PK_EFORMAT, 0, "record 0 is of another type");
	if (!s->label_text.n)
		return not_one_label(err);
	pk_sha256(s->ticket_text.p, s->ticket_text.n, want);
	if (!pk_json_get_hex(r->json, "bundle", id, 16) || memcmp(id, s->id, 16) != 0 ||
	    !pk_json_get_hex(r->json, "ticket", id, 16) || memcmp(id, s->ticket.id, 16) != 0 ||
	    !pk_json_get_hex(r->json, "ticket_sha256", got, 32) || memcmp(got, want, 32) != 0 ||
	    !pk_json_get_bool(r->json, "signed", &is_signed) || !is_signed || pk_json_get(r->json, "share"))
		return pk_fail(err, PK_ECRYPTO, 0, "record 0 is of another bundle");
	return check_first_label(s, r, err) < 0 ? -1 : keep(&s->first_record, r->line, err);
}

static int prove(struct pk_sharein *s, struct pk_share_source *src, uint64_t leaf, struct pk_str text,
		 struct proven *ret, struct pk_err *err)
{
	PK_AUTO(pk_tlog_proof) p = {0};
	PK_AUTO(pk_record) r = {0};
	char order[64];
	int n = 0;

	(void)s;
	if (pk_tlog_proof_parse(text, &p, err) < 0)
		return -1;
	if (p.index != leaf)
		return pk_fail(err, PK_EFORMAT, 0, "the proof is of record %" PRIu64, p.index);
	if (!pk_str_eq(p.checkpoint, pk_buf_str(&src->checkpoint)))
		return pk_fail(err, PK_ECRYPTO, 0, "the proof has another checkpoint than its bundle");
	pk_merkle_leaf(pk_buf_str(&p.extra), ret->hash);
	if (pk_merkle_verify_inclusion(ret->hash, leaf, src->size, src->root, pk_buf_str(&p.path), err) < 0 ||
	    pk_record_read(pk_buf_str(&p.extra), leaf, &r, err) < 0)
		return -1;
	/* the sharer's own log would put its label in the place of the issuer's */
	if (pk_json_get(r.json, "src"))
		return pk_fail(err, PK_ECRYPTO, 0,
			       "record %" PRIu64 " is of a share: a source is a bundle that was collected", leaf);
	if (pk_share_carried(&r, NULL, ret->carried, err) < 0)
		return -1;
	ret->leaf = leaf;
	ret->own = PK_LEAF_NONE;
	ret->type = r.type;
	for (size_t i = 0; i < PK_SHARE_REFS; i++)
		if (!pk_json_get_uint(r.json, pk_share_refs[i], &ret->ref[i]))
			ret->ref[i] = PK_LEAF_NONE;
	if (leaf == 0)
		return take_first(src, &r, err);
	if (r.type == 'b')
		return pk_fail(err, PK_EFORMAT, 0, "record %" PRIu64 " is out of place", leaf);
	src->records++;
	src->contents += (r.type == 'c' || r.type == 'l') && ret->ref[PK_SHARE_REF_MORE] == PK_LEAF_NONE;
	for (size_t i = 0; i < 16; i++)
		n += snprintf(order + n, sizeof(order) - (size_t)n, "%02x", src->id[i]);
	n += snprintf(order + n, sizeof(order) - (size_t)n, " %" PRIu64 "\n", leaf);
	pk_sha256_put(&s->order, order, (size_t)n);
	s->records++;
	return 0;
}

static int take_proof(struct pk_sharein *s, struct pk_str name, struct pk_str bytes, struct pk_err *err)
{
	struct pk_share_source *src = &s->source[s->n - 1];
	struct part *part = &s->part[s->n - 1];
	struct pk_str number = name, ext = PK_STR(".tlog-proof");
	uint64_t leaf = 0;

	if (!pk_str_ends(name, ext))
		return misplaced(name, err);
	number.n -= ext.n;
	if (!pk_str_u64(number, UINT64_MAX >> 1, &leaf) || (part->n && part->v[part->n - 1].leaf >= leaf))
		return misplaced(name, err);
	if (!pk_grow(&part->v, &part->cap, part->n + 1, sizeof(*part->v)))
		return pk_fail_oom(err);
	if (prove(s, src, leaf, bytes, &part->v[part->n], err) < 0)
		return -1;
	part->n++;
	part->stage = PROOF;
	return 0;
}

void pk_buf_put_handover_name(struct pk_buf *b, size_t earlier, bool sig)
{
	pk_buf_putf(b, "handover-%04zu.txt%s", earlier, sig ? ".minisig" : "");
}

void pk_buf_put_release_name(struct pk_buf *b, size_t earlier, size_t number, size_t which)
{
	static const char *const suffix[PK_RELEASE_FILES] = {"", ".minisig", ".second.minisig"};

	if (earlier != PK_THIS_HANDOVER)
		pk_buf_putf(b, "handover-%04zu.", earlier);
	pk_buf_putf(b, "release-%04zu.txt%s", number, suffix[which]);
}

static bool is_earlier(struct pk_str name, size_t earlier, bool sig)
{
	PK_AUTO(pk_buf) want = {0};

	pk_buf_put_handover_name(&want, earlier, sig);
	return !want.oom && pk_str_eq(name, pk_buf_str(&want));
}

static bool is_release(struct pk_str name, size_t earlier, size_t number, size_t which)
{
	PK_AUTO(pk_buf) want = {0};

	pk_buf_put_release_name(&want, earlier, number, which);
	return !want.oom && pk_str_eq(name, pk_buf_str(&want));
}

static int take_handover_text(struct pk_handed *r, struct pk_str bytes, struct pk_err *err)
{
	if (keep(&r->text, bytes, err) < 0)
		return -1;
	return pk_handover_parse(bytes, &r->says, err);
}

static int take_sig(struct pk_buf *to, struct pk_str bytes, struct pk_err *err)
{
	struct pk_minisign_sig sig = {0};

	return keep(to, bytes, err) < 0 ? -1 : pk_minisign_sig_parse(bytes, &sig, err);
}

static int take_earlier(struct pk_share_source *src, struct pk_str bytes, struct pk_err *err)
{
	struct pk_handed *more = NULL;

	if (src->earlier_n >= MAX_EARLIER)
		return pk_fail(err, PK_ELIMIT, 0, "more than %u earlier handovers", MAX_EARLIER);
	if (!(more = realloc(src->earlier, (src->earlier_n + 1) * sizeof(*more))))
		return pk_fail_oom(err);
	src->earlier = more;
	src->earlier[src->earlier_n] = (struct pk_handed){0};
	return take_handover_text(&src->earlier[src->earlier_n++], bytes, err);
}

/* Its signatures are the roster's to judge. */
static int take_release(struct pk_release_set **list, size_t *n, struct pk_str bytes, struct pk_err *err)
{
	struct pk_release_set *more = NULL;

	if (*n >= PK_MAX_SHARE_RELEASES)
		return pk_fail(err, PK_ELIMIT, 0, "more than %u releases", PK_MAX_SHARE_RELEASES);
	if (!(more = realloc(*list, (*n + 1) * sizeof(*more))))
		return pk_fail_oom(err);
	*list = more;
	more = &more[(*n)++];
	*more = (struct pk_release_set){0};
	return keep(&more->text, bytes, err) < 0 ? -1 : pk_release_parse(bytes, &more->release, err);
}

/* What an earlier handover went beyond the label by: of this source and, an override, of that handover. */
static int check_earlier_release(const struct pk_share_source *src, const struct pk_handed *h, struct pk_err *err)
{
	const struct pk_release *r = &h->release[h->releases - 1].release;

	return pk_release_is_for(
		r, &(struct pk_release_of){.ticket = &src->ticket, .bundle = src->id, .handover = pk_buf_str(&h->text)},
		err);
}

/* A release, or its first or second signature; an originator's has one. */
static int take_release_part(struct pk_share_source *src, struct part *part, struct pk_str name, struct pk_str bytes,
			     struct pk_err *err)
{
	bool is_earlier_one = part->stage < RELEASE_OR_PROOF;
	enum stage first = is_earlier_one ? EARLIER_RELEASE_OR_REST : RELEASE_OR_PROOF;
	size_t which = part->stage - first, earlier = is_earlier_one ? src->earlier_n - 1 : PK_THIS_HANDOVER;
	struct pk_handed *h = is_earlier_one ? &src->earlier[earlier] : NULL;
	struct pk_release_set **list = h ? &h->release : &src->release, *r = NULL;
	size_t *n = h ? &h->releases : &src->releases;

	if (!is_release(name, earlier, *n - (which != 0), which))
		return misplaced(name, err);
	if (which == 0) {
		part->stage = first + 1;
		if (take_release(list, n, bytes, err) < 0)
			return -1;
		return h ? check_earlier_release(src, h, err) : 0;
	}
	r = &(*list)[*n - 1];
	part->stage = which == 1 && r->release.second ? first + 2 : first;
	return take_sig(which == 1 ? &r->sig : &r->second_sig, bytes, err);
}

/* A member of the source at hand. */
static int take_part(struct pk_sharein *s, struct pk_str name, struct pk_str bytes, struct pk_err *err)
{
	struct pk_share_source *src = &s->source[s->n - 1];
	struct part *part = &s->part[s->n - 1];

	switch (part->stage) {
	case TICKET:
		part->stage = TICKET_SIG;
		return pk_str_eq(name, PK_STR("ticket.txt")) ? take_ticket(src, bytes, err) : misplaced(name, err);
	case TICKET_SIG:
		part->stage = LABEL_OR_TERMS;
		return pk_str_eq(name, PK_STR("ticket.txt.minisig")) ? keep(&src->ticket_sig, bytes, err)
								     : misplaced(name, err);
	case LABEL_OR_TERMS:
		part->stage = CHECKPOINT;
		if (pk_str_eq(name, PK_STR("label.txt")))
			return take_label(src, bytes, err);
		if (pk_str_eq(name, PK_STR("terms.txt")))
			return take_terms(src, bytes, err);
		return pk_str_eq(name, PK_STR("checkpoint")) ? not_one_label(err) : misplaced(name, err);
	case CHECKPOINT:
		part->stage = RECEIPT_OR_REST;
		return pk_str_eq(name, PK_STR("checkpoint")) ? take_checkpoint(src, bytes, err) : misplaced(name, err);
	case RECEIPT_SIG:
		part->stage = OUTER_SIG;
		return pk_str_eq(name, PK_STR("receipt.txt.minisig")) ? take_sig(&src->receipt_sig, bytes, err)
								      : misplaced(name, err);
	case OUTER_SIG:
		part->stage = HANDOVER_OR_REST;
		if (!pk_str_eq(name, PK_STR("outer.minisig")))
			return misplaced(name, err);
		return keep(&src->outer_sig, bytes, err) < 0 ? -1 : pk_source_check_receipt(src, err);
	case RECEIPT_OR_REST:
		if (pk_str_eq(name, PK_STR("receipt.txt"))) {
			part->stage = RECEIPT_SIG;
			return keep(&src->receipt_text, bytes, err);
		}
		part->stage = HANDOVER_OR_REST;
		return take_part(s, name, bytes, err);
	case EARLIER_RELEASE_OR_REST:
		if (is_release(name, src->earlier_n - 1, src->earlier[src->earlier_n - 1].releases, 0))
			return take_release_part(src, part, name, bytes, err);
		__attribute__((fallthrough));
	case HANDOVER_OR_REST:
		if (is_earlier(name, src->earlier_n, false)) {
			part->stage = HANDOVER_SIG;
			return take_earlier(src, bytes, err);
		}
		part->stage = RELEASE_OR_PROOF;
		__attribute__((fallthrough));
	case RELEASE_OR_PROOF:
		return is_release(name, PK_THIS_HANDOVER, src->releases, 0)
			       ? take_release_part(src, part, name, bytes, err)
			       : take_proof(s, name, bytes, err);
	case EARLIER_RELEASE_SIG:
	case EARLIER_RELEASE_SECOND:
	case RELEASE_SIG:
	case RELEASE_SECOND: return take_release_part(src, part, name, bytes, err);
	case HANDOVER_SIG:
		part->stage = EARLIER_RELEASE_OR_REST;
		return is_earlier(name, src->earlier_n - 1, true)
			       ? take_sig(&src->earlier[src->earlier_n - 1].sig, bytes, err)
			       : misplaced(name, err);
	default: return take_proof(s, name, bytes, err);
	}
}

/* The source at hand has all that it needs. */
static int end_source(const struct pk_sharein *s, struct pk_err *err)
{
	const struct pk_share_source *src = s->n ? &s->source[s->n - 1] : NULL;

	if (!src)
		return 0;
	if (s->part[s->n - 1].stage != PROOF || src->records == 0)
		return pk_fail(err, PK_EFORMAT, 0, "a bundle of which nothing is here");
	if (!src->first_record.n != !src->label_text.n)
		return not_one_label(err);
	return 0;
}

static int begin_source(struct pk_sharein *s, const uint8_t id[16], struct pk_err *err)
{
	if (end_source(s, err) < 0)
		return -1;
	if (s->n && memcmp(s->source[s->n - 1].id, id, 16) >= 0)
		return pk_fail(err, PK_EFORMAT, 0, "the bundles of a share are not sorted");
	if (s->n >= MAX_SOURCES)
		return pk_fail(err, PK_ELIMIT, 0, "a share of more than %u bundles", MAX_SOURCES);
	if (!pk_grow(&s->source, &s->cap, s->n + 1, sizeof(*s->source)) ||
	    !pk_grow(&s->part, &s->part_cap, s->n + 1, sizeof(*s->part)))
		return pk_fail_oom(err);
	s->source[s->n] = (struct pk_share_source){0};
	s->part[s->n] = (struct part){0};
	memcpy(s->source[s->n].id, id, 16);
	s->n++;
	return 0;
}

/* "NAME", NUL, bytes. */
static bool split(struct pk_str message, struct pk_str *ret_name, struct pk_str *ret_bytes)
{
	size_t k = pk_str_find(message, '\0');
	struct pk_str name = pk_str_n(message.p, k), prefix = PK_STR(PK_SHARES);

	if (k == message.n || !pk_str_starts(name, prefix))
		return false;
	*ret_name = pk_str_n(name.p + prefix.n, name.n - prefix.n);
	*ret_bytes = pk_str_n(message.p + k + 1, message.n - k - 1);
	return true;
}

/* "ID/REST" */
static bool split_id(struct pk_str name, uint8_t ret_id[16], struct pk_str *ret_rest)
{
	if (name.n < 34 || name.p[32] != '/' || !pk_hex_decode(pk_str_n(name.p, 32), ret_id, 16))
		return false;
	*ret_rest = pk_str_n(name.p + 33, name.n - 33);
	return true;
}

static int take(struct pk_sharein *s, struct pk_str name, struct pk_str bytes, struct pk_err *err)
{
	struct pk_str rest = {0};
	uint8_t id[16];

	if (s->complete)
		return misplaced(name, err);
	if (s->has_handover) {
		s->complete = true;
		return pk_str_eq(name, PK_STR("handover.txt.minisig")) ? take_sig(&s->handover.sig, bytes, err)
								       : misplaced(name, err);
	}
	if (pk_str_eq(name, PK_STR("handover.txt"))) {
		s->has_handover = true;
		return end_source(s, err) < 0 ? -1 : take_handover_text(&s->handover, bytes, err);
	}
	if (!split_id(name, id, &rest))
		return misplaced(name, err);
	if ((!s->n || memcmp(id, s->source[s->n - 1].id, 16) != 0) && begin_source(s, id, err) < 0)
		return -1;
	return take_part(s, rest, bytes, err);
}

int pk_sharein_take(struct pk_sharein *s, struct pk_str message, struct pk_err *err)
{
	struct pk_str name = {0}, bytes = {0};

	if (!split(message, &name, &bytes))
		return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	pk_sha256_put(&s->heard, message.p, message.n);
	if (take(s, name, bytes, err) < 0)
		return pk_wrap(err, "'" PK_SHARES "%.*s'", PK_STR_ARG(name));
	return 0;
}

static const struct pk_share_source *find_source(const struct pk_sharein *s, const uint8_t id[16], struct part **ret)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = memcmp(s->source[mid].id, id, 16);

		if (c == 0) {
			*ret = &s->part[mid];
			return &s->source[mid];
		}
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* What an earlier handover handed over was a share, and none of this one's sources is one. */
static int check_earlier_ids(const struct pk_sharein *s, const uint8_t id[16], struct pk_err *err)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->source[i].earlier_n; k++) {
			const uint8_t *share = s->source[i].earlier[k].says.share;
			struct part *part = NULL;

			if (memcmp(share, id, 16) == 0 || find_source(s, share, &part))
				return pk_fail(
					err, PK_EFORMAT, 0,
					"an earlier handover is of this share or of a bundle that it is part of");
		}
	return 0;
}

int pk_sharein_finish(struct pk_sharein *s, const uint8_t id[16], const struct pk_terms *terms, struct pk_err *err)
{
	const struct pk_handover *r = &s->handover.says;
	uint8_t sum[32];

	if (!s->complete || !s->n)
		return pk_fail(err, PK_EFORMAT, 0, "a share without its handover record");
	pk_sha256_end(&s->heard, s->digest);
	pk_sha256_end(&s->order, sum);
	for (size_t i = 0; i < s->n; i++)
		if (memcmp(s->source[i].id, id, 16) == 0)
			return pk_fail(err, PK_EFORMAT, 0, "a share has the id of a bundle that it is part of");
	if (check_earlier_ids(s, id, err) < 0)
		return -1;
	if (memcmp(r->share, id, 16) != 0 || r->records != s->records || memcmp(r->records_sha256, sum, 32) != 0 ||
	    !pk_label_eq(&r->label, &terms->label) || !same_list(&r->to, &terms->recipient_hashes))
		return pk_fail(err, PK_ECRYPTO, 0, "the handover record is of another share");
	return 0;
}

/* --- once more ------------------------------------------------------------------------------------------- */

void pk_sharein_again(struct pk_sharein *s)
{
	pk_sha256_init(&s->heard);
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->part[i].n; k++) {
			s->part[i].v[k].own = PK_LEAF_NONE;
			s->part[i].v[k].has_member = false;
		}
}

struct proven *pk_sharein_find(const struct pk_sharein *s, const uint8_t id[16], uint64_t leaf)
{
	struct part *part = NULL;

	return find_source(s, id, &part) ? pk_leaf_find(part->v, part->n, sizeof(*part->v), leaf) : NULL;
}

int pk_sharein_same(struct pk_sharein *s, struct pk_str message, const struct pk_share_source **ret, struct pk_err *err)
{
	struct pk_str name = {0}, bytes = {0}, rest = {0}, ext = PK_STR(".tlog-proof");
	PK_AUTO(pk_tlog_proof) p = {0};
	struct part *part = NULL;
	struct proven *v = NULL;
	uint8_t id[16], hash[32];

	*ret = NULL;
	if (!split(message, &name, &bytes))
		return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	pk_sha256_put(&s->heard, message.p, message.n);
	if (!pk_str_ends(name, ext) || !split_id(name, id, &rest))
		return 0;
	/* used before the whole is compared: so this one is compared now */
	if (pk_tlog_proof_parse(bytes, &p, err) < 0)
		return -1;
	pk_merkle_leaf(pk_buf_str(&p.extra), hash);
	v = pk_sharein_find(s, id, p.index);
	if (!v || memcmp(v->hash, hash, 32) != 0)
		return pk_fail(err, PK_EFORMAT, 0, "'" PK_SHARES "%.*s' changed since the bundle was opened",
			       PK_STR_ARG(name));
	*ret = find_source(s, id, &part);
	return 0;
}

int pk_sharein_same_end(struct pk_sharein *s, struct pk_err *err)
{
	uint8_t sum[32];

	pk_sha256_end(&s->heard, sum);
	if (memcmp(sum, s->digest, 32) != 0)
		return pk_fail(err, PK_EFORMAT, 0, "'" PK_SHARES "' changed since the bundle was opened");
	return 0;
}
