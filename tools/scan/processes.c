/* SPDX-License-Identifier: Apache-2.0 */
/* Which processes are scanned, and what is printed of each. */
#include "scan.h"

#include <inttypes.h>
#include <picket/live.h>

/* --- printing ----------------------------------------------------------------------------------------- */

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
		pk_msg_warn("%.*s: %" PRIu64 " bytes could not be read", PK_STR_ARG(name), info->bytes_unreadable);
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

static int put_hits(struct report *r, const struct pk_procscan_process *p, struct pk_str name, struct pk_err *err)
{
	static const struct pk_ioc_hits none = {0};
	const struct pk_scantree_file f = {.path = name, .result = p->result, .ioc = &none};
	struct judgement judged;

	if (judge(r, &f, &judged, err) < 0)
		return -1;
	if (judged.why)
		report_suppressed(r, &f, &judged);
	if (judged.why || judged.hits == 0)
		return 0;
	r->processes_hit++;
	r->hits += judged.hits;
	for (size_t i = 0; i < p->result->hit_count; i++) {
		if (judge_rule(r, &p->result->hits[i]) < 0)
			continue;
		if (r->json)
			put_hit_json(r, p, &p->result->hits[i], &judged);
		else
			put_hit_text(r, p, &p->result->hits[i], &judged);
	}
	return 0;
}

static int on_process(void *ctx, const struct pk_procscan_process *p, struct pk_err *err)
{
	const struct host *host = ctx;
	struct report *r = host->report;
	PK_AUTO(pk_buf) name = {0};

	pk_buf_puts(&name, "process ");
	put_name(&name, p->info);
	if (put_hits(r, p, pk_buf_str(&name), err) < 0)
		return -1;
	r->memory_bytes += p->info->bytes;
	if (p->result)
		put_notes(r, p, pk_buf_str(&name));
	if (p->verdict == PK_SCAN_SCANNED) {
		r->processes++;
		warn_rest(r, p->info, pk_buf_str(&name));
	} else {
		count_not_scanned(r, p, pk_buf_str(&name));
	}
	if (r->json)
		put_outcome(r, p);
	return report_flush(r, err);
}

/* --- which -------------------------------------------------------------------------------------------- */

static int scan_all(struct pk_procscan *ps, const struct pk_live_ctx *live, struct pk_err *err)
{
	pk_autofree uint64_t *pids = NULL;
	size_t n = 0, h = 0;

	if (pk_procscan_list(live->proc_fd, &pids, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (pk_procscan_pid(ps, pids[i], false, err) < 0)
			return -1;
	for (; h < live->hidden_n; h++) {
		pk_msg_warn("process %" PRIu64 " lives, but is hidden from the list of processes", live->hidden[h]);
		if (pk_procscan_pid(ps, live->hidden[h], true, err) < 0)
			return -1;
	}
	return 0;
}

static int scan_named(struct pk_procscan *ps, const struct pk_strv *pids, struct pk_err *err)
{
	for (size_t i = 0; i < pids->n; i++) {
		uint64_t pid = 0;

		/* the option was checked */
		if (pk_str_u64(pk_str(pids->v[i]), INT32_MAX, &pid) && pk_procscan_pid(ps, pid, true, err) < 0)
			return -1;
	}
	return 0;
}

int scan_processes(const struct processes *what, struct pk_scanpool *pool, struct pk_slots *slots, struct host *h,
		   struct pk_err *err)
{
	PK_AUTO(pk_root) root = {.fd = -1};
	PK_AUTO(pk_live_ctx) live = {.proc_fd = -1, .mounted_proc_fd = -1, .sys_fd = -1};
	struct pk_procscan_params p = {
		.pool = pool,
		.slots = slots,
		.swapped = what->swapped,
		.process = on_process,
		.owner = host_on_owner,
		.group = host_on_group,
		.host = &h->vars,
		.ctx = h,
		.events = &pk_msg_events,
	};
	PK_AUTOPTR(pk_procscan) ps = NULL;

	h->report->with_processes = true;
	if (pk_root_open(&root, "/", err) < 0 || pk_live_ctx_init(&live, &root, err) < 0)
		return -1;
	p.proc_fd = live.proc_fd;
	if (pk_procscan_new(&p, &ps, err) < 0)
		return -1;
	if ((what->all ? scan_all(ps, &live, err) : 0) < 0 || scan_named(ps, what->pids, err) < 0)
		return -1;
	return pk_procscan_finish(ps, err);
}
