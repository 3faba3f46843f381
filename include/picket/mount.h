/* SPDX-License-Identifier: Apache-2.0 */
/** Mounts, and which of them may be touched: decided from mountinfo's text alone, before any access, because a
 * dead network or FUSE mount hangs whoever looks at it. */
#ifndef PICKET_MOUNT_H
#define PICKET_MOUNT_H

#include <picket/path.h>

enum pk_mountkind {
	PK_MOUNT_LOCAL,   /* disks, images, tmpfs, overlay */
	PK_MOUNT_NETWORK, /* nfs, cifs, ceph, 9p, ..., and all of fuse.* */
	PK_MOUNT_PSEUDO,  /* proc, sysfs, cgroup, autofs, ... */
};
struct pk_mount {
	uint32_t id, parent, major, minor;
	char *point; /* inside the root ("/" is the root's own), octal escapes undone */
	char *tree;  /* which folder of the file system is mounted: field 4 of mountinfo */
	char *type, *source, *options, *super_options;
	enum pk_mountkind kind;
	bool cross;   /* the decision: walks go in */
	bool never;   /* not even what is named there is touched: it may hang, mount something, or, in a root that is
			 no live host, show the system that we run on */
	bool visible; /* not hidden under a later mount */
	char *why;    /* when not crossed: "pseudo file system proc", "same tree as '/srv'", ...; else NULL */
	bool is_top, is_own, decided; /* private */
};
/** Zero-initialise. Sorted bytewise by point. */
struct pk_mounts {
	struct pk_mount *v;
	size_t n, cap;
	const char *gap; /* why the list is not whole, or NULL */
};
struct pk_mount_opts {
	bool network; /* cross network file systems too */
};
/** Reads mountinfo of this process and decides for each mount below the root. The root's own mount is always
 * crossed: whoever named it wants it. A host that hides its mounts, or has too many, leaves a gap; it is no error. */
PK_NODISCARD int pk_mounts_read(struct pk_mounts *m, const struct pk_root *root, const struct pk_mount_opts *opts,
				struct pk_err *err);
/** The same from text; `prefix` is the root's own absolute path ("/" for a live host). Broken lines are left
 * out and counted, those after the first 20,000 are a gap. */
PK_NODISCARD int pk_mounts_parse(struct pk_mounts *m, struct pk_str text, struct pk_str prefix,
				 const struct pk_mount_opts *opts, size_t *ret_bad, struct pk_err *err);
void pk_mounts_done(struct pk_mounts *m);
/** The visible mount whose point is exactly this path, or NULL. */
const struct pk_mount *pk_mounts_point(const struct pk_mounts *m, struct pk_str path);
/** The visible mount that holds this path (inside the root, absolute, no links), or NULL when there is none. */
const struct pk_mount *pk_mounts_of(const struct pk_mounts *m, struct pk_str path);
enum pk_mountkind pk_mount_kind(struct pk_str type);
/** Makes the root refuse (EREMOTE) to resolve any path into a network file system that is not crossed; links
 * included. m must outlive the root's use. */
void pk_mounts_guard(const struct pk_mounts *m, struct pk_root *root);
/** Calls `decision` for every mount below the root, so that each can be recorded. */
PK_NODISCARD int pk_mounts_report(const struct pk_mounts *m,
				  int (*decision)(void *ctx, const struct pk_mount *m, struct pk_err *err), void *ctx,
				  struct pk_err *err);

#endif
