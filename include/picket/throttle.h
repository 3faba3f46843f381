/* SPDX-License-Identifier: Apache-2.0 */
/** Holding a process and those that it forks to a share of processor time, all together.
 *
 * Each of them has a timer of the processor time that it takes (ITIMER_PROF, SIGPROF). When it rings, what was taken is
 * put on an account that all share, and the process sleeps until that is paid for: wherever it is, also in the middle
 * of one long call of a library. What is forked joins by itself; a process that is made by clone calls
 * pk_throttle_join. A process that was taken over can hold the others up, a second for each ring, or let them go; it
 * gains nothing else by the account. */
#ifndef PICKET_THROTTLE_H
#define PICKET_THROTTLE_H

#include <picket/err.h>

#define PK_THROTTLE_MIN 5u /* percent of one core */
#define PK_THROTTLE_MAX 6400u

/** Begins, in a process without threads. @percent  of one core: 100 is as much as one core gives. Once. */
PK_NODISCARD int pk_throttle_start(unsigned percent, struct pk_err *err);
/** In a process made by clone, before its sandbox. Without pk_throttle_start nothing happens, as below. */
void pk_throttle_join(void);
/** Puts what was taken since the last ring on the account, and sleeps if need be: before a short life ends. */
void pk_throttle_pause(void);

/** The account: when what was taken until now is paid for. @paid_ns  that time before; @now_ns  CLOCK_MONOTONIC;
 * @used_ns  processor time to be added. Time that nobody took is lost after a quarter of a second. */
uint64_t pk_throttle_pay(uint64_t paid_ns, uint64_t now_ns, uint64_t used_ns, unsigned percent);

/** Everything else on this host goes before this process, and what it forks, from now on: processor and disk. What cannot
 * be had is a warning. */
void pk_priority_lower(void);

#endif
