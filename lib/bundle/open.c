/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a bundle: the file key, and what the bundle says of itself. */
#include "outer_int.h"
#include "salvage_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void pk_bundle_free(struct pk_bundle *b)
{
	if (!b)
		return;
	pk_age_file_free(b->age);
	if (b->fd >= 0)
		close(b->fd);
	free(b->path);
	pk_terms_done(&b->terms);
	pk_buf_done(&b->terms_text);
	pk_buf_done(&b->ticket_text);
	pk_buf_done(&b->ticket_sig);
	pk_buf_done(&b->checkpoint);
	pk_buf_done(&b->first_record);
	pk_sharein_free(b->share);
	pk_left_free(b->left);
	pk_merkle_tree_done(&b->tree);
	pk_buf_done(&b->note);
	free(b);
}

const struct pk_share_source *pk_bundle_sources(const struct pk_bundle *b, size_t *ret_n)
{
	*ret_n = 0;
	return b->share ? pk_sharein_sources(b->share, ret_n) : NULL;
}

const struct pk_handed *pk_bundle_handover(const struct pk_bundle *b)
{
	return b->share ? pk_sharein_handover(b->share) : NULL;
}

const struct pk_bundle_info *pk_bundle_info(const struct pk_bundle *b) { return &b->info; }

struct opening {
	struct pk_bundle *b;
	struct pk_prover prover;
	bool has_head, has_terms, has_ticket, has_sig, has_share;
};

static int keep(struct pk_buf *to, struct pk_str bytes, bool *seen, struct pk_err *err)
{
	if (*seen)
		return pk_fail(err, PK_EFORMAT, 0, "the parser repeats itself");
	*seen = true;
	pk_buf_put_str(to, bytes);
	return pk_buf_check(to, err);
}

static int take_terms(struct opening *o, struct pk_str text, struct pk_err *err)
{
	struct pk_bundle *b = o->b;
	struct pk_err why = {0};

	if (!o->has_head || keep(&b->terms_text, text, &o->has_terms, err) < 0)
		return o->has_head ? -1 : pk_fail(err, PK_EFORMAT, 0, "the terms come before the head");
	if (pk_terms_parse(pk_buf_str(&b->terms_text), &b->terms, &why) == 0) {
		b->info.terms = &b->terms;
		return 0;
	}
	b->terms = (struct pk_terms){0};
	/* unsigned bundles may say what they like, but not lose a label by it */
	if (!b->info.is_signed && why.kind != PK_ESYS && !pk_str_starts(text, PK_STR("picket-terms:")))
		return 0;
	if (err)
		*err = why;
	return pk_wrap(err, PK_NAME_TERMS);
}

static int take_ticket(struct opening *o, struct pk_str text, struct pk_err *err)
{
	struct pk_bundle *b = o->b;

	if (!o->has_terms || !b->info.is_signed)
		return pk_fail(err, PK_EFORMAT, 0, "a ticket where none may be");
	if (keep(&b->ticket_text, text, &o->has_ticket, err) < 0)
		return -1;
	if (pk_ticket_parse(pk_buf_str(&b->ticket_text), &b->ticket, err) < 0)
		return pk_wrap(err, PK_NAME_TICKET);
	b->info.ticket = &b->ticket;
	return pk_ticket_check_terms(&b->ticket, pk_buf_str(&b->terms_text), err);
}

static int take_head(struct opening *o, struct pk_str bytes, struct pk_err *err)
{
	if (bytes.n != 17 || o->has_head)
		return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	memcpy(o->b->info.id, bytes.p, 16);
	o->b->info.is_signed = bytes.p[16] != PK_BAG_UNSIGNED;
	o->b->info.is_share = bytes.p[16] == PK_BAG_SHARE;
	o->has_head = true;
	return o->b->info.is_share ? pk_sharein_new(&o->b->share, err) : 0;
}

static int take_share(struct opening *o, struct pk_str bytes, struct pk_err *err)
{
	if (!o->b->share || !o->has_sig || o->has_share)
		return pk_fail(err, PK_EFORMAT, 0, "proofs where none may be");
	return pk_sharein_take(o->b->share, bytes, err);
}

static int take_segment(struct opening *o, enum pk_tell what, struct pk_str bytes, struct pk_err *err)
{
	struct pk_bundle *b = o->b;
	struct pk_str rest, line = {0};
	uint64_t first = 0;
	bool proven = false, again = false;

	if (!o->has_terms || (b->info.is_signed && !o->has_ticket))
		return pk_fail(err, PK_EFORMAT, 0, "records before the head");
	if (b->share && !o->has_share && pk_sharein_finish(b->share, b->info.id, &b->terms, err) < 0)
		return -1;
	o->has_share = true;
	if (pk_prove_segment(&o->prover, what, bytes, false, &proven, &first, err) < 0)
		return -1;
	if (!proven)
		return 0;
	rest = pk_buf_str(&o->prover.records);
	if (!pk_str_line(&rest, &line) || keep(&b->first_record, line, &again, err) < 0 ||
	    pk_prove_first_record(b, pk_buf_str(&b->first_record), err) < 0)
		return -1;
	b->info.leaves = o->prover.tree.size; /* until the checkpoint says more */
	pk_frontier_root(&o->prover.tree, b->info.root);
	return 0;
}

static int take_checkpoint(struct opening *o, struct pk_str bytes, struct pk_err *err)
{
	struct pk_bundle *b = o->b;

	if (!b->first_record.n || keep(&b->checkpoint, bytes, &b->has_final, err) < 0)
		return b->first_record.n ? -1 : pk_fail(err, PK_EFORMAT, 0, "the checkpoint comes before the records");
	if (pk_prove_checkpoint(b, bytes, &b->final, err) < 0)
		return -1;
	b->info.complete = true;
	b->info.leaves = b->final.size;
	memcpy(b->info.root, b->final.root, 32);
	return 0;
}

static int hear(void *ctx, enum pk_tell what, struct pk_str bytes, struct pk_err *err)
{
	struct opening *o = ctx;

	switch (what) {
	case PK_TELL_HEAD: return take_head(o, bytes, err);
	case PK_TELL_TERMS: return take_terms(o, bytes, err);
	case PK_TELL_TICKET: return take_ticket(o, bytes, err);
	case PK_TELL_TICKET_SIG: return keep(&o->b->ticket_sig, bytes, &o->has_sig, err);
	case PK_TELL_SHARE: return take_share(o, bytes, err);
	case PK_TELL_RECORDS:
	case PK_TELL_NOTE: return take_segment(o, what, bytes, err);
	case PK_TELL_CHECKPOINT: return take_checkpoint(o, bytes, err);
	case PK_TELL_PROGRESS: return 0;
	default: return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	}
}

static int job_open(void *arg, struct pk_age_file *age, const struct pk_teller *t, struct pk_err *err)
{
	(void)arg;
	return pk_parse_open(age, t, err);
}

static int job_head(void *arg, struct pk_age_file *age, const struct pk_teller *t, struct pk_err *err)
{
	(void)arg;
	return pk_parse_head(age, t, err);
}

static void forget(struct pk_bundle *b)
{
	pk_terms_done(&b->terms);
	pk_buf_reset(&b->terms_text);
	pk_buf_reset(&b->ticket_text);
	pk_buf_reset(&b->ticket_sig);
	pk_buf_reset(&b->checkpoint);
	pk_buf_reset(&b->first_record);
	pk_sharein_free(pk_steal(&b->share));
	b->ticket = (struct pk_ticket){0};
	b->info = (struct pk_bundle_info){0};
	b->has_final = false;
}

static int run_open(struct pk_bundle *b, pk_parse_job job, struct pk_err *err)
{
	struct opening o = {.b = b, .prover = {.bundle = b}};
	int r = pk_child_run(b->age, job, NULL, hear, &o, err);

	pk_prover_done(&o.prover);
	if (r == 0 && job == job_open && !b->first_record.n)
		r = pk_fail(err, PK_EFORMAT, 0, "there are no records");
	return r;
}

/* Where the head is lost, the ticket beside the bundle says whose notes to believe: who issued it is asked of that
 * text like of any other. */
static int ticket_beside(struct pk_bundle *b, struct pk_err *err)
{
	bool has_ticket = false, has_sig = false;

	if (pk_beside_read(b->path, PK_SIDE_TICKET, &b->ticket_text, &has_ticket, err) < 0 ||
	    pk_beside_read(b->path, PK_SIDE_TICKET_SIG, &b->ticket_sig, &has_sig, err) < 0)
		return -1;
	if (!has_ticket)
		return pk_fail(err, PK_ECRYPTO, 0, "its beginning is lost, and no ticket beside it says whose it is");
	if (pk_ticket_parse(pk_buf_str(&b->ticket_text), &b->ticket, err) < 0)
		return pk_wrap(err, "the ticket beside it");
	b->info.ticket = &b->ticket;
	b->info.is_signed = true;
	b->head_lost = b->id_unknown = true;
	return 0;
}

static bool is_damage(const struct pk_err *e)
{
	return (e->kind == PK_EFORMAT || e->kind == PK_ECRYPTO || e->kind == PK_ELIMIT) && e->code != PK_AGE_NO_MATCH;
}

/* What is left: its head, or the ticket beside it. Records are looked for when they are asked for. */
static int open_left(struct pk_bundle *b, const struct pk_age_identities *ids, struct pk_err *err)
{
	struct pk_err why = {0};
	bool is_share = b->info.is_share; /* as far as it was read, it said so */

	pk_age_file_free(pk_steal(&b->age));
	forget(b);
	if (pk_age_file_rescue(b->fd, ids, NULL, &b->age, err) < 0)
		return -1;
	b->rescued = true;
	if (run_open(b, job_head, &why) < 0) {
		if (!is_damage(&why)) {
			if (err)
				*err = why;
			return -1;
		}
		is_share |= b->info.is_share;
		forget(b);
		if (!is_share && ticket_beside(b, err) < 0)
			return -1;
	}
	if (is_share || b->info.is_share)
		return pk_salvage_no_share(err);
	return pk_salvage_first(b, err);
}

int pk_bundle_open(const char *path, const struct pk_age_identities *ids, bool salvage, struct pk_bundle **ret,
		   struct pk_err *err)
{
	PK_AUTOPTR(pk_bundle) b = calloc(1, sizeof(*b));
	struct pk_err why = {0};
	int r = -1;

	if (!b)
		return pk_fail_oom(err);
	b->fd = -1;
	b->salvage = salvage;
	if (!(b->path = pk_str_dup(pk_str(path))))
		return pk_fail_oom(err);
	if (pk_open_brought(path, &b->fd, err) < 0)
		return -1;
	if (pk_crypto_init(err) < 0)
		return -1;
	r = pk_age_file_open(b->fd, ids, false, &b->age, &why);
	if (r == 0)
		r = run_open(b, job_open, &why);
	if (r < 0 && salvage && is_damage(&why)) {
		why = (struct pk_err){0};
		r = open_left(b, ids, &why);
	}
	if (r < 0) {
		if (err)
			*err = why;
		return pk_wrap(err, "'%s'", path);
	}
	b->info.terms_text = pk_buf_str(&b->terms_text);
	b->info.ticket_text = pk_buf_str(&b->ticket_text);
	b->info.ticket_sig = pk_buf_str(&b->ticket_sig);
	b->info.checkpoint = pk_buf_str(&b->checkpoint);
	b->info.first_record = pk_buf_str(&b->first_record);
	*ret = pk_steal(&b);
	return 0;
}
