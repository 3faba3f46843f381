/* SPDX-License-Identifier: Apache-2.0 */
/* The content of one path: read once, into the seal's own memory. */
#include "collect_priv.h"
#include "pseudo.h"

#include <errno.h>
#include <unistd.h>

/* What reading one content came to. */
struct reading {
	uint64_t at; /* bytes stored so far */
	bool eof, failed;
	struct pk_err error;
	struct pk_hasher hasher; /* of the file as it is, not as it is stored: holes are zeros */
	uint64_t logical_at;     /* hashed so far */
};

static void hash_zeros(struct reading *r, uint64_t until)
{
	static const uint8_t zero[4096];

	while (r->hasher.kinds && r->logical_at < until) {
		size_t n = (size_t)PK_MIN(until - r->logical_at, (uint64_t)sizeof(zero));

		pk_hasher_put(&r->hasher, zero, n);
		r->logical_at += n;
	}
}

/* Copies one range of fd; stops early at the file's end or a read error, which the seal pads. */
static int copy_range(struct run *run, int fd, uint64_t off, uint64_t len, struct reading *r, struct pk_err *err)
{
	while (len && !r->eof && !r->failed) {
		size_t room, got;
		void *at;

		if (pk_seal_space(run->seal, &at, &room, err) < 0)
			return -1;
		room = (size_t)PK_MIN((uint64_t)room, len);
		if (check_stop(run, &r->error) < 0) {
			r->failed = true;
			break;
		}
		if (pk_pread_full(fd, at, room, off, &got, &r->error) < 0) {
			r->failed = true;
			break;
		}
		r->eof = got < room;
		if (r->hasher.kinds) {
			pk_hasher_put(&r->hasher, at, got);
			r->logical_at += got;
		}
		if (got && pk_seal_filled(run->seal, got, err) < 0)
			return -1;
		off += got;
		len -= got;
		r->at += got;
	}
	return 0;
}

/* Ranges that the content's record had no room for. */
static int put_more_extents(struct run *run, const struct pk_extents *x, size_t from, uint64_t stored, uint64_t of,
			    struct pk_err *err)
{
	for (bool more = true; more;) {
		struct pk_json j = record_begin(run);
		uint64_t leaf;

		pk_json_kuint(&j, "more_of", of);
		more = pk_extents_put_json(&j, x, &from, &stored);
		if (record_put(run, &j, 'c', &leaf, err) < 0)
			return -1;
	}
	return 0;
}

static void put_flags(struct pk_json *j, unsigned changes, const struct reading *r)
{
	if (!changes && !r->failed)
		return;
	pk_json_key(j, "flags");
	pk_json_begin(j, '[');
	if (changes & PK_SNAP_GREW)
		pk_json_z(j, "grew");
	if (changes & PK_SNAP_SHRANK)
		pk_json_z(j, "shrank");
	if (changes & PK_SNAP_CHANGED)
		pk_json_z(j, "changed");
	if (r->failed)
		pk_json_z(j, "read-error");
	pk_json_end(j, ']');
}

static int begin(struct run *run, int fd, uint64_t size, struct pk_err *err)
{
	PK_AUTO(pk_buf) member = {0};
	struct pk_content c = {.size = size,
			       .path = pk_buf_str(&run->snap.path),
			       .fd = fd,
			       .inspect = run->scanning,
			       .hint = &run->snap};

	pk_buf_put_member_name(&member, "data/root/", c.path);
	if (pk_buf_check(&member, err) < 0)
		return -1;
	c.member = pk_buf_str(&member);
	return pk_seal_content_begin(run->seal, &c, err);
}

static int end(struct run *run, struct pk_json *j, uint64_t stored, uint64_t *ret_leaf, struct pk_err *err)
{
	pk_json_end(j, '}');
	if (pk_json_check(j, err) < 0 ||
	    pk_seal_content_end(run->seal, pk_str_n(run->fields.p + 1, run->fields.n - 2), ret_leaf, err) < 0)
		return -1;
	run->sum->contents++;
	run->sum->content_bytes += stored;
	return 0;
}

/* What the kernel answers for a pseudo file that has no content for anybody at the moment. */
static bool gives_nothing(int error)
{
	return error == EINVAL || error == EIO || error == EPERM || error == ENODATA || error == EOPNOTSUPP ||
	       error == ENODEV || error == ENXIO || error == EAGAIN;
}

/* proc and sysfs: the size is known only after reading. */
static int take_pseudo(struct run *run, const struct pk_found *f, int fd, uint64_t *ret_leaf,
		       enum pk_outcome *ret_outcome, const char **ret_why, struct pk_err *err)
{
	size_t max = (size_t)PK_MIN(f->max_file, (uint64_t)PSEUDO_MAX);
	PK_AUTO(pk_buf) data = {0};
	struct reading r = {0};
	bool cut = false;
	struct pk_json j;

	*ret_outcome = PK_TAKEN;
	if (pseudo_read(fd, max, PSEUDO_TIMEOUT_MS, &data, &cut, &r.error) < 0) {
		snprintf(run->why, sizeof(run->why), "%s", r.error.msg);
		*ret_why = run->why;
		if (!data.n) {
			*ret_outcome = gives_nothing(r.error.sys) ? PK_SKIPPED : pk_outcome_of(&r.error);
			return 0;
		}
		*ret_outcome = PK_PARTIAL;
		r.failed = true;
	} else if (cut) {
		*ret_outcome = PK_PARTIAL;
		*ret_why = "longer than the limit";
		run->sum->limits++;
	}
	if (begin(run, -1, data.n, err) < 0)
		return -1;
	while (r.at < data.n) {
		size_t room;
		void *at;

		if (pk_seal_space(run->seal, &at, &room, err) < 0)
			return -1;
		room = PK_MIN(room, data.n - (size_t)r.at);
		memcpy(at, data.p + r.at, room);
		if (pk_seal_filled(run->seal, room, err) < 0)
			return -1;
		r.at += room;
	}
	j = record_begin(run);
	put_flags(&j, 0, &r);
	return end(run, &j, data.n, ret_leaf, err);
}

int take_content(struct run *run, const struct pk_found *f, int fd, uint64_t *ret_leaf, enum pk_outcome *ret_outcome,
		 const char **ret_why, struct pk_err *err)
{
	const struct pk_snap *snap = &run->snap;
	PK_AUTO(pk_extents) x = {0};
	struct reading r = {0};
	uint64_t stored = snap->size, left, most, leaf, unlisted;
	size_t listed = 0;
	unsigned changes = 0;
	bool sparse, limited, hashed, more = false;
	struct pk_hashes hashes;
	struct pk_json j;

	*ret_leaf = PK_LEAF_NONE;
	*ret_why = NULL;
	if (pk_snap_is_pseudo(fd))
		return take_pseudo(run, f, fd, ret_leaf, ret_outcome, ret_why, err);
	sparse = snap->size > SPARSE_MIN && snap->blocks < snap->size / 512;
	if (sparse) {
		if (pk_snap_extents(fd, snap->size, &x, &r.error) < 0) {
			sparse = false;
			x.n = 0;
		} else {
			stored = x.stored;
		}
	}
	left = run->p->max_total ? run->p->max_total - PK_MIN(run->p->max_total, run->sum->content_bytes) : UINT64_MAX;
	if (stored && !left) {
		*ret_outcome = PK_SKIPPED;
		*ret_why = "the mission's limit on content is reached";
		run->sum->limits++;
		return 0;
	}
	most = PK_MIN(PK_MIN(f->max_file, left), CONTENT_MAX);
	limited = stored > most;
	stored = PK_MIN(stored, most);
	hashed = !limited && (!sparse || snap->size <= LOGICAL_HASH_MAX);
	pk_hasher_init(&r.hasher, hashed ? ioc_hash_kinds(run) | (sparse ? PK_HASH_SHA256 : 0) : 0);

	if (begin(run, fd, stored, err) < 0)
		return -1;
	if (!sparse) {
		if (copy_range(run, fd, 0, stored, &r, err) < 0)
			return -1;
	} else {
		for (size_t i = 0; i < x.n && r.at < stored; i++) {
			hash_zeros(&r, x.v[i].off);
			if (copy_range(run, fd, x.v[i].off, PK_MIN(x.v[i].len, stored - r.at), &r, err) < 0)
				return -1;
		}
		hash_zeros(&r, snap->size);
	}
	if (pk_snap_compare(snap, fd, &changes, &r.error) < 0)
		changes = 0;
	j = record_begin(run);
	unlisted = stored;
	if (sparse) {
		more = pk_extents_put_json(&j, &x, &listed, &unlisted);
		pk_json_kuint(&j, "logical", snap->size);
	}
	hashed = hashed && !r.failed && r.at == stored;
	pk_hasher_end(&r.hasher, &hashes);
	if (sparse && hashed)
		pk_json_khex(&j, "sha256_logical", hashes.sha256, sizeof(hashes.sha256));
	put_flags(&j, changes, &r);
	if (hashed && ioc_hash_kinds(run) && ioc_find_hash(run, &hashes, err) < 0)
		return -1;
	if (end(run, &j, stored, &leaf, err) < 0 || ioc_put_hash(run, leaf, err) < 0 ||
	    (!hashed && ioc_hash_kinds(run) &&
	     ioc_put_unhashed(run, leaf, "its hash is not that of the whole file", err) < 0) ||
	    (more && put_more_extents(run, &x, listed, unlisted, leaf, err) < 0))
		return -1;
	*ret_leaf = leaf;
	*ret_outcome = PK_TAKEN;
	if (r.failed || r.at < stored) {
		*ret_outcome = PK_PARTIAL;
		snprintf(run->why, sizeof(run->why), "%s; read %llu of %llu bytes, the rest is zeros",
			 r.failed ? r.error.msg : "shrank while it was read", (unsigned long long)r.at,
			 (unsigned long long)stored);
		*ret_why = run->why;
	} else if (changes & (PK_SNAP_SHRANK | PK_SNAP_CHANGED) && !(changes & PK_SNAP_GREW)) {
		*ret_outcome = PK_PARTIAL;
		*ret_why = "changed while it was read";
	} else if (limited) {
		*ret_outcome = PK_PARTIAL;
		snprintf(run->why, sizeof(run->why), "limit: the first %llu bytes", (unsigned long long)stored);
		*ret_why = run->why;
		run->sum->limits++;
	}
	return 0;
}

static int find_hardlink(struct run *run, uint64_t *leaf, bool *ret_new, struct pk_err *err)
{
	PK_AUTO(pk_buf) key = {0};

	pk_buf_putf(&key, "%llu:%llu", (unsigned long long)run->snap.dev, (unsigned long long)run->snap.ino);
	if (pk_buf_check(&key, err) < 0)
		return -1;
	return seen_add(&run->contents, pk_buf_str(&key), leaf, ret_new, err);
}

/* True when an earlier hard link of this file was stored; *ret_leaf is its content. */
static bool stored_before(struct run *run, uint64_t *ret_leaf)
{
	PK_AUTO(pk_buf) key = {0};
	bool is_new;

	pk_buf_putf(&key, "%llu:%llu", (unsigned long long)run->snap.dev, (unsigned long long)run->snap.ino);
	return !key.oom && seen_has(&run->contents, pk_buf_str(&key)) &&
	       seen_add(&run->contents, pk_buf_str(&key), ret_leaf, &is_new, NULL) == 0;
}

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

int take_found(struct run *run, const struct pk_found *f, struct pk_err *err)
{
	struct pk_snap *snap = &run->snap;
	enum pk_outcome outcome = PK_METADATA;
	uint64_t leaf = PK_LEAF_NONE, ignored = 0;
	const char *why = NULL;
	pk_autoclose int fd = -1;
	struct pk_err own = {0};
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
		if (f->excluded) {
			why = "excluded by the profile";
		} else if (snap->dev == run->out_dev && snap->ino == run->out_ino) {
			outcome = PK_SKIPPED;
			why = "this is the bundle being written";
		} else if (snap->nlink > 1 && stored_before(run, &leaf)) {
			outcome = PK_TAKEN;
			if (scan_again(run, leaf, err) < 0)
				return -1;
		} else if (pk_snap_open(snap, run->p->root, &fd, &own) < 0) {
			outcome = pk_outcome_of(&own);
			why = own.msg;
			if (outcome == PK_DENIED && !(snap->mode & 0444)) { /* write-only switches of /proc and /sys */
				outcome = PK_SKIPPED;
				why = "nobody has the right to read it";
			}
		} else {
			if (take_content(run, f, fd, &leaf, &outcome, &why, err) < 0)
				return -1;
			if (leaf != PK_LEAF_NONE && snap->nlink > 1 && outcome == PK_TAKEN &&
			    find_hardlink(run, &leaf, &is_new, err) < 0)
				return -1;
		}
	}
	return put_path(run, snap, f->via, f->via_n, outcome, why, leaf, err);
}
