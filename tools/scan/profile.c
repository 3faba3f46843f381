/* SPDX-License-Identifier: Apache-2.0 */
/* --profile: what rules cost on this data. The engine does not say, so each file of rules is timed alone against a rule
 * that looks for nothing, and then each rule of those that cost most. */
#include "scan.h"

#include <inttypes.h>
#include <picket/rulelint.h>
#include <picket/time.h>

#define ROUNDS 2      /* the shortest counts: others have other work in between */
#define MAX_SOURCES 5 /* of which single rules are timed */
#define MAX_SHOWN 20

struct cost {
	char *source, *rule; /* rule NULL: all of the source */
	size_t index;        /* of the source */
	uint64_t ns, hits, not_evaluated;
};
struct profile {
	struct host *h;
	const struct pk_scanpool_params *params;
	int argc;
	char **argv;
	struct cost *v;
	size_t n, cap;
	uint64_t files, bytes, base_ns;
};

/* --- timing ------------------------------------------------------------------------------------------- */

struct counts {
	uint64_t files, bytes, hits, not_evaluated;
};

static int on_file(void *ctx, const struct pk_scantree_file *f, struct pk_err *err)
{
	struct counts *c = ((struct host *)ctx)->counts;

	(void)err;
	c->files += f->verdict == PK_SCAN_SCANNED;
	c->bytes += f->bytes;
	if (f->result) {
		c->hits += f->result->hit_count;
		c->not_evaluated += f->result->note_count;
	}
	return 0;
}

/* One scan of everything, by one child, that finds the rules compiled. */
static int scan_once(const struct profile *p, struct pk_scanpool *pool, struct counts *ret, uint64_t *ret_ns,
		     struct pk_err *err)
{
	const struct pk_scantree_params tp = {
		.pool = pool,
		.slots = p->params->slots,
		.file = on_file,
		.leave = host_on_leave,
		.mount = host_on_mount,
		.owner = host_on_owner,
		.group = host_on_group,
		.host = &p->h->vars,
		.ctx = p->h,
	};
	PK_AUTOPTR(pk_scantree) tree = NULL;
	uint64_t started;

	*ret = (struct counts){0};
	p->h->counts = ret;
	if (pk_scantree_new(&tp, &tree, err) < 0)
		return -1;
	started = pk_time_mono_ns();
	for (int i = 0; i < p->argc; i++)
		if (pk_scantree_path(tree, p->argv[i], err) < 0)
			return -1;
	if (pk_scantree_finish(tree, err) < 0)
		return -1;
	*ret_ns = pk_time_mono_ns() - started;
	return 0;
}

/* *ret_ns stays as it is when the rules do not compile. */
static int time_rules(const struct profile *p, const struct pk_rules *rules, struct counts *ret, uint64_t *ret_ns,
		      struct pk_err *err)
{
	struct pk_scanpool_params pp = *p->params;
	PK_AUTOPTR(pk_scanpool) pool = NULL;

	pp.rules = rules;
	pp.children = 1;
	pp.partition = PK_PARTITION_NEVER;
	pp.cache = NULL;
	pp.events = NULL;
	if (pk_scanpool_new(&pp, &pool, err) < 0)
		return -1;
	if (pk_scanpool_ready(pool, NULL) < 0)
		return 0;
	*ret_ns = UINT64_MAX;
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t ns;

		if (scan_once(p, pool, ret, &ns, err) < 0)
			return -1;
		*ret_ns = PK_MIN(*ret_ns, ns);
	}
	return 0;
}

static int add(struct profile *p, size_t index, const char *source, const char *rule, const struct pk_rules *rules,
	       struct pk_err *err)
{
	struct cost c = {.index = index};
	struct counts counts = {0};
	uint64_t ns = 0;

	if (time_rules(p, rules, &counts, &ns, err) < 0)
		return -1;
	if (ns == 0)
		return 0; /* broken: a scan says so */
	if (!pk_grow(&p->v, &p->cap, p->n + 1, sizeof(*p->v)))
		return pk_fail_oom(err);
	c.ns = ns > p->base_ns ? ns - p->base_ns : 0;
	c.hits = counts.hits;
	c.not_evaluated = counts.not_evaluated + p->files - PK_MIN(counts.files, p->files); /* files that it ended */
	c.source = pk_str_dup(pk_str(source));
	c.rule = rule ? pk_str_dup(pk_str(rule)) : NULL;
	p->v[p->n++] = c;
	return c.source && (!rule || c.rule) ? 0 : pk_fail_oom(err);
}

/* --- what is timed ---------------------------------------------------------------------------------------- */

static int time_nothing(struct profile *p, struct pk_err *err)
{
	PK_AUTO(pk_rules) none = {0};
	struct counts c = {0};

	if (pk_rules_add(&none, "none", "none", PK_STR("rule nothing { condition: false }"), err) < 0 ||
	    time_rules(p, &none, &c, &p->base_ns, err) < 0)
		return -1;
	if (c.files == 0)
		return pk_fail(err, PK_EUSAGE, 0, "--profile: nothing of what was given can be scanned");
	p->files = c.files;
	p->bytes = c.bytes;
	return 0;
}

/* The source at i, with those that may be included by it. */
static int with_includes(const struct pk_rules *all, size_t i, struct pk_str text, struct pk_rules *ret,
			 struct pk_err *err)
{
	if (pk_rules_add(ret, all->v[i].ns, all->v[i].name, text, err) < 0)
		return -1;
	for (size_t k = 0; k < all->n; k++) {
		const struct pk_rule_source *s = &all->v[k];

		if (!s->include_only)
			continue;
		if (pk_rules_add(ret, s->ns, s->name, pk_str_n(s->text, s->n), err) < 0)
			return -1;
		ret->v[ret->n - 1].include_only = true;
	}
	return 0;
}

static int time_sources(struct profile *p, const struct pk_rules *all, struct pk_err *err)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct pk_rule_source *s = &all->v[i];
		PK_AUTO(pk_rules) one = {0};

		pk_event_progress(p->params->events, "files of rules timed", i, all->n);
		if (s->include_only || s->problem)
			continue;
		if (with_includes(all, i, pk_str_n(s->text, s->n), &one, err) < 0 ||
		    add(p, i, s->name, NULL, &one, err) < 0)
			return -1;
	}
	return 0;
}

struct single {
	struct profile *p;
	const struct pk_rules *all;
	size_t index;
};

static int time_single(void *ctx, struct pk_str rule, struct pk_str text, struct pk_err *err)
{
	struct single *s = ctx;
	PK_AUTO(pk_rules) one = {0};
	pk_autofree char *name = pk_str_dup(rule);

	if (!name)
		return pk_fail_oom(err);
	pk_event_progress(s->p->params->events, "rules timed", s->p->n, 0);
	if (with_includes(s->all, s->index, text, &one, err) < 0)
		return -1;
	return add(s->p, s->index, s->all->v[s->index].name, name, &one, err);
}

static int dearer(const void *a, const void *b)
{
	const struct cost *x = a, *y = b;

	return (x->ns < y->ns) - (x->ns > y->ns);
}

/* --- printing --------------------------------------------------------------------------------------------- */

static void put_json(struct profile *p, const struct cost *c)
{
	struct pk_json j = {.out = &p->h->report->out};

	report_begin(&j, "profile");
	pk_json_kbytes(&j, "path", pk_str(c->source));
	if (c->rule)
		pk_json_kz(&j, "rule", c->rule);
	pk_json_kuint(&j, "nanoseconds", c->ns);
	pk_json_kuint(&j, "hits", c->hits);
	pk_json_kuint(&j, "not_evaluated", c->not_evaluated);
	report_end(&j);
}

static int print(struct profile *p, const char *heading, size_t first, struct pk_err *err)
{
	static const char *const headings[] = {"US", "US/FILE", "HITS", "NOT EVALUATED", NULL};
	PK_AUTO(pk_table) t = {0};
	const char *all[5];

	memcpy(all, headings, sizeof(headings));
	all[4] = heading;
	qsort(p->v + first, p->n - first, sizeof(*p->v), dearer);
	pk_table_begin(&t, all, 5);
	for (size_t i = first; i < p->n; i++) {
		const struct cost *c = &p->v[i];
		PK_AUTO(pk_buf) name = {0};

		if (p->h->report->json) {
			put_json(p, c);
			continue;
		}
		if (i - first >= MAX_SHOWN)
			break;
		pk_buf_puts(&name, c->source);
		if (c->rule)
			pk_buf_putf(&name, ": %s", c->rule);
		pk_table_cellf(&t, "%" PRIu64, c->ns / 1000);
		pk_table_cellf(&t, "%" PRIu64, c->ns / 1000 / p->files);
		pk_table_cellf(&t, "%" PRIu64, c->hits);
		pk_table_cellf(&t, "%" PRIu64, c->not_evaluated);
		pk_table_cell(&t, pk_buf_str(&name));
		if (name.oom)
			return pk_fail_oom(err);
	}
	if (report_flush(p->h->report, err) < 0)
		return -1;
	return p->h->report->json ? 0 : pk_table_print(&t, err);
}

static void profile_done(struct profile *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].source);
		free(p->v[i].rule);
	}
	free(p->v);
}

int profile_rules(const struct pk_rules *rules, const struct pk_scanpool_params *params, struct host *h, int argc,
		  char **argv, struct pk_err *err)
{
	PK_AUTO(profile) p = {.h = h, .params = params, .argc = argc, .argv = argv};
	size_t sources;

	if (time_nothing(&p, err) < 0 || time_sources(&p, rules, err) < 0)
		return -1;
	pk_msg_progress_done();
	pk_msg_info("%" PRIu64 " files (%" PRIu64 " bytes), %" PRIu64 " ms to read them and look for nothing", p.files,
		    p.bytes, p.base_ns / 1000000);
	if (print(&p, "RULES", 0, err) < 0)
		return -1;
	sources = p.n;
	for (size_t i = 0; i < PK_MIN(sources, (size_t)MAX_SOURCES); i++) {
		struct single s = {&p, rules, p.v[i].index};
		const struct pk_rule_source *from = &rules->v[s.index];

		if (pk_rules_each_alone(pk_str_n(from->text, from->n), time_single, &s, err) < 0)
			return -1;
	}
	pk_msg_progress_done();
	if (!h->report->json && fputs("\n", stdout) == EOF)
		return pk_stdout_done(err);
	if (print(&p, "RULE", sources, err) < 0 || pk_stdout_done(err) < 0)
		return -1;
	return PK_EXIT_OK;
}
