/* SPDX-License-Identifier: Apache-2.0 */
/** Shares: part of the evidence of other bundles, sealed anew, each record with its proof that the collecting team
 * signed it (docs/share-format.md).
 *
 * A share is a bundle: everything of bundle.h opens it. What is in it besides is one source for each bundle that it
 * is part of: that bundle's ticket and checkpoint, and a C2SP tlog-proof for each record; and the handover record, in
 * which the sharer signs what was released to whom. A share of a share keeps the first proofs. */
#ifndef PICKET_SHARE_H
#define PICKET_SHARE_H

#include <picket/bundle.h>
#include <picket/parts.h>
#include <picket/receipt.h>
#include <picket/release.h>

/* --- the handover record -------------------------------------------------------------------------------- */

/** Text of `key: value` lines, signed by the sharer's own minisign key:
 *     picket-handover: 1
 *     share: 32 hex digits              the share's bundle id
 *     by: jpn                           the sharer's name; who the key belongs to is for the roster to say
 *     time: 2026-11-26T10:00:00Z
 *     label: TLP:AMBER REL TO JPN,USA
 *     originator: CPT-7                 optional
 *     caveats: LES                      optional
 *     to: 64 hex digits                 SHA-256 of each reader's recipient, sorted
 *     records: 12
 *     records-sha256: 64 hex digits     over a line "BUNDLE LEAF" for each record, in the order of the share
 *     reason: as agreed                 optional */
#define PK_MAX_HANDOVER_REASON 500 /* bytes */
struct pk_handover {
	uint8_t share[16];
	char *by;
	struct pk_time time;
	struct pk_label label;
	struct pk_strv to;
	uint64_t records;
	uint8_t records_sha256[32];
	char *reason; /* or NULL */
};
void pk_handover_done(struct pk_handover *r);
PK_NODISCARD int pk_handover_parse(struct pk_str text, struct pk_handover *ret, struct pk_err *err);
void pk_buf_put_handover(struct pk_buf *b, const struct pk_handover *r);
/** The signature's text; its trusted comment is "picket-handover share:ID". */
PK_NODISCARD int pk_handover_sign(const struct pk_minisign_key *key, struct pk_str text, const uint8_t share[16],
				  struct pk_buf *ret, struct pk_err *err);

/* --- what an opened share is part of ------------------------------------------------------------------- */

struct pk_handed {
	struct pk_buf text, sig;
	struct pk_handover says;
	struct pk_release_set *release; /* of an earlier one: by which it went beyond the label */
	size_t releases;
};
/** One bundle that the share holds part of. Its proofs hold against its checkpoint, and that against its ticket's
 * key, once the share has been opened; whether the ticket is to be trusted is pk_share_judge's to say. */
struct pk_share_source {
	uint8_t id[16];
	struct pk_buf ticket_text, ticket_sig, checkpoint;
	struct pk_buf label_text;   /* the issuer's word for label and readers; where leaf 0 was kept back, */
	struct pk_buf terms_text;   /* the whole terms instead */
	struct pk_buf first_record; /* leaf 0, or empty */
	/* a receipt of the sealed file that this is of, or empty; and the file's outer signature, which ties the receipt's
	 * hash to the log. Who signed the receipt is pk_share_judge's to say */
	struct pk_buf receipt_text, receipt_sig, outer_sig;
	struct pk_receipt receipt;
	struct pk_ticket ticket;
	struct pk_label label;  /* as the issuer said it, and leaf 0 repeats it */
	struct pk_strv readers; /* pk_recipient_hash of those whom it was collected for, sorted */
	uint64_t size;          /* of the whole log; of an incomplete one, of what its checkpoint covers */
	uint8_t root[32];
	bool incomplete;            /* the bundle was cut or damaged: its checkpoint is a segment's note */
	uint64_t records, contents; /* that are here, leaf 0 not counted */
	struct pk_handed *earlier;  /* on the way here, oldest first */
	size_t earlier_n;
	struct pk_release_set *release; /* by which this share goes beyond the label; signatures are pk_share_judge's */
	size_t releases;
};
/** An object for each release, into an open array: bundle, basis, signer, second, reason, sha256 of the record. */
void pk_json_put_source_releases(struct pk_json *j, const struct pk_share_source *s);
/** NULL and 0 when the bundle is no share. Sorted by id. */
const struct pk_share_source *pk_bundle_sources(const struct pk_bundle *b, size_t *ret_n);
/** The handover record with which this share came; NULL when the bundle is no share. */
const struct pk_handed *pk_bundle_handover(const struct pk_bundle *b);
/** What is proven of it as a part of a collection, on top of what *p says already (zero-initialised but for its id, or from
 * an earlier share of it). */
PK_NODISCARD int pk_part_take_source(struct pk_part *p, const struct pk_share_source *s, struct pk_err *err);
/** What a share's own record repeats: the bundle and leaf of its "src"; false when it is not there. */
bool pk_share_record_src(const struct pk_json_value *record, uint8_t ret_id[16], uint64_t *ret_leaf);

/** What the roster makes of it all, at one moment. */
struct pk_share_opinion {
	enum pk_trust_status status; /* of this source's ticket; replayed: another source is of the same use */
	char *why;                   /* in words, when it is not OK */
	char *issuer, *nation;       /* of the collecting team, where known */
	bool countersigned;          /* its receipt holds: the sealed file was there at that time */
	bool own_receipt;            /* it would hold, but is the sharer's: who could have made it for this share */
	char *receipt_why;           /* there is one, and it does not hold */
	char *part_why; /* what is not proven of it as a part of a collection, seen from this share alone */
	struct pk_strv
		by_way_of; /* who signed its earlier handovers, in their order; in words where the roster does not
				     have the key */
	bool *unproven; /* for each release of its earlier handovers, in their order: the roster does not have a signer */
	size_t earlier_releases, unproven_cap;
};
struct pk_share_judgement {
	enum pk_trust_status status; /* OK, or the first that is wrong: of the share, a source, a label */
	char *why;
	struct pk_share_opinion *source; /* one for each source, in their order */
	size_t n;
	char *sharer, *nation;      /* who signed the handover record, where known */
	struct pk_label label;      /* the strictest of all sources and handovers */
	uint64_t unknown_readers;   /* recipients that no party of the roster has */
	uint64_t unknown_handovers; /* earlier handovers by keys that the roster does not have; */
	uint64_t unknown_releases;  /* and releases of earlier handovers */
};
void pk_share_judgement_done(struct pk_share_judgement *j);
/** As pk_json_put_source_releases, of its earlier handovers, each with "by" in front: whose handover. */
void pk_json_put_earlier_releases(struct pk_json *j, const struct pk_share_source *s, const struct pk_share_opinion *o);
/** A source's ticket is judged at its last valid moment, if that is past: when the evidence first came in is not
 * proven, but that its issuer could issue until then is. Whoever is revoked by now signed nothing, whatever times it
 * says: issuers but for what a third party's receipt proves to be older, the sharer, signers of releases. */
PK_NODISCARD int pk_share_judge(const struct pk_bundle *b, const struct pk_roster *roster, struct pk_time now,
				struct pk_share_judgement *ret, struct pk_err *err);

/* --- making one ---------------------------------------------------------------------------------------- */

/** A record, by the bundle that it was collected in. */
struct pk_share_ref {
	uint8_t bundle[16];
	uint64_t leaf;
};
/** What of an input goes out: whatever any of these names, and with a path its content, with a hit what it is about.
 * Zero-initialise. */
struct pk_share_pick {
	struct pk_strv paths;     /* shell patterns over raw paths; '*' also matches '/' */
	struct pk_strv artifacts; /* names */
	struct pk_strv hits;      /* shell patterns over rules: the hit, and what it is about */
	struct pk_strv tables;    /* shell patterns over names of live tables */
	const uint64_t *leaves;   /* numbers as pk_bundle_records has them, sorted */
	size_t leaves_n;
	const struct pk_share_ref *refs; /* sorted by bundle and leaf */
	size_t refs_n;
	bool no_content, no_path, no_host, no_receipt;
	bool optional; /* nothing of it in this input is no failure */
};
struct pk_share;
/** Order of use: new, add for each input, prepare, write. Inputs are opened bundles and must stay open until the end.
 * What is trusted is asked of `roster` at `now`; both outlive the share. */
PK_NODISCARD int pk_share_new(const struct pk_roster *roster, struct pk_time now, struct pk_share **ret,
			      struct pk_err *err);
void pk_share_free(struct pk_share *s);
PK_DEFINE_AUTOPTR(pk_share)
/** Verifies all of the input, judges who collected it (what import would quarantine is refused), and picks. A receipt that
 * lies beside it, or came with it, goes along. Of an input that was opened with salvage, what comes before the first gap can be
 * shared. outer: of the input's file, or NULL. PK_EUSAGE when the pick matches nothing in it. */
PK_NODISCARD int pk_share_add(struct pk_share *s, struct pk_bundle *input, const struct pk_outer *outer,
			      const struct pk_share_pick *pick, const struct pk_events *ev, struct pk_err *err);
/** Refuses (PK_ECRYPTO) bundles of which one must be a replay, and warns of what receivers cannot tell; then starts the readers
 * of the contents: before any signing key is in memory, for they parse hostile bytes. */
PK_NODISCARD int pk_share_prepare(struct pk_share *s, const struct pk_events *ev, struct pk_err *err);
/** Whether a record goes out; after prepare. */
bool pk_share_has(const struct pk_share *s, const struct pk_share_ref *ref);
bool pk_share_is_empty(const struct pk_share *s);
/** Of damaged inputs (opened with salvage): something that was asked for is lost or cannot be proven to others. */
bool pk_share_left_out(const struct pk_share *s);

struct pk_share_params {
	const struct pk_keys *keys;       /* the sharer's */
	const struct pk_strv *recipients; /* "age1..." */
	const struct pk_label *narrow;    /* further limits, or NULL; without REL TO, the material's stays */
	const char *reason;               /* or NULL */
	/* beyond the label, as rewrap takes it: */
	const char *override_reason;           /* or NULL */
	const struct pk_minisign_key *second;  /* with an override, and only then */
	const struct pk_release_set *releases; /* of originators, checked */
	size_t releases_n;
	const char *mission; /* of the share's own terms; NULL: "share" */
	int64_t valid_s;     /* how long its ticket is valid */
	const char *path;    /* of the new bundle; NULL: named by its ids, here */
	struct pk_str tool;  /* JSON object for leaf 0 */
	bool pad;            /* as in pk_seal_params */
	int level;
	unsigned threads;
	const struct pk_events *ev;
};
#define PK_SHARE_PATH_ROOM 32
struct pk_share_summary {
	uint64_t sources, records, contents, bytes, sealed_bytes;
	uint64_t overridden, released; /* sources that went beyond their label by an override, by their originators */
	uint8_t id[16];
	struct pk_buf path;     /* with room for so many bytes more: its sidecars can be named when memory is out */
	struct pk_buf label;    /* as text */
	struct pk_buf handover; /* the handover record's text */
};
void pk_share_summary_done(struct pk_share_summary *s);
/** As the object that a verb prints: type "share", file, id, bundles, records, contents, label. */
void pk_json_put_share(struct pk_json *j, const struct pk_share_summary *s);
/** Asks pk_release_judge for every source and reader, makes or takes along the releases that it took, issues the ticket, seals. *ret need not be initialised. */
PK_NODISCARD int pk_share_write(struct pk_share *s, const struct pk_share_params *p, struct pk_share_summary *ret,
				struct pk_err *err);
/** What was shared of each bundle, for custody: id, records, releases. After write. */
size_t pk_share_sources(const struct pk_share *s);
const struct pk_share_source *pk_share_source_at(const struct pk_share *s, size_t i);

#endif
