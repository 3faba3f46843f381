/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions of rules, evaluated over a class of files: can the rule be true for any of them? */
#ifndef PICKET_SCAN_COND_H
#define PICKET_SCAN_COND_H

#include "lex.h"

/** What is known of every file of a class. */
struct pk_cond_class {
	bool not_mz;       /* does not begin with "MZ", so the module pe finds nothing in it */
	uint64_t size_min; /* bytes */
	bool no_strings;   /* none of the rule's strings is in it */
};
/** False only when the condition is false or undefined for every file of the class; true when it may hold, and
 * when it is not understood. */
bool pk_cond_may_hold(const struct pk_lextoken *tokens, size_t count, const struct pk_cond_class *cls);

#endif
