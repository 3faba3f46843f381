/* SPDX-License-Identifier: Apache-2.0 */
/* What making and judging a share decide alike. Private to lib/bundle. */
#ifndef PICKET_BUNDLE_SHAREJUDGE_H
#define PICKET_BUNDLE_SHAREJUDGE_H

#include <picket/share.h>

/** The ticket of a bundle that came in some time ago: at its last valid moment, if that is past; and its issuer is not
 * revoked `now`, unless a receipt that holds (or NULL), of neither the issuer nor the sharer (NULL: not known yet), is of
 * before that. As pk_ticket_check. */
PK_NODISCARD int pk_source_check(const struct pk_share_source *s, const struct pk_receipt *held, const char *sharer,
				 const struct pk_roster *roster, struct pk_time now, enum pk_trust_status *ret,
				 const struct pk_party **ret_issuer, struct pk_err *err);
/** Its label and those of all handovers on its way. *ret need not be initialised. */
PK_NODISCARD int pk_source_label(const struct pk_share_source *s, struct pk_label *ret, struct pk_err *err);
/** Whether a label permits nothing that `limit` does not. */
PK_NODISCARD int pk_label_within(const struct pk_label *l, const struct pk_label *limit, bool *ret, struct pk_err *err);

#endif
