/* SPDX-License-Identifier: Apache-2.0 */
/* Tree heads of the case's custody log: made, remembered, signed, receipted by allies; and theirs receipted by us. */
#include "cosigned.h"
#include "db.h"
#include "findings.h"

#include <picket/custody.h>
#include <picket/json.h>
#include <picket/msg.h>
#include <picket/roster.h>

static int make_head(struct pk_case *c, const struct pk_custody_log *log, struct pk_buf *ret, uint8_t ret_root[32],
		     struct pk_err *err)
{
	PK_AUTO(pk_buf) origin = {0};
	PK_AUTO(pk_buf) id = {0};
	struct pk_checkpoint cp = {.size = log->n};

	if (pk_case_meta_get(c, "id", &id, err) < 0)
		return -1;
	pk_buf_putf(&origin, "%s/case/%s", c->team, id.p ? id.p : "");
	if (pk_buf_check(&origin, err) < 0)
		return -1;
	cp.origin = pk_buf_str(&origin);
	pk_custody_root(log, log->n, cp.root);
	memcpy(ret_root, cp.root, 32);
	pk_buf_put_checkpoint(ret, &cp);
	return pk_buf_check(ret, err);
}

int pk_case_custody_head(struct pk_case *c, struct pk_buf *ret, struct pk_err *err)
{
	PK_AUTO(pk_custody_log) log = {0};
	uint8_t root[32];

	return pk_case_custody_log(c, &log, err) < 0 ? -1 : make_head(c, &log, ret, root, err);
}

/* --- our checkpoints -------------------------------------------------------------------------------- */

/* One log, one key: who took it over says so by a new case. */
static int claim_key(struct pk_case *c, const struct pk_note_key *key, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};

	pk_buf_putf(&text, "%s+", key->pub.name);
	pk_buf_put_hex(&text, key->pub.hash, sizeof(key->pub.hash));
	if (pk_buf_check(&text, err) < 0)
		return -1;
	if (c->key && strcmp(c->key, text.p) != 0)
		return pk_fail(err, PK_EUSAGE, 0,
			       "this case's checkpoints are signed by the note key '%s', not by '%s'", c->key, text.p);
	if (c->key)
		return 0;
	if (pk_case_meta_put(c, "key", pk_buf_str(&text), err) < 0)
		return -1;
	return (c->key = pk_buf_take(&text)) ? 0 : pk_fail_oom(err);
}

/* note: signed; empty: none that is. */
static int remember(struct pk_case *c, const struct pk_checkpoint *cp, struct pk_str note, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};

	if (pk_stmt_init(&st, c,
			 "INSERT INTO head(size, root, note) VALUES(?1, ?2, ?3) "
			 "ON CONFLICT(size) DO UPDATE SET note = excluded.note",
			 err) < 0)
		return -1;
	pk_stmt_int(&st, 1, (int64_t)cp->size);
	pk_stmt_blob(&st, 2, cp->root, 32);
	pk_stmt_text(&st, 3, note.n ? note : PK_STR(""));
	return pk_stmt_run(&st, err);
}

/* What is kept of that checkpoint: nothing, or its note. */
static int get_kept(struct pk_case *c, const struct pk_checkpoint *cp, struct pk_buf *ret, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	if (pk_stmt_init(&st, c, "SELECT root, note FROM head WHERE size = ?1", err) < 0)
		return -1;
	pk_stmt_int(&st, 1, (int64_t)cp->size);
	if ((r = pk_stmt_step(&st, err)) <= 0)
		return r;
	if (pk_stmt_col(&st, 0).n != 32 || memcmp(pk_stmt_col(&st, 0).p, cp->root, 32) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "the case has shown another tree head of %llu lines",
			       (unsigned long long)cp->size);
	pk_buf_put_str(ret, pk_stmt_col(&st, 1));
	return pk_buf_check(ret, err);
}

/* ctx: a struct pk_err, for the first fault that is found. */
static void keep_first(void *ctx, bool bad, const char *text)
{
	struct pk_err *first = ctx;

	if (bad && !first->kind)
		(void)pk_fail(first, PK_ECRYPTO, 0, "%s", text);
}

/* The older checkpoint must be of this log: a proof from anything else would prove nothing. */
static int put_since(struct pk_custody_log *log, struct pk_str since, struct pk_buf *ret, struct pk_err *err)
{
	PK_AUTO(pk_custody_note) older = {0};
	struct pk_check_sink quiet = {0};
	uint64_t bad = 0;

	if (pk_custody_note_parse(since, &older, err) < 0 ||
	    pk_custody_check_checkpoint(log, since, NULL, &quiet, &bad, err) < 0)
		return -1;
	if (bad)
		return pk_fail(err, PK_ECRYPTO, 0,
			       "the older checkpoint is not of this log: see 'picket-case custody CASE "
			       "--verify --against' it");
	return pk_custody_put_proof(log, older.cp.size, ret, err);
}

/* Who signs vouches for the lines: not for those that the case's own leaves and earlier heads belie. */
static int check_sound(struct pk_case *c, const struct pk_check_sink *sink, struct pk_err *err)
{
	uint64_t bad = 0;

	if (pk_case_custody_check(c, sink, &bad, err) < 0)
		return -1;
	return bad ? pk_fail(err, PK_ECRYPTO, 0, "no checkpoint is made of a custody log that does not check") : 0;
}

int pk_case_custody_checkpoint(struct pk_case *c, const struct pk_note_key *key, struct pk_str since,
			       const struct pk_check_sink *faults, struct pk_buf *ret, struct pk_err *err)
{
	PK_AUTO(pk_custody_log) log = {0};
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_buf) note = {0};
	pk_autorollback struct pk_case *tx = c;
	struct pk_checkpoint cp = {0};
	PK_AUTO(pk_buf) kept = {0};

	if (pk_case_begin(tx, err) < 0 || check_sound(c, faults, err) < 0 || (key && claim_key(c, key, err) < 0) ||
	    pk_case_custody_log(c, &log, err) < 0 || make_head(c, &log, &text, cp.root, err) < 0 ||
	    (since.n && put_since(&log, since, ret, err) < 0))
		return -1;
	if (key && pk_note_sign(key, pk_buf_str(&text), &note, err) < 0)
		return -1;
	/* what came back for it stays */
	cp.size = log.n;
	if (get_kept(c, &cp, &kept, err) < 0 || (!kept.n && remember(c, &cp, pk_buf_str(&note), err) < 0))
		return -1;
	pk_buf_put_str(ret, key ? pk_buf_str(&note) : pk_buf_str(&text));
	if (pk_buf_check(ret, err) < 0)
		return -1;
	return pk_case_commit(tx, err);
}

/* What somebody brings, to be kept or cosigned. */
static int read_signed(struct pk_str note, struct pk_custody_note *ret, struct pk_err *err)
{
	if (pk_custody_note_parse(note, ret, err) < 0)
		return -1;
	if (ret->fault.kind)
		return pk_fail(err, ret->fault.kind, 0, "%s", ret->fault.msg);
	return ret->is_signed ? 0 : pk_fail(err, PK_ECRYPTO, 0, "it is not signed");
}

static int put_act(struct pk_case *c, const char *action, const struct pk_checkpoint *cp, const char *key,
		   struct pk_str who, struct pk_err *err)
{
	PK_AUTO(pk_buf) details = {0};
	PK_AUTO(pk_buf) object = {0};
	struct pk_json j = {.out = &details};

	pk_buf_puts(&object, "checkpoint:");
	pk_buf_put_str(&object, cp->origin);
	pk_json_kuint(&j, "size", cp->size);
	pk_json_khex(&j, "root", cp->root, sizeof(cp->root));
	pk_json_kstr(&j, key, who);
	if (pk_buf_check(&object, err) < 0 || pk_json_check(&j, err) < 0)
		return -1;
	return pk_case_custody_put(c, action, object.p, pk_buf_str(&details), err);
}

/* Of cosignatures that are new here: a revoked key can have been used today, whatever time it put in. */
static int check_new(struct pk_str kept, struct pk_str note, const struct pk_roster *roster, struct pk_err *err)
{
	const struct pk_time now = pk_time_now();

	for (size_t i = 0; i < roster->n; i++) {
		const struct pk_party *p = &roster->party[i];
		struct pk_err why = {0};
		struct pk_time at;
		bool is = false;

		if (!p->has_cosign || !p->revoked || now.sec < p->revoked ||
		    (kept.n && pk_note_cosigned(&p->cosign, kept, &at, &why) == 0))
			continue;
		if (why.kind && why.kind != PK_ECRYPTO && why.kind != PK_EFORMAT)
			return pk_fail(err, why.kind, why.sys, "%s", why.msg);
		if (pk_custody_seen(note, p, NULL, &is, &at, err) < 0)
			return -1;
		if (is)
			return pk_fail(err, PK_ECRYPTO, 0, "it is cosigned by '%s', which is revoked", p->name);
	}
	return 0;
}

int pk_case_custody_receipt(struct pk_case *c, struct pk_str note, const struct pk_roster *roster, struct pk_err *err)
{
	PK_AUTO(pk_custody_note) n = {0};
	PK_AUTO(pk_custody_log) log = {0};
	PK_AUTO(pk_buf) signers = {0};
	PK_AUTO(pk_buf) merged = {0};
	PK_AUTO(pk_buf) kept = {0};
	PK_AUTO(pk_buf) seen = {0};
	struct pk_custody_last last = {0};
	const struct pk_party *owner = NULL;
	struct pk_err first = {0};
	const struct pk_check_sink sink = {.finding = keep_first, .ctx = &first};
	pk_autorollback struct pk_case *tx = c;
	uint64_t bad = 0;
	bool has_last = false;

	if (read_signed(note, &n, err) < 0 || pk_case_begin(tx, err) < 0 || pk_case_custody_log(c, &log, err) < 0 ||
	    pk_custody_check_checkpoint(&log, note, NULL, &sink, &bad, err) < 0)
		return -1;
	if (bad)
		return pk_fail(err, PK_ECRYPTO, 0, "it is not a checkpoint of this case's log: %s", first.msg);
	has_last = pk_custody_last(&log, n.cp.size, &last);
	if (pk_custody_who(n.note, roster, pk_time_now(), has_last ? &last : NULL, &signers, &seen, err) < 0)
		return -1;
	if (!c->key)
		return pk_fail(err, PK_ECRYPTO, 0,
			       "it is signed by '%s', and this case has no note key: it is another's", signers.p);
	if (pk_custody_signer(n.note, roster, pk_str(c->key), &owner, err) < 0)
		return -1;
	if (!owner)
		return pk_fail(err, PK_ECRYPTO, 0, "it is signed by '%s', and this case's key is %s: it is another's",
			       signers.p, c->key);
	if (!seen.n)
		return pk_fail(err, PK_ECRYPTO, 0, "it bears no cosignature of a party of the roster");
	if (get_kept(c, &n.cp, &kept, err) < 0 || check_new(pk_buf_str(&kept), n.note, roster, err) < 0 ||
	    pk_custody_merge(pk_buf_str(&kept), n.note, owner, roster, &merged, err) < 0 ||
	    remember(c, &n.cp, pk_buf_str(&merged), err) < 0 ||
	    put_act(c, "receipt", &n.cp, "seen_by", pk_buf_str(&seen), err) < 0)
		return -1;
	return pk_case_commit(tx, err);
}

int pk_case_custody_notes(struct pk_case *c, struct pk_strv *ret, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	if (pk_stmt_init(&st, c, "SELECT note FROM head WHERE note <> '' ORDER BY size", err) < 0)
		return -1;
	while ((r = pk_stmt_step(&st, err)) == 1)
		if (pk_strv_add(ret, pk_stmt_col(&st, 0), err) < 0)
			return -1;
	return r;
}

/* --- checkpoints of others -------------------------------------------------------------------------- */

/* What this key has cosigned elsewhere, and the case does not know, may be of another history than what the case does. */
static int check_known(struct pk_case *c, const struct pk_checkpoint *older, uint64_t in_case, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	if (pk_stmt_init(&st, c, "SELECT 1 FROM cosigned WHERE origin = ?1 AND size = ?2 AND root = ?3", err) < 0)
		return -1;
	pk_stmt_text(&st, 1, older->origin);
	pk_stmt_int(&st, 2, (int64_t)older->size);
	pk_stmt_blob(&st, 3, older->root, sizeof(older->root));
	if ((r = pk_stmt_step(&st, err)) != 0)
		return r < 0 ? -1 : 0;
	return pk_fail(
		err, PK_ECRYPTO, 0,
		"this key has cosigned %llu of the log's lines in another case, and %llu were cosigned in this one: "
		"whether both are of one history is not known here; cosign it in that case",
		(unsigned long long)older->size, (unsigned long long)in_case);
}

/* The newest one of this origin that was cosigned here must be continued: in this case, or with this key in any case of
 * the station. */
static int check_continues(struct pk_case *c, const struct pk_custody_note *n, const struct pk_cosigned *station,
			   bool *ret_first, struct pk_err *err)
{
	struct pk_checkpoint older = {.origin = n->cp.origin, .size = station->size}, in_case = older;
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	memcpy(older.root, station->root, sizeof(older.root));

	if (pk_stmt_init(&st, c, "SELECT size, root FROM cosigned WHERE origin = ?1 ORDER BY size DESC LIMIT 1", err) <
	    0)
		return -1;
	pk_stmt_text(&st, 1, n->cp.origin);
	r = pk_stmt_step(&st, err);
	if (r < 0)
		return -1;
	*ret_first = r == 0 && !station->there;
	if (r == 1) {
		in_case.size = (uint64_t)pk_stmt_col_int(&st, 0);
		if (pk_stmt_col(&st, 1).n != sizeof(in_case.root))
			return pk_fail(err, PK_EFORMAT, 0, "the case's memory of that log is damaged");
		memcpy(in_case.root, pk_stmt_col(&st, 1).p, sizeof(in_case.root));
	}
	/* the newer of the two is what a proof can begin at; that the case's continues the station's, its own rows show */
	if (r == 1 && (!station->there || in_case.size >= older.size) && pk_custody_continues(n, &in_case, err) < 0)
		return -1;
	if (station->there && (r == 0 || older.size >= in_case.size))
		return pk_custody_continues(n, &older, err);
	return station->there ? check_known(c, &older, in_case.size, err) : 0;
}

/* Of what is signed by parties of the roster: is one of them of the team whose log it is, with the key of the first
 * checkpoint of that log that was cosigned here, in this case or with this key in another? */
static int check_owner(struct pk_case *c, const struct pk_custody_note *n, const struct pk_cosigned *station,
		       const struct pk_roster *roster, const char *signers, const struct pk_party **ret,
		       struct pk_err *err)
{
	struct pk_str team = pk_custody_team(n->cp.origin);
	PK_AUTO(pk_stmt) st = {0};
	bool of_team = false;
	int known = 0;

	if (!team.n)
		return pk_fail(err, PK_ECRYPTO, 0, "its origin '%.*s' is no custody log's", PK_STR_ARG(n->cp.origin));
	if (pk_stmt_init(&st, c, "SELECT note FROM cosigned WHERE origin = ?1 ORDER BY size LIMIT 1", err) < 0)
		return -1;
	pk_stmt_text(&st, 1, n->cp.origin);
	if ((known = pk_stmt_step(&st, err)) < 0)
		return -1;
	for (size_t i = 0; i < roster->n; i++) {
		const struct pk_party *p = &roster->party[i];
		bool is = false, was = !known;

		if (!pk_str_eq(pk_str(p->org), team))
			continue;
		if (pk_custody_signed(n->note, p, &is, err) < 0 ||
		    (known && pk_custody_signed(pk_stmt_col(&st, 0), p, &was, err) < 0))
			return -1;
		if (station->there)
			was = was && pk_note_is_key(pk_str(p->note.name), p->note.hash, pk_buf_str(&station->log_key));
		if (is && was) {
			*ret = p;
			return 0;
		}
		of_team = of_team || is;
	}
	if (!of_team)
		return pk_fail(err, PK_ECRYPTO, 0,
			       "it is signed by '%s', and the log is that of '%.*s': it is another's", signers,
			       PK_STR_ARG(team));
	return pk_fail(
		err, PK_ECRYPTO, 0,
		"it is signed by '%s', and not with the key of the first checkpoint of this log that was cosigned "
		"here: one log has one key",
		signers);
}

int pk_case_custody_cosign(struct pk_case *c, struct pk_str request, const struct pk_note_key *key,
			   const struct pk_roster *roster, const struct pk_events *ev, struct pk_buf *ret,
			   struct pk_err *err)
{
	PK_AUTO(pk_custody_note) n = {0};
	PK_AUTO(pk_cosigned) station = PK_COSIGNED_INIT;
	PK_AUTO(pk_buf) signers = {0};
	PK_AUTO(pk_stmt) st = {0};
	pk_autorollback struct pk_case *tx = c;
	const struct pk_party *owner = NULL;
	struct pk_time now = pk_time_now();
	bool is_first = false;

	if (read_signed(request, &n, err) < 0)
		return -1;
	if (n.cp.size > INT64_MAX || !n.cp.size)
		return pk_fail(err, PK_EFORMAT, 0, "a checkpoint of no or too many lines");
	if (pk_custody_who(n.note, roster, now, NULL, &signers, NULL, err) < 0 || pk_case_begin(tx, err) < 0 ||
	    pk_cosigned_open(&key->pub, n.cp.origin, &station, err) < 0 ||
	    check_owner(c, &n, &station, roster, signers.p, &owner, err) < 0 ||
	    check_continues(c, &n, &station, &is_first, err) < 0 || pk_note_cosign(key, n.note, now, ret, err) < 0)
		return -1;
	if (pk_stmt_init(&st, c,
			 "INSERT INTO cosigned(origin, size, root, note) VALUES(?1, ?2, ?3, ?4) "
			 "ON CONFLICT DO NOTHING",
			 err) < 0)
		return -1;
	pk_stmt_text(&st, 1, n.cp.origin);
	pk_stmt_int(&st, 2, (int64_t)n.cp.size);
	pk_stmt_blob(&st, 3, n.cp.root, 32);
	pk_stmt_text(&st, 4, pk_buf_str(ret));
	if (pk_stmt_run(&st, err) < 0 || put_act(c, "cosign", &n.cp, "signed_by", pk_buf_str(&signers), err) < 0)
		return -1;
	if (pk_cosigned_add(&station, &n.cp, &owner->note, err) < 0 || pk_case_commit(tx, err) < 0)
		return -1;
	if (is_first && station.fd < 0)
		pk_event_warn(
			ev,
			"the first checkpoint of this log that this case cosigns: whether another case of this "
			"station has cosigned another one is not known, since neither XDG_CONFIG_HOME nor HOME is set");
	return 0;
}

/* --- the log in the case against what the case remembers --------------------------------------------- */

static int check_leaves(struct pk_case *c, const struct pk_custody_log *log, struct pk_findings *f, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	size_t i = 0;
	int r = 0;

	if (pk_stmt_init(&st, c, "SELECT seq, leaf FROM custody ORDER BY seq", err) < 0)
		return -1;
	for (; (r = pk_stmt_step(&st, err)) == 1 && i < log->n; i++) {
		struct pk_str leaf = pk_stmt_col(&st, 1);

		if (leaf.n != 32 || memcmp(leaf.p, log->leaf[i], 32) != 0)
			pk_finding(f, true, "custody line %lld was changed", (long long)pk_stmt_col_int(&st, 0));
	}
	return r < 0 ? -1 : 0;
}

static int check_heads(struct pk_case *c, const struct pk_custody_log *log, struct pk_findings *f, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	struct pk_frontier tree = {0};
	int r = 0;

	if (pk_stmt_init(&st, c, "SELECT size, root FROM head ORDER BY size", err) < 0)
		return -1;
	while ((r = pk_stmt_step(&st, err)) == 1) {
		uint64_t size = (uint64_t)pk_stmt_col_int(&st, 0);
		uint8_t root[32];

		if (size > log->n) {
			pk_finding(f, true,
				   "the custody log is shorter than the %llu lines of which a tree head was shown: its "
				   "tail was dropped",
				   (unsigned long long)size);
			continue;
		}
		while (tree.size < size)
			pk_frontier_add(&tree, log->leaf[tree.size]);
		pk_frontier_root(&tree, root);
		if (pk_stmt_col(&st, 1).n != 32 || memcmp(pk_stmt_col(&st, 1).p, root, 32) != 0)
			pk_finding(f, true,
				   "the custody log is not the one of which a tree head of %llu lines was shown: its "
				   "history was rewritten",
				   (unsigned long long)size);
	}
	return r;
}

int pk_case_custody_check(struct pk_case *c, const struct pk_check_sink *sink, uint64_t *ret_bad, struct pk_err *err)
{
	PK_AUTO(pk_custody_log) log = {0};
	struct pk_findings f = {.sink = sink};

	if (pk_case_custody_log(c, &log, err) < 0 || pk_custody_check_lines(&log, sink, &f.bad, err) < 0 ||
	    check_leaves(c, &log, &f, err) < 0 || check_heads(c, &log, &f, err) < 0)
		return -1;
	*ret_bad += f.bad;
	return 0;
}
