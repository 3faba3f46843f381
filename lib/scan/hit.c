/* SPDX-License-Identifier: Apache-2.0 */
/* A hit as JSON: the fields that records, listings and reports share. */
#include <picket/scan.h>

#define MAX_META_JSON 16384 /* bytes of all meta of one hit; further keys are left out */
#define MAX_TAGS 64
#define MAX_HIT_JSON 49152 /* after so many bytes no further string is put: a record is one line of 64 KiB */

static void put_meta_value(struct pk_json *j, const struct pk_rule_meta *m)
{
	switch (m->type) {
	case PK_META_INT: pk_json_int(j, m->number); return;
	case PK_META_BOOL: pk_json_bool(j, m->number != 0); return;
	case PK_META_TEXT: break;
	}
	if (pk_str_is_utf8(pk_str(m->text))) {
		pk_json_z(j, m->text);
	} else {
		PK_AUTO(pk_buf) b = {0};

		pk_buf_put_safe(&b, pk_str(m->text));
		pk_json_str(j, pk_buf_str(&b));
	}
}

static bool had_before(const struct pk_rule_info *r, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(r->metas[k].key, r->metas[i].key) == 0)
			return true;
	return false;
}

static bool has_again(const struct pk_rule_info *r, size_t i)
{
	for (size_t k = i + 1; k < r->meta_count; k++)
		if (strcmp(r->metas[k].key, r->metas[i].key) == 0)
			return true;
	return false;
}

/* A key may stand several times in YARA, once in JSON. */
static void put_meta(struct pk_json *j, const struct pk_rule_info *r)
{
	size_t start = j->out->n;

	pk_json_key(j, "meta");
	pk_json_begin(j, '{');
	for (size_t i = 0; i < r->meta_count && j->out->n - start < MAX_META_JSON; i++) {
		if (had_before(r, i))
			continue;
		pk_json_key(j, r->metas[i].key);
		if (!has_again(r, i)) {
			put_meta_value(j, &r->metas[i]);
			continue;
		}
		pk_json_begin(j, '[');
		for (size_t k = i; k < r->meta_count && j->out->n - start < MAX_META_JSON; k++)
			if (strcmp(r->metas[k].key, r->metas[i].key) == 0)
				put_meta_value(j, &r->metas[k]);
		pk_json_end(j, ']');
	}
	pk_json_end(j, '}');
}

void pk_scan_hit_put_json_more(struct pk_json *j, const struct pk_ruleset *set, const struct pk_scan_hit *hit,
			       void (*more)(void *ctx, struct pk_json *j, const struct pk_scan_match *m), void *ctx)
{
	const struct pk_rule_info *r = &set->rules[hit->rule];
	size_t start = j->out->n;
	bool cut = hit->more;

	pk_json_kz(j, "rule", r->name);
	pk_json_kbytes(j, "namespace", pk_str(r->ns));
	if (r->tag_count > 0) {
		pk_json_key(j, "tags");
		pk_json_begin(j, '[');
		for (size_t i = 0; i < PK_MIN(r->tag_count, (size_t)MAX_TAGS); i++)
			pk_json_z(j, r->tags[i]);
		pk_json_end(j, ']');
	}
	put_meta(j, r);
	pk_json_key(j, "strings");
	pk_json_begin(j, '[');
	for (size_t i = 0; i < hit->match_count; i++) {
		const struct pk_scan_match *m = &hit->matches[i];

		if (j->out->n - start > MAX_HIT_JSON) {
			cut = true;
			break;
		}
		pk_json_begin(j, '{');
		pk_json_kz(j, "name", r->strings[m->string]);
		pk_json_kuint(j, "offset", m->offset);
		pk_json_kuint(j, "length", m->length);
		pk_json_kbytes(j, "data", m->data);
		if (more)
			more(ctx, j, m);
		pk_json_end(j, '}');
	}
	pk_json_end(j, ']');
	if (cut)
		pk_json_kbool(j, "more", true);
}

void pk_scan_hit_put_json(struct pk_json *j, const struct pk_ruleset *set, const struct pk_scan_hit *hit)
{
	pk_scan_hit_put_json_more(j, set, hit, NULL, NULL);
}
