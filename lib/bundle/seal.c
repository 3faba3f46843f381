/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing: members go into the pipeline, records into the log. */
#include "padding.h"
#include "seal_int.h"

#include <stdlib.h>

#define TAIL_RESERVE (1u << 20) /* of max_bytes: manifests, index, checkpoint, end */
#define PAD_RECORD 128u         /* of max_bytes: a record of padding */

/* --- members ----------------------------------------------------------------------------------------- */

int pk_seal_member_begin(struct pk_seal *s, struct pk_str name, uint64_t size, struct pk_place *ret_at,
			 struct pk_err *err)
{
	PK_AUTO(pk_buf) header = {0};

	pk_tar_put_header(&header, name, size);
	if (pk_buf_check(&header, err) < 0)
		return -1;
	s->busy = true;
	pk_pipeline_cut(s->pipeline, PK_FRAME_MIN);
	if (pk_pipeline_put(s->pipeline, header.p, header.n, NULL, err) < 0)
		return -1;
	ret_at->size = size;
	pk_pipeline_at(s->pipeline, &ret_at->frame, &ret_at->off);
	return 0;
}

int pk_seal_member_end(struct pk_seal *s, uint64_t size, struct pk_err *err)
{
	static const uint8_t zeros[PK_TAR_BLOCK];

	if (pk_pipeline_put(s->pipeline, zeros, pk_tar_padding(size), NULL, err) < 0)
		return -1;
	s->busy = false;
	return 0;
}

void pk_seal_tag(struct pk_seal *s, struct pk_str name, const uint8_t sum[32])
{
	pk_buf_put_hex(&s->tagmanifest, sum, 32);
	pk_buf_puts(&s->tagmanifest, "  ");
	pk_buf_put_str(&s->tagmanifest, name);
	pk_buf_put_c(&s->tagmanifest, '\n');
}

int pk_seal_member(struct pk_seal *s, struct pk_str name, struct pk_str data, bool tagged, struct pk_place *ret_at,
		   struct pk_err *err)
{
	struct pk_place at = {0};
	uint8_t sum[32];

	if (pk_seal_member_begin(s, name, data.n, &at, err) < 0 ||
	    pk_pipeline_put(s->pipeline, data.p, data.n, NULL, err) < 0)
		return -1;
	if (tagged) {
		pk_sha256(data.p, data.n, sum);
		pk_seal_tag(s, name, sum);
	}
	if (ret_at)
		*ret_at = at;
	return pk_seal_member_end(s, data.n, err);
}

int pk_seal_share_member(struct pk_seal *s, struct pk_str name, struct pk_str data, struct pk_err *err)
{
	if (!s->params.share || s->leaves != 1 || s->now || s->finished || !pk_str_starts(name, PK_STR(PK_SHARES)))
		return pk_fail(err, PK_EINTERNAL, 0, "'%.*s' cannot stand here", PK_STR_ARG(name));
	return pk_seal_member(s, name, data, true, NULL, err);
}

/* --- inspection -------------------------------------------------------------------------------------- */

static int put_offer(struct pk_seal *s, const struct pk_inspect_item *item, uint64_t leaf, uint64_t frame,
		     struct pk_err *err)
{
	const struct pk_inspect *in = s->params.inspect;

	if (!pk_grow(&s->offered, &s->offered_cap, s->offered_n + 1, sizeof(*s->offered)))
		return pk_fail_oom(err);
	s->offered[s->offered_n++] = (struct offered){s->inspected++, leaf, frame};
	return in->offer(in->ctx, item, err);
}

static int offer(struct pk_seal *s, const struct content *c, struct pk_err *err)
{
	bool fits = c->at.size <= PK_SLOT_BYTES;
	struct pk_inspect_item item = {
		.id = s->inspected,
		.data = !fits         ? NULL
			: s->now_data ? s->now_data
				      : s->slots.base, /* an empty one is anywhere */
		.size = c->at.size,
		.fd = fits ? -1 : s->now_what.fd,
		.path = pk_str(s->now_path),
		.hint = s->now_what.hint,
	};
	uint64_t frame = s->now_first_frame, off = 0;

	item.path.n = s->now_what.path.n;
	if (!fits)
		pk_pipeline_at(s->pipeline, &frame, &off);
	return put_offer(s, &item, c->leaf, frame, err);
}

int pk_seal_inspect_again(struct pk_seal *s, uint64_t leaf, const struct pk_content *c, struct pk_err *err)
{
	const struct pk_inspect_item item = {
		.id = s->inspected, .size = c->size, .fd = c->fd, .path = c->path, .hint = c->hint};
	uint64_t frame = 0, off = 0;

	if (!s->params.inspect || s->now || s->finished || leaf >= s->leaves)
		return pk_fail(err, PK_EINTERNAL, 0, "nothing can be inspected here");
	pk_pipeline_at(s->pipeline, &frame, &off);
	return put_offer(s, &item, leaf, frame, err);
}

int pk_seal_settle(struct pk_seal *s, uint64_t frame, struct pk_err *err)
{
	const struct pk_inspect *in = s->params.inspect;

	while (s->offered_from < s->offered_n && s->offered[s->offered_from].frame <= frame) {
		struct offered o = s->offered[s->offered_from++];

		if (in->settle(in->ctx, s, o.id, o.leaf, err) < 0)
			return -1;
	}
	if (s->offered_from == s->offered_n)
		s->offered_from = s->offered_n = 0;
	return 0;
}

int pk_seal_settle_all(struct pk_seal *s, struct pk_err *err) { return pk_seal_settle(s, UINT64_MAX, err); }

/* --- contents ---------------------------------------------------------------------------------------- */

/* max_bytes, judged on sizes alone so that it falls the same way every time. */
static int check_room(struct pk_seal *s, uint64_t size, struct pk_err *err)
{
	uint64_t more = 0, packed = 0, max = s->params.max_bytes, log = s->open.log.total;

	if (!max)
		return 0;
	if (s->params.pad) {
		max = pk_padded_within(max, PK_PAD_BYTES);
		log += (pk_padded(s->leaves, PK_PAD_RECORDS) - s->leaves + PK_PAD_RECORDS) * PAD_RECORD;
	}
	for (size_t i = 0; i < s->closed_n; i++)
		log += s->closed[i].log.total;
	if (!pk_u64_add(size, log + TAIL_RESERVE + PK_TAR_MAX_HEADER, &more))
		more = UINT64_MAX / 2;
	for (int exact = 0; exact < 2; exact++) {
		if (pk_pipeline_estimate(s->pipeline, exact, &packed, err) < 0)
			return -1;
		packed += s->manifest.total / 2 + s->index.total / 4;
		if (packed < max && more <= max - packed)
			return 0;
	}
	return pk_fail(err, PK_ELIMIT, 0, "the bundle would grow over %llu bytes",
		       (unsigned long long)s->params.max_bytes);
}

static int new_content(struct pk_seal *s, struct pk_str member, uint64_t size, struct content **ret, struct pk_err *err)
{
	bool is_new = false;
	struct content *c = NULL;

	if (size > PK_MAX_CONTENT)
		return pk_fail(err, PK_ELIMIT, 0, "a content of %llu bytes, allowed are %llu", (unsigned long long)size,
			       (unsigned long long)PK_MAX_CONTENT);
	if (!pk_member_name_ok(member))
		return pk_fail(err, PK_EINTERNAL, 0, "'%.*s' cannot be a member name", PK_STR_ARG(member));
	if (pk_seal_rotate(s, err) < 0 || check_room(s, size, err) < 0)
		return -1;
	if (pk_nameset_add(&s->names, pk_nameset_hash(&s->names, member), &is_new, err) < 0)
		return -1;
	if (!is_new)
		return pk_fail(err, PK_EUSAGE, 0, "member '%.*s' is in the bundle already", PK_STR_ARG(member));
	if (!(c = calloc(1, sizeof(*c))) || !(c->member = pk_str_dup(member))) {
		free(c);
		return pk_fail_oom(err);
	}
	pk_digest_init(&c->digest, size);
	*ret = c;
	return 0;
}

int pk_seal_content_begin(struct pk_seal *s, const struct pk_content *what, struct pk_err *err)
{
	struct content *c = NULL;

	if (s->now || s->busy || s->finished)
		return pk_fail(err, PK_EINTERNAL, 0, "a content begins inside another");
	free(s->now_path);
	if (!(s->now_path = pk_str_dup(what->path)))
		return pk_fail_oom(err);
	if (new_content(s, what->member, what->size, &c, err) < 0)
		return -1;
	s->now = c;
	s->now_what = *what;
	s->now_data = NULL;
	pk_pipeline_cut(s->pipeline, PK_FRAME_MIN);
	if (s->params.inspect && what->inspect && what->size <= PK_SLOT_BYTES)
		pk_pipeline_plan_whole(s->pipeline, what->size + PK_TAR_MAX_HEADER);
	return pk_seal_member_begin(s, what->member, what->size, &c->at, err);
}

int pk_seal_space(struct pk_seal *s, void **ret, size_t *ret_n, struct pk_err *err)
{
	struct content *c = s->now;
	uint64_t left = c ? c->digest.size - c->digest.filled : 0;
	size_t n = 0;
	uint64_t off = 0;

	if (!left)
		return pk_fail(err, PK_EINTERNAL, 0, "no content, or all of it is there");
	if (pk_pipeline_room(s->pipeline, c->digest.filled && c->digest.size <= PK_SLOT_BYTES, ret, &n, err) < 0)
		return -1;
	if (!c->digest.filled) {
		s->now_data = *ret;
		pk_pipeline_at(s->pipeline, &s->now_first_frame, &off);
	}
	*ret_n = (size_t)PK_MIN((uint64_t)n, left);
	return 0;
}

int pk_seal_filled(struct pk_seal *s, size_t n, struct pk_err *err)
{
	if (!s->now || n > s->now->digest.size - s->now->digest.filled)
		return pk_fail(err, PK_EINTERNAL, 0, "a content got more than its size");
	pk_pipeline_filled(s->pipeline, n, &s->now->digest);
	return 0;
}

static int pad(struct pk_seal *s, uint64_t *ret_padded, struct pk_err *err)
{
	uint64_t left = s->now->digest.size - s->now->digest.filled;

	*ret_padded = left;
	while (s->now->digest.filled < s->now->digest.size) {
		void *p = NULL;
		size_t n = 0;

		if (pk_seal_space(s, &p, &n, err) < 0)
			return -1;
		memset(p, 0, n);
		if (pk_seal_filled(s, n, err) < 0)
			return -1;
	}
	return 0;
}

/* `"frame":F,"off":O,"size":N,"sha256":"` and 64 places for the digest; *ret_sha is where they are. */
static void put_place(struct pk_buf *b, const struct pk_place *at, size_t *ret_sha)
{
	pk_buf_putf(b, "\"frame\":%llu,\"off\":%llu,\"size\":%llu,\"sha256\":\"", (unsigned long long)at->frame,
		    (unsigned long long)at->off, (unsigned long long)at->size);
	*ret_sha = b->n;
	pk_buf_puts(b, "0000000000000000000000000000000000000000000000000000000000000000\"");
}

int pk_seal_content_end(struct pk_seal *s, struct pk_str fields, uint64_t *ret_leaf, struct pk_err *err)
{
	PK_AUTO(pk_buf) line = {0};
	struct content *c = s->now;
	uint64_t padded = 0;
	size_t sha = 0;

	if (!c)
		return pk_fail(err, PK_EINTERNAL, 0, "no content to end");
	if (pad(s, &padded, err) < 0 || pk_seal_member_end(s, c->at.size, err) < 0)
		return -1;
	pk_seal_line(s, s->now_what.type ? s->now_what.type : 'c', &line);
	put_place(&line, &c->at, &sha);
	if (padded)
		pk_buf_putf(&line, ",\"padded\":%llu", (unsigned long long)padded);
	if (fields.n) {
		pk_buf_put_c(&line, ',');
		pk_buf_put_str(&line, fields);
	}
	pk_buf_puts(&line, "}\n");
	if (pk_seal_log(s, &line, c, sha, ret_leaf, err) < 0)
		return -1;
	s->now = NULL; /* the segment's from here on */
	s->contents++;
	s->plain_bytes += c->at.size;
	s->open.bytes += c->at.size + PK_TAR_BLOCK;
	if (s->params.inspect && s->now_what.inspect)
		return offer(s, c, err);
	return 0;
}

int pk_seal_put(struct pk_seal *s, char type, struct pk_str fields, uint64_t *ret_leaf, struct pk_err *err)
{
	PK_AUTO(pk_buf) line = {0};

	pk_seal_line(s, type, &line);
	pk_buf_put_str(&line, fields);
	if (!fields.n && line.n) /* no comma before the brace */
		line.n--;
	pk_buf_puts(&line, "}\n");
	if (pk_seal_log(s, &line, NULL, 0, ret_leaf, err) < 0)
		return -1;
	return pk_seal_rotate(s, err);
}

/* --- live tables ------------------------------------------------------------------------------------- */

static int table_part(struct pk_seal *s, const char *table, uint32_t *ret, struct pk_err *err)
{
	size_t i = 0;

	for (const char *c = table; *c; c++) {
		if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9') && *c != '_')
			return pk_fail(err, PK_EINTERNAL, 0, "'%s' cannot be a table's name", table);
	}
	while (i < s->tables.n && strcmp(s->tables.v[i], table) != 0)
		i++;
	if (i == s->tables.n) {
		if (!pk_grow(&s->table_parts, &s->table_parts_cap, i + 1, sizeof(*s->table_parts)))
			return pk_fail_oom(err);
		s->table_parts[i] = 0;
		if (pk_strv_add(&s->tables, pk_str(table), err) < 0)
			return -1;
	}
	*ret = s->table_parts[i]++;
	return 0;
}

int pk_seal_live(struct pk_seal *s, const char *table, struct pk_str jsonl, uint64_t rows, uint64_t *ret_leaf,
		 struct pk_err *err)
{
	PK_AUTO(pk_buf) name = {0}, line = {0};
	struct content *c = NULL;
	uint32_t part = 0;
	size_t sha = 0;

	if (s->now || s->busy || s->finished)
		return pk_fail(err, PK_EINTERNAL, 0, "a table begins inside a content");
	if (table_part(s, table, &part, err) < 0)
		return -1;
	pk_buf_putf(&name, "data/live/%s-%04u.jsonl", table, part);
	if (pk_buf_check(&name, err) < 0 || new_content(s, pk_buf_str(&name), jsonl.n, &c, err) < 0)
		return -1;
	s->now = c;
	if (pk_seal_member_begin(s, pk_buf_str(&name), jsonl.n, &c->at, err) < 0 ||
	    pk_pipeline_put(s->pipeline, jsonl.p, jsonl.n, &c->digest, err) < 0 ||
	    pk_seal_member_end(s, jsonl.n, err) < 0)
		return -1;
	pk_seal_line(s, 'l', &line);
	pk_buf_putf(&line, "\"table\":\"%s\",\"rows\":%llu,\"member\":\"%s\",", table, (unsigned long long)rows,
		    name.p);
	put_place(&line, &c->at, &sha);
	pk_buf_puts(&line, "}\n");
	if (pk_seal_log(s, &line, c, sha, ret_leaf, err) < 0)
		return -1;
	s->now = NULL;
	s->contents++;
	s->plain_bytes += jsonl.n;
	s->open.bytes += jsonl.n + PK_TAR_BLOCK;
	return 0;
}
