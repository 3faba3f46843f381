/* SPDX-License-Identifier: Apache-2.0 */
/* Words for what became of a path. */
#include <picket/outcome.h>

#include <errno.h>

static const char *const names[] = {
	[PK_TAKEN] = "taken",     [PK_PARTIAL] = "partial", [PK_METADATA] = "metadata", [PK_ABSENT] = "absent",
	[PK_SKIPPED] = "skipped", [PK_DENIED] = "denied",   [PK_VANISHED] = "vanished", [PK_FAILED] = "failed",
};

const char *pk_outcome_name(enum pk_outcome o) { return (size_t)o < PK_LEN(names) ? names[o] : "failed"; }

bool pk_outcome_parse(struct pk_str s, enum pk_outcome *ret)
{
	for (size_t i = 0; i < PK_LEN(names); i++)
		if (pk_str_eq(s, pk_str(names[i]))) {
			*ret = (enum pk_outcome)i;
			return true;
		}
	return false;
}

enum pk_outcome pk_outcome_of(const struct pk_err *err)
{
	switch (err->sys) {
	case ENOENT:
	case ENOTDIR:
	case ESTALE: return PK_VANISHED;
	case EACCES:
	case EPERM: return PK_DENIED;
	case EREMOTE: return PK_SKIPPED;
	default: return PK_FAILED;
	}
}
