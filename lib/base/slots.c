/* SPDX-License-Identifier: Apache-2.0 */
/* Slots of memory shared with children that may only look. */
#include <picket/limits.h>
#include <picket/slots.h>

#include <errno.h>
#include <sys/mman.h>

int pk_slots_init(struct pk_slots *s, size_t count, struct pk_err *err)
{
	size_t bytes;
	void *p;

	*s = (struct pk_slots){0};
	if (count == 0 || !pk_size_mul(count, PK_SLOT_BYTES, &bytes))
		return pk_fail(err, PK_EINTERNAL, 0, "cannot have %zu slots", count);
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return pk_fail(err, PK_ESYS, errno, "cannot map %zu MiB of shared memory", bytes >> 20);
	/* evidence must not reach a core dump */
	(void)madvise(p, bytes, MADV_DONTDUMP);
	*s = (struct pk_slots){p, count};
	return 0;
}

void pk_slots_done(struct pk_slots *s)
{
	if (s->base)
		munmap(s->base, s->count * PK_SLOT_BYTES);
	*s = (struct pk_slots){0};
}

int pk_slots_readonly(struct pk_slots *s, struct pk_err *err)
{
	if (mprotect(s->base, s->count * PK_SLOT_BYTES, PROT_READ) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot make the shared memory read-only");
	return 0;
}
