/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a collection that wait in quarantine for another part: taken in once that is there. */
#include "intake.h"

#include <stdlib.h>

#include <picket/age.h>

struct waiting {
	int64_t intake;
	char *name, *place; /* that it came by; where it is kept */
	uint8_t digest[64];
	bool closed; /* to whom we are: said once */
};

struct waiters {
	struct pk_case *c;
	const struct pk_import *how;
	struct pk_import_sink sink;
	struct waiting *v;
	size_t n, cap;
};

static void waiters_done(struct waiters *w)
{
	for (size_t i = 0; i < w->n; i++) {
		free(w->v[i].name);
		free(w->v[i].place);
	}
	free(w->v);
}

/* Those of the tickets that the bundle, or the sources of the share, were collected under. */
static int find(struct waiters *w, const uint8_t id[16], struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	if (pk_stmt_init(&st, w->c,
			 "WITH now(ticket) AS (SELECT ticket FROM bundle WHERE id = ?1 "
			 "UNION SELECT b.ticket FROM share_part p JOIN bundle b ON b.id = p.bundle WHERE p.share = ?1) "
			 "SELECT i.no, i.source, i.place, i.digest FROM intake i WHERE i.state = 'quarantined' AND "
			 "i.verdict = ?2 AND (i.ticket IS NULL OR i.ticket IN (SELECT ticket FROM now) OR i.no IN "
			 "(SELECT w.intake FROM waits w JOIN now n ON n.ticket = w.ticket)) ORDER BY i.no",
			 err) < 0)
		return -1;
	pk_stmt_blob(&st, 1, id, 16);
	pk_stmt_z(&st, 2, pk_trust_name(PK_TRUST_WAITING));
	while ((r = pk_stmt_step(&st, err)) == 1) {
		struct waiting *v = NULL;

		if (!pk_grow(&w->v, &w->cap, w->n + 1, sizeof(*w->v)))
			return pk_fail_oom(err);
		v = &w->v[w->n];
		*v = (struct waiting){.intake = pk_stmt_col_int(&st, 0),
				      .name = pk_str_dup(pk_stmt_col(&st, 1)),
				      .place = pk_str_dup(pk_stmt_col(&st, 2))};
		w->n++;
		if (!v->name || !v->place)
			return pk_fail_oom(err);
		if (pk_stmt_col(&st, 3).n != sizeof(v->digest)) { /* no reason to refuse what comes in */
			pk_event_warn(w->how->ev, "'%s' keeps waiting in quarantine: the case's row of it is damaged",
				      v->place);
			v->intake = 0;
			continue;
		}
		memcpy(v->digest, pk_stmt_col(&st, 3).p, sizeof(v->digest));
	}
	return r;
}

/* What it waits for may be another part by now. */
static int put_why(struct pk_case *c, const struct waiting *v, struct pk_str why, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	pk_autorollback struct pk_case *tx = c;

	if (pk_case_begin(tx, err) < 0 ||
	    pk_stmt_init(&st, c, "UPDATE intake SET why = ?2 WHERE no = ?1 AND why <> ?2", err) < 0)
		return -1;
	pk_stmt_int(&st, 1, v->intake);
	pk_stmt_text(&st, 2, why);
	return pk_stmt_run(&st, err) < 0 ? -1 : pk_case_commit(tx, err);
}

/* Whether it need not be judged again. It was found good when it came in, as far as that does not depend on others;
 * what it is a part of can be asked of it before all of it is copied and checked once more. */
static int still_waits(struct waiters *w, struct waiting *v, bool *ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_bundle) b = NULL;
	PK_AUTO(pk_buf) text = {0};
	pk_autofree char *path = NULL;
	enum pk_part_use use = PK_PART_GOOD;
	struct pk_err why = {0};

	*ret = true;
	if (pk_case_path(w->c, v->place, &path, err) < 0)
		return -1;
	if (!w->how->ids || pk_bundle_open(path, w->how->ids, true, &b, &why) < 0) {
		*ret = !w->how->ids || why.code == PK_AGE_NO_MATCH;
		if (*ret && !v->closed)
			pk_event_warn(w->how->ev,
				      "%s keeps waiting in quarantine: %s; import it again with one that opens it",
				      v->name,
				      w->how->ids ? "none of the identities opens it" : "no identity was given");
		v->closed = *ret;
		return 0; /* what is wrong otherwise, judging it says */
	}
	if ((pk_bundle_info(b)->is_share ? pk_known_share_use(w->c, b, &use, &text, NULL, err)
					 : pk_known_use(w->c, pk_bundle_info(b), &use, &text, err)) < 0)
		return -1;
	*ret = use == PK_PART_WAITS;
	return *ret ? put_why(w->c, v, pk_buf_str(&text), err) : 0;
}

/* *ret: it waits no longer. */
static int try_again(struct waiters *w, struct waiting *v, bool *ret, struct pk_err *err)
{
	struct pk_import_result r = {0};
	struct pk_err why = {0};
	bool waits = false;
	int rc = 0;

	*ret = false;
	if (v->closed)
		return 0;
	if (still_waits(w, v, &waits, err) < 0)
		return -1;
	if (waits)
		return 0;
	*ret = true;
	rc = pk_intake_again(w->c, v->name, v->place, v->digest, w->how, &r, &why);
	return w->sink.told(w->sink.ctx, v->name, rc < 0 ? NULL : &r, &why, err);
}

int pk_case_import_waiting(struct pk_case *c, const uint8_t id[16], const struct pk_import *how,
			   struct pk_import_sink sink, struct pk_err *err)
{
	PK_AUTO(waiters) w = {.c = c, .how = how, .sink = sink};
	bool any = true;

	if (find(&w, id, err) < 0)
		return -1;
	while (any) {
		any = false;
		for (size_t i = 0; i < w.n; i++) {
			bool done = false;

			if (!w.v[i].intake)
				continue;
			if (try_again(&w, &w.v[i], &done, err) < 0)
				return -1;
			if (done)
				w.v[i].intake = 0;
			any = any || done;
		}
	}
	return 0;
}
