/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying everything, and reading the record log alone. */
#include "outer_int.h"
#include "reclinks.h"
#include "salvage_int.h"

#include <picket/msg.h>
#include <picket/tlogproof.h>

struct verifying {
	struct pk_bundle *b;
	struct pk_prover prover;
	const struct pk_bundle_events *events;
	bool has_sums, has_final, enough, caller_failed;
	bool alone; /* the log, which nobody holds against the tar: then its records against each other */
	struct pk_links links;
	bool heard; /* who asked has seen enough: reading goes on while a content's ranges do */
	uint8_t manifest[32], tagmanifest[32];
	uint64_t contents, segments;
	struct pk_final final;
};

static int same(struct pk_str a, const struct pk_buf *b, const char *what, struct pk_err *err)
{
	if (pk_str_eq(a, pk_buf_str(b)))
		return 0;
	return pk_fail(err, PK_EFORMAT, 0, "'%s' changed since the bundle was opened", what);
}

static int same_head(struct verifying *v, struct pk_str bytes, struct pk_err *err)
{
	const struct pk_bundle_info *i = &v->b->info;

	if (bytes.n != 17 || memcmp(bytes.p, i->id, 16) != 0 || (bytes.p[16] != PK_BAG_UNSIGNED) != i->is_signed ||
	    (bytes.p[16] == PK_BAG_SHARE) != i->is_share)
		return pk_fail(err, PK_EFORMAT, 0, "'%s' changed since the bundle was opened", PK_NAME_INFO);
	return 0;
}

static int take_share(struct verifying *v, struct pk_str bytes, struct pk_err *err)
{
	const struct pk_share_source *of = NULL;
	PK_AUTO(pk_tlog_proof) p = {0};
	PK_AUTO(pk_record) r = {0};
	struct pk_str proof = {0};
	size_t name = pk_str_find(bytes, '\0');

	if (!v->b->share)
		return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	if (pk_sharein_same(v->b->share, bytes, &of, err) < 0)
		return -1;
	if (!of || !v->events || !v->events->proof)
		return 0;
	proof = pk_str_n(bytes.p + name + 1, bytes.n - name - 1);
	if (pk_tlog_proof_parse(proof, &p, err) < 0 || pk_record_read(pk_buf_str(&p.extra), p.index, &r, err) < 0)
		return -1;
	return v->events->proof(v->events->ctx, of, &r, proof, err);
}

/* Each record against those before it, and on to who asked. */
static int linked(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	struct verifying *v = ctx;
	int ret = 0;

	if (pk_links_take(&v->links, r, NULL, err) < 0)
		return -1;
	if (!v->heard && (!v->events->only || r->type == v->events->only)) {
		ret = v->events->record(v->events->ctx, r, err);
		v->caller_failed = ret < 0;
		v->heard = ret == 1;
	}
	return ret < 0 ? -1 : v->heard && !v->links.unfinished;
}

static int hand_out(struct verifying *v, uint64_t first, struct pk_err *err)
{
	const struct pk_bundle_events all = {.ctx = v, .record = linked};
	uint64_t refused = 0;
	int r;

	if (v->alone && v->events && v->events->record)
		return pk_bundle_hand_out(&all, pk_buf_str(&v->prover.records), first, &refused, err);
	r = pk_bundle_hand_out(v->events, pk_buf_str(&v->prover.records), first, &refused, err);
	v->caller_failed = r < 0 && refused == PK_LEAF_NONE;
	return r;
}

static int take_segment(struct verifying *v, enum pk_tell what, struct pk_str bytes, struct pk_err *err)
{
	uint64_t first = 0;
	bool proven = false;
	int r;

	if (pk_prove_segment(&v->prover, what, bytes, false, &proven, &first, err) < 0)
		return -1;
	if (!proven)
		return 0;
	if (pk_match_shared(v->b, pk_buf_str(&v->prover.records), first, err) < 0)
		return -1;
	if (first == 0) {
		struct pk_str rest = pk_buf_str(&v->prover.records), line = {0};

		if (!pk_str_line(&rest, &line) || same(line, &v->b->first_record, "record 0", err) < 0)
			return -1;
	}
	r = hand_out(v, first, err);
	v->enough = r == 1;
	return r;
}

static int take_sums(struct verifying *v, struct pk_str bytes, struct pk_err *err)
{
	if (bytes.n != 80)
		return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	memcpy(v->manifest, bytes.p, 32);
	memcpy(v->tagmanifest, bytes.p + 32, 32);
	memcpy(&v->contents, bytes.p + 64, 8);
	memcpy(&v->segments, bytes.p + 72, 8);
	v->has_sums = true;
	return 0;
}

static int take_checkpoint(struct verifying *v, struct pk_str bytes, struct pk_err *err)
{
	struct pk_final *f = &v->final;

	if (v->b->has_final && same(bytes, &v->b->checkpoint, PK_NAME_CHECKPOINT, err) < 0)
		return -1;
	if (pk_prove_checkpoint(v->b, bytes, f, err) < 0 || pk_prove_final(&v->prover, f, err) < 0)
		return -1;
	if (v->has_sums &&
	    (memcmp(f->manifest, v->manifest, 32) != 0 || memcmp(f->tagmanifest, v->tagmanifest, 32) != 0 ||
	     f->contents != v->contents || f->segments != v->segments))
		return pk_fail(err, PK_ECRYPTO, 0, "the checkpoint is of other contents");
	if (v->b->share &&
	    (pk_sharein_match_end(v->b->share, err) < 0 || (v->has_sums && pk_sharein_same_end(v->b->share, err) < 0)))
		return -1;
	v->has_final = true;
	return 0;
}

static int hear(void *ctx, enum pk_tell what, struct pk_str bytes, struct pk_err *err)
{
	struct verifying *v = ctx;
	uint64_t both[2];

	switch (what) {
	case PK_TELL_HEAD: return same_head(v, bytes, err);
	case PK_TELL_TERMS: return same(bytes, &v->b->terms_text, PK_NAME_TERMS, err);
	case PK_TELL_TICKET: return same(bytes, &v->b->ticket_text, PK_NAME_TICKET, err);
	case PK_TELL_TICKET_SIG: return same(bytes, &v->b->ticket_sig, PK_NAME_TICKET_SIG, err);
	case PK_TELL_SHARE: return take_share(v, bytes, err);
	case PK_TELL_RECORDS:
	case PK_TELL_NOTE: return take_segment(v, what, bytes, err);
	case PK_TELL_SUMS: return take_sums(v, bytes, err);
	case PK_TELL_CHECKPOINT: return take_checkpoint(v, bytes, err);
	case PK_TELL_PROGRESS:
		if (bytes.n == sizeof(both) && v->events) {
			memcpy(both, bytes.p, sizeof(both));
			pk_event_progress(v->events->ev, "verified", both[0], both[1]);
		}
		return 0;
	default: return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	}
}

static int job_walk(void *arg, struct pk_age_file *age, const struct pk_teller *t, struct pk_err *err)
{
	(void)arg;
	return pk_parse_walk(age, false, t, err);
}

static int job_records(void *arg, struct pk_age_file *age, const struct pk_teller *t, struct pk_err *err)
{
	(void)arg;
	return pk_parse_records(age, t, err);
}

/* But for the untrusted comment, which anybody may write. */
static int same_signature(const struct pk_buf *in, const struct pk_buf *out, struct pk_err *err)
{
	struct pk_minisign_sig a, b;

	if (pk_minisign_sig_parse(pk_buf_str(in), &a, err) < 0 || pk_minisign_sig_parse(pk_buf_str(out), &b, err) < 0)
		return pk_wrap(err, "the ticket's signature");
	if (memcmp(a.keynum, b.keynum, sizeof(a.keynum)) != 0 || memcmp(a.sig, b.sig, sizeof(a.sig)) != 0 ||
	    memcmp(a.global_sig, b.global_sig, sizeof(a.global_sig)) != 0 || !pk_str_eq(a.trusted, b.trusted))
		return pk_fail(err, PK_ECRYPTO, 0, "the ticket's signature beside the bundle is not the one inside");
	return 0;
}

/* Inside and outside belong together: one ticket, one signature, one tree. */
static int match_outer(const struct pk_bundle *b, const struct pk_outer *outer, struct pk_err *err)
{
	PK_AUTO(pk_buf) in = {0}, out = {0};

	if (!outer || !outer->has_ticket)
		return 0;
	if (!b->info.is_signed)
		return pk_fail(err, PK_ECRYPTO, 0, "there is a ticket beside the bundle and none inside");
	pk_buf_put_ticket(&in, &b->ticket);
	pk_buf_put_ticket(&out, &outer->ticket);
	if (pk_buf_check(&in, err) < 0 || pk_buf_check(&out, err) < 0)
		return -1;
	if (!pk_str_eq(pk_buf_str(&in), pk_buf_str(&out)))
		return pk_fail(err, PK_ECRYPTO, 0, "the ticket beside the bundle is not the one inside");
	if (outer->ticket_sig.n && same_signature(&b->ticket_sig, &outer->ticket_sig, err) < 0)
		return -1;
	if (b->info.terms && pk_outer_match_terms(outer, b->info.terms, err) < 0)
		return -1;
	if (!outer->trusted_comment || !b->info.complete)
		return 0;
	pk_buf_reset(&in);
	pk_buf_put_trusted_comment(&in, b->info.id, b->ticket.id, b->info.leaves, b->info.root);
	if (pk_buf_check(&in, err) < 0)
		return -1;
	if (strcmp(in.p, outer->trusted_comment) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "the outer signature is of another bundle");
	return 0;
}

int pk_bundle_match_outer(const struct pk_bundle *b, const struct pk_outer *outer, struct pk_err *err)
{
	return match_outer(b, outer, err) < 0 ? pk_wrap(err, "'%s'", b->path) : 0;
}

int pk_bundle_judge_rewraps(const struct pk_bundle *b, struct pk_outer *o, const struct pk_roster *roster,
			    struct pk_err *err)
{
	if (!b->info.terms || match_outer(b, o, NULL) < 0)
		return 0;
	return pk_outer_judge_rewraps(o, b->info.terms, roster, err);
}

static void take_result(struct verifying *v)
{
	struct pk_bundle_info *i = &v->b->info;

	i->complete = v->has_final;
	i->leaves = v->prover.tree.size;
	pk_frontier_root(&v->prover.tree, i->root);
}

/* With salvage, damage ends the reading and not the use of what was proven before it. */
static bool is_damage(const struct pk_err *e)
{
	return e->kind == PK_EFORMAT || e->kind == PK_ECRYPTO || e->kind == PK_ELIMIT;
}

static int run(struct pk_bundle *b, pk_parse_job job, const struct pk_bundle_events *events, struct verifying *v,
	       struct pk_err *err)
{
	struct pk_err why = {0};
	int r;

	*v = (struct verifying){.b = b,
				.prover = {.bundle = b},
				.events = events,
				.alone = job == job_records,
				.links = {.is_share = b->info.is_share}};
	if (b->rescued)
		return pk_salvage_rest(b, 0, events, &v->prover.tree, err);
	if (b->share)
		pk_sharein_again(b->share);
	r = pk_child_run(b->age, job, NULL, hear, v, &why);
	if (r == 0 && !v->has_final && !v->enough)
		r = pk_fail(&why, PK_EFORMAT, 0, "there is no checkpoint");
	if (r == 0 && !v->enough)
		r = pk_links_end(&v->links, &why);
	if (r < 0 && b->salvage && is_damage(&why) && !v->caller_failed) {
		r = pk_salvage_begin(b, events ? events->ev : NULL, &why);
		if (r == 0)
			r = pk_salvage_rest(b, v->prover.tree.size, events, &v->prover.tree, &why);
		v->has_final = false;
	}
	pk_prover_done(&v->prover);
	pk_links_done(&v->links);
	if (r < 0) {
		if (err)
			*err = why;
		return pk_wrap(err, "'%s'", b->path);
	}
	return 0;
}

int pk_bundle_verify(struct pk_bundle *b, const struct pk_outer *outer, const struct pk_bundle_events *events,
		     struct pk_err *err)
{
	struct verifying v;

	if (pk_bundle_match_outer(b, outer, err) < 0)
		return -1;
	if (run(b, job_walk, events, &v, err) < 0)
		return -1;
	take_result(&v);
	return 0;
}

int pk_bundle_records(struct pk_bundle *b, const struct pk_bundle_events *events, struct pk_err *err)
{
	struct verifying v;

	return run(b, b->info.complete ? job_records : job_walk, events, &v, err);
}
