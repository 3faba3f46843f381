/* SPDX-License-Identifier: Apache-2.0 */
/** Named limits on what comes from outside. Errors of kind PK_ELIMIT print the number they passed. */
#ifndef PICKET_LIMITS_H
#define PICKET_LIMITS_H

#define PK_MAX_TEXT_FILE (4u << 20)      /* keys, tickets, rosters, terms: bytes */
#define PK_MAX_RECORD (64u << 10)        /* one line of the record log: bytes */
#define PK_MAX_JSON_DEPTH 64
#define PK_FRAME_MIN (1u << 20)          /* a frame ends at the next member once it holds this much */
#define PK_FRAME_MAX (4u << 20)          /* plain bytes of one zstd frame */
#define PK_SEGMENT_BYTES (16u << 20)     /* plain bytes after which a segment of the record log closes */
#define PK_SLOT_BYTES PK_FRAME_MAX       /* one slot of shared memory between reader, sealers and scanners */

#endif
