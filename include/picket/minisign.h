/* SPDX-License-Identifier: Apache-2.0 */
/** minisign: Ed25519 over BLAKE2b-512 ("ED", prehashed), files as the stock tool reads and writes them.
 * The legacy "Ed" form is refused. Both signatures (file, trusted comment) are always checked. */
#ifndef PICKET_MINISIGN_H
#define PICKET_MINISIGN_H

#include <picket/io.h>
#include <picket/secret.h>

#define PK_MINISIGN_MAX_COMMENT 2000 /* bytes of a trusted comment we write */
#define PK_MINISIGN_MAX_READ 16384   /* bytes of a key or signature file we read */

struct pk_minisign_pub {
	uint8_t keynum[8];
	uint8_t key[32];
};
struct pk_minisign_key {
	struct pk_minisign_pub pub;
	struct pk_secret sk; /* 64 bytes, libsodium's Ed25519 form */
};
void pk_minisign_key_done(struct pk_minisign_key *k);
PK_NODISCARD int pk_minisign_generate(struct pk_minisign_key *k, struct pk_err *err);
/** Secret key file in stock form; passphrase NULL: unencrypted ("-W"). One that the stock tool cannot take is PK_ELIMIT. */
PK_NODISCARD int pk_minisign_key_write(const struct pk_minisign_key *k, const char *path,
				       const struct pk_secret *passphrase, struct pk_err *err);
/** Of such a file's text; asks pk_secret_ask(passphrase_fd) when it is encrypted. */
PK_NODISCARD int pk_minisign_key_parse(struct pk_minisign_key *k, struct pk_str text, int passphrase_fd,
				       struct pk_err *err);
/** Whether the text is a key file that needs a passphrase. */
bool pk_minisign_key_is_locked(struct pk_str text);
/** As parse, but with the passphrase in hand (NULL: refuse a locked key). */
PK_NODISCARD int pk_minisign_key_open(struct pk_minisign_key *k, struct pk_str text, const struct pk_secret *passphrase,
				      struct pk_err *err);
/** The secret key as text of an unencrypted key file (for tickets inside kits). */
PK_NODISCARD int pk_minisign_key_text(const struct pk_minisign_key *k, struct pk_secret *ret, struct pk_err *err);
/** "RW..." base64, the second line of a public key file. */
void pk_buf_put_minisign_pub(struct pk_buf *b, const struct pk_minisign_pub *pub);
/** Accepts the bare base64 line or a whole file, of which only the second line matters. */
PK_NODISCARD int pk_minisign_pub_parse(struct pk_str text, struct pk_minisign_pub *ret, struct pk_err *err);
/** A whole public key file, comment line included. */
void pk_buf_put_minisign_pubfile(struct pk_buf *b, const struct pk_minisign_pub *pub);
bool pk_minisign_pub_eq(const struct pk_minisign_pub *a, const struct pk_minisign_pub *b);

/** BLAKE2b-512 of what is signed, streamed. */
struct pk_blake2b {
	_Alignas(64) uint8_t state[384];
};
void pk_blake2b_init(struct pk_blake2b *h);
void pk_blake2b_put(struct pk_blake2b *h, const void *p, size_t n);
void pk_blake2b_end(struct pk_blake2b *h, uint8_t ret[64]);
/** Of these bytes alone. */
void pk_blake2b(const void *p, size_t n, uint8_t ret[64]);

/** Appends the four lines of a signature file over a digest. trusted: one line of printable UTF-8 and tabs. */
PK_NODISCARD int pk_minisign_sign(const struct pk_minisign_key *k, const uint8_t digest[64], const char *trusted,
				  struct pk_buf *ret, struct pk_err *err);
PK_NODISCARD int pk_minisign_sign_bytes(const struct pk_minisign_key *k, struct pk_str data, const char *trusted,
					struct pk_buf *ret, struct pk_err *err);
/** Parsed signature file; slices into the text. */
struct pk_minisign_sig {
	uint8_t keynum[8];
	uint8_t sig[64], global_sig[64];
	struct pk_str trusted; /* only to be believed after verification */
};
/** Of a signature of a text of ours: its trusted comment shows everything it holds. */
PK_NODISCARD int pk_minisign_sig_parse(struct pk_str text, struct pk_minisign_sig *ret, struct pk_err *err);
/** Of any file, by whatever program: the comment is UTF-8 without control characters other than tabs, and to be escaped
 * where it is shown. */
PK_NODISCARD int pk_minisign_sig_parse_any(struct pk_str text, struct pk_minisign_sig *ret, struct pk_err *err);
/** PK_ECRYPTO when any of it does not fit; a key number that differs is said in words. */
PK_NODISCARD int pk_minisign_verify(const struct pk_minisign_pub *pub, const uint8_t digest[64],
				    const struct pk_minisign_sig *sig, struct pk_err *err);
/** Whether that key made it, of whatever file. */
PK_NODISCARD int pk_minisign_is_by(const struct pk_minisign_pub *pub, const struct pk_minisign_sig *sig, bool *ret,
				   struct pk_err *err);
PK_NODISCARD int pk_minisign_verify_bytes(const struct pk_minisign_pub *pub, struct pk_str data, struct pk_str sigtext,
					  struct pk_str *ret_trusted, struct pk_err *err);
/** BLAKE2b-512 of an open file from its start (of a pipe: from where it is) to its end. */
PK_NODISCARD int pk_minisign_digest_fd(int fd, uint8_t ret[64], struct pk_err *err);

#endif
