/* SPDX-License-Identifier: Apache-2.0 */
/* Which processes are scanned: they are compared with indicators, then their memory is scanned. */
#include "scan.h"

#include <inttypes.h>
#include <stdlib.h>

struct pids {
	uint64_t *v;
	size_t n, cap;
	size_t listed; /* the first ones: those that nobody asked for by number */
};

static void pids_done(struct pids *p) { free(p->v); }

static int add_pid(struct pids *p, uint64_t pid, struct pk_err *err)
{
	if (!pk_grow(&p->v, &p->cap, p->n + 1, sizeof(*p->v)))
		return pk_fail_oom(err);
	p->v[p->n++] = pid;
	return 0;
}

/* Zero-initialised. Hidden ones count as asked for. */
static int choose_pids(const struct processes *what, const struct pk_live_ctx *live, struct pids *ret,
		       struct pk_err *err)
{
	if (what->all && pk_procscan_list(live->proc_fd, &ret->v, &ret->n, err) < 0)
		return -1;
	ret->listed = ret->cap = ret->n;
	for (size_t i = 0; what->all && i < live->hidden_n; i++) {
		pk_msg_warn("process %" PRIu64 " lives, but is hidden from the list of processes", live->hidden[i]);
		if (add_pid(ret, live->hidden[i], err) < 0)
			return -1;
	}
	for (size_t i = 0; i < what->pids->n; i++) {
		uint64_t pid = 0;

		/* the option was checked */
		if (pk_str_u64(pk_str(what->pids->v[i]), INT32_MAX, &pid) && add_pid(ret, pid, err) < 0)
			return -1;
	}
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The same, ascending and each once. */
static int copy_sorted(const struct pids *from, struct pids *ret, struct pk_err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < from->n; i++)
		if (add_pid(ret, from->v[i], err) < 0)
			return -1;
	if (ret->n > 0)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_number);
	for (size_t i = 0; i < ret->n; i++)
		if (kept == 0 || ret->v[kept - 1] != ret->v[i])
			ret->v[kept++] = ret->v[i];
	ret->n = kept;
	return 0;
}

static int compare(const struct processes *what, const struct pids *pids, struct pk_live_ctx *live, struct pk_ioc *ioc,
		   struct report *r, struct prociocs *ret, struct pk_err *err)
{
	struct pids sorted = {0};
	int rc = copy_sorted(pids, &sorted, err);

	live->only = sorted.v;
	live->only_n = sorted.n;
	live->hash_max_bytes = what->max_hash;
	live->item_timeout_ms *= what->patience;
	if (rc == 0 && sorted.n > 0)
		rc = prociocs_read(ret, live, ioc, r, err);
	live->only = NULL;
	live->only_n = 0;
	pids_done(&sorted);
	return rc;
}

static int scan_memory(const struct pk_procscan_params *params, const struct pids *pids, struct pk_err *err)
{
	PK_AUTOPTR(pk_procscan) ps = NULL;

	if (pk_procscan_new(params, &ps, err) < 0)
		return -1;
	for (size_t i = 0; i < pids->n; i++)
		if (pk_procscan_pid(ps, pids->v[i], i >= pids->listed, err) < 0)
			return -1;
	return pk_procscan_finish(ps, err);
}

int scan_processes(const struct processes *what, struct pk_scanpool *pool, struct pk_slots *slots, struct pk_ioc *ioc,
		   struct host *h, struct pk_err *err)
{
	PK_AUTO(pk_root) root = {.fd = -1};
	PK_AUTO(pk_live_ctx) live = {.proc_fd = -1, .mounted_proc_fd = -1, .sys_fd = -1};
	PK_AUTO(prociocs) found = {0};
	PK_AUTO(pids) pids = {0};
	struct pk_procscan_params p = {
		.pool = pool,
		.slots = slots,
		.swapped = what->swapped,
		.process = report_process,
		.owner = host_on_owner,
		.group = host_on_group,
		.host = &h->vars,
		.ctx = h,
		.events = &pk_msg_events,
	};
	int rc;

	h->report->with_processes = true;
	if (pk_root_open(&root, "/", err) < 0 || pk_live_ctx_init(&live, &root, err) < 0 ||
	    choose_pids(what, &live, &pids, err) < 0)
		return -1;
	p.proc_fd = live.proc_fd;
	if (ioc && compare(what, &pids, &live, ioc, h->report, &found, err) < 0)
		return -1;
	h->prociocs = ioc ? &found : NULL;
	rc = scan_memory(&p, &pids, err);
	h->prociocs = NULL;
	return rc;
}
