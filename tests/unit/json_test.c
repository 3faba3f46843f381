/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"
#include <picket/json.h>
#include <picket/limits.h>

#include <jansson.h>
#include <malloc.h>

TEST(writes_deterministic_lines)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_json j = {.out = &b};

	pk_json_begin(&j, '{');
	pk_json_kz(&j, "a", "x\"\\\n\001\177\xc3\xa9");
	pk_json_kz(&j, "n", NULL);
	pk_json_key(&j, "l");
	pk_json_begin(&j, '[');
	pk_json_int(&j, INT64_MIN);
	pk_json_uint(&j, UINT64_MAX);
	pk_json_bool(&j, true);
	pk_json_begin(&j, '{');
	pk_json_end(&j, '}');
	pk_json_end(&j, ']');
	pk_json_kdec(&j, "ino", 18446744073709551615u);
	pk_json_khex(&j, "h", "\x01\xff", 2);
	pk_json_kbytes(&j, "path", PK_STR("/a"));
	pk_json_kbytes(&j, "target", PK_STR("\xff"));
	pk_json_kbytes(&j, "nul", PK_STR("a\0b"));
	pk_json_end(&j, '}');
	OK(pk_json_check(&j, &err));
	CHECK_STR(pk_buf_str(&b), PK_STR("{\"a\":\"x\\\"\\\\\\n\\u0001\\u007f\xc3\xa9\",\"n\":null,"
					 "\"l\":[-9223372036854775808,18446744073709551615,true,{}],"
					 "\"ino\":\"18446744073709551615\",\"h\":\"01ff\",\"path\":\"/a\","
					 "\"target_b64\":\"/w==\",\"nul_b64\":\"YQBi\"}"));
}

TEST(escapes_never_make_a_long_text_much_longer)
{
	PK_AUTO(pk_buf) control = {0};
	PK_AUTO(pk_buf) plain = {0};

	for (size_t i = 0; i < 300; i++) {
		pk_buf_put_c(&control, 1);
		pk_buf_put_c(&plain, i % 10 ? 'a' : '"');
	}
	for (size_t n = 254; n <= 300; n++) {
		PK_AUTO(pk_buf) b = {0}, back = {0};
		pk_autojson *v = NULL;
		struct pk_json j = {.out = &b};

		pk_json_begin(&j, '{');
		pk_json_kbytes(&j, "c", pk_str_n(control.p, n));
		pk_json_kbytes(&j, "p", pk_str_n(plain.p, n));
		pk_json_end(&j, '}');
		OK(pk_json_check(&j, &err));
		OK(pk_json_parse(pk_buf_str(&b), &v, &err));
		CHECK(pk_json_get_bytes(v, "c", &back) && pk_str_eq(pk_buf_str(&back), pk_str_n(control.p, n)));
		CHECK((pk_json_get(v, "c") != NULL) == (n <= PK_JSON_TEXT_BYTES));
		CHECK(pk_json_get(v, "p") != NULL);
	}
}

TEST(what_was_parsed_is_not_longer_when_written_again)
{
	static const char text[] = "{\"\x7f\":[\"\x7f\\u007f\x7f\"]}";
	PK_AUTO(pk_buf) b = {0};
	PK_AUTO(pk_buf) escaped = {0};
	struct pk_json j = {.out = &b, .bare_del = true}, other = {.out = &escaped};
	pk_autojson *v = NULL;

	OK(pk_json_parse(PK_STR(text), &v, &err));
	pk_json_value(&j, v);
	CHECK_STR(pk_buf_str(&b), PK_STR("{\"\x7f\":[\"\x7f\x7f\x7f\"]}"));
	pk_json_value(&other, v);
	CHECK_STR(pk_buf_str(&escaped), PK_STR("{\"\\u007f\":[\"\\u007f\\u007f\\u007f\"]}"));
}

TEST(text_that_is_not_utf8_sticks)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_json j = {.out = &b};

	pk_json_z(&j, "\xff");
	pk_json_z(&j, "fine");
	FAILS(PK_EINTERNAL, pk_json_check(&j, &err));
}

TEST(reads_what_it_writes)
{
	pk_autojson *v = NULL;
	PK_AUTO(pk_buf) raw = {0};
	struct pk_str s;
	int64_t i = 0;
	uint64_t u = 7;
	bool yes = false;
	uint8_t two[2];

	OK(pk_json_parse(PK_STR("{\"s\":\"a\\u0000b\",\"i\":-3,\"y\":true,\"h\":\"01ff\",\"p_b64\":\"/w==\","
				"\"q\":\"plain\",\"o\":{\"x\":1}}"),
			 &v, &err));
	CHECK(pk_json_get_str(v, "s", &s));
	CHECK_STR(s, PK_STR("a\0b"));
	CHECK(pk_json_get_int(v, "i", &i) && i == -3);
	CHECK(!pk_json_get_uint(v, "i", &u) && u == 7);
	CHECK(pk_json_get_bool(v, "y", &yes) && yes);
	CHECK(pk_json_get_hex(v, "h", two, 2) && two[0] == 1 && two[1] == 255);
	CHECK(!pk_json_get_hex(v, "h", two, 1));
	CHECK(pk_json_get_bytes(v, "p", &raw) && pk_json_get_bytes(v, "q", &raw));
	CHECK_STR(pk_buf_str(&raw), PK_STR("\xffplain"));
	CHECK(pk_json_get_int(pk_json_get(v, "o"), "x", &i) && i == 1);
	CHECK(!pk_json_get_str(v, "i", &s) && !pk_json_get_str(v, "absent", &s) && !pk_json_get(v, "absent"));
	CHECK(!pk_json_get_bytes(v, "absent", &raw));
}

TEST(refuses_what_is_not_json)
{
	static const char *const bad[] = {
		"",
		" ",
		"{",
		"{}x",
		"{} {}",
		"{\"a\":1,\"a\":2}",
		"[1,]",
		"{'a':1}",
		"nul",
		"\"\xff\"",
		"\"a\nb\"",
		"[01]",
		"[+1]",
		"[.5]",
		"\"\\ud800\"",
		"[9223372036854775808]",
		"// c\n1",
		"{\"a\\u0000\":1}",
		"[NaN]",
	};
	struct pk_json_value *v = NULL;

	for (size_t i = 0; i < PK_LEN(bad); i++)
		FAILS(PK_EFORMAT, pk_json_parse(pk_str(bad[i]), &v, &err));
	FAILS(PK_EFORMAT, pk_json_parse((struct pk_str){NULL, 0}, &v, &err));
	CHECK(!v);
}

TEST(depth_is_limited)
{
	PK_AUTO(pk_buf) b = {0};
	pk_autojson *v = NULL;

	for (int i = 0; i < PK_MAX_JSON_DEPTH; i++)
		pk_buf_put_c(&b, '[');
	for (int i = 0; i < PK_MAX_JSON_DEPTH; i++)
		pk_buf_put_c(&b, ']');
	OK(pk_json_parse(pk_buf_str(&b), &v, &err));
	pk_buf_reset(&b);
	for (int i = 0; i <= PK_MAX_JSON_DEPTH; i++)
		pk_buf_put_c(&b, '[');
	FAILS(PK_ELIMIT, pk_json_parse(pk_buf_str(&b), &v, &err));
	pk_json_value_free(v);
	v = NULL;
	/* brackets in strings do not count */
	OK(pk_json_parse(PK_STR("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[\""), &v,
			 &err));
}

/* What jansson, another reader, makes of it. Numbers with a fraction are not compared: it computes them. */
static bool is_same(const struct pk_json_value *v, const json_t *other)
{
	struct pk_str text = {0}, key = {0};
	const struct pk_json_value *value = NULL;
	int64_t number = 0;
	bool yes = false;
	size_t at = 0;

	switch (json_typeof(other)) {
	case JSON_STRING:
		return pk_json_text(v, &text) &&
		       pk_str_eq(text, pk_str_n(json_string_value(other), json_string_length(other))) &&
		       text.p[text.n] == '\0';
	case JSON_ARRAY:
		for (; at < json_array_size(other); at++)
			if (!is_same(pk_json_at(v, at), json_array_get(other, at)))
				return false;
		return pk_json_is_list(v) && pk_json_count(v) == at;
	case JSON_OBJECT:
		while (pk_json_next(v, &at, &key, &value))
			if (value != pk_json_get(v, key.p) || !json_object_get(other, key.p) ||
			    !is_same(value, json_object_get(other, key.p)))
				return false;
		return pk_json_is_object(v) && at == json_object_size(other);
	case JSON_NULL: return pk_json_is_null(v);
	case JSON_INTEGER: {
		PK_AUTO(pk_buf) wrapped = {0};
		pk_autojson *o = NULL;

		pk_buf_puts(&wrapped, "{\"x\":");
		pk_buf_put_json_value(&wrapped, v);
		pk_buf_puts(&wrapped, "}");
		return pk_json_parse(pk_buf_str(&wrapped), &o, NULL) == 0 && pk_json_get_int(o, "x", &number) &&
		       number == json_integer_value(other);
	}
	case JSON_REAL: return !pk_json_text(v, &text) && !pk_json_is_null(v);
	default: {
		PK_AUTO(pk_buf) written = {0};

		yes = json_is_true(other);
		pk_buf_put_json_value(&written, v);
		return pk_str_eq(pk_buf_str(&written), yes ? PK_STR("true") : PK_STR("false"));
	}
	}
}

/* Where they differ: jansson leaves out a NUL that follows a number, and does not take 1e999. */
static void check_against_jansson(struct pk_str text)
{
	const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL;
	json_error_t why = {0};
	json_t *other = memchr(text.p, '\0', text.n) ? NULL : json_loadb(text.p, text.n, flags, &why);
	pk_autojson *v = NULL;
	bool read = pk_json_parse(text, &v, NULL) == 0;
	bool too_large = !other && json_error_code(&why) == json_error_numeric_overflow;

	if (read ? !(other ? is_same(v, other) : too_large) : other != NULL) {
		printf("# %.*s: %s here, %s there\n", (int)text.n, text.p, read ? "read" : "refused",
		       other ? "read" : "refused");
		CHECK(!"the same as jansson");
	}
	json_decref(other);
}

/* Each byte of each text in turn left out, doubled, and replaced by what may matter at its place. */
TEST(reads_what_another_reader_reads)
{
	static const char *const texts[] = {
		"{\"a\":[1,-0,-12,9223372036854775807,-9223372036854775808],\"b\":{\"\":{}, \"c\" :[[],[[]]]}}",
		"[\"\\u0041\\u00e9\\u20ac\\ud834\\udd1e\\\"\\\\\\/"
		"\\b\\f\\n\\r\\t\",\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"]",
		"[1.5,-0.25e+10,1E-2,0.0,10e0,true,false,null]",
		" {\"k\"\t:\r\n\"v\" , \"kk\":\"\\uD83D\\uDE00\\u0000\"} ",
		"[\"\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xf4\x8f\xbf\xbf\"]",
	};
	static const char swaps[] = "\0\t\n ,:[]{}\"\\/+-.019eEuUDdabtfnx\x7f\x80\xbf\xc0\xc1\xed\xf5\xff";

	for (size_t t = 0; t < PK_LEN(texts); t++) {
		struct pk_str s = pk_str(texts[t]);
		char b[256];

		check_against_jansson(s);
		for (size_t at = 0; at < s.n; at++) {
			memcpy(b, s.p, at);
			memcpy(b + at, s.p + at + 1, s.n - at - 1);
			check_against_jansson(pk_str_n(b, s.n - 1));
			memcpy(b + at + 1, s.p + at, s.n - at);
			b[at] = s.p[at];
			check_against_jansson(pk_str_n(b, s.n + 1));
			check_against_jansson(pk_str_n(b, at));
			memcpy(b, s.p, s.n);
			for (size_t i = 0; i < sizeof(swaps); i++) {
				b[at] = swaps[i];
				check_against_jansson(pk_str_n(b, s.n));
			}
		}
	}
}

/* Few names are compared in pairs, many are sorted; a list of any length takes no more than its bytes allow. */
TEST(many_values_are_read_and_names_are_there_once)
{
	for (size_t n = 1; n < 70000; n = n * 3 + 1) {
		PK_AUTO(pk_buf) list = {0}, object = {0}, twice = {0};
		pk_autojson *l = NULL, *o = NULL;
		uint64_t last = 0;

		pk_buf_puts(&list, "[0");
		pk_buf_puts(&object, "{\"0\":0");
		for (size_t i = 1; i < n; i++) {
			pk_buf_putf(&list, ",%zu", i % 10);
			pk_buf_putf(&object, ",\"%zu\":%zu", i * 7, i);
		}
		pk_buf_put_str(&twice, pk_buf_str(&object));
		pk_buf_putf(&twice, ",\"%zu\":1}", (n / 2) * 7);
		pk_buf_puts(&list, "]");
		pk_buf_puts(&object, "}");
		OK(pk_json_parse(pk_buf_str(&list), &l, &err));
		CHECK(pk_json_count(l) == n && pk_json_at_uint(l, n - 1, &last) && last == (n - 1) % 10);
		CHECK(!pk_json_at(l, n));
		OK(pk_json_parse(pk_buf_str(&object), &o, &err));
		pk_buf_reset(&list);
		pk_buf_putf(&list, "%zu", (n - 1) * 7);
		CHECK(pk_json_get_uint(o, list.p, &last) && last == n - 1);
		pk_json_value_free(pk_steal(&o));
		FAILS(PK_EFORMAT, pk_json_parse(pk_buf_str(&twice), &o, &err));
	}
}

/* Where it is mostly strings, whatever they hold, not much more than a copy of it is taken. */
TEST(a_long_text_of_strings_takes_little_memory)
{
	const size_t n = 16u << 20;
	PK_AUTO(pk_buf) b = {0};
	pk_autojson *v = NULL;
	struct pk_str s = {0};
	char *p = pk_buf_room(&b, n);

	CHECK(p != NULL);
	memset(p, ',', n);
	memcpy(p, "[\"\\\"", 4);
	memcpy(p + n - 2, "\"]", 2);
	OK(pk_json_parse(pk_str_n(p, n), &v, &err));
	CHECK(pk_json_at_str(v, 0, &s) && s.n == n - 5);
	CHECK(malloc_usable_size(v) < n + (n >> 3));
}

RUN_TESTS(T(escapes_never_make_a_long_text_much_longer), T(writes_deterministic_lines),
	  T(what_was_parsed_is_not_longer_when_written_again), T(text_that_is_not_utf8_sticks), T(reads_what_it_writes),
	  T(refuses_what_is_not_json), T(depth_is_limited), T(reads_what_another_reader_reads),
	  T(many_values_are_read_and_names_are_there_once), T(a_long_text_of_strings_takes_little_memory))
