/* SPDX-License-Identifier: Apache-2.0 */
/* A process's memory as libyara's blocks, inside a scan child. */
#ifndef PICKET_SCAN_MEMBLOCKS_H
#define PICKET_SCAN_MEMBLOCKS_H

#include "atoms.h"

#include <picket/slots.h>

struct pk_memsource {
	int fd; /* to the reader (procwire.h) */
	const struct pk_slots *slots;
	uint64_t offset, length;  /* the window in the slots */
	void (*alive)(void *ctx); /* called for each block */
	void *ctx;
	bool was_scanned;  /* set by the first scan */
	uint64_t last_tag; /* of procwire.h: one that no other child uses, then counted on */
};
/** Scans all blocks of the source with all rules of the scanner, whose atoms may be NULL; returns libyara's code. In the first scan of a
 * source libyara's time limit counts anew for each block. A reader that ends or stalls ends the memory. Only memory that cannot be had, or an answer that
 * makes no sense, ends the scan with ERROR_INSUFFICIENT_MEMORY or ERROR_INTERNAL_FATAL_ERROR. */
int pk_memblocks_scan(const struct pk_atoms *atoms, YR_SCANNER *scanner, struct pk_memsource *source);

#endif
