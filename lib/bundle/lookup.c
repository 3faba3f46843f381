/* SPDX-License-Identifier: Apache-2.0 */
/* Random access in the parser child: by end, index and seek table, which are hints and nothing more. */
#include "holes.h"
#include "source.h"
#include "tell.h"

#include <picket/record.h>

#define MAX_INDEX_LINE 512

static int tell(const struct pk_teller *t, enum pk_tell what, struct pk_str bytes, struct pk_err *err)
{
	return t->tell(t->ctx, what, bytes, err);
}

static int data_write(void *ctx, const void *p, size_t n, struct pk_err *err)
{
	const struct pk_teller *t = ctx;
	const char *at = p;

	while (n) {
		size_t k = PK_MIN(n, (size_t)PK_TELL_DATA_BYTES);

		if (tell(t, PK_TELL_DATA, pk_str_n(at, k), err) < 0)
			return -1;
		at += k;
		n -= k;
	}
	return 0;
}

struct pk_sink pk_tell_sink(const struct pk_teller *t) { return (struct pk_sink){data_write, (void *)(uintptr_t)t}; }

/* meta/end.json is alone in the last frame. */
static int read_end(struct pk_seeker *s, struct pk_end *ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	struct pk_place at = {pk_seeker_frames(s) - 1, PK_TAR_BLOCK, PK_END_SIZE};

	if (pk_seeker_read_buf(s, &at, PK_END_SIZE, &text, err) < 0)
		return -1;
	return pk_end_parse(pk_buf_str(&text), ret, err);
}

/* --- the index, line by line ------------------------------------------------------------------------- */

struct index_reader {
	struct pk_buf line;
	int (*segment)(void *ctx, const struct pk_index_segment *x, struct pk_err *err);
	void *ctx;
	bool over; /* the contents' lines begin */
};

static int index_line(struct index_reader *r, struct pk_err *err)
{
	struct pk_index_segment x = {0};
	bool is = false;

	if (pk_index_segment_parse(pk_buf_str(&r->line), &is, &x, err) < 0)
		return -1;
	r->over = !is;
	return is ? r->segment(r->ctx, &x, err) : 0;
}

static int index_write(void *ctx, const void *p, size_t n, struct pk_err *err)
{
	struct index_reader *r = ctx;
	struct pk_str rest = pk_str_n(p, n);

	while (rest.n && !r->over) {
		size_t k = pk_str_find(rest, '\n');

		if (r->line.n + k > MAX_INDEX_LINE)
			return pk_fail(err, PK_EFORMAT, 0, "index line is not as it must be");
		pk_buf_put(&r->line, rest.p, k);
		if (k == rest.n)
			break;
		if (pk_buf_check(&r->line, err) < 0 || index_line(r, err) < 0)
			return -1;
		pk_buf_reset(&r->line);
		rest = pk_str_n(rest.p + k + 1, rest.n - k - 1);
	}
	return 0;
}

/* Segments of the index, in order, gathered: they are few. */
struct segments {
	struct pk_index_segment *v;
	size_t n, cap;
};

static void segments_done(struct segments *g)
{
	free(g->v);
	*g = (struct segments){0};
}

static int gather(void *ctx, const struct pk_index_segment *x, struct pk_err *err)
{
	struct segments *g = ctx;

	if (x->segment != g->n || (g->n && x->first != g->v[g->n - 1].first + g->v[g->n - 1].leaves) ||
	    (!g->n && x->first))
		return pk_fail(err, PK_EFORMAT, 0, "index: segment %u is out of order", x->segment);
	if (!pk_grow(&g->v, &g->cap, g->n + 1, sizeof(*g->v)))
		return pk_fail_oom(err);
	g->v[g->n++] = *x;
	return 0;
}

static int read_index(struct pk_seeker *s, const struct pk_end *end, struct segments *ret, struct pk_err *err)
{
	struct index_reader r = {.segment = gather, .ctx = ret};
	int e = pk_seeker_read(s, &end->index, (struct pk_sink){index_write, &r}, err);

	pk_buf_done(&r.line);
	if (e == 0 && ret->n != end->segments)
		return pk_fail(err, PK_EFORMAT, 0, "index and end do not agree");
	return e;
}

static int tell_segment(struct pk_seeker *s, const struct pk_index_segment *x, struct pk_buf *text,
			const struct pk_teller *t, struct pk_err *err)
{
	PK_AUTO(pk_buf) note = {0};

	pk_buf_reset(text);
	if (pk_seeker_read_buf(s, &x->records, PK_MAX_SEGMENT_LOG, text, err) < 0 ||
	    pk_seeker_read_buf(s, &x->note, 2 * PK_MAX_NOTE_TEXT, &note, err) < 0 ||
	    tell(t, PK_TELL_RECORDS, pk_buf_str(text), err) < 0)
		return -1;
	return tell(t, PK_TELL_NOTE, pk_buf_str(&note), err);
}

/* --- what the parent asks for ------------------------------------------------------------------------ */

/* Opens the table, the end and the index: what every question begins with. */
static int begin(struct pk_age_file *age, struct pk_seeker **ret, struct pk_end *end, struct segments *g,
		 struct pk_err *err)
{
	if (pk_seeker_new(age, ret, err) < 0 || read_end(*ret, end, err) < 0)
		return -1;
	return read_index(*ret, end, g, err);
}

int pk_parse_open(struct pk_age_file *age, const struct pk_teller *t, struct pk_err *err)
{
	PK_AUTOPTR(pk_seeker) s = NULL;
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(segments) g = {0};
	struct pk_end end = {0};

	if (begin(age, &s, &end, &g, err) < 0 || pk_parse_head(age, t, err) < 0)
		return -1;
	if (!g.n)
		return pk_fail(err, PK_EFORMAT, 0, "there are no records");
	if (tell_segment(s, &g.v[0], &text, t, err) < 0)
		return -1;
	pk_buf_reset(&text);
	if (pk_seeker_read_buf(s, &end.checkpoint, 2 * PK_MAX_NOTE_TEXT, &text, err) < 0)
		return -1;
	return tell(t, PK_TELL_CHECKPOINT, pk_buf_str(&text), err);
}

int pk_parse_records(struct pk_age_file *age, const struct pk_teller *t, struct pk_err *err)
{
	PK_AUTOPTR(pk_seeker) s = NULL;
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(segments) g = {0};
	struct pk_end end = {0};

	if (begin(age, &s, &end, &g, err) < 0)
		return -1;
	for (size_t i = 0; i < g.n; i++) {
		if (tell_segment(s, &g.v[i], &text, t, err) < 0)
			return -1;
	}
	pk_buf_reset(&text);
	if (pk_seeker_read_buf(s, &end.checkpoint, 2 * PK_MAX_NOTE_TEXT, &text, err) < 0)
		return -1;
	return tell(t, PK_TELL_CHECKPOINT, pk_buf_str(&text), err);
}

static int content_place(struct pk_str text, uint64_t first, uint64_t leaf, struct pk_place *ret,
			 struct pk_holes *holes, struct pk_err *err)
{
	struct pk_str line = {0};
	struct pk_record r = {0};
	bool ok = false;
	int e;

	for (uint64_t i = first; i <= leaf; i++)
		if (!text.n || !pk_str_line(&text, &line))
			return pk_fail(err, PK_EFORMAT, 0, "record %llu is not where the index says",
				       (unsigned long long)leaf);
	if (pk_record_parse(line, leaf, &r, err) < 0)
		return -1;
	ok = (r.type == 'c' || r.type == 'l') && pk_json_get_uint(r.json, "frame", &ret->frame) &&
	     pk_json_get_uint(r.json, "off", &ret->off) && pk_json_get_uint(r.json, "size", &ret->size);
	e = ok ? pk_holes_begin(holes, &r, err)
	       : pk_fail(err, PK_EFORMAT, 0, "record %llu is not of a content", (unsigned long long)leaf);
	pk_record_done(&r);
	return e;
}

/* The text is that of segment `at`, with the content's record. */
static int tell_ranges(struct pk_seeker *s, const struct segments *g, size_t at, struct pk_buf *text,
		       struct pk_holes *holes, const struct pk_teller *t, struct pk_err *err)
{
	for (;;) {
		if (pk_holes_more(holes, pk_buf_str(text), g->v[at].first, NULL, err) < 0)
			return -1;
		if (!pk_holes_unfinished(holes) || ++at == g->n)
			return 0;
		if (tell_segment(s, &g->v[at], text, t, err) < 0)
			return -1;
	}
}

int pk_parse_content(struct pk_age_file *age, uint64_t leaf, bool ranges, const struct pk_teller *t, struct pk_err *err)
{
	PK_AUTOPTR(pk_seeker) s = NULL;
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(segments) g = {0};
	PK_AUTO(pk_holes) holes = {0};
	const struct pk_index_segment *x = NULL;
	struct pk_place at = {0};
	struct pk_end end = {0};

	if (begin(age, &s, &end, &g, err) < 0)
		return -1;
	for (size_t i = 0; i < g.n; i++)
		if (leaf >= g.v[i].first && leaf - g.v[i].first < g.v[i].leaves)
			x = &g.v[i];
	if (!x)
		return pk_fail(err, PK_EUSAGE, 0, "there is no record %llu", (unsigned long long)leaf);
	if (tell_segment(s, x, &text, t, err) < 0 ||
	    content_place(pk_buf_str(&text), x->first, leaf, &at, &holes, err) < 0 ||
	    (ranges && tell_ranges(s, &g, (size_t)(x - g.v), &text, &holes, t, err) < 0) ||
	    tell(t, PK_TELL_CONTENT, pk_str_n(&leaf, sizeof(leaf)), err) < 0)
		return -1;
	return pk_seeker_read(s, &at, pk_tell_sink(t), err);
}

int pk_parse_places(struct pk_age_file *age, const struct pk_place *at, const uint64_t *number, size_t n,
		    const struct pk_teller *t, struct pk_err *err)
{
	PK_AUTOPTR(pk_seeker) s = NULL;

	if (pk_seeker_new(age, &s, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (tell(t, PK_TELL_CONTENT, pk_str_n(&number[i], sizeof(number[i])), err) < 0 ||
		    pk_seeker_read(s, &at[i], pk_tell_sink(t), err) < 0)
			return -1;
	}
	return 0;
}
