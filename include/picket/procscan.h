/* SPDX-License-Identifier: Apache-2.0 */
/** Scanning the memory of processes with a pool.
 *
 * For each process a reader is forked: it keeps the right to look, reads what is there into a window of the slots, and
 * can be given up when the process stops it. A scan child asks it for block after block, and sees nothing but the
 * window. A block is a run of present pages of one mapping; what is absent is never brought in:
 *  - absent pages next to present ones of a mapping without a file count as the zeros that they are (one page on each
 *    side of a run; runs that are two pages apart or less are one);
 *  - pages of a deleted file and of shared memory (memfd, anonymous, System V, below /dev/shm) are read from the file
 *    where they are absent, and count as not readable where that takes a right that we do not have;
 *  - a run longer than 16 MiB is scanned in pieces that have at least 1 MiB in common, with edges where no word is
 *    cut: a string of up to 1 MiB is always whole in one of them;
 *  - swapped pages are counted, and read (brought in) only when asked for;
 *  - mappings of devices and of the kernel are left out, and pages that cannot be read cost themselves.
 * `filesize` is undefined in memory, as in stock yara.
 *
 * The calls come from the thread that owns the pool; nothing else may use the pool meanwhile. */
#ifndef PICKET_PROCSCAN_H
#define PICKET_PROCSCAN_H

#include <picket/scan.h>

#include <sys/stat.h>

#define PK_PROCSCAN_SLOTS 4u             /* slots that each process under way needs */
#define PK_PROCSCAN_MAX_MAPS (64u << 20) /* the text of /proc/PID/maps: bytes; the rest is not scanned */

/** A process as its reader found it. Text is the kernel's and so the process's own: hostile. */
struct pk_procinfo {
	uint64_t pid, parent;
	uint64_t inner_pid;   /* its number in the innermost PID namespace; 0: unknown */
	uint64_t start_ticks; /* clock ticks since boot; with pid, who it is. 0: unknown */
	uint32_t uid, euid, gid;
	bool other_pid_ns, other_mount_ns; /* it lives in another namespace than we; exe and mappings are named there */
	bool has_exe, exe_deleted;
	bool has_exe_btime;
	struct pk_time exe_btime;
	struct stat exe_stat; /* zero without has_exe */
	char exe[4096];       /* without " (deleted)"; "" for none or one that cannot be had */
	char comm[64];        /* up to 15 bytes are the kernel's */
	char filetype[16];    /* of exe: pk_scan_filetype */
	/* counts of mappings */
	uint64_t maps, maps_scanned, maps_device, maps_kernel, maps_not_present;
	bool maps_cut;     /* there were more than PK_PROCSCAN_MAX_MAPS */
	bool no_map_files; /* part of bytes_unreadable is for want of CAP_CHECKPOINT_RESTORE */
	uint64_t bytes;    /* scanned: pages that were read */
	/* not read; left out; read from deleted files and shared memory */
	uint64_t bytes_unreadable, bytes_swapped, bytes_deleted;
};
struct pk_procmapping {
	uint64_t start, end, offset, inode;
	char perms[5];      /* "rw-p" */
	struct pk_str path; /* as the kernel writes it, "" for none */
};
/** What became of one process; borrowed for the call. */
struct pk_procscan_process {
	const struct pk_procinfo *info; /* pid at least */
	enum pk_scan_verdict verdict;
	/** NULL when scanned; besides pk_scan_result's words:
	 * skipped: "kernel-thread", "zombie", "own" (the scanner itself, its children and theirs), "vanished" (before its turn)
	 * failed: "vanished" (asked for by number, or meanwhile), "denied", "changed" (it executed another program
	 * meanwhile), "stalled" (it stopped its reader), "unreadable", "crashed" (the reader) */
	const char *why;
	const char *detail;                  /* more for people, or "" */
	const struct pk_scan_result *result; /* NULL when it never came to a scanner; may have hits when failed */
	struct pk_str maps;                  /* text of /proc/PID/maps as far as it was read */
};
/** The mapping that holds an address. False: there is none. */
bool pk_procscan_mapping(const struct pk_procscan_process *p, uint64_t address, struct pk_procmapping *ret);

struct pk_procscan_params {
	struct pk_scanpool *pool;
	struct pk_slots *slots; /* the pool's; each PK_PROCSCAN_SLOTS of them are one process under way */
	int proc_fd;            /* folder of a procfs */
	bool swapped;           /* read swapped pages too */
	bool no_pagemap_scan;   /* set by tests: as on a kernel before 6.7 */
	/** Called for each process once, in the order they were given. -1 ends the scan with err. */
	int (*process)(void *ctx, const struct pk_procscan_process *process, struct pk_err *err);
	/** A user's and a group's name, or NULL. May be NULL. */
	const char *(*owner)(void *ctx, uint32_t uid);
	const char *(*group)(void *ctx, uint32_t gid);
	const struct pk_scan_hostvars *host; /* or NULL: nothing is known */
	void *ctx;
	const struct pk_events *events;
};
struct pk_procscan;
/** Fewer than PK_PROCSCAN_SLOTS slots is PK_EINTERNAL. */
PK_NODISCARD int pk_procscan_new(const struct pk_procscan_params *params, struct pk_procscan **ret, struct pk_err *err);
/** One process; `named`: the user asked for this number. What cannot be read is an outcome, not an error. */
PK_NODISCARD int pk_procscan_pid(struct pk_procscan *ps, uint64_t pid, bool named, struct pk_err *err);
/** Waits for everything that is under way. */
PK_NODISCARD int pk_procscan_finish(struct pk_procscan *ps, struct pk_err *err);
void pk_procscan_free(struct pk_procscan *ps);
PK_DEFINE_AUTOPTR(pk_procscan)

/** Numbers of all processes that a procfs lists, ascending, in memory of the caller's (free). */
PK_NODISCARD int pk_procscan_list(int proc_fd, uint64_t **ret, size_t *ret_n, struct pk_err *err);

#endif
