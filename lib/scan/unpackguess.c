/* SPDX-License-Identifier: Apache-2.0 */
/* Which files are worth unpacking, by their first and last bytes. */
#include "unpack.h"

#define TAR_BLOCK 512u
#define TAR_SUM 148u /* where a tar header has its checksum, 8 bytes */

struct sign {
	struct pk_str bytes;
	enum pk_unpack_guess guess;
};
#define SIGN(guess, bytes) \
	{ \
		{bytes, sizeof(bytes) - 1}, guess \
	}

static const struct sign signs[] = {
	SIGN(PK_UNPACK_YES, "PK\x03\x04"),
	SIGN(PK_UNPACK_YES, "PK\x05\x06"),
	SIGN(PK_UNPACK_YES, "PK\x07\x08PK\x03\x04"),
	SIGN(PK_UNPACK_YES, "7z\xbc\xaf\x27\x1c"),
	SIGN(PK_UNPACK_YES, "\x1f\x8b\x08"),
	SIGN(PK_UNPACK_YES, "\xfd"
			    "7zXZ\0"),
	SIGN(PK_UNPACK_YES, "\x28\xb5\x2f\xfd"),
	SIGN(PK_UNPACK_YES, "!<arch>\n"),
	SIGN(PK_UNPACK_YES, "070701"),
	SIGN(PK_UNPACK_YES, "070702"),
	SIGN(PK_UNPACK_YES, "070707"),
	SIGN(PK_UNPACK_YES, "\xed\xab\xee\xdb"),
	SIGN(PK_UNPACK_MAYBE, "\xc7\x71"),
	SIGN(PK_UNPACK_MAYBE, "\x71\xc7"),
	SIGN(PK_UNPACK_MAYBE, "\x1f\x9d"),
	SIGN(PK_UNPACK_MAYBE, "\x5d\0\0"), /* lzma */
	SIGN(PK_UNPACK_FOREIGN, "Rar!\x1a\x07"),
	SIGN(PK_UNPACK_FOREIGN, "MSCF\0\0\0\0"),
	SIGN(PK_UNPACK_FOREIGN, "\x04\x22\x4d\x18"), /* lz4 */
	SIGN(PK_UNPACK_FOREIGN, "xar!\0\x1c"),
	SIGN(PK_UNPACK_YES, "LZIP\x01"),
};

static bool is_bzip2(struct pk_str s)
{
	return s.n >= 10 && pk_str_starts(s, PK_STR("BZh")) && s.p[3] >= '1' && s.p[3] <= '9' &&
	       (memcmp(s.p + 4, "\x31\x41\x59\x26\x53\x59", 6) == 0 ||
		memcmp(s.p + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
}

/* Old ones have no magic, but every header has the sum of its bytes, taken as if the sum were spaces. */
static bool is_tar(struct pk_str s)
{
	uint64_t sum = 0, told = 0;
	size_t i = TAR_SUM;

	if (s.n < TAR_BLOCK || s.p[0] == '\0')
		return false;
	for (size_t k = 0; k < TAR_BLOCK; k++)
		sum += k >= TAR_SUM && k < TAR_SUM + 8 ? ' ' : (uint8_t)s.p[k];
	while (i < TAR_SUM + 8 && s.p[i] == ' ')
		i++;
	for (; i < TAR_SUM + 8 && s.p[i] >= '0' && s.p[i] <= '7'; i++)
		told = told * 8 + (uint64_t)(s.p[i] - '0');
	return told == sum;
}

bool pk_unpack_is_skippable(struct pk_str s)
{
	return s.n >= 4 && (s.p[0] & 0xf0) == 0x50 && memcmp(s.p + 1, "\x2a\x4d\x18", 3) == 0;
}

enum pk_unpack_guess pk_unpack_guess(struct pk_str head, struct pk_str tail)
{
	for (size_t i = 0; i < PK_LEN(signs); i++)
		if (pk_str_starts(head, signs[i].bytes))
			return signs[i].guess;
	if (is_bzip2(head) || is_tar(head))
		return PK_UNPACK_YES;
	if (pk_unpack_is_skippable(head))
		return PK_UNPACK_MAYBE;
	/* a zip behind something else: a program that unpacks itself, a picture */
	if (tail.n > PK_UNPACK_TAIL)
		tail = pk_str_n(tail.p + (tail.n - PK_UNPACK_TAIL), PK_UNPACK_TAIL);
	return tail.n > 0 && memmem(tail.p, tail.n, "PK\x05\x06", 4) ? PK_UNPACK_MAYBE : PK_UNPACK_NO;
}
