/* SPDX-License-Identifier: Apache-2.0 */
/* Archives: whatever is in one, its records are well-formed; and whatever a process says, the parser of records keeps its
 * bounds. The first byte chooses. */
#include "../../lib/scan/unpack.h"

#include <stdlib.h>

#define MAX_OUT (1u << 20) /* of one archive: then nobody listens any more */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libarchive asks for as much memory as an archive says, which is no mistake here: the unpacker has a limit of its own and
 * then tells that there was none. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char limit[] = "-malloc_limit_mb=1000000";
	char **all = calloc((size_t)*argc + 2, sizeof(*all));

	if (!all)
		abort();
	memcpy(all, *argv, (size_t)*argc * sizeof(*all));
	all[(*argc)++] = limit;
	*argv = all;
	return 0;
}

/* Every byte of a name and of data is looked at. */
static void parse_all(struct pk_str stream, bool is_ours)
{
	struct pk_unpack_event e = {0};
	volatile uint8_t sum = 0;
	struct pk_unpack_order order = {.started = true};

	for (int n = 1; n > 0;) {
		n = pk_unpack_parse(stream, &e);
		if (n <= 0 && is_ours && stream.n > 0)
			__builtin_trap();
		if (n <= 0)
			return;
		for (size_t i = 0; i < e.bytes.n; i++)
			sum = (uint8_t)(sum + (uint8_t)e.bytes.p[i]);
		if (!pk_unpack_in_order(&order, &e) && is_ours)
			__builtin_trap();
		stream = pk_str_n(stream.p + n, stream.n - (size_t)n);
	}
}

static int keep(void *ctx, const void *p, size_t n, struct pk_err *err)
{
	struct pk_buf *b = ctx;

	if (b->n + n > MAX_OUT)
		return pk_fail(err, PK_ELIMIT, 0, "enough");
	pk_buf_put(b, p, n);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTO(pk_buf) out = {0};
	struct pk_unpack_input in = {.fd = -1};

	if (size == 0)
		return 0;
	if (data[0] == 'R') {
		parse_all(pk_str_n(data + 1, size - 1), false);
		return 0;
	}
	in.p = data + 1;
	in.n = size - 1;
	(void)pk_unpack_guess(pk_str_n(in.p, (size_t)in.n), pk_str_n(in.p, (size_t)in.n));
	pk_unpack_read(&in, (struct pk_sink){keep, &out});
	parse_all(pk_buf_str(&out), true);
	return 0;
}
