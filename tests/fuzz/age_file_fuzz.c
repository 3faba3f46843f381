/* SPDX-License-Identifier: Apache-2.0 */
/* A sealed file, damaged as the input says, opened in order and at random with the right identity: both agree, and no
 * byte comes out that was not sealed. The first byte says how much is sealed; then each three bytes are an edit:
 * what to do, and where. */
#include <picket/age.h>

#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pk_age_identities *ids;
static struct pk_age_recipients to;
static const uint32_t sizes[] = {0, 1, 65535, 65536, 65537, 131072, 140000, 200000};
static struct pk_buf files[PK_LEN(sizes)];

static uint8_t plain_at(size_t i) { return (uint8_t)(i * 5 ^ i >> 11); }

static void prepare(void)
{
	static uint8_t plain[200000];

	if (ids)
		return;
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = plain_at(i);
	assert(pk_age_identities_new(&ids, NULL) == 0);
	assert(pk_age_identities_add(
		       ids, PK_STR("AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"),
		       NULL) == 0);
	assert(pk_age_recipients_add(&to, PK_STR("age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"),
				     NULL) == 0);
	for (size_t i = 0; i < PK_LEN(sizes); i++) {
		PK_AUTOPTR(pk_age_writer) w = NULL;

		assert(pk_age_writer_new(&to, pk_sink_buf(&files[i]), NULL, &w, NULL) == 0);
		assert(pk_age_write(w, plain, sizes[i], NULL) == 0 && pk_age_writer_finish(w, NULL) == 0);
	}
}

/* Half of the places are near the beginning, the others spread over the whole. */
static size_t place(const uint8_t *edit, size_t n)
{
	size_t v = (size_t)edit[1] << 8 | edit[2];

	return n == 0 ? 0 : v < 1024 ? v % n : v * 7919 % n;
}

static void damage(struct pk_buf *b, const uint8_t *edit)
{
	size_t at = place(edit, b->n), chunk = 65536 + 16;

	switch (edit[0] % 6) {
	case 0: /* a bit */
		if (b->n)
			b->p[at] = (char)(b->p[at] ^ 1 << (edit[0] / 6) % 8);
		break;
	case 1: /* cut */ b->n = at; break;
	case 2: /* a byte taken out */
		if (b->n) {
			memmove(b->p + at, b->p + at + 1, b->n - at - 1);
			b->n--;
		}
		break;
	case 3: /* something appended */ pk_buf_put(b, edit, 1 + edit[0] % 3); break;
	case 4: /* the end once more */
		if (b->n > chunk)
			for (size_t from = b->n - chunk, i = 0; i < chunk; i++)
				pk_buf_put_c(b, b->p[from + i]);
		break;
	case 5: /* a chunk's length taken out */
		if (b->n > chunk) {
			at = at % (b->n - chunk);
			memmove(b->p + at, b->p + at + chunk, b->n - at - chunk);
			b->n -= chunk;
		}
		break;
	}
}

/* Bytes released, and the verdict. */
static int in_order(int fd, size_t want, size_t step, size_t *ret_n)
{
	PK_AUTOPTR(pk_age_reader) r = NULL;
	struct pk_err err = {0};
	static uint8_t got[200000];
	size_t n = 0;

	*ret_n = 0;
	if (pk_age_reader_new(fd, ids, NULL, &r, &err) < 0) {
		assert(err.code >= PK_AGE_NO_MATCH && err.code <= PK_AGE_ARMOR);
		return err.code;
	}
	do {
		if (pk_age_read(r, got, step, &n, &err) < 0) {
			assert(err.code == PK_AGE_PAYLOAD);
			return err.code;
		}
		assert(*ret_n + n <= want);
		for (size_t i = 0; i < n; i++)
			assert(got[i] == plain_at(*ret_n + i));
		*ret_n += n;
	} while (n);
	assert(*ret_n == want);
	return 0;
}

static int at_random(int fd, size_t want, bool allow_cut)
{
	PK_AUTOPTR(pk_age_file) f = NULL;
	struct pk_err err = {0};
	uint64_t n;
	uint8_t got;

	if (pk_age_file_open(fd, ids, allow_cut, &f, &err) < 0)
		return err.code;
	n = pk_age_file_size(f);
	assert(pk_age_file_is_cut(f) || n == want);
	for (uint64_t at = n; at > 0; at -= PK_MIN(at, (uint64_t)40000)) {
		if (pk_age_file_pread(f, &got, 1, at - 1, &err) < 0)
			return err.code;
		assert(got == plain_at(at - 1));
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTO(pk_buf) b = {0};
	pk_autoclose int fd = -1;
	size_t which, released, same;
	bool intact;
	int code;

	prepare();
	if (size == 0)
		return 0;
	which = data[0] % PK_LEN(sizes);
	pk_buf_put_str(&b, pk_buf_str(&files[which]));
	for (size_t i = 1; i + 3 <= size && i < 13; i += 3)
		damage(&b, data + i);
	fd = memfd_create("age", MFD_CLOEXEC);
	if (fd < 0 || pk_write_full(fd, b.p, b.n, NULL) < 0)
		return 0;
	intact = pk_str_eq(pk_buf_str(&b), pk_buf_str(&files[which]));
	lseek(fd, 0, SEEK_SET);
	code = in_order(fd, sizes[which], 200000, &released);
	assert((code == 0) == intact);
	lseek(fd, 0, SEEK_SET);
	assert(in_order(fd, sizes[which], 1000, &same) == code && same == released);
	if (code == 0 || (code != PK_AGE_PAYLOAD && code != PK_AGE_ARMOR))
		assert(at_random(fd, sizes[which], false) == code);
	else
		(void)at_random(fd, sizes[which], true);
	return 0;
}
