/* SPDX-License-Identifier: Apache-2.0 */
/* Scope clean-up and growing arrays. */
#include <picket/mem.h>

#include <stdlib.h>
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
