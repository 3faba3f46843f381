/* SPDX-License-Identifier: Apache-2.0 */
/* Cosignatures of checkpoints (C2SP tlog-cosignature, Ed25519, 0x04): "I saw this log so at that time"; all that came of
 * one checkpoint in one note. */
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
	size_t start = ret->n, n = 0;

	if (k->pub.alg != PK_NOTE_COSIGN)
		return pk_fail(err, PK_EINTERNAL, 0, "a key for notes makes no cosignatures");
	if (pk_note_check(note, &n, err) < 0)
		return -1;
	if (!pk_note_split(note, &text, &sigs))
		return pk_fail(err, PK_EFORMAT, 0, "not a signed note");
	if (n >= PK_NOTE_MAX_SIGNATURES)
		return pk_fail(err, PK_ELIMIT, 0,
			       "it has %zu signatures, which is all that a note can have: none can be added", n);
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
	if (pk_buf_check(ret, err) < 0)
		return -1;
	return ret->n - start <= PK_MAX_NOTE
		       ? 0
		       : pk_fail(err, PK_ELIMIT, 0, "with a cosignature it would be larger than %d bytes", PK_MAX_NOTE);
}

/* The earliest of that key; each that is there must fit. */
static int find_cosignature(const struct pk_note_pub *pub, struct pk_str note, struct pk_str *ret_line,
			    struct pk_time *ret_at, struct pk_err *err)
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
		if (found && (int64_t)at >= ret_at->sec)
			continue;
		found = true;
		*ret_line = line;
		*ret_at = (struct pk_time){.sec = (int64_t)at};
	}
	return found ? 0 : pk_fail_code(err, PK_ECRYPTO, PK_NOTE_ABSENT, "the note is not cosigned by '%s'", pub->name);
}

int pk_note_cosigned(const struct pk_note_pub *pub, struct pk_str note, struct pk_time *ret_at, struct pk_err *err)
{
	struct pk_str line;

	return find_cosignature(pub, note, &line, ret_at, err);
}

/* --- merging ---------------------------------------------------------------------------------------- */

/* Puts the line unless the key has one already. */
static int put_once(struct pk_str name, const char hash[4], struct pk_str line, struct pk_buf *ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) key = {0};
	bool has = false;

	pk_buf_put_str(&key, name);
	pk_buf_put_c(&key, '+');
	pk_buf_put_hex(&key, hash, 4);
	if (pk_buf_check(&key, err) < 0 || pk_buf_check(ret, err) < 0 ||
	    pk_note_names(pk_buf_str(ret), pk_buf_str(&key), &has, err) < 0)
		return -1;
	if (!has) {
		pk_buf_put_str(ret, line);
		pk_buf_put_c(ret, '\n');
	}
	return pk_buf_check(ret, err);
}

/* Of the key's lines in the note, the one that counts; line: the first of them. An empty one: none fits. */
static int pick_line(const struct pk_note_pub *pub, struct pk_str note, struct pk_str line, struct pk_str *ret,
		     struct pk_err *err)
{
	struct pk_err why = {0};
	struct pk_time at;
	struct pk_str text;

	*ret = line;
	if ((pub->alg == PK_NOTE_SIGN ? pk_note_verify(pub, note, &text, &why)
				      : find_cosignature(pub, note, ret, &at, &why)) == 0)
		return 0;
	*ret = (struct pk_str){0};
	return why.kind == PK_ECRYPTO || why.kind == PK_EFORMAT ? 0 : pk_fail(err, why.kind, why.sys, "%s", why.msg);
}

/* The lines that fit, in their order; all: those of keys that are not known as well. */
static int put_lines(struct pk_str note, const struct pk_note_pub *const *pub, size_t n, bool all, struct pk_buf *ret,
		     struct pk_err *err)
{
	struct pk_str text, sigs, line, name;

	if (!pk_note_split(note, &text, &sigs))
		return pk_fail(err, PK_EFORMAT, 0, "not a signed note");
	while (pk_str_line(&sigs, &line)) {
		PK_AUTO(pk_buf) raw = {0};
		const struct pk_note_pub *of = NULL;

		if (!pk_note_split_signature(line, &name, &raw)) {
			if (raw.oom)
				return pk_fail_oom(err);
			continue;
		}
		for (size_t i = 0; i < n && !of; i++)
			if (pk_str_eq(name, pk_str(pub[i]->name)) && memcmp(raw.p, pub[i]->hash, 4) == 0)
				of = pub[i];
		if (of && pick_line(of, note, line, &line, err) < 0)
			return -1;
		if ((of ? line.n > 0 : all) && put_once(name, raw.p, line, ret, err) < 0)
			return -1;
	}
	return 0;
}

int pk_note_merge(struct pk_str kept, struct pk_str note, const struct pk_note_pub *const *pub, size_t n,
		  struct pk_buf *ret, struct pk_err *err)
{
	struct pk_str text, sigs, older;
	PK_AUTO(pk_buf) merged = {0};

	if (!pk_note_split(note, &text, &sigs) || (kept.n && !pk_note_split(kept, &older, &sigs)))
		return pk_fail(err, PK_EFORMAT, 0, "not a signed note");
	if (kept.n && !pk_str_eq(older, text))
		return pk_fail(err, PK_ECRYPTO, 0, "its text is not that of the note that was kept");
	pk_buf_put_str(&merged, text);
	pk_buf_put_c(&merged, '\n');
	if ((kept.n && put_lines(kept, pub, n, true, &merged, err) < 0) ||
	    put_lines(note, pub, 1, false, &merged, err) < 0 || put_lines(note, pub, n, false, &merged, err) < 0)
		return -1;
	/* still one that can be read */
	if (pk_buf_check(&merged, err) < 0 || pk_note_verify(pub[0], pk_buf_str(&merged), &text, err) < 0)
		return -1;
	pk_buf_put_str(ret, pk_buf_str(&merged));
	return pk_buf_check(ret, err);
}
