/* SPDX-License-Identifier: Apache-2.0 */
/* Builds the plan: names to definitions to an ordered list of requests. */
#include <picket/limits.h>
#include <picket/plan.h>

#include <stdlib.h>
#include <strings.h>

#define HOMEDIR "%%users.homedir%%"
#define MAX_WILD 32  /* segments with wildcards in one pattern */
#define MAX_CHAIN 70 /* groups around a definition; the check of the set allows 64 */

static void pk_request_done(struct pk_request *r)
{
	free(r->pattern);
	pk_strv_done(&r->via);
	pk_strv_done(&r->exclude);
}

void pk_plan_done(struct pk_plan *p)
{
	for (size_t i = 0; i < p->requests_n; i++)
		pk_request_done(&p->requests[i]);
	for (size_t i = 0; i < p->notes_n; i++) {
		free(p->notes[i].artefact);
		free(p->notes[i].what);
		free(p->notes[i].why);
	}
	free(p->requests);
	free(p->notes);
	free(p->profile);
	pk_strv_done(&p->artefacts);
	*p = (struct pk_plan){0};
}

struct builder {
	struct pk_plan *plan;
	const struct pk_definitions *defs;
	const struct pk_limits *limits;
	uint64_t max_file;
	struct pk_strv seen;                          /* names of definitions already in, for this origin */
	const struct pk_definition *chain[MAX_CHAIN]; /* from the group that was asked for to here */
	size_t depth;
};

static const struct pk_limit *limit_of(const struct builder *b, const char *name)
{
	for (size_t i = 0; b->limits && i < b->limits->n; i++)
		if (strcasecmp(b->limits->v[i].name, name) == 0)
			return &b->limits->v[i];
	return NULL;
}

static int note(struct builder *b, const char *artefact, const char *what, const char *why, bool is_command,
		struct pk_err *err)
{
	struct pk_plan *p = b->plan;
	struct pk_plan_note *n;

	if (!pk_grow(&p->notes, &p->notes_cap, p->notes_n + 1, sizeof(*p->notes)))
		return pk_fail_oom(err);
	n = &p->notes[p->notes_n++];
	*n = (struct pk_plan_note){pk_str_dup(pk_str(artefact)), pk_str_dup(pk_str(what)), pk_str_dup(pk_str(why)),
				   is_command};
	return n->artefact && n->what && n->why ? 0 : pk_fail_oom(err);
}

/* --- patterns -------------------------------------------------------------------------------------- */

/* One spelling for each pattern: no empty or "." parts, the variable in lower case. *ret_why stays NULL when
 * all is well. */
static int normalise(struct pk_str in, struct pk_buf *ret, const char **ret_why, unsigned *ret_star, struct pk_err *err)
{
	struct pk_str seg;
	unsigned wild = 0;

	*ret_why = NULL;
	*ret_star = 0;
	if (in.n >= sizeof(HOMEDIR) - 1 && strncasecmp(in.p, HOMEDIR, sizeof(HOMEDIR) - 1) == 0) {
		pk_buf_puts(ret, HOMEDIR);
		in = pk_str_n(in.p + sizeof(HOMEDIR) - 1, in.n - sizeof(HOMEDIR) + 1);
	}
	if (in.n && memmem(in.p, in.n, "%%", 2)) {
		*ret_why = "it holds a variable that is not known on Linux";
		return 0;
	}
	if (in.n ? in.p[0] != '/' : !ret->n) {
		*ret_why = "it is not an absolute path";
		return 0;
	}
	while (pk_str_split(&in, '/', &seg)) {
		unsigned depth;

		if (!seg.n || pk_str_eq(seg, PK_STR(".")))
			continue;
		if (pk_str_eq(seg, PK_STR(".."))) {
			*ret_why = "it holds '..'";
			return 0;
		}
		if (pk_glob_is_star(seg, &depth))
			*ret_star = depth ? depth : UINT32_MAX;
		wild += pk_glob_is_magic(seg);
		pk_buf_put_c(ret, '/');
		pk_buf_put_str(ret, seg);
	}
	if (!ret->n)
		pk_buf_put_c(ret, '/');
	if (wild > MAX_WILD)
		*ret_why = "it has too many wildcards";
	if (ret->n > PK_MAX_PATH_BYTES)
		*ret_why = "it is longer than any path may be";
	return pk_buf_check(ret, err);
}

/* --- requests -------------------------------------------------------------------------------------- */

static bool same_list(const struct pk_strv *a, const struct pk_strv *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return true;
}

/* Limits from here outwards: the nearest word counts, excludes add up. */
static int apply_limits(const struct builder *b, struct pk_request *r, struct pk_err *err)
{
	bool file_set = false, count_set = false;

	r->max_file = r->max_count = UINT64_MAX;
	for (size_t i = b->depth; i-- > 0;) {
		const struct pk_limit *l = limit_of(b, b->chain[i]->name);

		if (!l)
			continue;
		if (!file_set && l->max_file != UINT64_MAX) {
			r->max_file = l->max_file;
			file_set = true;
		}
		if (!count_set && l->max_count != UINT64_MAX) {
			r->max_count = l->max_count;
			count_set = true;
		}
		for (size_t k = 0; k < l->exclude.n; k++)
			if (pk_strv_add(&r->exclude, pk_str(l->exclude.v[k]), err) < 0)
				return -1;
	}
	pk_strv_uniq(&r->exclude);
	if (b->max_file)
		r->max_file = PK_MIN(r->max_file, b->max_file);
	return 0;
}

static int add_request(struct builder *b, const char *artefact, const struct pk_source *s, const char *path,
		       struct pk_err *err)
{
	PK_AUTO(pk_request) r = {0};
	struct pk_plan *p = b->plan;
	PK_AUTO(pk_buf) pattern = {0};
	const char *why;

	if (normalise(pk_str(path), &pattern, &why, &r.globstar, err) < 0)
		return -1;
	if (why)
		return note(b, artefact, path, why, false, err);
	if (r.globstar == UINT32_MAX)
		r.globstar = p->globstar_default;
	r.type = s->type == PK_SRC_FILE ? PK_REQ_FILE : s->type == PK_SRC_PATH ? PK_REQ_PATH : PK_REQ_DIRECTORY;
	if (apply_limits(b, &r, err) < 0 || pk_strv_add(&r.via, pk_str(artefact), err) < 0)
		return -1;
	for (size_t i = 0; i < p->requests_n; i++) {
		struct pk_request *old = &p->requests[i];

		if (old->type != r.type || strcmp(old->pattern, pattern.p) != 0 ||
		    !same_list(&old->exclude, &r.exclude))
			continue;
		old->max_file = PK_MAX(old->max_file, r.max_file);
		old->max_count = PK_MAX(old->max_count, r.max_count);
		return pk_strv_has(&old->via, artefact) ? 0 : pk_strv_add(&old->via, pk_str(artefact), err);
	}
	r.pattern = pk_buf_take(&pattern);
	if (!r.pattern || !pk_grow(&p->requests, &p->requests_cap, p->requests_n + 1, sizeof(*p->requests)))
		return pk_fail_oom(err);
	p->requests[p->requests_n++] = r;
	r = (struct pk_request){0};
	return 0;
}

static int add_command(struct builder *b, const char *artefact, const struct pk_source *s, struct pk_err *err)
{
	PK_AUTO(pk_buf) line = {0};

	pk_buf_puts(&line, s->cmd);
	for (size_t i = 0; i < s->items.n; i++)
		pk_buf_putf(&line, " %s", s->items.v[i]);
	if (pk_buf_check(&line, err) < 0)
		return -1;
	return note(b, artefact, line.p, "commands of the host are not run", true, err);
}

static int add_source(struct builder *b, const char *artefact, const struct pk_source *s, struct pk_err *err)
{
	switch (s->type) {
	case PK_SRC_COMMAND: return add_command(b, artefact, s, err);
	case PK_SRC_FILE:
	case PK_SRC_PATH:
	case PK_SRC_DIRECTORY:
		if (s->separator != '/')
			return 0;
		for (size_t i = 0; i < s->items.n; i++)
			if (add_request(b, artefact, s, s->items.v[i], err) < 0)
				return -1;
		return 0;
	default: return 0; /* registry and WMI: not on Linux, whatever the definition says */
	}
}

static int add_definition(struct builder *b, const struct pk_definition *def, struct pk_err *err)
{
	bool leaf = false;

	if (pk_strv_has(&b->seen, def->name))
		return 0;
	if (b->depth == MAX_CHAIN)
		return pk_fail(err, PK_ELIMIT, 0, "groups nested too deep at '%s'", def->name);
	if (pk_strv_add(&b->seen, pk_str(def->name), err) < 0)
		return -1;
	b->chain[b->depth++] = def;
	for (size_t i = 0; i < def->sources_n; i++) {
		const struct pk_source *s = &def->sources[i];

		if (!(s->os & PK_OS_LINUX))
			continue;
		if (s->type != PK_SRC_GROUP) {
			leaf = true;
			if (add_source(b, def->name, s, err) < 0)
				return -1;
			continue;
		}
		for (size_t k = 0; k < s->items.n; k++) {
			const struct pk_definition *to = pk_definitions_find(b->defs, pk_str(s->items.v[k]));

			if (!to)
				return pk_fail(err, PK_EFORMAT, 0, "%s: line %u: '%s' names '%s', which is not defined",
					       def->file, s->line, def->name, s->items.v[k]);
			if (add_definition(b, to, err) < 0)
				return -1;
		}
	}
	b->depth--;
	if (leaf && !pk_strv_has(&b->plan->artefacts, def->name))
		return pk_strv_add(&b->plan->artefacts, pk_str(def->name), err);
	return 0;
}

static const char *profile_group(const char *word)
{
	static const struct {
		const char *word, *group;
	} known[] = {
		{"minimal", "PicketMinimal"},
		{"triage", "PicketTriage"},
		{"full", "PicketFull"},
	};

	for (size_t i = 0; i < PK_LEN(known); i++)
		if (strcmp(word, known[i].word) == 0)
			return known[i].group;
	return word;
}

static int add_profile(struct builder *b, const char *word, struct pk_err *err)
{
	const struct pk_definition *def = pk_definitions_find(b->defs, pk_str(profile_group(word)));
	const struct pk_limit *l;

	if (!def)
		return pk_fail(err, PK_EUSAGE, 0,
			       "no profile is called '%s' (minimal, triage, full, or a group of the "
			       "definitions)",
			       word);
	b->plan->profile = pk_str_dup(pk_str(def->name));
	if (!b->plan->profile)
		return pk_fail_oom(err);
	l = limit_of(b, def->name);
	b->plan->walk = l && l->walk;
	return add_definition(b, def, err);
}

static int add_named(struct builder *b, const struct pk_strv *names, struct pk_err *err)
{
	pk_strv_done(&b->seen); /* by name: once more, without the profile's excludes */
	for (size_t i = 0; i < names->n; i++) {
		const struct pk_definition *def = pk_definitions_find(b->defs, pk_str(names->v[i]));
		size_t requests = b->plan->requests_n, notes = b->plan->notes_n, artefacts = b->plan->artefacts.n;

		if (!def)
			return pk_fail(err, PK_EUSAGE, 0, "no artefact is called '%s' (--list prints all names)",
				       names->v[i]);
		if (add_definition(b, def, err) < 0)
			return -1;
		if (requests == b->plan->requests_n && notes == b->plan->notes_n && artefacts == b->plan->artefacts.n &&
		    !(def->os & PK_OS_LINUX) &&
		    note(b, def->name, def->name, "nothing in it is for Linux", false, err) < 0)
			return -1;
	}
	return 0;
}

int pk_plan_build(struct pk_plan *p, const struct pk_definitions *d, const struct pk_limits *limits,
		  const struct pk_plan_opts *opts, struct pk_err *err)
{
	struct builder b = {.plan = p, .defs = d, .limits = limits, .max_file = opts->max_file};
	int rc = 0;

	if (opts->globstar_default > PK_MAX_GLOBSTAR)
		return pk_fail(err, PK_EUSAGE, 0, "** may go at most %d folders deep", PK_MAX_GLOBSTAR);
	p->globstar_default = opts->globstar_default ? opts->globstar_default : PK_MAX_GLOBSTAR;
	if (opts->profile)
		rc = add_profile(&b, opts->profile, err);
	if (rc == 0 && opts->artefacts && opts->artefacts->n)
		rc = add_named(&b, opts->artefacts, err);
	pk_strv_done(&b.seen);
	return rc;
}
