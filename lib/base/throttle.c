/* SPDX-License-Identifier: Apache-2.0 */
/* Holds a process and its children to a share of processor time. */
#include <picket/throttle.h>

#include <errno.h>
#include <picket/time.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

#define RING_US 5000             /* of processor time; the kernel looks at its own ticks only */
#define SPARED_NS 250000000u     /* unused time that may still be taken */
#define MAX_SLEEP_NS 1000000000u /* at a ring, whatever the account says */
#define NS UINT64_C(1000000000)

static _Atomic uint64_t *account; /* shared by all: until when what was taken is paid for; NULL: no limit */
static unsigned share;
static _Atomic uint64_t charged; /* of this process's time */

uint64_t pk_throttle_pay(uint64_t paid_ns, uint64_t now_ns, uint64_t used_ns, unsigned percent)
{
	uint64_t from = now_ns > SPARED_NS ? now_ns - SPARED_NS : 0;

	return PK_MAX(paid_ns, from) + used_ns / percent * 100;
}

static uint64_t used_so_far(void)
{
	struct timespec t = {0};

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * NS + (uint64_t)t.tv_nsec;
}

/* Nothing here that a signal handler may not do. */
void pk_throttle_pause(void)
{
	uint64_t used, before, now, paid, until;
	struct timespec t;

	if (!account)
		return;
	used = used_so_far();
	before = atomic_exchange(&charged, used);
	now = pk_time_mono_ns();
	paid = atomic_load(account);
	do
		until = pk_throttle_pay(paid, now, used > before ? used - before : 0, share);
	while (!atomic_compare_exchange_weak(account, &paid, until));
	until = PK_MIN(until, now + MAX_SLEEP_NS);
	if (until <= now)
		return;
	t = (struct timespec){.tv_sec = (time_t)(until / NS), .tv_nsec = (long)(until % NS)};
	(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static void on_ring(int sig)
{
	int saved = errno;

	(void)sig;
	pk_throttle_pause();
	errno = saved;
}

void pk_throttle_join(void)
{
	const struct itimerval each = {.it_interval = {.tv_usec = RING_US}, .it_value = {.tv_usec = RING_US}};

	if (!account)
		return;
	atomic_store(&charged, used_so_far());
	(void)setitimer(ITIMER_PROF, &each, NULL);
}

int pk_throttle_start(unsigned percent, struct pk_err *err)
{
	struct sigaction sa = {.sa_handler = on_ring, .sa_flags = SA_RESTART};
	void *shared = mmap(NULL, sizeof(*account), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int e;

	if (shared == MAP_FAILED)
		return pk_fail_oom(err);
	sigemptyset(&sa.sa_mask);
	if (sigaction(SIGPROF, &sa, NULL) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot limit the processor time");
	e = pthread_atfork(NULL, NULL, pk_throttle_join);
	if (e)
		return pk_fail(err, PK_ESYS, e, "cannot limit the processor time");
	share = percent;
	account = shared;
	pk_throttle_join();
	return 0;
}
