/* SPDX-License-Identifier: Apache-2.0 */
/** Secrets: keys, passphrases and identities live only here: locked, guarded, wiped, never dumped. */
#ifndef PICKET_SECRET_H
#define PICKET_SECRET_H

#include <picket/str.h>

/** Owns n bytes of libsodium's guarded memory. Zero-initialise; never copy the struct. */
struct pk_secret {
	uint8_t *p;
	size_t n;
};
/** First use of libsodium; call before anything of lib/crypto. Idempotent. */
PK_NODISCARD int pk_crypto_init(struct pk_err *err);
PK_NODISCARD int pk_secret_new(struct pk_secret *s, size_t n, struct pk_err *err); /* zeroed */
PK_NODISCARD int pk_secret_copy(struct pk_secret *s, const void *p, size_t n, struct pk_err *err);
void pk_secret_done(struct pk_secret *s);
/** Reads a whole small file (at most max bytes) without any copy outside guarded memory. A file that others
 * can read sets *ret_loose (tools warn). */
PK_NODISCARD int pk_secret_read_path(struct pk_secret *s, const char *path, size_t max, bool *ret_loose,
				     struct pk_err *err);
/** The same of what can still be read from a descriptor. */
PK_NODISCARD int pk_secret_read_fd(struct pk_secret *s, int fd, size_t max, bool *ret_loose, struct pk_err *err);
/** Writes a new 0600 file that must not exist yet (PK_OUT_EXCL). */
PK_NODISCARD int pk_secret_write_path(const struct pk_secret *s, const char *path, struct pk_err *err);
/** A passphrase: from descriptor fd (first line) when fd >= 0, otherwise asked on /dev/tty with echo off,
 * twice when `confirm`. An empty one is refused. */
PK_NODISCARD int pk_secret_ask(struct pk_secret *s, const char *prompt, bool confirm, int fd, struct pk_err *err);
void pk_wipe(void *p, size_t n);
void pk_random(void *p, size_t n);

#endif
