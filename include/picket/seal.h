/* SPDX-License-Identifier: Apache-2.0 */
/** Sealing: contents and records go in, an encrypted, signed bundle comes out.
 *
 * One thread calls these functions; hashing, compression and writing run on threads of the seal's own. Memory is
 * bounded by the slots. Nothing unsealed is ever written. Equal input gives equal records but for salts, ids and
 * times. Order of use:
 *     pk_seal_new                     writes bagit.txt, terms, ticket; leaf 0
 *     ( pk_seal_content_begin, ( pk_seal_space, pk_seal_filled )*, pk_seal_content_end | pk_seal_put )*
 *     pk_seal_finish                  last segment, manifests, checkpoint, end; outer signature; commit
 * pk_seal_free without finish removes what was begun. */
#ifndef PICKET_SEAL_H
#define PICKET_SEAL_H

#include <picket/age.h>
#include <picket/record.h>
#include <picket/slots.h>
#include <picket/ticket.h>

/** Offers contents to someone who looks at them (the scanners) while they are in shared memory. All calls come
 * from the thread that seals, in order of contents. */
struct pk_inspect_item {
	uint64_t id;         /* number of the offer, from 0 */
	const uint8_t *data; /* in the slots, whole content, valid until `settle`; NULL when it did not fit, or is
				offered again */
	uint64_t size;
	int fd;             /* for contents that did not fit; -1 when there is none. Valid during `offer` */
	struct pk_str path; /* raw path in the root */
	const void *hint;   /* what the caller of pk_seal_content_begin gave */
};
struct pk_seal;
struct pk_inspect {
	void *ctx;
	int (*offer)(void *ctx, const struct pk_inspect_item *item, struct pk_err *err);
	/* The seal is about to write the segment that holds content `id` (leaf `of`): put its hits by
	 * pk_seal_put(seal, 'h', ...). Blocks until they are known. */
	int (*settle)(void *ctx, struct pk_seal *seal, uint64_t id, uint64_t of, struct pk_err *err);
};

struct pk_seal_params {
	const char *path; /* final name B.age; PK_OUT_EXCL. NULL: folder `dir` and an id name */
	const char *dir;  /* where <ticket>-<bundle>.age is created when path is NULL */
	const char *mark; /* with path NULL: for the name, before ".age"; or NULL */
	const struct pk_age_recipients *to;
	const struct pk_ticket_kit *ticket; /* NULL: unsigned (said in leaf 0 and in bag-info.txt) */
	struct pk_str terms;                /* text of meta/terms.txt; also when unsigned */
	struct pk_str host;                 /* JSON object: host ids and facts for leaf 0, or empty */
	struct pk_str tool;                 /* JSON object: tool, version, binary hash, argv, start; for leaf 0 */
	struct pk_str label;                /* JSON object of the label for leaf 0, or empty */
	bool share;                         /* part of other bundles (share.h): said in leaf 0 and bag-info.txt */
	uint64_t part;                      /* 1 for a first or only part */
	struct pk_str previous;             /* JSON object {bundle, root} when part > 1 */
	int level;                          /* zstd level; 0 means 2 */
	unsigned threads;                   /* 0: all cores */
	bool pad;                           /* size and number of records become ones that many bundles have */
	struct pk_slots *slots;             /* at least 4; shared with the scanners */
	const struct pk_inspect *inspect;   /* or NULL */
	uint64_t max_bytes;                 /* of the sealed file; 0: no limit; passing it is PK_ELIMIT and leaves
	                                          the seal able to finish */
};
/** *ret owns its resources; params and what they point to must outlive it (inspect, slots, ticket). */
PK_NODISCARD int pk_seal_new(const struct pk_seal_params *params, struct pk_seal **ret, struct pk_err *err);
void pk_seal_free(struct pk_seal *seal);
PK_DEFINE_AUTOPTR(pk_seal)
const char *pk_seal_path(const struct pk_seal *seal); /* of the bundle being written */
int pk_seal_fd(const struct pk_seal *seal);           /* of the unfinished file, borrowed: never to be collected */
void pk_seal_id(const struct pk_seal *seal, uint8_t ret[16]);

/** What is about to be stored. */
struct pk_content {
	struct pk_str member; /* member name: see pk_buf_put_member_name; unique in the bundle */
	uint64_t size;        /* stored bytes, exactly; missing ones are padded with zeros and flagged "short" */
	struct pk_str path;   /* for inspect and messages */
	int fd;               /* for inspect of large contents; -1: none */
	bool inspect;         /* offer it */
	const void *hint;     /* handed to inspect */
	char type;            /* of its record: 0 or 'c', or 'l' for a table that comes as bytes (shares) */
};
PK_NODISCARD int pk_seal_content_begin(struct pk_seal *seal, const struct pk_content *c, struct pk_err *err);
/** Borrowed room to read into: *ret_n is at least 1 and at most what is still missing. */
PK_NODISCARD int pk_seal_space(struct pk_seal *seal, void **ret, size_t *ret_n, struct pk_err *err);
PK_NODISCARD int pk_seal_filled(struct pk_seal *seal, size_t n, struct pk_err *err);
/** Closes the content (pads when less than `size` came) and puts its 'c' record; *ret_leaf is its leaf, for the
 * 'm' record's `c`. fields: more members of the 'c' record as `"key":value,...` without braces (extents, logical,
 * flags...), may be empty. */
PK_NODISCARD int pk_seal_content_end(struct pk_seal *seal, struct pk_str fields, uint64_t *ret_leaf,
				     struct pk_err *err);
/** Puts one record of another type. fields: `"key":value,...` without braces and without t, i, salt. More than
 * PK_MAX_RECORD bytes is PK_ELIMIT (split with more_of). */
PK_NODISCARD int pk_seal_put(struct pk_seal *seal, char type, struct pk_str fields, uint64_t *ret_leaf,
			     struct pk_err *err);
/** A live table's rows in one go: a member data/live/<table>-NNNN.jsonl and its 'l' record, whose leaf is *ret_leaf
 * (may be NULL). */
PK_NODISCARD int pk_seal_live(struct pk_seal *seal, const char *table, struct pk_str jsonl, uint64_t rows,
			      uint64_t *ret_leaf, struct pk_err *err);
/** Of a share, before any content: a member below meta/shares/. */
PK_NODISCARD int pk_seal_share_member(struct pk_seal *seal, struct pk_str name, struct pk_str data, struct pk_err *err);
/** Offers a content that is sealed (its leaf) once more, under another name: path, fd, size and hint of `c`. Its answers
 * are put when they are known, like all others. */
PK_NODISCARD int pk_seal_inspect_again(struct pk_seal *seal, uint64_t leaf, const struct pk_content *c,
				       struct pk_err *err);
/** Waits for the inspector's answers on all that was offered, whose records are put now: what counts them comes after. */
PK_NODISCARD int pk_seal_settle_all(struct pk_seal *seal, struct pk_err *err);
struct pk_seal_summary {
	uint64_t leaves, contents, plain_bytes, sealed_bytes;
	uint8_t root[32];
	uint8_t bundle_id[16];
};
PK_NODISCARD int pk_seal_finish(struct pk_seal *seal, struct pk_seal_summary *ret, struct pk_err *err);

#endif
