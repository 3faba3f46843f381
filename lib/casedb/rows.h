/* SPDX-License-Identifier: Apache-2.0 */
/** Inside lib/casedb: records become rows. All calls inside one transaction. */
#ifndef PICKET_CASEDB_ROWS_H
#define PICKET_CASEDB_ROWS_H

#include "labelcolumns.h"

#include <picket/merkle.h>
#include <picket/record.h>
#include <picket/ticket.h>

#define PK_CASE_LIVE_LINE (1u << 20)

/** A live segment that a record named, to be read after the bundle has been verified. */
struct pk_live_ref {
	uint64_t leaf, rows, size;
	uint64_t at; /* leaf in the file that is read: the same, but for a share */
	char *table;
};

/** One bundle on its way into the tables. Zero-initialise, then pk_rows_begin. */
struct pk_rows {
	struct pk_case *c;
	int64_t bundle, host; /* local numbers, once known */
	struct pk_buf host_name;
	uint64_t files, hits, rows, events;
	bool salvage;            /* records may be missing, and contents */
	uint64_t next;           /* leaf */
	struct pk_frontier tree; /* over the leaves so far, up to the first that is missing */
	struct pk_live_ref *live;
	size_t live_n, live_cap;
	bool shared, resumed;                        /* parts of the bundle, from a share; resumed: not the first */
	int64_t after_file, after_live, after_event; /* rows from these numbers on are new */
	struct pk_stmt st_there, st_file, st_content, st_find, st_hit, st_hit_sha, st_run, st_live, st_event, st_time;
	struct pk_buf scratch[6];
	const struct pk_ticket
		*ticket; /* the caller's to set, or NULL: what is under one for one use is one collection */
	/* from leaf 0 */
	bool has_first;
	struct pk_buf first_record, started, previous, previous_root;
	struct pk_label_columns label;
	uint64_t part;
};
void pk_rows_done(struct pk_rows *r);
PK_NODISCARD int pk_rows_begin(struct pk_rows *r, struct pk_case *c, const uint8_t bundle_id[16], int64_t intake,
			       struct pk_err *err);
/** The same for parts of a bundle, from a share; `bundle` and `host` are its rows when the case knows it already, else
 * 0. */
PK_NODISCARD int pk_rows_begin_shared(struct pk_rows *r, struct pk_case *c, const uint8_t bundle_id[16], int64_t intake,
				      int64_t bundle, int64_t host, struct pk_err *err);
/** Takes a proven record of the bundle, in any order, once. */
PK_NODISCARD int pk_rows_shared(struct pk_rows *r, const struct pk_record *rec, struct pk_err *err);
/** The rows of earlier shares get the host that this one knows. */
PK_NODISCARD int pk_rows_move(struct pk_rows *r, int64_t from, struct pk_err *err);
/** What came later belongs to what was there: contents to paths and hits. */
PK_NODISCARD int pk_rows_join(struct pk_rows *r, struct pk_err *err);
/** Takes the next record of the log, leaf 0 first. */
PK_NODISCARD int pk_rows_record(struct pk_rows *r, const struct pk_record *rec, struct pk_err *err);
/** Takes the bytes of a live segment. */
PK_NODISCARD int pk_rows_live(struct pk_rows *r, const struct pk_live_ref *ref, struct pk_str jsonl,
			      struct pk_err *err);
/** File times and full text of what was taken. */
PK_NODISCARD int pk_rows_finish(struct pk_rows *r, struct pk_err *err);
/** Removes everything that one bundle put, but not its intake. */
PK_NODISCARD int pk_rows_remove(struct pk_case *c, int64_t bundle, struct pk_err *err);

#endif
