/* SPDX-License-Identifier: Apache-2.0 */
/* The record log while sealing: lines, segments, and the notes that close them.
 *
 * A segment that closes is written only after PK_SEGMENT_LAG more bytes, so that the pool always has work while
 * this thread waits for the last digest of the segment. */
#include "seal_int.h"

#include <picket/note.h>

void pk_seal_line(struct pk_seal *s, char type, struct pk_buf *b)
{
	if (s->salts_left == 0) {
		pk_random(s->salts, sizeof(s->salts));
		s->salts_left = sizeof(s->salts);
	}
	s->salts_left -= 16;
	pk_buf_putf(b, "{\"t\":\"%c\",\"i\":%llu,\"salt\":\"", type, (unsigned long long)s->leaves);
	pk_buf_put_hex(b, s->salts + s->salts_left, 16);
	pk_buf_puts(b, "\",");
}

static void reset(struct segment *g, uint32_t number, uint64_t first)
{
	*g = (struct segment){.number = number, .first = first};
	g->contents_end = &g->contents;
}

/* What settles while a long member is written cannot be written itself: such segments wait in line. */
static int close_open(struct pk_seal *s, struct pk_err *err)
{
	uint32_t number = s->open.number;

	if (number >= PK_MAX_SEGMENTS)
		return pk_fail(err, PK_ELIMIT, 0, "a bundle may have %u segments", PK_MAX_SEGMENTS);
	if (!pk_grow(&s->closed, &s->closed_cap, s->closed_n + 1, sizeof(*s->closed)))
		return pk_fail_oom(err);
	s->closed[s->closed_n++] = s->open;
	reset(&s->open, number + 1, s->leaves);
	return 0;
}

int pk_seal_log(struct pk_seal *s, const struct pk_buf *line, struct content *c, size_t off_sha, uint64_t *ret_leaf,
		struct pk_err *err)
{
	struct segment *g = &s->open;
	size_t block = 0, off = 0;

	if (pk_buf_check(line, err) < 0)
		return -1;
	if (line->n - 1 > PK_MAX_RECORD)
		return pk_fail(err, PK_ELIMIT, 0, "a record of %zu bytes, allowed are %u", line->n - 1, PK_MAX_RECORD);
	if (memchr(line->p, '\n', line->n) != line->p + line->n - 1)
		return pk_fail(err, PK_EINTERNAL, 0, "a record with a line break");
	if (g->log.total + line->n > PK_MAX_SEGMENT_LOG && close_open(s, err) < 0)
		return -1;
	if (pk_textstore_put(&g->log, pk_buf_str(line), &block, &off, err) < 0)
		return -1;
	if (c) {
		c->leaf = s->leaves;
		c->log_block = block;
		c->log_off = off + off_sha;
		*g->contents_end = c;
		g->contents_end = &c->next;
	}
	g->bytes += line->n;
	g->leaves++;
	if (ret_leaf)
		*ret_leaf = s->leaves;
	s->leaves++;
	return 0;
}

void pk_segment_done(struct segment *g)
{
	while (g->contents) {
		struct content *c = g->contents;

		g->contents = c->next;
		free(c->member);
		free(c);
	}
	pk_textstore_done(&g->log);
	reset(g, 0, 0);
}

/* Digests into the block's text; *next goes on where the last block's contents ended. */
static int fill_in(struct pk_seal *s, size_t block, struct pk_buf *text, struct content **next, struct pk_err *err)
{
	for (; *next && (*next)->log_block == block; *next = (*next)->next) {
		PK_AUTO(pk_buf) hex = {0}, line = {0};
		struct content *c = *next;

		if (pk_pipeline_wait(s->pipeline, &c->digest, err) < 0)
			return -1;
		pk_buf_put_hex(&hex, c->digest.sum, 32);
		if (pk_buf_check(&hex, err) < 0)
			return -1;
		memcpy(text->p + c->log_off, hex.p, hex.n);
		pk_buf_put_str(&hex, PK_STR("  "));
		pk_buf_puts(&hex, c->member);
		pk_buf_put_c(&hex, '\n');
		pk_buf_put_index_content(&line, c->leaf, &c->at);
		if (pk_buf_check(&hex, err) < 0 || pk_buf_check(&line, err) < 0 ||
		    pk_textstore_put(&s->manifest, pk_buf_str(&hex), NULL, NULL, err) < 0 ||
		    pk_textstore_put(&s->index, pk_buf_str(&line), NULL, NULL, err) < 0)
			return -1;
	}
	return 0;
}

static int write_records(struct pk_seal *s, struct segment *g, struct pk_place *at, struct pk_err *err)
{
	PK_AUTO(pk_buf) name = {0}, text = {0};
	struct content *next = g->contents;
	struct pk_sha256 h;
	uint8_t sum[32];

	pk_buf_putf(&name, "meta/records-%04u.jsonl", g->number);
	if (pk_buf_check(&name, err) < 0)
		return -1;
	pk_pipeline_cut(s->pipeline, 1);
	if (pk_seal_member_begin(s, pk_buf_str(&name), g->log.total, at, err) < 0)
		return -1;
	pk_sha256_init(&h);
	for (size_t i = 0; i < pk_textstore_blocks(&g->log); i++) {
		struct pk_str rest, line;

		if (pk_textstore_get(&g->log, i, &text, err) < 0 || fill_in(s, i, &text, &next, err) < 0)
			return -1;
		rest = pk_buf_str(&text);
		while (rest.n && pk_str_line(&rest, &line)) {
			uint8_t leaf[32];

			pk_merkle_leaf(line, leaf);
			pk_frontier_add(&s->tree, leaf);
		}
		pk_sha256_put(&h, text.p, text.n);
		if (pk_pipeline_put(s->pipeline, text.p, text.n, NULL, err) < 0)
			return -1;
	}
	pk_sha256_end(&h, sum);
	pk_seal_tag(s, pk_buf_str(&name), sum);
	return pk_seal_member_end(s, g->log.total, err);
}

static int write_note(struct pk_seal *s, const struct pk_segment_note *n, struct pk_place *at, struct pk_err *err)
{
	PK_AUTO(pk_buf) name = {0}, text = {0}, note = {0};

	pk_buf_putf(&name, "meta/note-%04u", n->segment);
	pk_buf_put_segment_note(&text, &(struct pk_note_of){s->id, s->is_signed ? s->ticket_sha256 : NULL}, n);
	if (pk_buf_check(&name, err) < 0 || pk_buf_check(&text, err) < 0)
		return -1;
	if (!s->is_signed)
		return pk_seal_member(s, pk_buf_str(&name), pk_buf_str(&text), true, at, err);
	if (pk_note_sign(&s->params.ticket->note, pk_buf_str(&text), &note, err) < 0)
		return -1;
	return pk_seal_member(s, pk_buf_str(&name), pk_buf_str(&note), true, at, err);
}

static int write_closed(struct pk_seal *s, struct pk_err *err)
{
	struct segment *g = &s->closed[0];
	struct pk_index_segment x = {.segment = g->number, .first = g->first, .leaves = g->leaves};
	struct pk_segment_note n = {.segment = g->number, .first = g->first, .before = s->tree};

	if (write_records(s, g, &x.records, err) < 0)
		return -1;
	n.size = s->tree.size;
	pk_frontier_root(&s->tree, n.root);
	if (write_note(s, &n, &x.note, err) < 0)
		return -1;
	pk_pipeline_cut(s->pipeline, 1); /* records and note can be read without what follows */
	pk_buf_put_index_segment(&s->index_segments, &x);
	s->last_segment = x;
	pk_segment_done(g);
	memmove(s->closed, s->closed + 1, --s->closed_n * sizeof(*s->closed));
	return pk_buf_check(&s->index_segments, err);
}

int pk_seal_rotate(struct pk_seal *s, struct pk_err *err)
{
	if (s->busy)
		return 0;
	while (s->closed_n && (s->closed_n > 1 || s->open.bytes >= PK_SEGMENT_LAG))
		if (write_closed(s, err) < 0)
			return -1;
	return !s->closed_n && s->open.bytes >= PK_SEGMENT_BYTES ? close_open(s, err) : 0;
}

int pk_seal_flush_log(struct pk_seal *s, struct pk_err *err)
{
	if (s->open.leaves && close_open(s, err) < 0)
		return -1;
	while (s->closed_n)
		if (write_closed(s, err) < 0)
			return -1;
	return 0;
}
