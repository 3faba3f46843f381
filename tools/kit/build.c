/* SPDX-License-Identifier: Apache-2.0 */
/* picket-kit build: mission, readers, rules and a one-time ticket into one executable. */
#include "verbs.h"

#include <picket/age.h>
#include <picket/definition.h>
#include <picket/kit.h>
#include <picket/minisign.h>
#include <picket/mission.h>
#include <picket/plan.h>
#include <picket/record.h>
#include <picket/tar.h>
#include <picket/ticket.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *valid = "30d";
static const char *mission_name, *signer, *tlp, *rel_to, *originator, *caveats, *profile, *output, *collector,
	*roster_path, *hosts;
static struct pk_strv to, rules_paths, ioc_paths, definitions, artefacts;
static uint64_t max_file, max_total, max_scan, globstar;
static bool no_live, no_walk, pad, lock_rules, strict;
static int uses = 0, passphrase_fd = -1;

static const char *const uses_words[] = {"one", "many", NULL};
static const struct pk_opt opts[] = {
	{0, "mission", PK_OPT_STR, &mission_name, "NAME", "name of the mission, sealed in the terms", NULL},
	{0, "signer", PK_OPT_STR, &signer, "NAME", "the issuer's key files", NULL},
	{0, "to", PK_OPT_LIST, &to, "READER", "a roster name, an age recipient or a file of them", NULL},
	{0, "tlp", PK_OPT_STR, &tlp, "LABEL", "CLEAR, GREEN, AMBER, AMBER+STRICT or RED", NULL},
	{0, "rel-to", PK_OPT_STR, &rel_to, "NATIONS", "ISO 3166 alpha-3 codes: USA,JPN,PHL", NULL},
	{0, "originator", PK_OPT_STR, &originator, "NAME", "whose material it is (default: the issuer)", NULL},
	{0, "caveats", PK_OPT_STR, &caveats, "WORDS", "further handling words in capitals, with commas", NULL},
	{0, "profile", PK_OPT_STR, &profile, "NAME", "triage (default), minimal, full, or a group's name", NULL},
	{'a', "artifact", PK_OPT_LIST, &artefacts, "NAME", "collect this artefact too", NULL},
	{0, "definitions", PK_OPT_LIST, &definitions, "PATH", "more artefact definitions, a YAML file or a folder",
	 NULL},
	{0, "rules", PK_OPT_LIST, &rules_paths, "PATH",
	 "YARA rules, a file or a folder; whoever gets the kit can read them", NULL},
	{0, "ioc", PK_OPT_LIST, &ioc_paths, "PATH",
	 "indicator sets (hashes, names, C2, keywords, STIX or MISP JSON), a file or a folder", NULL},
	{0, "strict", PK_OPT_FLAG, &strict, NULL, "refuse to build when a file of rules is broken", NULL},
	{0, "lock-rules", PK_OPT_FLAG, &lock_rules, NULL, "wrap the rules by a passphrase that the host's run asks for",
	 NULL},
	{0, "valid", PK_OPT_STR, &valid, "TIME", "how long the ticket is valid: 12h, 30d (default), 1y", NULL},
	{0, "uses", PK_OPT_CHOICE, &uses, "WORD", "for one bundle, or one kit for many hosts (default: one)",
	 uses_words},
	{0, "hosts", PK_OPT_STR, &hosts, "FILE", "one kit and one ticket for each line of FILE, named OUTPUT-LINE",
	 NULL},
	{0, "max-file", PK_OPT_SIZE, &max_file, "SIZE", "take at most the first SIZE bytes of a file", NULL},
	{0, "max-total", PK_OPT_SIZE, &max_total, "SIZE", "take at most SIZE bytes of content", NULL},
	{0, "max-scan", PK_OPT_SIZE, &max_scan, "SIZE", "do not scan larger contents (recorded)", NULL},
	{0, "globstar-default", PK_OPT_U64, &globstar, "N", "depth of a bare ** (default 10)", NULL},
	{0, "no-live", PK_OPT_FLAG, &no_live, NULL, "leave out live tables", NULL},
	{0, "no-walk", PK_OPT_FLAG, &no_walk, NULL, "leave out the metadata walk", NULL},
	PK_OPT_PAD(&pad),
	{0, "collector", PK_OPT_STR, &collector, "FILE", "the plain picket-collect (default: beside picket-kit)", NULL},
	{0, "roster", PK_OPT_STR, &roster_path, "FILE", "roster of this station", NULL},
	{0, "passphrase-fd", PK_OPT_FD, &passphrase_fd, "N", "read passphrases from descriptor N, one a line", NULL},
	{'o', "output", PK_OPT_STR, &output, "FILE", "the kit to write (with FILE.minisig beside it)", NULL},
	PK_OPT_END,
};

/* What is the same for all kits of one call. */
struct build {
	struct pk_roster roster;
	struct pk_keys keys;
	const struct pk_party *issuer;
	struct pk_mission mission;
	struct pk_strv recipients;
	struct pk_rules rules;
	struct pk_time from, until;
	struct pk_buf common; /* tar members: rules, definitions */
	int collector_fd;
};

static void build_done(struct build *b)
{
	pk_roster_done(&b->roster);
	pk_keys_done(&b->keys);
	pk_mission_done(&b->mission);
	pk_strv_done(&b->recipients);
	pk_rules_done(&b->rules);
	pk_buf_done(&b->common);
	pk_cleanup_close(&b->collector_fd);
}

static int open_collector(struct build *b, struct pk_err *err)
{
	PK_AUTO(pk_buf) path = {0};
	char self[4096];
	ssize_t n;

	if (collector) {
		pk_buf_puts(&path, collector);
	} else {
		n = readlink("/proc/self/exe", self, sizeof(self) - 1);
		if (n < 0)
			return pk_fail(err, PK_ESYS, errno,
				       "cannot find picket-collect beside picket-kit: give --collector");
		self[n] = 0;
		pk_buf_putf(&path, "%s/picket-collect", dirname(self));
	}
	if (pk_buf_check(&path, err) < 0)
		return -1;
	b->collector_fd = open(path.p, O_RDONLY | O_CLOEXEC);
	if (b->collector_fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open the collector '%s'", path.p);
	return 0;
}

static int load_trust(struct build *b, struct pk_err *err)
{
	bool there = false;

	if (pk_station_roster(roster_path, &b->roster, &there, NULL, err) < 0)
		return -1;
	if (!there)
		return pk_fail(err, PK_EUSAGE, 0,
			       "there is no roster here to say who is who: 'picket-key new NAME' begins one");
	if (pk_station_keys(signer, passphrase_fd, &pk_msg_events, &b->keys, err) < 0)
		return -1;
	b->issuer = pk_roster_find_signer(&b->roster, &b->keys.sign.pub);
	if (!b->issuer)
		return pk_fail(err, PK_EUSAGE, 0, "the key of '%s' is not in the roster: 'picket-key roster add'",
			       signer);
	if (!b->issuer->issuer)
		return pk_fail(err, PK_EUSAGE, 0, "'%s' may not issue tickets by the roster", b->issuer->name);
	return pk_party_check(b->issuer, b->from, err);
}

static int add_readers(struct build *b, struct pk_err *err)
{
	for (size_t i = 0; i < to.n; i++)
		if (pk_roster_resolve(&b->roster, to.v[i], &b->recipients, err) < 0)
			return -1;
	pk_strv_uniq(&b->recipients);
	for (size_t i = 0; i < b->recipients.n; i++) {
		const struct pk_party *p = pk_roster_find_recipient(&b->roster, b->recipients.v[i]);

		if (pk_mission_add_reader(&b->mission, p ? p->name : NULL, p ? p->org : NULL, p ? p->nation : NULL,
					  b->recipients.v[i], err) < 0)
			return -1;
	}
	pk_roster_warn_originators(&b->roster, &b->mission.label, &pk_msg_events);
	return pk_release_check(&b->mission.label, b->issuer, &b->roster, &b->recipients, b->from, err);
}

static int fill_mission(struct build *b, struct pk_err *err)
{
	struct pk_mission *m = &b->mission;
	PK_AUTO(pk_buf) now = {0};
	int64_t seconds = 0;

	b->from = b->until = pk_time_now();
	b->from.nsec = b->until.nsec = 0;
	if (pk_validity_parse(valid, &seconds, err) < 0)
		return -1;
	b->until.sec += seconds;
	pk_buf_put_rfc3339(&now, b->from, 0);
	m->mission = pk_str_dup(pk_str(mission_name));
	m->built = pk_buf_take(&now);
	m->version = pk_str_dup(pk_str(PK_VERSION));
	m->profile = pk_str_dup(pk_str(profile ? profile : "triage"));
	if (!m->mission || !m->built || !m->version || !m->profile)
		return pk_fail_oom(err);
	for (size_t i = 0; i < artefacts.n; i++)
		if (pk_strv_add(&m->artefacts, pk_str(artefacts.v[i]), err) < 0)
			return -1;
	if (pk_label_from_options(&m->label, tlp, rel_to, originator, caveats, NULL, err) < 0)
		return -1;
	m->max_file = max_file;
	m->max_total = max_total;
	m->max_scan = max_scan;
	m->globstar = globstar;
	m->live = !no_live;
	m->pad = pad;
	m->walk = no_walk ? PK_WALK_NO : PK_WALK_PROFILE;
	return 0;
}

/* --- what goes into every kit ------------------------------------------------------------------------------ */

static int put_rules(struct build *b, struct pk_err *err)
{
	PK_AUTO(pk_buf) tar = {0};
	struct pk_buf *into = lock_rules ? &tar : &b->common;

	for (size_t i = 0; i < b->rules.n; i++) {
		PK_AUTO(pk_buf) name = {0};

		pk_buf_putf(&name, "%s%s", b->rules.v[i].include_only ? PK_KIT_INCLUDED : PK_KIT_RULES,
			    b->rules.v[i].name);
		if (pk_buf_check(&name, err) < 0 ||
		    pk_kit_put(into, name.p, pk_str_n(b->rules.v[i].text, b->rules.v[i].n), err) < 0)
			return -1;
	}
	if (kit_put_indicators(into, &ioc_paths, err) < 0)
		return -1;
	if (!lock_rules) {
		if (b->rules.n)
			pk_msg_info("%zu rule files go into the kit: whoever gets it can read them (--lock-rules wraps "
				    "them)",
				    b->rules.n);
		return 0;
	}
	{
		static const char end[PK_TAR_END];
		PK_AUTO(pk_age_recipients) who = {0};
		PK_AUTO(pk_buf) sealed = {0};
		PK_AUTOPTR(pk_age_writer) w = NULL;

		pk_buf_put(&tar, end, sizeof(end));
		if (pk_buf_check(&tar, err) < 0 ||
		    pk_secret_ask(&who.passphrase, "passphrase for the kit's rules", true, passphrase_fd, err) < 0 ||
		    pk_age_writer_new(&who, pk_sink_buf(&sealed), NULL, &w, err) < 0 ||
		    pk_age_write(w, tar.p, tar.n, err) < 0 || pk_age_writer_finish(w, err) < 0)
			return -1;
		return pk_kit_put(&b->common, PK_KIT_RULES_LOCKED, pk_buf_str(&sealed), err);
	}
}

static int put_definition_file(struct build *b, const char *path, struct pk_err *err)
{
	const char *slash = strrchr(path, '/');
	PK_AUTO(pk_buf) name = {0};
	PK_AUTO(pk_buf) text = {0};

	if (pk_read_path(path, 16u << 20, &text, err) < 0)
		return -1;
	pk_buf_put_member_name(&name, PK_KIT_ARTIFACTS, pk_str(slash ? slash + 1 : path));
	if (pk_buf_check(&name, err) < 0)
		return -1;
	return pk_kit_put(&b->common, name.p, pk_buf_str(&text), err);
}

/* Checks that the plan can be made before anything is built; then the files go in as they are. */
static int put_definitions(struct build *b, struct pk_err *err)
{
	PK_AUTO(pk_definitions) d = {0};
	PK_AUTO(pk_limits) limits = {0};
	PK_AUTO(pk_plan) plan = {0};
	PK_AUTO(pk_strv) files = {0};
	struct pk_plan_opts po = {.profile = b->mission.profile, .artefacts = &b->mission.artefacts};

	if (pk_definitions_load_builtin(&d, err) < 0 || pk_limits_load_builtin(&limits, err) < 0)
		return -1;
	for (size_t i = 0; i < definitions.n; i++) {
		size_t before = d.n;

		if (pk_definitions_load_path(&d, definitions.v[i], err) < 0)
			return -1;
		for (size_t k = before; k < d.n; k++)
			if (!pk_strv_has(&files, d.v[k]->file) && pk_strv_add(&files, pk_str(d.v[k]->file), err) < 0)
				return -1;
	}
	if (pk_definitions_check(&d, err) < 0 || pk_plan_build(&plan, &d, &limits, &po, err) < 0)
		return -1;
	for (size_t i = 0; i < files.n; i++)
		if (put_definition_file(b, files.v[i], err) < 0)
			return -1;
	return 0;
}

/* --- one kit ------------------------------------------------------------------------------------------------ */

static int put_ticket(struct build *b, const char *host, struct pk_buf *tar, struct pk_err *err)
{
	PK_AUTO(pk_terms) terms = {0};
	PK_AUTO(pk_ticket_kit) t = {0};
	PK_AUTO(pk_secret) sign = {0};
	PK_AUTO(pk_secret) note = {0};
	PK_AUTO(pk_buf) mission = {0};
	PK_AUTO(pk_buf) readers = {0};

	free(b->mission.host);
	b->mission.host = host ? pk_str_dup(pk_str(host)) : NULL;
	free(b->mission.issuer);
	b->mission.issuer = pk_str_dup(pk_str(b->issuer->name));
	if (!b->mission.issuer || (host && !b->mission.host))
		return pk_fail_oom(err);
	if (pk_terms_make(b->mission.mission, &b->mission.label, &b->recipients, b->mission.profile, &terms, err) < 0 ||
	    pk_ticket_issue(&b->keys.sign, &terms, b->from, b->until, uses == 0, &t, err) < 0 ||
	    pk_minisign_key_text(&t.sign, &sign, err) < 0 || pk_note_key_text(&t.note, &note, err) < 0)
		return -1;
	pk_buf_put_mission(&mission, &b->mission);
	for (size_t i = 0; i < b->recipients.n; i++)
		pk_buf_putf(&readers, "%s\n", b->recipients.v[i]);
	if (pk_buf_check(&mission, err) < 0 || pk_buf_check(&readers, err) < 0 ||
	    pk_kit_put(tar, PK_KIT_MISSION, pk_buf_str(&mission), err) < 0 ||
	    pk_kit_put(tar, PK_KIT_RECIPIENTS, pk_buf_str(&readers), err) < 0 ||
	    pk_kit_put(tar, PK_KIT_TERMS, pk_buf_str(&t.terms_text), err) < 0 ||
	    pk_kit_put(tar, PK_KIT_TICKET, pk_buf_str(&t.ticket_text), err) < 0 ||
	    pk_kit_put(tar, PK_KIT_TICKET_SIG, pk_buf_str(&t.ticket_sig), err) < 0 ||
	    pk_kit_put(tar, PK_KIT_SIGNKEY, pk_str_n(sign.p, sign.n), err) < 0 ||
	    pk_kit_put(tar, PK_KIT_NOTEKEY, pk_str_n(note.p, note.n), err) < 0)
		return -1;
	return 0;
}

/* The issuer's signature over the whole kit, for stock minisign. */
static int sign_kit(struct build *b, const char *path, struct pk_err *err)
{
	PK_AUTO(pk_buf) sig = {0};
	PK_AUTO(pk_buf) sig_path = {0};
	pk_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t digest[64];

	if (fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open '%s'", path);
	if (pk_minisign_digest_fd(fd, digest, err) < 0)
		return pk_wrap(err, "'%s'", path);
	pk_buf_putf(&sig_path, "%s.minisig", path);
	if (pk_buf_check(&sig_path, err) < 0 ||
	    pk_minisign_sign(&b->keys.sign, digest, "picket kit: check this before it is run", &sig, err) < 0)
		return -1;
	return pk_write_path(sig_path.p, PK_OUT_EXCL, pk_buf_str(&sig), err);
}

static void wipe_and_free(struct pk_buf *b)
{
	if (b->p)
		pk_wipe(b->p, b->cap);
	pk_buf_done(b);
}

static int build_one(struct build *b, const char *path, const char *host, struct pk_err *err)
{
	__attribute__((cleanup(wipe_and_free))) struct pk_buf tar = {0}; /* holds the ticket's keys */

	if (!pk_buf_room(&tar, b->common.n + (64 << 10))) /* one allocation, so that one wipe reaches all */
		return pk_fail_oom(err);
	if (put_ticket(b, host, &tar, err) < 0)
		return -1;
	pk_buf_put_str(&tar, pk_buf_str(&b->common));
	if (pk_buf_check(&tar, err) < 0 || pk_kit_write(path, b->collector_fd, pk_buf_str(&tar), err) < 0)
		return -1;
	if (sign_kit(b, path, err) < 0) {
		unlink(path); /* a kit without its signature would be trusted by nobody */
		return -1;
	}
	pk_msg_info("kit: %s, with its signature %s.minisig: check it with minisign before it is run", path, path);
	return 0;
}

/* The lines of --hosts, each once, and the kit of none of them there yet: a list is built whole or not begun. */
static int read_hosts(struct pk_strv *ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	struct pk_str rest, line;

	if (pk_read_path(hosts, 1u << 20, &text, err) < 0)
		return -1;
	for (rest = pk_buf_str(&text); pk_str_line(&rest, &line);) {
		PK_AUTO(pk_buf) path = {0};
		struct stat st;

		line = pk_str_trim(line);
		if (!line.n || line.p[0] == '#')
			continue;
		if (!pk_party_name_ok(line))
			return pk_fail(err, PK_EUSAGE, 0,
				       "'%s': '%.*s' is no name for a kit: letters, digits, . _ -: nothing was built",
				       hosts, PK_STR_ARG(line));
		pk_buf_putf(&path, "%s-%.*s", output, PK_STR_ARG(line));
		if (pk_buf_check(&path, err) < 0 || pk_strv_add(ret, line, err) < 0)
			return -1;
		for (size_t i = 0; i + 1 < ret->n; i++)
			if (strcmp(ret->v[i], ret->v[ret->n - 1]) == 0)
				return pk_fail(err, PK_EUSAGE, 0, "'%s' names '%s' twice: nothing was built", hosts,
					       ret->v[i]);
		if (lstat(path.p, &st) == 0)
			return pk_fail(err, PK_EUSAGE, 0,
				       "'%s' exists already and is never overwritten: nothing was built", path.p);
	}
	return ret->n ? 0 : pk_fail(err, PK_EUSAGE, 0, "'%s' names no host", hosts);
}

static int build_hosts(struct build *b, struct pk_err *err)
{
	PK_AUTO(pk_strv) list = {0};

	if (read_hosts(&list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.n; i++) {
		PK_AUTO(pk_buf) path = {0};

		pk_buf_putf(&path, "%s-%s", output, list.v[i]);
		if (pk_buf_check(&path, err) < 0 || build_one(b, path.p, list.v[i], err) < 0)
			return -1;
	}
	return 0;
}

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(build) b = {.collector_fd = -1};

	(void)argc, (void)argv;
	if (!mission_name || !signer || !to.n || !output)
		return pk_fail(err, PK_EUSAGE, 0, "%s is missing: build needs --mission, --signer, --to and -o",
			       !mission_name ? "--mission"
			       : !signer     ? "--signer"
			       : !to.n       ? "--to"
					     : "-o");
	if (kit_check_indicators(&ioc_paths, err) < 0 || kit_read_rules(&rules_paths, strict, &b.rules, err) < 0 ||
	    fill_mission(&b, err) < 0 || load_trust(&b, err) < 0 || add_readers(&b, err) < 0 ||
	    open_collector(&b, err) < 0 || put_rules(&b, err) < 0 || put_definitions(&b, err) < 0)
		return -1;
	if ((hosts ? build_hosts(&b, err) : build_one(&b, output, NULL, err)) < 0)
		return -1;
	return PK_EXIT_OK;
}

const struct pk_verb kit_build = {
	.name = "build",
	.operands = "",
	.summary = "build a kit: collector, readers, profile, rules and a one-time ticket in one executable",
	.opts = opts,
	.max_operands = 0,
	.run = run,
};
