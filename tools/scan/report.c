/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what was found, and keeps the counts from which summary and exit code come. */
#include "scan.h"

#include <inttypes.h>
#include <picket/time.h>
#include <stdio.h>

void reasons_add(struct reasons *r, const char *why)
{
	for (size_t i = 0; i < r->n; i++) {
		if (strcmp(r->why[i], why) == 0) {
			r->count[i]++;
			return;
		}
	}
	if (r->n < MAX_REASONS) {
		r->why[r->n] = why;
		r->count[r->n++] = 1;
	}
}

/* In messages a bundle is always named. */
static const char *bundle_of(const struct pk_scantree_file *f)
{
	const struct recorded *x = f->tag;

	return x ? x->of->file : "";
}
#define NAME_ARG(f) bundle_of(f), (f)->tag ? ":" : "", PK_STR_ARG((f)->path)

void report_done(struct report *r) { pk_buf_done(&r->out); }

void report_put_name(const struct report *r, struct pk_buf *b, const struct pk_scantree_file *f)
{
	const struct recorded *x = f->tag;

	if (x && r->name_bundles)
		pk_buf_putf(b, "%s:", x->of->file);
	pk_buf_put_str(b, f->path);
}

void report_put_path(struct pk_json *j, const struct pk_scantree_file *f)
{
	const struct recorded *x = f->tag;

	pk_json_kbytes(j, "path", f->path);
	if (x)
		pk_json_khex(j, "bundle", x->of->id, sizeof(x->of->id));
}

int report_flush(struct report *r, struct pk_err *err)
{
	if (pk_buf_check(&r->out, err) < 0)
		return -1;
	if (r->out.n > 0 && fwrite(r->out.p, 1, r->out.n, stdout) != r->out.n)
		return pk_stdout_done(err);
	pk_buf_reset(&r->out);
	return 0;
}

void report_begin(struct pk_json *j, const char *type)
{
	pk_json_begin(j, '{');
	pk_json_kz(j, "type", type);
	pk_json_kint(j, "v", 1);
}

void report_end(struct pk_json *j)
{
	pk_json_end(j, '}');
	pk_buf_put_c(j->out, '\n');
	j->comma = false;
}

/* --- one path ----------------------------------------------------------------------------------------- */

static void put_note(struct report *r, const struct pk_scantree_file *f, const struct pk_scan_note *n)
{
	const struct pk_rule_info *rule = &r->set->rules[n->rule];
	struct pk_json j = {.out = &r->out};

	pk_msg_warn("'%s%s%.*s': rule '%s' was not fully evaluated: %s", NAME_ARG(f), rule->name, n->why);
	if (!r->json)
		return;
	report_begin(&j, "not-evaluated");
	report_put_path(&j, f);
	pk_json_kz(&j, "rule", rule->name);
	pk_json_kbytes(&j, "namespace", pk_str(rule->ns));
	pk_json_kz(&j, "why", n->why);
	report_end(&j);
}

static void put_outcome(struct report *r, const struct pk_scantree_file *f, const char *type)
{
	struct pk_json j = {.out = &r->out};

	report_begin(&j, type);
	report_put_path(&j, f);
	pk_json_kz(&j, "why", f->why);
	if (*f->detail)
		pk_json_kz(&j, "detail", f->detail);
	report_end(&j);
}

/* By design nothing to scan is there; all else that is skipped leaves the scan incomplete. */
bool report_is_harmless(const char *why)
{
	static const char *const harmless[] = {
		"link",     "special",        "pseudo-filesystem", "mount",           "kernel-thread", "zombie", "own",
		"vanished", PK_LEFT_EXCLUDED, PK_LEFT_OLDER,       PK_LEFT_UNCHANGED, "metadata",      "absent"};

	for (size_t i = 0; i < PK_LEN(harmless); i++)
		if (strcmp(why, harmless[i]) == 0)
			return true;
	return false;
}

static void count_not_scanned(struct report *r, const struct pk_scantree_file *f)
{
	bool failed = f->verdict == PK_SCAN_FAILED, harmless = !failed && report_is_harmless(f->why);

	r->failed += failed;
	r->skipped += !failed;
	r->incomplete += !failed && !harmless;
	reasons_add(failed ? &r->failed_by : &r->skipped_by, f->why);
	if (!harmless)
		pk_msg_warn("'%s%s%.*s' was not scanned%s: %s%s%s", NAME_ARG(f), f->bytes > 0 ? " whole" : "", f->why,
			    *f->detail ? ": " : "", f->detail);
	else
		pk_msg_detail("'%s%s%.*s' skipped: %s", NAME_ARG(f), f->why);
	if (r->json && (!harmless || r->all_paths || pk_msg_verbose > 0))
		put_outcome(r, f, failed ? "failed" : "skipped");
}

void report_suppressed(struct report *r, const struct pk_scantree_file *f, const struct judgement *judged)
{
	struct pk_json j = {.out = &r->out};

	r->suppressed += judged->hits;
	for (uint64_t i = 0; i < judged->hits; i++)
		reasons_add(&r->suppressed_by, judged->why);
	pk_msg_detail("'%s%s%.*s': %" PRIu64 " hits are not told: %s (score %d)", NAME_ARG(f), judged->hits,
		      judged->why, judged->total);
	if (!r->json)
		return;
	report_begin(&j, "suppressed");
	report_put_path(&j, f);
	pk_json_kz(&j, "why", judged->why);
	if (judged->by.n > 0)
		pk_json_kbytes(&j, "by", judged->by);
	pk_json_kuint(&j, "hits", judged->hits);
	pk_json_kint(&j, "total", judged->total);
	report_end(&j);
}

/* Hits of rules and of indicators together. */
int report_hits(struct report *r, const struct pk_scantree_file *f, struct pk_err *err)
{
	struct judgement judged;

	if (judge(r, f, &judged, err) < 0)
		return -1;
	if (f->ioc_why) {
		r->not_evaluated++;
		pk_msg_warn("'%s%s%.*s' was not compared with all indicators: %s", NAME_ARG(f), f->ioc_why);
	}
	if (judged.hits == 0)
		return 0;
	if (judged.why) {
		report_suppressed(r, f, &judged);
		return 0;
	}
	r->files_hit++;
	r->hits += judged.hits;
	for (size_t i = 0; f->result && i < f->result->hit_count; i++)
		report_rule_hit(r, f, &f->result->hits[i], &judged);
	for (size_t i = 0; i < f->ioc->n; i++)
		report_ioc_hit(r, f, &f->ioc->v[i], &judged);
	return 0;
}

static void put_scanned(struct report *r, const struct pk_scantree_file *f)
{
	struct pk_json j = {.out = &r->out};

	report_begin(&j, "scanned");
	report_put_path(&j, f);
	pk_json_kuint(&j, "size", f->bytes);
	pk_json_kuint(&j, "hits", f->result ? f->result->hit_count : 0);
	report_end(&j);
}

/* What may come of a path whether or not it could be scanned to the end. */
static void put_notes(struct report *r, const struct pk_scantree_file *f)
{
	const struct pk_scan_result *s = f->result;

	r->not_evaluated += s->note_count + s->more;
	if (s->more)
		pk_msg_warn("'%s%s%.*s': more than %d rules hit or failed: the rest was cut", NAME_ARG(f),
			    PK_SCAN_MAX_HITS);
	for (size_t i = 0; i < s->note_count; i++)
		put_note(r, f, &s->notes[i]);
}

static int put_hits(struct report *r, const struct pk_scantree_file *f, struct pk_err *err)
{
	if (f->why && strcmp(f->why, PK_LEFT_EXCLUDED) == 0)
		return 0; /* not even its path is looked at */
	if (f->why && strcmp(f->why, PK_LEFT_UNCHANGED) == 0)
		return keep_report(r, f, err);
	return report_hits(r, f, err);
}

int report_file(void *ctx, const struct pk_scantree_file *f, struct pk_err *err)
{
	struct report *r = ctx;

	if (put_hits(r, f, err) < 0)
		return -1;
	if (f->result)
		put_notes(r, f);
	if (f->verdict != PK_SCAN_SCANNED) {
		count_not_scanned(r, f);
		return report_flush(r, err);
	}
	r->scanned++;
	r->members += f->member.n > 0;
	r->again += f->again;
	r->bytes += f->bytes;
	keep_put(r, f);
	if (r->json && r->all_paths)
		put_scanned(r, f);
	return report_flush(r, err);
}

/* --- the whole ---------------------------------------------------------------------------------------- */

int report_problems(struct report *r, struct pk_err *err)
{
	for (size_t i = 0; i < r->set->problem_count; i++) {
		const struct pk_rule_problem *p = &r->set->problems[i];
		struct pk_json j = {.out = &r->out};

		if (p->is_warning)
			pk_msg_detail("rules '%s', line %" PRIu64 ": %s", p->name, p->line, p->text);
		else
			pk_msg_warn("rules '%s', line %" PRIu64 ": %s%s", p->name, p->line, p->text,
				    p->is_rule ? "" : ": this file's rules are left out");
		if (!r->json || (p->is_warning && pk_msg_verbose == 0))
			continue;
		report_begin(&j, p->is_warning ? "rule-warning" : "rule-error");
		pk_json_kbytes(&j, "path", pk_str(p->name));
		pk_json_kuint(&j, "line", p->line);
		pk_json_kbytes(&j, "text", pk_str(p->text));
		report_end(&j);
	}
	return report_flush(r, err);
}

int report_indicators(struct report *r, struct pk_err *err)
{
	size_t n = 0;
	const struct pk_ioc_problem *p = r->ioc ? pk_ioc_problems(r->ioc, &n) : NULL;
	const struct pk_ioc_set *sets = NULL;

	for (size_t i = 0; i < n; i++) {
		struct pk_json j = {.out = &r->out};

		if (p[i].line > 0)
			pk_msg_warn("indicators '%.*s', line %" PRIu64 ": %.*s", PK_STR_ARG(p[i].set), p[i].line,
				    PK_STR_ARG(p[i].text));
		else
			pk_msg_warn("indicators '%.*s': %.*s", PK_STR_ARG(p[i].set), PK_STR_ARG(p[i].text));
		if (!r->json)
			continue;
		report_begin(&j, "indicator-problem");
		pk_json_kbytes(&j, "set", p[i].set);
		pk_json_kuint(&j, "line", p[i].line);
		pk_json_kbytes(&j, "text", p[i].text);
		report_end(&j);
	}
	if (r->ioc)
		sets = pk_ioc_sets(r->ioc, &n);
	for (size_t i = 0; i < n; i++) {
		struct pk_json j = {.out = &r->out};

		pk_msg_detail("indicators '%.*s': %" PRIu64 " taken, %" PRIu64 " not looked for",
			      PK_STR_ARG(sets[i].name), sets[i].indicators, sets[i].not_evaluated);
		if (!r->json)
			continue;
		report_begin(&j, "indicators");
		pk_json_kbytes(&j, "set", sets[i].name);
		pk_json_kuint(&j, "taken", sets[i].indicators);
		pk_json_kuint(&j, "not_evaluated", sets[i].not_evaluated);
		pk_json_kbool(&j, "refused", sets[i].refused);
		report_end(&j);
	}
	return report_flush(r, err);
}

void report_not_compared(struct report *r, const char *table, const char *why)
{
	struct pk_json j = {.out = &r->out};

	r->not_evaluated++;
	pk_msg_warn("not compared with indicators: table '%s': %s", table, why);
	if (!r->json)
		return;
	report_begin(&j, "not-evaluated");
	pk_json_kz(&j, "table", table);
	pk_json_kz(&j, "why", why);
	report_end(&j);
}

bool report_is_complete(const struct report *r)
{
	return r->scanned + r->unchanged + r->processes > 0 && r->failed == 0 && r->incomplete == 0 &&
	       r->untrusted == 0 && r->not_evaluated == 0 && r->set->broken_count == 0 && r->set->refused_count == 0 &&
	       !(r->ioc && pk_ioc_is_incomplete(r->ioc));
}

static void put_reasons(struct pk_json *j, const char *key, const struct reasons *why)
{
	pk_json_key(j, key);
	pk_json_begin(j, '{');
	for (size_t i = 0; i < why->n; i++)
		pk_json_kuint(j, why->why[i], why->count[i]);
	pk_json_end(j, '}');
}

int report_summary(struct report *r, struct pk_err *err)
{
	struct pk_json j = {.out = &r->out};
	uint64_t ms = (pk_time_mono_ns() - r->started_ns) / 1000000;
	PK_AUTO(pk_buf) text = {0};

	if (r->suppressed > 0)
		pk_msg_info("%" PRIu64 " further hits are known to be good, or score too low", r->suppressed);
	pk_buf_putf(&text, "%" PRIu64 " files scanned (%" PRIu64 " bytes), ", r->scanned, r->bytes);
	if (r->members > 0)
		pk_buf_putf(&text, "%" PRIu64 " of them in archives, ", r->members);
	if (r->with_processes)
		pk_buf_putf(&text, "%" PRIu64 " processes (%" PRIu64 " bytes), ", r->processes, r->memory_bytes);
	if (r->bundles > 0)
		pk_buf_putf(&text, "out of %" PRIu64 " bundle%s, ", r->bundles, r->bundles == 1 ? "" : "s");
	if (r->untrusted > 0)
		pk_buf_putf(&text, "%" PRIu64 " of them NOT TRUSTED, ", r->untrusted);
	pk_buf_putf(&text, "%" PRIu64 " hits in %" PRIu64 " files", r->hits, r->files_hit);
	if (r->with_processes)
		pk_buf_putf(&text, " and %" PRIu64 " processes", r->processes_hit);
	pk_msg_info("%.*s, %" PRIu64 " skipped, %" PRIu64 " failed%s", PK_STR_ARG(pk_buf_str(&text)), r->skipped,
		    r->failed, report_is_complete(r) ? "" : ": not complete");
	pk_buf_reset(&text);
	if (!r->json)
		return 0;
	report_begin(&j, "summary");
	pk_json_kbool(&j, "complete", report_is_complete(r));
	pk_json_kz(&j, "verdict", r->hits > 0 ? "hits" : report_is_complete(r) ? "clean" : "incomplete");
	pk_json_kuint(&j, "paths", r->scanned + r->processes + r->skipped + r->failed);
	pk_json_kuint(&j, "scanned", r->scanned);
	pk_json_kuint(&j, "members", r->members);
	pk_json_kuint(&j, "again", r->again);
	pk_json_kuint(&j, "bytes", r->bytes);
	pk_json_kuint(&j, "hits", r->hits);
	pk_json_kuint(&j, "files_hit", r->files_hit);
	if (r->with_processes) {
		pk_json_kuint(&j, "processes", r->processes);
		pk_json_kuint(&j, "processes_hit", r->processes_hit);
		pk_json_kuint(&j, "memory_bytes", r->memory_bytes);
	}
	if (r->bundles > 0) {
		pk_json_kuint(&j, "bundles", r->bundles);
		pk_json_kuint(&j, "bundles_untrusted", r->untrusted);
	}
	pk_json_kuint(&j, "skipped", r->skipped);
	put_reasons(&j, "skipped_by", &r->skipped_by);
	pk_json_kuint(&j, "failed", r->failed);
	put_reasons(&j, "failed_by", &r->failed_by);
	pk_json_kuint(&j, "not_evaluated", r->not_evaluated);
	pk_json_kuint(&j, "suppressed", r->suppressed);
	put_reasons(&j, "suppressed_by", &r->suppressed_by);
	if (r->ioc) {
		uint64_t hashes, others;

		pk_ioc_counts(r->ioc, &hashes, &others);
		pk_json_kuint(&j, "indicators", hashes + others);
	}
	pk_json_kuint(&j, "rules", r->set->rule_count);
	pk_json_kuint(&j, "rule_files", r->set->source_count);
	pk_json_kuint(&j, "rule_files_broken", r->set->broken_count);
	pk_json_kuint(&j, "rules_refused", r->set->refused_count);
	pk_json_kbool(&j, "rules_from_cache", r->set->from_cache);
	pk_buf_put_sandbox_level(&text, r->set->sandbox_level);
	pk_json_kstr(&j, "sandbox", pk_buf_str(&text));
	pk_buf_reset(&text);
	pk_buf_putf(&text, "%" PRIu64 ".%03" PRIu64, ms / 1000, ms % 1000);
	pk_json_kstr(&j, "seconds", pk_buf_str(&text));
	report_end(&j);
	if (pk_json_check(&j, err) < 0)
		return -1;
	return report_flush(r, err);
}
