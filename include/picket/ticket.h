/* SPDX-License-Identifier: Apache-2.0 */
/** Tickets: an issuer's permission to collect once (or many times), with one-time keys that can only sign.
 *
 * The ticket travels in clear beside the bundle and names nobody:
 *     picket-ticket: 1
 *     id: 32 hex digits                 of issuer and key: nobody else can make it theirs
 *     sign: RW...                       minisign key that signs the bundle
 *     note: ticket-ID+HHHHHHHH+BASE64   key that signs notes and checkpoint
 *     not-before: 2026-11-23T00:00:00Z
 *     not-after: 2026-12-23T00:00:00Z
 *     uses: one                         or many
 *     terms-sha256: 64 hex digits
 *     label-sha256: 64 hex digits
 * and is signed by the issuer's minisign key. The terms are sealed inside the bundle:
 *     picket-terms: 1
 *     mission: HARBOR
 *     label: TLP:AMBER REL TO JPN,USA
 *     originator: CPT-7                 optional
 *     caveats: ORCON                    optional, comma-separated
 *     recipient: 64 hex digits          one or more, sorted: SHA-256 of the recipient's text
 *     profile: triage
 *     nonce: 32 hex digits
 * What of the terms a share repeats, so that the label is the issuer's word where the mission is not to be told:
 *     picket-label: 1
 *     label: TLP:AMBER REL TO JPN,USA
 *     originator: CPT-7                 optional
 *     caveats: ORCON                    optional
 *     recipient: 64 hex digits          one or more, sorted
 *     nonce: 32 hex digits              of the terms' nonce: it does not give that away
 * Lines are in this order; anything else is refused. */
#ifndef PICKET_TICKET_H
#define PICKET_TICKET_H

#include <picket/roster.h>

/* --- terms ---------------------------------------------------------------------------------------- */

/** Zero-initialise. */
struct pk_terms {
	char *mission; /* one line of printable UTF-8, at most 200 bytes */
	struct pk_label label;
	struct pk_strv recipient_hashes; /* 64 hex digits each, sorted */
	char *profile;                   /* as a party name */
	uint8_t nonce[16];               /* random: the ticket's hash does not give the terms away */
};
void pk_terms_done(struct pk_terms *t);
/** *ret need not be initialised. */
PK_NODISCARD int pk_terms_parse(struct pk_str text, struct pk_terms *ret, struct pk_err *err);
/** The text of meta/terms.txt. */
void pk_buf_put_terms(struct pk_buf *b, const struct pk_terms *t);
/** Fills everything: copies, hashes the recipients ("age1...", all post-quantum or none), draws the nonce. *ret need
 * not be initialised.
 * The release check is the caller's (pk_release_check). */
PK_NODISCARD int pk_terms_make(const char *mission, const struct pk_label *label, const struct pk_strv *recipients,
			       const char *profile, struct pk_terms *ret, struct pk_err *err);
/** SHA-256 of a recipient's text as 64 hex digits. */
void pk_recipient_hash(struct pk_str recipient, char ret_hex[65]);

/** The label and the readers of terms, and a nonce derived from theirs. Zero-initialise. */
struct pk_issued_label {
	struct pk_label label;
	struct pk_strv recipient_hashes;
	uint8_t nonce[16];
};
void pk_issued_label_done(struct pk_issued_label *l);
/** *ret need not be initialised. */
PK_NODISCARD int pk_issued_label_parse(struct pk_str text, struct pk_issued_label *ret, struct pk_err *err);
void pk_buf_put_issued_label(struct pk_buf *b, const struct pk_issued_label *l);
/** The one text that is of these terms. */
void pk_buf_put_label_of_terms(struct pk_buf *b, const struct pk_terms *t);

/* --- the ticket ----------------------------------------------------------------------------------- */

struct pk_ticket {
	uint8_t id[16];
	struct pk_minisign_pub sign;
	struct pk_note_pub note;
	struct pk_time not_before, not_after; /* whole seconds; both ends belong to it */
	bool uses_one;
	uint8_t terms_sha256[32], label_sha256[32];
	uint8_t sha256
		[32]; /* of its text: what is signed elsewhere names it by this; filled where it is parsed or issued */
};
PK_NODISCARD int pk_ticket_parse(struct pk_str text, struct pk_ticket *ret, struct pk_err *err);
void pk_buf_put_ticket(struct pk_buf *b, const struct pk_ticket *t);
/** The id that a ticket with this one-time key has, if that issuer made it: the first half of SHA-256 over
 * "picket-ticket issuer", LF and both Ed25519 keys. Who signs another's ticket anew cannot be taken for its issuer. */
void pk_ticket_id(const struct pk_minisign_pub *issuer, const struct pk_minisign_pub *sign, uint8_t ret[16]);

/** Everything a collector needs. The texts are kept as they were signed. Zero-initialise. */
struct pk_ticket_kit {
	struct pk_ticket ticket;
	struct pk_terms terms;
	struct pk_buf ticket_text, ticket_sig, terms_text;
	struct pk_minisign_key sign; /* one-time: signs the bundle */
	struct pk_note_key note;     /* one-time: signs notes and checkpoint */
};
void pk_ticket_kit_done(struct pk_ticket_kit *k);
/** What --valid takes: a duration ("12h", "30d", "1y"), of a second to a hundred years. */
PK_NODISCARD int pk_validity_parse(const char *text, int64_t *ret_seconds, struct pk_err *err);
/** Draws id and one-time keys and signs as `issuer`. *ret need not be initialised. PK_EUSAGE: the validity ends before
 * it begins, or after the year 9999. */
PK_NODISCARD int pk_ticket_issue(const struct pk_minisign_key *issuer, const struct pk_terms *terms,
				 struct pk_time not_before, struct pk_time not_after, bool uses_one,
				 struct pk_ticket_kit *ret, struct pk_err *err);
/** STEM.ticket, STEM.ticket.minisig, STEM.terms, STEM.signkey, STEM.notekey: 0600, none of them may exist. On failure
 * none of them is left. */
PK_NODISCARD int pk_ticket_kit_write(const struct pk_ticket_kit *k, const char *stem, struct pk_err *err);
/** Reads them; STEM may also be given as "STEM.ticket". *ret_loose: others can read the secret files. */
PK_NODISCARD int pk_ticket_kit_read(const char *stem, struct pk_ticket_kit *ret, bool *ret_loose, struct pk_err *err);
struct pk_events;
/** Warns when this moment is outside the ticket's validity: what is sealed under it now, import will judge. */
void pk_ticket_warn_validity(const struct pk_ticket *t, const struct pk_events *ev);
/** STEM.terms alone, before any secret: what is allowed. Whether they are the ticket's, pk_ticket_kit_read says. *ret need
 * not be initialised. */
PK_NODISCARD int pk_ticket_kit_read_terms(const char *stem, struct pk_terms *ret, struct pk_err *err);
/** The same from memory (a kit's members). All five must belong together; the issuer's signature is not judged
 * here, the host has no roster. */
PK_NODISCARD int pk_ticket_kit_parse(struct pk_str ticket, struct pk_str ticket_sig, struct pk_str terms,
				     struct pk_str signkey, struct pk_str notekey, struct pk_ticket_kit *ret,
				     struct pk_err *err);

/* --- trust ---------------------------------------------------------------------------------------- */

/** What import says about a bundle. All but OK are quarantined, each with its own message. */
enum pk_trust_status {
	PK_TRUST_OK,
	PK_TRUST_UNSIGNED,       /* no signature or no ticket */
	PK_TRUST_ALTERED,        /* a signature does not verify, or inside and outside differ */
	PK_TRUST_UNKNOWN_ISSUER, /* signer not in the roster, or may not issue */
	PK_TRUST_REVOKED,        /* the issuer, or this ticket id */
	PK_TRUST_EXPIRED,        /* outside the ticket's or the issuer's validity at first intake */
	PK_TRUST_REPLAYED,       /* decided by the case, or in a share: a one-use ticket's second bundle */
	PK_TRUST_EQUIVOCATION,   /* decided by the case: one bundle id, two inconsistent roots */
	PK_TRUST_UNRELEASED,     /* of a share or a rewrap: the label does not permit it */
	PK_TRUST_WAITING,        /* decided by the case: a part whose neighbours in its collection are not there yet */
};
/** "ok", "unsigned", "altered", "unknown issuer", "revoked", "expired", "replayed", "equivocation",
 * "not releasable", "waiting". */
const char *pk_trust_name(enum pk_trust_status s);
/** One sentence for people: what it means and what to do. */
const char *pk_trust_text(enum pk_trust_status s);

/** Judges a ticket at the moment of first intake against the pinned roster. 0: a verdict, in *ret_status; when it
 * is not OK, err holds the reason in words (PK_ECRYPTO). -1: no verdict (out of memory). *ret_issuer is the party
 * whose key signed, where that is known, else NULL; it points into the roster. Empty ticket or sig text:
 * PK_TRUST_UNSIGNED. Replay and equivocation are not judged here. */
PK_NODISCARD int pk_ticket_check(struct pk_str ticket, struct pk_str sig, const struct pk_roster *roster,
				 struct pk_time at, enum pk_trust_status *ret_status,
				 const struct pk_party **ret_issuer, struct pk_err *err);
/** Do these terms (meta/terms.txt), or what of them a share repeats, belong to the ticket? PK_ECRYPTO: "altered". */
PK_NODISCARD int pk_ticket_check_terms(const struct pk_ticket *t, struct pk_str terms, struct pk_err *err);
PK_NODISCARD int pk_ticket_check_label(const struct pk_ticket *t, struct pk_str issued_label, struct pk_err *err);

#endif
