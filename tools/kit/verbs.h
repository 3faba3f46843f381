/* SPDX-License-Identifier: Apache-2.0 */
/** The verbs of picket-kit, one a file. */
#ifndef PICKET_TOOLS_KIT_VERBS_H
#define PICKET_TOOLS_KIT_VERBS_H

#include <picket/msg.h>
#include <picket/opt.h>

extern const struct pk_verb kit_build, kit_show;

#endif
