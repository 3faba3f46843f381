/* SPDX-License-Identifier: Apache-2.0 */
/* The indicator sets of a kit: looked through before anything is built, then put in as they are. */
#include "verbs.h"

#include <picket/io.h>
#include <picket/ioc.h>
#include <picket/kit.h>

#define MAX_SET (256u << 20) /* a kit holds no more */
#define MAX_NAME 150u

static int load(const struct pk_strv *paths, struct pk_ioc_files *files, struct pk_err *err)
{
	for (size_t i = 0; i < paths->n; i++)
		if (pk_ioc_files_load(files, paths->v[i], err) < 0)
			return -1;
	return 0;
}

int kit_check_indicators(const struct pk_strv *paths, struct pk_err *err)
{
	PK_AUTO(pk_ioc_files) files = {0};
	const struct pk_ioc_params p = {.files = &files, .events = &pk_msg_events};
	PK_AUTOPTR(pk_ioc) ioc = NULL;
	const struct pk_ioc_problem *problems;
	const struct pk_ioc_set *sets;
	uint64_t hashes, others;
	size_t n;

	if (paths->n == 0)
		return 0;
	if (load(paths, &files, err) < 0 || pk_ioc_new(&p, &ioc, err) < 0)
		return -1;
	problems = pk_ioc_problems(ioc, &n);
	for (size_t i = 0; i < n; i++)
		pk_msg_warn("indicators '%.*s', line %llu: %.*s", PK_STR_ARG(problems[i].set),
			    (unsigned long long)problems[i].line, PK_STR_ARG(problems[i].text));
	sets = pk_ioc_sets(ioc, &n);
	for (size_t i = 0; i < n; i++)
		if (sets[i].refused)
			return pk_fail(err, PK_EUSAGE, 0, "indicators '%.*s' cannot be used: see above",
				       PK_STR_ARG(sets[i].name));
	pk_ioc_counts(ioc, &hashes, &others);
	pk_msg_info(
		"%llu hashes and %llu other indicators go into the kit: whoever gets it can read them (--lock-rules "
		"wraps them)",
		(unsigned long long)hashes, (unsigned long long)others);
	return 0;
}

/* "ioc/NNN/NAME": the words in a name say what a set is, so it stays readable; the number keeps names apart. */
static void put_name(struct pk_buf *b, size_t number, struct pk_str name)
{
	pk_buf_putf(b, "%s%03zu/", PK_KIT_IOC, number);
	if (name.n > MAX_NAME)
		name = pk_str_n(name.p + name.n - MAX_NAME, MAX_NAME);
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
			     (c == '.' && i > 0);

		pk_buf_put_c(b, plain ? c : '_');
	}
}

int kit_put_indicators(struct pk_buf *tar, const struct pk_strv *paths, struct pk_err *err)
{
	PK_AUTO(pk_ioc_files) files = {0};

	if (load(paths, &files, err) < 0)
		return -1;
	for (size_t i = 0; i < files.n; i++) {
		PK_AUTO(pk_buf) name = {0};
		PK_AUTO(pk_buf) bytes = {0};

		put_name(&name, i, pk_str(files.v[i].name));
		if (pk_buf_check(&name, err) < 0 || pk_read_path(files.v[i].path, MAX_SET, &bytes, err) < 0 ||
		    pk_kit_put(tar, name.p, pk_buf_str(&bytes), err) < 0)
			return -1;
	}
	return 0;
}
