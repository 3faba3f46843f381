/* SPDX-License-Identifier: Apache-2.0 */
/* Which rules can be left out for a class of files. */
#ifndef PICKET_SCAN_PART_H
#define PICKET_SCAN_PART_H

#include "cond.h"

#include <picket/rules.h>

/** The sources without the rules that cannot hit a file of the class, and without the imports that nothing uses
 * then. Rules that use the module pe where it can only matter together with one of their strings become triggers:
 * rules of the same name that are true when any of their strings is there; a file that sets one off must be
 * scanned with all rules. `skip` (by source) leaves whole sources out. What is not understood stays as it is.
 * *ret_triggers gets "NAMESPACE\nNAME" of each trigger. *ret_left_out counts rules and imports gone. */
PK_NODISCARD int pk_part_reduce(const struct pk_rules *rules, const bool *skip, const struct pk_cond_class *cls,
				struct pk_rules *ret, struct pk_strv *ret_triggers, size_t *ret_left_out,
				struct pk_err *err);

/** Marks, of the rules of one source in their order, all that name a marked one, or one that is then marked. False:
 * the text is not understood, any rule may name any earlier one. */
bool pk_part_dependents(struct pk_str text, const char *const *names, size_t n, bool *marked);

/** Appends the text without the import of `module`, the rules that use it, and those that name such a rule; `dropped`
 * is told each with its line. False: not understood, or a global rule is among them; *ret is then of no use. */
bool pk_part_without(struct pk_str text, struct pk_str module, struct pk_buf *ret,
		     void (*dropped)(void *ctx, struct pk_str rule, uint64_t line), void *ctx);

#endif
