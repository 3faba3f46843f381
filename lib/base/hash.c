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

_Static_assert(sizeof(MD5_CTX) <= sizeof(((struct pk_hasher *)0)->md5), "struct pk_hasher holds MD5's state");
_Static_assert(sizeof(SHA_CTX) <= sizeof(((struct pk_hasher *)0)->sha1), "and SHA-1's");

static MD5_CTX *md5_ctx(struct pk_hasher *h) { return (MD5_CTX *)(void *)h->md5; }

static SHA_CTX *sha1_ctx(struct pk_hasher *h) { return (SHA_CTX *)(void *)h->sha1; }

void pk_hasher_init(struct pk_hasher *h, unsigned kinds)
{
	h->kinds = kinds;
	if (kinds & PK_HASH_MD5)
		MD5_Init(md5_ctx(h));
	if (kinds & PK_HASH_SHA1)
		SHA1_Init(sha1_ctx(h));
	if (kinds & PK_HASH_SHA256)
		pk_sha256_init(&h->sha256);
}

void pk_hasher_put(struct pk_hasher *h, const void *p, size_t n)
{
	const uint8_t *u = p;

	while (n) { /* in pieces that stay in the cache for all of them */
		size_t part = PK_MIN(n, (size_t)16384);

		if (h->kinds & PK_HASH_MD5)
			MD5_Update(md5_ctx(h), u, part);
		if (h->kinds & PK_HASH_SHA1)
			SHA1_Update(sha1_ctx(h), u, part);
		if (h->kinds & PK_HASH_SHA256)
			pk_sha256_put(&h->sha256, u, part);
		u += part;
		n -= part;
	}
}

void pk_hasher_end(struct pk_hasher *h, struct pk_hashes *ret)
{
	*ret = (struct pk_hashes){0};
	if (h->kinds & PK_HASH_MD5)
		MD5_Final(ret->md5, md5_ctx(h));
	if (h->kinds & PK_HASH_SHA1)
		SHA1_Final(ret->sha1, sha1_ctx(h));
	if (h->kinds & PK_HASH_SHA256)
		pk_sha256_end(&h->sha256, ret->sha256);
}

void pk_hash_all(const void *p, size_t n, struct pk_hashes *ret)
{
	struct pk_hasher h;

	pk_hasher_init(&h, PK_HASH_ALL);
	pk_hasher_put(&h, p, n);
	pk_hasher_end(&h, ret);
}
