/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle being sealed: what seal_begin.c, seal.c, seal_log.c and seal_end.c share. Private to lib/bundle. */
#ifndef PICKET_BUNDLE_SEAL_INT_H
#define PICKET_BUNDLE_SEAL_INT_H

#include "nameset.h"
#include "pipeline.h"
#include "textstore.h"

#include <picket/minisign.h>
#include <picket/seal.h>

/* One stored member below data/, until its segment is written. */
struct content {
	struct content *next;
	struct pk_digest digest;
	uint64_t leaf;
	struct pk_place at;
	char *member;
	size_t log_block, log_off; /* where its sha256 stands in the segment's log */
};

/* Records since the last segment, and the contents they describe. */
struct segment {
	uint32_t number;
	uint64_t first, leaves;
	uint64_t bytes; /* plain bytes of its members and records */
	struct pk_textstore log;
	struct content *contents, **contents_end;
};

/* What was offered to the inspector and is not settled. */
struct offered {
	uint64_t id, leaf;
	uint64_t frame; /* its memory is needed until this frame is given back */
};

struct pk_seal {
	struct pk_seal_params params;
	char *path;
	uint8_t id[16];
	bool is_signed;
	uint8_t ticket_sha256[32];
	struct pk_outfile out, out_sig, out_ticket, out_ticket_sig;
	struct pk_blake2b outer;
	struct pk_age_writer *age;
	struct pk_slots slots, own_slots;
	struct pk_pipeline *pipeline;

	uint64_t leaves, contents, plain_bytes;
	struct segment open;
	struct segment *closed; /* their records are still to be written; more than one only while busy */
	size_t closed_n, closed_cap;
	bool busy; /* inside a member: nothing else can be written to the tar */
	bool finished;

	struct content *now; /* between content_begin and content_end */
	struct pk_content now_what;
	char *now_path;
	const uint8_t *now_data; /* first byte in the slots */
	uint64_t now_first_frame;

	struct offered *offered;
	size_t offered_from, offered_n, offered_cap;
	uint64_t inspected;

	struct pk_frontier tree; /* of all records written */
	struct pk_nameset names;
	struct pk_strv tables;
	uint32_t *table_parts;
	size_t table_parts_cap;
	struct pk_textstore manifest, index;
	struct pk_buf tagmanifest, index_segments;
	struct pk_index_segment last_segment;
	uint8_t salts[4096];
	size_t salts_left;
};

/* --- seal.c --- */

/** A member from memory, hashed on this thread; *ret_at (may be NULL) says where it is; tagged: into the
 * tag manifest. */
PK_NODISCARD int pk_seal_member(struct pk_seal *s, struct pk_str name, struct pk_str data, bool tagged,
				struct pk_place *ret_at, struct pk_err *err);
/** The start of a member: headers, and where its bytes begin. */
PK_NODISCARD int pk_seal_member_begin(struct pk_seal *s, struct pk_str name, uint64_t size, struct pk_place *ret_at,
				      struct pk_err *err);
PK_NODISCARD int pk_seal_member_end(struct pk_seal *s, uint64_t size, struct pk_err *err);
/** A line of the tag manifest. */
void pk_seal_tag(struct pk_seal *s, struct pk_str name, const uint8_t sum[32]);
/** Waits for the inspector's answers on what lies in frames up to this one. */
PK_NODISCARD int pk_seal_settle(struct pk_seal *s, uint64_t frame, struct pk_err *err);

/* --- seal_log.c --- */

/** Starts a line: {"t":"T","i":N,"salt":"...", into b. */
void pk_seal_line(struct pk_seal *s, char type, struct pk_buf *b);
/** Puts a finished line (with its newline) into the open segment; c (may be NULL) is what it describes, its sha256
 * at off_sha. */
PK_NODISCARD int pk_seal_log(struct pk_seal *s, const struct pk_buf *line, struct content *c, size_t off_sha,
			     uint64_t *ret_leaf, struct pk_err *err);
/** Between members: closes and writes segments that are due. */
PK_NODISCARD int pk_seal_rotate(struct pk_seal *s, struct pk_err *err);
/** The end: writes whatever is left. */
PK_NODISCARD int pk_seal_flush_log(struct pk_seal *s, struct pk_err *err);
void pk_segment_done(struct segment *g);

#endif
