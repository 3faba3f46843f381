/* SPDX-License-Identifier: Apache-2.0 */
/* tlog-proofs: one text for each meaning, whatever is in it. */
#include <picket/tlogproof.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk_str text = pk_str_n(data, size);
	PK_AUTO(pk_tlog_proof) p = {0};
	PK_AUTO(pk_buf) again = {0};

	if (pk_tlog_proof_parse(text, &p, NULL) < 0)
		return 0;
	pk_buf_put_tlog_proof(&again, &p);
	if (!pk_str_eq(text, pk_buf_str(&again)) || p.path.n > 32 * PK_TLOG_PROOF_NODES || p.checkpoint.n == 0)
		__builtin_trap();
	return 0;
}
