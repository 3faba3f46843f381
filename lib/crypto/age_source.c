/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of an age file: read from a descriptor or from memory, taken out of their armor when they have one. */
#include "age_int.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#define RAW_BYTES (64u << 10)
#define MAX_WHITE 1024 /* before and after the armor */

static const char begin_line[] = "-----BEGIN AGE ENCRYPTED FILE-----";
static const char end_line[] = "-----END AGE ENCRYPTED FILE-----";

static int armor_fail(struct pk_err *err, const char *what)
{
	return pk_fail_code(err, PK_EFORMAT, PK_AGE_ARMOR, "malformed armor: %s", what);
}

void age_source_done(struct age_source *s)
{
	free(s->buf);
	*s = (struct age_source){.fd = -1};
}

static int read_raw(struct age_source *s, void *p, size_t n, size_t *ret_n, struct pk_err *err)
{
	ssize_t r;

	if (s->fd < 0) {
		*ret_n = 0;
		return 0;
	}
	do {
		r = s->at_offset ? pread(s->fd, p, n, (off_t)s->off) : read(s->fd, p, n);
	} while (r < 0 && errno == EINTR);
	if (r < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot read");
	s->off += (uint64_t)r;
	*ret_n = (size_t)r;
	return 0;
}

/* One more read into the buffer; sets eof. */
static int fill(struct age_source *s, struct pk_err *err)
{
	size_t got = 0;

	if (s->at) {
		memmove(s->buf, s->buf + s->at, s->n - s->at);
		s->n -= s->at;
		s->at = 0;
	}
	if (s->eof || s->n == s->cap)
		return 0;
	if (read_raw(s, s->buf + s->n, s->cap - s->n, &got, err) < 0)
		return -1;
	s->n += got;
	s->eof = got == 0;
	return 0;
}

static struct pk_str raw(const struct age_source *s) { return pk_str_n(s->buf + s->at, s->n - s->at); }

/* A line without its LF (a CR before it goes too). *ret_any false at the end of the input. */
static int raw_line(struct age_source *s, struct pk_str *ret, bool *ret_any, struct pk_err *err)
{
	struct pk_str have = raw(s);
	size_t at = pk_str_find(have, '\n');

	while (at == have.n && !s->eof && have.n < MAX_WHITE) {
		if (fill(s, err) < 0)
			return -1;
		have = raw(s);
		at = pk_str_find(have, '\n');
	}
	if (at > MAX_WHITE)
		return armor_fail(err, "a line is too long");
	*ret_any = have.n > 0;
	*ret = (struct pk_str){have.p, at};
	s->at += PK_MIN(at + 1, have.n);
	if (ret->n && ret->p[ret->n - 1] == '\r')
		ret->n--;
	return 0;
}

/* White lines, then (before the armor) its first line or (after it) the end. */
static int skip_white(struct age_source *s, bool until_begin, struct pk_err *err)
{
	size_t skipped = 0;

	for (;;) {
		struct pk_str line;
		bool any;

		if (raw_line(s, &line, &any, err) < 0)
			return -1;
		if (!any)
			return until_begin ? armor_fail(err, "no first line") : 0;
		if (until_begin && pk_str_eq(line, PK_STR(begin_line)))
			return 0;
		if (pk_str_trim(line).n)
			return armor_fail(err, until_begin ? "the first line is not the one of an age file"
							   : "something follows the last line");
		skipped += line.n + 1;
		if (skipped > MAX_WHITE)
			return armor_fail(err, "too much white space around it");
	}
}

/* Decodes the next line of armor into s->line; leaves it empty at the end. */
static int armor_next(struct age_source *s, struct pk_err *err)
{
	struct pk_str line;
	bool any;

	s->line_at = s->line_n = 0;
	if (s->armor_done)
		return 0;
	if (raw_line(s, &line, &any, err) < 0)
		return -1;
	if (!any)
		return armor_fail(err, "it ends without its last line");
	if (pk_str_eq(line, PK_STR(end_line))) {
		s->armor_done = true;
		return skip_white(s, false, err);
	}
	if (s->armor_last)
		return armor_fail(err, "a short line that is not the last");
	if (line.n == 0 || line.n > 64)
		return armor_fail(err, line.n ? "a line of more than 64 characters" : "an empty line");
	if (sodium_base642bin(s->line, sizeof(s->line), line.p, line.n, NULL, &s->line_n, NULL,
			      sodium_base64_VARIANT_ORIGINAL) != 0) {
		s->line_n = 0;
		return armor_fail(err, "a line that is not canonical base64");
	}
	s->armor_last = s->line_n < sizeof(s->line);
	return 0;
}

/* Armor is recognised by how the file begins, or by its first line among the first bytes, so that what stands
 * wrongly before it is named as that. */
static int detect_armor(struct age_source *s, struct pk_err *err)
{
	struct pk_str version = PK_STR("age-encryption.org/");
	struct pk_str head;

	while (!s->eof && s->n < MAX_WHITE && !(s->n >= version.n && memcmp(s->buf, version.p, version.n) == 0))
		if (fill(s, err) < 0)
			return -1;
	head = raw(s);
	if (pk_str_starts(head, version))
		return 0;
	s->armored = pk_str_starts(pk_str_trim(head), PK_STR("-----")) ||
		     (head.n && memmem(head.p, PK_MIN(head.n, (size_t)MAX_WHITE), begin_line, sizeof(begin_line) - 1));
	return s->armored ? skip_white(s, true, err) : 0;
}

int age_source_open_fd(struct age_source *s, int fd, bool at_offset, struct pk_err *err)
{
	*s = (struct age_source){.fd = fd, .at_offset = at_offset, .cap = RAW_BYTES};
	s->buf = malloc(s->cap);
	if (!s->buf)
		return pk_fail_oom(err);
	return detect_armor(s, err);
}

int age_source_open_mem(struct age_source *s, struct pk_str bytes, struct pk_err *err)
{
	*s = (struct age_source){.fd = -1, .n = bytes.n, .cap = bytes.n, .eof = true};
	s->buf = malloc(bytes.n + 1);
	if (!s->buf)
		return pk_fail_oom(err);
	if (bytes.n)
		memcpy(s->buf, bytes.p, bytes.n);
	return detect_armor(s, err);
}

/* What can be used at once; n 0 at the end. */
static int window(struct age_source *s, struct pk_str *ret, struct pk_err *err)
{
	if (s->armored) {
		if (s->line_at == s->line_n && armor_next(s, err) < 0)
			return -1;
		*ret = pk_str_n(s->line + s->line_at, s->line_n - s->line_at);
		return 0;
	}
	if (s->at == s->n && !s->eof && fill(s, err) < 0)
		return -1;
	*ret = raw(s);
	return 0;
}

static void use(struct age_source *s, size_t n)
{
	if (s->armored)
		s->line_at += n;
	else
		s->at += n;
}

int age_source_read(struct age_source *s, void *p, size_t n, size_t *ret_n, struct pk_err *err)
{
	struct pk_str have;

	if (!s->armored && s->at == s->n && !s->eof) { /* nothing looked ahead: no copy */
		if (read_raw(s, p, n, ret_n, err) < 0)
			return -1;
		s->eof = *ret_n == 0;
		return 0;
	}
	if (window(s, &have, err) < 0)
		return -1;
	*ret_n = PK_MIN(n, have.n);
	if (*ret_n)
		memcpy(p, have.p, *ret_n);
	use(s, *ret_n);
	return 0;
}

int age_source_read_full(struct age_source *s, void *p, size_t n, size_t *ret_n, struct pk_err *err)
{
	size_t done = 0, got = 0;

	while (done < n) {
		if (age_source_read(s, (uint8_t *)p + done, n - done, &got, err) < 0)
			return -1;
		if (got == 0)
			break;
		done += got;
	}
	*ret_n = done;
	return 0;
}

int age_source_line(struct age_source *s, struct pk_buf *b, size_t max, struct pk_str *ret, struct pk_err *err)
{
	size_t start = b->n;

	for (;;) {
		struct pk_str have;
		size_t at, take;

		if (window(s, &have, err) < 0)
			return -1;
		if (have.n == 0)
			return AGE_HEADER_FAIL(err, "the header is cut");
		at = pk_str_find(have, '\n');
		take = PK_MIN(at + 1, have.n);
		if (take > max - b->n)
			return pk_fail_code(err, PK_ELIMIT, PK_AGE_HEADER, "the header is larger than %zu bytes", max);
		pk_buf_put(b, have.p, take);
		use(s, take);
		if (pk_buf_check(b, err) < 0)
			return -1;
		if (at < have.n) {
			*ret = pk_str_n(b->p + start, b->n - start - 1);
			return 0;
		}
	}
}
