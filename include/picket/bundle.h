/* SPDX-License-Identifier: Apache-2.0 */
/** Opening sealed bundles: trust first, then structure, then bytes. */
#ifndef PICKET_BUNDLE_H
#define PICKET_BUNDLE_H

#include <picket/age.h>
#include <picket/msg.h>
#include <picket/receipt.h>
#include <picket/record.h>
#include <picket/rewrap.h>
#include <picket/roster.h>
#include <picket/ticket.h>

/** Step one, without any secret: outer signature, ticket and its issuer, as docs/trust-format.md
 * ("What import decides") has it; a receipt and, of a rewrapped bundle, who let whom in. Reads B.age and what lies beside it. Failing
 * to read the bundle itself is an error; a missing or bad sidecar is a status. Without a roster (NULL) only the
 * ticket's own key is asked. */
struct pk_outer {
	enum pk_trust_status status;
	char *why;         /* one line in words */
	bool is_no_bundle; /* begins as no age file does, and has no ticket beside it: a wrong name, or a sidecar; then its
			    * size and digests were not taken */
	bool has_ticket;
	struct pk_ticket ticket;
	struct pk_buf ticket_sig;     /* its signature's text */
	char *issuer;                 /* roster name, or NULL */
	uint8_t digest[64];           /* BLAKE2b-512 of B.age */
	uint64_t size, payload_bytes; /* of it; and what follows its header, known of a rewrapped one only */
	char *trusted_comment;        /* of the collector's signature, when it verified */
	bool has_bundle;              /* that comment names the bundle's id */
	uint8_t bundle[16];
	/* a receipt lies beside it; `receipt` is filled when it holds, else receipt_why says why not */
	bool has_receipt, receipt_holds;
	bool receipt_is_early; /* it holds, and its time is before the ticket's validity begins */
	struct pk_receipt receipt;
	char *receipt_why;
	/* it was rewrapped; `rewrap` is filled once its record could be read. The collector's signature is then checked on
	 * the rebuilt original, the re-sealer's (a party of the roster) on the file */
	bool is_rewrapped;
	struct pk_rewrap rewrap;
	struct pk_strv let_in;  /* SHA-256 of the keys that were added, all of its rewraps together */
	struct pk_strv rewraps; /* in words, safe to print: who let whom in, when, and why that may be; newest first */
	uint8_t original[64];   /* BLAKE2b-512 of the original; of any other bundle the digest */
};
PK_NODISCARD int pk_outer_check(const char *path, const struct pk_roster *roster, struct pk_time at,
				struct pk_outer *ret, struct pk_err *err);
void pk_outer_done(struct pk_outer *o);
/** Only whether it is no bundle at all, by its first bytes. */
PK_NODISCARD int pk_outer_peek(const char *path, bool *ret_is_no_bundle, struct pk_err *err);
/** The same in two steps: between them the file is hashed by a process of its own, so that it can be looked at already.
 * What was seen of it is worth nothing should the end say "altered". The end may be called once. */
struct pk_outer_begun;
PK_NODISCARD int pk_outer_begin(const char *path, struct pk_outer_begun **ret, struct pk_err *err);
PK_NODISCARD int pk_outer_end(struct pk_outer_begun *b, const struct pk_roster *roster, struct pk_time at,
			      struct pk_outer *ret, struct pk_err *err);
void pk_outer_begun_free(struct pk_outer_begun *b);
PK_DEFINE_AUTOPTR(pk_outer_begun)

struct pk_share_source; /* share.h */

/** What the trusted comment of an outer signature says of the bundle. False when it has another form. */
struct pk_sealed_as {
	uint8_t bundle[16], ticket[16];
	uint64_t leaves;
	uint8_t root[32];
};
bool pk_trusted_comment_parse(struct pk_str comment, struct pk_sealed_as *ret);

/** Step two: an opened bundle. fd-based random access; nothing is believed before pk_bundle_verify said so. */
struct pk_bundle;
/** salvage: open also what is cut or lacks its end. */
PK_NODISCARD int pk_bundle_open(const char *path, const struct pk_age_identities *ids, bool salvage,
				struct pk_bundle **ret, struct pk_err *err);
void pk_bundle_free(struct pk_bundle *b);
PK_DEFINE_AUTOPTR(pk_bundle)

/** What the bundle says of itself; valid after open, proven after verify. */
struct pk_bundle_info {
	uint8_t id[16];
	bool is_signed;
	bool is_share; /* part of other bundles: see share.h */
	bool complete; /* has its end and checkpoint */
	/* of a salvaged one, after verify: records proven (`leaves` counts those without a gap), contents lost */
	uint64_t proven, lost_contents;
	uint64_t leaves;
	uint8_t root[32];
	const struct pk_ticket *ticket; /* the inner one, NULL when unsigned */
	const struct pk_terms *terms;
	struct pk_str terms_text; /* meta/terms.txt, meta/ticket.txt and its signature: for pk_ticket_check */
	struct pk_str ticket_text, ticket_sig;
	struct pk_str checkpoint;   /* the signed note's bytes, or empty */
	struct pk_str first_record; /* leaf 0's line */
};
const struct pk_bundle_info *pk_bundle_info(const struct pk_bundle *b);

/** Walks everything once, in order, in a sandboxed child: STREAM, frames, tar against records, hashes of all
 * contents, segments' notes, tree, manifests, checkpoint, inner against outer ticket. Calls `record` (may be NULL)
 * for every record in order after its segment is proven. Any mismatch is PK_EFORMAT or PK_ECRYPTO naming member or
 * leaf. With salvage: what can still be proven is handed out, also behind the damage; info.complete is false, and
 * info.proven and info.lost_contents say how much. */
struct pk_bundle_events {
	void *ctx;
	/* 0 goes on, 1 has seen enough (the call then ends well, with nothing said of what follows), -1 fails */
	int (*record)(void *ctx, const struct pk_record *r, struct pk_err *err);
	char only; /* records of this type; 0: all */
	bool lost_too; /* with salvage: also records of contents that cannot be had, so that none before the first gap misses */
	/* of a share, with pk_bundle_verify, before the records: a proven record of a bundle that it is part of */
	int (*proof)(void *ctx, const struct pk_share_source *of, const struct pk_record *r, struct pk_str proof,
		     struct pk_err *err);
	const struct pk_events *ev; /* warnings, progress; may be NULL */
};
PK_NODISCARD int pk_bundle_verify(struct pk_bundle *b, const struct pk_outer *outer /* may be NULL */,
				  const struct pk_bundle_events *events, struct pk_err *err);
/** What pk_bundle_verify does with `outer` before all else: ticket, bundle and, where it was rewrapped, label and first
 * readers are those inside; for a check that ended only afterwards (pk_outer_end). */
PK_NODISCARD int pk_bundle_match_outer(const struct pk_bundle *b, const struct pk_outer *outer, struct pk_err *err);
/** With the terms known: whether each rewrap was its maker's to make, the question of pk_release_judge at the time of its
 * record. What was in order outside becomes PK_TRUST_UNRELEASED when not; `roster` is that of pk_outer_check. What does
 * not match at all, pk_bundle_match_outer says. */
PK_NODISCARD int pk_bundle_judge_rewraps(const struct pk_bundle *b, struct pk_outer *o,
					 const struct pk_roster *roster /* may be NULL */, struct pk_err *err);

/** Reads the record log only (by the index), checking segments against their notes: for listing. */
PK_NODISCARD int pk_bundle_records(struct pk_bundle *b, const struct pk_bundle_events *events, struct pk_err *err);

/** One content by random access: decrypts and decompresses only its frames and its records' segment, which is proven by
 * its note. No byte reaches the sink before all of them are known to be those of the record's sha256 (contents of
 * more than 16 MiB are read twice for that). `leaf` is the leaf of a 'c' or 'l' record. */
PK_NODISCARD int pk_bundle_cat(struct pk_bundle *b, uint64_t leaf, struct pk_sink sink, struct pk_err *err);
/** The same as the file that it was, with its holes; pk_bundle_cat gives what is stored of it. */
struct pk_cat_sum {
	uint64_t size;           /* of the file, with its holes */
	uint64_t stored, padded; /* bytes of it that are stored; of these, zeros for what could not be read */
	const char *partial;     /* why it is not whole, by its own record; or NULL. Static text */
};
/** The same of the record of a content: what no path tells, as in a share. */
const char *pk_content_partial(const struct pk_json_value *record);
PK_NODISCARD int pk_bundle_cat_file(struct pk_bundle *b, uint64_t leaf, const struct pk_filesink *to,
				    struct pk_cat_sum *ret, struct pk_err *err);
/** Says so when it is not whole. why: of a path whose outcome is partial, else NULL; size: as that path's record has it. */
void pk_cat_warn(const struct pk_events *ev, const char *path, const struct pk_cat_sum *sum, const char *why,
		 uint64_t size);

/** Contents in the order asked for, each frame of them read once: for whoever looks at all of them. Feed every record of
 * pk_bundle_verify to pk_contents_take; only what was proven there is to be read. */
struct pk_contents;
PK_NODISCARD int pk_contents_new(struct pk_bundle *b, struct pk_contents **ret, struct pk_err *err);
void pk_contents_free(struct pk_contents *c);
PK_DEFINE_AUTOPTR(pk_contents)
PK_NODISCARD int pk_contents_take(struct pk_contents *c, const struct pk_record *r, struct pk_err *err);
/** A 'c' or 'l' record. */
struct pk_stored {
	uint64_t leaf;
	uint64_t size;      /* of the file, with its holes */
	uint64_t stored;    /* of it without them */
	uint8_t sha256[32]; /* of the stored bytes */
	const char *name;   /* of what no path names: "live/TABLE-NNNN.jsonl"; else NULL. Borrowed */
};
/** False when the leaf is of no content. */
bool pk_contents_find(const struct pk_contents *c, uint64_t leaf, struct pk_stored *ret);
/** `data` is told where in the file its bytes belong; holes are not told. What was told between `begin` and `end` is
 * known to be what the record says at `end`, not before. -1 ends the reading with err. */
struct pk_contents_events {
	void *ctx;
	int (*begin)(void *ctx, const struct pk_stored *s, struct pk_err *err);
	int (*data)(void *ctx, uint64_t off, struct pk_str bytes, struct pk_err *err);
	int (*end)(void *ctx, const struct pk_stored *s, struct pk_err *err);
};
PK_NODISCARD int pk_contents_read(struct pk_contents *c, const uint64_t *leaves, size_t n,
				  const struct pk_contents_events *to, struct pk_err *err);

/** Verifies everything, then extracts below one new folder: root/PATH and live/TABLE-NNNN.jsonl, real names where the
 * file system can hold them (else data/root/MEMBER), no links followed, modes 0600/0700, sparse files sparse,
 * symbolic links and special files recreated never (listed in the records). A file appears only complete and right. A file
 * INCOMPLETE is there from the beginning until all of it is on the disk. */
struct pk_extract {
	const char *dir;     /* created; must not exist or be empty */
	bool member_names;   /* keep encoded names instead of real ones */
	struct pk_strv only; /* path patterns (fnmatch), empty: all */
	bool leave_marker;   /* who puts more there calls pk_extract_complete */
};
PK_NODISCARD int pk_bundle_extract(struct pk_bundle *b, const struct pk_extract *x, const struct pk_events *ev,
				   uint64_t *ret_files, struct pk_err *err);
PK_NODISCARD int pk_extract_complete(const char *dir, struct pk_err *err);

#endif
