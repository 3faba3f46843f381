/* SPDX-License-Identifier: Apache-2.0 */
/* Files on their way into the case's folder: copied under a name of their own, synced, renamed. */
#include "stage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <picket/hash.h>
#include <picket/limits.h>
#include <picket/secret.h>

#define COPY_BYTES (1u << 20)

const char *const pk_stage_suffixes[] = {".minisig",        ".ticket",          ".ticket.minisig",
					 ".receipt",        ".receipt.minisig", ".rewrap",
					 ".rewrap.minisig", ".orig-header",     ".orig.minisig"};
const size_t pk_stage_suffixes_n = PK_LEN(pk_stage_suffixes);
_Static_assert(PK_LEN(pk_stage_suffixes) <= PK_STAGE_MAX_SUFFIXES, "each has a hash in struct pk_stage");

static int join(const char *a, const char *b, char **ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) buf = {0};

	pk_buf_puts(&buf, a);
	pk_buf_puts(&buf, b);
	free(*ret);
	return (*ret = pk_buf_take(&buf)) ? 0 : pk_fail_oom(err);
}

void pk_stage_done(struct pk_stage *s)
{
	if (s->path) {
		unlink(s->path);
		for (size_t i = 0; i < s->suffixes.n; i++) {
			pk_autofree char *side = NULL;

			if (join(s->path, s->suffixes.v[i], &side, NULL) == 0)
				unlink(side);
		}
	}
	free(s->path);
	pk_strv_done(&s->suffixes);
	*s = (struct pk_stage){0};
}

int pk_stage_digest(const char *path, const struct pk_events *ev, uint8_t ret[64], uint64_t *ret_size,
		    struct pk_err *err)
{
	pk_autoclose int fd = -1;
	pk_autofree uint8_t *buf = malloc(COPY_BYTES);
	struct pk_blake2b h;
	uint64_t total = 0, all = 0;
	size_t n = 0;

	if (!buf)
		return pk_fail_oom(err);
	if (pk_open_brought(path, &fd, err) < 0)
		return -1;
	if (pk_file_size(fd, &all, err) < 0)
		return pk_wrap(err, "'%s'", path);
	pk_blake2b_init(&h);
	do {
		if (pk_read_full(fd, buf, COPY_BYTES, &n, err) < 0)
			return pk_wrap(err, "'%s'", path);
		pk_blake2b_put(&h, buf, n);
		total += n;
		pk_event_progress(ev, "hashing", total, all);
	} while (n == COPY_BYTES);
	pk_blake2b_end(&h, ret);
	*ret_size = total;
	return 0;
}

static int copy_file(const char *from, const char *to, struct pk_err *err)
{
	pk_autoclose int in = -1, out = -1;
	pk_autofree uint8_t *buf = NULL;
	size_t n = 0;

	if (pk_open_brought(from, &in, err) < 0)
		return -1;
	out = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (out < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot create '%s'", to);
	if (ioctl(out, FICLONE, in) < 0) {
		if (!(buf = malloc(COPY_BYTES)))
			return pk_fail_oom(err);
		do {
			if (pk_read_full(in, buf, COPY_BYTES, &n, err) < 0)
				return pk_wrap(err, "'%s'", from);
			if (pk_write_full(out, buf, n, err) < 0)
				return pk_wrap(err, "'%s'", to);
		} while (n == COPY_BYTES);
	}
	if (fsync(out) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot write '%s'", to);
	return 0;
}

static int copy_sidecar(struct pk_stage *s, const char *path, const char *suffix, const struct pk_events *ev,
			struct pk_err *err)
{
	struct pk_err why = {0};
	PK_AUTO(pk_buf) text = {0};
	pk_autofree char *from = NULL, *to = NULL;

	if (join(path, suffix, &from, err) < 0 || join(s->path, suffix, &to, err) < 0)
		return -1;
	if (faccessat(AT_FDCWD, from, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return 0;
	if (pk_read_beside(from, PK_MAX_TEXT_FILE, &text, &why) < 0) {
		/* whoever lays a pipe or a heap of bytes beside a bundle cannot keep it out: it is judged without */
		if (why.kind == PK_EFORMAT || why.kind == PK_ELIMIT ||
		    (pk_str_starts(pk_str(suffix), PK_STR(".receipt")) && why.sys != ENOMEM)) {
			pk_event_warn(ev, "what lies beside the bundle is left out: %s", why.msg);
			return 0;
		}
		if (err)
			*err = why;
		return -1;
	}
	/* known before it is there, so that an interruption removes it */
	if (pk_strv_add(&s->suffixes, pk_str(suffix), err) < 0 || pk_write_path(to, 0, pk_buf_str(&text), err) < 0)
		return -1;
	pk_sha256(text.p ? text.p : "", text.n, s->sidecar_sha256[s->suffixes.n - 1]);
	return 0;
}

int pk_stage_copy(struct pk_stage *s, struct pk_case *c, const char *path, const struct pk_events *ev,
		  struct pk_err *err)
{
	PK_AUTO(pk_buf) name = {0};
	uint8_t rnd[8];
	struct stat st;

	if (stat(path, &st) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open '%s'", path);
	if (!S_ISREG(st.st_mode))
		return pk_fail(err, PK_EUSAGE, 0, "'%s' is not a regular file", path);
	pk_random(rnd, sizeof(rnd));
	pk_buf_putf(&name, "%s/quarantine/" PK_STAGE_PREFIX, c->dir);
	pk_buf_put_hex(&name, rnd, sizeof(rnd));
	pk_buf_puts(&name, ".age");
	s->c = c;
	if (!(s->path = pk_buf_take(&name)))
		return pk_fail_oom(err);
	if (copy_file(path, s->path, err) < 0 || pk_stage_digest(s->path, NULL, s->digest, &s->size, err) < 0)
		return -1;
	for (size_t i = 0; i < pk_stage_suffixes_n; i++)
		if (copy_sidecar(s, path, pk_stage_suffixes[i], ev, err) < 0)
			return -1;
	return 0;
}

static int sync_folder(const struct pk_case *c, const char *name, struct pk_err *err)
{
	pk_autofree char *path = NULL;
	pk_autoclose int fd = -1;

	if (pk_case_path(c, name, &path, err) < 0)
		return -1;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || (fsync(fd) < 0 && errno != EINVAL))
		return pk_fail(err, PK_ESYS, errno, "cannot write the folder '%s'", path);
	return 0;
}

int pk_stage_place(struct pk_stage *s, const char *place, struct pk_err *err)
{
	pk_autofree char *to = NULL;

	if (pk_case_path(s->c, place, &to, err) < 0)
		return -1;
	for (size_t i = 0; i < pk_stage_suffixes_n; i++) {
		pk_autofree char *from_side = NULL, *to_side = NULL;

		if (join(s->path, pk_stage_suffixes[i], &from_side, err) < 0 ||
		    join(to, pk_stage_suffixes[i], &to_side, err) < 0)
			return -1;
		/* one that an interrupted import left and this one has not would be another's */
		if (!pk_strv_has(&s->suffixes, pk_stage_suffixes[i]))
			unlink(to_side);
		else if (rename(from_side, to_side) < 0)
			return pk_fail(err, PK_ESYS, errno, "cannot create '%s'", to_side);
	}
	if (rename(s->path, to) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot create '%s'", to);
	free(s->path);
	s->path = NULL;
	if (sync_folder(s->c, "bundles", err) < 0 || sync_folder(s->c, "quarantine", err) < 0)
		return -1;
	return 0;
}

void pk_stage_unlink(struct pk_case *c, const char *place)
{
	pk_autofree char *path = NULL;

	if (pk_case_path(c, place, &path, NULL) < 0)
		return;
	unlink(path);
	for (size_t i = 0; i < pk_stage_suffixes_n; i++) {
		pk_autofree char *side = NULL;

		if (join(path, pk_stage_suffixes[i], &side, NULL) == 0)
			unlink(side);
	}
}

void pk_stage_clean(struct pk_case *c)
{
	pk_autofree char *path = NULL;
	DIR *d = NULL;
	struct dirent *e = NULL;

	if (pk_case_path(c, "quarantine", &path, NULL) < 0 || !(d = opendir(path)))
		return;
	while ((e = readdir(d)) != NULL)
		if (pk_str_starts(pk_str(e->d_name), PK_STR(PK_STAGE_PREFIX)))
			unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
}
