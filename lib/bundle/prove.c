/* SPDX-License-Identifier: Apache-2.0 */
/* Judging what the parser child tells: notes, the tree, and that the parts belong together. */
#include "open_int.h"

#include <picket/note.h>

void pk_prover_done(struct pk_prover *p) { pk_buf_done(&p->records); }

/* The text under a note's signature, or the text itself where there is no ticket. */
static int note_text(const struct pk_bundle *b, struct pk_str note, struct pk_str *ret, struct pk_err *err)
{
	if (b->info.is_signed)
		return pk_note_verify(&b->ticket.note, note, ret, err);
	*ret = note;
	return 0;
}

static struct pk_note_of note_of(const struct pk_bundle *b, uint8_t ticket[32])
{
	pk_sha256(b->ticket_text.p, b->ticket_text.n, ticket);
	return (struct pk_note_of){b->info.id, b->info.is_signed ? ticket : NULL};
}

static bool same_frontier(const struct pk_frontier *a, const struct pk_frontier *b)
{
	return a->size == b->size && a->n == b->n && memcmp(a->node, b->node, a->n * sizeof(a->node[0])) == 0;
}

static int prove_note(struct pk_prover *p, struct pk_str note, bool alone, uint64_t *ret_first, struct pk_err *err)
{
	struct pk_segment_note n = {0};
	struct pk_str text = {0}, lines = pk_buf_str(&p->records), line = {0};
	uint8_t root[32], ticket[32];
	const struct pk_note_of of = note_of(p->bundle, ticket);

	if (note_text(p->bundle, note, &text, err) < 0 || pk_segment_note_parse(text, &of, &n, err) < 0)
		return -1;
	if (!alone && (!lines.n || lines.p[lines.n - 1] != '\n'))
		return pk_fail(err, PK_EFORMAT, 0, "its records do not end with a line");
	if (!alone && (n.segment != p->segments || !same_frontier(&n.before, &p->tree)))
		return pk_fail(err, PK_ECRYPTO, 0, "the note does not follow on the segment before");
	p->tree = n.before;
	while (lines.n && pk_str_line(&lines, &line)) {
		uint8_t leaf[32];

		pk_merkle_leaf(line, leaf);
		pk_frontier_add(&p->tree, leaf);
	}
	pk_frontier_root(&p->tree, root);
	if (p->tree.size != n.size || memcmp(root, n.root, 32) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "the records are not those that the note was made for");
	p->segments = (uint64_t)n.segment + 1;
	*ret_first = n.first;
	return 0;
}

int pk_prove_segment(struct pk_prover *p, enum pk_tell what, struct pk_str bytes, bool alone, bool *ret_proven,
		     uint64_t *ret_first, struct pk_err *err)
{
	uint64_t number = p->segments;

	*ret_proven = false;
	if (what == PK_TELL_RECORDS) {
		pk_buf_reset(&p->records);
		pk_buf_put_str(&p->records, bytes);
		p->has_records = true;
		return pk_buf_check(&p->records, err);
	}
	if (!p->has_records)
		return pk_fail(err, PK_EFORMAT, 0, "a note without records");
	p->has_records = false;
	if (prove_note(p, bytes, alone, ret_first, err) < 0)
		return alone ? pk_wrap(err, "segment") : pk_wrap(err, "segment %llu", (unsigned long long)number);
	*ret_proven = true;
	return 0;
}

int pk_prove_checkpoint(const struct pk_bundle *b, struct pk_str note, struct pk_final *ret, struct pk_err *err)
{
	struct pk_str text = {0};
	uint8_t ticket[32];
	const struct pk_note_of of = note_of(b, ticket);

	if (note_text(b, note, &text, err) < 0 || pk_final_parse(text, &of, ret, err) < 0)
		return pk_wrap(err, "checkpoint");
	return 0;
}

int pk_prove_final(const struct pk_prover *p, const struct pk_final *f, struct pk_err *err)
{
	uint8_t root[32];

	pk_frontier_root(&p->tree, root);
	if (p->tree.size != f->size || memcmp(root, f->root, 32) != 0 || p->segments != f->segments)
		return pk_fail(err, PK_ECRYPTO, 0, "the checkpoint is of other records");
	return 0;
}

/* "to" of the first record lists exactly the recipients of the terms. */
static int check_recipients(const struct pk_bundle *b, const struct pk_json_value *first, struct pk_err *err)
{
	const struct pk_json_value *to = pk_json_get(first, "to");
	PK_AUTO(pk_strv) hashes = {0};

	for (size_t i = 0; i < pk_json_count(to); i++) {
		struct pk_str hash = {0};
		uint8_t raw[32];

		if (!pk_json_at_str(to, i, &hash) || !pk_hex_decode(hash, raw, sizeof(raw)))
			return pk_fail(err, PK_EFORMAT, 0, "record 0: its recipients cannot be read");
		if (pk_strv_add(&hashes, hash, err) < 0)
			return -1;
	}
	pk_strv_uniq(&hashes);
	for (size_t i = 0; i < hashes.n; i++)
		if (hashes.n != b->terms.recipient_hashes.n || strcmp(hashes.v[i], b->terms.recipient_hashes.v[i]) != 0)
			return pk_fail(err, PK_ECRYPTO, 0, "the recipients are not those of the terms");
	return hashes.n == b->terms.recipient_hashes.n
		       ? 0
		       : pk_fail(err, PK_ECRYPTO, 0, "the recipients are not those of the terms");
}

static int check_first(const struct pk_bundle *b, const struct pk_json_value *first, struct pk_err *err)
{
	uint8_t id[16], want[32], got[32];
	uint64_t version = 0;
	bool is_signed = false, is_share = pk_json_get(first, "share") != NULL;

	if (!pk_json_get_uint(first, "v", &version) || version != 1)
		return pk_fail(err, PK_EFORMAT, 0, "record 0: this version of the format is not known here");
	if (!pk_json_get_hex(first, "bundle", id, 16) || memcmp(id, b->info.id, 16) != 0 ||
	    !pk_json_get_bool(first, "signed", &is_signed) || is_signed != b->info.is_signed ||
	    is_share != b->info.is_share)
		return pk_fail(err, PK_ECRYPTO, 0, "record 0 is of another bundle");
	pk_sha256(b->terms_text.p, b->terms_text.n, want);
	if (!pk_json_get_hex(first, "terms_sha256", got, 32) || memcmp(want, got, 32) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "the terms are not those of record 0");
	if (b->info.terms) {
		PK_AUTO(pk_label) label = {0};

		if (pk_json_get(first, "label") && pk_label_from_json(pk_json_get(first, "label"), &label, err) < 0)
			return pk_wrap(err, "record 0");
		if (!pk_label_eq(&label, &b->terms.label))
			return pk_fail(err, PK_ECRYPTO, 0, "the label of record 0 is not that of the terms");
	}
	if (!is_signed)
		return pk_json_get(first, "ticket") || pk_json_get(first, "ticket_sha256")
			       ? pk_fail(err, PK_ECRYPTO, 0, "record 0 is of a signed bundle")
			       : 0;
	if (is_share && (pk_json_get(first, "host") || pk_json_get(first, "src")))
		return pk_fail(err, PK_EFORMAT, 0, "record 0 is not of a share");
	pk_sha256(b->ticket_text.p, b->ticket_text.n, want);
	if (!pk_json_get_hex(first, "ticket", id, 16) || memcmp(id, b->ticket.id, 16) != 0 ||
	    !pk_json_get_hex(first, "ticket_sha256", got, 32) || memcmp(want, got, 32) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "the ticket is not that of record 0");
	return check_recipients(b, first, err);
}

int pk_prove_first_record(const struct pk_bundle *b, struct pk_str line, struct pk_err *err)
{
	struct pk_record r = {0};
	int ret;

	if (pk_record_parse(line, 0, &r, err) < 0)
		return -1;
	ret = r.type == 'b' ? check_first(b, r.json, err) : pk_fail(err, PK_EFORMAT, 0, "record 0 is of another type");
	pk_record_done(&r);
	return ret;
}

int pk_match_shared(const struct pk_bundle *b, struct pk_str records, uint64_t first, struct pk_err *err)
{
	struct pk_str line = {0};

	for (uint64_t leaf = first; b->share && records.n && pk_str_line(&records, &line); leaf++) {
		PK_AUTO(pk_record) r = {0};

		if (pk_record_parse(line, leaf, &r, err) < 0 || pk_sharein_match(b->share, &r, false, err) < 0)
			return -1;
	}
	return 0;
}

int pk_prove_first_record_left(const struct pk_bundle *b, struct pk_str records, struct pk_err *err)
{
	struct pk_str line = {0};
	PK_AUTO(pk_record) r = {0};
	uint8_t id[16], sum[32], want[32];

	if (!pk_str_line(&records, &line))
		return pk_fail(err, PK_EFORMAT, 0, "there are no records");
	if (!b->head_lost)
		return pk_prove_first_record(b, line, err);
	pk_sha256(b->ticket_text.p, b->ticket_text.n, want);
	if (pk_record_parse(line, 0, &r, err) < 0)
		return -1;
	if (r.type != 'b' || !pk_json_get_hex(r.json, "bundle", id, 16) || memcmp(id, b->info.id, 16) != 0 ||
	    !pk_json_get_hex(r.json, "ticket_sha256", sum, 32) || memcmp(sum, want, 32) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "record 0 is of another bundle or ticket");
	return 0;
}

/* By how every record begins: {"t":"X" */
static bool is_of_type(struct pk_str line, char type) { return line.n > 6 && line.p[6] == type; }

int pk_bundle_hand_out(const struct pk_bundle_events *events, struct pk_str records, uint64_t first,
		       uint64_t *ret_refused, struct pk_err *err)
{
	struct pk_str line = {0};

	*ret_refused = PK_LEAF_NONE;
	if (!events || !events->record)
		return 0;
	for (uint64_t leaf = first; records.n && pk_str_line(&records, &line); leaf++) {
		PK_AUTO(pk_record) r = {0};
		int ret;

		if (events->only && !is_of_type(line, events->only))
			continue;
		if (pk_record_read(line, leaf, &r, err) < 0) {
			*ret_refused = leaf;
			return -1;
		}
		ret = events->record(events->ctx, &r, err);
		if (ret)
			return ret;
	}
	return 0;
}

/* --- contents ---------------------------------------------------------------------------------------- */

int pk_checked_init(struct pk_checked *c, const struct pk_record *r, struct pk_err *err)
{
	if ((r->type != 'c' && r->type != 'l') || !pk_json_get_uint(r->json, "size", &c->size) ||
	    !pk_json_get_hex(r->json, "sha256", c->want, 32))
		return pk_fail(err, PK_EUSAGE, 0, "record %llu is not of a content", (unsigned long long)r->leaf);
	c->left = c->size;
	pk_sha256_init(&c->hash);
	return 0;
}

int pk_checked_put(struct pk_checked *c, struct pk_str bytes, struct pk_err *err)
{
	if (bytes.n > c->left)
		return pk_fail(err, PK_EFORMAT, 0, "a content is longer than its record says");
	pk_sha256_put(&c->hash, bytes.p, bytes.n);
	c->left -= bytes.n;
	return 0;
}

int pk_checked_end(struct pk_checked *c, struct pk_err *err)
{
	uint8_t sum[32];

	pk_sha256_end(&c->hash, sum);
	if (c->left || memcmp(sum, c->want, 32) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "a content is not what its record says");
	return 0;
}
