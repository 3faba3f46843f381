/* SPDX-License-Identifier: Apache-2.0 */
/* The text of limits, which a kit brings along. */
#include <picket/plan.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTO(pk_limits) l = {0};

	if (pk_limits_load(&l, "fuzz", pk_str_n(data, size), NULL) == 0)
		for (size_t i = 0; i < l.n; i++)
			for (size_t k = 0; k < l.v[i].exclude.n; k++)
				if (l.v[i].exclude.v[k][0] != '/')
					__builtin_trap();
	return 0;
}
