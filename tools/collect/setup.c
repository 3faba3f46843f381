/* SPDX-License-Identifier: Apache-2.0 */
/* From a kit or from options to everything that a collection needs. */
#include "setup.h"

#include <picket/hash.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

void setup_done(struct setup *s)
{
	pk_scanpool_free(s->pool);
	pk_slots_done(&s->slots);
	pk_mission_done(&s->mission);
	pk_rules_done(&s->rules);
	pk_ioc_files_done(&s->ioc_files);
	pk_ioc_free(s->ioc);
	pk_plan_done(&s->plan);
	pk_limits_done(&s->limits);
	pk_definitions_done(&s->definitions);
	pk_mounts_done(&s->mounts);
	pk_facts_done(&s->facts);
	pk_root_done(&s->root);
	pk_age_recipients_done(&s->to);
	pk_ticket_kit_done(&s->ticket);
	pk_terms_done(&s->terms);
	pk_buf_done(&s->terms_text);
	pk_buf_done(&s->label_json);
	pk_buf_done(&s->tool_json);
	pk_cleanup_close(&s->self_fd);
}

/* --- the executable ----------------------------------------------------------------------------------- */

static int hash_self(struct setup *s, struct pk_err *err)
{
	uint8_t block[65536];
	struct pk_sha256 h;
	uint64_t at = 0;
	size_t got;

	pk_sha256_init(&h);
	do {
		if (pk_pread_full(s->self_fd, block, sizeof(block), at, &got, err) < 0)
			return -1;
		pk_sha256_put(&h, block, got);
		at += got;
	} while (got == sizeof(block));
	pk_sha256_end(&h, s->self_sha256);
	return 0;
}

/* Who decided it before: a kit's mission all of these, a ticket only some. */
struct decided {
	const char *name;
	bool given, by_ticket;
};

/* The first option that was given and is decided already, or NULL. */
static const char *find_decided(bool by_ticket)
{
	const struct collect_opts *o = &collect_opts;
	const struct decided all[] = {
		{"--profile", o->profile, true},
		{"--mission", o->mission, true},
		{"--signer", o->signer, false},
		{"--ticket", o->ticket, false},
		{"--tlp", o->tlp, true},
		{"--rel-to", o->rel_to, true},
		{"--originator", o->originator, true},
		{"--caveats", o->caveats, true},
		{"--to", o->to.n, false},
		{"--rules", o->rules.n, false},
		{"--ioc", o->ioc.n, false},
		{"--artifact", o->artefacts.n, false},
		{"--definitions", o->definitions.n, false},
		{"--unsigned", o->no_signature, false},
		{"--roster", o->roster, false},
		{"--max-file", o->max_file, false},
		{"--max-total", o->max_total, false},
		{"--max-scan", o->max_scan, false},
		{"--globstar-default", o->globstar, false},
		{"--walk", o->walk, false},
	};

	for (size_t i = 0; i < PK_LEN(all); i++)
		if (all[i].given && (all[i].by_ticket || !by_ticket))
			return all[i].name;
	return NULL;
}

static int refuse_overrides(struct pk_err *err)
{
	const char *which = find_decided(false);

	if (!which)
		return 0;
	return pk_fail(err, PK_EUSAGE, 0, "this is a kit: its mission is fixed, %s cannot change it", which);
}

int setup_self(struct setup *s, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};

	s->self_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (s->self_fd < 0) /* no /proc here: the name it was started by */
		s->self_fd = open((const char *)getauxval(AT_EXECFN), O_RDONLY | O_CLOEXEC);
	if (s->self_fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open this executable");
	if (pk_kit_open(&s->kit, s->self_fd, &s->is_kit, err) < 0)
		return -1;
	if (!s->is_kit)
		return hash_self(s, err);
	memcpy(s->self_sha256, s->kit.sha256, sizeof(s->self_sha256));
	if (refuse_overrides(err) < 0 || pk_kit_get(&s->kit, PK_KIT_MISSION, &text, err) < 0)
		return -1;
	return pk_mission_parse(pk_buf_str(&text), &s->mission, err);
}

/* --- the mission from options -------------------------------------------------------------------------- */

static int add_readers(struct setup *s, const struct pk_roster *r, struct pk_err *err)
{
	for (size_t i = 0; i < collect_opts.to.n; i++) {
		PK_AUTO(pk_strv) list = {0};

		if (pk_roster_resolve(r, collect_opts.to.v[i], &list, err) < 0)
			return -1;
		for (size_t k = 0; k < list.n; k++) {
			const struct pk_party *p = r ? pk_roster_find_recipient(r, list.v[k]) : NULL;

			if (pk_mission_add_reader(&s->mission, p ? p->name : NULL, p ? p->org : NULL,
						  p ? p->nation : NULL, list.v[k], err) < 0)
				return -1;
		}
	}
	return 0;
}

static char *dup_or(const char *z, const char *otherwise) { return pk_str_dup(pk_str(z ? z : otherwise)); }

/* Options that a ticket has decided already, and signers that exclude each other. */
static int refuse_with_ticket(struct pk_err *err)
{
	const struct collect_opts *o = &collect_opts;
	const char *which = find_decided(true);

	if ((o->ticket != NULL) + (o->signer != NULL) + o->no_signature > 1)
		return pk_fail(err, PK_EUSAGE, 0, "--signer, --ticket and --unsigned exclude each other");
	if (o->ticket && which)
		return pk_fail(err, PK_EUSAGE, 0,
			       "mission, label and profile are the ticket's: %s cannot be given again", which);
	return 0;
}

/* Mission, label and profile: a ticket's, or as the options say. */
static int fill_terms(struct pk_mission *m, struct pk_err *err)
{
	const struct collect_opts *o = &collect_opts;
	PK_AUTO(pk_terms) terms = {0};

	if (!o->ticket) {
		m->mission = dup_or(o->mission, "unnamed");
		m->profile = dup_or(o->profile, o->artefacts.n ? "none" : "triage");
		if (pk_label_from_options(&m->label, o->tlp, o->rel_to, o->originator, o->caveats, NULL, err) < 0)
			return -1;
	} else {
		if (pk_ticket_kit_read_terms(o->ticket, &terms, err) < 0)
			return -1;
		m->mission = pk_str_dup(pk_str(terms.mission));
		m->profile = dup_or(o->artefacts.n ? "none" : NULL, terms.profile);
		if (pk_label_copy(&terms.label, &m->label, err) < 0)
			return -1;
	}
	return m->mission && m->profile ? 0 : pk_fail_oom(err);
}

int setup_mission(struct setup *s, struct pk_err *err)
{
	const struct collect_opts *o = &collect_opts;
	struct pk_mission *m = &s->mission;
	PK_AUTO(pk_roster) roster = {0};
	PK_AUTO(pk_buf) now = {0};
	bool has_roster;

	if (refuse_with_ticket(err) < 0 || fill_terms(m, err) < 0)
		return -1;
	pk_buf_put_rfc3339(&now, pk_time_now(), 0);
	m->issuer = dup_or(o->signer, "");
	m->built = pk_buf_take(&now);
	m->version = dup_or(PK_VERSION, "");
	if (!m->issuer || !m->built || !m->version)
		return pk_fail_oom(err);
	for (size_t i = 0; i < o->artefacts.n; i++)
		if (pk_strv_add(&m->artefacts, pk_str(o->artefacts.v[i]), err) < 0)
			return -1;
	m->max_file = o->max_file;
	m->max_total = o->max_total;
	m->max_scan = o->max_scan;
	m->globstar = o->globstar;
	m->live = !o->no_live;
	m->pad = o->pad;
	m->walk = o->walk ? PK_WALK_YES : PK_WALK_PROFILE;
	if (pk_station_roster(o->roster, &roster, &has_roster, NULL, err) < 0)
		return pk_wrap(err, "roster");
	if (has_roster && !o->ticket)
		pk_roster_warn_originators(&roster, &m->label, &pk_msg_events);
	return add_readers(s, has_roster ? &roster : NULL, err);
}

/* --- what to read --------------------------------------------------------------------------------------- */

static int add_definition(void *ctx, struct pk_str name, struct pk_str data, struct pk_err *err)
{
	struct setup *s = ctx;
	pk_autofree char *z = pk_str_dup(name);

	if (!z)
		return pk_fail_oom(err);
	if (pk_str_ends(name, PK_STR(".txt")))
		return pk_limits_load(&s->limits, z, data, err);
	return pk_definitions_load(&s->definitions, z, data, err);
}

int setup_plan(struct setup *s, struct pk_err *err)
{
	const struct collect_opts *o = &collect_opts;
	struct pk_mount_opts mo = {.network = o->network};
	struct pk_plan_opts po = {.artefacts = &s->mission.artefacts,
				  .globstar_default = (unsigned)s->mission.globstar,
				  .max_file = s->mission.max_file};

	if (strcmp(s->mission.profile, "none") != 0)
		po.profile = s->mission.profile;
	if (pk_definitions_load_builtin(&s->definitions, err) < 0 || pk_limits_load_builtin(&s->limits, err) < 0)
		return -1;
	if (s->is_kit && pk_kit_each(&s->kit, PK_KIT_ARTIFACTS, add_definition, s, err) < 0)
		return pk_wrap(err, "kit");
	for (size_t i = 0; i < o->definitions.n; i++)
		if (pk_definitions_load_path(&s->definitions, o->definitions.v[i], err) < 0)
			return -1;
	if (pk_definitions_check(&s->definitions, err) < 0 ||
	    pk_plan_build(&s->plan, &s->definitions, &s->limits, &po, err) < 0 ||
	    pk_root_open(&s->root, o->root ? o->root : "/", err) < 0 ||
	    pk_mounts_read(&s->mounts, &s->root, &mo, err) < 0)
		return -1;
	pk_mounts_guard(&s->mounts, &s->root);
	return pk_facts_read(&s->facts, &s->root, err);
}

/* --- the scanners ---------------------------------------------------------------------------------------- */

static int add_rule_as(struct setup *s, struct pk_str name, const char *prefix, struct pk_str data, struct pk_err *err)
{
	const size_t n = strlen(prefix);
	pk_autofree char *z = pk_str_dup((struct pk_str){name.p + n, name.n - n});

	if (!z)
		return pk_fail_oom(err);
	return pk_rules_add(&s->rules, NULL, z, data, err);
}

static int add_rule(void *ctx, struct pk_str name, struct pk_str data, struct pk_err *err)
{
	return add_rule_as(ctx, name, PK_KIT_RULES, data, err);
}

static int add_included(void *ctx, struct pk_str name, struct pk_str data, struct pk_err *err)
{
	struct setup *s = ctx;
	const size_t before = s->rules.n;

	if (add_rule_as(s, name, PK_KIT_INCLUDED, data, err) < 0)
		return -1;
	if (s->rules.n > before)
		s->rules.v[before].include_only = true;
	return 0;
}

static int add_open_rules(struct setup *s, struct pk_err *err)
{
	return pk_kit_each(&s->kit, PK_KIT_RULES, add_rule, s, err) < 0
		       ? -1
		       : pk_kit_each(&s->kit, PK_KIT_INCLUDED, add_included, s, err);
}

static int note_locked(void *ctx, struct pk_str name, struct pk_str data, struct pk_err *err)
{
	(void)name, (void)err;
	*(bool *)ctx = data.n > 0;
	return 0;
}

/* Rules wrapped by passphrase: unwrapped in memory only. */
static int add_locked_rules(struct setup *s, struct pk_err *err)
{
	PK_AUTO(pk_secret) pass = {0};
	PK_AUTO(pk_buf) sealed = {0};
	PK_AUTO(pk_buf) tar = {0};
	PK_AUTOPTR(pk_age_identities) ids = NULL;
	PK_AUTOPTR(pk_age_reader) reader = NULL;
	pk_autoclose int fd = memfd_create("rules", MFD_CLOEXEC);
	size_t got = 0;

	if (fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot unlock the rules");
	if (pk_kit_get(&s->kit, PK_KIT_RULES_LOCKED, &sealed, err) < 0 ||
	    pk_secret_ask(&pass, "passphrase of the kit's rules", false, collect_opts.passphrase_fd, err) < 0 ||
	    pk_age_identities_new(&ids, err) < 0 ||
	    pk_age_identities_add_passphrase(ids, pk_str_n(pass.p, pass.n), err) < 0 ||
	    pk_write_full(fd, sealed.p, sealed.n, err) < 0)
		return -1;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot unlock the rules");
	if (pk_age_reader_new(fd, ids, NULL, &reader, err) < 0)
		return pk_wrap(err, "the kit's rules");
	do {
		void *at = pk_buf_room(&tar, 65536);

		if (!at)
			return pk_fail_oom(err);
		if (pk_age_read(reader, at, 65536, &got, err) < 0)
			return pk_wrap(err, "the kit's rules");
		tar.n += got;
	} while (got);
	if (pk_kit_each_in(pk_buf_str(&tar), PK_KIT_RULES, add_rule, s, err) < 0 ||
	    pk_kit_each_in(pk_buf_str(&tar), PK_KIT_INCLUDED, add_included, s, err) < 0)
		return -1;
	return pk_kit_each_in(pk_buf_str(&tar), PK_KIT_IOC, setup_kit_indicators, s, err);
}

int setup_scan(struct setup *s, struct pk_err *err)
{
	const struct collect_opts *o = &collect_opts;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	size_t children = o->threads ? (size_t)o->threads : (size_t)PK_MAX(cores, 1);
	struct pk_scanpool_params p = {.rules = &s->rules,
				       .slots = &s->slots,
				       .children = children,
				       .max_scan = s->mission.max_scan,
				       .strict = o->strict,
				       .events = &pk_msg_events,
				       .sandbox = (enum pk_sandbox_need)o->sandbox};
	bool locked = false;

	if (s->is_kit && pk_kit_each(&s->kit, PK_KIT_RULES_LOCKED, note_locked, &locked, err) < 0)
		return -1;
	if (s->is_kit && !o->no_scan && (locked ? add_locked_rules(s, err) : add_open_rules(s, err)) < 0)
		return -1;
	if (s->is_kit && !o->no_scan && !locked && pk_kit_each(&s->kit, PK_KIT_IOC, setup_kit_indicators, s, err) < 0)
		return -1;
	for (size_t i = 0; i < o->rules.n && !o->no_scan; i++)
		if (pk_rules_load_path(&s->rules, o->rules.v[i], err) < 0)
			return -1;
	if (setup_indicators(s, err) < 0 || pk_slots_init(&s->slots, children * 2 + 6, err) < 0)
		return -1;
	return s->rules.n ? pk_scanpool_new(&p, &s->pool, err) : 0;
}

int setup_rules(struct setup *s, struct pk_err *err)
{
	struct pk_err why = {0};

	if (!s->pool || (s->is_kit && !collect_opts.strict) || pk_scanpool_ready(s->pool, &why) == 0 ||
	    why.kind != PK_EUSAGE)
		return 0; /* what else ends a scan does not end a collection */
	return pk_fail(err, PK_EUSAGE, 0, "%s (--no-scan collects without them)", why.msg);
}

/* --- keys and the ticket ----------------------------------------------------------------------------------- */

static int kit_ticket(struct setup *s, struct pk_err *err)
{
	PK_AUTO(pk_buf) ticket = {0};
	PK_AUTO(pk_buf) sig = {0};
	PK_AUTO(pk_buf) terms = {0};
	PK_AUTO(pk_secret) sign = {0};
	PK_AUTO(pk_secret) note = {0};

	if (pk_kit_get(&s->kit, PK_KIT_TICKET, &ticket, err) < 0 ||
	    pk_kit_get(&s->kit, PK_KIT_TICKET_SIG, &sig, err) < 0 ||
	    pk_kit_get(&s->kit, PK_KIT_TERMS, &terms, err) < 0 ||
	    pk_kit_get_secret(&s->kit, PK_KIT_SIGNKEY, &sign, err) < 0 ||
	    pk_kit_get_secret(&s->kit, PK_KIT_NOTEKEY, &note, err) < 0)
		return -1;
	s->has_ticket = true;
	return pk_ticket_kit_parse(pk_buf_str(&ticket), pk_buf_str(&sig), pk_buf_str(&terms), pk_str_n(sign.p, sign.n),
				   pk_str_n(note.p, note.n), &s->ticket, err);
}

/* A ticket on the spot: a long-term key on the host. Said aloud, and recorded by the terms' issuer. */
static int issue_ticket(struct setup *s, const struct pk_strv *recipients, struct pk_err *err)
{
	const struct collect_opts *o = &collect_opts;
	PK_AUTO(pk_keys) keys = {0};
	PK_AUTO(pk_roster) roster = {0};
	struct pk_time now = pk_time_now(), until = now;
	const struct pk_party *issuer;
	bool has_roster;

	if (pk_station_keys(o->signer, o->passphrase_fd, &pk_msg_events, &keys, err) < 0 ||
	    pk_station_roster(o->roster, &roster, &has_roster, NULL, err) < 0)
		return -1;
	issuer = has_roster ? pk_roster_find_signer(&roster, &keys.sign.pub) : NULL;
	if (!issuer)
		return pk_fail(err, PK_EUSAGE, 0,
			       "the signer '%s' is not in this station's roster: 'picket-key roster add'", o->signer);
	if (pk_release_check(&s->mission.label, issuer, &roster, recipients, now, err) < 0)
		return -1;
	if (s->root.is_host)
		pk_msg_warn("--signer brings a long-term key to this host; 'picket-key ticket' or a kit does not");
	until.sec += 24 * 3600;
	now.nsec = until.nsec = 0;
	s->has_ticket = true;
	return pk_ticket_issue(&keys.sign, &s->terms, now, until, true, &s->ticket, err);
}

/* The readers must be the ones that the ticket's terms name. */
static int check_readers(const struct pk_terms *terms, const struct pk_strv *recipients, struct pk_err *err)
{
	PK_AUTO(pk_strv) hashes = {0};

	for (size_t i = 0; i < recipients->n; i++) {
		char hex[65];

		pk_recipient_hash(pk_str(recipients->v[i]), hex);
		if (pk_strv_add(&hashes, pk_str(hex), err) < 0)
			return -1;
	}
	pk_strv_uniq(&hashes);
	if (hashes.n != terms->recipient_hashes.n)
		return pk_fail(err, PK_EUSAGE, 0, "the ticket was issued for %zu readers, not for %zu",
			       terms->recipient_hashes.n, hashes.n);
	for (size_t i = 0; i < hashes.n; i++)
		if (strcmp(hashes.v[i], terms->recipient_hashes.v[i]) != 0)
			return pk_fail(err, PK_EUSAGE, 0, "the ticket was issued for other readers than these");
	return 0;
}

int setup_trust(struct setup *s, struct pk_err *err)
{
	const struct collect_opts *o = &collect_opts;
	PK_AUTO(pk_strv) recipients = {0};
	bool loose = false;

	for (size_t i = 0; i < s->mission.readers_n; i++)
		if (pk_strv_add(&recipients, pk_str(s->mission.readers[i].recipient), err) < 0 ||
		    pk_age_recipients_add(&s->to, pk_str(s->mission.readers[i].recipient), err) < 0)
			return -1;
	if (!recipients.n)
		return pk_fail(err, PK_EUSAGE, 0, "no reader: give --to NAME, RECIPIENT or FILE");
	if (pk_terms_make(s->mission.mission, &s->mission.label, &recipients, s->mission.profile, &s->terms, err) < 0)
		return -1;
	if (s->is_kit) {
		if (kit_ticket(s, err) < 0)
			return -1;
	} else if (o->ticket) {
		s->has_ticket = true;
		if (pk_ticket_kit_read(o->ticket, &s->ticket, &loose, err) < 0)
			return -1;
		if (loose)
			pk_msg_warn("others can read the ticket's secret files '%s.*'", o->ticket);
	} else if (o->signer) {
		if (issue_ticket(s, &recipients, err) < 0)
			return -1;
	} else if (!o->no_signature) {
		return pk_fail(err, PK_EUSAGE, 0, "who signs? give --ticket STEM, --signer NAME or --unsigned");
	} else {
		pk_msg_warn("the bundle will be unsigned: every import will quarantine it");
		if (s->mission.label.tlp != PK_TLP_NONE)
			pk_msg_warn("nobody judges whether its readers fit the label: that is done for who signs");
	}
	if (!s->has_ticket) {
		pk_buf_put_terms(&s->terms_text, &s->terms);
		return pk_buf_check(&s->terms_text, err);
	}
	pk_ticket_warn_validity(&s->ticket.ticket, &pk_msg_events);
	return check_readers(&s->ticket.terms, &recipients, err);
}

int setup_params(struct setup *s, int argc, char **argv, struct pk_collect_params *ret, struct pk_err *err)
{
	const struct collect_opts *o = &collect_opts;
	const struct pk_label *label = s->has_ticket ? &s->ticket.terms.label : &s->terms.label;
	struct pk_json label_json = {.out = &s->label_json}, tool_json = {.out = &s->tool_json};
	struct pk_collect_params p = {
		.root = &s->root,
		.facts = &s->facts,
		.mounts = &s->mounts,
		.plan = &s->plan,
		.live = s->mission.live && !o->no_live,
		.tables = &o->tables,
		.walk = s->mission.walk == PK_WALK_YES || (s->mission.walk == PK_WALK_PROFILE && s->plan.walk),
		.max_total = s->mission.max_total,
		.max_scan = s->mission.max_scan,
		.pool = s->pool,
		.scan_each_name = pk_scan_names_paths(&s->rules),
		.ioc = s->ioc,
		.events = &pk_msg_events,
	};

	pk_json_begin(&label_json, '{');
	pk_json_put_label(&label_json, label);
	pk_json_end(&label_json, '}');
	pk_collect_put_tool(&tool_json, "picket-collect", PK_VERSION, s->self_sha256, argc, argv);
	if (pk_json_check(&label_json, err) < 0 || pk_json_check(&tool_json, err) < 0)
		return -1;
	if (o->no_walk)
		p.walk = false;
	p.tool = pk_buf_str(&s->tool_json);
	p.seal = (struct pk_seal_params){
		.to = &s->to,
		.ticket = s->has_ticket ? &s->ticket : NULL,
		.terms = pk_buf_str(s->has_ticket ? &s->ticket.terms_text : &s->terms_text),
		.label = pk_buf_str(&s->label_json),
		.part = 1,
		.pad = s->mission.pad || o->pad,
		.level = (int)o->level,
		.threads = (unsigned)o->threads,
		.slots = &s->slots,
	};
	*ret = p;
	return 0;
}
