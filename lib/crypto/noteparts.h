/* SPDX-License-Identifier: Apache-2.0 */
/** Inside lib/crypto: the parts of a signed note, for signatures and cosignatures. */
#ifndef PICKET_CRYPTO_NOTEPARTS_H
#define PICKET_CRYPTO_NOTEPARTS_H

#include <picket/note.h>

#define PK_NOTE_DASH "\xe2\x80\x94 " /* em dash and space: how a signature line begins */
#define PK_NOTE_MAX_SIGNATURES 100

/** Where the signatures begin: after the last empty line. */
bool pk_note_split(struct pk_str note, struct pk_str *ret_text, struct pk_str *ret_sigs);
/** "- NAME BASE64". Appends the decoded bytes (key hash first) to raw. */
bool pk_note_split_signature(struct pk_str line, struct pk_str *ret_name, struct pk_buf *raw);

#endif
