/* SPDX-License-Identifier: Apache-2.0 */
/* A zip's own directory (APPNOTE.TXT 4.3): where its members are, for those that libarchive would not give the bytes of. */
#include "scan-internal.h"
#include "unpack.h"

#include <picket/scantree.h>

#include <stdlib.h>

#define END_BYTES 22u       /* end record, without its comment */
#define END64_BYTES 56u     /* zip64 end record */
#define LOCATOR64_BYTES 20u /* right behind it */
#define ENTRY_BYTES 46u     /* of the directory */
#define LOCAL_BYTES 30u     /* in front of a member */
#define MAX_EXTRA 65535u

enum { SYSTEM_FAT = 0, SYSTEM_UNIX = 3 };

void pk_zip_done(struct pk_zip *z)
{
	free(z->entry);
	*z = (struct pk_zip){0};
}

size_t pk_unpack_bytes_at(const struct pk_unpack_input *in, uint64_t at, void *ret, size_t n)
{
	size_t got = n = (size_t)PK_MIN((uint64_t)n, in->n - PK_MIN(at, in->n));

	if (in->fd >= 0)
		return pk_pread_full(in->fd, ret, n, at, &got, NULL) < 0 ? 0 : got;
	memcpy(ret, in->p + at, n);
	return n;
}

static bool get(const struct pk_unpack_input *in, uint64_t at, uint8_t *ret, size_t n, const char sign[4])
{
	return pk_unpack_bytes_at(in, at, ret, n) == n && memcmp(ret, sign, 4) == 0;
}

static uint32_t le16(const uint8_t *p) { return p[0] | (uint32_t)p[1] << 8; }
static uint32_t le32(const uint8_t *p) { return le16(p) | le16(p + 2) << 16; }
static uint64_t le64(const uint8_t *p) { return le32(p) | (uint64_t)le32(p + 4) << 32; }

struct directory {
	uint64_t at, size, count;
	uint64_t before; /* bytes in front of what its offsets count from */
};

static bool find_directory(const struct pk_unpack_input *in, struct directory *ret)
{
	uint8_t end[END_BYTES], end64[END64_BYTES], locator[LOCATOR64_BYTES];
	uint64_t offset, tail;

	if (in->n < END_BYTES || !get(in, in->n - END_BYTES, end, sizeof(end), "PK\5\6"))
		return false;
	tail = in->n - END_BYTES;
	ret->count = le16(end + 10);
	ret->size = le32(end + 12);
	offset = le32(end + 16);
	if (tail >= END64_BYTES + LOCATOR64_BYTES &&
	    get(in, tail - LOCATOR64_BYTES, locator, sizeof(locator), "PK\6\7") &&
	    get(in, tail - LOCATOR64_BYTES - END64_BYTES, end64, sizeof(end64), "PK\6\6")) {
		tail -= LOCATOR64_BYTES + END64_BYTES;
		ret->count = le64(end64 + 32);
		ret->size = le64(end64 + 40);
		offset = le64(end64 + 48);
	}
	if (ret->size > tail || offset > tail - ret->size)
		return false;
	ret->at = tail - ret->size;
	ret->before = ret->at - offset;
	return true;
}

/* What does not fit 32 bits is in the extra field 1, in this order, and only what does not fit. */
static void take_zip64(const uint8_t *extra, size_t n, uint64_t *plain, uint64_t *packed, uint64_t *offset)
{
	uint64_t *const field[] = {plain, packed, offset};

	while (n >= 4) {
		size_t size = le16(extra + 2), at = 4;

		if (size > n - 4)
			return;
		for (size_t i = 0; le16(extra) == 1 && i < PK_LEN(field); i++) {
			if (*field[i] != UINT32_MAX || at + 8 > size + 4)
				continue;
			*field[i] = le64(extra + at);
			at += 8;
		}
		extra += 4 + size;
		n -= 4 + size;
	}
}

static bool is_folder_name(const struct pk_unpack_input *in, const struct pk_zip_entry *x)
{
	char last = 0;

	return x->name_n > 0 && pk_unpack_bytes_at(in, x->name_at + x->name_n - 1, &last, 1) == 1 && last == '/';
}

/* Its directory calls it something that has no bytes: a folder, a link, a device. Other programs go by the name alone. */
static bool is_odd(const uint8_t *e)
{
	uint32_t attributes = le32(e + 38), type = attributes >> 28;

	if (e[5] == SYSTEM_UNIX)
		return type != 0 && type != 8; /* S_IFREG >> 12 */
	return e[5] == SYSTEM_FAT && (attributes & 0x10) != 0;
}

static int by_place(const void *a, const void *b)
{
	const struct pk_zip_entry *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static bool add(struct pk_zip *z, const struct pk_zip_entry *e)
{
	if (!pk_grow(&z->entry, &z->cap, z->n + 1, sizeof(*z->entry)))
		return false;
	z->entry[z->n++] = *e;
	return true;
}

/* All of the directory, to its last byte, or nothing. */
static bool read_directory(const struct pk_unpack_input *in, const struct directory *d, struct pk_zip *z)
{
	pk_autofree uint8_t *extra = malloc(MAX_EXTRA);
	uint64_t at = d->at, end = d->at + d->size;
	uint8_t e[ENTRY_BYTES];

	if (!extra || d->count == 0 || d->count > PK_UNPACK_MAX_ENTRIES)
		return false;
	for (uint64_t i = 0; i < d->count; i++) {
		struct pk_zip_entry x = {.name_at = at + ENTRY_BYTES};
		uint64_t plain, offset;
		size_t extra_n;

		if (end - at < ENTRY_BYTES || !get(in, at, e, sizeof(e), "PK\1\2"))
			return false;
		x.packed = le32(e + 20);
		plain = le32(e + 24);
		offset = le32(e + 42);
		x.name_n = (uint16_t)le16(e + 28);
		extra_n = le16(e + 30);
		at += ENTRY_BYTES;
		if (end - at < (uint64_t)x.name_n + extra_n + le16(e + 32))
			return false;
		if (pk_unpack_bytes_at(in, at + x.name_n, extra, extra_n) == extra_n)
			take_zip64(extra, extra_n, &plain, &x.packed, &offset);
		at += (uint64_t)x.name_n + extra_n + le16(e + 32);
		if (offset > d->at - d->before)
			return false;
		x.at = d->before + offset;
		x.odd = x.packed > 0 && (is_odd(e) || is_folder_name(in, &x));
		if (!add(z, &x))
			return false;
	}
	qsort(z->entry, z->n, sizeof(*z->entry), by_place);
	return at == end;
}

/* Where the member at x ends, as far as its own header and the directory say; a descriptor of its sizes may follow. */
static bool find_end(const struct pk_unpack_input *in, const struct pk_zip_entry *x, bool listed, uint64_t *ret)
{
	uint8_t h[LOCAL_BYTES];
	uint64_t packed;

	if (!get(in, x->at, h, sizeof(h), "PK\3\4"))
		return false;
	packed = listed ? x->packed : le32(h + 18);
	return (listed || !(h[6] & 8)) && packed <= in->n &&
	       (*ret = x->at + LOCAL_BYTES + le16(h + 26) + le16(h + 28) + packed, true);
}

/* A member's header between `at` and `end`, where none is listed. */
static bool find_unlisted(const struct pk_unpack_input *in, uint64_t at, uint64_t end, struct pk_zip_entry *ret)
{
	static const unsigned descriptors[] = {0, 12, 16, 20, 24};
	uint8_t h[LOCAL_BYTES];

	for (size_t i = 0; i < PK_LEN(descriptors); i++) {
		uint64_t from = at + descriptors[i];

		if (from > end || end - from < LOCAL_BYTES || !get(in, from, h, sizeof(h), "PK\3\4"))
			continue;
		*ret = (struct pk_zip_entry){.at = from, .name_at = from + LOCAL_BYTES, .odd = true};
		ret->name_n = (uint16_t)PK_MIN((uint64_t)le16(h + 26), end - from - LOCAL_BYTES);
		return true;
	}
	return false;
}

/* Members between those that are listed: who reads a zip from its beginning finds them. */
static bool add_unlisted(const struct pk_unpack_input *in, const struct directory *d, struct pk_zip *z)
{
	size_t listed = z->n;
	uint64_t at = d->before;

	for (size_t i = 0; i <= listed; i++) {
		uint64_t next = i < listed ? z->entry[i].at : d->at;
		struct pk_zip_entry x;

		while (at < next && find_unlisted(in, at, next, &x)) {
			if (z->n >= PK_UNPACK_MAX_ENTRIES || !add(z, &x))
				return false;
			if (!find_end(in, &x, false, &at))
				break;
		}
		if (i == listed || !find_end(in, &z->entry[i], true, &at))
			at = UINT64_MAX; /* what follows a member without a header is not looked for */
	}
	return true;
}

bool pk_zip_read(const struct pk_unpack_input *in, struct pk_zip *ret)
{
	struct directory d = {0};
	struct pk_zip z = {0};

	if (!find_directory(in, &d) || !read_directory(in, &d, &z)) {
		pk_zip_done(&z);
		return false;
	}
	z.listed = z.n;
	if (!add_unlisted(in, &d, &z)) {
		pk_zip_done(&z);
		return false;
	}
	*ret = z;
	return true;
}
