/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses: what is read is written in one way, which reads as the same. */
#include "../../lib/scan/iocset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk_ioc_net net, again;
	PK_AUTO(pk_buf) text = {0};

	if (!pk_ioc_net_parse(pk_str_n(data, size), true, &net))
		return 0;
	pk_ioc_net_put(&text, &net);
	if (!pk_ioc_net_parse(pk_buf_str(&text), false, &again) || memcmp(net.addr, again.addr, 16) != 0)
		__builtin_trap();
	return 0;
}
