/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case check: is the case what it should be? */
#include "verbs.h"

#include <stdio.h>

#include <picket/json.h>

static int put_failed;

static void on_finding(void *ctx, bool bad, const char *text)
{
	PK_AUTO(pk_buf) line = {0};
	struct pk_json j = {.out = &line};

	(void)ctx;
	pk_msg_progress_done();
	if (!case_json) {
		printf("%s: %s\n", bad ? "fault" : "note", text);
		return;
	}
	pk_json_begin(&j, '{');
	pk_json_kz(&j, "type", "finding");
	pk_json_kint(&j, "v", 1);
	pk_json_kbool(&j, "fault", bad);
	pk_json_kz(&j, "text", text);
	pk_json_end(&j, '}');
	put_failed |= pk_json_check(&j, NULL) < 0 || case_put_line(&line, NULL) < 0;
}

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTOPTR(pk_case) c = NULL;
	struct pk_check_sink sink = {.finding = on_finding, .ev = &pk_msg_events};
	struct pk_case_totals t = {0};
	uint64_t bad = 0;

	(void)argc;
	if (pk_case_open(argv[0], PK_CASE_TRY_WRITE, case_author, &c, err) < 0 ||
	    pk_case_check(c, &sink, &bad, err) < 0 || pk_case_totals(c, &t, err) < 0)
		return -1;
	pk_msg_progress_done();
	if (put_failed || pk_stdout_done(err) < 0)
		return put_failed ? pk_fail(err, PK_ESYS, 0, "cannot write to standard output") : -1;
	if (bad) {
		pk_msg_warn("%s: %llu %s", argv[0], (unsigned long long)bad, bad == 1 ? "fault" : "faults");
		return PK_EXIT_FOUND;
	}
	pk_msg_info("%s: sound: %llu bundles of %llu hosts, %llu in quarantine, %llu custody lines", argv[0],
		    (unsigned long long)t.bundles, (unsigned long long)t.hosts, (unsigned long long)t.quarantined,
		    (unsigned long long)t.custody);
	return PK_EXIT_OK;
}

const struct pk_verb case_check = {
	.name = "check",
	.operands = "CASE",
	.summary = "database, full text, custody log and sealed files against each other",
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
