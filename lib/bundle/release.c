/* SPDX-License-Identifier: Apache-2.0 */
/* The release decision: may material of this label be sealed to these keys? */
#include <picket/release.h>
#include <picket/roster.h>
#include <picket/ticket.h>

/* Everybody's material is the issuer's when the label does not say. */
static struct pk_str originators(const struct pk_releasing *q)
{
	return pk_str(q->label->originator ? q->label->originator : q->issuer->name);
}

/* The first originator that is not the actor, or an empty string. `unreleased`: whose release is not there. */
static struct pk_str other_originator(const struct pk_releasing *q, bool unreleased)
{
	struct pk_str rest = originators(q), one;

	while (pk_str_split(&rest, ',', &one)) {
		bool released = false;

		for (size_t i = 0; q->released && i < q->released->n; i++)
			released |= pk_str_eq(one, pk_str(q->released->v[i]));
		if (!pk_roster_is_originator(q->roster, q->actor, one) && !(unreleased && released))
			return one;
	}
	return (struct pk_str){NULL, 0};
}

struct pk_str pk_release_missing(const struct pk_releasing *q) { return other_originator(q, true); }

int pk_release_has_basis(const struct pk_releasing *q, const struct pk_release *r, struct pk_err *err)
{
	const struct pk_party *signer = pk_roster_find(q->roster, r->signer);
	struct pk_str rest = originators(q), one, other = other_originator(q, false);
	bool is_originator = false;

	if (!r->by_originator)
		return !other.n ? 0
				: pk_fail(err, PK_ECRYPTO, 0,
					  "the override of '%s' is of what '%.*s' is an originator of, who alone "
					  "releases it",
					  r->signer, PK_STR_ARG(other));
	while (signer && pk_str_split(&rest, ',', &one))
		is_originator |= pk_roster_is_originator(q->roster, signer, one);
	if (!is_originator)
		return pk_fail(err, PK_ECRYPTO, 0, "the release is of '%s', who is no originator of it", r->signer);
	return other.n ? 0
		       : pk_fail(err, PK_ECRYPTO, 0,
				 "the release is of '%s', and nobody else is an originator: an override takes two",
				 r->signer);
}

/* Without REL TO: the nation that the issuer and all originators known here have in common. */
static bool is_home(const struct pk_releasing *q, const struct pk_party *to)
{
	struct pk_str rest = originators(q), one;

	if (strcmp(to->nation, q->issuer->nation) != 0)
		return false;
	while (pk_str_split(&rest, ',', &one))
		for (size_t i = 0; i < q->roster->n; i++)
			if (pk_roster_is_originator(q->roster, &q->roster->party[i], one) &&
			    strcmp(q->roster->party[i].nation, to->nation) != 0)
				return false;
	return true;
}

/* Why the label does not let this party have it; NULL: it does. */
static const char *beyond(const struct pk_releasing *q, const struct pk_party *to, bool known)
{
	bool named = q->label->tlp != PK_TLP_NONE && q->label->rel_to.n;

	if (named && !pk_label_permits(q->label, to->nation))
		return "its nation is not in REL TO";
	if (!named && !is_home(q, to))
		return "without REL TO it stays with the nations of its issuer and originators";
	if (known || to == q->actor || !other_originator(q, false).n)
		return NULL;
	if (pk_strv_has(&q->label->caveats, "ORCON"))
		return "it is ORCON, and another party is its originator";
	if (q->label->tlp == PK_TLP_RED)
		return "TLP:RED is for those alone whom its originator named";
	if (q->label->tlp == PK_TLP_AMBER_STRICT && strcmp(to->org, q->actor->org) != 0)
		return "TLP:AMBER+STRICT of another originator stays within your own organisation";
	return NULL;
}

static int refuse(const struct pk_releasing *q, const struct pk_party *to, const char *why, struct pk_err *err)
{
	struct pk_str other = other_originator(q, true);
	PK_AUTO(pk_buf) text = {0};

	pk_buf_put_label_within(&text, q->label, PK_LABEL_IN_ERROR);
	if (other.n && (q->overridden || (q->released && q->released->n)))
		return pk_fail(err, PK_EUSAGE, 0,
			       "%s may not be released to '%s' (%s): %s; only a release signed by '%.*s' changes that",
			       text.p ? text.p : "this", to->name, to->nation, why, PK_STR_ARG(other));
	return pk_fail(err, PK_EUSAGE, 0, "%s may not be released to '%s' (%s): %s", text.p ? text.p : "this", to->name,
		       to->nation, why);
}

static int judge_one(const struct pk_releasing *q, const char *recipient, struct pk_strv *ret_beyond,
		     struct pk_err *err)
{
	const struct pk_party *to = pk_roster_find_recipient(q->roster, recipient);
	const char *why = NULL;
	char hash[65];

	if (!to)
		return pk_fail(err, PK_EUSAGE, 0,
			       "recipient '%s' is nobody in the roster: add its party with 'picket-key roster add'",
			       recipient);
	if (pk_party_check(to, q->at, err) < 0) {
		if (err)
			err->kind = PK_EUSAGE;
		return -1;
	}
	pk_recipient_hash(pk_str(recipient), hash);
	why = beyond(q, to, q->known && pk_strv_has(q->known, hash));
	if (!why)
		return 0;
	/* another originator's word is that originator's alone to change; an override is for what is one's own */
	if (other_originator(q, true).n || (!q->overridden && !other_originator(q, false).n))
		return refuse(q, to, why, err);
	return ret_beyond ? pk_strv_add(ret_beyond, pk_str(hash), err) : 0;
}

int pk_release_judge(const struct pk_releasing *question, const struct pk_strv *recipients, struct pk_strv *ret_beyond,
		     struct pk_err *err)
{
	struct pk_releasing q = *question;

	q.actor = q.actor ? q.actor : q.issuer;
	if (recipients->n == 0)
		return pk_fail(err, PK_EUSAGE, 0, "no recipient: say who may open it, with --to");
	for (size_t i = 0; i < recipients->n; i++)
		if (judge_one(&q, recipients->v[i], ret_beyond, err) < 0)
			return -1;
	if (ret_beyond)
		pk_strv_uniq(ret_beyond);
	return 0;
}

int pk_release_check(const struct pk_label *label, const struct pk_party *issuer, const struct pk_roster *roster,
		     const struct pk_strv *recipients, struct pk_time at, struct pk_err *err)
{
	const struct pk_releasing q = {.label = label, .issuer = issuer, .roster = roster, .at = at};

	return pk_release_judge(&q, recipients, NULL, err);
}
