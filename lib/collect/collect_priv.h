/* SPDX-License-Identifier: Apache-2.0 */
/** What the files of lib/collect share: the state of one run. */
#ifndef PICKET_COLLECT_PRIV_H
#define PICKET_COLLECT_PRIV_H

#include <picket/collect.h>
#include <picket/hash.h>
#include <picket/snap.h>
#include <picket/walk.h>
#include "seen.h"

#define PSEUDO_MAX (16u << 20) /* bytes of one pseudo file */
#define PSEUDO_TIMEOUT_MS 5000
#define SPARSE_MIN (64u << 20)        /* smaller files are stored whole */
#define LOGICAL_HASH_MAX (1ull << 30) /* sha256_logical is added up to this logical size */

struct run {
	const struct pk_collect_params *p;
	struct pk_collect_summary *sum;
	struct pk_seal *seal;
	struct seen paths;    /* paths that have their record */
	struct seen contents; /* "DEV:INO" of stored contents with more than one link: leaf */
	struct pk_snap snap;  /* reused */
	struct pk_buf fields; /* reused: one record's members */
	struct pk_inspect inspect;
	struct pk_buf offered;     /* one byte a content: 1 when the scanners have it */
	char why[600];             /* text of the last content's outcome */
	uint64_t out_dev, out_ino; /* the bundle being written: never collected */
};

/** Begins a record's members in run->fields; end with put_record. */
struct pk_json record_begin(struct run *run);
PK_NODISCARD int record_put(struct run *run, struct pk_json *j, char type, uint64_t *ret_leaf, struct pk_err *err);

/** One path that the plan led to: metadata, and content when asked. Never fails for the path's sake. */
PK_NODISCARD int take_found(struct run *run, const struct pk_found *f, struct pk_err *err);
/** Stores the content of an open file; *ret_leaf PK_LEAF_NONE when nothing was stored. The outcome and its reason
 * (NULL, or a text that lives until the next call) are returned. */
PK_NODISCARD int take_content(struct run *run, const struct pk_found *f, int fd, uint64_t *ret_leaf,
			      enum pk_outcome *ret_outcome, const char **ret_why, struct pk_err *err);
/** Puts the `m` record of run->snap. c: leaf of the content or PK_LEAF_NONE. */
PK_NODISCARD int put_path(struct run *run, const struct pk_snap *snap, const char *const *via, size_t via_n,
			  enum pk_outcome outcome, const char *why, uint64_t c, struct pk_err *err);
/** Puts the `m` record of something of which only the name is known. */
PK_NODISCARD int put_missing(struct run *run, struct pk_str path, const char *const *via, size_t via_n,
			     enum pk_outcome outcome, const char *why, struct pk_err *err);
/** Connects the scan pool to the seal. */
void inspect_init(struct run *run);
PK_NODISCARD int take_live(struct run *run, struct pk_err *err);
PK_NODISCARD int put_event(struct run *run, const char *event, const char *key, struct pk_str value, const char *why,
			   struct pk_err *err);

#endif
