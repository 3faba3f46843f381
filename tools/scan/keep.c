/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a scan: what it is valid for, and the hits of files that were left out as unchanged. */
#include "scan.h"

#include <errno.h>
#include <inttypes.h>
#include <picket/hash.h>
#include <picket/io.h>

/* Contents, not names and times: whoever replaces a set means another scan. */
int keep_hash_indicators(const struct pk_ioc_files *files, struct pk_sha256 *h, struct pk_err *err)
{
	pk_autofree char *piece = malloc(1 << 20);

	if (!piece)
		return pk_fail_oom(err);
	for (size_t i = 0; i < files->n; i++) {
		const struct pk_ioc_file *f = &files->v[i];
		pk_autoclose int fd = -1;
		size_t got = f->n;

		pk_sha256_put(h, f->name, strlen(f->name) + 1);
		if (!f->path) {
			pk_sha256_put(h, f->data, f->n);
		} else if (pk_open_brought(f->path, &fd, err) < 0) {
			return -1;
		} else {
			do {
				if (pk_read_full(fd, piece, 1 << 20, &got, err) < 0)
					return pk_wrap(err, "'%s'", f->path);
				pk_sha256_put(h, piece, got);
			} while (got > 0);
		}
		pk_sha256_put(h, "", 1);
	}
	return 0;
}

int keep_open(const char *path, bool changed, const struct pk_rules *rules, struct pk_sha256 *h, struct report *r,
	      struct pk_scanstate **ret, struct pk_err *err)
{
	uint8_t id[PK_RULES_ID_BYTES], all[PK_SCANSTATE_ID];
	uint64_t last, killed;

	if (pk_rules_id(rules, id, err) < 0)
		return -1;
	pk_sha256_put(h, id, sizeof(id));
	pk_sha256_end(h, all);
	if (pk_scanstate_open(path, changed, all, r->set, ret, err) < 0)
		return -1;
	pk_scanstate_counts(*ret, &last, &killed);
	if (killed > 0)
		pk_msg_info("going on with a scan that was interrupted after %" PRIu64 " files", killed);
	else if (changed && last == 0)
		pk_msg_detail("'%s' knows no file of a scan with these rules: all are scanned", path);
	r->state = *ret;
	return 0;
}

const char *keep_leaves(const struct report *r, struct pk_str path, const struct stat *st)
{
	if (!r->state || !S_ISREG(st->st_mode))
		return NULL;
	if (pk_scanstate_is_own(r->state, st))
		return "own";
	return pk_scanstate_find(r->state, path, st, NULL) ? PK_LEFT_UNCHANGED : NULL;
}

/* What a path out of a bundle is known by: also by its content, since whoever makes a bundle may give it the id of
 * another, and its paths the times of that one's. False: by nothing. */
static bool put_key(struct pk_buf *b, const struct recorded *x, struct pk_str path)
{
	if (!x->has_sha256)
		return false;
	pk_buf_puts(b, "bundle:");
	pk_buf_put_hex(b, x->of->id, sizeof(x->of->id));
	pk_buf_put_c(b, ':');
	pk_buf_put_hex(b, x->sha256, sizeof(x->sha256));
	pk_buf_put_c(b, ':');
	pk_buf_put_str(b, path);
	return !b->oom;
}

const char *keep_leaves_recorded(const struct report *r, const struct recorded *p)
{
	PK_AUTO(pk_buf) key = {0};

	if (!r->state || !S_ISREG(p->st.st_mode) || !put_key(&key, p, pk_str(p->path)))
		return NULL;
	return pk_scanstate_find(r->state, pk_buf_str(&key), &p->st, NULL) ? PK_LEFT_UNCHANGED : NULL;
}

void keep_put(struct report *r, const struct pk_scantree_file *f)
{
	struct pk_scantree_file as = *f;
	PK_AUTO(pk_buf) key = {0};

	if (!r->state || (f->tag && !put_key(&key, f->tag, f->path)))
		return;
	if (f->tag)
		as.path = pk_buf_str(&key);
	pk_scanstate_put(r->state, &as);
}

int keep_report(struct report *r, const struct pk_scantree_file *f, struct pk_err *err)
{
	PK_AUTO(pk_scanseen) seen = {0};
	PK_AUTO(pk_buf) key = {0};
	struct pk_scantree_file was = *f;
	struct pk_str path = f->path;
	int ret;

	if (f->tag && put_key(&key, f->tag, f->path))
		path = pk_buf_str(&key);
	/* it was there a moment ago */
	if (!pk_scanstate_find(r->state, path, f->st, &seen))
		return pk_fail(err, PK_ESYS, ENOMEM, "'%.*s': cannot read again what is known of it",
			       PK_STR_ARG(f->path));
	was.result = &seen.result;
	was.ioc = &seen.ioc;
	was.ioc_why = NULL;
	was.bytes = seen.bytes;
	was.sha256 = seen.has_sha256 ? seen.sha256 : NULL;
	r->seen = &seen.at;
	ret = report_hits(r, &was, err);
	r->seen = NULL;
	r->unchanged++;
	pk_scanstate_put_again(r->state, path);
	return ret;
}
