/* SPDX-License-Identifier: Apache-2.0 */
/** SHA-256, SHA-1 and MD5, with the processor's instructions where it has them (libcrypto's direct calls;
 * libcrypto's configuration file is never read). */
#ifndef PICKET_HASH_H
#define PICKET_HASH_H

#include <picket/str.h>

#define PK_SHA256_SIZE 32

/** Streaming SHA-256; plain data, may be copied to fork the state. */
struct pk_sha256 {
	_Alignas(8) uint8_t state[128];
};
void pk_sha256_init(struct pk_sha256 *h);
void pk_sha256_put(struct pk_sha256 *h, const void *p, size_t n);
void pk_sha256_end(struct pk_sha256 *h, uint8_t ret[PK_SHA256_SIZE]);
void pk_sha256(const void *p, size_t n, uint8_t ret[PK_SHA256_SIZE]);

/** Several hashes in one pass, for IOC sets. */
struct pk_hashes {
	uint8_t md5[16], sha1[20], sha256[32];
};
enum pk_hash_kind { PK_HASH_MD5 = 1, PK_HASH_SHA1 = 2, PK_HASH_SHA256 = 4, PK_HASH_ALL = 7 };
/** Streaming; plain data. Only the kinds asked for cost anything. */
struct pk_hasher {
	unsigned kinds;
	_Alignas(8) uint8_t md5[96], sha1[96];
	struct pk_sha256 sha256;
};
void pk_hasher_init(struct pk_hasher *h, unsigned kinds);
void pk_hasher_put(struct pk_hasher *h, const void *p, size_t n);
/** Fills what was asked for; the rest is zeros. */
void pk_hasher_end(struct pk_hasher *h, struct pk_hashes *ret);
void pk_hash_all(const void *p, size_t n, struct pk_hashes *ret);

#endif
