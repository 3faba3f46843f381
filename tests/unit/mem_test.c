/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"

#include <stdlib.h>
#include <string.h>

TEST(an_arena_gives_zeroed_aligned_pieces_that_stay)
{
	struct pk_arena a = {0};
	uint8_t *pieces[3000];
	bool zero = true, aligned = true, whole = true;

	for (size_t i = 0; i < PK_LEN(pieces); i++) {
		size_t n = i % 500 == 499 ? 100000 : i % 97;

		pieces[i] = pk_arena_take(&a, n, 1);
		aligned &= pieces[i] != NULL && (uintptr_t)pieces[i] % _Alignof(max_align_t) == 0;
		for (size_t k = 0; k < n; k++)
			zero &= pieces[i][k] == 0;
		memset(pieces[i], (int)(i % 251), n);
	}
	for (size_t i = 0; i < PK_LEN(pieces); i++)
		for (size_t k = 0; k < (i % 500 == 499 ? 100000 : i % 97); k++)
			whole &= pieces[i][k] == i % 251;
	CHECK(zero && aligned && whole);
	pk_arena_done(&a);
	pk_arena_done(&a);
}

TEST(an_arena_copies_text)
{
	struct pk_arena a = {0};
	char *one = pk_arena_dup(&a, "onetwo", 3), *none = pk_arena_dup(&a, "", 0);

	CHECK_STR(pk_str(one), PK_STR("one"));
	CHECK_STR(pk_str(none), PK_STR(""));
	pk_arena_done(&a);
}

TEST(an_arena_refuses_what_cannot_be)
{
	struct pk_arena a = {0};

	CHECK(pk_arena_take(&a, SIZE_MAX / 2, 4) == NULL);
	CHECK(pk_arena_take(&a, SIZE_MAX - 3, 1) == NULL);
	CHECK(pk_arena_take(&a, 0, 8) != NULL);
	pk_arena_done(&a);
}

RUN_TESTS(T(an_arena_gives_zeroed_aligned_pieces_that_stay), T(an_arena_copies_text),
	  T(an_arena_refuses_what_cannot_be))
