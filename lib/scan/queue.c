/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps the items that a pool was given until their answers are fetched. */
#include "queue.h"
#include "compile.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

void pk_scanlist_append(struct pk_scanlist *l, struct pk_scanjob *j)
{
	j->next = NULL;
	j->prev = l->last;
	*(l->last ? &l->last->next : &l->first) = j;
	l->last = j;
	l->n++;
}

void pk_scanlist_prepend(struct pk_scanlist *l, struct pk_scanjob *j)
{
	j->prev = NULL;
	j->next = l->first;
	*(l->first ? &l->first->prev : &l->last) = j;
	l->first = j;
	l->n++;
}

void pk_scanlist_remove(struct pk_scanlist *l, struct pk_scanjob *j)
{
	*(j->prev ? &j->prev->next : &l->first) = j->next;
	*(j->next ? &j->next->prev : &l->last) = j->prev;
	j->prev = j->next = NULL;
	l->n--;
}

static size_t bucket(uint64_t id) { return (size_t)((id * 0x9e3779b97f4a7c15u) >> 54); }

/* The texts in the order of the wire. */
struct pk_str *pk_scan_external_text(struct pk_scan_externals *e, size_t i)
{
	struct pk_str *const all[] = {&e->filename, &e->filepath,      &e->extension,    &e->filetype,
				      &e->owner,    &e->group,         &e->permissions,  &e->timezone,
				      &e->language, &e->unpack_parent, &e->unpack_source};

	_Static_assert(PK_LEN(all) == PK_SCAN_TEXTS, "as many as there are variables");
	return i < PK_LEN(all) ? all[i] : NULL;
}

static bool copy_names(struct pk_scanjob *j)
{
	size_t total = 0, at = 0;

	for (size_t i = 0; pk_scan_external_text(&j->item.ext, i); i++)
		total += pk_scan_external_text(&j->item.ext, i)->n;
	j->names = malloc(total + 1);
	for (size_t i = 0; j->names && pk_scan_external_text(&j->item.ext, i); i++) {
		struct pk_str *s = pk_scan_external_text(&j->item.ext, i);

		if (s->n > 0)
			memcpy(j->names + at, s->p, s->n);
		s->p = j->names + at;
		at += s->n;
	}
	return j->names != NULL;
}

int pk_scanjobs_add(struct pk_scanjobs *t, const struct pk_scan_item *item, struct pk_scanjob **ret, struct pk_err *err)
{
	struct pk_scanjob *j = calloc(1, sizeof(*j));

	if (!j)
		return pk_fail_oom(err);
	*j = (struct pk_scanjob){.id = item->id, .seq = t->next_seq++, .item = *item, .fd = -1};
	if (!copy_names(j)) {
		free(j);
		return pk_fail_oom(err);
	}
	if (item->fd >= 0) {
		j->fd = fcntl(item->fd, F_DUPFD_CLOEXEC, 3);
		if (j->fd < 0) {
			int why = errno;

			free(j->names);
			free(j);
			return pk_fail(err, PK_ESYS, why, "cannot duplicate a descriptor for the scanner");
		}
	}
	j->chain = t->bucket[bucket(j->id)];
	t->bucket[bucket(j->id)] = j;
	*ret = j;
	return 0;
}

struct pk_scanjob *pk_scanjobs_find(const struct pk_scanjobs *t, uint64_t id)
{
	struct pk_scanjob *j = t->bucket[bucket(id)];

	while (j && j->id != id)
		j = j->chain;
	return j;
}

struct pk_scan_result *pk_scanjobs_drop(struct pk_scanjobs *t, struct pk_scanjob *j)
{
	struct pk_scanjob **at = &t->bucket[bucket(j->id)];
	struct pk_scan_result *r = j->result;

	while (*at != j)
		at = &(*at)->chain;
	*at = j->chain;
	if (j->fd >= 0)
		close(j->fd);
	free(j->names);
	free(j);
	return r;
}

size_t pk_scanjob_put_size(const struct pk_scanjob *j)
{
	struct pk_scan_externals e = j->item.ext;
	size_t n = 25 + 4 * PK_SCAN_TEXTS + 8 * (PK_SCAN_EXTERNALS - PK_SCAN_TEXTS);

	for (size_t i = 0; pk_scan_external_text(&e, i); i++)
		n += pk_scan_external_text(&e, i)->n;
	return n;
}

void pk_scanjob_put(struct pk_buf *b, const struct pk_scanjob *j)
{
	struct pk_scan_externals e = j->item.ext;
	uint64_t bits;
	double age;

	pk_put_u64(b, j->seq);
	pk_put_u8(b, j->item.memory ? PK_SCAN_BY_READER : j->fd >= 0 ? PK_SCAN_BY_FD : PK_SCAN_BY_SLOTS);
	pk_put_u64(b, j->item.offset);
	pk_put_u64(b, j->item.length);
	for (size_t i = 0; pk_scan_external_text(&e, i); i++)
		pk_put_bytes(b, *pk_scan_external_text(&e, i));
	pk_put_u64(b, e.filemode);
	pk_put_u64(b, e.osversion);
	age = e.has_age ? e.age : (double)NAN;
	memcpy(&bits, &age, sizeof(bits));
	pk_put_u64(b, bits);
}
