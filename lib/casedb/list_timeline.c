/* SPDX-License-Identifier: Apache-2.0 */
/* One timeline over all hosts: an ordered walk for each host and kind of moment, merged. */
#include "list.h"

#include <stdlib.h>

/* One ordered walk. The statement has read its current row. */
struct walk {
	struct pk_stmt st;
	bool is_file;
	int64_t host, sec, nsec;
};
struct merge {
	struct walk *walks; /* a heap: the earliest first */
	size_t n, cap;
};

static void merge_done(struct merge *m)
{
	for (size_t i = 0; i < m->n; i++)
		pk_stmt_done(&m->walks[i].st);
	free(m->walks);
	*m = (struct merge){0};
}

static bool earlier(const struct walk *a, const struct walk *b)
{
	if (a->sec != b->sec)
		return a->sec < b->sec;
	if (a->nsec != b->nsec)
		return a->nsec < b->nsec;
	/* one host's moments stay together: repeats are then neighbours */
	if (a->host != b->host)
		return a->host < b->host;
	return a->is_file < b->is_file;
}

static void swap(struct walk *a, struct walk *b)
{
	struct walk t = *a;

	*a = *b;
	*b = t;
}

static void sink_down(struct merge *m, size_t i)
{
	for (;;) {
		size_t least = i, l = 2 * i + 1;

		if (l < m->n && earlier(&m->walks[l], &m->walks[least]))
			least = l;
		if (l + 1 < m->n && earlier(&m->walks[l + 1], &m->walks[least]))
			least = l + 1;
		if (least == i)
			return;
		swap(&m->walks[i], &m->walks[least]);
		i = least;
	}
}

static void raise_up(struct merge *m, size_t i)
{
	while (i && earlier(&m->walks[i], &m->walks[(i - 1) / 2])) {
		swap(&m->walks[i], &m->walks[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
}

/* 1: the walk has a row; 0: it is over. */
static int walk_next(struct walk *w, struct pk_err *err)
{
	int r = pk_stmt_step(&w->st, err);

	if (r == 1) {
		w->sec = pk_stmt_col_int(&w->st, 0);
		w->nsec = pk_stmt_col_int(&w->st, 1);
	}
	return r;
}

/* Columns as the listing has them, with both times in one form. */
#define SQL_FILE_WALK \
	"SELECT m.t, m.ns, h.name, 'file', iif(m.what & 1, 'm', '.') || iif(m.what & 2, 'a', '.') ||" \
	" iif(m.what & 4, 'c', '.') || iif(m.what & 8, 'b', '.'), " PK_SQL_REF( \
		"f.leaf") ", " PK_SQL_TRUST ", f.path, f.path_raw, " PK_SQL_LABEL \
			  " FROM ftime m CROSS JOIN file f ON f.no = m.file JOIN bundle b ON b.no = f.bundle JOIN " \
			  "host h ON h.no = m.host" \
			  " WHERE m.host = "
#define SQL_EVENT_WALK \
	"SELECT m.t, m.ns, h.name, m.src, m.what, " PK_SQL_REF( \
		"coalesce(l.leaf, '')") ", " PK_SQL_TRUST ", m.msg, NULL, " PK_SQL_LABEL \
					" FROM event m JOIN bundle b ON b.no = m.bundle JOIN host h ON h.no = m.host " \
					"LEFT JOIN live l ON l.no = m.live" \
					" WHERE m.host = "

static void put_range(struct pk_query *q, const struct pk_case_filter *f)
{
	const struct pk_time *bounds[] = {f->from, f->to};
	static const char *const how[] = {" AND (m.t, m.ns) >= (", " AND (m.t, m.ns) < ("};

	for (size_t i = 0; i < 2; i++) {
		if (!bounds[i])
			continue;
		pk_query_puts(q, how[i]);
		pk_query_int(q, bounds[i]->sec);
		pk_query_puts(q, ", ");
		pk_query_int(q, bounds[i]->nsec);
		pk_query_puts(q, ")");
	}
}

static int add_walk(struct merge *m, struct pk_case *c, int64_t host, bool is_file, const struct pk_case_filter *f,
		    struct pk_err *err)
{
	PK_AUTO(pk_query) q = {0};
	struct walk *w = NULL;
	int r = 0;

	/* "file" and its opposite are sources too */
	if (f->table && is_file != (strcmp(f->table, "file") == 0))
		return 0;
	if (!pk_grow(&m->walks, &m->cap, m->n + 1, sizeof(*m->walks)))
		return pk_fail_oom(err);
	w = &m->walks[m->n];
	*w = (struct walk){.is_file = is_file, .host = host};
	pk_query_puts(&q, is_file ? SQL_FILE_WALK : SQL_EVENT_WALK);
	pk_query_int(&q, host);
	put_range(&q, f);
	if (f->path) {
		pk_query_puts(&q, is_file ? " AND f.path GLOB " : " AND m.msg GLOB ");
		pk_query_text(&q, pk_str(f->path));
	}
	if (f->table && !is_file) {
		pk_query_puts(&q, " AND m.src = ");
		pk_query_text(&q, pk_str(f->table));
	}
	if (f->bundle && pk_query_hex_prefix(&q, "b.id", f->bundle, err) < 0)
		return -1;
	pk_query_puts(&q,
		      is_file ? " ORDER BY m.t, m.ns, f.path, m.what" : " ORDER BY m.t, m.ns, m.src, m.what, m.msg");
	if (pk_query_prepare(&q, c, &w->st, err) < 0)
		return -1;
	m->n++; /* from here on merge_done releases it */
	r = walk_next(w, err);
	if (r < 0)
		return -1;
	if (r == 0) {
		pk_stmt_done(&w->st);
		m->n--;
		return 0;
	}
	raise_up(m, m->n - 1);
	return 0;
}

static int add_hosts(struct merge *m, struct pk_case *c, const struct pk_case_filter *f, struct pk_err *err)
{
	PK_AUTO(pk_query) q = {0};
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	pk_query_puts(&q, "SELECT no FROM host WHERE 1");
	if (pk_query_host(&q, c, "no", f->host, err) < 0)
		return -1;
	if (pk_query_prepare(&q, c, &st, err) < 0)
		return -1;
	while ((r = pk_stmt_step(&st, err)) == 1)
		if (add_walk(m, c, pk_stmt_col_int(&st, 0), true, f, err) < 0 ||
		    add_walk(m, c, pk_stmt_col_int(&st, 0), false, f, err) < 0)
			return -1;
	return r;
}

/* A moment seen by two collections of one host is one moment: neighbours that say the same are dropped. */
struct last {
	struct pk_time t;
	struct pk_buf key, next;
};

static bool is_repeat(struct last *last, const struct pk_cell *cells, size_t n)
{
	struct pk_time t = cells[0].t;
	struct pk_buf swap_buf;
	bool same = false;

	pk_buf_reset(&last->next);
	for (size_t i = 1; i < n; i++) {
		if (i == 4 || i == 5 || i == n - 1) /* which bundle says so, and under which label */
			continue;
		pk_buf_put_str(&last->next, cells[i].s);
		pk_buf_put_c(&last->next, '\0');
	}
	same = !last->next.oom && !last->key.oom && pk_time_cmp(t, last->t) == 0 &&
	       pk_str_eq(pk_buf_str(&last->next), pk_buf_str(&last->key));
	last->t = t;
	swap_buf = last->key;
	last->key = last->next;
	last->next = swap_buf;
	return same;
}

static int run(struct merge *m, const struct pk_case_filter *f, struct last *last, struct pk_row_sink sink,
	       struct pk_err *err)
{
	const struct pk_listing *l = pk_case_listing(PK_LIST_TIMELINE);
	struct pk_cell cells[PK_LIST_MAX_COLUMNS];

	for (uint64_t done = 0; m->n && (!f->limit || done < f->limit);) {
		struct walk *w = &m->walks[0];
		int r = 0;

		pk_query_cells(&w->st, l, cells);
		if (!is_repeat(last, cells, l->n)) {
			r = sink.row(sink.ctx, cells, err);
			if (r)
				return r == PK_LIST_STOP ? 0 : -1;
			done++;
		}
		r = walk_next(w, err);
		if (r < 0)
			return -1;
		if (r == 0) {
			pk_stmt_done(&w->st);
			m->n--;
			*w = m->walks[m->n];
			m->walks[m->n] = (struct walk){0};
		}
		sink_down(m, 0);
	}
	return 0;
}

int pk_list_timeline(struct pk_case *c, const struct pk_case_filter *f, struct pk_row_sink sink, struct pk_err *err)
{
	struct merge m = {0};
	struct last last = {0};
	int r = add_hosts(&m, c, f, err);

	if (r == 0)
		r = run(&m, f, &last, sink, err);
	merge_done(&m);
	pk_buf_done(&last.key);
	pk_buf_done(&last.next);
	return r;
}
