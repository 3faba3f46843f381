/* SPDX-License-Identifier: Apache-2.0 */
/** One path of a root: its metadata, and its content opened without being fooled.
 *
 * Nothing is ever opened before its type is known: a FIFO, socket or device is described, not opened. */
#ifndef PICKET_SNAP_H
#define PICKET_SNAP_H

#include <picket/facts.h>
#include <picket/json.h>
#include <picket/outcome.h>
#include <picket/time.h>

enum pk_kind {
	PK_KIND_FILE,
	PK_KIND_DIR,
	PK_KIND_LINK,
	PK_KIND_FIFO,
	PK_KIND_SOCKET,
	PK_KIND_CHAR,
	PK_KIND_BLOCK,
};
const char *pk_kind_name(enum pk_kind k); /* "file", "dir", "link", "fifo", "socket", "char", "block" */

enum pk_snap_has { /* bits of `has` */
		   PK_SNAP_ATIME = 1,
		   PK_SNAP_BTIME = 2,
		   PK_SNAP_MNT_ID = 4,
		   PK_SNAP_TARGET = 8,
		   PK_SNAP_INODE_FLAGS = 16, /* flags also hold what FS_IOC_GETFLAGS says */
};
enum pk_snap_flag {                                   /* bits of `flags`; each has a word in the record */
		    PK_SNAP_IMMUTABLE = 1,            /* "immutable" */
		    PK_SNAP_APPEND = 2,               /* "append" */
		    PK_SNAP_NODUMP = 4,               /* "nodump" */
		    PK_SNAP_COMPRESSED = 8,           /* "compressed" */
		    PK_SNAP_ENCRYPTED = 16,           /* "encrypted" */
		    PK_SNAP_VERITY = 32,              /* "verity" */
		    PK_SNAP_NOATIME = 64,             /* "noatime" */
		    PK_SNAP_UNDELETE = 128,           /* "undelete" */
		    PK_SNAP_SECRM = 256,              /* "secure-deletion" */
		    PK_SNAP_NOCOW = 512,              /* "nocow" */
		    PK_SNAP_CASEFOLD = 1024,          /* "casefold" */
		    PK_SNAP_ATIME_CHANGED = 1u << 16, /* "atime-changed": opened without O_NOATIME, which was refused */
};
struct pk_xattr {
	char *name;
	uint8_t *value; /* NULL when it was over the limit or could not be read */
	size_t size;    /* as the kernel said */
};
/** Zero-initialise; reading again into the same struct is fine. user and group are borrowed from the facts. */
struct pk_snap {
	struct pk_buf path; /* inside the root, links but the last resolved */
	enum pk_kind kind;
	uint32_t mode; /* permission and set-id bits, 07777 */
	uint32_t uid, gid;
	const char *user, *group; /* NULL when the root's passwd or group has no name */
	uint64_t size, dev, ino, nlink, rdev, blocks /* of 512 bytes */;
	struct pk_time mtime, atime, ctime, btime;
	unsigned has, flags;
	uint64_t mnt_id;
	struct pk_buf target; /* of a link */
	struct pk_xattr *xattrs;
	size_t xattrs_n, xattrs_cap;
	bool xattrs_cut; /* there were more than PK_MAX_XATTRS, or they could not be listed */
};
void pk_snap_done(struct pk_snap *s);

enum pk_snap_opt { PK_SNAP_NO_XATTRS = 1 };
/** Reads the metadata of a path; a link as its last part is described, not followed. `facts` (names) may be
 * NULL. See pk_outcome_of for what a failure means. */
PK_NODISCARD int pk_snap_read(struct pk_snap *s, const struct pk_root *root, struct pk_str path,
			      const struct pk_facts *facts, int opts, struct pk_err *err);
/** The same for one name in an open folder; `path` is only remembered. Never triggers an automount. */
PK_NODISCARD int pk_snap_readat(struct pk_snap *s, int dirfd, const char *name, struct pk_str path,
				const struct pk_facts *facts, int opts, struct pk_err *err);
/** Puts the fields of an `m` record into an open object: path or path_b64, kind, mode (an integer), uid, gid,
 * user, group, size, dev, ino (decimal strings), nlink, rdev of devices ("MAJOR:MINOR"), mtime, atime, ctime, btime (decimal
 * seconds), target, xattrs ([{name, value_b64}], or {name, size} when the value was over the limit), flags.
 * Fields that are not known are left out. */
void pk_snap_put_json(struct pk_json *j, const struct pk_snap *s);

/** Opens the content of what `s` describes, at offset 0, for reading, without changing its access time where
 * that is allowed (else s gets PK_SNAP_ATIME_CHANGED). Only regular files; what is opened must be what was
 * described (device, inode, type), or the outcome is failed with "replaced". Adds inode flags to s. */
PK_NODISCARD int pk_snap_open(struct pk_snap *s, const struct pk_root *root, int *ret_fd, struct pk_err *err);
/** The same beneath an open folder. */
PK_NODISCARD int pk_snap_openat(struct pk_snap *s, int dirfd, const char *name, int *ret_fd, struct pk_err *err);
/** After reading: what changed between the snap and now. Bits. */
enum pk_snap_change { PK_SNAP_GREW = 1, PK_SNAP_SHRANK = 2, PK_SNAP_CHANGED = 4 /* mtime or ctime moved */ };
PK_NODISCARD int pk_snap_compare(const struct pk_snap *s, int fd, unsigned *ret_changes, struct pk_err *err);
/** True when the file is one of those whose size says nothing (proc, sysfs and their like): read to the end
 * with a limit. */
bool pk_snap_is_pseudo(int fd);

/** Where a file has data: allocated ranges in order, holes between them. */
struct pk_extent {
	uint64_t off, len;
};
struct pk_extents {
	struct pk_extent *v;
	size_t n, cap;
	uint64_t stored; /* sum of len */
};
void pk_extents_done(struct pk_extents *e);
/** SEEK_DATA and SEEK_HOLE up to `size` (the file's size as seen). A file system without them gives one range.
 * More than PK_MAX_EXTENTS ranges: neighbours are joined, so the map is coarser but complete.
 * The file's offset is 0 again afterwards. */
PK_NODISCARD int pk_snap_extents(int fd, uint64_t size, struct pk_extents *ret, struct pk_err *err);
/** Puts "extents" of a `c` record: from range *from on, as long as *stored bytes last and the line has room; moves
 * both. True: there is more, for a further record with `more_of`. */
bool pk_extents_put_json(struct pk_json *j, const struct pk_extents *x, size_t *from, uint64_t *stored);

#endif
