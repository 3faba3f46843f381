/* SPDX-License-Identifier: Apache-2.0 */
/* Artefact definitions from anywhere: what is accepted can be found by name, checked, and made into a plan. */
#include <picket/plan.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTO(pk_definitions) d = {0};
	PK_AUTO(pk_strv) names = {0};
	PK_AUTO(pk_plan) plan = {0};
	struct pk_err err = {0};

	if (pk_definitions_load(&d, "fuzz", pk_str_n(data, size), &err) < 0) {
		if (d.n || err.kind == PK_ENONE)
			__builtin_trap();
		return 0;
	}
	for (size_t i = 0; i < d.n; i++) {
		if (pk_definitions_find(&d, pk_str(d.v[i]->name)) != d.v[i] || !d.v[i]->sources_n)
			__builtin_trap();
		if (pk_strv_add(&names, pk_str(d.v[i]->name), NULL) < 0)
			return 0;
	}
	if (pk_definitions_check(&d, NULL) < 0)
		return 0;
	if (pk_plan_build(&plan, &d, NULL, &(struct pk_plan_opts){.artefacts = &names}, NULL) < 0)
		return 0;
	for (size_t i = 0; i < plan.requests_n; i++)
		if (!plan.requests[i].via.n ||
		    (plan.requests[i].pattern[0] != '/' && plan.requests[i].pattern[0] != '%'))
			__builtin_trap();
	return 0;
}
