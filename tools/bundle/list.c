/* SPDX-License-Identifier: Apache-2.0 */
/* picket-bundle list: every path that a bundle has a record of. */
#include "verbs.h"

#include <stdio.h>
#include <stdlib.h>

static const struct pk_opt opts[] = {
	BUNDLE_OPT_IDENTITY, BUNDLE_OPT_PASSPHRASE_FD, BUNDLE_OPT_ROSTER, BUNDLE_OPT_JSON, PK_OPT_END,
};

/* The digest of a content, for the paths that name it. */
struct content {
	uint64_t leaf, size;
	char hex[64];
};

struct listing {
	struct content *content;
	size_t n, cap;
	struct pk_table table;
	struct pk_buf label;
	bool is_share;
};

static int add_content(struct listing *l, const struct pk_record *r, struct pk_err *err)
{
	struct content *c = NULL;
	struct pk_str hex = {0};

	if (!pk_grow(&l->content, &l->cap, l->n + 1, sizeof(*l->content)))
		return pk_fail_oom(err);
	c = &l->content[l->n];
	*c = (struct content){.leaf = r->leaf};
	if (!pk_json_get_uint(r->json, "size", &c->size) || !pk_json_get_str(r->json, "sha256", &hex) || hex.n != 64)
		return pk_fail(err, PK_EFORMAT, 0, "record %llu is of no content", (unsigned long long)r->leaf);
	memcpy(c->hex, hex.p, 64);
	l->n++;
	return 0;
}

static int by_leaf(const void *a, const void *b)
{
	const struct content *x = a, *y = b;

	return x->leaf < y->leaf ? -1 : x->leaf > y->leaf;
}

static const struct content *content_of(const struct listing *l, const struct pk_record *r)
{
	struct content key = {0};

	if (!pk_json_get_uint(r->json, "c", &key.leaf) || !l->n)
		return NULL;
	return bsearch(&key, l->content, l->n, sizeof(key), by_leaf);
}

static struct pk_json begin_json(struct pk_buf *line, const char *type, uint64_t leaf)
{
	struct pk_json j = {.out = line};

	pk_json_begin(&j, '{');
	pk_json_kz(&j, "type", type);
	pk_json_kuint(&j, "v", 1);
	pk_json_kuint(&j, "leaf", leaf);
	return j;
}

/* The record's fields, but for its bookkeeping and for what we say ourselves: a record could say it otherwise. */
static void put_fields(struct pk_json *j, const struct pk_record *r, bool digest_too)
{
	static const char *const ours[] = {"type", "v", "leaf", "label", "t", "i", "salt"}, *const of_content[] = {
												    "sha256", "stored"};
	const struct pk_json_value *value = NULL;
	struct pk_str key = {0};
	size_t at = 0;

	while (pk_json_next(r->json, &at, &key, &value)) {
		bool skip = false;

		for (size_t i = 0; i < PK_LEN(ours); i++)
			skip |= pk_str_eq(key, pk_str(ours[i]));
		for (size_t i = 0; digest_too && i < PK_LEN(of_content); i++)
			skip |= pk_str_eq(key, pk_str(of_content[i]));
		if (skip)
			continue;
		pk_json_key(j, key.p);
		pk_json_value(j, value);
	}
}

static int end_json(const struct listing *l, struct pk_json *j, struct pk_err *err)
{
	pk_json_kz(j, "label", l->label.n ? l->label.p : NULL);
	pk_json_end(j, '}');
	return pk_json_check(j, err) < 0 ? -1 : pk_stdout_line(j->out, err);
}

/* The record as it is, its bookkeeping replaced and its content's digest added. */
static int print_json(const struct listing *l, const struct pk_record *r, struct pk_err *err)
{
	const struct content *c = content_of(l, r);
	PK_AUTO(pk_buf) line = {0};
	struct pk_json j = begin_json(&line, "path", r->leaf);

	put_fields(&j, r, true);
	if (c) {
		pk_json_kstr(&j, "sha256", pk_str_n(c->hex, 64));
		pk_json_kuint(&j, "stored", c->size);
	}
	return end_json(l, &j, err);
}

static struct pk_str text_of(const struct pk_record *r, const char *key)
{
	struct pk_str s = PK_STR("-");

	(void)pk_json_get_str(r->json, key, &s);
	return s;
}

/* In a share: which bundle it is part of. */
static void put_from(struct listing *l, const struct pk_record *r)
{
	PK_AUTO(pk_buf) from = {0};
	uint8_t id[16];
	uint64_t leaf = 0;

	if (!l->is_share)
		return;
	if (pk_share_record_src(r->json, id, &leaf))
		pk_buf_put_hex(&from, id, 4);
	pk_table_cell(&l->table, pk_buf_str(&from));
}

/* A content that was shared without any path of its own. */
static int print_nameless(struct listing *l, const struct pk_record *r, struct pk_err *err)
{
	PK_AUTO(pk_buf) line = {0};
	struct pk_str member = {0};
	uint64_t size = 0;

	if (!pk_json_get_str(r->json, "member", &member) || !pk_json_get_uint(r->json, "size", &size))
		return 0;
	if (bundle_json) {
		struct pk_json j = begin_json(&line, "content", r->leaf);

		put_fields(&j, r, false);
		return end_json(l, &j, err);
	}
	pk_table_cell(&l->table, PK_STR("-"));
	pk_table_cell(&l->table, PK_STR("content"));
	pk_table_cellf(&l->table, "%llu", (unsigned long long)size);
	pk_table_cell(&l->table, PK_STR("-"));
	put_from(l, r);
	pk_table_cell(&l->table, pk_str_n(member.p + 5, member.n - 5));
	return 0;
}

static int print_row(struct listing *l, const struct pk_record *r, struct pk_err *err)
{
	PK_AUTO(pk_buf) path = {0}, when = {0};
	struct pk_str mtime = {0};
	struct pk_time t = {0};
	uint64_t size = 0;

	if (!pk_json_get_bytes(r->json, "path", &path))
		return pk_fail(err, PK_EFORMAT, 0, "record %llu has no path", (unsigned long long)r->leaf);
	if (pk_json_get_str(r->json, "mtime", &mtime) && pk_time_parse(mtime, &t))
		pk_buf_put_rfc3339(&when, t, 0);
	pk_table_cell(&l->table, text_of(r, "outcome"));
	pk_table_cell(&l->table, text_of(r, "kind"));
	if (pk_json_get_uint(r->json, "size", &size))
		pk_table_cellf(&l->table, "%llu", (unsigned long long)size);
	else
		pk_table_cellf(&l->table, "-");
	pk_table_cell(&l->table, when.n ? pk_buf_str(&when) : PK_STR("-"));
	put_from(l, r);
	pk_table_cell(&l->table, pk_buf_str(&path));
	return 0;
}

static int on_record(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	struct listing *l = ctx;

	if (pk_json_get(r->json, "more_of")) /* the rest of another record's list */
		return 0;
	if (r->type == 'c')
		return l->is_share && pk_json_get(r->json, "member") ? print_nameless(l, r, err)
								     : add_content(l, r, err);
	if (r->type != 'm')
		return 0;
	return bundle_json ? print_json(l, r, err) : print_row(l, r, err);
}

static void listing_done(struct listing *l)
{
	free(l->content);
	pk_table_done(&l->table);
	pk_buf_done(&l->label);
}

static int run(int argc, char **argv, struct pk_err *err)
{
	static const char *const headings[] = {"OUTCOME", "KIND", "SIZE", "MODIFIED", "PATH"},
				 *const of_share[] = {"OUTCOME", "KIND", "SIZE", "MODIFIED", "FROM", "PATH"};
	PK_AUTO(pk_roster) roster = {0};
	PK_AUTOPTR(pk_bundle) b = NULL;
	bool has_roster = false;
	PK_AUTO(listing) l = {0};
	struct pk_bundle_events events = {.ctx = &l, .record = on_record, .ev = &pk_msg_events};

	(void)argc;
	if (pk_station_roster(bundle_roster, &roster, &has_roster, NULL, err) < 0)
		return -1;
	if (bundle_open_bundle(argv[0], &b, err) < 0)
		return bundle_wrong(err);
	if (bundle_check_trust(b, argv[0], has_roster ? &roster : NULL, NULL, err) < 0)
		return bundle_answer(err);
	if (bundle_label(pk_bundle_info(b), &l.label, err) < 0)
		return -1;
	l.is_share = pk_bundle_info(b)->is_share;
	if (l.is_share)
		pk_table_begin(&l.table, of_share, PK_LEN(of_share));
	else
		pk_table_begin(&l.table, headings, PK_LEN(headings));
	if (pk_bundle_records(b, &events, err) < 0)
		return bundle_wrong(err);
	if (!bundle_json && l.label.n)
		printf("%s%s\n", l.label.p, pk_bundle_info(b)->terms->label.tlp ? "" : ": not releasable");
	if (!bundle_json && pk_table_print(&l.table, err) < 0)
		return -1;
	if (pk_stdout_done(err) < 0)
		return -1;
	return PK_EXIT_OK;
}

const struct pk_verb bundle_list = {
	.name = "list",
	.operands = "BUNDLE",
	.summary = "list every path that a bundle has a record of",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
