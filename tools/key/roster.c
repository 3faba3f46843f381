/* SPDX-License-Identifier: Apache-2.0 */
/* picket-key roster add, change, revoke, pin and update: the acts of trust. */
#include "verbs.h"

#include <picket/limits.h>

static const char *fingerprint, *valid_from, *valid_to, *since;
static bool yes, replace;
static int issuer = -1;
static const char *const yes_no[] = {"yes", "no", NULL};

static const struct pk_opt add_opts[] = {
	KEY_OPT_SIGNER("the roster's lead; needed"),
	KEY_OPT_PASSPHRASE_FD,
	{0, "fingerprint", PK_OPT_STR, &fingerprint, "HEX", "refuse unless this is the party's fingerprint", NULL},
	{'y', "yes", PK_OPT_FLAG, &yes, NULL, "the fingerprint was compared: do not ask for that again", NULL},
	{0, "issuer", PK_OPT_CHOICE, &issuer, "WORD", "may issue tickets (default: as its file says)", yes_no},
	{0, "valid-to", PK_OPT_STR, &valid_to, "DATE", "until when it counts (default: as its file says)", NULL},
	{0, "replace", PK_OPT_FLAG, &replace, NULL, "replace the party of this name", NULL},
	PK_OPT_END,
};
static const struct pk_opt change_opts[] = {
	KEY_OPT_SIGNER("the roster's lead; needed"),
	KEY_OPT_PASSPHRASE_FD,
	{0, "issuer", PK_OPT_CHOICE, &issuer, "WORD", "may issue tickets", yes_no},
	{0, "valid-from", PK_OPT_STR, &valid_from, "DATE", "from when on it counts; 'ever': from always", NULL},
	{0, "valid-to", PK_OPT_STR, &valid_to, "DATE", "until when it counts; 'ever': for always", NULL},
	PK_OPT_END,
};
static const struct pk_opt update_opts[] = {PK_OPT_END};
static const struct pk_opt pin_opts[] = {
	{0, "fingerprint", PK_OPT_STR, &fingerprint, "HEX", "pin only if this is its lead's fingerprint", NULL},
	{'y', "yes", PK_OPT_FLAG, &yes, NULL, "the fingerprint was compared", NULL},
	{0, "replace", PK_OPT_FLAG, &replace, NULL, "trust it instead of the lead that is pinned here now", NULL},
	PK_OPT_END,
};
static const struct pk_opt revoke_opts[] = {
	KEY_OPT_SIGNER("the roster's lead; needed"),
	KEY_OPT_PASSPHRASE_FD,
	{0, "since", PK_OPT_STR, &since, "DATE", "a party: from when on (default: now)", NULL},
	PK_OPT_END,
};

static PK_NODISCARD int save(struct pk_roster *r, const char *path, const struct pk_keys *k, struct pk_err *err)
{
	if (pk_roster_save(r, path, &k->sign, err) < 0)
		return -1;
	pk_msg_info("signed version %llu of '%s'", (unsigned long long)r->version, path);
	return PK_EXIT_OK;
}

/* What a party may by options, beyond what its own file says. */
static PK_NODISCARD int check_rights(const struct pk_party *p, struct pk_err *err)
{
	if (p->issuer && !p->has_sign)
		return pk_fail(err, PK_EUSAGE, 0, "party '%s' has no signing key and cannot issue tickets", p->name);
	if (p->valid_from && p->valid_to && p->valid_from > p->valid_to)
		return pk_fail(err, PK_EUSAGE, 0, "party '%s' would never be valid: its validity ends before it begins",
			       p->name);
	return 0;
}

static void put_since(struct pk_buf *b, int64_t sec) { pk_buf_put_rfc3339(b, (struct pk_time){.sec = sec}, 0); }

/* What is known of the one that goes is seen before anything is signed. */
static PK_NODISCARD int say_replaced(const struct pk_roster *r, struct pk_party *p, struct pk_err *err)
{
	const struct pk_party *old = pk_roster_find(r, p->name);
	PK_AUTO(pk_buf) when = {0};

	if (!old)
		return pk_fail(err, PK_EUSAGE, 0, "the roster has no party '%s' to replace", p->name);
	if (pk_roster_keep_revoked(r, p)) {
		put_since(&when, p->revoked);
		if (pk_buf_check(&when, err) < 0)
			return -1;
		pk_msg_warn(
			"'%s' stays revoked since %s: it has keys that were revoked then; to come back it needs new "
			"ones alone ('picket-key new')",
			p->name, when.p);
	}
	return key_say_change(old, p, err) < 0 ? -1 : pk_stdout_done(err);
}

static int add(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(pk_roster) r = {0};
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_party) p = {0};
	PK_AUTO(pk_keys) lead = {0};

	(void)argc;
	if (pk_party_read(argv[0], &p, err) < 0)
		return -1;
	if (key_load_roster(&r, &path, err) < 0)
		return key_disbelieved(err);
	if (issuer >= 0)
		p.issuer = issuer == 0;
	if ((valid_to && key_parse_time("valid-to", valid_to, &p.valid_to, err) < 0) || check_rights(&p, err) < 0)
		return -1;
	key_say_party(&p);
	if (replace && say_replaced(&r, &p, err) < 0)
		return -1;
	if (fingerprint && key_check_fingerprint(&p, fingerprint, err) < 0)
		return key_disbelieved(err);
	if (key_load_signer(&lead, err) < 0 ||
	    (replace ? pk_roster_change(&r, &p, err) : pk_roster_add(&r, &p, err)) < 0)
		return -1;
	if (save(&r, path.p, &lead, err) < 0)
		return -1;
	if (!fingerprint && !yes)
		pk_msg_warn("compare the fingerprint with '%s' by another way than the file came, or revoke it",
			    p.name);
	return PK_EXIT_OK;
}

static PK_NODISCARD int change_time(const char *option, const char *text, int64_t *ret, struct pk_err *err)
{
	if (!text)
		return 0;
	if (strcmp(text, "ever") != 0)
		return key_parse_time(option, text, ret, err);
	*ret = 0;
	return 0;
}

static int change(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(pk_roster) r = {0};
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_party) p = {0};
	PK_AUTO(pk_keys) lead = {0};
	const struct pk_party *old = NULL;

	(void)argc;
	if (issuer < 0 && !valid_from && !valid_to)
		return pk_fail(err, PK_EUSAGE, 0, "what is to change? give --issuer, --valid-from or --valid-to");
	if (key_load_roster(&r, &path, err) < 0)
		return key_disbelieved(err);
	if (!(old = pk_roster_find(&r, argv[0])))
		return pk_fail(err, PK_EUSAGE, 0, "the roster has no party '%s'", argv[0]);
	if (pk_party_copy(old, &p, err) < 0 || change_time("valid-from", valid_from, &p.valid_from, err) < 0 ||
	    change_time("valid-to", valid_to, &p.valid_to, err) < 0)
		return -1;
	if (issuer >= 0)
		p.issuer = issuer == 0;
	if (check_rights(&p, err) < 0)
		return -1;
	if (pk_roster_change(&r, &p, err) < 0 || key_load_signer(&lead, err) < 0)
		return -1;
	return save(&r, path.p, &lead, err);
}

/* A newer roster that the lead sent: the pin says whether it is. */
static int update(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(pk_roster) mine = {0}, newer = {0};
	PK_AUTO(pk_buf) path = {0};
	size_t found = 0;

	(void)argc;
	if (key_load_roster(&mine, &path, err) < 0 || pk_roster_update(path.p, argv[0], &newer, err) < 0)
		return key_disbelieved(err);
	if (newer.version == mine.version) {
		pk_msg_info("'%s' is version %llu already", path.p, (unsigned long long)mine.version);
		return PK_EXIT_OK;
	}
	if (key_say_diff(&mine, &newer, &found, err) < 0)
		return -1;
	pk_msg_info("took over version %llu of '%s'", (unsigned long long)newer.version, path.p);
	return PK_EXIT_OK;
}

/* The text is believed only after its own lead's signature fits: pk_roster_pin checks that of the same text. */
static int pin(int argc, char **argv, struct pk_err *err)
{
	const char *brought = argc ? argv[0] : NULL;
	PK_AUTO(pk_roster) r = {0};
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_buf) text = {0};

	if (key_roster_path(&path, err) < 0 ||
	    pk_read_path(brought ? brought : path.p, PK_MAX_TEXT_FILE, &text, err) < 0)
		return -1;
	if (pk_roster_parse(pk_buf_str(&text), &r, err) < 0) {
		pk_wrap(err, "%s", brought ? brought : path.p);
		return key_disbelieved(err);
	}
	key_say_party(&r.party[0]);
	if (!fingerprint && !yes)
		return pk_fail(err, PK_EUSAGE, 0,
			       "compare this fingerprint with the roster's lead, then give --fingerprint or --yes");
	if (fingerprint && key_check_fingerprint(&r.party[0], fingerprint, err) < 0)
		return key_disbelieved(err);
	if (pk_roster_pin(path.p, brought, pk_buf_str(&text), replace, err) < 0)
		return key_disbelieved(err);
	pk_msg_info("pinned '%s' to '%s'", path.p, r.party[0].name);
	return PK_EXIT_OK;
}

/* A ticket: by its id, or by its file. */
static PK_NODISCARD int ticket_id(const char *what, uint8_t ret[16], struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	struct pk_ticket t = {0};

	if (pk_hex_decode(pk_str(what), ret, 16))
		return 0;
	if (pk_read_path(what, PK_MAX_TEXT_FILE, &text, NULL) < 0 || pk_ticket_parse(pk_buf_str(&text), &t, NULL) < 0)
		return pk_fail(err, PK_EUSAGE, 0, "'%s' is no party of the roster, no ticket id and no ticket file",
			       what);
	memcpy(ret, t.id, sizeof(t.id));
	return 0;
}

/* What was sealed or signed since an earlier moment stays in doubt: a revocation is never moved later. */
static PK_NODISCARD int revoke_party(struct pk_roster *r, const struct pk_party *p, bool *ret_changes,
				     struct pk_err *err)
{
	PK_AUTO(pk_party) changed = {0};
	PK_AUTO(pk_buf) when = {0};

	if (p == &r->party[0])
		return pk_fail(err, PK_EUSAGE, 0,
			       "'%s' is the lead, whose key signs the roster: start a new roster instead", p->name);
	if (pk_party_copy(p, &changed, err) < 0)
		return -1;
	changed.revoked = pk_time_now().sec;
	if (since && key_parse_time("since", since, &changed.revoked, err) < 0)
		return -1;
	*ret_changes = !p->revoked || changed.revoked < p->revoked;
	if (*ret_changes)
		return pk_roster_change(r, &changed, err);
	put_since(&when, p->revoked);
	if (pk_buf_check(&when, err) < 0)
		return -1;
	pk_msg_info("'%s' is revoked since %s already: nothing changes, and nothing was signed", p->name, when.p);
	return 0;
}

static PK_NODISCARD int revoke_ticket(struct pk_roster *r, const char *what, bool *ret_changes, struct pk_err *err)
{
	size_t before = r->revoked_tickets.n;
	uint8_t id[16];

	if (since)
		return pk_fail(err, PK_EUSAGE, 0, "--since is for parties, and '%s' is none of the roster", what);
	if (ticket_id(what, id, err) < 0 || pk_roster_revoke_ticket(r, id, err) < 0)
		return -1;
	*ret_changes = r->revoked_tickets.n > before;
	if (!*ret_changes)
		pk_msg_info("ticket '%s' is revoked already: nothing changes, and nothing was signed", what);
	return 0;
}

static int revoke(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(pk_roster) r = {0};
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_keys) lead = {0};
	const struct pk_party *p = NULL;
	bool changes = false;

	(void)argc;
	if (key_load_roster(&r, &path, err) < 0)
		return key_disbelieved(err);
	p = pk_roster_find(&r, argv[0]);
	if ((p ? revoke_party(&r, p, &changes, err) : revoke_ticket(&r, argv[0], &changes, err)) < 0)
		return -1;
	if (!changes)
		return PK_EXIT_OK;
	return key_load_signer(&lead, err) < 0 ? -1 : save(&r, path.p, &lead, err);
}

const struct pk_verb key_roster_add = {
	.name = "roster add",
	.operands = "PARTYFILE",
	.summary = "enter an ally's party file, sign the roster",
	.opts = add_opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = add,
};
const struct pk_verb key_roster_change = {
	.name = "roster change",
	.operands = "NAME",
	.summary = "change a party's validity or its right to issue, sign the roster",
	.opts = change_opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = change,
};
const struct pk_verb key_roster_update = {
	.name = "roster update",
	.operands = "FILE",
	.summary = "take over a newer roster that the lead signed (FILE, FILE.minisig); say what it changes",
	.opts = update_opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = update,
};
const struct pk_verb key_roster_pin = {
	.name = "roster pin",
	.operands = "[FILE]",
	.summary = "trust a roster that was brought here (FILE, FILE.minisig), by its lead's fingerprint",
	.opts = pin_opts,
	.max_operands = 1,
	.run = pin,
};
const struct pk_verb key_roster_revoke = {
	.name = "roster revoke",
	.operands = "NAME|TICKET",
	.summary = "stop believing a party or a ticket, sign the roster",
	.opts = revoke_opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = revoke,
};
