/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"
#include <picket/time.h>

TEST(decimal_seconds_both_ways)
{
	static const struct {
		struct pk_time t;
		const char *text;
	} t[] = {
		{{1700000000, 0}, "1700000000.000000000"},
		{{0, 0}, "0.000000000"},
		{{0, 1}, "0.000000001"},
		{{-1, 0}, "-1.000000000"},
		{{-2, 500000000}, "-1.500000000"},
		{{-1, 999999999}, "-0.000000001"},
		{{INT64_MAX, 999999999}, "9223372036854775807.999999999"},
		{{INT64_MIN, 0}, "-9223372036854775808.000000000"},
		{{INT64_MIN, 1}, "-9223372036854775807.999999999"},
	};

	for (size_t i = 0; i < PK_LEN(t); i++) {
		PK_AUTO(pk_buf) b = {0};
		struct pk_time back = {7, 7};

		pk_buf_put_time(&b, t[i].t);
		CHECK_STR(pk_buf_str(&b), pk_str(t[i].text));
		CHECK(pk_time_parse(pk_str(t[i].text), &back));
		CHECK(pk_time_cmp(back, t[i].t) == 0);
	}
}

TEST(decimal_seconds_are_strict)
{
	static const char *const bad[] = {"",
					  "-",
					  ".5",
					  "1.",
					  "01",
					  "+1",
					  "-0",
					  "1.0000000000",
					  "1.5x",
					  " 1",
					  "9223372036854775808",
					  "-9223372036854775809",
					  "-9223372036854775808.5"};
	struct pk_time t = {0};

	for (size_t i = 0; i < PK_LEN(bad); i++)
		CHECK(!pk_time_parse(pk_str(bad[i]), &t));
	CHECK(pk_time_parse(PK_STR("5"), &t) && t.sec == 5 && t.nsec == 0);
	CHECK(pk_time_parse(PK_STR("-1.5"), &t) && t.sec == -2 && t.nsec == 500000000);
}

TEST(rfc3339_both_ways)
{
	static const struct {
		struct pk_time t;
		unsigned digits;
		const char *text;
	} t[] = {
		{{0, 0}, 0, "1970-01-01T00:00:00Z"},
		{{-1, 0}, 0, "1969-12-31T23:59:59Z"},
		{{951782400, 0}, 0, "2000-02-29T00:00:00Z"},
		{{4102444799, 5}, 9, "2099-12-31T23:59:59.000000005Z"},
		{{1795431429, 123456789}, 3, "2026-11-23T10:57:09.123Z"},
		{{253402300799, 0}, 0, "9999-12-31T23:59:59Z"},
		{{-62167219200, 0}, 0, "0000-01-01T00:00:00Z"},
		{{253402300800, 0}, 0, "@253402300800"},
		{{-62167219201, 0}, 0, "@-62167219201"},
	};

	for (size_t i = 0; i < PK_LEN(t); i++) {
		PK_AUTO(pk_buf) b = {0};
		struct pk_time back = {0};

		pk_buf_put_rfc3339(&b, t[i].t, t[i].digits);
		CHECK_STR(pk_buf_str(&b), pk_str(t[i].text));
		if (t[i].text[0] == '@')
			continue;
		CHECK(pk_time_parse_rfc3339(pk_str(t[i].text), &back));
		CHECK_INT(back.sec, t[i].t.sec);
	}
}

TEST(rfc3339_offsets_and_strictness)
{
	static const char *const bad[] = {
		"",
		"2026",
		"2026-11",
		"2026-13-01",
		"2026-02-29",
		"1900-02-29",
		"2026-11-23T",
		"2026-11-23T10:57:09",
		"2026-11-23T24:00:00Z",
		"2026-11-23T10:60:00Z",
		"2026-11-23T10:57:61Z",
		"2026-11-23T10:57:09.Z",
		"2026-11-23T10:57:09+1:00",
		"2026-11-23T10:57:09+24:00",
		"2026-11-23T10:57:09Zx",
		"2026-11-23x",
		"-026-11-23",
	};
	struct pk_time t = {0};

	for (size_t i = 0; i < PK_LEN(bad); i++)
		CHECK(!pk_time_parse_rfc3339(pk_str(bad[i]), &t));
	CHECK(pk_time_parse_rfc3339(PK_STR("1970-01-01T02:00:00.5+02:00"), &t) && t.sec == 0 && t.nsec == 500000000);
	CHECK(pk_time_parse_rfc3339(PK_STR("1970-01-01t00:00:00-01:30"), &t) && t.sec == 5400);
	CHECK(pk_time_parse_rfc3339(PK_STR("1970-01-02"), &t) && t.sec == 86400);
}

TEST(durations)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} t[] = {
		{"90s", 90},     {"15m", 900},     {"12h", 43200}, {"30d", 2592000},
		{"2w", 1209600}, {"1y", 31536000}, {"0s", 0},
	};
	static const char *const bad[] = {"", "s", "5", "5x", "-5s", "5 s", "300000000000y", "1h30m"};
	int64_t v = 0;

	for (size_t i = 0; i < PK_LEN(t); i++) {
		CHECK(pk_duration_parse(pk_str(t[i].text), &v));
		CHECK_INT(v, t[i].seconds);
	}
	for (size_t i = 0; i < PK_LEN(bad); i++)
		CHECK(!pk_duration_parse(pk_str(bad[i]), &v));
}

RUN_TESTS(T(decimal_seconds_both_ways), T(decimal_seconds_are_strict), T(rfc3339_both_ways),
	  T(rfc3339_offsets_and_strictness), T(durations))
