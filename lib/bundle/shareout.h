/* SPDX-License-Identifier: Apache-2.0 */
/* A share in the making: what sharepick.c, sharelabel.c and shareout.c have in common. Private to lib/bundle. */
#ifndef PICKET_BUNDLE_SHAREOUT_H
#define PICKET_BUNDLE_SHAREOUT_H

#include "open_int.h"
#include "sharejudge.h"

#define PK_MAX_SHARED 1000000u /* records of one share: they are held in memory */

/* A record that goes out. */
struct shared {
	uint64_t leaf; /* in its bundle */
	uint64_t ref[PK_SHARE_REFS];
	char type;
	char *line, *proof; /* as text; proof NULL: to be made of the tree */
	size_t line_n, proof_n;
	/* of a content: where its bytes are */
	bool has_place;
	size_t input;
	struct pk_place at;
	uint8_t sum[32];
	char *path; /* raw: of the first path that names it, or NULL */
	size_t path_n;
	uint64_t own; /* leaf in the share, once it is written */
};

/* A bundle of which something goes out. */
struct out_source {
	struct pk_share_source is; /* owned copies; records and contents are counted at the end */
	struct pk_buf first;       /* record 0, or empty; also where it is kept back */
	const struct pk_party *issuer;
	struct pk_strv overridden;  /* readers beyond its label whom an override lets in */
	struct pk_merkle_tree tree; /* empty where the proofs came with a share */
	struct shared *v;           /* sorted by leaf between inputs */
	size_t n, cap, base;
};

struct out_input {
	struct pk_bundle *bundle;
	struct pk_child child;
	struct pk_place *at;
	uint64_t *number; /* of the content among all of this input's */
	struct shared **content;
	struct out_source **source; /* beside them */
	size_t n;
};

struct pk_share {
	const struct pk_roster *roster;
	struct pk_time now;
	struct out_source *source;
	size_t n, cap;
	struct out_input *input;
	size_t inputs, inputs_cap;
	uint64_t records, left_out;
	bool prepared;
	const struct pk_bundle *hybrid; /* an input that only post-quantum readers can open; NULL: there is none */
};

/** The source of this id, new if need be; *ret is good until the next call. */
PK_NODISCARD int pk_out_source(struct pk_share *s, const uint8_t id[16], bool *ret_new, struct out_source **ret,
			       struct pk_err *err);
PK_NODISCARD int pk_release_set_copy(struct pk_release_set *to, const struct pk_release_set *from, struct pk_err *err);
/** May all of it go to p->recipients when `actor` shares it: each source by its own label, its releases and overrides,
 * then all of them together by what the sharer narrows? *ret is the share's label. Counts in *sum what was released and
 * overridden, and keeps in each source the releases that have to go along. */
PK_NODISCARD int pk_out_judge(struct pk_share *s, const struct pk_share_params *p, const struct pk_party *actor,
			      struct pk_label *ret, struct pk_share_summary *sum, struct pk_err *err);
/** Sources under one ticket for one use go on together only as parts of one collection: else PK_ECRYPTO. Warns of what
 * receivers cannot tell. Sorted by id. */
PK_NODISCARD int pk_out_check_parts(const struct pk_share *s, const struct pk_events *ev, struct pk_err *err);

#endif
