/* SPDX-License-Identifier: Apache-2.0 */
/* picket-bundle seal: files and trees into a sealed, signed bundle. */
#include "sealing.h"

#include <picket/collect.h>
#include <picket/release.h>

#include <errno.h>
#include <limits.h>
#include <unistd.h>

static struct pk_strv to, part_of;
static const char *signer, *ticket, *mission, *tlp, *rel_to, *originator, *caveats, *output;
static bool no_signature, pad;
static uint64_t level, threads;
static int passphrase_fd = -1;

static const struct pk_opt opts[] = {
	{0, "to", PK_OPT_LIST, &to, "PARTY", "who can open it: a party, age1... or a file; needed", NULL},
	{0, "signer", PK_OPT_STR, &signer, "NAME", "issue a ticket on the spot with this party's keys", NULL},
	{0, "ticket", PK_OPT_STR, &ticket, "STEM", "seal under a ticket made ahead by picket-key ticket", NULL},
	{0, "part-of", PK_OPT_LIST, &part_of, "BUNDLE",
	 "with --ticket: the next part of a collection under it; name all parts before, in order", NULL},
	{0, "unsigned", PK_OPT_FLAG, &no_signature, NULL, "sign nothing: every import will quarantine the bundle",
	 NULL},
	{0, "passphrase-fd", PK_OPT_FD, &passphrase_fd, "N", "read the signer's passphrase from descriptor N", NULL},
	{0, "mission", PK_OPT_STR, &mission, "NAME", "the mission's name", NULL},
	{0, "tlp", PK_OPT_STR, &tlp, "LABEL", "CLEAR, GREEN, AMBER, AMBER+STRICT or RED (default: unlabelled)", NULL},
	{0, "rel-to", PK_OPT_STR, &rel_to, "CODES", "nations it may be released to, such as USA,JPN,PHL", NULL},
	{0, "originator", PK_OPT_STR, &originator, "NAME", "whose material it is (default: the issuer)", NULL},
	{0, "caveats", PK_OPT_STR, &caveats, "WORDS", "further handling words in capitals, with commas", NULL},
	BUNDLE_OPT_OVERRIDE,
	BUNDLE_OPT_SECOND,
	BUNDLE_OPT_ROSTER,
	{'o', "output", PK_OPT_STR, &output, "FILE",
	 "the bundle; its signature and ticket are written beside it (default: TICKET-BUNDLE.age here)", NULL},
	PK_OPT_PAD(&pad),
	{0, "level", PK_OPT_U64, &level, "N", "how hard to compress, 1 to 19 (default: 2)", NULL},
	{0, "threads", PK_OPT_U64, &threads, "N", "how many threads compress (default: all cores)", NULL},
	PK_OPT_END,
};

/* Everything that outlives the seal. */
struct job {
	struct pk_roster roster;
	bool has_roster;
	struct pk_strv recipients;
	struct pk_age_recipients to;
	struct pk_label label;
	struct pk_terms terms;
	struct pk_ticket_kit kit;
	/* when it takes an override: whom it lets in and who signs that, until they have */
	struct pk_strv beyond;
	struct pk_keys keys, second;
	struct pk_buf terms_text, label_json, host_json, tool_json, previous_json;
	struct pk_facts facts;
};

static void job_done(struct job *j)
{
	pk_roster_done(&j->roster);
	pk_strv_done(&j->recipients);
	pk_age_recipients_done(&j->to);
	pk_label_done(&j->label);
	pk_terms_done(&j->terms);
	pk_ticket_kit_done(&j->kit);
	pk_strv_done(&j->beyond);
	pk_keys_done(&j->keys);
	pk_keys_done(&j->second);
	pk_buf_done(&j->terms_text);
	pk_buf_done(&j->label_json);
	pk_buf_done(&j->host_json);
	pk_buf_done(&j->tool_json);
	pk_buf_done(&j->previous_json);
	pk_facts_done(&j->facts);
}

static int gather_recipients(struct job *j, struct pk_err *err)
{
	if (to.n == 0)
		return pk_fail(err, PK_EUSAGE, 0, "who can open it? give --to PARTY, age1... or a file");
	if (pk_station_roster(bundle_roster, &j->roster, &j->has_roster, NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < to.n; i++)
		if (pk_roster_resolve(j->has_roster ? &j->roster : NULL, to.v[i], &j->recipients, err) < 0)
			return -1;
	pk_strv_uniq(&j->recipients);
	for (size_t i = 0; i < j->recipients.n; i++)
		if (pk_age_recipients_add(&j->to, pk_str(j->recipients.v[i]), err) < 0)
			return -1;
	return 0;
}

static int make_label(struct job *j, const char *issuer, struct pk_err *err)
{
	if (pk_label_from_options(&j->label, tlp, rel_to, originator, caveats, issuer, err) < 0)
		return -1;
	if (j->has_roster)
		pk_roster_warn_originators(&j->roster, &j->label, &pk_msg_events);
	return 0;
}

/* May these readers have it? With an override, ret_beyond gets those for whom it takes one. */
static int decide(const struct job *j, const struct pk_party *issuer, struct pk_time now, struct pk_strv *ret_beyond,
		  struct pk_err *err)
{
	const struct pk_releasing q = {
		.label = &j->label,
		.issuer = issuer,
		.roster = &j->roster,
		.at = now,
		.overridden = bundle_override != NULL,
	};

	return pk_release_judge(&q, &j->recipients, ret_beyond, err);
}

static int issue(struct job *j, struct pk_err *err)
{
	struct pk_time from = {.sec = pk_time_now().sec}, till = {.sec = from.sec + 24 * 3600};
	const struct pk_party *issuer = NULL;
	PK_AUTO(pk_keys) keys = {0}, second = {0};
	bool has_second = false;

	if (pk_station_keys(signer, passphrase_fd, &pk_msg_events, &keys, err) < 0 ||
	    bundle_load_second(passphrase_fd, &second, &has_second, err) < 0)
		return -1;
	if (!j->has_roster)
		return pk_fail(err, PK_EUSAGE, 0,
			       "there is no roster to say who '%s' and the readers are: give --roster", signer);
	issuer = pk_roster_find_signer(&j->roster, &keys.sign.pub);
	if (!issuer || !issuer->issuer)
		return pk_fail(err, PK_EUSAGE, 0, "'%s' %s: import would refuse it", signer,
			       issuer ? "may not issue tickets" : "is not in the roster");
	if (make_label(j, issuer->name, err) < 0 || decide(j, issuer, from, &j->beyond, err) < 0 ||
	    pk_terms_make(mission ? mission : "unnamed", &j->label, &j->recipients, "files", &j->terms, err) < 0 ||
	    pk_ticket_issue(&keys.sign, &j->terms, from, till, true, &j->kit, err) < 0)
		return -1;
	if (!j->beyond.n) {
		if (has_second)
			pk_msg_info("the label allows it: no override was needed, and none is recorded");
		return 0;
	}
	j->keys = keys;
	j->second = second;
	keys = second = (struct pk_keys){0};
	return 0;
}

static int read_ticket(struct job *j, struct pk_err *err)
{
	bool loose = false;

	if (tlp || rel_to || originator || caveats || mission)
		return pk_fail(err, PK_EUSAGE, 0, "mission and label are the ticket's: they cannot be given again");
	if (pk_ticket_kit_read(ticket, &j->kit, &loose, err) < 0)
		return -1;
	if (loose)
		pk_msg_warn("others can read the ticket's secret files '%s.*'", ticket);
	pk_ticket_warn_validity(&j->kit.ticket, &pk_msg_events);
	return pk_label_copy(&j->kit.terms.label, &j->label, err);
}

/* What the part before was sealed as is known from its outer signature: no secret that opens it is needed. */
static int chain(struct job *j, struct pk_err *err)
{
	struct pk_json json = {.out = &j->previous_json};
	PK_AUTO(pk_strv) ids = {0};
	struct pk_sealed_as as = {0};

	if (part_of.n && !ticket)
		return pk_fail(err, PK_EUSAGE, 0, "--part-of goes with --ticket: parts are sealed under one ticket");
	for (size_t i = 0; i < part_of.n; i++) {
		PK_AUTO(pk_outer) o = {0};
		PK_AUTO(pk_buf) id = {0};

		if (pk_outer_check(part_of.v[i], NULL, pk_time_now(), &o, err) < 0)
			return -1;
		/* who issued the ticket is for import to judge; what matters is that its key signed */
		if ((o.status != PK_TRUST_OK && o.status != PK_TRUST_UNKNOWN_ISSUER) || !o.trusted_comment ||
		    !pk_trusted_comment_parse(pk_str(o.trusted_comment), &as))
			return pk_fail(err, PK_EUSAGE, 0, "'%s' is no part to go on from: %s", part_of.v[i],
				       o.why && *o.why ? o.why : "its signature does not say what it is");
		if (memcmp(as.ticket, j->kit.ticket.id, sizeof(as.ticket)) != 0)
			return pk_fail(err, PK_EUSAGE, 0, "'%s' was sealed under another ticket", part_of.v[i]);
		pk_buf_put_hex(&id, as.bundle, sizeof(as.bundle));
		if (pk_buf_check(&id, err) < 0)
			return -1;
		if (pk_strv_has(&ids, id.p))
			return pk_fail(err, PK_EUSAGE, 0, "'%s' is named twice", part_of.v[i]);
		if (pk_strv_add(&ids, pk_buf_str(&id), err) < 0)
			return -1;
	}
	if (!part_of.n)
		return 0;
	pk_json_begin(&json, '{');
	pk_json_khex(&json, "bundle", as.bundle, sizeof(as.bundle));
	pk_json_khex(&json, "root", as.root, sizeof(as.root));
	pk_json_end(&json, '}');
	return pk_json_check(&json, err);
}

static int free_terms(struct job *j, struct pk_err *err)
{
	pk_msg_warn("the bundle will be UNSIGNED: nothing will prove where it comes from");
	if (tlp)
		pk_msg_warn("nobody judges whether its readers fit the label: that is done for who signs");
	if (make_label(j, NULL, err) < 0 ||
	    pk_terms_make(mission ? mission : "unnamed", &j->label, &j->recipients, "files", &j->terms, err) < 0)
		return -1;
	pk_buf_put_terms(&j->terms_text, &j->terms);
	return pk_buf_check(&j->terms_text, err);
}

static int choose_trust(struct job *j, struct pk_err *err)
{
	int given = (signer != NULL) + (ticket != NULL) + no_signature;

	if (!signer && (bundle_override || bundle_second))
		return pk_fail(err, PK_EUSAGE, 0, "--override and --second go with --signer");
	if (given != 1)
		return pk_fail(err, PK_EUSAGE, 0,
			       given ? "--signer, --ticket and --unsigned exclude each other"
				     : "who signs? give --signer NAME, --ticket STEM or --unsigned");
	return signer ? issue(j, err) : ticket ? read_ticket(j, err) : free_terms(j, err);
}

static int describe(struct job *j, const struct pk_root *root, int argc, char **argv, struct pk_err *err)
{
	struct pk_json label = {.out = &j->label_json}, host = {.out = &j->host_json}, tool = {.out = &j->tool_json};

	if (pk_facts_read(&j->facts, root, err) < 0)
		return -1;
	pk_json_begin(&label, '{');
	pk_json_put_label(&label, &j->label);
	pk_json_end(&label, '}');
	pk_json_begin(&host, '{');
	if (j->facts.hostname)
		pk_json_kbytes(&host, "hostname", pk_str(j->facts.hostname));
	if (j->facts.machine_id)
		pk_json_kbytes(&host, "machine_id", pk_str(j->facts.machine_id));
	if (j->facts.dmi_uuid)
		pk_json_kbytes(&host, "dmi_uuid", pk_str(j->facts.dmi_uuid));
	if (j->facts.root_uuid)
		pk_json_kbytes(&host, "root_uuid", pk_str(j->facts.root_uuid));
	pk_json_kbool(&host, "live", false);
	pk_json_end(&host, '}');
	pk_collect_put_tool(&tool, "picket-bundle", PK_VERSION, NULL, argc, argv);
	if (pk_json_check(&label, err) < 0 || pk_json_check(&host, err) < 0)
		return -1;
	return pk_json_check(&tool, err);
}

/* An override is of this bundle, and part of what is signed. */
static int put_override(struct job *j, struct pk_seal *seal, struct pk_err *err)
{
	PK_AUTO(pk_release_set) made = {0};
	PK_AUTO(pk_buf) fields = {0};
	struct pk_json json = {.out = &fields};
	uint8_t id[16];

	if (!j->beyond.n)
		return 0;
	pk_seal_id(seal, id);
	if (pk_release_make(&(struct pk_release_of){.ticket = &j->kit.ticket, .bundle = id}, &j->beyond,
			    bundle_override, &j->keys.sign, &j->second.sign, &j->roster, pk_time_now(), &made, err) < 0)
		return -1;
	pk_keys_done(&j->keys);
	pk_keys_done(&j->second);
	pk_json_begin(&json, '{');
	pk_json_put_release(&json, &made);
	pk_json_end(&json, '}');
	if (pk_json_check(&json, err) < 0)
		return -1;
	return pk_seal_put(seal, 'u', pk_str_n(fields.p + 1, fields.n - 2), NULL, err);
}

static int seal_all(struct job *j, const struct pk_root *root, const struct pk_strv *paths, struct bundle_sealing *s,
		    struct pk_seal_summary *sum, struct pk_buf *ret_path, struct pk_err *err)
{
	const struct pk_seal_params p = {
		.path = output,
		.dir = ".",
		.to = &j->to,
		.ticket = no_signature ? NULL : &j->kit,
		.terms = pk_buf_str(no_signature ? &j->terms_text : &j->kit.terms_text),
		.host = pk_buf_str(&j->host_json),
		.tool = pk_buf_str(&j->tool_json),
		.label = pk_buf_str(&j->label_json),
		.part = part_of.n + 1,
		.previous = pk_buf_str(&j->previous_json),
		.pad = pad,
		.level = (int)level,
		.threads = (unsigned)threads,
	};
	PK_AUTOPTR(pk_seal) seal = NULL;
	PK_AUTOPTR(pk_store) store = NULL;
	struct pk_store_params to_store = {0};

	if (pk_seal_new(&p, &seal, err) < 0 || put_override(j, seal, err) < 0)
		return -1;
	to_store.seal = seal;
	if (pk_store_new(&to_store, &store, err) < 0)
		return -1;
	*s = (struct bundle_sealing){.seal = seal, .store = store, .root = root, .facts = &j->facts};
	for (size_t i = 0; i < paths->n; i++)
		if (bundle_seal_path(s, pk_str(paths->v[i]), err) < 0)
			return -1;
	pk_buf_puts(ret_path, pk_seal_path(seal));
	return pk_seal_finish(seal, sum, err);
}

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(job) j = {0};
	PK_AUTO(pk_root) root = {.fd = -1};
	PK_AUTO(pk_strv) paths = {0};
	struct bundle_sealing s = {0};
	PK_AUTO(pk_buf) path = {0};
	struct pk_seal_summary sum = {0};

	if (level > 19 || threads > 64)
		return pk_fail(err, PK_EUSAGE, 0, "--level is at most 19, --threads at most 64");
	if (pk_crypto_init(err) < 0 || gather_recipients(&j, err) < 0 || choose_trust(&j, err) < 0 ||
	    chain(&j, err) < 0 || pk_root_open(&root, "/", err) < 0 ||
	    bundle_resolve_operands(&root, argc, argv, &paths, err) < 0 || describe(&j, &root, argc, argv, err) < 0 ||
	    seal_all(&j, &root, &paths, &s, &sum, &path, err) < 0)
		return -1;
	pk_msg_progress_done();
	pk_msg_info("'%s': %llu paths, %llu contents, %llu KiB in %llu KiB", path.p, (unsigned long long)s.paths,
		    (unsigned long long)sum.contents, ((unsigned long long)sum.plain_bytes + 1023) >> 10,
		    ((unsigned long long)sum.sealed_bytes + 1023) >> 10);
	if (s.failed)
		pk_msg_warn("%llu paths could not be read and are recorded as such", (unsigned long long)s.failed);
	return s.failed ? PK_EXIT_PARTIAL : PK_EXIT_OK;
}

const struct pk_verb bundle_seal = {
	.name = "seal",
	.operands = "PATH...",
	.summary = "seal files and trees into an encrypted, signed bundle",
	.opts = opts,
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};
