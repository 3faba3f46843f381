/* SPDX-License-Identifier: Apache-2.0 */
/** Keccak (FIPS 202): SHA3-256, SHA3-512, SHAKE128, SHAKE256. Time depends on lengths only. */
#ifndef PICKET_CRYPTO_KECCAK_H
#define PICKET_CRYPTO_KECCAK_H

#include <picket/str.h>

struct keccak {
	uint64_t lane[25];
	size_t rate, at;
	uint8_t suffix;
	bool squeezing;
};
/** Begin with one of these, put any number of times, then get: once for SHA3 (32 or 64 bytes), any number of times
 * for SHAKE, where the bytes go on. */
void pk_sha3_256(struct keccak *k);
void pk_sha3_512(struct keccak *k);
void pk_shake128(struct keccak *k);
void pk_shake256(struct keccak *k);
void pk_keccak_put(struct keccak *k, const void *p, size_t n);
void pk_keccak_get(struct keccak *k, void *ret, size_t n);

#endif
