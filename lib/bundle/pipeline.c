/* SPDX-License-Identifier: Apache-2.0 */
/* From plain bytes to sealed ones.
 *
 * Frames lie one after the other in the slots, taken as one ring. The filling thread owns the frame it fills; a
 * closed frame belongs to one thread of the pool (hash first, then pack), then to the writing thread. The ring's
 * memory is taken back by the filling thread alone, oldest frame first and only when it is needed, so that when
 * things happen depends on sizes, never on timing. */
#include "padding.h"
#include "pipeline.h"

#include <picket/age.h>

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#define MAX_FRAMES 64 /* in the ring at a time */
#define MAX_THREADS 64

struct part {
	struct pk_digest *digest;
	size_t off, n;
	unsigned number; /* of the digest's parts */
};

enum frame_state { FILLING, CLOSED, PACKED, WRITTEN };

struct frame {
	uint8_t *p;
	size_t n;
	enum frame_state state;
	struct part *part;
	size_t parts, parts_cap;
	uint8_t *out; /* while PACKED */
	size_t out_n;
};

struct pk_pipeline {
	struct pk_slots slots;
	struct pk_sink sink;
	int (*release)(void *ctx, uint64_t frame, struct pk_err *err);
	void *ctx;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t worker[MAX_THREADS], writer;
	unsigned workers;
	bool writing;
	_Atomic bool quit, failed;
	struct pk_err why; /* when failed */
	struct pk_frame_packer *packer[MAX_THREADS];

	struct frame frame[MAX_FRAMES]; /* number % MAX_FRAMES */
	uint64_t oldest, current;       /* in the ring: oldest..current */
	uint64_t next_pack, next_write;
	bool open;  /* current is being filled */
	size_t pos; /* where the next frame would begin */

	uint8_t **out; /* free output buffers */
	size_t outs, outs_all;
	struct pk_seek_entry *seek;
	size_t seeks, seeks_cap;
	uint64_t dropped_bytes; /* packed, of frames no longer in the ring */
};

static struct frame *frame_at(struct pk_pipeline *p, uint64_t no) { return &p->frame[no % MAX_FRAMES]; }

void pk_digest_init(struct pk_digest *d, uint64_t size)
{
	*d = (struct pk_digest){.size = size};
	pk_sha256_init(&d->state);
	if (size == 0) {
		pk_sha256_end(&d->state, d->sum);
		d->done = true;
	}
}

/* --- the pool and the writer ------------------------------------------------------------------------- */

static void fail_locked(struct pk_pipeline *p, const struct pk_err *why)
{
	if (!p->failed)
		p->why = *why;
	p->failed = true;
	pthread_cond_broadcast(&p->changed);
}

static void hash_frame(struct pk_pipeline *p, struct frame *f)
{
	for (size_t i = 0; i < f->parts; i++) {
		struct pk_digest *d = f->part[i].digest;

		if (f->part[i].number > 0) { /* the part before is in an earlier frame, which another thread has */
			pthread_mutex_lock(&p->lock);
			while (d->parts_hashed != f->part[i].number && !p->quit)
				pthread_cond_wait(&p->changed, &p->lock);
			pthread_mutex_unlock(&p->lock);
			if (p->quit)
				return;
		}
		pk_sha256_put(&d->state, f->p + f->part[i].off, f->part[i].n);
		d->hashed += f->part[i].n;
		if (d->hashed == d->size)
			pk_sha256_end(&d->state, d->sum);
		pthread_mutex_lock(&p->lock);
		d->parts_hashed++;
		d->done = d->hashed == d->size; /* last: it may be gone afterwards */
		pthread_cond_broadcast(&p->changed);
		pthread_mutex_unlock(&p->lock);
	}
}

struct worker_arg {
	struct pk_pipeline *p;
	struct pk_frame_packer *packer;
};

static void *work(void *arg)
{
	struct worker_arg a = *(struct worker_arg *)arg;
	struct pk_pipeline *p = a.p;

	free(arg);
	pthread_mutex_lock(&p->lock);
	for (;;) {
		struct pk_err err = {0};
		struct frame *f = NULL;
		uint8_t *out = NULL;
		size_t n = 0;
		int r;

		while (!p->quit && (p->outs == 0 || frame_at(p, p->next_pack)->state != CLOSED))
			pthread_cond_wait(&p->changed, &p->lock);
		if (p->quit)
			break;
		f = frame_at(p, p->next_pack++);
		out = p->out[--p->outs]; /* taken in order of frames: the earliest can always go on */
		pthread_mutex_unlock(&p->lock);
		hash_frame(p, f);
		r = pk_frame_pack(a.packer, f->p, f->n, out, pk_frame_bound(), &n, &err);
		pthread_mutex_lock(&p->lock);
		if (r < 0)
			fail_locked(p, &err);
		f->out = out;
		f->out_n = n;
		f->state = PACKED;
		pthread_cond_broadcast(&p->changed);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static int add_entry(struct pk_pipeline *p, uint32_t packed, uint32_t plain, struct pk_err *err)
{
	if (p->seeks >= PK_MAX_FRAMES)
		return pk_fail(err, PK_ELIMIT, 0, "a bundle may have %u frames", PK_MAX_FRAMES);
	if (!pk_grow(&p->seek, &p->seeks_cap, p->seeks + 1, sizeof(*p->seek)))
		return pk_fail_oom(err);
	p->seek[p->seeks++] = (struct pk_seek_entry){packed, plain};
	return 0;
}

static void *write_frames(void *arg)
{
	struct pk_pipeline *p = arg;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		struct pk_err err = {0};
		struct frame *f = frame_at(p, p->next_write);
		int r = 0;

		while (!p->quit && f->state != PACKED)
			pthread_cond_wait(&p->changed, &p->lock);
		if (p->quit)
			break;
		if (!p->failed) {
			pthread_mutex_unlock(&p->lock);
			r = p->sink.write(p->sink.ctx, f->out, f->out_n, &err);
			pthread_mutex_lock(&p->lock);
		}
		if (r == 0)
			r = add_entry(p, (uint32_t)f->out_n, (uint32_t)f->n, &err);
		if (r < 0)
			fail_locked(p, &err);
		p->out[p->outs++] = f->out;
		f->out = NULL;
		f->state = WRITTEN;
		p->next_write++;
		pthread_cond_broadcast(&p->changed);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* --- the filling thread ------------------------------------------------------------------------------ */

static int say_why(struct pk_pipeline *p, struct pk_err *err)
{
	if (err)
		*err = p->why;
	return -1;
}

/* Waits for the oldest frame to be written and gives its memory back. */
static int drop_oldest(struct pk_pipeline *p, struct pk_err *err)
{
	struct frame *f = frame_at(p, p->oldest);

	pthread_mutex_lock(&p->lock);
	while (f->state != WRITTEN && !p->failed)
		pthread_cond_wait(&p->changed, &p->lock);
	pthread_mutex_unlock(&p->lock);
	if (p->failed)
		return say_why(p, err);
	if (p->release && p->release(p->ctx, p->oldest, err) < 0)
		return -1;
	pthread_mutex_lock(&p->lock);
	p->dropped_bytes += f->out_n;
	p->oldest++;
	pthread_mutex_unlock(&p->lock);
	return 0;
}

static bool is_free(struct pk_pipeline *p, size_t from, size_t to)
{
	uint8_t *a = p->slots.base + from, *z = p->slots.base + to;

	for (uint64_t no = p->oldest; no < p->current; no++) {
		struct frame *f = frame_at(p, no);

		if (f->p < z && a < f->p + f->n)
			return false;
	}
	return true;
}

/* Chooses where the current frame lies. A frame begins with twice its size ahead of it, so that a content that must lie
 * in one piece may go on into the next; only that next frame may then be the ring's last. */
static int open_frame(struct pk_pipeline *p, bool keep_whole, struct pk_err *err)
{
	size_t all = p->slots.count * PK_SLOT_BYTES;
	size_t need = keep_whole ? PK_FRAME_MAX : 2 * PK_FRAME_MAX;
	struct frame *f = NULL;

	if (all - p->pos < need)
		p->pos = 0;
	while (p->current - p->oldest >= MAX_FRAMES - 1 || !is_free(p, p->pos, p->pos + PK_FRAME_MAX)) {
		if (drop_oldest(p, err) < 0)
			return -1;
	}
	f = frame_at(p, p->current);
	pthread_mutex_lock(&p->lock);
	f->p = p->slots.base + p->pos;
	f->n = 0;
	f->parts = 0;
	f->state = FILLING;
	p->open = true;
	pthread_mutex_unlock(&p->lock);
	return p->failed ? say_why(p, err) : 0;
}

static void close_frame(struct pk_pipeline *p)
{
	struct frame *f = frame_at(p, p->current);

	pthread_mutex_lock(&p->lock);
	f->state = CLOSED;
	p->pos += f->n;
	p->open = false;
	p->current++;
	frame_at(p, p->current)->state = FILLING; /* nobody's until it is opened */
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

int pk_pipeline_room(struct pk_pipeline *p, bool keep_whole, void **ret, size_t *ret_n, struct pk_err *err)
{
	struct frame *f = NULL;

	if (!p->open && open_frame(p, keep_whole, err) < 0)
		return -1;
	f = frame_at(p, p->current);
	if (!pk_grow(&f->part, &f->parts_cap, f->parts + 1, sizeof(*f->part))) /* so that `filled` cannot fail */
		return pk_fail_oom(err);
	*ret = f->p + f->n;
	*ret_n = PK_FRAME_MAX - f->n;
	return 0;
}

void pk_pipeline_filled(struct pk_pipeline *p, size_t n, struct pk_digest *d)
{
	struct frame *f = frame_at(p, p->current);

	if (d && n) {
		struct part *last = f->parts ? &f->part[f->parts - 1] : NULL;

		if (last && last->digest == d)
			last->n += n;
		else
			f->part[f->parts++] = (struct part){d, f->n, n, d->parts++};
		d->filled += n;
	}
	f->n += n;
	if (f->n == PK_FRAME_MAX)
		close_frame(p);
}

int pk_pipeline_put(struct pk_pipeline *p, const void *data, size_t n, struct pk_digest *d, struct pk_err *err)
{
	const uint8_t *from = data;

	while (n) {
		void *to = NULL;
		size_t room = 0;

		if (pk_pipeline_room(p, false, &to, &room, err) < 0)
			return -1;
		room = PK_MIN(room, n);
		memcpy(to, from, room);
		pk_pipeline_filled(p, room, d);
		from += room;
		n -= room;
	}
	return 0;
}

void pk_pipeline_cut(struct pk_pipeline *p, size_t min)
{
	if (p->open && frame_at(p, p->current)->n >= PK_MAX(min, (size_t)1))
		close_frame(p);
}

void pk_pipeline_plan_whole(struct pk_pipeline *p, uint64_t n)
{
	size_t all = p->slots.count * PK_SLOT_BYTES;

	if (p->open && frame_at(p, p->current)->n + n > PK_FRAME_MAX && all - p->pos < 2 * PK_FRAME_MAX)
		close_frame(p);
}

void pk_pipeline_at(const struct pk_pipeline *p, uint64_t *ret_frame, uint64_t *ret_off)
{
	*ret_frame = p->current;
	*ret_off = p->open ? p->frame[p->current % MAX_FRAMES].n : 0;
}

int pk_pipeline_wait(struct pk_pipeline *p, struct pk_digest *d, struct pk_err *err)
{
	pthread_mutex_lock(&p->lock);
	while (!d->done && !p->failed)
		pthread_cond_wait(&p->changed, &p->lock);
	pthread_mutex_unlock(&p->lock);
	return d->done ? 0 : say_why(p, err);
}

int pk_pipeline_estimate(struct pk_pipeline *p, bool exact, uint64_t *ret, struct pk_err *err)
{
	uint64_t sum = 0;

	while (exact && p->oldest < p->current) {
		if (drop_oldest(p, err) < 0)
			return -1;
	}
	for (uint64_t no = p->oldest; no < p->current; no++)
		sum += frame_at(p, no)->n;
	*ret = p->dropped_bytes + sum + (p->open ? frame_at(p, p->current)->n : 0);
	return 0;
}

int pk_pipeline_finish(struct pk_pipeline *p, struct pk_err *err)
{
	pk_pipeline_cut(p, 1);
	while (p->oldest < p->current) {
		if (drop_oldest(p, err) < 0)
			return -1;
	}
	return p->failed ? say_why(p, err) : 0;
}

int pk_pipeline_pad(struct pk_pipeline *p, struct pk_err *err)
{
	static const uint8_t zeros[PK_AGE_CHUNK];
	uint64_t size = pk_seek_size(p->seeks), left = 0;

	for (size_t i = 0; i < p->seeks; i++)
		size += p->seek[i].packed;
	for (left = pk_padding_size(size); left;) {
		uint32_t packed = pk_padding_next(left), rest = packed - PK_PADDING_HEAD;
		uint8_t head[PK_PADDING_HEAD];

		pk_padding_head(packed, head);
		if (add_entry(p, packed, 0, err) < 0 || p->sink.write(p->sink.ctx, head, sizeof(head), err) < 0)
			return -1;
		for (uint32_t n; rest; rest -= n) {
			n = PK_MIN(rest, (uint32_t)sizeof(zeros));
			if (p->sink.write(p->sink.ctx, zeros, n, err) < 0)
				return -1;
		}
		left -= packed + PK_SEEK_ENTRY;
	}
	return 0;
}

const struct pk_seek_entry *pk_pipeline_frames(const struct pk_pipeline *p, size_t *ret_n)
{
	*ret_n = p->seeks;
	return p->seek;
}

/* --- birth and death --------------------------------------------------------------------------------- */

static int start(pthread_t *t, void *(*run)(void *), void *arg, struct pk_err *err)
{
	sigset_t all, before;
	int r;

	sigfillset(&all); /* signals are for the thread that seals */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(t, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r ? pk_fail(err, PK_ESYS, r, "cannot start a thread") : 0;
}

static int start_worker(struct pk_pipeline *p, int level, struct pk_err *err)
{
	struct worker_arg *a = malloc(sizeof(*a));

	if (!a)
		return pk_fail_oom(err);
	if (pk_frame_packer_new(level, &p->packer[p->workers], err) < 0) {
		free(a);
		return -1;
	}
	*a = (struct worker_arg){p, p->packer[p->workers]};
	if (start(&p->worker[p->workers], work, a, err) < 0) {
		free(a);
		pk_frame_packer_free(p->packer[p->workers]);
		return -1;
	}
	p->workers++;
	return 0;
}

int pk_pipeline_new(const struct pk_slots *slots, unsigned threads, int level, struct pk_sink sink,
		    int (*release)(void *ctx, uint64_t frame, struct pk_err *err), void *ctx, struct pk_pipeline **ret,
		    struct pk_err *err)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	struct pk_pipeline *p = NULL;

	if (slots->count < 4)
		return pk_fail(err, PK_EINTERNAL, 0, "sealing needs at least 4 slots");
	if (!threads)
		threads = cores > 0 ? (unsigned)cores : 1;
	threads = PK_MIN(threads, (unsigned)MAX_THREADS);
	if (!(p = calloc(1, sizeof(*p))))
		return pk_fail_oom(err);
	p->slots = *slots;
	p->sink = sink;
	p->release = release;
	p->ctx = ctx;
	p->frame[0].state = FILLING;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->changed, NULL);
	p->outs_all = threads + 2;
	p->out = calloc(p->outs_all, sizeof(*p->out));
	for (size_t i = 0; p->out && i < p->outs_all; i++) {
		if (!(p->out[i] = malloc(pk_frame_bound())))
			break;
		p->outs++;
	}
	if (!p->out || p->outs != p->outs_all) {
		pk_fail_oom(err);
		pk_pipeline_free(p);
		return -1;
	}
	if (start(&p->writer, write_frames, p, err) < 0) {
		pk_pipeline_free(p);
		return -1;
	}
	p->writing = true;
	for (unsigned i = 0; i < threads; i++) {
		if (start_worker(p, level, err) < 0) {
			pk_pipeline_free(p);
			return -1;
		}
	}
	*ret = p;
	return 0;
}

void pk_pipeline_free(struct pk_pipeline *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->quit = true;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->workers; i++) {
		pthread_join(p->worker[i], NULL);
		pk_frame_packer_free(p->packer[i]);
	}
	if (p->writing)
		pthread_join(p->writer, NULL);
	for (size_t i = 0; i < MAX_FRAMES; i++) {
		free(p->frame[i].part);
		free(p->frame[i].out);
	}
	for (size_t i = 0; i < p->outs; i++)
		free(p->out[i]);
	free(p->out);
	free(p->seek);
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
