/* SPDX-License-Identifier: Apache-2.0 */
/** Between the reader of mountinfo and the decisions. */
#ifndef PICKET_ARTIFACT_MOUNT_PRIV_H
#define PICKET_ARTIFACT_MOUNT_PRIV_H

#include <picket/mount.h>

/** True when path is top or below it; both absolute. */
bool path_is_below(struct pk_str path, struct pk_str top);
/** Sets cross and why of every mount; points are the root's own names by now. */
PK_NODISCARD int mounts_decide(struct pk_mounts *m, const struct pk_mount_opts *opts, struct pk_err *err);

#endif
