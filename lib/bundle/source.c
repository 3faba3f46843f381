/* SPDX-License-Identifier: Apache-2.0 */
/* An opened payload as frames: in order, believing nothing, or at random by the seek table. */
#include "padding.h"
#include "source.h"

#include <stddef.h>
#include <stdlib.h>

#define READ_STEP PK_AGE_CHUNK /* small: what lies before a damaged chunk is still read */
#define LEFT_MAX (READ_STEP + 64)

/* One frame on its way: packed bytes in, plain bytes out. */
struct ahead {
	struct pk_job job;
	struct pk_frame_opener *opener;
	uint8_t *packed; /* room for READ_STEP more than a frame */
	uint8_t *plain;
	size_t packed_n, plain_n;
	int rc;
	struct pk_err err;
};

struct pk_frames {
	struct pk_age_file *age;
	struct pk_workers *workers;
	uint64_t at, size; /* of the payload: next byte to read, all */
	uint8_t *left;     /* read behind the last frame, and the next one's */
	size_t left_n;
	struct ahead *ring;
	size_t ring_n, first, queued; /* frames from ring[first] on, in order */
	size_t lent, keep;            /* so many of them are with the caller, and may be at most */
	bool all_read, failed, ended;
	struct pk_err why; /* when failed: what comes after the frames that are queued */
	size_t frames;     /* queued so far */
	struct pk_seek_entry *seen;
	size_t seen_n, seen_cap;
};

static int ring_init(struct pk_frames *f, struct pk_err *err)
{
	f->ring_n = f->keep + (f->workers ? pk_workers_threads(f->workers) + 1 : 0);
	f->ring = calloc(f->ring_n, sizeof(*f->ring));
	if (!f->ring)
		return pk_fail_oom(err);
	for (size_t i = 0; i < f->ring_n; i++) {
		struct ahead *a = &f->ring[i];

		a->packed = malloc(pk_frame_bound() + READ_STEP);
		a->plain = malloc(PK_FRAME_MAX);
		if (!a->packed || !a->plain)
			return pk_fail_oom(err);
		if (pk_frame_opener_new(&a->opener, err) < 0)
			return -1;
	}
	return 0;
}

int pk_frames_new(struct pk_age_file *age, struct pk_workers *workers, size_t keep, struct pk_frames **ret,
		  struct pk_err *err)
{
	PK_AUTOPTR(pk_frames) f = calloc(1, sizeof(*f));

	if (!f)
		return pk_fail_oom(err);
	f->age = age;
	f->workers = workers;
	f->keep = keep;
	f->size = pk_age_file_size(age);
	f->left = malloc(LEFT_MAX);
	if (!f->left)
		return pk_fail_oom(err);
	if (ring_init(f, err) < 0)
		return -1;
	*ret = pk_steal(&f);
	return 0;
}

void pk_frames_free(struct pk_frames *f)
{
	if (!f)
		return;
	if (f->workers)
		pk_workers_drain(f->workers);
	for (size_t i = 0; f->ring && i < f->ring_n; i++) {
		pk_frame_opener_free(f->ring[i].opener);
		free(f->ring[i].packed);
		free(f->ring[i].plain);
	}
	free(f->ring);
	free(f->left);
	free(f->seen);
	free(f);
}

uint64_t pk_frames_read(const struct pk_frames *f) { return f->at - f->left_n; }

/* Some more packed bytes; *ret_more false: there are none. */
static int more(struct pk_frames *f, struct ahead *a, bool *ret_more, struct pk_err *err)
{
	size_t n = (size_t)PK_MIN((uint64_t)(READ_STEP - f->at % READ_STEP), f->size - f->at);

	*ret_more = n > 0;
	if (a->packed_n > pk_frame_bound())
		return pk_fail(err, PK_EFORMAT, 0, "zstd frame longer than any of its content can be");
	if (n && pk_age_file_pread(f->age, a->packed + a->packed_n, n, f->at, err) < 0)
		return -1;
	a->packed_n += n;
	f->at += n;
	return 0;
}

/* The seek table at the payload's end: what is before it in *ret_before bytes. */
struct table {
	struct pk_seek_entry *e;
	size_t frames, padding; /* in this order */
	uint64_t before;        /* bytes of the payload */
};

static void table_done(struct table *t) { free(t->e); }

static int read_table(struct pk_age_file *age, struct table *ret, struct pk_err *err)
{
	uint64_t all = pk_age_file_size(age), size = 0;
	pk_autofree uint8_t *table = NULL;
	uint8_t footer[PK_SEEK_FOOTER];
	uint32_t entries = 0;

	if (all < sizeof(footer))
		return pk_fail(err, PK_EFORMAT, 0, "not a bundle: the payload is too short");
	if (pk_age_file_pread(age, footer, sizeof(footer), all - sizeof(footer), err) < 0 ||
	    pk_seek_footer(footer, &entries, err) < 0)
		return -1;
	size = pk_seek_size(entries);
	if (size > all)
		return pk_fail(err, PK_EFORMAT, 0, "the seek table is longer than the payload");
	if (!(table = malloc((size_t)size)))
		return pk_fail_oom(err);
	if (pk_age_file_pread(age, table, (size_t)size, all - size, err) < 0)
		return -1;
	ret->before = all - size;
	return pk_seek_parse(table, (size_t)size, &ret->e, &ret->frames, &ret->padding, err);
}

/* From `at` on: its head, and nothing but zeros. buf has READ_STEP bytes. */
static int check_padding(struct pk_age_file *age, uint64_t at, uint32_t packed, uint8_t *buf, struct pk_err *err)
{
	uint8_t head[PK_PADDING_HEAD], any = 0;
	uint32_t done = sizeof(head);

	if (pk_age_file_pread(age, buf, sizeof(head), at, err) < 0)
		return -1;
	pk_padding_head(packed, head);
	if (memcmp(buf, head, sizeof(head)) != 0)
		return pk_fail(err, PK_EFORMAT, 0, "the seek table does not describe the padding");
	while (done < packed) {
		uint32_t n = PK_MIN(packed - done, (uint32_t)READ_STEP);

		if (pk_age_file_pread(age, buf, n, at + done, err) < 0)
			return -1;
		for (uint32_t i = 0; i < n; i++)
			any |= buf[i];
		if (any)
			return pk_fail(err, PK_EFORMAT, 0, "there is something in the padding");
		done += n;
	}
	return 0;
}

/* What comes after the last frame is padding and the seek table, and that describes all of it. */
static int check_tail(struct pk_frames *f, struct pk_err *err)
{
	PK_AUTO(table) t = {0};
	pk_autofree uint8_t *buf = NULL;
	uint64_t at = pk_frames_read(f);

	if (read_table(f->age, &t, err) < 0)
		return -1;
	if (t.frames != f->seen_n || memcmp(t.e, f->seen, t.frames * sizeof(*t.e)) != 0)
		return pk_fail(err, PK_EFORMAT, 0, "the seek table does not describe the frames");
	if (t.padding && !(buf = malloc(READ_STEP)))
		return pk_fail_oom(err);
	for (size_t i = t.frames; i < t.frames + t.padding; i++) {
		if (at > t.before || t.e[i].packed > t.before - at)
			return pk_fail(err, PK_EFORMAT, 0, "the seek table does not describe the padding");
		if (check_padding(f->age, at, t.e[i].packed, buf, err) < 0)
			return -1;
		at += t.e[i].packed;
	}
	if (at != t.before)
		return pk_fail(err, PK_EFORMAT, 0, "the payload does not end with the seek table of its %zu frames",
			       f->seen_n);
	return 0;
}

/* The seek table's, or padding's before it. */
static bool is_skippable(const uint8_t *p, size_t n)
{
	return n >= 4 && (p[0] == 0x5e || p[0] == 0x50) && p[1] == 0x2a && p[2] == 0x4d && p[3] == 0x18;
}

static void unpack(struct pk_job *job, unsigned thread)
{
	struct ahead *a = (struct ahead *)((char *)job - offsetof(struct ahead, job));

	(void)thread;
	a->rc = pk_frame_unpack(a->opener, a->packed, a->packed_n, a->plain, &a->plain_n, &a->err);
}

/* Finds the next frame's bytes: 1, or 0 at the end. */
static int read_frame(struct pk_frames *f, struct ahead *a, size_t *ret, struct pk_err *err)
{
	size_t plain = 0;
	bool any = true;

	for (;;) {
		if (is_skippable(a->packed, a->packed_n))
			return 0;
		if (pk_frame_measure(a->packed, a->packed_n, ret, &plain, err) < 0)
			return pk_wrap(err, "frame %zu", f->frames);
		if (*ret)
			return 1;
		if (more(f, a, &any, err) < 0)
			return -1;
		if (!any)
			return pk_fail(err, PK_EFORMAT, 0, "the payload ends inside frame %zu", f->frames);
	}
}

static int next_packed(struct pk_frames *f, struct ahead *a, struct pk_err *err)
{
	size_t n = 0;
	int r;

	if (f->frames >= PK_MAX_FRAMES)
		return pk_fail(err, PK_ELIMIT, 0, "more than %u frames", PK_MAX_FRAMES);
	memcpy(a->packed, f->left, f->left_n);
	a->packed_n = f->left_n;
	r = read_frame(f, a, &n, err);
	if (r < 0)
		return -1;
	/* before the last step the frame was not whole, or the end not seen: this is no more than a step and a bit */
	f->left_n = a->packed_n - n;
	memcpy(f->left, a->packed + n, f->left_n);
	a->packed_n = n;
	return r;
}

/* What goes wrong here is told when the frames before it have been used. */
static void read_ahead(struct pk_frames *f)
{
	while (!f->all_read && !f->failed && f->queued < f->ring_n) {
		struct ahead *a = &f->ring[(f->first + f->queued) % f->ring_n];
		int r = next_packed(f, a, &f->why);

		if (r <= 0) {
			f->failed = r < 0;
			f->all_read = r == 0;
			return;
		}
		f->frames++;
		f->queued++;
		a->job.run = unpack;
		if (f->workers)
			pk_workers_submit(f->workers, &a->job);
		else
			unpack(&a->job, 0);
	}
}

int pk_frames_next(struct pk_frames *f, const uint8_t **ret, size_t *ret_n, struct pk_err *err)
{
	struct ahead *a;

	*ret_n = 0;
	if (f->ended)
		return 0;
	if (f->lent == f->keep) {
		f->first = (f->first + 1) % f->ring_n;
		f->queued--;
		f->lent--;
	}
	read_ahead(f);
	if (f->queued == f->lent) {
		if (f->failed) {
			if (err)
				*err = f->why;
			return -1;
		}
		f->ended = true;
		return check_tail(f, err);
	}
	a = &f->ring[(f->first + f->lent) % f->ring_n];
	if (f->workers)
		pk_workers_wait(f->workers, &a->job);
	if (a->rc < 0) {
		if (err)
			*err = a->err;
		return pk_wrap(err, "frame %zu", f->seen_n);
	}
	if (!pk_grow(&f->seen, &f->seen_cap, f->seen_n + 1, sizeof(*f->seen)))
		return pk_fail_oom(err);
	f->seen[f->seen_n++] = (struct pk_seek_entry){(uint32_t)a->packed_n, (uint32_t)a->plain_n};
	f->lent++;
	*ret = a->plain;
	*ret_n = a->plain_n;
	return 0;
}

/* --- at random --------------------------------------------------------------------------------------- */

struct pk_seeker {
	struct pk_age_file *age;
	struct pk_frame_opener *opener;
	struct pk_seek_entry *frame;
	uint64_t *off; /* of each frame in the payload */
	size_t n;
	bool has_table;
	uint64_t have; /* which frame is in `plain` */
	uint8_t *plain;
	uint8_t *packed;
};

static int load_table(struct pk_seeker *s, struct pk_err *err)
{
	PK_AUTO(table) t = {0};
	uint64_t at = 0;

	if (read_table(s->age, &t, err) < 0)
		return -1;
	if (!(s->off = calloc(t.frames, sizeof(*s->off))))
		return pk_fail_oom(err);
	for (size_t i = 0; i < t.frames + t.padding; i++) {
		if (i < t.frames)
			s->off[i] = at;
		at += t.e[i].packed;
		if (t.e[i].packed > pk_frame_bound() || at > t.before)
			return pk_fail(err, PK_EFORMAT, 0, "seek table: frame %zu cannot be", i);
	}
	if (at != t.before)
		return pk_fail(err, PK_EFORMAT, 0, "the seek table leaves out part of the payload");
	s->frame = pk_steal(&t.e);
	s->n = t.frames;
	return 0;
}

static int seeker_alloc(struct pk_age_file *age, struct pk_seeker **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_seeker) s = calloc(1, sizeof(*s));

	if (!s)
		return pk_fail_oom(err);
	s->age = age;
	s->have = UINT64_MAX;
	s->plain = malloc(PK_FRAME_MAX);
	s->packed = malloc(pk_frame_bound());
	if (!s->plain || !s->packed)
		return pk_fail_oom(err);
	if (pk_frame_opener_new(&s->opener, err) < 0)
		return -1;
	*ret = pk_steal(&s);
	return 0;
}

int pk_seeker_new(struct pk_age_file *age, struct pk_seeker **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_seeker) s = NULL;

	if (seeker_alloc(age, &s, err) < 0 || load_table(s, err) < 0)
		return -1;
	s->has_table = true;
	*ret = pk_steal(&s);
	return 0;
}

/* The frames from the beginning on, as far as they can be read without a gap. */
static int find_frames(struct pk_seeker *s, struct pk_err *err)
{
	PK_AUTOPTR(pk_frames) f = NULL;
	struct pk_err why = {0};
	const uint8_t *plain = NULL;
	size_t n = 1;
	uint64_t at = 0;

	if (pk_frames_new(s->age, NULL, 1, &f, err) < 0)
		return -1;
	while (n && pk_frames_next(f, &plain, &n, &why) == 0)
		;
	if (why.kind == PK_ESYS) {
		if (err)
			*err = why;
		return -1;
	}
	free(s->frame);
	free(s->off);
	s->n = f->seen_n;
	s->frame = calloc(s->n + 1, sizeof(*s->frame));
	s->off = calloc(s->n + 1, sizeof(*s->off));
	if (!s->frame || !s->off)
		return pk_fail_oom(err);
	for (size_t i = 0; i < s->n; i++) {
		s->frame[i] = f->seen[i];
		s->off[i] = at;
		at += s->frame[i].packed;
	}
	return 0;
}

int pk_seeker_rescue(struct pk_age_file *age, struct pk_seeker **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_seeker) s = NULL;
	struct pk_err why = {0};

	if (seeker_alloc(age, &s, err) < 0)
		return -1;
	s->has_table = load_table(s, &why) == 0;
	if (!s->has_table) {
		if (why.kind == PK_ESYS) {
			if (err)
				*err = why;
			return -1;
		}
		if (find_frames(s, err) < 0)
			return -1;
	}
	*ret = pk_steal(&s);
	return 0;
}

bool pk_seeker_has_table(const struct pk_seeker *s) { return s->has_table; }

void pk_seeker_free(struct pk_seeker *s)
{
	if (!s)
		return;
	pk_frame_opener_free(s->opener);
	free(s->frame);
	free(s->off);
	free(s->plain);
	free(s->packed);
	free(s);
}

uint64_t pk_seeker_frames(const struct pk_seeker *s) { return s->n; }

static int load(struct pk_seeker *s, uint64_t no, struct pk_err *err)
{
	size_t n = 0;

	if (s->have == no)
		return 0;
	if (no >= s->n)
		return pk_fail(err, PK_EFORMAT, 0, "frame %llu of %zu is asked for", (unsigned long long)no, s->n);
	s->have = UINT64_MAX;
	if (pk_age_file_pread(s->age, s->packed, s->frame[no].packed, s->off[no], err) < 0 ||
	    pk_frame_unpack(s->opener, s->packed, s->frame[no].packed, s->plain, &n, err) < 0)
		return pk_wrap(err, "frame %llu", (unsigned long long)no);
	if (n != s->frame[no].plain)
		return pk_fail(err, PK_EFORMAT, 0, "the seek table does not describe frame %llu",
			       (unsigned long long)no);
	s->have = no;
	return 0;
}

int pk_seeker_frame(struct pk_seeker *s, uint64_t no, const uint8_t **ret, size_t *ret_n, struct pk_err *err)
{
	*ret_n = no < s->n ? s->frame[no].plain : 0;
	if (load(s, no, err) < 0)
		return -1;
	*ret = s->plain;
	return 0;
}

int pk_seeker_read(struct pk_seeker *s, const struct pk_place *at, struct pk_sink sink, struct pk_err *err)
{
	uint64_t left = at->size, no = at->frame, off = at->off;

	while (left) {
		size_t n = 0;

		if (load(s, no, err) < 0)
			return -1;
		if (off >= s->frame[no].plain)
			return pk_fail(err, PK_EFORMAT, 0, "byte %llu of frame %llu is asked for",
				       (unsigned long long)off, (unsigned long long)no);
		n = (size_t)PK_MIN(left, s->frame[no].plain - off);
		if (sink.write(sink.ctx, s->plain + off, n, err) < 0)
			return -1;
		left -= n;
		off = 0;
		no++;
	}
	return 0;
}

int pk_seeker_read_buf(struct pk_seeker *s, const struct pk_place *at, uint64_t max, struct pk_buf *ret,
		       struct pk_err *err)
{
	if (at->size > max)
		return pk_fail(err, PK_ELIMIT, 0, "a member of %llu bytes, allowed are %llu",
			       (unsigned long long)at->size, (unsigned long long)max);
	return pk_seeker_read(s, at, pk_sink_buf(ret), err);
}
