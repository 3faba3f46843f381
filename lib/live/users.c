/* SPDX-License-Identifier: Apache-2.0 */
/* Tables `users`, `groups`, `user_groups` and `shadow`; and the accounts that other tables need. */
#include "accounts.h"
#include "tables.h"

/* --- for other tables --------------------------------------------------------------------------------------- */

void live_accounts_done(struct live_accounts *a)
{
	free(a->v);
	pk_buf_done(&a->text);
	*a = (struct live_accounts){0};
}

int live_accounts_read(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct live_accounts *ret,
		       struct pk_err *err)
{
	struct pk_str rest, line;

	if (!live_text_root(ctx, out, PK_STR("etc/passwd"), &ret->text))
		return 0;
	rest = pk_buf_str(&ret->text);
	while (pk_str_line(&rest, &line)) {
		struct live_passwd p;

		if (!live_parse_passwd(line, &p))
			continue;
		if (ret->n >= PK_LIVE_MAX_ITEMS)
			return pk_fail(err, PK_ELIMIT, 0, "more than %u users", PK_LIVE_MAX_ITEMS);
		if (!pk_grow(&ret->v, &ret->cap, ret->n + 1, sizeof(*ret->v)))
			return pk_fail_oom(err);
		ret->v[ret->n++] = p;
	}
	return 0;
}

struct pk_str live_accounts_name(const struct live_accounts *a, uint64_t uid)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].uid == uid)
			return a->v[i].name;
	return pk_str_n("", 0);
}

struct pk_str live_group_name(struct pk_str text, uint64_t gid)
{
	struct pk_str line;
	struct live_group g;

	while (pk_str_line(&text, &line))
		if (live_parse_group(line, &g) && g.gid == gid)
			return g.name;
	return pk_str_n("", 0);
}

/* --- users -------------------------------------------------------------------------------------------------- */

static const struct pk_live_column user_columns[] = {
	{"uid", PK_LIVE_BIGINT, "user id"},
	{"gid", PK_LIVE_BIGINT, "primary group id"},
	{"uid_signed", PK_LIVE_BIGINT, "user id as a signed 32-bit number"},
	{"gid_signed", PK_LIVE_BIGINT, "group id as a signed 32-bit number"},
	{"username", PK_LIVE_TEXT, "name"},
	{"description", PK_LIVE_TEXT, "full name and what else the comment field holds"},
	{"directory", PK_LIVE_TEXT, "home"},
	{"shell", PK_LIVE_TEXT, "login shell"},
	{"password_field", PK_LIVE_TEXT,
	 "what /etc/passwd itself says: shadow, empty (no password needed), hash, locked"},
	{"line", PK_LIVE_INTEGER, "line of /etc/passwd"},
	{0},
};

static const char *passwd_field(struct pk_str f)
{
	if (!f.n)
		return "empty";
	if (pk_str_eq(f, PK_STR("x")))
		return "shadow";
	return f.p[0] == '*' || f.p[0] == '!' ? "locked" : "hash";
}

static bool is_comment(struct pk_str line)
{
	line = pk_str_trim(line);
	return !line.n || line.p[0] == '#';
}

static int user_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str rest, line;
	int64_t n = 0;

	if (!live_text_root(ctx, out, PK_STR("etc/passwd"), &b))
		return 0;
	rest = pk_buf_str(&b);
	while (rest.n && pk_str_line(&rest, &line)) {
		struct live_passwd p;
		struct pk_json *j;

		n++;
		if (!live_parse_passwd(line, &p)) {
			if (!is_comment(line))
				pk_live_note(out, "etc/passwd: line %lld is not understood: '%.*s'", (long long)n,
					     PK_STR_ARG(line));
			continue;
		}
		j = live_row(out);
		pk_json_kuint(j, "uid", p.uid);
		pk_json_kuint(j, "gid", p.gid);
		pk_json_kint(j, "uid_signed", (int32_t)p.uid);
		pk_json_kint(j, "gid_signed", (int32_t)p.gid);
		live_kbytes(out, "username", p.name);
		live_kbytes(out, "description", p.gecos);
		live_kbytes(out, "directory", p.home);
		live_kbytes(out, "shell", p.shell);
		pk_json_kz(j, "password_field", passwd_field(p.password));
		pk_json_kint(j, "line", n);
		if (live_emit(out, err) < 0)
			return -1;
	}
	return 0;
}

const struct pk_live_table live_users = {
	.name = "users",
	.doc = "accounts of /etc/passwd, in the order of the file",
	.columns = user_columns,
	.rows = user_rows,
};

/* --- groups -------------------------------------------------------------------------------------------------- */

static const struct pk_live_column group_columns[] = {
	{"gid", PK_LIVE_BIGINT, "group id"},
	{"gid_signed", PK_LIVE_BIGINT, "group id as a signed 32-bit number"},
	{"groupname", PK_LIVE_TEXT, "name"},
	{"members", PK_LIVE_TEXT, "members named in the file, by commas"},
	{"has_password", PK_LIVE_INTEGER, "1: the file holds a group password"},
	{0},
};

typedef int group_fn(struct pk_live_out *out, const struct live_group *g, void *arg, struct pk_err *err);

static int each_group(const struct pk_live_ctx *ctx, struct pk_live_out *out, group_fn *each, void *arg,
		      struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str rest, line;
	unsigned n = 0;

	if (!live_text_root(ctx, out, PK_STR("etc/group"), &b))
		return 0;
	rest = pk_buf_str(&b);
	while (rest.n && pk_str_line(&rest, &line)) {
		struct live_group g;

		n++;
		if (live_parse_group(line, &g)) {
			if (each(out, &g, arg, err) < 0)
				return -1;
		} else if (!is_comment(line)) {
			pk_live_note(out, "etc/group: line %u is not understood", n);
		}
	}
	return 0;
}

static int group_row(struct pk_live_out *out, const struct live_group *g, void *arg, struct pk_err *err)
{
	struct pk_json *j = live_row(out);

	(void)arg;
	pk_json_kuint(j, "gid", g->gid);
	pk_json_kint(j, "gid_signed", (int32_t)g->gid);
	live_kbytes(out, "groupname", g->name);
	live_kopt(out, "members", g->members);
	pk_json_kint(j, "has_password",
		     g->password.n && !pk_str_eq(g->password, PK_STR("x")) && g->password.p[0] != '*' &&
			     g->password.p[0] != '!');
	return live_emit(out, err);
}

static int group_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	return each_group(ctx, out, group_row, NULL, err);
}

const struct pk_live_table live_groups = {
	.name = "groups",
	.doc = "groups of /etc/group",
	.columns = group_columns,
	.rows = group_rows,
};

/* --- user_groups ------------------------------------------------------------------------------------------------ */

static const struct pk_live_column member_columns[] = {
	{"uid", PK_LIVE_BIGINT, "user id; absent when no account has the name"},
	{"gid", PK_LIVE_BIGINT, "group id"},
	{"username", PK_LIVE_TEXT, "name of the user"},
	{"groupname", PK_LIVE_TEXT, "name of the group"},
	{"primary", PK_LIVE_INTEGER, "1: by /etc/passwd"},
	{0},
};

static int member_row(struct pk_live_out *out, const uint64_t *uid, uint64_t gid, struct pk_str user,
		      struct pk_str group, bool primary, struct pk_err *err)
{
	struct pk_json *j = live_row(out);

	if (uid)
		pk_json_kuint(j, "uid", *uid);
	pk_json_kuint(j, "gid", gid);
	live_kbytes(out, "username", user);
	live_kopt(out, "groupname", group);
	pk_json_kint(j, "primary", primary);
	return live_emit(out, err);
}

static int members_of(struct pk_live_out *out, const struct live_group *g, void *arg, struct pk_err *err)
{
	const struct live_accounts *a = arg;
	struct pk_str rest = g->members, name;

	while (rest.n && pk_str_split(&rest, ',', &name)) {
		const uint64_t *uid = NULL;

		if (!name.n)
			continue;
		for (size_t i = 0; i < a->n && !uid; i++)
			if (pk_str_eq(a->v[i].name, name))
				uid = &a->v[i].uid;
		if (member_row(out, uid, g->gid, name, g->name, false, err) < 0)
			return -1;
	}
	return 0;
}

static int member_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	PK_AUTO(live_accounts) a = {0};
	PK_AUTO(pk_buf) groups = {0};
	bool cut;

	if (live_accounts_read(ctx, out, &a, err) < 0)
		return -1;
	if (live_read_root(ctx, PK_STR("etc/group"), PK_LIVE_MAX_FILE, &groups, &cut) != 0)
		pk_buf_reset(&groups);
	for (size_t i = 0; i < a.n; i++)
		if (member_row(out, &a.v[i].uid, a.v[i].gid, a.v[i].name,
			       live_group_name(pk_buf_str(&groups), a.v[i].gid), true, err) < 0)
			return -1;
	return each_group(ctx, out, members_of, &a, err);
}

const struct pk_live_table live_user_groups = {
	.name = "user_groups",
	.doc = "who is in which group",
	.columns = member_columns,
	.rows = member_rows,
};

/* --- shadow ------------------------------------------------------------------------------------------------------ */

static const struct pk_live_column shadow_columns[] = {
	{"password_status", PK_LIVE_TEXT, "active, locked, empty (no password needed) or not_set"},
	{"hash_alg", PK_LIVE_TEXT, "crypt(3) method: 1 MD5, 5 SHA-256, 6 SHA-512, y yescrypt..."},
	{"last_change", PK_LIVE_BIGINT, "days since the epoch"},
	{"min", PK_LIVE_BIGINT, "days"},
	{"max", PK_LIVE_BIGINT, "days"},
	{"warning", PK_LIVE_BIGINT, "days"},
	{"inactive", PK_LIVE_BIGINT, "days"},
	{"expire", PK_LIVE_BIGINT, "days since the epoch"},
	{"username", PK_LIVE_TEXT, "name"},
	{0},
};

static void put_days(struct pk_json *j, const char *key, struct pk_str s)
{
	int64_t v;

	if (live_i64(s, &v))
		pk_json_kint(j, key, v);
}

static int shadow_rows(const struct pk_live_ctx *ctx, struct pk_live_out *out, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_str rest, line;

	if (!live_text_root(ctx, out, PK_STR("etc/shadow"), &b))
		return 0;
	rest = pk_buf_str(&b);
	while (rest.n && pk_str_line(&rest, &line)) {
		struct live_shadow s;
		struct pk_json *j;

		if (!live_parse_shadow(line, &s))
			continue;
		j = live_row(out);
		pk_json_kz(j, "password_status", live_password_status(s.password));
		live_kopt(out, "hash_alg", live_password_method(s.password));
		put_days(j, "last_change", s.last_change);
		put_days(j, "min", s.min);
		put_days(j, "max", s.max);
		put_days(j, "warning", s.warning);
		put_days(j, "inactive", s.inactive);
		put_days(j, "expire", s.expire);
		live_kbytes(out, "username", s.name);
		if (live_emit(out, err) < 0)
			return -1;
	}
	return 0;
}

const struct pk_live_table live_shadow = {
	.name = "shadow",
	.doc = "state and age of the passwords; never a hash",
	.columns = shadow_columns,
	.rows = shadow_rows,
};
