/* SPDX-License-Identifier: Apache-2.0 */
/* Whose signature is it? The roster's parties tried by key number. Private to lib/bundle. */
#ifndef PICKET_BUNDLE_SIGNER_H
#define PICKET_BUNDLE_SIGNER_H

#include <picket/roster.h>

/* The party whose key made this signature over the digest; *ret NULL: nobody's. *ret_named: somebody has a key of
 * that number. Validity and revocation are not judged. */
PK_NODISCARD int pk_signer_find(const uint8_t digest[64], const struct pk_minisign_sig *sig,
				const struct pk_roster *roster, const struct pk_party **ret, bool *ret_named,
				struct pk_err *err);
/* The same for a small text and its signature file, with every refusal in words: the text is altered, or the signer is
 * unknown. `what` names the text: "the receipt". PK_ECRYPTO. */
PK_NODISCARD int pk_signer_of(const char *what, struct pk_str text, struct pk_str sigtext,
			      const struct pk_roster *roster, const struct pk_party **ret, struct pk_err *err);
/* And the signer is not revoked and was valid at that moment. */
PK_NODISCARD int pk_signer_check(const char *what, struct pk_str text, struct pk_str sigtext,
				 const struct pk_roster *roster, struct pk_time at, const struct pk_party **ret,
				 struct pk_err *err);

#endif
