/* SPDX-License-Identifier: Apache-2.0 */
/* Members below data/ against the records that describe them. */
#include "tarmatch.h"

#include <stdlib.h>

#define MAX_PENDING 262144u /* members whose records are still to come */

/* A member below data/ that no record has described yet. */
struct pending {
	struct pk_place at;
	char *name;
	uint64_t lines;  /* of a table's, */
	bool unfinished; /* and behind them one without its end */
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
	pk_links_done(&m->links);
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
	if (pk_nameset_add(&m->links.names, pk_nameset_hash(&m->links.names, name), &is_new, err) < 0)
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

void pk_matcher_lines(struct pk_matcher *m, uint64_t lines, bool unfinished)
{
	m->pending[m->pending_n - 1].lines = lines;
	m->pending[m->pending_n - 1].unfinished = unfinished;
}

/* --- records ----------------------------------------------------------------------------------------------- */

/* A record of type c or l describes the oldest member that has none yet, in every field. */
static int match_content(struct pk_matcher *m, const struct pk_record *r, struct pk_err *err)
{
	PK_AUTO(pk_buf) line = {0};
	struct pending *q = NULL;
	struct pk_place at = {0};
	uint8_t sum[32], is[32];
	uint64_t rows = 0;

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
	if (r->type == 'l' && (!pk_json_get_uint(r->json, "rows", &rows) || rows != q->lines))
		return pk_fail(err, PK_EFORMAT, 0, "member '%s' has %llu lines, and record %llu says otherwise",
			       q->name, (unsigned long long)q->lines, (unsigned long long)r->leaf);
	if (r->type == 'l' && q->unfinished)
		return pk_fail(err, PK_EFORMAT, 0, "member '%s' does not end with a line", q->name);
	if (pk_links_take(&m->links, r, q->name, err) < 0)
		return -1;
	m->contents++;
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
	return pk_buf_check(&line, err);
}

static int match_line(struct pk_matcher *m, struct pk_str line, struct pk_err *err)
{
	struct pk_record r = {0};
	int ret = 0;

	if (pk_record_parse(line, m->leaves, &r, err) < 0)
		return -1;
	if (pk_record_check(&r, err) < 0)
		ret = -1;
	else if ((r.type == 'c' || r.type == 'l') && !pk_json_get(r.json, "more_of"))
		ret = match_content(m, &r, err);
	else
		ret = pk_links_take(&m->links, &r, NULL, err);
	pk_record_done(&r);
	m->leaves++;
	return ret;
}

int pk_matcher_records(struct pk_matcher *m, struct pk_str text, struct pk_err *err)
{
	struct pk_str line = {0};

	if (text.n == 0 || text.p[text.n - 1] != '\n')
		return pk_fail(err, PK_EFORMAT, 0, "a segment of records does not end with a line");
	m->links.is_share = m->kind == PK_BAG_SHARE;
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
	return pk_links_end(&m->links, err);
}
