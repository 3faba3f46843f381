/* SPDX-License-Identifier: Apache-2.0 */
/* Whose signature is it? The roster's parties tried by key number. */
#include "signer.h"

int pk_signer_find(const uint8_t digest[64], const struct pk_minisign_sig *sig, const struct pk_roster *roster,
		   const struct pk_party **ret, bool *ret_named, struct pk_err *err)
{
	*ret = NULL;
	*ret_named = false;
	/* a key number may be copied, so every party that has it is tried */
	for (size_t i = 0; i < roster->n; i++) {
		const struct pk_party *p = &roster->party[i];
		struct pk_err why = {0};

		if (!p->has_sign || memcmp(p->sign.keynum, sig->keynum, sizeof(sig->keynum)) != 0)
			continue;
		*ret_named = true;
		if (pk_minisign_verify(&p->sign, digest, sig, &why) == 0) {
			*ret = p;
			return 0;
		}
		if (why.kind == PK_ESYS)
			return pk_fail_oom(err);
	}
	return 0;
}

int pk_signer_of(const char *what, struct pk_str text, struct pk_str sigtext, const struct pk_roster *roster,
		 const struct pk_party **ret, struct pk_err *err)
{
	const struct pk_party *p = NULL;
	struct pk_minisign_sig sig;
	uint8_t digest[64];
	bool named = false;

	if (sigtext.n == 0)
		return pk_fail(err, PK_ECRYPTO, 0, "%s is not signed", what);
	if (pk_minisign_sig_parse(sigtext, &sig, err) < 0)
		return pk_wrap(err, "%s: signature", what);
	pk_blake2b(text.p, text.n, digest);
	if (pk_signer_find(digest, &sig, roster, &p, &named, err) < 0)
		return -1;
	if (!p && named)
		return pk_fail(err, PK_ECRYPTO, 0, "%s was altered: its signature does not fit", what);
	if (!p) {
		struct pk_cur c = pk_cur(sig.keynum, sizeof(sig.keynum));

		return pk_fail(err, PK_ECRYPTO, 0, "%s is signed by key %016llX, which nobody in the roster has", what,
			       (unsigned long long)pk_rd_le64(&c));
	}
	*ret = p;
	return 0;
}

int pk_signer_check(const char *what, struct pk_str text, struct pk_str sigtext, const struct pk_roster *roster,
		    struct pk_time at, const struct pk_party **ret, struct pk_err *err)
{
	const struct pk_party *p = NULL;

	if (pk_signer_of(what, text, sigtext, roster, &p, err) < 0)
		return -1;
	if (pk_party_check(p, at, err) < 0)
		return pk_wrap(err, "%s", what);
	*ret = p;
	return 0;
}
