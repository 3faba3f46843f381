/* SPDX-License-Identifier: Apache-2.0 */
/* What is scanned of what is there: patterns that leave out, and a time from which on. */
#include "scan.h"

#include <picket/plan.h>
#include <picket/time.h>

int selection_since(struct selection *s, const char *text, struct pk_err *err)
{
	struct pk_time now = pk_time_now();
	int64_t ago;

	if (pk_duration_parse(pk_str(text), &ago)) {
		now.sec -= ago;
		s->since = now;
	} else if (!pk_time_parse_rfc3339(pk_str(text), &s->since)) {
		return pk_fail(err, PK_EUSAGE, 0,
			       "--since '%s': neither a time (2026-11-23, 2026-11-23T10:57:09Z) nor a duration (90s, "
			       "15m, 12h, 7d, 2w)",
			       text);
	}
	s->has_since = true;
	return 0;
}

static bool is_before(const struct timespec *t, struct pk_time since)
{
	return pk_time_cmp((struct pk_time){t->tv_sec, (uint32_t)t->tv_nsec}, since) < 0;
}

/* The last component; all of "/". */
static struct pk_str name_of(struct pk_str path)
{
	for (size_t i = path.n; i > 1; i--)
		if (path.p[i - 1] == '/')
			return pk_str_n(path.p + i, path.n - i);
	return path.n > 1 && path.p[0] == '/' ? pk_str_n(path.p + 1, path.n - 1) : path;
}

static bool is_excluded(const char *pattern, struct pk_str path, struct pk_str absolute)
{
	struct pk_str p = pk_str(pattern);

	if (pk_str_find(p, '/') == p.n)
		return pk_glob_match(p, name_of(path));
	while (p.n > 1 && p.p[p.n - 1] == '/')
		p.n--;
	return pk_glob_match(p, path) || (absolute.n > 0 && pk_glob_match(p, absolute));
}

const char *selection_leaves(const struct selection *s, struct pk_str path, struct pk_str absolute,
			     const struct stat *st)
{
	for (size_t i = 0; i < s->exclude->n; i++)
		if (is_excluded(s->exclude->v[i], path, absolute))
			return PK_LEFT_EXCLUDED;
	/* whoever sets the one time back cannot set the other */
	if (s->has_since && S_ISREG(st->st_mode) && is_before(&st->st_mtim, s->since) &&
	    is_before(&st->st_ctim, s->since))
		return PK_LEFT_OLDER;
	return NULL;
}
