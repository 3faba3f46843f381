/* SPDX-License-Identifier: Apache-2.0 */
/* What makes a text no signed note, in words: whoever gets one by mail has to know what to ask for. */
#include "noteparts.h"

static int bad(struct pk_err *err, const char *what)
{
	return pk_fail(err, PK_EFORMAT, 0, "not a signed note: %s", what);
}

static int check_text(struct pk_str note, struct pk_err *err)
{
	for (size_t i = 0; i < note.n; i++)
		if (note.p[i] == '\r')
			return bad(err, "it has CR before its line ends, as mail makes them");
		else if ((uint8_t)note.p[i] < 0x20 && note.p[i] != '\n')
			return bad(err, "it has a control character");
	if (!pk_str_is_utf8(note))
		return bad(err, "it is not UTF-8");
	if (!note.n || note.p[note.n - 1] != '\n')
		return bad(err, "its last line has no newline: it was cut, or its end lost");
	if (note.n > 1 && note.p[note.n - 2] == '\n')
		return bad(err, "an empty line is at its end");
	return 0;
}

static int malformed(struct pk_str line, size_t n, struct pk_err *err)
{
	if (pk_str_starts(line, PK_STR("-")) || pk_str_starts(line, PK_STR("\xe2\x80\x93")))
		return pk_fail(
			err, PK_EFORMAT, 0,
			"not a signed note: its signature line %zu begins with no em dash (U+2014): some program "
			"changed it",
			n);
	return pk_fail(err, PK_EFORMAT, 0, "not a signed note: its signature line %zu is malformed", n);
}

int pk_note_check(struct pk_str note, size_t *ret_n, struct pk_err *err)
{
	struct pk_str text, sigs, line, name;
	size_t n = 0;

	if (note.n > PK_MAX_NOTE)
		return pk_fail(err, PK_ELIMIT, 0, "note of %zu bytes (limit %d)", note.n, PK_MAX_NOTE);
	if (check_text(note, err) < 0)
		return -1;
	if (!pk_note_split(note, &text, &sigs))
		return bad(err, "no empty line is before signatures");
	while (pk_str_line(&sigs, &line)) {
		PK_AUTO(pk_buf) raw = {0};

		if (++n > PK_NOTE_MAX_SIGNATURES)
			return pk_fail(err, PK_ELIMIT, 0, "note with more than %d signatures", PK_NOTE_MAX_SIGNATURES);
		if (!pk_note_split_signature(line, &name, &raw))
			return raw.oom ? pk_fail_oom(err) : malformed(line, n, err);
	}
	if (ret_n)
		*ret_n = n;
	return 0;
}
