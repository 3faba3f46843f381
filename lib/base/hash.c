/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes by libcrypto's direct calls: no providers, no configuration file, 4 MB less than EVP in a static tool. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <picket/hash.h>

#include <openssl/md5.h>
#include <openssl/sha.h>

_Static_assert(sizeof(SHA256_CTX) <= sizeof(struct pk_sha256), "struct pk_sha256 holds libcrypto's state");
_Static_assert(_Alignof(SHA256_CTX) <= _Alignof(struct pk_sha256), "and is aligned for it");

static SHA256_CTX *ctx(struct pk_sha256 *h) { return (SHA256_CTX *)(void *)h->state; }

void pk_sha256_init(struct pk_sha256 *h) { SHA256_Init(ctx(h)); }
void pk_sha256_put(struct pk_sha256 *h, const void *p, size_t n) { SHA256_Update(ctx(h), p, n); }
void pk_sha256_end(struct pk_sha256 *h, uint8_t ret[PK_SHA256_SIZE]) { SHA256_Final(ret, ctx(h)); }

void pk_sha256(const void *p, size_t n, uint8_t ret[PK_SHA256_SIZE])
{
	SHA256_CTX c;

	SHA256_Init(&c);
	SHA256_Update(&c, p, n);
	SHA256_Final(ret, &c);
}

void pk_hash_all(const void *p, size_t n, struct pk_hashes *ret)
{
	MD5_CTX md5;
	SHA_CTX sha1;
	const uint8_t *u = p;

	MD5_Init(&md5);
	SHA1_Init(&sha1);
	struct pk_sha256 sha256;

	pk_sha256_init(&sha256);
	while (n) { /* in pieces that stay in the cache for all three */
		size_t part = PK_MIN(n, (size_t)16384);

		MD5_Update(&md5, u, part);
		SHA1_Update(&sha1, u, part);
		pk_sha256_put(&sha256, u, part);
		u += part;
		n -= part;
	}
	MD5_Final(ret->md5, &md5);
	SHA1_Final(ret->sha1, &sha1);
	pk_sha256_end(&sha256, ret->sha256);
}
