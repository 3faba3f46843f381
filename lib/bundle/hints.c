/* SPDX-License-Identifier: Apache-2.0 */
/* Hints for random access: meta/index.jsonl and meta/end.json. Never believed, only followed and then checked. */
#include "format.h"

#include <picket/json.h>

static void put_place(struct pk_json *j, const char *key, const struct pk_place *at)
{
	pk_json_key(j, key);
	pk_json_begin(j, '[');
	pk_json_uint(j, at->frame);
	pk_json_uint(j, at->off);
	pk_json_uint(j, at->size);
	pk_json_end(j, ']');
}

void pk_buf_put_index_segment(struct pk_buf *b, const struct pk_index_segment *s)
{
	struct pk_json j = {.out = b};

	pk_json_begin(&j, '{');
	pk_json_kuint(&j, "segment", s->segment);
	pk_json_kuint(&j, "first", s->first);
	pk_json_kuint(&j, "leaves", s->leaves);
	put_place(&j, "records", &s->records);
	put_place(&j, "note", &s->note);
	pk_json_end(&j, '}');
	pk_buf_put_c(b, '\n');
}

void pk_buf_put_index_content(struct pk_buf *b, uint64_t leaf, const struct pk_place *at)
{
	/* one a content: no need for more than this */
	pk_buf_putf(b, "{\"leaf\":%llu,\"at\":[%llu,%llu,%llu]}\n", (unsigned long long)leaf,
		    (unsigned long long)at->frame, (unsigned long long)at->off, (unsigned long long)at->size);
}

/* The parser of a place reads the text itself: `"key":[a,b,c]` and nothing else. */
static bool take_text(struct pk_str *rest, const char *z)
{
	struct pk_str t = pk_str(z);

	if (!pk_str_starts(*rest, t))
		return false;
	*rest = pk_str_n(rest->p + t.n, rest->n - t.n);
	return true;
}

static bool take_u64(struct pk_str *rest, uint64_t max, uint64_t *ret)
{
	size_t n = 0;

	while (n < rest->n && rest->p[n] >= '0' && rest->p[n] <= '9')
		n++;
	if (!pk_str_u64(pk_str_n(rest->p, n), max, ret))
		return false;
	*rest = pk_str_n(rest->p + n, rest->n - n);
	return true;
}

static bool take_place(struct pk_str *rest, const char *key, struct pk_place *ret)
{
	return take_text(rest, ",\"") && take_text(rest, key) && take_text(rest, "\":[") &&
	       take_u64(rest, PK_MAX_FRAMES, &ret->frame) && take_text(rest, ",") &&
	       take_u64(rest, PK_FRAME_MAX, &ret->off) && take_text(rest, ",") &&
	       take_u64(rest, PK_MAX_CONTENT, &ret->size) && take_text(rest, "]");
}

int pk_index_segment_parse(struct pk_str line, bool *ret_is, struct pk_index_segment *ret, struct pk_err *err)
{
	struct pk_index_segment s = {0};
	struct pk_str rest = line;
	uint64_t n = 0;

	if (pk_str_starts(line, PK_STR("{\"leaf\":"))) {
		*ret_is = false;
		return 0;
	}
	if (!take_text(&rest, "{\"segment\":") || !take_u64(&rest, PK_MAX_SEGMENTS, &n) ||
	    !take_text(&rest, ",\"first\":") || !take_u64(&rest, UINT64_MAX >> 1, &s.first) ||
	    !take_text(&rest, ",\"leaves\":") || !take_u64(&rest, UINT64_MAX >> 1, &s.leaves) ||
	    !take_place(&rest, "records", &s.records) || !take_place(&rest, "note", &s.note) ||
	    !take_text(&rest, "}") || rest.n != 0)
		return pk_fail(err, PK_EFORMAT, 0, "index line is not as it must be");
	s.segment = (uint32_t)n;
	*ret_is = true;
	*ret = s;
	return 0;
}

int pk_buf_put_end(struct pk_buf *b, const struct pk_end *e, struct pk_err *err)
{
	PK_AUTO(pk_buf) t = {0};
	struct pk_json j = {.out = &t};

	pk_json_begin(&j, '{');
	pk_json_kuint(&j, "v", 1);
	pk_json_khex(&j, "bundle", e->id, 16);
	pk_json_kuint(&j, "leaves", e->leaves);
	pk_json_kuint(&j, "segments", e->segments);
	pk_json_kuint(&j, "contents", e->contents);
	put_place(&j, "records", &e->records);
	put_place(&j, "note", &e->note);
	put_place(&j, "index", &e->index);
	put_place(&j, "checkpoint", &e->checkpoint);
	pk_json_end(&j, '}');
	if (pk_buf_check(&t, err) < 0)
		return -1;
	if (t.n >= PK_END_SIZE)
		return pk_fail(err, PK_EINTERNAL, 0, "meta/end.json of %zu bytes", t.n);
	pk_buf_put_str(b, pk_buf_str(&t));
	for (size_t n = t.n; n < PK_END_SIZE - 1; n++)
		pk_buf_put_c(b, ' ');
	pk_buf_put_c(b, '\n');
	return pk_buf_check(b, err);
}

int pk_end_parse(struct pk_str text, struct pk_end *ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) again = {0};
	struct pk_end e = {0};
	struct pk_str rest = text;

	if (text.n != PK_END_SIZE || !take_text(&rest, "{\"v\":1,\"bundle\":\"") || rest.n < 32 ||
	    !pk_hex_decode(pk_str_n(rest.p, 32), e.id, 16))
		return pk_fail(err, PK_EFORMAT, 0, "meta/end.json is not as it must be");
	rest = pk_str_n(rest.p + 32, rest.n - 32);
	if (!take_text(&rest, "\",\"leaves\":") || !take_u64(&rest, UINT64_MAX >> 1, &e.leaves) ||
	    !take_text(&rest, ",\"segments\":") || !take_u64(&rest, PK_MAX_SEGMENTS, &e.segments) ||
	    !take_text(&rest, ",\"contents\":") || !take_u64(&rest, e.leaves, &e.contents) ||
	    !take_place(&rest, "records", &e.records) || !take_place(&rest, "note", &e.note) ||
	    !take_place(&rest, "index", &e.index) || !take_place(&rest, "checkpoint", &e.checkpoint) ||
	    pk_buf_put_end(&again, &e, err) < 0 || !pk_str_eq(pk_buf_str(&again), text))
		return pk_fail(err, PK_EFORMAT, 0, "meta/end.json is not as it must be");
	*ret = e;
	return 0;
}
