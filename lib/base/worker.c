/* SPDX-License-Identifier: Apache-2.0 */
/* Worker threads: one queue, one lock, two conditions. */
#include <picket/worker.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

#define MAX_THREADS 256

struct thread {
	struct pk_workers *w;
	unsigned index;
	pthread_t id;
};

struct pk_workers {
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	struct pk_job *first, **last;
	size_t unfinished, max_jobs;
	unsigned n, up;
	bool stop;
	struct thread threads[];
};

unsigned pk_cpu_count(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1; /* more than CPU_SETSIZE processors, or none to be seen */
	return (unsigned)PK_MAX(CPU_COUNT(&set), 1);
}

static void *work(void *arg)
{
	const struct thread *t = arg;
	struct pk_workers *w = t->w;

	pthread_mutex_lock(&w->lock);
	w->up++;
	pthread_cond_broadcast(&w->done);
	for (;;) {
		struct pk_job *job;

		while (!w->first && !w->stop)
			pthread_cond_wait(&w->work, &w->lock);
		job = w->first;
		if (!job)
			break;
		w->first = job->next;
		if (!w->first)
			w->last = &w->first;
		pthread_mutex_unlock(&w->lock);
		job->run(job, t->index);
		pthread_mutex_lock(&w->lock);
		job->done = true;
		w->unfinished--;
		pthread_cond_broadcast(&w->done);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

int pk_workers_new(unsigned threads, size_t max_jobs, struct pk_workers **ret, struct pk_err *err)
{
	unsigned want = PK_MIN(threads ? threads : pk_cpu_count(), MAX_THREADS);
	struct pk_workers *w = calloc(1, sizeof(*w) + want * sizeof(w->threads[0]));
	sigset_t all, old;
	int error = 0;

	if (!w)
		return pk_fail_oom(err);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->work, NULL);
	pthread_cond_init(&w->done, NULL);
	w->last = &w->first;
	w->max_jobs = PK_MAX(max_jobs, (size_t)1);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	for (; w->n < want; w->n++) {
		struct thread *t = &w->threads[w->n];

		*t = (struct thread){.w = w, .index = w->n};
		error = pthread_create(&t->id, NULL, work, t);
		if (error)
			break;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_mutex_lock(&w->lock);
	while (w->up < w->n) /* a thread's own first system calls are over: the caller may enter a sandbox */
		pthread_cond_wait(&w->done, &w->lock);
	pthread_mutex_unlock(&w->lock);
	if (w->n == 0) { /* fewer than wanted is slower; none is a failure */
		pk_workers_free(w);
		return pk_fail(err, PK_ESYS, error, "cannot start a thread");
	}
	*ret = w;
	return 0;
}

unsigned pk_workers_threads(const struct pk_workers *w) { return w->n; }

void pk_workers_submit(struct pk_workers *w, struct pk_job *job)
{
	pthread_mutex_lock(&w->lock);
	while (w->unfinished >= w->max_jobs)
		pthread_cond_wait(&w->done, &w->lock);
	job->next = NULL;
	job->done = false;
	*w->last = job;
	w->last = &job->next;
	w->unfinished++;
	pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
}

void pk_workers_wait(struct pk_workers *w, struct pk_job *job)
{
	pthread_mutex_lock(&w->lock);
	while (!job->done)
		pthread_cond_wait(&w->done, &w->lock);
	pthread_mutex_unlock(&w->lock);
}

void pk_workers_drain(struct pk_workers *w)
{
	pthread_mutex_lock(&w->lock);
	while (w->unfinished)
		pthread_cond_wait(&w->done, &w->lock);
	pthread_mutex_unlock(&w->lock);
}

void pk_workers_free(struct pk_workers *w)
{
	if (!w)
		return;
	pk_workers_drain(w);
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_broadcast(&w->work);
	pthread_mutex_unlock(&w->lock);
	for (unsigned i = 0; i < w->n; i++)
		pthread_join(w->threads[i].id, NULL);
	pthread_cond_destroy(&w->done);
	pthread_cond_destroy(&w->work);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
