/* SPDX-License-Identifier: Apache-2.0 */
/* Scope clean-up, growing arrays, arenas. */
#include <picket/mem.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <errno.h>

static _Atomic bool ran_out;

bool pk_memory_ran_out(void) { return ran_out; }

void pk_memory_note_failure(void) { ran_out = true; }

void pk_cleanup_free(void *pp) { free(*(void **)pp); }

void pk_cleanup_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

bool pk_grow(void *array_pp, size_t *cap, size_t need, size_t size)
{
	void **pp = array_pp;
	size_t want = *cap ? *cap : 8, bytes;
	void *p;

	if (need <= *cap)
		return true;
	while (want < need)
		if (!pk_size_mul(want, 2, &want))
			return false;
	if (!pk_size_mul(want, size, &bytes))
		return false;
	p = realloc(*pp, bytes);
	if (!p) {
		pk_memory_note_failure();
		return false;
	}
	*pp = p;
	*cap = want;
	return true;
}

/* --- arenas ----------------------------------------------------------------------------------------------- */

#define BLOCK_BYTES (64u << 10) /* of a block, unless one object is larger */

struct pk_arenablock {
	struct pk_arenablock *before;
	size_t size;
	_Alignas(max_align_t) char bytes[];
};

static bool add_block(struct pk_arena *a, size_t least)
{
	struct pk_arenablock *b = NULL;
	size_t size = PK_MAX(least, (size_t)BLOCK_BYTES - sizeof(*b)), bytes;

	if (pk_size_add(size, sizeof(*b), &bytes))
		b = calloc(1, bytes);
	if (!b) {
		pk_memory_note_failure();
		return false;
	}
	b->before = a->last;
	b->size = size;
	a->last = b;
	a->used = 0;
	return true;
}

void *pk_arena_take(struct pk_arena *a, size_t count, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	size_t n;
	void *p = NULL;

	if (!pk_size_mul(count, size, &n) || !pk_size_add(n, align, &n))
		return NULL;
	n = PK_MAX((n - 1) / align * align, align);
	if ((!a->last || n > a->last->size - a->used) && !add_block(a, n))
		return NULL;
	p = a->last->bytes + a->used;
	a->used += n;
	return p;
}

char *pk_arena_dup(struct pk_arena *a, const char *p, size_t n)
{
	char *copy = pk_arena_take(a, n + 1, 1);

	return copy ? memcpy(copy, p, n) : NULL;
}

void pk_arena_done(struct pk_arena *a)
{
	while (a->last) {
		struct pk_arenablock *b = a->last;

		a->last = b->before;
		free(b);
	}
	a->used = 0;
}
