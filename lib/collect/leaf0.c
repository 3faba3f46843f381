/* SPDX-License-Identifier: Apache-2.0 */
/* What a bundle says of its host and of the run: JSON objects for leaf 0. */
#include "leaf0.h"

#include <picket/time.h>

#include <errno.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define ARGV_BYTES 8192u /* after so many no further argument is put: leaf 0 is one line of 64 KiB */

static void put_text(struct pk_json *j, const char *key, const char *z)
{
	if (z && *z)
		pk_json_kbytes(j, key, pk_str(z));
}

static void put_clock(struct pk_json *j, const char *key, clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts) == 0)
		pk_json_ktime(j, key, (struct pk_time){ts.tv_sec, (uint32_t)ts.tv_nsec});
}

void pk_collect_put_clocks(struct pk_json *j)
{
	struct timex tx = {0};
	int state;

	put_clock(j, "wall", CLOCK_REALTIME);
	put_clock(j, "monotonic", CLOCK_MONOTONIC);
	put_clock(j, "boottime", CLOCK_BOOTTIME);
	state = adjtimex(&tx);
	if (state >= 0) {
		pk_json_kbool(j, "synchronized", state != TIME_ERROR && !(tx.status & STA_UNSYNC));
		pk_json_kint(j, "max_error_us", tx.maxerror);
	}
}

void pk_collect_put_host(struct pk_json *j, const struct pk_root *root, const struct pk_facts *f)
{
	pk_json_begin(j, '{');
	put_text(j, "hostname", f->hostname);
	put_text(j, "machine_id", f->machine_id);
	put_text(j, "dmi_uuid", f->dmi_uuid);
	put_text(j, "dmi_serial", f->dmi_serial);
	put_text(j, "root_uuid", f->root_uuid);
	put_text(j, "boot_id", f->boot_id);
	put_text(j, "os_id", f->os_id);
	put_text(j, "os_name", f->os_name);
	put_text(j, "os_version", f->os_version_id);
	put_text(j, "os_pretty_name", f->os_pretty_name);
	put_text(j, "kernel", f->kernel);
	put_text(j, "timezone", f->timezone);
	put_text(j, "language", f->language);
	pk_json_kbool(j, "live", root->is_host);
	put_text(j, "root", root->is_host ? NULL : root->name);
	pk_json_key(j, "clock");
	pk_json_begin(j, '{');
	pk_collect_put_clocks(j);
	pk_json_end(j, '}');
	pk_json_end(j, '}');
}

void pk_collect_put_tool(struct pk_json *j, const char *name, const char *version, const uint8_t sha256[32], int argc,
			 char *const *argv)
{
	size_t start = j->out->n;

	pk_json_begin(j, '{');
	pk_json_kz(j, "name", name);
	pk_json_kz(j, "version", version);
	if (sha256)
		pk_json_khex(j, "sha256", sha256, 32);
	pk_json_key(j, "argv");
	pk_json_begin(j, '[');
	for (int i = 0; i < argc && j->out->n - start < ARGV_BYTES; i++) {
		PK_AUTO(pk_buf) safe = {0};

		pk_buf_put_safe(&safe, pk_str_n(argv[i], strnlen(argv[i], 1000)));
		if (!safe.oom)
			pk_json_str(j, pk_buf_str(&safe));
	}
	pk_json_end(j, ']');
	pk_json_kuint(j, "uid", geteuid());
	pk_json_ktime(j, "start", pk_time_now());
	pk_json_end(j, '}');
}
