/* SPDX-License-Identifier: Apache-2.0 */
/* One path that the plan led to: its content when asked, and its record. */
#include "collect_priv.h"

#include <unistd.h>

/* Another name of a content that is stored, where rules look at names: scanned under this one too. */
static int scan_again(struct run *run, uint64_t leaf, struct pk_err *err)
{
	struct pk_content c = {
		.path = pk_buf_str(&run->snap.path), .size = run->snap.size, .fd = -1, .hint = &run->snap};
	pk_autoclose int fd = -1;
	int rc;

	if (!run->scanning || !run->p->scan_each_name)
		return 0;
	if (pk_snap_open(&run->snap, run->p->root, &fd, NULL) == 0)
		c.fd = fd;
	run->again = true;
	rc = pk_seal_inspect_again(run->seal, leaf, &c, err);
	run->again = false;
	return rc;
}

static int on_hashes(void *ctx, const struct pk_hashes *hashes, struct pk_err *err)
{
	return ioc_find_hash(ctx, hashes, err);
}

int store_init(struct run *run, struct pk_err *err)
{
	const struct pk_store_params p = {.seal = run->seal, .stop = run->p->stop, .hashes = on_hashes, .ctx = run};

	return pk_store_new(&p, &run->store, err);
}

/* Has the file stored, and put what is found in its content. */
static int take_content(struct run *run, uint64_t max, struct pk_store_result *ret, struct pk_err *err)
{
	struct pk_store_file f = {.snap = &run->snap,
				  .root = run->p->root,
				  .max = max,
				  .left = UINT64_MAX,
				  .hash_kinds = ioc_hash_kinds(run),
				  .inspect = run->scanning};

	if (run->p->max_total)
		f.left = run->p->max_total - PK_MIN(run->p->max_total, run->sum->content_bytes);
	if (pk_store_file(run->store, &f, ret, err) < 0)
		return -1;
	run->sum->limits += ret->limited;
	if (ret->stopped)
		run->sum->stopped = *run->p->stop;
	if (ret->again)
		return scan_again(run, ret->leaf, err);
	if (ret->leaf == PK_LEAF_NONE)
		return 0;
	run->sum->contents++;
	run->sum->content_bytes += ret->bytes;
	if (ioc_put_hash(run, ret->leaf, err) < 0)
		return -1;
	return ret->unhashed ? ioc_put_unhashed(run, ret->leaf, "its hash is not that of the whole file", err) : 0;
}

int take_found(struct run *run, const struct pk_found *f, struct pk_err *err)
{
	struct pk_store_result stored = {.outcome = PK_METADATA, .leaf = PK_LEAF_NONE};
	struct pk_snap *snap = &run->snap;
	struct pk_err own = {0};
	const char *why = NULL;
	uint64_t ignored = 0;
	bool is_new;

	if (seen_add(&run->paths, f->path, &ignored, &is_new, err) < 0)
		return -1;
	if (!is_new)
		return 0;
	if (pk_snap_read(snap, run->p->root, f->path, run->p->facts, 0, &own) < 0)
		return put_missing(run, f->path, f->via, f->via_n, pk_outcome_of(&own), own.msg, err);
	if (!pk_str_eq(pk_buf_str(&snap->path), f->path)) /* it has its own record, if anybody asked for it */
		return put_missing(run, f->path, f->via, f->via_n, PK_FAILED,
				   "replaced: a folder on the way to it is now a link", err);
	if (f->type == PK_REQ_FILE && snap->kind == PK_KIND_FILE) {
		if (f->excluded)
			why = "excluded by the profile";
		else if (take_content(run, f->max_file, &stored, err) < 0)
			return -1;
		else
			why = stored.why;
	}
	return put_path(run, snap, f->via, f->via_n, stored.outcome, why, stored.leaf, err);
}
