/* SPDX-License-Identifier: Apache-2.0 */
/** Signed notes (C2SP signed-note) with Ed25519 keys, and checkpoints (C2SP tlog-checkpoint) in them.
 * Compatible with golang.org/x/mod/sumdb/note. */
#ifndef PICKET_NOTE_H
#define PICKET_NOTE_H

#include <picket/secret.h>
#include <picket/time.h>

#define PK_MAX_NOTE 1000000 /* bytes of a note, as golang.org/x/mod has it */

/** What an Ed25519 key is for: notes, or cosignatures of others' checkpoints. One key is never both. */
enum pk_note_alg { PK_NOTE_SIGN = 0x01, PK_NOTE_COSIGN = 0x04 };
/** A verifier key "NAME+HHHHHHHH+BASE64": name without spaces or '+', key hash, algorithm | public key. */
struct pk_note_pub {
	enum pk_note_alg alg;
	char name[128];
	uint8_t hash[4];
	uint8_t key[32];
};
struct pk_note_key {
	struct pk_note_pub pub;
	struct pk_secret sk; /* 64 bytes */
};
void pk_note_key_done(struct pk_note_key *k);
PK_NODISCARD int pk_note_generate(struct pk_note_key *k, const char *name, enum pk_note_alg alg, struct pk_err *err);
/** A key of the other kind is PK_EFORMAT and says so. */
PK_NODISCARD int pk_note_pub_parse(struct pk_str text, enum pk_note_alg alg, struct pk_note_pub *ret,
				   struct pk_err *err);
void pk_buf_put_note_pub(struct pk_buf *b, const struct pk_note_pub *pub);
/** "PRIVATE+KEY+NAME+HHHHHHHH+BASE64" as Go's note.NewSigner reads it, and LF. */
PK_NODISCARD int pk_note_key_text(const struct pk_note_key *k, struct pk_secret *ret, struct pk_err *err);
PK_NODISCARD int pk_note_key_parse(struct pk_note_key *k, enum pk_note_alg alg, struct pk_str text, struct pk_err *err);
PK_NODISCARD int pk_note_key_write(const struct pk_note_key *k, const char *path, struct pk_err *err);

/** Appends text (must end in a newline), an empty line and one signature line. */
PK_NODISCARD int pk_note_sign(const struct pk_note_key *k, struct pk_str text, struct pk_buf *ret, struct pk_err *err);
/** Whether it is a signed note, whoever signed it, and of how many signatures (ret_n may be NULL). PK_EFORMAT or PK_ELIMIT
 * says what is wrong with it. */
PK_NODISCARD int pk_note_check(struct pk_str note, size_t *ret_n, struct pk_err *err);
/** Whether it has a signature line of the key "NAME+HHHHHHHH". Whether that signature fits is not asked. */
PK_NODISCARD int pk_note_names(struct pk_str note, struct pk_str key, bool *ret, struct pk_err *err);
/** Whether "NAME+HHHHHHHH" is this key's. */
bool pk_note_is_key(struct pk_str name, const uint8_t hash[4], struct pk_str key);
#define PK_NOTE_ABSENT 1 /* err->code: it has no signature of that key; otherwise one is there and does not fit */
/** *ret_text is the signed text (with its last newline). At least one signature by `pub` must be there and
 * right; other lines are ignored if well-formed. PK_ECRYPTO otherwise. */
PK_NODISCARD int pk_note_verify(const struct pk_note_pub *pub, struct pk_str note, struct pk_str *ret_text,
				struct pk_err *err);

/** The note, which must hold a checkpoint, with one more signature line: a cosignature (C2SP tlog-cosignature) of
 * that moment, in whole seconds. */
PK_NODISCARD int pk_note_cosign(const struct pk_note_key *k, struct pk_str note, struct pk_time at, struct pk_buf *ret,
				struct pk_err *err);
/** When `pub` cosigned this note first. PK_ECRYPTO when it did not, or what it signed was changed. */
PK_NODISCARD int pk_note_cosigned(const struct pk_note_pub *pub, struct pk_str note, struct pk_time *ret_at,
				  struct pk_err *err);
/** The text with the signature lines of both notes, one of each key: those of `kept` (empty: none was), whose text must
 * be the same (else PK_ECRYPTO), then pub[0]'s, then the others in the order that `note` has them. A line that does not
 * fit its key is left out, and so is one of the new note whose key is none of the n; of several cosignatures of a key in
 * one note, the earliest stays. pub[0] must have signed. */
PK_NODISCARD int pk_note_merge(struct pk_str kept, struct pk_str note, const struct pk_note_pub *const *pub, size_t n,
			       struct pk_buf *ret, struct pk_err *err);

/** A checkpoint's text: origin, size, root, then extension lines. */
struct pk_checkpoint {
	struct pk_str origin;
	uint64_t size;
	uint8_t root[32];
	struct pk_str extensions; /* zero or more whole lines */
};
void pk_buf_put_checkpoint(struct pk_buf *b, const struct pk_checkpoint *c);
PK_NODISCARD int pk_checkpoint_parse(struct pk_str text, struct pk_checkpoint *ret, struct pk_err *err);

#endif
