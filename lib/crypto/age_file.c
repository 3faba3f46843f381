/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a regular age file at random: the last chunk first, since it authenticates the length. */
#include "age_int.h"

#include <sodium.h>
#include <stdlib.h>

/* Where the chunk is, of a file of which not all is there. */
static bool find_run(const struct pk_age_file *f, uint64_t index, uint64_t *ret_off)
{
	size_t lo = 0, hi = f->runs;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct age_run *r = &f->run[mid];

		if (index >= r->index && index - r->index < r->n) {
			*ret_off = r->off + (index - r->index) * AGE_SEALED_CHUNK;
			return true;
		}
		if (r->index < index)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

static bool is_last(const struct pk_age_file *f, uint64_t index) { return !f->cut && index + 1 == f->chunks; }

/* Its length follows from the size. */
static size_t chunk_size(const struct pk_age_file *f, uint64_t index)
{
	return is_last(f, index) ? (size_t)(f->size - index * PK_AGE_CHUNK) : PK_AGE_CHUNK;
}

/* Reads and opens chunk `index`; nothing is written that is not authentic. */
static int open_chunk(struct pk_age_file *f, uint64_t index, uint8_t *plain, struct pk_err *err)
{
	bool last = is_last(f, index);
	size_t n = chunk_size(f, index), got = 0;
	uint64_t off = f->payload + index * AGE_SEALED_CHUNK;

	if (f->run && !find_run(f, index, &off))
		return pk_fail_code(err, PK_ECRYPTO, PK_AGE_PAYLOAD, "the payload is damaged: chunk %llu is lost",
				    (unsigned long long)index + 1);
	if (pk_pread_full(f->fd, f->sealed, n + AGE_TAG, off, &got, err) < 0)
		return -1;
	if (got != n + AGE_TAG || !age_chunk_open(&f->stream, index, last, f->sealed, n + AGE_TAG, plain))
		return pk_fail_code(err, PK_ECRYPTO, PK_AGE_PAYLOAD, "the payload is damaged: chunk %llu of %llu%s",
				    (unsigned long long)index + 1, (unsigned long long)f->chunks,
				    last ? ", the last, is changed or cut" : " was changed");
	return 0;
}

static int load(struct pk_age_file *f, uint64_t index, struct pk_err *err)
{
	if (f->have == index)
		return 0;
	f->have = UINT64_MAX;
	if (open_chunk(f, index, f->plain, err) < 0)
		return -1;
	f->have = index;
	return 0;
}

/* Whole chunks only, none of them the last. */
static void take_as_cut(struct pk_age_file *f, uint64_t payload_n)
{
	f->cut = true;
	f->chunks = payload_n / AGE_SEALED_CHUNK;
	f->size = f->chunks * PK_AGE_CHUNK;
}

static int measure(struct pk_age_file *f, bool allow_cut, struct pk_err *err)
{
	uint64_t file_n = 0, n;
	size_t rest;

	if (pk_file_size(f->fd, &file_n, err) < 0)
		return -1;
	n = file_n - PK_MIN(file_n, f->payload);
	rest = n % AGE_SEALED_CHUNK;
	f->chunks = n / AGE_SEALED_CHUNK + (rest > 0);
	f->size = n - f->chunks * AGE_TAG;
	/* a chunk holds a tag at least, and only the first may hold nothing else */
	if (n == 0 || (rest && rest < AGE_TAG) || (rest == AGE_TAG && f->chunks > 1)) {
		if (!allow_cut)
			return pk_fail_code(err, PK_ECRYPTO, PK_AGE_PAYLOAD, "the payload is damaged: it is cut");
		take_as_cut(f, n);
		return 0;
	}
	if (load(f, f->chunks - 1, err) == 0)
		return 0;
	if (!allow_cut || !err || err->kind != PK_ECRYPTO)
		return -1;
	take_as_cut(f, n);
	*err = (struct pk_err){0};
	return 0;
}

int age_file_alloc(int fd, struct pk_age_file **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_age_file) f = calloc(1, sizeof(*f));

	if (!f)
		return pk_fail_oom(err);
	f->fd = fd;
	f->have = UINT64_MAX;
	f->plain = malloc(PK_AGE_CHUNK);
	f->sealed = malloc(AGE_SEALED_CHUNK);
	if (!f->plain || !f->sealed)
		return pk_fail_oom(err);
	*ret = pk_steal(&f);
	return 0;
}

int pk_age_file_open(int fd, const struct pk_age_identities *ids, bool allow_cut, struct pk_age_file **ret,
		     struct pk_err *err)
{
	PK_AUTO(age_source) src = {.fd = -1};
	PK_AUTOPTR(pk_age_file) f = NULL;
	struct pk_err local = {0};

	err = err ? err : &local;
	if (age_file_alloc(fd, &f, err) < 0)
		return -1;
	if (age_source_open_fd(&src, fd, true, err) < 0)
		return -1;
	if (src.armored)
		return AGE_HEADER_FAIL(err, "the file is armored: only a binary age file can be read at random");
	if (age_open(&src, ids, &f->stream, &f->payload, err) < 0 || measure(f, allow_cut, err) < 0)
		return -1;
	*ret = pk_steal(&f);
	return 0;
}

uint64_t pk_age_file_size(const struct pk_age_file *f) { return f->size; }
bool pk_age_file_is_cut(const struct pk_age_file *f) { return f->cut; }

int pk_age_file_pread(struct pk_age_file *f, void *p, size_t n, uint64_t off, struct pk_err *err)
{
	uint8_t *u = p;

	if (off > f->size || n > f->size - off)
		return pk_fail(err, PK_EFORMAT, 0, "%zu bytes at offset %llu are past the end at %llu", n,
			       (unsigned long long)off, (unsigned long long)f->size);
	while (n) {
		uint64_t index = off / PK_AGE_CHUNK;
		size_t at = (size_t)(off % PK_AGE_CHUNK), whole = chunk_size(f, index), take = PK_MIN(n, whole - at);

		if (take == whole && f->have != index) {
			if (open_chunk(f, index, u, err) < 0)
				return -1;
		} else if (load(f, index, err) < 0) {
			return -1;
		} else {
			memcpy(u, f->plain + at, take);
		}
		u += take;
		off += take;
		n -= take;
	}
	return 0;
}

void pk_age_file_free(struct pk_age_file *f)
{
	if (!f)
		return;
	if (f->plain)
		sodium_memzero(f->plain, PK_AGE_CHUNK);
	free(f->plain);
	free(f->sealed);
	free(f->run);
	free(f->hole);
	age_stream_done(&f->stream);
	free(f);
}
