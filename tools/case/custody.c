/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case custody: who did what with the evidence. */
#include "verbs.h"

#include <stdio.h>

#include <picket/json.h>
#include <picket/roster.h>

static bool head, checkpoint;
static const char *signer, *output, *add, *object, *reason;
static uint64_t passphrase_fd = CASE_NO_FD;

static const struct pk_opt opts[] = {
	{0, "head", PK_OPT_FLAG, &head, NULL, "print the tree head alone: origin, size, root", NULL},
	{0, "checkpoint", PK_OPT_FLAG, &checkpoint, NULL,
	 "print the tree head to give it to someone, and remember it: check then proves that the log still contains it",
	 NULL},
	{0, "signer", PK_OPT_STR, &signer, "NAME", "sign the checkpoint with this party's note key", NULL},
	{0, "passphrase-fd", PK_OPT_U64, &passphrase_fd, "N", "read the key's passphrase from descriptor N", NULL},
	{'o', "output", PK_OPT_STR, &output, "FILE", "write the checkpoint here", NULL},
	{0, "add", PK_OPT_STR, &add, "ACTION", "add a line of your own: transfer-out, receive, destroy", NULL},
	{0, "object", PK_OPT_STR, &object, "WHAT", "with --add: what it was done to", NULL},
	{0, "reason", PK_OPT_STR, &reason, "TEXT", "with --add: why, to whom, by which authority", NULL},
	CASE_OPT_LIMIT,
	PK_OPT_END,
};

static int print_checkpoint(struct pk_case *c, struct pk_err *err)
{
	PK_AUTO(pk_keys) keys = {0};
	PK_AUTO(pk_buf) dir = {0};
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_outfile) out = PK_OUTFILE_INIT;

	if (signer) {
		if (pk_station_path(getenv("XDG_CONFIG_HOME"), getenv("HOME"), "keys", &dir, err) < 0 ||
		    pk_keys_load(signer, dir.p, passphrase_fd == CASE_NO_FD ? -1 : (int)passphrase_fd, &keys, err) < 0)
			return -1;
		if (!keys.has_note)
			return pk_fail(err, PK_EUSAGE, 0, "'%s' has no note key", signer);
	}
	if (pk_case_custody_checkpoint(c, signer ? &keys.note : NULL, &text, err) < 0 ||
	    pk_outfile_open(&out, output, 0, err) < 0 || pk_outfile_write(&out, text.p, text.n, err) < 0)
		return -1;
	return pk_outfile_commit(&out, err);
}

static int print_head(struct pk_case *c, bool alone, struct pk_err *err)
{
	PK_AUTO(pk_buf) text = {0};
	PK_AUTO(pk_buf) line = {0};
	struct pk_json j = {.out = &line};
	struct pk_checkpoint cp = {0};

	if (pk_case_custody_head(c, &text, err) < 0)
		return -1;
	if (!case_json) {
		printf("%s%.*s", alone ? "" : "\n", (int)text.n, text.p);
		return 0;
	}
	if (pk_checkpoint_parse(pk_buf_str(&text), &cp, err) < 0)
		return -1;
	pk_json_begin(&j, '{');
	pk_json_kz(&j, "type", "head");
	pk_json_kint(&j, "v", 1);
	pk_json_kstr(&j, "origin", cp.origin);
	pk_json_kuint(&j, "size", cp.size);
	pk_json_khex(&j, "root", cp.root, sizeof(cp.root));
	pk_json_end(&j, '}');
	if (pk_json_check(&j, err) < 0)
		return -1;
	return case_put_line(&line, err);
}

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTOPTR(pk_case) c = NULL;
	struct pk_case_filter f = {.limit = case_o.limit};
	bool writes = add || checkpoint;

	(void)argc;
	if ((signer || output) && !checkpoint)
		return pk_fail(err, PK_EUSAGE, 0, "--signer and --output go with --checkpoint");
	if ((object || reason) && !add)
		return pk_fail(err, PK_EUSAGE, 0, "--object and --reason go with --add");
	if (add && (!object || !reason))
		return pk_fail(err, PK_EUSAGE, 0, "--add needs --object and --reason");
	if (pk_case_open(argv[0], writes ? PK_CASE_WRITE : PK_CASE_READ, case_author, &c, err) < 0)
		return -1;
	if (add)
		return pk_case_custody_add(c, add, object, pk_str(reason), err) < 0 ? -1 : PK_EXIT_OK;
	if (checkpoint)
		return print_checkpoint(c, err) < 0 ? -1 : PK_EXIT_OK;
	if ((!head && case_print_list(c, PK_LIST_CUSTODY, &f, NULL, err) < 0) || print_head(c, head, err) < 0)
		return -1;
	return pk_stdout_done(err) < 0 ? -1 : PK_EXIT_OK;
}

const struct pk_verb case_custody = {
	.name = "custody",
	.operands = "CASE",
	.summary = "the log of who did what, and its tree head",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
