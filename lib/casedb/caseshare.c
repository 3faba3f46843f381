/* SPDX-License-Identifier: Apache-2.0 */
/* Sharing out of a case: what was chosen in the database, taken from the sealed bundles that hold it. */
#include "list.h"
#include "target.h"

#include <picket/bundle.h>
#include <picket/json.h>
#include <picket/share.h>

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

struct pk_case_share {
	struct pk_case *c;
	struct pk_share *share;
	struct pk_bundle **bundle;
	size_t bundles, cap;
	struct pk_share_ref *ref; /* sorted, each once */
	size_t refs, refs_cap;
	uint64_t rows_left_out; /* of live tables and events, which a search finds too */
};

void pk_case_share_free(struct pk_case_share *s)
{
	if (!s)
		return;
	pk_share_free(s->share); /* before what it reads from */
	for (size_t i = 0; i < s->bundles; i++)
		pk_bundle_free(s->bundle[i]);
	free(s->bundle);
	free(s->ref);
	free(s);
}

/* --- choosing ------------------------------------------------------------------------------------------ */

static int add_ref(struct pk_case_share *s, struct pk_str text, struct pk_err *err)
{
	pk_autofree char *z = pk_str_dup(text);
	PK_AUTO(pk_query) q = {0};
	PK_AUTO(pk_stmt) st = {0};
	char bundle[33];
	int64_t leaf = 0;
	int r = 0;

	if (!z)
		return pk_fail_oom(err);
	if (!pk_target_is_ref(z, bundle, &leaf))
		return pk_fail(err, PK_EINTERNAL, 0, "'%s' is no reference", z);
	if (!pk_grow(&s->ref, &s->refs_cap, s->refs + 1, sizeof(*s->ref)))
		return pk_fail_oom(err);
	pk_query_puts(&q, "SELECT b.id FROM bundle b WHERE 1");
	if (pk_query_hex_prefix(&q, "b.id", bundle, err) < 0 || pk_query_prepare(&q, s->c, &st, err) < 0)
		return -1;
	if ((r = pk_stmt_step(&st, err)) < 0)
		return -1;
	if (r != 1 || pk_stmt_col(&st, 0).n != 16)
		return pk_fail(err, PK_EFORMAT, 0, "the case has no bundle '%s'", bundle);
	memcpy(s->ref[s->refs].bundle, pk_stmt_col(&st, 0).p, 16);
	s->ref[s->refs].leaf = (uint64_t)leaf;
	if ((r = pk_stmt_step(&st, err)) < 0)
		return -1;
	if (r == 1)
		return pk_fail(err, PK_EUSAGE, 0, "two bundles of the case begin with '%s': share from them one by one",
			       bundle);
	s->refs++;
	return 0;
}

/* Rows of files and hits: the reference comes first. */
static int take_row(void *ctx, const struct pk_cell *cells, struct pk_err *err)
{
	return add_ref(ctx, cells[0].s, err);
}

/* Rows of search: what is no path is left out, for a whole table would go with one of its rows. */
static int take_match(void *ctx, const struct pk_cell *cells, struct pk_err *err)
{
	struct pk_case_share *s = ctx;

	if (pk_str_eq(cells[0].s, PK_STR("path")))
		return add_ref(s, cells[2].s, err);
	s->rows_left_out++;
	return 0;
}

enum by { TAG, PATH, ARTIFACT, RULE, TEXT, QUERY };

/* A tag on a hit is on what a listing of hits was pointed at; the hits of a tagged file stay, unless tagged too. */
static int choose_tagged_hits(struct pk_case_share *s, const char *tag, const char *host, struct pk_err *err)
{
	const struct pk_case_filter f = {.host = host, .own_tag = tag};

	return pk_case_list(s->c, PK_LIST_HITS, &f, (struct pk_row_sink){take_row, s}, err);
}

static int choose_each(struct pk_case_share *s, enum by by, const struct pk_strv *words, const char *host,
		       struct pk_err *err)
{
	for (size_t i = 0; words && i < words->n; i++) {
		const char *w = words->v[i];
		const struct pk_case_filter f = {.host = host,
						 .tag = by == TAG ? w : NULL,
						 .path = by == PATH ? w : NULL,
						 .artifact = by == ARTIFACT ? w : NULL,
						 .rule = by == RULE ? w : NULL,
						 .text = by == TEXT ? w : NULL,
						 .query = by == QUERY ? w : NULL};
		enum pk_list which = by == RULE ? PK_LIST_HITS : by == TEXT ? PK_LIST_SEARCH : PK_LIST_FILES;
		const struct pk_row_sink sink = {by == TEXT ? take_match : take_row, s};
		size_t before = s->refs;

		if (pk_case_list(s->c, which, &f, sink, err) < 0 ||
		    (by == TAG && choose_tagged_hits(s, w, host, err) < 0) ||
		    (by == QUERY && pk_case_list(s->c, PK_LIST_HITS, &f, sink, err) < 0))
			return -1;
		if (s->refs == before)
			return pk_fail(err, PK_EUSAGE, 0, "nothing in the case that can be shared matches '%s'", w);
	}
	return 0;
}

static int by_ref(const void *a, const void *b)
{
	const struct pk_share_ref *x = a, *y = b;
	int c = memcmp(x->bundle, y->bundle, sizeof(x->bundle));

	return c ? c : x->leaf < y->leaf ? -1 : x->leaf > y->leaf;
}

static int choose(struct pk_case_share *s, const struct pk_case_pick *p, const struct pk_events *ev, struct pk_err *err)
{
	const struct pk_case_filter all = {.host = p->host};
	size_t n = 0;

	if (choose_each(s, TAG, p->tags, p->host, err) < 0 || choose_each(s, PATH, p->paths, p->host, err) < 0 ||
	    choose_each(s, ARTIFACT, p->artifacts, p->host, err) < 0 ||
	    choose_each(s, RULE, p->hits, p->host, err) < 0 || choose_each(s, TEXT, p->searches, p->host, err) < 0 ||
	    choose_each(s, QUERY, p->queries, p->host, err) < 0)
		return -1;
	if (!s->refs && p->host && pk_case_list(s->c, PK_LIST_FILES, &all, (struct pk_row_sink){take_row, s}, err) < 0)
		return -1;
	if (!s->refs)
		return pk_fail(err, PK_EUSAGE, 0, "nothing in the case is what was asked for");
	if (s->rows_left_out)
		pk_event_warn(ev,
			      "%" PRIu64
			      " matches are in live tables or events, which picket-bundle share --table shares",
			      s->rows_left_out);
	qsort(s->ref, s->refs, sizeof(*s->ref), by_ref);
	for (size_t i = 0; i < s->refs; i++)
		if (!n || by_ref(&s->ref[n - 1], &s->ref[i]) != 0)
			s->ref[n++] = s->ref[i];
	s->refs = n;
	return 0;
}

/* --- gathering ----------------------------------------------------------------------------------------- */

/* The files that may hold some of it: the whole bundle (with a mark before it if it is damaged), or all shares of what
 * came in shares. */
#define SQL_PLACES \
	"SELECT iif(b.complete, '', '!') || i.place FROM bundle b JOIN intake i ON i.no = b.intake WHERE b.id = ?1 " \
	"AND NOT b.shared" \
	" UNION ALL SELECT i.place FROM share_part p JOIN share s ON s.id = p.share" \
	" JOIN intake i ON i.no = s.intake JOIN bundle b ON b.id = p.bundle WHERE p.bundle = ?1 AND b.shared"

static int list_places(struct pk_case_share *s, struct pk_strv *ret, struct pk_err *err)
{
	for (size_t i = 0; i < s->refs; i++) {
		PK_AUTO(pk_stmt) st = {0};
		int r = 0;

		if (i && memcmp(s->ref[i].bundle, s->ref[i - 1].bundle, 16) == 0)
			continue;
		if (pk_stmt_init(&st, s->c, SQL_PLACES, err) < 0)
			return -1;
		pk_stmt_blob(&st, 1, s->ref[i].bundle, 16);
		while ((r = pk_stmt_step(&st, err)) == 1)
			if (pk_strv_add(ret, pk_stmt_col(&st, 0), err) < 0)
				return -1;
		if (r < 0)
			return -1;
	}
	pk_strv_uniq(ret);
	return 0;
}

/* The receiver does not see that a person let it in, nor why. */
static int warn_of_accepted(struct pk_case_share *s, const char *place, const struct pk_events *ev, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	if (pk_stmt_init(&st, s->c,
			 "SELECT source, verdict, accepted FROM intake WHERE place = ?1 AND accepted IS NOT NULL",
			 err) < 0)
		return -1;
	pk_stmt_z(&st, 1, place);
	r = pk_stmt_step(&st, err);
	if (r == 1)
		pk_event_warn(ev,
			      "'%.*s' was %.*s when it came in, and is in the case by a person's word (%.*s): say so "
			      "to whom it goes",
			      PK_STR_ARG(pk_stmt_col(&st, 0)), PK_STR_ARG(pk_stmt_col(&st, 1)),
			      PK_STR_ARG(pk_stmt_col(&st, 2)));
	return r < 0 ? -1 : 0;
}

static int add_place(struct pk_case_share *s, const char *place, const struct pk_share_pick *pick,
		     const struct pk_age_identities *ids, const struct pk_events *ev, struct pk_err *err)
{
	pk_autofree char *path = NULL;
	bool damaged = place[0] == '!';

	if (pk_case_path(s->c, place + damaged, &path, err) < 0 || warn_of_accepted(s, place + damaged, ev, err) < 0)
		return -1;
	if (!pk_grow(&s->bundle, &s->cap, s->bundles + 1, sizeof(*s->bundle)))
		return pk_fail_oom(err);
	if (pk_bundle_open(path, ids, damaged, &s->bundle[s->bundles], err) < 0)
		return -1;
	s->bundles++;
	return pk_share_add(s->share, s->bundle[s->bundles - 1], NULL, pick, ev, err);
}

static int gather(struct pk_case_share *s, const struct pk_case_pick *p, const struct pk_age_identities *ids,
		  const struct pk_events *ev, struct pk_err *err)
{
	const struct pk_share_pick pick = {.refs = s->ref,
					   .refs_n = s->refs,
					   .no_content = p->no_content,
					   .no_path = p->no_path,
					   .no_host = p->no_host,
					   .no_receipt = p->no_receipt,
					   .optional = true};
	PK_AUTO(pk_strv) places = {0};

	if (list_places(s, &places, err) < 0)
		return -1;
	for (size_t i = 0; i < places.n; i++)
		if (add_place(s, places.v[i], &pick, ids, ev, err) < 0)
			return -1;
	if (pk_share_is_empty(s->share))
		return pk_fail(err, PK_EUSAGE, 0, "nothing is left of what was asked for");
	if (pk_share_prepare(s->share, ev, err) < 0)
		return -1;
	for (size_t i = 0; i < s->refs && !p->no_path && !p->no_content && !pk_share_left_out(s->share); i++)
		if (!pk_share_has(s->share, &s->ref[i]))
			return pk_fail(err, PK_EFORMAT, 0,
				       "no bundle of the case holds record %" PRIu64
				       " that it lists: see 'picket-case check'",
				       s->ref[i].leaf);
	return 0;
}

int pk_case_share_gather(struct pk_case *c, const struct pk_case_pick *pick, const struct pk_age_identities *ids,
			 const struct pk_roster *roster, const struct pk_events *ev, struct pk_case_share **ret,
			 struct pk_err *err)
{
	PK_AUTOPTR(pk_case_share) s = NULL;

	if (!ids)
		return pk_fail(err, PK_EUSAGE, 0, "an identity is needed to open bundles: give -i IDENTITY");
	if (pick->no_content && pick->no_path)
		return pk_fail(err, PK_EUSAGE, 0, "without contents and without paths, little is left to share");
	if (!(s = calloc(1, sizeof(*s))))
		return pk_fail_oom(err);
	s->c = c;
	if (choose(s, pick, ev, err) < 0 ||
	    pk_share_new(roster, (struct pk_time){.sec = pk_time_now().sec}, &s->share, err) < 0 ||
	    gather(s, pick, ids, ev, err) < 0)
		return -1;
	*ret = pk_steal(&s);
	return 0;
}

/* --- writing ------------------------------------------------------------------------------------------- */

static int put_details(const struct pk_case_share *s, const struct pk_share_summary *sum, struct pk_buf *ret,
		       struct pk_err *err)
{
	PK_AUTO(pk_handover) h = {0};
	struct pk_json j = {.out = ret};

	if (pk_handover_parse(pk_buf_str(&sum->handover), &h, err) < 0)
		return -1;
	pk_json_kz(&j, "share_by", h.by);
	pk_json_kstr(&j, "label", pk_buf_str(&sum->label));
	pk_json_key(&j, "share_to");
	pk_json_begin(&j, '[');
	for (size_t i = 0; i < h.to.n; i++)
		pk_json_z(&j, h.to.v[i]);
	pk_json_end(&j, ']');
	pk_json_khex(&j, "records_sha256", h.records_sha256, 32);
	pk_json_key(&j, "parts");
	pk_json_begin(&j, '{');
	for (size_t i = 0; i < pk_share_sources(s->share); i++) {
		PK_AUTO(pk_buf) id = {0};
		const struct pk_share_source *of = pk_share_source_at(s->share, i);

		pk_buf_put_hex(&id, of->id, 16);
		if (pk_buf_check(&id, err) < 0)
			return -1;
		pk_json_kuint(&j, id.p, of->records);
	}
	pk_json_end(&j, '}');
	if (sum->overridden + sum->released) {
		pk_json_key(&j, "releases");
		pk_json_begin(&j, '[');
		for (size_t i = 0; i < pk_share_sources(s->share); i++)
			pk_json_put_source_releases(&j, pk_share_source_at(s->share, i));
		pk_json_end(&j, ']');
	}
	return pk_json_check(&j, err);
}

static int put_custody(struct pk_case_share *s, const char *reason, const struct pk_share_summary *sum,
		       struct pk_err *err)
{
	PK_AUTO(pk_buf) details = {0}, object = {0};

	pk_buf_puts(&object, "bundle:");
	pk_buf_put_hex(&object, sum->id, 16);
	if (pk_buf_check(&object, err) < 0 || put_details(s, sum, &details, err) < 0)
		return -1;
	return pk_case_custody_act(s->c,
				   &(struct pk_custody_act){.action = "release",
							    .object = object.p,
							    .reason = reason ? pk_str(reason) : (struct pk_str){0},
							    .details = pk_buf_str(&details)},
				   err);
}

/* Needs no memory: there is room behind the path. */
static void unlink_all(struct pk_buf *path)
{
	static const char *const suffixes[] = {"", ".minisig", ".ticket", ".ticket.minisig"};
	size_t n = path->n;

	for (size_t i = 0; i < PK_LEN(suffixes); i++) {
		pk_buf_puts(path, suffixes[i]);
		unlink(path->p);
		path->n = n;
	}
}

int pk_case_share_write(struct pk_case_share *s, const struct pk_share_params *params, struct pk_share_summary *ret,
			struct pk_err *err)
{
	PK_AUTO(pk_share_summary) sum = {0};
	pk_autorollback struct pk_case *tx = s->c;

	/* the writer's place is taken first, so that the line cannot fail for want of it */
	if (pk_case_begin(tx, err) < 0 || pk_share_write(s->share, params, &sum, err) < 0)
		return -1;
	if (put_custody(s, params->reason, &sum, err) < 0 || pk_case_commit(tx, err) < 0) {
		unlink_all(&sum.path);
		return -1;
	}
	*ret = sum;
	sum = (struct pk_share_summary){0};
	return 0;
}
