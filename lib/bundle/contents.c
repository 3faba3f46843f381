/* SPDX-License-Identifier: Apache-2.0 */
/* Contents of a verified bundle, one after the other, for whoever looks at all of them. */
#include "extract_int.h"

#include <stdlib.h>

struct pk_contents {
	struct pk_extraction plan;
	struct pk_stored now;
	const struct pk_contents_events *to;
	const uint64_t *leaf; /* asked for */
	size_t n, begun;
	size_t extent;      /* of a sparse file: being filled */
	uint64_t extent_at; /* bytes of it that are */
};

static const struct pk_extract real_names;

int pk_contents_new(struct pk_bundle *b, struct pk_contents **ret, struct pk_err *err)
{
	struct pk_contents *c = calloc(1, sizeof(*c));

	if (!c)
		return pk_fail_oom(err);
	c->plan = (struct pk_extraction){.b = b, .x = &real_names, .target = PK_TARGET_INIT};
	*ret = c;
	return 0;
}

void pk_contents_free(struct pk_contents *c)
{
	if (!c)
		return;
	pk_extraction_done(&c->plan);
	free(c);
}

int pk_contents_take(struct pk_contents *c, const struct pk_record *r, struct pk_err *err)
{
	return r->type == 'c' || r->type == 'l' ? pk_plan_record(&c->plan, r, err) : 0;
}

static struct pk_stored stored(const struct pk_want *w)
{
	struct pk_stored s = {.leaf = w->leaf, .size = w->ranges.logical, .stored = w->at.size, .name = w->path};

	memcpy(s.sha256, w->sum, sizeof(s.sha256));
	return s;
}

bool pk_contents_find(const struct pk_contents *c, uint64_t leaf, struct pk_stored *ret)
{
	const struct pk_want *w = pk_plan_find(&c->plan, leaf);

	if (w)
		*ret = stored(w);
	return w != NULL;
}

static int finish(struct pk_contents *c, struct pk_err *err)
{
	if (!c->begun)
		return 0;
	if (pk_checked_end(&c->plan.checked, err) < 0)
		return pk_wrap(err, "record %llu", (unsigned long long)c->now.leaf);
	return c->to->end(c->to->ctx, &c->now, err);
}

static int begin(struct pk_contents *c, struct pk_str bytes, struct pk_err *err)
{
	const struct pk_want *w = NULL;
	uint64_t i = 0;

	if (finish(c, err) < 0)
		return -1;
	if (bytes.n != sizeof(i))
		return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	memcpy(&i, bytes.p, sizeof(i));
	if (c->begun == c->n || i != c->leaf[c->begun] || !(w = pk_plan_find(&c->plan, i)))
		return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	c->begun++;
	c->now = stored(w);
	c->extent = 0;
	c->extent_at = 0;
	c->plan.now = (size_t)(w - c->plan.want);
	c->plan.checked = (struct pk_checked){.size = w->at.size, .left = w->at.size};
	memcpy(c->plan.checked.want, w->sum, 32);
	pk_sha256_init(&c->plan.checked.hash);
	return c->to->begin(c->to->ctx, &c->now, err);
}

/* Each piece to its place in the file. */
static int data(struct pk_contents *c, struct pk_str bytes, struct pk_err *err)
{
	const struct pk_want *w = &c->plan.want[c->plan.now];
	uint64_t at = w->at.size - c->plan.checked.left;

	if (pk_checked_put(&c->plan.checked, bytes, err) < 0)
		return -1;
	if (!w->extent)
		return c->to->data(c->to->ctx, at, bytes, err);
	while (bytes.n && c->extent < w->extents) {
		const struct pk_range *x = &w->extent[c->extent];
		size_t n = (size_t)PK_MIN(x->len - c->extent_at, (uint64_t)bytes.n);

		if (n && c->to->data(c->to->ctx, x->off + c->extent_at, pk_str_n(bytes.p, n), err) < 0)
			return -1;
		bytes = pk_str_n(bytes.p + n, bytes.n - n);
		c->extent_at += n;
		if (c->extent_at == x->len) {
			c->extent++;
			c->extent_at = 0;
		}
	}
	return 0;
}

static int hear(void *ctx, enum pk_tell what, struct pk_str bytes, struct pk_err *err)
{
	struct pk_contents *c = ctx;

	if (what == PK_TELL_CONTENT)
		return begin(c, bytes, err);
	if (what != PK_TELL_DATA || !c->begun)
		return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	return data(c, bytes, err);
}

struct places {
	struct pk_place *at;
	const uint64_t *leaf;
	size_t n;
};

static int job(void *arg, struct pk_age_file *age, const struct pk_teller *t, struct pk_err *err)
{
	const struct places *p = arg;

	return pk_parse_places(age, p->at, p->leaf, p->n, t, err);
}

int pk_contents_read(struct pk_contents *c, const uint64_t *leaves, size_t n, const struct pk_contents_events *to,
		     struct pk_err *err)
{
	pk_autofree struct pk_place *at = calloc(n + 1, sizeof(*at));
	struct places p = {at, leaves, n};
	const char *path = c->plan.b->path;

	if (!at)
		return pk_fail_oom(err);
	for (size_t i = 0; i < n; i++) {
		const struct pk_want *w = pk_plan_find(&c->plan, leaves[i]);

		if (!w)
			return pk_fail(err, PK_EUSAGE, 0, "'%s': record %llu is of no content", path,
				       (unsigned long long)leaves[i]);
		if (pk_plan_check(w, err) < 0)
			return pk_wrap(err, "'%s'", path);
		at[i] = w->at;
	}
	c->to = to;
	c->leaf = leaves;
	c->n = n;
	c->begun = 0;
	if (pk_child_run(c->plan.b->age, job, &p, hear, c, err) < 0 || finish(c, err) < 0)
		return pk_wrap(err, "'%s'", path);
	return c->begun == n ? 0 : pk_fail(err, PK_EFORMAT, 0, "'%s': the parser left out contents", path);
}
