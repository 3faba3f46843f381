/* SPDX-License-Identifier: Apache-2.0 */
/* A share's own records: each repeats a proven one, and each proven one is repeated. */
#include "sharein_int.h"

#include <inttypes.h>

bool pk_share_record_src(const struct pk_json_value *record, uint8_t ret_id[16], uint64_t *ret_leaf)
{
	const struct pk_json_value *src = pk_json_get(record, "src");
	struct pk_str id = {0};

	return pk_json_count(src) == 2 && pk_json_at_str(src, 0, &id) && pk_hex_decode(id, ret_id, 16) &&
	       pk_json_at_uint(src, 1, ret_leaf);
}

static bool has_place(const struct pk_record *r)
{
	return (r->type == 'c' || r->type == 'l') && !pk_json_get(r->json, "more_of");
}

/* References lead to the own records that repeat what the proven one refers to, and none is left out. */
static int match_refs(const struct pk_sharein *s, const struct pk_record *r, const uint8_t id[16],
		      const struct proven *v, struct pk_err *err)
{
	for (size_t i = 0; i < PK_SHARE_REFS; i++) {
		const struct proven *to = v->ref[i] == PK_LEAF_NONE ? NULL : pk_sharein_find(s, id, v->ref[i]);
		bool there = to && to->own != PK_LEAF_NONE;
		uint64_t own = 0;

		if (!there && !pk_json_get(r->json, pk_share_refs[i]))
			continue;
		if (!there || !pk_json_get_uint(r->json, pk_share_refs[i], &own) || own != to->own)
			return pk_fail(err, PK_EFORMAT, 0, "record %" PRIu64 ": its '%s' leads elsewhere", r->leaf,
				       pk_share_refs[i]);
	}
	return 0;
}

int pk_sharein_match(struct pk_sharein *s, const struct pk_record *r, bool alone, struct pk_err *err)
{
	uint8_t id[16], carried[32];
	struct proven *v = NULL;
	uint64_t leaf = 0;

	if (r->leaf == 0 || pk_record_is_padding(r))
		return 0;
	if (!pk_share_record_src(r->json, id, &leaf) || !(v = pk_sharein_find(s, id, leaf)) || leaf == 0 ||
	    v->type != r->type)
		return pk_fail(err, PK_ECRYPTO, 0, "record %" PRIu64 " has no proof", r->leaf);
	if (!has_place(r) &&
	    (pk_json_get(r->json, "frame") || pk_json_get(r->json, "off") || pk_json_get(r->json, "member")))
		return pk_fail(err, PK_EFORMAT, 0, "record %" PRIu64 " has the place of a content, and is of none",
			       r->leaf);
	if (pk_share_carried(r, id, carried, err) < 0)
		return -1;
	if (memcmp(carried, v->carried, 32) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "record %" PRIu64 " is not what its proof is of", r->leaf);
	if (alone)
		return 0;
	if (v->own != PK_LEAF_NONE)
		return pk_fail(err, PK_EFORMAT, 0, "record %" PRIu64 " repeats record %" PRIu64, r->leaf, v->own);
	if (match_refs(s, r, id, v, err) < 0)
		return -1;
	v->own = r->leaf;
	v->has_member = v->type == 'c' && pk_json_get(r->json, "member");
	return 0;
}

/* A path whose content is here comes after it, and gives it its name. */
static int check_named(const struct pk_sharein *s, const uint8_t id[16], const struct proven *v, struct pk_err *err)
{
	uint64_t of = v->ref[PK_SHARE_REF_C];
	const struct proven *c = v->type != 'm' || of == PK_LEAF_NONE ? NULL : pk_sharein_find(s, id, of);

	if (!c)
		return 0;
	if (c->own > v->own)
		return pk_fail(err, PK_EFORMAT, 0, "record %" PRIu64 " comes before its content", v->own);
	if (c->has_member)
		return pk_fail(err, PK_EFORMAT, 0, "record %" PRIu64 " names a member, and a path is here", c->own);
	return 0;
}

int pk_sharein_match_end(const struct pk_sharein *s, struct pk_err *err)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->part[i].n; k++)
			if (s->part[i].v[k].leaf && s->part[i].v[k].own == PK_LEAF_NONE)
				return pk_fail(err, PK_EFORMAT, 0, "a proof of record %" PRIu64 " and no such record",
					       s->part[i].v[k].leaf);
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->part[i].n; k++)
			if (check_named(s, s->source[i].id, &s->part[i].v[k], err) < 0)
				return -1;
	return 0;
}
