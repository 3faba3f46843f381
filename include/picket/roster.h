/* SPDX-License-Identifier: Apache-2.0 */
/** Who is who: parties, the signed roster that lists them, and the key files of a station.
 *
 * A party file is text that allies exchange, one `key: value` a line in fixed order:
 *     picket-party: 1
 *     name: lead
 *     org: CPT-7
 *     nation: USA
 *     recipient: age1...                 1 to 16
 *     sign: RW...                        minisign public key (optional)
 *     note: lead+HHHHHHHH+BASE64         signed-note verifier key (optional)
 *     cosign: lead+HHHHHHHH+BASE64       verifier key of cosignatures (optional)
 *     issuer: yes                        yes or no: may issue tickets
 *     valid-from: 2026-01-01T00:00:00Z   optional
 *     valid-to: 2027-01-01T00:00:00Z     optional
 *     revoked: 2026-06-01T00:00:00Z      optional
 * A roster is "picket-roster: 1", "version: N", "time: T", any number of "revoked-ticket: ID", and then each party
 * (from its name on) after an empty line. Its first party is the lead: the lead's minisign key signs the file
 * (ROSTER.minisig), and a station pins that key with the highest version it has seen (ROSTER.pin): an older
 * version, another text of the same version or another key is refused.
 * Unknown keys, repeated keys and any other order are refused. */
#ifndef PICKET_ROSTER_H
#define PICKET_ROSTER_H

#include <picket/label.h>
#include <picket/minisign.h>
#include <picket/note.h>
#include <picket/time.h>

/* --- parties -------------------------------------------------------------------------------------- */

/** Zero-initialise. All strings are owned. */
struct pk_party {
	char *name;                /* [A-Za-z0-9][A-Za-z0-9._-]*, at most 64 bytes */
	char *org;                 /* one line of printable UTF-8, at most 200 bytes */
	char *nation;              /* ISO 3166-1 alpha-3 */
	struct pk_strv recipients; /* "age1...", 1 to 16 */
	struct pk_minisign_pub sign;
	bool has_sign;
	struct pk_note_pub note;
	bool has_note;
	struct pk_note_pub cosign;
	bool has_cosign;
	bool issuer;                  /* may issue tickets */
	int64_t valid_from, valid_to; /* seconds since the epoch; 0: open */
	int64_t revoked;              /* since when; 0: not */
};
void pk_party_done(struct pk_party *p);
PK_NODISCARD int pk_party_copy(const struct pk_party *p, struct pk_party *ret, struct pk_err *err);
/** True for a well-formed party name. */
bool pk_party_name_ok(struct pk_str s);
/** A whole party file. *ret need not be initialised. PK_EFORMAT with the line's number. */
PK_NODISCARD int pk_party_parse(struct pk_str text, struct pk_party *ret, struct pk_err *err);
PK_NODISCARD int pk_party_read(const char *path, struct pk_party *ret, struct pk_err *err);
/** The canonical party file. */
void pk_buf_put_party(struct pk_buf *b, const struct pk_party *p);
/** For people to compare over the telephone: the first 20 bytes of SHA-256 over the canonical lines from `name`
 * to `cosign`, as ten groups of four hex digits. Issuing right, validity and revocation do not change it. */
void pk_buf_put_fingerprint(struct pk_buf *b, const struct pk_party *p);
/** Whether the party is neither revoked nor outside its validity at that moment; `err` says which. */
PK_NODISCARD int pk_party_check(const struct pk_party *p, struct pk_time at, struct pk_err *err);

/* --- the roster ----------------------------------------------------------------------------------- */

/** Zero-initialise. party[0] is the lead. Pointers into party[] are good until the next add. */
struct pk_roster {
	uint64_t version;
	struct pk_time time; /* when this version was signed */
	struct pk_party *party;
	size_t n, cap;
	struct pk_strv revoked_tickets; /* ids, 32 hex digits */
	struct pk_buf text, sig;        /* the files as loaded or saved: what a case keeps as its snapshot */
};
void pk_roster_done(struct pk_roster *r);
/** Text only, no signature asked: for snapshots that something else vouches for, and for `roster diff`. */
PK_NODISCARD int pk_roster_parse(struct pk_str text, struct pk_roster *ret, struct pk_err *err);
void pk_buf_put_roster(struct pk_buf *b, const struct pk_roster *r);
/** Text with its signature file, checked against a known lead's key. */
PK_NODISCARD int pk_roster_verify(struct pk_str text, struct pk_str sig, const struct pk_minisign_pub *lead,
				  struct pk_roster *ret, struct pk_err *err);
/** ROSTER, ROSTER.minisig and ROSTER.pin: signature against the pin, version not below the pin's. A higher version
 * moves the pin (when the folder can be written). No such file: PK_ESYS with err->sys ENOENT. */
PK_NODISCARD int pk_roster_load(const char *path, struct pk_roster *ret, struct pk_err *err);
/** The same where there may be no such file: *ret_there says. */
PK_NODISCARD int pk_roster_load_any(const char *path, struct pk_roster *ret, bool *ret_there, struct pk_err *err);
/** Pins the roster at path to its first party's key, which must have signed it: the one act of trust, after a
 * person compared the fingerprint of `compared`, its text: the files must still have it. brought: a roster that becomes the one at path first; NULL: it is there already.
 * With another key pinned there already: refused, or with replace forgotten, and its roster with it. */
PK_NODISCARD int pk_roster_pin(const char *path, const char *brought, struct pk_str compared, bool replace,
			       struct pk_err *err);
/** Replaces the pinned roster at `path` by the one at `newer` (and its .minisig): signed by the pinned lead, a version
 * that is not lower, and of the same version only the same text. A process killed at any point leaves one or the other.
 * PK_ECRYPTO says why not. */
PK_NODISCARD int pk_roster_update(const char *path, const char *newer, struct pk_roster *ret, struct pk_err *err);
/** Next version, signed by the lead's key (another signer is PK_EUSAGE; PK_ELIMIT: there is no next), written with signature and pin; makes the
 * folder (0700) when it is missing. */
PK_NODISCARD int pk_roster_save(struct pk_roster *r, const char *path, const struct pk_minisign_key *signer,
				struct pk_err *err);
/** NULL when there is none. */
const struct pk_party *pk_roster_find(const struct pk_roster *r, const char *name);
const struct pk_party *pk_roster_find_signer(const struct pk_roster *r, const struct pk_minisign_pub *pub);
const struct pk_party *pk_roster_find_recipient(const struct pk_roster *r, const char *recipient);
/** The same by the SHA-256 of the recipient's text, in hex. */
const struct pk_party *pk_roster_find_hash(const struct pk_roster *r, const char *hash);
/** Recipients of the roster whose hashes are among these; how many of the hashes are nobody's. */
PK_NODISCARD int pk_roster_find_readers(const struct pk_roster *r, const struct pk_strv *hashes, struct pk_strv *ret,
					uint64_t *ret_unknown, struct pk_err *err);
/** Whether an originator of a label is this party: by its name or, where no party has that for a name, by its
 * organisation's. */
bool pk_roster_is_originator(const struct pk_roster *r, const struct pk_party *p, struct pk_str originator);
struct pk_events;
/** Warns of each originator of a label whom nobody in the roster is: no nation of its own is known that would keep the
 * material from others, and nobody can sign its release. */
void pk_roster_warn_originators(const struct pk_roster *r, const struct pk_label *l, const struct pk_events *ev);
/** Adds a copy. PK_EUSAGE when its name or one of its keys is there already, for whatever use, when nothing can be sealed to
 * one of its recipients, or when its organisation has the name of a
 * party of another one, or the other way round. */
PK_NODISCARD int pk_roster_add(struct pk_roster *r, const struct pk_party *p, struct pk_err *err);
/** Before a party is replaced by *p, somebody's word for it: what revoked the one of its name stays with any of the keys
 * that were revoked, and only with new ones alone does it come back. True: p->revoked was set so. */
bool pk_roster_keep_revoked(const struct pk_roster *r, struct pk_party *p);
/** Replaces the party of this name. The lead's signing key cannot change. */
PK_NODISCARD int pk_roster_change(struct pk_roster *r, const struct pk_party *p, struct pk_err *err);
/** Bundles under this ticket id are "revoked" from now on. */
PK_NODISCARD int pk_roster_revoke_ticket(struct pk_roster *r, const uint8_t id[16], struct pk_err *err);

/** What `--to` takes: a roster name (all its recipients), else "age1...", else a file of recipients, one a line.
 * Adds recipient texts to *ret. roster may be NULL. */
PK_NODISCARD int pk_roster_resolve(const struct pk_roster *r, const char *to, struct pk_strv *ret, struct pk_err *err);

/** May material be sealed to these recipients ("age1...")? The one place where this is decided; who asks fills in what
 * is known. */
struct pk_releasing {
	const struct pk_label *label;  /* of the material; of several pieces: pk_label_combine */
	const struct pk_party *issuer; /* of the ticket under which it was first sealed */
	const struct pk_party *actor;  /* who seals it now; NULL: the issuer */
	const struct pk_roster *roster;
	const struct pk_strv *known; /* pk_recipient_hash of those whom the terms name already; may be NULL */
	struct pk_time at;
	bool overridden;                /* a second person answers with the actor for what the label does not allow */
	const struct pk_strv *released; /* names or organisations of originators whose signed release covers all these
	                                   recipients (pk_release_covers); may be NULL */
};
/** Every recipient must belong to a party of the roster that is valid at that moment; nothing changes that.
 * Within the label are: with REL TO, the nations it names; without it, or unlabelled, the nation of the issuer and of
 * those originators whom the roster knows. Material of which another party than the actor is an originator goes to
 * nobody new when it is ORCON or TLP:RED, and when it is TLP:AMBER+STRICT only to the actor's own organisation.
 * Beyond that it goes with the signed release of all other originators, or, when the actor is the only originator, with
 * an override. *ret_beyond (may be NULL) gets the hashes of recipients for whom it took one of the two.
 * PK_EUSAGE names the recipient and why not. */
PK_NODISCARD int pk_release_judge(const struct pk_releasing *q, const struct pk_strv *recipients,
				  struct pk_strv *ret_beyond, struct pk_err *err);
/** The first originator other than the actor whose release is not there; empty: nobody's is missing. Without that nobody
 * goes beyond the label, whoever it is. */
struct pk_str pk_release_missing(const struct pk_releasing *q);
/** The plain question of a first sealing: nothing known, nothing overridden. */
PK_NODISCARD int pk_release_check(const struct pk_label *label, const struct pk_party *issuer,
				  const struct pk_roster *roster, const struct pk_strv *recipients, struct pk_time at,
				  struct pk_err *err);

/* --- a station's own files ------------------------------------------------------------------------ */

/** Where they are by default: appends "$XDG_CONFIG_HOME/picket/WHAT" or "$HOME/.config/picket/WHAT"; WHAT is "roster"
 * or "keys". PK_EUSAGE when the environment has neither: the station has no such files then. */
PK_NODISCARD int pk_station_path(const char *what, struct pk_buf *ret, struct pk_err *err);
/** The roster at `given` (--roster), which must be there, or with NULL the station's own. The station may have none:
 * *ret_there says. *ret_path (may be NULL) gets where it is or would be, nothing where it has no place. */
PK_NODISCARD int pk_station_roster(const char *given, struct pk_roster *ret, bool *ret_there, struct pk_buf *ret_path,
				   struct pk_err *err);

/** The signing halves of a party. Zero-initialise. */
struct pk_keys {
	char *stem; /* path without ".signkey" */
	struct pk_minisign_key sign;
	struct pk_note_key note, cosign;
	bool has_note, has_cosign;
	struct pk_party party; /* from STEM.party; who the key belongs to is for the roster to say */
	bool has_party;
	bool loose; /* others can read a secret file */
};
void pk_keys_done(struct pk_keys *k);
/** `signer` (--signer) is a name (NAME.signkey in "." or in the station's keys, if it has them) or a path to NAME.signkey.
 * Reads NAME.notekey, NAME.cosignkey and NAME.party beside it when they are there, and refuses siblings that do not fit
 * together. Warns through ev when others can read a secret one. passphrase_fd as in pk_secret_ask. */
PK_NODISCARD int pk_station_keys(const char *signer, int passphrase_fd, const struct pk_events *ev, struct pk_keys *ret,
				 struct pk_err *err);

#endif
