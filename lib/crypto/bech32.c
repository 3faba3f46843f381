/* SPDX-License-Identifier: Apache-2.0 */
/* Bech32: the text form of age's recipients and identities. */
#include "bech32.h"

static const char charset[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static char to_lower(char c) { return is_upper(c) ? (char)(c + 32) : c; }

static uint32_t polymod(uint32_t state, unsigned value)
{
	static const uint32_t gen[5] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
	uint32_t top = state >> 25;

	state = (state & 0x1ffffff) << 5 ^ value;
	for (unsigned i = 0; i < 5; i++)
		state ^= top >> i & 1 ? gen[i] : 0;
	return state;
}

static uint32_t polymod_hrp(struct pk_str hrp)
{
	uint32_t state = 1;

	for (size_t i = 0; i < hrp.n; i++)
		state = polymod(state, (unsigned)to_lower(hrp.p[i]) >> 5);
	state = polymod(state, 0);
	for (size_t i = 0; i < hrp.n; i++)
		state = polymod(state, (unsigned)to_lower(hrp.p[i]) & 31);
	return state;
}

size_t pk_bech32_length(size_t hrp_n, size_t n) { return hrp_n + 1 + (n * 8 + 4) / 5 + 6; }

void pk_bech32_encode(char *ret, struct pk_str hrp, const void *p, size_t n)
{
	const uint8_t *u = p;
	uint32_t state = polymod_hrp(hrp), acc = 0;
	unsigned bits = 0;
	bool upper = false;
	char *at = ret;

	for (size_t i = 0; i < hrp.n; i++) {
		upper = upper || is_upper(hrp.p[i]);
		*at++ = hrp.p[i];
	}
	*at++ = '1';
	for (size_t i = 0; i < n || bits; i++) {
		unsigned v;

		if (i < n) {
			acc = (acc & 31) << 8 | u[i];
			bits += 8;
		} else if (bits < 5) { /* pad the last group */
			acc <<= 5 - bits;
			bits = 5;
		}
		for (; bits >= 5; bits -= 5) {
			v = acc >> (bits - 5) & 31;
			state = polymod(state, v);
			*at++ = charset[v];
		}
	}
	for (int i = 0; i < 6; i++)
		state = polymod(state, 0);
	state ^= 1;
	for (unsigned i = 0; i < 6; i++)
		*at++ = charset[state >> 5 * (5 - i) & 31];
	if (upper)
		for (char *c = ret; c < at; c++)
			*c = is_lower(*c) ? (char)(*c - 32) : *c;
}

struct pk_str pk_bech32_hrp(struct pk_str text)
{
	for (size_t i = text.n; i > 0; i--)
		if (text.p[i - 1] == '1')
			return (struct pk_str){text.p, i - 1};
	return (struct pk_str){text.p, 0};
}

int pk_bech32_decode(struct pk_str text, struct pk_str hrp, void *ret, size_t n, struct pk_err *err)
{
	struct pk_str found = pk_bech32_hrp(text), data;
	uint32_t state = polymod_hrp(hrp), acc = 0;
	size_t done = 0, values;
	uint8_t *out = ret;
	bool upper = false, lower = false;
	unsigned bits = 0;

	if (!pk_str_eq(found, hrp) || found.n == text.n || text.p[found.n] != '1')
		return pk_fail(err, PK_EFORMAT, 0, "does not start with '%.*s1'", PK_STR_ARG(hrp));
	for (size_t i = 0; i < text.n; i++) {
		upper = upper || is_upper(text.p[i]);
		lower = lower || is_lower(text.p[i]);
	}
	if (upper && lower)
		return pk_fail(err, PK_EFORMAT, 0, "mixes upper and lower case");
	data = (struct pk_str){text.p + hrp.n + 1, text.n - hrp.n - 1};
	if (data.n < 6)
		return pk_fail(err, PK_EFORMAT, 0, "is too short");
	values = data.n - 6;
	for (size_t i = 0; i < data.n; i++) {
		const char *hit = data.p[i] ? strchr(charset, to_lower(data.p[i])) : NULL;
		unsigned v;

		if (!hit)
			return pk_fail(err, PK_EFORMAT, 0, "has a character at position %zu that may not be there",
				       hrp.n + 2 + i);
		v = (unsigned)(hit - charset);
		state = polymod(state, v);
		if (i >= values)
			continue;
		acc = (acc & 127) << 5 | v;
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			if (done < n)
				out[done] = (uint8_t)(acc >> bits);
			done++;
		}
	}
	if (state != 1)
		return pk_fail(err, PK_EFORMAT, 0, "has a wrong checksum: a character is missing or mistyped");
	if (done != n)
		return pk_fail(err, PK_EFORMAT, 0, "holds %zu bytes, not %zu", done, n);
	if (bits >= 5 || (acc & ((1u << bits) - 1)))
		return pk_fail(err, PK_EFORMAT, 0, "has bits left over at its end");
	return 0;
}
