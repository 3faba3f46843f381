/* SPDX-License-Identifier: Apache-2.0 */
/* Walking what `picket-bundle seal` was given, in the order of names, following no links. */
#include "sealing.h"

#include <picket/limits.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SPARSE_MIN (64ull << 20)
#define MAX_DEPTH 1000 /* folders in folders: one descriptor and one frame of the stack each */
#define PSEUDO_MAX (16u << 20)

void bundle_sealing_done(struct bundle_sealing *s)
{
	free(s->linked);
	s->linked = NULL;
}

/* --- operands ---------------------------------------------------------------------------------------- */

static int absolute(const char *path, struct pk_buf *ret, struct pk_err *err)
{
	if (path[0] != '/') {
		pk_autofree char *cwd = getcwd(NULL, 0);

		if (!cwd)
			return pk_fail(err, PK_ESYS, errno, "cannot tell the current folder");
		pk_buf_puts(ret, cwd);
		pk_buf_put_c(ret, '/');
	}
	pk_buf_puts(ret, path);
	return pk_buf_check(ret, err);
}

/* "/a/b" is below "/a" and below "/". */
static bool is_below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return strcmp(folder, "/") == 0 || (strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == '\0'));
}

int bundle_resolve_operands(const struct pk_root *root, int argc, char **argv, struct pk_strv *ret, struct pk_err *err)
{
	PK_AUTO(pk_strv) all = {0};

	for (int i = 0; i < argc; i++) {
		PK_AUTO(pk_buf) abs = {0};
		PK_AUTO(pk_buf) real = {0};

		if (absolute(argv[i], &abs, err) < 0)
			return -1;
		if (pk_root_resolve(root, pk_buf_str(&abs), &real, err) < 0)
			return -1;
		if (pk_strv_add(&all, pk_buf_str(&real), err) < 0)
			return -1;
	}
	pk_strv_uniq(&all);
	for (size_t i = 0; i < all.n; i++) {
		bool covered = false;

		for (size_t k = 0; k < ret->n && !covered; k++)
			covered = is_below(all.v[i], ret->v[k]);
		if (!covered && pk_strv_add(ret, pk_str(all.v[i]), err) < 0)
			return -1;
	}
	return 0;
}

/* --- one path ---------------------------------------------------------------------------------------- */

static int put(struct bundle_sealing *s, struct pk_json *j, struct pk_err *err)
{
	pk_json_end(j, '}');
	if (pk_json_check(j, err) < 0)
		return -1;
	s->paths++;
	return pk_seal_put(s->seal, 'm', pk_str_n(j->out->p + 1, j->out->n - 2), NULL, err);
}

static int put_failure(struct bundle_sealing *s, struct pk_str path, const struct pk_err *why, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_json j = {.out = &b};

	pk_msg_warn("%s", why->msg);
	s->failed++;
	pk_json_begin(&j, '{');
	pk_json_kbytes(&j, "path", path);
	pk_json_kz(&j, "outcome", pk_outcome_name(pk_outcome_of(why)));
	pk_json_kbytes(&j, "why", pk_str(why->msg));
	return put(s, &j, err);
}

/* What became of reading one content. */
struct reading {
	uint64_t stored; /* bytes read */
	bool broke;
	struct pk_err why;
};

static int copy_range(struct bundle_sealing *s, int fd, uint64_t off, uint64_t n, struct reading *r, struct pk_err *err)
{
	while (n && !r->broke) {
		void *at = NULL;
		size_t room = 0, got = 0;

		if (pk_seal_space(s->seal, &at, &room, err) < 0)
			return -1;
		room = (size_t)PK_MIN((uint64_t)room, n);
		r->broke = pk_pread_full(fd, at, room, off, &got, &r->why) < 0;
		if (!r->broke && got < room) {
			r->broke = true;
			pk_fail(&r->why, PK_EFORMAT, 0, "shrank while it was read");
		}
		if (got && pk_seal_filled(s->seal, got, err) < 0)
			return -1;
		r->stored += got;
		s->bytes += got;
		off += got;
		n -= got;
	}
	pk_msg_progress("%llu paths, %llu MiB", (unsigned long long)s->paths, (unsigned long long)s->bytes >> 20);
	return 0;
}

/* Ranges that the content's record had no room for. */
static int put_more_extents(struct bundle_sealing *s, const struct pk_extents *x, size_t from, uint64_t stored,
			    uint64_t of, struct pk_err *err)
{
	for (bool more = true; more;) {
		PK_AUTO(pk_buf) b = {0};
		struct pk_json j = {.out = &b};

		pk_json_begin(&j, '{');
		pk_json_kuint(&j, "more_of", of);
		more = pk_extents_put_json(&j, x, &from, &stored);
		pk_json_end(&j, '}');
		if (pk_json_check(&j, err) < 0 || pk_seal_put(s->seal, 'c', pk_str_n(b.p + 1, b.n - 2), NULL, err) < 0)
			return -1;
	}
	return 0;
}

static int begin(struct bundle_sealing *s, const struct pk_snap *snap, int fd, uint64_t size, struct pk_err *err)
{
	PK_AUTO(pk_buf) member = {0};
	struct pk_content c = {.size = size, .path = pk_buf_str(&snap->path), .fd = fd};

	pk_buf_put_member_name(&member, "data/root/", c.path);
	if (pk_buf_check(&member, err) < 0)
		return -1;
	c.member = pk_buf_str(&member);
	return pk_seal_content_begin(s->seal, &c, err);
}

/* Files of /proc and their like have no size before they are read. */
static int store_pseudo(struct bundle_sealing *s, const struct pk_snap *snap, int fd, uint64_t *ret_leaf,
			struct reading *r, struct pk_err *err)
{
	PK_AUTO(pk_buf) data = {0};

	r->broke = pk_read_all(fd, PSEUDO_MAX, &data, &r->why) < 0;
	if (begin(s, snap, -1, data.n, err) < 0)
		return -1;
	for (size_t at = 0; at < data.n;) {
		void *to = NULL;
		size_t room = 0;

		if (pk_seal_space(s->seal, &to, &room, err) < 0)
			return -1;
		room = PK_MIN(room, data.n - at);
		memcpy(to, data.p + at, room);
		if (pk_seal_filled(s->seal, room, err) < 0)
			return -1;
		at += room;
	}
	return pk_seal_content_end(s->seal, (struct pk_str){0}, ret_leaf, err);
}

static int store_file(struct bundle_sealing *s, const struct pk_snap *snap, int fd, uint64_t *ret_leaf,
		      struct reading *r, struct pk_err *err)
{
	bool sparse = snap->size > SPARSE_MIN && snap->blocks < snap->size / 512, more = false;
	uint64_t unlisted = 0;
	size_t listed = 0;
	PK_AUTO(pk_extents) x = {0};
	PK_AUTO(pk_buf) fields = {0};
	struct pk_json j = {.out = &fields};
	unsigned changes = 0;

	if (sparse && pk_snap_extents(fd, snap->size, &x, NULL) < 0)
		sparse = false;
	unlisted = x.stored;
	if (begin(s, snap, fd, sparse ? x.stored : snap->size, err) < 0)
		return -1;
	if (!sparse && copy_range(s, fd, 0, snap->size, r, err) < 0)
		return -1;
	for (size_t i = 0; sparse && i < x.n; i++)
		if (copy_range(s, fd, x.v[i].off, x.v[i].len, r, err) < 0)
			return -1;
	if (!r->broke && pk_snap_compare(snap, fd, &changes, NULL) == 0 && changes) {
		r->broke = true;
		pk_fail(&r->why, PK_EFORMAT, 0, "changed while it was read");
	}
	pk_json_begin(&j, '{');
	if (sparse) {
		more = pk_extents_put_json(&j, &x, &listed, &unlisted);
		pk_json_kuint(&j, "logical", snap->size);
	}
	if (changes) {
		pk_json_key(&j, "flags");
		pk_json_begin(&j, '[');
		pk_json_z(&j, changes & PK_SNAP_GREW ? "grew" : changes & PK_SNAP_SHRANK ? "shrank" : "changed");
		pk_json_end(&j, ']');
	}
	pk_json_end(&j, '}');
	if (pk_json_check(&j, err) < 0)
		return -1;
	if (pk_seal_content_end(s->seal, pk_str_n(fields.p + 1, fields.n - 2), ret_leaf, err) < 0)
		return -1;
	return more ? put_more_extents(s, &x, listed, unlisted, *ret_leaf, err) : 0;
}

/* Where the file's place in the table is, or the free one that it may take. */
static struct bundle_linked *linked_slot(struct bundle_linked *table, size_t cap, uint64_t dev, uint64_t ino)
{
	size_t i = (size_t)((ino ^ dev << 32) * 0x9e3779b97f4a7c15ull >> 20) & (cap - 1);

	while (table[i].used && (table[i].dev != dev || table[i].ino != ino))
		i = (i + 1) & (cap - 1);
	return &table[i];
}

static bool find_linked(const struct bundle_sealing *s, const struct pk_snap *snap, uint64_t *ret_leaf)
{
	const struct bundle_linked *l = NULL;

	if (snap->nlink <= 1 || !s->linked_cap)
		return false;
	l = linked_slot(s->linked, s->linked_cap, snap->dev, snap->ino);
	if (l->used)
		*ret_leaf = l->leaf;
	return l->used;
}

static int note_linked(struct bundle_sealing *s, const struct pk_snap *snap, uint64_t leaf, struct pk_err *err)
{
	if (snap->nlink <= 1)
		return 0;
	if (2 * s->linked_n >= s->linked_cap) {
		size_t cap = s->linked_cap ? 2 * s->linked_cap : 256;
		struct bundle_linked *table = calloc(cap, sizeof(*table));

		if (!table)
			return pk_fail_oom(err);
		for (size_t i = 0; i < s->linked_cap; i++)
			if (s->linked[i].used)
				*linked_slot(table, cap, s->linked[i].dev, s->linked[i].ino) = s->linked[i];
		free(s->linked);
		s->linked = table;
		s->linked_cap = cap;
	}
	*linked_slot(s->linked, s->linked_cap, snap->dev, snap->ino) = (struct bundle_linked){snap->dev, snap->ino,
											      leaf, true};
	s->linked_n++;
	return 0;
}

static bool is_own_output(const struct bundle_sealing *s, const struct pk_snap *snap)
{
	struct stat st;

	return fstat(pk_seal_fd(s->seal), &st) == 0 && st.st_dev == snap->dev && st.st_ino == snap->ino;
}

/* Content of a regular file, and then the path's record; `unlisted`: why a folder's names cannot be had, or NULL. */
static int seal_one(struct bundle_sealing *s, struct pk_snap *snap, int dirfd, const char *name,
		    const struct pk_err *unlisted, struct pk_err *err)
{
	enum pk_outcome outcome = PK_METADATA;
	uint64_t leaf = PK_LEAF_NONE;
	struct reading r = {0};
	PK_AUTO(pk_buf) b = {0};
	struct pk_json j = {.out = &b};
	pk_autoclose int fd = -1;

	if (snap->kind == PK_KIND_FILE && is_own_output(s, snap)) {
		outcome = PK_SKIPPED;
		pk_fail(&r.why, PK_EUSAGE, 0, "this is the bundle being written");
	} else if (snap->kind == PK_KIND_FILE && find_linked(s, snap, &leaf)) {
		outcome = PK_TAKEN;
	} else if (snap->kind == PK_KIND_FILE && pk_snap_openat(snap, dirfd, name, &fd, &r.why) < 0) {
		outcome = pk_outcome_of(&r.why);
	} else if (snap->kind == PK_KIND_FILE) {
		if ((pk_snap_is_pseudo(fd) ? store_pseudo(s, snap, fd, &leaf, &r, err)
					   : store_file(s, snap, fd, &leaf, &r, err)) < 0 ||
		    note_linked(s, snap, leaf, err) < 0)
			return -1;
		outcome = r.broke ? PK_PARTIAL : PK_TAKEN;
	} else if (unlisted) {
		r.why = *unlisted;
		outcome = pk_outcome_of(unlisted);
	}
	if (outcome != PK_TAKEN && outcome != PK_METADATA && outcome != PK_SKIPPED) {
		s->failed++;
		pk_msg_warn("'%s': %s", snap->path.p, r.why.msg);
	}
	pk_json_begin(&j, '{');
	pk_snap_put_json(&j, snap);
	pk_json_kz(&j, "outcome", pk_outcome_name(outcome));
	if (outcome != PK_TAKEN && outcome != PK_METADATA)
		pk_json_kbytes(&j, "why", pk_str(r.why.msg));
	if (leaf != PK_LEAF_NONE)
		pk_json_kuint(&j, "c", leaf);
	return put(s, &j, err);
}

/* --- trees ------------------------------------------------------------------------------------------- */

static int list_names(int fd, struct pk_strv *ret, struct pk_err *err)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *e = NULL;
	int r = 0;

	if (!d) {
		pk_fail(err, PK_ESYS, errno, "cannot read a folder");
		if (copy >= 0)
			close(copy);
		return -1;
	}
	errno = 0;
	while (r == 0 && (e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			r = pk_strv_add(ret, pk_str(e->d_name), err);
	if (r == 0 && errno)
		r = pk_fail(err, PK_ESYS, errno, "cannot read a folder");
	closedir(d);
	pk_strv_uniq(ret);
	return r;
}

/* The folder has its record; that what is in it has none is an event. */
static int put_not_listed(struct bundle_sealing *s, struct pk_str path, const char *why, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_json j = {.out = &b};

	s->failed++;
	pk_msg_warn("'%.*s': %s", (int)PK_MIN(path.n, (size_t)1000), path.p, why);
	pk_json_begin(&j, '{');
	pk_json_kz(&j, "event", "not-listed");
	pk_json_kbytes(&j, "path", path);
	pk_json_kbytes(&j, "why", pk_str(why));
	pk_json_end(&j, '}');
	if (pk_json_check(&j, err) < 0)
		return -1;
	return pk_seal_put(s->seal, 'e', pk_str_n(b.p + 1, b.n - 2), NULL, err);
}

static int seal_entry(struct bundle_sealing *s, int dirfd, const char *name, struct pk_str path, struct pk_err *err);

static int seal_folder(struct bundle_sealing *s, int fd, struct pk_str path, struct pk_err *err)
{
	PK_AUTO(pk_strv) names = {0};
	struct pk_err why = {0};
	bool told = false;

	if (s->depth >= MAX_DEPTH)
		return put_not_listed(s, path, "folders are nested too deep", err);
	if (list_names(fd, &names, &why) < 0 && put_not_listed(s, path, why.msg, err) < 0)
		return -1;
	s->depth++;
	for (size_t i = 0; i < names.n; i++) {
		PK_AUTO(pk_buf) sub = {0};

		if (path.n + 1 + strlen(names.v[i]) > PK_MAX_PATH_BYTES) {
			if (!told && put_not_listed(s, path, "what is in it has too long a path", err) < 0)
				return -1;
			told = true;
			continue;
		}
		pk_buf_put_str(&sub, path);
		if (path.n && path.p[path.n - 1] != '/')
			pk_buf_put_c(&sub, '/');
		pk_buf_puts(&sub, names.v[i]);
		if (pk_buf_check(&sub, err) < 0 || seal_entry(s, fd, names.v[i], pk_buf_str(&sub), err) < 0)
			return -1;
	}
	s->depth--;
	return 0;
}

static int seal_entry(struct bundle_sealing *s, int dirfd, const char *name, struct pk_str path, struct pk_err *err)
{
	pk_autoclose int folder = -1;
	struct pk_err why = {0};

	{
		PK_AUTO(pk_snap) snap = {0}; /* not kept while the folder below is walked */
		bool bad = false;

		if (pk_snap_readat(&snap, dirfd, name, path, s->facts, 0, &why) < 0)
			return put_failure(s, path, &why, err);
		if (snap.kind == PK_KIND_DIR) {
			folder = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			bad = folder < 0 && pk_fail(&why, PK_ESYS, errno, "its names cannot be had") < 0;
		}
		if (seal_one(s, &snap, dirfd, name, bad ? &why : NULL, err) < 0)
			return -1;
	}
	return folder >= 0 ? seal_folder(s, folder, path, err) : 0;
}

int bundle_seal_path(struct bundle_sealing *s, struct pk_str path, struct pk_err *err)
{
	pk_autofree char *z = pk_str_dup(path);
	char *slash = z ? strrchr(z, '/') : NULL;
	pk_autoclose int dir = -1;
	struct pk_err why = {0};

	if (!slash)
		return pk_fail_oom(err);
	if (slash[1] == '\0') /* the root itself */
		return pk_root_openat(s->root, PK_STR("/"), O_RDONLY | O_DIRECTORY, 0, &dir, err) < 0
			       ? -1
			       : seal_entry(s, dir, ".", PK_STR("/"), err);
	*slash = '\0';
	if (pk_root_openat(s->root, *z ? pk_str(z) : PK_STR("/"), O_RDONLY | O_DIRECTORY, 0, &dir, &why) < 0)
		return put_failure(s, path, &why, err);
	return seal_entry(s, dir, slash + 1, path, err);
}
