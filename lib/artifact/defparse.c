/* SPDX-License-Identifier: Apache-2.0 */
/* Reads definitions from YAML trees, by the rules of the upstream reader and validator. */
#include "definition_priv.h"
#include "yamltree.h"

#include <picket/limits.h>
#include <picket/plan.h>

#include <stdarg.h>
#include <stdlib.h>

#define MAX_NAME 200

struct reader {
	const char *file;
	struct pk_definition *def;
};

void deflist_done(struct deflist *l)
{
	for (size_t i = 0; i < l->n; i++)
		pk_definition_free(l->v[i]);
	free(l->v);
}

static int PK_PRINTF(4, 5) bad(const struct reader *r, const struct ynode *at, struct pk_err *err, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return pk_fail(err, PK_EFORMAT, 0, "%s: line %u: %s%s%s", r->file, at->line,
		       r->def && r->def->name ? r->def->name : "", r->def && r->def->name ? ": " : "", text);
}

/* --- values ---------------------------------------------------------------------------------------- */

static int text(const struct reader *r, const struct ynode *n, const char *key, char **ret, struct pk_err *err)
{
	if (n->type != YNODE_TEXT || !n->text[0])
		return bad(r, n, err, "'%s' must be a text that is not empty", key);
	free(*ret);
	*ret = pk_str_dup(pk_str(n->text));
	return *ret ? 0 : pk_fail_oom(err);
}

static int texts(const struct reader *r, const struct ynode *n, const char *key, bool may_be_empty, struct pk_strv *ret,
		 struct pk_err *err)
{
	if (n->type != YNODE_LIST)
		return bad(r, n, err, "'%s' must be a list", key);
	if (!n->n && !may_be_empty)
		return bad(r, n, err, "'%s' is empty", key);
	for (size_t i = 0; i < n->n; i++) {
		if (n->v[i].type != YNODE_TEXT)
			return bad(r, &n->v[i], err, "'%s' must be a list of texts", key);
		if (pk_strv_add(ret, pk_str(n->v[i].text), err) < 0)
			return -1;
	}
	return 0;
}

static int only_keys(const struct reader *r, const struct ynode *map, const char *const *known, const char *what,
		     struct pk_err *err)
{
	for (size_t i = 0; i < map->n; i += 2) {
		size_t k = 0;

		while (known[k] && strcmp(known[k], map->v[i].text) != 0)
			k++;
		if (!known[k])
			return bad(r, &map->v[i], err, "unknown %s '%s'", what, map->v[i].text);
	}
	return 0;
}

static int os_list(const struct reader *r, const struct ynode *n, unsigned *ret, struct pk_err *err)
{
	PK_AUTO(pk_strv) names = {0};

	*ret = 0;
	if (texts(r, n, "supported_os", false, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		unsigned os = os_from_name(names.v[i]);

		if (!os)
			return bad(r, &n->v[i], err,
				   "unknown operating system '%s' (Android, Darwin, ESXi, iOS, Linux, "
				   "Windows)",
				   names.v[i]);
		*ret |= os;
	}
	return 0;
}

/* --- sources --------------------------------------------------------------------------------------- */

/* ** and **N must be a whole segment, once in a path, 1 <= N <= 10; nothing ends in a separator after it. */
static int check_path(const struct reader *r, const struct ynode *n, char separator, struct pk_err *err)
{
	struct pk_str rest = pk_str(n->text), seg;
	unsigned stars = 0;
	bool after_star = false;

	if (!rest.n)
		return bad(r, n, err, "an empty path");
	while (pk_str_split(&rest, separator, &seg)) {
		unsigned depth;
		bool star = pk_glob_is_star(seg, &depth);

		if (after_star && !seg.n && !rest.p)
			return bad(r, n, err, "the path '%s' ends in a separator after **", n->text);
		if (!star) {
			if (seg.n > 2 && memmem(seg.p, seg.n, "**", 2))
				return bad(r, n, err,
					   "in the path '%s', ** is not a whole part (** or **N, N from 1 to %d)",
					   n->text, PK_MAX_GLOBSTAR);
			after_star = false;
			continue;
		}
		after_star = true;
		if (++stars > 1)
			return bad(r, n, err, "the path '%s' has more than one **", n->text);
	}
	return 0;
}

static int paths(const struct reader *r, const struct ynode *attrs, struct pk_source *s, struct pk_err *err)
{
	static const char *const known[] = {"paths", "separator", NULL};
	const struct ynode *list = ynode_get(attrs, "paths"), *sep = ynode_get(attrs, "separator");

	s->separator = '/';
	if (only_keys(r, attrs, known, "attribute", err) < 0)
		return -1;
	if (!list)
		return bad(r, attrs, err, "'paths' is missing");
	if (sep) {
		if (sep->type != YNODE_TEXT || (strcmp(sep->text, "/") != 0 && strcmp(sep->text, "\\") != 0))
			return bad(r, sep, err, "'separator' must be '/' or '\\'");
		s->separator = sep->text[0];
		if (s->separator == '\\' && s->os != PK_OS_ALL && s->os & ~(unsigned)PK_OS_WINDOWS)
			return bad(r, sep, err, "the separator '\\' is for Windows only");
	}
	if (texts(r, list, "paths", false, &s->items, err) < 0)
		return -1;
	for (size_t i = 0; i < list->n; i++)
		if (check_path(r, &list->v[i], s->separator, err) < 0)
			return -1;
	return 0;
}

static int check_registry_key(const struct reader *r, const struct ynode *n, struct pk_err *err)
{
	static const char *const roots[] = {"HKEY_LOCAL_MACHINE", "HKEY_USERS", "HKEY_CLASSES_ROOT",
					    "%%current_control_set%%"};
	struct pk_str key = pk_str(n->text);

	if (pk_str_starts(key, PK_STR("HKEY_CURRENT_USER\\")))
		return bad(r, n, err, "HKEY_CURRENT_USER is not supported, use HKEY_USERS\\%%%%users.sid%%%%");
	for (size_t i = 0; i < PK_LEN(roots); i++)
		if (pk_str_starts(key, pk_str(roots[i])))
			return 0;
	return bad(r, n, err, "unknown registry root in '%s'", n->text);
}

static int registry_keys(const struct reader *r, const struct ynode *attrs, struct pk_source *s, struct pk_err *err)
{
	static const char *const known[] = {"keys", NULL};
	const struct ynode *list = ynode_get(attrs, "keys");

	if (only_keys(r, attrs, known, "attribute", err) < 0)
		return -1;
	if (!list)
		return bad(r, attrs, err, "'keys' is missing");
	if (texts(r, list, "keys", false, &s->items, err) < 0)
		return -1;
	for (size_t i = 0; i < list->n; i++)
		if (check_registry_key(r, &list->v[i], err) < 0)
			return -1;
	return 0;
}

static int registry_values(const struct reader *r, const struct ynode *attrs, struct pk_source *s, struct pk_err *err)
{
	static const char *const known[] = {"key_value_pairs", NULL}, *const pair[] = {"key", "value", NULL};
	const struct ynode *list = ynode_get(attrs, "key_value_pairs");

	if (only_keys(r, attrs, known, "attribute", err) < 0)
		return -1;
	if (!list || list->type != YNODE_LIST || !list->n)
		return bad(r, list ? list : attrs, err, "'key_value_pairs' must be a list that is not empty");
	for (size_t i = 0; i < list->n; i++) {
		const struct ynode *one = &list->v[i], *key, *value;

		if (one->type != YNODE_MAP)
			return bad(r, one, err, "each of 'key_value_pairs' must have a key and a value");
		if (only_keys(r, one, pair, "attribute", err) < 0)
			return -1;
		key = ynode_get(one, "key");
		value = ynode_get(one, "value");
		/* an empty value is a key's default value */
		if (!key || key->type != YNODE_TEXT || !value ||
		    (value->type != YNODE_TEXT && value->type != YNODE_NULL))
			return bad(r, one, err, "each of 'key_value_pairs' must have a key and a value");
		if (check_registry_key(r, key, err) < 0 || pk_strv_add(&s->items, pk_str(key->text), err) < 0 ||
		    pk_strv_add(&s->items, pk_str(value->text ? value->text : ""), err) < 0)
			return -1;
	}
	return 0;
}

static int wmi(const struct reader *r, const struct ynode *attrs, struct pk_source *s, struct pk_err *err)
{
	static const char *const known[] = {"query", "base_object", NULL};
	const struct ynode *query = ynode_get(attrs, "query"), *base = ynode_get(attrs, "base_object");

	if (only_keys(r, attrs, known, "attribute", err) < 0)
		return -1;
	if (!query)
		return bad(r, attrs, err, "'query' is missing");
	if (base && text(r, base, "base_object", &s->base_object, err) < 0)
		return -1;
	return text(r, query, "query", &s->cmd, err);
}

static int command(const struct reader *r, const struct ynode *attrs, struct pk_source *s, struct pk_err *err)
{
	static const char *const known[] = {"cmd", "args", NULL};
	const struct ynode *cmd = ynode_get(attrs, "cmd"), *args = ynode_get(attrs, "args");

	if (only_keys(r, attrs, known, "attribute", err) < 0)
		return -1;
	if (!cmd || !args)
		return bad(r, attrs, err, "'cmd' and 'args' must both be there");
	if (text(r, cmd, "cmd", &s->cmd, err) < 0)
		return -1;
	return texts(r, args, "args", true, &s->items, err);
}

static int group(const struct reader *r, const struct ynode *attrs, struct pk_source *s, struct pk_err *err)
{
	static const char *const known[] = {"names", NULL};
	const struct ynode *list = ynode_get(attrs, "names");

	if (only_keys(r, attrs, known, "attribute", err) < 0)
		return -1;
	if (!list)
		return bad(r, attrs, err, "'names' is missing");
	return texts(r, list, "names", false, &s->items, err);
}

static int attributes(const struct reader *r, const struct ynode *attrs, struct pk_source *s, struct pk_err *err)
{
	switch (s->type) {
	case PK_SRC_GROUP: return group(r, attrs, s, err);
	case PK_SRC_COMMAND: return command(r, attrs, s, err);
	case PK_SRC_FILE:
	case PK_SRC_PATH:
	case PK_SRC_DIRECTORY: return paths(r, attrs, s, err);
	case PK_SRC_REGISTRY_KEY: return registry_keys(r, attrs, s, err);
	case PK_SRC_REGISTRY_VALUE: return registry_values(r, attrs, s, err);
	case PK_SRC_WMI: return wmi(r, attrs, s, err);
	}
	return bad(r, attrs, err, "unknown source type");
}

/* The artifactcollector fork: variables that lines of this source fill. */
static int provides(const struct reader *r, const struct ynode *list, struct pk_source *s, struct pk_err *err)
{
	static const char *const known[] = {"key", "regex", "wmi_key", NULL};

	if (list->type != YNODE_LIST)
		return bad(r, list, err, "'provides' must be a list");
	for (size_t i = 0; i < list->n; i++) {
		const struct ynode *one = &list->v[i], *key, *regex, *wmi_key;
		struct pk_provides *p;

		if (one->type != YNODE_MAP || !(key = ynode_get(one, "key")))
			return bad(r, one, err, "each of 'provides' must have a key");
		if (only_keys(r, one, known, "word in 'provides':", err) < 0)
			return -1;
		if (!pk_grow(&s->provides, &s->provides_cap, s->provides_n + 1, sizeof(*s->provides)))
			return pk_fail_oom(err);
		p = &s->provides[s->provides_n++];
		*p = (struct pk_provides){0};
		regex = ynode_get(one, "regex");
		wmi_key = ynode_get(one, "wmi_key");
		if (text(r, key, "key", &p->key, err) < 0 || (regex && text(r, regex, "regex", &p->regex, err) < 0) ||
		    (wmi_key && text(r, wmi_key, "wmi_key", &p->wmi_key, err) < 0))
			return -1;
	}
	return 0;
}

static int source(const struct reader *r, const struct ynode *n, struct pk_err *err)
{
	const struct ynode *type, *attrs, *os, *prov;
	struct pk_definition *def = r->def;
	struct pk_source *s;

	if (n->type != YNODE_MAP)
		return bad(r, n, err, "a source must be a map");
	type = ynode_get(n, "type");
	attrs = ynode_get(n, "attributes");
	os = ynode_get(n, "supported_os");
	prov = ynode_get(n, "provides");
	if (ynode_get(n, "returned_types"))
		return bad(r, n, err, "'returned_types' is no longer part of the format");
	if (!type || type->type != YNODE_TEXT)
		return bad(r, n, err, "a source's 'type' is missing");
	if (!attrs || attrs->type != YNODE_MAP || !attrs->n)
		return bad(r, n, err, "a source's 'attributes' are missing");
	if (!pk_grow(&def->sources, &def->sources_cap, def->sources_n + 1, sizeof(*def->sources)))
		return pk_fail_oom(err);
	s = &def->sources[def->sources_n++];
	*s = (struct pk_source){.os = def->os, .line = n->line};
	if (!srctype_from_name(type->text, &s->type))
		return bad(r, type, err, "unknown source type '%s'", type->text);
	if (os) {
		if (os_list(r, os, &s->os, err) < 0)
			return -1;
		if (s->os & ~def->os)
			return bad(r, os, err, "a source's 'supported_os' goes beyond the definition's");
	}
	if (prov && provides(r, prov, s, err) < 0)
		return -1;
	return attributes(r, attrs, s, err);
}

/* --- definitions ----------------------------------------------------------------------------------- */

static int check_name(const struct reader *r, const struct ynode *at, const char *name, struct pk_err *err)
{
	if (strlen(name) > MAX_NAME)
		return bad(r, at, err, "a name is longer than %d bytes", MAX_NAME);
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
			return bad(r, at, err, "the name '%s' must be printable ASCII without spaces", name);
	return 0;
}

static int definition(struct reader *r, const struct ynode *n, struct pk_err *err)
{
	static const char *const known[] = {"name", "doc",        "sources", "aliases",  "supported_os",
					    "urls", "conditions", "labels",  "provides", NULL};
	const struct ynode *name, *doc, *sources, *aliases, *os, *urls;
	struct pk_definition *def = r->def;

	if (n->type != YNODE_MAP || !n->n)
		return bad(r, n, err, "a definition must be a map of name, doc, sources ...");
	name = ynode_get(n, "name");
	doc = ynode_get(n, "doc");
	sources = ynode_get(n, "sources");
	aliases = ynode_get(n, "aliases");
	os = ynode_get(n, "supported_os");
	urls = ynode_get(n, "urls");
	def->line = n->line;
	def->os = PK_OS_ALL;
	if (!name)
		return bad(r, n, err, "a definition without a name");
	if (name->type != YNODE_TEXT || !name->text[0])
		return bad(r, name, err, "'name' must be a text that is not empty");
	if (check_name(r, name, name->text, err) < 0 || text(r, name, "name", &def->name, err) < 0 ||
	    only_keys(r, n, known, "key", err) < 0)
		return -1;
	if (!doc)
		return bad(r, n, err, "'doc' is missing");
	if (!sources)
		return bad(r, n, err, "'sources' is missing");
	if (text(r, doc, "doc", &def->doc, err) < 0 ||
	    (aliases && texts(r, aliases, "aliases", false, &def->aliases, err) < 0) ||
	    (urls && texts(r, urls, "urls", false, &def->urls, err) < 0) || (os && os_list(r, os, &def->os, err) < 0))
		return -1;
	for (size_t i = 0; aliases && i < def->aliases.n; i++)
		if (check_name(r, &aliases->v[i], def->aliases.v[i], err) < 0)
			return -1;
	if (sources->type != YNODE_LIST || !sources->n)
		return bad(r, sources, err, "'sources' must be a list that is not empty");
	for (size_t i = 0; i < sources->n; i++)
		if (source(r, &sources->v[i], err) < 0)
			return -1;
	return 0;
}

static int append(const char *file, const struct ynode *n, struct deflist *ret, struct pk_err *err)
{
	struct pk_definition *def = calloc(1, sizeof(*def));
	struct reader r = {file, def};

	if (!def || !pk_grow(&ret->v, &ret->cap, ret->n + 1, sizeof(*ret->v))) {
		free(def);
		return pk_fail_oom(err);
	}
	ret->v[ret->n++] = def;
	def->file = pk_str_dup(pk_str(file));
	return def->file ? definition(&r, n, err) : pk_fail_oom(err);
}

int definitions_parse(const char *name, struct pk_str yaml, struct deflist *ret, struct pk_err *err)
{
	PK_AUTO(yreader) y = {0};

	if (yreader_open(&y, name, yaml, err) < 0)
		return -1;
	for (;;) {
		PK_AUTO(ynode) doc = {0};
		int more = yreader_next(&y, &doc, err);

		if (more <= 0)
			return more;
		if (doc.type != YNODE_LIST) {
			if (append(name, &doc, ret, err) < 0)
				return -1;
			continue;
		}
		for (size_t i = 0; i < doc.n; i++) /* the JSON form: one list of all */
			if (append(name, &doc.v[i], ret, err) < 0)
				return -1;
	}
}
