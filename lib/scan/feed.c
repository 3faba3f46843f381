/* SPDX-License-Identifier: Apache-2.0 */
/* Reads files into slots ahead of the scanners, and hands outcomes on in the order the files came. */
#include "feed.h"

#include <errno.h>
#include <picket/hash.h>
#include <picket/io.h>
#include <unistd.h>

#define ALIGN 64 /* of a file in a slot */

int pk_scantree_new(const struct pk_scantree_params *params, struct pk_scantree **ret, struct pk_err *err)
{
	PK_AUTOPTR(pk_scantree) t = calloc(1, sizeof(*t));

	if (!t)
		return pk_fail_oom(err);
	t->p = *params;
	t->host = params->host;
	t->ring = calloc(PK_FEED_AHEAD, sizeof(*t->ring));
	t->slot_users = calloc(params->slots->count, sizeof(*t->slot_users));
	if (!t->ring || !t->slot_users)
		return pk_fail_oom(err);
	pk_feed_ioc_listen(t);
	*ret = pk_steal(&t);
	return 0;
}

static struct pk_feed_entry *entry(const struct pk_scantree *t, uint64_t n) { return pk_feed_entry(t, n); }

static void release_bytes(struct pk_scantree *t, struct pk_feed_entry *e)
{
	if (e->slot >= 0)
		t->slot_users[e->slot]--;
	e->slot = -1;
	if (e->fd >= 0) {
		close(e->fd);
		t->large--;
		t->held -= e->held;
	}
	e->fd = -1;
}

static void entry_done(struct pk_scantree *t, struct pk_feed_entry *e)
{
	release_bytes(t, e);
	pk_scan_result_free(e->result);
	pk_feed_answer_done(e);
	pk_ioc_hits_done(&e->ioc);
	free(e->path);
	*e = (struct pk_feed_entry){.slot = -1, .fd = -1};
}

void pk_scantree_free(struct pk_scantree *t)
{
	if (!t)
		return;
	for (uint64_t n = t->first; n < t->next; n++)
		entry_done(t, entry(t, n));
	if (t->p.ioc)
		pk_ioc_listen(t->p.ioc, NULL, NULL);
	free(t->ring);
	free(t->slot_users);
	pk_feed_shared_free(t->shared);
	pk_buf_done(&t->lower);
	free(t);
}

/* --- outcomes ----------------------------------------------------------------------------------------- */

void pk_feed_outcome_is(struct pk_feed_entry *e, enum pk_scan_verdict verdict, const char *why, const char *detail)
{
	bool cut = e->cut && verdict == PK_SCAN_SCANNED;

	e->known = true;
	e->verdict = cut ? e->cut_as : verdict;
	e->why = cut ? e->cut : why;
	snprintf(e->detail, sizeof(e->detail), "%s", cut ? e->cut_detail : detail);
}

static int take(struct pk_scantree *t, struct pk_scan_result *r, struct pk_err *err)
{
	struct pk_feed_entry *e = entry(t, r->id);
	int ret = 0;

	e->result = r;
	pk_feed_outcome_is(e, r->verdict, r->why, r->detail);
	if (r->verdict != PK_SCAN_SKIPPED)
		ret = pk_feed_hash(t, e, r->hit_count > 0, err);
	release_bytes(t, e);
	pk_feed_answered(t, e);
	return ret;
}

/* Hands on what is known at the front. */
static int report(struct pk_scantree *t, struct pk_err *err)
{
	while (t->first < t->next) {
		struct pk_feed_entry *e = entry(t, t->first);
		struct pk_scantree_file f;
		int ret = pk_feed_settle_again(t, e, err);

		if (ret < 0 || !e->known || e->asked)
			return ret;
		f = (struct pk_scantree_file){
			.path = pk_str(e->path),
			.member = e->member > 0 ? pk_str(e->path + e->member) : PK_STR(""),
			.st = e->has_st ? &e->st : NULL,
			.verdict = e->verdict,
			.why = e->why,
			.detail = e->detail,
			.result = pk_feed_result(e),
			.again = e->again,
			.ioc = &e->ioc,
			.ioc_why = e->ioc_why,
			.opened = e->opened,
			.sha256 = e->hashed ? e->hashes.sha256 : NULL,
			.bytes = e->verdict == PK_SCAN_SCANNED || (e->cut && pk_feed_result(e)) ? e->length : 0,
			.tag = e->tag,
		};
		ret = t->p.file(t->p.ctx, &f, err);
		entry_done(t, e);
		t->first++;
		if (ret < 0)
			return -1;
		if (++t->reported % 64 == 0)
			pk_event_progress(t->p.events, "files scanned", t->reported, 0);
	}
	return 0;
}

static int collect(struct pk_scantree *t, bool block, struct pk_err *err)
{
	struct pk_scan_result *r = NULL;

	/* what holds up the front may be its path only */
	if (block && t->first < t->next && entry(t, t->first)->known) {
		if (entry(t, t->first)->asked && pk_ioc_flush(t->p.ioc, err) < 0)
			return -1;
		block = false;
	}
	do {
		if (pk_scanpool_next(t->p.pool, block, &r, err) < 0 || (r && take(t, r, err) < 0))
			return -1;
		block = false;
	} while (r);
	return report(t, err);
}

int pk_scantree_room(struct pk_scantree *t, uint64_t size, struct pk_err *err)
{
	while (t->held > 0 && t->held + size > PK_SCANTREE_HELD)
		if (collect(t, true, err) < 0)
			return -1;
	return 0;
}

int pk_scantree_finish(struct pk_scantree *t, struct pk_err *err)
{
	while (t->first < t->next)
		if (collect(t, true, err) < 0)
			return -1;
	return 0;
}

/* Whatever it is, its path is not compared with indicators yet. */
static int new_entry_quietly(struct pk_scantree *t, struct pk_str path, const struct stat *st,
			     struct pk_feed_entry **ret, struct pk_err *err)
{
	struct pk_feed_entry *e = NULL;

	while (t->next - t->first >= PK_FEED_AHEAD)
		if (collect(t, true, err) < 0)
			return -1;
	e = entry(t, t->next);
	*e = (struct pk_feed_entry){.slot = -1, .fd = -1, .path = pk_str_dup(path), .tag = t->tag};
	if (!e->path)
		return pk_fail_oom(err);
	if (st) {
		e->st = *st;
		e->has_st = true;
	}
	t->next++;
	*ret = e;
	return 0;
}

static int new_entry(struct pk_scantree *t, struct pk_str path, const struct stat *st, struct pk_feed_entry **ret,
		     struct pk_err *err)
{
	return new_entry_quietly(t, path, st, ret, err) < 0 ? -1 : pk_feed_ioc_ask(t, t->next - 1, err);
}

static void set_outcome(struct pk_feed_entry *e, enum pk_scan_verdict verdict, const char *why, int sys)
{
	e->known = true;
	e->verdict = verdict;
	e->why = why;
	if (sys)
		snprintf(e->detail, sizeof(e->detail), "%s", strerror(sys));
}

int pk_feed_outcome(struct pk_scantree *t, struct pk_str path, const struct stat *st, enum pk_scan_verdict verdict,
		    const char *why, int sys, struct pk_err *err)
{
	struct pk_feed_entry *e = NULL;

	if (new_entry(t, path, st, &e, err) < 0)
		return -1;
	set_outcome(e, verdict, why, sys);
	return report(t, err);
}

static int told_outcome(struct pk_scantree *t, struct pk_str path, size_t member, const struct stat *st,
			enum pk_scan_verdict verdict, const char *why, const char *detail, struct pk_err *err)
{
	struct pk_feed_entry *e = NULL;

	if (new_entry(t, path, st, &e, err) < 0)
		return -1;
	e->member = member;
	set_outcome(e, verdict, why, 0);
	snprintf(e->detail, sizeof(e->detail), "%s", detail);
	return report(t, err);
}

int pk_feed_member_outcome(struct pk_scantree *t, struct pk_str path, size_t member, enum pk_scan_verdict verdict,
			   const char *why, const char *detail, struct pk_err *err)
{
	return told_outcome(t, path, member, NULL, verdict, why, detail, err);
}

int pk_scantree_outcome(struct pk_scantree *t, const struct pk_scantree_content *what, enum pk_scan_verdict verdict,
			const char *why, const char *detail, struct pk_err *err)
{
	int ret;

	t->tag = what->tag;
	ret = told_outcome(t, what->path, 0, what->st, verdict, why, detail, err);
	t->tag = NULL;
	return ret;
}

int pk_scantree_table(struct pk_scantree *t, const struct pk_scantree_content *what, struct pk_err *err)
{
	struct pk_feed_entry *e = NULL;

	if (!t->p.ioc || !pk_ioc_has_rows(t->p.ioc))
		return 0;
	t->tag = what->tag;
	if (new_entry_quietly(t, what->path, what->st, &e, err) < 0)
		return -1;
	t->tag = NULL;
	e->length = what->bytes.n;
	if (pk_feed_ioc_rows(t, t->next - 1, what->bytes, err) < 0)
		return -1;
	set_outcome(e, PK_SCAN_SCANNED, NULL, 0);
	return report(t, err);
}

/* --- reading ------------------------------------------------------------------------------------------ */

/* A slot with `need` bytes free behind slot_used; waits for one. */
static int find_room(struct pk_scantree *t, size_t need, struct pk_err *err)
{
	while (t->slot_used + need > PK_SLOT_BYTES) {
		size_t s = 0;

		while (s < t->p.slots->count && t->slot_users[s] > 0)
			s++;
		if (s < t->p.slots->count) {
			t->slot = s;
			t->slot_used = 0;
		} else if (collect(t, true, err) < 0) {
			return -1;
		}
	}
	return 0;
}

/* Reads a small file whole. *ret_all is false when there is more than fits the room. */
static int read_small(const struct pk_scantree *t, struct pk_feed_entry *e, int fd, bool *ret_all)
{
	uint8_t *at = t->p.slots->base + t->slot * PK_SLOT_BYTES + t->slot_used;
	size_t room = PK_SLOT_BYTES - t->slot_used, n = 0;
	bool sized = e->st.st_size > 0;

	*ret_all = true;
	for (;;) {
		ssize_t got;

		if (n == room) {
			*ret_all = false;
			return 0;
		}
		got = read(fd, at + n, room - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno;
		n += (size_t)got;
		/* a file of its size needs no second call to see its end; one that grows is at its old end */
		if (got == 0 || (sized && n == (uint64_t)e->st.st_size))
			break;
	}
	e->length = n;
	return 0;
}

static void externals(struct pk_scantree *t, const struct pk_feed_entry *e, int fd, const void *head, size_t head_size,
		      struct pk_scan_externals *ext)
{
	struct pk_scan_meta meta = {
		.mode = e->st.st_mode,
		.uid = e->st.st_uid,
		.gid = e->st.st_gid,
		.owner = !t->meta && t->p.owner ? t->p.owner(t->p.ctx, e->st.st_uid) : NULL,
		.group = !t->meta && t->p.group ? t->p.group(t->p.ctx, e->st.st_gid) : NULL,
	};

	ext->filetype = pk_str(pk_scan_filetype(head, head_size));
	if (e->member > 0) {
		pk_feed_member_externals(t, e, ext);
		return;
	}
	if (!t->meta)
		meta.has_btime = pk_scan_btime(fd, &meta.btime);
	pk_scan_externals_path(ext, pk_str(e->path), &t->lower);
	pk_scan_externals_meta(ext, t->meta ? t->meta : &meta, t->host, &t->metatext);
}

/* Gives the newest entry, whose bytes are there, to the scanner, and what is in it after it. */
static int offer(struct pk_scantree *t, struct pk_feed_entry *e, int fd, const void *head, size_t head_size,
		 struct pk_err *err)
{
	struct pk_str first = pk_str_n(head, head_size);
	bool again = false;
	struct pk_scan_item item = {.id = t->next - 1, .fd = e->fd, .offset = e->offset, .length = e->length};
	PK_AUTO(pk_feed_archive) archive = {0};

	externals(t, e, fd, head, head_size, &item.ext);
	if (pk_feed_archive_begin(t, e, first, &archive, err) < 0 || pk_feed_share(t, e, &item.ext, &again, err) < 0)
		return -1;
	if (again)
		release_bytes(t, e);
	else if (pk_scanpool_offer(t->p.pool, &item, err) < 0)
		return -1;
	if (collect(t, false, err) < 0)
		return -1;
	return pk_feed_archive_run(t, &archive, err);
}

static void hold_fd(struct pk_scantree *t, struct pk_feed_entry *e, int fd)
{
	e->fd = fd;
	t->large++;
}

static int offer_large(struct pk_scantree *t, struct pk_feed_entry *e, struct pk_err *err)
{
	char head[512];
	size_t got = 0;

	if (pk_pread_full(e->fd, head, sizeof(head), 0, &got, NULL) < 0) {
		set_outcome(e, PK_SCAN_FAILED, "unreadable", errno);
		release_bytes(t, e);
		return report(t, err);
	}
	return offer(t, e, e->fd, head, got, err);
}

/* The e->length bytes that are in the slot's room are e's. */
static void keep_in_slot(struct pk_scantree *t, struct pk_feed_entry *e)
{
	e->slot = (int)t->slot;
	e->offset = t->slot * PK_SLOT_BYTES + t->slot_used;
	t->slot_users[t->slot]++;
	t->slot_used = PK_MIN((t->slot_used + e->length + ALIGN - 1) / ALIGN * ALIGN, (size_t)PK_SLOT_BYTES);
}

int pk_feed_content(struct pk_scantree *t, const struct pk_feed_content *c, struct pk_err *err)
{
	pk_autoclose int fd = c->fd;
	struct pk_feed_entry *e = NULL;
	const uint8_t *head = NULL;

	while (fd >= 0 && t->large >= PK_FEED_LARGE)
		if (collect(t, true, err) < 0)
			return -1;
	if ((fd < 0 && find_room(t, c->bytes.n, err) < 0) || new_entry(t, c->path, c->st, &e, err) < 0)
		return -1;
	e->member = c->member;
	if (!c->st)
		e->st.st_mode = c->mode;
	e->has_content = c->sha256 != NULL;
	if (c->sha256)
		memcpy(e->content, c->sha256, sizeof(e->content));
	e->cut = c->cut;
	e->cut_as = c->cut_as;
	snprintf(e->cut_detail, sizeof(e->cut_detail), "%s", c->cut_detail ? c->cut_detail : "");
	if (fd >= 0) {
		e->length = c->size;
		e->held = e->length;
		t->held += e->length;
		hold_fd(t, e, pk_steal_fd(&fd));
		return offer_large(t, e, err);
	}
	e->length = c->bytes.n;
	if (c->bytes.n > 0)
		memcpy(t->p.slots->base + t->slot * PK_SLOT_BYTES + t->slot_used, c->bytes.p, c->bytes.n);
	keep_in_slot(t, e);
	head = t->p.slots->base + e->offset;
	return offer(t, e, -1, head, e->length, err);
}

static const struct pk_scan_meta nothing_known;

int pk_scantree_content(struct pk_scantree *t, const struct pk_scantree_content *what, struct pk_err *err)
{
	struct pk_feed_content c = {
		.path = what->path,
		.fd = what->fd,
		.bytes = what->bytes,
		.st = what->st,
		.sha256 = what->sha256,
		.cut = what->partial ? "partial" : NULL,
		.cut_as = PK_SCAN_FAILED,
		.cut_detail = what->partial,
	};
	int ret;

	if (c.fd < 0 && c.bytes.n > PK_SLOT_BYTES)
		return pk_fail(err, PK_EINTERNAL, 0, "a content of %zu bytes is no file", c.bytes.n);
	if (c.fd >= 0 && pk_file_size(c.fd, &c.size, err) < 0) {
		close(c.fd);
		return -1;
	}
	t->meta = what->meta ? what->meta : &nothing_known;
	t->host = what->host;
	t->tag = what->tag;
	ret = pk_feed_content(t, &c, err);
	t->meta = NULL;
	t->host = t->p.host;
	t->tag = NULL;
	return ret;
}

static void cut_as_partial(struct pk_feed_entry *e, const char *partial)
{
	e->cut = "partial";
	e->cut_as = PK_SCAN_FAILED;
	snprintf(e->cut_detail, sizeof(e->cut_detail), "%s", partial);
}

int pk_scantree_again(struct pk_scantree *t, const struct pk_scantree_content *what, uint64_t size, bool *ret,
		      struct pk_err *err)
{
	struct pk_scan_externals ext = {0};
	struct pk_feed_answer *answer = NULL;
	struct pk_feed_entry *e = NULL;

	*ret = false;
	if (!what->sha256)
		return 0;
	/* first of all: it may hand on others, and answers with them */
	while (t->next - t->first >= PK_FEED_AHEAD)
		if (collect(t, true, err) < 0)
			return -1;
	pk_scan_externals_path(&ext, what->path, &t->lower);
	pk_scan_externals_meta(&ext, what->meta ? what->meta : &nothing_known, what->host, &t->metatext);
	if (pk_feed_known(t, what->sha256, size, &ext, &answer, err) < 0)
		return -1;
	if (!answer)
		return 0;
	t->tag = what->tag;
	if (new_entry(t, what->path, what->st, &e, err) < 0)
		return -1;
	t->tag = NULL;
	e->length = size;
	if (what->partial)
		cut_as_partial(e, what->partial);
	pk_feed_tell_again(e, answer);
	*ret = true;
	return report(t, err);
}

/* All names of a file are one content, as it is at one moment. */
static void name_inode(struct pk_feed_entry *e)
{
	const struct stat *st = &e->st;
	const uint64_t all[] = {
		(uint64_t)st->st_dev,          (uint64_t)st->st_ino,          (uint64_t)st->st_size,
		(uint64_t)st->st_mtim.tv_sec,  (uint64_t)st->st_mtim.tv_nsec, (uint64_t)st->st_ctim.tv_sec,
		(uint64_t)st->st_ctim.tv_nsec,
	};

	e->has_content = st->st_nlink > 1;
	if (e->has_content)
		pk_sha256(all, sizeof(all), e->content);
}

int pk_feed_file(struct pk_scantree *t, struct pk_str path, const struct stat *st, int fd_, struct pk_err *err)
{
	pk_autoclose int fd = fd_;
	struct pk_feed_entry *e = NULL;
	bool all = true;
	int sys;

	while (t->large >= PK_FEED_LARGE)
		if (collect(t, true, err) < 0)
			return -1;
	if ((uint64_t)st->st_size < PK_SLOT_BYTES &&
	    find_room(t, PK_MAX((size_t)st->st_size + 1, (size_t)4096), err) < 0)
		return -1;
	if (new_entry(t, path, st, &e, err) < 0)
		return -1;
	name_inode(e);
	if ((uint64_t)st->st_size >= PK_SLOT_BYTES) {
		e->length = (uint64_t)st->st_size;
		hold_fd(t, e, pk_steal_fd(&fd));
		return offer_large(t, e, err);
	}
	sys = read_small(t, e, fd, &all);
	if (sys) {
		set_outcome(e, PK_SCAN_FAILED, "unreadable", sys);
		return report(t, err);
	}
	if (!all) {
		/* it grew past the slot, or has no size of its own */
		if (fstat(fd, &e->st) < 0 || (uint64_t)e->st.st_size <= PK_SLOT_BYTES - t->slot_used) {
			set_outcome(e, PK_SCAN_FAILED, "unreadable", EFBIG);
			return report(t, err);
		}
		e->length = (uint64_t)e->st.st_size;
		hold_fd(t, e, pk_steal_fd(&fd));
		return offer_large(t, e, err);
	}
	keep_in_slot(t, e);
	return offer(t, e, fd, t->p.slots->base + e->offset, e->length, err);
}
