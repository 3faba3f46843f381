/* SPDX-License-Identifier: Apache-2.0 */
/* The content of one regular file: read once, into the seal's own memory. */
#include <picket/store.h>
#include "pseudo.h"
#include "seen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#define PSEUDO_MAX (16u << 20) /* bytes of one pseudo file */
#define PSEUDO_TIMEOUT_MS 5000
#define SPARSE_MIN (64u << 20)        /* smaller files are stored whole */
#define CONTENT_MAX (1ull << 50)      /* no bundle holds more of one file; a damaged file system can claim it */
#define LOGICAL_HASH_MAX (1ull << 30) /* sha256_logical is added up to this logical size */

struct pk_store {
	struct pk_store_params p;
	uint64_t own_dev, own_ino; /* the bundle being written */
	struct seen linked;        /* device and inode of contents taken that have more than one link: leaf */
	struct pk_buf fields;      /* reused: one record's members */
};

int pk_store_new(const struct pk_store_params *params, struct pk_store **ret, struct pk_err *err)
{
	struct pk_store *store;
	struct stat st;

	if (fstat(pk_seal_fd(params->seal), &st) < 0)
		return pk_fail(err, PK_ESYS, errno, "cannot stat the bundle being written");
	store = calloc(1, sizeof(*store));
	if (!store)
		return pk_fail_oom(err);
	store->p = *params;
	store->own_dev = st.st_dev;
	store->own_ino = st.st_ino;
	*ret = store;
	return 0;
}

void pk_store_free(struct pk_store *store)
{
	if (!store)
		return;
	seen_done(&store->linked);
	pk_buf_done(&store->fields);
	free(store);
}

bool pk_store_is_output(const struct pk_store *store, const struct pk_snap *snap)
{
	return snap->dev == store->own_dev && snap->ino == store->own_ino;
}

/* --- reading ------------------------------------------------------------------------------------------ */

/* One content on its way. */
struct reading {
	struct pk_store *store;
	const struct pk_store_file *f;
	int fd;
	struct pk_extents extents;
	uint64_t size; /* to be stored */
	uint64_t at;   /* stored so far */
	bool sparse, limited, hashed;
	bool eof, failed, stopped;
	struct pk_err error;
	unsigned changes;
	struct pk_hasher hasher; /* of the file as it is, not as it is stored: holes are zeros */
	uint64_t logical_at;     /* hashed so far */
};

static void reading_done(struct reading *r) { pk_extents_done(&r->extents); }

static void hash_zeros(struct reading *r, uint64_t until)
{
	static const uint8_t zero[4096];

	while (r->hasher.kinds && r->logical_at < until) {
		size_t n = (size_t)PK_MIN(until - r->logical_at, (uint64_t)sizeof(zero));

		pk_hasher_put(&r->hasher, zero, n);
		r->logical_at += n;
	}
}

static int check_stop(struct reading *r)
{
	const volatile sig_atomic_t *stop = r->store->p.stop;

	if (!stop || !*stop)
		return 0;
	r->stopped = true;
	return pk_fail(&r->error, PK_ESYS, EINTR, "stopped");
}

/* Copies one range of the file; stops early at its end or a read error, which the seal pads. */
static int copy_range(struct reading *r, uint64_t off, uint64_t len, struct pk_err *err)
{
	while (len && !r->eof && !r->failed) {
		size_t room, got;
		void *at;

		if (pk_seal_space(r->store->p.seal, &at, &room, err) < 0)
			return -1;
		room = (size_t)PK_MIN((uint64_t)room, len);
		if (check_stop(r) < 0 || pk_pread_full(r->fd, at, room, off, &got, &r->error) < 0) {
			r->failed = true;
			break;
		}
		r->eof = got < room;
		if (r->hasher.kinds) {
			pk_hasher_put(&r->hasher, at, got);
			r->logical_at += got;
		}
		if (got && pk_seal_filled(r->store->p.seal, got, err) < 0)
			return -1;
		off += got;
		len -= got;
		r->at += got;
	}
	return 0;
}

static int copy_file(struct reading *r, struct pk_err *err)
{
	const struct pk_extents *x = &r->extents;

	if (!r->sparse)
		return copy_range(r, 0, r->size, err);
	for (size_t i = 0; i < x->n && r->at < r->size; i++) {
		hash_zeros(r, x->v[i].off);
		if (copy_range(r, x->v[i].off, PK_MIN(x->v[i].len, r->size - r->at), err) < 0)
			return -1;
	}
	hash_zeros(r, r->f->snap->size);
	return 0;
}

static int copy_bytes(struct reading *r, const struct pk_buf *data, struct pk_err *err)
{
	while (r->at < data->n) {
		size_t room;
		void *at;

		if (pk_seal_space(r->store->p.seal, &at, &room, err) < 0)
			return -1;
		room = PK_MIN(room, data->n - (size_t)r->at);
		memcpy(at, data->p + r->at, room);
		if (pk_seal_filled(r->store->p.seal, room, err) < 0)
			return -1;
		r->at += room;
	}
	return 0;
}

/* --- records ------------------------------------------------------------------------------------------ */

static struct pk_json record_begin(struct pk_store *store)
{
	struct pk_json j = {.out = &store->fields};

	pk_buf_reset(&store->fields);
	pk_json_begin(&j, '{');
	return j;
}

static int record_end(struct pk_store *store, struct pk_json *j, struct pk_str *ret, struct pk_err *err)
{
	pk_json_end(j, '}');
	if (pk_json_check(j, err) < 0)
		return -1;
	*ret = pk_str_n(store->fields.p + 1, store->fields.n - 2);
	return 0;
}

/* Ranges that the content's record had no room for. */
static int put_more_extents(struct pk_store *store, const struct pk_extents *x, size_t from, uint64_t stored,
			    uint64_t of, struct pk_err *err)
{
	for (bool more = true; more;) {
		struct pk_json j = record_begin(store);
		struct pk_str fields;

		pk_json_kuint(&j, "more_of", of);
		more = pk_extents_put_json(&j, x, &from, &stored);
		if (record_end(store, &j, &fields, err) < 0 || pk_seal_put(store->p.seal, 'c', fields, NULL, err) < 0)
			return -1;
	}
	return 0;
}

static void put_flags(struct pk_json *j, const struct reading *r)
{
	if (!r->changes && !r->failed && !r->limited)
		return;
	pk_json_key(j, "flags");
	pk_json_begin(j, '[');
	if (r->changes & PK_SNAP_GREW)
		pk_json_z(j, "grew");
	if (r->changes & PK_SNAP_SHRANK)
		pk_json_z(j, "shrank");
	if (r->changes & PK_SNAP_CHANGED)
		pk_json_z(j, "changed");
	if (r->failed)
		pk_json_z(j, "read-error");
	if (r->limited)
		pk_json_z(j, "limit");
	pk_json_end(j, ']');
}

static int begin(const struct reading *r, struct pk_err *err)
{
	PK_AUTO(pk_buf) member = {0};
	struct pk_content c = {.size = r->size,
			       .path = pk_buf_str(&r->f->snap->path),
			       .fd = r->fd,
			       .inspect = r->f->inspect,
			       .hint = r->f->snap};

	pk_buf_put_member_name(&member, "data/root/", c.path);
	if (pk_buf_check(&member, err) < 0)
		return -1;
	c.member = pk_buf_str(&member);
	return pk_seal_content_begin(r->store->p.seal, &c, err);
}

/* sha256_logical: of the file with its holes, or NULL. */
static int end(const struct reading *r, const uint8_t *sha256_logical, struct pk_store_result *ret, struct pk_err *err)
{
	struct pk_json j = record_begin(r->store);
	uint64_t unlisted = r->size;
	struct pk_str fields;
	size_t listed = 0;
	bool more = false;

	if (r->sparse) {
		more = pk_extents_put_json(&j, &r->extents, &listed, &unlisted);
		pk_json_kuint(&j, "logical", r->f->snap->size);
	}
	if (sha256_logical)
		pk_json_khex(&j, "sha256_logical", sha256_logical, PK_SHA256_SIZE);
	put_flags(&j, r);
	if (record_end(r->store, &j, &fields, err) < 0 ||
	    pk_seal_content_end(r->store->p.seal, fields, &ret->leaf, err) < 0)
		return -1;
	ret->bytes = r->size;
	return more ? put_more_extents(r->store, &r->extents, listed, unlisted, ret->leaf, err) : 0;
}

/* --- one file ----------------------------------------------------------------------------------------- */

/* What the kernel answers for a pseudo file that has no content for anybody at the moment. */
static bool gives_nothing(int error)
{
	return error == EINVAL || error == EIO || error == EPERM || error == ENODATA || error == EOPNOTSUPP ||
	       error == ENODEV || error == ENXIO || error == EAGAIN;
}

static void say(struct pk_store_result *ret, enum pk_outcome outcome, const char *why)
{
	ret->outcome = outcome;
	snprintf(ret->why, sizeof(ret->why), "%s", why);
}

/* proc and sysfs: the size is known only after reading. */
static int store_pseudo(struct pk_store *store, const struct pk_store_file *f, int fd, struct pk_store_result *ret,
			struct pk_err *err)
{
	PK_AUTO(reading) r = {.store = store, .f = f, .fd = -1};
	size_t max = (size_t)PK_MIN(f->max, (uint64_t)PSEUDO_MAX);
	PK_AUTO(pk_buf) data = {0};
	bool cut = false;

	ret->outcome = PK_TAKEN;
	if (pseudo_read(fd, max, PSEUDO_TIMEOUT_MS, &data, &cut, &r.error) < 0) {
		say(ret, PK_PARTIAL, r.error.msg);
		if (!data.n) {
			ret->outcome = gives_nothing(r.error.sys) ? PK_SKIPPED : pk_outcome_of(&r.error);
			return 0;
		}
		r.failed = true;
	} else if (cut) {
		say(ret, PK_PARTIAL, "longer than the limit");
		ret->limited = true;
	}
	r.size = data.n;
	if (begin(&r, err) < 0 || copy_bytes(&r, &data, err) < 0)
		return -1;
	return end(&r, NULL, ret, err);
}

/* What of the file is stored. False: the limit for all is reached. */
static bool measure(struct reading *r)
{
	const struct pk_store_file *f = r->f;
	const struct pk_snap *snap = f->snap;
	uint64_t most = PK_MIN(PK_MIN(f->max, f->left), CONTENT_MAX), all = snap->size;

	r->sparse = snap->size > SPARSE_MIN && snap->blocks < snap->size / 512;
	if (r->sparse && pk_snap_extents(r->fd, snap->size, &r->extents, NULL) < 0) {
		r->sparse = false;
		r->extents.n = 0;
	}
	if (r->sparse)
		all = r->extents.stored;
	r->limited = all > most;
	r->size = PK_MIN(all, most);
	r->hashed = !r->limited && (!r->sparse || snap->size <= LOGICAL_HASH_MAX);
	return !all || f->left;
}

static void judge(const struct reading *r, struct pk_store_result *ret)
{
	ret->outcome = PK_TAKEN;
	if (r->failed || r->at < r->size) {
		ret->outcome = PK_PARTIAL;
		snprintf(ret->why, sizeof(ret->why), "%s; read %llu of %llu bytes, the rest is zeros",
			 r->failed ? r->error.msg : "shrank while it was read", (unsigned long long)r->at,
			 (unsigned long long)r->size);
	} else if (r->changes & (PK_SNAP_SHRANK | PK_SNAP_CHANGED) && !(r->changes & PK_SNAP_GREW)) {
		say(ret, PK_PARTIAL, "changed while it was read");
	} else if (r->limited) {
		ret->outcome = PK_PARTIAL;
		snprintf(ret->why, sizeof(ret->why), "limit: the first %llu bytes", (unsigned long long)r->size);
		ret->limited = true;
	}
}

static int store_content(struct pk_store *store, const struct pk_store_file *f, int fd, struct pk_store_result *ret,
			 struct pk_err *err)
{
	PK_AUTO(reading) r = {.store = store, .f = f, .fd = fd};
	struct pk_hashes hashes;
	bool hashed;

	if (!measure(&r)) {
		say(ret, PK_SKIPPED, "the mission's limit on content is reached");
		ret->limited = true;
		return 0;
	}
	pk_hasher_init(&r.hasher, r.hashed ? f->hash_kinds | (r.sparse ? PK_HASH_SHA256 : 0) : 0);
	if (begin(&r, err) < 0 || copy_file(&r, err) < 0)
		return -1;
	if (pk_snap_compare(f->snap, fd, &r.changes, NULL) < 0)
		r.changes = 0;
	hashed = r.hashed && !r.failed && r.at == r.size;
	pk_hasher_end(&r.hasher, &hashes);
	if (hashed && f->hash_kinds && store->p.hashes && store->p.hashes(store->p.ctx, &hashes, err) < 0)
		return -1;
	if (end(&r, r.sparse && hashed ? hashes.sha256 : NULL, ret, err) < 0)
		return -1;
	ret->unhashed = f->hash_kinds && !hashed;
	ret->stopped = r.stopped;
	judge(&r, ret);
	return 0;
}

static struct pk_str link_key(const struct pk_snap *snap, uint64_t room[2])
{
	room[0] = snap->dev;
	room[1] = snap->ino;
	return pk_str_n(room, 2 * sizeof(room[0]));
}

/* One of the switches of proc and sysfs that can only be written. */
static bool is_write_only(const struct pk_store_file *f)
{
	pk_autoclose int fd = -1;

	if (f->snap->mode & 0444)
		return false;
	if (!f->root)
		fd = openat(f->dirfd, f->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	else if (pk_root_openat(f->root, pk_buf_str(&f->snap->path), O_PATH, PK_PATH_NOFOLLOW, &fd, NULL) < 0)
		return false;
	return fd >= 0 && pk_snap_is_pseudo(fd);
}

int pk_store_file(struct pk_store *store, const struct pk_store_file *f, struct pk_store_result *ret,
		  struct pk_err *err)
{
	struct pk_snap *snap = f->snap;
	pk_autoclose int fd = -1;
	struct pk_err own = {0};
	uint64_t key[2];
	bool is_new;

	*ret = (struct pk_store_result){.outcome = PK_TAKEN, .leaf = PK_LEAF_NONE};
	if (pk_store_is_output(store, snap)) {
		say(ret, PK_SKIPPED, "this is the bundle being written");
		return 0;
	}
	if (snap->nlink > 1 && seen_get(&store->linked, link_key(snap, key), &ret->leaf)) {
		ret->again = true;
		return 0;
	}
	if ((f->root ? pk_snap_open(snap, f->root, &fd, &own) : pk_snap_openat(snap, f->dirfd, f->name, &fd, &own)) <
	    0) {
		say(ret, pk_outcome_of(&own), own.msg);
		if (ret->outcome == PK_DENIED && is_write_only(f))
			say(ret, PK_SKIPPED, "nobody has the right to read it");
		return 0;
	}
	if ((pk_snap_is_pseudo(fd) ? store_pseudo : store_content)(store, f, fd, ret, err) < 0)
		return -1;
	if (ret->leaf == PK_LEAF_NONE || snap->nlink <= 1 || ret->outcome != PK_TAKEN)
		return 0;
	return seen_add(&store->linked, link_key(snap, key), &ret->leaf, &is_new, err);
}
