/* SPDX-License-Identifier: Apache-2.0 */
/* STIX patterns: what is not understood leaves nothing behind, and says why. */
#include "../../lib/scan/iocset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pk_ioc_about about = {.score = PK_IOC_NO_SCORE};
	struct pk_ioc_build b = {0};
	const char *why = NULL;

	pk_ioc_build_begin(&b, PK_STR("x.json"));
	if (!pk_ioc_read_pattern(&b, pk_str_n(data, size), &about, &why) &&
	    (!why || b.entry_count + b.hash_count + b.problem_count > 0))
		__builtin_trap();
	pk_ioc_build_done(&b);
	return 0;
}
