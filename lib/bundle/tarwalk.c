/* SPDX-License-Identifier: Apache-2.0 */
/* Walks a bundle's tar from end to end and holds every member against the record log. */
#include "nameset.h"
#include "tell.h"
#include "source.h"
#include "sumbeside.h"

#include <picket/hash.h>
#include <picket/record.h>
#include <picket/share.h>
#include <stdlib.h>

#define MAX_PENDING 262144u /* members whose records are still to come */

/* A member below data/ that no record has described yet. */
struct pending {
	struct pk_place at;
	char *name;
};

/* A content that a record has described, and that some path must name. */
struct known {
	uint64_t leaf;
	uint64_t name; /* hash */
	bool live, named;
};

/* A content with holes whose ranges may go on. */
struct sparse {
	uint64_t leaf, size;
	struct pk_ranges ranges;
};

struct walk {
	struct pk_frames *frames;
	const struct pk_teller *tell;
	const uint8_t *p; /* the frame at hand */
	size_t n, at;
	uint64_t frame; /* its number + 1 */
	uint64_t size;  /* of the payload */

	uint8_t id[16];
	enum pk_bag_kind kind;
	struct pending *pending; /* from pending_from on */
	size_t pending_from, pending_n, pending_cap;
	struct known *known;
	size_t known_n, known_cap;
	struct sparse *sparse;
	size_t sparse_n, sparse_cap;
	struct pk_sums *sums; /* of the pending ones */
	struct pk_nameset names;
	uint64_t leaves, segments;
	struct pk_index_segment last;
	struct pk_buf tags, index_segments;
	struct pk_sha256 manifest, index_contents;
	uint64_t manifest_n, index_contents_n;
	struct pk_tar_header member; /* the one whose content comes next */
	struct pk_place at_member;
};

/* --- bytes ------------------------------------------------------------------------------------------- */

/* At least one byte at hand; fails at the payload's end. */
static int fill(struct walk *w, struct pk_err *err)
{
	while (w->at == w->n) {
		if (w->sums && pk_sums_turn(w->sums, err) < 0)
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
	    pk_parse_bag_info(pk_buf_str(&text), w->id, &w->kind, err) < 0)
		return -1;
	memcpy(head, w->id, 16);
	head[16] = (uint8_t)w->kind;
	if (tell(w, PK_TELL_HEAD, pk_str_n(head, sizeof(head)), err) < 0 ||
	    take_text(w, PK_NAME_TERMS, PK_MAX_TEXT_FILE, &text, err) < 0 ||
	    tell(w, PK_TELL_TERMS, pk_buf_str(&text), err) < 0)
		return -1;
	if (w->kind == PK_BAG_UNSIGNED)
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
	if (w->kind != PK_BAG_SHARE || w->pending_n || w->segments)
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

static int walk_content(struct walk *w, struct pk_err *err)
{
	struct pending *q = NULL;
	bool is_new = false;

	if (!pk_member_name_ok(pk_str(w->member.name)))
		return pk_fail(err, PK_EFORMAT, 0, "member '%s' may not have this name", w->member.name);
	if (w->pending_n - w->pending_from >= MAX_PENDING)
		return pk_fail(err, PK_ELIMIT, 0, "more than %u members without their records", MAX_PENDING);
	if (pk_nameset_add(&w->names, pk_nameset_hash(&w->names, pk_str(w->member.name)), &is_new, err) < 0)
		return -1;
	if (!is_new)
		return pk_fail(err, PK_EFORMAT, 0, "member '%s' is there twice", w->member.name);
	if (w->pending_from == w->pending_n)
		w->pending_from = w->pending_n = 0;
	if (!pk_grow(&w->pending, &w->pending_cap, w->pending_n + 1, sizeof(*w->pending)))
		return pk_fail_oom(err);
	q = &w->pending[w->pending_n];
	*q = (struct pending){.at = w->at_member, .name = pk_str_dup(pk_str(w->member.name))};
	if (!q->name)
		return pk_fail_oom(err);
	w->pending_n++;
	if (take_content(w, (struct pk_sink){sums_write, w->sums}, err) < 0)
		return -1;
	return pk_sums_end(w->sums, err);
}

static int take_ranges(const struct pk_record *r, struct sparse *s, struct pk_err *err)
{
	const struct pk_json_value *list = pk_json_get(r->json, "extents");
	uint64_t off, len;

	for (size_t i = 0; i < pk_json_count(list); i++)
		if (!pk_ranges_take(&s->ranges, pk_json_at(list, i), &off, &len))
			return pk_fail(err, PK_EFORMAT, 0, "record %llu: its extents cannot be",
				       (unsigned long long)r->leaf);
	return 0;
}

static int match_ranges(struct walk *w, const struct pk_record *r, uint64_t size, struct pk_err *err)
{
	struct sparse *s = NULL;

	if (!pk_json_get(r->json, "extents"))
		return 0;
	if (!pk_grow(&w->sparse, &w->sparse_cap, w->sparse_n + 1, sizeof(*w->sparse)))
		return pk_fail_oom(err);
	s = &w->sparse[w->sparse_n++];
	*s = (struct sparse){.leaf = r->leaf, .size = size};
	if (!pk_json_get_uint(r->json, "logical", &s->ranges.logical) || s->ranges.logical > INT64_MAX)
		return pk_fail(err, PK_EFORMAT, 0, "record %llu: its sparse size cannot be",
			       (unsigned long long)r->leaf);
	return take_ranges(r, s, err);
}

/* A record of type c or l describes the oldest member that has none yet, in every field. */
static int match_content(struct walk *w, const struct pk_record *r, struct pk_err *err)
{
	PK_AUTO(pk_buf) line = {0};
	struct pending *q = NULL;
	struct pk_place at = {0};
	struct pk_str member = {0};
	uint8_t sum[32], is[32];
	bool named = false;

	if (w->pending_from == w->pending_n)
		return pk_fail(err, PK_EFORMAT, 0, "record %llu describes a content that is not there",
			       (unsigned long long)r->leaf);
	q = &w->pending[w->pending_from];
	if (!pk_json_get_uint(r->json, "frame", &at.frame) || !pk_json_get_uint(r->json, "off", &at.off) ||
	    !pk_json_get_uint(r->json, "size", &at.size) || !pk_json_get_hex(r->json, "sha256", sum, 32))
		return pk_fail(err, PK_EFORMAT, 0, "record %llu does not say where its content is",
			       (unsigned long long)r->leaf);
	if (pk_sums_take(w->sums, is, err) < 0)
		return -1;
	if (at.frame != q->at.frame || at.off != q->at.off || at.size != q->at.size || memcmp(sum, is, 32) != 0)
		return pk_fail(err, PK_EFORMAT, 0, "member '%s' is not what record %llu says", q->name,
			       (unsigned long long)r->leaf);
	named = r->type == 'l' || (w->kind == PK_BAG_SHARE && pk_json_get(r->json, "member"));
	if (named && (!pk_json_get_str(r->json, "member", &member) || !pk_str_eq(member, pk_str(q->name))))
		return pk_fail(err, PK_EFORMAT, 0, "member '%s' is not that of record %llu", q->name,
			       (unsigned long long)r->leaf);
	if (!pk_grow(&w->known, &w->known_cap, w->known_n + 1, sizeof(*w->known)))
		return pk_fail_oom(err);
	w->known[w->known_n++] = (struct known){r->leaf, pk_nameset_hash(&w->names, pk_str(q->name)), r->type == 'l',
						named};
	pk_buf_put_hex(&line, sum, 32);
	pk_buf_puts(&line, "  ");
	pk_buf_puts(&line, q->name);
	pk_buf_put_c(&line, '\n');
	pk_sha256_put(&w->manifest, line.p, line.n);
	w->manifest_n += line.n;
	pk_buf_reset(&line);
	pk_buf_put_index_content(&line, r->leaf, &at);
	pk_sha256_put(&w->index_contents, line.p, line.n);
	w->index_contents_n += line.n;
	free(pk_steal(&q->name));
	w->pending_from++;
	return pk_buf_check(&line, err) < 0 ? -1 : match_ranges(w, r, at.size, err);
}

static int match_more_ranges(struct walk *w, const struct pk_record *r, uint64_t of, struct pk_err *err)
{
	size_t lo = 0, hi = w->sparse_n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (w->sparse[mid].leaf == of)
			return take_ranges(r, &w->sparse[mid], err);
		if (w->sparse[mid].leaf < of)
			lo = mid + 1;
		else
			hi = mid;
	}
	return pk_fail(err, PK_EFORMAT, 0, "record %llu continues what is not there", (unsigned long long)r->leaf);
}

static struct known *find_known(struct walk *w, uint64_t leaf)
{
	size_t lo = 0, hi = w->known_n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (w->known[mid].leaf == leaf)
			return &w->known[mid];
		if (w->known[mid].leaf < leaf)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* The member name that a path gives; in a share, below the bundle that its record comes from. */
static int put_path_name(const struct walk *w, const struct pk_record *r, struct pk_str path, struct pk_buf *ret,
			 struct pk_err *err)
{
	PK_AUTO(pk_buf) name = {0};
	uint8_t id[16];
	uint64_t leaf = 0;

	pk_buf_put_member_name(&name, "data/root/", path);
	if (w->kind != PK_BAG_SHARE) {
		pk_buf_put_str(ret, pk_buf_str(&name));
	} else if (pk_share_record_src(r->json, id, &leaf)) {
		pk_buf_put_share_name(ret, id, pk_buf_str(&name));
	} else {
		return pk_fail(err, PK_EFORMAT, 0, "record %llu does not say where it comes from",
			       (unsigned long long)r->leaf);
	}
	return name.oom ? pk_fail_oom(err) : pk_buf_check(ret, err);
}

/* A path's record that has a content: the content came before, and the first path to name it named the member. (A hard
 * link's record may say the member's name, and then must say it right.) */
static int match_path(struct walk *w, const struct pk_record *r, struct pk_err *err)
{
	PK_AUTO(pk_buf) path = {0}, name = {0};
	struct pk_str member = {0};
	struct known *k = NULL;
	uint64_t leaf = 0;

	if (!pk_json_get(r->json, "c") && !pk_json_get(r->json, "member"))
		return 0;
	if (!pk_json_get_uint(r->json, "c", &leaf) || !pk_json_get_bytes(r->json, "path", &path))
		return pk_fail(err, PK_EFORMAT, 0, "record %llu lacks path or content", (unsigned long long)r->leaf);
	k = find_known(w, leaf);
	if (!k || k->live ||
	    (pk_json_get(r->json, "member") &&
	     (!pk_json_get_str(r->json, "member", &member) || k->name != pk_nameset_hash(&w->names, member))))
		return pk_fail(err, PK_EFORMAT, 0, "record %llu names a content that is not its own",
			       (unsigned long long)r->leaf);
	if (k->named)
		return 0;
	if (put_path_name(w, r, pk_buf_str(&path), &name, err) < 0)
		return -1;
	if (k->name != pk_nameset_hash(&w->names, pk_buf_str(&name)))
		return pk_fail(err, PK_EFORMAT, 0, "the content of record %llu does not have the name of its path",
			       (unsigned long long)leaf);
	k->named = true;
	return 0;
}

/* A record that continues the list of an earlier one, and describes nothing itself. */
static int match_more(struct walk *w, const struct pk_record *r, struct pk_err *err)
{
	uint64_t of = 0;
	bool ok = pk_json_get_uint(r->json, "more_of", &of) && of < r->leaf && !pk_json_get(r->json, "c") &&
		  !pk_json_get(r->json, "frame") && !pk_json_get(r->json, "path") &&
		  !pk_json_get(r->json, "path_b64") && !pk_json_get(r->json, "member");

	if (!ok)
		return pk_fail(err, PK_EFORMAT, 0, "record %llu continues what is not there",
			       (unsigned long long)r->leaf);
	return r->type == 'c' ? match_more_ranges(w, r, of, err) : 0;
}

/* --- segments ---------------------------------------------------------------------------------------- */

static int match_line(struct walk *w, struct pk_str line, struct pk_err *err)
{
	struct pk_record r = {0};
	int ret = 0;

	if (pk_record_parse(line, w->leaves, &r, err) < 0)
		return -1;
	if (pk_record_check(&r, err) < 0)
		ret = -1;
	else if ((r.type == 'b') != (w->leaves == 0))
		ret = pk_fail(err, PK_EFORMAT, 0, "record %llu is out of place", (unsigned long long)w->leaves);
	else if (pk_json_get(r.json, "more_of"))
		ret = match_more(w, &r, err);
	else if (r.type == 'c' || r.type == 'l')
		ret = match_content(w, &r, err);
	else if (r.type == 'm')
		ret = match_path(w, &r, err);
	pk_record_done(&r);
	w->leaves++;
	return ret;
}

static int match_lines(struct walk *w, struct pk_str text, struct pk_err *err)
{
	struct pk_str line = {0};

	if (text.n == 0 || text.p[text.n - 1] != '\n')
		return pk_fail(err, PK_EFORMAT, 0, "a segment of records does not end with a line");
	while (text.n && pk_str_line(&text, &line)) {
		if (match_line(w, line, err) < 0)
			return -1;
	}
	return 0;
}

static int walk_segment(struct walk *w, struct pk_err *err)
{
	PK_AUTO(pk_buf) name = {0}, text = {0}, note = {0};
	struct pk_index_segment x = {.segment = (uint32_t)w->segments, .first = w->leaves, .records = w->at_member};
	uint8_t sum[32];

	if (w->segments > PK_MAX_SEGMENTS)
		return pk_fail(err, PK_ELIMIT, 0, "more than %u segments", PK_MAX_SEGMENTS);
	pk_buf_putf(&name, "meta/records-%04u.jsonl", (unsigned)w->segments);
	if (pk_buf_check(&name, err) < 0 || expect(w, name.p, err) < 0 ||
	    take_buf(w, PK_MAX_SEGMENT_LOG, &text, err) < 0)
		return -1;
	pk_sha256(text.p, text.n, sum);
	put_tag(w, name.p, sum);
	if (match_lines(w, pk_buf_str(&text), err) < 0)
		return -1;
	pk_buf_reset(&name);
	pk_buf_putf(&name, "meta/note-%04u", (unsigned)w->segments);
	if (pk_buf_check(&name, err) < 0 || take_text(w, name.p, 2 * PK_MAX_NOTE_TEXT, &note, err) < 0)
		return -1;
	x.note = w->at_member;
	x.leaves = w->leaves - x.first;
	pk_buf_put_index_segment(&w->index_segments, &x);
	w->last = x;
	w->segments++;
	if (tell(w, PK_TELL_RECORDS, pk_buf_str(&text), err) < 0)
		return -1;
	return tell(w, PK_TELL_NOTE, pk_buf_str(&note), err);
}

/* --- the tail ---------------------------------------------------------------------------------------- */

static int check_described(struct walk *w, struct pk_err *err)
{
	if (w->segments == 0)
		return pk_fail(err, PK_EFORMAT, 0, "there are no records");
	if (w->pending_from != w->pending_n)
		return pk_fail(err, PK_EFORMAT, 0, "member '%s' has no record", w->pending[w->pending_from].name);
	for (size_t i = 0; i < w->sparse_n; i++)
		if (w->sparse[i].ranges.stored != w->sparse[i].size)
			return pk_fail(err, PK_EFORMAT, 0, "record %llu: its extents are not its content",
				       (unsigned long long)w->sparse[i].leaf);
	for (size_t i = 0; i < w->known_n; i++)
		if (!w->known[i].named)
			return pk_fail(err, PK_EFORMAT, 0, "the content of record %llu has no path",
				       (unsigned long long)w->known[i].leaf);
	return 0;
}

static int walk_manifest(struct walk *w, uint8_t ret_sum[32], struct pk_err *err)
{
	uint8_t want[32];

	pk_sha256_end(&w->manifest, want);
	if (take_content(w, (struct pk_sink){sums_write, w->sums}, err) < 0 || pk_sums_end(w->sums, err) < 0 ||
	    pk_sums_take(w->sums, ret_sum, err) < 0)
		return -1;
	if (w->member.size != w->manifest_n || memcmp(want, ret_sum, 32) != 0)
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
	pk_sha256_end(&w->index_contents, want);
	if (c.differs || c.want.n || w->member.size != w->index_segments.n + w->index_contents_n ||
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
	struct pk_end end = {.leaves = w->leaves,
			     .segments = w->segments,
			     .contents = w->known_n,
			     .records = w->last.records,
			     .note = w->last.note};
	uint8_t manifest[32], tagmanifest[32];

	memcpy(end.id, w->id, 16);
	if (check_described(w, err) < 0 || expect(w, PK_NAME_MANIFEST, err) < 0 ||
	    walk_manifest(w, manifest, err) < 0 || walk_tagmanifest(w, tagmanifest, err) < 0 ||
	    walk_index(w, &end.index, err) < 0 || take_header(w, err) < 0 || expect(w, PK_NAME_CHECKPOINT, err) < 0)
		return -1;
	end.checkpoint = w->at_member;
	if (take_buf(w, 2 * PK_MAX_NOTE_TEXT, &checkpoint, err) < 0 || walk_end(w, &end, err) < 0)
		return -1;
	pk_buf_put(&sums, manifest, 32);
	pk_buf_put(&sums, tagmanifest, 32);
	put_u64(&sums, w->known_n);
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
	pk_sums_free(w->sums); /* before the frames that it hashes */
	pk_frames_free(w->frames);
	for (size_t i = w->pending_from; i < w->pending_n; i++)
		free(w->pending[i].name);
	free(w->pending);
	free(w->known);
	free(w->sparse);
	pk_nameset_done(&w->names);
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
	while (r == 0 && w.kind == PK_BAG_SHARE) {
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

	pk_sha256_init(&w.manifest);
	pk_sha256_init(&w.index_contents);
	if (pk_frames_new(age, workers, hasher ? PK_SUMS_TURNS : 1, &w.frames, err) == 0 &&
	    pk_sums_new(hasher, &w.sums, err) == 0)
		r = walk_all(&w, stop_at_segment, err);
	walk_done(&w);
	return r;
}
