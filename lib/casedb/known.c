/* SPDX-License-Identifier: Apache-2.0 */
/* What import asks of the case: is this bundle known, is its ticket used up, does it contradict another? */
#include "intake.h"

#include <picket/share.h>

#include <stdlib.h>

int pk_known_find(struct pk_case *c, const uint8_t id[16], struct pk_known *ret, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	if (pk_stmt_init(&st, c,
			 "SELECT b.no, b.leaves, b.root, b.complete, i.place, b.intake, b.shared, b.host, "
			 "b.first_record <> '', b.trust = 'countersigned', b.ticket FROM bundle b "
			 "JOIN intake i ON i.no = b.intake WHERE b.id = ?1",
			 err) < 0)
		return -1;
	pk_stmt_blob(&st, 1, id, 16);
	if ((r = pk_stmt_step(&st, err)) < 0)
		return -1;
	ret->found = r == 1;
	if (!r)
		return 0;
	ret->no = pk_stmt_col_int(&st, 0);
	ret->leaves = (uint64_t)pk_stmt_col_int(&st, 1);
	if (pk_stmt_col(&st, 2).n != sizeof(ret->root))
		return pk_fail(err, PK_EFORMAT, 0, "the case's row of a bundle has a damaged root");
	memcpy(ret->root, pk_stmt_col(&st, 2).p, sizeof(ret->root));
	ret->complete = pk_stmt_col_int(&st, 3) != 0;
	pk_buf_put_str(&ret->place, pk_stmt_col(&st, 4));
	ret->intake = pk_stmt_col_int(&st, 5);
	ret->shared = pk_stmt_col_int(&st, 6) != 0;
	ret->host = pk_stmt_col_int(&st, 7);
	ret->has_first = pk_stmt_col_int(&st, 8) != 0;
	ret->countersigned = pk_stmt_col_int(&st, 9) != 0;
	ret->has_ticket = pk_hex_decode(pk_stmt_col(&st, 10), ret->ticket, sizeof(ret->ticket));
	if (pk_memory_ran_out())
		return pk_fail_oom(err);
	return pk_buf_check(&ret->place, err);
}

bool pk_known_other_ticket(const struct pk_known *k, const struct pk_ticket *ticket)
{
	return k->found && k->has_ticket && ticket && memcmp(k->ticket, ticket->id, sizeof(k->ticket)) != 0;
}

int pk_known_share(struct pk_case *c, const uint8_t id[16], bool *ret_found, uint64_t *ret_leaves, uint8_t ret_root[32],
		   struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	*ret_found = false;
	if (pk_stmt_init(&st, c, "SELECT leaves, root FROM share WHERE id = ?1", err) < 0)
		return -1;
	pk_stmt_blob(&st, 1, id, 16);
	if ((r = pk_stmt_step(&st, err)) <= 0)
		return r;
	if (pk_stmt_col(&st, 1).n != 32)
		return pk_memory_ran_out()
			       ? pk_fail_oom(err)
			       : pk_fail(err, PK_EFORMAT, 0, "the case's row of a share has a damaged root");
	*ret_leaves = (uint64_t)pk_stmt_col_int(&st, 0);
	memcpy(ret_root, pk_stmt_col(&st, 1).p, 32);
	*ret_found = true;
	return 0;
}

int pk_known_share_under(struct pk_case *c, const struct pk_ticket *ticket, bool *ret, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	PK_AUTO(pk_buf) hex = {0};
	int r = 0;

	pk_buf_put_hex(&hex, ticket->id, sizeof(ticket->id));
	if (pk_buf_check(&hex, err) < 0 || pk_stmt_init(&st, c, "SELECT 1 FROM share WHERE ticket = ?1", err) < 0)
		return -1;
	pk_stmt_text(&st, 1, pk_buf_str(&hex));
	r = pk_stmt_step(&st, err);
	*ret = r == 1;
	return r < 0 ? -1 : 0;
}

int pk_known_parts(struct pk_case *c, const struct pk_ticket *ticket, struct pk_parts *ret, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	PK_AUTO(pk_buf) hex = {0};
	int r = 0;

	pk_buf_put_hex(&hex, ticket->id, sizeof(ticket->id));
	if (pk_buf_check(&hex, err) < 0 ||
	    pk_stmt_init(&st, c,
			 "SELECT id, root, complete, part, previous, previous_root, shared FROM bundle "
			 "WHERE ticket = ?1",
			 err) < 0)
		return -1;
	pk_stmt_text(&st, 1, pk_buf_str(&hex));
	while ((r = pk_stmt_step(&st, err)) == 1) {
		struct pk_str id = pk_stmt_col(&st, 0), root = pk_stmt_col(&st, 1), back = pk_stmt_col(&st, 4),
			      back_root = pk_stmt_col(&st, 5);
		struct pk_part *p = NULL;

		if (pk_memory_ran_out()) /* no verdict may come of what could not be read */
			return pk_fail_oom(err);
		if (id.n != sizeof(p->id) || root.n != sizeof(p->root))
			return pk_fail(err, PK_EFORMAT, 0, "the case's row of a bundle has a damaged root");
		if (!(p = pk_parts_add(ret, (const uint8_t *)id.p, err)))
			return -1;
		p->in = true;
		p->whole = pk_stmt_col_int(&st, 6) == 0;
		memcpy(p->root, root.p, sizeof(p->root));
		p->complete = pk_stmt_col_int(&st, 2) != 0;
		p->no = (uint64_t)PK_MAX(pk_stmt_col_int(&st, 3), (int64_t)0);
		p->has_previous = back.n == sizeof(p->previous) && back_root.n == sizeof(p->previous_root);
		if (p->has_previous) {
			memcpy(p->previous, back.p, back.n);
			memcpy(p->previous_root, back_root.p, back_root.n);
		}
	}
	return r;
}

static const char came_with_a_share[] = "its ticket is for one use and came with a share already";

int pk_known_use(struct pk_case *c, const struct pk_bundle_info *info, enum pk_part_use *ret, struct pk_buf *ret_why,
		 struct pk_err *err)
{
	PK_AUTO(pk_parts) parts = {0};
	struct pk_part *mine = NULL;
	bool shared = false;

	*ret = PK_PART_GOOD;
	if (!info->ticket || !info->ticket->uses_one)
		return 0;
	if (pk_known_share_under(c, info->ticket, &shared, err) < 0)
		return -1;
	if (shared) {
		*ret = PK_PART_REPLAYED;
		pk_buf_puts(ret_why, came_with_a_share);
		return pk_buf_check(ret_why, err);
	}
	if (pk_known_parts(c, info->ticket, &parts, err) < 0)
		return -1;
	mine = pk_parts_find(&parts, info->id);
	if (!mine && !(mine = pk_parts_add(&parts, info->id, err)))
		return -1;
	mine->in = false;
	mine->complete = info->complete;
	memcpy(mine->root, info->root, sizeof(mine->root));
	if (pk_part_read(mine, info->first_record, err) < 0)
		return -1;
	pk_parts_judge(&parts);
	mine = pk_parts_find(&parts, info->id);
	if (mine->use != PK_PART_GOOD && pk_memory_ran_out())
		return pk_fail_oom(err);
	*ret = mine->use;
	if (mine->use == PK_PART_GOOD)
		pk_buf_put_parts_untold(ret_why, &parts);
	else
		pk_buf_put_part_why(ret_why, &parts, mine, "the case");
	return pk_buf_check(ret_why, err);
}

/* All that was collected under the ticket of one source: what the case holds, and the sources of this share. Of what the
 * case holds whole nothing new comes in. */
static int gather_parts(struct pk_case *c, const struct pk_share_source *s, size_t n, const struct pk_ticket *ticket,
			struct pk_parts *ret, struct pk_err *err)
{
	if (pk_known_parts(c, ticket, ret, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct pk_part *m = NULL;
		bool is_here = false;

		if (memcmp(s[i].ticket.id, ticket->id, 16) != 0)
			continue;
		m = pk_parts_find(ret, s[i].id);
		is_here = m != NULL;
		if ((!m && !(m = pk_parts_add(ret, s[i].id, err))) || pk_part_take_source(m, &s[i], err) < 0)
			return -1;
		m->in = is_here && m->whole;
	}
	return 0;
}

int pk_known_share_use(struct pk_case *c, const struct pk_bundle *b, enum pk_part_use *ret, struct pk_buf *ret_why,
		       struct pk_buf *ret_untold, struct pk_err *err)
{
	size_t n = 0;
	const struct pk_share_source *s = pk_bundle_sources(b, &n);

	*ret = PK_PART_GOOD;
	for (size_t i = 0; i < n; i++) {
		PK_AUTO(pk_parts) parts = {0};
		const struct pk_part *worst = NULL;
		bool done = !s[i].ticket.uses_one, shared = false;

		for (size_t k = 0; k < i && !done; k++)
			done = memcmp(s[k].ticket.id, s[i].ticket.id, 16) == 0;
		if (done)
			continue;
		if (pk_known_share_under(c, &s[i].ticket, &shared, err) < 0)
			return -1;
		if (shared) {
			*ret = PK_PART_REPLAYED;
			pk_buf_reset(ret_why);
			pk_buf_puts(ret_why, "part of bundle ");
			pk_buf_put_hex(ret_why, s[i].id, 4);
			pk_buf_putf(ret_why, ": %s", came_with_a_share);
			break;
		}
		if (gather_parts(c, s, n, &s[i].ticket, &parts, err) < 0)
			return -1;
		pk_parts_judge(&parts);
		worst = pk_parts_worst(&parts);
		if (worst && worst->use != PK_PART_GOOD && pk_memory_ran_out())
			return pk_fail_oom(err);
		if (worst && worst->use > *ret) {
			*ret = worst->use;
			pk_buf_reset(ret_why);
			pk_buf_puts(ret_why, "part of bundle ");
			pk_buf_put_hex(ret_why, worst->id, 4);
			pk_buf_puts(ret_why, ": ");
			pk_buf_put_part_why(ret_why, &parts, worst, "the case");
		}
		if (ret_untold && !ret_untold->n)
			pk_buf_put_parts_untold(ret_untold, &parts);
	}
	return pk_buf_check(ret_why, err) < 0 || (ret_untold && pk_buf_check(ret_untold, err) < 0) ? -1 : 0;
}

int pk_prefix_record(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	struct pk_prefix *p = ctx;
	uint8_t leaf[32];

	(void)err;
	if (r->leaf != p->tree.size) /* of a salvaged one: after a gap */
		return 0;
	pk_merkle_leaf(r->line, leaf);
	pk_frontier_add(&p->tree, leaf);
	if (p->tree.size == p->at) {
		pk_frontier_root(&p->tree, p->root);
		p->done = true;
	}
	return 0;
}

static int until_done(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	const struct pk_prefix *p = ctx;

	return pk_prefix_record(ctx, r, err) < 0 ? -1 : p->done;
}

/* Of the known bundle, from itself: it has had so many records. */
static int known_root_at(struct pk_intake *job, const struct pk_known *known, uint64_t size, uint8_t ret[32],
			 struct pk_err *err)
{
	static const char which[] = "the bundle of the same id that the case holds";
	struct pk_prefix p = {.at = size};
	PK_AUTOPTR(pk_bundle) b = NULL;
	pk_autofree char *path = NULL;
	const struct pk_bundle_events events = {.ctx = &p, .record = until_done, .lost_too = true, .ev = job->how->ev};

	if (pk_case_path(job->c, known->place.p, &path, err) < 0 ||
	    pk_bundle_open(path, job->how->ids, !known->complete, &b, err) < 0 ||
	    pk_bundle_verify(b, NULL, &events, err) < 0)
		return pk_wrap(err, which);
	if (!p.done)
		return pk_fail(err, PK_EFORMAT, 0, "%s was damaged since it came in", which);
	memcpy(ret, p.root, sizeof(p.root));
	return 0;
}

int pk_known_differs(struct pk_intake *job, const struct pk_known *known, uint64_t size, const uint8_t root[32],
		     bool *ret, struct pk_err *err)
{
	uint8_t had[32];

	if (known_root_at(job, known, size, had, err) < 0)
		return -1;
	*ret = memcmp(had, root, 32) != 0;
	return 0;
}

int pk_known_compare(struct pk_intake *job, const struct pk_known *known, const struct pk_bundle_info *info,
		     const uint8_t *root_at, enum pk_relation *ret, struct pk_err *err)
{
	uint8_t had[32];

	if (pk_known_other_ticket(known, info->ticket)) {
		*ret = PK_CONTRADICTS;
	} else if (info->leaves == known->leaves) {
		/* what was shared of it is part of the whole */
		*ret = memcmp(info->root, known->root, 32) ? PK_CONTRADICTS : known->shared ? PK_LONGER : PK_SAME;
	} else if (info->leaves > known->leaves ? known->complete : info->complete) {
		*ret = PK_CONTRADICTS; /* what was finished does not go on */
	} else if (info->leaves > known->leaves) {
		*ret = root_at && !memcmp(root_at, known->root, 32) ? PK_LONGER : PK_CONTRADICTS;
	} else if (known->shared) {
		*ret = PK_OLDER;
	} else {
		if (known_root_at(job, known, info->leaves, had, err) < 0)
			return -1;
		*ret = memcmp(had, info->root, 32) ? PK_CONTRADICTS : PK_OLDER;
	}
	return 0;
}

static int put_sidecars(struct pk_intake *job, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};

	if (pk_stmt_init(&st, job->c, "DELETE FROM sidecar WHERE intake = ?1", err) < 0)
		return -1;
	pk_stmt_int(&st, 1, job->intake);
	if (pk_stmt_run(&st, err) < 0 ||
	    pk_stmt_init(&st, job->c, "INSERT INTO sidecar(intake, suffix, sha256) VALUES(?1, ?2, ?3)", err) < 0)
		return -1;
	for (size_t i = 0; i < job->stage.suffixes.n; i++) {
		pk_stmt_int(&st, 1, job->intake);
		pk_stmt_z(&st, 2, job->stage.suffixes.v[i]);
		pk_stmt_blob(&st, 3, job->stage.sidecar_sha256[i], 32);
		if (pk_stmt_run(&st, err) < 0)
			return -1;
	}
	return 0;
}

int pk_intake_put(struct pk_intake *job, const char *state, const char *verdict, const char *why, const char *place,
		  const uint8_t *bundle_id, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	PK_AUTO(pk_buf) first = {0};
	PK_AUTO(pk_buf) source = {0};
	PK_AUTO(pk_buf) ticket = {0};

	pk_buf_put_time(&first, job->first_intake);
	pk_buf_put_lossy(&source, pk_str(job->path));
	if (job->outer.has_ticket)
		pk_buf_put_hex(&ticket, job->outer.ticket.id, sizeof(job->outer.ticket.id));
	if (pk_buf_check(&first, err) < 0 || pk_buf_check(&source, err) < 0 || pk_buf_check(&ticket, err) < 0)
		return -1;
	if (pk_stmt_init(
		    &st, job->c,
		    "INSERT INTO intake(digest, state, verdict, why, place, size, source, first_intake, bundle,"
		    "ticket, issuer, accepted) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) "
		    "ON CONFLICT(digest) DO UPDATE SET state = excluded.state, verdict = excluded.verdict, "
		    "why = excluded.why, place = excluded.place, bundle = coalesce(excluded.bundle, bundle), "
		    "ticket = excluded.ticket, issuer = excluded.issuer, accepted = excluded.accepted RETURNING no",
		    err) < 0)
		return -1;
	pk_stmt_blob(&st, 1, job->stage.digest, 64);
	pk_stmt_z(&st, 2, state);
	pk_stmt_z(&st, 3, verdict);
	pk_stmt_z(&st, 4, why);
	pk_stmt_z(&st, 5, place);
	pk_stmt_int(&st, 6, (int64_t)job->stage.size);
	pk_stmt_text(&st, 7, source.p ? pk_buf_str(&source) : PK_STR(""));
	pk_stmt_text(&st, 8, pk_buf_str(&first));
	pk_stmt_blob(&st, 9, bundle_id, 16);
	if (ticket.n)
		pk_stmt_text(&st, 10, pk_buf_str(&ticket));
	if (job->outer.issuer)
		pk_stmt_z(&st, 11, job->outer.issuer);
	if (job->accepted)
		pk_stmt_z(&st, 12, job->how->accept);
	if (pk_stmt_step(&st, err) < 0)
		return -1;
	job->intake = pk_stmt_col_int(&st, 0);
	if (pk_stmt_step(&st, err) < 0)
		return -1;
	return put_sidecars(job, err);
}
