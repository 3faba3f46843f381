/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the zygote's report on the compiled rules. The zygote parsed hostile rules, so its report is hostile. */
#include "scan-internal.h"

#include <yara.h>

/* Any list of this many entries needs at least this many bytes each: checked before memory is taken. */
static bool plausible(const struct pk_cur *c, uint64_t count, size_t least)
{
	return !c->bad && count <= (c->n - c->at) / least;
}

static int bad(struct pk_err *err)
{
	if (pk_memory_ran_out())
		return pk_fail_oom(err);
	return pk_fail(err, PK_EFORMAT, 0, "the rules' compiler gave a malformed answer");
}

static char *read_text(struct pk_arena *a, struct pk_cur *c)
{
	struct pk_str s = pk_rd_counted(c);

	return c->bad || memchr(s.p, '\0', s.n) ? NULL : pk_arena_dup(a, s.p, s.n);
}

/* Identifiers end up in JSON and on terminals as they are. */
static char *read_name(struct pk_arena *a, struct pk_cur *c, bool is_string)
{
	struct pk_str s = pk_rd_counted(c);

	if (c->bad || s.n == 0 || s.n > 256)
		return NULL;
	for (size_t i = 0; i < s.n; i++) {
		char x = s.p[i];

		if (!(x >= 'a' && x <= 'z') && !(x >= 'A' && x <= 'Z') && !(x >= '0' && x <= '9') && x != '_' &&
		    !(is_string && i == 0 && x == '$'))
			return NULL;
	}
	return pk_arena_dup(a, s.p, s.n);
}

static bool read_names(struct pk_arena *a, struct pk_cur *c, char ***ret, size_t *ret_count, bool are_strings)
{
	uint32_t n = pk_rd_le32(c);

	if (!plausible(c, n, 5))
		return false;
	*ret = pk_arena_take(a, n, sizeof(**ret));
	if (!*ret)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		(*ret)[i] = read_name(a, c, are_strings);
		if (!(*ret)[i])
			return false;
		*ret_count = (size_t)i + 1;
	}
	return true;
}

static bool read_metas(struct pk_arena *a, struct pk_cur *c, struct pk_rule_info *r)
{
	uint32_t n = pk_rd_le32(c);

	if (!plausible(c, n, 17))
		return false;
	r->metas = pk_arena_take(a, n, sizeof(*r->metas));
	if (!r->metas)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		struct pk_rule_meta *m = &r->metas[i];
		uint8_t type;

		r->meta_count = (size_t)i + 1;
		m->key = read_name(a, c, false);
		type = pk_rd_u8(c);
		m->number = (int64_t)pk_rd_le64(c);
		m->text = read_text(a, c);
		if (!m->key || !m->text || strlen(m->text) > PK_MAX_META_TEXT)
			return false;
		if (type == META_TYPE_INTEGER)
			m->type = PK_META_INT;
		else if (type == META_TYPE_BOOLEAN)
			m->type = PK_META_BOOL;
		else if (type == META_TYPE_STRING)
			m->type = PK_META_TEXT;
		else
			return false;
	}
	return true;
}

/* Indicators are rules here (iocyara.c); people know them by their kind: "picket_ioc_domain_12" is "ioc:domain". */
static void rename_indicator(char *name)
{
	static const struct pk_str prefix = {"picket_ioc_", 11};
	struct pk_str s = pk_str(name);
	size_t end;

	if (!pk_str_starts(s, prefix))
		return;
	s = pk_str_n(s.p + prefix.n, s.n - prefix.n);
	end = pk_str_find(s, '_');
	memmove(name + 4, s.p, end);
	memcpy(name, "ioc:", 4);
	name[4 + end] = '\0';
}

static bool read_rule(struct pk_arena *a, struct pk_cur *c, struct pk_rule_info *r)
{
	uint8_t flags;

	r->ns = read_text(a, c);
	r->name = read_name(a, c, false);
	if (r->name)
		rename_indicator(r->name);
	flags = pk_rd_u8(c);
	r->is_private = (flags & 1) != 0;
	r->is_global = (flags & 2) != 0;
	return r->ns && r->name && flags <= 3 && read_names(a, c, &r->tags, &r->tag_count, false) &&
	       read_metas(a, c, r) && read_names(a, c, &r->strings, &r->string_count, true);
}

static bool read_problem(struct pk_arena *a, struct pk_cur *c, struct pk_rule_problem *p)
{
	uint8_t kind;

	p->name = read_text(a, c);
	p->line = pk_rd_le64(c);
	p->text = read_text(a, c);
	kind = pk_rd_u8(c);
	p->is_warning = kind == PK_PROBLEM_WARNING;
	p->is_rule = kind == PK_PROBLEM_RULE;
	return p->name && p->text && kind < PK_PROBLEMS;
}

int pk_scan_report_parse(struct pk_str bytes, struct pk_ruleset *ret, struct pk_err *err)
{
	PK_AUTO(pk_ruleset) set = {0};
	struct pk_cur c = pk_cur(bytes.p, bytes.n);
	uint32_t n;

	set.sandbox_level = pk_rd_le32(&c);
	set.source_count = pk_rd_le32(&c);
	set.broken_count = pk_rd_le32(&c);
	set.refused_count = pk_rd_le32(&c);
	n = pk_rd_le32(&c);
	if (!plausible(&c, n, 17))
		return bad(err);
	set.problems = pk_arena_take(&set.store, n, sizeof(*set.problems));
	if (!set.problems)
		return pk_fail_oom(err);
	for (uint32_t i = 0; i < n; i++) {
		set.problem_count = (size_t)i + 1;
		if (!read_problem(&set.store, &c, &set.problems[i]))
			return bad(err);
	}
	n = pk_rd_le32(&c);
	if (!plausible(&c, n, 21) || n > PK_MAX_RULE_COUNT)
		return bad(err);
	set.rules = pk_arena_take(&set.store, n, sizeof(*set.rules));
	if (!set.rules)
		return pk_fail_oom(err);
	for (uint32_t i = 0; i < n; i++) {
		set.rule_count = (size_t)i + 1;
		if (!read_rule(&set.store, &c, &set.rules[i]))
			return bad(err);
	}
	if (c.bad || c.at != c.n)
		return bad(err);
	*ret = set;
	set = (struct pk_ruleset){0};
	return 0;
}
