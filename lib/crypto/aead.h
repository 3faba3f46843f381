/* SPDX-License-Identifier: Apache-2.0 */
/** ChaCha20-Poly1305 (RFC 8439) without additional data, for payloads: the fastest there is in this build. */
#ifndef PICKET_CRYPTO_AEAD_H
#define PICKET_CRYPTO_AEAD_H

#include <picket/str.h>

#define AEAD_KEY 32
#define AEAD_NONCE 12
#define AEAD_TAG 16

/** ret gets n + AEAD_TAG bytes and does not overlap p. */
void pk_aead_seal(uint8_t *ret, const uint8_t *p, size_t n, const uint8_t nonce[AEAD_NONCE],
		  const uint8_t key[AEAD_KEY]);
/** n counts the tag and is at least AEAD_TAG; ret gets n - AEAD_TAG bytes, none of them before the tag was found
 * right, and does not overlap p. */
PK_NODISCARD bool pk_aead_open(uint8_t *ret, const uint8_t *p, size_t n, const uint8_t nonce[AEAD_NONCE],
			       const uint8_t key[AEAD_KEY]);

#endif
