/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"
#include <picket/worker.h>

#include <unistd.h>

struct square {
	struct pk_job job;
	unsigned in, out, thread;
};

static int running, most;

static void run_square(struct pk_job *job, unsigned thread)
{
	struct square *s = (struct square *)job;
	int now = __atomic_add_fetch(&running, 1, __ATOMIC_SEQ_CST);

	if (now > __atomic_load_n(&most, __ATOMIC_SEQ_CST))
		__atomic_store_n(&most, now, __ATOMIC_SEQ_CST);
	if (s->in % 7 == 0)
		usleep(500); /* so that jobs finish out of order */
	s->out = s->in * s->in;
	s->thread = thread;
	__atomic_sub_fetch(&running, 1, __ATOMIC_SEQ_CST);
}

TEST(jobs_come_back_in_the_order_waited_for)
{
	PK_AUTOPTR(pk_workers) w = NULL;
	static struct square ring[8];

	OK(pk_workers_new(3, PK_LEN(ring), &w, &err));
	CHECK_INT(pk_workers_threads(w), 3);
	for (unsigned i = 0; i < 1000 + PK_LEN(ring); i++) {
		struct square *s = &ring[i % PK_LEN(ring)];

		if (i >= PK_LEN(ring)) {
			pk_workers_wait(w, &s->job);
			CHECK_INT(s->out, (i - PK_LEN(ring)) * (i - PK_LEN(ring)));
			CHECK(s->thread < 3);
		}
		if (i < 1000) {
			*s = (struct square){.job = {.run = run_square}, .in = i};
			pk_workers_submit(w, &s->job);
		}
	}
	CHECK(most <= 3);
}

TEST(drain_waits_for_all_and_the_queue_is_bounded)
{
	PK_AUTOPTR(pk_workers) w = NULL;
	static struct square jobs[100];

	OK(pk_workers_new(0, 2, &w, &err));
	CHECK_INT(pk_workers_threads(w), pk_cpu_count());
	for (unsigned i = 0; i < PK_LEN(jobs); i++) {
		jobs[i] = (struct square){.job = {.run = run_square}, .in = i};
		pk_workers_submit(w, &jobs[i].job);
	}
	pk_workers_drain(w);
	for (unsigned i = 0; i < PK_LEN(jobs); i++)
		CHECK_INT(jobs[i].out, i * i);
	pk_workers_drain(w);
}

TEST(freeing_finishes_what_is_queued)
{
	struct pk_workers *w = NULL;
	static struct square jobs[20];

	OK(pk_workers_new(1, 100, &w, &err));
	for (unsigned i = 0; i < PK_LEN(jobs); i++) {
		jobs[i] = (struct square){.job = {.run = run_square}, .in = i + 1};
		pk_workers_submit(w, &jobs[i].job);
	}
	pk_workers_free(w);
	for (unsigned i = 0; i < PK_LEN(jobs); i++)
		CHECK_INT(jobs[i].out, (i + 1) * (i + 1));
	pk_workers_free(NULL);
}

RUN_TESTS(T(jobs_come_back_in_the_order_waited_for), T(drain_waits_for_all_and_the_queue_is_bounded),
	  T(freeing_finishes_what_is_queued))
