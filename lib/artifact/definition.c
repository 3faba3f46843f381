/* SPDX-License-Identifier: Apache-2.0 */
/* The set of loaded definitions: names, lookup, groups. */
#include <picket/definition.h>
#include "definition_priv.h"

#include <picket/io.h>
#include <picket/limits.h>

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

struct pk_definition_slot {
	char *key; /* folded name or alias */
	struct pk_definition *def;
};

static const struct {
	enum pk_os os;
	const char *name;
} os_names[] = {
	{PK_OS_ANDROID, "Android"}, {PK_OS_DARWIN, "Darwin"}, {PK_OS_ESXI, "ESXi"},
	{PK_OS_IOS, "iOS"},         {PK_OS_LINUX, "Linux"},   {PK_OS_WINDOWS, "Windows"},
};

unsigned os_from_name(const char *name)
{
	for (size_t i = 0; i < PK_LEN(os_names); i++)
		if (strcmp(os_names[i].name, name) == 0)
			return os_names[i].os;
	return 0;
}

static const char *const type_names[] = {
	[PK_SRC_GROUP] = "ARTIFACT_GROUP",
	[PK_SRC_COMMAND] = "COMMAND",
	[PK_SRC_FILE] = "FILE",
	[PK_SRC_PATH] = "PATH",
	[PK_SRC_DIRECTORY] = "DIRECTORY",
	[PK_SRC_REGISTRY_KEY] = "REGISTRY_KEY",
	[PK_SRC_REGISTRY_VALUE] = "REGISTRY_VALUE",
	[PK_SRC_WMI] = "WMI",
};

bool srctype_from_name(const char *name, enum pk_srctype *ret)
{
	for (size_t i = 0; i < PK_LEN(type_names); i++)
		if (strcmp(type_names[i], name) == 0) {
			*ret = (enum pk_srctype)i;
			return true;
		}
	return false;
}

static void source_done(struct pk_source *s)
{
	for (size_t i = 0; i < s->provides_n; i++) {
		free(s->provides[i].key);
		free(s->provides[i].regex);
		free(s->provides[i].wmi_key);
	}
	free(s->provides);
	free(s->cmd);
	free(s->base_object);
	pk_strv_done(&s->items);
}

void pk_definition_free(struct pk_definition *def)
{
	if (!def)
		return;
	for (size_t i = 0; i < def->sources_n; i++)
		source_done(&def->sources[i]);
	free(def->sources);
	free(def->name);
	free(def->doc);
	free(def->file);
	pk_strv_done(&def->aliases);
	pk_strv_done(&def->urls);
	free(def);
}

void pk_definitions_done(struct pk_definitions *d)
{
	for (size_t i = 0; i < d->n; i++)
		pk_definition_free(d->v[i]);
	for (size_t i = 0; i < d->index_cap; i++)
		free(d->index[i].key);
	free(d->v);
	free(d->index);
	*d = (struct pk_definitions){0};
}

/* --- lookup ---------------------------------------------------------------------------------------- */

static char fold(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

static uint64_t hash_folded(struct pk_str s)
{
	uint64_t h = 1469598103934665603u;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (uint8_t)fold(s.p[i])) * 1099511628211u;
	return h;
}

static bool eq_folded(struct pk_str s, const char *key)
{
	if (strlen(key) != s.n)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (fold(s.p[i]) != key[i])
			return false;
	return true;
}

/* The slot of a name, or the empty one where it would go; the table is never full. */
static struct pk_definition_slot *slot_of(struct pk_definition_slot *v, size_t cap, struct pk_str name)
{
	size_t at = hash_folded(name) & (cap - 1);

	while (v[at].key && !eq_folded(name, v[at].key))
		at = (at + 1) & (cap - 1);
	return &v[at];
}

const struct pk_definition *pk_definitions_find(const struct pk_definitions *d, struct pk_str name)
{
	return d->index_cap ? slot_of(d->index, d->index_cap, name)->def : NULL;
}

static int index_grow(struct pk_definitions *d, struct pk_err *err)
{
	size_t cap = d->index_cap ? d->index_cap * 2 : 256;
	struct pk_definition_slot *v;

	if (d->index_n * 2 < d->index_cap)
		return 0;
	v = calloc(cap, sizeof(*v));
	if (!v)
		return pk_fail_oom(err);
	for (size_t i = 0; i < d->index_cap; i++)
		if (d->index[i].key)
			*slot_of(v, cap, pk_str(d->index[i].key)) = d->index[i];
	free(d->index);
	d->index = v;
	d->index_cap = cap;
	return 0;
}

static int index_add(struct pk_definitions *d, const char *name, struct pk_definition *def, struct pk_err *err)
{
	struct pk_definition_slot *s;
	char *key;

	if (index_grow(d, err) < 0)
		return -1;
	s = slot_of(d->index, d->index_cap, pk_str(name));
	if (s->key)
		return pk_fail(err, PK_EFORMAT, 0, "%s: line %u: the name '%s' is taken: see %s, line %u", def->file,
			       def->line, name, s->def->file, s->def->line);
	key = pk_str_dup(pk_str(name));
	if (!key)
		return pk_fail_oom(err);
	for (char *c = key; *c; c++)
		*c = fold(*c);
	*s = (struct pk_definition_slot){key, def};
	d->index_n++;
	return 0;
}

static void index_forget(struct pk_definitions *d, const struct pk_definition *def)
{
	struct pk_definition_slot *old = d->index, *v;

	/* open addressing: what is left is entered anew; without memory for that, tombstones of no name do */
	v = d->index_cap ? calloc(d->index_cap, sizeof(*v)) : NULL;
	d->index_n = 0;
	for (size_t i = 0; i < d->index_cap; i++) {
		if (!old[i].key)
			continue;
		if (old[i].def != def) {
			d->index_n++;
			if (v)
				*slot_of(v, d->index_cap, pk_str(old[i].key)) = old[i];
		} else if (v) {
			free(old[i].key);
		} else {
			old[i].key[0] = 0;
			old[i].def = NULL;
		}
	}
	if (v) {
		free(old);
		d->index = v;
	}
}

/* Adds one definition; it is the set's in any case. */
static int add(struct pk_definitions *d, struct pk_definition *def, struct pk_err *err)
{
	if (!pk_grow(&d->v, &d->cap, d->n + 1, sizeof(*d->v))) {
		pk_definition_free(def);
		return pk_fail_oom(err);
	}
	d->v[d->n++] = def;
	if (index_add(d, def->name, def, err) < 0)
		return -1;
	for (size_t i = 0; i < def->aliases.n; i++)
		if (index_add(d, def->aliases.v[i], def, err) < 0)
			return -1;
	return 0;
}

int pk_definitions_load(struct pk_definitions *d, const char *name, struct pk_str text, struct pk_err *err)
{
	PK_AUTO(deflist) list = {0};
	size_t before = d->n;

	if (text.n > PK_MAX_DEFINITIONS)
		return pk_fail(err, PK_ELIMIT, 0, "%s: larger than the limit of %u bytes", name, PK_MAX_DEFINITIONS);
	if (definitions_parse(name, text, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.n; i++) {
		if (add(d, pk_steal(&list.v[i]), err) == 0)
			continue;
		while (d->n > before) { /* whole or not at all */
			index_forget(d, d->v[--d->n]);
			pk_definition_free(d->v[d->n]);
		}
		return -1;
	}
	return 0;
}

static int load_file(struct pk_definitions *d, const char *path, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};

	if (pk_read_path(path, PK_MAX_DEFINITIONS, &b, err) < 0)
		return -1;
	return pk_definitions_load(d, path, pk_buf_str(&b), err);
}

int pk_definitions_load_path(struct pk_definitions *d, const char *path, struct pk_err *err)
{
	PK_AUTO(pk_strv) names = {0};
	struct stat st;
	struct dirent *e;
	DIR *dir;
	int rc = 0;

	if (stat(path, &st) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open '%s'", path);
	if (!S_ISDIR(st.st_mode))
		return load_file(d, path, err);
	dir = opendir(path);
	if (!dir)
		return pk_fail(err, PK_ESYS, errno, "cannot open '%s'", path);
	while (rc == 0 && (errno = 0, e = readdir(dir))) {
		PK_AUTO(pk_buf) full = {0};
		struct pk_str n = pk_str(e->d_name);

		if (!pk_str_ends(n, PK_STR(".yaml")) && !pk_str_ends(n, PK_STR(".yml")))
			continue;
		pk_buf_putf(&full, "%s/%s", path, e->d_name);
		rc = full.oom ? pk_fail_oom(err) : pk_strv_add(&names, pk_buf_str(&full), err);
	}
	if (rc == 0 && errno)
		rc = pk_fail(err, PK_ESYS, errno, "cannot read '%s'", path);
	closedir(dir);
	if (rc < 0)
		return -1;
	if (!names.n)
		return pk_fail(err, PK_EUSAGE, 0, "'%s' holds no .yaml file", path);
	pk_strv_uniq(&names);
	for (size_t i = 0; i < names.n; i++)
		if (load_file(d, names.v[i], err) < 0)
			return -1;
	return 0;
}

/* --- groups ---------------------------------------------------------------------------------------- */

static bool is_called(const struct pk_definition *def, const char *name)
{
	return strcmp(def->name, name) == 0 || pk_strv_has(&def->aliases, name);
}

static size_t position(const struct pk_definitions *d, const struct pk_definition *def)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i] == def)
			return i;
	return d->n;
}

enum { FRESH, OPEN, DONE };
#define MAX_GROUP_DEPTH 64

static int check_group(const struct pk_definitions *d, size_t at, unsigned depth, uint8_t *state, struct pk_err *err)
{
	const struct pk_definition *def = d->v[at];

	if (state[at] == DONE)
		return 0;
	if (state[at] == OPEN)
		return pk_fail(err, PK_EFORMAT, 0, "%s: line %u: the group '%s' contains itself", def->file, def->line,
			       def->name);
	if (depth > MAX_GROUP_DEPTH)
		return pk_fail(err, PK_ELIMIT, 0, "%s: line %u: groups nested deeper than %d", def->file, def->line,
			       MAX_GROUP_DEPTH);
	state[at] = OPEN;
	for (size_t i = 0; i < def->sources_n; i++) {
		const struct pk_source *s = &def->sources[i];

		for (size_t k = 0; s->type == PK_SRC_GROUP && k < s->items.n; k++) {
			const struct pk_definition *to = pk_definitions_find(d, pk_str(s->items.v[k]));

			if (!to || !is_called(to, s->items.v[k]))
				return pk_fail(err, PK_EFORMAT, 0, "%s: line %u: '%s' names '%s', which is not defined",
					       def->file, s->line, def->name, s->items.v[k]);
			if (check_group(d, position(d, to), depth + 1, state, err) < 0)
				return -1;
		}
	}
	state[at] = DONE;
	return 0;
}

int pk_definitions_check(const struct pk_definitions *d, struct pk_err *err)
{
	pk_autofree uint8_t *state = calloc(d->n + 1, 1);

	if (!state)
		return pk_fail_oom(err);
	for (size_t i = 0; i < d->n; i++)
		if (check_group(d, i, 0, state, err) < 0)
			return -1;
	return 0;
}
