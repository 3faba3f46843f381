/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a scan's state: checksums, and the part that says which file a line is about. */
#ifndef PICKET_SCAN_STATELINES_H
#define PICKET_SCAN_STATELINES_H

#include <picket/scanstate.h>

/** Ends the object that began at `start`, as yet without its closing brace, by its checksum and a newline. */
void pk_stateline_seal(struct pk_buf *b, size_t start);
/** True when the line, without its newline, is what was written. */
bool pk_stateline_is_whole(struct pk_str line);
/** The beginning of a line up to the end of its path; empty when it has none. Two are the same when the paths are. */
struct pk_str pk_stateline_key(struct pk_str line);
/** The same for a path. */
void pk_stateline_put_key(struct pk_buf *b, struct pk_str path);

#endif
