/* SPDX-License-Identifier: Apache-2.0 */
/* Hashing beside the walk: two batches of pieces, one that fills and one that is with the worker. */
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
	struct pk_workers *workers;
	struct pk_sha256 hash;
	struct batch batch[2];
	unsigned at;      /* the batch that fills */
	struct sum *done; /* from done_from on not taken */
	size_t done_from, done_n, done_cap;
};

int pk_sums_new(struct pk_workers *workers, struct pk_sums **ret, struct pk_err *err)
{
	struct pk_sums *s = calloc(1, sizeof(*s));

	if (!s)
		return pk_fail_oom(err);
	s->workers = workers;
	pk_sha256_init(&s->hash);
	s->batch[0].hash = s->batch[1].hash = &s->hash;
	*ret = s;
	return 0;
}

void pk_sums_free(struct pk_sums *s)
{
	if (!s)
		return;
	free(s->batch[0].v);
	free(s->batch[1].v);
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

static int wait_for(struct pk_sums *s, struct batch *b, struct pk_err *err)
{
	if (!b->is_out)
		return 0;
	pk_workers_wait(s->workers, &b->job);
	b->is_out = false;
	return collect(s, b, err);
}

static int add(struct pk_sums *s, struct piece q, struct pk_err *err)
{
	struct batch *b = &s->batch[s->at];

	if (!pk_grow(&b->v, &b->cap, b->n + 1, sizeof(*b->v)))
		return pk_fail_oom(err);
	b->v[b->n++] = q;
	if (s->workers)
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

	if (wait_for(s, &s->batch[!s->at], err) < 0)
		return -1;
	if (!full->n)
		return 0;
	full->is_out = true;
	full->job.run = hash_batch;
	pk_workers_submit(s->workers, &full->job);
	s->at = !s->at;
	return 0;
}

int pk_sums_take(struct pk_sums *s, uint8_t ret[32], struct pk_err *err)
{
	if (s->done_from == s->done_n && wait_for(s, &s->batch[!s->at], err) < 0)
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
