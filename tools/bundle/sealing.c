/* SPDX-License-Identifier: Apache-2.0 */
/* Walking what `picket-bundle seal` was given, in the order of names, following no links. */
#include "sealing.h"

#include <picket/limits.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_DEPTH 1000 /* folders in folders: one descriptor and one frame of the stack each */

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

/* Content of a regular file, and then the path's record; `unlisted`: why a folder's names cannot be had, or NULL. */
static int seal_one(struct bundle_sealing *s, struct pk_snap *snap, int dirfd, const char *name,
		    const struct pk_err *unlisted, struct pk_err *err)
{
	const struct pk_store_file f = {
		.snap = snap, .dirfd = dirfd, .name = name, .max = UINT64_MAX, .left = UINT64_MAX};
	struct pk_store_result r = {.outcome = PK_METADATA, .leaf = PK_LEAF_NONE};
	const char *why = r.why;
	PK_AUTO(pk_buf) b = {0};
	struct pk_json j = {.out = &b};

	if (snap->kind == PK_KIND_FILE) {
		if (pk_store_file(s->store, &f, &r, err) < 0)
			return -1;
		s->bytes += r.bytes;
		pk_msg_progress("%llu paths, %llu MiB", (unsigned long long)s->paths,
				(unsigned long long)s->bytes >> 20);
	} else if (unlisted) {
		r.outcome = pk_outcome_of(unlisted);
		why = unlisted->msg;
	}
	if (r.outcome != PK_TAKEN && r.outcome != PK_METADATA && r.outcome != PK_SKIPPED) {
		s->failed++;
		pk_msg_warn("'%s': %s", snap->path.p, why);
	}
	pk_json_begin(&j, '{');
	pk_snap_put_json(&j, snap);
	pk_json_kz(&j, "outcome", pk_outcome_name(r.outcome));
	if (*why)
		pk_json_kbytes(&j, "why", pk_str(why));
	if (r.leaf != PK_LEAF_NONE)
		pk_json_kuint(&j, "c", r.leaf);
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
