/* SPDX-License-Identifier: Apache-2.0 */
/* What a scan needs to know about the host it runs on: mounts, and the names of owners and groups. */
#include "scan.h"

void host_done(struct host *h)
{
	pk_mounts_done(&h->mounts);
	pk_facts_done(&h->facts);
}

/* A scan works without them: then no mount is told from a folder, which is said, and owners are nameless. */
int host_read(struct host *h, bool network, struct pk_err *err)
{
	const struct pk_mount_opts mo = {.network = network};
	PK_AUTO(pk_root) root = {.fd = -1};
	struct pk_err why = {0};

	if (pk_root_open(&root, "/", err) < 0)
		return -1;
	if (pk_mounts_read(&h->mounts, &root, &mo, &why) < 0)
		pk_msg_warn("mounted file systems are not told apart: %s", why.msg);
	if (pk_facts_read_names(&h->facts, &root, err) < 0)
		return -1;
	for (size_t i = 0; i < h->facts.notes.n; i++)
		pk_msg_detail("%s", h->facts.notes.v[i]);
	h->report->names = &h->facts;
	h->vars = (struct pk_scan_hostvars){
		.timezone = h->facts.timezone, .language = h->facts.language, .now = pk_time_now()};
	return 0;
}

int host_on_file(void *ctx, const struct pk_scantree_file *file, struct pk_err *err)
{
	const struct host *h = ctx;

	return report_file(h->report, file, err);
}

const char *host_on_leave(void *ctx, struct pk_str path, struct pk_str absolute, const struct stat *st)
{
	const struct host *h = ctx;
	const char *why = selection_leaves(h->selection, path, absolute, st);

	return why ? why : keep_leaves(h->report, path, st);
}

const char *host_on_mount(void *ctx, struct pk_str absolute)
{
	const struct host *h = ctx;
	const struct pk_mount *m = pk_mounts_point(&h->mounts, absolute);

	if (!m || m->cross)
		return NULL;
	return m->kind == PK_MOUNT_PSEUDO    ? "pseudo-filesystem"
	       : m->kind == PK_MOUNT_NETWORK ? "network-filesystem"
					     : "mount";
}

const char *host_on_owner(void *ctx, uint32_t uid)
{
	const struct host *h = ctx;

	return pk_facts_user(&h->facts, uid);
}

const char *host_on_group(void *ctx, uint32_t gid)
{
	const struct host *h = ctx;

	return pk_facts_group(&h->facts, gid);
}
