/* SPDX-License-Identifier: Apache-2.0 */
/* Reads mountinfo and decides, from its text alone, where walks go. */
#include <picket/mount.h>
#include "mount_priv.h"

#include <picket/io.h>
#include <picket/limits.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_MOUNTS 20000

static void mount_done(struct pk_mount *m)
{
	free(m->point);
	free(m->tree);
	free(m->type);
	free(m->source);
	free(m->options);
	free(m->super_options);
	free(m->why);
	*m = (struct pk_mount){0};
}

void pk_mounts_done(struct pk_mounts *m)
{
	for (size_t i = 0; i < m->n; i++)
		mount_done(&m->v[i]);
	free(m->v);
	*m = (struct pk_mounts){0};
}

/* Field with \NNN undone, as a new string. */
static char *unescape(struct pk_str s)
{
	PK_AUTO(pk_buf) b = {0};

	for (size_t i = 0; i < s.n; i++) {
		const char *d = s.p + i;

		if (s.n - i > 3 && d[0] == '\\' && d[1] >= '0' && d[1] <= '3' && d[2] >= '0' && d[2] <= '7' &&
		    d[3] >= '0' && d[3] <= '7') {
			pk_buf_put_c(&b, (char)((d[1] - '0') << 6 | (d[2] - '0') << 3 | (d[3] - '0')));
			i += 3;
		} else {
			pk_buf_put_c(&b, d[0]);
		}
	}
	return pk_buf_take(&b);
}

static bool number(struct pk_str s, uint32_t *ret)
{
	uint64_t v;

	if (!pk_str_u64(s, UINT32_MAX, &v))
		return false;
	*ret = (uint32_t)v;
	return true;
}

/* "36 35 98:0 /tree /point options tag... - type source super": false when the line is broken. */
static bool parse_line(struct pk_str line, struct pk_mount *m)
{
	struct pk_str f[6], word, tail[3] = {{"", 0}, {"", 0}, {"", 0}};
	size_t colon, n = 0;

	for (size_t i = 0; i < 6; i++)
		if (!pk_str_split(&line, ' ', &f[i]))
			return false;
	do {
		if (!pk_str_split(&line, ' ', &word))
			return false;
	} while (!pk_str_eq(word, PK_STR("-")));
	while (n < 3 && pk_str_split(&line, ' ', &tail[n]))
		n++;
	colon = pk_str_find(f[2], ':');
	if (n < 2 || colon == f[2].n || !number(f[0], &m->id) || !number(f[1], &m->parent) ||
	    !number(pk_str_n(f[2].p, colon), &m->major) ||
	    !number(pk_str_n(f[2].p + colon + 1, f[2].n - colon - 1), &m->minor) || !f[4].n || f[4].p[0] != '/' ||
	    memchr(f[4].p, 0, f[4].n))
		return false;
	m->tree = unescape(f[3]);
	m->point = unescape(f[4]);
	m->options = unescape(f[5]);
	m->type = unescape(tail[0]);
	m->source = unescape(tail[1]);
	m->super_options = unescape(tail[2]);
	m->kind = pk_mount_kind(tail[0]);
	return true;
}

static int parse_all(struct pk_mounts *m, struct pk_str text, size_t *ret_bad, struct pk_err *err)
{
	struct pk_str line;

	*ret_bad = 0;
	while (pk_str_line(&text, &line)) {
		struct pk_mount *one;

		if (m->n == MAX_MOUNTS) {
			m->gap = "there are more mounts than the limit: the later ones are not known";
			return 0;
		}
		if (!pk_grow(&m->v, &m->cap, m->n + 1, sizeof(*m->v)))
			return pk_fail_oom(err);
		one = &m->v[m->n];
		*one = (struct pk_mount){0};
		if (!parse_line(line, one)) {
			mount_done(one);
			++*ret_bad;
			continue;
		}
		m->n++;
		if (!one->tree || !one->point || !one->options || !one->type || !one->source || !one->super_options)
			return pk_fail_oom(err);
	}
	return 0;
}

bool path_is_below(struct pk_str path, struct pk_str top)
{
	if (top.n == 1)
		return true;
	return pk_str_starts(path, top) && (path.n == top.n || path.p[top.n] == '/');
}

/* Which mount is on which: their numbers by what they are mounted on and where, the older first. */
struct tree_of {
	const struct pk_mount *v;
	uint32_t *at;
	uint32_t *top; /* by number: what is uppermost of those stacked on its point, or NONE while not asked */
	size_t n;
};

#define NONE UINT32_MAX
_Static_assert(MAX_MOUNTS < NONE, "a number of a mount");

static void tree_of_done(struct tree_of *t)
{
	free(t->at);
	free(t->top);
}

static uint64_t below_id(const struct pk_mount *m) { return m->is_top ? UINT64_MAX : m->parent; }

static int by_parent(const void *a, const void *b, void *mounts)
{
	const struct pk_mount *v = mounts;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	uint64_t p = below_id(&v[x]), q = below_id(&v[y]);
	int c = p != q ? (p > q) - (p < q) : strcmp(v[x].point, v[y].point);

	return c ? c : (x > y) - (x < y);
}

static int by_id(const void *a, const void *b, void *mounts)
{
	const struct pk_mount *v = mounts;
	uint32_t x = v[*(const uint32_t *)a].id, y = v[*(const uint32_t *)b].id;

	return (x > y) - (x < y);
}

/* Whether the mount of that number is in the list, which is sorted by number. */
static bool has_id(const struct tree_of *t, uint32_t id)
{
	size_t lo = 0, hi = t->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->v[t->at[mid]].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < t->n && t->v[t->at[lo]].id == id;
}

/* Says of each mount whether what it is mounted on is in the list, then sorts them into the tree. */
static int make_tree(struct pk_mounts *m, struct tree_of *t, struct pk_err *err)
{
	*t = (struct tree_of){.v = m->v, .n = m->n};
	t->at = malloc((m->n + 1) * sizeof(*t->at));
	t->top = malloc((m->n + 1) * sizeof(*t->top));
	if (!t->at || !t->top)
		return pk_fail_oom(err);
	for (size_t i = 0; i < m->n; i++) {
		t->at[i] = (uint32_t)i;
		t->top[i] = NONE;
	}
	if (m->n)
		qsort_r(t->at, m->n, sizeof(*t->at), by_id, m->v);
	for (size_t i = 0; i < m->n; i++) {
		struct pk_mount *c = &m->v[i];

		c->is_top = c->parent == c->id || !has_id(t, c->parent);
	}
	if (m->n)
		qsort_r(t->at, m->n, sizeof(*t->at), by_parent, m->v);
	return 0;
}

/* The number of the latest mount on the mount `on` at exactly this point, or NONE. */
static uint32_t mounted_on(const struct tree_of *t, uint64_t on, struct pk_str point)
{
	size_t lo = 0, hi = t->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct pk_mount *c = &t->v[t->at[mid]];
		uint64_t p = below_id(c);

		if (p < on || (p == on && pk_str_cmp(pk_str(c->point), point) <= 0))
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo || below_id(&t->v[t->at[lo - 1]]) != on || !pk_str_eq(pk_str(t->v[t->at[lo - 1]].point), point))
		return NONE;
	return t->at[lo - 1];
}

/* The uppermost of what is stacked on one point, from its lowest; remembered, as thousands may be on one point. A list
 * that goes in a circle ends where it began. */
static uint32_t uppermost(const struct tree_of *t, uint32_t lowest)
{
	struct pk_str point = pk_str(t->v[lowest].point);
	uint32_t end = lowest, next;

	for (size_t steps = 0; steps < t->n && t->top[end] == NONE; steps++) {
		next = mounted_on(t, t->v[end].id, point);
		if (next == NONE)
			break;
		end = next;
	}
	if (t->top[end] != NONE)
		end = t->top[end];
	for (uint32_t i = lowest; i != NONE && t->top[i] == NONE; i = mounted_on(t, t->v[i].id, point))
		t->top[i] = end;
	return end;
}

/* The mount that a path is on, walking down from folder to folder as the kernel does; NULL when there is none. */
static const struct pk_mount *mount_at(const struct tree_of *t, struct pk_str path)
{
	const struct pk_mount *cur = NULL;

	for (size_t n = 1; n <= path.n; n++) {
		bool is_folder = n == 1 || n == path.n || path.p[n] == '/';
		uint32_t hit = is_folder ? mounted_on(t, cur ? cur->id : UINT64_MAX, pk_str_n(path.p, n)) : NONE;

		if (hit != NONE)
			cur = &t->v[uppermost(t, hit)];
	}
	return cur;
}

static int by_point(const void *a, const void *b)
{
	const struct pk_mount *x = a, *y = b;
	int c = strcmp(x->point, y->point);

	/* of several on one point the visible one comes first */
	return c ? c : (int)y->visible - (int)x->visible;
}

/* Makes every point one of the root's own names; what is elsewhere goes. */
static int strip_prefix(struct pk_mounts *m, struct pk_str prefix, struct pk_err *err)
{
	PK_AUTO(tree_of) tree = {0};
	const struct pk_mount *own;
	size_t kept = 0;

	if (make_tree(m, &tree, err) < 0)
		return -1;
	own = mount_at(&tree, prefix);

	for (size_t i = 0; i < m->n; i++) {
		struct pk_mount *c = &m->v[i];
		struct pk_str point = pk_str(c->point);

		c->visible = mount_at(&tree, point) == c || c == own;
		c->is_own = c == own;
	}
	for (size_t i = 0; i < m->n; i++) {
		struct pk_mount c = m->v[i];
		struct pk_str point = pk_str(c.point);

		m->v[i] = (struct pk_mount){0};
		if (c.is_own) {
			PK_AUTO(pk_buf) folder = {0};
			size_t below = point.n == 1 ? 0 : point.n;

			pk_buf_puts(&folder, strcmp(c.tree, "/") == 0 ? "" : c.tree);
			if (prefix.n > 1)
				pk_buf_put(&folder, prefix.p + below, prefix.n - below);
			pk_buf_puts(&folder, folder.n ? "" : "/");
			free(c.tree);
			free(c.point);
			c.tree = pk_buf_take(&folder);
			c.point = pk_str_dup(PK_STR("/"));
		} else if (!path_is_below(point, prefix) || point.n == prefix.n) {
			mount_done(&c);
			continue;
		} else if (prefix.n > 1) {
			memmove(c.point, c.point + prefix.n, point.n - prefix.n + 1);
		}
		m->v[kept++] = c;
		if (!c.tree || !c.point) {
			m->n = kept;
			return pk_fail_oom(err);
		}
	}
	m->n = kept;
	return 0;
}

/* Network file systems may hang; stepping on an automount point makes the host mount something; a /proc in an image's
 * folder is that of the system we run on, and no evidence of the image. */
static bool is_untouchable(const struct pk_mount *m, bool is_host)
{
	return !m->cross && (m->kind == PK_MOUNT_NETWORK || strcmp(m->type, "autofs") == 0 ||
			     (m->kind == PK_MOUNT_PSEUDO && !is_host));
}

int pk_mounts_parse(struct pk_mounts *m, struct pk_str text, struct pk_str prefix, const struct pk_mount_opts *opts,
		    size_t *ret_bad, struct pk_err *err)
{
	size_t bad = 0;

	pk_mounts_done(m);
	if (parse_all(m, text, &bad, err) < 0)
		return -1;
	if (strip_prefix(m, prefix, err) < 0 || mounts_decide(m, opts, err) < 0)
		return -1;
	for (size_t i = 0; i < m->n; i++)
		m->v[i].never = is_untouchable(&m->v[i], pk_str_eq(prefix, PK_STR("/")));
	if (m->n)
		qsort(m->v, m->n, sizeof(*m->v), by_point);
	if (ret_bad)
		*ret_bad = bad;
	return 0;
}

/* By a procfs of our own where that can be: what is mounted over /proc may lie, or never answer. */
static int read_mountinfo(struct pk_buf *ret, const char **ret_gap, struct pk_err *err)
{
	pk_autoclose int proc = pk_proc_open();
	pk_autoclose int fd = proc < 0 ? -1 : openat(proc, "self/mountinfo", O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct pk_err why = {0};

	if (fd < 0)
		*ret_gap = "mountinfo cannot be opened: no mount is known";
	else if (pk_read_all(fd, PK_MAX_FACT_FILE, ret, &why) < 0)
		*ret_gap = "mountinfo cannot be read to its end: not all mounts are known";
	return pk_buf_check(ret, err);
}

int pk_mounts_read(struct pk_mounts *m, const struct pk_root *root, const struct pk_mount_opts *opts,
		   struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	const char *gap = NULL;
	char self[40], prefix[PATH_MAX] = "/";
	ssize_t n = 1;

	if (!root->is_host) {
		snprintf(self, sizeof(self), "/proc/self/fd/%d", root->fd);
		n = readlink(self, prefix, sizeof(prefix));
		if (n < 0 || n == sizeof(prefix))
			return pk_fail(err, PK_ESYS, n < 0 ? errno : ENAMETOOLONG, "cannot tell where '%s' is",
				       root->name);
	}
	if (read_mountinfo(&text, &gap, err) < 0 ||
	    pk_mounts_parse(m, pk_buf_str(&text), pk_str_n(prefix, (size_t)n), opts, NULL, err) < 0)
		return -1;
	m->gap = gap ? gap : m->gap;
	return 0;
}

/* --- questions ------------------------------------------------------------------------------------- */

const struct pk_mount *pk_mounts_point(const struct pk_mounts *m, struct pk_str path)
{
	size_t lo = 0, hi = m->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (pk_str_cmp(pk_str(m->v[mid].point), path) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < m->n && m->v[lo].visible && pk_str_eq(pk_str(m->v[lo].point), path))
		return &m->v[lo];
	return NULL;
}

const struct pk_mount *pk_mounts_of(const struct pk_mounts *m, struct pk_str path)
{
	while (path.n > 1) {
		const struct pk_mount *hit = pk_mounts_point(m, path);

		if (hit)
			return hit;
		while (path.n > 1 && path.p[path.n - 1] != '/')
			path.n--;
		path.n -= path.n > 1;
	}
	return pk_mounts_point(m, PK_STR("/"));
}

static bool may_enter(const void *ctx, struct pk_str dir)
{
	const struct pk_mount *m = pk_mounts_point(ctx, dir);

	return !m || !m->never;
}

void pk_mounts_guard(const struct pk_mounts *m, struct pk_root *root)
{
	root->may_enter = NULL;
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].never) {
			root->may_enter = may_enter;
			root->may_enter_ctx = m;
		}
}

int pk_mounts_report(const struct pk_mounts *m,
		     int (*decision)(void *ctx, const struct pk_mount *m, struct pk_err *err), void *ctx,
		     struct pk_err *err)
{
	for (size_t i = 0; i < m->n; i++) {
		int rc = decision(ctx, &m->v[i], err);

		if (rc < 0)
			return rc;
	}
	return 0;
}
