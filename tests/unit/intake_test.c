/* SPDX-License-Identifier: Apache-2.0 */
/* Import, verdict by verdict, with bundles sealed here. */
#include "../../lib/casedb/db.h"
#include "../t.h"
#include "../tree.h"

#include <picket/bundle.h>
#include <picket/case.h>
#include <picket/seal.h>

#include <signal.h>
#include <sodium.h>
#include <sys/wait.h>

#define KILLS 10u
#define AMBER "{\"tlp\":\"AMBER\",\"rel_to\":[\"JPN\",\"USA\"],\"originator\":null,\"caveats\":[]}"

static struct tree tmp;
static struct pk_age_recipients to;
static struct pk_age_identities *ids, *other_ids;
static struct pk_minisign_key issuer;
static struct pk_roster roster, nobody;
static struct pk_terms terms;
static struct pk_time base_time;

static char *in_dir(const char *name)
{
	PK_AUTO(pk_buf) b = {0};

	pk_buf_putf(&b, "%s/%s", tmp.dir, name);
	return pk_buf_take(&b);
}

static void kit_of(struct pk_ticket_kit *kit, bool uses_one)
{
	struct pk_time from = base_time, until = base_time;

	from.sec -= 3600;
	until.sec += 3600;
	OK(pk_ticket_issue(&issuer, &terms, from, until, uses_one, kit, &err));
}

struct spec {
	const char *name;                /* file */
	const struct pk_ticket_kit *kit; /* NULL: unsigned */
	const char *host;
	uint64_t bytes;    /* of each content */
	uint64_t salt;     /* other bytes */
	const char *label; /* in record 0; NULL: the terms' */
	unsigned contents; /* 0 means 1 */
	uint64_t part;
	struct pk_str previous;
};

static void put_content(struct pk_seal *s, const struct spec *sp, unsigned n_th)
{
	struct pk_content c = {.size = sp->bytes, .fd = -1};
	PK_AUTO(pk_buf) path = {0};
	PK_AUTO(pk_buf) member = {0};
	PK_AUTO(pk_buf) fields = {0};
	uint64_t leaf = 0, done = 0, x = 88172645463325252ull + n_th + sp->salt;

	pk_buf_puts(&path, "/var/log/big");
	if (n_th)
		pk_buf_putf(&path, ".%u", n_th);
	pk_buf_put_member_name(&member, "data/root/", pk_buf_str(&path));
	c.path = pk_buf_str(&path);
	c.member = pk_buf_str(&member);

	OK(pk_seal_content_begin(s, &c, &err));
	while (done < sp->bytes) {
		void *p = NULL;
		size_t n = 0;

		OK(pk_seal_space(s, &p, &n, &err));
		if (!n)
			return;
		for (size_t i = 0; i < n; i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			((uint8_t *)p)[i] = (uint8_t)x;
		}
		OK(pk_seal_filled(s, n, &err));
		done += n;
	}
	OK(pk_seal_content_end(s, (struct pk_str){0}, &leaf, &err));
	pk_buf_putf(&fields,
		    "\"path\":\"%s\",\"kind\":\"file\",\"size\":%llu,\"mtime\":\"1700000000.000000000\","
		    "\"outcome\":\"taken\",\"member\":\"%s\",\"c\":%llu",
		    path.p, (unsigned long long)sp->bytes, member.p, (unsigned long long)leaf);
	OK(pk_seal_put(s, 'm', pk_buf_str(&fields), NULL, &err));
}

static struct pk_seal_summary make(const struct spec *sp)
{
	pk_autofree char *path = in_dir(sp->name);
	PK_AUTO(pk_buf) host = {0};
	struct pk_seal_params p = {.path = path,
				   .to = &to,
				   .ticket = sp->kit,
				   .part = sp->part ? sp->part : 1,
				   .previous = sp->previous,
				   .tool = PK_STR("{\"name\":\"t\",\"start\":\"1700000100.000000000\"}"),
				   .terms = PK_STR("free\n")};
	struct pk_seal_summary sum = {0};
	PK_AUTOPTR(pk_seal) s = NULL;

	pk_buf_putf(&host, "{\"hostname\":\"%s\",\"machine_id\":\"id-%s\"}", sp->host, sp->host);
	p.host = pk_buf_str(&host);
	if (sp->kit) {
		p.terms = pk_buf_str(&sp->kit->terms_text);
		p.label = sp->label ? pk_str(sp->label) : PK_STR(AMBER);
	}
	OK(pk_seal_new(&p, &s, &err));
	if (!s)
		return sum;
	for (unsigned i = 0; i < (sp->contents ? sp->contents : 1); i++)
		put_content(s, sp, i);
	OK(pk_seal_put(
		s, 'm',
		PK_STR("\"path\":\"/etc/shadow\",\"kind\":\"file\",\"outcome\":\"denied\",\"why\":\"permission\""),
		NULL, &err));
	OK(pk_seal_live(s, "processes", PK_STR("{\"pid\":4711,\"name\":\"implant\",\"start_time\":1700000050}\n"), 1,
			NULL, &err));
	OK(pk_seal_finish(s, &sum, &err));
	return sum;
}

static struct pk_case *open_new(const char *name)
{
	pk_autofree char *dir = in_dir(name);
	struct pk_case *c = NULL;

	OK(pk_case_init(dir, &(struct pk_case_params){0}, NULL, &err));
	OK(pk_case_open(dir, PK_CASE_WRITE, "ann", &c, &err));
	return c;
}

static struct pk_import with(void) { return (struct pk_import){.ids = ids, .roster = &roster, .now = base_time}; }

static struct pk_import_result import(struct pk_case *c, const char *name, struct pk_import how)
{
	pk_autofree char *path = in_dir(name);
	struct pk_import_result r = {.state = PK_IMPORT_REFUSED};

	OK(pk_case_import(c, path, &how, &r, &err));
	return r;
}

static int64_t count(struct pk_case *c, const char *sql)
{
	int64_t n = -1;

	OK(pk_case_int(c, sql, -1, &n, &err));
	return n;
}

static void on_finding(void *ctx, bool bad, const char *text)
{
	(void)ctx;
	if (bad)
		printf("# fault: %s\n", text);
}

static uint64_t faults(struct pk_case *c)
{
	struct pk_check_sink sink = {.finding = on_finding};
	uint64_t bad = 99;

	OK(pk_case_check(c, &sink, &bad, &err));
	return bad;
}

static void copy(const char *from, const char *to_name, size_t cut, int64_t flip_at)
{
	static const char *const suffixes[] = {"", ".minisig", ".ticket", ".ticket.minisig"};

	for (size_t i = 0; i < PK_LEN(suffixes); i++) {
		PK_AUTO(pk_buf) a = {0};
		PK_AUTO(pk_buf) b = {0};
		PK_AUTO(pk_buf) bytes = {0};

		pk_buf_putf(&a, "%s/%s%s", tmp.dir, from, suffixes[i]);
		pk_buf_putf(&b, "%s/%s%s", tmp.dir, to_name, suffixes[i]);
		if (pk_read_path(a.p, 1u << 28, &bytes, NULL) < 0)
			continue;
		if (i == 0 && flip_at >= 0)
			bytes.p[flip_at] ^= 1;
		if (i == 0 && cut)
			bytes.n -= PK_MIN(cut, bytes.n);
		OK(pk_write_path(b.p, 0, pk_buf_str(&bytes), &err));
	}
}

static void drop(const char *name)
{
	pk_autofree char *path = in_dir(name);

	CHECK(unlink(path) == 0);
}

TEST(set_up)
{
	PK_AUTO(pk_secret) line = {0};
	PK_AUTO(pk_secret) line2 = {0};
	PK_AUTO(pk_buf) rec = {0};
	PK_AUTO(pk_strv) recipients = {0};
	PK_AUTO(pk_label) label = {0};
	struct pk_party party = {.issuer = true, .has_sign = true};
	uint8_t pub[32];

	base_time = pk_time_now();
	tmp = tree_new();
	OK(pk_crypto_init(&err));
	OK(pk_age_identity_generate(&line, pub, &err));
	pk_buf_put_age_recipient(&rec, pub);
	OK(pk_age_recipients_add(&to, pk_buf_str(&rec), &err));
	OK(pk_age_identities_new(&ids, &err));
	OK(pk_age_identities_add(ids, pk_str_n(line.p, line.n), &err));
	OK(pk_age_identity_generate(&line2, pub, &err));
	OK(pk_age_identities_new(&other_ids, &err));
	OK(pk_age_identities_add(other_ids, pk_str_n(line2.p, line2.n), &err));
	OK(pk_strv_add(&recipients, pk_buf_str(&rec), &err));
	OK(pk_minisign_generate(&issuer, &err));
	label.tlp = PK_TLP_AMBER;
	OK(pk_label_set_rel_to(&label, PK_STR("USA,JPN"), &err));
	OK(pk_terms_make("HARBOR", &label, &recipients, "triage", &terms, &err));
	party.name = pk_str_dup(PK_STR("lead"));
	party.org = pk_str_dup(PK_STR("CPT-7"));
	party.nation = pk_str_dup(PK_STR("USA"));
	OK(pk_strv_add(&party.recipients, pk_buf_str(&rec), &err));
	party.sign = issuer.pub;
	OK(pk_roster_add(&roster, &party, &err));
	pk_party_done(&party);
}

TEST(taken_and_known)
{
	struct pk_ticket_kit kit = {0};
	struct pk_import_result r;
	PK_AUTOPTR(pk_case) c = open_new("taken");
	PK_AUTO(pk_buf) bytes = {0};

	kit_of(&kit, true);
	make(&(struct spec){.name = "a.age", .kit = &kit, .host = "web01", .bytes = 100000});
	r = import(c, "a.age", with());
	CHECK_INT(r.state, PK_IMPORT_TAKEN);
	CHECK_STR(pk_str(r.trust), PK_STR("ticketed"));
	CHECK_STR(pk_str(r.host), PK_STR("web01"));
	CHECK(r.complete);
	CHECK_INT(r.files, 2);
	CHECK_INT(r.rows, 1);
	CHECK_INT(r.events, 1);
	CHECK_INT(count(c, "SELECT count(*) FROM bundle WHERE tlp = 'AMBER' AND rel_to = 'JPN,USA' AND mission = "
			   "'HARBOR' AND "
			   "issuer = 'lead' AND complete AND is_signed"),
		  1);
	const struct pk_filesink into = {.data = pk_sink_buf(&bytes)};
	int64_t custody = count(c, "SELECT count(*) FROM custody");
	r = import(c, "a.age", with());
	CHECK_INT(r.state, PK_IMPORT_KNOWN);
	copy("a.age", "a2.age", 0, -1);
	r = import(c, "a2.age", with());
	CHECK_INT(r.state, PK_IMPORT_KNOWN);
	CHECK_INT(count(c, "SELECT count(*) FROM bundle"), 1);
	CHECK_INT(count(c, "SELECT count(*) FROM custody"), custody);
	CHECK_INT(faults(c), 0);
	OK(pk_case_cat(c, "/var/log/big", NULL, ids, &into, NULL, &err));
	CHECK_INT(bytes.n, 100000);
	FAILS(PK_EUSAGE, pk_case_cat(c, "/etc/shadow", NULL, ids, &into, NULL, &err));
	FAILS(PK_EUSAGE, pk_case_cat(c, "/var/log/big", NULL, NULL, &into, NULL, &err));
	CHECK_INT(count(c, "SELECT count(*) FROM custody WHERE line LIKE '%\"extract\"%'"), 1);
	pk_ticket_kit_done(&kit);
}

TEST(no_identity_leaves_nothing)
{
	PK_AUTOPTR(pk_case) c = open_new("noid");
	pk_autofree char *path = in_dir("a.age");
	struct pk_import how = with();
	struct pk_import_result r;

	how.ids = NULL;
	FAILS(PK_EUSAGE, pk_case_import(c, path, &how, &r, &err));
	how.ids = other_ids;
	FAILS(PK_ECRYPTO, pk_case_import(c, path, &how, &r, &err));
	CHECK_INT(count(c, "SELECT count(*) FROM intake"), 0);
	CHECK_INT(count(c, "SELECT count(*) FROM custody"), 1);
	CHECK_INT(faults(c), 0);
}

TEST(unsigned_until_accepted)
{
	PK_AUTOPTR(pk_case) c = open_new("unsigned");
	struct pk_import how = with();
	struct pk_import_result r;

	make(&(struct spec){.name = "u.age", .host = "u", .bytes = 10});
	r = import(c, "u.age", with());
	CHECK_INT(r.state, PK_IMPORT_QUARANTINED);
	CHECK_STR(pk_str(r.verdict), PK_STR("unsigned"));
	CHECK_INT(count(c, "SELECT count(*) FROM host"), 0);
	CHECK_INT(count(c, "SELECT count(*) FROM intake WHERE place LIKE 'quarantine/%'"), 1);
	CHECK(strstr(r.why, "incoming-") == NULL);
	CHECK_INT(faults(c), 0);
	r = import(c, "u.age", with());
	CHECK_INT(r.state, PK_IMPORT_QUARANTINED);
	CHECK_INT(count(c, "SELECT count(*) FROM custody WHERE line LIKE '%\"quarantine\"%'"), 1);
	how.accept = "the stick came from our own man";
	r = import(c, "u.age", how);
	CHECK_INT(r.state, PK_IMPORT_TAKEN);
	CHECK_STR(pk_str(r.trust), PK_STR("quarantined"));
	CHECK_INT(count(c, "SELECT count(*) FROM bundle WHERE NOT is_signed AND trust = 'quarantined'"), 1);
	CHECK_INT(count(c, "SELECT count(*) FROM custody WHERE line LIKE '%\"release\"%our own man%'"), 1);
	CHECK_INT(faults(c), 0);
	/* a ticketed one whose signature was taken away */
	copy("a.age", "nosig.age", 0, -1);
	drop("nosig.age.minisig");
	r = import(c, "nosig.age", with());
	CHECK_STR(pk_str(r.verdict), PK_STR("unsigned"));
	r = import(c, "nosig.age", how);
	CHECK_INT(r.state, PK_IMPORT_TAKEN);
	CHECK_INT(faults(c), 0);
}

TEST(altered)
{
	PK_AUTOPTR(pk_case) c = open_new("altered");
	struct pk_import how = with();
	struct pk_import_result r;

	copy("a.age", "flip.age", 0, 60000);
	r = import(c, "flip.age", with());
	CHECK_INT(r.state, PK_IMPORT_QUARANTINED);
	CHECK_STR(pk_str(r.verdict), PK_STR("altered"));
	CHECK(strstr(r.why, "--salvage") != NULL);
	how.accept = "it must be right";
	r = import(c, "flip.age", how); /* no reason makes damaged bytes good */
	CHECK_INT(r.state, PK_IMPORT_REFUSED);
	CHECK_INT(count(c, "SELECT count(*) FROM intake WHERE state = 'quarantined'"), 1);
	CHECK_INT(count(c, "SELECT count(*) FROM bundle"), 0);
	CHECK_INT(count(c, "SELECT count(*) FROM file"), 0);
	CHECK_INT(faults(c), 0);
}

/* Root on the host has the ticket's keys: its collector cannot say another label than the ticket's. */
TEST(label_of_record_0)
{
	static const char *const labels[] = {
		"{\"tlp\":\"CLEAR\",\"rel_to\":[],\"originator\":null,\"caveats\":[]}",
		"{\"tlp\":\"AMBER\",\"rel_to\":[\"JPN\",\"PRK\",\"USA\"],\"originator\":null,\"caveats\":[]}",
		"{\"tlp\":\"AMBER\",\"rel_to\":[\"JPN\",\"USA\"],\"originator\":null,\"caveats\":[\"X\"]}",
		AMBER,
	};
	PK_AUTOPTR(pk_case) c = open_new("labels");

	for (size_t i = 0; i < PK_LEN(labels); i++) {
		struct pk_ticket_kit kit = {0};
		struct pk_import how = with();
		struct pk_import_result r;

		kit_of(&kit, true);
		make(&(struct spec){.name = "l.age", .kit = &kit, .host = "l", .bytes = 10, .label = labels[i]});
		for (unsigned k = 0; k < 2; k++) {
			how.salvage = k;
			r = import(c, "l.age", how);
			if (strcmp(labels[i], AMBER) == 0)
				break;
			CHECK_INT(r.state, PK_IMPORT_QUARANTINED);
			CHECK_STR(pk_str(r.verdict), PK_STR("altered"));
			CHECK(strstr(r.why, "the label of record 0 is not that of the terms"));
			CHECK(!strstr(r.why, "--salvage"));
		}
		for (unsigned k = 0; k < 2; k++) {
			drop((const char *[]){"l.age", "l.age.minisig"}[k]);
			drop((const char *[]){"l.age.ticket", "l.age.ticket.minisig"}[k]);
		}
		pk_ticket_kit_done(&kit);
	}
	CHECK_INT(count(c, "SELECT count(*) FROM bundle"), 1);
	CHECK_INT(count(c, "SELECT count(*) FROM bundle WHERE tlp = 'AMBER' AND rel_to = 'JPN,USA' AND caveats = ''"),
		  1);
	CHECK_INT(faults(c), 0);
}

TEST(issuers)
{
	PK_AUTOPTR(pk_case) c = open_new("issuers");
	struct pk_import how = with();
	struct pk_import_result r;

	how.roster = &nobody;
	r = import(c, "a.age", how);
	CHECK_STR(pk_str(r.verdict), PK_STR("unknown issuer"));
	how.roster = NULL;
	r = import(c, "a.age", how);
	CHECK_STR(pk_str(r.verdict), PK_STR("unknown issuer"));
	roster.party[0].revoked = base_time.sec - 7200;
	r = import(c, "a.age", with());
	CHECK_STR(pk_str(r.verdict), PK_STR("revoked"));
	roster.party[0].revoked = 0;
	/* the roster knows better now: it is judged anew, at its first intake */
	how = with();
	how.now.sec += 30 * 86400;
	r = import(c, "a.age", how);
	CHECK_INT(r.state, PK_IMPORT_TAKEN);
	CHECK_INT(count(c, "SELECT count(*) FROM intake WHERE state = 'quarantined'"), 0);
	CHECK_INT(faults(c), 0);
}

TEST(expired)
{
	PK_AUTOPTR(pk_case) c = open_new("expired");
	struct pk_import how = with();
	struct pk_import_result r;

	how.now.sec += 86400;
	r = import(c, "a.age", how);
	CHECK_STR(pk_str(r.verdict), PK_STR("expired"));
	/* an earlier clock changes nothing: the first intake stays */
	r = import(c, "a.age", with());
	CHECK_STR(pk_str(r.verdict), PK_STR("expired"));
	CHECK_INT(r.state, PK_IMPORT_QUARANTINED);
}

TEST(replayed_and_parts)
{
	PK_AUTOPTR(pk_case) c = open_new("replay");
	struct pk_ticket_kit kit = {0}, many = {0};
	struct pk_import how = with();
	struct pk_import_result r;
	struct pk_seal_summary first;
	PK_AUTO(pk_buf) prev = {0};

	kit_of(&kit, true);
	kit_of(&many, false);
	first = make(&(struct spec){.name = "p1.age", .kit = &kit, .host = "p", .bytes = 10});
	pk_buf_puts(&prev, "{\"bundle\":\"");
	pk_buf_put_hex(&prev, first.bundle_id, 16);
	pk_buf_puts(&prev, "\",\"root\":\"");
	pk_buf_put_hex(&prev, first.root, 32);
	pk_buf_puts(&prev, "\"}");
	make(&(struct spec){
		.name = "p2.age", .kit = &kit, .host = "p", .bytes = 20, .part = 2, .previous = pk_buf_str(&prev)});
	make(&(struct spec){.name = "other.age", .kit = &kit, .host = "p", .bytes = 30});
	CHECK_INT(import(c, "p1.age", with()).state, PK_IMPORT_TAKEN);
	CHECK_INT(import(c, "p2.age", with()).state, PK_IMPORT_TAKEN);
	r = import(c, "other.age", with());
	CHECK_INT(r.state, PK_IMPORT_QUARANTINED);
	CHECK_STR(pk_str(r.verdict), PK_STR("replayed"));
	CHECK(r.alarm);
	CHECK_INT(faults(c), 0);
	how.accept = "collected twice, by order";
	r = import(c, "other.age", how);
	CHECK_INT(r.state, PK_IMPORT_TAKEN);
	CHECK_STR(pk_str(r.trust), PK_STR("quarantined"));
	/* many uses are many uses */
	make(&(struct spec){.name = "m1.age", .kit = &many, .host = "m1", .bytes = 10});
	make(&(struct spec){.name = "m2.age", .kit = &many, .host = "m2", .bytes = 10});
	CHECK_INT(import(c, "m1.age", with()).state, PK_IMPORT_TAKEN);
	CHECK_INT(import(c, "m2.age", with()).state, PK_IMPORT_TAKEN);
	CHECK_INT(faults(c), 0);
	/* parts in the wrong order: the later one names the way out */
	PK_AUTOPTR(pk_case) d = open_new("order");
	CHECK_INT(import(d, "p2.age", with()).state, PK_IMPORT_TAKEN);
	CHECK_INT(import(d, "p1.age", with()).state, PK_IMPORT_TAKEN);
	pk_ticket_kit_done(&kit);
	pk_ticket_kit_done(&many);
}

/* Chance as an attacker would have it: what is drawn follows from a seed. */
static uint64_t drawn;

static const char *seeded_name(void) { return "seeded"; }
static uint32_t seeded_word(void)
{
	drawn = drawn * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(drawn >> 32);
}
static void seeded_bytes(void *const p, const size_t n)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)p)[i] = (uint8_t)(seeded_word() >> 8);
}
static struct randombytes_implementation seeded = {
	.implementation_name = seeded_name, .random = seeded_word, .buf = seeded_bytes};

/* Root on the host has the ticket's keys and its own collector: two bundles of one id. */
TEST(equivocation)
{
	static const char *const order[][2] = {{"e1.age", "e2.age"}, {"e2.age", "e1.age"}};
	struct pk_ticket_kit kit = {0};
	struct pk_import_result r;
	struct pk_import how = with();

	kit_of(&kit, false);
	randombytes_set_implementation(&seeded);
	for (unsigned i = 0; i < 2; i++) {
		drawn = 42;
		make(&(struct spec){.name = order[0][i], .kit = &kit, .host = "e", .bytes = 10 + i, .contents = 1 + i});
	}
	randombytes_set_implementation(&randombytes_sysrandom_implementation);
	for (unsigned i = 0; i < 2; i++) {
		PK_AUTOPTR(pk_case) c = open_new(i ? "equivocation2" : "equivocation1");
		int64_t lines = 0;

		CHECK_INT(import(c, order[i][0], with()).state, PK_IMPORT_TAKEN);
		r = import(c, order[i][1], with());
		CHECK_INT(r.state, PK_IMPORT_QUARANTINED);
		CHECK_STR(pk_str(r.verdict), PK_STR("equivocation"));
		CHECK(r.alarm);
		/* both are kept, one is merged, the log says what happened */
		CHECK_INT(count(c, "SELECT count(*) FROM intake WHERE place IS NOT NULL"), 2);
		CHECK_INT(count(c, "SELECT count(DISTINCT bundle) FROM intake"), 1);
		CHECK_INT(count(c, "SELECT count(*) FROM bundle"), 1);
		CHECK_INT(count(c, "SELECT count(*) FROM custody WHERE line ->> '$.action' = 'quarantine' AND "
				   "line ->> '$.verdict' = 'equivocation'"),
			  1);
		lines = count(c, "SELECT count(*) FROM custody");
		r = import(c, order[i][1], with());
		CHECK_STR(pk_str(r.verdict), PK_STR("equivocation"));
		CHECK_INT(count(c, "SELECT count(*) FROM custody"), lines);
		/* no reason makes both true */
		how.accept = "both will be right";
		r = import(c, order[i][1], how);
		CHECK_STR(pk_str(r.verdict), PK_STR("equivocation"));
		CHECK_INT(faults(c), 0);
	}
	pk_ticket_kit_done(&kit);
}

/* As many records, and other bytes: the root alone tells. */
TEST(equivocation_of_one_length)
{
	static const char *const names[] = {"f1.age", "f2.age"};
	PK_AUTOPTR(pk_case) c = open_new("equivocation3");
	struct pk_ticket_kit kit = {0};
	struct pk_seal_summary sum[2] = {0};
	struct pk_import_result r;
	struct pk_import how = with();

	kit_of(&kit, true);
	randombytes_set_implementation(&seeded);
	for (unsigned i = 0; i < 2; i++) {
		drawn = 43;
		sum[i] = make(&(struct spec){.name = names[i], .kit = &kit, .host = "f", .bytes = 100, .salt = i});
	}
	randombytes_set_implementation(&randombytes_sysrandom_implementation);
	CHECK(memcmp(sum[0].bundle_id, sum[1].bundle_id, 16) == 0);
	CHECK(memcmp(sum[0].root, sum[1].root, 32) != 0);
	CHECK_INT(import(c, names[0], with()).state, PK_IMPORT_TAKEN);
	for (unsigned i = 0; i < 2; i++) {
		r = import(c, names[1], how);
		CHECK_INT(r.state, PK_IMPORT_QUARANTINED);
		CHECK_STR(pk_str(r.verdict), PK_STR("equivocation"));
		CHECK(r.alarm);
		how.accept = "it is the right one";
	}
	CHECK_INT(count(c, "SELECT count(*) FROM bundle WHERE trust = 'ticketed'"), 1);
	CHECK_INT(faults(c), 0);
	pk_ticket_kit_done(&kit);
}

/* A cut one is compared with the beginning of the whole. */
TEST(equivocation_of_a_cut_one)
{
	static const char *const names[] = {"h1.age", "h2.age"};
	PK_AUTOPTR(pk_case) c = open_new("equivocation4");
	struct pk_ticket_kit kit = {0};
	struct pk_import how = with();
	struct pk_import_result r;

	kit_of(&kit, true);
	randombytes_set_implementation(&seeded);
	for (unsigned i = 0; i < 2; i++) {
		drawn = 44;
		make(&(struct spec){
			.name = names[i], .kit = &kit, .host = "h", .bytes = 9u << 20, .contents = 5, .salt = i});
	}
	randombytes_set_implementation(&randombytes_sysrandom_implementation);
	copy("h1.age", "h1cut.age", 3000, -1);
	copy("h2.age", "h2cut.age", 3000, -1);
	CHECK_INT(import(c, "h1.age", with()).state, PK_IMPORT_TAKEN);
	how.salvage = true;
	CHECK_INT(import(c, "h1cut.age", how).state, PK_IMPORT_KNOWN);
	for (unsigned i = 0; i < 2; i++) {
		r = import(c, "h2cut.age", how);
		CHECK_INT(r.state, PK_IMPORT_QUARANTINED);
		CHECK_STR(pk_str(r.verdict), PK_STR("equivocation"));
		CHECK(r.alarm);
		how.accept = "it was cut";
	}
	CHECK_INT(faults(c), 0);
	for (unsigned i = 0; i < 2; i++)
		drop(names[i]);
	pk_ticket_kit_done(&kit);
}

/* Whatever else was wrong with what a person accepts stays said. */
TEST(accepted_for_two_reasons)
{
	PK_AUTOPTR(pk_case) c = open_new("two_reasons");
	struct pk_ticket_kit kit = {0};
	struct pk_import how = with();
	struct pk_import_result r;

	kit_of(&kit, true);
	make(&(struct spec){.name = "g1.age", .kit = &kit, .host = "g", .bytes = 10});
	make(&(struct spec){.name = "g2.age", .kit = &kit, .host = "g", .bytes = 20});
	CHECK_INT(import(c, "g1.age", with()).state, PK_IMPORT_TAKEN);
	how.now.sec += 86400;
	how.accept = "by order";
	r = import(c, "g2.age", how);
	CHECK_INT(r.state, PK_IMPORT_TAKEN);
	CHECK_STR(pk_str(r.verdict), PK_STR("expired"));
	CHECK(strstr(r.why, "; its ticket is for one use and was used by bundle "));
	CHECK(strstr(r.why, "its ticket is for one use") > r.why + 2);
	CHECK_INT(count(c, "SELECT count(*) FROM intake WHERE verdict = 'expired' AND why LIKE '%; its ticket is for "
			   "one use%'"),
		  1);
	CHECK_INT(faults(c), 0);
	pk_ticket_kit_done(&kit);
}

TEST(salvage_then_whole)
{
	PK_AUTOPTR(pk_case) c = open_new("salvage");
	struct pk_ticket_kit kit = {0};
	struct pk_import how = with();
	struct pk_import_result r;
	int64_t leaves = 0;

	kit_of(&kit, true);
	make(&(struct spec){.name = "big.age", .kit = &kit, .host = "big", .bytes = 9u << 20, .contents = 5});
	copy("big.age", "cut.age", 3000, -1);
	r = import(c, "cut.age", with());
	CHECK_INT(r.state, PK_IMPORT_QUARANTINED);
	CHECK(strstr(r.why, "--salvage") != NULL);
	how.salvage = true;
	r = import(c, "cut.age", how);
	CHECK_INT(r.state, PK_IMPORT_TAKEN);
	CHECK(!r.complete);
	CHECK_STR(pk_str(r.trust), PK_STR("ticketed"));
	leaves = count(c, "SELECT leaves FROM bundle WHERE NOT complete");
	CHECK(leaves > 0);
	CHECK_INT(faults(c), 0);
	/* the whole one comes later: it contains what was salvaged, and takes its place */
	r = import(c, "big.age", with());
	CHECK_INT(r.state, PK_IMPORT_TAKEN);
	CHECK(r.complete);
	CHECK_INT(count(c, "SELECT count(*) FROM bundle"), 1);
	CHECK(count(c, "SELECT leaves FROM bundle WHERE complete") > leaves);
	CHECK_INT(count(c, "SELECT count(*) FROM intake WHERE state = 'superseded'"), 1);
	CHECK_INT(faults(c), 0);
	/* another beginning of it brings nothing */
	copy("big.age", "cut2.age", 4000, -1);
	r = import(c, "cut2.age", how);
	CHECK_INT(r.state, PK_IMPORT_KNOWN);
	/* nothing that a note covers */
	copy("big.age", "stub.age", 44u << 20, -1);
	r = import(c, "stub.age", how);
	CHECK_INT(r.state, PK_IMPORT_REFUSED);
	CHECK_INT(count(c, "SELECT count(*) FROM intake WHERE state = 'refused' AND place IS NULL"), 1);
	CHECK_INT(faults(c), 0);
	pk_ticket_kit_done(&kit);
}

/* A process killed at any point leaves a case that checks, and the next run gives the same one. */
TEST(killed)
{
	static const char *const same[] = {"SELECT count(*) FROM file",           "SELECT count(*) FROM ftime",
					   "SELECT count(*) FROM live",           "SELECT count(*) FROM event",
					   "SELECT count(*) FROM custody",        "SELECT count(*) FROM intake",
					   "SELECT sum(leaf * size) FROM content"};
	PK_AUTOPTR(pk_case) calm = open_new("calm");
	pk_autofree char *path = in_dir("k.age");
	struct pk_ticket_kit kit = {0};
	struct pk_import how = with();
	uint64_t whole = 0;
	int hit = 0, taken = 0;

	kit_of(&kit, true);
	make(&(struct spec){.name = "k.age", .kit = &kit, .host = "k", .bytes = 3000, .contents = 2000});
	whole = pk_time_mono_ns();
	CHECK_INT(import(calm, "k.age", with()).state, PK_IMPORT_TAKEN);
	whole = pk_time_mono_ns() - whole;
	for (unsigned i = 0; i < KILLS; i++) {
		char name[32];
		PK_AUTOPTR(pk_case) c = NULL;
		int status = 0;
		pid_t pid;

		snprintf(name, sizeof(name), "killed%u", i);
		pk_case_free(open_new(name));
		pk_autofree char *dir = in_dir(name);
		pid = fork();
		if (pid == 0) {
			struct pk_import_result r;
			struct pk_case *mine = NULL;

			if (pk_case_open(dir, PK_CASE_WRITE, "ann", &mine, NULL) == 0)
				(void)!pk_case_import(mine, path, &how, &r, NULL);
			_exit(0);
		}
		usleep((useconds_t)(whole / 1000 * (i + 1) / KILLS));
		kill(pid, SIGKILL);
		CHECK(waitpid(pid, &status, 0) == pid);
		hit += WIFSIGNALED(status);
		OK(pk_case_open(dir, PK_CASE_WRITE, "ann", &c, &err));
		if (!c)
			return;
		CHECK_INT(faults(c), 0);
		taken += count(c, "SELECT count(*) FROM bundle") == 1;
		CHECK(count(c, "SELECT count(*) FROM file") % 2001 == 0);
		CHECK(import(c, "k.age", with()).state <= PK_IMPORT_KNOWN);
		CHECK_INT(faults(c), 0);
		for (size_t k = 0; k < PK_LEN(same); k++)
			CHECK_INT(count(c, same[k]), count(calm, same[k]));
	}
	printf("# %d of %u were killed in the act, %d had committed\n", hit, KILLS, taken);
	CHECK(hit > 0);
	pk_ticket_kit_done(&kit);
}

TEST(clean_up)
{
	pk_age_identities_free(ids);
	pk_age_identities_free(other_ids);
	pk_age_recipients_done(&to);
	pk_roster_done(&roster);
	pk_terms_done(&terms);
	pk_minisign_key_done(&issuer);
	tree_done(&tmp);
}

RUN_TESTS(T(set_up), T(taken_and_known), T(no_identity_leaves_nothing), T(unsigned_until_accepted), T(altered),
	  T(label_of_record_0), T(issuers), T(expired), T(replayed_and_parts), T(equivocation),
	  T(equivocation_of_one_length), T(equivocation_of_a_cut_one), T(accepted_for_two_reasons),
	  T(salvage_then_whole), T(killed), T(clean_up))
