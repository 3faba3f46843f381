/* SPDX-License-Identifier: Apache-2.0 */
/** Bundles under one ticket for one use: parts of one collection that continue each other, or replays
 * (docs/trust-format.md). */
#ifndef PICKET_PARTS_H
#define PICKET_PARTS_H

#include <picket/str.h>

enum pk_part_use {
	PK_PART_GOOD,
	PK_PART_WAITS,    /* others are there, and none of them is the one before it or the one after */
	PK_PART_REPLAYED, /* it and another cannot both be parts of one collection */
};
/** A bundle of that ticket. Zero-initialise. */
struct pk_part {
	uint8_t id[16], root[32];
	bool complete; /* `root` is that of its whole log */
	bool in;       /* it was taken in before: not one that is asked about */
	bool whole;    /* and all of it */
	/* what record 0 says; no 0: it is not there */
	uint64_t no; /* from 1 */
	bool has_previous;
	uint8_t previous[16], previous_root[32];
	/* what pk_parts_judge finds */
	enum pk_part_use use; /* of one that is asked about */
	bool untold;          /* whether it continues the others, or they it, is not proven and not refuted */
	bool joins;           /* it is in, or would be */
	uint64_t at;          /* its number: as record 0 has it, or as the part after it proves; 0: not known */
	uint8_t other[16];    /* of a replayed one: what it does not go with */
};
struct pk_parts {
	struct pk_part *v;
	size_t n, cap;
};
void pk_parts_done(struct pk_parts *p);
/** One more, or NULL without memory; good until the next call. */
struct pk_part *pk_parts_add(struct pk_parts *p, const uint8_t id[16], struct pk_err *err);
/** What record 0 (its line, or empty) says of it. */
PK_NODISCARD int pk_part_read(struct pk_part *p, struct pk_str first_record, struct pk_err *err);
/** Judges those that are not in against all. Sorts them: ids tell which is which. */
void pk_parts_judge(struct pk_parts *p);
struct pk_part *pk_parts_find(const struct pk_parts *p, const uint8_t id[16]);
/** The first of the worst use among those that were asked about, or NULL. */
const struct pk_part *pk_parts_worst(const struct pk_parts *p);
/** Why that part waits or is replayed, in words; where: "the case". */
void pk_buf_put_part_why(struct pk_buf *b, const struct pk_parts *p, const struct pk_part *of, const char *where);
/** What cannot be told of those that are untold; nothing when all is told. */
void pk_buf_put_parts_untold(struct pk_buf *b, const struct pk_parts *p);

#endif
