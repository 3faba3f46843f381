/* SPDX-License-Identifier: Apache-2.0 */
/** What the option parser shares with its generators. */
#ifndef PICKET_BASE_OPT_H
#define PICKET_BASE_OPT_H

#include <picket/opt.h>

static inline bool pk_opt_takes_arg(const struct pk_opt *o)
{
	return o->type != PK_OPT_FLAG && o->type != PK_OPT_COUNT;
}

/** The built-in --help and --version, ended like any table. */
extern const struct pk_opt pk_opt_builtin[];

/** True for a tool of verbs. */
static inline bool pk_tool_has_verbs(const struct pk_tool *t) { return t->verbs[0].name != NULL; }

/** Verbs end at the one that has nothing to run. */
#define PK_EACH_VERB(v, tool) for (const struct pk_verb *v = (tool)->verbs; v->run; v++)
#define PK_EACH_OPT(o, table) for (const struct pk_opt *o = (table); o && o->name; o++)

/** "picket-case import [options] CASE BUNDLE..." */
void pk_opt_put_synopsis(struct pk_buf *b, const struct pk_tool *tool, const struct pk_verb *verb);
/** --help of a tool (verb NULL) or of a verb. */
void pk_opt_put_help(struct pk_buf *b, const struct pk_tool *tool, const struct pk_verb *verb);
/** --dump=KIND; false for a kind there is not. */
bool pk_opt_put_dump(struct pk_buf *b, const struct pk_tool *tool, struct pk_str kind);

#endif
