/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"
#include <picket/json.h>
#include <picket/limits.h>

#include <errno.h>
#include <jansson.h>

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
	struct json_t *v = NULL;

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

/* The parser's own allocator, of which one allocation is too large to be had; what a parse left behind is freed. */
static json_malloc_t real_malloc;
static json_free_t real_free;
static size_t until_failure;
static void *blocks[64];

/* Whoever runs this under AddressSanitizer: too large is no error. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "allocator_may_return_null=1"; }

static void *failing_malloc(size_t n)
{
	void *p = real_malloc(--until_failure ? n : SIZE_MAX / 2);

	for (size_t i = 0; p && i < PK_LEN(blocks); i++) {
		if (!blocks[i]) {
			blocks[i] = p;
			return p;
		}
	}
	CHECK(!p);
	return p;
}

static void forget(void *p)
{
	for (size_t i = 0; p && i < PK_LEN(blocks); i++)
		if (blocks[i] == p)
			blocks[i] = NULL;
	real_free(p);
}

/* jansson goes on without the memory for a string, and then writes past the end of what it has. */
TEST(no_memory_is_said_and_corrupts_nothing)
{
	const struct pk_str text = PK_STR("{\"a long key, and more than sixteen bytes\":\"a value of more than sixteen "
					  "bytes\",\"n\":[1,2.5,true,{}]}");
	pk_autojson *first = NULL;
	bool whole = false;

	OK(pk_json_parse(PK_STR("1"), &first, &err));
	json_get_alloc_funcs(&real_malloc, &real_free);
	json_set_alloc_funcs(failing_malloc, forget);
	for (size_t n = 1; !whole; n++) {
		struct pk_err err = {0};
		struct json_t *v = NULL;

		until_failure = n;
		whole = pk_json_parse(text, &v, &err) == 0;
		CHECK(whole ? until_failure > 0 : !until_failure && err.kind == PK_ESYS && err.sys == ENOMEM && !v);
		pk_json_value_free(v);
		for (size_t i = 0; i < PK_LEN(blocks); i++)
			forget(blocks[i]);
		CHECK(n < 100);
	}
	json_set_alloc_funcs(real_malloc, real_free);
}

RUN_TESTS(T(no_memory_is_said_and_corrupts_nothing), T(escapes_never_make_a_long_text_much_longer),
	  T(writes_deterministic_lines), T(text_that_is_not_utf8_sticks), T(reads_what_it_writes),
	  T(refuses_what_is_not_json), T(depth_is_limited))
