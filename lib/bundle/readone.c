/* SPDX-License-Identifier: Apache-2.0 */
/* One content by random access, proven by its segment's note before any byte is let go. */
#include "salvage_int.h"

#define HOLD_MAX (16u << 20)

struct reading {
	struct pk_prover prover;
	uint64_t leaf;
	bool as_file; /* with its holes */
	struct pk_holes holes;
	struct pk_placing placing;
	struct pk_checked checked;
	bool begun;         /* its bytes */
	bool let_go;        /* bytes may go on at once: they were all seen before */
	struct pk_buf held; /* what waits until the hash is known to fit */
};

/* The content's record, out of its proven segment. */
static int find_record(struct reading *r, uint64_t first, struct pk_err *err)
{
	struct pk_str rest = pk_buf_str(&r->prover.records), line = {0};
	struct pk_record rec = {0};
	int e;

	if (r->leaf < first || r->leaf >= r->prover.tree.size)
		return pk_fail(err, PK_EFORMAT, 0, "the index leads to another segment");
	for (uint64_t i = first; i <= r->leaf; i++)
		if (!rest.n || !pk_str_line(&rest, &line))
			return pk_fail(err, PK_EFORMAT, 0, "the index leads to another segment");
	if (pk_record_read(line, r->leaf, &rec, err) < 0)
		return -1;
	e = r->prover.bundle->share ? pk_sharein_match(r->prover.bundle->share, &rec, true, err) : 0;
	if (e == 0)
		e = pk_checked_init(&r->checked, &rec, err);
	if (e == 0)
		e = pk_holes_begin(&r->holes, &rec, err);
	pk_record_done(&rec);
	return e;
}

/* The segment that was proven has the content's record, or is one of those after it. */
static int take_segment(struct reading *r, uint64_t first, struct pk_err *err)
{
	if (!r->holes.found && find_record(r, first, err) < 0)
		return -1;
	return r->as_file
		       ? pk_holes_more(&r->holes, pk_buf_str(&r->prover.records), first, r->prover.bundle->share, err)
		       : 0;
}

/* All of its records came: where its bytes belong is known. */
static int begin_data(struct reading *r, struct pk_err *err)
{
	if (!r->holes.found)
		return pk_fail(err, PK_EFORMAT, 0, "bytes before their record");
	if (r->as_file && pk_holes_unfinished(&r->holes))
		return pk_fail(err, PK_EFORMAT, 0, "record %llu: its extents are not its content",
			       (unsigned long long)r->leaf);
	if (r->as_file && r->holes.sparse) {
		r->placing.extent = r->holes.extent;
		r->placing.extents = r->holes.extents;
	}
	r->placing.logical = r->holes.ranges.logical;
	return 0;
}

static int take_data(struct reading *r, struct pk_str bytes, struct pk_err *err)
{
	if (pk_checked_put(&r->checked, bytes, err) < 0)
		return -1;
	if (r->let_go)
		return pk_placing_put(&r->placing, bytes, err);
	if (r->checked.size > HOLD_MAX) /* this time only the hash counts */
		return 0;
	pk_buf_put_str(&r->held, bytes);
	return pk_buf_check(&r->held, err);
}

static int hear(void *ctx, enum pk_tell what, struct pk_str bytes, struct pk_err *err)
{
	struct reading *r = ctx;
	uint64_t first = 0;
	bool proven = false;

	switch (what) {
	case PK_TELL_RECORDS:
	case PK_TELL_NOTE:
		if (pk_prove_segment(&r->prover, what, bytes, true, &proven, &first, err) < 0)
			return -1;
		return proven ? take_segment(r, first, err) : 0;
	case PK_TELL_CONTENT: r->begun = true; return begin_data(r, err);
	case PK_TELL_DATA:
		return r->begun ? take_data(r, bytes, err)
				: pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	default: return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	}
}

static int job(void *arg, struct pk_age_file *age, const struct pk_teller *t, struct pk_err *err)
{
	const struct reading *r = arg;

	return pk_parse_content(age, r->leaf, r->as_file, t, err);
}

/* let_go: it was read before and found right. */
static int read_once(struct pk_bundle *b, struct reading *r, struct pk_cat_sum *ret, struct pk_err *err)
{
	int e = pk_child_run(b->age, job, r, hear, r, err);

	if (e == 0 && !r->begun)
		e = pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	if (e == 0)
		e = pk_checked_end(&r->checked, err);
	if (e == 0 && r->held.n)
		e = pk_placing_put(&r->placing, pk_buf_str(&r->held), err);
	if (e == 0 && (r->let_go || r->checked.size <= HOLD_MAX))
		e = pk_placing_end(&r->placing, err);
	*ret = (struct pk_cat_sum){.size = r->holes.ranges.logical,
				   .stored = r->checked.size,
				   .padded = r->holes.padded,
				   .partial = r->holes.partial};
	pk_prover_done(&r->prover);
	pk_holes_done(&r->holes);
	pk_buf_done(&r->held);
	return e < 0 ? pk_wrap(err, "'%s'", b->path) : 0;
}

static int cat(struct pk_bundle *b, uint64_t leaf, const struct pk_filesink *to, bool as_file, struct pk_cat_sum *ret,
	       struct pk_err *err)
{
	if (b->rescued)
		return pk_salvage_cat(b, leaf, to, as_file, ret, err);
	for (int pass = 0; pass < 2; pass++) {
		struct reading r = {.prover = {.bundle = b},
				    .leaf = leaf,
				    .as_file = as_file,
				    .placing = {.to = to},
				    .let_go = pass == 1};

		if (read_once(b, &r, ret, err) < 0)
			return -1;
		if (ret->stored <= HOLD_MAX)
			return 0;
	}
	return 0;
}

int pk_bundle_cat(struct pk_bundle *b, uint64_t leaf, struct pk_sink sink, struct pk_err *err)
{
	const struct pk_filesink to = {.data = sink};
	struct pk_cat_sum sum = {0};

	return cat(b, leaf, &to, false, &sum, err);
}

int pk_bundle_cat_file(struct pk_bundle *b, uint64_t leaf, const struct pk_filesink *to, struct pk_cat_sum *ret,
		       struct pk_err *err)
{
	return cat(b, leaf, to, true, ret, err);
}

static bool has_flag(const struct pk_json_value *record, const char *flag)
{
	const struct pk_json_value *list = pk_json_get(record, "flags");
	struct pk_str s = {0};

	for (size_t i = 0; i < pk_json_count(list); i++)
		if (pk_json_at_str(list, i, &s) && pk_str_eq(s, pk_str(flag)))
			return true;
	return false;
}

const char *pk_content_partial(const struct pk_json_value *record)
{
	/* what grew was whole when it was looked at first */
	bool grew = has_flag(record, "grew");

	if (has_flag(record, "read-error"))
		return "it could not be read to its end";
	if (!grew && has_flag(record, "shrank"))
		return "it shrank while it was read";
	if (!grew && has_flag(record, "changed"))
		return "it changed while it was read";
	return has_flag(record, "limit") ? "limit: its first bytes" : NULL;
}

void pk_cat_warn(const struct pk_events *ev, const char *path, const struct pk_cat_sum *sum, const char *why,
		 uint64_t size)
{
	const unsigned long long has = sum->stored - sum->padded, all = PK_MAX(size, sum->size);

	if (!why && !sum->padded && !sum->partial)
		return;
	if (!why && all <= has) /* how much there was, its path would say */
		pk_event_warn(ev, "'%s' is partial, with %llu bytes: %s", path, has, sum->partial);
	else
		pk_event_warn(ev, "'%s' is partial, with %llu of %llu bytes: %s", path, has, all,
			      why && *why    ? why
			      : sum->partial ? sum->partial
					     : "the rest of what is stored of it is zeros");
}
