/* SPDX-License-Identifier: Apache-2.0 */
/* minisign signature files: a comment that is accepted is a line of text, one of ours shows itself, and no random signature
 * verifies. */
#include <picket/minisign.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pk_minisign_pub pub = {.keynum = {1}};
	struct pk_minisign_sig sig, ours;
	struct pk_str piece, rest;

	if (pk_minisign_sig_parse_any(pk_str_n(data, size), &sig, NULL) < 0) {
		if (pk_minisign_sig_parse(pk_str_n(data, size), &ours, NULL) == 0)
			__builtin_trap();
		return 0;
	}
	if (!pk_str_is_utf8(sig.trusted))
		__builtin_trap();
	rest = sig.trusted;
	if (pk_minisign_sig_parse(pk_str_n(data, size), &ours, NULL) == 0)
		while (pk_str_split(&rest, '\t', &piece))
			if (!pk_str_is_visible(piece))
				__builtin_trap();
	for (size_t i = 0; i < sig.trusted.n; i++)
		if ((uint8_t)sig.trusted.p[i] < ' ' && sig.trusted.p[i] != '\t')
			__builtin_trap();
	if (pk_minisign_verify_bytes(&pub, PK_STR("data"), pk_str_n(data, size), NULL, NULL) == 0)
		__builtin_trap();
	return 0;
}
