/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing: plain bytes in, an age file out, many chunks a write; on several threads where there are some. */
#include "age_int.h"

#include <picket/io.h>
#include <picket/worker.h>

#include <errno.h>
#include <sodium.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNKS 16 /* of a batch, which is one call of the sink */
#define BATCH_BYTES ((size_t)CHUNKS * PK_AGE_CHUNK)
#define SEALED_BYTES ((size_t)CHUNKS * AGE_SEALED_CHUNK)

/* Plain bytes on their way to the sink. */
struct batch {
	struct pk_job job;
	const struct age_stream *stream;
	uint64_t index; /* of its first chunk */
	bool last;      /* it ends the file */
	uint8_t *plain, *sealed;
	size_t plain_n, sealed_n, most; /* most: bytes that were ever in `plain` */
	int fd;                         /* where its whole chunks are read from, one by one; -1: they are in `plain` */
	uint64_t off;
	const char *name;
	int rc;
	struct pk_err err;
};

struct pk_age_writer {
	struct pk_sink sink;
	struct pk_workers *workers;
	struct age_stream stream;
	uint64_t index;
	struct batch *ring;
	size_t ring_n, first, queued; /* batches that are being sealed; the next one fills, and one is kept for what
					 follows that */
	bool failed, finished;
};

static int start(struct pk_age_writer *w, const struct pk_age_recipients *to, struct pk_err *err)
{
	uint8_t key[AGE_FILE_KEY], nonce[AGE_NONCE];
	PK_AUTO(pk_buf) header = {0};
	int r;

	randombytes_buf(key, sizeof(key));
	randombytes_buf(nonce, sizeof(nonce));
	r = age_header_write(to, key, &header, err);
	if (r == 0)
		r = age_stream_init(&w->stream, key, nonce, err);
	sodium_memzero(key, sizeof(key));
	if (r < 0)
		return -1;
	pk_buf_put(&header, nonce, sizeof(nonce));
	if (pk_buf_check(&header, err) < 0)
		return -1;
	return w->sink.write(w->sink.ctx, header.p, header.n, err);
}

int pk_age_writer_new(const struct pk_age_recipients *to, struct pk_sink sink, struct pk_workers *workers,
		      struct pk_age_writer **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_age_writer) w = NULL;

	if (pk_crypto_init(err) < 0)
		return -1;
	w = calloc(1, sizeof(*w));
	if (!w)
		return pk_fail_oom(err);
	w->sink = sink;
	w->workers = workers;
	w->ring_n = 2 + (workers ? pk_workers_threads(workers) + 1 : 0);
	w->ring = calloc(w->ring_n, sizeof(*w->ring));
	if (!w->ring)
		return pk_fail_oom(err);
	for (size_t i = 0; i < w->ring_n; i++) {
		w->ring[i].stream = &w->stream;
		w->ring[i].fd = -1;
		w->ring[i].plain = malloc(BATCH_BYTES);
		w->ring[i].sealed = malloc(SEALED_BYTES);
		if (!w->ring[i].plain || !w->ring[i].sealed)
			return pk_fail_oom(err);
	}
	if (start(w, to, err) < 0)
		return -1;
	*ret = pk_steal(&w);
	return 0;
}

/* A chunk at a time: it is sealed where it was read to, while a core's own cache still has it. */
static int read_and_seal(struct batch *b, struct pk_err *err)
{
	for (size_t at = 0; at < b->plain_n; at += PK_AGE_CHUNK) {
		size_t n = 0;

		if (pk_pread_full(b->fd, b->plain, PK_AGE_CHUNK, b->off + at, &n, err) < 0)
			return pk_wrap(err, "'%s'", b->name);
		if (n != PK_AGE_CHUNK)
			return pk_fail(err, PK_ESYS, 0, "'%s' became shorter while it was read", b->name);
		age_chunk_seal(b->stream, b->index++, false, b->plain, n, b->sealed + b->sealed_n);
		b->sealed_n += n + AGE_TAG;
	}
	return 0;
}

/* Every chunk of it; an empty file has one too. */
static void seal_batch(struct pk_job *job, unsigned thread)
{
	struct batch *b = (struct batch *)((char *)job - offsetof(struct batch, job));
	size_t at = 0;

	(void)thread;
	b->sealed_n = 0;
	if (b->fd >= 0) {
		b->rc = read_and_seal(b, &b->err);
		return;
	}
	do {
		size_t n = PK_MIN(b->plain_n - at, (size_t)PK_AGE_CHUNK);
		bool last = b->last && at + n == b->plain_n;

		age_chunk_seal(b->stream, b->index++, last, b->plain + at, n, b->sealed + b->sealed_n);
		b->sealed_n += n + AGE_TAG;
		at += n;
	} while (at < b->plain_n);
}

static int write_oldest(struct pk_age_writer *w, struct pk_err *err)
{
	struct batch *b = &w->ring[w->first];

	if (w->workers)
		pk_workers_wait(w->workers, &b->job);
	w->first = (w->first + 1) % w->ring_n;
	w->queued--;
	b->plain_n = 0;
	b->fd = -1;
	w->failed = b->rc < 0 || w->sink.write(w->sink.ctx, b->sealed, b->sealed_n, err) < 0;
	if (b->rc < 0 && err)
		*err = b->err;
	return w->failed ? -1 : 0;
}

static struct batch *filling(struct pk_age_writer *w) { return &w->ring[(w->first + w->queued) % w->ring_n]; }

/* The batch that fills is sealed; the one after it fills from here on. */
static int queue(struct pk_age_writer *w, bool last, struct pk_err *err)
{
	struct batch *b = filling(w);

	b->index = w->index;
	b->last = last;
	b->job.run = seal_batch;
	w->index += CHUNKS;
	w->queued++;
	if (w->workers)
		pk_workers_submit(w->workers, &b->job);
	else
		seal_batch(&b->job, 0);
	return w->queued + 1 < w->ring_n ? 0 : write_oldest(w, err);
}

static int check_usable(const struct pk_age_writer *w, struct pk_err *err)
{
	if (w->finished)
		return pk_fail(err, PK_EINTERNAL, 0, "written to after its end");
	if (w->failed)
		return pk_fail(err, PK_ESYS, 0, "cannot write: an earlier write failed");
	return 0;
}

void pk_age_writer_space(struct pk_age_writer *w, void **ret, size_t *ret_n)
{
	struct batch *b = filling(w);

	if (b->plain_n == BATCH_BYTES) /* it may be the last one: that is known when bytes come */
		b = &w->ring[(w->first + w->queued + 1) % w->ring_n];
	*ret = b->plain + b->plain_n;
	*ret_n = BATCH_BYTES - b->plain_n;
}

int pk_age_writer_filled(struct pk_age_writer *w, size_t n, struct pk_err *err)
{
	struct batch *b;

	if (check_usable(w, err) < 0)
		return -1;
	if (n && filling(w)->plain_n == BATCH_BYTES && queue(w, false, err) < 0)
		return -1;
	b = filling(w);
	b->plain_n += n;
	b->most = PK_MAX(b->most, b->plain_n);
	return 0;
}

int pk_age_writer_take(struct pk_age_writer *w, int fd, const char *name, size_t *ret_n, struct pk_err *err)
{
	struct batch *b = filling(w);
	struct stat st;
	off_t at;

	*ret_n = 0;
	if (check_usable(w, err) < 0)
		return -1;
	if (b->plain_n || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (at = lseek(fd, 0, SEEK_CUR)) < 0 ||
	    st.st_size - at <= (off_t)BATCH_BYTES)
		return 0;
	if (lseek(fd, (off_t)BATCH_BYTES, SEEK_CUR) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot seek in '%s'", name);
	b->fd = fd;
	b->name = name;
	b->off = (uint64_t)at;
	b->plain_n = BATCH_BYTES;
	b->most = PK_MAX(b->most, (size_t)PK_AGE_CHUNK);
	*ret_n = BATCH_BYTES;
	return queue(w, false, err);
}

int pk_age_write(struct pk_age_writer *w, const void *p, size_t n, struct pk_err *err)
{
	const uint8_t *u = p;

	if (check_usable(w, err) < 0)
		return -1;
	while (n) {
		void *to = NULL;
		size_t room = 0, take;

		pk_age_writer_space(w, &to, &room);
		take = PK_MIN(n, room);
		memcpy(to, u, take);
		if (pk_age_writer_filled(w, take, err) < 0)
			return -1;
		u += take;
		n -= take;
	}
	return 0;
}

int pk_age_writer_finish(struct pk_age_writer *w, struct pk_err *err)
{
	if (check_usable(w, err) < 0 || queue(w, true, err) < 0)
		return -1;
	while (w->queued)
		if (write_oldest(w, err) < 0)
			return -1;
	w->finished = true;
	return 0;
}

void pk_age_writer_free(struct pk_age_writer *w)
{
	if (!w)
		return;
	if (w->workers)
		pk_workers_drain(w->workers);
	for (size_t i = 0; w->ring && i < w->ring_n; i++) {
		if (w->ring[i].plain)
			sodium_memzero(w->ring[i].plain, w->ring[i].most);
		free(w->ring[i].plain);
		free(w->ring[i].sealed);
	}
	free(w->ring);
	age_stream_done(&w->stream);
	free(w);
}
