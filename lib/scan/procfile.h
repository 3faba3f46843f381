/* SPDX-License-Identifier: Apache-2.0 */
/* The file behind a mapping, read beside the process: what is in it is brought into no page table. */
#ifndef PICKET_SCAN_PROCFILE_H
#define PICKET_SCAN_PROCFILE_H

#include <picket/procscan.h>

/** One at a time; begins as {.fd = -1}. */
struct pk_procfile {
	bool asked, denied; /* denied: it takes CAP_CHECKPOINT_RESTORE (before Linux 5.9 CAP_SYS_ADMIN) */
	int fd;             /* -1: cannot be had */
	uint64_t start;     /* of the mapping */
	/* from `known` on, bytes are in [data, hole) first */
	uint64_t known, data, hole;
	uint64_t bare, bare_end; /* no bytes in here: not to be looked for again */
};
/** Opens a mapping's file by map_files of a folder of /proc, in place of the one before. Only a regular one: opening
 * others may do things. */
void pk_procfile_open(struct pk_procfile *f, int dir, const struct pk_procmapping *m);
/** Forgets the file: the process goes on. */
void pk_procfile_close(struct pk_procfile *f);
/** Sets data and hole: the file's first bytes at or behind off, and before end, are in there, and data may be before
 * off. Holes cost nothing, whatever their size. False: there are only holes. */
bool pk_procfile_data(struct pk_procfile *f, uint64_t off, uint64_t end);

#endif
