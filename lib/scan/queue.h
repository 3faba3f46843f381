/* SPDX-License-Identifier: Apache-2.0 */
/* Items of a pool from offer to wait, and the children that hold them. */
#ifndef PICKET_SCAN_QUEUE_H
#define PICKET_SCAN_QUEUE_H

#include "scan-internal.h"

#include <sys/types.h>

#define PK_SCAN_AHEAD 2 /* batches at one child: the next is there when it is done with one */

struct pk_scanjob {
	struct pk_scanjob *prev, *next; /* in the queue, or in the list of answers */
	struct pk_scanjob *chain;       /* next of the same hash */
	uint64_t id, seq;
	struct pk_scan_item item; /* externals point into names */
	char *names;
	int fd; /* our own duplicate, or -1 */
	unsigned tries;
	bool alone;                    /* something died in its company: next time nothing else is sent along */
	bool known;                    /* answered */
	struct pk_scan_result *result; /* then; NULL: there was no memory for it */
};
struct pk_scanlist {
	struct pk_scanjob *first, *last;
	size_t n;
};
void pk_scanlist_append(struct pk_scanlist *l, struct pk_scanjob *j);
void pk_scanlist_prepend(struct pk_scanlist *l, struct pk_scanjob *j);
void pk_scanlist_remove(struct pk_scanlist *l, struct pk_scanjob *j);

/** All jobs of a pool by id. */
#define PK_SCANJOB_BUCKETS 1024
struct pk_scanjobs {
	struct pk_scanjob *bucket[PK_SCANJOB_BUCKETS];
	uint64_t next_seq;
};
/** A copy of item with its own names and descriptor, entered by its id. */
PK_NODISCARD int pk_scanjobs_add(struct pk_scanjobs *t, const struct pk_scan_item *item, struct pk_scanjob **ret,
				 struct pk_err *err);
struct pk_scanjob *pk_scanjobs_find(const struct pk_scanjobs *t, uint64_t id);
/** Takes it out of the table and frees it; its result goes to the caller. */
struct pk_scan_result *pk_scanjobs_drop(struct pk_scanjobs *t, struct pk_scanjob *j);
/** Number i of the texts of a file's variables, in the order of the wire; NULL behind the last. */
struct pk_str *pk_scan_external_text(struct pk_scan_externals *e, size_t i);
/** Puts one job into a request. */
void pk_scanjob_put(struct pk_buf *b, const struct pk_scanjob *j);
size_t pk_scanjob_put_size(const struct pk_scanjob *j);

/** A scan child, as the pool knows it. */
struct pk_scanchild {
	int fd; /* -1: not running */
	pid_t pid;
	struct pk_scanjob *jobs[PK_SCAN_BATCH * PK_SCAN_AHEAD]; /* sent, not answered; oldest first */
	size_t job_count, batches;
	size_t batch_ends[PK_SCAN_AHEAD]; /* how many of the oldest jobs belong to each batch */
	uint64_t deadline_ns;             /* for its next sign of life */
	struct pk_buf answer;             /* pieces of one message */
	unsigned deaths;                  /* in a row, without any answer */
	unsigned alive;                   /* signs of life since its last answer */
	bool stale;                       /* to be replaced once it has nothing: there are better rules */
};

#endif
