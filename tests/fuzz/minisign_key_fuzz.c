/* SPDX-License-Identifier: Apache-2.0 */
/* minisign secret keys without a passphrase: what is read is written back and read again the same. */
#include <picket/minisign.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTO(pk_minisign_key) key = {0}, back = {0};
	PK_AUTO(pk_secret) text = {0};

	if (pk_minisign_key_open(&key, pk_str_n(data, size), NULL, NULL) < 0)
		return 0;
	if (pk_minisign_key_text(&key, &text, NULL) < 0 ||
	    pk_minisign_key_open(&back, pk_str_n(text.p, text.n), NULL, NULL) < 0 ||
	    !pk_minisign_pub_eq(&key.pub, &back.pub))
		__builtin_trap();
	return 0;
}
