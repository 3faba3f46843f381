/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a custody log: its lines, checkpoints that others kept, older exports. */
#include "findings.h"

#include <picket/custody.h>
#include <picket/roster.h>

typedef unsigned long long ull;

/* --- lines ------------------------------------------------------------------------------------------ */

static void check_order(struct pk_findings *f, const struct pk_custody_entry *e, uint64_t want)
{
	if (e->seq > want + 1)
		pk_finding(f, true, "custody lines %llu to %llu are missing: they were dropped", (ull)want,
			   (ull)e->seq - 1);
	else if (e->seq > want)
		pk_finding(f, true, "custody line %llu is missing: it was dropped", (ull)want);
	else if (e->seq < want)
		pk_finding(f, true,
			   "custody line %llu stands after line %llu: lines were repeated or put in another order",
			   (ull)e->seq, (ull)want - 1);
}

/* What must not be taken for a line that says something wrong: there is none. */
static bool is_line(struct pk_findings *f, struct pk_str line, size_t i, const char *of)
{
	if (line.n && !memchr(line.p, '\n', line.n))
		return true;
	pk_finding(f, true, "line %zu of the %s %s", i + 1, of, line.n ? "holds a line break" : "is empty");
	return false;
}

static bool begins_case(const struct pk_custody_entry *e)
{
	return pk_str_eq(e->action, PK_STR("init")) && pk_str_starts(e->object, PK_STR("case:"));
}

/* What is the same in every line: the team and, once it is there, the key. */
struct constant {
	struct pk_buf team, key;
};

static void constant_done(struct constant *c)
{
	pk_buf_done(&c->team);
	pk_buf_done(&c->key);
}

static PK_NODISCARD int check_constant(struct pk_findings *f, const struct pk_custody_entry *e, struct constant *c,
				       struct pk_err *err)
{
	if (!c->team.n)
		pk_buf_put_str(&c->team, e->team);
	else if (!pk_str_eq(e->team, pk_buf_str(&c->team)))
		pk_finding(f, true, "custody line %llu is of another team's log", (ull)e->seq);
	if (!c->key.n)
		pk_buf_put_str(&c->key, e->key);
	else if (!e->key.n)
		pk_finding(f, true, "custody line %llu names no key, and lines before it do", (ull)e->seq);
	else if (!pk_str_eq(e->key, pk_buf_str(&c->key)))
		pk_finding(f, true, "custody line %llu names another key than the lines before it: one log has one key",
			   (ull)e->seq);
	return pk_buf_check(&c->team, err) < 0 ? -1 : pk_buf_check(&c->key, err);
}

int pk_custody_check_lines(const struct pk_custody_log *log, const struct pk_check_sink *sink, uint64_t *bad,
			   struct pk_err *err)
{
	struct pk_findings f = {.sink = sink};
	PK_AUTO(constant) c = {0};
	struct pk_time last = {.sec = INT64_MIN};
	uint64_t want = 0;

	for (size_t i = 0; i < log->n; i++) {
		PK_AUTO(pk_custody_entry) e = {0};
		struct pk_err why = {0};

		if (!is_line(&f, pk_custody_log_line(log, i), i, "log"))
			continue;
		if (pk_custody_entry_parse(pk_custody_log_line(log, i), &e, &why) < 0) {
			if (why.kind != PK_EFORMAT && why.kind != PK_ELIMIT)
				return pk_fail(err, why.kind, why.sys, "%s", why.msg);
			pk_finding(&f, true, "line %zu of the log: %s", i + 1, why.msg);
			want++;
			continue;
		}
		check_order(&f, &e, want);
		want = e.seq + 1;
		if (i == 0 && e.seq == 0 && !begins_case(&e))
			pk_finding(&f, true, "custody line 0 does not begin a case: its first lines were dropped");
		if (i > 0 && pk_str_eq(e.action, PK_STR("init")))
			pk_finding(&f, true, "custody line %llu begins a case again: only line 0 does", (ull)e.seq);
		if (check_constant(&f, &e, &c, err) < 0)
			return -1;
		if (pk_time_cmp(e.t, last) < 0)
			pk_finding(&f, false, "custody line %llu is older than the one before it: a clock was set back",
				   (ull)e.seq);
		last = e.t;
	}
	if (log->cut)
		pk_finding(&f, true, "line %zu of the log, its last, is cut: it does not end", log->n + 1);
	*bad += f.bad;
	return 0;
}

/* --- checkpoints ------------------------------------------------------------------------------------ */

static bool has_team(const struct pk_roster *roster, struct pk_str team)
{
	for (size_t i = 0; i < roster->n; i++)
		if (pk_str_eq(pk_str(roster->party[i].org), team))
			return true;
	return false;
}

/* Is it the log's own? Whoever is in the roster can sign a checkpoint of any origin. roster: NULL, or the signatures hold;
 * who: their parties. */
static int judge_owner(struct pk_findings *f, struct pk_str key, const struct pk_custody_note *n,
		       const struct pk_roster *roster, const char *who, bool *ret_other, struct pk_err *err)
{
	struct pk_str team = pk_custody_team(n->cp.origin);
	const struct pk_party *p = NULL;
	bool named = false;

	if (!key.n) {
		pk_finding(f, false,
			   "the log's lines name no key: whether the checkpoint is its team's own was not checked");
		return 0;
	}
	if ((roster ? pk_custody_signer(n->note, roster, key, &p, err) : pk_note_names(n->note, key, &named, err)) < 0)
		return -1;
	if (!roster && named)
		return 0;
	if (p && !pk_str_eq(pk_str(p->org), team) && !has_team(roster, team)) {
		pk_finding(f, false,
			   "no party of the roster is of '%.*s': whether the log is that team's was not checked",
			   PK_STR_ARG(team));
		return 0;
	}
	*ret_other = !p || !pk_str_eq(pk_str(p->org), team);
	if (!roster)
		pk_finding(f, true, "the checkpoint is not signed by the log's key %.*s: it is another's",
			   PK_STR_ARG(key));
	else if (!p)
		pk_finding(f, true, "the checkpoint is signed by '%s', and the log's key is %.*s: it is another's", who,
			   PK_STR_ARG(key));
	else if (*ret_other)
		pk_finding(f, true,
			   "the checkpoint is signed by '%s' of '%s', and the log is that of '%.*s': it is another's",
			   p->name, p->org, PK_STR_ARG(team));
	return 0;
}

bool pk_custody_last(const struct pk_custody_log *log, uint64_t size, struct pk_custody_last *ret)
{
	PK_AUTO(pk_custody_entry) e = {0};

	if (!size || size > log->n || pk_custody_entry_parse(pk_custody_log_line(log, size - 1), &e, NULL) < 0)
		return false;
	*ret = (struct pk_custody_last){.seq = e.seq, .t = e.t};
	return true;
}

/* A checkpoint that is faulty: does the log's own key vouch for it all the same? One that does not convicts nobody. */
static int judge_faulty(const struct pk_custody_note *n, const struct pk_roster *roster, struct pk_str key,
			bool *ret_other, struct pk_err *err)
{
	const struct pk_party *p = NULL;

	if (key.n && roster && pk_custody_signer(n->note, roster, key, &p, err) < 0)
		return -1;
	*ret_other = !p || !pk_str_eq(pk_str(p->org), pk_custody_team(n->cp.origin));
	return 0;
}

/* *ret_who: whose signature it is, for the message; empty: nobody's that counts. *ret_other: it is not the log's own. */
static int judge_signature(struct pk_findings *f, struct pk_custody_log *log, const struct pk_custody_note *n,
			   const struct pk_roster *roster, struct pk_buf *ret_who, bool *ret_other, struct pk_err *err)
{
	PK_AUTO(pk_buf) key = {0};
	PK_AUTO(pk_buf) seen = {0};
	PK_AUTO(pk_buf) who = {0};
	struct pk_custody_last last = {0};
	struct pk_err why = {0};
	bool has_last = false;

	if (!n->is_signed) {
		pk_finding(f, false, "the checkpoint is not signed: it counts as far as its keeper does");
		return 0;
	}
	if (n->fault.kind) {
		pk_finding(f, true, "the checkpoint of %llu lines: %s", (ull)n->cp.size, n->fault.msg);
		*ret_other = true;
		return 0;
	}
	if (pk_custody_key(log, &key, err) < 0)
		return -1;
	if (!roster) {
		pk_finding(f, false, "there is no roster: the signature of the checkpoint was not checked");
		return judge_owner(f, pk_buf_str(&key), n, NULL, "", ret_other, err);
	}
	/* a party counts as it stood when the last line was written */
	has_last = pk_custody_last(log, n->cp.size, &last);
	if (pk_custody_who(n->note, roster, has_last ? last.t : pk_time_now(), has_last ? &last : NULL, &who, &seen,
			   &why) < 0) {
		if (why.kind != PK_ECRYPTO && why.kind != PK_EFORMAT)
			return pk_fail(err, why.kind, why.sys, "%s", why.msg);
		pk_finding(f, true, "the checkpoint of %llu lines: %s", (ull)n->cp.size, why.msg);
		return judge_faulty(n, roster, pk_buf_str(&key), ret_other, err);
	}
	if (judge_owner(f, pk_buf_str(&key), n, roster, who.p, ret_other, err) < 0)
		return -1;
	pk_buf_putf(ret_who, " signed by %s%s%s", who.p, seen.n ? " and seen by " : "", seen.n ? seen.p : "");
	return pk_buf_check(ret_who, err);
}

/* The lines are there and prove more than it does; but whoever has no lines goes by it. */
static void judge_proof(struct pk_findings *f, const struct pk_custody_log *log, const struct pk_custody_note *n)
{
	uint8_t root[32];
	bool good = false;

	if (!n->has_proof)
		return;
	if (n->old == 0 || n->old >= n->cp.size) {
		good = n->old <= n->cp.size && !n->proof.n;
	} else {
		pk_custody_root(log, n->old, root);
		good = pk_merkle_verify_consistency(n->old, root, n->cp.size, n->cp.root,
						    n->proof.p ? pk_buf_str(&n->proof) : PK_STR(""), NULL) == 0;
	}
	if (!good)
		pk_finding(f, true,
			   "the proof before the checkpoint does not lead from %llu lines to its %llu: it was changed, "
			   "or is another's",
			   (ull)n->old, (ull)n->cp.size);
}

int pk_custody_check_checkpoint(struct pk_custody_log *log, struct pk_str note, const struct pk_roster *roster,
				const struct pk_check_sink *sink, uint64_t *bad, struct pk_err *err)
{
	struct pk_findings f = {.sink = sink};
	PK_AUTO(pk_custody_note) n = {0};
	PK_AUTO(pk_buf) origin = {0};
	PK_AUTO(pk_buf) who = {0};
	struct pk_err why = {0};
	uint8_t root[32];
	const char *by = "";
	bool other = false;

	if (pk_custody_note_parse(note, &n, err) < 0)
		return -1;
	if (pk_custody_origin(log, &origin, &why) < 0) {
		if (why.kind != PK_EFORMAT && why.kind != PK_ELIMIT)
			return pk_fail(err, why.kind, why.sys, "%s", why.msg);
		pk_finding(&f, false,
			   "the log does not say whose it is: whether the checkpoint is of it was not checked");
	} else if (!pk_str_eq(n.cp.origin, pk_buf_str(&origin))) {
		pk_finding(&f, true, "the checkpoint is of another log: '%.*s', not '%s'", PK_STR_ARG(n.cp.origin),
			   origin.p);
		*bad += f.bad;
		return 0;
	}
	if (judge_signature(&f, log, &n, roster, &who, &other, err) < 0)
		return -1;
	if (other) {
		*bad += f.bad;
		return 0;
	}
	by = who.p ? who.p : "";
	if (n.cp.size > log->n) {
		pk_finding(&f, true,
			   "the log ends after %zu lines, but there is a checkpoint of %llu%s: its tail was dropped",
			   log->n, (ull)n.cp.size, by);
	} else {
		pk_custody_root(log, n.cp.size, root);
		if (memcmp(root, n.cp.root, 32) != 0)
			pk_finding(&f, true,
				   "the first %llu lines are not those of the checkpoint%s: the log's history was "
				   "rewritten",
				   (ull)n.cp.size, by);
		else
			pk_finding(&f, false, "the first %llu of %zu lines are those of the checkpoint%s",
				   (ull)n.cp.size, log->n, by);
		if (memcmp(root, n.cp.root, 32) == 0)
			judge_proof(&f, log, &n);
	}
	*bad += f.bad;
	return 0;
}

int pk_custody_check_kept(const struct pk_custody_log *log, struct pk_str note, const struct pk_roster *roster,
			  const struct pk_check_sink *sink, uint64_t *bad, struct pk_err *err)
{
	struct pk_findings f = {.sink = sink};
	PK_AUTO(pk_custody_note) n = {0};
	struct pk_custody_last last = {0};
	bool has_last = false;

	if (pk_custody_note_parse(note, &n, err) < 0)
		return -1;
	has_last = pk_custody_last(log, n.cp.size, &last);
	if (n.fault.kind)
		pk_finding(&f, true, "the checkpoint of %llu lines that the case keeps: %s", (ull)n.cp.size,
			   n.fault.msg);
	for (size_t i = 0; i < roster->n && n.is_signed && !n.fault.kind; i++) {
		struct pk_err why = {0};
		struct pk_time at;
		bool is = false;

		if (pk_custody_seen(n.note, &roster->party[i], has_last ? &last : NULL, &is, &at, &why) == 0)
			continue;
		if (why.kind != PK_ECRYPTO && why.kind != PK_EFORMAT)
			return pk_fail(err, why.kind, why.sys, "%s", why.msg);
		pk_finding(&f, true, "the checkpoint of %llu lines that the case keeps: %s", (ull)n.cp.size, why.msg);
	}
	*bad += f.bad;
	return 0;
}

/* --- older exports ---------------------------------------------------------------------------------- */

static size_t find_from(const struct pk_custody_log *log, size_t from, const uint8_t leaf[32])
{
	while (from < log->n && memcmp(log->leaf[from], leaf, 32) != 0)
		from++;
	return from;
}

int pk_custody_check_export(const struct pk_custody_log *log, const struct pk_custody_log *older,
			    const struct pk_check_sink *sink, uint64_t *bad, struct pk_err *err)
{
	struct pk_findings f = {.sink = sink};
	size_t same = 0, there = 0;

	(void)err;
	/* what is no line cannot be missing from the log */
	for (size_t i = 0; i < older->n; i++)
		(void)is_line(&f, pk_custody_log_line(older, i), i, "export");
	if (f.bad) {
		*bad += f.bad;
		return 0;
	}
	if (older->cut)
		pk_finding(&f, true, "line %zu of the export, its last, is cut: it does not end", older->n + 1);
	while (same < log->n && same < older->n && memcmp(log->leaf[same], older->leaf[same], 32) == 0)
		same++;
	if (same == older->n) {
		pk_finding(&f, false, "all %zu lines of the export are in the log of %zu", older->n, log->n);
		*bad += f.bad;
		return 0;
	}
	there = find_from(log, same, older->leaf[same]);
	if (same == log->n)
		pk_finding(&f, true, "the log ends after %zu lines, the export has %zu: its tail was dropped", same,
			   older->n);
	else if (there < log->n)
		pk_finding(&f, true, "line %zu of the export is line %zu of the log: lines were put in another order",
			   same + 1, there + 1);
	else if (find_from(older, same, log->leaf[same]) < older->n)
		pk_finding(&f, true, "line %zu of the export is not in the log: it was dropped", same + 1);
	else
		pk_finding(&f, true, "line %zu of the export is another in the log: it was rewritten", same + 1);
	*bad += f.bad;
	return 0;
}
