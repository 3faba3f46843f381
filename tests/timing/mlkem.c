/* SPDX-License-Identifier: Apache-2.0 */
/* ML-KEM under memcheck with its secrets marked undefined: a branch or an index that depends on one is reported.
 * Generating a key is left out: the public matrix seed comes out of the same hash as the secrets, and may be looked
 * at. Argument "leak" adds a branch of that kind, so that the test of the test can see it found. */
#include "../../lib/crypto/mlkem.h"

#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

static uint8_t seed[MLKEM_SEED] = {1}, pub[MLKEM_PUBLIC], secret[MLKEM_SECRET], random32[32] = {2};
static uint8_t sealed[MLKEM_SEALED], shared[32], opened[32];

int main(int argc, char **argv)
{
	int same;

	pk_mlkem_keys(pub, secret, seed);
	VALGRIND_MAKE_MEM_UNDEFINED(random32, sizeof(random32));
	pk_mlkem_seal(sealed, shared, pub, random32);
	VALGRIND_MAKE_MEM_DEFINED(sealed, sizeof(sealed)); /* it is sent */
	VALGRIND_MAKE_MEM_UNDEFINED(secret, MLKEM_SECRET - MLKEM_PUBLIC - 64);
	VALGRIND_MAKE_MEM_UNDEFINED(secret + MLKEM_SECRET - 32, 32);
	if (argc > 1 && strcmp(argv[1], "leak") == 0 && secret[5] == 7)
		puts("# seven");
	pk_mlkem_open(opened, sealed, secret);
	VALGRIND_MAKE_MEM_DEFINED(shared, sizeof(shared));
	VALGRIND_MAKE_MEM_DEFINED(opened, sizeof(opened));
	same = memcmp(shared, opened, sizeof(opened)) == 0;
	sealed[3] ^= 1;
	pk_mlkem_open(opened, sealed, secret);
	VALGRIND_MAKE_MEM_DEFINED(opened, sizeof(opened));
	return same && memcmp(shared, opened, sizeof(opened)) != 0 ? 0 : 1;
}
