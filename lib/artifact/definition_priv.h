/* SPDX-License-Identifier: Apache-2.0 */
/** Between the parser of definitions and the set that holds them. */
#ifndef PICKET_ARTIFACT_DEFINITION_PRIV_H
#define PICKET_ARTIFACT_DEFINITION_PRIV_H

#include <picket/definition.h>

struct deflist {
	struct pk_definition **v;
	size_t n, cap;
};
void deflist_done(struct deflist *l);
void pk_definition_free(struct pk_definition *def);
/** All definitions of one text, each checked by itself. */
PK_NODISCARD int definitions_parse(const char *name, struct pk_str text, struct deflist *ret, struct pk_err *err);

/** One bit, or 0 for a word that is none (case counts). */
unsigned os_from_name(const char *name);
bool srctype_from_name(const char *name, enum pk_srctype *ret);

#endif
