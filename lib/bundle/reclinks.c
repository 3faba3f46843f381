/* SPDX-License-Identifier: Apache-2.0 */
/* What records say of each other. */
#include "reclinks.h"

#include <picket/share.h>

#include <stdlib.h>

/* A content that a record has described, and that some path must name. */
struct pk_known {
	uint64_t leaf;
	uint64_t name; /* hash; 0: its first path will say it */
	bool live, named;
};

/* A content with holes whose ranges may go on. */
struct pk_sparse {
	uint64_t leaf, size;
	struct pk_ranges ranges;
};

void pk_links_done(struct pk_links *l)
{
	free(l->known);
	free(l->sparse);
	free(l->lists);
	pk_nameset_done(&l->names);
}

/* --- contents -------------------------------------------------------------------------------------------------- */

static int take_ranges(struct pk_links *l, struct pk_sparse *s, const struct pk_record *r, struct pk_err *err)
{
	const struct pk_json_value *list = pk_json_get(r->json, "extents");
	bool was_whole = s->ranges.stored == s->size;
	uint64_t off, len;

	for (size_t i = 0; i < pk_json_count(list); i++)
		if (!pk_ranges_take(&s->ranges, pk_json_at(list, i), &off, &len))
			return pk_fail(err, PK_EFORMAT, 0, "record %llu: its extents cannot be",
				       (unsigned long long)r->leaf);
	if (s->ranges.stored > s->size)
		return pk_fail(err, PK_EFORMAT, 0, "record %llu: its extents are not its content",
			       (unsigned long long)s->leaf);
	if (!was_whole && s->ranges.stored == s->size)
		l->unfinished--;
	return 0;
}

static int add_ranges(struct pk_links *l, const struct pk_record *r, struct pk_err *err)
{
	struct pk_sparse *s = NULL;

	if (!pk_json_get(r->json, "extents"))
		return 0;
	if (!pk_grow(&l->sparse, &l->sparse_cap, l->sparse_n + 1, sizeof(*l->sparse)))
		return pk_fail_oom(err);
	s = &l->sparse[l->sparse_n++];
	*s = (struct pk_sparse){.leaf = r->leaf};
	(void)pk_json_get_uint(r->json, "size", &s->size);
	(void)pk_json_get_uint(r->json, "logical", &s->ranges.logical);
	l->unfinished += s->size != 0;
	return take_ranges(l, s, r, err);
}

static int add_content(struct pk_links *l, const struct pk_record *r, const char *is, struct pk_err *err)
{
	bool live = r->type == 'l', named = live || (l->is_share && pk_json_get(r->json, "member"));
	struct pk_str says = {0}, name = is ? pk_str(is) : (struct pk_str){0};

	if (named && (!pk_json_get_str(r->json, "member", &says) || (is && !pk_str_eq(says, name))))
		return pk_fail(err, PK_EFORMAT, 0, "member '%s' is not that of record %llu", is ? is : "",
			       (unsigned long long)r->leaf);
	if (live && !l->is_share && !pk_str_starts(says, PK_STR("data/live/")))
		return pk_fail(err, PK_EFORMAT, 0, "record %llu: its member's name is not of its table",
			       (unsigned long long)r->leaf);
	if (named)
		name = says;
	if (!pk_grow(&l->known, &l->known_cap, l->known_n + 1, sizeof(*l->known)))
		return pk_fail_oom(err);
	l->known[l->known_n++] = (struct pk_known){r->leaf, name.n ? pk_nameset_hash(&l->names, name) : 0, live, named};
	return add_ranges(l, r, err);
}

/* --- paths ------------------------------------------------------------------------------------------------------ */

/* The member name that a path gives; in a share, below the bundle that its record comes from. */
static int put_path_name(const struct pk_links *l, const struct pk_record *r, struct pk_str path, struct pk_buf *ret,
			 struct pk_err *err)
{
	PK_AUTO(pk_buf) name = {0};
	uint8_t id[16];
	uint64_t leaf = 0;

	pk_buf_put_member_name(&name, "data/root/", path);
	if (!l->is_share) {
		pk_buf_put_str(ret, pk_buf_str(&name));
	} else if (pk_share_record_src(r->json, id, &leaf)) {
		pk_buf_put_share_name(ret, id, pk_buf_str(&name));
	} else {
		return pk_fail(err, PK_EFORMAT, 0, "record %llu does not say where it comes from",
			       (unsigned long long)r->leaf);
	}
	return name.oom ? pk_fail_oom(err) : pk_buf_check(ret, err);
}

static int name_content(struct pk_links *l, struct pk_known *k, const struct pk_record *r, struct pk_err *err)
{
	PK_AUTO(pk_buf) path = {0}, name = {0};
	uint64_t hash = 0;

	if (!pk_json_get_bytes(r->json, "path", &path))
		return path.oom ? pk_fail_oom(err)
				: pk_fail(err, PK_EFORMAT, 0, "record %llu has no path", (unsigned long long)r->leaf);
	if (put_path_name(l, r, pk_buf_str(&path), &name, err) < 0)
		return -1;
	hash = pk_nameset_hash(&l->names, pk_buf_str(&name));
	if (k->name && k->name != hash)
		return pk_fail(err, PK_EFORMAT, 0, "the content of record %llu does not have the name of its path",
			       (unsigned long long)k->leaf);
	k->name = hash;
	k->named = true;
	return 0;
}

static int add_list(struct pk_links *l, const struct pk_record *r, struct pk_err *err)
{
	size_t at = (size_t)(r->leaf / 8);

	if (!pk_json_get(r->json, "via"))
		return 0;
	if (!pk_grow(&l->lists, &l->lists_cap, at + 1, 1))
		return pk_fail_oom(err);
	if (at >= l->lists_n) {
		memset(l->lists + l->lists_n, 0, at + 1 - l->lists_n);
		l->lists_n = at + 1;
	}
	l->lists[at] |= (uint8_t)(1u << (r->leaf % 8));
	return 0;
}

/* A path's record that has a content: the content came before, and the first path to name it named the member. (A hard
 * link's record may say the member's name, and then must say it right.) */
static int add_path(struct pk_links *l, const struct pk_record *r, struct pk_err *err)
{
	struct pk_str member = {0};
	struct pk_known *k = NULL;
	uint64_t leaf = 0;

	if (add_list(l, r, err) < 0)
		return -1;
	if (!pk_json_get_uint(r->json, "c", &leaf))
		return pk_json_get(r->json, "member")
			       ? pk_fail(err, PK_EFORMAT, 0, "record %llu names a member and has no content",
					 (unsigned long long)r->leaf)
			       : 0;
	k = pk_leaf_find(l->known, l->known_n, sizeof(*l->known), leaf);
	if (!k || k->live)
		return pk_fail(err, PK_EFORMAT, 0, "record %llu names a content that is not its own",
			       (unsigned long long)r->leaf);
	if (!k->named && name_content(l, k, r, err) < 0)
		return -1;
	if (pk_json_get_str(r->json, "member", &member) && k->name != pk_nameset_hash(&l->names, member))
		return pk_fail(err, PK_EFORMAT, 0, "record %llu names a member that is not its own",
			       (unsigned long long)r->leaf);
	return 0;
}

/* --- lists that go on ------------------------------------------------------------------------------------------- */

static int add_more(struct pk_links *l, const struct pk_record *r, struct pk_err *err)
{
	struct pk_sparse *s = NULL;
	uint64_t of = 0;
	bool there = false;

	(void)pk_json_get_uint(r->json, "more_of", &of);
	if (r->type == 'c')
		there = (s = pk_leaf_find(l->sparse, l->sparse_n, sizeof(*s), of)) != NULL;
	else
		there = r->type == 'm' && of / 8 < l->lists_n && (l->lists[of / 8] >> (of % 8) & 1);
	if (!there)
		return pk_fail(err, PK_EFORMAT, 0, "record %llu continues what is not there",
			       (unsigned long long)r->leaf);
	return s ? take_ranges(l, s, r, err) : 0;
}

int pk_links_take(struct pk_links *l, const struct pk_record *r, const char *member, struct pk_err *err)
{
	if ((r->type == 'b') != (r->leaf == 0))
		return pk_fail(err, PK_EFORMAT, 0, "record %llu is out of place", (unsigned long long)r->leaf);
	if (pk_json_get(r->json, "more_of"))
		return add_more(l, r, err);
	switch (r->type) {
	case 'c':
	case 'l': return add_content(l, r, member, err);
	case 'm': return add_path(l, r, err);
	default: return 0;
	}
}

int pk_links_end(const struct pk_links *l, struct pk_err *err)
{
	for (size_t i = 0; i < l->sparse_n; i++)
		if (l->sparse[i].ranges.stored != l->sparse[i].size)
			return pk_fail(err, PK_EFORMAT, 0, "record %llu: its extents are not its content",
				       (unsigned long long)l->sparse[i].leaf);
	for (size_t i = 0; i < l->known_n; i++)
		if (!l->known[i].named)
			return pk_fail(err, PK_EFORMAT, 0, "the content of record %llu has no path",
				       (unsigned long long)l->known[i].leaf);
	return 0;
}
