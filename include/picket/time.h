/* SPDX-License-Identifier: Apache-2.0 */
/** Time: nanoseconds since the epoch where it fits, seconds and nanoseconds where it may not. */
#ifndef PICKET_TIME_H
#define PICKET_TIME_H

#include <picket/str.h>

/** A moment: sec may be negative or far in the future, 0 <= nsec < 10^9. */
struct pk_time {
	int64_t sec;
	uint32_t nsec;
};
struct pk_time pk_time_now(void); /* CLOCK_REALTIME */
uint64_t pk_time_mono_ns(void);   /* CLOCK_MONOTONIC */
/** Decimal seconds since the epoch with exactly nine decimals: "1700000000.000000000", "-1.500000000" is one
 * and a half seconds before 1970 (the sign holds for the whole number). */
void pk_buf_put_time(struct pk_buf *b, struct pk_time t);
/** Reads what pk_buf_put_time writes; also accepts fewer decimals or none. */
PK_NODISCARD bool pk_time_parse(struct pk_str s, struct pk_time *ret);
/** RFC 3339 in UTC, for people: "2026-11-23T10:57:09Z", with `digits` (0 to 9) decimals; years outside
 * 0000-9999 come out as "@SECONDS". */
void pk_buf_put_rfc3339(struct pk_buf *b, struct pk_time t, unsigned digits);
/** Reads RFC 3339 ("2026-11-23T10:57:09Z", with offset, or a bare date "2026-11-23" = midnight UTC). */
PK_NODISCARD bool pk_time_parse_rfc3339(struct pk_str s, struct pk_time *ret);
/** A duration "90s", "15m", "12h", "30d", "2w", "1y" (365 days) in seconds. */
PK_NODISCARD bool pk_duration_parse(struct pk_str s, int64_t *ret_seconds);
int pk_time_cmp(struct pk_time a, struct pk_time b);

#endif
