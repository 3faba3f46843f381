/* SPDX-License-Identifier: Apache-2.0 */
/* One hit of a file: a line for people, in colour on terminals, or an object. */
#include "scan.h"

#include <inttypes.h>
#include <picket/time.h>

/* --- text --------------------------------------------------------------------------------------------- */

static const char *color_of(int32_t total)
{
	return total >= PK_SCORE_ALERT     ? "1;31"
	       : total >= PK_SCORE_WARNING ? "1;33"
	       : total >= PK_SCORE_NOTICE  ? "36"
					   : "2";
}

void report_hit_line(struct report *r, const char *rule, struct pk_str name, const struct judgement *judged)
{
	if (r->color)
		pk_buf_putf(&r->out, "\033[%sm%s\033[m ", color_of(judged->total), rule);
	else
		pk_buf_putf(&r->out, "%s ", rule);
	pk_buf_put_str(&r->out, name);
	if (r->seen) {
		pk_buf_puts(&r->out, " (seen ");
		pk_buf_put_rfc3339(&r->out, *r->seen, 0);
		pk_buf_put_c(&r->out, ')');
	}
	pk_buf_put_c(&r->out, '\n');
}

static void put_line(struct report *r, const char *rule, const struct pk_scantree_file *f,
		     const struct judgement *judged)
{
	PK_AUTO(pk_buf) plain = {0}, name = {0};

	report_put_name(r, &plain, f);
	pk_buf_put_safe(&name, pk_buf_str(&plain));
	r->out.oom |= plain.oom || name.oom;
	report_hit_line(r, rule, pk_buf_str(&name), judged);
}

static void dim(struct report *r, bool on)
{
	if (r->color)
		pk_buf_puts(&r->out, on ? "\033[2m" : "\033[m");
}

void report_match(struct report *r, const struct pk_rule_info *rule, const struct pk_scan_match *m)
{
	dim(r, true);
	pk_buf_putf(&r->out, "0x%" PRIx64 ":%s: ", m->offset, rule->strings[m->string]);
	dim(r, false);
	pk_buf_put_safe(&r->out, m->data);
	pk_buf_puts(&r->out, m->data.n < m->length ? "..." : "");
}

void report_matches_end(struct report *r, const struct pk_scan_hit *h)
{
	if (!r->strings || !h->more)
		return;
	dim(r, true);
	pk_buf_putf(&r->out, "... and more than these %zu", h->match_count);
	dim(r, false);
	pk_buf_put_c(&r->out, '\n');
}

void report_indicator(struct report *r, const struct pk_ioc_hit *h)
{
	pk_buf_put_safe(&r->out, h->set);
	if (h->line > 0)
		pk_buf_putf(&r->out, ":%" PRIu64, h->line);
	pk_buf_puts(&r->out, ": ");
	pk_buf_put_safe(&r->out, h->indicator);
	pk_buf_put_c(&r->out, '\n');
}

/* --- objects ------------------------------------------------------------------------------------------ */

static void begin_hit(struct pk_json *j, const struct pk_scantree_file *f)
{
	report_begin(j, "hit");
	report_put_path(j, f);
}

static struct pk_time time_of(const struct timespec *t) { return (struct pk_time){t->tv_sec, (uint32_t)t->tv_nsec}; }

static void put_stat(const struct report *r, struct pk_json *j, const struct pk_scantree_file *f)
{
	const struct recorded *x = f->tag;
	const char *user = x ? x->user : r->names ? pk_facts_user(r->names, f->st->st_uid) : NULL;
	const char *group = x ? x->group : r->names ? pk_facts_group(r->names, f->st->st_gid) : NULL;

	pk_json_kuint(j, "size", f->result ? f->bytes : (uint64_t)f->st->st_size);
	pk_json_ktime(j, "mtime", time_of(&f->st->st_mtim));
	pk_json_ktime(j, "ctime", time_of(&f->st->st_ctim));
	pk_json_kuint(j, "uid", f->st->st_uid);
	pk_json_kuint(j, "gid", f->st->st_gid);
	if (user)
		pk_json_kbytes(j, "user", pk_str(user));
	if (group)
		pk_json_kbytes(j, "group", pk_str(group));
}

static void end_hit(const struct report *r, struct pk_json *j, const struct pk_scantree_file *f, int32_t score,
		    const struct judgement *judged)
{
	pk_json_kint(j, "score", score);
	pk_json_kint(j, "total", judged->total);
	pk_json_kz(j, "level", pk_score_level(judged->total));
	if (f->st)
		put_stat(r, j, f);
	if (r->seen)
		pk_json_ktime(j, "seen", *r->seen);
	if (f->member.n > 0) {
		pk_json_kuint(j, "size", f->bytes);
		pk_json_kbytes(j, "member", f->member);
	}
	if (f->sha256)
		pk_json_khex(j, "sha256", f->sha256, 32);
	report_end(j);
}

/* --- either ------------------------------------------------------------------------------------------- */

void report_rule_hit(struct report *r, const struct pk_scantree_file *f, const struct pk_scan_hit *h,
		     const struct judgement *judged)
{
	const struct pk_rule_info *rule = &r->set->rules[h->rule];
	struct pk_json j = {.out = &r->out};

	if (judge_rule(r, h) < 0)
		return;
	if (r->json) {
		begin_hit(&j, f);
		pk_scan_hit_put_json(&j, r->set, h);
		end_hit(r, &j, f, judge_rule(r, h), judged);
		return;
	}
	put_line(r, rule->name, f, judged);
	for (size_t i = 0; r->strings && i < h->match_count; i++) {
		report_match(r, rule, &h->matches[i]);
		pk_buf_put_c(&r->out, '\n');
	}
	report_matches_end(r, h);
}

void report_ioc_hit(struct report *r, const struct pk_scantree_file *f, const struct pk_ioc_hit *h,
		    const struct judgement *judged)
{
	struct pk_json j = {.out = &r->out};

	if (h->known_good || judge_ioc(h) < 0)
		return;
	if (r->json) {
		begin_hit(&j, f);
		pk_ioc_hit_put_json(&j, h);
		end_hit(r, &j, f, judge_ioc(h), judged);
		return;
	}
	put_line(r, pk_ioc_rule(h->kind), f, judged);
	if (r->strings)
		report_indicator(r, h);
}
