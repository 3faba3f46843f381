/* SPDX-License-Identifier: Apache-2.0 */
/* The one walk over every path of the local file systems: by descriptors, in bounded memory, at any depth. */
#include <picket/walk.h>
#include "listing.h"
#include "quiet_open.h"
#include "snap_priv.h"

#include <picket/limits.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_OPEN 60
#define DEFAULT_MEMORY ((size_t)16 << 20)

/* A folder being read. */
struct frame {
	struct listing names;
	size_t path_n; /* its path is the first path_n bytes of the walker's */
	uint64_t dev, ino, mnt_id;
	int fd; /* -1 while too many are open */
	bool told_too_long;
};
struct walker {
	const struct pk_root *root;
	const struct pk_mounts *mounts;
	const struct pk_walk_opts *opts;
	int (*entry)(void *ctx, const struct pk_walk_entry *e, struct pk_err *err);
	void *ctx;
	struct frame *v;
	size_t n, cap;
	size_t open_from; /* the outermost frame with an open descriptor */
	size_t memory, max_memory;
	struct pk_buf path; /* "" for "/", so that "/name" can be appended */
	struct pk_snap snap;
	struct {
		uint64_t dev, ino;
	} * tops; /* folders entered at a mount point */
	size_t tops_n, tops_cap;
};

static void frame_done(struct walker *w, struct frame *f)
{
	w->memory -= PK_MIN(w->memory, listing_memory(&f->names));
	listing_done(&f->names);
	pk_cleanup_close(&f->fd);
	f->fd = -1;
}

static void walker_done(struct walker *w)
{
	while (w->n)
		frame_done(w, &w->v[--w->n]);
	free(w->v);
	free(w->tops);
	pk_buf_done(&w->path);
	pk_snap_done(&w->snap);
}

static struct frame *top(struct walker *w) { return &w->v[w->n - 1]; }

static void cut_path(struct walker *w, size_t n)
{
	w->path.n = n;
	w->path.p[n] = 0;
}

static struct pk_str path_now(const struct walker *w) { return w->path.n ? pk_buf_str(&w->path) : PK_STR("/"); }

enum told { UNKNOWN, DESCRIBED, AGAIN };

static int tell(struct walker *w, int dirfd, const char *name, enum pk_outcome o, const char *why, enum told what,
		const struct pk_mount *m, struct pk_err *err)
{
	const struct pk_walk_entry e = {.path = path_now(w),
					.snap = what == DESCRIBED ? &w->snap : NULL,
					.again = what == AGAIN,
					.outcome = o,
					.why = why,
					.dirfd = dirfd,
					.name = name,
					.mount = m};

	return w->entry(w->ctx, &e, err) < 0 ? -1 : 0;
}

/* Something is wrong with the folder whose path is the current one. */
static int tell_folder(struct walker *w, int sys, const char *why, struct pk_err *err)
{
	struct pk_err e = {.kind = PK_ESYS, .sys = sys};

	return tell(w, -1, "", sys ? pk_outcome_of(&e) : PK_FAILED, why ? why : strerror(sys), AGAIN, NULL, err);
}

/* --- going down and up ----------------------------------------------------------------------------- */

static void save_descriptors(struct walker *w)
{
	while (w->n - w->open_from > MAX_OPEN) {
		struct frame *f = &w->v[w->open_from++];

		pk_cleanup_close(&f->fd);
		f->fd = -1;
	}
}

static void save_memory(struct walker *w)
{
	for (size_t i = 0; i + 1 < w->n && w->memory > w->max_memory; i++) {
		struct frame *f = &w->v[i];

		w->memory -= PK_MIN(w->memory, listing_memory(&f->names));
		listing_drop(&f->names);
	}
}

/* Takes over fd. */
static int push(struct walker *w, int fd, const struct pk_snap *s, struct pk_err *err)
{
	struct frame *f;

	if (!pk_grow(&w->v, &w->cap, w->n + 1, sizeof(*w->v))) {
		close(fd);
		return pk_fail_oom(err);
	}
	f = &w->v[w->n++];
	*f = (struct frame){.fd = fd,
			    .path_n = w->path.n,
			    .dev = s->dev,
			    .ino = s->ino,
			    .mnt_id = s->mnt_id,
			    .names = {.budget = w->max_memory / 4}};
	save_descriptors(w);
	return 0;
}

static bool is_same(const struct frame *f, int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_dev == f->dev && st.st_ino == f->ino;
}

/* The folder above is to be read on, and its descriptor was closed: back by "..", or else by its path. */
static int reopen(struct walker *w, int child_fd, struct pk_err *err)
{
	struct frame *f = top(w);
	struct pk_str path;
	int fd = child_fd >= 0 ? quiet_openat(child_fd, "..", O_DIRECTORY, NULL) : -1;

	cut_path(w, f->path_n);
	if (fd >= 0 && !is_same(f, fd)) {
		close(fd);
		fd = -1;
	}
	path = path_now(w);
	if (fd < 0 && pk_root_openat(w->root, path, O_RDONLY | O_DIRECTORY, PK_PATH_NOFOLLOW, &fd, NULL) == 0 &&
	    !is_same(f, fd)) {
		close(fd);
		fd = -1;
	}
	if (fd < 0)
		return tell_folder(w, 0, "moved during the walk: the rest of it was not seen", err);
	f->fd = fd;
	w->open_from = w->n - 1;
	return 0;
}

static int pop(struct walker *w, struct pk_err *err)
{
	pk_autoclose int child = pk_steal_fd(&top(w)->fd);

	frame_done(w, top(w));
	w->n--;
	while (w->n && top(w)->fd < 0) {
		if (reopen(w, child, err) < 0)
			return -1;
		if (top(w)->fd >= 0)
			break;
		pk_cleanup_close(&child);
		child = -1;
		frame_done(w, top(w));
		w->n--;
		w->open_from = PK_MIN(w->open_from, w->n);
	}
	return 0;
}

/* --- entries --------------------------------------------------------------------------------------- */

/* Why a folder is not entered, or NULL. */
static const char *refuse_folder(struct walker *w, const struct pk_mount *m, struct pk_err *err)
{
	const struct pk_snap *s = &w->snap;

	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].dev == s->dev && w->v[i].ino == s->ino)
			return "a loop: it contains itself";
	if (!m) {
		if (w->mounts && w->n && s->has & PK_SNAP_MNT_ID && s->mnt_id != top(w)->mnt_id)
			return "mounted during the run";
		return NULL;
	}
	for (size_t i = 0; i < w->tops_n; i++)
		if (w->tops[i].dev == s->dev && w->tops[i].ino == s->ino)
			return "entered already at another mount point";
	if (!pk_grow(&w->tops, &w->tops_cap, w->tops_n + 1, sizeof(*w->tops))) {
		(void)pk_fail_oom(err);
		return "";
	}
	w->tops[w->tops_n].dev = s->dev;
	w->tops[w->tops_n++].ino = s->ino;
	return NULL;
}

/* Describes the folder and goes in. It is opened before it is told, so that its inode flags are known, and so that its
 * outcome says when its names cannot be had. */
static int visit_folder(struct walker *w, int dirfd, const char *name, const struct pk_mount *m, struct pk_err *err)
{
	int at = dirfd >= 0 ? dirfd : w->root->fd;
	const char *why = refuse_folder(w, m, err), *bad = NULL;
	struct stat st;
	int fd = -1, e = 0;

	if (why && !*why)
		return -1;
	if (!why) {
		fd = quiet_openat(at, name, O_DIRECTORY, NULL);
		e = fd < 0 ? errno : 0;
	}
	if (fd >= 0 && (fstat(fd, &st) < 0 || st.st_dev != w->snap.dev || st.st_ino != w->snap.ino)) {
		close(fd);
		fd = -1;
		bad = "replaced: another folder took its place";
	}
	if (fd >= 0)
		snap_inode_flags(&w->snap, fd);
	if (e || bad) {
		struct pk_err broken = {.kind = PK_ESYS, .sys = e};

		return tell(w, dirfd, name, e ? pk_outcome_of(&broken) : PK_FAILED, e ? strerror(e) : bad, DESCRIBED,
			    NULL, err);
	}
	if (tell(w, dirfd, name, PK_METADATA, NULL, DESCRIBED, NULL, err) < 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (fd >= 0)
		return push(w, fd, &w->snap, err);
	return tell(w, dirfd, name, PK_SKIPPED, why, AGAIN, m, err);
}

static int visit(struct walker *w, int dirfd, const char *name, struct pk_err *err)
{
	const struct pk_mount *m = w->mounts ? pk_mounts_point(w->mounts, path_now(w)) : NULL;
	struct pk_err why = {0};

	if (m && !m->cross)
		return tell(w, dirfd, name, PK_SKIPPED, m->why, UNKNOWN, m, err);
	if (pk_snap_readat(&w->snap, dirfd >= 0 ? dirfd : w->root->fd, name, path_now(w), w->opts->facts,
			   w->opts->snap_opts, &why) < 0) {
		if (why.sys == ENOMEM)
			return pk_fail_oom(err);
		return tell(w, dirfd, name, pk_outcome_of(&why), why.sys ? strerror(why.sys) : why.msg, UNKNOWN, NULL,
			    err);
	}
	if (w->opts->skip && w->opts->skip(w->opts->skip_ctx, &w->snap))
		return tell(w, dirfd, name, PK_SKIPPED, "left out by the collector", DESCRIBED, NULL, err);
	if (w->snap.kind == PK_KIND_DIR)
		return visit_folder(w, dirfd, name, m, err);
	return tell(w, dirfd, name, PK_METADATA, NULL, DESCRIBED, NULL, err);
}

static int tell_too_long(struct walker *w, struct pk_err *err)
{
	char why[100];

	snprintf(why, sizeof(why), "what is in it has a path longer than the limit of %u bytes", PK_MAX_PATH_BYTES);
	return tell(w, -1, "", PK_SKIPPED, why, AGAIN, NULL, err);
}

/* The next name of the innermost folder. */
static int step(struct walker *w, struct pk_err *err)
{
	struct frame *f = top(w);
	size_t before = listing_memory(&f->names);
	struct pk_err why = {0};
	const char *name;
	int rc = listing_next(&f->names, f->fd, &name, NULL, &why);

	w->memory += listing_memory(&f->names) - before;
	if (w->memory > w->max_memory)
		save_memory(w);
	cut_path(w, f->path_n);
	if (rc < 0) {
		if (why.sys == ENOMEM)
			return pk_fail_oom(err);
		if (tell_folder(w, why.sys, why.msg, err) < 0)
			return -1;
	}
	if (rc == 0 && f->names.odd &&
	    tell_folder(w, 0, "the file system gave names that cannot be: they were left out", err) < 0)
		return -1;
	if (rc <= 0)
		return pop(w, err);
	if (f->path_n + 1 + strlen(name) > PK_MAX_PATH_BYTES) {
		if (f->told_too_long)
			return 0;
		f->told_too_long = true;
		return tell_too_long(w, err);
	}
	pk_buf_put_c(&w->path, '/');
	pk_buf_puts(&w->path, name);
	if (pk_buf_check(&w->path, err) < 0)
		return -1;
	return visit(w, f->fd, name, err);
}

static int start(struct walker *w, struct pk_err *err)
{
	PK_AUTO(pk_buf) real = {0};
	pk_autoclose int fd = -1;

	pk_buf_put(&w->path, "", 0);
	if (!w->opts->start)
		return pk_buf_check(&w->path, err) < 0 ? -1 : visit(w, -1, ".", err);
	if (pk_root_resolve_all(w->root, pk_str(w->opts->start), &real, err) < 0)
		return -1;
	if (real.n > 1)
		pk_buf_put_str(&w->path, pk_buf_str(&real));
	if (pk_buf_check(&w->path, err) < 0 ||
	    pk_root_openat(w->root, path_now(w), O_PATH | O_DIRECTORY, PK_PATH_NOFOLLOW, &fd, err) < 0)
		return -1;
	return visit(w, fd, ".", err);
}

int pk_walk_tree(const struct pk_root *root, const struct pk_mounts *mounts, const struct pk_walk_opts *opts,
		 int (*entry)(void *ctx, const struct pk_walk_entry *e, struct pk_err *err), void *ctx,
		 struct pk_err *err)
{
	static const struct pk_walk_opts none;
	PK_AUTO(walker) w = {.root = root, .mounts = mounts, .opts = opts ? opts : &none, .entry = entry, .ctx = ctx};

	w.max_memory = w.opts->max_memory ? w.opts->max_memory : DEFAULT_MEMORY;
	if (start(&w, err) < 0)
		return -1;
	while (w.n)
		if (step(&w, err) < 0)
			return -1;
	return 0;
}
