/* SPDX-License-Identifier: Apache-2.0 */
/* What a scan needs to know about the host it runs on: mounts, and the names of owners. */
#include "scan.h"

#include <picket/io.h>
#include <picket/limits.h>

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
	PK_AUTO(pk_buf) passwd = {0};
	struct pk_err why = {0};
	size_t bad = 0;

	if (pk_root_open(&root, "/", err) < 0)
		return -1;
	if (pk_mounts_read(&h->mounts, &root, &mo, &why) < 0)
		pk_msg_warn("mounted file systems are not told apart: %s", why.msg);
	if (pk_read_path("/etc/passwd", PK_MAX_TEXT_FILE, &passwd, NULL) == 0 &&
	    pk_facts_parse_passwd(&h->facts, pk_buf_str(&passwd), &bad, err) < 0)
		return -1;
	return 0;
}

int host_on_file(void *ctx, const struct pk_scantree_file *file, struct pk_err *err)
{
	const struct host *h = ctx;

	return report_file(h->report, file, err);
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

	for (size_t i = 0; i < h->facts.users_n; i++)
		if (h->facts.users[i].uid == uid)
			return h->facts.users[i].name;
	return NULL;
}
