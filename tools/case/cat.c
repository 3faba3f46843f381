/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case cat: a file's content straight from its sealed bundle. */
#include "verbs.h"

#include <picket/age.h>

static const char *output;

static const struct pk_opt opts[] = {
	CASE_OPT_IDENTITY,
	CASE_OPT_PASSPHRASE_FD,
	CASE_OPT_HOST,
	{'o', "output", PK_OPT_STR, &output, "FILE",
	 "write here instead of to standard output; nothing appears unless all of it is genuine", NULL},
	PK_OPT_END,
};

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTOPTR(pk_case) c = NULL;
	PK_AUTOPTR(pk_age_identities) ids = NULL;
	PK_AUTO(pk_outfile) out = PK_OUTFILE_INIT;
	const struct pk_filesink to = pk_outfile_filesink(&out);

	(void)argc;
	if (pk_case_open(argv[0], PK_CASE_TRY_WRITE, case_author, &c, err) < 0 || case_identities(&ids, err) < 0 ||
	    case_say_label(c, err) < 0 || pk_outfile_open(&out, output, PK_OUT_EXCL, err) < 0 ||
	    pk_case_cat(c, argv[1], case_o.host, ids, &to, &pk_msg_events, err) < 0 || pk_outfile_commit(&out, err) < 0)
		return -1;
	return PK_EXIT_OK;
}

const struct pk_verb case_cat = {
	.name = "cat",
	.operands = "CASE TARGET",
	.summary = "print content: TARGET is a REF (of a hit: what it hit), a path or a hash",
	.opts = opts,
	.min_operands = 2,
	.max_operands = 2,
	.run = run,
};
