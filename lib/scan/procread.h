/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of one process's memory: a process of its own, since what it looks at may make it wait for ever. */
#ifndef PICKET_SCAN_PROCREAD_H
#define PICKET_SCAN_PROCREAD_H

#include "procwire.h"

#include <picket/procscan.h>
#include <sys/types.h>

/* What a reader leaves for its parent, in memory that both have. */
struct pk_procshared {
	struct pk_procinfo info;
	const char *why; /* NULL, or a word of struct pk_procscan_process; literals are at one place in both */
	int sys;         /* errno that goes with it, or 0 */
	bool skipped;    /* with why: else failed */
	bool complete;   /* all blocks were asked for */
	bool restarted;  /* after some were: a child died on them */
};
struct pk_procread_params {
	uint64_t pid;
	int proc_fd; /* procfs */
	int socket;  /* to the child; a byte tells the parent that info is there (or why) */
	int maps_fd; /* gets the text of maps */
	struct pk_procshared *shared;
	uint8_t *slots;  /* base */
	uint64_t window; /* offset of the window in them */
	bool swapped, no_pagemap_scan;
	pid_t parent;
};
/** The reader's whole life. */
_Noreturn void pk_procread_main(const struct pk_procread_params *params);

/* --- procread.c's halves: what is known of the process, and its blocks -------------------------------- */

struct pk_procblock {
	uint64_t base, size;
	size_t map;
};
struct pk_procmap {
	struct pk_procmapping m;
	bool device;
	bool lone; /* of a file that is not to be had by a name, or that is in memory only: shared memory too */
};
struct pk_procread {
	const struct pk_procread_params *p;
	struct pk_procshared *sh;
	int dir, mem; /* /proc/PID, and its mem or -1 */
	struct pk_buf maps_text;
	struct pk_procmap *maps;
	size_t map_count, map_cap;
	bool asked_devices, knows_devices;
};
/** Fills info, maps and the rest; false with why set. */
bool pk_procinfo_read(struct pk_procread *r);
/** Asks smaps, once, which mappings are no memory. */
void pk_procinfo_devices(struct pk_procread *r);

#endif
