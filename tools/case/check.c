/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case check: is the case what it should be? */
#include "verbs.h"

static const struct pk_opt opts[] = {CASE_OPT_JSON, PK_OPT_END};

static int print(struct pk_case *c, const struct pk_case_totals *t, uint64_t bad, struct pk_err *err)
{
	PK_AUTO(pk_buf) line = {0};
	struct pk_json j = {.out = &line};

	pk_json_begin(&j, '{');
	pk_json_kz(&j, "type", "check");
	pk_json_kint(&j, "v", 1);
	pk_json_kuint(&j, "faults", bad);
	pk_json_kuint(&j, "bundles", t->bundles);
	pk_json_kuint(&j, "hosts", t->hosts);
	pk_json_kuint(&j, "quarantined", t->quarantined);
	pk_json_kuint(&j, "custody", t->custody);
	if (case_put_label(&j, c, err) < 0)
		return -1;
	pk_json_end(&j, '}');
	return pk_json_check(&j, err) < 0 ? -1 : pk_stdout_line(&line, err);
}

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTOPTR(pk_case) c = NULL;
	struct pk_err unsaid = {0};
	struct pk_check_sink sink = {.finding = case_print_finding, .ctx = &unsaid, .ev = &pk_msg_events};
	struct pk_case_totals t = {0};
	uint64_t bad = 0;

	(void)argc;
	if (pk_case_open(argv[0], PK_CASE_TRY_WRITE, case_author, &c, err) < 0 ||
	    pk_case_check(c, &sink, &bad, err) < 0 || pk_case_totals(c, &t, err) < 0)
		return -1;
	pk_msg_progress_done();
	if (unsaid.kind) {
		*err = unsaid;
		return -1;
	}
	if ((case_json && print(c, &t, bad, err) < 0) || pk_stdout_done(err) < 0)
		return -1;
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
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
