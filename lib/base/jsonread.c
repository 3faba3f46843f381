/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON from hostile hands (RFC 8259).
 *
 * A parse is one block of memory: the root, all other values, a copy of the text. Strings are decoded in that copy, which
 * they never outgrow. Values that are complete lie from the block's beginning on, those whose container is still open
 * at its end; when a container closes, its values move over and are an array from then on. */
#include "jsonvalue.h"
#include "utf8.h"

#include <picket/io.h>
#include <picket/json.h>
#include <picket/limits.h>

struct parse {
	char *base, *at, *end;      /* *end is NUL */
	struct pk_json_value *low;  /* where the next container's values go */
	struct pk_json_value *high; /* values of open containers, from the last one on */
	unsigned depth;
	struct pk_err *err;
};

static int refuse(struct parse *p, const char *at, const char *what)
{
	return pk_fail(p->err, PK_EFORMAT, 0, "not valid JSON at byte %zu: %s", (size_t)(at - p->base), what);
}

static void skip_white(struct parse *p)
{
	while (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r')
		p->at++;
}

/* --- strings ----------------------------------------------------------------------------------------------- */

/* Four hex digits behind `\u`. */
static bool take_unit(struct parse *p, uint32_t *ret)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";

	*ret = 0;
	for (const char *to = p->at + 4; p->at < to; p->at++) {
		const char *digit = *p->at ? strchr(digits, *p->at) : NULL;

		if (!digit)
			return false;
		*ret = *ret << 4 | ((uint32_t)(digit - digits) & 15);
	}
	return true;
}

static int take_code_point(struct parse *p, const char *from, uint32_t *ret)
{
	uint32_t low = 0;

	if (!take_unit(p, ret))
		return refuse(p, from, "an escape is malformed");
	if ((*ret & 0xf800) != 0xd800)
		return 0;
	if (*ret >= 0xdc00 || p->at[0] != '\\' || p->at[1] != 'u')
		return refuse(p, from, "half a surrogate pair");
	p->at += 2;
	if (!take_unit(p, &low) || (low & 0xfc00) != 0xdc00)
		return refuse(p, from, "half a surrogate pair");
	*ret = 0x10000 + ((*ret & 0x3ff) << 10 | (low & 0x3ff));
	return 0;
}

static char *put_utf8(char *to, uint32_t cp)
{
	if (cp < 0x80) {
		*to++ = (char)cp;
	} else if (cp < 0x800) {
		*to++ = (char)(0xc0 | cp >> 6);
		*to++ = (char)(0x80 | (cp & 0x3f));
	} else if (cp < 0x10000) {
		*to++ = (char)(0xe0 | cp >> 12);
		*to++ = (char)(0x80 | (cp >> 6 & 0x3f));
		*to++ = (char)(0x80 | (cp & 0x3f));
	} else {
		*to++ = (char)(0xf0 | cp >> 18);
		*to++ = (char)(0x80 | (cp >> 12 & 0x3f));
		*to++ = (char)(0x80 | (cp >> 6 & 0x3f));
		*to++ = (char)(0x80 | (cp & 0x3f));
	}
	return to;
}

static int take_escape(struct parse *p, char **to)
{
	static const char escapes[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
	const char *from = p->at++, *which = NULL;
	uint32_t cp = 0;

	if (*p->at == 'u') {
		p->at++;
		if (take_code_point(p, from, &cp) < 0)
			return -1;
		*to = put_utf8(*to, cp);
		return 0;
	}
	if (!*p->at || !(which = strchr(escapes, *p->at)))
		return refuse(p, from, "an escape is malformed");
	p->at++;
	*(*to)++ = means[which - escapes];
	return 0;
}

static bool is_plain(char c) { return (uint8_t)c >= 0x20 && (uint8_t)c < 0x80 && c != '"' && c != '\\'; }

/* A run of characters that stay as they are. */
static int take_run(struct parse *p, char **to)
{
	const char *from = p->at;
	uint32_t cp = 0;
	size_t n = 0;

	for (;;) {
		while (is_plain(*p->at))
			p->at++;
		if ((uint8_t)*p->at < 0x80)
			break;
		n = pk_utf8_next(pk_str_n(p->at, (size_t)(p->end - p->at)), &cp);
		if (!n)
			return refuse(p, p->at, "a string is not UTF-8");
		p->at += n;
	}
	n = (size_t)(p->at - from);
	if (*to != from)
		memmove(*to, from, n);
	*to += n;
	return 0;
}

/* From the opening quote on; a NUL follows the text where the closing one was, or before. */
static int take_string(struct parse *p, struct pk_json_value *ret)
{
	char *from = ++p->at, *to = from;

	for (;;) {
		if (take_run(p, &to) < 0)
			return -1;
		if (*p->at == '"')
			break;
		if (*p->at != '\\')
			return refuse(p, p->at,
				      p->at == p->end ? "the text ends inside a string"
						      : "a control character in a string");
		if (take_escape(p, &to) < 0)
			return -1;
	}
	p->at++;
	*to = '\0';
	*ret = (struct pk_json_value){.type = PK_JSON_TEXT, .n = (uint32_t)(to - from), .is.text = from};
	return 0;
}

/* --- numbers and names -------------------------------------------------------------------------------------- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool take_digits(struct parse *p)
{
	if (!is_digit(*p->at))
		return false;
	while (is_digit(*p->at))
		p->at++;
	return true;
}

static int take_integer(struct parse *p, const char *from, struct pk_json_value *ret)
{
	bool negative = *from == '-';
	int64_t v = 0;

	for (const char *c = from + negative; c < p->at; c++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, negative ? '0' - *c : *c - '0', &v))
			return refuse(p, from, "a number that is too large");
	*ret = (struct pk_json_value){.type = PK_JSON_INTEGER, .is.integer = v};
	return 0;
}

static int take_number(struct parse *p, struct pk_json_value *ret)
{
	const char *from = p->at;
	bool good = true, real = false;

	p->at += *p->at == '-';
	if (*p->at == '0')
		p->at++;
	else
		good = take_digits(p);
	if (good && *p->at == '.') {
		real = true;
		p->at++;
		good = take_digits(p);
	}
	if (good && (*p->at == 'e' || *p->at == 'E')) {
		real = true;
		p->at++;
		p->at += *p->at == '+' || *p->at == '-';
		good = take_digits(p);
	}
	if (!good)
		return refuse(p, from, "a malformed number");
	if (!real)
		return take_integer(p, from, ret);
	*ret = (struct pk_json_value){.type = PK_JSON_REAL, .n = (uint32_t)(p->at - from), .is.text = from};
	return 0;
}

static int take_name(struct parse *p, struct pk_json_value *ret)
{
	static const char *const names[] = {"null", "false", "true"};

	for (size_t i = 0; i < PK_LEN(names); i++) {
		size_t n = strlen(names[i]);

		if (strncmp(p->at, names[i], n) == 0) {
			p->at += n;
			*ret = (struct pk_json_value){.type = i ? PK_JSON_BOOLEAN : PK_JSON_NULL, .yes = i == 2};
			return 0;
		}
	}
	return refuse(p, p->at, p->at == p->end ? "the text ends where a value is due" : "no value begins so");
}

/* --- containers --------------------------------------------------------------------------------------------- */

static int push(struct parse *p, const struct pk_json_value *v)
{
	if (p->high == p->low)
		return pk_fail(p->err, PK_EINTERNAL, 0, "more JSON values than there can be");
	*--p->high = *v;
	return 0;
}

/* The n values that were pushed last become an array, in the order of the text. */
static const struct pk_json_value *close_array(struct parse *p, size_t n)
{
	struct pk_json_value *to = p->low;

	for (size_t i = 0; i < n / 2; i++) {
		struct pk_json_value swap = p->high[i];

		p->high[i] = p->high[n - 1 - i];
		p->high[n - 1 - i] = swap;
	}
	memmove(to, p->high, n * sizeof(*to));
	p->low += n;
	p->high += n;
	return to;
}

static int by_key(const void *a, const void *b)
{
	const struct pk_json_value *x = *(const struct pk_json_value *const *)a,
				   *y = *(const struct pk_json_value *const *)b;

	return x->n != y->n ? (x->n < y->n ? -1 : 1) : memcmp(x->is.text, y->is.text, x->n);
}

static int refuse_twice(struct parse *p, const struct pk_json_value *key)
{
	return refuse(p, key->is.text - 1, "a name that is there already");
}

/* Pairs are cheap while they are few. */
static int check_names(struct parse *p, const struct pk_json_value *member, size_t n)
{
	pk_autofree const struct pk_json_value **key = NULL;

	for (size_t i = 1; n <= 32 && i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (member[2 * i].n == member[2 * k].n &&
			    memcmp(member[2 * i].is.text, member[2 * k].is.text, member[2 * i].n) == 0)
				return refuse_twice(p, &member[2 * i]);
	if (n <= 32)
		return 0;
	if (!(key = malloc(n * sizeof(*key))))
		return pk_fail_oom(p->err);
	for (size_t i = 0; i < n; i++)
		key[i] = &member[2 * i];
	qsort(key, n, sizeof(*key), by_key);
	for (size_t i = 1; i < n; i++)
		if (by_key(&key[i - 1], &key[i]) == 0)
			return refuse_twice(p, PK_MAX(key[i - 1], key[i]));
	return 0;
}

static int take_value(struct parse *p, struct pk_json_value *ret);

/* The next element, or member, of a container. */
static int take_element(struct parse *p)
{
	struct pk_json_value v = {0};

	return take_value(p, &v) < 0 ? -1 : push(p, &v);
}

static int take_member(struct parse *p)
{
	struct pk_json_value key = {0};

	skip_white(p);
	if (*p->at != '"')
		return refuse(p, p->at, "a name is due");
	if (take_string(p, &key) < 0)
		return -1;
	if (memchr(key.is.text, '\0', key.n))
		return refuse(p, key.is.text - 1, "a name with a NUL");
	skip_white(p);
	if (*p->at != ':')
		return refuse(p, p->at, "a colon is due");
	p->at++;
	return push(p, &key) < 0 ? -1 : take_element(p);
}

static int take_container(struct parse *p, struct pk_json_value *ret)
{
	const bool object = *p->at == '{';
	const char close = object ? '}' : ']';
	uint32_t n = 0;

	if (p->depth == PK_MAX_JSON_DEPTH)
		return pk_fail(p->err, PK_ELIMIT, 0, "JSON nested deeper than %d levels at byte %zu", PK_MAX_JSON_DEPTH,
			       (size_t)(p->at - p->base));
	p->depth++;
	p->at++;
	skip_white(p);
	while (n || *p->at != close) {
		if ((object ? take_member(p) : take_element(p)) < 0)
			return -1;
		n++;
		skip_white(p);
		if (*p->at == close)
			break;
		if (*p->at != ',')
			return refuse(p, p->at, p->at == p->end ? "the text ends too early" : "a comma is due");
		p->at++;
	}
	p->at++;
	p->depth--;
	*ret = (struct pk_json_value){.type = object ? PK_JSON_OBJECT : PK_JSON_LIST,
				      .n = n,
				      .is.child = close_array(p, object ? 2 * (size_t)n : n)};
	return object ? check_names(p, ret->is.child, n) : 0;
}

static int take_value(struct parse *p, struct pk_json_value *ret)
{
	skip_white(p);
	switch (*p->at) {
	case '{':
	case '[': return take_container(p, ret);
	case '"': return take_string(p, ret);
	case '-':
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9': return take_number(p, ret);
	default: return take_name(p, ret);
	}
}

static int take_all(struct parse *p, struct pk_json_value *ret)
{
	if (take_value(p, ret) < 0)
		return -1;
	skip_white(p);
	return p->at == p->end ? 0 : refuse(p, p->at, "something follows the value");
}

/* How many values there can be besides the root: each has a byte of its own and another before it, of its container's. In
 * a long text they are counted, as most of it may be strings. */
static size_t most_values(struct pk_str text)
{
	bool in_string = false;
	size_t n = 0;

	if (text.n <= PK_MAX_RECORD)
		return text.n / 2;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '"')
			in_string = !in_string;
		else if (in_string)
			i += c == '\\';
		else
			n += c == ',' || c == ':' || c == '[' || c == '{';
	}
	return n;
}

int pk_json_parse(struct pk_str text, struct pk_json_value **ret, struct pk_err *err)
{
	pk_autofree struct pk_json_value *root = NULL;
	struct parse p = {.err = err};
	size_t n = 0;

	if (text.n > PK_MAX_JSON)
		return pk_fail(err, PK_ELIMIT, 0, "JSON of %zu bytes is over the limit of %u", text.n, PK_MAX_JSON);
	n = most_values(text);
	root = malloc((1 + n) * sizeof(*root) + text.n + 1);
	if (!root)
		return pk_fail_oom(err);
	p.low = root + 1;
	p.high = p.low + n;
	p.base = p.at = (char *)(p.high);
	p.end = p.base + text.n;
	if (text.n)
		memcpy(p.base, text.p, text.n);
	*p.end = '\0';
	if (take_all(&p, root) < 0)
		return -1;
	*ret = pk_steal(&root);
	return 0;
}

void pk_json_value_free(struct pk_json_value *v) { free(v); }

void pk_cleanup_json(struct pk_json_value **v) { pk_json_value_free(*v); }
