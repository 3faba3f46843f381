/* SPDX-License-Identifier: Apache-2.0 */
/** JSON (RFC 8259): a streaming writer with sticky errors, and a strict reader.
 *
 * Lines of Picket's JSON are deterministic: keys in the order they were put, no white space, integers as
 * integers, strings as UTF-8 with only `"`, `\`, U+0000-U+001F and U+007F escaped. */
#ifndef PICKET_JSON_H
#define PICKET_JSON_H

#include <picket/str.h>
#include <picket/time.h>

/* --- writing --------------------------------------------------------------------------------------- */

/** Writes into `out`, which the caller owns; zero-initialise the rest. Errors (no memory, bytes that are not
 * UTF-8 given as text) stick; ask once with pk_json_check. */
struct pk_json {
	struct pk_buf *out;
	bool comma;    /* the next value needs one */
	bool bad_utf8; /* sticky */
	bool bare_del; /* U+007F as it is: what is written is then never longer than a JSON text that it was parsed from */
};
void pk_json_begin(struct pk_json *j, char open); /* '{' or '[' as a value */
void pk_json_end(struct pk_json *j, char close);  /* '}' or ']' */
void pk_json_key(struct pk_json *j, const char *key);
void pk_json_str(struct pk_json *j, struct pk_str s); /* must be UTF-8 */
void pk_json_z(struct pk_json *j, const char *z);     /* must be UTF-8; NULL writes null */
void pk_json_int(struct pk_json *j, int64_t v);
void pk_json_uint(struct pk_json *j, uint64_t v);
void pk_json_bool(struct pk_json *j, bool v);
void pk_json_raw(struct pk_json *j, struct pk_str json); /* one value, already JSON */
/* key and value in one call */
void pk_json_kstr(struct pk_json *j, const char *key, struct pk_str s);
void pk_json_kz(struct pk_json *j, const char *key, const char *z);
void pk_json_kint(struct pk_json *j, const char *key, int64_t v);
void pk_json_kuint(struct pk_json *j, const char *key, uint64_t v);
void pk_json_kbool(struct pk_json *j, const char *key, bool v);
void pk_json_khex(struct pk_json *j, const char *key, const void *p, size_t n);
/** Bytes of unknown kind (a path, a target, a command line): `"key":"text"` when they are UTF-8 without NUL,
 * else `"key_b64":"..."` (padded base64); base64 also for text of more than PK_JSON_TEXT_BYTES whose escapes would be
 * longer, so that n bytes never take more than about n * 4 / 3. */
#define PK_JSON_TEXT_BYTES 255
void pk_json_kbytes(struct pk_json *j, const char *key, struct pk_str bytes);
/** An unsigned number as a decimal string (device and inode numbers). */
void pk_json_kdec(struct pk_json *j, const char *key, uint64_t v);
/** As pk_buf_put_time writes it. */
void pk_json_ktime(struct pk_json *j, const char *key, struct pk_time t);
PK_NODISCARD int pk_json_check(const struct pk_json *j, struct pk_err *err);

/* --- reading --------------------------------------------------------------------------------------- */

struct pk_json_value; /* a value: of a parse, or inside one */
/** Parses exactly one JSON value of RFC 8259, in UTF-8 and without a byte order mark. Refused besides: a name that an
 * object has twice or that holds a NUL, half a surrogate pair, an integer outside int64_t; more than PK_MAX_JSON bytes,
 * more than PK_MAX_JSON_DEPTH levels. Numbers with a fraction or an exponent are kept as they are written. One block of
 * memory, which does not need `text` any more: at most 9 times its bytes, and not 2 times where it is mostly strings.
 * *ret is freed with pk_json_value_free. Fails with PK_EFORMAT and the byte offset, or PK_ELIMIT. */
PK_NODISCARD int pk_json_parse(struct pk_str text, struct pk_json_value **ret, struct pk_err *err);
void pk_json_value_free(struct pk_json_value *v);
void pk_cleanup_json(struct pk_json_value **v);
#define pk_autojson __attribute__((cleanup(pk_cleanup_json))) struct pk_json_value

/** Fields of an object. Strings stay owned by the object and may hold NUL. A missing key is not an error: false.
 * A key of another type is false too. */
bool pk_json_get_str(const struct pk_json_value *obj, const char *key, struct pk_str *ret);
bool pk_json_get_int(const struct pk_json_value *obj, const char *key, int64_t *ret);
bool pk_json_get_uint(const struct pk_json_value *obj, const char *key, uint64_t *ret);
bool pk_json_get_bool(const struct pk_json_value *obj, const char *key, bool *ret);
/** The counterpart of pk_json_kbytes: reads `key` or decodes `key_b64` and appends the raw bytes to b. */
bool pk_json_get_bytes(const struct pk_json_value *obj, const char *key, struct pk_buf *b);
/** The counterpart of pk_json_khex: exactly n bytes. */
bool pk_json_get_hex(const struct pk_json_value *obj, const char *key, void *ret, size_t n);
const struct pk_json_value *pk_json_get(const struct pk_json_value *obj, const char *key); /* borrowed, or NULL */
bool pk_json_is_null(const struct pk_json_value *v);                                       /* JSON's null; not NULL */
bool pk_json_is_list(const struct pk_json_value *v); /* false of NULL, as the next */
bool pk_json_is_object(const struct pk_json_value *v);
/** Members in the order of the text: *at begins as 0; false after the last. */
bool pk_json_next(const struct pk_json_value *obj, size_t *at, struct pk_str *ret_key,
		  const struct pk_json_value **ret_value);
/** The characters of a string; false of any other value, and of NULL. */
bool pk_json_text(const struct pk_json_value *v, struct pk_str *ret);
/** Any value, written as it was read: integers and strings in this writer's form. */
void pk_json_value(struct pk_json *j, const struct pk_json_value *v);
/** A string's characters, or the compact JSON of any other value. */
void pk_buf_put_json_value(struct pk_buf *b, const struct pk_json_value *v);

/** Elements of an array; what is no array has none. */
size_t pk_json_count(const struct pk_json_value *array);
const struct pk_json_value *pk_json_at(const struct pk_json_value *array, size_t i); /* borrowed, or NULL */
bool pk_json_at_str(const struct pk_json_value *array, size_t i, struct pk_str *ret);
bool pk_json_at_uint(const struct pk_json_value *array, size_t i, uint64_t *ret);

#endif
