/* SPDX-License-Identifier: Apache-2.0 */
/* Growing buffers and lists of strings. */
#include <picket/str.h>
#include "utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void pk_buf_done(struct pk_buf *b)
{
	free(b->p);
	*b = (struct pk_buf){0};
}

void pk_buf_reset(struct pk_buf *b)
{
	b->n = 0;
	b->oom = false;
	if (b->p)
		b->p[0] = 0;
}

void *pk_buf_room(struct pk_buf *b, size_t n)
{
	size_t need;

	if (b->oom || !pk_size_add(b->n, n, &need) || !pk_size_add(need, 1, &need) ||
	    !pk_grow(&b->p, &b->cap, need, 1)) {
		b->oom = true;
		return NULL;
	}
	return b->p + b->n;
}

void pk_buf_put(struct pk_buf *b, const void *p, size_t n)
{
	void *at = pk_buf_room(b, n);

	if (!at)
		return;
	if (n)
		memcpy(at, p, n);
	b->n += n;
	b->p[b->n] = 0;
}

void pk_buf_put_c(struct pk_buf *b, char c) { pk_buf_put(b, &c, 1); }
void pk_buf_puts(struct pk_buf *b, const char *z) { pk_buf_put(b, z, strlen(z)); }
void pk_buf_put_str(struct pk_buf *b, struct pk_str s) { pk_buf_put(b, s.p, s.n); }
struct pk_str pk_buf_str(const struct pk_buf *b) { return (struct pk_str){b->p ? b->p : "", b->n}; }

void pk_buf_putf(struct pk_buf *b, const char *fmt, ...)
{
	char small[256];
	va_list ap;
	char *at;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->oom = true;
		return;
	}
	if ((size_t)n < sizeof(small)) {
		pk_buf_put(b, small, (size_t)n);
		return;
	}
	at = pk_buf_room(b, (size_t)n);
	if (!at)
		return;
	va_start(ap, fmt);
	vsnprintf(at, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

void pk_buf_put_safe(struct pk_buf *b, struct pk_str s)
{
	while (s.n) {
		uint32_t cp = 0;
		size_t n = pk_utf8_next(s, &cp);

		if (n == 1 && cp == '\\') {
			pk_buf_puts(b, "\\\\");
		} else if (n && pk_utf8_is_visible(cp)) {
			pk_buf_put(b, s.p, n);
		} else {
			n = n ? n : 1;
			for (size_t i = 0; i < n; i++)
				pk_buf_putf(b, "\\x%02x", (unsigned)(uint8_t)s.p[i]);
		}
		s.p += n;
		s.n -= n;
	}
}

int pk_buf_check(const struct pk_buf *b, struct pk_err *err) { return b->oom ? pk_fail_oom(err) : 0; }

char *pk_buf_take(struct pk_buf *b)
{
	char *p;

	if (!b->p)
		pk_buf_put(b, "", 0);
	if (b->oom) {
		pk_buf_done(b);
		return NULL;
	}
	p = b->p;
	*b = (struct pk_buf){0};
	return p;
}

void pk_strv_done(struct pk_strv *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct pk_strv){0};
}

int pk_strv_add(struct pk_strv *l, struct pk_str s, struct pk_err *err)
{
	char *z = pk_str_dup(s);

	if (!z || !pk_grow(&l->v, &l->cap, l->n + 1, sizeof(*l->v))) {
		free(z);
		return pk_fail_oom(err);
	}
	l->v[l->n++] = z;
	return 0;
}

bool pk_strv_has(const struct pk_strv *l, const char *z)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i], z) == 0)
			return true;
	return false;
}

static int by_bytes(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

void pk_strv_uniq(struct pk_strv *l)
{
	size_t kept = 0;

	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_bytes);
	for (size_t i = 0; i < l->n; i++) {
		if (kept && strcmp(l->v[kept - 1], l->v[i]) == 0)
			free(l->v[i]);
		else
			l->v[kept++] = l->v[i];
	}
	l->n = kept;
}

void pk_buf_put_strv(struct pk_buf *b, const struct pk_strv *l, const char *between)
{
	for (size_t i = 0; i < l->n; i++) {
		pk_buf_puts(b, i ? between : "");
		pk_buf_puts(b, l->v[i]);
	}
}
