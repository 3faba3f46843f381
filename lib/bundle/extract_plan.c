/* SPDX-License-Identifier: Apache-2.0 */
/* What is to be written of a bundle, out of its proven records: contents, their names, their holes. */
#include "extract_int.h"

#include <fnmatch.h>
#include <stdlib.h>

/* Patterns are of paths as the records have them, or of "live/TABLE-NNNN.jsonl"; those of a share, of any of its
 * bundles. */
bool pk_plan_fits(const struct pk_extraction *x, const char *path)
{
	bool any = x->x->only.n == 0;

	if (x->b->share && strlen(path) > 33 && path[32] == '/')
		path += 33;
	if (strncmp(path, "root/", 5) == 0)
		path += 4; /* keeps its slash */
	if (path[0] == '/' && path[1] == '/')
		path++;
	for (size_t i = 0; i < x->x->only.n; i++) {
		if (fnmatch(x->x->only.v[i], path, 0) != 0)
			continue;
		any = true;
		if (x->fits)
			x->fits[i] = true;
	}
	return any;
}

/* The record's own ranges, or, of one with more_of, those that follow them. */
static int read_extents(const struct pk_record *r, struct pk_want *w, struct pk_err *err)
{
	const struct pk_json_value *list = pk_json_get(r->json, "extents");
	size_t n = pk_json_count(list);

	if (!pk_grow(&w->extent, &w->extents_cap, w->extents + n + 1, sizeof(*w->extent)))
		return pk_fail_oom(err);
	for (size_t i = 0; i < n; i++) {
		struct pk_range e = {0};

		if (!pk_ranges_take(&w->ranges, pk_json_at(list, i), &e.off, &e.len))
			return pk_fail(err, PK_EFORMAT, 0, "record %llu: its extents cannot be",
				       (unsigned long long)r->leaf);
		w->extent[w->extents++] = e;
	}
	return 0;
}

static int plan_size(const struct pk_record *r, struct pk_want *w, struct pk_err *err)
{
	w->ranges.logical = w->at.size;
	if (!pk_json_get(r->json, "extents"))
		return 0;
	if (!pk_json_get_uint(r->json, "logical", &w->ranges.logical) || w->ranges.logical > INT64_MAX)
		return pk_fail(err, PK_EFORMAT, 0, "record %llu: its sparse size cannot be",
			       (unsigned long long)r->leaf);
	return read_extents(r, w, err);
}

const char *pk_plan_lacks(const struct pk_want *w)
{
	if (w->broken)
		return w->broken;
	return !w->extent || w->ranges.stored == w->at.size ? NULL : "records of its holes are lost";
}

int pk_plan_check(const struct pk_want *w, struct pk_err *err)
{
	const char *lacks = pk_plan_lacks(w);

	return lacks ? pk_fail(err, PK_EFORMAT, 0, "record %llu: %s", (unsigned long long)w->leaf, lacks) : 0;
}

/* In a salvage a record that cannot be costs its own content. */
static int break_one(const struct pk_extraction *x, struct pk_want *w, const char *why, const struct pk_err *e,
		     struct pk_err *err)
{
	if (x->salvage && e->kind == PK_EFORMAT) {
		w->broken = why;
		return 0;
	}
	if (err)
		*err = *e;
	return -1;
}

static int plan_place(const struct pk_record *r, struct pk_want *w, struct pk_err *err)
{
	if (!pk_json_get_uint(r->json, "frame", &w->at.frame) || !pk_json_get_uint(r->json, "off", &w->at.off) ||
	    !pk_json_get_uint(r->json, "size", &w->at.size) || !pk_json_get_hex(r->json, "sha256", w->sum, 32))
		return pk_fail(err, PK_EFORMAT, 0, "record %llu does not say where its content is",
			       (unsigned long long)r->leaf);
	(void)pk_json_get_uint(r->json, "padded", &w->padded);
	w->padded = PK_MIN(w->padded, w->at.size);
	w->partial = w->padded != 0;
	return 0;
}

/* Of a path's content the path says the name; a table and, in a share, a content without a path have their own. */
static int plan_own_name(const struct pk_extraction *x, const struct pk_record *r, struct pk_want *w,
			 struct pk_err *err)
{
	struct pk_str member = {0};

	if (r->type == 'c' && !(x->b->share && pk_json_get(r->json, "member")))
		return 0;
	if (!pk_json_get_str(r->json, "member", &member) || !pk_str_starts(member, PK_STR("data/")))
		return pk_fail(err, PK_EFORMAT, 0, "record %llu does not say its member's name",
			       (unsigned long long)r->leaf);
	if (!(w->member = pk_str_dup(member)))
		return pk_fail_oom(err);
	/* "data/live/x" becomes "live/x" */
	w->path = pk_str_dup(pk_str(x->x->member_names ? w->member : w->member + 5));
	w->asked = pk_plan_fits(x, w->member + 5);
	return w->path ? 0 : pk_fail_oom(err);
}

static int plan_content(struct pk_extraction *x, const struct pk_record *r, struct pk_err *err)
{
	struct pk_want *w = NULL;
	struct pk_err why = {0};

	if (!pk_grow(&x->want, &x->cap, x->n + 1, sizeof(*x->want)))
		return pk_fail_oom(err);
	w = &x->want[x->n++];
	*w = (struct pk_want){.leaf = r->leaf};
	if ((plan_place(r, w, &why) < 0 || plan_size(r, w, &why) < 0) &&
	    break_one(x, w, "its record does not say where it is", &why, err) < 0)
		return -1;
	if (plan_own_name(x, r, w, &why) < 0)
		return break_one(x, w, "its record does not say its name", &why, err);
	return 0;
}

struct pk_want *pk_plan_find(const struct pk_extraction *x, uint64_t leaf)
{
	return pk_leaf_find(x->want, x->n, sizeof(*x->want), leaf);
}

static int plan_more(struct pk_extraction *x, const struct pk_record *r, struct pk_err *err)
{
	struct pk_want *w = NULL, nobody;
	struct pk_err why = {0};
	uint64_t of = 0;

	if (r->type != 'c')
		return 0;
	w = pk_json_get_uint(r->json, "more_of", &of) ? pk_plan_find(x, of) : NULL;
	if (!w && x->salvage)
		return 0; /* lost with the record that it continues */
	if (!w || !w->extent)
		pk_fail(&why, PK_EFORMAT, 0, "record %llu continues what is not there", (unsigned long long)r->leaf);
	else if (read_extents(r, w, &why) == 0)
		return 0;
	return break_one(x, w ? w : &nobody, "its ranges cannot be", &why, err);
}

/* The path is there, and the record of its content went with a segment that is lost. */
static int lose_unrecorded(struct pk_extraction *x, const struct pk_record *r, uint64_t leaf, struct pk_err *err)
{
	PK_AUTO(pk_buf) path = {0};
	struct pk_want w = {.leaf = leaf};

	pk_buf_puts(&path, "root/");
	if (!pk_json_get_bytes(r->json, "path", &path) && !path.oom)
		return pk_fail(err, PK_EFORMAT, 0, "record %llu has no path", (unsigned long long)r->leaf);
	if (pk_buf_check(&path, err) < 0)
		return -1;
	w.path = path.p;
	return x->lost(x->lost_ctx, &w, "its record is lost", err);
}

static int rename_want(struct pk_want *w, struct pk_str path, struct pk_err *err)
{
	free(w->path);
	return (w->path = pk_str_dup(path)) ? 0 : pk_fail_oom(err);
}

static int plan_path(struct pk_extraction *x, const struct pk_record *r, struct pk_err *err)
{
	PK_AUTO(pk_buf) path = {0}, plain = {0}, member = {0};
	struct pk_str mtime = {0}, outcome = {0};
	struct pk_want *w = NULL;
	uint64_t leaf = 0, src_leaf = 0;
	uint8_t src[16];
	size_t root = 0;
	bool fits = false;

	if (!pk_json_get_uint(r->json, "c", &leaf))
		return 0;
	w = pk_plan_find(x, leaf);
	if (!w && x->salvage)
		return lose_unrecorded(x, r, leaf, err);
	if (!w)
		return pk_fail(err, PK_EFORMAT, 0, "record %llu names a content that is not its own",
			       (unsigned long long)r->leaf);
	if (pk_json_get_str(r->json, "outcome", &outcome) && pk_str_eq(outcome, pk_str(pk_outcome_name(PK_PARTIAL))))
		w->partial = true;
	if (x->b->share && pk_share_record_src(r->json, src, &src_leaf)) {
		pk_buf_put_hex(&path, src, sizeof(src));
		pk_buf_put_c(&path, '/');
	}
	pk_buf_puts(&path, "root/");
	root = path.n;
	if (!pk_json_get_bytes(r->json, "path", &path)) {
		if (path.oom)
			return pk_fail_oom(err);
		return x->salvage ? 0 /* its content has a name all the same */
				  : pk_fail(err, PK_EFORMAT, 0, "record %llu has no path", (unsigned long long)r->leaf);
	}
	if (pk_buf_check(&path, err) < 0)
		return -1;
	fits = pk_plan_fits(x, path.p);
	if (w->path) {
		/* of several names the first that fits is the file, the others that do are links */
		bool first = fits && !w->asked;

		w->asked |= fits;
		if (x->x->member_names || !fits)
			return 0;
		if (first)
			return rename_want(w, pk_buf_str(&path), err);
		if (!pk_grow(&x->also, &x->also_cap, x->also_n + 1, sizeof(*x->also)))
			return pk_fail_oom(err);
		x->also[x->also_n].want = (size_t)(w - x->want);
		return (x->also[x->also_n].path = pk_str_dup(pk_buf_str(&path))) ? (int)(x->also_n++, 0)
										 : pk_fail_oom(err);
	}
	/* the first path that names a content gave it its member name: verified */
	pk_buf_put_member_name(&plain, "data/root/", pk_str_n(path.p + root, path.n - root));
	if (x->b->share)
		pk_buf_put_share_name(&member, src, pk_buf_str(&plain));
	else
		pk_buf_put_str(&member, pk_buf_str(&plain));
	if (pk_buf_check(&plain, err) < 0 || pk_buf_check(&member, err) < 0)
		return -1;
	w->asked = fits;
	w->member = pk_str_dup(pk_buf_str(&member));
	w->path = pk_str_dup(x->x->member_names ? pk_buf_str(&member) : pk_buf_str(&path));
	w->has_mtime = pk_json_get_str(r->json, "mtime", &mtime) && pk_time_parse(mtime, &w->mtime);
	return w->member && w->path ? 0 : pk_fail_oom(err);
}

int pk_plan_record(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	if (pk_json_get(r->json, "more_of"))
		return plan_more(ctx, r, err);
	if (r->type == 'c' || r->type == 'l')
		return plan_content(ctx, r, err);
	return r->type == 'm' ? plan_path(ctx, r, err) : 0;
}
