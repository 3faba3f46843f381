/* SPDX-License-Identifier: Apache-2.0 */
#include "../t.h"
#include "../../lib/bundle/sumbeside.h"

#include <picket/hash.h>
#include <stdlib.h>

#define FRAME 1000u
#define FRAMES 600u

/* Contents of every length up to three frames and none at all, over frames whose bytes are overwritten as soon as they
 * may be; some sums are taken at once, some late. */
static void check_all(struct pk_workers *w)
{
	static uint8_t frame[PK_SUMS_TURNS][FRAME], all[FRAMES * FRAME];
	static struct {
		size_t from, n;
	} content[FRAMES * FRAME];
	PK_AUTOPTR(pk_sums) s = NULL;
	size_t at = 0, made = 0, taken = 0, left = 0;
	uint32_t seed = 1;

	OK(pk_sums_new(w, &s, &err));
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)(i * 2654435761u >> 13);
	for (unsigned f = 0; f < FRAMES; f++) {
		uint8_t *p = frame[w ? f % PK_SUMS_TURNS : 0];

		OK(pk_sums_turn(s, &err));
		memcpy(p, all + (size_t)f * FRAME, FRAME);
		for (size_t used = 0; used < FRAME;) {
			size_t k = PK_MIN(left, FRAME - used);

			OK(pk_sums_put(s, p + used, k, &err));
			used += k;
			at += k;
			left -= k;
			if (left && used == FRAME)
				break;
			OK(pk_sums_end(s, &err));
			made++;
			seed = seed * 1103515245 + 12345;
			left = (seed >> 16) % 5 == 0 ? (seed >> 8) % (3 * FRAME) : (seed >> 8) % 40;
			content[made].from = at;
			content[made].n = left;
			for (size_t lag = seed % 3 ? 0 : 200; taken + lag < made; taken++) {
				uint8_t sum[32], want[32];

				OK(pk_sums_take(s, sum, &err));
				pk_sha256(all + content[taken].from, content[taken].n, want);
				CHECK(memcmp(sum, want, 32) == 0);
			}
		}
	}
	CHECK(made > 1000 && taken > 1000);
}

TEST(sums_are_those_of_the_contents_in_order)
{
	PK_AUTOPTR(pk_workers) w = NULL;

	check_all(NULL);
	OK(pk_workers_new(1, PK_SUMS_TURNS, &w, &err));
	check_all(w);
}

TEST(a_sum_too_many_is_refused)
{
	PK_AUTOPTR(pk_sums) s = NULL;
	struct pk_err why = {0};
	uint8_t sum[32];

	OK(pk_sums_new(NULL, &s, &err));
	CHECK_INT(pk_sums_take(s, sum, &why), -1);
	CHECK_INT(why.kind, PK_EINTERNAL);
}

RUN_TESTS(T(sums_are_those_of_the_contents_in_order), T(a_sum_too_many_is_refused))
