/* SPDX-License-Identifier: Apache-2.0 */
/* Cosignatures of checkpoints (C2SP tlog-cosignature, Ed25519, 0x04): "I saw this log so at that time". */
#include "noteparts.h"

#include <sodium.h>

#define COSIG_RAW 76 /* key hash, time, signature */

/* What is signed: a line that no checkpoint begins with, the time, the text. */
static void put_message(struct pk_buf *b, uint64_t time, struct pk_str text)
{
	pk_buf_putf(b, "cosignature/v1\ntime %llu\n", (unsigned long long)time);
	pk_buf_put_str(b, text);
}

int pk_note_cosign(const struct pk_note_key *k, struct pk_str note, struct pk_time at, struct pk_buf *ret,
		   struct pk_err *err)
{
	struct pk_checkpoint cp;
	struct pk_str text, sigs;
	PK_AUTO(pk_buf) message = {0};
	uint8_t raw[COSIG_RAW];

	if (k->pub.alg != PK_NOTE_COSIGN)
		return pk_fail(err, PK_EINTERNAL, 0, "a key for notes makes no cosignatures");
	if (!pk_note_split(note, &text, &sigs))
		return pk_fail(err, PK_EFORMAT, 0, "not a signed note");
	if (pk_checkpoint_parse(text, &cp, err) < 0)
		return -1;
	if (at.sec < 0)
		return pk_fail(err, PK_EUSAGE, 0, "this station's clock is before 1970");
	put_message(&message, (uint64_t)at.sec, text);
	if (pk_buf_check(&message, err) < 0)
		return -1;
	memcpy(raw, k->pub.hash, 4);
	for (int i = 0; i < 8; i++)
		raw[4 + i] = (uint8_t)((uint64_t)at.sec >> (56 - 8 * i));
	crypto_sign_detached(raw + 12, NULL, (const uint8_t *)message.p, message.n, k->sk.p);
	pk_buf_put_str(ret, note);
	pk_buf_putf(ret, PK_NOTE_DASH "%s ", k->pub.name);
	pk_buf_put_base64(ret, raw, sizeof(raw), true);
	pk_buf_put_c(ret, '\n');
	return pk_buf_check(ret, err);
}

int pk_note_cosigned(const struct pk_note_pub *pub, struct pk_str note, struct pk_time *ret_at, struct pk_err *err)
{
	struct pk_str text, sigs, line, name;
	bool found = false;
	size_t n = 0;

	if (note.n > PK_MAX_NOTE)
		return pk_fail(err, PK_ELIMIT, 0, "note of %zu bytes (limit %d)", note.n, PK_MAX_NOTE);
	if (!pk_note_split(note, &text, &sigs))
		return pk_fail(err, PK_EFORMAT, 0, "not a signed note");
	while (pk_str_line(&sigs, &line)) {
		PK_AUTO(pk_buf) raw = {0};
		PK_AUTO(pk_buf) message = {0};
		uint64_t at = 0;

		if (++n > PK_NOTE_MAX_SIGNATURES)
			return pk_fail(err, PK_ELIMIT, 0, "note with more than %d signatures", PK_NOTE_MAX_SIGNATURES);
		if (!pk_note_split_signature(line, &name, &raw))
			return raw.oom ? pk_fail_oom(err)
				       : pk_fail(err, PK_EFORMAT, 0, "note: signature line %zu is malformed", n);
		if (!pk_str_eq(name, pk_str(pub->name)) || memcmp(raw.p, pub->hash, 4) != 0)
			continue;
		for (size_t i = 4; i < 12 && raw.n == COSIG_RAW; i++)
			at = at << 8 | (uint8_t)raw.p[i];
		put_message(&message, at, text);
		if (pk_buf_check(&message, err) < 0)
			return -1;
		if (raw.n != COSIG_RAW || at > INT64_MAX ||
		    crypto_sign_verify_detached((const uint8_t *)raw.p + 12, (const uint8_t *)message.p, message.n,
						pub->key) != 0)
			return pk_fail(err, PK_ECRYPTO, 0, "the cosignature by '%s' does not fit", pub->name);
		found = true;
		*ret_at = (struct pk_time){.sec = (int64_t)at};
	}
	return found ? 0 : pk_fail_code(err, PK_ECRYPTO, PK_NOTE_ABSENT, "the note is not cosigned by '%s'", pub->name);
}
