/* SPDX-License-Identifier: Apache-2.0 */
/* picket-key ticket: permission to collect, made ahead of the visit. */
#include "verbs.h"

#include <unistd.h>

static struct pk_strv to;
static const char *mission, *tlp, *rel_to, *originator, *caveats, *output, *not_before;
static const char *profile = "triage", *valid = "30d";
static int uses;
static const char *const one_many[] = {"one", "many", NULL};

static const struct pk_opt opts[] = {
	KEY_OPT_SIGNER("the issuer: a party of the roster whose signing key is here; needed"),
	KEY_OPT_PASSPHRASE_FD,
	{0, "to", PK_OPT_LIST, &to, "PARTY", "who can open the bundles: a party, age1... or a file", NULL},
	{0, "mission", PK_OPT_STR, &mission, "NAME", "the mission's name; needed", NULL},
	{0, "tlp", PK_OPT_STR, &tlp, "LABEL", "CLEAR, GREEN, AMBER, AMBER+STRICT or RED (default: unlabelled)", NULL},
	{0, "rel-to", PK_OPT_STR, &rel_to, "CODES", "nations it may be released to, such as USA,JPN,PHL", NULL},
	{0, "originator", PK_OPT_STR, &originator, "NAME", "whose material it is (default: the issuer)", NULL},
	{0, "caveats", PK_OPT_STR, &caveats, "WORDS", "further handling words in capitals, with commas", NULL},
	{0, "profile", PK_OPT_STR, &profile, "NAME", "the collection profile (default: triage)", NULL},
	{0, "valid", PK_OPT_STR, &valid, "TIME", "how long: 12h, 30d, 1y (default: 30d)", NULL},
	{0, "not-before", PK_OPT_STR, &not_before, "DATE", "from when (default: now)", NULL},
	{0, "uses", PK_OPT_CHOICE, &uses, "WORD", "one bundle or any number (default: one)", one_many},
	{'o', "output", PK_OPT_STR, &output, "STEM", "write STEM.ticket and what belongs to it; needed", NULL},
	KEY_OPT_JSON,
	PK_OPT_END,
};

static PK_NODISCARD int make_label(const struct pk_roster *r, const struct pk_party *issuer, struct pk_label *l,
				   struct pk_err *err)
{
	if (pk_label_from_options(l, tlp, rel_to, originator, caveats, issuer->name, err) < 0)
		return -1;
	if (!rel_to)
		pk_msg_warn("%s: it stays with parties of %s", tlp ? "no --rel-to" : "unlabelled", issuer->nation);
	pk_roster_warn_originators(r, l, &pk_msg_events);
	return 0;
}

static PK_NODISCARD int validity(struct pk_time *from, struct pk_time *till, struct pk_err *err)
{
	int64_t seconds = 0;

	*from = (struct pk_time){.sec = pk_time_now().sec};
	if (not_before && key_parse_time("not-before", not_before, &from->sec, err) < 0)
		return -1;
	if (pk_validity_parse(valid, &seconds, err) < 0)
		return -1;
	*till = (struct pk_time){.sec = from->sec + seconds};
	return 0;
}

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(pk_roster) roster = {0};
	PK_AUTO(pk_keys) keys = {0};
	PK_AUTO(pk_label) label = {0};
	PK_AUTO(pk_strv) recipients = {0};
	PK_AUTO(pk_terms) terms = {0};
	PK_AUTO(pk_ticket_kit) kit = {0};
	const struct pk_party *issuer = NULL;
	struct pk_time from = {0}, till = {0};

	(void)argc, (void)argv;
	if (!mission || !output || to.n == 0)
		return pk_fail(err, PK_EUSAGE, 0, "a ticket needs --mission, --to and -o");
	if (key_load_roster(&roster, NULL, err) < 0 || key_load_signer(&keys, err) < 0)
		return -1;
	issuer = pk_roster_find_signer(&roster, &keys.sign.pub);
	if (!issuer || !issuer->issuer)
		return pk_fail(err, PK_EUSAGE, 0, "'%s' %s: import would refuse its tickets", key_signer,
			       issuer ? "may not issue tickets" : "is not in the roster");
	if (pk_party_check(issuer, pk_time_now(), err) < 0 || make_label(&roster, issuer, &label, err) < 0)
		return -1;
	for (size_t i = 0; i < to.n; i++)
		if (pk_roster_resolve(&roster, to.v[i], &recipients, err) < 0)
			return -1;
	if (pk_release_check(&label, issuer, &roster, &recipients, pk_time_now(), err) < 0 ||
	    validity(&from, &till, err) < 0 || pk_terms_make(mission, &label, &recipients, profile, &terms, err) < 0 ||
	    pk_ticket_issue(&keys.sign, &terms, from, till, uses == 0, &kit, err) < 0 ||
	    pk_ticket_kit_write(&kit, output, err) < 0)
		return -1;
	pk_msg_info("wrote '%s.ticket', its .minisig and .terms, and the one-time .signkey and .notekey", output);
	return key_json && key_print_ticket(&kit.ticket, err) < 0 ? -1 : PK_EXIT_OK;
}

const struct pk_verb key_ticket = {
	.name = "ticket",
	.operands = "",
	.summary = "issue a ticket: permission to collect once, with one-time keys",
	.opts = opts,
	.run = run,
};
