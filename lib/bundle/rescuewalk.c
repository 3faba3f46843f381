/* SPDX-License-Identifier: Apache-2.0 */
/* The parser child's work on a damaged bundle: every frame that is whole, every segment of records in them. */
#include "source.h"
#include "tell.h"

#include <picket/tar.h>

#include <stdio.h>

#define RECORDS "meta/records-"

struct rescue {
	struct pk_seeker *s;
	const struct pk_teller *t;
	struct pk_place checkpoint; /* size 0: not seen */
};

static int tell(const struct pk_teller *t, enum pk_tell what, struct pk_str bytes, struct pk_err *err)
{
	return t->tell(t->ctx, what, bytes, err);
}

/* Damage is told and the work goes on; everything else ends it. */
static int tell_lost(const struct pk_teller *t, int what, uint64_t number, const struct pk_err *why, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_tell_loss x;

	if (why->kind != PK_EFORMAT && why->kind != PK_ECRYPTO && why->kind != PK_ELIMIT) {
		if (err)
			*err = *why;
		return -1;
	}
	memset(&x, 0, sizeof(x)); /* the padding goes over the pipe too */
	x.what = what;
	x.number = number;
	pk_buf_put(&b, &x, sizeof(x));
	pk_buf_puts(&b, why->msg);
	if (pk_buf_check(&b, err) < 0)
		return -1;
	return tell(t, PK_TELL_LOST, pk_buf_str(&b), err);
}

/* The member whose header is at that place, and where its content is. */
static int read_header(struct pk_seeker *s, uint64_t frame, size_t off, struct pk_tar_header *ret,
		       struct pk_place *ret_at, struct pk_err *err)
{
	const uint8_t *p = NULL;
	size_t n = 0;

	if (pk_seeker_frame(s, frame, &p, &n, err) < 0)
		return -1;
	if (off >= n)
		return pk_fail(err, PK_EFORMAT, 0, "the tar ends too early");
	if (pk_tar_parse(p + off, PK_MIN(n - off, (size_t)PK_TAR_MAX_HEADER), ret, err) < 0)
		return -1;
	*ret_at = (struct pk_place){frame, off + ret->header_bytes, ret->size};
	if (ret_at->off >= n)
		*ret_at = (struct pk_place){frame + 1, 0, ret->size};
	return 0;
}

/* Where the member after this one begins. */
static int after(struct pk_seeker *s, const struct pk_place *at, uint64_t *ret_frame, size_t *ret_off,
		 struct pk_err *err)
{
	uint64_t left = at->off + at->size + pk_tar_padding(at->size), frame = at->frame;

	for (;;) {
		const uint8_t *p = NULL;
		size_t n = 0;

		if (pk_seeker_frame(s, frame, &p, &n, err) < 0)
			return -1;
		if (left < n)
			break;
		left -= n;
		frame++;
	}
	*ret_frame = frame;
	*ret_off = (size_t)left;
	return 0;
}

/* Records and the note after them. */
static int read_segment(struct rescue *r, const struct pk_place *at, uint64_t number, struct pk_buf *records,
			struct pk_buf *note, struct pk_err *err)
{
	struct pk_tar_header h = {0};
	struct pk_place note_at = {0};
	uint64_t frame = 0;
	size_t off = 0;
	char name[32];

	snprintf(name, sizeof(name), "meta/note-%04u", (unsigned)number);
	if (pk_seeker_read_buf(r->s, at, PK_MAX_SEGMENT_LOG, records, err) < 0 ||
	    after(r->s, at, &frame, &off, err) < 0 || read_header(r->s, frame, off, &h, &note_at, err) < 0)
		return -1;
	if (strcmp(h.name, name) != 0)
		return pk_fail(err, PK_EFORMAT, 0, "'%s' stands where '%s' must be", h.name, name);
	return pk_seeker_read_buf(r->s, &note_at, 2 * PK_MAX_NOTE_TEXT, note, err);
}

static int take_segment(struct rescue *r, const struct pk_place *at, uint64_t number, struct pk_err *err)
{
	PK_AUTO(pk_buf) records = {0}, note = {0};
	struct pk_err why = {0};

	if (read_segment(r, at, number, &records, &note, &why) < 0)
		return tell_lost(r->t, PK_TELL_LOST_SEGMENT, number, &why, err);
	if (tell(r->t, PK_TELL_RECORDS, pk_buf_str(&records), err) < 0)
		return -1;
	return tell(r->t, PK_TELL_NOTE, pk_buf_str(&note), err);
}

/* "meta/records-0012.jsonl" */
static bool segment_number(const char *name, uint64_t *ret)
{
	struct pk_str s = pk_str(name);
	char again[64];

	if (!pk_str_starts(s, PK_STR(RECORDS)) || !pk_str_ends(s, PK_STR(".jsonl")))
		return false;
	s = pk_str_n(s.p + sizeof(RECORDS) - 1, s.n - (sizeof(RECORDS) - 1) - 6);
	while (s.n > 1 && s.p[0] == '0')
		s = pk_str_n(s.p + 1, s.n - 1);
	if (!pk_str_u64(s, PK_MAX_SEGMENTS, ret))
		return false;
	snprintf(again, sizeof(again), RECORDS "%04u.jsonl", (unsigned)*ret);
	return strcmp(again, name) == 0;
}

/* Segments begin frames; the checkpoint stands anywhere in the last ones. */
static int look_at(struct rescue *r, uint64_t frame, const uint8_t *p, size_t n, struct pk_err *err)
{
	static const char checkpoint[] = PK_NAME_CHECKPOINT;
	struct pk_tar_header h = {0};
	struct pk_place at = {0};
	uint64_t number = 0;

	for (size_t off = 0; off + PK_TAR_BLOCK <= n; off += PK_TAR_BLOCK) {
		if (memcmp(p + off, checkpoint, sizeof(checkpoint)) == 0 &&
		    pk_tar_parse(p + off, PK_TAR_BLOCK, &h, NULL) == 0 && h.header_bytes)
			r->checkpoint = (struct pk_place){frame, off + h.header_bytes, h.size};
	}
	if (n < sizeof(RECORDS) || memcmp(p, RECORDS, sizeof(RECORDS) - 1) != 0 ||
	    read_header(r->s, frame, 0, &h, &at, NULL) < 0 || !segment_number(h.name, &number))
		return 0;
	return take_segment(r, &at, number, err);
}

static int tell_progress(const struct rescue *r, uint64_t frame, uint64_t frames, struct pk_err *err)
{
	uint64_t both[2] = {frame, frames};

	return tell(r->t, PK_TELL_PROGRESS, pk_str_n(both, sizeof(both)), err);
}

static int rescue_all(struct rescue *r, struct pk_err *err)
{
	uint64_t frames = pk_seeker_frames(r->s);
	PK_AUTO(pk_buf) text = {0};
	struct pk_err why = {0};

	if (!pk_seeker_has_table(r->s)) {
		pk_fail(&why, PK_EFORMAT, 0, "the seek table is lost: frames after the first damage cannot be found");
		if (tell_lost(r->t, PK_TELL_LOST_TABLE, frames, &why, err) < 0)
			return -1;
	}
	for (uint64_t i = 0; i < frames; i++) {
		const uint8_t *p = NULL;
		size_t n = 0;

		why = (struct pk_err){0};
		if (pk_seeker_frame(r->s, i, &p, &n, &why) < 0) {
			if (tell_lost(r->t, PK_TELL_LOST_FRAME, i, &why, err) < 0)
				return -1;
		} else if (look_at(r, i, p, n, err) < 0) {
			return -1;
		}
		if (i % 4 == 0 && tell_progress(r, i, frames, err) < 0)
			return -1;
	}
	if (!r->checkpoint.size)
		return 0;
	why = (struct pk_err){0};
	if (pk_seeker_read_buf(r->s, &r->checkpoint, 2 * PK_MAX_NOTE_TEXT, &text, &why) < 0)
		return why.kind == PK_ESYS ? (err ? (*err = why, -1) : -1) : 0;
	return tell(r->t, PK_TELL_CHECKPOINT, pk_buf_str(&text), err);
}

int pk_parse_rescue(struct pk_age_file *age, const struct pk_teller *t, struct pk_err *err)
{
	struct rescue r = {.t = t};
	int e = pk_seeker_rescue(age, &r.s, err);

	if (e == 0)
		e = rescue_all(&r, err);
	pk_seeker_free(r.s);
	return e;
}

int pk_parse_rescue_places(struct pk_age_file *age, const struct pk_place *at, const uint64_t *number, size_t n,
			   const struct pk_teller *t, struct pk_err *err)
{
	PK_AUTOPTR(pk_seeker) s = NULL;

	if (pk_seeker_rescue(age, &s, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct pk_err why = {0};

		if (tell(t, PK_TELL_CONTENT, pk_str_n(&number[i], sizeof(number[i])), err) < 0)
			return -1;
		if (pk_seeker_read(s, &at[i], pk_tell_sink(t), &why) < 0 &&
		    tell_lost(t, PK_TELL_LOST_CONTENT, number[i], &why, err) < 0)
			return -1;
	}
	return 0;
}
