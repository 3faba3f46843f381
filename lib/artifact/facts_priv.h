/* SPDX-License-Identifier: Apache-2.0 */
/** Pieces of pk_facts_read. */
#ifndef PICKET_ARTIFACT_FACTS_PRIV_H
#define PICKET_ARTIFACT_FACTS_PRIV_H

#include <picket/facts.h>

PK_NODISCARD int facts_note(struct pk_facts *f, struct pk_err *err, const char *fmt, ...) PK_PRINTF(3, 4);
/** Fills homes from the users read so far, /home and /root. */
PK_NODISCARD int facts_homes(struct pk_facts *f, const struct pk_root *root, struct pk_err *err);
/** Fills root_uuid on a live host where some way tells it. */
PK_NODISCARD int facts_root_uuid(struct pk_facts *f, const struct pk_root *root, struct pk_err *err);

#endif
