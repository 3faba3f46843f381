/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes in a row of a live table, as in those of running executables and of packages. */
#include <picket/ioc.h>

/* The name of the column whose value begins at `at`: what stands between the two quotes before ":\"". */
static struct pk_str column_at(struct pk_str row, size_t at)
{
	size_t end = at - 3, from = end;

	while (from > 0 && row.p[from - 1] != '"')
		from--;
	return pk_str_n(row.p + from, end - from);
}

bool pk_ioc_has_rows(const struct pk_ioc *ioc) { return pk_ioc_has_texts(ioc) || pk_ioc_needs(ioc) != 0; }

/* Quotes inside a value are escaped, so what begins with ":\" is one. */
int pk_ioc_find_row(const struct pk_ioc *ioc, struct pk_str row,
		    int (*hit)(void *ctx, const struct pk_ioc_hit *h, struct pk_err *err), void *ctx,
		    struct pk_err *err)
{
	if (!pk_ioc_needs(ioc))
		return 0;
	for (size_t i = 3; i + 33 <= row.n; i++) {
		struct pk_ioc_hit hits[PK_IOC_MAX_HASH_HITS];
		uint8_t digest[32];
		size_t n = 0, found;

		if (row.p[i - 1] != '"' || row.p[i - 2] != ':' || row.p[i - 3] != '"')
			continue;
		while (i + n < row.n && row.p[i + n] != '"' && n <= 64)
			n++;
		if ((n != 32 && n != 40 && n != 64) || !pk_hex_decode(pk_str_n(row.p + i, n), digest, n / 2))
			continue;
		found = pk_ioc_find_digest(ioc, digest, n / 2, hits);
		for (size_t k = 0; k < found; k++) {
			hits[k].where = column_at(row, i);
			if (hit(ctx, &hits[k], err) < 0)
				return -1;
		}
	}
	return 0;
}
