/* SPDX-License-Identifier: Apache-2.0 */
/* One collection from beginning to end: live tables, the plan, the walk, and the records of the run itself. */
#include "collect_priv.h"
#include "leaf0.h"

#include <errno.h>
#include <stdlib.h>

#define WHAT_BYTES 4096u /* of a pattern that could not be planned, perhaps because it is too long */

void pk_collect_summary_done(struct pk_collect_summary *s)
{
	free(s->path);
	*s = (struct pk_collect_summary){0};
}

bool pk_collect_is_partial(const struct pk_collect_summary *s)
{
	return s->outcomes[PK_DENIED] || s->outcomes[PK_FAILED] || s->tables_failed || s->scan_failed ||
	       s->rules_missing || s->not_compared || s->limits || s->stopped;
}

static void run_done(struct run *run)
{
	seen_done(&run->paths);
	seen_done(&run->link_told);
	pk_snap_done(&run->snap);
	pk_buf_done(&run->fields);
	pk_buf_done(&run->offered);
	pk_ioc_hits_done(&run->hash_hits);
	if (run->p->ioc)
		pk_ioc_listen(run->p->ioc, NULL, NULL);
	pk_store_free(run->store);
	pk_seal_free(run->seal);
}

/* --- events that open and close a run --------------------------------------------------------------- */

static int on_mount(void *ctx, const struct pk_mount *m, struct pk_err *err)
{
	struct run *run = ctx;
	struct pk_json j = record_begin(run);
	uint64_t leaf;

	pk_json_kz(&j, "event", "mount");
	pk_json_kbytes(&j, "path", pk_str(m->point));
	pk_json_kbytes(&j, "type", pk_str(m->type));
	pk_json_kbytes(&j, "source", pk_str(m->source));
	pk_json_kz(&j, "decision", m->cross ? "crossed" : "not crossed");
	if (m->why)
		pk_json_kbytes(&j, "why", pk_str(m->why));
	return record_put(run, &j, 'e', &leaf, err);
}

static int put_rule_problems(struct run *run, const struct pk_ruleset *set, struct pk_err *err)
{
	for (size_t i = 0; i < set->problem_count; i++) {
		const struct pk_rule_problem *p = &set->problems[i];
		struct pk_json j = record_begin(run);
		uint64_t leaf;

		if (!p->is_warning)
			pk_event_warn(run->p->events, "rules '%s', line %llu: %s", p->name, (unsigned long long)p->line,
				      p->text);
		pk_json_kz(&j, "event", p->is_warning ? "rule-warning" : p->is_rule ? "rule-refused" : "rule-broken");
		pk_json_kbytes(&j, "file", pk_str(p->name));
		pk_json_kuint(&j, "line", p->line);
		pk_json_kbytes(&j, "why", pk_str(p->text));
		if (record_put(run, &j, 'e', &leaf, err) < 0)
			return -1;
	}
	return 0;
}

static int put_rules(struct run *run, struct pk_err *err)
{
	const struct pk_ruleset *set;
	PK_AUTO(pk_buf) level = {0};
	struct pk_err own = {0};
	struct pk_json j;
	uint64_t leaf;
	bool ready;

	if (!run->p->pool)
		return put_event(run, "no-scan", NULL, (struct pk_str){0}, "no rules were given", err);
	ready = pk_scanpool_ready(run->p->pool, &own) == 0;
	set = pk_scanpool_rules(run->p->pool);
	run->sum->rules_missing = set->broken_count + set->refused_count;
	if (put_rule_problems(run, set, err) < 0)
		return -1;
	if (!ready) {
		run->scanning = false; /* evidence that is not scanned can be later; what is not taken is gone */
		run->sum->scan_failed++;
		pk_event_warn(run->p->events, "nothing is scanned: %s", own.msg);
		return put_event(run, "no-scan", NULL, (struct pk_str){0}, own.msg, err);
	}
	j = record_begin(run);
	pk_json_kz(&j, "event", "rules");
	pk_json_kuint(&j, "rules", set->rule_count);
	pk_json_kuint(&j, "files", set->source_count);
	pk_json_kuint(&j, "broken", set->broken_count);
	pk_json_kuint(&j, "refused", set->refused_count);
	pk_buf_put_sandbox_level(&level, set->sandbox_level);
	if (!level.oom)
		pk_json_kstr(&j, "sandbox", pk_buf_str(&level));
	return record_put(run, &j, 'e', &leaf, err);
}

static int put_plan_notes(struct run *run, struct pk_err *err)
{
	const struct pk_plan *plan = run->p->plan;
	uint64_t leaf;

	for (size_t i = 0; i < plan->notes_n; i++) {
		struct pk_json j = record_begin(run);

		pk_json_kz(&j, "event", "not-in-plan");
		pk_json_kz(&j, "artefact", plan->notes[i].artefact);
		pk_json_kbytes(&j, "what", pk_str_n(plan->notes[i].what, strnlen(plan->notes[i].what, WHAT_BYTES)));
		pk_json_kbytes(&j, "why", pk_str(plan->notes[i].why));
		if (record_put(run, &j, 'e', &leaf, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < run->p->facts->notes.n; i++)
		if (put_event(run, "host-fact-note", NULL, (struct pk_str){0}, run->p->facts->notes.v[i], err) < 0)
			return -1;
	if (run->p->mounts->gap) {
		run->sum->limits++;
		if (put_event(run, "mounts-gap", NULL, (struct pk_str){0}, run->p->mounts->gap, err) < 0)
			return -1;
	}
	return pk_mounts_report(run->p->mounts, on_mount, run, err);
}

static int put_globstar(struct run *run, struct pk_err *err)
{
	struct pk_json j = record_begin(run);
	uint64_t leaf;

	pk_json_kz(&j, "event", "plan");
	pk_json_kz(&j, "profile", run->p->plan->profile);
	pk_json_kuint(&j, "artefacts", run->p->plan->artefacts.n);
	pk_json_kuint(&j, "requests", run->p->plan->requests_n);
	pk_json_kuint(&j, "globstar_default", run->p->plan->globstar_default);
	pk_json_kbool(&j, "walk", run->p->walk);
	return record_put(run, &j, 'e', &leaf, err);
}

static int put_end(struct run *run, struct pk_err *err)
{
	const struct pk_collect_summary *s = run->sum;
	struct pk_json j = record_begin(run);
	uint64_t leaf;

	pk_json_kz(&j, "event", "end");
	for (int o = 0; o < (int)PK_LEN(s->outcomes); o++)
		pk_json_kuint(&j, pk_outcome_name((enum pk_outcome)o), s->outcomes[o]);
	pk_json_kuint(&j, "contents", s->contents);
	pk_json_kuint(&j, "bytes", s->content_bytes);
	pk_json_kuint(&j, "hits", s->hits);
	pk_json_kuint(&j, "not_compared", s->not_compared);
	pk_json_kuint(&j, "tables", s->tables);
	pk_json_kuint(&j, "rows", s->rows);
	pk_json_key(&j, "clock");
	pk_json_begin(&j, '{');
	pk_collect_put_clocks(&j);
	pk_json_end(&j, '}');
	return record_put(run, &j, 'e', &leaf, err);
}

/* --- stopping ---------------------------------------------------------------------------------------- */

int check_stop(struct run *run, struct pk_err *err)
{
	if (!run->p->stop || !*run->p->stop)
		return 0;
	run->sum->stopped = *run->p->stop;
	return pk_fail(err, PK_ESYS, EINTR, "stopped");
}

/* What came before the signal is evidence: the bundle is ended in order. */
static int put_stopped(struct run *run, struct pk_err *err)
{
	char why[80];

	snprintf(why, sizeof(why), "signal %d: what would have come next was not read", run->sum->stopped);
	pk_event_warn(run->p->events, "stopped by %s", why);
	return put_event(run, "stopped", NULL, (struct pk_str){0}, why, err);
}

/* --- the plan and the walk --------------------------------------------------------------------------- */

static int on_found(void *ctx, const struct pk_found *f, struct pk_err *err)
{
	struct run *run = ctx;

	pk_event_progress(run->p->events, "artefacts", run->sum->content_bytes, 0);
	if (check_stop(run, err) < 0)
		return -1;
	return take_found(run, f, err);
}

static int on_missing(void *ctx, const struct pk_request *r, struct pk_str path, enum pk_outcome outcome,
		      const char *why, struct pk_err *err)
{
	struct run *run = ctx;
	uint64_t ignored = 0;
	bool is_new;

	if (check_stop(run, err) < 0 || seen_add(&run->paths, path, &ignored, &is_new, err) < 0)
		return -1;
	if (!is_new)
		return 0;
	return put_missing(run, path, (const char *const *)r->via.v, r->via.n, outcome, why, err);
}

static bool is_own_output(void *ctx, const struct pk_snap *snap)
{
	const struct run *run = ctx;

	return pk_store_is_output(run->store, snap);
}

static int on_entry(void *ctx, const struct pk_walk_entry *e, struct pk_err *err)
{
	struct run *run = ctx;
	uint64_t ignored = 0;
	bool is_new;

	pk_event_progress(run->p->events, "paths", run->sum->outcomes[PK_METADATA], 0);
	if (check_stop(run, err) < 0)
		return -1;
	if (e->snap && seen_has(&run->paths, e->path)) { /* the plan was here */
		if (e->outcome == PK_METADATA)
			return 0;
	} else if (e->snap) {
		return put_path(run, e->snap, NULL, 0, e->outcome, e->why, PK_LEAF_NONE, err);
	}
	if (!e->again && !seen_has(&run->paths, e->path)) {
		if (seen_add(&run->paths, e->path, &ignored, &is_new, err) < 0)
			return -1;
		return put_missing(run, e->path, NULL, 0, e->outcome, e->why, err);
	}
	/* the path has its record; that the folder could not be listed is an event */
	run->sum->outcomes[e->outcome]++;
	return put_event(run, "not-listed", "path", e->path, e->why, err);
}

static int read_all(struct run *run, struct pk_err *err)
{
	static const struct pk_expand_ops none;
	struct pk_expand_ops ops = none;

	if (run->p->live && take_live(run, err) < 0)
		return -1;
	if (put_rules(run, err) < 0)
		return -1;
	ioc_listen_paths(run);
	ops.ctx = run;
	ops.found = on_found;
	ops.missing = on_missing;
	if (pk_plan_expand(run->p->plan, run->p->root, run->p->facts, run->p->mounts, &ops, err) < 0)
		return -1;
	if (run->p->walk) {
		struct pk_walk_opts w = {.facts = run->p->facts, .skip = is_own_output, .skip_ctx = run};

		if (pk_walk_tree(run->p->root, run->p->mounts, &w, on_entry, run, err) < 0)
			return -1;
	}
	return 0;
}

static int run_all(struct run *run, struct pk_err *err)
{
	if (put_globstar(run, err) < 0 || put_plan_notes(run, err) < 0 || ioc_put_sets(run, err) < 0)
		return -1;
	if (read_all(run, err) < 0 && !run->sum->stopped)
		return -1;
	if (run->sum->stopped && put_stopped(run, err) < 0)
		return -1;
	if (pk_seal_settle_all(run->seal, err) < 0 || ioc_flush(run, err) < 0)
		return -1;
	return put_end(run, err);
}

int pk_collect_run(const struct pk_collect_params *params, struct pk_collect_summary *ret, struct pk_err *err)
{
	struct pk_collect_summary sum = {0};
	PK_AUTO(run) run = {.p = params, .sum = &sum};
	struct pk_seal_params seal = params->seal;
	PK_AUTO(pk_buf) host = {0};
	struct pk_json j = {.out = &host};

	pk_collect_put_host(&j, params->root, params->facts);
	if (pk_json_check(&j, err) < 0)
		return pk_wrap(err, "host facts");
	seal.host = pk_buf_str(&host);
	seal.tool = params->tool;
	if (params->pool) {
		run.scanning = true;
		inspect_init(&run);
		seal.inspect = &run.inspect;
	}
	if (pk_seal_new(&seal, &run.seal, err) < 0 || store_init(&run, err) < 0 || run_all(&run, err) < 0)
		return -1;
	if (!(sum.path = pk_str_dup(pk_str(pk_seal_path(run.seal)))))
		return pk_fail_oom(err);
	if (pk_seal_finish(run.seal, &sum.seal, err) < 0) {
		free(sum.path);
		return -1;
	}
	*ret = sum;
	return 0;
}

/* --- the estimate ------------------------------------------------------------------------------------- */

struct estimate_run {
	const struct pk_collect_params *p;
	struct pk_estimate sum;
	struct pk_snap snap;
};

static int estimate_found(void *ctx, const struct pk_found *f, struct pk_err *err)
{
	struct estimate_run *e = ctx;

	(void)err;
	e->sum.paths++;
	if (f->type != PK_REQ_FILE || f->excluded)
		return 0;
	if (pk_snap_read(&e->snap, e->p->root, f->path, NULL, PK_SNAP_NO_XATTRS, NULL) == 0 &&
	    e->snap.kind == PK_KIND_FILE) {
		e->sum.files++;
		e->sum.bytes += PK_MIN(PK_MIN(e->snap.size, e->snap.blocks * 512 + 4096), f->max_file);
	}
	return 0;
}

static int estimate_missing(void *ctx, const struct pk_request *r, struct pk_str path, enum pk_outcome outcome,
			    const char *why, struct pk_err *err)
{
	struct estimate_run *e = ctx;

	(void)r, (void)path, (void)why, (void)err;
	e->sum.absent += outcome == PK_ABSENT;
	e->sum.denied += outcome == PK_DENIED;
	return 0;
}

int pk_collect_estimate(const struct pk_collect_params *params, struct pk_estimate *ret, struct pk_err *err)
{
	struct estimate_run e = {.p = params};
	struct pk_expand_ops ops = {.ctx = &e, .found = estimate_found, .missing = estimate_missing};
	int rc = pk_plan_expand(params->plan, params->root, params->facts, params->mounts, &ops, err);

	pk_snap_done(&e.snap);
	if (rc < 0)
		return -1;
	*ret = e.sum;
	return 0;
}
