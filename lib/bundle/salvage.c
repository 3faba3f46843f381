/* SPDX-License-Identifier: Apache-2.0 */
/* Salvage: judging what the parser child finds in a damaged bundle, and saying what is lost. */
#include "salvage_int.h"

#include <picket/msg.h>
#include <picket/note.h>

#include <stdlib.h>

const char *pk_loss_name(enum pk_loss_what what)
{
	static const char *const names[] = {"header", "bytes",   "head",    "frame", "segment",
					    "table",  "records", "content", "end"};

	return names[what];
}

int pk_salvage_no_share(struct pk_err *err)
{
	return pk_fail(err, PK_EFORMAT, 0, "it is a share: ask its sender to make it again");
}

/* --- looking through all of it ------------------------------------------------------------------------- */

/* One pass over every frame that is left. */
struct scan {
	struct pk_bundle *b;
	struct pk_prover prover;
	struct pk_frontier tree; /* of the records from leaf 0 on without a gap */
	uint64_t next;           /* the leaf after the last one that was proven */
	bool has_final;
	const struct pk_salvage_events *out; /* may be NULL */
	const struct pk_bundle_events *hand; /* gets the records from `from` on; may be NULL */
	uint64_t from, records, losses;
	bool enough, failed_outside;
};

static int lose(struct scan *s, const struct pk_loss *l, struct pk_err *err)
{
	s->losses++;
	return s->out && s->out->loss ? s->out->loss(s->out->ctx, l, err) : 0;
}

static bool is_damage(const struct pk_err *e)
{
	return e->kind == PK_EFORMAT || e->kind == PK_ECRYPTO || e->kind == PK_ELIMIT;
}

/* Where terms and ticket are lost, the note itself names the bundle: "picket/HEX" is its origin, and signed. */
static int learn_id(struct pk_bundle *b, struct pk_str note, struct pk_err *err)
{
	struct pk_str text = {0}, line = {0};

	if (!b->id_unknown)
		return 0;
	if (pk_note_verify(&b->ticket.note, note, &text, err) < 0)
		return -1;
	if (!pk_str_line(&text, &line) || line.n != 39 || !pk_str_starts(line, PK_STR("picket/")) ||
	    !pk_hex_decode(pk_str_n(line.p + 7, 32), b->info.id, 16))
		return pk_fail(err, PK_EFORMAT, 0, "the note is of no bundle");
	b->id_unknown = false;
	return 0;
}

/* Leaf 0, which says what all of it is about, when it was not to be had at opening. */
static int learn_first(struct pk_bundle *b, struct pk_str records, struct pk_err *err)
{
	struct pk_str line = {0};

	if (b->first_record.n || !pk_str_line(&records, &line))
		return 0;
	pk_buf_put_str(&b->first_record, line);
	b->info.first_record = pk_buf_str(&b->first_record);
	return pk_buf_check(&b->first_record, err);
}

/* A segment that follows directly must also follow in its tree. */
static bool follows(const struct scan *s, uint64_t first)
{
	struct pk_str rest = pk_buf_str(&s->prover.records), line = {0};
	struct pk_frontier f = s->tree;
	uint8_t a[32], b[32];

	if (first != s->next || s->tree.size != s->next)
		return true;
	while (rest.n && pk_str_line(&rest, &line)) {
		uint8_t leaf[32];

		pk_merkle_leaf(line, leaf);
		pk_frontier_add(&f, leaf);
	}
	pk_frontier_root(&f, a);
	pk_frontier_root(&s->prover.tree, b);
	return f.size == s->prover.tree.size && memcmp(a, b, 32) == 0;
}

static int hand_out(struct scan *s, uint64_t first, struct pk_err *err)
{
	struct pk_str rest = pk_buf_str(&s->prover.records), line = {0};
	uint64_t from = s->from, refused = 0;
	int r;

	do {
		struct pk_err why = {0};

		while (first < from && rest.n && pk_str_line(&rest, &line))
			first++;
		r = pk_bundle_hand_out(s->hand, rest, first, &refused, &why);
		if (r < 0 && (refused == PK_LEAF_NONE || !is_damage(&why))) {
			if (err)
				*err = why;
			s->failed_outside = true;
			return -1;
		}
		/* signed, and not what a record is: it is lost, and what follows is not */
		if (r < 0 &&
		    lose(s,
			 &(struct pk_loss){.what = PK_LOST_RECORDS, .from = refused, .to = refused + 1, .why = why.msg},
			 err) < 0)
			return -1;
		s->records -= r < 0;
		from = refused + 1;
	} while (r < 0);
	s->enough = r == 1;
	return r;
}

/* What a proof of one of these records needs. */
static int keep_tree(struct scan *s, struct pk_str note, struct pk_err *err)
{
	struct pk_str rest = pk_buf_str(&s->prover.records), line = {0};

	while (rest.n && pk_str_line(&rest, &line)) {
		uint8_t leaf[32];

		pk_merkle_leaf(line, leaf);
		if (pk_merkle_tree_add(&s->b->tree, leaf, err) < 0)
			return -1;
	}
	pk_buf_reset(&s->b->note);
	pk_buf_put_str(&s->b->note, note);
	return pk_buf_check(&s->b->note, err);
}

/* Record 0 of a share says so, and each other but padding what it repeats. Nobody asks for proofs here, so that not even
 * one whose own head is lost may pass for what somebody collected. */
static int refuse_share(struct scan *s, uint64_t first, struct pk_err *err)
{
	struct pk_str rest = pk_buf_str(&s->prover.records), line = {0};

	for (uint64_t leaf = first; rest.n && pk_str_line(&rest, &line); leaf++) {
		PK_AUTO(pk_record) r = {0};
		struct pk_err why = {0};

		if (pk_record_parse(line, leaf, &r, &why) == 0) {
			if (!pk_json_get(r.json, "src") && (leaf || !pk_json_get(r.json, "share")))
				continue;
			s->failed_outside = true;
			return pk_salvage_no_share(err);
		}
		if (is_damage(&why))
			continue;
		if (err)
			*err = why;
		return -1;
	}
	return 0;
}

/* A note came: are the records before it proven by it? What is not is no loss yet, another copy may be. */
static int take_note(struct scan *s, struct pk_str note, struct pk_err *err)
{
	struct pk_err why = {0};
	uint64_t first = 0;
	bool proven = false;

	if (learn_id(s->b, note, &why) < 0 ||
	    pk_prove_segment(&s->prover, PK_TELL_NOTE, note, true, &proven, &first, &why) < 0) {
		s->prover.has_records = false;
		if (is_damage(&why))
			return 0;
		if (err)
			*err = why;
		return -1;
	}
	if (!proven)
		return 0;
	if (refuse_share(s, first, err) < 0)
		return -1;
	if (first < s->next || !follows(s, first))
		return 0;
	if (first == 0 && pk_prove_first_record_left(s->b, pk_buf_str(&s->prover.records), &why) < 0) {
		if (is_damage(&why))
			return 0;
		if (err)
			*err = why;
		return -1;
	}
	if (first == 0 && learn_first(s->b, pk_buf_str(&s->prover.records), err) < 0)
		return -1;
	if (first > s->next &&
	    lose(s, &(struct pk_loss){.what = PK_LOST_RECORDS, .from = s->next, .to = first}, err) < 0)
		return -1;
	if (first == s->next && s->tree.size == s->next) {
		s->tree = s->prover.tree;
		if (s->b->keep_tree && keep_tree(s, note, err) < 0)
			return -1;
	}
	s->records += s->prover.tree.size - first;
	s->next = s->prover.tree.size;
	return s->next > s->from ? hand_out(s, first, err) : 0;
}

static int take_checkpoint(struct scan *s, struct pk_str note, struct pk_err *err)
{
	struct pk_final f = {0};
	struct pk_err why = {0};

	if (s->b->id_unknown || pk_prove_checkpoint(s->b, note, &f, &why) < 0 || f.size < s->next) {
		if (why.kind != PK_ESYS)
			return 0;
		if (err)
			*err = why;
		return -1;
	}
	s->has_final = true;
	if (s->next < f.size)
		return lose(s, &(struct pk_loss){.what = PK_LOST_RECORDS, .from = s->next, .to = f.size}, err);
	return 0;
}

static int take_loss(struct scan *s, struct pk_str bytes, struct pk_err *err)
{
	static const enum pk_loss_what what[] = {PK_LOST_FRAME, PK_LOST_SEGMENT, PK_LOST_TABLE};
	struct pk_err text = {0};
	struct pk_tell_loss x;

	if (bytes.n < sizeof(x))
		return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	memcpy(&x, bytes.p, sizeof(x));
	if ((unsigned)x.what >= PK_LEN(what))
		return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	pk_fail(&text, PK_EFORMAT, 0, "%.*s", PK_STR_ARG(pk_str_n(bytes.p + sizeof(x), bytes.n - sizeof(x))));
	return lose(s, &(struct pk_loss){.what = what[x.what], .from = x.number, .why = text.msg}, err);
}

static int hear(void *ctx, enum pk_tell what, struct pk_str bytes, struct pk_err *err)
{
	struct scan *s = ctx;
	uint64_t first = 0, both[2];
	bool proven = false;

	switch (what) {
	case PK_TELL_RECORDS: return pk_prove_segment(&s->prover, what, bytes, true, &proven, &first, err);
	case PK_TELL_NOTE: return take_note(s, bytes, err);
	case PK_TELL_CHECKPOINT: return take_checkpoint(s, bytes, err);
	case PK_TELL_LOST: return take_loss(s, bytes, err);
	case PK_TELL_PROGRESS:
		if (bytes.n == sizeof(both) && s->out) {
			memcpy(both, bytes.p, sizeof(both));
			pk_event_progress(s->out->ev, "salvaged", both[0], both[1]);
		}
		return 0;
	default: return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	}
}

static int job(void *arg, struct pk_age_file *age, const struct pk_teller *t, struct pk_err *err)
{
	(void)arg;
	return pk_parse_rescue(age, t, err);
}

static int look_through(struct scan *s, struct pk_err *err)
{
	struct pk_err why = {0};
	int r;

	s->prover.bundle = s->b;
	pk_merkle_tree_done(&s->b->tree);
	r = pk_child_run(s->b->age, job, NULL, hear, s, &why);
	pk_prover_done(&s->prover);
	if (r < 0 && (s->failed_outside || !is_damage(&why))) {
		if (err)
			*err = why;
		return -1;
	}
	if (!s->has_final && !s->enough) {
		if (lose(s, &(struct pk_loss){.what = PK_LOST_RECORDS, .from = s->next, .to = UINT64_MAX}, err) < 0)
			return -1;
		return lose(s, &(struct pk_loss){.what = PK_LOST_END, .why = r < 0 ? why.msg : NULL}, err);
	}
	return 0;
}

/* --- contents ------------------------------------------------------------------------------------------ */

void pk_left_free(struct pk_left *l)
{
	if (!l)
		return;
	pk_extraction_done(&l->plan);
	free(l->lost);
	free(l);
}

/* Where a loss of a content goes: to the list, and to who asked. */
struct losing {
	struct pk_left *left;
	struct scan *scan;
};

static int lose_content(void *ctx, const struct pk_want *w, const char *why, struct pk_err *err)
{
	struct losing *l = ctx;
	struct pk_left *left = l->left;
	const char *path = w->path;

	/* "root//etc/x" is "/etc/x" of the host */
	if (path && strncmp(path, "root//", 6) == 0)
		path += 5;
	if (!pk_grow(&left->lost, &left->lost_cap, left->lost_n + 1, sizeof(*left->lost)))
		return pk_fail_oom(err);
	left->lost[left->lost_n++] = w->leaf;
	return lose(l->scan,
		    &(struct pk_loss){
			    .what = PK_LOST_CONTENT, .from = w->leaf, .size = w->at.size, .path = path, .why = why},
		    err);
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* A content with several names is one. */
static void sort_lost(struct pk_left *l)
{
	size_t n = 0;

	if (l->lost_n)
		qsort(l->lost, l->lost_n, sizeof(*l->lost), by_number);
	for (size_t i = 0; i < l->lost_n; i++)
		if (!n || l->lost[n - 1] != l->lost[i])
			l->lost[n++] = l->lost[i];
	l->lost_n = n;
}

static bool is_lost(const struct pk_left *l, uint64_t leaf)
{
	return pk_leaf_find(l->lost, l->lost_n, sizeof(leaf), leaf) != NULL;
}

/* Records into the plan, and on to who asked. */
struct planning {
	struct pk_extraction *plan;
	const struct pk_salvage_events *out;
};

static int plan_one(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	struct planning *p = ctx;

	if (pk_plan_record(p->plan, r, err) < 0)
		return -1;
	return p->out && p->out->record ? p->out->record(p->out->ctx, r, err) : 0;
}

static int say_holes(struct scan *s, struct pk_err *err)
{
	const struct pk_age_hole *hole = NULL;
	size_t n = pk_age_file_holes(s->b->age, &hole);

	if (pk_age_file_header_changed(s->b->age) && lose(s, &(struct pk_loss){.what = PK_LOST_HEADER}, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (lose(s,
			 &(struct pk_loss){.what = PK_LOST_BYTES,
					   .from = hole[i].file,
					   .to = hole[i].file + hole[i].file_n,
					   .size = hole[i].plain_n},
			 err) < 0)
			return -1;
	return s->b->head_lost ? lose(s, &(struct pk_loss){.what = PK_LOST_HEAD}, err) : 0;
}

/* Both passes: what is left is in b->left. x: where to write; NULL: nowhere, the contents are only read. */
static int take_left(struct pk_bundle *b, const struct pk_extract *x, const struct pk_salvage_events *out,
		     struct pk_salvage_sum *ret, struct pk_err *err)
{
	struct pk_left *left = calloc(1, sizeof(*left));
	struct planning planning = {NULL, out};
	struct scan s = {.b = b, .out = out};
	struct losing losing = {left, &s};
	const struct pk_bundle_events hand = {.ctx = &planning, .record = plan_one};

	if (!left)
		return pk_fail_oom(err);
	pk_left_free(b->left);
	b->left = left;
	if (x)
		left->x = *x;
	left->plan = (struct pk_extraction){.b = b,
					    .x = &left->x,
					    .ev = out ? out->ev : NULL,
					    .target = PK_TARGET_INIT,
					    .salvage = true,
					    .dry = x == NULL,
					    .lost = lose_content,
					    .lost_ctx = &losing};
	planning.plan = &left->plan;
	s.hand = &hand;
	/* the folder first: who asked may put a file of its own there */
	if (x && pk_target_open(&left->plan.target, x->dir, err) < 0)
		return -1;
	if (say_holes(&s, err) < 0 || look_through(&s, err) < 0)
		return -1;
	if (!s.records)
		return pk_fail(err, PK_ECRYPTO, 0, "'%s': no signed note covers anything that is left", b->path);
	if (pk_extraction_write(&left->plan, err) < 0)
		return -1;
	left->plan.target.keep = true;
	sort_lost(left);
	left->x = (struct pk_extract){0}; /* the caller's strings are the caller's */
	left->plan.lost = NULL;
	*ret = (struct pk_salvage_sum){
		.records = s.records, .files = left->plan.files, .losses = s.losses, .lost_contents = left->lost_n};
	return 0;
}

int pk_salvage_begin(struct pk_bundle *b, const struct pk_events *ev, struct pk_err *err)
{
	if (b->rescued)
		return 0;
	if (b->share)
		return pk_salvage_no_share(err);
	b->rescued = true;
	b->info.complete = false;
	b->has_final = false;
	return pk_age_file_search(b->age, ev, err);
}

static int seen_enough(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	(void)ctx;
	(void)r;
	(void)err;
	return 1;
}

int pk_salvage_first(struct pk_bundle *b, struct pk_err *err)
{
	const struct pk_bundle_events hand = {.record = seen_enough};
	struct scan s = {.b = b, .hand = &hand};

	if (look_through(&s, err) < 0)
		return -1;
	return s.records ? 0 : pk_fail(err, PK_ECRYPTO, 0, "no signed note covers anything that is left");
}

/* --- for the rest of the library ----------------------------------------------------------------------- */

/* Contents that cannot be had are left out. */
struct sieve {
	const struct pk_left *left;
	const struct pk_bundle_events *to;
};

static int sift(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	struct sieve *s = ctx;
	uint64_t of = 0;

	if (!s->to->lost_too &&
	    (is_lost(s->left, r->leaf) || (pk_json_get_uint(r->json, "more_of", &of) && is_lost(s->left, of))))
		return 0;
	return s->to->record(s->to->ctx, r, err);
}

int pk_salvage_rest(struct pk_bundle *b, uint64_t from, const struct pk_bundle_events *events,
		    struct pk_frontier *ret_tree, struct pk_err *err)
{
	const struct pk_salvage_events quiet = {.ev = events ? events->ev : NULL};
	struct pk_salvage_sum sum = {0};
	struct sieve sieve = {NULL, events};
	const struct pk_bundle_events hand = {.ctx = &sieve, .record = sift};
	struct scan s = {.b = b, .from = from, .hand = events && events->record ? &hand : NULL};

	if (!b->left && take_left(b, NULL, &quiet, &sum, err) < 0)
		return -1;
	sieve.left = b->left;
	if (look_through(&s, err) < 0)
		return -1;
	*ret_tree = s.tree;
	if (!s.records)
		return pk_fail(err, PK_ECRYPTO, 0, "nothing of it can be proven");
	b->info.lost_contents = b->left->lost_n;
	b->info.proven = s.records;
	return 0;
}

/* One content of the plan: held until its hash is known to fit. */
struct one {
	struct pk_checked checked;
	struct pk_placing placing;
	bool let_go;
};

static int hear_one(void *ctx, enum pk_tell what, struct pk_str bytes, struct pk_err *err)
{
	struct one *o = ctx;

	if (what == PK_TELL_CONTENT)
		return 0;
	if (what == PK_TELL_LOST)
		return pk_fail(err, PK_ECRYPTO, 0, "the content is lost");
	if (what != PK_TELL_DATA)
		return pk_fail(err, PK_EFORMAT, 0, "the parser said nothing sensible");
	if (pk_checked_put(&o->checked, bytes, err) < 0)
		return -1;
	return o->let_go ? pk_placing_put(&o->placing, bytes, err) : 0;
}

static int job_one(void *arg, struct pk_age_file *age, const struct pk_teller *t, struct pk_err *err)
{
	const struct pk_want *w = arg;
	uint64_t number = 0;

	return pk_parse_rescue_places(age, &w->at, &number, 1, t, err);
}

int pk_salvage_cat(struct pk_bundle *b, uint64_t leaf, const struct pk_filesink *to, bool as_file,
		   struct pk_cat_sum *ret, struct pk_err *err)
{
	const struct pk_salvage_events quiet = {0};
	struct pk_salvage_sum sum = {0};
	struct pk_want *w = NULL;

	if (!b->left && take_left(b, NULL, &quiet, &sum, err) < 0)
		return -1;
	for (size_t i = 0; i < b->left->plan.n; i++)
		if (b->left->plan.want[i].leaf == leaf)
			w = &b->left->plan.want[i];
	if (!w || is_lost(b->left, leaf))
		return pk_fail(err, PK_ECRYPTO, 0, "'%s' is damaged: the content of record %llu is lost", b->path,
			       (unsigned long long)leaf);
	/* read twice: no byte goes before all of them are known to be right */
	for (int pass = 0; pass < 2; pass++) {
		struct one o = {.placing = {.to = to, .logical = w->ranges.logical}, .let_go = pass == 1};

		if (as_file && w->extent) {
			o.placing.extent = w->extent;
			o.placing.extents = w->extents;
		}

		o.checked = (struct pk_checked){.size = w->at.size, .left = w->at.size};
		memcpy(o.checked.want, w->sum, 32);
		pk_sha256_init(&o.checked.hash);
		if (pk_child_run(b->age, job_one, w, hear_one, &o, err) < 0 || pk_checked_end(&o.checked, err) < 0 ||
		    (o.let_go && pk_placing_end(&o.placing, err) < 0))
			return pk_wrap(err, "'%s'", b->path);
	}
	*ret = (struct pk_cat_sum){.size = w->ranges.logical, .stored = w->at.size, .padded = w->padded};
	return 0;
}

/* --- the verb's ----------------------------------------------------------------------------------------- */

static int salvage_whole(struct pk_bundle *b, const struct pk_extract *x, const struct pk_salvage_events *events,
			 struct pk_salvage_sum *ret, struct pk_err *err)
{
	const struct pk_bundle_events records = {.ctx = events->ctx, .record = events->record, .ev = events->ev};

	*ret = (struct pk_salvage_sum){.whole = true};
	if (pk_bundle_extract(b, x, events->ev, &ret->files, err) < 0)
		return -1;
	ret->records = b->info.leaves;
	return pk_bundle_records(b, &records, err);
}

int pk_bundle_salvage(struct pk_bundle *b, const struct pk_extract *x, const struct pk_salvage_events *events,
		      struct pk_salvage_sum *ret, struct pk_err *err)
{
	const struct pk_bundle_events quiet = {.ev = events->ev};
	struct pk_err why = {0};

	if (!b->rescued) {
		b->salvage = false;
		if (pk_bundle_verify(b, NULL, &quiet, &why) == 0)
			return salvage_whole(b, x, events, ret, err);
		b->salvage = true;
		if (!is_damage(&why)) {
			if (err)
				*err = why;
			return -1;
		}
	}
	if (pk_salvage_begin(b, events->ev, err) < 0)
		return pk_wrap(err, "'%s'", b->path);
	return take_left(b, x, events, ret, err);
}
