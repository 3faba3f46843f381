/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs that open bundles have in common. */
#include "verbs.h"

struct pk_strv bundle_identities;
const char *bundle_roster;
int bundle_passphrase_fd = -1;
bool bundle_json;

int bundle_load_identities(struct pk_age_identities **ret, struct pk_err *err)
{
	if (pk_age_identities_load(&bundle_identities, false, bundle_passphrase_fd, &pk_msg_events, ret, err) == 0)
		return 0;
	if (err) /* whatever is wrong with it, it opens nothing: that says nothing of the bundle */
		err->code = PK_AGE_NO_MATCH;
	return -1;
}

int bundle_open_bundle(const char *path, struct pk_bundle **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_age_identities) ids = NULL;
	struct pk_err why = {0};

	if (bundle_load_identities(&ids, err) < 0)
		return -1;
	if (pk_bundle_open(path, ids, false, ret, &why) == 0)
		return 0;
	if (bundle_identities.n == 0 && why.code == PK_AGE_NO_MATCH)
		return pk_fail(err, PK_EUSAGE, 0, "'%s': an identity is needed to open it: give -i IDENTITY", path);
	if (err)
		*err = why;
	return -1;
}

int bundle_open_damaged(const char *path, struct pk_bundle **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_age_identities) ids = NULL;

	return bundle_load_identities(&ids, err) < 0 ? -1 : pk_bundle_open(path, ids, true, ret, err);
}

struct trust {
	enum pk_trust_status status;
	struct pk_buf why;
};

static void trust_done(struct trust *t) { pk_buf_done(&t->why); }

static int say(struct trust *t, enum pk_trust_status status, const char *why, struct pk_err *err)
{
	t->status = status;
	pk_buf_reset(&t->why);
	pk_buf_puts(&t->why, why ? why : "");
	return pk_buf_check(&t->why, err);
}

/* The ticket inside, where nobody looked at the signature outside. */
static int judge_ticket(const struct pk_bundle_info *i, const struct pk_roster *roster, struct trust *t,
			struct pk_err *err)
{
	const struct pk_party *issuer = NULL;
	enum pk_trust_status status = PK_TRUST_OK;
	struct pk_err why = {0};

	if (!i->is_signed)
		return say(t, PK_TRUST_UNSIGNED, "nothing proves where it comes from", err);
	if (!roster)
		return say(t, PK_TRUST_UNKNOWN_ISSUER,
			   "there is no roster here to say whose ticket it was sealed under", err);
	if (pk_ticket_check(i->ticket_text, i->ticket_sig, roster, pk_time_now(), &status, &issuer, &why) < 0) {
		*err = why;
		return -1;
	}
	return say(t, status, why.msg, err);
}

/* What it is part of, who handed it on, and whether that was allowed. */
static int judge_share(const struct pk_bundle *b, const struct pk_roster *roster, struct trust *t, struct pk_err *err)
{
	static const struct pk_roster nobody;
	PK_AUTO(pk_share_judgement) j = {0};

	if (pk_share_judge(b, roster ? roster : &nobody, pk_time_now(), &j, err) < 0)
		return -1;
	return t->status == PK_TRUST_OK || j.status == PK_TRUST_ALTERED ? say(t, j.status, j.why, err) : 0;
}

int bundle_check_trust(const struct pk_bundle *b, const char *path, const struct pk_roster *roster,
		       const struct pk_outer *outer, struct pk_err *err)
{
	const struct pk_bundle_info *i = pk_bundle_info(b);
	PK_AUTO(trust) t = {0};

	if ((outer ? say(&t, outer->status, outer->why, err) : judge_ticket(i, roster, &t, err)) < 0 ||
	    (i->is_share && t.status != PK_TRUST_ALTERED && judge_share(b, roster, &t, err) < 0))
		return -1;
	if (t.status == PK_TRUST_ALTERED)
		return pk_fail(err, PK_ECRYPTO, 0, "'%s' is altered: %s", path, t.why.p);
	if (t.status != PK_TRUST_OK)
		pk_msg_warn("'%s': %s: %s", path, pk_trust_name(t.status), t.why.p);
	return 0;
}

int bundle_answer(struct pk_err *err)
{
	if (err->kind != PK_ECRYPTO || err->code)
		return -1;
	if (pk_memory_ran_out())
		return pk_fail_oom(err);
	pk_msg_error(err);
	return PK_EXIT_FOUND;
}

bool bundle_is_wrong(const struct pk_err *e)
{
	return e->code != PK_AGE_NO_MATCH && (e->kind == PK_EFORMAT || e->kind == PK_ELIMIT || e->kind == PK_ECRYPTO);
}

int bundle_wrong(struct pk_err *err)
{
	if (!bundle_is_wrong(err))
		return -1;
	if (pk_memory_ran_out()) /* no verdict may come of what could not be read */
		return pk_fail_oom(err);
	pk_msg_error(err);
	return PK_EXIT_FOUND;
}

int bundle_label(const struct pk_bundle_info *i, struct pk_buf *ret, struct pk_err *err)
{
	if (i->terms)
		pk_buf_put_label_shown(ret, &i->terms->label);
	return pk_buf_check(ret, err);
}

void bundle_say_label(const struct pk_bundle_info *i)
{
	PK_AUTO(pk_buf) b = {0};

	if (bundle_label(i, &b, NULL) == 0 && b.n)
		pk_msg_info("%s%s", b.p, i->terms->label.tlp == PK_TLP_NONE ? ": not releasable" : "");
}
