/* SPDX-License-Identifier: Apache-2.0 */
/* picket-bundle release: an originator lets named readers have its material beyond its label. */
#include "verbs.h"

#include <unistd.h>

static struct pk_strv to;
static const char *signer, *reason, *output;

static const struct pk_opt opts[] = {
	{0, "to", PK_OPT_LIST, &to, "PARTY", "who may have it: a party, age1... or a file; needed", NULL},
	{0, "reason", PK_OPT_STR, &reason, "TEXT", "why; needed", NULL},
	{0, "signer", PK_OPT_STR, &signer, "NAME", "the originator: a party with its keys here; needed", NULL},
	{'o', "output", PK_OPT_STR, &output, "FILE", "the release; its signature is written beside it; needed", NULL},
	BUNDLE_OPT_PASSPHRASE_FD,
	BUNDLE_OPT_ROSTER,
	PK_OPT_END,
};

static int hashes_of(const struct pk_roster *roster, struct pk_strv *ret, struct pk_err *err)
{
	PK_AUTO(pk_strv) recipients = {0};

	for (size_t i = 0; i < to.n; i++)
		if (pk_roster_resolve(roster, to.v[i], &recipients, err) < 0)
			return -1;
	for (size_t i = 0; i < recipients.n; i++) {
		char hash[65];

		if (!pk_roster_find_recipient(roster, recipients.v[i]))
			return pk_fail(err, PK_EUSAGE, 0, "recipient '%s' is nobody in the roster", recipients.v[i]);
		pk_recipient_hash(pk_str(recipients.v[i]), hash);
		if (pk_strv_add(ret, pk_str(hash), err) < 0)
			return -1;
	}
	return 0;
}

/* The terms' hash is in the ticket, the bundle's id in its signature: no identity is needed, but the ticket must be an
 * issuer's. */
static int read_outer(const char *path, const struct pk_roster *roster, const struct pk_minisign_pub *by,
		      struct pk_time now, struct pk_outer *ret, struct pk_err *err)
{
	const struct pk_party *p = pk_roster_find_signer(roster, by);

	if (pk_outer_check(path, roster, now, ret, err) < 0)
		return -1;
	if (ret->status != PK_TRUST_OK)
		return pk_fail(err, PK_ECRYPTO, 0, "'%s' is not released: %s: %s", path, pk_trust_name(ret->status),
			       ret->why);
	if (!ret->has_bundle)
		return pk_fail(err, PK_ECRYPTO, 0,
			       "'%s' is not released: its signature does not say which bundle it is", path);
	if (p && ret->issuer && strcmp(p->name, ret->issuer) != 0)
		pk_msg_warn(
			"'%s' was collected for '%s': a release by '%s' counts only where the label names it as the "
			"originator%s%s%s",
			path, ret->issuer, p->name, p->org ? ", or its organisation '" : "", p->org ? p->org : "",
			p->org ? "'" : "");
	return 0;
}

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(pk_roster) roster = {0};
	PK_AUTO(pk_keys) keys = {0};
	PK_AUTO(pk_strv) hashes = {0};
	PK_AUTO(pk_release_set) made = {0};
	PK_AUTO(pk_buf) sig_name = {0};
	PK_AUTO(pk_outer) outer = {0};
	struct pk_time now = pk_time_now();

	(void)argc;
	if (!to.n || !reason || !signer || !output)
		return pk_fail(err, PK_EUSAGE, 0, "a release needs --to, --reason, --signer and -o");
	pk_buf_putf(&sig_name, "%s.minisig", output);
	if (pk_buf_check(&sig_name, err) < 0 || bundle_need_roster(&roster, err) < 0 ||
	    pk_station_keys(signer, bundle_passphrase_fd, &pk_msg_events, &keys, err) < 0 ||
	    hashes_of(&roster, &hashes, err) < 0)
		return -1;
	if (read_outer(argv[0], &roster, &keys.sign.pub, now, &outer, err) < 0) {
		if (err->kind != PK_ECRYPTO)
			return -1;
		pk_msg_error(err);
		return PK_EXIT_FOUND;
	}
	if (pk_release_make(&(struct pk_release_of){.ticket = &outer.ticket, .bundle = outer.bundle}, &hashes, reason,
			    &keys.sign, NULL, &roster, now, &made, err) < 0 ||
	    pk_write_path(output, PK_OUT_EXCL, pk_buf_str(&made.text), err) < 0)
		return -1;
	if (pk_write_path(sig_name.p, PK_OUT_EXCL, pk_buf_str(&made.sig), err) < 0) {
		unlink(output);
		return -1;
	}
	pk_msg_info("wrote '%s' and its .minisig", output);
	return PK_EXIT_OK;
}

const struct pk_verb bundle_release = {
	.name = "release",
	.operands = "BUNDLE",
	.summary = "as its originator, let named readers have a bundle beyond its label",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
