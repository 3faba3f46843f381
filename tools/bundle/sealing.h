/* SPDX-License-Identifier: Apache-2.0 */
/** Walking what `picket-bundle seal` was given: every path gets a record, every regular file its content. */
#ifndef PICKET_TOOLS_BUNDLE_SEALING_H
#define PICKET_TOOLS_BUNDLE_SEALING_H

#include "verbs.h"

#include <picket/seal.h>
#include <picket/snap.h>

/** A file with several names, stored once. */
struct bundle_linked {
	uint64_t dev, ino, leaf;
	bool used;
};
struct bundle_sealing {
	struct pk_seal *seal;
	const struct pk_root *root;
	const struct pk_facts *facts;
	struct bundle_linked *linked; /* a hash table */
	size_t linked_n, linked_cap;
	uint64_t paths, failed, bytes;
	unsigned depth;
};
void bundle_sealing_done(struct bundle_sealing *s);
/** Operands as absolute paths, each once, none below another. */
PK_NODISCARD int bundle_resolve_operands(const struct pk_root *root, int argc, char **argv, struct pk_strv *ret,
					 struct pk_err *err);
/** Seals a path and, if it is a folder, all below it. Fails only when the bundle cannot be written. */
PK_NODISCARD int bundle_seal_path(struct bundle_sealing *s, struct pk_str path, struct pk_err *err);

#endif
