/* SPDX-License-Identifier: Apache-2.0 */
/** From a plan to paths, and the one walk over everything. */
#ifndef PICKET_WALK_H
#define PICKET_WALK_H

#include <picket/mount.h>
#include <picket/plan.h>
#include <picket/snap.h>

/* --- expansion of a plan --------------------------------------------------------------------------- */

/** One path that requests led to. Everything is borrowed for the time of the call. */
struct pk_found {
	struct pk_str path;     /* inside the root, links but the last resolved */
	enum pk_reqtype type;   /* the strongest of the requests */
	uint64_t max_file;      /* the largest of the FILE requests' */
	bool excluded;          /* content was asked for, and every asking request excludes this path */
	const char *const *via; /* artefact names, bytewise, each once */
	size_t via_n;
	size_t request; /* index of the first request that led here */
};
/** Callbacks; any may be NULL. A negative return stops everything and is passed on. */
struct pk_expand_ops {
	void *ctx;
	int (*found)(void *ctx, const struct pk_found *f, struct pk_err *err);
	/** A request that led nowhere (absent), or a folder on its way that was refused (denied), must not be
	 * touched (skipped), went away (vanished) or failed; `path` is the pattern for absent, else that folder. */
	int (*missing)(void *ctx, const struct pk_request *r, struct pk_str path, enum pk_outcome outcome,
		       const char *why, struct pk_err *err);
};
/** Finds the paths of all requests and yields each path once: in the order of the requests that first led to
 * it, bytewise within one. Folders are listed, nothing is opened for content.
 * - A link as the last part is yielded itself; for a FILE request without ** what it leads to (inside the root)
 *   is yielded too. ** never goes through links.
 * - %%users.homedir%% stands for the homes of `facts`; a pattern with ** leaves out system homes.
 * - Patterns do not go into pseudo file systems by a glob, only by name (/proc/meminfo), and into network file
 *   systems not at all unless `mounts` says they are crossed.
 * Needs about 48 bytes and the length of its last part for each path. `mounts` may be NULL (tests). */
PK_NODISCARD int pk_plan_expand(const struct pk_plan *plan, const struct pk_root *root, const struct pk_facts *facts,
				const struct pk_mounts *mounts, const struct pk_expand_ops *ops, struct pk_err *err);

/* --- the walk -------------------------------------------------------------------------------------- */

/** One path of the walk. Borrowed for the time of the call. */
struct pk_walk_entry {
	struct pk_str path;           /* inside the root; also in snap->path */
	struct pk_snap *snap;         /* what it is; NULL when it could not be described, or was already */
	bool again;                   /* a folder that was described already: what went wrong in it */
	enum pk_outcome outcome;      /* metadata, or denied, vanished, skipped, failed */
	const char *why;              /* text for everything but metadata, else NULL */
	int dirfd;                    /* the folder that holds it, -1 for the root; not to be closed */
	const char *name;             /* in that folder */
	const struct pk_mount *mount; /* when it is a mount point that was not crossed, else NULL */
};
struct pk_walk_opts {
	const struct pk_facts *facts; /* for names; may be NULL */
	int snap_opts;                /* enum pk_snap_opt */
	const char *start;            /* folder inside the root, NULL: "/" */
	/** Paths that are not entered (the collector's own output); may be NULL. Reported as skipped. */
	bool (*skip)(void *ctx, const struct pk_snap *snap);
	void *skip_ctx;
	unsigned long max_memory; /* bytes for names of folders being read; 0: 16 MiB */
};
/** Calls `entry` for every path, a folder before what is in it, names in bytewise order, each path once.
 * Goes only into mounts with `cross`; says nothing else is touched. Each folder is entered once by device and
 * inode where mounts could repeat it. Names are raw bytes; depth is limited only by PK_MAX_PATH_BYTES for the
 * whole path (what is deeper is reported as skipped). At most 64 descriptors are open at a time.
 * Folders that vanish or are refused are entries with that outcome. A folder may come twice: once with its
 * metadata, and again with vanished, failed or skipped when it could not be listed to its end. */
PK_NODISCARD int pk_walk_tree(const struct pk_root *root, const struct pk_mounts *mounts,
			      const struct pk_walk_opts *opts,
			      int (*entry)(void *ctx, const struct pk_walk_entry *e, struct pk_err *err), void *ctx,
			      struct pk_err *err);
#endif
