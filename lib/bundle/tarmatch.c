/* SPDX-License-Identifier: Apache-2.0 */
/* Members below data/ against the records that describe them. */
#include "tarmatch.h"

#include <picket/share.h>
#include <stdlib.h>

#define MAX_PENDING 262144u /* members whose records are still to come */

/* A member below data/ that no record has described yet. */
struct pending {
	struct pk_place at;
	char *name;
};

/* A content that a record has described, and that some path must name. */
struct known {
	uint64_t leaf;
	uint64_t name; /* hash */
	bool live, named;
};

/* A content with holes whose ranges may go on. */
struct sparse {
	uint64_t leaf, size;
	struct pk_ranges ranges;
};

int pk_matcher_begin(struct pk_matcher *m, struct pk_workers *hasher, struct pk_err *err)
{
	pk_sha256_init(&m->manifest);
	pk_sha256_init(&m->index);
	return pk_sums_new(hasher, &m->sums, err);
}

void pk_matcher_done(struct pk_matcher *m)
{
	pk_sums_free(m->sums);
	for (size_t i = m->pending_from; i < m->pending_n; i++)
		free(m->pending[i].name);
	free(m->pending);
	free(m->known);
	free(m->sparse);
	pk_nameset_done(&m->names);
}

/* --- members ----------------------------------------------------------------------------------------------- */

int pk_matcher_member(struct pk_matcher *m, struct pk_str name, const struct pk_place *at, struct pk_err *err)
{
	struct pending *q = NULL;
	bool is_new = false;

	if (!pk_member_name_ok(name))
		return pk_fail(err, PK_EFORMAT, 0, "member '%.*s' may not have this name", PK_STR_ARG(name));
	if (m->pending_n - m->pending_from >= MAX_PENDING)
		return pk_fail(err, PK_ELIMIT, 0, "more than %u members without their records", MAX_PENDING);
	if (pk_nameset_add(&m->names, pk_nameset_hash(&m->names, name), &is_new, err) < 0)
		return -1;
	if (!is_new)
		return pk_fail(err, PK_EFORMAT, 0, "member '%.*s' is there twice", PK_STR_ARG(name));
	if (m->pending_from == m->pending_n)
		m->pending_from = m->pending_n = 0;
	if (!pk_grow(&m->pending, &m->pending_cap, m->pending_n + 1, sizeof(*m->pending)))
		return pk_fail_oom(err);
	q = &m->pending[m->pending_n];
	*q = (struct pending){.at = *at, .name = pk_str_dup(name)};
	if (!q->name)
		return pk_fail_oom(err);
	m->pending_n++;
	m->members++;
	return 0;
}

/* --- records ----------------------------------------------------------------------------------------------- */

static int take_ranges(const struct pk_record *r, struct sparse *s, struct pk_err *err)
{
	const struct pk_json_value *list = pk_json_get(r->json, "extents");
	uint64_t off, len;

	for (size_t i = 0; i < pk_json_count(list); i++)
		if (!pk_ranges_take(&s->ranges, pk_json_at(list, i), &off, &len))
			return pk_fail(err, PK_EFORMAT, 0, "record %llu: its extents cannot be",
				       (unsigned long long)r->leaf);
	return 0;
}

static int match_ranges(struct pk_matcher *m, const struct pk_record *r, uint64_t size, struct pk_err *err)
{
	struct sparse *s = NULL;

	if (!pk_json_get(r->json, "extents"))
		return 0;
	if (!pk_grow(&m->sparse, &m->sparse_cap, m->sparse_n + 1, sizeof(*m->sparse)))
		return pk_fail_oom(err);
	s = &m->sparse[m->sparse_n++];
	*s = (struct sparse){.leaf = r->leaf, .size = size};
	if (!pk_json_get_uint(r->json, "logical", &s->ranges.logical) || s->ranges.logical > INT64_MAX)
		return pk_fail(err, PK_EFORMAT, 0, "record %llu: its sparse size cannot be",
			       (unsigned long long)r->leaf);
	return take_ranges(r, s, err);
}

/* A record of type c or l describes the oldest member that has none yet, in every field. */
static int match_content(struct pk_matcher *m, const struct pk_record *r, struct pk_err *err)
{
	PK_AUTO(pk_buf) line = {0};
	struct pending *q = NULL;
	struct pk_place at = {0};
	struct pk_str member = {0};
	uint8_t sum[32], is[32];
	bool named = false;

	if (m->pending_from == m->pending_n)
		return pk_fail(err, PK_EFORMAT, 0, "record %llu describes a content that is not there",
			       (unsigned long long)r->leaf);
	q = &m->pending[m->pending_from];
	if (!pk_json_get_uint(r->json, "frame", &at.frame) || !pk_json_get_uint(r->json, "off", &at.off) ||
	    !pk_json_get_uint(r->json, "size", &at.size) || !pk_json_get_hex(r->json, "sha256", sum, 32))
		return pk_fail(err, PK_EFORMAT, 0, "record %llu does not say where its content is",
			       (unsigned long long)r->leaf);
	if (pk_sums_take(m->sums, is, err) < 0)
		return -1;
	if (at.frame != q->at.frame || at.off != q->at.off || at.size != q->at.size || memcmp(sum, is, 32) != 0)
		return pk_fail(err, PK_EFORMAT, 0, "member '%s' is not what record %llu says", q->name,
			       (unsigned long long)r->leaf);
	named = r->type == 'l' || (m->kind == PK_BAG_SHARE && pk_json_get(r->json, "member"));
	if (named && (!pk_json_get_str(r->json, "member", &member) || !pk_str_eq(member, pk_str(q->name))))
		return pk_fail(err, PK_EFORMAT, 0, "member '%s' is not that of record %llu", q->name,
			       (unsigned long long)r->leaf);
	if (!pk_grow(&m->known, &m->known_cap, m->contents + 1, sizeof(*m->known)))
		return pk_fail_oom(err);
	m->known[m->contents++] = (struct known){r->leaf, pk_nameset_hash(&m->names, pk_str(q->name)), r->type == 'l',
						 named};
	pk_buf_put_hex(&line, sum, 32);
	pk_buf_puts(&line, "  ");
	pk_buf_puts(&line, q->name);
	pk_buf_put_c(&line, '\n');
	pk_sha256_put(&m->manifest, line.p, line.n);
	m->manifest_n += line.n;
	pk_buf_reset(&line);
	pk_buf_put_index_content(&line, r->leaf, &at);
	pk_sha256_put(&m->index, line.p, line.n);
	m->index_n += line.n;
	free(pk_steal(&q->name));
	m->pending_from++;
	return pk_buf_check(&line, err) < 0 ? -1 : match_ranges(m, r, at.size, err);
}

static int match_more_ranges(struct pk_matcher *m, const struct pk_record *r, uint64_t of, struct pk_err *err)
{
	struct sparse *s = pk_leaf_find(m->sparse, m->sparse_n, sizeof(*s), of);

	if (s)
		return take_ranges(r, s, err);
	return pk_fail(err, PK_EFORMAT, 0, "record %llu continues what is not there", (unsigned long long)r->leaf);
}

static struct known *find_known(struct pk_matcher *m, uint64_t leaf)
{
	return pk_leaf_find(m->known, m->contents, sizeof(*m->known), leaf);
}

/* The member name that a path gives; in a share, below the bundle that its record comes from. */
static int put_path_name(const struct pk_matcher *m, const struct pk_record *r, struct pk_str path, struct pk_buf *ret,
			 struct pk_err *err)
{
	PK_AUTO(pk_buf) name = {0};
	uint8_t id[16];
	uint64_t leaf = 0;

	pk_buf_put_member_name(&name, "data/root/", path);
	if (m->kind != PK_BAG_SHARE) {
		pk_buf_put_str(ret, pk_buf_str(&name));
	} else if (pk_share_record_src(r->json, id, &leaf)) {
		pk_buf_put_share_name(ret, id, pk_buf_str(&name));
	} else {
		return pk_fail(err, PK_EFORMAT, 0, "record %llu does not say where it comes from",
			       (unsigned long long)r->leaf);
	}
	return name.oom ? pk_fail_oom(err) : pk_buf_check(ret, err);
}

/* A path's record that has a content: the content came before, and the first path to name it named the member. (A hard
 * link's record may say the member's name, and then must say it right.) */
static int match_path(struct pk_matcher *m, const struct pk_record *r, struct pk_err *err)
{
	PK_AUTO(pk_buf) path = {0}, name = {0};
	struct pk_str member = {0};
	struct known *k = NULL;
	uint64_t leaf = 0;

	if (!pk_json_get(r->json, "c") && !pk_json_get(r->json, "member"))
		return 0;
	if (!pk_json_get_uint(r->json, "c", &leaf) || !pk_json_get_bytes(r->json, "path", &path))
		return pk_fail(err, PK_EFORMAT, 0, "record %llu lacks path or content", (unsigned long long)r->leaf);
	k = find_known(m, leaf);
	if (!k || k->live ||
	    (pk_json_get(r->json, "member") &&
	     (!pk_json_get_str(r->json, "member", &member) || k->name != pk_nameset_hash(&m->names, member))))
		return pk_fail(err, PK_EFORMAT, 0, "record %llu names a content that is not its own",
			       (unsigned long long)r->leaf);
	if (k->named)
		return 0;
	if (put_path_name(m, r, pk_buf_str(&path), &name, err) < 0)
		return -1;
	if (k->name != pk_nameset_hash(&m->names, pk_buf_str(&name)))
		return pk_fail(err, PK_EFORMAT, 0, "the content of record %llu does not have the name of its path",
			       (unsigned long long)leaf);
	k->named = true;
	return 0;
}

/* A record that continues the list of an earlier one; checked. */
static int match_more(struct pk_matcher *m, const struct pk_record *r, struct pk_err *err)
{
	uint64_t of = 0;

	(void)pk_json_get_uint(r->json, "more_of", &of);
	return r->type == 'c' ? match_more_ranges(m, r, of, err) : 0;
}

static int match_line(struct pk_matcher *m, struct pk_str line, struct pk_err *err)
{
	struct pk_record r = {0};
	int ret = 0;

	if (pk_record_parse(line, m->leaves, &r, err) < 0)
		return -1;
	if (pk_record_check(&r, err) < 0)
		ret = -1;
	else if ((r.type == 'b') != (m->leaves == 0))
		ret = pk_fail(err, PK_EFORMAT, 0, "record %llu is out of place", (unsigned long long)m->leaves);
	else if (pk_json_get(r.json, "more_of"))
		ret = match_more(m, &r, err);
	else if (r.type == 'c' || r.type == 'l')
		ret = match_content(m, &r, err);
	else if (r.type == 'm')
		ret = match_path(m, &r, err);
	pk_record_done(&r);
	m->leaves++;
	return ret;
}

int pk_matcher_records(struct pk_matcher *m, struct pk_str text, struct pk_err *err)
{
	struct pk_str line = {0};

	if (text.n == 0 || text.p[text.n - 1] != '\n')
		return pk_fail(err, PK_EFORMAT, 0, "a segment of records does not end with a line");
	while (text.n && pk_str_line(&text, &line)) {
		if (match_line(m, line, err) < 0)
			return -1;
	}
	return 0;
}

int pk_matcher_end(const struct pk_matcher *m, struct pk_err *err)
{
	if (m->leaves == 0)
		return pk_fail(err, PK_EFORMAT, 0, "there are no records");
	if (m->pending_from != m->pending_n)
		return pk_fail(err, PK_EFORMAT, 0, "member '%s' has no record", m->pending[m->pending_from].name);
	for (size_t i = 0; i < m->sparse_n; i++)
		if (m->sparse[i].ranges.stored != m->sparse[i].size)
			return pk_fail(err, PK_EFORMAT, 0, "record %llu: its extents are not its content",
				       (unsigned long long)m->sparse[i].leaf);
	for (size_t i = 0; i < m->contents; i++)
		if (!m->known[i].named)
			return pk_fail(err, PK_EFORMAT, 0, "the content of record %llu has no path",
				       (unsigned long long)m->known[i].leaf);
	return 0;
}
