/* SPDX-License-Identifier: Apache-2.0 */
/* Reading "key: value" text that has one order and one spelling. */
#include "lines.h"

#include <picket/label.h>
#include <picket/roster.h>

#include <stdarg.h>
#include <stdio.h>

int pk_lines_bad(const struct pk_lines *l, struct pk_err *err, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return pk_fail(err, PK_EFORMAT, 0, "%s, line %u: %s", l->what, l->no, text);
}

int pk_lines_because(const struct pk_lines *l, const struct pk_err *why, struct pk_err *err)
{
	if (why->kind == PK_ESYS || why->kind == PK_EINTERNAL)
		return pk_fail(err, why->kind, 0, "%s", why->msg);
	return pk_lines_bad(l, err, "%s", why->msg);
}

bool pk_lines_text_ok(struct pk_str s, size_t max)
{
	return s.n && s.n <= max && pk_str_trim(s).n == s.n && pk_str_is_visible(s);
}

/* Reads the next line unless one waits. */
static PK_NODISCARD int peek(struct pk_lines *l, struct pk_err *err)
{
	struct pk_str line, value;

	if (l->have || !pk_str_line(&l->rest, &line))
		return 0;
	l->no++;
	value = line;
	if (!pk_str_split(&value, ':', &l->key) || !value.p || value.n < 2 || value.p[0] != ' ' || l->key.n == 0)
		return pk_lines_bad(l, err, "not 'key: value'");
	l->value = pk_str_n(value.p + 1, value.n - 1);
	if (!pk_lines_text_ok(l->value, SIZE_MAX))
		return pk_lines_bad(l, err, "the value is not plain printable text");
	l->have = true;
	return 0;
}

int pk_lines_begin(struct pk_lines *l, const char *what, struct pk_str text, struct pk_err *err)
{
	struct pk_str version;

	*l = (struct pk_lines){.what = what, .rest = text};
	if (text.n == 0 || text.p[text.n - 1] != '\n')
		return pk_fail(err, PK_EFORMAT, 0, "%s: empty, or its last line is cut", what);
	if (pk_lines_take(l, what, &version, err) < 0)
		return -1;
	if (!pk_str_eq(version, PK_STR("1")))
		return pk_lines_bad(l, err, "version '%.*s' is not known to this program", PK_STR_ARG(version));
	return 0;
}

int pk_lines_maybe(struct pk_lines *l, const char *key, bool *ret_there, struct pk_str *ret, struct pk_err *err)
{
	/* an empty line ends a block: it is nobody's optional key */
	if (!l->have && l->rest.n && l->rest.p[0] == '\n') {
		*ret_there = false;
		return 0;
	}
	if (peek(l, err) < 0)
		return -1;
	*ret_there = l->have && pk_str_eq(l->key, pk_str(key));
	if (*ret_there) {
		*ret = l->value;
		l->have = false;
	}
	return 0;
}

int pk_lines_take(struct pk_lines *l, const char *key, struct pk_str *ret, struct pk_err *err)
{
	bool there = false;

	if (pk_lines_maybe(l, key, &there, ret, err) < 0)
		return -1;
	if (there)
		return 0;
	if (l->have)
		return pk_lines_bad(l, err, "'%.*s' stands where '%s' belongs", PK_STR_ARG(l->key), key);
	return pk_fail(err, PK_EFORMAT, 0, "%s, after line %u: '%s' is missing", l->what, l->no, key);
}

bool pk_lines_blank(struct pk_lines *l)
{
	struct pk_str line;

	if (l->have || l->rest.n == 0 || l->rest.p[0] != '\n')
		return false;
	l->no++;
	return pk_str_line(&l->rest, &line);
}

bool pk_lines_at_end(const struct pk_lines *l) { return !l->have && l->rest.n == 0; }

int pk_lines_end(struct pk_lines *l, struct pk_err *err)
{
	if (pk_lines_at_end(l))
		return 0;
	if (!l->have)
		l->no++;
	return pk_lines_bad(l, err, "unknown, repeated or misplaced line");
}

int pk_lines_same(const char *what, struct pk_str text, const struct pk_buf *again, struct pk_err *err)
{
	if (pk_buf_check(again, err) < 0)
		return -1;
	if (!pk_str_eq(text, pk_buf_str(again)))
		return pk_fail(err, PK_EFORMAT, 0, "%s: not written in the one way this format has", what);
	return 0;
}

bool pk_lines_time(struct pk_str s, int64_t *ret_sec)
{
	struct pk_time t;

	if (!pk_time_parse_rfc3339(s, &t) || t.nsec || t.sec <= 0)
		return false;
	*ret_sec = t.sec;
	return true;
}

int pk_lines_take_time(struct pk_lines *l, const char *key, int64_t *ret_sec, struct pk_err *err)
{
	struct pk_str s;

	if (pk_lines_take(l, key, &s, err) < 0)
		return -1;
	if (pk_lines_time(s, ret_sec))
		return 0;
	return pk_lines_bad(l, err, "'%.*s' is no time such as 2026-01-31T12:00:00Z", PK_STR_ARG(s));
}

static int bad_hex(const struct pk_lines *l, const char *key, size_t n, struct pk_err *err)
{
	return pk_lines_bad(l, err, "'%s' is %zu hex digits", key, 2 * n);
}

int pk_lines_take_hex(struct pk_lines *l, const char *key, uint8_t *ret, size_t n, struct pk_err *err)
{
	struct pk_str s;

	if (pk_lines_take(l, key, &s, err) < 0)
		return -1;
	return pk_hex_decode(s, ret, n) ? 0 : bad_hex(l, key, n, err);
}

int pk_lines_take_name(struct pk_lines *l, const char *key, char **ret, struct pk_err *err)
{
	struct pk_str s;

	if (pk_lines_take(l, key, &s, err) < 0)
		return -1;
	if (!pk_party_name_ok(s))
		return pk_lines_bad(l, err, "'%.*s' is no party's name", PK_STR_ARG(s));
	return (*ret = pk_str_dup(s)) ? 0 : pk_fail_oom(err);
}

int pk_lines_take_hashes(struct pk_lines *l, const char *key, size_t max, struct pk_strv *ret, struct pk_err *err)
{
	uint8_t hash[32];
	struct pk_str s;
	bool there = true;

	if (pk_lines_take(l, key, &s, err) < 0)
		return -1;
	while (there) {
		if (!pk_hex_decode(s, hash, sizeof(hash)))
			return bad_hex(l, key, sizeof(hash), err);
		if (ret->n >= max)
			return pk_lines_bad(l, err, "more than %zu lines '%s'", max, key);
		if (pk_strv_add(ret, s, err) < 0 || pk_lines_maybe(l, key, &there, &s, err) < 0)
			return -1;
	}
	pk_strv_uniq(ret);
	return 0;
}

int pk_lines_label(struct pk_lines *l, struct pk_label *ret, struct pk_err *err)
{
	struct pk_err why = {0};
	struct pk_str s;
	bool there = false;

	if (pk_lines_take(l, "label", &s, err) < 0)
		return -1;
	if (pk_label_parse(s, ret, &why) < 0)
		return pk_lines_because(l, &why, err);
	if (pk_lines_maybe(l, "originator", &there, &s, err) < 0)
		return -1;
	if (there && pk_label_set_originator(ret, s, &why) < 0)
		return pk_lines_because(l, &why, err);
	if (pk_lines_maybe(l, "caveats", &there, &s, err) < 0)
		return -1;
	if (there && pk_label_set_caveats(ret, s, &why) < 0)
		return pk_lines_because(l, &why, err);
	return 0;
}

void pk_buf_put_label_lines(struct pk_buf *b, const struct pk_label *label)
{
	pk_buf_puts(b, "label: ");
	pk_buf_put_label(b, label);
	pk_buf_put_c(b, '\n');
	if (label->originator)
		pk_buf_putf(b, "originator: %s\n", label->originator);
	for (size_t i = 0; i < label->caveats.n; i++)
		pk_buf_putf(b, "%s%s%s", i ? "," : "caveats: ", label->caveats.v[i],
			    i + 1 == label->caveats.n ? "\n" : "");
}

void pk_buf_put_line_time(struct pk_buf *b, const char *key, int64_t sec)
{
	pk_buf_putf(b, "%s: ", key);
	pk_buf_put_rfc3339(b, (struct pk_time){.sec = sec}, 0);
	pk_buf_put_c(b, '\n');
}
