/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of one collection: do they continue each other, as far as their records 0 tell? */
#include <picket/json.h>
#include <picket/parts.h>

#include <inttypes.h>
#include <stdlib.h>

void pk_parts_done(struct pk_parts *p)
{
	free(p->v);
	*p = (struct pk_parts){0};
}

struct pk_part *pk_parts_add(struct pk_parts *p, const uint8_t id[16], struct pk_err *err)
{
	if (!pk_grow(&p->v, &p->cap, p->n + 1, sizeof(*p->v))) {
		pk_fail_oom(err);
		return NULL;
	}
	p->v[p->n] = (struct pk_part){0};
	memcpy(p->v[p->n].id, id, 16);
	return &p->v[p->n++];
}

int pk_part_read(struct pk_part *p, struct pk_str first_record, struct pk_err *err)
{
	pk_autojson *first = NULL;
	const struct pk_json_value *prev = NULL;
	struct pk_err why = {0};

	p->no = 0;
	p->has_previous = false;
	if (!first_record.n)
		return 0;
	p->no = 1;
	if (pk_json_parse(first_record, &first, &why) < 0) /* without memory it is no first part: it is not known */
		return why.kind == PK_EFORMAT || why.kind == PK_ELIMIT ? 0 : pk_fail(err, why.kind, 0, "%s", why.msg);
	(void)pk_json_get_uint(first, "part", &p->no);
	p->no = PK_MAX(p->no, (uint64_t)1); /* as its row in a case will say */
	prev = pk_json_get(first, "previous");
	p->has_previous = prev && pk_json_get_hex(prev, "bundle", p->previous, 16) &&
			  pk_json_get_hex(prev, "root", p->previous_root, 32);
	return 0;
}

struct pk_part *pk_parts_find(const struct pk_parts *p, const uint8_t id[16])
{
	for (size_t i = 0; i < p->n; i++)
		if (memcmp(p->v[i].id, id, 16) == 0)
			return &p->v[i];
	return NULL;
}

/* Does `b`, which says so itself, name `a` as the part before it? Of one that was cut the last root is not known: its id
 * must do. */
static bool continues(const struct pk_part *b, const struct pk_part *a)
{
	return b->has_previous && memcmp(b->previous, a->id, 16) == 0 &&
	       (!a->complete || memcmp(b->previous_root, a->root, 32) == 0);
}

static void replay(struct pk_part *a, struct pk_part *b)
{
	if (!a->in && a->use != PK_PART_REPLAYED) {
		a->use = PK_PART_REPLAYED;
		memcpy(a->other, b->id, 16);
	}
	if (!b->in && b->use != PK_PART_REPLAYED) {
		b->use = PK_PART_REPLAYED;
		memcpy(b->other, a->id, 16);
	}
}

/* Of one without its record 0, the part after it proves the number. */
static void find_number(struct pk_parts *p, struct pk_part *of)
{
	for (size_t i = 0; i < p->n && !of->at; i++) {
		struct pk_part *next = &p->v[i];

		if (next->no < 2 || !next->has_previous || memcmp(next->previous, of->id, 16) != 0)
			continue;
		if (continues(next, of))
			of->at = next->no - 1;
		else
			replay(of, next);
	}
}

static int by_number(const void *a, const void *b)
{
	const struct pk_part *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at ? 1 : memcmp(x->id, y->id, 16);
}

/* Two that both say what they are. A number that the part after it proves is right wherever that part is. */
static void compare(struct pk_part *a, struct pk_part *b)
{
	if (a->no && (a->no == b->no || (a->no + 1 == b->no && !continues(b, a))))
		replay(a, b);
}

/* Sorted: all of its own number and of the next. */
static void compare_all(struct pk_parts *p)
{
	for (size_t i = 0; i < p->n; i++)
		for (size_t k = i + 1; p->v[i].at && k < p->n && p->v[k].at <= p->v[i].at + 1; k++) {
			compare(&p->v[i], &p->v[k]);
			if (p->v[i].use == PK_PART_REPLAYED && p->v[k].use == PK_PART_REPLAYED)
				break;
		}
}

static int by_id(const void *a, const void *b)
{
	return memcmp(((const struct pk_part *)a)->id, ((const struct pk_part *)b)->id, 16);
}

/* Those that name none come first. */
static int by_previous(const void *a, const void *b)
{
	const struct pk_part *x = a, *y = b;

	return x->has_previous != y->has_previous ? x->has_previous - y->has_previous
						  : memcmp(x->previous, y->previous, 16);
}

/* Whoever names another as the part before it has the number after that one's, and no other part names the same one. */
static void compare_previous(struct pk_parts *p)
{
	if (p->n < 2)
		return;
	qsort(p->v, p->n, sizeof(*p->v), by_id);
	for (size_t i = 0; i < p->n; i++) {
		struct pk_part key = {0}, *b = &p->v[i], *a = NULL;

		memcpy(key.id, b->previous, 16);
		a = b->no && b->has_previous ? bsearch(&key, p->v, p->n, sizeof(*p->v), by_id) : NULL;
		if (a && a->no && a->no + 1 != b->no)
			replay(a, b);
	}
	qsort(p->v, p->n, sizeof(*p->v), by_previous);
	for (size_t i = 0; i + 1 < p->n; i++) {
		struct pk_part *a = &p->v[i], *b = a + 1;

		if (a->no && b->no && a->has_previous && by_previous(a, b) == 0)
			replay(a, b);
	}
}

/* From those that are there, or from the first, by one number after the other in both directions. */
static void join(struct pk_parts *p)
{
	uint64_t last = 0;
	bool any = false;

	for (size_t i = 0; i < p->n; i++) {
		struct pk_part *v = &p->v[i];

		v->joins = v->in || !v->at; /* for the neighbours of what does not say what it is, nobody can wait */
		any = any || (v->joins && v->at);
	}
	for (size_t i = 0; i < p->n && !any; i++)
		if (p->v[i].at)
			any = p->v[i].joins = true;
	for (size_t i = 0; i < p->n; i++) {
		struct pk_part *v = &p->v[i];

		v->joins = v->joins || (last && v->at && v->at <= last + 1);
		if (v->joins && v->at)
			last = v->at;
	}
	last = 0;
	for (size_t i = p->n; i-- > 0;) {
		struct pk_part *v = &p->v[i];

		v->joins = v->joins || (last && v->at && v->at + 1 >= last);
		if (v->joins && v->at)
			last = v->at;
	}
}

/* Sorted: one without its record 0 is told when the part after it proves its number and none is there before it. */
static void find_untold(struct pk_parts *p)
{
	uint64_t least = 0;

	for (size_t i = 0; i < p->n; i++) {
		struct pk_part *v = &p->v[i];

		least = least ? least : v->at;
		v->untold = !v->no && p->n > 1 && (!v->at || least < v->at);
	}
}

void pk_parts_judge(struct pk_parts *p)
{
	for (size_t i = 0; i < p->n; i++) {
		p->v[i].use = PK_PART_GOOD;
		p->v[i].at = p->v[i].no;
	}
	compare_previous(p);
	for (size_t i = 0; i < p->n; i++)
		if (!p->v[i].no)
			find_number(p, &p->v[i]);
	if (p->n)
		qsort(p->v, p->n, sizeof(*p->v), by_number);
	compare_all(p);
	join(p);
	for (size_t i = 0; i < p->n; i++)
		if (!p->v[i].joins && p->v[i].use == PK_PART_GOOD)
			p->v[i].use = PK_PART_WAITS;
	find_untold(p);
}

const struct pk_part *pk_parts_worst(const struct pk_parts *p)
{
	const struct pk_part *worst = NULL;

	for (size_t i = 0; i < p->n; i++)
		if (!p->v[i].in && (!worst || p->v[i].use > worst->use))
			worst = &p->v[i];
	return worst;
}

/* --- in words ------------------------------------------------------------------------------------------- */

/* Names the parts that lie between it and the nearest one that is there, and the bundle of which that is known. */
static void put_waits(struct pk_buf *b, const struct pk_parts *p, const struct pk_part *of, const char *where)
{
	const struct pk_part *below = NULL, *above = NULL;
	bool before = false, named = false;
	uint64_t from = 0, to = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct pk_part *v = &p->v[i];

		if (!v->joins || !v->at)
			continue;
		if (v->at < of->at)
			below = v;
		else if (v->at > of->at && !above)
			above = v;
	}
	before = below && (!above || of->at - below->at <= above->at - of->at);
	from = before ? below->at + 1 : of->at + 1;
	to = before ? of->at - 1 : above ? above->at - 1 : of->at + 1;
	named = before ? of->has_previous : above && above->has_previous;
	pk_buf_putf(b, "part %" PRIu64 " of a collection whose part", of->at);
	if (from == to)
		pk_buf_putf(b, " %" PRIu64, to);
	else
		pk_buf_putf(b, "s %" PRIu64 " to %" PRIu64, from, to);
	if (named) {
		if (from == to)
			pk_buf_puts(b, ", bundle ");
		else
			pk_buf_putf(b, " (%" PRIu64 " is bundle ", to);
		pk_buf_put_hex(b, before ? of->previous : above->previous, 4);
		pk_buf_puts(b, from == to ? "," : ")");
	}
	pk_buf_putf(b, from == to ? " is not in %s" : " are not in %s", where);
	pk_buf_puts(b, from == to ? ": it is taken in with that" : ": it is taken in with those");
}

void pk_buf_put_part_why(struct pk_buf *b, const struct pk_parts *p, const struct pk_part *of, const char *where)
{
	if (of->use == PK_PART_WAITS) {
		put_waits(b, p, of, where);
	} else if (of->use == PK_PART_REPLAYED && of->no > 1) {
		pk_buf_puts(b, "its ticket is for one use; bundle ");
		pk_buf_put_hex(b, of->other, 4);
		pk_buf_putf(b, " of it does not continue into this one, which says it is part %" PRIu64, of->no);
	} else if (of->use == PK_PART_REPLAYED) {
		pk_buf_puts(b, "its ticket is for one use and was used by bundle ");
		pk_buf_put_hex(b, of->other, 4);
		pk_buf_puts(b, " already");
	}
}

void pk_buf_put_parts_untold(struct pk_buf *b, const struct pk_parts *p)
{
	const struct pk_part *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].untold) {
			first = first ? first : &p->v[i];
			n++;
		}
	if (!n)
		return;
	pk_buf_puts(b, "of bundle ");
	pk_buf_put_hex(b, first->id, 4);
	if (n > 1)
		pk_buf_putf(b, " and %zu more", n - 1);
	pk_buf_puts(b,
		    " record 0 was kept back: whether it continues the others under its ticket, which is for one use, "
		    "or is a replay of it, cannot be told");
}
