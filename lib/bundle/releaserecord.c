/* SPDX-License-Identifier: Apache-2.0 */
/* Release records: reading, writing, signing and checking. */
#include "lines.h"
#include "signer.h"

#include <picket/bundle.h>
#include <picket/hash.h>
#include <picket/json.h>
#include <picket/limits.h>
#include <picket/release.h>

#include <errno.h>
#include <stdlib.h>

#define MAX_REASON 500
#define MAX_RECIPIENTS 512

void pk_release_done(struct pk_release *r)
{
	pk_strv_done(&r->recipient_hashes);
	free(r->reason);
	free(r->signer);
	free(r->second);
	*r = (struct pk_release){0};
}

void pk_release_set_done(struct pk_release_set *s)
{
	pk_release_done(&s->release);
	pk_buf_done(&s->text);
	pk_buf_done(&s->sig);
	pk_buf_done(&s->second_sig);
	*s = (struct pk_release_set){0};
}

/* --- the text --------------------------------------------------------------------------------------- */

void pk_buf_put_release(struct pk_buf *b, const struct pk_release *r)
{
	pk_buf_puts(b, "picket-release: 1\nterms-sha256: ");
	pk_buf_put_hex(b, r->terms_sha256, sizeof(r->terms_sha256));
	pk_buf_puts(b, "\nticket-sha256: ");
	pk_buf_put_hex(b, r->ticket_sha256, sizeof(r->ticket_sha256));
	pk_buf_puts(b, "\nbundle: ");
	pk_buf_put_hex(b, r->bundle, sizeof(r->bundle));
	pk_buf_putf(b, "\nbasis: %s\n", r->by_originator ? "originator" : "override");
	if (r->for_share) {
		pk_buf_puts(b, "handover-sha256: ");
		pk_buf_put_hex(b, r->handover_sha256, sizeof(r->handover_sha256));
		pk_buf_put_c(b, '\n');
	}
	for (size_t i = 0; i < r->recipient_hashes.n; i++)
		pk_buf_putf(b, "recipient: %s\n", r->recipient_hashes.v[i]);
	pk_buf_putf(b, "reason: %s\n", r->reason);
	pk_buf_put_line_time(b, "time", r->time);
	pk_buf_putf(b, "signer: %s\n", r->signer);
	if (r->second)
		pk_buf_putf(b, "second: %s\n", r->second);
}

/* Records once were of terms and bundle alone, which fit what somebody else seals under another ticket. */
static PK_NODISCARD int take_ticket(struct pk_lines *l, struct pk_release *r, struct pk_err *err)
{
	struct pk_str s = {0};
	bool there = false;

	if (pk_lines_maybe(l, "ticket-sha256", &there, &s, err) < 0)
		return -1;
	if (!there)
		return pk_lines_bad(l, err,
				    "no 'ticket-sha256': it says nothing of the ticket, and must be signed anew");
	if (!pk_hex_decode(s, r->ticket_sha256, sizeof(r->ticket_sha256)))
		return pk_lines_bad(l, err, "the hash of a ticket is 64 hex digits");
	return 0;
}

int pk_release_parse(struct pk_str text, struct pk_release *ret, struct pk_err *err)
{
	PK_AUTO(pk_release) r = {0};
	PK_AUTO(pk_buf) again = {0};
	struct pk_lines l;
	struct pk_str s;

	if (text.n > PK_MAX_TEXT_FILE)
		return pk_fail(err, PK_ELIMIT, 0, "release of %zu bytes (limit %u)", text.n, PK_MAX_TEXT_FILE);
	if (pk_lines_begin(&l, "picket-release", text, err) < 0 ||
	    pk_lines_take_hex(&l, "terms-sha256", r.terms_sha256, sizeof(r.terms_sha256), err) < 0 ||
	    take_ticket(&l, &r, err) < 0 || pk_lines_take_hex(&l, "bundle", r.bundle, sizeof(r.bundle), err) < 0 ||
	    pk_lines_take(&l, "basis", &s, err) < 0)
		return -1;
	r.by_originator = pk_str_eq(s, PK_STR("originator"));
	if (!r.by_originator && !pk_str_eq(s, PK_STR("override")))
		return pk_lines_bad(&l, err, "'override' or 'originator', not '%.*s'", PK_STR_ARG(s));
	if (!r.by_originator && pk_lines_maybe(&l, "handover-sha256", &r.for_share, &s, err) < 0)
		return -1;
	if (r.for_share && !pk_hex_decode(s, r.handover_sha256, sizeof(r.handover_sha256)))
		return pk_lines_bad(&l, err, "the hash of a handover record is 64 hex digits");
	if (pk_lines_take_hashes(&l, "recipient", MAX_RECIPIENTS, &r.recipient_hashes, err) < 0 ||
	    pk_lines_take(&l, "reason", &s, err) < 0)
		return -1;
	if (!pk_lines_text_ok(s, MAX_REASON))
		return pk_lines_bad(&l, err, "more than %d bytes of reason", MAX_REASON);
	if (!(r.reason = pk_str_dup(s)))
		return pk_fail_oom(err);
	if (pk_lines_take_time(&l, "time", &r.time, err) < 0 || pk_lines_take_name(&l, "signer", &r.signer, err) < 0 ||
	    (!r.by_originator && pk_lines_take_name(&l, "second", &r.second, err) < 0) || pk_lines_end(&l, err) < 0)
		return -1;
	if (r.second && strcmp(r.signer, r.second) == 0)
		return pk_lines_bad(&l, err, "signer and second are the same party");
	pk_buf_put_release(&again, &r);
	if (pk_lines_same("picket-release", text, &again, err) < 0)
		return -1;
	*ret = r;
	r = (struct pk_release){0};
	return 0;
}

/* --- signing ---------------------------------------------------------------------------------------- */

static PK_NODISCARD int party_of(const struct pk_minisign_key *key, const struct pk_roster *roster, struct pk_time at,
				 const char *who, const struct pk_party **ret, struct pk_err *err)
{
	*ret = pk_roster_find_signer(roster, &key->pub);
	if (!*ret)
		return pk_fail(err, PK_EUSAGE, 0, "the key of the %s is nobody's in the roster", who);
	if (pk_party_check(*ret, at, err) < 0) {
		if (err)
			err->kind = PK_EUSAGE;
		return -1;
	}
	return 0;
}

static PK_NODISCARD int fill(struct pk_release *r, const struct pk_party *p, const struct pk_party *second,
			     const struct pk_strv *hashes, const char *reason, struct pk_err *err)
{
	for (size_t i = 0; i < hashes->n; i++)
		if (pk_strv_add(&r->recipient_hashes, pk_str(hashes->v[i]), err) < 0)
			return -1;
	pk_strv_uniq(&r->recipient_hashes);
	r->reason = pk_str_dup(pk_str(reason));
	r->signer = pk_str_dup(pk_str(p->name));
	if (second)
		r->second = pk_str_dup(pk_str(second->name));
	return r->reason && r->signer && (!second || r->second) ? 0 : pk_fail_oom(err);
}

/* Two persons answer: who would get it is neither of the two. */
static PK_NODISCARD int check_second(const struct pk_party *second, const struct pk_strv *hashes, struct pk_err *err)
{
	for (size_t i = 0; second && i < second->recipients.n; i++) {
		char hash[65];

		pk_recipient_hash(pk_str(second->recipients.v[i]), hash);
		if (pk_strv_has(hashes, hash))
			return pk_fail(
				err, PK_ECRYPTO, 0,
				"'%s' is the second person of an override that lets '%s' in: it takes somebody else",
				second->name, second->name);
	}
	return 0;
}

int pk_release_make(const struct pk_release_of *of, const struct pk_strv *hashes, const char *reason,
		    const struct pk_minisign_key *signer, const struct pk_minisign_key *second,
		    const struct pk_roster *roster, struct pk_time at, struct pk_release_set *ret, struct pk_err *err)
{
	PK_AUTO(pk_release_set) s = {0};
	const struct pk_party *p = NULL, *q = NULL;

	if (!reason || !pk_lines_text_ok(pk_str(reason), MAX_REASON))
		return pk_fail(err, PK_EUSAGE, 0, "a release needs a reason: one printable line of at most %d bytes",
			       MAX_REASON);
	if (hashes->n == 0 || hashes->n > MAX_RECIPIENTS)
		return pk_fail(err, PK_EUSAGE, 0, "a release to %zu recipients (1 to %d)", hashes->n, MAX_RECIPIENTS);
	if (party_of(signer, roster, at, "signer", &p, err) < 0 ||
	    (second && party_of(second, roster, at, "second person", &q, err) < 0))
		return -1;
	if (p == q)
		return pk_fail(err, PK_EUSAGE, 0, "the second person must be another party than '%s'", p->name);
	if (check_second(q, hashes, err) < 0) {
		if (err)
			err->kind = PK_EUSAGE;
		return -1;
	}
	memcpy(s.release.terms_sha256, of->ticket->terms_sha256, sizeof(s.release.terms_sha256));
	memcpy(s.release.ticket_sha256, of->ticket->sha256, sizeof(s.release.ticket_sha256));
	memcpy(s.release.bundle, of->bundle, sizeof(s.release.bundle));
	s.release.by_originator = !second;
	s.release.for_share = of->handover.n != 0;
	if (s.release.for_share)
		pk_sha256(of->handover.p, of->handover.n, s.release.handover_sha256);
	s.release.time = at.sec;
	if (fill(&s.release, p, q, hashes, reason, err) < 0)
		return -1;
	pk_buf_put_release(&s.text, &s.release);
	if (pk_buf_check(&s.text, err) < 0 ||
	    pk_minisign_sign_bytes(signer, pk_buf_str(&s.text), "picket-release", &s.sig, err) < 0 ||
	    (second && pk_minisign_sign_bytes(second, pk_buf_str(&s.text), "picket-release", &s.second_sig, err) < 0))
		return -1;
	*ret = s;
	s = (struct pk_release_set){0};
	return 0;
}

/* --- checking --------------------------------------------------------------------------------------- */

static PK_NODISCARD int check_signed_by(struct pk_str text, struct pk_str sig, const char *name,
					const struct pk_roster *roster, struct pk_time at, struct pk_err *err)
{
	const struct pk_party *p = NULL;

	if (pk_signer_check("the release", text, sig, roster, at, &p, err) < 0)
		return -1;
	if (strcmp(p->name, name) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "the release names '%s' and is signed by '%s'", name, p->name);
	return 0;
}

int pk_release_check_text(struct pk_str text, struct pk_str sig, struct pk_str second_sig,
			  const struct pk_roster *roster, struct pk_time at, struct pk_release_set *ret,
			  struct pk_err *err)
{
	PK_AUTO(pk_release_set) s = {0};

	if (pk_release_parse(text, &s.release, err) < 0 ||
	    check_signed_by(text, sig, s.release.signer, roster, at, err) < 0 ||
	    (s.release.second &&
	     (check_signed_by(text, second_sig, s.release.second, roster, at, err) < 0 ||
	      check_second(pk_roster_find(roster, s.release.second), &s.release.recipient_hashes, err) < 0)))
		return -1;
	pk_buf_put_str(&s.text, text);
	pk_buf_put_str(&s.sig, sig);
	if (s.release.second)
		pk_buf_put_str(&s.second_sig, second_sig);
	if (pk_buf_check(&s.text, err) < 0 || pk_buf_check(&s.sig, err) < 0 || pk_buf_check(&s.second_sig, err) < 0)
		return -1;
	*ret = s;
	s = (struct pk_release_set){0};
	return 0;
}

static PK_NODISCARD int check_of(const struct pk_release *r, const struct pk_release_of *of, enum pk_errkind kind,
				 struct pk_err *err)
{
	const char *what = r->by_originator ? "release" : "override";
	PK_AUTO(pk_buf) id = {0};

	pk_buf_put_hex(&id, r->bundle, 4);
	if (memcmp(r->bundle, of->bundle, sizeof(r->bundle)) != 0)
		return pk_fail(err, kind, 0, "the %s of '%s' is of other material: bundle %s", what, r->signer,
			       id.p ? id.p : "");
	if (memcmp(r->terms_sha256, of->ticket->terms_sha256, sizeof(r->terms_sha256)) != 0 ||
	    memcmp(r->ticket_sha256, of->ticket->sha256, sizeof(r->ticket_sha256)) != 0)
		return pk_fail(err, kind, 0, "the %s of '%s' is of other material: another ticket's", what, r->signer);
	return 0;
}

int pk_release_is_for(const struct pk_release *r, const struct pk_release_of *of, struct pk_err *err)
{
	uint8_t sum[32];

	if (check_of(r, of, PK_ECRYPTO, err) < 0)
		return -1;
	if (r->by_originator)
		return 0;
	if (!of->handover.n)
		return r->for_share
			       ? pk_fail(err, PK_ECRYPTO, 0,
					 "the override of '%s' is for one share, not for the whole bundle", r->signer)
			       : 0;
	pk_sha256(of->handover.p, of->handover.n, sum);
	if (r->for_share && memcmp(r->handover_sha256, sum, 32) == 0)
		return 0;
	return pk_fail(err, PK_ECRYPTO, 0, "the override of '%s' is for %s, not for this share", r->signer,
		       r->for_share ? "another share" : "the whole bundle");
}

void pk_json_put_release(struct pk_json *j, const struct pk_release_set *s)
{
	const struct pk_release *r = &s->release;

	pk_json_kz(j, "action", r->by_originator ? "release" : "override");
	pk_json_kz(j, "reason", r->reason);
	pk_json_kz(j, "signer", r->signer);
	if (r->second)
		pk_json_kz(j, "second", r->second);
	pk_json_kstr(j, "release", pk_buf_str(&s->text));
	pk_json_kstr(j, "release_signature", pk_buf_str(&s->sig));
	if (r->second)
		pk_json_kstr(j, "release_second", pk_buf_str(&s->second_sig));
}

/* Who issued the ticket seals: no tool that does so under it answers for its label. */
static PK_NODISCARD int check_basis(const struct pk_release *r, const struct pk_bundle_info *info,
				    const struct pk_roster *roster, struct pk_err *err)
{
	const struct pk_party *p = NULL;
	struct pk_releasing q = {.roster = roster};

	if (pk_signer_of("the ticket", info->ticket_text, info->ticket_sig, roster, &p, err) < 0)
		return -1;
	if (!r->by_originator && strcmp(p->name, r->signer) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "the override is of '%s', and '%s' issued the ticket", r->signer,
			       p->name);
	if (!info->terms)
		return pk_fail(err, PK_ECRYPTO, 0, "the terms are lost, which say whose it is to release");
	q.label = &info->terms->label;
	q.issuer = q.actor = p;
	return pk_release_has_basis(&q, r, err);
}

int pk_release_from_record(const struct pk_json_value *record, const struct pk_bundle_info *info,
			   const struct pk_roster *roster, struct pk_time at, bool *ret_there,
			   struct pk_release_set *ret, struct pk_err *err)
{
	const struct pk_roster nobody = {0};
	PK_AUTO(pk_release_set) s = {0};
	struct pk_str text = {0}, sig = {0}, second = {0};

	*ret_there = pk_json_get_str(record, "release", &text);
	if (!*ret_there)
		return 0;
	(void)pk_json_get_str(record, "release_signature", &sig);
	(void)pk_json_get_str(record, "release_second", &second);
	if (pk_release_check_text(text, sig, second, roster ? roster : &nobody, at, &s, err) < 0)
		return -1;
	if (!info->ticket)
		return pk_fail(err, PK_ECRYPTO, 0, "the %s of '%s' is under no ticket",
			       s.release.by_originator ? "release" : "override", s.release.signer);
	if (pk_release_is_for(&s.release, &(struct pk_release_of){.ticket = info->ticket, .bundle = info->id}, err) <
		    0 ||
	    check_basis(&s.release, info, roster ? roster : &nobody, err) < 0)
		return -1;
	*ret = s;
	s = (struct pk_release_set){0};
	return 0;
}

int pk_release_read(const char *path, const struct pk_roster *roster, struct pk_time at, struct pk_release_set *ret,
		    struct pk_err *err)
{
	static const char *const suffix[] = {"", ".minisig", ".second.minisig"};
	struct pk_buf file[PK_LEN(suffix)] = {0};
	int r = 0;

	for (size_t i = 0; i < PK_LEN(suffix) && r == 0; i++) {
		PK_AUTO(pk_buf) name = {0};
		struct pk_err why = {0};

		pk_buf_putf(&name, "%s%s", path, suffix[i]);
		if ((r = pk_buf_check(&name, err)) < 0)
			break;
		r = pk_read_path(name.p, PK_MAX_TEXT_FILE, &file[i], &why);
		if (r < 0 && i == 2 && why.kind == PK_ESYS && why.sys == ENOENT)
			r = 0; /* an originator's has none */
		else if (r < 0 && err)
			*err = why;
	}
	if (r == 0 && pk_release_check_text(pk_buf_str(&file[0]), pk_buf_str(&file[1]), pk_buf_str(&file[2]), roster,
					    at, ret, err) < 0)
		r = pk_wrap(err, "'%s'", path);
	for (size_t i = 0; i < PK_LEN(suffix); i++)
		pk_buf_done(&file[i]);
	return r;
}

int pk_release_covers(const struct pk_release *r, const struct pk_release_of *of, const struct pk_strv *recipients,
		      const struct pk_roster *roster, struct pk_strv *ret_released, struct pk_err *err)
{
	const struct pk_party *p = pk_roster_find(roster, r->signer);

	if (!r->by_originator || !p)
		return pk_fail(err, PK_EUSAGE, 0, "this is no originator's release");
	if (check_of(r, of, PK_EUSAGE, err) < 0)
		return -1;
	for (size_t i = 0; i < recipients->n; i++) {
		char hash[65];

		pk_recipient_hash(pk_str(recipients->v[i]), hash);
		if (!pk_strv_has(&r->recipient_hashes, hash))
			return pk_fail(err, PK_EUSAGE, 0, "the release of '%s' does not name the recipient '%s'",
				       r->signer, recipients->v[i]);
	}
	if (pk_strv_add(ret_released, pk_str(p->name), err) < 0)
		return -1;
	return pk_roster_is_originator(roster, p, pk_str(p->org)) ? pk_strv_add(ret_released, pk_str(p->org), err) : 0;
}
