/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled rules as bytes: what the process that compiles hands on, and what the cache keeps. */
#include "compile.h"

static size_t write_bytes(const void *p, size_t size, size_t count, void *ctx)
{
	struct pk_buf *b = ctx;

	pk_buf_put(b, p, size * count);
	return b->oom ? 0 : count;
}

static size_t read_bytes(void *p, size_t size, size_t count, void *ctx)
{
	struct pk_cur *c = ctx;

	if (size == 0 || count > (c->n - c->at) / size)
		return 0;
	memcpy(p, c->p + c->at, size * count);
	c->at += size * count;
	return count;
}

static int put_rules(struct pk_buf *b, YR_RULES *rules, struct pk_err *err)
{
	YR_STREAM stream = {.user_data = b, .write = write_bytes};

	if (yr_rules_save_stream(rules, &stream) != ERROR_SUCCESS)
		return pk_fail_oom(err);
	return pk_buf_check(b, err);
}

static YR_RULES *get_rules(struct pk_cur *c, struct pk_err *err)
{
	YR_STREAM stream = {.user_data = c, .read = read_bytes};
	YR_RULES *rules = NULL;
	int code = yr_rules_load_stream(&stream, &rules);

	if (code == ERROR_SUCCESS)
		return rules;
	pk_fail(err, PK_EFORMAT, 0, "cannot load compiled rules: libyara error %d", code);
	return NULL;
}

int pk_compiled_put(struct pk_buf *b, const struct pk_compiled *c, unsigned cls, struct pk_err *err)
{
	const struct pk_subset *sub = &c->subset[cls];

	if (cls == 0) {
		pk_put_u64(b, c->source_count);
		for (size_t i = 0; i < c->source_count; i++)
			pk_put_u8(b, c->broken[i]);
		return put_rules(b, c->full, err);
	}
	pk_put_u32(b, sub->rules ? sub->rules->num_rules : 0);
	if (!sub->rules)
		return pk_buf_check(b, err);
	for (uint32_t i = 0; i < sub->rules->num_rules; i++) {
		pk_put_u32(b, sub->index[i]);
		pk_put_u8(b, sub->trigger[i]);
	}
	return put_rules(b, sub->rules, err);
}

static int get_full(struct pk_cur *in, struct pk_compiled *c, struct pk_err *err)
{
	uint64_t n = pk_rd_le64(in);
	struct pk_str flags;

	if (n > PK_MAX_RULE_FILES)
		return pk_fail(err, PK_EFORMAT, 0, "cannot load compiled rules: too many files");
	flags = pk_rd_bytes(in, (size_t)n);
	c->broken = calloc((size_t)n + 1, sizeof(*c->broken));
	if (!c->broken)
		return pk_fail_oom(err);
	for (size_t i = 0; i < flags.n; i++)
		c->broken[i] = flags.p[i] != 0;
	c->source_count = flags.n;
	c->full = get_rules(in, err);
	if (!c->full)
		return -1;
	c->atoms = pk_atoms_new(c->full);
	return 0;
}

int pk_compiled_get(struct pk_str bytes, unsigned cls, struct pk_compiled *c, struct pk_err *err)
{
	struct pk_cur in = pk_cur(bytes.p, bytes.n);
	struct pk_subset sub = {0};
	uint32_t n;

	if (cls == 0)
		return get_full(&in, c, err);
	n = pk_rd_le32(&in);
	if (in.bad || n > (in.n - in.at) / 5)
		return pk_fail(err, PK_EFORMAT, 0, "cannot load compiled rules: cut short");
	if (n == 0)
		return 0;
	sub.index = calloc((size_t)n, sizeof(*sub.index));
	sub.trigger = calloc((size_t)n, sizeof(*sub.trigger));
	for (uint32_t i = 0; i < n && sub.index && sub.trigger; i++) {
		sub.index[i] = pk_rd_le32(&in);
		sub.trigger[i] = pk_rd_u8(&in) != 0;
	}
	sub.rules = sub.index && sub.trigger ? get_rules(&in, err) : NULL;
	if (!sub.rules || sub.rules->num_rules != n) {
		free(sub.index);
		free(sub.trigger);
		return pk_fail(err, PK_EFORMAT, 0, "cannot load compiled rules: a part is not whole");
	}
	sub.atoms = pk_atoms_new(sub.rules);
	c->subset[cls] = sub;
	return 0;
}
