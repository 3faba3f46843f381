/* SPDX-License-Identifier: Apache-2.0 */
/* A set of byte strings as keyed hashes, open addressing. */
#include "seen.h"

#include <picket/secret.h>

#include <sodium.h>
#include <stdlib.h>

struct seen_slot {
	uint8_t hash[16];
	uint64_t value;
	bool used;
};

void seen_done(struct seen *s)
{
	free(s->slots);
	*s = (struct seen){0};
}

static void hash_of(const struct seen *s, struct pk_str bytes, uint8_t ret[16])
{
	crypto_generichash(ret, 16, (const uint8_t *)bytes.p, bytes.n, s->key, sizeof(s->key));
}

static struct seen_slot *find(struct seen_slot *slots, size_t cap, const uint8_t hash[16])
{
	size_t at;

	memcpy(&at, hash, sizeof(at));
	for (at &= cap - 1; slots[at].used && memcmp(slots[at].hash, hash, 16) != 0; at = (at + 1) & (cap - 1))
		;
	return &slots[at];
}

static int grow(struct seen *s, struct pk_err *err)
{
	size_t cap = s->cap ? s->cap * 2 : 1024;
	struct seen_slot *bigger = calloc(cap, sizeof(*bigger));

	if (!bigger)
		return pk_fail_oom(err);
	for (size_t i = 0; i < s->cap; i++)
		if (s->slots[i].used)
			*find(bigger, cap, s->slots[i].hash) = s->slots[i];
	free(s->slots);
	s->slots = bigger;
	s->cap = cap;
	return 0;
}

int seen_add(struct seen *s, struct pk_str bytes, uint64_t *value, bool *ret_new, struct pk_err *err)
{
	struct seen_slot *slot;
	uint8_t hash[16];

	if (!s->cap)
		pk_random(s->key, sizeof(s->key));
	if (s->n * 4 >= s->cap * 3 && grow(s, err) < 0)
		return -1;
	hash_of(s, bytes, hash);
	slot = find(s->slots, s->cap, hash);
	*ret_new = !slot->used;
	if (slot->used) {
		if (value)
			*value = slot->value;
		return 0;
	}
	memcpy(slot->hash, hash, sizeof(hash));
	slot->value = value ? *value : 0;
	slot->used = true;
	s->n++;
	return 0;
}

bool seen_get(const struct seen *s, struct pk_str bytes, uint64_t *ret_value)
{
	const struct seen_slot *slot;
	uint8_t hash[16];

	if (!s->cap)
		return false;
	hash_of(s, bytes, hash);
	slot = find(s->slots, s->cap, hash);
	if (slot->used)
		*ret_value = slot->value;
	return slot->used;
}

bool seen_has(const struct seen *s, struct pk_str bytes)
{
	uint64_t ignored;

	return seen_get(s, bytes, &ignored);
}
