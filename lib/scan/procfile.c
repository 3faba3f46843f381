/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what a process has mapped from the file itself. */
#include "procfile.h"

#include <errno.h>
#include <fcntl.h>
#include <picket/limits.h>
#include <picket/mem.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROBE_STEP ((uint64_t)256 << 10)
#define PROBE_ZEROS ((uint64_t)2 << 30)
#define PROBE_DATA ((uint64_t)4 << 20)

void pk_procfile_close(struct pk_procfile *f)
{
	if (f->fd >= 0)
		close(f->fd);
	*f = (struct pk_procfile){.fd = -1};
}

void pk_procfile_open(struct pk_procfile *f, int dir, const struct pk_procmapping *m)
{
	pk_autoclose int what = -1;
	char name[64];
	struct stat st;

	pk_procfile_close(f);
	f->asked = true;
	f->start = m->start;
	(void)snprintf(name, sizeof(name), "map_files/%llx-%llx", (unsigned long long)m->start,
		       (unsigned long long)m->end);
	errno = 0;
	what = openat(dir, name, O_PATH | O_CLOEXEC);
	if (what >= 0 && fstat(what, &st) == 0 && S_ISREG(st.st_mode)) {
		/* the file that was looked at, whatever is mapped there by now */
		(void)snprintf(name, sizeof(name), "../self/fd/%d", what);
		f->fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	}
	f->denied = f->fd < 0 && (errno == EPERM || errno == EACCES);
}

static bool is_zeros(const uint8_t *p, size_t n) { return *p == 0 && memcmp(p, p + 1, n - 1) == 0; }

/* For files of huge pages, which do not tell their holes. Zeros without end are given out as bytes now and then: who
 * asks may not wait for long. */
static bool probe(struct pk_procfile *f, uint64_t off, uint64_t end)
{
	static uint8_t bytes[PROBE_STEP];
	uint64_t from = off;
	bool found = false;

	for (; off < end && (!found || off - f->data < PROBE_DATA); off += PROBE_STEP) {
		ssize_t n = pread(f->fd, bytes, (size_t)PK_MIN(end - off, PROBE_STEP), (off_t)off);
		bool zeros = n > 0 && is_zeros(bytes, (size_t)n) && off - from < PROBE_ZEROS;

		if (n == 0 || (zeros && found))
			break;
		/* what cannot be read is told when it is to be scanned */
		if (!zeros && !found)
			f->data = off;
		found |= !zeros;
		f->hole = off + PROBE_STEP;
	}
	return found;
}

static bool look(struct pk_procfile *f, uint64_t off, uint64_t end)
{
	off_t data = lseek(f->fd, (off_t)off, SEEK_DATA), hole;

	if (data < 0)
		return errno != ENXIO && probe(f, off, end);
	hole = lseek(f->fd, data, SEEK_HOLE);
	if (hole <= data)
		return probe(f, off, end);
	f->data = (uint64_t)data;
	f->hole = (uint64_t)hole;
	return f->data < end;
}

bool pk_procfile_data(struct pk_procfile *f, uint64_t off, uint64_t end)
{
	if (f->fd < 0 || (off >= f->bare && end <= f->bare_end))
		return false;
	if (off >= f->known && off < f->hole)
		return true;
	f->known = off;
	if (look(f, off, end))
		return true;
	f->known = f->hole = 0;
	f->bare = off;
	f->bare_end = end;
	return false;
}
