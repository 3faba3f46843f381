/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers over the whole case. */
#include "labelcolumns.h"
#include "list.h"

#include <picket/label.h>

int pk_case_totals(struct pk_case *c, struct pk_case_totals *ret, struct pk_err *err)
{
	struct pk_case_totals t = {0};
	/* total(), not sum(): what records say of sizes may be more than 64 bits hold, and the cast stops at the most */
	const struct {
		const char *sql;
		uint64_t *to;
	} all[] = {
		{"SELECT count(*) FROM host", &t.hosts},
		{"SELECT count(*) FROM bundle", &t.bundles},
		{"SELECT count(*) FROM intake WHERE state = 'quarantined'", &t.quarantined},
		{"SELECT count(*) FROM file", &t.files},
		{"SELECT count(DISTINCT sha256) FROM content", &t.contents},
		{"SELECT CAST(total(size) AS INTEGER) FROM content", &t.content_bytes},
		{"SELECT count(*) FROM hit", &t.hits},
		{"SELECT count(*) FROM live", &t.rows},
		{"SELECT count(*) FROM event", &t.events},
		{"SELECT count(*) FROM tag", &t.tags},
		{"SELECT count(*) FROM note", &t.notes},
		{"SELECT count(*) FROM custody", &t.custody},
	};
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	for (size_t i = 0; i < PK_LEN(all); i++) {
		int64_t v = 0;

		if (pk_case_int(c, all[i].sql, 0, &v, err) < 0)
			return -1;
		*all[i].to = (uint64_t)v;
	}
	if (pk_stmt_init(&st, c, "SELECT started FROM bundle", err) < 0)
		return -1;
	while ((r = pk_stmt_step(&st, err)) == 1) {
		struct pk_time when;

		if (!pk_time_parse(pk_stmt_col(&st, 0), &when))
			continue;
		if (!t.has_times || pk_time_cmp(when, t.first) < 0)
			t.first = when;
		if (!t.has_times || pk_time_cmp(when, t.last) > 0)
			t.last = when;
		t.has_times = true;
	}
	if (r < 0)
		return -1;
	*ret = t;
	return 0;
}

static int count_bins(struct pk_case *c, const char *table, const char *host, struct pk_time from, struct pk_time to,
		      int64_t width, size_t n, uint64_t *ret, struct pk_err *err)
{
	PK_AUTO(pk_query) q = {0};
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	memset(ret, 0, n * sizeof(*ret));
	pk_query_puts(&q, "SELECT (t - ");
	pk_query_int(&q, from.sec);
	pk_query_puts(&q, ") / ");
	pk_query_int(&q, width);
	pk_query_puts(&q, " AS bin, count(*) FROM ");
	pk_query_puts(&q, table);
	pk_query_puts(&q, " WHERE host IN (SELECT no FROM host) AND t >= ");
	pk_query_int(&q, from.sec);
	pk_query_puts(&q, " AND t < ");
	pk_query_int(&q, to.sec);
	if (pk_query_host(&q, c, "host", host, err) < 0)
		return -1;
	pk_query_puts(&q, " GROUP BY bin");
	if (pk_query_prepare(&q, c, &st, err) < 0)
		return -1;
	while ((r = pk_stmt_step(&st, err)) == 1) {
		int64_t bin = pk_stmt_col_int(&st, 0);

		if (bin >= 0 && (uint64_t)bin < n)
			ret[bin] = (uint64_t)pk_stmt_col_int(&st, 1);
	}
	return r;
}

int pk_case_histogram(struct pk_case *c, const char *host, struct pk_time from, struct pk_time to, size_t n,
		      uint64_t *ret_files, uint64_t *ret_events, struct pk_err *err)
{
	int64_t span = 0, width = 0;

	if (!n || __builtin_sub_overflow(to.sec, from.sec, &span) || span <= 0)
		return pk_fail(err, PK_EUSAGE, 0, "a histogram needs a span of time and a number of bins");
	width = span / (int64_t)n + (span % (int64_t)n != 0);
	if (count_bins(c, "ftime", host, from, to, width, n, ret_files, err) < 0)
		return -1;
	return count_bins(c, "event", host, from, to, width, n, ret_events, err);
}

/* --- the label of all of it ------------------------------------------------------------------------------- */

int pk_case_label(struct pk_case *c, struct pk_label *ret, bool *ret_any, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	PK_AUTO(pk_label) all = {0};
	bool any = false;
	int r = 0;

	if (pk_stmt_init(&st, c, "SELECT DISTINCT tlp, rel_to, caveats, originators FROM bundle", err) < 0)
		return -1;
	while ((r = pk_stmt_step(&st, err)) == 1) {
		PK_AUTO(pk_label) one = {0};
		struct pk_label both = {0};

		if (pk_label_columns_get(&st, 0, &one, err) < 0 ||
		    (any ? pk_label_join(&all, &one, &both, err) : pk_label_copy(&one, &both, err)) < 0)
			return -1;
		pk_label_done(&all);
		all = both;
		any = true;
	}
	if (r < 0)
		return -1;
	*ret = all;
	all = (struct pk_label){0};
	*ret_any = any;
	return 0;
}
