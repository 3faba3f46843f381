/* SPDX-License-Identifier: Apache-2.0 */
/* The caller's side of the IOC process: what its three parts share. */
#ifndef PICKET_SCAN_IOCCLIENT_H
#define PICKET_SCAN_IOCCLIENT_H

#include "iocserve.h"
#include "iocset.h"

#include <sys/types.h>

struct pk_ioc_table {
	const uint8_t *p;
	size_t n;
};
struct pk_ioc_question {
	uint64_t id;
	uint8_t what;
	uint32_t at, n; /* in the texts */
};
/* Questions that go together. */
struct pk_ioc_batch {
	struct pk_ioc_question *v;
	size_t n, cap;
	struct pk_buf texts;
};

struct pk_ioc {
	const struct pk_events *events;
	pid_t server;
	int service; /* -1: lost, or not needed */
	uint8_t *shared;
	struct pk_buf report; /* everything below points into it */
	struct pk_ioc_set *sets;
	size_t set_count;
	struct pk_ioc_problem *problems;
	size_t problem_count;
	struct pk_str section[PK_IOC_SECTIONS];
	struct pk_ioc_table tables[2 * PK_IOC_HASH_TABLES];
	/* texts */
	int (*answer)(void *ctx, const struct pk_ioc_answer *a, struct pk_err *err);
	void *ctx;
	struct pk_ioc_batch next, sent; /* being filled; at the worker */
	uint32_t seq;
	bool told_lost;
};

/** Nothing can be asked any more. */
void pk_ioc_end_server(struct pk_ioc *ioc);
void pk_ioc_batch_done(struct pk_ioc_batch *b);

/* --- the report, which is hostile --------------------------------------------------------------------- */

PK_NODISCARD int pk_ioc_bad_report(struct pk_err *err);
/** "" for an offset that lies outside. */
struct pk_str pk_ioc_text_at(const struct pk_ioc *ioc, uint32_t at);
size_t pk_ioc_indicator_count(const struct pk_ioc *ioc);
/** Fills set, score and description. False: there is no such note. */
bool pk_ioc_fill_note(const struct pk_ioc *ioc, uint32_t note, struct pk_ioc_hit *hit);

#endif
