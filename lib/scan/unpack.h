/* SPDX-License-Identifier: Apache-2.0 */
/* Unpacking one archive, in a process that holds no right but to tell what is in it.
 *
 * The process is forked for this archive alone and ends with it, so that a hostile one can at worst lie about itself. It
 * gives records over a pipe, little-endian: u8 kind, u32 length, so many bytes.
 *   'H'  it holds the archive's bytes: the caller may reuse the memory they were in
 *   'M'  a member: u8 flags, u32 mode as st_mode (0: not known), its name
 *   'D'  bytes of that member
 *   'E'  its end: u8 how (enum pk_unpack_how), text
 *   'Z'  the archive's end: u8 how, text */
#ifndef PICKET_SCAN_UNPACK_H
#define PICKET_SCAN_UNPACK_H

#include <picket/io.h>
#include <picket/sandbox.h>
#include <picket/slots.h>

#define PK_UNPACK_NAME 32768u  /* bytes of a member's name; longer ones are cut and flagged */
#define PK_UNPACK_CHUNK 65536u /* bytes of one record, without its head */

#define PK_UNPACK_CUT 1u      /* the name was cut */
#define PK_UNPACK_NAMELESS 2u /* a compressed file, no archive: the name is its own without the suffix */
#define PK_UNPACK_LINK 4u
#define PK_UNPACK_SPECIAL 8u /* device, FIFO, socket */
#define PK_UNPACK_FOLDER 16u

enum pk_unpack_how {
	PK_UNPACK_WHOLE,
	PK_UNPACK_DAMAGED,   /* broken or cut, or of a kind that is not understood: the text says */
	PK_UNPACK_ENCRYPTED, /* nothing of it can be read */
	PK_UNPACK_MEMORY,    /* it wants more than it may have */
	PK_UNPACK_UNKNOWN,   /* no archive at all */
	PK_UNPACK_HOWS,
	PK_UNPACK_CRASHED = PK_UNPACK_HOWS, /* of the process, by its parent */
	PK_UNPACK_TIME,
};

/* --- which files -------------------------------------------------------------------------------------- */

enum pk_unpack_guess {
	PK_UNPACK_NO,
	PK_UNPACK_MAYBE,   /* two bytes say so, or an end: no harm when it turns out to be none */
	PK_UNPACK_YES,     /* it says so itself */
	PK_UNPACK_FOREIGN, /* an archive of a kind that cannot be read */
};
#define PK_UNPACK_HEAD 512u
#define PK_UNPACK_TAIL (65536u + 22u) /* where the directory of a zip behind other bytes ends */
/** From the first and the last bytes of a file; up to PK_UNPACK_HEAD and PK_UNPACK_TAIL count. */
enum pk_unpack_guess pk_unpack_guess(struct pk_str head, struct pk_str tail);
/** Begins with a frame that zstd skips (RFC 8878, 3.1.2): its length is in the next four bytes. */
bool pk_unpack_is_skippable(struct pk_str s);

/* --- the process -------------------------------------------------------------------------------------- */

struct pk_unpack_input {
	int fd; /* -1: the bytes are at p */
	const uint8_t *p;
	uint64_t n;
};
/** How many bytes there are at `at`, of the n that are wanted. */
size_t pk_unpack_bytes_at(const struct pk_unpack_input *in, uint64_t at, void *ret, size_t n);

/** One member of a zip. */
struct pk_zip_entry {
	uint64_t at;   /* of its header */
	uint64_t data; /* of its bytes; 0: there is no header */
	uint64_t packed,
		plain; /* bytes, as the directory has it; of one that is not listed plain as its header has it, or 0 */
	uint64_t hide; /* an extra field in its header that says another kind; 0: none */
	uint64_t name_at; /* in the directory, or in its header */
	uint32_t mode;    /* as the directory has it; 0: it has none */
	uint16_t name_n;
	bool told;
};
/** A zip by its own directory. */
struct pk_zip {
	struct pk_zip_entry *entry; /* the listed ones by place, then those that are not listed */
	size_t n, listed, cap, next;
};
void pk_zip_done(struct pk_zip *z);
/** The last one of the input. False when there is no directory that is whole, or one of too many members. */
bool pk_zip_read(const struct pk_unpack_input *in, struct pk_zip *ret);
/** The listed member whose bytes begin there; to be asked in their order. NULL: it is none, or out of order. */
struct pk_zip_entry *pk_zip_find(struct pk_zip *z, uint64_t data);

struct pk_unpack_params {
	struct pk_unpack_input input; /* borrowed for the call only */
	const struct pk_slots *slots; /* what the process is not to see, or NULL */
	enum pk_sandbox_need sandbox;
	unsigned cpu_seconds;
};
struct pk_unpack_event {
	char kind;           /* as above */
	uint8_t flags, how;  /* of 'M'; of 'E' and 'Z' */
	uint32_t mode;       /* of 'M' */
	struct pk_str bytes; /* name, data or text; until the next call */
};
struct pk_unpack;
/** Forks, and returns when the process has the bytes. */
PK_NODISCARD int pk_unpack_new(const struct pk_unpack_params *params, struct pk_unpack **ret, struct pk_err *err);
/** The next record but 'H'. What the process does wrong is the archive's end too: 'Z' with PK_UNPACK_CRASHED or
 * PK_UNPACK_TIME. The time waited for it is taken from *left_ns. After 'Z' there is no further call. */
void pk_unpack_next(struct pk_unpack *u, uint64_t *left_ns, struct pk_unpack_event *ret);
/** Ends the process. */
void pk_unpack_free(struct pk_unpack *u);
PK_DEFINE_AUTOPTR(pk_unpack)
/** The first record of a stream: its length, 0 when more bytes are needed, -1 when it is none. */
int pk_unpack_parse(struct pk_str stream, struct pk_unpack_event *ret);
/** How far a stream is. */
struct pk_unpack_order {
	bool started, open; /* 'H' came; a member began */
};
/** False when this record cannot come here: one 'H' first, then members of one 'M', any 'D' and one 'E' each, then 'Z'. An
 * empty 'D' cannot come at all: every record is of something that has a limit. */
bool pk_unpack_in_order(struct pk_unpack_order *o, const struct pk_unpack_event *e);

/** unpackread.c: gives the records of an archive, all but 'H', to a sink; what is wrong with the archive is among them.
 * Ends early when the sink fails. */
void pk_unpack_read(const struct pk_unpack_input *input, struct pk_sink sink);
/** unpackhost.c: does nothing, but whoever calls it has the functions in there in the program, before the C library's. */
void pk_unpack_host(void);
/** unpackchild.c: the process's whole life. */
_Noreturn void pk_unpack_child_main(const struct pk_unpack_params *params, int out, int parent);

#endif
