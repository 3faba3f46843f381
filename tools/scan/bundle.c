/* SPDX-License-Identifier: Apache-2.0 */
/* --bundle: what is in sealed bundles, scanned as it would have been where it was found. Contents come proven out of the
 * parser without rights into memory, never to a disk. */
#include "scan.h"

#include <errno.h>
#include <fcntl.h>
#include <picket/io.h>
#include <picket/limits.h>
#include <picket/share.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct opened {
	const char *file;
	uint64_t max_scan;
	struct host *h;
	struct pk_scantree *tree;
	struct pk_bundle *b;
	struct pk_contents *contents;
	struct origin *origin; /* of the bundle; of a share one more for each of its sources */
	struct recorded *bare; /* for each origin: what is out of it, and no more */
	size_t origins;
	struct recorded *path; /* those with content, by its leaf */
	size_t paths, paths_cap;
	bool ours; /* what failed is no fault of the bundle */
	/* the content at hand */
	struct pk_buf bytes;
	int fd;
	bool no_memory;
	size_t at; /* its first path */
};

static void opened_done(struct opened *x)
{
	for (size_t i = 0; i < x->paths; i++)
		recorded_done(&x->path[i]);
	for (size_t i = 0; i < x->origins; i++)
		origin_done(&x->origin[i]);
	free(x->path);
	free(x->origin);
	free(x->bare);
	pk_contents_free(x->contents);
	pk_bundle_free(x->b);
	pk_buf_done(&x->bytes);
	if (x->fd >= 0)
		close(x->fd);
}

static int ours(struct opened *x, int ret)
{
	x->ours |= ret < 0;
	return ret;
}

/* --- pass one: records ---------------------------------------------------------------------------------- */

static int read_origins(struct opened *x, struct pk_err *err)
{
	const struct pk_bundle_info *i = pk_bundle_info(x->b);
	size_t sources = 0;
	const struct pk_share_source *s = pk_bundle_sources(x->b, &sources);

	x->origin = calloc(sources + 1, sizeof(*x->origin));
	x->bare = calloc(sources + 1, sizeof(*x->bare));
	if (!x->origin || !x->bare)
		return ours(x, pk_fail_oom(err));
	for (; x->origins < sources + 1; x->origins++) {
		struct origin *o = &x->origin[x->origins];
		const struct pk_share_source *of = x->origins > 0 ? &s[x->origins - 1] : NULL;

		o->file = x->file;
		memcpy(o->id, of ? of->id : i->id, sizeof(o->id));
		if (origin_read(o, of ? pk_buf_str(&of->first_record) : i->first_record, err) < 0)
			return -1;
		x->bare[x->origins].of = o;
	}
	return 0;
}

static const struct recorded *origin_of(const struct opened *x, const struct pk_record *r)
{
	uint8_t id[16];
	uint64_t leaf = 0;

	if (x->origins > 1 && pk_share_record_src(r->json, id, &leaf))
		for (size_t i = 1; i < x->origins; i++)
			if (memcmp(x->origin[i].id, id, sizeof(id)) == 0)
				return &x->bare[i];
	return &x->bare[0];
}

/* The path or a folder that leads to it. */
static const char *leaves(const struct opened *x, const struct recorded *p)
{
	const struct stat folder = {.st_mode = S_IFDIR};
	struct pk_str path = pk_str(p->path);

	for (size_t n = 1; n < path.n; n++)
		if (path.p[n] == '/' && selection_leaves(x->h->selection, pk_str_n(path.p, n), PK_STR(""), &folder))
			return PK_LEFT_EXCLUDED;
	return selection_leaves(x->h->selection, path, PK_STR(""), &p->st);
}

static const struct stat *known_stat(const struct recorded *p) { return p->st.st_mode ? &p->st : NULL; }

static int tell(struct opened *x, const struct recorded *p, const void *tag, enum pk_scan_verdict verdict,
		const char *why, const char *detail, struct pk_err *err)
{
	const struct pk_scantree_content c = {.path = pk_str(p->path), .st = known_stat(p), .fd = -1, .tag = tag};

	return ours(x, pk_scantree_outcome(x->tree, &c, verdict, why, detail ? detail : "", err));
}

/* Takes over what *p holds: with content it waits for pass two. */
static int take_path(struct opened *x, struct recorded *p, struct pk_err *err)
{
	const struct recorded *bare = &x->bare[p->of - x->origin];
	enum pk_scan_verdict verdict = PK_SCAN_SKIPPED;
	struct pk_stored s = {0};
	char text[96];
	const char *why = !p->is_table && (p->leaf != PK_LEAF_NONE || S_ISREG(p->st.st_mode)) ? leaves(x, p) : NULL;

	if (p->is_table && (!x->h->report->ioc || !pk_ioc_has_rows(x->h->report->ioc)))
		return 0;
	if (why)
		return tell(x, p, bare, verdict, why, NULL, err);
	if (p->leaf == PK_LEAF_NONE) {
		why = recorded_outcome(p, &verdict);
		return why ? tell(x, p, bare, verdict, why, p->why, err) : 0;
	}
	if (!pk_contents_find(x->contents, p->leaf, &s) || (s.name && !p->is_bare))
		return pk_fail(err, PK_EFORMAT, 0, "a path names record %llu, which is of no content of a path",
			       (unsigned long long)p->leaf);
	if (s.size > (p->is_table ? PK_SEGMENT_BYTES : x->max_scan)) {
		(void)snprintf(text, sizeof(text), "%llu bytes", (unsigned long long)s.size);
		return tell(x, p, bare, verdict, "too-large", text, err);
	}
	if (!pk_grow(&x->path, &x->paths_cap, x->paths + 1, sizeof(*x->path)))
		return ours(x, pk_fail_oom(err));
	p->has_sha256 = s.stored == s.size; /* it says nothing of where holes are */
	memcpy(p->sha256, s.sha256, sizeof(p->sha256));
	p->order = x->paths;
	x->path[x->paths++] = *p;
	*p = (struct recorded){0};
	return 0;
}

static int on_event(struct opened *x, const struct pk_record *r, struct pk_err *err)
{
	struct recorded p = {.outcome = PK_FAILED};
	struct pk_str event = {0};
	PK_AUTO(pk_buf) path = {0}, why = {0};

	(void)pk_json_get_str(r->json, "event", &event);
	(void)pk_json_get_bytes(r->json, "why", &why);
	if (pk_str_eq(event, PK_STR("stopped")))
		pk_buf_puts(&path, "/");
	else if (!pk_str_eq(event, PK_STR("not-listed")) || !pk_json_get_bytes(r->json, "path", &path))
		return 0;
	if (pk_buf_check(&path, err) < 0 || pk_buf_check(&why, err) < 0)
		return ours(x, -1);
	p.path = path.p;
	return tell(x, &p, origin_of(x, r), PK_SCAN_FAILED, event.n == 7 ? "stopped" : "not-listed",
		    why.n ? why.p : NULL, err);
}

/* A live table, or of a share, a content that was given without any path. */
static int take_nameless(struct opened *x, const struct pk_record *r, struct pk_err *err)
{
	struct recorded p = {.of = origin_of(x, r)->of,
			     .outcome = PK_TAKEN,
			     .leaf = r->leaf,
			     .is_table = r->type == 'l',
			     .is_bare = true};
	struct pk_stored s = {0};
	int ret;

	if (!pk_contents_find(x->contents, r->leaf, &s) || !s.name)
		return 0;
	p.path = pk_str_dup(pk_str(s.name));
	ret = p.path ? take_path(x, &p, err) : ours(x, pk_fail_oom(err));
	recorded_done(&p);
	return ret;
}

static int on_record(void *ctx, const struct pk_record *r, struct pk_err *err)
{
	struct opened *x = ctx;
	struct recorded p = {0};
	int ret;

	if (pk_contents_take(x->contents, r, err) < 0)
		return -1;
	if (pk_json_get(r->json, "more_of"))
		return 0;
	if (r->type == 'c' || r->type == 'l')
		return take_nameless(x, r, err);
	if (r->type == 'e')
		return on_event(x, r, err);
	if (r->type != 'm')
		return 0;
	p.of = origin_of(x, r)->of;
	ret = recorded_read(&p, r, err);
	if (ret == 0)
		ret = take_path(x, &p, err);
	recorded_done(&p);
	return ret;
}

/* --- pass two: contents --------------------------------------------------------------------------------- */

static int content_begin(void *ctx, const struct pk_stored *s, struct pk_err *err)
{
	struct opened *x = ctx;

	while (x->path[x->at].leaf != s->leaf)
		x->at++;
	x->no_memory = false;
	pk_buf_reset(&x->bytes);
	if (s->size <= PK_SLOT_BYTES || x->path[x->at].is_table) {
		if (!pk_buf_room(&x->bytes, (size_t)s->size))
			return ours(x, pk_fail_oom(err));
		memset(x->bytes.p, 0, (size_t)s->size);
		x->bytes.n = (size_t)s->size;
		return 0;
	}
	if (ours(x, pk_scantree_room(x->tree, s->size, err)) < 0)
		return -1;
	x->fd = memfd_create("content", MFD_CLOEXEC);
	x->no_memory = x->fd < 0 || ftruncate(x->fd, (off_t)s->size) < 0;
	return 0;
}

static int content_data(void *ctx, uint64_t off, struct pk_str bytes, struct pk_err *err)
{
	struct opened *x = ctx;

	(void)err;
	if (x->fd < 0) {
		if (!x->no_memory)
			memcpy(x->bytes.p + off, bytes.p, bytes.n);
		return 0;
	}
	while (bytes.n && !x->no_memory) {
		ssize_t n = pwrite(x->fd, bytes.p, bytes.n, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		x->no_memory = n <= 0;
		if (n > 0) {
			bytes = pk_str_n(bytes.p + n, bytes.n - (size_t)n);
			off += (uint64_t)n;
		}
	}
	return 0;
}

static struct pk_scantree_content describe(const struct recorded *p, const struct pk_stored *s)
{
	return (struct pk_scantree_content){
		.path = pk_str(p->path),
		.st = known_stat(p),
		.meta = &p->meta,
		.host = &p->of->vars,
		.fd = -1,
		.sha256 = s->stored == s->size ? s->sha256 : NULL,
		.partial = p->outcome == PK_PARTIAL ? p->why ? p->why : "" : NULL,
		.tag = p,
	};
}

static int scan_path(struct opened *x, const struct recorded *p, const struct pk_stored *s, struct pk_err *err)
{
	struct pk_scantree_content c = describe(p, s);

	c.bytes = pk_buf_str(&x->bytes);
	if (p->is_table)
		return ours(x, pk_scantree_table(x->tree, &c, err));
	if (x->no_memory)
		return tell(x, p, p, PK_SCAN_FAILED, "memory", "a memory file could not be made", err);
	if (x->fd >= 0 && (c.fd = fcntl(x->fd, F_DUPFD_CLOEXEC, 3)) < 0)
		return ours(x, pk_fail(err, PK_ESYS, errno, "cannot duplicate a descriptor for the scanner"));
	return ours(x, pk_scantree_content(x->tree, &c, err));
}

static int content_end(void *ctx, const struct pk_stored *s, struct pk_err *err)
{
	struct opened *x = ctx;

	for (; x->at < x->paths && x->path[x->at].leaf == s->leaf; x->at++)
		if (!x->path[x->at].is_told && scan_path(x, &x->path[x->at], s, err) < 0)
			return -1;
	if (x->fd >= 0)
		close(x->fd);
	x->fd = -1;
	return 0;
}

static int by_leaf(const void *a, const void *b)
{
	const struct recorded *x = a, *y = b;

	return x->leaf != y->leaf ? (x->leaf < y->leaf ? -1 : 1) : x->order < y->order ? -1 : x->order > y->order;
}

/* What was scanned before, by an earlier scan or perhaps in another bundle, is not read again. */
static int tell_again(struct opened *x, struct recorded *p, struct pk_err *err)
{
	struct pk_scantree_content c;
	struct pk_stored s = {0};
	const char *why = NULL;

	if (p->is_table || !pk_contents_find(x->contents, p->leaf, &s))
		return 0;
	why = keep_leaves_recorded(x->h->report, p);
	if (why) {
		p->is_told = true;
		return tell(x, p, p, PK_SCAN_SKIPPED, why, NULL, err);
	}
	c = describe(p, &s);
	return ours(x, pk_scantree_again(x->tree, &c, s.size, &p->is_told, err));
}

static int scan_contents(struct opened *x, struct pk_err *err)
{
	const struct pk_contents_events to = {x, content_begin, content_data, content_end};
	pk_autofree uint64_t *leaf = calloc(x->paths + 1, sizeof(*leaf));
	size_t n = 0;

	if (!leaf)
		return ours(x, pk_fail_oom(err));
	if (x->paths == 0)
		return 0;
	qsort(x->path, x->paths, sizeof(*x->path), by_leaf);
	for (size_t i = 0; i < x->paths; i++) {
		if (tell_again(x, &x->path[i], err) < 0)
			return -1;
		if (!x->path[i].is_told && (n == 0 || x->path[i].leaf != leaf[n - 1]))
			leaf[n++] = x->path[i].leaf;
	}
	return pk_contents_read(x->contents, leaf, n, &to, err);
}

/* --- trust -------------------------------------------------------------------------------------------------- */

static int say_verdict(struct opened *x, enum pk_trust_status status, const char *why, const char *issuer,
		       struct pk_err *err)
{
	struct report *r = x->h->report;
	const struct pk_bundle_info *i = pk_bundle_info(x->b);
	struct pk_json j = {.out = &r->out};
	PK_AUTO(pk_buf) label = {0};

	if (i->terms)
		pk_buf_put_label_shown(&label, &i->terms->label);
	if (pk_buf_check(&label, err) < 0)
		return ours(x, -1);
	if (label.n)
		pk_msg_info("'%s': %s", x->file, label.p);
	r->bundles++;
	r->untrusted += status != PK_TRUST_OK;
	if (status != PK_TRUST_OK)
		pk_msg_warn("'%s': NOT TRUSTED, %s: %s", x->file, pk_trust_name(status), why);
	else
		pk_msg_detail("'%s': %s", x->file, why);
	if (!r->json)
		return 0;
	report_begin(&j, "bundle");
	pk_json_kbytes(&j, "path", pk_str(x->file));
	pk_json_khex(&j, "bundle", i->id, sizeof(i->id));
	pk_json_kz(&j, "signature", pk_trust_name(status));
	pk_json_kbytes(&j, "why", pk_str(why));
	if (issuer)
		pk_json_kz(&j, "issuer", issuer);
	if (label.n)
		pk_json_kstr(&j, "label", pk_buf_str(&label));
	if (x->origin[0].hostname)
		pk_json_kbytes(&j, "host", pk_str(x->origin[0].hostname));
	pk_json_kuint(&j, "records", i->leaves);
	report_end(&j);
	return ours(x, report_flush(r, err));
}

static int judge_trust(struct opened *x, const struct pk_outer *outer, const struct pk_roster *roster,
		       struct pk_err *err)
{
	PK_AUTO(pk_share_judgement) judged = {0};
	enum pk_trust_status status = outer->status;
	const char *why = outer->why;

	if (pk_bundle_info(x->b)->is_share) {
		if (pk_share_judge(x->b, roster, pk_time_now(), &judged, err) < 0)
			return ours(x, -1);
		if (status == PK_TRUST_OK) {
			status = judged.status;
			why = judged.why ? judged.why : why;
		}
	}
	return say_verdict(x, status, why, outer->issuer, err);
}

/* --- one after the other ---------------------------------------------------------------------------------- */

static int open_and_scan(struct opened *x, const struct pk_age_identities *ids, const struct pk_roster *roster,
			 bool has_roster, struct pk_err *err)
{
	const struct pk_bundle_events events = {.ctx = x, .record = on_record, .ev = &pk_msg_events};
	PK_AUTO(pk_outer) outer = {0};

	if (pk_outer_check(x->file, has_roster ? roster : NULL, pk_time_now(), &outer, err) < 0)
		return -1;
	if (outer.is_no_bundle)
		return pk_fail(err, PK_EFORMAT, 0, "'%s' is no sealed bundle", x->file);
	if (pk_bundle_open(x->file, ids, false, &x->b, err) < 0 || pk_contents_new(x->b, &x->contents, err) < 0 ||
	    read_origins(x, err) < 0 || pk_bundle_verify(x->b, &outer, &events, err) < 0 ||
	    pk_bundle_judge_rewraps(x->b, &outer, has_roster ? roster : NULL, err) < 0 ||
	    judge_trust(x, &outer, roster, err) < 0)
		return -1;
	return scan_contents(x, err);
}

static const char *word_for(const struct pk_err *e)
{
	if (e->kind == PK_ECRYPTO && e->code == PK_AGE_NO_MATCH)
		return "no-identity";
	return e->kind == PK_ESYS || e->kind == PK_EUSAGE ? "unreadable" : "bundle-damaged";
}

/* It is an outcome of its own: the next one may be fine. */
static int tell_failed(struct opened *x, const struct bundles *what, const struct pk_err *why, struct pk_err *err)
{
	const struct pk_scantree_file f = {
		.path = pk_str(x->file),
		.verdict = PK_SCAN_FAILED,
		.why = word_for(why),
		.detail = what->identities->n == 0 && why->code == PK_AGE_NO_MATCH
				  ? "an identity is needed to open it: give -i IDENTITY"
				  : why->msg,
		.ioc = &(const struct pk_ioc_hits){0},
	};

	return report_file(x->h->report, &f, err);
}

static int scan_one(const struct bundles *what, const char *file, const struct pk_age_identities *ids,
		    const struct pk_roster *roster, bool has_roster, struct pk_scantree *tree, struct host *h,
		    struct pk_err *err)
{
	PK_AUTO(opened) x = {.file = file, .max_scan = what->max_scan, .h = h, .tree = tree, .fd = -1};
	struct pk_err why = {0};
	int ret = open_and_scan(&x, ids, roster, has_roster, &why);

	pk_msg_progress_done();
	if (ret < 0 && (x.ours || pk_memory_ran_out())) {
		*err = why;
		return -1;
	}
	/* what was told refers to the records until then */
	if (pk_scantree_finish(tree, err) < 0)
		return -1;
	return ret < 0 ? tell_failed(&x, what, &why, err) : 0;
}

int scan_bundles(const struct bundles *what, const struct pk_age_identities *ids, struct pk_scantree *tree,
		 struct host *h, struct pk_err *err)
{
	PK_AUTO(pk_roster) roster = {0};
	bool has = false;

	if (pk_station_roster(what->roster, &roster, &has, NULL, err) < 0 || pk_scantree_finish(tree, err) < 0)
		return -1;
	for (size_t i = 0; i < what->files->n; i++)
		if (scan_one(what, what->files->v[i], ids, &roster, has, tree, h, err) < 0)
			return -1;
	return 0;
}
