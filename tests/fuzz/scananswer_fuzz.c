/* SPDX-License-Identifier: Apache-2.0 */
/* What a scan child answers, who may have been taken over, and the zygote's report on the rules. */
#include "../../lib/scan/scan-internal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LENGTH 1000u

static bool find(void *ctx, uint64_t seq, uint64_t *ret_id, uint64_t *ret_length)
{
	(void)ctx;
	*ret_id = seq + 7;
	*ret_length = LENGTH;
	return seq < 4;
}

/* Everything that a result says must be of this rule set and lie inside the item. */
static void take(void *ctx, uint64_t seq, struct pk_scan_result *r)
{
	const struct pk_ruleset *set = ctx;
	PK_AUTO(pk_buf) out = {0};

	if (r->id != seq + 7)
		abort();
	for (size_t i = 0; i < r->hit_count; i++) {
		const struct pk_scan_hit *h = &r->hits[i];
		struct pk_json j = {.out = &out};

		if (h->rule >= set->rule_count)
			abort();
		for (size_t k = 0; k < h->match_count; k++)
			if (h->matches[k].offset + h->matches[k].length > LENGTH ||
			    h->matches[k].data.n > h->matches[k].length)
				abort();
		pk_buf_reset(&out);
		pk_json_begin(&j, '{');
		pk_scan_hit_put_json(&j, set, h);
		pk_json_end(&j, '}');
		if (pk_json_check(&j, NULL) < 0 || out.n > 51200 + 4096)
			abort();
	}
	for (size_t i = 0; i < r->note_count; i++)
		if (r->notes[i].rule >= set->rule_count)
			abort();
	pk_scan_result_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char ns[] = "n", one[] = "one", two[] = "two", a[] = "$a", b[] = "$b";
	static char *strings[] = {a, b};
	struct pk_rule_info rules[2] = {
		{.ns = ns, .name = one, .strings = strings, .string_count = 2},
		{.ns = ns, .name = two},
	};
	struct pk_ruleset set = {.rules = rules, .rule_count = 2};
	const struct pk_scan_asked asked = {find, take, &set};
	struct pk_ruleset got = {0};

	(void)!pk_scan_answer_parse(pk_str_n(data, size), &set, &asked, NULL);
	if (pk_scan_report_parse(pk_str_n(data, size), &got, NULL) == 0) {
		for (size_t i = 0; i < got.rule_count; i++)
			if (!got.rules[i].name || !got.rules[i].ns)
				abort();
		pk_ruleset_done(&got);
	}
	return 0;
}
