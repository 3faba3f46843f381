/* SPDX-License-Identifier: Apache-2.0 */
/** The strict "key: value" text of party, roster, ticket, terms, receipt, rewrap, release and handover: one order, nothing optional in the spelling.
 * A reader that re-writes what it understood and compares accepts one text for each meaning (pk_lines_same). */
#ifndef PICKET_BUNDLE_LINES_H
#define PICKET_BUNDLE_LINES_H

#include <picket/time.h>

struct pk_lines {
	const char *what; /* "ticket", for messages */
	struct pk_str rest, key, value;
	unsigned no; /* number of the current line, from 1 */
	bool have;   /* key and value hold a line that nobody took yet */
};
/** Checks the first line, "WHAT: 1", and the last newline. */
PK_NODISCARD int pk_lines_begin(struct pk_lines *l, const char *what, struct pk_str text, struct pk_err *err);
/** Takes the next line, which must have this key. *ret is a slice of the text, printable and not empty. */
PK_NODISCARD int pk_lines_take(struct pk_lines *l, const char *key, struct pk_str *ret, struct pk_err *err);
/** Takes the next line if it has this key. *ret_there says whether. */
PK_NODISCARD int pk_lines_maybe(struct pk_lines *l, const char *key, bool *ret_there, struct pk_str *ret,
				struct pk_err *err);
/** The next line, with a value of a known form. Names go into the heap; hashes are 1 to `max` lines of one key, and are
 * sorted: another order is found by pk_lines_same. */
PK_NODISCARD int pk_lines_take_time(struct pk_lines *l, const char *key, int64_t *ret_sec, struct pk_err *err);
PK_NODISCARD int pk_lines_take_hex(struct pk_lines *l, const char *key, uint8_t *ret, size_t n, struct pk_err *err);
PK_NODISCARD int pk_lines_take_name(struct pk_lines *l, const char *key, char **ret, struct pk_err *err);
PK_NODISCARD int pk_lines_take_hashes(struct pk_lines *l, const char *key, size_t max, struct pk_strv *ret,
				      struct pk_err *err);
/** Takes an empty line if there is one. */
bool pk_lines_blank(struct pk_lines *l);
bool pk_lines_at_end(const struct pk_lines *l);
PK_NODISCARD int pk_lines_end(struct pk_lines *l, struct pk_err *err);
/** PK_EFORMAT that names the line taken last. */
int pk_lines_bad(const struct pk_lines *l, struct pk_err *err, const char *fmt, ...) PK_PRINTF(3, 4);
/** The same with the reason why the value of that line is refused; a failure of ours (no memory) stays what it is. */
int pk_lines_because(const struct pk_lines *l, const struct pk_err *why, struct pk_err *err);
/** Fails when text is not what was written again from its meaning. */
PK_NODISCARD int pk_lines_same(const char *what, struct pk_str text, const struct pk_buf *again, struct pk_err *err);

/** Values. */
bool pk_lines_text_ok(struct pk_str s, size_t max); /* one visible line, no blanks at its ends, not empty */
PK_NODISCARD bool pk_lines_time(struct pk_str s, int64_t *ret_sec); /* RFC 3339 in whole seconds, after 1970 */
struct pk_label;
/** The lines "label", "originator" and "caveats", the last two where there are any. */
PK_NODISCARD int pk_lines_label(struct pk_lines *l, struct pk_label *ret, struct pk_err *err);
void pk_buf_put_label_lines(struct pk_buf *b, const struct pk_label *label);
void pk_buf_put_line_time(struct pk_buf *b, const char *key, int64_t sec);

#endif
