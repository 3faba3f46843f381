/* SPDX-License-Identifier: Apache-2.0 */
/** The paths that a plan led to: a compact tree of names, each path once, with the set of requests that asked. */
#ifndef PICKET_ARTIFACT_FOUND_H
#define PICKET_ARTIFACT_FOUND_H

#include <picket/str.h>

#define FOUND_NONE UINT32_MAX
#define FOUND_ROOT 0u /* the node of "/" */

struct found_node {
	uint32_t parent, name; /* name: offset into names, NUL-terminated */
	uint32_t asked;        /* set of requests, FOUND_NONE: only on the way to others */
	uint32_t next;         /* chain of the hash table */
};
/* Sets are chains: the last request and the set before it. Requests come in order, so a chain is unique. */
struct found_set {
	uint32_t before, request, next;
};
struct found {
	struct found_node *nodes;
	size_t nodes_n, nodes_cap;
	struct pk_buf names;
	uint32_t *table; /* by parent and name */
	size_t table_n;
	struct found_set *sets;
	size_t sets_n, sets_cap;
	uint32_t *order; /* nodes asked for, in the order they were found */
	size_t order_n, order_cap;
	uint32_t heads[1024]; /* of the sets' hash chains */
};
PK_NODISCARD int found_init(struct found *f, struct pk_err *err);
void found_done(struct found *f);
/** The node of a name in a folder; made when it is new. PK_ELIMIT past PK_MAX_FOUND. */
PK_NODISCARD int found_node(struct found *f, uint32_t parent, struct pk_str name, uint32_t *ret, struct pk_err *err);
/** The node of an absolute path without links. */
PK_NODISCARD int found_path(struct found *f, struct pk_str path, uint32_t *ret, struct pk_err *err);
/** Notes that a request led to a node. *ret_new: it had not yet. */
PK_NODISCARD int found_ask(struct found *f, uint32_t node, uint32_t request, bool *ret_new, struct pk_err *err);
/** Appends the absolute path of a node. */
void found_put_path(const struct found *f, uint32_t node, struct pk_buf *b);

#endif
