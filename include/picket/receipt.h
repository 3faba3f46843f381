/* SPDX-License-Identifier: Apache-2.0 */
/** Receipts: a clean station attests that it received exactly this sealed file: who, when, where.
 *
 *     picket-receipt: 1
 *     blake2b: 128 hex digits          BLAKE2b-512 of the sealed file, as b2sum prints it
 *     size: 1234567
 *     verdict: ok                      what signature and ticket were found to be (pk_trust_name)
 *     ticket: 32 hex digits            optional: of the ticket beside the file
 *     bundle: 32 hex digits            optional: what the outer signature, when it held, says of the bundle's id
 *     time: 2026-11-23T14:05:00Z
 *     place: TEXT
 *     person: TEXT                     optional
 *     signer: lead                     party of the roster
 * B.age.receipt is this text, B.age.receipt.minisig the party's signature over it. Lines are in this order; anything
 * else is refused. A ticket says "a tool was run under this permission"; a receipt, "this is what we were given". */
#ifndef PICKET_RECEIPT_H
#define PICKET_RECEIPT_H

#include <picket/ticket.h>

/** Zero-initialise. */
struct pk_receipt {
	uint8_t digest[64];
	uint64_t size;
	enum pk_trust_status verdict;
	bool has_ticket, has_bundle;
	uint8_t ticket[16], bundle[16];
	int64_t time;         /* seconds since the epoch */
	char *place, *person; /* one visible line of at most 200 bytes; person may be NULL */
	char *signer;
};
void pk_receipt_done(struct pk_receipt *r);
/** *ret need not be initialised. */
PK_NODISCARD int pk_receipt_parse(struct pk_str text, struct pk_receipt *ret, struct pk_err *err);
void pk_buf_put_receipt(struct pk_buf *b, const struct pk_receipt *r);

struct pk_outer;
/** Makes one for a file that pk_outer_check looked at, and signs it. The signer is who the roster says has the key: else
 * PK_EUSAGE, as when place or person are not one printable line. size: of the file. */
PK_NODISCARD int pk_receipt_make(const struct pk_outer *outer, uint64_t size, const char *place, const char *person,
				 const struct pk_minisign_key *signer, const struct pk_roster *roster,
				 struct pk_time at, struct pk_buf *ret_text, struct pk_buf *ret_sig,
				 struct pk_err *err);
/** What is known of the file that a receipt lies beside. */
struct pk_receipt_of {
	const uint8_t *digest; /* BLAKE2b-512 */
	uint64_t size;         /* 0: not known, as NULL below */
	const uint8_t *ticket, *bundle;
};
/** Whether receipt and signature hold for this file: the signer is the named party of the roster, was valid
 * when it signed, and is not revoked at `at`; what the receipt says of the file is so. PK_ECRYPTO or PK_EFORMAT when not;
 * *ret is then empty. */
PK_NODISCARD int pk_receipt_check(struct pk_str text, struct pk_str sig, const struct pk_receipt_of *file,
				  const struct pk_roster *roster, struct pk_time at, struct pk_receipt *ret,
				  struct pk_err *err);

#endif
