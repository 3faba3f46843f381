/* SPDX-License-Identifier: Apache-2.0 */
/* Custody logs and checkpoints from outside: a log is kept as it is, continues itself, contains each of its own heads;
 * an export of it is JSON. */
#include <picket/custody.h>
#include <picket/json.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count(void *ctx, bool bad, const char *text)
{
	if (bad && pk_strv_add(ctx, pk_str(text), NULL) < 0)
		__builtin_trap();
}

static void check_log(struct pk_custody_log *log)
{
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_buf) uco = {0};
	PK_AUTO(pk_buf) note = {0};
	PK_AUTO(pk_strv) said = {0};
	uint64_t bad = 0;
	const struct pk_check_sink sink = {.finding = count, .ctx = &said};
	struct pk_checkpoint cp = {.size = log->n / 2};
	PK_AUTO(pk_buf) origin = {0};

	if (pk_custody_check_lines(log, &sink, &bad, NULL) < 0 ||
	    pk_custody_check_export(log, log, &sink, &bad, NULL) < 0 || bad != said.n)
		__builtin_trap();
	/* whatever is wrong with it: there is a document, which says so */
	pk_autojson *v = NULL;
	const struct pk_custody_with with = {.label = PK_STR("TLP:RED"), .faults = said};
	if (pk_custody_put_text(log, &with, &text, NULL) < 0 || pk_custody_put_uco(log, &with, &uco, NULL) < 0 ||
	    pk_json_parse(pk_buf_str(&uco), &v, NULL) < 0)
		__builtin_trap();
	if (pk_custody_origin(log, &origin, NULL) < 0)
		return;
	cp.origin = pk_buf_str(&origin);
	pk_custody_root(log, cp.size, cp.root);
	if (pk_custody_put_proof(log, cp.size, &note, NULL) < 0)
		__builtin_trap();
	struct pk_checkpoint now = {.origin = cp.origin, .size = log->n};
	PK_AUTO(pk_custody_note) n = {0};
	pk_custody_root(log, now.size, now.root);
	pk_buf_put_checkpoint(&note, &now);
	if (pk_custody_note_parse(pk_buf_str(&note), &n, NULL) < 0 || pk_custody_continues(&n, &cp, NULL) < 0)
		__builtin_trap();
	bad = 0;
	if (pk_custody_check_checkpoint(log, n.note, NULL, &sink, &bad, NULL) < 0 || bad)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PK_AUTO(pk_custody_log) log = {0};
	PK_AUTO(pk_custody_note) note = {0};
	struct pk_str input = pk_str_n(data, size);

	if (pk_custody_note_parse(input, &note, NULL) == 0 && note.note.n &&
	    note.note.p + note.note.n != input.p + input.n)
		__builtin_trap();
	if (pk_custody_log_parse(input, &log, NULL) < 0)
		return 0;
	if (!pk_str_eq(input, pk_buf_str(&log.text)))
		__builtin_trap();
	check_log(&log);
	return 0;
}
