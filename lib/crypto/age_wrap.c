/* SPDX-License-Identifier: Apache-2.0 */
/* Wrapping the file key for one reader, and unwrapping it: X25519, post-quantum and scrypt stanzas. */
#include "age_int.h"

#include <errno.h>
#include <sodium.h>

static const char x25519_label[] = "age-encryption.org/v1/X25519";
static const char hybrid_label[] = "age-encryption.org/mlkem768x25519";
static const char scrypt_label[] = "age-encryption.org/v1/scrypt";
static const uint8_t zero_nonce[crypto_aead_chacha20poly1305_IETF_NPUBBYTES];

static void put_body(struct pk_buf *b, const uint8_t wrap_key[32], const uint8_t nonce[12],
		     const uint8_t key[AGE_FILE_KEY])
{
	uint8_t body[AGE_BODY];

	crypto_aead_chacha20poly1305_ietf_encrypt(body, NULL, key, AGE_FILE_KEY, NULL, 0, NULL, nonce, wrap_key);
	pk_buf_put_base64(b, body, sizeof(body), false); /* 43 columns: one line, and shorter than 64 */
	pk_buf_put_c(b, '\n');
}

static bool open_body(const struct age_stanza *st, const uint8_t wrap_key[32], const uint8_t nonce[12],
		      uint8_t ret_key[AGE_FILE_KEY])
{
	return crypto_aead_chacha20poly1305_ietf_decrypt(ret_key, NULL, NULL, st->body, AGE_BODY, NULL, 0, nonce,
							 wrap_key) == 0;
}

static void x25519_wrap_key(uint8_t ret[32], const uint8_t shared[32], const uint8_t share[32], const uint8_t pub[32])
{
	uint8_t salt[64];

	memcpy(salt, share, 32);
	memcpy(salt + 32, pub, 32);
	pk_hkdf(ret, 32, pk_str_n(shared, 32), pk_str_n(salt, sizeof(salt)), PK_STR(x25519_label));
}

int age_wrap_x25519(struct pk_buf *b, const uint8_t pub[32], const uint8_t key[AGE_FILE_KEY], struct pk_err *err)
{
	uint8_t secret[32], share[32], shared[32], wrap_key[32];
	int r = 0;

	randombytes_buf(secret, sizeof(secret));
	crypto_scalarmult_base(share, secret);
	if (crypto_scalarmult(shared, secret, pub) != 0) {
		r = pk_fail(err, PK_EFORMAT, 0, "a recipient is a weak key (a point of low order)");
	} else {
		x25519_wrap_key(wrap_key, shared, share, pub);
		pk_buf_puts(b, "-> X25519 ");
		pk_buf_put_base64(b, share, sizeof(share), false);
		pk_buf_put_c(b, '\n');
		put_body(b, wrap_key, zero_nonce, key);
	}
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(shared, sizeof(shared));
	sodium_memzero(wrap_key, sizeof(wrap_key));
	return r;
}

int age_unwrap_x25519(const struct age_stanza *st, const uint8_t secret[32], const uint8_t pub[32], bool *ret_match,
		      uint8_t ret_key[AGE_FILE_KEY], struct pk_err *err)
{
	uint8_t shared[32], wrap_key[32];

	if (crypto_scalarmult(shared, secret, st->share) != 0)
		return AGE_HEADER_FAIL(err,
				       "malformed header: the share of an X25519 recipient is a point of low order");
	x25519_wrap_key(wrap_key, shared, st->share, pub);
	*ret_match = open_body(st, wrap_key, zero_nonce, ret_key);
	sodium_memzero(shared, sizeof(shared));
	sodium_memzero(wrap_key, sizeof(wrap_key));
	return 0;
}

int age_wrap_hybrid(struct pk_buf *b, const uint8_t pub[PK_AGE_HYBRID_KEY], const uint8_t key[AGE_FILE_KEY],
		    struct pk_err *err)
{
	uint8_t sealed[XWING_SEALED], shared[32], wrap_key[32], nonce[12];

	if (!pk_xwing_seal(sealed, shared, pub))
		return pk_fail(err, PK_EFORMAT, 0, "a post-quantum recipient is no valid key");
	pk_xwing_hpke(wrap_key, nonce, shared, PK_STR(hybrid_label));
	pk_buf_puts(b, "-> mlkem768x25519 ");
	pk_buf_put_base64(b, sealed, sizeof(sealed), false);
	pk_buf_put_c(b, '\n');
	put_body(b, wrap_key, nonce, key);
	sodium_memzero(shared, sizeof(shared));
	sodium_memzero(wrap_key, sizeof(wrap_key));
	return 0;
}

int age_unwrap_hybrid(const struct age_stanza *st, const uint8_t secret[XWING_SECRET], bool *ret_match,
		      uint8_t ret_key[AGE_FILE_KEY], struct pk_err *err)
{
	uint8_t sealed[XWING_SEALED], shared[32], wrap_key[32], nonce[12];

	if (!pk_base64_decode_n(st->arg, false, sealed, sizeof(sealed)) || !pk_xwing_open(shared, sealed, secret))
		return AGE_HEADER_FAIL(
			err, "malformed header: the share of a post-quantum recipient is a point of low order");
	pk_xwing_hpke(wrap_key, nonce, shared, PK_STR(hybrid_label));
	*ret_match = open_body(st, wrap_key, nonce, ret_key);
	sodium_memzero(shared, sizeof(shared));
	sodium_memzero(wrap_key, sizeof(wrap_key));
	return 0;
}

static int scrypt_wrap_key(uint8_t ret[32], const struct pk_secret *pass, const uint8_t salt[AGE_SALT],
			   unsigned work_factor, struct pk_err *err)
{
	uint8_t labelled[sizeof(scrypt_label) - 1 + AGE_SALT];

	memcpy(labelled, scrypt_label, sizeof(scrypt_label) - 1);
	memcpy(labelled + sizeof(scrypt_label) - 1, salt, AGE_SALT);
	errno = 0;
	if (crypto_pwhash_scryptsalsa208sha256_ll(pass->p, pass->n, labelled, sizeof(labelled),
						  (uint64_t)1 << work_factor, 8, 1, ret, 32) != 0)
		return pk_fail(err, PK_ESYS, errno ? errno : ENOMEM,
			       "cannot work out the passphrase's key, which takes %llu MiB of memory",
			       (unsigned long long)1 << work_factor >> 10);
	return 0;
}

int age_wrap_scrypt(struct pk_buf *b, const struct pk_secret *pass, unsigned work_factor,
		    const uint8_t key[AGE_FILE_KEY], struct pk_err *err)
{
	uint8_t salt[AGE_SALT], wrap_key[32];

	work_factor = work_factor ? work_factor : 18;
	if (work_factor > AGE_MAX_WORK_FACTOR)
		return pk_fail(err, PK_EUSAGE, 0, "work factor %u is above the limit of %d", work_factor,
			       AGE_MAX_WORK_FACTOR);
	randombytes_buf(salt, sizeof(salt));
	if (scrypt_wrap_key(wrap_key, pass, salt, work_factor, err) < 0)
		return -1;
	pk_buf_puts(b, "-> scrypt ");
	pk_buf_put_base64(b, salt, sizeof(salt), false);
	pk_buf_putf(b, " %u\n", work_factor);
	put_body(b, wrap_key, zero_nonce, key);
	sodium_memzero(wrap_key, sizeof(wrap_key));
	return 0;
}

int age_unwrap_scrypt(const struct age_stanza *st, const struct pk_secret *pass, bool *ret_match,
		      uint8_t ret_key[AGE_FILE_KEY], struct pk_err *err)
{
	uint8_t wrap_key[32];

	if (scrypt_wrap_key(wrap_key, pass, st->share, st->work_factor, err) < 0)
		return -1;
	*ret_match = open_body(st, wrap_key, zero_nonce, ret_key);
	sodium_memzero(wrap_key, sizeof(wrap_key));
	return 0;
}
