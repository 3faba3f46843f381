/* SPDX-License-Identifier: Apache-2.0 */
/** Salvage: what is left of a damaged bundle, each piece authenticated, and exactly what is lost.
 *
 * Chunks of the age file authenticate themselves and their place; zstd frames stand alone; each segment of records
 * carries a signed note that proves it without the segments before; each content is held against the SHA-256 of a
 * proven record. What fails any of this is not released. */
#ifndef PICKET_SALVAGE_H
#define PICKET_SALVAGE_H

#include <picket/bundle.h>

enum pk_loss_what {
	PK_LOST_HEADER,  /* of the age file: changed, and yet its file key is right */
	PK_LOST_BYTES,   /* of the sealed file: [from, to); `size` plain bytes went with them, 0: nobody knows */
	PK_LOST_HEAD,    /* terms and ticket inside: those beside the bundle were used */
	PK_LOST_FRAME,   /* number `from` */
	PK_LOST_SEGMENT, /* of records: number `from`; which records is said by PK_LOST_RECORDS */
	PK_LOST_TABLE,   /* the seek table; frames were looked for from the beginning */
	PK_LOST_RECORDS, /* leaves [from, to); to UINT64_MAX: and nobody knows how many follow */
	PK_LOST_CONTENT, /* of leaf `from`, `size` bytes, `path` where one is known */
	PK_LOST_END,     /* the checkpoint: nothing says that this is all */
};
const char *pk_loss_name(enum pk_loss_what what); /* "bytes" */
struct pk_loss {
	enum pk_loss_what what;
	uint64_t from, to, size;
	const char *path; /* of the host, or below the folder that is written; or NULL */
	const char *why;  /* safe to print; may be NULL */
};
struct pk_salvage_events {
	void *ctx;
	int (*record)(void *ctx, const struct pk_record *r, struct pk_err *err); /* each that is proven, in order */
	int (*loss)(void *ctx, const struct pk_loss *l, struct pk_err *err);
	const struct pk_events *ev;
};
struct pk_salvage_sum {
	bool whole; /* nothing is lost: it verified */
	uint64_t records, files, losses;
	uint64_t lost_contents;
};
/** b: opened with salvage. Writes what is left below a new folder, as pk_bundle_extract does: contents whose path is lost
 * are unnamed/record-N. The folder is there before the first call of `record`. Nothing proven: PK_ECRYPTO. A share that
 * is not whole is PK_EFORMAT, here or at opening: its sender can make it again. */
PK_NODISCARD int pk_bundle_salvage(struct pk_bundle *b, const struct pk_extract *x,
				   const struct pk_salvage_events *events, struct pk_salvage_sum *ret,
				   struct pk_err *err);

#endif
