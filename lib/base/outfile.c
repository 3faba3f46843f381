/* SPDX-License-Identifier: Apache-2.0 */
/* Output files that appear complete or not at all. */
#include <picket/io.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int in_place(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

/* A folder's descriptor for fsync; the folder of "a" is ".". */
static int open_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	pk_autofree char *dir = NULL;

	if (!slash)
		return open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = pk_str_dup(pk_str_n(path, slash == path ? 1 : (size_t)(slash - path)));
	return dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
}

int pk_outfile_open(struct pk_outfile *o, const char *path, int flags, struct pk_err *err)
{
	mode_t mode = flags & PK_OUT_PUBLIC ? 0644 : 0600;

	*o = (struct pk_outfile){.fd = -1, .flags = flags};
	if (!path || strcmp(path, "-") == 0) {
		o->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
		if (o->fd < 0)
			return pk_fail(err, PK_ESYS, errno, "cannot use standard output");
		return 0;
	}
	if (!(o->path = pk_str_dup(pk_str(path))))
		return pk_fail_oom(err);
	if (in_place(path)) {
		o->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		if (o->fd < 0)
			return pk_fail(err, PK_ESYS, errno, "cannot write to '%s'", path);
		return 0;
	}
	if (flags & PK_OUT_EXCL && access(path, F_OK) == 0)
		return pk_fail(err, PK_EUSAGE, 0, "'%s' exists already and is never overwritten", path);
	for (int try = 0; try < 16; try++) {
		PK_AUTO(pk_buf) name = {0};
		uint64_t rnd;

		if (pk_seed(&rnd, sizeof(rnd), err) < 0)
			return -1;
		pk_buf_putf(&name, "%s.%016llx.part", path, (unsigned long long)rnd);
		free(o->tmp);
		if (!(o->tmp = pk_buf_take(&name)))
			return pk_fail_oom(err);
		pk_unfinished_add(o->tmp); /* a name that nobody else has */
		o->fd = open(o->tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
		if (o->fd >= 0)
			return 0;
		pk_unfinished_drop(o->tmp); /* leaves errno alone */
		if (errno != EEXIST)
			break;
	}
	int saved = errno;

	free(o->tmp);
	o->tmp = NULL;
	return pk_fail(err, PK_ESYS, saved, "cannot create '%s'", path);
}

static const char *name_of(const struct pk_outfile *o) { return o->path ? o->path : "standard output"; }

int pk_outfile_write(struct pk_outfile *o, const void *p, size_t n, struct pk_err *err)
{
	if (pk_write_full(o->fd, p, n, err) < 0)
		return pk_wrap(err, "'%s'", name_of(o));
	o->size += n;
	return 0;
}

static int sink_write(void *ctx, const void *p, size_t n, struct pk_err *err)
{
	return pk_outfile_write(ctx, p, n, err);
}

struct pk_sink pk_outfile_sink(struct pk_outfile *o) { return (struct pk_sink){sink_write, o}; }

/* What is written next is behind all that is there: false for a pipe, a terminal, ">>", or a file that has more. */
static bool at_end_of_file(int fd, off_t *ret)
{
	struct stat st;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || flags & O_APPEND || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	*ret = lseek(fd, 0, SEEK_CUR);
	return *ret >= 0 && *ret == st.st_size;
}

int pk_outfile_hole(struct pk_outfile *o, uint64_t n, struct pk_err *err)
{
	static const char zeros[1 << 16];
	off_t at = 0;

	if (at_end_of_file(o->fd, &at)) {
		if (n > (uint64_t)(INT64_MAX - at))
			return pk_fail(err, PK_ESYS, EFBIG, "cannot write '%s'", name_of(o));
		if (ftruncate(o->fd, at + (off_t)n) < 0 || lseek(o->fd, (off_t)n, SEEK_CUR) < 0)
			return pk_fail(err, PK_ESYS, errno, "cannot write '%s'", name_of(o));
		o->size += n;
		return 0;
	}
	while (n) {
		size_t k = (size_t)PK_MIN(n, (uint64_t)sizeof(zeros));

		if (pk_outfile_write(o, zeros, k, err) < 0)
			return -1;
		n -= k;
	}
	return 0;
}

static int sink_hole(void *ctx, uint64_t n, struct pk_err *err) { return pk_outfile_hole(ctx, n, err); }

struct pk_filesink pk_outfile_filesink(struct pk_outfile *o)
{
	return (struct pk_filesink){pk_outfile_sink(o), sink_hole};
}

int pk_outfile_commit(struct pk_outfile *o, struct pk_err *err)
{
	pk_autoclose int dir = -1;

	if (!o->tmp) { /* written in place: pipes and terminals cannot be synced */
		if (fsync(o->fd) < 0 && errno != EINVAL && errno != EROFS && errno != ENOTSUP)
			return pk_fail(err, PK_ESYS, errno, "cannot write '%s'", name_of(o));
	} else {
		if (fsync(o->fd) < 0)
			return pk_fail(err, PK_ESYS, errno, "cannot write '%s'", o->path);
		if (o->flags & PK_OUT_EXCL) {
			/* RENAME_NOREPLACE works on FAT too, link() does not */
			if (renameat2(AT_FDCWD, o->tmp, AT_FDCWD, o->path, RENAME_NOREPLACE) < 0) {
				if (errno == EEXIST)
					return pk_fail(err, PK_EUSAGE, 0,
						       "'%s' exists already and is never overwritten", o->path);
				if (errno != EINVAL && errno != ENOSYS)
					return pk_fail(err, PK_ESYS, errno, "cannot create '%s'", o->path);
				if (link(o->tmp, o->path) < 0)
					return pk_fail(err, errno == EEXIST ? PK_EUSAGE : PK_ESYS, errno,
						       "cannot create '%s'", o->path);
				unlink(o->tmp);
			}
		} else if (rename(o->tmp, o->path) < 0) {
			return pk_fail(err, PK_ESYS, errno, "cannot create '%s'", o->path);
		}
		pk_unfinished_drop(o->tmp);
		free(o->tmp);
		o->tmp = NULL;
		dir = open_parent(o->path);
		if (dir >= 0)
			(void)fsync(dir); /* not every file system can; the rename itself is done */
	}
	if (close(pk_steal_fd(&o->fd)) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot write '%s'", name_of(o));
	return 0;
}

void pk_outfile_done(struct pk_outfile *o)
{
	if (o->fd >= 0)
		close(o->fd);
	if (o->tmp) {
		unlink(o->tmp);
		pk_unfinished_drop(o->tmp);
	}
	free(o->tmp);
	free(o->path);
	*o = (struct pk_outfile){.fd = -1};
}

int pk_write_path(const char *path, int flags, struct pk_str data, struct pk_err *err)
{
	PK_AUTO(pk_outfile) o = PK_OUTFILE_INIT;

	if (pk_outfile_open(&o, path, flags, err) < 0 || pk_outfile_write(&o, data.p, data.n, err) < 0)
		return -1;
	return pk_outfile_commit(&o, err);
}

int pk_make_parents(const char *path, struct pk_err *err)
{
	pk_autofree char *dir = pk_str_dup(pk_str(path));

	if (!dir)
		return pk_fail_oom(err);
	for (char *slash = strchr(dir + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (mkdir(dir, 0700) < 0 && errno != EEXIST)
			return pk_fail(err, PK_ESYS, errno, "cannot make the folder '%s'", dir);
		*slash = '/';
	}
	return 0;
}
