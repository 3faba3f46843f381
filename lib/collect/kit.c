/* SPDX-License-Identifier: Apache-2.0 */
/* Kits: a mission's files appended to the collector, with a footer that finds damage. */
#include <picket/kit.h>

#include <picket/hash.h>
#include <picket/limits.h>
#include <picket/tar.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_MISSION (256u << 20) /* bytes of the tar */

#define DAMAGED "this kit was altered or damaged: get it again, and check its .minisig"

static const char magic[8] = {'P', 'I', 'C', 'K', 'E', 'T', 'K', 'T'};

int pk_kit_put(struct pk_buf *tar, const char *name, struct pk_str data, struct pk_err *err)
{
	static const char zero[PK_TAR_BLOCK];

	pk_tar_put_header(tar, pk_str(name), data.n);
	pk_buf_put_str(tar, data);
	pk_buf_put(tar, zero, pk_tar_padding(data.n));
	return pk_buf_check(tar, err);
}

static void put_le(struct pk_buf *b, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++, v >>= 8)
		pk_buf_put_c(b, (char)(uint8_t)v);
}

/* Hashes n bytes of fd from its start; copies them to `out` when given. */
static int hash_span(int fd, uint64_t n, struct pk_sha256 *h, struct pk_outfile *out, struct pk_err *err)
{
	PK_AUTO(pk_secret) block = {0}; /* a kit carries signing keys: no copy stays behind */
	size_t got;

	if (pk_secret_new(&block, 65536, err) < 0)
		return -1;
	for (uint64_t at = 0; at < n; at += got) {
		size_t want = (size_t)PK_MIN(n - at, (uint64_t)block.n);

		if (pk_pread_full(fd, block.p, want, at, &got, err) < 0)
			return -1;
		if (got < want)
			return pk_fail(err, PK_EFORMAT, 0, "the file ends at %llu of %llu bytes",
				       (unsigned long long)(at + got), (unsigned long long)n);
		pk_sha256_put(h, block.p, got);
		if (out && pk_outfile_write(out, block.p, got, err) < 0)
			return -1;
	}
	return 0;
}

int pk_kit_write(const char *path, int collector_fd, struct pk_str tar, struct pk_err *err)
{
	static const char end[PK_TAR_END];
	PK_AUTO(pk_outfile) out = PK_OUTFILE_INIT;
	PK_AUTO(pk_buf) footer = {0};
	struct pk_kit plain;
	struct pk_sha256 h;
	uint8_t sum[PK_SHA256_SIZE];
	uint64_t size;
	bool is_kit;

	if (tar.n > MAX_MISSION)
		return pk_fail(err, PK_ELIMIT, 0, "the mission's files take %zu bytes, more than %u", tar.n,
			       MAX_MISSION);
	if (pk_kit_open(&plain, collector_fd, &is_kit, err) < 0 || pk_file_size(collector_fd, &size, err) < 0)
		return -1;
	if (is_kit)
		return pk_fail(err, PK_EUSAGE, 0, "the collector is a kit already; give the plain picket-collect");
	if (pk_outfile_open(&out, path, PK_OUT_EXCL, err) < 0)
		return -1;
	pk_sha256_init(&h);
	if (hash_span(collector_fd, size, &h, &out, err) < 0)
		return pk_wrap(err, "collector");
	pk_buf_put(&footer, magic, sizeof(magic));
	put_le(&footer, 1, 4);
	put_le(&footer, 0, 4);
	put_le(&footer, size, 8);
	put_le(&footer, tar.n + sizeof(end), 8);
	pk_sha256_put(&h, tar.p, tar.n);
	pk_sha256_put(&h, end, sizeof(end));
	pk_sha256_put(&h, footer.p, footer.n);
	pk_sha256_end(&h, sum);
	pk_buf_put(&footer, sum, sizeof(sum));
	if (pk_buf_check(&footer, err) < 0 || pk_outfile_write(&out, tar.p, tar.n, err) < 0 ||
	    pk_outfile_write(&out, end, sizeof(end), err) < 0 || pk_outfile_write(&out, footer.p, footer.n, err) < 0)
		return -1;
	if (fchmod(out.fd, 0700) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot make '%s' executable", path);
	return pk_outfile_commit(&out, err);
}

/* A kit that lost its end has no footer any more, but still more behind the program than a plain collector has. Where
 * an ELF file ends its section headers say: linkers write them last. */
static int check_no_rest(int fd, uint64_t size, struct pk_err *err)
{
	uint8_t head[64];
	struct pk_cur c;
	uint64_t sections, end;
	uint16_t each, n;
	size_t got;

	if (pk_pread_full(fd, head, sizeof(head), 0, &got, err) < 0)
		return -1;
	if (got < sizeof(head) || memcmp(head, "\177ELF\2\1", 6) != 0)
		return 0;
	c = pk_cur(head + 0x28, 8);
	sections = pk_rd_le64(&c);
	c = pk_cur(head + 0x3a, 4);
	each = pk_rd_le16(&c);
	n = pk_rd_le16(&c);
	if (sections && (!pk_u64_add(sections, (uint64_t)each * n, &end) || end != size))
		return pk_fail(err, PK_ECRYPTO, 0, DAMAGED);
	return 0;
}

int pk_kit_open(struct pk_kit *k, int fd, bool *ret_is_kit, struct pk_err *err)
{
	uint8_t footer[PK_KIT_FOOTER], sum[PK_SHA256_SIZE];
	struct pk_kit found = {.fd = fd};
	struct pk_sha256 h, whole;
	struct pk_cur c;
	uint64_t size, end;
	size_t got;

	if (pk_file_size(fd, &size, err) < 0)
		return -1;
	*ret_is_kit = false;
	if (size < sizeof(footer))
		return 0;
	if (pk_pread_full(fd, footer, sizeof(footer), size - sizeof(footer), &got, err) < 0)
		return -1;
	if (got < sizeof(footer) || memcmp(footer, magic, sizeof(magic)) != 0)
		return check_no_rest(fd, size, err);
	c = pk_cur(footer + sizeof(magic), sizeof(footer) - sizeof(magic));
	if (pk_rd_le32(&c) != 1 || pk_rd_le32(&c) != 0)
		return pk_fail(err, PK_EFORMAT, 0, "kit of a version this collector does not know");
	found.tar_off = pk_rd_le64(&c);
	found.tar_len = pk_rd_le64(&c);
	if (found.tar_len > MAX_MISSION + PK_TAR_END || !pk_u64_add(found.tar_off, found.tar_len, &end) ||
	    end != size - sizeof(footer))
		return pk_fail(err, PK_ECRYPTO, 0, DAMAGED);
	pk_sha256_init(&h);
	if (hash_span(fd, size - PK_SHA256_SIZE, &h, NULL, err) < 0)
		return -1;
	whole = h;
	pk_sha256_end(&h, sum);
	if (memcmp(sum, footer + sizeof(footer) - sizeof(sum), sizeof(sum)) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, DAMAGED);
	pk_sha256_put(&whole, sum, sizeof(sum));
	pk_sha256_end(&whole, found.sha256);
	*k = found;
	*ret_is_kit = true;
	return 0;
}

typedef int file_fn(void *ctx, struct pk_str name, struct pk_str data, struct pk_err *err);

int pk_kit_each_in(struct pk_str tar, const char *prefix, file_fn *file, void *ctx, struct pk_err *err)
{
	struct pk_tar_header head;
	size_t at = 0;

	for (;;) {
		if (pk_tar_parse((const uint8_t *)tar.p + at, tar.n - at, &head, err) < 0)
			return -1;
		if (head.header_bytes == 0)
			return 0;
		at += head.header_bytes;
		if (head.size > tar.n - at || pk_tar_padding(head.size) > tar.n - at - head.size)
			return pk_fail(err, PK_EFORMAT, 0, "member '%s' is cut", head.name);
		if (pk_str_starts(pk_str(head.name), pk_str(prefix)) &&
		    file(ctx, pk_str(head.name), pk_str_n(tar.p + at, (size_t)head.size), err) < 0)
			return -1;
		at += (size_t)head.size + pk_tar_padding(head.size);
	}
}

int pk_kit_each(const struct pk_kit *k, const char *prefix, file_fn *file, void *ctx, struct pk_err *err)
{
	PK_AUTO(pk_secret) data = {0};
	uint64_t at = k->tar_off, end = k->tar_off + k->tar_len;

	for (;;) {
		uint8_t head_bytes[PK_TAR_MAX_HEADER];
		struct pk_tar_header head;
		size_t got;

		if (pk_pread_full(k->fd, head_bytes, (size_t)PK_MIN(sizeof(head_bytes), end - at), at, &got, err) < 0 ||
		    pk_tar_parse(head_bytes, got, &head, err) < 0)
			return pk_wrap(err, "kit");
		if (head.header_bytes == 0)
			return 0;
		at += head.header_bytes;
		if (head.size > end - at || pk_tar_padding(head.size) > end - at - head.size)
			return pk_fail(err, PK_EFORMAT, 0, "kit: member '%s' is cut", head.name);
		if (pk_str_starts(pk_str(head.name), pk_str(prefix))) {
			pk_secret_done(&data);
			if (pk_secret_new(&data, PK_MAX((size_t)head.size, (size_t)1), err) < 0 ||
			    pk_pread_full(k->fd, data.p, (size_t)head.size, at, &got, err) < 0)
				return pk_wrap(err, "kit: '%s'", head.name);
			if (got < head.size)
				return pk_fail(err, PK_EFORMAT, 0, "kit: member '%s' is cut", head.name);
			if (file(ctx, pk_str(head.name), pk_str_n(data.p, got), err) < 0)
				return -1;
		}
		at += head.size + pk_tar_padding(head.size);
	}
}

struct wanted {
	const char *name;
	struct pk_buf *buf;
	struct pk_secret *secret;
	bool found;
};

static int keep_wanted(void *ctx, struct pk_str name, struct pk_str data, struct pk_err *err)
{
	struct wanted *w = ctx;

	if (!pk_str_eq(name, pk_str(w->name)))
		return 0;
	if (w->found)
		return pk_fail(err, PK_EFORMAT, 0, "kit: '%s' is there twice", w->name);
	w->found = true;
	if (w->secret)
		return pk_secret_copy(w->secret, data.p, data.n, err);
	pk_buf_put_str(w->buf, data);
	return pk_buf_check(w->buf, err);
}

static int get_one(const struct pk_kit *k, struct wanted *w, struct pk_err *err)
{
	if (pk_kit_each(k, w->name, keep_wanted, w, err) < 0)
		return -1;
	return w->found ? 0 : pk_fail(err, PK_EFORMAT, 0, "kit: '%s' is missing", w->name);
}

int pk_kit_get(const struct pk_kit *k, const char *name, struct pk_buf *ret, struct pk_err *err)
{
	struct wanted w = {.name = name, .buf = ret};

	return get_one(k, &w, err);
}

int pk_kit_get_secret(const struct pk_kit *k, const char *name, struct pk_secret *ret, struct pk_err *err)
{
	struct wanted w = {.name = name, .secret = ret};

	return get_one(k, &w, err);
}
