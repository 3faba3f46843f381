/* SPDX-License-Identifier: Apache-2.0 */
/* Moments as decimal seconds and as RFC 3339, without the C library's time zones. */
#include <picket/time.h>

#include <inttypes.h>
#include <time.h>

#define NS 1000000000u
#define DAY 86400

struct pk_time pk_time_now(void)
{
	struct timespec ts = {0};

	clock_gettime(CLOCK_REALTIME, &ts);
	return (struct pk_time){ts.tv_sec, (uint32_t)ts.tv_nsec};
}

uint64_t pk_time_mono_ns(void)
{
	struct timespec ts = {0};

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS + (uint64_t)ts.tv_nsec;
}

int pk_time_cmp(struct pk_time a, struct pk_time b)
{
	if (a.sec != b.sec)
		return a.sec < b.sec ? -1 : 1;
	return (a.nsec > b.nsec) - (a.nsec < b.nsec);
}

void pk_buf_put_time(struct pk_buf *b, struct pk_time t)
{
	bool minus = t.sec < 0;
	uint64_t whole = minus ? -(uint64_t)t.sec : (uint64_t)t.sec;
	uint32_t frac = t.nsec;

	if (minus && frac) { /* -2 + 0.5 is written -1.5 */
		whole--;
		frac = NS - frac;
	}
	pk_buf_putf(b, "%s%" PRIu64 ".%09" PRIu32, minus ? "-" : "", whole, frac);
}

/* ".5" as nanoseconds; an empty string is 0. */
static bool parse_fraction(struct pk_str s, uint32_t *ret)
{
	uint32_t v = 0;

	if (s.n == 0) {
		*ret = 0;
		return true;
	}
	if (s.n < 2 || s.n > 10 || s.p[0] != '.')
		return false;
	for (size_t i = 1; i <= 9; i++) {
		char c = i < s.n ? s.p[i] : '0';

		if (c < '0' || c > '9')
			return false;
		v = v * 10 + (uint32_t)(c - '0');
	}
	*ret = v;
	return true;
}

bool pk_time_parse(struct pk_str s, struct pk_time *ret)
{
	bool minus = s.n && s.p[0] == '-';
	uint64_t whole;
	uint32_t frac;
	size_t dot;

	if (minus)
		s.p++, s.n--;
	dot = pk_str_find(s, '.');
	if (!pk_str_u64((struct pk_str){s.p, dot}, (uint64_t)INT64_MAX + minus, &whole) ||
	    !parse_fraction((struct pk_str){s.p + dot, s.n - dot}, &frac))
		return false;
	if (!minus) {
		*ret = (struct pk_time){(int64_t)whole, frac};
		return true;
	}
	if (frac && whole == (uint64_t)INT64_MAX + 1)
		return false;
	if (whole == 0 && frac == 0)
		return false;
	*ret = (struct pk_time){frac ? -(int64_t)whole - 1 : (int64_t)-whole, frac ? NS - frac : 0};
	return true;
}

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar, and back; years from March, so that the
 * leap day is a year's last. */
static int64_t days_of(int64_t y, int64_t m, int64_t d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void date_of(int64_t days, int64_t *y, int64_t *m, int64_t *d)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*d = doy - (153 * mp + 2) / 5 + 1;
	*m = mp < 10 ? mp + 3 : mp - 9;
	*y = yoe + era * 400 + (*m <= 2);
}

void pk_buf_put_rfc3339(struct pk_buf *b, struct pk_time t, unsigned digits)
{
	const int64_t first = days_of(0, 1, 1) * DAY, end = days_of(10000, 1, 1) * DAY;
	int64_t days, left, y, m, d;
	uint32_t frac = t.nsec;

	if (t.sec < first || t.sec >= end) {
		pk_buf_putf(b, "@%" PRId64, t.sec);
		return;
	}
	days = (t.sec - first) / DAY + first / DAY;
	left = t.sec - days * DAY;
	date_of(days, &y, &m, &d);
	pk_buf_putf(b, "%04d-%02d-%02dT%02d:%02d:%02d", (int)y, (int)m, (int)d, (int)(left / 3600),
		    (int)(left / 60 % 60), (int)(left % 60));
	digits = PK_MIN(digits, 9u);
	if (digits) {
		for (unsigned i = digits; i < 9; i++)
			frac /= 10;
		pk_buf_putf(b, ".%0*" PRIu32, (int)digits, frac);
	}
	pk_buf_put_c(b, 'Z');
}

/* Takes n digits and then `after` (0: nothing) off the front. */
static bool take(struct pk_str *s, size_t n, char after, int64_t *ret)
{
	int64_t v = 0;

	if (s->n < n + (after != 0) || (after && s->p[n] != after))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		v = v * 10 + (s->p[i] - '0');
	}
	s->p += n + (after != 0);
	s->n -= n + (after != 0);
	*ret = v;
	return true;
}

static bool parse_offset(struct pk_str s, int64_t *ret_seconds)
{
	int64_t h, m, sign;

	if (s.n == 1 && (s.p[0] == 'Z' || s.p[0] == 'z')) {
		*ret_seconds = 0;
		return true;
	}
	if (s.n != 6 || (s.p[0] != '+' && s.p[0] != '-'))
		return false;
	sign = s.p[0] == '-' ? -1 : 1;
	s.p++, s.n--;
	if (!take(&s, 2, ':', &h) || !take(&s, 2, 0, &m) || h > 23 || m > 59)
		return false;
	*ret_seconds = sign * (h * 3600 + m * 60);
	return true;
}

bool pk_time_parse_rfc3339(struct pk_str s, struct pk_time *ret)
{
	static const uint8_t month_days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t y, mo, d, h, mi, sec, offset;
	uint32_t frac = 0;
	size_t n = 0;

	if (!take(&s, 4, '-', &y) || !take(&s, 2, '-', &mo) || !take(&s, 2, 0, &d))
		return false;
	if (mo < 1 || mo > 12 || d < 1 || d > month_days[mo - 1])
		return false;
	if (mo == 2 && d == 29 && (y % 4 || (y % 100 == 0 && y % 400)))
		return false;
	if (s.n == 0) {
		*ret = (struct pk_time){days_of(y, mo, d) * DAY, 0};
		return true;
	}
	if (s.p[0] != 'T' && s.p[0] != 't' && s.p[0] != ' ')
		return false;
	s.p++, s.n--;
	if (!take(&s, 2, ':', &h) || !take(&s, 2, ':', &mi) || !take(&s, 2, 0, &sec))
		return false;
	if (h > 23 || mi > 59 || sec > 60) /* 60: a leap second, counted as the next one */
		return false;
	if (s.n && s.p[0] == '.')
		for (n = 1; n < s.n && s.p[n] >= '0' && s.p[n] <= '9';)
			n++;
	if (!parse_fraction((struct pk_str){s.p, n}, &frac) ||
	    !parse_offset((struct pk_str){s.p + n, s.n - n}, &offset))
		return false;
	*ret = (struct pk_time){days_of(y, mo, d) * DAY + h * 3600 + mi * 60 + sec - offset, frac};
	return true;
}

bool pk_duration_parse(struct pk_str s, int64_t *ret_seconds)
{
	static const struct {
		char unit;
		uint64_t seconds;
	} units[] = {
		{'s', 1}, {'m', 60}, {'h', 3600}, {'d', DAY}, {'w', 7 * DAY}, {'y', 365 * DAY},
	};
	uint64_t v, seconds;

	if (s.n < 2)
		return false;
	for (size_t i = 0; i < PK_LEN(units); i++) {
		if (s.p[s.n - 1] != units[i].unit)
			continue;
		if (!pk_str_u64((struct pk_str){s.p, s.n - 1}, INT64_MAX, &v) ||
		    __builtin_mul_overflow(v, units[i].seconds, &seconds) || seconds > INT64_MAX)
			return false;
		*ret_seconds = (int64_t)seconds;
		return true;
	}
	return false;
}
