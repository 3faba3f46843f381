/* SPDX-License-Identifier: Apache-2.0 */
/* Finding what people point at: hosts, bundles, hashes, hits, references, paths. */
#include "target.h"

#include <stdlib.h>

void pk_targets_done(struct pk_targets *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->v[i].id);
		free(t->v[i].host);
		free(t->v[i].what);
	}
	free(t->v);
	*t = (struct pk_targets){0};
}

bool pk_target_is_ref(const char *text, char ret_bundle[33], int64_t *ret_leaf)
{
	struct pk_str s = pk_str(text);
	size_t slash = pk_str_find(s, '/');
	uint64_t leaf = 0;

	if (slash < 4 || slash > 32 || slash == s.n)
		return false;
	for (size_t i = 0; i < slash; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	if (!pk_str_u64(pk_str_n(s.p + slash + 1, s.n - slash - 1), INT64_MAX, &leaf))
		return false;
	memcpy(ret_bundle, s.p, slash);
	ret_bundle[slash] = 0;
	*ret_leaf = (int64_t)leaf;
	return true;
}

/* Adds every row of a query whose columns are id, host, what. */
static int add_rows(struct pk_targets *t, struct pk_case *c, struct pk_query *q, struct pk_err *err)
{
	PK_AUTO(pk_stmt) st = {0};
	int r = 0;

	if (pk_query_prepare(q, c, &st, err) < 0)
		return -1;
	while ((r = pk_stmt_step(&st, err)) == 1) {
		struct pk_target *one = NULL;

		if (!pk_grow(&t->v, &t->cap, t->n + 1, sizeof(*t->v)))
			return pk_fail_oom(err);
		one = &t->v[t->n++];
		*one = (struct pk_target){pk_str_dup(pk_stmt_col(&st, 0)), pk_str_dup(pk_stmt_col(&st, 1)),
					  pk_str_dup(pk_stmt_col(&st, 2))};
		if (!one->id || !one->host || !one->what)
			return pk_fail_oom(err);
	}
	return r;
}

#define SQL_FILES \
	"SELECT 'file:' || lower(hex(b.id)) || '/' || f.leaf, h.name, f.path" \
	" FROM file f JOIN bundle b ON b.no = f.bundle JOIN host h ON h.no = f.host WHERE 1"
#define SQL_HITS \
	"SELECT 'hit:' || lower(hex(b.id)) || '/' || x.leaf, h.name, 'hit ' || x.rule" \
	" FROM hit x JOIN bundle b ON b.no = x.bundle JOIN host h ON h.no = x.host WHERE 1"

static int find_leaf(struct pk_targets *t, struct pk_case *c, const char *sql, const char *column, const char *bundle,
		     int64_t leaf, struct pk_err *err)
{
	PK_AUTO(pk_query) q = {0};

	pk_query_puts(&q, sql);
	if (pk_query_hex_prefix(&q, "b.id", bundle, err) < 0)
		return -1;
	pk_query_puts(&q, " AND ");
	pk_query_puts(&q, column);
	pk_query_puts(&q, " = ");
	pk_query_int(&q, leaf);
	return add_rows(t, c, &q, err);
}

static int find_path(struct pk_targets *t, struct pk_case *c, const char *path, const char *host, struct pk_err *err)
{
	PK_AUTO(pk_query) q = {0};

	pk_query_puts(&q, SQL_FILES);
	if (pk_str_is_utf8(pk_str(path))) {
		pk_query_puts(&q, " AND f.path = ");
		pk_query_text(&q, pk_str(path));
	} else {
		pk_query_puts(&q, " AND f.path_raw = ");
		pk_query_blob(&q, path, strlen(path));
	}
	if (pk_query_host(&q, c, "f.host", host, err) < 0)
		return -1;
	return add_rows(t, c, &q, err);
}

static int find_by_hex(struct pk_targets *t, struct pk_case *c, const char *sql, const char *column, const char *hex,
		       const char *tail, struct pk_err *err)
{
	PK_AUTO(pk_query) q = {0};

	pk_query_puts(&q, sql);
	if (pk_query_hex_prefix(&q, column, hex, err) < 0)
		return -1;
	pk_query_puts(&q, tail);
	return add_rows(t, c, &q, err);
}

static int find_host(struct pk_targets *t, struct pk_case *c, const char *host, struct pk_err *err)
{
	PK_AUTO(pk_query) q = {0};

	pk_query_puts(&q, "SELECT 'host:' || lower(hex(h.id)), h.name, 'host' FROM host h WHERE 1");
	if (pk_query_host(&q, c, "h.no", host, err) < 0)
		return -1;
	return add_rows(t, c, &q, err);
}

int pk_targets_find(struct pk_targets *t, struct pk_case *c, const char *text, const char *host, struct pk_err *err)
{
	struct pk_str s = pk_str(text);
	char bundle[33];
	int64_t leaf = 0;
	int r = 0;

	if (pk_str_starts(s, PK_STR("host:"))) {
		r = find_host(t, c, text + 5, err);
	} else if (pk_str_starts(s, PK_STR("bundle:"))) {
		r = find_by_hex(
			t, c,
			"SELECT 'bundle:' || lower(hex(b.id)), h.name, 'bundle ' || lower(hex(substr(b.id, 1, 4)))"
			" FROM bundle b JOIN host h ON h.no = b.host WHERE 1",
			"b.id", text + 7, "", err);
	} else if (pk_str_starts(s, PK_STR("sha256:"))) {
		r = find_by_hex(t, c,
				"SELECT DISTINCT 'sha256:' || lower(hex(x.sha256)), '', 'content ' || "
				"lower(hex(substr(x.sha256, 1, 6))) FROM content x WHERE 1",
				"x.sha256", text + 7, "", err);
	} else if (pk_str_starts(s, PK_STR("hit:")) && pk_target_is_ref(text + 4, bundle, &leaf)) {
		r = find_leaf(t, c, SQL_HITS, "x.leaf", bundle, leaf, err);
	} else if (pk_str_starts(s, PK_STR("file:")) && pk_target_is_ref(text + 5, bundle, &leaf)) {
		r = find_leaf(t, c, SQL_FILES, "f.leaf", bundle, leaf, err);
	} else if (pk_target_is_ref(text, bundle, &leaf)) {
		r = find_leaf(t, c, SQL_FILES, "f.leaf", bundle, leaf, err);
		if (r == 0 && !t->n)
			r = find_leaf(t, c, SQL_HITS, "x.leaf", bundle, leaf, err);
	} else if (s.n && s.p[0] == '/') {
		r = find_path(t, c, text, host, err);
	} else {
		return pk_fail(err, PK_EUSAGE, 0,
			       "'%s' names nothing: give a path, a REF as listings print it, or host:NAME, "
			       "bundle:ID, sha256:HEX, hit:REF",
			       text);
	}
	if (r < 0)
		return -1;
	if (!t->n)
		return pk_fail(err, PK_EUSAGE, 0, "'%s' is not in this case%s%s", text, host ? " on host " : "",
			       host ? host : "");
	return 0;
}
