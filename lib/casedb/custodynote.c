/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints of custody logs as they travel: read, proven to continue each other, and whose they are. */
#include <picket/custody.h>
#include <picket/roster.h>

#define MAX_PROOF 63          /* nodes that the C2SP format allows */
#define MAX_AHEAD (24 * 3600) /* seconds by which an ally's clock may be ahead of ours */
#define MAX_BEHIND (5 * 60)   /* and behind that of the station that wrote the lines */

void pk_custody_note_done(struct pk_custody_note *n)
{
	pk_buf_done(&n->proof);
	*n = (struct pk_custody_note){0};
}

/* "old N", nodes in base64, an empty line; *rest is then the note. */
static int take_proof(struct pk_str *rest, struct pk_custody_note *n, struct pk_err *err)
{
	struct pk_str line;

	(void)!pk_str_line(rest, &line);
	if (!pk_str_u64(pk_str_n(line.p + 4, line.n - 4), INT64_MAX, &n->old))
		return pk_fail(err, PK_EFORMAT, 0, "consistency proof: line 1 is not 'old' and a size");
	for (size_t i = 0;; i++) {
		if (!rest->n || !pk_str_line(rest, &line))
			return pk_fail(err, PK_EFORMAT, 0, "consistency proof: no checkpoint follows it");
		if (!line.n)
			break;
		if (i >= MAX_PROOF || !pk_base64_decode(line, true, &n->proof) || n->proof.n != (i + 1) * 32)
			return n->proof.oom ? pk_fail_oom(err)
					    : pk_fail(err, PK_EFORMAT, 0, "consistency proof: line %zu is not a hash",
						      i + 2);
	}
	n->has_proof = true;
	return 0;
}

int pk_custody_note_parse(struct pk_str text, struct pk_custody_note *ret, struct pk_err *err)
{
	PK_AUTO(pk_custody_note) n = {0};
	struct pk_str body, blank = PK_STR("\n\n");

	if (text.n > PK_MAX_NOTE)
		return pk_fail(err, PK_ELIMIT, 0, "checkpoint of %zu bytes (limit %d)", text.n, PK_MAX_NOTE);
	if (pk_str_starts(text, PK_STR("old ")) && take_proof(&text, &n, err) < 0)
		return -1;
	n.note = body = text;
	if (text.n && memchr(text.p, '\r', text.n))
		return pk_fail(err, PK_EFORMAT, 0, "it has CR before its line ends, as mail makes them: take them out");
	n.is_signed = text.n && memmem(text.p, text.n, blank.p, blank.n);
	if (n.is_signed && pk_note_check(text, NULL, &n.fault) < 0 && n.fault.kind != PK_EFORMAT &&
	    n.fault.kind != PK_ELIMIT)
		return pk_fail(err, n.fault.kind, n.fault.sys, "%s", n.fault.msg);
	/* of a good note the text ends before its last empty line: a checkpoint has none itself */
	for (size_t i = text.n; i-- > 1 && n.is_signed;)
		if (text.p[i] == '\n' && text.p[i - 1] == '\n') {
			body = pk_str_n(text.p, i);
			if (!n.fault.kind)
				break;
		}
	if (!body.n || body.p[body.n - 1] != '\n')
		return pk_fail(err, PK_EFORMAT, 0, "not a checkpoint, or its last line is cut");
	if (pk_checkpoint_parse(body, &n.cp, err) < 0)
		return -1;
	*ret = n;
	n = (struct pk_custody_note){0};
	return 0;
}

int pk_custody_put_proof(const struct pk_custody_log *log, uint64_t old, struct pk_buf *ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) nodes = {0};

	/* from nothing, and to itself, there is nothing to prove */
	if (old && old < log->n && pk_merkle_consistency(log->leaf, old, log->n, &nodes, err) < 0)
		return -1;
	pk_buf_putf(ret, "old %llu\n", (unsigned long long)old);
	for (size_t i = 0; i + 32 <= nodes.n; i += 32) {
		pk_buf_put_base64(ret, nodes.p + i, 32, true);
		pk_buf_put_c(ret, '\n');
	}
	pk_buf_put_c(ret, '\n');
	return pk_buf_check(ret, err);
}

int pk_custody_continues(const struct pk_custody_note *newer, const struct pk_checkpoint *older, struct pk_err *err)
{
	unsigned long long have = older->size, now = newer->cp.size;

	if (!pk_str_eq(newer->cp.origin, older->origin))
		return pk_fail(err, PK_ECRYPTO, 0, "a checkpoint of another log: '%.*s', not '%.*s'",
			       PK_STR_ARG(newer->cp.origin), PK_STR_ARG(older->origin));
	if (now < have)
		return pk_fail(err, PK_ECRYPTO, 0,
			       "its %llu lines are fewer than the %llu seen before: the log was cut", now, have);
	if (now == have)
		return memcmp(newer->cp.root, older->root, 32) == 0
			       ? 0
			       : pk_fail(err, PK_ECRYPTO, 0,
					 "two different trees of %llu lines: the log's history was rewritten", now);
	if (have == 0)
		return 0;
	if (!newer->has_proof || newer->old != have)
		return pk_fail(err, PK_EUSAGE, 0,
			       "it comes without a proof that it continues the %llu lines seen before: ask for "
			       "'picket-case custody CASE --checkpoint --since' that checkpoint",
			       have);
	if (pk_merkle_verify_consistency(have, older->root, now, newer->cp.root, pk_buf_str(&newer->proof), NULL) < 0)
		return pk_fail(
			err, PK_ECRYPTO, 0,
			"its proof does not lead from the %llu lines seen before: the log's history was rewritten",
			have);
	return 0;
}

struct pk_str pk_custody_team(struct pk_str origin)
{
	const struct pk_str mid = PK_STR("/case/");

	for (size_t i = origin.n; i-- > 0;)
		if (pk_str_starts(pk_str_n(origin.p + i, origin.n - i), mid))
			return pk_str_n(origin.p, i);
	return PK_STR("");
}

int pk_custody_signed(struct pk_str note, const struct pk_party *p, bool *ret, struct pk_err *err)
{
	struct pk_err why = {0};
	struct pk_str text;

	*ret = p->has_note && pk_note_verify(&p->note, note, &text, &why) == 0;
	if (why.kind && why.kind != PK_ECRYPTO && why.kind != PK_EFORMAT && why.kind != PK_ELIMIT)
		return pk_fail(err, why.kind, why.sys, "%s", why.msg);
	return 0;
}

int pk_custody_signer(struct pk_str note, const struct pk_roster *roster, struct pk_str key,
		      const struct pk_party **ret, struct pk_err *err)
{
	*ret = NULL;
	for (size_t i = 0; i < roster->n; i++) {
		const struct pk_party *p = &roster->party[i];
		bool is = false;

		if (!p->has_note || !pk_note_is_key(pk_str(p->note.name), p->note.hash, key))
			continue;
		if (pk_custody_signed(note, p, &is, err) < 0)
			return -1;
		if (is)
			*ret = p;
	}
	return 0;
}

static bool is_absent(const struct pk_err *why) { return why->kind == PK_ECRYPTO && why->code == PK_NOTE_ABSENT; }

/* Whoever has a key, revoked or not, can put any time into a cosignature; one that saw the lines was made after them. */
static int judge_time(const struct pk_party *p, const struct pk_custody_last *last, struct pk_time seen,
		      struct pk_err *err)
{
	const char *what = NULL;
	PK_AUTO(pk_buf) at = {0};
	PK_AUTO(pk_buf) line = {0};

	if (seen.sec > pk_time_now().sec + MAX_AHEAD) {
		what = "a time that has not come";
	} else if (last && seen.sec < last->t.sec - MAX_BEHIND) {
		pk_buf_putf(&line, "before custody line %llu was written", (unsigned long long)last->seq);
		if (pk_buf_check(&line, err) < 0)
			return -1;
		what = line.p;
	}
	if (!what)
		return 0;
	pk_buf_put_rfc3339(&at, seen, 0);
	if (pk_buf_check(&at, err) < 0)
		return -1;
	return pk_fail(err, PK_ECRYPTO, 0, "seen by '%s' at %s, %s", p->name, at.p, what);
}

int pk_custody_seen(struct pk_str note, const struct pk_party *p, const struct pk_custody_last *last, bool *ret,
		    struct pk_time *ret_at, struct pk_err *err)
{
	struct pk_err why = {0};

	*ret = p->has_cosign && pk_note_cosigned(&p->cosign, note, ret_at, &why) == 0;
	if (!*ret)
		return !p->has_cosign || is_absent(&why) ? 0 : pk_fail(err, why.kind, why.sys, "%s", why.msg);
	return judge_time(p, last, *ret_at, err);
}

int pk_custody_who(struct pk_str note, const struct pk_roster *roster, struct pk_time at,
		   const struct pk_custody_last *last, struct pk_buf *ret_signers, struct pk_buf *ret_cosigners,
		   struct pk_err *err)
{
	size_t signers = 0, cosigners = 0;

	for (size_t i = 0; i < roster->n; i++) {
		const struct pk_party *p = &roster->party[i];
		struct pk_err why = {0};
		struct pk_time seen = {0};
		struct pk_str text;
		bool has_seen = false;

		if (p->has_note && pk_note_verify(&p->note, note, &text, &why) == 0) {
			if (pk_party_check(p, at, err) < 0)
				return -1;
			if (ret_signers)
				pk_buf_putf(ret_signers, "%s%s", signers ? ", " : "", p->name);
			signers++;
		} else if (p->has_note && !is_absent(&why)) {
			return pk_fail(err, why.kind, 0, "%s", why.msg);
		}
		if (pk_custody_seen(note, p, last, &has_seen, &seen, err) < 0 ||
		    (has_seen && pk_party_check(p, seen, err) < 0))
			return -1;
		if (has_seen && ret_cosigners) {
			pk_buf_putf(ret_cosigners, "%s%s at ", cosigners++ ? ", " : "", p->name);
			pk_buf_put_rfc3339(ret_cosigners, seen, 0);
		}
	}
	if ((ret_signers && pk_buf_check(ret_signers, err) < 0) ||
	    (ret_cosigners && pk_buf_check(ret_cosigners, err) < 0))
		return -1;
	if (!signers)
		return pk_fail(err, PK_ECRYPTO, 0, "the checkpoint is not signed by a party of the roster");
	return 0;
}

int pk_custody_merge(struct pk_str kept, struct pk_str note, const struct pk_party *owner,
		     const struct pk_roster *roster, struct pk_buf *ret, struct pk_err *err)
{
	pk_autofree const struct pk_note_pub **pub = calloc(roster->n + 1, sizeof(*pub));
	size_t n = 0;

	if (!pub)
		return pk_fail_oom(err);
	pub[n++] = &owner->note;
	for (size_t i = 0; i < roster->n; i++)
		if (roster->party[i].has_cosign)
			pub[n++] = &roster->party[i].cosign;
	return pk_note_merge(kept, note, pub, n, ret, err);
}
