/* SPDX-License-Identifier: Apache-2.0 */
/** The verbs of picket-kit, one a file. */
#ifndef PICKET_TOOLS_KIT_VERBS_H
#define PICKET_TOOLS_KIT_VERBS_H

#include <picket/msg.h>
#include <picket/opt.h>

extern const struct pk_verb kit_build, kit_show;

/* --- indicators.c ------------------------------------------------------------------------------------- */

/** Parses the sets and says what of them will not be looked for; before any secret is in memory. A set that cannot be
 * used at all is an error. */
PK_NODISCARD int kit_check_indicators(const struct pk_strv *paths, struct pk_err *err);
PK_NODISCARD int kit_put_indicators(struct pk_buf *tar, const struct pk_strv *paths, struct pk_err *err);

#endif
