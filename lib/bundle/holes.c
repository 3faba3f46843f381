/* SPDX-License-Identifier: Apache-2.0 */
/* One content with holes: its ranges, out of the records, and its bytes at their places. */
#include "holes.h"

#include <picket/record.h>

#include <stdlib.h>

void pk_holes_done(struct pk_holes *h)
{
	free(h->extent);
	*h = (struct pk_holes){0};
}

static int take(struct pk_holes *h, const struct pk_record *r, struct pk_err *err)
{
	const struct pk_json_value *list = pk_json_get(r->json, "extents");
	size_t n = pk_json_count(list);

	if (!pk_grow(&h->extent, &h->cap, h->extents + n + 1, sizeof(*h->extent)))
		return pk_fail_oom(err);
	for (size_t i = 0; i < n; i++) {
		struct pk_range x = {0};

		if (!pk_ranges_take(&h->ranges, pk_json_at(list, i), &x.off, &x.len) || h->ranges.stored > h->size)
			return pk_fail(err, PK_EFORMAT, 0, "record %llu: its extents cannot be",
				       (unsigned long long)r->leaf);
		h->extent[h->extents++] = x;
	}
	return 0;
}

int pk_holes_begin(struct pk_holes *h, const struct pk_record *r, struct pk_err *err)
{
	h->leaf = r->leaf;
	h->found = true;
	if (!pk_json_get_uint(r->json, "size", &h->size))
		return pk_fail(err, PK_EUSAGE, 0, "record %llu is not of a content", (unsigned long long)r->leaf);
	(void)pk_json_get_uint(r->json, "padded", &h->padded);
	h->padded = PK_MIN(h->padded, h->size);
	h->partial = pk_content_partial(r->json);
	h->ranges.logical = h->size;
	h->sparse = pk_json_get(r->json, "extents") != NULL;
	if (!h->sparse)
		return 0;
	if (!pk_json_get_uint(r->json, "logical", &h->ranges.logical) || h->ranges.logical > INT64_MAX)
		return pk_fail(err, PK_EFORMAT, 0, "record %llu: its sparse size cannot be",
			       (unsigned long long)r->leaf);
	return take(h, r, err);
}

bool pk_holes_unfinished(const struct pk_holes *h) { return h->sparse && h->ranges.stored < h->size; }

int pk_holes_more(struct pk_holes *h, struct pk_str records, uint64_t first, struct pk_sharein *share,
		  struct pk_err *err)
{
	struct pk_str line = {0};

	for (uint64_t leaf = first; pk_holes_unfinished(h) && records.n && pk_str_line(&records, &line); leaf++) {
		PK_AUTO(pk_record) r = {0};
		uint64_t of = 0;

		/* a record begins {"t":"X" */
		if (leaf <= h->leaf || line.n < 7 || line.p[6] != 'c')
			continue;
		if (pk_record_read(line, leaf, &r, err) < 0)
			return -1;
		if (!pk_json_get_uint(r.json, "more_of", &of) || of != h->leaf)
			continue;
		if ((share && pk_sharein_match(share, &r, true, err) < 0) || take(h, &r, err) < 0)
			return -1;
	}
	return 0;
}

/* --- placing ------------------------------------------------------------------------------------------- */

static int skip_to(struct pk_placing *p, uint64_t off, struct pk_err *err)
{
	if (off > p->at && p->to->hole(p->to->data.ctx, off - p->at, err) < 0)
		return -1;
	p->at = PK_MAX(p->at, off);
	return 0;
}

int pk_placing_put(struct pk_placing *p, struct pk_str bytes, struct pk_err *err)
{
	while (bytes.n) {
		size_t n = bytes.n;

		if (p->extent) {
			while (p->now < p->extents && p->in == p->extent[p->now].len) {
				p->now++;
				p->in = 0;
			}
			if (p->now == p->extents)
				return pk_fail(err, PK_EFORMAT, 0, "more bytes than the extents hold");
			n = (size_t)PK_MIN((uint64_t)n, p->extent[p->now].len - p->in);
			if (skip_to(p, p->extent[p->now].off + p->in, err) < 0)
				return -1;
			p->in += n;
		}
		if (p->to->data.write(p->to->data.ctx, bytes.p, n, err) < 0)
			return -1;
		p->at += n;
		bytes = pk_str_n(bytes.p + n, bytes.n - n);
	}
	return 0;
}

int pk_placing_end(struct pk_placing *p, struct pk_err *err) { return p->extent ? skip_to(p, p->logical, err) : 0; }
