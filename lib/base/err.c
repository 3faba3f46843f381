/* SPDX-License-Identifier: Apache-2.0 */
/* Error messages: formatted once, made safe for terminals in one place. */
#include <picket/str.h>

#include <stdarg.h>
#include <stdio.h>

/* Writes prefix then text into msg, escaped; a message too long ends in "...". */
static void set_msg(struct pk_err *err, struct pk_str text)
{
	PK_AUTO(pk_buf) b = {0};

	pk_buf_put_safe(&b, text);
	if (b.oom) { /* no memory to escape with: keep plain ASCII only */
		size_t n = PK_MIN(text.n, sizeof(err->msg) - 1);

		for (size_t i = 0; i < n; i++)
			err->msg[i] = text.p[i] >= 0x20 && text.p[i] < 0x7f ? text.p[i] : '?';
		err->msg[n] = 0;
		return;
	}
	snprintf(err->msg, sizeof(err->msg), "%s", b.p ? b.p : "");
	if (b.n >= sizeof(err->msg))
		memcpy(err->msg + sizeof(err->msg) - 4, "...", 4);
}

static void PK_PRINTF(5, 0)
	fail_va(struct pk_err *err, enum pk_errkind kind, int sys, int code, const char *fmt, va_list ap)
{
	char text[1024];
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	size_t len = n < 0 ? 0 : PK_MIN((size_t)n, sizeof(text) - 1);

	if (sys && len < sizeof(text) - 1) {
		snprintf(text + len, sizeof(text) - len, ": %s", strerror(sys));
		len = strlen(text);
	}
	err->kind = kind;
	err->sys = sys;
	err->code = code;
	set_msg(err, pk_str_n(text, len));
}

int pk_fail(struct pk_err *err, enum pk_errkind kind, int sys, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	fail_va(err, kind, sys, 0, fmt, ap);
	va_end(ap);
	return -1;
}

int pk_fail_code(struct pk_err *err, enum pk_errkind kind, int code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	fail_va(err, kind, 0, code, fmt, ap);
	va_end(ap);
	return -1;
}

int pk_wrap(struct pk_err *err, const char *fmt, ...)
{
	char inner[sizeof(err->msg)], prefix[512];
	PK_AUTO(pk_buf) safe = {0};
	va_list ap;

	if (!err)
		return -1;
	memcpy(inner, err->msg, sizeof(inner));
	va_start(ap, fmt);
	vsnprintf(prefix, sizeof(prefix), fmt, ap);
	va_end(ap);
	pk_buf_put_safe(&safe, pk_str(prefix));
	if (safe.oom)
		return -1;
	/* `inner` is escaped already */
	if (snprintf(err->msg, sizeof(err->msg), "%s: %s", safe.p ? safe.p : "", inner) >= (int)sizeof(err->msg))
		memcpy(err->msg + sizeof(err->msg) - 4, "...", 4);
	return -1;
}

int pk_fail_oom(struct pk_err *err)
{
	pk_memory_note_failure();
	if (err)
		*err = (struct pk_err){.kind = PK_ESYS, .sys = 12, .msg = "out of memory"};
	return -1;
}

int pk_err_exit(const struct pk_err *err) { return err->kind == PK_EUSAGE ? PK_EXIT_USAGE : PK_EXIT_FAILED; }
