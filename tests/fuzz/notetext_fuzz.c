/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of segment notes, checkpoints, index lines and meta/end.json: what is accepted is written back the same. */
#include "../../lib/bundle/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t id[16] = {0xe8, 0x04, 0x80, 0x8c, 0x46, 0x9b, 0xb0, 0x1f,
			       0x8d, 0x16, 0x9d, 0xfa, 0x90, 0x5d, 0xe7, 0x7f};

static const uint8_t ticket[32] = {0x5a};

static void same(struct pk_str text, struct pk_buf *again)
{
	if (!pk_str_eq(text, pk_buf_str(again)))
		__builtin_trap();
	pk_buf_reset(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk_str text = pk_str_n(data, size);
	PK_AUTO(pk_buf) again = {0};
	struct pk_segment_note note;
	struct pk_index_segment segment;
	struct pk_final final;
	struct pk_end end;
	/* an odd input is of a signed bundle */
	const struct pk_note_of of = {id, size % 2 ? ticket : NULL};
	bool is = false;

	if (pk_segment_note_parse(text, &of, &note, NULL) == 0) {
		pk_buf_put_segment_note(&again, &of, &note);
		same(text, &again);
	}
	if (pk_final_parse(text, &of, &final, NULL) == 0) {
		pk_buf_put_final(&again, &of, &final);
		same(text, &again);
	}
	if (pk_end_parse(text, &end, NULL) == 0) {
		if (pk_buf_put_end(&again, &end, NULL) < 0)
			__builtin_trap();
		same(text, &again);
	}
	if (pk_index_segment_parse(text, &is, &segment, NULL) == 0 && is) {
		pk_buf_put_index_segment(&again, &segment);
		pk_buf_put_str(&again, PK_STR(""));
		again.n--; /* its newline */
		same(text, &again);
	}
	return 0;
}
