/* SPDX-License-Identifier: Apache-2.0 */
/* Home folders: those of passwd and what is in /home, and /root, each once. */
#include "facts_priv.h"
#include "listing.h"
#include "quiet_open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define MAX_HOMES 20000

/* Homes of system accounts: a pattern with ** there would copy the operating system. */
static bool is_system(struct pk_str path)
{
	static const char *const tops[] = {"/bin",    "/boot",        "/dev",  "/etc", "/lib",  "/lib32", "/lib64",
					   "/libx32", "/nonexistent", "/proc", "/run", "/sbin", "/sys",   "/usr"};

	if (path.n <= 1)
		return true;
	for (size_t i = 0; i < PK_LEN(tops); i++) {
		struct pk_str top = pk_str(tops[i]);

		if (pk_str_starts(path, top) && (path.n == top.n || path.p[top.n] == '/'))
			return true;
	}
	return false;
}

/* Adds one folder if it is there and is new. What is wrong with it is no concern of the others. */
static int add_home(struct pk_facts *f, const struct pk_root *root, struct pk_str path, const char *user,
		    struct pk_err *err)
{
	PK_AUTO(pk_buf) dir = {0};
	PK_AUTO(pk_buf) name = {0};
	pk_autoclose int fd = -1;
	struct pk_err why = {0};
	struct pk_home *h;
	struct statx st;

	if (!path.n || path.p[0] != '/')
		return 0;
	pk_buf_put_str(&dir, path);
	pk_buf_put_c(&dir, '/'); /* the folder, not a link to it */
	if (pk_buf_check(&dir, err) < 0)
		return -1;
	if (pk_root_openat(root, pk_buf_str(&dir), O_PATH | O_DIRECTORY, 0, &fd, &why) < 0 ||
	    pk_root_resolve(root, pk_buf_str(&dir), &name, &why) < 0) {
		if (why.sys == ENOENT || why.sys == ENOTDIR)
			return 0;
		return facts_note(f, err, "%s", why.msg);
	}
	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO, &st) < 0)
		return facts_note(f, err, "cannot stat '%s'", name.p);
	uint64_t dev = makedev(st.stx_dev_major, st.stx_dev_minor);

	for (size_t i = 0; i < f->homes_n; i++)
		if (f->homes[i].dev == dev && f->homes[i].ino == st.stx_ino)
			return 0;
	if (f->homes_n == MAX_HOMES)
		return 0;
	if (!pk_grow(&f->homes, &f->homes_cap, f->homes_n + 1, sizeof(*f->homes)))
		return pk_fail_oom(err);
	h = &f->homes[f->homes_n];
	*h = (struct pk_home){.dev = dev, .ino = st.stx_ino, .is_system = is_system(pk_buf_str(&name))};
	h->user = pk_str_dup(pk_str(user));
	h->path = pk_buf_take(&name);
	f->homes_n++;
	return h->user && h->path ? 0 : pk_fail_oom(err);
}

static int homes_of_folder(struct pk_facts *f, const struct pk_root *root, struct pk_err *err)
{
	PK_AUTO(listing) l = {0};
	pk_autoclose int seen = -1, fd = -1;
	struct pk_err why = {0};
	const char *name;
	int rc;

	if (pk_root_openat(root, PK_STR("/home/"), O_PATH | O_DIRECTORY, 0, &seen, &why) < 0)
		return why.sys == ENOENT || why.sys == ENOTDIR ? 0 : facts_note(f, err, "%s", why.msg);
	if (quiet_reopen(seen, &fd) < 0)
		return facts_note(f, err, "cannot list '/home': %s", strerror(errno));
	while ((rc = listing_next(&l, fd, &name, NULL, err)) > 0) {
		PK_AUTO(pk_buf) path = {0};

		pk_buf_putf(&path, "/home/%s", name);
		if (pk_buf_check(&path, err) < 0 || add_home(f, root, pk_buf_str(&path), name, err) < 0)
			return -1;
	}
	if (rc < 0 && err && err->kind == PK_ESYS && err->sys != ENOMEM)
		return facts_note(f, err, "cannot list '/home': %s", strerror(err->sys));
	return rc;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct pk_home *)a)->path, ((const struct pk_home *)b)->path);
}

int facts_homes(struct pk_facts *f, const struct pk_root *root, struct pk_err *err)
{
	for (size_t i = 0; i < f->users_n; i++)
		if (add_home(f, root, pk_str(f->users[i].home), f->users[i].name, err) < 0)
			return -1;
	if (homes_of_folder(f, root, err) < 0 || add_home(f, root, PK_STR("/root"), "root", err) < 0)
		return -1;
	if (f->homes_n == MAX_HOMES && facts_note(f, err, "more than %d homes: the rest is left out", MAX_HOMES) < 0)
		return -1;
	if (f->homes_n)
		qsort(f->homes, f->homes_n, sizeof(*f->homes), by_path);
	return 0;
}
