/* SPDX-License-Identifier: Apache-2.0 */
/* What the hits of one file are worth together, and whether they are told. */
#include "scan.h"

static int32_t own_score(int32_t score) { return score == PK_IOC_NO_SCORE ? PK_SCORE_DEFAULT : score; }

int32_t judge_rule(const struct report *r, const struct pk_scan_hit *h)
{
	return own_score(pk_scan_rule_score(&r->set->rules[h->rule]));
}

int32_t judge_ioc(const struct pk_ioc_hit *h) { return own_score(h->score); }

/* A rule of negative score says that this is a false positive: it is no hit, it takes from the others. */
int judge(const struct report *r, const struct pk_scantree_file *f, struct judgement *ret, struct pk_err *err)
{
	size_t rules = f->result ? f->result->hit_count : 0, n = 0;
	pk_autofree int32_t *scores = calloc(rules + f->ioc->n + 1, sizeof(*scores));
	struct judgement j = {0};

	if (!scores)
		return pk_fail_oom(err);
	for (size_t i = 0; i < rules; i++) {
		scores[n] = judge_rule(r, &f->result->hits[i]);
		if (scores[n] < 0)
			j.by = pk_str(r->set->rules[f->result->hits[i].rule].name);
		j.hits += scores[n++] >= 0;
	}
	for (size_t i = 0; i < f->ioc->n; i++) {
		const struct pk_ioc_hit *h = &f->ioc->v[i];

		if (h->known_good) {
			j.why = "known-good";
			j.by = h->set;
			continue;
		}
		scores[n] = judge_ioc(h);
		if (scores[n] < 0)
			j.by = h->set;
		j.hits += scores[n++] >= 0;
	}
	j.total = pk_score_total(scores, n);
	if (!j.why && j.hits > 0 && j.total == 0 && j.by.n > 0)
		j.why = "false-positive";
	if (!j.why && j.hits > 0 && (uint64_t)j.total < r->min_score)
		j.why = "score";
	*ret = j;
	return 0;
}
