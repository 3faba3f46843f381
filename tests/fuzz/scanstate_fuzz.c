/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a scan's state: what is taken stays within its bounds, and is written back as it was read. The checksum is
 * put on here, so that what is behind it is reached. */
#include "../../lib/scan/statelines.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *strings[] = {(char *)(uintptr_t) "$a", (char *)(uintptr_t) "$b"};
static struct pk_rule_info rules[] = {
	{.name = (char *)(uintptr_t) "one", .ns = (char *)(uintptr_t) "r.yar", .strings = strings, .string_count = 2},
	{.name = (char *)(uintptr_t) "two", .ns = (char *)(uintptr_t) "r.yar"},
};
static const struct pk_ruleset set = {.rules = rules, .rule_count = 2};

static void check_hits(const struct pk_scanseen *seen)
{
	for (size_t i = 0; i < seen->result.hit_count; i++) {
		const struct pk_scan_hit *h = &seen->result.hits[i];

		if (h->rule >= set.rule_count || h->match_count > PK_SCAN_MAX_MATCHES)
			abort();
		for (size_t k = 0; k < h->match_count; k++)
			if (h->matches[k].string >= rules[h->rule].string_count ||
			    h->matches[k].data.n > PK_SCAN_MAX_EXCERPT)
				abort();
	}
	for (size_t i = 0; i < seen->ioc.n; i++)
		if (seen->ioc.v[i].kind >= PK_IOC_KINDS || seen->ioc.v[i].data.n > PK_IOC_MAX_EXCERPT)
			abort();
}

/* Written again it must be read again, and then be the same text. */
static void check_again(struct pk_str path, const struct stat *st, const struct pk_scanseen *seen)
{
	PK_AUTO(pk_buf) one = {0};
	PK_AUTO(pk_buf) two = {0};
	PK_AUTO(pk_scanseen) again = {0};
	struct pk_scantree_file f = {.path = path,
				     .st = st,
				     .result = &seen->result,
				     .ioc = &seen->ioc,
				     .bytes = seen->bytes,
				     .sha256 = seen->has_sha256 ? seen->sha256 : NULL};

	pk_scanseen_put_line(&one, &set, &f, seen->at);
	if (one.n == 0)
		return; /* too long */
	if (!pk_scanseen_parse(pk_str_n(one.p, one.n - 1), &set, NULL, NULL, &again))
		abort();
	f.result = &again.result;
	f.ioc = &again.ioc;
	pk_scanseen_put_line(&two, &set, &f, again.at);
	if (!pk_str_eq(pk_buf_str(&one), pk_buf_str(&two)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk_str text = pk_str_n(data, size);
	PK_AUTO(pk_buf) line = {0};
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_scanseen) seen = {0};
	struct stat st;

	if (pk_stateline_key(text).n > size)
		abort();
	(void)pk_scanseen_parse(text, &set, NULL, NULL, NULL);
	/* without the closing brace, which comes after the sum */
	while (text.n > 0 && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '}'))
		text.n--;
	if (text.n == 0)
		return 0;
	pk_buf_put_str(&line, text);
	pk_stateline_seal(&line, 0);
	if (!pk_scanseen_parse(pk_str_n(line.p, line.n - 1), &set, &path, &st, &seen))
		return 0;
	check_hits(&seen);
	check_again(pk_buf_str(&path), &st, &seen);
	return 0;
}
