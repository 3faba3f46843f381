/* SPDX-License-Identifier: Apache-2.0 */
/** Rewrapping: more readers for a sealed bundle, its payload untouched (docs/reseal-format.md).
 *
 * The new file is a new age header, all old readers kept, and the very nonce and payload of the old one. Beside it lie
 * the original header and the collector's signature, with which anybody rebuilds the original byte for byte and
 * checks it with stock minisign; and a record of who let whom in, under which authority, signed:
 *     picket-rewrap: 1
 *     original: 128 hex digits         BLAKE2b-512 of the file that the collector signed
 *     from: 128 hex digits             of the file that was given new readers: the original, or another's rewrap
 *     result: 128 hex digits           of this file
 *     payload-bytes: 1234567           the last bytes of all of them: nonce and payload
 *     bundle: 32 hex digits
 *     ticket: 32 hex digits
 *     label: TLP:AMBER REL TO JPN,USA  what was enforced
 *     added: 64 hex digits jpn JPN     1 to 512, sorted: SHA-256 of the recipient, its party and nation
 *     authority: label                 or override, or originator
 *     release: BASE64                  with the last two: a release record and its signatures, each time together
 *     release-signature: BASE64
 *     release-second: BASE64           of an override
 *     time: 2026-11-23T00:00:00Z
 *     signer: lead                     party of the roster
 *     previous: BASE64                 where `from` is not the original: the record of that rewrap
 *     previous-signature: BASE64
 * Lines are in this order; anything else is refused. Rewrapping revokes nobody. */
#ifndef PICKET_REWRAP_H
#define PICKET_REWRAP_H

#include <picket/release.h>

#define PK_REWRAP_MAX_RELEASES 16
#define PK_REWRAP_MAX_CHAIN 8
#define PK_REWRAP_REVOKED 1 /* err->code of pk_rewrap_check: a signer is revoked by now */

/** How the new readers are within what may be. */
enum pk_authority { PK_AUTHORITY_LABEL, PK_AUTHORITY_OVERRIDE, PK_AUTHORITY_ORIGINATOR };

/** A release record with its signatures, as texts. */
struct pk_rewrap_release {
	struct pk_buf text, sig, second_sig;
};
/** Zero-initialise. */
struct pk_rewrap {
	uint8_t original[64], from[64], result[64];
	uint64_t payload_bytes;
	uint8_t bundle[16], ticket[16];
	struct pk_label label; /* when parsed, without originator and caveats: the text has none */
	struct pk_strv added;  /* "HASH PARTY NATION", sorted */
	enum pk_authority authority;
	struct pk_rewrap_release release[PK_REWRAP_MAX_RELEASES];
	size_t releases;
	int64_t time;
	char *signer;
	struct pk_buf previous, previous_sig; /* empty: from is the original */
};
void pk_rewrap_done(struct pk_rewrap *r);
/** One record; what it carries of earlier ones is not looked into. *ret need not be initialised. */
PK_NODISCARD int pk_rewrap_parse(struct pk_str text, struct pk_rewrap *ret, struct pk_err *err);
void pk_buf_put_rewrap(struct pk_buf *b, const struct pk_rewrap *r);
/** "picket rewrap BUNDLE orig=HEX": the trusted comment of the signature over the file. */
void pk_buf_put_rewrap_comment(struct pk_buf *b, const struct pk_rewrap *r);

/** Called for every record, the newest first. */
struct pk_rewrap_seen {
	void *ctx;
	int (*each)(void *ctx, const struct pk_rewrap *r, struct pk_err *err);
};
/** Whether a record is what its signer signed, of this ticket, and so on through all earlier ones and their releases.
 * Signers, of releases too, are parties of the roster, valid at the record's time, and not revoked at `at`. PK_ECRYPTO or PK_EFORMAT says
 * what fails. A key that the roster knows has its party's name and nation there, all records say one label, and without
 * a release nobody is outside the nations that it names; whether it is the bundle's, only its terms say. *ret_signer points into the roster; seen may be NULL. */
PK_NODISCARD int pk_rewrap_check(struct pk_str text, struct pk_str sig, const struct pk_ticket *ticket,
				 const struct pk_roster *roster, struct pk_time at, const struct pk_rewrap_seen *seen,
				 struct pk_rewrap *ret, const struct pk_party **ret_signer, struct pk_err *err);

/* --- doing it --------------------------------------------------------------------------------------- */

struct pk_age_identities;
struct pk_events;
struct pk_rewrap_params {
	const char *path; /* B.age with all its sidecars */
	const char *out;  /* the new file; its sidecars are written beside it. None may exist */
	const struct pk_age_identities *ids;
	const struct pk_strv *recipients; /* to add: "age1..." */
	const struct pk_minisign_key *signer;
	const struct pk_roster *roster;
	struct pk_time at;
	const char *override_reason; /* with `second`: NULL without */
	const struct pk_minisign_key *second;
	const struct pk_release_set *releases; /* of originators, checked */
	size_t releases_n;
	const struct pk_events *ev;
};
/** Verifies the bundle whole, asks pk_release_judge, and writes. *ret says what was done. A bundle that does not verify is
 * PK_ECRYPTO; what may not be done, PK_EUSAGE. On failure nothing is left behind. */
PK_NODISCARD int pk_bundle_rewrap(const struct pk_rewrap_params *p, struct pk_rewrap *ret, struct pk_err *err);
/** Rebuilds the file that the collector signed, with its sidecars, from a rewrapped one. No secret is needed.
 * PK_ECRYPTO when what comes out is not what the record says. */
PK_NODISCARD int pk_bundle_unwrap(const char *path, const char *out, struct pk_err *err);

#endif
