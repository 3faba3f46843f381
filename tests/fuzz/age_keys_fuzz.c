/* SPDX-License-Identifier: Apache-2.0 */
/* Any lines as recipients and identities: what is taken comes back as the same text. */
#include <picket/age.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTOPTR(pk_age_identities) ids = NULL;
	struct pk_str rest = pk_str_n(data, size), line;

	if (pk_age_identities_new(&ids, NULL) < 0)
		return 0;
	while (pk_str_line(&rest, &line)) {
		PK_AUTO(pk_buf) text = {0};
		struct pk_err err = {0};
		uint8_t key[32], hybrid[PK_AGE_HYBRID_KEY];

		if (pk_age_recipient_parse(line, key, &err) == 0) {
			pk_buf_put_age_recipient(&text, key);
			assert(pk_str_eq(line, pk_buf_str(&text)));
		} else {
			assert(err.kind == PK_EFORMAT && err.msg[0]);
		}
		if (pk_age_hybrid_recipient_parse(line, hybrid, &err) == 0) {
			pk_buf_reset(&text);
			pk_buf_put_age_hybrid_recipient(&text, hybrid);
			assert(pk_str_eq(line, pk_buf_str(&text)));
		}
		if (pk_age_identities_add(ids, line, &err) == 0)
			assert((line.n == 74 && pk_str_starts(line, PK_STR("AGE-SECRET-KEY-1"))) ||
			       (line.n == 77 && pk_str_starts(line, PK_STR("AGE-SECRET-KEY-PQ-1"))));
	}
	return 0;
}
