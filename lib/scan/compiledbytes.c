/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled rules as bytes: what the process that compiles hands on, and what the cache keeps. */
#include "compile.h"

#include <stdlib.h>
#include <yara/arena.h>
#include <yara/compiler.h>

/* Our own form of an arena, and not libyara's, which allocates a note for each of half a million pointers when it loads
 * them: that took two thirds of a start. Such an arena cannot be saved again; nobody has to. */

/* A pointer is kept as what it points to. */
static bool put_target(struct pk_buf *b, YR_ARENA *arena, size_t at)
{
	YR_ARENA_REF ref;
	void *p = NULL;

	memcpy(&p, b->p + at, sizeof(p));
	if (!yr_arena_ptr_to_ref(arena, p, &ref))
		return false;
	memcpy(b->p + at, &ref, sizeof(ref));
	return true;
}

/* How far each pointer of a buffer is behind the one before it, or where the bytes begin: a byte, or 0 and a number. */
static bool put_places(struct pk_buf *b, const bool *is_place, size_t n)
{
	uint32_t count = 0, step = 0;
	size_t count_at = b->n;

	pk_put_u32(b, 0);
	for (size_t i = 0; i < n; i++, step++) {
		if (!is_place[i])
			continue;
		pk_put_u8(b, step < 256 ? (uint8_t)step : 0);
		if (step == 0 || step >= 256)
			pk_put_u32(b, step);
		step = 0;
		count++;
	}
	if (!b->oom)
		memcpy(b->p + count_at, &count, sizeof(count));
	return !b->oom;
}

/* Number of buffers; size and bytes of each; for each, number and places of its pointers. */
static int put_rules(struct pk_buf *b, YR_RULES *rules, struct pk_err *err)
{
	YR_ARENA *arena = rules->arena;
	size_t at[YR_MAX_ARENA_BUFFERS] = {0}, start = b->n;
	pk_autofree bool *is_place = NULL;

	pk_put_u32(b, arena->num_buffers);
	for (uint32_t i = 0; i < arena->num_buffers; i++) {
		pk_put_u32(b, (uint32_t)arena->buffers[i].used);
		at[i] = b->n;
		pk_buf_put(b, arena->buffers[i].data, arena->buffers[i].used);
	}
	is_place = calloc(b->n - start, sizeof(*is_place));
	if (b->oom || !is_place)
		return pk_fail_oom(err);
	for (const YR_RELOC *r = arena->reloc_list_head; r; r = r->next) {
		if (!put_target(b, arena, at[r->buffer_id] + r->offset))
			return pk_fail(err, PK_EINTERNAL, 0, "compiled rules point to somewhere else");
		is_place[at[r->buffer_id] + r->offset - start] = true;
	}
	for (uint32_t i = 0; i < arena->num_buffers; i++)
		if (!put_places(b, is_place + at[i] - start, arena->buffers[i].used))
			return pk_fail_oom(err);
	return 0;
}

/* False: they are damaged, c->bad, or there is no memory. */
static bool get_buffers(struct pk_cur *c, YR_ARENA *arena)
{
	for (uint32_t i = 0; i < arena->num_buffers; i++) {
		uint32_t n = pk_rd_le32(c);
		struct pk_str bytes = pk_rd_bytes(c, n);

		/* exactly so many: it would take the next power of two */
		arena->initial_buffer_size = n;
		if (c->bad || (n > 0 && yr_arena_write_data(arena, i, bytes.p, n, NULL) != ERROR_SUCCESS))
			return false;
	}
	c->bad = arena->buffers[YR_SUMMARY_SECTION].used < sizeof(YR_SUMMARY);
	return !c->bad;
}

/* Where a reference leads, if there are n bytes; else NULL. */
static uint8_t *target(YR_ARENA *arena, const YR_ARENA_REF *ref, size_t n)
{
	YR_ARENA_BUFFER *b = ref->buffer_id < arena->num_buffers ? &arena->buffers[ref->buffer_id] : NULL;

	return b && ref->offset <= b->used && n <= b->used - ref->offset ? b->data + ref->offset : NULL;
}

static bool get_pointers(struct pk_cur *c, YR_ARENA *arena)
{
	for (uint32_t i = 0; i < arena->num_buffers; i++) {
		YR_ARENA_REF at = {.buffer_id = i};

		for (uint32_t n = pk_rd_le32(c); n > 0 && !c->bad; n--) {
			uint8_t step = pk_rd_u8(c), *place = NULL, *to = NULL;
			YR_ARENA_REF ref = {0};

			at.offset += step ? step : pk_rd_le32(c);
			place = target(arena, &at, sizeof(place));
			if (place) {
				memcpy(&ref, place, sizeof(ref));
				to = target(arena, &ref, 0);
				memcpy(place, &to, sizeof(to));
			}
			c->bad = c->bad || !place || (!to && !YR_ARENA_IS_NULL_REF(ref));
		}
	}
	return !c->bad;
}

static YR_RULES *get_rules(struct pk_cur *c, struct pk_err *err)
{
	YR_ARENA *arena = NULL;
	YR_RULES *rules = NULL;

	c->bad = pk_rd_le32(c) != YR_NUM_SECTIONS || c->bad;
	if (!c->bad && (yr_arena_create(YR_NUM_SECTIONS, 0, &arena) != ERROR_SUCCESS || !get_buffers(c, arena) ||
			!get_pointers(c, arena) || yr_rules_from_arena(arena, &rules) != ERROR_SUCCESS))
		rules = NULL;
	if (arena)
		yr_arena_release(arena);
	if (c->bad)
		pk_fail(err, PK_EFORMAT, 0, "cannot load compiled rules: they are damaged");
	else if (!rules)
		pk_fail_oom(err);
	return rules;
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
