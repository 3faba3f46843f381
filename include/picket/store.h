/* SPDX-License-Identifier: Apache-2.0 */
/** Storing regular files: each is read once, into the seal's own memory, and what became of it is said. Outcomes, flags
 * and reasons are the same for whoever seals.
 *
 * Hard links of a content that was taken share it; one that is not whole is read again under its next name. */
#ifndef PICKET_STORE_H
#define PICKET_STORE_H

#include <picket/hash.h>
#include <picket/seal.h>
#include <picket/snap.h>

#include <signal.h>

struct pk_store_params {
	struct pk_seal *seal;
	const volatile sig_atomic_t *stop; /* a signal that asks to end, or 0; the file at hand is cut; may be NULL */
	/* Told the hashes that were asked for of each file that was read whole, before its content ends; or NULL. */
	int (*hashes)(void *ctx, const struct pk_hashes *h, struct pk_err *err);
	void *ctx;
};
struct pk_store;
/** *ret owns its resources; the seal, and what else params point to, must outlive it. */
PK_NODISCARD int pk_store_new(const struct pk_store_params *params, struct pk_store **ret, struct pk_err *err);
void pk_store_free(struct pk_store *store);
PK_DEFINE_AUTOPTR(pk_store)
/** True for the bundle that is being written. */
bool pk_store_is_output(const struct pk_store *store, const struct pk_snap *snap);

/** What is to be stored. */
struct pk_store_file {
	struct pk_snap *snap;       /* of a regular file; opening it adds flags. The hint for the inspector */
	const struct pk_root *root; /* where the snap's path is opened; NULL: `name` in `dirfd` is */
	int dirfd;
	const char *name;
	uint64_t max;        /* bytes of it that are stored; UINT64_MAX: no limit */
	uint64_t left;       /* bytes that are still stored at all (pseudo files are not held against it); likewise */
	unsigned hash_kinds; /* of enum pk_hash_kind: to be told by `hashes` */
	bool inspect;        /* offer it */
};
/** What became of it. */
struct pk_store_result {
	enum pk_outcome outcome;
	char why[600];  /* in words, or empty */
	uint64_t leaf;  /* of its content; PK_LEAF_NONE: there is none */
	uint64_t bytes; /* stored for it now */
	bool again;     /* another name of a content that was stored before */
	bool limited;   /* left out or cut by a limit */
	bool unhashed;  /* it was stored, and the hashes asked for are not those of the file */
	bool stopped;   /* cut by the signal */
};
/** Never fails for the file's sake, only when the bundle cannot be written. */
PK_NODISCARD int pk_store_file(struct pk_store *store, const struct pk_store_file *f, struct pk_store_result *ret,
			       struct pk_err *err);

#endif
