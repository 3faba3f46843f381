/* SPDX-License-Identifier: Apache-2.0 */
/* BIP 173's own strings, and round trips at every length. */
#include "../t.h"

#include "../../lib/crypto/bech32.h"

TEST(bip_173_strings)
{
	static const struct {
		const char *text, *hrp;
		size_t n;
	} good[] = {
		{"A12UEL5L", "A", 0},
		{"a12uel5l", "a", 0},
		{"an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
		 "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio", 0},
		{"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "abcdef", 20},
		{"?1ezyfcl", "?", 0},
	};
	static const struct {
		const char *text, *hrp;
		size_t n;
	} bad[] = {
		{"pzry9x0s0muk", "", 0}, /* no separator */
		{"x1b4n0q5v", "x", 0},   /* a character that is none of the 32 */
		{"li1dgmt3", "li", 0},   /* checksum too short */
		{"A1G7SGD8", "A", 0},    /* checksum worked out over upper case */
		{"A12uEL5L", "A", 0},    /* mixed case */
		{"a12uel5l", "b", 0},
		{"a12uel5l", "A", 0},
		{"a12uel5l", "a", 1},
		{"", "", 0},
		{"1", "", 0},
		{"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "abcdef", 19},
		{"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxx", "abcdef", 20},
	};
	uint8_t bytes[64];

	for (size_t i = 0; i < PK_LEN(good); i++)
		OK(pk_bech32_decode(pk_str(good[i].text), pk_str(good[i].hrp), bytes, good[i].n, &err));
	for (size_t i = 0; i < PK_LEN(bad); i++)
		FAILS(PK_EFORMAT, pk_bech32_decode(pk_str(bad[i].text), pk_str(bad[i].hrp), bytes, bad[i].n, &err));
}

TEST(every_length_comes_back)
{
	uint8_t in[70], out[70];
	char text[200];

	for (size_t n = 0; n < sizeof(in); n++)
		for (int upper = 0; upper < 2; upper++) {
			struct pk_str hrp = upper ? PK_STR("PK-") : PK_STR("pk-");
			size_t len = pk_bech32_length(hrp.n, n);

			for (size_t i = 0; i < n; i++)
				in[i] = (uint8_t)(i * 37 + n);
			text[len] = '!';
			pk_bech32_encode(text, hrp, in, n);
			CHECK(text[len] == '!');
			OK(pk_bech32_decode(pk_str_n(text, len), hrp, out, n, &err));
			CHECK(memcmp(in, out, n) == 0);
			for (size_t i = hrp.n; i < len; i++) { /* any one character changed is found */
				char was = text[i];

				text[i] = was == (upper ? 'Q' : 'q') ? (upper ? 'P' : 'p') : (upper ? 'Q' : 'q');
				FAILS(PK_EFORMAT, pk_bech32_decode(pk_str_n(text, len), hrp, out, n, &err));
				text[i] = was;
			}
		}
}

TEST(left_over_bits_are_refused)
{
	/* one byte 0x00 is "qq"; with the two spare bits set, "qp" */
	uint8_t byte;
	char text[32];
	size_t found = 0;

	pk_bech32_encode(text, PK_STR("a"), "", 1);
	OK(pk_bech32_decode(pk_str_n(text, pk_bech32_length(1, 1)), PK_STR("a"), &byte, 1, &err));
	/* try all checksums' first two characters is too much; take the data from two bytes instead */
	pk_bech32_encode(text, PK_STR("a"), "\0\0", 2);
	found = pk_bech32_length(1, 2);
	FAILS(PK_EFORMAT, pk_bech32_decode(pk_str_n(text, found), PK_STR("a"), &byte, 1, &err));
}

RUN_TESTS(T(bip_173_strings), T(every_length_comes_back), T(left_over_bits_are_refused))
