/* SPDX-License-Identifier: Apache-2.0 */
/* passwd, group and os-release: hostile text, one line at a time. */
#include <picket/facts.h>

#include <stdlib.h>

static size_t fields(struct pk_str line, struct pk_str *f, size_t max)
{
	size_t n = 0;

	while (n < max && pk_str_split(&line, ':', &f[n]))
		n++;
	return line.p ? 0 : n; /* more fields than there should be: none at all */
}

static bool id(struct pk_str s, uint32_t *ret)
{
	uint64_t v;

	if (!pk_str_u64(s, UINT32_MAX, &v))
		return false;
	*ret = (uint32_t)v;
	return true;
}

/* A line to look at, or false for comments, blank lines and the +/- lines of NIS. */
static bool is_entry(struct pk_str line)
{
	return line.n && line.p[0] != '#' && line.p[0] != '+' && line.p[0] != '-' && pk_str_trim(line).n;
}

int pk_facts_parse_passwd(struct pk_facts *f, struct pk_str text, size_t *ret_bad, struct pk_err *err)
{
	struct pk_str line, v[7];

	*ret_bad = 0;
	while (pk_str_line(&text, &line)) {
		struct pk_user u = {0};

		if (!is_entry(line))
			continue;
		if (fields(line, v, 7) != 7 || !v[0].n || memchr(line.p, 0, line.n) || !id(v[2], &u.uid) ||
		    !id(v[3], &u.gid)) {
			++*ret_bad;
			continue;
		}
		if (!pk_grow(&f->users, &f->users_cap, f->users_n + 1, sizeof(*f->users)))
			return pk_fail_oom(err);
		u.name = pk_str_dup(v[0]);
		u.home = pk_str_dup(v[5]);
		u.shell = pk_str_dup(v[6]);
		f->users[f->users_n++] = u;
		if (!u.name || !u.home || !u.shell)
			return pk_fail_oom(err);
	}
	return 0;
}

int pk_facts_parse_group(struct pk_facts *f, struct pk_str text, size_t *ret_bad, struct pk_err *err)
{
	struct pk_str line, v[4];

	*ret_bad = 0;
	while (pk_str_line(&text, &line)) {
		struct pk_group g = {0};

		if (!is_entry(line))
			continue;
		if (fields(line, v, 4) != 4 || !v[0].n || memchr(line.p, 0, line.n) || !id(v[2], &g.gid)) {
			++*ret_bad;
			continue;
		}
		if (!pk_grow(&f->groups, &f->groups_cap, f->groups_n + 1, sizeof(*f->groups)))
			return pk_fail_oom(err);
		g.name = pk_str_dup(v[0]);
		f->groups[f->groups_n++] = g;
		if (!g.name)
			return pk_fail_oom(err);
	}
	return 0;
}

/* A shell-quoted value: '...' as it is, "..." and bare words with backslash escapes. */
static char *unquote(struct pk_str v)
{
	PK_AUTO(pk_buf) b = {0};
	char quote = 0;

	for (size_t i = 0; i < v.n; i++) {
		char c = v.p[i];

		if (quote ? c == quote : c == '"' || c == '\'') {
			quote = quote ? 0 : c;
			continue;
		}
		if (c == '\\' && quote != '\'' && i + 1 < v.n)
			c = v.p[++i];
		if (c)
			pk_buf_put_c(&b, c);
	}
	return pk_buf_take(&b);
}

int pk_facts_parse_os_release(struct pk_facts *f, struct pk_str text, struct pk_err *err)
{
	const struct {
		struct pk_str key;
		char **to;
	} keys[] = {
		{PK_STR("ID"), &f->os_id},
		{PK_STR("NAME"), &f->os_name},
		{PK_STR("VERSION"), &f->os_version},
		{PK_STR("VERSION_ID"), &f->os_version_id},
		{PK_STR("PRETTY_NAME"), &f->os_pretty_name},
	};
	struct pk_str line;

	while (pk_str_line(&text, &line)) {
		size_t eq;

		line = pk_str_trim(line);
		eq = pk_str_find(line, '=');
		if (eq == line.n || line.n > 4096)
			continue;
		for (size_t i = 0; i < PK_LEN(keys); i++) {
			if (!pk_str_eq(pk_str_n(line.p, eq), keys[i].key))
				continue;
			free(*keys[i].to); /* as in a shell, the last line counts */
			*keys[i].to = unquote(pk_str_n(line.p + eq + 1, line.n - eq - 1));
			if (!*keys[i].to)
				return pk_fail_oom(err);
		}
	}
	return 0;
}
