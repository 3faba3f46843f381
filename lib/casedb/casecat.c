/* SPDX-License-Identifier: Apache-2.0 */
/* Content straight from its sealed bundle; the case itself holds none. */
#include "list.h"
#include "target.h"

#include <inttypes.h>
#include <stdlib.h>

#include <picket/bundle.h>
#include <picket/hash.h>

struct found {
	uint8_t sha256[32];
	uint8_t bundle[16];
	int64_t leaf;
	uint64_t size; /* as the path's record has it */
	bool complete, partial;
	struct pk_buf place, path, ref, why;
};

static void found_done(struct found *f)
{
	pk_buf_done(&f->place);
	pk_buf_done(&f->path);
	pk_buf_done(&f->ref);
	pk_buf_done(&f->why);
}

#define SQL_CONTENT \
	"SELECT k.sha256, coalesce(s.id, b.id), coalesce(k.at, k.leaf), coalesce(f.size, 0), i.place, b.complete, " \
	"coalesce(f.path, ''), " PK_SQL_REF( \
		"coalesce(f.leaf, k.leaf)") ", coalesce(f.outcome = 'partial', 0), coalesce(f.why, '') FROM content " \
					    "k JOIN bundle b ON b.no = k.bundle JOIN intake i ON i.no " \
					    "= coalesce(k.intake, b.intake) LEFT JOIN share s ON s.intake = k.intake" \
					    " LEFT JOIN file f ON f.bundle = k.bundle AND f.content = k.leaf WHERE 1"

static bool is_hex(struct pk_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return s.n >= 8;
}

static int build(struct pk_query *q, struct pk_case *c, const char *target, const char *host, struct pk_err *err)
{
	struct pk_str s = pk_str(target);
	char bundle[33];
	int64_t leaf = 0;

	pk_query_puts(q, SQL_CONTENT);
	if (pk_str_starts(s, PK_STR("sha256:")))
		return pk_query_hex_prefix(q, "k.sha256", target + 7, err);
	if (is_hex(s))
		return pk_query_hex_prefix(q, "k.sha256", target, err);
	if (pk_str_starts(s, PK_STR("file:")))
		target += 5;
	else if (pk_str_starts(s, PK_STR("hit:")))
		target += 4;
	if (pk_target_is_ref(target, bundle, &leaf)) { /* of a path, a content, or a hit, which is about either */
		pk_query_puts(q, " AND (");
		pk_query_int(q, leaf);
		pk_query_puts(
			q, " IN (f.leaf, k.leaf) OR (SELECT x.of FROM hit x WHERE x.bundle = k.bundle AND x.leaf = ");
		pk_query_int(q, leaf);
		pk_query_puts(q, ") IN (f.leaf, k.leaf))");
		return pk_query_hex_prefix(q, "b.id", bundle, err);
	}
	if (pk_str_is_utf8(s)) {
		pk_query_puts(q, " AND f.path = ");
		pk_query_text(q, s);
	} else {
		pk_query_puts(q, " AND f.path_raw = ");
		pk_query_blob(q, s.p, s.n);
	}
	return pk_query_host(q, c, "f.host", host, err);
}

/* All rows must be of one content. The last one is taken: the newest bundle that holds it. */
static int find(struct pk_case *c, const char *target, const char *host, struct found *f, struct pk_err *err)
{
	PK_AUTO(pk_query) q = {0};
	PK_AUTO(pk_stmt) st = {0};
	bool any = false;
	int r = 0;

	if (build(&q, c, target, host, err) < 0)
		return -1;
	pk_query_puts(&q, " ORDER BY b.complete, b.no, k.leaf");
	if (pk_query_prepare(&q, c, &st, err) < 0)
		return -1;
	while ((r = pk_stmt_step(&st, err)) == 1) {
		struct pk_str sha = pk_stmt_col(&st, 0), id = pk_stmt_col(&st, 1), ref = pk_stmt_col(&st, 7);

		if (sha.n != 32 || id.n != 16)
			return pk_fail(err, PK_EFORMAT, 0, "the case's row of a content is damaged");
		if (any && memcmp(f->sha256, sha.p, 32) != 0)
			return pk_fail(err, PK_EUSAGE, 0,
				       "'%s' names several contents (%.*s and %.*s among them): name one by its "
				       "REF or sha256:HEX",
				       target, PK_STR_ARG(pk_buf_str(&f->ref)), PK_STR_ARG(ref));
		any = true;
		memcpy(f->sha256, sha.p, 32);
		memcpy(f->bundle, id.p, 16);
		f->leaf = pk_stmt_col_int(&st, 2);
		f->size = (uint64_t)pk_stmt_col_int(&st, 3);
		f->complete = pk_stmt_col_int(&st, 5) != 0;
		f->partial = pk_stmt_col_int(&st, 8) != 0;
		pk_buf_reset(&f->place);
		pk_buf_reset(&f->path);
		pk_buf_reset(&f->ref);
		pk_buf_reset(&f->why);
		pk_buf_put_str(&f->place, pk_stmt_col(&st, 4));
		pk_buf_put_str(&f->path, pk_stmt_col(&st, 6));
		pk_buf_put_str(&f->ref, ref);
		pk_buf_put_str(&f->why, pk_stmt_col(&st, 9));
		if (pk_buf_check(&f->place, err) < 0 || pk_buf_check(&f->path, err) < 0 ||
		    pk_buf_check(&f->ref, err) < 0 || pk_buf_check(&f->why, err) < 0)
			return -1;
	}
	if (r < 0)
		return -1;
	if (!any)
		return pk_fail(err, PK_EUSAGE, 0,
			       "no content of '%s' in this case%s%s (its outcome is in 'picket-case files')", target,
			       host ? " on host " : "", host ? host : "");
	return 0;
}

static int record_it(struct pk_case *c, const struct found *f, struct pk_err *err)
{
	PK_AUTO(pk_buf) details = {0};
	PK_AUTO(pk_buf) object = {0};
	struct pk_json j = {.out = &details};
	pk_autorollback struct pk_case *tx = c;

	pk_buf_puts(&object, "sha256:");
	pk_buf_put_hex(&object, f->sha256, 32);
	pk_json_khex(&j, "bundle", f->bundle, 16);
	pk_json_kint(&j, "leaf", f->leaf);
	pk_custody_put_words(&j, "path", f->path.p ? pk_buf_str(&f->path) : PK_STR(""));
	if (pk_buf_check(&object, err) < 0 || pk_json_check(&j, err) < 0 || pk_case_begin(tx, err) < 0 ||
	    pk_case_custody_put(c, "extract", object.p, pk_buf_str(&details), err) < 0)
		return -1;
	return pk_case_commit(tx, err);
}

/* Passes bytes on and hashes them: what comes out must be what was taken in. Holes were not. */
struct hashing {
	const struct pk_filesink *to;
	struct pk_sha256 h;
};

static int hash_write(void *ctx, const void *p, size_t n, struct pk_err *err)
{
	struct hashing *h = ctx;

	pk_sha256_put(&h->h, p, n);
	return h->to->data.write(h->to->data.ctx, p, n, err);
}

static int hash_hole(void *ctx, uint64_t n, struct pk_err *err)
{
	struct hashing *h = ctx;

	return h->to->hole(h->to->data.ctx, n, err);
}

int pk_case_cat(struct pk_case *c, const char *target, const char *host, const struct pk_age_identities *ids,
		const struct pk_filesink *to, const struct pk_events *ev, struct pk_err *err)
{
	PK_AUTO(found) f = {0};
	PK_AUTOPTR(pk_bundle) b = NULL;
	pk_autofree char *path = NULL;
	struct hashing h = {.to = to};
	const struct pk_filesink through = {{hash_write, &h}, hash_hole};
	struct pk_cat_sum sum = {0};
	uint8_t sha[32];

	if (!ids)
		return pk_fail(err, PK_EUSAGE, 0, "an identity is needed to open a bundle: give -i IDENTITY");
	if (find(c, target, host, &f, err) < 0 || pk_case_path(c, f.place.p, &path, err) < 0)
		return -1;
	if (pk_bundle_open(path, ids, !f.complete, &b, err) < 0)
		return pk_wrap(err, "'%s'", path);
	if (memcmp(pk_bundle_info(b)->id, f.bundle, 16) != 0)
		return pk_fail(err, PK_EFORMAT, 0, "'%s' is another bundle than the case says", path);
	if (!c->writable)
		pk_event_warn(ev, "'%s' cannot be written: this extraction is not in its custody log", c->dir);
	else if (record_it(c, &f, err) < 0)
		return -1;
	pk_sha256_init(&h.h);
	if (pk_bundle_cat_file(b, (uint64_t)f.leaf, &through, &sum, err) < 0)
		return -1;
	pk_sha256_end(&h.h, sha);
	if (memcmp(sha, f.sha256, sizeof(sha)) != 0)
		return pk_fail(err, PK_ECRYPTO, 0, "'%s' does not hold what was taken in: see 'picket-case check'",
			       path);
	pk_cat_warn(ev, f.path.n ? f.path.p : f.ref.p, &sum, f.partial ? (f.why.n ? f.why.p : "") : NULL, f.size);
	return 0;
}
