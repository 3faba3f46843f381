/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"

TEST(split_gives_every_piece)
{
	struct pk_str rest = PK_STR("a,,b"), piece;

	CHECK(pk_str_split(&rest, ',', &piece));
	CHECK_STR(piece, PK_STR("a"));
	CHECK(pk_str_split(&rest, ',', &piece));
	CHECK_STR(piece, PK_STR(""));
	CHECK(pk_str_split(&rest, ',', &piece));
	CHECK_STR(piece, PK_STR("b"));
	CHECK(!pk_str_split(&rest, ',', &piece));
}

TEST(numbers_are_strict)
{
	static const char *const bad[] = {"", "01", "+1", "-1", " 1", "1 ", "1x", "18446744073709551616"};
	uint64_t v = 7;

	CHECK(pk_str_u64(PK_STR("18446744073709551615"), UINT64_MAX, &v) && v == UINT64_MAX);
	CHECK(pk_str_u64(PK_STR("0"), 10, &v) && v == 0);
	CHECK(!pk_str_u64(PK_STR("11"), 10, &v));
	for (size_t i = 0; i < PK_LEN(bad); i++)
		CHECK(!pk_str_u64(pk_str(bad[i]), UINT64_MAX, &v));
}

TEST(ends_are_known_in_either_case)
{
	CHECK(pk_str_ends_nocase(PK_STR("a.YAR"), PK_STR(".yar")) &&
	      pk_str_ends_nocase(PK_STR(".yAr"), PK_STR(".yar")));
	CHECK(!pk_str_ends_nocase(PK_STR("YAR"), PK_STR(".yar")) &&
	      !pk_str_ends_nocase(PK_STR("a.YARA"), PK_STR(".yar")));
	/* a bit is not a letter's case */
	CHECK(!pk_str_ends_nocase(PK_STR("a\x0eyar"), PK_STR(".yar")));
	CHECK(pk_str_ends_nocase(PK_STR("a"), PK_STR("")));
}

TEST(cursor_fails_for_good)
{
	struct pk_cur c = pk_cur("\x01\x02\x03", 3);

	CHECK_INT(pk_rd_le16(&c), 0x0201);
	CHECK_INT(pk_rd_le16(&c), 0);
	CHECK(c.bad);
	CHECK_INT(pk_rd_u8(&c), 0);
}

TEST(safe_text_hides_nothing)
{
	static const struct {
		const char *in, *out;
	} t[] = {
		{"plain", "plain"},
		{"a\nb", "a\\x0ab"},
		{"\033[31m", "\\x1b[31m"},
		{"\\", "\\\\"},
		{"\xc3\xa9", "\xc3\xa9"},
		{"\xff", "\\xff"},
		{"\xe2\x80\xae", "\\xe2\\x80\\xae"},
		{"\xc0\x80", "\\xc0\\x80"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
	};

	for (size_t i = 0; i < PK_LEN(t); i++) {
		PK_AUTO(pk_buf) b = {0};

		pk_buf_put_safe(&b, pk_str(t[i].in));
		CHECK_STR(pk_buf_str(&b), pk_str(t[i].out));
	}
}

TEST(lossy_text_is_utf8_without_nul)
{
	static const struct {
		struct pk_str in;
		const char *out;
	} t[] = {
		{PK_STR(""), ""},
		{PK_STR("plain \xc3\xa9"), "plain \xc3\xa9"},
		{PK_STR("\xff"), "\xef\xbf\xbd"},
		{PK_STR("a\0b"), "a\xef\xbf\xbd"
				 "b"},
		{PK_STR("a\xc3"), "a\xef\xbf\xbd"},
		{PK_STR("\xc0\x80"
			"b\xf0\x9f\x98\x80"),
		 "\xef\xbf\xbd\xef\xbf\xbd"
		 "b\xf0\x9f\x98\x80"},
		{PK_STR("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	};

	for (size_t i = 0; i < PK_LEN(t); i++) {
		PK_AUTO(pk_buf) b = {0};

		CHECK(pk_buf_put_lossy(&b, t[i].in) == !pk_str_eq(t[i].in, pk_str(t[i].out)));
		CHECK_STR(pk_buf_str(&b), pk_str(t[i].out));
	}
}

TEST(base64_is_strict)
{
	static const char *const bad[] = {"QQ", "QQ=", "QR==", "QQ==\n", "Q Q=", "====", "A"};
	PK_AUTO(pk_buf) b = {0};

	CHECK(pk_base64_decode(PK_STR("QUI="), true, &b));
	CHECK_STR(pk_buf_str(&b), PK_STR("AB"));
	for (size_t i = 0; i < PK_LEN(bad); i++)
		CHECK(!pk_base64_decode(pk_str(bad[i]), true, &b));
	CHECK(!pk_base64_decode(PK_STR("QR"), false, &b));
	CHECK_INT(b.n, 2);
}

TEST(base64_of_known_length_needs_no_memory)
{
	static const struct {
		const char *text;
		bool pad;
		size_t n;
	} bad[] = {
		{"QUI=", true, 1},  {"QUI=", true, 3}, {"QQ==", true, 2}, {"QUJD", true, 2}, {"QUI", true, 2},
		{"QUI=", false, 2}, {"QUJ", false, 2}, {"", true, 1},     {"Q", false, 0},   {"QU=I", true, 2},
	};
	uint8_t raw[48], out[48];

	for (size_t n = 0; n < sizeof(raw); n++)
		for (int pad = 0; pad < 2; pad++) {
			PK_AUTO(pk_buf) b = {0};

			for (size_t i = 0; i < n; i++)
				raw[i] = (uint8_t)(i * 89 + n);
			memset(out, 0xaa, sizeof(out));
			pk_buf_put_base64(&b, raw, n, pad);
			CHECK(pk_base64_decode_n(pk_buf_str(&b), pad, out, n));
			CHECK(memcmp(raw, out, n) == 0 && out[n] == 0xaa);
			CHECK(!pk_base64_decode_n(pk_buf_str(&b), pad, out, n + 1));
		}
	for (size_t i = 0; i < PK_LEN(bad); i++)
		CHECK(!pk_base64_decode_n(pk_str(bad[i].text), bad[i].pad, out, bad[i].n));
}

TEST(errors_are_escaped_and_wrapped)
{
	struct pk_err err = {0};

	CHECK_INT(pk_fail(&err, PK_EFORMAT, 0, "bad '%s'", "a\033b"), -1);
	CHECK_STR(pk_str(err.msg), PK_STR("bad 'a\\x1bb'"));
	pk_wrap(&err, "member %d", 3);
	CHECK_STR(pk_str(err.msg), PK_STR("member 3: bad 'a\\x1bb'"));
	CHECK_INT(err.kind, PK_EFORMAT);
	CHECK_INT(pk_fail(NULL, PK_ESYS, 2, "x"), -1);
}

RUN_TESTS(T(split_gives_every_piece), T(numbers_are_strict), T(ends_are_known_in_either_case), T(cursor_fails_for_good),
	  T(safe_text_hides_nothing), T(lossy_text_is_utf8_without_nul), T(base64_is_strict),
	  T(base64_of_known_length_needs_no_memory), T(errors_are_escaped_and_wrapped))
