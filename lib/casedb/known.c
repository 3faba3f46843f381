/* SPDX-License-Identifier: Apache-2.0 */
/* What import asks of the case: is this bundle known, is its ticket used up, does it contradict another? */
#include "intake.h"

#include <inttypes.h>
#include <stdlib.h>

int pk_known_find(struct pk_case *c, const uint8_t id[16], struct pk_known *ret, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	if (pk_stmt_init(&st, c,
			 "SELECT b.no, b.leaves, b.root, b.complete, i.place, b.intake, b.shared, b.host, "
			 "b.first_record <> '' FROM bundle b "
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
	return pk_buf_check(&ret->place, err);
}

/* A part of a collection, as its leaf 0 says; only a part numbered above 1 has something before it. */
struct part {
	uint64_t no;
	bool has_previous;
	uint8_t previous[16], previous_root[32];
};

static int part_of(const struct pk_bundle_info *info, struct part *ret, struct pk_err *err)
{
	pk_autojson *first = NULL;
	const struct pk_json_value *prev = NULL;
	struct pk_err why = {0};

	*ret = (struct part){.no = 1};
	if (pk_json_parse(info->first_record, &first, &why) <
	    0) /* without memory it is no first part: it is not known */
		return why.kind == PK_EFORMAT || why.kind == PK_ELIMIT ? 0 : pk_fail(err, why.kind, 0, "%s", why.msg);
	(void)pk_json_get_uint(first, "part", &ret->no);
	ret->no = PK_MIN(PK_MAX(ret->no, (uint64_t)1), (uint64_t)INT64_MAX); /* as its row will say */
	prev = pk_json_get(first, "previous");
	ret->has_previous = prev && pk_json_get_hex(prev, "bundle", ret->previous, 16) &&
			    pk_json_get_hex(prev, "root", ret->previous_root, 32);
	return 0;
}

static bool same(struct pk_str s, const void *p, size_t n) { return s.n == n && memcmp(s.p, p, n) == 0; }

/* One bundle of the same ticket beside the new one: may both be parts of one collection, and is it a neighbour? A
 * salvaged one has not its last root: its id must do. */
static bool fits(struct pk_stmt *st, const struct pk_bundle_info *info, const struct part *mine, bool *ret_neighbour)
{
	struct pk_str id = pk_stmt_col(st, 0), root = pk_stmt_col(st, 1), back = pk_stmt_col(st, 2),
		      back_root = pk_stmt_col(st, 3);
	uint64_t no = (uint64_t)pk_stmt_col_int(st, 4);
	bool complete = pk_stmt_col_int(st, 5) != 0;

	if (no == mine->no)
		return false;
	if (no + 1 == mine->no) {
		*ret_neighbour = true;
		return mine->has_previous && same(id, mine->previous, 16) &&
		       (!complete || same(root, mine->previous_root, 32));
	}
	if (mine->no + 1 == no) {
		*ret_neighbour = true;
		return same(back, info->id, 16) && (!info->complete || same(back_root, info->root, 32));
	}
	return true;
}

/* The parts in the case that are nearest to the new one, on either side; 0: there is none. */
struct nearest {
	uint64_t below, above;
	uint8_t before_above[16]; /* the bundle that `above` continues */
	bool has_before_above;
};

static void come_near(struct pk_stmt *st, const struct part *mine, struct nearest *n)
{
	uint64_t no = (uint64_t)pk_stmt_col_int(st, 4);
	struct pk_str back = pk_stmt_col(st, 2);

	if (no < mine->no && no > n->below)
		n->below = no;
	if (no <= mine->no || (n->above && no >= n->above))
		return;
	n->above = no;
	n->has_before_above = back.n == sizeof(n->before_above);
	if (n->has_before_above)
		memcpy(n->before_above, back.p, back.n);
}

/* Names the parts that lie between it and the nearest one that is there, and the bundle of which that is known. */
static int say_waits(const struct nearest *n, const struct part *mine, struct pk_buf *why, struct pk_err *err)
{
	bool before = n->below && (!n->above || mine->no - n->below <= n->above - mine->no);
	uint64_t from = before ? n->below + 1 : mine->no + 1, to = before ? mine->no - 1 : n->above - 1;
	bool named = before ? mine->has_previous : n->has_before_above;

	pk_buf_putf(why, "part %" PRIu64 " of a collection whose part", mine->no);
	if (from == to)
		pk_buf_putf(why, " %" PRIu64, to);
	else
		pk_buf_putf(why, "s %" PRIu64 " to %" PRIu64, from, to);
	if (named) {
		if (from == to)
			pk_buf_puts(why, ", bundle ");
		else
			pk_buf_putf(why, " (%" PRIu64 " is bundle ", to);
		pk_buf_put_hex(why, before ? mine->previous : n->before_above, 4);
		pk_buf_puts(why, from == to ? "," : ")");
	}
	pk_buf_puts(why, from == to ? " is not in the case: it is taken in with that"
				    : " are not in the case: it is taken in with those");
	return pk_buf_check(why, err);
}

static int say_replayed(const struct pk_str *example, const struct part *mine, struct pk_buf *why, struct pk_err *err)
{
	if (mine->no > 1)
		pk_buf_putf(why,
			    "its ticket is for one use; bundle %.*s of it does not continue into this one, which says "
			    "it is part %" PRIu64,
			    PK_STR_ARG(*example), mine->no);
	else
		pk_buf_putf(why, "its ticket is for one use and was used by bundle %.*s already", PK_STR_ARG(*example));
	return pk_buf_check(why, err);
}

int pk_known_use(struct pk_case *c, const struct pk_bundle_info *info, enum pk_use *ret, struct pk_buf *ret_why,
		 struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	PK_AUTO(pk_buf) ticket = {0};
	struct nearest near = {0};
	bool neighbour = false;
	struct part mine;
	int r = 0;

	*ret = PK_USE_GOOD;
	if (!info->ticket || !info->ticket->uses_one)
		return 0;
	if (part_of(info, &mine, err) < 0)
		return -1;
	pk_buf_put_hex(&ticket, info->ticket->id, sizeof(info->ticket->id));
	if (pk_buf_check(&ticket, err) < 0 || pk_stmt_init(&st, c,
							   "SELECT id, root, previous, previous_root, part, complete, "
							   "lower(hex(substr(id, 1, 4))) FROM bundle "
							   "WHERE ticket = ?1 AND id <> ?2",
							   err) < 0)
		return -1;
	pk_stmt_text(&st, 1, pk_buf_str(&ticket));
	pk_stmt_blob(&st, 2, info->id, 16);
	while ((r = pk_stmt_step(&st, err)) == 1) {
		struct pk_str name = pk_stmt_col(&st, 6);

		if (!fits(&st, info, &mine, &neighbour)) {
			if (pk_memory_ran_out())
				return pk_fail_oom(err);
			*ret = PK_USE_REPLAYED;
			return say_replayed(&name, &mine, ret_why, err);
		}
		come_near(&st, &mine, &near);
	}
	if (r < 0 || neighbour || (!near.below && !near.above))
		return r;
	*ret = PK_USE_WAITS;
	return say_waits(&near, &mine, ret_why, err);
}

/* The root of the known bundle's tree at a smaller size, from the bundle itself. */
struct prefix {
	struct pk_frontier tree;
	uint64_t at;
	uint8_t root[32];
	bool done;
};

static int prefix_record(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	struct prefix *p = ctx;
	uint8_t leaf[32];

	(void)err;
	if (r->leaf != p->tree.size) /* of a salvaged one: after a gap */
		return 0;
	pk_merkle_leaf(r->line, leaf);
	pk_frontier_add(&p->tree, leaf);
	if (p->tree.size == p->at) {
		pk_frontier_root(&p->tree, p->root);
		p->done = true;
		return 1;
	}
	return 0;
}

static int known_root_at(struct pk_intake *job, const struct pk_known *known, uint64_t size, struct prefix *p,
			 struct pk_err *err)
{
	PK_AUTOPTR(pk_bundle) b = NULL;
	pk_autofree char *path = NULL;
	const struct pk_bundle_events events = {.ctx = p, .record = prefix_record, .ev = job->how->ev};

	p->at = size;
	if (pk_case_path(job->c, known->place.p, &path, err) < 0 ||
	    pk_bundle_open(path, job->how->ids, !known->complete, &b, err) < 0 ||
	    pk_bundle_verify(b, NULL, &events, err) < 0)
		return pk_wrap(err, "the bundle of the same id that the case holds");
	return 0;
}

int pk_known_differs(struct pk_intake *job, const struct pk_known *known, uint64_t size, const uint8_t root[32],
		     bool *ret, struct pk_err *err)
{
	struct prefix p = {0};

	if (known_root_at(job, known, size, &p, err) < 0)
		return -1;
	*ret = !p.done || memcmp(p.root, root, 32) != 0;
	return 0;
}

int pk_known_compare(struct pk_intake *job, const struct pk_known *known, const struct pk_bundle_info *info,
		     const uint8_t *root_at, enum pk_relation *ret, struct pk_err *err)
{
	struct prefix p = {0};

	if (info->leaves == known->leaves) {
		/* what was shared of it is part of the whole */
		*ret = memcmp(info->root, known->root, 32) ? PK_CONTRADICTS : known->shared ? PK_LONGER : PK_SAME;
	} else if (info->leaves > known->leaves) {
		*ret = root_at && !memcmp(root_at, known->root, 32) ? PK_LONGER : PK_CONTRADICTS;
	} else if (known->shared) {
		*ret = info->complete ? PK_CONTRADICTS : PK_OLDER;
	} else {
		if (known_root_at(job, known, info->leaves, &p, err) < 0)
			return -1;
		*ret = p.done && !memcmp(p.root, info->root, 32) ? PK_OLDER : PK_CONTRADICTS;
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
