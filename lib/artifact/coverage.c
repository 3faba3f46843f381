/* SPDX-License-Identifier: Apache-2.0 */
/* The coverage table: what is expected of a collector, item by item, and what answers it. */
#include <picket/coverage.h>

/* "a, b; partly: why" or "no: why" */
static int parse_how(struct pk_str how, struct pk_coverage_item *i, struct pk_err *err)
{
	static const char partly[] = "; partly: ";
	const char *at = memmem(how.p, how.n, partly, sizeof(partly) - 1);

	i->reason = pk_str_n("", 0);
	if (pk_str_starts(how, PK_STR("no: "))) {
		i->covered = PK_COVERED_NO;
		i->how = pk_str_n("", 0);
		i->reason = pk_str_trim(pk_str_n(how.p + 4, how.n - 4));
		return i->reason.n ? 0 : pk_fail(err, PK_EFORMAT, 0, "no reason is given");
	}
	i->covered = at ? PK_COVERED_PARTLY : PK_COVERED_YES;
	i->how = pk_str_trim(pk_str_n(how.p, at ? (size_t)(at - how.p) : how.n));
	if (at)
		i->reason = pk_str_trim(
			pk_str_n(at + sizeof(partly) - 1, (size_t)(how.p + how.n - at) - sizeof(partly) + 1));
	if (!i->how.n || (at && !i->reason.n))
		return pk_fail(err, PK_EFORMAT, 0, "it does not say what covers the item");
	return 0;
}

static int parse_line(struct pk_str line, struct pk_coverage_item *i, struct pk_err *err)
{
	struct pk_str number, code, how;
	uint64_t n;

	if (!pk_str_split(&line, '\t', &number) || !pk_str_split(&line, '\t', &i->name) ||
	    !pk_str_split(&line, '\t', &code) || !pk_str_split(&line, '\t', &how) || line.p)
		return pk_fail(err, PK_EFORMAT, 0, "not four fields with tabs between them");
	if (!pk_str_u64(number, 100000, &n) || !i->name.n)
		return pk_fail(err, PK_EFORMAT, 0, "the number or the name is missing");
	if (code.n != 1 || !memchr("NFDSB", code.p[0], 5))
		return pk_fail(err, PK_EFORMAT, 0, "the code '%.*s' is none of N, F, D, S, B", PK_STR_ARG(code));
	i->number = (unsigned)n;
	i->code = code.p[0];
	return parse_how(how, i, err);
}

int pk_coverage_parse(struct pk_str text, int (*item)(void *ctx, const struct pk_coverage_item *i, struct pk_err *err),
		      void *ctx, struct pk_err *err)
{
	struct pk_str line;
	unsigned number = 0;

	while (pk_str_line(&text, &line)) {
		struct pk_coverage_item i = {0};
		int rc;

		number++;
		if (!line.n || line.p[0] == '#')
			continue;
		if (parse_line(line, &i, err) < 0)
			return pk_wrap(err, "coverage: line %u", number);
		rc = item(ctx, &i, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int pk_coverage_each(int (*item)(void *ctx, const struct pk_coverage_item *i, struct pk_err *err), void *ctx,
		     struct pk_err *err)
{
	struct pk_str text;

	if (!pk_builtin_rule("coverage.tsv", &text))
		return pk_fail(err, PK_EINTERNAL, 0, "the coverage table is missing");
	return pk_coverage_parse(text, item, ctx, err);
}
