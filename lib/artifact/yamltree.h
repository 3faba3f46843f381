/* SPDX-License-Identifier: Apache-2.0 */
/** One YAML document as a tree of scalars, lists and maps, each with its line. Anchors, aliases and explicit
 * tags are refused, as are repeated keys: what is left means the same to every reader. */
#ifndef PICKET_ARTIFACT_YAMLTREE_H
#define PICKET_ARTIFACT_YAMLTREE_H

#include <picket/str.h>
#include <yaml.h>

enum ynode_type { YNODE_NULL, YNODE_TEXT, YNODE_LIST, YNODE_MAP };
struct ynode {
	enum ynode_type type;
	unsigned line;
	char *text;      /* TEXT; without NUL bytes */
	struct ynode *v; /* LIST: items; MAP: key, value, key, value ... */
	size_t n, cap;
};
void ynode_done(struct ynode *n);
/** The value of a key, or NULL; the node must be a MAP. */
const struct ynode *ynode_get(const struct ynode *map, const char *key);

struct yreader {
	yaml_parser_t parser;
	bool open;
	const char *name; /* of the text, for messages */
	size_t nodes;     /* read so far, over all documents */
};
void yreader_done(struct yreader *r);
PK_NODISCARD int yreader_open(struct yreader *r, const char *name, struct pk_str text, struct pk_err *err);
/** The next document: 1 and *ret filled, 0 at the end, -1 on error. */
PK_NODISCARD int yreader_next(struct yreader *r, struct ynode *ret, struct pk_err *err);

#endif
