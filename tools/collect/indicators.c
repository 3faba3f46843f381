/* SPDX-License-Identifier: Apache-2.0 */
/* The indicator sets of a run: from the kit, or from --ioc. */
#include "setup.h"

int setup_kit_indicators(void *ctx, struct pk_str name, struct pk_str data, struct pk_err *err)
{
	struct setup *s = ctx;
	pk_autofree char *z = NULL;

	/* "ioc/NNN/NAME" */
	name = pk_str_n(name.p + strlen(PK_KIT_IOC), name.n - strlen(PK_KIT_IOC));
	while (name.n > 0 && *name.p >= '0' && *name.p <= '9')
		name = pk_str_n(name.p + 1, name.n - 1);
	if (name.n < 2 || *name.p != '/')
		return pk_fail(err, PK_EFORMAT, 0, "a set of indicators has no name");
	if (!(z = pk_str_dup(pk_str_n(name.p + 1, name.n - 1))))
		return pk_fail_oom(err);
	return pk_ioc_files_add(&s->ioc_files, z, data, err);
}

int setup_indicators(struct setup *s, struct pk_err *err)
{
	const struct collect_opts *o = &collect_opts;
	const struct pk_ioc_params p = {
		.files = &s->ioc_files, .sandbox = (enum pk_sandbox_need)o->sandbox, .events = &pk_msg_events};
	const struct pk_ioc_problem *problems;
	size_t n;

	for (size_t i = 0; i < o->ioc.n && !o->no_scan; i++)
		if (pk_ioc_files_load(&s->ioc_files, o->ioc.v[i], err) < 0)
			return -1;
	if (s->ioc_files.n == 0)
		return 0;
	if (pk_ioc_new(&p, &s->ioc, err) < 0)
		return -1;
	problems = pk_ioc_problems(s->ioc, &n);
	for (size_t i = 0; i < n; i++)
		pk_msg_warn("indicators '%.*s', line %llu: %.*s", PK_STR_ARG(problems[i].set),
			    (unsigned long long)problems[i].line, PK_STR_ARG(problems[i].text));
	if (o->strict && pk_ioc_is_incomplete(s->ioc) && n > 0)
		return pk_fail(err, PK_EUSAGE, 0, "indicators '%.*s': %.*s", PK_STR_ARG(problems[0].set),
			       PK_STR_ARG(problems[0].text));
	return pk_ioc_rules(s->ioc, &s->rules, err);
}
