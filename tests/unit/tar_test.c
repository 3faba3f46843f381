/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"
#include <picket/tar.h>

static void make_name(char *name, size_t n)
{
	memset(name, 'n', n);
	name[n] = 0;
}

TEST(every_size_comes_back)
{
	static const size_t lengths[] = {1, 99, 100, 101, 255, 985, 1000, PK_TAR_MAX_NAME};
	static const uint64_t sizes[] = {0, 1, 512, (1ull << 33) - 1, 1ull << 33, 1ull << 41};

	for (size_t i = 0; i < PK_LEN(lengths); i++)
		for (size_t k = 0; k < PK_LEN(sizes); k++) {
			char name[PK_TAR_MAX_NAME + 1];
			PK_AUTO(pk_buf) b = {0};
			struct pk_tar_header h;

			make_name(name, lengths[i]);
			pk_tar_put_header(&b, pk_str(name), sizes[k]);
			CHECK(b.n <= PK_TAR_MAX_HEADER);
			OK(pk_tar_parse((const uint8_t *)b.p, b.n, &h, &err));
			CHECK_STR(pk_str(h.name), pk_str(name));
			CHECK(h.size == sizes[k] && h.header_bytes == b.n);
		}
}

TEST(any_changed_byte_is_refused)
{
	char name[301];
	PK_AUTO(pk_buf) b = {0};
	struct pk_tar_header h;

	make_name(name, 300);
	pk_tar_put_header(&b, pk_str(name), 1ull << 35);
	for (size_t i = 0; i < b.n; i++) {
		b.p[i] ^= 1;
		if (pk_tar_parse((const uint8_t *)b.p, b.n, &h, NULL) ==
		    0) /* a letter of the name may differ, no more */
			CHECK(strcmp(h.name, name) != 0 || h.size != 1ull << 35);
		b.p[i] ^= 1;
	}
	for (size_t n = 0; n < b.n; n++)
		FAILS(PK_EFORMAT, pk_tar_parse((const uint8_t *)b.p, n, &h, &err));
}

TEST(the_end_is_two_zero_blocks)
{
	static uint8_t zero[PK_TAR_END];
	struct pk_tar_header h;

	OK(pk_tar_parse(zero, sizeof(zero), &h, &err));
	CHECK_INT(h.header_bytes, 0);
	zero[700] = 1;
	FAILS(PK_EFORMAT, pk_tar_parse(zero, sizeof(zero), &h, &err));
}

RUN_TESTS(T(every_size_comes_back), T(any_changed_byte_is_refused), T(the_end_is_two_zero_blocks))
