/* SPDX-License-Identifier: Apache-2.0 */
/* STIX bundles and MISP events: every entry is taken, told as a problem, or none of ours; nothing is half-taken. */
#include "../../lib/scan/iocset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk_ioc_build b = {0};
	PK_AUTO(pk_buf) rules = {0};
	PK_AUTO(pk_buf) report = {0};

	pk_ioc_build_begin(&b, PK_STR("x.json"));
	pk_ioc_read_json(&b, pk_str_n(data, size));
	if (b.sets[0].indicators != b.entry_count + b.hash_count)
		__builtin_trap();
	if (b.sets[0].not_evaluated > 0 && b.problem_count == 0)
		__builtin_trap();
	for (size_t i = 0; i < b.entry_count; i++)
		pk_ioc_put_rule(&rules, &b, i);
	if (pk_ioc_build_report(&b, &rules, &report, NULL) < 0)
		__builtin_trap();
	pk_ioc_build_done(&b);
	return 0;
}
