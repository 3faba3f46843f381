/* SPDX-License-Identifier: Apache-2.0 */
/** Memory, attributes and checked sizes.
 *
 * Clean-up is by scope: `pk_autofree char *p = NULL;`, `pk_autoclose int fd = -1;`, `PK_AUTO(pk_buf) b = {0};`
 * (any module's `pk_X_done(struct pk_X *)`), handed over with pk_steal(&p). */
#ifndef PICKET_MEM_H
#define PICKET_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PK_NODISCARD __attribute__((warn_unused_result))
#define PK_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define PK_UNUSED __attribute__((unused))
#define PK_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define PK_MIN(a, b) ((a) < (b) ? (a) : (b))
#define PK_MAX(a, b) ((a) > (b) ? (a) : (b))

void pk_cleanup_free(void *pp);
void pk_cleanup_close(int *fd);
#define pk_autofree __attribute__((cleanup(pk_cleanup_free)))
#define pk_autoclose __attribute__((cleanup(pk_cleanup_close)))
/** A struct in this scope, released by its module's done function at the scope's end. */
#define PK_AUTO(type) __attribute__((cleanup(type##_done))) struct type
/** A heap object in this scope, released by its module's free function: `PK_AUTOPTR(pk_seal) s = NULL;`
 * needs PK_DEFINE_AUTOPTR(pk_seal) in the module's header. */
#define PK_DEFINE_AUTOPTR(type) \
	static inline void type##_cleanup_ptr(struct type **pp) { type##_free(*pp); }
#define PK_AUTOPTR(type) __attribute__((cleanup(type##_cleanup_ptr))) struct type *

/** Takes the pointer out of *pp and leaves NULL, so that the scope's clean-up does nothing. */
#define pk_steal(pp) \
	({ \
		__auto_type pk_steal_v = *(pp); \
		*(pp) = NULL; \
		pk_steal_v; \
	})
static inline int pk_steal_fd(int *fd)
{
	int v = *fd;

	*fd = -1;
	return v;
}

/** Whether an allocation has failed in this process. Who is about to say that an input is bad asks first: without
 * memory a good one may look bad, and evidence must not be called altered for that. */
bool pk_memory_ran_out(void);
void pk_memory_note_failure(void);

/** Sizes from outside: true and *ret set when a+b (a*b) fits. */
static inline PK_NODISCARD bool pk_size_add(size_t a, size_t b, size_t *ret)
{
	return !__builtin_add_overflow(a, b, ret);
}
static inline PK_NODISCARD bool pk_size_mul(size_t a, size_t b, size_t *ret)
{
	return !__builtin_mul_overflow(a, b, ret);
}
static inline PK_NODISCARD bool pk_u64_add(uint64_t a, uint64_t b, uint64_t *ret)
{
	return !__builtin_add_overflow(a, b, ret);
}

/** Grows *array (elements of `size` bytes, *cap of them allocated) so that it holds at least `need`.
 * False when memory is out; the array is then as it was. */
PK_NODISCARD bool pk_grow(void *array_pp, size_t *cap, size_t need, size_t size);

/** Memory for many small objects that go together, all at once. Zero-initialise. */
struct pk_arena {
	struct pk_arenablock *last;
	size_t used; /* bytes of the last block */
};
/** `count` zeroed elements of `size` bytes, aligned for any of them; never NULL for want of elements. NULL: memory is
 * out. */
void *pk_arena_take(struct pk_arena *arena, size_t count, size_t size);
/** A copy of n bytes with a NUL behind them. */
char *pk_arena_dup(struct pk_arena *arena, const char *p, size_t n);
void pk_arena_done(struct pk_arena *arena);

#endif
