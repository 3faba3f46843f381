/* SPDX-License-Identifier: Apache-2.0 */
/* What libarchive would ask the host for, answered by ourselves.
 *
 * It asks which encoding texts have: UTF-8, so that names of every archive come out as they are, whatever the locale is.
 * It turns local times of zips into seconds, for which the C library would read the host's time zone: those times are not
 * used, UTC will do. And its zip reader is linked with what decrypts members: Picket has no passwords to try, so these
 * functions are never called, and libnettle is not in the program. */
#include "unpack.h"

#include <langinfo.h>
#include <stdlib.h>
#include <time.h>

#ifdef PK_STATIC
#define HOST(name) __wrap_##name /* --wrap in the Makefile */
#else
#define HOST(name) name
#endif

void pk_unpack_host(void) {}

char *HOST(nl_langinfo)(nl_item item);
char *HOST(nl_langinfo)(nl_item item)
{
	static char utf8[] = "UTF-8", nothing[] = "";

	return item == CODESET ? utf8 : nothing;
}

/* Days from 1970-01-01 in the proleptic Gregorian calendar, years counted from March. */
static int64_t days(int64_t year, int month, int day)
{
	int64_t y = month < 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
	int64_t of_year = (153 * ((month + 10) % 12) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

time_t HOST(mktime)(struct tm *tm);
time_t HOST(mktime)(struct tm *tm)
{
	int month = tm->tm_mon < 0 || tm->tm_mon > 11 ? 0 : tm->tm_mon;

	return (time_t)(days(1900 + (int64_t)tm->tm_year, month, tm->tm_mday) * 86400 + (int64_t)tm->tm_hour * 3600 +
			(int64_t)tm->tm_min * 60 + tm->tm_sec);
}

#ifdef PK_STATIC
#define NEVER_CALLED(name) \
	void name(void); \
	void name(void) { abort(); }

NEVER_CALLED(nettle_aes128_encrypt)
NEVER_CALLED(nettle_aes128_set_encrypt_key)
NEVER_CALLED(nettle_aes192_encrypt)
NEVER_CALLED(nettle_aes192_set_encrypt_key)
NEVER_CALLED(nettle_aes256_encrypt)
NEVER_CALLED(nettle_aes256_set_encrypt_key)
NEVER_CALLED(nettle_hmac_sha1_digest)
NEVER_CALLED(nettle_hmac_sha1_set_key)
NEVER_CALLED(nettle_hmac_sha1_update)
NEVER_CALLED(nettle_pbkdf2_hmac_sha1)
#endif
