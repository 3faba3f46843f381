/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs that sign have in common: keys of this station, the roster, a second person. */
#include "verbs.h"

#include <stdlib.h>

const char *bundle_override, *bundle_second;
struct pk_strv bundle_release_files;

int bundle_need_roster(struct pk_roster *ret, struct pk_err *err)
{
	bool there = false;

	if (pk_station_roster(bundle_roster, ret, &there, NULL, err) < 0)
		return -1;
	return there ? 0 : pk_fail(err, PK_EUSAGE, 0, "there is no roster here to say who is who: give --roster FILE");
}

int bundle_load_second(int fd, struct pk_keys *ret, bool *ret_given, struct pk_err *err)
{
	*ret_given = bundle_override != NULL;
	if (!bundle_override != !bundle_second)
		return pk_fail(err, PK_EUSAGE, 0,
			       "--override REASON and --second NAME go together: two persons answer");
	return bundle_override ? pk_station_keys(bundle_second, fd, &pk_msg_events, ret, err) : 0;
}

void bundle_releases_done(struct bundle_releases *r)
{
	for (size_t i = 0; i < r->n; i++)
		pk_release_set_done(&r->v[i]);
	free(r->v);
}

int bundle_read_releases(const struct pk_roster *roster, struct pk_time now, struct bundle_releases *ret,
			 struct pk_err *err)
{
	if (!(ret->v = calloc(bundle_release_files.n + 1, sizeof(*ret->v))))
		return pk_fail_oom(err);
	for (; ret->n < bundle_release_files.n; ret->n++)
		if (pk_release_read(bundle_release_files.v[ret->n], roster, now, &ret->v[ret->n], err) < 0)
			return -1;
	return 0;
}
