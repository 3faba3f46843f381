/* SPDX-License-Identifier: Apache-2.0 */
/* Labels: reading, writing and combining them. */
#include "nation.h"

#include <picket/json.h>
#include <picket/label.h>

#include <stdlib.h>

#define MAX_ITEMS 300 /* more than there are nations */
#define MAX_ITEM 100  /* bytes of an originator or caveat */
#define MAX_ORIGINATOR 1000

static const char *const tlp_names[] = {
	[PK_TLP_NONE] = "",
	[PK_TLP_CLEAR] = "CLEAR",
	[PK_TLP_GREEN] = "GREEN",
	[PK_TLP_AMBER] = "AMBER",
	[PK_TLP_AMBER_STRICT] = "AMBER+STRICT",
	[PK_TLP_RED] = "RED",
};

void pk_label_done(struct pk_label *l)
{
	pk_strv_done(&l->rel_to);
	pk_strv_done(&l->caveats);
	free(l->originator);
	*l = (struct pk_label){0};
}

static void move_list(struct pk_strv *from, struct pk_strv *to)
{
	pk_strv_done(to);
	*to = *from;
	*from = (struct pk_strv){0};
}

static void move_label(struct pk_label *from, struct pk_label *to)
{
	*to = *from;
	*from = (struct pk_label){0};
}

static PK_NODISCARD int copy_list(const struct pk_strv *from, struct pk_strv *to, struct pk_err *err)
{
	for (size_t i = 0; i < from->n; i++)
		if (pk_strv_add(to, pk_str(from->v[i]), err) < 0)
			return -1;
	return 0;
}

int pk_label_copy(const struct pk_label *l, struct pk_label *ret, struct pk_err *err)
{
	PK_AUTO(pk_label) c = {.tlp = l->tlp};

	if (copy_list(&l->rel_to, &c.rel_to, err) < 0 || copy_list(&l->caveats, &c.caveats, err) < 0)
		return -1;
	if (l->originator && !(c.originator = pk_str_dup(pk_str(l->originator))))
		return pk_fail_oom(err);
	move_label(&c, ret);
	return 0;
}

static bool same_list(const struct pk_strv *a, const struct pk_strv *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return true;
}

bool pk_label_eq(const struct pk_label *a, const struct pk_label *b)
{
	return a->tlp == b->tlp && same_list(&a->rel_to, &b->rel_to) && same_list(&a->caveats, &b->caveats) &&
	       pk_str_eq(pk_str(a->originator), pk_str(b->originator));
}

const char *pk_tlp_name(enum pk_tlp tlp) { return (size_t)tlp < PK_LEN(tlp_names) ? tlp_names[tlp] : ""; }

bool pk_tlp_parse(struct pk_str s, enum pk_tlp *ret)
{
	if (pk_str_starts(s, PK_STR("TLP:")))
		s = pk_str_n(s.p + 4, s.n - 4);
	for (size_t i = PK_TLP_CLEAR; i < PK_LEN(tlp_names); i++) {
		if (pk_str_eq(s, pk_str(tlp_names[i]))) {
			*ret = (enum pk_tlp)i;
			return true;
		}
	}
	return false;
}

/* --- fields ----------------------------------------------------------------------------------------- */

/* One nation, or a group's nations. */
static PK_NODISCARD int add_nation(struct pk_strv *l, struct pk_str item, struct pk_err *err)
{
	struct pk_str group = pk_nation_group(item), nation;

	if (pk_nation_is_known(item))
		return pk_strv_add(l, item, err);
	if (!group.n)
		return pk_fail(
			err, PK_EUSAGE, 0,
			"'%.*s' is no ISO 3166-1 alpha-3 code (such as JPN) and no known group (FVEY, AUKUS, NATO)",
			PK_STR_ARG(item));
	while (pk_str_split(&group, ',', &nation))
		if (pk_strv_add(l, nation, err) < 0)
			return -1;
	return 0;
}

static PK_NODISCARD int add_word(struct pk_strv *l, struct pk_str item, struct pk_err *err)
{
	if (item.n == 0 || item.n > MAX_ITEM || !pk_str_is_visible(item))
		return pk_fail(err, PK_EUSAGE, 0, "'%.*s' is not 1 to %d bytes of printable text", PK_STR_ARG(item),
			       MAX_ITEM);
	return pk_strv_add(l, item, err);
}

/* Caveats are compared byte by byte: "orcon" would say ORCON to people and nothing to a judgement. */
static PK_NODISCARD int add_caveat(struct pk_strv *l, struct pk_str item, struct pk_err *err)
{
	PK_AUTO(pk_buf) capitals = {0};

	for (size_t i = 0; i < item.n; i++)
		pk_buf_put_c(&capitals,
			     item.p[i] >= 'a' && item.p[i] <= 'z' ? (char)(item.p[i] - 'a' + 'A') : item.p[i]);
	if (pk_buf_check(&capitals, err) < 0)
		return -1;
	if (item.n && !pk_str_eq(item, pk_buf_str(&capitals)))
		return pk_fail(err, PK_EUSAGE, 0, "'%.*s' has small letters, and caveats are in capitals: '%s'",
			       PK_STR_ARG(item), capitals.p);
	return add_word(l, item, err);
}

/* Comma-separated items, blanks around them allowed; an empty text is an empty list. */
static PK_NODISCARD int parse_list(struct pk_str text, struct pk_strv *ret,
				   int (*add)(struct pk_strv *, struct pk_str, struct pk_err *), struct pk_err *err)
{
	PK_AUTO(pk_strv) l = {0};
	struct pk_str rest = pk_str_trim(text), item;

	if (rest.n == 0)
		rest.p = NULL;
	while (pk_str_split(&rest, ',', &item)) {
		if (l.n >= MAX_ITEMS)
			return pk_fail(err, PK_ELIMIT, 0, "more than %d entries in one list", MAX_ITEMS);
		if (add(&l, pk_str_trim(item), err) < 0)
			return -1;
	}
	pk_strv_uniq(&l);
	move_list(&l, ret);
	return 0;
}

int pk_label_set_rel_to(struct pk_label *l, struct pk_str list, struct pk_err *err)
{
	return parse_list(list, &l->rel_to, add_nation, err) < 0 ? pk_wrap(err, "REL TO") : 0;
}

int pk_label_set_caveats(struct pk_label *l, struct pk_str list, struct pk_err *err)
{
	return parse_list(list, &l->caveats, add_caveat, err) < 0 ? pk_wrap(err, "caveats") : 0;
}

int pk_label_set_originator(struct pk_label *l, struct pk_str text, struct pk_err *err)
{
	PK_AUTO(pk_strv) names = {0};
	PK_AUTO(pk_buf) b = {0};

	if (parse_list(text, &names, add_word, err) < 0)
		return pk_wrap(err, "originator");
	pk_buf_put_strv(&b, &names, ",");
	if (pk_buf_check(&b, err) < 0)
		return -1;
	if (b.n > MAX_ORIGINATOR)
		return pk_fail(err, PK_ELIMIT, 0, "originators of %zu bytes (limit %d)", b.n, MAX_ORIGINATOR);
	free(l->originator);
	l->originator = b.n ? pk_buf_take(&b) : NULL;
	return 0;
}

/* --- text ------------------------------------------------------------------------------------------- */

void pk_buf_put_label(struct pk_buf *b, const struct pk_label *l)
{
	if (l->tlp == PK_TLP_NONE) {
		pk_buf_puts(b, "unlabelled");
		return;
	}
	pk_buf_putf(b, "TLP:%s", pk_tlp_name(l->tlp));
	if (l->rel_to.n) {
		pk_buf_puts(b, " REL TO ");
		pk_buf_put_strv(b, &l->rel_to, ",");
	}
}

int pk_label_parse(struct pk_str text, struct pk_label *ret, struct pk_err *err)
{
	PK_AUTO(pk_label) l = {0};
	PK_AUTO(pk_buf) again = {0};
	struct pk_str rest = text, tlp;

	if (!pk_str_eq(text, PK_STR("unlabelled"))) {
		if (!pk_str_split(&rest, ' ', &tlp) || !pk_str_starts(tlp, PK_STR("TLP:")) ||
		    !pk_tlp_parse(tlp, &l.tlp))
			return pk_fail(err, PK_EFORMAT, 0, "'%.*s' is no label", PK_STR_ARG(text));
		if (pk_str_starts(rest, PK_STR("REL TO ")) &&
		    pk_label_set_rel_to(&l, pk_str_n(rest.p + 7, rest.n - 7), err) < 0)
			return pk_fail(err, PK_EFORMAT, 0, "label '%.*s' names an unknown nation", PK_STR_ARG(text));
	}
	pk_buf_put_label(&again, &l);
	if (pk_buf_check(&again, err) < 0)
		return -1;
	if (!pk_str_eq(text, pk_buf_str(&again)))
		return pk_fail(err, PK_EFORMAT, 0, "'%.*s' is no label as it is written", PK_STR_ARG(text));
	move_label(&l, ret);
	return 0;
}

/* --- JSON ------------------------------------------------------------------------------------------- */

static void put_json_list(struct pk_json *j, const char *key, const struct pk_strv *l)
{
	pk_json_key(j, key);
	pk_json_begin(j, '[');
	for (size_t i = 0; i < l->n; i++)
		pk_json_z(j, l->v[i]);
	pk_json_end(j, ']');
}

void pk_json_put_label(struct pk_json *j, const struct pk_label *l)
{
	pk_json_kz(j, "tlp", l->tlp == PK_TLP_NONE ? NULL : pk_tlp_name(l->tlp));
	put_json_list(j, "rel_to", &l->rel_to);
	pk_json_kz(j, "originator", l->originator);
	put_json_list(j, "caveats", &l->caveats);
}

static PK_NODISCARD int json_list(const struct pk_json_value *obj, const char *key, struct pk_buf *ret,
				  struct pk_err *err)
{
	const struct pk_json_value *a = pk_json_get(obj, key);
	struct pk_str item;

	if (!pk_json_is_list(a))
		return pk_fail(err, PK_EFORMAT, 0, "label: '%s' is not a list", key);
	for (size_t i = 0; i < pk_json_count(a); i++) {
		if (!pk_json_at_str(a, i, &item) || !item.n || memchr(item.p, ',', item.n) ||
		    memchr(item.p, '\0', item.n))
			return pk_fail(err, PK_EFORMAT, 0, "label: '%s' is not a list of strings", key);
		if (i)
			pk_buf_put_c(ret, ',');
		pk_buf_put_str(ret, item);
	}
	return pk_buf_check(ret, err);
}

/* What was read must be what we would have written. */
static bool list_is(const struct pk_strv *l, const struct pk_buf *text)
{
	PK_AUTO(pk_buf) again = {0};

	pk_buf_put_strv(&again, l, ",");
	return !again.oom && pk_str_eq(pk_buf_str(&again), pk_buf_str(text));
}

int pk_label_from_json(const struct pk_json_value *obj, struct pk_label *ret, struct pk_err *err)
{
	PK_AUTO(pk_label) l = {0};
	PK_AUTO(pk_buf) rel_to = {0};
	PK_AUTO(pk_buf) caveats = {0};
	struct pk_str s;

	if (pk_json_get_str(obj, "tlp", &s)) {
		if (pk_str_starts(s, PK_STR("TLP:")) || !pk_tlp_parse(s, &l.tlp))
			return pk_fail(err, PK_EFORMAT, 0, "label: '%.*s' is no TLP label", PK_STR_ARG(s));
	} else if (!pk_json_is_null(pk_json_get(obj, "tlp"))) {
		return pk_fail(err, PK_EFORMAT, 0, "label: 'tlp' is missing");
	}
	if (json_list(obj, "rel_to", &rel_to, err) < 0 || json_list(obj, "caveats", &caveats, err) < 0)
		return -1;
	if (pk_label_set_rel_to(&l, pk_buf_str(&rel_to), NULL) < 0 || !list_is(&l.rel_to, &rel_to))
		return pk_fail(err, PK_EFORMAT, 0, "label: 'rel_to' is not a sorted list of nations");
	if (pk_label_set_caveats(&l, pk_buf_str(&caveats), NULL) < 0 || !list_is(&l.caveats, &caveats))
		return pk_fail(err, PK_EFORMAT, 0, "label: 'caveats' is not a sorted list of words in capitals");
	if (pk_json_get_str(obj, "originator", &s)) {
		if (memchr(s.p, '\0', s.n) || pk_label_set_originator(&l, s, NULL) < 0 ||
		    !pk_str_eq(s, pk_str(l.originator)))
			return pk_fail(err, PK_EFORMAT, 0, "label: 'originator' is not a sorted list of names");
	} else if (!pk_json_is_null(pk_json_get(obj, "originator"))) {
		return pk_fail(err, PK_EFORMAT, 0, "label: 'originator' is missing");
	}
	move_label(&l, ret);
	return 0;
}

/* --- meaning ---------------------------------------------------------------------------------------- */

static PK_NODISCARD int add_names(struct pk_strv *l, const char *originator, struct pk_err *err)
{
	struct pk_str rest = pk_str(originator), name;

	while (originator && pk_str_split(&rest, ',', &name))
		if (pk_strv_add(l, name, err) < 0)
			return -1;
	return 0;
}

/* What is unlabelled stays at home: it is no CLEAR or GREEN for being put beside some. */
static enum pk_tlp stricter(enum pk_tlp a, enum pk_tlp b)
{
	static const int rank[] = {
		[PK_TLP_CLEAR] = 0, [PK_TLP_GREEN] = 1,        [PK_TLP_NONE] = 2,
		[PK_TLP_AMBER] = 3, [PK_TLP_AMBER_STRICT] = 4, [PK_TLP_RED] = 5,
	};

	return rank[a] > rank[b] ? a : b;
}

int pk_label_join(const struct pk_label *a, const struct pk_label *b, struct pk_label *ret, struct pk_err *err)
{
	PK_AUTO(pk_label) c = {.tlp = stricter(a->tlp, b->tlp)};
	PK_AUTO(pk_strv) originators = {0};
	PK_AUTO(pk_buf) names = {0};

	for (size_t i = 0; i < a->rel_to.n; i++)
		if (pk_strv_has(&b->rel_to, a->rel_to.v[i]) && pk_strv_add(&c.rel_to, pk_str(a->rel_to.v[i]), err) < 0)
			return -1;
	if (copy_list(&a->caveats, &c.caveats, err) < 0 || copy_list(&b->caveats, &c.caveats, err) < 0)
		return -1;
	pk_strv_uniq(&c.caveats);
	if (add_names(&originators, a->originator, err) < 0 || add_names(&originators, b->originator, err) < 0)
		return -1;
	pk_strv_uniq(&originators);
	pk_buf_put_strv(&names, &originators, ",");
	if (pk_buf_check(&names, err) < 0)
		return -1;
	c.originator = names.n ? pk_buf_take(&names) : NULL;
	move_label(&c, ret);
	return 0;
}

int pk_label_combine(const struct pk_label *a, const struct pk_label *b, struct pk_label *ret, struct pk_err *err)
{
	PK_AUTO(pk_label) c = {0};

	if (pk_label_join(a, b, &c, err) < 0 ||
	    (c.originator && pk_label_set_originator(&c, pk_str(c.originator), err) < 0))
		return -1;
	move_label(&c, ret);
	return 0;
}

bool pk_label_permits(const struct pk_label *l, const char *nation)
{
	return l->tlp != PK_TLP_NONE && nation && pk_strv_has(&l->rel_to, nation);
}

int pk_label_set_words(struct pk_label *l, const char *tlp, const char *rel_to, const char *caveats, struct pk_err *err)
{
	if (tlp && !pk_tlp_parse(pk_str(tlp), &l->tlp))
		return pk_fail(err, PK_EUSAGE, 0, "--tlp takes CLEAR, GREEN, AMBER, AMBER+STRICT or RED, not '%s'",
			       tlp);
	if (rel_to && pk_label_set_rel_to(l, pk_str(rel_to), err) < 0)
		return -1;
	return caveats ? pk_label_set_caveats(l, pk_str(caveats), err) : 0;
}

int pk_label_from_options(struct pk_label *l, const char *tlp, const char *rel_to, const char *originator,
			  const char *caveats, const char *issuer, struct pk_err *err)
{
	if (!tlp)
		return rel_to || originator || caveats
			       ? pk_fail(err, PK_EUSAGE, 0, "--rel-to, --originator and --caveats need --tlp")
			       : 0;
	if (pk_label_set_words(l, tlp, rel_to, caveats, err) < 0)
		return -1;
	return pk_label_set_originator(l, pk_str(originator ? originator : issuer), err);
}
