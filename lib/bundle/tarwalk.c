/* SPDX-License-Identifier: Apache-2.0 */
/* Walks a bundle's tar from end to end; what its records say of its contents, tarmatch.c holds against them. */
#include "source.h"
#include "tarmatch.h"
#include "tell.h"

#include <stdlib.h>

struct walk {
	struct pk_frames *frames;
	const struct pk_teller *tell;
	const uint8_t *p; /* the frame at hand */
	size_t n, at;
	uint64_t frame; /* its number + 1 */
	uint64_t size;  /* of the payload */

	uint8_t id[16];
	struct pk_matcher match;
	uint64_t segments;
	struct pk_index_segment last;
	struct pk_buf tags, index_segments;
	struct pk_tar_header member; /* the one whose content comes next */
	struct pk_place at_member;
};

/* --- bytes ------------------------------------------------------------------------------------------- */

/* At least one byte at hand; fails at the payload's end. */
static int fill(struct walk *w, struct pk_err *err)
{
	while (w->at == w->n) {
		if (w->match.sums && pk_sums_turn(w->match.sums, err) < 0)
			return -1;
		if (pk_frames_next(w->frames, &w->p, &w->n, err) < 0)
			return -1;
		if (w->n == 0)
			return pk_fail(err, PK_EFORMAT, 0, "the tar ends too early");
		w->at = 0;
		w->frame++;
	}
	return 0;
}

static int take(struct walk *w, void *to, size_t n, struct pk_err *err)
{
	while (n) {
		size_t k = 0;

		if (fill(w, err) < 0)
			return -1;
		k = PK_MIN(n, w->n - w->at);
		memcpy(to, w->p + w->at, k);
		w->at += k;
		to = (uint8_t *)to + k;
		n -= k;
	}
	return 0;
}

/* The member's content to a sink, then its padding. */
static int take_content(struct walk *w, struct pk_sink sink, struct pk_err *err)
{
	uint8_t pad[PK_TAR_BLOCK];
	uint64_t left = w->member.size;
	size_t padding = pk_tar_padding(left);

	while (left) {
		size_t k = 0;

		if (fill(w, err) < 0)
			return -1;
		k = (size_t)PK_MIN(left, (uint64_t)(w->n - w->at));
		if (sink.write(sink.ctx, w->p + w->at, k, err) < 0)
			return -1;
		w->at += k;
		left -= k;
	}
	if (take(w, pad, padding, err) < 0)
		return -1;
	for (size_t i = 0; i < padding; i++)
		if (pad[i])
			return pk_fail(err, PK_EFORMAT, 0, "member '%s' is not followed by zeros", w->member.name);
	return 0;
}

static int take_buf(struct walk *w, uint64_t max, struct pk_buf *ret, struct pk_err *err)
{
	pk_buf_reset(ret);
	if (w->member.size > max)
		return pk_fail(err, PK_ELIMIT, 0, "member '%s' has %llu bytes, allowed are %llu", w->member.name,
			       (unsigned long long)w->member.size, (unsigned long long)max);
	return take_content(w, pk_sink_buf(ret), err);
}

/* The next member's header into w->member. */
static int take_header(struct walk *w, struct pk_err *err)
{
	uint8_t head[PK_TAR_MAX_HEADER];
	size_t n = PK_TAR_BLOCK;

	if (take(w, head, n, err) < 0)
		return -1;
	if (head[0] == 0) { /* the end: two blocks of zeros */
		if (take(w, head + n, PK_TAR_END - n, err) < 0)
			return -1;
		n = PK_TAR_END;
	} else if (head[156] == 'x') { /* an extended header; its size is in octal at 124 */
		uint64_t size = 0;

		for (size_t i = 124; i < 135; i++)
			size = size << 3 | (head[i] & 7u);
		size += pk_tar_padding(size) + PK_TAR_BLOCK;
		if (size > sizeof(head) - n)
			return pk_fail(err, PK_EFORMAT, 0, "tar extended header is malformed");
		if (take(w, head + n, (size_t)size, err) < 0)
			return -1;
		n += (size_t)size;
	}
	if (pk_tar_parse(head, n, &w->member, err) < 0)
		return -1;
	if (w->member.header_bytes && w->member.header_bytes != n)
		return pk_fail(err, PK_EFORMAT, 0, "tar header is malformed");
	if (w->at == w->n && w->n == PK_FRAME_MAX && w->member.header_bytes &&
	    fill(w, err) < 0) /* not after a full frame */
		return -1;
	w->at_member = (struct pk_place){w->frame - 1, w->at, w->member.size};
	return 0;
}

static bool is_named(const struct walk *w, const char *name)
{
	return w->member.header_bytes && strcmp(w->member.name, name) == 0;
}

static int expect(struct walk *w, const char *name, struct pk_err *err)
{
	if (is_named(w, name))
		return 0;
	return pk_fail(err, PK_EFORMAT, 0, "'%s' stands where '%s' must be",
		       w->member.header_bytes ? w->member.name : "the end", name);
}

static int tell(struct walk *w, enum pk_tell what, struct pk_str bytes, struct pk_err *err)
{
	return w->tell->tell(w->tell->ctx, what, bytes, err);
}

/* --- the head ---------------------------------------------------------------------------------------- */

static void put_tag(struct walk *w, const char *name, const uint8_t sum[32])
{
	pk_buf_put_hex(&w->tags, sum, 32);
	pk_buf_puts(&w->tags, "  ");
	pk_buf_puts(&w->tags, name);
	pk_buf_put_c(&w->tags, '\n');
}

/* A small member that must be this one. */
static int take_text(struct walk *w, const char *name, uint64_t max, struct pk_buf *ret, struct pk_err *err)
{
	uint8_t sum[32];

	if (take_header(w, err) < 0 || expect(w, name, err) < 0 || take_buf(w, max, ret, err) < 0)
		return -1;
	pk_sha256(ret->p, ret->n, sum);
	put_tag(w, name, sum);
	return 0;
}

int pk_parse_bag_info(struct pk_str text, uint8_t ret_id[16], enum pk_bag_kind *ret, struct pk_err *err)
{
	static const char key[] = "External-Identifier: ";
	uint8_t id[16];

	if (text.n < sizeof(key) + 32 || !pk_hex_decode(pk_str_n(text.p + sizeof(key) - 1, 32), id, 16))
		return pk_fail(err, PK_EFORMAT, 0, "bag-info.txt is not as it must be");
	for (enum pk_bag_kind kind = 0; kind < PK_BAG_KINDS; kind++) {
		PK_AUTO(pk_buf) again = {0};

		pk_buf_put_bag_info(&again, id, kind);
		if (pk_buf_check(&again, err) < 0)
			return -1;
		if (pk_str_eq(pk_buf_str(&again), text)) {
			memcpy(ret_id, id, 16);
			*ret = kind;
			return 0;
		}
	}
	return pk_fail(err, PK_EFORMAT, 0, "bag-info.txt is not as it must be");
}

static int walk_head(struct walk *w, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	uint8_t head[17];

	if (take_text(w, PK_NAME_BAGIT, 1024, &text, err) < 0)
		return -1;
	if (!pk_str_eq(pk_buf_str(&text), PK_STR(PK_BAGIT_TEXT)))
		return pk_fail(err, PK_EFORMAT, 0, "bagit.txt is not as it must be");
	if (take_text(w, PK_NAME_INFO, 1024, &text, err) < 0 ||
	    pk_parse_bag_info(pk_buf_str(&text), w->id, &w->match.kind, err) < 0)
		return -1;
	memcpy(head, w->id, 16);
	head[16] = (uint8_t)w->match.kind;
	if (tell(w, PK_TELL_HEAD, pk_str_n(head, sizeof(head)), err) < 0 ||
	    take_text(w, PK_NAME_TERMS, PK_MAX_TEXT_FILE, &text, err) < 0 ||
	    tell(w, PK_TELL_TERMS, pk_buf_str(&text), err) < 0)
		return -1;
	if (w->match.kind == PK_BAG_UNSIGNED)
		return 0;
	if (take_text(w, PK_NAME_TICKET, PK_MAX_TEXT_FILE, &text, err) < 0 ||
	    tell(w, PK_TELL_TICKET, pk_buf_str(&text), err) < 0 ||
	    take_text(w, PK_NAME_TICKET_SIG, PK_MAX_TEXT_FILE, &text, err) < 0)
		return -1;
	return tell(w, PK_TELL_TICKET_SIG, pk_buf_str(&text), err);
}

/* What a share is part of: told as it is, the parent judges it. */
static int walk_share_member(struct walk *w, struct pk_err *err)
{
	PK_AUTO(pk_buf) all = {0}, text = {0};
	uint8_t sum[32];

	for (const char *c = w->member.name; *c; c++)
		if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9') && !strchr("./-", *c))
			return pk_fail(err, PK_EFORMAT, 0, "member '%s' may not have this name", w->member.name);
	if (w->match.kind != PK_BAG_SHARE || w->match.members || w->segments)
		return pk_fail(err, PK_EFORMAT, 0, "member '%s' is out of place", w->member.name);
	if (take_buf(w, PK_MAX_SHARE_MEMBER, &text, err) < 0)
		return -1;
	pk_sha256(text.p, text.n, sum);
	put_tag(w, w->member.name, sum);
	pk_buf_put(&all, w->member.name, strlen(w->member.name) + 1);
	pk_buf_put_str(&all, pk_buf_str(&text));
	if (pk_buf_check(&all, err) < 0)
		return -1;
	return tell(w, PK_TELL_SHARE, pk_buf_str(&all), err);
}

static bool is_share_member(const struct walk *w)
{
	return w->member.header_bytes && pk_str_starts(pk_str(w->member.name), PK_STR(PK_SHARES));
}

/* --- contents ---------------------------------------------------------------------------------------- */

static int sums_write(void *ctx, const void *p, size_t n, struct pk_err *err) { return pk_sums_put(ctx, p, n, err); }

/* A table's member: its lines are counted on the way. */
struct counting {
	struct pk_sums *sums;
	uint64_t lines;
	bool unfinished; /* the last one, so far */
};

static int counting_write(void *ctx, const void *p, size_t n, struct pk_err *err)
{
	struct counting *c = ctx;
	struct pk_str rest = pk_str_n(p, n);
	size_t k = 0;

	for (; (k = pk_str_find(rest, '\n')) < rest.n; rest = pk_str_n(rest.p + k + 1, rest.n - k - 1))
		c->lines++;
	c->unfinished = n ? rest.n != 0 : c->unfinished;
	return pk_sums_put(c->sums, p, n, err);
}

static int walk_table(struct walk *w, struct pk_err *err)
{
	struct counting c = {.sums = w->match.sums};

	if (pk_matcher_member(&w->match, pk_str(w->member.name), &w->at_member, err) < 0 ||
	    take_content(w, (struct pk_sink){counting_write, &c}, err) < 0)
		return -1;
	pk_matcher_lines(&w->match, c.lines, c.unfinished);
	return pk_sums_end(w->match.sums, err);
}

/* "data/live/..."; in a share, "data/ID/live/...". */
static bool is_table(const struct walk *w)
{
	struct pk_str name = pk_str(w->member.name);
	size_t skip = w->match.kind == PK_BAG_SHARE ? 38 : 5;

	return name.n > skip && pk_str_starts(pk_str_n(name.p + skip, name.n - skip), PK_STR("live/"));
}

static int walk_content(struct walk *w, struct pk_err *err)
{
	if (is_table(w))
		return walk_table(w, err);
	if (pk_matcher_member(&w->match, pk_str(w->member.name), &w->at_member, err) < 0 ||
	    take_content(w, (struct pk_sink){sums_write, w->match.sums}, err) < 0)
		return -1;
	return pk_sums_end(w->match.sums, err);
}

/* --- segments ---------------------------------------------------------------------------------------- */

static int walk_segment(struct walk *w, struct pk_err *err)
{
	PK_AUTO(pk_buf) name = {0}, text = {0}, note = {0};
	struct pk_index_segment x = {
		.segment = (uint32_t)w->segments, .first = w->match.leaves, .records = w->at_member};
	uint8_t sum[32];

	if (w->segments > PK_MAX_SEGMENTS)
		return pk_fail(err, PK_ELIMIT, 0, "more than %u segments", PK_MAX_SEGMENTS);
	pk_buf_putf(&name, "meta/records-%04u.jsonl", (unsigned)w->segments);
	if (pk_buf_check(&name, err) < 0 || expect(w, name.p, err) < 0 ||
	    take_buf(w, PK_MAX_SEGMENT_LOG, &text, err) < 0)
		return -1;
	pk_sha256(text.p, text.n, sum);
	put_tag(w, name.p, sum);
	if (pk_matcher_records(&w->match, pk_buf_str(&text), err) < 0)
		return -1;
	pk_buf_reset(&name);
	pk_buf_putf(&name, "meta/note-%04u", (unsigned)w->segments);
	if (pk_buf_check(&name, err) < 0 || take_text(w, name.p, 2 * PK_MAX_NOTE_TEXT, &note, err) < 0)
		return -1;
	x.note = w->at_member;
	x.leaves = w->match.leaves - x.first;
	pk_buf_put_index_segment(&w->index_segments, &x);
	w->last = x;
	w->segments++;
	if (tell(w, PK_TELL_RECORDS, pk_buf_str(&text), err) < 0)
		return -1;
	return tell(w, PK_TELL_NOTE, pk_buf_str(&note), err);
}

/* --- the tail ---------------------------------------------------------------------------------------- */

static int walk_manifest(struct walk *w, uint8_t ret_sum[32], struct pk_err *err)
{
	uint8_t want[32];

	pk_sha256_end(&w->match.manifest, want);
	if (take_content(w, (struct pk_sink){sums_write, w->match.sums}, err) < 0 ||
	    pk_sums_end(w->match.sums, err) < 0 || pk_sums_take(w->match.sums, ret_sum, err) < 0)
		return -1;
	if (w->member.size != w->match.manifest_n || memcmp(want, ret_sum, 32) != 0)
		return pk_fail(err, PK_EFORMAT, 0, "'%s' does not list what is there", PK_NAME_MANIFEST);
	put_tag(w, PK_NAME_MANIFEST, ret_sum);
	return 0;
}

static int walk_tagmanifest(struct walk *w, uint8_t ret_sum[32], struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};

	if (pk_buf_check(&w->tags, err) < 0 || take_header(w, err) < 0 || expect(w, PK_NAME_TAGMANIFEST, err) < 0 ||
	    take_buf(w, w->tags.n, &text, err) < 0)
		return -1;
	if (!pk_str_eq(pk_buf_str(&text), pk_buf_str(&w->tags)))
		return pk_fail(err, PK_EFORMAT, 0, "'%s' does not list what is there", PK_NAME_TAGMANIFEST);
	pk_sha256(text.p, text.n, ret_sum);
	return 0;
}

/* The index: the segments' lines, which are compared, then the contents', whose hash is. */
struct index_check {
	struct pk_str want;
	struct pk_sha256 rest;
	bool differs;
};

static int index_write(void *ctx, const void *p, size_t n, struct pk_err *err)
{
	struct index_check *c = ctx;
	size_t k = PK_MIN(n, c->want.n);

	(void)err;
	c->differs |= k && memcmp(c->want.p, p, k) != 0;
	c->want = pk_str_n(c->want.p + k, c->want.n - k);
	pk_sha256_put(&c->rest, (const uint8_t *)p + k, n - k);
	return 0;
}

static int walk_index(struct walk *w, struct pk_place *ret_at, struct pk_err *err)
{
	struct index_check c = {.want = pk_buf_str(&w->index_segments)};
	uint8_t want[32], got[32];

	if (pk_buf_check(&w->index_segments, err) < 0 || take_header(w, err) < 0 || expect(w, PK_NAME_INDEX, err) < 0)
		return -1;
	*ret_at = w->at_member;
	pk_sha256_init(&c.rest);
	if (take_content(w, (struct pk_sink){index_write, &c}, err) < 0)
		return -1;
	pk_sha256_end(&c.rest, got);
	pk_sha256_end(&w->match.index, want);
	if (c.differs || c.want.n || w->member.size != w->index_segments.n + w->match.index_n ||
	    memcmp(got, want, 32) != 0)
		return pk_fail(err, PK_EFORMAT, 0, "'%s' points elsewhere", PK_NAME_INDEX);
	return 0;
}

static int walk_end(struct walk *w, const struct pk_end *want, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0}, again = {0};
	const uint8_t *p = NULL;
	size_t n = 0;

	if (take_header(w, err) < 0 || expect(w, PK_NAME_END, err) < 0 || take_buf(w, PK_END_SIZE, &text, err) < 0 ||
	    pk_buf_put_end(&again, want, err) < 0)
		return -1;
	if (!pk_str_eq(pk_buf_str(&text), pk_buf_str(&again)))
		return pk_fail(err, PK_EFORMAT, 0, "'%s' points elsewhere", PK_NAME_END);
	if (take_header(w, err) < 0)
		return -1;
	if (w->member.header_bytes || w->at != w->n)
		return pk_fail(err, PK_EFORMAT, 0, "something follows '%s'", PK_NAME_END);
	if (pk_frames_next(w->frames, &p, &n, err) < 0)
		return -1;
	return n ? pk_fail(err, PK_EFORMAT, 0, "something follows the tar") : 0;
}

static void put_u64(struct pk_buf *b, uint64_t v)
{
	pk_buf_put(b, &v, sizeof(v)); /* parent and child are one machine */
}

/* From the manifest, whose header was read, to the end. */
static int walk_tail(struct walk *w, struct pk_err *err)
{
	PK_AUTO(pk_buf) sums = {0}, checkpoint = {0};
	struct pk_end end = {.leaves = w->match.leaves,
			     .segments = w->segments,
			     .contents = w->match.contents,
			     .records = w->last.records,
			     .note = w->last.note};
	uint8_t manifest[32], tagmanifest[32];

	memcpy(end.id, w->id, 16);
	if (expect(w, PK_NAME_MANIFEST, err) < 0 || pk_matcher_end(&w->match, err) < 0 ||
	    walk_manifest(w, manifest, err) < 0 || walk_tagmanifest(w, tagmanifest, err) < 0 ||
	    walk_index(w, &end.index, err) < 0 || take_header(w, err) < 0 || expect(w, PK_NAME_CHECKPOINT, err) < 0)
		return -1;
	end.checkpoint = w->at_member;
	if (take_buf(w, 2 * PK_MAX_NOTE_TEXT, &checkpoint, err) < 0 || walk_end(w, &end, err) < 0)
		return -1;
	pk_buf_put(&sums, manifest, 32);
	pk_buf_put(&sums, tagmanifest, 32);
	put_u64(&sums, w->match.contents);
	put_u64(&sums, w->segments);
	if (pk_buf_check(&sums, err) < 0 || tell(w, PK_TELL_SUMS, pk_buf_str(&sums), err) < 0)
		return -1;
	return tell(w, PK_TELL_CHECKPOINT, pk_buf_str(&checkpoint), err);
}

/* --- all of it --------------------------------------------------------------------------------------- */

static int tell_progress(struct walk *w, struct pk_err *err)
{
	uint64_t both[2] = {pk_frames_read(w->frames), w->size};

	return tell(w, PK_TELL_PROGRESS, pk_str_n(both, sizeof(both)), err);
}

static int walk_all(struct walk *w, bool stop_at_segment, struct pk_err *err)
{
	uint64_t told = 0;

	if (walk_head(w, err) < 0)
		return -1;
	for (;;) {
		if (take_header(w, err) < 0)
			return -1;
		if (pk_str_starts(pk_str(w->member.name), PK_STR("data/"))) {
			if (walk_content(w, err) < 0)
				return -1;
		} else if (pk_str_starts(pk_str(w->member.name), PK_STR("meta/records-"))) {
			if (walk_segment(w, err) < 0)
				return -1;
			if (stop_at_segment)
				return 0;
		} else if (is_share_member(w)) {
			if (walk_share_member(w, err) < 0)
				return -1;
		} else {
			return walk_tail(w, err);
		}
		if (w->frame != told && w->frame % 4 == 0) {
			told = w->frame;
			if (tell_progress(w, err) < 0)
				return -1;
		}
	}
}

static void walk_done(struct walk *w)
{
	pk_matcher_done(&w->match); /* before the frames, which are hashed beside */
	pk_frames_free(w->frames);
	pk_buf_done(&w->tags);
	pk_buf_done(&w->index_segments);
}

int pk_parse_head(struct pk_age_file *age, const struct pk_teller *t, struct pk_err *err)
{
	struct walk w = {.tell = t, .size = pk_age_file_size(age)};
	int r;

	if (pk_frames_new(age, NULL, 1, &w.frames, err) < 0)
		return -1;
	r = walk_head(&w, err);
	while (r == 0 && w.match.kind == PK_BAG_SHARE) {
		r = take_header(&w, err);
		if (r < 0 || !is_share_member(&w))
			break;
		r = walk_share_member(&w, err);
	}
	walk_done(&w);
	return r;
}

int pk_parse_walk(struct pk_age_file *age, bool stop_at_segment, const struct pk_teller *t, struct pk_err *err)
{
	struct pk_workers *workers = stop_at_segment ? NULL : t->workers;
	struct pk_workers *hasher = stop_at_segment ? NULL : t->hasher;
	struct walk w = {.tell = t, .size = pk_age_file_size(age)};
	int r = -1;

	if (pk_frames_new(age, workers, hasher ? PK_SUMS_TURNS : 1, &w.frames, err) == 0 &&
	    pk_matcher_begin(&w.match, hasher, err) == 0)
		r = walk_all(&w, stop_at_segment, err);
	walk_done(&w);
	return r;
}
