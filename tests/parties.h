/* SPDX-License-Identifier: Apache-2.0 */
/** Made parties for tests: fresh keys each time. */
#ifndef PICKET_TESTS_PARTIES_H
#define PICKET_TESTS_PARTIES_H

#include <picket/age.h>
#include <picket/hash.h>
#include <picket/ticket.h>

struct actor {
	struct pk_party party;
	struct pk_minisign_key sign;
	struct pk_note_key note, cosign;
};

static inline void actor_done(struct actor *a)
{
	pk_party_done(&a->party);
	pk_minisign_key_done(&a->sign);
	pk_note_key_done(&a->note);
	pk_note_key_done(&a->cosign);
}
#define ACTOR __attribute__((cleanup(actor_done))) struct actor

static inline struct actor actor_new(const char *name, const char *nation, bool issuer)
{
	struct actor a = {.party = {.issuer = issuer, .has_sign = true, .has_note = true, .has_cosign = true}};
	PK_AUTO(pk_secret) identity = {0};
	PK_AUTO(pk_buf) recipient = {0};
	uint8_t pub[32];

	OK(pk_age_identity_generate(&identity, pub, &err));
	pk_buf_put_age_recipient(&recipient, pub);
	OK(pk_strv_add(&a.party.recipients, pk_buf_str(&recipient), &err));
	OK(pk_minisign_generate(&a.sign, &err));
	OK(pk_note_generate(&a.note, name, PK_NOTE_SIGN, &err));
	OK(pk_note_generate(&a.cosign, name, PK_NOTE_COSIGN, &err));
	a.party.name = pk_str_dup(pk_str(name));
	a.party.org = pk_str_dup(PK_STR("Test Unit"));
	a.party.nation = pk_str_dup(pk_str(nation));
	a.party.sign = a.sign.pub;
	a.party.note = a.note.pub;
	a.party.cosign = a.cosign.pub;
	return a;
}

/** A key, as one of notes or of cosignatures. */
static inline struct pk_note_pub note_of(const uint8_t key[32], const char *name, enum pk_note_alg alg)
{
	struct pk_note_pub n = {.alg = alg};
	uint8_t sum[PK_SHA256_SIZE];
	PK_AUTO(pk_buf) b = {0};

	(void)snprintf(n.name, sizeof(n.name), "%s", name);
	memcpy(n.key, key, 32);
	pk_buf_putf(&b, "%s\n", name);
	pk_buf_put_c(&b, (char)alg);
	pk_buf_put(&b, key, 32);
	pk_sha256(b.p, b.n, sum);
	memcpy(n.hash, sum, sizeof(n.hash));
	return n;
}

#endif
