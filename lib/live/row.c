/* SPDX-License-Identifier: Apache-2.0 */
/* Rows and notes: one JSON object a row, built in one buffer. */
#include "live.h"

#include <stdarg.h>

#define MAX_NOTES 1000

struct pk_json *live_row(struct pk_live_out *out)
{
	pk_buf_reset(&out->line);
	out->json = (struct pk_json){.out = &out->line};
	pk_json_begin(&out->json, '{');
	return &out->json;
}

int live_emit(struct pk_live_out *out, struct pk_err *err)
{
	pk_json_end(&out->json, '}');
	if (pk_json_check(&out->json, err) < 0)
		return -1;
	if (out->line.n > PK_LIVE_MAX_LINE) {
		pk_live_note(out, "a row of %zu bytes is over the limit of %u and was left out", out->line.n,
			     PK_LIVE_MAX_LINE);
		return 0;
	}
	out->rows++;
	return out->row(out->arg, pk_buf_str(&out->line), err);
}

void live_kbytes(struct pk_live_out *out, const char *key, struct pk_str bytes)
{
	if (bytes.n > PK_LIVE_MAX_VALUE) {
		pk_live_note(out, "%s: a value of %zu bytes was cut to %u", key, bytes.n, PK_LIVE_MAX_VALUE);
		bytes.n = PK_LIVE_MAX_VALUE;
	}
	pk_json_kbytes(&out->json, key, bytes);
}

void live_kopt(struct pk_live_out *out, const char *key, struct pk_str bytes)
{
	if (bytes.n)
		live_kbytes(out, key, bytes);
}

void pk_live_note(struct pk_live_out *out, const char *fmt, ...)
{
	struct pk_err text = {0};
	char raw[512];
	va_list ap;

	if (++out->notes > MAX_NOTES || !out->note)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	pk_fail(&text, PK_EFORMAT, 0, "%s", raw);
	out->note(out->arg, text.msg);
}

void pk_live_out_done(struct pk_live_out *out) { pk_buf_done(&out->line); }

bool live_expired(const struct pk_live_ctx *ctx) { return ctx->deadline_ns && pk_time_mono_ns() >= ctx->deadline_ns; }
