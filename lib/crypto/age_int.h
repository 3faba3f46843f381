/* SPDX-License-Identifier: Apache-2.0 */
/** What the files of the age module share. */
#ifndef PICKET_CRYPTO_AGE_INT_H
#define PICKET_CRYPTO_AGE_INT_H

#include <picket/age.h>
#include "hkdf.h"
#include "xwing.h"

#define AGE_FILE_KEY 16
#define AGE_TAG 16
#define AGE_BODY (AGE_FILE_KEY + AGE_TAG) /* a wrapped file key */
#define AGE_NONCE 16
#define AGE_SEALED_CHUNK (PK_AGE_CHUNK + AGE_TAG)
#define AGE_MAX_WORK_FACTOR 22
#define AGE_SALT 16

#define AGE_HEADER_FAIL(err, ...) pk_fail_code(err, PK_EFORMAT, PK_AGE_HEADER, __VA_ARGS__)

/* --- age_source.c: bytes of a file or of memory, out of their armor ------------------------------------ */

/** Zero-initialise, then age_source_open_*. */
struct age_source {
	int fd;         /* -1: memory only */
	bool at_offset; /* pread, the file position left alone */
	uint64_t off;
	bool eof, armored;
	uint8_t *buf; /* raw bytes not yet used: buf[at..n) */
	size_t at, n, cap;
	bool armor_last, armor_done;
	uint8_t line[48]; /* decoded bytes not yet used: line[line_at..line_n) */
	size_t line_at, line_n;
};
void age_source_done(struct age_source *s);
/** Looks at the first bytes and decides whether there is armor. at_offset reads from the file's beginning. */
PK_NODISCARD int age_source_open_fd(struct age_source *s, int fd, bool at_offset, struct pk_err *err);
PK_NODISCARD int age_source_open_mem(struct age_source *s, struct pk_str bytes, struct pk_err *err);
/** At least one byte and at most n, or *ret_n 0 at the end. */
PK_NODISCARD int age_source_read(struct age_source *s, void *p, size_t n, size_t *ret_n, struct pk_err *err);
PK_NODISCARD int age_source_read_full(struct age_source *s, void *p, size_t n, size_t *ret_n, struct pk_err *err);
/** Appends the next line with its LF to b; *ret is the line without it. Fails with PK_AGE_HEADER when b would grow
 * beyond max or the input ends first. */
PK_NODISCARD int age_source_line(struct age_source *s, struct pk_buf *b, size_t max, struct pk_str *ret,
				 struct pk_err *err);

/* --- age_header.c: the text at the beginning ------------------------------------------------------------ */

enum age_kind { AGE_X25519, AGE_SCRYPT, AGE_HYBRID, AGE_UNKNOWN };

/** One recipient's stanza; slices point into the header's text. */
struct age_stanza {
	enum age_kind kind;
	struct pk_str type;     /* the first argument */
	struct pk_str arg;      /* the second argument, as text */
	unsigned work_factor;   /* scrypt */
	uint8_t share[32];      /* X25519: the ephemeral share; scrypt: the salt */
	uint8_t body[AGE_BODY]; /* of the kinds known here */
};

struct age_header {
	struct pk_buf text; /* from the version line through the MAC's line feed */
	size_t mac_covers;  /* bytes of text under the MAC */
	uint8_t mac[32];
	struct age_stanza *stanzas;
	size_t n, cap;
};
void age_header_done(struct age_header *h);
/** Reads the header's text and parses it: the form of every stanza known here is checked before any key work. */
PK_NODISCARD int age_header_read(struct age_header *h, struct age_source *s, struct pk_err *err);
/** Finds the file key by the identities, then checks the MAC. */
PK_NODISCARD int age_header_open(const struct age_header *h, const struct pk_age_identities *ids,
				 uint8_t ret_key[AGE_FILE_KEY], struct pk_err *err);
/** Behind what is in b from `start` on: a stanza for each recipient, and the MAC's line. */
PK_NODISCARD int age_header_end(const struct pk_age_recipients *to, const uint8_t key[AGE_FILE_KEY], size_t start,
				struct pk_buf *b, struct pk_err *err);
/** A new header for the file key. */
PK_NODISCARD int age_header_write(const struct pk_age_recipients *to, const uint8_t key[AGE_FILE_KEY], struct pk_buf *b,
				  struct pk_err *err);
void age_header_mac(uint8_t ret[32], const uint8_t key[AGE_FILE_KEY], struct pk_str covered);

/* --- age_wrap.c, age_identity.c: one stanza ----------------------------------------------------------- */

/** Appends "-> TYPE ARG\n" and the wrapped file key. */
PK_NODISCARD int age_wrap_x25519(struct pk_buf *b, const uint8_t pub[32], const uint8_t key[AGE_FILE_KEY],
				 struct pk_err *err);
PK_NODISCARD int age_wrap_hybrid(struct pk_buf *b, const uint8_t pub[PK_AGE_HYBRID_KEY],
				 const uint8_t key[AGE_FILE_KEY], struct pk_err *err);
PK_NODISCARD int age_wrap_scrypt(struct pk_buf *b, const struct pk_secret *pass, unsigned work_factor,
				 const uint8_t key[AGE_FILE_KEY], struct pk_err *err);
/** *ret_match false: not ours. Fails only when the whole file must be refused. */
PK_NODISCARD int age_unwrap_x25519(const struct age_stanza *st, const uint8_t secret[32], const uint8_t pub[32],
				   bool *ret_match, uint8_t ret_key[AGE_FILE_KEY], struct pk_err *err);
PK_NODISCARD int age_unwrap_hybrid(const struct age_stanza *st, const uint8_t secret[XWING_SECRET], bool *ret_match,
				   uint8_t ret_key[AGE_FILE_KEY], struct pk_err *err);
PK_NODISCARD int age_unwrap_scrypt(const struct age_stanza *st, const struct pk_secret *pass, bool *ret_match,
				   uint8_t ret_key[AGE_FILE_KEY], struct pk_err *err);
/** Whether there is a passphrase, or one is asked for. */
bool age_identities_passphrase(const struct pk_age_identities *ids);
/** Tries every identity on every stanza; *ret_match false: none opens it. */
PK_NODISCARD int age_identities_unwrap(const struct pk_age_identities *ids, const struct age_header *h, bool *ret_match,
				       uint8_t ret_key[AGE_FILE_KEY], struct pk_err *err);

/* --- age_chunk.c: STREAM, one chunk at a time ----------------------------------------------------------- */

/** The payload key and what both directions need. */
struct age_stream {
	struct pk_secret key;
};
PK_NODISCARD int age_stream_init(struct age_stream *st, const uint8_t key[AGE_FILE_KEY], const uint8_t nonce[AGE_NONCE],
				 struct pk_err *err);
void age_stream_done(struct age_stream *st);
/** ret gets n + AGE_TAG bytes. */
void age_chunk_seal(const struct age_stream *st, uint64_t index, bool last, const void *p, size_t n, uint8_t *ret);
/** n counts the tag; ret gets n - AGE_TAG bytes when the tag is right, otherwise nothing genuine. */
PK_NODISCARD bool age_chunk_open(const struct age_stream *st, uint64_t index, bool last, const uint8_t *p, size_t n,
				 void *ret);

/** The key of Poly1305 for a chunk that is not the last. */
void age_chunk_one_time_key(const struct age_stream *st, uint64_t index, uint8_t ret[32]);
/** age_resync.c: where among these bytes a whole chunk of this number (not the last one) may begin, if anywhere. */
bool age_chunk_find(const struct age_stream *st, uint64_t index, const uint8_t *p, size_t n, size_t *ret_at);

/* --- age_file.c, age_rescue.c: a file at random, whole or not ------------------------------------------- */

/** Chunks that follow on each other, all of them genuine. */
struct age_run {
	uint64_t index, n; /* the first one's number, and how many */
	uint64_t off;      /* of the first, in the file */
};
struct pk_age_file {
	int fd;
	struct age_stream stream;
	uint64_t payload; /* offset */
	uint64_t chunks;  /* how many can be read */
	uint64_t size;    /* plain bytes */
	bool cut;
	bool header_changed; /* rescue: the header's MAC is wrong, and yet the file key is right */
	uint8_t *sealed, *plain;
	uint64_t have; /* index of the chunk in `plain`, UINT64_MAX for none */
	/* rescue: what there is of it; NULL for a file that is taken as whole */
	struct age_run *run;
	size_t runs, runs_cap;
	struct pk_age_hole *hole;
	size_t holes, holes_cap;
};
/** An empty one with its buffers, for fd. */
PK_NODISCARD int age_file_alloc(int fd, struct pk_age_file **ret, struct pk_err *err);

/* --- opening ----------------------------------------------------------------------------------------------- */

/** Header and nonce, from the source to the payload's key. *ret_offset: where the payload starts. */
PK_NODISCARD int age_open(struct age_source *src, const struct pk_age_identities *ids, struct age_stream *ret,
			  uint64_t *ret_offset, struct pk_err *err);
/** pk_age_reader_new for bytes in memory. */
PK_NODISCARD int age_reader_new_mem(struct pk_str bytes, const struct pk_age_identities *ids,
				    struct pk_age_reader **ret, struct pk_err *err);

#endif
