/* SPDX-License-Identifier: Apache-2.0 */
/* What the halves of a pool share: pool.c gives items to children, poolparts.c talks with the zygote about rules. */
#ifndef PICKET_SCAN_POOL_H
#define PICKET_SCAN_POOL_H

#include "queue.h"
#include "rulecache.h"

#define PK_SCAN_CHILDREN 64 /* at most */

struct pk_scanpool {
	struct pk_slots *slots;
	const struct pk_events *events;
	size_t child_count, queue_max;
	unsigned timeout_seconds, compile_seconds;
	uint64_t max_scan;
	bool strict, ready;
	pid_t zygote;
	int control, report;
	struct pk_ruleset set;
	struct pk_err lost; /* kind set once no child can be had any more */
	struct pk_scanchild child[PK_SCAN_CHILDREN];
	struct pk_scanjobs table;
	struct pk_scanlist waiting;  /* not sent */
	struct pk_scanlist answered; /* not fetched */
	size_t unanswered;
	enum pk_scan_partition partition;
	struct pk_poolclass {
		uint64_t items, bytes; /* offered */
		enum { PK_PART_NONE, PK_PART_AWAITED, PK_PART_READY } part;
		bool to_save;       /* compiled in this run, not taken from the cache */
	} cls[PK_SCAN_CLASSES];     /* class 0: the full set */
	struct pk_rulecache *cache; /* NULL: none */
	struct pk_buf kept_report;  /* for the cache, or from it */
};

/** A request to the zygote; fd -1: none goes along. */
bool pk_pool_ask(const struct pk_scanpool *p, char letter, unsigned cls, int fd);
/** One answer of the zygote that is there: a process number, or 0, also when it was about a part. */
uint32_t pk_pool_hear_zygote(struct pk_scanpool *p);
/** True while an answer about a part is to come. */
bool pk_pool_awaits_part(const struct pk_scanpool *p);
/** Counts an item; has a part of the rules made once that pays. */
void pk_pool_count_item(struct pk_scanpool *p, const struct pk_scan_item *item);
/** Has all parts made, and waits for them, when that is wanted. */
void pk_pool_make_all_parts(struct pk_scanpool *p);
/** Keeps what was compiled for the next run. */
void pk_pool_save(struct pk_scanpool *p);

#endif
