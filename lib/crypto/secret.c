/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets in guarded memory: made, copied, read from files, written, wiped. */
#include <picket/io.h>
#include <picket/secret.h>

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

int pk_crypto_init(struct pk_err *err)
{
	if (sodium_init() < 0)
		return pk_fail(err, PK_EINTERNAL, 0, "cannot initialise the cryptographic library");
	return 0;
}

int pk_secret_new(struct pk_secret *s, size_t n, struct pk_err *err)
{
	uint8_t *p;

	if (pk_crypto_init(err) < 0)
		return -1;
	p = sodium_malloc(n ? n : 1);
	if (!p)
		return pk_fail_oom(err);
	sodium_memzero(p, n ? n : 1);
	pk_secret_done(s);
	*s = (struct pk_secret){p, n};
	return 0;
}

int pk_secret_copy(struct pk_secret *s, const void *p, size_t n, struct pk_err *err)
{
	if (pk_secret_new(s, n, err) < 0)
		return -1;
	if (n)
		memcpy(s->p, p, n);
	return 0;
}

void pk_secret_done(struct pk_secret *s)
{
	if (s->p)
		sodium_free(s->p); /* wipes */
	*s = (struct pk_secret){0};
}

static PK_NODISCARD int read_fd(struct pk_secret *s, int fd, size_t max, struct pk_err *err)
{
	PK_AUTO(pk_secret) all = {0};
	size_t cap = PK_MIN(max, (size_t)4096), have = 0, got = 0;

	if (pk_secret_new(&all, cap + 1, err) < 0)
		return -1;
	for (;;) {
		PK_AUTO(pk_secret) bigger = {0};

		if (pk_read_full(fd, all.p + have, cap + 1 - have, &got, err) < 0)
			return -1;
		have += got;
		if (have <= cap)
			break;
		if (cap >= max)
			return pk_fail(err, PK_ELIMIT, 0, "larger than the limit of %zu bytes", max);
		cap = PK_MIN(cap * 4, max);
		if (pk_secret_new(&bigger, cap + 1, err) < 0)
			return -1;
		memcpy(bigger.p, all.p, have);
		pk_secret_done(&all);
		all = bigger;
		bigger = (struct pk_secret){0};
	}
	pk_secret_done(s);
	*s = (struct pk_secret){all.p, have};
	all = (struct pk_secret){0};
	return 0;
}

int pk_secret_read_fd(struct pk_secret *s, int fd, size_t max, bool *ret_loose, struct pk_err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot read");
	if (read_fd(s, fd, max, err) < 0)
		return -1;
	if (ret_loose)
		*ret_loose = S_ISREG(st.st_mode) && (st.st_mode & 077);
	return 0;
}

int pk_secret_read_path(struct pk_secret *s, const char *path, size_t max, bool *ret_loose, struct pk_err *err)
{
	pk_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot open '%s'", path);
	return pk_secret_read_fd(s, fd, max, ret_loose, err) < 0 ? pk_wrap(err, "'%s'", path) : 0;
}

int pk_secret_write_path(const struct pk_secret *s, const char *path, struct pk_err *err)
{
	return pk_write_path(path, PK_OUT_EXCL, pk_str_n(s->p, s->n), err);
}

void pk_wipe(void *p, size_t n) { sodium_memzero(p, n); }

void pk_random(void *p, size_t n) { randombytes_buf(p, n); }
