/* SPDX-License-Identifier: Apache-2.0 */
/** The record log: the ordered list of JSON lines that says everything about a collection (docs/bundle-format.md).
 *
 * Types: 'b' bundle (leaf 0), 'm' one per path, 'c' one per stored content, 'l' live table segment, 'h' hit,
 * 'e' event of the run, 'u' custody. A leaf is SHA-256(0x00 | line without its newline). */
#ifndef PICKET_RECORD_H
#define PICKET_RECORD_H

#include <picket/json.h>
#include <picket/outcome.h>

#define PK_LEAF_NONE UINT64_MAX

/** Encodes a raw path as a member name below `prefix` ("data/root/"): the rules of DESIGN.md section 5 ("Member
 * names"). The result is ASCII, at most 1,000 bytes plus prefix, or "data/long/HEX". */
void pk_buf_put_member_name(struct pk_buf *b, const char *prefix, struct pk_str raw_path);

/** One parsed record; slices and json live as long as `json`. Fields every type has. */
struct pk_record {
	char type;
	uint64_t leaf;              /* "i" */
	struct pk_json_value *json; /* the whole object */
	struct pk_str line;         /* as stored, no newline; not owned */
	struct pk_str fields;       /* the end of it, after the salt: `,"key":value,...}` */
};
void pk_record_done(struct pk_record *r);
/** Strict: one object that begins `{"t":"T","i":N,"salt":"32 hex digits"`, then at once a comma or its end, without blanks behind
 * it, of a known type, N equal to want_leaf, at most PK_MAX_RECORD bytes. */
PK_NODISCARD int pk_record_parse(struct pk_str line, uint64_t want_leaf, struct pk_record *ret, struct pk_err *err);

/** Whether it is one of those that a padded bundle has to hide how many there are: it says nothing. */
bool pk_record_is_padding(const struct pk_record *r);

/** The one with this leaf of n items of `size` bytes, which begin with their leaf (uint64_t) and are sorted by it; NULL: none
 * has it. */
void *pk_leaf_find(const void *items, size_t n, size_t size, uint64_t leaf);

#endif
