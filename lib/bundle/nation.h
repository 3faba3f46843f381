/* SPDX-License-Identifier: Apache-2.0 */
/** Groups of nations (pk_nation_is_known is in label.h). */
#ifndef PICKET_BUNDLE_NATION_H
#define PICKET_BUNDLE_NATION_H

#include <picket/str.h>

/** The group's nations, comma-separated, or an empty string when there is no such group. */
struct pk_str pk_nation_group(struct pk_str name);

#endif
