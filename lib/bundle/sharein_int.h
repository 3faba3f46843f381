/* SPDX-License-Identifier: Apache-2.0 */
/* A share being read: what sharein.c and sharematch.c share. Private to lib/bundle. */
#ifndef PICKET_BUNDLE_SHAREIN_INT_H
#define PICKET_BUNDLE_SHAREIN_INT_H

#include "sharein.h"

/* A record that a proof has shown to be in its bundle. */
struct proven {
	uint64_t leaf;
	uint64_t own; /* the share's own record that repeats it, in this pass */
	uint64_t ref[PK_SHARE_REFS];
	uint8_t hash[32], carried[32];
	char type;
	bool has_member; /* it names its member itself, in this pass */
};

/* Which member comes next. */
enum stage {
	TICKET,
	TICKET_SIG,
	LABEL_OR_TERMS,
	CHECKPOINT,
	RECEIPT_OR_REST,
	RECEIPT_SIG,
	OUTER_SIG,
	HANDOVER_OR_REST,
	HANDOVER_SIG,
	EARLIER_RELEASE_OR_REST, /* and its signatures, in this order */
	EARLIER_RELEASE_SIG,
	EARLIER_RELEASE_SECOND,
	RELEASE_OR_PROOF,
	RELEASE_SIG,
	RELEASE_SECOND,
	PROOF
};

struct part {
	struct proven *v;
	size_t n, cap;
	enum stage stage;
};

struct pk_sharein {
	struct pk_share_source *source;
	struct part *part; /* beside them */
	size_t n, cap, part_cap;
	struct pk_handed handover;
	bool has_handover, complete;
	struct pk_sha256 heard, order; /* all messages; "BUNDLE LEAF" of all records */
	uint8_t digest[32];
	uint64_t records;
};

/* The proven record of that number in that source, or NULL. */
struct proven *pk_sharein_find(const struct pk_sharein *s, const uint8_t id[16], uint64_t leaf);

#endif
