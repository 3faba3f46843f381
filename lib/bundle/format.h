/* SPDX-License-Identifier: Apache-2.0 */
/* What sealing and opening share: the bytes of docs/bundle-format.md. Private to lib/bundle. */
#ifndef PICKET_BUNDLE_FORMAT_H
#define PICKET_BUNDLE_FORMAT_H

#include <picket/limits.h>
#include <picket/merkle.h>
#include <picket/record.h>
#include <picket/str.h>
#include <picket/tar.h>

#define PK_MAX_FRAMES (1u << 22)       /* 4 TiB of frames of 1 MiB */
#define PK_MAX_SEGMENT_LOG (64u << 20) /* bytes of one meta/records-NNNN.jsonl */
#define PK_MAX_SEGMENTS 1000000u
#define PK_MAX_NOTE_TEXT (16u << 10) /* bytes of a note's text */
#define PK_MAX_MEMBER_NAME 1100u
#define PK_MAX_CONTENT (1ull << 50)
#define PK_SEGMENT_LAG (8u << 20) /* a closed segment's records follow after so many bytes of the next */

/* --- names ----------------------------------------------------------------------------------------- */

#define PK_BAGIT_TEXT "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
#define PK_NAME_BAGIT "bagit.txt"
#define PK_NAME_INFO "bag-info.txt"
#define PK_NAME_TERMS "meta/terms.txt"
#define PK_NAME_TICKET "meta/ticket.txt"
#define PK_NAME_TICKET_SIG "meta/ticket.txt.minisig"
#define PK_NAME_MANIFEST "manifest-sha256.txt"
#define PK_NAME_TAGMANIFEST "tagmanifest-sha256.txt"
#define PK_NAME_INDEX "meta/index.jsonl"
#define PK_NAME_CHECKPOINT "meta/checkpoint"
#define PK_NAME_END "meta/end.json"
#define PK_SHARES "meta/shares/" /* of a share: tickets, checkpoints and proofs of what it is part of */
#define PK_NAME_HANDOVER PK_SHARES "handover.txt"
#define PK_NAME_HANDOVER_SIG PK_SHARES "handover.txt.minisig"
#define PK_MAX_SHARE_MEMBER (256u << 10) /* bytes of a member below meta/shares/ */
enum pk_bag_kind { PK_BAG_UNSIGNED, PK_BAG_SIGNED, PK_BAG_SHARE, PK_BAG_KINDS };
void pk_buf_put_bag_info(struct pk_buf *b, const uint8_t id[16], enum pk_bag_kind kind);
/* "data/root/etc" of bundle ID is "data/ID/root/etc" in a share. */
void pk_buf_put_share_name(struct pk_buf *b, const uint8_t id[16], struct pk_str member);
/* "data/ID/content/LEAF": of a content that is shared without a path. */
void pk_buf_put_content_name(struct pk_buf *b, const uint8_t id[16], uint64_t leaf);
/* Whether it is "data/live/TABLE-NNNN.jsonl", of this table; with an id, "data/ID/live/TABLE-NNNN.jsonl". */
bool pk_live_name_ok(struct pk_str name, const uint8_t *id, struct pk_str table);
void pk_buf_put_origin(struct pk_buf *b, const uint8_t id[16]); /* "picket/HEX" */
/* What the outer signature's trusted comment says. */
void pk_buf_put_trusted_comment(struct pk_buf *b, const uint8_t id[16], const uint8_t ticket[16], uint64_t leaves,
				const uint8_t root[32]);
/* ASCII of the allowed set, below data/, no empty, "." or ".." components. */
bool pk_member_name_ok(struct pk_str name);

/* --- zstd frames ----------------------------------------------------------------------------------- */

struct pk_frame_packer;
PK_NODISCARD int pk_frame_packer_new(int level, struct pk_frame_packer **ret, struct pk_err *err);
void pk_frame_packer_free(struct pk_frame_packer *z);
size_t pk_frame_bound(void); /* packed bytes of a frame of PK_FRAME_MAX plain ones, at most */
PK_NODISCARD int pk_frame_pack(struct pk_frame_packer *z, const void *p, size_t n, void *out, size_t cap, size_t *ret_n,
			       struct pk_err *err);

struct pk_frame_opener;
PK_NODISCARD int pk_frame_opener_new(struct pk_frame_opener **ret, struct pk_err *err);
void pk_frame_opener_free(struct pk_frame_opener *z);
/* How long the frame is that begins at p. *ret_n 0: more than n bytes are needed to tell. Refuses what is not a
 * zstd frame with checksum, content size of 1 to PK_FRAME_MAX, no dictionary. */
PK_NODISCARD int pk_frame_measure(const void *p, size_t n, size_t *ret_n, size_t *ret_plain, struct pk_err *err);
/* One whole frame; out must hold PK_FRAME_MAX bytes. */
PK_NODISCARD int pk_frame_unpack(struct pk_frame_opener *z, const void *p, size_t n, void *out, size_t *ret_n,
				 struct pk_err *err);

/* --- records ----------------------------------------------------------------------------------------- */

/* Whether the fields of its type are there and of their kinds (bundle-format.md, section 7): what is not names itself.
 * Whether they fit the rest of the bundle is for others to say. */
PK_NODISCARD int pk_record_check(const struct pk_record *r, struct pk_err *err);
/* pk_record_parse, and that. */
PK_NODISCARD int pk_record_read(struct pk_str line, uint64_t leaf, struct pk_record *ret, struct pk_err *err);

/* The ranges of a sparse content, taken one after the other, through its continuations. */
struct pk_ranges {
	uint64_t logical; /* size of the file */
	uint64_t end;     /* of the last range */
	uint64_t stored;  /* bytes in all of them */
};
/* `pair` as the next one: false when it is no [offset, length] behind the last and within the file. */
bool pk_ranges_take(struct pk_ranges *x, const struct pk_json_value *pair, uint64_t *ret_off, uint64_t *ret_len);

/* --- seek table: zstd's seekable format, without checksums ----------------------------------------- */

struct pk_seek_entry {
	uint32_t packed, plain; /* plain 0: padding */
};
#define PK_SEEK_ENTRY 8u
#define PK_SEEK_FOOTER 9
#define PK_SKIPPABLE_MAGIC 0x184D2A5Eu
static inline uint64_t pk_seek_size(uint64_t frames) { return 8 + 8 * frames + PK_SEEK_FOOTER; }
void pk_buf_put_seek_table(struct pk_buf *b, const struct pk_seek_entry *e, size_t n);
/* From the last PK_SEEK_FOOTER bytes of the payload: how many entries there are. */
PK_NODISCARD int pk_seek_footer(const uint8_t p[PK_SEEK_FOOTER], uint32_t *ret_frames, struct pk_err *err);
/* The whole skippable frame, exactly; *ret is an array that the caller frees: *ret_n frames, then those of padding. */
PK_NODISCARD int pk_seek_parse(const void *p, size_t n, struct pk_seek_entry **ret, size_t *ret_n, size_t *ret_padding,
			       struct pk_err *err);

/* --- segment notes --------------------------------------------------------------------------------- */

/* What a note is of. Its key alone would not say: whoever has a ticket of its own may name any note key in it. */
struct pk_note_of {
	const uint8_t *id;            /* the bundle's */
	const uint8_t *ticket_sha256; /* of the ticket's text; NULL: unsigned */
};
/* What meta/note-NNNN says: checkpoint text with extension lines. */
struct pk_segment_note {
	uint32_t segment;
	uint64_t first; /* leaf */
	uint64_t size;  /* of the tree after the segment */
	uint8_t root[32];
	struct pk_frontier before; /* of the tree at the segment's start */
};
void pk_buf_put_segment_note(struct pk_buf *b, const struct pk_note_of *of, const struct pk_segment_note *n);
/* text: without signatures; ends in a newline. PK_ECRYPTO: of another ticket. */
PK_NODISCARD int pk_segment_note_parse(struct pk_str text, const struct pk_note_of *of, struct pk_segment_note *ret,
				       struct pk_err *err);

/* The final checkpoint's text. */
struct pk_final {
	uint64_t size;
	uint8_t root[32];
	uint32_t segments;
	uint64_t contents;    /* stored members below data/ */
	uint8_t manifest[32]; /* SHA-256 of manifest-sha256.txt */
	uint8_t tagmanifest[32];
};
void pk_buf_put_final(struct pk_buf *b, const struct pk_note_of *of, const struct pk_final *f);
PK_NODISCARD int pk_final_parse(struct pk_str text, const struct pk_note_of *of, struct pk_final *ret,
				struct pk_err *err);

/* --- hints: index and end -------------------------------------------------------------------------- */

/* Where a member's bytes are: its first byte is `off` into frame `frame`'s plain bytes. */
struct pk_place {
	uint64_t frame, off, size;
};
struct pk_index_segment {
	uint32_t segment;
	uint64_t first, leaves;
	struct pk_place records, note;
};
void pk_buf_put_index_segment(struct pk_buf *b, const struct pk_index_segment *s);
void pk_buf_put_index_content(struct pk_buf *b, uint64_t leaf, const struct pk_place *at);
/* One line; false in *ret_is when it is a content's line. */
PK_NODISCARD int pk_index_segment_parse(struct pk_str line, bool *ret_is, struct pk_index_segment *ret,
					struct pk_err *err);

struct pk_end {
	uint8_t id[16];
	uint64_t leaves, segments, contents;
	struct pk_place records, note; /* of the last segment */
	struct pk_place index, checkpoint;
};
#define PK_END_SIZE 512u /* exactly, padded with spaces before the newline */
PK_NODISCARD int pk_buf_put_end(struct pk_buf *b, const struct pk_end *e, struct pk_err *err);
PK_NODISCARD int pk_end_parse(struct pk_str text, struct pk_end *ret, struct pk_err *err);

#endif
