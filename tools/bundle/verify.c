/* SPDX-License-Identifier: Apache-2.0 */
/* picket-bundle verify: signature, ticket and issuer; with an identity, everything inside too. */
#include "verbs.h"

static const struct pk_opt opts[] = {
	{'i', "identity", PK_OPT_LIST, &bundle_identities, "FILE",
	 "a file of identities, or - for standard input: checks the contents too; without it only the outer signature "
	 "is checked",
	 NULL},
	BUNDLE_OPT_PASSPHRASE_FD,
	BUNDLE_OPT_ROSTER,
	BUNDLE_OPT_JSON,
	PK_OPT_END,
};

enum contents { NOT_CHECKED, RIGHT, WRONG, UNKNOWN };
static const char *const contents_words[] = {"not checked", "verified", "wrong", "not checked"};

struct verdict {
	struct pk_outer outer;
	enum contents contents;
	struct pk_err why; /* when WRONG or UNKNOWN */
	uint64_t leaves;
	char root[65], id[33];
	struct pk_buf label;
	/* under which overrides it was sealed: as lines, and the same as members of an array */
	struct pk_buf overrides, overrides_json;
	bool override_refused;
	uint64_t partial;        /* of a share: contents that are not the whole file by their own records */
	struct pk_bundle *share; /* when it is one, with what the roster makes of it */
	struct pk_share_judgement judgement;
};

static void verdict_done(struct verdict *v)
{
	pk_outer_done(&v->outer);
	pk_buf_done(&v->label);
	pk_buf_done(&v->overrides);
	pk_buf_done(&v->overrides_json);
	pk_bundle_free(v->share);
	pk_share_judgement_done(&v->judgement);
}

static int hex(char *to, const uint8_t *p, size_t n, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};

	pk_buf_put_hex(&b, p, n);
	if (pk_buf_check(&b, err) < 0)
		return -1;
	memcpy(to, b.p, b.n + 1);
	return 0;
}

static int keep_contents(struct pk_bundle *b, struct verdict *v, struct pk_err *err)
{
	const struct pk_bundle_info *i = pk_bundle_info(b);

	v->contents = RIGHT;
	v->leaves = i->leaves;
	if (i->terms)
		pk_buf_put_label_shown(&v->label, &i->terms->label);
	return hex(v->root, i->root, 32, err) < 0 || hex(v->id, i->id, 16, err) < 0 ? -1 : pk_buf_check(&v->label, err);
}

struct listening {
	struct verdict *v;
	const struct pk_roster *roster;
	const struct pk_bundle *bundle;
};

static void put_override(struct pk_buf *b, struct pk_json *j, const struct pk_release *r,
			 const struct pk_roster *roster)
{
	pk_json_kz(j, "signer", r->signer);
	if (r->second)
		pk_json_kz(j, "second", r->second);
	pk_json_kz(j, "reason", r->reason);
	pk_json_key(j, "for");
	pk_json_begin(j, '[');
	if (r->second)
		pk_buf_putf(b, "override   by '%s' and '%s' for ", r->signer, r->second);
	else
		pk_buf_putf(b, "override   released by '%s' for ", r->signer);
	for (size_t i = 0; i < r->recipient_hashes.n; i++) {
		const struct pk_party *p = pk_roster_find_hash(roster, r->recipient_hashes.v[i]);

		pk_json_z(j, p ? p->name : r->recipient_hashes.v[i]);
		if (p)
			pk_buf_putf(b, "%s%s (%s)", i ? ", " : "", p->name, p->nation);
		else
			pk_buf_putf(b, "%s%.16s...", i ? ", " : "", r->recipient_hashes.v[i]);
	}
	pk_json_end(j, ']');
	pk_buf_puts(b, ": ");
	pk_buf_put_safe(b, pk_str(r->reason));
	pk_buf_put_c(b, '\n');
}

/* Beyond its label it was sealed by two persons' word: who they are, and whether it holds, as import says it. */
static int take_override(struct listening *l, const struct pk_record *r, struct pk_err *err)
{
	struct verdict *v = l->v;
	struct pk_json j = {.out = &v->overrides_json, .comma = v->overrides_json.n != 0};
	PK_AUTO(pk_release_set) s = {0};
	struct pk_err why = {0};
	bool there = false;
	int e = pk_release_from_record(r->json, pk_bundle_info(l->bundle), l->roster, pk_time_now(), &there, &s, &why);

	if (!there)
		return 0;
	if (e < 0 && why.kind == PK_ESYS) {
		*err = why;
		return -1;
	}
	v->override_refused |= e < 0;
	pk_json_begin(&j, '{');
	pk_json_kz(&j, "verdict", e < 0 ? "refused" : "holds");
	if (e < 0) {
		pk_json_kbytes(&j, "why", pk_str(why.msg));
		pk_buf_putf(&v->overrides, "override   not believed: %s\n", why.msg);
	} else {
		put_override(&v->overrides, &j, &s.release, l->roster);
	}
	pk_json_end(&j, '}');
	return pk_json_check(&j, err) < 0 ? -1 : pk_buf_check(&v->overrides, err);
}

static int take_record(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	struct listening *l = ctx;
	uint64_t padded = 0;

	if (r->type == 'c') /* its path, which would say so, may have been kept back */
		l->v->partial += pk_content_partial(r->json) || pk_json_get_uint(r->json, "padded", &padded);
	return r->type == 'u' ? take_override(l, r, err) : 0;
}

/* The whole verdict. The contents are looked at while the file is still being hashed for its signature: nothing that
 * they say is kept when that turns out not to fit. */
static int judge(const char *path, const struct pk_roster *roster, bool has_roster, struct verdict *v,
		 struct pk_err *err)
{
	struct listening l = {v, roster, NULL};
	struct pk_bundle_events events = {.ctx = &l, .record = take_record, .only = 'u', .ev = &pk_msg_events};
	PK_AUTOPTR(pk_outer_begun) begun = NULL;
	PK_AUTOPTR(pk_bundle) b = NULL;
	bool wanted = bundle_identities.n || bundle_passphrase_fd >= 0;
	int r = -1;

	if (pk_outer_begin(path, &begun, err) < 0)
		return -1;
	if (wanted && bundle_open_bundle(path, &b, &v->why) == 0) {
		l.bundle = b;
		events.only = pk_bundle_info(b)->is_share ? 0 : 'u';
		r = pk_bundle_verify(b, NULL, &events, &v->why);
	}
	pk_msg_progress_done();
	if (pk_outer_end(begun, has_roster ? roster : NULL, pk_time_now(), &v->outer, err) < 0)
		return -1;
	if (!wanted || v->outer.status == PK_TRUST_ALTERED)
		return 0;
	if (r == 0)
		r = pk_bundle_match_outer(b, &v->outer, &v->why);
	if (r < 0) {
		v->contents = bundle_is_wrong(&v->why) ? WRONG : UNKNOWN;
		return 0;
	}
	if (keep_contents(b, v, err) < 0 || pk_bundle_judge_rewraps(b, &v->outer, has_roster ? roster : NULL, err) < 0)
		return -1;
	if (!pk_bundle_info(b)->is_share)
		return 0;
	if (pk_share_judge(b, roster, pk_time_now(), &v->judgement, err) < 0)
		return -1;
	v->share = pk_steal(&b);
	return 0;
}

static void put_receipt(struct pk_json *j, const struct pk_outer *o)
{
	PK_AUTO(pk_buf) time = {0};

	if (!o->has_receipt)
		return;
	pk_json_kz(j, "receipt", o->receipt_holds ? "holds" : "refused");
	if (!o->receipt_holds) {
		pk_json_kbytes(j, "receipt_why", pk_str(o->receipt_why));
		return;
	}
	pk_buf_put_time(&time, (struct pk_time){.sec = o->receipt.time});
	pk_json_kz(j, "receipt_signer", o->receipt.signer);
	pk_json_kz(j, "receipt_time", time.p);
	pk_json_kz(j, "receipt_place", o->receipt.place);
	if (o->receipt.person)
		pk_json_kz(j, "receipt_person", o->receipt.person);
	pk_json_kz(j, "receipt_verdict", pk_trust_name(o->receipt.verdict));
	if (o->receipt_is_early)
		pk_json_kbool(j, "receipt_early", true);
}

static int print_json(const char *path, const struct verdict *v, struct pk_err *err)
{
	PK_AUTO(pk_buf) line = {0};
	struct pk_json j = {.out = &line};

	pk_json_begin(&j, '{');
	pk_json_kz(&j, "type", "verify");
	pk_json_kuint(&j, "v", 1);
	pk_json_kbytes(&j, "bundle", pk_str(path));
	pk_json_kz(&j, "signature", pk_trust_name(v->outer.status));
	pk_json_kbytes(&j, "why", pk_str(v->outer.why));
	if (v->outer.has_ticket)
		pk_json_khex(&j, "ticket", v->outer.ticket.id, 16);
	if (v->outer.issuer)
		pk_json_kz(&j, "issuer", v->outer.issuer);
	put_receipt(&j, &v->outer);
	if (v->outer.is_rewrapped) {
		pk_json_khex(&j, "original", v->outer.original, 64);
		pk_json_key(&j, "rewraps");
		pk_json_begin(&j, '[');
		for (size_t i = 0; i < v->outer.rewraps.n; i++)
			pk_json_z(&j, v->outer.rewraps.v[i]);
		pk_json_end(&j, ']');
	}
	pk_json_kz(&j, "contents", contents_words[v->contents]);
	if (v->contents == WRONG || v->contents == UNKNOWN)
		pk_json_kbytes(&j, "contents_why", pk_str(v->why.msg));
	if (v->contents == RIGHT) {
		pk_json_kz(&j, "id", v->id);
		pk_json_kuint(&j, "leaves", v->leaves);
		pk_json_kz(&j, "root", v->root);
		if (v->label.n)
			pk_json_kstr(&j, "label", pk_buf_str(&v->label));
		if (v->overrides_json.n) {
			pk_json_key(&j, "overrides");
			pk_json_begin(&j, '[');
			pk_buf_put_str(&line, pk_buf_str(&v->overrides_json));
			pk_json_end(&j, ']');
		}
	}
	if (v->share) {
		bundle_put_share(&j, v->share, &v->judgement);
		pk_json_kuint(&j, "partial", v->partial);
	}
	pk_json_end(&j, '}');
	if (pk_json_check(&j, err) < 0)
		return -1;
	return pk_stdout_line(&line, err);
}

static void print_receipt(const struct pk_outer *o)
{
	PK_AUTO(pk_buf) b = {0};

	if (!o->has_receipt)
		return;
	if (!o->receipt_holds) {
		printf("receipt    not believed: %s\n", o->receipt_why);
		return;
	}
	pk_buf_put_rfc3339(&b, (struct pk_time){.sec = o->receipt.time}, 0);
	pk_buf_putf(&b, ", by '%s', at ", o->receipt.signer);
	pk_buf_put_safe(&b, pk_str(o->receipt.place));
	if (o->receipt.person) {
		pk_buf_puts(&b, ", ");
		pk_buf_put_safe(&b, pk_str(o->receipt.person));
	}
	if (o->receipt.verdict != PK_TRUST_OK)
		pk_buf_putf(&b, "; found to be %s", pk_trust_name(o->receipt.verdict));
	if (o->receipt_is_early) {
		pk_buf_puts(&b, "; BEFORE its ticket is valid, from ");
		pk_buf_put_rfc3339(&b, o->ticket.not_before, 0);
	}
	if (!b.oom)
		printf("receipt    %s\n", b.p);
}

static void print_text(const struct verdict *v)
{
	printf("signature  %s: %s\n", pk_trust_name(v->outer.status), v->outer.why);
	if (v->outer.issuer)
		printf("issuer     %s\n", v->outer.issuer);
	print_receipt(&v->outer);
	for (size_t i = 0; i < v->outer.rewraps.n; i++)
		printf("rewrapped  %s\n", v->outer.rewraps.v[i]);
	switch (v->contents) {
	case RIGHT:
		printf("contents   verified: %llu records, root %s\n", (unsigned long long)v->leaves, v->root);
		break;
	case WRONG: printf("contents   wrong: %s\n", v->why.msg); break;
	case UNKNOWN: printf("contents   not checked: %s\n", v->why.msg); break;
	default:
		puts(v->outer.status == PK_TRUST_ALTERED
			     ? "contents   not checked: nothing in an altered bundle is believed"
			     : "contents   not checked: that needs an identity (-i), this was the outer signature "
			       "only");
	}
	if (v->label.n)
		printf("label      %s\n", v->label.p);
	if (v->contents == RIGHT && v->overrides.n)
		fputs(v->overrides.p, stdout);
	if (v->share) {
		bundle_print_share(v->share, &v->judgement);
		if (v->partial)
			printf("partial    %llu of the contents are not the whole files: cat says of each what is "
			       "missing\n",
			       (unsigned long long)v->partial);
	}
}

static bool is_good(const struct verdict *v)
{
	return v->outer.status == PK_TRUST_OK && v->contents != WRONG &&
	       v->outer.has_receipt == v->outer.receipt_holds && !(v->contents == RIGHT && v->override_refused) &&
	       (!v->share || v->judgement.status == PK_TRUST_OK);
}

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(pk_roster) roster = {0};
	PK_AUTO(verdict) v = {0};
	bool has_roster = false;

	(void)argc;
	if (pk_station_roster(bundle_roster, &roster, &has_roster, NULL, err) < 0 ||
	    judge(argv[0], &roster, has_roster, &v, err) < 0)
		return -1;
	if (bundle_json) {
		if (print_json(argv[0], &v, err) < 0)
			return -1;
	} else {
		print_text(&v);
	}
	if (pk_stdout_done(err) < 0)
		return -1;
	if (v.contents == UNKNOWN) { /* that this could not be done weighs more than what could */
		*err = v.why;
		return -1;
	}
	return is_good(&v) ? PK_EXIT_OK : PK_EXIT_FOUND;
}

const struct pk_verb bundle_verify = {
	.name = "verify",
	.operands = "BUNDLE",
	.summary = "check a bundle's signature and, with an identity, all of its contents",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
