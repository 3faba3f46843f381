/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors: FIPS 180-4 ("abc", a million "a"), RFC 1321. */
#include "../t.h"
#include <picket/hash.h>

static void check_hex(const void *p, size_t n, const char *want)
{
	PK_AUTO(pk_buf) b = {0};

	pk_buf_put_hex(&b, p, n);
	CHECK_STR(pk_buf_str(&b), pk_str(want));
}

TEST(known_answers)
{
	struct pk_hashes h;
	uint8_t one[32];

	pk_hash_all("abc", 3, &h);
	check_hex(h.md5, 16, "900150983cd24fb0d6963f7d28e17f72");
	check_hex(h.sha1, 20, "a9993e364706816aba3e25717850c26c9cd0d89d");
	check_hex(h.sha256, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	pk_sha256("", 0, one);
	check_hex(one, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(a_million_letters_in_pieces)
{
	pk_autofree char *a = malloc(1000000);
	struct pk_sha256 h, fork;
	struct pk_hashes all;
	uint8_t d[32];

	CHECK(a);
	if (!a)
		return;
	memset(a, 'a', 1000000);
	pk_sha256_init(&h);
	for (size_t at = 0, n = 1; at < 1000000; at += n, n = PK_MIN(n * 3, 1000000 - at))
		pk_sha256_put(&h, a + at, n);
	fork = h;
	pk_sha256_end(&h, d);
	check_hex(d, 32, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	pk_sha256_put(&fork, "", 0);
	pk_sha256_end(&fork, d);
	check_hex(d, 32, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	pk_hash_all(a, 1000000, &all);
	check_hex(all.md5, 16, "7707d6ae4e027c70eea2a935c2296f21");
	check_hex(all.sha1, 20, "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
	check_hex(all.sha256, 32, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

RUN_TESTS(T(known_answers), T(a_million_letters_in_pieces))
