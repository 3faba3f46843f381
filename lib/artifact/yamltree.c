/* SPDX-License-Identifier: Apache-2.0 */
/* Builds trees from libyaml's events, within limits. */
#include "yamltree.h"

#include <stdlib.h>

#define MAX_DEPTH 16
#define MAX_NODES 1000000

void ynode_done(struct ynode *n)
{
	for (size_t i = 0; i < n->n; i++)
		ynode_done(&n->v[i]);
	free(n->v);
	free(n->text);
	*n = (struct ynode){0};
}

const struct ynode *ynode_get(const struct ynode *map, const char *key)
{
	for (size_t i = 0; i + 1 < map->n; i += 2)
		if (strcmp(map->v[i].text, key) == 0)
			return &map->v[i + 1];
	return NULL;
}

void yreader_done(struct yreader *r)
{
	if (r->open)
		yaml_parser_delete(&r->parser);
	r->open = false;
}

int yreader_open(struct yreader *r, const char *name, struct pk_str text, struct pk_err *err)
{
	*r = (struct yreader){.name = name};
	/* libyaml would also take UTF-16; the format is UTF-8 */
	if (!pk_str_is_utf8(text)) {
		unsigned line = 1;

		for (struct pk_str one = {0}; pk_str_line(&text, &one) && pk_str_is_utf8(one); line++)
			;
		return pk_fail(err, PK_EFORMAT, 0, "%s: line %u: not UTF-8", name, line);
	}
	if (!yaml_parser_initialize(&r->parser))
		return pk_fail_oom(err);
	r->open = true;
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r->parser, (const unsigned char *)text.p, text.n);
	return 0;
}

typedef yaml_event_t event_t;
#define EVENT __attribute__((cleanup(yaml_event_delete))) event_t

static unsigned line_of(const event_t *e) { return (unsigned)e->start_mark.line + 1; }

static int refuse(const struct yreader *r, unsigned line, const char *why, struct pk_err *err)
{
	return pk_fail(err, PK_EFORMAT, 0, "%s: line %u: %s", r->name, line, why);
}

static int next_event(struct yreader *r, event_t *e, struct pk_err *err)
{
	if (yaml_parser_parse(&r->parser, e))
		return 0;
	if (r->parser.error == YAML_MEMORY_ERROR)
		return pk_fail_oom(err);
	return refuse(r, (unsigned)r->parser.problem_mark.line + 1,
		      r->parser.problem ? r->parser.problem : "not valid YAML", err);
}

static int scalar(struct yreader *r, const event_t *e, struct ynode *ret, struct pk_err *err)
{
	struct pk_str s = pk_str_n(e->data.scalar.value, e->data.scalar.length);

	if (e->data.scalar.anchor)
		return refuse(r, line_of(e), "anchors are not part of the definition format", err);
	if (e->data.scalar.tag)
		return refuse(r, line_of(e), "tags are not part of the definition format", err);
	if (memchr(s.p, 0, s.n))
		return refuse(r, line_of(e), "a NUL character in a value", err);
	*ret = (struct ynode){.type = YNODE_TEXT, .line = line_of(e)};
	if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	    (s.n == 0 || pk_str_eq(s, PK_STR("~")) || pk_str_eq(s, PK_STR("null")))) {
		ret->type = YNODE_NULL;
		return 0;
	}
	ret->text = pk_str_dup(s);
	return ret->text ? 0 : pk_fail_oom(err);
}

static int node(struct yreader *r, const event_t *e, unsigned depth, struct ynode *ret, struct pk_err *err);

static int key_is_new(const struct yreader *r, const struct ynode *map, struct pk_err *err)
{
	const struct ynode *key = &map->v[map->n - 1];

	if (key->type != YNODE_TEXT)
		return refuse(r, key->line, "a key must be a word", err);
	for (size_t i = 0; i + 1 < map->n; i += 2)
		if (strcmp(map->v[i].text, key->text) == 0)
			return pk_fail(err, PK_EFORMAT, 0, "%s: line %u: the key '%s' is there twice", r->name,
				       key->line, key->text);
	return 0;
}

static int collection(struct yreader *r, const event_t *start, unsigned depth, struct ynode *ret, struct pk_err *err)
{
	bool map = start->type == YAML_MAPPING_START_EVENT;
	const void *anchor = map ? start->data.mapping_start.anchor : start->data.sequence_start.anchor;
	const void *tag = map ? start->data.mapping_start.tag : start->data.sequence_start.tag;

	*ret = (struct ynode){.type = map ? YNODE_MAP : YNODE_LIST, .line = line_of(start)};
	if (anchor)
		return refuse(r, ret->line, "anchors are not part of the definition format", err);
	if (tag)
		return refuse(r, ret->line, "tags are not part of the definition format", err);
	if (depth >= MAX_DEPTH)
		return refuse(r, ret->line, "nested too deep (the limit is 16)", err);
	for (;;) {
		EVENT e = {0};

		if (next_event(r, &e, err) < 0)
			return -1;
		if (e.type == YAML_MAPPING_END_EVENT || e.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		if (!pk_grow(&ret->v, &ret->cap, ret->n + 1, sizeof(*ret->v)))
			return pk_fail_oom(err);
		ret->v[ret->n++] = (struct ynode){0};
		if (node(r, &e, depth + 1, &ret->v[ret->n - 1], err) < 0)
			return -1;
		if (map && ret->n % 2 && key_is_new(r, ret, err) < 0)
			return -1;
	}
}

static int node(struct yreader *r, const event_t *e, unsigned depth, struct ynode *ret, struct pk_err *err)
{
	if (++r->nodes > MAX_NODES)
		return pk_fail(err, PK_ELIMIT, 0, "%s: line %u: more than %d values in one file", r->name, line_of(e),
			       MAX_NODES);
	switch (e->type) {
	case YAML_SCALAR_EVENT: return scalar(r, e, ret, err);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT: return collection(r, e, depth, ret, err);
	case YAML_ALIAS_EVENT:
		return refuse(r, line_of(e), "aliases (*name) are not part of the definition format", err);
	default: return refuse(r, line_of(e), "not valid YAML", err);
	}
}

int yreader_next(struct yreader *r, struct ynode *ret, struct pk_err *err)
{
	for (;;) {
		EVENT e = {0};

		if (next_event(r, &e, err) < 0)
			return -1;
		switch (e.type) {
		case YAML_STREAM_START_EVENT:
		case YAML_DOCUMENT_START_EVENT:
		case YAML_DOCUMENT_END_EVENT: continue;
		case YAML_STREAM_END_EVENT:
		case YAML_NO_EVENT: return 0;
		default: return node(r, &e, 0, ret, err) < 0 ? -1 : 1;
		}
	}
}
