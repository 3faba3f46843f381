/* SPDX-License-Identifier: Apache-2.0 */
/* Putting contents back as files below one new folder: verified first, written as they prove right. */
#include "open_int.h"
#include "place.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* One content to write, and the records that name it. */
struct want {
	uint64_t leaf;
	struct pk_place at;
	uint8_t sum[32];
	uint64_t logical;        /* of a sparse file, else at.size */
	struct pk_range *extent; /* of a sparse file */
	size_t extents, extents_cap;
	uint64_t extents_bytes;
	char *path; /* below the folder; the first path that names it */
	char *member;
	bool has_mtime;
	struct pk_time mtime;
};

/* One more name for a content: a hard link. */
struct also {
	size_t want;
	char *path;
};

struct extraction {
	struct pk_bundle *b;
	const struct pk_extract *x;
	const struct pk_events *ev;
	struct want *want;
	size_t n, cap;
	struct also *also;
	size_t also_n, also_cap;
	struct pk_target target;
	size_t now; /* being written; n when none */
	struct pk_checked checked;
	uint64_t files, done_bytes, all_bytes;
};

/* --- the plan, from proven records ------------------------------------------------------------------- */

/* The record's own ranges, or, of one with more_of, those that follow them. */
static int read_extents(const struct pk_record *r, struct want *w, struct pk_err *err)
{
	const struct json_t *list = pk_json_get(r->json, "extents");
	size_t n = pk_json_count(list);

	if (!pk_grow(&w->extent, &w->extents_cap, w->extents + n + 1, sizeof(*w->extent)))
		return pk_fail_oom(err);
	for (size_t i = 0; i < n; i++) {
		const struct json_t *pair = pk_json_at(list, i);
		struct pk_range e = {0}, last = w->extents ? w->extent[w->extents - 1] : e;

		if (!pk_json_at_uint(pair, 0, &e.off) || !pk_json_at_uint(pair, 1, &e.len) ||
		    e.off < last.off + last.len || e.len > w->logical || e.off > w->logical - e.len)
			return pk_fail(err, PK_EFORMAT, 0, "record %llu: its extents cannot be",
				       (unsigned long long)r->leaf);
		w->extent[w->extents++] = e;
		w->extents_bytes += e.len;
	}
	return 0;
}

static int plan_size(const struct pk_record *r, struct want *w, struct pk_err *err)
{
	w->logical = w->at.size;
	if (!pk_json_get(r->json, "extents"))
		return 0;
	if (!pk_json_get_uint(r->json, "logical", &w->logical) || w->logical > PK_MAX_CONTENT)
		return pk_fail(err, PK_EFORMAT, 0, "record %llu: its sparse size cannot be",
			       (unsigned long long)r->leaf);
	return read_extents(r, w, err);
}

static int check_extents(const struct want *w, struct pk_err *err)
{
	return !w->extent || w->extents_bytes == w->at.size
		       ? 0
		       : pk_fail(err, PK_EFORMAT, 0, "record %llu: its extents are not its content",
				 (unsigned long long)w->leaf);
}

static int plan_content(struct extraction *x, const struct pk_record *r, struct pk_err *err)
{
	struct want *w = NULL;
	struct pk_str member = {0};

	if (!pk_grow(&x->want, &x->cap, x->n + 1, sizeof(*x->want)))
		return pk_fail_oom(err);
	w = &x->want[x->n++];
	*w = (struct want){.leaf = r->leaf};
	if (!pk_json_get_uint(r->json, "frame", &w->at.frame) || !pk_json_get_uint(r->json, "off", &w->at.off) ||
	    !pk_json_get_uint(r->json, "size", &w->at.size) || !pk_json_get_hex(r->json, "sha256", w->sum, 32))
		return pk_fail(err, PK_EFORMAT, 0, "record %llu does not say where its content is",
			       (unsigned long long)r->leaf);
	if (plan_size(r, w, err) < 0)
		return -1;
	/* of a path's content the path says the name; a table and, in a share, a content without a path have their own */
	if (r->type == 'c' && !(x->b->share && pk_json_get(r->json, "member")))
		return 0;
	if (!pk_json_get_str(r->json, "member", &member) || !(w->member = pk_str_dup(member)))
		return pk_fail_oom(err);
	/* "data/live/x" becomes "live/x" */
	w->path = pk_str_dup(pk_str(x->x->member_names ? w->member : w->member + 5));
	return w->path ? 0 : pk_fail_oom(err);
}

static struct want *find_want(struct extraction *x, uint64_t leaf)
{
	size_t lo = 0, hi = x->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (x->want[mid].leaf == leaf)
			return &x->want[mid];
		if (x->want[mid].leaf < leaf)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static int plan_more(struct extraction *x, const struct pk_record *r, struct pk_err *err)
{
	struct want *w = NULL;
	uint64_t of = 0;

	if (r->type != 'c')
		return 0;
	w = pk_json_get_uint(r->json, "more_of", &of) ? find_want(x, of) : NULL;
	if (!w || !w->extent)
		return pk_fail(err, PK_EFORMAT, 0, "record %llu continues what is not there",
			       (unsigned long long)r->leaf);
	return read_extents(r, w, err);
}

static int plan_path(struct extraction *x, const struct pk_record *r, struct pk_err *err)
{
	PK_AUTO(pk_buf) path = {0}, plain = {0}, member = {0};
	struct pk_str mtime = {0};
	struct want *w = NULL;
	uint64_t leaf = 0, src_leaf = 0;
	uint8_t src[16];
	size_t root = 0;

	if (!pk_json_get_uint(r->json, "c", &leaf))
		return 0;
	w = find_want(x, leaf);
	if (!w)
		return pk_fail(err, PK_EFORMAT, 0, "record %llu names a content that is not its own",
			       (unsigned long long)r->leaf);
	if (x->b->share && pk_share_record_src(r->json, src, &src_leaf)) {
		pk_buf_put_hex(&path, src, sizeof(src));
		pk_buf_put_c(&path, '/');
	}
	pk_buf_puts(&path, "root/");
	root = path.n;
	if (!pk_json_get_bytes(r->json, "path", &path))
		return pk_fail(err, PK_EFORMAT, 0, "record %llu has no path", (unsigned long long)r->leaf);
	if (w->path) {
		if (x->x->member_names)
			return 0;
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
	w->member = pk_str_dup(pk_buf_str(&member));
	w->path = pk_str_dup(x->x->member_names ? pk_buf_str(&member) : pk_buf_str(&path));
	w->has_mtime = pk_json_get_str(r->json, "mtime", &mtime) && pk_time_parse(mtime, &w->mtime);
	return w->member && w->path ? 0 : pk_fail_oom(err);
}

static int plan_record(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	if (pk_json_get(r->json, "more_of"))
		return plan_more(ctx, r, err);
	if (r->type == 'c' || r->type == 'l')
		return plan_content(ctx, r, err);
	return r->type == 'm' ? plan_path(ctx, r, err) : 0;
}

/* Patterns are of paths as the records have them, or of "live/TABLE-NNNN.jsonl"; those of a share, of any of its
 * bundles. */
static bool is_asked_for(const struct extraction *x, const struct want *w)
{
	if (!w->path)
		return false;
	if (x->x->only.n == 0)
		return true;
	for (size_t i = 0; i < x->x->only.n; i++) {
		const char *p = w->path;

		if (x->b->share && !x->x->member_names && strlen(p) > 33 && p[32] == '/')
			p += 33;
		if (!x->x->member_names && strncmp(p, "root/", 5) == 0)
			p += 4; /* keeps its slash */
		if (p[0] == '/' && p[1] == '/')
			p++;
		if (fnmatch(x->x->only.v[i], p, 0) == 0)
			return true;
	}
	return false;
}

/* --- writing ----------------------------------------------------------------------------------------- */

static int finish_content(struct extraction *x, struct pk_err *err)
{
	struct want *w = NULL;
	const char *where = NULL;

	if (x->now == x->n)
		return 0;
	w = &x->want[x->now];
	if (pk_checked_end(&x->checked, err) < 0)
		return pk_wrap(err, "'%s'", w->path);
	if (pk_target_finish(&x->target, w->path, w->member, w->logical, w->has_mtime ? &w->mtime : NULL, &where, err) <
	    0)
		return -1;
	if (where != w->path)
		pk_event_warn(x->ev, "'%s' cannot have its name here and is '%s'", w->path, where);
	x->files++;
	x->now = x->n;
	return 0;
}

static int begin_content(struct extraction *x, struct pk_str bytes, struct pk_err *err)
{
	uint64_t i = 0;

	if (finish_content(x, err) < 0)
		return -1;
	if (bytes.n != sizeof(i))
		return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	memcpy(&i, bytes.p, sizeof(i));
	if (i >= x->n || !is_asked_for(x, &x->want[i]))
		return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	x->now = (size_t)i;
	x->checked = (struct pk_checked){.size = x->want[i].at.size, .left = x->want[i].at.size};
	memcpy(x->checked.want, x->want[i].sum, 32);
	pk_sha256_init(&x->checked.hash);
	return pk_target_begin(&x->target, x->want[i].extent, x->want[i].extents, err);
}

static int hear(void *ctx, enum pk_tell what, struct pk_str bytes, struct pk_err *err)
{
	struct extraction *x = ctx;

	if (what == PK_TELL_CONTENT)
		return begin_content(x, bytes, err);
	if (what != PK_TELL_DATA || x->now == x->n)
		return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	if (pk_checked_put(&x->checked, bytes, err) < 0 || pk_target_write(&x->target, bytes, err) < 0)
		return -1;
	x->done_bytes += bytes.n;
	pk_event_progress(x->ev, "written", x->done_bytes, x->all_bytes);
	return 0;
}

struct places {
	struct pk_place *at;
	uint64_t *number;
	size_t n;
};

static int job(void *arg, struct pk_age_file *age, const struct pk_teller *t, struct pk_err *err)
{
	const struct places *p = arg;

	return pk_parse_places(age, p->at, p->number, p->n, t, err);
}

static int write_links(struct extraction *x, struct pk_err *err)
{
	for (size_t i = 0; i < x->also_n; i++) {
		const struct want *w = &x->want[x->also[i].want];

		if (!is_asked_for(x, w))
			continue;
		if (pk_target_link(&x->target, w->path, x->also[i].path, err) < 0)
			pk_event_warn(x->ev, "'%s' is the same file as '%s' and has no name of its own here",
				      x->also[i].path, w->path);
	}
	return 0;
}

static int write_all(struct extraction *x, struct pk_err *err)
{
	pk_autofree struct pk_place *at = calloc(x->n + 1, sizeof(*at));
	pk_autofree uint64_t *number = calloc(x->n + 1, sizeof(*number));
	struct places p = {at, number, 0};

	if (!at || !number)
		return pk_fail_oom(err);
	for (size_t i = 0; i < x->n; i++) {
		if (!is_asked_for(x, &x->want[i]))
			continue;
		if (check_extents(&x->want[i], err) < 0)
			return -1;
		at[p.n] = x->want[i].at;
		number[p.n++] = i;
		x->all_bytes += x->want[i].at.size;
	}
	x->now = x->n;
	if (pk_target_open(&x->target, x->x->dir, err) < 0 || pk_child_run(x->b->age, job, &p, hear, x, err) < 0 ||
	    finish_content(x, err) < 0)
		return -1;
	if (x->files != p.n)
		return pk_fail(err, PK_EFORMAT, 0, "the parser left out contents");
	return write_links(x, err);
}

static void extraction_done(struct extraction *x)
{
	for (size_t i = 0; i < x->n; i++) {
		free(x->want[i].path);
		free(x->want[i].member);
		free(x->want[i].extent);
	}
	for (size_t i = 0; i < x->also_n; i++)
		free(x->also[i].path);
	free(x->want);
	free(x->also);
	pk_target_done(&x->target);
}

int pk_bundle_extract(struct pk_bundle *b, const struct pk_extract *what, const struct pk_events *ev,
		      uint64_t *ret_files, struct pk_err *err)
{
	PK_AUTO(extraction) x = {.b = b, .x = what, .ev = ev, .target = PK_TARGET_INIT};
	struct pk_bundle_events events = {.ctx = &x, .record = plan_record, .ev = ev};

	if (pk_bundle_verify(b, NULL, &events, err) < 0)
		return -1;
	if (!b->info.complete)
		return pk_fail(err, PK_EFORMAT, 0, "'%s': a damaged bundle is not extracted", b->path);
	if (write_all(&x, err) < 0)
		return pk_wrap(err, "'%s'", b->path);
	*ret_files = x.files;
	return 0;
}
