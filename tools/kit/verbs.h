/* SPDX-License-Identifier: Apache-2.0 */
/** The verbs of picket-kit, one a file. */
#ifndef PICKET_TOOLS_KIT_VERBS_H
#define PICKET_TOOLS_KIT_VERBS_H

#include <picket/msg.h>
#include <picket/opt.h>
#include <picket/rules.h>

extern const struct pk_verb kit_build, kit_show;

/* --- rules.c ------------------------------------------------------------------------------------------ */

/** Reads and compiles the rules, and says what of them is broken; before any secret is in memory. The sources come
 * back by the names that they have in a kit. Without one rule left, or with `strict` and any broken, an error. */
PK_NODISCARD int kit_read_rules(const struct pk_strv *paths, bool strict, struct pk_rules *ret, struct pk_err *err);

/* --- indicators.c ------------------------------------------------------------------------------------- */

/** Parses the sets and says what of them will not be looked for; before any secret is in memory. A set that cannot be
 * used at all is an error. */
PK_NODISCARD int kit_check_indicators(const struct pk_strv *paths, struct pk_err *err);
PK_NODISCARD int kit_put_indicators(struct pk_buf *tar, const struct pk_strv *paths, struct pk_err *err);

#endif
