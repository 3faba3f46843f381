/* SPDX-License-Identifier: Apache-2.0 */
/* Messages on standard error and the progress line. */
#include <picket/msg.h>
#include <picket/io.h>
#include <picket/time.h>
#include "utf8.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PROGRESS_EVERY_NS 100000000u

bool pk_msg_quiet;
int pk_msg_verbose;
const char *pk_msg_tool;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool progress_shown;
static uint64_t progress_ns;

static void put_fmt(struct pk_buf *b, const char *fmt, va_list ap) PK_PRINTF(2, 0);
static void put_fmt(struct pk_buf *b, const char *fmt, va_list ap)
{
	pk_autofree char *text = NULL;
	int n = vasprintf(&text, fmt, ap);

	if (n < 0) {
		text = NULL;
		b->oom = true;
		return;
	}
	pk_utf8_put_shown(b, pk_str_n(text, (size_t)n));
}

/* Nothing can be done when it fails. */
static void put_stderr(const char *p, size_t n)
{
	if (pk_write_full(STDERR_FILENO, p, n, NULL) < 0)
		return;
}

/* One write, so that lines of threads and of other programs do not mix. */
static void emit(const struct pk_buf *text)
{
	PK_AUTO(pk_buf) line = {0};

	pthread_mutex_lock(&lock);
	if (progress_shown)
		pk_buf_puts(&line, "\r\033[K");
	progress_shown = false;
	if (pk_msg_tool)
		pk_buf_putf(&line, "%s: ", pk_msg_tool);
	pk_buf_put_str(&line, pk_buf_str(text));
	pk_buf_put_c(&line, '\n');
	if (text->oom || line.oom)
		put_stderr("out of memory\n", 14);
	else
		put_stderr(line.p, line.n);
	pthread_mutex_unlock(&lock);
}

void pk_msg_error(const struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};

	pk_buf_puts(&b, err->msg);
	emit(&b);
}

void pk_msg_warn(const char *fmt, ...)
{
	PK_AUTO(pk_buf) b = {0};
	va_list ap;

	if (pk_msg_quiet)
		return;
	pk_buf_puts(&b, "warning: ");
	va_start(ap, fmt);
	put_fmt(&b, fmt, ap);
	va_end(ap);
	emit(&b);
}

void pk_msg_info(const char *fmt, ...)
{
	PK_AUTO(pk_buf) b = {0};
	va_list ap;

	if (pk_msg_quiet)
		return;
	va_start(ap, fmt);
	put_fmt(&b, fmt, ap);
	va_end(ap);
	emit(&b);
}

void pk_msg_detail(const char *fmt, ...)
{
	PK_AUTO(pk_buf) b = {0};
	va_list ap;

	if (pk_msg_quiet || pk_msg_verbose < 1)
		return;
	va_start(ap, fmt);
	put_fmt(&b, fmt, ap);
	va_end(ap);
	emit(&b);
}

/* Cuts b to `columns`, at a character. */
static void cut(struct pk_buf *b, size_t columns)
{
	while (b->n && pk_utf8_columns(pk_buf_str(b)) > columns) {
		do
			b->n--;
		while (b->n && ((uint8_t)b->p[b->n] & 0xc0) == 0x80);
		b->p[b->n] = 0;
	}
}

void pk_msg_progress(const char *fmt, ...)
{
	PK_AUTO(pk_buf) b = {0};
	PK_AUTO(pk_buf) text = {0};
	uint64_t now = pk_time_mono_ns();
	struct winsize ws = {0};
	va_list ap;

	pthread_mutex_lock(&lock);
	bool due = !pk_msg_quiet && now - progress_ns >= PROGRESS_EVERY_NS && isatty(STDERR_FILENO);

	if (due) {
		progress_ns = now;
		if (ioctl(STDERR_FILENO, TIOCGWINSZ, &ws) < 0 || ws.ws_col < 20)
			ws.ws_col = 80;
		va_start(ap, fmt);
		put_fmt(&text, fmt, ap);
		va_end(ap);
		cut(&text, ws.ws_col - 1u);
		pk_buf_puts(&b, "\r\033[K");
		pk_buf_put_str(&b, pk_buf_str(&text));
		if (!b.oom)
			put_stderr(b.p, b.n);
		progress_shown = true;
	}
	pthread_mutex_unlock(&lock);
}

void pk_msg_progress_done(void)
{
	pthread_mutex_lock(&lock);
	if (progress_shown)
		put_stderr("\r\033[K", 4);
	progress_shown = false;
	progress_ns = 0;
	pthread_mutex_unlock(&lock);
}

void pk_event_warn(const struct pk_events *ev, const char *fmt, ...)
{
	PK_AUTO(pk_buf) b = {0};
	va_list ap;

	if (!ev || !ev->warn)
		return;
	va_start(ap, fmt);
	put_fmt(&b, fmt, ap);
	va_end(ap);
	ev->warn(ev->ctx, b.oom ? "out of memory" : pk_buf_str(&b).p);
}

void pk_event_progress(const struct pk_events *ev, const char *what, uint64_t done, uint64_t total)
{
	if (ev && ev->progress)
		ev->progress(ev->ctx, what, done, total);
}

static void events_warn(void *ctx, const char *text)
{
	(void)ctx;
	pk_msg_warn("%s", text);
}

static void events_progress(void *ctx, const char *what, uint64_t done, uint64_t total)
{
	(void)ctx;
	if (total)
		pk_msg_progress("%s: %llu of %llu (%u%%)", what, (unsigned long long)done, (unsigned long long)total,
				(unsigned)((double)done * 100 / (double)total));
	else
		pk_msg_progress("%s: %llu", what, (unsigned long long)done);
}

const struct pk_events pk_msg_events = {NULL, events_warn, events_progress};

int pk_stdout_line(struct pk_buf *line, struct pk_err *err)
{
	pk_buf_put_c(line, '\n');
	if (pk_buf_check(line, err) < 0)
		return -1;
	errno = 0;
	if (fwrite(line->p, 1, line->n, stdout) != line->n)
		return pk_fail(err, PK_ESYS, errno ? errno : EIO, "cannot write to standard output");
	return 0;
}

int pk_stdout_done(struct pk_err *err)
{
	errno = 0;
	if (fflush(stdout) != 0 || ferror(stdout))
		return pk_fail(err, PK_ESYS, errno ? errno : EIO, "cannot write to standard output");
	return 0;
}
