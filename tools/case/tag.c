/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case tag: words on things. */
#include "verbs.h"

static bool take_off;

static const struct pk_opt opts[] = {
	CASE_OPT_HOST,  {0, "remove", PK_OPT_FLAG, &take_off, NULL, "take the tag off again; the log keeps both", NULL},
	CASE_OPT_LIMIT, CASE_OPT_JSON,
	PK_OPT_END,
};

static int print(struct pk_case *c, const char *tag, const char *target, uint64_t n, struct pk_err *err)
{
	PK_AUTO(pk_buf) line = {0};
	struct pk_json j = {.out = &line};

	pk_json_begin(&j, '{');
	pk_json_kz(&j, "type", take_off ? "untagged" : "tagged");
	pk_json_kint(&j, "v", 1);
	pk_json_kz(&j, "tag", tag);
	pk_json_kbytes(&j, "target", pk_str(target));
	pk_json_kuint(&j, "marked", n);
	if (case_put_label(&j, c, err) < 0)
		return -1;
	pk_json_end(&j, '}');
	return pk_json_check(&j, err) < 0 ? -1 : pk_stdout_line(&line, err);
}

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTOPTR(pk_case) c = NULL;
	struct pk_case_filter f = {.limit = case_o.limit};

	if (argc == 1)
		return case_print(argv[0], PK_LIST_TAGS, &f, err);
	if (argc == 2)
		return pk_fail(err, PK_EUSAGE, 0,
			       "say what to tag: a path, a REF as listings print it, or host:NAME, bundle:ID, "
			       "sha256:HEX, hit:REF");
	if (pk_case_open(argv[0], PK_CASE_WRITE, case_author, &c, err) < 0)
		return -1;
	for (int i = 2; i < argc; i++) {
		uint64_t n = 0;

		if (pk_case_tag(c, argv[1], argv[i], case_o.host, take_off, &n, err) < 0)
			return -1;
		pk_msg_info("%s: %llu %s '%s'", argv[i], (unsigned long long)n,
			    take_off ? "lost the tag" : "bear the tag", argv[1]);
		if (case_json && print(c, argv[1], argv[i], n, err) < 0)
			return -1;
	}
	return PK_EXIT_OK;
}

const struct pk_verb case_tag = {
	.name = "tag",
	.operands = "CASE [TAG TARGET...]",
	.summary = "tag files, hits, hosts; or list the tags",
	.opts = opts,
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};
