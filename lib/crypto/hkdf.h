/* SPDX-License-Identifier: Apache-2.0 */
/** HKDF-SHA-256 (RFC 5869) and the HMAC under it, with keys and salts of any length. */
#ifndef PICKET_CRYPTO_HKDF_H
#define PICKET_CRYPTO_HKDF_H

#include <picket/str.h>

#define HKDF_HASH 32

void pk_hmac_sha256(uint8_t ret[HKDF_HASH], struct pk_str key, struct pk_str data);
void pk_hkdf_extract(uint8_t ret[HKDF_HASH], struct pk_str salt, struct pk_str ikm);
/** n is at most 255 * 32. */
void pk_hkdf_expand(uint8_t *ret, size_t n, const uint8_t prk[HKDF_HASH], struct pk_str info);
/** Extract and expand in one. */
void pk_hkdf(uint8_t *ret, size_t n, struct pk_str ikm, struct pk_str salt, struct pk_str info);

#endif
