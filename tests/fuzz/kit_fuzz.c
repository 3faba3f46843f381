/* SPDX-License-Identifier: Apache-2.0 */
/* A kit's mission file and tar, as hostile bytes. */
#include <picket/kit.h>
#include <picket/mission.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int ignore(void *ctx, struct pk_str name, struct pk_str bytes, struct pk_err *err)
{
	(void)ctx, (void)name, (void)bytes, (void)err;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTO(pk_mission) m = {0};
	struct pk_err err = {0};

	if (pk_mission_parse(pk_str_n(data, size), &m, &err) < 0 && err.kind == PK_ENONE)
		__builtin_trap();
	if (pk_kit_each_in(pk_str_n(data, size), "", ignore, NULL, &err) < 0 && err.kind == PK_ENONE)
		__builtin_trap();
	return 0;
}
