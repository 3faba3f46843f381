/* SPDX-License-Identifier: Apache-2.0 */
/* Padding (bundle-format.md, section 3): who sees the sealed file learns its size and, from the outer signature, how many
 * records it has. Padded, both are one of sixteen values between a power of two and the next. Private to lib/bundle. */
#ifndef PICKET_BUNDLE_PADDING_H
#define PICKET_BUNDLE_PADDING_H

#include "format.h"

#define PK_PAD_BYTES (64u << 10)              /* a padded payload is a multiple of this */
#define PK_PAD_RECORDS 64u                    /* and so is the number of records of this */
#define PK_PAD_FIELDS "\"event\":\"padding\"" /* what the added ones say */
#define PK_PADDING_MAGIC 0x184D2A50u

/* n, or the next larger size that something padded may have. `least` is a power of two. */
uint64_t pk_padded(uint64_t n, uint64_t least);
/* max, or the next smaller one: what becomes no larger than it does not pass max when it is padded. */
uint64_t pk_padded_within(uint64_t max, uint64_t least);

/* How many bytes to add to a payload of n, its seek table included: 0 or what frames and their entries can make up. */
uint64_t pk_padding_size(uint64_t n);
/* Of so many left to add, the whole size of the next frame; PK_SEEK_ENTRY more of them are then done. */
uint32_t pk_padding_next(uint64_t left);
/* A padding frame's first bytes; zeros follow. */
#define PK_PADDING_HEAD 8u
void pk_padding_head(uint32_t packed, uint8_t ret[PK_PADDING_HEAD]);
bool pk_padding_size_ok(uint32_t packed);

#endif
