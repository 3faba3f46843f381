/* SPDX-License-Identifier: Apache-2.0 */
/** A party's lines inside a larger text (the roster). */
#ifndef PICKET_BUNDLE_PARTY_H
#define PICKET_BUNDLE_PARTY_H

#include <picket/roster.h>

struct pk_lines;
#define PK_PARTY_MAX_RECIPIENTS 16

/** The Ed25519 keys that it has, whatever they sign; at most PK_PARTY_KEYS. */
struct pk_party_key {
	const char *what; /* "signing key" */
	const uint8_t *key;
};
#define PK_PARTY_KEYS 3
size_t pk_party_keys(const struct pk_party *p, struct pk_party_key ret[PK_PARTY_KEYS]);

PK_NODISCARD int pk_party_parse_lines(struct pk_lines *l, struct pk_party *ret, struct pk_err *err);
void pk_buf_put_party_lines(struct pk_buf *b, const struct pk_party *p);

#endif
