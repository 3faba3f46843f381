/* SPDX-License-Identifier: Apache-2.0 */
/* picket-bundle countersign: a clean station attests what it received, when and where. */
#include "verbs.h"

#include <unistd.h>

static const char *signer, *place, *person;
static bool as_found;

static const struct pk_opt opts[] = {
	{0, "signer", PK_OPT_STR, &signer, "NAME", "whose receipt: a party with its keys here; needed", NULL},
	{0, "place", PK_OPT_STR, &place, "TEXT", "where it was received; needed", NULL},
	{0, "person", PK_OPT_STR, &person, "TEXT", "who received it", NULL},
	{0, "as-found", PK_OPT_FLAG, &as_found, NULL,
	 "also attest the receipt of what does not verify; the receipt then says what is wrong", NULL},
	BUNDLE_OPT_PASSPHRASE_FD,
	BUNDLE_OPT_ROSTER,
	PK_OPT_END,
};

/* The signature first: a receipt without one is no receipt, a signature without a receipt is nothing. */
static int write_both(const char *path, const struct pk_buf *text, const struct pk_buf *sig, struct pk_err *err)
{
	PK_AUTO(pk_buf) name = {0}, sig_name = {0};

	pk_buf_putf(&name, "%s.receipt", path);
	pk_buf_putf(&sig_name, "%s.receipt.minisig", path);
	if (pk_buf_check(&name, err) < 0 || pk_buf_check(&sig_name, err) < 0)
		return -1;
	if (access(name.p, F_OK) == 0)
		return pk_fail(err, PK_EUSAGE, 0, "'%s' exists already and is never overwritten", name.p);
	if (pk_write_path(sig_name.p, PK_OUT_EXCL, pk_buf_str(sig), err) < 0)
		return -1;
	if (pk_write_path(name.p, PK_OUT_EXCL, pk_buf_str(text), err) < 0) {
		unlink(sig_name.p);
		return -1;
	}
	return 0;
}

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(pk_roster) roster = {0};
	PK_AUTO(pk_outer) outer = {0};
	PK_AUTO(pk_keys) keys = {0};
	PK_AUTO(pk_buf) text = {0}, sig = {0};
	struct pk_time now = pk_time_now();

	(void)argc;
	if (!signer || !place)
		return pk_fail(err, PK_EUSAGE, 0, "who received it, and where? give --signer NAME and --place TEXT");
	if (bundle_need_roster(&roster, err) < 0 ||
	    pk_station_keys(signer, bundle_passphrase_fd, &pk_msg_events, &keys, err) < 0 ||
	    pk_outer_check(argv[0], &roster, now, &outer, err) < 0)
		return -1;
	if (outer.is_no_bundle)
		return pk_fail(err, PK_EFORMAT, 0,
			       "'%s' is not countersigned: not an age file, and no ticket beside it", argv[0]);
	if (outer.status != PK_TRUST_OK && !as_found) {
		pk_fail(err, PK_ECRYPTO, 0, "'%s' is not countersigned: %s: %s", argv[0], pk_trust_name(outer.status),
			outer.why);
		pk_msg_error(err);
		pk_msg_info("to attest that it came like this all the same, give --as-found");
		return PK_EXIT_FOUND;
	}
	if (pk_receipt_make(&outer, outer.size, place, person, &keys.sign, &roster, now, &text, &sig, err) < 0 ||
	    write_both(argv[0], &text, &sig, err) < 0)
		return -1;
	if (outer.status != PK_TRUST_OK)
		pk_msg_warn("'%s': %s: %s; the receipt says so", argv[0], pk_trust_name(outer.status), outer.why);
	pk_msg_info("wrote '%s.receipt' and its .minisig", argv[0]);
	return PK_EXIT_OK;
}

const struct pk_verb bundle_countersign = {
	.name = "countersign",
	.operands = "BUNDLE",
	.summary = "attest that exactly this sealed file was received: who, when, where",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
