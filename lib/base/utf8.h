/* SPDX-License-Identifier: Apache-2.0 */
/** One decoder of UTF-8 (RFC 3629) for checking and for escaping. */
#ifndef PICKET_BASE_UTF8_H
#define PICKET_BASE_UTF8_H

#include <picket/str.h>

/** Length of the well-formed sequence at the start of s (1 to 4) with its code point, or 0. */
size_t pk_utf8_next(struct pk_str s, uint32_t *ret_cp);
/** False for controls, bidi controls, zero-width and other invisible format characters, private use,
 * noncharacters and line separators: what could hide or reorder text on a terminal. */
bool pk_utf8_is_visible(uint32_t cp);

/** pk_buf_put_safe, but a backslash stays as it is: for text of which parts are escaped already. */
void pk_utf8_put_shown(struct pk_buf *b, struct pk_str s);
/** Columns that escaped text takes on a terminal: wide characters take two, combining marks none. */
size_t pk_utf8_columns(struct pk_str s);

#endif
