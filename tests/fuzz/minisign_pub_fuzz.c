/* SPDX-License-Identifier: Apache-2.0 */
/* minisign public keys: what is read is written back the same. */
#include <picket/minisign.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTO(pk_buf) b = {0};
	struct pk_minisign_pub pub, back;

	if (pk_minisign_pub_parse(pk_str_n(data, size), &pub, NULL) < 0)
		return 0;
	pk_buf_put_minisign_pubfile(&b, &pub);
	if (pk_minisign_pub_parse(pk_buf_str(&b), &back, NULL) < 0 || !pk_minisign_pub_eq(&pub, &back))
		__builtin_trap();
	return 0;
}
