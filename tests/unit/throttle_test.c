/* SPDX-License-Identifier: Apache-2.0 */
/* The account of processor time, by numbers, and that it holds those who have one. */
#include "../t.h"
#include <picket/throttle.h>
#include <picket/time.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MS UINT64_C(1000000)

TEST(what_was_taken_is_paid_for_by_time)
{
	static const struct {
		uint64_t paid_ms, now_ms, used_ms;
		unsigned percent;
		uint64_t want_ms;
	} steps[] = {
		/* one core: nobody waits who has one for himself */
		{5000, 5005, 5, 100, 5005},
		/* two at once do */
		{5005, 5005, 5, 100, 5010},
		/* half a core, twice the time */
		{5000, 5005, 5, 50, 5010},
		{5000, 5005, 5, 5, 5100},
		/* two and a half cores */
		{5000, 5005, 5, 250, 5002},
		/* what is owed stays owed */
		{9000, 5000, 10, 100, 9010},
		/* a long rest is no licence to take all of it at once */
		{1000, 5000, 0, 100, 4750},
		{1000, 5000, 100, 20, 5250},
		/* the first quarter of a second after the host booted */
		{0, 100, 50, 100, 50},
		{0, 0, 0, 100, 0},
	};

	for (size_t i = 0; i < PK_LEN(steps); i++)
		CHECK_INT(pk_throttle_pay(steps[i].paid_ms * MS, steps[i].now_ms * MS, steps[i].used_ms * MS,
					  steps[i].percent),
			  steps[i].want_ms * MS);
}

/* Four processes that would take all they can, ring after ring. */
TEST(the_sum_is_the_share)
{
	static const unsigned percents[] = {5, 30, 100, 150};

	for (size_t i = 0; i < PK_LEN(percents); i++) {
		uint64_t start = 1000000 * MS, paid = start, wake[4] = {start, start, start, start}, taken = 0;
		uint64_t end = start + 100000 * MS;

		for (;;) {
			size_t next = 0;
			uint64_t now;

			for (size_t k = 1; k < PK_LEN(wake); k++)
				if (wake[k] < wake[next])
					next = k;
			now = wake[next] + 5 * MS; /* it takes its time */
			if (now > end)
				break;
			taken += 5 * MS;
			paid = pk_throttle_pay(paid, now, 5 * MS, percents[i]);
			wake[next] = PK_MAX(paid, now);
		}
		CHECK(taken <= (end - start) / 100 * percents[i] + 4 * 250 * MS);
		CHECK(taken >= (end - start) / 100 * percents[i] * 9 / 10);
	}
}

static void spin(uint64_t wall_ms)
{
	uint64_t end = pk_time_mono_ns() + wall_ms * MS;

	while (pk_time_mono_ns() < end)
		;
}

/* Milliseconds of processor time that two processes took in a second, from which nothing keeps them but the limit. */
static void take_all(unsigned percent, int ret)
{
	struct rusage own, children;
	uint64_t ms;
	pid_t child;

	if (pk_throttle_start(percent, NULL) < 0)
		_exit(1);
	child = fork();
	spin(1000);
	pk_throttle_pause();
	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &children);
	ms = (uint64_t)(own.ru_utime.tv_sec + own.ru_stime.tv_sec + children.ru_utime.tv_sec +
			children.ru_stime.tv_sec) *
		     1000 +
	     (uint64_t)(own.ru_utime.tv_usec + own.ru_stime.tv_usec + children.ru_utime.tv_usec +
			children.ru_stime.tv_usec) /
		     1000;
	_exit(write(ret, &ms, sizeof(ms)) != sizeof(ms));
}

/* Whatever else this machine does makes it less. */
TEST(a_process_and_its_child_are_held)
{
	static const unsigned percents[] = {10, 20};
	uint64_t ms = 0;
	int p[2];

	for (size_t i = 0; i < PK_LEN(percents); i++) {
		pid_t pid;

		CHECK(pipe(p) == 0);
		pid = fork();
		if (pid == 0)
			take_all(percents[i], p[1]);
		CHECK(read(p[0], &ms, sizeof(ms)) == sizeof(ms));
		CHECK(ms < percents[i] * 10 + 150);
		CHECK(ms > 0);
		waitpid(pid, NULL, 0);
		close(p[0]);
		close(p[1]);
	}
}

RUN_TESTS(T(what_was_taken_is_paid_for_by_time), T(the_sum_is_the_share), T(a_process_and_its_child_are_held))
