/* SPDX-License-Identifier: Apache-2.0 */
/* Home folders, and the mounts that could hang whoever touches them. */
#include "accounts.h"

#include <fcntl.h>

/* --- remote mounts ----------------------------------------------------------------------------------------- */

void live_remote_done(struct live_remote *r) { pk_strv_done(&r->paths); }

static bool remote_type(struct pk_str t)
{
	static const char *const types[] = {"nfs",   "nfs4", "cifs",     "smb3",      "smbfs",   "ncpfs",
					    "afs",   "9p",   "ceph",     "glusterfs", "lustre",  "gpfs",
					    "ocfs2", "gfs2", "autofs",   "fuse",      "fuseblk", "virtiofs",
					    "davfs", "coda", "orangefs", "beegfs"};

	for (size_t i = 0; i < PK_LEN(types); i++)
		if (pk_str_eq(t, pk_str(types[i])))
			return true;
	return pk_str_starts(t, PK_STR("fuse."));
}

int live_remote_find(const struct pk_live_ctx *ctx, struct live_remote *ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) b = {0};
	PK_AUTO(pk_buf) path = {0};
	struct pk_str rest, line;
	struct live_mount m;
	bool cut;

	if (!ctx->live || live_read_at(ctx->proc_fd, "self/mountinfo", PK_LIVE_MAX_FILE, &b, &cut) != 0)
		return 0;
	rest = pk_buf_str(&b);
	while (rest.n && pk_str_line(&rest, &line)) {
		if (!live_parse_mount(line, &m) || !remote_type(m.type))
			continue;
		pk_buf_reset(&path);
		live_unescape(&path, m.path);
		if (!pk_str_eq(pk_buf_str(&path), PK_STR("/")) && pk_strv_add(&ret->paths, pk_buf_str(&path), err) < 0)
			return -1;
	}
	return 0;
}

bool live_is_remote(const struct live_remote *r, struct pk_str path)
{
	for (size_t i = 0; i < r->paths.n; i++) {
		struct pk_str m = pk_str(r->paths.v[i]);

		if (pk_str_starts(path, m) && (path.n == m.n || path.p[m.n] == '/'))
			return true;
	}
	return false;
}

/* --- homes ------------------------------------------------------------------------------------------------------ */

void live_homes_done(struct live_homes *h)
{
	free(h->v);
	pk_strv_done(&h->text);
	*h = (struct live_homes){0};
}

static bool no_home(struct pk_str p)
{
	static const char *const not_homes[] = {"",      "/",    "/bin", "/sbin",       "/dev",
						"/proc", "/sys", "/usr", "/nonexistent"};

	for (size_t i = 0; i < PK_LEN(not_homes); i++)
		if (pk_str_eq(p, pk_str(not_homes[i])))
			return true;
	return pk_str_starts(p, PK_STR("/usr/")) || pk_str_starts(p, PK_STR("/proc/")) || p.p[0] != '/';
}

static int add(struct live_homes *h, struct pk_str path, struct pk_str user, uint64_t uid, struct pk_err *err)
{
	if (!pk_grow(&h->v, &h->cap, h->n + 1, sizeof(*h->v)))
		return pk_fail_oom(err);
	if (pk_strv_add(&h->text, path, err) < 0)
		return -1;
	h->v[h->n++] = (struct live_home){pk_str(h->text.v[h->text.n - 1]), user, uid};
	return 0;
}

static bool known(const struct live_homes *h, struct pk_str path)
{
	for (size_t i = 0; i < h->n; i++)
		if (pk_str_eq(h->v[i].path, path))
			return true;
	return false;
}

static int add_folders(const struct pk_live_ctx *ctx, struct live_homes *h, const struct live_remote *remote,
		       struct pk_err *err)
{
	PK_AUTO(pk_strv) names = {0};
	PK_AUTO(pk_buf) path = {0};
	pk_autoclose int dir = -1;
	struct stat st;

	if (!known(h, PK_STR("/root")) && add(h, PK_STR("/root"), PK_STR(""), 0, err) < 0)
		return -1;
	if (live_is_remote(remote, PK_STR("/home")) || live_dir_root(ctx, PK_STR("home"), &dir) != 0 ||
	    live_list(dir, &names) != 0)
		return 0;
	for (size_t i = 0; i < names.n; i++) {
		struct pk_str p = live_join(&path, PK_STR("/home"), pk_str(names.v[i]));

		if (known(h, p) || live_is_remote(remote, p) ||
		    fstatat(dir, names.v[i], &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0 || !S_ISDIR(st.st_mode))
			continue;
		if (add(h, p, PK_STR(""), st.st_uid, err) < 0)
			return -1;
	}
	return 0;
}

int live_homes_find(const struct pk_live_ctx *ctx, struct pk_live_out *out, const struct live_accounts *a,
		    struct live_homes *ret, struct pk_err *err)
{
	PK_AUTO(live_remote) remote = {0};

	if (live_remote_find(ctx, &remote, err) < 0)
		return -1;
	for (size_t i = 0; i < a->n; i++) {
		struct pk_str home = a->v[i].home;

		while (home.n > 1 && home.p[home.n - 1] == '/')
			home.n--;
		if (!home.n || no_home(home) || known(ret, home))
			continue;
		if (live_is_remote(&remote, home)) {
			pk_live_note(out, "'%.*s' is on a network or FUSE file system and was not looked into",
				     PK_STR_ARG(home));
			continue;
		}
		if (add(ret, home, a->v[i].name, a->v[i].uid, err) < 0)
			return -1;
	}
	return add_folders(ctx, ret, &remote, err);
}
