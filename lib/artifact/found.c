/* SPDX-License-Identifier: Apache-2.0 */
/* A compact set of paths. */
#include "found.h"

#include <picket/limits.h>

#include <stdlib.h>

int found_init(struct found *f, struct pk_err *err)
{
	memset(f->heads, 0xff, sizeof(f->heads));
	f->table_n = 1024;
	f->table = malloc(f->table_n * sizeof(*f->table));
	if (!f->table || !pk_grow(&f->nodes, &f->nodes_cap, 1, sizeof(*f->nodes)))
		return pk_fail_oom(err);
	memset(f->table, 0xff, f->table_n * sizeof(*f->table));
	pk_buf_put_c(&f->names, 0);
	f->nodes[0] = (struct found_node){FOUND_NONE, 0, FOUND_NONE, FOUND_NONE};
	f->nodes_n = 1;
	return pk_buf_check(&f->names, err);
}

void found_done(struct found *f)
{
	free(f->nodes);
	free(f->table);
	free(f->sets);
	free(f->order);
	pk_buf_done(&f->names);
	*f = (struct found){0};
}

static size_t hash(uint32_t parent, struct pk_str name)
{
	uint64_t h = 1469598103934665603u ^ parent;

	h *= 0x9e3779b97f4a7c15u;
	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (uint8_t)name.p[i]) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

static struct pk_str name_of(const struct found *f, uint32_t node) { return pk_str(f->names.p + f->nodes[node].name); }

static int grow_table(struct found *f, struct pk_err *err)
{
	size_t n = f->table_n * 2;
	uint32_t *t;

	if (f->nodes_n < f->table_n)
		return 0;
	t = malloc(n * sizeof(*t));
	if (!t)
		return pk_fail_oom(err);
	memset(t, 0xff, n * sizeof(*t));
	for (uint32_t i = 1; i < f->nodes_n; i++) {
		size_t at = hash(f->nodes[i].parent, name_of(f, i)) & (n - 1);

		f->nodes[i].next = t[at];
		t[at] = i;
	}
	free(f->table);
	f->table = t;
	f->table_n = n;
	return 0;
}

int found_node(struct found *f, uint32_t parent, struct pk_str name, uint32_t *ret, struct pk_err *err)
{
	size_t at = hash(parent, name) & (f->table_n - 1);
	struct found_node *n;

	for (uint32_t i = f->table[at]; i != FOUND_NONE; i = f->nodes[i].next)
		if (f->nodes[i].parent == parent && pk_str_eq(name_of(f, i), name)) {
			*ret = i;
			return 0;
		}
	if (f->nodes_n >= PK_MAX_FOUND || f->names.n > UINT32_MAX - PK_MAX_PATH_BYTES)
		return pk_fail(err, PK_ELIMIT, 0, "the plan leads to more than %u paths", PK_MAX_FOUND);
	if (grow_table(f, err) < 0 || !pk_grow(&f->nodes, &f->nodes_cap, f->nodes_n + 1, sizeof(*f->nodes)))
		return pk_fail_oom(err);
	at = hash(parent, name) & (f->table_n - 1);
	n = &f->nodes[f->nodes_n];
	*n = (struct found_node){parent, (uint32_t)f->names.n, FOUND_NONE, f->table[at]};
	pk_buf_put_str(&f->names, name);
	pk_buf_put_c(&f->names, 0);
	if (pk_buf_check(&f->names, err) < 0)
		return -1;
	f->table[at] = (uint32_t)f->nodes_n;
	*ret = (uint32_t)f->nodes_n++;
	return 0;
}

int found_path(struct found *f, struct pk_str path, uint32_t *ret, struct pk_err *err)
{
	uint32_t node = FOUND_ROOT;
	struct pk_str name;

	while (pk_str_split(&path, '/', &name))
		if (name.n && found_node(f, node, name, &node, err) < 0)
			return -1;
	*ret = node;
	return 0;
}

/* The set that is `before` plus `request`; made when it is new. */
static int set_with(struct found *f, uint32_t before, uint32_t request, uint32_t *ret, struct pk_err *err)
{
	uint32_t at = (before * 31u + request) % (uint32_t)PK_LEN(f->heads);

	for (uint32_t i = f->heads[at]; i != FOUND_NONE; i = f->sets[i].next)
		if (f->sets[i].before == before && f->sets[i].request == request) {
			*ret = i;
			return 0;
		}
	if (!pk_grow(&f->sets, &f->sets_cap, f->sets_n + 1, sizeof(*f->sets)))
		return pk_fail_oom(err);
	f->sets[f->sets_n] = (struct found_set){before, request, f->heads[at]};
	f->heads[at] = *ret = (uint32_t)f->sets_n++;
	return 0;
}

int found_ask(struct found *f, uint32_t node, uint32_t request, bool *ret_new, struct pk_err *err)
{
	uint32_t before = f->nodes[node].asked;

	*ret_new = false;
	if (before != FOUND_NONE && f->sets[before].request == request)
		return 0;
	if (before == FOUND_NONE) {
		if (!pk_grow(&f->order, &f->order_cap, f->order_n + 1, sizeof(*f->order)))
			return pk_fail_oom(err);
		f->order[f->order_n++] = node;
	}
	if (set_with(f, before, request, &f->nodes[node].asked, err) < 0)
		return -1;
	*ret_new = true;
	return 0;
}

void found_put_path(const struct found *f, uint32_t node, struct pk_buf *b)
{
	size_t start = b->n, n = 0;
	char *at;

	if (node == FOUND_ROOT) {
		pk_buf_put_c(b, '/');
		return;
	}
	for (uint32_t i = node; i != FOUND_ROOT; i = f->nodes[i].parent)
		n += 1 + name_of(f, i).n;
	at = pk_buf_room(b, n);
	if (!at)
		return;
	b->n = start + n;
	b->p[b->n] = 0;
	at += n;
	for (uint32_t i = node; i != FOUND_ROOT; i = f->nodes[i].parent) {
		struct pk_str name = name_of(f, i);

		at -= name.n;
		memcpy(at, name.p, name.n);
		*--at = '/';
	}
}
