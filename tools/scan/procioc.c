/* SPDX-License-Identifier: Apache-2.0 */
/* What indicators say of processes: their rows in live tables, read before their memory is. */
#include "scan.h"

#include <inttypes.h>
#include <picket/live.h>
#include <stdlib.h>

/* Sockets come first, they change soonest. `hash` is what runs, read through the process, so that a deleted file is too. */
static const char *const tables[] = {"process_open_sockets", "processes", "process_envs", "hash"};
enum { SOCKETS, PROCESSES, ENVS, HASH };

/* One question; its id is its place in the list of those of one table. */
struct asked {
	size_t process;
	struct prociocs_socket socket;
};
struct reading {
	struct prociocs *x;
	struct report *r;
	struct pk_ioc *ioc;
	size_t table;
	struct asked *asked;
	size_t n, cap;
	bool undone; /* what we do with a row failed: that ends the scan, all else is the table's own trouble */
};

void prociocs_done(struct prociocs *x)
{
	for (size_t i = 0; i < x->n; i++) {
		pk_ioc_hits_done(&x->v[i].hits);
		free(x->v[i].place);
		free(x->v[i].exe);
		free(x->v[i].name);
	}
	free(x->v);
	*x = (struct prociocs){0};
}

static struct prociocs_of *find(const struct prociocs *x, uint64_t pid)
{
	size_t low = 0, high = x->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (x->v[mid].pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < x->n && x->v[low].pid == pid ? &x->v[low] : NULL;
}

const struct prociocs_of *prociocs_of(const struct prociocs *x, uint64_t pid) { return find(x, pid); }

bool prociocs_is_of_file(const struct prociocs_of *p, size_t hit)
{
	return p->place[hit].table == tables[HASH] ||
	       (p->place[hit].table == tables[PROCESSES] && pk_str_eq(p->hits.v[hit].where, PK_STR("path")));
}

/* --- hits ----------------------------------------------------------------------------------------------- */

/* A hundred connections to one address are one hit. */
static bool is_known(const struct prociocs_of *p, const struct pk_ioc_hit *h, const char *table)
{
	for (size_t i = 0; i < p->hits.n; i++) {
		const struct pk_ioc_hit *k = &p->hits.v[i];

		if (p->place[i].table == table && k->kind == h->kind && k->line == h->line &&
		    pk_str_eq(k->set, h->set) && pk_str_eq(k->indicator, h->indicator) &&
		    pk_str_eq(k->where, h->where) && pk_str_eq(k->data, h->data))
			return true;
	}
	return false;
}

static int keep(struct prociocs_of *p, const struct pk_ioc_hit *h, const struct prociocs_place *at, struct pk_err *err)
{
	if (is_known(p, h, at->table))
		return 0;
	if (!pk_grow(&p->place, &p->place_cap, p->hits.n + 1, sizeof(*p->place)))
		return pk_fail_oom(err);
	p->place[p->hits.n] = *at;
	return pk_ioc_hits_add(&p->hits, h, 1, err);
}

static int on_answer(void *ctx, const struct pk_ioc_answer *a, struct pk_err *err)
{
	const struct reading *d = ctx;
	const struct asked *q = &d->asked[a->id];
	const struct prociocs_place at = {tables[d->table], q->socket};
	struct prociocs_of *p = &d->x->v[q->process];

	if (a->why || a->more)
		p->why = a->why ? a->why : "more indicators hit than are kept";
	for (size_t i = 0; i < a->hit_count; i++)
		if (keep(p, &a->hits[i], &at, err) < 0)
			return -1;
	return 0;
}

/* --- rows ----------------------------------------------------------------------------------------------- */

static int take_text(const struct pk_json_value *row, const char *key, char **ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};

	if (!pk_json_get_bytes(row, key, &b))
		return 0;
	free(*ret);
	*ret = pk_str_dup(pk_buf_str(&b));
	return *ret ? 0 : pk_fail_oom(err);
}

static int take_process(struct prociocs_of *p, const struct pk_json_value *row, struct pk_err *err)
{
	uint64_t uid = 0;

	p->has_row = true;
	(void)pk_json_get_uint(row, "start_ticks", &p->start_ticks);
	if (pk_json_get_uint(row, "uid", &uid))
		p->uid = (uint32_t)uid;
	return take_text(row, "path", &p->exe, err) < 0 ? -1 : take_text(row, "name", &p->name, err);
}

static int keep_hash(void *ctx, const struct pk_ioc_hit *h, struct pk_err *err)
{
	return pk_ioc_hits_add(ctx, h, 1, err);
}

/* One executable, and the processes that run it. */
static int take_hash(const struct reading *d, const struct pk_json_value *row, struct pk_str line, struct pk_err *err)
{
	const struct prociocs_place at = {.table = tables[HASH]};
	struct pk_ioc_hits found = {0};
	struct pk_str pids = {0}, word;
	uint64_t pid;
	int ret = pk_ioc_find_row(d->ioc, line, keep_hash, &found, err);

	(void)pk_json_get_str(row, "pids", &pids);
	while (ret == 0 && pk_str_split(&pids, ',', &word)) {
		struct prociocs_of *p = pk_str_u64(word, INT32_MAX, &pid) ? find(d->x, pid) : NULL;

		if (!p)
			continue;
		for (size_t i = 0; ret == 0 && i < found.n; i++)
			ret = keep(p, &found.v[i], &at, err);
	}
	pk_ioc_hits_done(&found);
	return ret;
}

static void take_short(const struct pk_json_value *row, const char *key, char *ret, size_t size)
{
	struct pk_str s = {0};

	if (pk_json_get_str(row, key, &s))
		(void)snprintf(ret, size, "%.*s", PK_STR_ARG(s));
}

static void take_socket(const struct pk_json_value *row, struct prociocs_socket *ret)
{
	take_short(row, "local_address", ret->local_address, sizeof(ret->local_address));
	take_short(row, "remote_address", ret->remote_address, sizeof(ret->remote_address));
	take_short(row, "state", ret->state, sizeof(ret->state));
	(void)pk_json_get_uint(row, "local_port", &ret->local_port);
	(void)pk_json_get_uint(row, "remote_port", &ret->remote_port);
}

static int take_row(struct reading *d, struct pk_str line, struct pk_err *err)
{
	pk_autojson *row = NULL;
	struct prociocs_of *p = NULL;
	uint64_t pid = 0;

	if (pk_json_parse(line, &row, err) < 0)
		return -1;
	if (d->table == HASH)
		return take_hash(d, row, line, err);
	p = pk_json_get_uint(row, "pid", &pid) ? find(d->x, pid) : NULL;
	if (!p)
		return 0;
	if (d->table == PROCESSES && take_process(p, row, err) < 0)
		return -1;
	if (!pk_ioc_has_texts(d->ioc))
		return 0;
	if (!pk_grow(&d->asked, &d->cap, d->n + 1, sizeof(*d->asked)))
		return pk_fail_oom(err);
	d->asked[d->n] = (struct asked){.process = (size_t)(p - d->x->v)};
	if (d->table == SOCKETS)
		take_socket(row, &d->asked[d->n].socket);
	return pk_ioc_ask(d->ioc, d->n++, PK_IOC_ROW, line, err);
}

static int on_row(void *arg, struct pk_str line, struct pk_err *err)
{
	struct reading *d = arg;

	if (take_row(d, line, err) == 0)
		return 0;
	d->undone = true;
	return -1;
}

static void on_note(void *arg, const char *text)
{
	const struct reading *d = arg;

	report_not_compared(d->r, tables[d->table], text);
}

static int read_table(struct reading *d, const struct pk_live_ctx *live, struct pk_err *err)
{
	struct pk_live_out out = {.row = on_row, .note = on_note, .arg = d};
	struct pk_err own = {0};
	int ret = pk_live_run(pk_live_find(pk_str(tables[d->table])), live, &out, &own);

	pk_live_out_done(&out);
	if (ret == 0)
		return 0;
	if (d->undone) {
		if (err)
			*err = own;
		return pk_wrap(err, "live table '%s'", tables[d->table]);
	}
	report_not_compared(d->r, tables[d->table], own.msg);
	return 0;
}

static int read_tables(struct reading *d, const struct pk_live_ctx *live, struct pk_err *err)
{
	bool texts = pk_ioc_has_texts(d->ioc), hashes = pk_ioc_needs(d->ioc) != 0;

	for (d->table = 0; d->table < PK_LEN(tables); d->table++) {
		if (d->table != PROCESSES && !(d->table == HASH ? hashes : texts))
			continue;
		d->n = 0;
		if (read_table(d, live, err) < 0 || pk_ioc_flush(d->ioc, err) < 0)
			return -1;
	}
	return 0;
}

int prociocs_read(struct prociocs *x, const struct pk_live_ctx *live, struct pk_ioc *ioc, struct report *r,
		  struct pk_err *err)
{
	struct reading d = {.x = x, .r = r, .ioc = ioc};
	int ret;

	x->v = calloc(live->only_n + 1, sizeof(*x->v));
	if (!x->v)
		return pk_fail_oom(err);
	for (; x->n < live->only_n; x->n++)
		x->v[x->n].pid = live->only[x->n];
	pk_ioc_listen(ioc, on_answer, &d);
	ret = read_tables(&d, live, err);
	pk_ioc_listen(ioc, NULL, NULL);
	free(d.asked);
	return ret;
}
