/* SPDX-License-Identifier: Apache-2.0 */
/* Putting contents back as files below one new folder: verified first, written as they prove right. */
#include "salvage_int.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_asked_for(const struct pk_want *w) { return w->path && w->asked; }

/* --- writing ----------------------------------------------------------------------------------------- */

static int lose(struct pk_extraction *x, struct pk_want *w, const char *why, struct pk_err *err)
{
	w->lost = true;
	return x->lost(x->lost_ctx, w, why, err);
}

static int finish_content(struct pk_extraction *x, struct pk_err *err)
{
	struct pk_want *w = NULL;
	const char *where = NULL;

	if (x->now == x->n)
		return 0;
	w = &x->want[x->now];
	if (x->salvage && pk_checked_end(&x->checked, NULL) < 0) {
		x->now = x->n;
		return lose(x, w, "it is not what its record says", err);
	}
	if (!x->salvage && pk_checked_end(&x->checked, err) < 0)
		return pk_wrap(err, "'%s'", w->path);
	if (x->dry) {
		x->files++;
		x->now = x->n;
		return 0;
	}
	if (pk_target_finish(&x->target, w->path, w->member, w->ranges.logical, w->has_mtime ? &w->mtime : NULL, &where,
			     err) < 0)
		return -1;
	if (where != w->path)
		pk_event_warn(x->ev, "'%s' cannot have its name here and is '%s'", w->path, where);
	x->files++;
	x->now = x->n;
	return 0;
}

static int begin_content(struct pk_extraction *x, struct pk_str bytes, struct pk_err *err)
{
	uint64_t i = 0;

	if (finish_content(x, err) < 0)
		return -1;
	if (bytes.n != sizeof(i))
		return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	memcpy(&i, bytes.p, sizeof(i));
	if (i >= x->n || !is_asked_for(&x->want[i]))
		return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	x->now = (size_t)i;
	x->checked = (struct pk_checked){.size = x->want[i].at.size, .left = x->want[i].at.size};
	memcpy(x->checked.want, x->want[i].sum, 32);
	pk_sha256_init(&x->checked.hash);
	if (x->dry)
		return 0;
	if (pk_target_begin(&x->target, x->want[i].extent, x->want[i].extents, x->want[i].ranges.logical, err) < 0)
		return -1;
	if (x->target.no_holes)
		pk_event_warn(x->ev, "'%s' of %llu bytes is more than a file may have here: it is without its holes",
			      x->want[i].path, (unsigned long long)x->want[i].ranges.logical);
	return 0;
}

/* What was begun is not finished, and its bytes go. */
static int lose_content(struct pk_extraction *x, struct pk_str bytes, struct pk_err *err)
{
	struct pk_want *w = &x->want[x->now];
	struct pk_err text = {0};
	size_t skip = PK_MIN(bytes.n, sizeof(struct pk_tell_loss));

	pk_fail(&text, PK_EFORMAT, 0, "%.*s", PK_STR_ARG(pk_str_n(bytes.p + skip, bytes.n - skip)));
	x->now = x->n;
	return lose(x, w, text.msg, err);
}

static int hear(void *ctx, enum pk_tell what, struct pk_str bytes, struct pk_err *err)
{
	struct pk_extraction *x = ctx;

	if (what == PK_TELL_CONTENT)
		return begin_content(x, bytes, err);
	if (what == PK_TELL_LOST && x->salvage && x->now != x->n)
		return lose_content(x, bytes, err);
	if (what != PK_TELL_DATA || x->now == x->n)
		return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	if (pk_checked_put(&x->checked, bytes, err) < 0 || (!x->dry && pk_target_write(&x->target, bytes, err) < 0))
		return -1;
	x->done_bytes += bytes.n;
	pk_event_progress(x->ev, "written", x->done_bytes, x->all_bytes);
	return 0;
}

struct places {
	struct pk_place *at;
	uint64_t *number;
	size_t n;
	bool salvage;
};

static int job(void *arg, struct pk_age_file *age, const struct pk_teller *t, struct pk_err *err)
{
	const struct places *p = arg;

	return p->salvage ? pk_parse_rescue_places(age, p->at, p->number, p->n, t, err)
			  : pk_parse_places(age, p->at, p->number, p->n, t, err);
}

static int write_links(struct pk_extraction *x, struct pk_err *err)
{
	for (size_t i = 0; i < x->also_n; i++) {
		const struct pk_want *w = &x->want[x->also[i].want];

		if (!is_asked_for(w))
			continue;
		if (w->lost) { /* every name of it */
			struct pk_want same = *w;

			same.path = x->also[i].path;
			if (x->lost(x->lost_ctx, &same, "its content is lost", err) < 0)
				return -1;
			continue;
		}
		if (x->dry)
			continue;
		if (pk_target_link(&x->target, w->path, x->also[i].path, err) < 0)
			pk_event_warn(x->ev, "'%s' is the same file as '%s' and has no name of its own here",
				      x->also[i].path, w->path);
	}
	return 0;
}

/* A content that no record names any more; 0 when there is nothing to give a name to. */
static int name_unnamed(const struct pk_extraction *x, struct pk_want *w, struct pk_err *err)
{
	PK_AUTO(pk_buf) name = {0};

	if (w->path)
		return 0;
	pk_buf_putf(&name, "unnamed/record-%llu", (unsigned long long)w->leaf);
	w->path = pk_str_dup(pk_buf_str(&name));
	w->member = pk_str_dup(pk_buf_str(&name));
	w->asked = w->path && pk_plan_fits(x, w->path);
	return !name.oom && w->path && w->member ? 0 : pk_fail_oom(err);
}

static void say_partial(const struct pk_extraction *x)
{
	uint64_t n = 0;

	for (size_t i = 0; i < x->n; i++)
		n += x->want[i].partial && !x->want[i].lost && is_asked_for(&x->want[i]);
	if (n)
		pk_event_warn(x->ev, "%llu contents are partial: their records say what is missing",
			      (unsigned long long)n);
}

int pk_extraction_write(struct pk_extraction *x, struct pk_err *err)
{
	pk_autofree struct pk_place *at = calloc(x->n + 1, sizeof(*at));
	pk_autofree uint64_t *number = calloc(x->n + 1, sizeof(*number));
	struct places p = {at, number, 0, x->salvage};
	const char *lacks = NULL;

	if (!at || !number)
		return pk_fail_oom(err);
	for (size_t i = 0; i < x->n; i++) {
		if (x->salvage && name_unnamed(x, &x->want[i], err) < 0)
			return -1;
		if (!is_asked_for(&x->want[i]))
			continue;
		if (!x->salvage && pk_plan_check(&x->want[i], err) < 0)
			return -1;
		if ((lacks = pk_plan_lacks(&x->want[i]))) {
			if (lose(x, &x->want[i], lacks, err) < 0)
				return -1;
			continue;
		}
		at[p.n] = x->want[i].at;
		number[p.n++] = i;
		x->all_bytes += x->want[i].at.size;
	}
	x->now = x->n;
	if ((!x->dry && x->target.dir < 0 && pk_target_open(&x->target, x->x->dir, err) < 0) ||
	    pk_child_run(x->b->age, job, &p, hear, x, err) < 0 || finish_content(x, err) < 0)
		return -1;
	if (!x->salvage && x->files != p.n)
		return pk_fail(err, PK_EFORMAT, 0, "the parser left out contents");
	if (!x->dry)
		say_partial(x);
	return write_links(x, err);
}

void pk_extraction_done(struct pk_extraction *x)
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
	free(x->fits);
	pk_target_done(&x->target);
}

/* A pattern that nothing fits is said; when there is none that anything fits, that is all. */
static int check_patterns(const struct pk_extraction *x, struct pk_err *err)
{
	const struct pk_strv *only = &x->x->only;
	size_t met = 0;

	for (size_t i = 0; i < only->n; i++)
		met += x->fits[i];
	if (only->n && !met)
		return pk_fail(err, PK_EUSAGE, 0, "nothing in it fits '%s' and has a content: see picket-bundle list",
			       only->v[0]);
	for (size_t i = 0; i < only->n; i++)
		if (!x->fits[i])
			pk_event_warn(x->ev, "'%s': nothing in it fits '%s' and has a content", x->b->path, only->v[i]);
	return 0;
}

int pk_bundle_extract(struct pk_bundle *b, const struct pk_extract *what, const struct pk_events *ev,
		      uint64_t *ret_files, struct pk_err *err)
{
	PK_AUTO(pk_extraction) x = {.b = b, .x = what, .ev = ev, .target = PK_TARGET_INIT};
	struct pk_bundle_events events = {.ctx = &x, .record = pk_plan_record, .ev = ev};
	int r;

	if (!(x.fits = calloc(what->only.n + 1, sizeof(*x.fits))))
		return pk_fail_oom(err);
	if (pk_bundle_verify(b, NULL, &events, err) < 0)
		return -1;
	if (!b->info.complete)
		return pk_fail(err, PK_EFORMAT, 0, "'%s': a damaged bundle is not extracted", b->path);
	r = check_patterns(&x, err);
	if (r == 0)
		r = pk_extraction_write(&x, err);
	if (r == 0) {
		x.target.keep = true;
		r = what->leave_marker ? 0 : pk_extract_complete(what->dir, err);
	}
	if (r < 0) {
		if (x.target.keep)
			pk_event_warn(ev, "'%s' has a part of the contents, and a file %s that says so", what->dir,
				      PK_TARGET_MARKER);
		return pk_wrap(err, "'%s'", b->path);
	}
	*ret_files = x.files;
	return 0;
}
