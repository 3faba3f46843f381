/* SPDX-License-Identifier: Apache-2.0 */
/* Connects the seal's contents to the scan pool, and the pool's answers to records. */
#include "collect_priv.h"

#include <picket/io.h>
#include <sys/stat.h>

static int offer(void *ctx, const struct pk_inspect_item *item, struct pk_err *err)
{
	struct run *run = ctx;
	const struct pk_snap *snap = item->hint;
	PK_AUTO(pk_buf) lower = {0};
	struct pk_scan_item work = {.id = item->id, .fd = -1, .length = item->size};
	struct pk_scan_metatext text;
	uint8_t head[512];
	size_t got = 0;

	while (run->offered.n <= item->id)
		pk_buf_put_c(&run->offered, 0);
	if (pk_buf_check(&run->offered, err) < 0)
		return -1;
	if (run->again)
		run->offered.p[item->id] |= OFFERED_AGAIN;
	else if (run->known_good)
		run->offered.p[item->id] |= OFFERED_GOOD;
	if (snap && snap->nlink > 1 && run->p->scan_each_name)
		run->offered.p[item->id] |= OFFERED_LINK;
	pk_scan_externals_path(&work.ext, item->path, &lower);
	if (snap) {
		const struct pk_scan_hostvars host = {
			.timezone = run->p->facts->timezone, .language = run->p->facts->language, .now = run->started};
		const struct pk_scan_meta meta = {
			.mode = S_IFREG | snap->mode,
			.uid = snap->uid,
			.gid = snap->gid,
			.owner = snap->user,
			.group = snap->group,
			.has_btime = (snap->has & PK_SNAP_BTIME) != 0,
			.btime = snap->btime,
		};

		pk_scan_externals_meta(&work.ext, &meta, &host, &text);
	}
	if (item->data) {
		work.offset = (uint64_t)(item->data - run->p->seal.slots->base);
		work.ext.filetype = pk_str(pk_scan_filetype(item->data, (size_t)PK_MIN(item->size, (uint64_t)512)));
	} else if (item->fd >= 0) {
		work.fd = item->fd;
		/* the file as a whole: what is stored of it may be less (sparse, limits) */
		if (pk_file_size(item->fd, &work.length, NULL) < 0)
			return 0; /* its file system is gone: not scanned */
		if (pk_pread_full(item->fd, head, sizeof(head), 0, &got, NULL) < 0)
			got = 0;
		work.ext.filetype = pk_str(pk_scan_filetype(head, got));
	} else {
		return 0; /* settle says that it was not scanned */
	}
	run->offered.p[item->id] |= OFFERED_SCAN;
	return pk_scanpool_offer(run->p->pool, &work, err);
}

static int put_hit(struct run *run, const struct pk_scan_hit *hit, uint64_t of, bool known_good, struct pk_err *err)
{
	struct pk_json j = record_begin(run);
	uint64_t leaf;

	pk_scan_hit_put_json(&j, pk_scanpool_rules(run->p->pool), hit);
	if (known_good)
		pk_json_kbool(&j, "known_good", true);
	pk_json_kuint(&j, "of", of);
	run->sum->hits++;
	return record_put(run, &j, 'h', &leaf, err);
}

static int put_verdict(struct run *run, const struct pk_scan_result *r, uint64_t of, struct pk_err *err)
{
	const struct pk_ruleset *set = pk_scanpool_rules(run->p->pool);
	struct pk_json j;
	uint64_t leaf;

	if (r->verdict != PK_SCAN_SCANNED) {
		j = record_begin(run);
		pk_json_kz(&j, "event", r->verdict == PK_SCAN_SKIPPED ? "scan-skipped" : "scan-failed");
		pk_json_kuint(&j, "of", of);
		pk_json_kz(&j, "why", r->why);
		if (r->detail[0])
			pk_json_kbytes(&j, "detail", pk_str(r->detail));
		if (record_put(run, &j, 'e', &leaf, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < r->note_count; i++) {
		j = record_begin(run);
		pk_json_kz(&j, "event", "rule-not-evaluated");
		pk_json_kuint(&j, "of", of);
		pk_json_kbytes(&j, "rule", pk_str(set->rules[r->notes[i].rule].name));
		pk_json_kz(&j, "why", r->notes[i].why);
		if (record_put(run, &j, 'e', &leaf, err) < 0)
			return -1;
	}
	return 0;
}

#define GOOD UINT32_MAX /* in place of a rule's number */

static void put_key(struct pk_buf *b, uint64_t leaf, uint32_t rule)
{
	pk_buf_putf(b, "%llu:%u", (unsigned long long)leaf, (unsigned)rule);
}

/* Remembers what was told of a content with several names; *ret_new false: it was told already. */
static int note_told(struct run *run, uint64_t leaf, uint32_t rule, bool *ret_new, struct pk_err *err)
{
	PK_AUTO(pk_buf) key = {0};
	uint64_t ignored = 0;

	put_key(&key, leaf, rule);
	return pk_buf_check(&key, err) < 0 ? -1 : seen_add(&run->link_told, pk_buf_str(&key), &ignored, ret_new, err);
}

/* Its hash is looked up under its first name only. */
static int is_good(struct run *run, unsigned offered, uint64_t leaf, bool *ret, struct pk_err *err)
{
	PK_AUTO(pk_buf) key = {0};
	bool is_new;

	*ret = offered & OFFERED_GOOD;
	if (*ret && offered & OFFERED_LINK)
		return note_told(run, leaf, GOOD, &is_new, err);
	if (!(offered & OFFERED_AGAIN))
		return 0;
	put_key(&key, leaf, GOOD);
	*ret = seen_has(&run->link_told, pk_buf_str(&key));
	return pk_buf_check(&key, err);
}

static int put_hits(struct run *run, const struct pk_scan_result *r, unsigned offered, uint64_t of, struct pk_err *err)
{
	bool good;

	if (is_good(run, offered, of, &good, err) < 0)
		return -1;
	for (size_t i = 0; i < r->hit_count; i++) {
		bool is_new = true;

		if (offered & OFFERED_LINK && note_told(run, of, r->hits[i].rule, &is_new, err) < 0)
			return -1;
		if (is_new && put_hit(run, &r->hits[i], of, good, err) < 0)
			return -1;
	}
	return 0;
}

static int settle(void *ctx, struct pk_seal *seal, uint64_t id, uint64_t of, struct pk_err *err)
{
	struct run *run = ctx;
	PK_AUTOPTR(pk_scan_result) r = NULL;

	(void)seal;
	if (id >= run->offered.n ||
	    !(run->offered.p[id] & OFFERED_SCAN)) { /* too large for the slots, and no file behind it (any more) */
		struct pk_json j = record_begin(run);
		uint64_t leaf;

		run->sum->scan_skipped++;
		pk_json_kz(&j, "event", "scan-skipped");
		pk_json_kuint(&j, "of", of);
		pk_json_kz(&j, "why", "no-file");
		return record_put(run, &j, 'e', &leaf, err);
	}
	if (pk_scanpool_wait(run->p->pool, id, &r, err) < 0)
		return -1;
	run->sum->scanned += r->verdict == PK_SCAN_SCANNED && !(run->offered.p[id] & OFFERED_AGAIN);
	run->sum->scan_skipped += r->verdict == PK_SCAN_SKIPPED;
	run->sum->scan_failed += r->verdict == PK_SCAN_FAILED;
	if (put_hits(run, r, (unsigned char)run->offered.p[id], of, err) < 0)
		return -1;
	return put_verdict(run, r, of, err);
}

void inspect_init(struct run *run)
{
	run->started = pk_time_now();
	run->inspect = (struct pk_inspect){.ctx = run, .offer = offer, .settle = settle};
}
