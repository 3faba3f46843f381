/* SPDX-License-Identifier: Apache-2.0 */
/* From patterns to paths: walks each request's pattern beneath the root, then yields what was found. */
#include <picket/walk.h>
#include "found.h"
#include "listing.h"
#include "quiet_open.h"

#include <picket/limits.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOMEDIR "%%users.homedir%%"

struct expander {
	const struct pk_plan *plan;
	const struct pk_root *root;
	const struct pk_facts *facts;
	const struct pk_mounts *mounts;
	const struct pk_expand_ops *ops;
	struct found found;
	/* the request being expanded */
	const struct pk_request *req;
	struct pk_str *segs;
	size_t segs_n, segs_cap;
	uint64_t hits;
	bool reported, full;
};

/* A folder on the way. */
struct place {
	uint32_t node;
	int fd; /* O_PATH */
};

static int walk_pattern(struct expander *x, struct place from, size_t seg, struct pk_err *err);

/* --- telling --------------------------------------------------------------------------------------- */

static int missing(struct expander *x, struct pk_str path, enum pk_outcome o, const char *why, struct pk_err *err)
{
	x->reported = true;
	if (!x->ops->missing)
		return 0;
	return x->ops->missing(x->ops->ctx, x->req, path, o, why, err) < 0 ? -1 : 0;
}

static int missing_errno(struct expander *x, struct pk_str path, const struct pk_err *why, struct pk_err *err)
{
	switch (why->sys) {
	case ENOENT:
	case ENOTDIR:
	case ELOOP: return 0; /* not there: absent, if nothing else is */
	case EREMOTE: return missing(x, path, PK_SKIPPED, "on a file system that is not touched", err);
	default: return missing(x, path, pk_outcome_of(why), why->sys ? strerror(why->sys) : why->msg, err);
	}
}

static int put_child(const struct expander *x, uint32_t node, const char *name, struct pk_buf *ret, struct pk_err *err)
{
	found_put_path(&x->found, node, ret);
	if (node != FOUND_ROOT)
		pk_buf_put_c(ret, '/');
	pk_buf_puts(ret, name);
	return pk_buf_check(ret, err);
}

/* Same-tree and overlay mounts are only left out of the full walk: what is named there is taken. */
static const struct pk_mount *refused_mount(const struct expander *x, struct pk_str path)
{
	const struct pk_mount *m = x->mounts ? pk_mounts_point(x->mounts, path) : NULL;

	return m && !m->cross ? m : NULL;
}

static bool is_pseudo(const struct expander *x, struct pk_str path)
{
	const struct pk_mount *m = x->mounts ? pk_mounts_of(x->mounts, path) : NULL;

	return m && m->kind == PK_MOUNT_PSEUDO;
}

/* --- steps ----------------------------------------------------------------------------------------- */

/* A link on the way: goes where it leads inside the root. 1, or 0 when that is nowhere. */
static int enter_link(struct expander *x, struct pk_str path, bool by_glob, struct place *ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) real = {0};
	pk_autoclose int fd = -1;
	struct pk_err why = {0};

	if (pk_root_resolve_all(x->root, path, &real, &why) < 0 ||
	    pk_root_openat(x->root, pk_buf_str(&real), O_PATH | O_DIRECTORY, PK_PATH_NOFOLLOW, &fd, &why) < 0)
		return missing_errno(x, path, &why, err);
	if (by_glob && is_pseudo(x, pk_buf_str(&real)))
		return 0;
	if (found_path(&x->found, pk_buf_str(&real), &ret->node, err) < 0)
		return -1;
	ret->fd = pk_steal_fd(&fd);
	return 1;
}

enum { NO_LINKS = 1, BY_GLOB = 2 };

/* Enters a folder: 1 and *ret, 0 when it is none or must not be entered (told, where it matters). */
static int enter(struct expander *x, struct place at, const char *name, int how, struct place *ret, struct pk_err *err)
{
	pk_autoclose int fd = -1;
	PK_AUTO(pk_buf) path = {0};
	const struct pk_mount *m;
	struct stat st;

	if (put_child(x, at.node, name, &path, err) < 0)
		return -1;
	m = refused_mount(x, pk_buf_str(&path));
	if (m && m->never)
		return missing(x, pk_buf_str(&path), PK_SKIPPED, m->why, err);
	if (m && m->kind == PK_MOUNT_PSEUDO && how & BY_GLOB)
		return 0;
	fd = openat(at.fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		struct pk_err why = {.kind = PK_ESYS, .sys = errno};

		return missing_errno(x, pk_buf_str(&path), &why, err);
	}
	if (S_ISLNK(st.st_mode))
		return how & NO_LINKS ? 0 : enter_link(x, pk_buf_str(&path), how & BY_GLOB, ret, err);
	if (!S_ISDIR(st.st_mode))
		return 0;
	if (found_node(&x->found, at.node, pk_str(name), &ret->node, err) < 0)
		return -1;
	ret->fd = pk_steal_fd(&fd);
	return 1;
}

/* Opens a folder for listing; -1 with *ret_fd -1 and no error when it cannot be and that was told. */
static int open_listing(struct expander *x, struct place at, int *ret_fd, struct pk_err *err)
{
	PK_AUTO(pk_buf) path = {0};
	struct pk_err why = {.kind = PK_ESYS};

	*ret_fd = quiet_openat(at.fd, ".", O_DIRECTORY, NULL);
	if (*ret_fd >= 0)
		return 0;
	why.sys = errno;
	found_put_path(&x->found, at.node, &path);
	if (pk_buf_check(&path, err) < 0)
		return -1;
	return missing(x, pk_buf_str(&path), pk_outcome_of(&why), strerror(why.sys), err);
}

/* Names of a folder, one after the other: 1, 0 at the end or when listing fails (told), -1. */
static int next_name(struct expander *x, struct place at, struct listing *l, int fd, const char **ret_name,
		     uint8_t *ret_type, struct pk_err *err)
{
	PK_AUTO(pk_buf) path = {0};
	struct pk_err why = {0};
	int rc = listing_next(l, fd, ret_name, ret_type, &why);

	if (rc >= 0)
		return rc;
	if (why.sys == ENOMEM)
		return pk_fail_oom(err);
	found_put_path(&x->found, at.node, &path);
	if (pk_buf_check(&path, err) < 0)
		return -1;
	return missing(x, pk_buf_str(&path), pk_outcome_of(&why), why.msg, err);
}

static bool may_be_dir(int fd, const char *name, uint8_t type)
{
	struct stat st;

	if (type != DT_UNKNOWN)
		return type == DT_DIR;
	return fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) == 0 && S_ISDIR(st.st_mode);
}

/* --- hits ------------------------------------------------------------------------------------------ */

static int ask(struct expander *x, uint32_t node, struct pk_err *err)
{
	bool is_new = false;

	return found_ask(&x->found, node, (uint32_t)(x->req - x->plan->requests), &is_new, err);
}

/* What a link leads to belongs to the answer too, where a file's content is wanted. */
static int ask_target(struct expander *x, struct pk_str path, struct pk_err *err)
{
	PK_AUTO(pk_buf) real = {0};
	struct pk_err why = {0};
	uint32_t node;

	if (pk_root_resolve_all(x->root, path, &real, &why) < 0)
		return missing_errno(x, path, &why, err); /* a dangling link speaks for itself */
	if (is_pseudo(x, pk_buf_str(&real)))
		return 0;
	return found_path(&x->found, pk_buf_str(&real), &node, err) < 0 ? -1 : ask(x, node, err);
}

static int ask_entries(struct expander *x, struct place at, const char *name, struct pk_err *err)
{
	PK_AUTO(listing) l = {0};
	pk_autoclose int fd = -1;
	pk_autoclose int dir = -1;
	struct place in = {FOUND_ROOT, -1};
	const char *entry;
	int rc = enter(x, at, name, NO_LINKS, &in, err);

	if (rc <= 0)
		return rc;
	dir = in.fd;
	if (open_listing(x, in, &fd, err) < 0)
		return -1;
	while (fd >= 0 && (rc = next_name(x, in, &l, fd, &entry, NULL, err)) > 0) {
		uint32_t node;

		if (found_node(&x->found, in.node, pk_str(entry), &node, err) < 0 || ask(x, node, err) < 0)
			return -1;
	}
	return rc < 0 ? -1 : 0;
}

static int hit(struct expander *x, struct place at, const char *name, uint8_t type, struct pk_err *err)
{
	PK_AUTO(pk_buf) path = {0};
	const struct pk_mount *m;
	uint32_t node;

	if (put_child(x, at.node, name, &path, err) < 0)
		return -1;
	m = refused_mount(x, pk_buf_str(&path));
	if (m && m->never)
		return missing(x, pk_buf_str(&path), PK_SKIPPED, m->why, err);
	if (type == DT_UNKNOWN) {
		struct stat st;

		if (fstatat(at.fd, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0) {
			struct pk_err why = {.kind = PK_ESYS, .sys = errno};

			return missing_errno(x, pk_buf_str(&path), &why, err);
		}
		type = IFTODT(st.st_mode);
	}
	if (x->hits == x->req->max_count) {
		PK_AUTO(pk_buf) why = {0};

		x->full = true;
		pk_buf_putf(&why, "more than %llu paths match, the rest is left out",
			    (unsigned long long)x->req->max_count);
		return pk_buf_check(&why, err) < 0 ? -1 : missing(x, pk_str(x->req->pattern), PK_SKIPPED, why.p, err);
	}
	x->hits++;
	if (found_node(&x->found, at.node, pk_str(name), &node, err) < 0 || ask(x, node, err) < 0)
		return -1;
	if (type == DT_LNK && x->req->type == PK_REQ_FILE && !x->req->globstar)
		return ask_target(x, pk_buf_str(&path), err);
	if (type == DT_DIR && x->req->type == PK_REQ_DIRECTORY)
		return ask_entries(x, at, name, err);
	return 0;
}

/* --- patterns -------------------------------------------------------------------------------------- */

/* ** in this place: up to `depth` folders down, never through links. */
static int walk_star(struct expander *x, struct place at, size_t seg, unsigned depth, struct pk_err *err)
{
	PK_AUTO(listing) l = {0};
	bool last = seg + 1 == x->segs_n;
	pk_autoclose int fd = -1;
	const char *name;
	uint8_t type;
	int rc = 0;

	if (!last) {
		struct place same = {at.node, fcntl(at.fd, F_DUPFD_CLOEXEC, 3)};

		if (same.fd < 0)
			return pk_fail(err, PK_ESYS, errno, "cannot look for '%s'", x->req->pattern);
		if (walk_pattern(x, same, seg + 1, err) < 0)
			return -1;
		if (depth == 0)
			return 0;
	}
	if (open_listing(x, at, &fd, err) < 0)
		return -1;
	while (fd >= 0 && !x->full && (rc = next_name(x, at, &l, fd, &name, &type, err)) > 0) {
		pk_autoclose int down_fd = -1;
		struct place down;

		if (last && hit(x, at, name, type, err) < 0)
			return -1;
		if ((last && depth <= 1) || !may_be_dir(fd, name, type))
			continue;
		rc = enter(x, at, name, NO_LINKS | BY_GLOB, &down, err);
		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		down_fd = down.fd;
		if (walk_star(x, down, seg, depth - 1, err) < 0)
			return -1;
	}
	return rc < 0 ? -1 : 0;
}

static int walk_glob(struct expander *x, struct place at, size_t seg, struct pk_err *err)
{
	PK_AUTO(listing) l = {0};
	bool last = seg + 1 == x->segs_n;
	pk_autoclose int fd = -1;
	const char *name;
	uint8_t type;
	int rc = 0;

	if (open_listing(x, at, &fd, err) < 0)
		return -1;
	while (fd >= 0 && !x->full && (rc = next_name(x, at, &l, fd, &name, &type, err)) > 0) {
		struct place down;

		if (!pk_glob_match(x->segs[seg], pk_str(name)))
			continue;
		if (last) {
			if (hit(x, at, name, type, err) < 0)
				return -1;
			continue;
		}
		if (type != DT_DIR && type != DT_LNK && type != DT_UNKNOWN)
			continue;
		rc = enter(x, at, name, BY_GLOB, &down, err);
		if (rc < 0 || (rc > 0 && walk_pattern(x, down, seg + 1, err) < 0))
			return -1;
	}
	return rc < 0 ? -1 : 0;
}

/* Takes over from.fd. */
static int walk_pattern(struct expander *x, struct place from, size_t seg, struct pk_err *err)
{
	pk_autoclose int fd = from.fd;

	for (; seg < x->segs_n; seg++) {
		pk_autofree char *name = NULL;
		struct place at = {from.node, fd}, next;
		unsigned depth;
		int rc;

		if (pk_glob_is_star(x->segs[seg], &depth))
			return walk_star(x, at, seg, x->req->globstar, err);
		if (pk_glob_is_magic(x->segs[seg]))
			return walk_glob(x, at, seg, err);
		name = pk_str_dup(x->segs[seg]);
		if (!name)
			return pk_fail_oom(err);
		if (seg + 1 == x->segs_n)
			return hit(x, at, name, DT_UNKNOWN, err);
		rc = enter(x, at, name, 0, &next, err);
		if (rc <= 0)
			return rc;
		close(fd);
		fd = next.fd;
		from.node = next.node;
	}
	x->hits++;
	return ask(x, from.node, err); /* the starting folder itself */
}

static int split_pattern(struct expander *x, struct pk_str pattern, struct pk_err *err)
{
	struct pk_str seg;

	x->segs_n = 0;
	while (pk_str_split(&pattern, '/', &seg)) {
		if (!seg.n)
			continue;
		if (!pk_grow(&x->segs, &x->segs_cap, x->segs_n + 1, sizeof(*x->segs)))
			return pk_fail_oom(err);
		x->segs[x->segs_n++] = seg;
	}
	return 0;
}

static int from_homes(struct expander *x, struct pk_err *err)
{
	for (size_t i = 0; x->facts && i < x->facts->homes_n && !x->full; i++) {
		const struct pk_home *h = &x->facts->homes[i];
		struct place at = {FOUND_ROOT, -1};
		struct pk_err why = {0};

		if (h->is_system && x->req->globstar)
			continue;
		if (pk_root_openat(x->root, pk_str(h->path), O_PATH | O_DIRECTORY, PK_PATH_NOFOLLOW, &at.fd, &why) <
		    0) {
			if (missing_errno(x, pk_str(h->path), &why, err) < 0)
				return -1;
			continue;
		}
		if (found_path(&x->found, pk_str(h->path), &at.node, err) < 0) {
			close(at.fd);
			return -1;
		}
		if (walk_pattern(x, at, 0, err) < 0)
			return -1;
	}
	return 0;
}

static int expand_one(struct expander *x, const struct pk_request *r, struct pk_err *err)
{
	struct pk_str pattern = pk_str(r->pattern);
	bool homes = pk_str_starts(pattern, PK_STR(HOMEDIR));
	struct place at = {FOUND_ROOT, -1};

	x->req = r;
	x->hits = 0;
	x->reported = x->full = false;
	if (homes)
		pattern = pk_str_n(pattern.p + sizeof(HOMEDIR) - 1, pattern.n - sizeof(HOMEDIR) + 1);
	if (split_pattern(x, pattern, err) < 0)
		return -1;
	if (homes)
		return from_homes(x, err);
	at.fd = fcntl(x->root->fd, F_DUPFD_CLOEXEC, 3);
	if (at.fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open the root '%s'", x->root->name);
	return walk_pattern(x, at, 0, err);
}

/* --- yielding -------------------------------------------------------------------------------------- */

static bool is_excluded(const struct pk_request *r, struct pk_str path)
{
	for (size_t i = 0; i < r->exclude.n; i++)
		if (pk_glob_match_path(pk_str(r->exclude.v[i]), path, PK_MAX_GLOBSTAR))
			return true;
	return false;
}

static int by_text(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

struct vias {
	const char **v;
	size_t n, cap;
};

static void vias_done(struct vias *v) { free(v->v); }

static int yield(struct expander *x, uint32_t node, struct vias *via, struct pk_buf *path, struct pk_err *err)
{
	struct pk_found f = {.excluded = true};
	size_t kept = 0;

	pk_buf_reset(path);
	found_put_path(&x->found, node, path);
	if (pk_buf_check(path, err) < 0)
		return -1;
	f.path = pk_buf_str(path);
	via->n = 0;
	for (uint32_t s = x->found.nodes[node].asked; s != FOUND_NONE; s = x->found.sets[s].before) {
		const struct pk_request *r = &x->plan->requests[x->found.sets[s].request];

		f.request = x->found.sets[s].request; /* the chain ends with the first */
		f.type = PK_MAX(f.type, r->type);
		if (r->type == PK_REQ_FILE && !is_excluded(r, f.path)) {
			f.excluded = false;
			f.max_file = PK_MAX(f.max_file, r->max_file);
		}
		for (size_t i = 0; i < r->via.n; i++) {
			if (!pk_grow(&via->v, &via->cap, via->n + 1, sizeof(*via->v)))
				return pk_fail_oom(err);
			via->v[via->n++] = r->via.v[i];
		}
	}
	if (f.type != PK_REQ_FILE)
		f.excluded = false;
	qsort(via->v, via->n, sizeof(*via->v), by_text);
	for (size_t i = 0; i < via->n; i++)
		if (!kept || strcmp(via->v[kept - 1], via->v[i]) != 0)
			via->v[kept++] = via->v[i];
	f.via = via->v;
	f.via_n = kept;
	return x->ops->found(x->ops->ctx, &f, err) < 0 ? -1 : 0;
}

static void expander_done(struct expander *x)
{
	found_done(&x->found);
	free(x->segs);
}

int pk_plan_expand(const struct pk_plan *plan, const struct pk_root *root, const struct pk_facts *facts,
		   const struct pk_mounts *mounts, const struct pk_expand_ops *ops, struct pk_err *err)
{
	PK_AUTO(expander) x = {.plan = plan, .root = root, .facts = facts, .mounts = mounts, .ops = ops};
	PK_AUTO(vias) via = {0};
	PK_AUTO(pk_buf) path = {0};

	if (found_init(&x.found, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->requests_n; i++) {
		const struct pk_request *r = &plan->requests[i];
		struct pk_err why = {0};

		if (expand_one(&x, r, &why) < 0) {
			if (why.kind != PK_ELIMIT) {
				if (err)
					*err = why;
				return -1;
			}
			if (missing(&x, pk_str(r->pattern), PK_SKIPPED, why.msg, err) < 0)
				return -1;
		}
		if (!x.hits && !x.reported && missing(&x, pk_str(r->pattern), PK_ABSENT, NULL, err) < 0)
			return -1;
	}
	for (size_t i = 0; ops->found && i < x.found.order_n; i++)
		if (yield(&x, x.found.order[i], &via, &path, err) < 0)
			return -1;
	return 0;
}
