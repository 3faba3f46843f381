/* SPDX-License-Identifier: Apache-2.0 */
/* Hits of indicators as JSON, and what hits are worth. */
#include <picket/ioc.h>

const char *pk_ioc_rule(enum pk_ioc_kind kind)
{
	static const char *const rules[PK_IOC_KINDS] = {
		[PK_IOC_HASH] = "ioc:hash",       [PK_IOC_FILENAME] = "ioc:filename", [PK_IOC_DOMAIN] = "ioc:domain",
		[PK_IOC_ADDRESS] = "ioc:address", [PK_IOC_NETWORK] = "ioc:network",   [PK_IOC_URL] = "ioc:url",
		[PK_IOC_KEYWORD] = "ioc:keyword", [PK_IOC_COMMAND] = "ioc:command",
	};

	return rules[kind];
}

void pk_ioc_hits_done(struct pk_ioc_hits *hits)
{
	free(hits->v);
	*hits = (struct pk_ioc_hits){0};
}

int pk_ioc_hits_add(struct pk_ioc_hits *hits, const struct pk_ioc_hit *more, size_t n, struct pk_err *err)
{
	if (n == 0)
		return 0;
	if (!pk_grow(&hits->v, &hits->cap, hits->n + n, sizeof(*hits->v)))
		return pk_fail_oom(err);
	for (size_t i = 0; i < n; i++) {
		struct pk_ioc_hit *h = &hits->v[hits->n++];

		*h = more[i];
		h->where.n = PK_MIN(h->where.n, (size_t)64);
		h->data.n = PK_MIN(h->data.n, (size_t)PK_IOC_MAX_EXCERPT);
		if (h->where.n)
			memcpy(h->copy, h->where.p, h->where.n);
		if (h->data.n)
			memcpy(h->copy + 64, h->data.p, h->data.n);
	}
	/* all of them: the list may have moved */
	for (size_t i = 0; i < hits->n; i++) {
		struct pk_ioc_hit *h = &hits->v[i];

		h->where.p = h->copy;
		h->data.p = h->copy + 64;
		if (h->kind == PK_IOC_HASH)
			h->indicator.p = h->hex;
	}
	return 0;
}

/* Sets are other people's text: what is no UTF-8 is shown escaped, as a rule's meta is. */
static void put_text(struct pk_json *j, const char *key, struct pk_str s)
{
	PK_AUTO(pk_buf) b = {0};

	if (pk_str_is_utf8(s)) {
		pk_json_kstr(j, key, s);
		return;
	}
	pk_buf_put_safe(&b, s);
	j->out->oom |= b.oom;
	pk_json_kstr(j, key, pk_buf_str(&b));
}

void pk_ioc_hit_put_json(struct pk_json *j, const struct pk_ioc_hit *hit)
{
	pk_json_kz(j, "rule", pk_ioc_rule(hit->kind));
	pk_json_kbytes(j, "namespace", hit->set);
	pk_json_key(j, "meta");
	pk_json_begin(j, '{');
	put_text(j, "indicator", hit->indicator);
	if (hit->description.n > 0)
		put_text(j, "description", hit->description);
	if (hit->score != PK_IOC_NO_SCORE)
		pk_json_kint(j, "score", hit->score);
	if (hit->line > 0)
		pk_json_kuint(j, "line", hit->line);
	pk_json_end(j, '}');
	pk_json_key(j, "strings");
	pk_json_begin(j, '[');
	pk_json_begin(j, '{');
	pk_json_kstr(j, "name", hit->where);
	pk_json_kuint(j, "offset", hit->offset);
	pk_json_kuint(j, "length", hit->length);
	if (hit->length > 0)
		pk_json_kbytes(j, "data", hit->data);
	pk_json_end(j, '}');
	pk_json_end(j, ']');
}

/* --- scores ------------------------------------------------------------------------------------------- */

int32_t pk_scan_rule_score(const struct pk_rule_info *rule)
{
	for (size_t i = 0; i < rule->meta_count; i++) {
		const struct pk_rule_meta *m = &rule->metas[i];

		if (m->type == PK_META_INT && strcmp(m->key, "score") == 0)
			return (int32_t)PK_MAX(PK_MIN(m->number, (int64_t)100), (int64_t)-100);
	}
	return PK_IOC_NO_SCORE;
}

static int falling(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x < y) - (x > y);
}

int32_t pk_score_total(int32_t *scores, size_t n)
{
	double left = 1, half = 1;
	int32_t off = 0, total;

	if (n > 1)
		qsort(scores, n, sizeof(*scores), falling);
	for (size_t i = 0; i < n; i++) {
		if (scores[i] > 0)
			left *= 1 - scores[i] / 100.0 * half;
		else
			off += scores[i];
		half /= 2;
	}
	total = (int32_t)(100 * (1 - left) + 0.5) + off;
	return PK_MAX(PK_MIN(total, 100), 0);
}

const char *pk_score_level(int32_t score)
{
	return score >= PK_SCORE_ALERT     ? "alert"
	       : score >= PK_SCORE_WARNING ? "warning"
	       : score >= PK_SCORE_NOTICE  ? "notice"
					   : "info";
}
