/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case note: sentences on things. */
#include "verbs.h"

#include <unistd.h>

static const struct pk_opt opts[] = {CASE_OPT_HOST, CASE_OPT_LIMIT, CASE_OPT_JSON, PK_OPT_END};

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTOPTR(pk_case) c = NULL;
	PK_AUTO(pk_buf) text = {0};
	struct pk_case_filter f = {.limit = case_o.limit};
	uint64_t n = 0;

	if (argc == 1)
		return case_print(argv[0], PK_LIST_NOTES, &f, err);
	if (argc == 2)
		return pk_fail(err, PK_EUSAGE, 0, "say what to note on '%s' (- reads the text from standard input)",
			       argv[1]);
	if (strcmp(argv[2], "-") == 0) {
		if (pk_read_all(STDIN_FILENO, 1u << 20, &text, err) < 0)
			return pk_wrap(err, "standard input");
	} else {
		pk_buf_puts(&text, argv[2]);
	}
	if (pk_buf_check(&text, err) < 0 || pk_case_open(argv[0], PK_CASE_WRITE, case_author, &c, err) < 0 ||
	    pk_case_note(c, argv[1], case_o.host, pk_str_trim(pk_buf_str(&text)), &n, err) < 0)
		return -1;
	pk_msg_info("%s: noted on %llu", argv[1], (unsigned long long)n);
	return case_json && case_print_marked(c, "noted", NULL, argv[1], n, err) < 0 ? -1 : PK_EXIT_OK;
}

const struct pk_verb case_note = {
	.name = "note",
	.operands = "CASE [TARGET TEXT]",
	.summary = "write a note on something; or list the notes",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 3,
	.run = run,
};
