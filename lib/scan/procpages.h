/* SPDX-License-Identifier: Apache-2.0 */
/* Which pages of a process are there: by PAGEMAP_SCAN where the kernel has it (6.7), else by walking pagemap. */
#ifndef PICKET_SCAN_PROCPAGES_H
#define PICKET_SCAN_PROCPAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Neighbouring pages of one kind. */
struct pk_pagerun {
	uint64_t start, end; /* addresses */
	bool swapped;        /* else present */
};
#define PK_PAGERUNS 1024
struct pk_procpages {
	int fd; /* /proc/PID/pagemap */
	uint64_t page_bytes;
	bool no_ioctl, no_guard; /* the kernel does not have it, or a test says so */
	/* what is known: all runs of [from, to) */
	uint64_t from, to;
	struct pk_pagerun runs[PK_PAGERUNS];
	size_t n;
};
/** The first run that ends behind `at`, within [at, end), cut to it. Pages of zeros that the kernel shares count as
 * absent, guard pages too. 1: *ret is set; 0: there is none; else -errno. */
int pk_procpages_next(struct pk_procpages *p, uint64_t at, uint64_t end, struct pk_pagerun *ret);
/** Forgets what is known: the process goes on. */
void pk_procpages_reset(struct pk_procpages *p);

#endif
