/* SPDX-License-Identifier: Apache-2.0 */
/* Writing JSON: deterministic lines, errors that stick. */
#include <picket/json.h>
#include "utf8.h"

#include <inttypes.h>

static void value(struct pk_json *j)
{
	if (j->comma)
		pk_buf_put_c(j->out, ',');
	j->comma = true;
}

void pk_json_begin(struct pk_json *j, char open)
{
	value(j);
	pk_buf_put_c(j->out, open);
	j->comma = false;
}

void pk_json_end(struct pk_json *j, char close)
{
	pk_buf_put_c(j->out, close);
	j->comma = true;
}

static void put_escaped(struct pk_buf *b, uint8_t c)
{
	switch (c) {
	case '"': pk_buf_puts(b, "\\\""); break;
	case '\\': pk_buf_puts(b, "\\\\"); break;
	case '\b': pk_buf_puts(b, "\\b"); break;
	case '\f': pk_buf_puts(b, "\\f"); break;
	case '\n': pk_buf_puts(b, "\\n"); break;
	case '\r': pk_buf_puts(b, "\\r"); break;
	case '\t': pk_buf_puts(b, "\\t"); break;
	default: pk_buf_putf(b, "\\u%04x", (unsigned)c);
	}
}

static void put_string(struct pk_json *j, struct pk_str s)
{
	size_t from = 0;

	if (!pk_str_is_utf8(s)) {
		j->bad_utf8 = true;
		s.n = 0;
	}
	pk_buf_put_c(j->out, '"');
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = (uint8_t)s.p[i];

		if (c >= 0x20 && c != '"' && c != '\\' && (c != 0x7f || j->bare_del))
			continue;
		pk_buf_put(j->out, s.p + from, i - from);
		put_escaped(j->out, c);
		from = i + 1;
	}
	pk_buf_put(j->out, s.p ? s.p + from : "", s.n - from);
	pk_buf_put_c(j->out, '"');
}

void pk_json_key(struct pk_json *j, const char *key)
{
	value(j);
	put_string(j, pk_str(key));
	pk_buf_put_c(j->out, ':');
	j->comma = false;
}

void pk_json_str(struct pk_json *j, struct pk_str s)
{
	value(j);
	put_string(j, s);
}

void pk_json_raw(struct pk_json *j, struct pk_str json)
{
	value(j);
	pk_buf_put_str(j->out, json);
}

void pk_json_z(struct pk_json *j, const char *z)
{
	if (z)
		pk_json_str(j, pk_str(z));
	else
		pk_json_raw(j, PK_STR("null"));
}

void pk_json_int(struct pk_json *j, int64_t v)
{
	value(j);
	pk_buf_putf(j->out, "%" PRId64, v);
}

void pk_json_uint(struct pk_json *j, uint64_t v)
{
	value(j);
	pk_buf_putf(j->out, "%" PRIu64, v);
}

void pk_json_bool(struct pk_json *j, bool v) { pk_json_raw(j, v ? PK_STR("true") : PK_STR("false")); }

void pk_json_kstr(struct pk_json *j, const char *key, struct pk_str s)
{
	pk_json_key(j, key);
	pk_json_str(j, s);
}

void pk_json_kz(struct pk_json *j, const char *key, const char *z)
{
	pk_json_key(j, key);
	pk_json_z(j, z);
}

void pk_json_kint(struct pk_json *j, const char *key, int64_t v)
{
	pk_json_key(j, key);
	pk_json_int(j, v);
}

void pk_json_kuint(struct pk_json *j, const char *key, uint64_t v)
{
	pk_json_key(j, key);
	pk_json_uint(j, v);
}

void pk_json_kbool(struct pk_json *j, const char *key, bool v)
{
	pk_json_key(j, key);
	pk_json_bool(j, v);
}

void pk_json_khex(struct pk_json *j, const char *key, const void *p, size_t n)
{
	pk_json_key(j, key);
	value(j);
	pk_buf_put_c(j->out, '"');
	pk_buf_put_hex(j->out, p, n);
	pk_buf_put_c(j->out, '"');
}

void pk_json_kdec(struct pk_json *j, const char *key, uint64_t v)
{
	pk_json_key(j, key);
	value(j);
	pk_buf_putf(j->out, "\"%" PRIu64 "\"", v);
}

void pk_json_ktime(struct pk_json *j, const char *key, struct pk_time t)
{
	pk_json_key(j, key);
	value(j);
	pk_buf_put_c(j->out, '"');
	pk_buf_put_time(j->out, t);
	pk_buf_put_c(j->out, '"');
}

/* How many bytes put_string will take for s. */
static size_t escaped_size(struct pk_str s)
{
	size_t n = s.n;

	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = (uint8_t)s.p[i];

		if (c == '"' || c == '\\' || (c >= '\b' && c <= '\r' && c != '\v'))
			n += 1;
		else if (c < 0x20 || c == 0x7f)
			n += 5;
	}
	return n;
}

/* Escapes can make six bytes of one: what is longer than a name is then written the shorter way. */
static bool goes_as_text(struct pk_str s)
{
	if (pk_str_find(s, 0) != s.n || !pk_str_is_utf8(s))
		return false;
	return s.n <= PK_JSON_TEXT_BYTES || escaped_size(s) <= (s.n + 2) / 3 * 4;
}

void pk_json_kbytes(struct pk_json *j, const char *key, struct pk_str bytes)
{
	if (goes_as_text(bytes)) {
		pk_json_kstr(j, key, bytes);
		return;
	}
	value(j);
	pk_buf_putf(j->out, "\"%s_b64\":\"", key);
	pk_buf_put_base64(j->out, bytes.p, bytes.n, true);
	pk_buf_put_c(j->out, '"');
}

int pk_json_check(const struct pk_json *j, struct pk_err *err)
{
	if (j->bad_utf8)
		return pk_fail(err, PK_EINTERNAL, 0, "text for JSON is not UTF-8");
	return pk_buf_check(j->out, err);
}
