/* SPDX-License-Identifier: Apache-2.0 */
/* The parser child's work: what it reads it tells, and the parent judges. Private to lib/bundle.
 *
 * The child decrypts, unpacks, walks the tar and holds it against the records. It holds no key but the file's, and
 * no right but to read its descriptors and to write to its pipe. Signatures and the Merkle tree are the parent's. */
#ifndef PICKET_BUNDLE_TELL_H
#define PICKET_BUNDLE_TELL_H

#include "format.h"

#include <picket/age.h>
#include <picket/worker.h>

/* What the child tells, one message each. */
enum pk_tell {
	PK_TELL_HEAD = 'h',  /* id (16), enum pk_bag_kind (1) */
	PK_TELL_TERMS = 't', /* texts of the head's members, right after HEAD */
	PK_TELL_TICKET = 'k',
	PK_TELL_TICKET_SIG = 's',
	PK_TELL_SHARE = 'w',   /* of a share, each member below meta/shares/: name, NUL, bytes; after TICKET_SIG */
	PK_TELL_RECORDS = 'r', /* a segment's lines; the NOTE follows */
	PK_TELL_NOTE = 'n',
	PK_TELL_SUMS = 'm',       /* SHA-256 of manifest and tag manifest (32 + 32), contents (8), segments (8) */
	PK_TELL_CHECKPOINT = 'c', /* the final one */
	PK_TELL_CONTENT = 'b',    /* number (8): its bytes follow */
	PK_TELL_DATA = 'd',
	PK_TELL_LOST = 'x',     /* of a salvage: struct pk_tell_loss, text */
	PK_TELL_PROGRESS = 'p', /* done (8), all (8) */
	PK_TELL_ERROR = 'e',    /* kind (4), sys (4), code (4), text */
	PK_TELL_DONE = 'z',
};
#define PK_TELL_DATA_BYTES (256u << 10)
#define PK_TELL_MAX (PK_MAX_SEGMENT_LOG + PK_MAX_RECORD)

/* Where messages go: the pipe, or (in tests and fuzzers) a function. */
struct pk_teller {
	void *ctx;
	int (*tell)(void *ctx, enum pk_tell what, struct pk_str bytes, struct pk_err *err);
	struct pk_workers *workers; /* the child's threads, to unpack ahead; NULL: none */
	struct pk_workers *hasher;  /* one more, to hash; NULL: none */
};

/* Everything, in order, against the records. stop_at_segment: ends well after the first segment. */
PK_NODISCARD int pk_parse_walk(struct pk_age_file *age, bool stop_at_segment, const struct pk_teller *t,
			       struct pk_err *err);
/* HEAD to TICKET_SIG, and a share's SHARE. */
PK_NODISCARD int pk_parse_head(struct pk_age_file *age, const struct pk_teller *t, struct pk_err *err);
/* HEAD to SHARE, the first segment, CHECKPOINT: by the hints. */
PK_NODISCARD int pk_parse_open(struct pk_age_file *age, const struct pk_teller *t, struct pk_err *err);
/* All segments, by the index. */
PK_NODISCARD int pk_parse_records(struct pk_age_file *age, const struct pk_teller *t, struct pk_err *err);
/* The segment that holds the leaf, then the bytes that the leaf (of type c or l) describes. ranges: between them also the
 * segments after it, up to the one with the last of its ranges. */
PK_NODISCARD int pk_parse_content(struct pk_age_file *age, uint64_t leaf, bool ranges, const struct pk_teller *t,
				  struct pk_err *err);
/* The bytes of these places, each as CONTENT and DATA. */
PK_NODISCARD int pk_parse_places(struct pk_age_file *age, const struct pk_place *at, const uint64_t *number, size_t n,
				 const struct pk_teller *t, struct pk_err *err);

/* For salvage, of an age file that pk_age_file_rescue or _search made: RECORDS and NOTE of every segment that can be
 * read, CHECKPOINT if there is one, LOST for each frame and segment that cannot. What is told is not believed: members
 * may be made to look like segments. */
struct pk_tell_loss {
	enum { PK_TELL_LOST_FRAME, PK_TELL_LOST_SEGMENT, PK_TELL_LOST_TABLE, PK_TELL_LOST_CONTENT } what;
	uint64_t number;
};
PK_NODISCARD int pk_parse_rescue(struct pk_age_file *age, const struct pk_teller *t, struct pk_err *err);
/* As pk_parse_places, but a place that cannot be read is LOST (and what was told of it, nothing) and the next one
 * follows. */
PK_NODISCARD int pk_parse_rescue_places(struct pk_age_file *age, const struct pk_place *at, const uint64_t *number,
					size_t n, const struct pk_teller *t, struct pk_err *err);

/* A pk_sink that tells DATA. */
struct pk_sink pk_tell_sink(const struct pk_teller *t);
/* bag-info.txt in the one form it can have. */
PK_NODISCARD int pk_parse_bag_info(struct pk_str text, uint8_t ret_id[16], enum pk_bag_kind *ret, struct pk_err *err);

#endif
