/* SPDX-License-Identifier: Apache-2.0 */
/** ML-KEM-768 (FIPS 203). No branch and no index depends on a secret. */
#ifndef PICKET_CRYPTO_MLKEM_H
#define PICKET_CRYPTO_MLKEM_H

#include <picket/str.h>

#define MLKEM_SEED 64
#define MLKEM_PUBLIC 1184
#define MLKEM_SECRET 2400
#define MLKEM_SEALED 1088 /* an encapsulated key */
#define MLKEM_SHARED 32

/** The key pair of a seed (d and z). */
void pk_mlkem_keys(uint8_t ret_public[MLKEM_PUBLIC], uint8_t ret_secret[MLKEM_SECRET], const uint8_t seed[MLKEM_SEED]);
/** False when the bytes are no public key: a coefficient is not below the modulus. */
PK_NODISCARD bool pk_mlkem_check_public(const uint8_t pub[MLKEM_PUBLIC]);
/** A shared secret from 32 random bytes, and what carries it to the holder of the secret key. */
void pk_mlkem_seal(uint8_t ret_sealed[MLKEM_SEALED], uint8_t ret_shared[MLKEM_SHARED], const uint8_t pub[MLKEM_PUBLIC],
		   const uint8_t random[32]);
/** Never fails: bytes that were not sealed for this key give a secret that nobody has. */
void pk_mlkem_open(uint8_t ret_shared[MLKEM_SHARED], const uint8_t sealed[MLKEM_SEALED],
		   const uint8_t secret[MLKEM_SECRET]);

#endif
