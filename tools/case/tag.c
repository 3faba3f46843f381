/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case tag: words on things. */
#include "verbs.h"

#include <stdlib.h>

static bool take_off;

static const struct pk_opt opts[] = {
	CASE_OPT_HOST,  {0, "remove", PK_OPT_FLAG, &take_off, NULL, "take the tag off again; the log keeps both", NULL},
	CASE_OPT_LIMIT, CASE_OPT_JSON,
	PK_OPT_END,
};

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTOPTR(pk_case) c = NULL;
	struct pk_case_filter f = {.limit = case_o.limit};
	const size_t targets = argc > 2 ? (size_t)argc - 2 : 0;
	pk_autofree uint64_t *n = NULL;

	if (argc == 1)
		return case_print(argv[0], PK_LIST_TAGS, &f, err);
	if (argc == 2)
		return pk_fail(err, PK_EUSAGE, 0,
			       "say what to tag: a path, a REF as listings print it, or host:NAME, bundle:ID, "
			       "sha256:HEX, hit:REF");
	if (pk_case_open(argv[0], PK_CASE_WRITE, case_author, &c, err) < 0)
		return -1;
	if (!(n = calloc(targets, sizeof(*n))))
		return pk_fail_oom(err);
	if (pk_case_tag(c, argv[1], argv + 2, targets, case_o.host, take_off, n, err) < 0)
		return -1;
	for (size_t i = 0; i < targets; i++) {
		pk_msg_info("%s: %llu %s '%s'", argv[i + 2], (unsigned long long)n[i],
			    take_off ? "lost the tag" : "bear the tag", argv[1]);
		if (case_json &&
		    case_print_marked(c, take_off ? "untagged" : "tagged", argv[1], argv[i + 2], n[i], err) < 0)
			return -1;
	}
	return PK_EXIT_OK;
}

const struct pk_verb case_tag = {
	.name = "tag",
	.operands = "CASE [TAG TARGET...]",
	.summary = "tag files, hits, hosts, all that are named or none; or list the tags",
	.opts = opts,
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};
