/* SPDX-License-Identifier: Apache-2.0 */
/** Shared by the pieces of snap. */
#ifndef PICKET_ARTIFACT_SNAP_PRIV_H
#define PICKET_ARTIFACT_SNAP_PRIV_H

#include <picket/snap.h>

/** Fills everything but the path (which is set already, for messages) from an O_PATH descriptor. */
PK_NODISCARD int snap_of_fd(struct pk_snap *s, int fd, const struct pk_facts *facts, int opts, struct pk_err *err);
/** Adds what FS_IOC_GETFLAGS says; fd is open for reading. */
void snap_inode_flags(struct pk_snap *s, int fd);

#endif
