/* SPDX-License-Identifier: Apache-2.0 */
/* Opening an age file in order, from pipes too. */
#include "age_int.h"

#include <picket/worker.h>

#include <sodium.h>
#include <stddef.h>
#include <stdlib.h>

#define BATCH 64
#define MAX_SLICES 8

/* Some whole chunks for one thread: how many of them, from the first on, are genuine and not the last of the file. */
struct slice {
	struct pk_job job;
	const struct age_stream *stream;
	uint64_t index;
	const uint8_t *sealed;
	uint8_t *plain;
	size_t chunks, good;
};

struct pk_age_reader {
	struct age_source src;
	struct age_stream stream;
	struct pk_workers *workers;
	uint64_t index;
	uint8_t *sealed; /* bytes of chunks not yet opened: sealed[at..n) */
	size_t at, n;
	bool eof;       /* nothing follows sealed[n) */
	uint8_t *plain; /* one opened chunk: plain[plain_at..plain_n) not yet given away */
	size_t plain_at, plain_n;
	bool done;            /* the authenticated end */
	const char *bad;      /* what is wrong after the bytes already given away */
	struct pk_err failed; /* kept, so that every later read says the same */
};

int age_open(struct age_source *src, const struct pk_age_identities *ids, struct age_stream *ret, uint64_t *ret_offset,
	     struct pk_err *err)
{
	PK_AUTO(age_header) h = {0};
	uint8_t key[AGE_FILE_KEY], nonce[AGE_NONCE];
	size_t got = 0;
	int r;

	if (age_header_read(&h, src, err) < 0 || age_header_open(&h, ids, key, err) < 0)
		return -1;
	r = age_source_read_full(src, nonce, sizeof(nonce), &got, err);
	if (r == 0 && got < sizeof(nonce))
		r = AGE_HEADER_FAIL(err, "malformed header: the file ends in its nonce");
	if (r == 0)
		r = age_stream_init(ret, key, nonce, err);
	if (r == 0)
		*ret_offset = h.text.n + AGE_NONCE;
	sodium_memzero(key, sizeof(key));
	return r;
}

static struct pk_age_reader *reader_alloc(void)
{
	PK_AUTOPTR(pk_age_reader) r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->src.fd = -1;
	r->plain = malloc(PK_AGE_CHUNK);
	r->sealed = malloc(BATCH * AGE_SEALED_CHUNK + 1);
	return r->plain && r->sealed ? pk_steal(&r) : NULL;
}

int pk_age_reader_new(int fd, const struct pk_age_identities *ids, struct pk_workers *workers,
		      struct pk_age_reader **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_age_reader) r = reader_alloc();
	uint64_t offset;

	if (!r)
		return pk_fail_oom(err);
	r->workers = workers;
	if (age_source_open_fd(&r->src, fd, false, err) < 0 || age_open(&r->src, ids, &r->stream, &offset, err) < 0)
		return -1;
	*ret = pk_steal(&r);
	return 0;
}

int age_reader_new_mem(struct pk_str bytes, const struct pk_age_identities *ids, struct pk_age_reader **ret,
		       struct pk_err *err)
{
	PK_AUTOPTR(pk_age_reader) r = reader_alloc();
	uint64_t offset;

	if (!r)
		return pk_fail_oom(err);
	if (age_source_open_mem(&r->src, bytes, err) < 0 || age_open(&r->src, ids, &r->stream, &offset, err) < 0)
		return -1;
	*ret = pk_steal(&r);
	return 0;
}

void pk_age_reader_free(struct pk_age_reader *r)
{
	if (!r)
		return;
	if (r->plain)
		sodium_memzero(r->plain, PK_AGE_CHUNK);
	free(r->plain);
	free(r->sealed);
	age_stream_done(&r->stream);
	age_source_done(&r->src);
	free(r);
}

/* A whole chunk and one byte more, or all that there is. Takes what each read gives, so that a slow pipe is
 * passed on as it comes. */
static int fill(struct pk_age_reader *r, struct pk_err *err)
{
	size_t cap = BATCH * AGE_SEALED_CHUNK + 1, got = 0;

	if (r->n - r->at > AGE_SEALED_CHUNK || r->eof)
		return 0;
	memmove(r->sealed, r->sealed + r->at, r->n - r->at);
	r->n -= r->at;
	r->at = 0;
	while (r->n <= AGE_SEALED_CHUNK && !r->eof) {
		if (age_source_read(&r->src, r->sealed + r->n, cap - r->n, &got, err) < 0)
			return -1;
		r->n += got;
		r->eof = got == 0;
	}
	return 0;
}

static int payload_fail(struct pk_err *err, const char *what)
{
	return pk_fail_code(err, PK_ECRYPTO, PK_AGE_PAYLOAD, "the payload is damaged: %s", what);
}

/* Opens the next chunk into p (room for PK_AGE_CHUNK). Not the last chunk of the file and yet marked so, or the
 * other way round: its bytes are genuine and are given away, what follows is refused. */
static int open_chunk(struct pk_age_reader *r, void *p, size_t *ret_n, struct pk_err *err)
{
	const uint8_t *c;
	size_t n;
	bool last;

	if (r->bad)
		return payload_fail(err, r->bad);
	if (fill(r, err) < 0)
		return -1;
	c = r->sealed + r->at;
	n = PK_MIN(r->n - r->at, (size_t)AGE_SEALED_CHUNK);
	last = r->eof && r->at + n == r->n;
	if (n < AGE_TAG)
		return payload_fail(err, n ? "it ends within a chunk" : "it is cut");
	if (n == AGE_TAG && r->index > 0)
		return payload_fail(err, "its last chunk is empty");
	if (age_chunk_open(&r->stream, r->index, last, c, n, p))
		r->done = last;
	else if (n == AGE_SEALED_CHUNK && age_chunk_open(&r->stream, r->index, !last, c, n, p))
		r->bad = last ? "it is cut" : "something follows its last chunk";
	else
		return payload_fail(err, last ? "its last chunk is changed or cut" : "a chunk was changed");
	r->index++;
	r->at += n;
	*ret_n = n - AGE_TAG;
	return 0;
}

static void open_slice(struct pk_job *job, unsigned thread)
{
	struct slice *s = (struct slice *)((char *)job - offsetof(struct slice, job));

	(void)thread;
	for (s->good = 0; s->good < s->chunks; s->good++)
		if (!age_chunk_open(s->stream, s->index + s->good, false, s->sealed + s->good * AGE_SEALED_CHUNK,
				    AGE_SEALED_CHUNK, s->plain + s->good * PK_AGE_CHUNK))
			return;
}

/* Opens what is at hand on all threads, as far as it fits into p, is genuine and is not the last chunk: that one, and
 * saying what is wrong, is open_chunk's. Returns the bytes opened. */
static size_t open_many(struct pk_age_reader *r, uint8_t *p, size_t n)
{
	size_t all = (r->n - r->at) / AGE_SEALED_CHUNK, slices, good = 0;
	struct slice s[MAX_SLICES];

	all = PK_MIN(all - (all > 0 && all * AGE_SEALED_CHUNK == r->n - r->at), n / PK_AGE_CHUNK);
	if (!r->workers || r->bad || all < 2)
		return 0;
	slices = PK_MIN(PK_MIN(all, (size_t)MAX_SLICES), (size_t)pk_workers_threads(r->workers));
	for (size_t i = 0; i < slices; i++) {
		size_t from = all * i / slices;

		s[i] = (struct slice){.job.run = open_slice,
				      .stream = &r->stream,
				      .index = r->index + from,
				      .sealed = r->sealed + r->at + from * AGE_SEALED_CHUNK,
				      .plain = p + from * PK_AGE_CHUNK,
				      .chunks = all * (i + 1) / slices - from};
		pk_workers_submit(r->workers, &s[i].job);
	}
	pk_workers_drain(r->workers);
	for (size_t i = 0; i < slices; i++) {
		good += s[i].good;
		if (s[i].good < s[i].chunks)
			break;
	}
	r->index += good;
	r->at += good * AGE_SEALED_CHUNK;
	return good * PK_AGE_CHUNK;
}

int pk_age_read(struct pk_age_reader *r, void *p, size_t n, size_t *ret_n, struct pk_err *err)
{
	uint8_t *u = p;
	size_t done = 0, got = 0;
	int bad = 0;

	if (r->failed.kind) {
		if (err)
			*err = r->failed;
		return -1;
	}
	while (done < n && bad == 0) {
		if (r->plain_at < r->plain_n) {
			size_t take = PK_MIN(n - done, r->plain_n - r->plain_at);

			memcpy(u + done, r->plain + r->plain_at, take);
			r->plain_at += take;
			done += take;
			continue;
		}
		if (r->done || (done && !r->eof && r->n - r->at <= AGE_SEALED_CHUNK))
			break; /* the end, or the next chunk may keep us waiting */
		got = open_many(r, u + done, n - done);
		done += got;
		if (got)
			continue;
		if (n - done >= PK_AGE_CHUNK) {
			bad = open_chunk(r, u + done, &got, &r->failed);
			done += bad ? 0 : got;
		} else {
			bad = open_chunk(r, r->plain, &got, &r->failed);
			r->plain_at = 0;
			r->plain_n = bad ? 0 : got;
		}
	}
	if (bad && done == 0) {
		if (err)
			*err = r->failed;
		return -1;
	}
	*ret_n = done;
	return 0;
}
