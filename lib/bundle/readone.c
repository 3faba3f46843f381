/* SPDX-License-Identifier: Apache-2.0 */
/* One content by random access, proven by its segment's note before any byte is let go. */
#include "salvage_int.h"

#define HOLD_MAX (16u << 20)

struct reading {
	struct pk_prover prover;
	uint64_t leaf;
	struct pk_sink sink;
	struct pk_checked checked;
	bool has_record;
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
	pk_record_done(&rec);
	r->has_record = e == 0;
	return e;
}

static int take_data(struct reading *r, struct pk_str bytes, struct pk_err *err)
{
	if (!r->has_record)
		return pk_fail(err, PK_EFORMAT, 0, "bytes before their record");
	if (pk_checked_put(&r->checked, bytes, err) < 0)
		return -1;
	if (r->let_go)
		return r->sink.write(r->sink.ctx, bytes.p, bytes.n, err);
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
		return proven ? find_record(r, first, err) : 0;
	case PK_TELL_CONTENT: return 0;
	case PK_TELL_DATA: return take_data(r, bytes, err);
	default: return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	}
}

static int job(void *arg, struct pk_age_file *age, const struct pk_teller *t, struct pk_err *err)
{
	return pk_parse_content(age, *(const uint64_t *)arg, t, err);
}

/* *ret_size: of the content. checked: it was read before and found right. */
static int read_once(struct pk_bundle *b, uint64_t leaf, struct pk_sink sink, bool checked, uint64_t *ret_size,
		     struct pk_err *err)
{
	struct reading r = {.prover = {.bundle = b}, .leaf = leaf, .sink = sink, .let_go = checked};
	int e = pk_child_run(b->age, job, &leaf, hear, &r, err);

	if (e == 0 && !r.has_record)
		e = pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	if (e == 0)
		e = pk_checked_end(&r.checked, err);
	if (e == 0 && r.held.n)
		e = sink.write(sink.ctx, r.held.p, r.held.n, err);
	*ret_size = r.checked.size;
	pk_prover_done(&r.prover);
	pk_buf_done(&r.held);
	return e < 0 ? pk_wrap(err, "'%s'", b->path) : 0;
}

int pk_bundle_cat(struct pk_bundle *b, uint64_t leaf, struct pk_sink sink, struct pk_err *err)
{
	uint64_t size = 0;

	if (b->rescued)
		return pk_salvage_cat(b, leaf, sink, err);
	if (read_once(b, leaf, sink, false, &size, err) < 0)
		return -1;
	return size > HOLD_MAX ? read_once(b, leaf, sink, true, &size, err) : 0;
}
