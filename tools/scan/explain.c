/* SPDX-License-Identifier: Apache-2.0 */
/* --explain: which strings of a rule are in a file, and which parts of its condition hold. */
#include "scan.h"

#include <inttypes.h>
#include <picket/ruleexplain.h>

struct explaining {
	struct report *r;
	struct pk_explain *e;
	const char *rule;
	uint64_t held;
};

/* --- text --------------------------------------------------------------------------------------------- */

static void put_string_text(struct report *r, const struct pk_explain_string *s)
{
	if (!s->hit) {
		pk_buf_putf(&r->out, "  %s: %s\n", s->name,
			    s->value == PK_EXPLAIN_FALSE ? "not found" : pk_explain_value_name(s->value));
		return;
	}
	for (size_t i = 0; i < s->hit->match_count; i++) {
		const struct pk_scan_match *m = &s->hit->matches[i];

		pk_buf_putf(&r->out, "  %s: 0x%" PRIx64 ": ", s->name, m->offset);
		pk_buf_put_safe(&r->out, m->data);
		pk_buf_puts(&r->out, m->data.n < m->length ? "...\n" : "\n");
	}
	if (s->hit->more)
		pk_buf_putf(&r->out, "  %s: and more\n", s->name);
}

static void put_text(struct explaining *x, const struct pk_scantree_file *f)
{
	struct pk_buf *out = &x->r->out;

	pk_buf_putf(out, "%s ", x->rule);
	pk_buf_put_safe(out, f->path);
	pk_buf_putf(out, ": %s\n", pk_explain_value_name(x->e->parts[0].value));
	if (x->e->global_is_false)
		pk_buf_puts(out, "  a global rule beside it does not hold, so no rule of its source does\n");
	for (size_t i = 0; i < x->e->string_count; i++)
		put_string_text(x->r, &x->e->strings[i]);
	for (size_t i = 0; i < x->e->part_count && !x->e->global_is_false; i++) {
		const struct pk_explain_part *p = &x->e->parts[i];

		pk_buf_putf(out, "  %-13s", pk_explain_value_name(p->value));
		for (unsigned d = 0; d < p->depth; d++)
			pk_buf_puts(out, "  ");
		pk_buf_put_safe(out, pk_str(p->text));
		pk_buf_put_c(out, '\n');
	}
	if (x->e->part_count == PK_EXPLAIN_MAX_PARTS && !x->e->global_is_false)
		pk_buf_puts(out, "  further parts are not shown\n");
}

/* --- objects ------------------------------------------------------------------------------------------ */

static void put_string_json(struct pk_json *j, const struct pk_explain_string *s)
{
	pk_json_begin(j, '{');
	pk_json_kz(j, "name", s->name);
	pk_json_kz(j, "value", pk_explain_value_name(s->value));
	pk_json_key(j, "matches");
	pk_json_begin(j, '[');
	for (size_t i = 0; s->hit && i < s->hit->match_count; i++) {
		pk_json_begin(j, '{');
		pk_json_kuint(j, "offset", s->hit->matches[i].offset);
		pk_json_kuint(j, "length", s->hit->matches[i].length);
		pk_json_kbytes(j, "data", s->hit->matches[i].data);
		pk_json_end(j, '}');
	}
	pk_json_end(j, ']');
	if (s->hit && s->hit->more)
		pk_json_kbool(j, "more", true);
	pk_json_end(j, '}');
}

static void put_json(struct explaining *x, const struct pk_scantree_file *f)
{
	struct pk_json j = {.out = &x->r->out};

	report_begin(&j, "explanation");
	pk_json_kz(&j, "rule", x->rule);
	pk_json_kbytes(&j, "path", f->path);
	pk_json_kz(&j, "value", pk_explain_value_name(x->e->parts[0].value));
	pk_json_kbool(&j, "global_rule_is_false", x->e->global_is_false);
	pk_json_key(&j, "strings");
	pk_json_begin(&j, '[');
	for (size_t i = 0; i < x->e->string_count; i++)
		put_string_json(&j, &x->e->strings[i]);
	pk_json_end(&j, ']');
	pk_json_key(&j, "condition");
	pk_json_begin(&j, '[');
	for (size_t i = 0; i < x->e->part_count; i++) {
		pk_json_begin(&j, '{');
		pk_json_kuint(&j, "depth", x->e->parts[i].depth);
		pk_json_kbytes(&j, "text", pk_str(x->e->parts[i].text));
		pk_json_kz(&j, "value", pk_explain_value_name(x->e->parts[i].value));
		pk_json_end(&j, '}');
	}
	pk_json_end(&j, ']');
	report_end(&j);
}

/* --- one rule, some files ------------------------------------------------------------------------------- */

static int on_file(void *ctx, const struct pk_scantree_file *f, struct pk_err *err)
{
	struct host *h = ctx;
	struct explaining *x = h->explaining;
	const struct pk_scantree_file left = {
		.path = f->path, .st = f->st, .verdict = f->verdict, .why = f->why, .detail = f->detail, .ioc = f->ioc};

	if (f->verdict != PK_SCAN_SCANNED)
		return report_file(x->r, &left, err);
	pk_explain_take(x->e, x->r->set, f->result);
	/* what it calls undefined may have been cut */
	x->r->not_evaluated += f->result->more;
	x->r->scanned++;
	x->r->bytes += f->bytes;
	x->held += !x->e->global_is_false && x->e->parts[0].value == PK_EXPLAIN_TRUE;
	for (size_t i = 0; i < x->e->part_count; i++)
		x->r->not_evaluated += x->e->parts[i].value == PK_EXPLAIN_NOT_EVALUATED;
	x->r->json ? put_json(x, f) : put_text(x, f);
	return report_flush(x->r, err);
}

/* A part that does not compile alone, if there is one, is found by trying. */
static int start(const struct pk_rules *rules, const struct pk_scanpool_params *params, struct explaining *x,
		 struct pk_scanpool **ret, struct pk_err *err)
{
	for (int apart = 1;; apart--) {
		PK_AUTO(pk_rules) helpers = {0};
		PK_AUTOPTR(pk_scanpool) pool = NULL;
		struct pk_scanpool_params p = *params;

		pk_explain_done(x->e);
		if (pk_explain_prepare(rules, x->rule, apart, x->e, &helpers, err) < 0)
			return -1;
		p.rules = &helpers;
		p.children = 1;
		p.partition = PK_PARTITION_NEVER;
		p.cache = NULL;
		p.strict = true;
		if (pk_scanpool_new(&p, &pool, err) < 0)
			return -1;
		if (pk_scanpool_ready(pool, err) == 0) {
			*ret = pk_steal(&pool);
			return 0;
		}
		if (!apart)
			return pk_wrap(err, "rule '%s'", x->rule);
	}
}

int explain_rule(const char *rule, const struct pk_rules *rules, const struct pk_scanpool_params *params,
		 struct host *h, int argc, char **argv, struct pk_err *err)
{
	PK_AUTO(pk_explain) e = {0};
	struct explaining x = {.r = h->report, .e = &e, .rule = rule};
	struct host mine = *h; /* borrows what is in it */
	struct pk_scantree_params tp = {
		.slots = params->slots,
		.file = on_file,
		.leave = host_on_leave,
		.mount = host_on_mount,
		.owner = host_on_owner,
		.group = host_on_group,
		.ctx = &mine,
		.host = &h->vars,
		.events = params->events,
	};
	PK_AUTOPTR(pk_scanpool) pool = NULL;
	PK_AUTOPTR(pk_scantree) tree = NULL;

	if (start(rules, params, &x, &pool, err) < 0)
		return -1;
	h->report->set = pk_scanpool_rules(pool);
	mine.explaining = &x;
	tp.pool = pool;
	if (pk_scantree_new(&tp, &tree, err) < 0)
		return -1;
	for (int i = 0; i < argc; i++)
		if (pk_scantree_path(tree, argv[i], err) < 0)
			return -1;
	if (pk_scantree_finish(tree, err) < 0 || pk_stdout_done(err) < 0)
		return -1;
	return x.held > 0 ? PK_EXIT_FOUND : report_is_complete(h->report) ? PK_EXIT_OK : PK_EXIT_PARTIAL;
}
