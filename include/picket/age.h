/* SPDX-License-Identifier: Apache-2.0 */
/** age v1 (C2SP age specification): X25519, post-quantum (mlkem768x25519) and scrypt recipients, header, STREAM,
 * armor reading. Writing is always binary. */
#ifndef PICKET_AGE_H
#define PICKET_AGE_H

#include <picket/io.h>
#include <picket/secret.h>

/** err->code of what this module refuses = exit code of `picket-bundle decrypt`. */
enum pk_age_code {
	PK_AGE_NO_MATCH = 10,
	PK_AGE_HEADER = 11,
	PK_AGE_HMAC = 12,
	PK_AGE_PAYLOAD = 13,
	PK_AGE_ARMOR = 14,
};

#define PK_AGE_CHUNK 65536
#define PK_AGE_MAX_HEADER (1u << 20)
#define PK_AGE_MAX_STANZAS 512

/* --- recipients: public --------------------------------------------------------------------------- */

#define PK_AGE_HYBRID_KEY 1216

/** Who can open. Zero-initialise. Either any number of X25519 keys, or of post-quantum keys, or one passphrase:
 * a mixed file would be no safer than its weakest recipient, and is refused when it is written. */
struct pk_age_recipients {
	uint8_t (*keys)[32];
	size_t n, cap;
	uint8_t (*hybrid)[PK_AGE_HYBRID_KEY];
	size_t n_hybrid, cap_hybrid;
	struct pk_secret passphrase; /* set: scrypt, and both lists must be empty */
	unsigned work_factor;        /* log2 N for scrypt; 0 means 18 */
};
void pk_age_recipients_done(struct pk_age_recipients *r);
/** Adds "age1..." or "age1pq1...". Names what is wrong: bad checksum, mixed case, an ssh key, a plugin. */
PK_NODISCARD int pk_age_recipients_add(struct pk_age_recipients *r, struct pk_str text, struct pk_err *err);
/** Adds every recipient of a file: one a line, '#' comments and empty lines ignored. */
PK_NODISCARD int pk_age_recipients_add_file(struct pk_age_recipients *r, const char *path, struct pk_err *err);
/** Keys of both kinds, and the text of the i-th of them. */
size_t pk_age_recipients_count(const struct pk_age_recipients *r);
void pk_age_recipients_put(const struct pk_age_recipients *r, size_t i, struct pk_buf *b);
void pk_buf_put_age_recipient(struct pk_buf *b, const uint8_t key[32]);                           /* "age1..." */
void pk_buf_put_age_hybrid_recipient(struct pk_buf *b, const uint8_t key[PK_AGE_HYBRID_KEY]);     /* "age1pq1..." */
PK_NODISCARD int pk_age_recipient_parse(struct pk_str text, uint8_t ret[32], struct pk_err *err); /* X25519 only */
PK_NODISCARD int pk_age_hybrid_recipient_parse(struct pk_str text, uint8_t ret[PK_AGE_HYBRID_KEY], struct pk_err *err);
/** Whether nothing can be sealed to it, though it is well-formed: its X25519 point is of low order. */
bool pk_age_recipient_is_weak(struct pk_str text);
/** Whether the text is a recipient of either kind; *ret_hybrid, unless NULL, says of which. */
PK_NODISCARD int pk_age_recipient_check(struct pk_str text, bool *ret_hybrid, struct pk_err *err);

/* --- identities: secret --------------------------------------------------------------------------- */

struct pk_events;
struct pk_age_identities; /* any number of X25519 and post-quantum keys and passphrases */
PK_NODISCARD int pk_age_identities_new(struct pk_age_identities **ret, struct pk_err *err);
void pk_age_identities_free(struct pk_age_identities *ids);
PK_DEFINE_AUTOPTR(pk_age_identities)
/** Adds one "AGE-SECRET-KEY-1..." or "AGE-SECRET-KEY-PQ-1...". */
PK_NODISCARD int pk_age_identities_add(struct pk_age_identities *ids, struct pk_str text, struct pk_err *err);
/** Adds a passphrase for scrypt files (copied into guarded memory). */
PK_NODISCARD int pk_age_identities_add_passphrase(struct pk_age_identities *ids, struct pk_str pass,
						  struct pk_err *err);
/** When a file turns out to be sealed by a passphrase and none of those added opens it, asks for one by
 * pk_secret_ask(passphrase_fd). Without this nothing is ever asked. */
void pk_age_identities_prompt(struct pk_age_identities *ids, int passphrase_fd);
/** Adds every identity of a file (comments ignored), or of standard input ("-"). A file that is itself age-encrypted by passphrase (binary
 * or armored) is opened with pk_secret_ask(passphrase_fd). Warns through ev when others can read the file.
 * err->code is 0 whatever is wrong with it: it is not the file to be opened that is refused. */
PK_NODISCARD int pk_age_identities_add_file(struct pk_age_identities *ids, const char *path, int passphrase_fd,
					    const struct pk_events *ev, struct pk_err *err);
/** All identities of these files, in their order. With `ask`, without any file, or with a passphrase_fd (>= 0) a passphrase
 * is asked for when it takes one, as by pk_age_identities_prompt: of the descriptor the line after those that sealed
 * identity files took. */
PK_NODISCARD int pk_age_identities_load(const struct pk_strv *files, bool ask, int passphrase_fd,
					const struct pk_events *ev, struct pk_age_identities **ret, struct pk_err *err);
/** A new key pair: the identity line "AGE-SECRET-KEY-1..." (no newline) and its public half. */
PK_NODISCARD int pk_age_identity_generate(struct pk_secret *ret_line, uint8_t ret_pub[32], struct pk_err *err);
/** The same, post-quantum: "AGE-SECRET-KEY-PQ-1...". */
PK_NODISCARD int pk_age_hybrid_identity_generate(struct pk_secret *ret_line, uint8_t ret_pub[PK_AGE_HYBRID_KEY],
						 struct pk_err *err);

/* --- sealing -------------------------------------------------------------------------------------- */

struct pk_age_writer;
struct pk_workers; /* worker.h */
/** Writes the header and the payload nonce to the sink at once. With workers (or NULL) chunks are sealed on their
 * threads; they must take a job more than they have threads, and outlive the writer. The sink is called from the
 * caller's thread only. */
PK_NODISCARD int pk_age_writer_new(const struct pk_age_recipients *to, struct pk_sink sink, struct pk_workers *workers,
				   struct pk_age_writer **ret, struct pk_err *err);
PK_NODISCARD int pk_age_write(struct pk_age_writer *w, const void *p, size_t n, struct pk_err *err);
/** The same without a copy: where the next bytes may be put, at least one, and that n of them were. */
void pk_age_writer_space(struct pk_age_writer *w, void **ret, size_t *ret_n);
PK_NODISCARD int pk_age_writer_filled(struct pk_age_writer *w, size_t n, struct pk_err *err);
/** The next bytes of a regular file that has many more, read by the workers; its position moves on. *ret_n 0: read on
 * as above, which is always so behind bytes that were put otherwise. fd and name (for
 * messages) outlive the writer. A file that gets shorter meanwhile is an error, of this call or a later one. */
PK_NODISCARD int pk_age_writer_take(struct pk_age_writer *w, int fd, const char *name, size_t *ret_n,
				    struct pk_err *err);
/** Seals the last chunk. Without it the file is cut, and every reader will say so. */
PK_NODISCARD int pk_age_writer_finish(struct pk_age_writer *w, struct pk_err *err);
void pk_age_writer_free(struct pk_age_writer *w);
PK_DEFINE_AUTOPTR(pk_age_writer)

/* --- more readers for a file that is there ---------------------------------------------------------- */

/** The header at the beginning of a binary age file, byte for byte, through the line of its MAC: nonce and payload
 * follow. The file position is left alone. */
PK_NODISCARD int pk_age_header_read(int fd, struct pk_buf *ret, struct pk_err *err);
/** Appends a header for the same file key: every stanza of the given one as it is, and one more for each of `to`. The
 * nonce and payload that follow the old one stay good under the new one; a file key must never be used for other
 * bytes. Whoever could open still can. Refuses a passphrase and the mixing of classic and post-quantum (PK_EUSAGE). */
PK_NODISCARD int pk_age_header_extend(struct pk_str header, const struct pk_age_identities *ids,
				      const struct pk_age_recipients *to, struct pk_buf *ret, struct pk_err *err);

/** Whether all of a header's readers are post-quantum. */
PK_NODISCARD int pk_age_header_is_hybrid(struct pk_str header, bool *ret, struct pk_err *err);
/** Whether a header is another one extended so: every stanza of the old one as it was, in order, then only stanzas of the
 * same kind, of which *ret_more are counted. Which readers they are for, and the MAC, nobody can tell without the file key.
 * PK_EFORMAT says what is otherwise. */
PK_NODISCARD int pk_age_header_extends(struct pk_str header, struct pk_str old, size_t *ret_more, struct pk_err *err);

/* --- opening, in order (pipes) -------------------------------------------------------------------- */

struct pk_age_reader;
/** Reads header (armored or binary) and nonce from fd, finds the file key, checks the header MAC. With workers (or
 * NULL), which must be for this reader alone and outlive it, chunks that are at hand are opened on their threads. */
PK_NODISCARD int pk_age_reader_new(int fd, const struct pk_age_identities *ids, struct pk_workers *workers,
				   struct pk_age_reader **ret, struct pk_err *err);
/** Up to n authenticated plain bytes; *ret_n 0 is the authenticated end. Bytes of a chunk are released only
 * after its tag has been checked. */
PK_NODISCARD int pk_age_read(struct pk_age_reader *r, void *p, size_t n, size_t *ret_n, struct pk_err *err);
void pk_age_reader_free(struct pk_age_reader *r);
PK_DEFINE_AUTOPTR(pk_age_reader)

/* --- opening, at random (regular binary files) ---------------------------------------------------- */

struct pk_age_file;
/** Header as above, then the final chunk first: it authenticates the length. fd stays the caller's and must
 * stay open. `allow_cut`: for salvage, a file without a valid final chunk opens too (*ret size is then what
 * complete chunks could hold, and reads may fail). */
PK_NODISCARD int pk_age_file_open(int fd, const struct pk_age_identities *ids, bool allow_cut, struct pk_age_file **ret,
				  struct pk_err *err);
uint64_t pk_age_file_size(const struct pk_age_file *f); /* plain bytes */
bool pk_age_file_is_cut(const struct pk_age_file *f);
/** Exactly n bytes at off, or an error (past the end: PK_EFORMAT). Keeps the last chunk read. Not thread-safe. */
PK_NODISCARD int pk_age_file_pread(struct pk_age_file *f, void *p, size_t n, uint64_t off, struct pk_err *err);
/** For salvage: a file of which not all is there. Every chunk is looked for and tried, where it should be and, after a
 * piece that is missing, where it may have moved to; its number is part of what authenticates it, so that plain offsets
 * are right whatever is lost. Reading what is lost fails with PK_ECRYPTO. A header whose MAC is wrong is let pass when
 * the chunks open with its file key. No chunk at all: PK_ECRYPTO. `progress` in ev is called. */
PK_NODISCARD int pk_age_file_rescue(int fd, const struct pk_age_identities *ids, const struct pk_events *ev,
				    struct pk_age_file **ret, struct pk_err *err);
/** The same for a file that is open already and turned out to be damaged. On failure it can only be freed. */
PK_NODISCARD int pk_age_file_search(struct pk_age_file *f, const struct pk_events *ev, struct pk_err *err);
/** What is lost, in order: bytes of the file that open nothing, and the plain bytes that are gone with them. Where the
 * end is lost, plain_n of the last is 0: nobody knows how much it was. */
struct pk_age_hole {
	uint64_t file, file_n, plain, plain_n;
};
size_t pk_age_file_holes(const struct pk_age_file *f, const struct pk_age_hole **ret);
bool pk_age_file_header_changed(const struct pk_age_file *f);
void pk_age_file_free(struct pk_age_file *f);
PK_DEFINE_AUTOPTR(pk_age_file)

#endif
