/* SPDX-License-Identifier: Apache-2.0 */
/* Which names were seen, in 16 bytes a name. */
#include "nameset.h"

#include <picket/hash.h>
#include <picket/secret.h>

uint64_t pk_nameset_hash(struct pk_nameset *s, struct pk_str name)
{
	static const uint8_t none[16];
	struct pk_sha256 h;
	uint8_t sum[32];
	uint64_t v = 0;

	if (memcmp(s->key, none, 16) == 0)
		pk_random(s->key, sizeof(s->key));
	pk_sha256_init(&h);
	pk_sha256_put(&h, s->key, sizeof(s->key));
	pk_sha256_put(&h, name.p, name.n);
	pk_sha256_end(&h, sum);
	memcpy(&v, sum, sizeof(v));
	return v ? v : 1;
}

static bool insert(uint64_t *slot, size_t cap, uint64_t hash)
{
	size_t i = (size_t)hash & (cap - 1);

	while (slot[i] && slot[i] != hash)
		i = (i + 1) & (cap - 1);
	if (slot[i])
		return false;
	slot[i] = hash;
	return true;
}

int pk_nameset_add(struct pk_nameset *s, uint64_t hash, bool *ret_new, struct pk_err *err)
{
	if (s->n * 4 >= s->cap * 3) {
		size_t cap = s->cap ? s->cap * 2 : 1024;
		uint64_t *slot = calloc(cap, sizeof(*slot));

		if (!slot)
			return pk_fail_oom(err);
		for (size_t i = 0; i < s->cap; i++)
			if (s->slot[i])
				insert(slot, cap, s->slot[i]);
		free(s->slot);
		s->slot = slot;
		s->cap = cap;
	}
	*ret_new = insert(s->slot, s->cap, hash);
	s->n += *ret_new;
	return 0;
}

void pk_nameset_done(struct pk_nameset *s)
{
	free(s->slot);
	*s = (struct pk_nameset){0};
}
