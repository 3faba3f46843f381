/* SPDX-License-Identifier: Apache-2.0 */
/* Parsers of the files of /proc/PID that a scan of memory needs. The text is hostile: a process chooses its name, and
 * the names and number of its mappings. Slices point into the text; false means that it is not of that form. */
#ifndef PICKET_SCAN_PROCMAPS_H
#define PICKET_SCAN_PROCMAPS_H

#include <picket/procscan.h>

/** One line of maps, or the head of a mapping in smaps. start < end. */
bool pk_procmaps_line(struct pk_str line, struct pk_procmapping *ret);
/** The mapping of a text of maps that holds an address. */
bool pk_procmaps_find(struct pk_str text, uint64_t address, struct pk_procmapping *ret);
/** Calls `device` with the start of each mapping whose flags in smaps say that its pages are no memory (VM_IO,
 * VM_PFNMAP). */
void pk_procmaps_devices(struct pk_str smaps, void (*device)(void *ctx, uint64_t start), void *ctx);

struct pk_procstat {
	struct pk_str comm;
	char state;
	uint64_t parent, flags;
	uint64_t start_ticks; /* since the host booted; 0: not said */
};
#define PK_PROCSTAT_KTHREAD 0x00200000u /* PF_KTHREAD */
bool pk_procmaps_stat(struct pk_str text, struct pk_procstat *ret);

struct pk_procstatus {
	uint32_t uid, euid, gid;
	uint64_t inner_pid; /* 0: not said */
};
bool pk_procmaps_status(struct pk_str text, struct pk_procstatus *ret);

#endif
