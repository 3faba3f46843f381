/* SPDX-License-Identifier: Apache-2.0 */
/* Tables `time` and `uptime`: every clock there is, and how they differ. */
#include "live.h"
#include "tables.h"

#include <fcntl.h>
#include <sys/timex.h>
#include <time.h>

static const struct pk_live_column time_columns[] = {
	{"weekday", PK_LIVE_TEXT, "day of the week (UTC)"},
	{"year", PK_LIVE_INTEGER, "UTC"},
	{"month", PK_LIVE_INTEGER, "UTC"},
	{"day", PK_LIVE_INTEGER, "UTC"},
	{"hour", PK_LIVE_INTEGER, "UTC"},
	{"minutes", PK_LIVE_INTEGER, "UTC"},
	{"seconds", PK_LIVE_INTEGER, "UTC"},
	{"timezone", PK_LIVE_TEXT, "time zone of the other columns: UTC"},
	{"local_timezone", PK_LIVE_TEXT, "the host's time zone by /etc/timezone or the link /etc/localtime"},
	{"unix_time", PK_LIVE_INTEGER, "seconds since the epoch"},
	{"iso_8601", PK_LIVE_TEXT, "RFC 3339"},
	{"realtime", PK_LIVE_TIME, "the host's wall clock"},
	{"monotonic", PK_LIVE_TIME, "seconds since boot, without sleep"},
	{"boottime", PK_LIVE_TIME, "seconds since boot, with sleep"},
	{"booted", PK_LIVE_TIME, "wall clock minus boottime"},
	{"tai_offset", PK_LIVE_INTEGER, "TAI minus UTC as the kernel knows it"},
	{"synchronized", PK_LIVE_INTEGER, "1: the kernel's clock is disciplined by a time service"},
	{"estimated_error_us", PK_LIVE_BIGINT, "the kernel's estimate, microseconds"},
	{"max_error_us", PK_LIVE_BIGINT, "the kernel's bound, microseconds"},
	{"rtc_name", PK_LIVE_TEXT, "hardware clock"},
	{"rtc_time", PK_LIVE_INTEGER, "hardware clock read as UTC, seconds since the epoch"},
	{"rtc_local", PK_LIVE_INTEGER, "1: /etc/adjtime says that the hardware clock runs in local time"},
	{"clocksource", PK_LIVE_TEXT, "what the kernel counts by"},
	{0},
};

/* The zone's name out of a link such as /usr/share/zoneinfo/Europe/Paris. */
static struct pk_str zone_of_link(struct pk_str target)
{
	struct pk_str mark = PK_STR("zoneinfo/");

	for (size_t i = 0; i + mark.n <= target.n; i++)
		if (memcmp(target.p + i, mark.p, mark.n) == 0)
			return pk_str_n(target.p + i + mark.n, target.n - i - mark.n);
	return pk_str_n(NULL, 0);
}

static void put_zone(const struct pk_live_ctx *ctx, struct pk_live_out *out)
{
	PK_AUTO(pk_buf) b = {0};
	pk_autoclose int etc = -1;
	bool cut;

	if (live_read_root(ctx, PK_STR("etc/timezone"), 4096, &b, &cut) == 0 && pk_str_trim(pk_buf_str(&b)).n) {
		live_kbytes(out, "local_timezone", pk_str_trim(pk_buf_str(&b)));
		return;
	}
	pk_buf_reset(&b);
	if (live_dir_root(ctx, PK_STR("etc"), &etc) == 0 && live_readlink_at(etc, "localtime", &b) == 0)
		live_kopt(out, "local_timezone", zone_of_link(pk_buf_str(&b)));
}

static void put_clock(struct pk_json *j, const char *key, clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) == 0)
		pk_json_ktime(j, key, (struct pk_time){ts.tv_sec, (uint32_t)ts.tv_nsec});
}

static void put_booted(struct pk_json *j)
{
	struct timespec now, since;
	struct pk_time t;

	if (clock_gettime(CLOCK_REALTIME, &now) < 0 || clock_gettime(CLOCK_BOOTTIME, &since) < 0)
		return;
	t.sec = now.tv_sec - since.tv_sec - (now.tv_nsec < since.tv_nsec);
	t.nsec = (uint32_t)(now.tv_nsec - since.tv_nsec + (now.tv_nsec < since.tv_nsec ? 1000000000 : 0));
	pk_json_ktime(j, "booted", t);
}

static void put_hardware(const struct pk_live_ctx *ctx, struct pk_live_out *out)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str rest, line, last = {0};
	uint64_t v;
	bool cut;

	if (ctx->sys_fd >= 0) {
		live_kopt(out, "rtc_name", live_line_at(ctx->sys_fd, "class/rtc/rtc0/name", &b));
		if (live_u64(live_line_at(ctx->sys_fd, "class/rtc/rtc0/since_epoch", &b), &v) && v < INT64_MAX)
			pk_json_kuint(&out->json, "rtc_time", v);
	}
	pk_buf_reset(&b);
	if (live_read_root(ctx, PK_STR("etc/adjtime"), 4096, &b, &cut) == 0) {
		rest = pk_buf_str(&b);
		while (pk_str_line(&rest, &line))
			last = pk_str_trim(line);
		pk_json_kint(&out->json, "rtc_local", pk_str_eq(last, PK_STR("LOCAL")));
	}
	if (ctx->sys_fd >= 0)
		live_kopt(out, "clocksource",
			  live_line_at(ctx->sys_fd, "devices/system/clocksource/clocksource0/current_clocksource", &b));
}

static int time_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
					   "Thursday", "Friday", "Saturday"};
	struct pk_time now = pk_time_now();
	PK_AUTO(pk_buf) iso = {0};
	struct timex tx = {0};
	struct tm tm = {0};
	time_t sec = now.sec;
	struct pk_json *j = live_row(out);
	int state;

	if (gmtime_r(&sec, &tm)) {
		pk_json_kz(j, "weekday", days[(unsigned)tm.tm_wday % 7]);
		pk_json_kint(j, "year", tm.tm_year + 1900LL);
		pk_json_kint(j, "month", tm.tm_mon + 1);
		pk_json_kint(j, "day", tm.tm_mday);
		pk_json_kint(j, "hour", tm.tm_hour);
		pk_json_kint(j, "minutes", tm.tm_min);
		pk_json_kint(j, "seconds", tm.tm_sec);
	}
	pk_json_kz(j, "timezone", "UTC");
	put_zone(ctx, out);
	pk_json_kint(j, "unix_time", now.sec);
	pk_buf_put_rfc3339(&iso, now, 0);
	pk_json_kstr(j, "iso_8601", pk_buf_str(&iso));
	pk_json_ktime(j, "realtime", now);
	put_clock(j, "monotonic", CLOCK_MONOTONIC);
	put_clock(j, "boottime", CLOCK_BOOTTIME);
	put_booted(j);
	state = adjtimex(&tx); /* modes 0: reads only */
	if (state >= 0) {
		pk_json_kint(j, "tai_offset", tx.tai);
		pk_json_kint(j, "synchronized", state != TIME_ERROR && !(tx.status & STA_UNSYNC));
		pk_json_kint(j, "estimated_error_us", tx.esterror);
		pk_json_kint(j, "max_error_us", tx.maxerror);
	}
	put_hardware(ctx, out);
	return live_emit(out, err);
}

const struct pk_live_table live_time = {
	.name = "time",
	.doc = "the host's clocks at the moment of reading",
	.columns = time_columns,
	.host_only = true,
	.rows = time_rows,
};

static const struct pk_live_column uptime_columns[] = {
	{"days", PK_LIVE_INTEGER, "days up"},
	{"hours", PK_LIVE_INTEGER, "hours up, past the days"},
	{"minutes", PK_LIVE_INTEGER, "minutes up, past the hours"},
	{"seconds", PK_LIVE_INTEGER, "seconds up, past the minutes"},
	{"total_seconds", PK_LIVE_BIGINT, "seconds up"},
	{"idle_seconds", PK_LIVE_BIGINT, "idle time of all processors together"},
	{0},
};

static int uptime_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str s = live_line_at(ctx->proc_fd, "uptime", &b), up, idle, whole;
	uint64_t t, i;
	struct pk_json *j;

	if (!live_word(&s, &up) || !live_word(&s, &idle) || !pk_str_split(&up, '.', &whole) || !live_u64(whole, &t) ||
	    !pk_str_split(&idle, '.', &whole) || !live_u64(whole, &i) || t > INT64_MAX || i > INT64_MAX) {
		pk_live_note(out, "/proc/uptime cannot be read or is not understood");
		return 0;
	}
	j = live_row(out);
	pk_json_kuint(j, "days", t / 86400);
	pk_json_kuint(j, "hours", t / 3600 % 24);
	pk_json_kuint(j, "minutes", t / 60 % 60);
	pk_json_kuint(j, "seconds", t % 60);
	pk_json_kuint(j, "total_seconds", t);
	pk_json_kuint(j, "idle_seconds", i);
	return live_emit(out, err);
}

const struct pk_live_table live_uptime = {
	.name = "uptime",
	.doc = "how long the host has been up",
	.columns = uptime_columns,
	.host_only = true,
	.rows = uptime_rows,
};
