/* SPDX-License-Identifier: Apache-2.0 */
/** Walking what `picket-bundle seal` was given: every path gets a record, every regular file its content. */
#ifndef PICKET_TOOLS_BUNDLE_SEALING_H
#define PICKET_TOOLS_BUNDLE_SEALING_H

#include "verbs.h"

#include <picket/seal.h>
#include <picket/snap.h>
#include <picket/store.h>

struct bundle_sealing {
	struct pk_seal *seal;
	struct pk_store *store;
	const struct pk_root *root;
	const struct pk_facts *facts;
	uint64_t paths, failed, bytes;
	unsigned depth;
};
/** Operands as absolute paths, each once, none below another. */
PK_NODISCARD int bundle_resolve_operands(const struct pk_root *root, int argc, char **argv, struct pk_strv *ret,
					 struct pk_err *err);
/** Seals a path and, if it is a folder, all below it. Fails only when the bundle cannot be written. */
PK_NODISCARD int bundle_seal_path(struct bundle_sealing *s, struct pk_str path, struct pk_err *err);

#endif
