/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the header of an age file. */
#include "../../lib/crypto/age_int.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTO(age_source) src = {.fd = -1};
	PK_AUTO(age_header) h = {0};
	PK_AUTOPTR(pk_age_identities) ids = NULL;
	uint8_t key[AGE_FILE_KEY];
	struct pk_err err = {0};

	if (pk_age_identities_new(&ids, NULL) < 0 || age_source_open_mem(&src, pk_str_n(data, size), &err) < 0 ||
	    age_header_read(&h, &src, &err) < 0) {
		assert(err.code == PK_AGE_HEADER || err.code == PK_AGE_ARMOR);
		return 0;
	}
	assert(h.n > 0 && h.n <= PK_AGE_MAX_STANZAS && h.text.n <= PK_AGE_MAX_HEADER);
	assert(pk_str_starts(pk_str_n(h.text.p + h.mac_covers - 3, 5), PK_STR("--- ")));
	if (!src.armored) /* nothing was left out or read beyond */
		assert(memcmp(h.text.p, data, h.text.n) == 0);
	assert(age_header_open(&h, ids, key, &err) < 0 && err.code == PK_AGE_NO_MATCH);
	return 0;
}
