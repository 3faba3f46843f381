/* SPDX-License-Identifier: Apache-2.0 */
/* Headers of tar members: regular files, mode 0600, nobody's, of no time; pax records only where ustar ends.
 *
 * Every name and size has exactly one header, so a reader compares bytes instead of judging fields. */
#include "format.h"

#define USTAR_NAME 100
#define USTAR_MAX_SIZE 077777777777ull

struct ustar {
	char name[USTAR_NAME];
	char mode[8], uid[8], gid[8];
	char size[12], mtime[12];
	char sum[8];
	char type;
	char linkname[100];
	char magic[6], version[2];
	char uname[32], gname[32];
	char devmajor[8], devminor[8];
	char prefix[155];
	char pad[12];
};
_Static_assert(sizeof(struct ustar) == PK_TAR_BLOCK, "a ustar header is one block");

static void octal(char *field, size_t width, uint64_t v)
{
	field[width - 1] = '\0';
	for (size_t i = width - 1; i-- > 0; v >>= 3)
		field[i] = (char)('0' + (v & 7));
}

static void put_block(struct pk_buf *b, struct pk_str name, uint64_t size, char type)
{
	struct ustar h = {.type = type, .magic = "ustar", .version = {'0', '0'}};
	const unsigned char *p = (const unsigned char *)&h;
	unsigned sum = 0;

	memcpy(h.name, name.p, PK_MIN(name.n, sizeof(h.name)));
	octal(h.mode, sizeof(h.mode), 0600);
	octal(h.uid, sizeof(h.uid), 0);
	octal(h.gid, sizeof(h.gid), 0);
	octal(h.size, sizeof(h.size), size > USTAR_MAX_SIZE ? 0 : size);
	octal(h.mtime, sizeof(h.mtime), 0);
	octal(h.devmajor, sizeof(h.devmajor), 0);
	octal(h.devminor, sizeof(h.devminor), 0);
	memset(h.sum, ' ', sizeof(h.sum));
	for (size_t i = 0; i < sizeof(h); i++)
		sum += p[i];
	octal(h.sum, 7, sum);
	pk_buf_put(b, &h, sizeof(h));
}

static size_t digits(size_t n)
{
	size_t d = 1;

	while (n >= 10) {
		n /= 10;
		d++;
	}
	return d;
}

/* "LENGTH key=value\n", where LENGTH counts itself. */
static void put_pax(struct pk_buf *b, const char *key, struct pk_str value)
{
	size_t rest = 1 + strlen(key) + 1 + value.n + 1, len = rest + digits(rest);

	if (rest + digits(len) != len)
		len = rest + digits(len);
	pk_buf_putf(b, "%zu %s=", len, key);
	pk_buf_put_str(b, value);
	pk_buf_put_c(b, '\n');
}

static void put_zeros(struct pk_buf *b, size_t n)
{
	static const char zeros[PK_TAR_BLOCK];

	pk_buf_put(b, zeros, n);
}

void pk_buf_put_tar_header(struct pk_buf *b, struct pk_str name, uint64_t size)
{
	if (name.n > USTAR_NAME || size > USTAR_MAX_SIZE) {
		PK_AUTO(pk_buf) pax = {0}, number = {0};

		if (name.n > USTAR_NAME)
			put_pax(&pax, "path", name);
		if (size > USTAR_MAX_SIZE) {
			pk_buf_putf(&number, "%llu", (unsigned long long)size);
			put_pax(&pax, "size", pk_buf_str(&number));
		}
		b->oom |= pax.oom | number.oom;
		put_block(b, PK_STR("././@PaxHeader"), pax.n, 'x');
		pk_buf_put_str(b, pk_buf_str(&pax));
		put_zeros(b, pk_tar_padding(pax.n));
	}
	put_block(b, name, size, '0');
}

static bool parse_octal(const char *field, size_t width, uint64_t *ret)
{
	uint64_t v = 0;

	for (size_t i = 0; i + 1 < width; i++) {
		if (field[i] < '0' || field[i] > '7')
			return false;
		v = v << 3 | (uint64_t)(field[i] - '0');
	}
	*ret = v;
	return field[width - 1] == '\0';
}

static int bad(struct pk_err *err)
{
	return pk_fail(err, PK_EFORMAT, 0, "tar header is not as it must be");
}

int pk_tar_measure(const uint8_t p[PK_TAR_BLOCK], size_t *ret, struct pk_err *err)
{
	struct ustar h;
	uint64_t size = 0;

	memcpy(&h, p, sizeof(h));
	if (h.name[0] == '\0') {
		*ret = 0;
		return 0;
	}
	if (!parse_octal(h.size, sizeof(h.size), &size))
		return bad(err);
	if (h.type != 'x') {
		*ret = PK_TAR_BLOCK;
		return 0;
	}
	if (size + pk_tar_padding(size) + 2 * PK_TAR_BLOCK > PK_TAR_HEADER_MAX)
		return bad(err);
	*ret = 2 * PK_TAR_BLOCK + (size_t)size + pk_tar_padding(size);
	return 0;
}

/* Takes "LENGTH KEY=VALUE\n" off the front of *rest when the key is this one. */
static bool take_pax(struct pk_str *rest, struct pk_str key, struct pk_str *ret)
{
	struct pk_str line, number;
	uint64_t len = 0;

	line.p = rest->p;
	number = pk_str_n(rest->p, pk_str_find(*rest, ' '));
	if (!pk_str_u64(number, rest->n, &len) || len < number.n + 1 + key.n + 2)
		return false;
	line.n = (size_t)len;
	if (line.p[line.n - 1] != '\n')
		return false;
	line.p += number.n + 1;
	line.n -= number.n + 2;
	if (!pk_str_starts(line, key) || line.p[key.n] != '=')
		return false;
	*ret = pk_str_n(line.p + key.n + 1, line.n - key.n - 1);
	*rest = pk_str_n(rest->p + len, rest->n - (size_t)len);
	return true;
}

int pk_tar_parse(const uint8_t *p, size_t n, struct pk_buf *ret_name, uint64_t *ret_size, struct pk_err *err)
{
	PK_AUTO(pk_buf) again = {0};
	struct pk_str name = {0}, number = {0};
	struct ustar h;
	uint64_t size = 0, pax_size = 0;
	size_t need = 0;

	if (n < PK_TAR_BLOCK || pk_tar_measure(p, &need, err) < 0 || need == 0 || need != n)
		return bad(err);
	memcpy(&h, p + n - PK_TAR_BLOCK, sizeof(h));
	if (!parse_octal(h.size, sizeof(h.size), &size))
		return bad(err);
	name = pk_str_n(h.name, strnlen(h.name, sizeof(h.name)));
	if (n > PK_TAR_BLOCK) {
		struct pk_str pax;
		struct ustar x;

		memcpy(&x, p, sizeof(x));
		if (!parse_octal(x.size, sizeof(x.size), &pax_size))
			return bad(err);
		pax = pk_str_n(p + PK_TAR_BLOCK, (size_t)pax_size);
		take_pax(&pax, PK_STR("path"), &name);
		if (take_pax(&pax, PK_STR("size"), &number) && !pk_str_u64(number, PK_MAX_CONTENT, &size))
			return bad(err);
	}
	/* the one true form decides, whatever was read above */
	pk_buf_put_tar_header(&again, name, size);
	if (pk_buf_check(&again, err) < 0)
		return -1;
	if (again.n != n || memcmp(again.p, p, n) != 0)
		return bad(err);
	pk_buf_reset(ret_name);
	pk_buf_put_str(ret_name, name);
	*ret_size = size;
	return pk_buf_check(ret_name, err);
}
