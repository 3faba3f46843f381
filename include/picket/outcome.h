/* SPDX-License-Identifier: Apache-2.0 */
/** What became of a path: the words of `outcome` in the record log. */
#ifndef PICKET_OUTCOME_H
#define PICKET_OUTCOME_H

#include <picket/str.h>

enum pk_outcome {
	PK_TAKEN,    /* content stored whole */
	PK_PARTIAL,  /* content stored up to a limit, or it changed while it was read */
	PK_METADATA, /* only metadata was asked for (directories, links, devices, PATH requests, the walk) */
	PK_ABSENT,   /* a definition asks for it and nothing is there */
	PK_SKIPPED,  /* a rule or limit says no: see why */
	PK_DENIED,
	PK_VANISHED,
	PK_FAILED,
};
const char *pk_outcome_name(enum pk_outcome o); /* "taken" */
PK_NODISCARD bool pk_outcome_parse(struct pk_str s, enum pk_outcome *ret);
/** The outcome that an error stands for: vanished (ENOENT, ENOTDIR, ESTALE), denied (EACCES, EPERM), skipped
 * (EREMOTE: a mount that must not be touched), failed (everything else). */
enum pk_outcome pk_outcome_of(const struct pk_err *err);

#endif
