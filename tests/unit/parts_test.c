/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of one collection: by themselves, and in a share of somebody who knows that one of them is a replay. */
#include "../../lib/bundle/shareout.h"
#include "../sharemodel.h"

#include <picket/case.h>

/* --- by themselves ---------------------------------------------------------------------------------------- */

/* Ids and roots are one letter; told: by its record 0. */
struct p {
	char id;
	uint64_t no;
	char previous;
	bool in;
};

static struct pk_parts list(const struct p *v, size_t n)
{
	struct pk_parts parts = {0};

	for (size_t i = 0; i < n; i++) {
		const uint8_t id[16] = {(uint8_t)v[i].id};
		struct pk_part *p = pk_parts_add(&parts, id, NULL);

		p->root[0] = (uint8_t)v[i].id;
		p->complete = true;
		p->no = v[i].no;
		p->in = v[i].in;
		p->has_previous = v[i].previous != 0;
		p->previous[0] = p->previous_root[0] = (uint8_t)v[i].previous;
	}
	pk_parts_judge(&parts);
	return parts;
}

/* "G" good, "W" waits, "R" replayed, "-" is in; then "?" where something is not told. In the order that they were given. */
static const char *judged(const struct p *v, size_t n)
{
	static char said[64];
	PK_AUTO(pk_parts) parts = list(v, n);
	char *to = said;

	for (size_t i = 0; i < n; i++) {
		const uint8_t id[16] = {(uint8_t)v[i].id};
		const struct pk_part *p = pk_parts_find(&parts, id);

		*to++ = p->in ? '-' : "GWR"[p->use];
		if (p->untold)
			*to++ = '?';
	}
	*to = '\0';
	return said;
}
#define JUDGED(want, ...) \
	CHECK_STR(pk_str(judged((const struct p[]){__VA_ARGS__}, \
				sizeof((const struct p[]){__VA_ARGS__}) / sizeof(struct p))), \
		  PK_STR(want))

TEST(what_says_what_it_is)
{
	JUDGED("G", {'a', 1, 0, false});
	JUDGED("G", {'c', 3, 'b', false});
	JUDGED("GGG", {'c', 3, 'b', false}, {'a', 1, 0, false}, {'b', 2, 'a', false});
	JUDGED("RR", {'a', 1, 0, false}, {'z', 1, 0, false});
	JUDGED("-R", {'a', 1, 0, true}, {'z', 1, 0, false});
	JUDGED("-R", {'b', 2, 'a', true}, {'z', 1, 0, false});
	JUDGED("-R", {'b', 2, 'a', true}, {'z', 3, 'y', false});
	JUDGED("-W", {'a', 1, 0, true}, {'c', 3, 'b', false});
	JUDGED("-W", {'c', 3, 'b', true}, {'a', 1, 0, false});
	JUDGED("-WW", {'a', 1, 0, true}, {'c', 3, 'b', false}, {'d', 4, 'c', false});
	JUDGED("GW", {'a', 1, 0, false}, {'c', 3, 'b', false});
	/* where a person accepted a replay, nothing continues both */
	JUDGED("--W", {'a', 1, 0, true}, {'z', 1, 0, true}, {'d', 3, 'c', false});
	JUDGED("--R", {'a', 1, 0, true}, {'z', 1, 0, true}, {'b', 2, 'a', false});
}

/* The part before it is one whose number is another: they cannot both be. */
TEST(numbers_that_do_not_follow)
{
	JUDGED("RR", {'a', 1, 0, false}, {'c', 3, 'a', false});
	JUDGED("-R", {'a', 1, 0, true}, {'c', 3, 'a', false});
	JUDGED("R-", {'a', 1, 0, false}, {'c', 3, 'a', true});
	JUDGED("--R", {'a', 1, 0, true}, {'b', 2, 'a', true}, {'c', 3, 'a', false});
	JUDGED("--R", {'a', 1, 0, true}, {'b', 2, 'a', true}, {'z', 2, 'b', false});
	JUDGED("-R", {'e', 5, 'd', true}, {'b', 2, 'e', false});
	/* nor can two that name the same one, whether that is there or not */
	JUDGED("-R", {'b', 2, 'x', true}, {'d', 4, 'x', false});
	JUDGED("GRR", {'x', 0, 0, false}, {'b', 2, 'x', false}, {'d', 4, 'x', false});
}

TEST(what_does_not)
{
	JUDGED("G", {'x', 0, 0, false});
	JUDGED("-G?", {'a', 1, 0, true}, {'x', 0, 0, false});
	JUDGED("G?G?", {'x', 0, 0, false}, {'y', 0, 0, false});
	/* the part after it proves its number, and what came before it is open if there is anything */
	JUDGED("-G", {'a', 0, 0, true}, {'b', 2, 'a', false});
	JUDGED("--?G", {'a', 1, 0, true}, {'b', 0, 0, true}, {'c', 3, 'b', false});
	JUDGED("-?-G", {'b', 0, 0, true}, {'c', 3, 'b', true}, {'a', 1, 0, false});
	/* that is no way in for what hangs on nothing else */
	JUDGED("-W?W", {'a', 1, 0, true}, {'x', 0, 0, false}, {'y', 4, 'x', false});
	JUDGED("-?R--", {'b', 0, 0, true}, {'a', 1, 0, false}, {'z', 1, 0, true}, {'c', 3, 'b', true});
}

TEST(another_root_of_the_part_before)
{
	const struct p v[] = {{'a', 0, 0, true}, {'b', 2, 'a', false}};
	PK_AUTO(pk_parts) parts = list(v, PK_LEN(v));
	PK_AUTO(pk_buf) why = {0};

	pk_parts_find(&parts, (const uint8_t[16]){'a'})->root[0] = 'z';
	pk_parts_judge(&parts);
	CHECK_INT(pk_parts_worst(&parts)->use, PK_PART_REPLAYED);
	pk_buf_put_part_why(&why, &parts, pk_parts_worst(&parts), "the case");
	CHECK_STR(pk_buf_str(&why), PK_STR("its ticket is for one use; bundle 61000000 of it does not continue into "
					   "this one, which says it "
					   "is part 2"));
	/* of what was cut, the last root is not known */
	pk_parts_find(&parts, (const uint8_t[16]){'a'})->complete = false;
	pk_parts_judge(&parts);
	CHECK_INT(pk_parts_worst(&parts)->use, PK_PART_GOOD);
}

/* Wherever a number is proven, two of them are compared by what they say themselves. */
TEST(proven_numbers_are_not_compared)
{
	JUDGED("GG--", {'x', 0, 0, false}, {'y', 0, 0, false}, {'c', 3, 'x', true}, {'d', 3, 'y', true});
	JUDGED("G--", {'a', 0, 0, false}, {'c', 2, 'a', true}, {'b', 1, 0, true});
}

/* Who is no later part proves nothing of another, whatever else it names. */
TEST(what_proves_no_number)
{
	struct p v[] = {{'a', 0, 0, false}, {'b', 1, 'a', true}};
	PK_AUTO(pk_parts) parts = list(v, PK_LEN(v));

	for (size_t i = 0; i < 2; i++) { /* with the root that it names, and with another */
		CHECK_INT(pk_parts_worst(&parts)->use, PK_PART_GOOD);
		CHECK_INT(pk_parts_worst(&parts)->at, 0);
		CHECK(pk_parts_worst(&parts)->untold);
		pk_parts_find(&parts, (const uint8_t[16]){'a'})->root[0] = 'z';
		pk_parts_judge(&parts);
	}
	/* one that names none, and the bundle whose id is what is there then */
	JUDGED("G?-", {0, 0, 0, false}, {'b', 2, 0, true});
}

static struct pk_part read_first(const char *record)
{
	struct pk_part p = {.no = 99, .has_previous = true};

	OK(pk_part_read(&p, pk_str(record), &err));
	return p;
}

TEST(what_record_0_says)
{
#define PREVIOUS(id, root) "{\"part\":2,\"previous\":{\"bundle\":\"" id "\",\"root\":\"" root "\"}}"
#define ID "61000000000000000000000000000000"
#define ROOT ID ID
	struct pk_part p = read_first("");

	CHECK_INT(p.no, 0);
	CHECK(!p.has_previous);
	CHECK_INT(read_first("{}").no, 1);
	CHECK_INT(read_first("not JSON").no, 1);
	CHECK_INT(read_first("{\"part\":3}").no, 3);
	CHECK_INT(read_first("{\"part\":\"3\"}").no, 1);
	CHECK_INT(read_first("{\"part\":0}").no, 1);
	CHECK_INT(read_first("{\"part\":9223372036854775807}").no, INT64_MAX);
	CHECK_INT(read_first("{\"part\":9223372036854775808}").no, 1);
	CHECK(!read_first("{\"part\":2}").has_previous);
	CHECK(!read_first("{\"part\":2,\"previous\":null}").has_previous);
	CHECK(!read_first(PREVIOUS("61", ROOT)).has_previous);
	CHECK(!read_first(PREVIOUS(ID, "61")).has_previous);
	p = read_first(PREVIOUS(ID, ROOT));
	CHECK_INT(p.no, 2);
	CHECK(p.has_previous);
	CHECK_INT(p.previous[0], 'a');
	CHECK_INT(p.previous_root[16], 'a');
}

TEST(ten_thousand_in_a_moment)
{
	PK_AUTO(pk_parts) parts = {0};

	for (uint32_t i = 10000; i > 0; i--) {
		uint8_t id[16] = {(uint8_t)(i >> 8), (uint8_t)i};
		struct pk_part *p = pk_parts_add(&parts, id, NULL);

		p->no = i;
		p->complete = true;
		p->has_previous = i > 1;
		p->previous[0] = (uint8_t)((i - 1) >> 8);
		p->previous[1] = (uint8_t)(i - 1);
	}
	pk_parts_judge(&parts);
	CHECK_INT(pk_parts_worst(&parts)->use, PK_PART_GOOD);
	for (size_t i = 0; i < parts.n; i++)
		parts.v[i].no = 1;
	pk_parts_judge(&parts);
	CHECK_INT(pk_parts_worst(&parts)->use, PK_PART_REPLAYED);
}

/* --- in a share ------------------------------------------------------------------------------------------- */

TEST(set_up) { set_up_shares(); }

static char *seal_part(const struct pk_ticket_kit *kit, const char *name, uint64_t part, struct pk_str previous,
		       struct pk_seal_summary *ret)
{
	char *path = in_dir(name);
	PK_AUTO(pk_age_recipients) to = {0};
	PK_AUTO(pk_buf) label = {0};
	PK_AUTOPTR(pk_seal) s = NULL;
	struct pk_seal_params p = {.path = path,
				   .to = &to,
				   .ticket = kit,
				   .part = part,
				   .previous = previous,
				   .terms = pk_buf_str(&kit->terms_text),
				   .host = PK_STR("{\"hostname\":\"web01\",\"machine_id\":\"abc\"}")};

	label_json(&kit->terms.label, &label);
	p.label = pk_buf_str(&label);
	OK(pk_age_recipients_add(&to, pk_str(to_phl.v[0]), &err));
	OK(pk_seal_new(&p, &s, &err));
	put_file(s, "/tmp/a", name);
	OK(pk_seal_finish(s, ret, &err));
	return path;
}

/* One who shares two of them, and looks away: what picket-bundle share refuses. */
static int share_both(const char *a, const char *b, bool looks_away, bool no_host, const char *path, struct pk_err *e)
{
	char stem[] = "phl";
	const struct pk_keys keys = {.stem = stem, .sign = phl.sign};
	const struct pk_share_params p = {.keys = &keys, .recipients = &to_jpn, .valid_s = 3600, .path = path};
	const struct pk_share_pick all = {.paths = strv_of(any), .no_host = no_host};
	PK_AUTO(pk_share_summary) sum = {0};
	PK_AUTOPTR(pk_bundle) one = NULL;
	PK_AUTOPTR(pk_bundle) two = NULL;
	PK_AUTOPTR(pk_share) s = NULL;

	OK(pk_bundle_open(a, phl_ids, false, &one, &err));
	OK(pk_bundle_open(b, phl_ids, false, &two, &err));
	OK(pk_share_new(&roster, now, &s, &err));
	OK(pk_share_add(s, one, NULL, &all, NULL, &err));
	OK(pk_share_add(s, two, NULL, &all, NULL, &err));
	for (size_t i = 0; looks_away && i < s->n; i++)
		pk_buf_reset(&s->source[i].first);
	return pk_share_prepare(s, NULL, e) < 0 ? -1 : pk_share_write(s, &p, &sum, e);
}

static struct pk_import_result import(const char *path)
{
	static int n;
	PK_AUTO(pk_buf) name = {0};
	struct pk_import how = {.ids = jpn_ids, .roster = &roster, .now = now};
	struct pk_import_result r = {.state = PK_IMPORT_REFUSED};
	pk_autofree char *dir = NULL;
	PK_AUTOPTR(pk_case) c = NULL;

	pk_buf_putf(&name, "case%d", n++);
	dir = in_dir(name.p);
	OK(pk_case_init(dir, &(struct pk_case_params){0}, NULL, &err));
	OK(pk_case_open(dir, PK_CASE_WRITE, "ann", &c, &err));
	OK(pk_case_import(c, path, &how, &r, &err));
	return r;
}

TEST(two_of_one_use_in_one_share)
{
	struct pk_ticket_kit kit = kit_of(&phl, &to_phl, narrowed, "");
	struct pk_seal_summary one = {0}, other = {0}, second = {0};
	pk_autofree char *a = seal_part(&kit, "a.age", 1, (struct pk_str){0}, &one);
	pk_autofree char *z = seal_part(&kit, "z.age", 1, (struct pk_str){0}, &other);
	pk_autofree char *b = NULL, *s = in_dir("both.age"), *t = in_dir("blind.age"), *u = in_dir("good.age");
	pk_autofree char *c = NULL, *v = in_dir("third.age");
	struct pk_err why = {0};
	PK_AUTO(pk_buf) previous = {0};
	struct pk_import_result r;

	pk_buf_puts(&previous, "{\"bundle\":\"");
	pk_buf_put_hex(&previous, one.bundle_id, 16);
	pk_buf_puts(&previous, "\",\"root\":\"");
	pk_buf_put_hex(&previous, one.root, 32);
	pk_buf_puts(&previous, "\"}");
	b = seal_part(&kit, "b.age", 2, pk_buf_str(&previous), &second);
	CHECK_INT(share_both(a, z, false, false, s, &why), -1);
	CHECK_INT(why.kind, PK_ECRYPTO);
	CHECK(strstr(why.msg, "is not shared with the others: replayed"));
	CHECK_INT(share_both(a, z, false, true, s, &why), -1);

	OK(share_both(a, z, true, false, s, &err));
	CHECK(judge(s) && strstr(judge(s), "replayed: part of bundle "));
	r = import(s);
	CHECK_INT(r.state, PK_IMPORT_QUARANTINED);
	CHECK_STR(pk_str(r.verdict), PK_STR("replayed"));
	CHECK(r.alarm);
	/* without records 0 it cannot be told, which is said */
	OK(share_both(a, z, true, true, t, &err));
	CHECK(judge(t) == NULL);
	r = import(t);
	CHECK_INT(r.state, PK_IMPORT_TAKEN);
	CHECK(strstr(r.why, "cannot be told"));
	OK(share_both(b, a, false, false, u, &err));
	CHECK(judge(u) == NULL);
	r = import(u);
	CHECK_INT(r.state, PK_IMPORT_TAKEN);
	CHECK_STR(pk_str(r.why), PK_STR(""));
	/* one that says it is the third, and names the first */
	c = seal_part(&kit, "third-part.age", 3, pk_buf_str(&previous), &second);
	CHECK_INT(share_both(a, c, false, false, s, &why), -1);
	CHECK(strstr(why.msg, "is not shared with the others: replayed"));
	OK(share_both(a, c, true, false, v, &err));
	CHECK(judge(v) && strstr(judge(v), "replayed: part of bundle "));
	r = import(v);
	CHECK_STR(pk_str(r.verdict), PK_STR("replayed"));
	CHECK(r.alarm);
	pk_ticket_kit_done(&kit);
}

TEST(tear_down) { tear_down_shares(); }

RUN_TESTS(T(what_says_what_it_is), T(numbers_that_do_not_follow), T(what_does_not), T(another_root_of_the_part_before),
	  T(proven_numbers_are_not_compared), T(what_proves_no_number), T(what_record_0_says),
	  T(ten_thousand_in_a_moment), T(set_up), T(two_of_one_use_in_one_share), T(tear_down))
