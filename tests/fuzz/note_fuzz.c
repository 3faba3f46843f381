/* SPDX-License-Identifier: Apache-2.0 */
/* Signed notes: only the one that its key signed verifies, and no cosignature is made by chance. Note keys: written
 * back the same. */
#include <picket/note.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char known[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
	static const char text[] =
		"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
	PK_AUTO(pk_buf) b = {0};
	struct pk_note_pub pub;
	struct pk_time at;
	struct pk_str got;

	if (pk_note_pub_parse(PK_STR(known), PK_NOTE_SIGN, &pub, NULL) < 0)
		__builtin_trap();
	if (pk_note_verify(&pub, pk_str_n(data, size), &got, NULL) == 0 &&
	    (!pk_str_eq(got, PK_STR(text)) || pk_note_check(pk_str_n(data, size), NULL, NULL) < 0))
		__builtin_trap();
	pub.alg = PK_NOTE_COSIGN;
	if (pk_note_cosigned(&pub, pk_str_n(data, size), &at, NULL) == 0)
		__builtin_trap();
	if (pk_note_pub_parse(pk_str_n(data, size), size & 1 ? PK_NOTE_COSIGN : PK_NOTE_SIGN, &pub, NULL) < 0)
		return 0;
	pk_buf_put_note_pub(&b, &pub);
	if (!pk_str_eq(pk_str_trim(pk_str_n(data, size)), pk_buf_str(&b)))
		__builtin_trap();
	return 0;
}
