/* SPDX-License-Identifier: Apache-2.0 */
/* A zip's own directory (APPNOTE.TXT 4.3): where its members are, for those that libarchive would not give the bytes of. */
#include "scan-internal.h"
#include "unpack.h"

#include <picket/scantree.h>

#include <stdlib.h>
#include <sys/stat.h>

#define END_BYTES 22u       /* end record, without its comment */
#define END64_BYTES 56u     /* zip64 end record */
#define LOCATOR64_BYTES 20u /* right behind it */
#define ENTRY_BYTES 46u     /* of the directory */
#define LOCAL_BYTES 30u     /* in front of a member */
#define SYSTEM_UNIX 3
#define MAX_ENDS 16u /* that are tried: what looks like one may be in a comment */
#define LOOK_AHEAD 64u
#define FIELD_ZIP64 0x0001u
#define FIELD_KIND 0x6c78u /* libarchive's own: another kind than the directory says */

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

/* --- extra fields --------------------------------------------------------------------------------------- */

/* The field of this id; its bytes and how many, or NULL. */
static const uint8_t *find_field(const uint8_t *extra, size_t n, unsigned id, size_t *ret_n)
{
	for (size_t at = 0; n - at >= 4;) {
		size_t size = le16(extra + at + 2);

		if (size > n - at - 4)
			return NULL;
		if (le16(extra + at) == id) {
			*ret_n = size;
			return extra + at + 4;
		}
		at += 4 + size;
	}
	return NULL;
}

/* What does not fit 32 bits, in this order, and only what does not fit. */
static void take_zip64(const uint8_t *extra, size_t n, uint64_t *plain, uint64_t *packed, uint64_t *offset)
{
	uint64_t *const field[] = {plain, packed, offset};
	size_t size = 0, at = 0;
	const uint8_t *p = find_field(extra, n, FIELD_ZIP64, &size);

	for (size_t i = 0; p && i < PK_LEN(field); i++) {
		if (*field[i] != UINT32_MAX || size - at < 8)
			continue;
		*field[i] = le64(p + at);
		at += 8;
	}
}

/* --- members -------------------------------------------------------------------------------------------- */

struct directory {
	uint64_t at, size;
	uint64_t before; /* bytes in front of what its offsets count from */
};

static bool add(struct pk_zip *z, const struct pk_zip_entry *e)
{
	if (z->n >= PK_UNPACK_MAX_ENTRIES || !pk_grow(&z->entry, &z->cap, z->n + 1, sizeof(*z->entry)))
		return false;
	z->entry[z->n++] = *e;
	return true;
}

static int by_place(const void *a, const void *b)
{
	const struct pk_zip_entry *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* Its own header: where its bytes begin, and the field that is to be hidden. False when there is none. */
static bool read_local(const struct pk_unpack_input *in, struct pk_zip_entry *x, uint8_t h[LOCAL_BYTES])
{
	pk_autofree uint8_t *extra = NULL;
	const uint8_t *field = NULL;
	size_t name_n, extra_n, n = 0;

	if (!get(in, x->at, h, LOCAL_BYTES, "PK\3\4"))
		return false;
	name_n = le16(h + 26);
	extra_n = le16(h + 28);
	x->data = x->at + LOCAL_BYTES + name_n + extra_n;
	if (!extra_n || !(extra = malloc(extra_n)) ||
	    pk_unpack_bytes_at(in, x->data - extra_n, extra, extra_n) != extra_n)
		return true;
	if ((field = find_field(extra, extra_n, FIELD_KIND, &n)))
		x->hide = x->data - extra_n + (uint64_t)(field - extra) - 4;
	return true;
}

/* All of the directory, to its last byte, or nothing. How many it says that it has is not asked: nobody else does. */
static bool read_directory(const struct pk_unpack_input *in, const struct directory *d, struct pk_zip *z)
{
	uint64_t at = d->at, end = d->at + d->size;
	uint8_t e[ENTRY_BYTES], h[LOCAL_BYTES];
	uint8_t *extra = malloc(UINT16_MAX);
	bool good = extra != NULL;

	while (good && at < end) {
		struct pk_zip_entry x = {.name_at = at + ENTRY_BYTES};
		uint64_t offset;
		size_t extra_n, all;

		if (end - at < ENTRY_BYTES || !(good = get(in, at, e, sizeof(e), "PK\1\2"))) {
			good = false;
			break;
		}
		x.packed = le32(e + 20);
		x.plain = le32(e + 24);
		offset = le32(e + 42);
		x.name_n = (uint16_t)le16(e + 28);
		extra_n = le16(e + 30);
		all = ENTRY_BYTES + x.name_n + extra_n + le16(e + 32);
		if (e[5] == SYSTEM_UNIX)
			x.mode = (le32(e + 38) >> 16 & 07777) | S_IFREG;
		if (pk_unpack_bytes_at(in, x.name_at + x.name_n, extra, extra_n) == extra_n)
			take_zip64(extra, extra_n, &x.plain, &x.packed, &offset);
		good = end - at >= all && offset <= d->at - d->before;
		x.at = d->before + offset;
		if (good)
			(void)read_local(in, &x, h);
		good = good && add(z, &x);
		at += all;
	}
	free(extra);
	if (z->n > 1)
		qsort(z->entry, z->n, sizeof(*z->entry), by_place);
	z->listed = z->n;
	return good && at == end;
}

/* A member's header between `at` and `end`, where none is listed; a descriptor of the sizes before it may lie between. */
static bool find_unlisted(const struct pk_unpack_input *in, uint64_t at, uint64_t end, struct pk_zip_entry *ret,
			  uint64_t *ret_end)
{
	static const unsigned descriptors[] = {0, 12, 16, 20, 24};
	uint8_t h[LOCAL_BYTES];

	for (size_t i = 0; i < PK_LEN(descriptors); i++) {
		struct pk_zip_entry x = {.at = at + descriptors[i]};

		if (x.at > end || end - x.at < LOCAL_BYTES || !read_local(in, &x, h))
			continue;
		x.name_at = x.at + LOCAL_BYTES;
		x.name_n = (uint16_t)le16(h + 26);
		x.plain = h[6] & 8 ? 0 : le32(h + 22);
		*ret = x;
		*ret_end = h[6] & 8 ? UINT64_MAX : x.data + le32(h + 18);
		return true;
	}
	return false;
}

/* Members between those that are listed: who reads a zip from its beginning finds them. */
static bool add_unlisted(const struct pk_unpack_input *in, const struct directory *d, struct pk_zip *z)
{
	uint64_t at = d->before;

	for (size_t i = 0; i <= z->listed; i++) {
		uint64_t next = i < z->listed ? z->entry[i].at : d->at;
		struct pk_zip_entry x;

		while (at < next && find_unlisted(in, at, next, &x, &at))
			if (!add(z, &x))
				return false;
		/* what follows a member without a header is not looked for */
		at = i < z->listed && z->entry[i].data ? z->entry[i].data + z->entry[i].packed : UINT64_MAX;
	}
	return true;
}

/* --- the end -------------------------------------------------------------------------------------------- */

/* `at`: of an end record. */
static bool find_directory(const struct pk_unpack_input *in, uint64_t at, const uint8_t end[END_BYTES],
			   struct directory *ret)
{
	uint8_t end64[END64_BYTES], locator[LOCATOR64_BYTES];
	uint64_t offset = le32(end + 16);

	ret->size = le32(end + 12);
	if (at >= END64_BYTES + LOCATOR64_BYTES && get(in, at - LOCATOR64_BYTES, locator, sizeof(locator), "PK\6\7") &&
	    get(in, at - LOCATOR64_BYTES - END64_BYTES, end64, sizeof(end64), "PK\6\6")) {
		at -= LOCATOR64_BYTES + END64_BYTES;
		ret->size = le64(end64 + 40);
		offset = le64(end64 + 48);
	}
	if (ret->size > at || offset > at - ret->size)
		return false;
	ret->at = at - ret->size;
	ret->before = ret->at - offset;
	return true;
}

bool pk_zip_read(const struct pk_unpack_input *in, struct pk_zip *ret)
{
	size_t n = (size_t)PK_MIN(in->n, (uint64_t)PK_UNPACK_TAIL);
	pk_autofree uint8_t *tail = malloc(n + 1);
	unsigned tries = 0;

	if (!tail || n < END_BYTES || pk_unpack_bytes_at(in, in->n - n, tail, n) != n)
		return false;
	/* a comment, or anything else, may follow the end record */
	for (size_t i = n - END_BYTES + 1; i-- > 0 && tries < MAX_ENDS;) {
		struct directory d = {0};
		struct pk_zip z = {0};

		if (memcmp(tail + i, "PK\5\6", 4) != 0)
			continue;
		tries++;
		if (find_directory(in, in->n - n + i, tail + i, &d) && read_directory(in, &d, &z) &&
		    add_unlisted(in, &d, &z)) {
			*ret = z;
			return true;
		}
		pk_zip_done(&z);
	}
	return false;
}

struct pk_zip_entry *pk_zip_find(struct pk_zip *z, uint64_t data)
{
	for (size_t i = z->next; i < z->listed && i < z->next + LOOK_AHEAD; i++) {
		if (z->entry[i].data != data)
			continue;
		z->next = i + 1;
		return &z->entry[i];
	}
	return NULL;
}
