/* SPDX-License-Identifier: Apache-2.0 */
/* What a scan child and the reader of one process's memory say to each other, over a seqpacket socket. The child asks,
 * the reader answers each question once; both are of one build, so the structs go as they are. The child may have been
 * taken over: the reader trusts nothing it says, and what it can ask for is only memory that it is meant to see. */
#ifndef PICKET_SCAN_PROCWIRE_H
#define PICKET_SCAN_PROCWIRE_H

#include <stdint.h>

enum pk_proc_ask {
	PK_PROC_START, /* begin anew; answered like NEXT */
	PK_PROC_NEXT,  /* the next block, and its bytes into the window */
	PK_PROC_AGAIN, /* the bytes of block `index` once more */
};
struct pk_proc_question {
	uint64_t tag; /* comes back in the answer: one that died may have left answers in the socket */
	uint32_t ask, index;
};
struct pk_proc_answer {
	uint64_t tag;
	uint64_t base, offset, size; /* address of the block; where in the slots; bytes, 0: there is none */
};

#define PK_PROC_WINDOW_SLOTS 4u    /* of PK_SLOT_BYTES: what is scanned in one piece, at most */
#define PK_PROC_OVERLAP (1u << 20) /* bytes that two pieces of one longer run have in common, at least */
#define PK_PROC_SLACK (64u << 10)  /* how far an edge may move to where it cuts no word */
#define PK_PROC_MAX_BLOCKS (1u << 20)
#define PK_PROC_STALL_SECONDS 10 /* a reader that is silent for longer has been stopped by its target */

#endif
