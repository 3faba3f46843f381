/* SPDX-License-Identifier: Apache-2.0 */
/** Bech32 (BIP 173) without its length limit, as age uses it. Makes no copies of what it reads or writes, so that
 * it can work on secrets in guarded memory. */
#ifndef PICKET_CRYPTO_BECH32_H
#define PICKET_CRYPTO_BECH32_H

#include <picket/str.h>

/** Length of the text for n bytes: hrp, "1", the data, six of checksum. */
size_t pk_bech32_length(size_t hrp_n, size_t n);
/** Writes exactly that many characters; upper case when hrp is. */
void pk_bech32_encode(char *ret, struct pk_str hrp, const void *p, size_t n);
/** What stands before the last "1"; empty when there is none. */
struct pk_str pk_bech32_hrp(struct pk_str text);
/** The hrp must be exactly this one (case too) and the data exactly n bytes. Fails with PK_EFORMAT and says what
 * is wrong, never quoting the text; *ret is then unspecified. */
PK_NODISCARD int pk_bech32_decode(struct pk_str text, struct pk_str hrp, void *ret, size_t n, struct pk_err *err);

#endif
