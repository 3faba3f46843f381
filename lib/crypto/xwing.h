/* SPDX-License-Identifier: Apache-2.0 */
/** X-Wing (ML-KEM-768 with X25519) and HPKE's base mode on top of it, for age's mlkem768x25519 recipients: who breaks
 * only one of the two has nothing. */
#ifndef PICKET_CRYPTO_XWING_H
#define PICKET_CRYPTO_XWING_H

#include "mlkem.h"

#define XWING_SEED 32
#define XWING_PUBLIC (MLKEM_PUBLIC + 32)
#define XWING_SECRET (MLKEM_SECRET + 32 + 32) /* of both, and the X25519 public key */
#define XWING_SEALED (MLKEM_SEALED + 32)

/** The key pair of a seed; ret_secret belongs into guarded memory. */
void pk_xwing_keys(uint8_t ret_public[XWING_PUBLIC], uint8_t ret_secret[XWING_SECRET], const uint8_t seed[XWING_SEED]);
/** False: the key is weak (a point of low order, or no ML-KEM key). */
PK_NODISCARD bool pk_xwing_seal(uint8_t ret_sealed[XWING_SEALED], uint8_t ret_shared[32],
				const uint8_t pub[XWING_PUBLIC]);
/** False: its X25519 part is a point of low order. */
PK_NODISCARD bool pk_xwing_open(uint8_t ret_shared[32], const uint8_t sealed[XWING_SEALED],
				const uint8_t secret[XWING_SECRET]);
/** HPKE's key and first nonce (HKDF-SHA-256, ChaCha20-Poly1305) for a shared secret. */
void pk_xwing_hpke(uint8_t ret_key[32], uint8_t ret_nonce[12], const uint8_t shared[32], struct pk_str info);

#endif
