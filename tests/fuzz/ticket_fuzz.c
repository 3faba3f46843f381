/* SPDX-License-Identifier: Apache-2.0 */
/* Tickets: one text for each meaning, and no verdict but an honest one. */
#include <picket/ticket.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pk_roster nobody = {0};
	enum pk_trust_status status = PK_TRUST_OK;
	PK_AUTO(pk_buf) b = {0};
	struct pk_str s = pk_str_n(data, size);
	struct pk_ticket t;

	if (pk_ticket_check(s, s, &nobody, (struct pk_time){1800000000, 0}, &status, NULL, NULL) == 0 &&
	    status == PK_TRUST_OK)
		__builtin_trap();
	if (pk_ticket_parse(s, &t, NULL) < 0)
		return 0;
	pk_buf_put_ticket(&b, &t);
	if (!pk_str_eq(s, pk_buf_str(&b)))
		__builtin_trap();
	return 0;
}
