/* SPDX-License-Identifier: Apache-2.0 */
/* The IOC process, and how the other side talks with it.
 *
 * parent -> server  feed stream: a letter, u32 length, so many bytes: 'F' a set's name, 'D' bytes of it, 'G' (0) all
 *                   are there
 * server -> parent  the same stream: u64 length, the report (iocset.h)
 * parent -> worker  service packets: u32 number, u32 bytes of questions; those are in shared memory, one after the
 *                   other: u8 what, u32 length, text
 * worker -> parent  service packets: 'A', u32 number, then what there is to say (below); or from the server 'D': the
 *                   worker died
 *   answer          u32 question, u8 flags, u16 hits; a hit: u32 indicator, u8 length and name of where,
 *                   u32 offset, u32 length, u8 length and bytes of the excerpt
 * Numbers are little-endian. */
#ifndef PICKET_SCAN_IOCSERVE_H
#define PICKET_SCAN_IOCSERVE_H

#include <picket/ioc.h>

#define PK_IOC_SHARED (2u << 20)       /* questions of one batch: bytes; one row of a table fits */
#define PK_IOC_BATCH 256u              /* questions of one batch */
#define PK_IOC_BATCH_BYTES (96u << 10) /* their bytes, unless it is one */
#define PK_IOC_ANSWER 65536u           /* one answer packet */
#define PK_IOC_WHERE 63u               /* bytes of a column's name */

#define PK_IOC_FLAG_MORE 1u   /* hits were cut */
#define PK_IOC_FLAG_FAILED 2u /* libyara gave up on this text */
#define PK_IOC_FLAG_FORM 4u   /* no JSON object */

struct pk_ioc_server_params {
	int feed, service; /* descriptors of the server's side */
	uint8_t *shared;
	enum pk_sandbox_need sandbox;
};
/** The server's whole life. */
_Noreturn void pk_ioc_server_main(const struct pk_ioc_server_params *p);

/* --- iocworker.c -------------------------------------------------------------------------------------- */

struct pk_ioc_build;
struct pk_ioc_texts; /* compiled */
/** Compiles what texts are compared with; an entry that libyara does not take becomes bad and a problem. */
PK_NODISCARD int pk_ioc_texts_new(struct pk_ioc_build *b, struct pk_ioc_texts **ret, struct pk_err *err);
/** Answers until the other side closes. */
_Noreturn void pk_ioc_worker_main(int service, const uint8_t *shared, struct pk_ioc_texts *texts);

#endif
