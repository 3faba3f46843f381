/* SPDX-License-Identifier: Apache-2.0 */
/** What the files of lib/collect share: the state of one run. */
#ifndef PICKET_COLLECT_PRIV_H
#define PICKET_COLLECT_PRIV_H

#include <picket/collect.h>
#include <picket/hash.h>
#include <picket/snap.h>
#include <picket/store.h>
#include <picket/walk.h>
#include "seen.h"

struct run {
	const struct pk_collect_params *p;
	struct pk_collect_summary *sum;
	struct pk_seal *seal;
	struct pk_store *store;
	struct seen paths;    /* paths that have their record */
	struct pk_snap snap;  /* reused */
	struct pk_buf fields; /* reused: one record's members */
	struct pk_inspect inspect;
	bool scanning;                /* there is a pool, and its rules are ready */
	struct pk_time started;       /* ages of files count from here */
	struct pk_buf offered;        /* one byte an offer: bits OFFERED_... */
	struct seen link_told;        /* "LEAF:RULE" that hit a content with more than one link */
	bool again;                   /* what is being offered was offered before, under another name */
	struct pk_ioc_hits hash_hits; /* of the content at hand */
	bool known_good;              /* it is */
};

#define OFFERED_SCAN 1 /* the scanners have it */
#define OFFERED_GOOD 2 /* its hash is one of a trusted set */
#define OFFERED_LINK 4 /* it may be offered again */
#define OFFERED_AGAIN 8

/** Fails when a signal asked to stop. */
PK_NODISCARD int check_stop(struct run *run, struct pk_err *err);
/** Begins a record's members in run->fields; end with record_put. */
struct pk_json record_begin(struct run *run);
PK_NODISCARD int record_put(struct run *run, struct pk_json *j, char type, uint64_t *ret_leaf, struct pk_err *err);

/** Connects run->store to the seal, and to the indicators. */
PK_NODISCARD int store_init(struct run *run, struct pk_err *err);
/** One path that the plan led to: metadata, and content when asked. Never fails for the path's sake. */
PK_NODISCARD int take_found(struct run *run, const struct pk_found *f, struct pk_err *err);
/** Puts the `m` record of run->snap. c: leaf of the content or PK_LEAF_NONE. */
PK_NODISCARD int put_path(struct run *run, const struct pk_snap *snap, const char *const *via, size_t via_n,
			  enum pk_outcome outcome, const char *why, uint64_t c, struct pk_err *err);
/** Puts the `m` record of something of which only the name is known. */
PK_NODISCARD int put_missing(struct run *run, struct pk_str path, const char *const *via, size_t via_n,
			     enum pk_outcome outcome, const char *why, struct pk_err *err);
/* --- indicators.c ------------------------------------------------------------------------------------- */

#define IOC_NO_ROW UINT64_MAX
struct ioc_missed {
	uint64_t row;
	const char *why;
};
/** What was found in the rows of a segment, until its record is there. Zero-initialise. */
struct ioc_rows {
	struct pk_ioc_hits hits;
	uint64_t *of; /* by hit: the row, from 0 */
	struct ioc_missed *missed;
	size_t of_cap, missed_n, missed_cap;
};
void ioc_rows_done(struct ioc_rows *rows);
/** Records what sets there are and what of them is not looked for. */
PK_NODISCARD int ioc_put_sets(struct run *run, struct pk_err *err);
/** From here on answers are about paths, or about rows. ioc_flush comes between. */
void ioc_listen_paths(struct run *run);
void ioc_listen_rows(const struct run *run, struct ioc_rows *rows);
PK_NODISCARD int ioc_flush(struct run *run, struct pk_err *err);
/** Has the path of the record `leaf` compared. */
PK_NODISCARD int ioc_path(struct run *run, struct pk_str path, uint64_t leaf, struct pk_err *err);
PK_NODISCARD int ioc_row(const struct run *run, struct ioc_rows *rows, struct pk_str line, uint64_t row,
			 struct pk_err *err);
/** Puts what was found in the rows of the segment whose record is `leaf`. */
PK_NODISCARD int ioc_put_rows(struct run *run, struct ioc_rows *rows, uint64_t leaf, struct pk_err *err);
/** Which hashes a content needs: bits of enum pk_hash_kind. */
unsigned ioc_hash_kinds(const struct run *run);
/** Looks the hashes of the content at hand up, before it ends; ioc_put_hash when its leaf is known. */
PK_NODISCARD int ioc_find_hash(struct run *run, const struct pk_hashes *hashes, struct pk_err *err);
void ioc_forget_hash(struct run *run);
PK_NODISCARD int ioc_put_hash(struct run *run, uint64_t of, struct pk_err *err);
/** A content whose hash could not be had. */
PK_NODISCARD int ioc_put_unhashed(struct run *run, uint64_t of, const char *why, struct pk_err *err);

/** Connects the scan pool to the seal. */
void inspect_init(struct run *run);
PK_NODISCARD int take_live(struct run *run, struct pk_err *err);
PK_NODISCARD int put_event(struct run *run, const char *event, const char *key, struct pk_str value, const char *why,
			   struct pk_err *err);

#endif
