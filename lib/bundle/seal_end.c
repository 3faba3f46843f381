/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a bundle: manifests, index, checkpoint, end, the outer signature, and the names. */
#include "padding.h"
#include "seal_int.h"

#include <picket/note.h>

#include <unistd.h>

/* A member out of packed text, with `first` before it. */
static int put_store(struct pk_seal *s, struct pk_str name, struct pk_str first, const struct pk_textstore *t,
		     struct pk_place *ret_at, uint8_t ret_sum[32], struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	uint64_t size = first.n + t->total;
	struct pk_sha256 h;

	pk_sha256_init(&h);
	if (pk_seal_member_begin(s, name, size, ret_at, err) < 0)
		return -1;
	pk_sha256_put(&h, first.p, first.n);
	if (pk_pipeline_put(s->pipeline, first.p, first.n, NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < pk_textstore_blocks(t); i++) {
		if (pk_textstore_get(t, i, &text, err) < 0)
			return -1;
		pk_sha256_put(&h, text.p, text.n);
		if (pk_pipeline_put(s->pipeline, text.p, text.n, NULL, err) < 0)
			return -1;
	}
	pk_sha256_end(&h, ret_sum);
	return pk_seal_member_end(s, size, err);
}

static int put_checkpoint(struct pk_seal *s, const struct pk_final *f, struct pk_place *ret_at, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0}, note = {0};

	pk_buf_put_final(&text, &(struct pk_note_of){s->id, s->is_signed ? s->ticket_sha256 : NULL}, f);
	if (pk_buf_check(&text, err) < 0)
		return -1;
	if (!s->is_signed)
		return pk_seal_member(s, PK_STR(PK_NAME_CHECKPOINT), pk_buf_str(&text), false, ret_at, err);
	if (pk_note_sign(&s->params.ticket->note, pk_buf_str(&text), &note, err) < 0)
		return -1;
	return pk_seal_member(s, PK_STR(PK_NAME_CHECKPOINT), pk_buf_str(&note), false, ret_at, err);
}

static int put_tail(struct pk_seal *s, struct pk_final *f, struct pk_err *err)
{
	static const uint8_t zeros[PK_TAR_END];
	PK_AUTO(pk_buf) end = {0};
	struct pk_place at = {0};
	struct pk_end e = {.leaves = s->leaves,
			   .segments = s->last_segment.segment + 1,
			   .contents = s->contents,
			   .records = s->last_segment.records,
			   .note = s->last_segment.note};

	memcpy(e.id, s->id, 16);
	f->size = s->tree.size;
	pk_frontier_root(&s->tree, f->root);
	f->segments = s->last_segment.segment + 1;
	f->contents = s->contents;
	if (put_store(s, PK_STR(PK_NAME_MANIFEST), (struct pk_str){0}, &s->manifest, &at, f->manifest, err) < 0)
		return -1;
	pk_seal_tag(s, PK_STR(PK_NAME_MANIFEST), f->manifest);
	if (pk_buf_check(&s->tagmanifest, err) < 0)
		return -1;
	pk_sha256(s->tagmanifest.p, s->tagmanifest.n, f->tagmanifest);
	if (pk_seal_member(s, PK_STR(PK_NAME_TAGMANIFEST), pk_buf_str(&s->tagmanifest), false, NULL, err) < 0)
		return -1;
	uint8_t unused[32];

	pk_pipeline_cut(s->pipeline, 1);
	if (put_store(s, PK_STR(PK_NAME_INDEX), pk_buf_str(&s->index_segments), &s->index, &e.index, unused, err) < 0 ||
	    put_checkpoint(s, f, &e.checkpoint, err) < 0)
		return -1;
	pk_pipeline_cut(s->pipeline, 1);
	if (pk_buf_put_end(&end, &e, err) < 0 ||
	    pk_seal_member(s, PK_STR(PK_NAME_END), pk_buf_str(&end), false, NULL, err) < 0)
		return -1;
	return pk_pipeline_put(s->pipeline, zeros, sizeof(zeros), NULL, err);
}

static int put_seek_table(struct pk_seal *s, struct pk_err *err)
{
	PK_AUTO(pk_buf) table = {0};
	size_t n = 0;
	const struct pk_seek_entry *e = pk_pipeline_frames(s->pipeline, &n);

	pk_buf_put_seek_table(&table, e, n);
	if (pk_buf_check(&table, err) < 0)
		return -1;
	return pk_age_write(s->age, table.p, table.n, err);
}

static int sign_outer(struct pk_seal *s, const struct pk_final *f, struct pk_err *err)
{
	PK_AUTO(pk_buf) comment = {0}, sig = {0};
	const struct pk_ticket_kit *t = s->params.ticket;
	uint8_t digest[64];

	pk_blake2b_end(&s->outer, digest);
	pk_buf_put_trusted_comment(&comment, s->id, t->ticket.id, f->size, f->root);
	if (pk_buf_check(&comment, err) < 0 || pk_minisign_sign(&t->sign, digest, comment.p, &sig, err) < 0 ||
	    pk_outfile_write(&s->out_sig, sig.p, sig.n, err) < 0 ||
	    pk_outfile_write(&s->out_ticket, t->ticket_text.p, t->ticket_text.n, err) < 0)
		return -1;
	return pk_outfile_write(&s->out_ticket_sig, t->ticket_sig.p, t->ticket_sig.n, err);
}

/* Records that say nothing, up to a number that many bundles have. */
static int pad_records(struct pk_seal *s, struct pk_err *err)
{
	uint64_t to = pk_padded(s->leaves, PK_PAD_RECORDS);

	while (s->leaves < to)
		if (pk_seal_put(s, 'e', PK_STR(PK_PAD_FIELDS), NULL, err) < 0)
			return -1;
	return 0;
}

/* The bundle gets its name last: who sees it sees what belongs to it. */
static int commit(struct pk_seal *s, struct pk_err *err)
{
	struct pk_outfile *beside[] = {&s->out_ticket, &s->out_ticket_sig, &s->out_sig};
	size_t done = 0;

	for (; s->is_signed && done < PK_LEN(beside); done++) {
		if (pk_outfile_commit(beside[done], err) < 0)
			break;
	}
	if ((!s->is_signed || done == PK_LEN(beside)) && pk_outfile_commit(&s->out, err) == 0)
		return 0;
	while (done-- > 0)
		unlink(beside[done]->path);
	return -1;
}

int pk_seal_finish(struct pk_seal *s, struct pk_seal_summary *ret, struct pk_err *err)
{
	struct pk_final f = {0};

	if (s->now || s->busy || s->finished)
		return pk_fail(err, PK_EINTERNAL, 0, "a bundle ends inside a content");
	if (pk_seal_settle_all(s, err) < 0 || (s->params.pad && pad_records(s, err) < 0))
		return -1;
	s->finished = true;
	if (pk_seal_flush_log(s, err) < 0 || put_tail(s, &f, err) < 0 || pk_pipeline_finish(s->pipeline, err) < 0 ||
	    (s->params.pad && pk_pipeline_pad(s->pipeline, err) < 0) || put_seek_table(s, err) < 0 ||
	    pk_age_writer_finish(s->age, err) < 0)
		return -1;
	if (s->is_signed && sign_outer(s, &f, err) < 0)
		return -1;
	if (commit(s, err) < 0)
		return -1;
	*ret = (struct pk_seal_summary){.leaves = s->leaves,
					.contents = s->contents,
					.plain_bytes = s->plain_bytes,
					.sealed_bytes = s->out.size};
	memcpy(ret->root, f.root, 32);
	memcpy(ret->bundle_id, s->id, 16);
	return 0;
}
