/* SPDX-License-Identifier: Apache-2.0 */
/* What is printed of a process. */
#include "scan.h"

#include <inttypes.h>

/* "123:/usr/bin/x", or "123:[name]" of one without an executable that we can name. */
static void put_name(struct pk_buf *b, const struct pk_procinfo *info)
{
	pk_buf_putf(b, "%" PRIu64 ":", info->pid);
	if (*info->exe) {
		pk_buf_put_safe(b, pk_str(info->exe));
	} else if (*info->comm) {
		pk_buf_put_c(b, '[');
		pk_buf_put_safe(b, pk_str(info->comm));
		pk_buf_put_c(b, ']');
	}
}

static void put_ids(struct pk_json *j, const struct pk_procinfo *info)
{
	pk_json_kuint(j, "pid", info->pid);
	pk_json_kbytes(j, "path", pk_str(info->exe));
	pk_json_kbytes(j, "name", pk_str(info->comm));
}

static void put_match_json(void *ctx, struct pk_json *j, const struct pk_scan_match *m)
{
	const struct pk_procscan_process *p = ctx;
	struct pk_procmapping map;
	char address[24];

	(void)snprintf(address, sizeof(address), "0x%" PRIx64, m->offset);
	pk_json_kz(j, "address", address);
	if (!pk_procscan_mapping(p, m->offset, &map))
		return;
	pk_json_key(j, "mapping");
	pk_json_begin(j, '{');
	(void)snprintf(address, sizeof(address), "0x%" PRIx64, map.start);
	pk_json_kz(j, "start", address);
	(void)snprintf(address, sizeof(address), "0x%" PRIx64, map.end);
	pk_json_kz(j, "end", address);
	pk_json_kz(j, "permissions", map.perms);
	pk_json_kuint(j, "offset", map.offset);
	pk_json_kbytes(j, "path", map.path);
	pk_json_end(j, '}');
}

static void put_hit_json(struct report *r, const struct pk_procscan_process *p, const struct pk_scan_hit *h,
			 const struct judgement *judged)
{
	struct pk_json j = {.out = &r->out};
	struct pk_procscan_process copy = *p;

	report_begin(&j, "hit");
	put_ids(&j, p->info);
	pk_json_kuint(&j, "uid", p->info->uid);
	pk_scan_hit_put_json_more(&j, r->set, h, put_match_json, &copy);
	pk_json_kint(&j, "score", judge_rule(r, h));
	pk_json_kint(&j, "total", judged->total);
	pk_json_kz(&j, "level", pk_score_level(judged->total));
	report_end(&j);
}

static void put_hit_text(struct report *r, const struct pk_procscan_process *p, const struct pk_scan_hit *h,
			 const struct judgement *judged)
{
	const struct pk_rule_info *rule = &r->set->rules[h->rule];
	PK_AUTO(pk_buf) name = {0};

	put_name(&name, p->info);
	r->out.oom |= name.oom;
	report_hit_line(r, rule->name, pk_buf_str(&name), judged);
	for (size_t i = 0; r->strings && i < h->match_count; i++) {
		struct pk_procmapping map = {0};

		report_match(r, rule, &h->matches[i]);
		if (pk_procscan_mapping(p, h->matches[i].offset, &map)) {
			pk_buf_putf(&r->out, " (%s", map.perms);
			pk_buf_puts(&r->out, map.path.n > 0 ? " " : "");
			pk_buf_put_safe(&r->out, map.path);
			pk_buf_put_c(&r->out, ')');
		}
		pk_buf_put_c(&r->out, '\n');
	}
	report_matches_end(r, h);
}

static void put_namespaces(struct pk_json *j, const struct pk_procinfo *info)
{
	if (!info->other_pid_ns && !info->other_mount_ns)
		return;
	pk_json_key(j, "other_namespaces");
	pk_json_begin(j, '[');
	if (info->other_mount_ns)
		pk_json_z(j, "mnt");
	if (info->other_pid_ns)
		pk_json_z(j, "pid");
	pk_json_end(j, ']');
	if (info->other_pid_ns && info->inner_pid)
		pk_json_kuint(j, "inner_pid", info->inner_pid);
}

static void put_outcome(struct report *r, const struct pk_procscan_process *p)
{
	static const char *const words[] = {
		[PK_SCAN_SCANNED] = "scanned", [PK_SCAN_SKIPPED] = "skipped", [PK_SCAN_FAILED] = "failed"};
	const struct pk_procinfo *info = p->info;
	struct pk_json j = {.out = &r->out};

	report_begin(&j, "process");
	put_ids(&j, info);
	pk_json_kuint(&j, "parent", info->parent);
	pk_json_kuint(&j, "uid", info->uid);
	pk_json_kuint(&j, "euid", info->euid);
	if (info->exe_deleted)
		pk_json_kbool(&j, "exe_deleted", true);
	put_namespaces(&j, info);
	pk_json_kz(&j, "outcome", words[p->verdict]);
	if (p->why)
		pk_json_kz(&j, "why", p->why);
	if (*p->detail)
		pk_json_kz(&j, "detail", p->detail);
	if (info->maps > 0) {
		pk_json_kuint(&j, "mappings", info->maps);
		pk_json_kuint(&j, "mappings_scanned", info->maps_scanned);
		pk_json_kuint(&j, "mappings_device", info->maps_device);
		pk_json_kuint(&j, "mappings_kernel", info->maps_kernel);
		pk_json_kuint(&j, "mappings_not_present", info->maps_not_present);
		pk_json_kuint(&j, "bytes", info->bytes);
		pk_json_kuint(&j, "bytes_deleted", info->bytes_deleted);
		pk_json_kuint(&j, "bytes_swapped", info->bytes_swapped);
		pk_json_kuint(&j, "bytes_unreadable", info->bytes_unreadable);
	}
	if (info->maps_cut)
		pk_json_kbool(&j, "mappings_cut", true);
	report_end(&j);
}

static void put_notes(struct report *r, const struct pk_procscan_process *p, struct pk_str name)
{
	r->not_evaluated += p->result->note_count + p->result->more;
	if (p->result->more)
		pk_msg_warn("%.*s: more than %d rules hit or failed: the rest was cut", PK_STR_ARG(name),
			    PK_SCAN_MAX_HITS);
	for (size_t i = 0; i < p->result->note_count; i++) {
		const struct pk_scan_note *n = &p->result->notes[i];
		const struct pk_rule_info *rule = &r->set->rules[n->rule];
		struct pk_json j = {.out = &r->out};

		pk_msg_warn("%.*s: rule '%s' was not fully evaluated: %s", PK_STR_ARG(name), rule->name, n->why);
		if (!r->json)
			continue;
		report_begin(&j, "not-evaluated");
		put_ids(&j, p->info);
		pk_json_kz(&j, "rule", rule->name);
		pk_json_kbytes(&j, "namespace", pk_str(rule->ns));
		pk_json_kz(&j, "why", n->why);
		report_end(&j);
	}
}

/* Says what was left of a process that was scanned. */
static void warn_rest(struct report *r, const struct pk_procinfo *info, struct pk_str name)
{
	if (info->bytes_swapped > 0)
		pk_msg_warn("%.*s: %" PRIu64 " bytes are swapped out and were not read: --swapped reads them",
			    PK_STR_ARG(name), info->bytes_swapped);
	if (info->bytes_unreadable > 0)
		pk_msg_warn("%.*s: %" PRIu64 " bytes could not be read%s", PK_STR_ARG(name), info->bytes_unreadable,
			    info->no_map_files ? ": shared memory and deleted files need CAP_CHECKPOINT_RESTORE" : "");
	if (info->maps_cut)
		pk_msg_warn("%.*s: more than %u MiB of mappings: the rest was not scanned", PK_STR_ARG(name),
			    PK_PROCSCAN_MAX_MAPS >> 20);
	r->incomplete += info->bytes_swapped > 0 || info->bytes_unreadable > 0 || info->maps_cut;
}

static void count_not_scanned(struct report *r, const struct pk_procscan_process *p, struct pk_str name)
{
	bool failed = p->verdict == PK_SCAN_FAILED, harmless = !failed && report_is_harmless(p->why);

	r->failed += failed;
	r->skipped += !failed;
	r->incomplete += !failed && !harmless;
	reasons_add(failed ? &r->failed_by : &r->skipped_by, p->why);
	if (harmless)
		pk_msg_detail("%.*s skipped: %s", PK_STR_ARG(name), p->why);
	else
		pk_msg_warn("%.*s was not %sscanned: %s%s%s", PK_STR_ARG(name), p->result ? "wholly " : "", p->why,
			    *p->detail ? ": " : "", p->detail);
}

static void put_ioc_json(struct report *r, const struct pk_procinfo *info, const struct prociocs_place *at,
			 const struct pk_ioc_hit *h, const struct judgement *judged)
{
	const struct prociocs_socket *s = &at->socket;
	struct pk_json j = {.out = &r->out};

	report_begin(&j, "hit");
	put_ids(&j, info);
	pk_json_kuint(&j, "uid", info->uid);
	pk_json_kz(&j, "table", at->table);
	if (*s->local_address) {
		pk_json_kz(&j, "local_address", s->local_address);
		pk_json_kuint(&j, "local_port", s->local_port);
		pk_json_kz(&j, "remote_address", s->remote_address);
		pk_json_kuint(&j, "remote_port", s->remote_port);
		if (*s->state)
			pk_json_kz(&j, "state", s->state);
	}
	pk_ioc_hit_put_json(&j, h);
	pk_json_kint(&j, "score", judge_ioc(h));
	pk_json_kint(&j, "total", judged->total);
	pk_json_kz(&j, "level", pk_score_level(judged->total));
	report_end(&j);
}

/* "10.9.8.7:443", "[::1]:443" */
static void put_end(struct pk_buf *b, const char *address, uint64_t port)
{
	bool v6 = strchr(address, ':') != NULL;

	pk_buf_putf(b, "%s%s%s:%" PRIu64, v6 ? "[" : "", address, v6 ? "]" : "", port);
}

/* "RULE 123:/usr/bin/x (processes.cmdline)", "... (process_open_sockets.remote_address 10.9.8.7:443 ESTABLISHED)" */
static void put_ioc_text(struct report *r, const struct pk_procinfo *info, const struct prociocs_place *at,
			 const struct pk_ioc_hit *h, const struct judgement *judged)
{
	const struct prociocs_socket *s = &at->socket;
	bool is_local = pk_str_eq(h->where, PK_STR("local_address"));
	PK_AUTO(pk_buf) name = {0};

	put_name(&name, info);
	pk_buf_putf(&name, " (%s.%.*s", at->table, PK_STR_ARG(h->where));
	if (*s->local_address) {
		pk_buf_put_c(&name, ' ');
		put_end(&name, is_local ? s->local_address : s->remote_address,
			is_local ? s->local_port : s->remote_port);
		pk_buf_putf(&name, "%s%s", *s->state ? " " : "", s->state);
	}
	pk_buf_put_c(&name, ')');
	r->out.oom |= name.oom;
	report_hit_line(r, pk_ioc_rule(h->kind), pk_buf_str(&name), judged);
	if (r->strings)
		report_indicator(r, h);
}

/* Hits that are judged together. */
struct judged_hits {
	const struct pk_procinfo *info;
	const struct pk_procscan_process *p; /* whose rules hit; or NULL */
	struct pk_ioc_hits ioc;
	struct prociocs_place *place; /* of each of ioc */
};

static void judged_hits_done(struct judged_hits *x)
{
	free(x->ioc.v); /* their texts are another list's */
	free(x->place);
}

enum which { ALL_HITS, FILE_HITS, OTHER_HITS };

static int choose(const struct prociocs_of *found, enum which which, struct judged_hits *ret, struct pk_err *err)
{
	if (!found || found->hits.n == 0)
		return 0;
	ret->ioc.v = calloc(found->hits.n, sizeof(*ret->ioc.v));
	ret->place = calloc(found->hits.n, sizeof(*ret->place));
	if (!ret->ioc.v || !ret->place)
		return pk_fail_oom(err);
	for (size_t i = 0; i < found->hits.n; i++) {
		if (which != ALL_HITS && prociocs_is_of_file(found, i) != (which == FILE_HITS))
			continue;
		ret->ioc.v[ret->ioc.n] = found->hits.v[i];
		ret->place[ret->ioc.n++] = found->place[i];
	}
	return 0;
}

/* True when any was told. */
static int put_judged(struct report *r, const struct judged_hits *x, struct pk_str name, bool *ret_told,
		      struct pk_err *err)
{
	const struct pk_scan_result *result = x->p ? x->p->result : NULL;
	const struct pk_scantree_file f = {.path = name, .result = result, .ioc = &x->ioc};
	struct judgement judged;

	if (judge(r, &f, &judged, err) < 0)
		return -1;
	if (judged.why)
		report_suppressed(r, &f, &judged);
	if (judged.why || judged.hits == 0)
		return 0;
	*ret_told = true;
	r->hits += judged.hits;
	for (size_t i = 0; result && i < result->hit_count; i++) {
		if (judge_rule(r, &result->hits[i]) < 0)
			continue;
		if (r->json)
			put_hit_json(r, x->p, &result->hits[i], &judged);
		else
			put_hit_text(r, x->p, &result->hits[i], &judged);
	}
	for (size_t i = 0; i < x->ioc.n; i++) {
		if (judge_ioc(&x->ioc.v[i]) < 0)
			continue;
		if (r->json)
			put_ioc_json(r, x->info, &x->place[i], &x->ioc.v[i], &judged);
		else
			put_ioc_text(r, x->info, &x->place[i], &x->ioc.v[i], &judged);
	}
	return 0;
}

static bool has_known_good(const struct prociocs_of *found)
{
	for (size_t i = 0; found && i < found->hits.n; i++)
		if (found->hits.v[i].known_good)
			return true;
	return false;
}

/* A trusted hash speaks for the file that runs, not for what is in its process's memory, nor for its arguments and
 * connections: those are then judged apart. p may be NULL. */
static int put_hits(struct report *r, const struct pk_procinfo *info, const struct pk_procscan_process *p,
		    const struct prociocs_of *found, struct pk_str name, struct pk_err *err)
{
	bool apart = has_known_good(found), told = false;
	struct judged_hits file = {.info = info}, rest = {.info = info, .p = p};
	int ret = -1;

	if ((!apart || choose(found, FILE_HITS, &file, err) == 0) &&
	    choose(found, apart ? OTHER_HITS : ALL_HITS, &rest, err) == 0 &&
	    put_judged(r, &file, name, &told, err) == 0)
		ret = put_judged(r, &rest, name, &told, err);
	judged_hits_done(&file);
	judged_hits_done(&rest);
	r->processes_hit += told;
	return ret;
}

/* Who it was, where its reader came too late to see. */
static void name_by_row(struct pk_procinfo *info, const struct prociocs_of *found)
{
	info->uid = found->uid;
	(void)snprintf(info->exe, sizeof(info->exe), "%s", found->exe ? found->exe : "");
	(void)snprintf(info->comm, sizeof(info->comm), "%s", found->name ? found->name : "");
}

/* What indicators found, as far as it is of the process that was scanned. One that had the same number before is told
 * by itself. */
static int take_iocs(struct report *r, const struct prociocs *x, const struct pk_procscan_process *p,
		     struct pk_procinfo *info, const struct prociocs_of **ret, struct pk_err *err)
{
	const struct prociocs_of *found = x ? prociocs_of(x, info->pid) : NULL;
	bool is_own = p->why && strcmp(p->why, "own") == 0;
	PK_AUTO(pk_buf) name = {0};

	*ret = NULL;
	if (!found || is_own)
		return 0;
	if (found->why) {
		r->not_evaluated++;
		pk_msg_warn("process %" PRIu64 " was not compared with all indicators: %s", found->pid, found->why);
	}
	if (info->start_ticks == 0 && found->has_row)
		name_by_row(info, found);
	if (info->start_ticks == 0 || info->start_ticks == found->start_ticks) {
		*ret = found;
		return 0;
	}
	r->not_evaluated++;
	pk_msg_warn("process %" PRIu64 " began too late to be compared with indicators", found->pid);
	if (found->has_row) {
		struct pk_procinfo before = {.pid = found->pid};

		name_by_row(&before, found);
		pk_buf_puts(&name, "process ");
		put_name(&name, &before);
		return put_hits(r, &before, NULL, found, pk_buf_str(&name), err);
	}
	return 0;
}

int report_process(void *ctx, const struct pk_procscan_process *p, struct pk_err *err)
{
	const struct host *host = ctx;
	struct report *r = host->report;
	struct pk_procinfo info = *p->info;
	struct pk_procscan_process named = *p;
	const struct prociocs_of *found = NULL;
	PK_AUTO(pk_buf) name = {0};

	named.info = &info;
	if (take_iocs(r, host->prociocs, p, &info, &found, err) < 0)
		return -1;
	pk_buf_puts(&name, "process ");
	put_name(&name, &info);
	if (put_hits(r, &info, &named, found, pk_buf_str(&name), err) < 0)
		return -1;
	r->memory_bytes += info.bytes;
	if (p->result)
		put_notes(r, &named, pk_buf_str(&name));
	if (p->verdict == PK_SCAN_SCANNED) {
		r->processes++;
		warn_rest(r, &info, pk_buf_str(&name));
	} else {
		count_not_scanned(r, &named, pk_buf_str(&name));
	}
	if (r->json)
		put_outcome(r, &named);
	return report_flush(r, err);
}
