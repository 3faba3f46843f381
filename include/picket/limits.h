/* SPDX-License-Identifier: Apache-2.0 */
/** Named limits on what comes from outside. Errors of kind PK_ELIMIT print the number they passed. */
#ifndef PICKET_LIMITS_H
#define PICKET_LIMITS_H

#define PK_MAX_TEXT_FILE (4u << 20) /* keys, tickets, rosters, terms: bytes */
#define PK_MAX_RECORD (64u << 10)   /* one line of the record log: bytes */
#define PK_MAX_JSON_DEPTH 64
#define PK_MAX_LIVE_PIECE (16u << 20)    /* one member of a live table: bytes; a collector writes 1 MiB */
#define PK_MAX_JSON (64u << 20)          /* one JSON value: bytes */
#define PK_FRAME_MIN (1u << 20)          /* a frame ends at the next member once it holds this much */
#define PK_FRAME_MAX (4u << 20)          /* plain bytes of one zstd frame */
#define PK_SEGMENT_BYTES (16u << 20)     /* plain bytes after which a segment of the record log closes */
#define PK_SLOT_BYTES PK_FRAME_MAX       /* one slot of shared memory between reader, sealers and scanners */
#define PK_MAX_DEFINITIONS (8u << 20)    /* one YAML file of artefact definitions: bytes */
#define PK_MAX_GLOBSTAR 10               /* depth of ** in a pattern, and what a bare one means */
#define PK_MAX_PATH_BYTES (24u << 10)    /* one path inside a root: it must fit a record */
#define PK_MAX_LINKS 40                  /* symbolic links followed on one path */
#define PK_MAX_FOUND (2u << 20)          /* paths that a plan may lead to */
#define PK_MAX_XATTRS 64                 /* extended attributes of one path */
#define PK_MAX_XATTR_VALUE (8u << 10)    /* one value: bytes */
#define PK_MAX_XATTR_BYTES (12u << 10)   /* all names and values of one path: bytes */
#define PK_MAX_EXTENTS 65536             /* ranges of one sparse file */
#define PK_MAX_FACT_TEXT 1000            /* one fact, such as a host's name: bytes; longer ones are cut */
#define PK_MAX_FACT_FILE (16u << 20)     /* passwd, group, os-release, mountinfo: bytes */
#define PK_MAX_QUERY_BYTES (64u << 10)   /* picket-case's --query: its text, */
#define PK_MAX_QUERY_STEPS 300000000ull  /* steps of SQLite's machine, */
#define PK_MAX_QUERY_MEMORY (512u << 20) /* bytes, */
#define PK_MAX_QUERY_REFS (1u << 20)     /* and rows */

#endif
