/* SPDX-License-Identifier: Apache-2.0 */
/* Hashing beside the walk: a ring of batches of pieces, one that fills and others that are with the worker. */
#include "sumbeside.h"

#include <picket/hash.h>
#include <picket/mem.h>

#include <stddef.h>
#include <stdlib.h>

struct piece {
	const void *p;
	size_t n;
	bool ends; /* a content, whose sum this is */
	uint8_t sum[32];
};

struct batch {
	struct pk_job job;
	struct pk_sha256 *hash; /* the one that all share: batches are hashed in order */
	struct piece *v;
	size_t n, cap;
	bool is_out; /* with the worker */
};

struct sum {
	uint8_t b[32];
};

struct pk_sums {
	struct pk_workers *worker;
	struct pk_sha256 hash;
	struct batch batch[PK_SUMS_TURNS];
	unsigned at;      /* the batch that fills; the next one is the oldest */
	struct sum *done; /* from done_from on not taken */
	size_t done_from, done_n, done_cap;
};

int pk_sums_new(struct pk_workers *worker, struct pk_sums **ret, struct pk_err *err)
{
	struct pk_sums *s = calloc(1, sizeof(*s));

	if (!s)
		return pk_fail_oom(err);
	s->worker = worker;
	pk_sha256_init(&s->hash);
	for (unsigned i = 0; i < PK_SUMS_TURNS; i++)
		s->batch[i].hash = &s->hash;
	*ret = s;
	return 0;
}

void pk_sums_free(struct pk_sums *s)
{
	if (!s)
		return;
	if (s->worker)
		pk_workers_drain(s->worker);
	for (unsigned i = 0; i < PK_SUMS_TURNS; i++)
		free(s->batch[i].v);
	free(s->done);
	free(s);
}

static void hash_batch(struct pk_job *job, unsigned thread)
{
	struct batch *b = (struct batch *)((char *)job - offsetof(struct batch, job));

	(void)thread;
	for (size_t i = 0; i < b->n; i++) {
		struct piece *q = &b->v[i];

		pk_sha256_put(b->hash, q->p, q->n);
		if (q->ends) {
			pk_sha256_end(b->hash, q->sum);
			pk_sha256_init(b->hash);
		}
	}
}

/* Takes a hashed batch's sums over, and makes it an empty one. */
static int collect(struct pk_sums *s, struct batch *b, struct pk_err *err)
{
	if (s->done_from == s->done_n)
		s->done_from = s->done_n = 0;
	for (size_t i = 0; i < b->n; i++) {
		if (!b->v[i].ends)
			continue;
		if (!pk_grow(&s->done, &s->done_cap, s->done_n + 1, sizeof(*s->done)))
			return pk_fail_oom(err);
		memcpy(s->done[s->done_n++].b, b->v[i].sum, 32);
	}
	b->n = 0;
	return 0;
}

static int take_back(struct pk_sums *s, struct batch *b, struct pk_err *err)
{
	if (!b->is_out)
		return 0;
	pk_workers_wait(s->worker, &b->job);
	b->is_out = false;
	return collect(s, b, err);
}

/* Waits for the batches that are out, from the oldest on, until there is a sum to take. */
static int wait_for_sum(struct pk_sums *s, struct pk_err *err)
{
	for (unsigned i = 1; i < PK_SUMS_TURNS && s->done_from == s->done_n; i++)
		if (take_back(s, &s->batch[(s->at + i) % PK_SUMS_TURNS], err) < 0)
			return -1;
	return 0;
}

static int add(struct pk_sums *s, struct piece q, struct pk_err *err)
{
	struct batch *b = &s->batch[s->at];

	if (!pk_grow(&b->v, &b->cap, b->n + 1, sizeof(*b->v)))
		return pk_fail_oom(err);
	b->v[b->n++] = q;
	if (s->worker)
		return 0;
	hash_batch(&b->job, 0);
	return collect(s, b, err);
}

int pk_sums_put(struct pk_sums *s, const void *p, size_t n, struct pk_err *err)
{
	return add(s, (struct piece){.p = p, .n = n}, err);
}

int pk_sums_end(struct pk_sums *s, struct pk_err *err) { return add(s, (struct piece){.ends = true}, err); }

int pk_sums_turn(struct pk_sums *s, struct pk_err *err)
{
	struct batch *full = &s->batch[s->at];

	if (!s->worker)
		return 0;
	full->is_out = true;
	full->job.run = hash_batch;
	pk_workers_submit(s->worker, &full->job);
	s->at = (s->at + 1) % PK_SUMS_TURNS;
	return take_back(s, &s->batch[s->at], err);
}

int pk_sums_take(struct pk_sums *s, uint8_t ret[32], struct pk_err *err)
{
	if (wait_for_sum(s, err) < 0)
		return -1;
	if (s->done_from == s->done_n) { /* asked for at once, as with small bundles */
		hash_batch(&s->batch[s->at].job, 0);
		if (collect(s, &s->batch[s->at], err) < 0)
			return -1;
	}
	if (s->done_from == s->done_n)
		return pk_fail(err, PK_EINTERNAL, 0, "no content was hashed");
	memcpy(ret, s->done[s->done_from++].b, 32);
	return 0;
}
