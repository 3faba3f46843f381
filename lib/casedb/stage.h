/* SPDX-License-Identifier: Apache-2.0 */
/** Inside lib/casedb: files on their way into the case's folder. */
#ifndef PICKET_CASEDB_STAGE_H
#define PICKET_CASEDB_STAGE_H

#include "db.h"

#include <picket/minisign.h>

#define PK_STAGE_PREFIX "incoming-"
#define PK_STAGE_MAX_SUFFIXES 16u

/** A copy of a bundle and its sidecars below quarantine/, under a name of its own. */
struct pk_stage {
	struct pk_case *c;
	char *path; /* of the copy; NULL when there is none */
	uint8_t digest[64];
	uint64_t size;
	struct pk_strv suffixes; /* of the sidecars that were there: ".minisig" ... */
	uint8_t sidecar_sha256[PK_STAGE_MAX_SUFFIXES][32];
};
/** Removes what was staged and not placed. */
void pk_stage_done(struct pk_stage *s);
/** Copies (or clones) and syncs; the digest is that of the copy. */
PK_NODISCARD int pk_stage_copy(struct pk_stage *s, struct pk_case *c, const char *path, const struct pk_events *ev,
			       struct pk_err *err);
/** Gives it its final name, "bundles/X.age" or "quarantine/X.age": an existing file of that name, left by an
 * interrupted import, is replaced. */
PK_NODISCARD int pk_stage_place(struct pk_stage *s, const char *place, struct pk_err *err);
/** BLAKE2b-512 of a file. */
PK_NODISCARD int pk_stage_digest(const char *path, const struct pk_events *ev, uint8_t ret[64], uint64_t *ret_size,
				 struct pk_err *err);
/** Removes what killed imports left half copied. Only with the writer's lock. */
void pk_stage_clean(struct pk_case *c);
/** Removes a file below the case and its sidecars. */
void pk_stage_unlink(struct pk_case *c, const char *place);
extern const char *const pk_stage_suffixes[];
extern const size_t pk_stage_suffixes_n;

#endif
