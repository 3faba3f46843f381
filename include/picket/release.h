/* SPDX-License-Identifier: Apache-2.0 */
/** Release records: who lets material go beyond its label, to whom, and why; signed.
 *
 *     picket-release: 1
 *     terms-sha256: 64 hex digits      which material: its ticket's terms,
 *     ticket-sha256: 64 hex digits     the ticket's own text,
 *     bundle: 32 hex digits            and its bundle's id
 *     basis: override                  or originator
 *     handover-sha256: 64 hex digits   with an override in a share, and only then: of its handover record's text
 *     recipient: 64 hex digits         1 to 512, sorted: SHA-256 of the recipient's text
 *     reason: TEXT
 *     time: 2026-11-23T00:00:00Z
 *     signer: lead                     party of the roster
 *     second: deputy                   with an override, and only then: another party with another key
 * An override is of the party that seals and of a second one, whom it does not let in; both of them sign the same text. A
 * release by an originator is signed by that originator alone. Both are of one bundle under one ticket: a ticket may have
 * many bundles, and whoever knows terms and id can seal another bundle of both under a ticket of their own. An override for a share is for that share alone: its handover record
 * says what of which bundles goes to whom under which label. Lines are in this order; anything else is refused. */
#ifndef PICKET_RELEASE_H
#define PICKET_RELEASE_H

#include <picket/json.h>
#include <picket/ticket.h>

struct pk_bundle_info;

/** Zero-initialise. */
struct pk_release {
	uint8_t terms_sha256[32], ticket_sha256[32], bundle[16];
	bool by_originator;
	bool for_share;
	uint8_t handover_sha256[32];     /* for_share */
	struct pk_strv recipient_hashes; /* sorted */
	char *reason;                    /* one visible line, at most 500 bytes */
	int64_t time;                    /* seconds since the epoch */
	char *signer, *second;           /* second: NULL unless it is an override */
};
void pk_release_done(struct pk_release *r);
/** *ret need not be initialised. */
PK_NODISCARD int pk_release_parse(struct pk_str text, struct pk_release *ret, struct pk_err *err);
void pk_buf_put_release(struct pk_buf *b, const struct pk_release *r);

/** A record with its signatures, ready to be written beside a bundle or into one. Zero-initialise. */
struct pk_release_set {
	struct pk_release release;
	struct pk_buf text, sig, second_sig; /* second_sig: empty for an originator's */
};
void pk_release_set_done(struct pk_release_set *s);
/** What a release is of. */
struct pk_release_of {
	const struct pk_ticket *ticket;
	const uint8_t *bundle;  /* 16 bytes */
	struct pk_str handover; /* the text of a share's handover record; empty: of the whole bundle */
};
/** Makes one. second: NULL for an originator's. The parties are who the roster says has these keys. PK_EUSAGE when one
 * of them is nobody, not valid at that moment, both are the same, or the second one would let itself in. hashes: whom it is
 * for. An originator's is of the bundle, whatever of it is shared: of->handover is empty. */
PK_NODISCARD int pk_release_make(const struct pk_release_of *of, const struct pk_strv *hashes, const char *reason,
				 const struct pk_minisign_key *signer, const struct pk_minisign_key *second,
				 const struct pk_roster *roster, struct pk_time at, struct pk_release_set *ret,
				 struct pk_err *err);
/** Takes a record and its signatures as they came. PK_ECRYPTO when one does not verify, its signer is not the named
 * party of the roster, or was revoked or not valid at `at`, or it lets its second person in. */
PK_NODISCARD int pk_release_check_text(struct pk_str text, struct pk_str sig, struct pk_str second_sig,
				       const struct pk_roster *roster, struct pk_time at, struct pk_release_set *ret,
				       struct pk_err *err);
/** It is of this bundle under this ticket, and an override is for the share with this handover record, or with an empty text
 * for the whole bundle; else PK_ECRYPTO. */
PK_NODISCARD int pk_release_is_for(const struct pk_release *r, const struct pk_release_of *of, struct pk_err *err);
/** What it claims to be is possible for q->actor, who seals or re-seals material of that label: an override where nobody
 * else is an originator; a release of an originator, where somebody else is one. Else PK_ECRYPTO. */
PK_NODISCARD int pk_release_has_basis(const struct pk_releasing *q, const struct pk_release *r, struct pk_err *err);
/** The fields of a bundle's 'u' record: who let it go beyond its label, with the texts that prove it. */
void pk_json_put_release(struct pk_json *j, const struct pk_release_set *s);
/** The release that a record of this bundle carries; *ret_there false: it carries none. PK_ECRYPTO or
 * PK_EFORMAT says why it is not believed: as above, or it is of other material, or for a share, or an
 * override of another than the ticket's issuer, or has no basis; whoever cannot read the terms believes none. */
PK_NODISCARD int pk_release_from_record(const struct pk_json_value *record, const struct pk_bundle_info *info,
					const struct pk_roster *roster /* may be NULL */, struct pk_time at,
					bool *ret_there, struct pk_release_set *ret, struct pk_err *err);
/** FILE, FILE.minisig and, for an override, FILE.second.minisig. */
PK_NODISCARD int pk_release_read(const char *path, const struct pk_roster *roster, struct pk_time at,
				 struct pk_release_set *ret, struct pk_err *err);
/** For struct pk_releasing: adds name and organisation of an originator's release to *ret_released when it is of this
 * material and names all of these recipients; otherwise PK_EUSAGE says what it lacks. */
PK_NODISCARD int pk_release_covers(const struct pk_release *r, const struct pk_release_of *of,
				   const struct pk_strv *recipients, const struct pk_roster *roster,
				   struct pk_strv *ret_released, struct pk_err *err);

#endif
