/* SPDX-License-Identifier: Apache-2.0 */
/** Slices of bytes, cursors that read them, and buffers that build them.
 *
 * Parsed input is a `struct pk_str` into memory that someone else owns. Text is built only in `struct pk_buf`. */
#ifndef PICKET_STR_H
#define PICKET_STR_H

#include <string.h>
#include <picket/err.h>

/* --- slices: never owning, not NUL-terminated ------------------------------------------------------- */

struct pk_str {
	const char *p;
	size_t n;
};
#define PK_STR(literal) ((struct pk_str){(literal), sizeof(literal) - 1})
#define PK_STR_ARG(s) (int)PK_MIN((s).n, (size_t)400), (s).p /* for "%.*s" in messages */

static inline struct pk_str pk_str(const char *z) { return (struct pk_str){z, z ? strlen(z) : 0}; }
static inline struct pk_str pk_str_n(const void *p, size_t n) { return (struct pk_str){(const char *)p, n}; }
bool pk_str_eq(struct pk_str a, struct pk_str b);
bool pk_str_starts(struct pk_str s, struct pk_str prefix);
bool pk_str_ends(struct pk_str s, struct pk_str suffix);
/** The suffix is in lower case; ASCII letters of s may be in upper case. */
bool pk_str_ends_nocase(struct pk_str s, struct pk_str suffix);
int pk_str_cmp(struct pk_str a, struct pk_str b); /* bytewise, as memcmp; the shorter is less */
/** Offset of the first byte c, or s.n. */
size_t pk_str_find(struct pk_str s, char c);
/** Without leading and trailing spaces, tabs, CR and LF. */
struct pk_str pk_str_trim(struct pk_str s);
/** Cuts *rest at the first `sep`: returns what is before, leaves what is after. False when *rest was used up
 * (rest->p is then NULL). "a,,b" gives "a", "", "b"; an empty string gives one empty piece. */
bool pk_str_split(struct pk_str *rest, char sep, struct pk_str *ret);
/** Next line without its LF. A last line without LF counts. */
bool pk_str_line(struct pk_str *rest, struct pk_str *ret);
/** A NUL-terminated heap copy, or NULL when memory is out. */
char *pk_str_dup(struct pk_str s);
/** Whole-string decimal, no sign, no leading zeros but "0" itself, at most `max`. */
PK_NODISCARD bool pk_str_u64(struct pk_str s, uint64_t max, uint64_t *ret);
/** True when every byte belongs to well-formed UTF-8 (RFC 3629; no surrogates, no overlong forms). */
bool pk_str_is_utf8(struct pk_str s);
/** True for UTF-8 of which every character shows itself: no controls (tab and newline neither), no bidi or invisible
 * format characters. What names and comments in signed text must be. */
bool pk_str_is_visible(struct pk_str s);

/* --- cursor: bounds-checked binary reads that fail for good ---------------------------------------- */

struct pk_cur {
	const uint8_t *p;
	size_t n, at;
	bool bad; /* sticky: set by the first read past the end; reads then give 0 */
};
struct pk_cur pk_cur(const void *p, size_t n);
uint8_t pk_rd_u8(struct pk_cur *c);
uint16_t pk_rd_le16(struct pk_cur *c);
uint32_t pk_rd_le32(struct pk_cur *c);
uint64_t pk_rd_le64(struct pk_cur *c);
struct pk_str pk_rd_bytes(struct pk_cur *c, size_t n);

/* --- buffers: growing, with a sticky out-of-memory flag -------------------------------------------- */

/** Zero-initialise. After any put p[n] is 0, so p is a C string when nothing put a NUL. Puts never fail on
 * their own: check once with pk_buf_check before the bytes are used. */
struct pk_buf {
	char *p;
	size_t n, cap;
	bool oom;
};
void pk_buf_done(struct pk_buf *b);
void pk_buf_reset(struct pk_buf *b); /* empty, memory kept; clears oom */
void pk_buf_put(struct pk_buf *b, const void *p, size_t n);
void pk_buf_put_c(struct pk_buf *b, char c);
void pk_buf_puts(struct pk_buf *b, const char *z);
void pk_buf_put_str(struct pk_buf *b, struct pk_str s);
void pk_buf_putf(struct pk_buf *b, const char *fmt, ...) PK_PRINTF(2, 3);
/** Makes room for n more bytes and returns where they go (then add to b->n yourself), or NULL. */
void *pk_buf_room(struct pk_buf *b, size_t n);
/** Text for a terminal: printable UTF-8 stays, everything else (controls, ESC, bidi and invisible format
 * characters, bytes that are not UTF-8) becomes \xNN, a backslash becomes \\. */
void pk_buf_put_safe(struct pk_buf *b, struct pk_str s);
/** Text that is UTF-8 and holds no NUL: every byte that makes it neither becomes U+FFFD. Returns whether any had to. */
bool pk_buf_put_lossy(struct pk_buf *b, struct pk_str s);
PK_NODISCARD int pk_buf_check(const struct pk_buf *b, struct pk_err *err);
struct pk_str pk_buf_str(const struct pk_buf *b);
/** The bytes as a heap string that the caller frees; the buffer is empty afterwards. NULL when oom. */
char *pk_buf_take(struct pk_buf *b);

/* --- lists of strings ------------------------------------------------------------------------------ */

/** A growing list of owned C strings; zero-initialise. */
struct pk_strv {
	char **v;
	size_t n, cap;
};
void pk_strv_done(struct pk_strv *l);
PK_NODISCARD int pk_strv_add(struct pk_strv *l, struct pk_str s, struct pk_err *err);
bool pk_strv_has(const struct pk_strv *l, const char *z);
/** Sorts bytewise and drops repeats. */
void pk_strv_uniq(struct pk_strv *l);
/** Its texts as they are, `between` between them. */
void pk_buf_put_strv(struct pk_buf *b, const struct pk_strv *l, const char *between);

/* --- hex and base64 -------------------------------------------------------------------------------- */

void pk_buf_put_hex(struct pk_buf *b, const void *p, size_t n); /* lower case */
/** Standard alphabet (RFC 4648 section 4); `pad` says whether '=' is written. */
void pk_buf_put_base64(struct pk_buf *b, const void *p, size_t n, bool pad);
/** Exactly n bytes from 2n lower-case hex digits. */
PK_NODISCARD bool pk_hex_decode(struct pk_str s, void *ret, size_t n);
/** Strict: no white space, no non-zero trailing bits, padding exactly as `pad` says. Appends to b, or leaves it as it
 * was; false with b->oom set means that memory was out, not that the text is wrong. */
PK_NODISCARD bool pk_base64_decode(struct pk_str s, bool pad, struct pk_buf *b);
/** Whether it would take this, padded. */
bool pk_base64_ok(struct pk_str s);
/** The same where the length is known: exactly n bytes, no memory needed. */
PK_NODISCARD bool pk_base64_decode_n(struct pk_str s, bool pad, void *ret, size_t n);

#endif
