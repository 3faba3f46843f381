/* SPDX-License-Identifier: Apache-2.0 */
/* The one form of tar member that Picket writes and reads. */
#include <picket/tar.h>

#include <stdio.h>

#define BIG_SIZE (1ull << 33) /* what eleven octal digits cannot hold */

struct ustar {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], chksum[8], type, linkname[100];
	char magic[6], version[2], uname[32], gname[32], devmajor[8], devminor[8], prefix[155], pad[12];
};
_Static_assert(sizeof(struct ustar) == PK_TAR_BLOCK, "a tar block");

static void put_octal(char *field, size_t n, uint64_t v)
{
	field[n - 1] = 0;
	for (size_t i = n - 1; i-- > 0; v >>= 3)
		field[i] = (char)('0' + (v & 7));
}

static void put_ustar(struct pk_buf *b, struct pk_str name, uint64_t size, char type)
{
	struct ustar u = {.type = type, .magic = "ustar", .version = {'0', '0'}};
	unsigned sum = 0;

	memcpy(u.name, name.p, PK_MIN(name.n, sizeof(u.name)));
	put_octal(u.mode, sizeof(u.mode), 0600);
	put_octal(u.uid, sizeof(u.uid), 0);
	put_octal(u.gid, sizeof(u.gid), 0);
	put_octal(u.size, sizeof(u.size), size < BIG_SIZE ? size : 0);
	put_octal(u.mtime, sizeof(u.mtime), 0);
	put_octal(u.devmajor, sizeof(u.devmajor), 0);
	put_octal(u.devminor, sizeof(u.devminor), 0);
	memset(u.chksum, ' ', sizeof(u.chksum));
	for (size_t i = 0; i < sizeof(u); i++)
		sum += ((const uint8_t *)&u)[i];
	put_octal(u.chksum, 7, sum); /* six digits, NUL, space */
	pk_buf_put(b, &u, sizeof(u));
}

/* "LENGTH key=value\n", where LENGTH counts itself. */
static void put_pax(struct pk_buf *b, const char *key, struct pk_str value)
{
	size_t body = strlen(key) + value.n + 3, n = body + 1;

	while (n != body + (size_t)snprintf(NULL, 0, "%zu", n))
		n = body + (size_t)snprintf(NULL, 0, "%zu", n);
	pk_buf_putf(b, "%zu %s=", n, key);
	pk_buf_put_str(b, value);
	pk_buf_put_c(b, '\n');
}

static void pad_block(struct pk_buf *b, uint64_t size)
{
	static const char zero[PK_TAR_BLOCK];

	pk_buf_put(b, zero, pk_tar_padding(size));
}

void pk_tar_put_header(struct pk_buf *b, struct pk_str name, uint64_t size)
{
	PK_AUTO(pk_buf) pax = {0};
	char digits[24];

	if (name.n > sizeof((struct ustar){0}.name))
		put_pax(&pax, "path", name);
	if (size >= BIG_SIZE) {
		snprintf(digits, sizeof(digits), "%llu", (unsigned long long)size);
		put_pax(&pax, "size", pk_str(digits));
	}
	if (pax.oom)
		b->oom = true;
	if (pax.n) {
		put_ustar(b, PK_STR("pax"), pax.n, 'x');
		pk_buf_put_str(b, pk_buf_str(&pax));
		pad_block(b, pax.n);
	}
	put_ustar(b, name, size, '0');
}

static bool get_octal(const char *field, size_t n, uint64_t *ret)
{
	uint64_t v = 0;

	for (size_t i = 0; i + 1 < n; i++) {
		if (field[i] < '0' || field[i] > '7')
			return false;
		v = v << 3 | (uint64_t)(field[i] - '0');
	}
	*ret = v;
	return true;
}

/* Reads "path" and "size" out of an extended header's records. */
static bool get_pax(struct pk_str records, struct pk_tar_header *h)
{
	struct pk_str line, number, key;
	uint64_t n;

	while (pk_str_line(&records, &line)) {
		if (!pk_str_split(&line, ' ', &number) || !pk_str_u64(number, PK_TAR_MAX_HEADER, &n) || !line.p ||
		    n != number.n + 1 + line.n + 1 || !pk_str_split(&line, '=', &key) || !line.p)
			return false;
		if (pk_str_eq(key, PK_STR("path")) && line.n <= PK_TAR_MAX_NAME) {
			memcpy(h->name, line.p, line.n);
			h->name[line.n] = 0;
		} else if (!pk_str_eq(key, PK_STR("size")) || !pk_str_u64(line, UINT64_MAX, &h->size)) {
			return false;
		}
	}
	return true;
}

static bool is_plain(struct pk_str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] >= 0x7f)
			return false;
	return name.n > 0;
}

int pk_tar_parse(const uint8_t *p, size_t n, struct pk_tar_header *ret, struct pk_err *err)
{
	struct pk_tar_header h = {.size = UINT64_MAX};
	PK_AUTO(pk_buf) again = {0};
	struct ustar u;
	uint64_t size;

	if (n < PK_TAR_BLOCK)
		return pk_fail(err, PK_EFORMAT, 0, "tar header is cut");
	memcpy(&u, p, sizeof(u));
	if (u.name[0] == 0) {
		static const uint8_t zero[PK_TAR_END];

		if (n < PK_TAR_END || memcmp(p, zero, PK_TAR_END) != 0)
			return pk_fail(err, PK_EFORMAT, 0, "tar does not end in two blocks of zeros");
		ret->name[0] = 0;
		ret->size = 0;
		ret->header_bytes = 0;
		return 0;
	}
	if (u.type == 'x') {
		if (!get_octal(u.size, sizeof(u.size), &size) || size > PK_TAR_MAX_HEADER - 2 * PK_TAR_BLOCK ||
		    !get_pax(pk_str_n(p + PK_TAR_BLOCK, PK_MIN((size_t)size, n - PK_TAR_BLOCK)), &h))
			return pk_fail(err, PK_EFORMAT, 0, "tar extended header is malformed");
		h.header_bytes = PK_TAR_BLOCK + (size_t)size + pk_tar_padding(size);
		if (h.header_bytes + PK_TAR_BLOCK > n)
			return pk_fail(err, PK_EFORMAT, 0, "tar header is cut");
		memcpy(&u, p + h.header_bytes, sizeof(u));
	}
	h.header_bytes += PK_TAR_BLOCK;
	if (!h.name[0])
		memcpy(h.name, u.name, sizeof(u.name)); /* may fill all 100 bytes: h.name is zeroed beyond */
	if (h.size == UINT64_MAX && !get_octal(u.size, sizeof(u.size), &h.size))
		return pk_fail(err, PK_EFORMAT, 0, "tar size is not a number");
	if (!is_plain(pk_str(h.name)))
		return pk_fail(err, PK_EFORMAT, 0, "tar member name '%s' is not plain ASCII", h.name);
	pk_tar_put_header(&again, pk_str(h.name), h.size);
	if (pk_buf_check(&again, err) < 0)
		return -1;
	if (again.n != h.header_bytes || memcmp(again.p, p, again.n) != 0)
		return pk_fail(err, PK_EFORMAT, 0, "tar header of '%s' is not in canonical form", h.name);
	*ret = h;
	return 0;
}
