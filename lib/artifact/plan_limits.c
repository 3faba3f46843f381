/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of artefacts and groups: the text that stands beside the YAML. */
#include <picket/limits.h>
#include <picket/plan.h>

#include <stdlib.h>

void pk_limits_done(struct pk_limits *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].name);
		pk_strv_done(&l->v[i].exclude);
	}
	free(l->v);
	*l = (struct pk_limits){0};
}

/* Decimal with K, M, G or T (powers of 1024). */
static bool parse_size(struct pk_str s, uint64_t *ret)
{
	static const char units[] = "KMGT";
	const char *unit = s.n ? memchr(units, s.p[s.n - 1], 4) : NULL;
	unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
	uint64_t v;

	s.n -= unit != NULL;
	if (!pk_str_u64(s, (UINT64_MAX >> shift) - 1, &v))
		return false;
	*ret = v << shift;
	return true;
}

/* Absolute, and at most one **, as in definitions: matching stays cheap. */
static bool is_pattern(struct pk_str value)
{
	struct pk_str rest = value, seg;
	unsigned stars = 0, depth;

	while (pk_str_split(&rest, '/', &seg))
		stars += pk_glob_is_star(seg, &depth);
	return value.n && value.p[0] == '/' && stars <= 1;
}

static int add_word(struct pk_limit *one, struct pk_str word, struct pk_err *err)
{
	size_t eq = pk_str_find(word, '=');
	struct pk_str key = pk_str_n(word.p, eq);
	struct pk_str value = eq < word.n ? pk_str_n(word.p + eq + 1, word.n - eq - 1) : pk_str_n("", 0);
	bool ok = false;

	if (pk_str_eq(key, PK_STR("max_file"))) {
		ok = parse_size(value, &one->max_file);
	} else if (pk_str_eq(key, PK_STR("max_count"))) {
		ok = pk_str_u64(value, UINT64_MAX - 1, &one->max_count);
	} else if (pk_str_eq(key, PK_STR("walk"))) {
		ok = pk_str_eq(value, PK_STR("yes"));
		one->walk = true;
	} else if (pk_str_eq(key, PK_STR("exclude"))) {
		if (is_pattern(value))
			return pk_strv_add(&one->exclude, value, err);
	} else {
		return pk_fail(err, PK_EFORMAT, 0, "unknown word '%.*s' (max_file, max_count, exclude, walk)",
			       PK_STR_ARG(word));
	}
	return ok ? 0 : pk_fail(err, PK_EFORMAT, 0, "'%.*s' is not understood", PK_STR_ARG(word));
}

static int add_line(struct pk_limits *l, struct pk_str line, struct pk_err *err)
{
	struct pk_str word;
	struct pk_limit *one = NULL;

	while (pk_str_split(&line, ' ', &word)) {
		if (!word.n)
			continue;
		if (one) {
			if (add_word(one, word, err) < 0)
				return -1;
			continue;
		}
		for (size_t i = 0; i < l->n; i++)
			if (pk_str_eq(pk_str(l->v[i].name), word))
				return pk_fail(err, PK_EFORMAT, 0, "'%.*s' has a line already", PK_STR_ARG(word));
		if (!pk_grow(&l->v, &l->cap, l->n + 1, sizeof(*l->v)))
			return pk_fail_oom(err);
		one = &l->v[l->n];
		*one = (struct pk_limit){.max_file = UINT64_MAX, .max_count = UINT64_MAX};
		one->name = pk_str_dup(word);
		if (!one->name)
			return pk_fail_oom(err);
		l->n++;
	}
	return 0;
}

int pk_limits_load(struct pk_limits *l, const char *name, struct pk_str text, struct pk_err *err)
{
	struct pk_str line;
	unsigned number = 0;

	if (text.n > PK_MAX_TEXT_FILE)
		return pk_fail(err, PK_ELIMIT, 0, "%s: larger than the limit of %u bytes", name, PK_MAX_TEXT_FILE);
	if (memchr(text.p, 0, text.n))
		return pk_fail(err, PK_EFORMAT, 0, "%s: a NUL byte in the text", name);
	while (pk_str_line(&text, &line)) {
		number++;
		line = pk_str_trim(line);
		if (line.n && line.p[0] != '#' && add_line(l, line, err) < 0)
			return pk_wrap(err, "%s: line %u", name, number);
	}
	return 0;
}

int pk_limits_load_builtin(struct pk_limits *l, struct pk_err *err)
{
	struct pk_str text;

	if (!pk_builtin_rule("limits.txt", &text))
		return pk_fail(err, PK_EINTERNAL, 0, "the built-in limits are missing");
	return pk_limits_load(l, "limits.txt", text, err);
}
