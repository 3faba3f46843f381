/* SPDX-License-Identifier: Apache-2.0 */
/* What can be said of a rewrapped bundle without any secret: who let whom in, and that it is the original still. */
#include "outer_int.h"
#include "signer.h"

/* The re-sealer's signature over the file as it is. */
static int check_file(struct pk_outer *o, struct pk_str sigtext, const struct pk_party *signer, struct pk_err *err)
{
	PK_AUTO(pk_buf) comment = {0};
	struct pk_minisign_sig sig = {0};
	struct pk_err why = {0};

	if (pk_minisign_sig_parse(sigtext, &sig, &why) < 0 ||
	    pk_minisign_verify(&signer->sign, o->digest, &sig, &why) < 0)
		return pk_outer_say(o, PK_TRUST_ALTERED, err, "the signature of '%s' does not fit: %s", signer->name,
				    why.msg);
	pk_buf_put_rewrap_comment(&comment, &o->rewrap);
	if (pk_buf_check(&comment, err) < 0)
		return -1;
	if (!pk_str_eq(sig.trusted, pk_buf_str(&comment)))
		return pk_outer_say(o, PK_TRUST_ALTERED, err, "the signature of '%s' is of another rewrap",
				    signer->name);
	return 0;
}

static PK_NODISCARD int put_authority(struct pk_buf *b, const struct pk_rewrap *r, struct pk_err *err)
{
	if (r->authority == PK_AUTHORITY_LABEL)
		pk_buf_puts(b, ": within its label");
	for (size_t i = 0; i < r->releases; i++) {
		PK_AUTO(pk_release) x = {0};

		if (pk_release_parse(pk_buf_str(&r->release[i].text), &x, err) < 0)
			return -1;
		if (x.second)
			pk_buf_putf(b, ": OVERRIDE by '%s' and '%s': ", x.signer, x.second);
		else
			pk_buf_putf(b, ": released by '%s': ", x.signer);
		pk_buf_put_safe(b, pk_str(x.reason));
	}
	return 0;
}

static PK_NODISCARD int hashes_of(const struct pk_rewrap *r, struct pk_strv *ret, struct pk_err *err)
{
	for (size_t i = 0; i < r->added.n; i++)
		if (pk_strv_add(ret, pk_str_n(r->added.v[i], 64), err) < 0)
			return -1;
	return 0;
}

struct telling {
	struct pk_outer *outer;
	const struct pk_roster *roster;
	struct pk_strv *home;
};

/* Keys are counted against the header, so that none may be named twice; who is at home is asked of the issuer. */
static PK_NODISCARD int take_added(const struct telling *t, const struct pk_rewrap *r, struct pk_err *err)
{
	for (size_t i = 0; i < r->added.n; i++) {
		const char *line = r->added.v[i];
		pk_autofree char *hash = pk_str_dup(pk_str_n(line, 64));

		if (!hash)
			return pk_fail_oom(err);
		if (pk_strv_has(&t->outer->let_in, hash))
			return pk_fail(err, PK_ECRYPTO, 0, "its records let in the reader %.16s... twice", hash);
		if (pk_strv_add(&t->outer->let_in, pk_str(hash), err) < 0)
			return -1;
		if (r->authority == PK_AUTHORITY_LABEL && !r->label.rel_to.n &&
		    pk_strv_add(t->home, pk_str(strrchr(line, ' ') + 1), err) < 0)
			return -1;
	}
	return 0;
}

/* One record in words. */
static int tell(void *ctx, const struct pk_rewrap *r, struct pk_err *err)
{
	const struct telling *t = ctx;
	PK_AUTO(pk_buf) b = {0};
	PK_AUTO(pk_strv) hashes = {0}, readers = {0};
	uint64_t unknown = 0;

	if (hashes_of(r, &hashes, err) < 0 || pk_roster_find_readers(t->roster, &hashes, &readers, &unknown, err) < 0)
		return -1;
	pk_buf_put_rfc3339(&b, (struct pk_time){.sec = r->time}, 0);
	pk_buf_putf(&b, " '%s' let in ", r->signer);
	for (size_t i = 0; i < r->added.n; i++) {
		struct pk_str rest = pk_str(r->added.v[i] + 65), party = {0};

		(void)pk_str_split(&rest, ' ', &party);
		pk_buf_putf(&b, "%s%.*s (%.*s)", i ? ", " : "", PK_STR_ARG(party), PK_STR_ARG(rest));
	}
	if (unknown)
		pk_buf_putf(&b, ", %llu of %zu keys unknown to the roster", (unsigned long long)unknown, r->added.n);
	if (put_authority(&b, r, err) < 0 || pk_buf_check(&b, err) < 0 || take_added(t, r, err) < 0)
		return -1;
	return pk_strv_add(&t->outer->rewraps, pk_buf_str(&b), err);
}

/* The header has all stanzas of the original's and one more for each reader let in. */
static int check_header(struct pk_outer *o, const struct pk_rewrapped *w, struct pk_err *err)
{
	struct pk_err why = {0};
	size_t more = 0;

	if (pk_age_header_extends(w->header, w->orig_header, &more, &why) < 0)
		return pk_outer_say(o, PK_TRUST_ALTERED, err, "its header is not the original's with more readers: %s",
				    why.msg);
	if (more != o->let_in.n)
		return pk_outer_say(o, PK_TRUST_ALTERED, err,
				    "its header has %zu more readers than the original, and its records let in %zu",
				    more, o->let_in.n);
	return 0;
}

int pk_outer_match_terms(const struct pk_outer *o, const struct pk_terms *t, struct pk_err *err)
{
	PK_AUTO(pk_buf) said = {0}, is = {0};

	if (!o->let_in.n)
		return 0;
	pk_buf_put_label(&said, &o->rewrap.label);
	pk_buf_put_label(&is, &t->label);
	if (pk_buf_check(&said, err) < 0 || pk_buf_check(&is, err) < 0)
		return -1;
	if (!pk_str_eq(pk_buf_str(&said), pk_buf_str(&is)))
		return pk_fail(err, PK_ECRYPTO, 0, "it was rewrapped as %s, and its terms say %s", said.p, is.p);
	for (size_t i = 0; i < o->let_in.n; i++)
		if (pk_strv_has(&t->recipient_hashes, o->let_in.v[i]))
			return pk_fail(err, PK_ECRYPTO, 0,
				       "it was rewrapped for the reader %.16s..., whom its terms name", o->let_in.v[i]);
	return 0;
}

/* --- whose word it was --------------------------------------------------------------------------------- */

/* What its releases change of the label's answer: an override must name all for whom it is needed. */
static PK_NODISCARD int ask(const struct pk_outer *o, const struct pk_rewrap *r, struct pk_releasing q,
			    const struct pk_strv *readers, struct pk_err *err)
{
	const struct pk_release_of of = {.ticket = &o->ticket, .bundle = r->bundle};
	PK_AUTO(pk_strv) released = {0}, beyond = {0}, named = {0};
	struct pk_str missing;

	for (size_t i = 0; i < r->releases; i++) {
		PK_AUTO(pk_release) x = {0};

		if (pk_release_parse(pk_buf_str(&r->release[i].text), &x, err) < 0 ||
		    (x.by_originator && pk_release_covers(&x, &of, readers, q.roster, &released, err) < 0))
			return -1;
		for (size_t k = 0; !x.by_originator && k < x.recipient_hashes.n; k++)
			if (pk_strv_add(&named, pk_str(x.recipient_hashes.v[k]), err) < 0)
				return -1;
	}
	pk_strv_uniq(&named);
	q.released = &released;
	q.overridden = r->authority == PK_AUTHORITY_OVERRIDE;
	if (readers->n && pk_release_judge(&q, readers, &beyond, err) < 0)
		return -1;
	missing = pk_release_missing(&q);
	/* also for readers whom nobody here knows */
	if (r->authority != PK_AUTHORITY_LABEL && missing.n)
		return pk_fail(err, PK_EUSAGE, 0, "only a release signed by '%.*s' lets in whom the label does not",
			       PK_STR_ARG(missing));
	for (size_t i = 0; q.overridden && i < beyond.n; i++)
		if (!pk_strv_has(&named, beyond.v[i]))
			return pk_fail(err, PK_EUSAGE, 0, "the override does not name the reader %.16s...",
				       beyond.v[i]);
	return 0;
}

/* Also of one that nobody needed is it said who let whom in. */
static PK_NODISCARD int check_bases(const struct pk_rewrap *r, const struct pk_releasing *q, struct pk_err *err)
{
	for (size_t i = 0; i < r->releases; i++) {
		PK_AUTO(pk_release) x = {0};

		if (pk_release_parse(pk_buf_str(&r->release[i].text), &x, err) < 0 ||
		    pk_release_has_basis(q, &x, err) < 0)
			return -1;
	}
	return 0;
}

static PK_NODISCARD int check_valid(const struct pk_roster *roster, const struct pk_strv *hashes, struct pk_time at,
				    struct pk_err *err)
{
	for (size_t i = 0; i < hashes->n; i++) {
		const struct pk_party *p = pk_roster_find_hash(roster, hashes->v[i]);

		if (p && pk_party_check(p, at, err) < 0)
			return -1;
	}
	return 0;
}

/* The same question that its maker asked, at that time. Whom the terms or earlier records name is let in by no record, so
 * that nobody here is known. */
static PK_NODISCARD int judge_record(struct pk_outer *o, const struct pk_rewrap *r, const struct pk_terms *terms,
				     const struct pk_roster *roster, struct pk_err *err)
{
	struct pk_releasing q = {
		.issuer = pk_roster_find(roster, o->issuer),
		.actor = pk_roster_find(roster, r->signer),
		.roster = roster,
		.at = {.sec = r->time},
	};
	PK_AUTO(pk_strv) hashes = {0}, readers = {0};
	struct pk_err why = {0};
	uint64_t unknown = 0;
	int e;

	if (!q.issuer || !q.actor)
		return pk_fail(err, PK_EINTERNAL, 0, "a rewrap in order of parties whom nobody knows");
	if (hashes_of(r, &hashes, err) < 0 || pk_roster_find_readers(roster, &hashes, &readers, &unknown, err) < 0)
		return -1;
	if (terms) {
		q.label = &terms->label;
		q.known = &terms->recipient_hashes;
		e = ask(o, r, q, &readers, &why);
		if (e == 0)
			e = check_bases(r, &q, &why);
	} else {
		e = check_valid(roster, &hashes, q.at, &why);
	}
	if (e == 0)
		return 0;
	if (why.kind == PK_EUSAGE || why.kind == PK_ECRYPTO || why.kind == PK_EFORMAT)
		return pk_outer_say(o, PK_TRUST_UNRELEASED, err, "it was rewrapped by '%s', and %s", r->signer,
				    why.msg);
	if (err)
		*err = why;
	return -1;
}

int pk_outer_judge_rewraps(struct pk_outer *o, const struct pk_terms *terms, const struct pk_roster *roster,
			   struct pk_err *err)
{
	PK_AUTO(pk_rewrap) now = {0};
	const struct pk_rewrap *r = &o->rewrap;

	if (!roster || !o->issuer || !o->let_in.n)
		return 0;
	while (o->status == PK_TRUST_OK) {
		PK_AUTO(pk_rewrap) older = {0};

		if (judge_record(o, r, terms, roster, err) < 0)
			return -1;
		if (!r->previous.n)
			break;
		if (pk_rewrap_parse(pk_buf_str(&r->previous), &older, err) < 0)
			return -1;
		pk_rewrap_done(&now);
		now = older;
		older = (struct pk_rewrap){0};
		r = &now;
	}
	return 0;
}

/* A signer whom the roster does not know is not an altered file. */
static enum pk_trust_status status_of(const struct pk_minisign_sig *sig, const struct pk_roster *roster,
				      struct pk_time at)
{
	for (size_t i = 0; i < roster->n; i++) {
		const struct pk_party *p = &roster->party[i];

		if (!p->has_sign || memcmp(p->sign.keynum, sig->keynum, sizeof(sig->keynum)) != 0)
			continue;
		if (p->revoked && at.sec >= p->revoked)
			return PK_TRUST_REVOKED;
		return pk_party_check(p, at, NULL) < 0 ? PK_TRUST_EXPIRED : PK_TRUST_ALTERED;
	}
	return PK_TRUST_UNKNOWN_ISSUER;
}

int pk_outer_check_rewrap(struct pk_outer *o, const struct pk_rewrapped *w, const struct pk_roster *roster,
			  struct pk_time at, struct pk_strv *ret_home, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0}, record_sig = {0};
	const struct pk_party *signer = NULL;
	struct pk_minisign_sig parsed = {0};
	struct pk_err why = {0};
	struct telling t = {o, roster, ret_home};
	const struct pk_rewrap_seen seen = {&t, tell};
	bool there = false, has_sig = false;

	if (pk_beside_read(w->path, PK_SIDE_REWRAP, &text, &there, err) < 0 ||
	    pk_beside_read(w->path, PK_SIDE_REWRAP_SIG, &record_sig, &has_sig, err) < 0)
		return -1;
	if (!has_sig)
		return pk_outer_say(o, PK_TRUST_UNSIGNED, err, "there is no '%s%s'", w->path, PK_SIDE_REWRAP_SIG);
	if (!roster) /* what follows from that, the ticket's issuer is asked for */
		return 0;
	if (pk_rewrap_check(pk_buf_str(&text), pk_buf_str(&record_sig), &o->ticket, roster, at, &seen, &o->rewrap,
			    &signer, &why) < 0) {
		enum pk_trust_status s = PK_TRUST_ALTERED;

		if (why.kind == PK_ESYS) {
			if (err)
				*err = why;
			return -1;
		}
		if (why.code == PK_REWRAP_REVOKED)
			s = PK_TRUST_REVOKED;
		else if (pk_minisign_sig_parse(pk_buf_str(&record_sig), &parsed, NULL) == 0)
			s = status_of(&parsed, roster, at);
		return pk_outer_say(o, s, err, "it was rewrapped, and %s", why.msg);
	}
	if (memcmp(o->rewrap.result, o->digest, 64) != 0 || memcmp(o->rewrap.original, o->original, 64) != 0 ||
	    o->rewrap.payload_bytes != o->payload_bytes)
		return pk_outer_say(o, PK_TRUST_ALTERED, err, "the record of the rewrap is of another file");
	if (o->has_bundle && memcmp(o->rewrap.bundle, o->bundle, 16) != 0)
		return pk_outer_say(o, PK_TRUST_ALTERED, err, "the record of the rewrap is of another bundle");
	if (check_file(o, w->sig, signer, err) < 0)
		return -1;
	return o->status == PK_TRUST_OK ? check_header(o, w, err) : 0;
}
