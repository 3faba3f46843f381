/* SPDX-License-Identifier: Apache-2.0 */
/* Sets with one indicator a line: the first byte chooses the kind, the second how the rest is cut into pieces. However
 * it is cut, the same comes of it; and the report of it is whole. */
#include "../../lib/scan/iocset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_in(struct pk_ioc_build *b, const char *name, struct pk_str text, size_t piece)
{
	struct pk_ioc_reader r = {0};

	pk_ioc_reader_begin(&r, b, pk_str(name));
	for (size_t at = 0; at < text.n; at += piece)
		pk_ioc_reader_feed(&r, pk_str_n(text.p + at, PK_MIN(piece, text.n - at)));
	pk_ioc_reader_end(&r);
	pk_ioc_reader_done(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"x.txt",        "hash.txt", "trusted-hash.txt",
					    "filename.txt", "c2.txt",   "keyword.txt"};
	struct pk_ioc_build whole = {0}, cut = {0};
	PK_AUTO(pk_buf) a = {0};
	PK_AUTO(pk_buf) b = {0};
	PK_AUTO(pk_buf) rules = {0};
	struct pk_str text;

	if (size < 2)
		return 0;
	text = pk_str_n(data + 2, size - 2);
	read_in(&whole, names[data[0] % PK_LEN(names)], text, size);
	read_in(&cut, names[data[0] % PK_LEN(names)], text, 1u + data[1]);
	for (size_t i = 0; i < whole.entry_count; i++)
		pk_ioc_put_rule(&rules, &whole, i);
	pk_buf_reset(&rules);
	if (pk_ioc_build_report(&whole, &rules, &a, NULL) < 0 || pk_ioc_build_report(&cut, &rules, &b, NULL) < 0 ||
	    !pk_str_eq(pk_buf_str(&a), pk_buf_str(&b)))
		__builtin_trap();
	pk_ioc_build_done(&whole);
	pk_ioc_build_done(&cut);
	return 0;
}
