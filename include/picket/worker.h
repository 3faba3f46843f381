/* SPDX-License-Identifier: Apache-2.0 */
/** Worker threads with a bounded queue. Results come in any order one likes: wait for the jobs in the order they
 * were submitted, or drain and look at all of them. */
#ifndef PICKET_WORKER_H
#define PICKET_WORKER_H

#include <picket/err.h>

/** A job is part of the caller's own struct, which holds input and result and stays put until the job is waited
 * for. `thread` is 0 .. threads-1: use it to pick a context that is reused (a compressor). */
struct pk_job {
	void (*run)(struct pk_job *job, unsigned thread);
	struct pk_job *next; /* private */
	bool done;           /* private */
};

/** Processors this process may use (sched_getaffinity), at least 1. */
unsigned pk_cpu_count(void);

struct pk_workers;
/** Starts threads (0: one a processor; all signals blocked in them). At most max_jobs are queued or running.
 * Fork nothing that goes on without exec once this has been called. */
PK_NODISCARD int pk_workers_new(unsigned threads, size_t max_jobs, struct pk_workers **ret, struct pk_err *err);
unsigned pk_workers_threads(const struct pk_workers *w);
/** Queues a job; blocks while max_jobs are unfinished. */
void pk_workers_submit(struct pk_workers *w, struct pk_job *job);
/** Blocks until this job has run; its struct is the caller's again. */
void pk_workers_wait(struct pk_workers *w, struct pk_job *job);
/** Blocks until every job has run. */
void pk_workers_drain(struct pk_workers *w);
/** Drains and joins. */
void pk_workers_free(struct pk_workers *w);
PK_DEFINE_AUTOPTR(pk_workers)

#endif
