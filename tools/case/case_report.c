/* SPDX-License-Identifier: Apache-2.0 */
/* picket-case report: one HTML page. */
#include "verbs.h"

#include <picket/report.h>

static const char *output, *title;
static uint64_t days;

static const struct pk_opt opts[] = {
	{'o', "output", PK_OPT_STR, &output, "FILE", "write the page here (default: standard output)", NULL},
	{0, "title", PK_OPT_STR, &title, "TEXT", "its title (default: the case's name)", NULL},
	{0, "days", PK_OPT_U64, &days, "N", "days before the last collection that the chart shows (default: 30)", NULL},
	PK_OPT_END,
};

static int run(int argc, char **argv, struct pk_err *err)
{
	PK_AUTOPTR(pk_case) c = NULL;
	PK_AUTO(pk_outfile) out = PK_OUTFILE_INIT;
	struct pk_report_params p = {.title = title, .days = (unsigned)days, .now = pk_time_now()};
	uint8_t sha256[32];

	(void)argc;
	if (days > 3650)
		return pk_fail(err, PK_EUSAGE, 0, "--days takes at most 3650");
	if (pk_case_open(argv[0], PK_CASE_TRY_WRITE, case_author, &c, err) < 0 ||
	    pk_outfile_open(&out, output, PK_OUT_EXCL, err) < 0 ||
	    pk_report_html(c, &p, pk_outfile_sink(&out), sha256, err) < 0)
		return -1;
	/* on record before it leaves */
	if (pk_case_is_writable(c) && pk_case_custody_output(c, "report", output ? output : "-", sha256, err) < 0)
		return -1;
	if (pk_outfile_commit(&out, err) < 0)
		return -1;
	if (!pk_case_is_writable(c))
		pk_msg_warn("'%s' cannot be written: this report is not in its custody log", argv[0]);
	if (output)
		pk_msg_info("wrote '%s'", output);
	return PK_EXIT_OK;
}

const struct pk_verb case_report = {
	.name = "report",
	.operands = "CASE",
	.summary = "one self-contained HTML page: hosts, hits, timeline, gaps, custody",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
