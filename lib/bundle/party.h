/* SPDX-License-Identifier: Apache-2.0 */
/** A party's lines inside a larger text (the roster). */
#ifndef PICKET_BUNDLE_PARTY_H
#define PICKET_BUNDLE_PARTY_H

#include <picket/roster.h>

struct pk_lines;
#define PK_PARTY_MAX_RECIPIENTS 16

PK_NODISCARD int pk_party_parse_lines(struct pk_lines *l, struct pk_party *ret, struct pk_err *err);
void pk_buf_put_party_lines(struct pk_buf *b, const struct pk_party *p);

#endif
