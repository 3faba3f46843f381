/* SPDX-License-Identifier: Apache-2.0 */
/* What a check finds, said and counted. */
#include "findings.h"

#include <stdarg.h>
#include <stdio.h>

void pk_finding(struct pk_findings *f, bool bad, const char *fmt, ...)
{
	struct pk_err text = {0}; /* its printing makes hostile names safe */
	char line[400];
	va_list ap;

	f->bad += bad;
	if (f->told > PK_MAX_TOLD)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	(void)pk_fail(&text, PK_EFORMAT, 0, "%s",
		      f->told++ < PK_MAX_TOLD ? line : "there are more: from here on they are counted only");
	if (f->sink->finding)
		f->sink->finding(f->sink->ctx, bad, text.msg);
}
