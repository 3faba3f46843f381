/* SPDX-License-Identifier: Apache-2.0 */
/* The release check: may material of this label be sealed to these keys? */
#include <picket/roster.h>

static int refuse(const struct pk_label *label, const struct pk_party *to, const char *why, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};

	pk_buf_put_label(&text, label);
	return pk_fail(err, PK_EUSAGE, 0, "%s may not be released to '%s' (%s): %s", text.p ? text.p : "this", to->name,
		       to->nation, why);
}

int pk_release_check(const struct pk_label *label, const struct pk_party *issuer, const struct pk_roster *roster,
		     const struct pk_strv *recipients, struct pk_time at, struct pk_err *err)
{
	bool nations_named = label->tlp != PK_TLP_NONE && label->rel_to.n;

	if (recipients->n == 0)
		return pk_fail(err, PK_EUSAGE, 0, "no recipient: say who may open it, with --to");
	for (size_t i = 0; i < recipients->n; i++) {
		const struct pk_party *p = pk_roster_find_recipient(roster, recipients->v[i]);

		if (!p)
			return pk_fail(
				err, PK_EUSAGE, 0,
				"recipient '%s' is nobody in the roster: add its party with 'picket-key roster add'",
				recipients->v[i]);
		if (pk_party_check(p, at, err) < 0) {
			if (err)
				err->kind = PK_EUSAGE;
			return -1;
		}
		if (nations_named && !pk_label_permits(label, p->nation))
			return refuse(label, p, "its nation is not in REL TO", err);
		if (!nations_named && strcmp(p->nation, issuer->nation) != 0)
			return refuse(label, p, "without REL TO it stays with the issuer's own nation", err);
	}
	return 0;
}
