/* SPDX-License-Identifier: Apache-2.0 */
/* Indicators of a tree: every path is compared, and every content that is read is hashed for them on the way. */
#include "feed.h"

#include <picket/io.h>

static int on_answer(void *ctx, const struct pk_ioc_answer *a, struct pk_err *err)
{
	const struct pk_scantree *t = ctx;
	struct pk_feed_entry *e = pk_feed_entry(t, a->id);

	e->asked--;
	if (a->why || a->more)
		e->ioc_why = a->why ? a->why : "more indicators hit than are kept";
	return pk_ioc_hits_add(&e->ioc, a->hits, a->hit_count, err);
}

void pk_feed_ioc_listen(struct pk_scantree *t)
{
	if (t->p.ioc)
		pk_ioc_listen(t->p.ioc, on_answer, t);
}

int pk_feed_ioc_ask(struct pk_scantree *t, uint64_t n, struct pk_err *err)
{
	struct pk_feed_entry *e = pk_feed_entry(t, n);
	bool absolute = t->absolute && t->absolute->n > 0;

	if (!t->p.ioc || !pk_ioc_has_texts(t->p.ioc))
		return 0;
	e->asked = 1;
	return pk_ioc_ask(t->p.ioc, n, PK_IOC_PATH, absolute ? pk_buf_str(t->absolute) : pk_str(e->path), err);
}

/* One good file does not speak for all that a table tells. */
static int on_row_hash(void *ctx, const struct pk_ioc_hit *hit, struct pk_err *err)
{
	struct pk_feed_entry *e = ctx;

	return hit->known_good ? 0 : pk_ioc_hits_add(&e->ioc, hit, 1, err);
}

int pk_feed_ioc_rows(struct pk_scantree *t, uint64_t n, struct pk_str rows, struct pk_err *err)
{
	struct pk_str row = {0};

	while (pk_str_line(&rows, &row)) {
		if (pk_ioc_find_row(t->p.ioc, row, on_row_hash, pk_feed_entry(t, n), err) < 0)
			return -1;
		if (!pk_ioc_has_texts(t->p.ioc))
			continue;
		pk_feed_entry(t, n)->asked++;
		if (pk_ioc_ask(t->p.ioc, n, PK_IOC_ROW, row, err) < 0)
			return -1;
	}
	return 0;
}

/* False when the bytes cannot be had again. */
static bool hash_bytes(const struct pk_scantree *t, struct pk_feed_entry *e, struct pk_hasher *h)
{
	pk_autofree char *buf = NULL;
	uint64_t at = 0;
	size_t got = 0;

	if (e->slot >= 0) {
		pk_hasher_put(h, t->p.slots->base + e->offset, e->length);
		return true;
	}
	buf = e->fd >= 0 ? malloc(1 << 20) : NULL;
	for (; buf && at < e->length; at += got) {
		if (pk_pread_full(e->fd, buf, PK_MIN(e->length - at, (uint64_t)1 << 20), at, &got, NULL) < 0 ||
		    got == 0)
			return false;
		pk_hasher_put(h, buf, got);
	}
	return buf != NULL;
}

int pk_feed_look_up(const struct pk_scantree *t, struct pk_feed_entry *e, struct pk_err *err)
{
	unsigned needs = t->p.ioc ? pk_ioc_needs(t->p.ioc) : 0;
	struct pk_ioc_hit hits[PK_IOC_MAX_HASH_HITS];

	if (needs == 0)
		return 0;
	if (!e->hashed) {
		if (!e->ioc_why)
			e->ioc_why = "its hash could not be had";
		return 0;
	}
	return pk_ioc_hits_add(&e->ioc, hits, pk_ioc_find_hash(t->p.ioc, &e->hashes, needs, hits), err);
}

int pk_feed_hash(const struct pk_scantree *t, struct pk_feed_entry *e, bool has_hits, struct pk_err *err)
{
	unsigned needs = t->p.ioc ? pk_ioc_needs(t->p.ioc) : 0;
	struct pk_hasher h;

	/* with indicators every hit may turn out to need it: their answers come later */
	if (has_hits || t->p.ioc)
		needs |= PK_HASH_SHA256;
	if (needs == 0)
		return 0;
	pk_hasher_init(&h, needs);
	e->hashed = hash_bytes(t, e, &h);
	if (e->hashed)
		pk_hasher_end(&h, &e->hashes);
	return pk_feed_look_up(t, e, err);
}
