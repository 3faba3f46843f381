/* SPDX-License-Identifier: Apache-2.0 */
/* Independent zstd frames of at most PK_FRAME_MAX plain bytes: packing, measuring, unpacking. */
#include "format.h"

#include <zstd.h>
#include <zstd_errors.h>

struct pk_frame_packer {
	ZSTD_CCtx *z;
};

static int zfail(struct pk_err *err, const char *what, size_t code)
{
	if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation)
		return pk_fail_oom(err);
	return pk_fail(err, PK_EFORMAT, 0, "%s: %s", what, ZSTD_getErrorName(code));
}

int pk_frame_packer_new(int level, struct pk_frame_packer **ret, struct pk_err *err)
{
	pk_autofree struct pk_frame_packer *z = calloc(1, sizeof(*z));
	size_t r;

	if (!z || !(z->z = ZSTD_createCCtx()))
		return pk_fail_oom(err);
	if (ZSTD_isError(r = ZSTD_CCtx_setParameter(z->z, ZSTD_c_compressionLevel, level)) ||
	    ZSTD_isError(r = ZSTD_CCtx_setParameter(z->z, ZSTD_c_checksumFlag, 1))) {
		ZSTD_freeCCtx(z->z);
		return zfail(err, "zstd parameters", r);
	}
	*ret = pk_steal(&z);
	return 0;
}

void pk_frame_packer_free(struct pk_frame_packer *z)
{
	if (z)
		ZSTD_freeCCtx(z->z);
	free(z);
}

size_t pk_frame_bound(void) { return ZSTD_compressBound(PK_FRAME_MAX); }

int pk_frame_pack(struct pk_frame_packer *z, const void *p, size_t n, void *out, size_t cap, size_t *ret_n,
		  struct pk_err *err)
{
	size_t r = ZSTD_compress2(z->z, out, cap, p, n);

	if (ZSTD_isError(r))
		return zfail(err, "cannot compress", r);
	*ret_n = r;
	return 0;
}

struct pk_frame_opener {
	ZSTD_DCtx *z;
};

int pk_frame_opener_new(struct pk_frame_opener **ret, struct pk_err *err)
{
	struct pk_frame_opener *z = calloc(1, sizeof(*z));

	if (!z || !(z->z = ZSTD_createDCtx())) {
		free(z);
		return pk_fail_oom(err);
	}
	*ret = z;
	return 0;
}

void pk_frame_opener_free(struct pk_frame_opener *z)
{
	if (z)
		ZSTD_freeDCtx(z->z);
	free(z);
}

int pk_frame_measure(const void *p, size_t n, size_t *ret_n, size_t *ret_plain, struct pk_err *err)
{
	const uint8_t *b = p;
	unsigned long long plain;
	size_t packed;

	if (n >= 4 && !(b[0] == 0x28 && b[1] == 0xb5 && b[2] == 0x2f && b[3] == 0xfd))
		return pk_fail(err, PK_EFORMAT, 0, "not a zstd frame");
	*ret_n = 0;
	if (n < 18) /* the longest frame header */
		return 0;
	/* frame header descriptor: checksum on, no reserved bit, no dictionary */
	if ((b[4] & 0x04) == 0 || (b[4] & 0x0b) != 0)
		return pk_fail(err, PK_EFORMAT, 0, "zstd frame without checksum or with a dictionary");
	plain = ZSTD_getFrameContentSize(p, n);
	if (plain == ZSTD_CONTENTSIZE_UNKNOWN || plain == ZSTD_CONTENTSIZE_ERROR)
		return pk_fail(err, PK_EFORMAT, 0, "zstd frame that does not say its size");
	if (plain == 0 || plain > PK_FRAME_MAX)
		return pk_fail(err, PK_ELIMIT, 0, "zstd frame of %llu bytes, allowed are 1 to %u", plain, PK_FRAME_MAX);
	packed = ZSTD_findFrameCompressedSize(p, n);
	if (ZSTD_isError(packed)) {
		if (ZSTD_getErrorCode(packed) != ZSTD_error_srcSize_wrong)
			return zfail(err, "damaged zstd frame", packed);
		if (n >= pk_frame_bound())
			return pk_fail(err, PK_EFORMAT, 0, "zstd frame longer than any of its content can be");
		return 0;
	}
	*ret_n = packed;
	*ret_plain = (size_t)plain;
	return 0;
}

int pk_frame_unpack(struct pk_frame_opener *z, const void *p, size_t n, void *out, size_t *ret_n, struct pk_err *err)
{
	size_t packed = 0, plain = 0, r;

	if (pk_frame_measure(p, n, &packed, &plain, err) < 0)
		return -1;
	if (packed != n)
		return pk_fail(err, PK_EFORMAT, 0, "zstd frame of another length than the seek table says");
	r = ZSTD_decompressDCtx(z->z, out, PK_FRAME_MAX, p, n);
	if (ZSTD_isError(r))
		return zfail(err, "damaged zstd frame", r);
	if (r != plain)
		return pk_fail(err, PK_EFORMAT, 0, "zstd frame does not hold what it says");
	*ret_n = r;
	return 0;
}
